"""Lines of which nothing is left: told by how the numbers of a scanned table stand."""

from __future__ import annotations

from pipeline.readers.pdf.lattice import Lattice
from pipeline.readers.pdf.lost_lines import add_lost_columns, add_lost_rows
from pipeline.readers.pdf.ruled import Filled, add_lost_lines, cells_of, fill_lattice, part_crowded_cells
from pipeline.readers.pdf.words import Word

WIDE, HIGH = 100.0, 20.0


def ruled(
    row_count: int, col_count: int, *, open_right: tuple[tuple[int, int], ...] = (), open_below: tuple[tuple[int, int], ...] = ()
) -> Lattice:
    """Slots of 100 x 20 points, all parted but those named: (row, col) has no line at its right side, or below it."""
    return Lattice(
        tuple(WIDE * col for col in range(col_count + 1)),
        tuple(HIGH * row for row in range(row_count + 1)),
        tuple(tuple((row, col) not in open_right for col in range(col_count)) for row in range(row_count)),
        tuple(tuple((row, col) not in open_below for col in range(col_count)) for row in range(row_count)),
    )


def word(text: str, x: float, top: float, height: float = 8.0) -> Word:
    return Word(x, top, x + len(text) * height * (1.0 if ord(text[0]) > 0x2E80 else 0.5), top + height, text)


def texts(filled: Filled) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(filled.lattice.row_count)]
    for cell in cells_of(filled):
        rows[cell.row].append(cell.text)
    return rows


def test_numbers_side_by_side_in_most_rows_are_of_two_columns() -> None:
    words = [word("项目", 10, 6), word("甲", 110, 6), word("乙", 160, 6)]
    for row, (left, right) in enumerate((("12", "7"), ("3", "40"), ("0", "5")), 1):
        words += [word("行", 10, HIGH * row + 6), word(left, 110, HIGH * row + 6), word(right, 160, HIGH * row + 6)]
    filled = add_lost_lines(fill_lattice(ruled(4, 2), words))
    assert texts(filled) == [["项目", "甲", "乙"], ["行", "12", "7"], ["行", "3", "40"], ["行", "0", "5"]]


def test_a_blank_beside_a_number_stays_on_its_side() -> None:
    words = []
    for row, (left, right) in enumerate((("12", "7"), ("3", ""), ("0", "5"))):
        words += [word("行", 10, HIGH * row + 6), word(left, 110, HIGH * row + 6)]
        words += [word(right, 160, HIGH * row + 6)] if right else []
    assert texts(add_lost_lines(fill_lattice(ruled(3, 2), words)))[1] == ["行", "3", ""]


def test_a_word_across_is_not_parted() -> None:
    words = [word("两个栏目的名称", 120, 6)]
    for row in (1, 2):
        words += [word("12", 110, HIGH * row + 6), word("7", 160, HIGH * row + 6)]
    filled = add_lost_lines(fill_lattice(ruled(3, 2), words))
    assert texts(filled)[0] == ["", "两个栏目的名称"]
    assert texts(filled)[1] == ["", "12", "7"]


def test_one_row_alone_tells_no_column_unless_the_header_parts_there() -> None:
    numbers = [word("12", 110, 26), word("7", 160, 26)]
    lattice = ruled(2, 2)
    single = fill_lattice(lattice, numbers)
    assert add_lost_columns(lattice, single.spans, single.words) is None
    headed = fill_lattice(lattice, [*numbers, word("甲", 110, 6), word("乙", 160, 6)])
    assert add_lost_columns(lattice, headed.spans, headed.words) is not None


def test_dirt_in_a_few_labels_is_no_column() -> None:
    words = [word("很长的一个标签名称", 5, HIGH * row + 6) for row in range(5)]
    words += [word("1", 92, HIGH * row + 6) for row in (1, 2)] + [word("8", 130, HIGH * row + 6) for row in range(5)]
    filled = fill_lattice(ruled(5, 2), words)
    assert add_lost_columns(filled.lattice, filled.spans, filled.words) is None


def test_numbers_one_below_the_other_are_of_two_rows() -> None:
    words = [word("甲", 10, 2), word("乙", 10, 11), word("1", 110, 2), word("2", 110, 11), word("3", 210, 2), word("4", 210, 11)]
    assert texts(add_lost_lines(fill_lattice(ruled(1, 3), words))) == [["甲", "1", "3"], ["乙", "2", "4"]]


def test_a_header_that_runs_into_a_row_of_numbers_is_parted_from_it() -> None:
    words = [word("第一栏", 110, 1, 6), word("第二栏", 210, 1, 6), word("名称", 10, 1, 6), word("甲", 10, 12, 6)]
    words += [word("1", 110, 12, 6), word("2", 210, 12, 6)]
    assert texts(add_lost_lines(fill_lattice(ruled(1, 3), words))) == [["名称", "第一栏", "第二栏"], ["甲", "1", "2"]]


def test_a_label_of_two_lines_beside_one_number_is_one_row() -> None:
    words = [word("很长的", 10, 2), word("标签", 10, 11), word("1", 110, 6), word("3", 210, 6)]
    filled = fill_lattice(ruled(1, 3), words)
    assert add_lost_rows(filled.lattice, filled.spans, filled.words, frozenset()) is None


def test_a_number_broken_over_lines_is_one_row() -> None:
    words = [word("甲", 10, 2), word("41,", 110, 2), word("922", 110, 11), word("17,", 210, 2), word("095", 210, 11)]
    filled = fill_lattice(ruled(1, 3), words)
    broken = {number for number, own in enumerate(filled.words) if len(own) == 2}
    assert add_lost_rows(filled.lattice, filled.spans, filled.words, broken) is None


def test_numbers_behind_labels_of_several_lines_are_of_the_next_column() -> None:
    words = [word("很长的", 10, 2), word("标签", 10, 11), word("7", 160, 2)]
    words += [word("短", 10, 26), word("8", 160, 26), word("项", 10, 46), word("9", 160, 46)]
    filled = part_crowded_cells(fill_lattice(ruled(3, 2, open_right=((0, 0),)), words))
    assert texts(filled)[0] == ["很长的\n标签", "7"]
