"""The child process of a batch: takes one source after the other, under its own limits, and answers with whole results.

It is started by pipeline.pool as a new interpreter that runs `main`. It trusts what the parent sends (pickles); the
parent takes only bytes and JSON from it. Messages to the parent, in order: READY once; then for each task READ (digest
and count of the bytes, so that the parent can report a source that kills us), and one of UNCHANGED, NO_MEMORY (and we
exit), or RESULT or LAST_RESULT (facts) followed by the line of the result. After LAST_RESULT we want no more tasks.
"""

from __future__ import annotations

import faulthandler
import importlib
import logging
import math
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from pipeline.model.form import Form
from pipeline.model.jsonbytes import dump_json
from pipeline.model.limits import Limits
from pipeline.model.result import Result
from pipeline.output.summary import facts_of
from pipeline.sources.content import Content, failed_result, over_limit_message, read_content

__all__ = ["LAST_RESULT", "NO_MEMORY", "READ", "READY", "RESULT", "UNCHANGED", "Setup", "Task", "main"]

READY, READ, UNCHANGED, NO_MEMORY, RESULT, LAST_RESULT = b"+", b"S", b"=", b"M", b"R", b"L"

_GRACE_SECONDS = 10.0  # after the parent should have killed us: it is gone, so we end ourselves
_MAX_PRINTED = 256 * 1024 * 1024  # bytes of one file that the worker may write: what a library prints goes to a file

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is told once. `extract` is "module:name" of a function with the signature of pipeline.engine.extract."""

    extract: str
    forms: tuple[Form, ...] | None
    limits: Limits


@dataclass(frozen=True, slots=True)
class Task:
    """One source. `known_sha256`: the digest under which there is a result already; the same bytes are not worked on again."""

    path: str
    location: bytes
    known_sha256: str | None = None


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
        _limit_process(setup.limits)
        connection.send_bytes(READY)
        while True:
            task: Task = pickle.loads(connection.recv_bytes())  # noqa: S301 (our parent)
            _serve(connection, task, setup, extract)
    except (EOFError, ConnectionError):
        pass  # the parent is done with us, or gone
    # No tear-down: it can hang or crash in a library, and there is nothing to save.
    os._exit(0)


def _limit_process(limits: Limits) -> None:
    for kind, wanted in ((resource.RLIMIT_AS, limits.max_memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, _MAX_PRINTED)):
        hard = resource.getrlimit(kind)[1]
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (bound, hard))


def _serve(connection: Connection, task: Task, setup: Setup, extract: Extract) -> None:
    if math.isfinite(setup.limits.max_seconds):
        signal.setitimer(signal.ITIMER_REAL, setup.limits.max_seconds + _GRACE_SECONDS)
    try:
        facts, line = _work(connection, task, setup, extract)
    except MemoryError:
        connection.send_bytes(NO_MEMORY)
        os._exit(0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    sys.stdout.flush()
    if facts is None:
        connection.send_bytes(UNCHANGED)
    else:
        # A worker that has grown is given up: what it holds would count against the sources to come.
        connection.send_bytes((LAST_RESULT if _is_large(setup.limits) else RESULT) + facts)
        connection.send_bytes(line)


def _work(connection: Connection, task: Task, setup: Setup, extract: Extract) -> tuple[bytes | None, bytes]:
    try:
        content = read_content(task.location, setup.limits.max_bytes)
    except OSError as error:
        connection.send_bytes(READ + b"null")
        return _packed(failed_result(task.path, "damaged-source", f"cannot be read: {error.strerror or error}"))
    connection.send_bytes(READ + dump_json([content.sha256, content.byte_count]))
    if content.sha256 == task.known_sha256:
        return None, b""
    if content.data is None:
        message = over_limit_message(content.byte_count, setup.limits.max_bytes)
        return _packed(failed_result(task.path, "limit-exceeded", message, content))
    try:
        name = task.path.rpartition("/")[2]
        result = extract(content.data, name=name, path=task.path, forms=setup.forms, limits=setup.limits)
        if result.failure is not None and result.failure.code == "limit-exceeded" and _is_large(setup.limits):
            raise MemoryError
        return _packed(result)
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001
        # The engine has its own net; what comes through it (also SystemExit) is a bug, and must cost this source only.
        return _packed(_bug(task.path, error, content))


def _is_large(limits: Limits) -> bool:
    """Whether this process has ever used half the memory it may have."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) > limits.max_memory / 2


def _bug(path: str, error: BaseException, content: Content) -> Result:
    _log.error("%s", path, exc_info=error)
    return failed_result(path, "internal-error", f"{type(error).__name__}: {error}", content)


def _packed(result: Result) -> tuple[bytes, bytes]:
    return facts_of(result).to_json(), result.to_json()
