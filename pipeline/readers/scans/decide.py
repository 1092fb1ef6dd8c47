"""Two looks at a stretch of text, and what its ink looks like -> what it says, how sure that is, and what else it could be.

Scores of a recogniser are no proof: it reads 11 as 1 with the highest. So a number must be read alike twice, and its text must have as many
figures and points as its ink has room and marks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.model.reading import Reading
from pipeline.readers.pdf.words import is_cjk
from pipeline.readers.scans.recognise import Character
from pipeline.readers.scans.segments import Segment

__all__ = ["Pitch", "decide", "find_going_on", "is_dusty", "is_looked_at_twice", "usual_pitch"]

UNREADABLE = "\ufffd"
_MOST_TWICE = 16  # characters: longer texts are prose
_MOST_CJK = 4  # of a number with its unit
_FEW = 3  # characters: so short a text may be a number that was misread
_YEARS = frozenset("年")
_LEAST_CANDIDATE = 0.004  # odds of a reading that is told as another one
_MOST_CANDIDATES = 6
_LIKE_DIGITS = str.maketrans({"O": "0", "o": "0", "D": "0", "〇": "0", "○": "0", "口": "0", "l": "1", "I": "1", "|": "1", "丨": "1"})
_SAME = str.maketrans(
    {"，": ",", "．": ".", "（": "(", "）": ")", "：": ":", "－": "-", "—": "-", "–": "-", "一": "-", "_": "-", "／": "/", "％": "%"}
)
_WIDTH = {0xFF10 + figure: 0x30 + figure for figure in range(10)}
_POINTS = ".,，．"
_POINT = re.compile(f"[{_POINTS}]")
_BROKEN = re.compile(r"[-−－+]?\d{1,3}(?:[,，]\d{3})*[,，]")  # what of a number stands on a line that it was too long for
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_COMMAS = re.compile(r"\d{1,3}(?:[,，]\d{3}|(?:[.,，]\d{3}){2,})")  # two points in a number are commas
_LEAST_COMMAS = 4  # numbers of a page with commas that tell how it prints them
_BELOW = 0.1  # of the figures' height that a comma reaches below them
_THOUSAND = re.compile(r"\d{3}(?!\d)")
_DUST = ".,，．·:：;'`´‘’\"“”、。˙•~_"

# Least odds of the characters of a number that was read alike twice, and how many of such readings are right.
_TWICE = ((0.95, 0.9995), (0.8, 0.998), (0.6, 0.99), (0.4, 0.96), (0.2, 0.88), (0.0, 0.6))
# The same for texts that were read once.
_ONCE = ((0.95, 0.998), (0.8, 0.99), (0.6, 0.96), (0.4, 0.9), (0.0, 0.7))
_DIFFERING = 0.5
_MISSHAPEN = 0.6  # at most, where the ink does not fit the text
_GUESSED = 0.8  # at most, where a letter was taken for the figure it resembles


@dataclass(frozen=True, slots=True)
class Pitch:
    """How wide a figure of the page's numbers is, as a share of its height; `count`: of how many numbers that was told. `has_commas`: the page
    has numbers in groups of three with commas between."""

    share: float
    count: int
    has_commas: bool = False


def is_looked_at_twice(segment: Segment, characters: Sequence[Character]) -> bool:
    """Whether a text is looked at again: numbers, with a unit or without, what may be a misread one, and lines with a year."""
    text = _text(characters)
    if any(char.isdigit() for char in text):
        long = len(text) > _MOST_TWICE or sum(map(is_cjk, text)) > _MOST_CJK
        return not long or (not segment.in_cell and any(char in _YEARS for char in text) and len(text) <= 40)
    return segment.in_cell and len(text) <= _FEW


def is_dusty(characters: Sequence[Character]) -> bool:
    """Whether a number seems to begin or to end with a mark that no number begins or ends with."""
    text = _text(characters)
    return len(text) > 1 and any(char.isdigit() for char in text) and (text[0] in _DUST or text[-1] in _DUST)


def find_going_on(segments: Sequence[Segment], texts: Sequence[Sequence[Character]]) -> set[int]:
    """Which segments are a number broken behind a comma of thousands: below them three figures stand. `segments` from the top."""
    found = set()
    for index, segment in enumerate(segments):
        if not segment.in_cell or not _BROKEN.fullmatch(_text(texts[index])):
            continue
        x0, _, x1, bottom = segment.box
        for other in range(index + 1, len(segments)):
            box = segments[other].box
            if box[1] > bottom + segment.line_height:
                break
            if box[1] >= bottom - 0.3 * segment.height and box[0] < x1 and box[2] > x0 and _THOUSAND.match(_text(texts[other])):
                found.add(index)
                break
    return found


def usual_pitch(segments: Sequence[Segment], texts: Sequence[Sequence[Character]]) -> Pitch:
    """The pitch of the page's numbers of several figures."""
    shares = [
        segment.width / (len(text) * segment.height)
        for segment, characters in zip(segments, texts, strict=True)
        for text in (_text(characters),)
        if 2 <= len(text) <= 8 and text.isascii() and text.isdigit() and segment.height
    ]
    commas = sum(_COMMAS.fullmatch(_text(characters)) is not None for characters in texts)
    return Pitch(median(shares), len(shares), commas >= _LEAST_COMMAS) if shares else Pitch(0.75, 0, commas >= _LEAST_COMMAS)


def decide(
    segment: Segment, first: Sequence[Character], second: Sequence[Character] | None, pitch: Pitch, *, goes_on: bool = False
) -> Reading:
    """What a stretch of text says. `goes_on`: it ends in a comma, and three figures follow on the next line."""
    text = _text(first)
    if second is None:
        return Reading(text or UNREADABLE, _confidence(first, _ONCE) if text else 0.0)
    again = _text(second)
    if any(map(is_cjk, text)) and len(text) > _MOST_TWICE:
        sure = _confidence(first, _ONCE) if _digits(text) == _digits(again) else _DIFFERING
        return Reading(text, sure, second=again)
    looks = [(text, _odds(first)), (again, _odds(second))]
    (text, odds), (other, other_odds) = sorted(looks, key=lambda look: (_is_number_like(look[0]), look[1]), reverse=True)
    if not text:
        return Reading(UNREADABLE, 0.0, second=other or None)
    alike = _plain(text) == _plain(other) or (not segment.in_cell and _digits(text) == _digits(other))
    confidence = _of(min(odds, other_odds), _TWICE) if alike else _DIFFERING
    guessed = _as_number(text)
    if guessed != text:
        confidence = min(confidence, _GUESSED)
        text = guessed
        alike = alike or _plain(text) == _plain(_as_number(other))
    bare = text.rstrip(_POINTS)
    if segment.in_cell and bare != text and bare.isascii() and bare.isdigit() and not goes_on:
        text, confidence = bare, min(confidence, _MISSHAPEN)  # no number ends with a point: it is dust, or a figure behind it is gone
    grouped = _with_commas(segment, text, pitch)
    if grouped != text:
        text = grouped
        if _plain(grouped) not in (_plain(_text(first)), _plain(again)):
            confidence = min(confidence, _MISSHAPEN)  # no look saw the commas
    if segment.is_trimmed or not _fits(segment, text, pitch):
        confidence = min(confidence, _MISSHAPEN)
    return Reading(text, confidence, _candidates(text, first, second), again)


def _text(characters: Sequence[Character]) -> str:
    return _normal("".join(character.text for character in characters))


def _normal(text: str) -> str:
    """A text with plain figures for full-width ones; in short texts with figures, blanks are the recogniser's: wide gaps part words before it."""
    text = text.strip().translate(_WIDTH)
    if any(char.isdigit() for char in text) and len(text) <= _MOST_TWICE and sum(map(is_cjk, text)) <= _MOST_CJK:
        return "".join(text.split())
    return text


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _odds(characters: Sequence[Character]) -> float:
    return min((character.odds for character in characters if character.text != " "), default=0.0)


def _confidence(characters: Sequence[Character], steps: Sequence[tuple[float, float]]) -> float:
    return _of(_odds(characters), steps)


def _of(odds: float, steps: Sequence[tuple[float, float]]) -> float:
    return next(share for least, share in steps if odds >= least)


def _plain(text: str) -> str:
    return "".join(text.split()).translate(_SAME)


def _is_number_like(text: str) -> bool:
    return bool(text) and all(char.isdigit() or char in ".,-/%+ " for char in text)


def _as_number(text: str) -> str:
    """A text of figures and letters that look like figures, with figures for them; others as they are."""
    bare = "".join(text.split())
    if 0 < len(bare) <= 12 and not bare.isdigit() and all(char.isdigit() or ord(char) in _LIKE_DIGITS for char in bare):
        return bare.translate(_LIKE_DIGITS)
    return text


def _fits(segment: Segment, text: str, pitch: Pitch) -> bool:
    """Whether a number has as many figures as its ink has room for, and a point where its ink has one."""
    bare = "".join(text.split()).translate(_SAME)
    if not bare.isascii() or not any(char.isdigit() for char in bare) or not all(char.isdigit() or char in _POINTS for char in bare):
        return True
    height = segment.height
    figures = [mark for mark in segment.marks if mark[3] - mark[1] >= 0.6 * height]
    small = [mark for mark in segment.marks if max(mark[3] - mark[1], mark[2] - mark[0]) < 0.35 * height]
    groups = [len(group) for group in _POINT.split(bare)]
    points = len(groups) - 1
    count = sum(groups)
    if len(figures) > count:
        return False
    if len(small) != points and (points or any(_is_between(mark, figures, segment) for mark in small)):
        return False
    # Each stretch between points by itself: points of full width leave more room than others.
    edges = [segment.box[0], *(edge for mark in sorted(small) for edge in (mark[0], mark[2])), segment.box[2]]
    stretches = [(segment.box[0], segment.box[2])] if not points else [(edges[i], edges[i + 1]) for i in range(0, len(edges), 2)]
    for (start, end), group in zip(stretches, groups, strict=True):
        inked = [mark for mark in segment.marks if mark not in small and start <= (mark[0] + mark[2]) / 2 <= end]
        if bool(inked) != bool(group):
            return False
        if group and not _has_room(max(mark[2] for mark in inked) - min(mark[0] for mark in inked), height, group, pitch):
            return False
    return True


def _has_room(width: float, height: int, count: int, pitch: Pitch) -> bool:
    """Whether ink so wide is of so many figures."""
    if count == 1:
        return width <= 1.3 * max(pitch.share, 0.5) * height
    return abs(width / (pitch.share * height) - count) <= 0.45 + 0.08 * count


def _with_commas(segment: Segment, text: str, pitch: Pitch) -> str:
    """A number in groups of three with commas for its points, where each of them goes below the figures in its ink, as commas do, or where
    the page's numbers have commas: a rule below may have taken their ends."""
    if not segment.in_cell or not _GROUPED.fullmatch(text) or "." not in text:
        return text
    if pitch.has_commas:
        return text.replace(".", ",")
    height = segment.height
    small = sorted(mark for mark in segment.marks if max(mark[3] - mark[1], mark[2] - mark[0]) < 0.35 * height)
    figures = [mark for mark in segment.marks if mark[3] - mark[1] >= 0.6 * height]
    if len(small) != sum(not char.isdigit() for char in text) or not figures:
        return text
    base = median(mark[3] for mark in figures)
    least = max(1.5, _BELOW * median(mark[3] - mark[1] for mark in figures))
    return text.replace(".", ",") if all(mark[3] - base >= least for mark in small) else text


def _is_between(mark: tuple[int, int, int, int], figures: Sequence[tuple[int, int, int, int]], segment: Segment) -> bool:
    """Whether a small mark stands low between two figures, as a point does."""
    low = (mark[1] + mark[3]) / 2 >= segment.box[1] + 0.6 * segment.height
    return low and any(a[2] - 1 <= mark[0] and mark[2] <= b[0] + 1 for a, b in pairwise(figures))


def _candidates(text: str, first: Sequence[Character], second: Sequence[Character]) -> tuple[tuple[str, float], ...]:
    """Other readings of a number: the other look's, and those with one character replaced by another that the recogniser gives odds."""
    found: dict[str, float] = {}
    for characters in (first, second):
        whole = _text(characters)
        found[whole] = max(found.get(whole, 0.0), _odds(characters))
        for place, character in enumerate(characters):
            for other, odds in character.others:
                changed = _normal("".join(c.text for c in characters[:place]) + other + "".join(c.text for c in characters[place + 1 :]))
                found[changed] = max(found.get(changed, 0.0), odds)
    found.pop(text, None)
    ranked = sorted(
        ((other, round(odds, 4)) for other, odds in found.items() if other and odds >= _LEAST_CANDIDATE), key=lambda item: -item[1]
    )
    return tuple(ranked[:_MOST_CANDIDATES])
