"""Folding for matching: script, width, case and white space go, words stay; offsets lead back to what is printed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.fold import FoldedLabel, LabelFolder, fold_characters, squeeze, squeezed_text, squeezed_texts


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("規範性檔案", "规范性档案"),
        ("（ＡＢＣ）１２", "(abc)12"),
        ("Sail", "sail"),
        ("行政處罰", "行政处罚"),
        ("㎡", "㎡"),  # would become two characters
        ("no change", "no change"),
    ],
)
def test_characters_fold_one_to_one(printed: str, folded: str) -> None:
    assert fold_characters(printed) == folded
    assert len(fold_characters(printed)) == len(printed)


def test_squeezing_leads_back_to_the_print() -> None:
    squeezed = squeeze(" 年　度\u200b報\n告 ")
    assert squeezed.text == "年度报告"
    assert squeezed.offsets == (1, 3, 5, 7)
    assert squeezed.original_span(1, 3) == (3, 6)
    assert squeeze("") == squeeze(" \u200b\n")


@given(st.text(max_size=60))
def test_folding_is_idempotent_and_keeps_the_length(text: str) -> None:
    folded = fold_characters(text)
    assert len(folded) == len(text)
    assert fold_characters(folded) == folded


@given(st.text(max_size=60))
def test_squeezed_characters_are_those_of_the_print(text: str) -> None:
    squeezed = squeeze(text)
    assert squeezed.text == "".join(fold_characters(text[offset]) for offset in squeezed.offsets)
    assert list(squeezed.offsets) == sorted(set(squeezed.offsets))


@pytest.mark.parametrize(
    ("printed", "enumerator", "body", "core"),
    [
        ("三、本年度辦理結果", "h三", "本年度办理结果", "本年度办理结果"),
        ("（三）不予公開", "r三", "不予公开", "不予公开"),
        ("3.其他", "d3", "其他", "其他"),
        ("3、其他", "d3", "其他", "其他"),
        ("3 . 其 他", "d3", "其他", "其他"),
        ("（3）其他", "r3", "其他", "其他"),
        ("③其他", "d3", "其他", "其他"),
        ("⑫ 其他", "d12", "其他", "其他"),
        ("a) Total", "la", "total", "total"),
        ("3.5 metres", "", "35metres", "35metres"),  # no item number
        ("（二）部分公开（区分处理的,只计这一情形）", "r二", "部分公开区分处理的只计这一情形", "部分公开"),
        ("規(guī)範性文件", "", "规范性文件", "规范性文件"),
        ("本年收费金额（单位：万元）", "", "本年收费金额单位万元", "本年收费金额"),
        ("（單位）", "", "单位", "单位"),  # all of it in brackets: the core is the whole
        ("三、", "", "三", "三"),  # a number alone is no item number
        ("", "", "", ""),
        ("  —— ", "", "", ""),
    ],
)
def test_a_label_has_an_enumerator_a_body_and_a_core(printed: str, enumerator: str, body: str, core: str) -> None:
    assert LabelFolder({}).fold(printed) == FoldedLabel(enumerator, body, core)


def test_the_vocabulary_replaces_whole_words_the_longest_first() -> None:
    folder = LabelFolder({"資訊": "信息", "規範性檔案": "规范性文件", "檔案": "文件"})
    assert folder.fold("政府資訊").body == "政府信息"
    assert folder.fold("規範性檔案").body == "规范性文件"
    assert folder.fold("规范性档案、档案").body == "规范性文件文件"
    assert LabelFolder({}).fold("規範性檔案").body == "规范性档案"


@given(st.text(max_size=80))
def test_any_text_folds(text: str) -> None:
    folded = LabelFolder({"a": "b"}).fold(text)
    assert not any(char.isspace() for char in folded.body + folded.core)
    assert folded.core or not folded.body


def test_the_short_ways_of_folding_give_the_same_for_every_character() -> None:
    folder = LabelFolder({})
    for code in (*range(0xD800), *range(0xE000, 0x30000)):
        text = f"a{chr(code)}b"
        assert squeezed_text(text) == squeeze(text).text, hex(code)
        assert folder.fold_text(text) == folder.fold_text(unicodedata.normalize("NFKC", text)), hex(code)


@given(st.text(st.sampled_from("aÀ\u0300が\u3099ｶﾞ中國，（）　\u200b１①ﬁ각\u1100")))
def test_the_short_ways_of_folding_give_the_same_for_texts(text: str) -> None:
    assert squeezed_text(text) == squeeze(text).text
    assert LabelFolder({}).fold_text(text) == LabelFolder({}).fold_text(unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["甲 乙，", "ＡＢ c", ""], ["a\x00b", "丙"], ["\x00"], ["\x00", "政府資訊"]])
def test_many_texts_are_squeezed_as_each_by_itself(texts: list[str]) -> None:
    assert squeezed_texts(texts) == [squeeze(text).text for text in texts]
