"""Which number of a row is which column's: by count, by header, by place on the line; and when it cannot be told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.forms.columns import ColumnClues, ColumnExtents, LineGaps, RowLines, assign_columns, find_extents, find_fronts, find_gaps
from pipeline.forms.sums import RowSum
from pipeline.forms.tokens import Token
from pipeline.model.form import ColumnNode, Label, NumberRules
from pipeline.model.place import TextPlace
from pipeline.values.numbers import NumberReader

READER = NumberReader(NumberRules(blank_marks=("-",)))
NUMBERS = tuple(ColumnNode(Label((name,)), name) for name in ("sail", "steam", "total"))
WITH_UNIT = (ColumnNode(Label(("Unit",)), kind="text"), ColumnNode(Label(("Count",)), "count"))


def row(*texts: str, cols: Sequence[int] | None = None, extents: Sequence[tuple[int, int]] | None = None) -> list[Token]:
    def token(index: int, text: str) -> Token:
        its = () if extents is None else (extents[index], extents[index])
        return Token(index, text, TextPlace(1, index, index + 1), 0, 0, index, 0, None if cols is None else cols[index], 1, its)

    return [token(index, text) for index, text in enumerate(texts)]


def assigned(
    values: list[Token],
    leaves: Sequence[ColumnNode] = NUMBERS,
    *,
    columns: dict[int, tuple[int, int]] | None = None,
    leading: int | None = None,
    extents: ColumnExtents | None = None,
) -> list[str | None] | None:
    """The texts by column; None where the values are lost."""
    found = assign_columns(values, leaves, [READER.read(token.text) for token in values], ColumnClues(columns or {}, leading, extents))
    assert len(found.tokens) == len(leaves)
    if found.lost is not None:
        assert found.tokens == (None,) * len(leaves)
        return None
    return [None if token is None else token.text for token in found.tokens]


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["1", "2", "3"], ["1", "2", "3"]),
        (["1", "", "3"], ["1", "", "3"]),
        (["", "", ""], ["", "", ""]),
        ([], [None, None, None]),
        (["1", "2"], None),  # which one is gone?
        (["1"], None),
        (["1", "2", "3", "4"], None),
        (["", "1", "2", "3"], ["1", "2", "3"]),  # a slot of the label
        (["1", "2", "3", ""], ["1", "2", "3"]),  # padding
        (["1", "", "2", "3"], ["1", "2", "3"]),
        (["", "1", "2", ""], None),  # either side would do
        (["", "", "", ""], ["", "", ""]),
    ],
)
def test_a_row_is_filled_by_count_or_is_lost(texts: list[str], found: list[str | None] | None) -> None:
    assert assigned(row(*texts)) == found


def test_how_rows_of_this_depth_begin_decides_which_blanks_are_extra() -> None:
    assert assigned(row("", "1", "2", ""), leading=1) == ["1", "2", ""]
    assert assigned(row("", "1", "2", ""), leading=0) == ["", "1", "2"]


def test_headers_with_a_position_decide() -> None:
    columns = {0: (2, 3), 1: (3, 4), 2: (4, 6)}
    assert assigned(row("1", "2", cols=[2, 5]), columns=columns) is None  # a cell is missing: those behind it may have moved
    assert assigned(row("", "1", "", "2", cols=[1, 2, 3, 4]), columns=columns) == ["1", "", "2"]
    assert assigned(row("9", "1", cols=[1, 2]), columns=columns) is None  # a number under no header
    assert assigned(row("1", "2", cols=[4, 5]), columns=columns) is None  # two under one
    assert assigned(row("1", "2", cols=[2, 3]), columns={0: (2, 3), 1: (3, 4)}) is None  # a header is not printed


def test_words_fill_text_columns() -> None:
    assert assigned(row("ships", "3"), WITH_UNIT) == ["ships", "3"]
    assert assigned(row("3"), WITH_UNIT) == [None, "3"]


def test_place_on_the_line_decides_where_columns_are_white_space() -> None:
    extents = ColumnExtents(0, ((10, 12), (20, 23), (30, 32)))
    assert assigned(row("1", "2", extents=[(11, 12), (31, 32)]), extents=extents) == ["1", None, "2"]
    assert assigned(row("1", extents=[(14, 15)]), extents=extents) is None
    assert assigned(row("1", "2", extents=[(10, 11), (11, 12)]), extents=extents) is None


def test_columns_of_complete_rows_part_cleanly_or_not_at_all() -> None:
    rows = [row("1", "22", extents=[(10, 11), (20, 22)]), row("333", "4", extents=[(8, 11), (21, 22)])]
    assert find_extents(rows) == ColumnExtents(0, ((8, 11), (20, 22)))
    assert find_extents(rows[:1]) is None
    assert find_extents([rows[0], row("1", "2", extents=[(5, 9), (9, 12)])]) is None
    assert find_extents([row("1", "2"), row("3", "4")]) is None


# ---- blank cells by the blank lines they leave ---------------------------------------------------------------------------


def test_gaps_of_complete_rows_tell_what_a_blank_cell_adds() -> None:
    complete = [[1, 2, 3, 4, 5], [10, 11, 12, 13, 14]]  # label, three values, what follows
    short = [(1, [20, 21, 23, 24]), (2, [30, 33, 34])]
    assert find_gaps(complete, short, repeats=True) == LineGaps(1, 1, 1, 1)
    assert find_gaps(complete, [], repeats=True) is None  # no row tells what a blank adds
    assert find_gaps(complete, [(1, [20, 21, 23, 24]), (1, [30, 31, 40, 41])], repeats=True) is None  # they do not agree


def test_where_all_rows_begin_with_a_blank_cell_labels_are_as_near_as_cells() -> None:
    others = [(3, [95, 98, 99, 101, 102, 103]), (5, [103, 109, 110, 111]), (5, [129, 133, 136, 137])]
    assert find_gaps([], others, repeats=True) == LineGaps(1, 1, 1, 1)
    assert find_gaps([], [*others, (2, [140, 141, 150])], repeats=True) is not None
    assert find_gaps([], [(3, [95, 98, 99, 101, 102, 103]), (5, [103, 107, 108, 109])], repeats=True) is None  # they do not agree


def test_a_blank_as_wide_as_what_a_dropped_number_leaves_is_none() -> None:
    complete = [[1, 3, 5, 7, 9], [11, 13, 15, 17, 19]]
    short = [(1, [20, 22, 25, 27]), (1, [30, 33, 35, 37])]
    assert find_gaps(complete, short, repeats=True) == LineGaps(2, 2, 2, 1)
    assert find_gaps(complete, short, repeats=False) is None


def test_numbers_stand_behind_as_many_blanks_as_the_lines_are_wide() -> None:
    gaps = LineGaps(1, 1, 1, 1)

    def texts(lines: Sequence[int], *values: str, last: bool = False, labelled: bool = True) -> list[str | None] | None:
        tokens = row(*values)
        clues = ColumnClues(gaps=gaps, lines=RowLines(lines, labelled, last))
        found = assign_columns(tokens, NUMBERS, [READER.read(text) for text in values], clues)
        return None if found.lost is not None else [None if token is None else token.text for token in found.tokens]

    assert texts([1, 2, 4, 5], "1", "2") == ["1", None, "2"]
    assert texts([1, 3, 4, 5], "1", "2") == [None, "1", "2"]
    assert texts([1, 2, 3, 5], "1", "2") == ["1", "2", None]
    assert texts([1, 2, 3, 4], "1", "2") is None  # a blank too few
    assert texts([1, 2, 4, 6], "1", "2") is None  # one too many
    assert texts([1, 2, 3, 9], "1", "2", last=True) == ["1", "2", None]  # behind the table there may be more lines
    assert texts([1, 2, 3, 9], "1", "2") is None


# ---- by the sums of the row ----------------------------------------------------------------------------------------------


def test_sums_place_what_the_count_does_not() -> None:
    leaves = tuple(ColumnNode(Label((name,)), name) for name in "abcdef")
    sums = (RowSum(2, (0, 1)), RowSum(3, (1,)), RowSum(5, (4,)))
    values = row("5", "5", "5", "2", "2")
    found = assign_columns(values, leaves, [READER.read(token.text) for token in values], ColumnClues(sums=sums))
    assert [None if token is None else token.text for token in found.tokens] == [None, "5", "5", "5", "2", "2"]
    assert (found.by_sums, found.undecided, found.lost) == (True, frozenset(), None)


def test_what_the_sums_leave_open_is_undecided_and_has_no_number() -> None:
    sums = (RowSum(2, (0, 1)),)
    values = row("5", "5")
    found = assign_columns(values, NUMBERS, [READER.read(token.text) for token in values], ColumnClues(sums=sums))
    assert [None if token is None else token.text for token in found.tokens] == [None, None, "5"]
    assert found.undecided == {0, 1}


def test_sums_that_hold_nowhere_place_nothing() -> None:
    assert assigned(row("5", "6")) is None
    values = row("5", "6")
    found = assign_columns(values, NUMBERS, [READER.read(token.text) for token in values], ColumnClues(sums=(RowSum(2, (0, 1)),)))
    assert found.lost == "2 numbers are left for 3 columns"


@pytest.mark.parametrize(
    ("texts", "fronts"), [(["", "1", "2", "3"], [1]), (["1", "2", "3", ""], [0]), (["", "1", "2", ""], [0, 1]), (["1", "2", "3", "4"], [])]
)
def test_blank_slots_before_the_cells_are_counted_every_way(texts: list[str], fronts: list[int]) -> None:
    assert find_fronts(row(*texts), 3, [READER.read(text) for text in texts]) == fronts
