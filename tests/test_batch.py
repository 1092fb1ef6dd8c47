"""batch: one result a source, sorted, the same for any number of jobs, and never twice."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch import Again, Progress, run_batch
from pipeline.errors import ConfigError, OutputError, UsageError
from pipeline.manifest import Manifest
from pipeline.model.limits import Limits
from pipeline.output.summary import Summary
from tests.faults import engine

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Six sources; each says in a log of its own how often it was worked on."""
    root = tmp_path / "in"
    for name, more in {"a": "", "b/c": "flagged", "b/d": "no-report", "e": "failed", "z": "", "中": ""}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"log {tmp_path}/log\nname {name}\n{more}")  # no two of the same bytes
    return root


def batch(source: Path, out: Path, **options: Any) -> Summary:
    return run_batch(source, out, **{"jobs": 1, "forms": [], "extract": engine.NAME, **options})


def worked(source: Path) -> int:
    """How many times a source was worked on since the last call."""
    log = source.parent / "log"
    count = len(log.read_bytes()) if log.exists() else 0
    log.unlink(missing_ok=True)
    return count


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_bytes().splitlines()]


def paths(out: Path) -> list[str]:
    return [value["source"]["path"] for value in lines(out)]


# ---- results ----------------------------------------------------------------------------------------------------------


def test_one_sorted_line_a_source(source: Path, tmp_path: Path) -> None:
    summary = batch(source, tmp_path / "out")
    assert paths(tmp_path / "out") == ["a", "b/c", "b/d", "e", "z", "中"]
    assert [value["status"] for value in lines(tmp_path / "out")] == ["accepted", "flagged", "no-report", "failed", "accepted", "accepted"]
    assert (tmp_path / "out" / "results.jsonl").read_bytes().endswith(b"}\n")
    assert summary.total == 6
    assert summary.by_status == {"accepted": 3, "flagged": 1, "no-report": 1, "failed": 1}
    assert summary.by_form == {"test/form": {"accepted": 3, "flagged": 1}}
    assert [(item.path, item.status, item.reasons) for item in summary.attention] == [
        ("b/c", "flagged", ("identity-broken: 1 + 1 = 3", "blank-total x2: a total is blank")),
        ("b/d", "no-report", ("nothing in it is one of the forms",)),
        ("e", "failed", ("damaged-source: said so",)),
    ]
    assert summary.attention[0].location == str(source / "b/c")
    assert (tmp_path / "out" / "needs-a-look.tsv").read_text().splitlines()[3] == "e\tfailed\tdamaged-source: said so"
    assert (summary.resumed, summary.dropped, summary.exit_code) == (0, 0, 4)
    assert summary.results_path == str(tmp_path / "out" / "results.jsonl")


def test_the_bytes_do_not_depend_on_jobs(source: Path, tmp_path: Path) -> None:
    for jobs in (1, 3):
        batch(source, tmp_path / str(jobs), jobs=jobs)
    assert (tmp_path / "1" / "results.jsonl").read_bytes() == (tmp_path / "3" / "results.jsonl").read_bytes()


def test_the_manifest_has_a_row_a_source(source: Path, tmp_path: Path) -> None:
    batch(source, tmp_path / "out")
    with Manifest(tmp_path / "out" / "manifest.sqlite") as manifest:
        rows = list(manifest.rows())
    assert [(row.path, row.status, row.attempts) for row in rows][:3] == [
        ("a", "accepted", 1),
        ("b/c", "flagged", 1),
        ("b/d", "no-report", 1),
    ]
    assert [row.sha256 for row in rows] == [value["source"]["sha256"] for value in lines(tmp_path / "out")]


def test_the_engine_gets_name_path_and_forms(source: Path, tmp_path: Path) -> None:
    batch(source, tmp_path / "out", forms=["cn-disclosure/2021"])
    (report,) = lines(tmp_path / "out")[1]["reports"]
    assert report["record"] == {"title": "c", "forms": 1}


def test_single_files_and_an_empty_directory(source: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert batch(source / "b" / "c", tmp_path / "one").total == 1
    assert paths(tmp_path / "one") == ["c"]
    summary = batch(tmp_path / "empty", tmp_path / "none")
    assert (summary.total, summary.exit_code, (tmp_path / "none" / "results.jsonl").read_bytes()) == (0, 0, b"")


def test_what_cannot_be_opened_is_a_failed_result(source: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    summary = run_batch([source / "a", tmp_path / "link"], tmp_path / "out", forms=[], extract=engine.NAME)
    failed = lines(tmp_path / "out")[1]
    assert failed["source"]["path"] == "link"
    assert failed["failure"] == {"code": "damaged-source", "message": "cannot be read: No such file or directory"}
    assert summary.exit_code == 4
    again = run_batch([source / "a", tmp_path / "link"], tmp_path / "out", forms=[], extract=engine.NAME)
    assert (again.resumed, paths(tmp_path / "out")) == (1, ["a", "link"])


def test_a_directory_loop_is_harmless_and_said(source: Path, tmp_path: Path) -> None:
    (source / "b" / "loop").symlink_to("..")
    summary = batch(source, tmp_path / "out")
    assert summary.total == 6
    assert summary.skipped == ((str(source / "b" / "loop"), "a symbolic link"),)


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    directory = os.fsencode(tmp_path / "in")
    os.mkdir(directory)
    with open(directory + b"/\xd0\xc2.txt", "w") as file:
        file.write("flagged")
    summary = batch(tmp_path / "in", tmp_path / "out")
    assert paths(tmp_path / "out") == [r"\xd0\xc2.txt"]
    assert summary.attention[0].location.endswith(r"/\xd0\xc2.txt")


def test_progress_is_told_after_each_source(source: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    batch(source, tmp_path / "out", progress=told.append)
    assert [item.done for item in told] == [1, 2, 3, 4, 5, 6]
    assert told[-1] == Progress(6, 6, 0, {"accepted": 3, "flagged": 1, "no-report": 1, "failed": 1})


# ---- the callers' mistakes --------------------------------------------------------------------------------------------


def test_mistakes_leave_nothing_behind(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="missing does not exist"):
        run_batch([source, tmp_path / "missing"], tmp_path / "out", forms=[], extract=engine.NAME)
    with pytest.raises(ConfigError, match="no-such-form"):
        batch(source, tmp_path / "out", forms=["no-such-form"])
    with pytest.raises(ValueError, match="jobs"):
        batch(source, tmp_path / "out", jobs=0)
    assert not (tmp_path / "out").exists()


def test_an_output_directory_that_cannot_be(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="it is not a directory"):
        batch(source, tmp_path / "file")
    with pytest.raises(OutputError, match="Not a directory"):
        batch(source, tmp_path / "file" / "out")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("theirs", [b'{"theirs": 1}\n', b"not json\n", b"[1]\n"])
def test_results_of_somebody_else_are_not_overwritten(source: Path, tmp_path: Path, theirs: bytes) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.jsonl").write_bytes(theirs)
    with pytest.raises(OutputError, match="was not written by tabularium"):
        batch(source, tmp_path / "out")
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == theirs


def test_two_runs_on_one_output_directory(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with (tmp_path / "out" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OutputError, match="another run is writing"):
            batch(source, tmp_path / "out")
    assert batch(source, tmp_path / "out").total == 6


# ---- going on ---------------------------------------------------------------------------------------------------------


def test_nothing_is_done_twice(source: Path, tmp_path: Path) -> None:
    first = batch(source, tmp_path / "out")
    assert worked(source) == 6
    before = (tmp_path / "out" / "results.jsonl").read_bytes()
    again = batch(source, tmp_path / "out", jobs=2)
    assert worked(source) == 0
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == before
    assert again.resumed == 6
    assert (again.by_status, again.by_form, again.attention) == (first.by_status, first.by_form, first.attention)


def test_changed_new_and_vanished_sources(source: Path, tmp_path: Path) -> None:
    batch(source, tmp_path / "out")
    worked(source)
    (source / "a").write_text(f"log {tmp_path}/log\nflagged")
    (source / "new").write_text(f"log {tmp_path}/log")
    (source / "z").unlink()
    summary = batch(source, tmp_path / "out")
    assert worked(source) == 2
    assert (summary.total, summary.resumed, summary.dropped) == (6, 4, 1)
    assert paths(tmp_path / "out") == ["a", "b/c", "b/d", "e", "new", "中"]
    assert lines(tmp_path / "out")[0]["status"] == "flagged"
    with Manifest(tmp_path / "out" / "manifest.sqlite") as manifest:
        assert [row.path for row in manifest.rows()] == paths(tmp_path / "out")


def test_other_forms_another_engine_or_other_limits_do_it_again(source: Path, tmp_path: Path) -> None:
    batch(source, tmp_path / "out")
    assert worked(source) == 6
    batch(source, tmp_path / "out", forms=["cn-disclosure/2021"])
    assert worked(source) == 6
    batch(source, tmp_path / "out", forms=["cn-disclosure/2021"], limits=Limits(max_rows=7))
    assert worked(source) == 6
    batch(source, tmp_path / "out", extract=engine.OTHER_NAME)
    assert {value["reports"][0]["record"]["title"] for value in lines(tmp_path / "out")} == {"otherwise"}


def test_more_time_only_concerns_what_ran_out_of_it(source: Path, tmp_path: Path) -> None:
    (source / "slow").write_text(f"log {tmp_path}/log\nsleep 1.5")
    batch(source, tmp_path / "out", limits=Limits(max_seconds=0.5))
    assert worked(source) == 7
    batch(source, tmp_path / "out", limits=Limits(max_seconds=0.5))
    assert worked(source) == 0
    summary = batch(source, tmp_path / "out", limits=Limits(max_seconds=60))
    assert worked(source) == 1
    assert summary.by_status["accepted"] == 4


def test_a_line_that_was_changed_or_lost_is_done_again(source: Path, tmp_path: Path) -> None:
    batch(source, tmp_path / "out")
    worked(source)
    results = tmp_path / "out" / "results.jsonl"
    right = results.read_bytes()
    kept = right.splitlines(keepends=True)
    results.write_bytes(b"".join([kept[0].replace(b"accepted", b"rejected"), *kept[2:]]) + kept[1][:10])
    assert batch(source, tmp_path / "out").resumed == 4
    assert worked(source) == 2
    assert results.read_bytes() == right


def test_a_lost_manifest_means_all_is_done_again(source: Path, tmp_path: Path) -> None:
    batch(source, tmp_path / "out")
    right = (tmp_path / "out" / "results.jsonl").read_bytes()
    (tmp_path / "out" / "manifest.sqlite").unlink()
    assert batch(source, tmp_path / "out").resumed == 0
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == right


@pytest.mark.parametrize(
    ("moment", "done"),
    [
        ("after.append(Journal, 'append', 3)", 2),
        ("after.append(Manifest, 'put', 3)", 3),
        ("torn(3)", 2),
        ("before.append(journal.os, 'replace', 1)", 6),
        ("after.append(journal.os, 'replace', 1)", 6),
        ("before.append(Manifest, 'remove_unseen', 1)", 6),
        ("after.append(Manifest, 'remove_unseen', 1)", 6),
    ],
)
def test_a_kill_at_any_moment_loses_nothing(source: Path, tmp_path: Path, moment: str, done: int) -> None:
    """The process is killed at a chosen call; `done` sources were finished by then and are not worked on again."""
    batch(source, tmp_path / "right")
    worked(source)
    code = f"""
        import os, signal
        from pipeline.batch import run_batch
        from pipeline.manifest import Manifest
        from pipeline.output import journal
        from pipeline.output.journal import Journal

        def die():
            os.kill(os.getpid(), signal.SIGKILL)

        class Killing:
            def __init__(self, is_before):
                self.is_before = is_before

            def append(self, owner, name, count):
                real, calls = getattr(owner, name), []
                def call(*args, **options):
                    calls.append(1)
                    if self.is_before and len(calls) == count:
                        die()
                    value = real(*args, **options)
                    if len(calls) == count:
                        die()
                    return value
                setattr(owner, name, call)

        def torn(count):
            real, calls = journal._write_at, []
            def write(descriptor, offset, line):
                calls.append(1)
                if len(calls) == count:
                    journal.os.pwrite(descriptor, line[:20], offset)
                    die()
                real(descriptor, offset, line)
            journal._write_at = write

        before, after = Killing(True), Killing(False)
        {moment}
        run_batch({str(source)!r}, {str(tmp_path / "out")!r}, jobs=1, forms=[], extract={engine.NAME!r})
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    worked(source)
    summary = batch(source, tmp_path / "out")
    assert (summary.resumed, worked(source)) == (done, 6 - done)
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == (tmp_path / "right" / "results.jsonl").read_bytes()
    assert sorted(item.name for item in (tmp_path / "out").iterdir()) == [".lock", "manifest.sqlite", "needs-a-look.tsv", "results.jsonl"]
    with Manifest(tmp_path / "out" / "manifest.sqlite") as manifest:
        assert [row.path for row in manifest.rows()] == paths(tmp_path / "out")


def test_an_interrupt_keeps_what_is_done(source: Path, tmp_path: Path) -> None:
    def progress(now: Progress) -> None:
        if now.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch(source, tmp_path / "out", progress=progress)
    assert len(lines(tmp_path / "out")) == 2
    worked(source)
    assert batch(source, tmp_path / "out").resumed == 2
    assert worked(source) == 4


def test_a_full_disk_stops_the_run_and_loses_nothing(source: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the journal cannot grow beyond 1 KiB, two lines of results."""
    batch(source, tmp_path / "right")
    code = f"""
        import resource
        from pipeline.batch import run_batch
        from pipeline.errors import OutputError
        from pipeline.output import journal

        real = journal._write_at
        def write(*arguments):
            resource.setrlimit(resource.RLIMIT_FSIZE, (1024, -1))
            try:
                real(*arguments)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
        journal._write_at = write
        try:
            run_batch({str(source)!r}, {str(tmp_path / "out")!r}, jobs=1, forms=[], extract={engine.NAME!r})
        except OutputError as error:
            print(error)
    """
    stopped = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert stopped.stdout == f"cannot write {tmp_path}/out/results.jsonl: File too large\n"
    kept = len(lines(tmp_path / "out"))
    assert kept == 1
    worked(source)
    assert batch(source, tmp_path / "out").resumed == kept
    assert worked(source) == 6 - kept
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == (tmp_path / "right" / "results.jsonl").read_bytes()


def test_a_small_disk_that_is_full_stops_the_run_and_loses_nothing(tmp_path: Path) -> None:
    """The same on a real file system of its own, whatever file is the one that finds no room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", disk], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        source = tmp_path / "in"
        source.mkdir()
        for number in range(300):
            (source / f"{number:03}").write_text(f"log {tmp_path}/log\nname {number}")
        filler = disk / "filler"
        filler.write_bytes(bytes((16 << 20) - (300 << 10)))
        with pytest.raises(OutputError, match=rf"cannot write {disk}.*(No space left on device|disk is full|disk I/O error)"):
            batch(source, disk / "out")
        before = worked(source)
        assert 0 < before < 300
        filler.unlink()
        batch(source, disk / "out")
        # Only what was under way when the disk was full is done again.
        assert before + worked(source) in (300, 301)
        batch(source, tmp_path / "right")
        assert (disk / "out" / "results.jsonl").read_bytes() == (tmp_path / "right" / "results.jsonl").read_bytes()
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


# ---- what is worked on again ------------------------------------------------------------------------------------------


def test_what_failed_is_tried_again_when_asked(source: Path, tmp_path: Path) -> None:
    batch(source, tmp_path / "out")
    worked(source)
    before = (tmp_path / "out" / "results.jsonl").read_bytes()
    assert batch(source, tmp_path / "out").resumed == 6
    again = batch(source, tmp_path / "out", again=Again(retry=frozenset({"failed"})))
    assert (again.resumed, worked(source)) == (5, 1)
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == before
    both = batch(source, tmp_path / "out", again=Again(retry=frozenset({"failed", "flagged"})))
    assert (both.resumed, worked(source)) == (4, 2)


def test_copies_of_what_is_tried_again_are_tried_once(source: Path, tmp_path: Path) -> None:
    (source / "copy").write_bytes((source / "e").read_bytes())
    assert batch(source, tmp_path / "out").copied == 1
    worked(source)
    again = batch(source, tmp_path / "out", again=Again(retry=frozenset({"failed"})))
    assert (again.resumed, again.copied, worked(source)) == (5, 1, 1)


def test_only_one_media_type_is_worked_on_after_an_upgrade(source: Path, tmp_path: Path) -> None:
    for path in ("a", "b/c"):
        (source / path).write_bytes(b"<html><body>\n" + (source / path).read_bytes())
    batch(source, tmp_path / "out")
    worked(source)
    (source / "new").write_text(f"log {tmp_path}/log\nname new")
    (source / "new.html").write_text(f"<html>\nlog {tmp_path}/log\nname new")
    (source / "z").write_text(f"log {tmp_path}/log\nname z, changed")
    other = Limits(max_rows=7)  # as good as another engine: no result of before stands
    only = batch(source, tmp_path / "out", limits=other, again=Again(only=frozenset({"text/html"})))
    # The test engine says text/plain of all; a worker looks at the bytes of those that have no result.
    assert worked(source) == 1
    assert only.skipped == (("anywhere", "sources of a media type that was not asked for: 2"),)
    assert (only.total, only.dropped) == (6, 1)
    assert "new" not in paths(tmp_path / "out")
    assert "z" not in paths(tmp_path / "out")
    assert "new.html" in paths(tmp_path / "out")
    plain = batch(source, tmp_path / "out", limits=other, again=Again(only=frozenset({"text/plain"})))
    # a and b/c are of this type by their results, and pages by their bytes: they stay as they are.
    assert (worked(source), plain.total) == (5, 8)
    assert batch(source, tmp_path / "out", limits=other).total == 8
    assert worked(source) == 2


def test_a_failed_result_of_another_kind_stays(source: Path, tmp_path: Path) -> None:
    batch(source, tmp_path / "out")
    worked(source)
    summary = batch(source, tmp_path / "out", again=Again(retry=frozenset({"failed"}), only=frozenset({"application/pdf"})))
    assert (summary.total, summary.resumed, worked(source)) == (6, 6, 0)
    assert "e" in paths(tmp_path / "out")


def test_results_since_a_version_stand_whatever_else_changed(source: Path, tmp_path: Path) -> None:
    batch(source, tmp_path / "out")
    worked(source)
    other = Limits(max_rows=7)
    assert batch(source, tmp_path / "out", limits=other, again=Again(since_version="0.0.9")).resumed == 6
    assert batch(source, tmp_path / "out", limits=other, again=Again(since_version="99")).resumed == 0
    assert worked(source) == 6


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"retry": frozenset({"fialed"})}, "'fialed' is not a status"),
        ({"only": frozenset({"html"})}, "'html' is not a media type like text/html"),
        ({"since_version": "one"}, "'one' is not a version like"),
    ],
)
def test_a_wrong_choice_is_the_callers_mistake(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Again(**wrong)
