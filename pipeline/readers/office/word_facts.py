"""What there is to say of a Word document that its text does not show, gathered while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.model.finding import Finding, make_finding
from pipeline.model.place import WordPlace

__all__ = ["WordFacts"]

_MAX_PLACES = 10  # shown in one finding


@dataclass(slots=True)
class WordFacts:
    """Counts and places. `struck` is what is said of the limit that ended the reading; `covered` are texts under a merged cell."""

    struck: str = ""
    insertions: int = 0
    deletions: int = 0
    hidden: int = 0
    struck_out: int = 0
    embedded: int = 0
    clamped_spans: int = 0
    note_marks: list[tuple[WordPlace | None, str]] = field(default_factory=list)
    covered: list[WordPlace] = field(default_factory=list)

    def findings(self) -> Iterator[Finding]:
        """The findings, in a fixed order."""
        if self.struck:
            yield make_finding("limit-exceeded", self.struck)
        if self.insertions or self.deletions:
            yield make_finding(
                "tracked-changes",
                f"tracked changes were accepted: {self.insertions} insertions are read, {self.deletions} deleted pieces are left out",
            )
        if self.hidden or self.covered:
            yield make_finding(
                "hidden-text",
                f"{self.hidden + len(self.covered)} pieces of text that Word does not show were left out",
                places=tuple(self.covered[:_MAX_PLACES]),
            )
        if self.struck_out:
            yield make_finding("struck-text", f"{self.struck_out} pieces of text that are struck out were left out")
        if self.note_marks:
            marks = ", ".join(mark for _, mark in self.note_marks[:_MAX_PLACES]) + (" ..." if len(self.note_marks) > _MAX_PLACES else "")
            yield make_finding(
                "note-mark",
                f"{len(self.note_marks)} note marks in cells are left out of their text: {marks}",
                places=tuple(place for place, _ in self.note_marks[:_MAX_PLACES] if place is not None),
            )
        if self.clamped_spans:
            yield make_finding("span-clamped", f"{self.clamped_spans} spans are larger than a Word table can have and were cut")
        if self.embedded:
            yield make_finding(
                "embedded-document",
                f"{self.embedded} documents are embedded in this one (a worksheet, say) and show as pictures; they were not read",
            )
