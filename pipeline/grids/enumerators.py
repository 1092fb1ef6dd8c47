"""Item numbers at the start of labels (一、 (一) 1. 1.1 a) iv.): which kind a label has, and in which stub column each kind stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Enumerator", "EnumeratorReader", "rank_kinds"]

_ITEM = re.compile(
    r"(?P<open>\()?(?:(?P<han>[一二三四五六七八九十百]{1,4})|(?P<digit>\d{1,3}(?:\.\d{1,3}){0,4})|(?P<letter>[A-Za-z]{1,5}))"
    r"(?P<close>[.,、:)]|(?<=\d\.\d)(?=\s)|(?<=\d\.\d\d)(?=\s))"
)
_CIRCLED = re.compile(r"[①-⑳]")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}
_HEAD_LENGTH = 24  # an item number stands in the first few characters


@dataclass(frozen=True, slots=True)
class Enumerator:
    """`kind` tells one style of numbering from another; `is_first` whether it opens a list (一, 1, a, i)."""

    kind: str
    is_first: bool


class EnumeratorReader:
    """Reads the enumerators of one table in reading order: whether `i.` is a letter or a roman numeral depends on what came before."""

    def __init__(self) -> None:
        self._last_letter: dict[str, str] = {}
        self._last_roman: dict[str, int] = {}

    def read(self, text: str) -> Enumerator | None:
        """The item number that the label starts with, or None."""
        head = text.lstrip()[:_HEAD_LENGTH]
        if _CIRCLED.match(head):
            return Enumerator("circled", head[0] == "①")
        head = unicodedata.normalize("NFKC", head)
        match = _ITEM.match(head)
        if match is None or match.end() >= len(head):
            return None
        style = (match["open"] or "") + match["close"]
        if match["open"] and match["close"] != ")":
            return None
        if match["han"]:
            return Enumerator(f"han{style}", match["han"] == "一")
        if match["digit"]:
            return _read_digits(match["digit"], style, head[match.end() :])
        return self._read_letters(match["letter"], style)

    def _read_letters(self, token: str, style: str) -> Enumerator | None:
        case = "upper" if token.isupper() else "lower" if token.islower() else None
        if case is None:
            return None
        key, token = f"{case}{style}", token.lower()
        value = _roman_value(token)
        follows = value is not None and self._last_roman.get(key) == value - 1
        starts = token == "i" and self._last_letter.get(key) != "h"
        if value is not None and (len(token) > 1 or follows or starts):
            self._last_roman[key] = value
            return Enumerator(f"roman-{key}", value == 1)
        if len(token) != 1:
            return None
        self._last_letter[key] = token
        return Enumerator(f"letter-{key}", token == "a")


def _read_digits(token: str, style: str, rest: str) -> Enumerator | None:
    """Digits with a mark are an item number, unless the mark is a decimal point or a separator of thousands."""
    if style in {".", ","} and rest[:1].isdigit():
        return None
    depth = token.count(".")
    return Enumerator(f"digit{depth}{style if depth == 0 else ''}", token.rsplit(".", 1)[-1] == "1")


def _roman_value(token: str) -> int | None:
    """The value of a small roman numeral (to 89), None when the letters are none in canonical writing."""
    if any(char not in _ROMAN_VALUES for char in token):
        return None
    values = [_ROMAN_VALUES[char] for char in token]
    total = sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
    return total if _write_roman(total) == token else None


def _write_roman(value: int) -> str:
    text = ""
    for size, sign in ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while value >= size:
            text += sign
            value -= size
    return text


def rank_kinds(rows: Iterable[Sequence[str | None]]) -> dict[str | None, int]:
    """The stub column of each kind of enumerator, from the rows where labels stand side by side.

    rows: the kinds of each row's stub labels, left to right, None for a label without a number. A kind that stands right of another
    is deeper; the rank is the longest such chain. Kinds that never stand beside another are left out; {} when the rows contradict.
    """
    deeper: dict[str | None, set[str | None]] = {}
    for row in rows:
        for left, right in pairwise(row):
            if left != right:
                deeper.setdefault(left, set()).add(right)
                deeper.setdefault(right, set())
    ranks: dict[str | None, int] = {}
    waiting = dict.fromkeys(deeper, 0)
    for followers in deeper.values():
        for kind in followers:
            waiting[kind] += 1
    ready = [kind for kind in deeper if waiting[kind] == 0]
    for kind in ready:
        ranks[kind] = 0
    while ready:
        kind = ready.pop()
        for follower in deeper[kind]:
            ranks[follower] = max(ranks.get(follower, 0), ranks[kind] + 1)
            waiting[follower] -= 1
            if waiting[follower] == 0:
                ready.append(follower)
    return ranks if not any(waiting.values()) else {}
