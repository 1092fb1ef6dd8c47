"""Ruled tables inside a frame, their lines cut into pieces from the right end."""

from __future__ import annotations

import pytest

from pipeline.model.document import RawTable, TextBlock
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.nested import split_nested
from pipeline.readers.dialects.pipes import Line
from pipeline.values.kinds import display_width

FRAME = 30


def framed(text: str) -> list[Line]:
    """As pandoc frames it: each line is cut from its right end into pieces as wide as the frame."""
    lines = ["+" + "-" * (FRAME + 2) + "+"]
    for line in text.strip("\n").split("\n"):
        pieces: list[str] = []
        piece = ""
        for char in reversed(line):
            if display_width(char + piece) > FRAME:
                pieces.insert(0, piece)
                piece = ""
            piece = char + piece
        lines += [f"| {part}{' ' * (FRAME - display_width(part))} |" for part in [piece, *pieces]]
    lines.append(lines[0])
    return [Line(number, line) for number, line in enumerate(lines, start=1)]


def table_of(text: str) -> RawTable:
    stretches = list(split_nested(framed(text)))
    assert [stretch.lines for stretch in stretches] == [range(len(framed(text)))]
    (table,) = [block for block in stretches[0].blocks if isinstance(block, RawTable)]
    return table


NARROW = """
标题一行

  -------- ------ ------
  项目     甲     乙
  第一行   1      2
  -------- ------ ------

末尾
"""
WIDE = """
  -------------------- ------------ ---------- -------------
  项目                 甲类数       乙类数     总计
  第一行甲乙丙丁       1,234,567    12         1,234,579
  第二行               0                       0
  第三行甲乙                        987,654    987,654
  -------------------- ------------ ---------- -------------
"""
PARTED = """
  -------------------- ------------ ---------- -------------
  第一行甲乙丙丁戊己庚 1,234,567    12         1,234,579
  辛壬癸

  第二行               0                       0
  -------------------- ------------ ---------- -------------
"""


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (NARROW, [["项目", "甲", "乙"], ["第一行", "1", "2"]]),
        (
            WIDE,
            [
                ["项目", "甲类数", "乙类数", "总计"],
                ["第一行甲乙丙丁", "1,234,567", "12", "1,234,579"],
                ["第二行", "0", "", "0"],
                ["第三行甲乙", "", "987,654", "987,654"],
            ],
        ),
        (PARTED, [["第一行甲乙丙丁戊己庚\n辛壬癸", "1,234,567", "12", "1,234,579"], ["第二行", "0", "", "0"]]),
    ],
)
def test_lines_that_were_cut_are_put_together(text: str, rows: list[list[str]]) -> None:
    assert [[cell.text for cell in row.cells] for row in table_of(text).rows] == rows


def test_what_stands_around_the_table_stays_text_and_places_are_those_of_the_page() -> None:
    lines = framed(NARROW)
    (stretch,) = split_nested(lines)
    assert [block.text for block in stretch.blocks if isinstance(block, TextBlock)] == ["标题一行", "末尾"]
    cells = [cell for cell in table_of(WIDE).cells() if cell.text]
    page = framed(WIDE)
    for cell in cells:
        assert isinstance(cell.place, TextPlace)
        piece = page[cell.place.line_number - 1].text[cell.place.column : cell.place.end_column]
        assert piece
        assert cell.text.startswith(piece)


def test_a_frame_without_rulers_or_with_columns_of_its_own_is_left_alone() -> None:
    assert all(not stretch.blocks for stretch in split_nested(framed("只有文字\n\n第二段")))
    grid = ["+-----+-----+", "| a   |   --- |", "+-----+-----+"]
    assert all(not stretch.blocks for stretch in split_nested([Line(n, text) for n, text in enumerate(grid, start=1)]))


def laid_out(widths: list[int], rows: list[list[str]]) -> str:
    ruler = "  " + " ".join("-" * width for width in widths)
    body = ("  " + " ".join(cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return f"{ruler}\n" + "\n\n".join(line.rstrip() for line in body) + f"\n{ruler}"


ROWS = [["项目", "甲类数", "乙类数", "总计"], ["第一行", "12", "0", "12"], ["第二行", "3", "4", "7"]]


@pytest.mark.parametrize(
    "widths",
    [
        pytest.param([20, 12, 19, 10], id="a piece ends with the blank between two segments"),
        pytest.param([20, 12, 10, 14], id="the first piece is the first of the ruler's two blanks"),
        pytest.param([20, 12, 18, 10], id="a piece begins with such a blank"),
    ],
)
def test_rulers_cut_at_blanks(widths: list[int]) -> None:
    table = table_of(laid_out(widths, ROWS))
    assert [[cell.text for cell in row.cells] for row in table.rows] == ROWS
