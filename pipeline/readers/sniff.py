"""What kind of document some bytes are: the bytes are looked at first, the content type and the file name are hints."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from pipeline.errors import DamagedSourceError, UnsupportedFormatError
from pipeline.readers.encoding import utf16_codec

__all__ = ["kind_name", "sniff"]

# What a person calls each type that is recognised.
_KIND_NAMES = {
    "application/pdf": "a PDF document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "a Word document (.docx)",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "an Excel workbook (.xlsx)",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "a PowerPoint presentation (.pptx)",
    "application/vnd.oasis.opendocument.text": "an OpenDocument text (.odt)",
    "application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet (.ods)",
    "application/ofd": "an OFD document",
    "application/epub+zip": "an EPUB book",
    "application/zip": "a ZIP archive",
    "application/msword": "a Word 97-2003 document (.doc)",
    "application/vnd.ms-excel": "an Excel 97-2003 workbook (.xls)",
    "application/vnd.ms-powerpoint": "a PowerPoint 97-2003 presentation (.ppt)",
    "application/x-ole-storage": "an Office 97-2003 document",
    "application/rtf": "a rich text document (.rtf)",
    "application/json": "JSON",
    "application/xml": "an XML document",
    "application/gzip": "gzip-compressed data",
    "application/x-bzip2": "bzip2-compressed data",
    "application/x-xz": "xz-compressed data",
    "application/zstd": "Zstandard-compressed data",
    "application/x-7z-compressed": "a 7-Zip archive",
    "application/vnd.rar": "a RAR archive",
    "application/warc": "a WARC archive",
    "application/vnd.sqlite3": "an SQLite database",
    "application/postscript": "a PostScript document",
    "application/x-dosexec": "a Windows program",
    "application/x-elf": "a Linux program",
    "image/png": "a PNG image",
    "image/jpeg": "a JPEG image",
    "image/gif": "a GIF image",
    "image/bmp": "a BMP image",
    "image/tiff": "a TIFF image",
    "image/webp": "a WebP image",
    "image/jp2": "a JPEG 2000 image",
    "image/heif": "a HEIF image",
    "image/svg+xml": "an SVG image",
    "image/vnd.djvu": "a DjVu document",
    "audio/mpeg": "an audio file",
    "video/mp4": "a video file",
    "message/rfc822": "an e-mail message",
    "multipart/related": "a web archive (.mhtml)",
    "text/html": "an HTML page",
    "text/plain": "plain text",
}

_MAGIC = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"WARC/1.", "application/warc"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"%!PS", "application/postscript"),
    (b"\x7fELF", "application/x-elf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x00\x0cjP  ", "image/jp2"),
    (b"AT&TFORM", "image/vnd.djvu"),
    (b"ID3", "audio/mpeg"),
)
_ZIP_MEMBERS = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"OFD.xml", "application/ofd"),
    (b"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
    (b"application/epub+zip", "application/epub+zip"),
)
_ZIP_HEADER = re.compile(rb"PK\x03\x04|PK\x01\x02")
_OLE_STREAMS = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)

_HEAD = 64 * 1024  # bytes in which tags are looked for, at the start and again in the middle
_PDF_HEAD = 1024  # bytes that may come before a PDF's own mark
_PDF_OBJECT = re.compile(rb"%PDF-\d\.\d[ \t]*[\r\n]+(?:%[^\r\n]*[\r\n]+)*\d+ \d+ obj\b")
_TAG = re.compile(
    rb"<(?:/?(?:html|head|body|table|tbody|thead|tr|td|th|div|span|p|br|ul|ol|li|h[1-6]|font|center|strong|b|i|u|em|pre|form|section|article"
    rb"|title|script|style|textarea|iframe|frameset)(?=[\s/>])|!doctype\s+html|meta\s|link\s|img\s|input\s|a\s)",
    re.IGNORECASE,
)
_PAGE_START = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_ELEMENT_START = re.compile(rb"</?[a-z!]", re.IGNORECASE)
_ROOT = re.compile(rb"<([a-z_][\w:.-]{0,80})[\s/>]", re.IGNORECASE)
# What only a whole page has, or says that what looks like Markdown is in a dump.
_PAGE_TAG = re.compile(rb"<(?:!doctype|html|head|body|title|script|style|meta|link|pre|textarea)\b", re.IGNORECASE)
# A heading, bold words, a linked item, a row of pipes, a wiki's table or a framed one behind a blank line.
_MARKDOWN = re.compile(
    rb"\n[ \t\r]*\n(?:#{1,6} +[^\s#]|\*\*[^\s*]|[-*+] +\[[^\]\n]{0,200}\]\(|\|[^\n]*\|\s*\n\||\{\|[^\n]*\n[|!]|\+[-=+]{3,}\+[ \r]*\n\|)"
)
# An object with a name, or a list of objects, lists or strings.
_JSON_START = re.compile(rb'(?:\[\s*)?\{\s*"(?:[^"\\]|\\.){0,200}"\s*:|\[\s*\[\s*["\d\[]')
_MAIL_HEADER = re.compile(rb"(?:[A-Za-z-]{2,40}:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n)*){2,}")
_TEXT_NAMES = (".txt", ".text", ".md", ".markdown", ".csv", ".tsv", ".log")
_CONTROL_BYTES = bytes(sorted({*range(1, 9), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F}))


def kind_name(media_type: str) -> str:
    """What a person calls a canonical media type."""
    return _KIND_NAMES.get(media_type, media_type)


def sniff(data: bytes, media_type: str | None, name: str | None) -> str:
    """The canonical media type of the bytes. `media_type` and `name` decide only between HTML and plain text, and only in doubt.

    DamagedSourceError for a source without content; UnsupportedFormatError for bytes that are neither text nor of a known kind.
    """
    if not data:
        raise DamagedSourceError("the source is empty")
    found = _by_magic(data)
    if found is not None:
        return found
    if not data.strip(b"\0 \t\r\n\f\xef\xbb\xbf"):
        raise DamagedSourceError("the source is empty: it holds nothing but white space or NUL bytes")
    head, middle = _ascii_view(data)
    if _is_binary(head) or (middle and _is_binary(middle)):
        raise UnsupportedFormatError("the bytes are neither text nor a document of a known kind")
    return _text_kind(head, middle, (media_type or "").partition(";")[0].strip().lower(), (name or "").lower())


def _by_magic(data: bytes) -> str | None:
    for mark, kind in _MAGIC:
        if data.startswith(mark):
            return _ole_kind(data) if kind == "application/x-ole-storage" else kind
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return "image/heif" if data[8:12] in (b"heic", b"heix", b"mif1", b"avif") else "video/mp4"
    if data.startswith(b"BM") and len(data) > 26 and data[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if data.startswith(b"MZ") and b"\0" in data[:64]:
        return "application/x-dosexec"
    return "application/pdf" if _is_pdf(data) else None


def _is_pdf(data: bytes) -> bool:
    """Whether a PDF's mark stands near the start. Behind a tag, as servers put warnings and comments there, its objects are to follow it."""
    before, mark, _ = data[:_PDF_HEAD].partition(b"%PDF-")
    if not mark or b"<" not in before:
        return bool(mark)
    start = len(before)
    return _PDF_OBJECT.match(data[start : start + _PDF_HEAD]) is not None and b"startxref" in data[-_PDF_HEAD:]


def _zip_kind(data: bytes) -> str:
    """Told by member names, which stand uncompressed in the local headers (the first bytes) and in the directory (the last).

    Only where a header says that a name is: three letters are found in as many compressed bytes by chance.
    """
    parts = data[:4096] + data[-65536:]
    names = list(_names_in(parts))
    for member, kind in _ZIP_MEMBERS:
        if member.startswith(b"application/"):
            if data[30:38] == b"mimetype" and member in data[:256]:  # says what it is in its first member, uncompressed
                return kind
        elif any(name.startswith(member) for name in names):
            return kind
    return "application/zip"


def _names_in(parts: bytes) -> Iterator[bytes]:
    """The member names that headers announce, with the slashes some writers on Windows leave out."""
    for match in _ZIP_HEADER.finditer(parts):
        length_at, name_at = (26, 30) if match.group() == b"PK\x03\x04" else (28, 46)
        at = match.start()
        length = int.from_bytes(parts[at + length_at : at + length_at + 2], "little")
        yield parts[at + name_at : at + name_at + length].replace(b"\\", b"/").lstrip(b"/")


def _ole_kind(data: bytes) -> str:
    """Told by stream names, which stand as UTF-16 in the directory; a directory begins at a sector, names at 128 bytes."""
    for stream, kind in _OLE_STREAMS:
        if stream.encode("utf-16-le") + b"\0\0" in data:
            return kind
    return "application/x-ole-storage"


def _ascii_view(data: bytes) -> tuple[bytes, bytes]:
    """A head and a piece of the middle in an encoding that contains ASCII, without trailing NUL padding."""
    wide = _wide_codec(data)
    size = _HEAD * (2 if wide else 1)
    middle_at = (len(data) // 2) & ~3
    head = data[:size]
    middle = data[middle_at : middle_at + size] if len(data) > 2 * size else b""
    if wide is not None:
        return head.decode(wide, "replace").removeprefix("\ufeff").encode(), middle.decode(wide, "replace").encode()
    return head.removeprefix(codecs.BOM_UTF8).rstrip(b"\0"), middle.rstrip(b"\0")


def _wide_codec(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    return utf16_codec(data)


def _is_binary(part: bytes) -> bool:
    """Text has next to no control characters; one byte in nine of noise is one. NULs are counted apart: some tools pad text with them."""
    controls = len(part) - len(part.translate(None, _CONTROL_BYTES))
    nuls = part.count(b"\0")
    return controls * 50 > len(part) or nuls * 4 > len(part) or (controls + nuls) * 20 > len(part)


def _text_kind(head: bytes, middle: bytes, hint: str, name: str) -> str:
    start = _without_leading_comments(head)
    if _PAGE_START.match(start):
        return "text/html"
    mail = _mail_kind(start)
    if mail is not None:
        return mail
    if _JSON_START.match(start):
        return "application/json"
    if start[:5].lower() == b"<?xml":
        return _xml_kind(start)
    root = _ROOT.match(start)
    if root is not None and root.group(1).lower() == b"svg":
        return "image/svg+xml"
    tags = {tag.lower() for tag in _TAG.findall(head)}
    if len(tags) < 3:
        tags |= {tag.lower() for tag in _TAG.findall(middle)}
    if not tags:
        return "text/plain"
    says_html = hint in ("text/html", "application/xhtml+xml") or name.endswith((".htm", ".html", ".xhtml", ".shtml"))
    if not says_html and _MARKDOWN.search(head) and not _PAGE_TAG.search(head):
        return "text/plain"  # Markdown with tables and divisions left as markup
    says_text = hint in ("text/plain", "text/markdown", "text/csv") or name.endswith(_TEXT_NAMES)
    starts = _ELEMENT_START.match(start) is not None
    if says_html and not says_text:
        return "text/html"
    if says_text:
        # Markdown and text dumps hold single tags (a <br> in a cell, a <table> among lines); a page begins with one and is full of them.
        return "text/html" if starts and len(tags) >= 4 else "text/plain"
    return "text/html" if starts or len(tags) >= 3 else "text/plain"


def _without_leading_comments(head: bytes) -> bytes:
    """The text from the first thing on that is neither white space nor a comment. A loop: a pattern for it could backtrack without end."""
    at = 0
    while True:
        while at < len(head) and head[at] in b" \t\r\n\f\v":
            at += 1
        if not head.startswith(b"<!--", at):
            return head[at:]
        end = head.find(b"-->", at + 4)
        if end < 0:
            return head[at:]
        at = end + 3


def _mail_kind(start: bytes) -> str | None:
    headers = _MAIL_HEADER.match(start[:8192])
    if headers is None:
        return None
    block = headers.group().lower()
    if b"content-type:" not in block or not (b"mime-version:" in block or b"\nfrom:" in b"\n" + block):
        return None
    return "multipart/related" if b"multipart/related" in block else "message/rfc822"


def _xml_kind(start: bytes) -> str:
    """XML that is a page, or holds one, is read as HTML; Office's single-file XML and drawings are what they are."""
    if b'progid="Word.Document"' in start[:2048] or b"<w:wordDocument" in start[:4096]:
        return "application/msword"
    if b'progid="Excel.Sheet"' in start[:2048] or b"urn:schemas-microsoft-com:office:spreadsheet" in start[:4096]:
        return "application/vnd.ms-excel"
    root = _ROOT.search(start)
    if root is not None and root.group(1).lower() == b"svg":
        return "image/svg+xml"
    if root is not None and root.group(1).lower() == b"html":
        return "text/html"
    return "text/html" if _TAG.search(start) else "application/xml"
