"""WARC records -> members: responses and resources with their codings taken off, revisits by what they repeat. Owns fastwarc.

fastwarc finds the records; blocks are read raw and decoded here. (Letting fastwarc 2.0.1 decode bodies, it lost the records behind one with
chunks and Brotli, without a word. Nor does it tell when a gzip stream breaks off: `GzipStream` does.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from pipeline.model.limits import Limits
from pipeline.sources.http import TooLargeError, UnknownCodingError, parse_response, take_codings_off
from pipeline.sources.member import Event, LeftOut, Member, Trouble, harmless_name
from pipeline.sources.stream import Budget, ByteStream, GzipStream

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

__all__ = ["read_warc"]

_CHUNK = 1 << 16
_MAX_HEAD = 1 << 16  # of a WARC record, and of an HTTP message
_MAX_DAMAGES = 1000  # then the rest is taken for noise


def read_warc(stream: ByteStream, archive: str, limits: Limits, budget: Budget) -> Iterator[Event]:
    """The documents of a WARC file, in its order; `archive` is the path that it is known by. A path is `capture time/target URI`.

    Records of other kinds (requests, metadata) and responses that carry no document (redirects, errors) are counted as left out. Damage is a Trouble
    that says how many documents were saved; of a gzip file whose records are compressed one by one, only the damaged record is lost.
    """
    reader = _Reader(archive, limits, budget)
    damages: list[str] = []
    while stream.head(1) or stream.damage is not None:
        complaint = yield from reader.pass_over(_Part(stream))
        complaint = stream.damage or complaint
        if complaint is None:
            continue
        damages.append(complaint)
        goes_on = isinstance(stream, GzipStream) and (stream.damage is None or stream.resume())
        if not goes_on or len(damages) >= _MAX_DAMAGES:
            break
    for reason, count in sorted(reader.left_out.items()):
        yield LeftOut("", reason, count)
    if damages:
        more = f" (and {len(damages) - 1} more such places)" if len(damages) > 1 else ""
        saved = "1 document was saved" if reader.saved == 1 else f"{reader.saved} documents were saved"
        yield Trouble("", "damaged-source", f"{damages[0]}{more}; {saved}")


class _Part:
    """A stream up to the next gzip member that begins with a record: so fastwarc, which reads ahead, stays within what a damage may cost."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._has_begun = False
        self._is_over = False

    def read(self, size: int = -1, /) -> bytes:
        """As ByteStream.read."""
        stream = self._stream
        if self._has_begun and isinstance(stream, GzipStream) and stream.is_between_members and stream.head(5) == b"WARC/":
            self._is_over = True
        if self._is_over:
            return b""
        self._has_begun = True
        return stream.read(size)

    def tell(self) -> int:
        """As ByteStream.tell."""
        return self._stream.tell()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """A stream goes on only; nobody asks for more."""
        raise OSError("a stream cannot be sought in")

    def close(self) -> None:
        """Nothing."""


class _Reader:
    def __init__(self, archive: str, limits: Limits, budget: Budget) -> None:
        self._archive = archive
        self._limits = limits
        self._budget = budget
        self.left_out: Counter[str] = Counter()
        self.saved = 0
        self._is_cut = False

    def pass_over(self, stream: _Part) -> Generator[Event, None, str | None]:
        """Events up to the end of the stream or the first damage; the value is what is wrong, or None."""
        from fastwarc.warc import ArchiveIterator

        self._is_cut = False
        try:
            records = ArchiveIterator(stream, parse_http=False, stream_detect=False, max_header_len=_MAX_HEAD, fsspec_args=False)
            for record in records:
                self._budget.take_member()
                for event in self._take(record):
                    self.saved += isinstance(event, Member)
                    yield event
        except (OSError, ValueError) as error:
            return f"the WARC file cannot be read on ({error})"
        return "the WARC file ends in the middle of a record" if self._is_cut else None

    def _take(self, record: WarcRecord) -> Iterator[Event]:
        kind = str(record.record_type)
        if record.headers.get("Content-Length") is None:
            raise ValueError("a record without its length")
        if kind not in ("response", "resource", "revisit"):
            self.left_out[f"WARC records of type {kind}"] += 1
            return
        facts = _facts(record, kind, self._archive)
        uri = facts["target_uri"]
        path = harmless_name(f"{_digits(facts['date'])}/{uri or facts['record_id'] or 'unnamed'}")
        if kind != "revisit" and record.content_length > self._limits.max_bytes + _MAX_HEAD:
            message = f"the record has {record.content_length} bytes, the limit is {self._limits.max_bytes}"
            yield Trouble(path, "limit-exceeded", message, facts, uri)
            return
        if facts["segment_number"] is not None:
            yield Trouble(path, "unsupported-format", "the record is a segment of a longer one; segments are not put together", facts, uri)
            return
        block, is_cut = _block(record, _MAX_HEAD if kind == "revisit" else self._limits.max_bytes + _MAX_HEAD)
        self._is_cut = self._is_cut or is_cut
        is_cut = (
            is_cut or facts["truncated"] is not None
        )  # the crawler had enough of it; nothing else may tell, where no length was declared
        if kind == "revisit":
            yield self._revisit(record, path, facts, block)
        elif kind == "resource" or not _is_http(record, uri):
            yield Member(path, block, facts, _shown(record.headers.get("Content-Type")), uri, is_cut, _names(facts))
        else:
            yield from self._response(path, facts, block, is_cut)

    def _revisit(self, record: WarcRecord, path: str, facts: dict[str, Any], block: bytes) -> Member:
        get = record.headers.get
        facts["http_status"] = parse_response(block).status
        facts["refers_to"] = _shown(get("WARC-Refers-To"))
        facts["refers_to_target_uri"] = _shown(get("WARC-Refers-To-Target-URI"))
        facts["refers_to_date"] = _shown(get("WARC-Refers-To-Date"))
        facts["profile"] = _shown(get("WARC-Profile"))
        # Most surely first. A server's "not modified" has no digest of the payload, but of an empty block, if any.
        digest = None if "not-modified" in (facts["profile"] or "") else facts["payload_digest"]
        wanted = _keys(facts["refers_to"], facts["refers_to_target_uri"] or facts["target_uri"], facts["refers_to_date"], digest)
        return Member(path, b"", facts, None, facts["target_uri"], False, (), wanted or ("nothing",))

    def _response(self, path: str, facts: dict[str, Any], block: bytes, is_cut: bool) -> Iterator[Event]:
        response = parse_response(block)
        uri = facts["target_uri"]
        facts["http_status"] = response.status
        facts["http_content_type"] = response.headers.get("content-type")
        if response.status is None and is_cut:
            yield Trouble(path, "damaged-source", "the record breaks off before the document begins", facts, uri)
            return
        if response.status is not None and not 200 <= response.status < 300:
            self.left_out[f"responses with HTTP status {response.status}"] += 1
            return
        try:
            body, is_short = take_codings_off(response, self._limits.max_bytes, self._limits.max_ratio, _codings())
        except TooLargeError:
            message = (
                f"the body unpacks to more than {self._limits.max_bytes} bytes, or to more than {self._limits.max_ratio} times its size"
            )
            yield Trouble(path, "limit-exceeded", message, facts, uri)
            return
        except UnknownCodingError as error:
            yield Trouble(path, "unsupported-format", f"the body has a content coding that is not known: {error}", facts, uri)
            return
        if not body and not is_cut and not is_short:
            self.left_out["responses without a body"] += 1
            return
        yield Member(path, body, facts, response.headers.get("content-type"), uri, is_cut or is_short, _names(facts))


def _codings() -> dict[str, Any]:
    from fastwarc.stream_io import BrotliReader, ZstdReader

    return {"br": BrotliReader, "zstd": ZstdReader}


def _block(record: WarcRecord, most: int) -> tuple[bytes, bool]:
    """The block of a record, and whether it is shorter than it says."""
    wanted = min(record.content_length, most)
    parts: list[bytes] = []
    while wanted > 0:
        part = record.reader.read(min(wanted, _CHUNK))
        if not part:
            break
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts), wanted > 0


def _is_http(record: WarcRecord, uri: str | None) -> bool:
    kind = (record.headers.get("Content-Type") or "").lower()
    return "application/http" in kind or (not kind and (uri or "").lower().startswith("http"))


def _facts(record: WarcRecord, kind: str, archive: str) -> dict[str, Any]:
    get = record.headers.get
    uri = _shown(get("WARC-Target-URI"))
    return {
        "format": "warc",
        "archive": archive,
        "record_type": kind,
        "record_id": _shown(get("WARC-Record-ID")),
        "date": _shown(get("WARC-Date")),
        # Some writers put the URI between angle brackets, as the first edition of the standard has it.
        "target_uri": uri[1:-1] if uri and uri.startswith("<") and uri.endswith(">") else uri,
        "payload_digest": _shown(get("WARC-Payload-Digest")),
        "truncated": _shown(get("WARC-Truncated")),
        "segment_number": _shown(get("WARC-Segment-Number")),
    }


def _names(facts: dict[str, Any]) -> tuple[str, ...]:
    return _keys(facts["record_id"], facts["target_uri"], facts["date"], facts["payload_digest"])


def _keys(record_id: str | None, uri: str | None, date: str | None, digest: str | None) -> tuple[str, ...]:
    keys = []
    if record_id:
        keys.append(f"id {record_id.strip('<>')}")
    if uri and date:
        keys.append(f"at {_digits(date)} {uri.strip('<>')}")
    if digest:
        keys.append(f"digest {digest.lower()}")
    return tuple(keys)


def _digits(date: str | None) -> str:
    """The capture time as archives write it, 14 digits; as it stands when it is no such time."""
    digits = "".join(char for char in (date or "")[:19] if char in "0123456789")
    return digits if len(digits) == 14 else (date or "undated")


def _shown(value: str | None) -> str | None:
    """A header as JSON can hold it."""
    return None if value is None else value.encode("utf-8", "backslashreplace").decode("utf-8")
