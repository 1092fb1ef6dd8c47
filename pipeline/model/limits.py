"""Safety limits of one source. The defaults are what a batch over strangers' files can live with."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit is of one source. What strikes is said: a SourceError, or a `limit-exceeded` finding where reading can go on."""

    max_bytes: int = 64 * 1024 * 1024
    max_inflated_bytes: int = 512 * 1024 * 1024  # what the compressed parts of one source come to, together
    max_depth: int = 4096  # nesting of elements
    max_elements: int = 20_000_000  # of one part of an office file
    max_tables: int = 10_000
    max_rows: int = 250_000  # of one table
    max_cells: int = 2_000_000  # of one source
    max_slots: int = 4_000_000  # grid positions covered by the spans of one source
    max_blocks: int = 2_000_000  # text blocks of one source; of a Word document blank paragraphs, too
    max_pages: int = 5_000  # of one source; further pages are not read
    max_second_pages: int = 20  # of one source that a second reader is asked for
    max_stream_bytes: int = 256 * 1024 * 1024  # of one stream of a PDF, unpacked
    max_pixels: int = 80_000_000  # of one picture of a page: A4 at 800 dpi has 62 million
    max_page_objects: int = 200_000  # characters of a page; and drawn objects with their points
    max_scanned_pages: int = 40  # of one source; recognising takes seconds a page, further pictures are not read
    max_seconds: float = 300.0  # wall time a batch worker may take over one source
    max_memory: int = 2 * 1024**3  # address space of a batch worker, in bytes
    max_members: int = 1_000_000  # of one archive file, those of archives in it included
    max_nesting: int = 3  # archives within archives
    max_ratio: int = 200  # bytes out of an archive for each byte in it, once they are many
