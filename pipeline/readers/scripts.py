"""Superscripts and subscripts beside numbers, for every format that says which text is one: parted from the digits, note marks left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["join_scripts"]

_QUANTITY = re.compile(r"\s*[(+\u2212-]?\s*\d[\d,.\uff0c\uff0e]*\s*[%\uff05)]?\s*")
_MAX_NUMBER = 40  # characters before a note mark
_NOTE_MARK = re.compile(
    r"\s*[\[(\uff08]?(?:\d{1,2}|[A-Za-z]|[\u2460-\u2473]|[*\uff0a\u2020\u2021\u00a7#]{1,3})[\])\uff09]?"
    r"(?:\s*[,\uff0c\u3001]\s*[\[(\uff08]?(?:\d{1,2}|[A-Za-z]|[\u2460-\u2473]|[*\uff0a\u2020\u2021\u00a7#]{1,3})[\])\uff09]?){0,4}\s*"
)


def join_scripts(runs: Sequence[tuple[str, str]], *, in_cell: bool, line_break: str) -> tuple[str, list[str]]:
    """The text of runs ("sup", "sub" or "" for neither, text), and the note marks that were left out of it.

    A superscript or subscript digit beside a digit is parted from it (`12^1`, `12_1`), or a wrong number would come out. In a cell a
    superscript that ends a line with nothing but a number before it marks a note and is left out; but 10 may be the base of a power.
    A run whose text is `line_break` ends a line.
    """
    marks: list[str] = []
    is_last = [True] * len(runs)  # whether only scripts and white space follow on the line
    for index in range(len(runs) - 2, -1, -1):
        tag, text = runs[index + 1]
        is_last[index] = text == line_break or (is_last[index + 1] and (tag != "" or text.isspace()))
    parts: list[str] = []
    line = ""  # how the line begins, so far
    glue = in_script = ""  # its last character, and of which script that is
    for (tag, text), last in zip(runs, is_last, strict=True):
        if text == line_break:
            parts.append(text)
            line = glue = in_script = ""
            continue
        if tag == "sup" and in_cell and last and _is_note_mark(line, text):
            marks.append(" ".join(text.split()))
            continue
        bare = text.strip()
        if bare and glue.isdigit() and bare[0].isdigit() and (tag or in_script):
            parts.append("_" if "sub" in (tag, in_script) else "^")
        parts.append(text)
        if bare:
            glue, in_script = bare[-1], tag
        if len(line) <= _MAX_NUMBER:
            line += text[: _MAX_NUMBER + 1]
    return "".join(parts), marks


def _is_note_mark(before: str, text: str) -> bool:
    """Whether a superscript behind `before` marks a note to a number. Not so behind a 10, which may have an exponent."""
    if len(before) > _MAX_NUMBER or len(text) > _MAX_NUMBER or not _QUANTITY.fullmatch(before) or not _NOTE_MARK.fullmatch(text):
        return False
    return before.strip() != "10"
