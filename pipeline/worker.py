"""The child process of a batch: takes one source after the other, under its own limits, and answers with whole results.

It is started by pipeline.pool as a new interpreter that runs `main`. It trusts what the parent sends (pickles); the
parent takes only bytes and JSON from it. Messages to the parent, in order: READY once; then for each task READ (digest
and count of the bytes, so that the parent can report a source that kills us), which the parent answers with GO, or with STOP when it
has the result already (neither for a task whose bytes the parent knows); then OTHER, when the source is of a kind that is not wanted, NO_MEMORY (and we exit), or RESULT or LAST_RESULT (facts) followed by the line of the result. After
LAST_RESULT we want no more tasks. READ of null, for a source that cannot be read, is not answered.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import logging
import math
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from multiprocessing.connection import Connection
from operator import attrgetter
from typing import Any

from pipeline.errors import SourceError, is_out_of_memory
from pipeline.model.form import Form
from pipeline.model.jsonbytes import dump_json
from pipeline.model.limits import Limits
from pipeline.model.process_limit import lower_limit
from pipeline.model.result import Result
from pipeline.output.summary import facts_of
from pipeline.readers.sniff import sniff
from pipeline.sources.content import Content, failed_result, file_name, marked_cut, over_limit_message, read_content

__all__ = ["ENGINE", "GO", "LAST_RESULT", "NO_MEMORY", "OTHER", "READ", "READY", "RESULT", "STOP", "Setup", "Task", "limit_process", "main"]

READY, READ, NO_MEMORY, RESULT, LAST_RESULT = b"+", b"S", b"M", b"R", b"L"
GO, STOP = b"G", b"N"
OTHER = b"O"

ENGINE = "pipeline.engine:extract"  # a name, so that a worker can be given another one
_GRACE_SECONDS = 10.0  # after the parent should have killed us: it is gone, so we end ourselves
_MAX_PRINTED = 256 * 1024 * 1024  # bytes of one file that the worker may write: what a library prints goes to a file

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is told once. `extract` is "module:name" of a function with the signature of pipeline.engine.extract.

    `only`: the media types that are to be worked on; empty: all.
    """

    extract: str
    forms: tuple[Form, ...] | None
    limits: Limits
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Task:
    """One source: a file, or a member of an archive that was written to a file of ours. The rest is as in sources.member.Member.

    `forms`: look for these of the setup's forms only. `is_named`: false when nobody gave it a path; then its result has none.
    """

    path: str
    location: bytes
    is_member: bool = False
    media_type: str | None = None
    uri: str | None = None
    container: Mapping[str, Any] | None = None
    is_cut: bool = False
    names: tuple[str, ...] = ()
    forms: tuple[str, ...] | None = None
    is_named: bool = True

    @property
    def name(self) -> str:
        """What the document would be called as a file; its ending is a hint."""
        return file_name(self.path, self.uri)

    def __reduce__(self) -> tuple[type[Task], tuple[Any, ...]]:
        return Task, _fields_of(self)  # what a dataclass with slots does by itself takes three times as long


_fields_of = attrgetter(*(item.name for item in fields(Task)))

Extract = Callable[..., Result]


def main(descriptor: int) -> None:
    """Serve tasks over the connection until the parent closes it. Does not return."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    faulthandler.enable()
    connection = Connection(descriptor)
    try:
        setup: Setup = pickle.loads(connection.recv_bytes())  # noqa: S301 (our parent)
        module, _, name = setup.extract.partition(":")
        extract: Extract = getattr(importlib.import_module(module), name)
        limit_process(setup.limits, _MAX_PRINTED)
        connection.send_bytes(READY)
        is_first = True
        while True:
            task, is_known = pickle.loads(connection.recv_bytes())  # noqa: S301 (our parent)
            _serve(connection, task, setup, extract, is_known=is_known)
            if is_first:
                is_first = False
                gc.freeze()  # forms and modules stay for good; looking through them again and again took a twentieth of the time
    except (EOFError, ConnectionError):
        pass  # the parent is done with us, or gone
    # No tear-down: it can hang or crash in a library, and there is nothing to save.
    os._exit(0)


def limit_process(limits: Limits, max_written: int) -> None:
    """Bound what this process may take: address space, and bytes of any one file that it writes. What strikes at a file ends the process."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    for kind, wanted in ((resource.RLIMIT_AS, limits.max_memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, max_written)):
        lower_limit(kind, wanted)


def _limit_time(limits: Limits) -> None:
    """Bound the next source: the parent kills us when its time is over; these hold should the parent be gone, or we be many threads."""
    if math.isfinite(limits.max_seconds):
        signal.setitimer(signal.ITIMER_REAL, limits.max_seconds + _GRACE_SECONDS)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        lower_limit(resource.RLIMIT_CPU, math.ceil(usage.ru_utime + usage.ru_stime + limits.max_seconds + _GRACE_SECONDS))


def _serve(connection: Connection, task: Task, setup: Setup, extract: Extract, *, is_known: bool) -> None:
    _limit_time(setup.limits)
    try:
        result = _work(connection, task, setup, extract, is_known=is_known)
        packed = None if result is None else (facts_of(result).to_json(), result.to_json())
    except MemoryError:
        connection.send_bytes(NO_MEMORY)
        os._exit(0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    sys.stdout.flush()
    if packed is not None:
        # A worker that has grown is given up: what it holds would count against the sources to come.
        connection.send_bytes((LAST_RESULT if _is_large(setup.limits) else RESULT) + packed[0])
        connection.send_bytes(packed[1])


def _work(connection: Connection, task: Task, setup: Setup, extract: Extract, *, is_known: bool) -> Result | None:
    try:
        content = read_content(task.location, setup.limits.max_bytes)
    except OSError as error:
        connection.send_bytes(READ + b"null")
        return _failed(task, "damaged-source", f"cannot be read: {error.strerror or error}", None)
    if not is_known:
        connection.send_bytes(READ + dump_json([content.sha256, content.byte_count]))
        if connection.recv_bytes() == STOP:
            return None
    if setup.only and (content.data is None or _media_type(content.data, task) not in setup.only):
        connection.send_bytes(OTHER)
        return None
    if content.data is None:
        return _failed(task, "limit-exceeded", over_limit_message(content.byte_count, setup.limits.max_bytes), content)
    try:
        result = extract(
            content.data,
            media_type=task.media_type,
            name=task.name or None,
            uri=task.uri,
            path=task.path if task.is_named else None,
            container=task.container,
            forms=_forms(setup, task),
            limits=setup.limits,
        )
        if result.failure is not None and result.failure.code == "limit-exceeded" and _is_large(setup.limits):
            raise MemoryError
        return marked_cut(result) if task.is_cut else result
    except BaseException as error:
        if is_out_of_memory(error):
            raise MemoryError from error
        # The engine has its own net; what comes through it (also SystemExit) is a bug, and must cost this source only.
        _log.error("%s", task.path, exc_info=error)
        return _failed(task, "internal-error", f"{type(error).__name__}: {error}", content)


def _forms(setup: Setup, task: Task) -> tuple[Form, ...] | None:
    if task.forms is None or setup.forms is None:
        return setup.forms
    return tuple(form for form in setup.forms if form.id in task.forms)


def _media_type(data: bytes, task: Task) -> str | None:
    """What the source is, as its result would say; None for what no reader takes."""
    try:
        return sniff(data, task.media_type, task.name)
    except SourceError:
        return None


def _failed(task: Task, code: str, message: str, content: Content | None) -> Result:
    return failed_result(
        task.path if task.is_named else None, code, message, content, media_type=task.media_type, uri=task.uri, container=task.container
    )


def _is_large(limits: Limits) -> bool:
    """Whether this process has ever used half the memory it may have."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) > limits.max_memory / 2
