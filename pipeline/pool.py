"""A pool of worker processes that loses exactly the bad task: each worker has one task at a time, and is killed and
replaced for what it does. Archives are walked by one more such process, which never runs ahead of the workers.

Why not a library: docs/decisions/0003-worker-pool.md.
"""

from __future__ import annotations

import os
import pickle
import time
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from pipeline.child import FOREVER, LIMIT_SIGNALS, START_SECONDS, Child, Listener, heard_or_late
from pipeline.errors import PipelineError, tells_of_no_memory
from pipeline.model.jsonbytes import load_json
from pipeline.outcome import Admit, Done, Lost, Outcome, Unwanted, Waiting
from pipeline.sources.content import Content
from pipeline.unpacker import Unpacker
from pipeline.worker import GO, LAST_RESULT, NO_MEMORY, OTHER, READ, READY, RESULT, STOP, Setup, Task

__all__ = ["Worker", "remove_spooled", "run_tasks"]

_TASKS_A_WORKER = 2000  # then a new process: libraries creep in memory. Starting one costs as much as fifty small documents
_ATTEMPTS = 2
_READY_TASKS = 2  # a worker, that are unpacked before they are asked for


def run_tasks(
    tasks: Sequence[Task], archives: Sequence[Task], jobs: int, setup: Setup, admit: Admit, spool: Path
) -> Generator[Outcome, None, None]:
    """Outcomes as they come, from at most `jobs` processes, and one more that walks the `archives`. Closing the iterator kills them all.

    One outcome for each task and each member of an archive that `admit` takes. Members lie in files below `spool` until their outcome was
    given. A file among the archives that is none is taken as a task. A task whose worker died, or that found too little memory in a worker that was
    not fresh, is tried once more in a new one. PipelineError when processes cannot be started at all; OutputError when `spool` is full.
    """
    pending = deque(Waiting(task) for task in tasks)
    workers: list[Worker] = []
    unpacker = Unpacker(archives, setup.limits, admit, spool)
    try:
        while True:
            unpacker.go_on(pending, room=jobs * _READY_TASKS)
            _hand_out(pending, workers, jobs, setup, admit)
            waiting: list[Listener] = [worker for worker in workers if worker.is_busy or (pending and not worker.is_ready)]
            if unpacker.is_busy:
                waiting.append(unpacker)
            if not waiting:
                return
            for listener in heard_or_late(waiting):
                if isinstance(listener, Worker):
                    outcome = listener.hear()
                    if isinstance(outcome, Waiting):
                        pending.appendleft(outcome)
                    if listener.is_spent:
                        listener.end()
                        workers.remove(listener)
                    # Before the worker gets its next task: what is done is to be written down as soon as can be.
                    if outcome is not None and not isinstance(outcome, Waiting):
                        yield outcome
                        remove_spooled(outcome.task)
                else:
                    yield from unpacker.hear(pending)
    finally:
        unpacker.end()
        for worker in workers:
            worker.end()


def remove_spooled(task: Task) -> None:
    """Remove the file of a member, when its outcome was given."""
    if task.is_member:
        with suppress(FileNotFoundError):
            os.unlink(task.location)


def _hand_out(pending: deque[Waiting], workers: list[Worker], jobs: int, setup: Setup, admit: Admit) -> None:
    """Give tasks to idle workers, and start the workers that the rest can keep busy."""
    for worker in workers:
        if pending and worker.is_ready and not worker.is_busy:
            worker.give(pending.popleft())
    starting = sum(not worker.is_ready for worker in workers)
    workers.extend(Worker(setup, admit) for _ in range(min(jobs - len(workers), len(pending) - starting)))


class Worker:
    """One worker process and its state: starting, idle, or busy with a task."""

    def __init__(self, setup: Setup, admit: Admit) -> None:
        self._limits = setup.limits
        self._admit = admit
        self._child = Child("worker", pickle.dumps(setup))
        self.deadline = time.monotonic() + START_SECONDS
        self.is_ready = False
        self.is_spent = False
        self._waiting: Waiting | None = None
        self._served = 0
        self._started = 0.0
        self._content: Content | None = None

    @property
    def channel(self) -> Connection:
        return self._child.connection

    @property
    def signs(self) -> Sequence[int]:
        return self._child.signs

    @property
    def is_busy(self) -> bool:
        return self._waiting is not None

    def give(self, waiting: Waiting) -> None:
        """Hand a task to the idle worker."""
        self._waiting, self._content = waiting, waiting.content
        self._child.forget_output()
        self._started = time.monotonic()
        self.deadline = self._started + self._limits.max_seconds
        self._child.send(pickle.dumps((waiting.task, waiting.task.is_member and waiting.content is not None)))

    def wait(self) -> None:
        """Until there is something to hear, or it is late."""
        heard_or_late([self])

    def interrupt(self) -> None:
        """Kill the process, from any thread; who listens hears that it is dead."""
        self._child.kill()

    def end(self) -> None:
        """Let go of the process, whatever it is doing."""
        self._child.end()

    def hear(self) -> Done | Lost | Unwanted | Waiting | None:
        """Take one message, or notice that the worker is dead or late."""
        if not self._child.has_spoken:
            return self._dead() if self._child.has_ended else self._late()
        try:
            message = self.channel.recv_bytes()
            kind, body = message[:1], message[1:]
            line = self.channel.recv_bytes() if kind in (RESULT, LAST_RESULT) else b""
        except (EOFError, OSError):
            return self._dead()
        if kind == READY:
            self.is_ready, self.deadline = True, FOREVER
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
            self._content = None
            return
        self._content = Content(None, *read)
        task = waiting.task if waiting.is_admitted else self._admit(waiting.task, self._content)
        if task is None:
            self._child.send(STOP)
            self._take()
        else:
            self._waiting = Waiting(task, waiting.attempt, is_admitted=True, content=self._content)
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
            raise PipelineError(f"a worker process did not come up in {START_SECONDS:.0f} seconds{self._child.last_words()}")
        self._child.kill()
        return self._lost("limit-exceeded", f"took longer than {self._limits.max_seconds:g} seconds")

    def _dead(self) -> Lost | Waiting:
        self.is_spent = True
        code, how = self._child.reap()
        if self._waiting is None:
            raise PipelineError(f"a worker process cannot be started ({how}){self._child.last_words()}")
        if code in LIMIT_SIGNALS:
            return self._lost("limit-exceeded", LIMIT_SIGNALS[code])
        if code < 0 and tells_of_no_memory(self._child.output().decode("utf-8", "replace")):
            return self._out_of_memory()
        if self._waiting.attempt < _ATTEMPTS:
            return self._again()
        return self._lost("internal-error", f"the process that read it died ({how})")

    def _out_of_memory(self) -> Lost | Waiting:
        self.is_spent = True
        if self._served and self._waiting is not None and self._waiting.attempt < _ATTEMPTS:
            return self._again()  # what earlier sources left behind may have been the reason
        return self._lost("limit-exceeded", f"needs more memory than the limit of {self._limits.max_memory} bytes")

    def _again(self) -> Waiting:
        waiting = self._take()
        return replace(waiting, attempt=waiting.attempt + 1)

    def _lost(self, code: str, message: str) -> Lost:
        self.is_spent = True
        waiting = self._take()
        return Lost(waiting.task, self._content, code, message, waiting.attempt, self._seconds(), self._child.output())

    def _take(self) -> Waiting:
        waiting, self._waiting, self.deadline = self._waiting, None, FOREVER
        if waiting is None:
            raise PipelineError("a worker process answered without being asked")
        return waiting

    def _seconds(self) -> float:
        return time.monotonic() - self._started
