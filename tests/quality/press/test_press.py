"""The press itself: its truths must be true. Nothing here needs a converter."""

from __future__ import annotations

import gzip
import random
from decimal import Decimal
from pathlib import Path

import pytest

from tests.quality.press import damage, oracle
from tests.quality.press.__main__ import main
from tests.quality.press.canon import press_forms
from tests.quality.press.converters import Converter, find_missing
from tests.quality.press.figures import PROFILES, broken_identities, draw_numbers, make_slip
from tests.quality.press.hands import HANDS
from tests.quality.press.layout import PrintedCell, PrintedTable
from tests.quality.press.make import Wish, draft, page_of, truth_of
from tests.quality.press.printing import NumberHand, print_number
from tests.quality.press.script import script_named
from tests.quality.sources import COMMITTED, find_cases, press_cases

FORMS = ("2021", "2019", "2014")


@pytest.mark.parametrize("form_id", FORMS)
@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_drawn_numbers_satisfy_every_identity(form_id: str, profile: str) -> None:
    form = press_forms()[form_id]
    for seed in range(5):
        values = draw_numbers(form, random.Random(seed), profile)
        assert set(values) == set(form.field_by_pointer)
        assert broken_identities(form, values) == []


@pytest.mark.parametrize("form_id", FORMS)
def test_slip_breaks_a_sum_and_changes_one_number(form_id: str) -> None:
    form = press_forms()[form_id]
    values = draw_numbers(form, random.Random(3), "usual")
    slip = make_slip(form, values, random.Random(3))
    assert values[slip.pointer] == slip.meant != slip.printed
    assert any(slip.pointer in identity.pointers for identity in broken_identities(form, {**values, slip.pointer: slip.printed}))


@pytest.mark.parametrize("number", range(40))
def test_cells_of_a_printed_table_fill_it_without_overlap(number: int) -> None:
    made = draft(Wish(number, 5, "clean", "html"))
    for table in made.tables:
        taken: set[tuple[int, int]] = set()
        for row_number, row in enumerate(table.rows):
            col = 0
            for cell in row:
                while (row_number, col) in taken:
                    col += 1
                slots = {(row_number + down, col + right) for down in range(cell.row_span) for right in range(cell.col_span)}
                assert not slots & taken
                taken |= slots
        assert len(taken) == len(table.rows) * table.width


@pytest.mark.parametrize("number", range(12))
def test_every_field_is_printed_once(number: int) -> None:
    made = draft(Wish(number, 6, "clean", "html"))
    printed = [cell.pointer for table in made.tables for row in table.rows for cell in row if cell.pointer]
    assert sorted(printed) == sorted(made.form.field_by_pointer)


@pytest.mark.parametrize("hand", HANDS)
def test_page_holds_the_agency_and_no_marks_of_ours(hand: str) -> None:
    made = draft(Wish(1, 8, "clean", "html", hand=hand, script="simplified"))
    page = page_of(made)
    assert made.prose.agency in page
    assert "\ue000" not in page
    assert page == page_of(draft(Wish(1, 8, "clean", "html", hand=hand, script="simplified")))


def test_page_that_breaks_off_ends_before_the_cell_it_names() -> None:
    made = draft(Wish(2, 8, "lossy", "html", form="2021", damage="stopped"))
    page = page_of(made)
    assert made.stop_before in made.gone
    assert not page.rstrip().endswith("</html>")
    truth = truth_of(made, "x.html", page)
    assert truth["status"] == "flagged"
    assert not set(truth["values"]) & made.gone


@pytest.mark.parametrize(
    ("value", "hand", "text"),
    [
        (1234567, NumberHand(thousands=","), "1,234,567"),
        (-76, NumberHand(minus="减"), "减76"),
        (120, NumberHand(full_width=True), "１２０"),
        (None, NumberHand(mark="/"), "/"),
        (0, NumberHand(), "0"),
    ],
)
def test_count_as_printed(value: int | None, hand: NumberHand, text: str) -> None:
    field = press_forms()["2021"].field_by_pointer["/administrative_review/total"]
    assert print_number(value, field, hand) == text


@pytest.mark.parametrize(
    ("value", "money", "text"),
    [("59237.2449", "bare", "59237.2449"), ("0.37", "元", "3700元"), ("0.37", "万元", "0.37万元"), ("25.1", "label-元", "251000")],
)
def test_money_as_printed(value: str, money: str, text: str) -> None:
    field = press_forms()["2021"].field_by_pointer["/proactive/fees/amount"]
    assert print_number(Decimal(value), field, NumberHand(money=money)) == text


def test_oracle_knows_what_a_row_decides() -> None:
    form = press_forms()["2021"]
    row = next(identity for identity in form.identities if identity.name == "row received")
    pointers = (*row.parts, row.whole or "")
    # one part and the total: any part could be the one
    values = dict.fromkeys(pointers) | {pointers[2]: 5, pointers[-1]: 5}
    assert pointers[2] in oracle.undecided_in_row(form, pointers, values)
    # all blank, or none: nothing to doubt
    assert oracle.undecided_in_row(form, pointers, dict.fromkeys(pointers)) == ()
    assert oracle.undecided_in_row(form, pointers, dict.fromkeys(pointers, 0)) == ()
    # six parts without their total: only that placement adds up to a blank total? no: it does not add up at all
    values = dict(zip(pointers, (1, 1, 1, 1, 1, 1, None), strict=True))
    assert oracle.undecided_in_row(form, pointers, values) == pointers


def test_shifted_texts_move_blanks_and_keep_the_order() -> None:
    shifted = oracle.shifted_texts([("/a", "/b", "/c")], {"/a": "", "/b": "1", "/c": "2", "/d": ""})
    assert shifted == {"/a": "1", "/b": "2", "/c": "", "/d": ""}
    packed = oracle.shifted_texts([("/a", "/b", "/c")], {"/a": "1", "/b": "2", "/c": ""})
    assert packed == {"/a": "", "/b": "1", "/c": "2"}


def test_deduplication_keeps_first_lines_and_blank_ones() -> None:
    assert damage.deduplicate("a\n\n0\na\n 0\n\nb") == ("a\n\n0\n\nb", [True, True, True, False, False, True, True])


def test_cut_cells_hide_their_whole_rows() -> None:
    cells = tuple(PrintedCell(str(number), "value", pointer=f"/{number}") for number in range(3))
    table = PrintedTable("t", "", (cells,), 3)
    damaged, hit = damage.cut_cells([table], random.Random(1), 1)
    assert len(damaged[0].rows[0]) == 2
    assert hit == {"/0", "/1", "/2"}


def test_committed_set_is_there_and_of_every_kind() -> None:
    cases, _ = find_cases()
    kinds = {case.kind for case in cases}
    assert {"samples", "press", "press-clerk", "press-lossy"} <= kinds
    committed = [case for case in cases if case.kind.startswith("press")]
    assert len({case.facets["converter"] for case in committed}) >= 20
    assert {case.facets["form"] for case in committed} == set(FORMS)
    assert all(case.read() for case in committed)
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*.gz")) < 3_000_000


def test_committed_documents_are_those_of_the_truths() -> None:
    lines = gzip.decompress((COMMITTED / "truth.jsonl.gz").read_bytes()).decode().splitlines()
    assert len(lines) == len(list((COMMITTED / "documents").glob("*.gz"))) >= 60


def test_missing_program_is_named_with_its_package() -> None:
    missing = find_missing([Converter("x", programs=("no-such-program",)), Converter("html", suffix=".html")])
    assert [item.converter for item in missing] == ["x"]
    assert "apt-get install no-such-program" in missing[0].advice


def test_unknown_converter_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path), "--converters", "html,nonsense"]) == 2
    assert "no converter called nonsense" in capsys.readouterr().err


def test_run_of_the_press_can_be_made_again(tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert main(["--out", str(tmp_path / name), "--count", "8", "--seed", "3", "--converters", "html"]) == 0
    first, second = (sorted((tmp_path / name / "documents").iterdir()) for name in ("first", "second"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert (tmp_path / "first" / "truth.jsonl").read_bytes() == (tmp_path / "second" / "truth.jsonl").read_bytes()
    assert len(press_cases(tmp_path / "first", "large")) == 8


@pytest.mark.parametrize(("name", "text"), [("s2t", "信息"), ("s2twp", "資訊"), ("simplified", "信息")])
def test_scripts_differ_in_words(name: str, text: str) -> None:
    assert script_named(name)("信息") == text


def test_naive_script_makes_the_mistakes_that_are_seen() -> None:
    assert script_named("naive")("行政强制，只计") == "行政強製，隻計"
