"""One page -> its tables and its lines of text, in reading order. The order of the steps stands here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.model.finding import Finding, make_finding
from pipeline.readers.pdf.aligned import build_aligned
from pipeline.readers.pdf.lattice import Lattice, build_lattice, find_frames
from pipeline.readers.pdf.page import Box, Page, Rule
from pipeline.readers.pdf.regions import find_regions
from pipeline.readers.pdf.ruled import fill_cells, is_poor, part_open_cells, tidy_lattice
from pipeline.readers.pdf.rules import page_rules
from pipeline.readers.pdf.tables import FoundTable
from pipeline.readers.pdf.words import Phrase, Word, build_words, group_lines, join_phrases

__all__ = ["PageLayout", "read_page"]

_MOST_RULES = 4_000  # of one direction on a page; a page with more is a drawing
_LEAST_FILLED = 0.2  # of a ruled table's cells: with less text it is a chart


@dataclass(frozen=True, slots=True)
class PageLayout:
    """What a page holds: tables and lines of text, each with the box it stands in, from the top."""

    tables: tuple[FoundTable, ...]
    lines: tuple[Phrase, ...]
    findings: tuple[Finding, ...] = ()


def read_page(page: Page) -> PageLayout:
    """The tables and the remaining lines of one page."""
    lying, standing, findings = _rules_of(page)
    words = build_words(page.letters, standing)
    tables: list[FoundTable] = []
    for frame in find_frames(lying, standing):
        lattice = build_lattice(frame)
        if lattice is None:
            continue
        inside, outside = _part_words(words, lattice.box)
        table = _ruled_table(page.number, lattice, inside, lying, standing)
        if table is not None:
            tables.append(table)
            words = outside
    for box, own in find_regions(words, lying, standing):
        table = build_aligned(page.number, own, lying, standing, box)
        if table is not None and _is_table(table):
            tables.append(table)
            taken = set(own)
            words = [word for word in words if word not in taken]
    lines = [phrase for line in group_lines(words) for phrase in join_phrases(line, 1.5)]
    return PageLayout(tuple(tables), tuple(lines), tuple(findings))


def _is_table(table: FoundTable) -> bool:
    """Whether what was found without a full grid is a table, not prose or a chart."""
    filled = sum(1 for cell in table.cells if cell.text)
    slots = table.row_count * table.col_count
    several = sum(1 for row in range(table.row_count) if sum(1 for cell in table.cells if cell.row == row and cell.text) > 1)
    if table.row_count < 3 or several < 3 or 2 * several < table.row_count or filled < 0.4 * slots:
        return False
    return True


def _rules_of(page: Page) -> tuple[list[Rule], list[Rule], list[Finding]]:
    lying, standing = page_rules(page)
    if page.rules_dropped or max(len(lying), len(standing)) > _MOST_RULES:
        message = f"page {page.number} has more drawing than a table can need; its rules were not read"
        return [], [], [make_finding("limit-exceeded", message, places=(page.turn.place(page.number, (0, 0, page.width, page.height)),))]
    return lying, standing, []


def _part_words(words: Sequence[Word], box: Box) -> tuple[list[Word], list[Word]]:
    x0, top, x1, bottom = box
    inside: list[Word] = []
    outside: list[Word] = []
    for word in words:
        x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
        (inside if x0 <= x <= x1 and top <= y <= bottom else outside).append(word)
    return inside, outside


def _ruled_table(
    page_number: int, lattice: Lattice, words: Sequence[Word], lying: Sequence[Rule], standing: Sequence[Rule]
) -> FoundTable | None:
    lattice = part_open_cells(tidy_lattice(lattice, words), words)
    if is_poor(lattice, words):
        table = build_aligned(page_number, words, lying, standing, lattice.box)
        if table is not None and _is_table(table):
            return table
    cells = fill_cells(lattice, words)
    with_text = sum(1 for cell in cells if cell.text)
    if len(cells) < 2 or with_text < 2 or with_text < _LEAST_FILLED * len(cells):
        return None
    if lattice.col_count < 2 and lattice.row_count < 2:
        return None
    return FoundTable(
        page_number, lattice.box, tuple(cells), lattice.row_count, lattice.col_count, "drawn", column_edges=lattice.xs
    )
