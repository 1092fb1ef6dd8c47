"""Text dumps: lines to text blocks and tables in reading order, whatever the line ends and the encoding."""

from __future__ import annotations

import pytest

from pipeline.errors import LimitExceededError
from pipeline.model.document import Block, Document, RawTable
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.dialects.pipes import Line
from pipeline.readers.text import read_text, split_blocks


def read(data: bytes, **limits: int) -> Document:
    return read_text(data, ReadContext(None, None, Limits(**limits), ("規章", "报告"), "text/plain"))


def outline(blocks: tuple[Block, ...]) -> list[str | list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in b.rows] if isinstance(b, RawTable) else b.text for b in blocks]


def split(text: str) -> list[str | list[list[str]]]:
    return outline(tuple(split_blocks([Line(number, line) for number, line in enumerate(text.split("\n"), 1)])))


def test_text_and_tables_in_reading_order() -> None:
    text = "Report\n\nItem | Men |\nRowing | 3 |\n\nSailing | 4 |\nThe end.\n"
    assert split(text) == ["Report", [["Item", "Men"], ["Rowing", "3"], ["Sailing", "4"]], "The end."]


def test_lines_are_counted_from_one_and_columns_from_zero() -> None:
    blocks = read(b"\n  Report \r\n\tItem | Men |\r\nRowing | 3 |\r\n").blocks
    table = blocks[1]
    assert blocks[0].place == TextPlace(2, 2, 8)
    assert isinstance(table, RawTable)
    assert [cell.place for cell in table.cells()] == [TextPlace(3, 1, 5), TextPlace(3, 8, 11), TextPlace(4, 0, 6), TextPlace(4, 9, 10)]


def test_columns_are_code_points() -> None:
    assert read("規章　𠀀 end".encode()).blocks[0].place == TextPlace(1, 0, 8)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found_and_named(encoding: str) -> None:
    document = read("政府信息公开工作年度报告\n規章 | 12 |\n".encode(encoding))
    assert outline(document.blocks) == ["政府信息公开工作年度报告", [["規章", "12"]]]
    assert document.media_type == "text/plain"
    assert document.encoding is not None
    assert document.encoding.lower().replace("-", "").startswith(encoding.replace("-sig", "").replace("-", ""))


def test_a_line_of_text_before_a_cell_a_line_dump_stays_text() -> None:
    text = "Ships\n|\nItem |\nMen |\n|\nRowing |\n3 |\n|\nSailing |\n4 |\n|\nTotal |\n7 |\nThe end."
    assert split(text) == ["Ships", [["Item", "Men"], ["Rowing", "3"], ["Sailing", "4"], ["Total", "7"]], "The end."]


def test_a_heading_between_two_cell_a_line_tables_stays_text() -> None:
    table = "|\nItem |\nMen |\n|\nRowing |\n3 |\n|\nSailing |\n4 |\n|\nTotal |\n7 |\n"
    rows = [["Item", "Men"], ["Rowing", "3"], ["Sailing", "4"], ["Total", "7"]]
    assert split(table + "Dues\n" + table) == [rows, "Dues", rows]


def test_prose_with_a_pipe_or_two_is_not_torn() -> None:
    assert [b if isinstance(b, str) else "table" for b in split("Home\nplain text without pipes\nmore of it")] == [
        "Home",
        "plain text without pipes",
        "more of it",
    ]


def test_every_text_comes_out_once() -> None:
    text = "A\nb | 1 |\nc | 2 |\nD\n\ne\n|\nf\n|\ng\n|\nh\n|\ni\n|\nJ\nk |\nl |\n1 |\n"
    found = [cell for block in split(text) for cell in ([block] if isinstance(block, str) else [c for row in block for c in row])]
    assert [word for word in found if word] == ["A", "b", "1", "c", "2", "D", "e", "f", "g", "h", "i", "J", "k", "l", "1"]


def test_nothing_makes_no_blocks() -> None:
    assert split("") == []
    assert split("\n \n\t\n") == []


def test_too_many_lines_are_a_limit_that_is_named() -> None:
    with pytest.raises(LimitExceededError, match="6 lines, more than the limit of 5"):
        read(b"a\nb\nc\nd\ne\nf", max_blocks=5)
    assert len(read(b"a\nb\nc\nd\ne", max_blocks=5).blocks) == 5


def test_more_pipes_than_cells_may_have_are_refused() -> None:
    with pytest.raises(LimitExceededError, match="9 pipes, more than 4 cells have"):
        read(b"a | " * 9, max_cells=4)
    assert len(list(read(b"a | b | c | d\n1 | 2 | 3 | 4\n", max_cells=4).tables()[0].cells())) == 8


def test_tables_of_different_widths_without_a_line_between_them_are_two() -> None:
    narrow, wide = "a|1|\nb|2|\nc|3|", "d|1|2|3|\ne|4|5|6|\nf|7|8|9|"
    assert split(f"{narrow}\n{wide}") == [
        [["a", "1"], ["b", "2"], ["c", "3"]],
        [["d", "1", "2", "3"], ["e", "4", "5", "6"], ["f", "7", "8", "9"]],
    ]
    assert len(split(f"{narrow}\nd|1|2|3|\n{narrow}")) == 1  # one row that is wider parts nothing
