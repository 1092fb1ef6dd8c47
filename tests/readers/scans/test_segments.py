"""Marks of ink to stretches of text."""

from __future__ import annotations

import pytest

pytest.importorskip("rapidocr", reason="the extra [ocr] is not installed")
np = pytest.importorskip("numpy")

from pipeline.readers.pdf.lattice import Lattice  # noqa: E402
from pipeline.readers.scans.raster import Marks, Stroke  # noqa: E402
from pipeline.readers.scans.segments import Segment, find_segments, without_dust  # noqa: E402

LATTICE = Lattice((0.0, 100.0, 200.0), (0.0, 60.0), ((True, True),), ((True, True),))


def found(*boxes: tuple[int, int, int, int], lattices: tuple[Lattice, ...] = (LATTICE,), lying: tuple[Stroke, ...] = ()) -> list[Segment]:
    marks = Marks(np.array(boxes, np.int32), np.full(len(boxes), 50, np.int32), 180)
    return find_segments(marks, lattices, lying, (), (400, 600), 20.0)


def test_a_line_of_a_cell_is_one_segment_and_lines_are_parted() -> None:
    segments = found((10, 5, 20, 25), (24, 5, 36, 25), (10, 32, 22, 52))
    assert [segment.box for segment in segments] == [(10, 5, 36, 25), (10, 32, 22, 52)]


def test_cells_are_not_joined_however_close_their_words() -> None:
    segments = found((85, 5, 97, 25), (103, 5, 115, 25))
    assert [segment.box for segment in segments] == [(85, 5, 97, 25), (103, 5, 115, 25)]
    assert all(segment.in_cell for segment in segments)


def test_bars_of_one_letter_are_one_line() -> None:
    (segment,) = found((10, 8, 28, 10), (8, 22, 30, 24))
    assert segment.box == (8, 8, 30, 24)


def test_a_wide_gap_parts_words() -> None:
    assert len(found((10, 5, 20, 25), (70, 5, 80, 25))) == 2


def test_outside_of_tables_phrases_are_found() -> None:
    segments = found((300, 100, 312, 120), (316, 100, 330, 120), (450, 101, 470, 121), (300, 130, 312, 150))
    assert [segment.box for segment in segments] == [(300, 100, 330, 120), (450, 101, 470, 121), (300, 130, 312, 150)]
    assert not any(segment.in_cell for segment in segments)


def test_dust_alone_and_what_is_left_of_lines_is_nothing() -> None:
    line = Stroke(60.0, 0, 200, 59, 62)
    assert found((50, 30, 53, 33), (20, 59, 60, 61), lying=(line,)) == []


def test_dust_before_a_number_is_left_out() -> None:
    (segment,) = found((10, 14, 13, 17), (18, 5, 30, 25), (34, 5, 46, 25))
    assert without_dust(segment).box == (18, 5, 46, 25)
    (pointed,) = found((10, 5, 20, 25), (22, 22, 25, 25), (28, 5, 38, 25))
    assert without_dust(pointed) is pointed


def test_what_is_left_of_a_thick_line_is_nothing_however_thick() -> None:
    line = Stroke(60.0, 0, 200, 55, 65)
    assert found((40, 55, 60, 65), lying=(line,)) == []
    (dash,) = found((40, 45, 60, 55), lying=(line,))
    assert dash.box == (40, 45, 60, 55)


def test_a_cell_over_two_columns_is_cut_where_their_line_runs_in_other_rows() -> None:
    lattice = Lattice((0, 100, 200), (0, 50), ((False, True),), ((True, True),))
    whole = Lattice((0, 200), (0, 50), ((True,),), ((True,),))
    near = ((84, 15, 94, 35), (106, 15, 116, 35))  # 12 apart: less than between words
    assert [segment.box for segment in found(*near, lattices=(lattice,))] == list(near)
    assert [segment.box for segment in found(*near, lattices=(whole,))] == [(84, 15, 116, 35)]


def test_what_is_left_of_a_line_that_a_cell_lies_over_is_no_figure() -> None:
    lattice = Lattice((0, 100, 200), (0, 50), ((False, True),), ((True, True),))
    cut = found((74, 15, 84, 35), (99, 18, 102, 34), (112, 15, 122, 35), lattices=(lattice,))
    assert [(segment.box, segment.is_trimmed) for segment in cut] == [((74, 15, 84, 35), True), ((112, 15, 122, 35), True)]


def test_a_thin_mark_higher_than_the_figures_beside_it_is_left_of_a_line_and_one_alone_is_a_figure() -> None:
    (segment,) = found((20, 10, 23, 45), (30, 18, 42, 36))
    assert segment.box == (30, 18, 42, 36)
    (alone,) = found((20, 10, 23, 45))
    assert alone.box == (20, 10, 23, 45)


def test_specks_on_a_line_of_their_own_are_dust_where_letters_stand() -> None:
    assert [segment.box for segment in found((20, 5, 32, 25), (60, 35, 66, 41))] == [(20, 5, 32, 25)]


def test_letters_that_touch_those_of_the_next_line_are_shared_out() -> None:
    two = (10, 5, 20, 52)  # letters of both lines
    segments = found((24, 5, 36, 25), (40, 5, 52, 25), (24, 32, 36, 52), (40, 32, 52, 52), (56, 5, 68, 25), (56, 32, 68, 52), two)
    assert [segment.box for segment in segments] == [(10, 5, 68, 28), (10, 28, 68, 52)]


def test_a_piece_of_a_line_beyond_its_end_is_no_text_outside_of_tables() -> None:
    line = Stroke(300.0, 100, 200, 298, 302)
    marks = Marks(np.array([(299, 210, 302, 225), (330, 205, 342, 225)], np.int32), np.full(2, 50, np.int32), 180)
    (segment,) = find_segments(marks, (), (), (line,), (400, 600), 20.0)
    assert segment.box == (330, 205, 342, 225)


def test_what_the_side_of_the_page_cuts_off_is_no_text() -> None:
    (segment,) = found((300, 200, 320, 220), (590, 100, 600, 120), (400, 0, 412, 18))
    assert segment.box == (300, 200, 320, 220)


def test_a_segment_tells_its_cell() -> None:
    assert [segment.cell for segment in found((10, 5, 20, 25), (300, 200, 320, 220))] == [(0, 0, 100, 60), None]
