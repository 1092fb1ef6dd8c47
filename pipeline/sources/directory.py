"""Which files a batch is to read: the INPUTs walked, in one order, with a printable path for each.

Symbolic links below an INPUT are not followed and special files are not opened; both are said (Skipped), so is a directory met twice. What
cannot be looked at is said as well (Unreadable), because a document may lie behind it.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline.errors import UsageError
from pipeline.model.path_text import printable_path
from pipeline.sources.kind import HEAD_BYTES, kind_of

__all__ = ["Found", "FoundFile", "Skipped", "Unreadable", "find_sources"]

_SPECIAL = ((stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"))


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file. `path` is for people and for the result; `location` is what the operating system opens."""

    path: str
    location: bytes

    def may_be_archive(self) -> bool:
        """Whether it begins as an archive does. A file that cannot be read is none."""
        try:
            # O_NONBLOCK: it may have turned into a named pipe since.
            descriptor = os.open(self.location, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            return kind_of(os.read(descriptor, HEAD_BYTES)) is not None
        except OSError:
            return False
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A directory or file that could not even be looked at, and why."""

    path: str
    location: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something left out on purpose, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """All that the INPUTs hold, each part sorted by path; the paths of files and unreadables are distinct."""

    files: tuple[FoundFile, ...]
    unreadable: tuple[Unreadable, ...]
    skipped: tuple[Skipped, ...]

    def location_of(self, path: str) -> bytes | None:
        """Where a file, or what could not be read, is."""
        for items in (self.files, self.unreadable):
            at = bisect_left(items, path, key=_path_of)
            if at < len(items) and items[at].path == path:
                return items[at].location
        return None


def _path_of(item: FoundFile | Unreadable) -> str:
    return item.path


@dataclass(slots=True)
class _Entry:
    """One source on its way to a name. `below` is None for an INPUT that is itself the file."""

    given: bytes
    below: bytes | None
    location: bytes
    reason: str | None = None
    is_prefixed: bool = False

    def name(self) -> str:
        if self.is_prefixed:
            return _posix(self.location)
        return _posix(os.path.basename(os.path.abspath(self.given)) if self.below is None else self.below)


def find_sources(inputs: Iterable[str | os.PathLike[str]], *, leave_out: str | os.PathLike[str] | None = None) -> Found:
    """Every file of the INPUTs, directories walked to the end.

    A path is relative to its INPUT: the name of a file INPUT, the path below a directory INPUT. Where two INPUTs give
    the same path, both get the INPUT as given in front. A file that several INPUTs reach is taken once, by the first.
    `leave_out` (the output directory) is not walked. UsageError when an INPUT does not exist or is `leave_out` itself.
    """
    given = [os.fsencode(item) for item in inputs]
    for item in given:
        if not os.path.lexists(item):
            raise UsageError(f"{printable_path(item)} does not exist")
    walk = _Walk(_identity_if_there(leave_out))
    for item in given:
        walk.add_input(item)
    distinct = _distinct(walk.entries)
    _name_apart(distinct)
    entries = sorted(((entry.name(), entry) for entry in distinct), key=lambda pair: pair[0])
    return Found(
        tuple(FoundFile(path, entry.location) for path, entry in entries if entry.reason is None),
        tuple(Unreadable(path, entry.location, entry.reason) for path, entry in entries if entry.reason is not None),
        tuple(sorted(set(walk.skipped), key=lambda item: (item.path, item.reason))),
    )


class _Walk:
    """Collects entries of one input after the other. No recursion: a tree may be deeper than the stack."""

    def __init__(self, leave_out: tuple[int, int] | None) -> None:
        self.entries: list[_Entry] = []
        self.skipped: list[Skipped] = []
        self._leave_out = leave_out

    def add_input(self, given: bytes) -> None:
        # An INPUT that is a link was named by the user, so it is followed; links below it are not.
        try:
            mode = os.stat(given).st_mode
        except OSError as error:
            self.entries.append(_Entry(given, None, given, _reason(error)))
            return
        if stat.S_ISDIR(mode):
            self._walk(given)
        elif stat.S_ISREG(mode):
            self.entries.append(_Entry(given, None, given))
        else:
            self.skipped.append(Skipped(_posix(given), _special(mode)))

    def _walk(self, given: bytes) -> None:
        seen: set[tuple[int, int]] = set()
        pending = [b""]
        while pending:
            below = pending.pop()
            directory = os.path.join(given, below) if below else given
            try:
                identity = _identity_of(directory)
                if identity is not None and identity == self._leave_out:
                    if not below:
                        raise UsageError(f"{_posix(given)} is the output directory; an INPUT must be another one")
                    self.skipped.append(Skipped(_posix(directory), "the output directory"))
                    continue
                if identity in seen:  # a bind mount of a parent: the only loop that is possible without links
                    self.skipped.append(Skipped(_posix(directory), "a directory that was walked already (a loop)"))
                    continue
                if identity is not None:
                    seen.add(identity)
                with os.scandir(directory) as listing:
                    for item in listing:
                        self._take(given, os.path.join(below, item.name), item, pending)
            except OSError as error:
                self.entries.append(_Entry(given, below or None, directory, _reason(error)))

    def _take(self, given: bytes, below: bytes, item: os.DirEntry[bytes], pending: list[bytes]) -> None:
        try:
            if item.is_symlink():
                self.skipped.append(Skipped(_posix(item.path), "a symbolic link"))
            elif item.is_dir(follow_symlinks=False):
                pending.append(below)
            elif item.is_file(follow_symlinks=False):
                self.entries.append(_Entry(given, below, item.path))
            else:
                self.skipped.append(Skipped(_posix(item.path), _special(item.stat(follow_symlinks=False).st_mode)))
        except OSError as error:
            self.entries.append(_Entry(given, below, item.path, _reason(error)))


def _distinct(entries: Sequence[_Entry]) -> list[_Entry]:
    """The first entry of each location."""
    first: dict[bytes, _Entry] = {}
    for entry in entries:
        first.setdefault(os.path.abspath(entry.location), entry)
    return list(first.values())


def _name_apart(entries: Sequence[_Entry]) -> None:
    """Put the INPUT in front wherever two locations have one name, until no two have (each round settles at least one entry)."""
    while True:
        by_name: dict[str, list[_Entry]] = {}
        for entry in entries:
            by_name.setdefault(entry.name(), []).append(entry)
        clashing = [entry for group in by_name.values() if len(group) > 1 for entry in group if not entry.is_prefixed]
        if not clashing:
            return
        for entry in clashing:
            entry.is_prefixed = True


def _posix(path: bytes) -> str:
    return PurePosixPath(printable_path(path)).as_posix()


def _identity_of(path: bytes) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _identity_if_there(path: str | os.PathLike[str] | None) -> tuple[int, int] | None:
    try:
        return None if path is None else _identity_of(os.fsencode(path))
    except OSError:  # whoever wants to write there will tell
        return None


def _special(mode: int) -> str:
    return next((words for test, words in _SPECIAL if test(mode)), "not a regular file")


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
