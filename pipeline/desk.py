"""Single sources for many callers at once: the workers of a batch behind a queue of bounded length. For a service, or a crawler."""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from pipeline.forms.load import load_forms
from pipeline.model.form import Form
from pipeline.model.limits import Limits
from pipeline.outcome import Done, Lost, Waiting
from pipeline.pool import Worker, remove_spooled
from pipeline.sources.content import Content, failed_result
from pipeline.worker import ENGINE, Setup, Task

__all__ = ["BusyError", "ClosedError", "Desk"]


class BusyError(Exception):
    """The queue is full; come again later."""


class ClosedError(Exception):
    """The desk takes no more sources."""


class Desk:
    """Takes sources from any thread and answers with results as JSON, from `jobs` worker processes under `limits`.

    A source that crashes, hangs or fills the memory costs its own result only. At most `waiting` sources wait; one more is refused at once. A
    context manager: leaving it ends the workers.
    """

    def __init__(
        self,
        jobs: int,
        *,
        waiting: int,
        forms: Sequence[str | Path | Form] | None = None,
        limits: Limits | None = None,
        extract: str = ENGINE,
    ) -> None:
        """ConfigError when a form is wrong. A worker is started when it is first needed."""
        self.jobs = jobs
        self.forms = load_forms(forms)
        self.limits = limits or Limits()
        self._most = jobs + waiting
        self._setup = Setup(extract, self.forms, self.limits)
        self._queue: queue.SimpleQueue[tuple[Task, Future[bytes]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._unfinished = 0
        self._is_closed = False
        self._workers: set[Worker] = set()
        self._spool = tempfile.TemporaryDirectory(prefix="tabularium-")
        self._threads = [threading.Thread(target=self._serve, name=f"tabularium-{number}", daemon=True) for number in range(jobs)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def unfinished(self) -> int:
        """How many sources are waiting or being worked on."""
        return self._unfinished

    @property
    def is_full(self) -> bool:
        """Whether a source would be refused now."""
        return self._unfinished >= self._most

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more sources at all."""
        return self._is_closed

    @property
    def spool(self) -> Path:
        """A directory for files that are to be handed in; it goes when the desk closes."""
        return Path(self._spool.name)

    def hand_in(self, task: Task) -> Future[bytes]:
        """The result of a source, as one line of JSON, as soon as there is one. The file of a task with `is_member` is removed then.

        A source that waits can be cancelled, one that a worker has cannot. BusyError when too many wait; ClosedError when the desk is closed,
        also in the future of a source that still waits then.
        """
        future: Future[bytes] = Future()
        with self._lock:
            if self._is_closed:
                raise ClosedError
            if self._unfinished >= self._most:
                raise BusyError
            self._unfinished += 1
            self._queue.put((task, future))
        return future

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            for worker in self._workers:
                worker.interrupt()
            for _ in self._threads:
                self._queue.put(None)
        for thread in self._threads:
            thread.join()
        self._spool.cleanup()

    # ---- in the threads: each has one worker, at times none ----------------------------------------------------------------

    def _serve(self) -> None:
        seat: list[Worker] = []
        try:
            while (job := self._queue.get()) is not None:
                task, future = job
                if not future.set_running_or_notify_cancel():  # nobody waits for it any more; from here on it cannot be cancelled
                    self._finish(task)
                    continue
                try:
                    line = self._work(seat, task)
                except BaseException as error:  # noqa: BLE001 (the caller hears it, and the desk goes on)
                    self._empty(seat)
                    self._finish(task)
                    future.set_exception(ClosedError() if self._is_closed else error)
                else:
                    self._finish(task)
                    future.set_result(line)
        finally:
            self._empty(seat)

    def _work(self, seat: list[Worker], task: Task) -> bytes:
        """The result of one source."""
        waiting: Waiting | None = Waiting(task)
        while True:
            if self._is_closed:
                raise ClosedError
            worker = self._worker(seat)
            if waiting is not None and worker.is_ready:
                worker.give(waiting)
                waiting = None
            worker.wait()
            outcome = worker.hear()
            if worker.is_spent:
                self._empty(seat)
            if isinstance(outcome, Waiting):
                waiting = outcome
            elif isinstance(outcome, Done):
                return outcome.line
            elif isinstance(outcome, Lost):
                path = task.path if task.is_named else None
                lost = failed_result(
                    path, outcome.code, outcome.message, outcome.content, media_type=task.media_type, uri=task.uri, container=task.container
                )
                return lost.to_json()

    def _worker(self, seat: list[Worker]) -> Worker:
        if not seat:
            seat.append(Worker(self._setup, _admit))
            with self._lock:
                self._workers.add(seat[0])
        return seat[0]

    def _empty(self, seat: list[Worker]) -> None:
        while seat:
            worker = seat.pop()
            with self._lock:
                self._workers.discard(worker)
            worker.end()

    def _finish(self, task: Task) -> None:
        remove_spooled(task)
        with self._lock:
            self._unfinished -= 1


def _admit(task: Task, content: Content) -> Task:
    return task
