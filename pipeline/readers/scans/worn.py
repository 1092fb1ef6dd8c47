"""Worn rules: pieces of lines that are told as such by where the other lines of a table run, and whole lines too pale or too broken to be
told by themselves. Everything is said of lying lines; for standing ones the page is handed in turned (`flat.T`). Lengths are pixels.

A line is seen where the page, on a short mean along it, is darker than the paper at both its sides. Where something else stands at a side,
nothing is told. A stroke of a letter ends short of the lines that cross; a piece of a rule begins at one of them, or goes all the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.readers.scans.raster import Pixels, Stroke, blur, widened

__all__ = ["Band", "Edge", "Seen", "find_new_lines", "find_worn_lines", "look_along"]

Edge = tuple[float, int, int]  # where a line may be: at, start, end

_PAPER = 222  # of 255: what is lighter is paper
_ALONG = 7  # pixels at 200 dpi that are taken together along a line
_SIDES = (4, 8)  # pixels at 200 dpi from the middle of a line to its sides: of thin lines, of thick ones
_LEAST_DEPTH = 8.0  # of 255 by which a piece of a line must be darker than its sides
_OF_SEEN = 0.8  # of where it could be seen: a line that is seen there is one
_LEAST_SEEN = 0.3  # of its length
_OF_PIECE = 0.22  # of where it could be seen, for pieces that begin at a line that crosses
_SURE = 5.0  # of the noise of a mean: so much darker is a line
_PALEST = 4.5  # of 255: nor is a line that was not looked for paler
_ROOM = 0.2  # inches: one of the bands that it runs through has more than a line of words
_LEAST_LENGTH = 0.33  # inches
_BROKEN_LENGTH = 0.36  # inches: of one that is nowhere seen nearly all along
_NEARLY_ALL = 0.92  # of a band
_DARK = 60.0  # of 255: so dark a line may be as short as one band
_BAR = 0.17  # inches: no letter of a cell has a straight stroke so long
_OF_BARS = 0.4  # of where a line with such a piece could be seen
_MOSTLY = 0.82  # of a line that was not looked for that must be darker than its sides


@dataclass(frozen=True, slots=True)
class Seen:
    """For each pixel by how much it is darker than the paper at both sides, and whether there is paper; `is_bare`: where nothing
    dark is, whatever stands beside; `letters`: what is of one. `noise`: how the depth varies on paper."""

    flat: Pixels
    depth: NDArray[np.int16]
    is_open: NDArray[np.bool_]
    is_bare: NDArray[np.bool_]
    letters: NDArray[np.bool_]
    noise: float


@dataclass(frozen=True, slots=True)
class Band:
    """A table: `cuts` the places along which lines of the other direction cross, `low` and `high` its extent across, `known` lines that it has."""

    cuts: tuple[float, ...]
    low: float
    high: float
    known: tuple[float, ...]


def look_along(flat: Pixels, letters: NDArray[np.bool_], dpi: float) -> Seen:
    """What there is to be seen of lying lines; nothing where letters are."""
    unit = dpi / 200
    along = blur(flat, max(3, round(_ALONG * unit)), 1)
    beside = blur(along, 1, 3)
    depth = np.zeros(flat.shape, np.int16)
    is_open = np.zeros(flat.shape, np.bool_)
    for away in (round(side * unit) for side in reversed(_SIDES)):  # the nearer sides, where they are paper, have the last word
        if flat.shape[0] <= 2 * away:
            continue
        sides = np.minimum(beside[: -2 * away], beside[2 * away :])
        paper = sides > _PAPER
        here = sides.astype(np.int16) - along[away:-away]
        part = slice(away, flat.shape[0] - away)
        depth[part] = np.where(paper, here, depth[part])
        is_open[part] |= paper
    is_open &= ~widened(letters)
    sample = depth[::5, ::5][is_open[::5, ::5]]
    noise = float(np.median(np.abs(sample - np.median(sample)))) * 1.48 if sample.size else 0.0
    return Seen(flat, depth, is_open, along > _PAPER, letters, max(1.0, noise))


def find_worn_lines(seen: Seen, edges: Sequence[Edge], dpi: float) -> list[Stroke]:
    """Of places where a line may be those where pieces of one are left."""
    unit = dpi / 200
    slack, trimmed = max(2, round(3 * unit)), max(2, round(3 * unit))
    least = max(_LEAST_DEPTH, 2.5 * seen.noise)
    height, width = seen.flat.shape
    found = []
    for at, start, end in edges:
        middle, first, last = round(at), max(0, start + trimmed), min(width, end - trimmed)
        if middle - slack < 0 or middle + slack >= height or last - first < 6 * unit:
            continue
        best, place = 0, middle
        for row in range(middle - slack, middle + slack + 1):
            if np.count_nonzero(seen.letters[row, first:last]) > 3 * unit:
                continue  # words stand across
            is_open, dark = seen.is_open[row, first:last], seen.depth[row, first:last] > least
            is_dark = dark & is_open
            count = _pieces_of_line(is_open, is_dark, int(np.count_nonzero((is_open | seen.is_bare[row, first:last]) & ~is_dark)), unit)
            if count > best:
                best, place = count, row
        if best:
            dark = seen.is_open[place, first:last] & (seen.depth[place, first:last] > least)
            found.append(_stroke(seen, place, start, end, np.flatnonzero(dark) + first, unit))
    return found


def _pieces_of_line(is_open: NDArray[np.bool_], dark: NDArray[np.bool_], bare: int, unit: float) -> int:
    """How many pixels of a line are seen; 0 when it is not told to be one. `bare`: on how many there is none."""
    count = int(np.count_nonzero(dark))
    room = count + bare
    if count < 5 * unit:
        return 0
    if count >= _OF_SEEN * room and room >= _LEAST_SEEN * len(is_open):
        return count
    if count < _OF_PIECE * room:
        return 0
    open_places = np.flatnonzero(is_open)
    near = max(2, round(3 * unit))
    reach = max(5, round(5 * unit))
    for first, way in ((int(open_places[0]), 1), (int(open_places[-1]), -1)):
        from_end = first if way > 0 else len(is_open) - 1 - first
        if from_end > 8 * unit:
            continue  # something stands where the lines would cross
        run = dark[first : first + near + reach] if way > 0 else dark[max(0, first - near - reach + 1) : first + 1][::-1]
        if _longest_from_start(run, near) >= reach:
            return count
    return 0


def _longest_from_start(run: NDArray[np.bool_], near: int) -> int:
    """The length of the stretch of True that begins within the first `near` places."""
    starts = np.flatnonzero(run[:near])
    if not starts.size:
        return 0
    rest = run[int(starts[0]) :]
    gaps = np.flatnonzero(~rest)
    return int(gaps[0]) if gaps.size else len(rest)


def find_new_lines(seen: Seen, bands: Sequence[Band], dpi: float, *, with_bars: bool) -> list[Stroke]:
    """Lines that no place was known of: they run from one crossing line to another, with paper at their sides. `with_bars`: also pieces longer
    than strokes of letters; lying ones may be dashes."""
    found: list[Stroke] = []
    for band in bands:
        low, high = max(0, round(band.low)), min(seen.flat.shape[0], round(band.high) + 1)
        if high - low < 4 or len(band.cuts) < 2:
            continue
        pieces = [_lines_across(seen, low, high, start, end, band.known, dpi, with_bars=with_bars) for start, end in pairwise(band.cuts)]
        found.extend(_through_bands(seen, pieces, band.cuts, dpi))
        if not with_bars:
            continue
        known = [*found, *(Stroke(at, round(band.cuts[0]), round(band.cuts[-1]), 0, 0) for at in band.known)]
        for start, end in pairwise(band.cuts):
            found.extend(_bars(seen, low, high, max(0, round(start)), min(seen.flat.shape[1], round(end)), known, dpi))
    return found


_Piece = tuple[int, float, int, bool]  # row, sum of depth, pixels, whether it is seen nearly all along


def _lines_across(
    seen: Seen, low: int, high: int, start: float, end: float, known: Sequence[float], dpi: float, *, with_bars: bool
) -> list[_Piece]:
    """Rows of a band that look like a line from its one end to its other."""
    unit = dpi / 200
    trimmed = round(4 * unit)
    first, last = max(0, round(start) + trimmed), min(seen.flat.shape[1], round(end) - trimmed)
    if last - first < 8 * unit:
        return []
    depth, is_open = seen.depth[low:high, first:last], seen.is_open[low:high, first:last]
    counts = np.count_nonzero(is_open, axis=1)
    deep = np.where(is_open, depth, 0)
    sums = deep.sum(axis=1, dtype=np.int64)
    mean = sums / np.maximum(counts, 1)
    above = np.count_nonzero(deep > np.maximum(0.35 * mean, 0.5)[:, None], axis=1)
    is_line = (counts >= 0.6 * (last - first)) & (above >= _MOSTLY * counts) & (mean >= 3)
    is_sure = is_line & (above >= _NEARLY_ALL * counts)
    reach = max(4, round(6 * unit))
    begins = np.zeros(len(counts), np.int64)  # at how many ends
    dark = deep > max(_LEAST_DEPTH, 2.5 * seen.noise)
    for part in (slice(0, reach), slice(-reach, None)):
        own = np.count_nonzero(is_open[:, part], axis=1)
        is_line &= (own > 0) & (deep[:, part].sum(axis=1) >= 0.4 * mean * own)
        begins += (own > 0) & (np.count_nonzero(dark[:, part], axis=1) >= 0.8 * own)
    room = np.count_nonzero(is_open | seen.is_bare[low:high, first:last], axis=1)
    crossed = np.count_nonzero(seen.letters[low:high, first:last], axis=1) > 3 * unit
    amounts = np.count_nonzero(dark, axis=1)
    is_line |= (begins > 0) & (amounts >= np.where(begins > 1, 0.4, 0.6) * room) & ~crossed & (counts > 0)
    for row in np.flatnonzero(with_bars & ~is_line & ~crossed & (amounts >= np.maximum(_BAR * dpi, _OF_BARS * room))):
        is_line[row] = max(end - start for start, end in _runs(dark[row])) >= _BAR * dpi
    for place in known:
        near = round(8 * unit)
        is_line[max(0, round(place) - low - near) : max(0, round(place) - low + near + 1)] = False
    return [(int(row) + low, float(sums[row]), int(counts[row]), bool(is_sure[row])) for row in np.flatnonzero(is_line)]


def _bars(seen: Seen, low: int, high: int, first: int, last: int, known: Sequence[Stroke], dpi: float) -> list[Stroke]:
    """Pieces of lines longer than any stroke of a letter, in bands that words stand across elsewhere, with the shorter pieces at the same height."""
    unit = dpi / 200
    dark = seen.is_open[low:high, first:last] & (seen.depth[low:high, first:last] > max(_LEAST_DEPTH, 2.5 * seen.noise))
    found: list[Stroke] = []
    for row in np.flatnonzero(np.count_nonzero(dark, axis=1) >= _BAR * dpi):
        runs = [(start, end) for start, end in _runs(dark[row]) if end - start >= 4 * unit]
        start, end = min((a for a, _ in runs), default=0) + first, max((b for _, b in runs), default=0) + first
        if max((b - a for a, b in runs), default=0) < _BAR * dpi:
            continue
        if all(abs(line.at - row - low) > 8 * unit or line.end <= start or line.start >= end for line in (*known, *found)):
            found.append(_stroke(seen, int(row) + low, start, end, np.flatnonzero(dark[row]) + first, unit))
    return found


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(marked, prepend=False, append=False))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _through_bands(seen: Seen, pieces: Sequence[Sequence[_Piece]], cuts: Sequence[float], dpi: float) -> list[Stroke]:
    """Pieces of bands that follow each other at one height, together dark enough."""
    unit = dpi / 200
    near = max(1, round(1.5 * unit))
    chains: list[tuple[int, int, float, int, int, bool]] = []  # row, first band, sum, pixels, end band, whether one is sure
    open_chains: list[tuple[int, int, float, int, int, bool]] = []
    for number, own in enumerate([*pieces, []]):
        going: list[tuple[int, int, float, int, int, bool]] = []
        used: set[int] = set()
        for row, start, total, count, _, sure in open_chains:
            beside = [(piece[1] / piece[2], index) for index, piece in enumerate(own) if abs(piece[0] - row) <= near]
            if beside:
                index = max(beside)[1]
                used.add(index)
                place, deep, more, is_sure = own[index]
                going.append((place, start, total + deep, count + more, number + 1, sure or is_sure))
        chains.extend(chain for chain in open_chains if not any(new[1] == chain[1] and abs(new[0] - chain[0]) <= near for new in going))
        going.extend((piece[0], number, piece[1], piece[2], number + 1, piece[3]) for index, piece in enumerate(own) if index not in used)
        open_chains = going
    kept: list[tuple[float, int, int, int]] = []
    for row, first, total, count, last, sure in chains:
        depth = total / count
        length = cuts[last] - cuts[first]
        enough = max(_PALEST, _SURE * seen.noise / (count / (_ALONG * unit)) ** 0.5)
        longest = max(b - a for a, b in pairwise(cuts[first : last + 1]))
        least = _LEAST_LENGTH if sure else _BROKEN_LENGTH
        if depth >= enough and longest >= _ROOM * dpi and (length >= least * dpi or (sure and depth >= _DARK)):
            kept.append((depth, row, first, last))
    found: list[Stroke] = []
    apart = 8 * unit
    for _, row, first, last in sorted(kept, reverse=True):
        start, end = round(cuts[first]), round(cuts[last])
        if all(abs(line.at - row) > apart or line.end <= start or line.start >= end for line in found):
            dark = seen.is_open[row, start:end] & (seen.depth[row, start:end] > 0)
            found.append(_stroke(seen, row, start, end, np.flatnonzero(dark) + start, unit))
    return found


def _stroke(seen: Seen, row: int, start: int, end: int, places: NDArray[np.int64], unit: float) -> Stroke:
    """A line from start to end, as thick as it is where it is seen."""
    reach = round(9 * unit)
    low, high = max(0, row - reach), min(seen.flat.shape[0], row + reach + 1)
    if not places.size:
        return Stroke(float(row), start, end, row - 1, row + 2)
    profile = np.median(seen.flat[low:high, places], axis=1)
    here = row - low
    level = (float(profile[here]) + 245) / 2
    top = bottom = here
    while top > 0 and profile[top - 1] < level:
        top -= 1
    while bottom + 1 < len(profile) and profile[bottom + 1] < level:
        bottom += 1
    return Stroke(low + (top + bottom) / 2, start, end, low + min(top, here - 1), low + max(bottom + 1, here + 2))
