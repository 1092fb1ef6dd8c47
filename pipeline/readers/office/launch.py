"""Run by a fresh interpreter that then becomes LibreOffice: limits are set and the network is taken away first.

    python -I launch.py BYTES SECONDS PROGRAM ARGUMENT...

BYTES limits the address space, SECONDS the processor time (0: no limit of its own). It imports nothing of this project, so that it has a limit of its own making. Not done in the
parent between fork and exec, where with threads about almost nothing is safe.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

_NEW_USER = 0x10000000
_NEW_NET = 0x40000000
_PARENT_DEATH_SIGNAL = 1


def main(arguments: list[str]) -> None:
    """Does not return."""
    _limit(resource.RLIMIT_AS, int(arguments[0]))
    _limit(resource.RLIMIT_CPU, int(arguments[1]))
    _limit(resource.RLIMIT_CORE, 0, always=True)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)  # a worker that is killed takes its LibreOffice along
        if libc.unshare(_NEW_NET) != 0:
            libc.unshare(_NEW_USER | _NEW_NET)  # where neither is allowed, the settings of the profile alone keep it off the network
    os.execv(arguments[2], arguments[2:])


def _limit(kind: int, wanted: int, *, always: bool = False) -> None:
    if not wanted and not always:
        return
    hard = resource.getrlimit(kind)[1]
    bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (bound, hard if kind == resource.RLIMIT_AS else bound))


if __name__ == "__main__":
    main(sys.argv[1:])
