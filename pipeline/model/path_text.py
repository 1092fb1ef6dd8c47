"""Paths as text: what a result calls a file, without loss, whatever bytes its name is of."""

from __future__ import annotations

import os
import re

__all__ = ["printable_path", "unprinted_path"]

_LOOKS_ESCAPED = re.compile(r"\\(?:\\|x[0-9a-f]{2})")
_ESCAPE = re.compile(rb"\\(?:\\|x([0-9a-f]{2}))")
_SURROGATE = re.compile("[\udc80-\udcff]")


def printable_path(path: bytes | str) -> str:
    r"""A path as text, without loss: bytes that are not UTF-8 stand as `\xNN`, and then a backslash is doubled.

    A name that is UTF-8 stays as it is, unless it would read as such an escape.
    """
    text = os.fsencode(path).decode("utf-8", "surrogateescape")
    if _SURROGATE.search(text) is None and _LOOKS_ESCAPED.search(text) is None:
        return text
    return _SURROGATE.sub(lambda match: f"\\x{ord(match.group()) - 0xDC00:02x}", text.replace("\\", "\\\\"))


def unprinted_path(printed: str) -> bytes:
    """The path that `printable_path` gives as `printed`."""
    path = os.fsencode(printed)
    if _LOOKS_ESCAPED.search(printed) is None:
        return path
    return _ESCAPE.sub(lambda match: b"\\" if match[1] is None else bytes.fromhex(match[1].decode()), path)
