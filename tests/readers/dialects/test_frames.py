"""Frames around parts of a page."""

from __future__ import annotations

from pipeline.model.document import TextBlock
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.frames import Unframed, without_frames
from pipeline.readers.dialects.pipes import Line


def shown(text: str) -> list[str]:
    return [line.text for line in unframed(text).lines]


def unframed(text: str) -> Unframed:
    return without_frames([Line(number, line) for number, line in enumerate(text.split("\n"), start=1)])


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


CUT = """\
+----------------+
| +----+--       |
| ---+-------+   |
| | 名 | a       |
|    | 乙    |   |
| +----+--       |
| ---+-------+   |
| | b  | 7       |
|    | 34567 |   |
| +----+--       |
| ---+-------+   |
+----------------+"""


def test_the_lines_of_a_table_that_is_wider_than_its_frame_are_joined() -> None:
    found = unframed(CUT)
    assert [line.text for line in found.lines if line.text.strip()] == [
        "+----+-----+-------+",
        "| 名 | a   | 乙    |",
        "+----+-----+-------+",
        "| b  | 7   | 34567 |",
        "+----+-----+-------+",
    ]
    line = next(line for line in found.lines if "34567" in line.text)
    column = line.text.index("34567")
    place = found.restored([TextBlock("34567", TextPlace(line.number, column, column + 5))])[0].place
    assert place == TextPlace(9, CUT.split("\n")[8].index("34567"), CUT.split("\n")[8].index("34567") + 5)
