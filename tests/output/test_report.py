"""report.html: true, sorted, self-contained, and safe whatever documents are called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

import lxml.html
import pytest

from pipeline.batch import run_batch
from pipeline.dataset import build_dataset
from tests.archives import make_zip, packed, record, response

ROOT = Path(__file__).resolve().parent.parent.parent
EVIL = "<img src=x onerror=alert(1)>\"'&.txt"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "in dir").mkdir()
    for name in ("2021-blanks.html", "2019-truncated.txt", "2021-clerk-error.html", "notice.html"):
        (folder / "in dir" / name).write_bytes((ROOT / "samples" / name).read_bytes())
    (folder / "in dir" / EVIL).write_bytes((ROOT / "samples" / "2021-columns.txt").read_bytes()[:5000])
    (folder / "in dir" / "a.zip").write_bytes(
        make_zip({"x.html": (ROOT / "samples" / "2021-clerk-error.html").read_bytes(), "p.png": b"\x89PNG\r\n\x1a\n"})
    )
    page = response(b"<p>x", content_type="text/html")
    (folder / "in dir" / "w.warc.gz").write_bytes(packed([record("response", "javascript:alert(1)", page)]))
    run_batch(folder / "in dir", folder / "out", jobs=1)
    build_dataset(folder / "out")
    return folder / "out"


@pytest.fixture
def page(out: Path) -> lxml.html.HtmlElement:
    return lxml.html.fromstring((out / "report.html").read_bytes())


def cells(page: lxml.html.HtmlElement, heading: str) -> list[list[str]]:
    """The rows of the first table behind a heading."""
    (found,) = [item for item in page.iter("h3", "h2") if item.text_content().strip().startswith(heading)]
    table = next(item for item in found.itersiblings() if item.tag == "table")
    return [[" ".join(cell.text_content().split()) for cell in row.iter("td")] for row in table.iter("tr")][1:]


def links_of(page: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    """The link of each document that needs a look."""
    (found,) = [item for item in page.iter("h3") if item.text_content().startswith("Where")]
    table = next(item for item in found.itersiblings() if item.tag == "table")
    return [row.find(".//a") for row in table.iter("tr")][1:]


def test_the_counts_are_those_of_the_run(page: lxml.html.HtmlElement) -> None:
    assert page.findtext(".//h1") == "8 documents, 5 reports"
    tiles = {item.get("class"): item.findtext("b") for item in page.find_class("tile")}
    assert tiles == {"tile accepted": "1", "tile flagged": "4", "tile no-report": "2", "tile failed": "1"}


def test_what_matters_most_comes_first(page: lxml.html.HtmlElement) -> None:
    rows = cells(page, "Where")
    # A broken sum weighs as much as a number in doubt.
    stakes = [int(row[1] or 0) + (int(broken[1]) if (broken := re.search(r"identity-broken × (\d+)", row[3])) else 0) for row in rows]
    assert stakes == [3, 3, 2, 0, 0, 0, 0]
    assert [row[0] for row in rows][-3:-1] == ["a.zip!/p.png", "notice.html"]
    causes = cells(page, "Why")
    assert causes[0][0].startswith("identity-broken")
    assert causes[0][1] == "2"
    assert causes[0][3].startswith("A sum that the form promises does not hold")


def test_reasons_and_commands(page: lxml.html.HtmlElement, out: Path) -> None:
    why = {link.text: row[3] for link, row in zip(links_of(page), cells(page, "Where"), strict=True)}
    # Of several findings of a code always the same one: the database has them in any order.
    assert "outcomes of social_welfare_organization: the parts add up to 124, the total is 122" in why["2021-clerk-error.html"]
    assert f"tabularium explain '{out.parent}/in dir/a.zip!/x.html' /applications/" in why["a.zip!/x.html"]
    assert "damaged-source: the picture cannot be unpacked" in why["a.zip!/p.png"]


def test_links_lead_to_the_sources(page: lxml.html.HtmlElement, out: Path) -> None:
    links = [item.get("href") for item in page.iter("a")]
    files = {link.partition("#")[0] for link in links if not link.startswith("#")}
    assert {"results.jsonl", "datapackage.json", "../in%20dir/a.zip", "../in%20dir/2021-clerk-error.html"} <= files
    for link in files:
        assert (out / unquote(link)).exists(), link
    anchors = {link[1:] for link in links if link.startswith("#")}
    assert anchors == {item.get("id") for item in page.iter("h2")}


def test_nothing_is_fetched_and_nothing_runs(out: Path, page: lxml.html.HtmlElement) -> None:
    text = (out / "report.html").read_text(encoding="utf-8")
    assert not [item for item in page.iter() if item.tag in ("script", "link", "img", "iframe", "object", "base")]
    assert not [name for item in page.iter() for name, _ in item.items() if name.startswith("on") or name == "src"]
    assert re.findall(r"(?:https?:)?//[^\s\"'<]+", text.replace("http://www.w3.org/2000/svg", "").replace("javascript:alert", "")) == []
    assert "javascript:" not in {item.get("href", "")[:11] for item in page.iter("a")}
    assert "default-src 'none'" in text
    assert EVIL in page.text_content()


def test_a_report_without_the_manifest_has_no_links_to_sources(out: Path, tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_bytes((out / "results.jsonl").read_bytes())
    build_dataset(tmp_path)
    page: lxml.html.HtmlElement = lxml.html.fromstring((tmp_path / "report.html").read_bytes())
    links = {item.get("href") or "" for item in page.iter("a")}
    assert {link for link in links if not link.startswith("#")} == {"results.jsonl", "datapackage.json"}


def test_no_documents(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_bytes(b"")
    build_dataset(tmp_path)
    page: lxml.html.HtmlElement = lxml.html.fromstring((tmp_path / "report.html").read_bytes())
    text = page.text_content()
    assert "0 documents, 0 reports" in text
    assert "No report of a known form was found." in text


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_a_browser_shows_it(out: Path, tmp_path: Path) -> None:
    """The page as laid out by a browser: the charts have a size, and the console is silent."""
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--enable-logging=stderr"]
    size = ["--window-size=1200,2000", f"--screenshot={tmp_path / 'page.png'}"]
    done = subprocess.run([*command, *size, (out / "report.html").as_uri()], capture_output=True, text=True, check=False, timeout=120)
    assert (tmp_path / "page.png").stat().st_size > 30_000
    assert "CONSOLE" not in done.stderr


@pytest.mark.parametrize("name", [b"\xb1\xa8\xb8\xe6.txt", rb"a\b.txt", rb"a\xb1.txt", b"%E6 ?#.txt"])
def test_a_name_of_any_bytes_is_linked(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "in").mkdir()
    file = os.path.join(os.fsencode(tmp_path / "in"), name)
    Path(os.fsdecode(file)).write_bytes(b"nothing that anybody reports")
    run_batch(tmp_path / "in", tmp_path / "out", jobs=1)
    build_dataset(tmp_path / "out")
    (link,) = links_of(lxml.html.fromstring((tmp_path / "out" / "report.html").read_bytes()))
    assert unquote_to_bytes(link.get("href")) == b"../in/" + name
