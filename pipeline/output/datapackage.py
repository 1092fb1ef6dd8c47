"""datapackage.json: the dataset described as a Frictionless Data Package."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.model.jsonbytes import dump_json_indented
from pipeline.output.columns import Column, Table

__all__ = ["describe_package"]

_TYPES = {"text": "string", "texts": "array", "integer": "integer", "number": "number", "boolean": "boolean"}
_CHUNK = 1 << 20


def describe_package(files: Iterable[tuple[Table, Path, int]], engine_version: str) -> bytes:
    """The descriptor of these tables, files and row counts. A file is named by its name alone: the descriptor lies beside it."""
    tables = list(files)
    names = {table.name for table, _, _ in tables}
    package = {
        "profile": "data-package",
        "name": "tabularium",
        "title": "Tables of administrative reports",
        "description": f"Made by tabularium {engine_version} from results.jsonl, which is beside this file and holds the evidence.",
        "resources": [_resource(table, path, count, names) for table, path, count in tables],
    }
    return dump_json_indented(package)


def _resource(table: Table, path: Path, row_count: int, names: set[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(column) for column in table.columns]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    has_source = any(column.name == "source" for column in table.columns)
    if has_source and table.name != "sources" and "sources" in names:
        schema["foreignKeys"] = [{"fields": ["source"], "reference": {"resource": "sources", "fields": ["source"]}}]
    suffix = path.suffix.removeprefix(".")
    resource = {
        "profile": "tabular-data-resource",
        "name": table.file_stem if suffix == "parquet" else f"{table.file_stem}-{suffix}",
        "description": table.meaning,
        "path": path.name,
        "format": suffix,
        "mediatype": "text/csv" if suffix == "csv" else "application/vnd.apache.parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{_digest(path)}",
        "rowcount": row_count,
        "schema": schema,
    }
    return resource | ({"encoding": "utf-8"} if suffix == "csv" else {})


def _field(column: Column) -> dict[str, str]:
    return {"name": column.name, "type": _TYPES[column.type], "description": column.meaning}


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
