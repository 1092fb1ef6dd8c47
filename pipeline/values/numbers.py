"""Printed text to a number, and a number to the value of a field: a whole grammar or nothing.

    cell        = number, in formula marks ($0$) or quotation marks, or with a full stop or a semicolon behind it
    number      = sign-or-currency? digits multiplier? (unit | counter)? | digits note-mark
    digits      = whole or decimal, with correct groups of three or without groups
    sign        = + - (also full-width, U+2212, small forms) or a word of the rules; currency: a printed unit that is a currency sign

Nothing is skipped to make a text fit: what the grammar does not cover is "text". Sign words, counter words, multipliers and
units are the form's (NumberRules); only typography is known here. Script and width of those words are folded to compare them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal, Inexact
from functools import lru_cache
from typing import Literal, NamedTuple, TypeVar

from pipeline.errors import ConfigError
from pipeline.model.form import NumberRules
from pipeline.values.fold import fold_characters

__all__ = [
    "MAX_COUNT",
    "MAX_LENGTH",
    "FieldValue",
    "NumberReader",
    "ValueReading",
    "convert_value",
    "json_number",
    "reader_of",
]

MAX_LENGTH = 64  # code points of a cell, outer white space aside; a longer one is never a number
_PLAIN_DIGITS = 16  # digits of MAX_COUNT
MAX_DRESSED_BLANK = 6
MAX_COUNT = 10**15  # no administration counts further; also exact in a double

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFFE5: 0xA5, 0xFE63: 0x2D, 0xFE62: 0x2B}
_FULL_WIDTH = re.compile("[\uff01-\uff5e\uffe5\ufe62\ufe63]")
_FULL_WIDTH_DIGIT = re.compile("[\uff10-\uff19]")
_ZERO_WIDTH = "\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
_WHITE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_AROUND = _WHITE + _ZERO_WIDTH  # what may stand around a cell's text
# Fonts of some PDFs call characters by the radicals that they look like.
_RADICALS = {code: ord(unicodedata.normalize("NFKC", chr(code))) for code in range(0x2F00, 0x2FD6)}
_TYPOGRAPHY: dict[int, int | None] = {**_WIDTH, **_RADICALS, **dict.fromkeys(map(ord, _ZERO_WIDTH))}
_DIGITS = re.compile(
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?P<space>[ \u00a0\u2007\u2009\u202f])[0-9]{3}(?:(?P=space)[0-9]{3})*|[0-9]+)(?:\.[0-9]+)?"
)
_SIGNS = {"+": 1, "-": -1, "\u2212": -1}
_GROUPED_FROM_ZERO = re.compile(r"0[0-9]*[^0-9.]")
_ASCII_DIGITS = frozenset("0123456789")
_MAX_BEGINNINGS = 4096
_EXACT = Context(prec=400, traps=[Inexact])
# What programs put around a number that they take for a formula, $0$, $$0$$, \(0\), and the type it is set in: \mathbf{0}.
_FORMULA = re.compile(r"\$\$?([^$]+)\$\$?|\\\(([^$]+)\\\)")
_SET_IN = re.compile(r"\\(?:mathbf|mathrm|mathit|mathsf|mathtt|boldsymbol|textbf|textrm|text|bf|rm) ?\{([^{}]*)\}")
_QUOTED = re.compile("([\"'\u2018\u2019\u201c\u201d`])([^\"'\u2018\u2019\u201c\u201d`]+)[\"'\u2018\u2019\u201c\u201d`]?")
_CLOSING = "\u3002\uff1b;"  # behind a cell; a comma or a dot may be part of the number, or make it an enumerator
_DRESS = "$\\\"'\u2018\u2019\u201c\u201d`"
# The mark of a note behind a number. What is set high behind 10 may be a power.
_NOTE_MARK = re.compile(
    "(?:[*\u203b\u2020\u2021]{1,3}|[\u2460-\u2473]|[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]{1,2}|[\\[\uff3b\u3014]\\^?[0-9]{1,2}[\\]\uff3d\u3015])$"
)
_FILLED_IN = "_\uff3f"  # the line that a form has for its number
_POWER_BASE = "10"
_BRACKETS = {"(": ")", "[": "]"}
_WRAPPED = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")  # where a script without blanks was wrapped
_TOKEN = re.compile(r"(?P<before>[\[({【〔《「:] ?)?(?P<token>[^\s()\[\]{}【】〔〕《》「」:,;、。]+)")


@dataclass(frozen=True, slots=True)
class ValueReading:
    """What a cell says, before it is anybody's field.

    value: in the unit printed, multipliers applied: "1.2万件" is 12000; "1.2万元" is 12000 under a unit 元, 1.2 under a unit 万元.
    unit, multiplier, counter: the words of the rules that are printed.
    rule: what was done, in short words; None for a plain number.
    is_plain: digits and nothing else, few enough for a count.
    """

    kind: Literal["number", "blank", "text"]
    value: Decimal | None = None
    unit: str | None = None
    rule: str | None = None
    multiplier: str | None = None
    counter: str | None = None
    is_plain: bool = False


class FieldValue(NamedTuple):
    """The value of a field: in the field's unit, None when there is none; then `finding` is the code that says why.

    `finding` may also stand beside a value ("unit-unknown").
    """

    value: int | Decimal | None
    rule: str | None = None
    finding: str | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    """What may stand before the digits."""

    sign: int = 1
    rule: str | None = None
    unit: str | None = None
    by_character: bool = False  # the sign is a character; away from the digits it may as well be the blank mark of another cell


@dataclass(frozen=True, slots=True)
class _Tail:
    """What may stand after the digits."""

    factor: Decimal = Decimal(1)
    multiplier: str | None = None
    unit: str | None = None
    counter: str | None = None


_T = TypeVar("_T")
_BLANK = ValueReading("blank")
_TEXT = ValueReading("text")


class NumberReader:
    """Reads cells under one NumberRules; build it once, calls are memoised. ConfigError for a word that begins or ends with a digit."""

    __slots__ = (
        "_beginnings",
        "_blank_marks",
        "_folded_blank_marks",
        "_folded_heads",
        "_folded_tails",
        "_heads",
        "_memo",
        "_tails",
        "_unit_memo",
        "_zero_words",
        "rules",
    )

    def __init__(self, rules: NumberRules) -> None:
        self.rules = rules
        self._heads = dict(_heads(rules))
        self._tails = dict(_tails(rules))
        self._blank_marks = frozenset(_plain(mark) for mark in rules.blank_marks) - {""}
        self._zero_words = frozenset(_word(word) for word in rules.zero_words)
        # Folding loads the script tables; most documents never need them here.
        self._folded_heads: dict[str, _Head] | None = None
        self._folded_tails: dict[str, _Tail] | None = None
        self._folded_blank_marks: frozenset[str] | None = None
        self._beginnings: dict[str, bool] = {}  # character -> whether a number or a blank mark may begin with it
        self._memo: Callable[[str], ValueReading] = lru_cache(maxsize=16384)(self._read)
        self._unit_memo: Callable[[str, str], str | None] = lru_cache(maxsize=1024)(self._find_unit)

    def read(self, text: str) -> ValueReading:
        """Read one cell. Never raises; any text that is not wholly a number or a blank mark is "text"."""
        # A long text would only fill the memory with what never recurs.
        return self._memo(text) if len(text) <= MAX_LENGTH else self._read(text)

    def read_all(self, texts: Iterable[str]) -> tuple[ValueReading, ...]:
        """Read many cells, most of which are prose, or printed many times."""
        known: dict[str, ValueReading] = {}
        begins = self._beginnings
        readings = []
        for text in texts:
            reading = known.get(text)
            if reading is None:
                reading = known[text] = _TEXT if begins.get(text[:1]) is False else self.read(text)
            readings.append(reading)
        return tuple(readings)

    def find_unit(self, text: str, unit: str) -> str | None:
        """The unit that a label or a caption prints for a field in `unit`, e.g. 元 in 收费金额（单位：元）; None when it prints none.

        A unit counts only as a whole word between brackets, colons, commas or white space: a word that contains one is none.
        What comes back is the word of the rules; or, where brackets or a colon lead in something that ends in a unit and is none of
        the rules (百万元), or where units of different size are printed, that text itself: convert_value answers it with "unit-conflict".
        """
        return self._unit_memo(text, unit) if len(text) <= 4 * MAX_LENGTH else self._find_unit(text, unit)

    def _read(self, text: str) -> ValueReading:
        if text.isascii() and text.isdigit() and len(text) <= MAX_LENGTH:
            return ValueReading("number", Decimal(text), rule=_leading_zeros(text), is_plain=len(text) < _PLAIN_DIGITS)
        stripped = text.strip(_AROUND)
        if not stripped:
            return _BLANK
        if len(stripped) > MAX_LENGTH:
            return _TEXT
        if stripped[0] in _FILLED_IN and stripped.strip(_FILLED_IN + _AROUND):
            return self._read(stripped.strip(_FILLED_IN + _AROUND))
        if (stripped[0] in _DRESS or stripped[-1] in _CLOSING) and len(stripped) > 1:
            return self._read_dressed(stripped)
        if not self._may_begin(stripped[0]):
            return _TEXT
        plain = stripped.translate(_TYPOGRAPHY)
        squeezed = _squeeze(plain)
        if self._is_blank_mark(squeezed) or self._is_dressed_blank(squeezed):
            return _BLANK
        if squeezed in self._zero_words:
            return ValueReading("number", Decimal(0), rule=f"zero word {squeezed}")
        mark = _NOTE_MARK.search(stripped)
        if mark is not None:
            return self._read_marked(stripped[: mark.start()].rstrip(_AROUND), mark.group())
        first = re.search("[0-9]", plain)
        digits = None if first is None else _DIGITS.match(plain, first.start())
        if digits is None:
            return _TEXT
        before, after = plain[: digits.start()], plain[digits.end() :]
        head = self._head(_squeeze(before))
        if head is None or (head.by_character and len(_squeeze(before)) < len(before)):
            return _TEXT
        tail = self._tail(_squeeze(after))
        if tail is None:
            return _TEXT
        return _put_together(stripped, digits.group(), head, tail, self.rules)

    def _read_dressed(self, stripped: str) -> ValueReading:
        """A cell in formula or quotation marks, or with a full stop behind it: what is inside, where that is a number or a blank mark."""
        if self._is_blank_mark(_squeeze(stripped.translate(_TYPOGRAPHY))):
            return _BLANK
        bare, rule = _undressed(stripped)
        found = _TEXT if bare is None else self._read(bare)
        if found.kind != "number":
            return found if found.kind == "blank" and bare else _TEXT
        return replace(found, rule=_join(found.rule, rule), is_plain=False)

    def _read_marked(self, printed: str, mark: str) -> ValueReading:
        """A number with the mark of a note behind it."""
        found = _TEXT if printed == _POWER_BASE and not mark.isascii() else self._read(printed)
        if found.kind != "number" or not printed[-1].isdigit():
            return _TEXT
        return replace(found, rule=_join(found.rule, f"note mark {mark}"), is_plain=False)

    def _is_dressed_blank(self, squeezed: str) -> bool:
        """A blank mark in brackets, or with the word behind it that counts what is not there: (none), /pcs."""
        if not squeezed or any(char in "0123456789" for char in squeezed):
            return False
        if len(squeezed) > 2 and _BRACKETS.get(squeezed[0]) == squeezed[-1]:
            return self._is_blank_mark(squeezed[1:-1])
        if squeezed[0].isalpha() or len(squeezed) > MAX_DRESSED_BLANK:
            return False
        return any(self._tail(squeezed[end:]) is not None and self._is_blank_mark(squeezed[:end]) for end in range(1, len(squeezed)))

    def _is_blank_mark(self, squeezed: str) -> bool:
        if _is_repeated(squeezed, self._blank_marks):
            return True
        if squeezed.isascii() or any(char in "0123456789" for char in squeezed):
            return False
        if self._folded_blank_marks is None:
            self._folded_blank_marks = frozenset(fold_characters(mark) for mark in self._blank_marks)
        return _is_repeated(fold_characters(squeezed), self._folded_blank_marks)

    def _may_begin(self, char: str) -> bool:
        """Whether a number or a blank mark may begin with the character: most texts are neither, and their first character tells."""
        found = self._beginnings.get(char)
        if found is None:
            if len(self._beginnings) >= _MAX_BEGINNINGS:
                self._beginnings.clear()
            plain = char.translate(_TYPOGRAPHY)
            folded = plain.lower() if plain.isascii() else fold_characters(plain)
            words = (*self._blank_marks, *self._heads, *self._zero_words)
            found = self._beginnings[char] = (plain in _ASCII_DIGITS or char in _DRESS or char in _FILLED_IN or plain in _BRACKETS) or any(
                plain == word[:1] or folded == _folded_start(word) for word in words
            )
        return found

    def _head(self, squeezed: str) -> _Head | None:
        found = self._heads.get(squeezed)
        if found is None and not squeezed.isascii():
            if self._folded_heads is None:
                self._folded_heads = _folded(self._heads)
            found = self._folded_heads.get(fold_characters(squeezed))
        return found

    def _tail(self, squeezed: str) -> _Tail | None:
        found = self._tails.get(squeezed)
        if found is None and not squeezed.isascii():
            if self._folded_tails is None:
                self._folded_tails = _folded(self._tails)
            found = self._folded_tails.get(fold_characters(squeezed))
        if found is None and len(squeezed) > 2 and squeezed[0] == "(" and squeezed[-1] == ")" and squeezed[1] != "(":
            return self._tail(squeezed[1:-1])  # 12 (ships)
        return found

    def _find_unit(self, text: str, unit: str) -> str | None:
        factors = self.rules.units.get(unit)
        if not factors:
            return None
        words = {fold_characters(_plain(word)): word for word in factors}
        plain = " ".join(text.translate(_TYPOGRAPHY).split())
        found = self._units_in(plain, words)
        if found and " " in plain:
            # A unit that was wrapped (万 / 元) is the longer one, not its end.
            joined = self._units_in(_WRAPPED.sub("", plain), words)
            if len(joined) == 1 and len(found) == 1 and joined[0] != found[0] and joined[0].endswith(found[0]):
                found = joined
        if len({factors.get(word, word) for word in found}) > 1:
            return " / ".join(dict.fromkeys(found))
        return found[0] if found else None

    @staticmethod
    def _units_in(text: str, words: Mapping[str, str]) -> list[str]:
        found: list[str] = []
        for match in _TOKEN.finditer(text):
            token = fold_characters(match["token"])
            if token in words:
                found.append(words[token])
            elif match["before"] and any(token.endswith(word) for word in words):
                found.append(match["token"])
        return found


def _undressed(stripped: str) -> tuple[str | None, str]:
    """What is inside of formula or quotation marks, or before a full stop, and what these are called. None where they are not whole."""
    if stripped[-1] in _CLOSING:
        return stripped[:-1], "closing mark"
    formula = _FORMULA.fullmatch(stripped)
    if formula is None:
        quoted = _QUOTED.fullmatch(stripped)
        return (None if quoted is None else quoted[2]), "quotation marks"
    bare = (formula[1] or formula[2]).strip()
    setting = _SET_IN.fullmatch(bare)
    while setting is not None:
        bare = setting[1].strip()
        setting = _SET_IN.fullmatch(bare)
    return bare.replace("{,}", ","), "formula marks"


def _put_together(printed: str, digits: str, head: _Head, tail: _Tail, rules: NumberRules) -> ValueReading:
    """The reading of a text whose parts all fit, unless they contradict each other."""
    if _GROUPED_FROM_ZERO.match(digits):
        return _TEXT  # "0,123" is no thousands: a foreign decimal comma, or two cells run together
    if head.unit is not None and (tail.counter is not None or not _same_quantity(head.unit, tail.unit, rules)):
        return _TEXT
    bare = re.sub(r"[^0-9.]", "", digits)
    size = _EXACT.multiply(Decimal(bare), tail.factor)
    value = -size if head.sign < 0 and size else size
    unit = tail.unit or head.unit
    words = (
        _typography_rule(printed),
        _leading_zeros(bare.partition(".")[0]),
        "thousands separators" if len(bare) < len(digits) else None,
        head.rule,
        tail.multiplier and f"multiplier {tail.multiplier}",
        unit and f"unit {unit}",
        tail.counter and f"counter word {tail.counter}",
    )
    return ValueReading("number", value, unit, "; ".join(word for word in words if word) or None, tail.multiplier, tail.counter)


def _typography_rule(printed: str) -> str | None:
    if printed.isascii():
        return None
    rules = (
        "zero-width characters" if any(char in printed for char in _ZERO_WIDTH) else None,
        "full-width digits" if _FULL_WIDTH_DIGIT.search(printed) else "full-width signs" if _FULL_WIDTH.search(printed) else None,
    )
    return "; ".join(rule for rule in rules if rule) or None


def _leading_zeros(whole: str) -> str | None:
    return "leading zeros" if len(whole) > 1 and whole.startswith("0") else None


def _same_quantity(one: str, other: str | None, rules: NumberRules) -> bool:
    """Whether two printed units stand in the table of one canonical unit."""
    return other is None or any(one in printed and other in printed for printed in rules.units.values())


# ---- the tables of what may stand before and after the digits ---------------------------------------------------------------


def _heads(rules: NumberRules) -> Iterator[tuple[str, _Head]]:
    signs = {"": _Head()}
    for words, sign in ((rules.positive_words, 1), (rules.negative_words, -1)):
        signs |= {_word(word): _Head(sign, f"sign word {word}") for word in words}
    signs |= {char: _Head(sign, by_character=True) for char, sign in _SIGNS.items()}
    for printed, head in signs.items():
        yield printed, head
        for unit in _printed_units(rules):
            if unicodedata.category(_word(unit)[-1]) == "Sc":
                with_unit = _Head(head.sign, head.rule, unit, head.by_character)
                yield printed + _word(unit), with_unit
                yield _word(unit) + printed, with_unit


def _tails(rules: NumberRules) -> Iterator[tuple[str, _Tail]]:
    # Later entries win: a unit listed as a whole (万元) stands before a multiplier and a unit (万 + 元).
    factors = [("", Decimal(1), None), *((_word(word), factor, word) for word, factor in rules.multipliers.items())]
    for printed, factor, multiplier in reversed(factors):
        yield printed, _Tail(factor, multiplier)
        for counter in rules.counter_words:
            yield printed + _word(counter), _Tail(factor, multiplier, counter=counter)
        for unit in _printed_units(rules):
            yield printed + _word(unit), _Tail(factor, multiplier, unit)


def _printed_units(rules: NumberRules) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for printed in rules.units.values() for word in printed))


def _word(word: str) -> str:
    """A word of the rules as the tables hold it. A digit at its edge would make "1 2x" and "12 x" the same print."""
    plain = _plain(word)
    if not plain or plain[0] in "0123456789" or plain[-1] in "0123456789":
        raise ConfigError(f"number rules: {word!r} cannot stand beside a number: it is blank, or begins or ends with a digit")
    return plain


def _folded(table: Mapping[str, _T]) -> dict[str, _T]:
    folded: dict[str, _T] = {}
    for printed, entry in table.items():
        folded.setdefault(fold_characters(printed), entry)
    return folded


def _is_repeated(squeezed: str, marks: frozenset[str]) -> bool:
    return squeezed in marks or any(squeezed.startswith(mark) and squeezed == mark * (len(squeezed) // len(mark)) for mark in marks)


def _folded_start(word: str) -> str:
    return word[:1].lower() if word[:1].isascii() else fold_characters(word[:1])


def _plain(text: str) -> str:
    return _squeeze(text.translate(_TYPOGRAPHY))


def _squeeze(text: str) -> str:
    return "".join(text.split())


# ---- one reader for equal rules, and from a reading to a field --------------------------------------------------------------

_readers: list[NumberReader] = []  # the last few
_MAX_READERS = 16


def reader_of(rules: NumberRules) -> NumberReader:
    """A reader for the rules. Forms of one family have equal rules and share it: what was read under one is known under the others."""
    for reader in _readers:
        if reader.rules == rules:
            return reader
    reader = NumberReader(rules)
    _readers.append(reader)
    del _readers[:-_MAX_READERS]
    return reader


def convert_value(
    reading: ValueReading, *, type: Literal["integer", "decimal"], unit: str, context_unit: str | None, rules: NumberRules
) -> FieldValue:
    """The value of a field of `type` in `unit`, from the reading of its cell.

    `context_unit` is the unit printed in the label or the caption (NumberReader.find_unit); a unit at the cell wins over it.
    Findings without a value: "blank-cell"; "not-a-count" for text and for what does not fit the type (a fraction or money among
    counts, a number too large to be one, more digits than a JSON number carries); "unit-conflict" for a unit that cannot be
    converted, and for a multiplier whose unit is a guess. Beside the value as printed: "unit-unknown".
    """
    if reading.kind == "blank":
        return FieldValue(None, None, "blank-cell")
    if reading.kind == "text" or reading.value is None:
        return FieldValue(None, None, "not-a-count")
    return _convert_count(reading, unit, rules) if type == "integer" else _convert_amount(reading, unit, context_unit, rules)


def _convert_count(reading: ValueReading, unit: str, rules: NumberRules) -> FieldValue:
    value = reading.value or Decimal(0)
    rule = reading.rule
    if reading.is_plain:
        return FieldValue(int(value), rule)
    if reading.unit is not None:
        factor = rules.units.get(unit, {}).get(reading.unit)
        if factor is None:
            return FieldValue(None, rule, "not-a-count")
        value, rule = _scale(value, factor, rule, reading.unit, unit)
    if value != value.to_integral_value() or abs(value) > MAX_COUNT:
        return FieldValue(None, rule, "not-a-count")
    if reading.multiplier is None and value and (reading.value or value).as_tuple().exponent == -3:
        return FieldValue(None, rule, "not-a-count")  # "1.000" is 1, or 1000 written with a foreign separator
    return FieldValue(int(value), rule)


def _convert_amount(reading: ValueReading, unit: str, context_unit: str | None, rules: NumberRules) -> FieldValue:
    value = reading.value or Decimal(0)
    rule = reading.rule
    factors = rules.units.get(unit)
    finding = None
    if reading.counter is not None and reading.counter != unit and factors is not None:
        return FieldValue(None, rule, "unit-conflict")  # so many pieces are no amount of money
    printed = reading.unit or context_unit
    if printed is not None and printed != unit:
        factor = None if factors is None else factors.get(printed)
        if factor is None:
            return FieldValue(None, rule, "unit-conflict")
        if reading.unit is None and factor != 1:
            rule = _join(rule, f"unit {printed} of the label")
        value, rule = _scale(value, factor, rule, printed, unit)
    elif printed is None and value and factors is not None:
        finding = "unit-unknown"
    if value and factors is not None and _unit_is_a_guess(reading, context_unit, rules):
        return FieldValue(None, rule, "unit-conflict")
    if not _fits_json(value):
        return FieldValue(None, rule, "not-a-count")
    return FieldValue(value, rule, finding)


def _unit_is_a_guess(reading: ValueReading, context_unit: str | None, rules: NumberRules) -> bool:
    """Whether a multiplier stands alone.

    "1.2万" under 元 is 12000 元; under 万元, or under nothing, it is that or ten thousand times as much.
    """
    if reading.multiplier is None or reading.unit is not None:
        return False
    return context_unit is None or any(word in context_unit for word in rules.multipliers)


def _scale(value: Decimal, factor: Decimal, rule: str | None, printed: str, unit: str) -> tuple[Decimal, str | None]:
    if factor == 1:
        return value, rule
    return _EXACT.multiply(value, factor), _join(rule, f"{printed} to {unit}")


def _join(rule: str | None, more: str) -> str:
    return more if rule is None else f"{rule}; {more}"


def json_number(value: int | Decimal) -> int | float:
    """The JSON number that prints as the value: an int where it is whole, else the float whose shortest print is the value.

    ValueError when no such number exists (more digits than a double carries).
    """
    if isinstance(value, int):
        return value
    if value == value.to_integral_value():
        if abs(value) > MAX_COUNT:
            raise ValueError(f"{value} is too large to be written exactly")
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise ValueError(f"{value} has more digits than a JSON number carries")
    return number


def _fits_json(value: Decimal) -> bool:
    try:
        json_number(value)
    except ValueError:
        return False
    return True
