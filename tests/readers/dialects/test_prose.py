"""Prose behind the tables of a text."""

from __future__ import annotations

import pytest

from pipeline.model.document import RawTable, TextBlock
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace
from pipeline.readers import read_document
from pipeline.readers.dialects.prose import MARGIN, count_prose_behind

PROSE = "进一步健全工作机制，开展督查12轮。"


def test_prose_far_behind_the_last_other_line_is_counted() -> None:
    assert count_prose_behind(["甲 12 34", *[PROSE] * (MARGIN + 5), ""]) == 6
    assert count_prose_behind([PROSE, "甲 12 34", *[PROSE] * MARGIN]) == 0
    assert count_prose_behind([]) == 0


@pytest.mark.parametrize(
    "other",
    [
        *("12", "甲", "项目", "总计 12", "甲乙\u3000丙", "甲乙|丙", "/", "a", "甲乙\u00a0", "\f甲乙丙", " "),
        *("工程项目,12,7", "工程项目;12", "说明│", "说明<td>", "工程北12，南7，合19，东3，西4"),
    ],
)
def test_what_may_stand_in_a_table_is_none(other: str) -> None:
    assert count_prose_behind([*[PROSE] * 3, other, *[PROSE] * (MARGIN + 1)]) == 1


def test_every_line_is_still_a_block() -> None:
    table = ["        甲       乙", "工程    12       7", "房屋    3        56", "船舶    8        90"]
    texts = [*table, "", *[PROSE] * (3 * MARGIN)]
    blocks = read_document("\r\n".join(texts).encode(), media_type="text/plain", name=None, limits=Limits()).blocks
    assert [len(block.rows) for block in blocks if isinstance(block, RawTable)] == [4]
    loose = [block for block in blocks if isinstance(block, TextBlock)]
    assert {block.text for block in loose} == {PROSE}
    assert [block.place for block in loose] == [TextPlace(number, 0, len(PROSE)) for number in range(6, 6 + 3 * MARGIN)]
