"""The placement of a form on a document: which reports are in it, where each field was printed, and how sure that is.

tokens -> label chain -> table instances -> rows -> columns -> placements. Labels decide which form it is, never the year: every form is laid over
the page and the one that explains more of it wins, region by region.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.forms.alignment import Alignment
from pipeline.forms.chain import History, find_chain, find_likely
from pipeline.forms.doubts import doubt_mixed, is_deduplicated
from pipeline.forms.misread import place_misread_rows
from pipeline.forms.placing import place_fields
from pipeline.forms.rows import Instance, read_instances
from pipeline.forms.stations import MAX_LABEL, SURE_LABEL, FormLayout
from pipeline.forms.tokens import Tokens
from pipeline.values.numbers import ValueReading

__all__ = ["align_forms"]

MIN_TABLE_WEIGHT = 2.5  # labels must be worth this much to be a table of the form and not a few words that look alike
MIN_EXACT_STATIONS = 2
MAX_ODD_NUMBER = 12  # characters of a number that cannot be read, its counter and marks with it
MIN_BARE_ROWS = 4  # rows that make a table of the form where none of its headers is printed


def align_forms(layouts: Sequence[FormLayout], tokens: Tokens) -> list[Alignment]:
    """Every report found in the document, in document order."""
    likely: dict[int, list[int]] = {}  # by the words of the forms
    for layout in layouts:
        if id(layout.words) not in likely:
            likely[id(layout.words)] = find_likely(layout.words, tokens, tokens.read(layout.numbers))
    chosen: list[Alignment] = []
    for alignment in sorted(_read_reports(layouts, tokens, likely), key=lambda item: -item.score):
        if not any(_overlap(alignment, other) for other in chosen):
            chosen.append(alignment)
    chosen.sort(key=lambda item: item.first)
    for alignment in chosen:
        readings = tokens.read(alignment.layout.numbers)
        alignment.deduplicated = is_deduplicated(alignment, tokens, readings)
        place_fields(alignment, tokens, readings)
    doubt_mixed(chosen)
    return chosen


def _read_reports(layouts: Sequence[FormLayout], tokens: Tokens, likely: Mapping[int, Sequence[int]]) -> list[Alignment]:
    """The reports of every form, in the order of the forms, without those that are certain to give way to one of another form.

    No report can score more than its form's labels are worth. The form whose labels may be worth the most is read first; another one whose
    labels are worth less than its best report, and all stand within that report, has none that could be chosen.
    """
    bounds = [_bound(layout, tokens, likely[id(layout.words)]) for layout in layouts]
    found: dict[int, list[Alignment]] = {}
    best: Alignment | None = None
    for number in sorted(range(len(layouts)), key=lambda number: -bounds[number].worth):
        layout, bound = layouts[number], bounds[number]
        its_likely = likely[id(layout.words)]
        if bound.exact_stations < MIN_EXACT_STATIONS:
            continue
        if best is not None and bound.gives_way(best) and _with_joined(bound, layout, tokens, its_likely).gives_way(best):
            continue
        readings = tokens.read(layout.numbers)
        matches, _ = find_chain(layout, tokens, readings, its_likely)
        if not matches:
            continue
        worth = sum(match.candidate.weight for match in matches)
        if best is not None and _Bound(worth, matches[0].first, max(match.last for match in matches)).gives_way(best):
            continue
        instances = read_instances(layout, tokens, readings, matches)
        for instance in instances:
            place_misread_rows(layout, tokens, readings, instance)
        found[number] = _group_reports(layout, tokens, readings, instances)
        best = max(found[number] if best is None else [best, *found[number]], key=lambda item: item.score, default=None)
    return [alignment for number in sorted(found) for alignment in found[number]]


class _Bound(NamedTuple):
    """What the labels of a form are worth at most, and the tokens they stand within. `exact_stations`: how many are printed word for word."""

    worth: float
    first: int
    last: int
    exact_stations: int = 0

    def gives_way(self, best: Alignment) -> bool:
        """Whether no report of these labels can be chosen beside that one."""
        return self.worth < best.score and best.first <= self.first and self.last < best.end


def _bound(layout: FormLayout, tokens: Tokens, likely: Sequence[int]) -> _Bound:
    """A cheap look before any path is searched: what the tokens may be worth one by one."""
    items = tokens.items
    total = 0.0
    first = last = -1
    exact: set[int] = set()
    for index in likely:
        most, station = layout.worth(items[index].text)
        if most:
            total += most
            first, last = index if first < 0 else first, index
            exact.add(station)
    return _Bound(total, first, last, len(exact - {-1}))


def _with_joined(bound: _Bound, layout: FormLayout, tokens: Tokens, likely: Sequence[int]) -> _Bound:
    """The bound with the labels that line breaks have cut."""
    readings = tokens.read(layout.numbers)
    worth, first, last, _ = bound
    history: History[bool] = History()
    for index in likely:
        token, kind = tokens.items[index], readings[index].kind
        text = token.text
        if kind != "text" or len(text) > MAX_LABEL:
            history.pass_over(token, kind, is_certain=tokens.row_known[token.row])
            continue
        most = own = layout.worth(text)[0]
        for start, _ in history.of(token, layout.candidates(text)):
            joined = "".join([item.text for item in tokens.items[start : index + 1]])
            whole = layout.worth(joined)[0]
            if whole:
                first, last, most = min(first, start), max(last, index), max(most, whole)
        worth += most - own
        history.add(token, True if layout.may_begin_label(text) else None)
    return _Bound(worth, first, last)


def _overlap(one: Alignment, other: Alignment) -> bool:
    return one.first < other.end and other.first < one.end


# ---- reports --------------------------------------------------------------------------------------------------------


def _group_reports(layout: FormLayout, tokens: Tokens, readings: Sequence[ValueReading], instances: Sequence[Instance]) -> list[Alignment]:
    """Printings of tables -> reports. A table that comes again opens a new report when it is the report's first table again."""
    reports: list[Alignment] = []
    current: Alignment | None = None
    blank = _find_blank_tables(layout, tokens, readings, instances)
    for number, instance in enumerate(instances):
        if number not in blank and not any(row.values or row.padding for row in instance.rows):
            instance.rows = []  # labels without a single cell behind them: pooled apart from their numbers, or quoted in prose
        weight = _weight(instance)
        only_caption = all(layout.stations[match.station].kind == "caption" for match in instance.matches)
        if not only_caption and (weight < MIN_TABLE_WEIGHT or len({m.station for m in instance.matches}) < 2):
            if current is not None and _fills_blanks(current, instance, readings):
                current.repeats.append(instance)
            continue
        sure = [match for match in instance.matches if match.similarity >= SURE_LABEL]
        if all(layout.stations[m.station].kind == "row" for m in sure) and len(instance.rows) < MIN_BARE_ROWS:
            if current is not None and _fills_blanks(current, instance, readings):
                current.repeats.append(instance)
            continue
        if current is None:
            current = Alignment(layout, [])
        if only_caption:
            if instance.table in current.captions and instance.table in current.tables_read() and _restarts(current, instance):
                reports.append(current)
                current = Alignment(layout, [])
            current.captions.add(instance.table)
            current.score += 0.1 * weight
            current.instances.append(instance)
            continue
        if any(layout.stations[match.station].kind == "caption" for match in instance.matches):
            current.captions.add(instance.table)
        earlier = [other for other in current.instances if other.table == instance.table and other.rows]
        read = set().union(*(other.stations_read() for other in earlier)) if earlier else set()
        again = read & instance.stations_read()
        if again:
            if _same_values(earlier, instance, readings):
                current.repeats.append(instance)
                current.score += 0.1 * weight
                continue
            if not _restarts(current, instance) or (_is_bare(layout, instance) and len(instance.rows) < len(read)):
                current.repeats.append(instance)
                continue
            others = [other for other in current.instances if other.rows]
            if all(_is_bare(layout, other) for other in others) and len(read) < len(instance.rows):
                # A list of the clerk's own above the tables: what it says otherwise is a conflict.
                current.instances = [other for other in current.instances if not other.rows]
                current.repeats += others
            else:
                reports.append(current)
                current = Alignment(layout, [])
        current.instances.append(instance)
        current.score += weight
    if current is not None:
        reports.append(current)
    kept = []
    for report in reports:
        if not report.tables_read():
            continue  # headings only: whether that is a report its title must say
        report.first = min(instance.first for instance in report.instances)
        report.end = max(max(instance.end, instance.last + 1) for instance in (*report.instances, *report.repeats))
        kept.append(report)
    return kept


def _find_blank_tables(layout: FormLayout, tokens: Tokens, readings: Sequence[ValueReading], instances: Sequence[Instance]) -> set[int]:
    """The printings (by number) of tables that nobody has filled in: every row's label in its place and not a single cell behind any.

    Only where no number without a row stands in the document, nor any between the tables beside: labels may be pooled apart from their numbers.
    """
    if any(instance.orphans or instance.extra for instance in instances):
        return set()
    found: set[int] = set()
    for number, instance in enumerate(instances):
        if any(row.values or row.padding for row in instance.rows):
            continue
        printed = {row.station for row in instance.rows if row.match is not None and row.match.similarity >= SURE_LABEL}
        labelled = {
            station.order
            for station in layout.stations
            if station.kind == "row" and station.has_values and station.labels and station.table == instance.table
        }
        start = instances[number - 1].end if number else 0
        end = instances[number + 1].first if number + 1 < len(instances) else len(readings)
        if not labelled or not printed >= labelled or any(reading.kind == "number" for reading in readings[start:end]):
            continue
        if _has_last_columns(layout, instance) and not _has_odd_digits(layout, instance, tokens):
            found.add(number)
    return found


def _has_last_columns(layout: FormLayout, instance: Instance) -> bool:
    """Whether the header of the last column is printed in each band that has row labels: else whole columns are gone, and not blank."""
    bands = {layout.stations[row.station].band for row in instance.rows}
    lasts: dict[int, int] = {}
    for station in layout.stations:
        if station.table == instance.table and station.band in bands and station.leaf is not None:
            lasts[station.band] = max(lasts.get(station.band, -1), station.leaf)
    headed = {(station.band, station.leaf) for match in instance.matches if (station := layout.stations[match.station]).leaf is not None}
    return all((band, leaf) in headed for band, leaf in lasts.items())


def _has_odd_digits(layout: FormLayout, instance: Instance, tokens: Tokens) -> bool:
    """Whether a short text with digits that is no label stands in the table: a number that cannot be read, maybe."""
    labels = {index for match in instance.matches for index in range(match.first, match.last + 1)}
    return any(
        token.index not in labels and len(token.text) <= MAX_ODD_NUMBER and any(map(str.isdigit, token.text))
        for token in tokens.items[instance.table_start(layout) : instance.end]
    )


def _fills_blanks(report: Alignment, instance: Instance, readings: Sequence[ValueReading]) -> bool:
    """Whether rows of a table, too few for a table of their own, have numbers where those read before them as the same rows are blank."""
    blank = {
        row.station
        for other in report.instances
        if other.table == instance.table
        for row in other.rows
        if not any(readings[token.index].kind == "number" for token in row.values)
    }
    return any(
        row.station in blank and any(token.table >= 0 and readings[token.index].kind == "number" for token in row.values)
        for row in instance.rows
    )


def _is_bare(layout: FormLayout, instance: Instance) -> bool:
    """Whether nothing but labels of rows is printed, where the form has headers: a list in prose that names the same things, maybe."""
    heads = (match for match in instance.matches if layout.stations[match.station].kind in ("section", "stub-head", "column"))
    return not any(match.similarity >= SURE_LABEL for match in heads)


def _weight(instance: Instance) -> float:
    best: dict[int, float] = {}
    for match in instance.matches:
        best[match.station] = max(best.get(match.station, 0.0), match.candidate.weight)
    return sum(best.values())


def _restarts(report: Alignment, instance: Instance) -> bool:
    with_rows = [other.table for other in report.instances if other.rows]
    return bool(with_rows) and instance.table == with_rows[0]


def _same_values(earlier: Sequence[Instance], instance: Instance, readings: Sequence[ValueReading]) -> bool:
    known = {row.station: row for other in earlier for row in other.rows}
    for row in instance.rows:
        first = known.get(row.station)
        if first is None:
            continue
        if [readings[t.index].value for t in first.values] != [readings[t.index].value for t in row.values]:
            return False
    return True
