"""Reports as sites, crawlers and programs leave them: each kind of mess that was met once."""

from __future__ import annotations

import re

import pytest

from pipeline import extract
from tests.paper import as_html, figures, numbers, page, printed, silent


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
