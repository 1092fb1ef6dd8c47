"""The body of a table without a full grid: which lines are one row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from pipeline.readers.pdf.columns import Column
from pipeline.readers.pdf.groups import Group, find_groups
from pipeline.readers.pdf.heads import columns_of
from pipeline.readers.pdf.items import begins_item
from pipeline.readers.pdf.page import Rule, hull
from pipeline.readers.pdf.phrases import Line, is_figure
from pipeline.readers.pdf.tables import TableCell
from pipeline.readers.pdf.words import Phrase, is_cjk, phrase_of

__all__ = ["build_body", "row_cuts"]

_CLOSE = 0.9  # of the usual distance of rows: lines of one cell are closer
_ONE_CELL = 1.3  # of the letter height from the middle line of a row to its others
_MIDDLE = 2.0  # of the letter height a centred text may be off the middle of its columns
_FAR_IN = 3.0  # of the letter height: no indent
_SAME_START = 0.3  # of the letter height a text may begin off its column's
_NEXT_LINE = 1.5  # of the letter height from line to line of one text
_INDENT = 0.4  # of the letter height
_NO_ROOM = 2.2  # of the letter height between a label and the next column: the insets of both cells, and less than a letter
_FIRST_LINE = 3.0  # of the letter height by which the first line of a label may begin further in
_LEAST_WRAPPED = 4  # letters of a line before a label goes on in the next
_FEW_ROWS = 2  # with figures in each of their columns
_OF_FIGURES = 3  # columns
_OPEN_ENDS = (",", "-", "/", "&", "(", "and", "of", "or", "the", "for", "in", "to", "with", "by")


@dataclass(frozen=True, slots=True)
class _BodyLine:
    """A line with the columns of its phrases."""

    phrases: tuple[tuple[Phrase, int, int], ...]
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half its height down: letters of other sizes begin and end elsewhere."""
        return (self.phrases[0][0].top + self.phrases[0][0].bottom) / 2

    @property
    def stub(self) -> Phrase | None:
        return self.phrases[0][0] if self.phrases[0][1] == 0 else None

    @property
    def is_stub_only(self) -> bool:
        return len(self.phrases) == 1 and self.phrases[0][1] == 0

    @property
    def figures(self) -> int:
        return sum(is_figure(phrase.text) for phrase, first, _ in self.phrases if first > 0)


def build_body(lines: Sequence[Line], columns: Sequence[Column], rules: Sequence[Rule], first_row: int) -> tuple[list[TableCell], int]:
    """The cells of a body and how many rows they make, rows counted from `first_row`. `rules`: lying rules across the whole table."""
    placed = _placed(lines, columns)
    groups, beside = _part_groups(placed)
    rows = [[line] for line in beside] if groups else _group_rows(placed, [rule.at for rule in rules])
    cells = [TableCell(first_row + g.first_row, 0, g.last_row - g.first_row + 1, 1, g.label.text, g.label.box) for g in groups]
    for number, row in enumerate(rows, first_row):
        cells.extend(_row_cells(row, number, columns))
    return cells, len(rows)


def _part_groups(lines: Sequence[_BodyLine]) -> tuple[list[Group], list[_BodyLine]]:
    """The labels that stand beside several rows each, and the rows without them; no labels where there are none.

    Texts that span the first column and others are rows by themselves, and between them labels must take up all rows.
    """
    groups: list[Group] = []
    rows: list[_BodyLine] = []
    for is_title, stretch in groupby(lines, key=_spans_labels):
        own = list(stretch)
        if is_title:
            if any(len(line.phrases) > 1 for line in own):
                return [], []
            rows += own
            continue
        labels = [line.stub for line in own if line.stub is not None]
        beside = [replace(line, phrases=line.phrases[line.stub is not None :]) for line in own if not line.is_stub_only]
        found = find_groups([[phrase for phrase, _, _ in line.phrases] for line in beside], labels)
        if not found:
            return [], []
        groups += [replace(group, first_row=group.first_row + len(rows), last_row=group.last_row + len(rows)) for group in found]
        rows += beside
    return groups, rows


def _spans_labels(line: _BodyLine) -> bool:
    return line.stub is not None and line.phrases[0][2] > 0


def row_cuts(lines: Sequence[Line], columns: Sequence[Column]) -> list[float]:
    """The heights between the rows of some lines: half-way between the last line of one and the first of the next."""
    rows = _group_rows(_placed(lines, columns), [])
    cuts = []
    for row, following in pairwise(rows):
        bottom, top = max(line.bottom for line in row), min(line.top for line in following)
        cuts.append((bottom + top) / 2)
    return cuts


def _placed(lines: Sequence[Line], columns: Sequence[Column]) -> list[_BodyLine]:
    """The lines with their columns. A text alone on its line among figures spans their columns; elsewhere, where it stands in the middle of some."""
    figures, labels = [0] * len(columns), [0] * len(columns)
    for line in lines:
        for phrase in line if len(line) > 1 else ():
            first, last = columns_of(phrase, columns)
            if first == last:
                (figures if is_figure(phrase.text) else labels)[first] += 1
    of_figures = [not own and count > 1 for own, count in zip(labels, figures, strict=True)]
    titles = {line[0] for line in lines if len(line) == 1 and _is_in_the_middle(line[0], columns)}
    placed: list[_BodyLine] = []
    for line in lines:
        if line and line[0] in titles and len(titles) > 1:
            placed.append(_BodyLine(((line[0], 0, len(columns) - 1),), line[0].top, line[0].bottom))
        elif line:
            placed.append(_place(line, columns, of_figures, placed[-1] if placed else None))
    return placed


def _is_in_the_middle(phrase: Phrase, columns: Sequence[Column]) -> bool:
    """Whether words over the column of labels, but far from where those begin, stand in the middle of the whole table."""
    left, right = columns[0].x0, columns[-1].x1
    is_inset = columns[0].x1 > phrase.x0 > left + _FAR_IN * phrase.height
    return is_inset and not is_figure(phrase.text) and abs(phrase.x0 + phrase.x1 - left - right) <= phrase.height


def _place(line: Line, columns: Sequence[Column], of_figures: Sequence[bool], above: _BodyLine | None) -> _BodyLine:
    """A line's phrases with their columns: a text that overflows its column stays in it, one centred over several spans them."""
    placed: list[tuple[Phrase, int, int]] = []
    for phrase in line:
        first, last = columns_of(phrase, columns)
        if last > first:
            middle = (phrase.x0 + phrase.x1) / 2
            centre = (columns[first].x0 + columns[last].x1) / 2
            starts = abs(phrase.x0 - columns[first].x0) <= 1.2 * phrase.height
            if starts or first == 0 or abs(middle - centre) > 2.0 * phrase.height:
                if not starts and abs(phrase.x1 - columns[last].x1) <= 1.2 * phrase.height:
                    first = last
                last = first
        if len(line) == 1 and first > 0 and not is_figure(phrase.text) and not (above and _begins_below_label(phrase, above)):
            first, last = _centred(phrase, columns, first, last, all(of_figures[first : last + 1]))
        if (
            placed
            and placed[-1][1:] == (first, last)
            and first == last
            and not is_figure(placed[-1][0].text)
            and not is_figure(phrase.text)
        ):
            phrase = phrase_of((*placed.pop()[0].words, *phrase.words))  # a line stretched to the width of its column
        placed.append((phrase, first, last))
    return _BodyLine(tuple(placed), min(p.top for p in line), max(p.bottom for p in line))


def _begins_below_label(phrase: Phrase, above: _BodyLine) -> bool:
    """Whether a text begins right below a label of a line of several texts, as its next line does."""
    near = _SAME_START * phrase.height
    own = above.phrases[:-1] or [item for item in above.phrases if item[1] == item[2]]
    labels = [other for other, _, _ in own if not is_figure(other.text)]
    return any(abs(other.x0 - phrase.x0) <= near and phrase.top - other.top <= _NEXT_LINE * phrase.height for other in labels)


def _centred(phrase: Phrase, columns: Sequence[Column], first: int, last: int, is_among_figures: bool) -> tuple[int, int]:
    """The columns of a text alone on its line: all of them beside the label's, or all, when it stands in their middle."""
    middle = (phrase.x0 + phrase.x1) / 2
    wide = phrase.x1 - phrase.x0
    if wide <= columns[first].x1 - columns[first].x0 and first == last and not is_among_figures:
        return first, last
    near = _MIDDLE * phrase.height
    for start in sorted((1, 0), key=lambda start: abs((columns[start].x0 + columns[-1].x1) / 2 - middle)):
        off = abs((columns[start].x0 + columns[-1].x1) / 2 - middle) if len(columns) - start > 1 else near + 1
        reach = near + _aside(columns[1:]) if is_among_figures and start else near
        if off <= reach:
            return start, len(columns) - 1
    is_between = not any(phrase.x0 < column.x1 and column.x0 < phrase.x1 for column in columns)
    return (1, len(columns) - 1) if is_among_figures and is_between else (first, last)


def _aside(columns: Sequence[Column]) -> float:
    """How far the middle of columns may lie beside the middle of their figures, which may all stand at one side of them."""
    pitch = (columns[-1].x1 - columns[0].x1) / (len(columns) - 1)
    return max(0.0, pitch - columns[0].x1 + columns[0].x0) / 2


def _group_rows(lines: Sequence[_BodyLine], cuts: Sequence[float]) -> list[list[_BodyLine]]:
    """Lines by row: never over a rule across the table; within a band between rules by what the lines hold and how close they stand."""
    bands: list[list[_BodyLine]] = []
    for line in lines:
        middle = line.middle
        if bands and not any(bands[-1][-1].middle < cut <= middle for cut in cuts):
            bands[-1].append(line)
        else:
            bands.append([line])
    reach = max((line.stub.x1 for line in lines if line.stub is not None), default=0.0)
    ruled = len(bands) >= 4 and sum(len(band) == 1 or _is_one_row(band, reach) for band in bands) >= 0.75 * len(bands)
    with_figures = sum(1 for line in lines if line.figures)
    has_figures = 3 * with_figures >= len(lines) or _begin_with_figures(lines)
    pitch = _usual_pitch(lines, has_figures)
    rows: list[list[_BodyLine]] = []
    for band in bands:
        if len(band) == 1 or (ruled and _is_one_row(band, reach)):
            rows.append(band)
        elif has_figures:
            rows.extend(_rows_of_figures(band, pitch))
        else:
            rows.extend(_rows_of_text(band, pitch))
    return rows


def _begin_with_figures(lines: Sequence[_BodyLine]) -> bool:
    """Whether rows begin with a line of labels and figures, however many lines their labels go on for: the columns of figures hold nothing else."""
    figured = [line for line in lines if line.figures]
    columns = {first for line in figured for phrase, first, _ in line.phrases if first > 0 and is_figure(phrase.text)}
    if len(figured) < _FEW_ROWS or len(columns) < _OF_FIGURES:
        return False
    if any(first in columns and not is_figure(phrase.text) for line in lines for phrase, first, _ in line.phrases):
        return False
    return all(len(line.phrases) > line.figures and line.figures == len(columns) for line in figured)


def _is_one_row(band: Sequence[_BodyLine], reach: float) -> bool:
    """Whether a band between rules is one row: at most one line of label and figures, no words over several columns, and no label above it that had
    room for the next one's first word. `reach`: how far to the right labels stand."""
    first, second = band[0], band[1]
    if first.is_stub_only and first.stub is not None and second.stub is not None and second.figures:
        word = second.stub.words[0]
        if first.stub.x1 + word.x1 - word.x0 <= reach - first.stub.height and word.text[:1].isupper():
            return False
    is_spanned = any(len(line.phrases) == 1 and line.phrases[0][2] > line.phrases[0][1] for line in band)
    return sum(1 for line in band if line.figures and line.stub is not None) <= 1 and not is_spanned


def _usual_pitch(lines: Sequence[_BodyLine], has_figures: bool) -> float:
    """How far apart rows stand: lines of figures that follow each other where there are some, else all lines."""
    pairs = list(pairwise(lines))
    steps = [b.middle - a.middle for a, b in pairs if b.middle - a.middle > 1 and (not has_figures or (a.figures and b.figures))]
    if not steps:
        steps = [b.middle - a.middle for a, b in pairs if b.middle - a.middle > 1]
    return median(steps) if steps else 0.0


def _rows_of_figures(band: Sequence[_BodyLine], pitch: float) -> list[list[_BodyLine]]:
    """Rows of a table of figures: a line with a label and figures is a row; others go with it when they complete it or go on its label."""
    owners = _owners(band)
    reach = _reach_of(band)
    rows: list[list[_BodyLine]] = []
    row_of: dict[int, list[_BodyLine]] = {}  # by owning line
    joins_next = False
    for index, line in enumerate(band):
        before = band[index - 1] if index else None
        after = band[index + 1] if index + 1 < len(band) else None
        owner = owners.get(index, index)
        if owner in row_of:
            row_of[owner].append(line)
        elif joins_next or (owner == index and before is not None and _continues(line, before, after, pitch, rows[-1], reach)):
            rows[-1].append(line)
            row_of[owner] = rows[-1]
        else:
            rows.append([line])
            row_of[owner] = rows[-1]
        joins_next = False
        if line.is_stub_only and after is not None and len(rows[-1]) >= 1 and not any(item.figures for item in rows[-1]):
            joins_next = _opens(line, after, band[index + 2] if index + 2 < len(band) else None, pitch)
    return rows


def _owners(band: Sequence[_BodyLine]) -> dict[int, int]:
    """By line without a label, the line with one whose row it completes: it stands close and fills columns that the other leaves blank."""
    labelled = [i for i, line in enumerate(band) if line.stub is not None and len(line.phrases) > 1]
    if 3 * len(labelled) < len([line for line in band if line.figures]):
        return {}
    owners: dict[int, int] = {}
    for index, line in enumerate(band):
        if line.stub is not None:
            continue
        own = {first for _, first, _ in line.phrases}
        height = line.phrases[0][0].height
        near = [i for i in (_last_before(labelled, index), _first_after(labelled, index)) if i is not None]
        near = [i for i in near if abs(band[i].middle - line.middle) <= _ONE_CELL * height]
        near = [i for i in near if not own & {first for _, first, _ in band[i].phrases}]
        if near:
            owners[index] = min(near, key=lambda i: abs(band[i].middle - line.middle))
    return owners


def _last_before(indices: Sequence[int], index: int) -> int | None:
    place = bisect_left(indices, index)
    return indices[place - 1] if place else None


def _first_after(indices: Sequence[int], index: int) -> int | None:
    place = bisect_left(indices, index + 1)
    return indices[place] if place < len(indices) else None


def _reach_of(band: Sequence[_BodyLine]) -> dict[int, float]:
    """How far to the right the texts of each column reach."""
    reach: dict[int, float] = {}
    for line in band:
        for phrase, first, last in line.phrases:
            if first == last:
                reach[first] = max(reach.get(first, phrase.x1), phrase.x1)
    return reach


def _may_wrap(line: _BodyLine, row: Sequence[_BodyLine], reach: Mapping[int, float]) -> bool:
    """Whether the texts of a line can be the rest of those above them in the row: they had no room there. A text that is repeated is none."""
    above: dict[int, Phrase] = {first: phrase for item in row for phrase, first, _ in item.phrases}
    if any(first in above and above[first].text == phrase.text for phrase, first, _ in line.phrases):
        return False
    for phrase, first, _ in line.phrases:
        if first in above and first in reach:
            word = phrase.words[0]
            needed = word.x1 - word.x0
            if len(word.text) > 1 and is_cjk(word.text[0]):
                needed /= len(word.text)
            if above[first].x1 + needed <= reach[first] - phrase.height:
                return False
    return True


def _is_rest(line: _BodyLine, before: _BodyLine) -> bool:
    """Whether a line of Han is the rest of the label above it, behind which the next column left no room for another character."""
    rest, label = line.phrases[0][0], before.phrases[0][0]
    if not is_cjk(rest.text[0]) or begins_item(rest.text) or len(before.phrases) < 2 or len(label.text) < _LEAST_WRAPPED:
        return False
    starts = -_FIRST_LINE * rest.height <= rest.x0 - label.x0 <= _INDENT * rest.height
    is_near = line.middle - before.middle < 1.5 * rest.height and starts
    return is_near and before.phrases[1][0].x0 - label.x1 <= _NO_ROOM * label.height


def _lies_under(line: _BodyLine, before: _BodyLine) -> bool:
    """Whether each text of a line begins right below a label of the line before, which has figures behind its labels."""
    starts = {first: phrase.x0 for phrase, first, _ in before.phrases if not is_figure(phrase.text)}
    return before.figures > 1 and all(
        abs(starts.get(first, -1e9) - phrase.x0) <= _INDENT * phrase.height for phrase, first, _ in line.phrases
    )


def _continues(
    line: _BodyLine, before: _BodyLine, after: _BodyLine | None, pitch: float, row: Sequence[_BodyLine], reach: Mapping[int, float]
) -> bool:
    """Whether a line without figures goes on the row before it."""
    if line.figures:
        return line.stub is None and _completes(line, row)
    height = line.phrases[0][0].height
    step = line.middle - before.middle
    if step > 1.9 * height:
        return False
    if not line.is_stub_only:
        figures = {first for item in row for phrase, first, _ in item.phrases if is_figure(phrase.text)}
        covered = {col for _, first, last in line.phrases for col in range(first, last + 1)}
        if (len(line.phrases) == 1 or line.stub is not None) and covered & figures:
            return False  # words alone, or behind a label, below a figure are no rest of it
        has_room = after is None or step <= _CLOSE * (after.middle - line.middle) or _lies_under(line, before)
        return step < 1.5 * height and (line.stub is None or (has_room and _may_wrap(line, row, reach))) and bool(row)
    if before is not row[-1] or not any(item.figures for item in row):
        return False
    stub = line.stub
    labels = [item.stub for item in row if item.stub is not None]
    if stub is None or not labels:
        return False
    if after is not None and after.stub is None and after.middle - line.middle < step:
        return False
    if before.stub is None and len(row) > 1:
        return step < height  # the figures stand beside the middle of a label of several lines
    if (before.figures or before.is_stub_only) and (_is_open(labels[-1].text) or stub.text[:1].islower() or _is_rest(line, before)):
        return True
    return step <= _CLOSE * pitch and _may_wrap(line, row, reach)


def _completes(line: _BodyLine, row: Sequence[_BodyLine]) -> bool:
    """Whether most texts of a line end what is open above them in the row: "(7.4–" and "13.1)"."""
    last: dict[int, str] = {}
    for above in row:
        for phrase, first, _ in above.phrases:
            last[first] = phrase.text
    ends = sum(1 for _, first, _ in line.phrases if first in last and _is_cut(last[first]))
    return 2 * ends >= len(line.phrases) and ends > 0


def _is_cut(text: str) -> bool:
    return (len(text) > 1 and text[-1] in "-–—/") or text.count("(") > text.count(")") or text.count("（") > text.count("）")


def _opens(line: _BodyLine, after: _BodyLine, later: _BodyLine | None, pitch: float) -> bool:
    """Whether a label without figures is the first line of the next row's label."""
    if not line.is_stub_only:
        return False
    height = line.phrases[0][0].height
    if not after.figures:
        return after.is_stub_only and after.middle - line.middle <= _CLOSE * pitch
    if after.middle - line.middle > 1.6 * height:
        return False
    stub, below = line.stub, after.stub
    if stub is None:
        return False
    if below is None:
        return True
    if below.text[:1].islower() or _is_open(stub.text):
        return True
    step = after.middle - line.middle
    if step <= _CLOSE * pitch:
        return True
    hangs = below.x0 > stub.x0 + _INDENT * height
    return (
        hangs
        and later is not None
        and later.stub is not None
        and later.stub.x0 <= stub.x0 + _INDENT * height
        and bool(later.figures)
        and len(stub.text) > 25
    )


def _is_open(text: str) -> bool:
    lowered = text.rstrip().lower()
    return lowered.endswith(_OPEN_ENDS[:5]) or lowered.split(" ")[-1] in _OPEN_ENDS[5:]


def _rows_of_text(band: Sequence[_BodyLine], pitch: float) -> list[list[_BodyLine]]:
    """Rows of a table of words: a new row where the lines step further apart, or where the first column begins anew on even lines."""
    steps = [b.middle - a.middle for a, b in pairwise(band)]
    if not steps:
        return [list(band)]
    closest = min(steps)
    spread = max(steps) > 1.25 * closest
    rows = [[band[0]]]
    for before, line, step in zip(band, band[1:], steps, strict=False):
        stub, last = line.stub, before.stub
        is_near = step <= 1.25 * closest
        if stub is None:
            goes_on = is_near or not spread
        elif stub.text[:1].islower() or (last is not None and is_near and _is_open(last.text)):
            goes_on = is_near
        else:
            has_case = stub.text[:1].isupper() or stub.text[:1].isdigit()
            goes_on = spread and is_near and (len(line.phrases) == 1 if has_case else True) and len(before.phrases) > 1
        if goes_on:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _row_cells(row: Sequence[_BodyLine], number: int, columns: Sequence[Column]) -> list[TableCell]:
    by_range: dict[tuple[int, int], list[list[Phrase]]] = {}
    for line in row:
        for first, last, phrases in _phrases_of(line):
            by_range.setdefault((first, last), []).append(phrases)
    merged: dict[tuple[int, int], list[list[Phrase]]] = {}
    for first, last in sorted(by_range):
        home = next((key for key in merged if key[0] <= last and first <= key[1]), None)
        if home is None:
            merged[first, last] = by_range[first, last]
        else:
            lines = merged.pop(home) + by_range[first, last]
            merged[min(home[0], first), max(home[1], last)] = sorted(lines, key=lambda items: items[0].top)
    cells = []
    for (first, last), lines in merged.items():
        text = "\n".join(" ".join(phrase.text for phrase in phrases) for phrases in lines)
        box = hull([phrase.box for phrases in lines for phrase in phrases])
        cells.append(TableCell(number, first, 1, last - first + 1, text, box))
    return cells


def _phrases_of(line: _BodyLine) -> list[tuple[int, int, list[Phrase]]]:
    """The phrases of a line by their columns; two in one column are one text."""
    found: list[tuple[int, int, list[Phrase]]] = []
    for phrase, first, last in line.phrases:
        if found and found[-1][1] >= first:
            found[-1] = (found[-1][0], max(last, found[-1][1]), [*found[-1][2], phrase])
        else:
            found.append((first, last, [phrase]))
    return found
