"""Numbers for a form that satisfy all its identities; and the errors that clerks make in them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipeline.model.form import Form, Identity

__all__ = ["PROFILES", "Number", "Slip", "broken_identities", "draw_numbers", "make_slip"]

Number = int | Decimal | None  # None: the cell is printed without a number


@dataclass(frozen=True, slots=True)
class Profile:
    """How large and how sparse the numbers of a report are."""

    zero_share: float
    largest: int


PROFILES = {
    "empty": Profile(1.0, 1),
    "sparse": Profile(0.93, 12),
    "usual": Profile(0.6, 60),
    "dense": Profile(0.2, 900),
    "large": Profile(0.35, 2_000_000),
}


@dataclass(frozen=True, slots=True)
class Slip:
    """A clerk's error: `pointer` was printed as `printed` where `meant` was right."""

    pointer: str
    meant: Number
    printed: Number


def draw_numbers(form: Form, rng: random.Random, profile_name: str) -> dict[str, Number]:
    """A number for every field, all identities satisfied.

    Sums are computed from their parts, parts before wholes; a balance gives its first part where no sum does.
    """
    profile = PROFILES[profile_name]
    values: dict[str, Number] = {field.pointer: _draw(rng, profile, field.type, field.pointer) for field in form.fields}
    sums = [identity for identity in form.identities if identity.kind == "sum"]
    for identity in (item for item in form.identities if item.kind == "part"):
        values[identity.parts[0]] = min(_plain(values[identity.parts[0]]), _plain(values[identity.whole or ""]))
    _settle(values, sums)
    wholes = {identity.whole for identity in sums}
    for identity in (item for item in form.identities if item.kind == "balance"):
        brought, carried, done, left = identity.parts
        if brought in wholes:
            continue  # follows from the parts of the row
        available = _plain(values[done]) + _plain(values[left])
        values[carried] = min(_plain(values[carried]), available)
        values[brought] = available - _plain(values[carried])
    _settle(values, sums)
    return values


def broken_identities(form: Form, values: Mapping[str, Number]) -> list[Identity]:
    """The identities that the numbers do not satisfy. Blank counts as 0; an identity with a field that is not printed is left out."""
    return [
        identity for identity in form.identities if all(pointer in values for pointer in identity.pointers) and not _holds(identity, values)
    ]


def make_slip(form: Form, values: Mapping[str, Number], rng: random.Random) -> Slip:
    """An error in one number that breaks at least one identity."""
    bound = sorted({pointer for identity in form.identities for pointer in identity.pointers if values.get(pointer) is not None})
    while True:
        pointer = rng.choice(bound)
        meant = values[pointer]
        printed = _miswrite(int(_plain(meant)), rng)
        slip = Slip(pointer, meant, printed)
        if printed != meant and broken_identities(form, {**values, pointer: printed}):
            return slip


def _draw(rng: random.Random, profile: Profile, kind: str, pointer: str) -> Number:
    if rng.random() < profile.zero_share:
        return 0
    size = int(profile.largest ** rng.random() ** 0.5)
    if kind == "decimal":
        return (Decimal(rng.randint(1, max(size, 2) * 10_000)) / 10_000).normalize() + 0
    drawn = rng.randint(1, max(size, 1))
    return -drawn if pointer.endswith("/change") and rng.random() < 0.4 else drawn


def _settle(values: dict[str, Number], sums: list[Identity]) -> None:
    """Compute every whole from its parts; a whole that is itself a part comes first."""
    waiting = list(sums)
    while waiting:
        unsettled = {identity.whole for identity in waiting}
        ready = [identity for identity in waiting if not unsettled & set(identity.parts)]
        for identity in ready:
            values[identity.whole or ""] = sum((_plain(values[part]) for part in identity.parts), start=0)
        waiting = [identity for identity in waiting if identity not in ready]


def _holds(identity: Identity, values: Mapping[str, Number]) -> bool:
    parts = [_plain(values[part]) for part in identity.parts]
    if identity.kind == "balance":
        return parts[0] + parts[1] == parts[2] + parts[3]
    whole = _plain(values[identity.whole or ""])
    return parts[0] <= whole if identity.kind == "part" else sum(parts) == whole


def _plain(value: Number) -> int | Decimal:
    return 0 if value is None else value


def _miswrite(value: int, rng: random.Random) -> int:
    digits = str(abs(value))
    sign = -1 if value < 0 else 1
    place = rng.randrange(len(digits))
    match rng.choice(("digit", "off", "swap", "drop", "double")):
        case "digit":
            return sign * int(digits[:place] + rng.choice("123456789") + digits[place + 1 :])
        case "swap" if len(digits) > 1:
            place = min(place, len(digits) - 2)
            return sign * int(digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :])
        case "drop" if len(digits) > 1:
            return sign * int(digits[:place] + digits[place + 1 :])
        case "double":
            return sign * int(digits[: place + 1] + digits[place:])
        case _:
            return value + rng.choice((1, 2, 10)) if value < 2 else value + rng.choice((-1, 1, 2))
