"""The reader of HTML: bytes -> Document. The only module that imports lxml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

from lxml import etree

from pipeline.errors import DamagedSourceError, LimitExceededError
from pipeline.model.document import Block, Document
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import Place
from pipeline.readers.context import ReadContext
from pipeline.readers.encoding import decode_text
from pipeline.readers.html.blocks import BlockWriter
from pipeline.readers.html.marked import MarkedPage, MarkedWriter
from pipeline.readers.html.page import SHALLOW, Page
from pipeline.readers.html.unseen import may_hide

__all__ = ["read_html", "read_marked"]

_CHUNK = 256 * 1024  # bytes fed to the parser at a time; the limits are looked at in between
_MAX_END_TAG_STEPS = 1_000_000_000  # end tags times open elements beyond SHALLOW: the parser looks for a stray end tag's element in all
_META = re.compile(rb"<meta\b[^>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)


def read_html(data: bytes, context: ReadContext) -> Document:
    """Read a page. LimitExceededError when a limit left nothing to give, DamagedSourceError when there is no element in it."""
    declared = context.declared_charset or _declared_in(data)
    decoded = decode_text(data, declared=declared, vocabulary=context.vocabulary)
    page = Page(context.limits, may_hide=may_hide(decoded.text))
    errors = _parse(page, decoded.text.encode())
    writer = BlockWriter(page, context.limits)
    blocks = tuple(writer.blocks())
    struck = [*page.struck, *errors]
    if struck and not blocks:
        raise LimitExceededError(f"nothing of the page could be read: {'; '.join(struck)}")
    if page.is_empty:
        raise DamagedSourceError("the page has no element")
    findings = [*decoded.findings, *(make_finding("limit-exceeded", message) for message in struck), *page.findings]
    findings += _left_out(page)
    return Document(blocks, "text/html", decoded.encoding, page.title, tuple(findings), pictures=tuple(writer.pictures))


def read_marked(
    marked: str, limits: Limits, locate: Callable[[int, str], Place], *, tables_before: int, cells_before: int
) -> tuple[tuple[Block, ...], tuple[Finding, ...]]:
    """Read a part of a text as a page. Never raises a SourceError; a limit that struck is a finding.

    `marked` has a comment with its offset (`<!--12-->`) before every piece of text and before every `table`, `td` and `th`, and no other
    comments. `locate` gives the place of what begins at an offset and has this text ("" for an element). `tables_before` and `cells_before`
    count what was read of the source before.
    """
    page = MarkedPage(limits, tables_before, cells_before)
    errors = _parse(page, marked.encode(), comments=True)
    blocks = tuple(MarkedWriter(page, limits, locate).blocks())
    findings = [*(make_finding("limit-exceeded", message) for message in (*page.struck, *errors)), *page.findings]
    return blocks, (*findings, *_left_out(page))


def _left_out(page: Page) -> Iterator[Finding]:
    if page.hidden_count:
        yield make_finding("hidden-text", f"{page.hidden_count} pieces of text that the page hides were left out")
    if page.struck_count:
        yield make_finding("struck-text", f"{page.struck_count} pieces of text that are struck out were left out")


def _declared_in(data: bytes) -> str | None:
    """The charset that the page itself declares, in a meta element or an XML declaration."""
    head = data[: 64 * 1024]
    found = _META.search(head) or _XML_DECLARATION.match(head)
    return found.group(1).decode("ascii") if found else None


def _parse(page: Page, utf8: bytes, *, comments: bool = False) -> list[str]:
    """Feed the parser; the messages of its own limits that struck. huge_tree: without it libxml2 drops what lies below depth 256."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=not comments, remove_pis=True, target=cast(Any, page))
    steps = 0
    try:
        for start in range(0, len(utf8), _CHUNK):
            chunk = utf8[start : start + _CHUNK]
            parser.feed(chunk)
            steps += chunk.count(b"</") * max(0, page.take_peak() - SHALLOW)
            if steps > _MAX_END_TAG_STEPS:
                page.stop("too many end tags below too many open elements; the page was not read to its end")
            if page.stopped:
                break
        parser.close()
    except etree.LxmlError as error:
        if not page.is_empty:  # else: comments only, or nothing; the caller says so
            page.strike(f"the parser stopped: {str(error)[:200]}")
    errors = (str(entry.message) for entry in parser.error_log if entry.type_name in ("ERR_RESOURCE_LIMIT", "ERR_NO_MEMORY"))
    return [f"the parser gave up: {error}" for error in dict.fromkeys(errors)]
