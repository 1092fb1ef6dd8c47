"""Where in a source something was printed. One class per kind of source; all are hashable and picklable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["ElementPlace", "PagePlace", "Place", "SheetPlace", "TextPlace", "WordPlace"]


class TextPlace(NamedTuple):  # not a dataclass: a text has thousands, and these are made in a third of the time
    """A span of a text: lines from 1 (split at LF after CRLF is folded), columns in code points from 0, end exclusive."""

    line_number: int
    column: int
    end_column: int

    def to_dict(self) -> dict[str, Any]:
        return {"line_number": self.line_number, "column": self.column, "end_column": self.end_column}


class ElementPlace(NamedTuple):  # as there
    """An element of an HTML or XML tree, as an absolute xpath in lxml's tree."""

    xpath: str

    def to_dict(self) -> dict[str, Any]:
        return {"xpath": self.xpath}


@dataclass(frozen=True, slots=True)
class PagePlace:
    """A box on a page: page_number from 1, box (x0, top, x1, bottom) in points from the top left."""

    page_number: int
    box: tuple[float, float, float, float]

    def to_dict(self) -> dict[str, Any]:
        return {"page_number": self.page_number, "box": list(self.box)}


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """A cell of a spreadsheet, in its own notation ("B7")."""

    sheet: str
    cell: str

    def to_dict(self) -> dict[str, Any]:
        return {"sheet": self.sheet, "cell": self.cell}


@dataclass(frozen=True, slots=True)
class WordPlace:
    """A cell of a Word table: table_number from 1, row and col from 0."""

    table_number: int
    row: int
    col: int

    def to_dict(self) -> dict[str, Any]:
        return {"table_number": self.table_number, "row": self.row, "col": self.col}


Place = TextPlace | ElementPlace | PagePlace | SheetPlace | WordPlace
