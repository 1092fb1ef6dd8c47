"""A line of a drawing as codes, one a display column, in which a wide character takes two: which arms each character has.

Printers do not agree on how wide a character is, so every line is measured under several metrics. Nothing here knows cells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

__all__ = [
    "BORDERS",
    "BOX_CORNER",
    "DOWN",
    "GOES_LEFT",
    "GOES_RIGHT",
    "JOINTS",
    "LEFT",
    "NARROW_BORDERS",
    "RIGHT",
    "SHAPES",
    "STROKES",
    "UP",
    "WIDE_BORDERS",
    "DrawnLine",
    "Metric",
    "Window",
    "char_width",
    "code_points",
    "shape_line",
    "slow_code_points",
    "width_of",
]

# A code says which arms a character has. "-" and "=" go left and right (light, and heavy or double), "|" up and down,
# "+" may go anywhere, ":" is an alignment mark in a ruler, " " is blank, "x" is text, and a tab is the second column of a wide character,
# so that a display column less the tabs before it is a code point column. Box-drawing joints:
_JOINT_CODES = {"DR": "r", "DL": "7", "UR": "L", "UL": "J", "UDR": "E", "UDL": "3", "DLR": "T", "ULR": "W", "UDLR": "X"}
RIGHT = "rLETWX"  # joints with an arm to the right
LEFT = "7J3TWX"
UP = "LJE3WX"
DOWN = "r7E3TX"
GOES_RIGHT = RIGHT + "+-=:\t"
GOES_LEFT = LEFT + "+-=:\t"
STROKES = "-=:\t"  # between the joints of a ruler
JOINTS = "r7LJE3TWX"
BORDERS = ("|", "+", *JOINTS)


@dataclass(frozen=True, slots=True)
class Metric:
    """How many display columns a printer counts for a character."""

    ambiguous: int = 1  # East Asian ambiguous ones
    emoji: int = 2  # wide ones beyond the Han planes: older printers count them as 1
    box: int = 1  # box-drawing characters: a terminal with a Chinese character set gives them 2
    single: bool = False  # every code point is 1


# In the order in which they are tried, line by line: rulers hold no text, so it is they that say where the borders are.
NARROW_BORDERS = (Metric(), Metric(ambiguous=2), Metric(emoji=1), Metric(single=True))
WIDE_BORDERS = (Metric(ambiguous=2, box=2), Metric(box=2), Metric(ambiguous=2, emoji=1, box=2))


class _ShapeTable(dict[int, str]):
    """A table for str.translate that learns characters as they come."""

    def __init__(self, metric: Metric) -> None:
        super().__init__(dict.fromkeys(range(128), "x"))
        self.metric = metric
        for char in " \t\r\f\v":
            self[ord(char)] = " "
        for char in "-=|+:":
            self[ord(char)] = char

    def __missing__(self, code: int) -> str:
        shape = _shape_of(chr(code), self.metric)
        if code <= 0xFFFF:
            self[code] = shape
        return shape


def _shape_of(char: str, metric: Metric) -> str:
    width = char_width(char, metric)
    code = _box_code(char) if "\u2500" <= char <= "\u257f" else " " if char.isspace() else "x"
    return "" if width == 0 else code if width == 1 else code + "\t"


@cache
def _box_code(char: str) -> str:
    name = unicodedata.name(char)
    words = set(re.findall(r"[A-Z]+", name.replace("VERTICAL", "UP DOWN").replace("HORIZONTAL", "LEFT RIGHT")))
    arms = "".join(arm[0] for arm in ("UP", "DOWN", "LEFT", "RIGHT") if arm in words)
    if arms == "LR":
        return "=" if "HEAVY" in name or "DOUBLE HORIZONTAL" in name else "-"
    if arms == "UD":
        return "|"
    return "x" if "DIAGONAL" in name else _JOINT_CODES.get(arms, "x")


def char_width(char: str, metric: Metric) -> int:
    if metric.single:
        return 1
    kind = unicodedata.east_asian_width(char)
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    if kind == "A":
        return metric.box if "\u2500" <= char <= "\u257f" else metric.ambiguous
    if kind in "WF":
        return metric.emoji if char >= "\U00010000" and not "\U00020000" <= char <= "\U0003ffff" else 2
    return 1


SHAPES = {metric: _ShapeTable(metric) for metric in NARROW_BORDERS + WIDE_BORDERS}
BOX_CORNER = re.compile("[" + "".join(char for char in map(chr, range(0x2500, 0x2580)) if _box_code(char) == "r") + "]")


def shape_line(text: str, metric: Metric) -> str:
    return text.translate(SHAPES[metric])


def width_of(text: str, metric: Metric) -> int:
    return len(text) if text.isascii() else len(shape_line(text, metric))


def code_points(shape: str, columns: Sequence[int]) -> Sequence[int]:
    """The code point column of the character at each of these display columns (ascending), where every character has a width."""
    found = []
    before = tabs = 0
    for column in columns:
        tabs += shape.count("\t", before, column)
        found.append(column - tabs)
        before = column
    return found


def slow_code_points(text: str, metric: Metric, columns: Sequence[int]) -> Sequence[int]:
    """The same where some characters have none, and so left no code."""
    found: list[int] = []
    table = SHAPES[metric]
    column = 0
    for index, char in enumerate(text):
        column += len(table[ord(char)])
        while len(found) < len(columns) and columns[len(found)] < column:
            found.append(index)
    return found + [len(text)] * (len(columns) - len(found))


@dataclass(slots=True)
class DrawnLine:
    """One line of a drawing: the text, inner drawings blanked, the codes from the left border to the right one, and those of the line."""

    index: int
    text: str
    shape: str
    metric: Metric
    line_shape: str
    bars: dict[int, int] | None = None  # by boundary column: the code point column of the border, where counting them is all that helps


@dataclass(slots=True)
class Window:
    """A frame from a top ruler down; `left` and `right` are the display columns of its outer borders."""

    left: int
    right: int
    spaced: bool  # a blank line stands between any two lines
    rows: list[DrawnLine] = field(default_factory=list)
    unruled: bool = False  # another drawing of the text has rows without rulers between them
