"""Placement against a brute-force reading of the standard's words, slot by slot; a grid written as HTML reads back as the same grid."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.grids.place import place_cells
from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace
from pipeline.readers import read_document

Span = tuple[int, int]
PLACE = TextPlace(1, 0, 1)

spans = st.tuples(st.sampled_from([1, 1, 1, 2, 3, 7]), st.sampled_from([1, 1, 1, 2, 4]))
tables = st.lists(st.lists(spans, max_size=6), max_size=7)


def brute_force(rows: list[list[Span]]) -> list[tuple[int, int, int, int]]:
    """(row, col, row_span, col_span) by cell: the first slot of the row without a cell, one set of slots for all."""
    taken: set[tuple[int, int]] = set()
    placed = []
    for y, row in enumerate(rows):
        x = 0
        for row_span, col_span in row:
            while (y, x) in taken:
                x += 1
            height = min(row_span, len(rows) - y)
            taken |= {(y + down, x + right) for down in range(height) for right in range(col_span)}
            placed.append((y, x, height, col_span))
            x += col_span
    return placed


def overlaps(placed: list[tuple[int, int, int, int]]) -> bool:
    slots = [(y + down, x + right) for y, x, height, width in placed for down in range(height) for right in range(width)]
    return len(slots) != len(set(slots))


@given(tables)
def test_cells_are_where_the_standard_puts_them(rows: list[list[Span]]) -> None:
    raw = RawTable(tuple(RawRow(tuple(RawCell("x", PLACE, *span) for span in row)) for row in rows), "declared")
    grid, findings = place_cells(raw, Limits())
    expected = brute_force(rows)
    assert [(cell.row, cell.col, cell.row_span, cell.col_span) for cell in grid.cells] == expected
    assert grid.row_count == len(rows)
    assert grid.col_count == max((x + width for _, x, _, width in expected), default=0)
    assert [cell.number for cell in grid.cells] == list(range(len(expected)))
    assert any(finding.code == "span-overlap" for finding in findings) == overlaps(expected)


@given(tables, st.integers(1, 40))
def test_the_slot_limit_holds_and_keeps_every_cell(rows: list[list[Span]], most: int) -> None:
    raw = RawTable(tuple(RawRow(tuple(RawCell("x", PLACE, *span) for span in row)) for row in rows), "declared")
    grid, _ = place_cells(raw, Limits(max_slots=most))
    count = sum(len(row) for row in rows)
    assert len(grid.cells) == count
    assert sum(cell.row_span * cell.col_span for cell in grid.cells) <= max(most, count)


@given(tables)
def test_a_grid_written_as_html_reads_back(rows: list[list[Span]]) -> None:
    raw = RawTable(
        tuple(RawRow(tuple(RawCell(f"c{y}.{x}", PLACE, *span) for x, span in enumerate(row))) for y, row in enumerate(rows)), "declared"
    )
    first, _ = place_cells(raw, Limits())
    cells = {cell.number: cell for cell in first.cells}
    html = ["<table>"]
    number = 0
    for row in raw.rows:
        html.append("<tr>")
        for _ in row.cells:
            cell = cells[number]
            html.append(f"<td rowspan={cell.row_span} colspan={cell.col_span}>{cell.text}</td>")
            number += 1
        html.append("</tr>")
    document = read_document("".join([*html, "</table>"]).encode(), media_type="text/html", name=None, limits=Limits())
    if not first.cells:
        assert document.tables() == ()
        return
    second, _ = place_cells(document.tables()[0], Limits())
    assert [(c.row, c.col, c.row_span, c.col_span, c.text) for c in second.cells] == [
        (c.row, c.col, c.row_span, c.col_span, c.text) for c in first.cells
    ]
