"""What is fuzzed: each target takes bytes and gives the problems it met. An exception other than SourceError is one."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pipeline.engine import extract
from pipeline.errors import SourceError
from pipeline.grids.infer import infer_grid
from pipeline.grids.place import place_cells
from pipeline.headers.roles import assign_roles
from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.finding import Finding
from pipeline.model.grid import Grid
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace
from pipeline.readers import read_document
from pipeline.readers.encoding import decode_text
from pipeline.readers.sniff import sniff
from tests.fuzz.oracles import Problem, look_at
from tests.quality.scoring import Truth
from tests.quality.sources import Case, find_cases

__all__ = ["TARGETS", "Target", "run_target", "seeds", "truth_of"]

Target = Callable[[bytes], list[Problem]]
LIMITS = Limits(max_slots=400_000, max_cells=200_000, max_rows=50_000)
_WORDS = ("", "", "0", "12", "3", "1,234", "合计", "一、本年", "（一）其他", "/", "label", "2021", "a b")


@cache
def seeds() -> dict[str, Case]:
    """Documents with known truth that are whole: the samples and the committed press."""
    return {
        case.name: case
        for case in find_cases()[0]
        if case.kind in ("samples", "press")
        and case.truth.form
        and not case.truth.lost
        and not case.truth.must_flag
        and case.truth.status == "accepted"
    }


def truth_of(name: str) -> Truth | None:
    """The truth of a seed by its name."""
    case = seeds().get(name)
    return None if case is None else case.truth


def run_target(target: Target, data: bytes) -> list[Problem]:
    """The target's problems; an exception that is not a SourceError is a problem, too."""
    try:
        return target(data)
    except SourceError:
        return []
    except Exception as error:  # noqa: BLE001 - this is what a fuzzer looks for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return [Problem(1, "exception", f"{type(error).__name__}: {error} at {Path(last.filename).name}:{last.lineno}")]


def decode(data: bytes) -> list[Problem]:
    """Sniffing and decoding: text without lone surrogates, offsets by code point."""
    sniff(data, None, None)
    decoded = decode_text(data, declared=None, vocabulary=("公开", "信息"))
    decoded.text.encode("utf-8")
    return []


def html(data: bytes) -> list[Problem]:
    """The HTML reader, unless the bytes are no page whatever is said of them."""
    return _read(b"<html>" + data, "text/html", "x.html")


def text(data: bytes) -> list[Problem]:
    """The text reader with all its dialects; every cell's text stands at its place."""
    return _read(data, "text/plain", "x.txt")


def _read(data: bytes, media_type: str, name: str) -> list[Problem]:
    document = read_document(data, media_type=media_type, name=name, limits=LIMITS)
    problems = []
    for table in document.tables():
        grid, said = (infer_grid(table, limits=LIMITS), ()) if table.spans == "lost" else place_cells(table, LIMITS)
        problems += _grid_problems(grid, said, table)
    return problems


def grids(data: bytes) -> list[Problem]:
    """Tables that no reader makes, placed and inferred."""
    rng = random.Random(data)
    place = TextPlace(1, 0, 1)
    spans = (1, 1, 1, 1, 2, 3, 7, 1000)
    rows = tuple(
        RawRow(
            tuple(RawCell(rng.choice(_WORDS), place, rng.choice(spans), rng.choice(spans)) for _ in range(rng.choice((0, 1, 2, 5, 9)))),
            rng.choice((0, 0, 1, 5)),
        )
        for _ in range(rng.randrange(1, 14))
    )
    declared = RawTable(rows, spans="declared")
    lost = RawTable(
        tuple(RawRow(tuple(RawCell(cell.text, place) for cell in row.cells), row.padding) for row in rows),
        spans="lost",
        rows_known=rng.random() < 0.7,
        blanks_known=rng.random() < 0.7,
    )
    problems = []
    for table, grid, said in ((declared, *place_cells(declared, LIMITS)), (lost, infer_grid(lost, limits=LIMITS), ())):
        problems += _grid_problems(assign_roles(grid), said, table)
    return problems


def engine(data: bytes) -> list[Problem]:
    """The whole way, twice: the same bytes give the same result."""
    result = extract(data, limits=LIMITS)
    problems = look_at(data, result)
    if extract(data, limits=LIMITS).to_json() != result.to_json():
        problems.append(Problem(1, "not-the-same", "the same bytes gave another result"))
    return problems


TARGETS: dict[str, Target] = {"decode": decode, "html": html, "text": text, "grids": grids, "engine": engine}


def _grid_problems(grid: Grid, said: tuple[Finding, ...], table: RawTable) -> list[Problem]:
    """No slot has two owners unless declared so (and said), every cell is inside the grid, and no printed cell is lost or there twice."""
    problems = []
    owned: set[tuple[int, int]] = set()
    for cell in grid.cells:
        own = {(row, col) for row in range(cell.row, cell.row + cell.row_span) for col in range(cell.col, cell.col + cell.col_span)}
        if own & owned and not any(item.code == "span-overlap" for item in said):
            problems.append(Problem(2, "overlap", f"two cells cover {min(own & owned)}"))
        if cell.row + cell.row_span > grid.row_count or cell.col + cell.col_span > grid.col_count:
            problems.append(Problem(2, "outside", f"the cell at {cell.row}, {cell.col} sticks out"))
        owned |= own
    numbers = [cell.number for cell in grid.cells if cell.number is not None]
    printed = [number for number, cell in enumerate(table.cells()) if cell.text.strip()]
    if len(numbers) != len(set(numbers)):
        problems.append(Problem(2, "doubled-cell", "a cell is in the grid twice"))
    if missing := set(printed) - set(numbers):
        problems.append(Problem(2, "lost-cell", f"cells {sorted(missing)[:3]} of the table are not in the grid"))
    return problems[:3]
