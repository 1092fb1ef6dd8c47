"""Whether the headers of columns are printed in the form's order: what stands below them is else another column's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.forms.rows import Instance, RowReading
from pipeline.forms.stations import MAX_LABEL, FormLayout
from pipeline.forms.tokens import Token, Tokens
from pipeline.model.place import Place, TextPlace
from pipeline.values.numbers import ValueReading

__all__ = ["find_doubtful_columns"]

MAX_LINES_OF_A_HEADER = 6
MAX_LINES_OF_A_SPANNER = 3
EXACT = 0.97  # similarity of a label that is the form's


def find_doubtful_columns(layout: FormLayout, instance: Instance, tokens: Tokens, readings: Sequence[ValueReading]) -> dict[int, str]:
    """band -> why its columns may not be the form's in the form's order: header labels that are printed in another order.

    A printed row of headers must run through the leaf columns from left to right. Where rows run together, reading order will do as well.
    """
    doubts: dict[int, str] = {}
    matched = {index: match.station for match in instance.matches for index in range(match.first, match.last + 1)}
    runs = list(_header_runs(instance, tokens, readings))
    headings = _read_headings(layout, instance, tokens, runs)
    above = _lines_above(layout, instance)
    telling = [number for number, run in enumerate(runs) if headings[number] or any("\n" in token.text for token in run)]
    for band in {layout.stations[row.station].band for row in instance.rows}:
        columns = layout.headers.get((instance.table, band), {})
        for number in telling:
            run = runs[number]
            # What stands right above this band's rows heads them, though the same words may have been read as another band's.
            is_own = tokens.row_known[run[0].row] and run[0].index in above.get(band, ())
            steps = []
            for token, its_orders in headings[number]:
                known = matched.get(token.index)
                orders = [order for order in its_orders if order in columns]
                if orders and (known is None or known in columns or is_own):
                    steps.append((token, orders, [leaf for order in orders if (leaf := columns[order]) is not None]))
            stuck = _stuck_header(steps, tokens)
            if stuck is not None and not tokens.row_known[stuck.row]:
                by_token = {step[0].index: step for step in steps}
                stuck = _stuck_header([by_token[token.index] for token in _left_first([step[0] for step in steps])], tokens)
            if stuck is None:
                stuck = _stuck_spanner(layout, columns, run)
            if stuck is not None:
                doubts[band] = f"the header {stuck.text!r} is not where the form has it"
    return doubts


def _read_headings(
    layout: FormLayout, instance: Instance, tokens: Tokens, runs: Sequence[Sequence[Token]]
) -> list[list[tuple[Token, list[int]]]]:
    """By run: the words that may be headers of the table's columns, and which."""
    starts = {match.first: match for match in instance.matches}
    inside = {index for match in instance.matches for index in range(match.first + 1, match.last + 1)}
    run_of = {token.index: number for number, run in enumerate(runs) for token in run}
    read_in = {match.station: run_of.get(match.first) for match in instance.matches if match.similarity >= EXACT}
    headers = {order for (table, _), columns in layout.headers.items() if table == instance.table for order in columns}
    found: list[list[tuple[Token, list[int]]]] = []
    for number, run in enumerate(runs):
        found.append([])
        for token in run:
            match = starts.get(token.index)
            # Parts of labels say little of their order.
            if len(token.text) > MAX_LABEL or token.index in inside or (match is not None and match.similarity < EXACT):
                continue
            text = token.text if match is None else "".join(other.text for other in tokens.items[match.first : match.last + 1])
            orders = [item.last for item in layout.candidates(text) if item.last in headers and item.similarity >= EXACT]
            if run[0].col is not None:
                # A header that is read in another row of headers is none of this row's, though its words may be the same.
                orders = [order for order in orders if read_in.get(order, number) == number]
            if orders:
                found[-1].append((token, orders))
    return found


def _lines_above(layout: FormLayout, instance: Instance) -> dict[int, range]:
    """band -> the tokens between the last row of another band and the first of its own."""
    above: dict[int, range] = {}
    end = instance.first - 1
    for row in sorted(instance.rows, key=_first_index):
        band = layout.stations[row.station].band
        above.setdefault(band, range(end + 1, _first_index(row)))
        end = max([end, *(token.index for token in row.values[-1:]), -1 if row.match is None else row.match.last])
    return above


def _first_index(row: RowReading) -> int:
    if row.match is not None:
        return row.match.first
    return row.values[0].index if row.values else -1


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


def _stuck_header(steps: Sequence[tuple[Token, list[int], list[int]]], tokens: Tokens) -> Token | None:
    """The first header that is not where the form has it. `steps`: a word, the headers it may be, and their leaf columns."""
    stuck = _first_stuck([(token, leaves) for token, _, leaves in steps if leaves])
    if stuck is not None and not tokens.row_known[stuck.row]:
        stuck = _first_stuck([(token, orders) for token, orders, _ in steps])
    return stuck or _first_stuck([(token, orders) for token, orders, leaves in steps if not leaves])


def _stuck_spanner(layout: FormLayout, columns: Mapping[int, int | None], run: Sequence[Token]) -> Token | None:
    """The first header over several columns that is not where the form has it, in a row whose cells have the headers above them as lines.

    Such a header is a line of the cell that happens to stand below its middle, so each is held against those of its own level.
    """
    levels: dict[int, dict[int, tuple[Token, list[int]]]] = {}  # level -> token -> the headers it may be
    for token in run if any("\n" in token.text for token in run) else ():
        lines = token.text.split("\n")
        at = 0
        while at < len(lines):  # what stands over several columns stands above the column's own header
            counts = range(1, min(MAX_LINES_OF_A_SPANNER, len(lines) - at) + 1)
            found = [(count, orders) for count in counts if (orders := _spanners(layout, columns, "".join(lines[at : at + count])))]
            if not found:
                break
            for order in {order for _, orders in found for order in orders}:
                known = levels.setdefault(layout.stations[order].level, {})
                known.setdefault(token.index, (token, []))[1].append(order)
            at += found[-1][0]
    return next(filter(None, (_first_stuck([*known.values()]) for known in levels.values())), None)


def _spanners(layout: FormLayout, columns: Mapping[int, int | None], text: str) -> list[int]:
    """The headers over several columns that a text may be, word for word."""
    return [item.last for item in layout.candidates(text) if item.similarity >= EXACT and columns.get(item.last, 0) is None]


def _left_first(run: Sequence[Token]) -> list[Token]:
    """The words with those before the one above them that stand wholly to its left on the next lines: cells centred beside taller ones."""
    ordered: list[Token] = []
    for token in run:
        at = len(ordered)
        while at > 0 and _is_left_below(token.place, ordered[at - 1].place):
            at -= 1
        ordered.insert(at, token)
    return ordered


def _is_left_below(place: Place, other: Place) -> bool:
    if not isinstance(place, TextPlace) or not isinstance(other, TextPlace):
        return False
    return 0 < place.line_number - other.line_number <= MAX_LINES_OF_A_HEADER and place.end_column < other.column


def _first_stuck(steps: Sequence[tuple[Token, Sequence[int]]]) -> Token | None:
    """The first token none of whose places lies ahead of the one before it; None when all go forward."""
    furthest = -1
    for token, places in steps:
        ahead = [place for place in places if place > furthest]
        if not ahead:
            return token
        furthest = min(ahead)
    return None
