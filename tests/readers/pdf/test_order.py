"""The order in which lines are read."""

from __future__ import annotations

from pipeline.readers.pdf.order import order_lines
from pipeline.readers.pdf.words import Phrase, Word

WIDTH = 600.0


def phrase(x0: float, top: float, x1: float, text: str, height: float = 10.0) -> Phrase:
    word = Word(x0, top, x1, top + height, text)
    return Phrase(x0, top, x1, top + height, (word,))


def order(*phrases: Phrase) -> list[str]:
    return [item.text for _, item in order_lines(phrases, WIDTH)]


def test_marks_that_stand_a_little_lower_stay_in_their_line() -> None:
    assert order(phrase(50, 100.0, 60, "6"), phrase(80, 100.3, 90, "—"), phrase(110, 100.0, 120, "7")) == ["6", "—", "7"]


def test_prose_in_two_columns_is_read_column_by_column() -> None:
    left = [phrase(40, 100 + 12 * n, 285, f"left {n}") for n in range(5)]
    right = [phrase(310, 101 + 12 * n, 560, f"right {n}") for n in range(5)]
    title = phrase(40, 60, 560, "a title over both")
    below = phrase(40, 200, 560, "a line under both")
    found = order(below, *right, *left, title)
    assert found == [title.text, *[f"left {n}" for n in range(5)], *[f"right {n}" for n in range(5)], below.text]


def test_labels_and_figures_are_read_line_by_line() -> None:
    labels = [phrase(40, 100 + 12 * n, 285, f"label {n}") for n in range(5)]
    figures = [phrase(310, 100 + 12 * n, 340, f"{n}") for n in range(5)]
    assert order(*labels, *figures) == [text for n in range(5) for text in (f"label {n}", f"{n}")]
