"""What speaks against a placement: lines dropped from the copy, cells that were never printed, numbers that no row took."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence, Set
from decimal import Decimal

from pipeline.forms.alignment import INTERLEAVED_DOUBT, PLACE_DOUBT, SHORT_DOUBT, UNSURE_PLACE, Alignment, Placement
from pipeline.forms.rows import RowReading
from pipeline.forms.stations import FormLayout
from pipeline.forms.tokens import Token, Tokens
from pipeline.model.form import Field
from pipeline.model.place import TextPlace
from pipeline.values.numbers import ValueReading

__all__ = [
    "MAX_REPEATED_TEXTS",
    "MIN_TEXTS_A_REPEATED",
    "doubt_first_of_two",
    "doubt_interleaved",
    "doubt_mixed",
    "doubt_pooled_rows",
    "doubt_rivals",
    "doubt_scattered",
    "doubt_short_rows",
    "doubt_wordless",
    "is_deduplicated",
    "is_hollow",
]

MIN_DEDUPLICATED_TEXTS = 12
MAX_REPEATED_TEXTS = 2
MIN_TEXTS_A_REPEATED = 50  # in long reports more texts may be alike though their lines were not
MIN_LABELS_DROPPED = 2
MIN_WORDS_A_LINE = 2
MIN_NUMBERS_APART = 6  # so many numbers of a report are hardly all different
MIN_HOLLOW_ROWS = 3
MIN_LINES_TWICE = 2  # lines on which a label of a row stands twice
MAX_SHORT_ROWS = 4  # more of them are the clerk's habit
MIN_ZEROS = 4  # zeros printed by a clerk who leaves no zero out
MIN_WORDS_A_LACKING = 4  # rows that have a word before their number, for each that has none
MAX_TOKENS_BEHIND = 2
EXACT = 0.97  # similarity of a label that is the form's
MIN_SCATTERED = 8  # numbers of a report that no row took
NUMBERS_A_FREE = (4, 8)  # all numbers of a report for each that no row took: no sum is a proof; a sum is one
MIN_FREE_NUMBERS = 2  # that stand together, marks for nothing among them
MIN_ZEROS_A_BLANK = 40  # with more zeros for each blank before a number, the blank is none of the clerk's


def is_deduplicated(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> bool:
    """Whether lines that occurred before were dropped: hardly a text stands twice, and what the form or its numbers would repeat stands once.

    Two tokens may be alike although their lines were not, by a mark beside one of them.
    """
    texts = [token for token in tokens.items[alignment.first : alignment.end] if token.text]
    again = len(texts) - len({token.text for token in texts})
    if len(texts) < MIN_DEDUPLICATED_TEXTS or again > max(MAX_REPEATED_TEXTS, len(texts) // MIN_TEXTS_A_REPEATED):
        return False
    if _labels_dropped(alignment, texts) >= MIN_LABELS_DROPPED:
        return True
    numbers = [token.text for token in texts if readings[token.index].kind == "number"]
    hollow = [row for instance in alignment.instances for row in instance.rows if is_hollow(alignment.layout, row, readings)]
    return len(numbers) == len(set(numbers)) >= MIN_NUMBERS_APART and len(hollow) >= MIN_HOLLOW_ROWS


def _labels_dropped(alignment: Alignment, texts: Sequence[Token]) -> int:
    """How many labels that the form prints again and again stand once only, where other labels of their band, or rows before and after
    them, are printed. What stands on a line with others was not dropped, whether or not it was matched."""
    layout = alignment.layout
    matched = {match.station for instance in (*alignment.instances, *alignment.repeats) for match in instance.matches}
    bands = Counter((layout.stations[order].table, layout.stations[order].band) for order in matched)
    by_text: dict[str, list[int]] = {}
    for station in layout.stations:
        if station.text:
            by_text.setdefault(station.text, []).append(station.order)
    printed_rows: dict[int, list[int]] = {}  # by table
    for order in matched:
        if layout.stations[order].kind == "row":
            printed_rows.setdefault(layout.stations[order].table, []).append(order)

    def is_dropped(order: int) -> bool:
        station = layout.stations[order]
        if station.kind != "row":
            return bands[station.table, station.band] > 0
        rows = printed_rows.get(station.table)
        return rows is not None and min(rows) < order < max(rows)

    dropped: dict[str, int] = {}
    for text, orders in by_text.items():
        missing = [order for order in orders if order not in matched]
        if len(orders) - len(missing) == 1:
            dropped[text] = sum(map(is_dropped, missing))
    if sum(dropped.values()) < MIN_LABELS_DROPPED:
        return 0
    words = Counter(
        layout.folder.fold(word).body for token in texts if len(parts := token.text.split()) >= MIN_WORDS_A_LINE for word in parts
    )
    return sum(count for text, count in dropped.items() if words[layout.folder.fold(text).body] <= 1)


def is_hollow(layout: FormLayout, row: RowReading, readings: Sequence[ValueReading]) -> bool:
    """Whether a row has fewer values than it has columns."""
    return sum(readings[token.index].kind != "text" for token in row.values) < sum(
        leaf.kind == "value" for leaf in layout.leaves(row.station)
    )


def doubt_short_rows(alignment: Alignment, readings: Sequence[ValueReading]) -> None:
    """Doubt rows of a dump that are a cell short, where every other row has all its numbers and zeros are printed.

    Converters pad a row that lacks a cell at its end, so a blank there is a cell that was never printed as often as one left blank; and the
    sums of a row tell the places of its numbers only where what is not printed is zero.
    """
    short: list[list[str]] = []
    zeros = inner = 0
    for fields in alignment.layout.row_fields.values():
        placed = [(item.pointer, alignment.placements[item.pointer]) for item in fields if item and item.pointer in alignment.placements]
        filled = [placement for _, placement in placed if placement.kind == "value"]
        values = [placement.token for placement in filled if placement.token is not None]
        zeros += sum(1 for token in values if readings[token.index].value == 0)
        row = [pointer for pointer, _ in placed]
        if any(placement.by_sums for _, placement in placed):
            short.append(row)
            continue
        if all(placement.token is not None and placement.token.text for _, placement in placed if placement.kind != "value"):
            continue  # a mark for "nothing" is a cell
        if any(placement.kind == "value" for _, placement in placed[len(filled) :]):
            inner += 1  # a blank before a number
            short.append(row)
            continue
        if filled and all(isinstance(token.place, TextPlace) for token in values):
            numbers = [readings[token.index].value or 0 for token in values]
            short.append(row[len(filled) :] if _cannot_have_moved(alignment.layout, row, numbers) else row)
    if zeros < MIN_ZEROS or len(short) > MAX_SHORT_ROWS or inner > max(1, zeros // MIN_ZEROS_A_BLANK):
        return  # this clerk leaves cells blank
    for pointer in (pointer for row in short for pointer in row):
        placement = alignment.placements[pointer]
        alignment.placements[pointer] = placement._replace(
            confidence=min(placement.confidence, UNSURE_PLACE), doubt=SHORT_DOUBT, provable=not placement.by_sums
        )


def doubt_pooled_rows(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> None:
    """Take nothing for blank of which nothing is left, where numbers that no row took stand together in any of the report's tables.

    Labels were pooled apart from their numbers there. A lone number is no such sign, for it may be a page's, except right beside the label.
    """
    bare = [
        row
        for instance in alignment.instances
        for row in instance.rows
        if not row.padding and all(readings[token.index].kind == "text" for token in row.values)
    ]
    if bare and not _has_free_numbers(alignment, tokens, readings):
        bare = [row for row in bare if _has_number_beside(alignment, row, tokens, readings)]
    for row in bare:
        for item in alignment.layout.row_fields[row.station]:
            placement = None if item is None else alignment.placements.get(item.pointer)
            if item is not None and placement is not None and placement.kind == "blank" and placement.token is None:
                alignment.placements[item.pointer] = Placement("lost", reason="numbers without a row stand nearby")


def _has_number_beside(alignment: Alignment, row: RowReading, tokens: Tokens, readings: Sequence[ValueReading]) -> bool:
    """Whether the next that is printed before or behind the row's label is a number that no row took."""
    if row.match is None:
        return False
    taken = _accounted_for(alignment)
    beside = (row.match.first - 1, row.match.last + 1)
    return any(0 <= index < len(tokens) and readings[index].kind == "number" and index not in taken for index in beside)


def doubt_scattered(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> None:
    """Doubt a report of whose numbers many belong to no row: it was not printed row by row, and what stands behind a label is not its row's."""
    last = max((instance.last for instance in (*alignment.instances, *alignment.repeats)), default=-1)
    again = (token.index for instance in alignment.repeats for row in instance.rows for token in row.values)
    taken = {*_accounted_for(alignment), *again}
    numbers = [token for token in tokens.items[alignment.first : last + 1] if readings[token.index].kind == "number"]
    free = sum(1 for token in numbers if token.index not in taken)
    if free >= MIN_SCATTERED and free * NUMBERS_A_FREE[1] >= len(numbers):
        # A row of another label adds up as well.
        _doubt(alignment, alignment.layout.form.fields, PLACE_DOUBT, provable=free * NUMBERS_A_FREE[0] < len(numbers))


def doubt_rivals(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> None:
    """Doubt a row beside which as many other numbers stand together that no row took: these may be its own, and its numbers another row's.

    Not where both stand behind a label in a certain row: that is a row of the agency's own.
    """
    for instance in alignment.instances:
        labelled = {token.row for token in instance.leftover if tokens.row_known[token.row]}
        rows = sorted((row for row in instance.rows if len(row.values) >= MIN_FREE_NUMBERS), key=lambda row: row.values[0].index)
        firsts = [row.values[0].index for row in rows]
        for run in (*instance.orphans, *instance.extra):
            numbers = [token for token in run if readings[token.index].kind == "number" and token.index not in alignment.value_tokens]
            if len(numbers) < MIN_FREE_NUMBERS:
                continue
            at = bisect_right(firsts, numbers[0].index)
            for row in rows[max(0, at - 1) : at + 1]:
                is_own = row.row_known and row.match is not None and row.match.similarity >= EXACT
                own = sum(1 for token in row.values if readings[token.index].kind == "number")
                if own <= len(numbers) and not (is_own and numbers[0].row in labelled):
                    _doubt(alignment, alignment.layout.row_fields[row.station], PLACE_DOUBT)


def doubt_wordless(alignment: Alignment, readings: Sequence[ValueReading]) -> None:
    """Doubt a row that lacks the word printed between label and number in nearly all others: its number may be the next row's.

    Not where rows are certain.
    """
    layout = alignment.layout
    for instance in alignment.instances:
        rows: dict[bool, list[RowReading]] = {True: [], False: []}
        for row in instance.rows:
            leaves = layout.leaves(row.station)
            if not leaves or leaves[0].kind != "text" or not row.values or row.row_known:
                continue
            if row.match is None or row.match.last + 1 == row.values[0].index:  # else the word went to the label
                rows[readings[row.values[0].index].kind == "text"].append(row)
        if MIN_WORDS_A_LACKING * len(rows[False]) <= len(rows[True]):
            for row in rows[False]:
                if readings[row.values[0].index].kind == "number":
                    _doubt(alignment, layout.row_fields[row.station], PLACE_DOUBT)


def doubt_first_of_two(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> None:
    """Doubt the number of a row of one where another one stands behind it, words beside it, before the next label: the first may be the label's.

    Not in tables whose rows are certain: a number of another row is that row's, and in a grid the column tells.
    """
    for instance in alignment.instances:
        for row in instance.rows:
            numbers = [token for token in row.values if readings[token.index].kind == "number"]
            if len(numbers) != 1 or sum(leaf.kind == "value" for leaf in alignment.layout.leaves(row.station)) != 1:
                continue
            own = numbers[0]
            is_certain = own.table >= 0 and tokens.row_known[own.row]
            for other in tokens.items[own.index + 1 : own.index + 1 + MAX_TOKENS_BEHIND]:
                if other.index in alignment.label_tokens or other.index in alignment.value_tokens:
                    break
                if is_certain and (other.row != own.row or own.col is not None):
                    break
                if readings[other.index].kind == "number" and tokens.items[other.index - 1].row == other.row:
                    _doubt(alignment, alignment.layout.row_fields[row.station], PLACE_DOUBT)
                    break


def _doubt(alignment: Alignment, fields: Sequence[Field | None], doubt: str, *, provable: bool = False) -> None:
    for item in fields:
        placement = None if item is None else alignment.placements.get(item.pointer)
        if item is not None and placement is not None:
            confidence = min(placement.confidence, UNSURE_PLACE)
            proof = placement.provable and provable
            alignment.placements[item.pointer] = placement._replace(confidence=confidence, doubt=doubt, provable=proof)


def _accounted_for(alignment: Alignment) -> Set[int]:
    """The tokens that are known to be something: labels, values, what numbers the rows, and cells of columns that are none of the form's."""
    others = (token.index for instance in alignment.instances for token in (*instance.row_numbers, *instance.beside))
    return {*alignment.value_tokens, *alignment.label_tokens, *others}


def _has_free_numbers(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> bool:
    """Whether numbers stand together that are no row's. Those of a certain row are its own also where their columns cannot be told."""
    taken = set(_accounted_for(alignment))
    for instance in alignment.instances:
        for row in instance.rows:
            if row.row_known and (row.match is None or tokens.items[row.match.last].row == row.row):
                taken.update(token.index for token in row.values)
    run = numbers = 0
    for token in tokens.items[alignment.first : alignment.end]:
        if token.index in taken or readings[token.index].kind == "text" or not token.text:
            run = numbers = 0
            continue
        run += 1
        numbers += readings[token.index].kind == "number"
        if run >= MIN_FREE_NUMBERS and numbers:
            return True
    return False


def _cannot_have_moved(layout: FormLayout, row: Sequence[str], numbers: Sequence[int | Decimal]) -> bool:
    """Whether a row that is one number short lacks its last cell for certain: with another missing, its parts would be more than its total."""
    total = any(item.kind == "sum" and item.whole == row[-1] and set(item.parts) == set(row[:-1]) for item in layout.form.identities)
    return total and len(numbers) == len(row) - 1 and sum(numbers[:-1]) > numbers[-1]


def doubt_interleaved(alignment: Alignment, tokens: Tokens) -> None:
    """Doubt a report on whose lines labels of rows stand twice: another one was printed beside it, and the lines of both run together."""
    layout = alignment.layout
    labels = {
        tokens.items[match.first].text
        for instance in alignment.instances
        for match in instance.matches
        if layout.stations[match.station].kind == "row" and match.first == match.last
    }
    seen: set[tuple[int, str]] = set()
    lines = set()
    for token in tokens.items[alignment.first : alignment.end]:
        if token.text in labels and isinstance(token.place, TextPlace):
            label = (token.place.line_number, token.text)
            if label in seen:
                lines.add(token.place.line_number)
            seen.add(label)
    if len(lines) >= MIN_LINES_TWICE:
        _doubt_all(alignment)


def doubt_mixed(alignments: Sequence[Alignment]) -> None:
    """Doubt all reports of a document where tables of one came again, with other numbers, within another: they were printed by turns."""
    if len(alignments) > 1 and any(alignment.conflicts for alignment in alignments):
        for alignment in alignments:
            _doubt_all(alignment)


def _doubt_all(alignment: Alignment) -> None:
    _doubt(alignment, alignment.layout.form.fields, INTERLEAVED_DOUBT)
