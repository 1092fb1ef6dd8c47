"""Lines of nothing but spaces before cells, and what must survive the stripping of inline marks."""

from __future__ import annotations

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace
from pipeline.readers import read_document
from pipeline.readers.dialects.inline import strip_inline_marks


def test_a_line_of_hard_spaces_above_a_table_is_no_cell() -> None:
    full = [line for name in "KLMNO" for line in ("|", f"label{name} |", "1 |", "2 |", "3 |", "||")]
    text = "\n".join(["\u00a0", "|", "0 |", "1 |", "2 |", "||", *full])
    document = read_document(text.encode(), media_type="text/plain", name="dump.txt", limits=Limits())
    assert [cell.text for table in document.tables() for cell in table.cells()].count("labelK") == 1


def test_a_short_row_stays_short_when_marks_are_stripped() -> None:
    cell = RawCell("**12**", TextPlace(1, 0, 6))
    table = RawTable((RawRow((cell,), is_short=True),), spans="lost")
    (row,) = strip_inline_marks(table).rows
    assert (row.is_short, row.cells[0].text) == (True, "12")
