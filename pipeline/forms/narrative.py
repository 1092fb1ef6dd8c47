"""The prose sections of a report: the text between the headings that the form names."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.forms.stations import FormLayout
from pipeline.model.document import TextBlock

__all__ = ["find_narrative"]

MAX_HEADING = 50


def find_narrative(layout: FormLayout, blocks: Sequence[TextBlock]) -> dict[str, str]:
    """Plain text by section key, blocks joined by line breaks, without the heading. Sections that are not printed are not in it.

    A section ends at the next heading of a section or a table. A heading in a table of contents has no text behind it and is passed over.
    """
    keys = _heading_keys(layout)
    is_foreign, fold = layout.words.is_foreign, layout.folder.fold
    sections: dict[str, list[str]] = {}
    current: str | None = None
    for block in blocks:
        text = block.text
        if len(text) <= MAX_HEADING and not is_foreign(text):
            folded = fold(text)
            heading = keys.get(folded.body, keys.get(folded.core))
            if heading is not None:
                current = heading or None
                continue
        if current is not None:
            sections.setdefault(current, []).append(text)
    return {key: "\n".join(parts) for key, parts in sections.items()}


def _heading_keys(layout: FormLayout) -> dict[str, str]:
    """Folded heading -> section key; "" for headings of tables, which end a section."""
    keys: dict[str, str] = {}
    for station in layout.stations:
        if station.kind == "caption":
            for label in station.labels:
                keys.setdefault(label.body, "")
    for section in layout.form.narrative:
        for text in section.headings.texts:
            keys[layout.folder.fold(text).body] = section.key
    return keys
