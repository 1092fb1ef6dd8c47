"""What forms of one family share: how their labels are folded, and which texts are certain to be none of them.

Most texts of a page are like no label of any form. They are told by their characters, all texts of a document in one pass, before any is folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pipeline.forms.similar import SIMILARITY_FLOOR, SimilarLabels
from pipeline.model.form import Form
from pipeline.values.fold import LabelFolder

__all__ = ["MAX_FUZZY", "LabelWords", "digits_of", "words_of"]

MAX_FUZZY = 60  # characters; a longer text that is no label word for word is prose
_MAX_MEMO = 20_000
_MAX_ENUMERATOR = 3  # letters and digits that may stand before a label and are no part of it
# A text that is similar to a label has no more than so many characters that no label has for each one that some label has (see similar.py).
_STRANGE_EACH = (2 - 2 * SIMILARITY_FLOOR) / SIMILARITY_FLOOR + 1e-9
_PARTED = "\x00"
_ASCII_DIGITS = re.compile("[0-9]+")
_LETTERS = r"\u4e00-\u9fff\u3001\u3002\uff0c\uff1a\uff1b%"
# A text with numbers whose digits stay what they are when it is folded: no white space, no brackets, no enumerator with digits before it.
_NUMBERED = re.compile(rf"[\u4e00-\u9fff][{_LETTERS}]*+[0-9][0-9{_LETTERS}]*")


class LabelWords:
    """The labels of all forms that have the same vocabulary."""

    def __init__(self, vocabulary: Mapping[str, str]) -> None:
        self.vocabulary = vocabulary
        self.folder = LabelFolder(vocabulary)
        self._labels: dict[str, None] = {}
        self._similar = SimilarLabels(())
        self._keys: frozenset[str] = frozenset()  # the labels and parts of labels
        self._beginnings: frozenset[str] = frozenset()
        self._digits: frozenset[str] = frozenset()  # those of each label
        self._longest = MAX_FUZZY  # characters of a text that may be a label
        self._signs = _Signs(self.folder, vocabulary, frozenset())
        self._foreign: dict[str, bool] = {}
        self._has_steady_words = all(word.isalpha() for words in vocabulary.items() for word in words)  # none makes other digits of a text

    def add(self, labels: Iterable[str], keys: Iterable[str], beginnings: Iterable[str]) -> None:
        """Take in the folded labels of one form, under what texts they are found, and with what they begin."""
        self._labels.update(dict.fromkeys(labels))
        self._similar = SimilarLabels(tuple(self._labels))
        self._keys = self._keys.union(keys)
        self._beginnings = self._beginnings.union(beginnings)
        self._digits = frozenset(map(digits_of, (*self._labels, *self._keys)))
        self._longest = max(MAX_FUZZY, *map(len, self._keys))
        self._signs = _Signs(self.folder, self.vocabulary, frozenset("".join((*self._labels, *self._keys))))
        self._foreign.clear()

    def may_begin_label(self, text: str) -> bool:
        """Whether a label of any of the forms begins with this text and goes on."""
        return self.folder.fold(text).body in self._beginnings

    def look_at(self, texts: Iterable[str]) -> None:
        """Tell, all at once, which of the texts are foreign by their characters; is_foreign then knows."""
        if len(self._foreign) > _MAX_MEMO:
            self._foreign.clear()
        foreign = self._foreign
        fresh = []
        for text in dict.fromkeys(texts):
            if text in foreign:
                continue
            if self._has_steady_words and _NUMBERED.fullmatch(text) and self._has_other_digits(text):
                foreign[text] = True  # most prose is told by its numbers alone
            else:
                fresh.append(text)
        signs = _PARTED.join(fresh).translate(self._signs).split(_PARTED)
        if len(signs) != len(fresh):
            return  # a text holds the parting character itself
        for text, sign in zip(fresh, signs, strict=True):
            if "?" in sign:
                continue
            strange = sign.count("s")
            if strange - _MAX_ENUMERATOR > _STRANGE_EACH * (len(sign) - strange) or self._is_other(sign):
                foreign[text] = True

    def _is_other(self, sign: str) -> bool:
        """Whether a text with these signs is too long for a label, or has other digits than any."""
        if len(sign) - _MAX_ENUMERATOR > self._longest:
            return True
        return not sign.isalpha() and self._has_other_digits(sign)

    def _has_other_digits(self, text: str) -> bool:
        """Whether the digits of a text, an enumerator before it aside, are those of no label."""
        digits = "".join(_ASCII_DIGITS.findall(text))
        if not digits or digits in self._digits:
            return False
        return not (text[0].isdigit() and (digits[1:] in self._digits or digits[2:] in self._digits))  # one or two may be an enumerator

    def possible(self, texts: Iterable[str]) -> dict[str, bool]:
        """The texts that may be labels of any of the forms, and whether one begins with them and goes on."""
        different = dict.fromkeys(texts)
        self.look_at(different)
        known = self._foreign.get  # asked here, for most texts are foreign, and a call takes longer
        return {text: self.may_begin_label(text) for text in different if not known(text) and not self.is_foreign(text)}

    def is_foreign(self, text: str) -> bool:
        """Whether the text is certain to be like no label of any of the forms; memoised."""
        found = self._foreign.get(text)
        if found is None:
            if len(self._foreign) > _MAX_MEMO:
                self._foreign.clear()
            found = self._foreign[text] = self._is_foreign(text)
        return found

    def _is_foreign(self, text: str) -> bool:
        if text.isdigit() and text.isascii() and text not in self._digits:
            return True
        folded = self.folder.fold(text)
        if folded.body in self._keys or folded.core in self._keys:
            return False
        if len(folded.body) <= MAX_FUZZY and any(
            digits_of(key) in self._digits and self._similar.may_find(key) for key in {folded.body, folded.core}
        ):
            return False
        words = text.split(maxsplit=3)
        return not any(self.folder.fold("".join(words[:cut])).body in self._keys for cut in range(1, len(words)))


class _Signs(dict[int, str]):
    """For str.translate: "k" for a character that labels have, "s" for one that none has, a digit for itself, nothing for what is no letter.

    "?" for whatever makes a text more than its characters one by one: white space, brackets, words that the vocabulary makes longer or shorter.
    """

    def __init__(self, folder: LabelFolder, vocabulary: Mapping[str, str], characters: frozenset[str]) -> None:
        super().__init__({ord(_PARTED): _PARTED})
        self._folder = folder
        steady: list[str] = []
        other: list[str] = []
        for word, instead in vocabulary.items():
            folded = folder.plain(word), folder.plain(instead)
            is_steady = folded[0].isalpha() and folded[1].isalpha() and len(folded[1]) == len(folded[0])
            (steady if is_steady else other).append(folded[0])
        self._known = characters.union(*steady)
        self._others = frozenset("".join(other))

    def __missing__(self, code: int) -> str:
        plain = self._folder.plain_character(chr(code))
        if plain is None or plain in self._others:
            sign = "?"
        elif plain.isdigit():
            sign = plain if plain.isascii() else "?"
        elif not plain.isalnum():
            sign = ""
        else:
            sign = "k" if plain in self._known else "s"
        self[code] = sign
        return sign


def digits_of(key: str) -> str:
    """The digits in a folded text: a label with other digits is another label."""
    return "" if key.isalpha() else "".join(filter(str.isdigit, key))


_shared: list[LabelWords] = []  # the last few
_MAX_SHARED = 16


def words_of(form: Form) -> LabelWords:
    """The words that the form shares with others of equal vocabulary."""
    for words in _shared:
        if words.vocabulary == form.vocabulary:
            return words
    words = LabelWords(form.vocabulary)
    _shared.append(words)
    del _shared[:-_MAX_SHARED]
    return words
