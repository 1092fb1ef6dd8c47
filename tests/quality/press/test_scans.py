"""The scanner of the press: the same bytes each time, what was wished for, and nothing printed is wiped out."""

from __future__ import annotations

import io
import random
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageSequence

from tests.quality.press.__main__ import draw_wishes, share_scans
from tests.quality.press.scans import ScanHand, draw_scan_hand, parse_scan, scan_pdf
from tests.quality.sources import COMMITTED_SCANS, press_cases


def two_pages() -> bytes:
    """Two pages of 120 by 160 points with a black bar each, as a PDF."""
    drawings = []
    for left in (20, 60):
        page = Image.new("L", (240, 320), 255)
        page.paste(0, (left, 100, left + 100, 110))
        drawings.append(page)
    file = io.BytesIO()
    drawings[0].save(file, format="PDF", save_all=True, append_images=drawings[1:], resolution=144)
    return file.getvalue()


@pytest.mark.parametrize("name", ["200", "rough-200", "rough-120"])
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    hand = replace(draw_scan_hand(parse_scan(name), random.Random(5)), stamps=0)
    first, second = (scan_pdf(two_pages(), hand, "7:1") for _ in range(2))
    assert first == second
    assert name == "200" or scan_pdf(two_pages(), hand, "7:2") != first


def test_a_clean_scan_is_the_page_as_it_is_drawn() -> None:
    data, suffix = scan_pdf(two_pages(), ScanHand(144, False, "tif", "grey"), "1:1")
    assert suffix == "tif"
    scan = Image.open(io.BytesIO(data))
    pages = [page.copy() for page in ImageSequence.Iterator(scan)]
    assert (len(pages), pages[1].size, scan.info["dpi"][0]) == (2, (240, 320), 144)
    dark = np.argwhere(np.asarray(pages[1]) < 128)
    assert (dark.min(axis=0).tolist(), dark.max(axis=0).tolist()) == ([100, 60], [109, 159])


@pytest.mark.parametrize(("container", "pages", "expected"), [("png", 2, "tif"), ("jpg", 2, "pdf"), ("pdf", 2, "pdf"), ("tif", 2, "tif")])
def test_a_picture_of_one_page_does_not_lose_the_second(container: str, pages: int, expected: str) -> None:
    data, suffix = scan_pdf(two_pages(), ScanHand(100, False, container, "colour"), "1:1")
    assert suffix == expected
    found = len(pypdfium2.PdfDocument(data)) if suffix == "pdf" else sum(1 for _ in ImageSequence.Iterator(Image.open(io.BytesIO(data))))
    assert found == pages


def test_a_pdf_of_pictures_has_no_words_and_no_clock() -> None:
    data, _ = scan_pdf(two_pages(), ScanHand(100, False, "pdf", "bilevel"), "1:1")
    document = pypdfium2.PdfDocument(data)
    assert document[0].get_textpage().count_chars() == 0
    assert document.get_metadata_dict()["CreationDate"].startswith("D:20231231") or b"D:20240101" in data


def test_rough_pages_are_askew_and_lie_on_their_side() -> None:
    hand = ScanHand(144, True, "png", "grey", skew=2.0, turned=90, blur=0.4, noise=3)
    page = Image.open(io.BytesIO(scan_pdf(two_pages(), replace(hand, container="tif"), "1:1")[0]))
    assert page.width > page.height
    upright = np.rot90(np.asarray(page), -1) < 128
    ends = [np.argwhere(upright[:, column]).mean() for column in (35, 110)]
    assert 1.5 < ends[0] - ends[1] < 3.5  # 75 pixels at 2 degrees rise by 2.6


def test_broken_rules_leave_words_alone() -> None:
    page = Image.new("L", (400, 300), 255)
    page.paste(0, (20, 100, 380, 103))
    page.paste(0, (50, 150, 60, 165))  # a letter
    file = io.BytesIO()
    page.save(file, format="PDF", resolution=100)
    hand = ScanHand(100, True, "png", "grey", broken=1.0, blur=0.2, noise=0.01)
    scanned = np.asarray(Image.open(io.BytesIO(scan_pdf(file.getvalue(), hand, "3:3")[0])))
    assert 0 < (scanned[101, 20:380] > 200).sum() < 200
    assert (scanned[152:163, 52:58] < 60).all()


@pytest.mark.parametrize("name", ["", "20", "clean-200", "rough", "200-rough", "9999"])
def test_an_unknown_scan_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a scan is called"):
        parse_scan(name)


def test_stamps_are_never_scanned_in_black_and_white() -> None:
    hands = [draw_scan_hand(parse_scan("rough-200"), random.Random(number)) for number in range(300)]
    assert {hand.mode for hand in hands if hand.stamps} == {"colour"}
    assert all(abs(hand.skew) <= 3 and (hand.jpeg == 0 or 45 <= hand.jpeg <= 85) for hand in hands)
    assert {hand.turned for hand in hands} == {0, 90, 180, 270}


def test_scans_are_shared_out_as_asked() -> None:
    wishes = share_scans(draw_wishes(40, 1, ["word-pdf", "chromium-pdf"], ["clean"]), "200:4,rough-200:2,120,300", 1)
    counts = {name: sum(wish.scan == name for wish in wishes) for name in ("200", "rough-200", "120", "300")}
    assert counts == {"200": 20, "rough-200": 10, "120": 5, "300": 5}
    assert {wish.converter for wish in wishes if wish.scan == "120"} == {"word-pdf", "chromium-pdf"}


def test_committed_scans_are_few_and_small_and_of_every_form() -> None:
    cases = press_cases(COMMITTED_SCANS, "scan")
    assert {case.kind for case in cases} == {"scan", "scan-clerk", "scan-rough", "scan-rough-clerk"}
    assert {case.facets["form"] for case in cases} == {"2014", "2019", "2021"}
    assert {case.facets["container"] for case in cases} == {"jpg", "pdf", "tif"}
    assert sum(path.stat().st_size for path in COMMITTED_SCANS.rglob("*.gz")) < 4_500_000


def test_scans_of_a_press_run_are_told_apart_by_resolution() -> None:
    assert {"scan-120", "scan-150", "scan-200", "scan-300-clerk", "scan-rough-200"} <= {
        case.kind for case in press_cases(COMMITTED_SCANS, "large")
    }
