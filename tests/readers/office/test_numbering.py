"""Automatic numbers: how they are written, and how lists count."""

from __future__ import annotations

import pytest

from pipeline.model.limits import Limits
from pipeline.readers.office.numbering import number_text, read_numbering
from pipeline.readers.office.package import Package
from tests.readers.office.packages import docx


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("decimal", 12, "12"),
        ("chineseCounting", 3, "三"),
        ("chineseCountingThousand", 10, "十"),
        ("japaneseCounting", 15, "十五"),
        ("chineseCounting", 20, "二十"),
        ("chineseCountingThousand", 105, "一百零五"),
        ("chineseCountingThousand", 3010, "三千零一十"),
        ("chineseLegalSimplified", 12, "壹拾贰"),
        ("ideographDigital", 20, "二〇"),
        ("ideographTraditional", 2, "乙"),
        ("upperRoman", 14, "XIV"),
        ("lowerLetter", 27, "aa"),
        ("decimalEnclosedCircleChinese", 3, "③"),
        ("decimalFullWidth", 12, "１２"),
        ("decimalZero", 3, "03"),
        ("none", 3, ""),
        ("of the future", 3, "3"),
    ],
)
def test_number_in_its_form(form: str, value: int, text: str) -> None:
    assert number_text(value, form) == text


def _level(number: int, text: str, more: str = "", form: str = "decimal") -> str:
    return f'<w:lvl w:ilvl="{number}"><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/><w:suff w:val="nothing"/>{more}</w:lvl>'


def _labels(xml: str, asked: list[tuple[str, int]]) -> list[str]:
    numbering = read_numbering(Package(docx("", numbering=xml), Limits()), "word/numbering.xml", Limits())
    return [numbering.next_label(*one) for one in asked]


def test_lists_of_one_pattern_count_on_unless_they_say_otherwise() -> None:
    xml = f'<w:abstractNum w:abstractNumId="0">{_level(0, "%1.")}</w:abstractNum>'
    xml += '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
    xml += '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    assert _labels(xml, [("1", 0), ("1", 0), ("2", 0), ("3", 0), ("3", 0)]) == ["1.", "2.", "3.", "1.", "2."]


def test_deeper_levels_begin_anew_unless_they_never_do() -> None:
    never = '<w:lvlRestart w:val="0"/>'
    xml = f'<w:abstractNum w:abstractNumId="0">{_level(0, "%1")}{_level(1, "%1.%2")}{_level(2, "(%3)", never)}</w:abstractNum>'
    xml += '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    asked = [("1", level) for level in (0, 1, 1, 2, 0, 1, 2)]
    assert _labels(xml, asked) == ["1", "1.1", "1.2", "(1)", "2", "2.1", "(2)"]


def test_bullets_and_unknown_lists_print_nothing() -> None:
    xml = f'<w:abstractNum w:abstractNumId="0">{_level(0, "o", form="bullet")}</w:abstractNum>'
    xml += '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    assert _labels(xml, [("1", 0), ("1", 5), ("7", 0), ("0", 0)]) == ["", "", "", ""]
