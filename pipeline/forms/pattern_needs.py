"""What a text must contain for a pattern to match it, so that most texts need not be tried."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["Needs", "needed_characters"]

# Of the characters of each part at least one is in every text that matches.
Needs = tuple[str, ...]

MAX_CHOICE = 40  # characters; a larger choice is met by nearly every text


def needed_characters(pattern: str) -> Needs:
    """The needs of a regular expression, single characters first. Empty where nothing is known, also for patterns that ignore case."""
    try:
        parsed = importlib.import_module("re._parser").parse(pattern)  # private to Python, but without it only time is lost
    except (ImportError, AttributeError):
        return ()
    if parsed.state.flags & re.IGNORECASE:
        return ()
    needs = {"".join(sorted(choice)) for choice in _of_sequence(parsed)}
    return tuple(sorted(needs, key=lambda item: (len(item), item)))


def _of_sequence(items: Any) -> set[frozenset[str]]:
    return {choice for item in items for choice in _of_item(str(item[0]), item[1])}


def _of_item(name: str, argument: Any) -> Iterator[frozenset[str]]:
    if name == "LITERAL":
        yield frozenset(chr(argument))
    elif name == "IN":
        choice = _of_set(argument)
        if choice:
            yield choice
    elif name == "SUBPATTERN":
        group_flags = argument[1]
        if not group_flags & re.IGNORECASE:
            yield from _of_sequence(argument[-1])
    elif name == "ATOMIC_GROUP":
        yield from _of_sequence(argument)
    elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        if argument[0] >= 1:
            yield from _of_sequence(argument[2])
    elif name == "BRANCH":
        yield from _of_branches([_of_sequence(branch) for branch in argument[1]])


def _of_set(members: Any) -> frozenset[str]:
    """The characters of a set; none for a set that is large, negated or has classes in it."""
    found: set[str] = set()
    for kind, argument in members:
        if str(kind) == "LITERAL":
            found.add(chr(argument))
        elif str(kind) == "RANGE" and argument[1] - argument[0] < MAX_CHOICE:
            found.update(map(chr, range(argument[0], argument[1] + 1)))
        else:
            return frozenset()
    return frozenset(found) if len(found) <= MAX_CHOICE else frozenset()


def _of_branches(branches: Sequence[set[frozenset[str]]]) -> Iterator[frozenset[str]]:
    """What all branches need, and one choice of each, together."""
    yield from set.intersection(*branches)
    if all(branches):
        union = frozenset[str]().union(*(min(branch, key=lambda choice: (len(choice), sorted(choice))) for branch in branches))
        if len(union) <= MAX_CHOICE:
            yield union
