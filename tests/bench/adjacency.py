"""How well tables were found, as the ICDAR-2013 competition counts it: neighbours that both have and only one has.

Truth is read from the competition's `*-str.xml` files. Document by document, precision and recall of adjacency relations over all its
tables, then the mean over documents; a table that is not there costs precision, one that is missed recall.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

__all__ = ["DocumentScore", "PlainCell", "PlainTable", "read_truth", "score_document"]

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_NOT_WORD = re.compile(r"\W", re.ASCII)
_LETTER = re.compile(r"[a-z]\Z")

Relation = tuple[str, int, str, str]  # direction, blanks between, the two texts


@dataclass(frozen=True, slots=True)
class PlainCell:
    """A cell as every tool can give it."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A table as every tool can give it; `page_number` from 1."""

    page_number: int
    cells: tuple[PlainCell, ...]

    def relations(self) -> Counter[Relation]:
        """Each filled cell with its next filled neighbour to the right and below, each pair of cells once."""
        return _relations(self.cells)


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """Relations right, found and true; spanning cells right, found and true; tables found and true."""

    right: int
    found: int
    true: int
    spans_right: int
    spans_found: int
    spans_true: int
    tables_found: int
    tables_true: int

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 1.0


def read_truth(folder: Path) -> dict[str, list[list[PlainTable]]]:
    """By document the truths that were made of it (the competition has two for some: a and b)."""
    truths: dict[str, list[list[PlainTable]]] = {}
    for path in sorted(folder.glob("*-str.xml")):
        name = path.name.removesuffix("-str.xml")
        tables = []
        root = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        for table in root.iter("table"):
            cells: list[PlainCell] = []
            page = 0
            for region in table.findall("region"):
                page = page or int(region.get("page") or 1)
                down, across = int(region.get("row-increment") or 0), int(region.get("col-increment") or 0)
                cells += [_truth_cell(cell, down, across) for cell in region.findall("cell")]
            if cells:
                tables.append(PlainTable(page, tuple(cells)))
        truths.setdefault(document_name(name), []).append(tables)
    return truths


def document_name(name: str) -> str:
    """The document of a truth or a file: "eu-009a" is one of eu-009."""
    return name[:-1] if _LETTER.search(name) and name[-2:-1].isdigit() else name


def _truth_cell(cell: etree._Element, down: int, across: int) -> PlainCell:
    row, col = int(cell.get("start-row") or 0), int(cell.get("start-col") or 0)
    end_row, end_col = int(cell.get("end-row") or row), int(cell.get("end-col") or col)
    content = cell.find("content")
    text = "".join(str(part) for part in content.itertext()) if content is not None else ""
    return PlainCell(row + down, col + across, end_row - row + 1, end_col - col + 1, text)


def score_document(truths: Sequence[Sequence[PlainTable]], found: Sequence[PlainTable]) -> DocumentScore:
    """The score by the truth that suits best."""
    return max((_score(truth, found) for truth in truths), key=lambda score: score.f1)


def _score(truth: Sequence[PlainTable], found: Sequence[PlainTable]) -> DocumentScore:
    true_relations, found_relations = [t.relations() for t in truth], [t.relations() for t in found]
    pairs: list[tuple[int, int, int]] = []
    for i, ours in enumerate(true_relations):
        for j, theirs in enumerate(found_relations):
            if truth[i].page_number == found[j].page_number:
                pairs.append(((ours & theirs).total(), i, j))
    right = spans_right = 0
    used_true: set[int] = set()
    used_found: set[int] = set()
    for shared, i, j in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if shared and i not in used_true and j not in used_found:
            used_true.add(i)
            used_found.add(j)
            right += shared
            spans_right += (_spans(truth[i]) & _spans(found[j])).total()
    return DocumentScore(
        right,
        sum(counter.total() for counter in found_relations),
        sum(counter.total() for counter in true_relations),
        spans_right,
        sum(_spans(table).total() for table in found),
        sum(_spans(table).total() for table in truth),
        len(found),
        len(truth),
    )


def _spans(table: PlainTable) -> Counter[tuple[str, int, int]]:
    """Texts and sizes of the cells over several rows or columns."""
    return Counter((_plain(c.text), c.row_span, c.col_span) for c in table.cells if c.row_span * c.col_span > 1 and _plain(c.text))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    return _NOT_WORD.sub("_", "".join(folded.split()).upper())


def _relations(cells: Sequence[PlainCell]) -> Counter[Relation]:
    slots: dict[tuple[int, int], int] = {}
    plain = [_plain(cell.text) for cell in cells]
    for number, cell in enumerate(cells):
        if plain[number]:
            for row in range(cell.row, cell.row + cell.row_span):
                for col in range(cell.col, cell.col + cell.col_span):
                    slots[row, col] = number
    counted: Counter[Relation] = Counter()
    for direction, key in (("right", lambda slot: slot), ("below", lambda slot: (slot[1], slot[0]))):
        known: set[tuple[int, int]] = set()
        before: tuple[tuple[int, int], int] | None = None
        for slot in sorted(slots, key=key):
            line, place = key(slot)
            number = slots[slot]
            if before is not None and before[0][0] == line and before[1] != number and (before[1], number) not in known:
                known.add((before[1], number))
                counted[direction, place - before[0][1] - 1, plain[before[1]], plain[number]] += 1
            before = ((line, place), number)
    return counted


def mean_f1(scores: Mapping[str, DocumentScore]) -> float:
    """The mean over documents."""
    return sum(score.f1 for score in scores.values()) / len(scores) if scores else 0.0
