"""Lines that no table without drawn borders can have: a page has hundreds of them behind its tables, and each dialect would look at every one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.readers.dialects.pipes import Line

__all__ = ["count_prose_behind"]

MARGIN = 60  # lines behind the last that may be of a table: labels that go on below the numbers of their row, however short, are fewer
# A single word that begins with ideographs, longer than any unit: no number, no mark (classify_cell), no header beside others.
_PROSE = re.compile(r"[\u4e00-\u9fff]{2}[^\s|]+|")


def count_prose_behind(lines: Sequence[Line]) -> int:
    """How many lines at the end are single words or blank, and far from all others: no table has any of them."""
    is_prose = _PROSE.fullmatch
    count = 0
    for line in reversed(lines):
        if is_prose(line.text) is None:
            break
        count += 1
    return max(0, count - MARGIN)
