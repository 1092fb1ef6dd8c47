"""Pages run together on one line by a separator."""

from __future__ import annotations

import pytest

from pipeline.readers.dialects.joined import with_pipes
from pipeline.readers.dialects.pipes import Line


@pytest.mark.parametrize("separator", [", ", "; ", " / ", ";"])
def test_the_separator_of_a_page_of_numbers_becomes_a_pipe(separator: str) -> None:
    parts = ["标题", *(part for row in range(100) for part in (f"第{row}行的名称", str(row), "1,234"))]
    (line,) = with_pipes([Line(7, separator.join(parts))])
    assert line.number == 7
    assert [part.strip() for part in line.text.split("|")] == parts
    assert line.text.index("标题") == 0
    assert line.text.rindex("1,234") == separator.join(parts).rindex("1,234")


def test_prose_and_short_lines_stay() -> None:
    prose = Line(1, ", ".join(f"一段文字共{number}件" for number in range(300)))
    short = Line(2, ", ".join(map(str, range(90))))
    assert list(with_pipes([prose, short])) == [prose, short]
