"""What a reader is told besides the bytes."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model.limits import Limits

__all__ = ["ReadContext"]


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
