"""Text of strangers on a terminal: shown, never obeyed."""

from __future__ import annotations

import unicodedata

__all__ = ["visible_text"]


def visible_text(text: str) -> str:
    r"""`text` on one line, with every character that could steer a terminal or turn the line around written as an escape (`\x1b`)."""
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    # Other spaces (the ideographic one) do no harm and belong to the text; line separators, controls, formats and
    # surrogates are escaped.
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
