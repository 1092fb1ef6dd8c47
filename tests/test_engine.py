"""From bytes to a result: the seed, the real reports, statuses, nulls, and what must never be taken silently."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import extract, read_tables
from pipeline.errors import DamagedSourceError, SourceError
from pipeline.model.document import RawTable
from pipeline.model.limits import Limits
from pipeline.model.result import Report, Result, Table
from tests.paper import (
    TITLE,
    as_cells,
    as_html,
    as_lines,
    as_rows,
    as_slots,
    at,
    doubted,
    explained,
    figures,
    form,
    numbers,
    page,
    printed,
    same,
    silent,
)
from tests.quality.press.layout import PrintedCell, PrintedTable

ROOT = Path(__file__).resolve().parent.parent
WAYS = (as_html, as_rows, as_slots, as_cells, as_lines)
NATURAL = "/applications/received/natural_person"
FEES = "/proactive/fees/amount"
REAL = ("001.txt", "004.txt", "006.html", "006.txt", "010.txt", "013.txt", "017.txt", "020.txt", "021.txt", "022.txt", "024.txt")


Way = Callable[[PrintedTable], str]


def only_report(result: Result) -> Report:
    assert len(result.reports) == 1, [report.form for report in result.reports]
    return result.reports[0]


def codes(report: Report, pointer: str | None = None) -> list[str]:
    """Codes of the findings, of those that name the pointer if one is given."""
    return [finding.code for finding in report.findings if pointer is None or pointer in finding.pointers]


def doubts(report: Report) -> set[str]:
    return {finding.code for finding in report.findings if finding.is_doubt}


def with_cell(pointer: str, text: str, way: Way = as_html) -> tuple[Result, Report]:
    """A right report but for one cell, in which `text` is printed."""
    result = extract(page(printed(figures() | {pointer: text}), way))
    return result, only_report(result)


def relabelled(old: str, new: str, table: str | None = None) -> list[PrintedTable]:
    """The tables of a right report, every label or header `old` of one table printed as `new` and the other way round."""
    swap = {old: new, new: old}

    def cell(it: PrintedCell) -> PrintedCell:
        return it if it.kind == "value" else replace(it, text=swap.get(it.text, it.text))

    return [
        replace(it, rows=tuple(tuple(cell(c) for c in row) for row in it.rows)) if table in (None, it.id) else it
        for it in printed(figures())
    ]


def with_row(label: str, after: str, texts: Sequence[str], *, deepens: str | None = None) -> list[PrintedTable]:
    """The tables of a right report with one more row, below the row `after`; the group `deepens` spans it too."""
    tables = []
    for table in printed(figures()):
        rows: list[tuple[PrintedCell, ...]] = []
        for row in table.rows:
            rows.append(tuple(replace(c, row_span=c.row_span + 1) if c.text == deepens else c for c in row))
            if any(c.text == after for c in row):
                stub = PrintedCell(label, "stub", 1, next(c.col_span for c in row if c.text == after))
                rows.append((stub, *(PrintedCell(text, "value", 1, row[-1].col_span if len(texts) == 1 else 1) for text in texts)))
        tables.append(replace(table, rows=tuple(rows)))
    return tables


# ---- the seed ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seed() -> Result:
    return extract((ROOT / "samples" / "xinyu-2021.txt").read_bytes(), name="xinyu-2021.txt")


@pytest.fixture(scope="module")
def seed_truth() -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((ROOT / "tests" / "quality" / "samples" / "xinyu-2021.json").read_text(encoding="utf-8"))
    return truth


def test_the_seed_is_accepted(seed: Result) -> None:
    report = only_report(seed)
    assert (seed.status, report.status, report.form, doubts(report)) == ("accepted", "accepted", "cn-disclosure/2021", set())
    record = report.record
    assert record["title"] == "新余市政務服務中心2021年政府信息公開工作年度報告"
    assert record["agency"] == "新余市政務服務中心"
    assert record["year"] == 2021
    assert record["period"] == {"start": "2021年1月1日", "end": "2021年12月31日"}


def test_every_value_of_the_seed_is_right(seed: Result, seed_truth: dict[str, Any]) -> None:
    read = numbers(only_report(seed))
    assert len(read) == 200
    assert {pointer: value for pointer, value in read.items() if not same(value, seed_truth["values"][pointer])} == {}
    assert read["/proactive/normative_documents/in_force"] == 2


def test_the_narrative_of_the_seed_is_its_prose(seed: Result) -> None:
    narrative = only_report(seed).record["narrative"]
    assert narrative["overview"].startswith("2021年以來,在市政務信息公開工作領導小組的高度重視下")
    assert "三、收到和處理政府信息公開申請情況" not in narrative["overview"]
    assert narrative["problems_and_improvements"] is not None
    assert narrative["other_matters"] is not None


def owners(table: Table) -> list[tuple[int, int]]:
    """Slots that no printed cell owns."""
    grid = table.grid
    bare = []
    for row in range(grid.row_count):
        for col in range(grid.col_count):
            cell = grid.owner(row, col)
            if cell is None or cell.number is None:
                bare.append((row, col))
    return bare


def test_the_tables_of_the_seed_are_full_grids(seed: Result) -> None:
    assert [(table.grid.row_count, table.grid.col_count) for table in seed.tables] == [(14, 4), (28, 10), (4, 15)]
    assert [owners(table) for table in seed.tables] == [[], [], []]
    assert [table.form_tables for table in seed.tables] == [
        ("cn-disclosure/2021#proactive",),
        ("cn-disclosure/2021#applications",),
        ("cn-disclosure/2021#reviews",),
    ]
    assert [len(table.pointers) for table in seed.tables] == [10, 175, 15]
    assert [len({cell.number for cell in table.grid.cells}) == len(table.grid.cells) for table in seed.tables] == [True, True, True]


def test_the_tables_of_the_seed_need_no_form(seed: Result) -> None:
    data = (ROOT / "samples" / "xinyu-2021.txt").read_bytes()
    tables = read_tables(data)
    assert [(table.grid.row_count, table.grid.col_count) for table in tables] == [(14, 4), (28, 10), (4, 15)]
    assert [owners(table) for table in tables] == [[], [], []]
    assert all(not table.form_tables and not table.pointers for table in tables)
    # Where inference had said otherwise, the result says so.
    differs = [
        {(c.number, c.row, c.col, c.row_span, c.col_span) for c in alone.grid.cells}
        != {(c.number, c.row, c.col, c.row_span, c.col_span) for c in settled.grid.cells}
        for alone, settled in zip(tables, seed.tables, strict=True)
    ]
    assert sum(finding.code == "spans-differ" for finding in seed.findings) == sum(differs)


# ---- the real reports -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(data_dir: Path) -> Callable[[str], tuple[Result, dict[str, Any]]]:
    truths = json.loads((data_dir / "real" / "truth.json").read_text(encoding="utf-8"))
    assert sorted(truths) == sorted(REAL)
    known: dict[str, Result] = {}

    def read(name: str) -> tuple[Result, dict[str, Any]]:
        if name not in known:
            known[name] = extract((data_dir / "real" / name).read_bytes(), name=name)
        return known[name], truths[name]

    return read


@pytest.mark.parametrize("name", REAL)
def test_a_real_report_is_read_as_by_eye(real: Callable[[str], tuple[Result, dict[str, Any]]], name: str) -> None:
    result, truth = real(name)
    report = only_report(result)
    read = numbers(report)
    assert report.form == f"cn-disclosure/{truth['form']}"
    assert result.status == report.status == truth["status"]
    assert {
        pointer: (truth["values"].get(pointer), value) for pointer, value in read.items() if not same(value, truth["values"].get(pointer))
    } == {}
    assert (report.record["agency"], report.record["year"]) == (truth["agency"], truth["year"])


@pytest.mark.parametrize("name", REAL)
def test_what_a_real_report_does_not_tell_is_named(real: Callable[[str], tuple[Result, dict[str, Any]]], name: str) -> None:
    result, truth = real(name)
    report = only_report(result)
    not_told = {pointer for pointer in numbers(report) if pointer not in truth["values"]}
    assert set(truth["lost"]) <= not_told
    assert not_told <= doubted(report)
    assert all({"value-lost", "not-printed"} & set(codes(report, pointer)) for pointer in truth["lost"])
    blank = {pointer for pointer, value in truth["values"].items() if value is None}
    assert all("blank-cell" in codes(report, pointer) for pointer in blank)


@pytest.mark.parametrize("name", REAL)
def test_right_values_of_a_real_report_are_not_doubted(real: Callable[[str], tuple[Result, dict[str, Any]]], name: str) -> None:
    result, truth = real(name)
    report = only_report(result)
    broken = {pointer for finding in report.findings if finding.code in ("identity-broken", "blank-total") for pointer in finding.pointers}
    assert (doubted(report) & truth["values"].keys()) - broken == set()


def test_the_blank_totals_of_006_break_their_sums(real: Callable[[str], tuple[Result, dict[str, Any]]]) -> None:
    for name in ("006.html", "006.txt"):
        report = only_report(real(name)[0])
        totals = {finding.pointers for finding in report.findings if finding.code == "blank-total"}
        assert len(totals) == 11
        assert ("/applications/outcomes/granted/total",) in totals
        assert report.record["applications"]["outcomes"]["granted"]["total"] is None
        assert report.record["proactive"]["procurement"]["amount"] == 25.1
        assert report.evidence["/proactive/procurement/amount"].raw == "251000元"


def test_017_says_that_lines_were_dropped(real: Callable[[str], tuple[Result, dict[str, Any]]]) -> None:
    report = only_report(real("017.txt")[0])
    assert "lines-deduplicated" in doubts(report)
    assert report.record["proactive"]["licensing"] == {"items_previous_year": 6, "change": -3, "decisions": 3}
    assert report.record["proactive"]["regulations"] == {"created": None, "disclosed": None, "disclosed_total": None}


# ---- the same report in every way that tables arrive ---------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("short", ["2021", "2019", "2014"])
def test_a_right_report_is_accepted(short: str, way: Way) -> None:
    result = extract(page(printed(figures(short), short), way))
    report = only_report(result)
    assert silent(report, figures(short), result) == {}
    assert (result.status, report.form, doubts(report)) == ("accepted", f"cn-disclosure/{short}", set())
    assert (report.record["title"], report.record["agency"], report.record["year"]) == (TITLE, "某某市档案局", 2021)


def test_labels_decide_the_form_and_never_the_year() -> None:
    result = extract(page(printed(figures("2019"), "2019"), as_html, title="某某市档案局2023年政府信息公开工作年度报告"))
    report = only_report(result)
    assert (report.form, report.record["year"], report.status) == ("cn-disclosure/2019", 2023, "accepted")


@pytest.mark.parametrize("way", WAYS)
def test_tables_in_another_order(way: Way) -> None:
    result = extract(page(printed(figures(), tables=["reviews", "applications", "proactive"]), way))
    report = only_report(result)
    assert silent(report, figures()) == {}
    assert numbers(report) == pytest.approx(figures())
    assert report.status == "accepted"


@pytest.mark.parametrize("way", WAYS)
def test_two_years_of_one_form_are_two_reports(way: Way) -> None:
    second = "某某市档案局2022年政府信息公开工作年度报告"
    result = extract(page(printed(figures()), way) + page(printed(figures(seed=2)), way, title=second))
    one, other = result.reports
    assert [one.record["title"], other.record["title"]] == [TITLE, second]
    assert [one.record["year"], other.record["year"]] == [2021, 2022]
    assert silent(one, figures()) == silent(other, figures(seed=2)) == {}
    assert result.status == "accepted"


@pytest.mark.parametrize("way", WAYS)
def test_two_forms_are_two_reports(way: Way) -> None:
    second = "某某市档案局2020年政府信息公开工作年度报告"
    result = extract(page(printed(figures()), way) + page(printed(figures("2019", 3), "2019"), way, title=second))
    one, other = result.reports
    assert [one.form, other.form] == ["cn-disclosure/2021", "cn-disclosure/2019"]
    assert [one.record["year"], other.record["year"]] == [2021, 2020]
    assert silent(one, figures()) == silent(other, figures("2019", 3)) == {}
    assert result.status == "accepted"


@pytest.mark.parametrize("way", [as_html, as_rows, as_slots, as_cells])
def test_a_table_printed_again_with_the_same_values(way: Way) -> None:
    result = extract(page(printed(figures(), tables=["proactive", "applications", "reviews", "applications"]), way))
    report = only_report(result)
    assert (result.status, codes(report).count("repeated-table"), doubts(report)) == ("accepted", 1, set())
    assert numbers(report) == pytest.approx(figures())


@pytest.mark.parametrize("way", [as_html, as_rows, as_slots, as_cells])
def test_a_table_printed_again_with_another_value(way: Way) -> None:
    other = figures()
    first = other[NATURAL]
    assert isinstance(first, int)
    other[NATURAL] = first + 1
    result = extract(page([*printed(figures()), *printed(other, tables=["applications"])], way))
    report = only_report(result)
    (conflict,) = [finding for finding in report.findings if finding.code == "conflicting-copies"]
    assert (result.status, conflict.severity, conflict.pointers, len(conflict.places)) == ("flagged", "error", (NATURAL,), 2)
    assert at(report.record, NATURAL) == first
    assert doubted(report) == {NATURAL}


def test_a_first_table_printed_again_with_another_value_is_flagged() -> None:
    other = figures() | {"/proactive/regulations/issued": 99}
    result = extract(page([*printed(figures()), *printed(other, tables=["proactive"])], as_html))
    assert result.status == "flagged"
    assert at(result.reports[0].record, "/proactive/regulations/issued") == figures()["/proactive/regulations/issued"]


@pytest.mark.parametrize("way", WAYS)
def test_two_years_of_a_table_without_row_labels_do_not_mix(way: Way) -> None:
    second = "某某市档案局2022年政府信息公开工作年度报告"
    result = extract(
        page(printed(figures(), tables=["reviews"]), way) + page(printed(figures(seed=2), tables=["reviews"]), way, title=second)
    )
    truth = {2021: figures(), 2022: figures(seed=2)}
    pointer = "/administrative_review/upheld"
    for report in result.reports:
        assert pointer in doubted(report) or same(at(report.record, pointer), truth[report.record["year"]][pointer])


def test_a_page_of_other_statistics_is_no_report() -> None:
    assert extract("项目 | 数量 |\n行政许可 | 12 |\n行政处罚 | 30 |\n行政强制 | 2 |\n".encode()).status == "no-report"


# ---- what is missing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_table_that_is_not_there_is_missing_and_its_fields_are_named(way: Way) -> None:
    result = extract(page(printed(figures(), tables=["proactive", "applications"]), way))
    report = only_report(result)
    gone = {field.pointer for field in form().fields if field.table_id == "reviews"}
    (missing,) = [finding for finding in report.findings if finding.code == "table-missing"]
    assert result.status == "flagged"
    assert set(missing.pointers) == gone == doubted(report)
    assert {pointer for pointer, value in numbers(report).items() if value is None} == gone


def test_a_truncated_table_keeps_what_is_there() -> None:
    tables = printed(figures())
    cut = replace(tables[1], rows=tables[1].rows[:8])
    report = only_report(extract(page([tables[0], cut], as_rows)))
    read = numbers(report)
    assert report.status == "flagged"
    assert silent(report, figures()) == {}
    assert at(report.record, "/applications/outcomes/granted/total") == figures()["/applications/outcomes/granted/total"]
    below = "/applications/outcomes/total/total"
    assert read[below] is None
    assert "not-printed" in codes(report, below)


@pytest.mark.parametrize("way", WAYS)
def test_a_text_cut_off_behind_a_label_does_not_make_blanks(way: Way) -> None:
    text = page(printed(figures()), way).decode()
    label = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
    report = only_report(extract(text[: text.index(label) + len(label)].encode()))
    assert silent(report, figures()) == {}


IMAGES = f"""<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>
<h2>一、总体情况</h2><p>工作有序。</p>
<h2>二、主动公开政府信息情况</h2><p><img src="1.png"></p>
<h2>三、收到和处理政府信息公开申请情况</h2><p><img src="2.png"></p>
<h2>四、政府信息公开行政复议、行政诉讼情况</h2><p><img src="3.png"></p>
<h2>五、存在的主要问题及改进情况</h2><p>无。</p></body></html>"""


def test_a_report_whose_tables_are_images_has_no_values() -> None:
    result = extract(IMAGES.encode())
    report = only_report(result)
    assert result.status == "flagged"
    assert (report.record["title"], report.record["year"]) == (TITLE, 2021)
    assert report.record["narrative"]["overview"] == "工作有序。"
    assert codes(report).count("table-missing") == 3
    assert set(numbers(report).values()) == {None}
    assert doubted(report) == numbers(report).keys()


def test_images_without_headings_are_a_report_too() -> None:
    text = IMAGES
    for heading in ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况"):
        text = text.replace(f"<h2>{heading}</h2>", "")
    result = extract(text.encode())
    assert result.status == "flagged"
    assert codes(only_report(result)).count("table-missing") == 3


@pytest.mark.parametrize(
    "text",
    [
        "市档案局召开会议。会议讨论了工作。\n参加人数 12 人。\n",
        "<html><ul>" + "".join(f"<li>某某市档案局{year}年政府信息公开工作年度报告</li>" for year in range(2015, 2022)) + "</ul></html>",
        "Item | 2019 | 2020 |\nApples | 1 | 2 |\nPears | 3 | 4 |\n",
    ],
)
def test_what_is_no_report_has_none(text: str) -> None:
    result = extract(text.encode())
    assert (result.status, result.failure, result.reports) == ("no-report", None, ())


@pytest.mark.parametrize("data", [b"", b"  \n\t\n", b"\x00" * 50, b"\xef\xbb\xbf"])
def test_an_empty_source_fails(data: bytes) -> None:
    result = extract(data)
    assert result.status == "failed"
    assert result.failure is not None
    assert result.failure.code == "damaged-source"
    assert (result.reports, result.tables) == ((), ())
    with pytest.raises(DamagedSourceError):
        read_tables(data)


def test_a_limit_that_strikes_fails_the_source() -> None:
    result = extract(page(printed(figures()), as_html), limits=Limits(max_bytes=100))
    assert result.failure is not None
    assert (result.status, result.failure.code) == ("failed", "limit-exceeded")


def test_a_bug_costs_one_source_and_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("pipeline.engine.make_tokens", broken)
    result = extract(b"a | b |\n1 | 2 |\n", name="planted.txt")
    assert result.failure is not None
    assert (result.status, result.failure.code, result.failure.message) == ("failed", "internal-error", "ZeroDivisionError: planted")
    assert "planted.txt" in caplog.text


@pytest.mark.parametrize(("error", "code"), [(SourceError("cut"), "damaged-source"), (MemoryError(), "limit-exceeded")])
def test_what_a_reader_raises_fails_the_source(monkeypatch: pytest.MonkeyPatch, error: BaseException, code: str) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.engine.read_document", broken)
    result = extract(b"text")
    assert result.failure is not None
    assert (result.status, result.failure.code) == ("failed", code)


# ---- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [as_html, as_rows, as_slots, as_cells])
@pytest.mark.parametrize("text", ["", "/", "-", "—", "无"])
def test_a_cell_without_a_number_is_blank_and_not_zero(text: str, way: Way) -> None:
    _, report = with_cell(FEES, text, way)
    assert at(report.record, FEES) is None
    assert codes(report, FEES) == ["blank-cell"]
    assert report.evidence[FEES].raw == text
    assert report.status == "accepted"


def test_a_whole_row_without_numbers_is_blank() -> None:
    blank = dict.fromkeys(("/proactive/regulations/issued", "/proactive/regulations/repealed", "/proactive/regulations/in_force"))
    for way in (as_html, as_rows, as_slots, as_cells):
        report = only_report(extract(page(printed(figures() | blank), way)))
        assert [codes(report, pointer) for pointer in blank] == [["blank-cell"]] * 3
        assert report.status == "accepted"


@pytest.mark.parametrize("way", [as_html, as_rows, as_slots, as_cells, as_lines])
@pytest.mark.parametrize("text", ["约300余", "1.5", "100%", "99999999999999999999"])
def test_what_is_no_count_is_null_and_named(text: str, way: Way) -> None:
    result, report = with_cell(NATURAL, text, way)
    assert (result.status, at(report.record, NATURAL)) == ("flagged", None)
    assert codes(report, NATURAL) == ["not-a-count"]
    assert report.evidence[NATURAL].raw == text
    assert doubted(report) == {NATURAL}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", ["见附件", "12（其中1）", "2 6"])
def test_words_in_the_place_of_a_number_are_never_a_number(text: str, way: Way) -> None:
    result, report = with_cell(NATURAL, text, way)
    assert (result.status, at(report.record, NATURAL)) == ("flagged", None)
    assert NATURAL in doubted(report)
    assert silent(report, figures() | {NATURAL: None}) == {}


def test_words_first_in_a_row_of_a_dump_whose_rows_do_not_fit() -> None:
    odd = {"/applications/outcomes/refused/enforcement_file/total": "约3", "/applications/carried_in/natural_person": "见附件"}
    report = only_report(extract(page(printed(figures() | odd), as_cells)))
    truth = figures() | dict.fromkeys(odd)
    assert silent(report, truth) == {}


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("减3", -3, "sign word 减"),
        ("-76宗", -76, "counter word 宗"),
        ("－5", -5, "full-width signs"),
        ("1.2万", 12000, "multiplier 万"),
        ("1.2万件", 12000, "multiplier 万; counter word 件"),
        ("１２", 12, "full-width digits"),
        ("1,234", 1234, "thousands separators"),
        ("12件", 12, "counter word 件"),
    ],
)
@pytest.mark.parametrize("way", [as_html, as_cells])
def test_a_count_with_words_is_that_count(text: str, value: int, rule: str, way: Way) -> None:
    _, report = with_cell(NATURAL, text, way)
    assert at(report.record, NATURAL) == value
    assert (report.evidence[NATURAL].raw, report.evidence[NATURAL].rule) == (text, rule)


@pytest.mark.parametrize(
    ("text", "value", "finding"),
    [
        ("251000元", 25.1, []),
        ("115663490元", 11566.349, []),
        ("0.37万元", 0.37, []),
        ("3亿元", 30000, []),
        ("1元", 0.0001, []),
        ("1234.5", 1234.5, []),
        ("0元", 0, []),
        ("25.1万", None, ["unit-conflict"]),
        ("1万美元", None, ["not-a-count"]),
    ],
)
def test_money_is_converted_exactly(text: str, value: float | None, finding: list[str]) -> None:
    _, report = with_cell(FEES, text)
    assert at(report.record, FEES) == value
    assert codes(report, FEES) == finding
    assert report.evidence[FEES].raw == text


@pytest.mark.parametrize(
    ("label", "value", "finding"),
    [("（单位：万元）", 251000, []), ("（单位：元）", 25.1, []), ("", 251000, ["unit-unknown"]), ("（单位：百万元）", 25100000, [])],
)
def test_the_unit_of_money_may_stand_in_the_header(label: str, value: float, finding: list[str]) -> None:
    text = page(printed(figures() | {FEES: "251000"}), as_html).decode().replace("（单位：万元）", label)
    report = only_report(extract(text.encode()))
    assert at(report.record, FEES) == value
    assert codes(report, FEES) == finding
    assert report.status == "accepted"


# ---- clerks' errors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_clerks_error_stays_and_is_named(way: Way) -> None:
    right = figures()[NATURAL]
    assert isinstance(right, int)
    result, report = with_cell(NATURAL, str(right + 1), way)
    assert (result.status, at(report.record, NATURAL)) == ("flagged", right + 1)
    assert doubts(report) == {"identity-broken"}
    assert doubted(report) == {NATURAL}


def test_an_error_in_a_total_names_the_row_and_the_column_that_fail() -> None:
    pointer = "/applications/outcomes/granted/total"
    right = figures()[pointer]
    assert isinstance(right, int)
    _, report = with_cell(pointer, str(right + 10))
    assert at(report.record, pointer) == right + 10
    assert doubted(report) == {pointer}


def test_an_error_that_one_sum_alone_shows_names_that_sum() -> None:
    pointer = "/administrative_review/upheld"
    right = figures()[pointer]
    assert isinstance(right, int)
    _, report = with_cell(pointer, str(right + 1))
    assert doubted(report) == {f"/administrative_review/{name}" for name in ("upheld", "corrected", "other", "pending", "total")}


def test_two_numbers_in_each_others_place_are_named() -> None:
    one, other = NATURAL, "/applications/received/commercial_enterprise"
    truth = figures()
    swapped = truth | {one: truth[other], other: truth[one]}
    report = only_report(extract(page(printed(swapped), as_html)))
    assert {one, other} <= doubted(report)
    assert report.status == "flagged"


# ---- labels and columns that are not the form's -------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("one", "other", "table", "sample"),
    [
        ("自然人", "总计", "applications", NATURAL),
        ("商业企业", "科研机构", "applications", "/applications/received/commercial_enterprise"),
        ("本年制发件数", "现行有效件数", "proactive", "/proactive/regulations/issued"),
        ("结果维持", "结果纠正", "reviews", "/administrative_review/upheld"),
        ("未经复议直接起诉", "复议后起诉", "reviews", "/litigation_direct/upheld"),
    ],
)
def test_swapped_headers_are_flagged(one: str, other: str, table: str, sample: str, way: Way) -> None:
    report = only_report(extract(page(relabelled(one, other, table), way)))
    assert report.status == "flagged"
    assert sample in doubted(report)


def without_column(header: str, from_the_right: int) -> list[PrintedTable]:
    """The tables of a right report whose second table lacks a column, header and numbers."""
    tables = printed(figures())

    def cut(row: tuple[PrintedCell, ...]) -> tuple[PrintedCell, ...]:
        if any(cell.kind == "value" for cell in row):
            return row[: len(row) - from_the_right] + row[len(row) - from_the_right + 1 :]
        spanners = ("申请人情况", "法人或其他组织")
        return tuple(replace(cell, col_span=cell.col_span - (cell.text in spanners)) for cell in row if cell.text != header)

    rows = tuple(cut(row) for row in tables[1].rows)
    return [tables[0], replace(tables[1], rows=rows, width=tables[1].width - 1), tables[2]]


@pytest.mark.parametrize(
    "way",
    [
        as_html,
        as_rows,
        as_cells,
        as_lines,
        as_slots,
    ],
)
def test_a_column_that_is_not_printed_moves_no_number_silently(way: Way) -> None:
    result = extract(page(without_column("科研机构", 5), way))
    truth = {pointer: None if pointer.endswith("/research_institution") else value for pointer, value in figures().items()}
    assert silent(only_report(result), truth) == {}
    assert result.status == "flagged"


def test_a_label_without_a_cell_is_no_blank() -> None:
    html = "<table><tr><td>第二十条第（六）项<tr><td>信息内容<td>本年处理决定数量<tr><td>行政处罚<td>3<tr><td>行政强制</table>"
    report = only_report(extract(html.encode()))
    assert at(report.record, "/proactive/penalties/decisions") == 3
    assert "/proactive/coercive_measures/decisions" in doubted(report)


def test_rows_in_another_order_are_read_by_their_labels() -> None:
    for way in WAYS:
        tables = printed(figures())
        rows = list(tables[1].rows)
        index = next(i for i, row in enumerate(rows) if row[0].text == "5.属于三类内部事务信息")
        rows[index], rows[index + 1] = rows[index + 1], rows[index]
        result = extract(page([tables[0], replace(tables[1], rows=tuple(rows)), tables[2]], way))
        assert silent(only_report(result), figures()) == {}


@pytest.mark.parametrize("way", [as_html, as_rows, as_slots])
@pytest.mark.parametrize(
    ("label", "after", "texts"),
    [
        ("其他文件", "行政规范性文件", ["91", "92", "93"]),
        ("政府规章", "规章", ["91", "92", "93"]),
        ("行政检查", "行政强制", ["91"]),
        ("五、其他事项", "四、结转下年度继续办理", ["91", "92", "93", "94", "95", "96", "97"]),
    ],
)
def test_a_row_of_the_agencys_own_is_left_over(label: str, after: str, texts: list[str], way: Way) -> None:
    result = extract(page(with_row(label, after, texts), way))
    report = only_report(result)
    (finding,) = [finding for finding in report.findings if finding.code == "unmapped-cell"]
    assert label in finding.message
    assert texts[0] in finding.message
    assert numbers(report) == pytest.approx(figures())
    assert (result.status, doubted(report)) == ("flagged", set())


@pytest.mark.parametrize(
    ("label", "after", "texts"),
    [("行政检查", "行政强制", ["91"]), ("五、其他事项", "四、结转下年度继续办理", ["91", "92", "93", "94", "95", "96", "97"])],
)
def test_a_row_of_the_agencys_own_among_loose_lines_is_flagged(label: str, after: str, texts: list[str]) -> None:
    report = only_report(extract(page(with_row(label, after, texts), as_lines)))
    assert "unmapped-cell" in doubts(report)


def test_the_numbers_beside_two_items_in_one_cell_may_be_those_of_either() -> None:
    tables = printed(figures())
    texts = ("2.重复申请", "3.要求提供公开出版物")
    rows = [row for row in tables[1].rows if texts[0] not in {cell.text for cell in row}]
    rows = [tuple(replace(cell, text="\n".join(texts)) if cell.text == texts[1] else cell for cell in row) for row in rows]
    text = page([tables[0], replace(tables[1], rows=tuple(rows)), tables[2]], as_html).replace(b"\n3.", b"<br>3.")
    report = only_report(extract(text))
    assert {pointer for pointer in figures() if "/published_material/" in pointer or "/repeat_request/" in pointer} <= doubted(report)


def test_a_label_that_is_cut_before_a_number_of_its_own() -> None:
    text = """某某局2016年政府信息公开工作年度报告
统计指标 单位 统计数
一、主动公开情况 —— ——
（一）主动公开政府信息数 条 70
其中：主动公开规范性文件数 条 4
制发规范性文件总数 件 5
二、回应解读情况 —— ——
（一）回应公众关注热点或重大舆情数（不同方式回应同一热点或舆情计 1
次） 次 0
（二）通过不同渠道和方式回应解读的情况 —— ——
1. 参加或举办新闻发布会总次数 次 3
"""
    report = only_report(extract(text.encode()))
    assert at(report.record, "/proactive/disclosed") == 70
    assert at(report.record, "/response/hot_topics") is None
    assert "/response/hot_topics" in doubted(report)


def test_a_row_label_printed_twice_does_not_cut_the_report_in_two() -> None:
    result = extract(page(with_row("行政许可", "行政许可", ["91"]), as_html))
    report = only_report(result)
    assert "/proactive/licensing/decisions" in doubted(report)
    assert at(report.record, "/applications/received/total") == figures()["/applications/received/total"]


@pytest.mark.parametrize("way", [as_html, as_rows, as_slots, as_cells])
@pytest.mark.parametrize(
    ("label", "other", "row"),
    [
        ("1.属于国家秘密", "1.属于商业秘密", "/applications/outcomes/refused/state_secret"),
        ("4.保护第三方合法权益", "4.保护个人隐私", "/applications/outcomes/refused/third_party_rights"),
    ],
)
def test_a_label_of_something_else_gets_no_field(label: str, other: str, row: str, way: Way) -> None:
    result = extract(page(relabelled(label, other), way))
    report = only_report(result)
    total = f"{row}/total"
    assert (result.status, at(report.record, total)) == ("flagged", None)
    assert "not-printed" in codes(report, total)
    assert any(other in finding.message for finding in report.findings if finding.code == "unmapped-cell")


@pytest.mark.parametrize(("label", "other"), [("1.属于国家秘密", "1.属于商业秘密"), ("4.保护第三方合法权益", "4.保护个人隐私")])
def test_a_label_of_something_else_gets_no_field_among_loose_lines(label: str, other: str) -> None:
    assert only_report(extract(page(relabelled(label, other), as_lines))).status == "flagged"


@pytest.mark.parametrize("way", [as_html, as_rows, as_slots, as_lines])
def test_a_row_with_the_label_of_a_group_is_flagged(way: Way) -> None:
    text = page(printed(figures()), way).decode().replace("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "（二）不予公开")
    report = only_report(extract(text.encode()))
    assert "/applications/outcomes/partially_granted/total" in doubted(report)


STATISTICS = """统计指标 单位 统计数
六、举报投诉数量 件 25
七、依申请公开信息收取的费用 万元 0
八、机构建设和保障经费情况 —— ——
（一）政府信息公开工作专门机构数 个 1
（二）设置政府信息公开查阅点数 个 2
（三）从事政府信息公开工作人员数 人 3
1.专职人员数（不包括政府公报及政府网站工作人员数） 人 1
2.兼职人员数 人 2
（四）政府信息公开专项经费（不包括用于政府公报编辑管理及政府网站建设维护等方面
{}
九、政府信息公开会议和培训情况 —— ——
（一）召开政府信息公开工作会议或专题会议数 次 4
（二）举办各类培训班数 次 5
（三）接受培训人员数 人次 6
"""


@pytest.mark.parametrize(("end", "code"), [("的经费）", "blank-cell"), ("万元0的经费）", "value-lost")])
def test_a_number_that_was_printed_into_its_label_is_lost(end: str, code: str) -> None:
    assert code in codes(only_report(extract(STATISTICS.format(end).encode())), "/capacity/budget")


def test_the_first_of_two_numbers_in_a_row_of_one_is_doubted() -> None:
    text = STATISTICS.format("的经费） 万元 3").replace("六、举报投诉数量 件 25", "六、举报投诉数 1\n量） 件 25")
    assert "/complaints" in doubted(only_report(extract(text.encode())))


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("元 12879", 1.2879),
        ("万元 12879", 12879),
        ("萬\n元 12879", 12879),
        ("万\n元 12879", 12879),
        ("12879元", 1.2879),
        ("万 12879\n元", 12879),
        ("12879\n元", 1.2879),
    ],
)
def test_the_unit_of_an_amount_behind_its_label(unit: str, value: float) -> None:
    text = STATISTICS.format("的经费） 万元 3").replace("费用 万元 0", f"费用 {unit}")
    assert at(only_report(extract(text.encode())).record, "/fees_collected") == value


# ---- grids ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [as_html, as_rows, as_slots, as_cells])
def test_every_number_of_the_record_stands_in_a_table(way: Way) -> None:
    result = extract(page(printed(figures()), way))
    report = only_report(result)
    texts = {table.pointer(cell): cell.text for table in result.tables for cell in table.grid.cells if table.pointer(cell)}
    assert texts == {pointer: report.evidence[pointer].raw for pointer in figures()}
    assert [(t.grid.row_count, t.grid.col_count) for t in result.tables] == [(14, 4), (28, 10), (4, 15)]


@pytest.mark.parametrize("way", [as_html, as_rows, as_slots, as_cells])
def test_no_printed_cell_is_lost_from_the_grids(way: Way) -> None:
    from pipeline.readers import read_document

    data = page(printed(figures()), way)
    document = read_document(data, media_type=None, name=None, limits=Limits())
    cells = [len([cell for cell in raw.cells() if cell.text]) for raw in document.blocks if isinstance(raw, RawTable)]
    result = extract(data)
    assert [len([cell for cell in table.grid.cells if cell.text]) for table in result.tables] == cells


def test_a_field_without_a_number_is_always_explained() -> None:
    for data in (IMAGES.encode(), page(printed(figures(), tables=["applications"]), as_cells)):
        report = only_report(extract(data))
        assert {pointer for pointer, value in numbers(report).items() if value is None} <= explained(report)
