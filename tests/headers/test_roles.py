"""Roles from shape alone: grids of any language, declared or inferred."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.headers.roles import assign_roles
from pipeline.model.grid import Cell, Grid
from pipeline.model.place import TextPlace

PLACE = TextPlace(1, 0, 1)


def make_grid(rows: Sequence[Sequence[str]]) -> Grid:
    """A grid from slots: "<" goes on the cell at the left, "^" the one above."""
    starts: dict[tuple[int, int], list[int]] = {}
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for row, texts in enumerate(rows):
        for col, text in enumerate(texts):
            if text == "<":
                owner[row, col] = owner[row, col - 1]
            elif text == "^":
                owner[row, col] = owner[row - 1, col]
            else:
                owner[row, col] = (row, col)
            top, left = owner[row, col]
            size = starts.setdefault((top, left), [1, 1])
            size[:] = [max(size[0], row - top + 1), max(size[1], col - left + 1)]
    cells = tuple(
        Cell(row, col, size[0], size[1], rows[row][col], "data", PLACE, number)
        for number, ((row, col), size) in enumerate(sorted(starts.items()))
    )
    return Grid(cells, len(rows), max(map(len, rows), default=0), "declared")


def role_rows(grid: Grid) -> list[str]:
    """The roles of the cells that start in each row, by first letter (section: "§")."""
    letters = {"section": "§"}
    return ["".join(letters.get(cell.role, cell.role[0]) for cell in grid.cells if cell.row == row) for row in range(grid.row_count)]


def test_bands_each_with_section_and_header() -> None:
    grid = assign_roles(
        make_grid(
            [
                ["第一项", "<", "<"],
                ["信息内容", "制发", "废止"],
                ["规章", "0", "0"],
                ["第五项", "<", "<"],
                ["信息内容", "处理", "<"],
                ["许可", "7", "<"],
            ]
        )
    )
    assert role_rows(grid) == ["§", "hhh", "sdd", "§", "hh", "sd"]
    assert (grid.header_rows, grid.stub_cols) == (2, 1)


def test_three_header_rows_over_three_stub_columns() -> None:
    grid = assign_roles(
        make_grid(
            [
                ["head", "<", "<", "applicants", "<", "<"],
                ["^", "<", "<", "person", "firm", "<"],
                ["^", "<", "<", "^", "small", "big"],
                ["1. new", "<", "<", "0", "1", ""],
                ["2. done", "(1) all", "<", "0", "1", "2"],
                ["^", "(2) part", "a", "0", "", "2"],
                ["^", "^", "b", "", "", ""],
            ]
        )
    )
    assert role_rows(grid) == ["hh", "hh", "hh", "sddb", "ssddd", "ssdbd", "sbbb"]
    assert (grid.header_rows, grid.stub_cols) == (3, 3)


def test_header_without_stub() -> None:
    grid = assign_roles(make_grid([["review", "<", "suit"], ["kept", "undone", "^"], ["0", "1", "2"]]))
    assert role_rows(grid) == ["hh", "hh", "ddd"]
    assert (grid.header_rows, grid.stub_cols) == (2, 0)


def test_years_head_columns_but_a_column_of_years_is_data() -> None:
    assert role_rows(assign_roles(make_grid([["Item", "2019", "2020"], ["a", "1", "2"]]))) == ["hhh", "sdd"]
    assert role_rows(assign_roles(make_grid([["Region", "Population", "<"], ["^", "2019", "2020"], ["North", "5", "6"]]))) == [
        "hh",
        "hh",
        "sdd",
    ]
    assert role_rows(assign_roles(make_grid([["Year", "n"], ["2019", "4"], ["2020", "5"]]))) == ["hh", "dd", "dd"]
    assert role_rows(assign_roles(make_grid([["2019", "2020"], ["2021", "2022"]]))) == ["dd", "dd"]


def test_title_sections_and_notes() -> None:
    grid = assign_roles(
        make_grid(
            [
                ["Item", "n", "%"],
                ["South", "<", "<"],
                ["a", "1", "2"],
                ["North", "<", "<"],
                ["b", "1", "-"],
                ["Source: own count", "<", "<"],
                ["* provisional", "<", "<"],
            ]
        )
    )
    assert role_rows(grid) == ["hhh", "§", "sdd", "§", "sdd", "n", "n"]
    titled = assign_roles(make_grid([["Table 1", "<"], ["Item", "n"], ["a", "1"]]))
    assert role_rows(titled) == ["h", "hh", "sd"]
    assert titled.header_rows == 2


def test_repeated_header_in_mid_table() -> None:
    grid = assign_roles(make_grid([["Item", "n"], ["a", "1"], ["Item", "n"], ["b", "2"]]))
    assert role_rows(grid) == ["hh", "sd", "hh", "sd"]
    assert grid.header_rows == 1


def test_numbers_first_is_no_header() -> None:
    grid = assign_roles(make_grid([["a", "1"], ["b", "2"]]))
    assert role_rows(grid) == ["sd", "sd"]
    assert (grid.header_rows, grid.stub_cols) == (0, 1)


def test_text_table_has_one_header_row_and_no_stub() -> None:
    grid = assign_roles(make_grid([["Name", "City"], ["Bob", "Rome"], ["Al", "Oslo"]]))
    assert role_rows(grid) == ["hh", "dd", "dd"]
    assert (grid.header_rows, grid.stub_cols) == (1, 0)


def test_rank_column_leaves_no_stub_and_blanks_in_the_data_are_blank() -> None:
    grid = assign_roles(make_grid([["Rank", "City", "Pop"], ["1", "Tokyo", "37"], ["2", "Delhi", ""]]))
    assert role_rows(grid) == ["hhh", "ddd", "ddb"]


def test_declared_marks_win() -> None:
    grid = make_grid([["1", "2"], ["x", "5"], ["y", "6"]])
    marked = assign_roles(grid, declared_header_cells=frozenset({0, 1}))
    assert role_rows(marked) == ["hh", "sd", "sd"]
    assert role_rows(assign_roles(grid, declared_header_rows=1)) == ["hh", "sd", "sd"]
    stubs = assign_roles(make_grid([["2001", "5"], ["2002", "6"]]), declared_header_cells=frozenset({0, 2}))
    assert role_rows(stubs) == ["sd", "sd"]
    assert stubs.header_rows == 0


def test_nothing_changes_but_roles() -> None:
    grid = make_grid([["Item", "n"], ["a", "1"]])
    done = assign_roles(grid)
    assert [(c.row, c.col, c.text, c.number, c.place) for c in done.cells] == [
        (c.row, c.col, c.text, c.number, c.place) for c in grid.cells
    ]
    assert assign_roles(done) == done


def test_empty_and_holey_grids() -> None:
    assert assign_roles(Grid((), 0, 0, "declared")).header_rows == 0
    holey = Grid((Cell(2, 1, 1, 1, "5", "data", PLACE, 0),), 4, 3, "declared")
    assert [cell.role for cell in assign_roles(holey).cells] == ["data"]
