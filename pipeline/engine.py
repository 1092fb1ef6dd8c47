"""The stage order for one source: bytes -> document -> grids -> alignments -> reports -> result. The only place that lists it."""

from __future__ import annotations

import hashlib
import logging
from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from pipeline.checks.identities import check_identities
from pipeline.checks.run_together import check_run_together
from pipeline.checks.schema import check_schema
from pipeline.errors import SourceError, is_out_of_memory
from pipeline.forms.align import align_forms
from pipeline.forms.alignment import Alignment
from pipeline.forms.assemble import Draft, assemble, judge_confidence
from pipeline.forms.load import load_forms
from pipeline.forms.metadata import ReportText, find_metadata, report_text
from pipeline.forms.narrative import find_narrative
from pipeline.forms.readings import REPAIRED, Repair, find_repairs, weigh_readings
from pipeline.forms.recognise import find_report_without_tables
from pipeline.forms.record_schema import record_schema
from pipeline.forms.settle import settle_grid
from pipeline.forms.stations import FormLayout, lay_out
from pipeline.forms.tokens import Token, Tokens, make_tokens
from pipeline.grids.infer import infer_grid
from pipeline.grids.place import place_cells
from pipeline.headers.roles import assign_roles
from pipeline.model.document import Document, RawTable, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.model.form import Form
from pipeline.model.grid import Grid
from pipeline.model.jsonbytes import dump_json
from pipeline.model.limits import Limits
from pipeline.model.place import Place
from pipeline.model.reading import Reading
from pipeline.model.result import Failure, Report, Result, Source, Status, Table
from pipeline.readers import read_document
from pipeline.readers.again import read_again
from pipeline.readers.scans.installed import read_embedded

__all__ = ["extract", "read_tables"]

FormSelection = Sequence[str | Path | Form] | None

Made = TypeVar("Made")

_MAX_PLACES = 10  # shown in one finding

_index = attrgetter("index")  # of a token

log = logging.getLogger(__name__)


def extract(
    data: bytes,
    *,
    media_type: str | None = None,
    name: str | None = None,
    uri: str | None = None,
    forms: FormSelection = None,
    limits: Limits | None = None,
    path: str | None = None,
    container: Mapping[str, Any] | None = None,
) -> Result:
    """Read one source and align the forms on it.

    A source that cannot be read gives a failed Result, never an exception. TypeError when `data` is not bytes; ConfigError when a form is wrong.
    `media_type` and `name` are hints, the bytes decide; `forms` are ids, paths of form files, or Form objects (all built-in ones when None).
    """
    if not isinstance(data, bytes):
        raise TypeError(f"data must be bytes, not {type(data).__name__}")
    selected = load_forms(forms)
    source = Source(path, hashlib.sha256(data).hexdigest(), len(data), media_type, None, uri, container)
    try:
        return _extract(data, source, name or path, selected, limits or Limits())
    except SourceError as error:
        return _failed(source, error.code, str(error))
    except Exception as error:  # the one broad except: a bug must cost one document, not the batch
        if is_out_of_memory(error):
            return _failed(source, "limit-exceeded", "the source needs more memory than there is")
        log.exception("internal error on %s", path or name or source.sha256)
        return _failed(source, "internal-error", f"{type(error).__name__}: {error}")


def read_tables(data: bytes, *, media_type: str | None = None, name: str | None = None, limits: Limits | None = None) -> tuple[Table, ...]:
    """Every table of the document as printed, in document order; no form needed. SourceError when the source cannot be read."""
    if not isinstance(data, bytes):
        raise TypeError(f"data must be bytes, not {type(data).__name__}")
    limits = limits or Limits()
    document = read_document(data, media_type=media_type, name=name, limits=limits)
    if document.pictures and not document.tables():
        document = read_embedded(document, limits)
    grids, _ = _make_grids(document, limits)
    return tuple(Table(grid) for grid in grids)


def _extract(data: bytes, source: Source, name: str | None, forms: tuple[Form, ...], limits: Limits) -> Result:
    layouts = [_layout(form) for form in forms]
    document = read_document(data, media_type=source.media_type, name=name, limits=limits, vocabulary=_encoding_words(forms))
    source = Source(source.path, source.sha256, source.byte_count, document.media_type, document.encoding, source.uri, source.container)
    found = _read_forms(document, layouts, limits, ())
    if document.pictures and _lacks_tables(document, found):
        document = read_embedded(document, limits)
        found = _read_forms(document, layouts, limits, ())
    repaired = [find_repairs(draft, alignment, document.readings) for draft, alignment in found.drafts]
    repairs = [repair for own in repaired for repair in own]
    if repairs:  # each has one other reading that the picture and all sums support: everything is read again with those
        document = _with_repairs(document, repairs)
        found = _read_forms(document, layouts, limits, repaired)
    reports = tuple(_read_doubts_again(data, document, report, limits) for report in found.reports)
    tables, said = _make_tables(document, found.grids, found.tokens, found.alignments)
    return Result(
        source=source,
        status=_worst(reports),
        failure=None,
        reports=reports,
        tables=tables,
        findings=(*document.findings, *found.findings, *said),
    )


@dataclass(frozen=True, slots=True)
class _FormsRead:
    """What one pass over a document gives."""

    grids: list[Grid]
    findings: list[Finding]
    tokens: Tokens
    alignments: list[Alignment]
    reports: tuple[Report, ...]
    drafts: tuple[tuple[Draft, Alignment], ...]


def _read_forms(document: Document, layouts: Sequence[FormLayout], limits: Limits, repaired: Sequence[Sequence[Repair]]) -> _FormsRead:
    grids, findings = _make_grids(document, limits)
    declared = {index: grid for index, (raw, grid) in enumerate(zip(document.tables(), grids, strict=True)) if raw.spans != "lost"}
    tokens, alignments, said = _align_shown(document, layouts, declared)
    alignments, templates = _without_templates(document, tokens, alignments)
    findings += (*said, *templates)
    alignments = alignments or _report_without_tables(document, layouts, tokens)
    texts = _split_text(document, tokens, alignments)
    made = [
        _make_report(document, tokens, alignment, blocks, repaired[number] if number < len(repaired) else (), said, is_first=number == 0)
        for number, (alignment, blocks) in enumerate(zip(alignments, texts, strict=True))
    ]
    drafts = tuple((draft, alignment) for (_, draft), alignment in zip(made, alignments, strict=True))
    return _FormsRead(grids, findings, tokens, alignments, _doubt_company([report for report, _ in made]), drafts)


def _align_shown(
    document: Document, layouts: Sequence[FormLayout], declared: Mapping[int, Grid]
) -> tuple[Tokens, list[Alignment], list[Finding]]:
    """The forms on what a page shows; on all of it only where what is hidden has tables of a form that is shown without them.

    A template, a copy for printing or the report of another year may be hidden in a page: its numbers must not stand beside those that are
    shown, or for them.
    """
    tokens = make_tokens(document, declared)
    alignments = align_forms(layouts, tokens)
    hidden = frozenset(index for index, table in enumerate(document.tables()) if table.is_hidden)
    if not hidden or not alignments:
        return tokens, alignments, []
    shown_tokens = make_tokens(document, declared, without=hidden)
    shown = align_forms(layouts, shown_tokens)
    if not _form_tables(alignments) <= _form_tables(shown):
        return tokens, alignments, []
    if len(shown) == len(alignments):
        return shown_tokens, shown, []
    left_out = len(alignments) - len(shown)
    places = tuple(table.place for index, table in enumerate(document.tables()) if index in hidden and table.place is not None)
    message = f"{left_out} more of the forms stand in tables that the page hides; they are no reports here"
    return shown_tokens, shown, [make_finding("hidden-report", message, places=places[:_MAX_PLACES])]


def _without_templates(document: Document, tokens: Tokens, alignments: list[Alignment]) -> tuple[list[Alignment], list[Finding]]:
    """Without the empty forms beside one that is filled in: a template, unless a title of its own makes it the report of somebody."""
    empty = [not any(placement.kind == "value" for placement in alignment.placements.values()) for alignment in alignments]
    if not any(empty) or all(empty):
        return alignments, []
    blocks = list(_text_outside_forms(document, tokens, alignments))
    ends = [0, *(alignment.end for alignment in alignments)]
    titled = [_title_start(low, alignment, blocks) is not None for low, alignment in zip(ends, alignments, strict=False)]
    titled[0] = titled[0] and titled[1]  # a title above both is that of the one that is filled in
    kept = []
    for number, alignment in enumerate(alignments):
        same = [other for other, is_empty in zip(alignments, empty, strict=True) if other.layout is alignment.layout and not is_empty]
        if not empty[number] or not same or titled[number]:
            kept.append(alignment)
    if len(kept) == len(alignments):
        return alignments, []
    message = f"{len(alignments) - len(kept)} more of the forms are empty from end to end; they are no reports here"
    return kept, [make_finding("empty-form", message)]


def _doubt_company(reports: Sequence[Report]) -> tuple[Report, ...]:
    """Reports that stand in one document: one without a name may be anybody's, and two of one name must say the same."""
    if len(reports) < 2:
        return tuple(reports)
    printed: dict[tuple[Any, ...], dict[str, set[str]]] = {}  # by name and field: what the reports of that name have there
    for report in reports:
        for pointer, raw in _numbers_of(report).items():
            printed.setdefault(_name_of(report) or (), {}).setdefault(pointer, set()).add(raw)
    doubted = []
    for report in reports:
        said = []
        name = _name_of(report)
        if report.record["title"] is None and report.record["year"] is None:
            message = "another report stands in the document, and no title or year says whose these numbers are"
            said.append(make_finding("report-unnamed", message, pointers=("/title", "/year")))
        differ = () if name is None else tuple(pointer for pointer in _numbers_of(report) if len(printed[name][pointer]) > 1)
        if differ:
            message = f"{len(differ)} fields are printed otherwise in another report of the same agency and year"
            said.append(make_finding("reports-differ", message, pointers=differ))
        doubted.append(replace(report, status="flagged", findings=(*report.findings, *said)) if said else report)
    return tuple(doubted)


def _name_of(report: Report) -> tuple[Any, ...] | None:
    """What tells a report from others; None where a part of it is not printed."""
    name = (report.form, report.record["agency"], report.record["year"])
    return None if None in name else name


def _numbers_of(report: Report) -> dict[str, str]:
    """What is printed for each field that has evidence."""
    return {pointer: evidence.raw for pointer, evidence in report.evidence.items()}


def _form_tables(alignments: Sequence[Alignment]) -> set[tuple[str, int]]:
    return {(alignment.layout.form.id, table) for alignment in alignments for table in alignment.tables_read()}


def _lacks_tables(document: Document, found: _FormsRead) -> bool:
    """Whether pictures may hold what is missing: only then are they worth seconds each, and able to say anything that the text does not."""
    if not found.reports:
        return not document.tables()
    return any(finding.code == "table-missing" for report in found.reports for finding in report.findings)


def _with_repairs(document: Document, repairs: Sequence[Repair]) -> Document:
    """The document with the texts of some cells replaced by another reading of theirs."""
    texts = {repair.place: repair.text for repair in repairs}
    blocks = tuple(
        replace(
            block,
            rows=tuple(
                replace(row, cells=tuple(cell._replace(text=texts.get(cell.place, cell.text)) for cell in row.cells)) for row in block.rows
            ),
        )
        if isinstance(block, RawTable)
        else block
        for block in document.blocks
    )
    readings = dict(document.readings)
    for place, text in texts.items():
        readings[place] = Reading(text, REPAIRED, second=readings[place].text)
    return replace(document, blocks=blocks, readings=readings)


def _make_grids(document: Document, limits: Limits) -> tuple[list[Grid], list[Finding]]:
    """The grid of every table: declared and drawn spans placed, lost ones inferred; then what is header, stub and data."""
    grids: list[Grid] = []
    findings: list[Finding] = []
    for raw in document.tables():
        if raw.spans == "lost":
            grid = infer_grid(raw, limits=limits)
        else:
            grid, said = place_cells(raw, limits)
            findings.extend(said)
        headers = frozenset(number for number, cell in enumerate(raw.cells()) if cell.is_header)
        grids.append(assign_roles(grid, declared_header_cells=headers, declared_header_rows=raw.header_row_count))
    return grids, findings


def _report_without_tables(document: Document, layouts: Sequence[FormLayout], tokens: Tokens) -> list[Alignment]:
    """A page that is plainly a report although none of its tables can be read: images, or words run together."""
    alignment = find_report_without_tables(layouts, tokens)
    if alignment is None:
        return []
    blocks = [block for block, _ in _text_outside_forms(document, tokens, [])]
    found = find_metadata(alignment.layout.form, report_text(document, blocks, is_first=True))
    return [alignment] if "/title" in found else []


def _split_text(document: Document, tokens: Tokens, alignments: Sequence[Alignment]) -> list[tuple[TextBlock, ...]]:
    """The text blocks of each report: from the end of the report before it to its own end, the last one's to the document's."""
    if not alignments:
        return []
    blocks = list(_text_outside_forms(document, tokens, alignments))
    result = []
    for number, alignment in enumerate(alignments):
        low = 0 if number == 0 else _report_start(alignments[number - 1], alignment, blocks)
        high = len(tokens) if number + 1 == len(alignments) else _report_start(alignment, alignments[number + 1], blocks)
        result.append(tuple(block for block, start in blocks if low <= start < high))
    return result


def _report_start(before: Alignment, after: Alignment, blocks: Sequence[tuple[TextBlock, int]]) -> int:
    """Where a report begins between two: at its own title when one is printed there, else behind the tables of the one before."""
    start = _title_start(before.end, after, blocks)
    return before.end if start is None else start


def _title_start(low: int, after: Alignment, blocks: Sequence[tuple[TextBlock, int]]) -> int | None:
    """Where a title is printed from the token `low` on, before a report's tables; None where none is."""
    form = after.layout.form
    for block, start in blocks:
        if low <= start < after.first:
            found = find_metadata(form, ReportText((block,)))
            if "/title" in found:
                return start
    return None


def _text_outside_forms(document: Document, tokens: Tokens, alignments: Sequence[Alignment]) -> Iterator[tuple[TextBlock, int]]:
    """Text blocks, and words of tables that no form explains (a page laid out in a table), each with the index of its first token."""
    blocks = [token.block for token in tokens.items]
    first = dict(zip(reversed(blocks), range(len(blocks) - 1, -1, -1), strict=True))
    read = {index for alignment in alignments for index in (*alignment.label_tokens, *alignment.value_tokens)}
    by_block: dict[int, list[Token]] = {}
    for token in tokens.items:
        if token.table >= 0 and token.text and token.index not in read:
            by_block.setdefault(token.block, []).append(token)
    following = 0
    for number, block in enumerate(document.blocks):
        following = first.get(number, following)
        if isinstance(block, TextBlock):
            yield block, following
        else:
            for token in by_block.get(number, ()):
                yield TextBlock(token.text, token.place), token.index


def _make_report(
    document: Document,
    tokens: Tokens,
    alignment: Alignment,
    blocks: Sequence[TextBlock],
    repaired: Sequence[Repair],
    said: Sequence[Finding],
    *,
    is_first: bool,
) -> tuple[Report, Draft]:
    form = alignment.layout.form
    metadata = find_metadata(form, report_text(document, blocks, is_first=is_first))
    narrative = find_narrative(alignment.layout, blocks)
    draft = assemble(alignment, tokens, metadata, narrative)
    sums = check_identities(form, draft.numbers, draft.unknown, draft.evidence)
    unread = (token.text for instance in alignment.instances for token in instance.leftover)
    findings = [
        *draft.findings,
        *sums.findings,
        *check_run_together(form, draft.numbers, draft.unknown, draft.evidence, sums.broken, unread),
        *judge_confidence(draft, sums.proved, alignment, sums.broken),
        *weigh_readings(draft, alignment, document.readings, sums.proved, repaired),
        *check_schema(draft.record, _schema(form)),
    ]
    doubtful = any(item.is_doubt for item in (*findings, *document.findings, *said))
    return Report(form.id, "flagged" if doubtful else "accepted", draft.record, draft.evidence, tuple(findings)), draft


def _read_doubts_again(data: bytes, document: Document, report: Report, limits: Limits) -> Report:
    """The report with what a second reader says of its doubtful cells: only doubt asks for it, for it is slow."""
    doubtful = dict.fromkeys(pointer for finding in report.findings if finding.is_doubt for pointer in finding.pointers)
    pointers: dict[Place, list[str]] = {}
    for pointer in doubtful:
        if pointer in report.evidence:
            for place in report.evidence[pointer].places:
                if place in document.readings:
                    continue  # other readers of the file see no text there; a page that was recognised has been read twice
                pointers.setdefault(place, []).append(pointer)
    if not pointers:
        return report
    readings = read_again(data, document.media_type, _printed_at(document, pointers), limits)
    if not readings:
        return report
    findings = []
    for reading in readings:
        if not reading.agrees:
            third = "" if reading.third is None else f", a third {reading.third!r}"
            message = f"the first reader has {reading.first!r}, the second {reading.second!r}{third}"
            findings.append(make_finding("readings-differ", message, pointers=tuple(pointers[reading.place]), places=(reading.place,)))
    alike = sum(reading.agrees for reading in readings)
    if alike:
        findings.append(make_finding("read-twice", f"{alike} of {len(readings)} doubtful cells were read alike by a second reader"))
    return replace(report, findings=(*report.findings, *findings))


def _printed_at(document: Document, places: Container[Place]) -> Iterator[tuple[Place, str]]:
    """The cells that stand there; looked for only when a second reader asks."""
    yield from {cell.place: cell.text for table in document.tables() for cell in table.cells() if cell.place in places}.items()


def _make_tables(
    document: Document, grids: Sequence[Grid], tokens: Tokens, alignments: Sequence[Alignment]
) -> tuple[tuple[Table, ...], list[Finding]]:
    """The tables as printed, with the fields their cells were read as. Where spans were lost, a form that was recognised settles them."""
    findings: list[Finding] = []
    placed: list[tuple[int, Table]] = []  # (first token, table)
    loose = [token for token in tokens.items if token.table < 0]
    by_table: dict[int, list[Token]] = {}
    for token in tokens.items if len(loose) < len(tokens) else ():
        if token.table >= 0:
            by_table.setdefault(token.table, []).append(token)
    for index, (raw, grid) in enumerate(zip(document.tables(), grids, strict=True)):
        own = by_table.get(index, [])
        pointers, names = _readings_of(own, alignments)
        if raw.spans == "lost" and pointers:
            settled = _settle(raw, own, alignments)
            if settled is not None:
                if _spans(settled) != _spans(grid):
                    place = () if raw.place is None else (raw.place,)
                    findings.append(
                        make_finding(
                            "spans-differ", f"table {index + 1}: the form settles spans that were inferred otherwise", places=place
                        )
                    )
                grid = settled
        placed.append((own[0].index if own else -1, Table(grid, names if pointers else (), pointers)))
    for alignment in alignments:
        placed.extend(_loose_tables(alignment, loose))
    if any(alignment.instances for alignment in alignments):
        order = sorted(range(len(placed)), key=lambda i: placed[i][0]) if all(first >= 0 for first, _ in placed) else range(len(placed))
        placed = [placed[i] for i in order]
    return tuple(table for _, table in placed), findings


def _readings_of(own: Sequence[Token], alignments: Sequence[Alignment]) -> tuple[dict[int, str], tuple[str, ...]]:
    """Pointers by cell number, and the form tables that the cells belong to."""
    pointers: dict[int, str] = {}
    names: dict[str, None] = {}
    for token in own:
        for alignment in alignments:
            pointer = alignment.value_tokens.get(token.index)
            if pointer is not None:
                form = alignment.layout.form
                pointers[token.cell] = pointer
                names[f"{form.id}#{form.field_by_pointer[pointer].table_id}"] = None
    return pointers, tuple(names)


def _settle(raw: RawTable, own: Sequence[Token], alignments: Sequence[Alignment]) -> Grid | None:
    for alignment in alignments:
        if any(token.index in alignment.value_tokens for token in own):
            return settle_grid(raw, own, alignment)
    return None


def _spans(grid: Grid) -> set[tuple[int, int, int, int, int]]:
    return {(cell.number, cell.row, cell.col, cell.row_span, cell.col_span) for cell in grid.cells if cell.number is not None}


def _loose_tables(alignment: Alignment, loose: Sequence[Token]) -> list[tuple[int, Table]]:
    """Tables of which only lines of text are left: the form gives them their grid."""
    found = []
    for instance in (*alignment.instances, *alignment.repeats):
        start = instance.table_start(alignment.layout)
        own = [
            token
            for token in loose[bisect_left(loose, start, key=_index) : bisect_left(loose, instance.end, key=_index)]
            if token.index in alignment.value_tokens or token.index in alignment.label_tokens
        ]
        if not any(token.index in alignment.value_tokens for token in own):
            continue
        numbered = [token._replace(cell=number) for number, token in enumerate(own)]
        raw = RawTable((), spans="lost", rows_known=False, blanks_known=False)
        grid = settle_grid(raw, numbered, alignment)
        if grid is not None:
            pointers, names = _readings_of(numbered, [alignment])
            found.append((own[0].index, Table(grid, names, pointers)))
    return found


def _worst(reports: Sequence[Report]) -> Status:
    if not reports:
        return "no-report"
    return "flagged" if any(report.status == "flagged" for report in reports) else "accepted"


def _failed(source: Source, code: str, message: str) -> Result:
    return Result(source, "failed", Failure(code, message), (), (), ())


# ---- worked out once a form -------------------------------------------------------------------------------------------


def _once_a_form(make: Callable[[Form], Made]) -> Callable[[Form], Made]:
    """`make` with its answers kept. A form cannot be hashed; it is kept beside its answer, so that its id stays its own."""
    known: dict[int, tuple[Form, Made]] = {}

    def get(form: Form) -> Made:
        if id(form) not in known:
            known[id(form)] = (form, make(form))
        return known[id(form)][1]

    return get


_layout = _once_a_form(lay_out)
_schema = _once_a_form(lambda form: dump_json(record_schema(form)))


@lru_cache(maxsize=64)
def _words(words: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for group in words for word in group))


def _encoding_words(forms: Sequence[Form]) -> tuple[str, ...]:
    return _words(tuple(form.encoding_words for form in forms))
