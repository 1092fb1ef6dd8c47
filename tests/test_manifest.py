"""manifest: rows that survive, and files that are not ours."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.manifest import Manifest, Row

ROW = Row("a/报告.txt", "ab" * 32, 5, "accepted", 1, 0.25, "2026-11-23T00:00:00+00:00", "0.1.0", "key", "60 s", b"\x00\xff", b"{}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "manifest.sqlite"


def test_rows_come_back_by_path(path: Path) -> None:
    other = replace(ROW, path="A", sha256=None)
    with Manifest(path) as manifest:
        manifest.put(ROW)
        manifest.put(other)
        manifest.put(replace(ROW, status="flagged", attempts=2))
    with Manifest(path) as manifest:
        assert list(manifest.rows()) == [other, replace(ROW, status="flagged", attempts=2)]


def test_a_row_is_there_for_others_at_once(path: Path) -> None:
    # What a kill leaves is what another process can read now.
    with Manifest(path) as manifest:
        manifest.put(ROW)
        with Manifest(path) as other:
            assert list(other.rows()) == [ROW]


def test_remove(path: Path) -> None:
    with Manifest(path) as manifest:
        manifest.put(ROW)
        manifest.put(replace(ROW, path="b"))
        manifest.remove(["b", "never-there"])
        assert list(manifest.rows()) == [ROW]
        manifest.remove([])


def test_columns_can_be_read_by_other_programs(path: Path) -> None:
    with Manifest(path) as manifest:
        manifest.put(ROW)
    database = sqlite3.connect(path)
    try:
        assert database.execute("SELECT path, sha256, status, attempts, engine_version FROM source").fetchall() == [
            ("a/报告.txt", "ab" * 32, "accepted", 1, "0.1.0")
        ]
    finally:
        database.close()


def test_a_database_of_something_else_is_refused(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE theirs (x)")
    database.close()
    with pytest.raises(OutputError, match="of something else"):
        Manifest(path)


def test_a_later_version_is_refused(path: Path) -> None:
    Manifest(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(OutputError, match="another version"):
        Manifest(path)


def test_a_damaged_file_is_refused_with_advice(path: Path) -> None:
    path.write_bytes(b"this is no database, but long enough to be looked at by SQLite as one" * 100)
    with pytest.raises(OutputError, match=r"damaged .*remove it to start over"):
        Manifest(path)


def test_a_directory_in_its_place_cannot_be_written(path: Path) -> None:
    path.mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        Manifest(path)
