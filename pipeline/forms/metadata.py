"""Title, agency, year and period of a report, by the form's own patterns over folded text, given back as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model.document import Document, TextBlock
from pipeline.model.form import Form
from pipeline.model.place import Place, TextPlace
from pipeline.values.dates import read_year
from pipeline.values.fold import squeeze

__all__ = ["Found", "ReportText", "find_metadata", "report_text"]

MAX_LINE = 4000  # patterns are tried on the start of longer paragraphs only
WRAPPED_LINES = 3  # a title may be wrapped over so many lines


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
    """What the patterns find, by pointer: /title, /agency, /year, /period/start, /period/end. The first pattern that matches anywhere wins."""
    found: dict[str, Found] = {}
    lines = list(_lines(text))
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
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _first(
    patterns: Sequence[str], lines: Sequence[_Line], group: str, *, is_year: bool = False
) -> dict[str, Found] | None:
    for pattern in patterns:
        compiled = _compiled(pattern)
        for line in lines:
            for match in compiled.finditer(line.folded):
                if not match.groupdict().get(group):
                    continue
                if is_year and read_year(line.found(*match.span(group)).raw) is None:
                    continue
                return {name: line.found(*match.span(name)) for name, value in match.groupdict().items() if value}
    return None


@dataclass(frozen=True, slots=True)
class _Line:
    """Squeezed text of one line, or of a few joined ones, with the way back to each."""

    folded: str
    offsets: tuple[int, ...]
    owner: tuple[int, ...]  # per character: which of `blocks` it is of
    blocks: tuple[TextBlock, ...]

    def found(self, start: int, end: int) -> Found:
        first, last = self.owner[start], self.owner[end - 1]
        if first == last:
            block = self.blocks[first]
            begin, stop = self.offsets[start], self.offsets[end - 1] + 1
            return Found(_printed(block.text[begin:stop]), _part(block, begin, stop))
        raw = self.blocks[first].text[self.offsets[start] :]
        for middle in range(first + 1, last):
            raw += self.blocks[middle].text
        raw += self.blocks[last].text[: self.offsets[end - 1] + 1]
        block = self.blocks[first]
        return Found(_printed(raw), _part(block, self.offsets[start], len(block.text)))


def _printed(raw: str) -> str:
    """As printed, but for the white space that layout has put between ideographs."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", " ".join(raw.split()))


def _part(block: TextBlock, start: int, end: int) -> Place:
    if isinstance(block.place, TextPlace):
        column = block.place.column
        return TextPlace(block.place.line_number, column + start, column + end)
    return block.place


def _lines(text: ReportText) -> Iterator[_Line]:
    blocks = list(text.blocks)
    if text.title and blocks:
        blocks.insert(0, TextBlock(text.title, blocks[0].place, 0))
    squeezed = [squeeze(block.text[:MAX_LINE]) for block in blocks]
    for index, item in enumerate(squeezed):
        yield _Line(item.text, item.offsets, (0,) * len(item.text), (blocks[index],))
    for index in range(len(blocks) - 1):
        group = range(index, min(index + WRAPPED_LINES, len(blocks)))
        parts = [squeezed[i] for i in group]
        if sum(len(part.text) for part in parts) > 400:
            parts = parts[:2]
            if sum(len(part.text) for part in parts) > 400:
                continue
        yield _Line(
            "".join(part.text for part in parts),
            tuple(offset for part in parts for offset in part.offsets),
            tuple(number for number, part in enumerate(parts) for _ in part.offsets),
            tuple(blocks[i] for i in list(group)[: len(parts)]),
        )


def report_text(document: Document, blocks: Sequence[TextBlock], *, is_first: bool) -> ReportText:
    """The text of a report; the declared title belongs to the document's first report only."""
    return ReportText(tuple(blocks), document.title if is_first else None)
