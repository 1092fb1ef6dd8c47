"""The stage order for one source: bytes -> document -> grids -> alignments -> reports -> result. The only place that lists it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.checks.identities import check_identities
from pipeline.checks.schema import check_schema
from pipeline.errors import SourceError
from pipeline.forms.align import Alignment, align_forms
from pipeline.forms.assemble import assemble, judge_confidence
from pipeline.forms.load import load_forms
from pipeline.forms.metadata import find_metadata, report_text
from pipeline.forms.narrative import find_narrative
from pipeline.forms.record_schema import record_schema
from pipeline.forms.stations import FormLayout, lay_out
from pipeline.forms.tokens import Tokens, make_tokens
from pipeline.grids.infer import infer_grid
from pipeline.grids.place import place_cells
from pipeline.headers.roles import assign_roles
from pipeline.model.document import Document, RawTable, TextBlock
from pipeline.model.finding import Finding
from pipeline.model.form import Form
from pipeline.model.grid import Grid
from pipeline.model.limits import Limits
from pipeline.model.result import Failure, Report, Result, Source, Status, Table
from pipeline.readers import read_document

__all__ = ["extract", "read_tables"]

FormSelection = Sequence[str | Path | Form] | None

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
    except MemoryError:
        return _failed(source, "limit-exceeded", "the source needs more memory than there is")
    except Exception as error:  # the one broad except: a bug must cost one document, not the batch
        log.exception("internal error on %s", path or name or source.sha256)
        return _failed(source, "internal-error", f"{type(error).__name__}: {error}")


def read_tables(
    data: bytes, *, media_type: str | None = None, name: str | None = None, limits: Limits | None = None
) -> tuple[Table, ...]:
    """Every table of the document as printed, in document order; no form needed. SourceError when the source cannot be read."""
    if not isinstance(data, bytes):
        raise TypeError(f"data must be bytes, not {type(data).__name__}")
    limits = limits or Limits()
    document = read_document(data, media_type=media_type, name=name, limits=limits)
    grids, _ = _make_grids(document, limits)
    return tuple(Table(grid) for grid in grids)


def _extract(data: bytes, source: Source, name: str | None, forms: tuple[Form, ...], limits: Limits) -> Result:
    layouts = [_layout(form) for form in forms]
    document = read_document(
        data, media_type=source.media_type, name=name, limits=limits, vocabulary=_encoding_words(forms)
    )
    source = Source(
        source.path, source.sha256, source.byte_count, document.media_type, document.encoding, source.uri, source.container
    )
    grids, findings = _make_grids(document, limits)
    declared = {index: grid for index, grid in enumerate(grids) if grid.spans != "inferred"}
    tokens = make_tokens(document, declared)
    alignments = align_forms(layouts, tokens)
    texts = _split_text(document, tokens, alignments)
    reports = tuple(
        _make_report(document, tokens, alignment, blocks, is_first=number == 0)
        for number, (alignment, blocks) in enumerate(zip(alignments, texts, strict=True))
    )
    tables = _make_tables(grids, tokens, alignments)
    return Result(
        source=source,
        status=_worst(reports),
        failure=None,
        reports=reports,
        tables=tables,
        findings=(*document.findings, *findings),
    )


def _make_grids(document: Document, limits: Limits) -> tuple[list[Grid], list[Finding]]:
    """The grid of every table: declared and drawn spans placed, lost ones inferred; then what is header, stub and data."""
    grids: list[Grid] = []
    findings: list[Finding] = []
    for raw in document.tables():
        if raw.spans == "lost":
            grid = infer_grid(raw)
        else:
            grid, said = place_cells(raw, limits)
            findings.extend(said)
        headers = frozenset(number for number, cell in enumerate(raw.cells()) if cell.is_header)
        grids.append(assign_roles(grid, declared_header_cells=headers))
    return grids, findings


def _split_text(
    document: Document, tokens: Tokens, alignments: Sequence[Alignment]
) -> list[tuple[TextBlock, ...]]:
    """The text blocks of each report: from the end of the report before it to its own end, the last one's to the document's."""
    if not alignments:
        return []
    blocks = [(block, start) for block, start in zip(_text_blocks(document), _text_starts(document), strict=True)]
    result = []
    for number, alignment in enumerate(alignments):
        low = 0 if number == 0 else _report_start(alignments[number - 1], alignment, blocks)
        high = len(tokens) if number + 1 == len(alignments) else _report_start(alignment, alignments[number + 1], blocks)
        result.append(tuple(block for block, start in blocks if low <= start < high))
    return result


def _report_start(before: Alignment, after: Alignment, blocks: Sequence[tuple[TextBlock, int]]) -> int:
    """Where a report begins between two: at its own title when one is printed there, else behind the tables of the one before."""
    form = after.layout.form
    for block, start in blocks:
        if before.end <= start < after.first:
            found = find_metadata(form, report_text(Document((), "text/plain"), [block], is_first=False))
            if "/title" in found:
                return start
    return before.end


def _text_blocks(document: Document) -> list[TextBlock]:
    return [block for block in document.blocks if isinstance(block, TextBlock)]


def _text_starts(document: Document) -> list[int]:
    """For each text block the index of its first token."""
    starts = []
    index = 0
    for block in document.blocks:
        if isinstance(block, RawTable):
            index += sum(len(row.cells) for row in block.rows)
        else:
            starts.append(index)
            index += sum(1 for line in block.text.split("\n") if line.strip())
    return starts


def _make_report(
    document: Document, tokens: Tokens, alignment: Alignment, blocks: Sequence[TextBlock], *, is_first: bool
) -> Report:
    form = alignment.layout.form
    metadata = find_metadata(form, report_text(document, blocks, is_first=is_first))
    narrative = find_narrative(alignment.layout, blocks)
    draft = assemble(alignment, tokens, metadata, narrative)
    sums = check_identities(form, draft.numbers, draft.unknown, draft.evidence)
    findings = [
        *draft.findings,
        *sums.findings,
        *judge_confidence(draft, sums.proved, alignment),
        *check_schema(draft.record, _schema(form)),
    ]
    reading = [item for item in document.findings if item.is_doubt]
    status: Status = "flagged" if any(item.is_doubt for item in (*findings, *reading)) else "accepted"
    return Report(form.id, status, draft.record, draft.evidence, tuple(findings))


def _make_tables(grids: Sequence[Grid], tokens: Tokens, alignments: Sequence[Alignment]) -> tuple[Table, ...]:
    pointers: dict[int, dict[int, str]] = {}
    names: dict[int, list[str]] = {}
    for alignment in alignments:
        for index, pointer in alignment.value_tokens.items():
            token = tokens.items[index]
            if token.table >= 0:
                pointers.setdefault(token.table, {})[token.cell] = pointer
        for index, order in alignment.label_tokens.items():
            token = tokens.items[index]
            if token.table >= 0:
                form = alignment.layout.form
                name = f"{form.id}#{form.tables[alignment.layout.stations[order].table].id}"
                known = names.setdefault(token.table, [])
                if name not in known:
                    known.append(name)
    return tuple(
        Table(grid, tuple(names.get(index, ())) if index in pointers else (), pointers.get(index, {}))
        for index, grid in enumerate(grids)
    )


def _worst(reports: Sequence[Report]) -> Status:
    if not reports:
        return "no-report"
    return "flagged" if any(report.status == "flagged" for report in reports) else "accepted"


def _failed(source: Source, code: str, message: str) -> Result:
    return Result(source, "failed", Failure(code, message), (), (), ())


# ---- worked out once a form -------------------------------------------------------------------------------------------

_layouts: dict[int, tuple[Form, FormLayout]] = {}
_schemas: dict[int, tuple[Form, dict[str, Any]]] = {}


def _layout(form: Form) -> FormLayout:
    known = _layouts.get(id(form))
    if known is None or known[0] is not form:
        known = _layouts[id(form)] = (form, lay_out(form))
    return known[1]


def _schema(form: Form) -> dict[str, Any]:
    known = _schemas.get(id(form))
    if known is None or known[0] is not form:
        known = _schemas[id(form)] = (form, record_schema(form))
    return known[1]


@lru_cache(maxsize=64)
def _words(words: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for group in words for word in group))


def _encoding_words(forms: Sequence[Form]) -> tuple[str, ...]:
    return _words(tuple(form.encoding_words for form in forms))
