"""A part of a text read as a page: comments in it give the offsets, and the places are in the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipeline.model.limits import Limits
from pipeline.model.place import Place
from pipeline.readers.html.blocks import BlockWriter
from pipeline.readers.html.page import PATH, Cell, Node, Page, Segment, TableUnderWay
from pipeline.readers.html.text import fold

__all__ = ["MarkedPage", "MarkedWriter"]


class MarkedPage(Page):
    """A part of a text in which comments give offsets."""

    __slots__ = ("_mark",)

    def __init__(self, limits: Limits, tables_before: int, cells_before: int) -> None:
        super().__init__(limits)
        self._mark = 0
        self._table_count = tables_before
        self._cell_count = cells_before

    def comment(self, text: str) -> None:
        self._mark = int(text)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        super().start(tag, attributes)
        node = self._node
        if node[PATH] is None:
            node[PATH] = self._mark

    def data(self, text: str) -> None:
        super().data(text)
        if self._first_mark is None and self._pieces and not text.isspace():
            self._first_mark = self._mark

    def _note_first_text(self, node: Node, content: list[Segment | TableUnderWay]) -> None:
        marks = (item[4] for item in content if type(item) is tuple and item[4] is not None and fold(item[0]))
        node[PATH] = next(marks, node[PATH])


class MarkedWriter(BlockWriter):
    """Writes down a part of a marked text, with places in the text."""

    def __init__(self, page: MarkedPage, limits: Limits, locate: Callable[[int, str], Place]) -> None:
        super().__init__(page, limits)
        self._locate = locate

    def _place(self, node: Node) -> Place:
        return self._locate(node[PATH], "")

    def _text_place(self, segment: Segment, printed: str) -> Place:
        _, node, _, _, mark = segment
        return self._locate(node[PATH] if mark is None else mark, printed)

    def _cell_places(self, row: list[Cell]) -> list[Place]:
        return [self._locate(node[PATH], text) for node, text, _, _ in row]
