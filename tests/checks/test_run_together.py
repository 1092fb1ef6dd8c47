"""Numbers that stand where two were run together: a deleted one and the one that is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.checks.run_together import check_run_together
from pipeline.model.form import Identity
from pipeline.model.place import TextPlace
from pipeline.model.result import Evidence
from tests.harbour import harbour

SUMS = (
    Identity("a", "sum", "/a/total", ("/a/x", "/a/y")),
    Identity("b", "sum", "/b/total", ("/b/x", "/b/y")),
    Identity("c", "sum", "/c/total", ("/c/x", "/c/y")),
)
RIGHT = {
    "/a/x": 40,
    "/a/y": 2,
    "/a/total": 42,
    "/b/x": 10,
    "/b/y": 30,
    "/b/total": 40,
    "/c/x": 11,
    "/c/y": 12,
    "/c/total": 23,
    "/d": 9348,
    "/e": 7,
}


def named(numbers: Mapping[str, int | None], raw: Mapping[str, str] | None = None, unread: tuple[str, ...] = ()) -> set[str]:
    shown = {**{pointer: str(value) for pointer, value in numbers.items()}, **(raw or {})}
    evidence = {pointer: Evidence(text, (TextPlace(line, 0, 1),), 1.0) for line, (pointer, text) in enumerate(shown.items(), 1)}
    form = replace(harbour(), identities=SUMS)
    found = check_run_together(form, numbers, set(raw or ()), evidence, frozenset(numbers), unread)
    assert {finding.code for finding in found} <= {"numbers-run-together"}
    return {pointer for finding in found for pointer in finding.pointers}


def test_two_sums_that_hold_without_the_first_digits_of_a_number() -> None:
    wrong = {**RIGHT, "/a/x": 3540, "/b/total": 7640}
    # A sum speaks for those of c; 7 is a single digit.
    assert named(wrong) == {"/a/x", "/a/total", "/b/x", "/b/y", "/b/total", "/d"}


def test_both_a_part_and_its_total_may_be_two_numbers() -> None:
    assert "/d" in named({**RIGHT, "/a/x": 9940, "/a/total": 842, "/b/total": 7640})


def test_a_mark_for_nothing_behind_a_number_is_a_sign() -> None:
    assert "/d" in named({**RIGHT, "/b/total": 7640, "/e": None}, {"/e": "77-"})
    assert "/d" in named({**RIGHT, "/b/total": 7640}, unread=("Light dues 93nil",))
    assert named({**RIGHT, "/b/total": 7640}, unread=("Light dues nil",)) == set()


def test_one_slip_of_a_clerk_is_no_sign() -> None:
    assert named({**RIGHT, "/b/total": 7640}) == set()
    assert named({**RIGHT, "/b/total": 41, "/a/total": 43}) == set()
    assert named(RIGHT) == set()
