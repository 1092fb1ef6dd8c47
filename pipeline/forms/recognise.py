"""Is a page without a readable table of a form still a report of it? Its title says so, and its headings or the words run together in it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.forms.align import Alignment, place_nothing
from pipeline.forms.stations import FormLayout
from pipeline.forms.tokens import Tokens

__all__ = ["find_report_without_tables"]

MIN_CAPTIONS = 2
MAX_TEXT = 400_000  # characters that are looked through


def find_report_without_tables(layouts: Sequence[FormLayout], tokens: Tokens) -> Alignment | None:
    """The form whose headings and labels the text names most often, as a report with nothing read; None when it names no table heading.

    Where two forms are named alike the later one listed is taken: the report is flagged in any case.
    """
    best: tuple[int, Alignment] | None = None
    for layout in layouts:
        text = _folded_text(layout, tokens)
        named = {
            station.text for station in layout.stations if any(len(label.body) >= 4 and label.body in text for label in station.labels)
        }
        captions = {station.table for station in layout.stations if station.kind == "caption" and station.text in named}
        if len(captions) >= min(MIN_CAPTIONS, len(layout.form.tables)) and (best is None or len(named) >= best[0]):
            alignment = Alignment(layout, [], captions=captions, first=0, end=len(tokens))
            best = (len(named), alignment)
    if best is None:
        return None
    place_nothing(best[1])
    return best[1]


def _folded_text(layout: FormLayout, tokens: Tokens) -> str:
    parts = []
    size = 0
    for token in tokens.items:
        size += len(token.text)
        if size > MAX_TEXT:
            break
        parts.append(layout.folder.fold_text(token.text))
    return "".join(parts)
