"""What a family of forms says over the years: which fields mean the same, what the next report must repeat, what prose says of a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Claim", "Meaning", "Promise", "SeriesRules"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that several forms count. `pointers`: form -> field. `note`: where the meanings differ a little."""

    name: str
    pointers: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """`later` of a year is `earlier` of the year before, plus and minus fields of the year itself. The forms are those that have all the fields."""

    name: str
    says: str
    later: str
    earlier: str
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the prose that leaves no doubt which field it speaks of.

    `patterns`: regular expressions over the squeezed prose, with a group "number"; {year} stands for the year of the report.
    """

    name: str
    pointers: Mapping[str, str]
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeriesRules:
    """All that one family says."""

    meanings: tuple[Meaning, ...] = ()
    promises: tuple[Promise, ...] = ()
    claims: tuple[Claim, ...] = ()
