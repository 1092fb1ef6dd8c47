"""Letters -> words, and words -> the phrases that stand together on a line. Nothing here knows a table."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.readers.pdf.page import Box, Letters, Rule, hull

__all__ = [
    "Phrase",
    "Word",
    "are_set_alike",
    "build_words",
    "group_lines",
    "is_cjk",
    "join_lines",
    "join_phrases",
    "join_words",
    "phrase_of",
]

_WORD_GAP = 0.28  # of the letter height: a wider gap parts words also where no blank was printed
_NO_GAP = 0.06  # of the letter height
_CJK_GAP = 0.5  # the same where a Han character stands at the gap
_BACK = 0.6  # of the letter height a letter may step back (kerning, marks) and still belong to the word
_SAME_LINE = 0.5  # of the lower of two boxes that must overlap
_ONE_BASELINE = 0.75  # the same where it is beyond doubt
_LOWER = 0.6  # of the letter height from line to line, at least
_MOST_BESIDE = 60  # words of a line that are looked at
_SAME_SIDE = 0.35  # of the letter height: lines of one text begin, end or are centred that near each other
_LEAST_TURNED = 3  # letters of a line that lies on its side
_TURNED_OFF = 0.1  # of the height of such letters, which is the width of their boxes, by which they may stand off their line
_TURNED_GAP = 0.5  # of that height between two of them
_OVERPRINT = 0.3  # of the letter height: the same word that close is the same word printed twice to look bold


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without a gap, or a whole line of letters that lie on their side (`is_turned`). `printed`: where it is, when it is read elsewhere."""

    x0: float
    top: float
    x1: float
    bottom: float
    text: str
    is_turned: bool = False
    printed: Box | None = None

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def box(self) -> Box:
        """Where it stands, to show to a person."""
        own = (self.x0, self.top, self.x1, self.bottom)
        return own if self.printed is None else hull([own, self.printed])


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of one line that stand together."""

    x0: float
    top: float
    x1: float
    bottom: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return join_words(self.words)

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def box(self) -> Box:
        """Where it stands, to show to a person."""
        own = (self.x0, self.top, self.x1, self.bottom)
        return hull([own, *(word.box for word in self.words)]) if any(word.printed for word in self.words) else own


def is_cjk(char: str) -> bool:
    """Whether a character is set without blanks: Han, kana, full-width forms and their punctuation."""
    code = ord(char)
    return (
        0x2E80 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0xFE30 <= code <= 0xFE4F
        or 0xFF00 <= code <= 0xFFEF
        or 0x20000 <= code <= 0x3FFFF
    )


def build_words(letters: Letters, standing: Sequence[Rule] = ()) -> list[Word]:
    """The words of a page in the order of its content. A standing rule parts a word that runs over it; a word printed over itself is one."""
    texts, xs0, tops, xs1, bottoms = letters.texts, letters.x0, letters.top, letters.x1, letters.bottom
    breaks, made_up = letters.breaks, letters.made_up_breaks
    ends: list[tuple[int, int]] = []
    start = 0
    for i in range(1, len(texts)):
        top, bottom = tops[i], bottoms[i]
        last_top, last_bottom = tops[i - 1], bottoms[i - 1]
        gap = xs0[i] - xs1[i - 1]
        height = last_bottom - last_top
        if bottom - top < height:
            height = bottom - top
        is_apart = breaks[i] and not -_NO_GAP * height < gap < _NO_GAP * height  # a blank that takes no room is none
        if (gap > height * _WORD_GAP or is_apart) and (
            gap > height * _CJK_GAP or (is_apart and not made_up[i]) or not (is_cjk(texts[i]) or is_cjk(texts[i - 1]))
        ):
            ends.append((start, i))
            start = i
            continue
        overlap = (bottom if bottom < last_bottom else last_bottom) - (top if top > last_top else last_top)
        if overlap < _SAME_LINE * height or gap < -_BACK * height - (xs1[i] - xs0[i]) * 0.5:
            ends.append((start, i))
            start = i
    if texts:
        ends.append((start, len(texts)))
    ends, turned = _join_turned(letters, ends)
    ordered = sorted(standing, key=lambda rule: rule.at)
    edges = [rule.at for rule in ordered]
    words: list[Word] = []
    seen: dict[str, list[Word]] = {}
    for first, end in turned:
        text = "".join(f" {texts[i]}" if breaks[i] and i > first else texts[i] for i in range(first, end))
        words.append(Word(min(xs0[first:end]), min(tops[first:end]), max(xs1[first:end]), max(bottoms[first:end]), text, is_turned=True))
    for first, end in ends:
        for a, b in _split_at_rules(letters, first, end, ordered, edges):
            elsewhere = [letters.printed[i] for i in range(a, b) if i in letters.printed] if letters.printed else []
            box = (min(xs0[a:b]), min(tops[a:b]), max(xs1[a:b]), max(bottoms[a:b]))
            word = Word(*box, "".join(texts[a:b]), printed=hull(elsewhere) if elsewhere else None)
            if not _is_overprint(word, seen.setdefault(word.text, [])):
                words.append(word)
    return words


def _join_turned(letters: Letters, ends: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The words, and apart from them the lines of letters that lie on their side: each right above (or below) the one before it, as wide as that one,
    and wider than high."""
    upright: list[tuple[int, int]] = []
    turned: list[tuple[int, int]] = []
    index = 0
    while index < len(ends):
        start, end = ends[index]
        stop = index + 1
        way = 0
        while end - start == 1 or stop > index + 1:
            step = _step(letters, ends[stop - 1][0], ends[stop][0]) if stop < len(ends) else 0
            if step == 0 or step == -way:
                break
            way, end = step, ends[stop][0] + 1
            stop += 1
            if ends[stop - 1][1] > end:
                break  # the last one touches a word beside it
        if end - start > 1 and upright and upright[-1][1] == start and _step(letters, start - 1, start) == way:
            start -= 1  # and the first one may
        if stop - index < 2 or end - start < _LEAST_TURNED:
            upright.extend(ends[index:stop])
        else:
            turned.append((start, end))
            if upright and upright[-1][1] > start:
                first = upright.pop()[0]
                if first < start:
                    upright.append((first, start))
            if ends[stop - 1][1] > end:
                upright.append((end, ends[stop - 1][1]))
        index = stop
    return upright, turned


def _step(letters: Letters, before: int, after: int) -> int:
    """Where a letter lies on its side behind another one: -1 above it, 1 below it, 0 neither."""
    x0, x1 = letters.x0[after], letters.x1[after]
    width = x1 - x0
    if is_cjk(letters.texts[after]) or letters.bottom[after] - letters.top[after] > width:
        return 0
    if abs(letters.x0[before] - x0) > _TURNED_OFF * width or abs(letters.x1[before] - x1) > _TURNED_OFF * width:
        return 0
    if abs(letters.top[before] - letters.bottom[after]) <= _TURNED_GAP * width:
        return -1
    return 1 if abs(letters.top[after] - letters.bottom[before]) <= _TURNED_GAP * width else 0


def _split_at_rules(letters: Letters, first: int, end: int, rules: Sequence[Rule], edges: Sequence[float]) -> Iterable[tuple[int, int]]:
    if not rules or end - first < 2:
        return ((first, end),)
    low, high = letters.x0[first], letters.x1[end - 1]
    index = bisect_left(edges, low + 0.5)
    cuts: list[int] = []
    middle = (letters.top[first] + letters.bottom[first]) / 2
    while index < len(edges) and edges[index] < high - 0.5:
        rule = rules[index]
        if rule.start <= middle <= rule.end:
            for i in range(first + 1, end):
                if (letters.x0[i] + letters.x1[i]) / 2 > rule.at > (letters.x0[i - 1] + letters.x1[i - 1]) / 2:
                    cuts.append(i)
                    break
        index += 1
    bounds = sorted({first, *cuts, end})
    return tuple(pairwise(bounds))


def _is_overprint(word: Word, others: list[Word]) -> bool:
    """Whether the word was printed at this place before; `others` are the last few of the same text, and it is added to them."""
    near = _OVERPRINT * word.height
    for other in others:
        if abs(other.x0 - word.x0) <= near and abs(other.top - word.top) <= near:
            return True
    others.append(word)
    if len(others) > 8:
        del others[0]
    return False


def join_words(words: Sequence[Word]) -> str:
    """The text of a phrase: a blank between words, but not between Han characters that a narrow gap parts."""
    if len(words) == 1:
        return words[0].text
    parts: list[str] = []
    before: Word | None = None
    for word in words:
        if before is not None:
            gap = word.x0 - before.x1
            narrow = gap < _CJK_GAP * word.height and (is_cjk(word.text[0]) or is_cjk(before.text[-1]))
            parts.append("" if narrow else " ")
        parts.append(word.text)
        before = word
    return "".join(parts)


def group_lines(words: Iterable[Word], shared: float = _SAME_LINE) -> list[list[Word]]:
    """Words by the line they stand on, lines from the top, words from the left. Words share a line when `shared` of the lower one's height does."""
    lines: list[list[Word]] = []
    widest: list[Word] = []  # of each line: its box is the line's, whatever tall marks stand beside it
    for word in sorted(words, key=lambda item: ((item.top + item.bottom) / 2, item.x0)):
        best, most = -1, shared
        for index in range(len(lines) - 1, max(-1, len(lines) - 4), -1):
            other = widest[index]
            overlap = min(other.bottom, word.bottom) - max(other.top, word.top)
            share = overlap / (min(other.height, word.height) or 1.0)
            if share >= most and not (share < _ONE_BASELINE and _runs_into(word, lines[index])):
                best, most = index, share + 0.01
        if best < 0:
            lines.append([word])
            widest.append(word)
            continue
        lines[best].append(word)
        if word.x1 - word.x0 > widest[best].x1 - widest[best].x0:
            widest[best] = word
    for line in lines:
        line.sort(key=lambda item: item.x0)
    return lines


def _runs_into(word: Word, line: Sequence[Word]) -> bool:
    """Whether a word that stands a little lower than a line would be printed over one of its words: then it is of the next line of that one's text."""
    return any(other.x0 < word.x1 and word.x0 < other.x1 and word.top - other.top > _LOWER * other.height for other in line[-_MOST_BESIDE:])


def phrase_of(words: tuple[Word, ...]) -> Phrase:
    """The phrase of some words of one line, from the left."""
    return Phrase(words[0].x0, min(w.top for w in words), max(w.x1 for w in words), max(w.bottom for w in words), words)


def are_set_alike(phrase: Phrase, other: Phrase) -> bool:
    """Whether two lines begin, end or are centred one below the other, as the lines of one text are."""
    offsets = (other.x0 - phrase.x0, other.x1 - phrase.x1, (other.x0 + other.x1 - phrase.x0 - phrase.x1) / 2)
    return min(abs(offset) for offset in offsets) <= _SAME_SIDE * phrase.height


def join_phrases(line: Sequence[Word], widest_gap: float) -> list[Phrase]:
    """The phrases of a line: words are kept together up to a gap of `widest_gap` times their height."""
    phrases: list[Phrase] = []
    start = 0
    for index in range(1, len(line) + 1):
        if index < len(line):
            gap = line[index].x0 - max(word.x1 for word in line[start:index])
            if gap <= widest_gap * min(line[index].height, line[index - 1].height):
                continue
        words = tuple(line[start:index])
        phrases.append(phrase_of(words))
        start = index
    return phrases


def join_lines(lines: Sequence[Sequence[Word]]) -> str:
    """The text of a cell: its lines, each as printed, parted by line breaks."""
    return "\n".join(join_words(line) for line in lines if line)
