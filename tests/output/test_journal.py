"""output/journal: whole lines only, found again by digest, and one atomic rewrite."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.output.journal import Journal, line_digest, write_whole

A, B, C = b'{"a":1}', b'{"b":22}', b'{"c":333}'
DIGESTS = {line_digest(line) for line in (A, B, C)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def test_append_and_find_again(path: Path) -> None:
    journal = Journal(path, set())
    assert journal.append(A) == line_digest(A)
    journal.append(B)
    journal.sync()
    journal.close()
    assert path.read_bytes() == A + b"\n" + B + b"\n"
    again = Journal(path, {line_digest(B), line_digest(C)})
    assert [digest in again for digest in (line_digest(A), line_digest(B), line_digest(C))] == [False, True, False]
    again.close()


def test_a_torn_last_line_is_cut_off(path: Path) -> None:
    path.write_bytes(A + b"\n" + B[:4])
    journal = Journal(path, DIGESTS)
    assert path.read_bytes() == A + b"\n"
    journal.append(C)
    journal.close()
    assert path.read_bytes() == A + b"\n" + C + b"\n"


def test_rubbish_in_the_middle_is_dropped_by_the_rewrite(path: Path) -> None:
    path.write_bytes(A + b"\n" + b"\0" * 4096 + b"\n" + C + b"\n")
    journal = Journal(path, DIGESTS)
    journal.rewrite([line_digest(C), line_digest(A)])
    assert path.read_bytes() == C + b"\n" + A + b"\n"
    journal.append(B)
    journal.rewrite([line_digest(line) for line in (A, B, C)])
    journal.close()
    assert path.read_bytes() == A + b"\n" + B + b"\n" + C + b"\n"


def test_a_file_that_is_right_is_not_written_again(path: Path) -> None:
    path.write_bytes(A + b"\n" + B + b"\n")
    before = path.stat().st_ino
    journal = Journal(path, DIGESTS)
    journal.rewrite([line_digest(A), line_digest(B)])
    assert path.stat().st_ino == before
    journal.rewrite([line_digest(A)])
    journal.close()
    assert path.stat().st_ino != before
    assert path.read_bytes() == A + b"\n"


def test_an_empty_journal(path: Path) -> None:
    journal = Journal(path, set())
    journal.rewrite([])
    journal.close()
    assert path.read_bytes() == b""


def test_a_line_that_cannot_be_written_whole_is_taken_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(path, set())
    journal.append(A)
    real = os.pwritev
    calls = 0

    def write(descriptor: int, parts: tuple[bytes, bytes], offset: int) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, [parts[0][:3]], offset)

    monkeypatch.setattr("pipeline.output.journal.os.pwritev", write)
    with pytest.raises(OutputError, match="No space left on device"):
        journal.append(B)
    assert path.read_bytes() == A + b"\n"
    monkeypatch.undo()
    journal.append(C)
    journal.close()
    assert path.read_bytes() == A + b"\n" + C + b"\n"


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_line_may_take_several_writes(path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    real = os.pwritev
    monkeypatch.setattr("pipeline.output.journal.os.pwritev", lambda file, parts, at: real(file, [b"".join(parts)[:size]], at))
    journal = Journal(path, set())
    for line in (A, B, b""):
        journal.append(line)
    journal.close()
    assert path.read_bytes() == A + b"\n" + B + b"\n\n"


@pytest.mark.parametrize("error", [errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, None])
def test_a_rewrite_without_the_help_of_the_kernel(path: Path, monkeypatch: pytest.MonkeyPatch, error: int | None) -> None:
    def refuse(*arguments: object, **options: object) -> int:
        raise AttributeError if error is None else OSError(error, os.strerror(error))

    monkeypatch.setattr("pipeline.output.journal.os.copy_file_range", refuse)
    journal = Journal(path, set())
    journal.append(B)
    journal.append(A)
    journal.rewrite([line_digest(A), line_digest(B)])
    journal.close()
    assert path.read_bytes() == A + b"\n" + B + b"\n"


def test_a_full_disk_is_no_want_of_help(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pipeline.output.journal.os.copy_file_range", refuse)
    journal = Journal(path, set())
    journal.append(B)
    journal.append(A)
    with pytest.raises(OutputError, match="No space left on device"):
        journal.rewrite([line_digest(A), line_digest(B)])
    journal.close()
    assert path.read_bytes() == B + b"\n" + A + b"\n"


def test_a_rewrite_that_fails_leaves_the_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(path, set())
    journal.append(B)
    journal.append(A)

    def replace(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pipeline.output.journal.os.replace", replace)
    with pytest.raises(OutputError, match="No space left on device"):
        journal.rewrite([line_digest(A), line_digest(B)])
    journal.close()
    assert path.read_bytes() == B + b"\n" + A + b"\n"
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_directory_in_its_place_is_an_output_error(path: Path) -> None:
    path.mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*results\.jsonl: Is a directory"):
        Journal(path, set())


def test_write_whole(tmp_path: Path) -> None:
    target = tmp_path / "list.tsv"
    write_whole(target, [b"old"])
    write_whole(target, [b"new"])
    assert target.read_bytes() == b"new"
    with pytest.raises(OutputError, match="cannot write"):
        write_whole(tmp_path / "missing" / "list.tsv", [b"x"])
