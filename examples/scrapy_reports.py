"""Crawl a site and read the reports it links to: `python scrapy_reports.py START_URL`. Prints one line a document.

Pages are read as they come (`body`), linked files are stored by Scrapy's own FilesPipeline first (`files`).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess


class Reports(scrapy.Spider):
    """Follows links to pages, and hands over pages and linked text files."""

    name = "reports"

    def __init__(self, start: str, **options: Any) -> None:
        super().__init__(**options)
        self.start_urls = [start]

    def parse(self, response: Any) -> Iterator[Any]:
        links = response.css("a::attr(href)").getall()
        yield {
            "url": response.url,
            "content_type": response.headers.get("Content-Type", b"").decode("latin-1"),
            "body": response.body,
            "file_urls": [response.urljoin(link) for link in links if link.endswith(".txt")],
        }
        yield from response.follow_all([link for link in links if link.endswith(".html")])


class Printed:
    """The last pipeline: what came of each document."""

    def process_item(self, item: Any) -> Any:
        for result in item["tabularium"]:
            forms = ", ".join(report["form"] for report in result["reports"])
            print(f"{result['source']['uri']}: {result['status']} {forms}".rstrip())
        return item


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as store:
        process = CrawlerProcess(
            {
                "ITEM_PIPELINES": {"scrapy.pipelines.files.FilesPipeline": 1, "pipeline.crawl.TabulariumPipeline": 2, Printed: 3},
                "FILES_STORE": store,
                "LOG_LEVEL": "ERROR",
                "TELNETCONSOLE_ENABLED": False,
            }
        )
        process.crawl(Reports, start=sys.argv[1])
        process.start()
