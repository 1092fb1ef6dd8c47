"""The words of a form file: how numbers, titles and narrative headings of a report family are printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from pipeline.errors import ConfigError
from pipeline.forms.toml_lines import Node
from pipeline.model.form import Label, Metadata, NarrativeSection, NumberRules

__all__ = ["check_pattern", "read_metadata", "read_narrative", "read_numbers", "read_vocabulary"]

_NUMBER_LISTS = ("blank_marks", "counter_words", "negative_words", "positive_words", "zero_words")
_GROUPS = ("title", "agency", "year", "start", "end")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]{0,60})\}")
_LARGEST_REPEAT = 200
_MOST_PATTERN_CHARACTERS = 20_000

Entries = Mapping[str, Node]


def read_numbers(entries: Entries) -> NumberRules:
    """Read [numbers]: word lists, multipliers and units. `entries` are its keys; all are optional."""
    lists = {key: entries[key].texts() for key in _NUMBER_LISTS if key in entries}
    multipliers = _factors(entries["multipliers"]) if "multipliers" in entries else {}
    units = {unit: _factors(node) for unit, node in entries["units"].table().items()} if "units" in entries else {}
    return NumberRules(**lists, multipliers=multipliers, units=units)


def _factors(node: Node) -> dict[str, Decimal]:
    return {word: _factor(entry) for word, entry in node.table().items()}


def _factor(node: Node) -> Decimal:
    """A factor is a whole number or a decimal in quotes: a TOML float would not be exact."""
    if isinstance(node.value, float):
        raise node.error(f'{node.name} is a number with a point; write it in quotes, "{node.value}", so that it stays exact')
    text = str(node.value) if isinstance(node.value, int) and not isinstance(node.value, bool) else node.text()
    try:
        factor = Decimal(text)
    except InvalidOperation:
        raise node.error(f'{node.name} is "{text}", which is not a number; write for example "0.0001"') from None
    if not factor.is_finite() or factor <= 0:
        raise node.error(f"{node.name} is {text}; a factor must be greater than 0")
    return factor


def read_vocabulary(entries: Entries) -> dict[str, str]:
    """Read [vocabulary]: word to word, for matching."""
    vocabulary: dict[str, str] = {}
    for word, node in entries.items():
        if word == node.text():
            raise node.error(f'"{word}" is mapped to itself; take it out')
        vocabulary[word] = node.text()
    return vocabulary


def read_narrative(entries: Entries) -> tuple[NarrativeSection, ...]:
    """Read [narrative]: the key in the record and the headings that open the section."""
    sections: list[NarrativeSection] = []
    owner: dict[str, str] = {}
    for key, node in entries.items():
        if not _NAME.fullmatch(key):
            raise node.error(f'the narrative key "{key}" may have small letters, digits and "_" only')
        headings = node.texts()
        for heading in headings:
            if heading in owner:
                raise node.error(f'the heading "{heading}" already opens "{owner[heading]}"; take it out of one of them')
            owner[heading] = key
        sections.append(NarrativeSection(key, Label(headings)))
    return tuple(sections)


# ---- patterns ---------------------------------------------------------------------------------------------------------


def read_metadata(entries: Entries) -> Metadata:
    """Read [metadata]: `parts` (named pieces of patterns) and `patterns`, each of which serves every group that it has."""
    part_nodes = entries["parts"].table() if "parts" in entries else {}
    parts = _read_parts(part_nodes)
    by_group: dict[str, list[str]] = {group: [] for group in _GROUPS}
    for node in entries["patterns"].items() if "patterns" in entries else ():
        pattern = _filled(node, parts)
        try:
            groups = _compiled(node, pattern).groupindex
        except ConfigError:
            for name, part in parts.items():  # compiled only now: it takes long, and a sound pattern has sound parts
                _compiled(part_nodes[name], part)
            raise
        for group in _known_groups(node, tuple(groups)):
            by_group[group].append(pattern)
    return Metadata(
        title=tuple(by_group["title"]), agency=tuple(by_group["agency"]), year=tuple(by_group["year"]), period=tuple(by_group["start"])
    )


def _read_parts(entries: Entries) -> dict[str, str]:
    parts: dict[str, str] = {}
    for name, node in entries.items():
        if not _NAME.fullmatch(name):
            raise node.error(f'the part "{name}" may have small letters, digits and "_" only')
        parts[name] = f"(?:{_filled(node, parts)})"
    return parts


def _filled(node: Node, parts: Mapping[str, str]) -> str:
    """The pattern with {name} replaced by the part of that name; parts may use those above them."""
    text = node.text()
    _check_repeats(node, text)
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in parts:
            known = ", ".join(parts) or "none"
            raise node.error(f"the pattern uses {match[0]}, but there is no such part above it under [metadata.parts]; known: {known}")
    filled = _PLACEHOLDER.sub(lambda match: parts[match[1]], text)
    if len(filled) > _MOST_PATTERN_CHARACTERS:
        raise node.error(f"the pattern has {len(filled)} characters with its parts filled in; {_MOST_PATTERN_CHARACTERS} is the most")
    return filled


def _known_groups(node: Node, groups: tuple[str, ...]) -> tuple[str, ...]:
    for group in groups:
        if group not in _GROUPS:
            raise node.error(f'the pattern has a group "{group}"; the known ones are: {", ".join(_GROUPS)}')
    if not groups:
        raise node.error("the pattern has no group, so it finds nothing; write (?P<title>...), (?P<agency>...), (?P<year>...) ...")
    if ("start" in groups) != ("end" in groups):
        raise node.error('a period needs both groups, "start" and "end", in one pattern')
    return groups


def check_pattern(node: Node, pattern: str) -> re.Pattern[str]:
    """A regular expression without repetition that has no bound. ConfigError when it is not valid, or not bounded."""
    _check_repeats(node, pattern)
    return _compiled(node, pattern)


def _compiled(node: Node, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as cause:
        raise node.error(f"not a valid regular expression: {cause}") from cause


def _check_repeats(node: Node, pattern: str) -> None:
    """Refuse repetition without a bound: on a hostile page it can take for ever."""
    for sign in _repeats(pattern):
        if sign in ("*", "+"):
            raise node.error(f'the pattern repeats without an end ("{sign}"); give it a bound, for example {{0,40}}')
        most = sign.strip("{}").partition(",")[2] if "," in sign else sign.strip("{}")
        if not most or int(most) > _LARGEST_REPEAT:
            raise node.error(f'the pattern repeats too often ("{sign}"); the most is {{0,{_LARGEST_REPEAT}}}')


_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?|\{\d{0,9}(?:,\d{0,9})?\}|[*+]|.", re.DOTALL)


def _repeats(pattern: str) -> list[str]:
    """The repetition signs of a pattern, without those that are escaped, in a [class], or a "+" that makes another possessive."""
    signs: list[str] = []
    before = ""
    for match in _TOKEN.finditer(pattern):
        token = match[0]
        is_repeat = token in ("*", "+") or (token[0] == "{" and len(token) > 2)
        if is_repeat and not (token == "+" and (before in ("*", "+", "?") or before.startswith("{"))):
            signs.append(token)
        before = token
    return signs
