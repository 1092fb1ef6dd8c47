"""Web archives (.mht, .mhtml), which Word also saves as .doc: a page and what belongs to it as the parts of one message. The page is read.

The parts are cut at their boundary lines here: the standard library's parser of messages goes down into parts within parts by recursion, and
reads line by line what is mostly pictures.
"""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from email.parser import BytesHeaderParser

from pipeline.errors import DamagedSourceError
from pipeline.model.document import Document
from pipeline.model.finding import make_finding
from pipeline.readers.context import ReadContext, check_size
from pipeline.readers.html.read import read_html

__all__ = ["read_web_archive"]

_MOST_HEADER_BYTES = 64 * 1024  # of one part
_MOST_PARTS = 20_000  # of one archive; a page has some hundred pictures
_MOST_NESTED = 8  # parts that hold parts
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_MOST_FRAMES = 200  # pages beside the first
_MOST_NAMED = 10  # shown in one finding
_PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class _Part:
    """One part: its header fields, and its bytes as they are encoded."""

    header: Message
    body: bytes


def read_web_archive(data: bytes, context: ReadContext) -> Document:
    """Read the page of a web archive: the part that it names as its first, else the first page in it. Places are those of that page.

    DamagedSourceError where there is no page, or none that can be decoded; else as `readers.html.read.read_html`. An archive that breaks off within the page is
    read as far as it goes and flagged (`source-cut`).
    """
    whole = _part_of(data.lstrip())
    pages = [part for part in _parts_in(whole) if part.header.get_content_type() in _PAGES]
    if not pages:
        raise DamagedSourceError("the web archive holds no page: it is cut off, or saved wrongly; save the page again")
    start = whole.header.get_param("start")
    page = next((part for part in pages if start and part.header.get("Content-ID", "").strip() == start), pages[0])
    document = replace(_read_page(page, context), media_type=context.media_type)
    if not document.tables():
        document = _with_frames(document, [part for part in pages if part is not page], context)
    if not _is_closed(data, whole):
        said = make_finding("source-cut", "the web archive breaks off; the page may go on behind that")
        document = replace(document, findings=(*document.findings, said))
    return document


def _read_page(part: _Part, context: ReadContext) -> Document:
    declared = part.header.get_param("charset")
    charset = declared if isinstance(declared, str) else None
    return read_html(_decoded(part), replace(context, declared_charset=charset or context.declared_charset))


def _with_frames(document: Document, others: Sequence[_Part], context: ReadContext) -> Document:
    """A page without tables, with those of the pages beside it that have some: it shows them in frames, as worksheets saved as one file do."""
    blocks, findings = list(document.blocks), list(document.findings)
    names: list[str] = []
    for number, part in enumerate(others[:_MOST_FRAMES], 2):
        frame = _read_page(part, context)
        if frame.tables():
            blocks += frame.blocks
            findings += frame.findings
            names.append(str(part.header.get("Content-Location", "")).rpartition("/")[2] or f"page {number}")
            check_size(blocks, context.limits, "pages")
    if names:
        shown = ", ".join(names[:_MOST_NAMED]) + (" ..." if len(names) > _MOST_NAMED else "")
        findings.append(make_finding("archive-pages", f"the tables are of other pages of the archive than its first: {shown}"))
    if len(others) > _MOST_FRAMES:
        findings.append(
            make_finding("limit-exceeded", f"the archive has {len(others)} pages beside its first; only {_MOST_FRAMES} were read")
        )
    return replace(document, blocks=tuple(blocks), findings=tuple(findings))


def _part_of(data: bytes) -> _Part:
    """Header fields and the rest. What has no header fields is a part of plain text."""
    end = _HEADER_END.search(data, 0, _MOST_HEADER_BYTES)
    if end is None:
        return _Part(Message(), data)
    return _Part(BytesHeaderParser().parsebytes(data[: end.end()]), data[end.end() :])


def _boundary_of(part: _Part) -> bytes | None:
    boundary = part.header.get_boundary() if part.header.get_content_maintype() == "multipart" else None
    return b"--" + boundary.encode("ascii", "replace") if boundary else None


def _parts_in(whole: _Part) -> Iterator[_Part]:
    """The parts that hold no others, in the order they have in the file."""
    waiting = [(whole, 0)]
    count = 0
    while waiting and count < _MOST_PARTS:
        part, depth = waiting.pop()
        count += 1
        boundary = _boundary_of(part)
        if boundary is None or depth > _MOST_NESTED:
            yield part
            continue
        inside = (b"\n" + part.body).split(b"\n" + boundary, _MOST_PARTS)[1:]
        held = [_part_of(piece.partition(b"\n")[2]) for piece in inside if not piece.startswith(b"--")]
        waiting.extend((one, depth + 1) for one in reversed(held))


def _is_closed(data: bytes, whole: _Part) -> bool:
    """Whether the archive has its closing line."""
    boundary = _boundary_of(whole)
    return boundary is None or b"\n" + boundary + b"--" in data


def _decoded(part: _Part) -> bytes:
    """The bytes of a part as they were before they were encoded for the way. DamagedSourceError where that cannot be told."""
    encoding = str(part.header.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "quoted-printable":
        return quopri.decodestring(part.body)
    if encoding == "base64":
        packed = _NOT_BASE64.sub(b"", part.body)
        packed = packed[: len(packed) - 1] if len(packed) % 4 == 1 else packed  # it breaks off
        return base64.b64decode(packed + b"=" * (-len(packed) % 4))
    if encoding in ("", "7bit", "8bit", "binary"):
        return part.body
    raise DamagedSourceError(f"the page of the web archive is encoded as {encoding!r}, which is no encoding of such archives")
