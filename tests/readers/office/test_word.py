"""Word documents: what is text, what is a cell, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import DamagedSourceError, LimitExceededError
from pipeline.model.document import TextBlock
from pipeline.model.place import ElementPlace, WordPlace
from tests.readers.office.packages import docx, outline, read, zipped


def p(*runs: str, properties: str = "") -> str:
    inner = "".join(run if run.startswith("<") else f"<w:r><w:t>{run}</w:t></w:r>" for run in runs)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inner}</w:p>"


def tc(content: str = "", properties: str = "") -> str:
    inner = content if content.startswith("<") else p(content) if content else "<w:p/>"
    return f"<w:tc>{f'<w:tcPr>{properties}</w:tcPr>' if properties else ''}{inner}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    inner = "".join(cell if cell.startswith(("<w:tc", "<w:sdt")) else tc(cell) for cell in cells)
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{inner}</w:tr>"


def tbl(*rows: str, widths: tuple[int, ...] = ()) -> str:
    columns = "".join(f"<w:gridCol w:w='{width}'/>" for width in widths)
    return f"<w:tbl><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def text_of(body: str, **parts: Any) -> list[object]:
    return list(outline(read(docx(body, **parts))))


def codes(body: str, **parts: Any) -> list[str]:
    return [finding.code for finding in read(docx(body, **parts)).findings]


SPAN = '<w:gridSpan w:val="2"/>'
TOP, ON = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


# ---- text -------------------------------------------------------------------------------------------------------------------


def test_runs_of_a_paragraph_are_one_text_and_breaks_are_lines() -> None:
    body = p("a", "b ", "<w:r><w:t>c</w:t><w:br/><w:t>d</w:t><w:tab/><w:t>e</w:t></w:r>") + "<w:p/>" + p("f")
    document = read(docx(body))
    assert outline(document) == ["ab c\nd e", "f"]
    assert [block.place for block in document.blocks] == [
        ElementPlace("/w:document/w:body/w:p[1]"),
        ElementPlace("/w:document/w:body/w:p[3]"),
    ]
    assert document.findings == ()


def test_headings_come_from_styles_and_outline_levels() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="a"><w:name w:val="own"/><w:basedOn w:val="1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="t"><w:name w:val="Title"/></w:style>'
    )
    body = p("x", properties='<w:pStyle w:val="t"/>') + p("y", properties='<w:pStyle w:val="a"/>')
    body += p("z", properties='<w:outlineLvl w:val="2"/>') + p("-", properties='<w:outlineLvl w:val="9"/>')
    blocks = read(docx(body, styles=styles)).blocks
    assert [block.heading_level for block in blocks if isinstance(block, TextBlock)] == [0, 1, 3, None]


def test_tracked_changes_are_accepted_and_counted() -> None:
    body = p(
        "1",
        "<w:ins><w:r><w:t>2</w:t></w:r></w:ins>",
        "<w:del><w:r><w:delText>3</w:delText></w:r></w:del>",
        "<w:moveFrom><w:r><w:t>4</w:t></w:r></w:moveFrom>",
        "<w:moveTo><w:r><w:t>5</w:t></w:r></w:moveTo>",
    )
    document = read(docx(body))
    assert outline(document) == ["125"]
    assert [finding.message for finding in document.findings] == [
        "tracked changes were accepted: 2 insertions are read, 2 deleted pieces are left out"
    ]


def test_a_paragraph_whose_mark_was_deleted_goes_on_in_the_next() -> None:
    body = tbl(tr(tc(p("1", properties="<w:rPr><w:del/></w:rPr>") + p("2")), "x"))
    assert text_of(body) == [[["12", "x"]]]


def test_deleted_rows_and_cells_are_gone_and_rows_keep_their_numbers() -> None:
    body = tbl(tr("a", "b"), tr("old", "0", properties="<w:del/>"), tr("c", tc("9", "<w:cellDel/>"), "d"))
    document = read(docx(body))
    assert outline(document) == [[["a", "b"], ["c", "d"]]]
    assert [cell.place for cell in document.tables()[0].rows[1].cells] == [WordPlace(1, 2, 0), WordPlace(1, 2, 1)]


def test_hidden_text_is_left_out_and_said() -> None:
    styles = '<w:style w:type="character" w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>'
    body = p("1", "<w:r><w:rPr><w:vanish/></w:rPr><w:t>2</w:t></w:r>", '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>3</w:t></w:r>')
    body += p('<w:r><w:rPr><w:rStyle w:val="h"/></w:rPr><w:t>4</w:t></w:r>', "5")
    assert text_of(body, styles=styles) == ["13", "5"]
    assert codes(body, styles=styles) == ["hidden-text"]


def test_struck_out_text_is_left_out_and_said() -> None:
    struck = "<w:r><w:rPr><w:{}/></w:rPr><w:t>{}</w:t></w:r>"
    body = p(struck.format("strike", "5"), "3", struck.format("dstrike", "7"), struck.format('strike w:val="false"', "1"))
    assert text_of(body) == ["31"]
    assert codes(body) == ["struck-text"]


def test_the_result_of_a_field_is_text_and_its_instruction_is_not() -> None:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    begin, separate, end = (mark.format(kind) for kind in ("begin", "separate", "end"))
    code = "<w:r><w:instrText>=SUM(ABOVE)</w:instrText></w:r>"
    assert text_of(p("a", begin, code, separate, "12", end, "b")) == ["a12b"]
    inner = begin + code + begin + code + separate + "<w:r><w:t>no</w:t></w:r>" + end + separate
    assert text_of(p(inner, "7", end)) == ["7"]
    assert text_of(p('<w:fldSimple w:instr="PAGE"><w:r><w:t>3</w:t></w:r></w:fldSimple>')) == ["3"]


def test_a_field_that_never_ends_hides_its_own_cell_only_and_that_is_said() -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    body = tbl(tr(tc(p(begin, "lost")), "2"))
    assert text_of(body) == [[["", "2"]], "2"]
    assert codes(body) == ["hidden-text"]


def test_note_marks_beside_numbers_are_left_out_and_notes_come_last() -> None:
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    own_mark = '<w:r><w:footnoteReference w:id="3" w:customMarkFollows="1"/><w:t>*</w:t></w:r>'
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>1</w:t></w:r>'
    notes = '<w:footnote w:id="0" w:type="separator"><w:p><w:r><w:t>-</w:t></w:r></w:p></w:footnote>'
    notes += f'<w:footnote w:id="2">{p("the note")}</w:footnote>'
    body = tbl(tr(tc(p("12", reference)), tc(p("34", own_mark)), tc(p("56", raised)))) + p("m", raised)
    document = read(docx(body, footnotes=notes))
    assert outline(document) == [[["12", "34", "56"]], "m1", "the note"]
    assert [(finding.code, len(finding.places)) for finding in document.findings] == [("note-mark", 3)]


def test_a_raised_digit_is_parted_from_the_digits_before_it() -> None:
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>2</w:t></w:r>'
    assert text_of(p("10", raised, " m")) == ["10^2 m"]


def test_automatic_numbers_are_text() -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/>'
        '<w:lvlText w:val="%1、"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>'
        '</w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num>'
    )

    def item(text: str, level: int = 0) -> str:
        return p(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr>')

    body = (
        item("a") + item("b", 1) + item("2c", 1) + item("d") + item("e", 1) + p("f", properties='<w:numPr><w:numId w:val="0"/></w:numPr>')
    )
    assert text_of(body, numbering=numbering) == ["一、a", "一.1 b", "一.2 2c", "二、d", "二.1 e", "f"]


def test_of_two_ways_to_say_it_one_is_read() -> None:
    box = f"<wps:txbx><w:txbxContent>{p('box')}</w:txbxContent></wps:txbx>"
    old = f"<w:pict><v:textbox><w:txbxContent>{p('box')}</w:txbxContent></v:textbox></w:pict>"
    both = '<w:r><mc:AlternateContent><mc:Choice Requires="{}">{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent></w:r>'
    assert text_of(p("a", both.format("wps", box, old)) + p("b")) == ["a", "box", "b"]
    assert text_of(p("a", both.format("future", box, old)) + p("b")) == ["a", "box", "b"]
    assert text_of(tbl(tr(tc(p("a", both.format("wps", box, old))), "1"))) == [[["a\nbox", "1"]]]


def test_what_is_embedded_is_said() -> None:
    assert codes(p("a", "<w:r><w:object><o:OLEObject ProgID='Excel.Sheet.12'/></w:object></w:r>")) == ["embedded-document"]


# ---- tables -----------------------------------------------------------------------------------------------------------------


def test_spans_are_those_of_the_merged_cells() -> None:
    body = tbl(
        tr(tc("a", TOP), tc("b", SPAN)),
        tr(tc("", ON), "c", "d"),
        tr(tc("", ON), tc("e", SPAN + TOP)),
        tr("f", tc("", SPAN + ON)),
    )
    document = read(docx(body))
    assert outline(document) == [[["a 3x1", "b 1x2"], ["c", "d"], ["e 2x2"], ["f"]]]
    assert [cell.place for cell in document.tables()[0].rows[2].cells] == [WordPlace(1, 2, 1)]


def test_a_cell_that_goes_on_below_nothing_stands_for_itself() -> None:
    assert text_of(tbl(tr(tc("a", ON), "b"), tr("c", tc("d", ON)))) == [[["a", "b"], ["c", "d"]]]


def test_a_cell_of_another_width_does_not_go_on() -> None:
    assert text_of(tbl(tr(tc("a", TOP), "b", "c"), tr(tc("d", SPAN + ON), "e"))) == [[["a", "b", "c"], ["d 1x2", "e"]]]


def test_text_under_a_merged_cell_does_not_show() -> None:
    body = tbl(tr(tc("a", TOP), "1"), tr(tc("ghost", ON), "2"))
    document = read(docx(body))
    assert outline(document) == [[["a 2x1", "1"], ["2"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [("hidden-text", (WordPlace(1, 1, 0),))]


def test_old_merges_across_are_merges() -> None:
    restart, on = '<w:hMerge w:val="restart"/>', '<w:hMerge w:val="continue"/>'
    assert text_of(tbl(tr(tc("a", restart), tc("", on), "b"), tr("1", "2", "3"))) == [[["a 1x2", "b"], ["1", "2", "3"]]]


def test_a_row_that_begins_after_a_gap_keeps_its_columns() -> None:
    assert text_of(tbl(tr("a", "b", "c"), tr("1", "2", properties='<w:gridBefore w:val="1"/>'))) == [[["a", "b", "c"], ["", "1", "2"]]]


def test_edges_a_hairs_breadth_apart_are_one() -> None:
    rows = (tr("a", tc("b", SPAN)), tr(tc("1", SPAN), "2"))
    assert text_of(tbl(*rows, widths=(2000, 30, 2000))) == [[["a", "b"], ["1", "2"]]]
    assert text_of(tbl(*rows, widths=(2000, 900, 2000))) == [[["a", "b 1x2"], ["1 1x2", "2"]]]
    assert text_of(tbl(*rows, tr("x", "y", "z"), widths=(2000, 30, 2000)))[0] == [["a", "b 1x2"], ["1 1x2", "2"], ["x", "y", "z"]]


def test_columns_that_no_edge_uses_do_not_count() -> None:
    assert text_of(tbl(tr(tc("a", SPAN), "b"), tr(tc("c", SPAN), "d"))) == [[["a", "b"], ["c", "d"]]]


def test_cells_in_content_controls_are_cells() -> None:
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{tc('b')}</w:sdtContent></w:sdt>"
    body = f"<w:tbl><w:sdt><w:sdtContent>{tr('a', control, 'c')}</w:sdtContent></w:sdt>{tr('1', '2', '3')}</w:tbl>"
    assert text_of(body) == [[["a", "b", "c"], ["1", "2", "3"]]]


def test_nested_tables_are_their_own_and_layout_is_none() -> None:
    inner = tbl(tr("1", "2"), tr("3", "4"))
    assert text_of(tbl(tr(tc(inner + "<w:p/>")))) == [[["1", "2"], ["3", "4"]]]
    assert text_of(tbl(tr(tc(p("title") + inner + p("foot"))))) == [[["title\nfoot"]], "title", [["1", "2"], ["3", "4"]], "foot"]


def test_tables_nested_a_thousand_deep_are_read_without_recursion() -> None:
    body = "<w:tbl><w:tr><w:tc>" * 1000 + p("x") + "</w:tc></w:tr></w:tbl>" * 1000
    assert text_of(body) == [[["x"]], "x"]


def test_header_rows_are_those_that_repeat() -> None:
    header = "<w:tblHeader/>"
    tables = read(docx(tbl(tr("a", "b", properties=header), tr("c", "d", properties=header), tr("1", "2")))).tables()
    assert tables[0].header_row_count == 2


def test_strict_documents_are_read_as_others() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    main = f'<w:document xmlns:w="{strict}"><w:body>{p("a")}</w:body></w:document>'
    assert outline(read(zipped({"word/document.xml": main}))) == ["a"]


# ---- limits and damage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "said", "kept"),
    [
        ({"max_tables": 1}, "max_tables = 1", [[["1", "2"]]]),
        ({"max_rows": 1}, "max_rows = 1", [[["1", "2"]], [["3", "4"]]]),
        ({"max_cells": 3}, "max_cells = 3", [[["1", "2"]], [["3"]], "3"]),
    ],
)
def test_limits_keep_what_was_read(limits: dict[str, Any], said: str, kept: list[object]) -> None:
    body = tbl(tr("1", "2")) + tbl(tr("3", "4"), tr("5", "6"))
    document = read(docx(body), **limits)
    assert outline(document) == kept
    assert [(finding.code, said in finding.message) for finding in document.findings] == [("limit-exceeded", True)]


def test_too_many_paragraphs_are_said() -> None:
    document = read(docx(p("a") + p("b") + p("c")), max_blocks=2)
    assert outline(document) == ["a", "b"]
    assert [finding.code for finding in document.findings] == ["limit-exceeded"]


def test_blank_paragraphs_are_paragraphs() -> None:
    document = read(docx(p("a") + "<w:p/>" * 5 + p("c")), max_blocks=5)
    assert outline(document) == ["a"]
    assert [finding.code for finding in document.findings] == ["limit-exceeded"]


def test_what_is_open_at_a_limit_is_ended() -> None:
    box = "<w:r><w:pict><v:textbox><w:txbxContent>" + p("b") + p("c") + "</w:txbxContent></v:textbox></w:pict></w:r>"
    document = read(docx(p("a") + f"<w:p>{box}<w:r><w:t>d</w:t></w:r></w:p>"), max_blocks=3)
    assert outline(document) == ["a", "b"]
    assert [finding.code for finding in document.findings] == ["limit-exceeded"]


def test_too_many_elements_end_the_reading() -> None:
    with pytest.raises(LimitExceededError, match="max_elements = 100"):
        read(docx("<w:x/>" * 200), max_elements=100)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (p("第 ", "1"), [("page-margin", "say: 第 1")]),
        (p("- 1 -"), []),
        (
            p("Report of North") + tbl(tr("Men", "12"), tr("Women", "7")),
            [("page-margin", "Report of North; Men"), ("table-in-margin", "1 tables")],
        ),
        (tbl(tr("Report", "1")), [("page-margin", "say: Report")]),
    ],
)
def test_what_stands_in_the_headers_of_pages_is_said(content: str, found: list[tuple[str, str]]) -> None:
    document = read(docx(p("a"), header=content))
    assert outline(document) == ["a"]
    assert [finding.code for finding in document.findings] == [code for code, _ in found]
    assert all(said in finding.message for finding, (_, said) in zip(document.findings, found, strict=True))


def test_elements_too_deep_end_the_reading() -> None:
    with pytest.raises(LimitExceededError, match="max_depth = 50"):
        read(docx("<w:sdt>" * 60 + "</w:sdt>" * 60), max_depth=50)


def test_a_tag_without_end_is_not_looked_at_again_and_again() -> None:
    with pytest.raises(LimitExceededError, match=r"a tag of word/document\.xml"):
        read(docx(f'<w:p w:x="{"a" * 40_000_000}"/>'))


def test_entities_are_refused_before_they_are_anything() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(DamagedSourceError, match="document type"):
        read(zipped({"word/document.xml": f"{bomb}<w:document xmlns:w='urn:x'>&c;&b;</w:document>"}))


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ("<w:document", "not well-formed"),
        ("<x/>", "no body"),
        ('<?xml version="1.0" encoding="klingon"?><x/>', "cannot be decoded|not well-formed"),
    ],
)
def test_a_document_part_that_is_none_is_damage(main: str, said: str) -> None:
    with pytest.raises(DamagedSourceError, match=said):
        read(zipped({"word/document.xml": main}))


def test_a_package_without_a_document_is_damage() -> None:
    with pytest.raises(DamagedSourceError, match=r"word/document\.xml is missing"):
        read(zipped({"word/other.xml": "<x/>"}))


# ---- pictures ---------------------------------------------------------------------------------------------------------------


def test_pictures_keep_their_place_among_the_blocks_and_their_bytes_wait() -> None:
    blip, old = '<w:drawing><a:blip r:embed="one"/></w:drawing>', '<w:pict><v:shape><v:imagedata r:id="two"/></v:shape></w:pict>'
    body = p("a", f"<w:r>{blip}</w:r>") + tbl(tr("b", "c")) + p(f"<w:r>{old}</w:r>") + p('<w:r><a:blip r:embed="none"/></w:r>') + p("d")
    document = read(docx(body, pictures={"one": b"1", "two": b"22"}))
    assert outline(document) == ["a", [["b", "c"]], "d"]
    assert [(picture.load(), picture.after) for picture in document.pictures] == [(b"1", 1), (b"22", 2)]
    assert document.pictures[1].place == ElementPlace("/w:document/w:body/w:p[2]")


def test_a_picture_alone_in_a_table_is_no_table() -> None:
    document = read(docx(tbl(tr(tc(p('<w:r><a:blip r:embed="one"/></w:r>')))), pictures={"one": b"1"}))
    assert document.blocks == ()
    assert [picture.after for picture in document.pictures] == [0]


def test_pictures_that_were_deleted_are_none() -> None:
    body = p('<w:del><w:r><a:blip r:embed="one"/></w:r></w:del>')
    assert read(docx(body, pictures={"one": b"1"})).pictures == ()
