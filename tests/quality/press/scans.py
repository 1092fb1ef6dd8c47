"""Printed pages as a scanner gives them: clean, or with what offices and years do to paper. The same seed gives the same bytes.

A PDF of the press is drawn at 120 to 400 dpi and written as PNG, JPEG, TIFF of several pages, or a PDF that holds nothing but pictures.
"""

from __future__ import annotations

import io
import math
import random
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

__all__ = ["Scan", "ScanHand", "draw_scan_hand", "parse_scan", "scan_file", "scan_pdf"]

Pixels = NDArray[np.uint8]  # height x width x 3, RGB

_MODES = {"bilevel": "1", "grey": "L", "colour": "RGB"}
_SINGLE = ("png", "jpg")
_WHITE = 255


@dataclass(frozen=True, slots=True)
class Scan:
    """What a caller fixes: dots an inch, and whether the page is rough."""

    dpi: int
    rough: bool = False

    @property
    def name(self) -> str:
        return f"rough-{self.dpi}" if self.rough else f"{self.dpi}"


@dataclass(frozen=True, slots=True)
class ScanHand:
    """How one document was scanned. Lengths in mm, `skew` in degrees counter-clockwise, `jpeg` 0: without loss; 0 and "" elsewhere: not done.

    `turned`: by how many degrees the whole page lies on its side. `light`: how much darker the worst corner is, 0-1. `faint`: share of the ink
    that is gone. `broken`: gaps in each rule, `fading`: rules that are almost gone, both shares of all rules.
    """

    dpi: int
    rough: bool
    container: str  # png, jpg, tif, pdf
    mode: str  # bilevel, grey, colour
    jpeg: int = 0
    skew: float = 0
    turned: int = 0
    blur: float = 0
    noise: float = 0
    specks: int = 0
    stamps: int = 0
    strokes: int = 0
    broken: float = 0
    fading: float = 0
    light: float = 0
    faint: float = 0
    shadow: bool = False
    holes: bool = False

    @property
    def is_single(self) -> bool:
        """Whether it is to be a picture that holds one page."""
        return self.container in _SINGLE

    def facets(self) -> dict[str, str]:
        """For tables of figures by what was done."""
        done = [name for name, value in asdict(self).items() if value and name in _DAMAGES]
        return {"mode": self.mode, "marks": "+".join(done) or "none"}


_DAMAGES = ("turned", "stamps", "strokes", "broken", "fading", "light", "faint", "shadow", "holes", "specks")


def parse_scan(name: str) -> Scan:
    """ "200" or "rough-200"; ValueError for anything else."""
    kind, _, dpi = name.rpartition("-")
    if kind not in ("", "rough") or not dpi.isdecimal() or not 50 <= int(dpi) <= 600:
        raise ValueError(f"a scan is called 200 or rough-200, not {name!r}")
    return Scan(int(dpi), kind == "rough")


def draw_scan_hand(scan: Scan, rng: random.Random) -> ScanHand:
    """Habits of one scanner and one office."""
    container = rng.choice(("png", "jpg", "tif", "pdf", "pdf"))
    if not scan.rough:
        modes = ("grey", "colour") if scan.dpi < 200 else ("grey", "grey", "colour", "bilevel")
        mode = rng.choice(modes)
        return ScanHand(scan.dpi, False, container, mode, jpeg=rng.choice((90, 93, 95)) if container in ("jpg", "pdf") else 0)
    mode = rng.choices(("grey", "colour", "bilevel"), (40, 45, 0 if scan.dpi < 200 else 15))[0]
    copied = rng.random() < 0.4
    return ScanHand(
        scan.dpi,
        True,
        container,
        mode,
        jpeg=0 if mode == "bilevel" else rng.randint(45, 85),
        skew=rng.choice((-1, 1)) * rng.choice((rng.uniform(0.2, 1.2), rng.uniform(0.2, 3.0))),
        turned=rng.choices((0, 90, 180, 270), (88, 4, 4, 4))[0],
        blur=rng.uniform(0.3, 0.9) * scan.dpi / 200,
        noise=rng.uniform(2, 9),
        specks=rng.choice((0, 0, 60, 250)),
        stamps=rng.choice((0, 1, 1, 2)) if mode == "colour" else 0,
        strokes=rng.choice((0, 0, 1, 2)) if mode != "bilevel" else 0,
        broken=rng.choice((0, 0, 0.3, 0.8)),
        fading=rng.choice((0, 0, 0.1, 0.3)),
        light=rng.uniform(0.1, 0.35) if copied and mode != "bilevel" else 0,
        faint=rng.choice((0, 0, rng.uniform(0.1, 0.4))),
        shadow=copied,
        holes=rng.random() < 0.3,
    )


def scan_pdf(data: bytes, hand: ScanHand, seed: str, words: str = "") -> tuple[bytes, str]:
    """The scanned document and its suffix ("pdf" or "tif" where a picture of one page cannot hold it). `words` go round the stamp."""
    rng = random.Random(f"{seed}:scan")
    document = pypdfium2.PdfDocument(data)
    pages = []
    for page in document:
        drawn = np.ascontiguousarray(page.render(scale=hand.dpi / 72, rev_byteorder=True, prefer_bgrx=False).to_numpy()[:, :, :3])
        pages.append(_age(drawn, hand, rng, words) if hand.rough else drawn)
    document.close()
    container = hand.container
    if container in _SINGLE and len(pages) > 1:
        container = "tif" if container == "png" else "pdf"
    return _write([_picture(page, hand) for page in pages], container, hand), container


# ---- what happens to the paper ----


def _age(page: Pixels, hand: ScanHand, rng: random.Random, words: str) -> Pixels:
    """In the order of a life: printed badly, stamped and signed, punched, copied askew, scanned in bad light."""
    if hand.broken or hand.fading:
        page = _wear_rules(page, hand, rng)
    if hand.faint:
        page = _lighten(page, hand.faint)
    for _ in range(hand.stamps):
        page = _stamp(page, hand, rng, words)
    for _ in range(hand.strokes):
        page = _sign(page, hand, rng)
    if hand.holes:
        page = _punch(page, hand, rng)
    page = _turn(page, hand)
    if hand.shadow:
        page = _shade_edges(page, hand, rng)
    if hand.light:
        page = _shade(page, hand, rng)
    page = cv2.GaussianBlur(page, (0, 0), hand.blur).astype(np.uint8)
    return _add_noise(page, hand, rng)


def _mm(hand: ScanHand, length: float) -> int:
    return max(1, round(length * hand.dpi / 25.4))


def _numbers(rng: random.Random) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(rng.getrandbits(64)))


def _wear_rules(page: Pixels, hand: ScanHand, rng: random.Random) -> Pixels:
    """Gaps of 0.5 to 4 mm in some rules, others almost gone. Only pixels of long lines are touched, never those of words."""
    dark = (cv2.cvtColor(page, cv2.COLOR_RGB2GRAY) < 190).astype(np.uint8)
    worn = page.copy()
    length = _mm(hand, 9)
    for kernel in ((length, 1), (1, length)):
        lines = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((kernel[1], kernel[0]), np.uint8))
        lines = cv2.dilate(lines, np.ones((3, 3), np.uint8))
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
        for number in range(1, count):
            left, top, width, height = (int(boxes[number, place]) for place in range(4))
            here = labels[top : top + height, left : left + width] == number
            spot = worn[top : top + height, left : left + width]
            if rng.random() < hand.fading:
                share = rng.uniform(0.55, 0.9)
                spot[here] = (spot[here] * (1 - share) + _WHITE * share).astype(np.uint8)
            if rng.random() < hand.broken:
                _break(spot, here, hand, rng)
    return worn


def _break(spot: Pixels, here: NDArray[np.bool_], hand: ScanHand, rng: random.Random) -> None:
    height, width = here.shape
    along = 1 if width >= height else 0
    size = here.shape[along]
    for _ in range(max(1, size // _mm(hand, 30))):
        gap = _mm(hand, rng.uniform(0.5, 4))
        start = rng.randrange(max(1, size - gap))
        part = (slice(None), slice(start, start + gap)) if along else (slice(start, start + gap), slice(None))
        spot[part][here[part]] = _WHITE


def _lighten(page: Pixels, share: float) -> Pixels:
    return (page + (_WHITE - page.astype(np.float32)) * share).astype(np.uint8)


def _stamp(page: Pixels, hand: ScanHand, rng: random.Random, words: str) -> Pixels:
    """A round red seal with a star and words along its ring, as ink: what is printed below stays darker than the ink."""
    radius = _mm(hand, rng.uniform(18, 21))
    height, width = page.shape[:2]
    x = rng.randrange(radius, max(radius + 1, width - radius))
    y = rng.randrange(radius, max(radius + 1, height - radius))
    ink = _seal(radius, words, rng.uniform(-20, 20))
    uneven = cv2.GaussianBlur(_numbers(rng).random((2 * radius, 2 * radius), dtype=np.float32), (0, 0), max(1.0, radius / 25))
    uneven = np.clip((uneven - uneven.mean()) / (uneven.std() + 1e-6) * 0.18 + rng.uniform(0.6, 0.9), 0, 1)
    strength = (ink * uneven)[: max(0, height - (y - radius)), : max(0, width - (x - radius))]
    colour = np.array((rng.randint(200, 235), rng.randint(30, 70), rng.randint(35, 75)), np.float32) / _WHITE
    stamped = page.copy()
    spot = stamped[y - radius : y - radius + strength.shape[0], x - radius : x - radius + strength.shape[1]]
    strength = strength[: spot.shape[0], : spot.shape[1], None]
    spot[:] = (spot * (1 - strength + strength * colour)).astype(np.uint8)
    return stamped


def _seal(radius: int, words: str, angle: float) -> NDArray[np.float32]:
    """Where the ink of a seal is, 0 to 1."""
    size = 2 * radius
    picture = Image.new("L", (size, size), 0)
    drawing = ImageDraw.Draw(picture)
    line = max(2, radius // 18)
    drawing.ellipse((1, 1, size - 2, size - 2), outline=_WHITE, width=line)
    reaches = [radius * (0.12 if point % 2 else 0.3) for point in range(10)]
    angles = [math.pi * point / 5 for point in range(10)]
    star = [(radius + math.sin(a) * reach, radius - math.cos(a) * reach) for a, reach in zip(angles, reaches, strict=True)]
    drawing.polygon(star, fill=_WHITE)
    font = ImageFont.truetype(_font_file(), max(8, round(radius * 0.27)))
    for place, character in enumerate(words[:14]):
        turn = -130 + 260 * (place + 0.5) / max(1, len(words[:14]))
        letter = Image.new("L", (size, size), 0)
        ImageDraw.Draw(letter).text((radius, round(radius * 0.2)), character, font=font, fill=_WHITE, anchor="mm")
        picture.paste(_WHITE, mask=letter.rotate(-turn, resample=Image.Resampling.BILINEAR))
    return np.asarray(picture.rotate(angle), np.float32) / np.float32(_WHITE)


@cache
def _font_file() -> str:
    done = subprocess.run(["fc-match", "-f", "%{file}", "Noto Sans CJK SC"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _sign(page: Pixels, hand: ScanHand, rng: random.Random) -> Pixels:
    """A signature: loops of a pen, blue or black, anywhere on the page."""
    height, width = page.shape[:2]
    reach_x, reach_y = _mm(hand, rng.uniform(25, 45)), _mm(hand, rng.uniform(8, 14))
    x, y = rng.randrange(max(1, width - reach_x)), rng.randrange(max(1, height - reach_y))
    knots = np.array([(x + reach_x * (k + rng.uniform(-0.6, 0.6)) / 9, y + reach_y * rng.random()) for k in range(10)], np.float32)
    steps = np.linspace(0, len(knots) - 1, 400)
    curve = np.stack([np.interp(steps, range(len(knots)), knots[:, axis]) for axis in (0, 1)], axis=1)
    curve = np.stack([np.convolve(curve[:, axis], np.ones(31) / 31, mode="valid") for axis in (0, 1)], axis=1)
    colour = rng.choice(((25, 35, 120), (25, 35, 120), (40, 40, 40)))
    ink = np.zeros((height, width), np.uint8)
    cv2.polylines(ink, [curve.astype(np.int32)], False, _WHITE, thickness=_mm(hand, rng.uniform(0.3, 0.5)), lineType=cv2.LINE_AA)
    strength = ink[:, :, None].astype(np.float32) / _WHITE
    signed: Pixels = (page * (1 - strength + strength * np.array(colour, np.float32) / _WHITE)).astype(np.uint8)
    return signed


def _punch(page: Pixels, hand: ScanHand, rng: random.Random) -> Pixels:
    """Two holes at the left edge, black as in a copier or grey."""
    punched = page.copy()
    middle = page.shape[0] // 2
    shade = rng.choice((15, 60, 150))
    for offset in (-40, 40):
        centre = (_mm(hand, 8), middle + round(offset * hand.dpi / 25.4))
        cv2.circle(punched, centre, _mm(hand, 2.8), (shade, shade, shade), -1, cv2.LINE_AA)
    return punched


def _turn(page: Pixels, hand: ScanHand) -> Pixels:
    """Askew, on paper that goes on; then on its side."""
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), hand.skew, 1.0)
    sine, cosine = abs(matrix[0, 1]), abs(matrix[0, 0])
    wide, high = round(width * cosine + height * sine), round(width * sine + height * cosine)
    matrix[0, 2] += (wide - width) / 2
    matrix[1, 2] += (high - height) / 2
    turned = cv2.warpAffine(page, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderValue=(250, 250, 250))
    return np.ascontiguousarray(np.rot90(turned, hand.turned // 90)).astype(np.uint8)


def _shade_edges(page: Pixels, hand: ScanHand, rng: random.Random) -> Pixels:
    """The dark border of an open copier lid, at one or two sides."""
    height, width = page.shape[:2]
    shade = np.ones((height, width), np.float32)
    for side in rng.sample(range(4), rng.choice((1, 2))):
        depth = _mm(hand, rng.uniform(3, 8))
        fall = np.clip(np.arange(depth, dtype=np.float32) / depth + rng.uniform(0, 0.3), 0, 1)
        if side == 0:
            shade[:, :depth] *= fall
        elif side == 1:
            shade[:, -depth:] *= fall[::-1]
        elif side == 2:
            shade[:depth] *= fall[:, None]
        else:
            shade[-depth:] *= fall[::-1, None]
    shaded: Pixels = (page * shade[:, :, None]).astype(np.uint8)
    return shaded


def _shade(page: Pixels, hand: ScanHand, rng: random.Random) -> Pixels:
    """Light that falls off smoothly over the page."""
    coarse = _numbers(rng).random((4, 4), dtype=np.float32)
    coarse = (coarse - coarse.min()) / (np.ptp(coarse) + 1e-6)
    field = cv2.resize(coarse, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_CUBIC)
    lit: Pixels = (page * (1 - hand.light * np.clip(field, 0, 1))[:, :, None]).astype(np.uint8)
    return lit


def _add_noise(page: Pixels, hand: ScanHand, rng: random.Random) -> Pixels:
    chance = _numbers(rng)
    noisy = page.astype(np.float32) + chance.normal(0, hand.noise, page.shape[:2]).astype(np.float32)[:, :, None]
    height, width = page.shape[:2]
    for _ in range(hand.specks):
        centre = (int(chance.integers(width)), int(chance.integers(height)))
        shade = float(chance.choice((30, 90, 250)))
        cv2.circle(noisy, centre, int(chance.integers(0, max(2, hand.dpi // 120))), (shade, shade, shade), -1)
    clipped: Pixels = np.clip(noisy, 0, _WHITE).astype(np.uint8)
    return clipped


# ---- files ----


def _picture(page: Pixels, hand: ScanHand) -> Image.Image:
    """The page in the colours that the scanner keeps."""
    picture = Image.fromarray(page)
    if hand.mode == "bilevel":
        return picture.convert("L").point(lambda level: _WHITE if level > 165 else 0).convert("1", dither=Image.Dither.NONE)
    return picture.convert(_MODES[hand.mode])


def _write(pictures: Sequence[Image.Image], container: str, hand: ScanHand) -> bytes:
    first, *others = (_after_jpeg(picture, hand) for picture in pictures) if container in ("png", "tif") else pictures
    resolution = {"dpi": (hand.dpi, hand.dpi)}
    options: dict[str, Any]
    match container:
        case "png":
            options = {"format": "PNG", "optimize": False, **resolution}
        case "jpg":
            first = first.convert("L") if first.mode == "1" else first
            options = {"format": "JPEG", "quality": hand.jpeg or 90, **resolution}
        case "tif":
            compression = "group4" if first.mode == "1" else "tiff_deflate"
            options = {"format": "TIFF", "compression": compression, "save_all": True, "append_images": others, **resolution}
        case _:
            day_one = time.gmtime(1_704_067_200)
            options = {"format": "PDF", "resolution": hand.dpi, "save_all": True, "append_images": others}
            options |= {"creationDate": day_one, "modDate": day_one} | ({"quality": hand.jpeg or 90} if first.mode != "1" else {})
    file = io.BytesIO()
    first.save(file, **options)
    return file.getvalue()


def _after_jpeg(picture: Image.Image, hand: ScanHand) -> Image.Image:
    """As it is when the scanner wrote a JPEG that was saved without loss later."""
    if not hand.jpeg or picture.mode == "1":
        return picture
    file = io.BytesIO()
    picture.save(file, format="JPEG", quality=hand.jpeg)
    return Image.open(io.BytesIO(file.getvalue())).convert(picture.mode)


def scan_file(source: Path, folder: Path, stem: str, hand: ScanHand, seed: str, words: str = "") -> Path:
    """Scan a PDF file into `folder`; gives the path of what was written, `stem` and the container's suffix."""
    data, suffix = scan_pdf(source.read_bytes(), hand, seed, words)
    target = folder / f"{stem}.{suffix}"
    target.write_bytes(data)
    return target
