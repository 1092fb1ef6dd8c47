"""Which printed labels are which stations of a form: the best path through the form's reading order that explains the page.

A beam over the last station visited. Matching a label earns its weight; passing over stations, going back to a header and starting a table
again cost (FormLayout.costs). Short labels that occur in many places are settled by the path, never by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from pipeline.forms.label_words import LabelWords
from pipeline.forms.stations import MAX_LABEL, Candidate, FormLayout
from pipeline.forms.tokens import Token, Tokens
from pipeline.values.numbers import ValueReading

__all__ = ["History", "Match", "find_chain", "find_likely"]

BEAM = 3.5  # hypotheses this much worse than the best are given up
JOINED_BONUS = 0.25  # for each token more that a label explains
MAX_JOINED = 4  # a label may be wrapped over so many tokens
WHOLE_LABEL = 0.97  # similarity; such a text is a label by itself and ends none that began before
_START = -1


class Match(NamedTuple):
    """Tokens first..last (usually one) read as the stations of `candidate`."""

    first: int
    last: int
    candidate: Candidate

    @property
    def station(self) -> int:
        """The last station the label stands for: the one whose numbers follow."""
        return self.candidate.last

    @property
    def similarity(self) -> float:
        return self.candidate.similarity


# (first token, last token, candidate, the link before): a match of a path that may never be taken
_Link = tuple[int, int, Candidate, "_Link | None"]
_State = tuple[int, float, "_Link | None"]  # station, score, how it was reached
_States = dict[int, _State]  # by station
_Active = list[_State]  # the states that are worth going on from
_Before = _States | _Active  # states that were, or the ones that go on changing with what follows
What = TypeVar("What")


def find_likely(words: LabelWords, tokens: Tokens, readings: Sequence[ValueReading]) -> list[int]:
    """The tokens that may be labels of a form with these words, in order, and those behind one that may go on where a line break cut it."""
    texts = [token.text for token in tokens.items]
    possible = words.possible(
        text
        for text, reading in zip(texts, readings, strict=True)
        if len(text) <= MAX_LABEL and not (reading.kind == "number" and text.isdigit())
    )
    likely: list[int] = []
    until = -1
    for index, text in enumerate(texts):
        begins = possible.get(text)
        if begins:
            until = index + MAX_JOINED - 1
        if begins is not None or index <= until:
            likely.append(index)
    return likely


def find_chain(
    layout: FormLayout, tokens: Tokens, readings: Sequence[ValueReading], likely: Sequence[int] | None = None
) -> tuple[list[Match], float]:
    """The matches of the best path, in token order, and its score. Only the `likely` tokens (find_likely, the default) are looked at."""
    if likely is None:
        likely = find_likely(layout.words, tokens, readings)
    states: _States = {_START: (_START, 0.0, None)}
    best = 0.0  # of the states: a state is only ever replaced by a better one
    history: History[_Before] = History()
    row_known = tokens.row_known
    items = tokens.items
    for index in likely:
        token, reading = items[index], readings[index]
        text = token.text
        if reading.kind != "text" or len(text) > MAX_LABEL:
            history.pass_over(token, reading.kind, is_certain=row_known[token.row])
            continue
        candidates = layout.candidates(text)
        before: _Before = states
        if candidates:
            before = _active(states, best)
            best = max(best, _visit(layout, tokens, readings, states, before, token, token, candidates))
        begun = history.of(token, candidates)
        if begun:
            best = max(best, _visit_joined(layout, tokens, readings, states, begun, token))
        history.add(token, before if layout.may_begin_label(text) else None)
    _, score, link = max(states.values(), key=itemgetter(1))
    matches: list[Match] = []
    while link is not None:
        first, last, candidate, link = link
        matches.append(Match(first, last, candidate))
    matches.reverse()
    return matches, score


class History(Generic[What]):
    """Tokens not long ago with which a label may begin that a line break has cut, each with what is to be known of it."""

    __slots__ = ("_beginnings", "_end", "_last", "_table")

    def __init__(self) -> None:
        self._beginnings: list[tuple[int, What]] = []
        self._table = -1  # table of the last text token
        self._last = -1  # its index
        self._end = -1  # the last text token before the run of them that are in this table

    def pass_over(self, token: Token, kind: str, *, is_certain: bool) -> None:
        """Note a token that is no text. A number on a loose line may be part of a label that was cut around it."""
        if self._beginnings and (kind != "number" or is_certain):
            self._beginnings.clear()

    def add(self, token: Token, what: What | None) -> None:
        """Note a token of text; `what` is None when no label begins with it."""
        if token.table != self._table:
            self._end, self._table = self._last, token.table
        self._last = token.index
        if what is not None:
            self._beginnings.append((token.index, what))

    def of(self, token: Token, candidates: Sequence[Candidate]) -> list[tuple[int, What]]:
        """Those that the token may go on, nearest first: in the same table, without a text of another table between.

        None where it is a label by itself (`candidates`), or its column is known.
        """
        beginnings = self._beginnings
        if not beginnings or token.table != self._table or token.col is not None:
            return []
        if candidates and candidates[0].similarity >= WHOLE_LABEL:
            return []
        while beginnings and token.index - beginnings[0][0] >= MAX_JOINED:
            del beginnings[0]
        return [item for item in reversed(beginnings) if item[0] > self._end]


def _active(states: _States, best: float) -> _Active:
    """The states that are not given up, in the order in which they were first reached: of equal ways the earlier one wins."""
    floor = best - BEAM
    return [state for state in states.values() if state[1] >= floor]


def _visit(
    layout: FormLayout,
    tokens: Tokens,
    readings: Sequence[ValueReading],
    states: _States,
    active: _Active,
    first: Token,
    last: Token,
    candidates: Sequence[Candidate],
) -> float:
    """Go on to the candidates from the states before; the best score reached."""
    reached = -1e9
    for candidate in candidates:
        costs = layout.costs[candidate.first]
        best = -1e9
        best_link: _Link | None = None
        for order, score, link in active:
            value = score - costs[order]
            if value > best:
                best, best_link = value, link
        best += candidate.weight + _context(layout, tokens, readings, last, candidate)
        best += JOINED_BONUS * (last.index - first.index)
        known = states.get(candidate.last)
        if known is None or best > known[1]:
            states[candidate.last] = (candidate.last, best, (first.index, last.index, candidate, best_link))
            reached = max(reached, best)
    return reached


def _visit_joined(
    layout: FormLayout,
    tokens: Tokens,
    readings: Sequence[ValueReading],
    states: _States,
    begun: Sequence[tuple[int, _Before]],
    token: Token,
) -> float:
    """A label that a line break has cut into several tokens, `begun` by one of these; the best score reached."""
    reached = -1e9
    for index, before in begun:
        first = tokens.items[index]
        text = "".join(item.text for item in tokens.items[index : token.index + 1])
        if len(text) > MAX_LABEL:
            break
        joined = layout.candidates(text)
        if not joined:
            continue
        inside = any(readings[i].kind != "text" for i in range(index, token.index))
        alone = {item.last: item.similarity for item in layout.candidates(first.text)}
        candidates = [item for item in joined if item.similarity >= max(0.99 if inside else 0.93, alone.get(item.last, 0.0) + 0.01)]
        if candidates:
            active = _active(before, max(before.values(), key=itemgetter(1))[1]) if isinstance(before, dict) else before
            reached = max(reached, _visit(layout, tokens, readings, states, active, first, token, candidates))
    return reached


def _context(layout: FormLayout, tokens: Tokens, readings: Sequence[ValueReading], token: Token, candidate: Candidate) -> float:
    """A row label has numbers behind it, a header has not."""
    index = token.index + 1
    if index >= len(tokens.items):
        return 0.0
    follower = tokens.items[index]
    if follower.table != token.table or (tokens.row_known[token.row] and follower.row != token.row):
        return 0.0
    kind = readings[index].kind
    station = layout.stations[candidate.last]
    if station.kind == "row" and station.has_values:
        return 0.35 if kind in ("number", "blank") else 0.0
    if candidate.last in layout.last_headers:
        return 0.0  # the one row of a table without row labels comes next
    return -0.5 if kind == "number" else 0.0
