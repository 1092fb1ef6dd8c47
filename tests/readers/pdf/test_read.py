"""The reader's door: what is said of files that are damaged, locked, garbled or made to hurt."""

from __future__ import annotations

import resource
import zlib

import pytest

from pipeline.errors import DamagedSourceError, EncryptedSourceError, LimitExceededError
from pipeline.model.document import Document, TextBlock
from pipeline.model.limits import Limits
from pipeline.model.place import PagePlace
from pipeline.readers import read_document
from tests.readers.pdf.paper import NAMELESS, Sheet, build_pdf, drawn_grid, read_pdf_bytes, texts


def read(data: bytes, limits: Limits | None = None) -> Document:
    return read_document(data, media_type="application/pdf", name="x.pdf", limits=limits or Limits())


def table_sheet() -> Sheet:
    return drawn_grid(Sheet(), (50, 150, 250), (100, 120, 140), (("Name", "Count"), ("North", "12")))


def test_lines_are_text_blocks_with_their_places() -> None:
    document = read_pdf_bytes(Sheet().text(50, 100, "A first line").text(50, 115, "and a second"))
    assert document.media_type == "application/pdf"
    assert [block.text for block in document.blocks if isinstance(block, TextBlock)] == ["A first line", "and a second"]
    place = document.blocks[0].place
    assert isinstance(place, PagePlace)
    assert place.page_number == 1
    assert place.box[0] == pytest.approx(50, abs=1)
    assert 97 < place.box[1] < 103


def test_a_file_that_asks_for_a_password() -> None:
    locked = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{'41' * 32}> /U <{'42' * 32}> /P -4 >> /ID [<{'43' * 16}> <{'43' * 16}>]"
    with pytest.raises(EncryptedSourceError, match="password"):
        read(build_pdf([table_sheet()], trailer=locked))


def test_a_file_cut_short() -> None:
    with pytest.raises(DamagedSourceError, match="damaged or cut short"):
        read(build_pdf([table_sheet()])[:400])
    with pytest.raises(DamagedSourceError):
        read(b"%PDF-1.7\n")


def test_a_file_whose_cross_references_are_lost() -> None:
    data = build_pdf([table_sheet()])
    broken = data[: data.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n"
    (table,) = read(broken).tables()
    assert texts(table) == [["Name", "Count"], ["North", "12"]]


def test_a_stream_that_unpacks_without_end() -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(64)) + packer.flush()
    content = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(bomb), bomb)
    data = build_pdf([Sheet()])
    start = data.index(b"<< /Length 0 >>")
    data = data[:start] + content + data[data.index(b"endstream", start) + len(b"endstream") :]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LimitExceededError, match="max_stream_bytes = 16777216"):
        read(data, Limits(max_stream_bytes=16 * 1024 * 1024))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes
    doubly = zlib.compress(bomb, 9)
    nested = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream" % (len(doubly), doubly)
    with pytest.raises(LimitExceededError, match="max_stream_bytes"):
        read(data[:start] + nested + data[start + len(content) :], Limits(max_stream_bytes=16 * 1024 * 1024))


def with_stream(stream: bytes, entries: str) -> bytes:
    """A file whose one page is drawn from this stream."""
    data = build_pdf([Sheet()])
    start = data.index(b"<< /Length 0 >>")
    content = b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(stream), entries.encode(), stream)
    return data[:start] + content + data[data.index(b"endstream", start) + len(b"endstream") :]


@pytest.mark.parametrize("entries", ["/Filter /Flate#44ecode", "/Filter 99 0 R", ""])
def test_a_bomb_is_told_by_its_bytes_whatever_its_filter_is_called(entries: str) -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(20)) + packer.flush()
    with pytest.raises(LimitExceededError, match="max_stream_bytes"):
        read(with_stream(bomb, entries), Limits(max_stream_bytes=16 * 1024 * 1024))


def test_a_stream_that_was_changed_since_is_said() -> None:
    content = "\n".join(table_sheet().content).encode()
    sound = with_stream(zlib.compress(content), "/Filter /FlateDecode")
    assert [texts(table) for table in read(sound).tables()] == [[["Name", "Count"], ["North", "12"]]]
    assert not read(sound).findings
    digits = zlib.compress(content.replace(b"(12)", b"(72)"))
    checksum = zlib.compress(content)[-4:]
    changed = read(with_stream(digits[:-4] + checksum, "/Filter /FlateDecode"))
    assert [(finding.code, finding.severity) for finding in changed.findings] == [("page-damaged", "warning")]


def test_pages_that_cannot_be_loaded_are_said() -> None:
    data = build_pdf([table_sheet(), Sheet(), Sheet()])
    kids = data[data.index(b"/Kids [") :].split(b"]")[0]
    second = kids.split()[4]
    lost = data.replace(kids, kids.replace(second + b" 0 R", b"9" * len(second) + b" 0 R"))
    document = read(lost)
    assert [finding.message for finding in document.findings if finding.code == "page-damaged"] == ["page 2 cannot be loaded"]
    assert len(document.tables()) == 1


def test_a_page_of_very_many_segments_is_read_without_its_rules() -> None:
    sheet = table_sheet()
    for number in range(5_000):
        sheet.line(10 + number % 97, 200 + number % 5.7 * 90, 40 + number % 97, 200 + number % 5.7 * 90)
        sheet.line(300 + number / 20, 200, 300 + number / 20, 420 + number % 50)
    document = read_pdf_bytes(sheet, limits=Limits(max_page_objects=4_000))
    assert "limit-exceeded" in [finding.code for finding in document.findings]
    assert "North" in " ".join(block.text for block in document.blocks if isinstance(block, TextBlock))


def test_a_page_with_more_characters_than_allowed() -> None:
    with pytest.raises(LimitExceededError, match="max_page_objects = 10"):
        read_pdf_bytes(Sheet().text(50, 100, "a good deal longer than ten"), limits=Limits(max_page_objects=10))


def test_pages_beyond_the_limit_are_said() -> None:
    document = read_pdf_bytes(*[Sheet().text(50, 400, f"Sheet number {n} of some") for n in range(4)], limits=Limits(max_pages=2))
    assert len(document.blocks) == 2
    assert [finding.code for finding in document.findings] == ["limit-exceeded"]


def test_a_very_large_page() -> None:
    sheet = drawn_grid(Sheet(width=14_400, height=14_400), (50, 7000, 14000), (100, 120, 140), (("Name", "Count"), ("North", "12")))
    (table,) = read_pdf_bytes(sheet).tables()
    assert texts(table) == [["Name", "Count"], ["North", "12"]]


@pytest.fixture
def without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers.pdf.read.is_installed", lambda: False)


@pytest.mark.usefixtures("without_ocr")
def test_a_text_layer_without_names_is_not_passed_on() -> None:
    sheet = Sheet()
    for number in range(20):
        sheet.text(50, 100 + 15 * number, "".join(chr(3 + (7 * number + place) % 29) for place in range(30)), font=NAMELESS)
    document = read_pdf_bytes(sheet)
    assert document.blocks == ()
    (finding,) = document.findings
    assert finding.code == "text-layer-garbled"
    assert finding.message.endswith("install the extra: pip install 'tabularium[ocr]'")


def test_a_few_letters_without_names_are_shown_as_such() -> None:
    sheet = drawn_grid(Sheet(), (50, 150, 250), (100, 120, 140), (("Name of the place", "Count"), ("North of the river", "")))
    sheet.text(155, 124, "\x21\x22", font=NAMELESS)
    document = read_pdf_bytes(sheet)
    (table,) = document.tables()
    assert texts(table)[1] == ["North of the river", "\ufffd\ufffd"]
    assert [(finding.code, finding.severity) for finding in document.findings] == [("letters-unnamed", "info")]


@pytest.mark.usefixtures("without_ocr")
def test_a_page_of_an_image_is_said_to_be_one() -> None:
    sheet = Sheet()
    sheet.content.append("q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q")
    document = read_pdf_bytes(sheet)
    assert document.blocks == ()
    (finding,) = document.findings
    assert finding.code == "page-image"
    assert finding.message == "page 1 is an image without text; to read pictures of pages install the extra: pip install 'tabularium[ocr]'"
