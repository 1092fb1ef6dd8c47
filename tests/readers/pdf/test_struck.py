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


def struck(sheet: Sheet, x: float, top: float, old: str, new: str) -> Sheet:
    """A struck text and, right behind it, the underlined one that replaces it."""
    middle = x + 5.56 * len(old)
    sheet.text(x, top, old).line(x, top + 5.4, middle, top + 5.4, width=0.7)
    return sheet.text(middle, top, new).line(middle, top + 10.5, middle + 5.56 * len(new), top + 10.5, width=0.7) if new else sheet


def test_a_number_that_replaces_one_struck_over_several_lines_stands_in_its_row() -> None:
    sheet = Sheet()
    for top, name, first, last in ((100, "North", "41", "52"), (114, "South", "6", ""), (154, "East", "7", "9"), (168, "West", "8", "10")):
        sheet.text(50, top, name).text(200, top, first).text(300, top, last or " ")
    struck(sheet, 300, 114, "90", "")
    struck(sheet, 300, 126, "1", "1")
    sheet.text(300, 138, "23").line(300, 148.5, 311.2, 148.5, width=0.7)
    (table,) = read_pdf_bytes(sheet).tables()
    assert texts(table) == [["North", "41", "52"], ["South", "6", "123"], ["East", "7", "9"], ["West", "8", "10"]]
    place = table.rows[1].cells[2].place
    assert place is not None
    _, top, _, bottom = place.to_dict()["box"]
    assert top < 118  # where the number begins
    assert bottom > 140  # where its last digits are printed
