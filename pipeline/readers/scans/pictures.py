"""Picture files -> pages of pixels. The one module that knows Pillow; sizes are checked before anything is unpacked."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageOps

from pipeline.errors import DamagedSourceError, LimitExceededError
from pipeline.model.limits import Limits
from pipeline.readers.scans.raster import Pixels

__all__ = ["Picture", "count_pictures", "open_embedded", "open_pictures"]

_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "PPM")  # the last four only within documents
_PAPER_RATIO = 1.4142
_PAPER_INCHES = 11.69  # the long side of A4
_SHORT_SIDE = (3.0, 20.0)  # inches a page's shorter side may have; a resolution that says otherwise is not believed
_PLAIN_DPI = 200.0
_TEXT_INCHES = 6.5  # across the text of an A4 page
_LEAST_SIDES = (120, 400)  # pixels of a picture in a document that may show a table; what is smaller is an ornament
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    struct.error,
    OverflowError,
)  # what Pillow fails with


@dataclass(frozen=True, slots=True)
class Picture:
    """A page of pixels, grey or RGB, as displayed, and how many of them go to the inch."""

    pixels: Pixels
    dpi: float


def open_pictures(data: bytes, limits: Limits, *, is_embedded: bool = False) -> Iterator[Picture]:
    """The pages of a PNG, JPEG or TIFF file, `limits.max_pages` at most. `is_embedded`: what is not like a page is as wide as a text.

    LimitExceededError for a page of more than `limits.max_pixels`, DamagedSourceError for a file that is cut short or cannot be followed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged metadata, and of sizes that are checked here
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                for index in range(min(getattr(image, "n_frames", 1), limits.max_pages)):
                    image.seek(index)
                    if image.width * image.height > limits.max_pixels:
                        size = f"{image.width} x {image.height} pixels, more than max_pixels = {limits.max_pixels}"
                        raise LimitExceededError(f"picture {index + 1} has {size}")
                    yield _page_of(image, is_embedded=is_embedded)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise LimitExceededError(f"the picture has more than max_pixels = {limits.max_pixels}") from error
    except _DAMAGE as error:
        raise DamagedSourceError("the picture cannot be unpacked: it is damaged or cut short; fetch it again") from error


def open_embedded(data: bytes, limits: Limits) -> list[Picture]:
    """The pages of a picture that stands in a document; none where it is too small to show a table, or nothing that is read here.

    LimitExceededError and DamagedSourceError as `open_pictures` raises them. A picture that is not like a page is taken to be as wide as the text.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            short, long = sorted(image.size)
    except (*_DAMAGE, Image.DecompressionBombError):
        return []
    if short < _LEAST_SIDES[0] or long < _LEAST_SIDES[1]:
        return []
    return list(open_pictures(data, replace(limits, max_pages=min(limits.max_pages, limits.max_scanned_pages)), is_embedded=True))


def count_pictures(data: bytes) -> int:
    """How many pages a picture file says it has; 0 when it cannot be followed."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            return int(getattr(image, "n_frames", 1))
    except (*_DAMAGE, Image.DecompressionBombError):
        return 0


def _page_of(image: Image.Image, *, is_embedded: bool) -> Picture:
    told = _told_dpi(image)
    turned = ImageOps.exif_transpose(image)
    plain = _plain(turned)
    pixels = np.ascontiguousarray(np.asarray(plain))
    dpi = _dpi(plain.width, plain.height, told)
    return Picture(pixels, dpi or (plain.width / _TEXT_INCHES if is_embedded else _PLAIN_DPI))


def _plain(image: Image.Image) -> Image.Image:
    """The picture in 8 bits of grey or RGB, on white where it is transparent."""
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        levels = np.asarray(image, np.float64)
        top = 65535.0 if image.mode != "F" and levels.max(initial=0) > 255 else max(float(levels.max(initial=0)), 1.0)
        return Image.fromarray(np.clip(levels * (255.0 / top), 0, 255).astype(np.uint8))
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image.convert("RGB")


def _told_dpi(image: Image.Image) -> float | None:
    told = image.info.get("dpi")
    if isinstance(told, tuple) and len(told) == 2:
        try:
            value = float(max(told))
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            return None
        return value if 50 <= value <= 1300 else None
    return None


def _dpi(width: int, height: int, told: float | None) -> float | None:
    """Pixels to the inch: as told where the page has a likely size then, else as if it were A4; None where it has not its shape."""
    short, long = sorted((width, height))
    if told is not None and _SHORT_SIDE[0] <= short / told <= _SHORT_SIDE[1] and told != 72:
        return told
    if short and abs(long / short - _PAPER_RATIO) < 0.15:
        return max(50.0, long / _PAPER_INCHES)
    return None
