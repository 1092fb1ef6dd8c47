"""The bytes of one source, read within the limits, and the Result of a source that gave none."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from pipeline.model.finding import make_finding
from pipeline.model.result import Failure, Result, Source

__all__ = ["Content", "failed_result", "file_name", "marked_cut", "over_limit_message", "read_content", "read_stream"]

_CHUNK = 1 << 20
NO_BYTES_SHA256 = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Content:
    """What a source holds. `data` is None when there is more than the limit; the digest and the count are of the whole."""

    data: bytes | None
    sha256: str
    byte_count: int


def read_content(location: bytes, max_bytes: int) -> Content:
    """The file at `location`; a file over the limit is hashed but not kept. OSError when it cannot be read."""
    # O_NONBLOCK: a file that turned into a named pipe since it was found must not hold us.
    descriptor = os.open(location, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as file:
        return read_stream(file, max_bytes)


def read_stream(stream: BinaryIO, max_bytes: int) -> Content:
    """A stream to its end, as read_content. Memory is bounded by `max_bytes` and one chunk."""
    digest = hashlib.sha256()
    chunks: list[bytes] = []
    count = 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        count += len(chunk)
        if count > max_bytes:
            chunks.clear()
        else:
            chunks.append(chunk)
    return Content(b"".join(chunks) if count <= max_bytes else None, digest.hexdigest(), count)


def failed_result(
    path: str | None,
    code: str,
    message: str,
    content: Content | None = None,
    *,
    media_type: str | None = None,
    uri: str | None = None,
    container: Mapping[str, Any] | None = None,
) -> Result:
    """The Result of a source that could not be read. Without content the digest is that of no bytes, and the count 0."""
    sha256, byte_count = (NO_BYTES_SHA256, 0) if content is None else (content.sha256, content.byte_count)
    return Result(Source(path, sha256, byte_count, media_type, None, uri, container), "failed", Failure(code, message), (), (), ())


def marked_cut(result: Result) -> Result:
    """The result of a document of which an archive has only a part: right as far as it goes, and in doubt as a whole."""
    if result.failure is not None:
        return result
    finding = make_finding("source-cut", "only a part of the document is in its archive; what is missing is not known")
    reports = tuple(replace(report, status="flagged") for report in result.reports)
    return replace(result, status="flagged" if reports else result.status, reports=reports, findings=(*result.findings, finding))


def file_name(path: str, uri: str | None) -> str:
    """What a source would be called as a file, by its URI if it has one; its ending is a hint for the reader."""
    whole = path if uri is None else uri.partition("?")[0].partition("#")[0]
    return whole.rpartition("/")[2]


def over_limit_message(byte_count: int, max_bytes: int) -> str:
    """What to say of a source that is larger than the limit."""
    return f"the source has {byte_count} bytes, the limit is {max_bytes}"
