"""JSON: what its fields hold, read as if it came by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.errors import LimitExceededError
from pipeline.model.document import Document, RawTable, TextBlock
from pipeline.model.limits import Limits
from pipeline.model.place import ElementPlace, SheetPlace, TextPlace
from pipeline.readers import read_document


def read(value: Any) -> Document:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_document(data, media_type=None, name=None, limits=Limits())


def outline(document: Document) -> list[Any]:
    return [
        [[cell.text for cell in row.cells] for row in block.rows] if isinstance(block, RawTable) else block.text
        for block in document.blocks
    ]


def test_a_page_in_a_field_is_read_as_a_page() -> None:
    document = read({"title": "Ships", "body": "<h1>a</h1><table><tr><td colspan=2>b<tr><td>c<td>1</table>", "text": "a " * 200})
    assert outline(document) == ["Ships", "a", [["b"], ["c", "1"]]]
    table = document.blocks[2]
    assert isinstance(table, RawTable)
    assert (table.spans, table.rows[1].cells[1].place) == ("declared", ElementPlace("/html/body/table/tr[2]/td[2]"))
    assert [finding.message for finding in document.findings if finding.code == "json-fields"] == [
        "read from /body; longer texts beside them were not read: /text"
    ]


def test_an_escaped_page_is_one() -> None:
    assert outline(read({"body": "&lt;p&gt;x&lt;/p&gt;&lt;table&gt;&lt;tr&gt;&lt;td&gt;1&lt;td&gt;2&lt;/table&gt;"})) == ["x", [["1", "2"]]]


def test_a_text_in_a_field_is_read_as_a_dump() -> None:
    document = read({"content": "Ships\nname | count |\ncog | 1,234 |\n"})
    assert outline(document) == ["Ships", [["name", "count"], ["cog", "1,234"]]]
    assert document.blocks[0] == TextBlock("Ships", TextPlace(1, 0, 5))


def test_one_object_a_line() -> None:
    assert outline(read(b'{"t": "<p>a</p>"}\n{"t": "<p>b</p>"}\n')) == ["a", "b"]


def test_numbers_are_as_printed() -> None:
    document = read(b'{"rows": [["cog", 10, 1.50], ["hulk", null, true]]}')
    assert outline(document) == [[["cog", "10", "1.50"], ["hulk", "", "true"]]]
    table = document.blocks[0]
    assert isinstance(table, RawTable)
    assert table.rows[1].cells[0].place == SheetPlace("/rows", "A2")


def test_like_objects_are_rows_and_names_their_header() -> None:
    assert outline(read([{"name": "cog", "n": 1}, {"name": "hulk", "n": 2}])) == [[["name", "n"], ["cog", "1"], ["hulk", "2"]]]


def test_named_numbers_are_a_list() -> None:
    assert outline(read({"Ships": {"cogs": 1, "hulks": 2}, "Boats": 3})) == [[["Ships"], ["cogs", "1"], ["hulks", "2"], ["Boats", "3"]]]


@pytest.mark.parametrize("data", [b'{"a": 1', b'{"a": ' + b"[" * 100_000, b'{"a" : ' + b"9" * 10_000 + b"}\nx"])
def test_what_is_no_json_is_a_text(data: bytes) -> None:
    assert read(data).media_type == "text/plain"


def test_an_escape_that_is_no_character_is_said() -> None:
    r"""`\\ud83d` without its other half; with it, or behind another backslash, it is what it says."""
    document = read(rb'{"a": "x \ud83d y", "b": "\ud83d\ude00", "c": "\\ud83d"}')
    assert outline(document) == ["x \ufffd y", "\U0001f600", "\\ud83d"]
    assert [finding.code for finding in document.findings] == ["undecodable-bytes"]


def test_a_row_with_more_cells_than_columns_can_be_named_is_refused() -> None:
    with pytest.raises(LimitExceededError, match="more than 16384 columns"):
        read({"rows": [["a"] * 16_385, ["b"]]})
