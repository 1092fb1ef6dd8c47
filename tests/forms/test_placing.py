"""From rows to placements: a row of which nothing is left, numbers that may be another row's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.forms.align import align_forms
from pipeline.forms.alignment import CONFIDENCE_FLOOR, Alignment
from pipeline.forms.load import load_form, load_forms
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


def statistics(*last: str, text: str = "") -> Alignment:
    """The statistics list of 2014 where most rows are blank; its last row printed as `last`, `text` behind it."""
    labels = ["一、主动公开情况|——|——", "（一）主动公开政府信息数|条|12", "其中：主动公开规范性文件数|条|", "制发规范性文件总数|件|"]
    labels += [
        "六、举报投诉数量|件|",
        "九、政府信息公开会议和培训情况|——|——",
        "（一）召开政府信息公开工作会议或专题会议数|次|",
        "（二）举办各类培训班数|次|3",
    ]
    lines = [cell for label in labels for cell in label.split("|") if cell]
    (form,) = load_forms(["cn-disclosure/2014"])
    (alignment,) = align_forms([lay_out(form)], tokens_of(*loose("\n".join(["序号", "单位", "统计数", *lines, *last]) + text)))
    return alignment


def test_the_last_row_is_blank_where_its_word_is_printed_and_others_are_blank() -> None:
    assert statistics("（三）接受培训人员数", "人次").placements["/training/trainees"].kind == "blank"
    assert statistics("（三）接受培训人员数", "人次", text="\n版权所有\n网站").placements["/training/trainees"].kind == "blank"


def test_a_row_without_the_word_that_others_have_is_doubted() -> None:
    def confidence(*last: str) -> float:
        return statistics(*last).placements["/training/trainees"].confidence

    assert confidence("（三）接受培训人员数", "人次", "7") >= CONFIDENCE_FLOOR > confidence("（三）接受培训人员数", "7")


def test_a_label_in_one_row_with_another_beside_more_numbers_than_that_one_has_is_not_blank() -> None:
    (form,) = load_forms(["cn-disclosure/2014"])
    body = [["一、主动公开情况", "——", "——"], ["（一）主动公开政府信息数", "条", "12"], ["六、举报投诉数量", "件", ""]]
    shared = ["（一）召开政府信息公开工作会议或专题会议数", "（二）举办各类培训班数", "207", "1355"]
    (alignment,) = align_forms([lay_out(form)], tokens_of(rows(*body, shared, ["（三）接受培训人员数", "人次", "3"])))
    assert alignment.placements["/training/meetings"].kind == "lost"
    assert alignment.placements["/complaints"].kind == "blank"


def test_a_header_cut_into_pieces_heads_a_row_of_which_nothing_is_left(layout: FormLayout) -> None:
    heads = ["Sunk", "Stranded", "Refloated", "Brokenup"]
    for printed, kind in ((heads, "blank"), (heads[:3], "absent"), ([*heads, "Lost"], "absent")):
        pieces = "\n".join(
            " ".join(letters) for letters in zip(*(head.ljust(9) for head in printed), strict=True)
        )  # each written downwards
        (report,) = align_forms([layout], tokens_of(rows(*DUES), rows(*BLANK), *loose("Wrecks and strandings\n" + pieces), *BEHIND))
        assert {item.kind for pointer, item in report.placements.items() if pointer.startswith("/wrecks")} == {kind}


def test_a_number_above_the_headers_is_no_reason_to_take_a_blank_row_for_lost() -> None:
    def kind(above: str) -> str:
        (form,) = load_forms(["cn-disclosure/2014"])
        text = f"举报投诉数量\n{above}\n指标名称\n单位\n统计数\n一、主动公开情况\n——\n——\n（一）主动公开政府信息数\n条\n12\n六、举报投诉数量\n件\n（二）举办各类培训班数\n次\n3"
        (alignment,) = align_forms([lay_out(form)], tokens_of(*loose(text)))
        return alignment.placements["/complaints"].kind

    assert kind("及时") == "blank"
    assert kind("28。") == "blank"
