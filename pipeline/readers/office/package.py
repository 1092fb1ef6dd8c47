"""The zip that office files come in: parts are read in pieces, under a budget. Nothing is ever unpacked to disk.

A member name is only a key here, so names with `..` or a leading slash can do no harm. What a part inflates to is counted while it is read;
the sizes that the directory declares are not believed.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Iterator

from pipeline.errors import DamagedSourceError, EncryptedSourceError, LimitExceededError
from pipeline.model.limits import Limits

__all__ = ["Package"]

_MAX_MEMBERS = 20_000  # an office file has some dozens; each costs half a kilobyte before anything is read
_CHUNK = 256 * 1024
_DIRECTORY_ENTRY = b"PK\x01\x02"


class Package:
    """An opened zip. `names` are the members; every read counts against `limits.max_inflated_bytes`, over all parts together."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        """DamagedSourceError for a zip that is cut off or damaged, LimitExceededError for one with too many members."""
        if data.count(_DIRECTORY_ENTRY) > _MAX_MEMBERS:
            raise LimitExceededError(f"the file is a zip of more than {_MAX_MEMBERS} members")
        self._limits = limits
        self._left = limits.max_inflated_bytes
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError) as error:
            raise DamagedSourceError(f"the zip that the document is in is cut off or damaged: {error}") from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._twice: set[str] = set()
        for item in self._zip.infolist():
            name = item.filename.replace("\\", "/")  # some writers on Windows
            if name in self._members:
                self._twice.add(name)
            self._members[name] = item
        self.names = frozenset(self._members)
        self._folded = {name.lower(): name for name in sorted(self._members, reverse=True)}

    def find(self, name: str) -> str | None:
        """The member of that name, in whatever case: part names are the same in all."""
        return name if name in self._members else self._folded.get(name.lower())

    def stream(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, piece by piece. DamagedSourceError where they cannot be had, LimitExceededError past the budget."""
        if name not in self._members:
            raise DamagedSourceError(f"the document has no part {name}")
        if name in self._twice:
            raise DamagedSourceError(f"the document has the part {name} twice: which of them is meant cannot be told")
        item = self._members[name]
        if item.flag_bits & 0x1:
            raise EncryptedSourceError(f"the part {name} is encrypted: the zip asks for a password")
        try:
            with self._zip.open(item) as file:
                while chunk := file.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise LimitExceededError(
                            f"the parts of the document inflate to more than max_inflated_bytes = {self._limits.max_inflated_bytes}"
                        )
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
            raise DamagedSourceError(f"the part {name} of the document is damaged: {error}") from error

    def resolve(self, base: str, target: str) -> str:
        """The member that a relationship of the part `base` names. Relative to its folder, or to the root with a leading slash."""
        if target.startswith("/"):
            return posixpath.normpath(target).lstrip("/")
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), target)).lstrip("/")
