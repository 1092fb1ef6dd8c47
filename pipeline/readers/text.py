"""Text dumps: bytes -> lines -> text blocks and pipe tables. The dialect is recognised by looking at the text."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.errors import LimitExceededError
from pipeline.model.document import Block, Document, RawTable, TextBlock
from pipeline.model.place import TextPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.dialects.pipes import Line, read_pipe_table
from pipeline.readers.encoding import decode_text

__all__ = ["read_text", "split_blocks"]


def read_text(data: bytes, context: ReadContext) -> Document:
    """Read a text dump. LimitExceededError when it has more lines than a source may have blocks."""
    decoded = decode_text(data, declared=context.declared_charset, vocabulary=context.vocabulary)
    text = decoded.text.replace("\r\n", "\n")
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), start=1)]
    if len(lines) > context.limits.max_blocks:
        raise LimitExceededError(f"the text has {len(lines)} lines, more than the limit of {context.limits.max_blocks}")
    return Document(
        blocks=tuple(split_blocks(lines)),
        media_type="text/plain",
        encoding=decoded.encoding,
        findings=decoded.findings,
    )


def split_blocks(lines: list[Line]) -> Iterator[Block]:
    """Lines with pipes make tables, blank lines between them included; every other line with text is a text block."""
    index = 0
    count = len(lines)
    while index < count:
        line = lines[index]
        if "|" in line.text:
            end = _table_end(lines, index)
            table = read_pipe_table(lines[index:end])
            if isinstance(table, RawTable):
                yield table
            else:
                yield from _text_blocks(lines[index:end])
            index = end
        else:
            yield from _text_blocks([line])
            index += 1


def _table_end(lines: list[Line], start: int) -> int:
    end = start + 1
    index = start + 1
    while index < len(lines):
        text = lines[index].text
        if "|" in text:
            end = index + 1
        elif text.strip():
            break
        index += 1
    return end


def _text_blocks(lines: list[Line]) -> Iterator[TextBlock]:
    for line in lines:
        text = line.text.strip()
        if text:
            column = line.text.index(text[0])
            yield TextBlock(text, TextPlace(line.number, column, column + len(text)))
