"""HTML pages: blocks in order, tables as the HTML standard understands them, places that lxml gives too, limits that are said."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.errors import LimitExceededError, SourceError
from pipeline.model.document import Document, RawTable, TextBlock
from pipeline.model.limits import Limits
from pipeline.model.place import ElementPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.html.read import read_html


def read(html: str | bytes, *, charset: str | None = "utf-8", **limits: int) -> Document:
    data = html.encode() if isinstance(html, str) else html
    return read_html(data, ReadContext(charset, None, Limits(**limits), (), "text/html"))


def only_table(html: str) -> RawTable:
    tables = read(html).tables()
    assert len(tables) == 1
    return tables[0]


def texts(table: RawTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def outline(document: Document) -> list[str | list[list[str]]]:
    return [texts(block) if isinstance(block, RawTable) else block.text for block in document.blocks]


def spans(html: str) -> list[list[tuple[int, int]]]:
    return [[(cell.row_span, cell.col_span) for cell in row.cells] for row in only_table(html).rows]


def xpath(place: object) -> str:
    assert isinstance(place, ElementPlace)
    return place.xpath


# ---- text -------------------------------------------------------------------------------------------------------------------


def test_blocks_headings_and_title() -> None:
    document = read(
        "<title> A\n title </title><h1>Report <b>2021</b></h1><div>one<p>two<br>three</p>four</div>"
        "<h3><div>five</div></h3><ul><li>six<li>seven</ul>"
    )
    assert document.title == "A title"
    assert [(block.text, block.heading_level, xpath(block.place)) for block in document.blocks if isinstance(block, TextBlock)] == [
        ("Report 2021", 1, "/html/body/h1"),
        ("one", None, "/html/body/div"),
        ("two\nthree", None, "/html/body/div/p"),
        ("four", None, "/html/body/div"),
        ("five", 3, "/html/body/h3/div"),
        ("six", None, "/html/body/ul/li[1]"),
        ("seven", None, "/html/body/ul/li[2]"),
    ]


def test_white_space_is_folded_and_inline_elements_join() -> None:
    document = read(
        "<p>\u3000\u3000 6<span>6</span><font>\n件</font> &nbsp;x&ensp;&emsp;y \n</p><p>&nbsp;\u3000\u200b</p><p>1<script>2</script>3</p>"
    )
    assert outline(document) == ["66 件 x y", "13"]


def test_what_is_no_text_of_the_page() -> None:
    document = read(
        "<head><style>a</style><script>b</script></head><noscript>c</noscript><template><p>d</template><!-- e --><iframe>f</iframe>"
        "<![if !supportEmptyParas]><p>g</p><![endif]><?xml:namespace prefix = o /><svg><title>h</title></svg><o:p>i</o:p>"
    )
    assert document.title is None
    assert outline(document) == ["g", "i"]


def test_lines_of_pre_are_blocks_of_their_own_and_its_tables_tables() -> None:
    document = read("<pre>\n one  two\r\n\n| a |  b |\n| c |<b>d</b> |\n\nthree<br>four  \n</pre><p>e</p>")
    assert outline(document) == ["one  two", [["a", "b"], ["c", "d"]], "three", "four", "e"]
    table = document.tables()[0]
    places = [*(block.place for block in document.blocks), *(cell.place for cell in table.cells())]
    assert [xpath(place) for place in places] == ["/html/body/pre"] * 4 + ["/html/body/p"] + ["/html/body/pre"] * 4


@pytest.mark.parametrize("tag", ["pre", "textarea"])
@pytest.mark.parametrize("page", ["<{0}>{1}</{0}>", "<html><body><{0}>{1}</{0}></body></html>", "<{0}>{1}"])
def test_a_text_dump_in_a_page(page: str, tag: str) -> None:
    drawn = "head\n┌───┬───┐\n│ a │ 1 │\n├───┴───┤\n│ b     │\n└───────┘\ntail &lt;"
    document = read(page.format(tag, drawn))
    assert outline(document) == ["head", [["a", "1"], ["b"]], "tail <"]
    assert [cell.col_span for cell in document.tables()[0].cells()] == [1, 1, 2]


def test_a_text_dump_in_a_layout_table() -> None:
    assert outline(read("<table><tr><td><pre>| a | 1 |\n| b | 2 |</pre></table>"))[1:] == [[["a", "1"], ["b", "2"]]]


def test_tables_of_text_dumps_count_as_tables() -> None:
    dump = "<pre>| a | 1 |\n| b | 2 |</pre>"
    document = read(dump * 3, max_tables=2)
    assert len(document.tables()) == 2
    assert [finding.code for finding in document.findings] == ["limit-exceeded"]


def test_note_marks_beside_numbers_are_left_out_and_said() -> None:
    document = read(
        "<table><tr><td>12<sup>1</sup><td>1,234 <sup><a href=#n>[2]</a></sup><td>5<sup>a</sup><br>6<sup>*</sup><sup>3,4</sup></table>"
    )
    assert outline(document)[0] == [["12", "1,234", "5\n6"]]
    assert [(finding.code, finding.severity) for finding in document.findings] == [("note-mark", "info")]
    assert document.findings[0].message == "5 note marks beside numbers are left out of their cells: 1, [2], a, *, 3,4"
    assert [xpath(place)[-5:] for place in document.findings[0].places] == ["td[1]", "td[2]", "td[3]", "td[3]", "td[3]"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("12<sub>1</sub>", "12_1"),
        ("10<sup>3</sup>", "10^3"),
        ("5×10<sup>4</sup>", "5×10^4"),
        ("1<sup>1</sup>/<sub>2</sub>", "1^1/2"),
        ("<sup>1</sup>234", "1^234"),
        ("12 <sup>345</sup>", "12 ^345"),
        ("<b>12</b><sup> 345</sup>", "12^ 345"),
        ("12<sup>1</sup>件", "12^1件"),
        ("12<sup>3<sup>4</sup></sup>5", "12^3^4^5"),
        ("m<sup>2</sup>", "m2"),
        ("H<sub>2</sub>O", "H2O"),
        ("1<sup>st</sup>", "1st"),
        ("<sup>12</sup>", "12"),
        ("12<p><sup>3</sup></p>", "12\n3"),
        ("12<sup>1", "12"),
    ],
)
def test_superscripts_and_subscripts_are_never_digits_of_a_number(html: str, text: str) -> None:
    assert texts(only_table(f"<table><tr><td>{html}<td>7</table>")) == [[text, "7"]]


def test_superscripts_outside_of_cells_stay() -> None:
    document = read("<p>in 2021<sup>3</sup> and<sup>4</sup></p>")
    assert outline(document) == ["in 2021^3 and4"]
    assert document.findings == ()


def test_hidden_text_is_left_out_and_said_and_hidden_tables_are_kept() -> None:
    document = read(
        "<div style='DISPLAY : None'>a<table><tr><td>b<td hidden>c<tr style='display:none'><td>d<span hidden>e</span></table>f</div>"
        "<p hidden>g</p><p style='list-style:none; x-display: none-such'>h</p>"
    )
    assert outline(document) == [[["b"], ["d"]], "h"]
    assert [(finding.code, finding.message[:1]) for finding in document.findings] == [("hidden-text", "5")]


def test_character_references_of_word_pages() -> None:
    assert outline(read("<p>&#151; &#8212; &mdash; &lt;b&gt;</p>")) == ["— — — <b>"]


# ---- cells ------------------------------------------------------------------------------------------------------------------


def test_cells_of_word_pages() -> None:
    table = only_table(
        "<table><tr><td><p><span>1</span><span>2</span><span>\n</span></p></td><td><p>本年新<br />制作数量</p></td>"
        "<td><p>a</p><p> </p><div>b</div></td><td>&nbsp;</td><td>\u3000&ensp;\n</td><td></td><td><pre>x  y\nz</pre></td></tr></table>"
    )
    assert texts(table) == [["12", "本年新\n制作数量", "a\nb", "", "", "", "x y\nz"]]


def test_header_cells_and_header_rows() -> None:
    table = only_table("<table><tr><th>a<th scope=row>b</tr><tr><th>c<td>d</tr></table>")
    assert [[cell.is_header for cell in row.cells] for row in table.rows] == [[True, True], [True, False]]
    assert table.header_row_count == 1
    assert only_table("<table><thead><tr><td>a<tr><td>b</thead><tr><td>c</table>").header_row_count == 2
    assert only_table("<table><tr><td>a<tr><th>b</table>").header_row_count == 0


@pytest.mark.parametrize(
    ("attribute", "row_span", "col_span"),
    [
        ("colspan=3", 1, 3),
        ("colspan='0'", 1, 1),
        ("colspan=''", 1, 1),
        ("colspan=x", 1, 1),
        ("colspan=-2", 1, 1),
        ("colspan=' +2px'", 1, 2),
        ("colspan=２", 1, 1),
        ("colspan=1000", 1, 1000),
        ("colspan=1001", 1, 1000),
        ("colspan=99999999", 1, 1000),
        (f"colspan={'9' * 5000}", 1, 1000),
        (f"colspan={'0' * 5000}2", 1, 2),
        ("rowspan=2", 2, 1),
        ("rowspan=0", 3, 1),
        ("rowspan=-0", 3, 1),
        ("rowspan=''", 1, 1),
        ("rowspan=9", 9, 1),
        ("rowspan=99999999", 1003, 1),  # the standard would go on to 65534
    ],
)
def test_spans_as_the_standard_parses_them(attribute: str, row_span: int, col_span: int) -> None:
    assert spans(f"<table><tr><td {attribute}>a</td></tr><tr></tr><tr></tr></table>")[0] == [(row_span, col_span)]


def test_clamped_spans_are_said_once_a_table() -> None:
    document = read("<table><tr><td colspan=1001>a<td rowspan=65535>b<td rowspan=2000>c<td rowspan=9>d</table>")
    assert [(finding.code, finding.message[:1], len(finding.places)) for finding in document.findings] == [("span-clamped", "4", 4)]
    assert read("<table><tr><td rowspan=9>d</table>").findings == ()


# ---- rows and groups --------------------------------------------------------------------------------------------------------


def test_row_spans_beyond_their_group_make_it_longer() -> None:
    html = "<table><thead><tr><th rowspan=3>a</thead><tbody><tr><td rowspan=0>b<tr><td>c</tbody><tr><td rowspan=5>d<tr><td>e</table>"
    assert spans(html) == [[(3, 1)], [], [], [(2, 1)], [(1, 1)], [(5, 1)], [(1, 1)], [], [], []]


def test_tfoot_comes_last() -> None:
    assert texts(only_table("<table><tfoot><tr><td>sum</tfoot><thead><tr><th>h</thead><tr><td>1</table>")) == [["h"], ["1"], ["sum"]]


def test_rows_without_cells_are_rows() -> None:
    assert texts(only_table("<table><tr></tr><tr><td>a</tr><tr></tr></table>")) == [[], ["a"], []]


def test_tags_left_out_and_elements_between() -> None:
    expected = [["a", "b"], ["c"]]
    assert texts(only_table("<table><tr><td>a<td>b<tr><td>c</table>")) == expected
    assert texts(only_table("<table><form><tr><td>a</td><td>b</td></tr><div><tr><td>c</td></tr></div></form></table>")) == expected
    assert texts(only_table("<table><td>a<td>b<tr><td>c</table>")) == expected
    assert texts(only_table("<table><tr><td><div>a<td>b<tr><td><div><b>c</table>")) == expected
    assert texts(only_table("<table><tr><td><b>a<td>b</b></td></tr><tr><td>c</td></tr></table>")) == expected


def test_text_of_a_table_outside_its_cells_stands_before_it() -> None:
    assert outline(read("<p>a</p><table>b<tr>c<td>1</td>d</tr><tr><td>2</table>e")) == ["a", "b", "c", "d", [["1"], ["2"]], "e"]


def test_caption() -> None:
    document = read(
        "<table><caption>The <b>caption</b><p>two</caption><tr><td>a<td>b</table><table><caption>alone</caption><tr><td></table>"
    )
    assert outline(document) == [[["a", "b"]], "alone"]
    assert document.tables()[0].caption == "The caption\ntwo"


def test_parts_of_tables_without_a_table_are_blocks() -> None:
    assert outline(read("<tr><td>a</td><td>b</td></tr><caption>c</caption>")) == ["a", "b", "c"]


# ---- nested and layout tables -----------------------------------------------------------------------------------------------


def test_tables_in_document_order_and_cells_without_nested_tables() -> None:
    document = read("<table><tr><td>a<table><tr><td>1<td>2</table>b<td>c</table><table><tr><td>3<td>4</table>")
    assert [texts(table) for table in document.tables()] == [[["a\nb", "c"]], [["1", "2"]], [["3", "4"]]]
    assert [xpath(table.place) for table in document.tables()] == [
        "/html/body/table[1]",
        "/html/body/table[1]/tr/td[1]/table",
        "/html/body/table[2]",
    ]


def test_layout_tables_and_blank_tables_are_none() -> None:
    document = read(
        "<table><tr><td>&nbsp;</td><td><table><tr><td><table><tr><td>1<td>2</table></td></tr></table></td></tr></table><table><tr><td></table>"
    )
    assert outline(document) == [[["1", "2"]]]


def test_text_of_what_may_be_layout_is_given_as_blocks_too() -> None:
    document = read(
        "<table><tr><td><h1>Title</h1></td></tr><tr><td><p>before</p><table><tr><td>1<td>2</table><p>after</p></td></tr></table>"
        "<table><tr><td></td><td><p>x</p><p>y</p></td></tr></table><table><tr><td>p<td>q</table>"
    )
    assert outline(document) == [
        [["Title"], ["before\nafter"]],
        "Title",
        "before",
        [["1", "2"]],
        "after",
        [["", "x\ny"]],
        "x",
        "y",
        [["p", "q"]],
    ]
    assert [block.heading_level for block in document.blocks if isinstance(block, TextBlock)] == [1, None, None, None, None]


def test_a_table_between_the_rows_of_another_ends_neither() -> None:
    assert [texts(table) for table in read("<table><tr><td>a<td>b</tr><table><tr><td>1<td>2</table><tr><td>c</table>").tables()] == [
        [["a", "b"], ["c"]],
        [["1", "2"]],
    ]


def test_a_large_table_is_no_layout_because_it_holds_one() -> None:
    document = read("<table><tr><td><table><tr><td>1<td>2</table>" + "<tr><td>x" * 41 + "</table>")
    assert [type(block) for block in document.blocks] == [RawTable, RawTable]


def test_a_cell_ends_what_was_open_in_the_cell_before() -> None:
    document = read("<table><tr><td><h2>a<td>b<td><pre>c\nd<td>e\nf<td><p hidden>g<td>h</table><p>i")
    assert texts(document.tables()[0]) == [["a", "b", "c\nd", "e f", "", "h"]]
    assert outline(document)[-1] == "i"


# ---- places -----------------------------------------------------------------------------------------------------------------

_BITS = [
    *("<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "<tbody>", "</tbody>", "<tfoot>", "<caption>", "<td rowspan=2>"),
    *("<div>", "</div>", "<p>", "</p>", "<span>", "</span>", "<b>", "</b>", "<br>", "<form>", "</form>", "<h1>", "<o:p>", "<li>", "<body>"),
    *(
        "<script>x</script>",
        "<pre>a\nb</pre>",
        "<textarea>",
        "<title>t</title>",
        "<!-- c -->",
        "<?pi?>",
        "<select><option>",
        "text",
        " 1 ",
        "<",
    ),
]


@given(st.lists(st.sampled_from(_BITS), max_size=30))
def test_places_are_the_paths_of_lxml(bits: list[str]) -> None:
    html = "".join(bits)
    try:
        document = read(html)
    except SourceError:
        return
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    root = etree.fromstring(html.encode(), parser) if html.strip() else None
    tags = {} if root is None else {root.getroottree().getpath(element): element.tag for element in root.iter()}
    for block in document.blocks:
        assert xpath(block.place) in tags
        if isinstance(block, RawTable):
            assert tags[xpath(block.place)] == "table"
            places = [xpath(cell.place) for cell in block.cells()]
            assert len(set(places)) == len(places)
            assert [tags[place] in ("td", "th") for place in places] == [True] * len(places)


def test_a_cell_is_found_at_its_place() -> None:
    html = "<div><table><tr><td>a<td>b<tr><td>c</table></div><div><table><tbody><tr><th>d<td>e</table></div>"
    root = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8"))
    for table in read(html).tables():
        for cell in table.cells():
            found = root.xpath(xpath(cell.place))
            assert isinstance(found, list)
            assert [element.text for element in found if isinstance(element, etree._Element)] == [cell.text]


# ---- encoding ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("meta", ["", '<meta charset="utf-8">', '<meta http-equiv=Content-Type content="text/html; charset=iso-8859-1">'])
def test_a_wrong_meta_element_is_not_believed(meta: str) -> None:
    document = read(f"<html><head>{meta}</head><p>政府信息公开工作年度报告".encode("gbk"), charset=None)
    assert (outline(document), document.encoding) == (["政府信息公开工作年度报告"], "gb18030")
    assert [finding.code for finding in document.findings] == ["encoding-guessed"]


def test_a_right_meta_element_is() -> None:
    html = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=euc-kr"></head><p>정보공개 청구 처리 현황'
    document = read(html.encode("euc-kr"), charset=None)
    assert (outline(document), document.encoding, document.findings) == (["정보공개 청구 처리 현황"], "euc-kr", ())


def test_xml_declaration_and_byte_order_mark() -> None:
    assert outline(read("\ufeff<?xml version='1.0' encoding='gbk'?><html xmlns='http://www.w3.org/1999/xhtml'><p>报告</p></html>")) == [
        "报告"
    ]


# ---- limits -----------------------------------------------------------------------------------------------------------------


def codes(document: Document) -> list[str]:
    return [finding.code for finding in document.findings]


def test_depth() -> None:
    document = read("<div>" * 20 + "deep" + "</div>" * 20 + "<p>after", max_depth=10)
    assert (outline(document), codes(document)) == (["after"], ["limit-exceeded"])
    with pytest.raises(LimitExceededError, match="max_depth = 4096"):
        read("<div>" * 100_000 + "deep")


def test_deep_within_the_limit_is_read() -> None:
    document = read("<div>" * 3000 + "deep" + "</div>" * 3000)
    assert (outline(document), codes(document)) == (["deep"], [])
    assert xpath(document.blocks[0].place).count("/div") == 3000


def test_nested_tables_of_any_depth() -> None:
    assert len(read("<table><tr><td>x" * 1000).tables()) == 1000


def test_rows_of_a_table() -> None:
    document = read("<table>" + "<tr><td>1" * 5 + "</table><table><tr><td>2</table>", max_rows=3)
    assert [texts(table) for table in document.tables()] == [[["1"], ["1"], ["1"]], [["2"]]]
    assert codes(document) == ["limit-exceeded"]


def test_cells_of_a_page() -> None:
    document = read("<table><tr>" + "<td>1" * 5 + "</table><p>after", max_cells=3)
    assert (outline(document)[0], codes(document)) == ([["1", "1", "1"]], ["limit-exceeded"])


def test_tables_of_a_page() -> None:
    document = read("<table><tr><td>1<td>2</table>" * 5 + "<p>after", max_tables=2)
    assert (outline(document), codes(document)) == ([[["1", "2"]], [["1", "2"]], "after"], ["limit-exceeded"])


def test_blocks_of_a_page() -> None:
    document = read("<p>x" * 5 + "<pre>a\nb", max_blocks=3)
    assert (outline(document), codes(document)) == (["x", "x", "x"], ["limit-exceeded"])
    assert outline(read("<pre>a\nb\nc", max_blocks=2)) == ["a", "b"]


def test_places_of_a_deep_page_are_bounded() -> None:
    document = read("<div>" * 4000 + "<p>x</p>" * 20_000)
    assert codes(document) == ["limit-exceeded"]
    assert 5_000 < len(document.blocks) < 20_000


def test_stray_end_tags_under_a_deep_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers.html.read._MAX_END_TAG_STEPS", 20_000_000)
    document = read("<p>x</p>" + "<div>" * 1000 + "</b>" * 100_000 + "<p>y")
    assert (outline(document), codes(document)) == (["x"], ["limit-exceeded"])
    assert "end tags" in document.findings[0].message


def test_a_long_line_is_read_whole() -> None:
    document = read("<p>" + "x" * 20_000_000)
    assert isinstance(document.blocks[0], TextBlock)
    assert (len(document.blocks[0].text), codes(document)) == (20_000_000, [])


# ---- a real page ------------------------------------------------------------------------------------------------------------


def test_tables_of_a_real_report(data_dir: Path) -> None:
    document = read((data_dir / "real" / "006.html").read_bytes(), charset=None)
    assert [(len(table.rows), sum(1 for _ in table.cells())) for table in document.tables()] == [(18, 53), (26, 198), (4, 34)]
    assert document.findings == ()
    assert [cell.text for cell in document.tables()[0].rows[1].cells] == [
        "信息内容",
        "本年新\n制作数量",
        "本年新\n公开数量",
        "对外公开总数量",
    ]


# ---- pictures -------------------------------------------------------------------------------------------------------------------


def test_pictures_whose_bytes_are_in_the_page_keep_their_place() -> None:
    coded = b64encode(b"x" * 3000).decode()
    page = f"""<p>a<img src="data:image/png;base64,{coded}">b</p><table><tr><td>1</td><td>2</td></tr></table>
    <table><tr><td><img alt="" src="DATA:image/gif;base64,{coded}"></td></tr></table>
    <img src="data:image/png;base64,AAAA"><img src="http://elsewhere/{coded}"><div hidden><img src="data:image/png;base64,{coded}"></div>"""
    document = read(page)
    assert [block.text for block in document.blocks if isinstance(block, TextBlock)] == ["ab"]
    assert len(document.tables()) == 1
    assert [(picture.place, picture.after) for picture in document.pictures] == [
        (ElementPlace("/html/body/p/img"), 0),
        (ElementPlace("/html/body/table[2]/tr/td/img"), 2),
    ]
    assert document.pictures[0].load() == b"x" * 3000


@pytest.mark.parametrize(
    "source", ["data:image/png;base64," + "%" * 4000, "data:image/png" + "A" * 4000, "data:image/png;base64," + "é" * 4000]
)
def test_an_address_that_is_no_picture_has_no_bytes(source: str) -> None:
    (picture,) = read(f'<img src="{source}">').pictures
    assert b"PNG" not in picture.load()
