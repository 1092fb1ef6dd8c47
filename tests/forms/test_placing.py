"""From rows to placements: a row of which nothing is left, numbers that may be another row's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.forms.align import align_forms
from pipeline.forms.alignment import Alignment
from pipeline.forms.load import load_form
from pipeline.forms.stations import FormLayout, lay_out
from tests.harbour import FORM, loose, rows, tokens_of

WRECKS = """
[[table]]
id = "wrecks"
pointer = "/wrecks"
captions = ["Wrecks and strandings"]
columns = [
  { label = "Sunk", key = "sunk" },
  { label = "Stranded", key = "stranded" },
  { label = "Refloated", key = "refloated" },
  { label = "Broken up", key = "broken_up" },
]
"""
DUES = (["Kind of due", "Payers", "Amount"], ["Light dues", "3", "4"], ["Mooring dues", "1", "6"])
BLANK = (
    ["Voyage", "Propelled by", "Total"],
    ["Sail", "Steam"],
    ["Coastal voyages", "Laden", "", "", ""],
    ["In ballast", "", "", ""],
    ["Foreign voyages", "Laden", "", "", ""],
    ["In ballast", "", "", ""],
    ["All voyages", "", "", ""],
)
HEADING = rows(["Wrecks and strandings"], ["Sunk", "Stranded", "Refloated", "Broken up"])
BEHIND = loose("Remarks of the harbour master\nMild.")


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> FormLayout:
    """The harbour's form, with a table of one row that has no label."""
    path = Path(tmp_path_factory.mktemp("form"), "harbour.form.toml")
    path.write_text(FORM + WRECKS, encoding="utf-8")
    return lay_out(load_form(path))


def wrecks(report: Alignment) -> set[tuple[str, str | None]]:
    return {(item.kind, item.rule or item.reason) for pointer, item in report.placements.items() if pointer.startswith("/wrecks")}


def test_a_row_of_which_nothing_is_left_is_blank_where_other_rows_are(layout: FormLayout) -> None:
    (report,) = align_forms([layout], tokens_of(rows(*DUES), rows(*BLANK), HEADING, *BEHIND))
    assert wrecks(report) == {("blank", "nothing is left of its row, and other rows are blank")}


def test_it_is_not_printed_where_other_rows_have_numbers(layout: FormLayout) -> None:
    filled = [[*row[:-3], "1", "1", "2"] if "" in row else row for row in BLANK]
    (report,) = align_forms([layout], tokens_of(rows(*DUES), rows(*filled), HEADING, *BEHIND))
    assert {kind for kind, _ in wrecks(report)} == {"absent"}


def test_it_is_not_printed_where_the_text_ends_with_its_header(layout: FormLayout) -> None:
    (report,) = align_forms([layout], tokens_of(rows(*DUES), rows(*BLANK), HEADING))
    assert {kind for kind, _ in wrecks(report)} == {"absent"}


def test_it_is_not_printed_where_its_header_is_not_whole(layout: FormLayout) -> None:
    half = rows(["Wrecks and strandings"], ["Sunk", "Stranded"])
    (report,) = align_forms([layout], tokens_of(rows(*DUES), rows(*BLANK), half, *BEHIND))
    assert {kind for kind, _ in wrecks(report)} == {"absent"}


def test_its_numbers_are_read_without_a_label(layout: FormLayout) -> None:
    (report,) = align_forms(
        [layout],
        tokens_of(
            rows(*DUES), rows(["Wrecks and strandings"], ["Sunk", "Stranded", "Refloated", "Broken up"], ["1", "2", "3", "4"]), *BEHIND
        ),
    )
    placed = {pointer: item.token.text for pointer, item in report.placements.items() if pointer.startswith("/wrecks") and item.token}
    assert placed == {"/wrecks/sunk": "1", "/wrecks/stranded": "2", "/wrecks/refloated": "3", "/wrecks/broken_up": "4"}
