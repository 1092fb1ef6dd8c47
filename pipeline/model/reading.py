"""What was recognised in a cell of a page that is a picture: its text, how sure that is, and what else it could be."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Reading"]


class Reading(NamedTuple):
    """A cell as recognised. `confidence`: of cells given that much, so many are right. `others`: other readings of the same ink, likeliest first,
    each with the odds that the recogniser gives it. `second` is what a second look at the cell alone says, None where there was none.
    `is_placed`: False where the rules around the cell are doubtful: it may be its neighbour's, which no sum of a row can tell.
    """

    text: str
    confidence: float
    others: tuple[tuple[str, float], ...] = ()
    second: str | None = None
    is_placed: bool = True
