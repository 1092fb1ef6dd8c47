"""What leaves the engine: one Result a source, one Report a form found in it. Shapes are those of schemas/result.schema.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from pipeline.model.finding import Finding
from pipeline.model.grid import Cell, Grid
from pipeline.model.place import Place

__all__ = ["ENGINE_VERSION", "Evidence", "Failure", "Report", "Result", "Source", "Status", "Table"]

ENGINE_VERSION = "0.1.0"
SCHEMA_VERSION = "1"

Status = Literal["accepted", "flagged", "no-report", "failed"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the bytes came from. `path` is as found, relative to the input given, posix; `container` holds archive or WARC facts."""

    path: str | None
    sha256: str
    byte_count: int
    media_type: str | None = None
    encoding: str | None = None
    uri: str | None = None
    container: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "sha256": self.sha256,
            "byte_count": self.byte_count,
            "media_type": self.media_type,
            "encoding": self.encoding,
            "uri": self.uri,
            "container": None if self.container is None else dict(self.container),
        }


class Evidence(NamedTuple):
    """Why a field has its value. `rule` names what changed the raw text into the value, or how the cell was placed; null when nothing did.

    `alternatives` (other readings, for `explain`) are not part of the result.
    """

    raw: str
    places: tuple[Place, ...]
    confidence: float
    rule: str | None = None
    alternatives: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "raw": self.raw,
            "places": [place.to_dict() for place in self.places],
            "confidence": min(round(self.confidence, 4), 0.9999),  # never certain
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """One form found in a source. `record` is valid against the form's schema; evidence is by pointer."""

    form: str
    status: Literal["accepted", "flagged"]
    record: Mapping[str, Any]
    evidence: Mapping[str, Evidence]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "form": self.form,
            "status": self.status,
            "record": self.record,
            "evidence": {pointer: item.to_dict() for pointer, item in self.evidence.items()},
            "findings": [item.to_dict() for item in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Table:
    """A table as printed: its grid, and which form tables and fields its cells were read as (by cell number)."""

    grid: Grid
    form_tables: tuple[str, ...] = ()  # "cn-disclosure/2021#applications"
    pointers: Mapping[int, str] = field(default_factory=dict)

    def pointer(self, cell: Cell) -> str | None:
        """The field that the cell was read as."""
        return None if cell.number is None else self.pointers.get(cell.number)

    def to_dict(self) -> dict[str, Any]:
        grid = self.grid
        return {
            "caption": grid.caption,
            "page_number": grid.page_number,
            "row_count": grid.row_count,
            "col_count": grid.col_count,
            "header_rows": grid.header_rows,
            "stub_cols": grid.stub_cols,
            "spans": grid.spans,
            "form_tables": list(self.form_tables),
            "cells": [
                {
                    "row": cell.row,
                    "col": cell.col,
                    "row_span": cell.row_span,
                    "col_span": cell.col_span,
                    "text": cell.text,
                    "role": cell.role,
                    "pointer": self.pointer(cell),
                    "place": None if cell.place is None else cell.place.to_dict(),
                }
                for cell in grid.cells
            ],
        }


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a source could not be read: `code` is one of the SourceError codes or "internal-error"."""

    code: str
    message: str

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Result:
    """Everything the engine says of one source."""

    source: Source
    status: Status
    failure: Failure | None
    reports: tuple[Report, ...]
    tables: tuple[Table, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON types, in the contract's shape."""
        return {
            "schema_version": SCHEMA_VERSION,
            "source": self.source.to_dict(),
            "status": self.status,
            "failure": None if self.failure is None else self.failure.to_dict(),
            "reports": [report.to_dict() for report in self.reports],
            "tables": [table.to_dict() for table in self.tables],
            "findings": [item.to_dict() for item in self.findings],
            "engine": {"version": ENGINE_VERSION},
        }

    def to_json(self) -> bytes:
        """One line of UTF-8 JSON with sorted keys and no newline: the same result gives the same bytes."""
        from pipeline.model.jsonbytes import dump_json

        return dump_json(self.to_dict())
