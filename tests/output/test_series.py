"""output/series: what a report must repeat of the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.model.series import Promise
from pipeline.output.columns import SERIES, VALUES
from pipeline.output.database import Database
from pipeline.output.parquet import ParquetTable
from pipeline.output.series import find_broken_promises

CARRIED = Promise("carried over", "in is out of the year before", "/in", "/out")
STOCK = Promise("stock", "stock is that of the year before, and more", "/stock", "/stock", ("/new",), ("/gone",))


def value(
    year: int,
    pointer: str,
    number: float | None,
    *,
    agency: str = "甲",
    source: str = "",
    missing: str = "blank-cell",
    flagged: bool = False,
) -> Sequence[Any]:
    """A row of table values."""
    why = missing if number is None else None
    return (source or f"{agency}{year}", 1, "f/1", agency, agency, year, pointer, number, None, "", why, 1.0, flagged, None)


def broken(tmp_path: Path, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    with ParquetTable(tmp_path / "values.parquet", VALUES) as values:
        values.extend(rows)
    with ParquetTable(tmp_path / "series.parquet", SERIES):
        pass
    with Database(tmp_path / "d.duckdb") as database:
        database.load(VALUES, tmp_path / "values.parquet")
        database.load(SERIES, tmp_path / "series.parquet")
        find_broken_promises(database, (CARRIED, STOCK))
        return list(
            database.ask(
                "SELECT code, rule, agency, year, source, pointer, found, expected, other_source, flagged FROM series ORDER BY ALL"
            )
        )


def test_what_is_repeated_is_fine_and_what_is_not_is_said(tmp_path: Path) -> None:
    rows = [
        value(2020, "/out", 5), value(2021, "/in", 5), value(2021, "/out", 7), value(2022, "/in", 6), value(2022, "/out", 1),
        value(2024, "/in", 9),  # no report for the year before
    ]  # fmt: skip
    assert broken(tmp_path, rows) == [("series-broken", "carried over", "甲", 2022, "甲2022", "/in", 6.0, 7.0, "甲2021", False)]


def test_terms_of_the_year_itself(tmp_path: Path) -> None:
    rows = [
        value(2020, "/stock", 10),
        value(2021, "/stock", 11),
        value(2021, "/new", 3),
        value(2021, "/gone", 2),
        value(2022, "/stock", 15),
    ]
    assert broken(tmp_path, rows) == []  # 2022 lacks its terms, so nothing is promised
    rows += [value(2022, "/new", 3), value(2022, "/gone", None)]
    (tmp_path / "d.duckdb").unlink()
    assert [row[5:8] for row in broken(tmp_path, rows)] == [("/stock", 15.0, 14.0)]


def test_blank_counts_as_nothing_and_what_is_unknown_does_not_count(tmp_path: Path) -> None:
    rows = [
        value(2020, "/out", None), value(2021, "/in", 0),
        value(2020, "/out", None, agency="乙"), value(2021, "/in", 4, agency="乙"),
        value(2020, "/out", None, agency="丙", missing="value-lost"), value(2021, "/in", 4, agency="丙"),
    ]  # fmt: skip
    assert [row[2] for row in broken(tmp_path, rows)] == ["乙"]


def test_reports_that_differ_for_one_year_are_said_and_not_compared(tmp_path: Path) -> None:
    rows = [value(2020, "/out", 5, source="a"), value(2020, "/out", 6, source="b"), value(2021, "/in", 9)]
    assert [(row[0], row[3], row[4], row[8]) for row in broken(tmp_path, rows)] == [("series-ambiguous", 2020, "a", "b")]


def test_copies_of_one_report_are_one_report(tmp_path: Path) -> None:
    rows = [value(2020, "/out", 5, source="a"), value(2020, "/out", 5, source="b"), value(2021, "/in", 9, flagged=True)]
    assert [(row[0], row[4], row[8], row[9]) for row in broken(tmp_path, rows)] == [("series-broken", "甲2021", "a", True)]


@pytest.mark.parametrize("missing_part", [5, 4])
def test_without_agency_or_year_nothing_is_compared(tmp_path: Path, missing_part: int) -> None:
    rows = [list(value(2020, "/out", 5)), list(value(2021, "/in", 9))]
    for row in rows:
        row[missing_part] = None
    assert broken(tmp_path, rows) == []
