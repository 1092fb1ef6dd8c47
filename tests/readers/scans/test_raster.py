"""Pixels: rules found and taken away, letters kept; seals, skew, shadows."""

from __future__ import annotations

import pytest

pytest.importorskip("rapidocr", reason="the extra [ocr] is not installed")
np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from pipeline.readers.scans import raster  # noqa: E402

DPI = 200.0


def page(height: int = 400, width: int = 600) -> raster.Pixels:
    pixels: raster.Pixels = np.full((height, width), 245, np.uint8)
    return pixels


def grid(grey: int = 40, thickness: int = 2) -> raster.Pixels:
    """Lines at y 50, 100, 150 from x 40 to 560 and at x 40, 300, 560."""
    pixels = page()
    for y in (50, 100, 150):
        pixels[y : y + thickness, 40 : 560 + thickness] = grey
    for x in (40, 300, 560):
        pixels[50 : 150 + thickness, x : x + thickness] = grey
    return pixels


@pytest.mark.parametrize("grey", [40, 150, 222])
def test_lines_are_found_dark_and_pale(grey: int) -> None:
    lying, standing = raster.find_strokes(grid(grey), DPI)
    assert [round(line.at) for line in sorted(lying, key=lambda line: line.at)] == pytest.approx([50, 100, 150], abs=1)
    assert [round(line.at) for line in sorted(standing, key=lambda line: line.at)] == pytest.approx([40, 300, 560], abs=1)
    assert all(line.start <= 45 and line.end >= 555 for line in lying)


def test_a_broken_line_is_one() -> None:
    pixels = grid()
    for x in range(100, 560, 60):
        pixels[99:103, x : x + 8] = 245
    lying, _ = raster.find_strokes(pixels, DPI)
    (middle,) = [line for line in lying if 95 < line.at < 105]
    assert (middle.start, middle.end) == pytest.approx((40, 562), abs=6)


def test_strokes_of_letters_are_no_lines() -> None:
    pixels = grid()
    cv2.putText(pixels, "HEH TLI", (60, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 0, 3)
    lying, standing = raster.find_strokes(pixels, DPI)
    assert len(lying) == 3
    assert len(standing) == 3


def test_lines_go_and_letters_that_touch_them_stay() -> None:
    pixels = grid()
    pixels[60:100, 200:204] = 0  # a 1 that stands on the line
    clean = raster.erase(pixels, *raster.find_strokes(pixels, DPI), DPI)
    marks = raster.find_marks(clean, DPI)
    assert [tuple(box) for box in marks.boxes.tolist()] == [(200, 60, 204, 100)]


def test_a_line_too_pale_to_be_seen_by_itself_is_found_where_it_is_looked_for() -> None:
    pixels = grid()
    rng = np.random.default_rng(2)
    pixels = np.clip(pixels.astype(int) + rng.integers(-1, 2, pixels.shape), 0, 255).astype(np.uint8)
    pixels[120:122, 305:555] -= 5
    edges = [(120.0, 300, 560), (135.0, 300, 560), (120.0, 40, 300)]
    (line,) = raster.find_lost_lines(pixels, edges, DPI, beside_words=True)
    assert line.at == pytest.approx(120, abs=1)
    assert (line.start, line.end) == (300, 560)


def test_a_red_seal_goes_and_red_words_stay() -> None:
    pixels = np.full((500, 600, 3), 250, np.uint8)
    cv2.circle(pixels, (300, 300), 120, (220, 40, 40), 6)
    cv2.putText(pixels, "17", (280, 310), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2)
    cv2.putText(pixels, "NOTICE", (100, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (220, 40, 40), 2)
    grey = raster.without_stamps(pixels, DPI)
    assert int(grey[175:185, 290:310].min()) > 215  # the ring
    assert int(grey[285:312, 280:320].min()) < 90  # the number inside it
    assert int(grey[40:62, 100:220].min()) < 130  # the red words


@pytest.mark.parametrize("degrees", [-2.5, -0.6, 0.0, 1.3, 3.0])
def test_skew_is_found(degrees: float) -> None:
    turn = cv2.getRotationMatrix2D((300, 200), degrees, 1.0)
    pixels = cv2.warpAffine(grid(), turn, (600, 400), borderValue=(245, 245, 245))
    found = raster.find_skew(pixels, DPI)
    assert found == pytest.approx(degrees, abs=0.15)
    straight, _ = raster.find_strokes(raster.flatten(raster.rotate(pixels, found), DPI), DPI)
    assert len(straight) == 3


def test_a_shadow_is_taken_out() -> None:
    pixels = grid()
    shadow = np.linspace(0.45, 1.0, 600)[None, :]
    flat = raster.flatten((pixels * shadow).astype(np.uint8), DPI)
    assert int(flat[200:380, 10:590].min()) > 225
    assert int(flat[51, 200:250].max()) < 110


@pytest.mark.parametrize(("ends", "lean"), [(((10, 40), (10, 10)), 0.0), (((5, 40), (17, 10)), 0.4), (((5, 20), (45, 20)), float("inf"))])
def test_a_straight_stroke_has_a_lean(ends: tuple[tuple[int, int], tuple[int, int]], lean: float) -> None:
    pixels = np.full((50, 60), 245, np.uint8)
    cv2.line(pixels, *ends, 0, 2, cv2.LINE_AA)
    ys, xs = np.nonzero(pixels < 160)
    found = raster.plain_stroke(pixels, (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1), 160)
    assert found == pytest.approx(lean, abs=0.06)


def test_a_ring_is_no_stroke() -> None:
    pixels = np.full((50, 60), 245, np.uint8)
    cv2.circle(pixels, (25, 25), 12, 0, 2)
    assert raster.plain_stroke(pixels, (12, 12, 39, 39), 160) is None


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_even_page_has_nothing_on_it(grey: int) -> None:
    pixels = np.full((300, 200), grey, np.uint8)
    assert raster.find_skew(pixels, DPI) == 0.0
    flat = raster.flatten(pixels, DPI)
    assert raster.find_strokes(flat, DPI) == ([], [])


def test_one_pixel_is_a_page() -> None:
    pixels = np.full((1, 1), 10, np.uint8)
    flat = raster.flatten(pixels, DPI)
    assert raster.find_strokes(flat, DPI) == ([], [])
    assert raster.find_skew(pixels, DPI) == 0.0


def test_what_has_all_but_faded_is_seen() -> None:
    pixels = page()
    cv2.putText(pixels, "8", (100, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 215, 2)
    cv2.putText(pixels, "8", (200, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 30, 2)
    ((x0, _, x1, _),) = raster.find_faint_marks(pixels, 190, DPI).tolist()
    assert 95 <= x0 < x1 <= 125


def test_words_that_stand_on_a_line_do_not_hide_it_whatever_the_resolution() -> None:
    pixels = grid()
    for x in range(60, 520, 40):
        pixels[88:101, x : x + 34] = 0  # bars that stand on the line, as long as the shortest lines
    lying, _ = raster.find_strokes(pixels, 200.00000535)  # no whole number of pixels is four tenths of that
    (middle,) = [line for line in lying if 97 < line.at < 104]
    assert middle.end - middle.start > 500


def test_pale_ink_of_a_page_in_black_and_white_is_made_pale_again() -> None:
    pixels = np.full((100, 200), 255, np.uint8)
    pixels[50, 20:180:2] = 0
    soft = raster.without_dots(pixels, DPI)
    assert 100 < soft[50, 40:160].min() <= soft[50, 40:160].max() < 240
    grey = page(100, 200)
    grey[50, 20:180:2] = 90
    assert raster.without_dots(grey, DPI) is grey


def test_letters_are_told_from_pieces_of_lines() -> None:
    pixels = page()
    cv2.putText(pixels, "0(", (100, 100), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    pixels[200:203, 100:130] = 0
    pixels[220:250, 200:209] = 0
    letters = raster.find_letters(pixels, DPI)
    assert letters[70:110, 90:140].any()
    assert not letters[150:].any()
    assert raster.widened(letters).sum() > letters.sum()


def coloured(grey: raster.Pixels) -> raster.Pixels:
    pixels: raster.Pixels = np.repeat(grey[:, :, None], 3, axis=2)
    return pixels


def test_a_stroke_of_a_blue_pen_is_made_pale_and_print_below_stays() -> None:
    pixels = coloured(grid())
    points = np.array([(60, 90), (110, 60), (150, 130), (210, 70), (280, 140)], np.int32)
    cv2.polylines(pixels, [points], False, (25, 35, 120), 3, cv2.LINE_AA)
    pixels[70:95, 330:334] = 0
    grey = raster.without_stamps(pixels, DPI)
    assert grey[60:95, 60:110].min() > 200
    assert grey[60:95, 60:110].min() < 240  # something is there: a cell with it is no certain blank
    assert grey[80, 331] < 20
    assert (grey[100, 60:290] < 60).mean() > 0.85  # the rule that it crosses


def test_blue_words_and_rules_stay() -> None:
    pixels = coloured(page())
    for y in (50, 100, 150):
        pixels[y : y + 3, 40:560] = (25, 35, 120)
    pixels[50:150, 40:43] = pixels[50:150, 300:303] = pixels[50:150, 557:560] = (25, 35, 120)
    cv2.putText(pixels, "BLUE 128", (60, 90), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (25, 35, 120), 2)
    assert np.array_equal(raster.without_stamps(pixels, DPI), cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def test_a_seal_in_bad_light_leaves_its_surroundings_as_light_as_paper() -> None:
    pixels = coloured(np.tile(np.linspace(150, 245, 600).astype(np.uint8), (400, 1)))
    ring = np.zeros((400, 600), np.uint8)
    cv2.circle(ring, (200, 200), 120, 255, 12)
    pixels[ring > 0] = (pixels[ring > 0] * (0.85, 0.25, 0.25)).astype(np.uint8)
    flat = raster.flatten(raster.without_stamps(pixels, DPI), DPI)
    assert flat[60:340, 60:340].min() > 225


def test_a_rule_with_gaps_that_others_cross_is_one() -> None:
    pixels = page()
    for y in (50, 90, 130, 170, 210):
        pixels[y : y + 5, 42:560] = 0
    for start, end in ((50, 80), (90, 148), (158, 215)):  # the short pieces have crossing rules beside them
        pixels[start:end, 40:46] = 0
    pixels[50:215, 555:560] = 0
    _, standing = raster.find_strokes(pixels, DPI)
    (left,) = [line for line in standing if line.at < 60]
    assert (left.start, left.end) == pytest.approx((50, 215), abs=4)


def test_a_stroke_of_a_letter_below_a_rule_is_none_of_it() -> None:
    pixels = page()
    for y in (50, 100, 150, 177):
        pixels[y : y + 5, 40:560] = 40
    for x in (40, 300, 555):
        pixels[50:155, x : x + 5] = 40
    cv2.putText(pixels, "HEH", (297, 172), cv2.FONT_HERSHEY_SIMPLEX, 0.55, 0, 3)  # its first stroke goes on where the rule ends
    pixels[150:172, 301:304] = 0
    _, standing = raster.find_strokes(pixels, DPI)
    (middle,) = [line for line in standing if 280 < line.at < 320]
    assert middle.end <= 160


def test_a_rule_goes_on_beside_words_to_the_end_of_a_page_that_cuts_its_row() -> None:
    pixels = page()
    for y in (100, 150, 200):
        pixels[y : y + 3, 40:560] = 40
    for x in (40, 300, 557):
        pixels[70:203, x : x + 3] = 40
    cv2.putText(pixels, "0", (306, 95), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
    _, standing = raster.find_strokes(pixels, DPI)
    assert [line.start for line in standing] == pytest.approx([70, 70, 70], abs=3)


def test_a_dark_strip_along_a_side_is_made_paper_and_a_rule_there_is_none() -> None:
    pixels = page()
    pixels[:14, 100:500] = 30
    pixels[395:, :] = 40  # a page cut at the border of its table
    cleaned = raster.without_edges(pixels, DPI)
    assert cleaned[:14].min() >= 200
    assert cleaned[397].max() == 40


def test_letters_near_a_dark_strip_stay() -> None:
    pixels = page()
    pixels[:14] = 30
    pixels[26:46, 100:103] = 20
    assert raster.without_edges(pixels, DPI)[26:46, 100:103].max() == 20


def test_a_shadow_below_a_strip_goes_on() -> None:
    pixels = page()
    pixels[:200] = 180
    pixels[:12] = 20
    assert abs(int(raster.without_edges(pixels, DPI)[5, 300]) - 180) <= 5


def test_holes_are_made_paper_and_letters_as_large_stay() -> None:
    pixels = page()
    cv2.circle(pixels, (60, 200), 22, 15, -1)
    cv2.circle(pixels, (160, 200), 22, 15, 5)  # an O
    cleaned = raster.without_holes(pixels, DPI)
    assert cleaned[175:225, 30:90].min() >= 240
    assert np.array_equal(cleaned[:, 120:], pixels[:, 120:])


def test_a_figure_in_the_middle_of_a_merged_cell_is_no_piece_of_the_line_above_and_below() -> None:
    pixels = page()
    for y in (50, 90, 126, 166):
        pixels[y : y + 2, 40:562] = 40
    for x in (40, 560):
        pixels[50:168, x : x + 2] = 40
    pixels[50:92, 300:304] = pixels[126:168, 300:304] = 40
    cv2.ellipse(pixels, (302, 109), (6, 11), 0, 0, 360, 40, 3)
    letters = [cv2.putText(pixels, "HEH", (x, 82), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2) for x in (80, 180, 360)]
    assert len(letters) == 3
    lying, standing = raster.find_strokes(pixels, DPI)
    assert len(lying) == 4
    assert not any(line.start < 105 < line.end for line in standing if abs(line.at - 302) < 10)
    clean = raster.erase(pixels, lying, standing, DPI)
    assert any(x0 <= 297 and x1 >= 307 for x0, top, x1, bottom in raster.find_marks(clean, DPI).boxes if top > 92 and bottom < 126)
