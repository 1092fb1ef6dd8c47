"""What happens to pages and dumps on their way: cells cut out, lines de-duplicated, pages cut off."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from tests.quality.press.layout import PrintedTable

__all__ = ["cut_cells", "deduplicate", "place_to_stop"]


def cut_cells(tables: Sequence[PrintedTable], rng: random.Random, count: int) -> tuple[list[PrintedTable], set[str]]:
    """Take `count` number cells out of rows that have several, cell and all. Gives back the fields whose rows were hit."""
    rows = [
        (number, index)
        for number, table in enumerate(tables)
        for index, row in enumerate(table.rows)
        if sum(cell.pointer is not None for cell in row) > 1
    ]
    hit: set[str] = set()
    damaged = list(tables)
    for number, index in rng.sample(rows, min(count, len(rows))):
        table = damaged[number]
        row = table.rows[index]
        hit.update(cell.pointer for cell in row if cell.pointer is not None)
        cut = rng.choice([place for place, cell in enumerate(row) if cell.pointer is not None])
        kept = row[:cut] + row[cut + 1 :]
        damaged[number] = replace(table, rows=(*table.rows[:index], kept, *table.rows[index + 1 :]))
    return damaged, hit


def place_to_stop(rows: Sequence[tuple[int, str, tuple[str, ...]]], rng: random.Random) -> tuple[str, set[str], set[str]]:
    """Where a page breaks off: before which field's cell, which fields of its row are still there, and which are gone."""
    number = rng.randrange(len(rows) // 4, len(rows))
    pointers = rows[number][2]
    cut = rng.randrange(len(pointers))
    gone = {pointer for _, _, later in rows[number + 1 :] for pointer in later} | set(pointers[cut:])
    return pointers[cut], set(pointers[:cut]), gone


def deduplicate(text: str) -> tuple[str, list[bool]]:
    """Drop every line that stood before, blank lines aside. Also says of each line whether it is kept."""
    seen: set[str] = set()
    kept = []
    for line in text.split("\n"):
        bare = line.strip()
        kept.append(not bare or bare not in seen)
        seen.add(bare)
    return "\n".join(line for line, keep in zip(text.split("\n"), kept, strict=True) if keep), kept
