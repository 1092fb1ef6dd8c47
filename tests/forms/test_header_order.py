"""Headers over columns in another order than the form's: what stands below them is another column's."""

from __future__ import annotations

from pipeline.forms.align import align_forms
from pipeline.forms.alignment import Alignment
from pipeline.forms.load import load_forms
from pipeline.forms.stations import lay_out
from pipeline.model.document import Block
from tests.harbour import rows, tokens_of

DIRECT, AFTER = "未经复议直接起诉", "复议后起诉"
GROUP = ("结果\n维持", "结果\n纠正", "其他\n结果", "尚未\n审结", "总\n计")


def aligned(*blocks: Block) -> Alignment:
    (alignment,) = align_forms([lay_out(form) for form in load_forms(["cn-disclosure/2019"])], tokens_of(*blocks))
    return alignment


def reviews(one: str, other: str) -> Block:
    """The header as it is where its lines are put together by column: what stands over several is a line of one of them."""
    header = [*GROUP, *GROUP, *GROUP]
    header[2] = f"行政复议\n{header[2]}"
    header[6] = f"{one}\n{header[6]}"
    header[9] = f"行政诉讼\n{header[9]}"
    header[12] = f"{other}\n{header[12]}"
    return rows(header, ["1", "0", "0", "0", "1", "2", "0", "0", "0", "2", "0", "0", "3", "0", "3"])


def test_headers_over_columns_are_in_order_though_they_are_lines_of_other_cells() -> None:
    assert aligned(reviews(DIRECT, AFTER)).columns_doubt == {}
    (reason,) = aligned(reviews(AFTER, DIRECT)).columns_doubt.values()
    assert DIRECT in reason


def test_a_header_right_above_the_rows_is_theirs_though_its_words_are_another_bands_too() -> None:
    def second(*columns: str) -> Alignment:
        first = (["第二十条第（五）项"], ["上一年", "本年", "处理决"], ["信息内容"], ["项目数量", "增/减", "定数量"])
        body = (["行政许可", "1", "2", "3"], ["其他对外管理服务事项", "4", "5", "6"], ["第二十条第（六）项"], ["信息内容", *columns])
        fees = (["第二十条第（八）项"], ["上一年"], ["信息内容", "本年增/减"], ["项目数量"], ["行政事业性收费", "9", "3"])
        return aligned(rows(*first, *body, ["行政处罚", "7", "8", "9"], ["行政强制", "1", "0", "0"], *fees))

    assert second("上一年项目数量", "本年增/减", "处理决定数量").columns_doubt == {}
    (reason,) = second("处理决定数量", "本年增/减", "上一年项目数量").columns_doubt.values()
    assert "上一年项目数量" in reason
