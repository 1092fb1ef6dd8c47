"""Frames around parts of a page."""

from __future__ import annotations

from pipeline.readers.dialects.frames import without_frames
from pipeline.readers.dialects.pipes import Line


def shown(text: str) -> list[str]:
    return [line.text for line in without_frames([Line(number, line) for number, line in enumerate(text.split("\n"), start=1)])]


FRAMED = """\
前
+--------------------+
| 一段文字           |
|                    |
| +--------+----+    |
| | 名称   | 12 |    |
| +--------+----+    |
+--------------------+
后"""


def test_the_outer_frame_is_taken_away_and_texts_keep_their_columns() -> None:
    lines = shown(FRAMED)
    assert [line.strip() for line in lines] == ["前", "", "一段文字", "", "+--------+----+", "| 名称   | 12 |", "+--------+----+", "", "后"]
    assert lines[5].index("12") == FRAMED.split("\n")[5].index("12")


def test_frames_in_frames_are_taken_away_too() -> None:
    inner = ["+------------------+", "| +-----+----+     |", "| | a   | 12 |     |", "| +-----+----+     |", "+------------------+"]
    framed = ["+----------------------+", *(f"| {line} |" for line in inner), "+----------------------+"]
    assert [line.strip() for line in shown("\n".join(framed))] == ["", "", "+-----+----+", "| a   | 12 |", "+-----+----+", "", ""]


def test_a_table_of_one_column_and_a_frame_that_is_cut_stay() -> None:
    for text in ("+------------+\n| 一段文字   |\n+------------+", "\n".join(FRAMED.split("\n")[1:-3])):
        assert shown(text) == text.split("\n")
