"""Where each field of a form is on a page: a value, a blank, lost, or absent; which report it belongs to, and how sure that is."""

from __future__ import annotations

from pipeline.engine import extract
from pipeline.forms.align import align_forms
from pipeline.forms.alignment import CONFIDENCE_FLOOR, Alignment
from pipeline.forms.load import load_forms
from pipeline.forms.stations import lay_out
from pipeline.model.document import Block
from tests.harbour import layout, line, loose, rows, tokens_of

HEADER = (["Voyage", "Propelled by", "Total"], ["Sail", "Steam"])
BODY = (
    *HEADER,
    ["Coastal voyages", "Laden", "31", "12", "43"],
    ["In ballast", "7", "2", "9"],
    ["Foreign voyages", "Laden", "5", "4", "9"],
    ["In ballast", "0", "3", "3"],
    ["All voyages", "43", "21", "64"],
)
DUES = (["Kind of due", "Payers", "Amount"], ["Light dues", "3", "4"], ["Mooring dues", "-", "6"])


def aligned(*blocks: Block) -> list[Alignment]:
    return align_forms([layout()], tokens_of(*blocks))


def kinds(alignment: Alignment, start: str = "/") -> dict[str, str]:
    return {pointer: it.kind for pointer, it in alignment.placements.items() if pointer.startswith(start)}


def texts(alignment: Alignment, start: str) -> list[str | None]:
    return [it.token.text if it.token else None for pointer, it in alignment.placements.items() if pointer.startswith(start)]


def test_every_field_is_placed() -> None:
    (report,) = aligned(rows(*BODY), rows(*DUES))
    assert report.placements.keys() == layout().form.field_by_pointer.keys()
    assert set(kinds(report, "/traffic").values()) == {"value"}
    assert kinds(report, "/dues") == {
        "/dues/light/payers": "value",
        "/dues/light/amount": "value",
        "/dues/mooring/payers": "blank",
        "/dues/mooring/amount": "value",
    }
    assert texts(report, "/traffic/foreign/ballast") == ["0", "3", "3"]
    assert min(it.confidence for it in report.placements.values()) >= 0.99
    assert report.tables_read() == {0, 1}


def test_what_is_not_printed_is_absent() -> None:
    (report,) = aligned(rows(*BODY[:5]))
    assert set(kinds(report, "/traffic/coastal").values()) == {"value"}
    assert {it.reason for pointer, it in report.placements.items() if pointer.startswith("/traffic/all")} == {"its row is not printed"}
    assert {it.reason for pointer, it in report.placements.items() if pointer.startswith("/dues")} == {"its table is not in the document"}
    assert set(kinds(report, "/traffic/all").values()) == set(kinds(report, "/dues").values()) == {"absent"}


def test_a_row_with_too_few_numbers_is_lost() -> None:
    (report,) = aligned(rows(*BODY[:3], ["In ballast", "7", "2"], *BODY[4:]))
    lost = {pointer: it for pointer, it in report.placements.items() if it.kind == "lost"}
    assert set(lost) == {f"/traffic/coastal/ballast/{name}" for name in ("sail", "steam", "total")}
    assert {it.reason for it in lost.values()} == {"2 numbers are left for 3 columns"}
    assert [token.text for token in lost["/traffic/coastal/ballast/sail"].others] == ["7", "2"]
    assert not set(report.value_tokens.values()) & set(lost)


def test_cells_are_annotated_both_ways() -> None:
    (report,) = aligned(rows(*BODY))
    by_pointer = {pointer: index for index, pointer in report.value_tokens.items()}
    assert {pointer: it.token.index for pointer, it in report.placements.items() if it.token} == by_pointer
    assert set(report.label_tokens) | set(report.value_tokens) == set(range(len(tokens_of(rows(*BODY)))))


def test_words_alike_do_not_make_a_report() -> None:
    assert aligned(rows(["Total", "3"], ["Tonnage", "4"])) == []
    assert aligned(line("Ships that called", 1), line("Dues received", 2)) == []
    assert aligned(rows(["Fruit", "2019", "2020"], ["Apples", "1", "2"])) == []
    assert aligned() == []


def test_a_table_of_contents_is_no_report_and_spoils_none() -> None:
    contents = loose("1. Ships that called\n2. Dues received")
    (report,) = aligned(*contents, rows(*BODY), line("Dues received", 20), rows(*DUES))
    assert set(kinds(report).values()) == {"value", "blank"}


def test_the_same_tables_again_are_a_second_report_or_a_copy() -> None:
    copy = aligned(rows(*BODY), rows(*DUES), rows(*DUES))
    assert [(len(report.repeats), report.conflicts) for report in copy] == [(1, {})]
    changed = (*DUES[:1], ["Light dues", "3", "5"], *DUES[2:])
    (conflict,) = aligned(rows(*BODY), rows(*DUES), rows(*changed))
    assert {pointer: (one.text, other.text) for pointer, (one, other) in conflict.conflicts.items()} == {"/dues/light/amount": ("4", "5")}
    second = (*HEADER, ["Coastal voyages", "Laden", "1", "1", "2"], *BODY[3:])
    two = aligned(rows(*BODY), rows(*DUES), rows(*second), rows(*changed))
    assert [texts(report, "/traffic/coastal/laden") for report in two] == [["31", "12", "43"], ["1", "1", "2"]]
    assert [texts(report, "/dues/light") for report in two] == [["3", "4"], ["3", "5"]]
    assert two[0].end <= two[1].first


def test_headers_in_another_order_are_doubted() -> None:
    (report,) = aligned(rows(["Kind of due", "Amount", "Payers"], *DUES[1:]), rows(*BODY))
    assert list(report.columns_doubt.values()) == ["the header 'Payers' is not where the form has it"]
    assert report.columns_doubt.keys() == {layout().first_order[1, 0]}
    assert aligned(rows(*DUES), rows(*BODY))[0].columns_doubt == {}


def test_a_doubtful_label_is_below_the_floor_and_a_right_one_above() -> None:
    (report,) = aligned(rows(*BODY), rows(DUES[0], ["Light due", "3", "4"], ["Moring dus", "5", "6"]))
    light, mooring = (report.placements[f"/dues/{name}/payers"].confidence for name in ("light", "mooring"))
    assert mooring < light < 1
    assert report.placements["/traffic/all/sail"].confidence > CONFIDENCE_FLOOR


def test_the_form_that_explains_more_is_the_one() -> None:
    national = [lay_out(form) for form in load_forms()]
    text = "第二十条第（一）项\n信息内容\n本年制发件数\n本年废止件数\n现行有效件数\n规章\n1\n2\n3\n行政规范性文件\n4\n5\n6"
    found = align_forms([*national, layout()], tokens_of(*loose(text)))
    assert [report.layout.form.id for report in found] == ["cn-disclosure/2021"]
    older = "第二十条第（一）项\n信息内容\n本年新制作数量\n本年新公开数量\n对外公开总数量\n规章\n1\n2\n3\n规范性文件\n4\n5\n6"
    found = align_forms([*national, layout()], tokens_of(*loose(older)))
    assert [report.layout.form.id for report in found] == ["cn-disclosure/2019"]


def test_lines_dropped_because_they_occurred_before_are_noticed() -> None:
    national = [lay_out(form) for form in load_forms(["cn-disclosure/2019"])]
    text = (
        "第二十条第(一)项\n信息内容\n本年新制作数量\n本年新公开数量\n对外公开总数量\n0\n规范性文件\n第二十条第(五)项\n上一年项目数量\n本年增/减\n处理决定数量\n"
        "行政许可\n6\n减3\n3\n其他对外管理服务事项\n第二十条第(六)项\n行政处罚\n行政强制\n第二十条第(八)项\n行政事业性收费"
    )
    (report,) = align_forms(national, tokens_of(*loose(text)))
    assert report.deduplicated
    values = {pointer: it.token.text for pointer, it in report.placements.items() if it.kind == "value" and it.token}
    assert values == {
        "/proactive/licensing/items_previous_year": "6",
        "/proactive/licensing/change": "减3",
        "/proactive/licensing/decisions": "3",
    }
    assert report.placements["/proactive/penalties/decisions"].kind == "lost"


def test_a_label_apart_from_its_cells_is_not_blank() -> None:
    html = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in DUES[:2])
    html += "<tr><td>less than</td><td>1 to 6</td></tr>"
    result = extract(f"<p>Dues received</p><table>{html}</table><p>Mooring dues</p><p>Remarks</p>".encode(), forms=[layout().form])
    (report,) = result.reports
    assert report.record["dues"]["light"] == {"payers": 3, "amount": 4}
    (lost,) = (finding for finding in report.findings if finding.code == "value-lost")
    assert lost.pointers == ("/dues/mooring/payers", "/dues/mooring/amount")


def test_a_table_cut_in_two_has_other_columns_of_labels_in_its_second_part() -> None:
    first = (
        "<tr><td rowspan=2>Voyage<td colspan=2>Propelled by<td rowspan=2>Total</tr><tr><td>Sail<td>Steam</tr>"
        "<tr><td colspan=4>Coastal voyages</tr><tr><td>Laden<td>31<td>12<td>43</tr><tr><td>In ballast<td>7<td><td>7</tr>"
    )
    second = (
        "<tr><td rowspan=2>Foreign voyages<td>Laden<td><td>4<td>4</tr><tr><td>In ballast<td>0<td>3<td>3</tr>"
        "<tr><td colspan=2>All voyages<td>38<td>19<td>57</tr>"
    )
    result = extract(f"<table>{first}</table><table>{second}</table>".encode(), forms=[layout().form])
    (report,) = result.reports
    assert report.record["traffic"]["foreign"] == {
        "laden": {"sail": None, "steam": 4, "total": 4},
        "ballast": {"sail": 0, "steam": 3, "total": 3},
    }
    assert not [finding for finding in report.findings if finding.is_doubt and "/traffic" in " ".join(finding.pointers)]


def test_numbers_below_a_row_that_may_be_the_rest_of_its_own_make_it_doubtful() -> None:
    body = "<tr><td>Kind of due<td>Payers<td>Amount</tr><tr><td>Light dues<td>148<td>13</tr><tr><td><td>9<td></tr><tr><td>Mooring dues<td>1<td>6</tr>"
    (report,) = extract(f"<p>Dues received</p><table>{body}</table>".encode(), forms=[layout().form]).reports
    doubted = {pointer for finding in report.findings if finding.is_doubt for pointer in finding.pointers}
    assert report.record["dues"]["light"]["payers"] == 148
    assert "/dues/light/payers" in doubted
    assert "/dues/mooring/payers" not in doubted


def test_a_table_that_nobody_filled_in_is_blank_where_no_number_is_anywhere() -> None:
    blank = [["Kind of due", "Payers", "Amount"], ["Light dues"], ["Mooring dues"]]
    (report,) = aligned(rows(*BODY), *loose("Dues received"), rows(*blank), line("Remarks", 99))
    assert set(kinds(report, "/dues").values()) == {"blank"}
    # Numbers below all labels may be theirs.
    (report,) = aligned(rows(*BODY), *loose("Dues received"), rows(*blank), *loose("3\n4"))
    assert "blank" not in kinds(report, "/dues").values()
    # A row is missing: the page may have been cut.
    (report,) = aligned(rows(*BODY), *loose("Dues received"), rows(*blank[:2]), line("Remarks", 99))
    assert "blank" not in kinds(report, "/dues").values()


def test_a_word_of_a_menu_is_not_the_row_that_it_names() -> None:
    menu = loose("Mooring dues\nNews")
    blank = [["Kind of due", "Payers", "Amount"], ["Light dues", "3", "4"], ["Mooring dues", "", ""]]
    (report,) = aligned(*menu, rows(*blank), *loose("Remarks"))
    assert set(kinds(report, "/dues/mooring").values()) == {"blank"}


def test_a_table_whose_columns_are_gone_is_not_blank() -> None:
    labels = [["Kind of due"], ["Light dues"], ["Mooring dues"]]
    (report,) = aligned(rows(*BODY), *loose("Dues received"), rows(*labels), line("Remarks", 99))
    assert "blank" not in kinds(report, "/dues").values()
    odd = [["Kind of due", "Payers", "Amount"], ["Light dues"], ["Mooring dues"], ["<. 9 x"]]
    (report,) = aligned(rows(*BODY), *loose("Dues received"), rows(*odd), line("Remarks", 99))
    assert "blank" not in kinds(report, "/dues").values()
