"""Excel 97-2003 workbooks through xlrd: the same as of .xlsx, and damage that is told as such."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.errors import EncryptedSourceError, SourceError
from pipeline.model.place import SheetPlace
from tests.readers.office.packages import compound, outline, read

SMALL = (Path(__file__).parent / "fixtures" / "small.xls").read_bytes()


def test_what_the_cells_show_with_spans_and_findings() -> None:
    document = read(SMALL)
    assert outline(document) == [
        "某局年报",
        [
            ["项目 2x1", "数量 1x2"],
            ["甲", "乙"],
            ["一", "1,234", "12.5%"],
            ["二", "2021年1月31日", "1.24千"],
            ["三", "12", "TRUE"],
        ],
        [["居中 1x2", "1"], ["x", "2", "3"]],
    ]
    assert document.tables()[0].rows[2].cells[1].place == SheetPlace("表一", "B5")
    assert [finding.code for finding in document.findings] == ["hidden-sheet", "hidden-cells", "display-rounded", "note-mark"]


def test_what_is_struck_out_is_left_out_and_said() -> None:
    """A run of a text, a number and a whole text."""
    document = read((Path(__file__).parent / "fixtures" / "struck.xls").read_bytes())
    assert outline(document) == [[["a", "b", "c", "d"], ["12", "", "", "8"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [
        ("struck-text", tuple(SheetPlace("S", name) for name in ("A2", "B2", "C2")))
    ]


def test_cells_beyond_the_limit_are_said() -> None:
    document = read(SMALL, max_cells=8)
    assert [finding.code for finding in document.findings if finding.is_doubt] == ["limit-exceeded"]
    assert "12.5%" not in str(outline(document))


@pytest.mark.parametrize("name", ["Workbook", "Book"])
def test_a_password_is_told(name: str) -> None:
    stream = b"\x09\x08\x10\x00" + b"\0" * 16 + b"\x2f\x00\x06\x00" + b"\0" * 6
    with pytest.raises(EncryptedSourceError, match="password"):
        read(compound({name: stream}))


def told(data: bytes) -> str:
    """The code of what went wrong, "read" where nothing did."""
    try:
        read(data, "x.xls", max_cells=100_000)
    except SourceError as error:
        return error.code
    return "read"


@pytest.mark.parametrize("keep", [600, 2000, 4000])
def test_a_workbook_that_is_cut_off_is_told(keep: int) -> None:
    assert told(SMALL[:keep]) in ("damaged-source", "unsupported-format")


@pytest.mark.parametrize("seed", range(60))
def test_bytes_changed_at_random_never_break_it(seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(SMALL)
    for _ in range(rng.randint(1, 30)):
        data[rng.randrange(512, len(data))] = rng.randrange(256)
    assert told(bytes(data)) in ("read", "damaged-source", "unsupported-format", "limit-exceeded", "encrypted-source")
