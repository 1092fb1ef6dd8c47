"""Declared spans placed as the HTML standard forms a table."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.grids.place import place_cells
from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.grid import Grid
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace

Spec = str | tuple[str, int, int]  # text, or (text, row_span, col_span)


def make_table(rows: Sequence[Sequence[Spec]]) -> RawTable:
    def cell(spec: Spec, row: int, col: int) -> RawCell:
        text, row_span, col_span = (spec, 1, 1) if isinstance(spec, str) else spec
        return RawCell(text, TextPlace(row + 1, col, col + 1), row_span, col_span)

    return RawTable(tuple(RawRow(tuple(cell(spec, y, x) for x, spec in enumerate(row))) for y, row in enumerate(rows)), "declared")


def place(rows: Sequence[Sequence[Spec]], limits: Limits | None = None) -> tuple[Grid, list[str]]:
    grid, findings = place_cells(make_table(rows), limits or Limits())
    return grid, [finding.code for finding in findings]


def boxes(grid: Grid) -> list[tuple[str, int, int, int, int]]:
    return [(cell.text, cell.row, cell.col, cell.row_span, cell.col_span) for cell in grid.cells]


def test_a_row_pushed_right_by_a_row_span_widens_the_table() -> None:
    grid, codes = place([[("a", 2, 1), "b"], ["c", "d"]])
    assert boxes(grid) == [("a", 0, 0, 2, 1), ("b", 0, 1, 1, 1), ("c", 1, 1, 1, 1), ("d", 1, 2, 1, 1)]
    assert (grid.row_count, grid.col_count, codes) == (2, 3, [])


def test_three_level_header() -> None:
    grid, _ = place(
        [[("stub", 3, 3), ("who", 1, 4)], [("one", 2, 1), ("many", 1, 2), ("all", 2, 1)], ["x", "y"], [("row", 1, 3), "1", "2", "3", "4"]]
    )
    assert boxes(grid)[2:] == [
        ("one", 1, 3, 2, 1),
        ("many", 1, 4, 1, 2),
        ("all", 1, 6, 2, 1),
        ("x", 2, 4, 1, 1),
        ("y", 2, 5, 1, 1),
        ("row", 3, 0, 1, 3),
        ("1", 3, 3, 1, 1),
        ("2", 3, 4, 1, 1),
        ("3", 3, 5, 1, 1),
        ("4", 3, 6, 1, 1),
    ]


def test_rows_without_cells_take_their_place_under_row_spans() -> None:
    grid, codes = place([[("a", 3, 1), "b"], [], ["c"]])
    assert boxes(grid) == [("a", 0, 0, 3, 1), ("b", 0, 1, 1, 1), ("c", 2, 1, 1, 1)]
    assert grid.row_count == 3
    assert grid.owner(1, 1) is None
    assert codes == []


def test_row_spans_end_with_the_table() -> None:
    grid, codes = place([["a"], [("b", 9, 2)]])
    assert boxes(grid)[1] == ("b", 1, 0, 1, 2)
    assert (grid.row_count, codes) == (2, ["span-clamped"])


def test_a_cell_that_grows_over_a_hanging_one_overlaps_it() -> None:
    grid, findings = place_cells(make_table([["a", ("b", 2, 1)], [("c", 1, 3), "d"]]), Limits())
    assert boxes(grid) == [("a", 0, 0, 1, 1), ("b", 0, 1, 2, 1), ("c", 1, 0, 1, 3), ("d", 1, 3, 1, 1)]
    assert [finding.code for finding in findings] == ["span-overlap"]
    assert findings[0].places == (TextPlace(2, 0, 1),)


def test_an_overlapping_cell_does_not_shorten_the_one_it_overlaps() -> None:
    grid, _ = place([["a", ("b", 3, 1)], [("c", 1, 2)], ["d", "e"]])
    assert boxes(grid)[3:] == [("d", 2, 0, 1, 1), ("e", 2, 2, 1, 1)]


def test_numbers_roles_and_what_the_table_says_of_itself() -> None:
    raw = make_table([["", "x"], ["y"]])
    raw = RawTable(raw.rows, "drawn", caption="title", page_number=3)
    grid, _ = place_cells(raw, Limits())
    assert [(cell.number, cell.role, cell.place) for cell in grid.cells] == [
        (0, "blank", TextPlace(1, 0, 1)),
        (1, "data", TextPlace(1, 1, 2)),
        (2, "data", TextPlace(2, 0, 1)),
    ]
    assert (grid.spans, grid.caption, grid.page_number, grid.confidence) == ("drawn", "title", 3, 1.0)


def test_slots_are_limited_as_a_whole_and_no_cell_is_lost() -> None:
    grid, codes = place([[("a", 4, 5), ("b", 1, 1000)], ["c"], ["d"], ["e"]], Limits(max_slots=30))
    assert boxes(grid) == [("a", 0, 0, 4, 5), ("b", 0, 5, 1, 7), ("c", 1, 5, 1, 1), ("d", 2, 5, 1, 1), ("e", 3, 5, 1, 1)]
    assert codes == ["limit-exceeded"]
    assert sum(cell.row_span * cell.col_span for cell in grid.cells) == 30


def test_cells_beyond_the_slot_limit_keep_one_slot_each() -> None:
    grid, codes = place([[("a", 1, 2), "b", "c"]], Limits(max_slots=2))
    assert boxes(grid) == [("a", 0, 0, 1, 1), ("b", 0, 1, 1, 1), ("c", 0, 2, 1, 1)]
    assert codes == ["limit-exceeded"]


def test_hostile_spans_cost_what_the_limit_allows() -> None:
    rows: list[Sequence[Spec]] = [[("x", 65534, 1000)] * 300]
    rows.extend([["y"]] * 2000)
    grid, codes = place(rows, Limits(max_slots=50_000))
    assert sum(cell.row_span * cell.col_span for cell in grid.cells) <= 50_000
    assert len(grid.cells) == 2300
    assert codes == ["span-clamped", "limit-exceeded"]


def test_lost_spans_are_not_placed() -> None:
    with pytest.raises(ValueError, match="lost"):
        place_cells(RawTable((), "lost"), Limits())


def test_no_rows() -> None:
    grid, codes = place([])
    assert (grid.cells, grid.row_count, grid.col_count, codes) == ((), 0, 0, [])
