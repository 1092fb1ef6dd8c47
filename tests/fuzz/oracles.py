"""What must hold for any input, whatever is in it: the oracles of the fuzzers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import jsonschema_rs
import lxml.etree

from pipeline.checks.identities import check_identities
from pipeline.model.catalogue import schemas_dir
from pipeline.model.form import Form
from pipeline.model.jsonbytes import load_json
from pipeline.model.place import ElementPlace, TextPlace
from pipeline.model.result import Report, Result
from pipeline.readers.encoding import decode_text
from tests.quality.press.canon import press_forms
from tests.quality.scoring import Truth

__all__ = ["COUNTED", "Problem", "look_at"]

COUNTED = 3  # a problem of this severity is shown and makes no run fail
_DROPPED = dict.fromkeys((*range(9), 0x0B, *range(0x0E, 0x20)))  # control characters are dropped, with a finding, before anything is placed
_METADATA = ("/title", "/agency", "/year", "/period/start", "/period/end")


@dataclass(frozen=True, slots=True)
class Problem:
    """One oracle that an input broke. `severity` from 0, the worst: a value wrong and nothing said of it."""

    severity: int
    oracle: str
    message: str


def look_at(data: bytes, result: Result, truth: Truth | None = None) -> list[Problem]:
    """Everything that is wrong with a result. With a truth: digits of the document were only moved or taken away, never changed."""
    found = [*_shape(result), *_failure(result)]
    for report in result.reports:
        if report.status == "accepted":
            found += _accepted(data, result, report)
        if truth is not None and truth.form is not None and report.form.rsplit("/", 1)[-1] == truth.form:
            found += _silent(result, report, truth)
    return sorted(found, key=lambda item: item.severity)


@cache
def _validator() -> Any:
    return jsonschema_rs.Draft202012Validator(load_json((schemas_dir() / "result.schema.json").read_bytes()))


def _shape(result: Result) -> Iterator[Problem]:
    value = load_json(result.to_json())
    if not _validator().is_valid(value):
        yield Problem(2, "schema", str(next(iter(_validator().iter_errors(value))))[:300])
    overlaps = any(item.code == "span-overlap" for item in result.findings)  # spans declared so, kept so, and said
    for table in () if overlaps else result.tables:
        slots: set[tuple[int, int]] = set()
        for cell in table.grid.cells:
            own = {(r, c) for r in range(cell.row, cell.row + cell.row_span) for c in range(cell.col, cell.col + cell.col_span)}
            if slots & own:
                yield Problem(2, "overlap", f"two cells cover {sorted(slots & own)[:3]}")
                break
            slots |= own


def _failure(result: Result) -> Iterator[Problem]:
    if result.failure is not None and result.failure.code == "internal-error":
        yield Problem(1, "internal-error", result.failure.message)


def _doubted(report: Report, result: Result) -> set[str]:
    return {pointer for item in (*report.findings, *result.findings) if item.is_doubt for pointer in item.pointers}


def _at(record: Mapping[str, Any], pointer: str) -> Any:
    value: Any = record
    for part in pointer.split("/")[1:]:
        value = value[part]
    return value


def _silent(result: Result, report: Report, truth: Truth) -> Iterator[Problem]:
    doubted = _doubted(report, result)
    for pointer, right in truth.values.items():
        got = _at(report.record, pointer)
        if pointer in doubted or pointer in truth.lost or got == right:
            continue
        raw = report.evidence[pointer].raw if pointer in report.evidence else ""
        if got is None:
            # Where blank cells leave no trace, a cell taken away is a blank one: the text does not decide it. Only counted.
            yield Problem(COUNTED, "silent-null", f"{pointer}: printed {right}, got null with no warning; status {report.status}")
        else:
            yield Problem(0, "silent-error", f"{pointer}: printed {right}, got {got} (raw {raw!r}) with no warning; status {report.status}")


def _accepted(data: bytes, result: Result, report: Report) -> Iterator[Problem]:
    """Accepted: no doubt anywhere, every sum holds, and every raw text stands at its place."""
    if any(item.is_doubt for item in (*report.findings, *result.findings)):
        yield Problem(1, "accepted-with-doubt", "an accepted report has a warning")
    form = _form(report)
    if form is not None:
        numbers = {item.pointer: _number(_at(report.record, item.pointer)) for item in form.fields}
        for finding in check_identities(form, numbers, frozenset(), report.evidence).findings:
            yield Problem(1, "identity", f"{finding.message} in an accepted report")
    source = _Source(data, result)
    for pointer, item in report.evidence.items():
        if pointer in _METADATA or not item.places:
            continue
        if not any(_squeezed(item.raw.split("\n")[0]) in _squeezed(there) for there in map(source.at, item.places)):
            yield Problem(1, "evidence", f"{pointer}: raw {item.raw!r} is not at {item.places[0]}")


def _form(report: Report) -> Form | None:
    return press_forms().get(report.form.rsplit("/", 1)[-1])


def _number(value: Any) -> int | Decimal | None:
    return Decimal(repr(value)) if isinstance(value, float) else value


def _squeezed(text: str) -> str:
    return "".join(text.split()).strip("|")


class _Source:
    def __init__(self, data: bytes, result: Result) -> None:
        encoding = (result.source.encoding or "utf-8").lower()
        try:
            text = data.decode(encoding, "replace")
        except LookupError:
            text = data.decode("utf-8", "replace")
        if any(item.code == "mojibake-undone" for item in result.findings):  # places count in the text as it is meant
            text = decode_text(data, declared=None).text
        self._text = text
        self._lines = text.removeprefix("\ufeff").translate(_DROPPED).replace("\r\n", "\n").split("\n")
        self._tree: Any = None

    def at(self, place: Any) -> str:
        if isinstance(place, TextPlace):
            return self._lines[place.line_number - 1][place.column : place.end_column] if place.line_number <= len(self._lines) else ""
        if not isinstance(place, ElementPlace):
            return ""
        if self._tree is None:
            parser = lxml.etree.HTMLParser(encoding="utf-8", huge_tree=True)
            self._tree = lxml.etree.fromstring(self._text.encode("utf-8", "replace"), parser).getroottree()
        found = self._tree.xpath(place.xpath)
        return "".join(found[0].itertext()) if found else ""
