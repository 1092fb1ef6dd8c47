"""desk: a bounded queue before killable workers, for callers in any thread."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.crawl import TabulariumPipeline
from pipeline.desk import BusyError, ClosedError, Desk
from pipeline.errors import PipelineError
from pipeline.model.limits import Limits
from pipeline.worker import Task
from tests.faults import engine


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(1, waiting=2, forms=[], limits=Limits(max_seconds=2.0), extract=engine.NAME) as made:
        yield made


def task(tmp_path: Path, commands: str, name: str = "doc") -> Task:
    file = tmp_path / f"{name}-{time.monotonic_ns()}"
    file.write_text(commands)
    return Task(name, bytes(file))


def failure(line: bytes) -> str | None:
    found = json.loads(line)["failure"]
    return None if found is None else found["message"]


def test_results_come_in_the_order_of_the_callers(desk: Desk, tmp_path: Path) -> None:
    futures = [desk.hand_in(task(tmp_path, commands)) for commands in ("one", "exit 3", "flagged")]
    lines = [future.result(60) for future in futures]
    assert [failure(line) for line in lines] == [None, "the process that read it died (exit code 3)", None]
    assert json.loads(lines[2])["status"] == "flagged"
    assert desk.unfinished == 0


def test_one_too_many_is_refused_at_once(desk: Desk, tmp_path: Path) -> None:
    futures = [desk.hand_in(task(tmp_path, "sleep 0.5")) for _ in range(3)]
    assert desk.is_full
    with pytest.raises(BusyError):
        desk.hand_in(task(tmp_path, "x"))
    assert [failure(future.result(60)) for future in futures] == [None] * 3
    assert failure(desk.hand_in(task(tmp_path, "x")).result(60)) is None


def test_what_is_cancelled_costs_no_worker(desk: Desk, tmp_path: Path) -> None:
    """A crawler that ends, or a caller that gave up waiting: the thread that found its future cancelled used to die of it."""
    under_way, waiting, last = (desk.hand_in(task(tmp_path, commands)) for commands in ("sleep 0.5", "one", "two"))
    assert waiting.cancel()
    assert failure(last.result(60)) is None
    assert not under_way.cancel()
    assert failure(under_way.result(60)) is None
    assert desk.unfinished == 0


def test_closing_ends_what_is_under_way_and_what_waits(tmp_path: Path) -> None:
    desk = Desk(1, waiting=5, forms=[], extract=engine.NAME)
    spool = desk.spool
    futures = [desk.hand_in(task(tmp_path, commands)) for commands in ("hang", "x")]
    time.sleep(1.0)
    desk.close()
    desk.close()
    for future in futures:
        with pytest.raises(ClosedError):
            future.result(60)
    with pytest.raises(ClosedError):
        desk.hand_in(task(tmp_path, "x"))
    assert not spool.exists()


def test_workers_that_cannot_start_are_the_callers_to_hear(tmp_path: Path) -> None:
    with Desk(1, waiting=1, forms=[], extract="no_such_module:extract") as desk:
        with pytest.raises(PipelineError, match="cannot be started"):
            desk.hand_in(task(tmp_path, "x")).result(60)
        assert desk.unfinished == 0


def test_the_file_of_a_member_is_removed(desk: Desk) -> None:
    file = desk.spool / "1"
    file.write_text("x")
    line = desk.hand_in(Task("", bytes(file), is_member=True, is_named=False, uri="http://a/b")).result(60)
    assert not file.exists()
    assert (json.loads(line)["source"]["path"], json.loads(line)["source"]["uri"]) == (None, "http://a/b")


def test_items_get_the_results_of_their_documents(tmp_path: Path, samples_dir: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_bytes((samples_dir / "xinyu-2021.txt").read_bytes())
    pipeline = TabulariumPipeline(jobs=1, store=str(tmp_path))
    items: list[dict[str, Any]] = [
        {"files": [{"path": "full/a.txt", "url": "http://a/1"}], "body": b"<p>x", "url": "http://a/2", "content_type": "text/html"},
        {"files": [{"path": "full/gone.txt", "url": "http://a/3"}]},
        {"title": "no document"},
    ]

    async def crawl() -> None:
        await asyncio.gather(*(pipeline.process_item(item) for item in items))

    try:
        asyncio.run(crawl())
    finally:
        pipeline.close_spider()
    assert [(result["source"]["uri"], result["status"]) for result in items[0]["tabularium"]] == [
        ("http://a/1", "accepted"),
        ("http://a/2", "no-report"),
    ]
    assert items[1]["tabularium"][0]["failure"]["message"] == "cannot be read: No such file or directory"
    assert "tabularium" not in items[2]
