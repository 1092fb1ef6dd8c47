"""What is drawn over the cells of a worksheet in .xlsx: only whether there are words, which are no text of any cell."""

from __future__ import annotations

from pipeline.errors import SourceError
from pipeline.model.limits import Limits
from pipeline.readers.office.package import Package
from pipeline.readers.office.relations import read_relations
from pipeline.readers.office.xml import Attributes, read_xml

__all__ = ["drawn_words"]

_MOST_KEPT = 1000  # characters


class _Words:
    """Target of the parser: the words of text boxes and shapes."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._count = 0
        self._is_text = False

    def start(self, name: str, attributes: Attributes) -> None:
        self._is_text = name == "a:t"

    def end(self, name: str) -> None:
        self._is_text = False
        if name == "a:p":
            self.pieces.append(" ")

    def data(self, text: str) -> None:
        if self._is_text and self._count < _MOST_KEPT:
            self._count += len(text)
            self.pieces.append(text)


def drawn_words(package: Package, limits: Limits, worksheet: str) -> str:
    """The words of the text boxes of a worksheet (a part of the package), their beginning where there are many; "" for none.

    What cannot be read is said in their place.
    """
    words = _Words()
    try:
        for kind, _, member in read_relations(package, worksheet, limits):
            found = package.find(member)
            if kind == "drawing" and found is not None:
                read_xml(package.stream(found), words, limits, found)
    except SourceError as error:
        words.pieces.append(f" ({error})")
    return " ".join("".join(words.pieces).split())
