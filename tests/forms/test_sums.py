"""Where the numbers of a row stand, told by its sums: one way, several, none, or too many to look at."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.forms.sums import RowSum, Ways, find_row_sums, place_at_edges, place_by_sums
from tests.harbour import harbour

TOTAL = (RowSum(3, (0, 1, 2)),)  # three parts and their total
TWO = (RowSum(2, (0, 1)), RowSum(5, (3, 4)))


def test_sums_of_a_row_are_those_whose_numbers_all_stand_in_it() -> None:
    form = harbour()
    row = [item for item in form.fields if item.pointer.startswith("/traffic/coastal/laden/")]
    assert find_row_sums(row, form.identities) == (RowSum(2, (0, 1)),)
    assert find_row_sums([None, *row], form.identities) == (RowSum(3, (1, 2)),)
    assert find_row_sums(row[:2], form.identities) == ()


@pytest.mark.parametrize(
    ("numbers", "slots", "open_slots"),
    [
        ([3, 4, 7], (0, 1, None, 2), {0, 1, 2}),  # either part may be the blank one
        ([3, 3], (0, None, None, 1), {0, 1, 2}),
        ([3, 4, 5, 12], None, None),  # nothing is missing
        ([3, 4, 9], None, None),  # no way holds
        ([], None, None),
    ],
)
def test_what_all_ways_have_in_common(numbers: list[int], slots: tuple[int | None, ...] | None, open_slots: set[int] | None) -> None:
    found = place_by_sums(numbers, 4, TOTAL)
    if slots is None or open_slots is None:
        assert found is None
    else:
        assert found is not None
        assert found.open == open_slots
        assert [slot for index, slot in enumerate(found.slots) if index not in open_slots] == [
            slot for index, slot in enumerate(slots) if index not in open_slots
        ]


def test_sums_that_leave_one_way_place_every_number() -> None:
    assert place_by_sums([3, 4, 7, 9, 9], 6, TWO) == Ways((0, 1, 2, 3, None, 4), frozenset({3, 4}))
    assert place_by_sums([3, 4, 7, 2, 5, 7], 6, TWO) is None  # complete: nothing to place
    nested = (RowSum(2, (0, 1)), RowSum(3, (1,)))
    assert place_by_sums([5, 5, 5], 4, nested) == Ways((None, 0, 1, 2), frozenset())
    assert place_by_sums([Decimal("1.5"), Decimal("1.5")], 3, (RowSum(2, (0, 1)),)) == Ways((0, None, 1), frozenset({0, 1}))


def test_without_a_sum_nothing_is_placed() -> None:
    assert place_by_sums([1, 2], 3, ()) is None
    assert place_at_edges([1, 2], 3, ()) is None


def test_too_many_ways_decide_nothing() -> None:
    assert place_by_sums([0] * 20, 40, (RowSum(39, tuple(range(39))),)) is None
    assert place_by_sums([1], 41, (RowSum(40, (0,)),)) is None


def test_blanks_that_are_printed_move_only_with_the_row() -> None:
    assert place_at_edges([3, None, 3], 4, TOTAL) == Ways((None, 0, None, 2), frozenset())
    assert place_at_edges([3, None, 4], 4, TOTAL) is None
    assert place_at_edges([None, None], 3, (RowSum(2, (0, 1)),)) == Ways((None, None, None), frozenset())
    assert place_at_edges([1, 2, 3], 3, (RowSum(2, (0, 1)),)) is None  # nothing is missing


def _by_looking_at_all(numbers: Sequence[int], count: int, sums: Sequence[RowSum]) -> Ways | None:
    """The same, slot set by slot set."""
    ways = []
    for slots in combinations(range(count), len(numbers)):
        row: list[int | None] = [None] * count
        way: list[int | None] = [None] * count
        for index, slot in enumerate(slots):
            row[slot], way[slot] = numbers[index], index
        if all(item.holds(row) for item in sums):
            ways.append((row, way))
    if not ways:
        return None
    differing = frozenset(slot for slot in range(count) if len({row[slot] for row, _ in ways}) > 1)
    return None if len(differing) == count else Ways(tuple(ways[0][1]), differing)


@given(st.integers(2, 7).flatmap(lambda count: st.tuples(st.just(count), st.lists(st.integers(0, 3), min_size=1, max_size=count - 1))))
def test_the_search_finds_what_looking_at_all_ways_finds(case: tuple[int, list[int]]) -> None:
    count, numbers = case
    sums = [RowSum(count - 1, tuple(range(count - 1)))]
    if count > 3:
        sums.append(RowSum(2, (0, 1)))
    found, known = place_by_sums(numbers, count, sums), _by_looking_at_all(numbers, count, sums)
    assert (found is None) == (known is None)
    if found is not None and known is not None:
        assert found.open == known.open
        for slot in set(range(count)) - found.open:
            one, other = found.slots[slot], known.slots[slot]
            assert (None if one is None else numbers[one]) == (None if other is None else numbers[other])
