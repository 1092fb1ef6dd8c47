"""The JSON Schema of a form's record, made from the form. `python -m pipeline.forms.record_schema --write` renews the committed ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.forms.load import load_forms
from pipeline.model.catalogue import schemas_dir
from pipeline.model.form import Field, Form, RowNode

__all__ = ["record_schema", "schema_path", "schema_text"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID_START = "urn:tabularium:record:"

_NULLABLE = {"integer": ["integer", "null"], "decimal": ["number", "null"]}


def record_schema(form: Form) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the record: metadata, a value or null at every field's pointer, the narrative sections.

    Every key is required and no other allowed. `title` is what is printed there; `x-unit`, on a field, the unit of its number.
    """
    fields = _objects(form)
    return {
        "$schema": DIALECT,
        "$id": ID_START + form.id,
        "title": form.title,
        **_closed(
            {
                "title": _nullable_text(),
                "agency": _nullable_text(),
                "year": {"type": ["integer", "null"]},
                "period": _closed({"start": _nullable_text(), "end": _nullable_text()}),
                **fields,
                "narrative": _closed({section.key: {"title": section.headings.text, **_nullable_text()} for section in form.narrative}),
            }
        ),
    }


def schema_text(form: Form) -> str:
    """The schema as it is committed: keys in the form's order, indented, newline at the end."""
    return json.dumps(record_schema(form), ensure_ascii=False, indent=1) + "\n"


def schema_path(form: Form) -> Path:
    """Where the schema of a built-in form is kept."""
    return schemas_dir() / f"{form.id}.schema.json"


def _objects(form: Form) -> dict[str, Any]:
    """The objects nested as the pointers say, in the form's order."""
    titles = dict(_row_titles(form))
    tree: dict[str, Any] = {}
    for field in form.fields:
        *steps, last = field.pointer.split("/")[1:]
        inner = tree
        for step in steps:
            inner = inner.setdefault(step, {})
        inner[last] = field
    return {key: _schema(value, f"/{key}", titles) for key, value in tree.items()}


def _schema(value: dict[str, Any] | Field, pointer: str, titles: dict[str, str]) -> dict[str, Any]:
    if isinstance(value, Field):
        title = " > ".join((*value.row_path, *value.column_path))
        unit = {"x-unit": value.unit} if value.unit else {}
        return {"title": title, **unit, "type": _NULLABLE[value.type]}
    own = {"title": titles[pointer]} if pointer in titles else {}
    return {**own, **_closed({key: _schema(inner, f"{pointer}/{key}", titles) for key, inner in value.items()})}


def _row_titles(form: Form) -> Iterator[tuple[str, str]]:
    """What is printed for a table or a row as a whole."""
    for table in form.tables:
        if table.pointer:
            yield table.pointer, table.captions.text
        for band in table.bands:
            for row in _rows(band.rows):
                if row.key and row.label is not None:
                    yield f"{table.pointer}/{row.key}", row.label.text


def _rows(rows: tuple[RowNode, ...]) -> Iterator[RowNode]:
    for row in rows:
        yield row
        yield from _rows(row.children)


def _nullable_text() -> dict[str, Any]:
    return {"type": ["string", "null"]}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def main(arguments: list[str] | None = None) -> int:
    """Compare the committed schemas with the forms (exit code 1 when one is out of step), or renew them with --write."""
    import argparse  # late: extraction needs the schema of a form, never this command

    parser = argparse.ArgumentParser(prog="python -m pipeline.forms.record_schema", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help="renew the files that are out of step")
    write = parser.parse_args(arguments).write
    stale = False
    for form in load_forms():
        path, text = schema_path(form), schema_text(form)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if write:
            path.write_text(text, encoding="utf-8", newline="\n")
        stale = True
        sys.stdout.write(f"{path}: {'written' if write else 'out of step with its form; run with --write'}\n")
    return 1 if stale and not write else 0


if __name__ == "__main__":
    sys.exit(main())
