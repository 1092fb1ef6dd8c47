"""Labels that a text is similar to, word for word or nearly: what is certain to be like none of them is told before any is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz, process

__all__ = ["SIMILARITY_FLOOR", "SimilarLabels", "likeness"]

# Below this similarity two labels are different labels. Labels of one form differ from each other by at most 0.7 or by their enumerators.
SIMILARITY_FLOOR = 0.76
_MOST = 8  # labels that one text may be similar to

# Similarity is 2 * common / total: `common` characters in the same order, of the `total` of both texts. Of the common ones that follow each other
# all but those parted by another character, of either text, are neighbours in both: common - 1 - (total - 2 * common) pairs at least.
_PAIRS_EACH = 1.5 * SIMILARITY_FLOOR - 1
_ROUNDING = 1e-9


def likeness(one: str, other: str) -> float:
    """How similar two folded labels are, 0 to 1."""
    return fuzz.ratio(one, other) / 100


@dataclass(frozen=True, slots=True)
class _Window:
    """The labels that are neither too short nor too long to be similar to a text of one length."""

    places: tuple[int, ...]
    texts: tuple[str, ...]
    characters: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    least_characters: float  # of a text that these labels must have
    least_pairs: float


class SimilarLabels:
    """Finds, among folded labels, those similar to a folded text."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)
        self._windows: dict[int, _Window | None] = {}
        self._longest = max(map(len, labels), default=0)

    def may_find(self, text: str) -> bool:
        """Whether any label may be similar enough: a bound, so nothing is missed."""
        window = self._window(len(text))
        if window is None:
            return False
        known = sum(map(window.characters.__contains__, text))
        # A label has no more in common with the text than `known`, and the text no more than the label.
        if known < window.least_characters or 2 * known < SIMILARITY_FLOOR * (len(text) + known):
            return False
        return window.least_pairs <= 0 or sum(map(window.pairs.__contains__, pairwise(text))) >= window.least_pairs

    def find(self, text: str) -> list[tuple[int, float]]:
        """(index of the label, similarity from SIMILARITY_FLOOR to 1), best first, of equals the first."""
        window = self._window(len(text)) if self.may_find(text) else None
        if window is None:
            return []
        found = process.extract(text, window.texts, scorer=fuzz.ratio, score_cutoff=100 * SIMILARITY_FLOOR, limit=_MOST)
        return [(window.places[place], ratio / 100) for _, ratio, place in found]

    def _window(self, length: int) -> _Window | None:
        """Labels of a length that can be similar to a text of this one; None when there are none."""
        if 2 * self._longest < SIMILARITY_FLOOR * (length + self._longest) - _ROUNDING:
            return None  # the text is too long for any
        if length not in self._windows:
            self._windows[length] = self._make_window(length)
        return self._windows[length]

    def _make_window(self, length: int) -> _Window | None:
        near = [
            (place, label)
            for place, label in enumerate(self._labels)
            if 2 * min(length, len(label)) >= SIMILARITY_FLOOR * (length + len(label)) - _ROUNDING
        ]
        if not near:
            return None
        total = length + min(len(label) for _, label in near)
        return _Window(
            places=tuple(place for place, _ in near),
            texts=tuple(label for _, label in near),
            characters=frozenset("".join(label for _, label in near)),
            pairs=frozenset(pair for _, label in near for pair in pairwise(label)),
            least_characters=SIMILARITY_FLOOR * total / 2 - _ROUNDING,
            least_pairs=_PAIRS_EACH * total - 1 - _ROUNDING,
        )
