"""Streams of hostile bytes: counted against a budget, looked into before they are read, and gzip that says where it ends early."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

from pipeline.errors import LimitExceededError

__all__ = ["FREE_BYTES", "Budget", "ByteStream", "GzipStream", "Readable"]

FREE_BYTES = 16 * 1024 * 1024  # so many bytes out of an archive are harmless, whatever the ratio
_FREE_IN_ALL = 1024**3
_CHUNK = 1 << 16
_TAIL = 512
_GZIP_MAGIC = b"\x1f\x8b\x08"
_AUTOMATIC_GZIP = 31  # zlib's wbits for a gzip header


class Readable(Protocol):
    """What has bytes: `read(n)` gives at most n of them, none at the end."""

    def read(self, size: int = -1, /) -> bytes: ...


class Budget:
    """What one archive file may cost, whatever is nested in it. LimitExceededError when it is spent."""

    def __init__(self, byte_count: int, max_ratio: int, max_members: int, alive: Callable[[], None] = lambda: None) -> None:
        self._bytes_left = max(_FREE_IN_ALL, byte_count * max_ratio)
        self._max_ratio = max_ratio
        self._max_members = max_members
        self._members = 0
        self._alive = alive  # called while work goes on

    def take_bytes(self, count: int) -> None:
        """Count bytes that came out of the archive or of one inside it."""
        self._alive()
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise LimitExceededError(f"the archive unpacks to more than {self._max_ratio} times its size; the rest of it is not read")

    def take_member(self) -> None:
        """Count a member, of whatever kind."""
        self._alive()
        self._members += 1
        if self._members > self._max_members:
            raise LimitExceededError(f"the archive has more than {self._max_members} members; the rest of them are not read")


class ByteStream:
    """A stream that can be looked into, knows its position, and charges what it gives to the budget."""

    def __init__(self, source: Readable, budget: Budget) -> None:
        self._source = source
        self._budget = budget
        self._ahead = b""
        self._at = 0  # of `_ahead`, what was given already
        self._position = 0
        self.tail = b""  # the last bytes given
        self.damage: str | None = None  # why the stream ended before its end

    def head(self, size: int) -> bytes:
        """The next bytes, which stay to be read: `size` of them, fewer only at the end."""
        while len(self._ahead) - self._at < size:
            more = self._fetch(size - (len(self._ahead) - self._at))
            if not more:
                break
            self._ahead, self._at = self._ahead[self._at :] + more, 0
        return self._ahead[self._at : self._at + size]

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, none only at the end; without a size a piece of moderate length."""
        wanted = _CHUNK if size < 0 else size
        if self._at < len(self._ahead):
            given = self._ahead[self._at : self._at + wanted]
            self._at += len(given)
            if self._at == len(self._ahead):
                self._ahead, self._at = b"", 0
        else:
            given = self._fetch(wanted)
        self._position += len(given)
        if len(given) >= _TAIL:
            self.tail = given[-_TAIL:]
        elif given:
            self.tail = (self.tail + given)[-_TAIL:]
        return given

    def put_back(self, data: bytes) -> None:
        """Have bytes that were just given be the next ones again."""
        self._ahead, self._at = data + self._ahead[self._at :], 0
        self._position -= len(data)

    def tell(self) -> int:
        """How many bytes have been given."""
        return self._position

    def close(self) -> None:
        """Nothing: who opened the source closes it. (Readers of archives call it.)"""

    def _fetch(self, size: int) -> bytes:
        data = self._source.read(size)
        self._budget.take_bytes(len(data))
        return data


class GzipStream(ByteStream):
    """What gzip members, one after the other, decompress to. A piece that `read` gives does not reach over the end of a member.

    The stream ends where the gzip stream ends or is damaged, and `damage` then says what is wrong and at which byte; the bytes up to there are
    right. `resume` goes on at the next member. LimitExceededError when more comes out than the ratio allows.
    """

    def __init__(self, source: ByteStream, budget: Budget, max_ratio: int) -> None:
        super().__init__(source, budget)
        self._packed = source
        self._max_ratio = max_ratio
        self._rest = b""
        self._inflater: zlib._Decompress | None = None
        self._given = 0
        self._taken = 0
        self._member_end = -1  # where, in what has been decompressed, a gzip member ended last

    @property
    def is_between_members(self) -> bool:
        """Whether all that was given so far ends where a gzip member does."""
        return self.tell() == self._member_end

    def resume(self) -> bool:
        """Go on at the next gzip member behind the damage. False when there is none."""
        self.damage, self._inflater, self._ahead, self._at = None, None, b"", 0
        self._rest = self._rest[1:]
        while True:
            at = self._rest.find(_GZIP_MAGIC)
            if at >= 0:
                self._rest = self._rest[at:]
                return True
            self._rest = self._rest[-2:]
            more = self._take()
            if not more:
                return False
            self._rest += more

    def _fetch(self, size: int) -> bytes:
        while self.damage is None:
            if self._inflater is None and not self._begins():
                break
            if not self._rest:
                self._rest = self._take()
                if not self._rest:
                    self._spoil("ends in the middle")
                    break
            data = self._inflate(size)
            if data:
                return data
        return b""

    def _begins(self) -> bool:
        """Whether another member begins here; at the end, also behind padding, there is none."""
        while len(self._rest) < len(_GZIP_MAGIC):
            more = self._take()
            if not more:
                break
            self._rest = (self._rest + more).lstrip(b"\0")
        if not self._rest.startswith(_GZIP_MAGIC):
            if self._rest.strip(b"\0"):
                self._spoil("is followed by other bytes" if self._given else "has a damaged header")
            return False
        self._inflater = zlib.decompressobj(_AUTOMATIC_GZIP)
        return True

    def _inflate(self, size: int) -> bytes:
        inflater = self._inflater
        if inflater is None:
            return b""
        before = self._rest
        try:
            data = inflater.decompress(self._rest, size)
        except zlib.error:
            self._spoil("is damaged")
            return b""
        self._rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        if inflater.eof:
            self._inflater = None
        elif not data and self._rest == before:  # no progress: zlib would say so for ever
            self._spoil("is damaged")
        self._given += len(data)
        if inflater.eof:
            self._member_end = self._given
        if self._given > FREE_BYTES and self._given > self._taken * self._max_ratio:
            raise LimitExceededError(f"the gzip stream unpacks to more than {self._max_ratio} times its size; the rest of it is not read")
        self._budget.take_bytes(len(data))
        return data

    def _take(self) -> bytes:
        data = self._packed.read(_CHUNK)
        self._taken += len(data)
        return data

    def _spoil(self, how: str) -> None:
        self.damage = f"the gzip stream {how} at byte {self._taken - len(self._rest)}"
