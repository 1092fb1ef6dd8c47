"""Rows whose labels were misread: read by their place in the form's order, with doubt, or left over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.forms.chain import find_chain
from pipeline.forms.misread import place_misread_rows
from pipeline.forms.rows import Instance, read_instances
from tests.forms.test_rows import values
from tests.harbour import layout, readings, rows, tokens_of

HEADER = (["Voyage", "Propelled by", "Total"], ["Sail", "Steam"])


def read(*printed: Sequence[str], is_scanned: bool = True) -> Instance:
    tokens = tokens_of(rows(*HEADER, *map(list, printed)))
    items = tuple(token._replace(col=place) for place, token in enumerate(tokens.items))  # drawn cells tell their columns
    tokens = replace(tokens, items=items, recognised={token.place for token in items} if is_scanned else ())
    read_as = readings(tokens)
    matches, _ = find_chain(layout(), tokens, read_as)
    (instance,) = read_instances(layout(), tokens, read_as, matches)
    place_misread_rows(layout(), tokens, read_as, instance)
    return instance


def test_a_row_with_a_misread_label_is_the_one_missing_at_its_place() -> None:
    instance = read(
        ["Coastal voyages", "Laden", "31", "12", "43"],
        ["Jn daIlost", "7", "", "7"],
        ["Foreign voyages", "Laden", "5", "4", "9"],
    )
    assert values(instance)[1] == ("/traffic/coastal/ballast", ["7", "", "7"])
    assert instance.extra == []
    assert instance.leftover == []
    match = instance.rows[1].match
    assert match is not None
    assert match.similarity < 0.75
    assert instance.rows[1].is_guessed


def test_what_was_not_recognised_from_pixels_was_not_misread() -> None:
    instance = read(
        ["Coastal voyages", "Laden", "31", "12", "43"],
        ["Jn daIlost", "7", "", "7"],
        ["Foreign voyages", "Laden", "5", "4", "9"],
        is_scanned=False,
    )
    assert [pointer for pointer, _ in values(instance)] == ["/traffic/coastal/laden", "/traffic/foreign/laden"]


def test_words_that_are_nothing_like_the_label_are_left_over() -> None:
    instance = read(
        ["Coastal voyages", "Laden", "31", "12", "43"],
        ["Quarantined", "7", "", "7"],
        ["Foreign voyages", "Laden", "5", "4", "9"],
    )
    assert [pointer for pointer, _ in values(instance)] == ["/traffic/coastal/laden", "/traffic/foreign/laden"]
    assert instance.extra


def test_a_row_with_other_cells_than_columns_is_left_over() -> None:
    instance = read(
        ["Coastal voyages", "Laden", "31", "12", "43"],
        ["Jn daIlost", "7", "7"],
        ["Foreign voyages", "Laden", "5", "4", "9"],
    )
    assert [pointer for pointer, _ in values(instance)] == ["/traffic/coastal/laden", "/traffic/foreign/laden"]
