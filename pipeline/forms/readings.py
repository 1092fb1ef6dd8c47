"""What was recognised on scanned pages, weighed: doubtful readings are flagged, and repaired where the picture and every sum agree on one other.

A repair needs all of this: the reading is doubtful; the other reading is one that the recogniser itself gave of the same ink; at least two sums
contain the cell, and with the other reading all of them hold; no other change of one cell would mend any of them. What a clerk printed wrongly
is read with certainty and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.forms.alignment import CONFIDENCE_FLOOR, Alignment
from pipeline.forms.assemble import Draft
from pipeline.model.finding import Finding, make_finding
from pipeline.model.form import Field, Identity
from pipeline.model.place import Place
from pipeline.model.reading import Reading
from pipeline.values.numbers import convert_value

__all__ = ["REPAIRED", "Repair", "find_repairs", "weigh_readings"]

Number = int | Decimal

CERTAIN = 0.995  # a reading as sure as that is never repaired
REPAIRED = 0.97  # confidence of a repaired reading before the sums are counted for it
UNPLACED = 0.5  # confidence of a number that may be another cell's
_SUM_SHARE = 0.1  # of the doubt of a reading that is left where a sum proves the number
_LEAST_SUMS = 2  # that must contain a cell for it to be repaired
_MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Repair:
    """A cell whose text is to be another reading of its ink."""

    pointer: str
    place: Place
    text: str
    instead_of: str


def weigh_readings(
    draft: Draft, alignment: Alignment, readings: Mapping[Place, Reading], proved: frozenset[str], repaired: Sequence[Repair]
) -> list[Finding]:
    """Lower the confidence of fields to that of their readings, raised where a sum proves the number; flag those below the floor.

    A sum tells nothing of a zero: blank counts as zero, too.
    """
    findings: list[Finding] = []
    if not readings:
        return findings
    unplaced: dict[tuple[str, tuple[str, ...]], list[Field]] = {}
    for item in alignment.layout.form.fields:
        evidence = draft.evidence[item.pointer]
        reading = _reading_of(evidence.places, readings)
        if reading is None or alignment.placements[item.pointer].kind not in ("value", "blank"):
            continue
        if not reading.is_placed:
            unplaced[item.table_id, item.row_path] = []
            continue
        confidence = reading.confidence
        if item.pointer in proved and draft.numbers[item.pointer]:
            confidence = 1 - (1 - confidence) * _SUM_SHARE
        if confidence < CONFIDENCE_FLOOR:
            message = f"{_name(item)}: {_looks(reading)}"
            findings.append(make_finding("uncertain-reading", message, pointers=(item.pointer,), places=evidence.places))
        others = tuple(dict.fromkeys((*evidence.alternatives, *(text for text, _ in reading.others))))
        draft.evidence[item.pointer] = evidence._replace(confidence=min(evidence.confidence, confidence), alternatives=others)
    findings.extend(_doubt_rows(draft, alignment, unplaced))
    findings.extend(_weigh_metadata(draft, readings))
    findings.extend(_weigh_units(draft, readings))
    findings.extend(
        make_finding(
            "reading-repaired",
            f"read as {repair.instead_of!r}, repaired to {repair.text!r}, which the picture supports and all sums over the cell prove",
            pointers=(repair.pointer,),
            places=(repair.place,),
        )
        for repair in repaired
    )
    return findings


def _doubt_rows(draft: Draft, alignment: Alignment, rows: dict[tuple[str, tuple[str, ...]], list[Field]]) -> list[Finding]:
    """One finding for each row whose rules are doubtful: which of its numbers stands in which column no sum of the row can tell."""
    for item in alignment.layout.form.fields:
        if (item.table_id, item.row_path) in rows and alignment.placements[item.pointer].kind in ("value", "blank"):
            rows[item.table_id, item.row_path].append(item)
            evidence = draft.evidence[item.pointer]
            draft.evidence[item.pointer] = evidence._replace(confidence=min(evidence.confidence, UNPLACED))
    return [
        make_finding(
            "uncertain-reading",
            f"{' > '.join(path)}: rules beside its cells seem to be lost, so its numbers may stand in other columns or be another row's",
            pointers=tuple(item.pointer for item in fields),
            places=tuple(dict.fromkeys(place for item in fields for place in draft.evidence[item.pointer].places)),
        )
        for (_, path), fields in rows.items()
    ]


def _weigh_metadata(draft: Draft, readings: Mapping[Place, Reading]) -> list[Finding]:
    """Years and dates are numbers, too: where two looks at their line see other figures, they are doubtful."""
    findings = []
    for pointer in ("/title", "/agency", "/year", "/period/start", "/period/end"):
        evidence = draft.evidence.get(pointer)
        reading = None if evidence is None else _reading_of(evidence.places, readings)
        if evidence is None or reading is None:
            continue
        draft.evidence[pointer] = evidence._replace(confidence=min(evidence.confidence, reading.confidence))
        if reading.confidence < CONFIDENCE_FLOOR and pointer not in ("/title", "/agency"):
            findings.append(make_finding("uncertain-reading", f"{pointer}: {_looks(reading)}", pointers=(pointer,), places=evidence.places))
    return findings


def _weigh_units(draft: Draft, readings: Mapping[Place, Reading]) -> list[Finding]:
    """An amount without a unit on a scanned page: the unit may be printed and not have been recognised."""
    findings = []
    for finding in draft.findings:
        if finding.code == "unit-unknown" and any(place in readings for place in finding.places):
            message = f"{finding.message}: no unit was recognised, and one may be printed"
            findings.append(make_finding("uncertain-reading", message, pointers=finding.pointers, places=finding.places))
    return findings


def find_repairs(draft: Draft, alignment: Alignment, readings: Mapping[Place, Reading]) -> list[Repair]:
    """The readings to be replaced, each by the only change of one cell that mends a sum; found again as often as repairs make others plain."""
    if not readings:
        return []
    form = alignment.layout.form
    sums = [identity for identity in form.identities if identity.kind in ("sum", "balance")]
    by_pointer: dict[str, list[Identity]] = {}
    for identity in sums:
        for pointer in identity.pointers:
            by_pointer.setdefault(pointer, []).append(identity)
    numbers = dict(draft.numbers)
    unknown = set(draft.unknown)
    changes = _possible_changes(draft, alignment, readings, by_pointer)
    repairs: list[Repair] = []
    for _ in range(_MOST_ROUNDS):
        found = _plain_repair(sums, by_pointer, numbers, unknown, changes)
        if found is None:
            break
        pointer, text, value = found
        repairs.append(Repair(pointer, draft.evidence[pointer].places[0], text, draft.evidence[pointer].raw))
        numbers[pointer] = value
        unknown.discard(pointer)
        changes.pop(pointer)
    return repairs


def _possible_changes(
    draft: Draft, alignment: Alignment, readings: Mapping[Place, Reading], by_pointer: Mapping[str, Sequence[Identity]]
) -> dict[str, list[tuple[str, Number]]]:
    """For each doubtful cell that enough sums contain, the other readings that are numbers, each value once."""
    changes: dict[str, list[tuple[str, Number]]] = {}
    layout = alignment.layout
    for item in layout.form.fields:
        evidence = draft.evidence[item.pointer]
        reading = _reading_of(evidence.places, readings)
        if reading is None or not reading.is_placed or reading.confidence >= CERTAIN or len(by_pointer.get(item.pointer, ())) < _LEAST_SUMS:
            continue
        seen: set[Number | None] = {draft.numbers[item.pointer]}
        for text, _ in reading.others:
            said = layout.numbers.read(text)
            if said.kind != "number":
                continue
            value = convert_value(said, type=item.type, unit=item.unit, context_unit=None, rules=layout.form.numbers).value
            if value is not None and value not in seen:
                seen.add(value)
                changes.setdefault(item.pointer, []).append((text, value))
    return changes


def _plain_repair(
    sums: Sequence[Identity],
    by_pointer: Mapping[str, Sequence[Identity]],
    numbers: Mapping[str, Number | None],
    unknown: set[str],
    changes: Mapping[str, Sequence[tuple[str, Number]]],
) -> tuple[str, str, Number] | None:
    """A change of one cell that makes all its sums hold where some sum does not, when no other change mends any of those sums."""
    for identity in sums:
        lacking = [pointer for pointer in identity.pointers if pointer in unknown]
        if len(lacking) > 1 or (not lacking and holds(identity, numbers)):
            continue
        mending = [
            (pointer, text, value)
            for pointer in (lacking or identity.pointers)
            for text, value in changes.get(pointer, ())
            if holds(identity, {**_of(identity, numbers), pointer: value})
        ]
        if len(mending) != 1:
            continue
        pointer, text, value = mending[0]
        others = by_pointer[pointer]
        rest = {p for other in others for p in other.pointers if p != pointer}
        if not rest & unknown and all(holds(other, {**_of(other, numbers), pointer: value}) for other in others):
            return pointer, text, value
    return None


def _of(identity: Identity, numbers: Mapping[str, Number | None]) -> dict[str, Number | None]:
    return {pointer: numbers[pointer] for pointer in identity.pointers}


def holds(identity: Identity, numbers: Mapping[str, Number | None]) -> bool:
    """Whether a sum or a balance holds; blank counts as 0."""
    values = [numbers[pointer] or 0 for pointer in identity.parts]
    if identity.kind == "balance":
        return values[0] + values[1] == values[2] + values[3]
    return identity.whole is not None and (numbers[identity.whole] or 0) == sum(values)


def _reading_of(places: Iterable[Place], readings: Mapping[Place, Reading]) -> Reading | None:
    """The least certain of the readings at some places."""
    found = [readings[place] for place in places if place in readings]
    return min(found, key=lambda reading: reading.confidence, default=None)


def _looks(reading: Reading) -> str:
    second = "" if reading.second is None or reading.second == reading.text else f", at a second look {reading.second!r}"
    return f"read as {reading.text!r}{second} (confidence {reading.confidence:.2f})"


def _name(item: Field) -> str:
    return " > ".join((*item.row_path[-1:], *item.column_path[-1:]))
