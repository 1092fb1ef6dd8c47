"""A family of reports that nobody has heard of, for tests of what knows no family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.forms.load import load_form
from pipeline.forms.stations import FormLayout, lay_out
from pipeline.forms.tokens import Tokens, make_tokens
from pipeline.model.document import Block, Document, RawCell, RawRow, RawTable, TextBlock
from pipeline.model.form import Form
from pipeline.model.place import TextPlace
from pipeline.values.numbers import ValueReading

__all__ = ["FORM", "document", "harbour", "layout", "line", "loose", "readings", "rows", "tokens_of"]

FORM = """\
id = "harbour/return"
title = "Yearly return of a harbour"

[numbers]
blank_marks = ["nil", "-"]
counter_words = ["ships"]
negative_words = ["less"]

[numbers.units.pounds]
pounds = "1"
shillings = "0.05"

[narrative]
remarks = ["Remarks of the harbour master", "Remarks"]

[metadata]
patterns = ['(?P<title>yearlyreturnof(?P<agency>[^\\W\\d]{1,40}?)for(?P<year>\\d{4}))']

[[table]]
id = "traffic"
pointer = "/traffic"
captions = ["Ships that called", "Traffic"]
stub_head = "Voyage"
columns = [
  { label = "Propelled by" },
  { level = 2, label = "Sail", key = "sail" },
  { level = 2, label = ["Steam", "Engine"], key = "steam" },
  { label = "Total", key = "total" },
]
rows = [
  { label = "Coastal voyages" },
  { level = 2, label = "Laden", key = "coastal/laden" },
  { level = 2, label = "In ballast", key = "coastal/ballast" },
  { label = "Foreign voyages" },
  { level = 2, label = "Laden", key = "foreign/laden" },
  { level = 2, label = "In ballast", key = "foreign/ballast" },
  { label = "All voyages", key = "all" },
]

[[table.identity]]
name = "row {row}"
kind = "sum"
each = "row"
whole = "{row}/total"
parts = "{row}/*"

[[table.identity]]
name = "all by {column}"
kind = "sum"
each = "column"
whole = "all/{column}"
parts = "**/{column}"

[[table]]
id = "dues"
pointer = "/dues"
captions = "Dues received"
stub_head = "Kind of due"
columns = [
  { label = "Payers", key = "payers" },
  { label = ["Amount (in pounds)", "Amount", "Amount (in shillings)"], key = "amount", type = "decimal", unit = "pounds" },
]
rows = [
  { label = "Light dues", key = "light" },
  { label = ["Mooring dues", "Anchorage"], key = "mooring" },
]
"""


@cache
def harbour() -> Form:
    """The form, loaded."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "harbour.form.toml")
        path.write_text(FORM, encoding="utf-8")
        return load_form(path)


@cache
def layout() -> FormLayout:
    return lay_out(harbour())


# ---- documents as a reader makes them ----------------------------------------------------------------------------------


def line(text: str, number: int) -> TextBlock:
    """A line of loose text."""
    return TextBlock(text, TextPlace(number, 0, len(text)))


def loose(text: str) -> list[Block]:
    return [line(part, number) for number, part in enumerate(text.split("\n"), 1) if part]


def rows(*printed: Sequence[str], padding: Sequence[int] = (), known: bool = True) -> RawTable:
    """A table of a dump: rows of cells, spans lost."""

    def cells(row: Sequence[str], number: int) -> Iterator[RawCell]:
        start = 0
        for text in row:
            yield RawCell(text, TextPlace(number, start, start + len(text)))
            start += len(text) + 3

    pads = [*padding, *[0] * (len(printed) - len(padding))]
    raw = tuple(RawRow(tuple(cells(row, number)), pad) for number, (row, pad) in enumerate(zip(printed, pads, strict=True), 1))
    return RawTable(raw, spans="lost", rows_known=known)


def document(*blocks: Block) -> Document:
    return Document(blocks, "text/plain", "utf-8")


def tokens_of(*blocks: Block) -> Tokens:
    return make_tokens(document(*blocks), {})


def readings(tokens: Tokens) -> list[ValueReading]:
    return [layout().numbers.read(token.text) for token in tokens.items]
