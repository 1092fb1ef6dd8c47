"""A page of pixels -> a Page with rules, its words, and what was recognised where. The order of the steps stands here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean, median

import numpy as np

from pipeline.model.reading import Reading
from pipeline.readers.pdf.lattice import Lattice, build_lattice, find_frames
from pipeline.readers.pdf.page import Box, Letters, Page, Rule, Turn
from pipeline.readers.pdf.rules import merge_rules
from pipeline.readers.pdf.words import Word
from pipeline.readers.scans import raster
from pipeline.readers.scans.decide import Pitch, decide, find_going_on, is_dusty, is_looked_at_twice, usual_pitch
from pipeline.readers.scans.pictures import Picture
from pipeline.readers.scans.raster import Marks, Pixels, Stroke
from pipeline.readers.scans.recognise import HEIGHT, Character, Recogniser
from pipeline.readers.scans.segments import Segment, find_segments, letter_height, without_dust
from pipeline.readers.scans.strays import find_numbers_beside_strays
from pipeline.readers.scans.worn import Band, Edge, find_new_lines, find_worn_lines, look_along

__all__ = ["MOST_MARKS", "PictureWords", "ReadWord", "read_picture"]

_LEAST_DPI, _MOST_DPI = 150.0, 300.0  # outside of these a page is made larger or smaller
_USUAL_DPI = 200.0
_POINTS = 72.0
_SAMPLE = 10  # stretches of text that tell whether a page stands upright
_OF_SAMPLE = 5  # one stretch in so many may be none: dirt, a stroke of a pen
_WIDE = 2.5  # of the line's height: a stretch of text
_NARROW = 0.25  # of the odds is lost where there is none: on a page that lies on its side every character stands alone
_LONGEST = 20.0  # of the line's height: so much of a stretch of text counts
_UPRIGHT = 0.93  # the mean odds of their characters when it does
MOST_MARKS = 40_000  # of ink on a page; a dense one has 5000
_LEAST_SKEW = 0.04  # degrees
_MOST_STROKES = 3  # of a mark
_MARK_CONFIDENCE = 0.995  # that one straight stroke is the mark it looks like
_WRITTEN_OVER = 0.9  # at most, where something pale goes over a number
_ASIDE = 6.0  # pixels by which a line may be off the side of a slot that it runs along
_SAME_END = 0.04  # inches by which lines that end at one place may be apart
_LEAST_ENDS = 2  # lines that reach to the border of a table
_ENDS = 0.2  # of its lines
_MOST_GOES = 4
_LONG_SIDE = 0.19  # inches
_REST = 0.5  # of that: what is missing of a line, and more, may be there in pieces
_WHOLE = 0.95  # of a side of a slot that a rule without gaps shows
_PALER = 45.0  # of 255 by which a rule that fades is paler than most
_THINNEST = 115.0  # of 255: a thin rule is so pale where it falls between two rows of pixels
_FRINGE = 2  # pixels around a mark that are its blurred edge
_LEAST_LEAN = 0.16  # across for each step up: a straight stroke alone that leans so is a slash


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A stretch of text with its box on the upright page, in points, and what was recognised."""

    box: Box
    reading: Reading


@dataclass(frozen=True, slots=True)
class PictureWords:
    """A page of rules only, its words, and the readings of the words, in the same order. Boxes are on the upright page, in points."""

    page: Page
    words: tuple[Word, ...]
    readings: tuple[ReadWord, ...]
    faint: tuple[Box, ...] = ()  # what may be a letter that has all but faded
    is_worn: bool = True  # some of its rules are pale or have gaps, so others may be gone
    is_overfull: bool = False  # more marks than a page of text can have: a photograph, or noise; nothing was read


@dataclass(frozen=True, slots=True)
class _Cleaned:
    """A page of pixels made upright and even: without rules for cutting, with its strokes."""

    lying: list[Stroke]
    standing: list[Stroke]
    clean: Pixels
    marks: Marks
    dpi: float
    degrees: float
    is_worn: bool

    @property
    def level(self) -> int:
        return self.marks.level


def read_picture(picture: Picture, number: int, recogniser: Recogniser) -> PictureWords:
    """Read one page. Places are in points on the page as displayed, `picture.dpi` pixels to 72 points."""
    height, width = picture.pixels.shape[:2]
    factor = _factor(picture.dpi)
    dpi = picture.dpi * factor
    grey = raster.without_dots(raster.without_stamps(raster.scale(picture.pixels, factor), dpi), dpi)
    grey = raster.without_holes(raster.without_edges(grey, dpi), dpi)
    quarters, cleaned, segments, first = _upright(grey, dpi, recogniser)
    shown = (width * _POINTS / picture.dpi, height * _POINTS / picture.dpi)
    size = shown if quarters % 2 == 0 else (shown[1], shown[0])
    turn = Turn((-quarters) % 4, shown[0], shown[1], cleaned.degrees)
    unit = _POINTS / cleaned.dpi
    page = Page(
        number,
        size[0],
        size[1],
        turn,
        Letters(),
        tuple(_rule(line, unit) for line in cleaned.lying),
        tuple(_rule(line, unit) for line in cleaned.standing),
    )
    first = _dusted(cleaned, segments, first, recogniser)
    second = _second_looks(cleaned, segments, first, recogniser)
    pitch = usual_pitch(segments, first)
    going_on = find_going_on(segments, first)
    faint = _faint_boxes(cleaned, unit)
    said = [
        _decided(cleaned, segment, characters, second.get(number_), pitch, goes_on=number_ in going_on)
        for number_, (segment, characters) in enumerate(zip(segments, first, strict=True))
    ]

    def look(others: Sequence[Segment]) -> list[Reading]:
        own = [_own_ink(cleaned.clean, segment) for segment in others]
        looks = [recogniser.read([_crop(ink, segment, again=again) for ink, segment in own]) for again in (False, True)]
        return [decide(segment, once, twice, pitch) for segment, once, twice in zip(others, *looks, strict=True)]

    without = find_numbers_beside_strays(segments, said, look)
    words = []
    readings = []
    for number_, found in enumerate(zip(segments, said, strict=True)):
        kept = without.get(number_, found)
        if kept is None:
            continue
        segment, reading = kept
        box = (segment.box[0] * unit, segment.box[1] * unit, segment.box[2] * unit, segment.box[3] * unit)
        if number_ in second and any(_overlap(box, other) for other in faint):
            reading = reading._replace(confidence=min(reading.confidence, _WRITTEN_OVER))
        words.append(Word(*_word_box(segment, unit), reading.text))
        readings.append(ReadWord(box, reading))
    return PictureWords(page, tuple(words), tuple(readings), faint, cleaned.is_worn, len(cleaned.marks.boxes) > MOST_MARKS)


def _own_ink(clean: Pixels, segment: Segment) -> tuple[Pixels, Segment]:
    """The marks of a segment on white, without specks and what is left of rules between and beside them; and the segment as it stands there."""
    x0, top, x1, bottom = (segment.box[0] - _FRINGE, segment.box[1] - _FRINGE, segment.box[2] + _FRINGE, segment.box[3] + _FRINGE)
    x0, top = max(0, x0), max(0, top)
    ink = np.full((bottom - top, x1 - x0), 255, np.uint8)
    for mark in segment.marks:
        rows = slice(max(top, mark[1] - _FRINGE), min(clean.shape[0], mark[3] + _FRINGE))
        cols = slice(max(x0, mark[0] - _FRINGE), min(clean.shape[1], mark[2] + _FRINGE))
        ink[rows.start - top : rows.stop - top, cols.start - x0 : cols.stop - x0] = clean[rows, cols]
    box = (segment.box[0] - x0, segment.box[1] - top, segment.box[2] - x0, segment.box[3] - top)
    return ink, replace(segment, box=box)


def _decided(
    cleaned: _Cleaned,
    segment: Segment,
    first: Sequence[Character],
    second: Sequence[Character] | None,
    pitch: Pitch,
    *,
    goes_on: bool,
) -> Reading:
    mark = _mark_text(cleaned, segment)
    return decide(segment, first, second, pitch, goes_on=goes_on) if mark is None else Reading(mark, _MARK_CONFIDENCE)


def _overlap(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _faint_boxes(cleaned: _Cleaned, unit: float) -> tuple[Box, ...]:
    """Boxes as high as letters of what is too pale to be read."""
    if not 0 < len(cleaned.marks.boxes) <= MOST_MARKS:
        return ()
    usual = letter_height(cleaned.marks, cleaned.dpi)
    boxes = raster.find_faint_marks(cleaned.clean, cleaned.level, cleaned.dpi).tolist()
    return tuple(
        (x0 * unit, top * unit, x1 * unit, bottom * unit)
        for x0, top, x1, bottom in boxes
        if 0.45 * usual <= bottom - top <= 1.5 * usual and 0.12 * usual <= x1 - x0 <= 8 * usual
    )


def _dusted(
    cleaned: _Cleaned, segments: list[Segment], first: Sequence[tuple[Character, ...]], recogniser: Recogniser
) -> list[tuple[Character, ...]]:
    """What the segments say when numbers with a speck of dust before or behind them are read without it; `segments` is changed so."""
    result = list(first)
    changed = []
    for index, segment in enumerate(segments):
        if segment.in_cell and is_dusty(first[index]):
            plain = without_dust(segment)
            if plain is not segment:
                segments[index] = plain
                changed.append(index)
    for index, found in zip(changed, recogniser.read([_crop(cleaned.clean, segments[index]) for index in changed]), strict=True):
        result[index] = found
    return result


def _second_looks(
    cleaned: _Cleaned, segments: Sequence[Segment], first: Sequence[tuple[Character, ...]], recogniser: Recogniser
) -> dict[int, tuple[Character, ...]]:
    """What the recogniser says of each number when it is shown again, framed and stretched otherwise; by the number of the segment."""
    wanted = [index for index, (segment, found) in enumerate(zip(segments, first, strict=True)) if is_looked_at_twice(segment, found)]
    found = recogniser.read([_crop(cleaned.clean, segments[index], again=True) for index in wanted])
    return dict(zip(wanted, found, strict=True))


def _factor(dpi: float) -> float:
    if dpi > _MOST_DPI:
        return _MOST_DPI / dpi
    return _USUAL_DPI / dpi if dpi < _LEAST_DPI else 1.0


def _rule(line: Stroke, unit: float) -> Rule:
    return Rule(line.at * unit, line.start * unit, line.end * unit, (line.high - line.low) * unit)


def _word_box(segment: Segment, unit: float) -> Box:
    """The box of a word as text has it: as high as its line's letters, so that a dash stands in the line it is of."""
    x0, top, x1, bottom = segment.box
    lack = max(0, segment.line_height - segment.height) / 2
    return (x0 * unit, (top - lack) * unit, x1 * unit, (bottom + lack) * unit)


def _upright(grey: Pixels, dpi: float, recogniser: Recogniser) -> tuple[int, _Cleaned, list[Segment], list[tuple[Character, ...]]]:
    """The page turned so that its words can be read: as it is, unless a sample of it reads badly; then the turn that reads best."""
    best: tuple[float, int, _Cleaned, list[Segment]] | None = None
    for quarters in (0, 1, 3, 2):
        cleaned = _clean(np.ascontiguousarray(np.rot90(grey, -quarters)), dpi)
        segments = _segments(cleaned)
        score, amount = _sample_score(cleaned, segments, recogniser)
        if best is None or amount > best[0]:
            best = (amount, quarters, cleaned, segments)
        if score >= _UPRIGHT or (quarters == 0 and not segments):
            break
    assert best is not None
    _, quarters, cleaned, segments = best
    return quarters, cleaned, segments, recogniser.read([_crop(cleaned.clean, segment) for segment in segments])


def _clean(grey: Pixels, dpi: float) -> _Cleaned:
    degrees = raster.find_skew(grey, dpi)
    if abs(degrees) >= _LEAST_SKEW:
        grey = raster.rotate(grey, degrees)
    else:
        degrees = 0.0
    flat = raster.flatten(grey, dpi)
    lying, standing = raster.find_strokes(flat, dpi)
    lying, standing = _with_worn(flat, lying, standing, dpi)
    clean = raster.erase(flat, lying, standing, dpi)
    is_worn = _are_worn(flat, _lattices(lying, standing, dpi), dpi)
    return _Cleaned(lying, standing, clean, raster.find_marks(clean, dpi), dpi, degrees, is_worn)


def _are_worn(flat: Pixels, lattices: Sequence[Lattice], dpi: float) -> bool:
    """Whether a side of a slot that has a line shows less of it than all, or a paler one than most do."""
    upright = np.ascontiguousarray(flat.T)
    shades: list[float] = []
    for lattice in lattices:
        for pixels, edges in zip((flat, upright), _drawn_edges(lattice), strict=True):
            for at, start, end in edges:
                seen = raster.shade_along(pixels, at, start, end, dpi)
                if seen is None:
                    continue
                shade, share = seen
                if share < _WHOLE:
                    return True
                shades.append(shade)
    return bool(shades) and max(shades) > max(_THINNEST, median(shades) + _PALER)


def _drawn_edges(lattice: Lattice) -> tuple[list[Edge], list[Edge]]:
    """The sides of slots that have a line, lying and standing ones."""
    xs, ys = [round(x) for x in lattice.xs], [round(y) for y in lattice.ys]
    slots = [(row, col) for row in range(lattice.row_count) for col in range(lattice.col_count)]
    lying = [(lattice.ys[row + 1], xs[col], xs[col + 1]) for row, col in slots if lattice.below[row][col]]
    standing = [(lattice.xs[col + 1], ys[row], ys[row + 1]) for row, col in slots if lattice.right[row][col]]
    return lying, standing


def _with_worn(flat: Pixels, lying: list[Stroke], standing: list[Stroke], dpi: float) -> tuple[list[Stroke], list[Stroke]]:
    """The lines with those that are told by where others run: whole ones, then pieces of lines that are known, slot by slot."""
    upright = np.ascontiguousarray(flat.T)
    lattices = _lattices(lying, standing, dpi)
    if not lattices:
        return lying, standing
    letters = raster.find_letters(raster.erase(flat, lying, standing, dpi), dpi)
    across, along = look_along(flat, letters, dpi), look_along(upright, np.ascontiguousarray(letters.T), dpi)
    standing = [*standing, *find_new_lines(along, [_band(lattice, turned=True) for lattice in lattices], dpi, with_bars=True)]
    lattices = _lattices(lying, standing, dpi)
    lying = [*lying, *find_new_lines(across, [_band(lattice, turned=False) for lattice in lattices], dpi, with_bars=False)]
    for _ in range(_MOST_GOES):
        lattices = _lattices(lying, standing, dpi)
        flat_edges, upright_edges = _open_edges(lattices)
        flat_ends, upright_ends = _open_ends(lattices, _LONG_SIDE * dpi)
        more = find_worn_lines(across, flat_ends, dpi) + raster.find_lost_lines(flat, flat_edges, dpi, beside_words=True)
        others = find_worn_lines(along, upright_ends, dpi) + raster.find_lost_lines(upright, upright_edges, dpi, beside_words=False)
        before = [(lattice.right, lattice.below) for lattice in lattices]
        lying, standing = lying + more, standing + others
        if [(lattice.right, lattice.below) for lattice in _lattices(lying, standing, dpi)] == before:
            break
    for lattice in _lattices(lying, standing, dpi):
        lying_before = lying
        lying = _without_overshoot(lying, standing, lattice.xs, lattice.ys, dpi)
        standing = _without_overshoot(standing, lying_before, lattice.ys, lattice.xs, dpi)
    lattices = _lattices(lying, standing, dpi)
    return lying + _rests(lattices, lying, turned=False), standing + _rests(lattices, standing, turned=True)


def _without_overshoot(
    lines: list[Stroke], crossing: Sequence[Stroke], ends: Sequence[float], places: Sequence[float], dpi: float
) -> list[Stroke]:
    """Lines cut off where a few of them reach beyond the last that cross them: a stroke of a pen begins there, or dirt. `ends`: the lines of the
    lattice that cross them, `places`: those that they run along."""
    near = _SAME_END * dpi
    own = [line for line in lines if places[0] - near <= line.at <= places[-1] + near and line.start < ends[-1] and line.end > ends[0]]
    few = max(_LEAST_ENDS, _ENDS * len({round(line.at / near) for line in own}))
    has_border = [any(abs(line.at - end) <= near and line.end > places[0] and line.start < places[-1] for line in crossing) for end in ends]
    low, high = ends[0], ends[-1]
    if not has_border[-1] and sum(line.end >= ends[-1] - near for line in own) < few:
        high = ends[-2]
    if not has_border[0] and sum(line.start <= ends[0] + near for line in own) < few:
        low = ends[1]
    if (low, high) == (ends[0], ends[-1]) or low >= high:
        return lines
    inner = set(map(id, own))
    cut = [
        replace(line, start=max(line.start, round(low)), end=min(line.end, round(high))) if id(line) in inner else line for line in lines
    ]
    return [line for line in cut if line.end > line.start]


def _band(lattice: Lattice, *, turned: bool) -> Band:
    """Where in a lattice new lines are looked for: lying ones, `turned` standing ones."""
    cuts, ats = (lattice.ys, lattice.xs) if turned else (lattice.xs, lattice.ys)
    return Band(cuts, ats[0], ats[-1], ats)


def _segments(cleaned: _Cleaned) -> list[Segment]:
    marks = cleaned.marks
    if not 0 < len(marks.boxes) <= MOST_MARKS:
        return []
    lattices = _lattices(cleaned.lying, cleaned.standing, cleaned.dpi)
    shape = (cleaned.clean.shape[0], cleaned.clean.shape[1])
    return find_segments(marks, lattices, cleaned.lying, cleaned.standing, shape, letter_height(marks, cleaned.dpi))


def _lattices(lying: Sequence[Stroke], standing: Sequence[Stroke], dpi: float) -> list[Lattice]:
    """The lattices that lines make, in pixels. Frames are told in points, for the tolerances of PDFs to hold."""
    unit = _POINTS / dpi
    frames = find_frames(merge_rules([_rule(line, unit) for line in lying]), merge_rules([_rule(line, unit) for line in standing]))
    lattices = [build_lattice(frame) for frame in frames]
    return [_in_pixels(lattice, 1 / unit) for lattice in lattices if lattice is not None]


def _open_edges(lattices: Sequence[Lattice]) -> tuple[list[Edge], list[Edge]]:
    """The sides of slots where no line was found, lying and standing ones, and the whole upper and left border: a line may be there, too pale
    or too broken to be seen by itself."""
    lying: list[Edge] = []
    standing: list[Edge] = []
    for lattice in lattices:
        xs, ys = [round(x) for x in lattice.xs], [round(y) for y in lattice.ys]
        lying += [(lattice.ys[0], start, end) for start, end in pairwise(xs)]
        standing += [(lattice.xs[0], start, end) for start, end in pairwise(ys)]
        for row in range(lattice.row_count):
            for col in range(lattice.col_count):
                if not lattice.below[row][col]:
                    lying.append((lattice.ys[row + 1], xs[col], xs[col + 1]))
                if not lattice.right[row][col]:
                    standing.append((lattice.xs[col + 1], ys[row], ys[row + 1]))
    return lying, standing


def _open_ends(lattices: Sequence[Lattice], room: float) -> tuple[list[Edge], list[Edge]]:
    """Of the sides of slots where no line was found those that a line runs up to from the next slot, those of at least some length (no letter
    is so long), and all of the border."""
    lying: list[Edge] = []
    standing: list[Edge] = []
    for lattice in lattices:
        xs, ys = [round(x) for x in lattice.xs], [round(y) for y in lattice.ys]
        rows, cols = lattice.row_count, lattice.col_count
        lying += [(lattice.ys[0], start, end) for start, end in pairwise(xs)]
        standing += [(lattice.xs[0], start, end) for start, end in pairwise(ys)]
        for row in range(rows):
            own = lattice.below[row]
            beside = [row + 1 == rows or xs[col + 1] - xs[col] >= room or any(own[max(0, col - 1) : col + 2]) for col in range(cols)]
            lying += [(lattice.ys[row + 1], xs[col], xs[col + 1]) for col in range(cols) if beside[col] and not own[col]]
        for col in range(cols):
            side = [lattice.right[row][col] for row in range(rows)]
            beside = [col + 1 == cols or ys[row + 1] - ys[row] >= room or any(side[max(0, row - 1) : row + 2]) for row in range(rows)]
            standing += [(lattice.xs[col + 1], ys[row], ys[row + 1]) for row in range(rows) if beside[row] and not side[row]]
    return lying, standing


def _rests(lattices: Sequence[Lattice], lines: Sequence[Stroke], *, turned: bool) -> list[Stroke]:
    """Lines over the sides of slots that lines run along in part: what is left there in pieces is of them."""
    edges: list[Edge] = []
    for lattice in lattices:
        xs, ys = [round(x) for x in lattice.xs], [round(y) for y in lattice.ys]
        for row in range(lattice.row_count):
            for col in range(lattice.col_count):
                if turned and lattice.right[row][col]:
                    edges.append((lattice.xs[col + 1], ys[row], ys[row + 1]))
                elif not turned and lattice.below[row][col]:
                    edges.append((lattice.ys[row + 1], xs[col], xs[col + 1]))
    ordered = sorted(lines, key=lambda line: line.at)
    places = [line.at for line in ordered]
    found = []
    for at, start, end in edges:
        near = [
            line
            for line in ordered[bisect_left(places, at - _ASIDE) : bisect_right(places, at + _ASIDE)]
            if line.start < end and line.end > start
        ]
        missing = _missing(start, end, near)
        if near and missing > _REST * _ASIDE:
            longest = max(near, key=lambda line: min(line.end, end) - max(line.start, start))
            found.append(replace(longest, start=start, end=end))
    return found


def _missing(start: int, end: int, lines: Sequence[Stroke]) -> int:
    """How much of a stretch no line runs along."""
    missing, reach = 0, start
    for line in sorted(lines, key=lambda item: item.start):
        missing += max(0, min(line.start, end) - reach)
        reach = max(reach, line.end)
    return missing + max(0, end - reach)


def _in_pixels(lattice: Lattice, factor: float) -> Lattice:
    return replace(lattice, xs=tuple(x * factor for x in lattice.xs), ys=tuple(y * factor for y in lattice.ys))


def _mark_text(cleaned: _Cleaned, segment: Segment) -> str | None:
    """Marks that are straight strokes, alone: a slash or a dash, which the recogniser takes for a 1, an I or a 一."""
    if len(segment.marks) > _MOST_STROKES:
        return None
    leans = [raster.plain_stroke(cleaned.clean, mark, cleaned.level) for mark in segment.marks]
    if all(lean is not None and lean > 100 for lean in leans) and segment.height <= 0.35 * segment.line_height:
        return "-" if segment.width < 0.8 * segment.line_height else "—"
    if len(leans) == 1 and leans[0] is not None and _LEAST_LEAN <= leans[0] < 100:
        return "/"
    return None


def _sample_score(cleaned: _Cleaned, segments: Sequence[Segment], recogniser: Recogniser) -> tuple[float, float]:
    """How well the longer stretches of text read as the page stands: the mean odds of their characters, and how much text that is. What a page
    says in long lines counts for more than what it says in short ones: words set upright in narrow cells read well on a page that lies."""
    long = sorted(segments, key=lambda segment: (-min(segment.width, 12 * segment.line_height), segment.box[1]))
    step = max(1, min(len(long), 3 * _SAMPLE) // _SAMPLE)
    sample = long[: 3 * _SAMPLE : step]
    crops = []
    for segment in sample:
        x0, top, x1, bottom = segment.box
        shorter = replace(segment, box=(x0, top, min(x1, x0 + 8 * segment.line_height), bottom))
        crops.append(_crop(cleaned.clean, shorter))
    texts = [[character.odds for character in characters] for characters in recogniser.read(crops)]
    odds = [odd for text in texts for odd in text]
    if not odds:
        return 0.0, 0.0
    widths = [min(segment.width / segment.line_height, _LONGEST) for segment in sample]
    amount = sum(width * fmean(text) ** 2 for width, text in zip(widths, texts, strict=True) if text)
    kept = sorted(texts, key=lambda text: fmean(text) if text else 0.0)[len(texts) // _OF_SAMPLE :]
    odds = [odd for text in kept for odd in text]
    share = 1 - _NARROW + _NARROW * sum(segment.width >= _WIDE * segment.line_height for segment in sample) / len(sample)
    return share * fmean(odds), share * amount


def _crop(clean: Pixels, segment: Segment, *, again: bool = False) -> Pixels:
    """A stretch of text as the recogniser wants it. `again`: the same ink framed and stretched otherwise, for a second look."""
    x0, top, x1, bottom = segment.box
    height = max(segment.height, round(0.7 * segment.line_height))
    around, beside, stretch = (0.34, 0.6, 1.2) if again else (0.2, 0.4, 1.0)
    middle = (top + bottom) / 2
    half = height * (0.5 + around)
    return raster.crop_line(clean, (x0 - beside * height, middle - half, x1 + beside * height, middle + half), HEIGHT, stretch)
