"""An engine for tests of the batch: it does to its process what the bytes of the source tell it to."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.model.finding import Finding
from pipeline.model.result import Failure, Report, Result, Source, Status

NAME = "tests.faults.engine:extract"
OTHER_NAME = "tests.faults.engine:extract_otherwise"


def extract(
    data: bytes,
    *,
    path: str | None = None,
    name: str | None = None,
    forms: object = None,
    uri: str | None = None,
    container: Mapping[str, Any] | None = None,
    **others: Any,
) -> Result:
    """Obey `data`, one command a line ("word argument"), then answer with the status that the last line names (default: accepted)."""
    status: Status = "accepted"
    for line in data.decode("utf-8", "replace").splitlines():
        word, _, argument = line.partition(" ")
        match word:
            case "exit":
                os._exit(int(argument))
            case "fork":  # what goes on when its parent has ended, and holds all that its parent had open
                if os.fork() == 0:
                    Path(argument).write_text(str(os.getpid()))
                    time.sleep(3600)
            case "segv":
                ctypes.string_at(0)
            case "hang":
                time.sleep(3600)
            case "spin":
                while True:
                    pass
            case "fill":
                held = [bytearray(1 << 24) for _ in range(1 << 12)]
                del held
            case "throw":  # as a library of C++ does: nobody catches it, the process is aborted
                ctypes.CDLL("libstdc++.so.6")._Znwm(ctypes.c_size_t(1 << 60))
            case "print":
                sys.stdout.write("NOISE " * 1000)
                sys.stdout.flush()
                os.write(1, b"NOISE\n" * 1000)
            case "flood":
                for _number in range(400):
                    os.write(1, bytes(1 << 20))
            case "raise":
                raise RuntimeError("raised by the engine")
            case "quit":
                sys.exit(3)
            case "close":  # every descriptor, the connection to the parent included
                os.closerange(3, 256)
                time.sleep(3600)
            case "once":  # die the first time only
                if not Path(argument).exists():
                    Path(argument).touch()
                    os._exit(9)
            case "orphan":  # kill who started us, as often as letters may be written into the file
                if len(Path(argument).read_bytes()) > 0:
                    Path(argument).write_bytes(Path(argument).read_bytes()[1:])
                    os.kill(os.getppid(), signal.SIGKILL)
                    time.sleep(3600)
            case "meet":  # wait until as many have come here as stand in front of the path
                count, _, place = argument.partition(" ")
                with Path(place).open("ab") as file:
                    file.write(b".")
                while len(Path(place).read_bytes()) < int(count):
                    time.sleep(0.01)
            case "log":  # let the test count how often the source was worked on
                with Path(argument).open("ab") as file:
                    file.write(b".")
            case "sleep":
                time.sleep(float(argument))
            case "flagged" | "no-report" | "failed":
                status = word
    source = Source(path, hashlib.sha256(data).hexdigest(), len(data), "text/plain", None, uri, container)
    return _result(source, status, {"title": name, "forms": len(forms) if isinstance(forms, tuple) else None})


def extract_otherwise(data: bytes, *, path: str | None = None, **_: Any) -> Result:
    """Another engine, with another answer."""
    return _result(Source(path, hashlib.sha256(data).hexdigest(), len(data), "text/plain"), "accepted", {"title": "otherwise"})


def _result(source: Source, status: Status, record: dict[str, Any]) -> Result:
    if status == "failed":
        return Result(source, "failed", Failure("damaged-source", "said so"), (), (), ())
    if status == "no-report":
        return Result(source, status, None, (), (), ())
    doubts = (
        Finding("blank-total", "warning", "a total is blank", ("/a",)),
        Finding("identity-broken", "error", "1 + 1 = 3", ("/a", "/b")),
        Finding("blank-total", "warning", "another total is blank", ("/c",)),
    )
    report = Report("test/form", "flagged" if status == "flagged" else "accepted", record, {}, doubts if status == "flagged" else ())
    return Result(source, status, None, (report,), (), ())
