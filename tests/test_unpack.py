"""Archives in a batch: each member a source, isolated, resumed, worked on once for all its copies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch import Progress, run_batch
from pipeline.errors import OutputError
from pipeline.model.limits import Limits
from pipeline.output.summary import Summary
from tests.archives import REVISIT, make_tar, make_zip, packed, record, response
from tests.faults import engine

ROOT = Path(__file__).resolve().parent.parent
LIMITS = Limits(max_seconds=30.0, max_memory=1 << 30, max_bytes=1 << 20)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def batch(source: Path, out: Path, **options: Any) -> Summary:
    return run_batch(source, out, **{"jobs": 1, "forms": [], "extract": engine.NAME, "limits": LIMITS, **options})


def lines(out: Path) -> dict[str, dict[str, Any]]:
    return {value["source"]["path"]: value for value in map(json.loads, (out / "results.jsonl").read_bytes().splitlines())}


def failures(out: Path) -> dict[str, str | None]:
    return {path: None if value["failure"] is None else value["failure"]["message"] for path, value in lines(out).items()}


def logged(tmp_path: Path, more: str) -> bytes:
    """A document that counts how often it is worked on."""
    return f"log {tmp_path}/log\n{more}".encode()


def worked(tmp_path: Path) -> int:
    log = tmp_path / "log"
    count = len(log.read_bytes()) if log.exists() else 0
    log.unlink(missing_ok=True)
    return count


def page(uri: str, body: bytes, number: int, date: str = "2022-01-31T12:00:00Z", **headers: str) -> bytes:
    return record("response", uri, response(body), number=number, date=date, **headers)


# ---- members are sources ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_member_is_a_source_with_its_facts(source: Path, tmp_path: Path, jobs: int) -> None:
    (source / "z.zip").write_bytes(make_zip({"b.html": b"flagged", "a.html": b"one", "in.zip": make_zip({"c": b"two"})}))
    (source / "w.warc.gz").write_bytes(packed([record("warcinfo", None, b""), page("http://a.cn/x.html?y=1", b"three", 1)]))
    (source / "plain.txt").write_bytes(b"four")
    summary = batch(source, tmp_path / "out", jobs=jobs)
    found = lines(tmp_path / "out")
    assert list(found) == [
        "plain.txt",
        "w.warc.gz!/20220131120000/http://a.cn/x.html?y=1",
        "z.zip!/a.html",
        "z.zip!/b.html",
        "z.zip!/in.zip!/c",
    ]
    of_warc = found["w.warc.gz!/20220131120000/http://a.cn/x.html?y=1"]
    assert of_warc["source"]["uri"] == "http://a.cn/x.html?y=1"
    assert of_warc["source"]["container"]["record_id"] == "<urn:uuid:1>"
    assert of_warc["reports"][0]["record"]["title"] == "x.html"
    assert found["z.zip!/in.zip!/c"]["source"]["container"]["archive"] == "z.zip!/in.zip"
    assert found["plain.txt"]["source"]["container"] is None
    assert (summary.total, summary.by_status) == (5, {"accepted": 4, "flagged": 1})
    assert summary.skipped == (("w.warc.gz", "WARC records of type warcinfo"),)
    assert summary.attention[0].location == f"{source}/z.zip!/b.html"
    assert sorted(item.name for item in (tmp_path / "out").iterdir()) == [
        ".lock", "left-out.tsv", "manifest.sqlite", "needs-a-look.tsv", "results.jsonl",
    ]  # fmt: skip
    assert (tmp_path / "out" / "left-out.tsv").read_text() == "path\treason\nw.warc.gz\tWARC records of type warcinfo\n"


def test_the_engine_is_told_what_the_server_said(source: Path, tmp_path: Path) -> None:
    (source / "w.warc").write_bytes(page("http://a.cn/x", "<p>报告".encode("gbk"), 1))
    run_batch(source, tmp_path / "out", jobs=1)
    (result,) = lines(tmp_path / "out").values()
    assert (result["status"], result["source"]["encoding"], result["source"]["media_type"]) == ("no-report", "gb18030", "text/html")


def test_a_zip_file_that_is_a_document_is_given_to_the_engine(source: Path, tmp_path: Path) -> None:
    (source / "r.docx").write_bytes(make_zip({"[Content_Types].xml": b"", "word/document.xml": b""}))
    told: list[Progress] = []
    assert batch(source, tmp_path / "out", progress=told.append).total == 1
    assert list(lines(tmp_path / "out")) == ["r.docx"]
    assert [(item.done, item.total) for item in told] == [(1, 1)]


def test_progress_counts_what_archives_hold_and_those_that_fail_as_a_whole(source: Path, tmp_path: Path) -> None:
    (source / "a.zip").write_bytes(make_zip({"a": b"1", "../b": b"2"}))
    (source / "b.gz").write_bytes(b"\x1f\x8b\x08 no gzip")
    told: list[Progress] = []
    summary = batch(source, tmp_path / "out", progress=told.append)
    assert failures(tmp_path / "out").keys() == {"a.zip!/a", "a.zip!/../b", "b.gz", "b.gz!/b"}
    assert (told[-1].done, told[-1].total, summary.total) == (4, 4, 4)


def test_members_of_one_name_are_put_apart(source: Path, tmp_path: Path) -> None:
    (source / "a.zip").write_bytes(make_zip({"x1": b"one", "x2": b"two", "x3": b"three"}).replace(b"x2", b"x1").replace(b"x3", b"x1"))
    batch(source, tmp_path / "out")
    assert {path: value["source"]["byte_count"] for path, value in lines(tmp_path / "out").items()} == {
        "a.zip!/x1": 3, "a.zip!/x1#2": 3, "a.zip!/x1#3": 5,
    }  # fmt: skip


def test_a_document_that_was_cut_is_flagged(source: Path, tmp_path: Path) -> None:
    data = make_tar({"a": b"fine", "b": b"cut off\n" + os.urandom(100_000)}, "w:gz")
    (source / "a.tgz").write_bytes(data[:80_000])
    batch(source, tmp_path / "out")
    found = lines(tmp_path / "out")
    assert {path: value["status"] for path, value in found.items()} == {"a.tgz": "failed", "a.tgz!/a": "accepted", "a.tgz!/b": "flagged"}
    assert found["a.tgz!/b"]["reports"][0]["status"] == "flagged"
    assert [item["code"] for item in found["a.tgz!/b"]["findings"]] == ["source-cut"]
    assert found["a.tgz"]["failure"]["message"] == "the gzip stream ends in the middle at byte 80000; 2 documents were saved"


# ---- isolation --------------------------------------------------------------------------------------------------------


def test_a_bad_member_costs_only_itself(source: Path, tmp_path: Path) -> None:
    members = {"a": b"1", "b": b"exit 7", "c": b"segv", "d": b"fill", "e": b"2", "../f": b"3", "g": b"x" * (2 << 20)}
    (source / "a.zip").write_bytes(make_zip(members, stored=True))
    batch(source, tmp_path / "out", jobs=2)
    assert failures(tmp_path / "out") == {
        "a.zip!/../f": "refused: the member's name leads out of the archive (../f)",
        "a.zip!/a": None,
        "a.zip!/b": "the process that read it died (exit code 7)",
        "a.zip!/c": "the process that read it died (SIGSEGV)",
        "a.zip!/d": "needs more memory than the limit of 1073741824 bytes",
        "a.zip!/e": None,
        "a.zip!/g": "the member has more than 1048576 bytes",
    }
    assert lines(tmp_path / "out")["a.zip!/b"]["source"]["container"]["member"] == "b"


def unpacking(tmp_path: Path, source: Path, tricks: str) -> dict[str, str | None]:
    """A batch whose walk of archives is tampered with, by code that runs in that process."""
    site = tmp_path / "site"
    site.mkdir(exist_ok=True)
    code = f"""
        import os, time
        from pathlib import Path
        import pipeline.unpack as unpack
        walk = unpack.walk_archive
        def tampered(file, name, *args, **options):
            for number, event in enumerate(walk(file, name, *args, **options)):
                {tricks}
                yield event
        unpack.walk_archive = tampered
        from pipeline.unpack import main
    """
    (site / "tampered.py").write_text(textwrap.dedent(code))
    program = f"""
        import sys
        sys.path.insert(0, {str(site)!r})
        from pipeline import child
        from pipeline.batch import run_batch
        from pipeline.model.limits import Limits
        child._BOOTSTRAP = child._BOOTSTRAP.replace("from pipeline.", "from ")
        real = child.Child
        class Child(real):
            def __init__(self, module, setup):
                super().__init__("tampered" if module == "unpack" else "pipeline.worker", setup)
        from pipeline import pool, unpacker
        pool.Child = unpacker.Child = Child
        run_batch({str(source)!r}, {str(tmp_path / "out")!r}, jobs=1, forms=[], extract={engine.NAME!r}, limits=Limits(max_seconds=2.0))
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, check=True)
    return failures(tmp_path / "out")


def test_a_death_while_unpacking_is_tried_once_more_and_repeats_nothing(source: Path, tmp_path: Path) -> None:
    (source / "a.zip").write_bytes(make_zip({name: logged(tmp_path, name) for name in "abcd"}))
    mark = tmp_path / "mark"
    found = unpacking(tmp_path, source, f"if number == 2 and not Path({str(mark)!r}).exists(): Path({str(mark)!r}).touch(); os._exit(9)")
    assert found == dict.fromkeys(["a.zip!/a", "a.zip!/b", "a.zip!/c", "a.zip!/d"])
    assert worked(tmp_path) == 4


def test_an_archive_that_kills_the_process_that_walks_it(source: Path, tmp_path: Path) -> None:
    (source / "a.zip").write_bytes(make_zip({"a": b"1", "b": b"2"}))
    (source / "b.zip").write_bytes(make_zip({"c": b"3"}))
    found = unpacking(tmp_path, source, "if 'a.zip' in name and number == 1: os.kill(os.getpid(), 11)")
    assert found == {
        "a.zip": "the process that walked the archive died (SIGSEGV); the rest of it is not read",
        "a.zip!/a": None,
        "b.zip!/c": None,
    }


def test_an_archive_that_fails_before_it_gave_anything_is_not_read_as_a_document(source: Path, tmp_path: Path) -> None:
    (source / "a.zip").write_bytes(make_zip({"a": b"1"}))
    message = f"walking the archive needs more memory than the limit of {Limits().max_memory} bytes"
    assert unpacking(tmp_path, source, "raise MemoryError") == {"a.zip": message}


def test_an_archive_that_hangs(source: Path, tmp_path: Path) -> None:
    (source / "a.zip").write_bytes(make_zip({"a": b"1", "b": b"2"}))
    (source / "b.zip").write_bytes(make_zip({"c": b"3"}))
    found = unpacking(tmp_path, source, "time.sleep(3600 if 'a.zip' in name and number == 1 else 0)")
    assert found == {
        "a.zip": "the archive gave nothing for 2 seconds; the rest of it is not read",
        "a.zip!/a": None,
        "b.zip!/c": None,
    }


def test_what_cannot_be_written_while_unpacking_stops_the_run(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source / "a.zip").write_bytes(make_zip({"a": b"1"}))
    (tmp_path / "file").write_bytes(b"")
    nowhere = os.fsencode(tmp_path / "file" / "1")
    monkeypatch.setattr("pipeline.unpacker.Unpacker._answer", lambda self, file: self._child.send(nowhere))
    with pytest.raises(OutputError, match=r"cannot write .*\.spool: Not a directory"):
        batch(source, tmp_path / "out")


# ---- resume and copies ------------------------------------------------------------------------------------------------


def test_nothing_in_an_archive_is_done_twice(source: Path, tmp_path: Path) -> None:
    (source / "a.zip").write_bytes(make_zip({name: logged(tmp_path, name) for name in "abc"}))
    first = batch(source, tmp_path / "out")
    before = (tmp_path / "out" / "results.jsonl").read_bytes()
    assert (first.total, worked(tmp_path)) == (3, 3)
    again = batch(source, tmp_path / "out")
    assert (again.total, again.resumed, worked(tmp_path)) == (3, 3, 0)
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == before
    (source / "a.zip").write_bytes(make_zip({name: logged(tmp_path, name) for name in "acd"}))
    more = batch(source, tmp_path / "out")
    assert (more.total, more.resumed, more.dropped, worked(tmp_path)) == (3, 2, 1, 1)


def test_a_kill_in_the_middle_of_an_archive_loses_nothing(source: Path, tmp_path: Path) -> None:
    (source / "a.zip").write_bytes(make_zip({f"{number}": logged(tmp_path, f"name {number}") for number in range(6)}))
    batch(source, tmp_path / "right")
    worked(tmp_path)
    code = f"""
        import os, signal
        from pipeline.batch import run_batch
        run_batch({str(source)!r}, {str(tmp_path / "out")!r}, jobs=1, forms=[], extract={engine.NAME!r},
                  progress=lambda now: now.done == 3 and os.kill(os.getpid(), signal.SIGKILL))
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    worked(tmp_path)
    summary = batch(source, tmp_path / "out", limits=Limits())
    assert (summary.total, summary.resumed) == (6, 3)
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == (tmp_path / "right" / "results.jsonl").read_bytes()
    assert not (tmp_path / "out" / ".spool").exists()


@pytest.mark.parametrize("jobs", [1, 3])
def test_copies_are_worked_on_once_and_reported_for_each_place(source: Path, tmp_path: Path, jobs: int) -> None:
    body = logged(tmp_path, "flagged")
    (source / "one.html").write_bytes(body)
    (source / "two.html").write_bytes(body)
    (source / "a.zip").write_bytes(make_zip({"x.html": body, "y.html": body}))
    summary = batch(source, tmp_path / "out", jobs=jobs)
    assert (summary.total, summary.copied, worked(tmp_path)) == (4, 3, 1)
    found = lines(tmp_path / "out")
    assert list(found) == ["a.zip!/x.html", "a.zip!/y.html", "one.html", "two.html"]
    assert len({json.dumps([value["reports"], value["status"], value["source"]["sha256"]]) for value in found.values()}) == 1
    assert found["a.zip!/y.html"]["source"]["container"]["member"] == "y.html"
    assert found["two.html"]["source"]["container"] is None
    assert batch(source, tmp_path / "out", jobs=jobs).resumed == 4


def test_a_copy_is_the_very_result_that_work_would_give(samples_dir: Path, source: Path, tmp_path: Path) -> None:
    body = (samples_dir / "2021-blanks.html").read_bytes()
    (source / "a.html").write_bytes(body)
    (source / "b.zip").write_bytes(make_zip({"b.html": body}))
    summary = run_batch(source, tmp_path / "both", jobs=1)
    run_batch(source / "b.zip", tmp_path / "one", jobs=1)
    assert (summary.total, summary.copied) == (2, 1)
    assert (tmp_path / "both" / "results.jsonl").read_bytes().splitlines()[1] == (tmp_path / "one" / "results.jsonl").read_bytes().rstrip(
        b"\n"
    )


def test_copies_of_what_fails_fail(source: Path, tmp_path: Path) -> None:
    body = logged(tmp_path, "exit 3")
    (source / "a.zip").write_bytes(make_zip({"x": body, "y": body}))
    batch(source, tmp_path / "out")
    assert set(failures(tmp_path / "out").values()) == {"the process that read it died (exit code 3)"}
    assert worked(tmp_path) == 2  # a death is tried twice


def test_the_same_bytes_under_another_hint_are_another_reading(source: Path, tmp_path: Path) -> None:
    (source / "a.zip").write_bytes(make_zip({"x.html": logged(tmp_path, ""), "x.txt": logged(tmp_path, "")}))
    assert (batch(source, tmp_path / "out").copied, worked(tmp_path)) == (0, 2)


# ---- revisits ---------------------------------------------------------------------------------------------------------


def revisit(uri: str, number: int, date: str = "2023-01-31T12:00:00Z", **headers: str) -> bytes:
    return record("revisit", uri, b"HTTP/1.1 200 OK\r\n\r\n", number=number, date=date, WARC_Profile=REVISIT, **headers)


def test_revisits_are_resolved_by_reference_or_digest_over_files(source: Path, tmp_path: Path) -> None:
    body = logged(tmp_path, "flagged")
    (source / "1.warc.gz").write_bytes(
        packed(
            [
                revisit("http://a/1", 2, WARC_Payload_Digest="sha1:X"),
                revisit("http://a/9", 3, WARC_Refers_To="<urn:uuid:1>"),
                revisit("http://a/8", 4, WARC_Refers_To_Target_URI="http://a/1", WARC_Refers_To_Date="2022-01-31T12:00:00Z"),
                revisit("http://a/7", 5, WARC_Payload_Digest="sha1:UNKNOWN"),
            ]
        )
    )
    (source / "2.warc.gz").write_bytes(packed([page("http://a/1", body, 1, WARC_Payload_Digest="sha1:X")]))
    summary = batch(source, tmp_path / "out")
    found = lines(tmp_path / "out")
    assert worked(tmp_path) == 1
    assert {path: value["status"] for path, value in found.items()} == {
        "1.warc.gz!/20230131120000/http://a/1": "flagged",
        "1.warc.gz!/20230131120000/http://a/7": "failed",
        "1.warc.gz!/20230131120000/http://a/8": "flagged",
        "1.warc.gz!/20230131120000/http://a/9": "flagged",
        "2.warc.gz!/20220131120000/http://a/1": "flagged",
    }
    resolved = found["1.warc.gz!/20230131120000/http://a/9"]
    assert resolved["source"]["uri"] == "http://a/9"
    assert resolved["source"]["container"]["record_type"] == "revisit"
    assert resolved["source"]["sha256"] == found["2.warc.gz!/20220131120000/http://a/1"]["source"]["sha256"]
    assert found["1.warc.gz!/20230131120000/http://a/7"]["failure"]["code"] == "damaged-source"
    assert (summary.total, summary.copied) == (5, 3)
    before = (tmp_path / "out" / "results.jsonl").read_bytes()
    batch(source, tmp_path / "out")
    assert (worked(tmp_path), (tmp_path / "out" / "results.jsonl").read_bytes()) == (0, before)
