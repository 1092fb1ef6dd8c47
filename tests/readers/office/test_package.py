"""Zips of strangers: damaged, encrypted, doubled, bombs. Each ends in an error that says what it is."""

from __future__ import annotations

import warnings
import zipfile
from io import BytesIO

import pytest

from pipeline.errors import DamagedSourceError, EncryptedSourceError, LimitExceededError, SourceError
from pipeline.model.limits import Limits
from pipeline.readers.office.package import Package
from tests.readers.office.packages import docx, outline, read, zipped


def whole(package: Package, name: str) -> bytes:
    return b"".join(package.stream(name))


def test_parts_are_found_whatever_their_case_and_slashes() -> None:
    package = Package(zipped({"Word\\Document.XML": "x"}), Limits())
    assert package.find("word/document.xml") == "Word/Document.XML"
    assert package.find("word/other.xml") is None
    assert whole(package, "Word/Document.XML") == b"x"


def test_names_that_climb_are_only_names() -> None:
    package = Package(zipped({"../../etc/passwd": "x", "/abs": "y"}), Limits())
    assert package.names == {"../../etc/passwd", "/abs"}
    assert whole(package, package.resolve("word/document.xml", "../../../etc/passwd")) == b"x"
    assert package.resolve("word/document.xml", "styles.xml") == "word/styles.xml"
    assert package.resolve("word/document.xml", "/xl/a.xml") == "xl/a.xml"


@pytest.mark.parametrize("keep", [10, 200, -30, -1])
def test_a_zip_that_is_cut_off_is_damage(keep: int) -> None:
    with pytest.raises(SourceError) as caught:
        read(docx("<w:p/>" * 50)[:keep], "x.docx")
    assert caught.value.code in ("damaged-source", "unsupported-format")


def test_a_part_whose_bytes_changed_is_damage() -> None:
    data = bytearray(docx("<w:p><w:r><w:t>abcdefghijklmnopqrstuvwxyz0123456789</w:t></w:r></w:p>"))
    at = data.index(b"word/document.xml") + 60
    data[at : at + 20] = b"\xff" * 20
    with pytest.raises(DamagedSourceError, match=r"word/document\.xml"):
        read(bytes(data))


def test_a_bomb_stops_at_the_budget() -> None:
    body = "<w:p/>" * 2_000_000
    data = docx(body)
    assert len(data) < 60_000
    with pytest.raises(LimitExceededError, match="max_inflated_bytes = 1000000"):
        read(data, max_inflated_bytes=1_000_000)


def test_the_budget_is_of_all_parts_together() -> None:
    package = Package(zipped({"a": "x" * 600, "b": "y" * 600}), Limits(max_inflated_bytes=1000))
    assert len(whole(package, "a")) == 600
    with pytest.raises(LimitExceededError):
        whole(package, "b")


def test_the_size_a_directory_declares_is_not_believed() -> None:
    data = bytearray(zipped({"a": "x" * 5000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")
    package = Package(bytes(data), Limits(max_inflated_bytes=100))
    with pytest.raises((LimitExceededError, DamagedSourceError)):
        whole(package, "a")


def test_too_many_members_are_refused_before_they_are_listed() -> None:
    with pytest.raises(LimitExceededError, match="20000 members"):
        Package(b"PK\x03\x04" + b"PK\x01\x02" * 20_001, Limits())


def test_encrypted_members_ask_for_a_password() -> None:
    data = bytearray(zipped({"word/document.xml": "<x/>"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(EncryptedSourceError, match="password"):
        read(bytes(data))


def test_of_two_parts_with_one_name_neither_is_chosen() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file.writestr("word/document.xml", "<a/>")
        file.writestr("word/document.xml", "<b/>")
    with pytest.raises(DamagedSourceError, match="twice"):
        read(buffer.getvalue())


def test_relations_to_the_outside_are_not_followed() -> None:
    main = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p/></w:body></w:document>'
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    relations = f'<Relationships xmlns="{space}"><Relationship Id="a" Type="{kind}" Target="http://x.invalid/a" TargetMode="External"/></Relationships>'
    assert outline(read(zipped({"word/document.xml": main, "_rels/.rels": relations}))) == []
