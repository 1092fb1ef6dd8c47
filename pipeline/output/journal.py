"""results.jsonl: a journal of whole lines while a batch runs, and one sorted file when it has ended.

A line is known by the SHA-256 of its bytes, never by its position: so the rewrite needs no second bookkeeping, and
whatever a kill or a power cut leaves behind (a torn last line, blocks of zeros, an older copy of a line) is simply not
found by anybody.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import OutputError

__all__ = ["Journal", "line_digest", "write_whole", "writing"]

_COPY = 1 << 20
_LENGTH_BITS = 36  # a line of 64 GB


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system has against writing `path` into an OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def line_digest(line: bytes) -> bytes:
    """The identity of a line (given without its newline)."""
    return hashlib.sha256(line).digest()


def write_whole(path: Path, content: Iterable[bytes]) -> None:
    """Write a file in one atomic step: the old content or the new, never a part. OutputError when that is not possible."""
    with writing(path), _replacing(path) as descriptor, os.fdopen(os.dup(descriptor), "wb", buffering=_COPY) as file:
        file.writelines(content)


class Journal:
    """The lines of results.jsonl by digest. Every failure to read or write is an OutputError, and leaves whole lines only."""

    def __init__(self, path: Path, known: Collection[bytes]) -> None:
        """Open or create the file, cut off a torn last line, and find the lines whose digest is among `known`."""
        self.path = path
        # Offset and length in one number: a batch may have millions of lines.
        self._places: dict[bytes, int] = {}
        with writing(path):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                self._end = self._scan(known)
                if self._end < os.fstat(self._descriptor).st_size:
                    os.ftruncate(self._descriptor, self._end)
            except BaseException:
                os.close(self._descriptor)
                raise

    def __contains__(self, digest: object) -> bool:
        return digest in self._places

    def append(self, line: bytes) -> bytes:
        """Write a line (given without its newline) at the end and return its digest. A line that cannot be written whole is taken back."""
        with writing(self.path):
            os.lseek(self._descriptor, self._end, os.SEEK_SET)
            try:
                _write_all(self._descriptor, line + b"\n")
            except BaseException:
                # BaseException: a Ctrl-C in the middle of a line. The next run would cut a torn line off, a later append must too.
                with suppress(OSError):
                    os.ftruncate(self._descriptor, self._end)
                raise
        digest = line_digest(line)
        self._places[digest] = _packed(self._end, len(line) + 1)
        self._end += len(line) + 1
        return digest

    def line(self, digest: bytes) -> bytes:
        """A line of the journal, without its newline."""
        offset, length = _unpacked(self._places[digest])
        with writing(self.path):
            found = os.pread(self._descriptor, length - 1, offset)
        if len(found) != length - 1:
            raise OutputError(f"{self.path} was shortened by somebody else")
        return found

    def sync(self) -> None:
        """Have the lines on the disk, against a power cut."""
        with writing(self.path):
            os.fsync(self._descriptor)

    def rewrite(self, digests: Sequence[bytes]) -> None:
        """Make the file hold exactly these lines in this order, in one atomic step; nothing is written when it does already.

        The digests must be in the journal. On failure the journal stays as it was.
        """
        places = [_unpacked(self._places[digest]) for digest in digests]
        if self._is_exactly(places):
            self.sync()
            return
        with writing(self.path):
            with _replacing(self.path) as descriptor:
                for offset, length in _joined(places):
                    self._copy(offset, length, descriptor)
            os.close(self._descriptor)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        self._places = {digest: _packed(*place) for digest, place in zip(digests, _laid_out(places), strict=True)}
        self._end = sum(length for _, length in places)

    def close(self) -> None:
        """Close the file; the journal is not usable afterwards."""
        os.close(self._descriptor)

    def _scan(self, known: Collection[bytes]) -> int:
        end = 0
        with os.fdopen(os.dup(self._descriptor), "rb", buffering=_COPY) as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                digest = line_digest(line[:-1])
                if digest in known:
                    self._places[digest] = _packed(end, len(line))
                end += len(line)
        return end

    def _is_exactly(self, places: Sequence[tuple[int, int]]) -> bool:
        return list(places) == list(_laid_out(places)) and self._end == sum(length for _, length in places)

    def _copy(self, offset: int, length: int, target: int) -> None:
        while length:
            chunk = os.pread(self._descriptor, min(length, _COPY), offset)
            if not chunk:
                raise OSError(errno.EIO, "the journal was shortened by somebody else")
            _write_all(target, chunk)
            offset += len(chunk)
            length -= len(chunk)


def _packed(offset: int, length: int) -> int:
    return offset << _LENGTH_BITS | length


def _unpacked(place: int) -> tuple[int, int]:
    return place >> _LENGTH_BITS, place & (1 << _LENGTH_BITS) - 1


def _laid_out(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same lengths, one after the other from 0."""
    offset = 0
    for _, length in places:
        yield offset, length
        offset += length


def _joined(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbours that follow each other in the file as one piece: fewer, larger copies."""
    start = end = 0
    for offset, length in places:
        if offset != end:
            if end > start:
                yield start, end - start
            start = offset
        end = offset + length
    if end > start:
        yield start, end - start


@contextmanager
def _replacing(path: Path) -> Iterator[int]:
    """A descriptor of a new file beside `path` that takes its place when the block ends well, and vanishes when it does not."""
    new = path.with_name(f".{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        try:
            yield descriptor
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
