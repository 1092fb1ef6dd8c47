"""Tables whose cells a separator parts, a row a line: tabs, commas or semicolons with the quotes of CSV, doubled pipes, blanks by number.

label,12,,34        a separator stands between two cells whatever is in them, so a blank cell is two separators next to each other;
"a, b",5,6,7        a cell in quotes may hold separators and line ends;
label    1        2 where a separator is several characters, gaps are multiples of it: here four blanks part cells, eight are a blank cell

Tabs hardly stand in prose; the other separators do, so a stretch of lines must show by its numbers that it is a table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise, zip_longest

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line, text_of
from pipeline.values.kinds import classify_cell

__all__ = ["find_separated"]

MAX_LINE = 20_000  # code points; a longer line is a page run together
MAX_CELL_LINES = 60  # lines of one cell in quotes
MAX_UNIT = 8  # blanks or tabs that part two cells
MIN_ROWS = 3
MIN_ROWS_WITHOUT_NUMBERS = 5
MIN_GAPS = 6  # that tell how many blanks part two cells
_BLANKS = re.compile(" {2,}")
_TABS = re.compile("\t+")
_PIPES = re.compile(r"\|+")
_ENDS_IN_DIGITS = re.compile(r"(?<!\d)[1-9\uff11-\uff19]\d{0,2}$")
_THREE_DIGITS = re.compile(r"\d{3}(?!\d)")
_LONG_NUMBER = re.compile(r"-?\d{4,}")
_WIDE_GAP = re.compile(r"\S {2,}\S")
_QUOTED_AT_TAB = re.compile(r'^"|\t"|"\t')


@dataclass(frozen=True, slots=True)
class _Record:
    """The lines from `start` to `end` as the cells of one row."""

    start: int
    end: int
    cells: tuple[RawCell, ...]

    @property
    def texts(self) -> list[str]:
        return [cell.text for cell in self.cells if cell.text]


def find_separated(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of this kind, in order. Linear in the text."""
    rest: list[range | FoundTable] = [range(len(lines))]
    text = text_of(lines)
    for mark, find in _DIALECTS:
        if mark in text:
            rest = [part for item in rest for part in (find(lines, item) if isinstance(item, range) else (item,))]
    return (item for item in rest if isinstance(item, FoundTable))


_Found = Iterator[range | FoundTable]


def _cut(within: range, tables: Iterable[tuple[int, int, RawTable]]) -> _Found:
    """The stretches of tables (start, end, table), and what is left of `within` between them."""
    done = within.start
    for start, end, table in tables:
        if done < start:
            yield range(done, start)
        yield FoundTable(range(start, end), table)
        done = end
    if done < within.stop:
        yield range(done, within.stop)


# ---- gaps of one character, several times ----


def _find_gapped(
    gap: re.Pattern[str], is_row: Callable[[str], bool], judge: Callable[[Sequence[_Record]], bool], lines: Sequence[Line], within: range
) -> _Found:
    """Tables whose cells stand between gaps of that character."""
    found = []
    for start, end in _tables_of(lines, within, is_row):
        rows = [index for index in range(start, end) if is_row(lines[index].text)]
        found.append((start, end, rows, _unit(gap, [lines[index].text for index in rows])))
    records = {(start, unit): _gapped_records(gap, unit, lines, rows) for start, _, rows, unit in found if unit}
    proved = {unit for (_, unit), its in records.items() if judge(its)}
    tables: list[tuple[int, int, RawTable]] = []
    for start, end, rows, unit in found:
        if unit not in proved and len(proved) == 1:
            (unit,) = proved  # a table of a line or two cannot tell: it is parted as the others of its text
            records[start, unit] = _gapped_records(gap, unit, lines, rows)
        if unit in proved and (judge(records[start, unit]) or _may_be_table(records[start, unit])):
            tables += _parted(start, end, records[start, unit])
    return _cut(within, tables)


def _gapped_records(gap: re.Pattern[str], unit: int, lines: Sequence[Line], rows: Sequence[int]) -> list[_Record]:
    return [_Record(index, index + 1, tuple(_part(gap, unit, lines[index]))) for index in rows]


def _tables_of(lines: Sequence[Line], within: range, is_row: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """The runs, cut at their blank lines unless such a line follows almost every row."""
    for start, end in _runs(lines, within, is_row):
        blank = [index for index in range(start, end) if not is_row(lines[index].text)]
        if 3 * len(blank) >= end - start:
            yield start, end
            continue
        for first, last in pairwise([start - 1, *blank, end]):
            yield first + 1, last


def _runs(lines: Sequence[Line], within: range, is_row: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Stretches of lines that may be rows, single blank lines between them allowed."""
    start: int | None = None
    end = within.start
    for index in within:
        text = lines[index].text
        if is_row(text):
            if start is None:
                start = index
            end = index + 1
        elif start is not None and (text.strip() or index > end):
            yield start, end
            start = None
    if start is not None:
        yield start, end


def _unit(gap: re.Pattern[str], texts: Sequence[str]) -> int:
    """How many characters part two cells: the shortest gap, when all others are multiples of it; else 1 for tabs and 0 for blanks."""
    gaps = [len(found) for text in texts for found in gap.findall(text)]
    unit = min(gaps, default=0)
    if unit > MAX_UNIT or (unit > 1 and (len(gaps) < MIN_GAPS or any(size % unit for size in gaps))):
        return 1 if gap is _TABS else 0
    return unit


def _part(gap: re.Pattern[str], unit: int, line: Line) -> Iterator[RawCell]:
    """The cells of a line; a gap of several units has blank cells in it."""
    start = 0
    for found in gap.finditer(line.text):
        yield _cell(line, start, found.start())
        for blank in range(found.start() + unit, found.end(), unit):
            yield _cell(line, blank, blank)
        start = found.end()
    yield _cell(line, start, len(line.text))


def _cell(line: Line, start: int, end: int) -> RawCell:
    part = line.text[start:end]
    text = part.strip()
    if text:
        start += part.index(text)
        return RawCell(text, TextPlace(line.number, start, start + len(text)))
    return RawCell("", TextPlace(line.number, start, min(end + 1, len(line.text))))


def _is_tabbed(text: str) -> bool:
    return "\t" in text and len(text) <= MAX_LINE and bool(text.strip()) and "|" not in text


def _is_tab_table(records: Sequence[_Record]) -> bool:
    """Most rows have several cells, and numbers are among them, or there are many: what is indented with tabs has one."""
    several = [record for record in records if len(record.texts) > 1]
    if len(several) < 2 or 2 * len(several) < len(records):
        return False
    return any(_has_value(record) for record in several) or len(several) >= MIN_ROWS_WITHOUT_NUMBERS


def _is_gapped(text: str) -> bool:
    return len(text) <= MAX_LINE and "  " in text.strip() and "|" not in text and "\t" not in text


def _is_joined(records: Sequence[_Record]) -> bool:
    """Cells were joined by blanks, not set in columns: where a row goes on depends on how long its label is."""
    several = [record for record in records if record.cells[0].text and len(record.texts) > 1 and _has_value(record)]
    if len(several) < MIN_ROWS:
        return False
    gaps = sum(max(len(record.cells) - 1, 0) for record in records)
    blanks = sum(not cell.text for record in records for cell in record.cells)
    lengths = {len(record.cells[0].text) for record in several}
    starts = {next(cell for cell in record.cells[1:] if cell.text).place for record in several}
    columns = {place.column for place in starts if isinstance(place, TextPlace)}
    return gaps >= MIN_GAPS and 2 * blanks <= gaps and len(lengths) > 2 and 2 * len(columns) > len(lengths)


def _is_doubled(text: str) -> bool:
    """Whether a line starts and ends in doubled pipes and has no single one."""
    plain = text.strip()
    return plain.startswith("||") and plain.endswith("||") and len(plain) > 4 and all(len(run) % 2 == 0 for run in _PIPES.findall(plain))


def _find_doubled(lines: Sequence[Line], within: range) -> _Found:
    """Tables of rows like `||a||b||`."""
    tables: list[tuple[int, int, RawTable]] = []
    for start, end in _tables_of(lines, within, _is_doubled):
        below = next((lines[index].text for index in range(end, min(end + 2, within.stop)) if lines[index].text.strip()), "")
        if end - start < 2 or below.lstrip().startswith("|"):
            continue  # headers in doubled pipes over rows in single ones
        rows = [index for index in range(start, end) if lines[index].text.strip()]
        records = [_Record(index, index + 1, tuple(_part(_PIPES, 2, lines[index]))[1:-1]) for index in rows]
        if any(record.texts for record in records):
            tables.append((start, end, _make_table(records)))
    return _cut(within, tables)


# ---- CSV ----


def _find_csv(mark: str, judge: Callable[[Sequence[_Record]], bool], lines: Sequence[Line], within: range) -> _Found:
    """Tables whose cells that mark parts; a table of a row or two cannot tell, and goes with the others of its text."""
    stretches = [records for records in _csv_stretches(mark, lines, within) if len(records) > 1]
    if mark == ",":
        is_sure = _has_long_number(stretches)
        stretches = [records for records in stretches if not (_is_spaced(records) or (not is_sure and _may_group(records)))]
    if not any(judge(records) for records in stretches):
        return iter((within,))
    chosen = [records for records in stretches if judge(records) or _may_be_table(records)]
    return _cut(within, [part for records in chosen for part in _parted(records[0].start, records[-1].end, records)])


def _find_quoted_tabs(lines: Sequence[Line], within: range) -> _Found:
    """Tables parted by tabs with cells in quotes."""
    if not any(_QUOTED_AT_TAB.search(lines[index].text) for index in within):
        return iter((within,))
    return _find_csv("\t", _is_tab_table, lines, within)


def _csv_stretches(mark: str, lines: Sequence[Line], within: range) -> Iterator[list[_Record]]:
    records: list[_Record] = []
    index = within.start
    while index < within.stop:
        record = _read_record(mark, lines, index, within.stop) if mark in lines[index].text or lines[index].text[:1] == '"' else None
        if record is None or len(record.cells) < 2:
            yield records
            records = []
        else:
            records.append(record)
        index = record.end if record is not None else index + 1
    yield records


def _read_record(mark: str, lines: Sequence[Line], start: int, stop: int) -> _Record | None:
    """The row that starts on a line; None when a quote of it is never closed or the line is too long."""
    line = lines[start]
    index = start
    cells = []
    at = 0
    while True:
        if len(line.text) > MAX_LINE:
            return None
        first = at + 1 if line.text.startswith(' "', at) else at
        if line.text.startswith('"', first):
            quoted = _read_quoted(lines, index, first, stop)
            if quoted is None:
                return None
            content, last, end = quoted
            cells.append(RawCell(content, TextPlace(line.number, first, end if last == index else len(line.text))))
            index, line = last, lines[last]
            if end < len(line.text) and not line.text.startswith(mark, end):
                return None
            at = end
        else:
            found = line.text.find(mark, at)
            at, begin = len(line.text) if found < 0 else found, at
            cells.append(_cell(line, begin, at))
        if at >= len(line.text):
            return _Record(start, index + 1, tuple(cells))
        at += len(mark)


def _read_quoted(lines: Sequence[Line], index: int, start: int, stop: int) -> tuple[str, int, int] | None:
    """What stands in quotes from there on, the index of the line of the closing quote, and where that quote ends on it."""
    content = []
    at = start + 1
    for number in range(index, min(index + MAX_CELL_LINES, stop)):
        text = lines[number].text
        while (end := text.find('"', at)) >= 0:
            content.append(text[at:end])
            if text[end + 1 : end + 2] != '"':
                return "".join(content).strip(), number, end + 1
            content.append('"')
            at = end + 2
        content.append(text[at:] + "\n")
        at = 0
    return None


def _is_csv_table(records: Sequence[_Record]) -> bool:
    """Rows of one width, or of several cells each, of which so many are numbers or blank that it is no prose."""
    if len(records) < MIN_ROWS:
        return False
    cells = [cell for record in records for cell in record.cells]
    values = sum(1 for cell in cells if classify_cell(cell.text) != "label")
    is_even = len({len(record.cells) for record in records}) == 1
    if not any(_has_value(record) for record in records) and not (is_even and len(records) >= MIN_ROWS_WITHOUT_NUMBERS):
        return False
    return values >= (0.2 if is_even else 0.4) * len(cells)


def _has_long_number(stretches: Iterable[Sequence[_Record]]) -> bool:
    """Whether a number of four digits or more stands there undivided: then no comma parts thousands."""
    return any(_LONG_NUMBER.fullmatch(text) for records in stretches for record in records for text in record.texts)


def _is_spaced(records: Sequence[_Record]) -> bool:
    """Whether white space parts the cells: wide gaps stand between commas."""
    gaps = sum(_WIDE_GAP.search(text) is not None for record in records for text in record.texts)
    return gaps >= len(records)


def _may_group(records: Sequence[_Record]) -> bool:
    """Whether separators may be those of thousands: where some look like it, rows have other counts of values than rows without any."""
    grouped = [record for record in records if any(_is_grouping(*pair) for pair in pairwise(record.cells))]
    is_even = len({len(record.cells) for record in records}) == 1
    if not grouped or (is_even and len(grouped) < len(records)):
        return False
    counts = Counter(_value_count(record) for record in records if record not in grouped and _has_value(record))
    usual, times = counts.most_common(1)[0] if counts else (0, 0)
    return times < 2 or any(_value_count(record) != usual for record in grouped)


def _value_count(record: _Record) -> int:
    """How many cells stand behind the last word of a row."""
    kinds = [classify_cell(cell.text) for cell in record.cells]
    return next((count for count, kind in enumerate(reversed(kinds)) if kind == "label"), len(kinds))


def _is_grouping(one: RawCell, other: RawCell) -> bool:
    """Whether the separator between two cells stands as one that parts thousands does."""
    if not (isinstance(one.place, TextPlace) and isinstance(other.place, TextPlace)) or one.place.end_column + 1 != other.place.column:
        return False
    return _ENDS_IN_DIGITS.search(one.text) is not None and _THREE_DIGITS.match(other.text) is not None


# ---- rows ----


def _has_value(record: _Record) -> bool:
    return any(classify_cell(text) == "number" for text in record.texts)


def _may_be_table(records: Sequence[_Record]) -> bool:
    """Two rows of several cells with a number among them: enough where the text has other tables of its kind."""
    several = [record for record in records if len(record.texts) > 1]
    return len(several) >= 2 and len(records) <= 2 * len(several) and any(_has_value(record) for record in several)


def _parted(start: int, end: int, records: Sequence[_Record]) -> Iterator[tuple[int, int, RawTable]]:
    """Tables that follow each other at once: whole stretches of rows are of one width, and the next ones of another."""
    runs = [list(run) for _, run in groupby(records, key=lambda record: len(record.cells))]
    if any(len(run) < MIN_ROWS for run in runs):
        runs = [list(records)]
    for run, following in zip_longest(runs, runs[1:]):
        last = end if following is None else following[0].start
        yield start, last, _make_table(run)
        start = last


def _make_table(records: Sequence[_Record]) -> RawTable:
    rows = [record.cells for record in records if record.texts]
    if all(len(cells) > 1 and not cells[-1].text for cells in rows):
        rows = [cells[:-1] for cells in rows]  # a separator behind each cell
    width = max(map(len, rows))
    # Where a row hangs below another with blank cells in its place, every slot is printed: a shorter row has lost those at its end.
    is_grid = any(not cells[0].text for cells in rows)
    made = tuple(RawRow(cells, padding=width - len(cells) if is_grid else 0) for cells in rows)
    return RawTable(made, spans="lost", place=rows[0][0].place)


_DIALECTS: tuple[tuple[str, Callable[[Sequence[Line], range], _Found]], ...] = (
    ("\t", _find_quoted_tabs),
    ("\t", partial(_find_gapped, _TABS, _is_tabbed, _is_tab_table)),
    ("||", _find_doubled),
    (",", partial(_find_csv, ",", _is_csv_table)),
    (";", partial(_find_csv, ";", _is_csv_table)),
    ("  ", partial(_find_gapped, _BLANKS, _is_gapped, _is_joined)),
)
