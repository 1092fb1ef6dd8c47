"""A result, as read back from results.jsonl, as rows of the tables of the dataset. Plain values in the order of the columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.model.form import Form
from pipeline.model.jsonbytes import dump_json
from pipeline.output.columns import field_column
from pipeline.values.fold import squeezed_text

__all__ = ["WHY_MISSING", "field_rows", "finding_rows", "report_row", "source_row", "value_rows"]

Row = tuple[Any, ...]

# Findings that say why a field has no value.
WHY_MISSING = frozenset({"blank-cell", "not-printed", "value-lost", "not-a-count", "table-missing"})
_INT64 = 1 << 63


def source_row(result: Mapping[str, Any]) -> Row:
    """The row of table sources."""
    source, failure = result["source"], result["failure"] or {}
    container = source["container"] or {}
    return (
        source["path"], source["sha256"], source["byte_count"], source["media_type"], source["encoding"], source["uri"],
        container.get("archive"), container.get("date"), result["status"], failure.get("code"), failure.get("message"),
        len(result["reports"]), len(result["tables"]), result["engine"]["version"],
    )  # fmt: skip


def value_rows(result: Mapping[str, Any], number: int, form: Form) -> Iterator[Row]:
    """The rows of table values of the report `number` (from 1)."""
    report = result["reports"][number - 1]
    record, evidence = report["record"], report["evidence"]
    doubted, missing = _doubted(report), _missing(report)
    head = (result["source"]["path"], number, form.id, record["agency"], agency_key(record["agency"]), record["year"])
    for item in form.fields:
        pointer = item.pointer
        value = _at(record, pointer)
        seen = evidence.get(pointer)
        raw, confidence, place = (None, None, None)
        if seen is not None:
            raw, confidence = seen["raw"], seen["confidence"]
            place = dump_json(seen["places"][0]).decode() if seen["places"] else None
        is_exact = item.type == "integer" and isinstance(value, int) and -_INT64 <= value < _INT64
        yield (
            *head, pointer, None if value is None else float(value), value if is_exact else None, raw,
            missing.get(pointer) if value is None else None, confidence, pointer in doubted, place,
        )  # fmt: skip


def report_row(result: Mapping[str, Any], number: int, form: Form) -> Row:
    """The row of the table of the form's reports."""
    report = result["reports"][number - 1]
    record = report["record"]
    period = record["period"] or {}
    values = []
    for item in form.fields:
        value = _at(record, item.pointer)
        if item.type != "integer":
            value = None if value is None else float(value)
        elif value is not None and not -_INT64 <= value < _INT64:
            value = None  # table values has it
        values.append(value)
    narrative = record["narrative"]
    return (
        result["source"]["path"], number, report["status"], record["title"], record["agency"], agency_key(record["agency"]), record["year"],
        period.get("start"), period.get("end"), sorted(_doubted(report)), *values,
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


def _at(record: Mapping[str, Any], pointer: str) -> Any:
    value: Any = record
    for part in pointer[1:].split("/"):
        value = value[part]
    return value
