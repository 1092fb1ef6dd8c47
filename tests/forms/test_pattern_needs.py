from __future__ import annotations

import re

import pytest

from pipeline.forms.load import load_forms
from pipeline.forms.pattern_needs import needed_characters


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("ab?c", ("a", "c")),
        ("(?:xa|ya)b", ("a", "b")),
        ("[12]x", ("x", "12")),
        ("[^1]x*", ()),
        (r"\d(?=y)", ()),
        ("(?:q|)", ()),
        ("(?i)a", ()),
        ("(?i:a)b", ("b",)),
        ("(?P<year>20|二)++年", ("年", "0二")),
        ("(?:a{0,3}|b)c", ("c",)),
    ],
)
def test_needs_of_a_pattern(pattern: str, needs: tuple[str, ...]) -> None:
    assert needed_characters(pattern) == needs


def test_every_match_of_a_built_in_pattern_has_what_it_needs() -> None:
    lines = (
        "某某市档案局2021年政府信息公开工作年度报告",
        "2019年某某县人民政府信息公开年报",
        "政府信息公开工作年度报告(2020年)",
        "统计期限自2021年1月1日起至2021年12月31日止",
        "二〇一八年某局政务公开工作报告",
        "数据统计期限为2018.1.1-2018.12.31",
    )
    matched = 0
    for form in load_forms(None):
        metadata = form.metadata
        for pattern in (*metadata.title, *metadata.agency, *metadata.year, *metadata.period):
            needs = needed_characters(pattern)
            assert needs
            for line in lines:
                if re.search(pattern, line):
                    matched += 1
                    assert all(not set(need).isdisjoint(line) for need in needs)
    assert matched > 10
