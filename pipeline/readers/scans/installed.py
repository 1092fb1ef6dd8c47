"""Whether pictures can be read here, and the door to their reader. Nothing heavy is imported to tell."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec

from pipeline.model.document import Document
from pipeline.model.finding import make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import PagePlace
from pipeline.readers.context import ReadContext

__all__ = ["HOW_TO_INSTALL", "is_installed", "read_embedded", "read_pictures"]

_MOST_PLACES = 10  # shown in the finding
HOW_TO_INSTALL = "to read pictures of pages install the extra: pip install 'tabularium[ocr]'"


@lru_cache(maxsize=1)
def is_installed() -> bool:
    """Whether what is needed to read pictures is there."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2", "numpy", "PIL"))


def read_pictures(data: bytes, context: ReadContext) -> Document:
    """Read a picture file; where the extra is not installed, nothing is read and a finding says so."""
    if not is_installed():
        finding = make_finding("page-image", f"the source is a picture; {HOW_TO_INSTALL}", places=(PagePlace(1, (0.0, 0.0, 0.0, 0.0)),))
        return Document((), context.media_type, findings=(finding,))
    from pipeline.readers.scans.read import read_scans

    return read_scans(data, context)


def read_embedded(document: Document, limits: Limits) -> Document:
    """The document with what its pictures print in their places; where the extra is not installed, a finding says that they were not read."""
    if not is_installed():
        places = tuple(picture.place for picture in document.pictures)
        stand = "1 picture stands" if len(places) == 1 else f"{len(places)} pictures stand"
        message = f"{stand} in the document; {HOW_TO_INSTALL}"
        finding = make_finding("page-image", message, places=places[:_MOST_PLACES])
        return replace(document, findings=(*document.findings, finding), pictures=())
    from pipeline.readers.scans.embedded import read_embedded_pictures

    return read_embedded_pictures(document, limits)
