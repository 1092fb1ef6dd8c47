"""A batch on many machines: the parts of a batch as tasks of Ray. The only module that imports Ray.

This process lists the INPUTs, hands out parts, and writes down what comes back; it alone has the results and the manifest. A part whose machine is lost is
handed out again behind what was sent already; after the third time its sources are failed results.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from pipeline.errors import ConfigError, PipelineError
from pipeline.model.jsonbytes import dump_json, load_json
from pipeline.outcome import Admit, Done, LeftOut, Lost, Outcome, Revisit, Unwanted
from pipeline.part import Part, Spared, read_part
from pipeline.sources.content import Content
from pipeline.worker import Setup, Task

__all__ = ["run_on_cluster"]

_FILES_A_PART = 500  # as many as a worker process takes before it is replaced
_ATTEMPTS = 3
_UNREAD_CHUNKS = 4  # of a part: then it waits until we have caught up
_CANCEL_SECONDS = 10.0
_KNOCK_SECONDS = 10.0

Standing = Callable[[str], Mapping[str, tuple[str, str, str]]]


def run_on_cluster(
    files: Sequence[Task], archives: Sequence[Task], jobs: int | None, setup: Setup, admit: Admit, standing: Standing, key: str
) -> Generator[Outcome, None, None]:
    """Outcomes as pipeline.pool.run_tasks gives them, worked out by the Ray cluster that RAY_ADDRESS names, or else by one that is started on this
    machine for as long as it takes. At most `jobs` parts at a time (default: two for each processor of the cluster, of which one waits).

    `standing` tells what is there already below a path. ConfigError when Ray is not installed, its cluster cannot be reached, or a machine has another engine.
    Closing the iterator cancels what is under way.
    """
    ray = _ray()
    is_ours = not ray.is_initialized()
    if is_ours:
        _connect(ray)
    cluster = _Cluster(ray, setup, admit, key)
    try:
        with _interrupts() as came:
            for outcome in cluster.work(deque(_parts(files, archives)), jobs, standing):
                if came:
                    raise KeyboardInterrupt
                yield outcome
    finally:
        cluster.cancel()
        if is_ours:
            ray.shutdown()


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """The interrupts that came, for those that went astray: a KeyboardInterrupt raised within a callback of Ray's goes no further."""
    came: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is not signal.default_int_handler:
        yield came  # somebody else's to handle
        return

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
    if not os.environ.get("RAY_ADDRESS"):
        os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # see _connect
    try:
        import ray
    except ImportError as error:
        raise ConfigError("the engine ray needs Ray: pip install 'tabularium[ray]'") from error
    return ray


def _connect(ray: Any) -> None:
    # Never the one that ran here last, which is what Ray looks for by itself: it may be long gone, and Ray waits for it for minutes.
    address = os.environ.get("RAY_ADDRESS") or "local"
    # Nobody else reaches the loop of this machine; Ray would lay a token into the home directory, and other clusters would then want it.
    options = {"_node_ip_address": "127.0.0.1"} if address == "local" else {}
    _knock(address)
    before = signal.getsignal(signal.SIGTERM) if threading.current_thread() is threading.main_thread() else None
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", include_dashboard=False, **options)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        raise ConfigError(f"the Ray cluster {address} cannot be used: {str(error).strip() or type(error).__name__}") from error
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)  # Ray's own would end us without a word


def _knock(address: str) -> None:
    """ConfigError when nobody listens at HOST:PORT; Ray itself would try for minutes."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if host and port.isdigit():
        try:
            socket.create_connection((host, int(port)), _KNOCK_SECONDS).close()
        except (OSError, OverflowError) as error:
            raise ConfigError(f"no Ray cluster listens at {address} (RAY_ADDRESS): {error}") from error


def _parts(files: Sequence[Task], archives: Sequence[Task]) -> Iterator[Part]:
    """Archives first, the largest before the others: what takes long must not begin last."""
    for archive in sorted(map(_at_home, archives), key=_size, reverse=True):
        yield Part((), (archive,), {})
    for at in range(0, len(files), _FILES_A_PART):
        yield Part(tuple(map(_at_home, files[at : at + _FILES_A_PART])), (), {})


def _at_home(task: Task) -> Task:
    """The task with a location that does not depend on our working directory."""
    return replace(task, location=os.path.abspath(task.location))


def _size(task: Task) -> int:
    try:
        return os.stat(task.location).st_size
    except OSError:
        return 0


@dataclass(slots=True)
class _Running:
    """A part that some machine has. `taken`: what came of it, by path, also from machines that were lost."""

    part: Part
    attempt: int = 1
    taken: set[str] = field(default_factory=set)
    unwanted: set[str] = field(default_factory=set)


class _Cluster:
    def __init__(self, ray: Any, setup: Setup, admit: Admit, key: str) -> None:
        self._ray = ray
        self._admit = admit
        self._key = key
        self._setup = ray.put(setup)
        # Ray's own attempts would give everything a second time.
        self._read = ray.remote(num_cpus=1, max_retries=0, num_returns="streaming", _generator_backpressure_num_objects=_UNREAD_CHUNKS)(
            read_part
        )
        self._running: dict[Any, _Running] = {}

    def work(self, pending: deque[Part], jobs: int | None, standing: Standing) -> Iterator[Outcome]:
        """Hand out the parts, and take what comes."""
        while pending or self._running:
            while pending and len(self._running) < (jobs or self._most()):
                part = pending.popleft()
                rows = [standing(task.path) for task in (*part.files, *part.archives)]
                self._hand_out(_Running(replace(part, standing={path: row for some in rows for path, row in some.items()})))
            stream = self._ray.wait(list(self._running), num_returns=1)[0][0]
            running = self._running.pop(stream)
            try:
                chunk = self._ray.get(next(stream))
            except StopIteration:
                continue
            except self._ray.exceptions.RayTaskError as error:
                raise _as_ours(error) from error
            except self._ray.exceptions.RayError as error:
                yield from self._again(running, error)
                continue
            self._running[stream] = running  # behind the others: each has its turn
            for item in chunk:
                yield from self._taken(running, item)

    def cancel(self) -> None:
        """Have the machines stop what they are doing for us."""
        streams, self._running = list(self._running), {}
        for stream in streams:
            self._ray.cancel(stream)
        for stream in streams:
            self._ray.wait([stream.completed()], timeout=_CANCEL_SECONDS)

    def _most(self) -> int:
        return max(1, 2 * int(self._ray.cluster_resources().get("CPU", 1)))

    def _hand_out(self, running: _Running) -> None:
        part = replace(running.part, taken=frozenset(running.taken))
        self._running[self._read.remote(part, self._setup, self._key)] = running

    def _again(self, running: _Running, error: Exception) -> Iterator[Outcome]:
        if running.attempt < _ATTEMPTS:
            running.attempt += 1
            self._hand_out(running)
            return
        reason = f"the machine that read it was lost, {_ATTEMPTS} times ({type(error).__name__})"
        for task in running.part.files:
            if task.path not in running.taken | running.unwanted:
                yield Lost(task, None, "internal-error", reason, _ATTEMPTS, 0.0, b"")
        for task in running.part.archives:
            yield Lost(task, None, "internal-error", f"{reason}; the rest of the archive is not read", _ATTEMPTS, 0.0, b"", of_archive=True)

    def _taken(self, running: _Running, item: Outcome | Spared) -> Iterator[Outcome]:
        """Ask about a source when its bytes are known, as the pool does, and pass its outcome on."""
        if isinstance(item, LeftOut):
            yield item
            return
        if isinstance(item, Unwanted):
            if item.task.path in running.unwanted:
                return
            running.unwanted.add(item.task.path)
        else:
            running.taken.add(item.task.path)
        match item:
            case Done(sha256=str(sha256)):
                admitted = self._admit(item.task, Content(None, sha256, item.byte_count))
                if admitted is not None:
                    yield _under(admitted, item)
            case Unwanted(content=Content() as content) | Lost(content=Content() as content):
                admitted = self._admit(item.task, content)
                if admitted is not None:
                    yield replace(item, task=admitted)
            case Spared():
                if self._admit(item.task, item.content) is not None:
                    raise PipelineError(f"{item.task.path}: its result was there when the part was handed out, and is not any more")
            case Done() | Lost() | Unwanted() | Revisit():
                yield item


def _under(admitted: Task, done: Done) -> Done:
    """The outcome under the path that the batch gives it; they differ when a directory is named like an archive."""
    if admitted.path == done.task.path:
        return done
    result = load_json(done.line)
    result["source"]["path"] = admitted.path
    return replace(done, task=admitted, line=dump_json(result))


def _as_ours(error: Any) -> Exception:
    """What the function itself raised, on whatever machine."""
    cause = error.cause
    return cause if isinstance(cause, PipelineError) else PipelineError(f"a part of the batch failed: {type(cause).__name__}: {cause}")
