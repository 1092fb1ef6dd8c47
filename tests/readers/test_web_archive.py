"""Web archives: the page is found among the parts and decoded, whatever it is called; what is cut off or holds no page is said."""

from __future__ import annotations

import base64
import quopri

import pytest

from pipeline.errors import DamagedSourceError
from pipeline.model.document import Document
from pipeline.model.limits import Limits
from pipeline.readers import read_document

PAGE = '<html><head><meta charset="{0}"></head><body><table><tr><td>项目<td>数量</tr><tr><td>新收<td>12</tr></table></body></html>'
CLOSE = b"--=_Next--\r\n"


def part(body: bytes, encoding: str, *fields: str, kind: str = "text/html") -> bytes:
    head = "".join(f"{field}\r\n" for field in (f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}", *fields))
    return b"--=_Next\r\n" + head.encode() + b"\r\n" + body + b"\r\n"


def archive(*parts: bytes, kind: str = 'multipart/related;\r\n\tboundary="=_Next"', close: bytes = CLOSE) -> bytes:
    return f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\nsaved as one file\r\n\r\n".encode() + b"".join(parts) + close


def read(data: bytes) -> Document:
    return read_document(data, media_type=None, name="x.doc", limits=Limits())


def cells(document: Document) -> list[list[str]]:
    (table,) = document.tables()
    return [[cell.text for cell in row.cells] for row in table.rows]


UTF8, GBK = PAGE.format("utf-8").encode(), PAGE.format("gb2312").encode("gb18030")
PICTURE = part(b"iVBORw0KGgo=", "base64", kind="image/png")


@pytest.mark.parametrize(
    "page",
    [
        part(quopri.encodestring(UTF8), "quoted-printable"),
        part(quopri.encodestring(GBK), "Quoted-Printable", kind='text/html; charset="gb2312"'),
        part(base64.encodebytes(UTF8), "base64", kind="text/html; charset=utf-8"),
        part(UTF8, "8bit"),
    ],
)
def test_the_page_is_read_however_it_is_encoded(page: bytes) -> None:
    document = read(archive(PICTURE, page, PICTURE))
    assert document.media_type == "multipart/related"
    assert cells(document) == [["项目", "数量"], ["新收", "12"]]
    assert not document.findings


def test_the_part_that_the_archive_names_is_the_page() -> None:
    other = part(b"<html><body><p>a frame</p></body></html>", "7bit", "Content-ID: <frame@x>")
    named = part(UTF8, "8bit", "Content-ID: <page@x>")
    kind = 'multipart/related; start="<page@x>"; boundary="=_Next"'
    assert cells(read(archive(other, named, kind=kind)))[1] == ["新收", "12"]
    assert [type(block).__name__ for block in read(archive(named, other, kind=kind)).blocks] == ["RawTable"]
    assert type(read(archive(other, named)).blocks[0]).__name__ == "TextBlock"


def test_a_page_beside_its_plain_text_in_a_part_of_parts() -> None:
    inner = b'--=_Next\r\nContent-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nx\r\n'
    inner += b"--in\r\nContent-Type: text/html\r\n\r\n" + UTF8 + b"\r\n--in--\r\n"
    assert cells(read(archive(inner, PICTURE)))[1] == ["新收", "12"]


def test_an_archive_that_breaks_off_is_said() -> None:
    document = read(archive(part(base64.encodebytes(UTF8)[:-7], "base64"), close=b""))
    assert cells(document) == [["项目", "数量"], ["新收", "12"]]
    assert [(finding.code, finding.severity) for finding in document.findings] == [("source-cut", "warning")]


def test_an_archive_without_a_page_is_damage() -> None:
    with pytest.raises(DamagedSourceError, match="holds no page"):
        read(archive(PICTURE))
    with pytest.raises(DamagedSourceError, match="uuencode"):
        read(archive(part(UTF8, "x-uuencode")))


def test_parts_within_parts_have_an_end() -> None:
    deep = b"".join(b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (n, n + 1) for n in range(3000))
    with pytest.raises(DamagedSourceError, match="holds no page"):
        read(archive(deep, kind='multipart/related; boundary="b0"'))


def test_the_tables_of_frames_are_read_with_the_page_that_shows_them() -> None:
    """As worksheets saved as one file: the first page has frames only."""
    frames = part(b"<html><frameset><frame src=tabstrip.htm><frame src=sheet001.htm></frameset></html>", "7bit")
    strip = part(b"<html><body><p>Sheet1</p></body></html>", "7bit", "Content-Location: file:///C:/x/tabstrip.htm")
    sheets = [part(UTF8, "8bit", f"Content-Location: file:///C:/x/sheet00{number}.htm") for number in (1, 2)]
    document = read(archive(frames, strip, *sheets))
    assert [[cell.text for cell in table.cells()] for table in document.tables()] == [["项目", "数量", "新收", "12"]] * 2
    assert [finding.code for finding in document.findings] == ["archive-pages"]
    assert document.findings[0].message.endswith(": sheet001.htm, sheet002.htm")


def test_a_page_with_tables_of_its_own_is_read_alone() -> None:
    advert = part(b"<html><body><table><tr><td>buy<td>now</tr></table></body></html>", "7bit")
    assert cells(read(archive(part(UTF8, "8bit"), advert))) == [["项目", "数量"], ["新收", "12"]]
