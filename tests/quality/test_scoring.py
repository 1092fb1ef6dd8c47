"""The scorer on results made by hand: every figure once, and what must not count."""

from __future__ import annotations

from typing import Any

import pytest

from tests.quality.scoring import Truth, add_up, score_result

POINTERS = ("/a", "/b", "/c", "/d")


def result(record: dict[str, Any], *doubted: str, status: str | None = None, noted: tuple[str, ...] = ()) -> dict[str, Any]:
    """A result of one report with a warning that names `doubted` and an info that names `noted`."""
    status = status or ("flagged" if doubted else "accepted")
    findings = [
        {"code": "x", "severity": severity, "message": "", "pointers": list(pointers), "places": []}
        for severity, pointers in (("warning", doubted), ("info", noted))
        if pointers
    ]
    full = {pointer[1:]: record.get(pointer[1:]) for pointer in POINTERS} | {"agency": record.get("agency"), "year": record.get("year")}
    report = {"form": "family/f", "status": status, "record": full, "evidence": {"/a": {"raw": "１"}}, "findings": findings}
    return {"status": status, "failure": None, "reports": [report], "findings": [], "tables": []}


def test_everything_right() -> None:
    truth = Truth("f", "accepted", {"/a": 1, "/b": 2.5, "/c": None}, agency="甲局", year=2021, scored=frozenset({"agency", "year"}))
    score = score_result(result({"a": 1, "b": 2.5, "agency": "甲局", "year": 2021}, noted=("/c", "/d")), truth, POINTERS)
    assert (score.values, score.right, score.whole, score.status_right) == (3, 3, True, True)
    assert (score.wrong, score.silent, score.abstained, score.needless, score.unexplained) == (0, 0, 0, 0, 0)
    assert (score.agency_right, score.year_right) == (True, True)


def test_wrong_value_is_silent_only_when_no_warning_names_it() -> None:
    truth = Truth("f", "flagged", {"/a": 1, "/b": 2})
    score = score_result(result({"a": 7, "b": 8}, "/b"), truth, POINTERS)
    assert (score.right, score.wrong, score.silent, score.whole) == (0, 2, 1, False)
    assert [(miss.kind, miss.pointer, miss.expected, miss.got, miss.raw) for miss in score.misses] == [
        ("silently wrong", "/a", "1", "7", "１"),
        ("wrong", "/b", "2", "8", ""),
    ]


def test_an_info_does_not_excuse_a_wrong_value() -> None:
    score = score_result(result({"a": 7}, noted=("/a",)), Truth("f", "accepted", {"/a": 1}), POINTERS)
    assert (score.wrong, score.silent) == (1, 1)


def test_null_for_a_number_is_an_abstention_when_named_and_silent_when_not() -> None:
    score = score_result(result({}, "/a"), Truth("f", "flagged", {"/a": 1, "/b": 2}), POINTERS)
    assert (score.abstained, score.silent, score.wrong) == (1, 1, 0)
    assert [miss.kind for miss in score.misses] == ["abstained", "silent null"]


def test_number_for_a_field_that_is_not_printed_is_wrong() -> None:
    score = score_result(result({"a": 1, "d": 0}), Truth("f", "accepted", {"/a": 1}), POINTERS)
    assert (score.right, score.wrong, score.silent, score.whole) == (1, 1, 1, False)


def test_number_for_a_blank_cell_is_wrong() -> None:
    score = score_result(result({"a": 0}), Truth("f", "accepted", {"/a": None}), POINTERS)
    assert (score.right, score.wrong, score.silent) == (0, 1, 1)


def test_needless_flag_is_counted_and_a_broken_sum_excuses() -> None:
    truth = Truth("f", "flagged", {"/a": 1, "/b": 2}, excused=frozenset({"/b"}))
    score = score_result(result({"a": 1, "b": 2}, "/a", "/b"), truth, POINTERS)
    assert (score.right, score.needless, score.needlessly_flagged) == (2, 1, True)


def test_accepted_document_that_is_flagged_without_pointers_is_needlessly_flagged() -> None:
    score = score_result(result({"a": 1}, status="flagged"), Truth("f", "accepted", {"/a": 1}), POINTERS)
    assert (score.needless, score.needlessly_flagged, score.status_right) == (0, True, False)


@pytest.mark.parametrize(
    ("value", "doubted", "right", "wrong", "silent"),
    [(None, True, 1, 0, 0), (None, False, 0, 0, 1), (5, True, 0, 1, 0), (5, False, 0, 1, 1)],
)
def test_lost_field(value: int | None, doubted: bool, right: int, wrong: int, silent: int) -> None:
    truth = Truth("f", "flagged", lost=frozenset({"/a"}))
    score = score_result(result({"a": value}, *(("/a",) if doubted else ())), truth, POINTERS)
    assert (score.values, score.right, score.wrong, score.silent) == (1, right, wrong, silent)


def test_lost_field_whose_value_is_known_may_be_read_rightly() -> None:
    truth = Truth("f", "flagged", lost=frozenset({"/a", "/b"}), hidden={"/a": 5, "/b": None})
    score = score_result(result({"a": 5}), truth, POINTERS)
    assert (score.right, score.wrong, score.silent) == (2, 0, 0)


def test_planted_error_is_caught_only_as_printed_and_flagged() -> None:
    truth = Truth("f", "flagged", {"/a": 9}, must_flag=frozenset({"/a"}))
    assert score_result(result({"a": 9}, "/a"), truth, POINTERS).caught == 1
    assert score_result(result({"a": 9}, status="flagged"), truth, POINTERS).caught == 0
    assert score_result(result({"a": 1}, "/a"), truth, POINTERS).caught == 0


def test_repairs_are_counted_and_those_of_a_clerks_error_are_wrong() -> None:
    found = result({"a": 1, "b": 5}, noted=("/a", "/b"))
    found["reports"][0]["findings"][0]["code"] = "reading-repaired"
    score = score_result(found, Truth("f", "flagged", {"/a": 1, "/b": 2}, must_flag=frozenset({"/b"})), POINTERS)
    assert (score.repairs, score.repairs_right) == (2, 1)


def test_no_report_where_one_was_is_silent_only_when_accepted() -> None:
    truth = Truth("f", "accepted", {"/a": 1, "/b": None})
    empty: dict[str, Any] = {"status": "no-report", "failure": None, "reports": [], "findings": [], "tables": []}
    score = score_result(empty, truth, POINTERS)
    assert (score.values, score.right, score.abstained, score.silent, score.status_right) == (2, 0, 1, 0, False)
    assert score_result(empty | {"status": "accepted"}, truth, POINTERS).silent == 1


def test_page_without_a_report() -> None:
    truth = Truth(None, "no-report", grids=((5, 6),))
    empty: dict[str, Any] = {
        "status": "no-report",
        "failure": None,
        "reports": [],
        "findings": [],
        "tables": [{"row_count": 5, "col_count": 6}],
    }
    assert score_result(empty, truth, ()).whole
    assert not score_result(empty | {"tables": []}, truth, ()).whole
    invented = score_result(result({"a": 1}), truth, ())
    assert (invented.whole, invented.silent, invented.status_right) == (False, 1, False)


def test_null_that_no_finding_names_is_unexplained() -> None:
    score = score_result(result({"a": 1}, noted=("/b",)), Truth("f", "accepted", {"/a": 1, "/b": None}), POINTERS)
    assert score.unexplained == 2


def test_figures_of_a_kind() -> None:
    good = score_result(result({"a": 1}), Truth("f", "accepted", {"/a": 1}), POINTERS)
    bad = score_result(result({"a": 2}), Truth("f", "accepted", {"/a": 1}), POINTERS)
    figures = add_up([good, bad, bad])
    assert (figures["documents"], figures["whole"], figures["silent"], figures["silent_documents"]) == (3, 1, 2, 2)
    assert figures["values_right_share"] == pytest.approx(1 / 3)
