"""sources/inside: a document by the path that a batch gives it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.errors import SourceError, UsageError
from pipeline.model.limits import Limits
from pipeline.sources.inside import located, parted, read_inside
from tests.archives import make_zip


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "a.zip"
    path.write_bytes(
        make_zip({"b.html": b"<table><tr><td>1</table>", "in.zip": make_zip({"x1": b"1", "x2": b"2"}).replace(b"x2", b"x1"), "../c": b""})
    )
    return path


def test_a_path_is_parted_where_a_file_ends(archive: Path) -> None:
    assert parted(f"{archive}!/in.zip!/x") == (str(archive), "in.zip!/x")
    assert parted(str(archive)) is None
    assert parted(f"{archive}.gone!/x") is None
    (archive.parent / "a.zip!").mkdir()
    (archive.parent / "a.zip!" / "x").touch()
    assert parted(f"{archive}!/x") is None


def test_a_printed_path_is_found(archive: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(archive.parent) + b"/\xd0\xc2.zip"))
    archive.rename(file)
    printed = rf"{archive.parent}/\xd0\xc2.zip"
    assert located(printed) == located(str(file)) == str(file)
    assert located(rf"{printed}!/\x01.html") == rf"{file}!/\x01.html"
    assert located(rf"{printed}.gone") == rf"{printed}.gone"
    Path(printed).touch()
    assert located(printed) == printed


def test_members_also_of_one_name(archive: Path) -> None:
    assert read_inside(str(archive), "in.zip!/x1", Limits()).data == b"1"
    assert read_inside(str(archive), "in.zip!/x1#2", Limits()).data == b"2"


def test_what_is_not_there(archive: Path) -> None:
    with pytest.raises(UsageError, match="there is no x in "):
        read_inside(str(archive), "x", Limits())
    with pytest.raises(SourceError, match="leads out of the archive") as caught:
        read_inside(str(archive), "../c", Limits())
    assert caught.value.code == "damaged-source"


def test_the_commands_take_such_paths(archive: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["extract", f"{archive}!/b.html"]) == 1
    out = capfdbinary.readouterr().out
    assert b'"path":"a.zip!/b.html"' in out
    assert b'"archive":"a.zip"' in out
    assert main(["tables", f"{archive}!/b.html"]) == 0
    assert b'"text":"1"' in capfdbinary.readouterr().out
    assert main(["inspect", f"{archive}!/b.html"]) == 0
    assert main(["tables", f"{archive}!/gone"]) == 2
