"""What becomes of a source that was given to a worker, or of a member that an archive turned out to have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline.sources.content import Content
from pipeline.worker import Task

__all__ = ["Admit", "Done", "LeftOut", "Lost", "Outcome", "Revisit", "Unwanted", "Waiting"]


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
class Waiting:
    """A task in the queue. `is_admitted`: it was asked about already; then `content` is what was known of it, without its bytes."""

    task: Task
    attempt: int = 1
    is_admitted: bool = False
    content: Content | None = None
