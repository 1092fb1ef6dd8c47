"""status: how a batch stands, also after a kill and while it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pipeline.batch import run_batch
from pipeline.cli import main
from pipeline.errors import OutputError, UsageError
from pipeline.output.hold import hold
from pipeline.status import read_status
from tests.faults import engine

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name, text in {"a": "one", "b": "failed", "c": "flagged"}.items():
        (tmp_path / "in" / name).write_text(text)
    return tmp_path / "in"


def test_a_run_that_ended(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_batch(source, tmp_path / "out", jobs=1, forms=[], extract=engine.NAME)
    found = read_status(tmp_path / "out")
    assert (found.is_running, found.found, found.ended_at is None) == (False, 3, False)
    assert found.by_media_type == (("text/plain", "accepted", 1), ("text/plain", "failed", 1), ("text/plain", "flagged", 1))
    assert (found.has_dataset, found.is_dataset_older) == (False, False)
    assert main(["status", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "The last run ended" in printed
    assert f"run INPUT... -o {tmp_path}/out --retry failed  what failed: 1" in printed
    assert f"dataset {tmp_path}/out  not made" in printed
    for command, shown in (
        ("tabularium run in -o out", "run in -o out --retry failed  what"),
        ("tabularium run in --retry failed", "run INPUT... -o"),
    ):
        run_batch(source, tmp_path / "out", jobs=1, forms=[], extract=engine.NAME, command=command)
        assert main(["status", str(tmp_path / "out")]) == 0
        assert shown in capsys.readouterr().out


def test_a_run_that_was_killed_says_how_to_go_on(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = f"""
        import os, signal
        from pipeline.batch import run_batch
        run_batch({str(source)!r}, {str(tmp_path / "out")!r}, jobs=1, forms=[], extract={engine.NAME!r}, command="tabularium run 'my files' -o out",
                  progress=lambda now: now.done == 2 and os.kill(os.getpid(), signal.SIGKILL))
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert read_status(tmp_path / "out").ended_at is None
    assert main(["status", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "was cut off: 2 documents finished" in printed
    assert "Go on      tabularium run 'my files' -o out" in printed


def test_while_it_runs(source: Path, tmp_path: Path) -> None:
    run_batch(source, tmp_path / "out", jobs=1, forms=[], extract=engine.NAME)
    with hold(tmp_path / "out"):
        assert read_status(tmp_path / "out").is_running
    assert not read_status(tmp_path / "out").is_running


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_an_output_directory_that_cannot_be_written(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        run_batch(source, tmp_path / "out", jobs=1, forms=[], extract=engine.NAME)


def test_where_there_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no run in"):
        read_status(tmp_path)
    (tmp_path / "manifest.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(OutputError, match="damaged"):
        read_status(tmp_path)
