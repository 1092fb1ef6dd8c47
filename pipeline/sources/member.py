"""What an archive turns out to hold: documents, things left out, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Event", "LeftOut", "Member", "Trouble", "harmless_name"]

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Member:
    """One document. `path` is behind the archive file's own: "b/c.html", "inner.zip!/c.html".

    `media_type` is what the server said, if there was one. `container` are the facts of its archive or WARC record. `is_cut`: only a part
    was there, mostly the beginning. `names`: what a revisit may call this capture; `revisits`: how this one, which has no bytes, calls the capture that it repeats.
    """

    path: str
    data: bytes
    container: Mapping[str, Any]
    media_type: str | None = None
    uri: str | None = None
    is_cut: bool = False
    names: tuple[str, ...] = ()
    revisits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A document, or an archive or the rest of it (`path` "" is the archive file itself), that cannot be had. `code` is a failure code."""

    path: str
    code: str
    message: str
    container: Mapping[str, Any] | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Members that are no documents, and why. `path` as in Member; "" for what is only counted."""

    path: str
    reason: str
    count: int = 1


Event = Member | Trouble | LeftOut


def harmless_name(name: str) -> str:
    r"""A name that JSON and a list of lines can hold: control characters and bytes of no encoding as `\xNN`; never empty."""
    return _UNFIT.sub(_escaped, name) or "unnamed"


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:  # a byte that Python could not decode
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
