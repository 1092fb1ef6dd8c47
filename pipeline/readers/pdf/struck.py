"""Text that is struck out: found by the line through the middle of its letters, and left out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace

from pipeline.model.finding import Finding, make_finding
from pipeline.readers.pdf.page import Letters, Page, Rule, hull

__all__ = ["drop_struck"]

_MIDDLE = 0.2  # of a letter's height a line may pass above or below its middle
_THICK = 0.25  # of a letter's height: a thicker bar hides or marks, it does not strike out
_ENDS = 0.25  # of a letter's height by which a line may begin or end off the letters it strikes out
_COVERED = 0.6  # of a line that letters must stand under: a rule of a table is longer than what it touches
_MOST_PLACES = 20  # of one finding


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
    page = replace(page, letters=_only(_with_room(letters, struck), kept), lying=tuple(rule for rule in page.lying if rule not in lines))
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
    )
