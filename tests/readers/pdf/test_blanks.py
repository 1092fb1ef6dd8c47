"""Tables without rules: a slot where nothing stands is a blank cell only where no row can be a part of another one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.readers.pdf.blanks import shows_blanks
from pipeline.readers.pdf.tables import TableCell

WHOLE = [["Name", "Men", "Women"], ["North", "1", "2"], ["South", "", "4"], ["West", "5", ""], ["The far East", "7", "8"]]


def cells(rows: Sequence[Sequence[str]], *, size: float = 10.0, pitch: float = 14.0) -> list[TableCell]:
    """Cells as words stand: labels from 0, figures from 100 and 200, as wide as they have letters."""
    found = []
    top = 0.0
    for row, texts in enumerate(rows):
        for col, text in enumerate(texts):
            lines = text.split("\n")
            width = size * max(len(line) for line in lines)
            found.append(TableCell(row, col, 1, 1, text, (100.0 * col, top, 100.0 * col + width, top + size * len(lines))))
        top += pitch * max(len(text.split("\n")) for text in texts)
    return found


def test_rows_with_their_figures_beside_their_labels() -> None:
    assert shows_blanks(cells(WHOLE), 1)
    assert shows_blanks(cells([*WHOLE[:4], ["The far\nEast", "7", "8"]]), 1)


def test_a_row_without_figures_below_a_short_label_is_blank() -> None:
    assert shows_blanks(cells([*WHOLE, ["Isles", "", ""], ["The whole", "13", "14"]]), 1) is False  # "The far East" may go on in it
    assert shows_blanks(cells([*WHOLE[:4], ["Isles", "", ""], ["The whole lot", "13", "14"]]), 1)


@pytest.mark.parametrize(
    "row",
    [
        ["", "7", "8"],  # figures without a label
        ["East", "7\n9", "8"],  # two figures in one place
        ["The\nfar\nEast", "7", ""],  # see below: the figure stands beside the last line
    ],
)
def test_a_row_that_may_be_a_part_of_another(row: list[str]) -> None:
    found = cells([*WHOLE[:4], row])
    if "\n" in row[0]:
        found = [
            TableCell(c.row, c.col, 1, 1, c.text, (c.box[0], c.box[1] + 20, c.box[2], c.box[3] + 20)) if c.text == "7" else c for c in found
        ]
    assert not shows_blanks(found, 1)


def test_too_few_rows_prove_nothing() -> None:
    assert not shows_blanks(cells(WHOLE[:3]), 1)
