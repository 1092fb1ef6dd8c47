"""Records against their JSON Schema. jsonschema is the reference; jsonschema-rs does the work (a test holds the two together)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pipeline.model.finding import Finding, make_finding
from pipeline.model.jsonbytes import dump_json

__all__ = ["check_schema"]


@lru_cache(maxsize=64)
def _validator(schema: bytes) -> Any:
    import jsonschema_rs

    from pipeline.model.jsonbytes import load_json

    return jsonschema_rs.Draft202012Validator(load_json(schema))


def check_schema(record: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Finding]:
    """One finding a violation, with the pointer of the offending value."""
    validator = _validator(dump_json(schema))
    return [
        make_finding("schema-violation", error.message[:500], pointers=("/" + "/".join(map(str, error.instance_path)),))
        for error in validator.iter_errors(record)
    ]
