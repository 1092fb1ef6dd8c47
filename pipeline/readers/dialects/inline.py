"""Marks that Markdown writers leave around the words of a cell: [text]{attributes}, tags, **stars**, escapes. The words stay, with their place."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.model.document import RawCell, RawTable
from pipeline.model.place import TextPlace

__all__ = ["strip_inline_marks"]

_SPAN = re.compile(r"\[([^\[\]]*)\]\n?\{[^{}]*\}")  # a narrow cell breaks it anywhere
_CUT = re.compile(r"(?<=[0-9.,])\n(?=[0-9.,])")  # within the words of one mark: a line break of the source would have its own mark
_DIGITS = re.compile(r"[0-9.,]+")
_TAG = re.compile(r"</?(?:div|span|p|u|b|i|em|strong|font|center)(?:\s[^<>]{0,400})?>")
_BREAK = re.compile(r"[ \t]{0,20}<br\s{0,10}/?>[ \t]{0,20}", re.IGNORECASE)
_STARS = re.compile(r"\*\*([^*\n]+)\*\*")
_WHOLE = re.compile(r"(\*|__|_|`)([^*_`\n]+)\1")  # a cell that is set as a whole
_ESCAPE = re.compile(r"\\([-+.,*_#()\[\]~])(?=\S|\n|$)")
_DIRECTIVE = re.compile(r"\.\.\s+[a-z](?:\s?[a-z]){3,20}\s?:\s?:\s+")  # of reStructuredText, perhaps broken over the lines of a narrow cell
_MAX_CELL = 10_000  # characters; a longer cell is left as it is


def strip_inline_marks(table: RawTable) -> RawTable:
    """The table with its cells' words out of their marks; the same table when it has none."""
    if not any(_is_marked(cell.text) for cell in table.cells()):
        return table
    rows = tuple(replace(row, cells=tuple(_strip(cell) for cell in row.cells)) for row in table.rows)
    return replace(table, rows=rows)


def _is_marked(text: str) -> bool:
    return len(text) <= _MAX_CELL and (
        "]{" in text
        or "]\n{" in text
        or "</" in text
        or "<br" in text
        or "<BR" in text
        or "**" in text
        or "\\" in text
        or text.startswith(("..", "*", "_", "`"))
    )


def _words_of(span: re.Match[str]) -> str:
    """What stands in a span, its numbers whole."""
    words = _CUT.sub("", span[1])
    return words.strip("\n") if _DIGITS.fullmatch(words.strip("\n")) else words


def _without_tag(tag: re.Match[str]) -> str:
    """Nothing; or a bar between two digits where the tag has more to say than its name: one of them may not be shown, or be a note's."""
    text = tag.string
    is_between = tag.start() > 0 and text[tag.start() - 1].isdigit() and text[tag.end() : tag.end() + 1].isdigit()
    says_more = " " in tag.group() or (tag.group()[1] == "/" and " " in text[text.rfind("<", 0, tag.start()) : tag.start()])
    return "|" if is_between and says_more else ""


def _strip(cell: RawCell) -> RawCell:
    if not _is_marked(cell.text):
        return cell
    text = cell.text
    # Word nests its spans: the innermost come out first.
    for _ in range(8):
        plain = _SPAN.sub(_words_of, text)
        if plain == text:
            break
        text = plain
    directive = _DIRECTIVE.match(text)
    if directive is not None:
        text = text[directive.end() :]
    text = _ESCAPE.sub(r"\1", _STARS.sub(r"\1", _BREAK.sub("\n", text)))
    whole = _WHOLE.fullmatch(text.strip())
    text = text if whole is None else whole[2].strip()
    text = "\n".join(line for line in (_TAG.sub(_without_tag, line).strip() for line in text.split("\n")) if line)
    place = cell.place
    if isinstance(place, TextPlace) and text and text in cell.text:
        column = place.column + cell.text.index(text)
        place = TextPlace(place.line_number, column, column + len(text))
    return cell._replace(text=text, place=place)
