"""sources/content: bytes within the limits, and the result when there are none."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from pipeline.sources.content import Content, failed_result, over_limit_message, read_content, read_stream

EMPTY = hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("data", [b"", b"abc", b"x" * (3 << 20)])
def test_bytes_digest_and_count(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(data)
    expected = Content(data, hashlib.sha256(data).hexdigest(), len(data))
    assert read_content(os.fsencode(tmp_path / "file"), 4 << 20) == expected
    assert read_stream(io.BytesIO(data), 4 << 20) == expected


def test_more_than_the_limit_is_counted_and_hashed_but_not_kept() -> None:
    data = b"x" * 11
    assert read_stream(io.BytesIO(data), 10) == Content(None, hashlib.sha256(data).hexdigest(), 11)
    assert read_stream(io.BytesIO(data), 11).data == data


def test_a_pipe_that_nobody_writes_to_does_not_hold_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_content(os.fsencode(tmp_path / "pipe"), 10) == Content(b"", EMPTY, 0)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_content(os.fsencode(tmp_path / "gone"), 10)
    with pytest.raises(IsADirectoryError):
        read_content(os.fsencode(tmp_path), 10)


def test_failed_result() -> None:
    known = failed_result("a.txt", "limit-exceeded", over_limit_message(11, 10), Content(None, "ab" * 32, 11)).to_dict()
    assert known["status"] == "failed"
    assert known["failure"] == {"code": "limit-exceeded", "message": "the source has 11 bytes, the limit is 10"}
    assert (known["source"]["path"], known["source"]["sha256"], known["source"]["byte_count"]) == ("a.txt", "ab" * 32, 11)
    unknown = failed_result(None, "damaged-source", "gone").to_dict()["source"]
    assert (unknown["path"], unknown["sha256"], unknown["byte_count"]) == (None, EMPTY, 0)
