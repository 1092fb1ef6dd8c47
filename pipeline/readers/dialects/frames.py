"""A frame drawn around a part of a page that has tables of its own, framed or in HTML: a layout table of one cell, as pandoc draws it.

+----------------------+
| some text            |        the outer frame says nothing: its borders are taken away, what stands inside keeps its place
| +-------+----+       |
| | label | 12 |       |
| +-------+----+       |
+----------------------+

A framed table that is wider than its frame is cut: each line into as many pieces, the last ones as wide as the frame. They are joined again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pipeline.model.document import Block, RawCell, RawTable
from pipeline.model.place import Place, TextPlace
from pipeline.readers.dialects.pipes import Line, text_of
from pipeline.values.kinds import display_width

__all__ = ["Unframed", "without_frames"]

MAX_DEPTH = 4  # frames in one another
MAX_LINE = 20_000  # code points; a longer line is part of no frame
MAX_PIECES = 12  # of one line
_CUT_RULER = re.compile(r" *(\+[-=+]*) *")
_RULER_PIECE = re.compile(r" *([-=+]+) *")
_WHOLE_RULER = re.compile(r"\+(?:[-=]+\+)+")
_RULER = re.compile(r"( *)\+[-=]{10,}\+ *")
_INNER_RULER = re.compile(r"[ ]*\+[-=+]{3,}\+")


class _Piece(NamedTuple):
    """Where a piece of a joined line stands: its code points there, the number of its own line, its column on it."""

    start: int
    end: int
    line_number: int
    column: int


@dataclass(frozen=True, slots=True)
class Unframed:
    """Lines without frames around them; `joined` has the pieces of those that were cut, by the number that the joined line has."""

    lines: list[Line]
    joined: dict[int, list[_Piece]]

    def restored(self, blocks: Sequence[Block]) -> Sequence[Block]:
        """The blocks with the places that their texts have in the source."""
        return [self._restore(block) for block in blocks] if self.joined else blocks

    def _restore(self, block: Block) -> Block:
        if not isinstance(block, RawTable):
            return block._replace(place=self._place(block.place))
        rows = tuple(replace(row, cells=tuple(self._cell(cell) for cell in row.cells)) for row in block.rows)
        return replace(block, rows=rows, place=None if block.place is None else self._place(block.place))

    def _cell(self, cell: RawCell) -> RawCell:
        return cell._replace(place=self._place(cell.place))

    def _place(self, place: Place) -> Place:
        pieces = self.joined.get(place.line_number) if isinstance(place, TextPlace) else None
        if pieces is None or not isinstance(place, TextPlace):
            return place
        piece = next((piece for piece in pieces if place.column < piece.end), pieces[-1])
        start = piece.column + max(0, place.column - piece.start)
        return TextPlace(piece.line_number, start, max(start, piece.column + min(place.end_column, piece.end) - piece.start))


def without_frames(lines: Sequence[Line]) -> Unframed:
    """The lines without the borders of such frames, every text in its column; those of cut tables joined. Linear in the text."""
    shown = list(lines)
    if "+--" not in text_of(lines):
        return Unframed(shown, {})
    found = False
    for _ in range(MAX_DEPTH):
        if not _take_away(shown):
            break
        found = True
    return _join_cut(shown) if found else Unframed(shown, {})


def _join_cut(lines: Sequence[Line]) -> Unframed:
    """Put the lines of framed tables together that were cut."""
    kept: list[Line] = []
    joined: dict[int, list[_Piece]] = {}
    index = 0
    while index < len(lines):
        widths = _cut_widths(lines, index)
        if widths is None:
            kept.append(lines[index])
            index += 1
            continue
        base = lines[index].text.index("+")
        while index + len(widths) <= len(lines):
            line, pieces = _join(lines[index : index + len(widths)], base, widths)
            if line.text[:1] not in ("+", "|") or line.text[-1] not in ("+", "|"):
                break
            kept.append(line)
            joined[line.number] = pieces
            index += len(widths)
    return Unframed(kept, joined)


def _cut_widths(lines: Sequence[Line], index: int) -> list[int] | None:
    """The widths of the pieces of the ruler that begins on a line and goes on below; None when none does."""
    first = _CUT_RULER.fullmatch(lines[index].text)
    if first is None:
        return None
    ruler = first[1]
    widths = [len(ruler)]
    for line in lines[index + 1 : index + MAX_PIECES]:
        piece = _RULER_PIECE.fullmatch(line.text)
        if piece is None or (len(widths) == 1 and _WHOLE_RULER.fullmatch(ruler) and piece[1].startswith("+")):
            break
        ruler += piece[1]
        widths.append(len(piece[1]))
        if ruler.endswith("+") and len(piece[1]) == max(widths):
            return widths if _WHOLE_RULER.fullmatch(ruler) else None
    return None


def _join(lines: Sequence[Line], base: int, widths: Sequence[int]) -> tuple[Line, list[_Piece]]:
    text = ""
    pieces = []
    for line, width in zip(lines, widths, strict=True):
        part = line.text[base:].rstrip()
        pieces.append(_Piece(len(text), len(text) + len(part), line.number, base))
        text += part + " " * (width - display_width(part))
    return Line(lines[0].number, text.rstrip() or " "), pieces


def _take_away(lines: list[Line]) -> bool:
    """Take the outermost frames away; whether there were any."""
    found = False
    index = 0
    while index < len(lines):
        top = _RULER.fullmatch(lines[index].text) if "+--" in lines[index].text else None
        if top is None:
            index += 1
            continue
        left, width = len(top.group(1)), len(lines[index].text.rstrip())
        end = index + 1
        last_ruler = index
        holds_frame = False
        while end < len(lines) and _is_inside(lines[end].text, left, width):
            text = lines[end].text.rstrip()
            if text[left] == "+":
                last_ruler = end
            else:
                holds_frame = holds_frame or "<table" in text or _INNER_RULER.match(text, left + 1) is not None
            end += 1
        if holds_frame and last_ruler == end - 1:
            found = True
            for number in range(index, end):
                text = lines[number].text.rstrip()
                inner = "" if text[left] == "+" else f"{text[:left]} {text[left + 1 : -1]}"
                lines[number] = Line(lines[number].number, inner)
        index = end
    return found


def _is_inside(text: str, left: int, width: int) -> bool:
    """Whether a line is one of the frame: text between its two borders, or a ruler from the one to the other."""
    if len(text) > MAX_LINE or text[:left].strip() or text[left : left + 1] not in ("|", "+"):
        return False
    plain = text.rstrip()
    if text[left] == "+":
        return len(plain) == width and _RULER.fullmatch(plain) is not None
    return len(plain) > left + 1 and plain.endswith("|") and display_width(plain) == width
