"""The order of work: draw a report, print it, damage it, convert it, and say what is still true of the text that comes out."""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.model.form import Field, Form
from tests.quality.press import damage, oracle
from tests.quality.press.canon import press_forms
from tests.quality.press.converters import CONVERTERS, Converter, run_converters
from tests.quality.press.figures import Number, broken_identities, draw_numbers, make_slip
from tests.quality.press.hands import PageHand, draw_page_hand, write_page
from tests.quality.press.layout import LayoutHand, PrintedTable, draw_layout_hand, lay_out, rows_of
from tests.quality.press.printers import turn_pages
from tests.quality.press.printing import NumberHand, blank_zeros, draw_number_hand, print_number
from tests.quality.press.prose import Prose, write_prose
from tests.quality.press.scans import draw_scan_hand, parse_scan, scan_file
from tests.quality.press.script import script_named
from tests.quality.press.sheet_writer import draw_sheet_hand, write_xlsx
from tests.quality.press.word_writer import draw_word_hand, write_docx

__all__ = ["SETS", "Draft", "Wish", "draft", "page_of", "press", "truth_of"]

SETS = ("clean", "clerk", "lossy")

_YEARS = {"2021": (2021, 2022, 2023, 2024), "2019": (2019, 2020), "2014": (2014, 2015, 2016, 2017, 2018)}
_LOSSY_CONVERTERS = ("bs4-glued",)
_SPLITTING_CONVERTERS = ("bs4-newline", "bs4-lines", "bs4-pipe", "bs4-space")  # part the runs of a number as they part cells
_LINE_CONVERTERS = ("trafilatura", "bs4-newline", "bs4-lines", "markdownify", "html2text", "lynx")
_SENTINEL_START = 900_001
_BY_NAME = {converter.name: converter for converter in CONVERTERS}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller fixes about a document; None and "" leave it to the draw."""

    number: int
    seed: int
    set_name: str
    converter: str
    form: str = ""
    hand: str = ""
    script: str = ""
    profile: str = ""
    blanks: str = ""
    damage: str = ""
    scan: str = ""  # "200", "rough-200": the printed pages are scanned so; see scans.py


@dataclass
class Draft:
    """One report before conversion. `values` are as printed; `rows` in print order; `hidden` and `gone` grow as damage is done."""

    wish: Wish
    form_id: str
    form: Form
    script_name: str
    values: dict[str, Number]
    texts: dict[str, str]
    prose: Prose
    number_hand: NumberHand
    layout_hand: LayoutHand
    page_hand: PageHand
    tables: list[PrintedTable]
    profile: str
    damage: str = ""
    must_flag: tuple[str, ...] = ()
    hidden: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    stop_before: str | None = None

    @property
    def script(self) -> Callable[[str], str]:
        return script_named(self.script_name)

    @property
    def rows(self) -> list[tuple[int, str, tuple[str, ...]]]:
        return oracle.value_rows(self.tables)


def draft(wish: Wish) -> Draft:
    """Draw a report. The same wish gives the same report."""
    rng = random.Random(f"{wish.seed}:{wish.number}:draw")
    form_id = wish.form or rng.choices(("2021", "2019", "2014"), (50, 30, 20))[0]
    form = press_forms()[form_id]
    profile = wish.profile or rng.choices(("empty", "sparse", "usual", "dense", "large"), (8, 37, 30, 13, 12))[0]
    values = draw_numbers(form, rng, profile)
    number_hand = draw_number_hand(rng)
    if wish.blanks:
        number_hand = replace(number_hand, blanks=wish.blanks, mark="" if wish.blanks != "none" else number_hand.mark)
    page_hand = draw_page_hand(rng, wish.hand or None)
    layout_hand = draw_layout_hand(rng, number_hand.money)
    prose = write_prose(rng, rng.choice(_YEARS[form_id]))
    if wish.scan:  # a page or two
        prose = replace(prose, preamble=prose.preamble[:1], overview=prose.overview[:2], problems=prose.problems[:1])
        page_hand = replace(page_hand, chrome=False)
    script_name = wish.script or rng.choices(("simplified", "s2t", "s2twp", "naive"), (70, 15, 8, 7))[0]
    must_flag: tuple[str, ...] = ()
    if wish.set_name == "clerk" or wish.damage in ("cut", "deduplicated", "stopped"):
        number_hand = replace(number_hand, blanks="none")
    if wish.set_name == "clerk":
        must_flag = _let_clerk_err(form, values, rng)
    values = {**values, **{p: v for p, v in blank_zeros(values, number_hand, rng, rows_of(form.tables, form)).items() if v is None}}
    texts = {item.pointer: print_number(values[item.pointer], item, number_hand) for item in form.fields}
    made = Draft(
        wish, form_id, form, script_name, values, texts, prose, number_hand, layout_hand, page_hand, [], profile, wish.damage, must_flag
    )
    made.tables = _print_tables(made, texts)
    match wish.damage:
        case "cut":
            made.tables, made.hidden = damage.cut_cells(made.tables, rng, rng.randint(1, 3))
        case "stopped":
            made.stop_before, made.hidden, made.gone = damage.place_to_stop(made.rows, rng)
    return made


def page_of(made: Draft, tables: list[PrintedTable] | None = None) -> str:
    """The HTML of a draft, or of the same page with other tables."""
    rng = random.Random(f"{made.wish.seed}:{made.wish.number}:page")
    return write_page(made.prose, tables or made.tables, made.page_hand, made.script, rng, cut_before=made.stop_before)


def truth_of(made: Draft, path: str, text: str) -> dict[str, Any]:
    """The truth of one document as the scorer reads it."""
    flat = oracle.bare(text)
    year = made.prose.year
    lossy = bool(made.damage or made.hidden or made.gone)
    clerk = made.wish.set_name == "clerk" and not lossy
    printed = {p: _json_number(v) for p, v in made.values.items() if p not in made.hidden and p not in made.gone}
    return {
        "path": path,
        "set": "lossy" if lossy else "clerk" if clerk else "clean",
        "form": made.form_id,
        "converter": made.wish.converter,
        "hand": made.page_hand.name,
        "script": made.script_name,
        "profile": made.profile,
        "damage": made.damage or ("blanks-vanish" if made.hidden else "rows-dropped" if made.gone else ""),
        "seed": made.wish.seed,
        "number": made.wish.number,
        "status": _status(made, lossy),
        **_agency(made, flat),
        **_scan_facets(made, path),
        "year": year if re.search(rf"{year}\s*年", text) else None,
        "values": printed,
        "hidden": {p: _json_number(made.values[p]) for p in sorted(made.hidden)},
        "must_flag": list(made.must_flag) if clerk else [],
        "broken": sorted({p for item in broken_identities(made.form, {k: made.values[k] for k in printed}) for p in item.pointers}),
    }


def _scan_facets(made: Draft, path: str) -> dict[str, str]:
    """How it was scanned, or nothing."""
    if not made.wish.scan:
        return {}
    hand = draw_scan_hand(parse_scan(made.wish.scan), _rng(made, "scanner"))
    return {"scan": made.wish.scan, "container": Path(path).suffix.removeprefix("."), **hand.facets()}


def _status(made: Draft, lossy: bool) -> str:
    """What a right reader says; "any" where damage was done and no value was hurt by it."""
    if made.hidden or made.gone or (made.must_flag and not lossy):
        return "flagged"
    return "any" if lossy else "accepted"


def _agency(made: Draft, flat_text: str) -> dict[str, str | None]:
    """The agency, if the text has the title; null if the text does not name it; not scored when only some sentence of the prose does."""
    agency = made.script(made.prose.agency)
    if oracle.bare(made.script(made.prose.title)) in flat_text:
        return {"agency": agency}
    return {} if agency in flat_text else {"agency": None}


def press(wishes: Sequence[Wish], out: Path, cache: Path, workers: int = 2, prefix: str = "") -> list[dict[str, Any]]:
    """Make the documents of all wishes under `out`/documents and `out`/truth.jsonl. Gives the truths back, in the order of the wishes."""
    pages = out / "pages"
    documents = out / "documents"
    for folder in (pages, documents):
        folder.mkdir(parents=True, exist_ok=True)
    drafts = [draft(wish) for wish in wishes]
    names = [f"{prefix}{made.wish.number:05d}.{made.wish.converter}{_converter(made).suffix}" for made in drafts]
    probes = [_probes(made) for made in drafts]
    jobs: dict[str, list[tuple[Path, Path]]] = defaultdict(list)
    for made, name, its_probes in zip(drafts, names, probes, strict=True):
        for label, tables in (("", made.tables), *its_probes):
            page = pages / f"{name}{label}{_converter(made).source}"
            _write_source(made, tables, page)
            jobs[made.wish.converter].append((page, documents / name if not label else pages / f"{name}{label}.out"))
    run_converters(jobs, cache, workers)
    truths = []
    spoiled: Counter[str] = Counter()
    for made, name, its_probes in zip(drafts, names, probes, strict=True):
        document = documents / name
        if _is_turned(made) and document.is_file():
            turn_pages(document)
        if made.wish.scan and document.is_file():
            document = _scan(made, document)
        outputs = {label: _read(pages / f"{name}{label}.out") for label, _ in its_probes}
        truth = _settle(made, document, outputs)
        if truth is None:
            spoiled[made.wish.converter] += 1
            document.unlink(missing_ok=True)
            continue
        truths.append(truth)
    if spoiled:
        print(
            "press: pages of which a converter left nothing to read: " + ", ".join(f"{n} {c}" for n, c in sorted(spoiled.items())),
            file=sys.stderr,
        )
    lines = (json.dumps(truth, ensure_ascii=False, sort_keys=True) for truth in truths)
    (out / "truth.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for page in pages.iterdir():
        page.unlink()
    pages.rmdir()
    return truths


def _converter(made: Draft) -> Converter:
    return _BY_NAME[made.wish.converter]


def _rng(made: Draft, what: str) -> random.Random:
    """A source of chance of its own, so that one habit more does not change all the others."""
    return random.Random(f"{made.wish.seed}:{made.wish.number}:{what}")


def _write_source(made: Draft, tables: list[PrintedTable], path: Path) -> None:
    """What the converter is given: the page, or the report as a writer of the press makes it."""
    match path.suffix:
        case ".docx":
            rng = _rng(made, "word")
            word = draw_word_hand(rng)
            if _converter(made).suffix == ".doc":
                word = replace(word, framed=False)  # LibreOffice's writer of .doc leaves out tables within tables
            if made.wish.scan:
                word = replace(word, landscape=word.landscape and rng.random() < 0.2, short_pages=False, tracked=False)
            write_docx(made.prose, tables, made.script, word, rng, path)
        case ".xlsx":
            rng = _rng(made, "sheet")
            hand = draw_sheet_hand(rng)
            if not made.number_hand.mark and None in made.values.values():
                hand = replace(hand, borders=True)  # without borders nobody can see a blank cell
            write_xlsx(made.prose, tables, made.values, made.form, made.number_hand, made.script, hand, rng, path)
        case _:
            page = page_of(made, tables)
            if _converter(made).printer == "chromium":
                style = _scan_paper(made) if made.wish.scan else _paper(_rng(made, "paper"))
                page = page.replace("</head>", f"<style>{style}</style></head>", 1)
            path.write_text(page, encoding="utf-8")


def _paper(rng: random.Random) -> str:
    """The style of a printed page: upright or not, short so that every table breaks, ruled in one of several ways."""
    width, height = rng.choice(((210, 297), (210, 297), (297, 210), (210, 140), (297, 120)))
    rule = rng.choice(("0.5pt solid black", "1px solid #333", "1.5pt solid black", "0.75pt solid #999"))
    size = rng.choice((9, 10, 10.5))
    header = rng.choice(("", "thead{display:table-row-group}"))  # not printed again on each page
    return (
        f"@page{{size:{width}mm {height}mm;margin:15mm}}body{{font:{size}pt 'Noto Sans CJK SC',sans-serif}}"
        f"table{{border-collapse:collapse;width:100%}}td,th{{border:{rule};padding:2pt;font-weight:normal}}p{{margin:2pt 0}}{header}"
    )


def _scan_paper(made: Draft) -> str:
    """The style of a page that will be scanned: A4, in the types of offices; small, to fit on one page, where a picture must hold it."""
    rng = _rng(made, "paper")
    landscape = rng.random() < 0.06
    rule = rng.choice(("0.5pt solid black", "0.75pt solid black", "1px solid #333", "1.5pt solid black"))
    face = rng.choice(("Noto Serif CJK SC", "Noto Serif CJK SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei"))
    latin = rng.choice(("", "Liberation Serif,", "Liberation Serif,"))
    margin, size, padding = rng.choice((12, 15, 20)), rng.choice((8, 9, 9, 10)), rng.choice(("1", "2", "3"))
    align = rng.choice(("left", "center", "center"))
    scan = parse_scan(made.wish.scan)
    if draw_scan_hand(scan, _rng(made, "scanner")).is_single and scan.dpi >= 200:
        landscape, margin, size, padding = False, 10, 7, "0 1.5"  # ink that touches rules is rare in print
    return (
        f"@page{{size:A4{' landscape' if landscape else ''};margin:{margin}mm}}"
        f"body{{font:{size}pt {latin}'{face}',serif;margin:0}}h1{{font-size:16pt;margin:4pt}}h2{{font-size:12pt;margin:4pt 0}}"
        f"table{{border-collapse:collapse;width:100%}}td,th{{border:{rule};padding:{' '.join(f'{part}pt' for part in padding.split())};font-weight:normal}}"
        f"td{{text-align:{align};line-height:1.2}}p{{margin:2pt 0}}td p{{margin:0}}"
    )


def _scan(made: Draft, printed: Path) -> Path:
    """The scanned document in place of the printed one."""
    hand = draw_scan_hand(parse_scan(made.wish.scan), _rng(made, "scanner"))
    stem = f"{printed.stem}.{made.wish.scan}"
    scanned = scan_file(printed, printed.parent, stem, hand, f"{made.wish.seed}:{made.wish.number}", made.script(made.prose.agency))
    printed.unlink()
    return scanned


def _is_turned(made: Draft) -> bool:
    """Whether the pages of a PDF lie on their side, with /Rotate to set them up."""
    if made.wish.scan:
        return False
    return _converter(made).suffix == ".pdf" and _rng(made, "turn").random() < 0.2


# ---- what becomes of a document ----


def _settle(made: Draft, document: Path, outputs: Mapping[str, str | None]) -> dict[str, Any] | None:
    if _converter(made).keeps_all:
        return truth_of(made, document.name, page_of(made)) if document.is_file() else None
    text = _read(document)
    if text is None or len(oracle.bare(text)) < 80 or "[TABLE]" in text:
        return None
    if made.wish.converter in _LOSSY_CONVERTERS:
        made.damage = "glued"
        made.hidden = set(made.values)
    if made.wish.converter in _SPLITTING_CONVERTERS and made.page_hand.name == "word":
        made.damage = "runs-split"
        made.hidden = set(made.values)
    if made.wish.converter.startswith("trafilatura"):
        labelled = [(number, made.script(label), pointers) for number, label, pointers in made.rows]
        tables = [
            replace(table, rows=tuple(tuple(replace(c, text=made.script(c.text)) for c in row) for row in table.rows))
            for table in made.tables
        ]
        for pointers in oracle.lost_rows(labelled, text, tables):
            made.gone.update(pointers)
        made.hidden -= made.gone
    if made.wish.damage == "deduplicated":
        deduplicated = _deduplicate(made, text, outputs.get(".sentinel"))
        if deduplicated is None:
            return None
        text = deduplicated
        document.write_text(text, encoding="utf-8")
    for number in range(len(made.tables)):
        if outputs.get(f".shift{number}") == text:
            for table, _, pointers in made.rows:
                if table == number:
                    made.hidden.update(p for p in oracle.undecided_in_row(made.form, pointers, made.values) if p not in made.gone)
    if made.wish.converter == "html":
        _encode(made, document, text)
    return truth_of(made, document.name, text)


def _probes(made: Draft) -> list[tuple[str, list[PrintedTable]]]:
    """Other prints of the same page that show what the converter's text decides: blanks moved, table by table; each number its own."""
    found: list[tuple[str, list[PrintedTable]]] = []
    if _converter(made).keeps_all:
        return found
    for number in range(len(made.tables)):
        rows = [pointers for table, _, pointers in made.rows if table == number]
        shifted = oracle.shifted_texts(rows, made.texts)
        if shifted != made.texts:
            found.append((f".shift{number}", _retext(made.tables, shifted)))
    if made.wish.damage == "deduplicated":
        sentinels = {pointer: str(_SENTINEL_START + index) for index, pointer in enumerate(made.values)}
        found.append((".sentinel", _retext(made.tables, sentinels)))
    return found


def _deduplicate(made: Draft, text: str, sentinel_text: str | None) -> str | None:
    """De-duplicate the text and note which fields are lost with the dropped lines. None if the two prints have different lines."""
    if sentinel_text is None or sentinel_text.count("\n") != text.count("\n"):
        return None
    left, kept = damage.deduplicate(text)
    lines = sentinel_text.split("\n")
    line_of: dict[str, int] = {}
    pointers = list(made.values)
    for number, line in enumerate(lines):
        for found in re.findall(r"9\d{5}", line):
            index = int(found) - _SENTINEL_START
            if 0 <= index < len(pointers):
                line_of[pointers[index]] = number
    start = 0
    for _, label, row in made.rows:
        places = [line_of.get(pointer) for pointer in row]
        if None in places:
            made.hidden.update(row)
            continue
        end = min(place for place in places if place is not None)
        wanted = oracle.bare(made.script(label))
        label_lines = [number for number in range(start, end + 1) if wanted and wanted in oracle.bare(lines[number])]
        start = max(place for place in places if place is not None)
        if not all(kept[place] for place in places if place is not None) or not label_lines or not kept[label_lines[-1]]:
            made.hidden.update(row)
    return left


def _encode(made: Draft, document: Path, text: str) -> None:
    """Some pages come in GB18030, some say nothing about their encoding, some say something wrong."""
    rng = random.Random(f"{made.wish.seed}:{made.wish.number}:encode")
    draw = rng.random()
    if draw < 0.15 and made.script_name == "simplified":
        document.write_bytes(text.replace('charset="utf-8"', f'charset="{rng.choice(("gb2312", "gbk", "GB18030"))}"').encode("gb18030"))
    elif draw < 0.22:
        document.write_text(text.replace('<meta charset="utf-8">', ""), encoding="utf-8")
    elif draw < 0.26:
        document.write_text(text.replace('charset="utf-8"', 'charset="gb2312"'), encoding="utf-8")


# ---- printing ----


def _print_tables(made: Draft, texts: Mapping[str, str]) -> list[PrintedTable]:
    rng = random.Random(f"{made.wish.seed}:{made.wish.number}:layout")

    def print_field(item: Field) -> str:
        return texts[item.pointer]

    return [printed for table in made.form.tables for printed in lay_out(made.form, table, print_field, made.layout_hand, rng)]


def _retext(tables: list[PrintedTable], texts: Mapping[str, str]) -> list[PrintedTable]:
    return [
        replace(
            table,
            rows=tuple(
                tuple(cell if cell.pointer is None else replace(cell, text=texts[cell.pointer]) for cell in row) for row in table.rows
            ),
        )
        for table in tables
    ]


def _let_clerk_err(form: Form, values: dict[str, Number], rng: random.Random) -> tuple[str, ...]:
    """Plant one error, or leave one total blank. Changes `values`; gives back what must be flagged."""
    totals = sorted(i.whole for i in form.identities if i.kind == "sum" and i.whole and values[i.whole])
    if totals and rng.random() < 0.15:
        blank = rng.choice(totals)
        values[blank] = None
        return (blank,)
    slip = make_slip(form, values, rng)
    values[slip.pointer] = slip.printed
    return (slip.pointer,)


def _json_number(value: Number) -> int | float | None:
    return float(value) if isinstance(value, Decimal) and value != value.to_integral_value() else None if value is None else int(value)


def _read(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n") if path.is_file() else None


def is_line_converter(name: str) -> bool:
    """Whether de-duplicating lines makes sense for what this converter writes."""
    return name.startswith(_LINE_CONVERTERS)


def keeps_all(name: str) -> bool:
    """Whether this converter loses nothing that is printed."""
    return _BY_NAME[name].keeps_all
