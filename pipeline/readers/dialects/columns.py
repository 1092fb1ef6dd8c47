"""Tables whose columns are told by white space alone: what terminal browsers and PDF converters print of a table without borders.

        1. first row      12    4   16       a value line: its numbers stand in columns
group   2. a label that   11         11      a label wrapped around its numbers, a blank cell, a group label in a column of its own
        goes on

Two questions are answered from where things stand, never from what a label says: which columns the numbers are in, by the numbers of
all lines and the headers above them; and which lines are one row, by the cheapest way to part them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.chunks import (
    ENUMERATOR,
    MAX_HEADER_LINES,
    Block,
    Chunk,
    Printed,
    column_of,
    has_values,
    merge,
    read_lines,
    reparted,
)
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pages import find_page_blocks, settle_columns
from pipeline.readers.dialects.pipes import Line
from pipeline.readers.dialects.wrapped import UNIT, Entry, make_entries, part_rows

__all__ = ["find_columns"]

PAGED_SHARE = 0.8  # of the values that other ways of reading find, so that pages are read as pages
MAX_HEADER = 24  # columns of a header that is alone on its line
MIN_COUNT = 3  # values a line, where only their count tells their columns


def find_columns(lines: Sequence[Line], *, has_pages: bool = False) -> Iterator[FoundTable]:
    """The tables told by columns, in order. Linear in the text. `has_pages`: the lines are of a text that a converter printed page by page."""
    printed = read_lines(lines)
    found: list[Block] = []
    best = chosen = 0
    is_part, has_pages = has_pages, has_pages or any("\f" in line.text for line in lines)
    for measure in (1, 0):
        # A PDF converter writes words that are near each other a blank apart, wherever they stood: in code points its headers head nothing.
        heads = measure == 1 or not has_pages
        blocks = [
            block for block in _find_blocks(printed, measure) if _find_columns(block, measure, heads) or (not measure and _count(block))
        ]
        size = sum(len(line.values) for block in blocks for line in block.lines)
        if size > best:
            found, best, chosen = blocks, size, measure
    if has_pages and (any(line.breaks for line in printed) or (is_part and _is_laid_out(printed))):
        blocks = [block for block in find_page_blocks(printed) if settle_columns(block)]
        size = sum(len(line.values) for block in blocks for line in block.lines)
        if size >= PAGED_SHARE * best:
            found, best, chosen = blocks, size, 1
    done = 0
    for block in found:
        table = _read(lines, block, chosen, done)
        if table is None:
            continue
        start, stop, raw = table
        yield FoundTable(range(start, stop), raw)
        done = stop


def _is_laid_out(printed: Sequence[Printed]) -> bool:
    """Whether most values stand away from their labels, so that the pages were printed as they looked."""
    gaps = [line.values[0].start(0) - line.labels[-1].end(0) for line in printed if line.values and line.labels]
    return 2 * sum(gap > 1 for gap in gaps) > len(gaps)


# ---- where tables are -------------------------------------------------------------------------------------------------


def _find_blocks(printed: Sequence[Printed], measure: int) -> Iterator[Block]:
    """Value lines with nothing between them that reaches into their columns."""
    block = Block([])
    above: list[Printed] = []
    for line in printed:
        if block.lines and (line.breaks or line.gap > 2):
            yield block
            block = Block([])
            above = []
        if line.breaks:
            above = []
        if block.lines:
            line = reparted(line, block, measure)
        if line.values and (block.lines or any(chunk.kind == "number" for chunk in line.values)):
            if not block.lines:
                block.above = above[-MAX_HEADER_LINES:]
                above = []
            block.lines.append(line)
            block.left = min(block.left, line.values[0].start(measure))
        elif block.lines and line.end(measure) <= block.left and not (line.gap and _is_solid(block)):
            block.lines.append(line)
        elif block.lines:
            above = _closing_labels(block)
            yield block
            block = Block([])
            above.append(line)
        else:
            above.append(line)
    if block.lines:
        yield block


def _is_solid(block: Block) -> bool:
    """Whether no blank line stands in a block of several lines: then one before a label ends it."""
    return len(block.lines) > 2 and not any(line.gap for line in block.lines[1:])


def _closing_labels(block: Block) -> list[Printed]:
    """The label lines behind the last values: they may belong to what follows."""
    count = len(block.lines)
    while count and not block.lines[count - 1].values:
        count -= 1
    return block.lines[count:]


def _find_columns(block: Block, measure: int, heads: bool) -> bool:
    """Find the value columns of a block, those without a number by the headers above (`heads`); False when its numbers do not keep to columns."""
    values = [chunk for line in block.lines for chunk in line.values]
    own = merge([chunk.spans[measure] for chunk in values])
    rows = [line for line in block.lines if line.values]
    for line in rows:
        at = [column_of(own, chunk.spans[measure]) for chunk in line.values]
        if len(set(at)) < len(at):
            return False
    lone = sum(1 for line in rows if len(line.values) == 1 and not line.labels)
    if lone > 0.3 * len(rows) or max(len(line.values) for line in rows) < 2 <= len(rows) - sum(1 for line in rows if line.labels):
        return False  # a cell a line
    label_end = max((line.labels[-1].end(measure) for line in rows if line.labels), default=-1)
    columns = list(own)
    headers: list[list[tuple[int, int]]] = [[] for _ in own]
    for line in reversed(block.above if heads else ()):
        chunks = (*line.labels, *line.values)
        if line.gap > 2 or _is_prose(chunks, measure):
            break
        for chunk in chunks:
            start, end = chunk.spans[measure]
            if start < label_end:
                continue
            hits = [number for number, (low, high) in enumerate(columns) if start < high and end > low]
            if len(hits) > 1:
                if any(headers[number] for number in hits) or not _are_one(rows, [columns[number] for number in hits], measure):
                    continue  # a header over several columns
                low, high = min(columns[number][0] for number in hits), max(columns[number][1] for number in hits)
                columns = [column for number, column in enumerate(columns) if number not in hits] + [(low, high)]
                headers = [known for number, known in enumerate(headers) if number not in hits] + [[]]
                hits = [len(columns) - 1]
            if not hits and len(chunks) > 1:
                columns.append((start, end))
                headers.append([])
                hits = [len(columns) - 1]
            if hits:
                low, high = columns[hits[0]]
                columns[hits[0]] = min(low, start), max(high, end)
                headers[hits[0]].append((start, end))
    order = sorted(range(len(columns)), key=lambda number: columns[number])
    columns = [columns[number] for number in order]
    headers = [headers[number] for number in order]
    if len(columns) < 2 or any(one[1] > other[0] for one, other in pairwise(columns)):
        return False
    block.columns = columns
    numbers = [[chunk.spans[measure] for chunk in values if low <= chunk.start(measure) < high] for low, high in columns]
    agree = [_agree([*own_spans, *above]) for own_spans, above in zip(numbers, headers, strict=True) if own_spans and above]
    if _headers_needed(numbers) and agree.count(True) < max(2, 0.7 * len(agree)):
        return False
    # Each column needs a header, or numbers that agree in an edge or their middle.
    for spans, above in zip(numbers, headers, strict=True):
        if not above and (len(spans) < 2 or not _agree(spans)):
            return False
    # Neighbours of which no line has both may be one column, out of line, unless each has its header.
    for number in range(len(columns) - 1):
        if not (headers[number] and headers[number + 1]) and _are_one(rows, columns[number : number + 2], measure):
            return False
    _note_strays(block, rows, measure)
    return True


def _note_strays(block: Block, rows: Sequence[Printed], measure: int) -> None:
    """Note as `loose` the lines with blank columns of which a value stands apart from all others of its column: neither flush nor centred with any.

    Cells that span part of a column put a value beside it: which column is blank is then not told by where the values stand.
    """
    stacks: list[list[tuple[int, int]]] = [[] for _ in block.columns]
    for line in rows:
        for chunk in line.values:
            stacks[column_of(block.columns, chunk.spans[measure])].append(chunk.spans[measure])
    for line in rows:
        if len(line.values) < len(block.columns):
            own = [(chunk.spans[measure], stacks[column_of(block.columns, chunk.spans[measure])]) for chunk in line.values]
            if any(len(stack) > 1 and _is_stray(span, stack) for span, stack in own):
                block.loose.add(line.index)


def _is_stray(span: tuple[int, int], stack: Sequence[tuple[int, int]]) -> bool:
    others = list(stack)
    others.remove(span)
    return not any(start == span[0] or end == span[1] or abs(start + end - sum(span)) <= 1 for start, end in others)


def _count(block: Block) -> bool:
    """Whether nearly all lines have as many values as each other, so that their order tells the columns as well."""
    counts = Counter(len(line.values) for line in block.lines if has_values(line.values))
    count, lines = counts.most_common(1)[0]
    block.count = count
    block.columns = []
    return count >= MIN_COUNT and lines >= max(2, 0.8 * counts.total())


def _headers_needed(numbers: Sequence[Sequence[tuple[int, int]]]) -> bool:
    return any(len(spans) < 2 for spans in numbers)


def _are_one(rows: Sequence[Printed], columns: Sequence[tuple[int, int]], measure: int) -> bool:
    """Whether no line has values in two of these columns."""
    return all(len({at for chunk in line.values if (at := column_of(columns, chunk.spans[measure])) >= 0}) <= 1 for line in rows)


def _agree(spans: Sequence[tuple[int, int]]) -> bool:
    """Whether nearly all spans share their start, their end or their middle."""
    count = len(spans)
    for edges in ([start * 2 for start, _ in spans], [end * 2 for _, end in spans], [start + end for start, end in spans]):
        middle = sorted(edges)[count // 2]
        if sum(1 for edge in edges if abs(edge - middle) <= 4) >= 0.8 * count:
            return True
    return False


# ---- rows -------------------------------------------------------------------------------------------------------------


def _read(lines: Sequence[Line], block: Block, measure: int, done: int) -> tuple[int, int, RawTable] | None:
    """The table of a block with known columns, headers included, from line `done` on; None when no row is left."""
    entries = make_entries(block, measure)
    parts = part_rows(entries, len(block.columns) or block.count, stacks=bool(block.columns), paged=block.paged)
    if not parts:
        return None
    if block.paged:
        parts = _join_edges(entries, parts)
    if block.paged and any(_begins_elsewhere(entries[start:stop]) for start, stop in parts):
        return None
    if _has_stray_values(entries, parts[1:-1] if block.paged else parts):
        return None
    first = entries[parts[0][0]].line.index
    header = [line for line in _header(block, measure) if done <= line.index < first]
    is_alone = block.paged and sum(1 for line in block.lines if line.values) == 1 and not any(line.labels for line in block.lines)
    leaves = _leaf_lines(header, block.columns, measure) if is_alone else 0
    spanning = header[: len(header) - leaves]
    rows = [RawRow(tuple(_cell(lines, line, chunk) for chunk in (*line.labels, *line.values))) for line in spanning]
    if leaves:
        rows.append(_stack_header(lines, header[-leaves:], block.columns, measure))
    is_long = is_alone and any(chunk.part for line in block.lines for chunk in line.values)  # too long for its columns: its header is too
    if is_alone and not is_long and (not leaves or 2 * len(rows[-1].cells) < len(block.columns)):
        return None  # its header is on another page, or it is none
    below = header[-1].index if header else first
    rows += [  # rows without a value between the header and the first row that has one
        RawRow(tuple(_cell(lines, entry.line, chunk) for chunk in entry.line.labels))
        for entry in entries[: parts[0][0]]
        if below < entry.line.index and entry.line.labels and not block.paged  # there it may be a part of a label
    ]
    for start, stop in parts:
        row = _row(lines, block, entries[start:stop])
        if row.cells:
            rows.append(row)
    table = RawTable(tuple(rows), spans="lost", blanks_known=False, place=rows[0].cells[0].place)
    return (header[0].index if header else first), entries[parts[-1][1] - 1].line.last + 1, table


def _join_edges(entries: Sequence[Entry], parts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The rows, those without a label at either end of a page put together: parts of a row whose label is on another page."""
    bare = [not any(entry.label for entry in entries[start:stop]) for start, stop in parts]
    first = next((number for number, is_bare in enumerate(bare) if not is_bare), 0)
    last = next((number for number in reversed(range(len(parts))) if not bare[number]), len(parts) - 1)
    joined = [(parts[0][0], parts[first - 1][1])] if first else []
    joined += parts[first : last + 1]
    if last + 1 < len(parts):
        joined.append((parts[last + 1][0], parts[-1][1]))
    return joined


def _begins_elsewhere(row: Sequence[Entry]) -> bool:
    """Whether a row's label has no enumerator and something with one begins below its first line: the line is the end of the row above."""
    labelled = next((number for number, entry in enumerate(row) if entry.label), None)
    if labelled is None or ENUMERATOR.match(row[labelled].text):
        return False
    return any(ENUMERATOR.match(group[0][1].text) is not None for entry in row[labelled + 1 :] for group in entry.groups)


def _has_stray_values(entries: Sequence[Entry], parts: Sequence[tuple[int, int]]) -> bool:
    """Whether some row has values and no label although others have one: then its label, or a row's number, was cut wrongly."""
    labelled = stray = 0
    for start, stop in parts:
        if any(entry.values for entry in entries[start:stop]):
            has_label = any(entry.label for entry in entries[start:stop])
            labelled += has_label
            stray += not has_label
    return stray > 0 and (labelled > 0 or stray > 1)


def _header(block: Block, measure: int) -> list[Printed]:
    """The lines right above the values that head their columns: all that have words over a column, up to a heading."""
    found: list[Printed] = []
    left = block.columns[0][0] if block.columns else block.left
    for line in reversed(block.above):
        if line.gap > 1 and found:
            break
        if line.end(measure) <= left and not found:
            continue
        chunks = (*line.labels, *line.values)
        if _is_prose(chunks, measure) or (len(chunks) == 1 and ENUMERATOR.match(chunks[0].text)):
            break
        found.append(line)
    return found[::-1]


def _is_prose(chunks: Sequence[Chunk], measure: int) -> bool:
    """Whether a line is one text, too long for a header."""
    return len(chunks) == 1 and chunks[0].end(measure) - chunks[0].start(measure) > MAX_HEADER


def _leaf_lines(header: Sequence[Printed], columns: Sequence[tuple[int, int]], measure: int) -> int:
    """How many lines right above the values have words over single columns only."""
    count = 0
    for line in reversed(header):
        for chunk in (*line.labels, *line.values):
            if sum(1 for low, high in columns if chunk.start(measure) < high and chunk.end(measure) > low) > 1:
                return count
        count += 1
    return count


def _stack_header(lines: Sequence[Line], header: Sequence[Printed], columns: Sequence[tuple[int, int]], measure: int) -> RawRow:
    """One row of header cells: the words that stand below each other over a column."""
    stacks: dict[int, list[RawCell]] = {}
    for line in header:
        for chunk in (*line.labels, *line.values):
            column = column_of(columns, chunk.spans[measure])
            if column < 0:
                column = max(0, sum(1 for low, _ in columns if low <= chunk.start(measure)) - 1)
            stacks.setdefault(column, []).append(_cell(lines, line, chunk))
    return RawRow(tuple(RawCell("\n".join(cell.text for cell in stack), stack[0].place) for _, stack in sorted(stacks.items())))


def _row(lines: Sequence[Line], block: Block, entries: Sequence[Entry]) -> RawRow:
    """The cells of a row: group labels, its label, and a cell a column."""
    cells: list[RawCell] = []
    for entry in entries:
        for group in entry.groups:
            parts = [_cell(lines, line, chunk) for line, chunk in group]
            cells.append(RawCell("\n".join(cell.text for cell in parts), parts[0].place))
    labelled = [entry for entry in entries if entry.label]
    if labelled:
        head = _cell(lines, labelled[0].line, labelled[0].label[0])
        cells.append(RawCell("\n".join(entry.text for entry in labelled), head.place))
    if not any(entry.values for entry in entries):
        return RawRow(tuple(cells))  # a row of blanks, or a part of a label: what it is is not said here
    if block.has_units:
        unit = [_cell(lines, entry.line, entry.values[UNIT]) for entry in entries if UNIT in entry.values]
        place = unit[0].place if unit else TextPlace(lines[entries[0].line.index].number, 0, 0)
        cells.append(RawCell("".join(cell.text for cell in unit), place))
    middle = lines[next(entry for entry in entries if entry.values).line.index]
    is_loose = any(entry.line.index in block.loose for entry in entries)
    if not block.columns or is_loose or (block.paged and not labelled and sum(1 for entry in entries if entry.values) > 1):
        cells += [_cell(lines, entry.line, chunk) for entry in entries for chunk in entry.line.values]
        return RawRow(tuple(cells))
    for number, column in enumerate(block.columns):
        stack = [_cell(lines, entry.line, entry.values[number]) for entry in entries if number in entry.values]
        place = stack[0].place if stack else _column_place(middle, column)
        cells.append(RawCell("".join(cell.text for cell in stack), place))
    return RawRow(tuple(cells))


def _cell(lines: Sequence[Line], printed: Printed, chunk: Chunk) -> RawCell:
    line = lines[printed.index if chunk.line < 0 else chunk.line]
    head = len(line.text) - len(line.text.lstrip("\f"))
    start, end = chunk.spans[0]
    return RawCell(chunk.text, TextPlace(line.number, head + start, head + end))


def _column_place(line: Line, column: tuple[int, int]) -> TextPlace:
    return TextPlace(line.number, min(column[0], len(line.text)), min(column[1], len(line.text)))
