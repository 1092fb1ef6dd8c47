"""Pages as agencies' sites print them: what clerks and editors do to a table, and what must still be read, or doubted."""

from __future__ import annotations

from collections.abc import Sequence

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
