"""What the readers of tables in text give: the lines in order, parted into tables and the rest."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model.document import RawTable

__all__ = ["TableStretch"]


@dataclass(frozen=True, slots=True)
class TableStretch:
    """Consecutive lines (indices into the sequence that was split), with the table that is printed on them or none."""

    lines: range
    table: RawTable | None = None
