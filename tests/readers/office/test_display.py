"""Number formats: what a spreadsheet shows for a value. Values as the program itself shows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.readers.office.display import Shown, show_number, show_text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("12", "General", "12"),
        ("0.30000000000000004", "General", "0.3"),
        (-0.5, "General", "-0.5"),
        ("12345678901", "General", "12345678901"),
        ("1E+20", "General", "100000000000000000000"),
        ("5", "000", "005"),
        ("1234", "#,##0", "1,234"),
        ("1234567.5", "#,##0.00", "1,234,567.50"),
        ("12", "0.0#", "12.0"),
        ("12.25", "0.0#", "12.25"),
        ("0", "#", ""),
        ("0.5", "0%", "50%"),
        ("0.125", "0.0%", "12.5%"),
        ("-12", "0;(0)", "(12)"),
        ("-12", "0_);[Red](0)", "(12)"),
        ("-12", "0", "-12"),
        ("0", "0;-0;;@", ""),
        ("0", '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "-"),
        ("1234", '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "1,234"),
        ("1250000", '0.00,,"m"', "1.25m"),
        ("12000", "#,##0,", "12"),
        ("12", '0"件"', "12件"),
        ("12", 'G/通用格式"件"', "12件"),
        ("3", "[$¥-804]#,##0.00", "¥3.00"),
        ("3", "[红色]0", "3"),
        ("100", '#,##0.00"元"', "100.00元"),
        ("1200", '[>=1000]0.0,"k";0', "1.2k"),
        ("12", '[>=1000]0.0,"k";0', "12"),
        ("8601234567", "000-0000-000", "860-1234-567"),
        ("0.000012", "0.0E+00", "1.2E-05"),
        ("99950", "0.00E+00", "1.00E+05"),
    ],
)
def test_number_as_shown(value: str | float, code: str, text: str) -> None:
    shown = show_number(value, code)
    assert shown.text == text
    assert shown.is_known


@pytest.mark.parametrize(
    ("value", "code", "is_rounded"),
    [("12.345", "0.00", True), ("12.34", "0.00", False), ("0.123", "0%", True), ("1234567", "#,##0,", True), ("12.0", "0", False)],
)
def test_digits_that_are_not_shown_are_told(value: str, code: str, is_rounded: bool) -> None:
    assert show_number(value, code).is_rounded is is_rounded


@pytest.mark.parametrize(
    ("value", "code"),
    [("0.5", "# ?/?"), ("12", "[DBNum1]0"), ("44227", "ggge"), ("12", "[>1]0;[<0]0;0;@;0;[x]"), ("-1", "yyyy"), ("9999999", "yyyy")],
)
def test_what_cannot_be_followed_gives_the_bare_value(value: str, code: str) -> None:
    shown = show_number(value, code)
    assert shown == Shown(value, is_known=False) or shown.is_known
    if code != "[>1]0;[<0]0;0;@;0;[x]":
        assert shown == Shown(value, is_known=False)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("44227", "yyyy-mm-dd", "2021-01-31"),
        ("44227", 'yyyy"年"m"月"d"日"', "2021年1月31日"),
        ("44227", "d-mmm-yy", "31-Jan-21"),
        ("44227", "[$-804]aaaa", "星期日"),
        ("44227", "dddd", "Sunday"),
        ("44227.5", "yyyy/m/d h:mm", "2021/1/31 12:00"),
        ("44227.75", "h:mm AM/PM", "6:00 PM"),
        ("0.25", "上午/下午h:mm", "上午6:00"),
        ("44227.999999", "yyyy-mm-dd hh:mm:ss", "2021-02-01 00:00:00"),
        ("1.5", "[h]:mm", "36:00"),
        ("0.0007", "mm:ss.0", "01:00.5"),
        ("1", "yyyy-mm-dd", "1900-01-01"),
        ("60", "m", "2"),
        ("61", "yyyy-mm-dd", "1900-03-01"),
    ],
)
def test_dates_are_dates(value: str, code: str, text: str) -> None:
    assert show_number(value, code) == Shown(text)


def test_workbooks_that_count_from_1904() -> None:
    assert show_number("0", "yyyy-mm-dd", from_1904=True).text == "1904-01-01"


def test_what_is_no_number_stands_as_it_is() -> None:
    assert show_number("NaN", "0") == Shown("NaN", is_known=False)
    assert show_number("x", "0.0") == Shown("x", is_known=False)
    assert show_number("1E+9999", "0") == Shown("1E+9999", is_known=False)


def test_a_format_may_put_something_around_a_text() -> None:
    assert show_text("abc", '0;0;0;"<"@">"') == "<abc>"
    assert show_text("abc", "@") == "abc"
    assert show_text("abc", "0.00") == "abc"


@given(st.integers(-(10**14), 10**14), st.sampled_from(["0", "#,##0", "General", "0_ ", "#,##0;-#,##0"]))
def test_whole_numbers_are_shown_whole(value: int, code: str) -> None:
    assert int(show_number(str(value), code).text.replace(",", "")) == value


@given(st.text(max_size=40), st.floats(allow_nan=False, allow_infinity=False))
def test_no_format_breaks_it(code: str, value: float) -> None:
    assert isinstance(show_number(value, code).text, str)
