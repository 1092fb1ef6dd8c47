"""Is a page without a readable table of a form still a report of it? Its title says so, and its headings or the words run together in it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.forms.alignment import Alignment
from pipeline.forms.placing import place_nothing
from pipeline.forms.stations import FormLayout
from pipeline.forms.tokens import Tokens

__all__ = ["find_report_without_tables"]

MIN_HEADINGS = 2
MAX_HEADING = 50
MIN_TABLE_NUMBERS = 20
MAX_TEXT = 400_000  # characters that are looked through


def find_report_without_tables(layouts: Sequence[FormLayout], tokens: Tokens) -> Alignment | None:
    """The form whose headings and labels the text names most often, as a report with nothing read; None when it names too few headings.

    Where two forms are named alike the later one listed is taken: the report is flagged in any case.
    """
    best: tuple[int, Alignment] | None = None
    folded: dict[int, str] = {}  # the text, by the words of the forms
    for layout in layouts:
        if id(layout.words) not in folded:
            folded[id(layout.words)] = _folded_text(layout, tokens)
        text = folded[id(layout.words)]
        named = {
            station.text for station in layout.stations if any(len(label.body) >= 4 and label.body in text for label in station.labels)
        }
        captions = {station.table for station in layout.stations if station.kind == "caption" and station.text in named}
        headings = len(captions)
        if not _has_tables(layout, tokens):
            headings += _narrative_headings(layout, tokens)
        if headings >= MIN_HEADINGS and (best is None or len(named) >= best[0]):
            alignment = Alignment(layout, [], captions=captions, first=0, end=len(tokens))
            best = (len(named), alignment)
    if best is None:
        return None
    place_nothing(best[1])
    return best[1]


def _has_tables(layout: FormLayout, tokens: Tokens) -> bool:
    """Whether the page prints numbers as tables do: then its tables are there, and they are not this form's."""
    return sum(1 for reading in tokens.read(layout.numbers) if reading.kind == "number") >= MIN_TABLE_NUMBERS


def _narrative_headings(layout: FormLayout, tokens: Tokens) -> int:
    """How many prose sections of the form have their heading on a line of its own."""
    keys = {layout.folder.fold(text).body: section.key for section in layout.form.narrative for text in section.headings.texts}
    printed = {layout.folder.fold(token.text).body for token in tokens.items if len(token.text) <= MAX_HEADING}
    return len({keys[body] for body in printed & keys.keys()})


def _folded_text(layout: FormLayout, tokens: Tokens) -> str:
    parts = []
    size = 0
    for token in tokens.items:
        size += len(token.text)
        if size > MAX_TEXT:
            break
        parts.append(layout.folder.fold_text(token.text))
    return "".join(parts)
