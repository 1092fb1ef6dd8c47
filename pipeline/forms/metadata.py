"""Title, agency, year and period of a report, by the form's own patterns over folded text, given back as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from pipeline.forms.pattern_needs import Needs, needed_characters
from pipeline.model.document import Document, TextBlock
from pipeline.model.form import Form
from pipeline.model.place import ElementPlace, Place, TextPlace
from pipeline.values.dates import read_year
from pipeline.values.fold import squeeze, squeezed_texts

__all__ = ["Found", "ReportText", "find_metadata", "printed_text", "report_text"]

TITLE_PATH = "/html/head/title"  # where a declared title stands in lxml's tree
HEAD_BLOCKS = 40
FOOT_BLOCKS = 10
MAX_LINE = 4000  # patterns are tried on the start of longer paragraphs only
WRAPPED_LINES = 3  # a title may be wrapped over so many lines
MAX_JOINED = 400  # characters of lines that are tried together


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of metadata as printed, and where."""

    raw: str
    place: Place


@dataclass(frozen=True, slots=True)
class ReportText:
    """The text of one report outside its tables, block by block; `title` is the document's declared one."""

    blocks: tuple[TextBlock, ...]
    title: str | None = None


def find_metadata(form: Form, text: ReportText) -> dict[str, Found]:
    """What the patterns find, by pointer: /title, /agency, /year, /period/start, /period/end.

    The first pattern that matches wins, near the beginning and the end of the text before it is looked for in all of it.
    """
    near = _Lines(ReportText(_head_and_foot(text.blocks), text.title))
    found = _find(form, near)
    if len(text.blocks) > HEAD_BLOCKS + FOOT_BLOCKS and "/title" not in found:
        found = _find(form, _Lines(text)) | found
    return found


def _head_and_foot(blocks: Sequence[TextBlock]) -> tuple[TextBlock, ...]:
    """Where reports name themselves: the first blocks and the last ones."""
    if len(blocks) <= HEAD_BLOCKS + FOOT_BLOCKS:
        return tuple(blocks)
    return (*blocks[:HEAD_BLOCKS], *blocks[-FOOT_BLOCKS:])


def _find(form: Form, lines: _Lines) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for pointer, group, patterns in (
        ("/title", "title", form.metadata.title),
        ("/agency", "agency", form.metadata.agency),
        ("/year", "year", form.metadata.year),
    ):
        match = _first(patterns, lines, group, is_year=group == "year")
        if match is not None:
            found[pointer] = match[group]
    period = _first(form.metadata.period, lines, "start")
    if period is not None:
        for group in ("start", "end"):
            if group in period:
                found[f"/period/{group}"] = period[group]
    return found


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[re.Pattern[str], Needs]:
    return re.compile(pattern), needed_characters(pattern)


def _first(patterns: Sequence[str], lines: _Lines, group: str, *, is_year: bool = False) -> dict[str, Found] | None:
    for pattern in patterns:
        for line, match in lines.matches(pattern):
            if not match.groupdict().get(group):
                continue
            if is_year and read_year(line.found(*match.span(group)).raw) is None:
                continue
            return {name: line.found(*match.span(name)) for name, value in match.groupdict().items() if value}
    return None


class _Line:
    """Squeezed text of one line, or of a few joined ones; the way back to each is worked out when it is asked for."""

    __slots__ = ("_blocks", "_offsets", "_owner", "folded")

    def __init__(self, folded: str, blocks: Sequence[TextBlock]) -> None:
        self.folded = folded
        self._blocks = blocks
        self._offsets: list[int] = []
        self._owner: list[int] = []  # per character: which of `blocks` it is of

    def found(self, start: int, end: int) -> Found:
        if not self._offsets:
            for number, block in enumerate(self._blocks):
                offsets = squeeze(block.text[:MAX_LINE]).offsets
                self._offsets.extend(offsets)
                self._owner.extend([number] * len(offsets))
        first, last = self._owner[start], self._owner[end - 1]
        block = self._blocks[first]
        if first == last:
            begin, stop = self._offsets[start], self._offsets[end - 1] + 1
            return Found(printed_text(block.text[begin:stop]), _part(block, begin, stop))
        raw = block.text[self._offsets[start] :]
        for middle in range(first + 1, last):
            raw += self._blocks[middle].text
        raw += self._blocks[last].text[: self._offsets[end - 1] + 1]
        return Found(printed_text(raw), _part(block, self._offsets[start], len(block.text)))


def _has_any(text: str, choice: str) -> bool:
    """Whether one of the characters stands in the text; of no characters any text has one."""
    return choice in text if len(choice) < 2 else any(map(text.__contains__, choice))


_Span = tuple[str, int, int]  # text, first block, end


class _Lines:
    """The lines of a report, then neighbouring ones joined, as patterns look at them."""

    def __init__(self, text: ReportText) -> None:
        blocks = list(text.blocks)
        if text.title:
            blocks.append(TextBlock(text.title, ElementPlace(TITLE_PATH), 0))
        self._blocks = blocks
        self._squeezed = squeezed_texts([block.text[:MAX_LINE] for block in blocks])
        count = len(self._squeezed)
        self._likely: dict[Needs, tuple[Set[int], Set[int]]] = {(): (set(range(count)), set(range(count - 1)))}
        self._meeting: dict[Needs, list[_Span]] = {}  # patterns begin with the same needs, which few lines meet
        self._lines: dict[_Span, _Line] = {}
        self._matches: dict[str, list[tuple[_Line, re.Match[str]]]] = {}

    def matches(self, pattern: str) -> Sequence[tuple[_Line, re.Match[str]]]:
        """Where a pattern matches, in order; several pieces of metadata are looked for by the same patterns."""
        found = self._matches.get(pattern)
        if found is None:
            compiled, needs = _compiled(pattern)
            found = self._matches[pattern] = [
                (self._line(span), match) for span in self._that_meet(needs) for match in compiled.finditer(span[0])
            ]
        return found

    def _line(self, span: _Span) -> _Line:
        line = self._lines.get(span)
        if line is None:
            line = self._lines[span] = _Line(span[0], self._blocks[span[1] : span[2]])
        return line

    def _that_meet(self, needs: Needs) -> list[_Span]:
        """The lines that have what a pattern needs, in order, then neighbouring ones joined that have it."""
        found = self._meeting.get(needs)
        if found is None:
            for count in range(len(needs)):
                if needs[: count + 1] not in self._likely:
                    self._likely[needs[: count + 1]] = self._narrowed(*self._likely[needs[:count]], needs[count])
            at, starts = self._likely[needs]
            found = [(self._squeezed[index], index, index + 1) for index in sorted(at)]
            found += [span for span in self._joined(sorted(starts)) if all(_has_any(span[0], choice) for choice in needs)]
            self._meeting[needs] = found
        return found

    def _narrowed(self, at: Set[int], starts: Set[int], choice: str) -> tuple[Set[int], Set[int]]:
        """The lines that have one of the characters too, and the starts of neighbouring lines of which one has it."""
        near = at | {start + step for start in starts for step in range(WRAPPED_LINES)}
        having = {index for index in near if index < len(self._squeezed) and _has_any(self._squeezed[index], choice)}
        return at & having, starts & {index - step for index in having for step in range(WRAPPED_LINES)}

    def _joined(self, starts: Sequence[int]) -> Iterator[_Span]:
        """Neighbouring lines joined, from each of the starts."""
        squeezed = self._squeezed
        for index in starts:
            for count in (WRAPPED_LINES, 2):
                text = "".join(squeezed[index : index + count])
                if len(text) <= MAX_JOINED:
                    yield text, index, min(index + count, len(squeezed))
                    break


def printed_text(raw: str) -> str:
    """As printed, but for the white space that layout has put between ideographs."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", " ".join(raw.split()))


def _part(block: TextBlock, start: int, end: int) -> Place:
    if isinstance(block.place, TextPlace):
        column = block.place.column
        return TextPlace(block.place.line_number, column + start, column + end)
    return block.place


def report_text(document: Document, blocks: Sequence[TextBlock], *, is_first: bool) -> ReportText:
    """The text of a report; the declared title belongs to the document's first report only."""
    return ReportText(tuple(blocks), document.title if is_first else None)
