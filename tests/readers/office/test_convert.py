"""What LibreOffice is asked to do, what it may take, and what is said where it is not there."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from pipeline import extract
from pipeline.errors import DamagedSourceError, LimitExceededError, UnsupportedFormatError
from pipeline.model.limits import Limits
from pipeline.readers.office import convert as module
from pipeline.readers.office.convert import convert, find_office
from tests.readers.office.packages import compound, outline, read

FIXTURES = Path(__file__).parent / "fixtures"
needs_office = pytest.mark.skipif(find_office() is None, reason="LibreOffice is not installed: apt-get install libreoffice-writer")
TABLE = [["项目 2x1", "数量 1x2"], ["甲", "乙"], ["一", "1,234", "5"], ["二", "", "7"]]


@needs_office
@pytest.mark.parametrize("name", ["small.doc", "small.rtf", "small.odt"])
def test_older_documents_are_read_as_word_documents(name: str) -> None:
    document = read((FIXTURES / name).read_bytes(), name)
    assert outline(document) == ["某局年报", "正文一段。", TABLE]
    assert [(finding.code, finding.severity) for finding in document.findings] == [("converted", "info")]
    assert document.media_type in ("application/msword", "application/rtf", "application/vnd.oasis.opendocument.text")


@needs_office
def test_the_same_bytes_give_the_same_result_twice() -> None:
    data = (FIXTURES / "small.doc").read_bytes()
    assert extract(data, name="small.doc").to_json() == extract(data, name="small.doc").to_json()


@needs_office
def test_a_document_it_cannot_read_is_damage() -> None:
    with pytest.raises(DamagedSourceError, match="LibreOffice cannot read the source"):
        read(compound({"WordDocument": b"\xec\xa5\xc1\x00" + b"\0" * 8}), "x.doc")


@needs_office
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    read((FIXTURES / "small.rtf").read_bytes())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "package"), [("small.doc", "libreoffice-writer"), ("small.rtf", "libreoffice-writer")])
def test_without_it_the_failure_says_what_to_install(name: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_office", lambda: None)
    result = extract((FIXTURES / name).read_bytes(), name=name)
    assert result.status == "failed"
    assert result.failure is not None
    assert result.failure.code == "unsupported-format"
    assert f"apt-get install {package}" in result.failure.message


def _program(folder: Path, script: str) -> Path:
    """A program that stands in for LibreOffice."""
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_an_office_without_its_writer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "soffice.bin"
    program.touch()
    monkeypatch.setattr(module, "find_office", lambda: program)
    with pytest.raises(UnsupportedFormatError, match=r"LibreOffice's writer.*libreoffice-writer"):
        convert(b"x", ".doc", "docx", "a document", Limits())


def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _program(tmp_path, "exec sleep 60")
    monkeypatch.setattr(module, "find_office", lambda: program)
    with pytest.raises(LimitExceededError, match="max_seconds = 1"):
        convert(b"x", ".doc", "docx", "a document", Limits(max_seconds=1.0))


def test_one_that_dies_is_damage_and_one_that_writes_nothing_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_office", lambda: _program(tmp_path, "kill -SEGV $$"))
    with pytest.raises(DamagedSourceError, match="signal 11"):
        convert(b"x", ".doc", "docx", "a document", Limits())
    monkeypatch.setattr(module, "find_office", lambda: _program(tmp_path, "echo could not be loaded >&2"))
    with pytest.raises(DamagedSourceError, match="could not be loaded"):
        convert(b"x", ".doc", "docx", "a document", Limits())


def test_what_it_writes_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_office", lambda: _program(tmp_path, "head -c 2000 /dev/zero > out/source.docx"))
    with pytest.raises(LimitExceededError, match="max_bytes = 1000"):
        convert(b"x", ".doc", "docx", "a document", Limits(max_bytes=1000))
    assert len(convert(b"x", ".doc", "docx", "a document", Limits()).data) == 2000


def test_it_starts_with_a_profile_of_its_own_and_limited_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"ulimit -v > {tmp_path}/memory; cat profile/user/registrymodifications.xcu > out/source.docx; echo $HOME > {tmp_path}/home"
    monkeypatch.setattr(module, "find_office", lambda: _program(tmp_path, script))
    made = convert(b"x", ".doc", "docx", "a document", Limits(max_memory=1024**3))
    assert b"DisableMacrosExecution" in made.data
    assert (tmp_path / "memory").read_text().strip() == str(1024**2)
    assert (tmp_path / "home").read_text().strip() != os.environ.get("HOME")


def test_one_that_asks_to_be_started_again_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"test -e {tmp_path}/once && echo done > out/source.docx && exit 0; touch {tmp_path}/once; exit 81"
    monkeypatch.setattr(module, "find_office", lambda: _program(tmp_path, script))
    assert convert(b"x", ".doc", "docx", "a document", Limits()).data == b"done\n"
