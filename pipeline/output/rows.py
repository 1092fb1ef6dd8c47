"""A result, as read back from results.jsonl, as rows of the tables of the dataset. Plain values in the order of the columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.model.form import Form
from pipeline.model.jsonbytes import dump_json, load_json
from pipeline.output.columns import field_column
from pipeline.values.fold import squeezed_text

__all__ = [
    "WHY_MISSING",
    "agency_key",
    "field_paths",
    "field_rows",
    "finding_rows",
    "read_line",
    "record_values",
    "report_row",
    "source_row",
    "value_rows",
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


def record_values(record: Mapping[str, Any], paths: Sequence[tuple[str, ...]]) -> list[Any]:
    """The fields of a record, in the order of `paths` (see field_paths)."""
    values = []
    for path in paths:
        value: Any = record
        for part in path:
            value = value[part]
        values.append(value)
    return values


def field_paths(form: Form) -> list[tuple[str, ...]]:
    """The pointers of the form's fields, parted."""
    return [tuple(item.pointer[1:].split("/")) for item in form.fields]


def value_rows(result: Mapping[str, Any], number: int, form: Form, values: Sequence[Any]) -> list[Row]:
    """The rows of table values of the report `number` (from 1), whose record has `values`."""
    report = result["reports"][number - 1]
    record, evidence = report["record"], report["evidence"]
    doubted, missing = _doubted(report), _missing(report)
    source, agency, year = result["source"]["path"], record["agency"], record["year"]
    key, form_id = agency_key(agency), form.id
    rows = []
    for item, value in zip(form.fields, values, strict=True):
        pointer = item.pointer
        raw = confidence = place = why = amount = count = None
        seen = evidence.get(pointer)
        if seen is not None:
            raw, confidence, places = seen["raw"], seen["confidence"], seen["places"]
            if places:
                place = dump_json(places[0]).decode()
        if value is None:
            why = missing.get(pointer)
        else:
            amount = float(value)
            if item.type == "integer" and -_INT64 <= value < _INT64:
                count = value
        rows.append((source, number, form_id, agency, key, year, pointer, amount, count, raw, why, confidence, pointer in doubted, place))
    return rows


def report_row(result: Mapping[str, Any], number: int, form: Form, values: Sequence[Any]) -> Row:
    """The row of the table of the form's reports, of a record that has `values`."""
    report = result["reports"][number - 1]
    record = report["record"]
    period, narrative = record["period"] or {}, record["narrative"]
    typed: list[int | float | None] = []
    for item, value in zip(form.fields, values, strict=True):
        if value is None or item.type == "integer":
            # What no column of whole numbers holds, table values has.
            typed.append(value if value is None or -_INT64 <= value < _INT64 else None)
        else:
            typed.append(float(value))
    return (
        result["source"]["path"], number, report["status"], record["title"], record["agency"], agency_key(record["agency"]), record["year"],
        period.get("start"), period.get("end"), sorted(_doubted(report)), *typed,
        *(narrative.get(key) for key in dict.fromkeys(section.key for section in form.narrative)),
    )  # fmt: skip


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


def _doubted(report: Mapping[str, Any]) -> set[str]:
    return {pointer for item in report["findings"] if item["severity"] != "info" for pointer in item["pointers"]}


def _missing(report: Mapping[str, Any]) -> dict[str, str]:
    """Why a field has no value, by pointer."""
    why: dict[str, str] = {}
    for item in report["findings"]:
        if item["code"] in WHY_MISSING:
            for pointer in item["pointers"]:
                why.setdefault(pointer, item["code"])
    return why
