"""How a batch stands: read from its output directory, also while it runs."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.manifest import Manifest
from pipeline.output.hold import is_held
from pipeline.output.summary import BatchStatus

__all__ = ["read_status"]


def read_status(out: str | os.PathLike[str]) -> BatchStatus:
    """What OUT/manifest.sqlite says. UsageError when there is no run in OUT; OutputError when the manifest is damaged."""
    directory = Path(out)
    if not (directory / "manifest.sqlite").is_file():
        raise UsageError(f"there is no run in {directory}; `tabularium run INPUT -o {directory}` makes one")
    with Manifest(directory / "manifest.sqlite") as manifest:
        run = manifest.last_run()
        results, description = directory / "results.jsonl", directory / "datapackage.json"
        return BatchStatus(
            is_running=is_held(directory),
            command=None if run is None else run.command,
            started_at=None if run is None else run.started_at,
            ended_at=None if run is None else run.ended_at,
            found=0 if run is None else run.found,
            by_media_type=tuple(manifest.counts("media_type")),
            by_version=tuple(manifest.counts("engine_version")),
            has_dataset=description.is_file(),
            is_dataset_older=_is_older(description, results),
        )


def _is_older(description: Path, results: Path) -> bool:
    try:
        return description.stat().st_mtime_ns < results.stat().st_mtime_ns
    except FileNotFoundError:
        return False
