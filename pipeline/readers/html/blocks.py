"""What a page came to, written down as blocks in document order, each with the path of its element."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from urllib.parse import unquote_to_bytes

from pipeline.errors import LimitExceededError
from pipeline.model.document import Block, EmbeddedPicture, RawCell, RawRow, RawTable, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import ElementPlace, Place
from pipeline.readers.dialects.pipes import Line
from pipeline.readers.dialects.repeats import merge_repeats
from pipeline.readers.dialects.stacked import unstack_rows
from pipeline.readers.html.page import COUNTS, NUMBER, PARENT, PATH, TAG, Cell, Node, Page, Segment, TableUnderWay, text_of
from pipeline.readers.html.text import BREAK, fold
from pipeline.readers.text import split_blocks

__all__ = ["BlockWriter"]

_new = tuple.__new__  # a named tuple's own constructor takes three times as long, and a page has thousands
_MAX_GHOST_ROWS = 1000  # rows that spans may add to a group
_MAX_PATH_CHARS = 256 * 1024 * 1024  # of all element places of a document together; a deep chain under many blocks could fill the memory
_MAX_PLACES = 10  # shown in one finding


class BlockWriter:
    """Writes down what a page came to: blocks in document order, each with the path of its element."""

    def __init__(self, page: Page, limits: Limits) -> None:
        self._page = page
        self._limits = limits
        self.pictures: list[EmbeddedPicture] = []
        self._path_chars = 0
        self._text_count = 0

    def blocks(self) -> list[Block]:
        """All blocks, or those before the limit on them or on their places."""
        blocks: list[Block] = []
        stack: list[Iterator[Segment | TableUnderWay]] = [iter(self._page.content)]
        try:
            while stack:
                for item in stack[-1]:
                    if isinstance(item, TableUnderWay):
                        stack.append(self._inside(item, blocks))
                        break
                    self._write_text(item, blocks)
                else:
                    stack.pop()
        except LimitExceededError as error:
            self._page.strike(str(error))
        if self._page.notes:
            self._page.findings.append(self._left_out())
        return blocks

    def _left_out(self) -> Finding:
        """The note marks that are in no cell's text."""
        notes = self._page.notes
        marks = ", ".join(mark for _, mark in notes[:_MAX_PLACES]) + (" ..." if len(notes) > _MAX_PLACES else "")
        places = tuple(self._place(node) for node, _ in notes[:_MAX_PLACES])
        return make_finding("note-mark", f"{len(notes)} note marks beside numbers are left out of their cells: {marks}", places=places)

    def _inside(self, table: TableUnderWay, blocks: list[Block]) -> Iterator[Segment | TableUnderWay]:
        """Write the table itself, where it has text, and give what it holds that is to be written after it."""
        for item in table.loose:
            self._write_text(item, blocks)
        if table.text_cells:
            blocks.append(self._table(table))
        else:
            for item in table.caption or ():
                self._write_text(item, blocks)
        flows = table.flows
        return (item for content in table.content for item in content if flows or isinstance(item, TableUnderWay))

    def _write_text(self, item: Segment | TableUnderWay, blocks: list[Block]) -> None:
        if isinstance(item, TableUnderWay):
            return
        text, node, heading, keeps_lines, _ = item
        if not text and id(node) in self._page.pictures:
            load = partial(_picture_bytes, self._page.pictures[id(node)])
            self.pictures.append(EmbeddedPicture(load, self._place(node), len(blocks)))
            return
        folded = fold(text)
        if keeps_lines:
            if folded:
                self._write_dump(text, self._text_place(item, ""), heading, blocks)
        elif folded:
            self._count_text()
            blocks.append(TextBlock(folded, self._text_place(item, folded), heading))

    def _write_dump(self, text: str, place: Place, heading: int | None, blocks: list[Block]) -> None:
        """The lines of a pre, read as a text dump; all that is in them has the one place."""
        rows = text.replace("\r\n", "\n").replace("\r", "\n").replace(BREAK, "\n").split("\n")
        said: list[Finding] = []
        for block in split_blocks([Line(number, row) for number, row in enumerate(rows, start=1)], said):
            if isinstance(block, TextBlock):
                self._count_text()
                blocks.append(TextBlock(block.text, place, block.heading_level if heading is None else heading))
            else:
                self._page.count_table()
                rows_of = tuple(replace(row, cells=tuple(cell._replace(place=place) for cell in row.cells)) for row in block.rows)
                blocks.append(replace(block, rows=rows_of, place=place))
        self._page.findings += [replace(finding, places=(place,)) for finding in said]

    def _place(self, node: Node) -> Place:
        return ElementPlace(self._path(node))

    def _text_place(self, segment: Segment, printed: str) -> Place:
        return ElementPlace(self._path(segment[1]))

    def _count_text(self) -> None:
        self._text_count += 1
        if self._text_count > self._limits.max_blocks:
            raise LimitExceededError(f"more than max_blocks = {self._limits.max_blocks} text blocks; those after were not read")

    def _table(self, table: TableUnderWay) -> RawTable:
        """The rows as the standard orders them (tfoot last).

        A row span that reaches beyond its group makes the group longer, by the letter of the standard: rows without cells of their own.
        """
        if table.hidden_cells:
            self._leave_out_hidden(table)
        groups = sorted((group for group in table.groups if group[1]), key=lambda group: group[0] == "tfoot")
        clamped = table.clamped
        rows: list[RawRow] = []
        for _, group in groups:
            reach = max((number + row_span for number, row in enumerate(group) for _, _, row_span, _ in row), default=0)
            ghosts = min(max(0, reach - len(group)), _MAX_GHOST_ROWS)
            left = len(group) + ghosts
            inside = len(group)
            for row in group:
                rows.append(RawRow(tuple(self._cells(row, left, inside, clamped))))
                left -= 1
                inside -= 1
                row.clear()  # two million cells need not be held twice
            rows.extend([RawRow(())] * ghosts)
        if clamped:
            places = tuple(self._place(node) for node in clamped[:_MAX_PLACES])
            self._page.findings.append(
                make_finding("span-clamped", f"{len(clamped)} spans of a table are larger than allowed and were cut", places=places)
            )
        written = RawTable(
            tuple(rows),
            "declared",
            caption=text_of(table.caption or ()) or None,
            place=self._place(table.node),
            header_row_count=_count_header_rows(groups[0], rows),
            is_hidden=table.is_hidden,
        )
        return merge_repeats(unstack_rows(written))  # some editors write a spanning cell anew in each slot, some programs rows into one

    def _leave_out_hidden(self, table: TableUnderWay) -> None:
        """Take the hidden cells out of the rows that show other cells."""
        hidden = {id(node) for node in table.hidden_cells}
        for _, group in table.groups:
            for row in group:
                shown = [cell for cell in row if id(cell[0]) not in hidden]
                if shown and len(shown) < len(row):
                    self._page.hidden_count += sum(bool(cell[1]) for cell in row) - sum(bool(cell[1]) for cell in shown)
                    row[:] = shown

    def _cells(self, row: list[Cell], left: int, inside: int, clamped: list[Node]) -> list[RawCell]:
        """The cells of a row from which on its group has `inside` rows of its own, `left` with those that spans add."""
        cells = []
        for (node, text, row_span, col_span), place in zip(row, self._cell_places(row), strict=True):
            if row_span == 0:
                row_span = inside
            elif row_span > left:
                clamped.append(node)
                row_span = left
            cells.append(_new(RawCell, (text, place, row_span, col_span, node[TAG] == "th")))
        return cells

    def _cell_places(self, row: list[Cell]) -> list[Place]:
        places: list[Place] = []
        parent: Node | None = None
        parent_path = ""
        counts: dict[str, int] = {}
        for node, _, _, _ in row:
            if node[PARENT] is not parent:
                parent = node[PARENT]
                parent_path = self._path(parent)
                counts = parent[COUNTS]
            tag = node[TAG]
            path = f"{parent_path}/{tag}" if counts[tag] == 1 else f"{parent_path}/{tag}[{node[NUMBER]}]"
            places.append(_new(ElementPlace, (path,)))
        self._spend(len(places) * (len(parent_path) + 8))
        return places

    def _path(self, node: Node) -> str:
        """The element's path in lxml's tree: an index only where the parent has more than one child of that tag."""
        known: str | None = node[PATH]
        if known is not None:
            return known
        chain = []
        while node[PATH] is None:
            chain.append(node)
            node = node[PARENT]
        path: str = node[PATH]
        for node in reversed(chain):
            tag = node[TAG]
            path = f"{path}/{tag}" if node[PARENT][COUNTS][tag] == 1 else f"{path}/{tag}[{node[NUMBER]}]"
            node[PATH] = path
            self._spend(len(path))
        return path

    def _spend(self, chars: int) -> None:
        self._path_chars += chars
        if self._path_chars > _MAX_PATH_CHARS:
            raise LimitExceededError("the places of the elements take too much memory; the page was not read to its end")


def _picture_bytes(source: str) -> bytes:
    """The bytes of a data: address; b"" where they cannot be had."""
    head, _, body = source.partition(",")
    try:
        data = unquote_to_bytes(body)
        return b64decode(data) if head.lower().rstrip().endswith(";base64") else data
    except ValueError:
        return b""


def _count_header_rows(first_group: tuple[str, list[list[Cell]]], rows: list[RawRow]) -> int:
    """Rows that the page declares as header: those of a leading thead, else the leading rows of th alone."""
    if first_group[0] == "thead":
        return len(first_group[1])
    count = 0
    for row in rows:
        if not row.cells or not all(cell.is_header for cell in row.cells):
            break
        count += 1
    return count
