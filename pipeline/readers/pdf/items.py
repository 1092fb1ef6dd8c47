"""How the label of a numbered item begins, as rows of tables and headings do: `一、`, `(二)`, `1.`, `12)`."""

from __future__ import annotations

import re

__all__ = ["begins_item"]

_ITEM = re.compile(r"\W{0,2}[一二三四五六七八九十百\d]{1,3}\s*[)）.、．]")


def begins_item(text: str) -> bool:
    """Whether a text begins with the number of an item. A decimal number does, too: ask only of labels."""
    return _ITEM.match(text) is not None
