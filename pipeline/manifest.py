"""manifest.sqlite: one row a source, what a batch reads to go on where it stopped.

A row is written after the line of its result, and names the line by digest: a source counts as finished when the row
and that very line are both there, so the two can never disagree, whatever was killed in between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType

from pipeline.errors import OutputError

__all__ = ["Manifest", "Row"]

_APPLICATION_ID = 0x5461_6275  # "Tabu"
_VERSION = 1
_TABLE = """
CREATE TABLE source (
    path TEXT PRIMARY KEY,         -- as in the result
    sha256 TEXT,                   -- of the bytes; NULL when they could not be read
    byte_count INTEGER NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,     -- worker processes that took it up
    seconds REAL NOT NULL,         -- wall time of the last attempt
    finished_at TEXT NOT NULL,     -- UTC
    engine_version TEXT NOT NULL,
    work_key TEXT NOT NULL,        -- forms, engine and limits that the result depends on
    allowance TEXT NOT NULL,       -- time and memory, which matter only to a source that ran out of them
    line_sha256 BLOB NOT NULL,     -- the line in results.jsonl
    facts BLOB NOT NULL            -- what the summary says of it, as JSON
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one source; the columns are explained in the table above."""

    path: str
    sha256: str | None
    byte_count: int
    status: str
    attempts: int
    seconds: float
    finished_at: str
    engine_version: str
    work_key: str
    allowance: str
    line_sha256: bytes
    facts: bytes


_NAMES = tuple(item.name for item in fields(Row))
_COLUMNS = ", ".join(_NAMES)
_MARKS = ", ".join("?" for _ in _NAMES)


class Manifest:
    """The open manifest. Every trouble with the file is an OutputError. A context manager that closes it."""

    def __init__(self, path: Path) -> None:
        """Open or create it. OutputError when the file is damaged, or is not ours."""
        self.path = path
        with self._guarded():
            # Each statement is its own transaction: a kill loses at most the row that was being written.
            self._database = sqlite3.connect(path, isolation_level=None)
        try:
            with self._guarded():
                self._prepare()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def rows(self) -> Iterator[Row]:
        """All rows, by path."""
        with self._guarded(), closing(self._database.execute(f"SELECT {_COLUMNS} FROM source ORDER BY path")) as cursor:
            for values in cursor:
                yield Row(*values)

    def put(self, row: Row) -> None:
        """Write a row, in place of an older one of the same path."""
        with self._guarded():
            self._database.execute(f"INSERT OR REPLACE INTO source ({_COLUMNS}) VALUES ({_MARKS})", [getattr(row, name) for name in _NAMES])

    def remove(self, paths: Collection[str]) -> None:
        """Take rows out, all or none."""
        with self._guarded():
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("DELETE FROM source WHERE path = ?", ((path,) for path in paths))
            self._database.execute("COMMIT")

    def _prepare(self) -> None:
        # NORMAL: a power cut may lose the last rows (they are done again), never the file.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        tables = {name for (name,) in self._database.execute("SELECT name FROM sqlite_master")}
        application = self._pragma("application_id")
        if not tables and application in (0, _APPLICATION_ID):
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute(_TABLE)
            self._database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._database.execute(f"PRAGMA user_version = {_VERSION}")
            self._database.execute("COMMIT")
        elif application != _APPLICATION_ID:
            raise OutputError(f"{self.path} is a database of something else; choose another output directory")
        elif self._pragma("user_version") != _VERSION:
            raise OutputError(f"{self.path} is of another version of tabularium; choose another output directory")

    def _pragma(self, name: str) -> int:
        (value,) = self._database.execute(f"PRAGMA {name}").fetchone()
        return int(value)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:  # disk full, read-only, not a directory
            raise OutputError(f"cannot write {self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise OutputError(f"{self.path} is damaged ({error}); remove it to start over") from error
