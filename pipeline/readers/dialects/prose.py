"""Lines that no table of a text can have: a page has hundreds of them behind its tables, and each dialect would look at every one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.readers.dialects.named import is_named_row

__all__ = ["count_prose_behind"]

MARGIN = 60  # lines behind the last that may be of a table: labels that go on below the numbers of their row, however short, are fewer
# A single word that begins with ideographs and is longer than any unit: no number, no mark (classify_cell), no header beside others; and no character
# that parts cells or draws a border. Or nothing.
_PROSE = re.compile(r"[\u4e00-\u9fff]{2}[0-9A-Za-z%.\u2014\u2018-\u201d\u2026\u3001-\u3011\u4e00-\u9fff\uff01-\uff5a]+|")


def count_prose_behind(texts: Sequence[str]) -> int:
    """How many lines at the end are single words or blank, and far from all others: no table has any of them."""
    is_prose = _PROSE.fullmatch
    count = 0
    for text in reversed(texts):
        if is_prose(text) is None or is_named_row(text):
            break
        count += 1
    return max(0, count - MARGIN)
