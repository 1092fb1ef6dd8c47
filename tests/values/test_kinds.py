"""Cell kinds: numbers, blanks and labels told apart by shape alone."""

from __future__ import annotations

import pytest

from pipeline.values.kinds import classify_cell, display_width, looks_like_year


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "1,234.50",
        "-76宗",
        "+70",
        "減3",
        "115663490元",
        "0.37万元",
        "(1,234)",
        "12%",
        "$ 5",
        "US$5",
        "１２",
        "12 345",
        "3.4 (0.2)",
        "2019年",
        "5*",
    ],
)
def test_numbers(text: str) -> None:
    assert classify_cell(text) == "number"


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "/", "-", "—", "……", "* * *", "　"])
def test_blanks_and_marks(text: str) -> None:
    assert classify_cell(text) == "blank"


@pytest.mark.parametrize(
    "text",
    [
        "規章",
        "1.属于国家秘密",
        "3.其他",
        "3. Other",
        "(一)予以公开",
        "Q1",
        "n/a",
        "2 or more persons",
        "7、其他",
        "1" * 60,
        "A1",
        "%",
        "#",
        "第二十条第(一)项",
    ],
)
def test_labels(text: str) -> None:
    assert classify_cell(text) == "label"


def test_years_may_head_columns() -> None:
    assert [looks_like_year(text) for text in ("2019", "2019年", "FY2019", "2019/20", "1234", "20190", "2 019")] == [
        True,
        True,
        True,
        True,
        False,
        False,
        True,
    ]


def test_display_width_counts_terminal_columns() -> None:
    assert display_width("ab") == 2
    assert display_width("規a") == 3
    assert display_width("e\u0301") == 1
    assert display_width("a\u200bb") == 2
