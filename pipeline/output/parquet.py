"""Tables written to Parquet files, a batch of rows at a time. Owns pyarrow, which comes with the extra `dataset`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.errors import ConfigError
from pipeline.output.columns import Table
from pipeline.output.journal import writing

__all__ = ["ParquetTable"]

_MOST_CELLS = 300_000  # held in memory of one table


class ParquetTable:
    """One table on its way to a file. A context manager: the file is whole when the block ends well. OutputError when it cannot be written."""

    def __init__(self, path: Path, table: Table) -> None:
        """ConfigError when pyarrow is not installed."""
        arrow = _arrow()
        self.path = path
        self.row_count = 0
        self._arrow = arrow
        types = {
            "text": arrow.string(),
            "texts": arrow.list_(arrow.string()),
            "integer": arrow.int64(),
            "number": arrow.float64(),
            "boolean": arrow.bool_(),
        }
        meaning = {b"description": table.meaning.encode()}
        self._schema = arrow.schema(
            [arrow.field(item.name, types[item.type], metadata={b"description": item.meaning.encode()}) for item in table.columns], meaning
        )
        self._columns: list[list[Any]] = [[] for _ in table.columns]
        self._most_rows = max(1, _MOST_CELLS // len(table.columns))
        with writing(path):
            self._writer = arrow.parquet.ParquetWriter(path, self._schema, compression="zstd")

    def __enter__(self) -> ParquetTable:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._flush()
        with writing(self.path):
            self._writer.close()

    def extend(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, values in the order of the columns."""
        columns = list(zip(*rows, strict=True))
        if columns:
            self.extend_columns(columns)

    def extend_columns(self, columns: Sequence[Sequence[Any]]) -> None:
        """Add rows, given as columns of one length."""
        for column, values in zip(self._columns, columns, strict=True):
            column.extend(values)
        self.row_count += len(columns[0])
        if len(self._columns[0]) >= self._most_rows:
            self._flush()

    def _flush(self) -> None:
        if not self._columns[0]:
            return
        columns = [self._arrow.array(values, field.type) for values, field in zip(self._columns, self._schema, strict=True)]
        self._columns = [[] for _ in columns]
        with writing(self.path):
            self._writer.write_batch(self._arrow.record_batch(columns, schema=self._schema))


def _arrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise ConfigError("a dataset needs pyarrow and duckdb: pip install 'tabularium[dataset]'") from error
    return pa
