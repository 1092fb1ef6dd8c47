"""Tables whose cells end in pipes: a row a line, a cell a line, padded or not. What is decided here is only where cells and rows begin.

A pipe stream is read as pieces, each closed by a pipe. Three questions are answered from the table's own pattern, never from its words:
- do pipes also open rows (then the first piece of a row is nothing)?
- is a row a line, or a cell a line? In the latter case rows are found by their constant length, pads included.
- which empty pieces are blank cells and which are padding up to the declared width?
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import gcd
from typing import NamedTuple

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.values.kinds import classify_cell

__all__ = [
    "Line",
    "PipeTable",
    "find_fenced_cells",
    "find_habits",
    "find_parted_cells",
    "read_fenced_cells",
    "read_parted_cells",
    "read_pipe_table",
    "text_of",
]

MAX_PARTED_CELL = 120  # characters of a cell whose pipe stands on the next line
MIN_PARTED_CELLS = 4
MIN_ROWS_OPENED = 5
MIN_HEADERS = 4  # labels of a row that may be a header; a row of numbers has fewer before them
SURE_HEADERS = 5
MAX_CAPTIONS = 0.2  # of the labels behind numbers, those that head another table
MIN_DOUBLES = 2  # lines of "||" in a stretch of fenced cells
MIN_ROWS_RUN_TOGETHER = 4
MIN_ROWS_FOR_LENGTH = 3
MIN_ROWS_OF_HABIT = 10
MIN_WRAPPED = 4  # rows that a line break in a blank cell parts
MAX_WIDTH = 400  # a hypothesis of more cells a row than this is not tried


_NUMERIC = re.compile(
    r"[+\-\u2212\uff0d\uff0b]?[0-9\uff10-\uff19][0-9,\uff0c\uff10-\uff19]*(?:[.\uff0e][0-9\uff10-\uff19]+)?(?:[^\W\d_]{0,2}|\s[^\W\d_]{1,12})$"
)
# A pipe before a cell with text: one more before it closes a blank cell.
_FENCE = re.compile(r"\s*\|\s*[^|\s]")
# The row of dashes that Markdown puts under a header.
_RULER = re.compile(r"[\s|:+]*-{2,}[\s|:+-]*")
# A stretch of a ruler between the pipes of a drawing.
_RULED = re.compile(r"(?:^|\|)([-+]{5,})(?=\||$)")


_new = tuple.__new__  # a named tuple's own constructor takes three times as long, and a text has thousands


class Line(NamedTuple):
    """A line of the source: number from 1, text without its line end."""

    number: int
    text: str

    def words(self) -> tuple[str, TextPlace]:
        """The text without the white space around it, and its place."""
        text = self.text.strip()
        column = self.text.index(text) if len(text) < len(self.text) else 0
        return text, TextPlace(self.number, column, column + len(text))


def text_of(lines: Sequence[Line]) -> str:
    """The lines as one string: marks that no line has are looked for in all of them at once."""
    return "\n".join([line.text for line in lines])


class _Piece(NamedTuple):
    """What stands before a pipe. `space` counts the white characters of an empty piece; `run` is the number of pipes of a bare line."""

    text: str
    place: TextPlace
    space: int
    starts_line: bool
    run: int

    def cell(self) -> RawCell:
        return RawCell(self.text, self.place)


@dataclass(frozen=True, slots=True)
class PipeTable:
    """A table, and whether the text line right above its first pipe is its first cell."""

    table: RawTable
    takes_line_above: bool = False


@dataclass(frozen=True, slots=True)
class PipeHabits:
    """How a whole document uses pipes; a table of a line or two cannot tell.

    open: they only part cells, hardly a line starts or ends in one; paired: each cell has pipes of its own on both sides ("|a||b|");
    wrapped: they only part cells, and a line break in a blank cell parts its row ("a|   ", "| b").
    """

    open: bool = False
    paired: bool = False
    wrapped: bool = False


NO_HABITS = PipeHabits()


def find_habits(lines: Sequence[Line]) -> PipeHabits:
    """The habits of a document, as far as its lines show any."""
    rows = [line for line in lines if "|" in line.text and not _RULER.fullmatch(line.text)]
    if len(rows) < MIN_ROWS_OF_HABIT:
        return NO_HABITS
    closed = [_is_closed(line) for line in rows]
    bounded = sum(1 for line, ends in zip(rows, closed, strict=True) if ends or line.text.lstrip().startswith("|"))
    is_open = bounded < 0.3 * len(rows) or _ends_in_blanks(rows, closed)
    return PipeHabits(is_open, _are_paired(rows), _are_wrapped(rows))


def _ends_in_blanks(rows: Sequence[Line], closed: Sequence[bool]) -> bool:
    """Whether lines that end in a pipe have more blanks behind it than all others have at their end: a blank cell stands there."""
    tails: tuple[set[int], set[int]] = (set(), set())
    for line, ends in zip(rows, closed, strict=True):
        tails[ends].add(len(line.text) - len(line.text.rstrip()))
    if (
        len(tails[0]) != 1
        or closed.count(False) < MIN_ROWS_OF_HABIT
        or 10 * sum(_FENCE.match(line.text) is not None for line in rows) > len(rows)  # few rows begin with a blank cell
    ):
        return False
    return 0 < min(tails[0]) < min(tails[1])


def _are_paired(rows: Sequence[Line]) -> bool:
    """What `_is_paired` says of all the lines, told without making pieces of them: most often the first line tells."""
    long = 0
    for line in rows:
        parts = line.text.split("|")
        if not parts[-1].strip():
            parts.pop()
        if any(part.strip() for part in parts):
            if any(parts[::2]):
                return False
            long += len(parts) >= 4
    return long >= 2


def _are_wrapped(rows: Sequence[Line]) -> bool:
    """Whether each line that starts in a pipe follows one that ends in a pipe and blanks, and there are some."""
    found = 0
    if 2 * sum(line.text.startswith("|") for line in rows) > len(rows):
        return False  # pipes around whole rows
    for before, line in pairwise(rows):
        if line.text.startswith("|") and line.number == before.number + 1:
            if not _ends_blank(before):
                return False
            found += 1
    return found >= MIN_WRAPPED


def _ends_blank(line: Line) -> bool:
    text = line.text.rstrip()
    return text.endswith("|") and len(text) < len(line.text)


def _unwrap(rows: Sequence[Line]) -> list[list[_Piece]]:
    """The pieces of rows that line breaks in blank cells have parted: the blank that ends a line and the one before the next pipe are one cell."""
    joined: list[list[_Piece]] = []
    for before, line in zip((None, *rows), rows, strict=False):
        pieces = _split_line(line, last_is_cell=True)
        if before is not None and line.text.startswith("|") and _ends_blank(before):
            joined[-1] += pieces[1:]
        elif pieces:
            joined.append(pieces)
    return joined


def _is_closed(line: Line) -> bool:
    return line.text.rstrip().endswith("|")


def read_pipe_table(lines: Sequence[Line], above: Line | None = None, habits: PipeHabits = NO_HABITS) -> PipeTable | None:
    """Read consecutive lines that hold pipes (blank lines between them allowed) as one table; None when no cell has text.

    `above` is the line of text right above them, if any: the first cell of a table whose cells stand on lines of their own may be there,
    when the pipe that should open its row is not. `habits`: those of the document.
    """
    rows = [line for line in lines if line.text.strip() and not _RULER.fullmatch(line.text)]
    closed = sum(map(_is_closed, rows))
    # Where rows do not end in pipes, what stands behind the last one is a cell too, also when it is blank.
    parts_only = habits.open or (len(rows) >= 3 and closed < 0.5 * len(rows))
    if habits.wrapped:
        unwrapped = _unwrap(rows)
        return (
            PipeTable(_row_per_line(unwrapped, unwrapped, parts_only=True, paired=False))
            if any(p.text for r in unwrapped for p in r)
            else None
        )
    rows_of_pieces = _cut_rows(rows) or [pieces for line in rows if (pieces := _split_line(line, last_is_cell=parts_only))]
    with_text = [pieces for pieces in rows_of_pieces if any(piece.text for piece in pieces)]
    if not with_text:
        return None
    cells_per_line = [sum(1 for piece in pieces if piece.text) for pieces in with_text]
    single = sum(1 for count in cells_per_line if count == 1)
    if len(with_text) >= 3 and single >= 0.8 * len(with_text) and not habits.paired:
        return _cell_per_line(rows_of_pieces, above)
    return PipeTable(_row_per_line(rows_of_pieces, with_text, parts_only=parts_only, paired=habits.paired))


def _split_line(line: Line, *, last_is_cell: bool) -> list[_Piece]:
    pieces = []
    start = 0
    number, whole = line
    parts = whole.split("|")
    last = len(parts) - 1
    run = 0 if any(map(str.strip, parts)) else last
    for index, part in enumerate(parts):
        end = start + len(part)
        text = part.strip()
        if text:
            begin = start if text is part else start + part.index(text)
            pieces.append(_new(_Piece, (text, _new(TextPlace, (number, begin, begin + len(text))), 0, index == 0, run)))
        elif index < last or (last_is_cell and last > 0):
            place = _new(TextPlace, (number, start, min(end + 1, len(whole))))
            pieces.append(_new(_Piece, ("", place, len(part), index == 0, run)))
        start = end + 1
    if "-----" in whole and _RULED.search(whole.strip()):
        # Rulers below some cells of a row: on their line stands, at most, the text of taller ones.
        kept = [piece for piece in pieces if piece.text.strip("-+")]
        return [*pieces[:1], *kept] if kept and not pieces[0].text else kept
    return pieces


def _cut_rows(rows: Sequence[Line]) -> list[list[_Piece]] | None:
    """Rows between pipes that line breaks in their cells have cut: a cell goes on behind the white space that starts the next line.

    None when lines are not cut so: most start and end in a pipe, and those that start with white space follow others that end in it.
    """
    starts = [line.text.startswith("|") for line in rows]
    ends = [line.text.endswith("|") for line in rows]
    if all(starts) or not starts[0] or not ends[-1] or 2 * sum(start and end for start, end in zip(starts, ends, strict=True)) < len(rows):
        return None
    if any(
        is_start != was_end or (not is_start and not line.text[0].isspace())
        for line, is_start, was_end in zip(rows[1:], starts[1:], ends, strict=False)
    ):
        return None
    joined: list[list[_Piece]] = []
    for line, is_start in zip(rows, starts, strict=True):
        pieces = _split_line(line, last_is_cell=not line.text.endswith("|"))
        if is_start:
            joined.append(pieces)
            continue
        before = joined[-1].pop()
        text = f"{before.text}\n{pieces[0].text}".strip("\n")
        joined[-1] += [
            before._replace(text=text, place=before.place if before.text else pieces[0].place, space=0 if text else 2),
            *pieces[1:],
        ]
    return joined


# ---- a cell a line --------------------------------------------------------------------------------------------------


def _cell_per_line(lines: list[list[_Piece]], above: Line | None) -> PipeTable:
    """Cells on lines of their own. Rows of constant length when one fits; else runs between certain boundaries."""
    opened = _opens_cells(lines)
    pieces: list[_Piece] = []
    run_ends: list[int] = []  # positions after a bare line of several pipes: padding, so the end of a row
    for line in lines:
        content = line[1:] if opened and len(line) > 1 and not line[0].text and line[0].run == 0 else line
        pieces.extend(content)
        if line[-1].run >= 2:
            run_ends.append(len(pieces))
    fit = _constant_length(pieces, run_ends)
    if fit is None:
        opened_rows = _rows_by_openers(pieces, run_ends)
        return PipeTable(_runs_between(pieces, run_ends) if opened_rows is None else opened_rows)
    length, has_opener, first_length = fit
    chunks = [pieces[:first_length]] if first_length else []
    chunks += [pieces[start : start + length] for start in range(first_length, len(pieces), length)]
    takes_above = False
    if first_length and above is not None and above.text.strip():
        # One piece short: the cell that the first pipe closes stands on the line above.
        text, place = above.words()
        chunks[0] = [_Piece("", place, 0, True, 1), _Piece(text, place, 0, True, 0), *chunks[0][1:]]
        takes_above = True
    if has_opener:
        chunks = [chunk[1:] for chunk in chunks]
    rows = tuple(_make_row(chunk) for chunk in _lone_padding(chunks))
    return PipeTable(RawTable(tuple(row for row in rows if row.cells), spans="lost", place=pieces[0].place), takes_above)


def _lone_padding(chunks: list[list[_Piece]]) -> list[list[_Piece]]:
    """A lone pipe at a row's end is a blank cell, or padding of one slot: rows whose padding is certain tell how many values a row has."""
    # Rows that end in a value, or in padding that is certain, show how many values a row may have.
    counts = [
        len(_behind_words([piece for piece in chunk if piece.run < 2]))
        for chunk in chunks
        if chunk and (chunk[-1].text or chunk[-1].run >= 2)
    ]
    most = max(counts, default=0) or None
    result = []
    for chunk in chunks:
        behind = _behind_words(chunk)
        if behind and behind[-1].run == 1 and (most is None or len(behind) <= most or not chunk[0].text):
            keep = len(chunk)
        elif most is not None:
            keep = len(chunk) - max(0, len(behind) - most)
        else:
            keep = len(chunk)
        result.append([*chunk[:keep], *_as_padding(chunk[keep:])])
    return result


def _behind_words(chunk: Sequence[_Piece]) -> list[_Piece]:
    """What stands behind the last word of a row: its values, blank ones included."""
    last = max((index for index, piece in enumerate(chunk) if piece.text and not _looks_numeric(piece.text)), default=-1)
    return list(chunk[last + 1 :])


def _opens_cells(lines: list[list[_Piece]]) -> bool:
    """Whether each cell's own line also starts with a pipe ("| text |")."""
    content = [line for line in lines if any(piece.text for piece in line)]
    return all(len(line) >= 2 and not line[0].text for line in content)


def _constant_length(pieces: list[_Piece], run_ends: list[int]) -> tuple[int, bool, int] | None:
    """(pieces a row, whether the first of them is an opening pipe, length of a first row that is one piece short or 0).

    None when no length explains the page.
    """
    signs = _signs(pieces)
    total = len(pieces)
    steps = gcd(*(b - a for a, b in pairwise(run_ends)), 0)
    whole = gcd(steps, run_ends[0]) if run_ends else 0
    best: tuple[float, int, bool, int] | None = None
    for length in _lengths(whole, total):
        for has_opener in (True, False):
            score = _length_score(signs, length, has_opener, padded=bool(run_ends))
            if score is not None and (best is None or score > best[0]):
                best = (score, length, has_opener, 0)
    if best is None and run_ends and pieces and not pieces[0].text:
        for length in _lengths(steps, total):
            short = run_ends[0] % length
            if short == length - 1:
                score = _length_score(signs[short:], length, True, padded=True)
                if score is not None and (best is None or score > best[0]):
                    best = (score, length, True, short)
    return None if best is None else best[1:]


def _lengths(divisor: int, total: int) -> list[int]:
    if divisor == 0:
        return list(range(2, min(total, MAX_WIDTH) + 1))
    return [length for length in range(2, min(divisor, MAX_WIDTH) + 1) if divisor % length == 0]


def _signs(pieces: Sequence[_Piece]) -> str:
    """What each piece is, a character each: "w" a word, "n" a number, "1" a lone pipe without text, "0" any other without text."""
    return "".join(("n" if _looks_numeric(piece.text) else "w") if piece.text else "1" if piece.run == 1 else "0" for piece in pieces)


def _length_score(signs: str, length: int, has_opener: bool, *, padded: bool) -> float | None:
    """How well rows of this length read; None when impossible. A row starts with a word and has its numbers behind it."""
    if has_opener:
        openers = signs[::length]
        last_is_alone = len(signs) % length == 1  # then any piece without text will do
        if openers[: -1 if last_is_alone else None].strip("1") or openers[-1:] in ("w", "n"):
            return None
    score = 0.0
    count = 0
    with_numbers = 0
    for start in range(int(has_opener), len(signs), length):
        row = signs[start : start + length - has_opener]
        texts = row.replace("0", "").replace("1", "")
        # Words first, numbers behind: no word stands after a number in the same row.
        if row[0] in "01" or "nw" in texts or (not padded and texts[0] == "n"):
            return None  # without padding to show where rows end, only their first words do
        count += 1
        with_numbers += texts[-1] == "n"
        # A row of numbers only is the one row of a table without row labels: rare, so weak evidence.
        score += 1.0 if texts[0] == "w" else 0.25
    if count < (1 if padded else MIN_ROWS_FOR_LENGTH) or (not padded and with_numbers < 2):
        return None  # a row or two, or words alone, show no pattern
    return score / count - 0.001 * min(length, 100)


def _looks_numeric(text: str) -> bool:
    """Digits, perhaps with a sign, and a unit of two letters or a word apart behind them: not an enumerator with its label.

    A mark without any letter or digit stands for a number.
    """
    return _NUMERIC.match(text) is not None or (bool(text) and not any(char.isalnum() for char in text))


def _rows_by_openers(pieces: list[_Piece], run_ends: list[int]) -> RawTable | None:
    """Rows of which one at least is short of a cell, where a lone pipe opens each: None when that is not this table's way.

    Behind every run of padding a lone pipe and a text must stand, or behind one of them a blank cell; then a lone pipe before a word opens a
    row elsewhere too, and one before a number where it follows padding or a whole header.
    """
    after = [end for end in run_ends if end + 1 < len(pieces)]
    if len(after) < 2 or not all(pieces[end].run == 1 and (pieces[end + 1].text or pieces[end + 1].run == 1) for end in after):
        return None
    if sum(not pieces[end + 1].text for end in after) > 1:
        return None
    starts = [0]
    words = int(_is_word(pieces[0]))  # side by side before this piece
    slots = 0  # of a row, as the last one that was padded shows
    widths = [0]  # how many slots each row should have
    for index in range(1, len(pieces) - 1):
        before, piece, behind = pieces[index - 1], pieces[index], pieces[index + 1]
        taken = index - starts[-1] - (pieces[starts[-1]].run == 1)
        if piece.run == 1 and (
            before.run >= 2
            or taken == slots
            or (_is_word(behind) and (not before.text or _looks_numeric(before.text)))
            or (words >= MIN_HEADERS and not _is_word(behind))
        ):
            slots = taken if before.run >= 2 else slots
            starts.append(index)
            widths.append(taken if words >= MIN_HEADERS else slots)
        words = words + 1 if _is_word(piece) else 0
    rows_of_pieces = [pieces[start:end] for start, end in pairwise([*starts, len(pieces)])]
    chunks = [chunk for chunk in map(_without_opener, rows_of_pieces, widths) if chunk]
    # A lone pipe at the end of a row may be padding as well as a blank cell; with a cell missing somewhere it proves nothing.
    rows = [_make_row([*chunk, *_as_padding(tail)]) for chunk, tail in map(_part_tail, chunks)]
    rows = [replace(row, is_short=is_short) for row, is_short in zip(rows, _find_short(chunks), strict=True)]
    return RawTable(tuple(rows), spans="lost", place=pieces[0].place)


def _without_opener(row: list[_Piece], width: int) -> list[_Piece]:
    """A row without the pipe that opens it. Of a row that begins with blank cells the first one may be lost: then that pipe stands for it."""
    if row[0].run != 1 or (1 < len(row) == width and row[1].run == 1 and not row[1].text):
        return row
    return row[1:]


def _is_word(piece: _Piece) -> bool:
    """Whether a piece is a word: one character may be a mark in any language."""
    return len(piece.text) > 1 and not _looks_numeric(piece.text)


def _find_short(rows: Sequence[list[_Piece]]) -> Iterator[bool]:
    """Which rows are a cell short of their table's width, as rows that are padded show it.

    Nothing pads the last row of a table: it is whole when it has as many cells as the row above it, of as many words, or as the header right
    above it. A row of words may begin another table.
    """
    first = next((len(row) for row in rows if row[-1].run >= 2), 0)
    width = 0
    for at, row in enumerate(rows):
        words = sum(map(_is_word, row))
        is_header = all(_is_word(piece) or piece.run for piece in row)
        if row[-1].run >= 2 and (is_header or not width):
            width = len(row)
        is_short = len(row) < (width or first) and not is_header
        if is_short and row[-1].run < 2 and at and (at + 1 == len(rows) or all(_is_word(piece) or piece.run for piece in rows[at + 1])):
            above = [piece for piece in rows[at - 1] if piece.run < 2]
            is_short = len(above) != len(row) or sum(map(_is_word, above)) not in (words, len(above))
        yield is_short


def _part_tail(chunk: list[_Piece]) -> tuple[list[_Piece], list[_Piece]]:
    """A row up to its last text, and the empty pieces behind it."""
    end = len(chunk)
    while end > 0 and not chunk[end - 1].text:
        end -= 1
    return chunk[:end], chunk[end:]


def _as_padding(tail: Sequence[_Piece]) -> Iterator[_Piece]:
    for piece in tail:
        yield piece._replace(run=max(piece.run, 2))


def _runs_between(pieces: list[_Piece], run_ends: list[int]) -> RawTable:
    rows = []
    start = 0
    for end in [*run_ends, len(pieces)]:
        if end > start:
            rows.append(_make_row(pieces[start:end]))
        start = end
    return RawTable(tuple(rows), spans="lost", rows_known=False, place=pieces[0].place)


# ---- a row a line ---------------------------------------------------------------------------------------------------


def _row_per_line(lines: list[list[_Piece]], with_text: list[list[_Piece]], *, parts_only: bool, paired: bool) -> RawTable:
    leading = sum(1 for pieces in with_text if not pieces[0].text and pieces[0].starts_line)
    if paired or _is_paired(with_text):
        rows = [_make_row(pieces[1::2], blank_tail=True) for pieces in lines]  # a pair of pipes is a cell, never padding
    elif parts_only:
        rows = [_make_row(pieces, blank_tail=True) for pieces in lines]
    elif leading >= 0.8 * len(with_text):
        rows = [_make_row(pieces) for pieces in _join_wrapped_blanks([pieces[1:] for pieces in lines if len(pieces) > 1])]
    else:
        rows = [_make_row(pieces) for pieces in _join_broken_rows(lines)]
    rows = [row for row in rows if row.cells]
    return RawTable(tuple(rows), spans="lost", rows_known=not any(_is_run_together(row) for row in rows), place=lines[0][0].place)


def _is_run_together(row: RawRow) -> bool:
    """Whether one line holds many printed rows: words come after numbers again and again."""
    turns = 0
    numeric = False
    for cell in row.cells:
        if cell.text:
            turns += numeric and not _looks_numeric(cell.text)
            numeric = _looks_numeric(cell.text)
    return turns >= MIN_ROWS_RUN_TOGETHER


def _is_paired(with_text: list[list[_Piece]]) -> bool:
    """Whether each cell has pipes of its own on both sides ("|a||b|"): every other piece is nothing at all."""
    if sum(1 for pieces in with_text if len(pieces) >= 4) < 2:
        return False
    return all(piece.space == 0 and not piece.text for pieces in with_text for piece in pieces[::2])


def _join_broken_rows(lines: list[list[_Piece]]) -> list[list[_Piece]]:
    """Rows that blank cells have broken over lines: a line that starts with a pipe goes on with the row above it.

    Only where rows end in pipes and do not start with them. Not for lines whose first piece is white space and whose next is a word:
    there the row starts with slots that hang from above. A row that has reached its padding or the table's width is complete: what
    follows starts with a blank cell.
    """
    width: int | None = None  # of the last row that ends in padding
    joined: list[list[_Piece]] = []
    for pieces in lines:
        first = pieces[0]
        goes_on = not first.text and first.space == 0 and joined
        if not goes_on or _starts_with_word(pieces):
            joined.append(list(pieces))
            if first.text and _is_padding(pieces[-1]):
                width = len(pieces)
            continue
        rest = [_Piece("", first.place, 2, True, first.run), *pieces[1:]]
        if width is not None and (len(joined[-1]) >= width or _is_padding(joined[-1][-1])):
            joined.append(rest)
        else:
            joined[-1].extend(rest)
    return joined


def _join_wrapped_blanks(rows: list[list[_Piece]]) -> list[list[_Piece]]:
    """Rows that a line break in a blank cell has parted: the blank that ends one and the blank that starts the next are one cell."""
    joined: list[list[_Piece]] = []
    for pieces in rows:
        before = joined[-1][-1] if joined else None
        wrapped = before is not None and not before.text and not _is_padding(before) and not pieces[0].text and not _is_padding(pieces[0])
        if wrapped and not any(piece.text and not _looks_numeric(piece.text) for piece in pieces):
            joined[-1].extend(pieces[1:])
        else:
            joined.append(list(pieces))
    return joined


def _starts_with_word(pieces: list[_Piece]) -> bool:
    for piece in pieces:
        if piece.text:
            return not _looks_numeric(piece.text)
    return False


def _make_row(pieces: Sequence[_Piece], *, blank_tail: bool = False) -> RawRow:
    """Cells up to the last one that is a cell; narrow empty pieces and runs of pipes behind it are padding, or blank cells (`blank_tail`)."""
    end = len(pieces)
    while end > 0 and not blank_tail and _is_padding(pieces[end - 1]):
        end -= 1
    if end == 0 and len(pieces) > 1:
        end = len(pieces)  # with no cell to pad, these are cells: a row that is blank
    return RawRow(tuple(piece.cell() for piece in pieces[:end]), len(pieces) - end)


def _is_padding(piece: _Piece) -> bool:
    return not piece.text and piece.run != 1 and piece.space < 2


# ---- a cell a line, its pipe on the next ------------------------------------------------------------------------------


def find_parted_cells(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Stretches of lines (start, end) in which every cell's text is followed by its pipe, or pipes, on lines of their own."""
    if not any("|" in line.text and line.text.strip() == "|" for line in lines):
        return
    start: int | None = None
    end = 0
    texts = 0
    index = 0
    before = ""  # the text of the last line that is not blank
    leads = False  # pipes stand before the cells: the last cell has none behind it
    while index < len(lines):
        text = lines[index].text.strip()
        if not text:
            index += 1
            continue
        if text == "|":
            if start is not None:
                end = index + 1
        elif "|" not in text and len(text) <= MAX_PARTED_CELL and _next_is_pipe(lines, index):
            if start is None:
                start, texts, leads = index, 0, before == "|"
            texts += 1
        else:
            if start is not None and texts >= MIN_PARTED_CELLS:
                if not leads and _looks_numeric(text) and "|" not in text:
                    # A last number without a pipe: pipes stand before the cells, and the first text is a heading.
                    leads, start = True, start + 1
                is_cell = leads and "|" not in text and len(text) <= MAX_PARTED_CELL
                yield start, index + 1 if is_cell else end
            start = None
        before = text
        index += 1
    if start is not None and texts >= MIN_PARTED_CELLS:
        yield start, end


def _next_is_pipe(lines: Sequence[Line], index: int) -> bool:
    for line in lines[index + 1 : index + 4]:
        text = line.text.strip()
        if text:
            return text == "|"
    return False


def read_parted_cells(lines: Sequence[Line]) -> RawTable:
    """Read such a stretch. As many pipes as the fewest that follow a cell close it; more of them are blank cells."""
    cells: list[tuple[_Piece, list[_Piece]]] = []
    for line in lines:
        text, place = line.words()
        if not text:
            continue
        if text != "|":
            cells.append((_Piece(text, place, 0, True, 0), []))
        elif cells:
            cells[-1][1].append(_Piece("", place, 2, True, 1))
    opened = _rows_opened(cells)
    if opened is not None:
        return opened
    step = max(1, min(len(pipes) for _, pipes in cells[:-1] or cells))
    pieces: list[_Piece] = []
    for cell, pipes in cells:
        pieces.append(cell)
        pieces.extend(pipes[step::step])
    fit = _constant_length(pieces, [])
    if fit is None or fit[1]:
        return _runs_between(pieces, [])
    rows = tuple(_make_row(pieces[start : start + fit[0]]) for start in range(0, len(pieces), fit[0]))
    return RawTable(rows, spans="lost", place=pieces[0].place)


def _rows_opened(cells: Sequence[tuple[_Piece, list[_Piece]]]) -> RawTable | None:
    """The rows where a pipe of its own opens each and one closes each cell: a single pipe behind a number ends a table.

    None where that is not so, or where it is not told whether a number behind blanks opens a row.
    """
    values = [_is_value(piece.text) for piece, _ in cells]
    inner = [len(cells[at][1]) for at, (one, other) in enumerate(pairwise(values)) if one and other]
    ends = [len(cells[at][1]) for at, (one, other) in enumerate(pairwise(values)) if one and not other]
    if len(ends) < MIN_ROWS_OPENED or 2 not in ends or 1 not in inner or ends.count(1) > MAX_CAPTIONS * len(ends):
        return None
    firsts = [len(cells[at][1]) for at, (one, other) in enumerate(pairwise(values)) if not one and other]
    if max(inner) == 1 and max(ends) == 2 and sum(size > 1 for size in firsts) < 2:
        return None  # no blank cells: reading order tells as much, also where a row's pipe was lost
    rows: list[list[_Piece]] = [[cells[0][0]]]
    labels = 1  # of the row, when it has nothing else so far
    for (_, pipes), (piece, _), was_value, is_value in zip(cells, cells[1:], values, values[1:], strict=False):
        if len(pipes) > 1 and is_value and labels >= MIN_HEADERS:
            if len(pipes) > 2 and labels < SURE_HEADERS:
                return None  # blank cells of a row with many labels, or of one that has none
            rows.append([*pipes[2:], piece])
        elif not is_value and (len(pipes) > 1 or was_value):
            rows[-1] += pipes[2:]
            rows.append([piece])
        else:
            rows[-1] += [*pipes[1:], piece]
        labels = 0 if any(_is_value(cell.text) for cell in rows[-1]) else len(rows[-1])
    rows[-1] += cells[-1][1][1:]
    return RawTable(tuple(RawRow(tuple(piece.cell() for piece in row)) for row in rows), spans="lost", place=cells[0][0].place)


def _is_value(text: str) -> bool:
    """Whether a text is a number or a mark; one character may be a mark in any language."""
    return len(text) == 1 or classify_cell(text) != "label"


# ---- a cell a line between pipes of its own ----------------------------------------------------------------------------


def find_fenced_cells(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Stretches of lines (start, end) in which each cell stands between two pipes on lines of their own: "||" between cells, "|", "|" between rows."""
    if sum(1 for line in lines if "||" in line.text) < MIN_DOUBLES:
        return
    start: int | None = None
    end = doubles = 0
    for index, line in enumerate(lines):
        text = line.text.strip()
        if not text:
            continue
        if text in ("|", "||"):
            if start is None:
                start, doubles = index, 0
            doubles += text == "||"
            end = index + 1
        elif "|" in text or len(text) > MAX_PARTED_CELL or start is None or not _previous_is_pipe(lines, index):
            if start is not None and doubles >= MIN_DOUBLES:
                yield start, end
            start = None
    if start is not None and doubles >= MIN_DOUBLES:
        yield start, end


def _previous_is_pipe(lines: Sequence[Line], index: int) -> bool:
    for line in reversed(lines[max(0, index - 3) : index]):
        text = line.text.strip()
        if text:
            return text in ("|", "||")
    return False


def read_fenced_cells(lines: Sequence[Line]) -> RawTable | None:
    """Read such a stretch; a pipe opens a cell or closes it in turn. None when the pipes do not pair.

    A line between a closed cell and the next row is the rest of that cell, cut off by a line break in it, or, behind a number, a heading.
    """
    rows: list[list[RawCell]] = [[]]
    inside = False
    text = ""
    place = TextPlace(lines[0].number, 0, 1)
    for line in lines:
        word = line.text.strip()
        if word and "|" not in word:
            if text:
                return None
            if inside:
                text, place = line.words()
            elif not _add_outside(rows, line):
                return None
            continue
        for offset, _ in enumerate(word):
            if inside:
                rows[-1].append(RawCell(text, place))
                text = ""
            elif offset == 0 and rows[-1]:
                rows.append([])  # opened on a line of its own: a new row
            inside = not inside
            column = line.text.index("|") + offset
            place = TextPlace(line.number, column, column + 1)
    if inside:
        return None
    return RawTable(tuple(RawRow(tuple(row)) for row in rows if row), spans="lost", place=TextPlace(lines[0].number, 0, 1))


def _add_outside(rows: list[list[RawCell]], line: Line) -> bool:
    """Add a line that stands outside the cells to the last cell, or as a row of its own; False when there is no cell yet."""
    if not rows[-1]:
        return False
    text, place = line.words()
    before = rows[-1][-1]
    if before.text and not _looks_numeric(before.text):
        rows[-1][-1] = before._replace(text=f"{before.text}\n{text}")
    else:
        rows.append([RawCell(text, place)])
    return True
