"""One page -> its tables and its lines of text, in reading order. The order of the steps stands here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model.finding import Finding, make_finding
from pipeline.readers.pdf.aligned import build_aligned
from pipeline.readers.pdf.captions import with_captions
from pipeline.readers.pdf.head_above import with_head_above
from pipeline.readers.pdf.lattice import Lattice, build_lattice, find_frames, out_of_box, part_tables
from pipeline.readers.pdf.likeness import is_table
from pipeline.readers.pdf.page import Box, Page, Rule
from pipeline.readers.pdf.regions import find_regions
from pipeline.readers.pdf.ruled import (
    Filled,
    add_lost_lines,
    cells_of,
    fill_lattice,
    find_overhang,
    is_poor,
    part_crowded_cells,
    part_open_cells,
    part_rows,
    tidy_lattice,
)
from pipeline.readers.pdf.rules import PageRules, page_rules
from pipeline.readers.pdf.tables import FoundTable
from pipeline.readers.pdf.words import Phrase, Word, build_words, group_lines, join_phrases

__all__ = ["PageLayout", "read_page"]

_MOST_RULES = 4_000  # of one direction on a page; a page with more is a drawing
_MARGIN = 0.045  # of the page's height: what stands that near its upper or lower end runs through the document
_OWN_COLUMNS = 0.35  # of a table's columns that at least one of its rows parts
_BORDER = 2.6  # points by which a rule may be off the side it is the border of
_SIDE = 0.05  # of a side: without rules along that much it has no border
_LEAST_FILLED = 0.2  # of a ruled table's cells: with less text it is a chart


@dataclass(frozen=True, slots=True)
class PageLayout:
    """What a page holds: tables and lines of text, each with the box it stands in, from the top."""

    tables: tuple[FoundTable, ...]
    lines: tuple[Phrase, ...]
    findings: tuple[Finding, ...] = ()


def read_page(page: Page, read_words: Sequence[Word] | None = None) -> PageLayout:
    """The tables and the remaining lines of one page. `read_words`: its words where they were recognised; else they are built of its letters."""
    rules, findings = _rules_of(page)
    words = build_words(page.letters, rules.standing) if read_words is None else list(read_words)
    tables: list[FoundTable] = []
    is_read = read_words is not None
    words = _find_ruled(page.number, rules.lying, rules.standing, words, tables, is_read=is_read)
    if rules.lying_with_edges is not rules.lying:
        words = _find_ruled(page.number, rules.lying_with_edges, rules.standing_with_edges, words, tables, is_read=is_read)
    low, high = _MARGIN * page.height, (1 - _MARGIN) * page.height
    inner = [word for word in words if word.bottom > low and word.top < high and not word.is_turned]
    for box, own in find_regions(inner, rules.lying, rules.standing):
        table = build_aligned(page.number, own, rules.lying, rules.standing, box)
        if table is not None and is_table(table, page.strokes):
            tables.append(table)
            taken = set(own)
            words = [word for word in words if word not in taken]
    lines = [phrase for line in group_lines(words) for phrase in join_phrases(line, 1.5)]
    return PageLayout(with_captions(tables, lines), tuple(lines), tuple(findings))


def _find_ruled(
    page_number: int, lying: Sequence[Rule], standing: Sequence[Rule], words: list[Word], tables: list[FoundTable], *, is_read: bool
) -> list[Word]:
    """Add the tables of crossing rules to `tables`; the words outside them."""
    for frame in find_frames(lying, standing):
        whole = build_lattice(frame)
        for lattice in _tables_of(whole, words) if whole is not None else ():
            inside, outside = _part_words(words, lattice.box)
            overhang = set(find_overhang(lattice, outside, lying)) if inside else set()
            if overhang:
                inside += overhang
                outside = [word for word in outside if word not in overhang]
            table = _ruled_table(page_number, lattice, inside, lying, standing, is_read=is_read) if inside else None
            if table is not None:
                table, head = (table, set()) if is_read else with_head_above(table, outside)
                tables.append(table)
                words = [word for word in outside if word not in head]
    return words


def _tables_of(whole: Lattice, words: Sequence[Word]) -> list[Lattice]:
    return [
        lattice for part in out_of_box(whole) for lattice in part_tables(tidy_lattice(part, _part_words(words, part.box)[0], outer=True))
    ]


def _rules_of(page: Page) -> tuple[PageRules, list[Finding]]:
    rules = page_rules(page)
    if page.rules_dropped or max(len(rules.lying_with_edges), len(rules.standing_with_edges)) > _MOST_RULES:
        message = f"page {page.number} has more drawing than a table can need; its rules were not read"
        none: list[Rule] = []
        return PageRules(none, none, none, none), [
            make_finding("limit-exceeded", message, places=(page.turn.place(page.number, (0, 0, page.width, page.height)),))
        ]
    return rules, []


def _part_words(words: Sequence[Word], box: Box) -> tuple[list[Word], list[Word]]:
    x0, top, x1, bottom = box
    inside: list[Word] = []
    outside: list[Word] = []
    for word in words:
        x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
        (inside if x0 <= x <= x1 and top <= y <= bottom else outside).append(word)
    return inside, outside


def _ruled_table(
    page_number: int, lattice: Lattice, words: Sequence[Word], lying: Sequence[Rule], standing: Sequence[Rule], *, is_read: bool
) -> FoundTable | None:
    lattice = tidy_lattice(lattice, words)
    filled = part_open_cells(fill_lattice(lattice, words))
    if is_read:
        filled = part_crowded_cells(add_lost_lines(part_crowded_cells(filled)))
    if is_poor(filled):
        parted = part_rows(filled.lattice, words, standing)
        if parted is not None:
            again = fill_lattice(parted, words)
            if not is_poor(again):
                return _filled_table(page_number, again, lying)
        table = build_aligned(page_number, [word for word in words if not word.is_turned], lying, standing, lattice.box)
        if table is not None and is_table(table):
            return table
    return _filled_table(page_number, filled, lying)


def _filled_table(page_number: int, filled: Filled, lying: Sequence[Rule]) -> FoundTable | None:
    lattice, cells = filled.lattice, cells_of(filled)
    with_text = sum(1 for cell in cells if cell.text)
    labelled = len({cell.row for cell in cells if cell.text and 2 * cell.col < lattice.col_count})
    if len(cells) < 2 or not with_text or (with_text < _LEAST_FILLED * len(cells) and 2 * labelled < lattice.row_count):
        return None
    if with_text < 2 and lattice.col_count < 3:
        return None
    if lattice.col_count < 2 or max(map(sum, lattice.right)) < _OWN_COLUMNS * lattice.col_count:
        return None  # a box, or bars of different lengths
    return FoundTable(
        page_number,
        lattice.box,
        tuple(cells),
        lattice.row_count,
        lattice.col_count,
        "drawn",
        column_edges=lattice.xs,
        is_open_above=not _has_border(lattice.box, lattice.ys[0], lying),
        is_open_below=not _has_border(lattice.box, lattice.ys[-1], lying),
    )


def _has_border(box: Box, at: float, lying: Sequence[Rule]) -> bool:
    """Whether rules run along some of a side."""
    covered = sum(min(rule.end, box[2]) - max(rule.start, box[0]) for rule in lying if abs(rule.at - at) <= _BORDER)
    return covered > _SIDE * (box[2] - box[0])
