"""Ask the service for four times what it can serve while it is ill-treated: `python -m tests.bench.load`.

Every document takes 0.1 s by the clock, so that the machine's own load does not decide. First the service is asked for as much as it can serve, then for four times
as much, then the same with clients that send a byte a second, a body of 1 GB, and a worker killed every second. Printed for each: answers a second, refusals, and the
times of both. Each answer must be of the very bytes that were sent. The last line says what is missed: then the exit code is 1.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import random
import signal
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.faults import engine
from tests.test_service import Served, served

SECONDS_A_DOCUMENT = 0.1
SLOW_CLIENTS = 20


@dataclass(slots=True)
class Answers:
    """What came of a phase: seconds by status, and what was wrong."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)

    def ask(self, port: int, number: int) -> None:
        body = f"sleep {SECONDS_A_DOCUMENT}\nnumber {number}".encode()
        started = time.monotonic()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("POST", f"/v1/extract?name={number}.txt", body, {"Content-Type": "text/plain"})
            response = connection.getresponse()
            status, answer = response.status, response.read()
            connection.close()
        except OSError as error:
            self.wrong[type(error).__name__] += 1
            return
        self.seconds.setdefault(status, []).append(time.monotonic() - started)
        if status == 200:
            source = json.loads(answer)["source"]
            if (source["path"], source["sha256"]) != (f"{number}.txt", hashlib.sha256(body).hexdigest()):
                self.wrong["the answer to another request"] += 1
        elif status not in (429, 503):
            self.wrong[f"status {status}"] += 1


def phase(service: Served, rate: float, seconds: float) -> Answers:
    """Requests at a steady rate, whether or not earlier ones are answered."""
    answers = Answers()
    with ThreadPoolExecutor(200) as pool:
        begun = time.monotonic()
        for number in range(int(rate * seconds)):
            time.sleep(max(0.0, begun + number / rate - time.monotonic()))
            pool.submit(answers.ask, service.port, number)
    return answers


@contextlib.contextmanager
def ill_treated(service: Served) -> Iterator[None]:
    """Slow clients, a body of a gigabyte, and the death of a worker every second."""
    over = threading.Event()

    def dribble() -> None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", service.port)) as client:
            client.sendall(b"POST /v1/extract HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            while not over.wait(1):
                client.sendall(b"x")

    def pour() -> None:
        piece = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
        while not over.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", service.port)) as client:
                client.sendall(b"POST /v1/extract HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in range(1 << 10):
                    client.sendall(piece)
            over.wait(0.5)

    def kill() -> None:
        while not over.wait(1):
            with contextlib.suppress(IndexError, OSError):
                os.kill(random.choice(service.children()), signal.SIGKILL)

    acts: list[Callable[[], None]] = [*[dribble] * SLOW_CLIENTS, pour, kill]
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def describe(name: str, answers: Answers, seconds: float) -> float:
    """Print a phase; the 95th percentile of the served."""
    served_in = sorted(answers.seconds.get(200, [0.0]))
    refused = sorted([*answers.seconds.get(429, []), *answers.seconds.get(503, [])])
    late = served_in[int(0.95 * (len(served_in) - 1))]
    print(
        f"{name}: {len(served_in) / seconds:.1f} served a second, median {statistics.median(served_in):.2f} s, 95 % within {late:.2f} s, longest {served_in[-1]:.2f} s; "
        f"{len(refused)} refused" + (f", 95 % within {refused[int(0.95 * (len(refused) - 1))]:.3f} s" if refused else "") + f"; wrong: {dict(answers.wrong) or 'none'}",
        flush=True,
    )  # fmt: skip
    return late


def main() -> int:
    """The command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description="Ask the service for more than it can serve.")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each phase")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    can = options.jobs / SECONDS_A_DOCUMENT
    missed = []
    desk = {"jobs": options.jobs, "waiting": 2 * options.jobs, "forms": [], "extract": engine.NAME}
    with served(desk=desk, limits={"max_seconds": 10.0, "max_bytes": 64 << 20}, body_seconds=5.0) as service:
        phase(service, 2, 2)
        alone = phase(service, 0.8 * can, options.seconds)
        describe(f"{0.8 * can:.0f} asked a second, 0.8 of what it can serve", alone, options.seconds)
        four = phase(service, 4 * can, options.seconds)
        late = describe(f"{4 * can:.0f} asked a second, 4 x what it can serve", four, options.seconds)
        with ill_treated(service):
            bad = phase(service, 4 * can, options.seconds)
        describe("the same, ill-treated", bad, options.seconds)
        after = phase(service, 0.5 * can, 5)
        describe("after it", after, 5)
        # Two for each worker wait: who is served has waited for at most three documents.
        if late > 2 * 3 * SECONDS_A_DOCUMENT:
            missed.append(f"under load 95 % within {late:.2f} s, wanted {2 * 3 * SECONDS_A_DOCUMENT:.2f} s")
        for answers in (alone, four, bad, after):
            missed += [f"{count} x {what}" for what, count in answers.wrong.items()]
        if len(after.seconds.get(200, [])) < 0.9 * 2.5 * can:
            missed.append("it did not come back")
    print("; ".join(missed) or "all as wanted")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
