"""The container of Office 97-2003 files, looked into only to say what is encrypted. The only module that imports olefile."""

from __future__ import annotations

import io
import struct

import olefile

from pipeline.errors import DamagedSourceError, EncryptedSourceError

__all__ = ["check_word_file", "names_in", "workbook_stream"]

_ENCRYPTED_PARTS = ("EncryptedPackage", "EncryptionInfo")
_FIB_ENCRYPTED = 0x0100  # a bit of the flags at byte 10 of a WordDocument stream
_FILEPASS = 0x002F
_MAX_RECORDS = 50  # of a workbook stream; FILEPASS comes right after the first


def names_in(data: bytes) -> frozenset[str]:
    """The names at the root of the container. DamagedSourceError where it cannot be opened."""
    with _opened(data) as container:
        return frozenset(path[0] for path in container.listdir(streams=True, storages=True))


def check_word_file(data: bytes) -> None:
    """EncryptedSourceError for a .doc that asks for a password, DamagedSourceError for one without its text stream."""
    with _opened(data) as container:
        _refuse_encrypted_package(container)
        head = _read(container, "WordDocument", 12)
    if struct.unpack_from("<H", head, 10)[0] & _FIB_ENCRYPTED:
        raise EncryptedSourceError("the Word document is encrypted: it asks for a password")


def workbook_stream(data: bytes) -> bytes:
    """The records of an .xls. EncryptedSourceError for one that asks for a password, DamagedSourceError where there are none."""
    with _opened(data) as container:
        _refuse_encrypted_package(container)
        stream = _read(container, "Workbook" if container.exists("Workbook") else "Book", 4)
    at = 0
    for _ in range(_MAX_RECORDS):
        if at + 4 > len(stream):
            break
        record, size = struct.unpack_from("<HH", stream, at)
        if record == _FILEPASS:
            raise EncryptedSourceError("the workbook is encrypted: it asks for a password")
        at += 4 + size
    return stream


def _opened(data: bytes) -> olefile.OleFileIO:
    try:
        return olefile.OleFileIO(io.BytesIO(data))
    except (OSError, ValueError, IndexError, struct.error, OverflowError, RecursionError) as error:
        raise DamagedSourceError(f"the Office 97-2003 file is cut off or damaged: {error}") from error


def _refuse_encrypted_package(container: olefile.OleFileIO) -> None:
    if any(container.exists(name) for name in _ENCRYPTED_PARTS):
        raise EncryptedSourceError("the document is encrypted: it asks for a password")


def _read(container: olefile.OleFileIO, name: str, least: int) -> bytes:
    try:
        with container.openstream(name) as file:
            stream: bytes = file.read()
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise DamagedSourceError(f"the Office 97-2003 file has no stream {name}, or it cannot be read: {error}") from error
    if len(stream) < least:
        raise DamagedSourceError(f"the stream {name} of the Office 97-2003 file is cut off")
    return stream
