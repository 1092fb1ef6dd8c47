"""Where the columns of a table without standing rules are: gaps that run down through its lines of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.readers.pdf.page import Rule
from pipeline.readers.pdf.phrases import CURRENCY, Line, is_figure
from pipeline.readers.pdf.words import Phrase, phrase_of
from pipeline.values.kinds import looks_like_year

__all__ = ["Column", "find_columns", "part_figures", "split_at_columns", "usual_blank"]

_CROSSED = 0.12  # of the lines of figures that may run over a gap between columns
_BLANK = 0.3  # of the letter height
_WIDEST_BLANK = 0.45  # the same in type that is set wide
_WIDER = 1.35  # than a blank: a gap that may part columns
_OUTER = 3  # lines of one phrase outside the figures that make a column of their own
_MOST_HEADER_LINES = 12
_LEAST_FULL = 3  # phrases of a line that is full
_MANY = 5  # phrases of a line that tell all columns of a table
_LABELS_BESIDE = 2  # labels that begin below one another, behind others on their lines, and make a column
_FIGURES_BESIDE = 2  # behind them on each
_SAME_START = 0.3  # of the letter height by which the labels of one column may begin apart
_FLUSH = 0.1  # of the letter height by which what ends below one another may end apart
_LEAST_BELOW = 2  # figures of a column that one in the text of a label is told by
_TAILS = frozenset("%)*†‡§")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the stretch between its gaps, and the narrower one that its lines of figures fill."""

    left: float
    right: float
    x0: float
    x1: float


def split_at_columns(line: Line, columns: Sequence[Column], lying: Sequence[Rule], blank: float) -> Line:
    """The phrases of a line parted at gaps between columns that are wider than the phrase's other gaps; not where a rule below joins them.

    `blank`: the usual one, of the letter height.
    """
    result: list[Phrase] = []
    for phrase in line:
        cuts = _wide_gaps(phrase, columns, blank) if len(phrase.words) > 1 else []
        if cuts and any(_joins(rule, phrase, line) for rule in lying):
            cuts = []
        bounds = [0, *cuts, len(phrase.words)]
        for a, b in pairwise(bounds):
            words = phrase.words[a:b]
            result.append(phrase_of(words))
    return tuple(result)


def _joins(rule: Rule, phrase: Phrase, line: Line) -> bool:
    """Whether a rule lies just below a phrase and below no other of its line."""
    is_under = -0.35 * phrase.height <= rule.at - phrase.bottom <= 1.1 * phrase.height
    return (
        is_under
        and rule.start - 3 <= phrase.x0
        and phrase.x1 <= rule.end + 3
        and not any(other is not phrase and rule.start - 2 <= (other.x0 + other.x1) / 2 <= rule.end + 2 for other in line)
    )


def part_figures(lines: Sequence[Line]) -> list[Line]:
    """The lines with a figure at the end of a label parted from it where it ends below the figures that stand behind other labels."""
    firsts = [next((i for i, phrase in enumerate(line) if is_figure(phrase.text)), 0) for line in lines]
    ends = [line[first].x1 for line, first in zip(lines, firsts, strict=True) if first]
    result: list[Line] = []
    for line, first in zip(lines, firsts, strict=True):
        words = line[first - 1].words if first else ()
        if len(words) > 1 and is_figure(words[-1].text) and words[-1].x0 - words[-2].x1 > _BLANK * words[-1].height:
            near = _FLUSH * words[-1].height
            if sum(abs(end - words[-1].x1) <= near for end in ends) >= _LEAST_BELOW:
                line = (*line[: first - 1], phrase_of(words[:-1]), phrase_of(words[-1:]), *line[first:])
        result.append(line)
    return result


def usual_blank(lines: Sequence[Line]) -> float:
    """How wide a blank between two words is, of the letter height: most phrases are of one column."""
    blanks = sorted(
        min(b.x0 - a.x1 for a, b in pairwise(phrase.words)) / phrase.height for line in lines for phrase in line if len(phrase.words) > 1
    )
    return min(max(_BLANK, blanks[len(blanks) // 4]), _WIDEST_BLANK) if len(blanks) >= _LEAST_FULL else _BLANK


def _wide_gaps(phrase: Phrase, columns: Sequence[Column], blank: float) -> list[int]:
    """Where a phrase may be cut: before words behind a gap that lies between the figures of two columns and is wider than a blank; one for each two."""
    gaps = [b.x0 - a.x1 for a, b in pairwise(phrase.words)]
    least = max(_WIDER * min(min(gaps), blank * phrase.height), _BLANK * phrase.height)
    near = _SAME_START * phrase.height
    cuts: dict[float, tuple[float, float, int]] = {}  # by the end of the column: the widest gap, the nearest to that end
    for index, gap in enumerate(gaps, 1):
        if gap < least:
            continue
        left, right = phrase.words[index - 1].x1, phrase.words[index].x0
        for a, b in pairwise(columns):
            is_at_end = a.right - near < right and left < a.right + near
            if is_at_end or (phrase.words[0].x0 < a.x1 <= left + near and a.x0 < left and right < b.x1 and right <= b.x0 + near):
                rank = (round(gap / least, 1), -abs((left + right) / 2 - a.right), index)
                cuts[a.right] = max(cuts.get(a.right, rank), rank)
    return sorted({index for _, _, index in cuts.values()})


def find_columns(lines: Sequence[Line], left: float, right: float, fixed: Sequence[float] = ()) -> list[Column]:
    """The columns of a table from the phrases of its lines. `left` and `right` are its sides; `fixed`: standing rules that part columns anyway.

    Lines of figures decide where there are enough of them, since headers and sections run over gaps; else all lines of several phrases do.
    """
    core = _core_lines(lines)
    if not core:
        return _columns([left, *sorted(fixed), right], [])
    phrases = [phrase for line in core for phrase in line]
    height = sorted(phrase.height for phrase in phrases)[len(phrases) // 2]
    cuts = [cut for cut in fixed if left < cut < right]
    telling = _full_lines(core, height)
    own = phrases if telling is core else [phrase for line in telling for phrase in line]
    for start, end in _valleys(own, int(_CROSSED * len(telling))):
        if any(start - 1 <= cut <= end + 1 for cut in cuts):
            continue
        cuts.extend(_cut_valley(start, end, own, height))
    cuts = _without_stretched(cuts, core, lines, fixed)
    cuts.extend(_outer_cuts(lines, phrases, cuts))
    cuts.extend(_label_cuts(lines, cuts))
    columns = _columns([left, *sorted(cuts), right], phrases)
    labels = _labels_between([line for line in lines if line not in core], columns)
    if labels:
        columns = _with_empty(columns, labels, phrases)
    return _join_marks(_join_labels(columns, lines), phrases)


def _without_stretched(cuts: Sequence[float], core: Sequence[Line], lines: Sequence[Line], fixed: Sequence[float]) -> list[float]:
    """The cuts without the first one where it runs between the words of stretched labels: where they are short there is nothing behind it."""
    ordered = sorted(cuts)
    if not ordered or ordered[0] in fixed:
        return ordered
    end = ordered[1] if len(ordered) > 1 else float("inf")
    behind = [phrase for line in core for phrase in line[1:] if phrase.x0 > ordered[0] and phrase.x1 < end]
    if not behind or 2 * len(behind) > len(core) or any(is_figure(phrase.text) for phrase in behind):
        return ordered
    last = _last_labels(lines)
    is_alone = len(last) == 1 and len(core) > _LEAST_FULL and not _is_headed(last[0], lines)
    return ordered[1:] if is_alone or _are_stretched(last) else ordered


def _last_labels(lines: Sequence[Line]) -> list[Phrase]:
    """Of the lines of several labels before their figures the last label."""
    found = []
    for line in lines:
        first = next((index for index, phrase in enumerate(line) if is_figure(phrase.text)), 0)
        if first > 1 and len(line) - first >= _FIGURES_BESIDE and all(is_figure(phrase.text) for phrase in line[first:]):
            found.append(line[first - 1])
    return found


def _is_headed(label: Phrase, lines: Sequence[Line]) -> bool:
    """Whether any other text stands over or under a label."""
    return any(phrase is not label and phrase.x0 < label.x1 and label.x0 < phrase.x1 for line in lines for phrase in line)


def _are_stretched(behind: Sequence[Phrase]) -> bool:
    """Whether the last words of labels are those of lines stretched to one width: they end below one another and begin anywhere."""
    if any(is_figure(phrase.text) for phrase in behind):
        return False
    starts, ends = [phrase.x0 for phrase in behind], [phrase.x1 for phrase in behind]
    near = _SAME_START * max((phrase.height for phrase in behind), default=0.0)
    return len(behind) > 1 and max(ends) - min(ends) <= _FLUSH * behind[0].height and max(starts) - min(starts) > near


def _outer_cuts(lines: Sequence[Line], phrases: Sequence[Phrase], cuts: Sequence[float]) -> list[float]:
    """Cuts before the first and behind the last column of figures where lines of one phrase stand outside it: labels or notes beside them."""
    alone = [line[0] for line in lines if len(line) == 1]
    found = []
    first = [p for p in phrases if not any(cut < p.x0 for cut in cuts)]
    last = [p for p in phrases if not any(cut > p.x1 for cut in cuts)]
    if first:
        edge = min(p.x0 for p in first)
        before = [p.x1 for p in alone if p.x1 <= edge]
        if len(before) >= _OUTER:
            found.append((max(before) + edge) / 2)
    if last:
        edge = max(p.x1 for p in last)
        behind = [p.x0 for p in alone if p.x0 >= edge]
        if len(behind) >= _OUTER:
            found.append((min(behind) + edge) / 2)
    return found


def _label_cuts(lines: Sequence[Line], cuts: Sequence[float]) -> list[float]:
    """Cuts between columns of labels, where lines of figures have several labels that begin below one another.

    A label that takes the place of several runs over the gap, and in a short table that is most of them.
    """
    found: list[float] = []
    behind: list[tuple[Phrase, Phrase]] = []
    first: list[float] = []  # where the labels begin that have none before them
    for line in lines:
        figures = [index for index, phrase in enumerate(line) if is_figure(phrase.text)]
        if len(figures) < _FIGURES_BESIDE or not figures[0] or figures != list(range(figures[0], len(line))):
            continue
        first.append(line[0].x0)
        behind += pairwise(line[: figures[0]])
    if _are_stretched(_last_labels(lines)):
        return []
    behind.sort(key=lambda pair: pair[1].x0)
    groups: list[list[tuple[Phrase, Phrase]]] = []
    for pair in behind:
        if groups and pair[1].x0 - groups[-1][0][1].x0 <= _SAME_START * pair[1].height:
            groups[-1].append(pair)
        else:
            groups.append([pair])
    for group in groups:
        end, start = max(before.x1 for before, _ in group), min(after.x0 for _, after in group)
        count = len(group) + sum(abs(x0 - start) <= _SAME_START * group[0][1].height for x0 in first)
        if count >= _LABELS_BESIDE and start > end and not any(end - 1 <= cut <= start + 1 for cut in (*cuts, *found)):
            found.append((end + start) / 2)
    return found


def _labels_between(lines: Sequence[Line], columns: Sequence[Column]) -> list[Phrase]:
    """The labels of columns in which nothing stands below: between two columns of figures whose labels stand beside on the same line.

    A spanner stands between columns, too; but on its line those have no labels of their own.
    """
    found: list[Phrase] = []
    for before, after in pairwise(columns[1:] if len(columns) > 2 else []):
        for line in lines:
            inside = [i for i, phrase in enumerate(line) if before.x1 < phrase.x0 and phrase.x1 < after.x0]
            if inside and inside[-1] + 1 < len(line) and _is_over(line[inside[-1] + 1], after):
                found += [line[i] for i in inside if inside[0] == 0 or _is_over(line[inside[0] - 1], before)]
    return found


def _with_empty(columns: Sequence[Column], labels: Sequence[Phrase], phrases: Sequence[Phrase]) -> list[Column]:
    """The columns with those under the labels, between others."""
    stacks: list[tuple[float, float]] = []
    for label in sorted(labels, key=lambda phrase: phrase.x0):
        if stacks and label.x0 <= stacks[-1][1]:
            stacks[-1] = (stacks[-1][0], max(label.x1, stacks[-1][1]))
        else:
            stacks.append((label.x0, label.x1))
    filled = sorted([*stacks, *((column.x0, column.x1) for column in columns)])
    edges = [columns[0].left, *((a[1] + b[0]) / 2 for a, b in pairwise(filled)), columns[-1].right]
    return _columns(edges, [*phrases, *labels])


def _is_over(phrase: Phrase, column: Column) -> bool:
    return phrase.x0 < column.x1 and column.x0 < phrase.x1


def _core_lines(lines: Sequence[Line]) -> list[Line]:
    several = [line for line in lines if len(line) > 1]
    if not several:
        return []
    figures = [line for line in several if 2 * sum(is_figure(phrase.text) for phrase in line) >= len(line)]
    while len(figures) > 2 and _heads_with_years(figures[0]):
        figures = figures[1:]  # years may stand beside the figures of their columns
    is_clear = len(figures) >= 3 or 2 * len(figures) >= len(several) or _fill_most(figures, several)
    core = figures if is_clear else several
    counts = sorted(len(line) for line in core)
    typical = counts[(3 * len(counts)) // 4]
    return [line for line in core if 2 * len(line) >= typical]


def _heads_with_years(line: Line) -> bool:
    """Whether the figures of a line, behind the label of the labels or none, are all years."""
    figures = line if is_figure(line[0].text) else line[1:]
    return all(looks_like_year(phrase.text) for phrase in figures)


def _full_lines(core: Sequence[Line], height: float) -> Sequence[Line]:
    """The lines with most phrases, where those of each column begin or end below one another, and all phrases of the others begin or end there, too:
    in some sections of such a table one cell takes the place of several, and its figure may be as wide. Else all lines.
    """
    most = max(len(line) for line in core)
    full = [line for line in core if len(line) == most]
    if most < _LEAST_FULL or not 1 < len(full) < len(core):
        return core
    near = _SAME_START * height
    starts: list[float] = []
    ends: list[float] = []
    for column in zip(*full, strict=True):
        low, high = [phrase.x0 for phrase in column], [phrase.x1 for phrase in column]
        if max(low) - min(low) <= near:
            starts.append(min(low))
        elif max(high) - min(high) <= near:
            ends.append(max(high))
        else:
            return core
    for phrase in (phrase for line in core if len(line) < most for phrase in line):
        if not any(abs(phrase.x0 - start) <= near for start in starts) and not any(abs(phrase.x1 - end) <= near for end in ends):
            return core
    return full


def _fill_most(figures: Sequence[Line], several: Sequence[Line]) -> bool:
    """Whether each of some lines of figures has as many phrases as any line, and many: a long header above few rows."""
    most = max(len(line) for line in several)
    return most >= _MANY and bool(figures) and all(len(line) == most for line in figures)


def _valleys(phrases: Sequence[Phrase], allowed: int) -> list[tuple[float, float]]:
    """The stretches between phrases over which at most `allowed` of them run."""
    events: list[tuple[float, int]] = []
    for phrase in phrases:
        inset = min(0.5, (phrase.x1 - phrase.x0) / 4)
        events.append((phrase.x0 + inset, 1))
        events.append((phrase.x1 - inset, -1))
    events.sort()
    depth = 0
    found: list[tuple[float, float]] = []
    since: float | None = None
    for x, step in events:
        was = depth
        depth += step
        if was > allowed >= depth:
            since = x
        elif was <= allowed < depth and since is not None:
            found.append((since, x))
            since = None
    return found


def _cut_valley(start: float, end: float, phrases: Sequence[Phrase], height: float) -> list[float]:
    """The cuts of a valley: one in its emptiest part; on both sides of phrases that stand wholly inside it, a sparse column."""
    inner = sorted((p for p in phrases if p.x0 >= start - 1 and p.x1 <= end + 1), key=lambda p: p.x0)
    groups: list[list[Phrase]] = []
    for phrase in inner:
        if groups and phrase.x0 < max(p.x1 for p in groups[-1]) + 0.3 * height:
            groups[-1].append(phrase)
        else:
            groups.append([phrase])
    solid = [
        group for group in groups if max(p.top for p in group) - min(p.top for p in group) > height or any(is_figure(p.text) for p in group)
    ]
    edges = [start]
    for group in solid:
        edges += [min(p.x0 for p in group), max(p.x1 for p in group)]
    edges.append(end)
    cuts = []
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        low, high = _emptiest(a, b, phrases)
        if high - low > 0.15 * height:
            cuts.append((low + high) / 2)
    return cuts


def _emptiest(start: float, end: float, phrases: Sequence[Phrase]) -> tuple[float, float]:
    """The widest part of a stretch over which fewest phrases run."""
    if end <= start:
        return (start, start)
    marks = {start, end}
    for phrase in phrases:
        for x in (phrase.x0, phrase.x1):
            if start < x < end:
                marks.add(x)
    ordered = sorted(marks)
    best = (start, start)
    fewest = len(phrases) + 1
    for a, b in pairwise(ordered):
        middle = (a + b) / 2
        count = sum(1 for phrase in phrases if phrase.x0 < middle < phrase.x1)
        if count < fewest or (count == fewest and b - a > best[1] - best[0]):
            fewest, best = count, (a, b)
    return best


def _columns(edges: Sequence[float], phrases: Sequence[Phrase]) -> list[Column]:
    columns = []
    for left, right in pairwise(edges):
        own = [
            phrase for phrase in phrases if left <= (phrase.x0 + phrase.x1) / 2 < right and phrase.x0 >= left - 3 and phrase.x1 <= right + 3
        ]
        x0, x1 = (min(p.x0 for p in own), max(p.x1 for p in own)) if own else (left, right)
        columns.append(Column(left, right, x0, x1))
    return columns


def _join_labels(columns: Sequence[Column], lines: Sequence[Line]) -> Sequence[Column]:
    """The columns, those of nothing but labels above the first figures joined to the one behind (else before) them that has none: labels may stand
    beside the figures they head."""
    start = next(
        (i for i, line in enumerate(lines) if any(is_figure(p.text) and not looks_like_year(p.text) for p in line[1:])), len(lines)
    )
    if start == 0 or start > _MOST_HEADER_LINES or start + _LEAST_FULL > len(lines):
        return columns
    above, below = _occupied(columns, lines[:start]), _occupied(columns, lines[start:])
    result: list[Column] = []
    index = 0
    while index < len(columns):
        column = columns[index]
        if index and not below[index]:
            if index + 1 < len(columns) and not above[index + 1]:
                after = columns[index + 1]
                column = Column(column.left, after.right, after.x0, after.x1)
                index += 1
            elif index > 1 and not above[index - 1]:
                before = result.pop()
                column = Column(before.left, column.right, before.x0, before.x1)
        result.append(column)
        index += 1
    return result


def _occupied(columns: Sequence[Column], lines: Sequence[Line]) -> list[bool]:
    """Whether any text stands over each column."""
    phrases = [phrase for line in lines for phrase in line]
    return [any(phrase.x0 < column.right and column.left < phrase.x1 for phrase in phrases) for column in columns]


def _join_marks(columns: Sequence[Column], phrases: Sequence[Phrase]) -> list[Column]:
    """Columns of nothing but currency signs joined to the right, of nothing but percent signs and marks of notes to the left."""
    result: list[Column] = []
    pending: Column | None = None
    for column in columns:
        texts = {phrase.text for phrase in phrases if column.left <= (phrase.x0 + phrase.x1) / 2 < column.right}
        if pending is not None:
            column = Column(pending.left, column.right, min(pending.x0, column.x0), column.x1)
            pending = None
        if texts and all(char in CURRENCY for text in texts for char in text) and column is not columns[-1]:
            pending = column
        elif result and texts and all(char in _TAILS for text in texts for char in text):
            last = result.pop()
            result.append(Column(last.left, column.right, last.x0, column.x1))
        else:
            result.append(column)
    return result
