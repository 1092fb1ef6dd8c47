"""sources/archive: what comes out of archives, honest ones and others."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from pipeline.model.limits import Limits
from pipeline.sources.archive import walk_archive
from pipeline.sources.kind import HEAD_BYTES, kind_of
from pipeline.sources.member import Event, LeftOut, Member, Trouble
from tests.archives import make_tar, make_wacz, make_zip, packed, record, response

NOISE = os.urandom(200_000)
OOXML = make_zip({"[Content_Types].xml": b"", "word/document.xml": b"<x/>"})


def walk(data: bytes, name: str = "a.zip", **limits: Any) -> list[Event]:
    return list(walk_archive(io.BytesIO(data), name, Limits(**limits)))


def members(data: bytes, name: str = "a.zip", **limits: Any) -> dict[str, bytes]:
    return {event.path: event.data for event in walk(data, name, **limits) if isinstance(event, Member)}


def troubles(data: bytes, name: str = "a.zip", **limits: Any) -> dict[str, tuple[str, str]]:
    return {event.path: (event.code, event.message) for event in walk(data, name, **limits) if isinstance(event, Trouble)}


# ---- honest archives --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (make_zip({"a": b"1"}), "zip"),
        (make_zip({}), "zip"),
        (make_tar({"a": b"1"}), "tar"),
        (gzip.compress(b"x"), "gzip"),
        (record("warcinfo", None, b""), "warc"),
        (b"<html>", None),
        (b"WARC is no archive by this word alone", None),
        (b"x" * HEAD_BYTES, None),
        (b"", None),
    ],
)
def test_the_bytes_tell_what_it_is(data: bytes, kind: str | None) -> None:
    assert kind_of(data[:HEAD_BYTES]) == kind


def test_zip() -> None:
    (event,) = walk(make_zip({"d/": b"", "d/a.html": b"page"}), "in/a.zip")
    assert event == Member(
        "d/a.html", b"page", {"format": "zip", "archive": "in/a.zip", "member": "d/a.html", "modified": "2022-01-31T12:00:00"}
    )


def test_a_directory_has_no_bytes_and_what_has_bytes_is_a_document() -> None:
    assert members(make_zip({"d\\": b"", "d\\a.html": b"page", "e/": b"text"})) == {"d/a.html": b"page", "e": b"text"}


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_tar(mode: str) -> None:
    (event,) = walk(make_tar({"./d/报告.html": b"page"}, mode), "a.tar")
    assert event == Member(
        "d/报告.html", b"page", {"format": "tar", "archive": "a.tar", "member": "./d/报告.html", "modified": "1970-01-01T00:00:00Z"}
    )


def test_a_single_file_under_gzip_takes_its_name_from_the_archive() -> None:
    assert members(gzip.compress(b"pa") + gzip.compress(b"ge") + bytes(20), "in/报告.html.gz") == {"报告.html": b"page"}
    assert members(gzip.compress(b"x"), "noname") == {"noname": b"x"}


def test_archives_within_archives() -> None:
    inner = make_zip({"x.html": b"1", "t.tar.gz": make_tar({"y": b"2"}, "w:gz")})
    data = make_zip({"in.zip": inner, "p.html.gz": gzip.compress(b"3"), "w.warc": record("resource", "http://a/", b"4"), "r.docx": OOXML})
    assert members(data) == {
        "in.zip!/x.html": b"1",
        "in.zip!/t.tar.gz!/y": b"2",
        "p.html.gz!/p.html": b"3",
        "w.warc!/20220131120000/http://a/": b"4",
        "r.docx": OOXML,
    }
    assert [event.container["archive"] for event in walk(data) if isinstance(event, Member)][1] == "a.zip!/in.zip!/t.tar.gz"


def test_a_large_archive_within_another_is_put_aside(tmp_path: Path) -> None:
    data = make_zip({"in.zip": make_zip({"big": NOISE, "small": b"x"}, stored=True)})
    events = list(walk_archive(io.BytesIO(data), "a.zip", Limits(max_bytes=100_000), spool=str(tmp_path)))
    assert [(event.path, type(event)) for event in events if not isinstance(event, LeftOut)] == [
        ("in.zip!/big", Trouble),
        ("in.zip!/small", Member),
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_document_that_is_a_zip_file_is_no_archive() -> None:
    assert walk(OOXML) == []
    assert walk(OOXML[:-30]) == []
    assert walk(make_zip({"OFD.xml": b""})) == []


def test_a_web_archive_in_a_zip_file() -> None:
    data = make_wacz([record("response", "http://a/1", response(b"page"))])
    assert members(data, "a.wacz") == {"archive/data.warc.gz!/20220131120000/http://a/1": b"page"}
    assert [(event.path, event.reason) for event in walk(data) if isinstance(event, LeftOut)] == [
        ("datapackage.json", "an index or a log of the web archive"),
        ("pages/pages.jsonl", "an index or a log of the web archive"),
    ]


@pytest.mark.parametrize("data", [make_zip({}), make_zip({"d/": b""}), make_tar({}) + bytes(512)])
def test_an_archive_without_documents_says_so(data: bytes) -> None:
    if kind_of(data[:HEAD_BYTES]) is not None:  # an empty TAR file is only zeros
        assert walk(data) == [LeftOut("", "an archive without documents")]


# ---- names ------------------------------------------------------------------------------------------------------------


def renamed(name: bytes, other: bytes) -> bytes:
    """A ZIP file whose one name has other bytes, as a program writes them that says nothing of their encoding."""
    assert len(name) == len(other)
    return make_zip({name.decode("ascii"): b"x"}).replace(name, other)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("报告.html".encode("gbk"), "报告.html"),
        ("报告.html".encode(), "报告.html"),
        ("联通.html".encode("gbk"), "联通.html"),
        (b"\xff\xff\xff\xff.html", "\N{NO-BREAK SPACE}" * 4 + ".html"),  # of no Chinese encoding: what the format says
    ],
)
def test_names_without_a_declared_encoding(raw: bytes, shown: str) -> None:
    found = members(renamed(b"x" * len(raw), raw))
    if shown.startswith("联通"):  # these four bytes are UTF-8 too; another name of the archive decides
        data = make_zip({"xxxx": b"1", "yyyyyy": b"2"}).replace(b"xxxx", "联通".encode("gbk")).replace(b"yyyyyy", "报告书".encode("gbk"))
        assert set(members(data)) == {"联通", "报告书"}
    else:
        assert set(found) == {shown}


def test_the_unicode_name_of_info_zip_is_believed_when_it_is_of_this_name() -> None:
    raw, name = b"????.html", "报告.html".encode()
    field = struct.pack("<BI", 1, zlib.crc32(raw)) + name
    info = zipfile.ZipInfo("????.html")
    info.extra = struct.pack("<HH", 0x7075, len(field)) + field
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, b"x")
    assert set(members(out.getvalue())) == {"报告.html"}
    assert set(members(out.getvalue().replace(struct.pack("<I", zlib.crc32(raw)), b"\0\0\0\0"))) == {"____.html".replace("_", "?")}


@pytest.mark.parametrize("name", ["../x", "a/../../x", "C:/x", "c:x", "..\\x", "a\\..\\x"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    for data in (make_zip({name: b"x", "ok": b"y"}), make_tar({name: b"x", "ok": b"y"})):
        assert members(data) == {"ok": b"y"}
        ((code, message),) = troubles(data).values()
        assert code == "damaged-source"
        assert message.startswith("refused: the member's name leads out of the archive")


def test_names_are_made_paths() -> None:
    assert set(members(make_zip({"/abs/x": b"", "a\\b": b"", "./c//d": b"", "e\x01f": b""}))) == {"abs/x", "a/b", "c/d", "e\\x01f"}


# ---- bombs ------------------------------------------------------------------------------------------------------------


def test_what_unpacks_out_of_all_proportion_is_refused() -> None:
    data = make_zip({"bomb": bytes(17 << 20), "ok": b"x"})
    assert members(data) == {"ok": b"x"}
    assert troubles(data)["bomb"][0] == "limit-exceeded"
    assert "more than 200 times as many" in troubles(data)["bomb"][1]
    assert members(data, max_ratio=2000, max_bytes=20 << 20)["bomb"] == bytes(17 << 20)


def test_gzip_out_of_all_proportion_is_stopped() -> None:
    ((code, message),) = troubles(gzip.compress(bytes(40 << 20)), "a.gz").values()
    assert (code, message.partition(";")[0]) == ("limit-exceeded", "the gzip stream unpacks to more than 200 times its size")


def test_a_small_table_of_blanks_is_no_bomb() -> None:
    page = b"<table>" + b"<tr><td></td></tr>" * 100_000
    assert len(page) > 200 * len(zlib.compress(page))
    assert members(make_zip({"a.html": page})) == {"a.html": page}
    assert members(gzip.compress(page), "a.html.gz") == {"a.html": page}


def test_members_that_share_their_bytes_are_refused() -> None:
    """Overlapping members, each unpacking the same bytes: the way to a bomb without a nested archive."""
    data = bytearray(make_zip({"one": NOISE[:1000], "two": NOISE[1000:2000], "tri": b"fine"}, stored=True))
    offset = struct.pack("<I", 30 + 3 + 1000)
    at = data.rindex(b"two")
    assert bytes(data[at - 4 : at]) == offset
    data[at - 4 : at] = struct.pack("<I", 0)  # the directory has "two" begin where "one" does
    data[at - 46 + 20 : at - 46 + 28] = struct.pack("<II", 1000, 1000)
    assert set(members(bytes(data))) == {"tri"}
    assert {code for code, _ in troubles(bytes(data)).values()} == {"limit-exceeded"}


def test_too_many_members() -> None:
    data = make_zip({f"{number:03}": b"x" for number in range(20)})
    assert len(members(data, max_members=5)) == 5
    assert troubles(data, max_members=5) == {"": ("limit-exceeded", "the archive has more than 5 members; the rest of them are not read")}


def test_too_deep() -> None:
    data = b"x"
    for depth in range(5):
        data = make_zip({f"{depth}.zip": data})
    assert troubles(data) == {"4.zip!/3.zip!/2.zip!/1.zip": ("limit-exceeded", "an archive, 4 archives deep; 3 is the limit")}
    assert set(members(data, max_nesting=9)) == {"4.zip!/3.zip!/2.zip!/1.zip!/0.zip"}


def test_the_whole_archive_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sources.stream._FREE_IN_ALL", 1 << 20)
    data = make_zip({f"{number:03}": bytes(100_000) for number in range(100)})
    found = members(data, max_ratio=60)
    assert 5 < len(found) < 100
    assert troubles(data, max_ratio=60)[""][0] == "limit-exceeded"


def test_a_member_over_the_limit() -> None:
    for data in (make_zip({"big": NOISE, "ok": b"x"}), make_tar({"big": NOISE, "ok": b"x"})):
        assert members(data, max_bytes=100_000) == {"ok": b"x"}
        assert troubles(data, max_bytes=100_000) == {"big": ("limit-exceeded", "the member has more than 100000 bytes")}


# ---- damage -----------------------------------------------------------------------------------------------------------


def test_a_gzip_file_that_breaks_off() -> None:
    whole = gzip.compress(NOISE)
    (member, trouble) = walk(whole[:-50_000], "a.html.gz")
    assert isinstance(member, Member)
    assert isinstance(trouble, Trouble)
    assert member.is_cut
    assert NOISE.startswith(member.data)
    assert len(member.data) > 140_000
    assert (trouble.path, trouble.code) == ("", "damaged-source")
    assert trouble.message == f"the gzip stream ends in the middle at byte {len(whole) - 50_000}; {len(member.data)} bytes were saved"


def test_a_tar_file_that_breaks_off_keeps_what_came_before() -> None:
    for mode in ("w", "w:gz"):
        data = make_tar({"a": b"first", "b": NOISE, "c": b"last"}, mode)
        events = walk(data[:120_000], "a.tar")
        assert [(event.path, event.is_cut) for event in events if isinstance(event, Member)] == [("a", False), ("b", True)]
        ((code, message),) = troubles(data[:120_000], "a.tar").values()
        assert code == "damaged-source"
        assert message.endswith("2 documents were saved")


def test_a_tar_file_cut_between_members_is_noticed() -> None:
    data = make_tar({"a": b"first", "b": b"second"})
    assert members(data[:1024]) == {"a": b"first"}
    assert troubles(data[:1024])[""][1].startswith("the TAR archive does not end as such archives do")


def test_a_zip_file_that_breaks_off() -> None:
    assert troubles(make_zip({"a": NOISE})[:-100])[""][0] == "damaged-source"


def test_a_damaged_member_costs_only_itself() -> None:
    data = bytearray(make_zip({"a": NOISE, "b": b"fine"}, stored=True))
    data[5000] ^= 0xFF
    assert members(bytes(data)) == {"b": b"fine"}
    assert troubles(bytes(data)) == {"a": ("damaged-source", "the member cannot be unpacked (Bad CRC-32 for file 'a')")}


def test_an_encrypted_member() -> None:
    data = bytearray(make_zip({"a": b"secret", "b": b"open"}))
    for at in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    assert troubles(bytes(data)) == {"a": ("encrypted-source", "the member is encrypted")}
    assert members(bytes(data)) == {"b": b"open"}


def test_links_and_devices_are_left_out() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("s", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("d", tarfile.CHRTYPE), ("f", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert [(event.path, event.reason) for event in walk(out.getvalue()) if isinstance(event, LeftOut)] == [
        ("s", "a symbolic link"), ("h", "a hard link"), ("d", "a device"), ("f", "a device"),
    ]  # fmt: skip
    link = zipfile.ZipInfo("l")
    link.external_attr = 0o120777 << 16
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as packed_links:
        packed_links.writestr(link, b"/etc/passwd")
    assert walk(zipped.getvalue()) == [LeftOut("l", "a symbolic link")]


def test_any_bytes_give_events_and_no_error() -> None:
    """Whole archives, damaged at every place in turn."""
    wholes = [
        make_zip({"a.html": b"<p>" * 50, "b": b"x"}),
        make_tar({"a.html": b"<p>" * 50}, "w:gz"),
        make_tar({"a.html": b"<p>" * 50})[:2048],
        packed([record("response", "http://a/", response(b"page" * 20))]),
        record("response", "http://a/", response(b"page" * 20)),
    ]
    for whole in wholes:
        for at in range(0, len(whole), max(1, len(whole) // 150)):
            for damaged in (whole[:at], whole[:at] + b"\xff\x00" + whole[at + 2 :]):
                for event in walk(damaged):
                    assert isinstance(event, Member | Trouble | LeftOut)
