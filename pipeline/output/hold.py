"""An output directory held by one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import OutputError
from pipeline.output.journal import writing

__all__ = ["hold", "is_held"]

_LOCK = ".lock"


@contextmanager
def hold(directory: Path) -> Iterator[None]:
    """Make the output directory and hold it against a second run. The lock ends with the process, however it ends. OutputError when it is held."""
    with writing(directory):
        if directory.exists() and not directory.is_dir():
            raise OutputError(f"cannot write into {directory}: it is not a directory")
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"another run is writing to {directory}; wait for it, or choose another output directory") from error
        yield
    finally:
        os.close(lock)


def is_held(directory: Path) -> bool:
    """Whether a process holds the directory now."""
    try:
        lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
