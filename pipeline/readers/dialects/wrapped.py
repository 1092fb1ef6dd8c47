"""Which lines of a table without borders are one row: labels wrapped around their numbers, numbers wrapped in their columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.readers.dialects.chunks import ENUMERATOR, Block, Chunk, Printed, column_of, has_values
from pipeline.values.kinds import display_width

__all__ = ["UNIT", "Entry", "is_one_number", "make_entries", "part_rows", "print_width"]

MAX_ROW_LINES = 30
MAX_PLAIN_ROW_LINES = 9  # where no enumerators tell where labels begin
MAX_WORD = 4  # characters of a word in a column of its own, between labels and values
MIN_COMMON_START = 3
MAX_LEAD = 6  # label lines above the first numbers that may be wrapped around them
_NO_LINE_START = frozenset("\uff0c\u3002\u3001\uff1b\uff1a\uff01\uff1f\uff09\u201d\u300b\u3009\u3011,.;:!?)")
_NUMBER = re.compile(r"[-+\u2212\uff0d\uff0b]?[0-9\uff10-\uff19][0-9\uff10-\uff19,.\uff0c\uff0e]*[^\W\d_]{0,3}")
_LEADING_ZERO = re.compile(r"[0\uff10][0-9\uff10-\uff19]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a block: the group labels that begin on it with all their parts, the part of a row's label, the values by column.

    `room`: how many columns are left of the widest label beside this part; `is_edge`: above the first or below the last values.
    """

    line: Printed
    groups: tuple[tuple[tuple[Printed, Chunk], ...], ...]
    label: tuple[Chunk, ...]
    values: dict[int, Chunk]
    width: int
    room: int
    is_edge: bool

    @property
    def text(self) -> str:
        return " ".join(chunk.text for chunk in self.label)


def make_entries(block: Block, measure: int) -> list[Entry]:
    """The lines of a block and the label lines above it, each with its group labels told from its label."""
    lead: list[Printed] = []
    for line in reversed(block.above[-MAX_LEAD:]):
        if line.values or line.end(measure) > block.left or line.gap > 1:
            break
        lead.insert(0, line)
    lines = [*lead, *block.lines]
    counts = Counter(line.labels[-1].start(measure) for line in lines if line.labels)
    starts = frozenset(start for start, count in counts.items() if count >= MIN_COMMON_START)
    parts = [_words(line.labels, measure, starts) for line in lines]
    units = _unit_column(lines, parts, measure)
    for number, (low, high) in enumerate(block.columns):
        if units is not None and abs(low - units) <= 2:
            # Marks stand in the words' column on some lines.
            reach = max(words[-1][-1].end(measure) for words in parts if words and words[-1][0].start(measure) >= units)
            following = block.columns[number + 1][0] if number + 1 < len(block.columns) else reach
            block.columns[number] = min(low, units), max(high, min(reach, following))
            units = None
    beside: list[dict[int, Chunk]] = [{} for _ in lines]
    for number, words in enumerate(parts):
        if not words or len(words[-1]) > 1 or len(words[-1][0].text) > MAX_WORD:
            continue
        word = words[-1][0]
        column = column_of(block.columns, word.spans[measure])
        if ENUMERATOR.match(word.text):
            continue
        if len(words) == 1 and not lines[number].values and not (block.paged and (column >= 0 or units is not None)):
            continue
        if column < 0 and (units is None or word.start(measure) < units):
            continue
        if column not in {column_of(block.columns, chunk.spans[measure]) for chunk in lines[number].values}:
            beside[number][column] = word
            parts[number] = words[:-1]
    edge = max((group[-1].end(measure) for words in parts for group in words[:-1]), default=-1)
    first = next(number for number, line in enumerate(lines) if line.values)
    last = max(number for number, line in enumerate(lines) if line.values)
    stacked = _stacked_words(lines, parts, range(first, last), measure) if block.paged else _group_ends(lines, parts, edge, measure)
    zone = [
        ((), tuple(words)) if number in stacked else _label_of(line, words, edge, measure)
        for number, (line, words) in enumerate(zip(lines, parts, strict=True))
    ]
    widest = {False: 0, True: 0}
    for label, _ in zone:
        if label:
            inner = label[0].start(measure) >= edge
            widest[inner] = max(widest[inner], _text_width(label))
    stacks = _stack_groups(lines, [groups for _, groups in zone], measure)
    block.has_units = units is not None
    entries = []
    for number, (line, (label, _)) in enumerate(zip(lines, zone, strict=True)):
        width = _text_width(label) if label else 0
        room = widest[label[0].start(measure) >= edge] - width if label else 0
        values = dict(enumerate(line.values))
        if block.columns:
            values = {column_of(block.columns, chunk.spans[measure]): chunk for chunk in line.values}
        values |= beside[number]
        entries.append(Entry(line, stacks.get(number, ()), label, values, width, room, not first <= number <= last))
    return entries


def _unit_column(lines: Sequence[Printed], parts: Sequence[Sequence[tuple[Chunk, ...]]], measure: int) -> int | None:
    """Where a column of short words begins that stands between the labels and the values on most lines; None when there is none."""
    ends = [(line, words) for line, words in zip(lines, parts, strict=True) if line.values and words]
    short = [words for _, words in ends if len(words) > 1 and len(words[-1]) == 1 and len(words[-1][0].text) <= MAX_WORD]
    if len(short) < MIN_COMMON_START or len(short) < 0.6 * len(ends):
        return None
    start = min(words[-1][0].start(measure) for words in short)
    reach = max(word[-1].end(measure) for words in short for word in words[:-1])
    return start if reach <= start else None


def _stack_groups(
    lines: Sequence[Printed], groups: Sequence[tuple[tuple[Chunk, ...], ...]], measure: int
) -> dict[int, tuple[tuple[tuple[Printed, Chunk], ...], ...]]:
    """The group labels by the line they begin on: their parts stand below each other, at most one line apart."""
    stacks: list[tuple[int, int, list[tuple[Printed, Chunk]]]] = []  # first line, last line, parts
    open_stacks: list[int] = []
    for number, words in enumerate(groups):
        for word in words:
            span = word[0].start(measure), word[-1].end(measure)
            parts = [(lines[number], chunk) for chunk in word]
            below = [
                at
                for at in open_stacks
                if stacks[at][1] < number <= stacks[at][1] + 2
                and span[0] < max(chunk.end(measure) for _, chunk in stacks[at][2])
                and span[1] > min(chunk.start(measure) for _, chunk in stacks[at][2])
            ]
            if len(below) == 1 and not ENUMERATOR.match(word[0].text):
                first, _, known = stacks[below[0]]
                stacks[below[0]] = (first, number, [*known, *parts])
            else:
                open_stacks = [at for at in open_stacks if stacks[at][1] + 2 >= number and at not in below]
                open_stacks.append(len(stacks))
                stacks.append((number, number, parts))
    found: dict[int, tuple[tuple[tuple[Printed, Chunk], ...], ...]] = {}
    for first, _, parts in stacks:
        found[first] = (*found.get(first, ()), tuple(parts))
    return found


def _words(chunks: Sequence[Chunk], measure: int, starts: frozenset[int]) -> list[tuple[Chunk, ...]]:
    """Labels beside each other: parted by two blanks, or by one before an enumerator or where other labels start too."""
    words: list[list[Chunk]] = []
    for chunk in chunks:
        near = words and chunk.start(measure) - words[-1][-1].end(measure) < 2
        if near and chunk.start(measure) not in starts and not ENUMERATOR.match(chunk.text):
            words[-1].append(chunk)
        else:
            words.append([chunk])
    return [tuple(word) for word in words]


def _label_of(
    line: Printed, words: Sequence[tuple[Chunk, ...]], edge: int, measure: int
) -> tuple[tuple[Chunk, ...], tuple[tuple[Chunk, ...], ...]]:
    """(the row's label or a part of it, parts of group labels). Words in the groups' columns are a group's where no values follow."""
    if not words:
        return (), ()
    if not has_values(line.values) and words[-1][-1].end(measure) <= edge:
        return (), tuple(words)
    return words[-1], tuple(words[:-1])


def _stacked_words(lines: Sequence[Printed], parts: Sequence[Sequence[tuple[Chunk, ...]]], inside: range, measure: int) -> frozenset[int]:
    """The lines (positions `inside` the values) whose only word is a part of a group's label: right above or below one, left of the label there."""
    found: set[int] = set()
    for order, is_upwards in ((inside, False), (inside[::-1], True)):
        group: tuple[int, int, int] | None = None  # the last group word's start and end, and where the labels beside it begin
        for number in order:
            words = parts[number]
            if len(words) > 1:
                group = words[-2][0].start(measure), words[-2][-1].end(measure), words[-1][0].start(measure)
            elif words and group is not None:
                start, end = words[0][0].start(measure), words[0][-1].end(measure)
                is_group = not lines[number].values and start < group[1] and end > group[0] and end < group[2]
                if is_group:
                    found.add(number)
                group = (start, end, group[2]) if is_group else None
            if is_upwards and words and ENUMERATOR.match(words[-min(2, len(words))][0].text):
                group = None  # a label begins with its enumerator
    return frozenset(found)


def _group_ends(lines: Sequence[Printed], parts: Sequence[Sequence[tuple[Chunk, ...]]], edge: int, measure: int) -> frozenset[int]:
    """The lines (positions) with values whose last word is a part of a group's label, in a table whose labels have enumerators: right below
    another part, and left of all labels."""
    ends = [words[-1][0].text for line, words in zip(lines, parts, strict=True) if words and has_values(line.values)]
    if 2 * sum(ENUMERATOR.match(text) is not None for text in ends) <= len(ends):
        return frozenset()
    found: set[int] = set()
    above: set[int] = set()  # where the words of groups begin on the line above
    for number, (line, words) in enumerate(zip(lines, parts, strict=True)):
        last = words[-1] if words else ()
        is_left = bool(last) and last[-1].end(measure) <= edge
        if is_left and has_values(line.values) and not line.gap and last[0].start(measure) in above and not ENUMERATOR.match(last[0].text):
            found.add(number)
        is_group = number in found or (is_left and not has_values(line.values))
        above = {word[0].start(measure) for word in (words if is_group else words[:-1])}
    return frozenset(found)


def _text_width(chunks: Sequence[Chunk]) -> int:
    return display_width(" ".join(chunk.text for chunk in chunks))


UNIT = -1  # the column of words between labels and values

# Costs of a way to part lines into rows, in tenths. The least likely things are the dearest.
_NO_LABEL = 40
_NO_VALUES = 12
_UNITS_ONLY = 60
_WRAP = 3
_WRAP_WITH_ROOM = 25
_WRAP_AT_ENUMERATOR = 60
_PLAIN_START = 45
_PLAIN_LINE = 20
_OPEN_BRACKET = 30
_GAP_INSIDE = 40
_NO_GAP_BETWEEN = 10
_STACK = 8
_OFF_CENTRE = 6
_LEFT_OUT = 3
_NEVER = 1 << 20


def part_rows(entries: Sequence[Entry], width: int, *, stacks: bool, paged: bool = False) -> list[tuple[int, int]]:
    """The cheapest way to part the lines into rows, half-open ranges of entries; edge lines may be left out."""
    count = len(entries)
    labels = [entry.text for entry in entries if entry.label and entry.values]
    enumerated = sum(1 for text in labels if ENUMERATOR.match(text)) > 0.5 * len(labels)
    gaps = sum(1 for entry in entries[1:] if entry.line.gap)
    parted = gaps > 0.5 * sum(1 for entry in entries if entry.label and has_values(entry.values.values()))
    fulls = [
        max((print_width(own.part or own.text, paged=paged) for entry in entries if (own := entry.values.get(col))), default=0)
        for col in range(width)
    ]
    begins = [enumerated and bool(entry.label) and ENUMERATOR.match(entry.text) is not None for entry in entries]
    longest = MAX_ROW_LINES if enumerated else MAX_PLAIN_ROW_LINES
    best = [_NEVER] * (count + 1)
    before = [0] * (count + 1)
    kept = [True] * (count + 1)
    best[0] = 0
    for stop in range(1, count + 1):
        if entries[stop - 1].is_edge and best[stop - 1] + _LEFT_OUT < best[stop]:
            best[stop], before[stop], kept[stop] = best[stop - 1] + _LEFT_OUT, stop - 1, False
        begun = False
        for start in range(stop - 1, max(-1, stop - 1 - longest), -1):
            begun = begun or (start + 1 < stop and begins[start + 1])
            if begun and entries[start].label:
                break  # an enumerator inside a row's label
            if best[start] >= _NEVER:
                continue
            cost = _row_cost(entries[start:stop], fulls, enumerated=enumerated, parted=parted, stacks=stacks, paged=paged)
            if cost >= _NEVER:
                continue
            if start and not entries[start].line.gap:
                cost += _NO_GAP_BETWEEN if parted or not labels else 0
            if best[start] + cost < best[stop]:
                best[stop], before[stop], kept[stop] = best[start] + cost, start, True
    rows: list[tuple[int, int]] = []
    at = count
    while at > 0:
        if kept[at]:
            rows.append((before[at], at))
        at = before[at]
    return rows[::-1]


def _row_cost(entries: Sequence[Entry], fulls: Sequence[int], *, enumerated: bool, parted: bool, stacks: bool, paged: bool) -> int:
    """How unlikely it is that these lines are one row."""
    parts = [number for number, entry in enumerate(entries) if entry.label]
    at = [number for number, entry in enumerate(entries) if entry.values]
    if all(entry.is_edge for entry in entries) or (entries[-1].is_edge and entries[-1].groups):
        return _NEVER  # a group label below the last values heads what follows
    if not parts and not at:
        return 0 if len(entries) == 1 else _NEVER  # a part of a group label
    cost = 0
    if not parts:
        cost += _NO_LABEL if any(entry.label for entry in entries) or enumerated else 0
    else:
        text = entries[parts[0]].text
        if enumerated and not ENUMERATOR.match(text):
            cost += _PLAIN_START if at else _PLAIN_LINE
        joined = "".join(entries[number].text for number in parts)
        if _opens(joined):
            cost += _OPEN_BRACKET
    for one, other in pairwise(parts):
        cost += _WRAP
        following = entries[other].text
        if ENUMERATOR.match(following):
            cost += _WRAP_AT_ENUMERATOR
        # A printer takes a character along that a stop or a closing bracket follows.
        taken = 2 if following[1:2] and following[1] in _NO_LINE_START else 1
        if entries[one].room >= display_width(following[:taken]) + (following[0].isascii() and 4):
            cost += _WRAP_WITH_ROOM
    if parted:
        cost += _GAP_INSIDE * sum(1 for entry in entries[1:] if entry.line.gap)
    if not at:
        return cost + _NO_VALUES
    units = [entries[number].values[UNIT].text for number in at if UNIT in entries[number].values]
    if len(units) > 1 and not (paged and _is_one_word(units)):
        return _NEVER
    if not any(UNIT in entries[number].values or has_values(entries[number].values.values()) for number in at) and not parts:
        cost += _UNITS_ONLY
    lines = [*parts, *at]
    centre = (parts[0] + parts[-1]) / 2 if parts else (at[0] + at[-1]) / 2
    if len(at) == 1:
        # On a page what stands half a line higher than its label has a line of its own.
        return cost + int(_OFF_CENTRE * max(0.0, abs(at[0] - centre) - (0.0 if paged else 0.5)))
    if not stacks:
        # A line that was too long: the rest of the values stand alone on the next one.
        goes_on = len(at) == 2 and not entries[at[1]].label and sum(len(entries[number].values) for number in at) == len(fulls)
        return cost + _STACK if goes_on else _NEVER
    cost += _STACK * (len(at) - 1)
    middle = (min(lines) + max(lines)) / 2
    if paged and not _is_centred(entries, parts, at, middle):
        return _NEVER
    single = 0
    for col in range(len(fulls)):
        stack = [(number, entries[number].values[col]) for number in at if col in entries[number].values]
        if not stack:
            continue
        if not is_one_number([chunk.text for _, chunk in stack], fulls[col], paged=paged):
            return _NEVER
        single += len(stack) == 1
        mean = (stack[0][0] + stack[-1][0]) / 2
        cost += int(_OFF_CENTRE * max(0.0, abs(mean - middle) - 0.5) * 2)
    return cost if single or parted or len(fulls) < 3 else _NEVER  # two whole rows


def _is_centred(entries: Sequence[Entry], parts: Sequence[int], at: Sequence[int], middle: float) -> bool:
    """Whether all cells of a row have their middle on the row's middle line, and one of them has that line only.

    A PDF converter gives lines of their own to cells that stand half a line higher or lower than others, so two rows cannot look like that.
    """
    cells = [[number for number in at if col in entries[number].values] for col in {col for number in at for col in entries[number].values}]
    if parts:
        cells.append(list(parts))
    return all(cell[0] + cell[-1] == 2 * middle for cell in cells) and any(len(cell) == 1 for cell in cells)


def _opens(text: str) -> bool:
    return text.count("（") + text.count("(") > text.count("）") + text.count(")") or text.count("“") > text.count("”")


def print_width(text: str, *, paged: bool) -> int:
    """How wide a text is printed, in half columns; on a page points and commas are narrow."""
    return 2 * display_width(text) - (sum(map(text.count, ".,")) if paged else 0)


def _is_one_word(parts: Sequence[str]) -> bool:
    """Whether texts below each other are a mark or a unit that was wrapped: rows of their own would repeat a unit."""
    joined = "".join(parts)
    return len(joined) <= MAX_WORD and not any(map(str.isdigit, joined)) and (parts[0] != parts[-1] or not any(map(str.isalnum, joined)))


def is_one_number(parts: Sequence[str], full: int, *, paged: bool) -> bool:
    """Whether texts below each other are the parts of one number: each but the last fills its column."""
    if len(parts) == 1:
        return True
    joined = "".join(parts)
    if paged and _is_one_word(parts):
        return True
    for one, other in pairwise(parts):
        # Terminal browsers break a line beside a wide character only, and where the next one has no room.
        if print_width(one, paged=paged) + print_width(other[0], paged=paged) <= full or (
            not paged and display_width(one[-1] + other[0]) < 3
        ):
            return False
    return _NUMBER.fullmatch(joined) is not None and not _LEADING_ZERO.match(joined)
