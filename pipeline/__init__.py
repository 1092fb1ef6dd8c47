"""Tabularium: the tables of administrative reports as validated JSON, each number with its evidence.

    from pipeline import extract
    result = extract(data, name="report.html")

Importing this package costs nothing; each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.batch import Progress, run_batch
    from pipeline.engine import extract, read_tables
    from pipeline.errors import (
        ConfigError,
        DamagedSourceError,
        EncryptedSourceError,
        LimitExceededError,
        OutputError,
        PipelineError,
        SourceError,
        UnsupportedFormatError,
        UsageError,
    )
    from pipeline.model.form import Form
    from pipeline.model.limits import Limits
    from pipeline.model.result import Result, Table
    from pipeline.output.summary import Summary

    __version__: str

__all__ = [
    "ConfigError",
    "DamagedSourceError",
    "EncryptedSourceError",
    "Form",
    "LimitExceededError",
    "Limits",
    "OutputError",
    "PipelineError",
    "Progress",
    "Result",
    "SourceError",
    "Summary",
    "Table",
    "UnsupportedFormatError",
    "UsageError",
    "__version__",
    "extract",
    "read_tables",
    "run_batch",
]

_HOMES = {
    "Form": "pipeline.model.form",
    "Limits": "pipeline.model.limits",
    "Progress": "pipeline.batch",
    "Result": "pipeline.model.result",
    "Summary": "pipeline.output.summary",
    "Table": "pipeline.model.result",
    "extract": "pipeline.engine",
    "read_tables": "pipeline.engine",
    "run_batch": "pipeline.batch",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("pipeline.model.result").ENGINE_VERSION
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "pipeline.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
