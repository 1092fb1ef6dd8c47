"""Pictures of pages, whole: to tables and lines with their places, and what is said where they cannot be read."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from pipeline.model.document import Document, RawTable, TextBlock
from pipeline.model.limits import Limits
from pipeline.model.place import PagePlace
from pipeline.readers import read_document
from tests.readers.pdf.paper import NAMELESS, Sheet, drawn_grid, drawn_page, read_pdf_bytes, texts

pytest.importorskip("rapidocr", reason="the extra [ocr] is not installed")
np = pytest.importorskip("numpy")
Image = pytest.importorskip("PIL.Image")

XS, YS = (60.0, 200.0, 280.0, 360.0), (100.0, 120.0, 140.0, 160.0)
ROWS = (("Name of the place", "Sail", "Steam"), ("North Harbour", "128", "7"), ("South Harbour", "", "3060"))


def drawn(sheet: Sheet, *, turned: int = 0, lean: float = 0.0) -> object:
    """A page as a picture, as a scanner makes it."""
    image = drawn_page(sheet)
    return image.rotate(lean, expand=False, fillcolor=255, resample=Image.Resampling.BICUBIC).rotate(turned, expand=True, fillcolor=255)


def read(image: object, kind: str = "PNG", limits: Limits | None = None, **how: object) -> Document:
    out = io.BytesIO()
    image.save(out, kind, dpi=(200, 200), **how)  # type: ignore[attr-defined]
    return read_document(out.getvalue(), media_type=None, name=None, limits=limits or Limits())


def grid_page() -> Sheet:
    return drawn_grid(Sheet().text(60, 60, "Ships that called at the harbours"), XS, YS, ROWS)


def only(document: Document) -> RawTable:
    (table,) = document.tables()
    return table


def test_a_ruled_table_of_a_picture() -> None:
    document = read(drawn(grid_page()))
    assert document.media_type == "image/png"
    table = only(document)
    assert texts(table) == [list(row) for row in ROWS]
    assert (table.spans, table.blanks_known) == ("drawn", True)
    place = table.rows[1].cells[1].place
    assert isinstance(place, PagePlace)
    assert place.box == pytest.approx((200, 120, 280, 140), abs=1.5)
    reading = document.readings[place]
    assert (reading.text, reading.second) == ("128", "128")
    assert reading.confidence > 0.99
    (line,) = [block for block in document.blocks if isinstance(block, TextBlock)]
    assert line.text == "Ships that called at the harbours"
    assert [finding.code for finding in document.findings] == ["page-recognised"]


@pytest.mark.parametrize(("turned", "lean"), [(90, 0.0), (180, 0.0), (0, 2.0)])
def test_a_page_that_does_not_stand_upright(turned: int, lean: float) -> None:
    document = read(drawn(grid_page(), turned=turned, lean=lean))
    table = only(document)
    assert texts(table) == [list(row) for row in ROWS]
    place = table.rows[1].cells[1].place
    assert isinstance(place, PagePlace)
    x, y = (place.box[0] + place.box[2]) / 2, (place.box[1] + place.box[3]) / 2
    # Where the middle of the cell (240, 130) is on the page as scanned; a page is 595 x 842 points.
    expected = {(90, 0.0): (130, 595 - 240), (180, 0.0): (595 - 240, 842 - 130), (0, 2.0): (232, 131.5)}[turned, lean]
    assert (x, y) == pytest.approx(expected, abs=4)


def test_a_table_goes_on_over_the_pages_of_a_tiff() -> None:
    first = drawn(drawn_grid(Sheet(), XS, (740.0, 760.0, 780.0), ROWS[:2]))
    second = drawn(drawn_grid(Sheet(), XS, (60.0, 80.0), ROWS[2:]))
    document = read(first, "TIFF", save_all=True, append_images=[second])
    assert texts(only(document)) == [list(row) for row in ROWS]
    assert "table-continued" in [finding.code for finding in document.findings]


def test_a_page_of_a_pdf_whose_letters_have_no_names_is_read_as_a_picture() -> None:
    words = drawn_grid(Sheet(), XS, YS, ROWS)
    for number in range(12):
        words.text(60, 300 + 15 * number, "".join(chr(3 + (7 * number + place) % 29) for place in range(30)), font=NAMELESS)
    document = read_pdf_bytes(words)
    codes = [finding.code for finding in document.findings]
    assert codes == ["page-recognised"]
    assert texts(document.tables()[0]) == [list(row) for row in ROWS]
    assert document.readings


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000), (7, 5), (400, 300)])
def test_a_page_without_anything_on_it(size: tuple[int, int]) -> None:
    document = read(Image.new("L", size, 90))
    assert document.blocks == ()


def test_noise_is_not_read_with_certainty() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (500, 400), np.uint8)
    document = read(Image.fromarray(noise))
    assert all(reading.confidence < 0.99 for reading in document.readings.values() if any(char.isdigit() for char in reading.text))


def test_a_photograph_is_not_read_mark_by_mark() -> None:
    dots = np.full((2300, 1600), 255, np.uint8)
    for down in range(3):
        for across in range(3):
            dots[down::7, across::7] = 0
    document = read(Image.fromarray(dots))
    assert document.blocks == ()
    assert [finding.code for finding in document.findings] == ["limit-exceeded"]


def test_without_the_extra_a_picture_is_not_read_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers.scans.installed.is_installed", lambda: False)
    document = read(Image.new("L", (100, 100), 255))
    assert document.blocks == ()
    (finding,) = document.findings
    assert (finding.code, finding.severity) == ("page-image", "warning")
    assert finding.message.endswith("pip install 'tabularium[ocr]'")


def test_documents_with_text_pay_nothing() -> None:
    code = (
        "import sys; from pipeline import extract; from tests.readers.pdf.paper import *;"
        "extract(b'<html><body><table><tr><td>a</td><td>1</td></tr></table></body></html>');"
        "extract(build_pdf([drawn_grid(Sheet(), (50, 150, 250), (100, 120, 140), (('Name', 'Count'), ('North', '12')))]));"
        "print(sorted({'cv2', 'onnxruntime', 'PIL', 'rapidocr', 'pipeline.readers.scans.read'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def scratched(*boxes: tuple[float, float, float, float]) -> object:
    """The grid page with white over some places, in points."""
    pixels = np.asarray(drawn(grid_page()).convert("L")).copy()  # type: ignore[attr-defined]
    for box in boxes:
        x0, top, x1, bottom = (round(value * 200 / 72) for value in box)
        pixels[top:bottom, x0:x1] = 255
    return Image.fromarray(pixels)


def test_rules_with_gaps_still_part_their_cells() -> None:
    document = read(scratched((279, 123, 281, 136), (199, 144, 201, 157), (220, 139, 262, 141), (359, 105, 361, 114)))
    assert texts(only(document)) == [list(row) for row in ROWS]


def test_numbers_side_by_side_are_of_two_cells_where_the_rule_between_is_gone() -> None:
    document = read(scratched((279, 121, 281, 139)))
    assert texts(only(document))[1] == ["North Harbour", "128", "7"]


def test_a_label_and_the_number_behind_it_are_of_two_cells() -> None:
    rows = (*ROWS[:2], ("South Harbour", "5", "3060"), ("East Harbour", "12", "40"))
    sheet = drawn_grid(Sheet(), XS, (*YS, 180.0), rows)
    pixels = np.asarray(drawn(sheet).convert("L")).copy()  # type: ignore[attr-defined]
    pixels[round(161 * 200 / 72) : round(179 * 200 / 72), round(199 * 200 / 72) : round(201 * 200 / 72)] = 255
    assert texts(only(read(Image.fromarray(pixels)))) == [list(row) for row in rows]
