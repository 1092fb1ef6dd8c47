"""Reports as sites, crawlers and programs leave them: each kind of mess that was met once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline import extract
from tests.paper import as_html, figures, numbers, page, printed, silent
from tests.quality.press.layout import PrintedCell


def hidden(how: str, seed: int) -> bytes:
    tables = page(printed(figures(seed=seed)), as_html, title="", headed=False)
    if how == "table":
        return tables.replace(b"<table", b'<table style="DISPLAY: none"')
    return b"<div hidden>" + tables + b"</div>"


@pytest.mark.parametrize("how", ["table", "div"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_hidden_template_is_no_report(how: str, is_first: bool) -> None:
    parts = [page(printed(figures()), as_html), hidden(how, 2)]
    result = extract(b"".join(reversed(parts) if is_first else parts))
    (report,) = result.reports
    assert silent(report, figures()) == {}
    assert numbers(report) == pytest.approx(figures())
    assert [finding.code for finding in result.findings if finding.is_doubt] == ["hidden-report"]
    assert (result.status, len(result.tables)) == ("flagged", 6)


def test_a_hidden_copy_with_the_same_numbers_is_no_matter() -> None:
    result = extract(page(printed(figures()), as_html) + hidden("div", 1))
    (report,) = result.reports
    assert (result.status, report.record["year"]) == ("accepted", 2021)


def test_tables_that_are_only_there_hidden_are_read() -> None:
    both = page(printed(figures()), as_html).replace(b"<table", b"<table hidden")
    (report,) = extract(both).reports
    assert numbers(report) == pytest.approx(figures())


def test_hidden_cells_beside_others_are_left_out() -> None:
    def with_hidden(match: re.Match[bytes]) -> bytes:
        return b'<td style="display:none">7</td>' + match.group() + b'<td style="display: none;">9</td></tr>'

    shown = page(printed(figures("2014"), "2014"), as_html)
    result = extract(re.sub(rb"<td>[^<]*</td></tr>", with_hidden, shown))
    (report,) = result.reports
    assert result.status == "accepted"
    assert silent(report, figures("2014")) == {}


@pytest.mark.parametrize(("before", "after"), [("$", "$"), ("\\( ", " \\)"), ("$\\mathbf{", "}$")])
def test_numbers_set_as_formulas(before: str, after: str) -> None:
    set_as = {pointer: f"{before}{value}{after}" for pointer, value in figures().items()}
    result = extract(page(printed(set_as), as_html), name="report.md")
    (report,) = result.reports
    assert result.status == "accepted"
    assert numbers(report) == pytest.approx(figures())


@pytest.mark.parametrize("letter", ["O", "o", "l", "○"])
def test_a_letter_behind_a_label_may_be_its_number(letter: str) -> None:
    rows = page(printed(figures("2014"), "2014"), lambda table: "\n".join(" ".join(cell.text for cell in row) for row in table.rows))
    text = re.sub(r"(2\.延期办结数 件) \d+", rf"\1 {letter}", rows.decode())
    (report,) = extract(text.encode()).reports
    named = {pointer for finding in report.findings if finding.is_doubt for pointer in finding.pointers}
    assert "/applications/completed_by/extended" in named


@pytest.mark.parametrize("way", ["<del>7</del>{}", "<s>7</s>{}", '{}<span style="TEXT-DECORATION: line-through">7</span>'])
def test_struck_out_digits_are_no_part_of_a_number(way: str) -> None:
    shown = page(printed(figures()), as_html)
    result = extract(re.sub(rb"<td>(\d+)</td>", lambda cell: b"<td>" + way.format(cell[1].decode()).encode() + b"</td>", shown))
    (report,) = result.reports
    assert result.status == "accepted"
    assert numbers(report) == pytest.approx(figures())
    assert "struck-text" in [finding.code for finding in result.findings]


@pytest.mark.parametrize("style", ["visibility: hidden", "font-size:0", "font-size: 0px; color: #fff", "opacity:0", "left:-9999px"])
def test_digits_that_cannot_be_seen_are_no_part_of_a_number(style: str) -> None:
    shown = page(printed(figures()), as_html)
    (report,) = extract(re.sub(rb"<td>(\d+)", rb'<td><span style="' + style.encode() + rb'">7</span>\1', shown)).reports
    assert numbers(report) == pytest.approx(figures())


def empty_form() -> bytes:
    return page(printed(dict.fromkeys(figures())), as_html, title="", headed=False)


@pytest.mark.parametrize("is_first", [True, False])
def test_an_empty_form_beside_a_report_is_no_report(is_first: bool) -> None:
    filled = page(printed(figures()), as_html)
    head, title, tables = filled.partition(b"</h1>")
    result = extract(head + title + empty_form() + tables if is_first else filled + empty_form())
    (report,) = result.reports
    assert (result.status, report.record["year"]) == ("accepted", 2021)
    assert numbers(report) == pytest.approx(figures())
    assert "empty-form" in [finding.code for finding in result.findings]


def test_an_empty_report_with_a_title_of_its_own_is_one() -> None:
    second = page(printed(dict.fromkeys(figures())), as_html, title="某某市档案局2022年政府信息公开工作年度报告")
    assert [report.record["year"] for report in extract(page(printed(figures()), as_html) + second).reports] == [2021, 2022]


def test_a_second_report_without_a_name_is_doubted() -> None:
    example = page(printed(figures(seed=2)), as_html, title="", headed=False)
    report, other = extract(page(printed(figures()), as_html) + example).reports
    assert (report.status, other.status) == ("accepted", "flagged")
    assert "report-unnamed" in [finding.code for finding in other.findings]


def test_two_reports_of_one_name_are_held_against_each_other() -> None:
    draft = page(printed(figures() | {"/proactive/licensing/decisions": 12345}), as_html)
    reports = extract(page(printed(figures()), as_html) + draft).reports
    named = {pointer for report in reports for finding in report.findings if finding.is_doubt for pointer in finding.pointers}
    assert "/proactive/licensing/decisions" in named


@pytest.mark.parametrize(
    "inserted",
    [
        '<font color="white">7</font>',
        '<span style="color:#ffffff">7</span>',
        '<span class="sr-only">7</span>',
        '<span style="position:absolute;clip:rect(0,0,0,0)">7</span>',
        '<a href="#n">7</a>',
        "<button>7</button>",
        "<svg><text>7</text></svg>",
        "<v:textbox>7</v:textbox>",
    ],
)
def test_digits_of_another_thing_never_join_a_number(inserted: str) -> None:
    shown = page(printed(figures()), as_html)
    for pattern in (rb"(<td>)(\d+</td>)", rb"(<td>\d+)(</td>)"):
        (report,) = extract(re.sub(pattern, rb"\1" + inserted.encode() + rb"\2", shown)).reports
        assert silent(report, figures()) == {}
        assert not any(value is not None and value != figures()[pointer] for pointer, value in numbers(report).items())


def test_the_reading_of_a_ruby_is_no_part_of_it() -> None:
    shown = page(printed(figures()), as_html)
    (report,) = extract(re.sub(rb"<td>(\d+)", rb"<td><ruby>\1<rt>7</rt></ruby>", shown)).reports
    assert numbers(report) == pytest.approx(figures())


@pytest.mark.parametrize("way", ["\u202d{}\u202c", "__{}__", "{}件（次）"])
def test_marks_of_direction_lines_and_counters_around_numbers(way: str) -> None:
    fees = "/proactive/fees/amount"
    dressed = {pointer: way.format(value) if pointer != fees else str(value) for pointer, value in figures().items()}
    result = extract(page(printed(dressed), as_html))
    (report,) = result.reports
    assert result.status == "accepted"
    assert numbers(report) == pytest.approx(figures())


def in_reviews(change: Callable[[list[tuple[PrintedCell, ...]]], list[tuple[PrintedCell, ...]]]) -> bytes:
    return page([replace(t, rows=tuple(change(list(t.rows)))) if t.id == "reviews" else t for t in printed(figures())], as_html)


@pytest.mark.parametrize("name", ["件数", "数量", "本年"])
def test_a_name_before_the_one_row_of_a_table_without_row_labels(name: str) -> None:
    result = extract(
        in_reviews(
            lambda rows: [(PrintedCell("项目", "header", len(rows) - 1, 1), *rows[0]), *rows[1:-1], (PrintedCell(name, "stub"), *rows[-1])]
        )
    )
    (report,) = result.reports
    assert result.status == "accepted"
    assert numbers(report) == pytest.approx(figures())


def test_two_named_rows_are_not_chosen_from() -> None:
    def twice(rows: list[tuple[PrintedCell, ...]]) -> list[tuple[PrintedCell, ...]]:
        blank = PrintedCell("项目", "header", len(rows) - 1, 1)
        return [(blank, *rows[0]), *rows[1:-1], *((PrintedCell(name, "stub"), *rows[-1]) for name in ("本年", "累计"))]

    (report,) = extract(in_reviews(twice)).reports
    assert silent(report, figures()) == {}


def test_a_row_that_numbers_the_columns_is_none() -> None:
    result = extract(in_reviews(lambda rows: [*rows[:-1], tuple(PrintedCell(str(n), "value") for n in range(1, 16)), rows[-1]]))
    (report,) = result.reports
    assert result.status == "accepted"
    assert numbers(report) == pytest.approx(figures())


@pytest.mark.parametrize("header", ["本年数", "合计"])
def test_other_headers_of_the_one_column_of_the_list(header: str) -> None:
    shown = page(printed(figures("2014"), "2014"), as_html).decode().replace("统计数</", f"{header}</")
    shown = re.sub(r"(<td>[^<]*</td>)(</tr>)", r"\1<td>7</td>\2", shown).replace("<td>7</td>", "<td>上年数</td>", 1)
    (report,) = extract(shown.encode()).reports
    assert silent(report, figures("2014")) == {}
    assert numbers(report)["/applications/received"] == figures("2014")["/applications/received"]
