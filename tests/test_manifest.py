"""manifest: rows that survive, and files that are not ours."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.manifest import Manifest, Row

ROW = Row(
    "a/报告.txt", "/in/a/报告.txt", "ab" * 32, 5, ".txt", "", "text/plain", "accepted", 1, 0.25, "2026-11-23T00:00:00+00:00", 1, "0.1.0", "key", "60 s", b"\x00\xff", b"{}"
)  # fmt: skip


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


def test_what_a_run_did_not_see_is_removed(path: Path) -> None:
    with Manifest(path) as manifest:
        for name in ("c", "a", "b"):
            manifest.put(replace(ROW, path=name, line_sha256=name.encode()))
        assert [manifest.see("c"), manifest.see("a"), manifest.see("a"), manifest.see("never-put")] == [True, True, False, True]
        assert [row.path for row in manifest.seen_rows()] == ["a", "c"]
        assert list(manifest.seen_line_digests()) == [b"a", b"c"]
        assert manifest.remove_unseen() == 1
        assert [row.path for row in manifest.rows()] == ["a", "c"]
        assert manifest.remove_unseen() == 0


def test_equal_names_are_put_apart(path: Path) -> None:
    with Manifest(path) as manifest:
        assert manifest.see("x#2")
        assert [manifest.see_apart("x") for _ in range(3)] == ["x", "x#3", "x#4"]


def test_rows_by_path_and_by_content(path: Path) -> None:
    with Manifest(path) as manifest:
        manifest.put(ROW)
        manifest.put(replace(ROW, path="copy"))
        manifest.put(replace(ROW, path="other", hint=".html"))
        assert manifest.row("other") == replace(ROW, path="other", hint=".html")
        assert manifest.row("none") is None
        assert {row.path for row in manifest.rows_of_content("ab" * 32, ".txt")} == {ROW.path, "copy"}
        assert set(manifest.line_digests()) == {ROW.line_sha256}


def test_captures_are_found_by_any_of_their_names(path: Path) -> None:
    with Manifest(path) as manifest:
        manifest.name_capture(["id 1", "digest x"], "first")
        manifest.name_capture(["id 2", "digest x"], "second")
        assert [manifest.capture(names) for names in (["id 2"], ["id 9", "digest x"], ["id 9"])] == ["second", "first", None]
        manifest.put_off(b"1")
        manifest.put_off(b"2")
        assert list(manifest.take_put_off()) == [b"1", b"2"]
    with Manifest(path) as manifest:
        assert (manifest.capture(["id 1"]), list(manifest.take_put_off())) == (None, [])


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
