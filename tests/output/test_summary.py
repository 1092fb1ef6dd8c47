"""output/summary: what is kept of a result, and how it is said."""

from __future__ import annotations

import pytest

from pipeline.model.finding import Finding, Severity
from pipeline.model.result import Evidence, Failure, Report, Result, Source, Status
from pipeline.output.summary import Attention, Facts, Summary, attention_lines, facts_of

SOURCE = Source("a.txt", "00" * 32, 1)


def finding(code: str, severity: Severity, message: str = "m") -> Finding:
    return Finding(code, severity, message)


def flagged(*findings: Finding, of_document: tuple[Finding, ...] = ()) -> Result:
    return Result(SOURCE, "flagged", None, (Report("f/1", "flagged", {}, {}, findings),), (), of_document)


def test_facts_of_an_accepted_result() -> None:
    reports = (Report("f/1", "accepted", {}, {}, (finding("blank-cell", "info"),)), Report("f/2", "accepted", {}, {}, ()))
    facts = facts_of(Result(SOURCE, "accepted", None, reports, (), ()))
    assert facts == Facts("accepted", None, (("f/1", "accepted"), ("f/2", "accepted")), ())


def test_errors_come_first_then_what_is_frequent() -> None:
    result = flagged(
        finding("rare", "warning"),
        finding("often", "warning", "one"),
        finding("often", "warning", "two"),
        finding("wrong", "error", "1 +\n 1 = 3"),
        finding("note", "info"),
        of_document=(finding("bytes", "warning"),),
    )
    assert facts_of(result).reasons == ("wrong: 1 + 1 = 3", "often x2: one", "bytes: m", "rare: m")


def test_many_codes_are_named_but_not_told() -> None:
    assert facts_of(flagged(*(finding(code, "warning") for code in "abcdef"))).reasons == ("a: m", "b: m", "c: m", "d: m", "and e, f")


def test_a_long_message_is_cut() -> None:
    (reason,) = facts_of(flagged(finding("a", "warning", "x" * 500))).reasons
    assert reason == "a: " + "x" * 156 + "…"


def test_facts_of_a_failure_and_of_no_report() -> None:
    failed = facts_of(Result(SOURCE, "failed", Failure("damaged-source", "cut off"), (), (), ()))
    assert failed == Facts("failed", "damaged-source", (), ("damaged-source: cut off",))
    assert facts_of(Result(SOURCE, "no-report", None, (), (), ())).reasons == ("nothing in it is one of the forms",)
    cut = facts_of(Result(SOURCE, "no-report", None, (), (), (finding("source-cut", "warning"), finding("a", "info"))))
    assert cut.reasons == ("nothing in it is one of the forms", "source-cut: m")


def test_the_field_to_begin_with_is_printed_and_the_worst() -> None:
    def pointing(severity: Severity, *pointers: str) -> Finding:
        return Finding("c", severity, "m", pointers)

    evidence = {"/absent": Evidence("", (), 0.0), **{pointer: Evidence("1", (), 0.9) for pointer in ("/note", "/doubt", "/wrong")}}
    findings = (pointing("error", "/absent"), pointing("info", "/note"), pointing("warning", "/doubt"), pointing("error", "/wrong"))

    def first(*some: Finding) -> str | None:
        return facts_of(Result(SOURCE, "flagged", None, (Report("f/1", "flagged", {}, evidence, some),), (), ())).pointer

    assert first(*findings) == "/wrong"
    assert first(*findings[:3]) == "/doubt"
    assert first(*findings[:2]) == "/absent"
    assert first(findings[1]) is None


def test_facts_survive_json() -> None:
    facts = Facts("flagged", None, (("f/1", "flagged"),), ("a: 表", "b: m"), "/a")
    assert Facts.from_json(facts.to_json()) == facts


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({}, 0),
        ({"accepted": 2}, 0),
        ({"accepted": 2, "flagged": 1}, 1),
        ({"no-report": 1}, 1),
        ({"flagged": 1, "failed": 1}, 4),
        ({"failed": 0}, 0),
    ],
)
def test_the_highest_exit_code_applies(counts: dict[Status, int], code: int) -> None:
    summary = Summary(3, counts, {}, (), (), 1, 0, 2.0, "r", "m", None, None)
    assert summary.exit_code == code
    assert summary.per_second == 1.0


def test_attention_lines_stay_one_line_a_source() -> None:
    lines = b"".join(attention_lines([Attention("a\tb\n\x1b.txt", "/x", "failed", ("one", "two")), Attention("c", "/c", "flagged", ())]))
    assert lines == b"path\tstatus\treasons\na\\tb\\n\\x1b.txt\tfailed\tone | two\nc\tflagged\t\n"
