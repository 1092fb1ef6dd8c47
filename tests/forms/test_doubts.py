"""What speaks against a placement that looks complete: dropped lines, cells that were never printed, cut numbers."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.forms.align import align_forms
from pipeline.forms.alignment import CONFIDENCE_FLOOR, INTERLEAVED_DOUBT, PLACE_DOUBT, SHORT_DOUBT, Alignment
from pipeline.forms.assemble import assemble, judge_confidence
from pipeline.model.document import Block
from tests.forms.test_align import BODY, DUES, HEADER
from tests.harbour import layout, loose, rows, tokens_of

TRAFFIC = """\
Ships that called
Voyage
Propelled by
Total
Sail
Steam
Coastal voyages
Laden
31
12
43
In ballast
7
2
9
Foreign voyages
"""


def aligned(*blocks: Block) -> Alignment:
    (alignment,) = align_forms([layout()], tokens_of(*blocks))
    return alignment


def doubted(alignment: Alignment) -> set[str]:
    return {pointer for pointer, item in alignment.placements.items() if item.doubt == SHORT_DOUBT and item.confidence < CONFIDENCE_FLOOR}


def test_row_labels_gone_from_the_middle_of_a_table_tell_of_dropped_lines() -> None:
    report = aligned(*loose(TRAFFIC + "5\n4\n8\n0\n3\nAll voyages\n44\n21\n65\n"))
    assert report.deduplicated
    assert {item.kind for pointer, item in report.placements.items() if pointer.startswith("/traffic/foreign")} == {"absent"}


def test_labels_that_come_again_tell_that_no_lines_were_dropped() -> None:
    assert not aligned(*loose(TRAFFIC + "Laden\n5\n4\n9\nIn ballast\n0\n3\n3\nAll voyages\n43\n21\n64\n")).deduplicated


def test_labels_gone_from_the_end_of_a_table_are_a_text_that_was_cut() -> None:
    assert not aligned(*loose(TRAFFIC)).deduplicated


def zeros(*ballast: str, laden: Sequence[str] = ("0", "0", "0")) -> Alignment:
    """A report full of printed zeros, and one row as given."""
    body = (
        *HEADER,
        ["Coastal voyages", "Laden", *laden],
        ["In ballast", *ballast],
        ["Foreign voyages", "Laden", "0", "0", "0"],
        ["In ballast", "0", "0", "0"],
        ["All voyages", "0", "6", "6"],
    )
    return aligned(rows(*body, padding=[2, 3, 0, 1, 0, 1, 1]), rows(*DUES))


def test_a_row_that_is_a_cell_short_among_printed_zeros_is_doubted() -> None:
    report = zeros("2", "4", "")
    assert doubted(report) == {f"/traffic/coastal/ballast/{name}" for name in ("sail", "steam", "total")}


def test_only_the_last_cell_is_doubted_where_the_others_cannot_have_moved() -> None:
    assert doubted(zeros("4", "2", "")) == {"/traffic/coastal/ballast/total"}  # with 2 as the total, 4 could be no part of it


def test_a_mark_for_nothing_is_a_cell() -> None:
    assert doubted(zeros("2", "4", "-")) == set()


def test_one_blank_among_printed_zeros_is_doubted_with_its_row() -> None:
    assert doubted(zeros("", "4", "4")) == {f"/traffic/coastal/ballast/{name}" for name in ("sail", "steam", "total")}


def test_complete_rows_are_not_doubted() -> None:
    assert doubted(zeros("2", "4", "6")) == set()


def test_blanks_among_numbers_are_the_habit_of_a_clerk_who_prints_few_zeros() -> None:
    report = zeros("", "4", "4", laden=["", "0", "0"])
    assert doubted(report) == set()


def test_a_doubted_row_is_flagged_unless_its_sums_hold() -> None:
    report = zeros("2", "4", "")
    row = doubted(report)
    draft = assemble(report, tokens_of(), {}, {})
    (finding,) = judge_confidence(draft, frozenset(), report)
    assert (finding.code, set(finding.pointers)) == ("uncertain-placement", row)
    assert "short of a number" in finding.message
    (finding,) = judge_confidence(draft, frozenset(row), report)
    assert set(finding.pointers) == {"/traffic/coastal/ballast/total"}  # no sum proves a blank


def test_sums_that_placed_a_row_do_not_prove_it() -> None:
    report = aligned(
        rows(
            *HEADER,
            ["Coastal voyages", "Laden", "0", "0", "0"],
            ["In ballast", "7", "0", "7"],
            ["Foreign voyages", "Laden", "4", "4"],
            ["In ballast", "0", "0", "0"],
            ["All voyages", "7", "4", "11"],
            padding=[2, 3, 0, 1, 0, 1, 1],
        )
    )
    placed = report.placements["/traffic/foreign/laden/total"]
    assert placed.token is not None
    assert (placed.token.text, placed.by_sums, placed.provable) == ("4", True, False)
    assert placed.confidence < CONFIDENCE_FLOOR
    assert {report.placements[f"/traffic/foreign/laden/{name}"].kind for name in ("sail", "steam")} == {
        "lost"
    }  # either may be the blank one


def test_reports_printed_by_turns_table_by_table_are_doubted() -> None:
    other = [[text if not text.isdigit() else str(2 * int(text)) for text in row] for row in BODY]
    dues = (DUES[0], ["Light dues", "5", "8"], ["Mooring dues", "7", "2"])
    by_turns = align_forms([layout()], tokens_of(rows(*BODY), rows(*other), rows(*DUES), rows(*dues)))
    assert len(by_turns) == 2
    for report in by_turns:
        placed = [item for item in report.placements.values() if item.kind == "value"]
        assert {item.doubt for item in placed} == {INTERLEAVED_DOUBT}
        assert all(item.confidence < CONFIDENCE_FLOOR and not item.provable for item in placed)
    one_by_one = align_forms([layout()], tokens_of(rows(*BODY), rows(*DUES), rows(*other), rows(*dues)))
    assert [item.doubt for report in one_by_one for item in report.placements.values() if item.doubt == INTERLEAVED_DOUBT] == []


def test_reports_printed_beside_each_other_line_by_line_are_doubted() -> None:
    def doubts(*, twice: bool) -> set[str]:
        report = aligned(rows(*HEADER, *(row + row if twice else row for row in BODY[2:])))
        return {item.doubt for pointer, item in report.placements.items() if pointer.startswith("/traffic")}

    assert doubts(twice=True) == {INTERLEAVED_DOUBT}
    assert INTERLEAVED_DOUBT not in doubts(twice=False)


def kinds(report: Alignment, start: str) -> set[str]:
    return {item.kind for pointer, item in report.placements.items() if pointer.startswith(start)}


def doubted_places(report: Alignment) -> set[str]:
    return {pointer for pointer, item in report.placements.items() if item.doubt == PLACE_DOUBT and item.confidence < CONFIDENCE_FLOOR}


def test_a_row_of_which_nothing_is_left_is_lost_where_numbers_stand_apart_from_their_labels() -> None:
    bare = TRAFFIC.replace("In ballast\n7\n2\n9\n", "In ballast\n") + "Laden\nIn ballast\nAll voyages\n31\n12\n43\n"
    assert kinds(aligned(*loose(bare), rows(*DUES)), "/traffic/coastal/ballast") == {"blank"}
    apart = rows(["Kind of due", "Payers", "Amount"], ["7", "2"], ["9", "5"], ["Light dues"], ["Mooring dues", "1", "6"])
    assert kinds(aligned(*loose(bare), apart), "/traffic/coastal/ballast") == {"lost"}


def test_a_number_right_beside_a_bare_label_is_no_blank() -> None:
    dues = "Dues received\nKind of due\nPayers\nAmount\nLight dues\n3\n4\n"
    assert kinds(aligned(rows(*BODY), *loose(dues + "Mooring dues\nRemarks")), "/dues/mooring") == {"blank"}
    assert kinds(aligned(rows(*BODY), *loose(dues + "8\nMooring dues\nRemarks")), "/dues/mooring") == {"lost"}


def test_a_row_beside_which_as_many_numbers_stand_without_a_label_is_doubted() -> None:
    body = (*HEADER, ["Coastal voyages", "Laden", "31", "12", "43"], ["5", "6", "11"], ["In ballast", "7", "2", "9"])
    names = ("sail", "steam", "total")
    assert doubted_places(aligned(rows(*body))) >= {f"/traffic/coastal/{row}/{name}" for row in ("laden", "ballast") for name in names}
    own = (*HEADER, ["Coastal voyages", "Laden", "31", "12", "43"], ["Under tow", "5", "6", "11"], ["In ballast", "7", "2", "9"])
    assert doubted_places(aligned(rows(*own))) == set()


def test_a_report_of_whose_numbers_many_have_no_row_is_doubted_as_a_whole() -> None:
    strays = [[str(number), str(number + 1)] for number in range(20, 30, 2)]
    report = aligned(rows(*BODY), rows(DUES[0], *strays, *DUES[1:]))
    assert "/traffic/coastal/laden/sail" in doubted_places(report)
    assert "/traffic/coastal/laden/sail" not in doubted_places(aligned(rows(*BODY), rows(*DUES)))


def test_a_number_that_begins_with_a_zero_is_two_run_together() -> None:
    body = (*HEADER, ["Coastal voyages", "Laden", "31", "12", "43"], ["In ballast", "02", "2"], ["Foreign voyages", "Laden", "5", "4", "9"])
    report = aligned(rows(*body, padding=[2, 3, 0, 1, 0]))
    placements = [report.placements[f"/traffic/coastal/ballast/{name}"] for name in ("sail", "steam", "total")]
    assert all(item.kind == "lost" or item.confidence < CONFIDENCE_FLOOR for item in placements)
    assert report.placements["/traffic/coastal/laden/sail"].confidence >= CONFIDENCE_FLOOR


def test_a_row_with_blanks_is_doubted_beside_more_numbers_without_a_label() -> None:
    def doubts(*more: str) -> set[str | None]:
        report = aligned(*loose(TRAFFIC.replace("In ballast\n7\n2\n9\n", "In ballast\n-\n2\n2\n" + "".join(f"{text}\n" for text in more))))
        return {report.placements[f"/traffic/coastal/ballast/{key}"].doubt for key in ("sail", "steam", "total")}

    assert PLACE_DOUBT not in doubts()
    assert doubts("words", "5", "6") == {PLACE_DOUBT}  # two numbers, as many as the row has


def test_a_label_is_followed_by_digits_that_cannot_be_read() -> None:
    head = "Dues received\nKind of due\nPayers\nAmount\nLight dues\n3\n4\n"
    assert aligned(*loose(head + "Mooring dues\nRemarks")).placements["/dues/mooring/payers"].kind == "blank"
    report = aligned(*loose(head + "Mooring dues\nships12\nRemarks"))
    assert report.placements["/dues/mooring/payers"].kind == "lost"


def test_labels_on_one_line_with_others_were_not_dropped() -> None:
    text = TRAFFIC + "5\n4\n8\n0\n3\nAll voyages\n44\n21\n65\n"
    assert not aligned(*loose(text.replace("Sail\n", "Laden Ballast Laden\nSail\n"))).deduplicated
