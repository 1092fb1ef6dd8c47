"""Every field of a report placed: its row's values given to its columns, and why it is lost or doubtful where they cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.forms.alignment import (
    CONFIDENCE_FLOOR,
    LABEL_DOUBT,
    PLACE_DOUBT,
    UNLIKE_SHARE,
    UNSURE_PLACE,
    Alignment,
    Placement,
    PlacementKind,
)
from pipeline.forms.chain import Match
from pipeline.forms.clues import Clues
from pipeline.forms.columns import Assignment, assign_columns, part_words
from pipeline.forms.doubts import (
    doubt_first_of_two,
    doubt_interleaved,
    doubt_pooled_rows,
    doubt_rivals,
    doubt_scattered,
    doubt_short_rows,
    doubt_wordless,
    is_hollow,
)
from pipeline.forms.header_order import find_doubtful_columns
from pipeline.forms.rows import Instance, RowReading
from pipeline.forms.stations import MAX_LABEL, FormLayout, Station
from pipeline.forms.tokens import Token, Tokens
from pipeline.model.form import Field
from pipeline.values.numbers import ValueReading

__all__ = ["place_fields", "place_nothing"]

MIN_CUT_ROWS = 2
MIN_COLUMNS_A_MISSING = 4  # of a header that is printed, a column for so many may go without its label
MIN_FOREIGN_ROWS = 3
FOREIGN_SHARE = 3  # one row that is none of the form's for so many that are, or more: the table is another form's
MAX_ODD_NUMBER = 12  # characters of a number that cannot be read, its counter with it
MIN_BLANK_ROWS = 3  # rows without a number that make it likely that another one has none
_new = tuple.__new__  # a named tuple's own constructor takes three times as long


def place_fields(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> None:
    """Give every field of the report its placement, and every label and value token what it was read as."""
    layout = alignment.layout
    for instance in (*alignment.instances, *alignment.repeats):
        for match in instance.matches:
            for index in range(match.first, match.last + 1):
                alignment.label_tokens.setdefault(index, match.station)
                alignment.texts[index] = tokens.items[index].text
    _add_vanished_rows(alignment, tokens)
    clues = Clues(alignment, tokens, readings)
    for instance in alignment.instances:
        _place_instance(alignment, instance, tokens, readings, clues)
        for band, reason in find_doubtful_columns(layout, instance, tokens, readings).items():
            alignment.columns_doubt.setdefault(layout.first_order[instance.table, band], reason)
    doubt_pooled_rows(alignment, tokens, readings)
    doubt_short_rows(alignment, readings)
    doubt_rivals(alignment, tokens, readings)
    doubt_first_of_two(alignment, tokens, readings)
    doubt_wordless(alignment, readings)
    doubt_interleaved(alignment, tokens)
    for instance in alignment.instances:
        _compare_repeat(alignment, instance, instance.doubled, readings, clues)
    for instance in alignment.repeats:
        _compare_repeat(alignment, instance, instance.rows, readings, clues)
    doubt_scattered(alignment, tokens, readings)
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
    blank = sum(1 for instance in alignment.instances for row in instance.rows if not any(token.text.strip() for token in row.values))
    if alignment.deduplicated or blank < MIN_BLANK_ROWS:
        return
    read = {row.station for instance in alignment.instances for row in instance.rows}
    for instance in alignment.instances:
        printed = {match.station for match in instance.matches}
        for order in layout.row_fields:
            station = layout.stations[order]
            if station.labels or order in read or station.table != instance.table or instance.orphans or instance.last + 1 >= len(tokens):
                continue
            columns = [
                other.order
                for other in layout.stations
                if other.leaf is not None and (other.table, other.band) == (station.table, station.band)
            ]
            # A label broken over cells is none; the header is whole where it is printed from its first column to its last.
            missing = sum(order not in printed for order in columns)
            is_headed = {columns[0], columns[-1]} <= printed and missing <= len(columns) // MIN_COLUMNS_A_MISSING if columns else False
            if is_headed or _is_headed_in_pieces(layout, instance, tokens, station):
                row = tokens.items[instance.last].row
                rule = "nothing is left of its row, and other rows are blank"
                instance.rows.append(RowReading(order, None, [], row, tokens.row_known[row], rule=rule))


def _is_headed_in_pieces(layout: FormLayout, instance: Instance, tokens: Tokens, row: Station) -> bool:
    """Whether what stands below the caption, up to the next text, is the whole header of the row's band and nothing else, each word of it
    perhaps cut into pieces: a narrow column's header takes several lines, and its neighbours' stand between them."""
    left = Counter[str]()
    first = instance.matches[0]
    start = first.last + 1 if layout.stations[first.station].kind == "caption" else first.first
    heads = [station for station in layout.stations if (station.table, station.band) == (row.table, row.band) and station.kind != "row"]
    known = frozenset(char for station in heads for label in station.labels for char in label.body)
    end = start
    while end < len(tokens) and len(tokens.items[end].text) <= MAX_LABEL:
        body = "".join(layout.folder.fold(word).body for word in tokens.items[end].text.split())
        if not known.issuperset(body):
            break
        left.update(body)
        end += 1
    if end == len(tokens) or instance.last >= end:
        return False
    for station in sorted(heads, key=lambda station: -max((len(label.body) for label in station.labels), default=0)):
        own = next((label.body for label in station.labels if not Counter(label.body) - left), None)
        if own is None:
            return False
        left -= Counter(own)
    return not left


def place_nothing(alignment: Alignment) -> None:
    """Place every field of a report whose tables are not in the document."""
    for item in alignment.layout.form.fields:
        alignment.placements[item.pointer] = Placement("absent", reason="its table is not in the document")


def _may_lack_parts(instance: Instance, row: RowReading, placed: Assignment) -> bool:
    """Whether cells of a loose line seem blank while numbers without a row stand on the line above or below it: parts of them, maybe."""
    if not row.values or row.values[0].table >= 0 or None not in placed.tokens:
        return False
    return any(run[0].table < 0 and abs(run[0].row - row.row) == 1 for run in instance.orphans)


def _runs_together(row: RowReading) -> bool:
    """Whether a number begins with a zero that is none of it: the end of the one before it, and nothing printed between the two."""
    return any(len(token.text) > 1 and token.text[0] in "0\uff10" and token.text.isdigit() for token in row.values)


def _place_instance(alignment: Alignment, instance: Instance, tokens: Tokens, readings: Sequence[ValueReading], clues: Clues) -> None:
    # Where row after row has numbers to spare, numbers were cut in two, and a row that looks complete may not be.
    cut_numbers = (
        tokens.cut
        or _labels_are_cut(instance, readings)
        or sum(1 for row in instance.rows if row.excess and row.excess in instance.orphans) >= MIN_CUT_ROWS
    )
    foreign = _is_another_table(instance)
    for row, fields, placed in _assigned_rows(alignment, instance, instance.rows, readings, clues):
        lost = placed.lost or _why_lost(alignment, instance, row, tokens, readings)
        # No sum can prove numbers that may be pieces of others, or another row's as a whole.
        is_provable = not (cut_numbers or row.is_guessed or _runs_together(row) or _has_two_items(alignment.layout, row, tokens))
        unexplained = (
            not is_provable
            or (bool(row.excess) and row.excess in instance.orphans)
            or _may_lack_parts(instance, row, placed)
            or _has_pieces_behind(instance, row, readings)
        )
        confidence = UNSURE_PLACE if unexplained else _row_confidence(alignment.layout, row, foreign=foreign)
        doubt = LABEL_DOUBT if row.match is not None and not unexplained else PLACE_DOUBT
        rule = " ; ".join(filter(None, (row.rule, placed.rule))) or None
        for leaf, (item, token) in enumerate(zip(fields, placed.tokens, strict=True)):
            if token is not None and item is None:
                alignment.label_tokens[token.index] = row.station
                alignment.row_words.setdefault(row.station, []).append(token)
                continue
            if item is None or item.pointer in alignment.placements:
                continue
            if lost is None and leaf in placed.unprinted:
                alignment.placements[item.pointer] = Placement("absent", reason="its column is not printed")
            elif lost is not None or leaf in placed.undecided:
                reason = lost or "the sums of its row leave more than one way"
                alignment.placements[item.pointer] = Placement("lost", reason=reason, others=tuple(row.values))
            else:
                kind: PlacementKind = "blank" if token is None or readings[token.index].kind == "blank" else "value"
                placement = _new(Placement, (kind, token, confidence, rule, None, (), doubt, placed.by_sums, is_provable))
                alignment.placements[item.pointer] = placement
            if token is not None and lost is None:
                alignment.value_tokens[token.index] = item.pointer


def _labels_are_cut(instance: Instance, readings: Sequence[ValueReading]) -> bool:
    """Whether a label was found cut around a number of its own."""
    return any(readings[index].kind == "number" for match in instance.matches for index in range(match.first, match.last + 1))


def _assigned_rows(
    alignment: Alignment, instance: Instance, rows: Sequence[RowReading], readings: Sequence[ValueReading], clues: Clues
) -> Iterator[tuple[RowReading, tuple[Field | None, ...], Assignment]]:
    layout = alignment.layout
    for row, row_clues in clues.of_rows(instance, rows):
        yield row, layout.row_fields[row.station], assign_columns(row.values, layout.leaves(row.station), readings, row_clues)


def _why_lost(alignment: Alignment, instance: Instance, row: RowReading, tokens: Tokens, readings: Sequence[ValueReading]) -> str | None:
    """Why the values of a row cannot be told although nothing is wrong with their count; None when they can."""
    _, values, _ = part_words(row.values, alignment.layout.leaves(row.station), readings)
    complete = bool(row.values) and all(token.text for token in row.values)  # a mark for "nothing" is a cell
    if tokens.row_short[row.row] and not complete:
        return "a cell of its row is missing"
    if _goes_on_in_number(alignment.layout, row, tokens):
        return "the number behind its label may be the label's own"
    if any(readings[token.index].kind != "blank" for token in values):
        if is_hollow(alignment.layout, row, readings) and _has_run_behind(instance, row, readings):
            return "numbers without a row stand below it"
        if alignment.deduplicated and (is_hollow(alignment.layout, row, readings) or not _is_followed_by_next(instance, row)):
            return "lines were dropped from this copy; the numbers here may belong to another row"
        return None
    if alignment.deduplicated:
        return "lines that occurred before were dropped from this copy"
    if _has_run_behind(instance, row, readings):
        return "numbers without a row stand below it"
    if not values and _has_orphan_beside(instance, row, readings):
        return "a number without a row stands beside its label"
    if not values and not row.padding:
        if row.match is not None and _has_digits_to_spare(alignment.layout, row.match, tokens):
            return "digits that are none of its label's stand in its label"
        if row.match is not None and _ends_in_letter(alignment.layout, row.match, tokens):
            return "a letter that is none of its label's stands behind its label: a number, maybe, that was misread"
        if any(not _is_above_table(alignment.layout, instance, run) for run in (*instance.orphans, *instance.extra)):
            return "numbers without a row stand nearby"
        if _shares_numbers(alignment.layout, instance, row, readings):
            return "another label stands in its row, beside more numbers than that one's columns"
        if _is_followed_by_digits(alignment, row, tokens):
            return "what stands behind its label has digits that cannot be read"
        if _is_followed_by_copy(alignment, instance, row):
            return "the numbers behind it are another row's, and differ from what that row has elsewhere"
        if _is_whole_last(alignment.layout, instance, row, readings):
            return None
        if not row.row_known and _has_words_behind(instance, row):
            return "its label is followed by words that are no label of the form"
        others = [other for other in instance.rows if other is not row and not other.padding]
        vanish = any(not part_words(other.values, alignment.layout.leaves(other.station), readings)[1] for other in others)
        last = row.values[-1].index if row.values else -1 if row.match is None else row.match.last
        if last == len(tokens) - 1 and not vanish:
            return "the text ends behind its label"
        if row.match is not None and tokens.items[row.match.last].col is not None:
            return "its row has no cell for it"
        if _is_outside(instance, row, tokens):
            return "its label stands outside of the table, apart from its cells"
    return None


def _is_above_table(layout: FormLayout, instance: Instance, run: Sequence[Token]) -> bool:
    """Whether a lone number stands in loose text above the table's headers, behind a word of a menu, say: the end of a line of prose."""
    return len(run) == 1 and run[0].table < 0 and run[0].index < instance.table_start(layout)


def _shares_numbers(layout: FormLayout, instance: Instance, row: RowReading, readings: Sequence[ValueReading]) -> bool:
    """Whether two labels were printed as one row, whose numbers are more than the other one has columns."""
    return row.row_known and any(
        other is not row
        and other.row == row.row
        and sum(readings[token.index].kind == "number" for token in other.values)
        > sum(leaf.kind == "value" for leaf in layout.leaves(other.station))
        for other in instance.rows
    )


def _is_whole_last(layout: FormLayout, instance: Instance, row: RowReading, readings: Sequence[ValueReading]) -> bool:
    """Whether a row without a number is the form's last, the word before its number is printed, and other rows lack theirs too.

    A text that ends just there was hardly cut off, and words behind it are none of the table's.
    """
    if (
        instance.followed_by_number
        or not row.values
        or layout.leaves(row.station)[0].kind != "text"
        or row.station != max(layout.row_fields)
    ):
        return False
    rests = (part_words(other.values, layout.leaves(other.station), readings)[1] for other in instance.rows if other is not row)
    return sum(1 for rest in rests if not any(token.text for token in rest)) >= MIN_BLANK_ROWS


def _is_outside(instance: Instance, row: RowReading, tokens: Tokens) -> bool:
    """Whether a row's label is a line of loose text where most rows stand in tables with positions and some cell with digits is no row's: its
    cells are there, not blank."""
    unexplained = any(token.table >= 0 and any(map(str.isdigit, token.text)) for token in instance.leftover)
    if row.match is None or tokens.items[row.match.last].table >= 0 or not unexplained:
        return False
    filled = [other.values[0] for other in instance.rows if other.values]
    return 2 * sum(token.table >= 0 and token.col is not None for token in filled) > len(filled)


def _has_two_items(layout: FormLayout, row: RowReading, tokens: Tokens) -> bool:
    """Whether the cell of a row's label holds items of one kind of numbers below each other: what stands beside may be any one's."""
    if row.match is None:
        return False
    lines = [line for token in tokens.items[row.match.first : row.match.last + 1] for line in token.text.split("\n")]
    found = {enumerator for line in lines if (enumerator := layout.folder.fold(line).enumerator)} if len(lines) > 1 else set()
    return len(found) > len({enumerator[0] for enumerator in found})


def _goes_on_in_number(layout: FormLayout, row: RowReading, tokens: Tokens) -> bool:
    """Whether only the beginning of a row's label is printed before its first number, and the form's label goes on with that very number."""
    if row.match is None or not row.values or row.values[0].index != row.match.last + 1:
        return False
    begun = layout.folder.fold("".join([token.text for token in tokens.items[row.match.first : row.match.last + 1]])).body
    labels = [label.body for label in layout.stations[row.station].labels if label.body.startswith(begun) and label.body != begun]
    number = layout.folder.fold(row.values[0].text).body if labels else ""
    return number.isdecimal() and any(label.startswith(begun + number) for label in labels)


def _has_digits_to_spare(layout: FormLayout, match: Match, tokens: Tokens) -> bool:
    """Whether a printed label has more digits than the form's: then one of its numbers was printed into it."""
    printed = sum(char.isdigit() for token in tokens.items[match.first : match.last + 1] for char in token.text)
    if not printed:
        return False
    stations = layout.stations[match.candidate.first : match.candidate.last + 1]
    own = (max((sum(map(str.isdigit, label.enumerator + label.body)) for label in station.labels), default=0) for station in stations)
    return printed > sum(own)


def _ends_in_letter(layout: FormLayout, match: Match, tokens: Tokens) -> bool:
    """Whether a printed label ends in a lone Latin letter or circle that the form's has not: an O or an l that was a 0 or a 1."""
    text = tokens.items[match.last].text.rstrip()
    last = text[-1:]
    if not (last in "\u3007\u25cb\u25ef" or (last.isascii() and last.isalpha())) or (text[-2:-1].isascii() and text[-2:-1].isalpha()):
        return False
    stations = layout.stations[match.candidate.first : match.candidate.last + 1]
    return bool(last) and not any(label.body.endswith(last.lower()) for station in stations for label in station.labels)


def _has_orphan_beside(instance: Instance, row: RowReading, readings: Sequence[ValueReading]) -> bool:
    """Whether cells without a label, a number among them, stand right before or behind the row's own: they may be the row's."""
    if row.match is None:
        return False
    last = row.values[-1].index if row.values else row.match.last
    return any(
        (run[-1].index == row.match.first - 1 or run[0].index == last + 1) and any(readings[token.index].kind == "number" for token in run)
        for run in instance.orphans
    )


def _is_followed_by_digits(alignment: Alignment, row: RowReading, tokens: Tokens) -> bool:
    """Whether a short word with digits that is nothing else stands behind the row's label, or behind a word beside it: a number with its
    counter, printed as nobody can read it."""
    if row.match is None:
        return False
    taken = alignment.label_tokens.keys() | alignment.value_tokens.keys()
    for token in tokens.items[row.match.last + 1 : row.match.last + 3]:
        if token.index in taken or len(token.text) > MAX_ODD_NUMBER:
            return False
        if any(map(str.isdigit, token.text)):
            return True
    return False


def _has_run_behind(instance: Instance, row: RowReading, readings: Sequence[ValueReading]) -> bool:
    """Whether cells without a label, numbers among them, stand between this row and the next label: they may be the rest of it."""
    if row.match is None or not instance.orphans:
        return False
    end = min((match.first for match in instance.matches if match.first > row.match.last), default=instance.end)
    return any(
        row.match.last < run[0].index < end and run[0].table >= 0 and any(readings[token.index].kind == "number" for token in run)
        for run in instance.orphans
    )


def _has_pieces_behind(instance: Instance, row: RowReading, readings: Sequence[ValueReading]) -> bool:
    """Whether fewer numbers than a row has stand without a label below it, in columns of its own: they may be the rest of its numbers."""
    if row.match is None or not instance.orphans:
        return False
    columns = {token.col for token in row.values if token.col is not None and token.text}
    end = min((match.first for match in instance.matches if match.first > row.match.last), default=instance.end)
    for run in instance.orphans:
        if row.match.last < run[0].index < end and run[0].table >= 0:
            numbers = [token.col for token in run if readings[token.index].kind == "number"]
            if 0 < len(numbers) < max(2, len(columns)) and columns.issuperset(numbers):
                return True
    return False


def _is_followed_by_copy(alignment: Alignment, instance: Instance, row: RowReading) -> bool:
    """Whether the next numbers behind the label were read as a row that has its numbers in another place too."""
    copies = [*instance.doubled, *(other for repeat in alignment.repeats for other in repeat.rows)]
    if row.match is None or not copies:
        return False
    last = row.match.last
    firsts = [other.values[0].index for other in instance.rows if other.values and other.values[0].index > last]
    return any(other.values and last < other.values[0].index < min(firsts, default=other.values[0].index + 1) for other in copies)


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


def _is_another_table(instance: Instance) -> bool:
    """Whether so many of the printed rows are no rows of the form that those whose labels are only like the form's may be other rows, too."""
    read = sum(1 for row in instance.rows if row.values)
    return len(instance.extra) >= max(MIN_FOREIGN_ROWS, read / FOREIGN_SHARE)


def _row_confidence(layout: FormLayout, row: RowReading, *, foreign: bool) -> float:
    labelled = bool(layout.stations[row.station].labels)
    base = 0.9998 if row.row_known else 0.999
    if row.match is None:
        # A run of several numbers that fits one place is hardly there by chance; one or two numbers may be a page number or a note.
        return (0.97 if len(row.values) >= 3 else UNSURE_PLACE) if labelled else base
    first = row.match.candidate.first
    if first != row.station and layout.stations[first].has_values:
        return UNSURE_PLACE  # two rows run together: whose numbers these are is not printed
    similarity = row.match.similarity
    if similarity >= 0.97:
        return base
    if foreign:
        return UNSURE_PLACE
    likeness = base * (0.4 + 0.6 * similarity)
    return likeness if likeness < CONFIDENCE_FLOOR else 1 - (1 - likeness) * UNLIKE_SHARE


def _compare_repeat(
    alignment: Alignment, instance: Instance, rows: Sequence[RowReading], readings: Sequence[ValueReading], clues: Clues
) -> None:
    for _, fields, placed in _assigned_rows(alignment, instance, rows, readings, clues):
        for item, token in zip(fields, placed.tokens, strict=True):
            if item is None or token is None:
                continue
            known = alignment.placements.get(item.pointer)
            if known is None or known.kind == "absent":
                alignment.placements[item.pointer] = Placement("value", token, 0.9)
            elif known.kind == "blank" and readings[token.index].kind == "number":
                # Blank in one printing and a number in another: one of them is no printing of that row.
                alignment.placements[item.pointer] = Placement("value", token, UNSURE_PLACE, doubt=PLACE_DOUBT, provable=False)
            elif known.token is not None and readings[known.token.index].value != readings[token.index].value:
                alignment.conflicts[item.pointer] = (known.token, token)
            alignment.value_tokens.setdefault(token.index, item.pointer)
