"""The sums that a form promises, over the numbers as printed. Blank counts as 0; where a number is unknown nothing is said."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from decimal import Decimal

from pipeline.model.finding import Finding, make_finding
from pipeline.model.form import Form, Identity
from pipeline.model.result import Evidence

__all__ = ["IdentityCheck", "check_identities"]

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """`proved`: pointers of which a sum that holds, and is not all zeros, speaks. `broken`: pointers named by a sum that does not hold."""

    findings: tuple[Finding, ...]
    proved: frozenset[str]
    broken: frozenset[str]


def check_identities(
    form: Form,
    numbers: Mapping[str, Number | None],
    unknown: Set[str],
    evidence: Mapping[str, Evidence],
) -> IdentityCheck:
    """Check every identity. A finding points at the numbers of a broken sum that no sum that holds speaks for, or at all when there is none such.

    numbers: pointer -> value, None for blank or unknown; unknown: pointers whose value is not known to be blank.
    """
    broken: list[tuple[Identity, str]] = []
    held: list[tuple[str, ...]] = []
    proved: set[str] = set()
    for identity in form.identities:
        pointers = identity.pointers
        if not unknown.isdisjoint(pointers):
            continue
        values = [numbers[pointer] or 0 for pointer in identity.parts]
        whole = None if identity.whole is None else (numbers[identity.whole] or 0)
        problem = _problem(identity, whole, values)
        if problem is not None:
            broken.append((identity, problem))
            continue
        if whole or any(values) or all(numbers[pointer] is not None for pointer in pointers):
            held.append(pointers)  # where all is blank or zero, what is blank may as well be lost
        if whole or any(values):
            proved.update(pointers)
    # Two numbers that are both too small by a digit that was cut off balance as well as two right ones.
    doubtful = {pointer for identity, _ in broken for pointer in identity.pointers if numbers[pointer]}
    holding = {pointer for pointers in held if len(doubtful.intersection(pointers)) < 2 for pointer in pointers}
    findings: list[Finding] = []
    for identity, problem in broken:
        findings.extend(_broken(identity, problem, numbers, holding, evidence))
    named = frozenset(pointer for finding in findings for pointer in finding.pointers)
    return IdentityCheck(tuple(findings), frozenset(proved - {p for i, _ in broken for p in i.pointers}), named)


def _problem(identity: Identity, whole: Number | None, parts: list[Number]) -> str | None:
    if identity.kind == "balance":
        left, right = parts[0] + parts[1], parts[2] + parts[3]
        return None if left == right else f"{parts[0]} + {parts[1]} = {left}, but {parts[2]} + {parts[3]} = {right}"
    assert whole is not None
    if identity.kind == "part":
        return None if parts[0] <= whole else f"the part {parts[0]} is more than the whole {whole}"
    total = sum(parts)
    return None if total == whole else f"the parts add up to {total}, the total is {whole}"


def _broken(
    identity: Identity,
    problem: str,
    numbers: Mapping[str, Number | None],
    holding: set[str],
    evidence: Mapping[str, Evidence],
) -> list[Finding]:
    # Not those that another sum speaks for. All of a row with a blank total: where a cell was lost, what is blank may not be the total.
    pointers = tuple(pointer for pointer in identity.pointers if pointer not in holding) or identity.pointers
    extra = []
    if identity.whole is not None and numbers[identity.whole] is None:
        problem = problem.replace("the total is 0", "the total is blank")
        whole = (identity.whole,)
        message = f"{identity.name}: the total is blank although its parts are not"
        extra.append(make_finding("blank-total", message, pointers=whole, places=evidence[identity.whole].places))
        pointers = tuple(dict.fromkeys((*pointers, *whole)))
    places = tuple(place for pointer in pointers for place in evidence[pointer].places)
    return [make_finding("identity-broken", f"{identity.name}: {problem}", pointers=pointers, places=places), *extra]
