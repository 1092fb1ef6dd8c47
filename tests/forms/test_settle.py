"""Where spans were lost, a form that was recognised gives the table its grid."""

from __future__ import annotations

from pipeline.forms.align import align_forms
from pipeline.forms.settle import settle_grid
from pipeline.model.document import RawTable
from pipeline.model.grid import Grid
from tests.forms.test_align import BODY, DUES
from tests.harbour import layout, rows, tokens_of


def settled(raw: RawTable) -> Grid | None:
    tokens = tokens_of(raw)
    (alignment,) = align_forms([layout()], tokens)
    return settle_grid(raw, tokens.items, alignment)


def spans(grid: Grid) -> list[tuple[str, int, int, int, int, str]]:
    return [(cell.text, cell.row, cell.col, cell.row_span, cell.col_span, cell.role) for cell in grid.cells]


def test_labels_span_what_the_form_says() -> None:
    grid = settled(rows(*BODY, padding=[2, 3, 0, 1, 0, 1, 1]))
    assert grid is not None
    assert (grid.row_count, grid.col_count, grid.header_rows, grid.stub_cols, grid.spans) == (7, 5, 2, 2, "inferred")
    found = spans(grid)
    assert found[:5] == [
        ("Voyage", 0, 0, 2, 2, "header"),
        ("Propelled by", 0, 2, 1, 2, "header"),
        ("Total", 0, 4, 2, 1, "header"),
        ("Sail", 1, 2, 1, 1, "header"),
        ("Steam", 1, 3, 1, 1, "header"),
    ]
    assert ("Coastal voyages", 2, 0, 2, 1, "stub") in found
    assert ("Foreign voyages", 4, 0, 2, 1, "stub") in found
    assert ("All voyages", 6, 0, 1, 2, "stub") in found
    assert ("64", 6, 4, 1, 1, "data") in found


def test_every_slot_has_one_owner_and_every_cell_its_number() -> None:
    raw = rows(*BODY)
    grid = settled(raw)
    assert grid is not None
    owned = [grid.owner(row, col) for row in range(grid.row_count) for col in range(grid.col_count)]
    assert None not in owned
    assert [cell.number for cell in grid.cells if cell.number is not None] == sorted(range(len(list(raw.cells()))))


def test_rows_run_together_are_parted() -> None:
    raw = rows([text for row in BODY for text in row], known=False)
    grid = settled(raw)
    assert grid is not None
    assert spans(grid) == spans(settled(rows(*BODY)) or grid)


def test_blank_cells_are_cells() -> None:
    grid = settled(rows(DUES[0], ["Light dues", "3", ""], ["Mooring dues", "-", "6"]))
    assert grid is not None
    assert [(cell.text, cell.role) for cell in grid.cells if cell.row == 1] == [("Light dues", "stub"), ("3", "data"), ("", "blank")]


def test_words_that_are_no_labels_leave_the_table_to_inference() -> None:
    assert settled(rows(*BODY[:3], ["Under tow", "1", "1", "2"], *BODY[3:])) is None
