"""What a reader is told besides the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import LimitExceededError
from pipeline.model.document import Block, RawTable
from pipeline.model.limits import Limits

__all__ = ["ReadContext", "check_size"]


@dataclass(frozen=True, slots=True)
class ReadContext:
    """Hints and limits for one source. Hints are evidence only: the bytes decide.

    `declared_charset`: the charset parameter of the content type, as sent. `vocabulary`: words that are likely in the text, in any
    script that occurs; they tell one encoding from another. `media_type`: the canonical type that `sniff` found.
    """

    declared_charset: str | None
    name: str | None
    limits: Limits
    vocabulary: tuple[str, ...]
    media_type: str


def check_size(blocks: Sequence[Block], limits: Limits, of: str) -> None:
    """LimitExceededError where the parts of a source (`of`: the fields, the pages), each within the limits, come to more than one source may have."""
    cells = sum(len(row.cells) for block in blocks if isinstance(block, RawTable) for row in block.rows)
    if cells > limits.max_cells or len(blocks) > limits.max_blocks:
        raise LimitExceededError(f"the {of} hold {cells} cells and {len(blocks)} blocks, more than the limits allow")
