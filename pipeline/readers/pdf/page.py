"""What is on one page, in points from the top left of the page as a reader holds it: letters, rules, filled areas, images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.model.place import PagePlace

__all__ = ["Box", "Fill", "Letters", "Page", "Rule", "Turn", "hull"]

Box = tuple[float, float, float, float]  # x0, top, x1, bottom


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line along an axis, however it was drawn: `at` is its y when it lies, its x when it stands; it runs from `start` to `end`."""

    at: float
    start: float
    end: float
    thickness: float = 0.0


@dataclass(frozen=True, slots=True)
class Fill:
    """A filled rectangle; areas of equal `colour` that touch are seen as one."""

    box: Box
    colour: int


@dataclass(frozen=True, slots=True)
class Letters:
    """The characters of a page in the order of its content, one list for each fact. A blank between words has no letter.

    `breaks[i]`: a blank stands before letter i; `made_up_breaks[i]`: it was not printed, pdfium tells it from the gap. `printed[i]`: where letter i
    is printed, when that is not where it is read.
    """

    texts: tuple[str, ...] = ()
    x0: tuple[float, ...] = ()
    top: tuple[float, ...] = ()
    x1: tuple[float, ...] = ()
    bottom: tuple[float, ...] = ()
    breaks: tuple[bool, ...] = ()
    made_up_breaks: tuple[bool, ...] = ()
    printed: Mapping[int, Box] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """From the upright reading position of a page to the page as displayed: clockwise quarter turns yet to be made, sizes as displayed.

    `lean`: by how many degrees, beside that, the page was turned clockwise about its middle to stand upright, as scanned pages are.
    """

    quarters: int
    width: float
    height: float
    lean: float = 0.0

    def place(self, page_number: int, box: Box) -> PagePlace:
        """The place of a box, on the page as displayed, to a hundredth of a point."""
        x0, top, x1, bottom = box
        if self.lean:
            x0, top, x1, bottom = self._leaning(box)
        if self.quarters == 1:
            x0, top, x1, bottom = self.width - bottom, x0, self.width - top, x1
        elif self.quarters == 2:
            x0, top, x1, bottom = self.width - x1, self.height - bottom, self.width - x0, self.height - top
        elif self.quarters == 3:
            x0, top, x1, bottom = top, self.height - x1, bottom, self.height - x0
        return PagePlace(page_number, (round(x0, 2), round(top, 2), round(x1, 2), round(bottom, 2)))

    def _leaning(self, box: Box) -> Box:
        """A box where it stands on the page as scanned: its corners turned back about the page's middle, and what is around them."""
        width, height = (self.width, self.height) if self.quarters % 2 == 0 else (self.height, self.width)
        cos, sin = math.cos(math.radians(self.lean)), math.sin(math.radians(self.lean))
        corners = [
            (width / 2 + dx * cos + dy * sin, height / 2 - dx * sin + dy * cos)
            for x in (box[0], box[2])
            for y in (box[1], box[3])
            for dx, dy in ((x - width / 2, y - height / 2),)
        ]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return (max(0.0, min(xs)), max(0.0, min(ys)), min(width, max(xs)), min(height, max(ys)))


@dataclass(frozen=True, slots=True)
class Page:
    """One page, upright: letters, lying and standing rules, filled rectangles, boxes of images and other drawing. Sizes in points."""

    number: int
    width: float
    height: float
    turn: Turn
    letters: Letters
    lying: tuple[Rule, ...] = ()
    standing: tuple[Rule, ...] = ()
    fills: tuple[Fill, ...] = ()
    images: tuple[Box, ...] = ()
    strokes: tuple[Box, ...] = ()  # of slanting and curved drawing: charts, maps, logos
    unmapped_count: int = 0  # letters whose font does not say which character they are
    rules_dropped: bool = False  # more drawing on the page than the limits allow; its rules were not read
    hidden_text: bool = False  # most of its text is not drawn: somebody's reading of the picture above it
    is_picture: bool = False  # what it shows can only be read as a picture


def hull(boxes: list[Box]) -> Box:
    """The smallest box around some; ValueError for none."""
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
