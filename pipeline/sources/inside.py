"""One document out of an archive, by the path that a batch gives it: `archive.zip!/member`."""

from __future__ import annotations

import os
from collections import Counter

from pipeline.errors import SourceError, UsageError
from pipeline.model.limits import Limits
from pipeline.model.path_text import unprinted_path
from pipeline.sources.archive import walk_archive
from pipeline.sources.member import LeftOut, Member, Trouble

__all__ = ["located", "parted", "read_inside"]

_MARK = "!/"


def located(path: str) -> str:
    r"""The path as it can be opened, of a file or of a document in one: names that are no text are printed as `\xNN`, and typed so."""
    if os.path.lexists(path):
        return path
    whole = os.fsdecode(unprinted_path(path))
    if os.path.lexists(whole):
        return whole
    at = path.find(_MARK)
    while at >= 0:
        file = os.fsdecode(unprinted_path(path[:at]))
        if not os.path.isfile(path[:at]) and os.path.isfile(file):
            return file + path[at:]
        at = path.find(_MARK, at + 1)
    return path


def parted(path: str) -> tuple[str, str] | None:
    """The file and what is behind it, or None where no such file is. A file of that whole name comes first."""
    if os.path.lexists(path):
        return None
    at = path.find(_MARK)
    while at >= 0:
        if os.path.isfile(path[:at]):
            return path[:at], path[at + len(_MARK) :]
        at = path.find(_MARK, at + 1)
    return None


def read_inside(file: str, inside: str, limits: Limits) -> Member:
    """The member `inside` of an archive file. UsageError when there is none, SourceError when it cannot be had, OSError as of open."""
    name = os.path.basename(os.path.abspath(file))
    copies: Counter[str] = Counter()
    with open(file, "rb") as stream:
        for event in walk_archive(stream, name, limits):
            if isinstance(event, LeftOut):
                continue
            copies[event.path] += 1
            path = event.path if copies[event.path] == 1 else f"{event.path}#{copies[event.path]}"
            if path != inside:
                continue
            if isinstance(event, Trouble):
                raise _error(event)
            if event.revisits:
                raise UsageError(f"{file}!/{inside} is a revisit: it has no bytes of its own")
            return event
    raise UsageError(f"there is no {inside} in {file}")


def _error(trouble: Trouble) -> SourceError:
    error = SourceError(trouble.message)
    error.code = trouble.code
    return error
