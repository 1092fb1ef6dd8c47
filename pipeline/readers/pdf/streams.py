"""Streams of a PDF looked at before anybody unpacks them whole: those that would unpack without end, and those that were changed since."""

from __future__ import annotations

import re
import zlib

from pipeline.errors import LimitExceededError
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits

__all__ = ["check_streams"]

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_HIGHEST_RATIO = 1032  # of deflate
_PIECE = 1 << 16
_DICTIONARY = 4096  # bytes before a stream that may hold its dictionary
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
# Programs of fonts and profiles of colours: large, and nothing that is read is in them.
_UNREAD = re.compile(rb"/Length[123]\b|/Subtype\s*/(?:Type1C|CIDFontType0C|OpenType|XML)\b|/Alternate\b")


def check_streams(data: bytes, limits: Limits) -> list[Finding]:
    """LimitExceededError when a deflated stream of a PDF unpacks to more than `limits.max_stream_bytes`; a finding for those that are damaged.

    Images are left alone: none is drawn. What begins as deflated data does is taken for it whatever its dictionary says. Only streams that the pages
    are drawn from are tried for damage, each once, a piece at a time; those of an encrypted file cannot be tried.
    """
    least = limits.max_stream_bytes // _HIGHEST_RATIO
    is_encrypted = b"/Encrypt" in data
    damaged: list[int] = []
    position = 0
    while (match := _STREAM.search(data, position)) is not None:
        start = position = match.end()
        end = data.find(b"endstream", start)
        end = len(data) if end < 0 else end
        position = end
        before = data[max(0, match.start() - _DICTIONARY) : match.start()]
        dictionary = before[before.rfind(b" obj") + 1 :]
        layers = max(dictionary.count(b"FlateDecode") + dictionary.count(b"/Fl "), int(_looks_deflated(data, start)))
        if not layers or _IMAGE.search(dictionary) is not None:
            continue
        is_tried = not is_encrypted and layers == 1 and _UNREAD.search(dictionary) is None and b"DecodeParms" not in dictionary
        if not is_tried and end - start < least and layers == 1:
            continue
        size, is_damaged = _unpacked_size(data, start, end, layers, limits.max_stream_bytes)
        if size > limits.max_stream_bytes:
            raise LimitExceededError(f"a stream of the PDF unpacks to more than max_stream_bytes = {limits.max_stream_bytes}")
        if is_tried and is_damaged:
            damaged.append(start)
    if not damaged:
        return []
    count = "a stream" if len(damaged) == 1 else f"{len(damaged)} streams"
    message = (
        f"{count} of the PDF cannot be unpacked as written, the first at byte {damaged[0]}: what its pages print may be missing or changed"
    )
    return [make_finding("page-damaged", message)]


def _looks_deflated(data: bytes, start: int) -> bool:
    """Whether a stream begins with the two bytes of a zlib header."""
    if start + 2 > len(data):
        return False
    first, second = data[start], data[start + 1]
    return first & 0x0F == 8 and first >> 4 <= 7 and (first << 8 | second) % 31 == 0


def _unpacked_size(data: bytes, start: int, end: int, layers: int, most: int) -> tuple[int, bool]:
    """How many bytes come out of a stream, counted up to a little more than `most` in any layer, and whether it is not what was packed."""
    unpackers = [zlib.decompressobj() for _ in range(min(layers, 4))]
    sizes = [0] * len(unpackers)
    try:
        for offset in range(start, end, _PIECE):
            waiting = [(0, data[offset : min(end, offset + _PIECE)])]
            while waiting:
                level, piece = waiting.pop()
                unpacker = unpackers[level]
                if unpacker.eof:  # what follows is no part of it, and would be given back without end
                    continue
                out = unpacker.decompress(piece, _PIECE * 16)
                sizes[level] += len(out)
                if sizes[level] > most:
                    return sizes[level], False
                if unpacker.unconsumed_tail:
                    waiting.append((level, unpacker.unconsumed_tail))
                if out and level + 1 < len(unpackers):
                    waiting.append((level + 1, out))
    except zlib.error:
        return max(sizes), True
    return max(sizes), False
