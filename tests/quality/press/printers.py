"""Office programs as converters of the press: LibreOffice and headless Chromium, and PDF pages turned on their side."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["print_by_chromium", "turn_pages", "write_by_office"]

_BATCH = 20  # documents in one call of LibreOffice
_SECONDS = 600

# By what is read and what is written: import filter, export filter.
_FILTERS = {
    (".html", "docx"): ("HTML (StarWriter)", "docx:MS Word 2007 XML"),
    (".html", "doc"): ("HTML (StarWriter)", "doc:MS Word 97"),
    (".html", "rtf"): ("HTML (StarWriter)", "rtf"),
    (".html", "odt"): ("HTML (StarWriter)", "odt"),
    (".html", "xlsx"): ("calc_HTML_WebQuery", "xlsx:Calc MS Excel 2007 XML"),
    (".html", "xls"): ("calc_HTML_WebQuery", "xls:MS Excel 97"),
    (".html", "ods"): ("calc_HTML_WebQuery", "ods"),
    (".docx", "doc"): ("", "doc:MS Word 97"),
    (".docx", "rtf"): ("", "rtf"),
    (".docx", "odt"): ("", "odt"),
    (".docx", "pdf"): ("", "pdf:writer_pdf_Export"),
    (".xlsx", "xls"): ("", "xls:MS Excel 97"),
    (".xlsx", "ods"): ("", "ods"),
    (".xlsx", "xlsx"): ("", "xlsx:Calc MS Excel 2007 XML"),
}


def write_by_office(pairs: Sequence[tuple[Path, Path]], target: str) -> None:
    """Convert by LibreOffice, with a profile of its own. A document that it cannot do is left without output."""
    for start in range(0, len(pairs), _BATCH):
        batch = pairs[start : start + _BATCH]
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            names = {f"{number}{source.suffix}": (source, out) for number, (source, out) in enumerate(batch)}
            for name, (source, _) in names.items():
                shutil.copyfile(source, work / name)
            read_by, written_by = _FILTERS[batch[0][0].suffix, target]
            command = ["soffice", f"-env:UserInstallation={(work / 'profile').as_uri()}", "--headless", "--convert-to", written_by]
            command += [
                *([f"--infilter={read_by}"] if read_by else []),
                "--outdir",
                str(work / "out"),
                *(str(work / name) for name in names),
            ]
            _run(command, work)
            for name, (_, out) in names.items():
                made = work / "out" / f"{Path(name).stem}.{target}"
                if made.is_file():
                    shutil.copyfile(made, out)


def print_by_chromium(pairs: Sequence[tuple[Path, Path]]) -> None:
    """Print pages to PDF. A page that it cannot do is left without output."""
    for source, out in pairs:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            command = [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-pdf-header-footer",
                f"--user-data-dir={work / 'profile'}",
            ]
            _run([*command, f"--print-to-pdf={work / 'out.pdf'}", source.resolve().as_uri()], work)
            if (work / "out.pdf").is_file():
                shutil.copyfile(work / "out.pdf", out)


def turn_pages(path: Path) -> None:
    """Draw each page of a PDF on its side and say so in /Rotate, so that it is shown as before: what a landscape page from a scanner or a
    print driver often is."""
    import ctypes

    import pypdfium2
    import pypdfium2.raw as raw

    document = pypdfium2.PdfDocument(path.read_bytes())
    for page in document:
        width, height = page.get_size()
        # Counter-clockwise: (x, y) comes to (height - y, x).
        matrix = raw.FS_MATRIX(0, 1, -1, 0, height, 0)
        box = raw.FS_RECTF(0, max(width, height), max(width, height), 0)
        raw.FPDFPage_TransFormWithClip(page, ctypes.byref(matrix), ctypes.byref(box))
        page.set_mediabox(0, 0, height, width)
        page.set_cropbox(0, 0, height, width)
        page.set_rotation(90)
    document.save(str(path))
    document.close()


def _run(command: list[str], work: Path) -> None:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(work), "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"press: {command[0]} took more than {_SECONDS} seconds", file=sys.stderr)
        return
    if done.returncode:
        print(f"press: {command[0]}: {done.stderr.strip()[-500:]}", file=sys.stderr)
