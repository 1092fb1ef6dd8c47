"""The converters of the press: what each needs, how it is run over many pages, how many pages it spoiled."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.quality.press.printers import print_by_chromium, write_by_office

__all__ = ["CONVERTERS", "Converter", "Missing", "find_missing", "install", "run_converters", "versions"]

_WORKER = Path(__file__).with_name("convert_worker.py")
_PDF_PRINTERS = ("weasyprint", "pdf-readers")  # environments that print
_PDF_READERS = ("pdfminer.six", "pdfplumber", "pymupdf", "pypdf")
_PYTHON_TOOLS = ("html2text", "inscriptis", "beautifulsoup4", "lxml", "markdownify")
_DRAWING_TOOLS = ("beautifulsoup4", "html5lib", "tabulate", "pandas", "resiliparse")


@dataclass(frozen=True, slots=True)
class Converter:
    """One way from a page to what an archive gets.

    `packages`: what its own environment holds (none: a program). `programs`: what must be on the PATH. `command`: a program's
    arguments, "{in}" the page.
    `suffix` is that of its output; `extra` converters run only when named. `source`: what it is given, a page or a document that a writer of
    the press made of the same report. `printer`: "office" or "chromium"; without one, and with a source other than a page, the source itself is
    the document. `keeps_all`: nothing that is printed is lost on the way.
    """

    name: str
    environment: str = ""
    packages: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    suffix: str = ".txt"
    extra: bool = False
    source: str = ".html"
    printer: str = ""
    keeps_all: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A converter that cannot run here, and the sentence that helps."""

    converter: str
    advice: str


def _trafilatura(version: str, *also: str, variant: str = "") -> Converter:
    environment = f"trafilatura-{version}"
    requirement = f"trafilatura=={version}.*" if "." in version else f"trafilatura>={version},<{int(version) + 1}"
    return Converter(environment + variant, environment, (requirement, *also))


def _python_tool(name: str, *, extra: bool = False) -> Converter:
    return Converter(name, "text", _PYTHON_TOOLS, extra=extra)


def _drawn(name: str) -> Converter:
    """A script that draws each table of a page by a library, between the page's text."""
    return Converter(name, "drawing", _DRAWING_TOOLS, extra=True)


def _pdf_reader(name: str) -> Converter:
    """The text that a library reads from a page that WeasyPrint printed."""
    return Converter(f"pdf-{name}", "pdf-readers", ("weasyprint", *_PDF_READERS), extra=True)


def _program(name: str, *command: str, suffix: str = ".txt", extra: bool = False) -> Converter:
    return Converter(name, programs=(command[0],), command=command, suffix=suffix, extra=extra)


def _pandoc(name: str, target: str, suffix: str = ".txt", *, extra: bool = False) -> Converter:
    return _program(name, "pandoc", "-f", "html", "-t", target, "{in}", suffix=suffix, extra=extra)


def _office(name: str, source: str, suffix: str) -> Converter:
    """A document of an office program: written by the press itself where source and suffix are the same, else by LibreOffice."""
    is_written = source == suffix
    return Converter(
        name,
        programs=() if is_written else ("soffice",),
        suffix=suffix,
        extra=True,
        source=source,
        printer="" if is_written else "office",
        keeps_all=True,
    )


_PDF_MODES = {"layout": ("-layout",), "raw": ("-raw",), "plain": (), "fixed": ("-layout", "-fixed", "4")}  # of pdftotext
_LYNX = ("lynx", "-dump", "-nolist", "-assume_charset=utf-8", "-display_charset=utf-8")
_ELINKS = ("elinks", "-dump", "-dump-charset", "utf-8", "-no-references", "-no-numbering")
_LINKS = ("links2", "-dump", "-codepage", "utf-8", "-html-assume-codepage", "utf-8")
_W3M = ("w3m", "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8")

CONVERTERS: tuple[Converter, ...] = (
    Converter("html", suffix=".html"),
    _trafilatura("1.2", "lxml<5.2"),
    _trafilatura("1.6", "lxml<5.2"),
    _trafilatura("1.8", "lxml<5.2"),
    _trafilatura("1.12", "lxml_html_clean"),
    _trafilatura("2.0", "lxml_html_clean"),
    _trafilatura("2", "lxml_html_clean"),
    _trafilatura("2", "lxml_html_clean", variant="-markdown"),
    _python_tool("html2text"),
    _python_tool("html2text-padded"),
    _python_tool("inscriptis"),
    _python_tool("bs4-newline"),
    _python_tool("bs4-lines"),
    _python_tool("bs4-pipe"),
    _python_tool("bs4-space"),
    _python_tool("bs4-glued"),
    _python_tool("markdownify"),
    _pandoc("pandoc-plain", "plain"),
    _pandoc("pandoc-markdown", "markdown"),
    _pandoc("pandoc-gfm", "gfm"),
    _program("w3m", *_W3M, "{in}"),
    _program("lynx", *_LYNX, "{in}"),
    _program("lynx-wide", *_LYNX, "-width=200", "{in}"),
    _pandoc("pandoc-rst", "rst", extra=True),
    _pandoc("pandoc-org", "org", extra=True),
    _pandoc("pandoc-mediawiki", "mediawiki", extra=True),
    _pandoc("pandoc-asciidoc", "asciidoc", extra=True),
    _pandoc("pandoc-jira", "jira", extra=True),
    _pandoc("pandoc-grid", "markdown-simple_tables-multiline_tables-pipe_tables", extra=True),
    _program("elinks", *_ELINKS, "{in}", extra=True),
    _program("links2", *_LINKS, "{in}", extra=True),
    _drawn("resiliparse"),
    _drawn("drawn-tab-cells"),
    _drawn("drawn-tab-repeated"),
    _drawn("drawn-csv-slots"),
    _drawn("drawn-csv-cells"),
    _drawn("drawn-semicolon-slots"),
    _drawn("drawn-four_blanks-cells"),
    _drawn("drawn-outline-slots"),
    _drawn("drawn-psql-slots"),
    _drawn("drawn-grid-repeated"),
    _drawn("drawn-frame_csv-repeated"),
    _drawn("drawn-frame_markdown-repeated"),
    _drawn("drawn-frame_markdown-cells"),
    Converter("pdf-layout", "weasyprint", ("weasyprint",), programs=("pdftotext",)),
    *(
        Converter(name, "weasyprint", ("weasyprint",), programs=("pdftotext",), extra=True)
        for name in ("pdf-raw", "pdf-plain", "pdf-fixed")
    ),
    *(_pdf_reader(name) for name in ("pdfminer", "pdfplumber", "pdfplumber-layout", "pymupdf", "pymupdf-sorted", "pypdf", "pypdf-layout")),
    _office("word-docx", ".docx", ".docx"),
    _office("word-doc", ".docx", ".doc"),
    _office("word-rtf", ".docx", ".rtf"),
    _office("word-odt", ".docx", ".odt"),
    _office("html-docx", ".html", ".docx"),
    _office("html-doc", ".html", ".doc"),
    _office("sheet-xlsx", ".xlsx", ".xlsx"),
    _office("sheet-xls", ".xlsx", ".xls"),
    _office("sheet-ods", ".xlsx", ".ods"),
    _office("html-xlsx", ".html", ".xlsx"),
    _office("html-xls", ".html", ".xls"),
    _office("word-pdf", ".docx", ".pdf"),
    Converter("chromium-pdf", programs=("chromium",), suffix=".pdf", extra=True, printer="chromium", keeps_all=True),
)

_APT = {
    "pandoc": "pandoc",
    "w3m": "w3m",
    "lynx": "lynx",
    "elinks": "elinks",
    "links2": "links2",
    "pdftotext": "poppler-utils",
    "soffice": "libreoffice-writer libreoffice-calc",
}


def find_missing(converters: Iterable[Converter]) -> list[Missing]:
    """The converters whose programs are not installed. Python ones are installed by `install`."""
    missing = []
    for converter in converters:
        lacking = [program for program in converter.programs if shutil.which(program) is None]
        if lacking:
            packages = " ".join(_APT.get(program, program) for program in lacking)
            missing.append(
                Missing(converter.name, f"{converter.name}: needs {', '.join(lacking)}; install with: apt-get install {packages}")
            )
        elif (converter.environment in _PDF_PRINTERS or converter.suffix == ".pdf") and not _has_chinese_font():
            missing.append(
                Missing(
                    converter.name,
                    f"{converter.name}: needs a Chinese font and pango; install with: "
                    "apt-get install fonts-wqy-zenhei libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
                )
            )
    return missing


def install(converters: Iterable[Converter], cache: Path) -> list[Missing]:
    """Make the environments of Python converters under `cache`, each once; those that pip cannot make are given back."""
    failed = []
    for name, packages in sorted({item.environment: item.packages for item in converters if item.environment}.items()):
        ready = cache / name / "ready.txt"
        wanted = "\n".join(packages)
        if ready.is_file() and ready.read_text(encoding="utf-8") == wanted:
            continue
        print(f"press: making the environment of {name} ({', '.join(packages)})", file=sys.stderr)
        shutil.rmtree(cache / name, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(cache / name)], capture_output=True, text=True, check=False)
        if made.returncode == 0:
            made = subprocess.run(
                [_python(cache, name), "-m", "pip", "install", "-q", *packages], capture_output=True, text=True, check=False
            )
        if made.returncode == 0:
            ready.write_text(wanted, encoding="utf-8")
        else:
            advice = (made.stderr or made.stdout).strip().splitlines()[-1:] or ["no message"]
            failed += [
                Missing(item.name, f"{item.name}: pip could not make {name}: {advice[0]}")
                for item in converters
                if item.environment == name
            ]
    return failed


def versions(converters: Iterable[Converter], cache: Path) -> dict[str, str]:
    """The version of each converter, for the record."""
    known = {}
    for converter in converters:
        if converter.environment:
            name = (
                converter.packages[0].partition("=")[0].partition(">")[0]
                if converter.environment != "text"
                else converter.name.partition("-")[0]
            )
            name = {"bs4": "beautifulsoup4"}.get(name, name)
            code = f"from importlib.metadata import version; print({name!r}, version({name!r}))"
            known[converter.name] = _first_line([_python(cache, converter.environment), "-c", code])
        elif converter.programs:
            known[converter.name] = _first_line([converter.programs[0], "-version" if converter.programs[0] == "w3m" else "--version"])
    return known


def run_converters(jobs: dict[str, list[tuple[Path, Path]]], cache: Path, workers: int = 2) -> None:
    """Convert: by converter name, pairs of page and output file. A missing output file is a page that the converter could not do."""
    by_name = {converter.name: converter for converter in CONVERTERS}
    chunks = [(by_name[name], pairs[start : start + 60]) for name, pairs in jobs.items() for start in range(0, len(pairs), 60)]
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda chunk: _run_chunk(chunk[0], chunk[1], cache), chunks):
            pass


def _run_chunk(converter: Converter, pairs: Sequence[tuple[Path, Path]], cache: Path) -> None:
    if converter.printer == "office":
        write_by_office(pairs, converter.suffix.removeprefix("."))
    elif converter.printer == "chromium":
        print_by_chromium(pairs)
    elif converter.name == "html" or converter.source != ".html":
        for page, out in pairs:
            shutil.copyfile(page, out)
    elif converter.command:
        for page, out in pairs:
            command = [str(page) if part == "{in}" else part for part in converter.command]
            done = subprocess.run(command, capture_output=True, check=False, timeout=120)
            if done.returncode == 0:
                out.write_bytes(done.stdout)
    elif converter.environment in _PDF_PRINTERS:
        _run_pdf(converter, pairs, cache)
    else:
        _run_worker(converter.name, converter.environment, pairs, cache)


def _run_pdf(converter: Converter, pairs: Sequence[tuple[Path, Path]], cache: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sheets = [(page, Path(folder) / f"{number}.pdf") for number, (page, _) in enumerate(pairs)]
        _run_worker("pdf", converter.environment, sheets, cache)
        mode = _PDF_MODES.get(converter.name.partition("-")[2])
        printed = [(sheet, out) for (_, sheet), (_, out) in zip(sheets, pairs, strict=True) if sheet.is_file()]
        if mode is None:
            _run_worker(converter.name, converter.environment, printed, cache)
            return
        for sheet, out in printed:
            subprocess.run(["pdftotext", *mode, str(sheet), str(out)], capture_output=True, check=False)


def _run_worker(name: str, environment: str, pairs: Sequence[tuple[Path, Path]], cache: Path) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for page, out in pairs:
            file.write(json.dumps({"in": str(page), "out": str(out)}) + "\n")
        file.flush()
        done = subprocess.run(
            [_python(cache, environment), "-P", str(_WORKER), name, file.name], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(f"press: {done.stderr.strip()[-2000:]}", file=sys.stderr)


def _python(cache: Path, environment: str) -> str:
    return str(cache / environment / "bin" / "python")


def _has_chinese_font() -> bool:
    return shutil.which("fc-list") is None or bool(_first_line(["fc-list", ":lang=zh"]))


def _first_line(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).partition("\n")[0]
