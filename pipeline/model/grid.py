"""A table with every cell at its place: slots, spans and roles. Frozen; a change makes a new grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pipeline.model.place import Place

__all__ = ["Cell", "Grid", "GridSpans", "Role"]

Role = Literal["header", "stub", "section", "data", "note", "blank"]
GridSpans = Literal["declared", "drawn", "inferred"]


class Cell(NamedTuple):
    """A cell at its place. row, col from 0; it covers row_span x col_span slots.

    `number` is the cell's position in the reading order of its RawTable (its identity), or None for a slot that no printed cell owns.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    role: Role
    place: Place | None
    number: int | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells in row-major order of their top left slots. A slot is covered by one cell or none, but where declared spans overlap.

    The HTML standard lets a span down and a span across cover one slot twice; such a grid is kept as it is, with a finding.

    A blank cell (text ""), a covered slot (owned by a cell that starts elsewhere) and a missing cell (owned by none) are three things.
    `header_rows` and `stub_cols` count the leading rows and columns that are labels; `confidence` is 1.0 for declared and drawn spans.
    """

    cells: tuple[Cell, ...]
    row_count: int
    col_count: int
    spans: GridSpans
    header_rows: int = 0
    stub_cols: int = 0
    caption: str | None = None
    page_number: int | None = None
    confidence: float = 1.0
    _owner: dict[tuple[int, int], Cell] = field(init=False, repr=False, compare=False, default_factory=dict)

    def owner(self, row: int, col: int) -> Cell | None:
        """The cell that covers the slot (the later of two), or None where none does."""
        if not self._owner:
            self._owner.update(_slot_owners(self.cells))
        return self._owner.get((row, col))


def _slot_owners(cells: Iterable[Cell]) -> dict[tuple[int, int], Cell]:
    owners: dict[tuple[int, int], Cell] = {}
    for cell in cells:
        for row in range(cell.row, cell.row + cell.row_span):
            for col in range(cell.col, cell.col + cell.col_span):
                owners[row, col] = cell
    return owners
