"""A part of a batch, read by itself on any machine: an archive, or a few hundred files. The pure unit of work of a cluster.

Bytes of the part in, outcomes out; the machine keeps nothing. Documents are isolated as in any batch: each is read by a killable process of this machine.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.keys import hint_of, setting_of, work_key
from pipeline.model.result import ENGINE_VERSION
from pipeline.outcome import Done, LeftOut, Lost, Outcome, Revisit, Unwanted
from pipeline.pool import run_tasks
from pipeline.sources.content import Content
from pipeline.worker import Setup, Task

__all__ = ["Part", "Spared", "read_part"]

_CHUNK_BYTES = 4 * 1024 * 1024  # of result lines that are sent together
_CHUNK_SECONDS = 2.0
_FACTS_BYTES = 500  # about what an outcome without a line takes


@dataclass(frozen=True, slots=True)
class Part:
    """Sources that are read together: files, and files that begin as archives do.

    `standing`: path -> digest, hint and setting of the sources whose result is there already, as far as these three are the same. `taken`: the paths of
    which an earlier attempt, whose machine was lost, has sent the outcome.
    """

    files: tuple[Task, ...]
    archives: tuple[Task, ...]
    standing: Mapping[str, tuple[str, str, str]]
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Spared:
    """A source that was not worked on: its own result stands, or that of a source of the same bytes whose outcome was sent before."""

    task: Task
    content: Content


Sent = Outcome | Spared


def read_part(part: Part, setup: Setup, key: str) -> Iterator[list[Sent]]:
    """The outcomes of a part, in lists of a few megabytes, as they come. Each source is worked on once, whatever its copies in the part.

    Members of archives have the paths that the batch gives them. What is of an archive as a whole comes in the last list.
    ConfigError when this machine has another engine than `key` names, or none of the files. OutputError when its temporary directory is full.
    """
    _refuse_other_machine(part, setup, key)
    chunk: list[Sent] = []
    size, since = 0, time.monotonic()
    for item in _Reading(part, setup).outcomes():
        chunk.append(item)
        size += len(item.line) if isinstance(item, Done) else _FACTS_BYTES
        if size >= _CHUNK_BYTES or time.monotonic() - since > _CHUNK_SECONDS:
            yield chunk
            chunk, size, since = [], 0, time.monotonic()
    yield chunk


def _refuse_other_machine(part: Part, setup: Setup, key: str) -> None:
    if work_key(setup) != key:
        raise ConfigError(
            f"machine {socket.gethostname()} has another tabularium ({ENGINE_VERSION}) than the one that began the run, or other form files; "
            "results would not be comparable: install the same everywhere"
        )
    locations = [task.location for task in (*part.files, *part.archives)]
    if locations and not any(os.path.lexists(location) for location in locations):
        raise ConfigError(
            f"machine {socket.gethostname()} has none of {len(locations)} files, the first is {os.fsdecode(locations[0])!r}; "
            "INPUTs must lie on storage that all machines see under the same path"
        )


class _Reading:
    """A part under way. What the batch would ask its manifest is asked of the part: which names and contents there were."""

    def __init__(self, part: Part, setup: Setup) -> None:
        self._part = part
        self._setup = setup
        self._seen: set[str] = set()
        self._copies: Counter[str] = Counter()
        self._under_way: dict[tuple[str, str], list[tuple[Task, Content]]] = {}
        self._settled: set[tuple[str, str]] = set()  # contents whose outcome was sent
        self._unwanted: set[tuple[str, str]] = set()
        self._ready: list[Sent] = []
        self._last: list[Sent] = []

    def outcomes(self) -> Iterator[Sent]:
        with tempfile.TemporaryDirectory(prefix="tabularium-") as spool:
            found = run_tasks(self._part.files, self._part.archives, 1, self._setup, self._admit, Path(spool))
            try:
                for outcome in found:
                    self._take(outcome)
                    yield from self._drained()
            finally:
                found.close()
        yield from self._drained()
        yield from self._last

    def _drained(self) -> list[Sent]:
        ready, self._ready = self._ready, []
        return ready

    def _admit(self, task: Task, content: Content) -> Task | None:
        if task.is_member:
            task = replace(task, path=self._apart(task.path))
        hint = hint_of(task)
        key = (content.sha256, hint)
        if task.path in self._part.taken:
            self._settled.add(key)
            return None
        if key in self._settled or self._part.standing.get(task.path) == (content.sha256, hint, setting_of(task)):
            self._settled.add(key)
            self._ready.append(Spared(task, content))
            return None
        if key in self._unwanted:
            self._ready.append(Unwanted(task, content))
            return None
        if key in self._under_way:
            self._under_way[key].append((task, content))
            return None
        self._under_way[key] = []
        return task

    def _take(self, outcome: Outcome) -> None:
        match outcome:
            case LeftOut():
                self._last.append(outcome)
            case Revisit():
                self._send(replace(outcome, task=replace(outcome.task, path=self._apart(outcome.task.path))))
            case Lost() if outcome.of_archive and outcome.task.is_member:
                self._send(replace(outcome, task=replace(outcome.task, path=self._apart(outcome.task.path))))
            case Lost() if outcome.of_archive:
                self._last.append(outcome)
            case Done():
                self._ready.append(outcome)
                self._release(outcome.task, outcome.sha256)
            case Lost():
                self._ready.append(outcome)
                self._release(outcome.task, None if outcome.content is None else outcome.content.sha256)
            case Unwanted():
                self._ready.append(outcome)
                if outcome.content is not None:
                    key = (outcome.content.sha256, hint_of(outcome.task))
                    self._unwanted.add(key)
                    self._ready.extend(Unwanted(task, content) for task, content in self._under_way.pop(key, ()))

    def _send(self, outcome: Revisit | Lost) -> None:
        if outcome.task.path not in self._part.taken:
            self._ready.append(outcome)

    def _release(self, task: Task, sha256: str | None) -> None:
        """After its outcome, those that have the same bytes."""
        if sha256 is not None:
            key = (sha256, hint_of(task))
            self._settled.add(key)
            self._ready.extend(Spared(other, content) for other, content in self._under_way.pop(key, ()))

    def _apart(self, path: str) -> str:
        """As Manifest.see_apart: equal names are put apart by a number."""
        wanted = path
        while wanted in self._seen:
            self._copies[path] += 1
            wanted = f"{path}#{self._copies[path] + 1}"
        self._seen.add(wanted)
        return wanted
