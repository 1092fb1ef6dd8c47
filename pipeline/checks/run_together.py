"""Two texts of one cell printed as one: a number that was struck out or deleted, and the one that stands for it, run together as 93 48.

Nothing of such a number itself says so. A report where several show it, in which no sum speaks for most numbers, may hold more of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from decimal import Decimal

from pipeline.model.finding import Finding, make_finding
from pipeline.model.form import Form, Identity
from pipeline.model.result import Evidence
from pipeline.values.numbers import ValueReading, reader_of

__all__ = ["check_run_together"]

MIN_SIGNS = 2  # a clerk may err once
MIN_DIGITS = 2  # of a number that may be two

Number = int | Decimal


def check_run_together(
    form: Form,
    numbers: Mapping[str, Number | None],
    unknown: Set[str],
    evidence: Mapping[str, Evidence],
    named: Set[str],
    unread: Iterable[str],
) -> tuple[Finding, ...]:
    """One finding that points at all numbers that no sum speaks for, where several numbers show that two texts were run together; else none.

    Such a number ends in a mark for "nothing", or a broken sum holds without its first digits. `named`: what broken sums point at; `unread`: texts
    among the rows that are no field's.
    """
    if not named and not unknown:
        return ()
    sums = [item for item in form.identities if item.kind != "part" and unknown.isdisjoint(item.pointers)]
    broken = [item for item in sums if _excess(item, numbers)]
    suspects: set[str] = set()
    texts = (*unread, *(evidence[pointer].raw for pointer in unknown if pointer in evidence))
    read = reader_of(form.numbers).read
    signs = sum(1 for text in texts if _ends_in_mark(form.numbers.blank_marks, text, read))
    if not broken and not signs:
        return ()
    for item in broken:
        mended = _mended(item, numbers)
        signs += bool(mended) and suspects.isdisjoint(mended)
        suspects |= mended
    if signs < MIN_SIGNS:
        return ()
    spoken_for = {pointer for item in sums if not _excess(item, numbers) for pointer in item.pointers}
    spoken_for -= {pointer for item in broken for pointer in item.pointers}
    pointers = tuple(
        pointer
        for pointer, value in numbers.items()
        if value is not None and abs(value) >= 10 ** (MIN_DIGITS - 1) and pointer not in spoken_for
    )
    places = tuple(place for pointer in pointers for place in evidence[pointer].places)
    message = f"{signs} numbers seem to be two that were run together; so may be {len(pointers)} that no sum speaks for"
    return (make_finding("numbers-run-together", message, pointers=pointers, places=places),)


def _excess(identity: Identity, numbers: Mapping[str, Number | None]) -> Number:
    """By how much the left side of a sum is more than its right side; 0 where it holds."""
    values = [numbers[pointer] or 0 for pointer in identity.parts]
    if identity.kind == "balance":
        return values[0] + values[1] - values[2] - values[3]
    return sum(values) - ((numbers[identity.whole] or 0) if identity.whole else 0)


def _mended(identity: Identity, numbers: Mapping[str, Number | None]) -> set[str]:
    """The numbers of a broken sum without whose first digits it would hold: one of them, or else two."""
    excess = _excess(identity, numbers)
    gains = [(pointer, gain) for pointer in identity.pointers for gain in _gains(identity, pointer, numbers[pointer] or 0)]
    single = {pointer for pointer, gain in gains if gain == excess}
    if single:
        return single
    wanted = {excess - gain: pointer for pointer, gain in gains}
    return {pointer for pointer, gain in gains if wanted.get(gain, pointer) != pointer}


def _gains(identity: Identity, pointer: str, value: Number) -> Iterator[Number]:
    """By how much the excess falls where a number loses one, two, ... of its first digits."""
    is_right = pointer == identity.whole or (identity.kind == "balance" and pointer in identity.parts[2:])
    digits = str(value)
    for at in range(1, len(digits)):
        if digits[at] not in "0." or digits[at:] == "0":
            loss = value - type(value)(digits[at:])
            yield -loss if is_right else loss


def _ends_in_mark(marks: Iterable[str], raw: str, read: Callable[[str], ValueReading]) -> bool:
    """Whether a text's last word is a number and a mark for "nothing" behind it."""
    text = (raw.split() or [""])[-1]
    return any(mark and text.endswith(mark) and read(text[: -len(mark)]).kind == "number" for mark in marks)
