"""Text that is struck out: found by the line through the middle of its letters, and left out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from pipeline.model.finding import Finding, make_finding
from pipeline.readers.pdf.page import Box, Letters, Page, Rule, hull

__all__ = ["drop_struck"]

_MIDDLE = 0.2  # of a letter's height a line may pass above or below its middle
_THICK = 0.25  # of a letter's height: a thicker bar hides or marks, it does not strike out
_ENDS = 0.25  # of a letter's height by which a line may begin or end off the letters it strikes out
_COVERED = 0.6  # of a line that letters must stand under: a rule of a table is longer than what it touches
_MOST_PLACES = 20  # of one finding
_SAME_SIDE = 0.35  # of a letter's height: lines of one number begin, end or are centred that near each other
_NEXT_LINE = (0.8, 1.8)  # of a letter's height from line to line of one number
_MOST_LINES = 8  # of one number
_OF_NUMBER = frozenset("0123456789,.%-０１２３４５６７８９，．％－")


def drop_struck(page: Page) -> tuple[Page, list[Finding]]:
    """The page without the letters that are struck out, and without the lines that do it (`struck-text`).

    A line strikes out the letters it runs through at half their height when it begins where one of them begins and ends where one ends. A
    rule of a table that text has run into does not.
    """
    letters = page.letters
    if not letters.texts or not page.lying:
        return page, []
    middles = [(top + bottom) / 2 for top, bottom in zip(letters.top, letters.bottom, strict=True)]
    order = sorted(range(len(middles)), key=middles.__getitem__)
    heights = [middles[index] for index in order]
    tallest = max(bottom - top for top, bottom in zip(letters.top, letters.bottom, strict=True))
    struck: set[int] = set()
    lines: set[Rule] = set()
    for rule in page.lying:
        near = order[bisect_left(heights, rule.at - _MIDDLE * tallest) : bisect_right(heights, rule.at + _MIDDLE * tallest)]
        under = [index for index in near if letters.x0[index] < rule.end and letters.x1[index] > rule.start]
        found = _struck_by(rule, letters, under)
        if found:
            struck.update(found)
            lines.add(rule)
    if not struck:
        return page, []
    places = []
    for rule in sorted(lines, key=lambda item: (item.at, item.start))[:_MOST_PLACES]:
        own = _struck_by(rule, letters, sorted(struck))
        boxes = [(letters.x0[i], letters.top[i], letters.x1[i], letters.bottom[i]) for i in own]
        places.append(page.turn.place(page.number, hull(boxes)))
    message = f"page {page.number}: {len(struck)} letters are struck out; they were left out"
    kept = [index for index in range(len(letters.texts)) if index not in struck]
    page = replace(
        page,
        letters=_only(_with_room(_refilled(letters, page.lying, struck), struck), kept),
        lying=tuple(rule for rule in page.lying if rule not in lines),
    )
    return page, [make_finding("struck-text", message, places=tuple(places))]


def _struck_by(rule: Rule, letters: Letters, under: list[int]) -> list[int]:
    """Of the letters at a line those that it strikes out: none, or all of which the larger part lies on it."""
    found = []
    for index in under:
        x0, top, x1, bottom = letters.x0[index], letters.top[index], letters.x1[index], letters.bottom[index]
        height = bottom - top
        if abs((top + bottom) / 2 - rule.at) > _MIDDLE * height or rule.thickness > _THICK * height:
            continue
        if min(x1, rule.end) - max(x0, rule.start) > 0.5 * (x1 - x0):
            found.append(index)
    if not found:
        return []
    slack = _ENDS * max(letters.bottom[index] - letters.top[index] for index in found)
    covered = sum(letters.x1[index] - letters.x0[index] for index in found)
    starts = abs(min(letters.x0[index] for index in found) - rule.start) <= slack
    ends = abs(max(letters.x1[index] for index in found) - rule.end) <= slack
    return found if starts and ends and covered >= _COVERED * (rule.end - rule.start) else []


def _with_room(letters: Letters, struck: set[int]) -> Letters:
    """The letters, those behind struck ones widened by the room these take: it decides where a line is full."""
    x0 = list(letters.x0)
    for index in range(1, len(x0)):
        gap = letters.x0[index] - letters.x1[index - 1]
        on_line = letters.top[index] < (letters.top[index - 1] + letters.bottom[index - 1]) / 2 < letters.bottom[index]
        if index - 1 in struck and on_line and abs(gap) <= _ENDS * (letters.bottom[index] - letters.top[index]):
            x0[index] = x0[index - 1]
    return replace(letters, x0=tuple(x0))


def _refilled(letters: Letters, lying: Sequence[Rule], struck: set[int]) -> Letters:
    """The letters, what replaces a struck number over several lines set anew from where that began, so that it stands on the line of its row.

    A number so broken is one where digits follow each other in the content, on lines set alike; what is to be moved must be underlined, as
    insertions are. One that needs more room than the widest line had is set closer: it must not run into the column beside it.
    """
    x0, top, x1, bottom = list(letters.x0), list(letters.top), list(letters.x1), list(letters.bottom)
    printed: dict[int, Box] = {}
    seen = -1
    for index in sorted(struck):
        if index <= seen or letters.texts[index] not in _OF_NUMBER:
            continue
        lines = _number_lines(letters, index)
        seen = lines[-1][-1]
        first = lines[0]
        kept = [i for line in lines for i in line if i not in struck]
        moved = [i for i in kept if i not in first]
        if not moved or not all(_is_underlined(letters, i, lying) for i in moved) or _has_more(letters, lines[-1]):
            continue
        at = min(letters.x0[line[0]] for line in lines)
        room = max(letters.x1[line[-1]] - letters.x0[line[0]] for line in lines)
        closer = min(1.0, room / sum(letters.x1[i] - letters.x0[i] for i in kept))
        upper = min(letters.top[i] for i in first)
        lower = {i: min(letters.top[other] for other in line) - upper for line in lines for i in line}
        for i in kept:
            printed[i] = (letters.x0[i], letters.top[i], letters.x1[i], letters.bottom[i])
            x0[i], x1[i] = at, at + closer * (letters.x1[i] - letters.x0[i])
            top[i], bottom[i] = letters.top[i] - lower[i], letters.bottom[i] - lower[i]
            at = x1[i]
    return replace(letters, x0=tuple(x0), top=tuple(top), x1=tuple(x1), bottom=tuple(bottom), printed=printed) if printed else letters


def _number_lines(letters: Letters, index: int) -> list[list[int]]:
    """The letters of the number that one of its letters is of, line by line."""
    lines = [_line_around(letters, index)]
    while len(lines) < _MOST_LINES and lines[0][0] > 0:
        above = _line_around(letters, lines[0][0] - 1)
        if not _goes_on(letters, above, lines[0]):
            break
        lines.insert(0, above)
    while len(lines) < _MOST_LINES and lines[-1][-1] + 1 < len(letters.texts):
        below = _line_around(letters, lines[-1][-1] + 1)
        if not _goes_on(letters, lines[-1], below):
            break
        lines.append(below)
    return lines


def _has_more(letters: Letters, line: Sequence[int]) -> bool:
    """Whether a text goes on behind or below the last line of a number: with its unit, which would be left behind."""
    after = line[-1] + 1
    return after < len(letters.texts) and (_is_beside(letters, line[-1], after) or _is_below(letters, line, [after]))


def _line_around(letters: Letters, index: int) -> list[int]:
    """The letters of numbers that stand side by side with one."""
    start = end = index
    while start > 0 and _is_beside(letters, start - 1, start):
        start -= 1
    while end + 1 < len(letters.texts) and _is_beside(letters, end, end + 1):
        end += 1
    return list(range(start, end + 1))


def _is_beside(letters: Letters, before: int, after: int) -> bool:
    height = max(letters.bottom[i] - letters.top[i] for i in (before, after))
    shared = min(letters.bottom[i] for i in (before, after)) - max(letters.top[i] for i in (before, after))
    on_line = 2 * shared > min(letters.bottom[i] - letters.top[i] for i in (before, after))
    return on_line and abs(letters.x0[after] - letters.x1[before]) <= _ENDS * height and letters.texts[before] in _OF_NUMBER


def _goes_on(letters: Letters, above: Sequence[int], below: Sequence[int]) -> bool:
    return all(letters.texts[i] in _OF_NUMBER for i in (*above, *below)) and _is_below(letters, above, below)


def _is_below(letters: Letters, above: Sequence[int], below: Sequence[int]) -> bool:
    height = letters.bottom[below[0]] - letters.top[below[0]]
    step = letters.top[below[0]] - letters.top[above[0]]
    starts, ends = letters.x0[below[0]] - letters.x0[above[0]], letters.x1[below[-1]] - letters.x1[above[-1]]
    is_alike = min(abs(starts), abs(ends), abs(starts + ends) / 2) <= _SAME_SIDE * height
    return _NEXT_LINE[0] * height <= step <= _NEXT_LINE[1] * height and is_alike


def _is_underlined(letters: Letters, index: int, lying: Sequence[Rule]) -> bool:
    x0, x1, bottom = letters.x0[index], letters.x1[index], letters.bottom[index]
    near = _ENDS * (bottom - letters.top[index])
    return any(abs(rule.at - bottom) <= near and min(x1, rule.end) - max(x0, rule.start) > 0.5 * (x1 - x0) for rule in lying)


def _only(letters: Letters, kept: list[int]) -> Letters:
    """Some of the letters. Where letters between two were left out, a blank parts them if one stood there."""
    breaks: list[bool] = []
    made_up: list[bool] = []
    before = -1
    for index in kept:
        between = range(before + 1, index + 1)
        breaks.append(any(letters.breaks[i] for i in between))
        made_up.append(all(letters.made_up_breaks[i] for i in between if letters.breaks[i]) and breaks[-1])
        before = index
    return Letters(
        tuple(letters.texts[i] for i in kept),
        tuple(letters.x0[i] for i in kept),
        tuple(letters.top[i] for i in kept),
        tuple(letters.x1[i] for i in kept),
        tuple(letters.bottom[i] for i in kept),
        tuple(breaks),
        tuple(made_up),
        {place: letters.printed[index] for place, index in enumerate(kept) if index in letters.printed},
    )
