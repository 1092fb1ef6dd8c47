"""What stands in the cells of a drawing: texts joined over lines, numbers that a printer has cut in two, lines that are rows of their own.

The two exceptions to drawings being read without a look at their words are here, and both are about how a text was printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.box_lattice import MAX_CELLS, Box, Lattice
from pipeline.readers.dialects.box_shapes import NARROW_BORDERS, Metric, Window, char_width, code_points, slow_code_points, width_of
from pipeline.readers.dialects.pipes import Line

__all__ = ["STRAY_PIPE", "CellTexts"]

MIN_UNRULED_ROWS = 3  # lines with numbers between two rulers that are rows of their own
MAX_GOING_ON = 0.1  # of these lines, how many may fill a cell that has words on the next one too

_STRAY_UPRIGHT = re.compile(r"[\u2502\u2503\u2551]")
STRAY_PIPE = re.compile(r"(?<!\\)[|\u2502\u2503\u2551]")
_NUMBER_PART = re.compile(r"[\d.,，．]")
_BROKEN_NUMBER = re.compile(r"[-+\u2212\uff0d\uff0b]?(?![0\uff10][0-9\uff10-\uff19])[0-9\uff10-\uff19][\d,.\uff0c\uff0e]*[^\W\d_]{0,2}")
_SIGN = re.compile(r"[-+\u2212\uff0d\uff0b]")


@dataclass(frozen=True, slots=True)
class _Segment:
    """What stands of a cell on one line. `room`: display columns that are left free, the padding aside."""

    text: str
    room: int
    metric: Metric


class CellTexts:
    """The texts of a drawing's cells and the table they make."""

    def __init__(self, lines: Sequence[Line], window: Window, lattice: Lattice, *, boxes: bool) -> None:
        self.lines = lines
        self.window = window
        self.lattice = lattice
        self.boxes = boxes
        self.full_rows: dict[int, bool] = {}
        self.is_split = self.has_blanks = False  # lines are rows of their own; some of them have blank cells
        columns = tuple(window.left + column for column in lattice.columns)
        # Of the lines as they are: a blanked inner drawing has as many code points as before, but not as many display columns.
        self.points: list[Sequence[int]] = []
        known: dict[str, Sequence[int]] = {}
        for row in window.rows:
            text = lines[row.index].text
            shape = row.line_shape
            if row.bars is not None:
                # A boundary that is none in this row is asked for by no cell of it.
                self.points.append([row.bars.get(column, 0) for column in lattice.columns])
                continue
            if len(shape) - shape.count("\t") != len(text):
                self.points.append(slow_code_points(text, row.metric, columns))
                continue
            points = known.get(shape)
            if points is None:
                points = known[shape] = code_points(shape, columns)
            self.points.append(points)

    def table(self) -> RawTable | None:
        """None when no cell has text, or one holds what looks like a border that parts nothing: then it is the drawing that is doubtful."""
        stray = _STRAY_UPRIGHT if self.boxes else STRAY_PIPE
        lattice = self.lattice
        body = lattice.rows[-1]
        if len(body) * (body[0].end_line - body[0].first_line) > MAX_CELLS:
            return None  # its lines may be rows
        split = self.is_split = self._lines_are_rows()
        rows: list[RawRow] = []
        has_text = False
        for number, boxes in enumerate(lattice.rows):
            if split and number == len(lattice.rows) - 1:
                rows += [
                    RawRow(tuple(self._cell(box, line, line + 1) for box in boxes))
                    for line in range(boxes[0].first_line, boxes[0].end_line)
                ]
            else:
                rows.append(RawRow(tuple(self._cell(box, box.first_line, box.end_line) for box in boxes)))
        header_row_count = len(lattice.rows) - 1 if split else self._header_rows()
        for row in rows:
            for cell in row.cells:
                if cell.text:
                    has_text = True
                    if stray.search(cell.text):
                        return None
        if not has_text:
            return None
        if header_row_count:
            rows[:header_row_count] = [_as_header(row) for row in rows[:header_row_count]]
        top = self.window.rows[0]
        place = TextPlace(self.lines[top.index].number, self.points[0][0], self.points[0][-1] + 1)
        return RawTable(tuple(rows), spans="drawn", place=place, header_row_count=header_row_count)

    def _header_rows(self) -> int:
        """Rows above a heavy ruler where others are light: === in grid tables, ╞═╪═╡ and ┡━╇━┩ in boxes."""
        strong = self.lattice.strong
        inner = [position for position, heavy in enumerate(strong) if heavy and 0 < position < len(strong) - 1]
        return inner[0] if 1 <= len(inner) <= 2 and False in strong else 0

    def _parts(self, box: Box, first_line: int, end_line: int) -> list[tuple[int, str]]:
        """The lines of a cell that have text, by index, and what stands there from border to border."""
        parts = []
        for index in range(first_line, end_line):
            points = self.points[index]
            part = self.window.rows[index].text[points[box.start] + 1 : points[box.end]]
            if not self.boxes and part[:2] == " |" and part[2:3] in ("", " "):
                part = "  " + part[2:]  # reStructuredText marks a line that is not to be joined with the others, also one without words
            if part and not part.isspace():
                parts.append((index, part))
        return parts

    def _place(self, box: Box, index: int, part: str) -> TextPlace:
        column = self.points[index][box.start] + 1 + len(part) - len(part.lstrip())
        return TextPlace(self.lines[self.window.rows[index].index].number, column, column + len(part.strip()))

    def _segment(self, box: Box, index: int, part: str) -> _Segment:
        metric = self.window.rows[index].metric
        text = part.strip()
        inner = self.lattice.columns[box.end] - self.lattice.columns[box.start] - 1
        # Grid tables and their like keep one blank at each border.
        padding = 2 if part[0] == " " and part[-1] == " " else 0
        return _Segment(text, inner - padding - width_of(text, metric), metric)

    def _cell(self, box: Box, first_line: int, end_line: int) -> RawCell:
        rank = self.lattice.rank
        parts = self._parts(box, first_line, end_line)
        row_span = box.end_row - box.row
        col_span = rank[box.end] - rank[box.start]
        if not parts:
            index = min(first_line, box.end_line)
            points = self.points[index]
            number = self.lines[self.window.rows[index].index].number
            return RawCell("", TextPlace(number, points[box.start] + 1, points[box.end]), row_span, col_span)
        text = parts[0][1].strip() if len(parts) == 1 else self._joined(box, parts)
        return RawCell(text, self._place(box, *parts[0]), row_span, col_span)

    def _joined(self, box: Box, parts: list[tuple[int, str]]) -> str:
        """Lines joined by line breaks; parts of a number that the printer has cut are joined directly.

        Printers of grid tables cut a word that is wider than its column; terminal browsers widen the column, but break a line between
        wide characters, full-width digits among them.
        """
        if self.boxes:
            segments = [self._segment(box, index, part) for index, part in parts]
            return ("" if _is_broken_number(segments) else "\n").join(segment.text for segment in segments)
        if self._is_full(box.row):
            return "\n".join(part.strip() for _, part in parts)
        text = ""
        for chain in _number_chains([self._segment(box, index, part) for index, part in parts]):
            joined = "".join(segment.text for segment in chain) if _is_cut(chain) else "\n".join(_unmarked(chain))
            text = f"{_without_mark(text)}\n{joined}" if text else joined
        return text

    def _is_full(self, row: int) -> bool:
        """Whether every cell of a row has text on every line: perhaps these lines are rows, so nothing is put together there."""
        full = self.full_rows.get(row)
        if full is None:
            boxes = self.lattice.rows[row]
            full = len(boxes) > 1 and all(
                box.end_row == row + 1 and len(self._parts(box, box.first_line, box.end_line)) == box.end_line - box.first_line
                for box in boxes
            )
            self.full_rows[row] = full
        return full

    # ---- one line, one row?

    def _lines_are_rows(self) -> bool:
        """Whether the lines between the last two rulers are rows of their own: a frame with a ruler under its header and none below.

        A grid table of two rows looks the same when the second one's texts are wrapped, so the lines must speak for it.
        """
        rows = self.lattice.rows
        body = rows[-1]
        count = body[0].end_line - body[0].first_line
        titled = len(rows) == 3 and len(rows[0]) == 1 and len(rows[1]) > 1
        if count < 2 or not (len(rows) <= 2 or titled) or None in self.lattice.strong:
            return False
        if len(rows) == 1 and len(body) == 1:
            return False  # a text in a box
        columns: list[list[_Segment | None]] = []
        for box in body:
            column: list[_Segment | None] = [None] * count
            for index, part in self._parts(box, box.first_line, box.end_line):
                column[index - box.first_line] = self._segment(box, index, part)
            columns.append(column)
        filled = [sum(1 for column in columns if column[line] is not None) for line in range(count)]
        if _has_rows_of_numbers(columns, 1 if self.window.unruled else MIN_UNRULED_ROWS):
            self.has_blanks = True
            return True
        if 0 in filled or sum(filled) < 0.8 * count * len(body) or None in columns[0]:
            return False
        all_filled = sum(filled) == count * len(body)
        if len(rows) == 1 and not all_filled:
            return False
        # Numbers that fill their column might be one number cut, but then nearly all cells of the row would be cut as often.
        if any(_is_stack_of_numbers(column) for column in columns):
            return True
        roomy = sum(1 for line in range(count - 1) if any(_had_room(column[line], column[line + 1]) for column in columns))
        return roomy > 0 if all_filled and len(body) > 1 else roomy * 2 >= count - 1


def _as_header(row: RawRow) -> RawRow:
    return RawRow(tuple(RawCell(cell.text, cell.place, cell.row_span, cell.col_span, is_header=True) for cell in row.cells))


def _had_room(segment: _Segment | None, following: _Segment | None) -> bool:
    """Whether the break is not the printer's: the next line's first word had room on this line.

    Some printers fill a cell from its end: there this line's last character had no room on the next.
    """
    if segment is None or following is None or following.room < char_width(segment.text[-1], segment.metric):
        return False
    word = following.text.split(None, 1)[0]
    head = next((position for position, char in enumerate(word) if char_width(char, NARROW_BORDERS[0]) == 2), None)
    needed = width_of(word, following.metric) + 1 if head is None else width_of(word[:head], following.metric) + (1 if head else 2)
    return segment.room >= needed


def _has_rows_of_numbers(columns: Sequence[Sequence[_Segment | None]], least: int) -> bool:
    """Whether so many lines hold numbers of their own behind the first column, none cut, and hardly a line goes on with the one above it."""
    count = len(columns[0])
    valued = [any(column[line] is not None and _is_number(column[line].text) for column in columns[1:]) for line in range(count)]  # type: ignore[union-attr]
    if sum(valued) < least:
        return False
    going_on = cut = 0
    for line in range(valued.index(True), count - 1):  # headers above may be wrapped
        pairs = [(column[line], column[line + 1]) for column in columns]
        if any(_had_room(one, other) for one, other in pairs):
            continue  # what stands below is another row's
        filled = [(one, other) for one, other in pairs if one is not None and other is not None]
        going_on += not valued[line + 1] and bool(filled)
        cut += any(_is_number(one.text) and _is_number(other.text) and _is_cut([one, other]) for one, other in filled)
    if cut > max(1, MAX_GOING_ON * count):
        return False
    return going_on <= max(1, MAX_GOING_ON * count)


def _is_stack_of_numbers(column: Sequence[_Segment | None]) -> bool:
    """Whether every line holds a number."""
    return all(segment is not None and _is_number(segment.text) for segment in column)


def _is_number(text: str) -> bool:
    return any(char.isdigit() for char in text) and not any(char.isalpha() for char in text)


def _number_chains(segments: list[_Segment]) -> Iterator[list[_Segment]]:
    """Runs of lines that may be parts of one number: a digit, comma or point on both sides of each break, and no space."""
    chain = [segments[0]]
    for segment in segments[1:]:
        before = chain[-1].text
        numeric = _NUMBER_PART.fullmatch(before[-1]) or (len(before) == 1 and _SIGN.fullmatch(before))
        if numeric and _NUMBER_PART.fullmatch(segment.text[0]) and not re.search(r"\s", before) and not re.search(r"\s", segment.text):
            chain.append(segment)
        else:
            yield chain
            chain = [segment]
    yield chain


def _is_cut(chain: list[_Segment]) -> bool:
    """Whether the parts fill their column, all but the last, or all but the first (printers cut from either end)."""
    pairs = list(pairwise(chain))
    from_left = all(a.room < char_width(b.text[0], b.metric) for a, b in pairs)
    from_right = all(b.room < char_width(a.text[-1], a.metric) for a, b in pairs)
    return from_left or from_right


def _is_broken_number(segments: Sequence[_Segment]) -> bool:
    """Whether lines are one number, perhaps with its unit, each break of it beside a wide character and where the next had no room."""
    if _BROKEN_NUMBER.fullmatch("".join(segment.text for segment in segments)) is None:
        return False
    for one, other in pairwise(segments):
        last, first = char_width(one.text[-1], one.metric), char_width(other.text[0], other.metric)
        if max(last, first) < 2 or one.room >= first:
            return False
    return True


def _unmarked(chain: list[_Segment]) -> Iterator[str]:
    for segment in chain[:-1]:
        yield _without_mark(segment.text)
    yield chain[-1].text


def _without_mark(text: str) -> str:
    """Markdown marks a line break inside a cell by a backslash at the line's end."""
    return text[:-1].rstrip() if text.endswith("\\") and not text.endswith("\\\\") else text
