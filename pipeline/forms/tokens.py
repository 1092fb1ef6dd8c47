"""A document as one stream of tokens in reading order: the cells of its grids and the lines outside them, as an aligner sees them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.model.document import Document, RawRow, RawTable, TextBlock
from pipeline.model.grid import Grid
from pipeline.model.place import Place, TextPlace
from pipeline.values.kinds import display_width
from pipeline.values.numbers import NumberReader, ValueReading

__all__ = ["Token", "Tokens", "make_tokens"]

MAX_ROW_LINE = 4000  # characters; a longer line is prose
_ENUMERATOR_HEAD = re.compile(r"[0-9\uff10-\uff19]{1,2}")
_ENUMERATOR_MARKS = ".\uff0e\u3001)\uff09"
_ENUMERATOR_TAIL = re.compile(r"[.\uff0e\u3001)\uff09][^0-9]")
MIN_ROWS_RUN_TOGETHER = 6
MIN_WIDE_WORDS = 60  # on one line; prose of such a script has a blank beside a foreign word now and then
MAX_PAGE = 2_000_000  # characters of a whole page on one line; a longer line is prose, or its words would fill the memory
MAX_ROW_WORDS = 100  # characters of one column; a line with a longer one is prose
_COLUMN = re.compile(r"\S+(?:\s\S+)*")
_WORD = re.compile(r"\S+")
_NUMBER = r"[-+\u2212\uff0d\uff0b]?[0-9\uff10-\uff19][0-9,.\uff0c\uff0e\uff10-\uff19]*[^\W\d_]{0,2}"
_ENDS_IN_DIGIT = re.compile(r"\d\D{0,6}$")
_NUMBER_END = re.compile(r"[0-9\uff10-\uff19,.\uff0c\uff0e]")
_ONE_NUMBER = re.compile(_NUMBER)
# A label and its number with at most a colon between: "Ships: 31", "Ships31 pcs."
_NAMED = re.compile(
    rf"\s*(?P<label>[^\s].*[^\d\s.,\uff0c\uff0e:\uff1a+\-])\s*[:\uff1a]?\s*(?P<number>{_NUMBER}(?:\s[^\W\d_]{{1,2}})?)\s*[.;,\u3002\uff1b\uff0c]?\s*"
)
MIN_PARTS = 8  # columns of a line whose words tell each other apart
MIN_NAMED_LINES = 8  # so many of them, with headings between, are a list and no prose
MAX_BETWEEN_NAMED = 3
_NUMBERS_BEHIND = re.compile(rf"(?:^|(?<=\s)){_NUMBER}(?:\s{_NUMBER})*$")
_BARE_NUMBER = r"[-+\u2212\uff0d\uff0b]?[0-9\uff10-\uff19][0-9,.\uff0c\uff0e\uff10-\uff19]*"
_SHORT_WORD = re.compile(r"\s[^\W\d_]{1,2}$")
# 12 boxes 3 boxes: a counter a blank behind each number
_COUNTED_BEHIND = re.compile(rf"(?:^|(?<=\s)){_BARE_NUMBER}\s([^\W\d_]{{1,2}})(?:\s{_BARE_NUMBER}\s\1)+$")
_COUNTED = re.compile(rf"{_BARE_NUMBER}\s\S+")


class Token(NamedTuple):  # not a dataclass: a document has thousands, and these are made in a third of the time
    """A printed cell, or a line of loose text.

    `block` is the index of its block in the document, `table` that of its RawTable among the tables, -1 for loose text; `cell` its number there. `row` numbers certain rows through the
    whole document: tokens of one row were printed in one row, or, where rows are not known, in one run of rows. `col` and `col_span` are given
    where the source tells them (declared or drawn spans; a full grid of pipes). `extents` are the columns (start, end) that the token takes up on its
    line, counted in code points and in terminal cells: which of the two a printer meant only the whole table can tell.
    """

    index: int  # type: ignore[assignment]  # nobody asks a token where in itself something stands
    text: str
    place: Place
    block: int
    table: int
    cell: int
    row: int
    col: int | None
    col_span: int
    extents: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Tokens:
    """All tokens; for each row whether it is one printed row, how many slots of padding follow its cells, whether it lacks a cell, and whether
    its source shows a blank cell wherever there is one."""

    items: tuple[Token, ...]
    row_known: tuple[bool, ...]
    row_padding: tuple[int, ...]
    row_short: tuple[bool, ...]
    row_blanks: tuple[bool, ...]
    cut: bool = False  # numbers were found cut from the words they belong to, so other numbers may be cut as well
    recognised: Container[Place] = ()  # places on pages that are pictures

    _readings: dict[int, tuple[NumberReader, tuple[ValueReading, ...]]] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.items)

    def is_recognised(self, token: Token) -> bool:
        """Whether the token stands on a page that is a picture, so that letters of it may be others."""
        return token.place in self.recognised

    def read(self, numbers: NumberReader) -> tuple[ValueReading, ...]:
        """What each token says as a number; worked out once for each reader."""
        known = self._readings.get(id(numbers))
        if known is None:
            known = self._readings[id(numbers)] = (numbers, numbers.read_all([token.text for token in self.items]))
        return known[1]


def make_tokens(document: Document, grids: Mapping[int, Grid], without: Container[int] = ()) -> Tokens:
    """Lay the document out as tokens. `grids` holds, by table index, the grid of every table whose spans are declared or drawn.

    The tables whose index is in `without` are left out.
    """
    builder = _Builder(_named_lines(document))
    table_index = -1
    for number, block in enumerate(document.blocks):
        if isinstance(block, TextBlock):
            if "\n" in block.text:
                for line in block.text.split("\n"):
                    builder.add_line(number, block, line)
            else:
                builder.add_line(number, block, block.text)
            continue
        table_index += 1
        if table_index in without:
            continue
        grid = grids.get(table_index)
        if grid is not None:
            builder.add_grid(number, table_index, grid, blanks_known=block.blanks_known)
        else:
            builder.add_rows(number, table_index, block)
    known, padding, short, blanks = zip(*builder.rows, strict=True) if builder.rows else ((), (), (), ())
    return Tokens(tuple(builder.items), known, padding, short, blanks, builder.cut, document.readings)


_new = tuple.__new__  # a named tuple's own constructor takes three times as long, and a document has thousands
_Row = tuple[bool, int, bool, bool]  # as in Tokens: known, padding, short, blanks
_LOOSE_ROW: _Row = (False, 0, False, False)


class _Builder:
    def __init__(self, named: frozenset[int]) -> None:
        self.named = named  # blocks of one line that hold a label and its number
        self.items: list[Token] = []
        self.rows: list[_Row] = []
        self.cut = False

    def open_row(self, *, known: bool, padding: int = 0, short: bool = False, blanks: bool = False) -> None:
        self.rows.append((known, padding, short, blanks))

    def put(
        self,
        text: str,
        place: Place,
        block: int,
        table: int = -1,
        cell: int = -1,
        col: int | None = None,
        col_span: int = 1,
        extents: tuple[tuple[int, int], ...] = (),
    ) -> None:
        """Add a token of the row that is open. Where rows are not certain an enumerator that was cut from its label goes back to it."""
        if text[:1] in _ENUMERATOR_MARKS and not self.rows[-1][0] and self.items and _ENUMERATOR_TAIL.match(text):
            before = self.items[-1]
            if before.table == table and not self.rows[before.row][0] and _ENUMERATOR_HEAD.fullmatch(before.text):
                self.items[-1] = before._replace(text=before.text + text)
                self.cut = True
                return
        self.items.append(_new(Token, (len(self.items), text, place, block, table, cell, len(self.rows) - 1, col, col_span, extents)))

    def add_line(self, number: int, block: TextBlock, line: str) -> None:
        """A line of loose text: one token, or one a column where wide gaps or numbers behind a label make it a row."""
        words = line.split(maxsplit=1)
        if len(words) < 2 and number not in self.named:
            self._add_word(number, block, line, words)
            return
        run_together = False
        if MAX_ROW_WORDS < len(line) <= MAX_PAGE and (_turns(line) >= MIN_ROWS_RUN_TOGETHER or _parts_wide_words(line)):
            # A whole page on one line: every word is a token, and where rows end is not known.
            parts = [(match.start(), match.group()) for match in _WORD.finditer(line)]
            run_together = True
        else:
            parts = list(_line_parts(line))
            if len(parts) > 1 and any(len(text) > MAX_ROW_WORDS for _, text in parts):
                parts = [(parts[0][0], line.strip())]
            elif len(parts) >= MIN_PARTS:
                parts = list(_part_marks(parts))
            elif len(parts) == 1 and number in self.named:
                parts = _named_parts(line) or parts
        is_row = len(parts) > 1 and not run_together
        self.open_row(known=is_row)
        margin = block.place.column if isinstance(block.place, TextPlace) else None
        done = 0
        width = 0  # terminal cells of what is done
        for column, text in parts:
            place: Place = block.place
            extents: tuple[tuple[int, int], ...] = ()
            if isinstance(place, TextPlace) and margin is not None:
                place = TextPlace(place.line_number, margin + column, margin + column + len(text))
                if is_row:
                    start = width + display_width(line[done:column])
                    done, width = column + len(text), start + display_width(text)
                    extents = ((place.column, place.end_column), (margin + start, margin + width))
            self.put(text, place, number, extents=extents)

    def _add_word(self, number: int, block: TextBlock, line: str, words: Sequence[str]) -> None:
        """A line with one word, or with none: a blank cell of which only its no-break space is left, or nothing."""
        if not words and "\u00a0" not in line:
            return
        text = words[0] if words else ""
        place: Place = block.place
        if isinstance(place, TextPlace) and not (text is block.text and place.end_column - place.column == len(text)):
            column = place.column + line.index(text or "\u00a0")
            place = TextPlace(place.line_number, column, column + len(text))
        self.rows.append(_LOOSE_ROW)
        if text[:1] in _ENUMERATOR_MARKS:
            self.put(text, place, number)
        else:
            self.items.append(_new(Token, (len(self.items), text, place, number, -1, -1, len(self.rows) - 1, None, 1, ())))

    def add_grid(self, block: int, table: int, grid: Grid, *, blanks_known: bool) -> None:
        """The cells of a grid. A slot where nothing stands is a blank cell only where the source shows its blank cells."""
        last_row = -1
        whole = {
            row for cell in grid.cells if cell.col + cell.col_span == grid.col_count for row in range(cell.row, cell.row + cell.row_span)
        }
        for cell in grid.cells:
            if cell.number is None or cell.place is None or not (cell.text or blanks_known):
                continue
            if cell.row != last_row:
                last_row = cell.row
                self.open_row(known=True, blanks=True, short=cell.row not in whole)
            self.put(cell.text, cell.place, block, table, cell.number, cell.col, cell.col_span)

    def add_rows(self, block: int, table: int, raw: RawTable) -> None:
        width = _full_width(raw)
        number = 0
        for row in raw.rows:
            self.open_row(known=raw.rows_known, padding=row.padding, short=row.is_short, blanks=raw.rows_known and raw.blanks_known)
            for position, cell in enumerate(row.cells):
                self.put(cell.text, cell.place, block, table, number, position if width else None)
                number += 1


def _named_lines(document: Document) -> frozenset[int]:
    """The blocks of one line that hold a label and its number, where so many follow each other that they are a list."""
    found: set[int] = set()
    run: list[int] = []
    for number, block in enumerate(document.blocks):
        if not isinstance(block, TextBlock):
            continue
        text = block.text
        if _ENDS_IN_DIGIT.search(text[-8:]) and len(text) <= MAX_ROW_WORDS and _NAMED.fullmatch(text):
            if run and number - run[-1] > MAX_BETWEEN_NAMED + 1:
                if len(run) >= MIN_NAMED_LINES:
                    found.update(run)
                run = []
            run.append(number)
    if len(run) >= MIN_NAMED_LINES:
        found.update(run)
    return frozenset(found)


def _named_parts(line: str) -> list[tuple[int, str]]:
    """(offset, text) of a label and of the number right behind it; empty where the line is no such pair."""
    match = _NAMED.fullmatch(line) if _ENDS_IN_DIGIT.search(line[-8:]) else None
    return [] if match is None else [(match.start("label"), match["label"]), (match.start("number"), match["number"])]


def _turns(line: str) -> int:
    """How often a word follows a number on a line whose words are parted by white space."""
    words = line.split()
    if len(words) < 2 * MIN_ROWS_RUN_TOGETHER:
        return 0  # too few for as many turns as matter
    turns = 0
    numeric = False
    for word in words:
        is_number = _ONE_NUMBER.fullmatch(word) is not None
        turns += numeric and not is_number
        numeric = is_number
    return turns


def _parts_wide_words(line: str) -> bool:
    """Whether a line has many blanks between words of a script that writes none: they part cells, also where no number is printed."""
    return line.count(" ") >= MIN_WIDE_WORDS and 2 * display_width(line) >= 3 * len(line)


def _line_parts(line: str) -> Iterator[tuple[int, str]]:
    """(offset, text) of the columns of a line: parted by two white spaces or more, numbers, and numbers with a counter behind each, also by one."""
    if len(line) > MAX_ROW_LINE:
        yield len(line) - len(line.lstrip()), line.strip()
        return
    for match in _COLUMN.finditer(line):
        start, text = match.start(), match.group()
        if len(text) >= 2 * MIN_PARTS - 1 and _are_numbers_and_marks(text):
            for word in _WORD.finditer(text):
                yield start + word.start(), word.group()
            continue
        tail, item = (_NUMBERS_BEHIND.search(text), _WORD) if _ends_in_number(text) else (None, _COUNTED)
        if tail is None and _SHORT_WORD.search(text, max(0, len(text) - 3)):
            tail = _COUNTED_BEHIND.search(text)
        if tail is None:
            yield start, text
            continue
        label = text[: tail.start()].rstrip()
        if label:
            yield start, label
        for number in item.finditer(text, tail.start()):
            yield start + number.start(), number.group()


def _are_numbers_and_marks(text: str) -> bool:
    """Whether words parted by one space are many numbers and marks, such as dashes, between them: cells of one row, side by side."""
    words = text.split()
    numbers = sum(1 for word in words if _ONE_NUMBER.fullmatch(word))
    marks = sum(1 for word in words if len(word) == 1 and not word.isalnum())
    return len(words) >= MIN_PARTS and numbers + marks == len(words) and numbers > 1


def _part_marks(parts: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The columns of a line, those that stand so near to each other that one space parts them told by what else stands on it.

    A word beside a number that is a column by itself elsewhere on the line is a mark in a column of its own.
    """
    alone = {text for _, text in parts}
    for start, text in parts:
        words = list(_WORD.finditer(text))
        if len(words) > 1 and all(_ONE_NUMBER.fullmatch(word.group()) or word.group() in alone for word in words):
            for word in words:
                yield start + word.start(), word.group()
        else:
            yield start, text


def _ends_in_number(text: str) -> bool:
    """Whether the last word is a number, so that it is worth while to look for where the numbers begin."""
    return _NUMBER_END.search(text, max(0, len(text) - 3)) is not None and _ONE_NUMBER.fullmatch(text.rsplit(maxsplit=1)[-1]) is not None


def _full_width(raw: RawTable) -> int:
    """The width of a table that prints every slot, covered ones as blank cells; 0 for any other.

    A row of it that hangs below another starts with blank cells before its words: without one, equal lengths may come from padding at the right.
    """
    if not raw.rows_known or len(raw.rows) < 2:
        return 0
    widths = {len(row.cells) + row.padding for row in raw.rows}
    if len(widths) != 1:
        return 0
    hangs = any(row.cells and not row.cells[0].text and _has_word_first(row) for row in raw.rows)
    return widths.pop() if hangs or _is_plain(raw.rows) else 0


def _has_word_first(row: RawRow) -> bool:
    text = next((cell.text for cell in row.cells if cell.text), "")
    return any(char.isalpha() for char in text) and _ONE_NUMBER.fullmatch(text) is None


def _is_plain(rows: Sequence[RawRow]) -> bool:
    return all(not row.padding and all(cell.text for cell in row.cells) for row in rows)
