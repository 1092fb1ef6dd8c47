"""The parent's side of the process that walks archives: what it says, when it may go on, and what becomes of an archive that kills it."""

from __future__ import annotations

import os
import pickle
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.child import FOREVER, LIMIT_SIGNALS, START_SECONDS, Child
from pipeline.errors import OutputError, PipelineError
from pipeline.model.jsonbytes import load_json
from pipeline.model.limits import Limits
from pipeline.outcome import Admit, LeftOut, Lost, Outcome, Revisit, Waiting
from pipeline.sources.content import Content
from pipeline.unpack import ALIVE, CANNOT_WRITE, END, LEFT_OUT, MEMBER, PLAIN, TROUBLE, WRITTEN, Walk
from pipeline.worker import READY, Task

__all__ = ["Unpacker"]

_ATTEMPTS = 2


class Unpacker:
    """The process that walks archives, started when there is one and it is wanted; and the archive that it is at."""

    def __init__(self, archives: Sequence[Task], limits: Limits, admit: Admit, spool: Path) -> None:
        self._archives = deque(archives)
        self._limits = limits
        self._admit = admit
        self._spool = spool
        self._child: Child | None = None
        self.deadline = FOREVER
        self._is_ready = False
        self._archive: Task | None = None
        self._attempt = 1
        self._told = 0  # events of this archive that are dealt with
        self._admitted: Task | None = None  # the member that was offered last and is not written yet
        self._content: Content | None = None
        self._is_held = False  # it waits for our answer
        self._files = 0

    @property
    def signs(self) -> Sequence[int]:
        return () if self._child is None else self._child.signs

    @property
    def is_busy(self) -> bool:
        """Whether it is to be listened to."""
        return self._child is not None and (not self._is_ready or self._archive is not None) and not self._is_held

    def end(self) -> None:
        """Let go of the process."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def go_on(self, pending: deque[Waiting], room: int) -> None:
        """Give it an archive when it has none, and the answer that it waits for, as soon as few tasks are left to do."""
        if len(pending) >= room or not (self._archives or self._archive):
            return
        if self._child is None:
            self._child = Child("unpack", pickle.dumps(self._limits))
            self._is_ready, self._is_held = False, False
            self.deadline = time.monotonic() + START_SECONDS
        elif self._is_ready and self._archive is None:
            self._archive, self._attempt, self._told = self._archives.popleft(), 1, 0
            self._ask()
        elif self._is_held and self._admitted is not None:
            self._is_held = False
            self._answer(self._admitted.location)

    def hear(self, pending: deque[Waiting]) -> Iterator[Outcome]:
        """Take one message, or notice that it is dead or late."""
        child = self._child
        if child is None:
            return
        is_silent = not child.has_spoken
        if is_silent and not child.has_ended:
            child.kill()
            yield from self._died(
                "limit-exceeded", f"the archive gave nothing for {self._limits.max_seconds:g} seconds; the rest of it is not read", 0
            )
            return
        try:
            if is_silent:
                raise EOFError
            message = child.connection.recv_bytes()
        except (EOFError, OSError):
            code, how = child.reap()
            yield from self._died("internal-error", f"the process that walked the archive died ({how}); the rest of it is not read", code)
            return
        kind, body = message[:1], message[1:]
        if kind == READY:
            self._is_ready, self.deadline = True, FOREVER
            if self._archive is not None:  # another one died over it
                self._ask()
            return
        archive = self._archive
        if archive is None:
            raise PipelineError("the process that walks archives spoke without being asked")
        self.deadline = time.monotonic() + self._limits.max_seconds
        if kind == MEMBER:
            yield from self._offered(archive, load_json(body))
        elif kind == WRITTEN:
            if self._admitted is not None:
                pending.append(Waiting(self._admitted, is_admitted=True, content=self._content))
            self._admitted, self._content = None, None
            self._told += 1
        elif kind in (TROUBLE, LEFT_OUT):
            self._told += 1
            yield _trouble(archive, *load_json(body)) if kind == TROUBLE else _left_out(archive, *load_json(body))
        elif kind == CANNOT_WRITE:
            raise OutputError(f"cannot write {self._spool}: {body.decode('utf-8', 'replace')}")
        elif kind in (PLAIN, END):
            self._archive, self.deadline = None, FOREVER
            if kind == PLAIN:
                pending.append(Waiting(archive))
        elif kind != ALIVE:
            raise PipelineError("the process that walks archives speaks in riddles")

    def _ask(self) -> None:
        if self._child is None or self._archive is None:
            return
        self._child.forget_output()
        self.deadline = time.monotonic() + self._limits.max_seconds
        self._child.send(pickle.dumps(Walk(self._archive.path, self._archive.location, str(self._spool), self._told)))

    def _answer(self, file: bytes) -> None:
        if self._child is not None:
            self._child.send(file)
        self.deadline = time.monotonic() + self._limits.max_seconds

    def _offered(self, archive: Task, facts: dict[str, Any]) -> Iterator[Outcome]:
        task = _member_task(archive, facts, b"")
        content = Content(None, facts["sha256"], facts["byte_count"])
        if facts["revisits"]:
            self._told += 1
            self._answer(b"")
            yield Revisit(task, tuple(facts["revisits"]))
            return
        if self._admitted is None:  # else it is offered again, after a death
            self._files += 1
            admitted = self._admit(_member_task(archive, facts, os.fsencode(self._spool / str(self._files))), content)
            if admitted is None:
                self._told += 1
                self._answer(b"")
                return
            self._admitted, self._content = admitted, content
        self._is_held, self.deadline = True, FOREVER  # go_on answers when there is room

    def _died(self, code: str, message: str, ended: int) -> Iterator[Outcome]:
        child, archive = self._child, self._archive
        if child is None:
            return
        if archive is None:
            raise PipelineError(f"a process to walk archives cannot be started: {message}{child.last_words()}")
        output = child.output()
        self.end()
        self._is_held, self.deadline = False, FOREVER
        if ended in LIMIT_SIGNALS:
            code, message = "limit-exceeded", f"the process that walked the archive {LIMIT_SIGNALS[ended]}; the rest of it is not read"
        elif code == "internal-error" and self._attempt < _ATTEMPTS:
            self._attempt += 1
            return
        if self._admitted is not None:
            yield Lost(self._admitted, self._content, code, message, self._attempt, 0.0, b"")
        self._archive, self._admitted, self._content = None, None, None
        yield Lost(archive, None, code, message, self._attempt, 0.0, output, of_archive=True)


def _member_task(archive: Task, facts: dict[str, Any], location: bytes) -> Task:
    return Task(
        f"{archive.path}!/{facts['path']}",
        location,
        is_member=True,
        media_type=facts["media_type"],
        uri=facts["uri"],
        container=facts["container"],
        is_cut=facts["is_cut"],
        names=tuple(facts["names"]),
    )


def _trouble(archive: Task, path: str, code: str, message: str, container: dict[str, Any] | None, uri: str | None) -> Lost:
    task = Task(f"{archive.path}!/{path}" if path else archive.path, b"", is_member=bool(path), uri=uri, container=container)
    return Lost(task, None, code, message, 1, 0.0, b"", of_archive=True)


def _left_out(archive: Task, member: str, reason: str, count: int) -> LeftOut:
    return LeftOut(archive.path, member, reason, count)
