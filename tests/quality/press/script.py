"""Simplified to Traditional script as published mirrors do it: rightly, with Taiwan's words, or character by character and wrongly."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import opencc

__all__ = ["SCRIPTS", "script_named"]

SCRIPTS = ("simplified", "s2t", "s2twp", "naive")

# One-to-many conversions that naive tables get wrong; all of these were seen in published reports.
_WRONG = str.maketrans({"制": "製", "只": "隻", "征": "徵", "准": "準", "系": "係"})


@cache
def script_named(name: str) -> Callable[[str], str]:
    """The function that turns Simplified text into the named script."""
    if name == "simplified":
        return str
    if name == "naive":
        by_character = _converter("s2t")
        return lambda text: "".join(by_character(character) for character in text).translate(_WRONG)
    return _converter(name)


def _converter(config: str) -> Callable[[str], str]:
    convert = opencc.OpenCC(config).convert
    kept: dict[str, str] = {}

    def converted(text: str) -> str:
        if text not in kept:
            kept[text] = str(convert(text))
        return kept[text]

    return converted
