"""Streams that would unpack to more than memory holds, found before anybody unpacks them whole."""

from __future__ import annotations

import re
import zlib

from pipeline.errors import LimitExceededError
from pipeline.model.limits import Limits

__all__ = ["check_streams"]

_STREAM = re.compile(rb"stream\r?\n")
_HIGHEST_RATIO = 1032  # of deflate
_PIECE = 1 << 16
_DICTIONARY = 4096  # bytes before a stream that may hold its dictionary


def check_streams(data: bytes, limits: Limits) -> None:
    """LimitExceededError when a deflated stream of a PDF unpacks to more than `limits.max_stream_bytes`. Images are left alone: none is drawn.

    Only streams long enough to do so are looked at, a piece at a time, each once; what cannot be unpacked is for the reader to complain of.
    """
    least = limits.max_stream_bytes // _HIGHEST_RATIO
    position = 0
    while (match := _STREAM.search(data, position)) is not None:
        start = position = match.end()
        end = data.find(b"endstream", start)
        end = len(data) if end < 0 else end
        before = data[max(0, match.start() - _DICTIONARY) : match.start()]
        dictionary = before[before.rfind(b" obj") + 1 :]
        layers = dictionary.count(b"FlateDecode") + dictionary.count(b"/Fl ")
        may_be_large = layers > 0 and b"/Image" not in dictionary and (end - start >= least or layers > 1)
        if may_be_large and _unpacked_size(data, start, end, layers, limits.max_stream_bytes) > limits.max_stream_bytes:
            raise LimitExceededError(f"a stream of the PDF unpacks to more than max_stream_bytes = {limits.max_stream_bytes}")
        position = end


def _unpacked_size(data: bytes, start: int, end: int, layers: int, most: int) -> int:
    """How many bytes come out of a stream, counted up to a little more than `most` in any layer."""
    unpackers = [zlib.decompressobj() for _ in range(min(layers, 4))]
    sizes = [0] * len(unpackers)
    try:
        for offset in range(start, end, _PIECE):
            waiting = [(0, data[offset : min(end, offset + _PIECE)])]
            while waiting:
                level, piece = waiting.pop()
                unpacker = unpackers[level]
                out = unpacker.decompress(piece, _PIECE * 16)
                sizes[level] += len(out)
                if sizes[level] > most:
                    return sizes[level]
                if unpacker.unconsumed_tail:
                    waiting.append((level, unpacker.unconsumed_tail))
                if out and level + 1 < len(unpackers):
                    waiting.append((level + 1, out))
    except zlib.error:
        pass
    return max(sizes)
