"""Tables without a full grid: lines of words, and what rules there are -> cells."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.readers.pdf.blanks import shows_blanks
from pipeline.readers.pdf.bodies import build_body
from pipeline.readers.pdf.columns import Column, find_columns, part_figures, split_at_columns, usual_blank
from pipeline.readers.pdf.heads import build_header
from pipeline.readers.pdf.page import Box, Rule
from pipeline.readers.pdf.phrases import Line, is_figure, line_phrases
from pipeline.readers.pdf.rules import group_by_height
from pipeline.readers.pdf.tables import FoundTable, TableCell, cells_by_row
from pipeline.readers.pdf.words import Word, group_lines
from pipeline.values.kinds import looks_like_year

__all__ = ["build_aligned"]

_ACROSS = 0.75  # of the table's width that a rule must cover to lie across the table
_DOWN = 0.5  # of the table's height that a standing rule must cover to part columns
_SAME_HEIGHT = 2.0  # points by which pieces of one rule may differ in height
_MOST_HEADER_LINES = 12


def build_aligned(page_number: int, words: Sequence[Word], lying: Sequence[Rule], standing: Sequence[Rule], box: Box) -> FoundTable | None:
    """The table that some words make; None when they stand in fewer than two columns or rows. `box` is where it is looked for."""
    lines = group_lines(words)
    if len(lines) < 2:
        return None
    left, right = min(word.x0 for word in words), max(word.x1 for word in words)
    top, bottom = min(word.top for word in words), max(word.bottom for word in words)
    inner = [rule for rule in lying if rule.end > left and rule.start < right and top - 3 <= rule.at <= bottom + 3]
    upright = [rule for rule in standing if left - 3 < rule.at < right + 3 and rule.end > top and rule.start < bottom]
    fixed = [
        rule.at
        for rule in upright
        if left + 2 < rule.at < right - 2 and min(rule.end, bottom) - max(rule.start, top) >= _DOWN * (bottom - top)
    ]
    phrased = part_figures([line_phrases(line, sorted(_beside(upright, line))) for line in lines])
    columns = find_columns(phrased, left - 1, right + 1, fixed)
    if len(columns) < 2:
        return None
    blank = usual_blank(phrased)
    phrased = [split_at_columns(line, columns, inner, blank) for line in phrased]
    across, partial = _part_rules(inner, columns, left, right)
    head = _header_line_count(phrased, columns, across, top)
    body_top = phrased[head][0].top if head < len(phrased) else bottom
    over = [rule for rule in partial if rule.at <= body_top + 3]
    header, header_rows = build_header(phrased[:head], columns, over, upright) if head else ([], 0)
    body, body_rows = build_body(phrased[head:], columns, [rule for rule in across if rule.at >= body_top - 3], header_rows)
    cells = _with_blanks([*header, *body], header_rows + body_rows, columns, lines)
    if body_rows < 1 or header_rows + body_rows < 2:
        return None
    edges = (columns[0].left, *(column.right for column in columns))
    first, last = (_middle(line) for line in (lines[0], lines[-1]))
    return FoundTable(
        page_number,
        (left, top, right, bottom),
        tuple(cells),
        header_rows + body_rows,
        len(columns),
        "aligned",
        header_rows,
        column_edges=edges,
        has_rules=any(first < rule.at < last for rule in across),
        shows_blanks=shows_blanks(cells, header_rows),
    )


def _middle(line: Sequence[Word]) -> float:
    return (line[0].top + line[0].bottom) / 2


def _beside(standing: Sequence[Rule], line: Sequence[Word]) -> list[float]:
    return [rule.at for rule in standing if rule.start <= _middle(line) <= rule.end]


def _part_rules(rules: Sequence[Rule], columns: Sequence[Column], left: float, right: float) -> tuple[list[Rule], list[Rule]]:
    """Rules across the whole table (pieces at one height counted together), and the others."""
    across: list[Rule] = []
    partial: list[Rule] = []
    for group in group_by_height(rules, _SAME_HEIGHT):
        covered = sum(max(0.0, min(rule.end, right) - max(rule.start, left)) for rule in group)
        reaches_stub = min(rule.start for rule in group) < columns[0].x1
        if covered >= _ACROSS * (right - left) and reaches_stub:
            across.append(Rule(group[0].at, min(r.start for r in group), max(r.end for r in group)))
        else:
            partial.extend(group)
    return across, partial


def _header_line_count(lines: Sequence[Line], columns: Sequence[Column], across: Sequence[Rule], top: float) -> int:
    """How many lines at the top are header: those above the first rule across the table where figures follow, else those before the figures."""
    first_figures = next((i for i, line in enumerate(lines) if _is_figure_line(line, columns)), None)
    for rule in across:
        if rule.at <= top + 2:
            continue
        above = sum(1 for line in lines if (line[0].top + line[0].bottom) / 2 < rule.at)
        is_clear = first_figures is None or above <= first_figures or (above <= 4 and _may_head(lines[:above], columns))
        if 0 < above <= min(_MOST_HEADER_LINES, len(lines) - 1) and is_clear:
            return above
        break
    if first_figures is None:
        return 1 if len(lines) > 2 else 0
    return _without_sections(lines, first_figures) if first_figures <= _MOST_HEADER_LINES else 0


def _without_sections(lines: Sequence[Line], count: int) -> int:
    """Of the lines before the first figures, those that are header: a last line of one phrase at the left is the body's first label, and one in a
    place where such lines stand in the body, too, is its first section.
    """
    left = min(line[0].x0 for line in lines)
    alone = [line[0] for line in lines[count:] if len(line) == 1]
    while count > 1 and len(lines[count - 1]) == 1 and any(len(line) > 1 for line in lines[: count - 1]):
        phrase = lines[count - 1][0]
        if not is_figure(phrase.text) and all(looks_like_year(other.text) for other in lines[count - 2][1:]) and len(lines[count - 2]) > 2:
            count -= 1  # years are whole labels: it is the unit of all figures
            continue
        if phrase.x0 > left + 12 and not any(abs(phrase.x0 + phrase.x1 - other.x0 - other.x1) <= 2 * phrase.height for other in alone):
            break
        count -= 1
    return count


def _may_head(lines: Sequence[Line], columns: Sequence[Column]) -> bool:
    """Whether lines with numbers can be a header all the same: years, or a short count 1 2 3."""
    for line in lines:
        texts = [phrase.text for phrase in line if phrase.x0 > columns[0].x1 and is_figure(phrase.text)]
        plain = [text for text in texts if not (looks_like_year(text) or (text.isdigit() and len(text) <= 2))]
        if plain:
            return False
    return True


def _is_figure_line(line: Line, columns: Sequence[Column]) -> bool:
    """Whether most of a line beside its label is figures, and not years that head columns."""
    others = [phrase for phrase in line if phrase.x0 >= columns[0].right - 2]
    figures = [phrase.text for phrase in others if is_figure(phrase.text)]
    if not figures or 2 * len(figures) < len(others) + (len(others) == len(line) and is_figure(line[0].text)):
        return False  # where a figure comes first, most must be: "18 to" may stand above "64"
    return not all(looks_like_year(text) for text in figures) or len(figures) == 1


def _with_blanks(cells: Sequence[TableCell], row_count: int, columns: Sequence[Column], lines: Sequence[Sequence[Word]]) -> list[TableCell]:
    """The cells with a blank one for every slot that none covers."""
    taken = [[False] * len(columns) for _ in range(row_count)]
    tops = [0.0] * row_count
    bottoms = [0.0] * row_count
    for cell in cells:
        for row in range(cell.row, cell.row + cell.row_span):
            taken[row][cell.col : cell.col + cell.col_span] = [True] * cell.col_span
            tops[row] = min(tops[row] or cell.box[1], cell.box[1])
            bottoms[row] = max(bottoms[row], cell.box[3])
    result = list(cells)
    for row in range(row_count):
        for col, column in enumerate(columns):
            if not taken[row][col]:
                result.append(TableCell(row, col, 1, 1, "", (column.left, tops[row], column.right, bottoms[row])))
    return cells_by_row(result)
