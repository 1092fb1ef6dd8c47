"""Margins: marks and numbers before every line."""

from __future__ import annotations

import pytest

from pipeline.readers.dialects.margin import without_margin
from pipeline.readers.dialects.pipes import Line

ROWS = [f"| ship {letter} | 1{letter} |" for letter in "abcdefghij"]


def lines(texts: list[str]) -> list[Line]:
    return [Line(number, text) for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize("margin", ["> ", ">", ">> ", "- ", "* ", "\u2022 "])
def test_a_mark_before_every_line_is_blanks(margin: str) -> None:
    found = without_margin(lines([margin + row for row in ROWS]))
    assert [line.text for line in found] == [" " * len(margin) + row for row in ROWS]


@pytest.mark.parametrize("way", ["{:6}\t{}", "{}:{}", "{:3}| {}", "{:4}\u2192{}"])
def test_line_numbers_are_blanks(way: str) -> None:
    numbered = [way.format(number, row) for number, row in enumerate(ROWS, start=41)]
    found = without_margin(lines(numbered))
    assert [line.text.strip() for line in found] == ROWS
    assert [line.text.index("|") for line in found] == [text.index("| ship") for text in numbered]


@pytest.mark.parametrize(
    "texts",
    [
        ROWS,
        [f"> {row}" for row in ROWS[:7]],
        [f"> {row}" for row in ROWS] + ROWS[:2],
        ["-"] * 12,
        [f"{number}\t{row}" for number, row in zip([1, 2, 3, 4, 5, 6, 7, 9, 10, 11], ROWS, strict=True)],
    ],
)
def test_what_begins_otherwise_is_left(texts: list[str]) -> None:
    assert without_margin(lines(texts)) == lines(texts)
