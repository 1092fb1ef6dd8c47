"""The text of a page: white space, lines, superscripts and subscripts."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["BREAK", "SCRIPT_PIECES", "fold", "script_runs"]

BREAK = "\0"  # a line break inside a piece of text; the parser never gives this character
_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"


class _Script(str):
    """A piece without text: the start ("sup", "sub") or the end ("") of a superscript or subscript."""

    __slots__ = ("tag",)
    tag: str


def _script(tag: str) -> _Script:
    piece = _Script()
    piece.tag = tag
    return piece


SCRIPT_PIECES = {tag: _script(tag) for tag in ("sup", "sub", "")}


def script_runs(pieces: Iterable[str]) -> list[tuple[str, str]]:
    """The text in order as ("sup", "sub" or "" for neither, text); one in another belongs to the outer one. A line break is a run."""
    runs: list[tuple[str, str]] = []
    tags: list[str] = []
    texts: list[str] = []  # of the run that comes next
    for piece in (*pieces, BREAK):
        if not isinstance(piece, _Script) and piece is not BREAK:
            texts.append(piece)
            continue
        if texts:
            runs.append((tags[0] if tags else "", "".join(texts)))
            texts = []
        if not isinstance(piece, _Script):
            runs.append(("", BREAK))
        elif piece.tag:
            tags.append(piece.tag)
        elif tags:
            tags.pop()
    return runs[:-1]


def fold(text: str) -> str:
    """White space runs become one space, line breaks stay, lines without text go; zero-width characters alone are no text."""
    if BREAK in text:
        folded = "\n".join(filter(None, (" ".join(line.split()) for line in text.split(BREAK))))
    else:
        folded = " ".join(text.split())
    if folded and folded[0] not in _ZERO_WIDTH:
        return folded
    return folded if folded.strip(_ZERO_WIDTH) else ""
