"""A grid drawn as text: merged cells as merged boxes, the role of each cell on its upper border, the field it was read as inside.

Made for a terminal: East Asian wide characters take two columns, nothing printed in a cell can move the cursor.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.model.grid import Cell, Grid
from pipeline.model.result import Table
from pipeline.values.kinds import classify_cell, display_width

__all__ = ["draw_table"]

_MARKS = {"header": "H", "stub": "S", "section": "§", "note": "N", "blank": "·", "data": ""}
_LEGEND = "H header   S stub   § section   N note   · blank   (no mark) data"
_FIELD_LEGEND = "   ↳ field"
_MISSING = "░"
_OUTSIDE, _NOBODY = -1, -2  # owners of slots beyond the table, and of slots that no cell owns

_WIDEST_COLUMN = 32  # what one cell may ask for one column
_NARROWEST_COLUMN = 2
_FRAME = 3  # a border and a blank on each side of a column
_MOST_LINES = 4  # of text in one row
_MOST_COLUMNS = 64  # drawn when no width is given
_MOST_TEXT = 400  # characters of a cell that are looked at
_LIST_WIDTH = 110  # of the list of fields when no width is given

_JUNCTIONS = " ╵╷│╴┘┐┤╶└┌├─┴┬┼"  # index: 1 up + 2 down + 4 left + 8 right


@dataclass(frozen=True, slots=True)
class _Box:
    """A cell as drawn: half-open ranges of drawn rows and columns."""

    cell: Cell
    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class _Content:
    """What stands in a box: words to wrap, and the last part of a field's pointer ("" when there is none)."""

    text: str
    field: str
    align: str  # "left", "right", "center"


def draw_table(table: Table, *, width: int | None, max_rows: int = 80) -> str:
    """Draw the table's grid for a terminal of `width` columns (None: as wide as the texts ask), ending in a newline.

    Over `max_rows` rows the middle is left out, over the width the columns at the right, and a line says how many. Long texts are wrapped
    and cut with …. Slots that no cell owns are shaded; a cell whose first slot another cell holds already is listed below the drawing.
    Fields are listed below with their whole pointers.
    """
    grid = table.grid
    lines = [_title(table), _LEGEND + (_FIELD_LEGEND if table.pointers else ""), ""]
    shown_cols = min(grid.col_count, _MOST_COLUMNS if width is None else max(1, (width - 1) // (_NARROWEST_COLUMN + _FRAME)))
    parts = _row_parts(grid.row_count, max(2, max_rows))
    cells = [cell for part in parts for cell in _cells_in(grid, part, shown_cols)]
    contents = {id(cell): _content(table, cell) for cell in cells}
    if grid.row_count and shown_cols:
        widths = _column_widths(cells, contents, shown_cols, width)
        hidden: list[Cell] = []
        for position, part in enumerate(parts):
            if position:
                lines.append(f"  ⋮  {part.start - parts[0].stop:,} rows left out  ⋮")
            drawn, lost = _draw_part(grid, part, shown_cols, widths, contents)
            lines.extend(drawn)
            hidden.extend(lost)
        if shown_cols < grid.col_count:
            lines.append(f"  ⋯  {grid.col_count - shown_cols:,} more columns at the right are left out")
        lines.extend(f"  not drawn, its slot is taken: row {c.row}, col {c.col}: {_cut(_clean(c.text), 60)}" for c in hidden)
    else:
        lines.append("  (no cells)")
    lines.extend(_field_list(table, width or _LIST_WIDTH))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _title(table: Table) -> str:
    grid = table.grid
    facts = [_count(grid.row_count, "row") + " × " + _count(grid.col_count, "column")]
    sureness = f" ({grid.confidence:.0%} sure)" if grid.spans == "inferred" else ""
    facts.append(f"spans {grid.spans}{sureness}")
    facts.append(_count(grid.header_rows, "header row"))
    facts.append(_count(grid.stub_cols, "stub column"))
    if grid.page_number is not None:
        facts.append(f"page {grid.page_number}")
    facts.extend(_clean(name) for name in table.form_tables)
    title = " · ".join(facts)
    caption = _cut(_clean(grid.caption or ""), 100)
    return f"{caption}\n{title}" if caption else title


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# ---- what is drawn --------------------------------------------------------------------------------------------------


def _row_parts(row_count: int, max_rows: int) -> list[range]:
    if row_count <= max_rows:
        return [range(row_count)]
    head = (max_rows + 1) // 2
    return [range(head), range(row_count - (max_rows - head), row_count)]


def _cells_in(grid: Grid, part: range, cols: int) -> list[Cell]:
    return [cell for cell in grid.cells if cell.row < part.stop and cell.row + cell.row_span > part.start and 0 <= cell.col < cols]


def _content(table: Table, cell: Cell) -> _Content:
    pointer = table.pointer(cell)
    field = "" if pointer is None else "↳" + _clean(pointer.rsplit("/", 1)[-1] or pointer)
    align = "left"
    if cell.role == "data":
        align = "right" if classify_cell(cell.text) == "number" else "left"
    elif cell.role in ("header", "section"):
        align = "center"
    return _Content(_clean(cell.text), field, align)


def _clean(text: str) -> str:
    """One line, and nothing that moves a cursor: control characters become blanks, format characters go."""
    kept = []
    for char in text[:_MOST_TEXT]:
        category = unicodedata.category(char)
        if category == "Cf" or category == "Cs":
            continue
        kept.append(" " if category in ("Cc", "Zl", "Zp") else char)
    return " ".join("".join(kept).split()) + ("…" if len(text) > _MOST_TEXT else "")


# ---- measures -------------------------------------------------------------------------------------------------------


def _column_widths(cells: Sequence[Cell], contents: dict[int, _Content], cols: int, width: int | None) -> list[int]:
    """Inner widths of the columns: what single cells ask for, then what spanning ones lack, then cut down to the terminal."""
    wanted = [_NARROWEST_COLUMN] * cols
    for cell in cells:
        if cell.col_span == 1:
            wanted[cell.col] = max(wanted[cell.col], min(_WIDEST_COLUMN, _asked(contents[id(cell)])))
    for cell in sorted(cells, key=lambda item: item.col_span):
        end = min(cols, cell.col + cell.col_span)
        span = end - cell.col
        if span > 1:
            has = sum(wanted[cell.col : end]) + _FRAME * (span - 1)
            lacks = min(_WIDEST_COLUMN, _asked(contents[id(cell)])) - has
            for offset in range(max(0, lacks)):
                wanted[cell.col + offset % span] += 1
    if width is None:
        return wanted
    room = max(cols * _NARROWEST_COLUMN, width - 1 - _FRAME * cols)
    cap = max(wanted)
    while cap > _NARROWEST_COLUMN and sum(min(cap, item) for item in wanted) > room:
        cap -= 1
    widths = [min(cap, item) for item in wanted]
    left = room - sum(widths)  # a cap of one more was too much for all, some may have it
    for col, item in enumerate(wanted):
        if left > 0 and item > widths[col]:
            widths[col] += 1
            left -= 1
    return widths


def _asked(content: _Content) -> int:
    return max(display_width(content.text), display_width(content.field))


def _wrap(text: str, width: int, most: int) -> list[str]:
    """Lines of at most `width` columns, broken at blanks where there are any and between wide characters; the last is cut with …."""
    lines: list[str] = []
    rest = text
    while rest:
        head = _take(rest, width)
        if len(head) < len(rest):
            if len(lines) == most - 1:
                lines.append(_cut(rest, width))
                return lines
            inside_word = rest[len(head)] != " " and head[-1].isascii() and rest[len(head)].isascii()
            blank = head.rfind(" ") if rest[len(head)] != " " else -1
            head = head[:blank] if blank > (0 if inside_word else len(head) // 3) else head
        lines.append(head.strip())
        rest = rest[len(head) :].lstrip()
    return lines


def _take(text: str, width: int) -> str:
    """As much of the text as fits, at least one character."""
    used = 0
    for index, char in enumerate(text):
        used += display_width(char)
        if used > width:
            return text[: max(1, index)]
    return text


def _cut(text: str, width: int) -> str:
    if display_width(text) <= width:
        return text
    head = _take(text, width - 1) if width > 1 else ""
    return (head if display_width(head) < width else "") + "…"


# ---- drawing --------------------------------------------------------------------------------------------------------


def _draw_part(grid: Grid, part: range, cols: int, widths: Sequence[int], contents: dict[int, _Content]) -> tuple[list[str], list[Cell]]:
    """The lines of the rows of `part`, and the cells that could not be drawn."""
    owners = [[_NOBODY] * cols for _ in part]
    boxes: list[_Box] = []
    hidden: list[Cell] = []
    for cell in _cells_in(grid, part, cols):
        top, bottom = max(cell.row, part.start) - part.start, min(cell.row + cell.row_span, part.stop) - part.start
        box = _Box(cell, top, bottom, cell.col, min(cell.col + cell.col_span, cols))
        if top >= bottom or box.left >= box.right or owners[top][box.left] != _NOBODY:
            hidden.append(cell)
            continue
        box = _claim(owners, box, len(boxes))
        boxes.append(box)
    texts = [_box_lines(box, widths, contents[id(box.cell)]) for box in boxes]
    heights = _row_heights(boxes, texts, len(part))
    return _paint(owners, boxes, texts, widths, heights, contents), hidden


def _claim(owners: list[list[int]], box: _Box, number: int) -> _Box:
    """Give the box its slots, as far as they are a rectangle of free ones."""
    right = box.left
    while right < box.right and owners[box.top][right] == _NOBODY:
        right += 1
    bottom = box.top
    while bottom < box.bottom and all(owner == _NOBODY for owner in owners[bottom][box.left : right]):
        owners[bottom][box.left : right] = [number] * (right - box.left)
        bottom += 1
    return _Box(box.cell, box.top, bottom, box.left, right)


def _inner_width(box: _Box, widths: Sequence[int]) -> int:
    return sum(widths[box.left : box.right]) + _FRAME * (box.right - box.left - 1)


def _box_lines(box: _Box, widths: Sequence[int], content: _Content) -> list[str]:
    width = _inner_width(box, widths)
    lines = _wrap(content.text, width, _MOST_LINES * (box.bottom - box.top))
    if content.field:
        lines = [*(lines or [""]), _cut(content.field, width)]
    return lines


def _row_heights(boxes: Sequence[_Box], texts: Sequence[Sequence[str]], rows: int) -> list[int]:
    heights = [1] * rows
    tall = []
    for box, lines in zip(boxes, texts, strict=True):
        if box.bottom - box.top == 1:
            heights[box.top] = max(heights[box.top], len(lines))
        else:
            tall.append((box.bottom, box.top, len(lines)))
    for bottom, top, count in sorted(tall):
        has = sum(heights[top:bottom]) + bottom - top - 1
        heights[bottom - 1] += max(0, count - has)
    return heights


def _paint(
    owners: Sequence[Sequence[int]],
    boxes: Sequence[_Box],
    texts: Sequence[Sequence[str]],
    widths: Sequence[int],
    heights: Sequence[int],
    contents: dict[int, _Content],
) -> list[str]:
    xs = _positions(width + _FRAME - 1 for width in widths)
    ys = _positions(heights)
    canvas = [[" "] * (xs[-1] + 1) for _ in range(ys[-1] + 1)]
    _paint_lines(canvas, owners, xs, ys)
    for row, line in enumerate(owners):
        for col, owner in enumerate(line):
            if owner == _NOBODY:
                for y in range(ys[row] + 1, ys[row + 1]):
                    canvas[y][xs[col] + 1 : xs[col + 1]] = [_MISSING] * (xs[col + 1] - xs[col] - 1)
    for box, lines in zip(boxes, texts, strict=True):
        mark = _MARKS[box.cell.role]
        if mark:
            canvas[ys[box.top]][xs[box.left] + 1] = mark
        content = contents[id(box.cell)]
        y = ys[box.top] + 1
        room = ys[box.bottom] - y
        if box.cell.role in ("header", "stub"):
            y += (room - len(lines)) // 2
        width = _inner_width(box, widths)
        for offset, text in enumerate(lines):
            _write(canvas[y + offset], xs[box.left] + 2, width, text, content.align)
    return ["".join(line) for line in canvas]


def _positions(sizes: Iterable[int]) -> list[int]:
    """Where the border before each item lies, and the one after the last."""
    places = [0]
    for size in sizes:
        places.append(places[-1] + size + 1)
    return places


def _paint_lines(canvas: list[list[str]], owners: Sequence[Sequence[int]], xs: Sequence[int], ys: Sequence[int]) -> None:
    rows, cols = len(ys) - 1, len(xs) - 1

    def owner(row: int, col: int) -> int:
        return owners[row][col] if 0 <= row < rows and 0 <= col < cols else _OUTSIDE

    for row in range(rows + 1):
        for col in range(cols + 1):
            north_west, north_east = owner(row - 1, col - 1), owner(row - 1, col)
            south_west, south_east = owner(row, col - 1), owner(row, col)
            up, down = north_west != north_east, south_west != south_east
            left, right = north_west != south_west, north_east != south_east
            canvas[ys[row]][xs[col]] = _JUNCTIONS[up + 2 * down + 4 * left + 8 * right]
            if right:
                canvas[ys[row]][xs[col] + 1 : xs[col + 1]] = ["─"] * (xs[col + 1] - xs[col] - 1)
            if down:
                for y in range(ys[row] + 1, ys[row + 1]):
                    canvas[y][xs[col]] = "│"


def _write(line: list[str], start: int, width: int, text: str, align: str) -> None:
    """Put a text on a canvas line; a wide character takes its column and empties the next, a combining one joins the one before."""
    spare = max(0, width - display_width(text))
    x = start + (spare if align == "right" else spare // 2 if align == "center" else 0)
    for char in text:
        size = display_width(char)
        if size == 0:
            line[x - 1] += char
            continue
        if x + size > start + width:
            return
        line[x] = char
        if size == 2:
            line[x + 1] = ""
        x += size


# ---- fields ---------------------------------------------------------------------------------------------------------


def _field_list(table: Table, width: int) -> list[str]:
    """Every field with its whole pointer, those with a common start on one line, in the order of the grid."""
    groups: dict[str, list[str]] = {}
    for cell in table.grid.cells:
        pointer = table.pointer(cell)
        if pointer is not None:
            start, _, last = pointer.rpartition("/")
            groups.setdefault(start + "/", []).append(f"{_clean(last)} = {_cut(_clean(cell.text), 24) or '(blank)'}")
    if not groups:
        return []
    lines = ["", f"fields ({sum(len(items) for items in groups.values()):,})"]
    for start, items in groups.items():
        lines.append(f"  {_clean(start)}")
        line = "     "
        for item in items:
            if line.strip() and display_width(line) + display_width(item) + 2 > width:
                lines.append(line)
                line = "     "
            line += f" {item};" if item is not items[-1] else f" {item}"
        lines.append(line)
    return lines
