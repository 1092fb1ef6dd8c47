"""sources/warc: records, their codings, revisits and damage."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Any

import brotli
import pytest

from pipeline.model.limits import Limits
from pipeline.sources.archive import walk_archive
from pipeline.sources.member import Event, LeftOut, Member, Trouble
from tests.archives import NOT_MODIFIED, REVISIT, chunked, packed, record, response

BODY = "<html><p>政府信息公开".encode("gbk") * 20


def walk(data: bytes, name: str = "c.warc.gz", **limits: Any) -> list[Event]:
    return list(walk_archive(io.BytesIO(data), name, Limits(**limits)))


def members(data: bytes, **limits: Any) -> list[Member]:
    return [event for event in walk(data, **limits) if isinstance(event, Member)]


def troubles(data: bytes, **limits: Any) -> list[tuple[str, str, str]]:
    return [(event.path, event.code, event.message) for event in walk(data, **limits) if isinstance(event, Trouble)]


def left_out(data: bytes) -> dict[str, int]:
    return {event.reason: event.count for event in walk(data) if isinstance(event, LeftOut)}


def test_a_response_and_a_resource() -> None:
    digest = "sha1:AAAABBBB"
    data = packed(
        [
            record("warcinfo", None, b"software: x"),
            record("request", "http://a.cn/1", b"GET / HTTP/1.1\r\n\r\n"),
            record("response", "http://a.cn/1", response(BODY), number=7, WARC_Payload_Digest=digest),
            record("resource", "<file:///b>", b"text", number=8, Content_Type="text/plain"),
        ]
    )
    one, two = members(data)
    assert one == Member(
        "20220131120000/http://a.cn/1",
        BODY,
        {
            "format": "warc",
            "archive": "c.warc.gz",
            "record_type": "response",
            "record_id": "<urn:uuid:7>",
            "date": "2022-01-31T12:00:00Z",
            "target_uri": "http://a.cn/1",
            "payload_digest": digest,
            "truncated": None,
            "segment_number": None,
            "http_status": 200,
            "http_content_type": "text/html; charset=gbk",
        },
        "text/html; charset=gbk",
        "http://a.cn/1",
        names=("id urn:uuid:7", "at 20220131120000 http://a.cn/1", "digest sha1:aaaabbbb"),
    )
    assert (two.path, two.data, two.media_type, two.uri) == ("20220131120000/file:///b", b"text", "text/plain", "file:///b")
    assert left_out(data) == {"WARC records of type request": 1, "WARC records of type warcinfo": 1}


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ((), BODY),
        (("Content-Encoding: gzip",), gzip.compress(BODY)),
        (("Content-Encoding: x-gzip",), gzip.compress(BODY)),
        (("Content-Encoding: deflate",), zlib.compress(BODY)),
        (("Content-Encoding: deflate",), zlib.compress(BODY)[2:-4]),
        (("Content-Encoding: br",), brotli.compress(BODY)),
        (("Content-Encoding: gzip, br",), brotli.compress(gzip.compress(BODY))),
        (("Content-Encoding: identity",), BODY),
        (("Transfer-Encoding: chunked",), chunked(BODY[:100], BODY[100:])),
        (("Transfer-Encoding: chunked", "Content-Encoding: gzip"), chunked(gzip.compress(BODY))),
        (("Transfer-Encoding: chunked", "Content-Encoding: br"), chunked(brotli.compress(BODY))),
        (("Transfer-Encoding: gzip, chunked",), chunked(gzip.compress(BODY))),
        # Archivers take codings off and leave the header that declares them.
        (("Transfer-Encoding: chunked",), BODY),
        (("Content-Encoding: gzip",), BODY),
        (("Content-Encoding: br",), BODY),
    ],
)
def test_codings_are_taken_off_and_what_follows_is_not_lost(headers: tuple[str, ...], sent: bytes) -> None:
    first, second = members(
        record("response", "http://a/1", response(sent, *headers)) + record("response", "http://a/2", response(b"next"))
    )
    assert (first.data, first.is_cut, second.data) == (BODY, False, b"next")


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        (("Content-Encoding: gzip",), gzip.compress(BODY, 0)[:-200]),
        (("Transfer-Encoding: chunked",), chunked(BODY)[:-100]),
        ((f"Content-Length: {len(BODY)}",), BODY[:-100]),
    ],
)
def test_a_body_that_breaks_off_is_said_to(headers: tuple[str, ...], sent: bytes) -> None:
    (member,) = members(record("response", "http://a/1", response(sent, *headers)))
    assert BODY.startswith(member.data)
    assert len(BODY) > len(member.data) > 50
    assert member.is_cut


def test_what_the_crawler_cut_is_cut() -> None:
    """Without a declared length only this header tells; a revisit has it for the body that it leaves out."""
    data = record("response", "http://a/1", response(BODY), WARC_Truncated="length")
    data += record("resource", "http://a/2", BODY, number=2, WARC_Truncated="time")
    data += record("revisit", "http://a/3", response(b""), number=3, WARC_Truncated="length", WARC_Profile=REVISIT)
    assert [(member.data, member.is_cut) for member in members(data)] == [(BODY, True), (BODY, True), (b"", False)]


@pytest.mark.parametrize(
    ("content_range", "is_cut"),
    [("bytes 0-99/100", False), ("bytes 0-99/4000", True), ("bytes 100-199/200", True), ("bytes 0-99/*", True), ("", True)],
)
def test_a_part_that_was_asked_for_is_no_whole_document(content_range: str, is_cut: bool) -> None:
    block = response(BODY, f"Content-Range: {content_range}", status="206 Partial Content")
    assert [member.is_cut for member in members(record("response", "http://a/1", block))] == [is_cut]


def test_what_is_no_document_is_counted() -> None:
    data = packed(
        [
            record("response", "http://a/1", response(b"gone", status="404 Not Found")),
            record("response", "http://a/2", response(b"gone", status="404 Not Found")),
            record("response", "http://a/3", response(b"", "Location: /", status="301 Moved")),
            record("response", "http://a/4", response(b"")),
        ]
    )
    assert members(data) == []
    assert left_out(data) == {"responses with HTTP status 301": 1, "responses with HTTP status 404": 2, "responses without a body": 1}


def test_a_body_that_unpacks_to_too_much() -> None:
    bomb = record("response", "http://a/1", response(gzip.compress(bytes(20 << 20)), "Content-Encoding: gzip"))
    data = bomb + record("response", "http://a/2", response(b"fine"))
    assert [member.data for member in members(data)] == [b"fine"]
    assert [(path, code) for path, code, _ in troubles(data)] == [("20220131120000/http://a/1", "limit-exceeded")]


def test_a_record_over_the_limit_is_not_read() -> None:
    data = record("response", "http://a/1", response(BODY * 1000)) + record("response", "http://a/2", response(b"fine"))
    assert [member.data for member in members(data, max_bytes=1000)] == [b"fine"]
    assert troubles(data, max_bytes=1000)[0][1:] == (
        "limit-exceeded",
        f"the record has {len(response(BODY * 1000))} bytes, the limit is 1000",
    )


def test_an_unknown_coding() -> None:
    data = record("response", "http://a/1", response(b"x", "Content-Encoding: sdch"))
    assert troubles(data) == [("20220131120000/http://a/1", "unsupported-format", "the body has a content coding that is not known: sdch")]


def test_a_revisit_names_what_it_repeats() -> None:
    (member,) = members(
        record(
            "revisit", "http://a/1", b"HTTP/1.1 200 OK\r\n\r\n", date="2023-01-01T00:00:00Z", WARC_Profile=REVISIT,
            WARC_Payload_Digest="sha1:ABC", WARC_Refers_To="<urn:uuid:9>", WARC_Refers_To_Target_URI="http://a/0",
            WARC_Refers_To_Date="2022-01-31T12:00:00Z",
        )
    )  # fmt: skip
    assert (member.path, member.data) == ("20230101000000/http://a/1", b"")
    assert member.revisits == ("id urn:uuid:9", "at 20220131120000 http://a/0", "digest sha1:abc")
    assert (member.container["profile"], member.container["refers_to"]) == (REVISIT, "<urn:uuid:9>")


def test_a_server_that_says_not_modified_digests_nothing() -> None:
    (member,) = members(record("revisit", "http://a/1", b"", WARC_Profile=NOT_MODIFIED, WARC_Payload_Digest="sha1:EMPTY"))
    assert member.revisits == ("nothing",)


# ---- damage -----------------------------------------------------------------------------------------------------------

THREE = [record("response", f"http://a/{number}", response(BODY + bytes([48 + number])), number=number) for number in range(3)]


def test_a_damaged_record_of_a_packed_file_costs_only_itself() -> None:
    pieces = [packed([item]) for item in THREE]
    bad = bytearray(pieces[1])
    bad[40:60] = bytes(20)
    data = pieces[0] + bytes(bad) + pieces[2]
    assert [member.uri for member in members(data) if not member.is_cut] == ["http://a/0", "http://a/2"]
    ((path, code, message),) = troubles(data)
    assert (path, code) == ("", "damaged-source")
    assert message.startswith("the gzip stream is damaged at byte ")


def test_a_packed_record_that_is_no_record_costs_only_itself() -> None:
    data = packed([THREE[0], b"this is no record", THREE[2]])
    assert [member.uri for member in members(data)] == ["http://a/0", "http://a/2"]
    assert troubles(data) == [("", "damaged-source", "the WARC file cannot be read on (Invalid WARC header); 2 documents were saved")]


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_file_that_breaks_off(is_packed: bool) -> None:
    data = packed(THREE) if is_packed else b"".join(THREE)
    cut = data[: len(data) - len(packed(THREE[2:]) if is_packed else THREE[2]) + (200 if is_packed else 500)]
    found = members(cut)
    assert [member.uri for member in found][:2] == ["http://a/0", "http://a/1"]
    assert [member.is_cut for member in found][:2] == [False, False]
    *_, (path, code, message) = troubles(cut)
    assert (path, code) == ("", "damaged-source")
    assert "2 documents" in message or "3 documents" in message
    if not is_packed:
        assert found[2].is_cut


def test_a_whole_file_has_no_trouble() -> None:
    for data in (packed(THREE), b"".join(THREE), gzip.compress(b"".join(THREE))):
        assert troubles(data) == []
        assert len(members(data)) == 3


def test_headers_that_are_no_text() -> None:
    data = record("response", "http://a/1", response(b"x")).replace(b"http://a/1", b"http://\xff/\x01")
    (member,) = members(data)
    member.path.encode()
    assert "\x01" not in member.path
