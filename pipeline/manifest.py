"""manifest.sqlite: one row a source, what a batch reads to go on where it stopped.

A row is written after the line of its result, and names the line by digest: a source counts as finished when the row
and that very line are both there, so the two can never disagree, whatever was killed in between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from types import TracebackType

from pipeline.errors import OutputError

__all__ = ["Manifest", "Row", "RunRow"]

_APPLICATION_ID = 0x5461_6275  # "Tabu"
_VERSION = 3
_TABLE = """
CREATE TABLE source (
    path TEXT PRIMARY KEY,         -- as in the result
    location TEXT NOT NULL,        -- where it was: the absolute path of the file, and what is behind it in an archive
    sha256 TEXT,                   -- of the bytes; NULL when they could not be read
    byte_count INTEGER NOT NULL,
    hint TEXT NOT NULL,            -- what the engine is told beside the bytes: same bytes, same hint, same reading
    setting TEXT NOT NULL,         -- digest of what the result repeats of its archive or WARC record; empty for a file
    media_type TEXT,               -- as in the result
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,     -- worker processes that took it up; 0 when the result is a copy of another source's of the same bytes
    seconds REAL NOT NULL,         -- wall time of the last attempt
    finished_at TEXT NOT NULL,     -- UTC
    run INTEGER NOT NULL,          -- the run that wrote the row
    engine_version TEXT NOT NULL,
    work_key TEXT NOT NULL,        -- forms, engine and limits that the result depends on
    allowance TEXT NOT NULL,       -- time and memory, which matter only to a source that ran out of them
    line_sha256 BLOB NOT NULL,     -- the line in results.jsonl
    facts BLOB NOT NULL            -- what the summary says of it, as JSON
) WITHOUT ROWID
"""
_RUN_TABLE = """
CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    command TEXT,                  -- what was typed; NULL when it was called as a library
    started_at TEXT NOT NULL,      -- UTC
    ended_at TEXT,                 -- NULL while it runs, and when it was cut off
    found INTEGER NOT NULL         -- files found; what archives hold comes on top
)
"""
_INDEX = "CREATE INDEX by_content ON source (sha256, hint)"
# What is only of one run lies beside the file, and is gone with the process.
_OF_THE_RUN = (
    "CREATE TEMP TABLE seen (path TEXT PRIMARY KEY, copies INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID",
    "CREATE TEMP TABLE capture (name TEXT PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TEMP TABLE put_off (number INTEGER PRIMARY KEY, body BLOB NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one source; the columns are explained in the table above."""

    path: str
    location: str
    sha256: str | None
    byte_count: int
    hint: str
    setting: str
    media_type: str | None
    status: str
    attempts: int
    seconds: float
    finished_at: str
    run: int
    engine_version: str
    work_key: str
    allowance: str
    line_sha256: bytes
    facts: bytes


_NAMES = tuple(item.name for item in fields(Row))
_values_of = attrgetter(*_NAMES)
_COLUMNS = ", ".join(_NAMES)
_RUNS_KEPT = 100
_MARKS = ", ".join("?" for _ in _NAMES)
_SEEN_COLUMNS = ", ".join(f"source.{name}" for name in _NAMES)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run; the columns are explained in the table above."""

    number: int
    command: str | None
    started_at: str
    ended_at: str | None
    found: int


class Manifest:
    """The open manifest. Every trouble with the file is an OutputError. A context manager that closes it."""

    def __init__(self, path: Path) -> None:
        """Open or create it. OutputError when the file is damaged, or is not ours."""
        self.path = path
        self._guarded = _Guarded(path)
        with self._guarded:
            # Each statement is its own transaction: a kill loses at most the row that was being written.
            self._database = sqlite3.connect(path, isolation_level=None)
        try:
            with self._guarded:
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
        yield from self._rows(f"SELECT {_COLUMNS} FROM source ORDER BY path")

    def row(self, path: str) -> Row | None:
        """The row of one source."""
        return next(self._rows(f"SELECT {_COLUMNS} FROM source WHERE path = ?", path), None)

    def rows_from(self, path: str) -> Iterator[Row]:
        """The row of a file, and those of what is in it, should it be an archive."""
        query = f"SELECT {_COLUMNS} FROM source WHERE path = ? OR path >= ? AND path < ? ORDER BY path"
        yield from self._rows(query, path, f"{path}!/", f"{path}!0")  # 0 comes after /

    def rows_of_content(self, sha256: str, hint: str) -> Iterator[Row]:
        """Rows of sources with these bytes and this hint."""
        yield from self._rows(f"SELECT {_COLUMNS} FROM source WHERE sha256 = ? AND hint = ?", sha256, hint)

    def begin_run(self, command: str | None, found: int, now: str) -> int:
        """Note that a run begins; its number."""
        with self._guarded:
            query = "INSERT INTO run (command, started_at, found) VALUES (?, ?, ?) RETURNING number"
            (number,) = self._database.execute(query, (command, now, found)).fetchone()
            self._database.execute("DELETE FROM run WHERE number <= ?", (number - _RUNS_KEPT,))
            return int(number)

    def end_run(self, number: int, now: str) -> None:
        """Note that a run came to its end."""
        with self._guarded:
            self._database.execute("UPDATE run SET ended_at = ? WHERE number = ?", (now, number))

    def last_run(self) -> RunRow | None:
        """The run that began last."""
        with self._guarded:
            found = self._database.execute(
                "SELECT number, command, started_at, ended_at, found FROM run ORDER BY number DESC LIMIT 1"
            ).fetchone()
        return None if found is None else RunRow(*found)

    def counts(self, column: str) -> list[tuple[str | None, str, int]]:
        """How many sources have each value of a column, by status: (value, status, count), sorted."""
        query = f"SELECT {column}, status, count(*) FROM source GROUP BY 1, 2 ORDER BY 1, 2"
        with self._guarded, closing(self._database.execute(query)) as cursor:
            return [(value, status, count) for value, status, count in cursor]

    def line_digests(self) -> Iterator[bytes]:
        """The lines that the rows name."""
        with self._guarded, closing(self._database.execute("SELECT line_sha256 FROM source")) as cursor:
            yield from (digest for (digest,) in cursor)

    def put(self, row: Row) -> None:
        """Write a row, in place of an older one of the same path."""
        with self._guarded:
            self._database.execute(f"INSERT OR REPLACE INTO source ({_COLUMNS}) VALUES ({_MARKS})", _values_of(row))

    # ---- of this run -------------------------------------------------------------------------------------------------

    def see(self, path: str) -> bool:
        """Note that this run has a source of this path. False when it has one already."""
        with self._guarded:
            return self._database.execute("INSERT OR IGNORE INTO seen (path) VALUES (?)", (path,)).rowcount > 0

    def unsee(self, path: str) -> None:
        """Take back that this run has a source of this path."""
        with self._guarded:
            self._database.execute("DELETE FROM seen WHERE path = ?", (path,))

    def see_apart(self, path: str) -> str:
        """See a path, put apart from equal ones by a number behind it: archives may hold many members of one name."""
        wanted = path
        while not self.see(wanted):
            with self._guarded:
                self._database.execute("UPDATE seen SET copies = copies + 1 WHERE path = ?", (path,))
                (copies,) = self._database.execute("SELECT copies FROM seen WHERE path = ?", (path,)).fetchone()
            wanted = f"{path}#{copies + 1}"
        return wanted

    def seen_rows(self) -> Iterator[Row]:
        """The rows of the sources of this run, by path."""
        yield from self._rows(f"SELECT {_SEEN_COLUMNS} FROM source JOIN seen USING (path) ORDER BY path")

    def seen_line_digests(self) -> Iterator[bytes]:
        """The lines of the sources of this run, by path."""
        query = "SELECT line_sha256 FROM source JOIN seen USING (path) ORDER BY path"
        with self._guarded, closing(self._database.execute(query)) as cursor:
            yield from (digest for (digest,) in cursor)

    def remove_unseen(self) -> int:
        """Take out the rows of sources that this run did not have, all or none; how many there were."""
        with self._guarded:
            return self._database.execute("DELETE FROM source WHERE path NOT IN (SELECT path FROM seen)").rowcount

    def name_capture(self, names: Iterable[str], path: str) -> None:
        """Note what a WARC capture may be called. The first of two that are called the same stays."""
        with self._guarded:
            self._database.executemany("INSERT OR IGNORE INTO capture VALUES (?, ?)", ((name, path) for name in names))

    def capture(self, names: Iterable[str]) -> str | None:
        """The path of the capture that has one of these names, the first that is known."""
        for name in names:
            with self._guarded:
                found = self._database.execute("SELECT path FROM capture WHERE name = ?", (name,)).fetchone()
            if found is not None:
                return str(found[0])
        return None

    def put_off(self, body: bytes) -> None:
        """Keep something until the end of the run."""
        with self._guarded:
            self._database.execute("INSERT INTO put_off (body) VALUES (?)", (body,))

    def take_put_off(self) -> Iterator[bytes]:
        """What was put off, in its order."""
        with self._guarded, closing(self._database.execute("SELECT body FROM put_off ORDER BY number")) as cursor:
            for (body,) in cursor:
                yield body

    def _rows(self, query: str, *values: str) -> Iterator[Row]:
        with self._guarded, closing(self._database.execute(query, values)) as cursor:
            for found in cursor:
                yield Row(*found)

    def _prepare(self) -> None:
        # NORMAL: a power cut may lose the last rows (they are done again), never the file.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        tables = {name for (name,) in self._database.execute("SELECT name FROM sqlite_master")}
        application = self._pragma("application_id")
        if not tables and application in (0, _APPLICATION_ID):
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute(_TABLE)
            self._database.execute(_INDEX)
            self._database.execute(_RUN_TABLE)
            self._database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._database.execute(f"PRAGMA user_version = {_VERSION}")
            self._database.execute("COMMIT")
        elif application != _APPLICATION_ID:
            raise OutputError(f"{self.path} is a database of something else; choose another output directory")
        elif self._pragma("user_version") != _VERSION:
            raise OutputError(f"{self.path} is of another version of tabularium; choose another output directory")

        for statement in _OF_THE_RUN:
            self._database.execute(statement)

    def _pragma(self, name: str) -> int:
        (value,) = self._database.execute(f"PRAGMA {name}").fetchone()
        return int(value)


class _Guarded:
    """What a database has against us, as an OutputError. A class, entered again and again: a generator each time was a tenth of the parent's work."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, sqlite3.OperationalError):  # disk full, read-only, not a directory
            raise OutputError(f"cannot write {self._path}: {error}") from error
        if isinstance(error, sqlite3.DatabaseError):
            raise OutputError(f"{self._path} is damaged ({error}); remove it to start over") from error
