"""An HTTP message as a WARC record keeps it: status, content type, and the body with its codings taken off, within a limit."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from pipeline.sources.stream import FREE_BYTES, Readable

__all__ = ["Coding", "HttpResponse", "TooLargeError", "UnknownCodingError", "parse_response", "take_codings_off"]

_MAX_CODINGS = 4
_CHUNK = 1 << 16
_PLAIN = frozenset({"", "identity", "none", "utf-8"})  # the last is a mistake that is made
_PARTIAL_CONTENT = 206
_WHOLE_RANGE = re.compile(r"bytes 0-([0-9]{1,18})/([0-9]{1,18})", re.IGNORECASE)

Coding = Callable[[BytesIO], Readable]


class TooLargeError(Exception):
    """The body decodes to more than the limit."""


class UnknownCodingError(Exception):
    """The body is in a coding that nobody here takes off; the message names it."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A parsed head, and the body as sent. `status` is None where there is no status line; names in `headers` are in lower case."""

    status: int | None
    headers: Mapping[str, str]
    body: bytes


def parse_response(block: bytes) -> HttpResponse:
    """Part the block of a response record. Never fails: what is no head is all body."""
    head, mark, body = block.partition(b"\r\n\r\n")
    bare_head, bare_mark, bare_body = block.partition(b"\n\n")
    if bare_mark and (not mark or len(bare_head) < len(head)):
        head, mark, body = bare_head, bare_mark, bare_body
    lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    words = lines[0].split(None, 2)
    if not mark or not words or not words[0].upper().startswith("HTTP/"):
        return HttpResponse(None, {}, block)
    status = int(words[1]) if len(words) > 1 and words[1].isascii() and words[1].isdigit() and len(words[1]) == 3 else None
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon and not line[:1].isspace():
            key = name.strip().lower()
            # Codings add up when a header is repeated; of anything else the first one counts.
            headers[key] = (
                f"{headers[key]}, {value.strip()}" if key in headers and key.endswith("-encoding") else headers.get(key, value.strip())
            )
    return HttpResponse(status, headers, body)


def take_codings_off(response: HttpResponse, max_bytes: int, max_ratio: int, codings: Mapping[str, Coding]) -> tuple[bytes, bool]:
    """The body without its transfer and content codings, and whether it is only a part of the document: it breaks off, or no more was asked for.

    A coding that is declared and not there (archivers take it off and leave the header) is passed over. `codings` has those that the standard
    library lacks. TooLargeError when more than `max_bytes` come out, or more than `max_ratio` bytes for each byte and that much that it matters;
    UnknownCodingError for a coding that is not known.
    """
    body, is_cut = response.body, False
    if "chunked" in response.headers.get("transfer-encoding", "").lower():
        body, is_cut = _without_chunks(body)
    elif (response.headers.get("content-length") or "").isdecimal():
        is_cut = len(body) < int(response.headers["content-length"][:18])
    names = [name.strip().lower() for name in response.headers.get("content-encoding", "").split(",")]
    names += [
        name.strip().lower() for name in response.headers.get("transfer-encoding", "").split(",") if name.strip().lower() != "chunked"
    ]
    names = [name.removeprefix("x-") for name in names if name not in _PLAIN]
    if len(names) > _MAX_CODINGS:
        raise UnknownCodingError(f"{len(names)} codings, one over the other")
    for name in reversed(names):
        most = min(max_bytes, max(FREE_BYTES, len(body) * max_ratio))
        body, cut_here = _decoded(name, body, most, codings)
        is_cut = is_cut or cut_here
    return body, is_cut or _is_piece(response)


def _is_piece(response: HttpResponse) -> bool:
    """Whether the server says that this is not the whole."""
    if response.status != _PARTIAL_CONTENT:
        return False
    found = _WHOLE_RANGE.fullmatch(response.headers.get("content-range", "").strip())
    return found is None or int(found[1]) + 1 != int(found[2])


def _without_chunks(body: bytes) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\n", at, at + 1024)
        size = _chunk_size(body[at:end]) if end >= 0 else None
        if size is None:
            # At the start: the chunks were taken off before. Later: what is left is lost.
            return (body, False) if not parts else (b"".join(parts), True)
        if size == 0:
            return b"".join(parts), False
        part = body[end + 1 : end + 1 + size]
        parts.append(part)
        at = end + 1 + size
        if len(part) < size or at >= len(body):
            return b"".join(parts), True
        at += 2 if body.startswith(b"\r\n", at) else 1 if body.startswith(b"\n", at) else 0


def _chunk_size(line: bytes) -> int | None:
    digits = line.partition(b";")[0].strip()
    if not 0 < len(digits) <= 15 or digits.strip(b"0123456789abcdefABCDEF"):
        return None
    return int(digits, 16)


def _decoded(name: str, body: bytes, most: int, codings: Mapping[str, Coding]) -> tuple[bytes, bool]:
    if not body:
        return body, False
    if name == "gzip":
        return _inflated(body, 31, most) if body.startswith(b"\x1f\x8b") else (body, False)
    if name == "deflate":
        # Both are sent under this name: with zlib's header, as the standard says, and without.
        has_header = body[0] & 0x0F == 8 and len(body) > 1 and (body[0] * 256 + body[1]) % 31 == 0
        data, is_cut = _inflated(body, 15 if has_header else -15, most)
        return (data, is_cut) if data or not is_cut else (body, False)
    coding = codings.get(name)
    if coding is None:
        raise UnknownCodingError(name)
    return _read_through(coding, body, most)


def _inflated(body: bytes, wbits: int, most: int) -> tuple[bytes, bool]:
    inflater = zlib.decompressobj(wbits)
    parts: list[bytes] = []
    count, rest = 0, body
    while not inflater.eof:
        try:
            part = inflater.decompress(rest, _CHUNK)
        except zlib.error:
            return b"".join(parts), True
        if not part and (not inflater.unconsumed_tail or inflater.unconsumed_tail == rest):
            return b"".join(parts), not inflater.eof
        rest = inflater.unconsumed_tail
        count += len(part)
        if count > most:
            raise TooLargeError
        parts.append(part)
    return b"".join(parts), False


def _read_through(coding: Coding, body: bytes, most: int) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    count = 0
    try:
        reader = coding(BytesIO(body))
        while part := reader.read(_CHUNK):
            count += len(part)
            if count > most:
                raise TooLargeError
            parts.append(part)
    except (OSError, EOFError, ValueError):
        return (b"".join(parts), True) if parts else (body, False)
    return b"".join(parts), False
