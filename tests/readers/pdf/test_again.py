"""Reading twice: what a second reader of a page has at the same places."""

from __future__ import annotations

import pytest

from pipeline.model.limits import Limits
from pipeline.model.place import ElementPlace, PagePlace
from pipeline.readers.again import OtherReading, read_again
from tests.readers.pdf.paper import Sheet, build_pdf, drawn_grid, only_table

PDF = "application/pdf"


def sheet() -> Sheet:
    return drawn_grid(Sheet(), (50, 150, 250), (100, 120, 140), (("Name", "Count"), ("North", "12")))


def test_the_second_reader_agrees_on_what_is_printed() -> None:
    cells = [(cell.place, cell.text) for cell in only_table(sheet()).cells()]
    readings = read_again(build_pdf([sheet()]), PDF, cells, Limits())
    assert [(reading.first, reading.second, reading.agrees) for reading in readings] == [
        ("Name", "Name", True),
        ("Count", "Count", True),
        ("North", "North", True),
        ("12", "12", True),
    ]


def test_where_the_two_differ_a_third_is_asked() -> None:
    pytest.importorskip("camelot")
    place = only_table(sheet()).rows[1].cells[1].place
    (reading,) = read_again(build_pdf([sheet()]), PDF, [(place, "72")], Limits())
    assert reading == OtherReading(place, "72", "12", "12")
    assert not reading.agrees


def test_words_outside_any_table_are_read_by_their_place() -> None:
    data = build_pdf([Sheet().text(50, 100, "Total 1,234")])
    (reading,) = read_again(data, PDF, [(PagePlace(1, (40.0, 95.0, 200.0, 115.0)), "Total 1,234")], Limits())
    assert reading.second == "Total 1,234"
    assert reading.agrees


def test_blanks_and_the_width_of_digits_are_no_difference() -> None:
    assert OtherReading(PagePlace(1, (0, 0, 1, 1)), "1 2\n件", "１２件").agrees


def test_only_pages_have_a_second_reader_and_only_so_many() -> None:
    assert read_again(b"<p>1", "text/html", [(ElementPlace("/html"), "1")], Limits()) == ()
    data = build_pdf([sheet(), sheet()])
    places = [PagePlace(number, (150.0, 120.0, 250.0, 140.0)) for number in (1, 2)]
    readings = read_again(data, PDF, [(place, "12") for place in places], Limits(max_second_pages=1))
    assert [reading.place for reading in readings] == places[:1]


def test_a_file_that_the_second_reader_cannot_open_has_no_second_reading() -> None:
    assert read_again(b"%PDF-1.7 nothing", PDF, [(PagePlace(1, (0, 0, 9, 9)), "1")], Limits()) == ()
