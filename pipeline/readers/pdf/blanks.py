"""Whether a slot of a table without rules where nothing stands is a blank cell: only where every row is plainly whole."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.readers.pdf.phrases import is_figure
from pipeline.readers.pdf.tables import TableCell

__all__ = ["shows_blanks"]

_LEAST_ROWS = 3  # with figures beside a label
_ONE_LINE = 0.4  # of the letter height by which the figures of a row may stand apart
_LEAST_WRAPPED = 3  # letters of a line before its text goes on in the next
_ROOM = 2.0  # letters that fitted behind a label: it does not go on in the next line


def shows_blanks(cells: Sequence[TableCell], header_rows: int) -> bool:
    """Whether all rows below the header are plainly whole: figures on one line, beside their label, each in a column of its own, and no row that may
    be the rest of another one's label, or its beginning; or, where there is only one row, each column under a label. `cells` are in row-major order.

    A number that stands on a line of its own, or in the middle of a label of several lines whose rows were told apart wrongly, leaves a slot
    of another row blank that is not.
    """
    rows: dict[int, list[TableCell]] = {}
    reach: dict[int, float] = {}
    for cell in cells:
        if cell.row >= header_rows and cell.text:
            rows.setdefault(cell.row, []).append(cell)
            if cell.col_span == 1 and not is_figure(cell.text):
                reach[cell.col] = max(reach.get(cell.col, 0.0), cell.box[2])
    if len(rows) == 1 and _is_under_labels(next(iter(rows.values())), cells, header_rows):
        return True
    whole = 0
    above: list[TableCell] = []  # labels of the row above
    was_whole = True
    for row in rows.values():
        figures = [cell for cell in row if _has_figure(cell)]
        labels = [cell for cell in row if not _has_figure(cell)]
        if not labels or (figures and not _is_whole(figures, labels)):
            return False
        if above and not (figures and was_whole) and _may_go_on(above, labels, reach):
            return False
        whole += bool(figures)
        above, was_whole = labels, bool(figures)
    return whole >= _LEAST_ROWS


def _is_under_labels(row: Sequence[TableCell], cells: Sequence[TableCell], header_rows: int) -> bool:
    """Whether the one row of a table is figures on one line, and every column has a label of its own above it."""
    labelled = {cell.col for cell in cells if cell.row + cell.row_span == header_rows and cell.col_span == 1 and cell.text}
    if not all(is_figure(cell.text) and cell.col_span == 1 and "\n" not in cell.text for cell in row):
        return False
    tops, height = [cell.box[1] for cell in row], min(cell.box[3] - cell.box[1] for cell in row)
    return labelled == {cell.col for cell in cells} and max(tops) - min(tops) <= _ONE_LINE * height


def _may_go_on(above: Sequence[TableCell], labels: Sequence[TableCell], reach: dict[int, float]) -> bool:
    """Whether each label of a row may be the rest of the one above it."""
    full = {cell.col: cell.text for cell in above if cell.col_span == 1 and _fills_line(cell, reach)}
    return all(full.get(cell.col, cell.text) != cell.text for cell in labels)


def _has_figure(cell: TableCell) -> bool:
    return cell.col > 0 and any(is_figure(line) for line in cell.text.split("\n"))


def _is_whole(figures: Sequence[TableCell], labels: Sequence[TableCell]) -> bool:
    """Whether figures stand on one line, each in one column, behind a label that stands on it, too."""
    tops = [cell.box[1] for cell in figures]
    height = min(cell.box[3] - cell.box[1] for cell in figures)
    if any("\n" in cell.text or cell.col_span > 1 or cell.row_span > 1 for cell in figures) or max(tops) - min(tops) > _ONE_LINE * height:
        return False
    label = max((cell for cell in labels if cell.col < figures[0].col), key=lambda cell: cell.col, default=None)
    return label is not None and abs(label.box[1] - tops[0]) <= _ONE_LINE * height


def _fills_line(cell: TableCell, reach: dict[int, float]) -> bool:
    """Whether the last line of a label may have had no room for another letter."""
    lines = cell.text.split("\n")
    if len(lines[-1]) < _LEAST_WRAPPED:
        return False
    height = (cell.box[3] - cell.box[1]) / len(lines)
    end = cell.box[0] + len(lines[-1]) * height if len(lines) > 1 else cell.box[2]
    return end + _ROOM * height > reach.get(cell.col, 0.0)
