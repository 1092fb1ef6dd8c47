"""What a cell looks like without knowing any form or language: a number, a blank, or a label.

Coarser than parsing on purpose: it only has to tell where numbers stand. Whether a text is a number, and which, is for the strict parser.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

__all__ = ["CellKind", "classify_cell", "display_width", "looks_like_year"]

CellKind = Literal["number", "blank", "label"]

_MAX_NUMBER_LENGTH = 40  # longer texts are prose, whatever digits they hold
_MAX_MARK_LENGTH = 8  # "/", "--", "……": marks that stand for "no number"
_WORD_SIGNS = frozenset("%‰#№$€£¥°℃")  # alone in a cell they head a column
_CORE = frozenset("0123456789,.' ()-–−/:±~")
_PREFIX = re.compile(r"[A-Z]{0,3}[^\w]{0,3}\w?[^\w]{0,3}\Z")
_SUFFIX = re.compile(r"[^\w]{0,2}[^\W\d_]{0,3}[^\w]{0,4}\Z")
_ITEM_MARK = re.compile(r"[.,、)]\s*[^\W\d_]")  # "3.Other": an item number, not a quantity
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff]{2}")
_WIDE = re.compile("[\u3001-\u3029\u4e00-\u9fff\uff01-\uff60]+")  # the commonest wide characters
_YEAR = re.compile(r"(?:FY)?(?:1[89]\d\d|20\d\d)(?:[-–/]\d{2,4})?\D{0,2}\Z")


@lru_cache(maxsize=65536)
def classify_cell(text: str) -> CellKind:
    """The kind of a cell's text. Blank: nothing, or a mark such as `/`, `-`, `—`. Number: digits, maybe with a sign or a short unit."""
    if len(text) > _MAX_NUMBER_LENGTH:
        return "label" if text.strip() else "blank"
    if _IDEOGRAPHS.match(text):
        return "label"  # no sign of a number has two of them
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if not plain:
        return "blank"
    places = [index for index, char in enumerate(plain) if char in "0123456789"]
    if not places:
        has_words = any(char.isalnum() or char in _WORD_SIGNS for char in plain)
        return "label" if has_words or len(plain) > _MAX_MARK_LENGTH else "blank"
    prefix, core, suffix = plain[: places[0]], plain[places[0] : places[-1] + 1], plain[places[-1] + 1 :]
    if not _CORE.issuperset(core) or not _is_number_prefix(prefix):
        return "label"
    if _SUFFIX.match(suffix) is None or _ITEM_MARK.match(suffix) is not None:
        return "label"
    return "number"


def _is_number_prefix(prefix: str) -> bool:
    """Signs and currencies, or one word character of a script without case (a sign word): "-", "US$", "減"; never "Q" of "Q1"."""
    if not prefix:
        return True
    if _PREFIX.match(prefix) is None:
        return False
    letters = [char for char in prefix if char.isalpha()]
    if any(unicodedata.category(char) == "Sc" for char in prefix):
        return True
    return not letters or (len(letters) == 1 and unicodedata.category(letters[0]) == "Lo")


@lru_cache(maxsize=65536)
def looks_like_year(text: str) -> bool:
    """Whether a number may be a year that heads a column: 2019, 2019年, FY2019, 2019/20. It may be a quantity all the same."""
    if len(text) > _MAX_NUMBER_LENGTH:
        return False
    return _YEAR.match("".join(unicodedata.normalize("NFKC", text).split()).upper()) is not None


def display_width(text: str) -> int:
    """Columns of a terminal: East Asian wide characters 2, combining and zero-width ones 0, control characters 0."""
    narrow = text if text.isascii() else _WIDE.sub("", text)
    wide = 2 * (len(text) - len(narrow))
    if narrow.isascii() and narrow.isprintable():
        return wide + len(narrow)
    return wide + sum(map(_char_width, narrow))


@lru_cache(maxsize=8192)
def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc", "Cs", "Zl", "Zp"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
