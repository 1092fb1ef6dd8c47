"""What the finders of tables in text give."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model.document import Block, RawTable

__all__ = ["FoundTable"]


@dataclass(frozen=True, slots=True)
class FoundTable:
    """Consecutive lines (indices into the sequence that was looked through), the table that is printed on them, and what stands beside it."""

    lines: range
    table: RawTable
    beside: tuple[Block, ...] = ()
