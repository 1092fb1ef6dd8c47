"""Damage done to a document: to its bytes, its lines, its cells, its tags.

Two kinds. HARMLESS_TO_DIGITS moves, repeats or takes away whole cells, lines, rows or tags and never touches a digit: what is still read must be right
as before, or be named by a finding. ANYTHING may do what it likes: only crashes, hangs and nonsense are looked for.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

__all__ = ["ANYTHING", "HARMLESS_TO_DIGITS", "Mutation", "damage"]

Mutation = Callable[[bytes, random.Random], bytes]

_CELL = re.compile(rb"<t[dh][^>]*>.*?</t[dh]>", re.DOTALL | re.IGNORECASE)
_ROW = re.compile(rb"<tr[^>]*>.*?</tr>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(rb"</?[a-zA-Z][^>]*>")
_STRUCTURE_TAG = re.compile(rb"</?(?:p|div|span|tbody|thead|tr|td|th|table|br|strong|h\d)\b[^>]*>", re.IGNORECASE)
_PIPED = re.compile(rb"[^|\n]*\|")
_NOISE = ("\u200b", "\u3000", "&nbsp;", "|", " | ", "||", "---", "\ufeff", "\x00", "<br>", "第 页", "注：", "\t")


def damage(data: bytes, rng: random.Random, mutations: tuple[Mutation, ...], count: int) -> tuple[bytes, list[str]]:
    """The document after `count` mutations, and their names."""
    names = []
    for _ in range(count):
        mutation = rng.choice(mutations)
        names.append(mutation.__name__)
        data = mutation(data, rng)
    return data, names


def _pick(pattern: re.Pattern[bytes], data: bytes, rng: random.Random) -> re.Match[bytes] | None:
    found = list(pattern.finditer(data))
    return rng.choice(found) if found else None


def _without(data: bytes, match: re.Match[bytes] | None) -> bytes:
    return data if match is None else data[: match.start()] + data[match.end() :]


def _twice(data: bytes, match: re.Match[bytes] | None) -> bytes:
    return data if match is None else data[: match.end()] + match.group() + data[match.end() :]


# ---- digits stay as they are -------------------------------------------------------------------------------------------


def drop_line(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def double_line(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    return b"\n".join([*lines[:at], lines[at], *lines[at:]])


def blank_lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines) + 1)
    return b"\n".join([*lines[:at], *([b""] * rng.randint(1, 3)), *lines[at:]])


def drop_cell(data: bytes, rng: random.Random) -> bytes:
    return _without(data, _pick(_CELL if b"<t" in data else _PIPED, data, rng))


def double_cell(data: bytes, rng: random.Random) -> bytes:
    return _twice(data, _pick(_CELL if b"<t" in data else _PIPED, data, rng))


def drop_row(data: bytes, rng: random.Random) -> bytes:
    return _without(data, _pick(_ROW, data, rng)) if b"<tr" in data else drop_line(data, rng)


def double_row(data: bytes, rng: random.Random) -> bytes:
    return _twice(data, _pick(_ROW, data, rng)) if b"<tr" in data else double_line(data, rng)


def drop_tag(data: bytes, rng: random.Random) -> bytes:
    return _without(data, _pick(_STRUCTURE_TAG, data, rng)) if b"<" in data else drop_line(data, rng)


def cut_end(data: bytes, rng: random.Random) -> bytes:
    """At the end of a line or a tag, so that no number is cut."""
    ends = [match.end() for match in re.finditer(rb"[\n>|]", data)]
    return data[: rng.choice(ends)] if ends else data


def cut_start(data: bytes, rng: random.Random) -> bytes:
    ends = [match.end() for match in re.finditer(rb"\n", data)]
    return data[rng.choice(ends) :] if ends else data


def noise_line(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(_NOISE).encode())
    return b"\n".join(lines)


def nul_between_lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] += b"\0" * rng.randint(1, 4)
    return b"\n".join(lines)


# ---- whatever comes ------------------------------------------------------------------------------------------------------


def swap_lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def drop_stretch(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randint(1, 400) :]


def repeat_stretch(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.randint(1, 60)]
    return data[:start] + piece * rng.choice((2, 3, 50, 400)) + data[start:]


def flip_bytes(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8) if changed else 0):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def insert_noise(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_NOISE).encode() * rng.randint(1, 5) + data[at:]


def wrong_encoding(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    wanted = rng.choice(("gb18030", "utf-16", "utf-16-le", "utf-8-sig", "big5", "latin-1 of utf-8"))
    if wanted == "latin-1 of utf-8":
        return data.decode("latin-1").encode("utf-8")
    return text.encode(wanted, "replace")


def two_encodings(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at:].decode("utf-8", "replace").encode("gb18030", "replace")


def odd_span(data: bytes, rng: random.Random) -> bytes:
    match = _pick(re.compile(rb"<t[dh]"), data, rng)
    if match is None:
        return insert_noise(data, rng)
    value = rng.choice(("0", "-1", "2", "3", "1000", "65534", "99999999999", "x"))
    span = f' {rng.choice(("rowspan", "colspan"))}="{value}"'.encode()
    return data[: match.end()] + span + data[match.end() :]


def many_line_ends(data: bytes, rng: random.Random) -> bytes:
    return data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\x0b", "\u2028".encode(), b"")))


def odd_tag(data: bytes, rng: random.Random) -> bytes:
    match = _pick(_TAG, data, rng)
    if match is None:
        return insert_noise(data, rng)
    tag = rng.choice(
        (b"<table>", b"</table>", b"<td>", b"<tr>", b"<div>" * 300, b"<!--", b"<script>", b"<select>", b"<svg><title>", b"<p hidden>")
    )
    return data[: match.start()] + tag + data[match.start() :]


HARMLESS_TO_DIGITS: tuple[Mutation, ...] = (
    drop_line, double_line, blank_lines, drop_cell, double_cell, drop_row, double_row, drop_tag, cut_end, cut_start, noise_line, nul_between_lines,
)  # fmt: skip
ANYTHING: tuple[Mutation, ...] = (
    *HARMLESS_TO_DIGITS, swap_lines, drop_stretch, repeat_stretch, flip_bytes, insert_noise, wrong_encoding, two_encodings, odd_span,
    many_line_ends, odd_tag,
)  # fmt: skip
