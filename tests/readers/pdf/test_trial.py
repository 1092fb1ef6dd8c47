"""Files that ask pdfium for more objects than there is memory: a typed failure, and no cost for those that cannot."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import pytest

from pipeline.errors import LimitExceededError
from pipeline.model.limits import Limits
from pipeline.readers import read_document
from pipeline.readers.pdf.streams import check_streams
from pipeline.readers.pdf.trial import check_loading, needs_trial
from tests.readers.pdf.paper import Sheet, build_pdf

TIGHT = Limits(max_memory=400 * 1024 * 1024, max_seconds=100.0)


def with_forms(content: bytes, forms: Sequence[tuple[bytes, int | None]], entries: str = "/Subtype /Form") -> bytes:
    """A file whose page draws `content`, where `/F` is the first form; each form has a content and the number of the one that its own `/F` is."""
    data = build_pdf([Sheet()])
    first = 100
    objects = [(99, content, "")]
    for number, (own, inner) in enumerate(forms, first):
        resources = "" if inner is None else f"/Resources << /XObject << /F {first + inner} 0 R >> >>"
        objects.append((number, own, f"/Type /XObject {entries} /BBox [0 0 500 500] {resources}"))
    page = data.index(b"/Resources")
    added = b"".join(
        b"%d 0 obj\n<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream\nendobj\n"
        % (number, len(packed), said.encode(), packed)
        for number, body, said in objects
        for packed in (zlib.compress(body, 9),)
    )
    end = data.index(b"/Contents")
    data = data[:page] + b"/Resources << /XObject << /F 100 0 R >> >> /Contents 99 0 R" + data[data.index(b">>\nendobj", end) :]
    start = data.rindex(b"xref\n", 0, data.rindex(b"startxref"))
    return data[:start] + added + b"trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


@pytest.mark.parametrize(
    "data",
    [
        with_forms(b"/F Do", [*((b"/F Do " * 10, number) for number in range(1, 12)), (b"0 0 9 9 re f", None)]),
        with_forms(b"/F Do", [(b"/F Do " * 10, 0)]),
        with_forms(b"/F Do", [(b"/F Do " * 10, 0)], "/Subtype /Fo#72m"),
        with_forms(b"0 0 m 9 9 l S " * 4_000_000, []),
    ],
    ids=["forms in forms", "a form in itself", "a form by another name", "a page without end"],
)
def test_a_file_that_draws_without_end(data: bytes) -> None:
    with pytest.raises(LimitExceededError, match=r"memory|longer"):
        read_document(data, media_type=None, name=None, limits=TIGHT)


def test_forms_that_end_are_read() -> None:
    data = with_forms(b"/F Do", [(b"/F Do /F Do", 1), (b"0 0 9 9 re f", None)])
    assert needs_trial(data)
    check_loading(data, TIGHT)
    assert read_document(data, media_type=None, name=None, limits=TIGHT).blocks == ()


@pytest.mark.parametrize("content", [b"/F Do", b"/F Do " * 1000])
def test_a_form_that_draws_no_other_asks_for_no_trial(content: bytes) -> None:
    assert not needs_trial(with_forms(content, [(b"0 0 9 9 re f", None)]))
    assert not needs_trial(with_forms(content, [(b"/F Do", 1), (b"0 0 9 9 re f", None)]))


def test_a_long_form_that_is_drawn_often_is_tried() -> None:
    assert needs_trial(with_forms(b"/F Do " * 1000, [(b"0 0 9 9 re f " * 10_000, None)]))


@pytest.mark.parametrize(
    "entries", ["/Subtype /Form /Filter [/ASCII85Decode /FlateDecode]", "/Subtype 7 0 R", "/Subtype (Form) /Filter 3 0 R"]
)
def test_a_form_that_cannot_be_looked_into_is_tried(entries: str) -> None:
    assert needs_trial(with_forms(b"/F Do", [(b"/F Do " * 2, 0)], entries))


def test_what_follows_a_stream_is_no_part_of_it() -> None:
    sizes = range(1 << 20, (1 << 20) + 4)
    for size in (*sizes, 114 << 20):
        packed = zlib.compress(b" " * size, 9)
        assert check_streams(b"1 0 obj <</Filter/FlateDecode>> stream\n%s\n\n\nendstream" % packed, Limits()) == []
