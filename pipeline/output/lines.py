"""A line of results.jsonl read back, as far as the dataset needs it. Owns msgspec, which makes no objects of what is not asked for."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["NO_EVIDENCE", "EvidenceLine", "FindingLine", "ReportLine", "ResultLine", "SourceLine", "read_line"]

# Every struct with gc=False: results are trees, and the collector looking through them for rings is half the time of reading them.


class SourceLine(msgspec.Struct, frozen=True, gc=False):
    """Where the bytes came from; as in the schema of results."""

    path: str | None
    sha256: str
    byte_count: int
    media_type: str | None
    encoding: str | None
    uri: str | None
    container: dict[str, Any] | None


class EvidenceLine(msgspec.Struct, frozen=True, gc=False):
    """Why a field has its value. `places` as they stand in the line."""

    raw: str | None
    confidence: float | None
    places: tuple[msgspec.Raw, ...]

    @property
    def place(self) -> bytes | None:
        """The first place as JSON."""
        return bytes(self.places[0]) if self.places else None


NO_EVIDENCE = EvidenceLine(None, None, ())


class FindingLine(msgspec.Struct, frozen=True, gc=False):
    """One finding. `places` as they stand in the line."""

    code: str
    severity: str
    message: str
    pointers: list[str]
    places: list[msgspec.Raw]

    @property
    def place(self) -> bytes | None:
        """The first place as JSON."""
        return bytes(self.places[0]) if self.places else None


class ReportLine(msgspec.Struct, frozen=True, gc=False):
    """One report."""

    form: str
    status: str
    record: dict[str, Any]
    evidence: dict[str, EvidenceLine]
    findings: list[FindingLine]


class FailureLine(msgspec.Struct, frozen=True, gc=False):
    """Why a source could not be read."""

    code: str
    message: str


class EngineLine(msgspec.Struct, frozen=True, gc=False):
    """What read it."""

    version: str


class ResultLine(msgspec.Struct, frozen=True, gc=False):
    """One result. Its tables, which are most of a line and make no rows, as they stand in it."""

    source: SourceLine
    status: str
    failure: FailureLine | None
    reports: list[ReportLine]
    findings: list[FindingLine]
    engine: EngineLine
    tables: list[msgspec.Raw]


_DECODER = msgspec.json.Decoder(ResultLine)


def read_line(line: bytes) -> ResultLine:
    """A line of results.jsonl. ValueError when it is no result."""
    return _DECODER.decode(line)
