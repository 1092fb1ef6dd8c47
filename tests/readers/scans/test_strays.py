"""Ink in a cell that is none of its number: what is read without it, and what is left alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

pytest.importorskip("rapidocr", reason="the extra [ocr] is not installed")

from pipeline.model.reading import Reading
from pipeline.readers.scans.segments import PixelBox, Segment
from pipeline.readers.scans.strays import find_numbers_beside_strays

CELL = (0, 0, 200, 60)
HEIGHT = 20


def segment(*marks: PixelBox, cell: PixelBox | None = CELL) -> Segment:
    box = (min(m[0] for m in marks), min(m[1] for m in marks), max(m[2] for m in marks), max(m[3] for m in marks))
    return Segment(box, HEIGHT, True, tuple(sorted(marks)), cell=cell)


def figure(x: int, top: int = 20) -> PixelBox:
    return (x, top, x + 12, top + HEIGHT)


OTHERS = [(segment(figure(10), figure(25), cell=(0, 60 * row, 200, 60 * row + 60)), Reading("12", 0.9995)) for row in range(2, 6)]


def found(*own: tuple[Segment, Reading], says: str = "") -> dict[int, tuple[str, float] | None]:
    """What is found in a cell of a page with other numbers; `says`: what is read in marks of figures, one character each."""

    def look(segments: Sequence[Segment]) -> list[Reading]:
        return [Reading(says[: len(shown.marks)], 0.9995) for shown in segments]

    together = [*own, *OTHERS]
    result = find_numbers_beside_strays([shown for shown, _ in together], [reading for _, reading in together], look)
    return {index: None if item is None else (item[1].text, item[1].confidence) for index, item in result.items()}


STROKE = segment((120, 5, 190, 60))


def test_a_stroke_beside_a_number_is_let_go_and_the_number_is_doubtful() -> None:
    assert found((segment(figure(20), figure(35)), Reading("52", 0.9995)), (STROKE, Reading("w", 0.9))) == {0: ("52", 0.5), 1: None}


def test_a_stroke_read_as_a_figure_is_told_by_its_size() -> None:
    own = ((segment(figure(20), figure(35)), Reading("52", 0.9995)), (STROKE, Reading("1", 0.998)))
    assert found(*own, says="52") == {0: ("52", 0.5), 1: None}


def test_a_stroke_that_is_one_text_with_the_number_is_told_by_its_size() -> None:
    assert found((segment(figure(20), figure(35), (60, 5, 150, 60)), Reading("52V", 0.9)), says="52") == {0: ("52", 0.5)}


def test_a_number_that_is_read_well_is_left_alone() -> None:
    assert found((segment(figure(20), figure(35)), Reading("52", 0.9995)), says="5") == {}


def test_a_sign_before_a_number_is_no_stroke() -> None:
    number = segment(figure(60), figure(75))
    assert found((segment((20, 29, 32, 31)), Reading("-", 0.995)), (number, Reading("52", 0.9995))) == {}
    assert found((segment((5, 18, 30, 42), figure(60)), Reading("减5", 0.96)), says="5") == {}


def test_a_label_is_no_number_beside_strokes() -> None:
    assert found((segment(figure(20), figure(40), figure(60)), Reading("3.其", 0.99)), says="3") == {}
    assert found((segment(figure(20)), Reading("North", 0.99)), (segment(figure(150)), Reading("5", 0.9995))) == {}


def test_numbers_one_below_the_other_are_of_two_rows() -> None:
    own = ((segment(figure(20, 5)), Reading("5", 0.9995)), (segment(figure(20, 35)), Reading("o", 0.6)))
    assert found(*own, says="5") == {}


def test_a_mark_that_is_read_as_such_is_none_of_a_number() -> None:
    assert found((segment((20, 20, 30, 40)), Reading("/", 0.995)), says="1") == {}


def test_a_mark_beside_a_number_is_of_the_next_cell() -> None:
    assert found((segment(figure(20)), Reading("0", 0.9995)), (segment((120, 20, 128, 40)), Reading("/", 0.995))) == {}


def test_numbers_side_by_side_are_of_two_cells_also_where_figures_are_small() -> None:
    small = [segment((x, 30, x + 7, 42), cell=(0, 0, 200, 60)) for x in (20, 120)]
    assert found(*((shown, Reading("7", 0.9995)) for shown in small), says="7") == {}
