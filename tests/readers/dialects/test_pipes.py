"""Pipe tables: where cells and rows begin, which empty pieces are cells and which are padding. Words are never looked at."""

from __future__ import annotations

import pytest

from pipeline.model.place import TextPlace
from pipeline.readers.dialects.pipes import (
    Line,
    PipeHabits,
    PipeTable,
    find_fenced_cells,
    find_habits,
    find_parted_cells,
    read_fenced_cells,
    read_parted_cells,
    read_pipe_table,
)


def lines(text: str) -> list[Line]:
    return [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]


def read(text: str, above: str | None = None) -> PipeTable:
    found = read_pipe_table(lines(text), None if above is None else Line(0, above))
    assert found is not None
    return found


def outline(text: str, above: str | None = None) -> tuple[bool, list[tuple[list[str], int]]]:
    """(whether rows are certain, [(cells, padding) of each row])"""
    table = read(text, above).table
    return table.rows_known, [([cell.text for cell in row.cells], row.padding) for row in table.rows]


# ---- a row a line -----------------------------------------------------------------------------------------------------


def test_pipes_behind_cells() -> None:
    assert outline("Item | Men | Women |\nRowing | 3 | 4 |\nSailing | 5 | 6 |") == (
        True,
        [(["Item", "Men", "Women"], 0), (["Rowing", "3", "4"], 0), (["Sailing", "5", "6"], 0)],
    )


def test_pipes_around_cells_and_a_ruler() -> None:
    text = "| Item | Men |\n|------|:---:|\n| Rowing | 3 |\n| Sailing |  |"
    assert outline(text) == (True, [(["Item", "Men"], 0), (["Rowing", "3"], 0), (["Sailing", ""], 0)])


def test_pipes_between_cells_only() -> None:
    assert outline("Item | Men | Women\nRowing | 3 | \nSailing | | 6") == (
        True,
        [(["Item", "Men", "Women"], 0), (["Rowing", "3", ""], 0), (["Sailing", "", "6"], 0)],
    )


def test_padding_up_to_the_widest_row_is_counted() -> None:
    assert outline("Section 1 ||||\nItem | Men | Women |\nAll | 7 |||") == (
        True,
        [(["Section 1"], 3), (["Item", "Men", "Women"], 0), (["All", "7"], 2)],
    )


def test_a_wide_empty_piece_is_a_blank_cell() -> None:
    assert outline("Item | Men | Women |\nRowing |   | 4 |\nSailing | 5 |   |")[1] == [
        (["Item", "Men", "Women"], 0),
        (["Rowing", "", "4"], 0),
        (["Sailing", "5", ""], 0),
    ]


def test_slots_that_hang_from_above_are_blank_cells() -> None:
    text = "| Group | Item | Men |\n| Water | Rowing | 3 |\n|  | Sailing | 5 |"
    assert outline(text)[1][2] == (["", "Sailing", "5"], 0)


def test_a_row_that_blank_cells_have_broken_is_one_row() -> None:
    assert outline("Item | Men | Women | Youth | All |\nRowing | 3 |\n|\n| 4 |\nSailing | 5 | 6 | 0 | 11 |")[1][1] == (
        ["Rowing", "3", "", "", "4"],
        0,
    )


def test_places_are_where_the_text_stands() -> None:
    (header, row) = read("Item |  Men |\nRowing |  3 |").table.rows
    assert [cell.place for cell in (*header.cells, *row.cells)] == [
        TextPlace(1, 0, 4),
        TextPlace(1, 8, 11),
        TextPlace(2, 0, 6),
        TextPlace(2, 10, 11),
    ]


def test_lines_without_a_cell_are_no_table() -> None:
    assert read_pipe_table(lines("|||\n|\n| |")) is None
    assert read_pipe_table(lines("|---|---|")) is None


# ---- a cell a line ----------------------------------------------------------------------------------------------------

SEED = """|
Section 1 |
|||
|
Item |
Men |
Women |
All |
|
Rowing |
3 |
4 |
7 |
|
Sailing |
5 |
||
|
Total |
8 |
4 |
12 |"""


def test_a_lone_pipe_opens_a_row() -> None:
    assert outline(SEED) == (
        True,
        [
            (["Section 1"], 3),
            (["Item", "Men", "Women", "All"], 0),
            (["Rowing", "3", "4", "7"], 0),
            (["Sailing", "5"], 2),
            (["Total", "8", "4", "12"], 0),
        ],
    )


def test_a_lone_pipe_among_values_is_a_blank_cell() -> None:
    text = SEED.replace("Rowing |\n3 |\n4 |", "Rowing |\n|\n4 |")
    assert outline(text)[1][2] == (["Rowing", "", "4", "7"], 0)


def test_the_opening_pipe_of_the_first_row_may_be_lost_with_its_cell() -> None:
    found = read(SEED.removeprefix("|\nSection 1 "), above="Section 1")
    assert found.takes_line_above
    assert [cell.text for cell in found.table.rows[0].cells] == ["Section 1"]
    assert found.table.rows[0].cells[0].place == TextPlace(0, 0, 9)
    assert not read(SEED, above="A heading").takes_line_above


def test_rows_without_openers() -> None:
    text = "Item |\nMen |\nAll |\nRowing |\n3 |\n7 |\nSailing |\n5 |\n5 |\nTotal |\n8 |\n12 |"
    assert outline(text) == (
        True,
        [(["Item", "Men", "All"], 0), (["Rowing", "3", "7"], 0), (["Sailing", "5", "5"], 0), (["Total", "8", "12"], 0)],
    )


TABLES_OF_ONE_STREAM = """\
|
Section 1 |
|||
|
Item |
Men |
Women |
All |
|
Rowing |
3 |
4 |
7 |
|
Total |
|
4 |
4 |
|
Outcome of appeals |
|||||
|
Upheld |
Quashed |
Varied |
Pending |
All |
Late |
|
1 |
|
- |
2 |
3 |
|"""


def test_rows_of_tables_of_several_widths_are_opened_by_lone_pipes() -> None:
    """What opens a row: a pipe behind padding, one where the table's width is reached, one behind a whole header though a number follows."""
    table = read(TABLES_OF_ONE_STREAM).table
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Section 1"],
        ["Item", "Men", "Women", "All"],
        ["Rowing", "3", "4", "7"],
        ["Total", "", "4", "4"],
        ["Outcome of appeals"],
        ["Upheld", "Quashed", "Varied", "Pending", "All", "Late"],
        ["1", "", "-", "2", "3"],
    ]
    assert [row.padding for row in table.rows] == [3, 0, 0, 0, 5, 0, 1]
    assert not any(row.is_short for row in table.rows)


def test_the_first_of_the_blank_cells_that_a_row_begins_with_may_be_lost() -> None:
    text = TABLES_OF_ONE_STREAM.removesuffix("1 |\n|\n- |\n2 |\n3 |\n|")
    kept, lost = ("|\n" * blanks + "2 |\n3 |\n4 |\n5 |" for blanks in (2, 1))
    assert [cell.text for cell in read(text + kept).table.rows[-1].cells] == ["", "", "2", "3", "4", "5"]
    assert [cell.text for cell in read(text + lost).table.rows[-1].cells] == ["", "", "2", "3", "4", "5"]


def test_a_row_that_is_short_of_its_tables_width_is_said_to_be() -> None:
    text = TABLES_OF_ONE_STREAM.replace("Rowing |\n3 |\n4 |\n7 |", "Rowing |\n3 |\n7 |")
    assert [row.is_short for row in read(text).table.rows] == [False, False, True, False, False, False, False]


def test_where_no_length_fits_rows_are_not_certain() -> None:
    known, rows = outline("Item |\nMen |\nAll |\n||\nRowing |\n3 |\nSailing |\n5 |\n5 |\n||\nTotal |\n8 |")
    assert not known
    assert [cell for cells, _ in rows for cell in cells if cell] == ["Item", "Men", "All", "Rowing", "3", "Sailing", "5", "5", "Total", "8"]


def test_of_two_lengths_that_fit_the_row_is_the_shorter() -> None:
    text = "|\nItem |\nMen |\n|\nRowing |\n3 |\n|\nSailing |\n4 |"
    assert [cells for cells, _ in outline(text)[1]] == [["Item", "Men"], ["Rowing", "3"], ["Sailing", "4"]]


def test_no_cell_is_lost_and_none_is_made() -> None:
    for text in (SEED, SEED.replace("3 |\n", ""), SEED + "\n7 |", SEED.removeprefix("|\n"), SEED.replace("\n|\nTotal", "\nTotal")):
        printed = [part.strip() for part in text.split("|") if part.strip()]
        assert [cell.text for cell in read(text).table.cells() if cell.text] == printed


# ---- a cell a line, its pipe on the next ----------------------------------------------------------------------------------

PARTED = "Report\nItem\n|\nMen\n|\nAll\n|\nRowing\n|\n3\n|\n7\n|\nSailing\n|\n5\n|\n5\n|\nTotal\n|\n8\n|\n12\n|\nThe end."


def test_stretches_of_parted_cells_are_found() -> None:
    assert list(find_parted_cells(lines(PARTED))) == [(1, 25)]
    assert list(find_parted_cells(lines("a\n|\nb\n|\nc"))) == []  # too few
    assert list(find_parted_cells(lines("a |\nb |\nc |"))) == []
    assert list(find_parted_cells([])) == []


def opened(*table: list[str]) -> str:
    """A pipe opens each row, and one closes each cell, all on lines of their own; the caption has the pipe of the first row behind it."""
    return "caption\n" + "\n".join("|\n" + "\n".join(f"{cell}\n|" if cell else "|" for cell in row) for row in table)


OPENED = (
    ["Club", "Men", "Women", "All"],
    ["Rowing", "", "7", "7"],
    ["Chess", "3", "", "3"],
    ["Judo", "", "", ""],
    ["Golf", "1", "2", "3"],
    ["Polo", "4", "无", "4"],
    ["Darts", "5", "0", "5"],
    ["Squash", "6", "0", "6"],
)


def test_a_pipe_of_its_own_opens_each_row() -> None:
    table = read_parted_cells(lines(opened(*OPENED)))
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["caption", *OPENED[0]], *OPENED[1:]]


def test_numbers_below_a_header_open_a_row() -> None:
    header = ["Won", "Lost", "Drawn", "All", "Cups"]
    table = read_parted_cells(lines(opened(*OPENED, header, ["", "1", "2", "3", "4"])))
    assert [cell.text for cell in table.rows[-1].cells] == ["", "1", "2", "3", "4"]
    # Four words may be a header or the words before the numbers of a row: which cells are blank is not told.
    unsure = read_parted_cells(lines(opened(*OPENED, header[:4], ["", "1", "2", "3"])))
    assert not unsure.rows_known or [cell.text for cell in unsure.rows[-1].cells] != ["", "1", "2", "3"]


def test_parted_cells_make_rows() -> None:
    table = read_parted_cells(lines(PARTED)[1:25])
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Item", "Men", "All"],
        ["Rowing", "3", "7"],
        ["Sailing", "5", "5"],
        ["Total", "8", "12"],
    ]
    assert table.rows_known
    assert next(iter(table.cells())).place == TextPlace(2, 0, 4)


def test_more_pipes_than_usual_behind_a_cell_are_blank_cells() -> None:
    text = "\n".join(PARTED.split("\n")[1:25]).replace("Rowing\n|\n3\n|", "Rowing\n|\n|")
    assert [[cell.text for cell in row.cells] for row in read_parted_cells(lines(text)).rows][1] == ["Rowing", "", "7"]


@pytest.mark.parametrize("text", ["|" * 5000, "a|" * 5000, "|\n" * 1000 + "a |", "a |\n" * 1000, "1|\n" * 1000, "a | 1\n|\n" * 1000])
def test_large_tables_are_read(text: str) -> None:
    found = read_pipe_table(lines(text))
    cells = 0 if found is None else sum(1 for cell in found.table.cells() if cell.text)
    assert cells == sum(1 for line in text.split("\n") if "|" in line for part in line.split("|") if part.strip())


# ---- rows broken over lines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Item|Men|Women|All|\nRowing|3|\n|2|5|\nSwimming|5|6|11|", [["Rowing", "3", "", "2", "5"], ["Swimming", "5", "6", "11"]]),
        # Padded up to the table's width, a row is complete: what follows is a row that begins with a blank cell.
        ("Item|Men|Women|All|\nRowing|3|||\n|1|2|3|\nSwimming|5|6|11|", [["Rowing", "3"], ["", "1", "2", "3"], ["Swimming", "5", "6", "11"]]),
        # The break is in a blank cell that was half on each line.
        ("| Item | Men | Women | All |\n| Rowing |   |\n|   | 3 | 4 |\n| Swimming | 3 | 4 | 7 |", [["Rowing", "", "3", "4"], ["Swimming", "3", "4", "7"]]),
        # A row with a word of its own is a row of its own.
        ("| Item | Men | Women | All |\n| Rowing |   |\n|   | all | 4 |\n| Swimming | 3 | 4 | 7 |", [["Rowing", ""], ["", "all", "4"], ["Swimming", "3", "4", "7"]]),
    ],
)  # fmt: skip
def test_a_blank_cell_breaks_a_row_only_where_the_row_goes_on(text: str, rows: list[list[str]]) -> None:
    known, found = outline(text)
    assert known
    assert [cells for cells, _ in found[1:]] == rows


# ---- habits of a document ----------------------------------------------------------------------------------------------


def test_a_document_shows_how_it_uses_pipes() -> None:
    open_rows = "\n".join(f"Race {number} | {number} | {number}" for number in range(10))
    assert find_habits(lines(open_rows)) == PipeHabits(open=True)
    assert find_habits(lines("\n".join(f"|Race {number}||{number}||{number}|" for number in range(10)))) == PipeHabits(paired=True)
    assert find_habits(lines("\n".join(f"Race {number} | {number} | {number} |" for number in range(10)))) == PipeHabits()
    assert find_habits(lines(open_rows[:40])) == PipeHabits()  # too few lines to tell


def test_habits_tell_what_stands_behind_the_last_pipe_of_a_short_table() -> None:
    text = lines("Item | Men | Women\nRowing | 3 | ")

    def last_row(habits: PipeHabits) -> list[str]:
        found = read_pipe_table(text, None, habits)
        assert found is not None
        return [cell.text for cell in found.table.rows[-1].cells]

    assert last_row(PipeHabits(open=True)) == ["Rowing", "3", ""]
    assert last_row(PipeHabits()) == ["Rowing", "3"]


def test_a_pair_of_pipes_is_a_cell_and_never_padding() -> None:
    assert outline("|Item||Men||Women|\n|Rowing||3|||\n|Sailing||||4|") == (
        True,
        [(["Item", "Men", "Women"], 0), (["Rowing", "3", ""], 0), (["Sailing", "", "4"], 0)],
    )


# ---- cells fenced by pipes on lines of their own -----------------------------------------------------------------------


def fenced(text: str) -> list[list[str]] | None:
    found = read_fenced_cells(lines(text))
    return None if found is None else [[cell.text for cell in row.cells] for row in found.rows]


def test_fenced_cells_are_found_and_read() -> None:
    text = "Log\n|\nItem\n||\nMen\n||\nWomen\n|\n|\nRowing\n||\n3\n||\n|\nThe end"
    ((start, end),) = find_fenced_cells(lines(text))
    assert (start, end) == (1, 14)
    assert fenced("\n".join(text.split("\n")[start:end])) == [["Item", "Men", "Women"], ["Rowing", "3", ""]]


def test_a_line_outside_the_fences_is_the_rest_of_a_word_or_a_row_behind_a_number() -> None:
    assert fenced("|\nRowing\n|\nat sea\n|\n3\n|") == [["Rowing\nat sea"], ["3"]]
    assert fenced("|\nRowing\n||\n3\n|\nOn land\n|\nChess\n||\n4\n|") == [["Rowing", "3"], ["On land"], ["Chess", "4"]]


def test_fences_that_do_not_pair_are_no_table() -> None:
    assert fenced("|\nRowing\n||\n3\n||\n4") is None
    assert fenced("Rowing\n|\n3\n|") is None


def test_a_row_goes_on_where_a_line_break_has_cut_its_cells() -> None:
    rows = ["| 名称 | 甲 | 乙 | 丙 |", "| 规章 | 7 | ", " | 2 |", "| 其他 | 4 | 5 | 6 |", "| 又 | 6 | 8 | 9 |"]
    read = read_pipe_table([Line(number, row) for number, row in enumerate(rows, start=1)])
    assert read is not None
    assert [[cell.text for cell in row.cells] for row in read.table.rows][1] == ["规章", "7", "", "2"]


def test_rulers_below_some_cells_are_no_cells() -> None:
    rows = ["|名称|甲|乙|", "|--+--+--|", "|三 |一 |5 |", "|   |-----|", "|组 |二 |6 |", "|---------|", "|总 |计 |7 |"]
    read = read_pipe_table([Line(number, row) for number, row in enumerate(rows, start=1)])
    assert read is not None
    assert [[cell.text for cell in row.cells] for row in read.table.rows] == [
        ["名称", "甲", "乙"],
        ["三", "一", "5"],
        ["组", "二", "6"],
        ["总", "计", "7"],
    ]


# Two blanks end each line, and a blank cell's line break stands behind one more.
WRAPPED = """Club| Men| Women| All@
---|---|---|---@
Rowing| 0| @
| 7@
Chess| @
| @
| 3@
Judo| 1| 2| @
@
Golf| @
| 2| 2@
Polo| 4| 0| 4@
Darts| 1| 1| 2@
Squash| 5| @
| 5""".replace("@", "  ")


def test_line_breaks_in_blank_cells_part_rows() -> None:
    habits = find_habits(lines(WRAPPED))
    assert habits.wrapped
    found = read_pipe_table(lines(WRAPPED), None, habits)
    assert found is not None
    assert [[cell.text for cell in row.cells] for row in found.table.rows] == [
        ["Club", "Men", "Women", "All"],
        ["Rowing", "0", "", "7"],
        ["Chess", "", "", "3"],
        ["Judo", "1", "2", ""],
        ["Golf", "", "2", "2"],
        ["Polo", "4", "0", "4"],
        ["Darts", "1", "1", "2"],
        ["Squash", "5", "", "5"],
    ]
    assert found.table.rows[1].cells[3].place == TextPlace(4, 2, 3)
    # A line that starts in a pipe below a whole row is a row of its own.
    assert not find_habits(lines(WRAPPED + "\n| 9| 9")).wrapped


def test_more_blanks_behind_a_pipe_than_at_other_lines_ends_are_a_cell() -> None:
    names = "甲乙丙丁戊己庚辛壬癸"
    shown = [Line(number, f"{name}| {number}  ") for number, name in enumerate(names, 1)]
    blank = [Line(number, f"{name}|   ") for number, name in enumerate(names, 11)]
    assert find_habits([*shown, *blank]).open
    assert not find_habits([*shown, *(Line(line.number, f"{line.text[:-3]}  ") for line in blank)]).open  # as many: these close their rows
    assert not find_habits([*shown, *(Line(line.number, f"|{line.text}") for line in blank)]).open
