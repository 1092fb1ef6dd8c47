"""Pages as agencies' sites print them: what clerks and editors do to a table, and what must still be read, or doubted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline import extract
from pipeline.model.result import Report
from tests.paper import at, doubted

RESULTS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
REVIEWS = [
    f"/{group}/{key}"
    for group in ("administrative_review", "litigation_direct", "litigation_after_review")
    for key in ("upheld", "corrected", "other", "pending", "total")
]
NUMBERS = ["3", "1", "0", "2", "6", "0", "4", "0", "1", "5", "2", "0", "0", "0", "2"]
HEADING = "<p>某某市档案局2022年政府信息公开工作年度报告</p><p>四、政府信息公开行政复议、行政诉讼情况</p>"


def row(*cells: str) -> str:
    """A row of cells; `4*text` spans four columns."""
    parts = (cell.split("*", 1) if "*" in cell else ["1", cell] for cell in cells)
    return "<tr>" + "".join(f'<td colspan="{span}">{text}</td>' for span, text in parts) + "</tr>"


def table(*rows: str) -> str:
    return f"<table>{''.join(rows)}</table>"


def read(html: str) -> Report:
    (report,) = extract(f"<html><body>{html}</body></html>".encode(), name="page.html").reports
    return report


def values(report: Report, pointers: Sequence[str]) -> list[object]:
    return [at(report.record, pointer) for pointer in pointers]


REVIEW_HEAD = (row("5*行政复议", "10*行政诉讼"), row("5*", "5*未经复议直接起诉", "5*复议后起诉"), row(*3 * RESULTS))


def test_a_row_that_somebody_left_empty_below_the_numbers_is_none() -> None:
    report = read(HEADING + table(*REVIEW_HEAD, row(*NUMBERS), row(*[""] * 15)))
    assert values(report, REVIEWS) == [int(number) for number in NUMBERS]
    assert not doubted(report) & set(REVIEWS)


def test_a_table_cut_into_tables_side_by_side_is_one() -> None:
    first = table(row("5*行政复议"), row(*RESULTS), row(*NUMBERS[:5]))
    second = table(row("10*行政诉讼"), row("5*未经复议直接起诉", "5*复议后起诉"), row(*2 * RESULTS), row(*NUMBERS[5:]))
    report = read(HEADING + first + second)
    assert values(report, REVIEWS) == [int(number) for number in NUMBERS]
    assert not doubted(report) & set(REVIEWS)


def test_parts_of_a_table_that_lack_a_column_are_not_put_together() -> None:
    first = table(row("5*行政复议"), row(*RESULTS), row(*NUMBERS[:5]))
    second = table(row("9*行政诉讼"), row("5*未经复议直接起诉", "4*复议后起诉"), row(*RESULTS, *RESULTS[:4]), row(*NUMBERS[5:14]))
    report = read(HEADING + first + second)
    assert set(REVIEWS) <= doubted(report)


def test_headers_in_another_order_are_doubted_also_where_another_row_has_them_too() -> None:
    swapped = (RESULTS[1], RESULTS[0], *RESULTS[2:])
    head = (
        '<tr><td colspan="5">行政复议</td><td colspan="10">行政诉讼</td></tr><tr>'
        + "".join(f'<td rowspan="2">{name}</td>' for name in RESULTS)
        + '<td colspan="5">未经复议直接起诉</td><td colspan="5">复议后起诉</td></tr>'
        + row(*swapped, *RESULTS)
    )
    report = read(HEADING + table(head, row(*NUMBERS)))
    assert {"/litigation_direct/upheld", "/litigation_direct/corrected"} <= doubted(report)


def test_labels_that_are_only_like_the_forms_are_doubted_in_a_table_of_other_rows() -> None:
    # A table of the years before the form: some of its rows are the form's word for word, some are others that look alike.
    listed = [
        ("主动公开政府信息数", "1523"),
        ("其中：网站公开政府信息数", "1311"),
        ("依申请公开信息目录数", "12"),
        ("信息公开申请总数", "33"),
        ("1.当面申请数", "5"),
        ("2.传真申请数", "0"),
        ("3.电子邮件申请数", "3"),
        ("4.信函申请数", "5"),
        ("对申请的答复总数", "33"),
        ("3.否决公开答复总数", "11"),
        ("行政复议数", "1"),
        ("行政诉讼数", "0"),
        ("行政申诉数", "0"),
        ("政府信息公开专门人员数", "2"),
    ]
    report = read("<p>某某市规划局2010年政府信息公开工作年度报告</p>" + table(row("指标", "数量"), *(row(*pair) for pair in listed)))
    assert at(report.record, "/administrative_review/total") == 1
    assert {"/proactive/channels/website", "/capacity/dedicated_bodies", "/applications/answered"} <= doubted(report)


def test_a_word_among_the_numbers_of_a_row_without_a_label_is_doubted_alone() -> None:
    report = read(HEADING + table(*REVIEW_HEAD, row(*NUMBERS[:3], "若干", *NUMBERS[4:])))
    assert values(report, REVIEWS[:3]) == [3, 1, 0]
    assert at(report.record, "/administrative_review/pending") is None
    assert doubted(report) & set(REVIEWS) == {"/administrative_review/pending"}


APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
ROWS = (
    ("一、本年新收政府信息公开申请数量", "received"),
    ("二、上年结转政府信息公开申请数量", "carried_in"),
    ("（一）予以公开", "outcomes/granted"),
    ("（二）部分公开", "outcomes/partially_granted"),
    ("（七）总计", "outcomes/total"),
    ("四、结转下年度继续办理", "carried_out"),
)
COUNTS = (5, 1, 2, 1, 3, 3)
APPLICATIONS = "<p>某某镇人民政府2022年政府信息公开工作年度报告</p><p>三、收到和处理政府信息公开申请情况</p>"


def test_columns_that_a_clerk_left_out_are_not_printed_and_the_others_are_read() -> None:
    printed = [row(label, str(number), str(number)) for number, (label, _) in zip(COUNTS, ROWS, strict=True)]
    report = read(APPLICATIONS + table(row("项目", "自然人", "总计"), *printed))
    for number, (_, key) in zip(COUNTS, ROWS, strict=True):
        assert at(report.record, f"/applications/{key}/natural_person") == at(report.record, f"/applications/{key}/total") == number
        assert at(report.record, f"/applications/{key}/commercial_enterprise") is None
    assert "/applications/received/commercial_enterprise" in doubted(report)
    assert not doubted(report) & {f"/applications/{key}/{who}" for _, key in ROWS for who in ("natural_person", "total")}


def test_a_row_with_a_cell_more_than_there_are_headers_keeps_the_others_from_being_read_by_them() -> None:
    printed = [row(label, str(number), str(number)) for number, (label, _) in zip(COUNTS, ROWS, strict=True)]
    report = read(APPLICATIONS + table(row("项目", "自然人", "总计"), *printed[:-1], row(ROWS[-1][0], "1", "2", "3")))
    assert {f"/applications/{key}/natural_person" for _, key in ROWS} <= doubted(report)


def test_a_column_of_remarks_without_remarks_is_no_loss() -> None:
    head = row("", *APPLICANTS, "备注")
    blank = [row(label, "1", *["0"] * 5, "1", "") for label, _ in ROWS]
    codes = {finding.code for finding in read(APPLICATIONS + table(head, *blank)).findings}
    assert "empty-column" in codes
    assert "unmapped-cell" not in codes
    filled = [*blank[:-1], row(ROWS[-1][0], "1", *["0"] * 5, "1", "含上年3件")]
    assert "unmapped-cell" in {finding.code for finding in read(APPLICATIONS + table(head, *filled)).findings}


LIST = (
    ("（一）收到申请数", "件", "33", "/applications/received"),
    ("1.当面申请数", "件", "5", "/applications/received_by/in_person"),
    ("2.传真申请数", "件", "0", "/applications/received_by/fax"),
    ("3.网络申请数", "件", "20", "/applications/received_by/online"),
    ("4.信函申请数", "件", "8", "/applications/received_by/letter"),
    ("（二）申请办结数", "件", "31", "/applications/completed"),
    ("1.按时办结数", "件", "30", "/applications/completed_by/on_time"),
    ("2.延期办结数", "件", "1", "/applications/completed_by/extended"),
    ("六、举报投诉数量", "件", "2", "/complaints"),
    ("七、依申请公开信息收取的费用", "元", "25000", "/fees_collected"),
)
LIST_VALUES = [33, 5, 0, 20, 8, 31, 30, 1, 2, 2.5]


def test_a_column_that_numbers_the_rows_is_no_column_of_values() -> None:
    lines = [row(str(number), label, unit, value) for number, (label, unit, value, _) in enumerate(LIST, start=1)]
    report = read("<p>某某局2016年政府信息公开工作年度报告</p>" + table(row("序号", "统计指标", "单位", "统计数"), *lines))
    assert values(report, [pointer for *_, pointer in LIST]) == LIST_VALUES
    codes = [finding.code for finding in report.findings]
    assert "row-numbers" in codes
    assert "unmapped-cell" not in codes


@pytest.mark.parametrize("way", ["{label}：{value}{unit}", "{label}{unit}{value}", "{label}{value}{unit}；", "{label} {value} {unit}"])
def test_a_list_whose_numbers_stand_right_behind_their_labels_is_read(way: str) -> None:
    lines = "\n".join(way.format(label=label, unit=unit, value=value) for label, unit, value, _ in LIST)
    text = f"某某局2016年政府信息公开工作年度报告\n政府信息公开情况统计表\n{lines}\n"
    (report,) = extract(text.encode(), name="page.txt").reports
    assert values(report, [pointer for *_, pointer in LIST]) == LIST_VALUES
    assert not doubted(report) & {pointer for *_, pointer in LIST}


BANDS = (
    row("4*第二十条第（五）项"),
    row("信息内容", "3*本年处理决定数量"),
    row("行政许可", "3*120"),
    row("4*第二十条第（六）项"),
    row("信息内容", "3*本年处理决定数量"),
    row("行政处罚", "3*7"),
    row("行政强制", "3*0"),
    row("4*第二十条第（八）项"),
    row("信息内容", "3*本年收费金额"),
    row("行政事业性收费", "3*255000"),
)
FIRST_BAND = (
    row("4*第二十条第（一）项"),
    row("信息内容", "本年制发件数", "本年废止件数", "现行有效件数"),
    row("规章", "0", "0", "0"),
    row("行政规范性文件", "4", "1", "21"),
)
PROACTIVE = "<p>某某市水务局2022年政府信息公开工作年度报告</p><p>二、主动公开政府信息情况</p>"
OWN_LIST = table(
    *(row(*pair) for pair in (("类别", "数量"), ("规章", "2"), ("行政规范性文件", "3"), ("行政许可", "99"), ("行政处罚", "7")))
)


@pytest.mark.parametrize("own", [OWN_LIST + "{}", "{}" + OWN_LIST], ids=["above", "below"])
def test_a_list_of_the_clerks_own_makes_no_report_and_what_it_says_otherwise_is_a_conflict(own: str) -> None:
    report = read(PROACTIVE + own.format(table(*FIRST_BAND, *BANDS)))
    assert at(report.record, "/proactive/licensing/decisions") == 120
    assert at(report.record, "/proactive/normative_documents/in_force") == 21
    assert at(report.record, "/proactive/penalties/decisions") == 7
    assert "/proactive/licensing/decisions" in doubted(report)
    assert not doubted(report) & {"/proactive/penalties/decisions", "/proactive/coercive_measures/decisions"}


def test_a_line_above_the_table_tells_the_unit_of_its_amounts() -> None:
    report = read(PROACTIVE + "<p>单位：件、元</p>" + table(*FIRST_BAND, *BANDS))
    assert at(report.record, "/proactive/fees/amount") == 25.5


def test_the_values_of_input_fields_are_the_text_of_their_cells() -> None:
    fields = [f'<input type="text" value="{number}" readonly>' for number in NUMBERS]
    report = read('<input type="text" value="9">' + HEADING + table(*REVIEW_HEAD, row(*fields)))
    assert values(report, REVIEWS) == [int(number) for number in NUMBERS]
    hidden = [f'<input type="hidden" value="{number}">' for number in NUMBERS]
    assert values(read(HEADING + table(*REVIEW_HEAD, row(*hidden))), REVIEWS) == [None] * 15


def test_cells_of_a_table_that_lacks_a_header_are_doubted_where_the_others_stand_elsewhere() -> None:
    head = "<tr><td>项目</td><td>自然人</td><td>商业企业</td><td>社会公益组织</td><td>法律服务机构</td><td>其他</td><td></td><td>总计</td></tr>"
    rows = [row(label, "9", "1", "2", "3", "4", "5", "24") for label, _ in ROWS]
    report = read(APPLICATIONS + table(head, *rows))
    assert {"/applications/received/research_institution", "/applications/received/social_welfare_organization"} <= doubted(report)


def test_columns_that_are_none_of_the_forms_are_left_over_and_the_forms_own_is_read() -> None:
    lines = [row(label, unit, str(number), value, "0") for number, (label, unit, value, _) in enumerate(LIST)]
    head = row("统计指标", "单位", "上年数", "统计数", "增减")
    report = read("<p>某某局2016年政府信息公开工作年度报告</p>" + table(head, *lines))
    assert values(report, [pointer for *_, pointer in LIST]) == LIST_VALUES
    assert not doubted(report) & {pointer for *_, pointer in LIST}
    assert "unmapped-cell" in {finding.code for finding in report.findings}


def test_a_number_below_no_header_keeps_columns_from_being_told_apart() -> None:
    lines = [row(label, unit, str(number), value) for number, (label, unit, value, _) in enumerate(LIST)]
    report = read("<p>某某局2016年政府信息公开工作年度报告</p>" + table(row("统计指标", "单位", "统计数", ""), *lines))
    assert {pointer for *_, pointer in LIST} <= doubted(report)
