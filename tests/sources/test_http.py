"""sources/http: the head of a message, and its codings."""

from __future__ import annotations

import gzip

import pytest

from pipeline.sources.http import TooLargeError, UnknownCodingError, parse_response, take_codings_off


def test_head_and_body() -> None:
    found = parse_response(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n folded\r\nX: 1\r\nX: 2\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\n\r\nbody\r\n\r\n"
    )
    assert (found.status, found.body) == (200, b"body\r\n\r\n")
    assert found.headers == {"content-type": "text/html", "x": "1", "content-encoding": "gzip, br"}


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_line_ends(line_end: bytes) -> None:
    found = parse_response(line_end.join([b"HTTP/1.0 404 Not Found", b"A: b", b"", b"body\r\n\r\nmore"]))
    assert (found.status, found.headers, found.body) == (404, {"a": "b"}, b"body\r\n\r\nmore")


@pytest.mark.parametrize("block", [b"", b"<html>\r\n\r\n<p>", b"HTTP/1.1 200 OK\r\nno end"])
def test_what_is_no_message_is_all_body(block: bytes) -> None:
    found = parse_response(block)
    assert (found.status, found.headers, found.body) == (None, {}, block)


@pytest.mark.parametrize(
    ("line", "status"), [(b"HTTP/1.1", None), (b"HTTP/1.1 abc", None), (b"HTTP/1.1 \xb2\xb2\xb2", None), (b"HTTP/2 204", 204)]
)
def test_odd_status_lines(line: bytes, status: int | None) -> None:
    assert parse_response(line + b"\r\n\r\nx").status == status


def test_limits_of_a_body() -> None:
    body = gzip.compress(bytes(18 << 20))
    message = parse_response(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + body)
    with pytest.raises(TooLargeError):
        take_codings_off(message, 17 << 20, 2000, {})
    with pytest.raises(TooLargeError):
        take_codings_off(message, 64 << 20, 200, {})
    assert take_codings_off(message, 64 << 20, 2000, {}) == (bytes(18 << 20), False)


def test_too_many_codings() -> None:
    message = parse_response(b"HTTP/1.1 200 OK\r\nContent-Encoding: " + b"gzip," * 9 + b"\r\n\r\nx")
    with pytest.raises(UnknownCodingError, match="9 codings"):
        take_codings_off(message, 100, 200, {})
