"""XML of office files as events, without a tree: memory follows what the caller keeps, and no depth can overflow a stack.

Names are "prefix:local" with the prefix this module gives the namespace, whatever the file calls it; both families of namespaces that
office files use (transitional and strict) have the same one. A document type declaration is refused: office files have none, and entities
are what it would be for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol
from xml.parsers import expat

from pipeline.errors import DamagedSourceError, LimitExceededError
from pipeline.model.limits import Limits

__all__ = ["Attributes", "XmlTarget", "read_xml"]

Attributes = Mapping[str, str]

_MAX_ATTRIBUTES = 1000  # of one element
# Of one tag or comment: expat before 2.6 looks at all of an unfinished one again with every chunk. Word puts drawings of megabytes into attributes.
_MAX_TOKEN = 16 * 1024 * 1024

_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "x",
    "http://purl.oclc.org/ooxml/spreadsheetml/main": "x",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:office": "o",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text",
    "urn:oasis:names:tc:opendocument:xmlns:style:1.0": "style",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0": "draw",
    "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0": "manifest",
    "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0": "fo",
    "http://www.w3.org/XML/1998/namespace": "xml",
}


class XmlTarget(Protocol):
    """What is told of each element and text, in document order. An exception raised by it ends the reading and comes out of `read_xml`."""

    def start(self, name: str, attributes: Attributes) -> None: ...

    def end(self, name: str) -> None: ...

    def data(self, text: str) -> None: ...


def read_xml(chunks: Iterable[bytes], target: XmlTarget, limits: Limits, part: str) -> None:
    """Tell `target` what the XML holds. `part` names it in messages.

    DamagedSourceError for XML that is not well-formed or declares a document type, LimitExceededError below `limits.max_depth`, past
    `limits.max_elements` and for a tag that does not end.
    """
    names: dict[str, str] = {}
    depth = count = 0

    def name_of(raw: str) -> str:
        uri, _, local = raw.rpartition(" ")
        prefix = _PREFIXES.get(uri, "?") if uri else ""
        name = f"{prefix}:{local}" if prefix else local
        if len(names) < 20_000:  # what a hostile file can make us keep
            names[raw] = name
        return name

    def start(raw: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if count > limits.max_elements:
            raise LimitExceededError(f"{part} has more than max_elements = {limits.max_elements} elements")
        if depth > limits.max_depth:
            raise LimitExceededError(f"elements of {part} are nested deeper than max_depth = {limits.max_depth}")
        if attributes:
            if len(attributes) > _MAX_ATTRIBUTES:
                raise LimitExceededError(f"an element of {part} has more than {_MAX_ATTRIBUTES} attributes")
            attributes = {names.get(key) or name_of(key): value for key, value in attributes.items()}
        target.start(names.get(raw) or name_of(raw), attributes)

    def end(raw: str) -> None:
        nonlocal depth
        depth -= 1
        target.end(names.get(raw) or name_of(raw))

    def doctype(*_: object) -> None:
        raise DamagedSourceError(f"{part} declares a document type, which no office file does")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 64 * 1024
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = target.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        fed = 0
        for chunk in chunks:
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                raise LimitExceededError(f"a tag of {part} has more than {_MAX_TOKEN} bytes")
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DamagedSourceError(f"{part} is not well-formed XML: {error}") from error
    except (ValueError, LookupError) as error:  # an encoding that Python has no table for
        if type(error) not in (ValueError, LookupError):
            raise
        raise DamagedSourceError(f"{part} cannot be decoded: {error}") from error
