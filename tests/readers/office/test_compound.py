"""Containers of Office 97-2003: what asks for a password, what is none of ours."""

from __future__ import annotations

import pytest

from pipeline.errors import DamagedSourceError, EncryptedSourceError, UnsupportedFormatError
from pipeline.readers.office.compound import check_word_file, names_in
from tests.readers.office.packages import compound, read

FIB = b"\xec\xa5\xc1\x00" + b"\0" * 6


def test_names_at_the_root() -> None:
    assert names_in(compound({"One": b"1", "Two": b"2"})) == {"One", "Two"}


def test_an_encrypted_package_asks_for_a_password() -> None:
    with pytest.raises(EncryptedSourceError, match="password"):
        read(compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}), "report.docx")


def test_an_encrypted_word_document_asks_for_a_password() -> None:
    with pytest.raises(EncryptedSourceError, match="password"):
        read(compound({"WordDocument": FIB + b"\x00\x01"}))
    check_word_file(compound({"WordDocument": FIB + b"\x00\x02"}))


def test_other_containers_are_not_read_and_said_by_what_they_hold() -> None:
    with pytest.raises(UnsupportedFormatError, match="Contents"):
        read(compound({"Contents": b"x"}))


def test_a_container_that_is_cut_off_is_damage() -> None:
    with pytest.raises(DamagedSourceError):
        read(compound({"WordDocument": FIB + b"\0\0"})[:700])
    with pytest.raises(DamagedSourceError, match="WordDocument"):
        check_word_file(compound({"Other": b"x"}))
