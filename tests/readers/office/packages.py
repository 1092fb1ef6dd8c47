"""Office files for tests, made of a few lines: zips with XML parts, and compound files with streams."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

from pipeline.model.document import Block, Document, RawTable, TextBlock
from pipeline.model.limits import Limits
from pipeline.readers import read_document

__all__ = ["compound", "docx", "ods", "outline", "read", "xlsx", "zipped"]

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_MORE = (
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_A = ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_X = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip with these members, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return buffer.getvalue()


def _relations(*items: tuple[str, str, str]) -> str:
    inner = "".join(f'<Relationship Id="{key}" Type="{_TYPES}/{kind}" Target="{target}"/>' for key, kind, target in items)
    return f'<Relationships xmlns="{_RELS}">{inner}</Relationships>'


def docx(
    body: str, *, styles: str = "", numbering: str = "", footnotes: str = "", header: str = "", pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """A Word document with this inside its body, and its other parts where they are given: pictures by the id of their relationship."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations(("rId1", "officeDocument", "word/document.xml")),
        "word/document.xml": f"<w:document {_W}{_MORE}{_A} {_R}><w:body>{body}</w:body></w:document>",
    }
    if styles:
        parts["word/styles.xml"] = f"<w:styles {_W}>{styles}</w:styles>"
    if numbering:
        parts["word/numbering.xml"] = f"<w:numbering {_W}>{numbering}</w:numbering>"
    if footnotes:
        parts["word/footnotes.xml"] = f"<w:footnotes {_W}>{footnotes}</w:footnotes>"
    relations = [(key, "image", f"media/{key}") for key in pictures or ()]
    if header:
        parts["word/header1.xml"] = f"<w:hdr {_W}>{header}</w:hdr>"
        relations.append(("rIdHeader", "header", "header1.xml"))
    if relations:
        parts["word/_rels/document.xml.rels"] = _relations(*relations)
    return zipped({**parts, **{f"word/media/{key}": content for key, content in (pictures or {}).items()}})


def xlsx(
    sheet: str,
    *more: str,
    formats: tuple[str, ...] = (),
    strings: tuple[str, ...] = (),
    states: Mapping[int, str] | None = None,
    properties: str = "",
    alignment: str = "general",
    looks: str = "",
    drawing: str = "",
) -> bytes:
    """A workbook with these worksheets (what stands inside `worksheet`). Cell style 1 has borders, 2 and on have `formats` and the alignment.

    `looks`: the content of the style sheet instead; `drawing`: that of what is drawn over the first worksheet.
    """
    sheets = (sheet, *more)
    states = states or {}
    index = "".join(
        f'<sheet name="S{number}" sheetId="{number}" r:id="rId{number}"' + (f' state="{states[number]}"' if number in states else "") + "/>"
        for number in range(1, len(sheets) + 1)
    )
    codes = "".join(f'<numFmt numFmtId="{200 + number}" formatCode="{code}"/>' for number, code in enumerate(formats))
    styles = '<xf numFmtId="0" borderId="0"/><xf numFmtId="0" borderId="1"/>'
    styles += "".join(
        f'<xf numFmtId="{200 + number}" borderId="0"><alignment horizontal="{alignment}"/></xf>' for number in range(len(formats))
    )
    borders = '<borders><border><left/></border><border><left style="thin"/></border></borders>'
    usual = f"<numFmts>{codes}</numFmts>{borders}<cellXfs>{styles}</cellXfs>"
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f"<workbook {_X} {_R}>{properties}<sheets>{index}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            *((f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1))
        ),
        "xl/styles.xml": f"<styleSheet {_X}>{looks or usual}</styleSheet>",
    }
    if strings:
        parts["xl/sharedStrings.xml"] = f"<sst {_X}>{''.join(f'<si>{text}</si>' for text in strings)}</sst>"
    if drawing:
        spaces = 'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
        spaces += ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        parts["xl/drawings/drawing1.xml"] = f"<xdr:wsDr {spaces}>{drawing}</xdr:wsDr>"
        parts["xl/worksheets/_rels/sheet1.xml.rels"] = _relations(("rId1", "drawing", "../drawings/drawing1.xml"))
    for number, content in enumerate(sheets, start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = f"<worksheet {_X}>{content}</worksheet>"
    return zipped(parts)


def ods(tables: str, *, styles: str = "", manifest: str = "") -> bytes:
    """An OpenDocument spreadsheet with these tables."""
    names = ("office", "table", "text", "style")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    spaces += ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    spaces += ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": (
            f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
        ),
    }
    if manifest:
        space = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
        parts["META-INF/manifest.xml"] = f"<manifest:manifest {space}>{manifest}</manifest:manifest>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return buffer.getvalue()


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams at its root, each padded to a length that needs no small sectors. At most three."""
    size, end, free, fat_mark = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    fat: list[int] = [fat_mark, end]  # sector 0 is the table of sectors, 1 the directory
    body = b""
    entries = [_entry("Root Entry", 5, end, 0, child=1 if padded else free)]
    for number, (name, data) in enumerate(padded.items(), start=1):
        data += b"\0" * (-len(data) % size)
        first = len(fat)
        count = len(data) // size
        fat += [*range(first + 1, first + count), end]
        body += data
        entries.append(_entry(name, 2, first, len(data), right=number + 1 if number < len(padded) else free))
    entries += [_entry("", 0, 0, 0)] * (4 - len(entries))
    fat += [free] * (128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    return header + struct.pack("<128I", *fat) + b"".join(entries) + body


def _entry(name: str, kind: int, first: int, size: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    free = 0xFFFFFFFF
    encoded = name.encode("utf-16-le")
    length = len(encoded) + 2 if name else 0
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", length, kind, 1, free, right, child)
        + b"\0" * 36
        + struct.pack("<IQ", first, size)
    )


def read(data: bytes, name: str | None = None, **limits: float) -> Document:
    """Read as the engine does."""
    return read_document(data, media_type=None, name=name, limits=Limits(**limits))  # type: ignore[arg-type]


def outline(document: Document) -> list[str | list[list[str]]]:
    """Texts as they are; tables as rows of cells, each with its spans where they are not one: "a 2x1" has two rows."""
    return [_shown(block) for block in document.blocks]


def _shown(block: Block) -> str | list[list[str]]:
    if isinstance(block, TextBlock):
        return block.text
    assert isinstance(block, RawTable)
    return [
        [cell.text + (f" {cell.row_span}x{cell.col_span}" if cell.row_span * cell.col_span > 1 else "") for cell in row.cells]
        for row in block.rows
    ]
