"""The pictures that stand in a document -> blocks in their places, as the pages of a scan are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from pipeline.errors import SourceError
from pipeline.model.document import Block, Document, EmbeddedPicture, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import PagePlace, Place
from pipeline.model.reading import Reading
from pipeline.readers.pdf.assembly import Assembly
from pipeline.readers.scans.pictures import Picture, open_embedded
from pipeline.readers.scans.read import add_picture

__all__ = ["read_embedded_pictures"]


def read_embedded_pictures(document: Document, limits: Limits) -> Document:
    """Read every picture large enough to show a table, `limits.max_scanned_pages` pages at most. Their places are boxes of the page that they stand
    on; where a document has no pages, of pages counted from 1 over the pictures that were read: a finding says which stands where. Tables
    that go on from one picture to the next are one.
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
        self._spots: dict[int, PagePlace] = {}  # where on a page a picture stands, by its own number

    def read(self, pictures: Iterable[EmbeddedPicture]) -> tuple[Block, ...]:
        """The blocks of pictures between which nothing stands."""
        assembly = Assembly()
        readings: dict[Place, Reading] = {}
        for picture in pictures:
            for page in self._pages(picture):
                if self._count >= self._limits.max_scanned_pages:
                    self.left_out += 1
                    continue
                self._count += 1
                if isinstance(picture.place, PagePlace):
                    x0, _, x1, _ = picture.place.box
                    page = replace(page, dpi=page.pixels.shape[1] * 72 / (x1 - x0))
                    self._spots[self._count] = picture.place
                said = add_picture(page, self._count, assembly, readings)
                self._say(said, picture.place)
        blocks = assembly.finish()
        self._say(assembly.findings)
        self.readings.update((self._placed(place), reading) for place, reading in readings.items())
        return tuple(map(self._moved, blocks)) if self._spots else blocks

    def _say(self, findings: Iterable[Finding], *places: Place) -> None:
        self.findings += [
            replace(finding, places=tuple(dict.fromkeys((*places, *map(self._placed, finding.places))))) for finding in findings
        ]

    def _placed(self, place: Place) -> Place:
        """The place of what is printed on a picture: on the page where the picture stands, if it stands on one."""
        spot = self._spots.get(place.page_number) if isinstance(place, PagePlace) else None
        if spot is None or not isinstance(place, PagePlace):
            return place
        left, above = spot.box[:2]
        x0, top, x1, bottom = place.box
        return PagePlace(spot.page_number, (round(x0 + left, 2), round(top + above, 2), round(x1 + left, 2), round(bottom + above, 2)))

    def _moved(self, block: Block) -> Block:
        if isinstance(block, TextBlock):
            return block._replace(place=self._placed(block.place))
        rows = tuple(replace(row, cells=tuple(cell._replace(place=self._placed(cell.place)) for cell in row.cells)) for row in block.rows)
        place = None if block.place is None else self._placed(block.place)
        return replace(block, rows=rows, place=place, page_number=place.page_number if isinstance(place, PagePlace) else block.page_number)

    def _pages(self, picture: EmbeddedPicture) -> list[Picture]:
        try:
            return open_embedded(picture.load(), self._limits)
        except SourceError as error:
            self.findings.append(make_finding("page-image", f"a picture was not read: {error}", places=(picture.place,)))
            return []
