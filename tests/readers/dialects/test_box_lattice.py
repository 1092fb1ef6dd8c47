"""Borders as codes part a drawing into cells, or it is none."""

from __future__ import annotations

import pytest

from pipeline.readers.dialects.box_lattice import build_lattice
from pipeline.readers.dialects.box_shapes import NARROW_BORDERS, shape_line


def shapes(drawing: str) -> list[str]:
    return [shape_line(line, NARROW_BORDERS[0]) for line in drawing.split("\n")]


def test_cells_between_boundaries() -> None:
    lattice = build_lattice(shapes("┌──┬──┐\n│甲│1 │\n│  ├──┤\n│  │2 │\n╞══╧══╡\n│丙   │\n└─────┘"))
    assert lattice is not None
    assert (lattice.columns, lattice.rank) == ((0, 3, 6), (0, 1, 2))
    assert [[(box.row, box.end_row, box.start, box.end, box.first_line, box.end_line) for box in row] for row in lattice.rows] == [
        [(0, 2, 0, 1, 1, 4), (0, 1, 1, 2, 1, 2)],
        [(1, 2, 1, 2, 3, 4)],
        [(2, 3, 0, 2, 5, 6)],
    ]
    assert lattice.strong == (False, None, True, False)


@pytest.mark.parametrize(
    "drawing",
    [
        pytest.param("+--+--+\n|a |b |\n+--+  |\n|     |\n+--+--+", id="no rectangle"),
        pytest.param("┌──┬──┐\n│a │b │\n├──┼─ ┤\n│c │d │\n└──┴──┘", id="a gap in a ruler"),
        pytest.param("┌──┬──┐\n│a │b │\n│c  d │\n└──┴──┘", id="an upright that does not arrive"),
        pytest.param("┌──┐\n│a │\n└──", id="of two widths"),
        pytest.param("│a │\n└──┘", id="no top"),
    ],
)
def test_no_lattice(drawing: str) -> None:
    assert build_lattice(shapes(drawing)) is None
