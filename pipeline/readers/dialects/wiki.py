"""Tables in the markup of MediaWiki: `{|` to `|}`, a row from `|-` to the next, a cell from `|` or `!` on, its attributes before another pipe.

{| class="x"
! name !! count         headers; `!!` and `||` part cells on one line
|-
|rowspan="2"| group     spans are declared, where there are any
| 12
|}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line, text_of

__all__ = ["find_wiki"]

MAX_ATTRIBUTES = 400  # characters before the pipe that ends them
_ATTRIBUTE = r"""[\w-]{1,40}\s{0,4}=\s{0,4}(?:"[^"|]*"|'[^'|]*'|[^\s"'|=]+)"""
_ATTRIBUTES = re.compile(rf"\s*{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*\s*$")
_SPAN = re.compile(r"(row|col)span\s*=\s*[\"']?\s*(\d{1,5})")
_BREAK = re.compile(r"[ \t]{0,20}<br\s{0,10}/?>[ \t]{0,20}")
_BOLD = re.compile("'{2,}")


def find_wiki(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of this kind, in order. A table in another one stays text. Linear in the text."""
    if "{|" not in text_of(lines):
        return
    start: int | None = None
    for index, line in enumerate(lines):
        text = line.text.strip()
        if text.startswith("{|"):
            start = index
        elif start is not None and text.startswith("|}") and not text.startswith("|}}"):
            table = _read(lines[start : index + 1])
            if table is not None:
                yield FoundTable(range(start, index + 1), table)
            start = None


@dataclass(slots=True)
class _Cell:
    text: list[str]
    place: TextPlace
    spans: dict[str, int]
    is_header: bool


@dataclass(slots=True)
class _Table:
    rows: list[list[_Cell]] = field(default_factory=lambda: [[]])

    def add(self, line: Line, start: int, end: int, *, is_header: bool) -> None:
        """The cell whose markup stands there on a line."""
        part = line.text[start:end]
        bar = part.find("|", 0, MAX_ATTRIBUTES)
        spans: dict[str, int] = {}
        if bar > 0 and _ATTRIBUTES.match(part[:bar]):
            spans = {name: int(number) for name, number in _SPAN.findall(part[:bar])}
            start += bar + 1
            part = part[bar + 1 :]
        text = _BOLD.sub("", _BREAK.sub("\n", part)).strip()
        start += len(part) - len(part.lstrip())
        place = TextPlace(line.number, start, max(start + len(part.strip()), start + 1))
        self.rows[-1].append(_Cell([text] if text else [], place, spans, is_header))


def _read(lines: Sequence[Line]) -> RawTable | None:
    """The table from `{|` to `|}`; None when no cell has text."""
    table = _Table()
    caption: str | None = None
    for line in lines[1:-1]:
        text = line.text.strip()
        if not text:
            continue
        at = line.text.index(text[0])
        if text.startswith("|-"):
            table.rows.append([])
        elif text.startswith("|+"):
            caption = text[2:].strip() or None
        elif text[0] in "|!":
            mark = "||" if text[0] == "|" else "!!" if "!!" in text else "||"
            start = at + 1
            while (end := line.text.find(mark, start)) >= 0:
                table.add(line, start, end, is_header=text[0] == "!")
                start = end + 2
            table.add(line, start, len(line.text), is_header=text[0] == "!")
        elif table.rows[-1] and (word := _BOLD.sub("", _BREAK.sub("\n", text)).strip()):
            cell = table.rows[-1][-1]
            if not cell.text:
                cell.place = TextPlace(line.number, at, at + len(text))
            cell.text.append(word)  # the cell goes on
    rows = [cells for cells in table.rows if cells]
    if not any(cell.text for cells in rows for cell in cells):
        return None
    declared = any(cell.spans for cells in rows for cell in cells)
    made = tuple(
        RawRow(
            tuple(
                RawCell("\n".join(cell.text), cell.place, cell.spans.get("row", 1), cell.spans.get("col", 1), cell.is_header)
                for cell in cells
            )
        )
        for cells in rows
    )
    return RawTable(
        made, spans="declared" if declared else "lost", caption=caption, place=TextPlace(lines[0].number, 0, len(lines[0].text))
    )
