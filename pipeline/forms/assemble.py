"""From an alignment to the record: values in the field's unit, the evidence of each, and what must be said of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pipeline.forms.alignment import CONFIDENCE_FLOOR, IN_BROKEN_SUM, LABEL_DOUBT, PLACE_DOUBT, UNSURE_PLACE, Alignment, Placement
from pipeline.forms.metadata import Found, printed_text
from pipeline.forms.rows import MAX_LOOSE_LABEL, Instance
from pipeline.forms.tokens import Token, Tokens
from pipeline.model.finding import Finding, make_finding
from pipeline.model.form import Field
from pipeline.model.place import Place
from pipeline.model.result import Evidence
from pipeline.values.dates import read_year
from pipeline.values.numbers import convert_value, json_number

__all__ = ["Draft", "assemble", "judge_confidence"]


MAX_LINES_ABOVE = 8  # tokens between a row and the line of its headers
MAX_RUN = 40  # tokens of a header, a character or two each
MAX_TOKENS_BELOW = 2  # between an amount and the end of its unit
MAX_UNIT = 10  # characters
MAX_HEADER = 80  # characters of a line of headers


@dataclass(slots=True)
class Draft:
    """A report before its sums are checked. `numbers` holds exact values; `unknown` the pointers whose value is not known to be blank."""

    form: str
    record: dict[str, Any]
    evidence: dict[str, Evidence]
    numbers: dict[str, int | Decimal | None]
    unknown: set[str]
    findings: list[Finding] = field(default_factory=list)


def assemble(alignment: Alignment, tokens: Tokens, metadata: Mapping[str, Found], narrative: Mapping[str, str]) -> Draft:
    """Build the record of one report. Every field of the form is in it; what has no number is null and a finding says why."""
    form = alignment.layout.form
    draft = Draft(form.id, {}, {}, {}, set())
    _put_metadata(draft, metadata)
    for item in form.fields:
        _put_field(draft, alignment, item, alignment.placements[item.pointer], tokens)
    draft.record["narrative"] = {section.key: narrative.get(section.key) for section in form.narrative}
    _say_nulls(draft, alignment)
    _say_structure(draft, alignment, tokens)
    return draft


def judge_confidence(draft: Draft, proved: frozenset[str], alignment: Alignment, broken: frozenset[str] = frozenset()) -> list[Finding]:
    """Raise the confidence of fields that sums prove, lower that of fields in `broken` ones, and flag those that stay below the floor.

    A broken sum names its fields itself: it never brings one below the floor.
    """
    doubtful: dict[tuple[str, str], list[Field]] = {}
    for item in alignment.layout.form.fields:
        placement = alignment.placements[item.pointer]
        if placement.kind not in ("value", "blank"):
            continue
        evidence = draft.evidence[item.pointer]
        if item.pointer in proved and placement.kind == "value" and placement.provable:
            raised = 1 - (1 - evidence.confidence) * 0.1
            draft.evidence[item.pointer] = evidence = Evidence(evidence.raw, evidence.places, raised, *evidence[3:])
        elif item.pointer in broken and evidence.confidence > IN_BROKEN_SUM:
            draft.evidence[item.pointer] = evidence = evidence._replace(confidence=IN_BROKEN_SUM)
        if evidence.confidence < CONFIDENCE_FLOOR:
            doubtful.setdefault((placement.doubt, " > ".join(item.row_path)), []).append(item)
    findings = []
    for (what, path), fields in doubtful.items():
        least = min(draft.evidence[item.pointer].confidence for item in fields)
        code = "uncertain-label" if what == LABEL_DOUBT else "uncertain-placement"
        pointers = tuple(item.pointer for item in fields)
        findings.append(make_finding(code, f"{path}: {what} (confidence {least:.2f})", pointers=pointers, places=_places(draft, fields)))
    return findings


# ---- fields ---------------------------------------------------------------------------------------------------------


def _put_metadata(draft: Draft, metadata: Mapping[str, Found]) -> None:
    record = draft.record
    record.update({"title": None, "agency": None, "year": None, "period": {"start": None, "end": None}})
    missing = []
    for pointer in ("/title", "/agency", "/year", "/period/start", "/period/end"):
        found = metadata.get(pointer)
        value: Any = None if found is None else found.raw
        if found is not None and pointer == "/year":
            value = read_year(found.raw)
        _set(record, pointer, value)
        if value is None or found is None:
            missing.append(pointer)
            draft.evidence[pointer] = Evidence("", (), 0.0)
        else:
            draft.evidence[pointer] = Evidence(found.raw, (found.place,), 0.99)
    if missing:
        draft.findings.append(make_finding("metadata-missing", f"not in the text: {', '.join(missing)}", pointers=tuple(missing)))


def _put_field(draft: Draft, alignment: Alignment, item: Field, placement: Placement, tokens: Tokens) -> None:
    rules = alignment.layout.form.numbers
    pointer = item.pointer
    kind, token, confidence, rule = placement[:4]
    places: tuple[Place, ...] = () if token is None else (token.place,)
    value: int | Decimal | None = None
    if kind == "value" and token is not None:
        reading = alignment.layout.numbers.read(token.text)
        context = None if item.type == "integer" else _context_unit(alignment, item, tokens)
        below = None if item.type == "integer" or reading.unit else _unit_below(alignment, item, token, tokens, context or item.unit)
        confidence = min(confidence, alignment.placements[pointer].confidence)
        if below is not None:
            reading = alignment.layout.numbers.read(f"{token.text}{below.text.split()[-1]}")
            places = (token.place, below.place)
            confidence = min(confidence, UNSURE_PLACE)
            alignment.placements[pointer] = placement._replace(confidence=confidence, doubt=PLACE_DOUBT)
            rule = "; ".join(filter(None, (rule, "the unit stands below it")))
        value, how, finding = convert_value(reading, type=item.type, unit=item.unit, context_unit=context, rules=rules)
        if how:
            rule = f"{rule}; {how}" if rule else how
        if finding is not None:
            draft.findings.append(
                make_finding(
                    finding,
                    f"{_name(item)}: {token.text!r}",
                    pointers=(pointer,),
                    places=places,
                )
            )
        draft.evidence[pointer] = Evidence(token.text, places, confidence, rule)
        if value is None:
            draft.unknown.add(pointer)
    elif kind == "blank":
        draft.evidence[pointer] = Evidence("" if token is None else token.text, places, confidence, rule)
    else:
        draft.unknown.add(pointer)
        others = tuple(other.text for other in placement.others)
        draft.evidence[pointer] = Evidence(
            " | ".join(others), tuple(other.place for other in placement.others), 0.0, placement.reason, others
        )
    draft.numbers[pointer] = value
    _set(draft.record, pointer, value if value is None or type(value) is int else json_number(value))


def _context_unit(alignment: Alignment, item: Field, tokens: Tokens) -> str | None:
    """The unit printed nearest to an amount: in its row's unit column, its row label, its column header, its table's heading."""
    layout = alignment.layout
    station, leaf = layout.place_of[item.pointer]
    place = layout.stations[station]
    texts = [f"{tokens.items[word.index - 1].text[-1:]} {word.text}" for word in alignment.row_words.get(station, ()) if word.index]
    by_station: dict[int, list[str]] = {}
    for index, order in alignment.label_tokens.items():
        by_station.setdefault(order, []).append(alignment.texts.get(index, ""))
    texts += by_station.get(station, [])
    for other in layout.stations:
        is_near = other.table == place.table and other.band in (place.band, -1)
        is_above = (other.kind == "column" and other.leaf == leaf) or other.kind in ("caption", "section")
        if is_near and is_above:
            texts += by_station.get(other.order, [])
    texts += (token.text for token in _words_above(alignment, station))
    texts += (token.text for token in _words_on_top(alignment, place.table))
    texts.append(_run_above(alignment, station, tokens))
    begun = {
        alignment.texts.get(index, ""): tokens.items[index - 1].text[-1:]
        for index in alignment.label_tokens
        if 0 < index <= len(tokens.items)
    }
    for text in texts:
        unit = layout.numbers.find_unit(printed_text(text), item.unit) or _last_unit(alignment, item, text)
        if unit is not None:
            # Its beginning may be the end of the line before, where that is printed text of its own.
            longer = layout.numbers.find_unit(begun.get(text, "") + printed_text(text), item.unit)
            if longer is not None and longer != unit and longer.endswith(unit):
                return longer
            # A unit that was wrapped in its cell may stand half in the row's words and half in its label.
            halves = (f"{word.text}{unit}" for word in alignment.row_words.get(station, ()))
            return next(filter(None, (layout.numbers.find_unit(half, item.unit) for half in halves)), unit)
    return _unit_run_together(alignment, station, by_station.get(station, ()), item.unit)


def _unit_run_together(alignment: Alignment, station: int, texts: Iterable[str], unit: str) -> str | None:
    """A unit that a row's printed label ends in, run together with it, while the form's label does not."""
    layout = alignment.layout
    words = sorted(layout.form.numbers.units.get(unit, {}), key=len, reverse=True)
    for text in texts:
        body = layout.folder.fold(text).body
        for word in words:
            plain = layout.folder.fold(word).body
            if plain and body.endswith(plain):
                own = any(label.body.endswith(plain) for label in layout.stations[station].labels)
                return None if own else word
    return None


def _last_unit(alignment: Alignment, item: Field, text: str) -> str | None:
    """The unit that is a text's last word, with the end of the word before it where the two are one unit that was wrapped."""
    words = text.split()
    if len(words) < 2:
        return None
    find = alignment.layout.numbers.find_unit
    return find(words[-2][-1] + words[-1], item.unit) or find(words[-1], item.unit)


def _run_above(alignment: Alignment, station: int, tokens: Tokens) -> str:
    """All words between a row's numbers and the numbers above it as one: a header in a narrow column has a character or two a line."""
    first = next(
        (row.values[0].index for instance in alignment.instances for row in instance.rows if row.station == station and row.values), 0
    )
    start = first
    while start > max(0, first - MAX_RUN) and start - 1 not in alignment.value_tokens:
        start -= 1
    return "".join(token.text for token in tokens.items[start:first])


def _unit_below(alignment: Alignment, item: Field, token: Token, tokens: Tokens, unit: str) -> Token | None:
    """The next words printed behind an amount, where these end in another unit than its own: it may have been wrapped in the amount's cell."""
    numbers = alignment.layout.numbers
    station = alignment.layout.place_of[item.pointer][0]
    for other in tokens.items[token.index + 1 : token.index + 1 + MAX_TOKENS_BELOW]:
        if other.index in alignment.value_tokens or alignment.label_tokens.get(other.index, station) != station:
            return None
        words = other.text.split()
        if words and len(words[-1]) <= MAX_UNIT and numbers.find_unit(words[-1], item.unit) not in (None, unit):
            before = (tokens.items[token.index - 1], *alignment.row_words.get(station, ())) if token.index else ()
            halves = (f"{word.text[-1:]}{words[-1]}" for word in before)
            if words[-2:-1] == words[-1:]:
                return other  # the end of the row's own unit, and the amount's
            if any(numbers.find_unit(half, item.unit) is not None for half in halves):
                # The rest of the row's own unit, which was wrapped in a column of its own; or the amount's.
                placement = alignment.placements[item.pointer]
                doubt = placement._replace(confidence=min(placement.confidence, UNSURE_PLACE), doubt=PLACE_DOUBT)
                alignment.placements[item.pointer] = doubt
                return None
            return other
        if len(other.text) > MAX_UNIT and other.index not in alignment.label_tokens and len(words) < 2:
            return None
    return None


def _words_above(alignment: Alignment, station: int) -> Iterator[Token]:
    """Words that are no label of the form, between a row and the row of numbers above it: headers that were run together, mostly."""
    for instance in alignment.instances:
        ends = sorted(token.index for row in instance.rows for token in row.values)
        for row in instance.rows:
            if row.station == station and row.values:
                first = row.values[0].index
                place = bisect_left(ends, first)
                after = ends[place - 1] if place else -1
                yield from (token for token in (*instance.leftover, *instance.prose) if after < token.index < first)


def _words_on_top(alignment: Alignment, table: int) -> Iterator[Token]:
    """Short words that are no label of the form, between the heading of a table and its first numbers: a line that tells the units."""
    for instance in alignment.instances:
        if instance.table == table:
            first = min((row.values[0].index for row in instance.rows if row.values), default=-1)
            yield from (
                token for token in (*instance.leftover, *instance.prose) if token.index < first and len(token.text) <= MAX_LOOSE_LABEL
            )


# ---- findings -------------------------------------------------------------------------------------------------------


def _say_nulls(draft: Draft, alignment: Alignment) -> None:
    """One finding a row and reason for every field without a number."""
    blank: dict[tuple[str, ...], list[Field]] = {}
    lost: dict[tuple[tuple[str, ...], str], list[Field]] = {}
    absent: dict[tuple[tuple[str, ...], str], list[Field]] = {}
    for item in alignment.layout.form.fields:
        placement = alignment.placements[item.pointer]
        key = (item.table_id, *item.row_path)
        if placement.kind == "blank":
            blank.setdefault(key, []).append(item)
        elif placement.kind == "lost":
            lost.setdefault((key, placement.reason or ""), []).append(item)
        elif placement.kind == "absent":
            absent.setdefault((key[:1], placement.reason or ""), []).append(item)
    for fields in blank.values():
        names = ", ".join(" > ".join(item.column_path[-1:]) for item in fields)
        _say(draft, "blank-cell", f"{_row_name(fields[0])}: printed without a number: {names}", fields)
    for (_, reason), fields in lost.items():
        _say(draft, "value-lost", f"{_row_name(fields[0])}: {reason}", fields)
    for (_, reason), fields in absent.items():
        _say(draft, "not-printed", f"{len(fields)} fields of table {fields[0].table_id}: {reason}", fields)


def _say(draft: Draft, code: str, message: str, fields: Sequence[Field]) -> None:
    draft.findings.append(make_finding(code, message, pointers=tuple(item.pointer for item in fields), places=_places(draft, fields)))


def _places(draft: Draft, fields: Iterable[Field]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(place for item in fields for place in draft.evidence[item.pointer].places))


def _say_structure(draft: Draft, alignment: Alignment, tokens: Tokens) -> None:
    layout = alignment.layout
    read = alignment.tables_read()
    for number, table in enumerate(layout.form.tables):
        if number not in read:
            fields = [item for item in layout.form.fields if item.table_id == table.id]
            printed = "its heading is there, its numbers are not" if number in alignment.captions else "not in the document"
            draft.findings.append(
                make_finding(
                    "table-missing",
                    f"table {table.id} ({table.captions.text}): {printed}",
                    pointers=tuple(item.pointer for item in fields),
                )
            )
    if alignment.deduplicated:
        draft.findings.append(make_finding("lines-deduplicated", "lines that occurred before were dropped from this copy of the report"))
    for instance in alignment.repeats:
        name = layout.form.tables[instance.table].id
        draft.findings.append(
            make_finding("repeated-table", f"table {name} is printed again", places=(tokens.items[instance.first].place,))
        )
    for pointer, (one, other) in alignment.conflicts.items():
        draft.findings.append(
            make_finding(
                "conflicting-copies",
                f"{pointer}: printed as {one.text!r} and as {other.text!r}",
                pointers=(pointer,),
                places=(one.place, other.place),
            )
        )
    for first, reason in alignment.columns_doubt.items():
        station = layout.stations[first]
        pointers = tuple(
            item.pointer
            for order, fields_ in layout.row_fields.items()
            if (layout.stations[order].table, layout.stations[order].band) == (station.table, station.band)
            for item in fields_
            if item is not None and alignment.placements[item.pointer].kind == "value"
        )
        draft.findings.append(make_finding("columns-differ", reason, pointers=pointers))
    _say_unmapped(draft, alignment, tokens)


def _say_unmapped(draft: Draft, alignment: Alignment, tokens: Tokens) -> None:
    for instance in (*alignment.instances, *alignment.repeats):
        for run in (*instance.extra, *instance.orphans):
            kept = [token for token in run if token.index not in alignment.value_tokens]
            if not any(alignment.layout.numbers.read(token.text).kind != "blank" for token in kept):
                continue
            is_stray = kept[0].table < 0 and len(run) == 1 and run not in instance.extra
            if is_stray and _is_alone(tokens, kept[0], certain=False):
                draft.findings.append(
                    make_finding("stray-number", f"{kept[0].text!r} stands between the rows of a table", places=(kept[0].place,))
                )
                continue
            label = next((t.text for t in instance.leftover if t.row == kept[0].row), None)
            head = f"{label}: " if label else ""
            texts = " | ".join(token.text for token in kept[:20])
            draft.findings.append(
                make_finding("unmapped-cell", f"{head}{texts} is no field of the form", places=tuple(token.place for token in kept))
            )
        if instance.beside:
            said = f"{len(instance.beside)} cells stand in columns that are none of the form's"
            draft.findings.append(make_finding("unmapped-cell", said, places=tuple(token.place for token in instance.beside)))
        if instance.row_numbers:
            said = f"{instance.row_numbers[0].text} to {instance.row_numbers[-1].text} number the rows"
            draft.findings.append(make_finding("row-numbers", said, places=(instance.row_numbers[0].place,)))
        rows_with_values = {token.row for run in instance.extra for token in run}
        start = instance.table_start(alignment.layout)
        for token in instance.leftover:
            inside = token.table >= 0 and start < token.index < instance.last and token.row not in rows_with_values
            if len(token.text) > MAX_LOOSE_LABEL and not tokens.row_known[token.row]:
                continue  # prose between the tables of a page that came as one line
            if inside and token.index not in alignment.label_tokens and not _is_alone(tokens, token):
                if _heads_nothing(tokens, token, instance):
                    draft.findings.append(make_finding("empty-column", f"nothing stands below {token.text!r}", places=(token.place,)))
                    continue
                draft.findings.append(make_finding("unmapped-cell", f"{token.text!r} is no label of the form", places=(token.place,)))


def _heads_nothing(tokens: Tokens, token: Token, instance: Instance) -> bool:
    """Whether a word above the first row stands over a column of its own in which no cell has text."""
    rows = {row.row: row.values[0].index for row in instance.rows if row.values}
    if token.col is None or not rows or token.index > min(rows.values()):
        return False
    below = (other for other in tokens.items[min(rows.values()) : instance.end] if other.text and other.col is not None)
    return not any(
        other.table == token.table
        and other.row in rows
        and other.col < token.col + token.col_span
        and other.col + other.col_span > token.col
        for other in below
        if other.col is not None
    )


def _is_alone(tokens: Tokens, token: Token, *, certain: bool = True) -> bool:
    """Whether a text is the only one of its (certain) row: a note, a heading or a paragraph, not a cell beside numbers."""
    if certain and not tokens.row_known[token.row]:
        return False
    start = end = token.index
    while start > 0 and tokens.items[start - 1].row == token.row:
        start -= 1
    while end + 1 < len(tokens) and tokens.items[end + 1].row == token.row:
        end += 1
    return all(not tokens.items[index].text or index == token.index for index in range(start, end + 1))


def _row_name(item: Field) -> str:
    return " > ".join(item.row_path) or item.table_id


def _name(item: Field) -> str:
    return " > ".join((*item.row_path[-1:], *item.column_path[-1:]))


def _set(record: dict[str, Any], pointer: str, value: Any) -> None:
    """Put a value at a JSON pointer, making the objects on the way."""
    path, last = _parts(pointer)
    for part in path:
        record = record.setdefault(part, {})
    record[last] = value


@lru_cache(maxsize=4096)
def _parts(pointer: str) -> tuple[tuple[str, ...], str]:
    *path, last = pointer.strip("/").split("/")
    return tuple(path), last
