"""What a Word document is made into while it is read: stories of lines, pictures and tables."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["LINE_BREAK", "Cell", "Line", "Row", "Shown", "StopError", "Story", "Table", "fold", "integer"]

LINE_BREAK = "\0"  # inside a paragraph; XML has no such character
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"


class StopError(Exception):
    """A limit struck: read no more, keep what was read."""


@dataclass(slots=True)
class Line:
    """A paragraph with text: its lines parted by LF."""

    text: str
    path: str
    heading: int | None


@dataclass(slots=True)
class Shown:
    """A picture: its relationship, its path, and the number of blocks before it, which is known at the end."""

    relation: str
    path: str
    after: int = 0


@dataclass(slots=True)
class Story:
    """A flow of paragraphs, pictures and tables: the body, a cell, a text box, a note."""

    items: list[Line | Shown | Table] = field(default_factory=list)


@dataclass(slots=True)
class Cell:
    """A cell as the file has it. `merge` and `across`: "restart" or "continue", vertically and horizontally; "" for neither."""

    story: Story = field(default_factory=Story)
    col_span: int = 1
    merge: str = ""
    across: str = ""
    deleted: bool = False


@dataclass(slots=True)
class Row:
    """A row as the file has it, with the columns left out before its first cell."""

    cells: list[Cell] = field(default_factory=list)
    gap: int = 0
    deleted: bool = False
    header: bool = False


@dataclass(slots=True)
class Table:
    """A table as the file has it. `widths` of its columns are in twentieths of a point; they may be lacking or wrong."""

    number: int
    rows: list[Row] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    caption: str = ""


def fold(text: str) -> str:
    """White space runs become one space, line breaks stay, lines without text go; zero-width characters alone are no text."""
    folded = "\n".join(filter(None, (" ".join(line.split()) for line in text.split(LINE_BREAK))))
    return folded if folded.strip(_ZERO_WIDTH) else ""


def integer(value: str | None, default: int, most: int) -> int:
    """A whole number from 0 on, at most `most`; `default` for anything else."""
    if value is None or not value.isascii() or not value.isdigit():
        return default
    return most if len(value) > 10 else min(int(value), most)
