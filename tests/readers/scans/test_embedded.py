"""Pictures that stand in HTML pages and Word files: read where tables are missing, in their places, and otherwise left alone."""

from __future__ import annotations

import io
from base64 import b64encode

import pytest

from pipeline import engine
from pipeline.engine import extract, read_tables
from pipeline.errors import DamagedSourceError
from pipeline.model.document import Document, EmbeddedPicture, RawTable, TextBlock
from pipeline.model.limits import Limits
from pipeline.model.place import ElementPlace, PagePlace
from pipeline.model.result import Result
from pipeline.readers.scans.installed import read_embedded
from tests.harbour import harbour
from tests.readers.office.packages import docx
from tests.readers.pdf.paper import Sheet, build_pdf, drawn_page
from tests.test_engine_pdf import page

needs_ocr = pytest.mark.usefixtures("ocr")
HEAD = b"<h1>Yearly return of Oldport for 1907</h1><p>Ships that called</p>"


@pytest.fixture
def ocr() -> None:
    pytest.importorskip("rapidocr", reason="the extra [ocr] is not installed")


def picture(kind: str = "PNG") -> bytes:
    """The tables of a harbour's return as a picture."""
    out = io.BytesIO()
    drawn_page(page()).crop((120, 250, 1220, 1020)).save(out, kind)
    return out.getvalue()


def tag(data: bytes) -> bytes:
    return b'<img src="data:image/png;base64,' + b64encode(data) + b'">'


def read(data: bytes) -> Result:
    result = extract(data, forms=[harbour()])
    assert result.failure is None
    return result


@needs_ocr
@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP"])
def test_a_report_whose_tables_are_a_picture_in_a_page(kind: str) -> None:
    result = read(HEAD + b"<p>" + tag(picture(kind)) + b"</p>")
    (report,) = result.reports
    assert report.record["traffic"]["coastal"]["laden"] == {"sail": 1, "steam": 2, "total": 3}
    assert report.record["dues"]["light"] == {"payers": 3, "amount": 4.5}
    assert report.status == "accepted"
    (place,) = report.evidence["/dues/light/payers"].places
    assert isinstance(place, PagePlace)
    (told,) = [finding for finding in result.findings if finding.code == "page-recognised"]
    assert told.places[0] == ElementPlace("/html/body/p[2]/img")


@needs_ocr
def test_a_report_whose_tables_are_a_picture_in_a_word_file() -> None:
    body = "<w:p><w:r><w:t>Yearly return of Oldport for 1907</w:t></w:r></w:p>" + '<w:p><w:r><a:blip r:embed="one"/></w:r></w:p>'
    (report,) = read(docx(body, pictures={"one": picture()})).reports
    assert report.record["traffic"]["coastal"]["laden"] == {"sail": 1, "steam": 2, "total": 3}


@needs_ocr
def test_tables_of_a_picture_stand_where_it_stood() -> None:
    load = picture
    between = (TextBlock("before", ElementPlace("/a")), TextBlock("behind", ElementPlace("/b")))
    document = read_embedded(Document(between, "text/html", pictures=(EmbeddedPicture(load, ElementPlace("/c"), 1),)), Limits())
    kinds = ["table" if isinstance(block, RawTable) else block.text for block in document.blocks]
    assert (kinds[0], kinds[-1], kinds.count("table")) == ("before", "behind", 2)
    assert document.pictures == ()


@needs_ocr
def test_pictures_without_a_table_and_those_that_are_damaged() -> None:
    def damaged() -> bytes:
        raise DamagedSourceError("the part is damaged")

    pictures = (
        EmbeddedPicture(lambda: b"GIF89a", ElementPlace("/icon"), 0),
        EmbeddedPicture(damaged, ElementPlace("/damaged"), 0),
        EmbeddedPicture(lambda: picture()[:2000], ElementPlace("/cut"), 0),
    )
    document = read_embedded(Document((), "text/html", pictures=pictures), Limits())
    assert document.blocks == ()
    assert [(finding.code, finding.places) for finding in document.findings] == [
        ("page-image", (ElementPlace("/damaged"),)),
        ("page-image", (ElementPlace("/cut"),)),
    ]


@needs_ocr
def test_no_more_pictures_are_read_than_the_limit_allows() -> None:
    item = EmbeddedPicture(picture, ElementPlace("/c"), 0)
    document = read_embedded(Document((), "text/html", pictures=(item, item)), Limits(max_scanned_pages=1))
    assert sum(isinstance(block, RawTable) for block in document.blocks) == 2
    assert [finding.code for finding in document.findings] == ["page-recognised", "limit-exceeded"]


@needs_ocr
def test_tables_of_a_page_that_is_a_picture_alone() -> None:
    grids = [table.grid for table in read_tables(b"<p>See below</p>" + tag(picture()))]
    assert [grid.row_count for grid in grids] == [7, 3]


def test_a_report_that_is_whole_asks_for_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Document] = []

    def note(document: Document, limits: Limits) -> Document:
        asked.append(document)
        return document

    monkeypatch.setattr(engine, "read_embedded", note)
    icon = b'<img src="data:image/png;base64,' + b"A" * 4000 + b'">'
    read(b"<table><tr><td>a</td><td>1</td></tr></table>" + icon)
    assert asked == []
    read(HEAD + icon)
    assert [len(document.pictures) for document in asked] == [1]


def test_without_the_extra_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers.scans.installed.is_installed", lambda: False)
    result = read(HEAD + b'<img src="data:image/png;base64,' + b"A" * 4000 + b'">')
    (finding,) = result.findings
    assert (finding.code, finding.places) == ("page-image", (ElementPlace("/html/body/img"),))
    assert finding.message == "1 picture stands in the document; to read pictures of pages install the extra: pip install 'tabularium[ocr]'"


@needs_ocr
def test_a_picture_on_a_page_of_text_has_its_places_on_that_page() -> None:
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(picture())).convert("L")
    sheet = (
        Sheet()
        .text(120, 50, "Yearly return of Oldport for 1907", size=12)
        .text(50, 80, "Ships that called, as counted by the harbour master")
    )
    sheet.content.append(
        f"q 396 0 0 277.2 60 400 cm BI /W {image.width} /H {image.height} /CS /G /BPC 8 ID\n{image.tobytes().decode('latin-1')}\nEI Q"
    )
    result = read(build_pdf([Sheet().text(50, 50, "Contents of this volume, which begins with the returns"), sheet]))
    (report,) = result.reports
    assert report.record["traffic"]["coastal"]["laden"] == {"sail": 1, "steam": 2, "total": 3}
    (place,) = report.evidence["/traffic/coastal/laden/sail"].places
    assert isinstance(place, PagePlace)
    assert place.page_number == 2
    # Cell of the drawing at (250, 140) to (310, 160), less the corner of the picture there (43.2, 90), on the page at (60, 164.8).
    assert place.box == pytest.approx((266.8, 214.8, 326.8, 234.8), abs=2)
    assert {table.grid.page_number for table in result.tables} == {2}
    (told,) = [finding for finding in result.findings if finding.code == "page-recognised"]
    assert told.places[0] == PagePlace(2, (60.0, 164.8, 456.0, 442.0))
