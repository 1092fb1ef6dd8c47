"""The pictures that stand in a document -> blocks in their places, as the pages of a scan are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from pipeline.errors import SourceError
from pipeline.model.document import Block, Document, EmbeddedPicture
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import Place
from pipeline.model.reading import Reading
from pipeline.readers.pdf.assembly import Assembly
from pipeline.readers.scans.pictures import Picture, open_embedded
from pipeline.readers.scans.read import add_picture

__all__ = ["read_embedded_pictures"]


def read_embedded_pictures(document: Document, limits: Limits) -> Document:
    """Read every picture large enough to show a table, `limits.max_scanned_pages` pages at most. Their places are boxes of pages, counted from 1 over
    the pictures that were read; a finding says which page stands where. Tables that go on from one picture to the next are one.
    """
    reader = _Reader(limits)
    blocks: list[Block] = []
    done = 0
    for after, pictures in groupby(document.pictures, key=attrgetter("after")):
        blocks += document.blocks[done:after]
        done = after
        blocks += reader.read(pictures)
    blocks += document.blocks[done:]
    if reader.left_out:
        message = f"{reader.left_out} pages of pictures in the document were not read (max_scanned_pages = {limits.max_scanned_pages})"
        reader.findings.append(make_finding("limit-exceeded", message))
    return replace(
        document,
        blocks=tuple(blocks),
        findings=(*document.findings, *reader.findings),
        readings={**document.readings, **reader.readings},
        pictures=(),
    )


class _Reader:
    """Reads pictures one after the other; what there is to say of them gathers here."""

    def __init__(self, limits: Limits) -> None:
        self.findings: list[Finding] = []
        self.readings: dict[Place, Reading] = {}
        self.left_out = 0
        self._limits = limits
        self._count = 0

    def read(self, pictures: Iterable[EmbeddedPicture]) -> tuple[Block, ...]:
        """The blocks of pictures between which nothing stands."""
        assembly = Assembly()
        for picture in pictures:
            for page in self._pages(picture):
                if self._count >= self._limits.max_scanned_pages:
                    self.left_out += 1
                    continue
                self._count += 1
                said = add_picture(page, self._count, assembly, self.readings)
                assembly.findings += [replace(finding, places=(picture.place, *finding.places)) for finding in said]
        blocks = assembly.finish()
        self.findings += assembly.findings
        return blocks

    def _pages(self, picture: EmbeddedPicture) -> list[Picture]:
        try:
            return open_embedded(picture.load(), self._limits)
        except SourceError as error:
            self.findings.append(make_finding("page-image", f"a picture was not read: {error}", places=(picture.place,)))
            return []
