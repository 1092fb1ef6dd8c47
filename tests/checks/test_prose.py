"""checks/prose: sentences that name one field, against the field."""

from __future__ import annotations

import pytest

from pipeline.checks.prose import check_prose
from pipeline.forms.load import load_forms
from pipeline.forms.series import load_series

RULES = load_series(load_forms(None))
FORM = "cn-disclosure/2021"
VALUES = {"/applications/received/total": 12.0, "/applications/carried_in/total": 3.0, "/applications/carried_out/total": 0.0}


def said(text: str, year: int | None = 2021) -> list[tuple[str, int]]:
    return [(item.claim, item.said) for item in check_prose(RULES.claims, FORM, year, [text], VALUES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021年，我局共收到政府信息公开申请13件。", [("applications received", 13)]),
        ("全年收到政府信息公开申请 １３ 件，均已答复。", [("applications received", 13)]),
        ("本年度受理信息公開申請13件。", [("applications received", 13)]),
        ("2021年收到申请13件。", []),  # of what?
        ("2021年，我局共收到政府信息公开申请12件。", []),
        ("2020年，我局共收到政府信息公开申请13件。", []),  # of another year
        ("收到政府信息公开申请13件。", []),  # of no year
        ("全年收到政府信息公开申请13件。今年收到政府信息公开申请14件。", []),  # two numbers: neither
        ("全年收到政府信息公开申请12件，上年结转4件。", [("carried in", 4)]),
        ("2020年度结转申请4件", [("carried in", 4)]),
        ("结转下年度继续办理1件", [("carried out", 1)]),
        ("结转至2022年办理1件", [("carried out", 1)]),
        ("", []),
    ],
)
def test_only_what_leaves_no_doubt(text: str, expected: list[tuple[str, int]]) -> None:
    assert said(text) == expected


def test_without_a_year_a_claim_that_names_it_is_not_looked_for() -> None:
    assert said("2021年，我局共收到政府信息公开申请13件。", None) == []
    assert said("全年收到政府信息公开申请13件。", None) == [("applications received", 13)]


def test_a_field_without_a_value_is_not_compared() -> None:
    assert check_prose(RULES.claims, FORM, 2021, ["全年收到政府信息公开申请13件。"], {"/applications/received/total": None}) == []
    assert check_prose(RULES.claims, "other/form", 2021, ["全年收到政府信息公开申请13件。"], VALUES) == []


def test_hostile_prose_takes_no_time() -> None:
    assert said("2021年" * 100_000) == []
    assert said("全年收到" * 100_000) == []
