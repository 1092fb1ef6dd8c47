"""Archives walked as streams: ZIP, TAR, gzip, WARC and WACZ, nested to a limit. Nothing is written under a name that an archive gives.

What an archive holds is told by its bytes. Memory does not grow with the archive, but for the directory that a ZIP file has at its end.
"""

from __future__ import annotations

import re
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import IO, Any

from pipeline.errors import LimitExceededError
from pipeline.model.limits import Limits
from pipeline.sources.kind import HEAD_BYTES, Kind, kind_of
from pipeline.sources.member import Event, LeftOut, Member, Trouble, harmless_name
from pipeline.sources.stream import FREE_BYTES, Budget, ByteStream, GzipStream
from pipeline.sources.warc import read_warc

__all__ = ["walk_archive"]

_CHUNK = 1 << 16
# What zipfile raises over bytes that are no ZIP file.
_ZIP_ERRORS = (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, OverflowError, IndexError, struct.error)
_MAX_SPOOL = 4 * 1024**3  # bytes of an archive within an archive that has to be put aside to be read

# A ZIP file with one of these is a document, whatever its name says.
_DOCUMENT_MEMBERS = frozenset({"[Content_Types].xml", "OFD.xml", "mimetype"})
_DOCUMENT_MARKS = (b"[Content_Types].xml", b"OFD.xml", b"mimetypeapplication/", b"word/", b"xl/", b"ppt/")
_WACZ_DATA = re.compile(r"archive/[^/]+\.warc(?:\.gz)?", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
_GZIP_NAMES = ((".tgz", ".tar"), (".gz", ""), (".z", ""))
_UNICODE_PATH = 0x7075  # Info-ZIP's extra field
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800


def walk_archive(
    file: IO[bytes], name: str, limits: Limits, *, spool: str | None = None, alive: Callable[[], None] = lambda: None
) -> Iterator[Event]:
    """All that an archive file holds, in its order, archives in it included. `file` can be sought in; `name` is the path that it is known by.

    A file that is a document itself (.docx is a ZIP file) gives nothing at all; an archive without documents says so. What goes wrong is a Trouble,
    and the walk goes on where it can; no SourceError is raised. `spool`: a directory for what has to be put aside; `alive` is called again and
    again while work goes on.
    """
    size = file.seek(0, 2)
    file.seek(0)
    walk = _Walk(limits, Budget(size, limits.max_ratio, limits.max_members, alive), spool)
    # What the file itself holds is not unpacked yet: it does not count.
    stream = ByteStream(file, Budget(1 << 62, limits.max_ratio, limits.max_members, alive))
    kind = kind_of(stream.head(HEAD_BYTES))
    if kind is None:
        return
    is_empty = True
    try:
        for event in walk.zip(file, name, "", 1) if kind == "zip" else walk.streamed(kind, stream, name, "", 1):
            is_empty = False
            yield event
    except LimitExceededError as error:
        yield Trouble("", error.code, str(error))
    else:
        if is_empty and not walk.is_document:
            yield LeftOut("", "an archive without documents")


class _Walk:
    """One archive file under way. `path` is behind the file's own ("" for the file itself), `depth` counts archives."""

    def __init__(self, limits: Limits, budget: Budget, spool: str | None) -> None:
        self._limits = limits
        self._budget = budget
        self._spool = spool
        self.is_document = False  # the file itself

    # ---- any member -------------------------------------------------------------------------------------------------

    def member(self, stream: ByteStream, path: str, facts: dict[str, Any], depth: int) -> Iterator[Event]:
        """A member: an archive is walked, anything else is a document."""
        kind = kind_of(stream.head(HEAD_BYTES))
        if kind is None:
            yield from self._document(stream, path, facts)
        elif kind == "zip":
            yield from self._inner_zip(stream, path, facts, depth)
        elif depth > self._limits.max_nesting:
            yield self._too_deep(path, facts)
        else:
            yield from self.streamed(kind, stream, facts["archive"] + "!/" + facts["member"], path, depth + 1)

    def streamed(self, kind: Kind, stream: ByteStream, name: str, path: str, depth: int) -> Iterator[Event]:
        """An archive that is read from its beginning to its end. `name` is the whole path that it is known by."""
        if kind == "warc":
            yield from (_behind(path, event) for event in read_warc(stream, name, self._limits, self._budget))
        elif kind == "tar":
            yield from self._tar(stream, name, path, depth)
        else:
            yield from self._gzip(stream, name, path, depth)

    def _document(self, stream: ByteStream, path: str, facts: dict[str, Any]) -> Iterator[Event]:
        data = _read_up_to(stream, self._limits.max_bytes)
        if data is None:
            yield Trouble(path, "limit-exceeded", f"the member has more than {self._limits.max_bytes} bytes", facts)
        else:
            yield Member(path, data, facts, is_cut=stream.damage is not None)

    def _too_deep(self, path: str, facts: dict[str, Any]) -> Trouble:
        message = f"an archive, {self._limits.max_nesting + 1} archives deep; {self._limits.max_nesting} is the limit"
        return Trouble(path, "limit-exceeded", message, facts)

    # ---- gzip and tar -----------------------------------------------------------------------------------------------

    def _gzip(self, packed: ByteStream, name: str, path: str, depth: int) -> Iterator[Event]:
        stream = GzipStream(packed, self._budget, self._limits.max_ratio)
        try:
            kind = kind_of(stream.head(HEAD_BYTES))
            if kind in ("tar", "warc"):
                yield from self.streamed(kind, stream, name, path, depth)
                return
            inside = _name_inside(name)
            facts = {"format": "gzip", "archive": name, "member": inside}
            self._budget.take_member()
            yield from self.member(stream, _join(path, inside), facts, depth)
        except LimitExceededError as error:
            yield Trouble(path, error.code, str(error))
            return
        if stream.damage is not None:
            yield Trouble(path, "damaged-source", f"{stream.damage}; {stream.tell()} bytes were saved")

    def _tar(self, stream: ByteStream, name: str, path: str, depth: int) -> Iterator[Event]:
        saved = 0
        complaint = None
        try:
            with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape", bufsize=_CHUNK) as archive:  # type: ignore[call-overload]
                while (info := archive.next()) is not None:
                    archive.members = []  # it would keep them all  # type: ignore[attr-defined]
                    self._budget.take_member()
                    for event in self._tar_member(archive, info, name, path, depth):
                        saved += isinstance(event, Member)
                        yield event
        except (tarfile.TarError, EOFError, OSError, ValueError, OverflowError, RecursionError) as error:
            complaint = f"the TAR archive cannot be read on ({error})"
        if complaint is None:
            while stream.read(_CHUNK):
                pass
            if stream.tail.strip(b"\0"):
                complaint = "the TAR archive does not end as such archives do: it is cut off, or others are glued to it"
        complaint = stream.damage or complaint
        if complaint is not None:
            yield Trouble(path, "damaged-source", f"{complaint}; {_count(saved)} saved")

    def _tar_member(self, archive: tarfile.TarFile, info: tarfile.TarInfo, name: str, path: str, depth: int) -> Iterator[Event]:
        raw = info.name.encode("utf-8", "surrogateescape")
        shown = _decoded(raw, _codec_of([raw]))
        facts = {"format": "tar", "archive": name, "member": shown, "modified": _utc(info.mtime)}
        inside = _clean(shown)
        if info.isdir():
            return
        if inside is None:
            yield Trouble(
                _join(path, harmless_name(shown)), "damaged-source", f"refused: the member's name leads out of the archive ({shown})", facts
            )
        elif not info.isreg():
            yield LeftOut(_join(path, inside), _tar_kind(info))
        elif info.size > self._limits.max_bytes and info.issparse():
            yield Trouble(
                _join(path, inside), "limit-exceeded", f"the member has {info.size} bytes, the limit is {self._limits.max_bytes}", facts
            )
        else:
            file = archive.extractfile(info)
            if file is not None:
                cut = _Cut(file, info.size, self._budget)
                yield from self.member(cut, _join(path, inside), facts, depth)

    # ---- zip ---------------------------------------------------------------------------------------------------------

    def _inner_zip(self, stream: ByteStream, path: str, facts: dict[str, Any], depth: int) -> Iterator[Event]:
        """A ZIP file has its directory at the end, so it is put aside first: small ones in memory, others in a file without a name."""
        data = _read_up_to(stream, self._limits.max_bytes, keep=True)
        if data is not None:
            file: IO[bytes] = BytesIO(data)
            names = _names_of(file)
            if stream.damage is not None or (names is None and _looks_like_document(data)) or (names is not None and _is_document(names)):
                yield Member(path, data, facts, is_cut=stream.damage is not None)
                return
        if depth > self._limits.max_nesting:
            yield self._too_deep(path, facts)
            return
        name = facts["archive"] + "!/" + facts["member"]
        if data is not None:
            yield from self.zip(BytesIO(data), name, path, depth + 1)
            return
        with tempfile.TemporaryFile(dir=self._spool) as aside:
            if not _copy(stream, aside, _MAX_SPOOL):
                yield Trouble(path, "limit-exceeded", f"an archive within an archive of more than {_MAX_SPOOL} bytes", facts)
            else:
                yield from self.zip(aside, name, path, depth + 1)

    def zip(self, file: IO[bytes], name: str, path: str, depth: int) -> Iterator[Event]:
        """A ZIP file. Nothing comes of the file itself (no path) when it is a document."""
        try:
            archive = zipfile.ZipFile(file)
        except _ZIP_ERRORS as error:
            file.seek(0)
            self.is_document = not path and _looks_like_document(file.read(4096))
            if not self.is_document:
                yield Trouble(path, "damaged-source", f"the ZIP archive cannot be opened ({error}); it may be cut off")
            return
        with archive:
            infos = archive.infolist()
            self.is_document = not path and _is_document([info.filename for info in infos])
            if self.is_document:
                return
            raw = {id(info): _raw_name(info) for info in infos}
            codec = _codec_of([raw[id(info)] for info in infos if not info.flag_bits & _UTF8_NAME])
            overlapping = _overlapping(infos)
            is_wacz = _is_wacz(infos)
            for info in infos:
                self._budget.take_member()
                if _is_directory(info):
                    continue
                shown = _unicode_path(info, raw[id(info)]) or (
                    info.filename if info.flag_bits & _UTF8_NAME else _decoded(raw[id(info)], codec)
                )
                facts = {"format": "wacz" if is_wacz else "zip", "archive": name, "member": shown, "modified": _zip_time(info)}
                if is_wacz and _WACZ_DATA.fullmatch(shown) is None:
                    yield LeftOut(_join(path, harmless_name(shown)), "an index or a log of the web archive")
                    continue
                yield from self._zip_member(archive, info, facts, path, depth, is_overlapping=id(info) in overlapping)

    def _zip_member(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, facts: dict[str, Any], path: str, depth: int, *, is_overlapping: bool
    ) -> Iterator[Event]:
        shown = facts["member"]
        inside = _clean(shown)
        here = _join(path, harmless_name(shown) if inside is None else inside)
        refusal = _refusal(info, self._limits, is_overlapping=is_overlapping, leads_out=inside is None)
        if refusal is not None:
            yield Trouble(here, refusal[0], refusal[1], facts)
            return
        if stat.S_ISLNK(info.external_attr >> 16):
            yield LeftOut(here, "a symbolic link")
            return
        try:
            with archive.open(info) as file:
                yield from self.member(_Cut(file, info.file_size, self._budget), here, facts, depth)
        except LimitExceededError:
            raise
        except (*_ZIP_ERRORS, zlib.error, EOFError, RuntimeError) as error:
            code = "unsupported-format" if isinstance(error, NotImplementedError) else "damaged-source"
            yield Trouble(here, code, f"the member cannot be unpacked ({error})", facts)


class _Cut(ByteStream):
    """A member of known size; where the archive ends earlier, so does the member, and says so."""

    def __init__(self, source: IO[bytes], size: int, budget: Budget) -> None:
        super().__init__(source, budget)
        self._size = size
        self._got = 0

    def _fetch(self, size: int) -> bytes:
        data = b""
        if self._got < self._size and self.damage is None:
            try:
                data = super()._fetch(size)
            except tarfile.ReadError:
                data = b""
            if not data:
                self.damage = f"the member breaks off after {self._got} of {self._size} bytes"
            self._got += len(data)
        return data


# ---- what a ZIP file says of itself ----------------------------------------------------------------------------------


def _refusal(info: zipfile.ZipInfo, limits: Limits, *, is_overlapping: bool, leads_out: bool) -> tuple[str, str] | None:
    """Why a member is not opened: code and message."""
    if leads_out:
        return "damaged-source", f"refused: the member's name leads out of the archive ({info.filename})"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted-source", "the member is encrypted"
    if is_overlapping:
        return "limit-exceeded", "refused: the member shares its bytes with others, as archives do that are made to burst"
    if info.file_size > FREE_BYTES and info.file_size > max(1, info.compress_size) * limits.max_ratio:
        return (
            "limit-exceeded",
            f"refused: {info.compress_size} bytes would unpack to {info.file_size}, more than {limits.max_ratio} times as many",
        )
    return None


def _overlapping(infos: list[zipfile.ZipInfo]) -> set[int]:
    """Members whose bytes are also those of another member."""
    found: set[int] = set()
    end, last = 0, None
    for info in sorted(infos, key=lambda item: item.header_offset):
        if _is_directory(info):
            continue
        if last is not None and info.header_offset < end:
            found |= {id(info), id(last)}
        reach = info.header_offset + 30 + info.compress_size
        if reach > end:
            end, last = reach, info
    return found


def _is_directory(info: zipfile.ZipInfo) -> bool:
    """Some programs of Windows end the name of a directory with a backslash. What has bytes is a document, whatever it is called."""
    return info.filename.endswith(("/", "\\")) and not info.file_size


def _is_document(names: list[str]) -> bool:
    return not _DOCUMENT_MEMBERS.isdisjoint(names)


def _looks_like_document(data: bytes) -> bool:
    """The same of a ZIP file that cannot be opened: a reader of documents has more to say of it."""
    return any(mark in data[:4096] for mark in _DOCUMENT_MARKS)


def _names_of(file: IO[bytes]) -> list[str] | None:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except _ZIP_ERRORS:
        return None


def _is_wacz(infos: list[zipfile.ZipInfo]) -> bool:
    names = [info.filename for info in infos]
    return "datapackage.json" in names and any(_WACZ_DATA.fullmatch(name) for name in names)


def _zip_time(info: zipfile.ZipInfo) -> str | None:
    """The time in the directory, which has no zone."""
    try:
        return datetime(*info.date_time).isoformat()  # noqa: DTZ001 (it has none)
    except ValueError:
        return None


# ---- names -----------------------------------------------------------------------------------------------------------


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    """The bytes of a name that is not marked as UTF-8; zipfile has read them as code page 437, which loses nothing."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8_NAME else "cp437", "replace")


def _codec_of(names: list[bytes]) -> str:
    """The encoding of names that do not tell it, judged together: UTF-8, else what Chinese Windows writes, else what the format says."""
    for codec in ("utf-8", "gb18030"):
        try:
            for name in names:
                name.decode(codec)
        except UnicodeDecodeError:
            continue
        return codec
    return "cp437"


def _decoded(name: bytes, codec: str) -> str:
    return name.decode(codec, "replace").partition("\0")[0]


def _unicode_path(info: zipfile.ZipInfo, raw: bytes) -> str | None:
    """The name in Info-ZIP's extra field, if it belongs to this very name."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1 and int.from_bytes(field[1:5], "little") == zlib.crc32(raw):
            try:
                return field[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def _clean(name: str) -> str | None:
    """A member's name as a path below the archive: `/` between its parts. None when it leads out of the archive, or is none."""
    if _DRIVE.match(name):
        return None
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        return None
    return harmless_name("/".join(parts))


def _name_inside(name: str) -> str:
    """What a gzip file holds, by its own name."""
    last = name.rpartition("/")[2]
    for suffix, instead in _GZIP_NAMES:
        if last.lower().endswith(suffix) and len(last) > len(suffix):
            return last[: -len(suffix)] + instead
    return last


def _join(path: str, inside: str) -> str:
    return f"{path}!/{inside}" if path else inside


def _behind(path: str, event: Event) -> Event:
    """An event of an archive that is itself behind `path`."""
    if not path:
        return event
    where = f"{path}!/{event.path}" if event.path else path
    match event:
        case Member():
            return Member(where, event.data, event.container, event.media_type, event.uri, event.is_cut, event.names, event.revisits)
        case Trouble():
            return Trouble(where, event.code, event.message, event.container, event.uri)
        case LeftOut():
            return LeftOut(where, event.reason, event.count)


# ---- bytes -----------------------------------------------------------------------------------------------------------


def _read_up_to(stream: ByteStream, most: int, *, keep: bool = False) -> bytes | None:
    """A stream to its end; None when it has more than `most` bytes. With `keep` they can then be read again."""
    parts: list[bytes] = []
    count = 0
    while part := stream.read(_CHUNK):
        parts.append(part)
        count += len(part)
        if count > most:
            if keep:
                stream.put_back(b"".join(parts))
            return None
    return b"".join(parts)


def _copy(stream: ByteStream, target: IO[bytes], most: int) -> bool:
    count = 0
    while part := stream.read(_CHUNK):
        count += len(part)
        if count > most:
            return False
        target.write(part)
    target.seek(0)
    return True


def _tar_kind(info: tarfile.TarInfo) -> str:
    if info.issym():
        return "a symbolic link"
    if info.islnk():
        return "a hard link"
    return "a device" if info.isdev() else "not a regular file"


def _utc(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None


def _count(saved: int) -> str:
    return "1 document was" if saved == 1 else f"{saved} documents were"
