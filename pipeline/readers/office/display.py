"""What a spreadsheet shows for a number: the number format applied to the value. No library for Python does this; they tell the format only.

Followed: digits, separators, scaling by commas, per cent, literals, signs and sections with their conditions, powers of ten, dates and times,
elapsed times. Not followed (the caller is told so): fractions, Chinese numerals, eras. Colours and fill characters show nothing here.
Formats that mean something else in each country (the short date) are written as ISO dates, since the file does not say the country.
Widths of columns are not looked at: a General number keeps up to fifteen digits, and nothing turns into `###`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache

__all__ = ["BUILT_IN_FORMATS", "Shown", "show_number", "show_text"]

_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)
_MOST_DIGITS = 320
_PLAIN = frozenset(("General", "0", "#,##0"))  # formats of nearly all numbers; whole ones need no more than their digits
_LAST_DAY = 2_958_465  # 9999-12-31

_CURRENCY = "#,##0"
BUILT_IN_FORMATS: dict[int, str] = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    **dict.fromkeys((5, 6, 37, 38), "#,##0_);(#,##0)"),
    **dict.fromkeys((7, 8, 39, 40), "#,##0.00_);(#,##0.00)"),
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    **dict.fromkeys((27, 36, 50, 52, 57), "yyyy-mm"),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), "mm-dd"),
    30: "yyyy-mm-dd",
    31: "yyyy-mm-dd",
    **dict.fromkeys((32, 34, 55), "hh:mm"),
    **dict.fromkeys((33, 35, 56), "hh:mm:ss"),
    **dict.fromkeys((41, 42), '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ '),
    **dict.fromkeys((43, 44), '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '),
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the cell. `is_rounded`: the value has more digits than are shown. `is_known`: the format could be followed."""

    text: str
    is_rounded: bool = False
    is_known: bool = True


def show_number(value: str | float, code: str, *, from_1904: bool = False) -> Shown:
    """What is shown for a number (as the file writes it, or a float) under a format code. What is no number is shown as it stands."""
    if code in _PLAIN and isinstance(value, str) and value.isdigit() and value.isascii() and len(value) < 15 and value[0] != "0":
        return Shown(value if code != "#,##0" else f"{int(value):,}")
    return _show(value, code, from_1904)


@lru_cache(maxsize=1 << 16)
def _show(value: str | float, code: str, from_1904: bool) -> Shown:
    try:
        number = _FIFTEEN.create_decimal(value if isinstance(value, str) else repr(value))
    except (InvalidOperation, ValueError):
        return Shown(str(value), is_known=False)
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return Shown(str(value), is_known=False)
    sections = _parse(code)
    section, negative = _choose(sections, number)
    if section is None:
        return Shown(_general(number), is_known=False)
    if section.is_general:
        digits = _general(abs(number) if negative else number)
        return Shown(_around(section, digits))
    if section.is_date:
        text = _date(section, number, from_1904)
        return Shown(_general(number), is_known=False) if text is None else Shown(text)
    return _digits(section, abs(number), "-" if number < 0 and not negative else "")


def show_text(text: str, code: str) -> str:
    """What is shown for a text under a format code: its fourth section, or its only one, may put something around it."""
    if "@" not in code or code == "@":
        return text
    sections = _parse(code)
    section = sections[3] if len(sections) > 3 else sections[-1]
    if not section.is_text:
        return text
    return "".join(text if token.kind == "@" else token.text for token in section.tokens if token.kind in ("@", "literal"))


# ---- formats ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # literal, digit, point, comma, percent, exponent, date, elapsed, general, @
    text: str


@dataclass(frozen=True, slots=True)
class _Section:
    tokens: tuple[_Token, ...]
    condition: tuple[str, Decimal] | None
    is_known: bool
    is_general: bool
    is_date: bool
    is_text: bool


_PIECE = re.compile(
    r"""(?P<quoted>"[^"]*"?)|(?P<escaped>[\\!].)|(?P<space>_.)|(?P<fill>\*.)|(?P<bracket>\[[^\]]*\]?)|(?P<general>[Gg]eneral|[Ss]tandard|G/通用格式)
    |(?P<noon>AM/PM|am/pm|A/P|a/p|上午/下午)|(?P<exponent>[Ee][+-])|(?P<date>[yY]+|[mM]+|[dD]+|[hH]+|[sS]+(?:\.0+)?|[aA]{3,4}|e+)|(?P<digit>[0#?])
    |(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<text>@)|(?P<unknown>[/bBgG])|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9]+(?:\.[0-9]+)?)\]")
_COLOUR = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+|颜色 ?\d+|[黑蓝绿红白黄]色?)\]", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_SYMBOL = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_KINDS = {
    "exponent": "exponent",
    "date": "date",
    "noon": "date",
    "digit": "digit",
    "point": "point",
    "comma": "comma",
    "percent": "percent",
}


@lru_cache(maxsize=4096)
def _parse(code: str) -> tuple[_Section, ...]:
    """The sections of a format code. At most the first 500 characters; Excel itself allows 255."""
    return tuple(_section(part) for part in _split(code[:500]))


def _split(code: str) -> Iterator[list[re.Match[str]]]:
    part: list[re.Match[str]] = []
    for match in _PIECE.finditer(code):
        if match.lastgroup == "other" and match.group() == ";":
            yield part
            part = []
        else:
            part.append(match)
    yield part


def _section(part: list[re.Match[str]]) -> _Section:
    tokens: list[_Token] = []
    condition: tuple[str, Decimal] | None = None
    known = True
    for match in part:
        kind, text = match.lastgroup, match.group()
        if kind == "quoted":
            tokens.append(_Token("literal", text.strip('"')))
        elif kind == "escaped":
            tokens.append(_Token("literal", text[1]))
        elif kind == "space":
            tokens.append(_Token("literal", " "))
        elif kind == "fill":
            pass
        elif kind == "bracket":
            found = _CONDITION.fullmatch(text)
            symbol = _SYMBOL.fullmatch(text)
            elapsed = _ELAPSED.fullmatch(text)
            if found is not None:
                condition = (found.group(1), Decimal(found.group(2)))
            elif symbol is not None:
                tokens.append(_Token("literal", symbol.group(1)))
            elif elapsed is not None:
                tokens.append(_Token("elapsed", elapsed.group(1).lower()))
            elif _COLOUR.fullmatch(text) is None:
                known = False
        elif kind == "general":
            tokens.append(_Token("general", text))
        elif kind == "text":
            tokens.append(_Token("@", text))
        elif kind == "unknown":
            # A slash parts the numbers of a date, and makes a fraction of digits.
            is_date = text == "/" and any(other.lastgroup == "date" for other in part)
            known = known and is_date
            tokens.append(_Token("literal", text))
        elif kind in _KINDS:
            tokens.append(_Token(_KINDS[kind], text if kind == "noon" else text.lower() if kind == "date" else text))
        else:
            tokens.append(_Token("literal", text))
    kinds = {token.kind for token in tokens}
    return _Section(tuple(tokens), condition, known, bool(kinds & {"general", "@"}), bool(kinds & {"date", "elapsed"}), "@" in kinds)


def _choose(sections: tuple[_Section, ...], number: Decimal) -> tuple[_Section | None, bool]:
    """The section for a number, and whether the section itself shows that it is negative. None where it is not one we can follow."""
    numeric = sections[:3] if len(sections) > 3 else sections
    if len(numeric) > 1 and numeric[-1].is_text:
        numeric = numeric[:-1]
    if any(section.condition for section in numeric):
        for place, section in enumerate(numeric):
            condition = section.condition
            if condition is None and place < len(numeric) - 1:
                return None, False  # what an unconditional section means among conditional ones depends on its place
            if condition is None or _holds(condition, number):
                return (section if section.is_known else None), False
        return None, False
    if len(numeric) == 1:
        section, negative = numeric[0], False
    elif number < 0:
        section, negative = numeric[1], True
    elif number == 0 and len(numeric) > 2:
        section, negative = numeric[2], False
    else:
        section, negative = numeric[0], False
    return (section if section.is_known else None), negative


def _holds(condition: tuple[str, Decimal], number: Decimal) -> bool:
    sign, bound = condition
    match sign:
        case "<":
            return number < bound
        case "<=":
            return number <= bound
        case ">":
            return number > bound
        case ">=":
            return number >= bound
        case "=":
            return number == bound
        case _:
            return number != bound


# ---- numbers ----------------------------------------------------------------------------------------------------------------


def _general(number: Decimal) -> str:
    """All digits, up to fifteen; powers of ten only where zeros alone would fill the cell."""
    if not number:
        return "0"
    text = f"{number.normalize():f}"
    return text if len(text) <= 25 else str(number.normalize())


def _around(section: _Section, digits: str) -> str:
    return "".join(digits if token.kind in ("general", "@") else token.text for token in section.tokens).strip()


def _digits(section: _Section, number: Decimal, sign: str) -> Shown:
    tokens = section.tokens
    places = [index for index, token in enumerate(tokens) if token.kind == "digit"]
    percents = sum(token.kind == "percent" for token in tokens)
    if not places:
        text = "".join(token.text for token in tokens if token.kind in ("literal", "percent"))
        return Shown((sign + text).strip() if text else "")
    exponent = next((index for index, token in enumerate(tokens) if token.kind == "exponent"), None)
    if exponent is not None:
        return _scientific(tokens, exponent, number, sign)
    last = places[-1]
    point = next((index for index, token in enumerate(tokens) if token.kind == "point" and index < last), None)
    if point is None:
        point = next((index for index, token in enumerate(tokens) if token.kind == "point"), None)
    whole_places = [index for index in places if point is None or index < point]
    part_places = [index for index in places if point is not None and index > point]
    # Commas right behind the last digit of the whole part, or of all, divide by a thousand each; one between digits groups them.
    scale = 0
    grouped = False
    for index, token in enumerate(tokens):
        if token.kind == "comma":
            before = any(place < index for place in whole_places)
            after = any(place > index for place in whole_places)
            grouped = grouped or (before and after)
            scale += not after and (before or bool(part_places and index > part_places[0]))
    scaled = number * (Decimal(100) ** percents) / (Decimal(1000) ** scale)
    rounded = scaled.quantize(Decimal(1).scaleb(-len(part_places)), rounding=ROUND_HALF_UP, context=Context(prec=_MOST_DIGITS * 2 + 50))
    whole, _, part = f"{rounded:f}".partition(".")
    texts = _fill(tokens, whole_places, whole.lstrip("0"), grouped)
    for place, digit in zip(part_places, part, strict=True):
        texts[place] = digit
    for place in reversed(part_places):  # what only would be shown is not, where it is a zero at the end
        if texts[place] != "0" or tokens[place].text == "0":
            break
        texts[place] = ""
    parts = [sign if rounded else ""]
    for index, token in enumerate(tokens):
        if token.kind == "digit":
            parts.append(texts.get(index, ""))
        elif token.kind == "point":
            parts.append(".")
        elif token.kind in ("literal", "percent"):
            parts.append(token.text)
    return Shown("".join(parts).strip(), is_rounded=rounded != scaled)


def _fill(tokens: tuple[_Token, ...], places: list[int], digits: str, grouped: bool) -> dict[int, str]:
    """Digits for the places of the whole part, from the right; the first place takes all that are left."""
    texts: dict[int, str] = {}
    count = 0
    rest = digits
    for number, place in enumerate(reversed(places)):
        is_first = number == len(places) - 1
        taken = rest if is_first else rest[-1:]
        rest = "" if is_first else rest[:-1]
        if not taken and tokens[place].text == "0":
            taken = "0"
        text = ""
        for digit in reversed(taken):
            if grouped and count and count % 3 == 0:
                text = "," + text
            text = digit + text
            count += 1
        texts[place] = text
    return texts


def _scientific(tokens: tuple[_Token, ...], exponent: int, number: Decimal, sign: str) -> Shown:
    mantissa = [token for token in tokens[:exponent] if token.kind in ("digit", "point")]
    point = next((index for index, token in enumerate(mantissa) if token.kind == "point"), len(mantissa))
    whole, decimals = point, max(0, len(mantissa) - point - 1)
    if whole != 1 or any(token.kind in ("percent", "comma") for token in tokens):
        return Shown(_general(number if not sign else -number), is_known=False)
    power = number.adjusted() if number else 0
    value = number.scaleb(-power).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if value >= 10:
        power += 1
        value = number.scaleb(-power).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    width = sum(token.kind == "digit" for token in tokens[exponent:])
    shown_sign = "-" if power < 0 else "+" if tokens[exponent].text[1] == "+" else ""
    text = f"{sign}{value:f}{tokens[exponent].text[0]}{shown_sign}{abs(power):0{width}d}"
    return Shown(text, is_rounded=value.scaleb(power) != number)


# ---- dates ------------------------------------------------------------------------------------------------------------------

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HAN_DAYS = "一二三四五六日"


def _date(section: _Section, number: Decimal, from_1904: bool) -> str | None:
    """A serial day number as the format writes it; None for what no spreadsheet shows as a date."""
    days = number + (1462 if from_1904 else 0)
    if not 0 <= days <= _LAST_DAY:
        return None
    tokens = section.tokens
    fraction = max((len(token.text) - 3 for token in tokens if token.text.startswith(("s.", "ss.", "."))), default=0)
    step = Decimal(1).scaleb(-fraction) if fraction > 0 else Decimal(1)
    seconds = (days * 86_400).quantize(step, rounding=ROUND_HALF_UP)
    whole_days, second_of_day = divmod(seconds, 86_400)
    serial = int(whole_days)
    # The first of the two calendars has a 29 February 1900, so that its first 59 days are one off.
    day = dt.date(1899, 12, 30) + dt.timedelta(days=serial + (1 if 0 < serial < 60 else 0))
    if serial > _LAST_DAY:
        return None
    clock = int(second_of_day)
    noon = any(token.kind == "date" and ("/" in token.text) for token in tokens)
    hour = clock // 3600
    parts: list[str] = []
    for index, token in enumerate(tokens):
        if token.kind == "elapsed":
            unit = {"h": 3600, "m": 60, "s": 1}[token.text[0]]
            parts.append(f"{int(seconds) // unit:0{len(token.text)}d}")
        elif token.kind == "date":
            parts.append(_date_part(tokens, index, day, hour, clock, second_of_day, noon))
        elif token.kind in ("literal", "point", "comma", "digit", "percent"):
            parts.append(token.text)
    return "".join(parts).strip()


def _date_part(tokens: tuple[_Token, ...], index: int, day: dt.date, hour: int, clock: int, second_of_day: Decimal, noon: bool) -> str:
    text = tokens[index].text
    width = len(text)
    match text[0]:
        case "y" if width <= 2:
            return f"{day.year % 100:02d}"
        case "y" | "e":
            return f"{day.year:04d}"
        case "m" if _is_minute(tokens, index):
            return f"{clock // 60 % 60:0{min(width, 2)}d}"
        case "m" if width <= 2:
            return f"{day.month:0{width}d}"
        case "m":
            name = _MONTHS[day.month - 1]
            return name[:3] if width == 3 else name[:1] if width == 5 else name
        case "d" if width <= 2:
            return f"{day.day:0{width}d}"
        case "d":
            return _DAYS[day.weekday()][:3] if width == 3 else _DAYS[day.weekday()]
        case "h":
            shown = (hour % 12 or 12) if noon else hour
            return f"{shown:0{min(width, 2)}d}"
        case "s":
            digits, point, part = text.partition(".")
            seconds = second_of_day % 60
            return (
                f"{seconds:0{min(len(digits), 2) + len(point) + len(part)}.{len(part)}f}" if point else f"{int(seconds):0{min(width, 2)}d}"
            )
        case "a" if "/" not in text and width in (3, 4):
            return ("星期" if width == 4 else "") + _HAN_DAYS[day.weekday()]
        case _:
            first, _, second = text.partition("/")
            return second if hour >= 12 else first


def _is_minute(tokens: tuple[_Token, ...], index: int) -> bool:
    """An m is a minute behind an hour and before a second, else a month."""
    if len(tokens[index].text) > 2:
        return False
    timely = [token.text[0] for token in tokens[:index] if token.kind in ("date", "elapsed")]
    if timely and timely[-1] == "h":
        return True
    following = [token.text[0] for token in tokens[index + 1 :] if token.kind in ("date", "elapsed")]
    return bool(following) and following[0] == "s"
