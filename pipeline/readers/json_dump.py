"""JSON as crawlers, services and models leave it: pages, texts and tables in the fields of an object, or of one object a line.

What a field holds is read as if it came by itself: a page as HTML, a text of several lines as a text dump, lists of lists and lists of like objects as
tables. Where some fields are pages with tables, long texts beside them are left out, for they say the same again.

Places are those within the field: the elements of its page, the lines of its text, the cells of its list ("/tables/0", "B7"). A finding names the fields.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pipeline.errors import LimitExceededError
from pipeline.model.document import Block, Document, RawCell, RawRow, RawTable, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.model.place import SheetPlace
from pipeline.readers.context import ReadContext, check_size
from pipeline.readers.encoding import decode_text
from pipeline.readers.office.sheets import cell_name
from pipeline.readers.text import read_text, tidy_table
from pipeline.values.kinds import classify_cell

__all__ = ["read_json"]

MIN_NUMBERS = 3  # that an object names, to be a list

_TABLE_TAG = re.compile(r"<(?:table|tr|td)[\s>]", re.IGNORECASE)
_PAGE_TAG = re.compile(r"<(?:p|div|br|span|table|html|body|h[1-6])[\s/>]", re.IGNORECASE)
_ESCAPED_TAG = re.compile(r"&lt;(?:table|p|div|html)\b", re.IGNORECASE)
_MAX_SHORT = 200  # characters; a longer text beside pages with tables is not read
_MAX_NAMED = 10  # fields shown in one finding
_MAX_COLUMNS = 16_384  # of a table; its cells are named as those of a worksheet
# Half of a pair of code units without the other half, which is no character; a backslash before a backslash begins nothing.
_HALF = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_MAY_BE_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class _Fields(list[tuple[str, Any]]):
    """The fields of an object in their order; a name that comes twice is kept twice."""


class _Leaf(NamedTuple):
    """Something to be read: a text or a table, and the pointer of its field."""

    pointer: str
    value: Any


def read_json(data: bytes, context: ReadContext) -> Document:
    """Read what the fields hold. What is no JSON after all is read as a text dump. LimitExceededError for more cells or fields than a source may have."""
    decoded = decode_text(data, declared=context.declared_charset, vocabulary=context.vocabulary)
    text, halves = _without_halves(decoded.text)
    found = _parse(text)
    if found is None:
        return read_text(data, context)
    leaves = list(_leaves(found, context.limits.max_blocks))
    has_pages = any(isinstance(leaf.value, str) and _TABLE_TAG.search(leaf.value) for leaf in leaves)
    blocks: list[Block] = []
    findings: list[Finding] = list(decoded.findings)
    if halves:
        findings.append(make_finding("undecodable-bytes", f"{halves} escapes of the JSON are no characters; each is shown as U+FFFD"))
    read: list[str] = []
    left_out: list[str] = []
    for leaf in leaves:
        if isinstance(leaf.value, RawTable):
            blocks.append(tidy_table(leaf.value, findings))
            read.append(leaf.pointer)
        elif has_pages and len(leaf.value) > _MAX_SHORT and not _TABLE_TAG.search(leaf.value):
            left_out.append(leaf.pointer)
        elif "\n" in leaf.value or _PAGE_TAG.search(leaf.value):
            inner = _read_field(leaf.value, context)
            blocks += inner.blocks
            findings += inner.findings
            read.append(leaf.pointer)
        elif leaf.value.strip():
            blocks.append(TextBlock(" ".join(leaf.value.split()), SheetPlace(leaf.pointer, "A1")))
    check_size(blocks, context.limits, "fields")
    if read:
        message = f"read from {_named(read)}" + (f"; longer texts beside them were not read: {_named(left_out)}" if left_out else "")
        findings.append(make_finding("json-fields", message))
    return Document(tuple(blocks), "application/json", decoded.encoding, findings=tuple(findings))


def _without_halves(text: str) -> tuple[str, int]:
    r"""The JSON with `\ufffd` for each escape that is no character, and how many there were."""
    if _MAY_BE_HALF.search(text) is None:
        return text, 0
    count = sum(1 for match in _HALF.finditer(text) if match[1])
    return (_HALF.sub(lambda match: r"\ufffd" if match[1] else match[0], text) if count else text), count


def _named(pointers: Sequence[str]) -> str:
    return ", ".join(pointer or "/" for pointer in pointers[:_MAX_NAMED]) + (" ..." if len(pointers) > _MAX_NAMED else "")


def _parse(text: str) -> Any:
    """The value, or the values of lines as a list; None where it is no JSON. Numbers stay as printed."""
    try:
        return _load(text)
    except (ValueError, RecursionError):
        lines = [line for line in text.split("\n") if line.strip()]
    try:
        return [_load(line) for line in lines]
    except (ValueError, RecursionError):
        return None


def _load(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_Fields)


def _read_field(text: str, context: ReadContext) -> Document:
    """A page or a text."""
    inner = replace(context, declared_charset="utf-8")
    if _PAGE_TAG.search(text):
        from pipeline.readers.html.read import read_html  # lxml costs 50 ms that other JSON need not wait for

        return read_html(text.encode(), inner)
    return read_text(text.encode(), inner)


def _leaves(value: Any, limit: int) -> Iterator[_Leaf]:
    """Texts and tables in reading order. LimitExceededError where there are more than `limit` of anything."""
    waiting: list[tuple[str, Any]] = [("", value)]
    count = 0
    while waiting:
        pointer, item = waiting.pop()
        count += 1
        if count > limit:
            raise LimitExceededError(f"the JSON has more than {limit} fields")
        table = _table(pointer, item) or _list(pointer, item, limit)
        if table is not None:
            yield _Leaf(pointer, table)
        elif isinstance(item, _Fields):
            waiting.extend((f"{pointer}/{name}", inner) for name, inner in reversed(item))
        elif isinstance(item, list):
            waiting.extend((f"{pointer}/{number}", inner) for number, inner in reversed(list(enumerate(item))))
        elif isinstance(item, str):
            yield _Leaf(pointer, html.unescape(item) if _ESCAPED_TAG.search(item) and not _TABLE_TAG.search(item) else item)


def _table(pointer: str, item: Any) -> RawTable | None:
    """Lists of lists of texts, lists of objects with the same names, and objects whose fields are numbers or texts of one line: a table."""
    if isinstance(item, _Fields) or not isinstance(item, list) or len(item) < 2:
        return None
    if all(isinstance(row, list) and not isinstance(row, _Fields) for row in item):
        rows = [list(row) for row in item]
    elif all(isinstance(row, _Fields) for row in item) and len({tuple(name for name, _ in row) for row in item}) == 1:
        rows = [[name for name, _ in item[0]], *([inner for _, inner in row] for row in item)]
    else:
        return None
    if not any(rows) or not all(_is_cell(cell) for row in rows for cell in row):
        return None
    if max(map(len, rows)) > _MAX_COLUMNS:
        raise LimitExceededError(
            f"a list of the JSON at {pointer or '/'} has more than {_MAX_COLUMNS} columns, as many as a worksheet may have"
        )
    made = []
    for number, row in enumerate(rows, start=1):
        cells = (RawCell(_printed(cell), SheetPlace(pointer, cell_name(number - 1, col))) for col, cell in enumerate(row))
        made.append(RawRow(tuple(cells)))
    return RawTable(tuple(made), "lost", place=SheetPlace(pointer, "A1"))


def _list(pointer: str, item: Any, limit: int) -> RawTable | None:
    """An object, with the objects in it, that names single numbers: a list of names, with a value where one is named."""
    if not isinstance(item, _Fields):
        return None
    rows: list[tuple[str, ...]] = []
    waiting: list[tuple[str, Any]] = list(reversed(item))
    while waiting:
        name, inner = waiting.pop()
        if isinstance(inner, _Fields):
            rows.append((name,))
            waiting.extend(reversed(inner))
        elif _is_cell(inner):
            rows.append((name, _printed(inner)))
        else:
            return None
        if len(rows) > limit:
            return None
    numbers = sum(len(row) == 2 and classify_cell(row[1]) == "number" for row in rows)
    if numbers < MIN_NUMBERS or 2 * numbers < len(rows):
        return None
    cells = (
        tuple(RawCell(text, SheetPlace(pointer, cell_name(number - 1, col))) for col, text in enumerate(row))
        for number, row in enumerate(rows, start=1)
    )
    return RawTable(tuple(map(RawRow, cells)), "lost", place=SheetPlace(pointer, "A1"))


def _is_cell(value: Any) -> bool:
    """Whether a value is printed in one cell. A page or a long text is not."""
    return value is None or isinstance(value, bool) or (isinstance(value, str) and _is_short(value))


def _is_short(text: str) -> bool:
    return len(text) <= _MAX_SHORT and not (_PAGE_TAG.search(text) or _ESCAPED_TAG.search(text))


def _printed(value: str | bool | None) -> str:
    return "" if value is None else value.strip() if isinstance(value, str) else str(value).lower()
