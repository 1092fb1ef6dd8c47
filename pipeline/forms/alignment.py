"""The placement of a form on a document, as the aligner leaves it: where each field was printed, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pipeline.forms.rows import Instance
from pipeline.forms.stations import FormLayout
from pipeline.forms.tokens import Token

__all__ = [
    "CONFIDENCE_FLOOR",
    "INTERLEAVED_DOUBT",
    "IN_BROKEN_SUM",
    "LABEL_DOUBT",
    "PLACE_DOUBT",
    "SHORT_DOUBT",
    "UNLIKE_SHARE",
    "UNSURE_PLACE",
    "Alignment",
    "Placement",
    "PlacementKind",
]

# One floor decides whether a placement is accepted or flagged. How it was chosen: docs/decisions.
CONFIDENCE_FLOOR = 0.85

# Measured where the truth is known, so that of the values given p, p are right (docs/quality.md, section 5).
UNSURE_PLACE = 0.8  # the numbers may be another row's, or cut
UNLIKE_SHARE = 0.25  # of what a label lacks to be the form's, where it is as like as the floor asks
IN_BROKEN_SUM = 0.9  # a sum that does not hold names it: mostly a clerk's slip in another number

# What a low confidence is about.
LABEL_DOUBT = "its printed label is only like the form's"
PLACE_DOUBT = "its numbers may be another row's, or cut"
SHORT_DOUBT = "it is short of a number, which no other row of this clerk is: a cell may be missing, and those behind it have moved"
INTERLEAVED_DOUBT = "another report is printed beside it, line by line or table by table: its numbers may be the other's"
PlacementKind = Literal["value", "blank", "lost", "absent"]


class Placement(NamedTuple):
    """Where a field is on the page.

    value: `token` is its cell. blank: its cell is there without a number (`token` may be None: nothing left of it). lost: its place is there, its cell
    cannot be told. absent: its row or table is not there.
    """

    kind: PlacementKind
    token: Token | None = None
    confidence: float = 0.0
    rule: str | None = None
    reason: str | None = None
    others: tuple[Token, ...] = ()
    doubt: str = LABEL_DOUBT  # what a low confidence is about
    by_sums: bool = False  # whether the sums of its row told its place, blank cells being zeros
    provable: bool = True  # whether a sum that holds speaks for it: not where the numbers of both its sides may be cut


@dataclass(slots=True)
class Alignment:
    """One report: a form laid over a stretch of the document (token indexes first..end)."""

    layout: FormLayout
    instances: list[Instance]
    repeats: list[Instance] = field(default_factory=list)  # printings of a table that is already read
    placements: dict[str, Placement] = field(default_factory=dict)
    score: float = 0.0
    first: int = 0
    end: int = 0
    columns_doubt: dict[int, str] = field(default_factory=dict)  # first station of a band -> why its columns are not certain
    captions: set[int] = field(default_factory=set)  # tables whose heading is printed
    deduplicated: bool = False
    label_tokens: dict[int, int] = field(default_factory=dict)  # token -> station
    value_tokens: dict[int, str] = field(default_factory=dict)  # token -> pointer
    row_words: dict[int, list[Token]] = field(default_factory=dict)  # row station -> contents of its text columns
    conflicts: dict[str, tuple[Token, Token]] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)  # printed text of label tokens

    def tables_read(self) -> set[int]:
        return {instance.table for instance in self.instances if instance.rows}
