"""Declared spans -> Grid: the HTML standard's algorithm for forming a table. It never looks at what a text says."""

from __future__ import annotations

from pipeline.model.document import RawTable
from pipeline.model.finding import Finding, make_finding
from pipeline.model.grid import Cell, Grid, GridSpans
from pipeline.model.limits import Limits
from pipeline.model.place import Place

__all__ = ["place_cells"]

_MAX_PLACES = 10  # shown in one finding
_GRID_SPANS: dict[str, GridSpans] = {"declared": "declared", "drawn": "drawn", "aligned": "inferred"}
_ALIGNED_CONFIDENCE = 0.8  # spans worked out from where words stand: four in five of those on a public benchmark are right


def place_cells(raw: RawTable, limits: Limits) -> tuple[Grid, tuple[Finding, ...]]:
    """Place the cells of a table whose spans are "declared", "drawn" or "aligned"; ValueError for "lost" ones.

    Row by row, each cell takes the first free slot to the right of the cell before it; the width is what comes of that. A cell that grows
    over one hanging from above keeps its spans, as in the standard: both cover the slots, and `span-overlap` names the later cell.
    Row spans end with the table's last row. The cells of a table cover `limits.max_slots` slots together at most: spans beyond that are cut
    (`limit-exceeded`), no cell is lost. Roles are "blank" (text "") or "data". Linear in cells and covered slots.
    """
    if raw.spans == "lost":
        raise ValueError("the spans of this table are lost: they are to be inferred, not placed")
    row_count = len(raw.rows)
    spare = max(0, limits.max_slots - sum(len(row.cells) for row in raw.rows))  # slots that may be covered besides one a cell
    taken_until: list[int] = []  # by column: the row from which on its slots are free
    cells: list[Cell] = []
    overlapping: list[Place] = []
    too_long = over_limit = 0
    number = 0
    new = tuple.__new__  # Cell's own constructor takes three times as long
    for row_index, row in enumerate(raw.rows):
        col = 0
        for source in row.cells:
            while col < len(taken_until) and taken_until[col] > row_index:
                col += 1
            row_span, col_span = max(1, source.row_span), max(1, source.col_span)
            if row_span == col_span == 1:
                if col == len(taken_until):
                    taken_until.append(0)
                taken_until[col] = row_index + 1
                cells.append(new(Cell, (row_index, col, 1, 1, source.text, "data" if source.text else "blank", source.place, number)))
                number += 1
                col += 1
                continue
            if row_span > row_count - row_index:
                row_span = row_count - row_index
                too_long += 1
            if row_span * col_span > 1:
                if row_span * col_span - 1 > spare:
                    over_limit += 1
                    col_span = min(col_span, spare + 1)
                    row_span = min(row_span, (spare + 1) // col_span)
                spare -= row_span * col_span - 1
            end = col + col_span
            if end > len(taken_until):
                taken_until.extend([0] * (end - len(taken_until)))
            if col_span > 1 and max(taken_until[col + 1 : end]) > row_index:
                overlapping.append(source.place)
            for index in range(col, end):
                if taken_until[index] < row_index + row_span:
                    taken_until[index] = row_index + row_span
            role = "data" if source.text else "blank"
            cells.append(new(Cell, (row_index, col, row_span, col_span, source.text, role, source.place, number)))
            number += 1
            col = end
    grid = Grid(
        tuple(cells),
        row_count,
        len(taken_until),
        _GRID_SPANS[raw.spans],
        caption=raw.caption,
        page_number=raw.page_number,
        confidence=_ALIGNED_CONFIDENCE if raw.spans == "aligned" else 1.0,
    )
    return grid, tuple(_findings(raw, limits, too_long, over_limit, overlapping))


def _findings(raw: RawTable, limits: Limits, too_long: int, over_limit: int, overlapping: list[Place]) -> list[Finding]:
    where = () if raw.place is None else (raw.place,)
    findings = []
    if too_long:
        findings.append(make_finding("span-clamped", f"{too_long} row spans reach beyond the last row and were cut there", places=where))
    if over_limit:
        findings.append(
            make_finding(
                "limit-exceeded",
                f"{over_limit} spans were cut: the cells of a table would cover more than max_slots = {limits.max_slots} slots",
                places=where,
            )
        )
    if overlapping:
        findings.append(
            make_finding(
                "span-overlap",
                f"{len(overlapping)} cells grow over slots that a cell from above covers",
                places=tuple(overlapping[:_MAX_PLACES]),
            )
        )
    return findings
