"""The form files, for people: a list of them, and one of them in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

from pipeline.model.form import Band, ColumnNode, Form, Label, RowNode
from pipeline.output.visible import visible_text

__all__ = ["describe_form", "list_forms"]


def list_forms(forms: Sequence[Form]) -> str:
    """A line a form, columns aligned: id, tables, fields, identities, title, file. Ends with a newline."""
    head = ("form", "tables", "fields", "identities", "title", "file")
    rows = [head]
    rows += [
        (
            form.id,
            str(len(form.tables)),
            str(len(form.fields)),
            str(len(form.identities)),
            visible_text(form.title),
            visible_text(form.source),
        )
        for form in forms
    ]
    widths = [max(_width(row[index]) for row in rows) for index in range(len(head))]
    return "".join(_row(row, widths) + "\n" for row in rows)


def describe_form(form: Form) -> str:
    """Everything a form says, indented: tables with their columns and rows, labels with variants, identities, fields.
    Ends with a newline.
    """
    return "\n".join(visible_text(line) for line in _form_lines(form)) + "\n"


def _form_lines(form: Form) -> Iterator[str]:
    yield f"{form.id}  {form.title}"
    yield f"file {form.source}"
    yield f"tables {len(form.tables)}, fields {len(form.fields)}, identities {len(form.identities)}"
    for table in form.tables:
        yield ""
        yield f"table {table.id}  {_label(table.captions)}"
        for band in table.bands:
            yield from _band_lines(band)
    if form.narrative:
        yield ""
        yield "narrative"
        for section in form.narrative:
            yield f"  {section.key}  {_label(section.headings)}"
    yield ""
    yield "identities"
    for identity in form.identities:
        yield f"  {identity.name}  {_sum(identity.kind, identity.whole, identity.parts)}"
    yield ""
    yield "fields"
    for field in form.fields:
        yield f"  {field.pointer}  {field.type}{f' {field.unit}' if field.unit else ''}"


def _band_lines(band: Band) -> Iterator[str]:
    indent = "  "
    if band.section is not None:
        yield f"{indent}section {_label(band.section)}"
        indent += "  "
    for head in band.stub_head:
        yield f"{indent}stub head {_label(head)}"
    yield f"{indent}columns"
    for column in band.columns:
        yield from _column_lines(column, indent + "  ")
    yield f"{indent}rows"
    for row in band.rows:
        yield from _row_lines(row, indent + "  ")


def _column_lines(column: ColumnNode, indent: str) -> Iterator[str]:
    facts = "text" if column.kind == "text" else f"{column.type} {column.unit}".strip()
    yield f"{indent}{_label(column.label)}{'' if column.children else f'  [{facts}]'}{f'  {column.key}' if column.key else ''}"
    for child in column.children:
        yield from _column_lines(child, indent + "  ")


def _row_lines(row: RowNode, indent: str) -> Iterator[str]:
    label = "(no label)" if row.label is None else _label(row.label)
    yield f"{indent}{label}{f'  {row.key}' if row.key else ''}"
    for child in row.children:
        yield from _row_lines(child, indent + "  ")


def _label(label: Label) -> str:
    others = label.texts[1:]
    return label.text + (f"  (also: {' | '.join(others)})" if others else "")


def _sum(kind: str, whole: str | None, parts: Sequence[str]) -> str:
    if kind == "balance":
        return f"{' + '.join(parts[:2])} = {' + '.join(parts[2:])}"
    if kind == "part":
        return f"{parts[0]} <= {whole}"
    return f"{whole} = {' + '.join(parts)}"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        " " * (width - _width(cell)) + cell if cell.isdecimal() else cell + " " * (width - _width(cell))
        for cell, width in zip(cells, widths, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
