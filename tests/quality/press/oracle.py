"""Which values a text still decides, after a converter or a damage has taken cells away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations

from pipeline.model.form import Form
from tests.quality.press.figures import Number
from tests.quality.press.layout import PrintedTable

__all__ = ["bare", "lost_rows", "shifted_texts", "undecided_in_row", "value_rows"]

_MARKS = re.compile(r"[\s|*_#>\\\u2500-\u257f+-]+")


def bare(text: str) -> str:
    """The text without white space, rules and Markdown's marks, for finding labels in it."""
    return _MARKS.sub("", text)


def value_rows(tables: Sequence[PrintedTable]) -> list[tuple[int, str, tuple[str, ...]]]:
    """Every printed row that has fields: the number of its table, its innermost label ("" if none), its pointers in print order."""
    found = []
    for number, table in enumerate(tables):
        for row in table.rows:
            pointers = tuple(cell.pointer for cell in row if cell.pointer is not None)
            stubs = [cell.text for cell in row if cell.kind == "stub"]
            if pointers:
                found.append((number, stubs[-1] if stubs else "", pointers))
    return found


def shifted_texts(rows: Sequence[tuple[str, ...]], texts: Mapping[str, str]) -> dict[str, str]:
    """Other cell texts that differ from `texts` only in which cells of a row are blank: same numbers, same order.

    If a converter makes the same of both, its text does not decide where the numbers stand.
    """
    shifted = dict(texts)
    for pointers in rows:
        kept = [texts[pointer] for pointer in pointers if texts[pointer]]
        if 0 < len(kept) < len(pointers):
            lacking = [""] * (len(pointers) - len(kept))
            now = [texts[pointer] for pointer in pointers]
            other = kept + lacking if now != kept + lacking else lacking + kept
            shifted.update(zip(pointers, other, strict=True))
    return shifted


def undecided_in_row(form: Form, pointers: tuple[str, ...], values: Mapping[str, Number]) -> tuple[str, ...]:
    """The fields of a row that its numbers, in order, and the sums of the row alone do not decide (blank counts as 0).

    Sums over columns may still decide some of them: what this names is undecided within its row, no more.
    """
    numbers = [values[pointer] for pointer in pointers if values[pointer] is not None]
    if len(numbers) in (0, len(pointers)):
        return ()
    sums = [identity for identity in form.identities if identity.kind == "sum" and set(identity.pointers) <= set(pointers)]
    placements = []
    for slots in combinations(range(len(pointers)), len(numbers)):
        placed: dict[str, Number] = dict.fromkeys(pointers)
        placed.update({pointers[slot]: number for slot, number in zip(slots, numbers, strict=True)})
        if all((placed[item.whole or ""] or 0) == sum(placed[part] or 0 for part in item.parts) for item in sums):
            placements.append(placed)
    if not placements:
        return pointers
    return tuple(pointer for pointer in pointers if len({repr(placed[pointer]) for placed in placements}) > 1)


def lost_rows(rows: Sequence[tuple[int, str, tuple[str, ...]]], text: str, tables: Sequence[PrintedTable]) -> set[tuple[str, ...]]:
    """Rows whose label does not stand in the text in its turn: the converter left the row, or its whole table, out."""
    flat = bare(text)
    position = 0
    lost = set()
    for number, label, pointers in rows:
        wanted = bare(label) or bare(_first_header(tables[number]))
        found = flat.find(wanted, position)
        if found < 0:
            lost.add(pointers)
        else:
            position = found + len(wanted)
    return lost


def _first_header(table: PrintedTable) -> str:
    return next((cell.text.partition("\n")[0] for row in table.rows for cell in row if cell.kind == "header" and cell.text), "")
