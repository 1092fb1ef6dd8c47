"""The three national forms say what the canon says, tell their rows apart, and find titles, agencies, years and periods."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.forms.load import load_forms
from pipeline.model.form import ColumnNode, Form, RowNode
from pipeline.values.fold import LabelFolder, squeeze
from pipeline.values.numbers import NumberReader

FORMS = {form.id: form for form in load_forms()}
YEARS = ("2014", "2019", "2021")
FIELD_COUNTS = {"2014": 58, "2019": 198, "2021": 200}
IDENTITY_COUNTS = {"2014": 10, "2019": 40, "2021": 42}


def national(year: str) -> Form:
    return FORMS[f"cn-disclosure/{year}"]


@pytest.fixture(scope="session")
def canon_dir(data_dir: Path) -> Path:
    """The folder of the canon, beside that of the real reports."""
    path = data_dir.parent / "canon"
    if not path.is_dir():
        pytest.skip("the canon is not beside TABULARIUM_DATA")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- the canon -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_the_counts_of_the_canon(year: str) -> None:
    form = national(year)
    assert len(form.fields) == len(form.field_by_pointer) == FIELD_COUNTS[year]
    assert len(form.identities) == IDENTITY_COUNTS[year]


@pytest.mark.parametrize("year", YEARS)
def test_every_field_of_the_canon_in_its_order(year: str, canon_dir: Path) -> None:
    form = national(year)
    captions = {table.id: table.captions.texts for table in form.tables}
    wanted = rows(canon_dir / f"fields-{year}.csv")
    assert [(item.pointer, " > ".join(item.row_path), " > ".join(item.column_path), item.unit, item.type) for item in form.fields] == [
        (row["pointer"], row["row"], row["column"], row["unit"], row["type"]) for row in wanted
    ]
    assert all(row["table"] in captions[item.table_id] for row, item in zip(wanted, form.fields, strict=True))


@pytest.mark.parametrize("year", YEARS)
def test_every_identity_of_the_canon(year: str, canon_dir: Path) -> None:
    wanted = {
        row["name"]: (row["kind"], row["whole"] or None, tuple(row["parts"].split())) for row in rows(canon_dir / f"identities-{year}.csv")
    }
    assert {item.name: (item.kind, item.whole, item.parts) for item in national(year).identities} == wanted


def test_pointers_and_sums_known_by_heart() -> None:
    form = national("2021")
    assert [table.id for table in form.tables] == ["proactive", "applications", "reviews"]
    fees = form.field_by_pointer["/proactive/fees/amount"]
    assert (fees.row_path, fees.type, fees.unit) == (("第二十条第（八）项", "行政事业性收费"), "decimal", "万元")
    direct = form.field_by_pointer["/litigation_direct/pending"]
    assert (direct.row_path, direct.column_path) == ((), ("行政诉讼", "未经复议直接起诉", "尚未审结"))
    identities = {item.name: item for item in form.identities}
    assert identities["balance of total"].parts == tuple(
        f"/applications/{row}/total" for row in ("received", "carried_in", "outcomes/total", "carried_out")
    )
    assert len(identities["outcomes of natural_person"].parts) == 21
    assert len({item.name: item for item in national("2019").identities}["outcomes of total"].parts) == 19
    answers = {item.name: item for item in national("2014").identities}["answers"]
    assert len(answers.parts) == 8
    assert "/applications/answers/refused" in answers.parts


# ---- labels --------------------------------------------------------------------------------------------------------------------


def siblings(nodes: tuple[RowNode, ...] | tuple[ColumnNode, ...]) -> Iterator[list[tuple[str, ...]]]:
    """The label texts of rows or columns that stand side by side, for each place where some do."""
    yield [node.label.texts for node in nodes if node.label is not None]
    for node in nodes:
        if node.children:
            yield from siblings(node.children)


def all_siblings(form: Form) -> Iterator[list[tuple[str, ...]]]:
    for table in form.tables:
        for band in table.bands:
            yield from siblings(band.rows)
            yield from siblings(band.columns)


@pytest.mark.parametrize("year", YEARS)
def test_no_variant_makes_two_neighbours_alike(year: str) -> None:
    form = national(year)
    fold = LabelFolder(form.vocabulary).fold
    for group in all_siblings(form):
        bodies = [{fold(text).body for text in texts} for texts in group]
        for index, one in enumerate(bodies):
            for other in bodies[index + 1 :]:
                assert not one & other


@pytest.mark.parametrize("year", YEARS)
def test_no_variant_repeats_another_once_folded(year: str) -> None:
    form = national(year)
    fold = LabelFolder(form.vocabulary).fold
    for group in all_siblings(form):
        for texts in group:
            folded = [(fold(text).enumerator, fold(text).body) for text in texts]
            assert len(set(folded)) == len(texts), texts


def all_labels(form: Form) -> set[str]:
    fold = LabelFolder(form.vocabulary).fold
    nodes = [group for table in form.tables for band in table.bands for group in (*siblings(band.rows), *siblings(band.columns))]
    return {fold(text).body for group in nodes for texts in group for text in texts}


def test_the_labels_that_tell_the_2019_form_from_the_2021_form() -> None:
    old, new = all_labels(national("2019")), all_labels(national("2021"))
    assert {
        "本年新制作数量",
        "本年新公开数量",
        "对外公开总数量",
        "上一年项目数量",
        "本年增减",
        "其他对外管理服务事项",
        "政府集中采购",
    } <= old - new
    assert {"本年制发件数", "本年废止件数", "现行有效件数", "本年处理决定数量", "逾期不补正", "逾期不缴费"} <= new - old


@pytest.mark.parametrize(
    ("printed", "pointer", "year"),
    [
        ("1.逾期不补正", "/applications/outcomes/other_handling/correction_overdue/total", "2021"),
        ("2.逾期不缴費", "/applications/outcomes/other_handling/fee_overdue/total", "2021"),
        ("（六）其它處理", "/applications/outcomes/other_handling/total", "2019"),
        ("規範性檔案", "/proactive/normative_documents/created", "2019"),
        ("行政強製", "/proactive/coercive_measures/decisions", "2019"),
        ("1．政府公报公开政府信息数", "/proactive/channels/gazette", "2014"),
        ("（一）主动公开政府信息数\n（不同渠道和方式公开相同信息计1条）", "/proactive/disclosed", "2014"),
        ("（一）主动公开政府信息数", "/proactive/disclosed", "2014"),
        ("其中：1．涉及国家秘密", "/applications/answers/refused_because/state_secret", "2014"),
        ("3.網路申請數", "/applications/received_by/online", "2014"),
    ],
)
def test_a_printed_label_is_a_variant_of_its_row(printed: str, pointer: str, year: str) -> None:
    form = national(year)
    fold = LabelFolder(form.vocabulary).fold
    table = next(item for item in form.tables if item.id == form.field_by_pointer[pointer].table_id)
    path = form.field_by_pointer[pointer].row_path
    rows_of_table = [row for band in table.bands for row in every_row(band.rows) if row.label is not None]
    found = {row.label.text for row in rows_of_table if row.label and fold(printed).body in {fold(text).body for text in row.label.texts}}
    assert found == {path[-1]}


def every_row(nodes: tuple[RowNode, ...]) -> Iterator[RowNode]:
    for node in nodes:
        yield node
        yield from every_row(node.children)


# ---- numbers -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_the_number_words_serve_a_number_reader(year: str) -> None:
    read = NumberReader(national(year).numbers).read
    assert [read(text).kind for text in ("/", "——", "－", "無", "\\", "暂无", "")] == ["blank"] * 7
    assert [str(read(text).value) for text in ("减3", "-76宗", "增加5项", "1.2万", "251000元")] == ["-3", "-76", "5", "12000.0", "251000"]
    assert read("约300余").kind == "text"


# ---- title, agency, year, period -----------------------------------------------------------------------------------------------


def found(text: str) -> dict[str, str]:
    """What the first pattern that matches gives for each group, as printed; the text as one run, as patterns see it."""
    metadata = national("2021").metadata
    return {
        **first(metadata.title, ["title"], text),
        **first(metadata.agency, ["agency"], text),
        **first(metadata.year, ["year"], text),
        **first(metadata.period, ["start", "end"], text),
    }


def first(patterns: tuple[str, ...], groups: list[str], text: str) -> dict[str, str]:
    squeezed = squeeze(text)
    for pattern in patterns:
        match = re.search(pattern, squeezed.text)
        if match:
            return {group: text[slice(*squeezed.original_span(*match.span(group)))] for group in groups}
    return {}


# title, agency, year
TITLES = [
    ("XX市XX局2022年度政府信息公开工作年度报告", "XX市XX局", "2022"),
    ("XX县政府办2020年政府信息公开年报", "XX县政府办", "2020"),
    ("2023年度XX镇人民政府政府信息公开工作报告", "XX镇人民政府", "2023"),
    ("关于XX局2015年政府信息公开工作情况的报告", "XX局", "2015"),
    ("南昌市水利局二〇一六年政府信息公开工作年度报告", "南昌市水利局", "二〇一六"),
    ("2024 年上海市科委政府信息公开工作\n年度报告", "上海市科委", "2024"),
    ("宿州市人民政府2016年\n政府信息公开工作年度报告", "宿州市人民政府", "2016"),
    ("2021年某县人民政府信息公开工作年度报告", "某县人民政府", "2021"),
    ("2022年上海市政府信息公开工作年度报告", "上海市", "2022"),
    ("某镇人民政府政府信息公开工作年度报告（2021年度）", "某镇人民政府", "2021"),
    ("某开发区（某某区）管委会2020年政府信息公开工作年度报告", "某开发区（某某区）管委会", "2020"),
    ("某某街道办事处关于2018年度政府信息公开工作的年度报告", "某某街道办事处", "2018"),
    ("新餘市水利局２０２１年政府信息公開工作年度報告", "新餘市水利局", "２０２１"),
    ("本溪市人民政府办公室2019年政府信息公开年度报告", "本溪市人民政府办公室", "2019"),
]


@pytest.mark.parametrize(("title", "agency", "year"), TITLES, ids=[title[:20] for title, _, _ in TITLES])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("根据规定，特向社会公布", "。"),
        ("标题：", "\n发布日期：2025年1月20日"),
        ("现将《", "》予以公布"),
        ("首页>年报", "一、总体情况"),
    ],
)
def test_titles(title: str, agency: str, year: str, before: str, after: str) -> None:
    assert found(before + title + after) == {"title": title, "agency": agency, "year": year}


@pytest.mark.parametrize(
    "title", ["2021年政府信息公开工作年度报告", "2021年我局政府信息公开工作年度报告", "政府信息公开工作年度报告（2021年度）"]
)
def test_titles_without_an_agency(title: str) -> None:
    assert found(title) == {"title": title, "year": "2021"}


@pytest.mark.parametrize(
    "text",
    [
        "根据《中华人民共和国政府信息公开条例》（国务院令711号）要求编制本报告",
        "《关于转发国办公开办函〔2021〕30号文件做好年度报告编制发布工作的通知》",
        "国务院办公厅政府信息与政务公开办公室关于印发《中华人民共和国政府信息公开工作年度报告格式》的通知",
        "某省人民政府办公厅关于做好2012年政府信息公开工作年度报告有关事项的通知",
        "关于印发2021年政府信息公开工作要点的通知",
        "某局政府信息公开工作年度报告2022-01-20",
        "发布日期：2020-01-31",
    ],
)
def test_what_is_no_title(text: str) -> None:
    assert found(text) == {}


def test_a_running_head_gives_the_year_only() -> None:
    assert found("四、结转下年度继续办理 121\n2023 年报告") == {"year": "2023"}


@pytest.mark.parametrize(
    ("text", "start", "end", "year"),
    [
        ("所列数据的统计期自2021年1月1日起至2021年12月31日止。", "2021年1月1日", "2021年12月31日", "2021"),
        ("统计周期\n为 2024 年 1 月 1 日至 12 月 31 日。", "2024 年 1 月 1 日", "12 月 31 日", "2024"),
        ("统计期限为20251月1日至2025年12月31日", "20251月1日", "2025年12月31日", "2025"),
        ("统计时限从2012年1月1日到12月31日止", "2012年1月1日", "12月31日", "2012"),
        ("（2020年1月1日—12月31日）", "2020年1月1日", "12月31日", "2020"),
        ("数据统计期间：2020.1.1-2020.12.31", "2020.1.1", "2020.12.31", "2020"),
    ],
)
def test_periods(text: str, start: str, end: str, year: str) -> None:
    assert found(text) == {"start": start, "end": end, "year": year}


def test_other_spans_of_time_are_no_period() -> None:
    assert found("《行动方案（2024－2027年）》自2024年3月5日至6月1日征求意见") == {}


def test_the_seed(data_dir: Path) -> None:
    assert found((data_dir / "seed" / "xinyu-2021.txt").read_text(encoding="utf-8")) == {
        "title": "新余市政務服務中心2021年政府信息公開工作年度報告",
        "agency": "新余市政務服務中心",
        "year": "2021",
        "start": "2021年1月1日",
        "end": "2021年12月31日",
    }


@pytest.mark.parametrize(
    ("name", "agency", "year"),
    [
        ("001.txt", "上海市科委", "2024"),
        ("004.txt", None, "2023"),
        ("006.txt", "上海市人民政府办公厅", "2019"),
        *((f"{number}.txt", None, None) for number in ("010", "013", "017", "020", "021", "022", "024")),
    ],
)
def test_the_real_reports(data_dir: Path, name: str, agency: str | None, year: str | None) -> None:
    result = found((data_dir / "real" / name).read_text(encoding="utf-8"))
    assert (result.get("agency"), result.get("year")) == (agency, year)


# ---- prose and encoding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_the_three_sections_of_prose(year: str) -> None:
    form = national(year)
    assert [section.key for section in form.narrative] == ["overview", "problems_and_improvements", "other_matters"]
    headings = {section.key: section.headings.texts for section in form.narrative}
    assert {"总体情况", "概述"} <= set(headings["overview"])
    assert "存在的主要问题及改进情况" in headings["problems_and_improvements"]
    assert "其他需要报告的事项" in headings["other_matters"]


@pytest.mark.parametrize("year", YEARS)
def test_encoding_words_are_in_both_scripts_and_both_legacy_encodings(year: str) -> None:
    words = national(year).encoding_words
    assert {"政府", "申请", "申請"} <= set(words)
    assert all(2 <= len(word) <= 4 for word in words)
    assert sum(_fits(word, "gb2312") for word in words) >= 30
    assert sum(_fits(word, "big5") for word in words) >= 30


def _fits(word: str, encoding: str) -> bool:
    try:
        word.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
