"""Tables with drawn borders: what terminal browsers print with box-drawing characters, grid tables, tables framed with + - |.

Here drawings are found and followed from their top rulers down. Each line is turned into a string of shape codes (`box_shapes`), the borders
into a lattice of cells (`box_lattice`), what stands between them into the table's texts (`box_texts`). A cell that is not a rectangle, a
border that ends in nothing or a line that does not meet the frame makes the whole drawing no table: its lines stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from pipeline.model.document import RawTable
from pipeline.readers.dialects.box_lattice import build_lattice
from pipeline.readers.dialects.box_shapes import (
    BORDERS,
    BOX_CORNER,
    JOINTS,
    NARROW_BORDERS,
    SHAPES,
    STROKES,
    WIDE_BORDERS,
    DrawnLine,
    Metric,
    Window,
    shape_line,
)
from pipeline.readers.dialects.box_texts import STRAY_PIPE, CellTexts
from pipeline.readers.dialects.pipes import Line, text_of

__all__ = ["BoxStretch", "find_boxes", "read_box_table", "split_boxes"]

MAX_LINE = 20_000  # code points; a longer line is part of no drawing
MAX_OPEN = 64  # drawings side by side or one in another on one line
MAX_BROKEN = 1_000  # drawings of a text that end in nothing; after them no more are looked for

_BOX_TOP = re.compile(r"r[-=\t+T]*7")
_BOX_BOTTOM = re.compile(r"L[-=\t+W]*J")
_BOX_RULER = re.compile(r"[+E][-=\t+TWX]*[+3]")
_FRAME_TOP = re.compile(r"[ \t]*(\+[-=+:]*[-=][-=+:]*\+)[ \t]*")
_MAYBE_FRAME = re.compile(r"\s*\+[-=+:\u2500-\u257f]")


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


# ---- where drawings are -----------------------------------------------------------------------------------------------


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
    for metrics in (NARROW_BORDERS, WIDE_BORDERS) if BOX_CORNER.search(text) else ():
        found = _read_boxes(lines, metrics, taken, unruled=unruled)
        drawings += found
        for drawing in found:
            taken.update(range(drawing.top, drawing.end))
    if "+" in text:
        drawings += _read_frames(lines, taken, unruled=unruled)
    return drawings


def _read_boxes(lines: Sequence[Line], metrics: tuple[Metric, ...], taken: set[int], *, unruled: bool) -> list[_Drawing]:
    """Drawings of box-drawing characters. Their corners say where they begin and end, so text may stand beside them."""
    windows: list[Window] = []  # those that are whole
    active: list[Window] = []
    broken = 0
    for index, line in enumerate(lines):
        text = line.text
        usable = len(text) <= MAX_LINE and index not in taken
        opens = usable and broken <= MAX_BROKEN and BOX_CORNER.search(text) is not None
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
            window.rows.append(DrawnLine(index, text, shape[window.left : window.right + 1], metric, shape))
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


def _open_windows(lines: Sequence[Line], index: int, metric: Metric, shape: str) -> Iterator[Window]:
    """The frames whose top rulers stand on this line, one more than MAX_OPEN at most."""
    spaced = _is_spaced(lines, index)
    for match in islice(_BOX_TOP.finditer(shape), MAX_OPEN + 1):
        yield Window(match.start(), match.end() - 1, spaced, [DrawnLine(index, lines[index].text, match.group(), metric, shape)])


def _is_spaced(lines: Sequence[Line], index: int) -> bool:
    """Whether one blank line follows and then one that is not."""
    return index + 2 < len(lines) and not lines[index + 1].text.strip() and bool(lines[index + 2].text.strip())


def _fit(text: str, metrics: tuple[Metric, ...], active: list[Window]) -> tuple[Metric, str, list[Window]]:
    """The metric under which the line meets most of the open frames, its shape, and those frames."""
    best_metric, best_shape = metrics[0], ""
    best_met: list[Window] = []
    for metric in metrics:
        shape = shape_line(text, metric)
        met = [window for window in active if _meets(shape, window)]
        if metric is metrics[0] or len(met) > len(best_met):
            best_metric, best_shape, best_met = metric, shape, met
        if len(met) == len(active) or text.isascii():
            break
    return best_metric, best_shape, best_met


def _meets(shape: str, window: Window) -> bool:
    """Whether a line's outer borders stand where the frame's do. A text right beside them says that they are others, met by chance."""
    left, right = window.left, window.right
    if right >= len(shape) or shape[left] not in "|+LEWX" or shape[right] not in "|+J3WX":
        return False
    return not shape[max(0, left - 2) : left].rstrip("\t").endswith("x") and not shape[right + 1 : right + 3].lstrip("\t").startswith("x")


def _cut_off(lines: Sequence[Line], window: Window, index: int, metrics: tuple[Metric, ...]) -> Window | None:
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
            shape = shape_line(lines[index + 1].text, metric)
            if shape[window.left : window.left + 1] in ("|", "E", "L") or shape[window.right : window.right + 1] in ("|", "3", "J"):
                return None
    del window.rows[whole:]
    return window


def _read_nested(lines: Sequence[Line], windows: list[Window], metrics: tuple[Metric, ...]) -> list[_Drawing]:
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
    metrics = NARROW_BORDERS
    while index < count:
        text = lines[index].text
        top = None
        if "+" in text and index not in taken and len(text) <= MAX_LINE and _MAYBE_FRAME.match(text):
            top = _FRAME_TOP.fullmatch(shape_line(text, metrics[0]))
        if top is None:
            index += 1
            continue
        window = Window(
            top.start(1), top.end(1) - 1, _is_spaced(lines, index), [DrawnLine(index, text, top.group(1), metrics[0], top.string)]
        )
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


def _follow_frame(lines: Sequence[Line], window: Window, index: int, taken: set[int]) -> bool:
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
        window.rows.append(DrawnLine(index, text, row_shape, metric, shape))
        after_ruler = is_ruler
        index += 1
        if is_ruler and window.spaced and index + 1 < len(lines) and not _starts_in_frame(lines[index + 1].text, window.left):
            break
    rows = window.rows
    while len(rows) > 1 and _FRAME_TOP.fullmatch(rows[-1].shape) is None:
        rows.pop()
    return len(rows) > 1


def _goes_on_above(lines: Sequence[Line], index: int, window: Window) -> bool:
    """Whether a ruler is no top: the line above it has borders and is no ruler itself. What is drawn above is broken or cut off."""
    above = index - 2 if window.spaced else index - 1
    if above < 0 or len(lines[above].text) > MAX_LINE:
        return False
    shape = shape_line(lines[above].text, NARROW_BORDERS[0])
    return "|" in shape and _FRAME_TOP.fullmatch(shape) is None


def _starts_in_frame(text: str, left: int) -> bool:
    start = text[: left + 1].lstrip()[:1]
    return start != "" and SHAPES[NARROW_BORDERS[0]][ord(start)] in "|+"


def _fit_frame(text: str, window: Window) -> tuple[Metric, str]:
    """The metric under which the line ends at the frame's right border, else the first; the shape ends with the text."""
    first = shape_line(text, NARROW_BORDERS[0]).rstrip()
    if text.isascii() or len(first) == window.right + 1:
        return NARROW_BORDERS[0], first
    for metric in NARROW_BORDERS[1:]:
        shape = shape_line(text, metric).rstrip()
        if len(shape) == window.right + 1:
            return metric, shape
    return NARROW_BORDERS[0], first


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


# ---- from a frame to its table ----------------------------------------------------------------------------------------


def _read_window(lines: Sequence[Line], window: Window, metrics: tuple[Metric, ...], *, boxes: bool) -> _Drawing | None:
    if not any("x" in row.shape for row in window.rows):
        return None
    _refit(lines, window, [row for row in window.rows if row.metric is not metrics[0]], metrics, boxes=boxes)
    drawing = _read_rows(lines, window, boxes=boxes)
    if drawing is None and _refit(lines, window, window.rows, metrics, boxes=boxes):
        drawing = _read_rows(lines, window, boxes=boxes)
    if drawing is None and not boxes and _count_borders(lines, window):
        drawing = _read_rows(lines, window, boxes=boxes)
    return drawing


def _count_borders(lines: Sequence[Line], window: Window) -> bool:
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
            bars = [match.start() for match in STRAY_PIPE.finditer(text)]
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


def _read_rows(lines: Sequence[Line], window: Window, *, boxes: bool) -> _Drawing | None:
    lattice = build_lattice([row.shape for row in window.rows])
    if lattice is None:
        return None
    texts = CellTexts(lines, window, lattice, boxes=boxes)
    table = texts.table()
    if table is None:
        return None
    spans = [(row.index, points[0], points[-1] + 1) for row, points in zip(window.rows, texts.points, strict=True)]
    return _Drawing(window.rows[0].index, window.rows[-1].index + 1, window.left, table, spans, texts.is_split and texts.has_blanks)


def _refit(lines: Sequence[Line], window: Window, rows: Sequence[DrawnLine], metrics: tuple[Metric, ...], *, boxes: bool) -> bool:
    """Give each of these rows the metric under which most of its borders stand where whole rulers have joints; whether that changed any.

    The outer borders alone can be met by chance, by a line with something beside the drawing or with widths that cancel out.
    """
    if not rows:
        return False
    joints: set[int] = set()
    for shape in {row.shape for row in window.rows}:
        if not shape.strip(STROKES + "+" + JOINTS):
            joints.update(column for column, code in enumerate(shape) if code not in STROKES)
    columns = sorted(joints)
    changed = False
    for row in rows:
        if row.text.isascii() or row.text != lines[row.index].text:
            continue
        best = sum(1 for column in columns if row.shape[column : column + 1] in BORDERS)
        for metric in metrics:
            line_shape = shape_line(row.text, metric)
            shape = line_shape[window.left : window.right + 1]
            if _meets(line_shape, window) and shape != row.shape and (boxes or not line_shape[window.right + 1 :].strip()):
                met = sum(1 for column in columns if shape[column] in BORDERS)
                if met > best:
                    best = met
                    row.shape, row.metric, row.line_shape = shape, metric, line_shape
                    changed = True
    return changed
