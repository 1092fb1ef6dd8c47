"""Bytes -> Document. The one door is `read_document`; READERS lists who reads what, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.errors import LimitExceededError, UnsupportedFormatError
from pipeline.model.document import Document
from pipeline.model.limits import Limits
from pipeline.readers.context import ReadContext
from pipeline.readers.sniff import kind_name, sniff

__all__ = ["READERS", "ReadContext", "Reader", "read_document"]


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader: the canonical media types it takes, and its function. The function raises SourceError, never returns None."""

    media_types: tuple[str, ...]
    read: Callable[[bytes, ReadContext], Document]


def _read_html(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.html.read import read_html  # lxml costs 50 ms that a text dump need not wait for

    return read_html(data, context)


def _read_web_archive(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.web_archive import read_web_archive

    return read_web_archive(data, context)


def _read_text(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.text import read_text

    return read_text(data, context)


def _read_json(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.json_dump import read_json

    return read_json(data, context)


def _read_docx(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.office.word import read_docx

    return read_docx(data, context)


def _read_xlsx(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.office.workbook import read_xlsx

    return read_xlsx(data, context)


def _read_ods(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.office.opendocument import read_ods

    return read_ods(data, context)


def _read_by_office(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.office.legacy import read_by_office

    return read_by_office(data, kind_name(context.media_type), context)


def _read_unknown_compound(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.office.legacy import read_unknown_compound

    return read_unknown_compound(data, context)


def _read_pdf(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.pdf.read import read_pdf  # pdfium: 90 ms and 18 MB

    return read_pdf(data, context)


def _read_pictures(data: bytes, context: ReadContext) -> Document:
    from pipeline.readers.scans.installed import read_pictures

    return read_pictures(data, context)


READERS: tuple[Reader, ...] = (
    Reader(("text/html",), _read_html),
    Reader(("multipart/related",), _read_web_archive),
    Reader(("application/pdf",), _read_pdf),
    Reader(("image/png", "image/jpeg", "image/tiff"), _read_pictures),
    Reader(("text/plain",), _read_text),
    Reader(("application/json",), _read_json),
    Reader(("application/vnd.openxmlformats-officedocument.wordprocessingml.document",), _read_docx),
    Reader(("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",), _read_xlsx),
    Reader(("application/vnd.oasis.opendocument.spreadsheet",), _read_ods),
    Reader(
        ("application/msword", "application/vnd.ms-excel", "application/rtf", "application/vnd.oasis.opendocument.text"), _read_by_office
    ),
    Reader(("application/x-ole-storage",), _read_unknown_compound),
)


def read_document(
    data: bytes,
    *,
    media_type: str | None,
    name: str | None,
    limits: Limits,
    vocabulary: tuple[str, ...] = (),
    readers: Sequence[Reader] = READERS,
) -> Document:
    """Read one source. `media_type` (a content type, parameters and all) and `name` are hints; the bytes decide what it is.

    The first reader that takes the kind reads it. LimitExceededError for more bytes than `limits.max_bytes`, DamagedSourceError for an
    empty source, UnsupportedFormatError for a kind that no reader takes (the message names it), and whatever SourceError the reader raises.
    """
    if len(data) > limits.max_bytes:
        raise LimitExceededError(f"the source has {len(data)} bytes, more than max_bytes = {limits.max_bytes}")
    kind = sniff(data, media_type, name)
    for reader in readers:
        if kind in reader.media_types:
            return reader.read(data, ReadContext(_charset_parameter(media_type), name, limits, vocabulary, kind))
    raise UnsupportedFormatError(f"the source is {kind_name(kind)}, which no reader here takes")


def _charset_parameter(media_type: str | None) -> str | None:
    """The charset parameter of a content type ("text/html; charset=gbk"), or None."""
    for parameter in (media_type or "").split(";")[1:]:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            return value.strip().strip("\"'") or None
    return None
