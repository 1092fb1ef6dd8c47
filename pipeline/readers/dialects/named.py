"""Rows told in words, as people and models write a table out: each number behind the name of its column, the name of the row before a colon.

cogs: north 12, south 7, all 19        the names are the header, one row a line; a line of many pairs without a name before them is a row, too
hulks: north 0, south 3, all 3
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line

__all__ = ["find_named", "is_named_row"]

MAX_LINE = 1_000  # code points; a longer line is prose
MIN_ROWS = 3  # that name the same columns
MIN_PAIRS = 3  # of a row with a name
MIN_BARE_PAIRS = 5  # of a row without one
_HEAD = re.compile(r"\s*(?:[-*+\u2022]\s+)?(?P<label>[^\s:\uff1a][^:\uff1a]{1,79})[:\uff1a]\s*")
_PAIR = re.compile(
    r"\s*(?P<key>[^\s\d:\uff1a,\uff0c;\uff1b\u3001|=\-]{1,20})\s*(?:[:\uff1a=]\s*)?(?P<value>-?\d{1,12}(?:\.\d{1,6})?)\s?(?:[^\W\d_]{1,2})?"
    r"\s*(?:[,\uff0c;\uff1b\u3001\u3002.]|$)"
)
_THREE_NUMBERS = re.compile(r"\D*\d+\D+\d+\D+\d")  # as many as MIN_PAIRS
_DIGIT = re.compile(r"\d")
_MARK = re.compile(r"\s*(?:[-*+\u2022]\s+)?")


class _Named(NamedTuple):
    """A line: the row's name, "" where there is none, and the pairs; each text with where it starts."""

    label: tuple[int, str]
    keys: tuple[tuple[int, str], ...]
    values: tuple[tuple[int, str], ...]


def find_named(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of this kind, in order. Linear in the text."""
    done = 0
    for index in [number for number, line in enumerate(lines) if _DIGIT.search(line.text.rstrip()[-6:])]:
        first = _read(lines[index].text) if index >= done else None
        if first is None:
            continue
        names = [key for _, key in first.keys]
        rows = [(lines[index], first)]
        stop = index + 1
        while first.label[1] and stop < len(lines):
            if lines[stop].text.strip():
                row = _read(lines[stop].text)
                if row is None or [key for _, key in row.keys] != names:
                    break
                rows.append((lines[stop], row))
            stop += 1
        if not first.label[1] or len(rows) >= MIN_ROWS:
            yield FoundTable(range(index, stop), _table(rows))
        done = stop


def is_named_row(text: str) -> bool:
    """Whether a line is such a row."""
    return _read(text) is not None


def _read(text: str) -> _Named | None:
    if not _may_be_pairs(text) or "|" in text:
        return None
    mark = _MARK.match(text)
    pairs = _pairs(text, 0 if mark is None else mark.end())
    if len(pairs) >= MIN_BARE_PAIRS:
        return _named((0, ""), pairs)
    head = _HEAD.match(text)
    if head is None:
        return None
    pairs = _pairs(text, head.end())
    return _named((head.start("label"), head["label"].rstrip()), pairs) if len(pairs) >= MIN_PAIRS else None


def _may_be_pairs(text: str) -> bool:
    """Whether a line has as many numbers as a row, one of them at its end: most lines have not, and reading pairs takes long."""
    return len(text) <= MAX_LINE and _DIGIT.search(text.rstrip()[-6:]) is not None and _THREE_NUMBERS.match(text) is not None


def _pairs(text: str, start: int) -> list[re.Match[str]]:
    """The pairs from `start` to the end of the line; none where anything else stands there."""
    found = []
    end = len(text.rstrip())
    while start < end:
        pair = _PAIR.match(text, start)
        if pair is None:
            return []
        found.append(pair)
        start = pair.end()
    return found


def _named(label: tuple[int, str], pairs: Sequence[re.Match[str]]) -> _Named:
    return _Named(
        label,
        tuple((pair.start("key"), pair["key"]) for pair in pairs),
        tuple((pair.start("value"), pair["value"]) for pair in pairs),
    )


def _table(rows: Sequence[tuple[Line, _Named]]) -> RawTable:
    line, first = rows[0]
    stub = () if not first.label[1] else (RawCell("", TextPlace(line.number, 0, 0)),)
    written = [RawRow((*stub, *(_cell(line, key) for key in first.keys)))]
    for line, row in rows:
        label = () if not row.label[1] else (_cell(line, row.label),)
        written.append(RawRow((*label, *(_cell(line, value) for value in row.values))))
    return RawTable(tuple(written), "lost", place=TextPlace(rows[0][0].number, 0, len(rows[0][0].text)))


def _cell(line: Line, text: tuple[int, str]) -> RawCell:
    start, printed = text
    return RawCell(printed, TextPlace(line.number, start, start + len(printed)))
