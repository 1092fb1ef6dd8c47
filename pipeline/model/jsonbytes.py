"""JSON as bytes, the one way results are written. The only module that imports orjson."""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["dump_json", "dump_json_indented", "load_json"]


def dump_json(value: Any) -> bytes:
    """One line, keys sorted, UTF-8, no newline at the end."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def dump_json_indented(value: Any) -> bytes:
    """Indented for people, keys sorted, newline at the end."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def load_json(data: bytes | str) -> Any:
    """Parse JSON. ValueError when it is not JSON."""
    return orjson.loads(data)
