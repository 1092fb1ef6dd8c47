"""What makes a reading the same as another: the hint, the setting, and the key of all that is not the source's own."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from pipeline.model.catalogue import schemas_dir
from pipeline.model.jsonbytes import dump_json
from pipeline.model.result import ENGINE_VERSION
from pipeline.sources.content import file_name
from pipeline.worker import Setup, Task

__all__ = ["hint_of", "setting_of", "work_key"]


def hint_of(task: Task) -> str:
    """All that the engine is told of a source beside its bytes and its place: same bytes, same hint, same reading."""
    return f"{task.media_type or ''}\n{_ending(task.path, task.uri)}\n{'cut' if task.is_cut else ''}".strip()


@lru_cache(maxsize=256)  # asked for three times while a source is under way
def _ending(path: str, uri: str | None) -> str:
    return os.path.splitext(file_name(path, uri))[1].lower()


def setting_of(task: Task) -> str:
    """A digest of what a result repeats of its archive or WARC record."""
    if task.container is None and task.uri is None:
        return ""
    return hashlib.sha256(dump_json([task.uri, task.container])).hexdigest()


def work_key(setup: Setup) -> str:
    """A digest of all that a result depends on beside the bytes: the forms, the code and catalogue of the engine, the limits of size."""
    digest = hashlib.sha256(f"{ENGINE_VERSION}\0{setup.extract}\0".encode())
    for form in setup.forms or ():
        digest.update(repr(replace(form, source="")).encode("utf-8", "backslashreplace") + b"\0")
    # Time and memory strike by chance; who asks whether a result stands looks at them only for a source that failed.
    digest.update(repr(replace(setup.limits, max_seconds=0, max_memory=0)).encode() + b"\0")
    package = Path(__file__).parent
    files = [*package.rglob("*.py"), *schemas_dir().glob("*.toml"), *schemas_dir().glob("*.json")]
    # By name, not by place: a wheel and a checkout of the same have the same key.
    for name, content in sorted((file.name.encode(), hashlib.sha256(file.read_bytes()).digest()) for file in files):
        digest.update(name + b"\0" + content)
    return digest.hexdigest()
