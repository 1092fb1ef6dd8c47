"""Picture files: what they are unpacked to, and hostile ones."""

from __future__ import annotations

import io
import struct
import zlib

import pytest

from pipeline.errors import DamagedSourceError, LimitExceededError
from pipeline.model.limits import Limits

pytest.importorskip("rapidocr", reason="the extra [ocr] is not installed")
np = pytest.importorskip("numpy")
Image = pytest.importorskip("PIL.Image")

from pipeline.readers.scans.pictures import count_pictures, open_embedded, open_pictures  # noqa: E402


def saved(image: object, kind: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)  # type: ignore[attr-defined]
    return out.getvalue()


@pytest.mark.parametrize(
    ("mode", "colour", "shape", "value"),
    [
        ("1", 1, (8, 6), 255),
        ("L", 200, (8, 6), 200),
        ("P", 0, (8, 6, 3), 0),
        ("LA", (10, 0), (8, 6, 3), 255),
        ("RGB", (1, 2, 3), (8, 6, 3), 1),
        ("RGBA", (0, 0, 0, 255), (8, 6, 3), 0),
        ("I;16", 65535, (8, 6), 255),
    ],
)
def test_every_kind_of_pixel_becomes_grey_or_rgb(mode: str, colour: object, shape: tuple[int, ...], value: int) -> None:
    (picture,) = open_pictures(saved(Image.new(mode, (6, 8), colour)), Limits())
    assert picture.pixels.shape == shape
    assert picture.pixels.dtype == np.uint8
    assert int(picture.pixels.flat[0]) == value


def test_cmyk_is_read_as_rgb() -> None:
    (picture,) = open_pictures(saved(Image.new("CMYK", (16, 16), (0, 0, 0, 0)), "JPEG"), Limits())
    assert picture.pixels.shape == (16, 16, 3)
    assert int(picture.pixels.min()) > 250


def test_a_tiff_has_pages() -> None:
    first, second = Image.new("L", (30, 40), 255), Image.new("L", (50, 20), 0)
    data = saved(first, "TIFF", save_all=True, append_images=[second])
    assert [picture.pixels.shape for picture in open_pictures(data, Limits())] == [(40, 30), (20, 50)]
    assert count_pictures(data) == 2
    assert len(list(open_pictures(data, Limits(max_pages=1)))) == 1


@pytest.mark.parametrize(
    ("size", "told", "dpi"),
    [
        ((1654, 2339), None, 2339 / 11.69),
        ((1654, 2339), (300, 300), 300.0),
        ((1654, 2339), (72, 72), 2339 / 11.69),  # what cameras and old programs say for want of better
        ((1654, 2339), (1200, 1200), 2339 / 11.69),
        ((1000, 300), None, 200.0),
    ],
)
def test_a_resolution_that_is_not_likely_is_not_believed(size: tuple[int, int], told: tuple[int, int] | None, dpi: float) -> None:
    how = {} if told is None else {"dpi": told}
    (picture,) = open_pictures(saved(Image.new("L", size, 255), "JPEG", **how), Limits())
    assert picture.dpi == pytest.approx(dpi, rel=0.01)


def png_of(width: int, height: int) -> bytes:
    """A PNG that is as large as it says, of zeros, in few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(30_000, 30_000), (100_000, 10_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_not_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises((LimitExceededError, DamagedSourceError)):
        list(open_pictures(png_of(*size), Limits()))


def test_the_limit_of_pixels_is_named() -> None:
    with pytest.raises(LimitExceededError, match="10 x 10 pixels, more than max_pixels = 99"):
        list(open_pictures(saved(Image.new("L", (10, 10))), Limits(max_pixels=99)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_file_cut_short_is_damaged(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200), np.uint8)
    data = saved(Image.fromarray(noise), kind)
    with pytest.raises(DamagedSourceError, match="damaged or cut short"):
        list(open_pictures(data[: len(data) // 2], Limits()))


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00\xff\xff\xff\xff", b"\x89PNG\r\n\x1a\n" + b"\0" * 64])
def test_a_head_without_a_body_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedSourceError):
        list(open_pictures(data, Limits()))


def test_a_picture_in_a_document_is_as_wide_as_a_text_unless_it_says_its_size() -> None:
    picture = Image.new("L", (1950, 1000), 255)
    assert [page.dpi for page in open_embedded(saved(picture, "JPEG"), Limits())] == [300]
    assert [page.dpi for page in open_embedded(saved(picture, "JPEG", dpi=(200, 200)), Limits())] == [200]
