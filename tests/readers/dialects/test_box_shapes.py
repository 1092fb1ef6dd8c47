"""Lines as codes: one a display column, and back to code points."""

from __future__ import annotations

import pytest

from pipeline.readers.dialects.box_shapes import NARROW_BORDERS, WIDE_BORDERS, Metric, code_points, shape_line, slow_code_points, width_of


@pytest.mark.parametrize(
    ("text", "metric", "shape"),
    [
        ("│甲 │a1│", NARROW_BORDERS[0], "|x\t |xx|"),
        ("├──┼═╡", NARROW_BORDERS[0], "E--X=3"),
        ("┌─┐", WIDE_BORDERS[0], "r\t-\t7\t"),
        ("“一”", NARROW_BORDERS[0], "xx\tx"),
        ("“一”", NARROW_BORDERS[1], "x\tx\tx\t"),
        ("甲😀", Metric(emoji=1), "x\tx"),
        ("甲😀", Metric(single=True), "xx"),
        ("e\u0301", NARROW_BORDERS[0], "x"),  # a combining mark takes no column
    ],
)
def test_codes(text: str, metric: Metric, shape: str) -> None:
    assert shape_line(text, metric) == shape
    assert width_of(text, metric) == len(shape)


def test_display_columns_as_code_points() -> None:
    text = "│甲乙│1 │"
    columns = (0, 5, 8)
    assert list(code_points(shape_line(text, NARROW_BORDERS[0]), columns)) == [0, 3, 6]
    assert list(slow_code_points(text, NARROW_BORDERS[0], columns)) == [0, 3, 6]
    # With a mark that takes no column only counting character by character is right.
    assert list(slow_code_points("│e\u0301 │", NARROW_BORDERS[0], (0, 3))) == [0, 4]
    assert list(slow_code_points("ab", NARROW_BORDERS[0], (0, 5))) == [0, 2]  # past the end: the end
