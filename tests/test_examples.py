"""The examples are run as a reader would run them, and what they print is right."""

from __future__ import annotations

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
SAMPLES = ROOT / "samples"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_listed_and_run() -> None:
    names = {path.name for path in EXAMPLES.glob("*.py")}
    assert names == set(re.findall(r"\]\((\w+\.py)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8")))
    here = Path(__file__).read_text(encoding="utf-8")
    assert all(f'"{name}"' in here for name in names)


def test_library() -> None:
    assert run(str(EXAMPLES / "library.py"), str(SAMPLES / "xinyu-2021.txt"), str(SAMPLES / "notice.html")) == (
        "xinyu-2021.txt: accepted: cn-disclosure/2021 of 新余市政務服務中心, 2021\nnotice.html: no-report: no report\n"
    )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A web site with a page that links to a report page and a text file."""
    (tmp_path / "index.html").write_text('<p><a href="report.html">1</a> <a href="dump.txt">2</a>', encoding="utf-8")
    (tmp_path / "report.html").write_bytes((SAMPLES / "2021-blanks.html").read_bytes())
    (tmp_path / "dump.txt").write_bytes((SAMPLES / "xinyu-2021.txt").read_bytes())
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_scrapy(site: str) -> None:
    printed = run(str(EXAMPLES / "scrapy_reports.py"), f"{site}/index.html")
    assert set(printed.splitlines()) == {
        f"{site}/dump.txt: accepted cn-disclosure/2021",
        f"{site}/index.html: no-report",
        f"{site}/report.html: accepted cn-disclosure/2021",
    }


def test_client() -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "serve", "--port", "0", "--jobs", "1"],
        cwd=ROOT,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        found = re.search(r"http://\S+:\d+", server.stderr.readline())
        assert found is not None
        printed = run(str(EXAMPLES / "client.py"), found.group(), "samples/xinyu-2021.txt", "samples/english-table.html")
        assert printed == "samples/xinyu-2021.txt: accepted, 3 tables\nsamples/english-table.html: no-report, 1 tables\n"
    finally:
        server.terminate()
        server.communicate(timeout=60)
