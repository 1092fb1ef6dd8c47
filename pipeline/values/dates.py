"""Years as printed: in ASCII, full-width or Chinese digits."""

from __future__ import annotations

__all__ = ["FIRST_YEAR", "LAST_YEAR", "read_year"]

FIRST_YEAR = 1990
LAST_YEAR = 2100

_ASCII = {ord("０") + digit: str(digit) for digit in range(10)}
# What typists use for the zero of a year in Chinese digits: 零, circles, the digit and the letter in both widths.
_CHINESE = {char: str(digit) for digit, char in enumerate("〇一二三四五六七八九")} | dict.fromkeys("零○◯0０OＯ", "0")
_MAX_LENGTH = 32


def read_year(text: str) -> int | None:
    """The year that `text` is, e.g. 2021, ２０２１, 二〇二一; white space anywhere is allowed, any other character is not.

    None when it is no year from FIRST_YEAR to LAST_YEAR written digit by digit; nothing is guessed from a lost or an extra digit.
    """
    if len(text) > _MAX_LENGTH:
        return None
    printed = "".join(text.split())
    digits = printed.translate(_ASCII)
    if not (digits.isascii() and digits.isdigit()):
        digits = "".join(_CHINESE.get(char, "?") for char in printed)
    if len(digits) != 4 or "?" in digits:
        return None
    year = int(digits)
    return year if FIRST_YEAR <= year <= LAST_YEAR else None
