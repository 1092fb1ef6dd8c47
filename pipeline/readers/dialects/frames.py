"""A frame drawn around a part of a page that has framed tables of its own: a layout table of one cell, as pandoc draws it.

+----------------------+
| some text            |        the outer frame says nothing: its borders are taken away, what stands inside keeps its place
| +-------+----+       |
| | label | 12 |       |
| +-------+----+       |
+----------------------+
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.readers.dialects.pipes import Line
from pipeline.values.kinds import display_width

__all__ = ["without_frames"]

MAX_DEPTH = 4  # frames in one another
MAX_LINE = 20_000  # code points; a longer line is part of no frame
_RULER = re.compile(r"( *)\+[-=]{10,}\+ *")
_INNER_RULER = re.compile(r"[ ]*\+[-=+]{3,}\+")


def without_frames(lines: Sequence[Line]) -> list[Line]:
    """The lines without the borders of such frames: as many lines as before, every text in its column. Linear in the text."""
    shown = list(lines)
    for _ in range(MAX_DEPTH):
        if not _take_away(shown):
            break
    return shown


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
                holds_frame = holds_frame or _INNER_RULER.match(text, left + 1) is not None
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
