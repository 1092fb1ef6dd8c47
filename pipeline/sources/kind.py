"""Which bytes are an archive: told by their beginning, never by a name."""

from __future__ import annotations

from typing import Literal

__all__ = ["HEAD_BYTES", "Kind", "kind_of"]

HEAD_BYTES = 512  # enough to tell

Kind = Literal["zip", "tar", "gzip", "warc"]


def kind_of(head: bytes) -> Kind | None:
    """The kind of archive that begins with these HEAD_BYTES (fewer, where there are no more). A ZIP file may still turn out to be a document."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK")):
        return "zip"
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"WARC/") and head[5:6].isdigit():
        return "warc"
    return "tar" if _is_tar(head) else None


def _is_tar(head: bytes) -> bool:
    """The first header of a TAR file has a checksum, in every dialect."""
    if len(head) < HEAD_BYTES or not head[0]:
        return False
    field = head[148:156].strip(b" \0")
    if not field or field.strip(b"01234567"):
        return False
    return int(field, 8) == sum(head[:148]) + 8 * 32 + sum(head[156:512])
