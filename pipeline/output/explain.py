"""Where a number came from, for people: what is printed, where, how it was read, how sure, and what else it could have been."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pipeline.errors import UsageError
from pipeline.model.finding import Finding
from pipeline.model.form import Form
from pipeline.model.grid import Cell
from pipeline.model.jsonbytes import dump_json
from pipeline.model.place import ElementPlace, PagePlace, Place, SheetPlace, TextPlace
from pipeline.model.result import Evidence, Report, Result
from pipeline.output.visible import visible_text

__all__ = ["describe_place", "explain_pointer", "known_pointers"]

_LABEL_WIDTH = 12
_MOST_CHARACTERS = 400


def explain_pointer(result: Result, pointer: str, forms: Sequence[Form]) -> str:
    """A paragraph for each report of the result that has the field, in the result's order; ends with a newline.

    UsageError, with the nearest pointers, when none has it.
    """
    form_by_id = {form.id: form for form in forms}
    known = {index: known_pointers(report, form_by_id.get(report.form)) for index, report in enumerate(result.reports)}
    having = [index for index, pointers in known.items() if pointer in pointers]
    if not having:
        everywhere = list(dict.fromkeys(item for pointers in known.values() for item in pointers))
        raise UsageError(_unknown(pointer, everywhere, sorted({report.form for report in result.reports})))
    return "\n".join(_explained(result, result.reports[index], pointer, form_by_id.get(result.reports[index].form)) for index in having)


def known_pointers(report: Report, form: Form | None) -> list[str]:
    """Every pointer that can be asked for: the fields of the form, then the other leaves of the record."""
    pointers = [] if form is None else [item.pointer for item in form.fields]
    return list(dict.fromkeys([*pointers, *_leaves(report.record)]))


def describe_place(place: Place) -> str:
    """A place in words, in the numbers of the result."""
    if isinstance(place, TextPlace):
        return f"line {place.line_number}, columns {place.column} to {place.end_column}"
    if isinstance(place, ElementPlace):
        return f"element {place.xpath}"
    if isinstance(place, PagePlace):
        x0, top, x1, bottom = place.box
        return f"page {place.page_number}, box {x0:g} {top:g} {x1:g} {bottom:g}"
    if isinstance(place, SheetPlace):
        return f"sheet {place.sheet}, cell {place.cell}"
    return f"Word table {place.table_number}, row {place.row}, col {place.col}"


def _explained(result: Result, report: Report, pointer: str, form: Form | None) -> str:
    evidence = report.evidence.get(pointer)
    lines = [
        f"{pointer} = {_value(report.record, pointer)}",
        _line("report", f"{report.form}, {report.status}"),
        *_label_lines(pointer, form),
        *_reading_lines(evidence),
        *_cell_lines(result, pointer),
        *_finding_lines((*report.findings, *result.findings), pointer),
    ]
    return "\n".join(lines) + "\n"


def _label_lines(pointer: str, form: Form | None) -> Iterator[str]:
    field = None if form is None else form.field_by_pointer.get(pointer)
    if form is None or field is None:
        return
    caption = next((table.captions.text for table in form.tables if table.id == field.table_id), field.table_id)
    yield _line("table", caption)
    yield _line("row", " > ".join(field.row_path) or "-")
    yield _line("column", " > ".join(field.column_path) or "-")
    yield _line("type", f"{field.type}, unit {field.unit}" if field.unit else field.type)


def _reading_lines(evidence: Evidence | None) -> Iterator[str]:
    if evidence is None or not (evidence.raw or evidence.places):
        yield _line("printed", "not found in the document")
        return
    yield _line("printed", f'"{evidence.raw}"' if evidence.raw else "blank")
    for place in evidence.places:
        yield _line("place", describe_place(place))
    if evidence.rule or evidence.raw:
        yield _line("rule", evidence.rule or "none: the value is what is printed")
    yield _line("confidence", f"{evidence.confidence:.4f}")
    for item in evidence.alternatives:
        yield _line("or else", item)


def _cell_lines(result: Result, pointer: str) -> Iterator[str]:
    for number, table in enumerate(result.tables, 1):
        for cell in table.grid.cells:
            if table.pointer(cell) == pointer:
                yield _line("cell", f"table {number} of the document, {_slots(cell)}")


def _slots(cell: Cell) -> str:
    span = f", spans {cell.row_span} x {cell.col_span}" if (cell.row_span, cell.col_span) != (1, 1) else ""
    return f"row {cell.row}, col {cell.col}{span}"


def _finding_lines(findings: Sequence[Finding], pointer: str) -> Iterator[str]:
    about = [item for item in findings if pointer in item.pointers]
    for item in about:
        yield _line("finding", f"{item.severity} {item.code}: {item.message}")
    if not about:
        yield _line("finding", "none points at it")


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL_WIDTH}}{_clipped(text)}"


def _clipped(text: str) -> str:
    text = visible_text(text)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}… ({len(text)} characters)"


def _value(record: Mapping[str, Any], pointer: str) -> str:
    value: Any = record
    for part in pointer.split("/")[1:]:
        if not isinstance(value, Mapping):
            return "null"
        value = value.get(part.replace("~1", "/").replace("~0", "~"))
    return _clipped(dump_json(value).decode())


def _leaves(record: Mapping[str, Any]) -> Iterator[str]:
    pending: list[tuple[str, Any]] = [("", record)]
    while pending:
        pointer, value = pending.pop()
        if isinstance(value, Mapping):
            inner = [(f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", item) for key, item in value.items()]
            pending.extend(reversed(inner))
        else:
            yield pointer


def _unknown(pointer: str, known: Sequence[str], forms: Sequence[str]) -> str:
    below = [item for item in known if item.startswith(pointer.rstrip("/") + "/")][:3] if pointer.strip("/") else []
    near = below or get_close_matches(pointer, known, n=3, cutoff=0.5)
    hint = f"; nearest: {', '.join(near)}" if near else "; `tabularium forms ID` lists the fields of a form"
    return f"{', '.join(forms)} has no field {pointer}{hint}"
