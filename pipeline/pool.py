"""A pool of worker processes that loses exactly the bad task: each worker has one task at a time, and is killed and
replaced for what it does. Archives are walked by one more such process, which never runs ahead of the workers.

Why not a library: docs/decisions/0003-worker-pool.md.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO, Any, Protocol

from pipeline.errors import OutputError, PipelineError
from pipeline.model.jsonbytes import load_json
from pipeline.model.limits import Limits
from pipeline.sources.content import Content
from pipeline.unpack import ALIVE, CANNOT_WRITE, END, LEFT_OUT, MEMBER, PLAIN, TROUBLE, WRITTEN, Walk
from pipeline.worker import GO, LAST_RESULT, NO_MEMORY, OTHER, READ, READY, RESULT, STOP, Setup, Task

__all__ = ["Admit", "Done", "LeftOut", "Lost", "Outcome", "Revisit", "Unwanted", "run_tasks"]

_TASKS_A_WORKER = 500  # then a new process: libraries creep in memory
_ATTEMPTS = 2
_START_SECONDS = 120.0
_REAP_SECONDS = 2.0  # between the end of the connection and the end of the process
_OUTPUT_TAIL = 16 * 1024  # bytes of what a worker printed that are kept with a failure
_READY_TASKS = 2  # a worker, that are unpacked before they are asked for
_FOREVER = float("inf")
_BOOTSTRAP = "import sys; sys.path[:] = {path!r}; from pipeline.{module} import main; main({descriptor})"
_LIMIT_SIGNALS = {-signal.SIGXCPU: "used more processor time than the limit", -signal.SIGXFSZ: "wrote more bytes to a file than the limit"}


@dataclass(frozen=True, slots=True)
class Done:
    """A result: `facts` is Facts as JSON, `line` the result as one line without its newline. `output`: what was printed meanwhile."""

    task: Task
    sha256: str | None
    byte_count: int
    facts: bytes
    line: bytes
    attempts: int
    seconds: float
    output: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """There will be no result. `code` is a failure code. `content` is None when not even reading ended.

    `of_archive`: the task stands for an archive, or for a member that was never admitted.
    """

    task: Task
    content: Content | None
    code: str
    message: str
    attempts: int
    seconds: float
    output: bytes
    of_archive: bool = False


@dataclass(frozen=True, slots=True)
class Revisit:
    """A WARC record without bytes of its own: it repeats the capture that `wanted` names (any of these; see sources.member)."""

    task: Task
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Members of the archive `path` that are no documents; `member` names one of them, or is empty."""

    path: str
    member: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Unwanted:
    """The source is of a kind that this run is not to work on."""

    task: Task
    content: Content | None


Outcome = Done | Lost | Unwanted | Revisit | LeftOut


class Admit(Protocol):
    """Asked for each source once its bytes are known: the task to do (it may be renamed), or None when nothing is to be done."""

    def __call__(self, task: Task, content: Content, /) -> Task | None: ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A task in the queue. `is_admitted`: it was asked about already."""

    task: Task
    attempt: int = 1
    is_admitted: bool = False


def run_tasks(
    tasks: Sequence[Task], archives: Sequence[Task], jobs: int, setup: Setup, admit: Admit, spool: Path
) -> Generator[Outcome, None, None]:
    """Outcomes as they come, from at most `jobs` processes, and one more that walks the `archives`. Closing the iterator kills them all.

    One outcome for each task and each member of an archive that `admit` takes. Members lie in files below `spool` until their outcome was
    given. A file among the archives that is none is taken as a task. A task whose worker died, or that found too little memory in a worker that was
    not fresh, is tried once more in a new one. PipelineError when processes cannot be started at all; OutputError when `spool` is full.
    """
    pending = deque(_Waiting(task) for task in tasks)
    workers: list[_Worker] = []
    unpacker = _Unpacker(archives, setup.limits, admit, spool)
    try:
        while True:
            unpacker.go_on(pending, room=jobs * _READY_TASKS)
            _hand_out(pending, workers, jobs, setup, admit)
            waiting: list[_Listener] = [worker for worker in workers if worker.is_busy or (pending and not worker.is_ready)]
            if unpacker.is_busy:
                waiting.append(unpacker)
            if not waiting:
                return
            for listener in _heard_or_late(waiting):
                if isinstance(listener, _Worker):
                    outcome = listener.hear()
                    if isinstance(outcome, _Waiting):
                        pending.appendleft(outcome)
                    if listener.is_spent:
                        listener.end()
                        workers.remove(listener)
                    # Before the worker gets its next task: what is done is to be written down as soon as can be.
                    if outcome is not None and not isinstance(outcome, _Waiting):
                        yield outcome
                        _remove_spooled(outcome.task)
                else:
                    yield from unpacker.hear(pending)
    finally:
        unpacker.end()
        for worker in workers:
            worker.end()


def _remove_spooled(task: Task) -> None:
    if task.is_member:
        with suppress(FileNotFoundError):
            os.unlink(task.location)


def _hand_out(pending: deque[_Waiting], workers: list[_Worker], jobs: int, setup: Setup, admit: Admit) -> None:
    """Give tasks to idle workers, and start the workers that the rest can keep busy."""
    for worker in workers:
        if pending and worker.is_ready and not worker.is_busy:
            worker.give(pending.popleft())
    starting = sum(not worker.is_ready for worker in workers)
    workers.extend(_Worker(setup, admit) for _ in range(min(jobs - len(workers), len(pending) - starting)))


class _Listener(Protocol):
    """What is waited for."""

    deadline: float

    @property
    def channel(self) -> Connection: ...


def _heard_or_late(waiting: Sequence[_Listener]) -> list[_Listener]:
    """Those that said something, ended, or are past their deadline; waits until there is one."""
    until = min(listener.deadline for listener in waiting)
    timeout = None if until == _FOREVER else max(0.0, until - time.monotonic())
    heard = set(wait([listener.channel for listener in waiting], timeout))
    now = time.monotonic()
    return [listener for listener in waiting if listener.channel in heard or listener.deadline <= now]


class _Child:
    """A process of ours with a connection to it; what it prints goes to a file without a name."""

    def __init__(self, module: str, setup: bytes) -> None:
        # Unbuffered: the position is shared with the child.
        self._printed: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (end() closes it)
        ours, theirs = socket.socketpair()
        path = [os.path.abspath(item) for item in sys.path]
        with theirs:
            self._process = subprocess.Popen(
                # -P: whatever lies in the current directory is not to be imported
                [sys.executable, "-P", "-c", _BOOTSTRAP.format(path=path, module=module, descriptor=theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self._printed,
                stderr=self._printed,
                pass_fds=(theirs.fileno(),),
                process_group=0,  # Ctrl-C is ours to handle, and what the child starts dies with it
            )
        self.connection = Connection(ours.detach())
        self.send(setup)

    def send(self, message: bytes) -> None:
        with suppress(OSError):  # it died already: the next reading tells
            self.connection.send_bytes(message)

    def forget_output(self) -> None:
        self._printed.seek(0)
        self._printed.truncate()

    def output(self) -> bytes:
        """The end of what it printed."""
        self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, self._printed.tell() - _OUTPUT_TAIL))
        return self._printed.read()

    def last_words(self) -> str:
        lines = self.output().decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""

    def kill(self) -> None:
        # The group first: it may have started programs. It is not reaped yet, so the number is still its own.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        self._process.wait()

    def reap(self) -> tuple[int, str]:
        """How it ended: its code, and that in words."""
        try:
            code = self._process.wait(timeout=_REAP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return 0, "it closed the connection and went on"
        return code, _how_it_ended(code)

    def end(self) -> None:
        """Let go of the process, whatever it is doing."""
        self.connection.close()
        self.kill()
        self._printed.close()


class _Worker:
    """One worker process and its state: starting, idle, or busy with a task."""

    def __init__(self, setup: Setup, admit: Admit) -> None:
        self._limits = setup.limits
        self._admit = admit
        self._child = _Child("worker", pickle.dumps(setup))
        self.deadline = time.monotonic() + _START_SECONDS
        self.is_ready = False
        self.is_spent = False
        self._waiting: _Waiting | None = None
        self._served = 0
        self._started = 0.0
        self._content: Content | None = None

    @property
    def channel(self) -> Connection:
        return self._child.connection

    @property
    def is_busy(self) -> bool:
        return self._waiting is not None

    def give(self, waiting: _Waiting) -> None:
        """Hand a task to the idle worker."""
        self._waiting, self._content = waiting, None
        self._child.forget_output()
        self._started = time.monotonic()
        self.deadline = self._started + self._limits.max_seconds
        self._child.send(pickle.dumps(waiting.task))

    def end(self) -> None:
        self._child.end()

    def hear(self) -> Done | Lost | Unwanted | _Waiting | None:
        """Take one message, or notice that the worker is dead or late."""
        if not self.channel.poll():
            return self._late()
        try:
            message = self.channel.recv_bytes()
            kind, body = message[:1], message[1:]
            line = self.channel.recv_bytes() if kind in (RESULT, LAST_RESULT) else b""
        except (EOFError, OSError):
            return self._dead()
        if kind == READY:
            self.is_ready, self.deadline = True, _FOREVER
            return None
        if kind == READ:
            self._was_read(load_json(body))
            return None
        if kind == NO_MEMORY:
            return self._out_of_memory()
        if kind == OTHER:
            waiting = self._take()
            return Unwanted(waiting.task, self._content)
        return self._answered(kind, body, line)

    def _was_read(self, read: tuple[str, int] | None) -> None:
        """The bytes are known: have it go on, or let it off."""
        waiting = self._waiting
        if read is None or waiting is None:
            return
        self._content = Content(None, *read)
        task = waiting.task if waiting.is_admitted else self._admit(waiting.task, self._content)
        if task is None:
            self._child.send(STOP)
            self._take()
        else:
            self._waiting = _Waiting(task, waiting.attempt, is_admitted=True)
            self._child.send(GO)

    def _answered(self, kind: bytes, facts: bytes, line: bytes) -> Done:
        waiting = self._take()
        self._served += 1
        self.is_spent = kind == LAST_RESULT or self._served >= _TASKS_A_WORKER
        content = self._content
        sha256, byte_count = (None, 0) if content is None else (content.sha256, content.byte_count)
        return Done(waiting.task, sha256, byte_count, facts, line, waiting.attempt, self._seconds(), self._child.output())

    def _late(self) -> Lost:
        if self._waiting is None:
            raise PipelineError(f"a worker process did not come up in {_START_SECONDS:.0f} seconds{self._child.last_words()}")
        self._child.kill()
        return self._lost("limit-exceeded", f"took longer than {self._limits.max_seconds:g} seconds")

    def _dead(self) -> Lost | _Waiting:
        self.is_spent = True
        code, how = self._child.reap()
        if self._waiting is None:
            raise PipelineError(f"a worker process cannot be started ({how}){self._child.last_words()}")
        if code in _LIMIT_SIGNALS:
            return self._lost("limit-exceeded", _LIMIT_SIGNALS[code])
        if self._waiting.attempt < _ATTEMPTS:
            return self._again()
        return self._lost("internal-error", f"the process that read it died ({how})")

    def _out_of_memory(self) -> Lost | _Waiting:
        self.is_spent = True
        if self._served and self._waiting is not None and self._waiting.attempt < _ATTEMPTS:
            return self._again()  # what earlier sources left behind may have been the reason
        return self._lost("limit-exceeded", f"needs more memory than the limit of {self._limits.max_memory} bytes")

    def _again(self) -> _Waiting:
        waiting = self._take()
        return _Waiting(waiting.task, waiting.attempt + 1, waiting.is_admitted)

    def _lost(self, code: str, message: str) -> Lost:
        self.is_spent = True
        waiting = self._take()
        return Lost(waiting.task, self._content, code, message, waiting.attempt, self._seconds(), self._child.output())

    def _take(self) -> _Waiting:
        waiting, self._waiting, self.deadline = self._waiting, None, _FOREVER
        if waiting is None:
            raise PipelineError("a worker process answered without being asked")
        return waiting

    def _seconds(self) -> float:
        return time.monotonic() - self._started


class _Unpacker:
    """The process that walks archives, started when there is one and it is wanted; and the archive that it is at."""

    def __init__(self, archives: Sequence[Task], limits: Limits, admit: Admit, spool: Path) -> None:
        self._archives = deque(archives)
        self._limits = limits
        self._admit = admit
        self._spool = spool
        self._child: _Child | None = None
        self.deadline = _FOREVER
        self._is_ready = False
        self._archive: Task | None = None
        self._attempt = 1
        self._told = 0  # events of this archive that are dealt with
        self._admitted: Task | None = None  # the member that was offered last and is not written yet
        self._content: Content | None = None
        self._is_held = False  # it waits for our answer
        self._files = 0

    @property
    def channel(self) -> Connection:
        if self._child is None:
            raise PipelineError("nobody walks archives now")
        return self._child.connection

    @property
    def is_busy(self) -> bool:
        """Whether it is to be listened to."""
        return self._child is not None and (not self._is_ready or self._archive is not None) and not self._is_held

    def end(self) -> None:
        """Let go of the process."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def go_on(self, pending: deque[_Waiting], room: int) -> None:
        """Give it an archive when it has none, and the answer that it waits for, as soon as few tasks are left to do."""
        if len(pending) >= room or not (self._archives or self._archive):
            return
        if self._child is None:
            self._child = _Child("unpack", pickle.dumps(self._limits))
            self._is_ready, self._is_held = False, False
            self.deadline = time.monotonic() + _START_SECONDS
        elif self._is_ready and self._archive is None:
            self._archive, self._attempt, self._told = self._archives.popleft(), 1, 0
            self._ask()
        elif self._is_held and self._admitted is not None:
            self._is_held = False
            self._answer(self._admitted.location)

    def hear(self, pending: deque[_Waiting]) -> Iterator[Outcome]:
        """Take one message, or notice that it is dead or late."""
        child = self._child
        if child is None:
            return
        if not child.connection.poll():
            child.kill()
            yield from self._died(
                "limit-exceeded", f"the archive gave nothing for {self._limits.max_seconds:g} seconds; the rest of it is not read", 0
            )
            return
        try:
            message = child.connection.recv_bytes()
        except (EOFError, OSError):
            code, how = child.reap()
            yield from self._died("internal-error", f"the process that walked the archive died ({how}); the rest of it is not read", code)
            return
        kind, body = message[:1], message[1:]
        if kind == READY:
            self._is_ready, self.deadline = True, _FOREVER
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
                pending.append(_Waiting(self._admitted, is_admitted=True))
            self._admitted, self._content = None, None
            self._told += 1
        elif kind in (TROUBLE, LEFT_OUT):
            self._told += 1
            yield _trouble(archive, *load_json(body)) if kind == TROUBLE else _left_out(archive, *load_json(body))
        elif kind == CANNOT_WRITE:
            raise OutputError(f"cannot write {self._spool}: {body.decode('utf-8', 'replace')}")
        elif kind in (PLAIN, END):
            self._archive, self.deadline = None, _FOREVER
            if kind == PLAIN:
                pending.append(_Waiting(archive))
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
        self._is_held, self.deadline = True, _FOREVER  # go_on answers when there is room

    def _died(self, code: str, message: str, ended: int) -> Iterator[Outcome]:
        child, archive = self._child, self._archive
        if child is None:
            return
        if archive is None:
            raise PipelineError(f"a process to walk archives cannot be started: {message}{child.last_words()}")
        output = child.output()
        self.end()
        self._is_held, self.deadline = False, _FOREVER
        if ended in _LIMIT_SIGNALS:
            code, message = "limit-exceeded", f"the process that walked the archive {_LIMIT_SIGNALS[ended]}; the rest of it is not read"
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


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
