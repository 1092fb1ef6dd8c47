"""cluster: on two machines (two of Ray's, on this one) the results are those of the local engine, whatever becomes of the machines."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import cluster as cluster_engine
from pipeline.batch import run_batch
from pipeline.errors import ConfigError
from pipeline.model.limits import Limits
from tests.archives import REVISIT, make_zip, packed, record, response
from tests.faults import engine
from tests.faults.test_isolation import failures

pytest.importorskip("ray", reason="needs the extra ray")

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "examples" / "cluster" / "node.sh"
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "CPUS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",
}
LIMITS = "Limits(max_seconds=60.0, max_memory=1 << 30)"


def free_port() -> int:
    """A port that nobody has, on any address, below those where Ray's workers listen."""
    for port in random.sample(range(6_000, 10_000), 100):
        with contextlib.suppress(OSError), socket.socket() as tried:
            tried.bind(("", port))
            return port
    raise AssertionError("no port is free")


def address_in(log: Path) -> str:
    """The address that the head says."""
    found = re.search(r"--address='([^']+)'", log.read_text())
    assert found is not None, log.read_text()
    return found[1]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two machines of one processor each, started as examples/cluster says; the address."""
    log = tmp_path_factory.mktemp("cluster") / "log"
    port = free_port()
    machines: list[subprocess.Popen[bytes]] = []
    try:
        for number in (1, 2):
            command = ["head"] if number == 1 else ["join", address_in(log)]
            with log.open("ab") as file:
                environment = {**ENVIRONMENT, "PORT": str(port)}
                machines.append(subprocess.Popen([str(NODE), *command], env=environment, stdout=file, stderr=file))
            until = time.monotonic() + 120
            while log.read_text().count("will now block forever") < number:
                assert machines[-1].poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.1)
        yield address_in(log)
    finally:
        for machine in reversed(machines):
            machine.send_signal(signal.SIGTERM)
        for machine in machines:
            machine.wait(60)


def start(cluster: str, source: Path, out: Path, before: str = "", **options: str) -> subprocess.Popen[str]:
    """A batch on the cluster, in a process of its own, with parts of four files; `before` is run first."""
    given = "".join(f", {name}={value}" for name, value in options.items())
    code = f"""
        import signal
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        from pipeline import batch, cluster
        from pipeline.errors import PipelineError
        from pipeline.model.limits import Limits
        cluster._FILES_A_PART = 4
        {before}
        try:
            done = batch.run_batch({str(source)!r}, {str(out)!r}, engine="ray", forms=[], limits={LIMITS}, extract={engine.NAME!r}{given})
        except PipelineError as error:
            raise SystemExit(type(error).__name__ + ": " + str(error))
        print(done.total, done.resumed)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**ENVIRONMENT, "RAY_ADDRESS": cluster},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


def locally(source: Path, out: Path) -> bytes:
    limits = Limits(max_seconds=60.0, max_memory=1 << 30)
    run_batch(source, out, jobs=1, forms=[], limits=limits, extract=engine.NAME)
    return (out / "results.jsonl").read_bytes()


def make_sources(folder: Path) -> Path:
    """Files, archives, copies, revisits over archives, and a source of each kind that fails."""
    folder.mkdir()
    for number in range(9):
        (folder / f"{number}.txt").write_text(f"name {number % 7}\n{'flagged' if number % 3 else ''}")
    for name, command in {"a-exit": "exit 7", "b-segv": "segv", "c-fill": "fill", "d-raise": "raise", "e-flood": "flood"}.items():
        (folder / name).write_text(command)
    for warc in range(2):
        pages = [record("response", f"http://a/{n % 3}", response(f"name {n % 4}".encode()), number=10 * warc + n) for n in range(5)]
        repeat = {"WARC_Profile": REVISIT, "WARC_Refers_To": f"<urn:uuid:{10 * (1 - warc) + 1}>"}
        pages += [record("revisit", f"http://a/r{warc}", b"", number=90 + warc, **repeat), record("metadata", "http://a/", b"", number=80)]
        (folder / f"{warc}.warc.gz").write_bytes(packed(pages))
    (folder / "a.zip").write_bytes(make_zip({"x": b"name in a zip", "../out": b"", "y.zip": make_zip({"z": b"name 3"})}))
    (folder / "cut.zip").write_bytes((folder / "a.zip").read_bytes()[:-40])
    return folder


def test_the_results_are_those_of_the_local_engine_and_stand(cluster: str, tmp_path: Path) -> None:
    source = make_sources(tmp_path / "in")
    right = locally(source, tmp_path / "local")
    assert right.count(b"\n") == 30
    assert finish(start(cluster, source, tmp_path / "out")) == "30 0"
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == right
    assert (tmp_path / "out" / "needs-a-look.tsv").read_bytes() == (tmp_path / "local" / "needs-a-look.tsv").read_bytes()
    again = {"again": "batch.Again(retry=frozenset({'flagged'}))"}
    # Beside the six flagged ones, what is wrong with two archives is found again.
    assert finish(start(cluster, source, tmp_path / "out", **again)) == "30 22"
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == right


def test_both_machines_work_at_once(cluster: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in "ab":  # each in an archive, so in parts of their own
        (tmp_path / "in" / f"{name}.zip").write_bytes(make_zip({name: f"meet 2 {tmp_path}/here\nname {name}".encode()}))
    assert finish(start(cluster, tmp_path / "in", tmp_path / "out")) == "2 0"
    assert failures(tmp_path / "out") == {"a.zip!/a": None, "b.zip!/b": None}


def test_a_part_whose_machine_is_lost_is_read_again_and_given_up_at_last(cluster: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, often in {"twice": 2, "always": 9}.items():
        (tmp_path / name).write_bytes(b"." * often)
        members = {"1": f"name {name}", "2": f"sleep 2.5\nname {name} 2", "3": f"orphan {tmp_path / name}\nname {name} 3"}
        (tmp_path / "in" / f"{name}.zip").write_bytes(make_zip({path: text.encode() for path, text in members.items()}))
    assert finish(start(cluster, tmp_path / "in", tmp_path / "out")).endswith(" 0")
    found = failures(tmp_path / "out")
    lost = found.pop("always.zip")
    assert lost is not None
    assert lost[0] == "internal-error"
    assert lost[1].startswith("the machine that read it was lost, 3 times (")
    assert lost[1].endswith("); the rest of the archive is not read")
    assert found == {
        "always.zip!/1": None, "always.zip!/2": None, "twice.zip!/1": None, "twice.zip!/2": None, "twice.zip!/3": None,
    }  # fmt: skip


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_ended_goes_on(cluster: str, tmp_path: Path, how: signal.Signals) -> None:
    (tmp_path / "in").mkdir()
    for number in range(8):
        (tmp_path / "in" / str(number)).write_text(f"name {number}\nsleep {0 if number < 4 else 0.8}")
    process = start(cluster, tmp_path / "in", tmp_path / "out")
    until = time.monotonic() + 60
    journal = tmp_path / "out" / "results.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 4:
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode == -how
    assert finish(start(cluster, tmp_path / "in", tmp_path / "out")) == "8 4"
    assert journal.read_bytes() == locally(tmp_path / "in", tmp_path / "local")


def test_an_interrupt_that_went_astray_is_remembered() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with cluster_engine._interrupts() as came:
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            assert came == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_engine_on_a_machine_ends_the_run(cluster: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_text("name a")
    process = start(cluster, tmp_path / "in", tmp_path / "out", "batch.work_key = lambda setup: 'of another one'")
    assert "ConfigError: machine" in process.communicate(timeout=60)[1]
    assert process.returncode == 1


def test_no_cluster_and_no_ray_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_text("name a")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(ConfigError, match=f"no Ray cluster listens at {address}"):
        run_batch(tmp_path / "in", tmp_path / "out", forms=[], engine="ray", extract=engine.NAME)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'tabularium\[ray\]'"):
        run_batch(tmp_path / "in", tmp_path / "out", forms=[], engine="ray", extract=engine.NAME)
