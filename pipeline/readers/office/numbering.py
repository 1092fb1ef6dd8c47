"""The numbers that Word prints before paragraphs of a list. They are no text of the document, but they are printed: `一、`, `（三）`, `1.`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.model.limits import Limits
from pipeline.readers.office.package import Package
from pipeline.readers.office.xml import Attributes, read_xml

__all__ = ["Numbering", "number_text", "read_numbering"]

_MAX_LEVELS = 9
_MAX_LISTS = 20_000
_LEVEL_MARK = re.compile(r"%([1-9])")


@dataclass(slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    follows: str = "tab"
    restart: int | None = None  # after which level it begins anew (1-based); 0: never; None: after any above it
    legal: bool = False  # all numbers in Western digits


@dataclass(slots=True)
class _List:
    """A list as a document refers to it: its pattern, and what it has otherwise than the pattern."""

    pattern: str = ""
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, _Level] = field(default_factory=dict)


class Numbering:
    """The lists of a document, and how far each has counted. Ask `next_label` once for every paragraph, in document order."""

    def __init__(self) -> None:
        self.patterns: dict[str, dict[int, _Level]] = {}
        self.lists: dict[str, _List] = {}
        self._counts: dict[str, list[int | None]] = {}  # by pattern: the last number of each level
        self._begun: set[tuple[str, int]] = set()

    def next_label(self, list_id: str, level: int) -> str:
        """What is printed before the next paragraph of the list, with a space where something parts it from the text; "" for a bullet."""
        its = self.lists.get(list_id)
        if its is None or not 0 <= level < _MAX_LEVELS:
            return ""
        levels = {**self.patterns.get(its.pattern, {}), **its.levels}
        form = levels.get(level)
        if form is None:
            return ""
        counts = self._counts.setdefault(its.pattern, [None] * _MAX_LEVELS)
        self._step(list_id, its, levels, counts, level)
        if form.form in ("bullet", "none"):
            return ""
        parts = []
        for number in range(level + 1):
            shown = levels.get(number, form)
            value = counts[number]
            parts.append(number_text(shown.start if value is None else value, "decimal" if form.legal else shown.form))
        label = _LEVEL_MARK.sub(lambda match: parts[int(match.group(1)) - 1] if int(match.group(1)) <= len(parts) else "", form.text)
        return label if form.follows == "nothing" or not label else label + " "

    def _step(self, list_id: str, its: _List, levels: dict[int, _Level], counts: list[int | None], level: int) -> None:
        """Count one on at `level`, and let the levels below begin anew."""
        start = its.starts.get(level)
        value = counts[level]
        if start is not None and (list_id, level) not in self._begun:
            counts[level] = start
        else:
            counts[level] = levels[level].start if value is None else value + 1
        self._begun.add((list_id, level))
        for number in range(level):
            if counts[number] is None:
                counts[number] = levels[number].start if number in levels else 1
        for number in range(level + 1, _MAX_LEVELS):
            restart = levels[number].restart if number in levels else None
            if restart is None or restart > level:
                counts[number] = None


class _Target:
    """Target of the parser: fills a Numbering."""

    def __init__(self, numbering: Numbering) -> None:
        self.numbering = numbering
        self._open: list[str] = []
        self._pattern: dict[int, _Level] = {}
        self._list: _List | None = None
        self._level: _Level | None = None
        self._override = 0

    def start(self, name: str, attributes: Attributes) -> None:
        self._open.append(name)
        value = attributes.get("w:val", "")
        if name == "w:abstractNum":
            self._pattern = {}
            if len(self.numbering.patterns) < _MAX_LISTS:
                self.numbering.patterns[attributes.get("w:abstractNumId", "")] = self._pattern
        elif name == "w:num":
            self._list = _List()
            if len(self.numbering.lists) < _MAX_LISTS:
                self.numbering.lists[attributes.get("w:numId", "")] = self._list
        elif name == "w:abstractNumId" and self._list is not None:
            self._list.pattern = value
        elif name == "w:lvlOverride":
            self._override = _small(attributes.get("w:ilvl"), 0)
        elif name == "w:startOverride" and self._list is not None:
            self._list.starts[self._override] = _small(value, 1)
        elif name == "w:lvl":
            self._level = _Level()
            levels = self._pattern if self._list is None else self._list.levels
            levels[min(_small(attributes.get("w:ilvl"), 0), _MAX_LEVELS - 1)] = self._level
        elif self._level is not None:
            self._say(name, value)

    def _say(self, name: str, value: str) -> None:
        level = self._level
        if level is None:
            return
        match name:
            case "w:start":
                level.start = _small(value, 1)
            case "w:numFmt":
                level.form = value
            case "w:lvlText":
                level.text = value[:200]
            case "w:suff":
                level.follows = value
            case "w:lvlRestart":
                level.restart = _small(value, 0)
            case "w:isLgl":
                level.legal = value not in ("0", "false", "off")

    def end(self, name: str) -> None:
        self._open.pop()
        if name == "w:lvl":
            self._level = None
        elif name == "w:num":
            self._list = None

    def data(self, text: str) -> None:
        pass


def read_numbering(package: Package, part: str | None, limits: Limits) -> Numbering:
    """The lists that the document defines; none where it has no such part."""
    numbering = Numbering()
    if part is not None:
        read_xml(package.stream(part), _Target(numbering), limits, part)
    return numbering


def number_text(value: int, form: str) -> str:
    """A number as Word writes it in that form. Forms that are not known are written in Western digits."""
    maker = _FORMS.get(form)
    return str(value) if maker is None else maker(value)


# ---- forms of numbers -------------------------------------------------------------------------------------------------------

_HAN = "〇一二三四五六七八九"
_FORMAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_SMALL = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def _han_counting(value: int, digits: str = _HAN, units: str = "十百千", zero: str = "零") -> str:
    """Up to 9999 in Chinese words; 10 to 19 without the leading one."""
    if not 0 < value < 10_000:
        return str(value) if value else digits[0]
    text = ""
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            text += digits[digit] + (units[power - 1] if power else "")
        elif text and value % 10**power and not text.endswith(zero):
            text += zero
    return text[1:] if 10 <= value < 20 and digits is _HAN else text


def _han_digits(value: int) -> str:
    return "".join(_HAN[int(digit)] for digit in str(value))


def _letters(value: int) -> str:
    return chr(ord("a") + (value - 1) % 26) * min(10, (value - 1) // 26 + 1) if value > 0 else str(value)


def _roman(value: int) -> str:
    if not 0 < value < 4000:
        return str(value)
    text = ""
    for worth, letters in (*_ROMAN, *_ROMAN_SMALL):
        text += letters * (value // worth)
        value %= worth
    return text


def _from(first: str, most: int) -> Callable[[int], str]:
    """Forms that have a character of their own for each number."""
    return lambda value: chr(ord(first) + value - 1) if 0 < value <= most else str(value)


_FORMS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda value: f"{value:02d}",
    "upperRoman": lambda value: _roman(value).upper(),
    "lowerRoman": _roman,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerLetter": _letters,
    "chineseCounting": _han_counting,
    "chineseCountingThousand": _han_counting,
    "japaneseCounting": _han_counting,
    "taiwaneseCounting": _han_counting,
    "taiwaneseCountingThousand": _han_counting,
    "koreanDigital2": _han_counting,
    "ideographDigital": _han_digits,
    "japaneseDigitalTenThousand": _han_digits,
    "taiwaneseDigital": _han_digits,
    "chineseLegalSimplified": lambda value: _han_counting(value, _FORMAL, "拾佰仟"),
    "ideographLegalTraditional": lambda value: _han_counting(value, "零壹貳參肆伍陸柒捌玖", "拾佰仟"),
    "ideographTraditional": lambda value: _STEMS[(value - 1) % 10],
    "ideographZodiac": lambda value: _BRANCHES[(value - 1) % 12],
    "decimalFullWidth": lambda value: str(value).translate(_WIDE),
    "decimalFullWidth2": lambda value: str(value).translate(_WIDE),
    "decimalEnclosedCircle": _from("①", 20),
    "decimalEnclosedCircleChinese": _from("①", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "decimalEnclosedFullstop": _from("⒈", 20),
    "ideographEnclosedCircle": _from("㊀", 10),
    "none": lambda value: "",
}


def _small(text: str | None, default: int) -> int:
    """A whole number from 0 to 99,999; `default` for anything else."""
    return int(text) if text is not None and 0 < len(text) < 6 and text.isascii() and text.isdigit() else default
