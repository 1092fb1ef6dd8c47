"""Rules as drawn -> rules as meant: pieces joined, dashes and double hairlines made one, stray bits of drawing left out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.readers.pdf.page import Fill, Page, Rule

__all__ = ["PageRules", "group_by_height", "merge_rules", "page_rules"]

_JOIN = 2.0  # points: pieces of one rule lie that close, along and across
_DOUBLE = 3.4  # points between the two lines of a double rule
_DASH_GAP = 5.0  # points between dashes
_DASHES = 4  # pieces of like length and distance make a dashed rule
_INSET = 6.0  # points: an edge of a filled area that near a drawn rule is not another line
_ADJOIN = 1.5  # points between filled areas that touch
_MOST_SIDES = 400  # of filled areas on one line
_WHOLE = 0.97  # of the page: an area as large as that is its background
_SHORT = 4.0  # points: what is left shorter than that is no rule


@dataclass(frozen=True, slots=True)
class PageRules:
    """Lying and standing rules, each once and sorted by `at`: those drawn, and those with the visible edges of filled rectangles added."""

    lying: list[Rule]
    standing: list[Rule]
    lying_with_edges: list[Rule]
    standing_with_edges: list[Rule]


def page_rules(page: Page) -> PageRules:
    """The rules of a page."""
    lying = merge_rules(_inside(page.lying, page.height, page.width))
    standing = merge_rules(_inside(page.standing, page.width, page.height))
    fills = [fill for fill in page.fills if _width(fill) < _WHOLE * page.width or _height(fill) < _WHOLE * page.height]
    flat = _outer_edges([(fill.colour, b[1], b[3], b[0], b[2]) for fill in fills for b in (fill.box,)])
    upright = _outer_edges([(fill.colour, b[0], b[2], b[1], b[3]) for fill in fills for b in (fill.box,)])
    if not flat and not upright:
        return PageRules(lying, standing, lying, standing)
    return PageRules(
        lying,
        standing,
        merge_rules([*lying, *_far_from(lying, _inside(flat, page.height, page.width))]),
        merge_rules([*standing, *_far_from(standing, _inside(upright, page.width, page.height))]),
    )


def _width(fill: Fill) -> float:
    return fill.box[2] - fill.box[0]


def _height(fill: Fill) -> float:
    return fill.box[3] - fill.box[1]


def _outer_edges(areas: Sequence[tuple[int, float, float, float, float]]) -> list[Rule]:
    """The edges in one direction of filled areas (colour, near side, far side, start, end) that no area of the same colour adjoins."""
    near: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    far: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    for colour, low, high, start, end in areas:
        near.setdefault((colour, round(low / _ADJOIN)), []).append((low, start, end))
        far.setdefault((colour, round(high / _ADJOIN)), []).append((high, start, end))
    edges: list[Rule] = []
    for own, others in ((near, far), (far, near)):
        for (colour, key), sides in own.items():
            across = [item for step in (-1, 0, 1) for item in others.get((colour, key + step), ())]
            for at, start, end in sides[:_MOST_SIDES]:
                beside = [(s, e) for y, s, e in across[:_MOST_SIDES] if abs(y - at) <= _ADJOIN]
                edges.extend(Rule(at, a, b) for a, b in _uncovered(start, end, beside))
    return edges


def _uncovered(start: float, end: float, others: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """What is left of start..end outside the other stretches."""
    pieces = []
    at = start
    for a, b in sorted(others):
        if a > at + _SHORT:
            pieces.append((at, min(a, end)))
        at = max(at, b)
        if at >= end:
            break
    if at < end - (_SHORT if others else 0.0):
        pieces.append((at, end))
    return pieces


def _far_from(drawn: Sequence[Rule], edges: Sequence[Rule]) -> list[Rule]:
    """The edges of filled areas that no drawn rule runs beside: an area is often a little smaller than the cell it fills."""
    places = [rule.at for rule in drawn]
    kept = []
    for edge in edges:
        near = drawn[bisect_left(places, edge.at - _INSET) : bisect_right(places, edge.at + _INSET)]
        shared = sum(max(0.0, min(rule.end, edge.end) - max(rule.start, edge.start)) for rule in near)
        if shared < 0.5 * (edge.end - edge.start):
            kept.append(edge)
    return kept


def _inside(rules: Sequence[Rule], across: float, along: float) -> list[Rule]:
    """Rules on the page, cut at its edges."""
    return [
        Rule(rule.at, max(0.0, rule.start), min(along, rule.end), rule.thickness)
        for rule in rules
        if -1 <= rule.at <= across + 1 and rule.end > 0 and rule.start < along
    ]


def merge_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Rules of one direction with pieces joined, doubles and dashes made one, sorted by `at`, then `start`. About n log n."""
    return sorted(_merge_doubles(_join_pieces(rules)), key=lambda rule: (rule.at, rule.start))


def _join_pieces(rules: Sequence[Rule]) -> list[Rule]:
    """Pieces on one line joined where they touch, or where short pieces follow each other at short distances (dashes)."""
    joined: list[Rule] = []
    for band in _bands(sorted(rules, key=lambda rule: rule.at), _JOIN / 2):
        band.sort(key=lambda rule: rule.start)
        run: list[Rule] = []
        runs: list[list[Rule]] = []
        reach = 0.0
        for rule in band:
            if run and rule.start <= reach + _JOIN:
                run.append(rule)
                reach = max(reach, rule.end)
            else:
                run = [rule]
                runs.append(run)
                reach = rule.end
        pieces = [_one(run) for run in runs]
        joined.extend(_join_dashes(pieces))
    return [rule for rule in joined if rule.end - rule.start >= _SHORT]


def _join_dashes(pieces: list[Rule]) -> list[Rule]:
    """Of pieces of one line, those that are dashes made one rule."""
    result: list[Rule] = []
    run: list[Rule] = []
    for piece in [*pieces, None]:
        is_dash = piece is not None and piece.end - piece.start <= 3 * _DASH_GAP
        if piece is not None and is_dash and (not run or piece.start - run[-1].end <= _DASH_GAP):
            run.append(piece)
            continue
        result.extend([_one(run)] if len(run) >= _DASHES else run)
        run = [piece] if piece is not None and is_dash else []
        if piece is not None and not is_dash:
            result.append(piece)
    return result


def _merge_doubles(rules: list[Rule]) -> list[Rule]:
    """Two rules side by side over most of the shorter one are one double rule."""
    ordered = sorted(rules, key=lambda rule: (rule.at, rule.start))
    result: list[Rule] = []
    for rule in ordered:
        twin = None
        for index in range(len(result) - 1, -1, -1):
            other = result[index]
            if rule.at - other.at > _DOUBLE:
                break
            shared = min(rule.end, other.end) - max(rule.start, other.start)
            if shared > 0.5 * min(rule.end - rule.start, other.end - other.start):
                twin = index
                break
        if twin is None:
            result.append(rule)
        else:
            other = result[twin]
            longer = max(rule, other, key=lambda item: item.end - item.start)
            result[twin] = Rule(longer.at, min(rule.start, other.start), max(rule.end, other.end), rule.at - other.at + other.thickness)
    return result


def group_by_height(lying: Sequence[Rule], near: float) -> list[list[Rule]]:
    """Lying rules from the top in groups: within a group, each is at most `near` points below the first."""
    groups: list[list[Rule]] = []
    for rule in sorted(lying, key=lambda item: item.at):
        if groups and rule.at - groups[-1][0].at <= near:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    return groups


def _bands(rules: Sequence[Rule], near: float) -> list[list[Rule]]:
    """Sorted rules in groups: within a group, each is `near` the one before."""
    bands: list[list[Rule]] = []
    for rule in rules:
        if bands and rule.at - bands[-1][-1].at <= near and rule.at - bands[-1][0].at <= _JOIN:
            bands[-1].append(rule)
        else:
            bands.append([rule])
    return bands


def _one(run: Sequence[Rule]) -> Rule:
    """One rule for pieces: at the place of the longest."""
    if len(run) == 1:
        return run[0]
    longest = max(run, key=lambda rule: rule.end - rule.start)
    return Rule(longest.at, min(r.start for r in run), max(r.end for r in run), max(r.thickness for r in run))
