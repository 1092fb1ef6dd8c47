"""What a batch has to tell a person at the end: counts, and the list of what needs a look, with the reason in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.model.finding import Finding
from pipeline.model.jsonbytes import dump_json, load_json
from pipeline.model.place import ElementPlace, PagePlace, Place, SheetPlace, TextPlace, WordPlace
from pipeline.model.result import Result, Status
from pipeline.output.visible import visible_text

__all__ = [
    "EXIT_CODE_OF_STATUS",
    "MOST_ATTENTION",
    "STATUSES",
    "Attention",
    "BatchStatus",
    "Facts",
    "Summary",
    "attention_lines",
    "facts_of",
    "left_out_lines",
]

STATUSES: tuple[Status, ...] = ("accepted", "flagged", "no-report", "failed")
EXIT_CODE_OF_STATUS: Mapping[Status, int] = {"accepted": 0, "flagged": 1, "no-report": 1, "failed": 4}

MOST_ATTENTION = 1000
_MOST_REASONS = 4
_MOST_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Facts:
    """The little of a Result that a summary needs, small enough to keep for every source.

    `reports`: (form, status) of each report. `reasons`: in words, the worst first; empty for an accepted source.
    `pointer`: a field that is in doubt, if a finding names one.
    """

    status: Status
    failure_code: str | None
    reports: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    pointer: str | None = None
    media_type: str | None = None

    def to_json(self) -> bytes:
        return dump_json(
            {
                "status": self.status,
                "failure": self.failure_code,
                "reports": self.reports,
                "reasons": self.reasons,
                "pointer": self.pointer,
                "media_type": self.media_type,
            }
        )

    @classmethod
    def from_json(cls, data: bytes) -> Facts:
        """The inverse of to_json. ValueError or KeyError on anything else."""
        value: dict[str, Any] = load_json(data)
        reports = tuple((form, status) for form, status in value["reports"])
        return cls(value["status"], value["failure"], reports, tuple(value["reasons"]), value["pointer"], value["media_type"])


@dataclass(frozen=True, slots=True)
class Attention:
    """A source that a person must look at. `location` is the file as it can be opened now, `pointer` a field to begin with."""

    path: str
    location: str
    status: Status
    reasons: tuple[str, ...]
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How a batch ended. `by_form`: form -> status -> number of reports.

    `resumed`: sources whose result of an earlier run was kept. `dropped`: results of earlier runs whose source is not
    among the INPUTs of this one. `skipped`: (path, reason) of what was left out on purpose: links, special files, records of archives
    that are no documents; they are in the file `left_out_path`, too. `attention` holds the first MOST_ATTENTION of `attention_count`; all are in the file.
    `copied`: sources whose bytes another source had too, and whose result was made from that one's.
    """

    total: int
    by_status: Mapping[Status, int]
    by_form: Mapping[str, Mapping[str, int]]
    attention: tuple[Attention, ...]
    skipped: tuple[tuple[str, str], ...]
    resumed: int
    dropped: int
    elapsed: float
    results_path: str
    manifest_path: str
    attention_path: str | None
    problems_path: str | None
    attention_count: int = 0
    copied: int = 0
    dataset_path: str | None = None
    report_path: str | None = None
    left_out_path: str | None = None

    @property
    def per_second(self) -> float:
        """Sources worked on in this run, a second of wall time."""
        return (self.total - self.resumed) / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def exit_code(self) -> int:
        """The highest that applies: 0 accepted, 1 flagged or no-report, 4 failed."""
        return max((EXIT_CODE_OF_STATUS[status] for status, count in self.by_status.items() if count), default=0)


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """How a batch stands. `by_media_type` and `by_version`: (media type or engine version, status, sources); a failed source has no media type.

    `ended_at` is None while a run is under way (`is_running`), and when it was cut off. Times are UTC.
    """

    is_running: bool
    command: str | None
    started_at: str | None
    ended_at: str | None
    found: int
    by_media_type: tuple[tuple[str | None, str, int], ...]
    by_version: tuple[tuple[str | None, str, int], ...]
    has_dataset: bool
    is_dataset_older: bool


def facts_of(result: Result) -> Facts:
    """What the summary needs of a result."""
    return Facts(
        result.status,
        None if result.failure is None else result.failure.code,
        tuple((report.form, report.status) for report in result.reports),
        _reasons(result),
        _first_pointer(result),
        result.source.media_type,
    )


def _reasons(result: Result) -> tuple[str, ...]:
    if result.failure is not None:
        return (_clip(f"{result.failure.code}: {result.failure.message}"),)
    if result.status == "no-report":
        # What was cut off, or could not be decoded, may have been the report.
        return ("nothing in it is one of the forms", *_in_words(item for item in result.findings if item.is_doubt))
    doubts = [item for report in result.reports for item in report.findings if item.is_doubt]
    doubts += [item for item in result.findings if item.is_doubt]
    return _in_words(doubts)


def _first_pointer(result: Result) -> str | None:
    """A field in doubt: of those that are printed if there are any, and that the worst finding names."""
    named = [
        (report.evidence[pointer].raw == "", item.severity != "error", pointer)
        for report in result.reports[:1]
        for item in report.findings
        if item.is_doubt
        for pointer in item.pointers
        if pointer in report.evidence
    ]
    return min(named, key=lambda ranked: ranked[:2])[2] if named else None


def _in_words(doubts: Iterable[Finding]) -> tuple[str, ...]:
    """One line a code, errors before warnings, frequent codes first; the message is that of the first finding of the code."""
    first: dict[str, Finding] = {}
    count: Counter[str] = Counter()
    for item in doubts:
        first.setdefault(item.code, item)
        count[item.code] += 1
    codes = sorted(first, key=lambda code: (first[code].severity != "error", -count[code], code))
    lines = [_reason(first[code], count[code]) for code in codes[:_MOST_REASONS]]
    if len(codes) > _MOST_REASONS:
        lines.append(f"and {', '.join(codes[_MOST_REASONS:])}")
    return tuple(lines)


def _reason(item: Finding, count: int) -> str:
    text = _clip(f"{item.code}{f' x{count}' if count > 1 else ''}: {item.message}")
    where = next((short for short in map(_where, item.places) if short), "")
    return f"{text} ({where})" if where else text


def _where(place: Place) -> str:
    """The short form of a place: enough to turn to it. An element has none."""
    match place:
        case TextPlace():
            return f"line {place.line_number}"
        case PagePlace():
            return f"page {place.page_number}"
        case SheetPlace():
            return f"sheet {place.sheet}, cell {place.cell}"
        case WordPlace():
            return f"table {place.table_number}, row {place.row}"
        case ElementPlace():
            return ""


def _clip(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


def attention_lines(attention: Iterable[Attention]) -> Iterator[bytes]:
    """The list as a tab separated file: path, status, reasons. One line a source."""
    yield b"path\tstatus\treasons\n"
    for item in attention:
        yield _line(item.path, item.status, " | ".join(item.reasons))


def left_out_lines(skipped: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """What was left out on purpose, as a tab separated file: path, reason."""
    yield b"path\treason\n"
    for path, reason in skipped:
        yield _line(path, reason)


def _line(*cells: str) -> bytes:
    return ("\t".join(map(visible_text, cells)) + "\n").encode("utf-8", "backslashreplace")
