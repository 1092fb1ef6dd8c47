"""Drawings compared line by line."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model.grid import Cell, Grid, Role
from pipeline.model.place import TextPlace
from pipeline.model.result import Table
from pipeline.output.drawing import draw_table
from pipeline.values.kinds import display_width

PLACE = TextPlace(1, 0, 1)


def cell(row: int, col: int, text: str, role: Role = "data", rows: int = 1, cols: int = 1, number: int | None = None) -> Cell:
    return Cell(row, col, rows, cols, text, role, PLACE, number)


def table(*cells: Cell, rows: int, cols: int, pointers: dict[int, str] | None = None) -> Table:
    return Table(Grid(cells, rows, cols, "declared"), (), pointers or {})


def body(drawing: str) -> list[str]:
    """The lines of the drawing itself."""
    return [line for line in drawing.splitlines() if line[:1] and line[0] in "┌├│└"]


def test_merged_cells_are_merged_boxes() -> None:
    drawing = draw_table(
        table(
            cell(0, 0, "Item", "header", 2, 1),
            cell(0, 1, "Year", "header", 1, 2),
            cell(1, 1, "2019", "header"),
            cell(1, 2, "2020", "header"),
            cell(2, 0, "South", "section", 1, 3),
            cell(3, 0, "a", "stub"),
            cell(3, 1, "5"),
            cell(3, 2, "", "blank"),
            rows=4,
            cols=3,
        ),
        width=None,
    )
    assert body(drawing) == [
        "┌H─────┬H────────────┐",
        "│      │    Year     │",
        "│ Item ├H─────┬H─────┤",
        "│      │ 2019 │ 2020 │",
        "├§─────┴──────┴──────┤",
        "│       South        │",
        "├S─────┬──────┬·─────┤",
        "│ a    │    5 │      │",
        "└──────┴──────┴──────┘",
    ]


def test_wide_and_combining_characters_keep_the_borders_in_line() -> None:
    lines = body(
        draw_table(table(cell(0, 0, "規章"), cell(0, 1, "e\u0301"), cell(1, 0, "x"), cell(1, 1, "全角"), rows=2, cols=2), width=None)
    )
    assert lines[1] == "│ 規章 │ e\u0301    │"
    assert {display_width(line) for line in lines} == {15}


def test_long_texts_are_wrapped_and_cut_to_the_width() -> None:
    text = "word " * 100
    for width in (12, 20, 40):
        lines = body(draw_table(table(cell(0, 0, text), cell(0, 1, "規" * 300), rows=1, cols=2), width=width))
        assert max(display_width(line) for line in lines) <= width
        assert len(lines) == 6
        assert lines[-2].count("…") == 2


def test_fields_are_shown_and_listed_whole() -> None:
    drawing = draw_table(
        table(cell(0, 0, "66", number=0), cell(0, 1, "", "blank", number=1), rows=1, cols=2, pointers={0: "/a/b/total", 1: "/a/b/other"}),
        width=60,
    )
    assert body(drawing)[1:3] == ["│     66 │        │", "│ ↳total │ ↳other │"]
    assert drawing.splitlines()[-3:] == ["fields (2)", "  /a/b/", "      total = 66; other = (blank)"]


def test_missing_slots_are_shaded_and_overlaps_are_said() -> None:
    drawing = draw_table(table(cell(0, 0, "a", rows=2), cell(0, 1, "b"), cell(1, 0, "x"), rows=2, cols=2), width=None)
    assert body(drawing) == ["┌────┬────┐", "│ a  │ b  │", "│    ├────┤", "│    │░░░░│", "└────┴────┘"]
    assert "  not drawn, its slot is taken: row 1, col 0: x" in drawing.splitlines()


def test_spans_that_leave_the_table_or_overlap_in_part_do_no_harm() -> None:
    drawing = draw_table(
        table(cell(0, 0, "a", rows=9, cols=9), cell(1, 1, "b"), cell(5, 5, "far"), cell(0, 0, "none", rows=0), rows=2, cols=2), width=None
    )
    assert body(drawing)[1].startswith("│ a")
    assert "b" in drawing


def test_the_middle_of_a_long_table_is_left_out() -> None:
    cells = tuple(cell(row, 0, f"r{row}") for row in range(5000))
    drawing = draw_table(table(*cells, rows=5000, cols=1), width=80, max_rows=4)
    assert "  ⋮  4,996 rows left out  ⋮" in drawing.splitlines()
    assert [name for name in ("r0 ", "r1 ", "r2 ", "r4997 ", "r4998 ", "r4999 ") if name in drawing] == ["r0 ", "r1 ", "r4998 ", "r4999 "]


def test_columns_that_do_not_fit_are_counted() -> None:
    drawing = draw_table(table(*(cell(0, col, str(col)) for col in range(100)), rows=1, cols=100), width=51)
    assert "  ⋯  90 more columns at the right are left out" in drawing.splitlines()
    assert {display_width(line) for line in body(drawing)} == {51}


def test_control_characters_cannot_reach_the_terminal() -> None:
    drawing = draw_table(table(cell(0, 0, "a\x1b[31m\u202eb\nc"), rows=1, cols=1), width=40)
    assert body(drawing)[1] == "│ a [31mb c │"


def test_what_is_known_of_the_table_stands_on_top() -> None:
    grid = replace(
        table(cell(0, 0, "x", "header"), rows=1, cols=1).grid, caption="三、收到", spans="inferred", confidence=0.93, header_rows=1
    )
    drawing = draw_table(Table(grid, ("f#t",)), width=80)
    assert drawing.splitlines()[:2] == ["三、收到", "1 row × 1 column · spans inferred (93% sure) · 1 header row · 0 stub columns · f#t"]


def test_no_cells() -> None:
    assert draw_table(table(rows=0, cols=0), width=80).splitlines()[-1] == "  (no cells)"
