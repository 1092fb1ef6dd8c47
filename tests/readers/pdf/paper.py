"""Tiny PDFs for tests: words at places, rules, areas; written object by object, so that a test says what is on the page."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipeline.model.document import Document, RawTable
from pipeline.model.limits import Limits
from pipeline.readers import read_document
from pipeline.readers.pdf.pdfium import open_pdf

__all__ = ["Sheet", "build_pdf", "drawn_grid", "drawn_page", "only_table", "read_pdf_bytes", "texts"]

LATIN, SONG, GBK, NAMELESS = "F1", "F2", "F3", "F4"
_CJK = {SONG: "UniGB-UCS2-H", GBK: "GBK-EUC-H", NAMELESS: "Identity-H"}


@dataclass
class Sheet:
    """A page being drawn. Places are points from the top left; sizes are A4 unless given."""

    width: float = 595.0
    height: float = 842.0
    rotate: int = 0
    origin: tuple[float, float] = (0.0, 0.0)  # of the media box
    content: list[str] = field(default_factory=list)

    def text(self, x: float, top: float, text: str, *, size: float = 10.0, font: str = LATIN, turn: str = "1 0 0 1") -> Sheet:
        """Words that begin at x; `top` is about the height of their upper edge."""
        if font == LATIN:
            shown = "(" + text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ")"
        elif font == GBK:
            shown = f"<{text.encode('gbk').hex()}>"
        else:
            shown = f"<{text.encode('utf-16-be').hex()}>"
        self.content.append(f"BT /{font} {size} Tf {turn} {self._x(x)} {self._y(top + 0.9 * size)} Tm {shown} Tj ET")
        return self

    def line(self, x0: float, y0: float, x1: float, y1: float, *, width: float = 0.5, dash: str = "[] 0") -> Sheet:
        """A stroked line."""
        self.content.append(f"{dash} d {width} w {self._x(x0)} {self._y(y0)} m {self._x(x1)} {self._y(y1)} l S")
        return self

    def area(self, x0: float, top: float, x1: float, bottom: float, *, grey: float = 0.0) -> Sheet:
        """A filled rectangle; a thin one is a rule."""
        self.content.append(f"{grey} g {self._x(x0)} {self._y(bottom)} {x1 - x0} {bottom - top} re f 0 g")
        return self

    def _x(self, x: float) -> float:
        return round(x + self.origin[0], 3)

    def _y(self, y: float) -> float:
        return round(self.height - y + self.origin[1], 3)


def drawn_grid(sheet: Sheet, xs: Sequence[float], ys: Sequence[float], rows: Sequence[Sequence[str]], *, font: str = LATIN) -> Sheet:
    """A full grid of lines with a text in each cell ("" for none)."""
    for x in xs:
        sheet.line(x, ys[0], x, ys[-1])
    for y in ys:
        sheet.line(xs[0], y, xs[-1], y)
    for top, row in zip(ys, rows, strict=False):
        for left, text in zip(xs, row, strict=False):
            if text:
                sheet.text(left + 3, top + 4, text, font=font)
    return sheet


def build_pdf(sheets: Sequence[Sheet], *, trailer: str = "", packed: bool = False) -> bytes:
    """The file with these pages. `trailer`: further entries there; `packed`: contents deflated."""
    objects: list[bytes] = [b"", b""]
    fonts = {LATIN: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"}
    for name, encoding in _CJK.items():
        fonts[name] = (
            "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /" + encoding + " /DescendantFonts [ << /Type /Font"
            " /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering ("
            + ("Identity" if name == NAMELESS else "GB1")
            + ") /Supplement 2 >> /DW 1000 /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox"
            " [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >> >> ] >>"
        ).encode()
    numbers = {}
    for name, body in fonts.items():
        objects.append(body)
        numbers[name] = len(objects)
    resources = "<< /Font << " + " ".join(f"/{name} {number} 0 R" for name, number in numbers.items()) + " >> >>"
    kids = []
    for sheet in sheets:
        content = "\n".join(sheet.content).encode("latin-1")
        extra = b""
        if packed:
            content, extra = zlib.compress(content, 9), b" /Filter /FlateDecode"
        objects.append(b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(content), extra, content))
        x, y = sheet.origin
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{x} {y} {x + sheet.width} {y + sheet.height}] /Rotate {sheet.rotate}"
            f" /Resources {resources} /Contents {len(objects)} 0 R >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode("latin-1")
    return bytes(out)


def drawn_page(sheet: Sheet) -> Any:
    """The page as a grey picture of 200 dpi, as a scanner makes it. Skips the test where Pillow is not installed."""
    image = pytest.importorskip("PIL.Image")
    with open_pdf(build_pdf([sheet]), Limits()) as pdf:
        drawn = pdf.render(1)
    assert drawn is not None
    channels = drawn.channels
    lines = (drawn.data[at : at + drawn.width * channels : channels] for at in range(0, drawn.height * drawn.stride, drawn.stride))
    return image.frombytes("L", (drawn.width, drawn.height), b"".join(map(bytes, lines)))


def read_pdf_bytes(*sheets: Sheet, limits: Limits | None = None) -> Document:
    """What the reader makes of these pages."""
    return read_document(build_pdf(sheets), media_type=None, name="x.pdf", limits=limits or Limits())


def only_table(*sheets: Sheet) -> RawTable:
    """The one table on these pages."""
    (table,) = read_pdf_bytes(*sheets).tables()
    return table


def texts(table: RawTable) -> list[list[str]]:
    """The texts of its cells, row by row; a span is written behind the text: "A<2x1>"."""
    return [
        [cell.text + (f"<{cell.row_span}x{cell.col_span}>" if cell.row_span * cell.col_span > 1 else "") for cell in row.cells]
        for row in table.rows
    ]
