"""What a reader makes of bytes: text blocks and raw tables, in reading order, with the place of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pipeline.model.finding import Finding
from pipeline.model.place import Place
from pipeline.model.reading import Reading

__all__ = ["Block", "Document", "EmbeddedPicture", "RawCell", "RawRow", "RawTable", "Spans", "TextBlock"]

Spans = Literal["declared", "drawn", "aligned", "lost"]


class TextBlock(NamedTuple):
    """A line (of a text dump) or a paragraph (of anything that has paragraphs) outside tables."""

    text: str
    place: Place
    heading_level: int | None = None  # 1-6 for declared headings, 0 for the document's declared title


class RawCell(NamedTuple):
    """A cell as the source has it, before it has a position. `text` keeps line breaks; a blank cell has text ""."""

    text: str
    place: Place
    row_span: int = 1
    col_span: int = 1
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class RawRow:
    """Cells in reading order. The boundary between two RawRows is certain.

    `padding` counts the slots that the source says the row lacks (a declared width less its own cells); it does not say where they are.
    `is_short`: the row has fewer slots, padding included, than its table, so that a cell of it is missing.
    """

    cells: tuple[RawCell, ...]
    padding: int = 0
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as the source has it.

    `spans`: "declared" and "drawn" cells carry true spans; "aligned" ones carry the spans that the reader worked out from where words
    stand; "lost" ones have 1 everywhere and the truth must be inferred.
    `rows_known`: False when one RawRow may hold several printed rows run together (a cell per line, no row marks).
    `blanks_known`: False when a blank cell leaves no trace in the source.
    """

    rows: tuple[RawRow, ...]
    spans: Spans
    rows_known: bool = True
    blanks_known: bool = True
    caption: str | None = None
    page_number: int | None = None
    place: Place | None = None
    header_row_count: int = 0  # rows the source itself declares as header (thead, or rows of th only)
    is_hidden: bool = False  # the page does not show it

    def cells(self) -> Iterator[RawCell]:
        """All cells in reading order; the position in this order is the cell's number, its identity in grids and alignments."""
        for row in self.rows:
            yield from row.cells


Block = TextBlock | RawTable


class EmbeddedPicture(NamedTuple):
    """A picture that stands in a document, behind `after` of its blocks. `load` gives its bytes; it may raise a SourceError."""

    load: Callable[[], bytes]
    place: Place
    after: int


@dataclass(frozen=True, slots=True)
class Document:
    """A source as read: blocks in reading order. `encoding` is the one that was used, null where the format has none.

    `readings`: by place, what was recognised in the cells and lines of pages that are pictures; there are none of text that was told.
    `pictures`: those that were not looked at, in their order.
    """

    blocks: tuple[Block, ...]
    media_type: str
    encoding: str | None = None
    title: str | None = None
    findings: tuple[Finding, ...] = ()
    readings: Mapping[Place, Reading] = field(default_factory=dict)
    pictures: tuple[EmbeddedPicture, ...] = ()
    _tables: tuple[RawTable, ...] = field(init=False, repr=False, compare=False)  # every stage asks for them

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tables", tuple([block for block in self.blocks if isinstance(block, RawTable)]))

    def tables(self) -> tuple[RawTable, ...]:
        """The raw tables in document order."""
        return self._tables
