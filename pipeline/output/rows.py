"""A result, as read back from results.jsonl, as rows of the tables of the dataset. Plain values in the order of the columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import groupby
from typing import Any

from pipeline.model.form import Form
from pipeline.model.jsonbytes import dump_json, load_json
from pipeline.output.columns import field_column
from pipeline.values.fold import squeezed_text

__all__ = [
    "WHY_MISSING",
    "FormColumns",
    "agency_key",
    "doubted_fields",
    "field_rows",
    "finding_rows",
    "read_line",
    "source_row",
]

Row = tuple[Any, ...]

# Findings that say why a field has no value.
WHY_MISSING = frozenset({"blank-cell", "not-printed", "value-lost", "not-a-count", "table-missing"})
_INT64 = 1 << 63
_TABLES = b',"tables":['
_ONE_TABLE = b'"row_count":'


def read_line(line: bytes) -> dict[str, Any]:
    """A line of results.jsonl without its tables, which are most of it and make no rows; `table_count` stands for them.

    ValueError when it is no result. The keys are sorted, so that the tables come last; a quote within a text is escaped, so that the mark is no text.
    """
    at = line.rfind(_TABLES)
    if at < 0 or not line.endswith(b"]}\n"):
        raise ValueError("not a line of results")
    result: dict[str, Any] = load_json(line[:at] + b"}")
    result["table_count"] = line.count(_ONE_TABLE, at)
    return result


def source_row(result: Mapping[str, Any]) -> Row:
    """The row of table sources."""
    source, failure = result["source"], result["failure"] or {}
    container = source["container"] or {}
    return (
        source["path"], source["sha256"], source["byte_count"], source["media_type"], source["encoding"], source["uri"],
        container.get("archive"), container.get("date"), result["status"], failure.get("code"), failure.get("message"),
        len(result["reports"]), result["table_count"], result["engine"]["version"],
    )  # fmt: skip


class FormColumns:
    """A form as the tables of the dataset see it: its fields in their order, and what is the same in every report. Made once for a form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.pointers = tuple(item.pointer for item in form.fields)
        self._are_counts = tuple(item.type == "integer" for item in form.fields)
        self._narrative = tuple(dict.fromkeys(section.key for section in form.narrative))
        paths = [tuple(pointer[1:].split("/")) for pointer in self.pointers]
        # Fields that follow each other are mostly of one row of the form: the way to it is gone once.
        self._groups = [(parent, tuple(path[-1] for path in group)) for parent, group in groupby(paths, lambda path: path[:-1])]

    def values(self, record: Mapping[str, Any]) -> list[Any]:
        """The fields of a record, in their order."""
        values: list[Any] = []
        for parent, names in self._groups:
            there: Any = record
            for part in parent:
                there = there[part]
            values += [there[name] for name in names]
        return values

    def value_columns(self, result: Mapping[str, Any], number: int, values: Sequence[Any], doubted: Set[str]) -> tuple[Sequence[Any], ...]:
        """The columns of table values for the report `number` (from 1), whose record has `values`."""
        report = result["reports"][number - 1]
        record, missing, count = report["record"], _missing(report), len(self.pointers)
        agency = record["agency"]
        seen = list(map(report["evidence"].get, self.pointers))
        same = (result["source"]["path"], number, self.form.id, agency, agency_key(agency), record["year"])
        return (
            *([item] * count for item in same),
            self.pointers,
            [None if value is None else float(value) for value in values],
            self._counts(values),
            [None if item is None else item["raw"] for item in seen],
            [missing.get(pointer) if value is None else None for pointer, value in zip(self.pointers, values, strict=True)],
            [None if item is None else item["confidence"] for item in seen],
            [pointer in doubted for pointer in self.pointers],
            [None if item is None or not item["places"] else dump_json(item["places"][0]).decode() for item in seen],
        )

    def report_row(self, result: Mapping[str, Any], number: int, values: Sequence[Any], doubted: Set[str]) -> Row:
        """The row of the table of the form's reports, of a record that has `values`."""
        report = result["reports"][number - 1]
        record = report["record"]
        period, narrative = record["period"] or {}, record["narrative"]
        # What no column of whole numbers holds, table values has.
        typed = [
            count if is_count or value is None else float(value)
            for is_count, count, value in zip(self._are_counts, self._counts(values), values, strict=True)
        ]
        return (
            result["source"]["path"], number, report["status"], record["title"], record["agency"], agency_key(record["agency"]), record["year"],
            period.get("start"), period.get("end"), sorted(doubted), *typed, *map(narrative.get, self._narrative),
        )  # fmt: skip

    def _counts(self, values: Sequence[Any]) -> list[int | None]:
        """The values of fields of whole numbers, as far as 64 bits hold them."""
        return [
            value if is_count and value is not None and -_INT64 <= value < _INT64 else None
            for is_count, value in zip(self._are_counts, values, strict=True)
        ]


def doubted_fields(report: Mapping[str, Any]) -> set[str]:
    """The fields that a warning or an error of a report names."""
    return {pointer for item in report["findings"] if item["severity"] != "info" for pointer in item["pointers"]}


def finding_rows(result: Mapping[str, Any]) -> Iterator[Row]:
    """The rows of table findings."""
    path = result["source"]["path"]
    for item in result["findings"]:
        yield (path, None, None, *_finding(item))
    for number, report in enumerate(result["reports"], 1):
        for item in report["findings"]:
            yield (path, number, report["form"], *_finding(item))


def field_rows(form: Form) -> Iterator[Row]:
    """The rows of table fields."""
    for item in form.fields:
        row, column = " > ".join(item.row_path), " > ".join(item.column_path)
        yield (form.id, item.pointer, field_column(item.pointer), item.table_id, row, column, item.type, item.unit)


def agency_key(agency: str | None) -> str | None:
    """What all printings of one name have in common."""
    return None if agency is None else squeezed_text(agency)


def _finding(item: Mapping[str, Any]) -> Row:
    place = dump_json(item["places"][0]).decode() if item["places"] else None
    return (item["code"], item["severity"], item["message"], item["pointers"], place)


def _missing(report: Mapping[str, Any]) -> dict[str, str]:
    """Why a field has no value, by pointer."""
    why: dict[str, str] = {}
    for item in report["findings"]:
        if item["code"] in WHY_MISSING:
            for pointer in item["pointers"]:
                why.setdefault(pointer, item["code"])
    return why
