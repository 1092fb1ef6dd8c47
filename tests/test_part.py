"""part: what a machine of a cluster does with an archive or some files, without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import part as part_module
from pipeline.errors import ConfigError
from pipeline.keys import hint_of, work_key
from pipeline.model.limits import Limits
from pipeline.outcome import Done, LeftOut, Lost, Revisit, Unwanted
from pipeline.part import Part, Sent, read_part
from pipeline.worker import Setup, Task
from tests.archives import REVISIT, make_zip, packed, record, response
from tests.faults import engine

SETUP = Setup(engine.NAME, (), Limits(max_seconds=60.0, max_memory=1 << 30))


def task(folder: Path, name: str, content: str | bytes) -> Task:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Task(name, bytes(path))


def read(part: Part, setup: Setup = SETUP) -> list[Sent]:
    return [item for chunk in read_part(part, setup, work_key(setup)) for item in chunk]


def told(items: list[Sent]) -> list[tuple[str, str]]:
    return [(type(item).__name__, item.path if isinstance(item, LeftOut) else item.task.path) for item in items]


def test_a_copy_is_told_after_the_outcome_it_shares(tmp_path: Path) -> None:
    files = (task(tmp_path, "a", "name x"), task(tmp_path, "b", "name x"), task(tmp_path, "c", "exit 1"), task(tmp_path, "d", "exit 1"))
    items = read(Part(files, (), {}))
    assert told(items) == [("Done", "a"), ("Spared", "b"), ("Lost", "c"), ("Spared", "d")]
    assert isinstance(items[2], Lost)
    assert items[2].message == "the process that read it died (exit code 1)"


def test_what_stands_is_not_worked_on(tmp_path: Path) -> None:
    first = task(tmp_path, "a", f"log {tmp_path}/log")
    changed = task(tmp_path, "b", f"log {tmp_path}/log\nname b")
    done = read(Part((first,), (), {}))[0]
    assert isinstance(done, Done)
    standing = {"a": (str(done.sha256), hint_of(first), ""), "b": (str(done.sha256), hint_of(changed), "")}
    assert told(read(Part((first, changed), (), standing))) == [("Spared", "a"), ("Done", "b")]
    assert (tmp_path / "log").read_bytes() == b".."


def test_what_was_sent_before_the_machine_was_lost_is_not_sent_again(tmp_path: Path) -> None:
    archive = task(tmp_path, "a.zip", make_zip({"x": b"name x", "y": b"name y", "z": b"name x"}))
    items = read(Part((), (archive,), {}, frozenset({"a.zip!/x"})))
    assert sorted(told(items)) == [("Done", "a.zip!/y"), ("Spared", "a.zip!/z")]


def test_members_of_one_name_are_named_apart_and_the_archive_comes_last(tmp_path: Path) -> None:
    pages = [record("response", "http://a/", response(f"name {number}".encode()), number=number) for number in (1, 2)]
    repeat = record("revisit", "http://a/", b"", number=3, WARC_Profile=REVISIT, WARC_Refers_To="<urn:uuid:1>")
    archive = task(tmp_path, "a.warc.gz", packed([record("request", "http://a/", b"GET / HTTP/1.1\r\n\r\n", number=9), *pages, repeat]))
    items = read(Part((), (archive,), {}))
    there = "a.warc.gz!/20220131120000/http://a/"
    assert sorted(told(items)[:-1]) == [("Done", there), ("Done", there + "#2"), ("Revisit", there + "#3")]
    assert told(items)[-1] == ("LeftOut", "a.warc.gz")
    assert [item.wanted[0] for item in items if isinstance(item, Revisit)] == ["id urn:uuid:1"]
    assert all(f'"path":"{item.task.path}"'.encode() in item.line for item in items if isinstance(item, Done))


def test_a_copy_of_what_is_not_wanted_is_not_wanted(tmp_path: Path) -> None:
    setup = Setup(engine.NAME, (), Limits(), frozenset({"application/pdf"}))
    files = tuple(task(tmp_path, name, "plain text") for name in "ab")
    assert [type(item) for item in read(Part(files, (), {}), setup)] == [Unwanted, Unwanted]


def test_results_are_sent_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_module, "_CHUNK_BYTES", 1)
    files = tuple(task(tmp_path, name, f"name {name}") for name in "abc")
    assert [len(chunk) for chunk in read_part(Part(files, (), {}), SETUP, work_key(SETUP))] == [1, 1, 1, 0]


def test_another_engine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"machine \S+ has another tabularium"):
        list(read_part(Part((task(tmp_path, "a", "x"),), (), {}), SETUP, "of another one"))


@pytest.mark.parametrize("kept", [0, 1])
def test_a_machine_that_has_none_of_the_files_is_refused(tmp_path: Path, kept: int) -> None:
    files = tuple(task(tmp_path, name, "x") for name in "ab")
    for file in files[kept:]:
        Path(file.location.decode()).unlink()
    if kept:
        lost: Any = read(Part(files, (), {}))[1]
        assert b"cannot be read: No such file or directory" in lost.line
    else:
        with pytest.raises(ConfigError, match=r"has none of 2 files, the first is .*storage that all machines see"):
            read(Part(files, (), {}))
