"""HTML tables in a text: what pandoc leaves as markup where Markdown has no table for it. Their spans are declared.

What stands from the line of a `<table` to that of its `</table>` is read as a page is (readers.html), with places in the text. To know
them, a comment with its offset is put before every piece of text and every tag of a table; the text's own comments are taken out.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from pipeline.model.document import Block, RawTable
from pipeline.model.finding import Finding
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.pipes import Line, text_of

__all__ = ["MarkupStretch", "split_markup"]

MAX_PLACE = 2_000  # characters of a tag that is a place
MAX_PREFIX = 200  # characters of tags before a table on its line
MAX_TO_CELL = 4_000  # characters from the start of a table that is not closed to its first cell
MAX_CUT_TAG = 200  # characters of a tag in which the text was cut off
MAX_UNCLOSED_TAGS = 50  # tags without an end that are looked at; the rest of the text then has none

_HOLDERS = ("td", "th", "caption")  # text may stand in them
_PARTS = (*_HOLDERS, "tr", "tbody", "thead", "tfoot")
_RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext")  # no tags inside
# A table begins where a part of one follows at once; a mention of the tag in prose goes on with words.
_TABLE = re.compile(r"<table(?:\s[^<>]*)?>\s*<(?:!--|(?:tr|td|th|tbody|thead|tfoot|caption|colgroup|col)\b)", re.IGNORECASE)
_TAG = re.compile(r"<(?:(/?)([A-Za-z][^\s/>]{0,60})|(!--)|([!?]|/[^A-Za-z>]))")
_TAG_PART = re.compile(r"=\s*[\"']|>")
_CELL = re.compile(r"<t[dh][\s>]", re.IGNORECASE)
_CUT_TAG = re.compile(r"<(?:/?|/?[A-Za-z][^<>]*)\Z")  # where the text was cut off
_TAGS_ONLY = re.compile(r"\s*(?:<[^<>]*>\s*)*")


@dataclass(frozen=True, slots=True)
class MarkupStretch:
    """Consecutive lines (indices into the sequence that was split), with what the markup on them came to; None where there is none."""

    lines: range
    blocks: tuple[Block, ...] | None = None
    findings: tuple[Finding, ...] = ()


def split_markup(lines: Sequence[Line], limits: Limits) -> Iterator[MarkupStretch]:
    """Part lines into stretches with HTML tables and the rest; together they are all the lines, in order. Linear in the text.

    A table that is not closed goes on to the blank line before the next prose. `limits` are of all the tables together.
    """
    done = tables_before = cells_before = 0
    said: set[Finding] = set()
    whole = text_of(lines)
    if "<t" in whole or "<T" in whole:
        text = _Text(lines, whole)
        for start, end in _find_tables(text):
            if done < start:
                yield MarkupStretch(range(done, start))
            stretch = _read(text, range(start, end), limits, tables_before, cells_before)
            for block in stretch.blocks or ():
                if isinstance(block, RawTable):
                    tables_before += 1
                    cells_before += sum(len(row.cells) for row in block.rows)
            yield replace(stretch, findings=tuple(finding for finding in stretch.findings if finding not in said))
            said.update(finding for finding in stretch.findings if finding.code == "limit-exceeded")  # once is enough
            done = end
    if done < len(lines):
        yield MarkupStretch(range(done, len(lines)))


class _Text:
    """Lines as one string, with the offset of each."""

    def __init__(self, lines: Sequence[Line], text: str) -> None:
        self.lines = lines
        self.text = text
        self.starts = [0, *accumulate(len(line.text) + 1 for line in lines)]
        # Blank lines that part prose from what stands before it.
        self.breaks = [
            self.starts[index]
            for index in range(len(lines) - 1)
            if not lines[index].text.strip() and lines[index + 1].text.strip() and not lines[index + 1].text.lstrip().startswith("<")
        ]

    def line_index(self, offset: int) -> int:
        return bisect_right(self.starts, offset, hi=len(self.lines)) - 1

    def next_break(self, offset: int) -> int:
        """The offset of the next blank line before prose, or the end."""
        number = bisect_left(self.breaks, offset)
        return self.breaks[number] if number < len(self.breaks) else len(self.text)

    def place(self, start: int, end: int) -> TextPlace:
        """The place of text[start:end], cut at the end of its first line."""
        index = self.line_index(start)
        return TextPlace(self.lines[index].number, start - self.starts[index], min(end, self.starts[index + 1] - 1) - self.starts[index])


# ---- tags -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tag:
    """text[start:end] is a tag, or a whole element without tags inside. Comments have the name "!", a mere `<` has "<"."""

    start: int
    end: int
    name: str
    is_end: bool = False


def _scan(text: str, at: int, stop: int) -> Iterator[_Tag]:
    """The tags of text[at:stop], in order; what stands between them is text."""
    unclosed = 0
    missing: set[str] = set()  # closing strings that do not come any more
    while (match := _TAG.search(text, at, stop)) is not None:
        slash, name, comment, other = match.groups()
        start, at = match.span()
        if comment:
            end = -1 if "-->" in missing else text.find("-->", at, stop)
            if end < 0:
                missing.add("-->")
                yield _Tag(start, start + 1, "<")
                at = start + 1
            else:
                at = end + 3
                yield _Tag(start, at, "!")
            continue
        found = _tag_end(text, at, stop, missing)
        if found is None:
            unclosed += 1
            if unclosed > MAX_UNCLOSED_TAGS:
                return
            yield _Tag(start, start + 1, "<")
            at = start + 1
            continue
        at = found
        name = "!" if other else name.lower()
        if name in _RAW and not slash:
            close = None if name in missing else re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, at, stop)
            if close is None:  # the tag is left out, else all the rest would be its text
                missing.add(name)
                name = "!"
            else:
                at = close.end()
        yield _Tag(start, at, name, bool(slash))


def _tag_end(text: str, at: int, stop: int, missing: set[str]) -> int | None:
    """Behind the `>` that ends a tag, which is none within quotes; a quote that is not closed is none."""
    while (match := _TAG_PART.search(text, at, stop)) is not None:
        at = match.end()
        quote = text[at - 1]
        if quote == ">":
            return at
        end = -1 if quote in missing else text.find(quote, at, stop)
        if end < 0:
            missing.add(quote)
        else:
            at = end + 1
    return None


# ---- where tables stand -----------------------------------------------------------------------------------------------


def _find_tables(text: _Text) -> Iterator[tuple[int, int]]:
    """Half-open ranges of line indices, in order, for the tables that lie in no other; tables that share a line share a range."""
    waiting: tuple[int, int] | None = None
    for start, end in _find_ranges(text):
        first, last = text.line_index(start), text.line_index(max(start, end - 1)) + 1
        if waiting is not None and first < waiting[1]:
            waiting = waiting[0], max(waiting[1], last)
            continue
        if waiting is not None:
            yield waiting
        waiting = first, last
    if waiting is not None:
        yield waiting


def _find_ranges(text: _Text) -> Iterator[tuple[int, int]]:
    """From the start to the end of each table that lies in no other, in order."""
    ends = _Ends()
    at = 0
    while (match := _TABLE.search(text.text, at)) is not None:
        start = match.start()
        if start not in ends.closed and start not in ends.broken and not ends.are_all:
            ends = _match_tables(text, start)
        end = ends.closed.get(start)
        if end is None:
            end = ends.broken.get(start) or text.next_break(start)
            if not _may_be_unclosed(text, start, end):
                at = match.end() - 1
                continue
        yield start, end
        at = max(end, start + 1)


def _may_be_unclosed(text: _Text, start: int, end: int) -> bool:
    """Whether text[start:end] is a table that was left open: nothing but tags before it on its line, a cell shortly behind."""
    line_start = text.starts[text.line_index(start)]
    if start - line_start > MAX_PREFIX or _TAGS_ONLY.fullmatch(text.text, line_start, start) is None:
        return False
    return _CELL.search(text.text, start, min(end, start + MAX_TO_CELL)) is not None


@dataclass(frozen=True, slots=True)
class _Ends:
    """Where tables end, by where they start: with an end tag, or without one at a blank line before prose.

    `are_all`: what starts behind the first of them and is not among them has no end.
    """

    closed: dict[int, int] = field(default_factory=dict)
    broken: dict[int, int] = field(default_factory=dict)
    are_all: bool = False


def _match_tables(text: _Text, start: int) -> _Ends:
    """The ends of the table at `start` and of those in it; of all tables behind it where it has no end.

    Outside of its cells a table has no prose: a blank line and prose behind it end one that was not closed.
    """
    ends = _Ends()
    stack: list[tuple[int, bool]] = []  # tables that are open: start, whether a cell is
    at = start
    for tag in _scan(text.text, start, len(text.text)):
        if tag.name == "<":
            continue
        if stack:
            _end_at_prose(text, at, tag.start, stack, ends)
            if not stack:
                return ends
        at = tag.end
        if tag.name == "table":
            if not tag.is_end:
                stack.append((tag.start, False))
            elif stack:
                ends.closed[stack.pop()[0]] = tag.end
                if not stack:
                    return ends
        elif stack and tag.name in _PARTS:
            stack[-1] = (stack[-1][0], tag.name in _HOLDERS and not tag.is_end)
    _end_at_prose(text, at, len(text.text), stack, ends)
    return replace(ends, are_all=True)


def _end_at_prose(text: _Text, start: int, end: int, stack: list[tuple[int, bool]], ends: _Ends) -> None:
    """End the innermost tables that have no open cell at a blank line before prose in text[start:end], which has no tags."""
    if not stack or stack[-1][1]:
        return
    at = text.next_break(start)
    if at >= end:
        return
    while stack and not stack[-1][1]:
        ends.broken[stack.pop()[0]] = at


# ---- reading ----------------------------------------------------------------------------------------------------------


def _read(text: _Text, lines: range, limits: Limits, tables_before: int, cells_before: int) -> MarkupStretch:
    from pipeline.readers.html.read import read_marked  # lxml costs 50 ms that a text without markup need not wait for

    start, end = text.starts[lines.start], text.starts[lines.stop] - 1
    cut = _CUT_TAG.search(text.text, max(start, end - MAX_CUT_TAG), end) if end == len(text.text) else None
    if cut is not None:
        end = cut.start()
    blocks, findings = read_marked(
        _mark(text.text, start, end),
        limits,
        lambda offset, printed: _locate(text, offset, printed, end),
        tables_before=tables_before,
        cells_before=cells_before,
    )
    return MarkupStretch(lines, blocks, findings)


def _mark(text: str, start: int, end: int) -> str:
    """text[start:end] with a comment before each piece of text, raw element and tag of a table, which gives its offset in `text`."""
    parts: list[str] = []
    at = start
    for tag in _scan(text, start, end):
        _mark_text(text, at, tag.start, parts)
        at = tag.end
        if tag.name == "<":
            parts.append(f"<!--{tag.start}-->&lt;")
        elif tag.name != "!":
            if not tag.is_end and (tag.name in ("table", "td", "th") or tag.name in _RAW):
                parts.append(f"<!--{tag.start}-->")
            parts.append(text[tag.start : tag.end])
    _mark_text(text, at, end, parts)
    return "".join(parts)


def _mark_text(text: str, start: int, end: int, parts: list[str]) -> None:
    piece = text[start:end]
    if piece and not piece.isspace():
        parts.append(f"<!--{start}-->")
    parts.append(piece)


def _locate(text: _Text, offset: int, printed: str, end: int) -> TextPlace:
    """The place of what begins at the offset: all of `printed` where it stands so, else its first piece on its line; a tag without text."""
    whole = text.text
    if not printed and whole[offset] == "<":
        stop = min(end, offset + MAX_PLACE)
        found = _tag_end(whole, offset, stop, set())
        return text.place(offset, stop if found is None else found)
    while offset < end and whole[offset].isspace():
        offset += 1
    if printed and whole.startswith(printed, offset) and "\n" not in printed:
        return text.place(offset, offset + len(printed))
    line_end = text.starts[text.line_index(offset) + 1] - 1
    tag = whole.find("<", offset + 1, line_end)
    piece = whole[offset : line_end if tag < 0 else tag]
    return text.place(offset, offset + len(piece.rstrip()))
