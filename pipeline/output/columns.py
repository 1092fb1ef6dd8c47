"""The tables of the dataset: their names, and for each column its name, type and meaning. Files, database and description all follow these."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.errors import ConfigError
from pipeline.model.form import Field, Form

__all__ = [
    "FIELDS",
    "FINDINGS",
    "MEANINGS",
    "SERIES",
    "SOURCES",
    "VALUES",
    "Column",
    "Table",
    "field_column",
    "report_table",
    "report_tables",
]

Type = Literal["text", "texts", "integer", "number", "boolean"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `texts` is a list of texts; every type may be null."""

    name: str
    type: Type
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table; `name` is its name in the database, with `-` for `_` that of its file. `key`: the columns that tell its rows apart."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def file_stem(self) -> str:
        return self.name.replace("_", "-")


_SOURCE = Column("source", "text", "path of the source, as in results.jsonl")
_REPORT = Column("report_number", "integer", "which report of the source, from 1")
_FORM = Column("form", "text", "id of the form")
_AGENCY = Column("agency", "text", "agency as printed")
_AGENCY_KEY = Column(
    "agency_key", "text", "agency with script, width and white space folded: the same for all printings of one name; for matching only"
)
_YEAR = Column("year", "integer", "year of the report as printed")

SOURCES = Table(
    "sources",
    "Every source document, also those without a report and those that failed.",
    (
        _SOURCE,
        Column("sha256", "text", "digest of the bytes"),
        Column("byte_count", "integer", "how many bytes"),
        Column("media_type", "text", "what it is"),
        Column("encoding", "text", "encoding of its text"),
        Column("uri", "text", "address it was captured from"),
        Column("archive", "text", "archive that holds it"),
        Column("captured", "text", "time of capture in the archive"),
        Column("status", "text", "accepted, flagged, no-report or failed"),
        Column("failure_code", "text", "why it failed: code"),
        Column("failure_message", "text", "why it failed: in words"),
        Column("report_count", "integer", "reports found in it"),
        Column("table_count", "integer", "tables found in it"),
        Column("engine_version", "text", "version of the engine that read it"),
    ),
    ("source",),
)

VALUES = Table(
    "values",
    "Every field of every report: a row a field.",
    (
        _SOURCE,
        _REPORT,
        _FORM,
        _AGENCY,
        _AGENCY_KEY,
        _YEAR,
        Column("pointer", "text", "the field; table fields says what it is"),
        Column(
            "value", "number", "the number, in the unit of the field; null when none was printed or read (see missing), never 0 for a blank"
        ),
        Column("integer", "integer", "the same, exactly, where the field is a count"),
        Column("raw", "text", "as printed"),
        Column("missing", "text", "why there is no value: blank-cell, not-printed, value-lost, not-a-count"),
        Column("confidence", "number", "how sure the reading is, 0 to 1; a rank, no probability"),
        Column("flagged", "boolean", "whether a warning or an error names the field"),
        Column("place", "text", "where it is printed, as JSON"),
    ),
    ("source", "report_number", "pointer"),
)

FINDINGS = Table(
    "findings",
    "All that is to be known of sources and reports, coded; findings.toml tells what each code means and what to look at.",
    (
        _SOURCE,
        Column("report_number", "integer", "which report of the source, from 1; null: the document"),
        _FORM,
        Column("code", "text", "which kind of finding"),
        Column("severity", "text", "info, warning or error"),
        Column("message", "text", "in words"),
        Column("pointers", "texts", "the fields it names"),
        Column("place", "text", "the first place it names, as JSON"),
    ),
)

FIELDS = Table(
    "fields",
    "The fields of the forms.",
    (
        _FORM,
        Column("pointer", "text", "JSON pointer into the record"),
        Column("column", "text", "its column in the table of the form's reports"),
        Column("form_table", "text", "table of the form"),
        Column("row", "text", "row labels, outermost first"),
        Column("col", "text", "column labels, outermost first"),
        Column("type", "text", "integer or decimal"),
        Column("unit", "text", "unit of the value"),
    ),
    ("form", "pointer"),
)

MEANINGS = Table(
    "meanings",
    "The crosswalk: fields of different forms that mean the same.",
    (
        Column("meaning", "text", "name of what is meant"),
        _FORM,
        Column("pointer", "text", "the field that means it in this form"),
        Column("note", "text", "where the meanings differ a little"),
    ),
    ("meaning", "form"),
)

SERIES = Table(
    "series",
    "What does not agree between the reports of one agency, or between the text of a report and its tables.",
    (
        Column("code", "text", "series-broken, series-ambiguous or narrative-differs"),
        Column("rule", "text", "name of the promise or claim"),
        _AGENCY,
        _AGENCY_KEY,
        Column("year", "integer", "year of the (later) report"),
        _SOURCE,
        _REPORT,
        _FORM,
        Column("pointer", "text", "the field of the (later) report"),
        Column("found", "number", "what is there"),
        Column("expected", "number", "what the earlier report, or the text, says"),
        Column("other_source", "text", "the earlier report"),
        Column("flagged", "boolean", "whether one of the values is in doubt itself"),
        Column("message", "text", "in words"),
    ),
)

_REPORT_COLUMNS = (
    _SOURCE,
    _REPORT,
    Column("status", "text", "accepted or flagged"),
    Column("title", "text", "title as printed"),
    _AGENCY,
    _AGENCY_KEY,
    _YEAR,
    Column("period_start", "text", "start of the period as printed"),
    Column("period_end", "text", "end of the period as printed"),
    Column("doubted", "texts", "pointers of the fields that a warning or an error names"),
)


def field_column(pointer: str) -> str:
    """The column of a field: its pointer with `__` for `/`, which no part of a pointer has."""
    return pointer.removeprefix("/").replace("/", "__").replace("-", "_").replace(".", "_")


def report_tables(forms: Iterable[Form]) -> Mapping[str, Table]:
    """The table of the reports of each form, by its id: a row a report, a column a field. ConfigError when two would have one name."""
    tables: dict[str, Table] = {}
    names: dict[str, str] = {}
    for form in forms:
        table = report_table(form.id, form.fields, [section.key for section in form.narrative])
        other = names.setdefault(table.name, form.id)
        if other != form.id:
            raise ConfigError(f"the forms {other} and {form.id} would have one table, {table.name}; give one of them another id")
        tables[form.id] = table
    return tables


def report_table(form_id: str, fields: Sequence[Field], narrative: Sequence[str]) -> Table:
    """The wide table of one form."""
    name = "reports_" + re.sub(r"[^A-Za-z0-9]", "_", form_id).lower()
    columns = [Column(field_column(item.pointer), "integer" if item.type == "integer" else "number", _meaning(item)) for item in fields]
    if len({column.name for column in columns}) < len(columns):
        raise ConfigError(f"the form {form_id} has fields whose columns would have one name; let their keys differ in more than - and _")
    prose = [Column(f"narrative__{key}", "text", "prose as printed") for key in dict.fromkeys(narrative)]
    return Table(
        name, f"The reports of the form {form_id}: a row a report.", (*_REPORT_COLUMNS, *columns, *prose), ("source", "report_number")
    )


def _meaning(item: Field) -> str:
    where = " > ".join((*item.row_path, *item.column_path))
    return f"{where}{f' ({item.unit})' if item.unit else ''}"
