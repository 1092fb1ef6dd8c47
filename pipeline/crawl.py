"""A Scrapy item pipeline: the documents of an item are read by worker processes, and their results go into the item.

Scrapy itself is not imported. In the settings of a crawl:

    ITEM_PIPELINES = {"scrapy.pipelines.files.FilesPipeline": 1, "pipeline.crawl.TabulariumPipeline": 2}
    TABULARIUM_FORMS = ["cn-disclosure/2021"]   # default: all
    TABULARIUM_JOBS = 2                         # default: 1
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.desk import BusyError, Desk
from pipeline.model.jsonbytes import load_json
from pipeline.worker import Task

__all__ = ["TabulariumPipeline"]

_WAITING = 64
_PAUSE_SECONDS = 0.05


class TabulariumPipeline:
    """Adds to each item the field `tabularium`: a list of results as dicts, one a document.

    An item of a class of its own needs that field. The documents are those that FilesPipeline has stored on this machine (`files`), and the bytes in `body` (with `url`, `content_type` and
    `file_name`, if the item has them). An item without either passes through. Needs the asyncio reactor, Scrapy's default. An item waits until a worker is
    free: a crawl never runs ahead of what can be read. `uri` of a result is the address of its document.
    """

    def __init__(self, *, jobs: int = 1, forms: list[str] | None = None, store: str | None = None) -> None:
        """ConfigError when a form is wrong. `store` is where FilesPipeline keeps files."""
        self._desk = Desk(jobs, waiting=_WAITING, forms=forms)
        self._store = None if store is None else Path(store)
        self._numbers = itertools.count()

    @classmethod
    def from_crawler(cls, crawler: Any) -> TabulariumPipeline:
        """What Scrapy calls."""
        settings = crawler.settings
        forms = settings.getlist("TABULARIUM_FORMS") or None
        return cls(jobs=settings.getint("TABULARIUM_JOBS", 1), forms=forms, store=settings.get("FILES_STORE"))

    async def process_item(self, item: Any) -> Any:
        """Read the documents of an item; it goes on when all have their results."""
        tasks = [*self._stored(item), *self._carried(item)]
        if tasks:
            item["tabularium"] = list(await asyncio.gather(*(self._read(task) for task in tasks)))
        return item

    def close_spider(self) -> None:
        """End the workers."""
        self._desk.close()

    def _stored(self, item: Any) -> list[Task]:
        if self._store is None:
            return []
        return [
            Task(str(file["path"]), bytes(self._store / file["path"]), uri=file.get("url"))
            for file in item.get("files") or ()
            if isinstance(file, Mapping) and "path" in file
        ]

    def _carried(self, item: Any) -> list[Task]:
        body = item.get("body")
        if not isinstance(body, bytes):
            return []
        file = self._desk.spool / str(next(self._numbers))
        file.write_bytes(body)
        name = item.get("file_name")
        return [
            Task(name or "", bytes(file), is_member=True, media_type=item.get("content_type"), uri=item.get("url"), is_named=bool(name))
        ]

    async def _read(self, task: Task) -> dict[str, Any]:
        while True:
            try:
                future = self._desk.hand_in(task)
            except BusyError:
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                line: bytes = await asyncio.wrap_future(future)
                result: dict[str, Any] = load_json(line)
                return result
