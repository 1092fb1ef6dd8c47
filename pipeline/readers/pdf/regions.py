"""Where on a page the tables without a full grid are: prose left out, lines of several columns gathered, rules as fences."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.readers.pdf.items import begins_item
from pipeline.readers.pdf.page import Box, Rule, hull
from pipeline.readers.pdf.phrases import Line, is_figure, line_phrases
from pipeline.readers.pdf.rules import group_by_height
from pipeline.readers.pdf.words import Phrase, Word, are_set_alike, group_lines, is_cjk, join_phrases

__all__ = ["find_prose", "find_regions"]

_PROSE_GAP = 1.0  # of the letter height: words of running text are closer
_PROSE_WIDTH = 14.0  # of the letter height
_PROSE_WORDS = 4.5  # a line
_PROSE_SHARE = 0.6  # of its lines that are nearly as long as the longest
_CHAIN_ENDS = 8.0  # points by which the ends of rules of one table may differ
_SAME_HEIGHT = 1.0  # points by which pieces of one rule may differ in height
_ONE_LINE = 2.4  # of the letter height: rules that near hold one row
_NEXT_HEAD = 1.45  # of the letter height from line to line of a header
_HEAD_LINES = 4  # of a table, that tell its sides
_BESIDE = 0.3  # of the letter height that a text stands lower than the upper edge of a line it is beside
_FAR = 3.2  # of the letter height: lines further apart are not one table unless rules hold them together
_FAR_ROWS = 5.0  # the same between rows whose figures stand below one another
_FIGURES_OF_ROWS = 2
_LINES_OF_A_CELL = 5  # between rules, as a rule: beside its first line stand others of its row
_MOST_WAITING = 3  # single lines between two lines of several columns, whatever they are
_MOST_WRAPPED = 12  # lines of one cell
_SAME_START = 0.3  # of the letter height by which the lines of one cell may begin apart
_FAR_BELOW = 5.0  # of the letter height: rules between which so much stays blank below the upper one are of two tables
_RULES_OF_A_TABLE = 3
_FAR_BESIDE = 2.5  # of the letter height: what stands further from the ends of a table's rules is none of it
_LOWER = 1.35  # of the distance from line to line of a text: what stands lower is no line of it
_WIDE_GAP = 1.0  # of the letter height: a gap that wide may part columns


@dataclass(frozen=True, slots=True)
class _Chain:
    """Lying rules of the same extent one below the other, with lines of several columns between each two."""

    start: float
    end: float
    ats: tuple[float, ...]


def find_prose(words: Sequence[Word], lying: Sequence[Rule] = ()) -> set[Word]:
    """The words of running text: lines of many words, one close below the other, most of them filled to the same width.

    A rule between two lines parts them; long texts between rules beside short ones are the cells of a table.
    """
    phrases: list[Phrase] = []
    labels: set[Phrase] = set()  # a figure follows on their line, maybe behind its unit
    beside: dict[Phrase, list[Phrase]] = {}
    lined = [join_phrases(line, _PROSE_GAP) for line in group_lines(words)]
    chains = _find_chains(lying, [tuple(line) for line in lined])
    lined = _part_at_starts(lined, chains)
    for joined in lined:
        phrases.extend(joined)
        for phrase in joined:
            beside[phrase] = [other for other in joined if other is not phrase]
        if len(joined) > 1:
            last = max((index for index, phrase in enumerate(joined) if is_figure(phrase.text)), default=0)
            labels.update(joined[:last])
    phrases.sort(key=lambda phrase: phrase.top)
    tops = [phrase.top for phrase in phrases]
    below: dict[int, int] = {}
    has_above: set[int] = set()
    for index, phrase in enumerate(phrases):
        height = phrase.height
        best: int | None = None
        for other in range(bisect_left(tops, phrase.top + 0.6 * height), len(phrases)):
            lower = phrases[other]
            if lower.top - phrase.top > 1.9 * height:
                break
            shared = min(phrase.x1, lower.x1) - max(phrase.x0, lower.x0)
            if other in has_above or shared < 0.6 * min(phrase.x1 - phrase.x0, lower.x1 - lower.x0):
                continue
            if any(_middle((phrase,)) < rule.at < _middle((lower,)) and rule.start < phrase.x1 and phrase.x0 < rule.end for rule in lying):
                continue
            if abs(lower.height - height) > 0.25 * height or abs(lower.x0 - phrase.x0) > 3.5 * height:
                continue
            if best is None or phrases[best].top > lower.top + 1:
                best = other
        if best is not None:
            below[index] = best
            has_above.add(best)
    found: list[list[Phrase]] = []
    for index in range(len(phrases)):
        if index in has_above:
            continue
        stack = [phrases[index]]
        at = index
        while at in below:
            at = below[at]
            stack.append(phrases[at])
        found.extend(run for run in _runs(stack) if _is_prose(run) and 2 * sum(phrase in labels for phrase in run) < len(run))
    running = {phrase for run in found for phrase in run}
    prose: set[Word] = set()
    for run in found:
        while run and _is_label_below(run, beside[run[-1]], running):
            run = run[:-1]
        while run and _is_label_above(run, beside[run[0]]):
            run = run[1:]
        others = [
            [other for other in beside[phrase] if other not in running] for phrase in run if beside[phrase] and _is_held((phrase,), chains)
        ]
        cells = sum(map(bool, others))
        lines_of_a_cell = _LINES_OF_A_CELL if _begin_below(others) else 2
        if lines_of_a_cell * cells < len(run):
            prose.update(word for phrase in run for word in phrase.words)
    return prose


def _part_at_starts(lines: Sequence[list[Phrase]], chains: Sequence[_Chain]) -> list[list[Phrase]]:
    """The lines, those that fill their columns parted where the texts of other lines between the same two rules begin."""
    bands = [_band_of(line, chains) for line in lines]
    starts: dict[tuple[int, int], list[float]] = {}
    for line, band in zip(lines, bands, strict=True):
        if band is not None:
            starts.setdefault(band, []).extend(phrase.x0 for phrase in line[1:])
    for places in starts.values():
        places.sort()
    parted = []
    for line, band in zip(lines, bands, strict=True):
        pieces = [piece for phrase in line for piece in line_phrases(phrase.words)] if band is not None and len(line) == 1 else []
        own = [] if band is None else starts[band]
        is_clear = len(pieces) > len(line) and all(_is_near(piece.x0, own, _SAME_START * piece.height) for piece in pieces[1:])
        parted.append(pieces if is_clear else line)
    return parted


def _band_of(line: Sequence[Phrase], chains: Sequence[_Chain]) -> tuple[int, int] | None:
    """The chain that holds a line, and the rule of it above."""
    number = next((number for number, chain in enumerate(chains) if _is_held(line, [chain])), None)
    return None if number is None else (number, bisect_left(chains[number].ats, _middle(line)))


def _is_near(place: float, places: Sequence[float], near: float) -> bool:
    """Whether one of the sorted places is near."""
    index = bisect_left(places, place - near)
    return index < len(places) and places[index] <= place + near


def _begin_below(others: Sequence[Sequence[Phrase]]) -> bool:
    """Whether texts beside the lines of a cell begin below one another, as those of a column do."""
    firsts = sorted((line[0] for line in others if line), key=lambda phrase: phrase.x0)
    return any(b.x0 - a.x0 <= _SAME_START * a.height for a, b in pairwise(firsts))


def _is_label_below(run: Sequence[Phrase], beside: Sequence[Phrase], running: set[Phrase]) -> bool:
    """Whether the last line is the first label of a table right below the text: a short one, set apart, with others beside it that are no
    running text."""
    if len(run) < 2:
        return False
    last, above = run[-1], run[-2]
    is_short = last.x1 - last.x0 < 0.5 * max(phrase.x1 - phrase.x0 for phrase in run)
    is_lower = len(run) > 2 and last.top - above.top > _LOWER * (above.top - run[-3].top)
    is_apart = abs(last.x0 - above.x0) > last.height or is_lower
    return is_short and is_apart and any(other not in running for other in beside)


def _is_label_above(run: Sequence[Phrase], beside: Sequence[Phrase]) -> bool:
    """Whether the first line is the last label of a table right above the text: a short one, with figures behind it."""
    is_short = run[0].x1 - run[0].x0 < 0.5 * max(phrase.x1 - phrase.x0 for phrase in run)
    return is_short and any(other.x0 > run[0].x1 and is_figure(other.text) for other in beside)


def _runs(stack: list[Phrase]) -> list[list[Phrase]]:
    """A stack cut where long lines change to short ones for good: a paragraph's last line stays with it."""
    runs: list[list[Phrase]] = []
    width = max(phrase.x1 - phrase.x0 for phrase in stack)
    run: list[Phrase] = []
    short = 0
    for phrase in stack:
        is_short = phrase.x1 - phrase.x0 < 0.6 * width
        if is_short and short >= 1 and run:
            runs.append(run)
            run = []
        short = short + 1 if is_short else 0
        run.append(phrase)
    runs.append(run)
    return runs


def _is_prose(run: Sequence[Phrase]) -> bool:
    width = max(phrase.x1 - phrase.x0 for phrase in run)
    height = run[0].height
    if width < _PROSE_WIDTH * height:
        return False
    words = [word for phrase in run for word in phrase.words]
    if 5 * sum(is_figure(word.text) for word in words) > 2 * len(words):
        return False
    cjk = sum(1 for word in words for char in word.text if is_cjk(char))
    if len(words) / len(run) < _PROSE_WORDS and cjk / len(run) < 14:
        return False
    full = sum(1 for phrase in run if phrase.x1 - phrase.x0 >= 0.8 * width)
    if len(run) == 1:
        return width > 32 * height
    if len(run) == 2:
        return run[0].x1 - run[0].x0 >= 0.8 * width and width > 24 * height
    return full >= _PROSE_SHARE * (len(run) - 1)


def find_regions(words: Sequence[Word], lying: Sequence[Rule], standing: Sequence[Rule]) -> list[tuple[Box, list[Word]]]:
    """The boxes that may hold a table, each with its words, from the top. `words`: those outside ruled tables."""
    prose = find_prose(words, lying)
    rest = [word for word in words if word not in prose]
    if not rest:
        return []
    lines = [(line, line_phrases(line)) for line in group_lines(rest)]
    running = [phrase for line in group_lines(prose) for phrase in join_phrases(line, _PROSE_GAP)]
    chains = _find_chains(lying, [phrased for _, phrased in lines], running)
    lines, beside = _part_beside(lines, chains)
    groups = [*_gather(lines, chains), *_gather(beside, [])]
    regions = []
    for group in groups:
        words_of = [word for line, _ in group for word in line]
        regions.append((hull([word.box for word in words_of]), words_of))
    return sorted(regions, key=lambda region: region[0][1])


def _part_beside(lines: Sequence[_Lined], chains: Sequence[_Chain]) -> tuple[list[_Lined], list[_Lined]]:
    """The lines without what stands far beside a table of several rules, and that, as lines of its own."""
    aside: set[Word] = set()
    kept: set[Word] = set()  # of the tables of other chains
    for chain in chains:
        if len(chain.ats) < _RULES_OF_A_TABLE:
            continue
        held = [(line, phrases) for line, phrases in lines if chain.ats[0] <= _middle(phrases) <= chain.ats[-1]]
        height = max((word.height for line, _ in held for word in line), default=0.0)
        inside = [tuple(p for p in phrases if p.x1 > chain.start and p.x0 < chain.end) for _, phrases in held if _is_held(phrases, [chain])]
        if 2 * sum(map(_is_several, inside)) < len(inside):
            continue  # its labels stand outside its rules
        others = [word for line, _ in held for word in line if word not in kept]
        left = [word for word in others if word.x1 <= chain.start]
        right = [word for word in others if word.x0 >= chain.end]
        kept.update(word for word in others if word not in aside and word.x1 > chain.start and word.x0 < chain.end)
        if left and chain.start - max(word.x1 for word in left) >= _FAR_BESIDE * height:
            aside.update(left)
        if right and min(word.x0 for word in right) - chain.end >= _FAR_BESIDE * height:
            aside.update(right)
    if not aside:
        return list(lines), []
    own = [[word for word in line if word not in aside] for line, _ in lines]
    return [(line, line_phrases(line)) for line in own if line], [(line, line_phrases(line)) for line in group_lines(aside)]


def _find_chains(lying: Sequence[Rule], lines: Sequence[Line], prose: Sequence[Phrase] = ()) -> list[_Chain]:
    """Rules of one extent, from the top, where the lines between stand in columns and are not mostly running text."""
    chains: list[_Chain] = []
    used: set[int] = set()
    ordered = _with_gaps_closed(lying, lines)
    for index, rule in enumerate(ordered):
        if index in used or rule.end - rule.start < 40:
            continue
        ats = [rule.at]
        for other in range(index + 1, len(ordered)):
            lower = ordered[other]
            if other in used or abs(lower.start - rule.start) > _CHAIN_ENDS or abs(lower.end - rule.end) > _CHAIN_ENDS:
                continue
            between = [
                line
                for line in lines
                if line and ats[-1] <= (line[0].top + line[0].bottom) / 2 <= lower.at and line[0].x0 < rule.end and line[-1].x1 > rule.start
            ]
            running = sum(1 for p in prose if ats[-1] <= _middle((p,)) <= lower.at and p.x0 < rule.end and p.x1 > rule.start)
            if not running and len(between) == 1 and len(between[0]) == 1 and lower.at - ats[-1] <= _ONE_LINE * between[0][0].height:
                used.add(other)
                ats.append(lower.at)  # a section between two rules
                continue
            if (between or running) and (running > 1 or not any(_is_several(line) for line in between)):
                break
            if between and min(line[0].top - ats[-1] - _FAR_BELOW * line[0].height for line in between) > 0:
                break  # another table
            used.add(other)
            ats.append(lower.at)
        if len(ats) > 1:
            chains.append(_Chain(rule.start, rule.end, tuple(ats)))
    return [_with_head(chain, ordered, lines) for chain in chains if not any(_is_within(chain, other) for other in chains)]


def _with_gaps_closed(lying: Sequence[Rule], lines: Sequence[Line]) -> list[Rule]:
    """Rules by height, where pieces at one height that together reach as far as another rule are one: a column without totals has no rule there.

    Pieces over labels of their own are of tables side by side.
    """
    by_height = group_by_height(lying, _SAME_HEIGHT)
    whole = [group[0] for group in by_height if len(group) == 1]
    lowest = max((group[0].at for group in by_height if len(group) > 1), default=0.0)
    closed: list[Rule] = []
    for group in by_height:
        start, end = min(rule.start for rule in group), max(rule.end for rule in group)
        likes = [rule.at for rule in whole if abs(rule.start - start) <= _CHAIN_ENDS and abs(rule.end - end) <= _CHAIN_ENDS]
        if len(group) > 1 and likes and not _has_labels(group, (min(likes), lowest), lines):
            closed.append(Rule(group[0].at, start, end, max(rule.thickness for rule in group)))
        else:
            closed.extend(group)
    return closed


def _has_labels(pieces: Sequence[Rule], between: tuple[float, float], lines: Sequence[Line]) -> bool:
    """Whether what stands first over a piece that is not the first one, between two heights, is mostly no figures."""
    for piece in sorted(pieces, key=lambda rule: rule.start)[1:]:
        held = [line for line in lines if between[0] <= _middle(line) <= between[1]]
        over = [next((p for p in line if p.x1 > piece.start and p.x0 < piece.end), None) for line in held]
        firsts = [phrase.text for phrase in over if phrase is not None]
        if 2 * sum(map(is_figure, firsts)) <= len(firsts):
            return True
    return False


def _is_within(chain: _Chain, other: _Chain) -> bool:
    """Whether a chain's rules are those under the spanners of a wider one."""
    if other.end - other.start <= chain.end - chain.start + _CHAIN_ENDS:
        return False
    inside = other.start - _CHAIN_ENDS <= chain.start and chain.end <= other.end + _CHAIN_ENDS
    return inside and chain.ats[0] <= other.ats[-1] and other.ats[0] <= chain.ats[-1]


def _with_head(chain: _Chain, lying: Sequence[Rule], lines: Sequence[Line]) -> _Chain:
    """The chain with the shorter rules just above it: some headers have no rule over their label."""
    top = chain.ats[0]
    for rule in reversed([rule for rule in lying if rule.at < top - 1]):
        height = max((phrase.height for line in lines for phrase in line[:1] if rule.at <= _middle(line) <= top), default=0.0)
        inside = chain.start + _CHAIN_ENDS < rule.start and rule.end <= chain.end + _CHAIN_ENDS
        between = [line for line in lines if rule.at <= _middle(line) <= top and line[0].x0 < chain.end and line[-1].x1 > chain.start]
        if not inside or not between or len(between) > 3 or top - rule.at > 3.5 * height * len(between) or rule.end - rule.start < 30:
            break
        top = rule.at
    return chain if top == chain.ats[0] else _Chain(chain.start, chain.end, (top, *chain.ats))


def _is_several(line: Line) -> bool:
    """Whether a line has phrases far enough apart to be of several columns."""
    return any(b.x0 - a.x1 > _WIDE_GAP * min(a.height, b.height) for a, b in pairwise(line)) or any(
        is_figure(phrase.text) for phrase in line[1:]
    )


_Lined = tuple[list[Word], Line]


def _gather(lines: Sequence[_Lined], chains: Sequence[_Chain]) -> list[list[_Lined]]:
    """Lines by the table they may be of: from the first line of several columns to the last, single lines between taken along."""
    groups: list[list[_Lined]] = []
    group: list[_Lined] = []
    waiting: list[_Lined] = []  # single lines since the last one of several columns
    above: list[_Lined] = []  # single lines before the first one
    for number, item in enumerate(lines):
        phrases = item[1]
        last = (waiting or group)[-1][1] if group else None
        if last is not None and _is_parted(last, phrases, group, chains):
            groups.append([*group, *_rest_of_label(waiting, group)])
            group, waiting = [], []
        if _is_several(phrases) or (group and _is_held(phrases, chains)):
            if (
                group
                and len(waiting) > _MOST_WAITING
                and not _is_held(phrases, chains)
                and not _go_on_a_cell(waiting, group[-_MOST_WAITING:])
            ):
                groups.append(group)
                group, waiting = [], []
            group = [*group, *waiting, item] if group else [*_head_lines(above, lines[number : number + _HEAD_LINES], chains), item]
            waiting, above = [], []
        elif group:
            waiting.append(item)
        elif _is_held(phrases, chains):
            group = [item]
        else:
            above.append(item)
    if group:
        groups.append([*group, *_rest_of_label(waiting, group)])
    return [found for found in groups if len(found) >= 2]


def _rest_of_label(waiting: Sequence[_Lined], group: Sequence[_Lined]) -> list[_Lined]:
    """Of the single lines below a table those on which a label of its last line goes on: it had no room for what they begin with."""
    line = group[-1][1]
    label = next((a for a in line if waiting and abs(waiting[0][1][0].x0 - a.x0) <= _SAME_START * a.height), None)
    if label is None or label is line[-1] or is_figure(label.text):
        return []
    following = line[line.index(label) + 1]
    reach = max(phrase.x1 for _, other in group for phrase in other if phrase.x0 <= label.x1 and phrase.x1 < following.x0)
    found: list[_Lined] = []
    above = label
    for item in waiting[:_MOST_WRAPPED]:
        phrase = item[1][0]
        is_below = phrase.top - above.top <= _NEXT_HEAD * phrase.height and abs(phrase.height - label.height) <= _SAME_START * label.height
        starts = abs(phrase.x0 - label.x0) <= _SAME_START * label.height and phrase.x1 < following.x0
        first = phrase.words[0]
        if is_cjk(first.text[0]):
            goes_on = (
                not begins_item(phrase.text) and above.x1 + (first.x1 - first.x0) / len(first.text) > reach - _SAME_START * label.height
            )
        else:
            goes_on = first.text[0].islower() and above.x1 + (first.x1 - first.x0) > reach
        if len(item[1]) > 1 or not (is_below and starts and goes_on):
            break
        found.append(item)
        above = phrase
    return found


def _go_on_a_cell(waiting: Sequence[_Lined], above: Sequence[_Lined]) -> bool:
    """Whether single lines are the rest of a text in the lines of several columns above: they begin where it does and leave the next column free."""
    for phrase, following in (pair for _, line in above for pair in pairwise(line)):
        if all(abs(line[0].x0 - phrase.x0) <= _SAME_START * phrase.height and line[-1].x1 < following.x0 for _, line in waiting):
            return len(waiting) <= _MOST_WRAPPED
    return False


def _head_lines(above: Sequence[_Lined], table: Sequence[_Lined], chains: Sequence[_Chain]) -> list[_Lined]:
    """Of the single lines over a table's first lines those that begin its header: close above, short, and not where its labels begin, unless they stand
    beside the first line rather than above it.
    """
    found: list[_Lined] = []
    below = table[0][1]
    left, right = min(line[0].x0 for _, line in table), max(line[-1].x1 for _, line in table)
    pitch = min((lower[0].top - upper[0].top for (_, upper), (_, lower) in pairwise(table)), default=0.0)
    for item in reversed(above):
        phrase = item[1][0]
        reach = max(_NEXT_HEAD * phrase.height, pitch + 1 if _is_on_top(phrase, below) else 0.0)
        is_close = 0 < below[0].top - phrase.top <= reach
        is_beside = phrase.bottom > below[0].top + _BESIDE * phrase.height
        is_inside = (phrase.x0 > left + 2 * phrase.height or is_beside) and phrase.x1 <= right + 2 * phrase.height
        is_fenced = any(_middle(item[1]) < chain.ats[0] < _middle(below) for chain in chains)
        if not is_close or not is_inside or is_fenced or phrase.x1 - phrase.x0 > 0.4 * (right - left):
            break
        found.insert(0, item)
        below = item[1]
    return found


def _is_on_top(phrase: Phrase, below: Line) -> bool:
    """Whether a text stands over one label of a line only, and is set as that one is."""
    under = [other for other in below if other.x0 < phrase.x1 and phrase.x0 < other.x1]
    return len(under) == 1 and are_set_alike(phrase, under[0])


def _middle(line: Sequence[Phrase]) -> float:
    return (line[0].top + line[0].bottom) / 2


def _is_held(line: Sequence[Phrase], chains: Sequence[_Chain]) -> bool:
    """Whether a line lies between the first and the last rule of a chain."""
    y = _middle(line)
    return any(chain.ats[0] <= y <= chain.ats[-1] and line[0].x0 < chain.end and line[-1].x1 > chain.start for chain in chains)


def _is_parted(last: Line, line: Line, group: Sequence[_Lined], chains: Sequence[_Chain]) -> bool:
    """Whether a line cannot be of the same table as the one above it."""
    a, b = _middle(last), _middle(line)
    for chain in chains:
        if 2 * (chain.end - chain.start) < min(last[-1].x1 - last[0].x0, line[-1].x1 - line[0].x0):
            continue  # rules over totals in one column
        inside_a = chain.ats[0] <= a <= chain.ats[-1]
        inside_b = chain.ats[0] <= b <= chain.ats[-1]
        if inside_a and inside_b:
            return False
        if inside_b and not inside_a:
            return True
        if inside_a and not inside_b:
            inner = [item[1] for item in group if _middle(item[1]) > chain.ats[min(1, len(chain.ats) - 2)] and _is_several(item[1])]
            figures = sum(1 for phrases in inner if any(is_figure(phrase.text) for phrase in phrases[1:]))
            if (inner and len(chain.ats) > 2) or figures >= 2:
                return True
    height = max(phrase.height for phrase in (*last, *line))
    return b - a > (_FAR_ROWS if _are_rows(last, line) else _FAR) * height


def _are_rows(line: Line, other: Line) -> bool:
    """Whether two lines are plainly rows of one table: several figures on each, and those of one below those of the other."""
    figures, others = (
        [phrase for phrase in phrases[1:] if is_figure(phrase.text) and any(map(str.isdigit, phrase.text))] for phrases in (line, other)
    )
    if min(len(figures), len(others)) < _FIGURES_OF_ROWS:
        return False
    fewer, more = sorted((figures, others), key=len)
    near = _SAME_START * line[0].height
    return all(any(abs(a.x0 - b.x0) <= near or abs(a.x1 - b.x1) <= near for b in more) for a in fewer)
