"""How a number is set in a cell: separators, full-width digits, units, signs, marks for nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipeline.model.form import Field
from tests.quality.press.figures import Number

__all__ = ["NumberHand", "blank_zeros", "draw_number_hand", "print_number"]

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class NumberHand:
    """The habits of one clerk. `blanks`: which zeros are left out, and `mark`: what stands in their place ("" is nothing at all)."""

    thousands: str = ""  # "", "," or "，"
    full_width: bool = False
    counter: bool = False  # 12件
    money: str = "bare"  # bare, 万元, 元, label-元 (the label says 元 instead of 万元)
    minus: str = "-"
    blanks: str = "none"  # none, all, rows, some
    mark: str = ""


def draw_number_hand(rng: random.Random) -> NumberHand:
    """Habits with the shares they have in the wild, roughly."""
    pick = rng.choices
    return NumberHand(
        thousands=pick(("", ",", "，"), (80, 17, 3))[0],
        full_width=rng.random() < 0.05,
        counter=rng.random() < 0.06,
        money=pick(("bare", "万元", "元", "label-元"), (60, 15, 15, 10))[0],
        minus=pick(("-", "减", "－", "−"), (70, 15, 10, 5))[0],
        blanks=pick(("none", "all", "rows", "some"), (60, 15, 10, 15))[0],
        mark=pick(("", "/", "-", "—", "无"), (60, 16, 12, 8, 4))[0],
    )


def blank_zeros(values: Mapping[str, Number], hand: NumberHand, rng: random.Random, rows: Mapping[str, str]) -> dict[str, Number]:
    """The values as printed: zeros that this clerk leaves out become None. `rows` gives the printed row of each pointer."""
    blank_rows = {row for row in sorted(set(rows.values())) if rng.random() < 0.5} if hand.blanks == "rows" else set()
    row_is_zero = {row: all(values[pointer] == 0 for pointer, its_row in rows.items() if its_row == row) for row in blank_rows}

    def is_blank(pointer: str) -> bool:
        if values[pointer] != 0:
            return False
        match hand.blanks:
            case "all":
                return True
            case "rows":
                return row_is_zero.get(rows[pointer], False)
            case "some":
                return rng.random() < 0.3
            case _:
                return False

    return {pointer: (None if is_blank(pointer) else value) for pointer, value in values.items()}


def print_number(value: Number, field: Field, hand: NumberHand) -> str:
    """The text of one cell. "" when nothing is printed."""
    if value is None:
        return hand.mark
    unit = ""
    if field.type == "decimal" and field.unit == "万元":
        if hand.money in ("元", "label-元"):
            value = Decimal(value) * 10_000
        unit = hand.money if hand.money in ("元", "万元") else ""
    elif hand.counter and field.unit:
        unit = field.unit
    sign = hand.minus if value < 0 else ""
    text = f"{abs(value):,f}" if isinstance(value, Decimal) else f"{abs(value):,d}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = text.replace(",", hand.thousands)
    if hand.full_width:
        text = text.translate(_FULL_WIDTH)
    return sign + text + unit
