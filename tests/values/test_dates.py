"""Years as printed."""

from __future__ import annotations

import pytest

from pipeline.values.dates import read_year


@pytest.mark.parametrize(
    "text",
    ["2021", "２０２１", "二〇二一", "二○二一", "二零二一", "二0二一", "二０二一", "二O二一", " 2021\u3000", "2 0 2 1"],
)
def test_a_year_in_any_digits(text: str) -> None:
    assert read_year(text) == 2021


@pytest.mark.parametrize(
    "text",
    [
        "",
        "202",
        "20211",
        "2O21",
        "2021年",
        "20251月",
        "二千零二十一",
        "二〇二",
        "2二〇一",
        "-2021",
        "2021.0",
        "٢٠٢١",
        "1989",
        "2101",
        "0000",
        "2" * 10_000,
    ],
)
def test_what_is_no_year_is_none(text: str) -> None:
    assert read_year(text) is None


def test_the_bounds_are_years() -> None:
    assert (read_year("1990"), read_year("2100")) == (1990, 2100)
