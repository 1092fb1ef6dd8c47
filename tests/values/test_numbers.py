"""Numbers as printed: the grammar, and the way from a reading to a field."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.errors import ConfigError
from pipeline.model.form import NumberRules
from pipeline.values.numbers import (
    FieldValue,
    NumberReader,
    ValueReading,
    convert_value,
    json_number,
    reader_of,
)

RULES = NumberRules(
    blank_marks=("/", "-", "—", "无", "N/A"),
    counter_words=("件", "宗", "个", "人次"),
    negative_words=("减", "减少"),
    positive_words=("增", "增加"),
    zero_words=("零",),
    multipliers={"万": Decimal(10000), "亿": Decimal(10**8), "千": Decimal(1000)},
    units={"万元": {"元": Decimal("0.0001"), "万元": Decimal(1), "亿元": Decimal(10000), "￥": Decimal("0.0001")}},
)


def read_value(text: str, rules: NumberRules = RULES) -> ValueReading:
    return reader_of(rules).read(text)


def find_unit(text: str, unit: str) -> str | None:
    return reader_of(RULES).find_unit(text, unit)


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("0", "0", None),
        ("66", "66", None),
        (" 66\u00a0\n", "66", None),
        ("1.5", "1.5", None),
        ("-76", "-76", None),
        ("+3", "3", None),
        ("\u22123", "-3", None),
        ("-0", "0", None),
        ("007", "7", "leading zeros"),
        ("1,234,567", "1234567", "thousands separators"),
        ("1,234.50", "1234.50", "thousands separators"),
        ("1 234 567", "1234567", "thousands separators"),
        ("1\u2009234", "1234", "thousands separators"),
        ("１，２３４", "1234", "full-width digits; thousands separators"),
        ("－３", "-3", "full-width digits"),
        ("3\u2f08次", "3", "counter word 人次"),  # a radical that a font calls by its own number
        ("－3", "-3", "full-width signs"),
        ("1\u200b2", "12", "zero-width characters"),
        ("\ufeff12", "12", None),
        ("减3", "-3", "sign word 减"),
        ("減3", "-3", "sign word 减"),
        ("减少 3", "-3", "sign word 减少"),
        ("增3", "3", "sign word 增"),
        ("减0", "0", "sign word 减"),
        ("-76宗", "-76", "counter word 宗"),
        ("12 件", "12", "counter word 件"),
        ("12\n件", "12", "counter word 件"),
        ("12個", "12", "counter word 个"),
        ("3人次", "3", "counter word 人次"),
        ("$0$", "0", "formula marks"),
        ("$ \\mathbf{12} $", "12", "formula marks"),
        ("\\( 5 \\)", "5", "formula marks"),
        ("$1{,}234$", "1234", "thousands separators; formula marks"),
        ("'12", "12", "quotation marks"),
        ("“12”", "12", "quotation marks"),
        ("12。", "12", "closing mark"),
        ("12①", "12", "note mark ①"),
        ("98¹", "98", "note mark ¹"),
        ("3*", "3", "note mark *"),
        ("3[1]", "3", "note mark [1]"),
        ("零", "0", "zero word 零"),
        ("1.2万", "12000", "multiplier 万"),
        ("1.2万件", "12000", "multiplier 万; counter word 件"),
        ("1.23萬", "12300", "multiplier 万"),
        ("0.1亿", "10000000", "multiplier 亿"),
    ],
)
def test_a_number_is_read_exactly_and_says_how(text: str, value: str, rule: str | None) -> None:
    reading = read_value(text)
    assert (reading.kind, reading.value, reading.unit, reading.rule) == ("number", Decimal(value), None, rule)


@pytest.mark.parametrize(
    ("text", "value", "unit", "rule"),
    [
        ("115663490元", "115663490", "元", "unit 元"),
        ("0.37万元", "0.37", "万元", "unit 万元"),
        ("0.37（万元）", "0.37", "万元", "full-width signs; unit 万元"),
        ("0.37 萬元", "0.37", "万元", "unit 万元"),
        ("3千元", "3000", "元", "multiplier 千; unit 元"),
        ("￥1,234.50元", "1234.50", "元", "full-width signs; thousands separators; unit 元"),
        ("¥-5", "-5", "￥", "unit ￥"),
        ("-￥5", "-5", "￥", "full-width signs; unit ￥"),
        ("￥12万", "120000", "￥", "full-width signs; multiplier 万; unit ￥"),
    ],
)
def test_a_printed_unit_is_kept(text: str, value: str, unit: str, rule: str) -> None:
    reading = read_value(text)
    assert (reading.kind, reading.value, reading.unit, reading.rule) == ("number", Decimal(value), unit, rule)


def test_a_longer_unit_stands_before_a_multiplier_and_a_shorter_one() -> None:
    assert read_value("2亿元") == ValueReading("number", Decimal(2), "亿元", "unit 亿元")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u00a0",
        "\u3000\t",
        "\u200b",
        "\ufeff \u00ad",
        "\n",
        " " * 5000,
        "/",
        "-",
        "--",
        "- -",
        "－",
        "——",
        "／",
        "无",
        "無",
        "N/A",
        "Ｎ／Ａ",
    ],
)
def test_blank_is_blank(text: str) -> None:
    assert read_value(text) == ValueReading("blank")


@pytest.mark.parametrize("text", ["/件", "（无）", "无。", "$/$", "—宗"])
def test_a_dressed_blank_mark_is_blank(text: str) -> None:
    assert read_value(text) == ValueReading("blank")


@pytest.mark.parametrize("text", ["10²", "$1 2$", "$12", "1、", "①", "零件", "无件", "[1]", '"', "$$"])
def test_what_is_half_dressed_is_text(text: str) -> None:
    assert read_value(text).kind == "text"


@pytest.mark.parametrize(
    "text",
    [
        "约300余",
        "300余",
        "1-2",
        "3/4",
        "12%",
        "2021年",
        "(123)",
        "12()",
        "12((元))",
        "（1,234.50）",
        "1,23",
        "1234,567",
        "12,34,567",
        "1,234,56",
        "0,123",
        "1.",
        ".5",
        "1.2.3",
        "1,234 567",
        "1 2",
        "12 3456",
        "0\n0",
        "1\n234",
        "0 000",
        "- 3",
        "-\n3",
        "3\n-",
        "--3",
        "减-3",
        "减减3",
        "+-3",
        "1e5",
        "0x10",
        "1_000",
        "٣",
        "1٣",
        "①",
        "10²",
        "三十",
        "1.2万万",
        "万",
        "12件3",
        "12件件",
        "12吨",
        "$5",
        "￥5件",
        "-",
        "/",
        "见附件1",
        "第3",
        "1" * 65,
        "1" * 10_000,
        "1," + "000," * 5000,
    ],
)
def test_what_the_grammar_does_not_cover_is_text(text: str) -> None:
    rules = NumberRules(
        counter_words=RULES.counter_words,
        negative_words=RULES.negative_words,
        multipliers=RULES.multipliers,
        units=RULES.units,
    )
    assert read_value(text, rules) == ValueReading("text")


def test_a_blank_mark_is_text_where_the_rules_do_not_list_it() -> None:
    assert NumberReader(NumberRules()).read("-").kind == "text"
    assert NumberReader(NumberRules(blank_marks=("-",))).read("-").kind == "blank"


def test_different_blank_marks_together_are_text() -> None:
    assert read_value("无/").kind == "text"


@pytest.mark.parametrize("word", ["", " ", "2x", "x2", "１x"])
def test_a_word_that_could_be_read_as_digits_is_a_wrong_form(word: str) -> None:
    with pytest.raises(ConfigError, match="number rules"):
        NumberReader(NumberRules(counter_words=(word,)))


def test_readers_are_told_apart_by_their_rules() -> None:
    one, other = NumberRules(counter_words=("x",)), NumberRules(counter_words=("y",))
    assert [read_value("1x", one).kind, read_value("1x", other).kind, read_value("1x", one).kind] == ["number", "text", "number"]
    assert reader_of(NumberRules(counter_words=("x",))) is reader_of(one)
    assert reader_of(other) is not reader_of(one)


def test_all_white_space_around_a_number_is_known() -> None:
    white = "".join(char for char in map(chr, range(0x110000)) if char.isspace())
    assert read_value(f"{white}7{white}").value == 7


def count(text: str, unit: str = "件", rules: NumberRules = RULES) -> FieldValue:
    return convert_value(read_value(text, rules), type="integer", unit=unit, context_unit=None, rules=rules)


def amount(text: str, context_unit: str | None = None, unit: str = "万元") -> FieldValue:
    return convert_value(read_value(text), type="decimal", unit=unit, context_unit=context_unit, rules=RULES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("66", FieldValue(66)),
        ("0", FieldValue(0)),
        ("3.0", FieldValue(3)),
        ("减3", FieldValue(-3, "sign word 减")),
        ("1.25万件", FieldValue(12500, "multiplier 万; counter word 件")),
        ("1.234万", FieldValue(12340, "multiplier 万")),
        ("1000000000000000", FieldValue(10**15)),
        ("", FieldValue(None, None, "blank-cell")),
        ("/", FieldValue(None, None, "blank-cell")),
        ("约300余", FieldValue(None, None, "not-a-count")),
        ("1.5", FieldValue(None, None, "not-a-count")),
        ("1.00001万", FieldValue(None, "multiplier 万", "not-a-count")),
        ("5元", FieldValue(None, "unit 元", "not-a-count")),
        ("0元", FieldValue(None, "unit 元", "not-a-count")),
        ("1000000000000001", FieldValue(None, None, "not-a-count")),
        ("-1000000000000001", FieldValue(None, None, "not-a-count")),
        ("1.000", FieldValue(None, None, "not-a-count")),
        ("0.000", FieldValue(0)),
    ],
)
def test_a_count_is_whole_or_nothing(text: str, expected: FieldValue) -> None:
    found = count(text)
    assert found == expected
    assert found.value is None or isinstance(found.value, int)


def test_a_count_in_a_unit_with_sizes_is_converted() -> None:
    rules = NumberRules(units={"persons": {"thousand persons": Decimal(1000)}})
    assert count("1.5 thousand persons", "persons", rules) == FieldValue(1500, "unit thousand persons; thousand persons to persons")


@pytest.mark.parametrize(
    ("text", "context_unit", "expected"),
    [
        ("251000元", None, FieldValue(Decimal("25.1"), "unit 元; 元 to 万元")),
        ("115663490元", None, FieldValue(Decimal("11566.349"), "unit 元; 元 to 万元")),
        ("0.37万元", None, FieldValue(Decimal("0.37"), "unit 万元")),
        ("2亿元", None, FieldValue(Decimal(20000), "unit 亿元; 亿元 to 万元")),
        ("59237.2449", "万元", FieldValue(Decimal("59237.2449"))),
        ("-1", "万元", FieldValue(Decimal(-1))),
        ("251000", "元", FieldValue(Decimal("25.1"), "unit 元 of the label; 元 to 万元")),
        ("251000元", "万元", FieldValue(Decimal("25.1"), "unit 元; 元 to 万元")),
        ("25.1", None, FieldValue(Decimal("25.1"), None, "unit-unknown")),
        ("0", None, FieldValue(Decimal(0))),
        ("1.2万", "元", FieldValue(Decimal("1.2"), "multiplier 万; unit 元 of the label; 元 to 万元")),
        ("1.2万", "万元", FieldValue(None, "multiplier 万", "unit-conflict")),
        ("1.2万", None, FieldValue(None, "multiplier 万", "unit-conflict")),
        ("0万", None, FieldValue(Decimal(0), "multiplier 万")),
        ("12件", "万元", FieldValue(None, "counter word 件", "unit-conflict")),
        ("12", "百万元", FieldValue(None, None, "unit-conflict")),
        ("", "万元", FieldValue(None, None, "blank-cell")),
        ("12%", "万元", FieldValue(None, None, "not-a-count")),
        ("0.12345678901234567890", "万元", FieldValue(None, None, "not-a-count")),
        ("12345678901234567", "万元", FieldValue(None, None, "not-a-count")),
    ],
)
def test_money_is_converted_exactly_or_kept_as_printed(text: str, context_unit: str | None, expected: FieldValue) -> None:
    assert amount(text, context_unit) == expected


def test_a_decimal_without_a_unit_table_is_as_printed() -> None:
    assert amount("1.25", unit="kg") == FieldValue(Decimal("1.25"))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("本年收费金额（单位：万元）", "万元"),
        ("本年收費金額(單位:萬元)", "万元"),
        ("单位：元", "元"),
        ("单位： 元", "元"),
        ("金额（元）", "元"),
        ("万元", "万元"),
        ("采购总金额 亿元", "亿元"),
        ("金额（单位：万元，保留4位小数）", "万元"),
        ("金额(￥)", "￥"),
        ("金额(元、￥)", "元"),
        ("采购总金额", None),
        ("公开渠道多元", None),
        ("一元化 服务", None),
        ("元/人", None),
        ("（单位：件）", None),
        ("", None),
        ("金额（百万元）", "百万元"),
        ("金额（美元）", "美元"),
        ("万元 元", "万元 / 元"),
    ],
)
def test_the_unit_of_a_label_is_a_whole_word(text: str, unit: str | None) -> None:
    assert find_unit(text, "万元") == unit


def test_a_unit_that_was_wrapped_is_the_whole_one() -> None:
    assert find_unit("本年收费\n金额（单\n位：万\n元）", "万元") == "万元"
    assert find_unit("收费（单位：万 元）", "万元") == "万元"
    assert find_unit("收费 元", "万元") == "元"


def test_a_label_has_no_unit_for_a_field_whose_unit_has_no_table() -> None:
    assert find_unit("金额（元）", "件") is None


@pytest.mark.parametrize("text", ["金额（百万元）", "金额（美元）", "万元 元"])
def test_a_unit_that_is_none_of_the_rules_is_never_converted(text: str) -> None:
    assert amount("5", find_unit(text, "万元")) == FieldValue(None, None, "unit-conflict")


@pytest.mark.parametrize(
    ("value", "printed"),
    [(0, "0"), (-3, "-3"), (Decimal("25.1000"), "25.1"), (Decimal("251000"), "251000"), (Decimal("0.0"), "0"), (Decimal("1E+3"), "1000")],
)
def test_a_json_number_is_the_shortest_print(value: int | Decimal, printed: str) -> None:
    assert repr(json_number(value)) == printed


@pytest.mark.parametrize("value", [Decimal("0.12345678901234567890"), Decimal(10**15 + 1)])
def test_a_json_number_never_rounds(value: Decimal) -> None:
    with pytest.raises(ValueError, match=r"exactly|digits"):
        json_number(value)
