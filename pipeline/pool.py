"""A pool of worker processes that loses exactly the bad task: each worker has one task at a time, and is killed and
replaced for what it does.

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
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import IO

from pipeline.errors import PipelineError
from pipeline.model.jsonbytes import load_json
from pipeline.sources.content import Content
from pipeline.worker import LAST_RESULT, NO_MEMORY, READ, READY, RESULT, UNCHANGED, Setup, Task

__all__ = ["Done", "Lost", "Outcome", "Unchanged", "run_tasks"]

_TASKS_A_WORKER = 500  # then a new process: libraries creep in memory
_ATTEMPTS = 2
_START_SECONDS = 120.0
_REAP_SECONDS = 2.0  # between the end of the connection and the end of the process
_OUTPUT_TAIL = 16 * 1024  # bytes of what a worker printed that are kept with a failure
_BOOTSTRAP = "import sys; sys.path[:] = {path!r}; from pipeline.worker import main; main({descriptor})"


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
class Unchanged:
    """The source has the bytes whose result is known."""

    task: Task


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker did not survive the source. `code` is a failure code. `content` is None when not even reading ended."""

    task: Task
    content: Content | None
    code: str
    message: str
    attempts: int
    seconds: float
    output: bytes


Outcome = Done | Unchanged | Lost


def run_tasks(tasks: Sequence[Task], jobs: int, setup: Setup) -> Generator[Outcome, None, None]:
    """Outcomes as they come, one for each task, from at most `jobs` processes. Closing the iterator kills the workers.

    A task whose worker died, or that found too little memory in a worker that was not fresh, is tried once more in a new one. PipelineError
    when workers cannot be started at all.
    """
    pending = deque((task, 1) for task in tasks)
    workers: list[_Worker] = []
    try:
        while True:
            _hand_out(pending, workers, jobs, setup)
            waiting = [worker for worker in workers if worker.task is not None or (pending and not worker.is_ready)]
            if not waiting:
                return
            for worker in _heard_or_late(waiting):
                outcome = worker.hear()
                if isinstance(outcome, _Again):
                    pending.appendleft((outcome.task, outcome.attempt))
                if worker.is_spent:
                    worker.end()
                    workers.remove(worker)
                # Before the worker gets its next task: what is done is to be written down as soon as can be.
                if outcome is not None and not isinstance(outcome, _Again):
                    yield outcome
    finally:
        for worker in workers:
            worker.end()


def _hand_out(pending: deque[tuple[Task, int]], workers: list[_Worker], jobs: int, setup: Setup) -> None:
    """Give tasks to idle workers, and start the workers that the rest can keep busy."""
    for worker in workers:
        if pending and worker.is_ready and worker.task is None:
            worker.give(*pending.popleft())
    starting = sum(not worker.is_ready for worker in workers)
    workers.extend(_Worker(setup) for _ in range(min(jobs - len(workers), len(pending) - starting)))


def _heard_or_late(workers: Sequence[_Worker]) -> list[_Worker]:
    """Workers that said something, ended, or are past their deadline; waits until there is one."""
    until = min(worker.deadline for worker in workers)
    timeout = None if until == float("inf") else max(0.0, until - time.monotonic())
    heard = set(wait([worker.connection for worker in workers], timeout))
    now = time.monotonic()
    return [worker for worker in workers if worker.connection in heard or worker.deadline <= now]


@dataclass(frozen=True, slots=True)
class _Again:
    task: Task
    attempt: int


class _Worker:
    """One child process and its state: starting, idle, or busy with `task`."""

    def __init__(self, setup: Setup) -> None:
        self._limits = setup.limits
        # Unbuffered: the position is shared with the worker.
        self._printed: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (end() closes it)
        ours, theirs = socket.socketpair()
        path = [os.path.abspath(item) for item in sys.path]
        with theirs:
            self._process = subprocess.Popen(
                # -P: whatever lies in the current directory is not to be imported
                [sys.executable, "-P", "-c", _BOOTSTRAP.format(path=path, descriptor=theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self._printed,
                stderr=self._printed,
                pass_fds=(theirs.fileno(),),
                process_group=0,  # Ctrl-C is ours to handle, and what the worker starts dies with it
            )
        self.connection = Connection(ours.detach())
        self.deadline = time.monotonic() + _START_SECONDS
        self.task: Task | None = None
        self.is_ready = False
        self.is_spent = False
        self._attempt = 0
        self._served = 0
        self._started = 0.0
        self._content: Content | None = None
        with suppress(OSError):  # it died already: hear() tells
            self.connection.send_bytes(pickle.dumps(setup))

    def give(self, task: Task, attempt: int) -> None:
        """Hand a task to the idle worker."""
        self.task, self._attempt, self._content = task, attempt, None
        self._printed.seek(0)
        self._printed.truncate()
        self._started = time.monotonic()
        self.deadline = self._started + self._limits.max_seconds
        with suppress(OSError):
            self.connection.send_bytes(pickle.dumps(task))

    def hear(self) -> Outcome | _Again | None:
        """Take one message, or notice that the worker is dead or late."""
        if not self.connection.poll():
            return self._late()
        try:
            message = self.connection.recv_bytes()
            kind, body = message[:1], message[1:]
            line = self.connection.recv_bytes() if kind in (RESULT, LAST_RESULT) else b""
        except (EOFError, OSError):
            return self._dead()
        if kind == READY:
            self.is_ready, self.deadline = True, float("inf")
            return None
        if kind == READ:
            read = load_json(body)
            self._content = None if read is None else Content(None, *read)
            return None
        if kind == NO_MEMORY:
            return self._out_of_memory()
        return self._answered(kind, body, line)

    def _answered(self, kind: bytes, facts: bytes, line: bytes) -> Outcome:
        task = self._take_task()
        self._served += 1
        self.is_spent = kind == LAST_RESULT or self._served >= _TASKS_A_WORKER
        if kind == UNCHANGED:
            return Unchanged(task)
        content = self._content
        sha256, byte_count = (None, 0) if content is None else (content.sha256, content.byte_count)
        return Done(task, sha256, byte_count, facts, line, self._attempt, self._seconds(), self._output())

    def _late(self) -> Outcome:
        if self.task is None:
            raise PipelineError(f"a worker process did not come up in {_START_SECONDS:.0f} seconds{self._said()}")
        self._kill()
        return self._lost("limit-exceeded", f"took longer than {self._limits.max_seconds:g} seconds")

    def _dead(self) -> Outcome | _Again:
        self.is_spent = True
        how = self._reap()
        if self.task is None:
            raise PipelineError(f"a worker process cannot be started ({how}){self._said()}")
        if self._attempt < _ATTEMPTS:
            return _Again(self._take_task(), self._attempt + 1)
        return self._lost("internal-error", f"the process that read it died ({how})")

    def _out_of_memory(self) -> Outcome | _Again:
        self.is_spent = True
        if self._served and self._attempt < _ATTEMPTS:  # what earlier sources left behind may have been the reason
            return _Again(self._take_task(), self._attempt + 1)
        return self._lost("limit-exceeded", f"needs more memory than the limit of {self._limits.max_memory} bytes")

    def _lost(self, code: str, message: str) -> Lost:
        self.is_spent = True
        return Lost(self._take_task(), self._content, code, message, self._attempt, self._seconds(), self._output())

    def _take_task(self) -> Task:
        task, self.task, self.deadline = self.task, None, float("inf")
        if task is None:
            raise PipelineError("a worker process answered without being asked")
        return task

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _output(self) -> bytes:
        """The end of what the worker printed over its task."""
        self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, self._printed.tell() - _OUTPUT_TAIL))
        return self._printed.read()

    def _said(self) -> str:
        lines = self._output().decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""

    def _kill(self) -> None:
        # The group first: a worker may have started programs. It is not reaped yet, so the number is still its own.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        self._process.wait()

    def _reap(self) -> str:
        """How it ended, in words."""
        try:
            return _how_it_ended(self._process.wait(timeout=_REAP_SECONDS))
        except subprocess.TimeoutExpired:
            self._kill()
            return "it closed the connection and went on"

    def end(self) -> None:
        """Let go of the process, whatever it is doing."""
        self.connection.close()
        self._kill()
        self._printed.close()


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
