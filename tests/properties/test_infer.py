"""Whatever the rows: one owner for each slot, every printed text once and in order, the same grid twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.grids.infer import infer_grid
from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace

TEXTS = st.sampled_from(
    [
        "",
        "0",
        "12",
        "-",
        "a",
        "Total",
        "一、甲",
        "(一)乙",
        "(二)乙",
        "1.丙",
        "2.丙",
        "i. x",
        "a) y",
        "2019",
        "2020",
        "長長的標題文字",
        "5元",
        "%",
    ]
)
ROWS = st.lists(st.tuples(st.lists(TEXTS, max_size=9), st.integers(0, 9)), max_size=14)


def _table(rows: list[tuple[list[str], int]], rows_known: bool) -> RawTable:
    place = TextPlace(1, 0, 1)
    return RawTable(
        tuple(RawRow(tuple(RawCell(text, place) for text in texts), padding) for texts, padding in rows), "lost", rows_known=rows_known
    )


@settings(max_examples=400, deadline=None)
@given(rows=ROWS, rows_known=st.booleans())
def test_every_slot_has_one_owner_and_every_text_is_there_once(rows: list[tuple[list[str], int]], rows_known: bool) -> None:
    table = _table(rows, rows_known)
    grid = infer_grid(table)
    owned: dict[tuple[int, int], int] = {}
    for cell in grid.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            for col in range(cell.col, cell.col + cell.col_span):
                owned[row, col] = owned.get((row, col), 0) + 1
    cells = list(table.cells())
    if cells:
        assert owned == {(row, col): 1 for row in range(grid.row_count) for col in range(grid.col_count)}
    numbers = [cell.number for cell in grid.cells if cell.number is not None]
    assert numbers == sorted(set(numbers))
    assert {number for number, cell in enumerate(cells) if cell.text} <= set(numbers)
    assert all(cell.text == cells[cell.number].text for cell in grid.cells if cell.number is not None)
    assert 0.0 < grid.confidence <= 1.0
    assert infer_grid(table) == grid


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=4, max_size=4), min_size=1, max_size=8))
def test_rows_of_equal_length_never_get_spans(rows: list[list[str]]) -> None:
    grid = infer_grid(_table([(texts, 0) for texts in rows], True))
    assert {(cell.row_span, cell.col_span) for cell in grid.cells} == {(1, 1)}
    assert [cell.number for cell in grid.cells] == list(range(4 * len(rows)))
