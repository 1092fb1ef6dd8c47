"""A process of ours, with a connection to it: started as a new interpreter, bounded, listened to, and ended whatever it does."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from typing import IO, Protocol

from pipeline.errors import UsageError

__all__ = ["FOREVER", "LIMIT_SIGNALS", "START_SECONDS", "Child", "Listener", "heard_or_late"]

START_SECONDS = 120.0
FOREVER = float("inf")
_REAP_SECONDS = 2.0  # between the end of the connection and the end of the process
_OUTPUT_TAIL = 16 * 1024  # bytes of what a child printed that are kept with a failure
_BOOTSTRAP = "import sys; sys.path[:] = {path!r}; from pipeline.{module} import main; main({descriptor})"

# The signals of the kernel that say which limit struck.
LIMIT_SIGNALS = {-signal.SIGXCPU: "used more processor time than the limit", -signal.SIGXFSZ: "wrote more bytes to a file than the limit"}


class Listener(Protocol):
    """What is waited for."""

    deadline: float

    @property
    def signs(self) -> Sequence[int]: ...


def heard_or_late(waiting: Sequence[Listener]) -> list[Listener]:
    """Those that said something, ended, or are past their deadline; waits until there is one."""
    until = min(listener.deadline for listener in waiting)
    timeout = None if until == FOREVER else max(0.0, until - time.monotonic()) * 1000
    # Not multiprocessing.connection.wait: it makes a selector each time, which took a sixth of the parent's time for a document.
    poll = select.poll()
    for listener in waiting:
        for sign in listener.signs:
            poll.register(sign, select.POLLIN)
    heard = {sign for sign, _ in poll.poll(timeout)}
    now = time.monotonic()
    return [listener for listener in waiting if listener.deadline <= now or not heard.isdisjoint(listener.signs)]


def _is_ready(descriptor: int, timeout: float = 0.0) -> bool:
    """Whether there is something to read, an end included, within so many seconds."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(timeout * 1000))


class Child:
    """A process of ours with a connection to it; what it prints goes to a file without a name."""

    def __init__(self, module: str, setup: bytes) -> None:
        """UsageError when the system gives no more processes or open files."""
        try:
            with ExitStack() as opened:
                # Unbuffered: the position is shared with the child.
                self._printed: IO[bytes] = opened.enter_context(tempfile.TemporaryFile(buffering=0))
                ours, theirs = socket.socketpair()
                opened.enter_context(ours)
                with theirs:
                    self._process = self._started(module, theirs.fileno())
                opened.pop_all()  # end() closes them
        except OSError as error:
            raise UsageError(
                f"cannot start another process: {error.strerror or error}; use fewer workers (--jobs), or allow more (ulimit -n, ulimit -u)"
            ) from error
        self.connection = Connection(ours.detach())
        # The end of the connection does not tell that the process has ended: what it has started may hold on to it.
        self._sentinel = _open_sentinel(self._process.pid)
        heard = self.connection.fileno()
        self.signs: tuple[int, ...] = (heard,) if self._sentinel is None else (heard, self._sentinel)
        self.send(setup)

    def _started(self, module: str, descriptor: int) -> subprocess.Popen[bytes]:
        path = [os.path.abspath(item) for item in sys.path]
        return subprocess.Popen(
            # -P: whatever lies in the current directory is not to be imported
            [sys.executable, "-P", "-c", _BOOTSTRAP.format(path=path, module=module, descriptor=descriptor)],
            stdin=subprocess.DEVNULL,
            stdout=self._printed,
            stderr=self._printed,
            pass_fds=(descriptor,),
            process_group=0,  # Ctrl-C is ours to handle, and what the child starts dies with it
        )

    def send(self, message: bytes) -> None:
        with suppress(OSError):  # it died already: the next reading tells
            self.connection.send_bytes(message)

    def forget_output(self) -> None:
        if self._printed.seek(0, os.SEEK_END):
            self._printed.seek(0)
            self._printed.truncate()

    def output(self) -> bytes:
        """The end of what it printed."""
        end = self._printed.seek(0, os.SEEK_END)
        if not end:  # as good as always
            return b""
        self._printed.seek(max(0, end - _OUTPUT_TAIL))
        return self._printed.read()

    def last_words(self) -> str:
        lines = self.output().decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""

    @property
    def has_ended(self) -> bool:
        """Whether the process is over. What it said before may still be there to read."""
        return self._sentinel is not None and _is_ready(self._sentinel)

    @property
    def has_spoken(self) -> bool:
        """Whether there is a message to take, or the end of the connection."""
        return _is_ready(self.connection.fileno())

    def kill(self) -> None:
        # The group first: it may have started programs. It is not reaped yet, so the number is still its own.
        if self._process.returncode is None:
            self._kill_group()
            self._process.kill()
        self._process.wait()

    def reap(self) -> tuple[int, str]:
        """How it ended: its code, and that in words. What it has started ends with it."""
        if self._sentinel is not None and _is_ready(self._sentinel, _REAP_SECONDS) and self._process.returncode is None:
            self._kill_group()  # not reaped yet: the number is still its own
        try:
            code = self._process.wait(timeout=_REAP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return 0, "it closed the connection and went on"
        return code, _how_it_ended(code)

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Let go of the process, whatever it is doing."""
        self.connection.close()
        self.kill()
        self._printed.close()
        if self._sentinel is not None:
            os.close(self._sentinel)
            self._sentinel = None


def _open_sentinel(pid: int) -> int | None:
    """A descriptor that can be read when the process has ended; None where the system has no such thing."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
