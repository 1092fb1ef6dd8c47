"""cli: what is printed where, and the exit code of every way to end."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli
from pipeline.errors import DamagedSourceError
from pipeline.model.result import ENGINE_VERSION
from tests.archives import record
from tests.faults import engine

ROOT = Path(__file__).resolve().parent.parent
SEED = "xinyu-2021.txt"
FIELD = "/proactive/normative_documents/in_force"
CLUB = """\
id = "club/2020"
title = "Club report"

[[table]]
id = "members"
pointer = "/members"
captions = "Members by age"
stub_head = "Section"
columns = [{ label = "Men", key = "men" }, { label = "Women", key = "women" }, { label = "Total", key = "total" }]
rows = [{ label = "Rowing", key = "rowing" }, { label = "Sailing", key = "sailing" }]
"""
CLUB_PAGE = (
    "<h1>Members by age</h1><table><tr><th>Section<th>Men<th>Women<th>Total"
    "<tr><td>Rowing<td>10<td>11<td>21<tr><td>Sailing<td>5<td>6<td>11</table>"
)


@pytest.fixture
def seed(samples_dir: Path) -> str:
    return str(samples_dir / SEED)


class Ran:
    """What a command line gave."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code, self.out, self.err = code, out, err.decode()

    @property
    def json(self) -> Any:
        assert self.out.endswith(b"\n")
        assert self.out.count(b"\n") == 1
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line on stderr."""
        assert self.err.startswith("tabularium: ")
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1
        return self.err.removeprefix("tabularium: ").rstrip("\n")


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Any:
    def call(*arguments: object) -> Ran:
        capfdbinary.readouterr()
        code = cli.main([str(item) for item in arguments])
        sys.stdout.flush()
        return Ran(code, *capfdbinary.readouterr())

    return call


def shell(command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    # The command only, not a folder of this name in a path.
    command = re.sub(r"(?<![\w/.-])tabularium(?= )", f"{sys.executable} -m pipeline", command)
    return subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False, **options)


# ---- usage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("", "name a command: run, status, dataset, extract, tables, inspect, explain, serve, forms"),
        ("rnu", "there is no command 'rnu'; known: run, status, dataset, extract, tables, inspect, explain, serve, forms"),
        ("--nonsense", "the following arguments are required: COMMAND"),
        ("extract", "the following arguments are required: FILE; `tabularium extract --help`"),
        ("extract a b", "unrecognized arguments: b"),
        ("extract --nonsense a", "unrecognized arguments: --nonsense"),
        ("extract nowhere.txt", "nowhere.txt does not exist"),
        ("extract pyproject.toml/x", "pyproject.toml/x does not exist"),
        ("extract -- -odd.txt", "-odd.txt does not exist"),
        ("extract samples", "samples is a directory; `tabularium run samples -o OUT` reads all that is below it"),
        ("tables nowhere.txt", "nowhere.txt does not exist"),
        ("explain samples/xinyu-2021.txt", "the following arguments are required: POINTER"),
        ("explain samples/xinyu-2021.txt /agensy", "cn-disclosure/2021 has no field /agensy; nearest: /agency"),
        ("run samples", "the following arguments are required: -o/--out"),
        ("run nowhere samples -o build/never", "nowhere does not exist"),
        ("run samples -o build/never --jobs 0", "argument -j/--jobs: '0' is not a whole number of 1 or more"),
        ("run samples -o build/never --max-seconds nan", "'nan' is not a number of seconds above 0"),
        ("run samples -o samples", "samples is the output directory"),
        ("forms --check", "name the form files to check"),
        ("forms --check nowhere.form.toml", "nowhere.form.toml does not exist"),
        ("forms --check schemas", "schemas is a directory; name the form files in it"),
        ("inspect x --width 0", "'0' is not a whole number of 1 or more"),
    ],
)
def test_a_mistake_is_one_sentence(run: Any, monkeypatch: pytest.MonkeyPatch, arguments: str, sentence: str) -> None:
    monkeypatch.chdir(ROOT)
    ran = run(*arguments.split())
    assert (ran.code, ran.out) == (2, b"")
    assert sentence in ran.sentence
    assert not (ROOT / "build" / "never").exists()


@pytest.mark.parametrize("arguments", ["--help", "-h", "run --help", "extract --help", "tables -h", "inspect -h", "explain -h", "forms -h"])
def test_help(run: Any, arguments: str) -> None:
    ran = run(*arguments.split())
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(b"usage: tabularium")


def test_version(run: Any) -> None:
    ran = run("--version")
    assert (ran.code, ran.out, ran.err) == (0, f"tabularium {ENGINE_VERSION}\n".encode(), "")


@pytest.mark.parametrize("command", ["extract FILE", "explain FILE /agency", "inspect FILE", "run FILE -o OUT"])
def test_an_unknown_form_is_exit_3(run: Any, seed: str, tmp_path: Path, command: str) -> None:
    ran = run(*command.replace("FILE", seed).replace("OUT", str(tmp_path / "out")).split(), "--form", "cn-disclosure/1999")
    assert ran.code == 3
    assert 'there is no form "cn-disclosure/1999"' in ran.sentence
    assert not (tmp_path / "out").exists()


# ---- extract and tables -----------------------------------------------------------------------------------------------


def test_extract_prints_the_result(run: Any, seed: str) -> None:
    ran = run("extract", seed)
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["status"] == "accepted"
    assert ran.json["source"]["path"] == SEED
    assert ran.json["reports"][0]["record"]["proactive"]["normative_documents"]["in_force"] == 2


def test_extract_from_standard_input(run: Any, seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from_file = run("extract", seed).json
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path(seed).read_bytes())))
    ran = run("extract", "-")
    assert ran.code == 0
    assert ran.json["source"].pop("path") is None
    assert from_file["source"].pop("path") == SEED
    assert ran.json["reports"] == from_file["reports"]


def test_extract_is_the_line_of_the_batch(run: Any, seed: str, tmp_path: Path) -> None:
    ran = run("run", seed, "-o", tmp_path / "out", "--jobs", "1")
    assert ran.code == 0
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == run("extract", seed).out


def test_a_document_that_is_no_report_is_exit_1(run: Any, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Nothing of interest.")
    ran = run("extract", tmp_path / "note.txt")
    assert (ran.code, ran.json["status"]) == (1, "no-report")
    ran = run("explain", tmp_path / "note.txt", "/agency")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.sentence.endswith("note.txt: nothing in it is one of the forms cn-disclosure/2014, cn-disclosure/2019, cn-disclosure/2021")


@pytest.mark.parametrize("command", ["extract", "tables", "inspect", "explain"])
def test_a_failed_source_is_exit_4(run: Any, tmp_path: Path, command: str) -> None:
    (tmp_path / "x.bin").write_bytes(b"\x7fELF" + bytes(range(256)))
    ran = run(command, tmp_path / "x.bin", *(["/agency"] if command == "explain" else []))
    assert ran.code == 4
    assert "x.bin: unsupported-format: " in ran.sentence
    if command == "extract":
        assert ran.json["failure"]["code"] == "unsupported-format"
        assert ran.json["source"]["byte_count"] == 260
    else:
        assert ran.out == b""


@pytest.mark.parametrize("command", ["extract", "tables"])
def test_a_file_that_cannot_be_opened_is_a_failed_source(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    (tmp_path / "shut.txt").write_text("x")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipeline.sources.content.read_stream", refuse)
    ran = run(command, tmp_path / "shut.txt")
    assert ran.code == 4
    assert ran.sentence.endswith("cannot be read: Permission denied")
    if command == "extract":
        assert ran.json["failure"] == {"code": "damaged-source", "message": "cannot be read: Permission denied"}


@pytest.mark.parametrize("command", ["extract", "tables"])
def test_a_file_over_the_limit(run: Any, tmp_path: Path, command: str) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate((64 << 20) + 1)
    ran = run(command, tmp_path / "big.txt")
    assert ran.code == 4
    assert ran.sentence.endswith("big.txt: limit-exceeded: the source has 67108865 bytes, the limit is 67108864")


def test_tables_need_no_form(run: Any, tmp_path: Path) -> None:
    (tmp_path / "t.html").write_text("<table><tr><th colspan=2>a<tr><td>1<td>2</table>")
    ran = run("tables", tmp_path / "t.html")
    (table,) = ran.json["tables"]
    assert (ran.code, ran.err) == (0, "")
    assert [(cell["row"], cell["col"], cell["col_span"], cell["text"]) for cell in table["cells"]] == [
        (0, 0, 2, "a"),
        (1, 0, 1, "1"),
        (1, 1, 1, "2"),
    ]


def test_a_name_that_is_not_utf8(run: Any, seed: str, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xd0\xc2.txt")
    Path(path).write_bytes(Path(seed).read_bytes())
    assert run("extract", path).json["source"]["path"] == r"\xd0\xc2.txt"
    assert run("extract", rf"{tmp_path}/\xd0\xc2.txt").json["source"]["path"] == r"\xd0\xc2.txt"  # as it is printed
    assert run("extract", path + "x").sentence.endswith(r"\xd0\xc2.txtx does not exist")


def test_a_document_of_which_an_archive_has_a_part_is_flagged_as_in_a_batch(run: Any, seed: str, tmp_path: Path) -> None:
    body = Path(seed).read_bytes()
    (tmp_path / "a.warc").write_bytes(record("resource", "file:///seed.txt", body, WARC_Truncated="length"))
    inside = f"{tmp_path}/a.warc!/20220131120000/file:///seed.txt"
    ran = run("extract", inside)
    assert (ran.code, ran.json["status"], ran.json["reports"][0]["status"]) == (1, "flagged", "flagged")
    assert [item["code"] for item in ran.json["findings"]] == ["source-cut"]
    told = run("tables", inside)
    assert (told.code, len(told.json["tables"])) == (0, 3)
    assert told.sentence.endswith("source-cut: only a part of the document is in its archive")


# ---- inspect, explain, forms ------------------------------------------------------------------------------------------


def test_inspect_draws_every_table(run: Any, seed: str) -> None:
    ran = run("inspect", seed, "--width", "90")
    text = ran.out.decode()
    assert (ran.code, ran.err) == (0, "")
    assert text.startswith(f"{seed}: accepted, 3 tables\n  cn-disclosure/2021: accepted, ")
    assert text.count("\n\n") >= 3
    assert "↳in_force" in text
    assert "\n\n\n" not in text


def test_explain(run: Any, seed: str) -> None:
    ran = run("explain", seed, FIELD)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.decode().startswith(f"{FIELD} = 2\n  report      cn-disclosure/2021, accepted\n")
    assert '  printed     "2"\n  place       line 34, columns 0 to 1\n' in ran.out.decode()


def test_forms(run: Any) -> None:
    listed = run("forms").out.decode().splitlines()
    assert [line.split()[:3] for line in listed[1:]] == [
        ["cn-disclosure/2014", "1", "58"],
        ["cn-disclosure/2019", "3", "198"],
        ["cn-disclosure/2021", "3", "200"],
    ]
    shown = run("forms", "cn-disclosure/2021")
    assert shown.code == 0
    assert f"\n  {FIELD}  integer" in shown.out.decode()
    assert run("forms", "cn-disclosure/2020").code == 3


def test_checking_form_files(run: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.form.toml", tmp_path / "bad.form.toml"
    good.write_text(CLUB)
    bad.write_text(CLUB.replace('title = "Club report"', 'titel = "Club report"'))
    ran = run("forms", "--check", good)
    assert (ran.code, ran.out.decode(), ran.err) == (0, f"{good}: ok, club/2020, 6 fields, 0 identities\n", "")
    ran = run("forms", "--check", bad, good)
    assert (ran.code, ran.out.decode()) == (3, f"{good}: ok, club/2020, 6 fields, 0 identities\n")
    assert ran.sentence.startswith(f"{bad}:2: ")
    ran = run("extract", good, "--form", bad)
    assert (ran.code, ran.out) == (3, b"")
    assert ran.sentence.startswith(f"{bad}:2: ")


def test_a_form_file_is_added_and_ids_restrict(run: Any, seed: str, tmp_path: Path) -> None:
    form, page = tmp_path / "club.form.toml", tmp_path / "page.html"
    form.write_text(CLUB)
    page.write_text(CLUB_PAGE)
    ran = run("extract", page, "--form", form)
    assert [item["form"] for item in ran.json["reports"]] == ["club/2020"]
    assert ran.json["reports"][0]["record"]["members"]["sailing"] == {"men": 5, "women": 6, "total": 11}
    assert [item["form"] for item in run("extract", seed, "--form", form).json["reports"]] == ["cn-disclosure/2021"]
    assert run("extract", seed, "--form", form, "--form", "cn-disclosure/2014").json["status"] == "no-report"
    assert run("extract", page).json["status"] == "no-report"
    assert run("explain", page, "/members/rowing/men", "--form", form).out.decode().startswith("/members/rowing/men = 10\n")


def test_a_form_file_takes_the_place_of_a_built_in_form(run: Any, tmp_path: Path) -> None:
    form, page = tmp_path / "mine.form.toml", tmp_path / "page.html"
    form.write_text(CLUB.replace("club/2020", "cn-disclosure/2021"))
    page.write_text(CLUB_PAGE)
    assert run("extract", page, "--form", form).json["reports"][0]["record"]["members"]["rowing"]["total"] == 21


# ---- run --------------------------------------------------------------------------------------------------------------


def test_run_over_several_inputs(run: Any, seed: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty").touch()
    (tmp_path / "in" / "note.txt").write_text("Nothing of interest.")
    ran = run("run", tmp_path / "in", "--out", tmp_path / "out", "--jobs", "1", seed)
    assert ran.code == 4
    lines = [json.loads(line) for line in (tmp_path / "out" / "results.jsonl").read_bytes().splitlines()]
    assert [(line["source"]["path"], line["status"]) for line in lines] == [
        ("empty", "failed"),
        ("note.txt", "no-report"),
        (SEED, "accepted"),
    ]
    assert ran.err == "3/3 done, 1 no-report, 1 failed\n"
    text = ran.out.decode()
    assert text.startswith("\n3 documents in ")
    assert "\nNeeds a look: 2\n  failed    empty\n" in text
    assert f"\nResults    {tmp_path}/out/results.jsonl  one result a line" in text


def test_the_next_command_is_one_that_the_shell_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [".venv/bin/tabularium", "run"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli._typed_name() == ".venv/bin/tabularium"
    (tmp_path / "tabularium").touch(0o755)
    assert cli._typed_name() == "tabularium"
    monkeypatch.setattr(sys, "argv", ["/somewhere/pipeline/__main__.py", "run"])
    assert cli._typed_name() == "tabularium"


def test_run_into_a_file_is_exit_5(run: Any, seed: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    ran = run("run", seed, "-o", tmp_path / "file")
    assert (ran.code, ran.out) == (5, b"")
    assert ran.sentence == f"cannot write into {tmp_path}/file: it is not a directory"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_bar_on_a_terminal(seed: str, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pipeline", "run", seed, "-o", str(tmp_path / "out"), "--jobs", "1"]
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while chunk := terminal.read(4096):
                shown += chunk
        except OSError:  # the other end of a terminal is gone: that is its end of file
            pass
        out, _ = process.communicate()
    assert process.returncode == 0
    assert "━".encode() in shown
    assert b"1/1" in shown
    assert out.decode().startswith("\n1 document in ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_is_done(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / name).write_text("fine")
    (tmp_path / "in" / "c").write_text(f"log {tmp_path}/mark\nhang")
    # Programs in the background of a shell script inherit that SIGINT is ignored, and would rightly go on.
    code = f"""if True:
        import signal, sys
        from pipeline import batch, cli
        signal.signal(signal.SIGINT, signal.default_int_handler)
        batch.run_batch.__kwdefaults__["extract"] = {engine.NAME!r}
        sys.exit(cli.main())
    """
    process = subprocess.Popen(
        [sys.executable, "-c", code, "run", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--jobs", "1"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    results = tmp_path / "out" / "results.jsonl"
    while process.poll() is None and time.monotonic() < until:
        if (tmp_path / "mark").exists() and results.read_bytes().count(b"\n") == 2:
            time.sleep(0.2)  # the line is there; let the row and the count follow
            break
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err == (
        f"tabularium: interrupted (2/3 done); what is done is kept in {tmp_path}/out, the same command goes on from there: "
        f"tabularium run {tmp_path}/in -o {tmp_path}/out --jobs 1\n"
    )
    assert results.read_bytes().count(b"\n") == 2


# ---- streams and bugs -------------------------------------------------------------------------------------------------


def test_a_reader_that_goes_away_is_no_error(seed: str) -> None:
    done = shell(f"tabularium extract {seed} | head -c 1; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "{", "")
    done = shell(f"tabularium inspect {seed} | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_stdout_is_exit_5(seed: str) -> None:
    done = shell(f"tabularium extract {seed} > /dev/full")
    assert (done.returncode, done.stderr) == (5, "tabularium: cannot write to standard output: No space left on device\n")


def test_a_stream_that_cannot_show_a_character(seed: str) -> None:
    done = shell(f"PYTHONUTF8=0 PYTHONIOENCODING=ascii tabularium explain {seed} /agency")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('/agency = "\\u65b0\\u4f59')


def test_a_bug_is_exit_70_and_one_sentence(run: Any, seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("pipeline.engine.extract", fail)
    ran = run("extract", seed)
    assert (ran.code, ran.out) == (70, b"")
    assert ran.sentence.startswith("this is a bug: ZeroDivisionError: by nothing (test_cli.py, line ")
    assert "please report this line" in ran.sentence


def test_a_hostile_message_cannot_steer_the_terminal(run: Any, seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DamagedSourceError("\x1b[2Jgone\n")

    monkeypatch.setattr("pipeline.engine.read_tables", fail)
    ran = run("tables", seed)
    assert ran.code == 4
    assert ran.sentence.endswith(r"damaged-source: \x1b[2Jgone\n")


def test_the_path_of_extract_loads_nothing_it_does_not_need(seed: str) -> None:
    heavy = (
        "camelot",
        "jsonschema",
        "multiprocessing",
        "numpy",
        "pandas",
        "pdfplumber",
        "pydantic",
        "rich",
        "sqlite3",
        "typer",
    )
    code = f"""if True:
        import sys
        from pipeline.cli import main
        main(["extract", {seed!r}])
        sys.exit(" ".join(module for module in {heavy!r} if module in sys.modules))
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("\n", 1)
