"""Tables on pages that a PDF converter printed."""

from __future__ import annotations

from pipeline.readers.dialects.columns import split_columns
from pipeline.readers.dialects.pipes import Line


def tables(text: str) -> list[list[list[str]]]:
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), start=1)]
    return [
        [[cell.text for cell in row.cells] for row in stretch.table.rows] for stretch in split_columns(lines) if stretch.table is not None
    ]


def test_a_value_a_blank_behind_its_label_is_in_the_first_column() -> None:
    text = "一、甲         1   2     3\n二、乙丙丁戊己庚辛壬 5   0     6\n三、丙         1   2     0\n\f"
    assert tables(text) == [[["一、甲", "1", "2", "3"], ["二、乙丙丁戊己庚辛壬", "5", "0", "6"], ["三、丙", "1", "2", "0"]]]
