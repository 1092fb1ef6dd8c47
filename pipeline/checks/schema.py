"""Records against their JSON Schema: jsonschema-rs says whether a record fits, jsonschema, the reference, says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pipeline.model.finding import Finding, make_finding
from pipeline.model.jsonbytes import load_json

__all__ = ["check_schema"]

MAX_MESSAGE = 500  # characters


def check_schema(record: Mapping[str, Any], schema: bytes) -> list[Finding]:
    """One finding a violation, with the pointer of the offending value. `schema` is JSON; validators of the last few are kept."""
    if _fast_validator(schema).is_valid(record):
        return []
    return [
        make_finding(
            "schema-violation",
            error.message[:MAX_MESSAGE],
            pointers=("".join(f"/{part}" for part in error.absolute_path),),
        )
        for error in _reference_validator(schema).iter_errors(record)
    ]


@lru_cache(maxsize=64)
def _fast_validator(schema: bytes) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(load_json(schema))


@lru_cache(maxsize=64)
def _reference_validator(schema: bytes) -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(load_json(schema))
