"""Labels that a text is similar to; the bounds that spare most comparisons miss none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from pipeline.forms.similar import SIMILARITY_FLOOR, SimilarLabels

LABELS = ("lightdues", "mooringdues", "allvoyages", "coastalvoyages", "foreignvoyages", "sail", "steam", "voyages")
ALPHABET = "".join(sorted(set("".join(LABELS)))) + "xz"


def test_similar_labels_come_best_first() -> None:
    found = SimilarLabels(LABELS).find("coastalvoyage")
    assert [(LABELS[place], round(similarity, 3)) for place, similarity in found] == [("coastalvoyages", 0.963)]
    assert [LABELS[place] for place, _ in SimilarLabels(LABELS).find("oringdues")] == ["mooringdues"]


@pytest.mark.parametrize("text", ["", "q", "quaysides", "1907", "dues" * 20])
def test_a_text_like_no_label_finds_nothing(text: str) -> None:
    assert SimilarLabels(LABELS).find(text) == []
    assert not SimilarLabels(LABELS).may_find(text)


def test_no_labels_find_nothing() -> None:
    assert SimilarLabels(()).find("sail") == []


@st.composite
def damaged_labels(draw: st.DrawFn) -> str:
    text = list(draw(st.sampled_from(LABELS)))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, len(text)))
        text[place : place + draw(st.integers(0, 1))] = draw(st.lists(st.sampled_from(ALPHABET), max_size=2))
    return "".join(text)


@given(damaged_labels() | st.text(ALPHABET, max_size=30))
def test_the_bounds_miss_nothing(text: str) -> None:
    wanted = {place for place, label in enumerate(LABELS) if text and fuzz.ratio(text, label) >= 100 * SIMILARITY_FLOOR}
    assert {place for place, _ in SimilarLabels(LABELS).find(text)} == wanted
