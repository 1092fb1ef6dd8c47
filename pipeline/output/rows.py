"""A result, as read back from results.jsonl, as rows of the tables of the dataset. Plain values in the order of the columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any

from pipeline.model.form import Form
from pipeline.output.columns import field_column
from pipeline.output.lines import NO_EVIDENCE, FindingLine, ReportLine, ResultLine
from pipeline.values.fold import squeezed_text

__all__ = ["WHY_MISSING", "FieldCells", "FormColumns", "agency_key", "doubted_fields", "field_rows", "finding_rows", "source_row"]

Row = tuple[Any, ...]

# Findings that say why a field has no value.
WHY_MISSING = ("blank-cell", "not-printed", "value-lost", "not-a-count", "table-missing")
_WHY_NUMBER = {code: number for number, code in enumerate(WHY_MISSING, 1)}


def source_row(result: ResultLine) -> Row:
    """The row of table sources."""
    source, failure = result.source, result.failure
    container = source.container or {}
    return (
        source.path, source.sha256, source.byte_count, source.media_type, source.encoding, source.uri,
        container.get("archive"), container.get("date"), result.status, failure and failure.code, failure and failure.message,
        len(result.reports), len(result.tables), result.engine.version,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldCells:
    """The rows of table values of one report, a row a field, by column. `same`: what stands in all of them, the columns before `pointers`.

    `values`: null or a number. `are_counts`, `flagged`: a byte a field, 1 or 0. `missing`: a byte a field, 0 or the number of a code in WHY_MISSING, from 1.
    """

    same: Row
    pointers: tuple[str, ...]
    are_counts: bytes
    values: Sequence[Any]
    raws: Sequence[str | None]
    missing: bytes
    confidences: Sequence[float | None]
    flagged: bytes
    places: Sequence[bytes | None]


class FormColumns:
    """A form as the tables of the dataset see it: its fields in their order, and what is the same in every report. Made once for a form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.pointers = tuple(item.pointer for item in form.fields)
        self.numbers = {pointer: number for number, pointer in enumerate(self.pointers)}
        self._are_counts = bytes(item.type == "integer" for item in form.fields)
        self._measures = [number for number, is_count in enumerate(self._are_counts) if not is_count]
        self._narrative = tuple(dict.fromkeys(section.key for section in form.narrative))
        paths = [tuple(pointer[1:].split("/")) for pointer in self.pointers]
        # Fields that follow each other are mostly of one row of the form: the way to it is gone once.
        groups = [(parent, [path[-1] for path in group]) for parent, group in groupby(paths, lambda path: path[:-1])]
        # The last name twice: of one name alone, itemgetter gives no tuple.
        self._groups = [(parent, itemgetter(*names, names[-1])) for parent, names in groups]

    def values(self, record: Mapping[str, Any]) -> list[Any]:
        """The fields of a record, in their order."""
        values: list[Any] = []
        for parent, take in self._groups:
            there: Any = record
            for part in parent:
                there = there[part]
            values += take(there)
            values.pop()
        return values

    def field_cells(self, result: ResultLine, number: int, values: Sequence[Any], doubted: Set[str]) -> FieldCells:
        """The rows of table values for the report `number` (from 1), whose record has `values`."""
        report = result.reports[number - 1]
        record, find = report.record, report.evidence.get
        agency = record["agency"]
        seen = list(map(find, self.pointers, repeat(NO_EVIDENCE)))
        flagged = bytearray(len(values))
        for pointer in doubted:
            if (at := self.numbers.get(pointer)) is not None:
                flagged[at] = 1
        return FieldCells(
            (result.source.path, number, self.form.id, agency, agency_key(agency), record["year"]),
            self.pointers,
            self._are_counts,
            values,
            [item.raw for item in seen],
            self._missing(report, values),
            [item.confidence for item in seen],
            bytes(flagged),
            [bytes(item.places[0]) if item.places else None for item in seen],
        )

    def report_row(self, result: ResultLine, number: int, values: Sequence[Any], doubted: Set[str]) -> Row:
        """The row of the table of the form's reports, of a record that has `values`."""
        report = result.reports[number - 1]
        record = report.record
        period, narrative = record["period"] or {}, record["narrative"]
        typed = list(values)
        for at in self._measures:
            if typed[at] is not None:
                typed[at] = float(typed[at])
        return (
            result.source.path, number, report.status, record["title"], record["agency"], agency_key(record["agency"]), record["year"],
            period.get("start"), period.get("end"), sorted(doubted), *typed, *map(narrative.get, self._narrative),
        )  # fmt: skip

    def _missing(self, report: ReportLine, values: Sequence[Any]) -> bytes:
        """Why a field has no value: what the first finding says that names it."""
        missing = bytearray(len(values))
        for item in report.findings:
            if (why := _WHY_NUMBER.get(item.code)) is not None:
                for pointer in item.pointers:
                    at = self.numbers.get(pointer)
                    if at is not None and values[at] is None and not missing[at]:
                        missing[at] = why
        return bytes(missing)


def doubted_fields(report: ReportLine) -> set[str]:
    """The fields that a warning or an error of a report names."""
    doubted: set[str] = set()
    for item in report.findings:
        if item.severity != "info":
            doubted.update(item.pointers)
    return doubted


def finding_rows(result: ResultLine) -> Iterator[Row]:
    """The rows of table findings."""
    path = result.source.path
    for item in result.findings:
        yield (path, None, None, *_finding(item))
    for number, report in enumerate(result.reports, 1):
        for item in report.findings:
            yield (path, number, report.form, *_finding(item))


def field_rows(form: Form) -> Iterator[Row]:
    """The rows of table fields."""
    for item in form.fields:
        row, column = " > ".join(item.row_path), " > ".join(item.column_path)
        yield (form.id, item.pointer, field_column(item.pointer), item.table_id, row, column, item.type, item.unit)


@lru_cache(maxsize=64)  # a report asks three times
def agency_key(agency: str | None) -> str | None:
    """What all printings of one name have in common."""
    return None if agency is None else squeezed_text(agency)


def _finding(item: FindingLine) -> Row:
    return (item.code, item.severity, item.message, item.pointers, item.place)
