"""Whether confidences are what they say: the bins, and what the scorer puts into them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.quality.reliability import bin_confidences, reliability_rows
from tests.quality.scoring import Given, Truth, score_result


def test_values_fall_into_the_bin_that_they_reach() -> None:
    given = [Given(0.6, True, True, 3), Given(0.6, False, True, 1), Given(0.9998, True, False, 999), Given(0.9998, False, False, 1)]
    low, high = bin_confidences(given)
    assert (low.least, low.values, low.right, low.unnamed) == (0.5, 4, 3, 0)
    assert (high.least, high.values, high.right, high.unnamed) == (0.9997, 1000, 999, 1)
    assert high.claimed == pytest.approx(0.9998)
    assert high.share == 0.999


@pytest.mark.parametrize(
    ("confidence", "right", "verdict"), [(0.99, 900, "too high"), (0.8, 800, ""), (0.6, 800, "too low"), (0.999, 1000, "")]
)
def test_chance_is_no_verdict(confidence: float, right: int, verdict: str) -> None:
    given = [Given(confidence, True, False, right), Given(confidence, False, False, 1000 - right)]
    assert bin_confidences(given)[0].verdict == verdict


def test_the_interval_is_wilsons() -> None:
    low, high = bin_confidences([Given(0.9, True, False, 8), Given(0.9, False, False, 2)])[0].interval()
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)


def test_the_table_has_a_row_a_kind_and_bin() -> None:
    rows = reliability_rows({"scan": [Given(0.95, True, False, 2), Given(0.999, True, False, 1)], "press": []})
    assert [row[:3] for row in rows[1:]] == [("scan", "0.95", "2"), ("scan", "0.999", "1")]


def test_the_scorer_keeps_how_sure_each_value_was() -> None:
    record = {"a": 1, "b": 7, "c": None, "d": None, "e": 5, "f": None}
    sure = {"/a": 0.99, "/b": 0.99, "/c": 0.99, "/d": 0.5, "/e": 0.9, "/f": 0.0}
    evidence = {pointer: {"raw": "", "confidence": confidence} for pointer, confidence in sure.items()}
    findings = [{"code": "x", "severity": "warning", "message": "", "pointers": ["/b", "/d"], "places": []}]
    report: dict[str, Any] = {"form": "family/f", "status": "flagged", "record": record, "evidence": evidence, "findings": findings}
    result = {"status": "flagged", "failure": None, "reports": [report], "findings": [], "tables": []}
    truth = Truth("f", "flagged", {"/a": 1, "/b": 2, "/c": None, "/f": 3}, lost=frozenset({"/e"}))
    # /d is not printed and null: right; /e cannot be judged; /f has no confidence: nothing was said of it
    assert score_result(result, truth, sure).given == (Given(0.5, True, True, 1), Given(0.99, False, True, 1), Given(0.99, True, False, 2))
