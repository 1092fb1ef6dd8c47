"""A document as tokens: cells with what their source tells of rows and columns, loose lines cut where their columns are."""

from __future__ import annotations

import pytest

from pipeline.forms.tokens import Token, Tokens, make_tokens
from pipeline.grids.place import place_cells
from pipeline.model.document import RawCell, RawRow, RawTable, TextBlock
from pipeline.model.limits import Limits
from pipeline.model.place import ElementPlace, TextPlace
from tests.harbour import document, line, rows, tokens_of


def texts(tokens: Tokens) -> list[str]:
    return [token.text for token in tokens.items]


def test_indexes_count_through_text_and_tables() -> None:
    tokens = tokens_of(line("Ships", 1), rows(["Sail", "3"], ["Steam", "4"]), line("End", 9), rows(["x"]))
    assert texts(tokens) == ["Ships", "Sail", "3", "Steam", "4", "End", "x"]
    assert [token.index for token in tokens.items] == list(range(7))
    assert [token.block for token in tokens.items] == [0, 1, 1, 1, 1, 2, 3]
    assert [token.table for token in tokens.items] == [-1, 0, 0, 0, 0, -1, 1]
    assert [token.cell for token in tokens.items] == [-1, 0, 1, 2, 3, -1, 0]
    assert [token.row for token in tokens.items] == [0, 1, 1, 2, 2, 3, 4]
    assert len(tokens) == 7


def test_rows_carry_their_padding_and_whether_they_are_certain() -> None:
    tokens = tokens_of(rows(["Sail", "3"], ["Steam"], padding=[0, 2]), rows(["a", "b"], known=False), line("loose", 5))
    assert tokens.row_known == (True, True, False, False)
    assert tokens.row_padding == (0, 2, 0, 0)


@pytest.mark.parametrize(
    ("printed", "columns"),
    [
        ([["a", "b"], ["c", "d"]], [0, 1, 0, 1]),  # a full grid of words
        ([["a", "b"], ["", "d"]], [0, 1, 0, 1]),  # covered slots are printed as blanks
        ([["a", "b"], ["c", ""]], [None] * 4),  # the blank may be padding
        ([["a", "b"], ["c"]], [None] * 3),
        ([["a", "b"]], [None] * 2),
    ],
)
def test_columns_are_known_only_in_full_grids(printed: list[list[str]], columns: list[int | None]) -> None:
    assert [token.col for token in tokens_of(rows(*printed)).items] == columns


def test_declared_spans_give_columns() -> None:
    def cell(text: str, row_span: int = 1, col_span: int = 1) -> RawCell:
        return RawCell(text, ElementPlace(f"/td[{text}]"), row_span, col_span)

    raw = RawTable((RawRow((cell("Voyage", 2), cell("By", 1, 2))), RawRow((cell("Sail"), cell("Steam")))), spans="declared")
    grid, findings = place_cells(raw, Limits())
    assert list(findings) == []
    tokens = make_tokens(document(raw), {0: grid})
    assert [(token.text, token.row, token.col, token.col_span) for token in tokens.items] == [
        ("Voyage", 0, 0, 1),
        ("By", 0, 1, 2),
        ("Sail", 1, 1, 1),
        ("Steam", 1, 2, 1),
    ]
    assert tokens.row_known == (True, True)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Laden ships of the year", ["Laden ships of the year"]),
        ("Laden   3   4", ["Laden", "3", "4"]),
        ("Laden 3 4 1,044", ["Laden", "3", "4", "1,044"]),
        ("Laden  -3  +4", ["Laden", "-3", "+4"]),
        ("12 13", ["12", "13"]),
        ("Laden 3 t 4 t 1,044 t", ["Laden", "3 t", "4 t", "1,044 t"]),
        ("0 t 12 t", ["0 t", "12 t"]),
        ("Laden 3 t 4 kg", ["Laden 3 t 4 kg"]),
        ("Laden 3 t", ["Laden 3 t"]),
        ("No. 3 of   5", ["No. 3 of", "5"]),
        ("   ", []),
    ],
)
def test_a_loose_line_is_cut_at_its_columns(text: str, parts: list[str]) -> None:
    tokens = tokens_of(line(text, 1))
    assert texts(tokens) == parts
    assert tokens.row_known == ((len(parts) > 1,) if parts else ())


def test_parts_of_a_line_know_where_they_stand() -> None:
    block = TextBlock("規章  12  345", TextPlace(7, 4, 13))
    _, first, second = make_tokens(document(block), {}).items
    assert [first.place, second.place] == [TextPlace(7, 8, 10), TextPlace(7, 12, 15)]
    # In code points, and in terminal cells: two for each Han letter.
    assert first.extents == ((8, 10), (10, 12))
    assert second.extents == ((12, 15), (14, 17))


def test_a_long_line_is_prose() -> None:
    sentence = "word " * 30
    assert texts(tokens_of(line(sentence + "  3  4", 1))) == [sentence + "  3  4"]
    assert len(tokens_of(line("x  " * 2000, 1))) == 1


def test_tokens_of_lines_in_one_block_are_rows_of_their_own() -> None:
    tokens = make_tokens(document(TextBlock("Sail\nSteam", ElementPlace("/p"))), {})
    assert [(token.text, token.row) for token in tokens.items] == [("Sail", 0), ("Steam", 1)]
    assert isinstance(tokens.items[0], Token)


def test_a_mark_beside_a_number_is_a_column_where_it_is_one_elsewhere_on_the_line() -> None:
    assert texts(tokens_of(line("/   /   /   7   5   12 /   /   /", 1))) == ["/", "/", "/", "7", "5", "12", "/", "/", "/"]
    assert texts(tokens_of(line("1   2   3   7   5   12 x   8   9", 1)))[5] == "12 x"


def test_marks_between_numbers_that_one_space_parts_are_columns() -> None:
    tokens = tokens_of(line("1 20 — 300 4 — — 5", 1), line("— — — — — — — —", 2))
    assert texts(tokens) == ["1", "20", "—", "300", "4", "—", "—", "5", "— — — — — — — —"]
    assert tokens.row_known == (True, False)


def test_a_page_on_one_line_is_cut_at_every_space_also_without_numbers() -> None:
    words = ["货船名称", "年份"] * 40
    assert texts(tokens_of(line(" ".join(words), 1))) == words
    prose = "The ships of the harbour were counted on every day of that year. " * 4
    assert len(tokens_of(line(prose, 1)).items) == 1
