"""The strings of Excel's cells: runs of text, what is raised or lowered, and what is struck out.

A run has a font of its own, or that of the cell: the same shared string comes to different texts in cells that are struck out and in others.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.errors import LimitExceededError
from pipeline.model.limits import Limits
from pipeline.readers.office.sheets import fold
from pipeline.readers.office.xml import Attributes
from pipeline.readers.scripts import join_scripts

__all__ = ["NO_STRING", "CellString", "SharedStrings", "StringTarget", "strikes_out", "unescape"]

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BREAK = "\0"


class CellString(NamedTuple):
    """A string with its lines: what is left of it, the note marks left out of it, and whether text that is struck out was left out."""

    text: str
    marks: tuple[str, ...] = ()
    has_struck: bool = False


NO_STRING = CellString("")


class StringTarget:
    """A string while it is read: its runs, with what is raised or lowered; phonetic guides and what is struck out are left out."""

    def __init__(self) -> None:
        self._runs: list[tuple[str, str, bool | None]] = []  # script, text, whether it is struck out; None: as the cell is
        self._script = ""
        self._is_struck: bool | None = None
        self._pieces: list[str] | None = None
        self._phonetic = 0

    @property
    def has_fonts(self) -> bool:
        """Whether some runs have a font of their own, whatever that of the cell."""
        return any(is_struck is not None for _, _, is_struck in self._runs)

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "x:rPh":
            self._phonetic += 1
        elif name == "x:r":
            self._script, self._is_struck = "", None
        elif name == "x:rPr":
            self._is_struck = False
        elif name == "x:strike":
            self._is_struck = strikes_out(attributes)
        elif name == "x:vertAlign":
            self._script = {"superscript": "sup", "subscript": "sub"}.get(attributes.get("val", ""), "")
        elif name == "x:t" and not self._phonetic:
            self._pieces = []

    def end(self, name: str) -> None:
        if name == "x:rPh":
            self._phonetic -= 1
        elif name == "x:r":
            self._script, self._is_struck = "", None
        elif name == "x:t" and self._pieces is not None:
            text = unescape("".join(self._pieces))
            self._runs.append((self._script, text, self._is_struck))
            self._pieces = None

    def data(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def joined(self, *, is_struck: bool = False) -> CellString:
        """What it comes to in a cell whose own font is struck out or not."""
        kept: list[tuple[str, str]] = []
        has_struck = False
        for script, text, its_own in self._runs:
            if is_struck if its_own is None else its_own:
                has_struck = has_struck or bool(text.strip())
            else:
                kept.append((script, text))
        if not any(script for script, _ in kept):
            return CellString(fold("".join(text for _, text in kept)), (), has_struck)
        runs: list[tuple[str, str]] = []
        for script, text in kept:
            for number, line in enumerate(re.split(r"\r\n|\r|\n", text)):
                if number:
                    runs.append(("", _BREAK))
                runs.append((script, line))
        text, marks = join_scripts(runs, in_cell=True, line_break=_BREAK)
        return CellString(fold(text.replace(_BREAK, "\n")), tuple(marks), has_struck)


class SharedStrings:
    """Target of the parser: the strings that cells share, by number. LimitExceededError for more than there may be cells."""

    def __init__(self, limits: Limits) -> None:
        self._texts: list[CellString] = []
        self._in_struck: dict[int, CellString] = {}  # those that are more than nothing in a cell that is struck out
        self._most = limits.max_cells
        self._text: StringTarget | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "x:si":
            if len(self._texts) >= self._most:
                raise LimitExceededError(f"the workbook has more than max_cells = {self._most} strings for its cells")
            self._text = StringTarget()
        elif self._text is not None:
            self._text.start(name, attributes)

    def end(self, name: str) -> None:
        if self._text is None:
            return
        if name == "x:si":
            if self._text.has_fonts:
                self._in_struck[len(self._texts)] = self._text.joined(is_struck=True)
            self._texts.append(self._text.joined())
            self._text = None
        else:
            self._text.end(name)

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.data(text)

    def joined(self, number: int, *, is_struck: bool) -> CellString:
        """One of them, in a cell whose font is struck out or not."""
        if number >= len(self._texts):
            return CellString("\ufffd")
        joined = self._texts[number]
        return self._in_struck.get(number, CellString("", (), bool(joined.text))) if is_struck else joined


def strikes_out(attributes: Attributes) -> bool:
    """Whether a `strike` element of a font strikes out."""
    return attributes.get("val", "1") not in ("0", "false")


def unescape(text: str) -> str:
    """Characters that XML cannot hold are written as _x000D_."""
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text) if "_x" in text else text
