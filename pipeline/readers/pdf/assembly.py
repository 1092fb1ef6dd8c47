"""Pages as laid out, one after another -> the blocks of a document; tables that go on over pages are one."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.model.document import Block, EmbeddedPicture, TextBlock
from pipeline.model.finding import Finding
from pipeline.readers.pdf.layout import PageLayout
from pipeline.readers.pdf.order import order_lines
from pipeline.readers.pdf.page import Page
from pipeline.readers.pdf.stitch import GrowingTable, running_lines
from pipeline.readers.pdf.tables import FoundTable
from pipeline.readers.pdf.words import Phrase

__all__ = ["Assembly"]


def _is_right_below(above: FoundTable, table: FoundTable, lines: Sequence[Phrase]) -> bool:
    """Whether nothing stands between two tables of a page, one below the other."""
    low, high = above.box[3], table.box[1]
    return low <= high + 1 and not any(low < (line.top + line.bottom) / 2 < high for line in lines)


class Assembly:
    """The blocks of the pages read so far. The last table of a page stays open until the next page shows whether it goes on."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.pictures: list[EmbeddedPicture] = []  # complete when it is finished
        self._blocks: list[Block | EmbeddedPicture | GrowingTable] = []
        self._open: GrowingTable | None = None
        self._below: list[Phrase] = []  # lines under the open table
        self._lines: tuple[Phrase, ...] = ()  # of the page before
        self._page: Page | None = None

    def add(self, page: Page, layout: PageLayout, pictures: Sequence[tuple[float, EmbeddedPicture]] = ()) -> None:
        """Take a page, and pictures on it with their tops: its first table may go on the one that is open."""
        tables = sorted(layout.tables, key=lambda table: (table.box[1], table.box[0]))
        running = running_lines(layout.lines, page, self._lines)
        joined = False
        if tables and self._open is not None and self._page is not None:
            above = [line for line in layout.lines if line.bottom <= tables[0].box[1] + 2 and line not in running]
            passed = running_lines(self._below, self._page, layout.lines)
            if not above and all(line in passed for line in self._below):
                joined = self._open.take(tables[0], page)
        grown = self._open if joined else None
        placed: list[tuple[float, Block | EmbeddedPicture | GrowingTable]] = list(pictures)
        last: GrowingTable | None = None
        for index, table in enumerate(tables):
            if index == 0 and grown is not None:
                last = grown
                continue
            if last is not None and _is_right_below(tables[index - 1], table, layout.lines) and last.take(table, page):
                continue
            last = GrowingTable(table, page)
            placed.append((table.box[1], last))
        placed.extend(
            (top, TextBlock(line.text, page.turn.place(page.number, line.box)))
            for top, line in order_lines(layout.lines, page.width)
            if line.text.strip()
        )
        placed.sort(key=lambda item: item[0])  # stable: the order within a line and a column is kept
        if not joined:
            self._open = None
        self._settle()
        self._blocks.extend(block for _, block in placed)
        self._open = last
        bottom = tables[-1].box[3] if tables else 0.0
        self._below = [line for line in layout.lines if line.top >= bottom - 2]
        self._lines, self._page = layout.lines, page

    def finish(self) -> tuple[Block, ...]:
        """All blocks; the findings are complete then, too."""
        self._open = None
        self._settle()
        blocks: list[Block] = []
        for block in self._blocks:
            if isinstance(block, EmbeddedPicture):
                self.pictures.append(block._replace(after=len(blocks)))
            elif not isinstance(block, GrowingTable):
                blocks.append(block)
        return tuple(blocks)

    def _settle(self) -> None:
        """Make the tables that are no longer open; there are none but at the end of the list."""
        for index in range(len(self._blocks) - 1, -1, -1):
            block = self._blocks[index]
            if isinstance(block, GrowingTable) and block is not self._open:
                self.findings += block.findings
                self._blocks[index] = block.build()
            elif not isinstance(block, (EmbeddedPicture, GrowingTable, TextBlock)):
                break
