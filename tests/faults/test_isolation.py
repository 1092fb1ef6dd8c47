"""A source that crashes, hangs, fills the memory, prints or raises costs itself and nothing else."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline import child
from pipeline.batch import run_batch
from pipeline.errors import PipelineError, UsageError
from pipeline.model.limits import Limits
from tests.faults import engine

LIMITS = Limits(max_seconds=60.0, max_memory=1 << 30, max_bytes=1 << 20)
IMPATIENT = Limits(max_seconds=1.0, max_memory=4 << 30)


def make(root: Path, **sources: str) -> Path:
    root.mkdir()
    for name, commands in sources.items():
        (root / name).write_text(commands)
    return root


def results(out: Path) -> dict[str, dict[str, Any]]:
    lines = (out / "results.jsonl").read_bytes().splitlines()
    return {value["source"]["path"]: value for value in map(json.loads, lines)}


def failures(out: Path) -> dict[str, tuple[str, str] | None]:
    return {
        path: None if value["failure"] is None else (value["failure"]["code"], value["failure"]["message"])
        for path, value in results(out).items()
    }


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_is_isolated(tmp_path: Path, jobs: int) -> None:
    commands = {
        "a-fine": "fine",
        "b-exit": "exit 7",
        "c-signal": "segv",
        "d-memory": "fill",
        "e-prints": "print",
        "f-raises": "raise",
        "g-quits": "quit",
        "h-floods": "flood",
        "i-throws": "throw",
        "j-fine": "fine",
    }
    summary = run_batch(make(tmp_path / "in", **commands), tmp_path / "out", jobs=jobs, forms=[], limits=LIMITS, extract=engine.NAME)
    assert failures(tmp_path / "out") == {
        "a-fine": None,
        "b-exit": ("internal-error", "the process that read it died (exit code 7)"),
        "c-signal": ("internal-error", "the process that read it died (SIGSEGV)"),
        "d-memory": ("limit-exceeded", "needs more memory than the limit of 1073741824 bytes"),
        "e-prints": None,
        "f-raises": ("internal-error", "RuntimeError: raised by the engine"),
        "g-quits": ("internal-error", "SystemExit: 3"),
        "h-floods": ("limit-exceeded", "wrote more bytes to a file than the limit"),
        "i-throws": ("limit-exceeded", "needs more memory than the limit of 1073741824 bytes"),
        "j-fine": None,
    }
    for path, value in results(tmp_path / "out").items():
        data = commands[path].encode()
        assert (value["source"]["sha256"], value["source"]["byte_count"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert summary.by_status == {"accepted": 3, "failed": 7}
    assert summary.exit_code == 4
    problems = (tmp_path / "out" / "problems.log").read_text()
    assert "==== c-signal: internal-error: the process that read it died (SIGSEGV)\nFatal Python error: Segmentation fault" in problems
    assert 'RuntimeError("raised by the engine")' in problems
    assert "NOISE" not in problems


@pytest.mark.parametrize("how", ["hang", "spin"])
def test_what_takes_too_long_is_killed(tmp_path: Path, how: str) -> None:
    source = make(tmp_path / "in", a="fine", b=how, c="fine")
    run_batch(source, tmp_path / "out", jobs=1, forms=[], limits=IMPATIENT, extract=engine.NAME)
    assert failures(tmp_path / "out") == {"a": None, "b": ("limit-exceeded", "took longer than 1 seconds"), "c": None}


def test_processor_time_is_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the clock would not strike: many threads burn time faster than it passes, and nobody looks at the clock when the parent is gone."""
    sooner = "import main; import pipeline.worker as worker; worker._GRACE_SECONDS = -58.0; worker.signal.setitimer = print;"
    monkeypatch.setattr("pipeline.child._BOOTSTRAP", child._BOOTSTRAP.replace("import main;", sooner))
    source = make(tmp_path / "in", a="fine", b="spin", c="fine")
    run_batch(source, tmp_path / "out", jobs=1, forms=[], limits=LIMITS, extract=engine.NAME)
    assert failures(tmp_path / "out") == {"a": None, "b": ("limit-exceeded", "used more processor time than the limit"), "c": None}


def test_what_stops_answering_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.child._REAP_SECONDS", 0.1)
    source = make(tmp_path / "in", a="close", b="fine")
    run_batch(source, tmp_path / "out", jobs=1, forms=[], limits=LIMITS, extract=engine.NAME)
    assert failures(tmp_path / "out")["a"] == ("internal-error", "the process that read it died (it closed the connection and went on)")
    assert failures(tmp_path / "out")["b"] is None


def test_what_a_source_leaves_running_ends_with_its_worker(tmp_path: Path) -> None:
    """A process that outlives the source holds the worker's connection; the end of the worker is noticed all the same."""
    source = make(tmp_path / "in", a=f"fork {tmp_path}/one\nsleep 0.3\nexit 7", b=f"fork {tmp_path}/two\nsleep 0.3", c="fine")
    run_batch(source, tmp_path / "out", jobs=1, forms=[], limits=LIMITS, extract=engine.NAME)
    assert failures(tmp_path / "out") == {"a": ("internal-error", "the process that read it died (exit code 7)"), "b": None, "c": None}
    until = time.monotonic() + 30
    pids = [int((tmp_path / name).read_text()) for name in ("one", "two")]
    while any(_is_running(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert [pid for pid in pids if _is_running(pid)] == []


def test_a_death_is_tried_once_more(tmp_path: Path) -> None:
    source = make(tmp_path / "in", a=f"log {tmp_path}/log\nonce {tmp_path}/mark", b=f"log {tmp_path}/log-b\nexit 1")
    run_batch(source, tmp_path / "out", jobs=1, forms=[], limits=LIMITS, extract=engine.NAME)
    assert failures(tmp_path / "out") == {"a": None, "b": ("internal-error", "the process that read it died (exit code 1)")}
    assert (tmp_path / "log").read_bytes() == b".."
    assert (tmp_path / "log-b").read_bytes() == b".."


def test_more_bad_sources_than_workers(tmp_path: Path) -> None:
    source = make(tmp_path / "in", **{f"{number:02}": "exit 1" if number % 2 else "fine" for number in range(12)})
    summary = run_batch(source, tmp_path / "out", jobs=3, forms=[], limits=LIMITS, extract=engine.NAME)
    assert summary.by_status == {"accepted": 6, "failed": 6}


def test_a_file_over_the_limit_is_not_given_to_the_engine(tmp_path: Path) -> None:
    source = make(tmp_path / "in", a="exit 1" + " " * (1 << 20), b="fine")
    run_batch(source, tmp_path / "out", jobs=1, forms=[], limits=LIMITS, extract=engine.NAME)
    assert failures(tmp_path / "out") == {"a": ("limit-exceeded", "the source has 1048582 bytes, the limit is 1048576"), "b": None}
    assert results(tmp_path / "out")["a"]["source"]["byte_count"] == 1048582


def test_an_engine_that_is_not_there_is_a_bug_not_a_failed_source(tmp_path: Path) -> None:
    source = make(tmp_path / "in", a="fine")
    with pytest.raises(PipelineError, match=r"cannot be started \(exit code 1\): .*no_such_module"):
        run_batch(source, tmp_path / "out", jobs=1, forms=[], extract="no_such_module:extract")


def test_a_system_that_gives_no_more_processes_is_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    source = make(tmp_path / "in", a="fine")
    monkeypatch.setattr("pipeline.child.subprocess.Popen", refuse)
    with pytest.raises(UsageError, match=r"cannot start another process: Too many open files; use fewer workers \(--jobs\)"):
        run_batch(source, tmp_path / "out", jobs=1, forms=[], extract=engine.NAME)
    monkeypatch.undo()
    assert run_batch(source, tmp_path / "out", jobs=1, forms=[], extract=engine.NAME).by_status == {"accepted": 1}


def test_a_program_without_a_main_guard_can_run_a_batch(tmp_path: Path) -> None:
    make(tmp_path / "in", a="fine")
    script = tmp_path / "script.py"
    script.write_text(f"from pipeline import run_batch\nprint(run_batch('in', 'out', forms=[], jobs=1, extract='{engine.NAME}').total)\n")
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, env=_environment(), capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_what_lies_in_the_current_directory_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "in", a="fine")
    (tmp_path / "lxml.py").write_text("raise SystemExit('hijacked')")
    (tmp_path / "orjson.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    assert run_batch("in", "out", jobs=1, forms=[], extract=engine.NAME).by_status == {"accepted": 1}


def test_workers_end_when_the_batch_is_killed(tmp_path: Path) -> None:
    """A hanging worker has a timer of its own; an idle one sees the end of its connection."""
    make(tmp_path / "in", a="hang", b="fine")
    code = f"""
        import os, signal
        from pipeline.batch import run_batch
        from pipeline.model.limits import Limits
        from pipeline import child
        sooner = "import main; import pipeline.worker as worker; worker._GRACE_SECONDS = 0.2;"
        child._BOOTSTRAP = child._BOOTSTRAP.replace("import main;", sooner)
        started = []
        popen = child.subprocess.Popen
        def record(*args, **options):
            process = popen(*args, **options)
            started.append(process.pid)
            return process
        child.subprocess.Popen = record
        def progress(now):
            print(*started, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        run_batch({str(tmp_path / "in")!r}, {str(tmp_path / "out")!r}, jobs=2, forms=[], limits=Limits(max_seconds=1.0),
                  extract={engine.NAME!r}, progress=progress)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], env=_environment(), capture_output=True, text=True, check=False)
    assert killed.returncode == -9
    pids = [int(item) for item in killed.stdout.split()]
    assert len(pids) == 2
    until = time.monotonic() + 30
    while any(_is_running(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert [pid for pid in pids if _is_running(pid)] == []


def _is_running(pid: int) -> bool:
    """Whether the process is there and no zombie (nobody may be there to collect it)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent)}
