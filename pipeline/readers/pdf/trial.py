"""Whether the pages of a PDF can be loaded within bounds: where its own structure leaves that open, it is tried in a process of its own.

pdfium makes an object of everything that a page draws, forms inside forms as often as they are drawn, before anybody can look; a file of 3 kB
can ask for more objects than there is memory, and pdfium ends the process that it is in. Streams stand in a file as they are, so what could
ask for that is seen without following a reference: a form that draws several things, which may be forms, itself among them; a form that
cannot be looked into; a content that is very long, or draws long forms often. Few files have any of it, and those cost a process.
"""

from __future__ import annotations

import contextlib
import math
import re
import resource
import subprocess
import sys
import zlib
from collections.abc import Iterator

from pipeline.errors import LimitExceededError
from pipeline.model.limits import Limits
from pipeline.model.process_limit import lower_limit

__all__ = ["check_loading", "main", "needs_trial"]

_LONG = 24 * 1024 * 1024  # bytes of content, as often as they are drawn, that pdfium can be trusted with
_HIGHEST_RATIO = 1032  # of deflate
_OBJECT = 1000  # bytes that what is drawn takes at least
_PIECE = 1 << 20
_MEMORY = 1 << 30  # address space of the trial, at most
_SECONDS = 60.0  # that the trial may take, at most
_SHARE = 0.4  # of the time a source may take

_WORD, _END = b"stream", b"endstream"
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
# What says that a stream is, or may be, a form: the subtype where it is that, or is no name.
_MAYBE_FORM = re.compile(rb"/Subtype\s*(?:/Form(?![\w.-])|[^/\s])")
# Never content: pictures, programs of fonts, profiles of colours, tables of the file itself.
_NO_CONTENT = re.compile(
    rb"/Subtype\s*/(?:Image|Type1C|CIDFontType0C|OpenType|XML)\b|/Length[123]\b|/Alternate\b|/Type\s*/(?:ObjStm|XRef)\b"
)
_OTHER_FILTER = re.compile(rb"/(?:ASCII|A85|AHx|LZW|RunLength|RL|Crypt|DecodeParms|DP)|/Filter\s*\[?[^/\[\s]")
_PROGRAM = "import sys; sys.path[:] = {path!r}; from pipeline.readers.pdf.trial import main; main()"


def check_loading(data: bytes, limits: Limits) -> None:
    """LimitExceededError when loading the pages of a PDF would take more memory or time than there is for that."""
    if not needs_trial(data):
        return
    seconds = min(_SECONDS, limits.max_seconds * _SHARE)
    command = [
        sys.executable,
        "-P",
        "-c",
        _PROGRAM.format(path=[*sys.path]),
        *map(str, (limits.max_memory, limits.max_pages, math.ceil(seconds))),
    ]
    try:
        done = subprocess.run(command, input=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise LimitExceededError(
            f"loading the pages takes longer than {seconds:.0f} seconds: forms are drawn inside forms, or without end"
        ) from error
    if done.returncode < 0:
        raise LimitExceededError("the pages draw more objects than there is memory for: forms inside forms, or a content without end")


def main() -> None:
    """The process of the trial: loads each page of the file on stdin, under the limits given as arguments. Killed where it needs more."""
    memory, pages, seconds = map(int, sys.argv[1:])
    for kind, wanted in ((resource.RLIMIT_AS, min(memory, _MEMORY)), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        lower_limit(kind, wanted)
    from pipeline.readers.pdf.pdfium import load_pages

    load_pages(sys.stdin.buffer.read(), pages)


def needs_trial(data: bytes) -> bool:
    """Whether the bytes leave it open how much loading the pages takes. Never wrongly false for want of following a reference."""
    is_encrypted = b"Encrypt" in data
    longest_form = 0
    contents: list[tuple[int, int]] = []
    for before, start, end in _streams(data):
        if _MAYBE_FORM.search(before) is not None:
            if is_encrypted or _OTHER_FILTER.search(before) is not None:
                return True
            size, drawn = _content(data, start, end)
            if drawn > 1 or size > _LONG:
                return True
            longest_form = max(longest_form, size)
        elif _NO_CONTENT.search(before) is None:
            contents.append((start, end))
    most = _LONG // (longest_form + _OBJECT) if longest_form else _LONG
    for start, end in contents:
        if end - start > _LONG // _HIGHEST_RATIO or longest_form:
            size, drawn = _content(data, start, end)
            if size > _LONG or drawn > most:
                return True
    return False


def _streams(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """What stands before each stream, with escapes in names undone, where it begins, and where it is said to end.

    A stream inside another one counts as well: a reference may lead there.
    """
    seen = end = 0
    at = data.find(_WORD)
    while at >= 0:
        after = at + len(_WORD)
        if data.startswith(_END, at - 3) and at >= 3:
            seen = after
        elif data[after : after + 1] in (b"\r", b"\n"):
            before = data[seen:at]
            if b"#" in before:
                before = _ESCAPED.sub(lambda found: bytes((int(found.group(1), 16),)), before)
            if end < after:
                end = data.find(_END, after)
                end = len(data) if end < 0 else end
            seen = after
            yield before, after + (2 if data.startswith(b"\r\n", after) else 1), end
        at = data.find(_WORD, after)


def _content(data: bytes, start: int, end: int) -> tuple[int, int]:
    """How long a content is, up to a little more than `_LONG`, and how many things it draws at most, as written or as unpacked."""
    size, drawn = end - start, data.count(b"Do", start, end)
    unpacker = zlib.decompressobj()
    unpacked = count = 0
    tail = b""
    with contextlib.suppress(zlib.error):
        for offset in range(start, end, _PIECE):
            waiting = data[offset : min(end, offset + _PIECE)]
            while waiting and unpacked <= _LONG and not unpacker.eof:
                out = unpacker.decompress(waiting, _PIECE)
                waiting = unpacker.unconsumed_tail
                unpacked += len(out)
                count += (tail + out).count(b"Do")
                tail = out[-1:]
    return max(size, unpacked), max(drawn, count)
