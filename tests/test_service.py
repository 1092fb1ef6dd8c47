"""The service over a real socket: the same results as the library, refusals in time, and nothing that a client or a document does costs others."""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

from pipeline import extract, read_tables
from pipeline.cli import main
from pipeline.desk import Desk
from pipeline.model.jsonbytes import dump_json
from pipeline.service import make_app
from tests.faults import engine

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = (ROOT / "samples" / "2021-blanks.html").read_bytes()


class Served:
    """A service in a process of its own."""

    def __init__(self, **desk: Any) -> None:
        code = f"""
            from pipeline.desk import Desk
            from pipeline.model.limits import Limits
            from pipeline.service import open_socket, serve
            listening = open_socket("127.0.0.1", 0)
            print(listening.getsockname()[1], flush=True)
            options = {desk.pop("desk", {})!r}
            limits = Limits(**{desk.pop("limits", {})!r})
            serve(Desk(limits=limits, **options), listening, **{desk!r})
        """
        self.process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            connection.close()

    def extract(self, body: bytes, query: str = "") -> dict[str, Any]:
        status, _, answer = self.ask("POST", f"/v1/extract{query}", body, Content_Type="text/plain")
        assert status == 200, answer
        result: dict[str, Any] = json.loads(answer)
        return result

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task")
        return [int(pid) for task in path.iterdir() for pid in (task / "children").read_text().split()]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextlib.contextmanager
def served(**options: Any) -> Iterator[Served]:
    service = Served(**options)
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="module")
def real() -> Iterator[Served]:
    with served(desk={"jobs": 1, "waiting": 8}) as service:
        yield service


@pytest.fixture(scope="module")
def obedient() -> Iterator[Served]:
    """A service whose engine does what documents say."""
    with served(
        desk={"jobs": 2, "waiting": 50, "forms": [], "extract": engine.NAME},
        limits={"max_seconds": 3.0, "max_bytes": 1 << 20},
        body_seconds=2.0,
    ) as service:
        yield service


def problem(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    status, headers, body = answer
    assert headers["content-type"] == "application/problem+json"
    found = json.loads(body)
    assert {"type", "title", "status", "detail"} <= set(found)
    assert found["status"] == status
    return status, found["detail"]


# ---- answers ----------------------------------------------------------------------------------------------------------


def test_a_result_is_that_of_the_library(real: Served) -> None:
    status, headers, body = real.ask("POST", "/v1/extract?name=r.html&uri=http://a/b", SAMPLE, Content_Type="text/html; charset=utf-8")
    expected = extract(SAMPLE, media_type="text/html; charset=utf-8", name="r.html", uri="http://a/b")
    assert (status, headers["content-type"]) == (200, "application/json")
    found = json.loads(body)
    assert found.pop("source") == {**expected.to_dict()["source"], "path": "r.html"}
    assert dump_json(found) == dump_json({key: value for key, value in json.loads(expected.to_json()).items() if key != "source"})


def test_tables_are_those_of_the_library(real: Served) -> None:
    status, _, body = real.ask("POST", "/v1/tables", SAMPLE)
    assert (status, body) == (200, dump_json({"tables": [table.to_dict() for table in read_tables(SAMPLE)]}))


def test_forms_can_be_chosen(real: Served) -> None:
    status, _, body = real.ask("POST", "/v1/extract?form=cn-disclosure/2014", SAMPLE)
    assert (status, {report["form"] for report in json.loads(body)["reports"]}) == (200, {"cn-disclosure/2014"})
    assert problem(real.ask("POST", "/v1/extract?form=none", SAMPLE))[0] == 400


def test_without_a_name_there_is_no_path(real: Served) -> None:
    assert real.extract(SAMPLE)["source"]["path"] is None
    assert real.extract(SAMPLE, "?name=")["source"]["path"] is None


def test_what_would_be_passed_over_in_silence_is_a_mistake(real: Served) -> None:
    """A misspelt `form` looked for all forms; an upload form was read with its frame as the document."""
    assert problem(real.ask("POST", "/v1/extract?frm=cn-disclosure/2021", b"x")) == (
        400,
        "there is no parameter 'frm' here; known: name, uri, form",
    )
    assert problem(real.ask("POST", "/v1/tables?form=cn-disclosure/2021", b"x")) == (400, "there is no parameter 'form' here; known: name")
    status, detail = problem(real.ask("POST", "/v1/extract", b"--x\r\n\r\nx\r\n--x--", Content_Type="multipart/form-data; boundary=x"))
    assert (status, detail.partition(" (")[0]) == (415, "send the bytes of the document as the body")


def test_a_document_that_cannot_be_read(real: Served) -> None:
    assert json.loads(real.ask("POST", "/v1/extract", b"\x7fELF" + bytes(100))[2])["failure"]["code"] == "unsupported-format"
    status, _, body = real.ask("POST", "/v1/tables", b"\x7fELF" + bytes(100))
    assert (status, json.loads(body)["code"]) == (422, "unsupported-format")
    assert json.loads(real.ask("POST", "/v1/extract", b"")[2])["failure"]["code"] == "damaged-source"


def test_other_addresses_and_methods_are_problems_too(real: Served) -> None:
    assert problem(real.ask("GET", "/nowhere"))[0] == 404
    assert problem(real.ask("PUT", "/v1/extract", b"x"))[0] == 405
    assert problem(real.ask("POST", f"/v1/extract?name={'x' * 2000}", b"x"))[0] == 400


def test_health_and_metrics(real: Served) -> None:
    status, _, body = real.ask("GET", "/healthz")
    assert (status, json.loads(body)["status"], json.loads(body)["workers"]) == (200, "ok", 1)
    real.extract(SAMPLE)
    text = real.ask("GET", "/metrics")[2].decode()
    assert 'tabularium_documents_total{status="accepted"}' in text
    assert 'tabularium_requests_total{code="200",path="/v1/extract"}' in text
    assert "nowhere" not in text
    assert "tabularium_unfinished 0.0" in text


# ---- what documents do -------------------------------------------------------------------------------------------------


def test_a_bad_document_costs_only_its_own_result(obedient: Served) -> None:
    bodies = {
        b"one": None,
        b"exit 7": "internal-error",
        b"segv": "internal-error",
        b"hang": "limit-exceeded",
        b"raise": "internal-error",
        b"two": None,
    }
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        results = dict(zip(bodies, pool.map(obedient.extract, bodies), strict=True))
    assert {body: result["failure"] and result["failure"]["code"] for body, result in results.items()} == bodies
    assert all(result["source"]["sha256"] == hashlib.sha256(body).hexdigest() for body, result in results.items())


def test_nothing_crosses_between_requests(obedient: Served) -> None:
    bodies = [f"name {number}\nsleep 0.0{number % 5}".encode() for number in range(60)]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        results = list(pool.map(lambda body: obedient.extract(body, f"?name={hashlib.sha256(body).hexdigest()}"), bodies))
    for body, result in zip(bodies, results, strict=True):
        digest = hashlib.sha256(body).hexdigest()
        assert (result["source"]["sha256"], result["source"]["path"], result["reports"][0]["record"]["title"]) == (digest, digest, digest)


def test_killed_workers_are_replaced(obedient: Served) -> None:
    obedient.extract(b"first")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        under_way = pool.submit(obedient.extract, b"sleep 1")
        time.sleep(0.4)
        for pid in obedient.children():
            os.kill(pid, signal.SIGKILL)
        assert under_way.result()["failure"] is None  # it is tried once more
    assert obedient.extract(b"second")["failure"] is None


# ---- what clients do ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_declared", [True, False])
def test_a_body_over_the_limit_is_refused_and_not_kept(obedient: Served, is_declared: bool) -> None:
    chunk = bytes(1 << 16)
    body: Any = bytes(3 << 20) if is_declared else (chunk for _ in range(480))  # 30 MB
    assert problem(obedient.ask("POST", "/v1/extract", body)) == (413, "a document may have 1048576 bytes")
    memory = int(Path(f"/proc/{obedient.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert memory < 110 << 20


def test_a_slow_client_is_given_up_and_holds_nobody(obedient: Served) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", obedient.port), timeout=30)) for _ in range(60)]
        for client in slow:
            client.sendall(b"POST /v1/extract HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nstart")
        assert obedient.extract(b"meanwhile")["failure"] is None
        for client in slow:
            assert client.recv(4096).startswith(b"HTTP/1.1 408 ")


def test_a_client_that_goes_away_leaves_nothing(obedient: Served) -> None:
    for body in (b"sleep 0.3", b"sta"):
        with socket.create_connection(("127.0.0.1", obedient.port)) as client:
            client.sendall(b"POST /v1/extract HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n" + body)
            time.sleep(0.1)
    until = time.monotonic() + 20
    while json.loads(obedient.ask("GET", "/healthz")[2])["unfinished"] and time.monotonic() < until:
        time.sleep(0.05)
    assert json.loads(obedient.ask("GET", "/healthz")[2])["unfinished"] == 0


def test_more_than_can_be_served_is_refused_at_once() -> None:
    with served(desk={"jobs": 1, "waiting": 1, "forms": [], "extract": engine.NAME}) as service:
        service.extract(b"warm")
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda number: service.ask("POST", "/v1/extract", b"sleep 1.5"), range(12)))
        codes = [status for status, _, _ in answers]
        assert set(codes) == {200, 429}
        assert 2 <= codes.count(200) <= 3
        refused = next(answer for answer in answers if answer[0] == 429)
        assert problem(refused) == (429, "as many documents are waiting as may; come again")
        assert refused[1]["retry-after"] == "2"
        assert service.extract(b"after")["failure"] is None


def test_it_ends_when_told_and_leaves_nothing() -> None:
    with served(desk={"jobs": 1, "waiting": 1, "forms": [], "extract": engine.NAME}) as service:
        service.extract(b"one")
        (worker,) = service.children()
    until = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()


def test_an_address_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 5
    assert capsys.readouterr().err == f"tabularium: cannot listen on 127.0.0.1 port {port}: Address already in use\n"
    assert main(["serve", "--port", "70000"]) == 2


# ---- the description ---------------------------------------------------------------------------------------------------

with Desk(1, waiting=1) as described:
    SCHEMA = schemathesis.openapi.from_dict(make_app(described).openapi())


@SCHEMA.parametrize()
@hypothesis.settings(max_examples=25, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_answers_are_as_described(real: Served, case: schemathesis.Case[Any]) -> None:
    # A document that cannot be read is refused (422), and no description can tell which bytes those are.
    case.call_and_validate(base_url=f"http://127.0.0.1:{real.port}", excluded_checks=[positive_data_acceptance])
