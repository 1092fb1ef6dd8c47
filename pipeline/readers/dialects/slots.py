"""Tables whose cells begin at the same columns line after line, as converters print them that pad each cell and know no spans.

label           12    34        a cell begins where a gutter of two blanks ends, on every line that is long enough;
group  label    5     6         a row below a row span has moved to the left: slots count cells, they are not columns
label                 7         a blank cell is the slot's blanks, at the end of a row too where the padding was kept
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line
from pipeline.values.kinds import classify_cell

__all__ = ["find_slotted"]

MAX_LINE = 2_000  # code points; a longer line is no row
MIN_ROWS = 3
MIN_PROOF_ROWS = 6
MIN_SHARED = 3  # lines of which a cell begins in a slot
MAX_UNSHARED = 0.4  # of the slots
MIN_RUN_APART = 2
MIN_TWO_NUMBERS = 2
GROUP = 3  # digits that a blank may part from those before them
MAX_BLANK_SLOTS = 40  # next to each other
_CELL = re.compile(r"[^ \u00a0]+(?:[ \u00a0][^ \u00a0]+)*")
_RUN_APART = re.compile(r"\d [.,\uff0e\uff0c]\S?|[\uff0c,] \d")  # a blank before a comma or a stop: nobody prints that
_NUMBER_RUNS = re.compile(r"[-+\u2212\uff0d\uff0b]? ?[0-9\uff10-\uff19][0-9\uff10-\uff19,.\uff0c\uff0e ]*[^\W\d_]{0,2}")
_GUTTER = re.compile(r"\S[ \u00a0]{2}")


@dataclass(frozen=True, slots=True)
class _Printed:
    """A line of a stretch: its index and the spans of its cells (code points)."""

    index: int
    spans: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Stretch:
    """Lines that share their slots so far. `ink` and `gutters` are bit masks over code point columns."""

    lines: list[_Printed] = field(default_factory=list)
    starts: set[int] = field(default_factory=set)
    ink: int = 0
    gutters: int = 0

    def take(self, line: _Printed) -> bool:
        """Add the line; False, and nothing changed, when its cells do not keep to the slots."""
        ink = sum(((1 << (end - start)) - 1) << start for start, end in line.spans)
        fresh = {start for start, _ in line.spans} - self.starts
        gutters = sum(3 << (start - 2) for start in fresh if start >= 2)
        if ink & self.gutters or (self.ink | ink) & gutters:
            return False
        self.lines.append(line)
        self.starts |= fresh
        self.ink |= ink
        self.gutters |= gutters
        return True


@dataclass(frozen=True, slots=True)
class _Measured:
    """A stretch with the starts of its slots.

    `is_exact`: each line ends where one of its slots does; else they are all of one length. `is_padded`: some line ends in blanks.
    """

    printed: Sequence[_Printed]
    starts: Sequence[int]
    is_exact: bool
    is_padded: bool


def find_slotted(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of slots, in order. Linear in the text."""
    stretches = list(_find_stretches(lines))
    known = [_measure(lines, stretch) for stretch in stretches]
    # A few lines may keep to slots by chance, and a table may have no blank cell: a larger one tells how the whole text was printed.
    proofs = {item.is_exact for item in known if item is not None and item.is_padded and len(item.printed) >= MIN_PROOF_ROWS}
    runs_apart = sum(_count_runs_apart(lines, item) for item in known if item is not None and item.is_exact and item.is_exact in proofs)
    for item in known:
        table = None if item is None or item.is_exact not in proofs else _read(lines, item, runs_apart >= MIN_RUN_APART)
        if item is None or table is None:
            continue
        start, stop = item.printed[0].index, item.printed[-1].index + 1
        yield FoundTable(range(start, stop), table)


def _find_stretches(lines: Sequence[Line]) -> Iterator[_Stretch]:
    """Runs of lines that share their slots; up to one blank line may stand between two of them."""
    stretch = _Stretch()
    blank = 0
    for index, (_, text) in enumerate(lines):
        if not stretch.lines and not ("  " in text or "\u00a0" in text):
            continue  # it opens no table
        printed = None
        if not text or text.isspace():
            if stretch.lines and len(text) >= len(lines[stretch.lines[-1].index].text):
                stretch.lines.append(_Printed(index, ()))  # a row of blank cells, or what parts two rows
            blank += 1
            if blank < 2:
                continue
        else:
            blank = 0
            printed = _read_line(index, text, opens=not stretch.lines)
        if printed is not None and stretch.take(printed):
            continue
        if stretch.lines:
            yield stretch
            stretch = _Stretch()
            if printed is not None and _GUTTER.search(text):
                stretch.take(printed)
    if stretch.lines:
        yield stretch


def _read_line(index: int, text: str, *, opens: bool) -> _Printed | None:
    """The cells of a line; None where it cannot be part of a table, or, where it would open one, has but one cell."""
    if len(text) > MAX_LINE or "|" in text or (opens and not _GUTTER.search(text)):
        return None
    return _Printed(index, tuple(match.span() for match in _CELL.finditer(text)))


def _measure(lines: Sequence[Line], stretch: _Stretch) -> _Measured | None:
    """The slots of a stretch, up to its last line that has more than one; None when it has none."""
    # Blanks that are longer than the row above are a row of blank cells; as long as that row they are one where they are rare.
    alike = [
        number
        for number, (one, other) in enumerate(pairwise(stretch.lines), start=1)
        if not other.spans and len(lines[other.index].text) == len(lines[one.index].text)
    ]
    if len(alike) > max(1, 0.2 * len(stretch.lines)):
        dropped = set(alike)
        stretch.lines = [item for number, item in enumerate(stretch.lines) if number not in dropped]
    # Lines of one cell behind the last row are not the table's; a cell and blanks behind it are a row.
    many = [n for n, item in enumerate(stretch.lines) if len(item.spans) != 1 or lines[item.index].text[-1].isspace()]
    printed = stretch.lines[: many[-1] + 1] if many else []
    lengths = [len(lines[item.index].text) for item in printed]
    ends = _slot_ends(printed)
    if len(ends) < 2:
        return None
    gutter = min(following - ends[start] for start, following in pairwise(ends))
    if gutter <= 0:
        return None  # cells reach over the start of the next slot: they keep to none
    starts = _with_blank_slots(ends, gutter, None)
    is_exact = _is_padded_by_slot(lengths, [*(start - gutter for start in starts[1:]), max(ends.values())])
    if not is_exact:
        if len(set(lengths)) > 1 or not _are_shared(printed):
            return None
        printed = [item for item in printed if item.spans]
    starts = _with_blank_slots(ends, gutter, max(lengths)) if is_exact else starts
    return _Measured(printed, starts, is_exact, any(lines[item.index].text[-1].isspace() for item in printed))


def _are_shared(printed: Sequence[_Printed]) -> bool:
    """Whether cells of several lines begin in most slots. Those of centred texts on a page that was padded as a whole hardly do."""
    counts = Counter(start for item in printed for start, _ in item.spans)
    return sum(1 for count in counts.values() if count < MIN_SHARED) <= MAX_UNSHARED * len(counts)


def _count_runs_apart(lines: Sequence[Line], measured: _Measured) -> int:
    """How many cells show that the printer put a blank between the runs of its source."""
    return sum(1 for item in measured.printed for start, end in item.spans if _RUN_APART.search(lines[item.index].text, start, end))


def _read(lines: Sequence[Line], measured: _Measured, runs_apart: bool) -> RawTable | None:
    """The table of a stretch; None when it is too little of one. `runs_apart`: the text's tables have blanks within numbers."""
    starts, printed = measured.starts, measured.printed
    slots = {start: number for number, start in enumerate(starts)}
    rows: list[list[RawCell]] = []
    for item in printed:
        line = lines[item.index]
        last = sum(1 for start in starts if start <= len(line.text)) if measured.is_exact else slots[item.spans[-1][0]] + 1
        cells = [RawCell("", _slot_place(line, starts, slot)) for slot in range(last)]
        for start, end in item.spans:
            cells[slots[start]] = RawCell(line.text[start:end], TextPlace(line.number, start, end))
        rows.append(cells)
    if sum(1 for cells in rows if len(cells) > 1) < MIN_ROWS:
        return None
    if (runs_apart and measured.is_exact) or _count_runs_apart(lines, measured) >= MIN_RUN_APART:
        rows = [[_close_up(cell) for cell in cells] for cells in rows]
    elif not measured.is_exact and sum(1 for cells in rows for cell in cells if _is_two_numbers(cell.text)) >= MIN_TWO_NUMBERS:
        return None  # cells as near as words: these slots are not the table's columns
    kinds = [[classify_cell(cell.text) for cell in cells] for cells in rows]
    if not measured.is_exact:
        if not any("number" in row[1:] for row in kinds):
            return None
        _fill_tails(rows, kinds, lines, printed, starts)
    merged = _join_wrapped(rows, [item.index for item in printed], kinds)
    return RawTable(tuple(RawRow(tuple(cells)) for cells in merged), spans="lost", blanks_known=False, place=merged[0][0].place)


def _close_up(cell: RawCell) -> RawCell:
    """A number whose digits a blank parts, for the printer put one between the runs of the source."""
    if not _NUMBER_RUNS.fullmatch(cell.text):
        return cell
    return RawCell("".join(cell.text.split()), cell.place)


def _is_two_numbers(text: str) -> bool:
    """Whether the words of a cell are numbers of their own: none of them, or all but the first, would be groups of three digits else."""
    words = text.split()
    if len(words) < 2 or any(classify_cell(word) != "number" for word in words):
        return False
    return any(len(word) != GROUP for word in words[1:])


def _slot_ends(printed: Sequence[_Printed]) -> dict[int, int]:
    """Where the longest cell of each slot ends, by the slot's start, from left to right."""
    ends: dict[int, int] = {}
    for item in printed:
        for start, stop in item.spans:
            ends[start] = max(ends.get(start, 0), stop)
    return dict(sorted(ends.items()))


def _is_padded_by_slot(lengths: Sequence[int], slot_ends: Sequence[int]) -> bool:
    """Whether each line ends where a slot does, so that its length tells how many cells it has.

    Lines of one length prove nothing: then the whole text was padded, and a row's blanks at its end are not its own.
    """
    longest = max(lengths)
    ends = {longest, *slot_ends, *range(longest, max(slot_ends) - 1, -2)}  # the last slots may be blank on every line
    return len(set(lengths)) > 1 and all(length in ends for length in lengths)


def _with_blank_slots(ends: Mapping[int, int], gutter: int, length: int | None) -> list[int]:
    """The slots with those among them that no line has a word in: a column of nothing leaves its gutter of two blanks.

    `ends`: where the longest cell of each slot ends; `gutter`: the blanks before the next one, more than two where cells are indented.
    `length` is that of the longest lines, where it is known. A gap that is no whole number of gutters adds no slot.
    """
    found: list[int] = []
    for start, following in pairwise([*ends, -1]):
        found.append(start)
        if following < 0 and length is None:
            break
        spare = following - ends[start] - gutter if following >= 0 else (length or 0) - ends[start]
        if spare % 2 == 0 and spare <= 2 * MAX_BLANK_SLOTS:
            found += [ends[start] + gutter + 2 * number for number in range(spare // 2)]
    return found


def _slot_place(line: Line, starts: Sequence[int], slot: int) -> TextPlace:
    end = starts[slot + 1] if slot + 1 < len(starts) else len(line.text)
    return TextPlace(line.number, min(starts[slot], len(line.text)), min(end, len(line.text)))


def _fill_tails(
    rows: list[list[RawCell]], kinds: Sequence[Sequence[str]], lines: Sequence[Line], printed: Sequence[_Printed], starts: Sequence[int]
) -> None:
    """Blank cells at the ends of rows whose padding was stripped: rows with as many words before their numbers have as many cells."""
    longest: dict[int, int] = {}
    for row, kind in zip(rows, kinds, strict=True):
        words = _leading_words(kind)
        if "number" in kind:
            longest[words] = max(longest.get(words, 0), len(row))
    header = 0
    for row, kind, item in zip(rows, kinds, printed, strict=True):
        words = _leading_words(kind)
        header = len(row) if words == len(row) > 1 else header
        if "number" in kind:
            row += [RawCell("", _slot_place(lines[item.index], starts, slot)) for slot in range(len(row), max(longest[words], header))]


def _leading_words(kinds: Sequence[str]) -> int:
    return next((number for number, kind in enumerate(kinds) if kind != "label"), len(kinds))


def _join_wrapped(rows: Sequence[list[RawCell]], indices: Sequence[int], kinds: Sequence[Sequence[str]]) -> list[list[RawCell]]:
    """Rows whose cells have several lines put together.

    Where blank lines part the rows, all lines between two of them are one row. Else a line of words with nothing in its first slot goes on
    with the words right above it.
    """
    gaps = sum(1 for one, other in pairwise(indices) if other > one + 1)
    parted = gaps >= max(2, 0.5 * (len(indices) - 1))
    merged: list[list[RawCell]] = []
    for number, row in enumerate(rows):
        follows = number > 0 and indices[number] == indices[number - 1] + 1
        if follows and (parted or _goes_on(merged[-1], row, kinds[number])):
            above = merged[-1]
            above += row[len(above) :]
            for slot, cell in enumerate(row):
                if cell.text and cell is not above[slot]:
                    known = above[slot]
                    above[slot] = RawCell(f"{known.text}\n{cell.text}", known.place) if known.text else cell
        else:
            merged.append(list(row))
    return merged


def _goes_on(above: Sequence[RawCell], row: Sequence[RawCell], kinds: Sequence[str]) -> bool:
    if row[0].text or "number" in kinds:
        return False
    filled = [slot for slot, cell in enumerate(row) if cell.text]
    return bool(filled) and all(slot < len(above) and above[slot].text and classify_cell(above[slot].text) == "label" for slot in filled)
