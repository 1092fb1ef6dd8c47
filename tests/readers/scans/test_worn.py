"""Worn rules: pieces told by the lines around them, whole lines too pale to be told by themselves, and letters that are neither."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("rapidocr", reason="the extra [ocr] is not installed")
np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from pipeline.readers.scans import raster, worn  # noqa: E402

DPI = 200.0
CUTS = (50.0, 100.0, 130.0, 160.0)  # standing lines, for lying ones to run between
EDGE = (80.0, 50, 100)  # a place between the first two


def page(noise: int = 1) -> raster.Pixels:
    """Standing lines at CUTS from y 20 to 140, on paper that is not quite even."""
    pixels: raster.Pixels = np.full((160, 220), 245, np.uint8)
    for x in CUTS:
        pixels[20:140, round(x) : round(x) + 2] = 40
    uneven = np.random.default_rng(3).integers(-noise, noise + 1, pixels.shape)
    result: raster.Pixels = np.clip(pixels + uneven, 0, 255).astype(np.uint8)
    return result


def look(pixels: raster.Pixels) -> worn.Seen:
    clean = raster.erase(pixels, *raster.find_strokes(pixels, DPI), DPI)
    return worn.look_along(pixels, raster.find_letters(clean, DPI), DPI)


def ats(strokes: list[raster.Stroke]) -> list[tuple[int, int, int]]:
    return [(round(line.at), line.start, line.end) for line in strokes]


def test_a_piece_that_begins_at_a_line_that_crosses_is_one_of_a_line() -> None:
    pixels = page()
    pixels[79:82, 52:72] = 60  # 20 of 48 pixels are left
    (line,) = worn.find_worn_lines(look(pixels), [EDGE], DPI)
    assert (round(line.at), line.start, line.end) == (80, 50, 100)
    assert 78 <= line.low <= 79
    assert line.high == 82


def test_thick_pieces_are_as_thick_as_they_are() -> None:
    pixels = page()
    pixels[76:85, 52:80] = 40
    (line,) = worn.find_worn_lines(look(pixels), [EDGE], DPI)
    assert (line.low, line.high) == (76, 85)


def test_a_stroke_that_touches_no_line_is_none() -> None:
    pixels = page()
    pixels[79:82, 66:86] = 60
    assert worn.find_worn_lines(look(pixels), [EDGE], DPI) == []


def test_where_words_stand_across_there_is_no_line() -> None:
    pixels = page()
    pixels[79:82, 52:66] = 60
    cv2.putText(pixels, "8", (74, 90), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
    assert worn.find_worn_lines(look(pixels), [EDGE], DPI) == []


def test_paper_is_no_line() -> None:
    assert worn.find_worn_lines(look(page(noise=6)), [EDGE, (110.0, 100, 130)], DPI) == []


@pytest.mark.parametrize(("grey", "noise"), [(60, 2), (232, 1), (220, 6)])
def test_a_whole_line_that_nobody_knew_of(grey: int, noise: int) -> None:
    pixels = page(noise)
    pixels[79:81, 50:162] = grey
    band = worn.Band(CUTS, 20.0, 140.0, (20.0, 140.0))
    (line,) = worn.find_new_lines(look(pixels), [band], DPI, with_bars=True)
    assert line.at == pytest.approx(80, abs=1.5)
    assert (line.start, line.end) == (50, 160)


def test_a_line_that_is_known_is_not_found_anew() -> None:
    pixels = page()
    pixels[79:81, 50:162] = 60
    assert worn.find_new_lines(look(pixels), [worn.Band(CUTS, 20.0, 140.0, (20.0, 80.0, 140.0))], DPI, with_bars=True) == []


def bracket(pixels: Any) -> None:
    """Turned as standing lines are looked for: a bracket that fills its low row."""
    cv2.ellipse(pixels, (75, 74), (21, 7), 0, 0, 180, 0, 2)


def noughts(pixels: Any) -> None:
    """A column of noughts in low rows, turned."""
    for start, end in ((50, 100), (100, 130), (130, 160)):
        middle, reach = (start + end) // 2, (end - start) // 2 - 5
        cv2.ellipse(pixels, (middle, 80), (reach, 7), 0, 0, 360, 0, 2)


@pytest.mark.parametrize("letters", [bracket, noughts])
def test_strokes_of_letters_that_fill_their_rows_are_no_lines(letters: Any) -> None:
    pixels = page()
    letters(pixels)
    assert worn.find_new_lines(look(pixels), [worn.Band(CUTS, 20.0, 140.0, ())], DPI, with_bars=True) == []
    edges = [(float(y), 50, 100) for y in range(66, 96, 2)]
    assert worn.find_worn_lines(look(pixels), edges, DPI) == []
