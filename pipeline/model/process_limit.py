"""Limits that the kernel holds a process to."""

from __future__ import annotations

import resource

__all__ = ["lower_limit"]


def lower_limit(kind: int, wanted: int) -> None:
    """Bound what this process may take of a resource (resource.RLIMIT_...), as far as somebody has not bound it more already.

    How far it may be raised again stays as it is: a limit of processor time moves on with each source of a long process.
    """
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
