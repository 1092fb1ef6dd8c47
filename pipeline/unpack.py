"""The child process of a batch that walks archives, one after the other, and hands over what is in them, a member at a time.

It is started by pipeline.pool like a worker, under the same limits: an archive is hostile too. Messages to the parent: READY once; then for an
archive MEMBER (facts as JSON), which the parent answers when it has room: with a file name, into which the bytes are written before WRITTEN is
said, or with nothing, and the bytes are dropped; TROUBLE and LEFT_OUT (JSON, no answer); ALIVE while there is nothing to tell; PLAIN for a file that
is a document after all; CANNOT_WRITE when a file cannot be written; END. A revisit and an empty answer are one message shorter.
"""

from __future__ import annotations

import errno
import faulthandler
import hashlib
import os
import pickle
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NoReturn

from pipeline.model.jsonbytes import dump_json
from pipeline.model.limits import Limits
from pipeline.sources.archive import walk_archive
from pipeline.sources.member import Event, LeftOut, Member, Trouble
from pipeline.worker import READY, limit_process

__all__ = ["ALIVE", "CANNOT_WRITE", "END", "LEFT_OUT", "MEMBER", "PLAIN", "TROUBLE", "WRITTEN", "Walk", "main"]

MEMBER, WRITTEN, TROUBLE, LEFT_OUT, ALIVE, PLAIN, CANNOT_WRITE, END = b"M", b"K", b"T", b"O", b".", b"P", b"X", b"E"

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ALIVE_SECONDS = 1.0
_MAX_WRITTEN = 5 * 1024**3  # bytes of one file: what is put aside of an archive within an archive


@dataclass(frozen=True, slots=True)
class Walk:
    """An archive to walk. `path` is the one that it is known by; `skip`: so many events were told by a process that died."""

    path: str
    location: bytes
    spool: str
    skip: int = 0


def main(descriptor: int) -> None:
    """Serve archives over the connection until the parent closes it. Does not return."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    connection = Connection(descriptor)
    try:
        limits: Limits = pickle.loads(connection.recv_bytes())  # noqa: S301 (our parent)
        limit_process(limits, _MAX_WRITTEN)
        connection.send_bytes(READY)
        while True:
            walk: Walk = pickle.loads(connection.recv_bytes())  # noqa: S301 (our parent)
            _Unpacking(connection, limits).serve(walk)
    except (EOFError, ConnectionError):
        pass  # the parent is done with us, or gone
    os._exit(0)


class _Unpacking:
    def __init__(self, connection: Connection, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits
        self._heard = time.monotonic()

    def serve(self, walk: Walk) -> None:
        """Walk one archive."""
        told = 0
        try:
            with open(walk.location, "rb") as file:
                for event in walk_archive(file, walk.path, self._limits, spool=walk.spool, alive=self._alive):
                    told += 1
                    if told > walk.skip:
                        self._tell(event)
        except ConnectionError:
            raise
        except OSError as error:
            if error.errno in _DISK_FULL:
                self._give_up(error)
            told += 1  # not PLAIN: the file would be worked on, and have two results
            self._say(Trouble("", "damaged-source", f"cannot be read: {error.strerror or error}"))
        except MemoryError:
            told += 1
            self._say(
                Trouble("", "limit-exceeded", f"walking the archive needs more memory than the limit of {self._limits.max_memory} bytes")
            )
        self._connection.send_bytes(END if told else PLAIN)
        self._heard = time.monotonic()

    def _tell(self, event: Event) -> None:
        match event:
            case Member():
                self._offer(event)
            case Trouble():
                self._say(event)
            case LeftOut():
                self._connection.send_bytes(LEFT_OUT + dump_json([event.path, event.reason, event.count]))

    def _say(self, event: Trouble) -> None:
        self._connection.send_bytes(TROUBLE + dump_json([event.path, event.code, event.message, event.container, event.uri]))
        self._heard = time.monotonic()

    def _offer(self, member: Member) -> None:
        facts = {
            "path": member.path,
            "sha256": hashlib.sha256(member.data).hexdigest(),
            "byte_count": len(member.data),
            "media_type": member.media_type,
            "uri": member.uri,
            "container": member.container,
            "is_cut": member.is_cut,
            "names": member.names,
            "revisits": member.revisits,
        }
        self._connection.send_bytes(MEMBER + dump_json(facts))
        answer = self._connection.recv_bytes()
        if answer:
            try:
                with open(answer, "xb", buffering=0) as file:
                    view = memoryview(member.data)
                    while view:
                        view = view[file.write(view) :]
            except OSError as error:
                self._give_up(error)
            self._connection.send_bytes(WRITTEN)
        self._heard = time.monotonic()

    def _give_up(self, error: OSError) -> NoReturn:
        self._connection.send_bytes(CANNOT_WRITE + (error.strerror or str(error)).encode())
        os._exit(0)

    def _alive(self) -> None:
        now = time.monotonic()
        if now - self._heard > _ALIVE_SECONDS:
            self._connection.send_bytes(ALIVE)
            self._heard = now
