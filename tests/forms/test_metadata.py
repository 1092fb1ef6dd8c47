"""Title, agency, year and period by the form's patterns, as printed, with their places."""

from __future__ import annotations

from functools import cache

import pytest

from pipeline.forms.load import load_forms
from pipeline.forms.metadata import Found, ReportText, find_metadata, report_text
from pipeline.model.document import Document, TextBlock
from pipeline.model.form import Form
from pipeline.model.place import ElementPlace, TextPlace
from tests.harbour import harbour, line


def found(*blocks: TextBlock, form: Form | None = None, title: str | None = None) -> dict[str, str]:
    return {pointer: it.raw for pointer, it in find_metadata(form or harbour(), ReportText(blocks, title)).items()}


@cache
def national() -> Form:
    (form,) = load_forms(["cn-disclosure/2021"])
    return form


def test_what_is_found_is_as_printed_and_has_its_place() -> None:
    text = "The  Yearly Return of Saltmouth for 1997, printed"
    metadata = find_metadata(harbour(), ReportText((line("Home", 1), line(text, 2))))
    assert metadata == {
        "/title": Found("Yearly Return of Saltmouth for 1997", TextPlace(2, 5, 40)),
        "/agency": Found("Saltmouth", TextPlace(2, 22, 31)),
        "/year": Found("1997", TextPlace(2, 36, 40)),
    }


def test_nothing_is_found_where_nothing_is_printed() -> None:
    assert found() == {}
    assert found(line("A notice", 1), line("", 2)) == {}


def test_a_year_that_is_none_is_passed_over() -> None:
    assert found(line("Yearly return of Saltmouth for 9999", 1)) == {
        "/title": "Yearly return of Saltmouth for 9999",
        "/agency": "Saltmouth",
    }


def test_a_title_may_be_wrapped() -> None:
    blocks = [line("Yearly return", 1), line("of Saltmouth", 2), line("for 1997", 3)]
    metadata = find_metadata(harbour(), ReportText(tuple(blocks)))
    assert metadata["/agency"] == Found("Saltmouth", TextPlace(2, 3, 12))
    assert metadata["/year"] == Found("1997", TextPlace(3, 4, 8))
    assert metadata["/title"].place == TextPlace(1, 0, 13)


def test_the_declared_title_is_looked_at_for_the_first_report_only() -> None:
    document = Document((line("text", 1),), "text/html", title="Yearly return of Saltmouth for 1997")
    blocks = [line("text", 1)]
    assert find_metadata(harbour(), report_text(document, blocks, is_first=True))["/year"].raw == "1997"
    assert find_metadata(harbour(), report_text(document, blocks, is_first=False)) == {}


def test_an_element_is_the_place_of_what_stands_in_it() -> None:
    block = TextBlock("Yearly return of Saltmouth for 1997", ElementPlace("/html/body/h1"), 1)
    assert find_metadata(harbour(), ReportText((block,)))["/year"] == Found("1997", ElementPlace("/html/body/h1"))


@pytest.mark.parametrize(
    ("text", "agency", "year"),
    [
        ("新余市政務服務中心2021年政府信息公開工作年度報告", "新余市政務服務中心", "2021"),
        ("2024年上海市科委政府信息公开工作年度报告", "上海市科委", "2024"),
        ("某某市档案局政府信息公开工作年度报告（2021年度）", "某某市档案局", "2021"),
        ("某某市 档案局 ２０２１ 年政府信息公开工作年度报告", "某某市档案局", "２０２１"),
        ("某某县人民政府办公室二〇二一年政府信息公开工作年度报告", "某某县人民政府办公室", "二〇二一"),
        ("某某高新区管理委员会政府信息公开工作2022年度报告", "某某高新区管理委员会", "2022"),
        ("某某市人民政府信息公开2022年度报告", "某某市人民政府", "2022"),
        ("2022年政府信息公开工作年度报告（某某市民政局）", "某某市民政局", "2022"),
        ("某某市民政局：2022年政府信息公开工作年度报告", "某某市民政局", "2022"),
        ("某某市民政局[2022]年政府信息公开工作年度报告", "某某市民政局", "2022"),
        ("某某区残联2022年政府信息公开工作年度报告", "某某区残联", "2022"),
        ("某某大学2022年信息公开年度报告", "某某大学", "2022"),
        ("某某市民政局信息公开2022年度报告格式", None, "2022"),
        ("2021年政府信息公开工作年度报告", None, "2021"),
        ("关于做好2021年政府信息公开工作年度报告编制发布工作的通知", None, None),
        ("所列数据的统计期限自20211月1日起至2021年12月31日止", None, "2021"),
    ],
)
def test_titles_of_a_real_family(text: str, agency: str | None, year: str | None) -> None:
    metadata = found(line(text, 1), form=national())
    assert (metadata.get("/agency"), metadata.get("/year")) == (agency, year)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("数据的统计期限自2021年1月1日起至2021年12月31日止。", "2021年1月1日", "2021年12月31日"),
        ("统计期限为2021年1月1日至12月31日", "2021年1月1日", "12月31日"),
        ("统计数据自20251月1日至2025年12月31日", "20251月1日", "2025年12月31日"),
    ],
)
def test_periods_of_a_real_family(text: str, start: str, end: str) -> None:
    metadata = found(line(text, 1), form=national())
    assert (metadata["/period/start"], metadata["/period/end"]) == (start, end)


def test_a_long_page_without_a_title_is_done_at_once() -> None:
    blocks = tuple(line("统计" * 2000 + "20" * 500, number) for number in range(8))
    assert "/title" not in found(*blocks, form=national())
