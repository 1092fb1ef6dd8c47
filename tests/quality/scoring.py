"""One result beside its truth: what is right, wrong, silent, abstained, needless. Pure; knows no files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

__all__ = ["Given", "Miss", "Score", "Truth", "add_up", "score_result"]

MissKind = Literal["wrong", "silently wrong", "silent null", "abstained", "needless", "not caught"]


@dataclass(frozen=True, slots=True)
class Truth:
    """What a right reader says of one report.

    `values`: pointer to number, null where the cell is printed without one. `lost`: fields whose place is there and whose value the text
    does not decide; `hidden` has the true value of some of them. A pointer in none of these is not printed: right is null.
    `status` "any": not looked at. `excused`: pointers that may be named although their value is right (a sum that they
    belong to is broken in print).
    `must_flag`: pointers of planted errors. `scored`: which of agency and year to look at.
    """

    form: str | None
    status: str
    values: Mapping[str, int | float | None] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    hidden: Mapping[str, int | float | None] = field(default_factory=dict)
    must_flag: frozenset[str] = frozenset()
    excused: frozenset[str] = frozenset()
    agency: str | None = None
    year: int | None = None
    scored: frozenset[str] = frozenset()
    lossy: bool = False
    grids: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that is not right, for `--show`."""

    kind: MissKind
    pointer: str
    expected: str
    got: str
    raw: str


@dataclass(frozen=True, slots=True)
class Given:
    """Fields given a value, or read as blank, with one confidence: how many, whether they are right, whether a warning or error names them."""

    confidence: float
    is_right: bool
    is_doubted: bool
    count: int


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one document. `values` counts printed and lost fields; `wrong` also numbers for fields that are not printed; `repairs` fields
    whose reading was replaced by another one.
    """

    values: int = 0
    right: int = 0
    wrong: int = 0
    silent: int = 0
    abstained: int = 0
    needless: int = 0
    unexplained: int = 0
    planted: int = 0
    caught: int = 0
    repairs: int = 0
    repairs_right: int = 0
    whole: bool = False
    status_right: bool = False
    needlessly_flagged: bool = False
    agency_right: bool | None = None
    year_right: bool | None = None
    status: str = ""
    misses: tuple[Miss, ...] = ()
    given: tuple[Given, ...] = ()


def score_result(result: Mapping[str, Any], truth: Truth, pointers: Iterable[str]) -> Score:
    """Score one result (the contract's dictionary) against its truth. `pointers`: all fields of the truth's form."""
    if truth.form is None:
        grids_right = truth.grids is None or truth.grids == tuple((t["row_count"], t["col_count"]) for t in result["tables"])
        quiet = not result["reports"] and grids_right
        return Score(whole=quiet, status_right=result["status"] == truth.status, status=result["status"], silent=0 if quiet else 1)
    report = next((item for item in result["reports"] if item["form"].rsplit("/", 1)[-1] == truth.form), None)
    if report is None:
        return _without_report(result, truth)
    return _Tally(result, report, truth).count(pointers)


def add_up(scores: Sequence[Score]) -> dict[str, int | float]:
    """The figures of a kind: sums and shares. Shares of nothing are 1."""

    def share(part: int, whole: int) -> float:
        return part / whole if whole else 1.0

    count = len(scores)
    totals: dict[str, int | float] = {
        name: sum(getattr(score, name) for score in scores)
        for name in (
            "values",
            "right",
            "wrong",
            "silent",
            "abstained",
            "needless",
            "unexplained",
            "planted",
            "caught",
            "repairs",
            "repairs_right",
        )
    }
    agencies = [score.agency_right for score in scores if score.agency_right is not None]
    years = [score.year_right for score in scores if score.year_right is not None]
    return totals | {
        "documents": count,
        "whole": sum(score.whole for score in scores),
        "status_right": sum(score.status_right for score in scores),
        "silent_documents": sum(score.silent > 0 for score in scores),
        "needless_documents": sum(score.needlessly_flagged for score in scores),
        "agencies": len(agencies),
        "agencies_right": sum(agencies),
        "years": len(years),
        "years_right": sum(years),
        "values_right_share": share(int(totals["right"]), int(totals["values"])),
        "whole_share": share(sum(score.whole for score in scores), count),
        "status_right_share": share(sum(score.status_right for score in scores), count),
        "planted_caught_share": share(int(totals["caught"]), int(totals["planted"])),
        "silent_documents_share": sum(score.silent > 0 for score in scores) / max(count, 1),
        "needless_documents_share": sum(score.needlessly_flagged for score in scores) / max(count, 1),
        "abstained_share": int(totals["abstained"]) / max(int(totals["values"]), 1),
    }


def _without_report(result: Mapping[str, Any], truth: Truth) -> Score:
    """No report of the right form: silent only if the result says that all is well."""
    printed = [pointer for pointer, value in truth.values.items() if value is not None]
    silent = len(printed) if result["status"] == "accepted" else 0
    return Score(
        values=len(truth.values) + len(truth.lost),
        right=0,
        silent=silent,
        wrong=silent,
        abstained=0 if silent else len(printed),
        planted=len(truth.must_flag),
        status_right=truth.status in (result["status"], "any"),
        needlessly_flagged=truth.status == "accepted",
        agency_right=False if "agency" in truth.scored and truth.agency else None,
        year_right=False if "year" in truth.scored and truth.year else None,
        status=result["status"],
        misses=(Miss("abstained", "", f"a report of {truth.form}", result["status"], str(result.get("failure") or "")),),
    )


@dataclass
class _Tally:
    """Counting over the fields of one report."""

    result: Mapping[str, Any]
    report: Mapping[str, Any]
    truth: Truth
    misses: list[Miss] = field(default_factory=list)

    def count(self, pointers: Iterable[str]) -> Score:
        truth = self.truth
        findings = [*self.report["findings"], *self.result["findings"]]
        doubted = {pointer for item in findings if item["severity"] != "info" for pointer in item["pointers"]}
        named = {pointer for item in findings for pointer in item["pointers"]}
        figures = dict.fromkeys(("right", "wrong", "silent", "abstained", "needless", "unexplained"), 0)
        pointers = list(pointers)
        for pointer in pointers:
            for name in self._judge(pointer, doubted):
                figures[name] += 1
            if _at(self.report["record"], pointer) is None and pointer not in named:
                figures["unexplained"] += 1
        caught = 0
        for pointer in sorted(truth.must_flag):
            kept = _same(_at(self.report["record"], pointer), truth.values.get(pointer))
            if kept and pointer in doubted and self.report["status"] == "flagged":
                caught += 1
            else:
                self._miss("not caught", pointer, truth.values.get(pointer), _at(self.report["record"], pointer))
        repaired = {pointer for item in findings if item["code"] == "reading-repaired" for pointer in item["pointers"]}
        all_values = len(truth.values) + len(truth.lost)
        status_right = truth.status in (self.result["status"], "any")
        record = self.report["record"]
        return Score(
            values=all_values,
            planted=len(truth.must_flag),
            caught=caught,
            repairs=len(repaired),
            repairs_right=sum(_same(_at(self.report["record"], pointer), truth.values.get(pointer)) for pointer in repaired),
            whole=figures["right"] == all_values and not figures["wrong"],
            status_right=status_right,
            needlessly_flagged=not truth.lossy and (figures["needless"] > 0 or (truth.status == "accepted" and not status_right)),
            agency_right=record.get("agency") == truth.agency if "agency" in truth.scored else None,
            year_right=_same(record.get("year"), truth.year) if "year" in truth.scored else None,
            status=self.result["status"],
            misses=tuple(self.misses),
            given=self._given(pointers, doubted),
            **figures,
        )

    def _given(self, pointers: Iterable[str], doubted: set[str]) -> tuple[Given, ...]:
        """How sure the report is of each field that it gives a value or calls blank, and rightly or not. Fields whose truth nobody knows and
        fields without a confidence (nothing is said of them) are left out."""
        counts: Counter[tuple[float, bool, bool]] = Counter()
        values = {**self.truth.values, **self.truth.hidden}
        for pointer in pointers:
            confidence = self.report["evidence"].get(pointer, {}).get("confidence", 0)
            if not confidence or (pointer in self.truth.lost and pointer not in self.truth.hidden):
                continue
            got = _at(self.report["record"], pointer)
            is_right = _same(got, values.get(pointer))  # nothing is the right answer for what is not printed
            counts[confidence, is_right, pointer in doubted] += 1
        return tuple(Given(*key, count) for key, count in sorted(counts.items()))

    def _judge(self, pointer: str, doubted: set[str]) -> tuple[str, ...]:
        """The figures that one field adds to."""
        truth = self.truth
        got = _at(self.report["record"], pointer)
        is_doubted = pointer in doubted
        if pointer in truth.lost:
            hidden = truth.hidden.get(pointer)
            if got is None:
                if is_doubted or (pointer in truth.hidden and hidden is None):
                    return ("right",)
                return self._miss("silent null", pointer, "lost", got, "silent")
            if pointer in truth.hidden and _same(got, hidden):
                return ("right",)
            return self._wrong(pointer, hidden if pointer in truth.hidden else "lost", got, is_doubted)
        expected = truth.values.get(pointer)
        is_printed = pointer in truth.values
        if not is_printed:
            return () if got is None else self._wrong(pointer, "not printed", got, is_doubted)
        if _same(got, expected):
            if is_doubted and pointer not in truth.excused and pointer not in truth.must_flag and not truth.lossy:
                return self._miss("needless", pointer, expected, got, "right", "needless")
            return ("right",)
        if got is None:
            return (
                self._miss("abstained", pointer, expected, got, "abstained")
                if is_doubted
                else self._miss("silent null", pointer, expected, got, "silent")
            )
        return self._wrong(pointer, expected, got, is_doubted)

    def _wrong(self, pointer: str, expected: Any, got: Any, is_doubted: bool) -> tuple[str, ...]:
        if is_doubted:
            return self._miss("wrong", pointer, expected, got, "wrong")
        return self._miss("silently wrong", pointer, expected, got, "wrong", "silent")

    def _miss(self, kind: MissKind, pointer: str, expected: Any, got: Any, *figures: str) -> tuple[str, ...]:
        raw = self.report["evidence"].get(pointer, {}).get("raw", "")
        self.misses.append(Miss(kind, pointer, str(expected), str(got), raw))
        return figures


def _at(record: Mapping[str, Any], pointer: str) -> Any:
    value: Any = record
    for step in pointer.split("/")[1:]:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _same(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    return Decimal(str(left)) == Decimal(str(right))
