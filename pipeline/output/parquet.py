"""Tables written to Parquet files, many rows at a time. Owns pyarrow, which comes with the extra `dataset`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.errors import ConfigError
from pipeline.output.columns import VALUES, Table
from pipeline.output.journal import writing
from pipeline.output.rows import WHY_MISSING, FieldCells

__all__ = ["FieldsParquet", "ParquetTable"]

_MOST_CELLS = 300_000  # held in memory of one table
_MOST_FIELDS = 60_000  # rows of table values that are held in memory: about 20 MB
_INT64 = 1 << 63


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
        self._rows: list[Sequence[Any]] = []
        self._most_rows = max(1, _MOST_CELLS // len(table.columns))
        with writing(path):
            self._writer = arrow.parquet.ParquetWriter(path, self._schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._flush()
        with writing(self.path):
            self._writer.close()

    def extend(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, values in the order of the columns. Texts may be given as UTF-8. A whole number that 64 bits do not hold becomes null."""
        self._rows.extend(rows)
        if len(self._rows) >= self._most_rows:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            rows, self._rows = self._rows, []
            self._write([self._array(values, field.type) for values, field in zip(zip(*rows, strict=True), self._schema, strict=True)])

    def _array(self, values: Sequence[Any], kind: Any) -> Any:
        try:
            return self._arrow.array(values, kind)
        except OverflowError:
            return self._arrow.array([value if value is not None and -_INT64 <= value < _INT64 else None for value in values], kind)

    def _write(self, columns: Sequence[Any]) -> None:
        batch = self._arrow.record_batch(columns, schema=self._schema)
        self.row_count += batch.num_rows
        with writing(self.path):
            self._writer.write_batch(batch)


class FieldsParquet(ParquetTable):
    """Table values, a report at a time: most of the cells of a dataset, so none of them is made or moved one by one that need not be."""

    def __init__(self, path: Path) -> None:
        """ConfigError when pyarrow is not installed."""
        super().__init__(path, VALUES)
        self._reports: list[FieldCells] = []
        self._held = 0
        self._pointers: dict[tuple[str, ...], Any] = {}

    def add(self, cells: FieldCells) -> None:
        """Add the fields of a report."""
        self._reports.append(cells)
        self._held += len(cells.pointers)
        if self._held >= _MOST_FIELDS:
            self._flush()

    def _flush(self) -> None:
        super()._flush()
        reports, self._reports, self._held = [item for item in self._reports if item.pointers], [], 0
        if not reports:
            return
        arrow, compute = self._arrow, self._arrow.compute
        ends = arrow.array(accumulate(len(item.pointers) for item in reports), arrow.int32())
        same = [
            compute.run_end_decode(arrow.RunEndEncodedArray.from_arrays(ends, arrow.array(values, field.type)))
            for values, field in zip(zip(*(item.same for item in reports), strict=True), self._schema, strict=False)
        ]
        values, integers = self._numbers(reports)
        whys = arrow.array([None, *WHY_MISSING], arrow.string())
        self._write(
            [
                *same,
                arrow.concat_arrays([self._pointer_array(item.pointers) for item in reports]),
                values,
                integers,
                arrow.array(chain.from_iterable(item.raws for item in reports), arrow.string()),
                whys.take(self._bytes_array(item.missing for item in reports)),
                arrow.array(chain.from_iterable(item.confidences for item in reports), arrow.float64()),
                self._bytes_array(item.flagged for item in reports).cast(arrow.bool_()),
                arrow.array(chain.from_iterable(item.places for item in reports), arrow.string()),
            ]
        )

    def _numbers(self, reports: Sequence[FieldCells]) -> tuple[Any, Any]:
        """Columns value and integer."""
        arrow = self._arrow
        values = list(chain.from_iterable(item.values for item in reports))
        are_counts = self._bytes_array(item.are_counts for item in reports).cast(arrow.bool_())
        try:
            numbers = arrow.array(values, arrow.float64())
            return numbers, arrow.compute.if_else(are_counts, numbers, None).cast(arrow.int64())
        except arrow.ArrowInvalid:  # a number that float64 does not hold exactly
            counts = [value if is_count else None for value, is_count in zip(values, are_counts.to_pylist(), strict=True)]
            return arrow.array([None if value is None else float(value) for value in values]), self._array(counts, arrow.int64())

    def _pointer_array(self, pointers: tuple[str, ...]) -> Any:
        if pointers not in self._pointers:
            self._pointers[pointers] = self._arrow.array(pointers, self._arrow.string())
        return self._pointers[pointers]

    def _bytes_array(self, parts: Iterable[bytes]) -> Any:
        joined = b"".join(parts)
        return self._arrow.Array.from_buffers(self._arrow.uint8(), len(joined), [None, self._arrow.py_buffer(joined)])


def _arrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.compute
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise ConfigError("a dataset needs pyarrow and duckdb: pip install 'tabularium[dataset]'") from error
    return pa
