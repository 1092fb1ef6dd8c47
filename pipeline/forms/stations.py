"""A form laid out in its own reading order: the stations that an alignment visits.

Reading order is nearly the same in every way a table can arrive: caption, then for each band its section label, its header row by row,
then its row labels from the outside in, each followed by its numbers. A station is one printed label of that order (or the one row of a
table that has no row labels). Where the numbers of a row go is known from the row's station: `leaf columns` of its band.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from pipeline.forms.label_words import MAX_FUZZY, LabelWords, digits_of, words_of
from pipeline.forms.similar import SIMILARITY_FLOOR, SimilarLabels
from pipeline.forms.sums import RowSum, find_row_sums
from pipeline.model.form import Band, ColumnNode, Field, Form, FormTable, Label, RowNode
from pipeline.values.fold import FoldedLabel, LabelFolder
from pipeline.values.numbers import NumberReader, reader_of

__all__ = ["Candidate", "FormLayout", "Station", "StationKind", "lay_out", "lineage"]

MAX_LABEL = 160  # characters; a longer text is prose
SURE_LABEL = 0.95  # similarity of a label that is printed word for word
_MAX_MEMO = 20_000  # texts

StationKind = Literal["caption", "section", "stub-head", "column", "row"]


@dataclass(frozen=True, slots=True)
class Station:
    """One label of a form in reading order. `order` is its index in FormLayout.stations.

    `level` is the depth in its tree, from 0. `parent` is the station of the node above it, in the row or column tree.
    """

    order: int
    kind: StationKind
    table: int
    band: int
    labels: tuple[FoldedLabel, ...]
    text: str
    level: int
    parent: int | None
    has_values: bool  # rows: whether numbers follow
    leaf: int | None  # columns: index among the band's leaf columns, when a leaf


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to read a printed label: as the stations `first`..`last` (two when one cell holds a group label and its item)."""

    first: int
    last: int
    similarity: float
    weight: float


@dataclass(frozen=True)
class FormLayout:
    """A Form with everything that matching needs worked out once."""

    form: Form
    words: LabelWords
    folder: LabelFolder  # folds as the form's labels are folded
    numbers: NumberReader
    stations: tuple[Station, ...]
    exact: Mapping[str, tuple[Candidate, ...]]  # folded body or core -> candidates
    similar: SimilarLabels  # places are those of fuzzy_candidates
    fuzzy_candidates: tuple[tuple[int, FoldedLabel], ...]
    parts: Mapping[str, tuple[tuple[int, FoldedLabel], ...]]  # proper prefixes and suffixes of labels, of two characters and more
    beginnings: frozenset[str]  # the prefixes among them
    # costs[j][i]: of visiting station j right after station i; i = -1 is the start, which costs nothing
    costs: tuple[tuple[float, ...], ...]
    row_fields: Mapping[int, tuple[Field | None, ...]]  # row station -> the field under each leaf column
    first_order: Mapping[tuple[int, int], int]  # (table, band) -> order of its first station
    last_headers: frozenset[int]  # last headers of bands whose one row has no label
    _memo: dict[str, tuple[Candidate, ...]] = field(default_factory=dict, repr=False, compare=False)
    _worth: dict[str, tuple[float, int]] = field(default_factory=dict, repr=False, compare=False)
    _band_labels: dict[tuple[int, int], tuple[str, frozenset[str]]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def place_of(self) -> Mapping[str, tuple[int, int]]:
        """Pointer -> (row station, index of the leaf column)."""
        return {
            item.pointer: (order, leaf) for order, fields in self.row_fields.items() for leaf, item in enumerate(fields) if item is not None
        }

    @cached_property
    def row_sums(self) -> Mapping[int, tuple[RowSum, ...]]:
        """Row station -> the sums whose numbers all stand in that row."""
        return {order: find_row_sums(fields, self.form.identities) for order, fields in self.row_fields.items()}

    @cached_property
    def headers(self) -> Mapping[tuple[int, int], Mapping[int, int | None]]:
        """(table, band) -> its column stations, each with its leaf column."""
        found: dict[tuple[int, int], dict[int, int | None]] = {}
        for station in self.stations:
            if station.kind == "column":
                found.setdefault((station.table, station.band), {})[station.order] = station.leaf
        return found

    @cached_property
    def leaf_ranges(self) -> Mapping[int, tuple[int, int]]:
        """Column station -> the first and the last leaf column under it."""
        found: dict[int, tuple[int, int]] = {}
        for station in self.stations:
            if station.leaf is not None:
                for above in lineage(self.stations, station.order):
                    first, last = found.get(above.order, (station.leaf, station.leaf))
                    found[above.order] = min(first, station.leaf), max(last, station.leaf)
        return found

    @cached_property
    def bare_bands(self) -> frozenset[tuple[int, int]]:
        """(table, band) of the bands whose rows have no labels."""
        bands = ((number, index, band) for number, table in enumerate(self.form.tables) for index, band in enumerate(table.bands))
        return frozenset((number, index) for number, index, band in bands if all(row.label is None for row in band.rows))

    def leaves(self, order: int) -> tuple[ColumnNode, ...]:
        """The leaf columns of a station's band; for a heading of a table, those of its last band."""
        return self._leaves[order]

    @cached_property
    def _leaves(self) -> tuple[tuple[ColumnNode, ...], ...]:
        bands = (self.form.tables[station.table].bands for station in self.stations)
        return tuple(its[station.band].leaf_columns() if its else () for station, its in zip(self.stations, bands, strict=True))

    def band_labels(self, table: int, band: int) -> tuple[str, frozenset[str]]:
        """Folded labels of a band and of what heads its table, a line each, and those of its rows; memoised."""
        found = self._band_labels.get((table, band))
        if found is None:
            near = [station for station in self.stations if station.table == table and station.band in (band, -1)]
            labels = "\n".join(label.body for station in near for label in station.labels)
            row_labels = frozenset(label.body for station in near if station.kind == "row" for label in station.labels)
            found = self._band_labels[table, band] = (labels, row_labels)
        return found

    def candidates(self, text: str) -> tuple[Candidate, ...]:
        """How the printed label may be read, best first; memoised."""
        found = self._memo.get(text)
        if found is None:
            if self.words.is_foreign(text):
                return ()
            if len(self._memo) > _MAX_MEMO:
                self._memo.clear()
            found = self._memo[text] = self._find_candidates(text)
        return found

    def worth(self, text: str) -> tuple[float, int]:
        """(the most that the printed label can weigh, 0 where it is none; the station that it is word for word, else -1); memoised."""
        found = self._worth.get(text)
        if found is None:
            candidates = self.candidates(text) if len(text) <= MAX_LABEL else ()
            is_word = len(text) > 1 and any(map(str.isalpha, text))
            station = candidates[0].first if is_word and candidates and candidates[0].similarity >= SURE_LABEL else -1
            if len(self._worth) > _MAX_MEMO:
                self._worth.clear()
            found = self._worth[text] = (max([item.weight for item in candidates], default=0.0), station)
        return found

    def _find_candidates(self, text: str) -> tuple[Candidate, ...]:
        folded = self.folder.fold(text)
        if not folded.body:
            return ()
        best: dict[tuple[int, int], Candidate] = {}
        self._offer_exact(best, folded)
        if not best and len(folded.body) <= MAX_FUZZY:
            self._offer_similar(best, folded)
        words = text.split(maxsplit=3)
        if len(words) > 1 and not any(item.similarity >= 0.9 for item in best.values()):
            for candidate in self._tails(words):
                best.setdefault((candidate.first, candidate.last), candidate)
        # A short word may be a label here and the beginning of another one there: cut at a line break, or wrapped over several rows.
        for order, label in self.parts.get(folded.body, ()):
            similarity = 0.76 + 0.2 * len(folded.body) / len(label.body)
            _offer(best, folded, order, order, similarity, (label.enumerator,), len(folded.body))
        return tuple(sorted(best.values(), key=lambda item: (-item.similarity, item.first)))

    def _offer_exact(self, best: dict[tuple[int, int], Candidate], folded: FoldedLabel) -> None:
        for key, base in ((folded.body, 1.0), (folded.core, 0.98)):
            if best and base < 1.0:
                break  # without its brackets a label may be another one's twin
            for candidate in self.exact.get(key, ()):
                station = self.stations[candidate.last if candidate.first == candidate.last else candidate.first]
                enumerators = tuple(label.enumerator for label in station.labels)
                _offer(best, folded, candidate.first, candidate.last, min(base, candidate.similarity), enumerators, len(key))

    def _offer_similar(self, best: dict[tuple[int, int], Candidate], folded: FoldedLabel) -> None:
        for key in dict.fromkeys((folded.body, folded.core)):
            for place, similarity in self.similar.find(key):
                order, label = self.fuzzy_candidates[place]
                if digits_of(key) != digits_of(label.body):
                    continue  # a number run together with a label, or another number in it
                _offer(best, folded, order, order, similarity - 0.01, (label.enumerator,), len(label.body))

    def _tails(self, words: Sequence[str]) -> Iterator[Candidate]:
        """Labels that stand, whole, behind a part of another label on the same line: a group label wrapped beside its items."""
        for cut in range(1, len(words)):
            head = self.folder.fold("".join(words[:cut])).body
            if head not in self.parts and head not in self.exact:
                continue
            tail = self.folder.fold("".join(words[cut:]))
            for candidate in self.exact.get(tail.body, ()):
                labels = self.stations[candidate.first].labels
                if candidate.first == candidate.last and any(label.enumerator == tail.enumerator for label in labels):
                    first = self._row_above(head, candidate.first)
                    yield Candidate(first, candidate.last, 0.92, _weight(0.92, len(tail.body)))

    def _row_above(self, label: str, order: int) -> int:
        """The nearest row with numbers above a station that has this label, so that two rows have run together; else the station itself."""
        found = [item.last for item in self.exact.get(label, ()) if item.first == item.last < order and self.stations[item.last].has_values]
        return max(found, default=order)

    def may_begin_label(self, text: str) -> bool:
        """Whether a label of the form begins with this text and goes on."""
        return self.folder.fold(text).body in self.beginnings


def _offer(
    best: dict[tuple[int, int], Candidate],
    folded: FoldedLabel,
    first: int,
    last: int,
    similarity: float,
    enumerators: tuple[str, ...],
    length: int,
) -> None:
    """Keep a way to read the label unless a better one is known; another enumerator than the form's makes it less like."""
    if folded.enumerator and any(enumerators):
        if folded.enumerator not in enumerators:
            same_level = any(item[:1] == folded.enumerator[0] for item in enumerators)
            similarity -= 0.12 if same_level else 0.06
    elif folded.enumerator or any(enumerators):
        similarity -= 0.02
    if similarity < SIMILARITY_FLOOR - 0.12:
        return
    known = best.get((first, last))
    if known is None or known.similarity < similarity:
        best[first, last] = Candidate(first, last, similarity, _weight(similarity, length))


def _weight(similarity: float, length: int) -> float:
    """What a match is worth: long labels prove more than short ones, doubtful ones less."""
    return max(0.1, (similarity - 0.5) * 2) * min(1.5, 0.5 + 0.15 * length)


class _Builder:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.folder = words_of(form).folder
        self.stations: list[Station] = []
        self.row_fields: dict[int, tuple[Field | None, ...]] = {}
        self.first_order: dict[tuple[int, int], int] = {}

    def add(
        self,
        kind: StationKind,
        table: int,
        band: int,
        label: Label | None,
        level: int = 0,
        parent: int | None = None,
        *,
        has_values: bool = False,
        leaf: int | None = None,
    ) -> int:
        order = len(self.stations)
        texts = () if label is None else label.texts
        folded = tuple(dict.fromkeys(self.folder.fold(text) for text in texts))
        self.stations.append(Station(order, kind, table, band, folded, texts[0] if texts else "", level, parent, has_values, leaf))
        return order

    def build(self) -> None:
        for number, table in enumerate(self.form.tables):
            self.add("caption", number, -1, table.captions)
            for index, band in enumerate(table.bands):
                self.first_order[number, index] = len(self.stations)
                self.add_band(number, table, index, band)

    def add_band(self, number: int, table: FormTable, index: int, band: Band) -> None:
        if band.section is not None:
            self.add("section", number, index, band.section)
        for label in band.stub_head:
            self.add("stub-head", number, index, label)
        leaves = band.leaf_columns()
        leaf_index = {id(leaf): place for place, leaf in enumerate(leaves)}
        # Header rows are read one after the other: level by level, not branch by branch.
        level: list[tuple[ColumnNode, int | None]] = [(column, None) for column in band.columns]
        depth = 0
        while level:
            below: list[tuple[ColumnNode, int | None]] = []
            for node, parent in level:
                order = self.add("column", number, index, node.label, depth, parent, leaf=leaf_index.get(id(node)))
                below.extend((child, order) for child in node.children)
            level = below
            depth += 1
        stack: list[tuple[RowNode, int, int | None]] = [(row, 0, None) for row in reversed(band.rows)]
        while stack:
            node_, depth_, parent_ = stack.pop()
            order = self.add("row", number, index, node_.label, depth_, parent_, has_values=node_.has_values)
            if node_.has_values:
                self.row_fields[order] = tuple(
                    self.form.field_by_pointer.get(_join(table.pointer, node_.key, leaf.key)) if leaf.kind == "value" else None
                    for leaf in leaves
                )
            stack.extend((child, depth_ + 1, order) for child in reversed(node_.children))


def _join(*parts: str) -> str:
    return "/" + "/".join(part.strip("/") for part in parts if part.strip("/"))


def _exact_index(stations: list[Station]) -> dict[str, tuple[Candidate, ...]]:
    index: dict[str, dict[tuple[int, int], Candidate]] = {}

    def put(key: str, first: int, last: int, similarity: float) -> None:
        known = index.setdefault(key, {}).get((first, last))
        if key and (known is None or known.similarity < similarity):
            index[key][first, last] = Candidate(first, last, similarity, 0.0)

    bodies_of_core: dict[str, set[str]] = {}
    for station in stations:
        for label in station.labels:
            bodies_of_core.setdefault(label.core, set()).add(label.body)
    for station in stations:
        for label in station.labels:
            put(label.body, station.order, station.order, 1.0)
            if len(bodies_of_core[label.core]) == 1 or label.core in bodies_of_core[label.core]:
                put(label.core, station.order, station.order, 0.97)
    # One cell that holds two labels run together: a group and its first item, a stub head and its first column.
    for first, second in itertools.pairwise(stations):
        if (first.table, first.band) == (second.table, second.band) and first.kind != "caption":
            for a in first.labels:
                for b in second.labels:
                    marker = b.enumerator[1:] if b.enumerator else ""
                    for text in {a.body + b.body, a.body + marker + b.body, a.core + marker + b.core, a.core + b.core}:
                        put(text, first.order, second.order, 0.95)
    return {key: tuple(found.values()) for key, found in index.items() if key}


def _parts_index(labels: Sequence[tuple[int, FoldedLabel]]) -> dict[str, tuple[tuple[int, FoldedLabel], ...]]:
    index: dict[str, dict[tuple[int, FoldedLabel], None]] = {}
    for order, label in labels:
        body = label.body
        for length in range(2, len(body)):
            index.setdefault(body[:length], {})[order, label] = None
            index.setdefault(body[-length:], {})[order, label] = None
    return {part: tuple(found) for part, found in index.items()}


def lineage(stations: Sequence[Station], order: int) -> Iterator[Station]:
    """The station and those it stands under, nearest first."""
    at: int | None = order
    while at is not None:
        yield stations[at]
        at = stations[at].parent


def _same_header(a: Station, b: Station) -> bool:
    """Whether two stations are columns of one band."""
    return a.kind == b.kind == "column" and (a.table, a.band) == (b.table, b.band)


def _costs(stations: list[Station]) -> tuple[tuple[float, ...], ...]:
    """Cost of going from one station to another: what lies between was not printed, or the page went back."""
    matrix: list[list[float]] = [[] for _ in stations]
    for a in stations:
        above = {station.order for station in lineage(stations, a.order)} - {a.order}
        for b in stations:
            gap = b.order - a.order
            if b.order in above:
                # A group label printed again beside each of its items; a header that comes back rather heads other columns.
                cost = 0.15 if b.kind == "row" else 0.95
            elif gap > 0:
                same_band = (a.table, a.band) == (b.table, b.band)
                same_table = a.table == b.table
                cost = min(0.9, 0.04 * (gap - 1)) if same_band else 0.35 if same_table else 0.5
                if gap == 1:
                    cost = 0.0
            elif a.table == b.table and a.kind == "row" and b.kind != "row":
                cost = 0.7  # a header printed again, after a page break
            elif gap == 0:
                cost = 0.3 if a.kind == "column" else 0.6  # the rest of a header's word in the row below
            elif _same_header(a, b):
                cost = 0.8  # the second halves of a header's words, on a row of their own
            else:
                cost = 1.1
            matrix[b.order].append(cost)
    return tuple((*line, 0.0) for line in matrix)


def lay_out(form: Form) -> FormLayout:
    """Work out the reading order of a form and the indexes that matching uses."""
    builder = _Builder(form)
    builder.build()
    stations = builder.stations
    fuzzy = [(station.order, label) for station in stations for label in station.labels if len(label.body) >= 2]
    fuzzy += [
        (station.order, FoldedLabel(label.enumerator, label.core, label.core))
        for station in stations
        for label in station.labels
        if label.core != label.body and len(label.core) >= 2
    ]
    words = words_of(form)
    exact, parts = _exact_index(stations), _parts_index(fuzzy)
    beginnings = frozenset(label.body[:length] for _, label in fuzzy for length in range(2, len(label.body)))
    headings = (words.folder.fold(text) for section in form.narrative for text in section.headings.texts)
    words.add(
        (label.body for _, label in fuzzy),
        (*exact, *parts, *(label.body for label in headings)),  # with headings: what is foreign is no heading, either
        beginnings,
    )
    return FormLayout(
        form=form,
        words=words,
        folder=words.folder,
        numbers=reader_of(form.numbers),
        stations=tuple(stations),
        exact=exact,
        similar=SimilarLabels([label.body for _, label in fuzzy]),
        fuzzy_candidates=tuple(fuzzy),
        parts=parts,
        beginnings=beginnings,
        costs=_costs(stations),
        row_fields=builder.row_fields,
        first_order=builder.first_order,
        last_headers=frozenset(
            station.order - 1 for station in stations if station.kind == "row" and not station.labels and station.order > 0
        ),
    )
