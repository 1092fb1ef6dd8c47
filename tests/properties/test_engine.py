"""Whatever happens to a document on its way: the same bytes give the same result, evidence is where it says, and damage is never silent."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import lxml.etree
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline import extract
from pipeline.model.place import ElementPlace, Place, TextPlace
from pipeline.model.result import Result
from tests.paper import as_cells, as_html, as_lines, as_rows, as_slots, at, doubted, figures, numbers, page, printed, same, silent

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = ROOT / "samples" / "xinyu-2021.txt"
SAMPLES = sorted(path.name for path in (ROOT / "samples").iterdir() if path.suffix in (".txt", ".html"))
METADATA = ("/title", "/agency", "/year", "/period/start", "/period/end")
WAYS = (as_html, as_rows, as_slots, as_cells, as_lines)


@cache
def seed_text() -> str:
    return SEED.read_text(encoding="utf-8")


@cache
def seed_values() -> dict[str, Any]:
    values: dict[str, Any] = json.loads((ROOT / "tests/quality/samples/xinyu-2021.json").read_text(encoding="utf-8"))["values"]
    return values


@cache
def sample(name: str) -> tuple[bytes, Result]:
    data = (ROOT / "samples" / name).read_bytes()
    return data, extract(data, name=name)


# ---- the same bytes ---------------------------------------------------------------------------------------------------


def test_the_samples_are_there() -> None:
    assert len(SAMPLES) >= 10
    assert "xinyu-2021.txt" in SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_bytes_give_the_same_result(name: str) -> None:
    data, first = sample(name)
    assert extract(data, name=name).to_json() == first.to_json()


def test_the_same_bytes_give_the_same_result_in_another_process() -> None:
    """Also under another seed of Python's hashes, which decides the order of sets."""
    names = ["xinyu-2021.txt", "2021-word.html", "2019-markdown.txt"]
    code = (
        "import hashlib, sys\nfrom pathlib import Path\nfrom pipeline import extract\n"
        "for name in sys.argv[1:]:\n"
        "    result = extract(Path('samples', name).read_bytes(), name=name)\n"
        "    print(hashlib.sha256(result.to_json()).hexdigest())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *names],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [hashlib.sha256(sample(name)[1].to_json()).hexdigest() for name in names]


# ---- evidence is where it says ----------------------------------------------------------------------------------------


class Source:
    """A document, to be asked what stands at a place."""

    def __init__(self, data: bytes) -> None:
        self.lines = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        is_html = data.lstrip()[:1] == b"<"
        self.tree = lxml.etree.fromstring(data, lxml.etree.HTMLParser(encoding="utf-8", huge_tree=True)).getroottree() if is_html else None

    def at(self, place: Place) -> str:
        if isinstance(place, TextPlace):
            return self.lines[place.line_number - 1][place.column : place.end_column]
        assert isinstance(place, ElementPlace)
        assert self.tree is not None
        found: Any = self.tree.xpath(place.xpath)
        (element,) = found
        return "".join(element.itertext())


def squeezed(text: str) -> str:
    return "".join(text.split())


def printed_evidence(result: Result) -> Iterator[tuple[str, str, Place]]:
    """(what, raw text, place) of every number and of every cell that says where it was."""
    for report in result.reports:
        for pointer, item in report.evidence.items():
            if len(item.places) == 1 and item.confidence > 0 and pointer not in METADATA:
                yield pointer, item.raw, item.places[0]
    for number, table in enumerate(result.tables):
        for cell in table.grid.cells:
            if cell.place is not None:
                yield f"table {number}, row {cell.row}, col {cell.col}", cell.text, cell.place


def stands(raw: str, there: str, place: Place) -> bool:
    """Whether a text is at its place: the whole of a text place, a part of an element; of a text over several lines the first one."""
    if isinstance(place, TextPlace):
        return squeezed(there.strip(" |")) == squeezed(raw.split("\n")[0])
    return squeezed(raw) in squeezed(there)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_read_stands_where_it_says(name: str) -> None:
    data, result = sample(name)
    source = Source(data)
    found = list(printed_evidence(result))
    assert found
    assert [(what, raw, place) for what, raw, place in found if not stands(raw, source.at(place), place)] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_metadata_stand_where_they_say(name: str) -> None:
    data, result = sample(name)
    source = Source(data)
    for report in result.reports:
        for pointer in METADATA:
            item = report.evidence[pointer]
            assert (item.places == ()) == (at(report.record, pointer) is None)
            assert all(squeezed(item.raw) in squeezed(source.at(place)) for place in item.places), pointer


@pytest.mark.parametrize("way", WAYS)
def test_a_number_stands_exactly_where_it_says(way: Any) -> None:
    data = page(printed(figures()), way)
    (report,) = extract(data).reports
    source = Source(data)
    found = {pointer: source.at(report.evidence[pointer].places[0]).strip() for pointer in figures()}
    assert found == {pointer: report.evidence[pointer].raw for pointer in figures()}


def test_a_value_is_its_raw_text_wherever_no_rule_is_named() -> None:
    _, result = sample("xinyu-2021.txt")
    (report,) = result.reports
    for pointer, value in numbers(report).items():
        if report.evidence[pointer].rule is None:
            assert str(value) == report.evidence[pointer].raw


# ---- damage -----------------------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.integers(0, seed_text().count("\n") - 1))
def test_a_truncated_seed_is_never_accepted_and_has_no_wrong_number(kept: int) -> None:
    text = "\n".join(seed_text().split("\n")[:kept])
    result = extract(text.encode())
    last_number = max(number for number, line in enumerate(seed_text().split("\n")) if line.strip() == "0 |")
    for report in result.reports:
        wrong = {pointer for pointer, value in numbers(report).items() if value is not None and not same(value, seed_values()[pointer])}
        assert wrong == set()
    if kept <= last_number:
        assert result.status != "accepted"


@settings(max_examples=20)
@given(st.sampled_from(WAYS), st.floats(0.02, 0.98))
def test_a_truncated_report_has_no_wrong_number(way: Any, share: float) -> None:
    lines = page(printed(figures()), way).decode().split("\n")
    result = extract("\n".join(lines[: int(len(lines) * share)]).encode())
    assert result.status != "accepted"
    for report in result.reports:
        assert {p for p, value in numbers(report).items() if value is not None and not same(value, figures()[p])} == set()


@settings(max_examples=20, phases=(Phase.generate,))  # what to shrink is said above
@given(st.integers(0, seed_text().count("\n") - 1))
def test_a_line_lost_from_the_seed_is_never_silent(lost: int) -> None:
    lines = seed_text().split("\n")
    result = extract("\n".join(lines[:lost] + lines[lost + 1 :]).encode())
    for report in result.reports:
        assert silent(report, seed_values(), result) == {}


@settings(max_examples=40)
@given(st.sampled_from((as_html, as_rows, as_slots)), st.floats(0, 0.999))
def test_a_line_lost_from_a_report_is_never_silent(way: Any, where: float) -> None:
    lines = page(printed(figures()), way).decode().split("\n")
    lost = int(where * len(lines))
    result = extract("\n".join(lines[:lost] + lines[lost + 1 :]).encode())
    for report in result.reports:
        assert silent(report, figures(), result) == {}


@settings(max_examples=30)
@given(
    st.sampled_from((as_html, as_rows, as_slots)),
    st.dictionaries(st.sampled_from(sorted(figures())), st.sampled_from([None, "/", "约3", "见附件", "1.5"]), min_size=1, max_size=40),
)
def test_cells_without_a_number_move_no_other_number(way: Any, odd: dict[str, str | None]) -> None:
    result = extract(page(printed(figures() | odd), way))
    (report,) = result.reports
    truth = figures() | dict.fromkeys(odd)
    assert silent(report, truth, result) == {}
    wrong = {p: value for p, value in numbers(report).items() if value is not None and not same(value, truth[p])}
    assert wrong == {}
    assert {pointer for pointer, text in odd.items() if text in ("约3", "见附件", "1.5")} <= doubted(report)


@settings(max_examples=40)
@given(st.binary(max_size=300) | st.text(st.sampled_from("0123456789|\n 、（一）.规章总计<td>/&"), max_size=300).map(str.encode))
def test_any_bytes_give_a_result(data: bytes) -> None:
    result = extract(data)
    assert result.status in ("no-report", "flagged", "failed")
    assert (result.failure is None) == (result.status != "failed")
    assert result.failure is None or result.failure.code != "internal-error"
