"""Documents of older and other office programs: looked at for passwords, turned into .docx or .xlsx by LibreOffice, and read as such."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeline.errors import DamagedSourceError, EncryptedSourceError, UnsupportedFormatError
from pipeline.model.document import Document
from pipeline.model.finding import make_finding
from pipeline.readers.context import ReadContext
from pipeline.readers.office.compound import check_word_file, names_in
from pipeline.readers.office.convert import convert
from pipeline.readers.office.opendocument import check_open_document
from pipeline.readers.office.package import Package
from pipeline.readers.office.word import read_docx
from pipeline.readers.office.workbook import read_xlsx

__all__ = ["OLE", "read_by_office", "read_unknown_compound"]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# By media type: the suffix that tells LibreOffice what comes, what it is turned into, who reads that.
_WAYS: dict[str, tuple[str, str, Callable[[bytes, ReadContext], Document]]] = {
    "application/msword": (".doc", "docx", read_docx),
    "application/rtf": (".rtf", "docx", read_docx),
    "application/vnd.oasis.opendocument.text": (".odt", "docx", read_docx),
    "application/vnd.ms-excel": (".xls", "xlsx", read_xlsx),
}


def read_by_office(data: bytes, kind: str, context: ReadContext) -> Document:
    """Read a document through LibreOffice. `kind` is what to call it. SourceError as of `convert` and of the reader of what comes out."""
    suffix, target, read = _WAYS[context.media_type]
    if suffix == ".doc":
        if data.startswith(OLE):
            check_word_file(data)
        else:
            suffix = ".xml"  # the single-file XML of Word 2003
    elif suffix == ".xls":
        if data.startswith(OLE):
            from pipeline.readers.office.xls import read_xls  # xlrd is imported only for what it reads

            return read_xls(data, context)
        suffix = ".xml"  # the single-file XML of Excel 2003
    elif suffix == ".odt":
        check_open_document(Package(data, context.limits), context)
    made = convert(data, suffix, target, kind, context.limits)
    document = read(made.data, context)
    said = make_finding("converted", f"{kind} was turned into .{target} by {made.program}, which was read")
    return replace(document, findings=(said, *document.findings))


def read_unknown_compound(data: bytes, context: ReadContext) -> Document:
    """An Office container of no kind that is read: EncryptedSourceError where it holds an encrypted document, else UnsupportedFormatError."""
    names = names_in(data)
    if "EncryptedPackage" in names:
        raise EncryptedSourceError("the source is an encrypted Office document: it asks for a password")
    if not names:
        raise DamagedSourceError("the source is an Office 97-2003 document in which nothing can be found: it is cut off or damaged")
    shown = ", ".join(sorted(names)[:5])
    raise UnsupportedFormatError(f"the source is an Office 97-2003 document of a kind that no reader here takes (it holds: {shown})")
