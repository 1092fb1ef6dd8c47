"""tabularium.duckdb, and what is asked of the tables in it. Owns duckdb, which comes with the extra `dataset`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.errors import ConfigError, OutputError
from pipeline.output.columns import Table

__all__ = ["Database"]

_MEMORY = "512MB"  # then it goes on in files


class Database:
    """A DuckDB file. A context manager that closes it. OutputError when it cannot be written."""

    def __init__(self, path: Path) -> None:
        """Create the file. ConfigError when duckdb is not installed."""
        duck = _duck()
        self.path = path
        self._errors = duck.Error
        with self._guarded():
            settings = {
                "memory_limit": _MEMORY,
                "temp_directory": str(path.parent / "spill"),
                "threads": 2,
                "preserve_insertion_order": False,
            }
            self._connection = duck.connect(str(path), config=settings)
            # Where Python has no script (-c, a notebook) duckdb takes stdout for a person's and draws a bar into what a program reads.
            self._connection.execute("SET enable_progress_bar = false")

    def __enter__(self) -> Database:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._guarded():
            self._connection.close()

    def load(self, table: Table, parquet: Path) -> None:
        """Make a table of a Parquet file, with the meanings of its columns."""
        name = _quoted(table.name)
        self.run(f"CREATE TABLE {name} AS SELECT * FROM read_parquet(?)", [str(parquet)])
        self.run("BEGIN")  # hundreds of statements, each of which would be synced
        self.run(f"COMMENT ON TABLE {name} IS {_text(table.meaning)}")
        for column in table.columns:
            self.run(f"COMMENT ON COLUMN {name}.{_quoted(column.name)} IS {_text(column.meaning)}")
        self.run("COMMIT")

    def export_csv(self, table: Table, path: Path) -> None:
        """Write a table as CSV: UTF-8 with a header line; lists as JSON."""
        lists = ", ".join(f"to_json({_quoted(item.name)}) AS {_quoted(item.name)}" for item in table.columns if item.type == "texts")
        columns = f"* REPLACE ({lists})" if lists else "*"
        self.run(f"COPY (SELECT {columns} FROM {_quoted(table.name)} ORDER BY ALL) TO {_text(str(path))} (FORMAT csv, HEADER)")

    def run(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        """Run a statement for what it does."""
        with self._guarded():
            self._connection.execute(statement, values)

    def ask(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, a few at a time; to be taken to the end before anything else is asked."""
        with self._guarded():
            self._connection.execute(query, values)
            while rows := self._connection.fetchmany(1000):
                yield from rows

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise OutputError(f"cannot write {self.path}: {error}") from error


def _duck() -> Any:
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise ConfigError("a dataset needs pyarrow and duckdb: pip install 'tabularium[dataset]'") from error
    return duckdb


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
