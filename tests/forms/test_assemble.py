"""From placements to a record: exact numbers in the field's unit, evidence, and a finding for whatever is not plain."""

from __future__ import annotations

from decimal import Decimal

from pipeline.forms.align import align_forms
from pipeline.forms.alignment import CONFIDENCE_FLOOR, IN_BROKEN_SUM, Alignment
from pipeline.forms.assemble import Draft, assemble, judge_confidence
from pipeline.forms.metadata import Found
from pipeline.model.document import Block
from pipeline.model.finding import Finding
from pipeline.model.place import TextPlace
from tests.forms.test_align import BODY, DUES, HEADER
from tests.harbour import layout, loose, rows, tokens_of


def drafted(*blocks: Block, metadata: dict[str, Found] | None = None) -> tuple[Draft, Alignment]:
    tokens = tokens_of(*blocks)
    (alignment,) = align_forms([layout()], tokens)
    return assemble(alignment, tokens, metadata or {}, {"remarks": "Mild."}), alignment


def said(draft: Draft, code: str) -> list[Finding]:
    return [finding for finding in draft.findings if finding.code == code]


def test_every_key_is_there_and_every_field_has_evidence() -> None:
    draft, _ = drafted(rows(*BODY), rows(*DUES))
    assert list(draft.record) == ["title", "agency", "year", "period", "traffic", "dues", "narrative"]
    assert draft.record["dues"] == {"light": {"payers": 3, "amount": 4}, "mooring": {"payers": None, "amount": 6}}
    assert draft.record["narrative"] == {"remarks": "Mild."}
    assert draft.evidence.keys() >= layout().form.field_by_pointer.keys() | {"/title", "/year", "/period/start"}
    assert draft.evidence["/traffic/all/sail"].raw == "43"
    assert draft.evidence["/traffic/all/sail"].places == (TextPlace(7, 14, 16),)
    assert draft.unknown == set()
    assert draft.form == "harbour/return"


def test_metadata_stand_as_printed() -> None:
    place = TextPlace(1, 0, 4)
    draft, _ = drafted(rows(*BODY), metadata={"/agency": Found("Saltmouth", place), "/year": Found("１９９７", place)})
    assert (draft.record["agency"], draft.record["year"], draft.record["title"]) == ("Saltmouth", 1997, None)
    assert draft.evidence["/year"].raw == "１９９７"
    (missing,) = said(draft, "metadata-missing")
    assert missing.pointers == ("/title", "/period/start", "/period/end")
    assert missing.severity == "info"


def test_amounts_are_exact_in_the_unit_of_the_field() -> None:
    dues = (DUES[0], ["Light dues", "3", "1,747 shillings"], ["Mooring dues", "1", "0.1"])
    draft, _ = drafted(rows(*BODY), rows(*dues))
    assert draft.numbers["/dues/light/amount"] == Decimal("87.35")
    assert draft.record["dues"]["light"]["amount"] == 87.35
    assert draft.evidence["/dues/light/amount"].raw == "1,747 shillings"
    assert "shillings to pounds" in (draft.evidence["/dues/light/amount"].rule or "")
    (unknown,) = said(draft, "unit-unknown")
    assert unknown.pointers == ("/dues/mooring/amount",)


def test_the_unit_of_the_header_holds_for_its_column() -> None:
    dues = (["Kind of due", "Payers", "Amount (in shillings)"], ["Light dues", "3", "20"], ["Mooring dues", "1", "4 pounds"])
    draft, _ = drafted(rows(*BODY), rows(*dues))
    assert draft.record["dues"]["light"]["amount"] == 1
    assert draft.record["dues"]["mooring"]["amount"] == 4


def test_nulls_say_why() -> None:
    table = (
        *BODY[:2],
        ["Coastal voyages", "Laden", "31", "12", "43"],
        ["In ballast", "7", "2"],
        ["Foreign voyages", "Laden", "-", "nil", "some 9"],
    )
    draft, _ = drafted(rows(*table))
    by_pointer = {pointer: finding.code for finding in draft.findings for pointer in finding.pointers if finding.code != "table-missing"}
    assert by_pointer["/traffic/coastal/ballast/sail"] == "value-lost"
    assert by_pointer["/traffic/foreign/laden/sail"] == "blank-cell"
    assert by_pointer["/traffic/foreign/laden/steam"] == "blank-cell"
    assert by_pointer["/traffic/foreign/laden/total"] == "not-a-count"
    assert by_pointer["/traffic/all/sail"] == "not-printed"
    assert by_pointer["/dues/light/amount"] == "not-printed"
    assert draft.evidence["/traffic/coastal/ballast/sail"].raw == "7 | 2"
    assert draft.evidence["/traffic/foreign/laden/steam"].raw == "nil"
    assert "/traffic/foreign/laden/sail" not in draft.unknown
    assert {"/traffic/coastal/ballast/sail", "/traffic/foreign/laden/total", "/traffic/all/sail"} <= draft.unknown
    nulls = {pointer for pointer, number in draft.numbers.items() if number is None}
    assert nulls <= by_pointer.keys()


def test_missing_tables_are_named_with_all_their_fields() -> None:
    draft, _ = drafted(*loose("Dues received"), rows(*BODY))
    (missing,) = said(draft, "table-missing")
    assert missing.message == "table dues (Dues received): its heading is there, its numbers are not"
    assert set(missing.pointers) == {field.pointer for field in layout().form.fields if field.table_id == "dues"}


def test_what_is_left_over_is_said_with_its_place() -> None:
    table = (*HEADER, ["Laden", "31", "12", "43"], ["Under tow", "1", "1", "2"], ["In ballast", "7", "2", "9"])
    draft, _ = drafted(rows(*table))
    (left,) = said(draft, "unmapped-cell")
    assert left.message == "Under tow: 1 | 1 | 2 is no field of the form"
    assert [place.line_number for place in left.places if isinstance(place, TextPlace)] == [4, 4, 4]


def test_copies_and_conflicts_are_said() -> None:
    draft, _ = drafted(rows(*BODY), rows(*DUES), rows(DUES[0], ["Light dues", "3", "5"], DUES[2]))
    (conflict,) = said(draft, "conflicting-copies")
    assert (conflict.severity, conflict.pointers, len(conflict.places)) == ("error", ("/dues/light/amount",), 2)
    assert draft.record["dues"]["light"]["amount"] == 4
    assert [finding.severity for finding in said(draft, "repeated-table")] == ["info"]


def test_headers_in_another_order_name_their_values() -> None:
    draft, _ = drafted(rows(*BODY), rows(["Kind of due", "Amount", "Payers"], *DUES[1:]))
    (differ,) = said(draft, "columns-differ")
    assert differ.pointers == ("/dues/light/payers", "/dues/light/amount", "/dues/mooring/amount")


def test_confidence_below_the_floor_is_flagged_unless_sums_prove_it() -> None:
    draft, alignment = drafted(rows(*BODY[:-1], ["Al voyges", "43", "21", "64"]))
    row = {f"/traffic/all/{name}" for name in ("sail", "steam", "total")}
    before = draft.evidence["/traffic/all/sail"].confidence
    findings = judge_confidence(draft, frozenset(row), alignment)
    assert draft.evidence["/traffic/all/sail"].confidence > before
    if before < 0.85:
        assert findings == []
        again, alignment = drafted(rows(*BODY[:-1], ["Al voyges", "43", "21", "64"]))
        (finding,) = judge_confidence(again, frozenset(), alignment)
        assert (finding.code, set(finding.pointers)) == ("uncertain-label", row)


def test_certain_placements_are_not_flagged() -> None:
    draft, alignment = drafted(rows(*BODY), rows(*DUES))
    assert judge_confidence(draft, frozenset(), alignment) == []


def test_a_broken_sum_lowers_confidence_and_flags_nothing_itself() -> None:
    draft, alignment = drafted(rows(*BODY), rows(*DUES))
    before = draft.evidence["/traffic/all/steam"].confidence
    assert judge_confidence(draft, frozenset(), alignment, frozenset({"/traffic/all/sail"})) == []
    assert draft.evidence["/traffic/all/sail"].confidence == IN_BROKEN_SUM > CONFIDENCE_FLOOR
    assert draft.evidence["/traffic/all/steam"].confidence == before


def test_what_is_blank_in_one_printing_and_a_number_in_another_is_doubted() -> None:
    draft, _ = drafted(rows(*BODY), rows(DUES[0], ["Light dues", "", ""], DUES[2]), rows(*DUES))
    assert draft.record["dues"]["light"] == {"payers": 3, "amount": 4}
    assert draft.evidence["/dues/light/amount"].confidence < CONFIDENCE_FLOOR


def test_a_unit_that_stands_alone_below_an_amount_is_read_with_it_and_doubted() -> None:
    text = "Dues received\nKind of due\nPayers\nAmount\nLight dues\n3\n20\nshillings\nMooring dues\n1\n6\nRemarks"
    draft, _ = drafted(rows(*BODY), *loose(text))
    assert draft.record["dues"]["light"]["amount"] == 1
    assert draft.evidence["/dues/light/amount"].confidence < CONFIDENCE_FLOOR


def test_a_unit_that_was_wrapped_in_its_header_is_read() -> None:
    text = "Dues received\nKind of due\nPayers\nAmount\n(unit:\nshil\nlings)\nLight dues\n3\n20\nRemarks"
    assert drafted(rows(*BODY), *loose(text))[0].record["dues"]["light"]["amount"] == 1
