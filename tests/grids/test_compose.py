"""Headers whose spans are lost."""

from __future__ import annotations

from pipeline.grids.compose import HeaderCell, SearchBudget, compose_header, share_columns


def test_longer_text_is_the_spanner() -> None:
    found = compose_header([["Region", "Population", "Area"], ["men", "women"]], 1, 3)
    assert found is not None
    assert found.cells == (
        HeaderCell(0, 0, 0, 2, 1),
        HeaderCell(0, 1, 1, 1, 2),
        HeaderCell(0, 2, 3, 2, 1),
        HeaderCell(1, 0, 1, 1, 1),
        HeaderCell(1, 1, 2, 1, 1),
    )
    assert found.gap > 0.5


def test_equal_rivals_have_no_gap() -> None:
    found = compose_header([["Head", "Left", "East"], ["x", "y"]], 1, 3)
    assert found is not None
    assert found.gap < 0.01


def test_too_few_cells_are_said_to_be_stretched() -> None:
    found = compose_header([["a", "b"]], 0, 5)
    assert found is not None
    assert [(cell.col, cell.col_span) for cell in found.cells] == [(0, 1), (1, 4)]
    assert found.is_stretched


def test_nothing_fits_and_nothing_is_searched_without_steps() -> None:
    assert compose_header([["a", "b", "c"]], 0, 2) is None
    assert compose_header([["a", "b"], ["c", "d", "e", "f"]], 0, 4, budget=SearchBudget(3)) is None
    assert compose_header([["a"], []], 0, 2) is None
    assert compose_header([["a"]] * 9, 0, 1) is None


def test_share_columns() -> None:
    assert share_columns(2, 4) == [2, 2]
    assert share_columns(2, 5) == [1, 4]
