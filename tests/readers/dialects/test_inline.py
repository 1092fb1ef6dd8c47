"""Marks around the words of Markdown cells come off; places move with the words."""

from __future__ import annotations

from pipeline.engine import read_tables
from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.inline import strip_inline_marks


def table_of(*texts: str) -> RawTable:
    cells = tuple(RawCell(text, TextPlace(3, 10, 10 + len(text))) for text in texts)
    return RawTable((RawRow(cells),), spans="lost")


def test_attributes_and_tags_come_off_and_the_words_stay() -> None:
    table = strip_inline_marks(table_of('[规章]{style="font-size:10pt"}', "[[12]{.a}]{lang=EN}", "<div>\n0\n</div>", "7"))
    assert [cell.text for cell in table.cells()] == ["规章", "12", "0", "7"]


def test_the_place_is_that_of_the_words() -> None:
    (cell,) = strip_inline_marks(table_of("[97]{.x}")).cells()
    assert cell.place == TextPlace(3, 11, 13)


def test_a_table_without_marks_is_the_same_object() -> None:
    table = table_of("规章[1]", "a < b", "{x}")
    assert strip_inline_marks(table) is table


def test_the_directive_that_a_cell_stands_in_is_left_out() -> None:
    cells = ("..\ncon\ntain\ner::\n\n自\n然人", ".. container::\n\n7", ".. 见注")
    table = RawTable((RawRow(tuple(RawCell(text, TextPlace(1, 0, 3)) for text in cells)),), spans="drawn")
    assert [cell.text for cell in strip_inline_marks(table).cells()] == ["自\n然人", "7", ".. 见注"]


def test_marks_broken_over_the_lines_of_a_narrow_cell_come_off() -> None:
    cells = (
        '[8\n0]{lang="EN"\nstyle="x"}',
        '[8]{.a}[.]\n{style="font-si\nze:10pt"}[773\n3]{.b}',
        "<div>\n\\-\n</div>",
        "[8\nx]{.a}",
        "[8]{.a}[\n0]{.b}",
    )
    assert [cell.text for cell in strip_inline_marks(table_of(*cells)).cells()] == ["80", "8.7733", "-", "8\nx", "80"]


def test_a_line_break_of_html_is_one() -> None:
    (table,) = read_tables(b"| a<BR/>b | n |\n|---|---|\n| North <br> East | 12 |\n| c | 7 |\n", name="a.md")
    assert [cell.text for cell in table.grid.cells] == ["a\nb", "n", "North\nEast", "12", "c", "7"]
