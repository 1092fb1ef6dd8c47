"""Printed numbers to printed rows, printed rows to rows of the form; what is left over is kept."""

from __future__ import annotations

import pytest

from pipeline.forms.chain import find_chain
from pipeline.forms.rows import Instance, read_instances
from pipeline.model.document import Block, RawCell, RawRow, RawTable, TextBlock
from pipeline.model.place import PagePlace
from tests.harbour import layout, line, loose, readings, rows, tokens_of

HEADER = (["Voyage", "Propelled by", "Total"], ["Sail", "Steam"])


def read(*blocks: Block) -> list[Instance]:
    tokens = tokens_of(*blocks)
    read_as = readings(tokens)
    matches, _ = find_chain(layout(), tokens, read_as)
    return read_instances(layout(), tokens, read_as, matches)


def values(instance: Instance) -> list[tuple[str, list[str]]]:
    """(pointer of the row's total, its numbers) of each row that was read."""
    found = []
    for row in instance.rows:
        last = [field for field in layout().row_fields[row.station] if field][-1]
        found.append((last.pointer.rsplit("/", 1)[0], [token.text for token in row.values]))
    return found


def test_rows_that_are_certain() -> None:
    (instance,) = read(rows(*HEADER, ["Coastal voyages", "Laden", "31", "12", "43"], ["In ballast", "7", "", "7"]))
    assert values(instance) == [("/traffic/coastal/laden", ["31", "12", "43"]), ("/traffic/coastal/ballast", ["7", "", "7"])]
    assert [row.row_known for row in instance.rows] == [True, True]
    assert (instance.orphans, instance.leftover, instance.extra) == ([], [], [])


def test_rows_run_together_are_cut_by_the_form() -> None:
    (instance,) = read(rows(["Voyage", "Sail", "Steam", "Total", "Laden", "31", "12", "43", "In ballast", "7", "2", "9"], known=False))
    assert values(instance) == [("/traffic/coastal/laden", ["31", "12", "43"]), ("/traffic/coastal/ballast", ["7", "2", "9"])]
    assert [row.row_known for row in instance.rows] == [False, False]


def test_loose_lines() -> None:
    (instance,) = read(*loose("Voyage\nSail\nSteam\nTotal\nLaden\n31\n12\n43\nIn ballast\nForeign voyages\nLaden\n5\n4\n9"))
    assert values(instance) == [
        ("/traffic/coastal/laden", ["31", "12", "43"]),
        ("/traffic/coastal/ballast", []),
        ("/traffic/foreign/laden", ["5", "4", "9"]),
    ]


def test_numbers_in_the_row_below_their_label() -> None:
    (instance,) = read(rows(*HEADER, ["Coastal voyages"], ["Laden"], ["31", "12", "43"], ["In ballast", "7", "2", "9"]))
    assert values(instance)[0] == ("/traffic/coastal/laden", ["31", "12", "43"])
    assert instance.rows[0].rule == "numbers printed in the row below the label"


def test_a_run_without_a_label_is_placed_where_one_place_is_left() -> None:
    (instance,) = read(rows(*HEADER, ["Laden", "31", "12", "43"], ["7", "2", "9"], ["Foreign voyages", "Laden", "5", "4", "9"]))
    assert values(instance)[1] == ("/traffic/coastal/ballast", ["7", "2", "9"])
    assert instance.rows[1].match is None
    assert instance.rows[1].rule == "placed by order: no label is printed beside it"


def test_a_run_without_a_label_is_left_over_where_two_places_are_left() -> None:
    (instance,) = read(rows(*HEADER, ["Laden", "31", "12", "43"], ["7", "2", "9"], ["All voyages", "5", "4", "9"]))
    assert [[token.text for token in run] for run in instance.orphans] == [["7", "2", "9"]]


def test_a_row_of_something_else_is_left_over() -> None:
    (instance,) = read(rows(*HEADER, ["Laden", "31", "12", "43"], ["Under tow", "1", "1", "2"], ["In ballast", "7", "2", "9"]))
    assert [token.text for token in instance.leftover] == ["Under tow"]
    assert [[token.text for token in run] for run in instance.extra] == [["1", "1", "2"]]
    assert [pointer for pointer, _ in values(instance)] == ["/traffic/coastal/laden", "/traffic/coastal/ballast"]


def test_one_printing_ends_where_another_table_begins() -> None:
    one, other = read(
        rows(*HEADER, ["Laden", "31", "12", "43"]),
        line("Dues received", 9),
        rows(["Kind of due", "Payers", "Amount"], ["Light dues", "3", "4"]),
    )
    assert (one.table, other.table) == (0, 1)
    assert values(other) == [("/dues/light", ["3", "4"])]
    assert one.end <= other.first


def test_the_same_rows_again_are_another_printing() -> None:
    body = (*HEADER, ["Laden", "31", "12", "43"], ["In ballast", "7", "2", "9"])
    one, other = read(rows(*body), rows(*body))
    assert (one.table, other.table) == (0, 0)
    assert one.stations_read() == other.stations_read()
    assert values(one) == values(other)


def test_text_behind_the_table_is_not_its_own() -> None:
    (instance,) = read(rows(*HEADER, ["Laden", "31", "12", "43"]), line("In 1997 there were 12 storms.", 9), line("4", 10))
    assert instance.leftover == []
    assert instance.orphans == []


@pytest.mark.parametrize("ballast", [["1 1 2", "3"], ["3", "1 1 2"]])
def test_numbers_of_a_reading_that_loses_to_a_fuller_one_are_left_over(ballast: list[str]) -> None:
    readings_of_one_row = [["In ballast", *numbers.split()] for numbers in ballast]
    (instance,) = read(rows(*HEADER, ["Foreign voyages", "Laden", "5", "4", "9"], *readings_of_one_row))
    assert values(instance)[-1] == ("/traffic/foreign/ballast", ["1", "1", "2"])
    assert [[token.text for token in run] for run in instance.orphans] == [["3"]]


@pytest.mark.parametrize(("left", "is_rest"), [(300.0, True), (20.0, False)])
def test_a_number_on_the_next_line_of_a_page_goes_on_a_row_only_below_its_last_cell(left: float, is_rest: bool) -> None:
    def table(*printed: list[str]) -> RawTable:
        cells = [
            [RawCell(text, PagePlace(1, (80.0 * col, 20.0 * row, 80.0 * col + 70, 20.0 * row + 15))) for col, text in enumerate(texts)]
            for row, texts in enumerate(printed, 1)
        ]
        return RawTable(tuple(RawRow(tuple(row), 0) for row in cells), spans="lost", rows_known=True)

    below = TextBlock("1", PagePlace(1, (left, 80.0, left + 8, 95.0)))
    (instance,) = read(table(*HEADER, ["Laden", "3", "4", "7"]), below, table(["In ballast", "7", "2", "9"]))
    first, second = instance.rows
    assert [token.text for token in first.values] == ["3", "4", "7", *(["1"] if is_rest else [])]
    assert [token.text for token in second.values] == ["7", "2", "9"]
    assert [token.text for run in instance.orphans for token in run] == ([] if is_rest else ["1"])
