"""Which number of a row belongs to which column: by count and order, by the printed header where columns have positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.forms.tokens import Token
from pipeline.model.form import ColumnNode
from pipeline.values.numbers import ValueReading

__all__ = ["Assignment", "assign_columns"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """For each leaf column its token, or None where no cell was left of it; `lost` says why the values cannot be told."""

    tokens: tuple[Token | None, ...]
    rule: str | None = None
    lost: str | None = None


def assign_columns(
    values: Sequence[Token],
    leaves: Sequence[ColumnNode],
    readings: Sequence[ValueReading],
    columns: Mapping[int, tuple[int, int]],
    leading: int | None,
) -> Assignment:
    """Give the values of one row to the leaf columns of its band.

    columns: leaf index -> (first col, end col) of its printed header, where the source has positions.
    leading: how many blank slots stand between label and numbers in rows of this depth whose numbers are all printed; None when not seen.
    """
    targets = _targets(values, leaves, readings)
    count = len(targets)
    if len(values) == count:
        return _filled(values, targets, leaves, None)
    numbers = [token for token in values if readings[token.index].kind != "blank"]
    if not numbers:
        if len(values) < count:
            return Assignment((None,) * len(leaves))
        return _filled(values[:count], targets, leaves, None)
    by_position = _by_position(values, targets, leaves, readings, columns)
    if by_position is not None:
        return by_position
    if len(numbers) == count:
        return _filled(numbers, targets, leaves, None)
    if len(values) > count:
        kept = _drop_extra_blanks(values, count, readings, leading)
        if kept is not None:
            return _filled(kept, targets, leaves, None)
        return _lost(leaves, f"{len(numbers)} numbers among {len(values)} cells for {count} columns")
    return _lost(leaves, f"{len(numbers)} numbers are left for {count} columns")


def _targets(values: Sequence[Token], leaves: Sequence[ColumnNode], readings: Sequence[ValueReading]) -> list[int]:
    """The leaf columns that the values speak of: all, or only the number columns when words of text columns are not among them."""
    number_columns = [index for index, leaf in enumerate(leaves) if leaf.kind == "value"]
    if len(number_columns) == len(leaves) or len(values) == len(leaves):
        return list(range(len(leaves)))
    words = sum(1 for token in values if readings[token.index].kind == "text")
    return list(range(len(leaves))) if words and len(values) >= len(leaves) else number_columns


def _filled(
    values: Sequence[Token], targets: Sequence[int], leaves: Sequence[ColumnNode], rule: str | None
) -> Assignment:
    placed: list[Token | None] = [None] * len(leaves)
    for target, token in zip(targets, values, strict=True):
        placed[target] = token
    return Assignment(tuple(placed), rule)


def _lost(leaves: Sequence[ColumnNode], reason: str) -> Assignment:
    return Assignment((None,) * len(leaves), lost=reason)


def _by_position(
    values: Sequence[Token],
    targets: Sequence[int],
    leaves: Sequence[ColumnNode],
    readings: Sequence[ValueReading],
    columns: Mapping[int, tuple[int, int]],
) -> Assignment | None:
    """Where every column's header has a position: each number under the header it stands under, or None when one stands under none."""
    if any(target not in columns for target in targets):
        return None
    placed: list[Token | None] = [None] * len(leaves)
    for token in values:
        if token.col is None:
            return None
        blank = readings[token.index].kind == "blank"
        found = [target for target in targets if columns[target][0] == token.col]
        if not found:
            found = [target for target in targets if columns[target][0] <= token.col < columns[target][1]]
        if len(found) != 1:
            if blank:
                continue
            return None
        known = placed[found[0]]
        if known is not None and readings[known.index].kind != "blank":
            if blank:
                continue
            return None
        if known is None or not blank:
            placed[found[0]] = token
    return Assignment(tuple(placed), "placed under its column header")


def _drop_extra_blanks(
    values: Sequence[Token], count: int, readings: Sequence[ValueReading], leading: int | None
) -> list[Token] | None:
    """Blank slots before or behind the numbers that belong to the label or to padding; None when either side would do."""
    extra = len(values) - count
    blank = [readings[token.index].kind == "blank" for token in values]
    front = all(blank[:extra])
    back = all(blank[len(values) - extra :])
    if leading is not None and front and back:
        if leading == extra:
            back = False
        elif leading == 0:
            front = False
    if front and not back:
        return list(values[extra:])
    if back and not front:
        return list(values[:count])
    return None
