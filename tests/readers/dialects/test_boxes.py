"""Drawn tables: what is drawn comes back as the same cells and spans; what is not a whole drawing is no table."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.grids.place import place_cells
from pipeline.model.document import RawTable
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace
from pipeline.readers.dialects import box_lattice, boxes
from pipeline.readers.dialects.boxes import BoxStretch, find_boxes, read_box_table, split_boxes
from pipeline.readers.dialects.pipes import Line

Spans = list[list[tuple[str, int, int]]]


def to_lines(text: str) -> list[Line]:
    return [Line(number, line) for number, line in enumerate(text.split("\n"), start=1)]


def spans_of(table: RawTable) -> Spans:
    return [[(cell.text, cell.row_span, cell.col_span) for cell in row.cells] for row in table.rows]


def texts_of(table: RawTable) -> list[list[str]]:
    """The texts by row; all spans must be 1."""
    assert all(cell.row_span == cell.col_span == 1 for cell in table.cells())
    return [[cell.text for cell in row.cells] for row in table.rows]


def rows_of(table: RawTable) -> list[list[tuple[str, int]]]:
    return [[(cell.text, cell.row_span) for cell in row.cells] for row in table.rows]


def only(text: str) -> RawTable:
    tables = read_box_table(to_lines(text))
    assert len(tables) == 1
    return tables[0]


# ---- what terminal browsers print -------------------------------------------------------------------------------------

TERMINAL = """\
三、收到和处理政府信息公开申请情况

┌───────────────────┬─────────────┐
│                   │申请人情况   │
│（第一项加第二项） ├──┬────────┬─┤
│                   │自│法人    │ │
│                   │然│其他组织│ │
├───────────────────┼──┼────────┼─┤
│一、本年新收       │1 │-3      │ │
├────────┬──────────┼──┼────────┼─┤
│        │（一）公开│0 │   1,234│7│
│三、结果├──────────┼──┴────────┼─┤
│        │（二）部分│           │ │
└────────┴──────────┴───────────┴─┘

四、其他"""


def test_terminal_browser() -> None:
    table = only(TERMINAL)
    assert spans_of(table) == [
        [("（第一项加第二项）", 2, 2), ("申请人情况", 1, 3)],
        [("自\n然", 1, 1), ("法人\n其他组织", 1, 1), ("", 1, 1)],
        [("一、本年新收", 1, 2), ("1", 1, 1), ("-3", 1, 1), ("", 1, 1)],
        [("三、结果", 2, 1), ("（一）公开", 1, 1), ("0", 1, 1), ("1,234", 1, 1), ("7", 1, 1)],
        [("（二）部分", 1, 1), ("", 1, 2), ("", 1, 1)],
    ]
    assert table.spans == "drawn"
    assert table.header_row_count == 0
    grid, findings = place_cells(table, Limits())
    assert findings == ()
    assert (grid.row_count, grid.col_count) == (5, 5)
    assert sum(cell.row_span * cell.col_span for cell in grid.cells) == 25


def test_places_are_code_points_of_the_first_line_of_text() -> None:
    lines = TERMINAL.split("\n")
    cells = {cell.text: cell.place for cell in only(TERMINAL).cells()}
    for text in ("（第一项加第二项）", "1,234", "三、结果", "-3"):
        place = cells[text]
        assert isinstance(place, TextPlace)
        assert lines[place.line_number - 1][place.column : place.end_column] == text
    assert cells["自\n然"] == TextPlace(6, 21, 22)
    assert only(TERMINAL).place == TextPlace(3, 0, 35)


def test_place_of_a_blank_cell_is_its_slot() -> None:
    blanks = [cell.place for cell in only(TERMINAL).cells() if not cell.text]
    lines = TERMINAL.split("\n")
    assert len(blanks) == 4
    for place in blanks:
        assert isinstance(place, TextPlace)
        assert lines[place.line_number - 1][place.column : place.end_column].strip() == ""
        assert lines[place.line_number - 1][place.column - 1] == "│"
        assert lines[place.line_number - 1][place.end_column] == "│"


def test_columns_without_width() -> None:
    table = only("┌─┬┬┐\n│1│││\n├─┴┼┤\n│2 ││\n└──┴┘")
    assert spans_of(table) == [[("1", 1, 1), ("", 1, 1), ("", 1, 1)], [("2", 1, 2), ("", 1, 1)]]


@pytest.mark.parametrize(
    "drawing",
    [
        "┌──┬──┐\n│甲│1 │\n├──┼──┤\n│乙│2 │\n└──┴──┘",
        "╔══╦══╗\n║甲║1 ║\n╠══╬══╣\n║乙║2 ║\n╚══╩══╝",
        "┏━━┯━━┓\n┃甲│1 ┃\n┠──┼──┨\n┃乙│2 ┃\n┗━━┷━━┛",
        "╭──┬──╮\n│甲│1 │\n├──┼──┤\n│乙│2 │\n╰──┴──╯",
        "+--+--+\n|甲|1 |\n+--+--+\n|乙|2 |\n+--+--+",
        "+──+──+\n│甲│1 │\n+──+──+\n│乙│2 │\n+──+──+",
        "┌──┬──┐\n│甲┆1 │\n├──┼──┤\n│乙┆2 │\n└──┴──┘",
    ],
)
def test_styles(drawing: str) -> None:
    assert texts_of(only(drawing)) == [["甲", "1"], ["乙", "2"]]


@pytest.mark.parametrize(
    "drawing",
    [
        pytest.param("┌───┬─┐\n│甲    │1 │\n├───┼─┤\n│“乙”│2 │\n└───┴─┘", id="borders two columns wide"),
        pytest.param("┌────┬──┐\n│甲   │1 │\n├────┼──┤\n│“乙” │2 │\n└────┴──┘", id="every character one column"),
        pytest.param("┌──────┬──┐\n│甲    │1 │\n├──────┼──┤\n│“乙”│2 │\n└──────┴──┘", id="quotes two columns wide"),
        pytest.param("┌──────┬──┐\n│甲    │1 │\n├──────┼──┤\n│“乙”  │2 │\n└──────┴──┘", id="quotes one column wide"),
    ],
)
def test_widths_of_characters(drawing: str) -> None:
    assert texts_of(only(drawing)) == [["甲", "1"], ["“乙”", "2"]]


def test_emoji_of_older_printers_and_combining_marks() -> None:
    assert texts_of(only("┌────┬─┐\n│甲😀 │1│\n├────┼─┤\n│e\u0301   │2│\n└────┴─┘")) == [["甲😀", "1"], ["e\u0301", "2"]]


def test_tables_side_by_side_with_text_beside_them() -> None:
    text = "前\n       ┌──┬─┐\n菜单一 │甲│1│ ┌─┐\n       ├──┼─┤ │x│ 说明\n菜单二 │乙│2│ └─┘\n       └──┴─┘\n后"
    stretches = list(split_boxes(to_lines(text)))
    assert [stretch.lines for stretch in stretches] == [range(1), range(1, 6), range(6, 7)]
    assert [texts_of(table) for table in stretches[1].tables] == [[["甲", "1"], ["乙", "2"]], [["x"]]]
    assert stretches[1].beside == (
        Line(3, "菜单一" + " " * 10),
        Line(4, " " * 18 + "说明"),
        Line(5, "菜单二" + " " * 10),
    )


def test_nested_tables_are_their_own() -> None:
    tables = read_box_table(to_lines("┌──────┬──┐\n│外    │二│\n│┌──┬─┐│  │\n││甲│1││  │\n│└──┴─┘│  │\n└──────┴──┘"))
    assert [texts_of(table) for table in tables] == [[["外", "二"]], [["甲", "1"]]]


def test_layout_table_around_a_drawn_one_is_none() -> None:
    tables = read_box_table(to_lines("┌──────┐\n│┌──┬─┐│\n││甲│1││\n│└──┴─┘│\n└──────┘"))
    assert [texts_of(table) for table in tables] == [[["甲", "1"]]]


def test_heavy_ruler_under_the_header() -> None:
    table = only("┏━━┳━━┓\n┃甲┃乙┃\n┡━━╇━━┩\n│1 │2 │\n│3 │4 │\n└──┴──┘")
    assert texts_of(table) == [["甲", "乙"], ["1", "2"], ["3", "4"]]
    assert table.header_row_count == 1
    assert [cell.is_header for cell in table.cells()] == [True, True, False, False, False, False]


# ---- grid tables ------------------------------------------------------------------------------------------------------

GRID = """\
+---------------------+-----------------------+
| Location            | Temperature 1961-1990 |
|                     | in degree Celsius     |
|                     +-------+-------+-------+
|                     | min   | mean  | max   |
+=====================+=======+=======+=======+
| Antarctica          | -89.2 | N/A   | 19.8  |
+---------------------+-------+-------+-------+
| Earth               | -89.2 |               |
+---------------------+-------+---------------+"""


def test_grid_table_with_spans_and_header_ruler() -> None:
    table = only(GRID)
    assert spans_of(table) == [
        [("Location", 2, 1), ("Temperature 1961-1990\nin degree Celsius", 1, 3)],
        [("min", 1, 1), ("mean", 1, 1), ("max", 1, 1)],
        [("Antarctica", 1, 1), ("-89.2", 1, 1), ("N/A", 1, 1), ("19.8", 1, 1)],
        [("Earth", 1, 1), ("-89.2", 1, 1), ("", 1, 2)],
    ]
    assert table.header_row_count == 2


def test_grid_table_with_alignment_marks_foot_and_indent() -> None:
    text = (
        "  +:----+:---:+\n  | a   | b   |\n  +:====+:===:+\n  | 1   | 2   |\n  +-----+-----+\n"
        "  | 3   | 4   |\n  +=====+=====+\n  | s   | 6   |\n  +=====+=====+"
    )
    table = only(text)
    assert texts_of(table) == [["a", "b"], ["1", "2"], ["3", "4"], ["s", "6"]]
    assert table.header_row_count == 1


# ---- not a whole drawing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a │ b\n│\n─────\n+--+\n| a | b |\n|---|---|", id="prose"),
        pytest.param("┌──┬──┐\n│甲│1 │\n│乙│2 \n├──┼──┤\n│丙│3 │\n└──┴──┘", id="a line too short"),
        pytest.param("┌──┬──┐\n│甲│1 │\n├──┼──┤\n│乙丙丁│2 │\n└──┴──┘", id="a text that sticks out"),
        pytest.param("+--+--+\n|甲|1 |\n+--+--+\n|乙|丙丁|2 |\n+--+--+", id="a border too many in a frame"),
        pytest.param("+--+--+\n|甲|1 |\n+--+--+\n|乙丙丁 2 |\n+--+--+", id="a text that sticks out of a frame, a border too few"),
        pytest.param("┌──┬──┐\n│甲│1 │\n├──┼──┤\n│乙│2 │\n└──┴── ", id="a missing corner"),
        pytest.param("┌──┬──┐\n│甲│1 │\n├──┼─ ┤\n│乙│2 │\n└──┴──┘", id="a gap in a ruler"),
        pytest.param("+--+--+\n|甲|1 |\n+--+- +\n|乙|2 |\n+--+--+", id="a gap in a frame's ruler"),
        pytest.param("+--+ -+\n|甲|1 |\n+--+--+\n|乙|2 |\n+--+--+", id="a gap in a frame's top"),
        pytest.param("┌──┬──┐\n│甲│1 │\n├──┼──┤\n│乙 2 │\n│丙│3 │\n└──┴──┘", id="a missing border"),
        pytest.param("┌──┬──┐\n│甲│1 │\n├── ──┤\n│乙│2 │\n└──┴──┘", id="a missing joint"),
        pytest.param("+--+--+\n|甲|1 |\n|丙 2 |\n+--+--+\n|乙|2 |\n+--+--+", id="a missing border in a frame"),
        pytest.param("+-----+\n|甲|1 |\n+-----+\n|乙|2 |\n+-----+", id="rulers without joints"),
        pytest.param("+--+--+\n|甲|1 |\n+--+  |\n|     |\n+--+--+", id="a cell that is no rectangle"),
        pytest.param("┌──┬──┐\n│  │  │\n└──┴──┘", id="no text"),
        pytest.param("┌──┐\n└──┘", id="no line"),
        pytest.param("+--+\n+--+\n+--+", id="rulers only"),
    ],
)
def test_no_table(text: str) -> None:
    lines = to_lines(text)
    assert list(split_boxes(lines)) == [BoxStretch(range(len(lines)))]


def test_a_border_in_a_text_is_a_doubt() -> None:
    assert read_box_table(to_lines("┌───┬─┐\n│a│b│1│\n└───┴─┘")) == ()
    assert read_box_table(to_lines("+-----+---+\n| a|b | 1 |\n+-----+---+")) == ()
    assert texts_of(only("+------+---+\n| a\\|b | 1 |\n+------+---+")) == [["a\\|b", "1"]]


def test_widths_that_cancel_out_are_found_by_the_inner_borders() -> None:
    # Printed a column a code point; counted otherwise, the accent and the circled digit make up for each other at the right border.
    table = only("┌──┬─┬─┐\n│e\u0301│①│1│\n├──┼─┼─┤\n│ab│c│2│\n└──┴─┴─┘")
    assert texts_of(table) == [["e\u0301", "①", "1"], ["ab", "c", "2"]]


def test_a_line_that_runs_past_the_frame_loses_nothing() -> None:
    # With quotes two columns wide an inner border of the last row would stand where the outer one should.
    text = (
        "+-----+--------+------+\n|     | é     | “一”  |\n+-----+---+----+------+\n"
        "| “一 ” | ① | ５６ | 行政许可 |\n+-----+---+----+------+"
    )
    tables = read_box_table(to_lines(text))
    assert [cell.text for table in tables for cell in table.rows[-1].cells] in ([], ["“一 ”", "①", "５６", "行政许可"])


def test_cut_off_drawing_is_whole_down_to_its_last_ruler() -> None:
    lines = to_lines("┌──┬──┐\n│甲│1 │\n├──┼──┤\n│乙│2 │\n│  ├──┤\n│丙│")
    stretches = list(split_boxes(lines))
    assert [stretch.lines for stretch in stretches] == [range(3), range(3, 6)]
    assert texts_of(stretches[0].tables[0]) == [["甲", "1"]]
    assert stretches[1].tables == ()


def test_cut_off_frame_is_whole_down_to_its_last_ruler() -> None:
    lines = to_lines("+--+--+\n|甲|1 |\n+--+--+\n|乙|2 |\n|丙|")
    stretches = list(split_boxes(lines))
    assert [stretch.lines for stretch in stretches] == [range(3), range(3, 5)]
    assert texts_of(stretches[0].tables[0]) == [["甲", "1"]]


def test_frames_one_below_the_other() -> None:
    frame = "+--+\n|甲|\n+--+"
    assert list(find_boxes(to_lines(f"{frame}\n{frame}\n\n{frame}\n| a | b |"))) == [(0, 3), (3, 6), (7, 10)]


@pytest.mark.parametrize("drawing", [GRID, TERMINAL.split("\n\n")[1]])
def test_a_blank_line_between_any_two_lines(drawing: str) -> None:
    doubled = "\n\n".join(["上", *drawing.split("\n"), "下"])
    assert spans_of(only(doubled)) == spans_of(only(drawing))
    assert list(find_boxes(to_lines(doubled))) == [(2, 2 * drawing.count("\n") + 3)]


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = to_lines("┌──┬──┐\n│甲│1 │\n├──┼──┤\n│乙│2 │\n└──┴──┘")
    frame = to_lines("+--+--+\n|甲|1 |\n+--+--+\n|乙|2 |\n+--+--+")
    limits = ((boxes, "MAX_LINE", 7), (box_lattice, "MAX_BOUNDARIES", 3), (box_lattice, "MAX_CELLS", 4), (boxes, "MAX_OPEN", 1))
    for module, name, enough in limits:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, enough)
            assert read_box_table(drawing)
            assert read_box_table(frame)
            patch.setattr(module, name, enough - 1)
            assert read_box_table(drawing) == ()
            assert name == "MAX_OPEN" or read_box_table(frame) == ()


@pytest.mark.parametrize(
    "text", ["+" * 1_000_000, "│" * 1_000_000, "┌┐" * 9_000 + "\n" + "││" * 9_000, "+-" * 60_000 + "+", "┌─┐\n" * 50_000]
)
def test_hostile_lines_are_text(text: str) -> None:
    lines = to_lines(text)
    assert list(split_boxes(lines)) == [BoxStretch(range(len(lines)))]


# ---- any layout -------------------------------------------------------------------------------------------------------

_WORDS = ("0", "12", "-3.5", "1,234", "x", "公开", "行政许可", "本年新收\n数量", "“一”", "a b\nc\n\nd", "", "", "５６", "e\u0301", "①")
_JOINTS = {"LR": "─", "UD": "│", "DR": "┌", "DL": "┐", "UR": "└", "UL": "┘", "UDR": "├", "UDL": "┤", "DLR": "┬", "ULR": "┴", "UDLR": "┼"}


@dataclass
class Drawn:
    """A cell of a layout: its slots and its text."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str


def width_of(text: str) -> int:
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def draw_layout(rng: random.Random) -> list[Drawn]:
    """A tiling of a grid by cells, without rows and columns that no border of theirs sets apart."""
    row_count, col_count = rng.randint(1, 6), rng.randint(1, 6)
    owner: dict[tuple[int, int], int] = {}
    cells: list[Drawn] = []
    for row in range(row_count):
        for col in range(col_count):
            if (row, col) in owner:
                continue
            free = next((count for count in range(1, col_count - col) if (row, col + count) in owner), col_count - col)
            spanning = rng.random() < 0.4
            cell = Drawn(row, col, 1, 1, rng.choice(_WORDS))
            if spanning:
                cell.row_span, cell.col_span = rng.randint(1, row_count - row), rng.randint(1, free)
            for covered_row in range(row, row + cell.row_span):
                for covered_col in range(col, col + cell.col_span):
                    owner[covered_row, covered_col] = len(cells)
            cells.append(cell)
    rows = sorted({cell.row for cell in cells} | {cell.row + cell.row_span for cell in cells})
    cols = sorted({cell.col for cell in cells} | {cell.col + cell.col_span for cell in cells})
    for cell in cells:
        cell.row_span = rows.index(cell.row + cell.row_span) - rows.index(cell.row)
        cell.col_span = cols.index(cell.col + cell.col_span) - cols.index(cell.col)
        cell.row, cell.col = rows.index(cell.row), cols.index(cell.col)
    if not any(cell.text for cell in cells):
        cells[0].text = "甲"
    return cells


def draw(cells: Sequence[Drawn], rng: random.Random, *, grid_style: bool, width: Callable[[str], int]) -> str:
    """The drawing: columns and rows as wide and as high as the texts need and a bit more, texts anywhere in their cells."""
    pad = 1 if grid_style else 0
    row_count = max(cell.row + cell.row_span for cell in cells)
    col_count = max(cell.col + cell.col_span for cell in cells)
    widths = [rng.randint(1, 3) for _ in range(col_count)]
    heights = [1] * row_count
    for cell in cells:
        parts = cell.text.split("\n")
        lacking = max(map(width, parts)) + 2 * pad - (sum(widths[cell.col : cell.col + cell.col_span]) + cell.col_span - 1)
        widths[cell.col + cell.col_span - 1] += max(0, lacking)
        lacking = len(parts) - (sum(heights[cell.row : cell.row + cell.row_span]) + cell.row_span - 1)
        heights[cell.row + cell.row_span - 1] += max(0, lacking)
    xs = [sum(widths[:col]) + col for col in range(col_count + 1)]
    ys = [sum(heights[:row]) + row for row in range(row_count + 1)]
    arms: dict[tuple[int, int], set[str]] = {}
    texts: dict[tuple[int, int], str] = {}
    for cell in cells:
        left, right = xs[cell.col], xs[cell.col + cell.col_span]
        top, bottom = ys[cell.row], ys[cell.row + cell.row_span]
        for y in (top, bottom):
            for x in range(left, right + 1):
                arms.setdefault((y, x), set()).update(("L",) * (x > left) + ("R",) * (x < right))
        for x in (left, right):
            for y in range(top, bottom + 1):
                arms.setdefault((y, x), set()).update(("U",) * (y > top) + ("D",) * (y < bottom))
        parts = cell.text.split("\n")
        first = top + 1 + rng.randint(0, bottom - top - 1 - len(parts))
        for offset, part in enumerate(parts):
            shift = rng.randint(0, right - left - 1 - 2 * pad - width(part))
            texts[first + offset, left] = (" " * (pad + shift) + part) if part else ""
    lines = []
    for y in range(ys[-1] + 1):
        line = ""
        x = 0
        while x <= xs[-1]:
            if (y, x) in arms:
                joint = "".join(arm for arm in "UDLR" if arm in arms[y, x])
                char = _JOINTS[joint]
                line += ("-" if joint == "LR" else "|" if joint == "UD" else "+") if grid_style else char
                x += 1
                text = texts.get((y, x - 1))
                if text and (y, x) not in arms:
                    line += text
                    x += width(text)
            else:
                line += " "
                x += 1
        lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize("grid_style", [False, True])
@pytest.mark.parametrize("width", [width_of, len])
@given(seed=st.integers(0, 2**32 - 1))
def test_any_layout_reads_back(seed: int, grid_style: bool, width: Callable[[str], int]) -> None:
    rng = random.Random(seed)
    cells = draw_layout(rng)
    drawing = draw(cells, rng, grid_style=grid_style, width=width)
    table = only(f"上\n{drawing}\n下")
    if table.header_row_count:
        return  # two rows, of which the lines of the second are rows of their own: told apart by other tests
    grid, findings = place_cells(table, Limits())
    assert findings == ()
    assert [(cell.row, cell.col, cell.row_span, cell.col_span, cell.text) for cell in grid.cells] == [
        (cell.row, cell.col, cell.row_span, cell.col_span, "\n".join(part for part in cell.text.split("\n") if part))
        for cell in sorted(cells, key=lambda cell: (cell.row, cell.col))
    ]


@pytest.mark.parametrize("grid_style", [False, True])
@given(seed=st.integers(0, 2**32 - 1))
def test_a_damaged_border_never_moves_a_span(seed: int, grid_style: bool) -> None:
    rng = random.Random(seed)
    cells = draw_layout(rng)
    lines = draw(cells, rng, grid_style=grid_style, width=width_of).split("\n")
    whole = only("\n".join(lines))
    borders = [
        (y, x) for y, line in enumerate(lines) for x, char in enumerate(line) if char in "│─┌┐└┘├┤┬┴┼" or (grid_style and char in "+")
    ]
    y, x = rng.choice(borders)
    lines[y] = lines[y][:x] + " " + lines[y][x + 1 :]
    tables = read_box_table(to_lines("\n".join(lines)))
    # All down to a ruler above the damage may be read; nothing else. Columns that only cells below it have are not there then.
    for table in tables:
        count = len(table.rows)
        assert count < len(whole.rows)
        assert rows_of(table) == rows_of(whole)[:count]
