"""output/explain: the whole answer to "where did this number come from"."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.model.finding import Finding
from pipeline.model.grid import Cell, Grid
from pipeline.model.place import ElementPlace, PagePlace, Place, SheetPlace, TextPlace, WordPlace
from pipeline.model.result import Evidence, Report, Result, Source, Table
from pipeline.output.explain import describe_place, explain_pointer, known_pointers
from tests.output.form import FORM

TOTAL = "/requests/received/total"
PLACE = TextPlace(7, 3, 5)


def record(total: int | None) -> dict[str, Any]:
    return {
        "agency": "新余市 \x1b[1m",
        "period": {"start": "2021-01-01", "end": None},
        "requests": {"received": {"persons": 60, "total": total}, "by_post": {"total": 1.5}},
        "narrative": {"overview": "长" * 1000},
    }


def report(total: int | None = 66, *findings: Finding, evidence: dict[str, Evidence] | None = None) -> Report:
    read = {TOTAL: Evidence("６６", (PLACE,), 0.99984, "full width digits", ("60: the cell before",))}
    return Report("test/form", "flagged", record(total), read if evidence is None else evidence, findings)


def result(*reports: Report, findings: tuple[Finding, ...] = ()) -> Result:
    grid = Grid((Cell(2, 1, 1, 2, "６６", "data", PLACE, 0), Cell(3, 1, 1, 1, "1", "data", PLACE, 1)), 4, 3, "declared")
    return Result(Source("a.txt", "00" * 32, 1), "flagged", None, reports, (Table(grid, (), {0: TOTAL}),), findings)


def test_everything_that_is_known_of_a_number() -> None:
    about = Finding("identity-broken", "error", "60 + 0 is not 66", (TOTAL,))
    elsewhere = Finding("blank-cell", "info", "of another field", ("/agency",))
    document = Finding("mojibake", "warning", "the text was decoded wrongly", (TOTAL,))
    assert explain_pointer(result(report(66, about, elsewhere), findings=(document,)), TOTAL, [FORM]) == (
        "/requests/received/total = 66\n"
        "  report      test/form, flagged\n"
        "  table       Requests\n"
        "  row         Received\n"
        "  column      Applicants > Total\n"
        "  type        integer\n"
        '  printed     "６６"\n'
        "  place       line 7, columns 3 to 5\n"
        "  rule        full width digits\n"
        "  confidence  0.9998\n"
        "  or else     60: the cell before\n"
        "  cell        table 1 of the document, row 2, col 1, spans 1 x 2\n"
        "  finding     error identity-broken: 60 + 0 is not 66\n"
        "  finding     warning mojibake: the text was decoded wrongly\n"
    )


def test_a_blank_cell_and_nothing_at_all() -> None:
    blank = explain_pointer(result(report(None, evidence={TOTAL: Evidence("", (PLACE,), 1.0)})), TOTAL, [FORM])
    assert "received/total = null\n" in blank
    assert "  printed     blank\n  place       line 7, columns 3 to 5\n  confidence  1.0000\n" in blank
    for evidence in ({}, {TOTAL: Evidence("", (), 0.0)}):
        missing = explain_pointer(result(report(None, evidence=evidence)), TOTAL, [FORM])
        assert "  printed     not found in the document\n  cell " in missing
        assert missing.endswith("  finding     none points at it\n")


def test_what_is_printed_is_shown_as_it_is() -> None:
    plain = explain_pointer(result(report(66, evidence={TOTAL: Evidence("66", (PLACE,), 1.0)})), TOTAL, [FORM])
    assert '  printed     "66"\n' in plain
    assert "  rule        none: the value is what is printed\n" in plain


@pytest.mark.parametrize(
    ("pointer", "first"),
    [
        ("/agency", r'/agency = "新余市 \u001b[1m"'),
        ("/period/start", '/period/start = "2021-01-01"'),
        ("/period/end", "/period/end = null"),
        ("/requests/by_post/total", "/requests/by_post/total = 1.5"),
        ("/narrative/overview", f'/narrative/overview = "{"长" * 399}… (1002 characters)'),
    ],
)
def test_metadata_and_prose_can_be_asked_for(pointer: str, first: str) -> None:
    assert explain_pointer(result(report()), pointer, [FORM]).splitlines()[0] == first


def test_all_reports_of_a_document_answer() -> None:
    text = explain_pointer(result(report(1), report(2)), TOTAL, [FORM])
    assert [line for line in text.splitlines() if "=" in line] == [f"{TOTAL} = 1", f"{TOTAL} = 2"]


@pytest.mark.parametrize(
    ("pointer", "sentence"),
    [
        ("/requests/recieved/total", r"test/form has no field .*; nearest: /requests/received/total, "),
        ("/requests/received", r"; nearest: /requests/received/persons, /requests/received/total$"),
        ("agency", r"; nearest: /agency$"),
        ("#", r"`tabularium forms ID` lists the fields of a form$"),
        ("", r"has no field ;"),
    ],
)
def test_an_unknown_pointer_gets_its_nearest(pointer: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        explain_pointer(result(report()), pointer, [FORM])


def test_known_pointers_are_the_forms_then_the_records() -> None:
    assert known_pointers(report(), FORM) == [
        "/requests/received/persons",
        "/requests/received/total",
        "/requests/by_post/total",
        "/agency",
        "/period/start",
        "/period/end",
        "/narrative/overview",
    ]
    odd = Report("f", "accepted", {"a/b": {"c~d": 1}}, {}, ())
    assert known_pointers(odd, None) == ["/a~1b/c~0d"]
    assert explain_pointer(result(odd), "/a~1b/c~0d", []).startswith("/a~1b/c~0d = 1\n")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (TextPlace(1, 0, 2), "line 1, columns 0 to 2"),
        (ElementPlace("/html/body/p[1]"), "element /html/body/p[1]"),
        (PagePlace(2, (1.5, 2.0, 30.0, 4.25)), "page 2, box 1.5 2 30 4.25"),
        (SheetPlace("表", "B7"), "sheet 表, cell B7"),
        (WordPlace(1, 2, 3), "Word table 1, row 2, col 3"),
    ],
)
def test_places_in_words(place: Place, words: str) -> None:
    assert describe_place(place) == words
