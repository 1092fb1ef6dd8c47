"""Pixels -> an upright grey page, its ink without stamps, its rules, and the boxes of its marks. The one module that knows OpenCV.

Lengths are pixels of the picture that is handed in; `dpi` turns inches into them. Nothing here knows a letter or a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Marks",
    "Pixels",
    "Stroke",
    "blur",
    "crop_line",
    "erase",
    "find_faint_marks",
    "find_letters",
    "find_lost_lines",
    "find_marks",
    "find_skew",
    "find_strokes",
    "flatten",
    "group_near",
    "plain_stroke",
    "rotate",
    "scale",
    "shade_along",
    "widened",
    "without_dots",
    "without_edges",
    "without_holes",
    "without_stamps",
]

cv2.setNumThreads(1)  # parallel work is over documents

Pixels = NDArray[np.uint8]  # (height, width), 0 black; or (height, width, 3), RGB

_WHITE = 245  # of 255: what paper is made to be
_RED_AHEAD = 40  # of 255 by which red must be ahead of the other colours to be a seal's
_STAMP_SIDE = 0.55  # inches: smaller red things are words
_STAMP_SHAPE = 2.2  # a seal is no longer than that times its height
_BLUE_AHEAD = 30  # of 255 by which blue must be ahead of the other colours to be a pen's
_BLUE_EDGE = 8  # the same at the edges of its strokes
_PEN_INK = 0.06  # inches: the side of a square as large as the least that a pen has written
_PEN_SIDE = 0.45  # inches: smaller blue things are words
_PEN_FILLED = 0.3  # of its box: strokes fill less
_PEN_GAP = 0.045  # inches: rules part its strokes, being black
_PEN_STRAIGHT = 0.4  # inches
_PEN_LINED = 0.5  # of its ink that may run so straight along an axis
_PEN_PALE = 0.9  # of the paper's light
_STRIP = 0.025  # inches: rules are thinner
_STRIP_LENGTH = 0.4  # inches
_STRIP_DEPTH = 0.45  # inches: nothing further from the side is of one
_STRIP_DARK = 0.6  # of the paper's light
_HOLE = (0.15, 0.32)  # inches across
_HOLE_DPI = 100
_HOLE_DARK = 0.72  # of the paper's light
_HOLE_FILLED = 0.7  # of its box
_HOLE_MARGIN = 1.0  # inches from the side of the page
_SKEW_DPI = 100
_MOST_SKEW = 5.0  # degrees
_STAIN = 226  # of 255: what is darker is not paper
_BESIDE = 0.07  # of a short line that may have ink at a side
_LONGER = 0.2  # inches: few letters are that high
_BESIDE_LONGER = 0.2  # of a piece that long that has ink at a side when it is one's all the same
_TAIL = 0.3  # inches: a longer piece beyond the last line that crosses is no letter's
_OF_TAIL = 0.25  # of it has ink at a side when it is
_HIGHER = 1.3  # of the letter height: no stroke of a letter is that long
_LEAST_OF_LETTER = 0.5  # of the letter height: a stroke as long is a figure's
_EDGE = 2  # pixels: the blurred edge of a line
_ALL_HIGHER = 0.8  # the same of what goes beyond a line that crosses
_FRINGE = 110  # of 255: what is lighter beside a line is its blurred edge
_FAINT = 5  # of 255: a line so much darker than its sides, on the mean of a stretch of it, is one
_LYING_COVERED = 0.6  # of a pale line that must be seen: words stand on it, and hide it there
_STANDING_COVERED = 0.94  # words stand beside these; letters of one column are as straight, but end before the rows do
_LIGHT = 232  # of 255: paper beside a line
_PALEST = 2.5  # of 255 by which the middle of the columns of a line must be darker than its sides
_TILE = 0.07  # inches
_DARK = 140  # of 255: what is darker is told by its darkness
_TWO_LEVELS = 0.005  # of a page: with fewer pixels between black and white it is of these two
_SOFT = 0.004  # inches
_MOST_PIECES = 20_000  # of lines on a page; a page with more is a picture


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight dark line along an axis: `at` its middle across, from `start` to `end` along it, `low` to `high` its extent across."""

    at: float
    start: int
    end: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Marks:
    """The connected pieces of ink: one row each in `boxes` (x0, top, x1, bottom), and how many pixels each has."""

    boxes: NDArray[np.int32]
    areas: NDArray[np.int32]
    level: int  # of grey: what is darker is ink


def scale(pixels: Pixels, factor: float) -> Pixels:
    """The picture that many times as large."""
    if factor == 1.0:
        return pixels
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
    return _own(cv2.resize(pixels, size, interpolation=how))


def blur(pixels: Pixels, along: int, across: int) -> Pixels:
    """The mean of so many pixels along the rows and across them."""
    return _own(cv2.blur(pixels, (along, across)))


def without_dots(grey: Pixels, dpi: float) -> Pixels:
    """A page of black and white made soft, so that pale ink, which is dots there, is pale again; others as they are."""
    sample = grey[::3, ::3]
    if np.count_nonzero((sample > 8) & (sample < 247)) > _TWO_LEVELS * sample.size:
        return grey
    return _own(cv2.GaussianBlur(grey, (0, 0), _SOFT * dpi))


def without_edges(grey: Pixels, dpi: float) -> Pixels:
    """The page with the dark strips along its sides made as light as the paper: the open lid of a copier, what lay beside the paper. A strip begins
    at the side, is longer than letters, and somewhere thicker than a rule: a picture may be cut right at the border of a table."""
    paper = int(np.percentile(grey[::7, ::7], 75))
    thick, long, deep = max(3, round(_STRIP * dpi)), max(9, round(_STRIP_LENGTH * dpi)) | 1, round(_STRIP_DEPTH * dpi)
    if min(grey.shape) < 4 * deep:
        return grey
    dark = (grey < _STRIP_DARK * paper).astype(np.uint8)
    dark[deep:-deep, deep:-deep] = 0
    sure, all_strips = _strips(dark, thick, thick, long), _strips(dark, thick, 2 * thick + 1, long)
    count, labels = cv2.connectedComponents(all_strips, connectivity=8)
    is_one = np.zeros(count, np.bool_)
    is_one[np.unique(labels[sure > 0])] = True
    is_one[0] = False
    if not is_one.any():
        return grey
    result = grey.copy()
    own = is_one[labels]
    for quarters in range(4):
        _fill_strip(np.rot90(result, quarters), np.rot90(own, quarters), deep, 2 * thick)
    return result


def _fill_strip(grey: Pixels, own: NDArray[np.bool_], deep: int, margin: int) -> None:
    """Give what is marked along the upper side, and its blurred edge, the tone of the paper below it, which may be in a shadow itself."""
    depths = np.where(own[: deep + 1].all(axis=0), deep, own[: deep + 1].argmin(axis=0))
    if not depths.any():
        return
    depths = np.where(depths > 0, np.minimum(depths + margin, deep), 0)
    tone = cv2.blur(np.ascontiguousarray(grey[: deep + 1]), (4 * margin + 1, 3))[depths, np.arange(grey.shape[1])]
    rows = np.arange(deep)[:, None] < depths[None, :]
    part = grey[:deep]
    part[rows] = np.broadcast_to(tone, part.shape)[rows]


def _strips(dark: Pixels, thick: int, beyond: int, long: int) -> Pixels:
    """What is dark for so long and twice so thick; beyond the sides of the page everything counts as dark, so far."""
    around = cv2.copyMakeBorder(dark, beyond, beyond, beyond, beyond, cv2.BORDER_CONSTANT, value=(1,))
    kernels = (np.ones((2 * thick + 1, long), np.uint8), np.ones((long, 2 * thick + 1), np.uint8))
    found = [cv2.morphologyEx(around, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(0,)) for kernel in kernels]
    return _own(cv2.bitwise_or(*found)[beyond:-beyond, beyond:-beyond])


def without_holes(grey: Pixels, dpi: float) -> Pixels:
    """The page with punched holes made as light as the paper: solid round spots near its sides, larger than any letter's strokes are thick."""
    unit = min(1.0, _HOLE_DPI / dpi)
    small = scale(grey, unit)
    least, most = (size * dpi * unit for size in _HOLE)
    core = max(3, round(0.8 * least)) | 1
    dark = (small < _HOLE_DARK * float(np.percentile(small, 75))).astype(np.uint8)
    solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (core, core)))
    count, _, stats, centres = cv2.connectedComponentsWithStats(solid, connectivity=8)
    margin = _HOLE_MARGIN * dpi * unit
    result = grey
    for (_, _, width, height, area), (x, y) in zip(stats[1:count], centres[1:count], strict=True):
        is_round = least <= min(width, height) and max(width, height) <= most and abs(width - height) <= 0.2 * height
        if not is_round or area < _HOLE_FILLED * width * height or min(x, y, small.shape[1] - x, small.shape[0] - y) > margin:
            continue
        middle = round(x / unit), round(y / unit)
        reach = round(max(width, height) / 2 / unit + 0.02 * dpi)
        around = grey[max(0, middle[1] - 2 * reach) : middle[1] + 2 * reach, max(0, middle[0] - 2 * reach) : middle[0] + 2 * reach]
        result = grey.copy() if result is grey else result
        cv2.circle(result, middle, reach, int(np.percentile(around, 70)), -1)
    return result


def without_stamps(pixels: Pixels, dpi: float) -> Pixels:
    """The picture in grey. Red seals are let go: within them only what is dark in red light counts; red words stay as they are."""
    if pixels.ndim == 2:
        return pixels
    grey = _without_pen(pixels, _own(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)), dpi)
    red = pixels[:, :, 0]
    others = np.maximum(pixels[:, :, 1], pixels[:, :, 2])
    is_red = (red > others) & (red - np.minimum(others, red) >= _RED_AHEAD)
    if np.count_nonzero(is_red) < 0.02 * dpi * dpi:
        return grey
    reach = max(3, round(0.08 * dpi))
    joined = cv2.dilate(is_red.astype(np.uint8), np.ones((reach, reach), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    result = grey.copy()
    paper = _paper_of(grey, dpi)
    for x, y, width, height, _ in stats[1:count]:
        if min(width, height) >= _STAMP_SIDE * dpi and max(width, height) <= _STAMP_SHAPE * min(width, height):
            part = (slice(y, y + height), slice(x, x + width))
            # Strokes of a pen that were made pale stay so.
            result[part] = np.maximum(_in_red_light(red[part], grey[part], is_red[part], paper[part]), grey[part])
    return result


def _without_pen(pixels: Pixels, grey: Pixels, dpi: float) -> Pixels:
    """The picture with strokes of a blue pen made pale, too pale to be ink, so that what is printed below can be read and is no blank where nothing
    is. Blue words and rules stay: strokes are larger than letters, and nowhere straight for long."""
    blue = pixels[:, :, 2]
    others = np.maximum(pixels[:, :, 0], pixels[:, :, 1])
    is_blue = ((blue > others) & (blue - np.minimum(others, blue) >= _BLUE_AHEAD)).astype(np.uint8)
    if np.count_nonzero(is_blue) < (_PEN_INK * dpi) ** 2:
        return grey
    reach = max(5, round(_PEN_GAP * dpi)) | 1
    joined = cv2.morphologyEx(is_blue, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    straight = max(3, round(_PEN_STRAIGHT * dpi))
    # The page may lean: a line is as wide as it leans along so much of it.
    kernels = (np.ones((1, straight), np.uint8), np.ones((straight, 1), np.uint8))
    lean = max(3, straight // 16) | 1
    runs = cv2.bitwise_or(
        *(
            cv2.morphologyEx(
                cv2.dilate(is_blue, np.ones((lean, 1) if kernel.shape[0] == 1 else (1, lean), np.uint8)), cv2.MORPH_OPEN, kernel
            )
            for kernel in kernels
        )
    )
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    result = grey
    for number in range(1, count):
        x, y, width, height, area = (int(value) for value in stats[number])
        if max(width, height) < _PEN_SIDE * dpi or area > _PEN_FILLED * width * height:
            continue
        top, left = max(0, y - 3), max(0, x - 3)
        part = (slice(top, y + height + 3), slice(left, x + width + 3))
        own = labels[part] == number
        if np.count_nonzero(runs[part] * own * is_blue[part]) > _PEN_LINED * np.count_nonzero(own * is_blue[part]):
            continue
        near = cv2.dilate(own.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        near &= blue[part] >= others[part] + _BLUE_EDGE
        paper = float(np.percentile(grey[part], 90))
        ink = max(60.0, float(np.percentile(blue[part][own], 20)))
        light = np.minimum(blue[part].astype(np.float32) * (paper / ink), _PEN_PALE * paper)
        result = grey.copy() if result is grey else result
        result[part] = np.where(near, np.maximum(light, grey[part]), result[part]).astype(np.uint8)
    return result


def _in_red_light(red: Pixels, grey: Pixels, is_red: NDArray[np.bool_], paper: Pixels) -> Pixels:
    """Red light as it leaves the paper, spread so that the seal itself is as light as paper, and no lighter."""
    seal = red[is_red]
    usual = float(np.percentile(grey, 90))
    ink = float(np.percentile(seal, 20)) if seal.size else usual
    if ink >= usual:
        return np.where(is_red, np.minimum(red, paper), red)
    spread = red.astype(np.float32) * (usual / max(ink, 60.0))
    return _own(np.where(is_red | (red > grey), np.minimum(spread, paper), red).astype(np.uint8))


def flatten(grey: Pixels, dpi: float) -> Pixels:
    """The page with its paper made evenly white: shadows, yellowing and a dark copy's ground taken out; dark stays dark."""
    ground = _paper_of(grey, dpi)
    return _own(cv2.divide(grey, np.maximum(ground, 1), scale=_WHITE))


def _paper_of(grey: Pixels, dpi: float) -> Pixels:
    """How light the paper is at each pixel."""
    small = scale(grey, 50 / dpi)
    reach = 9  # of 50 dpi: wider than any stroke, narrower than shadows
    paper = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8)), 15)
    return _own(cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR))


def find_skew(grey: Pixels, dpi: float) -> float:
    """By how many degrees the lines of a page rise to the right (negative: they fall), at most 5."""
    small = scale(grey, min(1.0, _SKEW_DPI / dpi))
    _, ink = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    if not 0 < np.count_nonzero(ink) < 0.6 * ink.size:
        return 0.0
    best = _best_angle(ink, np.arange(-_MOST_SKEW, _MOST_SKEW + 0.01, 0.5))
    best = _best_angle(ink, np.arange(best - 0.4, best + 0.41, 0.1))
    return _best_angle(ink, np.arange(best - 0.08, best + 0.081, 0.02))


def _best_angle(ink: Any, angles: NDArray[np.float64]) -> float:
    scores = []
    height, width = ink.shape
    for angle in angles:
        tangent = float(np.tan(np.radians(angle)))
        shear = np.array([[1, 0, 0], [tangent, 1, -tangent * width / 2]], np.float32)
        rows = cv2.reduce(cv2.warpAffine(ink, shear, (width, height), flags=cv2.INTER_LINEAR), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F)
        scores.append(float(np.sum(np.diff(rows[:, 0]) ** 2)))
    return float(angles[int(np.argmax(scores))])


def rotate(grey: Pixels, degrees: float) -> Pixels:
    """The page turned clockwise by some degrees about its middle; what comes in at the corners is as light as most of the page."""
    height, width = grey.shape[:2]
    paper = float(np.median(grey[:: max(1, height // 200), :: max(1, width // 200)]))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return _own(
        cv2.warpAffine(
            grey, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(paper, paper, paper)
        )
    )


def find_strokes(flat: Pixels, dpi: float) -> tuple[list[Stroke], list[Stroke]]:
    """Lying and standing lines, also faint and broken ones. Strokes of letters are left out: lines are long, or end at other lines."""
    dark = _darker_than_around(flat, dpi)
    turned = np.ascontiguousarray(dark.T)
    long = 0.36 * dpi
    letter = _letter_height(flat, dpi)
    lying_pieces = _pieces(dark, round(0.14 * dpi), dpi)
    standing_pieces = _pieces(turned, round(0.10 * dpi), dpi)
    flat_turned = np.ascontiguousarray(flat.T)
    ridges, ridges_turned = _ridges(flat, dpi), _ridges(flat_turned, dpi)
    faint_lying = _faint(ridges, standing_pieces, dpi, _LYING_COVERED)
    faint_standing = _faint(ridges_turned, [*lying_pieces, *faint_lying], dpi, _STANDING_COVERED)
    faint_standing = [line for line in faint_standing if _has_clear_sides(line, flat_turned, dpi)]
    faint_lying = _faint(ridges, [*standing_pieces, *faint_standing], dpi, _LYING_COVERED)
    # Lines that cross are no ink beside a line.
    beside_lying = _without_pieces(turned, [piece for piece in standing_pieces if piece.end - piece.start >= long]).T
    beside_standing = _without_pieces(dark, [piece for piece in lying_pieces if piece.end - piece.start >= long]).T
    beside_lying, beside_standing = np.ascontiguousarray(beside_lying), np.ascontiguousarray(beside_standing)
    lying = _join([*lying_pieces, *faint_lying], beside_lying, dpi)
    standing = _join([*standing_pieces, *faint_standing], beside_standing, dpi)
    long_lying = [line for line in lying if line.end - line.start >= long and _is_alone(line, beside_lying, line.start, line.end, dpi)]
    long_standing = [
        line for line in standing if line.end - line.start >= long and _is_alone(line, beside_standing, line.start, line.end, dpi)
    ]
    short_lying = [line for line in lying if line.end - line.start < long and _is_between(line, long_standing, beside_lying, dpi, letter)]
    short_standing = [
        line for line in standing if line.end - line.start < long and _is_between(line, long_lying, beside_standing, dpi, letter)
    ]
    lying, standing = long_lying + short_lying, long_standing + short_standing
    standing = _without_letters_at_ends(standing, lying, beside_standing, dpi)
    return lying, _without_letters_between(standing, lying, flat_turned, letter)


def _without_letters_between(lines: Sequence[Stroke], crossing: Sequence[Stroke], flat: Pixels, letter: float) -> list[Stroke]:
    """Standing lines (the page is handed in turned) without what of them runs from one line that crosses to the next where all that is seen there is as long as a letter
    is high and touches neither: a figure in the middle of a merged cell stands right where the line would go on."""
    result = []
    for line in lines:
        crossed = sorted(
            (o for o in crossing if o.start <= line.at <= o.end and line.start < o.high and o.low < line.end), key=lambda o: o.at
        )
        start = line.start
        for before, after in pairwise(crossed):
            if not _is_letter_between(line, before.high, after.low, flat, letter):
                continue
            if before.high > start:
                result.append(replace(line, start=start, end=before.high))
            start = after.low
        if start == line.start:
            result.append(line)
        elif line.end > start:
            result.append(replace(line, start=start))
    return result


def _is_letter_between(line: Stroke, start: int, end: int, flat: Pixels, letter: float) -> bool:
    dark = flat[max(0, line.low) : line.high, start:end].min(axis=0) < _LIGHT - 40
    edges = np.flatnonzero(np.diff(dark, prepend=False, append=False))
    runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    # The blurred edges of the lines that cross are no more than that.
    runs = [(a, b) for a, b in runs if b > _EDGE and a < end - start - _EDGE]
    if not runs:
        return False
    first, last = runs[0][0], runs[-1][1]
    return first > _EDGE and end - start - last > _EDGE and _LEAST_OF_LETTER * letter <= last - first <= _HIGHER * letter


def _without_pieces(dark: Pixels, pieces: Sequence[Stroke]) -> Pixels:
    """Dark pixels without those of lying lines."""
    result = dark.copy()
    for piece in pieces:
        result[max(0, piece.low - 1) : piece.high + 1, piece.start : piece.end] = 0
    return result


def _without_letters_at_ends(lines: Sequence[Stroke], crossing: Sequence[Stroke], dark: Pixels, dpi: float) -> list[Stroke]:
    """Standing lines (the page is handed in turned) cut back to the last line that crosses them where what reaches beyond it, short of the next one, has ink beside it: it is a
    stroke of a letter that touches the line."""
    near = max(2.0, 0.01 * dpi)
    result = []
    for line in lines:
        crossed = [other for other in crossing if other.start - 2 * near <= line.at <= other.end + 2 * near]
        crossed = [other for other in crossed if line.start - _TAIL * dpi <= other.at <= line.end + _TAIL * dpi]
        inner = [other for other in crossed if line.start - near <= other.low and other.high <= line.end + near]
        start, end = line.start, line.end
        if inner:
            first, last = min(other.low for other in inner), max(other.high for other in inner)
            # At the end of a page nothing closes the last row: there a line goes on beside words.
            is_before_next = any(last < other.low and end <= other.low for other in crossed)
            is_behind_next = any(other.high < first and other.high <= start for other in crossed)
            if is_before_next and near < end - last < _TAIL * dpi and _is_beside_ink(line, dark, last + 2, end - 1, dpi):
                end = last
            if is_behind_next and near < first - start < _TAIL * dpi and _is_beside_ink(line, dark, start + 1, first - 2, dpi):
                start = first
        result.append(line if (start, end) == (line.start, line.end) else replace(line, start=start, end=end))
    return result


def _is_beside_ink(line: Stroke, dark: Pixels, start: int, end: int, dpi: float) -> bool:
    return max(_shares_beside(line, dark, start, end, dpi)) > _OF_TAIL


def _letter_height(flat: Pixels, dpi: float) -> float:
    boxes = find_marks(flat, dpi).boxes
    heights = boxes[:, 3] - boxes[:, 1]
    usual = heights[(heights >= 0.04 * dpi) & (heights <= 0.3 * dpi)]
    return float(np.percentile(usual, 75)) if usual.size else 0.12 * dpi


def _darker_than_around(flat: Pixels, dpi: float) -> Pixels:
    """Pixels clearly darker than what is around them, also where a line is faint."""
    size = round(0.2 * dpi) | 1
    around = cv2.blur(flat, (size, size))
    dark = (flat.astype(np.int16) < around.astype(np.int16) - 14) & (flat < 232)
    return _own(dark.astype(np.uint8))


def _ridges(flat: Pixels, dpi: float) -> Pixels:
    """Pixels that, on a short mean along the rows, are darker than above and below: thin lying lines, however pale."""
    along = cv2.blur(flat, (5, 1)).astype(np.int16)
    away = max(4, round(0.03 * dpi))
    ridge = np.zeros(flat.shape, np.uint8)
    if flat.shape[0] <= 2 * away:
        return ridge
    here, above, below = along[away:-away], along[: -2 * away], along[2 * away :]
    ridge[away:-away] = (here < above - _FAINT) & (here < below - _FAINT)
    ridge[cv2.erode(along, np.ones((5, 1), np.uint8)) < _DARK] = 0  # letters are not pale, only their edges are
    return ridge


def _faint(ridges: Pixels, crossing: Sequence[Stroke], dpi: float, covered: float) -> list[Stroke]:
    """Pale lying lines. Where a line crosses another, or words touch it, it is no ridge: pieces of it that follow each other are taken for it."""
    filled = ridges.copy()
    for line in crossing:
        if line.end - line.start >= 0.3 * dpi:
            filled[line.start : line.end, max(0, line.low - 2) : line.high + 2] = 1
    found = []
    for chain in _chains(_pieces(filled, round(0.12 * dpi), dpi), max(2.0, 0.012 * dpi), lambda _: 0.17 * dpi):
        line = _one(chain)
        length = line.end - line.start
        if length >= 0.6 * dpi and sum(piece.end - piece.start for piece in chain) >= covered * length:
            found.append(line)
    return found


def _pieces(dark: Pixels, length: int, dpi: float, *, looks_closer: bool = True) -> list[Stroke]:
    """Runs of dark pixels along the rows, at least so long and not thick."""
    thin = max(5, round(0.045 * dpi))
    # A line that leans by a pixel along a piece is still one: pixels below count, too.
    thick = cv2.dilate(dark, np.ones((2, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found = []
    for x, y, width, height, area in stats[1:count]:
        if height - 1 <= thin + width * 0.01 and area <= width * (thin + 1):
            found.append(Stroke(float(y + (height - 1) / 2 - 0.5), int(x), int(x + width), int(y), int(y + height)))
        elif looks_closer and length < 0.4 * dpi <= width:  # words stand on the line: only what is longer than words is looked at
            found.extend(
                Stroke(line.at + float(y), line.start + int(x), line.end + int(x), line.low + int(y), line.high + int(y))
                for line in _pieces(np.ascontiguousarray(dark[y : y + height, x : x + width]), round(0.4 * dpi), dpi, looks_closer=False)
            )
    return found


def _join(pieces: Sequence[Stroke], dark: Pixels, dpi: float) -> list[Stroke]:
    """Pieces of one broken line made one: they follow each other at one height, and gaps are short."""

    def room(longer: int) -> float:
        return min(0.12 * dpi, 0.5 * longer) if longer >= 0.2 * dpi else 2.0  # strokes of letters one below the other are no broken line

    return [_one(_trimmed(line, dark, dpi)) for line in _chains(pieces, max(2.0, 0.014 * dpi), room)]


def _chains(pieces: Sequence[Stroke], near: float, room: Callable[[int], float]) -> list[list[Stroke]]:
    """Pieces in lines: each follows the one before within `near` across and within the room that the longer of both gives along."""
    lines: list[list[Stroke]] = []
    by_height: dict[int, list[int]] = {}  # lines by the height of their last piece
    for piece in sorted(pieces, key=lambda item: (item.start, item.at))[:_MOST_PIECES]:
        key = int(piece.at // near)
        best, least = -1, near
        for number in (n for step in (-1, 0, 1) for n in by_height.get(key + step, ())):
            last = lines[number][-1]
            away = abs(last.at - piece.at)
            if away <= least and piece.start - last.end <= room(max(last.end - last.start, piece.end - piece.start)):
                best, least = number, away
        if best < 0:
            lines.append([piece])
            by_height.setdefault(key, []).append(len(lines) - 1)
            continue
        last = lines[best][-1]
        if piece.end > last.end:
            lines[best].append(piece)
            old = int(last.at // near)
            if old != key:
                by_height[old].remove(best)
                by_height.setdefault(key, []).append(best)
    return lines


def _trimmed(line: list[Stroke], dark: Pixels, dpi: float) -> list[Stroke]:
    """A line without short pieces at its ends that have ink beside them: strokes of letters that stand in its way."""
    first, end = 0, len(line)
    while end - first > 1 and _is_letter(line[end - 1], dark, dpi):
        end -= 1
    while end - first > 1 and _is_letter(line[first], dark, dpi):
        first += 1
    return line[first:end]


def _is_letter(piece: Stroke, dark: Pixels, dpi: float) -> bool:
    length = piece.end - piece.start
    if length >= _LONGER * dpi:
        return length < 0.3 * dpi and max(_shares_beside(piece, dark, piece.start + 2, piece.end - 2, dpi)) > _BESIDE_LONGER
    return not _is_alone(piece, dark, piece.start + 2, piece.end - 2, dpi)


def _one(line: Sequence[Stroke]) -> Stroke:
    total = sum(piece.end - piece.start for piece in line)
    at = sum(piece.at * (piece.end - piece.start) for piece in line) / total
    return Stroke(float(at), line[0].start, max(p.end for p in line), min(p.low for p in line), max(p.high for p in line))


def _is_between(line: Stroke, others: Sequence[Stroke], dark: Pixels, dpi: float, letter: float) -> bool:
    """Whether a short line runs from one of the others to another, touching both, alone: a letter's stroke in a low row has others beside it."""
    near = max(1.0, 0.006 * dpi)
    crossed = [other for other in others if other.start - 3 * near <= line.at <= other.end + 3 * near]
    starts = [other.high for other in crossed if line.start <= other.high + near and other.low - 4 * near <= line.start]
    ends = [other.low for other in crossed if other.low - near <= line.end <= other.high + 4 * near and other.low > line.start + 2 * near]
    if not (starts and ends):  # one end of it may be gone: what is left goes from one line to the next
        within = [other for other in crossed if line.start - 4 * near <= other.low and other.high <= line.end + 4 * near]
        starts, ends = [min((other.high for other in within), default=0)], [max((other.low for other in within), default=0)]
    start, end = max(starts) + 1, min(ends) - 1
    if end - start < 8 * near:
        return False
    shares = _shares_beside(line, dark, start, end, dpi)
    if all(share <= _BESIDE for share in shares):
        return True
    # No letter is that high; words may begin right beside the line, but not end there as well.
    return max(end - start, _ALL_HIGHER * (line.end - line.start)) >= _HIGHER * letter and min(shares) <= 0.05


def _has_clear_sides(line: Stroke, flat: Pixels, dpi: float) -> bool:
    """Whether a pale line has paper at its sides nearly all along: of the strokes of letters one below the other most have others beside them."""
    away = max(3, round(0.02 * dpi))
    shares = [
        np.count_nonzero(flat[at, line.start : line.end] < _LIGHT - 8) / max(1, line.end - line.start)
        for at in (round(line.at) - away, round(line.at) + away)
        if 0 <= at < flat.shape[0]
    ]
    return all(share <= 0.25 for share in shares)


def _is_alone(line: Stroke, dark: Pixels, start: int, end: int, dpi: float) -> bool:
    """Whether there is little ink at a line's sides. A second line beside it is no letter's."""
    length = line.end - line.start
    if length >= 0.8 * dpi:
        return True  # no letter is that long, and words may stand close to a rule all along it
    shares = _shares_beside(line, dark, start, end, dpi)
    if length >= 0.36 * dpi:
        return all(share <= 0.25 for share in shares) or min(shares, default=0.0) <= 0.2  # lines that cross are some of it
    return all(share <= _BESIDE for share in shares)


def _shares_beside(line: Stroke, dark: Pixels, start: int, end: int, dpi: float) -> list[float]:
    """How much of a line has ink at its one side and at its other; a second line there is none."""
    shares = []
    for outward in (-1, 1):
        most = 0.0
        for aside in (max(2, round(0.013 * dpi)), max(3, round(0.021 * dpi))):
            at = line.low - aside if outward < 0 else line.high - 1 + aside
            side = dark[at, max(0, start) : end] if 0 <= at < dark.shape[0] else dark[:0, 0]
            share = np.count_nonzero(side) / side.size if side.size else 0.0
            most = max(most, share if share < 0.9 else 0.0)
        shares.append(float(most))
    return shares


def find_lost_lines(flat: Pixels, edges: Sequence[tuple[float, int, int]], dpi: float, *, beside_words: bool) -> list[Stroke]:
    """Of places where a lying line may be (at, start, end) those where one is, however pale: seen as a whole it is darker than its sides.

    `beside_words`: words stand on such lines; where they do nothing is told, but a third of the line must be left. Else all of it must show.
    """
    away = max(4, round(0.025 * dpi))
    slack = max(2, round(0.012 * dpi))
    trimmed = away if beside_words else max(2, round(0.01 * dpi))
    least, mostly = (0.33, 0.85) if beside_words else (0.88, 0.97)
    found = []
    height, width = flat.shape
    for at, start, end in edges:
        middle = round(at)
        start, end = max(0, start + trimmed), min(width, end - trimmed)
        if middle - away - slack < 0 or middle + away + slack >= height or end - start < 0.05 * dpi:
            continue
        part = flat[middle - away - slack : middle + away + slack + 1, start:end].astype(np.float32)
        best, where = 0.0, 0
        for offset in range(-slack, slack + 1):
            row = away + slack + offset
            nearest = away // 2 + 1 if beside_words else away
            sides = np.minimum(part[row - away : row - nearest + 1].max(axis=0), part[row + nearest : row + away + 1].max(axis=0))
            plain = sides > _LIGHT
            if beside_words:
                plain &= part[row] > _DARK
            if np.count_nonzero(plain) < least * (end - start):
                continue
            lack = float(np.median(sides[plain] - part[row][plain]))
            share = float(np.mean(sides[plain] - part[row][plain] > 0))
            if share >= mostly and lack > best:
                best, where = lack, offset
        if best >= _PALEST:
            line = middle + where
            found.append(Stroke(float(line), start - trimmed, end + trimmed, line - 1, line + 2))
    return found


def shade_along(flat: Pixels, at: float, start: int, end: int, dpi: float) -> tuple[float, float] | None:
    """How dark a lying line is at a place, 0 black, and of how much of it there is something dark; None where there is no room to tell."""
    slack, trimmed = max(2, round(0.02 * dpi)), max(2, round(0.02 * dpi))
    part = flat[max(0, round(at) - slack) : round(at) + slack + 1, max(0, start + trimmed) : max(0, end - trimmed)]
    if not part.size:
        return None
    darkest = part.min(axis=0)
    return float(np.median(darkest)), float(np.mean(darkest < _LIGHT - 40))


def erase(flat: Pixels, lying: Sequence[Stroke], standing: Sequence[Stroke], dpi: float) -> Pixels:
    """The page without its lines: only what is as thick as the line goes, a letter that touches it keeps the rest of its own."""
    result = flat.copy()
    for line in lying:
        _wipe(result, line, dpi)
    turned = np.ascontiguousarray(result.T)
    for line in standing:
        _wipe(turned, line, dpi)
    return np.ascontiguousarray(turned.T)


def _wipe(pixels: Pixels, line: Stroke, dpi: float) -> None:
    """Make a lying line white where it runs, column by column, as thick as it mostly is."""
    margin = max(2, round(0.012 * dpi))
    top, bottom = max(0, line.low - margin), min(pixels.shape[0], line.high + margin)
    start, end = max(0, line.start - margin), min(pixels.shape[1], line.end + margin)
    band = pixels[top:bottom, start:end]
    if band.size == 0:
        return
    along = cv2.blur(band, (min(2 * (band.shape[1] // 2) + 1, round(0.2 * dpi) | 1), 1), borderType=cv2.BORDER_REPLICATE)
    darkest = along.min(axis=0).astype(np.int16)
    rows = np.arange(band.shape[0])[:, None]
    is_line = along.astype(np.int16) < (darkest[None, :] + 245) // 2
    thickness = float(np.median(is_line.sum(axis=0)))
    middle = (is_line * rows).sum(axis=0) / np.maximum(is_line.sum(axis=0), 1)
    away = np.abs(rows - middle[None, :])
    band[away <= thickness / 2 + 0.25] = 255
    fringe = (away <= thickness / 2 + 2) & (band > _FRINGE)
    band[fringe] = 255


def find_marks(clean: Pixels, dpi: float) -> Marks:
    """The connected pieces of ink, specks of dust left out."""
    level, _ = cv2.threshold(clean, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    level = min(max(level + 0.3 * (_WHITE - level), 140), 210)  # thin strokes are pale at low resolutions
    ink = (clean < level).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    stats = stats[1:count]
    least = max(3, round((0.010 * dpi) ** 2))
    stats = stats[stats[:, cv2.CC_STAT_AREA] >= least]
    boxes = np.stack([stats[:, 0], stats[:, 1], stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]], axis=1)
    return Marks(boxes.astype(np.int32), stats[:, cv2.CC_STAT_AREA].astype(np.int32), int(level))


def find_letters(clean: Pixels, dpi: float) -> NDArray[np.bool_]:
    """The pixels of marks that have the size and the shape of a letter or of a part of one."""
    level, _ = cv2.threshold(clean, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((clean < min(level + 30, 210)).astype(np.uint8), connectivity=8)
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    longer, shorter = sides.max(axis=1), sides.min(axis=1)
    is_slim = stats[:, cv2.CC_STAT_AREA] >= 0.6 * longer * shorter  # a piece of a straight line fills its box
    is_letter = (longer >= 0.05 * dpi) & (longer <= 0.35 * dpi) & (shorter >= 0.02 * dpi) & ~(is_slim & (longer >= 3 * shorter))
    is_letter[0] = False
    return np.asarray(is_letter[labels])


def widened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask with the pixels around it."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def find_faint_marks(clean: Pixels, level: int, dpi: float) -> NDArray[np.int32]:
    """The boxes of what is darker than paper, but nowhere so dark that it counts as ink: letters that have all but faded, or a stain."""
    soft = cv2.blur(clean, (3, 3))
    count, labels, stats, _ = cv2.connectedComponentsWithStats((soft < _STAIN).astype(np.uint8), connectivity=8)
    has_ink = np.zeros(count, np.bool_)
    has_ink[np.unique(labels[clean < level])] = True
    stats = stats[1:][~has_ink[1:]]
    stats = stats[stats[:, cv2.CC_STAT_AREA] >= (0.02 * dpi) ** 2]
    boxes = np.stack([stats[:, 0], stats[:, 1], stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]], axis=1)
    large = stats[:, cv2.CC_STAT_HEIGHT] > 1.5 * _TILE * dpi
    if not large.any():
        return boxes.astype(np.int32)
    tiles = _tiles((soft < _STAIN) & ~has_ink[labels], boxes[large], max(2, round(_TILE * dpi)), (0.02 * dpi) ** 2)
    return np.concatenate([boxes[~large], tiles]).astype(np.int32)


def _tiles(mask: NDArray[np.bool_], boxes: NDArray[np.int32], size: int, least: float) -> NDArray[np.int32]:
    """What is larger than letters in pieces of their size."""
    height, width = mask.shape
    wanted = np.zeros_like(mask)
    for x0, top, x1, bottom in boxes:
        wanted[top:bottom, x0:x1] = True
    whole = (mask & wanted)[: height - height % size, : width - width % size]
    counts = whole.reshape(height // size, size, width // size, size).sum(axis=(1, 3))
    ys, xs = np.nonzero(counts >= least)
    return np.stack([xs * size, ys * size, (xs + 1) * size, (ys + 1) * size], axis=1).astype(np.int32)


def group_near(boxes: NDArray[np.int32], shape: tuple[int, int], across: int) -> NDArray[np.int32]:
    """For each box the number of its group: boxes whose gaps along the line are less than `across` and that touch the same rows."""
    canvas = np.zeros(shape, np.uint8)
    for x0, top, x1, bottom in boxes:
        canvas[top:bottom, x0:x1] = 1
    joined = cv2.morphologyEx(canvas, cv2.MORPH_CLOSE, np.ones((1, across | 1), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    _, labels = cv2.connectedComponents(joined, connectivity=4)
    return np.asarray(labels[(boxes[:, 1] + boxes[:, 3]) // 2, (boxes[:, 0] + boxes[:, 2]) // 2], np.int32)


def plain_stroke(clean: Pixels, box: tuple[int, int, int, int], level: int) -> float | None:
    """The lean of a mark that is one straight stroke: 0 upright, above 0 leaning right as a slash does, infinite when it lies; None for others."""
    x0, top, x1, bottom = box
    part = clean[top:bottom, x0:x1]
    if part.size == 0:
        return None
    ys, xs = np.nonzero(part < level)
    width, height = x1 - x0, bottom - top
    if len(xs) < 4:
        return None
    if width >= 2.5 * height:
        return float("inf")
    middles = np.bincount(ys, weights=xs, minlength=height)
    counts = np.bincount(ys, minlength=height)
    rows = np.flatnonzero(counts)
    if len(rows) < 5:
        return None
    centres = middles[rows] / counts[rows]
    slope, start = np.polyfit(rows, centres, 1)
    off = np.abs(centres - (slope * rows + start))
    usual = float(np.median(counts[rows]))
    if float(off.max()) > max(1.5, 0.06 * height) or float(np.percentile(counts[rows], 95)) > 1.6 * usual + 1 or usual > 0.35 * height:
        return None
    return -float(slope)


def crop_line(grey: Pixels, box: tuple[float, float, float, float], height: int, stretch: float = 1.0) -> Pixels:
    """What stands in a box, as high as asked for and in the same shape (times `stretch` across); beyond the page is white."""
    x0, top, x1, bottom = (round(value) for value in box)
    page_height, page_width = grey.shape[:2]
    part = grey[max(0, top) : min(page_height, bottom), max(0, x0) : min(page_width, x1)]
    around = (max(0, -top), max(0, bottom - page_height), max(0, -x0), max(0, x1 - page_width))
    part = _own(cv2.copyMakeBorder(part, *around, cv2.BORDER_CONSTANT, value=(255, 255, 255)))
    width = max(1, round(part.shape[1] * stretch * height / max(1, part.shape[0])))
    how = cv2.INTER_AREA if part.shape[0] > height else cv2.INTER_CUBIC
    return _own(cv2.resize(part, (width, height), interpolation=how))


def _own(pixels: Any) -> Pixels:
    result: Pixels = pixels
    return result
