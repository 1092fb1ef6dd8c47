"""HTML tables in a text: declared spans, places in the text, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.document import Document, RawTable, TextBlock
from pipeline.model.limits import Limits
from pipeline.model.place import Place, TextPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.dialects.markup import split_markup
from pipeline.readers.dialects.pipes import Line
from pipeline.readers.sniff import sniff
from pipeline.readers.text import read_text


def read(text: str, **limits: int) -> Document:
    return read_text(text.encode(), ReadContext("utf-8", None, Limits(**limits), (), "text/plain"))


def outline(text: str) -> list[str | list[list[str]]]:
    return [texts(block) if isinstance(block, RawTable) else block.text for block in read(text).blocks]


def texts(table: RawTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def stretches(text: str) -> list[tuple[int, int, bool]]:
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), start=1)]
    return [(item.lines.start, item.lines.stop, item.blocks is not None) for item in split_markup(lines, Limits())]


def at_place(text: str, place: Place | None) -> str:
    assert isinstance(place, TextPlace)
    return text.split("\n")[place.line_number - 1][place.column : place.end_column]


PAGE = """\
## One

before it

<table data-border="1">
<colgroup>
<col style="width: 25%" />
</colgroup>
<thead><tr class="odd"><th
colspan="2"
rowspan="2">head &amp; tail</th>
<th>3</th></tr></thead>
<tbody>
<tr><td><p>first<br />
second</p></td>
<td> </td>
<td></td></tr>
</tbody>
</table>

| a | b |
|---|---|
| 1 | 2 |
"""


def test_a_table_is_read_with_its_spans_and_the_rest_as_before() -> None:
    assert outline(PAGE) == ["## One", "before it", [["head & tail", "3"], [], ["first\nsecond", "", ""]], [["a", "b"], ["1", "2"]]]
    document = read(PAGE)
    first, second = document.tables()
    assert (first.spans, first.header_row_count, second.spans) == ("declared", 1, "lost")
    assert [(cell.row_span, cell.col_span, cell.is_header) for cell in first.cells()][:2] == [(2, 2, True), (1, 1, True)]
    assert [block.heading_level for block in document.blocks if isinstance(block, TextBlock)] == [2, None]
    assert document.media_type == "text/plain"


def test_places_are_in_the_text() -> None:
    document = read(PAGE)
    table = document.tables()[0]
    assert [at_place(PAGE, cell.place) for cell in table.cells()] == ["head &amp; tail", "3", "first", "<td>", "<td>"]
    assert [cell.place for cell in table.cells()][:2] == [TextPlace(11, 12, 27), TextPlace(12, 4, 5)]
    assert table.place == TextPlace(5, 0, 23)


def test_places_of_the_second_of_two_like_texts_and_of_a_nested_table() -> None:
    text = "<table><tr><td>1<table><tr><td>1</td><td>2</td></tr></table></td><td><b>1</b></td></tr></table> 1"
    document = read(text)
    assert [texts(table) for table in document.tables()] == [[["1", "1"]], [["1", "2"]]]
    columns = [cell.place.column for table in document.tables() for cell in table.cells() if isinstance(cell.place, TextPlace)]
    assert columns == [15, 72, 31, 41]
    last = document.blocks[-1].place
    assert isinstance(last, TextPlace)
    assert last.column == len(text) - 1


def test_the_text_of_a_layout_table_has_places_too() -> None:
    text = "a\n\n<table><tr><td><h1>Title</h1>\n<p>word</p>\n<table><tr><td>1</td><td>2</td></tr></table>\n</td></tr></table>"
    blocks = read(text).blocks
    assert [(block.text, block.heading_level, at_place(text, block.place)) for block in blocks if isinstance(block, TextBlock)] == [
        ("a", None, "a"),
        ("Title", 1, "Title"),
        ("word", None, "word"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Use <table> for tables.\nAnd <td> for cells.",
        "<table> is a tag, <tr> another.\n\n<td>",
        "`<table><tr>` begins one\n\nmore",
        "<tables><tr><td>",
        "<table>",
        "<table><tr>\n\n# no cell",
    ],
)
def test_a_mention_of_the_tag_begins_no_table(text: str) -> None:
    assert outline(text) == [line for line in text.split("\n") if line]


def test_a_table_without_an_end_ends_before_prose() -> None:
    rows = "<table>\n<tr><td>1</td><td>2</td></tr>\n\n<tr><td>3</td></tr>\n"
    assert outline(f"{rows}\n# next\n\n{rows}</table>\nlast") == [[["1", "2"], ["3"]], "# next", [["1", "2"], ["3"]], "last"]
    assert outline("<table><tr><td>1<td>2\n\nnext\n<b>") == [[["1", "2"]], "next", "<b>"]
    assert outline("<table><tr><td>1<td>2\n<tr><td>3</t") == [[["1", "2"], ["3"]]]


def test_a_cell_may_hold_blank_lines() -> None:
    assert outline("<table><tr><td>\n\n**a**\n\nb\n\n</td><td>2</td></tr></table>") == [[["**a** b", "2"]]]


def test_tables_on_one_line_share_a_stretch() -> None:
    one = "<table><tr><td>1</td><td>2</td></tr></table>"
    assert stretches(f"a\n{one} and {one}<table>\n<tr><td>3</td><td>4</td></tr></table>\nb") == [(0, 1, False), (1, 3, True), (3, 4, False)]
    assert outline(f"x {one}{one} y") == ["x", [["1", "2"]], [["1", "2"]], "y"]


def test_comments_and_quotes_hide_tags() -> None:
    text = '<table><!-- </table> 7 --><tr><td title="</table>">1</td><!--5--><td>a < b</td></tr></table>\nafter'
    assert outline(text) == [[["1", "a < b"]], "after"]
    assert at_place(text, read(text).tables()[0].rows[0].cells[0].place) == "1"


def test_limits_are_of_all_tables_together() -> None:
    one = "<table><tr><td>1</td><td>2</td></tr></table>\n\n"
    document = read(one * 4, max_tables=2)
    assert len(document.tables()) == 2
    assert [(finding.code, finding.message[:26]) for finding in document.findings] == [("limit-exceeded", "more than max_tables = 2 t")]


def test_note_marks_have_their_place_in_the_text() -> None:
    text = "x\n<table><tr><td>12<sup>1</sup></td><td>3</td></tr></table>"
    document = read(text)
    assert outline(text) == ["x", [["12", "3"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [("note-mark", (TextPlace(2, 15, 17),))]


def test_many_tables_without_an_end() -> None:
    document = read("<table><td>1<td>2\n\nx\n" * 500)
    assert len(document.tables()) == 500
    assert len(document.blocks) == 1_000
    assert outline("a <table><tr><td " * 3_000) == [("a <table><tr><td " * 3_000).strip()]


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b'<div class="n">\n\n# A\n\n</div>\n\n<table>\n<tbody><tr><td>1</td></tr></tbody>\n</table>\n', None, "text/plain"),
        (b'<div class="n">\n\n# A\n\n</div>\n\n<table>\n<tbody><tr><td>1</td></tr></tbody>\n</table>\n', "a.html", "text/html"),
        (b"<div>\n\n<p>A</p>\n\n</div><table>\n<tbody><tr><td>1</td></tr></tbody>\n</table>\n", "a.txt", "text/html"),
        (b"<style>\n\n# a {}\n</style><div><table><tr><td>", None, "text/html"),
        (b"<textarea>\n| a | b |\n</textarea>", None, "text/html"),
    ],
)
def test_markdown_with_tags_is_a_text(data: bytes, name: str | None, kind: str) -> None:
    assert sniff(data, None, name) == kind


_BITS = [
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</td>",
    "<td rowspan=2>",
    "<!--",
    "-->",
    "<",
    ">",
    '"',
    "='",
    "\n",
    "\n\n",
    "1",
    "ab ",
    "&lt;",
    "<p>",
]
_BITS += ["<sup>", "</sup>", "<textarea>", "</textarea>", "<!x>", "<?5>", "<table><tr><td>", "|"]


@given(st.lists(st.sampled_from(_BITS), max_size=40))
def test_stretches_are_all_the_lines_and_places_are_in_them(bits: list[str]) -> None:
    text = "".join(bits)
    found = stretches(text)
    assert [start for start, _, _ in found] + [text.count("\n") + 1] == [0] + [end for _, end, _ in found]
    lines = text.split("\n")
    for block in read(text + " x").blocks:
        for place in [block.place] if isinstance(block, TextBlock) else [block.place, *(cell.place for cell in block.cells())]:
            if place is not None:
                assert isinstance(place, TextPlace)
                assert 0 <= place.column < place.end_column <= len((text + " x").split("\n")[place.line_number - 1])
                assert place.line_number <= len(lines)
