"""Struck-out text: left out and said; rules of tables that text runs into strike out nothing."""

from __future__ import annotations

from tests.readers.pdf.paper import Sheet, drawn_grid, read_pdf_bytes, texts

ROWS = (("Name", "Count"), ("North", ""))


def grid() -> Sheet:
    return drawn_grid(Sheet(), (50, 150, 250), (100, 120, 140), ROWS)


def test_a_number_that_replaces_one_struck_out() -> None:
    sheet = grid().text(155, 124, "80").line(155, 129.4, 166.1, 129.4, width=0.7).text(166.2, 124, "25")
    document = read_pdf_bytes(sheet)
    assert texts(document.tables()[0]) == [["Name", "Count"], ["North", "25"]]
    (finding,) = document.findings
    assert (finding.code, finding.severity) == ("struck-text", "info")
    (place,) = finding.places
    assert place.to_dict()["page_number"] == 1
    assert 150 < place.to_dict()["box"][0] < 156


def test_a_rule_that_runs_on_beside_the_text_strikes_nothing() -> None:
    document = read_pdf_bytes(Sheet().text(100, 100, "Total").line(50, 105.4, 300, 105.4).text(50, 130, "1"))
    assert [finding.code for finding in document.findings] == []
    assert "Total" in [block.text for block in document.blocks if hasattr(block, "text")]


def test_a_line_under_words_strikes_nothing() -> None:
    document = read_pdf_bytes(grid().text(155, 124, "80").line(155, 134.5, 166.1, 134.5, width=0.7))
    assert texts(document.tables()[0])[1] == ["North", "80"]
    assert document.findings == ()
