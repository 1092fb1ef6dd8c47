"""The forms as the press needs them: the national wording and the pointer of every crossing, read from the project's own form files."""

from __future__ import annotations

from functools import cache

from pipeline.forms.load import load_forms
from pipeline.model.form import ColumnNode, Form, FormTable, RowNode

__all__ = ["crossing", "press_forms", "short_id"]


@cache
def press_forms() -> dict[str, Form]:
    """The built-in forms by the last part of their id ("2021")."""
    return {short_id(form.id): form for form in load_forms() if form.id.startswith("cn-disclosure/")}


def short_id(form_id: str) -> str:
    """The part of a form id that truths name it by."""
    return form_id.rsplit("/", 1)[-1]


def crossing(form: Form, table: FormTable, row: RowNode, leaf: ColumnNode) -> str | None:
    """The pointer of the field where a row and a leaf column cross, or None where there is no field."""
    if leaf.kind == "text" or not row.has_values:
        return None
    pointer = table.pointer + "".join(f"/{key}" for key in (row.key, leaf.key) if key)
    return pointer if pointer in form.field_by_pointer else None
