"""Item numbers."""

from __future__ import annotations

import pytest

from pipeline.grids.enumerators import EnumeratorReader, rank_kinds


@pytest.mark.parametrize(
    ("text", "kind", "is_first"),
    [
        ("一、甲", "han、", True),
        ("（二）乙", "han()", False),
        ("(十二)乙", "han()", False),
        ("1.丙", "digit0.", True),
        ("3. Other", "digit0.", False),
        ("1.2 Wages", "digit1", False),
        ("2) x", "digit0)", False),
        ("③ y", "circled", False),
        ("A. Big", "letter-upper.", True),
        ("(b) small", "letter-lower()", False),
        ("iv. four", "roman-lower.", False),
    ],
)
def test_kinds(text: str, kind: str, is_first: bool) -> None:
    found = EnumeratorReader().read(text)
    assert found is not None
    assert (found.kind, found.is_first) == (kind, is_first)


@pytest.mark.parametrize("text", ["甲", "1.5", "1,234 people", "Mr. Smith", "(万元)数", "1.", "2019", "", "(1", "a big one"])
def test_no_item_number(text: str) -> None:
    assert EnumeratorReader().read(text) is None


def test_i_after_h_is_a_letter_and_v_after_iv_a_numeral() -> None:
    reader = EnumeratorReader()
    kinds = [found.kind for text in ("g. x", "h. x", "i. x", "j. x") if (found := reader.read(text))]
    assert kinds == ["letter-lower."] * 4
    reader = EnumeratorReader()
    kinds = [found.kind for text in ("i. x", "ii. x", "iii. x", "iv. x", "v. x") if (found := reader.read(text))]
    assert kinds == ["roman-lower."] * 5


def test_ranks_are_chains_of_neighbours() -> None:
    assert rank_kinds([("h",), ("h", "r"), ("r", "d"), ("d",)]) == {"h": 0, "r": 1, "d": 2}
    assert rank_kinds([("h",), ("r",)]) == {}
    assert rank_kinds([("h", "r"), ("r", "h")]) == {}
