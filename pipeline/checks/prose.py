"""Numbers in the prose of a report against its tables, where the sentence leaves no doubt which field is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model.series import Claim
from pipeline.values.fold import squeezed_text

__all__ = ["Contradiction", "check_prose"]

_MOST_CHARACTERS = 100_000  # of prose


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The prose says `said` where the field has `value`; `sentence` is what was matched, folded."""

    claim: str
    pointer: str
    value: float
    said: int
    sentence: str


def check_prose(
    claims: Sequence[Claim], form_id: str, year: int | None, prose: Sequence[str], values: Mapping[str, float | None]
) -> list[Contradiction]:
    """Where the prose of one report contradicts `values` (by pointer; null: nothing to compare).

    A claim that the prose makes with several numbers says nothing. Without a year only claims that do not name it are looked for.
    """
    if not claims or not prose:
        return []
    text = "。".join(squeezed_text(part) for part in prose)[:_MOST_CHARACTERS]
    found = []
    for claim in claims:
        pointer = claim.pointers.get(form_id)
        value = None if pointer is None else values.get(pointer)
        if pointer is None or value is None:
            continue
        matches = [match for pattern in _patterns(claim.patterns, year) for match in pattern.finditer(text)]
        said = {int(match["number"]) for match in matches}
        if len(said) == 1 and said != {value}:
            found.append(Contradiction(claim.name, pointer, value, said.pop(), matches[0].group()))
    return found


@lru_cache(maxsize=1024)
def _patterns(patterns: tuple[str, ...], year: int | None) -> tuple[re.Pattern[str], ...]:
    texts = []
    for pattern in patterns:
        if year is not None:
            for name, number in (("{year}", year), ("{last_year}", year - 1), ("{next_year}", year + 1)):
                pattern = pattern.replace(name, str(number))
            texts.append(pattern)
        else:
            # No digits match this: what names the year is not looked for, its alternatives are.
            texts.append(re.sub(r"\{(?:year|last_year|next_year)\}", "(?!)", pattern))
    return tuple(re.compile(text) for text in texts)
