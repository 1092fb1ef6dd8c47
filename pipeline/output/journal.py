"""results.jsonl: a journal of whole lines while a batch runs, and one sorted file when it has ended.

A line is known by the SHA-256 of its bytes, never by its position: so the rewrite needs no second bookkeeping, and
whatever a kill or a power cut leaves behind (a torn last line, blocks of zeros, an older copy of a line) is simply not
found by anybody.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType

from pipeline.errors import OutputError

__all__ = ["Journal", "line_digest", "write_whole", "writing"]

_COPY = 1 << 20


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
    """The lines of results.jsonl by digest. Every failure to read or write is an OutputError, and leaves whole lines only.

    Memory does not grow with the number of lines.
    """

    def __init__(self, path: Path, known: Iterable[bytes]) -> None:
        """Open or create the file, cut off a torn last line, and find the lines whose digest is among `known`."""
        self.path = path
        self._places = _Places()
        try:
            with writing(path):
                self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
                try:
                    self._end = self._scan(known)
                    if self._end < os.fstat(self._descriptor).st_size:
                        os.ftruncate(self._descriptor, self._end)
                except BaseException:
                    os.close(self._descriptor)
                    raise
        except BaseException:
            self._places.close()
            raise

    def __contains__(self, digest: bytes) -> bool:
        return self._places.find(digest) is not None

    def append(self, line: bytes) -> bytes:
        """Write a line (given without its newline) at the end, unless it is there, and return its digest. A line that cannot be written whole is
        taken back.
        """
        digest = line_digest(line)
        if digest in self:
            return digest
        with writing(self.path):
            try:
                _write_at(self._descriptor, self._end, line)
            except BaseException:
                # BaseException: a Ctrl-C in the middle of a line. The next run would cut a torn line off, a later append must too.
                with suppress(OSError):
                    os.ftruncate(self._descriptor, self._end)
                raise
        self._places.put(digest, self._end, len(line) + 1)
        self._end += len(line) + 1
        return digest

    def line(self, digest: bytes) -> bytes:
        """A line of the journal, without its newline. KeyError when it is not there."""
        place = self._places.find(digest)
        if place is None:
            raise KeyError(digest)
        offset, length = place
        with writing(self.path):
            found = os.pread(self._descriptor, length - 1, offset)
        if len(found) != length - 1:
            raise OutputError(f"{self.path} was shortened by somebody else")
        return found

    def sync(self) -> None:
        """Have the lines on the disk, against a power cut."""
        with writing(self.path):
            os.fsync(self._descriptor)

    def rewrite(self, digests: Iterable[bytes]) -> None:
        """Make the file hold exactly these lines in this order, in one atomic step; nothing is written when it does already.

        The digests must be in the journal (KeyError). On failure the journal stays as it was.
        """
        end = self._places.line_up(digests)
        if end == self._end and self._places.are_lined_up():
            self.sync()
            return
        with writing(self.path):
            with _replacing(self.path) as descriptor:
                for offset, length in _joined(self._places.lined_up()):
                    self._copy(offset, length, descriptor)
            new = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
            # In one step: at no moment, not for a Ctrl-C either, is there a journal without its file.
            os.dup2(new, self._descriptor, inheritable=False)
            os.close(new)
        self._places.take_line_up()
        self._end = end

    def close(self) -> None:
        """Close the file; the journal is not usable afterwards."""
        self._places.close()
        os.close(self._descriptor)

    def _scan(self, known: Iterable[bytes]) -> int:
        self._places.expect(known)
        end = 0
        with os.fdopen(os.dup(self._descriptor), "rb", buffering=_COPY) as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._places.meet(line_digest(line[:-1]), end, len(line))
                end += len(line)
        self._places.forget_missed()
        return end

    def _copy(self, offset: int, length: int, target: int) -> None:
        while length:
            copied = _copied_by_kernel(self._descriptor, target, offset, length)
            if copied:
                offset += copied
                length -= copied
                continue
            chunk = os.pread(self._descriptor, min(length, _COPY), offset)
            if not chunk:
                raise OSError(errno.EIO, "the journal was shortened by somebody else")
            _write_all(target, chunk)
            offset += len(chunk)
            length -= len(chunk)


class _Places:
    """Offset and length of each line, by digest, in a temporary database: a batch may have millions of lines."""

    def __init__(self) -> None:
        with _sheltered:
            # The empty name: a file without one, that is written only when the cache does not hold it any more.
            self._database = sqlite3.connect("", isolation_level=None)
            for pragma in ("journal_mode = OFF", "synchronous = OFF"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.execute("CREATE TABLE place (digest BLOB PRIMARY KEY, offset INTEGER, length INTEGER) WITHOUT ROWID")
            self._database.execute("CREATE TABLE line (number INTEGER PRIMARY KEY, digest BLOB, offset INTEGER, length INTEGER)")
            self._database.execute("BEGIN")  # never ended: nobody else reads it

    def close(self) -> None:
        self._database.close()

    def find(self, digest: bytes) -> tuple[int, int] | None:
        with _sheltered:
            found: tuple[int, int] | None = self._database.execute(
                "SELECT offset, length FROM place WHERE digest = ?", (digest,)
            ).fetchone()
            return found

    def put(self, digest: bytes, offset: int, length: int) -> None:
        with _sheltered:
            self._database.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", (digest, offset, length))

    # ---- what is found again ----------------------------------------------------------------------------------------

    def expect(self, digests: Iterable[bytes]) -> None:
        with _sheltered:
            self._database.executemany("INSERT OR IGNORE INTO place VALUES (?, NULL, NULL)", ((digest,) for digest in digests))

    def meet(self, digest: bytes, offset: int, length: int) -> None:
        """Take note of a line, if it was expected; the last of equal ones counts."""
        with _sheltered:
            self._database.execute("UPDATE place SET offset = ?, length = ? WHERE digest = ?", (offset, length, digest))

    def forget_missed(self) -> None:
        with _sheltered:
            self._database.execute("DELETE FROM place WHERE offset IS NULL")

    # ---- a new order ------------------------------------------------------------------------------------------------

    def line_up(self, digests: Iterable[bytes]) -> int:
        """Set an order; how many bytes the lines have together."""
        count = 0

        def counted() -> Iterator[tuple[bytes]]:
            nonlocal count
            for digest in digests:
                count += 1
                yield (digest,)

        with _sheltered:
            self._database.execute("DELETE FROM line")
            query = "INSERT INTO line (digest, offset, length) SELECT digest, offset, length FROM place WHERE digest = ?"
            self._database.executemany(query, counted())
            found, end = self._database.execute("SELECT count(*), coalesce(sum(length), 0) FROM line").fetchone()
        if found != count:
            raise KeyError(f"{count - found} lines are not in the journal")
        return int(end)

    def lined_up(self) -> Iterator[tuple[int, int]]:
        with _sheltered, closing(self._database.execute("SELECT offset, length FROM line ORDER BY number")) as cursor:
            yield from cursor

    def are_lined_up(self) -> bool:
        """Whether each line of the order lies where the one before it ends."""
        end = 0
        for offset, length in self.lined_up():
            if offset != end:
                return False
            end += length
        return True

    def take_line_up(self) -> None:
        """The lines lie in this order now, and no others."""
        with _sheltered:
            self._database.execute("DELETE FROM place")
            query = "INSERT OR REPLACE INTO place SELECT digest, sum(length) OVER (ORDER BY number) - length, length FROM line"
            self._database.execute(query)
            self._database.execute("DELETE FROM line")


class _Sheltered:
    """What the temporary database has against us, as an OutputError. A class: a generator for each statement costs as much as the statement."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, sqlite3.Error):  # the disk with the temporary files is full
            raise OutputError(f"cannot write temporary files: {error}") from error


_sheltered = _Sheltered()


def _joined(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
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


def _copied_by_kernel(source: int, target: int, offset: int, length: int) -> int:
    """Have the kernel copy from one file to the end of another, without a way through this process: how many bytes it did, 0 where it cannot."""
    try:
        return os.copy_file_range(source, target, length, offset_src=offset)
    except AttributeError:  # macOS
        return 0
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            raise
        return 0  # a file system that has no such thing


def _write_at(descriptor: int, offset: int, line: bytes) -> None:
    """Write a line and its newline, without making one of the two first."""
    written = os.pwritev(descriptor, (line, b"\n"), offset)
    while written <= len(line):
        written += os.pwritev(descriptor, (memoryview(line)[written:], b"\n"), offset + written)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
