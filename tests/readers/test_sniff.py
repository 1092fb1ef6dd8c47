"""The bytes say what a source is; names and content types only settle doubts. Also the door: `read_document`."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from pipeline.errors import DamagedSourceError, LimitExceededError, UnsupportedFormatError
from pipeline.model.document import Document, TextBlock
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace
from pipeline.readers import READERS, ReadContext, Reader, read_document
from pipeline.readers.sniff import sniff

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
MHTML = b'From: <Saved by Blink>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html"\r\n\r\n<html>'


def packed(*names: str) -> bytes:
    """A zip with these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name in names:
            target.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\r\n junk %PDF-1.4", "application/pdf"),
        (b"<!-- --> %PDF-1.4\n%\xe2\xe3\n1 0 obj\n<< >>\nendobj\nstartxref\n9\n%%EOF", "application/pdf"),
        (b"<br />\n<b>Warning</b>: x\n%PDF-1.7\r\n12 0 obj\rendobj\rstartxref\r9\r%%EOF\n</html>", "application/pdf"),
        (b"<p>A PDF begins with</p><pre>%PDF-1.4\n</pre> and ends with startxref", "text/html"),
        (
            packed("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (packed("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (packed("xl/workbook.xml")[:60], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (packed("OFD.xml"), "application/ofd"),
        (packed("report.html"), "application/zip"),
        (OLE + "WordDocument".encode("utf-16-le") + bytes(40), "application/msword"),
        (OLE + "Workbook".encode("utf-16-le") + bytes(40), "application/vnd.ms-excel"),
        (OLE, "application/x-ole-storage"),
        (b"{\\rtf1\\ansi", "application/rtf"),
        (b"\x1f\x8b\x08\x00", "application/gzip"),
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "image/svg+xml"),
        (MHTML, "multipart/related"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument>', "application/msword"),
        (
            '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'.encode("utf-16"),
            "application/vnd.ms-excel",
        ),
        (b'<?xml version="1.0"?><feed><entry/></feed>', "application/xml"),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html xmlns="x"><body>', "text/html"),
        (b"<!DOCTYPE html><p>x", "text/html"),
        (b"\xef\xbb\xbf\n<!-- saved --><!-- again -->\n<HTML>", "text/html"),
        ("<table><tr><td>表</td></tr></table>".encode("utf-16"), "text/html"),
        ("<table><tr><td>表</td></tr></table>".encode("utf-16-le"), "text/html"),
        ("<p>收费".encode("gbk"), "text/html"),
        ("|收费|12|\n".encode("gbk"), "text/plain"),
        (b"a < b and c > d, see <x@y.example>", "text/plain"),
        ("收费 12\n".encode("utf-16"), "text/plain"),
        (b"text padded with NULs" + bytes(5000), "text/plain"),
        (b"%PDF- is how a PDF begins; <p>so they say", "application/pdf"),
    ],
)
def test_the_bytes_decide(data: bytes, kind: str) -> None:
    assert sniff(data, None, None) == kind
    assert sniff(data, "application/octet-stream", "file.bin") == kind


@pytest.mark.parametrize(
    ("data", "media_type", "name", "kind"),
    [
        (b"<!DOCTYPE html><p>x", "text/plain", "report.txt", "text/html"),
        (b"no tags at all", "text/html; charset=gbk", "report.html", "text/plain"),
        (b"# Title\n| a<br>b | c |\n", None, "report.md", "text/plain"),
        (b"# Title\n\n<table><tr><td>1</td></tr></table>\n", "text/markdown", None, "text/plain"),
        (b"# Title\n| a<br>b | c |\n", "text/html", None, "text/html"),
    ],
)
def test_hints_settle_doubts(data: bytes, media_type: str | None, name: str | None, kind: str) -> None:
    assert sniff(data, media_type, name) == kind


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf", bytes(4096)])
def test_a_source_without_content_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedSourceError, match="the source is empty"):
        sniff(data, "text/html", None)


def test_names_that_stand_in_compressed_bytes_by_chance_are_none() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        target.writestr("content.xml", b"\x05xl/\x07word/\x02ppt/")
    assert sniff(made.getvalue(), None, None) == "application/vnd.oasis.opendocument.text"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        target.writestr("/xl\\workbook.xml", b"\x07word/\x02")
    assert sniff(made.getvalue(), None, None) == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize("data", [random.Random(7).randbytes(5000), b"\x01\x02\x03", b"MZ\x90\x02" + b"\x05\x06ab" * 40])
def test_noise_is_no_text(data: bytes) -> None:
    with pytest.raises(UnsupportedFormatError, match="neither text nor"):
        sniff(data, "text/plain", "x.txt")


@pytest.mark.parametrize(
    "data", [b"<!-- -->" * 30_000, b"<!--" * 60_000, b"<meta " * 40_000, b"A-b: c\n " * 30_000, b"<" * 200_000, b"\n" * 200_000 + b"x"]
)
def test_nothing_in_a_source_makes_looking_slow(data: bytes) -> None:
    assert sniff(data, None, None) in ("text/plain", "text/html")


def test_kinds_without_a_reader_are_named() -> None:
    with pytest.raises(UnsupportedFormatError, match="an OFD document"):
        read_document(packed("OFD.xml"), media_type="text/html", name="a.html", limits=Limits())
    with pytest.raises(UnsupportedFormatError, match="an e-mail message"):
        read_document(MHTML.replace(b"related", b"mixed"), media_type=None, name=None, limits=Limits())


def test_too_many_bytes() -> None:
    with pytest.raises(LimitExceededError, match="max_bytes = 3"):
        read_document(b"four", media_type=None, name=None, limits=Limits(max_bytes=3))


def test_a_reader_is_told_what_is_known() -> None:
    seen: list[ReadContext] = []

    def read(data: bytes, context: ReadContext) -> Document:
        seen.append(context)
        return Document((TextBlock("page", TextPlace(1, 0, 4)),), context.media_type)

    limits = Limits(max_rows=5)
    mine = Reader(("application/pdf",), read)
    document = read_document(
        b"%PDF-1.7",
        media_type='application/pdf ; version=2; Charset="GBK"',
        name="a.pdf",
        limits=limits,
        vocabulary=("合计",),
        readers=(mine, *READERS),
    )
    assert document.media_type == "application/pdf"
    assert seen == [ReadContext("GBK", "a.pdf", limits, ("合计",), "application/pdf")]


def test_charset_of_the_content_type_is_used() -> None:
    data = "<p>行政文書の開示請求について、件数は次のとおりです。</p>".encode("euc-jp")
    document = read_document(data, media_type="text/html; charset=euc-jp", name=None, limits=Limits())
    assert [block.text for block in document.blocks if isinstance(block, TextBlock)] == [
        "行政文書の開示請求について、件数は次のとおりです。"
    ]
    assert (document.encoding, document.findings) == ("euc-jp", ())
