"""Tables with drawn borders: what terminal browsers print with box-drawing characters, grid tables, tables framed with + - |.

A drawing is a lattice: columns at joints, rows at rulers. Each line is turned into a string of shape codes, one a display column, in
which a wide character takes two. Then one pass from the top ruler down keeps the cells that are open and closes each where a ruler ends
it. A cell that is not a rectangle, a border that ends in nothing or a line that does not meet the frame makes the whole drawing no table:
its lines stay text. Nothing here looks at what a text says, with two exceptions that are about how it was printed: a number that a grid
table's printer has cut in two, and whether the lines between two rulers are rows of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, pairwise
from operator import itemgetter

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.pipes import Line, text_of

__all__ = ["BoxStretch", "find_boxes", "read_box_table", "split_boxes"]

MAX_LINE = 20_000  # code points; a longer line is part of no drawing
MAX_BOUNDARIES = 2_000  # columns at which one drawing has borders
MAX_CELLS = 2_000_000  # of one drawing
MAX_OPEN = 64  # drawings side by side or one in another on one line
MIN_UNRULED_ROWS = 3  # lines with numbers between two rulers that are rows of their own
MAX_GOING_ON = 0.1  # of these lines, how many may fill a cell that has words on the next one too
MAX_BROKEN = 1_000  # drawings of a text that end in nothing; after them no more are looked for


@dataclass(frozen=True, slots=True)
class BoxStretch:
    """Consecutive lines: `lines` are indices into the sequence that was split.

    `tables` are those drawn on them, in the order of their top left corners; without any, the lines are not drawn and are the caller's.
    `beside` is the text that stands to the left or right of the drawings, line by line, the drawings blanked (code point columns hold).
    """

    lines: range
    tables: tuple[RawTable, ...] = ()
    beside: tuple[Line, ...] = ()


def split_boxes(lines: Sequence[Line]) -> Iterator[BoxStretch]:
    """Part lines into stretches with drawn tables and stretches without; together they are all the lines, in order.

    Linear in the text. Drawings past the limits of this module, broken ones and those without any text are not tables.
    """
    done = 0
    drawings = _read_drawings(lines)
    if any(drawing.unruled for drawing in drawings):
        drawings = _read_drawings(lines, unruled=True)  # one of two or three lines cannot tell by itself
    for group in _side_by_side(drawings):
        start = min(drawing.top for drawing in group)
        end = max(drawing.end for drawing in group)
        if done < start:
            yield BoxStretch(range(done, start))
        yield BoxStretch(range(start, end), tuple(drawing.table for drawing in group), _beside(lines, group))
        done = end
    if done < len(lines):
        yield BoxStretch(range(done, len(lines)))


def find_boxes(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of indices of lines with drawn tables."""
    for stretch in split_boxes(lines):
        if stretch.tables:
            yield stretch.lines.start, stretch.lines.stop


def read_box_table(lines: Sequence[Line]) -> tuple[RawTable, ...]:
    """Every drawn table of these lines; what else they hold is left out (`split_boxes` keeps it)."""
    return tuple(table for stretch in split_boxes(lines) for table in stretch.tables)


# ---- shapes: a line as codes, one a display column --------------------------------------------------------------------

# A code says which arms a character has. "-" and "=" go left and right (light, and heavy or double), "|" up and down,
# "+" may go anywhere, ":" is an alignment mark in a ruler, " " is blank, "x" is text, and a tab is the second column of a wide character,
# so that a display column less the tabs before it is a code point column. Box-drawing joints:
_JOINT_CODES = {"DR": "r", "DL": "7", "UR": "L", "UL": "J", "UDR": "E", "UDL": "3", "DLR": "T", "ULR": "W", "UDLR": "X"}
_RIGHT = "rLETWX"  # joints with an arm to the right
_LEFT = "7J3TWX"
_UP = "LJE3WX"
_DOWN = "r7E3TX"
_GOES_RIGHT = _RIGHT + "+-=:\t"
_GOES_LEFT = _LEFT + "+-=:\t"
_STROKES = "-=:\t"  # between the joints of a ruler
_JOINTS = "r7LJE3TWX"
_BORDERS = ("|", "+", *_JOINTS)
_BOX_JOINT = re.compile(rf"[{_JOINTS}]")
_PIECE = re.compile(rf"[+{_JOINTS}][-=:\t+{_JOINTS}]*[+{_JOINTS}]")  # a stretch of a ruler, from joint to joint
_BOX_TOP = re.compile(r"r[-=\t+T]*7")
_BOX_BOTTOM = re.compile(r"L[-=\t+W]*J")
_BOX_RULER = re.compile(r"[+E][-=\t+TWX]*[+3]")
_FRAME_TOP = re.compile(r"[ \t]*(\+[-=+:]*[-=][-=+:]*\+)[ \t]*")
_STRAY_UPRIGHT = re.compile(r"[\u2502\u2503\u2551]")
_STRAY_PIPE = re.compile(r"(?<!\\)[|\u2502\u2503\u2551]")
_MAYBE_FRAME = re.compile(r"\s*\+[-=+:\u2500-\u257f]")


@dataclass(frozen=True, slots=True)
class _Metric:
    """How many display columns a printer counts for a character."""

    ambiguous: int = 1  # East Asian ambiguous ones
    emoji: int = 2  # wide ones beyond the Han planes: older printers count them as 1
    box: int = 1  # box-drawing characters: a terminal with a Chinese character set gives them 2
    single: bool = False  # every code point is 1


# In the order in which they are tried, line by line: rulers hold no text, so it is they that say where the borders are.
_NARROW_BORDERS = (_Metric(), _Metric(ambiguous=2), _Metric(emoji=1), _Metric(single=True))
_WIDE_BORDERS = (_Metric(ambiguous=2, box=2), _Metric(box=2), _Metric(ambiguous=2, emoji=1, box=2))


class _ShapeTable(dict[int, str]):
    """A table for str.translate that learns characters as they come."""

    def __init__(self, metric: _Metric) -> None:
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


def _shape_of(char: str, metric: _Metric) -> str:
    width = _char_width(char, metric)
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


def _char_width(char: str, metric: _Metric) -> int:
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


_SHAPES = {metric: _ShapeTable(metric) for metric in _NARROW_BORDERS + _WIDE_BORDERS}
_BOX_CORNER = re.compile("[" + "".join(char for char in map(chr, range(0x2500, 0x2580)) if _box_code(char) == "r") + "]")


def _shape(text: str, metric: _Metric) -> str:
    return text.translate(_SHAPES[metric])


def _width(text: str, metric: _Metric) -> int:
    return len(text) if text.isascii() else len(_shape(text, metric))


def _code_points(shape: str, columns: Sequence[int]) -> Sequence[int]:
    """The code point column of the character at each of these display columns (ascending), where every character has a width."""
    found = []
    before = tabs = 0
    for column in columns:
        tabs += shape.count("\t", before, column)
        found.append(column - tabs)
        before = column
    return found


def _slow_code_points(text: str, metric: _Metric, columns: Sequence[int]) -> Sequence[int]:
    """The same where some characters have none, and so left no code."""
    found: list[int] = []
    table = _SHAPES[metric]
    column = 0
    for index, char in enumerate(text):
        column += len(table[ord(char)])
        while len(found) < len(columns) and columns[len(found)] < column:
            found.append(index)
    return found + [len(text)] * (len(columns) - len(found))


# ---- where drawings are -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """One line of a drawing: the text, inner drawings blanked, the codes from the left border to the right one, and those of the line."""

    index: int
    text: str
    shape: str
    metric: _Metric
    line_shape: str
    bars: dict[int, int] | None = None  # by boundary column: the code point column of the border, where counting them is all that helps


@dataclass(slots=True)
class _Window:
    """A frame from a top ruler down; `left` and `right` are the display columns of its outer borders."""

    left: int
    right: int
    spaced: bool  # a blank line stands between any two lines
    rows: list[_Row] = field(default_factory=list)
    unruled: bool = False  # another drawing of the text has rows without rulers between them


@dataclass(slots=True)
class _Drawing:
    """A table that was read, where it stands (lines, half-open) and its code point span on each of its lines."""

    top: int
    end: int
    left: int
    table: RawTable
    spans: list[tuple[int, int, int]]  # index of the line, first code point, end
    unruled: bool = False  # its rows have no rulers between them


def _read_drawings(lines: Sequence[Line], *, unruled: bool = False) -> list[_Drawing]:
    """All drawings that are tables. Each kind of border looks only at what the one before it has left."""
    drawings: list[_Drawing] = []
    taken: set[int] = set()
    text = text_of(lines)
    for metrics in (_NARROW_BORDERS, _WIDE_BORDERS) if _BOX_CORNER.search(text) else ():
        found = _read_boxes(lines, metrics, taken, unruled=unruled)
        drawings += found
        for drawing in found:
            taken.update(range(drawing.top, drawing.end))
    if "+" in text:
        drawings += _read_frames(lines, taken, unruled=unruled)
    return drawings


def _read_boxes(lines: Sequence[Line], metrics: tuple[_Metric, ...], taken: set[int], *, unruled: bool) -> list[_Drawing]:
    """Drawings of box-drawing characters. Their corners say where they begin and end, so text may stand beside them."""
    windows: list[_Window] = []  # those that are whole
    active: list[_Window] = []
    broken = 0
    for index, line in enumerate(lines):
        text = line.text
        usable = len(text) <= MAX_LINE and index not in taken
        opens = usable and broken <= MAX_BROKEN and _BOX_CORNER.search(text) is not None
        if not active and not opens:
            continue
        if active and all(window.spaced for window in active) and not text.strip():
            continue
        metric, shape, going_on = _fit(text if usable else "", metrics, active)
        for window in active:
            if not any(window is other for other in going_on):
                whole = _cut_off(lines, window, index, metrics) if shape[window.left : window.left + 1] != "L" else None
                if whole is None:
                    broken += 1
                else:
                    windows.append(whole)
        active = []
        for window in going_on:
            window.rows.append(_Row(index, text, shape[window.left : window.right + 1], metric, shape))
            if shape[window.left] not in "LJW":
                active.append(window)
            elif _BOX_BOTTOM.fullmatch(window.rows[-1].shape):
                windows.append(window)
        if opens:
            active += _open_windows(lines, index, metric, shape)
            if len(active) > MAX_OPEN:
                broken += len(active)
                active = []
    for window in active:
        whole = _cut_off(lines, window, len(lines), metrics)
        if whole is not None:
            windows.append(whole)
    for window in windows:
        window.unruled = unruled
    return _read_nested(lines, windows, metrics)


def _open_windows(lines: Sequence[Line], index: int, metric: _Metric, shape: str) -> Iterator[_Window]:
    """The frames whose top rulers stand on this line, one more than MAX_OPEN at most."""
    spaced = _is_spaced(lines, index)
    for match in islice(_BOX_TOP.finditer(shape), MAX_OPEN + 1):
        yield _Window(match.start(), match.end() - 1, spaced, [_Row(index, lines[index].text, match.group(), metric, shape)])


def _is_spaced(lines: Sequence[Line], index: int) -> bool:
    """Whether one blank line follows and then one that is not."""
    return index + 2 < len(lines) and not lines[index + 1].text.strip() and bool(lines[index + 2].text.strip())


def _fit(text: str, metrics: tuple[_Metric, ...], active: list[_Window]) -> tuple[_Metric, str, list[_Window]]:
    """The metric under which the line meets most of the open frames, its shape, and those frames."""
    best_metric, best_shape = metrics[0], ""
    best_met: list[_Window] = []
    for metric in metrics:
        shape = _shape(text, metric)
        met = [window for window in active if _meets(shape, window)]
        if metric is metrics[0] or len(met) > len(best_met):
            best_metric, best_shape, best_met = metric, shape, met
        if len(met) == len(active) or text.isascii():
            break
    return best_metric, best_shape, best_met


def _meets(shape: str, window: _Window) -> bool:
    """Whether a line's outer borders stand where the frame's do. A text right beside them says that they are others, met by chance."""
    left, right = window.left, window.right
    if right >= len(shape) or shape[left] not in "|+LEWX" or shape[right] not in "|+J3WX":
        return False
    return not shape[max(0, left - 2) : left].rstrip("\t").endswith("x") and not shape[right + 1 : right + 3].lstrip("\t").startswith("x")


def _cut_off(lines: Sequence[Line], window: _Window, index: int, metrics: tuple[_Metric, ...]) -> _Window | None:
    """What is whole of a drawing that the line at `index` does not go on with: all down to its last ruler from border to border.

    None when the line after goes on with it: then the drawing is broken, not cut off.
    """
    whole = len(window.rows)
    while whole > 1 and not _BOX_RULER.fullmatch(window.rows[whole - 1].shape):
        whole -= 1
    if whole <= 1:
        return None
    if index + 1 < len(lines) and len(lines[index + 1].text) <= MAX_LINE:
        for metric in metrics:
            shape = _shape(lines[index + 1].text, metric)
            if shape[window.left : window.left + 1] in ("|", "E", "L") or shape[window.right : window.right + 1] in ("|", "3", "J"):
                return None
    del window.rows[whole:]
    return window


def _read_nested(lines: Sequence[Line], windows: list[_Window], metrics: tuple[_Metric, ...]) -> list[_Drawing]:
    """Inner drawings first; each is blanked in those around it, whose cells' text leaves nested tables out."""
    drawings: list[_Drawing] = []
    covered: dict[int, list[tuple[int, int, int, int]]] = {}  # by line: display columns and code points of drawings that were read
    for window in sorted(windows, key=lambda window: window.right - window.left):
        for row in window.rows:
            for left, right, first, end in covered.get(row.index, ()):
                if window.left < left and right < window.right:
                    inside = left - window.left
                    row.shape = row.shape[:inside] + " " * (right - left + 1) + row.shape[inside + right - left + 1 :]
                    row.text = row.text[:first] + " " * (end - first) + row.text[end:]
        drawing = _read_window(lines, window, metrics, boxes=True)
        if drawing is not None:
            drawings.append(drawing)
            for index, first, end in drawing.spans:
                covered.setdefault(index, []).append((window.left, window.right, first, end))
    return drawings


def _read_frames(lines: Sequence[Line], taken: set[int], *, unruled: bool) -> list[_Drawing]:
    """Drawings with + at their joints. Nothing may stand beside them, for + and | are also what texts are made of."""
    drawings = []
    index = 0
    count = len(lines)
    metrics = _NARROW_BORDERS
    while index < count:
        text = lines[index].text
        top = None
        if "+" in text and index not in taken and len(text) <= MAX_LINE and _MAYBE_FRAME.match(text):
            top = _FRAME_TOP.fullmatch(_shape(text, metrics[0]))
        if top is None:
            index += 1
            continue
        window = _Window(top.start(1), top.end(1) - 1, _is_spaced(lines, index), [_Row(index, text, top.group(1), metrics[0], top.string)])
        window.unruled = unruled
        headless = _goes_on_above(lines, index, window)
        whole = _follow_frame(lines, window, index + 1, taken) and not headless
        index = window.rows[-1].index + 1
        if whole:
            drawing = _read_window(lines, window, metrics, boxes=False)
            if drawing is not None:
                drawings.append(drawing)
                index = drawing.end
    return drawings


def _follow_frame(lines: Sequence[Line], window: _Window, index: int, taken: set[int]) -> bool:
    """Add the lines of a frame; False when it is broken. The last line is the last ruler from border to border: what follows is cut off."""
    after_ruler = True  # the last line was a ruler from border to border
    while index < len(lines):
        text = lines[index].text
        if len(text) > MAX_LINE or index in taken:
            break
        if not text.strip():
            if not window.spaced:
                break
            index += 1
            continue
        if not _starts_in_frame(text, window.left):
            if not after_ruler and index + 1 < len(lines) and _starts_in_frame(lines[index + 1].text, window.left):
                return False
            break
        metric, shape = _fit_frame(text, window)
        meets = len(shape) == window.right + 1 and shape[window.right] in "|+" and not shape[: window.left].strip()
        row_shape = shape[window.left : window.right + 1] if meets else ""
        is_ruler = meets and _FRAME_TOP.fullmatch(row_shape) is not None
        if is_ruler and after_ruler:
            break  # the top of the next frame
        window.rows.append(_Row(index, text, row_shape, metric, shape))
        after_ruler = is_ruler
        index += 1
        if is_ruler and window.spaced and index + 1 < len(lines) and not _starts_in_frame(lines[index + 1].text, window.left):
            break
    rows = window.rows
    while len(rows) > 1 and _FRAME_TOP.fullmatch(rows[-1].shape) is None:
        rows.pop()
    return len(rows) > 1


def _goes_on_above(lines: Sequence[Line], index: int, window: _Window) -> bool:
    """Whether a ruler is no top: the line above it has borders and is no ruler itself. What is drawn above is broken or cut off."""
    above = index - 2 if window.spaced else index - 1
    if above < 0 or len(lines[above].text) > MAX_LINE:
        return False
    shape = _shape(lines[above].text, _NARROW_BORDERS[0])
    return "|" in shape and _FRAME_TOP.fullmatch(shape) is None


def _starts_in_frame(text: str, left: int) -> bool:
    start = text[: left + 1].lstrip()[:1]
    return start != "" and _SHAPES[_NARROW_BORDERS[0]][ord(start)] in "|+"


def _fit_frame(text: str, window: _Window) -> tuple[_Metric, str]:
    """The metric under which the line ends at the frame's right border, else the first; the shape ends with the text."""
    first = _shape(text, _NARROW_BORDERS[0]).rstrip()
    if text.isascii() or len(first) == window.right + 1:
        return _NARROW_BORDERS[0], first
    for metric in _NARROW_BORDERS[1:]:
        shape = _shape(text, metric).rstrip()
        if len(shape) == window.right + 1:
            return metric, shape
    return _NARROW_BORDERS[0], first


def _side_by_side(drawings: list[_Drawing]) -> Iterator[list[_Drawing]]:
    """Drawings that share lines, together; in the order of their top left corners."""
    group: list[_Drawing] = []
    end = -1
    for drawing in sorted(drawings, key=lambda item: (item.top, item.left)):
        if group and drawing.top >= end:
            yield group
            group = []
        group.append(drawing)
        end = max(end, drawing.end)
    if group:
        yield group


def _beside(lines: Sequence[Line], group: list[_Drawing]) -> tuple[Line, ...]:
    spans: dict[int, list[tuple[int, int]]] = {}
    for drawing in group:
        for index, first, end in drawing.spans:
            spans.setdefault(index, []).append((first, end))
    beside = []
    for index in sorted(spans):
        text = lines[index].text
        for first, end in spans[index]:
            text = text[:first] + " " * (end - first) + text[end:]
        if text.strip():
            beside.append(Line(lines[index].number, text))
    return tuple(beside)


# ---- the lattice ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Box:
    """A cell as drawn: rows (half-open, counted by rulers), boundaries to its left and right, and its lines (first, end)."""

    row: int
    end_row: int
    start: int
    end: int
    first_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class _Lattice:
    """The cells of a drawing by row. `columns` are the boundaries' columns from the left border; `rank` the grid column of each."""

    columns: tuple[int, ...]
    rank: tuple[int, ...]
    rows: tuple[tuple[_Box, ...], ...]
    strong: tuple[bool | None, ...]  # by ruler between rows, first and last included: heavy from border to border; None: not a whole ruler


def _read_window(lines: Sequence[Line], window: _Window, metrics: tuple[_Metric, ...], *, boxes: bool) -> _Drawing | None:
    if not any("x" in row.shape for row in window.rows):
        return None
    _refit(lines, window, [row for row in window.rows if row.metric is not metrics[0]], metrics, boxes=boxes)
    drawing = _read_rows(lines, window, boxes=boxes)
    if drawing is None and _refit(lines, window, window.rows, metrics, boxes=boxes):
        drawing = _read_rows(lines, window, boxes=boxes)
    if drawing is None and not boxes and _count_borders(lines, window):
        drawing = _read_rows(lines, window, boxes=boxes)
    return drawing


def _count_borders(lines: Sequence[Line], window: _Window) -> bool:
    """Take the borders of lines between rulers with the same joints in their order, where there are as many as joints; whether any were.

    A printer that lets a wide character stick out of a narrow column moves every border behind it, but it draws each of them.
    """
    rulers = [position for position, row in enumerate(window.rows) if _FRAME_TOP.fullmatch(row.shape)]
    changed = False
    for above, below in pairwise(rulers):
        joints = [column for column, code in enumerate(window.rows[above].shape) if code == "+"]
        if joints != [column for column, code in enumerate(window.rows[below].shape) if code == "+"]:
            continue
        for row in window.rows[above + 1 : below]:
            text = lines[row.index].text
            bars = [match.start() for match in _STRAY_PIPE.finditer(text)]
            if len(bars) != len(joints) or text[: bars[0]].strip() or text[bars[-1] + 1 :].strip():
                continue
            shape = [" "] * (window.right - window.left + 1)
            for joint, bar, following in zip(joints, bars, [*bars[1:], len(text)], strict=True):
                shape[joint] = "|"
                if text[bar + 1 : following].strip():
                    shape[joint + 1] = "x"
            row.shape = "".join(shape)
            row.bars = dict(zip(joints, bars, strict=True))
            changed = True
    return changed


def _read_rows(lines: Sequence[Line], window: _Window, *, boxes: bool) -> _Drawing | None:
    lattice = _build_lattice([row.shape for row in window.rows])
    if lattice is None:
        return None
    texts = _Texts(lines, window, lattice, boxes=boxes)
    table = texts.table()
    if table is None:
        return None
    spans = [(row.index, points[0], points[-1] + 1) for row, points in zip(window.rows, texts.points, strict=True)]
    return _Drawing(window.rows[0].index, window.rows[-1].index + 1, window.left, table, spans, texts.is_split and texts.has_blanks)


def _refit(lines: Sequence[Line], window: _Window, rows: Sequence[_Row], metrics: tuple[_Metric, ...], *, boxes: bool) -> bool:
    """Give each of these rows the metric under which most of its borders stand where whole rulers have joints; whether that changed any.

    The outer borders alone can be met by chance, by a line with something beside the drawing or with widths that cancel out.
    """
    if not rows:
        return False
    joints: set[int] = set()
    for shape in {row.shape for row in window.rows}:
        if not shape.strip(_STROKES + "+" + _JOINTS):
            joints.update(column for column, code in enumerate(shape) if code not in _STROKES)
    columns = sorted(joints)
    changed = False
    for row in rows:
        if row.text.isascii() or row.text != lines[row.index].text:
            continue
        best = sum(1 for column in columns if row.shape[column : column + 1] in _BORDERS)
        for metric in metrics:
            line_shape = _shape(row.text, metric)
            shape = line_shape[window.left : window.right + 1]
            if _meets(line_shape, window) and shape != row.shape and (boxes or not line_shape[window.right + 1 :].strip()):
                met = sum(1 for column in columns if shape[column] in _BORDERS)
                if met > best:
                    best = met
                    row.shape, row.metric, row.line_shape = shape, metric, line_shape
                    changed = True
    return changed


def _build_lattice(shapes: Sequence[str]) -> _Lattice | None:
    """The cells that the borders part. None when the drawing is not a rectangle parted into rectangles, or past the limits."""
    width = len(shapes[0])
    pieces: dict[str, tuple[tuple[int, int], ...]] = {}
    rulers: list[int] = []
    joints = {0, width - 1}
    for index, shape in enumerate(shapes):
        found = pieces.get(shape)
        if found is None:
            if len(shape) != width:
                return None
            if "+" not in shape and not _BOX_JOINT.search(shape):
                continue
            found = tuple(match.span() for match in _PIECE.finditer(shape) if match.group().strip("+"))
            pieces[shape] = found
            for start, end in found:
                joints.update(column for column in range(start, end) if shape[column] not in _STROKES)
            joints.update(match.start() for match in _BOX_JOINT.finditer(shape))
            if len(joints) > MAX_BOUNDARIES:
                return None
        if found:
            rulers.append(index)
    if len(rulers) < 2 or rulers[0] != 0 or rulers[-1] != len(shapes) - 1 or width < 2:
        return None
    columns = tuple(sorted(joints))
    edges = {shape: _find_edges(shape, spans, columns) for shape, spans in pieces.items()}
    return _sweep(shapes, rulers, columns, edges)


def _find_edges(shape: str, spans: tuple[tuple[int, int], ...], columns: tuple[int, ...]) -> int | None:
    """Bit i: a ruler stands between boundary i and the next. None when an arm or a stroke beside a joint points at nothing."""
    mask = 0
    position = 0
    for start, end in spans:
        while columns[position] < start:
            position += 1
        while columns[position] < end - 1:
            if shape[columns[position]] in _GOES_RIGHT and shape[columns[position + 1]] in _GOES_LEFT:
                mask |= 1 << position
            position += 1
    last = len(columns) - 1
    for position, column in enumerate(columns):
        code = shape[column]
        after = position < last and mask >> position & 1
        before = position and mask >> (position - 1) & 1
        if code == "+":
            # A text beside a joint has a blank before it: a stroke there is a ruler with a gap.
            right = shape[column + 1] if position < last else " "
            left = shape[column - 1] if position else " "
            strays = (not after and right in "-=") or (not before and left in "-=")
        else:
            strays = (code in _RIGHT and not after) or (code in _LEFT and not before)
        if strays:
            return None
    return mask


def _sweep(shapes: Sequence[str], rulers: list[int], columns: tuple[int, ...], edges: dict[str, int | None]) -> _Lattice | None:
    """From the top ruler down: each ruler closes a cell along its whole width or lets it go on unchanged."""
    last = len(columns) - 1
    whole = (1 << last) - 1
    pick: Callable[[str], tuple[str, ...]] = itemgetter(*columns)
    bands: dict[tuple[tuple[str, ...], tuple[str, ...], frozenset[tuple[str, ...]]], int | None] = {}
    parts: dict[int, tuple[tuple[int, int], ...]] = {}
    used = 0
    cell_count = 0
    row = 0
    strong: list[bool | None] = []
    rows: list[list[_Box]] = []
    open_cells: dict[tuple[int, int], tuple[int, int]] = {}  # boundaries -> first row, line of the ruler above
    for number, ruler in enumerate(rulers):
        edge = edges[shapes[ruler]]
        is_last = number == len(rulers) - 1
        if edge is None or ((is_last or number == 0) and edge != whole):
            return None
        intervals: tuple[tuple[int, int], ...] = ()
        if not is_last:
            below = rulers[number + 1]
            between = frozenset(map(pick, shapes[ruler + 1 : below]))
            key = (pick(shapes[ruler]), pick(shapes[below]), between)
            if key not in bands:
                bands[key] = _find_uprights(*key)
            uprights = bands[key]
            if uprights is None or not uprights & 1 or not uprights >> last:
                return None
            used |= uprights
            if uprights not in parts:
                parts[uprights] = _intervals(uprights, last)
            intervals = parts[uprights]
        if edge:
            strong.append(None if edge != whole else "-" not in shapes[ruler])
            if number:
                row += 1
            if not is_last:
                rows.append([])
        if edge == whole:
            for (start, end), (first_row, line) in open_cells.items():
                rows[first_row].append(_Box(first_row, row, start, end, line + 1, ruler))
            cell_count += len(intervals)
            if cell_count > MAX_CELLS:
                return None
            open_cells = dict.fromkeys(intervals, (row, ruler))
            continue
        going_on: dict[tuple[int, int], tuple[int, int]] = {}
        for (start, end), (first_row, line) in open_cells.items():
            ruled = (edge >> start) & ((1 << (end - start)) - 1)
            if ruled == 0:
                going_on[start, end] = first_row, line
            elif ruled == (1 << (end - start)) - 1:
                rows[first_row].append(_Box(first_row, row, start, end, line + 1, ruler))
            else:
                return None
        open_cells = {}
        for interval in intervals:
            if interval in going_on:
                open_cells[interval] = going_on.pop(interval)
            elif (edge >> interval[0]) & ((1 << (interval[1] - interval[0])) - 1) != (1 << (interval[1] - interval[0])) - 1:
                return None
            else:
                open_cells[interval] = (row, ruler)
                cell_count += 1
        if going_on or cell_count > MAX_CELLS:
            return None
    rank = [(used & ((1 << position) - 1)).bit_count() for position in range(len(columns))]
    ordered = tuple(tuple(sorted(cells, key=lambda box: box.start)) for cells in rows)
    return _Lattice(columns, tuple(rank), ordered, tuple(strong))


def _find_uprights(above: tuple[str, ...], below: tuple[str, ...], between: frozenset[tuple[str, ...]]) -> int | None:
    """Bit i: a border stands at boundary i from the ruler above down to the one below. None where one begins and does not arrive."""
    mask = 0
    for position, (top, bottom) in enumerate(zip(above, below, strict=True)):
        down = top in "|+" or top in _DOWN
        up = bottom in "|+" or bottom in _UP
        if not down and not up:
            continue
        standing = {codes[position] == "|" for codes in between}
        if standing == {True} or (not standing and down and up):
            if not (down and up):
                return None
            mask |= 1 << position
        elif True in standing or (down and top != "+") or (up and bottom != "+"):
            return None
    return mask


def _intervals(uprights: int, last: int) -> tuple[tuple[int, int], ...]:
    standing = [position for position in range(last + 1) if uprights >> position & 1]
    return tuple(pairwise(standing))


# ---- what stands in the cells -----------------------------------------------------------------------------------------

_NUMBER_PART = re.compile(r"[\d.,，．]")
_BROKEN_NUMBER = re.compile(r"[-+\u2212\uff0d\uff0b]?(?![0\uff10][0-9\uff10-\uff19])[0-9\uff10-\uff19][\d,.\uff0c\uff0e]*[^\W\d_]{0,2}")
_SIGN = re.compile(r"[-+\u2212\uff0d\uff0b]")


@dataclass(frozen=True, slots=True)
class _Segment:
    """What stands of a cell on one line. `room`: display columns that are left free, the padding aside."""

    text: str
    room: int
    metric: _Metric


class _Texts:
    """The texts of a drawing's cells and the table they make."""

    def __init__(self, lines: Sequence[Line], window: _Window, lattice: _Lattice, *, boxes: bool) -> None:
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
                self.points.append(_slow_code_points(text, row.metric, columns))
                continue
            points = known.get(shape)
            if points is None:
                points = known[shape] = _code_points(shape, columns)
            self.points.append(points)

    def table(self) -> RawTable | None:
        """None when no cell has text, or one holds what looks like a border that parts nothing: then it is the drawing that is doubtful."""
        stray = _STRAY_UPRIGHT if self.boxes else _STRAY_PIPE
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

    def _parts(self, box: _Box, first_line: int, end_line: int) -> list[tuple[int, str]]:
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

    def _place(self, box: _Box, index: int, part: str) -> TextPlace:
        column = self.points[index][box.start] + 1 + len(part) - len(part.lstrip())
        return TextPlace(self.lines[self.window.rows[index].index].number, column, column + len(part.strip()))

    def _segment(self, box: _Box, index: int, part: str) -> _Segment:
        metric = self.window.rows[index].metric
        text = part.strip()
        inner = self.lattice.columns[box.end] - self.lattice.columns[box.start] - 1
        # Grid tables and their like keep one blank at each border.
        padding = 2 if part[0] == " " and part[-1] == " " else 0
        return _Segment(text, inner - padding - _width(text, metric), metric)

    def _cell(self, box: _Box, first_line: int, end_line: int) -> RawCell:
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

    def _joined(self, box: _Box, parts: list[tuple[int, str]]) -> str:
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
    if segment is None or following is None or following.room < _char_width(segment.text[-1], segment.metric):
        return False
    word = following.text.split(None, 1)[0]
    head = next((position for position, char in enumerate(word) if _char_width(char, following.metric) == 2), None)
    needed = _width(word, following.metric) + 1 if head is None else _width(word[:head], following.metric) + (1 if head else 2)
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
    from_left = all(a.room < _char_width(b.text[0], b.metric) for a, b in pairs)
    from_right = all(b.room < _char_width(a.text[-1], a.metric) for a, b in pairs)
    return from_left or from_right


def _is_broken_number(segments: Sequence[_Segment]) -> bool:
    """Whether lines are one number, perhaps with its unit, each break of it beside a wide character and where the next had no room."""
    if _BROKEN_NUMBER.fullmatch("".join(segment.text for segment in segments)) is None:
        return False
    for one, other in pairwise(segments):
        last, first = _char_width(one.text[-1], one.metric), _char_width(other.text[0], other.metric)
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
