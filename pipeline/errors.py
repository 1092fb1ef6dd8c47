"""The exception tree, and the exit code and advice that each class carries.

PipelineError
  ConfigError             a form file, a schema or an argument is wrong     exit 3
  UsageError              the command line asks for what is not there       exit 2
  SourceError             this source cannot be used; the batch goes on     exit 4
    UnsupportedFormatError, EncryptedSourceError, DamagedSourceError, LimitExceededError
  OutputError             a result cannot be written; the run stops         exit 5
"""

from __future__ import annotations

import errno
import re

__all__ = [
    "ConfigError",
    "DamagedSourceError",
    "EncryptedSourceError",
    "LimitExceededError",
    "OutputError",
    "PipelineError",
    "SourceError",
    "UnsupportedFormatError",
    "UsageError",
    "is_out_of_memory",
    "tells_of_no_memory",
]

# What the C++ runtime, Rust, the system, OpenCV and onnxruntime say when there is no memory for them; they raise anything, or end the process.
_NO_MEMORY = re.compile(
    r"bad_alloc|bad allocation|memory allocation of \d+ bytes failed|(?:cannot|failed to) allocate|(?:insufficient|out of) memory", re.I
)


class PipelineError(Exception):
    """Base of every error this package raises on purpose."""

    exit_code = 70


class UsageError(PipelineError):
    """The caller named something that does not exist (an input, a pointer)."""

    exit_code = 2


class ConfigError(PipelineError):
    """A form file or a schema is wrong; raised before the first document is read."""

    exit_code = 3


class SourceError(PipelineError):
    """This source cannot be used. The engine turns it into a failed Result; `code` names it there."""

    exit_code = 4
    code = "damaged-source"


class UnsupportedFormatError(SourceError):
    """No reader knows this kind of bytes."""

    code = "unsupported-format"


class EncryptedSourceError(SourceError):
    """The source asks for a password."""

    code = "encrypted-source"


class DamagedSourceError(SourceError):
    """The bytes are of a known kind but cannot be read."""

    code = "damaged-source"


class LimitExceededError(SourceError):
    """Reading on would pass one of the Limits."""

    code = "limit-exceeded"


class OutputError(PipelineError):
    """A result cannot be written where it was asked for."""

    exit_code = 5


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of any library means that there was too little memory."""
    if isinstance(error, MemoryError):
        return True
    return error.errno == errno.ENOMEM if isinstance(error, OSError) else tells_of_no_memory(str(error))


def tells_of_no_memory(text: str) -> bool:
    """Whether the last words of a library are that it got no memory."""
    return _NO_MEMORY.search(text) is not None
