"""The placement of a form on a document: which reports are in it, where each field was printed, and how sure that is.

tokens -> label chain -> table instances -> rows -> columns -> placements. Labels decide which form it is, never the year: every form is laid over
the page and the one that explains more of it wins, region by region.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from pipeline.forms.chain import MAX_LABEL, find_chain, find_likely
from pipeline.forms.columns import Assignment, ColumnExtents, LineGaps, RowLines, assign_columns, find_extents, find_gaps, part_words
from pipeline.forms.rows import Instance, RowReading, read_instances
from pipeline.forms.stations import FormLayout
from pipeline.forms.tokens import Token, Tokens
from pipeline.model.form import Field
from pipeline.model.place import TextPlace
from pipeline.values.numbers import ValueReading

__all__ = ["CONFIDENCE_FLOOR", "LABEL_DOUBT", "Alignment", "Placement", "align_forms", "place_nothing"]

# One floor decides whether a placement is accepted or flagged. How it was chosen: docs/decisions.
CONFIDENCE_FLOOR = 0.85
MIN_TABLE_WEIGHT = 2.5  # labels must be worth this much to be a table of the form and not a few words that look alike
MIN_EXACT_STATIONS = 2
MIN_CUT_ROWS = 2
MIN_DEDUPLICATED_TEXTS = 12
MAX_REPEATED_TEXTS = 2
MIN_LABELS_DROPPED = 2
MIN_NUMBERS_APART = 6  # so many numbers of a report are hardly all different
MIN_HOLLOW_ROWS = 3
MIN_BLANK_ROWS = 3  # rows without a number that make it likely that another one has none
MIN_BARE_ROWS = 4  # rows that make a table of the form where none of its headers is printed

LABEL_DOUBT = "its printed label is only like the form's"
PLACE_DOUBT = "its numbers may be another row's, or cut"
TAIL_DOUBT = "only at its end is a cell blank, which no other row of this clerk has: a cell may be missing, and those behind it have moved"
MAX_TAILS = 4  # rows that are blank at their end only; more of them are the clerk's habit
MIN_ZEROS = 4  # zeros printed by a clerk who leaves no zero out

PlacementKind = Literal["value", "blank", "lost", "absent"]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a field is on the page.

    value: `token` is its cell. blank: its cell is there without a number (`token` may be None: nothing left of it). lost: its place is there, its cell
    cannot be told. absent: its row or table is not there.
    """

    kind: PlacementKind
    token: Token | None = None
    confidence: float = 0.0
    rule: str | None = None
    reason: str | None = None
    others: tuple[Token, ...] = ()
    doubt: str = LABEL_DOUBT  # what a low confidence is about
    provable: bool = True  # whether a sum that holds speaks for it: not where the numbers of both its sides may be cut


@dataclass(slots=True)
class Alignment:
    """One report: a form laid over a stretch of the document (token indexes first..end)."""

    layout: FormLayout
    instances: list[Instance]
    repeats: list[Instance] = field(default_factory=list)  # printings of a table that is already read
    placements: dict[str, Placement] = field(default_factory=dict)
    score: float = 0.0
    first: int = 0
    end: int = 0
    columns_doubt: dict[int, str] = field(default_factory=dict)  # first station of a band -> why its columns are not certain
    captions: set[int] = field(default_factory=set)  # tables whose heading is printed
    deduplicated: bool = False
    label_tokens: dict[int, int] = field(default_factory=dict)  # token -> station
    value_tokens: dict[int, str] = field(default_factory=dict)  # token -> pointer
    row_words: dict[int, list[Token]] = field(default_factory=dict)  # row station -> contents of its text columns
    conflicts: dict[str, tuple[Token, Token]] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)  # printed text of label tokens

    def tables_read(self) -> set[int]:
        return {instance.table for instance in self.instances if instance.rows}


def align_forms(layouts: Sequence[FormLayout], tokens: Tokens) -> list[Alignment]:
    """Every report found in the document, in document order."""
    found: list[Alignment] = []
    likely: dict[int, list[int]] = {}  # by the words of the forms
    for layout in layouts:
        readings = tokens.read(layout.numbers)
        if id(layout.words) not in likely:
            likely[id(layout.words)] = find_likely(layout.words, tokens, readings)
        if not _has_exact_stations(layout, tokens, likely[id(layout.words)]):
            continue
        matches, _ = find_chain(layout, tokens, readings, likely[id(layout.words)])
        if not matches:
            continue
        instances = read_instances(layout, tokens, readings, matches)
        found.extend(_group_reports(layout, readings, instances))
    chosen: list[Alignment] = []
    for alignment in sorted(found, key=lambda item: -item.score):
        if not any(_overlap(alignment, other) for other in chosen):
            chosen.append(alignment)
    chosen.sort(key=lambda item: item.first)
    for alignment in chosen:
        readings = tokens.read(alignment.layout.numbers)
        alignment.deduplicated = _is_deduplicated(alignment, tokens, readings)
        _place_fields(alignment, tokens, readings)
    return chosen


def _has_exact_stations(layout: FormLayout, tokens: Tokens, likely: Sequence[int]) -> bool:
    """Whether some different labels of the form are printed word for word: a cheap look before any path is searched."""
    seen: set[int] = set()
    for index in likely:
        text = tokens.items[index].text
        if 2 <= len(text) <= MAX_LABEL and not text.isdigit():
            best = layout.candidates(text)
            if best and best[0].similarity >= 0.95 and any(char.isalpha() for char in text):
                seen.add(best[0].first)
                if len(seen) >= MIN_EXACT_STATIONS:
                    return True
    return False


def _overlap(one: Alignment, other: Alignment) -> bool:
    return one.first < other.end and other.first < one.end


# ---- reports --------------------------------------------------------------------------------------------------------


def _group_reports(layout: FormLayout, readings: Sequence[ValueReading], instances: Sequence[Instance]) -> list[Alignment]:
    """Printings of tables -> reports. A table that comes again opens a new report when it is the report's first table again."""
    reports: list[Alignment] = []
    current: Alignment | None = None
    for instance in instances:
        if not any(row.values or row.padding for row in instance.rows):
            instance.rows = []  # labels without a single cell behind them: pooled apart from their numbers, or quoted in prose
        weight = _weight(instance)
        only_caption = all(layout.stations[match.station].kind == "caption" for match in instance.matches)
        if not only_caption and (weight < MIN_TABLE_WEIGHT or len({m.station for m in instance.matches}) < 2):
            continue
        sure = [match for match in instance.matches if match.similarity >= 0.95]
        if all(layout.stations[m.station].kind == "row" for m in sure) and len(instance.rows) < MIN_BARE_ROWS:
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
            if _restarts(current, instance):
                reports.append(current)
                current = Alignment(layout, [])
            else:
                current.repeats.append(instance)
                continue
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


def _is_deduplicated(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> bool:
    """Whether lines that occurred before were dropped: hardly a text stands twice, and what the form or its numbers would repeat stands once.

    Two tokens may be alike although their lines were not, by a mark beside one of them.
    """
    texts = [token for token in tokens.items[alignment.first : alignment.end] if token.text]
    again = len(texts) - len({token.text for token in texts})
    if len(texts) < MIN_DEDUPLICATED_TEXTS or again > MAX_REPEATED_TEXTS:
        return False
    if _labels_dropped(alignment) >= MIN_LABELS_DROPPED:
        return True
    numbers = [token.text for token in texts if readings[token.index].kind == "number"]
    hollow = [row for instance in alignment.instances for row in instance.rows if _is_hollow(alignment.layout, row, readings)]
    return len(numbers) == len(set(numbers)) >= MIN_NUMBERS_APART and len(hollow) >= MIN_HOLLOW_ROWS


def _labels_dropped(alignment: Alignment) -> int:
    """How many labels that the form prints again and again stand once only, in bands of which other labels are printed."""
    layout = alignment.layout
    matched = {match.station for instance in (*alignment.instances, *alignment.repeats) for match in instance.matches}
    bands = Counter((layout.stations[order].table, layout.stations[order].band) for order in matched)
    by_text: dict[str, list[int]] = {}
    for station in layout.stations:
        if station.text and station.kind != "row":
            by_text.setdefault(station.text, []).append(station.order)
    dropped = 0
    for orders in by_text.values():
        missing = [order for order in orders if order not in matched]
        if len(orders) - len(missing) == 1:
            dropped += sum(bands[layout.stations[order].table, layout.stations[order].band] > 0 for order in missing)
    return dropped


def _is_hollow(layout: FormLayout, row: RowReading, readings: Sequence[ValueReading]) -> bool:
    """Whether a row has fewer values than it has columns."""
    return sum(readings[token.index].kind != "text" for token in row.values) < sum(
        leaf.kind == "value" for leaf in layout.leaves(row.station)
    )


# ---- fields ---------------------------------------------------------------------------------------------------------


def _place_fields(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> None:
    layout = alignment.layout
    for instance in (*alignment.instances, *alignment.repeats):
        for match in instance.matches:
            for index in range(match.first, match.last + 1):
                alignment.label_tokens.setdefault(index, match.station)
                alignment.texts[index] = tokens.items[index].text
    _add_vanished_rows(alignment, tokens)
    for instance in alignment.instances:
        _place_instance(alignment, instance, tokens, readings)
        for band, reason in _doubtful_columns(layout, instance, tokens, readings).items():
            alignment.columns_doubt.setdefault(layout.first_order[instance.table, band], reason)
    _doubt_tails(alignment, readings)
    for instance in alignment.instances:
        _compare_repeat(alignment, instance, instance.doubled, tokens, readings)
    for instance in alignment.repeats:
        _compare_repeat(alignment, instance, instance.rows, tokens, readings)
    tables = alignment.tables_read()
    printed = {match.station for instance in alignment.instances for match in instance.matches}
    for station, fields in layout.row_fields.items():
        table = layout.stations[station].table
        missing = Placement("absent", reason="its row is not printed" if table in tables else "its table is not in the document")
        if station in printed:
            missing = Placement("lost", reason="its label is printed, its numbers are not beside it")
        for item in fields:
            if item is not None:
                alignment.placements.setdefault(item.pointer, missing)


def _add_vanished_rows(alignment: Alignment, tokens: Tokens) -> None:
    """Read the one row of a table without row labels as blank where nothing is left of it but its whole header, and other rows are blank too.

    Only with text behind it, and where no lines were dropped: a text that ends there was cut off.
    """
    layout = alignment.layout
    blank = sum(1 for instance in alignment.instances for row in instance.rows if not any(token.text for token in row.values))
    if alignment.deduplicated or blank < MIN_BLANK_ROWS:
        return
    read = {row.station for instance in alignment.instances for row in instance.rows}
    for instance in alignment.instances:
        printed = {match.station for match in instance.matches}
        for order in layout.row_fields:
            station = layout.stations[order]
            if station.labels or order in read or station.table != instance.table or instance.orphans or instance.end >= len(tokens):
                continue
            columns = {
                other.order
                for other in layout.stations
                if other.leaf is not None and (other.table, other.band) == (station.table, station.band)
            }
            if columns <= printed:
                row = tokens.items[instance.last].row
                rule = "nothing is left of its row, and other rows are blank"
                instance.rows.append(RowReading(order, None, [], row, tokens.row_known[row], rule=rule))


def place_nothing(alignment: Alignment) -> None:
    """Place every field of a report whose tables are not in the document."""
    for item in alignment.layout.form.fields:
        alignment.placements[item.pointer] = Placement("absent", reason="its table is not in the document")


def _place_instance(alignment: Alignment, instance: Instance, tokens: Tokens, readings: Sequence[ValueReading]) -> None:
    # Where row after row has numbers to spare, numbers were cut in two, and a row that looks complete may not be.
    cut_numbers = (
        tokens.cut
        or _labels_are_cut(instance, readings)
        or sum(1 for row in instance.rows if row.excess and row.excess in instance.orphans) >= MIN_CUT_ROWS
    )
    for row, fields, placed in _assigned_rows(alignment, instance, instance.rows, tokens, readings):
        lost = placed.lost or _why_lost(alignment, instance, row, tokens, readings)
        unexplained = cut_numbers or (bool(row.excess) and row.excess in instance.orphans)
        confidence = 0.6 if unexplained else _row_confidence(row, labelled=bool(alignment.layout.stations[row.station].labels))
        doubt = LABEL_DOUBT if row.match is not None and not unexplained else PLACE_DOUBT
        rule = " ; ".join(filter(None, (row.rule, placed.rule))) or None
        for item, token in zip(fields, placed.tokens, strict=True):
            if token is not None and item is None:
                alignment.label_tokens[token.index] = row.station
                alignment.row_words.setdefault(row.station, []).append(token)
                continue
            if item is None or item.pointer in alignment.placements:
                continue
            if lost is not None:
                alignment.placements[item.pointer] = Placement("lost", reason=lost, others=tuple(row.values))
            elif token is None or readings[token.index].kind == "blank":
                alignment.placements[item.pointer] = Placement("blank", token, confidence, rule, doubt=doubt, provable=not cut_numbers)
            else:
                alignment.placements[item.pointer] = Placement("value", token, confidence, rule, doubt=doubt, provable=not cut_numbers)
            if token is not None and lost is None:
                alignment.value_tokens[token.index] = item.pointer


def _doubt_tails(alignment: Alignment, readings: Sequence[ValueReading]) -> None:
    """Doubt rows of a dump that are blank at their end only, where every other row has all its numbers and zeros are printed.

    Converters pad a row that lacks a cell at its end, so the blank there is a cell that was never printed as often as one left blank.
    """
    tails: list[list[str]] = []
    zeros = 0
    for fields in alignment.layout.row_fields.values():
        placed = [(item.pointer, alignment.placements[item.pointer]) for item in fields if item and item.pointer in alignment.placements]
        filled = [index for index, (_, placement) in enumerate(placed) if placement.kind == "value"]
        if not filled:
            continue
        values = [placed[index][1].token for index in filled]
        zeros += sum(1 for token in values if token is not None and readings[token.index].value == 0)
        blanks = [placement for _, placement in placed[len(filled) :]]
        if filled[-1] >= len(filled):
            return  # a blank before a number: this clerk leaves cells blank
        marked = any(placement.token is not None and placement.token.text for placement in blanks)
        if blanks and not marked and all(token is not None and isinstance(token.place, TextPlace) for token in values):
            row = [pointer for pointer, _ in placed]
            numbers = [readings[token.index].value or 0 for token in values if token is not None]
            tails.append(row[len(filled) :] if _cannot_have_moved(alignment.layout, row, numbers) else row)
    if zeros < MIN_ZEROS or len(tails) > MAX_TAILS:
        return
    for pointer in (pointer for tail in tails for pointer in tail):
        placement = alignment.placements[pointer]
        alignment.placements[pointer] = replace(placement, confidence=min(placement.confidence, 0.6), doubt=TAIL_DOUBT)


def _cannot_have_moved(layout: FormLayout, row: Sequence[str], numbers: Sequence[int | Decimal]) -> bool:
    """Whether a row that is one number short lacks its last cell for certain: with another missing, its parts would be more than its total."""
    total = any(item.kind == "sum" and item.whole == row[-1] and set(item.parts) == set(row[:-1]) for item in layout.form.identities)
    return total and len(numbers) == len(row) - 1 and sum(numbers[:-1]) > numbers[-1]


def _labels_are_cut(instance: Instance, readings: Sequence[ValueReading]) -> bool:
    """Whether a label was found cut around a number of its own."""
    return any(readings[index].kind == "number" for match in instance.matches for index in range(match.first, match.last + 1))


def _assigned_rows(
    alignment: Alignment, instance: Instance, rows: Sequence[RowReading], tokens: Tokens, readings: Sequence[ValueReading]
) -> Iterator[tuple[RowReading, tuple[Field | None, ...], Assignment]]:
    layout = alignment.layout
    columns = _column_positions(layout, instance, tokens)
    leading = _leading_blanks(layout, instance, readings)
    extents = _line_extents(layout, instance, tokens, readings)
    gaps = _line_gaps(alignment, tokens, readings)
    spread = _spread_bands(layout, instance, tokens, readings)
    shows_blanks = any(_has_inner_blank(row, readings) for other in alignment.instances for row in other.rows)
    for row in rows:
        station = layout.stations[row.station]
        leaves = layout.leaves(row.station)
        placed = assign_columns(
            row.values,
            leaves,
            readings,
            columns.get(station.band, {}),
            leading.get(station.level, leading.get(-1)) if station.labels else 0,
            extents.get((station.band, _label_count(row, tokens))),
            row.padding if shows_blanks else 0,
            station.band in spread or not row.row_known,
            gaps,
            _row_lines(instance, row, tokens, readings),
        )
        yield row, layout.row_fields[row.station], placed


def _has_inner_blank(row: RowReading, readings: Sequence[ValueReading]) -> bool:
    """Whether an empty cell stands between numbers of the row: a source that shows it leaves none out."""
    filled = [index for index, token in enumerate(row.values) if readings[token.index].kind == "number"]
    return bool(filled) and any(not token.text for token in row.values[filled[0] : filled[-1]])


def _why_lost(alignment: Alignment, instance: Instance, row: RowReading, tokens: Tokens, readings: Sequence[ValueReading]) -> str | None:
    """Why the values of a row cannot be told although nothing is wrong with their count; None when they can."""
    _, values, _ = part_words(row.values, alignment.layout.leaves(row.station), readings)
    complete = bool(row.values) and all(readings[token.index].kind == "number" for token in row.values)
    if tokens.row_short[row.row] and not complete:
        return "a cell of its row is missing"
    if any(readings[token.index].kind != "blank" for token in values):
        if alignment.deduplicated and (_is_hollow(alignment.layout, row, readings) or not _is_followed_by_next(instance, row)):
            return "lines were dropped from this copy; the numbers here may belong to another row"
        return None
    if alignment.deduplicated:
        return "lines that occurred before were dropped from this copy"
    if not values and not row.padding:
        if instance.orphans or instance.extra:
            return "numbers without a row stand nearby"
        if not row.row_known and _has_words_behind(instance, row):
            return "its label is followed by words that are no label of the form"
        others = [other for other in instance.rows if other is not row and not other.padding]
        vanish = any(not part_words(other.values, alignment.layout.leaves(other.station), readings)[1] for other in others)
        last = row.values[-1].index if row.values else -1 if row.match is None else row.match.last
        if last == len(tokens) - 1 and not vanish:
            return "the text ends behind its label"
        if row.match is not None and tokens.items[row.match.last].col is not None:
            return "its row has no cell for it"
    return None


def _has_words_behind(instance: Instance, row: RowReading) -> bool:
    """Whether something unread stands between the label and the next label."""
    if row.match is None:
        return False
    end = min((match.first for match in instance.matches if match.first > row.match.last), default=instance.end)
    if end == instance.end and instance.followed_by_number:
        return True
    return any(row.match.last < token.index < end for token in (*instance.leftover, *instance.prose))


def _is_followed_by_next(instance: Instance, row: RowReading) -> bool:
    """Whether the next label printed is the next label of the form, so that nothing between them was dropped."""
    following = [match for match in instance.matches if row.match is not None and match.first > row.match.last]
    return not following or following[0].candidate.first == row.station + 1


def _row_confidence(row: RowReading, *, labelled: bool) -> float:
    base = 0.9998 if row.row_known else 0.999
    if row.match is None:
        # A run of several numbers that fits one place is hardly there by chance; one or two numbers may be a page number or a note.
        return (0.97 if len(row.values) >= 3 else 0.6) if labelled else base
    similarity = row.match.similarity
    if similarity >= 0.97:
        return base
    return base * min(1.0, 0.4 + 0.6 * similarity)


def _column_positions(layout: FormLayout, instance: Instance, tokens: Tokens) -> dict[int, dict[int, tuple[int, int]] | None]:
    """band -> leaf index -> (first col, end col) of the printed header, where the source has positions; None where rows do not keep to them."""
    unreliable: set[int] = set()
    positions: dict[int, dict[int, tuple[int, int]]] = {}
    for match in instance.matches:
        station = layout.stations[match.station]
        token = tokens.items[match.last]
        if station.leaf is not None and token.col is not None:
            positions.setdefault(station.band, {})[station.leaf] = (token.col, token.col + token.col_span)
    # A number that stands under no header shows that rows and headers of this band do not share their columns.
    for row in instance.rows:
        band = layout.stations[row.station].band
        ranges = positions.get(band, {}).values()
        if any(token.col is not None and token.text and not _is_under(token.col, ranges) for token in row.values):
            unreliable.add(band)
    return {band: None if band in unreliable else columns for band, columns in positions.items()}


def _spread_bands(layout: FormLayout, instance: Instance, tokens: Tokens, readings: Sequence[ValueReading]) -> set[int]:
    """Bands of which two neighbouring column headers are printed in one row with a blank slot between them: cells that span slots."""
    found = set()
    for one, other in itertools.pairwise(instance.matches):
        left, right = layout.stations[one.station], layout.stations[other.station]
        if left.leaf is None or right.leaf != left.leaf + 1 or left.band != right.band:
            continue
        row = tokens.items[one.last].row
        between = range(one.last + 1, other.first)
        if tokens.row_known[row] and tokens.items[other.first].row == row and any(readings[index].kind == "blank" for index in between):
            found.add(left.band)
    return found


def _is_under(col: int, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(first <= col < end for first, end in ranges)


def _doubtful_columns(layout: FormLayout, instance: Instance, tokens: Tokens, readings: Sequence[ValueReading]) -> dict[int, str]:
    """band -> why its columns may not be the form's in the form's order: header labels that are printed in another order.

    A printed row of headers must run through the leaf columns from left to right. Where rows run together, reading order will do as well.
    """
    doubts: dict[int, str] = {}
    matched = {index: match.station for match in instance.matches for index in range(match.first, match.last + 1)}
    firsts = {match.first for match in instance.matches}
    cut = {match.first for match in instance.matches if match.similarity < 0.97}  # parts of labels say little of their order
    joined = {
        match.first: "".join(token.text for token in tokens.items[match.first : match.last + 1])
        for match in instance.matches
        if match.first != match.last
    }
    runs = list(_header_runs(instance, tokens, readings))
    for band in {layout.stations[row.station].band for row in instance.rows}:
        columns = {
            station.order: station.leaf
            for station in layout.stations
            if station.table == instance.table and station.band == band and station.kind == "column"
        }
        for run in runs:
            steps = []
            for token in run:
                known = matched.get(token.index)
                if known is not None and (known not in columns or token.index not in firsts):
                    continue
                if token.index in cut:
                    continue
                text = joined.get(token.index, token.text)
                orders = [item.last for item in layout.candidates(text) if item.last in columns and item.similarity >= 0.97]
                if orders:
                    steps.append((token, orders, [leaf for order in orders if (leaf := columns[order]) is not None]))
            stuck = _first_stuck([(token, leaves) for token, _, leaves in steps if leaves])
            if stuck is not None and not tokens.row_known[stuck.row]:
                stuck = _first_stuck([(token, orders) for token, orders, _ in steps])
            stuck = stuck or _first_stuck([(token, orders) for token, orders, leaves in steps if not leaves])
            if stuck is not None:
                doubts[band] = f"the header {stuck.text!r} is not where the form has it"
    return doubts


def _header_runs(instance: Instance, tokens: Tokens, readings: Sequence[ValueReading]) -> Iterator[list[Token]]:
    """Words printed one after the other: those of one certain row, or up to the next value where rows run together."""
    run: list[Token] = []
    for token in tokens.items[instance.first : instance.end]:
        is_word = readings[token.index].kind == "text"
        parted = run and tokens.row_known[token.row] and token.row != run[-1].row
        if run and (parted or readings[token.index].kind == "number"):
            yield run
            run = []
        if is_word:
            run.append(token)
    if run:
        yield run


def _first_stuck(steps: Sequence[tuple[Token, Sequence[int]]]) -> Token | None:
    """The first token none of whose places lies ahead of the one before it; None when all go forward."""
    furthest = -1
    for token, places in steps:
        ahead = [place for place in places if place > furthest]
        if not ahead:
            return token
        furthest = min(ahead)
    return None


def _line_extents(
    layout: FormLayout, instance: Instance, tokens: Tokens, readings: Sequence[ValueReading]
) -> dict[tuple[int, int], ColumnExtents | None]:
    """Where numbers stand on their lines, by band and by how many labels stand before them (a printer that ignores row spans shifts rows)."""
    complete: dict[tuple[int, int], list[list[Token]]] = {}
    for row in instance.rows:
        station = layout.stations[row.station]
        leaves = layout.leaves(row.station)
        is_complete = bool(row.values) and bool(row.values[0].extents) and len(row.values) == len(leaves)
        if is_complete and all(readings[token.index].kind == "number" for token in row.values):
            complete.setdefault((station.band, _label_count(row, tokens)), []).append(row.values)
    return {key: find_extents(rows) for key, rows in complete.items()}


def _line_gaps(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> LineGaps | None:
    """How far apart the cells of a report stand that has each on a line of its own, blank ones too; None for any other."""
    if alignment.deduplicated:
        return None
    complete: list[Sequence[int]] = []
    others: list[tuple[int, Sequence[int]]] = []
    for instance in alignment.instances:
        for row in instance.rows:
            found = _row_lines(instance, row, tokens, readings)
            lacking = len(alignment.layout.leaves(row.station)) - len(row.values)
            if found is None or not found.labelled or found.is_last:
                continue
            if lacking == 0 and len(found.lines) > 3:
                complete.append(found.lines)
            elif lacking > 0:
                others.append((lacking, found.lines))
    numbers = [token.text for instance in alignment.instances for row in instance.rows for token in row.values]
    return find_gaps(complete, others, repeats=len(numbers) - len(set(numbers)) > MAX_REPEATED_TEXTS)


def _row_lines(instance: Instance, row: RowReading, tokens: Tokens, readings: Sequence[ValueReading]) -> RowLines | None:
    """Where a row stands whose cells have lines of their own; None for any other."""
    if row.row_known or not row.values or row.values[0].index == 0 or row.values[-1].index + 1 >= len(tokens):
        return None
    if any(readings[token.index].kind != "number" for token in row.values):
        return None
    own = tokens.items[row.values[0].index - 1 : row.values[-1].index + 2]
    lines = [token.place.line_number for token in own if isinstance(token.place, TextPlace)]
    if len(lines) < len(own) or len(own) != len(row.values) + 2 or any(a >= b for a, b in itertools.pairwise(lines)):
        return None
    return RowLines(lines, row.match is not None, row.values[-1].index >= instance.last)


def _label_count(row: RowReading, tokens: Tokens) -> int:
    """How many tokens stand before the values in their row."""
    if not row.values:
        return 0
    index = first = row.values[0].index
    while index > 0 and tokens.items[index - 1].row == row.row:
        index -= 1
    return first - index


def _leading_blanks(layout: FormLayout, instance: Instance, readings: Sequence[ValueReading]) -> dict[int, int]:
    """How many blank slots stand before the numbers, by depth of the row, seen in rows whose numbers are all printed; -1: in any row."""
    seen: dict[int, set[int]] = {}
    for row in instance.rows:
        station = layout.stations[row.station]
        leaves = layout.leaves(row.station)
        kinds = [readings[token.index].kind for token in row.values]
        filled = [index for index, kind in enumerate(kinds) if kind != "blank"]
        if filled and len(filled) == len(leaves) and filled[-1] - filled[0] + 1 == len(filled):
            seen.setdefault(station.level, set()).add(filled[0])
    result = {level: counts.pop() for level, counts in seen.items() if len(counts) == 1}
    everywhere = set(result.values())
    if len(everywhere) == 1:
        result[-1] = everywhere.pop()
    return result


def _compare_repeat(
    alignment: Alignment, instance: Instance, rows: Sequence[RowReading], tokens: Tokens, readings: Sequence[ValueReading]
) -> None:
    for _, fields, placed in _assigned_rows(alignment, instance, rows, tokens, readings):
        for item, token in zip(fields, placed.tokens, strict=True):
            if item is None or token is None:
                continue
            known = alignment.placements.get(item.pointer)
            if known is None or known.kind == "absent":
                alignment.placements[item.pointer] = Placement("value", token, 0.9)
            elif known.token is not None and readings[known.token.index].value != readings[token.index].value:
                alignment.conflicts[item.pointer] = (known.token, token)
            alignment.value_tokens.setdefault(token.index, item.pointer)
