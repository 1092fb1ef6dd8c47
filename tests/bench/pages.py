"""The documents that are timed: pages and dumps of a press run, or the committed ones, made as long as real pages are."""

from __future__ import annotations

import gzip
import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PRESSED", "Page", "find_pages", "pad", "vary"]

PRESSED = Path("build/bench-pages/documents")
COMMITTED = Path("tests/quality/press/committed/documents")
MIN_BYTES, MAX_BYTES = 40_000, 60_000

_WORDS = (
    "政务公开", "办事指南", "机构职能", "领导信息", "政策文件", "规划计划", "财政预决算", "人事信息", "应急管理", "建议提案", "通知公告",
    "工作动态", "热点回应", "在线访谈", "民意征集", "网上信访", "便民服务", "投资指南", "乡镇动态", "部门动态", "专题专栏", "数据开放",
)  # fmt: skip
_CLAUSES = (
    "进一步健全工作机制", "及时回应社会关切", "优化营商环境", "推进基层标准化规范化", "加强平台建设", "做好政策解读", "完善考核办法",
    "组织业务培训{}次", "发布稿件{}篇", "开展督查{}轮", "梳理事项清单{}项", "较上年增长{}%", "提升群众满意度", "压实主体责任",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """One document to time. `kind`: "html", or the converter that wrote the dump."""

    kind: str
    name: str
    data: bytes

    @property
    def is_html(self) -> bool:
        return self.name.endswith(".html")


def find_pages(folder: Path = PRESSED, *, padded: bool = True) -> list[Page]:
    """The documents of a press run if there is one, else the committed ones; long pages stay as they are. Empty when there are none."""
    found = []
    for path in sorted((folder if folder.is_dir() else COMMITTED).iterdir()):
        data = path.read_bytes()
        name = path.name
        if path.suffix == ".gz":
            data, name = gzip.decompress(data), path.stem
        kind = name.removesuffix(".html").removesuffix(".txt").removesuffix(".md").partition(".")[2] or "other"
        found.append(Page(kind, name, pad(data, name) if padded else data))
    return found


def pad(data: bytes, name: str) -> bytes:
    """The document, lengthened to 40-60 KB by what surrounds a report on a real site; the same name gives the same bytes.

    A page gets styles, scripts, menus and lists of links around it, a dump lines of the same words and paragraphs of prose behind it. A document whose
    encoding is not UTF-8 gets ASCII only.
    """
    rng = random.Random(hashlib.sha256(name.encode()).digest())
    lacking = rng.randint(MIN_BYTES, MAX_BYTES) - len(data)
    if lacking <= 0:
        return data
    try:
        data.decode("utf-8")
        plain = False
    except UnicodeDecodeError:
        plain = True
    if name.endswith(".html"):
        return _pad_html(data, rng, lacking, plain=plain)
    pieces = []
    while lacking > 0:
        line = (
            " ".join(f"item-{rng.randrange(9999)}" for _ in range(9))
            if plain
            else _prose(rng)
            if rng.random() < 0.6
            else rng.choice(_WORDS)
        ) + "\n"
        pieces.append(line)
        lacking -= len(line.encode())
    return data + b"\n" + "".join(pieces).encode()


def vary(page: Page, number: int) -> bytes:
    """The same document with some of its whole numbers changed, so that nothing remembered of one helps with the next."""
    rng = random.Random(number)
    pattern = rb">(\d{1,4})<" if page.is_html else rb"(?m)(?<=[ |])(\d{1,4})(?=[ |])"

    def other(match: re.Match[bytes]) -> bytes:
        return match.group().replace(match.group(1), b"%d" % rng.randrange(10_000))

    return re.sub(pattern, other, page.data)


def _pad_html(data: bytes, rng: random.Random, lacking: int, *, plain: bool) -> bytes:
    """A third of what is lacking is styles and scripts, the rest menus and links."""
    code = "".join(_code(rng, lacking // 3))
    links = "".join(_links(rng, lacking - len(code), plain=plain))
    half = links.find("</li>", len(links) // 2) + len("</li>")
    before = f"<style>{code[: len(code) // 2]}</style><div class='nav'><ul>{links[:half]}</ul></div>"
    after = f"<div class='foot'><ul>{links[half:]}</ul></div><script>{code[len(code) // 2 :]}</script>"
    opened = re.search(rb"<body[^>]*>", data)
    closed = data.rfind(b"</body>")
    start = opened.end() if opened else 0
    end = closed if closed >= start else len(data)
    return data[:start] + before.encode() + data[start:end] + after.encode() + data[end:]


def _code(rng: random.Random, size: int) -> Iterator[str]:
    while size > 0:
        rule = f".c{rng.randrange(999)}{{margin:0 {rng.randrange(99)}px;padding:{rng.randrange(9)}px;color:#{rng.randrange(16**6):06x}}}\n"
        yield rule
        size -= len(rule)


def _links(rng: random.Random, size: int, *, plain: bool) -> Iterator[str]:
    while size > 0:
        words = (
            f"item {rng.randrange(999)}"
            if plain
            else rng.choice(_WORDS) + (f"（{rng.randrange(99)}）" if rng.random() < 0.3 else _prose(rng)[:18])
        )
        link = f'<li class="n{rng.randrange(9)}"><a href="/art/{rng.randrange(2030)}/{rng.randrange(99999)}.html" target="_blank">{words}</a></li>\n'
        yield link
        size -= len(link.encode())


def _prose(rng: random.Random) -> str:
    return "，".join(rng.choice(_CLAUSES).format(rng.randrange(1000)) for _ in range(rng.randint(2, 7))) + "。"
