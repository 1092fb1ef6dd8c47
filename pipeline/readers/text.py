"""Text dumps: bytes -> lines -> text blocks and pipe tables. The dialect is recognised by looking at the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby, pairwise

from pipeline.errors import LimitExceededError
from pipeline.model.document import Block, Document, RawTable, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.model.place import TextPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.dialects.asciidoc import find_asciidoc
from pipeline.readers.dialects.boxes import split_boxes
from pipeline.readers.dialects.columns import find_columns
from pipeline.readers.dialects.escaped import with_pipes_back, without_escaped_pipes
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.frames import without_frames
from pipeline.readers.dialects.headed import find_headed
from pipeline.readers.dialects.inline import strip_inline_marks
from pipeline.readers.dialects.joined import with_pipes
from pipeline.readers.dialects.listed import find_listed
from pipeline.readers.dialects.margin import without_margin
from pipeline.readers.dialects.markup import split_markup
from pipeline.readers.dialects.named import find_named
from pipeline.readers.dialects.nested import split_nested
from pipeline.readers.dialects.packed import as_packed
from pipeline.readers.dialects.pipes import (
    Line,
    find_fenced_cells,
    find_habits,
    find_parted_cells,
    read_fenced_cells,
    read_parted_cells,
    read_pipe_table,
    text_of,
)
from pipeline.readers.dialects.program_marks import without_program_marks
from pipeline.readers.dialects.prose import count_prose_behind
from pipeline.readers.dialects.repeats import merge_repeats
from pipeline.readers.dialects.restructured import find_restructured
from pipeline.readers.dialects.rulers import find_ruled
from pipeline.readers.dialects.separated import find_separated
from pipeline.readers.dialects.slots import find_slotted
from pipeline.readers.dialects.spaced import find_spaced
from pipeline.readers.dialects.stacked import unstack_rows
from pipeline.readers.dialects.typed import find_typed, is_typed
from pipeline.readers.dialects.wiki import find_wiki
from pipeline.readers.encoding import decode_text

__all__ = ["read_text", "split_blocks", "tidy_table"]

NBSP = "\u00a0"
_new = tuple.__new__  # a named tuple's own constructor takes three times as long, and a text has thousands
_NEW_LINE = partial(_new, Line)
MIN_LINES_OF_A_WIDTH = 3
NEAR_PIPE = 4  # lines; a cell stands no further above its pipe

_Finder = Callable[[Sequence[Line]], Iterator[FoundTable]]
# Before the drawn tables: markup of wikis, AsciiDoc and reStructuredText, rows told in words, cells that a separator parts.
_MARKED: tuple[_Finder, ...] = (find_wiki, find_asciidoc, find_restructured, find_listed, find_named, find_separated)
# Behind them: rulers of dashes, cells padded to slots, values below their headers, cells a blank apart, columns told by white space.
_SPACED: tuple[_Finder, ...] = (find_ruled, find_slotted, find_headed, find_spaced, find_columns)
_TYPED: tuple[_Finder, ...] = (find_ruled, find_typed, find_slotted, find_headed, find_spaced)
_PAGED: tuple[_Finder, ...] = (*_SPACED[:-1], partial(find_columns, has_pages=True))


def read_text(data: bytes, context: ReadContext) -> Document:
    """Read a text dump. LimitExceededError when it has more lines than a source may have blocks, or more pipes than its cells."""
    decoded = decode_text(data, declared=context.declared_charset, vocabulary=context.vocabulary)
    whole = decoded.text.replace("\r\n", "\n")
    text = without_escaped_pipes(whole)
    texts = text.split("\n")
    if len(texts) > context.limits.max_blocks:
        raise LimitExceededError(f"the text has {len(texts)} lines, more than the limit of {context.limits.max_blocks}")
    if text.count("|") > 2 * context.limits.max_cells:  # a cell may have one on each side
        raise LimitExceededError(f"the text has {text.count('|')} pipes, more than {context.limits.max_cells} cells have")
    blocks: list[Block] = []
    findings = list(decoded.findings)
    end = len(texts) - count_prose_behind(texts)
    lines = list(map(_NEW_LINE, enumerate(texts[:end], start=1)))
    unframed = without_frames(with_pipes(without_margin(lines)))
    for stretch in split_markup(unframed.lines, context.limits):
        its_lines = unframed.lines[stretch.lines.start : stretch.lines.stop]
        blocks += unframed.restored(split_blocks(its_lines, findings) if stretch.blocks is None else stretch.blocks)
        findings += stretch.findings
    blocks += [
        _new(TextBlock, (text, _new(TextPlace, (number, 0, len(text))), None)) for number, text in enumerate(texts[end:], end + 1) if text
    ]
    if text is not whole:
        blocks = list(map(with_pipes_back, blocks))
    return Document(blocks=tuple(blocks), media_type="text/plain", encoding=decoded.encoding, findings=tuple(findings))


def split_blocks(lines: list[Line], findings: list[Finding] | None = None) -> list[Block]:
    """Cut the lines into tables and text, each dialect by its own marks; every other line with text is a text block.

    What is left out of a table is said in `findings`, where a list is given.
    """
    unframed = without_frames(lines)
    is_paged = "\f" in text_of(lines)  # a page may have ended far from the lines that a finder is asked for
    rest = partial(_split_nested, spaced=_PAGED if is_paged else _SPACED)
    blocks = unframed.restored(_split_by(_MARKED, rest, unframed.lines))
    return [tidy_table(block, findings, lines) if isinstance(block, RawTable) else block for block in blocks]


def tidy_table(table: RawTable, findings: list[Finding] | None, lines: Sequence[Line] = ()) -> RawTable:
    """The table without what its writer put around and into its cells, a spanning cell once. `lines`: the text that it is printed in, if it is."""
    bare = without_program_marks(table)
    if bare is not None and findings is not None:
        places = () if table.place is None else (table.place,)
        findings.append(
            make_finding(
                "program-marks", "row and column numbers or marks like nan, which a program wrote, are left out of a table", places=places
            )
        )
    return as_packed(merge_repeats(unstack_rows(strip_inline_marks(bare or table), lines)))


def _split_by(finders: Sequence[_Finder], rest: Callable[[list[Line]], list[Block]], lines: list[Line]) -> list[Block]:
    """The tables that the finders find, each asked for what the one before it left, and what `rest` makes of the other lines."""
    for number, find in enumerate(finders, start=1):
        tables = list(find(lines))
        if not tables:
            continue
        blocks: list[Block] = []
        done = 0
        for found in tables:
            if done < found.lines.start:
                blocks += _split_by(finders[number:], rest, lines[done : found.lines.start])
            blocks += (found.table, *found.beside)
            done = found.lines.stop
        if done < len(lines):
            blocks += _split_by(finders[number:], rest, lines[done:])
        return blocks
    return rest(lines)


def _split_nested(lines: list[Line], spaced: Sequence[_Finder]) -> list[Block]:
    """Frames with ruled tables inside, and the rest."""
    blocks: list[Block] = []
    for stretch in split_nested(lines):
        blocks += stretch.blocks or _split_boxes(lines[stretch.lines.start : stretch.lines.stop], spaced)
    return blocks


def _split_boxes(lines: list[Line], spaced: Sequence[_Finder]) -> list[Block]:
    """Tables with drawn borders, and the rest."""
    blocks: list[Block] = []
    for stretch in split_boxes(lines):
        blocks += _text_blocks(stretch.beside)
        blocks += stretch.tables or _split_open(lines[stretch.lines.start : stretch.lines.stop], spaced)
    return blocks


def _split_open(lines: list[Line], spaced: Sequence[_Finder]) -> list[Block]:
    """Tables without drawn borders, and the rest."""
    return _split_by(_TYPED if is_typed(lines) else spaced, _split_fenced, lines)


def _split_fenced(lines: list[Line]) -> list[Block]:
    """Stretches in which each cell stands between two pipes on lines of their own, and the rest."""
    first, last = _with_pipes(lines)
    blocks: list[Block] = [*_text_blocks(lines[:first])]
    piped = lines[first:last]
    done = 0
    for start, end in find_fenced_cells(piped):
        table = read_fenced_cells(piped[start:end])
        if table is not None:
            blocks += _split_parted(piped[done:start])
            blocks.append(table)
            done = end
    blocks += _split_parted(piped[done:])
    blocks += _text_blocks(lines[last:])
    return blocks


def _with_pipes(lines: list[Line]) -> tuple[int, int]:
    """Where the lines begin and end that have pipes, or stand so near to one that they may be cells too: the rest is plain text."""
    piped = [index for index, line in enumerate(lines) if "|" in line.text]
    if not piped:
        return len(lines), len(lines)
    last = next((index for index in range(piped[-1] + 1, len(lines)) if lines[index].text.strip()), len(lines) - 1)
    return max(0, piped[0] - NEAR_PIPE), last + 1


def _split_parted(lines: list[Line]) -> Iterator[Block]:
    """Stretches in which each cell's pipe stands on the next line, and the rest."""
    done = 0
    for start, end in find_parted_cells(lines):
        yield from _split_pipes(lines[done:start])
        yield read_parted_cells(lines[start:end])
        done = end
    yield from _split_pipes(lines[done:])


def _split_pipes(lines: list[Line]) -> Iterator[Block]:
    """Lines with pipes make tables, blank lines between them included."""
    lines = _join_cut_cells(lines)
    habits = find_habits(lines)
    index = 0
    count = len(lines)
    waiting: Line | None = None  # a text line that may turn out to be the first cell of the table below it
    while index < count:
        line = lines[index]
        if "|" not in line.text:
            if waiting is not None:
                yield from _text_blocks([waiting])
            waiting = line if line.text.strip() or NBSP in line.text else None
            index += 1
            continue
        end = _table_end(lines, index)
        for stretch in _part_widths(lines[index:end]):
            found = read_pipe_table(stretch, waiting, habits)
            if waiting is not None and not (found is not None and found.takes_line_above):
                yield from _text_blocks([waiting])
            waiting = None
            if found is not None:
                yield found.table
            else:
                yield from _text_blocks(stretch)
        index = end
    if waiting is not None:
        yield from _text_blocks([waiting])


def _join_cut_cells(lines: list[Line]) -> list[Line]:
    """Cells whose closing pipe a line break has cut off, between lines of a table: the pipe goes back to its cell."""
    lone = [index for index, line in enumerate(lines) if line.text.strip() == "|"]
    cut = [
        index
        for index in lone
        if index >= 2 and "|" in lines[index - 2].text and "|" not in lines[index - 1].text and lines[index - 1].text.strip()
    ]
    if len(cut) != len(lone):
        return lines  # pipes on lines of their own open rows or are blank cells here
    joined = list(lines)
    for index in cut:
        joined[index - 1] = Line(lines[index - 1].number, f"{lines[index - 1].text}|")
        joined[index] = Line(lines[index].number, "")
    return joined


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


def _part_widths(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Tables that follow each other at once: whole stretches of lines have as many pipes, and another stretch has another count."""
    counts = [(index, line.text.count("|")) for index, line in enumerate(lines) if "|" in line.text]
    runs = [[index for index, _ in run] for _, run in groupby(counts, key=lambda item: item[1])]
    if any(len(run) < MIN_LINES_OF_A_WIDTH for run in runs):
        yield lines
        return
    starts = [run[0] for run in runs]
    for start, end in pairwise([*starts, len(lines)]):
        yield lines[start:end]


def _text_blocks(lines: Sequence[Line]) -> Iterator[TextBlock]:
    for number, line in lines:
        text = line.strip()
        if text:
            column = 0 if text is line else line.index(text)
            place = _new(TextPlace, (number, column, column + len(text)))
            yield _new(TextBlock, (text, place, _heading_level(text) if text[0] == "#" else None))
        elif NBSP in line:
            # All that some converters leave of a blank cell.
            yield TextBlock(NBSP, TextPlace(number, line.index(NBSP), line.index(NBSP) + 1))


def _heading_level(text: str) -> int | None:
    """The level of a Markdown heading; its marks stay in the text."""
    marks = len(text) - len(text.lstrip("#"))
    return marks if 1 <= marks <= 6 and text[marks : marks + 1] == " " and text[marks:].strip() else None
