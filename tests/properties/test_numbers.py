"""Whatever a clerk's way of printing, the number comes back; whatever the bytes, nothing is raised and nothing is rounded."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.form import NumberRules
from pipeline.values.fold import fold_characters
from pipeline.values.numbers import NumberReader, convert_value, json_number

RULES = NumberRules(
    blank_marks=("/", "-", "无"),
    counter_words=("件", "次"),
    negative_words=("减",),
    positive_words=("增",),
    multipliers={"万": Decimal(10000)},
    units={"万元": {"元": Decimal("0.0001"), "万元": Decimal(1)}},
)
READER = NumberReader(RULES)
FULL_WIDTH = {ord(char): ord(char) + 0xFEE0 for char in "0123456789.,-"}
HOSTILE = st.text(st.sampled_from("0123456789０１９,，. \u00a0\u3000\n\u200b+-−－—/减增减万元件次无￥%年约٣²"), max_size=20)

counts = st.integers(-(10**15), 10**15)
amounts = st.decimals(-(10**9), 10**9, places=4, allow_nan=False, allow_infinity=False)


@given(counts, st.booleans(), st.booleans(), st.sampled_from(["", " ", "件", " 次"]), st.sampled_from(["", " ", "\u00a0\n"]))
def test_a_count_comes_back_however_it_is_printed(value: int, groups: bool, full_width: bool, counter: str, space: str) -> None:
    printed = f"{value:,}" if groups else str(value)
    printed = printed.translate(FULL_WIDTH) if full_width else printed
    found = convert_value(READER.read(space + printed + counter + space), type="integer", unit="件", context_unit=None, rules=RULES)
    assert (found.value, found.finding) == (value, None)


@given(counts)
def test_a_sign_word_is_a_sign(value: int) -> None:
    assert READER.read(f"减{abs(value)}").value == -abs(value)
    assert READER.read(f"增{abs(value)}").value == abs(value)


@given(amounts)
def test_money_is_the_same_however_it_is_printed(value: Decimal) -> None:
    in_yuan = value * 10000
    prints = [
        (f"{value}万元", None),
        (f"{in_yuan:.0f}元", None),
        (f"{in_yuan:,.0f} 元", "万元"),
        (f"{value}", "万元"),
        (f"{in_yuan:.2f}", "元"),
    ]
    for printed, context_unit in prints:
        found = convert_value(READER.read(printed), type="decimal", unit="万元", context_unit=context_unit, rules=RULES)
        assert (found.value, found.finding) == (value, None)
        assert found.value is not None
        assert Decimal(repr(json_number(found.value))) == value


@given(HOSTILE)
def test_a_number_uses_every_character_of_its_text(text: str) -> None:
    reading = READER.read(text)
    assert (reading.value is not None) == (reading.kind == "number")
    if reading.kind == "number":
        assert READER.read(text + "余").kind == "text"
        assert READER.read("约" + text).kind == "text"
        digits = [char for char in text if char in "0123456789０１９"]
        assert digits
        assert not any(char in text for char in "—/无%年约٣")
        assert "²" not in text or "note mark ²" in str(reading.rule)


@given(HOSTILE, st.sampled_from(["integer", "decimal"]), st.sampled_from([None, "元", "万元", "百万元"]))
def test_a_field_has_a_value_or_a_finding(text: str, type_: str, context_unit: str | None) -> None:
    found = convert_value(
        READER.read(text), type="integer" if type_ == "integer" else "decimal", unit="万元", context_unit=context_unit, rules=RULES
    )
    assert (found.value is None) == (found.finding not in (None, "unit-unknown"))
    if found.value is not None:
        assert Decimal(repr(json_number(found.value))) == found.value


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert READER.read(text).kind != "number" or any(char in text for char in "0123456789０１２３４５６７８９")
    assert READER.find_unit(text, "万元") is None or "元" in fold_characters(text)
