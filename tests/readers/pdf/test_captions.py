"""Captions of tables on pages: right above, numbered above or below, never the prose beside."""

from __future__ import annotations

import pytest

from tests.readers.pdf.paper import SONG, Sheet, drawn_grid, only_table, read_pdf_bytes


def grid(sheet: Sheet, top: float = 200.0) -> Sheet:
    return drawn_grid(sheet, (50, 150, 250, 350), (top, top + 20, top + 40), (("Name", "Men", "Women"), ("North", "12", "13")))


@pytest.mark.parametrize(
    ("lines", "caption"),
    [
        ([(50, 184, "Ships by port")], "Ships by port"),
        ([(50, 172, "Table 3. Ships by port and"), (50, 184, "by kind of voyage")], "Table 3. Ships by port and by kind of voyage"),
        ([(50, 172, "Ships by port"), (290, 184, "in thousands")], "Ships by port"),
        ([(50, 246, "Table 3. Ships by port")], "Table 3. Ships by port"),
        ([(50, 246, "Source: the harbour office")], None),
        ([(50, 184, "They were counted on the last day of June.")], None),
        ([(50, 120, "A heading far above")], None),
    ],
)
def test_the_caption_of_a_table(lines: list[tuple[float, float, str]], caption: str | None) -> None:
    sheet = grid(Sheet())
    for x, top, text in lines:
        sheet.text(x, top, text)
    assert only_table(sheet).caption == caption


def test_a_caption_goes_to_the_table_below_it() -> None:
    sheet = grid(grid(Sheet(), 100.0), 200.0).text(50, 84, "Table 1: In").text(50, 184, "Table 2: Out")
    assert [table.caption for table in read_pdf_bytes(sheet).tables()] == ["Table 1: In", "Table 2: Out"]


def test_a_caption_in_a_script_without_capitals() -> None:
    sheet = grid(Sheet()).text(150, 184, "表3 船舶统计", font=SONG)
    assert only_table(sheet).caption == "表3 船舶统计"
