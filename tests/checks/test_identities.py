"""Sums over what is printed: blank counts as 0, unknown says nothing, and a finding names as few numbers as can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from pipeline.checks.identities import IdentityCheck, check_identities
from pipeline.model.form import Identity
from pipeline.model.place import TextPlace
from pipeline.model.result import Evidence
from tests.harbour import harbour

ROW_1 = Identity("row 1", "sum", "/a/total", ("/a/x", "/a/y"))
ROW_2 = Identity("row 2", "sum", "/b/total", ("/b/x", "/b/y"))
COLUMN = Identity("x", "sum", "/all/x", ("/a/x", "/b/x"))
BALANCE = Identity("balance", "balance", None, ("/in", "/before", "/done", "/after"))
PART = Identity("part", "part", "/all/x", ("/a/x",))
RIGHT: dict[str, int | Decimal | None] = {
    "/a/x": 1,
    "/a/y": 2,
    "/a/total": 3,
    "/b/x": 10,
    "/b/y": 0,
    "/b/total": 10,
    "/all/x": 11,
    "/in": 5,
    "/before": 1,
    "/done": 4,
    "/after": 2,
}


def check(numbers: Mapping[str, int | Decimal | None], *identities: Identity, unknown: frozenset[str] = frozenset()) -> IdentityCheck:
    evidence = {pointer: Evidence(str(value), (TextPlace(line, 0, 1),), 1.0) for line, (pointer, value) in enumerate(numbers.items(), 1)}
    return check_identities(replace(harbour(), identities=identities), numbers, unknown, evidence)


def named(found: IdentityCheck) -> list[tuple[str, set[str]]]:
    return [(finding.code, set(finding.pointers)) for finding in found.findings]


def test_sums_that_hold_prove_their_numbers() -> None:
    found = check(RIGHT, ROW_1, ROW_2, COLUMN, BALANCE, PART)
    assert found.findings == ()
    assert found.proved == RIGHT.keys()


def test_zeros_prove_nothing() -> None:
    found = check(dict.fromkeys(RIGHT, 0), ROW_1, BALANCE, PART)
    assert found.findings == ()
    assert found.proved == set()


def test_blank_counts_as_zero() -> None:
    assert check(RIGHT | {"/b/y": None}, ROW_2).findings == ()
    assert check(dict.fromkeys(RIGHT), ROW_1, BALANCE, PART).findings == ()


def test_unknown_numbers_say_nothing() -> None:
    found = check(RIGHT | {"/a/x": None}, ROW_1, COLUMN, ROW_2, unknown=frozenset({"/a/x"}))
    assert found.findings == ()
    assert found.proved == set(ROW_2.pointers)


def test_a_broken_sum_names_its_numbers_and_places() -> None:
    found = check(RIGHT | {"/a/total": 4}, ROW_1)
    (finding,) = found.findings
    assert finding.message == "row 1: the parts add up to 3, the total is 4"
    assert (finding.code, finding.severity) == ("identity-broken", "error")
    assert finding.pointers == ("/a/total", "/a/x", "/a/y")
    assert finding.places == (TextPlace(3, 0, 1), TextPlace(1, 0, 1), TextPlace(2, 0, 1))
    assert found.proved == set()


def test_sums_that_hold_speak_for_their_numbers() -> None:
    found = check(RIGHT | {"/a/y": 7}, ROW_1, ROW_2, COLUMN)
    assert named(found) == [("identity-broken", {"/a/total", "/a/y"})]
    assert found.broken == {"/a/total", "/a/y"}
    assert found.proved == {"/b/total", "/b/x", "/b/y", "/all/x"}


def test_two_broken_sums_meet_in_one_number() -> None:
    column_y = Identity("y", "sum", "/all/y", ("/a/y", "/b/y"))
    totals = Identity("totals", "sum", "/all/total", ("/a/total", "/b/total"))
    numbers = RIGHT | {"/all/y": 2, "/all/total": 13, "/a/y": 7}
    found = check(numbers, ROW_1, ROW_2, COLUMN, column_y, totals)
    assert named(found) == [("identity-broken", {"/a/y"}), ("identity-broken", {"/all/y", "/a/y"})]


def test_where_every_number_is_spoken_for_all_are_named() -> None:
    other = Identity("other", "sum", "/a/total", ("/a/x", "/a/z"))
    broken = Identity("broken", "sum", "/a/total", ("/a/z", "/a/y"))
    assert named(check(RIGHT | {"/a/z": 2}, ROW_1, other, broken)) == [("identity-broken", {"/a/total", "/a/z", "/a/y"})]


def test_a_blank_total_is_named_with_the_parts_that_no_other_sum_speaks_for() -> None:
    found = check(RIGHT | {"/a/total": None}, ROW_1)
    assert named(found) == [("identity-broken", {"/a/total", "/a/x", "/a/y"}), ("blank-total", {"/a/total"})]
    spoken_for = Identity("other", "sum", "/all/x", ("/a/x", "/b/x"))
    assert named(check(RIGHT | {"/a/total": None}, ROW_1, spoken_for))[0] == ("identity-broken", {"/a/total", "/a/y"})
    assert found.findings[0].message == "row 1: the parts add up to 3, the total is blank"


def test_balances_and_parts() -> None:
    assert check(RIGHT | {"/done": 9}, BALANCE).findings[0].message == "balance: 5 + 1 = 6, but 9 + 2 = 11"
    assert check(RIGHT | {"/a/x": 12}, PART).findings[0].message == "part: the part 12 is more than the whole 11"
    assert check(RIGHT | {"/a/x": 11}, PART).findings == ()


def test_money_adds_up_exactly() -> None:
    money = {"/a/x": Decimal("0.1"), "/a/y": Decimal("0.2"), "/a/total": Decimal("0.3")}
    assert check(money, ROW_1).findings == ()
    assert len(check(money | {"/a/total": Decimal("0.30001")}, ROW_1).findings) == 1


def test_two_totals_cut_alike_are_no_witnesses_for_each_other() -> None:
    sums = (Identity("in", "sum", "/in", ("/in/x", "/in/y")), Identity("done", "sum", "/done", ("/done/x", "/done/y")), BALANCE)
    # 35 came as 5, and 34 as 4.
    numbers = {"/in": 5, "/in/x": 30, "/in/y": 5, "/done": 4, "/done/x": 30, "/done/y": 4, "/before": 1, "/after": 2}
    assert {pointer for _, pointers in named(check(numbers, *sums)) for pointer in pointers} >= {"/in", "/done"}


def test_a_blank_among_zeros_has_no_witness() -> None:
    column = Identity("y", "sum", "/all/y", ("/a/y", "/b/y"))
    numbers = {"/a/x": 1, "/a/y": None, "/a/total": 3, "/b/y": 0, "/all/y": None}
    assert "/a/y" in dict(named(check(numbers, ROW_1, column)))["identity-broken"]
