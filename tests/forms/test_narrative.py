"""Prose under the headings that the form names, and under no other."""

from __future__ import annotations

from functools import cache

from pipeline.forms.load import load_forms
from pipeline.forms.narrative import find_narrative
from pipeline.forms.stations import FormLayout, lay_out
from tests.harbour import layout, line


def prose(*lines: str, of: FormLayout | None = None) -> dict[str, str]:
    return find_narrative(of or layout(), [line(text, number) for number, text in enumerate(lines, 1)])


@cache
def national() -> FormLayout:
    (form,) = load_forms(["cn-disclosure/2021"])
    return lay_out(form)


def test_text_from_heading_to_heading() -> None:
    assert prose("Home", "Remarks", "A mild winter.", "Two storms.", "Dues received", "none") == {"remarks": "A mild winter.\nTwo storms."}


def test_a_heading_may_be_worded_and_written_otherwise() -> None:
    assert prose("3. REMARKS  of the harbour master", "Mild.") == {"remarks": "Mild."}


def test_no_heading_no_prose() -> None:
    assert prose("Mild.", "Our remarks are few.") == {}
    assert prose() == {}


def test_a_sentence_that_begins_like_a_heading_is_none() -> None:
    assert prose("Remarks", "Remarks of the harbour master of Saltmouth on the storms of this winter") == {
        "remarks": "Remarks of the harbour master of Saltmouth on the storms of this winter"
    }


def test_a_heading_in_a_table_of_contents_has_no_prose() -> None:
    text = prose(
        "一、总体情况",
        "二、主动公开政府信息情况",
        "五、存在的主要问题及改进情况",
        "一、總體情況",
        "工作有序。",
        "二、主動公開政府信息情況",
        "x",
        of=national(),
    )
    assert text == {"overview": "工作有序。"}


def test_sections_in_any_script_and_order() -> None:
    text = prose("六、其他需要報告的事項", "無。", "五、存在的主要問題及改進情況", "人手不足。", "明年改進。", of=national())
    assert text == {"other_matters": "無。", "problems_and_improvements": "人手不足。\n明年改進。"}
