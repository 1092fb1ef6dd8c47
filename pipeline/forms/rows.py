"""From matched labels to rows of values: table instances, the rows read in each, and what was left over.

Rows first, cells second: here each printed number is given to a printed row and each printed row to a row of the form; which number of the
row belongs to which column is decided in columns.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.forms.chain import Match
from pipeline.forms.stations import FormLayout, lineage
from pipeline.forms.tokens import Token, Tokens
from pipeline.model.place import PagePlace
from pipeline.values.numbers import ValueReading

__all__ = ["Instance", "RowReading", "read_instances"]


MIN_ROW_NUMBERS = 3
MIN_ROWS_BESIDE = 5  # rows that have a cell in each column, the page's own among them
SURE_HEADER = 0.97  # similarity
MAX_HEADER_LINE = 80  # characters of header words that one space parts
MAX_LOOSE_LABEL = 20  # characters; a longer line of loose text that is no label is prose


@dataclass(slots=True)
class RowReading:
    """One printed row read as one row of the form. `match` is None for a row that was placed without a label of its own."""

    station: int
    match: Match | None
    values: list[Token]
    row: int
    row_known: bool
    padding: int = 0
    rule: str | None = None
    excess: list[Token] = field(default_factory=list)  # numbers printed behind them that no row explains
    is_guessed: bool = False  # its place alone tells which row it is, its label hardly: no sum of its own proves that


@dataclass(slots=True)
class Instance:
    """One printing of one table of the form: matches in order, the rows read, and what no field explains."""

    table: int
    matches: list[Match]
    end: int = 0  # token index after its last token
    rows: list[RowReading] = field(default_factory=list)
    orphans: list[list[Token]] = field(default_factory=list)  # values without a row, one list a certain row or run
    leftover: list[Token] = field(default_factory=list)  # words that are no label of the form
    prose: list[Token] = field(default_factory=list)  # lines of running text between its rows
    extra: list[list[Token]] = field(default_factory=list)  # values of a row whose label is no label of the form
    beside: list[Token] = field(default_factory=list)  # cells of columns that are none of the form's, below headers of their own
    row_numbers: list[Token] = field(default_factory=list)  # a column that numbers the rows
    followed_by_number: bool = False
    doubled: list[RowReading] = field(default_factory=list)  # complete readings of rows that were read before

    @property
    def first(self) -> int:
        return self.matches[0].first

    @property
    def last(self) -> int:
        return self.matches[-1].last

    def table_start(self, layout: FormLayout) -> int:
        """Token where the printed table begins: its first header, or the first row that was read. A menu above may hold a row's word too."""
        heads = [m.first for m in self.matches if layout.stations[m.station].kind in ("section", "stub-head", "column")]
        return min([*heads, *(row.match.first for row in self.rows if row.match is not None)], default=self.last)

    def stations_read(self) -> set[int]:
        return {row.station for row in self.rows}


def read_instances(layout: FormLayout, tokens: Tokens, readings: Sequence[ValueReading], matches: Sequence[Match]) -> list[Instance]:
    """Cut the chain into printings of tables and read the rows of each."""
    instances = list(_split(layout, tokens, readings, matches))
    for number, instance in enumerate(instances):
        limit = instances[number + 1].first if number + 1 < len(instances) else len(tokens)
        _Walk(layout, tokens, readings, instance, limit).run()
    return instances


def _split(layout: FormLayout, tokens: Tokens, readings: Sequence[ValueReading], matches: Sequence[Match]) -> Iterator[Instance]:
    """A new printing begins with another table, where a header comes again behind numbers, or where the first rows come again.

    Row labels without numbers beside them do not count: where labels are pooled apart from their numbers they come in any order.
    """
    current: Instance | None = None
    nearest = furthest = -1  # the first and the furthest row of this printing that had numbers beside it
    header = -1  # the furthest header of this printing
    column = -1  # the furthest leaf column under its headers
    for match in matches:
        station = layout.stations[match.station]
        order = match.candidate.last
        is_row = station.kind == "row"
        has_numbers = is_row and station.has_values and _has_value_behind(tokens, readings, match)
        if is_row:
            passed = has_numbers and nearest >= 0 and order <= nearest and order < furthest
        else:
            goes_on = (station.table, station.band) in layout.bare_bands and layout.leaf_ranges.get(order, (-1, -1))[0] > column
            passed = order <= furthest or (order <= header and not goes_on and _number_between(readings, current, match))
        if current is None or station.table != current.table or passed:
            if current is not None:
                yield current
            current = Instance(station.table, [])
            nearest = furthest = header = column = -1
        current.matches.append(match)
        if has_numbers:
            nearest = order if nearest < 0 else min(nearest, order)
            furthest = max(furthest, order)
        elif not is_row:
            header = max(header, order)
            column = max(column, -1 if station.leaf is None else station.leaf)
    if current is not None:
        yield current


def _number_between(readings: Sequence[ValueReading], current: Instance | None, match: Match) -> bool:
    """Whether numbers stand between the last label and this one."""
    if current is None:
        return False
    return any(reading.kind == "number" for reading in readings[current.last + 1 : match.first])


def _has_value_behind(tokens: Tokens, readings: Sequence[ValueReading], match: Match) -> bool:
    """Whether the label's next token is a value, in the same row where rows are certain."""
    index = match.last + 1
    if index >= len(tokens) or readings[index].kind == "text":
        return False
    label, value = tokens.items[match.last], tokens.items[index]
    return value.table == label.table and (value.row == label.row or not tokens.row_known[label.row])


def _may_go_on(start: Token, cell: Token, below: Token) -> bool:
    """Whether a number on the line below a cell may be the rest of what it holds: on a page it stands below it. `start`: a token that its row
    begins with, which tells which way rows run on a page that is turned."""
    places = (start.place, cell.place, below.place)
    if not all(isinstance(place, PagePlace) for place in places):
        return True
    first, a, b = (place.box for place in places if isinstance(place, PagePlace))
    along = 0 if abs(first[0] - a[0]) >= abs(first[1] - a[1]) else 1
    return a[along] < b[along + 2] and b[along] < a[along + 2]


class _Walk:
    """One pass over the tokens of an instance."""

    def __init__(self, layout: FormLayout, tokens: Tokens, readings: Sequence[ValueReading], instance: Instance, limit: int) -> None:
        self.layout = layout
        self.tokens = tokens
        self.readings = readings
        self.instance = instance
        self.limit = limit
        self.starts = {match.first: match for match in instance.matches}
        self.band = -1
        self.current: RowReading | None = None
        self.foreign = -1  # a word, or the last number behind it, whose numbers belong to no field of the form
        self.label_row = -1  # a certain row that began with a word that is no label of the form
        self.orphan_row = -1
        self.prose_row = -1  # a line of prose that ends in numbers

    def run(self) -> None:
        items = self.tokens.items
        index = self.instance.first
        while index < self.limit:
            match = self.starts.get(index)
            if match is not None:
                self._enter(match)
                index = match.last + 1
                continue
            token = items[index]
            if index > self.instance.last and self._is_outside(token):
                self.instance.followed_by_number = self._number_is_near(index)
                break
            if self.readings[index].kind == "text":
                self._word(token)
            else:
                self._value(token)
            index += 1
        self.instance.end = index
        self._finish()

    def _is_outside(self, token: Token) -> bool:
        """Behind the last label only what goes on in the same table, or numbers in loose text, still belongs to it."""
        last = self.tokens.items[self.instance.last]
        if token.table != last.table:
            return True
        if token.table >= 0 or self.readings[token.index].kind != "text":
            return False
        if self.current is not None and self._belongs_to_row(self.current, token, self.tokens.row_known[token.row]):
            return False
        if self.current is None and len(token.text) <= MAX_HEADER_LINE and self._is_header_fragment(token):
            return False
        return not self._opens_another_row(token)

    def _opens_another_row(self, token: Token) -> bool:
        """Whether a word on a loose line has as many numbers behind it as the rows of this table: a row of the agency's own."""
        if not self.instance.rows or len(token.text) > MAX_LOOSE_LABEL:
            return False
        count = len(self.layout.leaves(self.instance.rows[-1].station))
        kinds = [reading.kind for reading in self.readings[token.index + 1 : token.index + 1 + count]]
        return len(kinds) == count and all(kind == "number" for kind in kinds)

    def _number_is_near(self, index: int) -> bool:
        """Whether a number stands among the next few tokens: it may be one that the last row is short of."""
        return any(reading.kind == "number" for reading in self.readings[index : index + 3])

    def _enter(self, match: Match) -> None:
        station = self.layout.stations[match.station]
        token = self.tokens.items[match.last]
        self.band = station.band if station.band >= 0 else self.band
        self.current = None
        self.orphan_row = -1
        if station.kind == "row" and station.has_values:
            known = self.tokens.row_known[token.row]
            padding = self.tokens.row_padding[token.row]
            self.current = RowReading(station.order, match, [], token.row, known, padding)
            self.instance.rows.append(self.current)
        elif station.kind == "row":
            # Numbers right behind a whole label that has none in the form are another row's, whose label it only resembles;
            # behind a part of it they may be those of a row that stands beside it.
            body = self.layout.folder.fold(token.text).body
            if any(body in (label.body, label.core) for label in station.labels):
                self.foreign = match.last

    def _value(self, token: Token) -> None:
        known = self.tokens.row_known[token.row]
        current = self.current
        if current is not None and (not known or current.row == token.row) and self._may_go_on(current, token):
            current.values.append(token)
            return
        if token.row == self.prose_row:
            return
        blank = self.readings[token.index].kind == "blank"
        if (known and self.label_row == token.row) or self._is_foreign(token):
            self.foreign = token.index
            if not blank:
                self._add_extra(token)
            return
        may_be_slot = blank and known and (self._row_has_match(token.row) or self.orphan_row != token.row)
        if may_be_slot and not self._row_is_values_only(token):
            return
        if not self._goes_on(token):
            self.instance.orphans.append([])
        self.orphan_row = token.row
        self.instance.orphans[-1].append(token)

    def _is_foreign(self, token: Token) -> bool:
        """Whether the value stands right behind a label that has no numbers in the form, or is no label of it."""
        if self.foreign < 0 or self.foreign != token.index - 1:
            return False
        return not self.tokens.row_known[token.row] or self.tokens.items[self.foreign].row == token.row

    def _add_extra(self, token: Token) -> None:
        runs = self.instance.extra
        if runs and runs[-1][-1].index == token.index - 1:
            runs[-1].append(token)
        else:
            runs.append([token])

    def _goes_on(self, token: Token) -> bool:
        """Whether the value goes on a run of values without a row: in the same row, or on the next line where rows are not certain."""
        if self.orphan_row < 0 or not self.instance.orphans:
            return False
        last = self.instance.orphans[-1][-1]
        certain = self.tokens.row_known[token.row] or self.tokens.row_known[last.row]
        return last.row == token.row or (not certain and last.index == token.index - 1)

    def _row_has_match(self, row: int) -> bool:
        return any(self.tokens.items[match.last].row == row for match in self.instance.matches)

    def _row_is_values_only(self, token: Token) -> bool:
        """Whether a certain row holds numbers and no words: a blank at its start is then one of its values."""
        if not self.tokens.row_known[token.row]:
            return False
        items = self.tokens.items
        index = token.index
        while index < len(items) and items[index].row == token.row:
            if self.readings[index].kind == "text":
                return False
            index += 1
        return token.index == 0 or items[token.index - 1].row != token.row

    def _word(self, token: Token) -> None:
        known = self.tokens.row_known[token.row]
        current = self.current
        if current is not None and (not known or current.row == token.row):
            if not known and not current.values and self._continues_label(current, token):
                return
            if self._belongs_to_row(current, token, known):
                current.values.append(token)
                return
            if current.values and not known and any(c.isdigit() for c in token.text) and not any(c.isalpha() for c in token.text):
                # Digits that are no number by themselves, right behind one: the tail of a number that was cut.
                current.excess = [token]
                self.instance.orphans.append(current.excess)
                return
        if not known:
            self.current = None
            self.orphan_row = -1
        if known and (self._is_text_cell(token) or self._is_cell_of_bare_row(token)):
            if not self._goes_on(token):
                self.instance.orphans.append([])
            self.orphan_row = token.row
            self.instance.orphans[-1].append(token)
            return
        if self._is_header_fragment(token):
            return
        if token.table < 0 and len(token.text) > MAX_LOOSE_LABEL:
            self.prose_row = token.row
            self.instance.prose.append(token)
            return
        self.instance.leftover.append(token)
        self.foreign = token.index
        if known:
            self.label_row = token.row

    def _belongs_to_row(self, current: RowReading, token: Token, known: bool) -> bool:
        """A word in a value's place: a text column's content, or something that is not the number it should be."""
        if known:
            return True
        leaves = self.layout.leaves(current.station)
        if len(current.values) >= len(leaves):
            return False
        if leaves[len(current.values)].kind == "text":
            return len(token.text) <= 4
        digits = sum(char.isdigit() for char in token.text)
        return len(token.text) <= 16 and 2 * digits >= len(token.text) and not self.layout.candidates(token.text)

    def _is_text_cell(self, token: Token) -> bool:
        """The word of a text column at the start of a row whose label stands on another line."""
        if self.band < 0 or len(token.text) > 4 or token.row == self.label_row or self._row_has_match(token.row):
            return False
        band = self.layout.form.tables[self.instance.table].bands[self.band]
        if all(leaf.kind == "value" for leaf in band.leaf_columns()):
            return False
        following = token.index + 1
        return (
            following < len(self.tokens)
            and self.tokens.items[following].row == token.row
            and self.readings[following].kind != "text"
            and (token.index == 0 or self.tokens.items[token.index - 1].row != token.row)
        )

    def _is_cell_of_bare_row(self, token: Token) -> bool:
        """Whether a word stands among the numbers of the one row of a table without row labels, where one of them should be."""
        if (self.instance.table, self.band) not in self.layout.bare_bands or self._row_has_match(token.row):
            return False
        items, first, end = self.tokens.items, token.index, token.index + 1
        while first > 0 and items[first - 1].row == token.row:
            first -= 1
        while end < len(items) and items[end].row == token.row:
            end += 1
        numbers = sum(1 for reading in self.readings[first:end] if reading.kind == "number")
        leaves = self.layout.form.tables[self.instance.table].bands[self.band].leaf_columns()
        return end - first == len(leaves) and 2 * numbers >= len(leaves)

    def _continues_label(self, current: RowReading, token: Token) -> bool:
        body = self.layout.folder.fold(token.text).body
        return bool(body) and any(label.body.endswith(body) for label in self.layout.stations[current.station].labels)

    def _is_header_fragment(self, token: Token) -> bool:
        """A part of a label of this band that a line break or a wrapped header has cut off."""
        labels, row_labels = self.layout.band_labels(self.instance.table, self.band)
        for word in token.text.split():
            body = self.layout.folder.fold(word).body
            if not body or self.layout.folder.is_enumerator(word):
                continue
            if body not in labels or (body in row_labels and self.instance.rows):
                return False
        return True

    # -- after the walk ---------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        self._part_row_numbers()
        self._part_columns_beside()
        self._take_named_row()
        self._cut_runs()
        self._place_unlabelled()
        if self.instance.extra:
            self.instance.extra = [run for run in self.instance.extra if any(self.readings[t.index].kind == "number" for t in run)]

    def _part_row_numbers(self) -> None:
        """Numbers that open certain rows with words behind them and count up one by one number the rows: they are no values."""
        opening = [run for run in self.instance.orphans if len(run) == 1 and self._opens_row(run[0])]
        numbers = [self.readings[run[0].index].value for run in opening]
        if len(opening) < MIN_ROW_NUMBERS or any(value is None for value in numbers):
            return
        if all(after == before + 1 for before, after in itertools.pairwise(value for value in numbers if value is not None)):
            self.instance.row_numbers = [run[0] for run in opening]
            self.instance.orphans = [run for run in self.instance.orphans if run not in opening]

    def _part_columns_beside(self) -> None:
        """Take out the cells below headers that are none of the form's, where each of its own columns has a header and each row a cell below it."""
        rows = [row for row in self.instance.rows if row.values]
        bands = {self.layout.stations[row.station].band for row in rows}
        if len(bands) != 1 or len(rows) < MIN_ROWS_BESIDE or any(token.col is None for row in rows for token in row.values):
            return
        leaves = self.layout.leaves(rows[0].station)
        headers: dict[int, set[int]] = {}  # leaf -> columns under its headers
        header_rows: set[int] = set()
        for match in self.instance.matches:
            station, token = self.layout.stations[match.station], self.tokens.items[match.last]
            if station.kind in ("column", "stub-head") and token.index < rows[0].values[0].index:
                header_rows.add(token.row)
                if station.leaf is not None and token.col is not None and match.similarity >= SURE_HEADER:
                    headers.setdefault(station.leaf, set()).add(token.col)
        if len(headers) != len(leaves) or any(len(cols) != 1 for cols in headers.values()):
            return
        own = set().union(*headers.values())
        others = {
            col
            for token in self.instance.leftover
            if token.row in header_rows and token.col is not None
            for col in range(token.col, token.col + token.col_span)
        }
        if own & others or not others:
            return
        if any(not own <= {token.col for token in row.values} <= own | others for row in rows):
            return
        for row in rows:
            self.instance.beside += [token for token in row.values if token.col not in own and token.text]
            row.values = [token for token in row.values if token.col in own]

    def _take_named_row(self) -> None:
        """The one row of a table without row labels, where a clerk has named it: the only cells behind such a word, as many as there are columns."""
        read = self.instance.stations_read()
        for station in self.layout.row_fields:
            if self.layout.stations[station].table != self.instance.table or self.layout.stations[station].labels or station in read:
                continue
            count = len(self.layout.leaves(station))
            runs = [run for run in self.instance.extra if run[0].index > self._last_header() and len(run) > 1]
            if (
                count > 1
                and len(runs) == 1
                and len(runs[0]) == count
                and len({token.row for token in runs[0]}) == 1
                and not self.instance.orphans
            ):
                self.instance.extra.remove(runs[0])
                self.instance.orphans.append(runs[0])

    def _opens_row(self, token: Token) -> bool:
        items, following = self.tokens.items, token.index + 1
        if not self.tokens.row_known[token.row] or self.readings[token.index].kind != "number" or following >= len(items):
            return False
        goes_on = items[following].row == token.row and self.readings[following].kind == "text"
        return goes_on and (token.index == 0 or items[token.index - 1].row != token.row)

    def _cut_runs(self) -> None:
        """Where rows run together, a row has no more values than columns; the rest is a run of its own.

        Too few numbers on loose lines below a label, where other rows are certain and complete, are no values: a page number, a note.
        """
        complete = any(row.row_known and len(row.values) >= len(self.layout.leaves(row.station)) for row in self.instance.rows)
        for row in self.instance.rows:
            count = len(self.layout.leaves(row.station))
            if complete and not row.row_known and 0 < len(row.values) < count and self.layout.leaves(row.station)[0].kind != "text":
                self.instance.orphans.append(row.values)
                row.values = []
                continue
            if row.row_known or len(row.values) <= count:
                continue
            if sum(1 for token in row.values if token.text) <= count:
                continue  # empty cells among them: which are the row's is decided with the columns
            rest = row.values[count:]
            row.values = row.values[:count]
            row.excess = row.excess or rest
            self.instance.orphans.append(rest)
        self.instance.orphans.sort(key=lambda run: run[0].index)

    def _place_unlabelled(self) -> None:
        """Give runs of values without a label to rows of the form that have no numbers yet, where there is one way only.

        Rows with numbers beside their labels hold the order: between two of them as many runs as rows must be missing. Else a run that stands
        right below a label without numbers is that label's.
        """
        remaining: list[list[Token]] = []
        for low, high, found in self._gaps():
            free = self._free_rows(low, high)
            runs = [run for run in found if any(self._fits(station, run) for station in free)]
            printed = [run for run in runs if any(token.text for token in run)]
            if len(printed) == len(free) < len(runs):
                runs = printed  # the others are rows that somebody left empty
            counted = [run for run in runs if not self._counts_up(run)]
            if len(counted) == len(free) < len(runs):
                self.instance.row_numbers = [*self.instance.row_numbers, *(token for run in runs if run not in counted for token in run)]
                found = [run for run in found if run not in runs or run in counted]
                runs = counted  # the others number the columns
            remaining.extend(run for run in found if run not in runs)
            parts = self._parts_of_one_row(free, found)
            if parts:
                self._place(free[0], parts, "the row is printed in parts, each below its own headers")
                remaining = [run for run in remaining if run not in found]
                continue
            fits = len(free) == len(runs) and all(
                self._fits(station, run) and self._words_agree(station, run) for station, run in zip(free, runs, strict=True)
            )
            if fits:
                for station, run in zip(free, runs, strict=True):
                    labelled = bool(self.layout.stations[station].labels)
                    self._place(station, run, "placed by order: no label is printed beside it" if labelled else None)
                continue
            below: dict[int, list[Token]] = {}  # row -> the run placed below its label
            for run in runs:
                above = self._label_above(run)
                if above is None or above not in free or not self._fits(above, run):
                    remaining.append(run)
                elif above in below:
                    # Two runs right below parts of one label: which one is its own is not known.
                    remaining.append(run)
                    self._doubt(above, run)
                else:
                    self._place(above, run, "numbers printed in the row below the label")
                    below[above] = run
        self.instance.orphans = [run for run in remaining if self._has_number(run)]
        self._note_tails()
        self._note_heads()
        self._keep_best_readings()
        self.instance.rows.sort(key=lambda row: row.match.first if row.match else row.values[0].index)

    def _counts_up(self, run: Sequence[Token]) -> bool:
        """Whether a run is 1, 2, 3 and so on, as long as the form's row without a label is wide."""
        values = [self.readings[token.index].value for token in run]
        return len(run) >= MIN_ROW_NUMBERS and values == list(range(1, len(run) + 1))

    def _note_heads(self) -> None:
        """A number without a place on the line right above a label whose own stand on the line below: both may be parts of one."""
        over = {run[-1].index: run for run in self.instance.orphans if run[-1].table < 0}
        for row in self.instance.rows:
            if row.values and row.values[-1].table < 0 and len(row.values) > len(self.layout.leaves(row.station)):
                over[row.values[-1].index] = row.values[-1:]
        items = self.tokens.items
        for row in self.instance.rows:
            if row.match is None or not row.values or row.excess or items[row.match.last].row == row.values[-1].row:
                continue
            run = over.get(row.match.first - 1)
            if run is not None and run[-1].row == items[row.match.first].row - 1:
                row.excess = run
                if run not in self.instance.orphans:
                    self.instance.orphans.append(run)

    def _parts_of_one_row(self, free: Sequence[int], found: Sequence[list[Token]]) -> list[Token]:
        """The cells of the one row of a table without row labels that is cut into tables side by side; empty when it is not.

        Each run of cells stands right below the headers of as many columns, and these are the form's, in its order, from the first to the last.
        """
        if len(free) != 1 or len(found) < 2 or self.layout.stations[free[0]].labels:
            return []
        cells: list[Token] = []
        before = self.instance.first - 1
        for run in found:
            between = (match for match in self.instance.matches if before < match.first and match.last < run[0].index)
            leaves = [leaf for match in between if (leaf := self.layout.stations[match.station].leaf) is not None]
            if run[0].col is None or sorted(leaves) != list(range(len(cells), len(cells) + len(run))):
                return []
            cells += run
            before = run[-1].index
        return cells if len(cells) == len(self.layout.leaves(free[0])) and self._has_number(cells) else []

    def _doubt(self, station: int, run: list[Token]) -> None:
        for row in self.instance.rows:
            if row.station == station:
                row.excess = run

    def _note_tails(self) -> None:
        """A lone number on the line right below a row's values may be the rest of the last one, wrapped."""
        ends = {row.values[-1].index: row for row in self.instance.rows if row.values and row.row_known}
        for run in self.instance.orphans:
            above = ends.get(run[0].index - 1)
            if above is not None and run[0].table < 0 and len(run) == 1 and run[0].row == above.row + 1 and self._may_go_on(above, run[0]):
                above.excess = run
        for token in self.instance.leftover:
            digits = sum(char.isdigit() for char in token.text)
            before = [row for row in self.instance.rows if row.values and row.values[-1].index < token.index]
            if token.table < 0 and 2 * digits >= len(token.text) and before:
                above = max(before, key=lambda row: row.values[-1].index)
                above.excess = [token]
                self.instance.orphans.append(above.excess)

    def _may_go_on(self, row: RowReading, token: Token) -> bool:
        """Whether a number may be one of a row, or the rest of its last one; loose ones of a page only below that."""
        if not row.values or not row.row_known or token.row == row.row:
            return True
        start = row.values[0] if row.match is None else self.tokens.items[row.match.first]
        return _may_go_on(start, row.values[-1], token)

    def _gaps(self) -> Iterator[tuple[int, int, list[list[Token]]]]:
        """Runs grouped by the rows with numbers they stand between: (station before, station after, runs)."""
        by_gap: dict[tuple[int, int], list[list[Token]]] = {}
        first, end = self._table_range()
        anchors = [(row.values[0].index, row.station) for row in self.instance.rows if row.values]
        for run in self.instance.orphans:
            low = max((station for index, station in anchors if index < run[0].index), default=first - 1)
            high = min((station for index, station in anchors if index > run[0].index), default=end)
            by_gap.setdefault((low, high), []).append(run)
        for (low, high), runs in by_gap.items():
            yield low, high, runs

    def _free_rows(self, low: int, high: int) -> list[int]:
        """Rows of the form strictly between two stations that have no cell yet."""
        taken = {row.station for row in self.instance.rows if row.values or row.padding}
        return [
            station.order
            for station in self.layout.stations[max(low + 1, 0) : max(high, 0)]
            if station.kind == "row" and station.has_values and station.table == self.instance.table and station.order not in taken
        ]

    def _label_above(self, run: list[Token]) -> int | None:
        """The row whose label, without numbers of its own, is the last label before the run."""
        before = [match for match in self.instance.matches if match.last < run[0].index]
        if not before or not self.layout.stations[before[-1].station].has_values:
            return None
        is_next_row = run[0].row == self.tokens.items[before[-1].last].row + 1
        return before[-1].station if is_next_row and self._words_agree(before[-1].station, run) else None

    def _fits(self, station: int, run: list[Token]) -> bool:
        count = len(self.layout.leaves(station))
        labelled = bool(self.layout.stations[station].labels)
        if labelled:
            return len(run) == count and self._has_number(run)
        if run[0].index < self._last_header():
            return False  # the one row of a table without row labels stands below its header
        is_marked = sum(1 for token in run if token.text) == count  # marks for nothing, and blank slots that other rows have more
        return len(run) == count or is_marked or self._has_number(run) or len(run) < count <= len(run) + self.tokens.row_padding[run[0].row]

    def _words_agree(self, station: int, run: Sequence[Token]) -> bool:
        """Whether the words beside a run, parts of wrapped labels, are parts of this row's label or of a label it stands under."""
        first = run[0]
        if not self.tokens.row_known[first.row] or not self.layout.stations[station].labels:
            return True
        labels = [label.body for above in lineage(self.layout.stations, station) for label in above.labels]
        index = first.index - 1
        while index >= 0 and self.tokens.items[index].row == first.row:
            for word in self.tokens.items[index].text.split():
                body = self.layout.folder.fold(word).body
                is_part = self.layout.folder.is_enumerator(word) or any(body in label for label in labels)
                if body and not is_part:
                    return False
            index -= 1
        return True

    def _last_header(self) -> int:
        kinds = ("column", "stub-head", "section")
        return max((m.last for m in self.instance.matches if self.layout.stations[m.station].kind in kinds), default=-1)

    def _has_number(self, run: Sequence[Token]) -> bool:
        return any(self.readings[token.index].kind == "number" for token in run)

    def _keep_best_readings(self) -> None:
        """Of several rows read as one row of the form the one with all its numbers is kept: a word of a menu may be a label too."""
        best: dict[int, RowReading] = {}
        for row in self.instance.rows:
            kept, dropped = row, best.get(row.station)
            if dropped is not None and self._completeness(dropped) >= self._completeness(row) and not self._is_of_menu(dropped, row):
                kept, dropped = dropped, row
            best[row.station] = kept
            if dropped is row and self._completeness(row)[0]:
                self.instance.doubled.append(row)
            elif dropped is not None and self._has_number(dropped.values) and not kept.excess:
                # Numbers that are dropped are never dropped in silence: they may be the tail of a wrapped one.
                kept.excess = dropped.values
                self.instance.orphans.append(kept.excess)
        self.instance.rows = list(best.values())

    def _is_of_menu(self, row: RowReading, other: RowReading) -> bool:
        """Whether a row without a single cell stands above all headers of the table, and another one of its kind below one of them."""
        if row.values or row.match is None or other.match is None:
            return False
        heads = [m.first for m in self.instance.matches if self.layout.stations[m.station].kind in ("section", "stub-head", "column")]
        return bool(heads) and row.match.first < min(heads) < other.match.first

    def _completeness(self, row: RowReading) -> tuple[bool, bool, int]:
        count = len(self.layout.leaves(row.station))
        return len(row.values) >= count and self._has_number(row.values), len(row.values) >= count, len(row.values)

    def _place(self, station: int, run: list[Token], rule: str | None) -> None:
        row = run[0].row
        for known in self.instance.rows:
            if known.station == station:
                known.values = run
                known.rule = "numbers printed in the row below the label"
                return
        self.instance.rows.append(RowReading(station, None, list(run), row, self.tokens.row_known[row], self.tokens.row_padding[row], rule))

    def _table_range(self) -> tuple[int, int]:
        orders = [station.order for station in self.layout.stations if station.table == self.instance.table]
        return orders[0], orders[-1] + 1
