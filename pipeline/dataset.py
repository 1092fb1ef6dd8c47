"""results.jsonl -> the dataset: Parquet tables, a database with the same, their description, and what does not agree over the years."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.checks.prose import check_prose
from pipeline.errors import ConfigError, UsageError
from pipeline.forms.load import load_forms
from pipeline.forms.series import load_series
from pipeline.manifest import Manifest
from pipeline.model.form import Form
from pipeline.model.result import ENGINE_VERSION
from pipeline.model.series import SeriesRules
from pipeline.output.columns import FIELDS, FINDINGS, MEANINGS, SERIES, SOURCES, VALUES, Table, report_tables
from pipeline.output.database import Database
from pipeline.output.datapackage import describe_package
from pipeline.output.hold import hold
from pipeline.output.journal import write_whole, writing
from pipeline.output.lines import ResultLine, read_line
from pipeline.output.parquet import FieldsParquet, ParquetTable
from pipeline.output.report import render_report
from pipeline.output.rows import FormColumns, agency_key, doubted_fields, field_rows, finding_rows, source_row
from pipeline.output.series import find_broken_promises

__all__ = ["Dataset", "build_dataset", "has_dataset_extra"]

_DATABASE = "tabularium.duckdb"
_DESCRIPTION = "datapackage.json"
_REPORT = "report.html"
_STAGING = ".dataset"
_CHUNK = 1 << 20  # bytes read at a time: lines have a hundred thousand, and come a third faster than with the usual eight


@dataclass(frozen=True, slots=True)
class Dataset:
    """What was made: the files, and how many rows each table has, by its name."""

    files: tuple[Path, ...]
    row_counts: dict[str, int]
    description: Path
    report: Path


def has_dataset_extra() -> bool:
    """Whether the libraries that a dataset needs are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("duckdb", "jinja2", "pyarrow"))


def build_dataset(out: str | os.PathLike[str], *, forms: Sequence[str | Path | Form] | None = None, csv: bool = False) -> Dataset:
    """Make the dataset of OUT anew from OUT/results.jsonl, and report.html from it; nothing else is read but the forms (default: all built-in
    ones), and from the manifest, if it is there, where the sources are, for links.

    Memory does not grow with the number of results. The files take the place of older ones when all are whole. `csv`: each table as CSV, too.

    UsageError when there is no results.jsonl, or its run has not ended. ConfigError when a result is of a form that is not among `forms`, or the
    extra `dataset` is not installed. OutputError when OUT cannot be written, or a run is writing there.
    """
    directory = Path(out)
    if not (directory / "results.jsonl").is_file():
        raise UsageError(f"there is no {directory / 'results.jsonl'}; `tabularium run INPUT -o {directory}` makes it")
    by_id = {form.id: form for form in load_forms(forms)}
    rules = load_series(by_id.values())
    with hold(directory):
        staging = directory / _STAGING
        with writing(staging):
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir()
        try:
            counts = _write(directory / "results.jsonl", staging, by_id, rules, csv=csv)
            files = _take_over(staging, directory)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return Dataset(files, counts, directory / _DESCRIPTION, directory / _REPORT)


def _write(results: Path, staging: Path, forms: dict[str, Form], rules: SeriesRules, *, csv: bool) -> dict[str, int]:
    with ExitStack() as stack:
        writer = _Writer(staging, forms, stack)
        stack.enter_context(_without_collector())
        for result in _results(results):
            writer.add(result, rules)
        writer.finish(forms.values(), rules)
        tables = writer.tables()
    with Database(staging / _DATABASE) as database:
        for table, path, _ in tables:
            database.load(table, path)
        find_broken_promises(database, rules.promises)
        tables = [_reordered_series(database, *item) if item[0] is SERIES else item for item in tables]
        with _locations(results.with_name("manifest.sqlite")) as locate:
            page = render_report(database, results.parent, locate=locate, meanings=rules.meanings, engine_version=ENGINE_VERSION)
            write_whole(staging / _REPORT, [page])
        if csv:
            for table, path, count in list(tables):
                database.export_csv(table, path.with_suffix(".csv"))
                tables.append((table, path.with_suffix(".csv"), count))
    shutil.rmtree(staging / "spill", ignore_errors=True)
    write_whole(staging / _DESCRIPTION, [describe_package(tables, ENGINE_VERSION)])
    return {table.name: count for table, _, count in tables}


@contextmanager
def _locations(manifest: Path) -> Iterator[Callable[[str], str | None]]:
    """Where the sources are, as far as the manifest of the run is there to tell."""
    if not manifest.is_file():
        yield lambda path: None
        return
    with Manifest(manifest) as opened:

        def locate(path: str) -> str | None:
            row = opened.row(path)
            return None if row is None else row.location

        yield locate


def _reordered_series(database: Database, table: Table, path: Path, _: int) -> tuple[Table, Path, int]:
    """Table series is known to the end only in the database."""
    database.run("CREATE OR REPLACE TABLE series AS SELECT * FROM series ORDER BY ALL")
    columns = [column.name for column in table.columns]
    count = 0
    with ParquetTable(path, table) as target:
        for row in database.ask(f"SELECT {', '.join(columns)} FROM series ORDER BY ALL"):
            target.extend([row])
            count += 1
    return table, path, count


class _Writer:
    """The tables under way."""

    def __init__(self, staging: Path, forms: dict[str, Form], stack: ExitStack) -> None:
        self._staging = staging
        self._forms = forms
        self._wide = report_tables(forms.values())
        self._columns = {form.id: FormColumns(form) for form in forms.values()}
        self._stack = stack
        self._open: dict[str, tuple[Table, ParquetTable]] = {}
        self._sources = self._table(SOURCES)
        self._values = stack.enter_context(FieldsParquet(staging / f"{VALUES.file_stem}.parquet"))
        self._open[VALUES.name] = (VALUES, self._values)
        self._findings, *_, self._series = map(self._table, (FINDINGS, FIELDS, MEANINGS, SERIES))

    def add(self, result: ResultLine, rules: SeriesRules) -> None:
        """Add the rows of one result."""
        self._sources.extend([source_row(result)])
        self._findings.extend(finding_rows(result))
        for number, report in enumerate(result.reports, 1):
            form = self._forms.get(report.form)
            if form is None:
                raise ConfigError(f"results.jsonl has reports of the form {report.form}; name it: --form FILE.form.toml")
            columns = self._columns[form.id]
            values, doubted = columns.values(report.record), doubted_fields(report)
            self._values.add(columns.field_cells(result, number, values, doubted))
            self._table(self._wide[form.id]).extend([columns.report_row(result, number, values, doubted)])
            self._series.extend(_contradictions(result, number, columns, values, doubted, rules))

    def finish(self, forms: Iterable[Form], rules: SeriesRules) -> None:
        """Add what does not come from results."""
        for form in forms:
            if self._wide[form.id].name in self._open:
                self._table(FIELDS).extend(field_rows(form))
        self._table(MEANINGS).extend(
            (item.name, form, pointer, item.note or None) for item in rules.meanings for form, pointer in item.pointers.items()
        )

    def tables(self) -> list[tuple[Table, Path, int]]:
        """Close all; each table, its file, its rows."""
        self._stack.close()
        return [(table, target.path, target.row_count) for table, target in self._open.values()]

    def _table(self, table: Table) -> ParquetTable:
        if table.name not in self._open:
            target = self._stack.enter_context(ParquetTable(self._staging / f"{table.file_stem}.parquet", table))
            self._open[table.name] = (table, target)
        return self._open[table.name][1]


@contextmanager
def _without_collector() -> Iterator[None]:
    """Results are trees of a hundred thousand objects without a ring among them: looking for rings is half the time of reading them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _contradictions(
    result: ResultLine, number: int, columns: FormColumns, values: Sequence[Any], doubted: set[str], rules: SeriesRules
) -> Iterator[tuple[Any, ...]]:
    report = result.reports[number - 1]
    record = report.record
    prose = [text for text in record["narrative"].values() if text]
    claimed = (claim.pointers.get(report.form, "") for claim in rules.claims)
    said_of = {pointer: values[columns.numbers[pointer]] for pointer in claimed if pointer in columns.numbers}
    for item in check_prose(rules.claims, report.form, record["year"], prose, said_of):
        yield (
            "narrative-differs", item.claim, record["agency"], agency_key(record["agency"]), record["year"], result.source.path, number,
            report.form, item.pointer, item.value, float(item.said), None, item.pointer in doubted,
            f"the text says {item.said}, the table {item.value:g}: {item.sentence}",
        )  # fmt: skip


def _results(path: Path) -> Iterator[ResultLine]:
    """The results in their order. UsageError when they are in none, which is so while a run has not ended."""
    unfinished = UsageError(f"{path} is of a run that has not ended; the same `tabularium run` goes on from there")
    before = ""
    with path.open("rb", buffering=_CHUNK) as file:
        for line in file:
            try:
                result = read_line(line)
            except ValueError as error:
                raise unfinished from error
            here = result.source.path or ""
            if before and here <= before:
                raise unfinished
            before = here
            yield result


def _take_over(staging: Path, directory: Path) -> tuple[Path, ...]:
    """Move the files into place, and remove those of an earlier dataset that this one has not."""
    names = sorted(item.name for item in staging.iterdir())
    with writing(directory):
        for name in _names_before(directory / _DESCRIPTION):
            if name not in names and (directory / name).is_file():
                (directory / name).unlink()
        for name in names:
            os.replace(staging / name, directory / name)
    return tuple(directory / name for name in names)


def _names_before(description: Path) -> Iterator[str]:
    """The files of the dataset that is there now, by its own description."""
    try:
        resources = json.loads(description.read_bytes())["resources"]
        names = [str(resource["path"]) for resource in resources]
    except (OSError, ValueError, KeyError, TypeError):
        return
    for name in names:
        if name == os.path.basename(name) and name.endswith((".parquet", ".csv")):
            yield name
