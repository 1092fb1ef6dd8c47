"""Archives as bytes, for the tests that read them."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping

REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


def make_zip(members: Mapping[str, bytes], *, stored: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2022, 1, 31, 12, 0, 0)), data, None if stored else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def make_tar(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def record(
    kind: str,
    uri: str | None,
    block: bytes,
    *,
    number: int = 1,
    date: str = "2022-01-31T12:00:00Z",
    **headers: str,
) -> bytes:
    """One WARC record; `headers` by name, with _ for -."""
    lines = ["WARC/1.1", f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:uuid:{number}>", f"WARC-Date: {date}"]
    if uri is not None:
        lines.append(f"WARC-Target-URI: {uri}")
    if kind in ("response", "revisit", "request"):
        lines.append(f"Content-Type: application/http; msgtype={kind}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(block)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def response(body: bytes, *headers: str, status: str = "200 OK", content_type: str = "text/html; charset=gbk") -> bytes:
    """An HTTP response as the block of a record."""
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {content_type}", *headers]).encode() + b"\r\n\r\n" + body


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def packed(records: Iterable[bytes]) -> bytes:
    """A .warc.gz: each record is a gzip member of its own."""
    return b"".join(gzip.compress(item, mtime=0) for item in records)


def make_wacz(records: Iterable[bytes]) -> bytes:
    return make_zip({"datapackage.json": b"{}", "archive/data.warc.gz": packed(records), "pages/pages.jsonl": b"{}"}, stored=True)
