"""Folding of printed text for matching. What is folded is compared, never given out. The only module that imports opencc."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

__all__ = ["FoldedLabel", "LabelFolder", "Squeezed", "fold_characters", "squeeze", "squeezed_text", "squeezed_texts"]

_SPACE_LIKE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
_WHITE = re.compile(rf"[\s{_SPACE_LIKE}]+")
# Pinyin glued in by a converter that annotates polyphones: 規(guī)範.
_PINYIN = re.compile(r"(?<=[\u3400-\u9fff])\([a-zü\u0100-\u01dc]{1,6}\)")
_BRACKETED = re.compile(r"[(\[{〔【<《][^()\[\]{}〔〕【】<>《》]*[)\]}〕】>》]")
_OPENING = "([{〔【<《"
_NOT_WORD = re.compile(r"[\W_]+")
# Characters that normalisation changes one by one, whatever stands beside them: ASCII, ideographs, common and full-width punctuation.
_SIMPLE = re.compile("[\x00-\x7f\u3000-\u3011\u3014-\u301f\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e]*")
# A number in a circle counts items: normalisation would leave the bare number, which is no enumerator.
_CIRCLED = {0x2460 + number: f"{number + 1}." for number in range(20)}
_HAN_NUMBER = "一二三四五六七八九十"
_ENUMERATOR = re.compile(
    rf"(?:(?P<han>[{_HAN_NUMBER}]{{1,3}})[、.,:)]|\((?P<round>[{_HAN_NUMBER}]{{1,3}}|\d{{1,2}})\)[、.]?"
    r"|(?P<digit>\d{1,2})(?:[、)]|[.,](?!\d))|(?P<letter>[a-z])[.)])"
)


@cache
def _character_table() -> dict[int, str]:
    """One character to one character: Traditional to Simplified, compatibility forms to plain ones, upper to lower case.

    Simplification goes first by OpenCC's own table, character by character, so that offsets into the text hold.
    """
    import opencc

    characters = [chr(code) for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))]
    simplified = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {ord(a): b for a, b in zip(characters, simplified, strict=True) if a != b and len(b) == 1}
    for code in (*range(0x2000, 0x2E80), *range(0x3000, 0x3400), *range(0xFE00, 0x10000), *range(0x00A0, 0x0250)):
        plain = unicodedata.normalize("NFKC", chr(code)).lower()
        if plain != chr(code) and len(plain) == 1:
            table[code] = plain
    for code in range(ord("A"), ord("Z") + 1):
        table[code] = chr(code + 32)
    return table


def fold_characters(text: str) -> str:
    """Fold script, width and case one character to one: the result has the same length, so offsets carry over."""
    return text.translate(_character_table())


@dataclass(frozen=True, slots=True)
class Squeezed:
    """Folded text without white space, and for each of its characters the offset in the original text."""

    text: str
    offsets: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original text behind a non-empty half-open span of the squeezed one."""
        return self.offsets[start], self.offsets[end - 1] + 1


@cache
def _squeezing_table() -> dict[int, str | int | None]:
    """Folding and dropping white space in one pass. Common characters that stay are listed too: what a table lacks costs more to look up."""
    table: dict[int, str | int | None] = {code: code for code in (*range(0x80), *range(0x4E00, 0xA000))}
    table.update(_character_table())
    for code in {*range(0x3100), *map(ord, _SPACE_LIKE), *_character_table()}:
        folded = _character_table().get(code, chr(code))
        if folded.isspace() or folded in _SPACE_LIKE:
            table[code] = None
    return table


_PARTED = "\x00"
_COMMON_CHANGES = "，。、：；（）“”%《》 \u3000\n"  # of those that are changed, what most lines of prose have


@cache
def _changes() -> tuple[tuple[tuple[str, str], ...], re.Pattern[str]]:
    """What becomes of the common characters that squeezing changes, and all that it changes."""
    table = _squeezing_table()
    changed = "".join(map(chr, (code for code, other in table.items() if other not in (code, chr(code)))))
    return tuple((char, char.translate(table)) for char in _COMMON_CHANGES), re.compile(f"[{re.escape(changed)}]")


def squeezed_texts(texts: Sequence[str]) -> list[str]:
    """The texts of `squeeze`, much faster: a table asks for each character, which takes ten times as long as to replace a few in all texts."""
    common, changed = _changes()
    plain = _PARTED.join(texts)
    for char, other in common:
        plain = plain.replace(char, other)
    parts = plain.split(_PARTED)
    if len(parts) != len(texts):  # a text holds the parting character itself, or there is none
        return [squeeze(text).text for text in texts]
    if changed.search(plain):
        return [text.translate(_squeezing_table()) if changed.search(part) else part for text, part in zip(texts, parts, strict=True)]
    return parts


def squeezed_text(text: str) -> str:
    """The text of `squeeze(text)`."""
    return squeezed_texts([text])[0]


@cache
def _plain_table() -> dict[int, str | int | None]:
    """What compatibility normalisation, folding and dropping white space make of the characters that `_SIMPLE` lists, one by one."""
    folded = _character_table()
    # Plain ideographs are their own normal forms (a test holds that); the rest is asked one by one.
    table: dict[int, str | int | None] = {code: code for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))}
    table.update((code, other) for code, other in folded.items() if code in table)
    for code in (*range(0x80), *range(0x3000, 0x3020), *range(0xFF01, 0xFF5F)):
        plain = unicodedata.normalize("NFKC", chr(code)).translate(folded)
        table[code] = _WHITE.sub("", plain) or None
    return table


def squeeze(text: str) -> Squeezed:
    """Fold characters and drop white space, keeping the way back."""
    folded = fold_characters(text)
    offsets: list[int] = []
    start = 0
    for white in _WHITE.finditer(folded):
        offsets += range(start, white.start())
        start = white.end()
    offsets += range(start, len(folded))
    return Squeezed(_WHITE.sub("", folded), tuple(offsets))


class FoldedLabel(NamedTuple):
    """A label ready to compare: `enumerator` ("三", "(三)", "3." as "h三", "r三", "d3"), `body` all words, `core` without bracketed text."""

    enumerator: str
    body: str
    core: str


class LabelFolder:
    """Folds labels under one form's vocabulary. Calls are memoised: the same few hundred labels recur in every document."""

    def __init__(self, vocabulary: Mapping[str, str]) -> None:
        folded = {self._plain(word): self._plain(other) for word, other in vocabulary.items()}
        self._words = folded
        self._pattern = re.compile("|".join(re.escape(word) for word in sorted(folded, key=len, reverse=True))) if folded else None
        self.fold = lru_cache(maxsize=8192)(self._fold)

    @staticmethod
    def plain_character(char: str) -> str | None:
        """What folding makes of a character wherever it stands; None where that depends on its neighbours: white space, opening brackets, rarer scripts."""
        if not _SIMPLE.fullmatch(char):
            return None
        plain = char.translate(_plain_table())
        return plain if len(plain) == 1 and plain not in _OPENING else None

    def plain(self, text: str) -> str:
        """The text with its script, width and case folded and without white space: what the words of the vocabulary are looked for in."""
        return self._plain(text)

    @staticmethod
    @lru_cache(maxsize=8192)  # of all folders together: the same text is looked at under every form
    def _plain(text: str) -> str:
        if _SIMPLE.fullmatch(text):
            return text.translate(_plain_table())
        text = fold_characters(unicodedata.normalize("NFKC", text.translate(_CIRCLED)))
        return _WHITE.sub("", text)

    def fold_text(self, text: str) -> str:
        """All the words of a text, folded as labels are, without what is not a word."""
        return _NOT_WORD.sub("", self._words_folded(text))

    def is_enumerator(self, text: str) -> bool:
        """Whether a text is an enumerator and nothing else: one that its label was cut from."""
        plain = self._plain(text)
        return bool(plain) and _ENUMERATOR.fullmatch(plain) is not None

    def _words_folded(self, text: str) -> str:
        plain = self._plain(text)
        if "(" in plain:
            plain = _PINYIN.sub("", plain)
        if self._pattern is not None:
            plain = self._pattern.sub(lambda match: self._words[match.group()], plain)
        return plain

    def _fold(self, text: str) -> FoldedLabel:
        plain = self._words_folded(text)
        if plain.isalnum():
            return FoldedLabel("", plain, plain)  # most labels: an enumerator and brackets have marks
        enumerator = ""
        match = _ENUMERATOR.match(plain)
        if match is not None and match.end() < len(plain):
            kind = match.lastgroup or ""
            enumerator = kind[0] + (match.group(kind) or "")
            plain = plain[match.end() :]
        body = _NOT_WORD.sub("", plain)
        unbracketed = _BRACKETED.sub("", plain) if any(mark in plain for mark in _OPENING) else plain
        core = body if unbracketed is plain else _NOT_WORD.sub("", unbracketed)
        return FoldedLabel(enumerator, body, core or body)
