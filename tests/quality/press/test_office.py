"""The press's writers of Word documents and workbooks: what they write is what the report says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.model.document import RawTable
from pipeline.model.limits import Limits
from pipeline.readers import read_document
from tests.quality.press.__main__ import GROUPS, draw_wishes, main
from tests.quality.press.make import Wish, draft
from tests.quality.press.sheet_writer import SheetHand, write_xlsx
from tests.quality.press.slots import cut_in_two, slots_of
from tests.quality.press.word_writer import WordHand, write_docx
from tests.quality.sources import COMMITTED_OFFICE, COMMITTED_OLD_OFFICE, COMMITTED_PDF, press_cases


def texts_of(path: Path) -> list[list[list[str]]]:
    document = read_document(path.read_bytes(), media_type=None, name=path.name, limits=Limits())
    return [[[cell.text for cell in row.cells] for row in block.rows] for block in document.blocks if isinstance(block, RawTable)]


@pytest.mark.parametrize("number", range(6))
def test_a_table_cut_in_two_has_every_field_once(number: int) -> None:
    made = draft(Wish(number, 3, "clean", "html"))
    for table in made.tables:
        for repeat in (False, True):
            parts = cut_in_two(table, random.Random(number), repeat_header=repeat)
            pointers = [cell.pointer for part in parts for row in part.rows for cell in row if cell.pointer]
            assert pointers == [cell.pointer for row in table.rows for cell in row if cell.pointer]
            for part in parts:
                filled = sum(slot.cell.row_span * slot.cell.col_span for slot in slots_of(part))
                assert filled == len(part.rows) * part.width


@pytest.mark.parametrize(
    "hand",
    [
        WordHand(),
        WordHand(heading="plain", title="box", break_by="paragraph", jitter=True, splits_runs=True, nested_blank=True, landscape=True),
        WordHand(tracked=True, framed=True),
    ],
)
def test_a_word_document_holds_the_cells_of_the_report(tmp_path: Path, hand: WordHand) -> None:
    made = draft(Wish(4, 9, "clean", "word-docx", form="2021", script="simplified"))
    path = tmp_path / "x.docx"
    write_docx(made.prose, made.tables, made.script, hand, random.Random(1), path)
    tables = texts_of(path)
    expected = [[[" ".join(cell.text.split("\u3000")).strip() for cell in row] for row in table.rows] for table in made.tables]
    if hand.framed:
        tables = tables[1:]  # the frame has a text of its own
    assert tables == expected


@pytest.mark.parametrize("hand", [SheetHand(), SheetHand(numbers=False, sheets=True, offset=(3, 1), hidden_sheet=True)])
def test_a_workbook_shows_the_cells_of_the_report(tmp_path: Path, hand: SheetHand) -> None:
    made = draft(Wish(4, 9, "clean", "sheet-xlsx", form="2021", script="simplified"))
    path = tmp_path / "x.xlsx"
    write_xlsx(made.prose, made.tables, made.values, made.form, made.number_hand, made.script, hand, random.Random(1), path)
    assert texts_of(path) == [[[cell.text for cell in row] for row in table.rows] for table in made.tables]


def test_groups_of_converters_have_names() -> None:
    assert {"word-docx", "word-doc", "sheet-xlsx", "sheet-xls"} <= set(GROUPS["office"])
    assert set(GROUPS["pdf"]) == {"word-pdf", "chromium-pdf"}


def test_a_worksheet_is_never_cut() -> None:
    wishes = draw_wishes(60, 1, ["sheet-xlsx", "word-docx"], ["lossy"])
    assert {wish.damage for wish in wishes if wish.converter == "sheet-xlsx"} == {""}
    assert {wish.damage for wish in wishes if wish.converter == "word-docx"} == {"", "cut"}


def test_a_run_of_written_documents_can_be_made_again(tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert main(["--out", str(tmp_path / name), "--count", "4", "--seed", "3", "--converters", "word-docx,sheet-xlsx"]) == 0
    first, second = (sorted((tmp_path / name / "documents").iterdir()) for name in ("first", "second"))
    assert len(first) == 4
    assert [texts_of(path) for path in first] == [texts_of(path) for path in second]
    assert (tmp_path / "first" / "truth.jsonl").read_bytes() == (tmp_path / "second" / "truth.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("folder", "converters"), [(COMMITTED_OFFICE, 7), (COMMITTED_OLD_OFFICE, 4), (COMMITTED_PDF, 2)], ids=["office", "old-office", "pdf"]
)
def test_committed_documents_are_there_in_every_form(folder: Path, converters: int) -> None:
    cases = press_cases(folder, "x")
    assert len({case.facets["converter"] for case in cases}) == converters
    assert {case.facets["form"] for case in cases} == {"2014", "2019", "2021"}
    assert all(case.read() for case in cases)


def test_committed_documents_are_small() -> None:
    folders = (COMMITTED_OFFICE, COMMITTED_OLD_OFFICE, COMMITTED_PDF)
    assert sum(path.stat().st_size for folder in folders for path in folder.rglob("*.gz")) < 3_000_000
