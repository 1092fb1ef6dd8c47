"""Office files whose parts were changed at random: read, or refused with a reason; never anything else."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable

import pytest

from pipeline.errors import SourceError
from pipeline.grids.place import place_cells
from pipeline.model.limits import Limits
from pipeline.readers import read_document
from tests.quality.press.make import Wish, draft
from tests.quality.press.sheet_writer import SheetHand, write_xlsx
from tests.quality.press.word_writer import WordHand, write_docx
from tests.readers.office.packages import ods

_NUMBER = re.compile(rb'="[0-9]+"')
_TAG = re.compile(rb"<(/?)([A-Za-z:]+)([^<>]*)>")
_EXTREMES = (b"0", b"1", b"-1", b"", b"99999999999", b"65536", b"16384", b"nan", b"continue", b"2")
_LIMITS = Limits(max_cells=50_000, max_slots=200_000, max_rows=5_000, max_inflated_bytes=20_000_000)
_KINDS = ("docx", "xlsx", "ods")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A report of every kind, with all the habits that make its parts rich."""
    folder = tmp_path_factory.mktemp("whole")
    made = draft(Wish(4, 9, "clean", "word-docx", form="2021", script="simplified"))
    word = WordHand(title="box", jitter=True, splits_runs=True, tracked=True, cut="header")
    write_docx(made.prose, made.tables, made.script, word, random.Random(1), folder / "x.docx")
    sheet = SheetHand(hidden_sheet=True, spans="centred")
    write_xlsx(made.prose, made.tables, made.values, made.form, made.number_hand, made.script, sheet, random.Random(1), folder / "x.xlsx")
    style = '<style:style style:name="b"><style:table-cell-properties fo:border="1pt solid"/></style:style>'
    cell = '<table:table-cell table:style-name="b" table:number-columns-spanned="2" table:number-rows-spanned="1"><text:p>a</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="2">{cell}<table:covered-table-cell table:number-columns-repeated="1"/>{cell}</table:table-row>'
    tables = f'<table:table table:name="S"><table:table-column table:number-columns-repeated="3"/>{row * 3}</table:table>'
    return {
        "docx": (folder / "x.docx").read_bytes(),
        "xlsx": (folder / "x.xlsx").read_bytes(),
        "ods": ods(tables, styles=style),
    }


def changed(data: bytes, rng: random.Random) -> bytes:
    """The package with one part changed in a few places."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    name = rng.choice([name for name in parts if name.endswith((".xml", ".rels")) and len(parts[name]) > 100])
    for _ in range(rng.randint(1, 6)):
        parts[name] = rng.choice(_CHANGES)(parts[name], rng)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for key, content in parts.items():
            target.writestr(key, content)
    return made.getvalue()


def _other_number(part: bytes, rng: random.Random) -> bytes:
    found = list(_NUMBER.finditer(part))
    if not found:
        return part
    match = rng.choice(found)
    return part[: match.start()] + b'="' + rng.choice(_EXTREMES) + b'"' + part[match.end() :]


def _element_gone(part: bytes, rng: random.Random) -> bytes:
    """An empty element taken out, or a tag and the next tag of its name that closes it."""
    match = rng.choice(list(_TAG.finditer(part)) or [None])
    if match is None:
        return part
    if match.group(3).endswith(b"/"):
        return part[: match.start()] + part[match.end() :]
    if match.group(1):
        return part
    end = part.find(b"</" + match.group(2) + b">", match.end())
    return part if end < 0 else part[: match.start()] + part[match.end() : end] + part[end + len(match.group(2)) + 3 :]


def _element_twice(part: bytes, rng: random.Random) -> bytes:
    match = rng.choice(list(_TAG.finditer(part)) or [None])
    if match is None:
        return part
    end = part.find(b"</" + match.group(2) + b">", match.end())
    if match.group(1) or end < 0 or end - match.start() > 5000:
        return part
    stop = end + len(match.group(2)) + 3
    return part[:stop] + part[match.start() : stop] + part[stop:]


def _name_changed(part: bytes, rng: random.Random) -> bytes:
    found = [match for match in _TAG.finditer(part) if match.group(3).endswith(b"/") and not match.group(1)]
    if len(found) < 2:
        return part
    first, second = rng.sample(found, 2)
    return part[: first.start()] + b"<" + second.group(2) + first.group(3) + b">" + part[first.end() :]


def _bytes_changed(part: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(part))
    return part[:at] + bytes([rng.randrange(256)]) + part[at + 1 :]


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _other_number,
    _other_number,
    _element_gone,
    _element_twice,
    _name_changed,
    _bytes_changed,
)


def outcome(data: bytes) -> str:
    """What came of it: "read" with every table placed, or the code of the refusal."""
    try:
        document = read_document(data, media_type=None, name=None, limits=_LIMITS)
    except SourceError as error:
        return error.code
    for table in document.tables():
        place_cells(table, _LIMITS)
    return "read"


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("seed", range(25))
def test_changed_parts_are_read_or_refused(kind: str, seed: int, whole: dict[str, bytes]) -> None:
    assert outcome(changed(whole[kind], random.Random(f"{kind}{seed}"))) in (
        "read",
        "damaged-source",
        "limit-exceeded",
        "unsupported-format",
    )


@pytest.mark.parametrize("kind", _KINDS)
def test_whole_ones_are_read(kind: str, whole: dict[str, bytes]) -> None:
    assert outcome(whole[kind]) == "read"
