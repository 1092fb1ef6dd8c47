"""What forms share of their labels: which texts are none of them is told without missing one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.forms.label_words import LabelWords, digits_of, words_of
from pipeline.forms.load import load_forms
from pipeline.forms.stations import FormLayout, lay_out
from tests.harbour import layout

FAMILY = [lay_out(form) for form in load_forms(None)]
LABELS = sorted({text for it in FAMILY for station in it.stations for text in [station.text] if text})


def test_forms_of_one_vocabulary_share_their_words() -> None:
    assert len({id(it.words) for it in FAMILY}) == 1
    assert words_of(FAMILY[0].form) is FAMILY[0].words


@pytest.mark.parametrize("text", ["Light dues", "light dues (in pounds)", "Lihgt dues", "Foreign", "1. Laden", "Coastal voyages Laden"])
def test_a_label_is_not_foreign(text: str) -> None:
    layout().words.look_at([text])
    assert not layout().words.is_foreign(text)


@pytest.mark.parametrize(
    "text", ["Quayside 1907", "12,345", "0", "zzz", "A paragraph of 17 words about the weather of 1913, which was fine."]
)
def test_other_texts_are_foreign(text: str) -> None:
    layout().words.look_at([text])
    assert layout().words.is_foreign(text)
    assert LabelWords({}).is_foreign(text)


def test_texts_may_hold_any_character() -> None:
    texts = ["Light dues", "a\x00b", "", "\u200b"]
    layout().words.look_at(texts)
    assert [layout().words.is_foreign(text) for text in texts] == [False, True, True, True]


def test_digits_of_a_text() -> None:
    assert [digits_of(text) for text in ("", "abc", "a1b23", "7")] == ["", "", "123", "7"]


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = list(draw(st.sampled_from(LABELS)))
    pieces = st.sampled_from([*"一三3（）().、，件 年度x0", "資訊", "其它", "(guī)", "公開", "\u3000"])
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, len(text)))
        text[place : place + draw(st.integers(0, 2))] = draw(st.lists(pieces, max_size=2))
    return "".join(text)


@given(texts() | st.text(max_size=12))
def test_what_is_foreign_is_no_label_under_any_form(text: str) -> None:
    words = FAMILY[0].words
    words.look_at([text])
    if words.is_foreign(text):
        assert [ways(it, text) for it in FAMILY] == [()] * len(FAMILY)
        assert not any(it.may_begin_label(text) for it in FAMILY)


def ways(it: FormLayout, text: str) -> tuple[object, ...]:
    return it._find_candidates(text)
