r"""Pipes that stand in a text and part no cells: Markdown writes them `\|`.

| Share \| of all | 12 |        a label with a pipe in it; a backslash alone in its cell is a mark for nothing, and the pipe behind it a border
"""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.model.document import Block, RawTable

__all__ = ["with_pipes_back", "without_escaped_pipes"]

_STAND_IN = "\ue07c"  # of the area for private use: no text has a meaning for it
_ESCAPED = re.compile(r"(?<=[^\s|\\])( ?\\)\|")


def without_escaped_pipes(text: str) -> str:
    """The text with a stand-in for each such pipe, every character in its place; the same text where it has none, or has the stand-in itself."""
    if "\\|" not in text or _STAND_IN in text:
        return text
    return _ESCAPED.sub(rf"\1{_STAND_IN}", text)


def with_pipes_back(block: Block) -> Block:
    """The block with its pipes again, in cells without the backslash."""
    if not isinstance(block, RawTable):
        return block._replace(text=block.text.replace(_STAND_IN, "|")) if _STAND_IN in block.text else block
    if not any(_STAND_IN in cell.text for cell in block.cells()):
        return block
    rows = (
        replace(
            row, cells=tuple(cell._replace(text=cell.text.replace(f"\\{_STAND_IN}", "|").replace(_STAND_IN, "|")) for cell in row.cells)
        )
        for row in block.rows
    )
    return replace(block, rows=tuple(rows))
