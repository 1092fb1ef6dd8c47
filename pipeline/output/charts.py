"""Small charts as SVG text: bars that lie, for parts of a whole, and columns by year. Every piece says its number when pointed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from pipeline.output.visible import visible_text

__all__ = ["Series", "bar_chart", "column_chart"]

_ROW, _BAR = 26, 16  # pixels
_LABEL, _WIDTH, _COUNT = 250, 420, 70
_GAP = 2  # between pieces of one bar


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of piece: its name, and the CSS class that colours it."""

    name: str
    style: str


def bar_chart(title: str, rows: Sequence[tuple[str, Mapping[str, float]]], series: Sequence[Series]) -> str:
    """A bar a row, parted by series; lengths are to one scale. Labels are cut to what fits."""
    most = max((sum(parts.values()) for _, parts in rows), default=0)
    height = len(rows) * _ROW + 4
    pieces = [_open(title, _LABEL + _WIDTH + _COUNT, height)]
    for number, (label, parts) in enumerate(rows):
        top = number * _ROW + 2
        shown = visible_text(label)
        middle = top + _BAR - 3
        pieces.append(
            f'<text class="label" x="{_LABEL - 8}" y="{middle}" text-anchor="end">{escape(_cut(shown, 34))}<title>{escape(shown)}</title></text>'
        )
        left = float(_LABEL)
        for item in series:
            count = parts.get(item.name, 0)
            if not count or not most:
                continue
            width = max(1.0, _WIDTH * count / most)
            said = escape(f"{shown}: {item.name} {_number(count)}")
            pieces.append(
                f'<rect class="{item.style}" x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_BAR}"><title>{said}</title></rect>'
            )
            left += width + _GAP
        pieces.append(f'<text class="count" x="{left + 4:.1f}" y="{middle}">{_number(sum(parts.values()))}</text>')
    return "".join([*pieces, "</svg>"])


def column_chart(
    title: str, columns: Sequence[tuple[str, Mapping[str, float]]], series: Sequence[Series], *, width: int = 350, notes: Sequence[str] = ()
) -> str:
    """A column a label (a year), parted by series, the sum above it; `notes` stand under the labels."""
    height, top, bottom = 150, 18, 34 if notes else 20
    most = max((sum(parts.values()) for _, parts in columns), default=0)
    step = width / max(1, len(columns))
    bar = min(46.0, step * 0.7)
    base = height - bottom
    pieces = [_open(title, width, height), f'<line class="axis" x1="0" x2="{width}" y1="{base}" y2="{base}"/>']
    for number, (label, parts) in enumerate(columns):
        middle = step * (number + 0.5)
        y = float(base)
        for item in series:
            value = parts.get(item.name, 0)
            if value <= 0 or not most:
                continue
            size = max(1.0, (base - top) * value / most)
            y -= size
            said = escape(f"{label}: {item.name} {_number(value)}")
            pieces.append(
                f'<rect class="{item.style}" x="{middle - bar / 2:.1f}" y="{y:.1f}" width="{bar:.1f}" height="{max(1.0, size - 1):.1f}"><title>{said}</title></rect>'
            )
        pieces.append(f'<text class="count" x="{middle:.1f}" y="{y - 4:.1f}" text-anchor="middle">{_short(sum(parts.values()))}</text>')
        pieces.append(f'<text class="label" x="{middle:.1f}" y="{base + 14}" text-anchor="middle">{escape(label)}</text>')
        if number < len(notes):
            pieces.append(f'<text class="note" x="{middle:.1f}" y="{base + 28}" text-anchor="middle">{escape(notes[number])}</text>')
    return "".join([*pieces, "</svg>"])


def _open(title: str, width: float, height: float) -> str:
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        'xmlns="http://www.w3.org/2000/svg">'
    )


def _cut(text: str, most: int) -> str:
    """A text of at most so many columns; Han characters take two. The end is kept: it tells paths apart."""
    room = most
    for number in range(len(text) - 1, -1, -1):
        room -= 2 if ord(text[number]) > 0x2E7F else 1
        if room < 1 and number:
            return "…" + text[number + 1 :]
    return text


def _short(value: float) -> str:
    """In few characters: 12.3k."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if sign == 'k' else size):.3g}{sign}"
    return _number(value)


def _number(value: float) -> str:
    """As people write it: 12,345; 1.5."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"
