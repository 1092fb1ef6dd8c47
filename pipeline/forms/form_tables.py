"""The tables of a form file: columns, rows, fields and the sums they promise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from pipeline.forms.toml_lines import Node, nearest
from pipeline.model.form import Band, ColumnNode, Field, FormTable, Identity, Label, RowNode

__all__ = ["ReadTables", "read_tables"]

NumberType = Literal["integer", "decimal"]
IdentityKind = Literal["sum", "balance", "part"]

_DEFAULTS = ("type", "unit")
_BAND_KEYS = ("section", "stub_head", "columns", "rows", "identity", *_DEFAULTS)
_TABLE_KEYS = ("id", "pointer", "captions", "band", *_BAND_KEYS)
_COLUMN_KEYS = ("level", "label", "key", "kind", *_DEFAULTS)
_ROW_KEYS = ("level", "label", "key", *_DEFAULTS)
_IDENTITY_KEYS = ("name", "kind", "each", "whole", "parts")
_DEEPEST = 12
_TYPES = ("integer", "decimal")
_PART_COUNTS = {"sum": (1, 10**6), "balance": (4, 4), "part": (1, 1)}
_KINDS = tuple(_PART_COUNTS)
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}(?:/[A-Za-z0-9_-]{1,100}){0,20}")
_RESERVED = frozenset({"title", "agency", "year", "period", "narrative"})

NamedLists = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class ReadTables:
    """What the tables of a form file hold. `fields` are in the form's order."""

    tables: tuple[FormTable, ...]
    fields: tuple[Field, ...]
    identities: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class _Defaults:
    """The type and unit that columns have when they do not say."""

    type: NumberType = "integer"
    unit: str = ""

    def overridden(self, entries: Mapping[str, Node]) -> _Defaults:
        return _Defaults(_number_type(entries) or self.type, entries["unit"].text(blank=True) if "unit" in entries else self.unit)


@dataclass(frozen=True, slots=True)
class _Item:
    """A row or column of the flat list, before it becomes a tree."""

    node: Node
    entries: dict[str, Node]
    level: int


@dataclass(frozen=True, slots=True)
class _Crossing:
    """A field and where its row or column stands in the file."""

    field: Field
    node: Node


def read_tables(tables: Node, lists: NamedLists, identities: Node | None) -> ReadTables:
    """Read the [[table]] list and the [[identity]] list of a form file. ConfigError, with file and line, on anything wrong."""
    read: list[FormTable] = []
    crossings: list[_Crossing] = []
    promises: list[Identity] = []
    sums_to_read: list[tuple[Node, str, Band | None]] = []
    seen_ids: set[str] = set()
    for node in tables.items():
        table = _read_table(node, lists, crossings, sums_to_read)
        if table.id in seen_ids:
            raise node.error(f'two tables have the id "{table.id}"; give each its own')
        seen_ids.add(table.id)
        read.append(table)
    if not read:
        raise tables.error("a form needs at least one [[table]]")
    _check_pointers(crossings)
    pointers = dict.fromkeys(crossing.field.pointer for crossing in crossings)
    if identities is not None:
        sums_to_read.extend((item, "", None) for item in identities.items())
    names: set[str] = set()
    for node, pointer, band in sums_to_read:
        for identity in _read_identity(node, pointer, band, pointers):
            if identity.name in names:
                raise node.error(f'two identities have the name "{identity.name}"; give each its own')
            names.add(identity.name)
            promises.append(identity)
    return ReadTables(tuple(read), tuple(crossing.field for crossing in crossings), tuple(promises))


# ---- tables and bands -----------------------------------------------------------------------------------------------


def _read_table(node: Node, lists: NamedLists, crossings: list[_Crossing], sums: list[tuple[Node, str, Band | None]]) -> FormTable:
    entries = node.table(_TABLE_KEYS, required=("id", "captions"), what="a [[table]]")
    table_id = entries["id"].text()
    if not _ID.fullmatch(table_id):
        raise entries["id"].error(f'the table id "{table_id}" may have letters, digits, "-" and "_" only')
    pointer = _table_pointer(entries)
    defaults = _Defaults().overridden(entries)
    band_nodes = _band_nodes(node, entries)
    bands = []
    for band_node in band_nodes:
        band, columns, rows = _read_band(band_node, entries if band_node is node else None, lists, defaults)
        bands.append(band)
        crossings.extend(_crossings(table_id, pointer, band, columns, rows, band_node))
        band_entries = band_node.table()
        if "identity" in band_entries:
            sums.extend((item, pointer, band) for item in band_entries["identity"].items())
    return FormTable(table_id, pointer, Label(entries["captions"].texts()), tuple(bands))


def _table_pointer(entries: Mapping[str, Node]) -> str:
    if "pointer" not in entries:
        return ""
    pointer = entries["pointer"].text(blank=True)
    if pointer and not (pointer.startswith("/") and _KEY.fullmatch(pointer[1:])):
        raise entries["pointer"].error(f'the pointer "{pointer}" must look like "/part/part" or be ""')
    return pointer


def _band_nodes(node: Node, entries: Mapping[str, Node]) -> list[Node]:
    """The bands of a table: its [[table.band]] list, or the table itself when it has one header only."""
    if "band" not in entries:
        return [node]
    for key in ("section", "stub_head", "columns", "rows", "identity"):
        if key in entries:
            raise entries[key].error(f'a table with [[table.band]] has its "{key}" in the bands; move it there')
    bands = list(entries["band"].items())
    if not bands:
        raise entries["band"].error("the list of bands is empty; write [[table.band]] or put the columns into the table")
    return bands


def _read_band(
    node: Node, table_entries: dict[str, Node] | None, lists: NamedLists, defaults: _Defaults
) -> tuple[Band, list[Node], list[Node]]:
    """The band, and the nodes of its leaf columns and of its rows with values, in order, for messages."""
    if table_entries is None:
        entries = node.table(_BAND_KEYS, required=("columns",), what="a [[table.band]]")
        defaults = defaults.overridden(entries)
    else:
        entries = table_entries
        if "columns" not in entries:
            raise node.error('a table needs "columns" (or [[table.band]] parts that have them); add columns = [ ... ]')
    column_nodes: list[Node] = []
    row_nodes: list[Node] = []
    columns = _read_columns(_flat(entries["columns"], lists, _COLUMN_KEYS, "a column"), defaults, column_nodes)
    if "rows" in entries:
        rows = _read_rows(_flat(entries["rows"], lists, _ROW_KEYS, "a row"), row_nodes)
    else:
        rows = (RowNode(None),)
        row_nodes.append(entries["columns"])
    section = Label(entries["section"].texts()) if "section" in entries else None
    return Band(section, _stub_head(entries), columns, rows), column_nodes, row_nodes


def _stub_head(entries: Mapping[str, Node]) -> tuple[Label, ...]:
    """A text is one heading; in a list each item is one heading, itself a text or a list of its variants."""
    if "stub_head" not in entries:
        return ()
    node = entries["stub_head"]
    if isinstance(node.value, str):
        return (Label(node.texts()),)
    return tuple(Label(item.texts()) for item in node.items())


# ---- rows and columns: flat lists with levels ------------------------------------------------------------------------


def _flat(node: Node, lists: NamedLists, allowed: tuple[str, ...], what: str) -> list[_Item]:
    """The entries of a rows or columns list, named lists spliced in, levels checked."""
    items: list[_Item] = []
    level = 0
    for item in _spliced(node, lists):
        entries = item.table(allowed, required=("label",), what=what)
        own = entries["level"].whole_number(1, _DEEPEST) if "level" in entries else 1
        if own > level + 1:
            where = f"after level {level}" if items else "at the start"
            raise item.error(f"{what} jumps to level {own}; {where} it can be {level + 1} at most")
        level = own
        items.append(_Item(item, entries, own))
    if not items:
        raise node.error(f"{node.name} is empty; write at least one {{ label = ... }}")
    return items


def _spliced(node: Node, lists: NamedLists) -> Iterator[Node]:
    for item in [node] if isinstance(node.value, str) else node.items():
        if not isinstance(item.value, str):
            yield item
        elif item.value not in lists:
            known = ", ".join(sorted(lists)) or "none"
            raise item.error(f'there is no list "{item.value}" under [lists]{nearest(item.value, lists)}; known: {known}')
        else:
            for member in lists[item.value].items():
                if isinstance(member.value, str):
                    raise member.error("a list under [lists] cannot name another list; write its entries out")
                yield member


def _groups(items: list[_Item]) -> Iterator[tuple[_Item, list[_Item]]]:
    """Each item of the first level with the deeper ones that follow it."""
    start = 0
    while start < len(items):
        end = start + 1
        while end < len(items) and items[end].level > items[start].level:
            end += 1
        yield items[start], items[start + 1 : end]
        start = end


def _read_columns(items: list[_Item], defaults: _Defaults, leaves: list[Node]) -> tuple[ColumnNode, ...]:
    columns: list[ColumnNode] = []
    for item, below in _groups(items):
        label = Label(item.entries["label"].texts())
        if below:
            for key in ("key", "kind", *_DEFAULTS):
                if key in item.entries:
                    raise item.entries[key].error(f'a column with columns below it has no "{key}"; move it to the columns below')
            columns.append(ColumnNode(label, children=_read_columns(below, defaults, leaves)))
            continue
        kind = item.entries["kind"].choice(("value", "text")) if "kind" in item.entries else "value"
        if kind == "text" and "key" in item.entries:
            raise item.entries["key"].error('a column of kind "text" is never a field; take its "key" out')
        own = defaults.overridden(item.entries)
        columns.append(ColumnNode(label, _key(item.entries), cast(Literal["value", "text"], kind), own.type, own.unit))
        leaves.append(item.node)
    _check_labels(items, [column.label for column in columns])
    return tuple(columns)


def _read_rows(items: list[_Item], valued: list[Node]) -> tuple[RowNode, ...]:
    rows: list[RowNode] = []
    for item, below in _groups(items):
        has_values = "key" in item.entries
        if has_values:
            valued.append(item.node)
        elif not below:
            raise item.node.error('a row without "key" is a group and needs deeper rows after it; give it a key = "..." if it has numbers')
        else:
            for name in _DEFAULTS:
                if name in item.entries:
                    raise item.entries[name].error(f'a row without "key" has no numbers and so no "{name}"; take it out')
        unit = item.entries["unit"].text(blank=True) if "unit" in item.entries else None
        label = Label(item.entries["label"].texts())
        key = _key(item.entries)
        rows.append(RowNode(label, key, has_values, _number_type(item.entries), unit, _read_rows(below, valued) if below else ()))
    _check_labels(items, [row.label for row in rows if row.label])
    return tuple(rows)


def _check_labels(items: list[_Item], labels: list[Label]) -> None:
    """Labels side by side must differ: nothing else could tell their numbers apart."""
    owner: dict[str, int] = {}
    siblings = [item for item, _ in _groups(items)]
    for index, label in enumerate(labels):
        for text in label.texts:
            if owner.setdefault(text, index) != index:
                first = siblings[owner[text]].entries["label"]
                own = siblings[index].entries["label"]
                line = first.file.line_of(first.path)
                raise own.error(f'the label "{text}" is also that of its neighbour in line {line}; take it out of one of them')


def _key(entries: Mapping[str, Node]) -> str:
    if "key" not in entries:
        return ""
    key = entries["key"].text(blank=True)
    if key and not _KEY.fullmatch(key):
        raise entries["key"].error(f'the key "{key}" may have letters, digits, "-" and "_", in parts joined by single "/"')
    return key


def _number_type(entries: Mapping[str, Node]) -> NumberType | None:
    return cast(NumberType, entries["type"].choice(_TYPES)) if "type" in entries else None


# ---- fields ----------------------------------------------------------------------------------------------------------


def _crossings(
    table_id: str, pointer: str, band: Band, column_nodes: list[Node], row_nodes: list[Node], band_node: Node
) -> Iterator[_Crossing]:
    """The fields of a band, row by row. A field is placed at the one of its row and column that comes with the key."""
    column_paths = list(_leaf_paths(band.columns))
    if all(leaf.kind == "text" for leaf, _ in column_paths):
        raise band_node.error('all columns are of kind "text"; at least one must hold values')
    above = () if band.section is None else (band.section.text,)
    for (row, row_path), row_node in zip(_valued_rows(band.rows, above), row_nodes, strict=True):
        for (leaf, column_path), column_node in zip(column_paths, column_nodes, strict=True):
            if leaf.kind == "text":
                continue
            own = "/".join(part for part in (row.key, leaf.key) if part)
            node = row_node if row.key else column_node
            if not own:
                raise node.error('neither the row nor the column has a key, so the number has no name; add key = "..." to one of them')
            unit = leaf.unit if row.unit is None else row.unit
            yield _Crossing(Field(f"{pointer}/{own}", table_id, row_path, column_path, row.type or leaf.type, unit), node)


def _valued_rows(rows: tuple[RowNode, ...], above: tuple[str, ...] = ()) -> Iterator[tuple[RowNode, tuple[str, ...]]]:
    for row in rows:
        path = above if row.label is None else (*above, row.label.text)
        if row.has_values:
            yield row, path
        yield from _valued_rows(row.children, path)


def _leaf_paths(columns: tuple[ColumnNode, ...], above: tuple[str, ...] = ()) -> Iterator[tuple[ColumnNode, tuple[str, ...]]]:
    for column in columns:
        path = (*above, column.label.text)
        if column.children:
            yield from _leaf_paths(column.children, path)
        else:
            yield column, path


def _check_pointers(crossings: list[_Crossing]) -> None:
    """No pointer twice, none inside another (a number cannot have parts), none where the record keeps something else."""
    seen: dict[str, _Crossing] = {}
    for crossing in crossings:
        pointer = crossing.field.pointer
        if pointer in seen:
            first = seen[pointer].node
            line = first.file.line_of(first.path)
            raise crossing.node.error(f'two fields have the pointer "{pointer}" (the other stands in line {line}); change a key')
        if pointer.split("/")[1] in _RESERVED:
            raise crossing.node.error(f'the pointer "{pointer}" is taken: every record has that key for its own; choose another')
        seen[pointer] = crossing
    for crossing in crossings:
        parts = crossing.field.pointer.split("/")
        for length in range(2, len(parts)):
            inner = "/".join(parts[:length])
            if inner in seen:
                raise crossing.node.error(f'"{crossing.field.pointer}" lies inside "{inner}", which is a number itself; change a key')


# ---- identities ------------------------------------------------------------------------------------------------------


def _read_identity(node: Node, table_pointer: str, band: Band | None, pointers: Mapping[str, None]) -> Iterator[Identity]:
    """One entry, expanded: for each row or column of its band when it says so."""
    entries = node.table(_IDENTITY_KEYS, required=("name", "kind", "parts"), what="an identity")
    kind = cast(IdentityKind, entries["kind"].choice(_KINDS))
    if kind != "balance" and "whole" not in entries:
        raise node.error(f'an identity of kind "{kind}" needs the key "whole"; add whole = "..."')
    if kind == "balance" and "whole" in entries:
        raise entries["whole"].error('an identity of kind "balance" has four parts and no whole; take "whole" out')
    for word, value in _each(entries, band):
        name = _filled(entries["name"], word, value)
        whole = _one_pointer(entries["whole"], word, value, table_pointer, pointers) if "whole" in entries else None
        parts = _parts(entries["parts"], word, value, table_pointer, pointers, whole)
        least, most = _PART_COUNTS[kind]
        if not least <= len(parts) <= most:
            raise entries["parts"].error(f'an identity of kind "{kind}" needs {least} parts, not {len(parts)}')
        yield Identity(name, kind, whole, parts)


def _each(entries: Mapping[str, Node], band: Band | None) -> Iterator[tuple[str, str]]:
    if "each" not in entries:
        yield "", ""
        return
    each = entries["each"].choice(("row", "column"))
    if band is None:
        raise entries["each"].error('"each" works inside a table only; move the identity to its table or write it out')
    if each == "row":
        keys = [row.key for row, _ in _valued_rows(band.rows)]
    else:
        keys = [leaf.key for leaf in band.leaf_columns() if leaf.kind == "value"]
    for key in keys:
        yield each, key


def _filled(node: Node, word: str, value: str) -> str:
    text = node.text()
    filled = text.replace(f"{{{word}}}", value) if word else text
    if "{" in filled:
        raise node.error(f'"{text}" has a {{...}} that nothing fills; write each = "row" and {{row}}, or each = "column" and {{column}}')
    return filled


def _absolute(node: Node, word: str, value: str, table_pointer: str) -> str:
    text = _filled(node, word, value)
    return text if text.startswith("/") else f"{table_pointer}/{text}"


def _one_pointer(node: Node, word: str, value: str, table_pointer: str, pointers: Mapping[str, None]) -> str:
    pointer = _absolute(node, word, value, table_pointer)
    if pointer not in pointers:
        raise node.error(f'the identity names "{pointer}", but no field has that pointer{nearest(pointer, pointers)}')
    return pointer


def _parts(node: Node, word: str, value: str, table_pointer: str, pointers: Mapping[str, None], whole: str | None) -> tuple[str, ...]:
    """The parts, wildcards expanded in the form's order: * is one step, ** any number of steps; the whole is left out."""
    parts: list[str] = []
    for item in [node] if isinstance(node.value, str) else node.items():
        pattern = _absolute(item, word, value, table_pointer)
        if "*" not in pattern:
            found = [_one_pointer(item, word, value, table_pointer, pointers)]
        else:
            expression = re.compile(re.escape(pattern).replace(r"\*\*", ".{1,1000}").replace(r"\*", "[^/]{1,100}"))
            found = [pointer for pointer in pointers if pointer != whole and expression.fullmatch(pointer)]
            if not found:
                raise item.error(f'"{pattern}" fits no field; * stands for one step of a pointer, ** for any number')
        for pointer in found:
            if pointer == whole or pointer in parts:
                raise item.error(f'"{pointer}" stands twice in the identity; take it out')
            parts.append(pointer)
    return tuple(parts)
