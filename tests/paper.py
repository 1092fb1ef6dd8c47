"""Reports for tests: a form printed with given numbers, in the ways tables arrive; and how to ask a result about its fields."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from html import escape
from typing import Any

from pipeline.model.form import Form
from pipeline.model.result import Report, Result
from tests.quality.press.canon import press_forms
from tests.quality.press.figures import draw_numbers
from tests.quality.press.layout import LayoutHand, PrintedCell, PrintedTable, lay_out

__all__ = [
    "TITLE",
    "as_cells",
    "as_html",
    "as_lines",
    "as_rows",
    "as_slots",
    "at",
    "doubted",
    "explained",
    "figures",
    "form",
    "numbers",
    "page",
    "printed",
    "same",
    "silent",
]

TITLE = "某某市档案局2021年政府信息公开工作年度报告"

Number = int | float | Decimal | None


def form(short: str = "2021") -> Form:
    """A built-in form by the last part of its id."""
    return press_forms()[short]


@cache
def _figures(short: str, seed: int) -> dict[str, Any]:
    return dict(draw_numbers(form(short), random.Random(seed), "dense"))


def figures(short: str = "2021", seed: int = 1) -> dict[str, Number]:
    """Numbers for every field, most of them different from their neighbours, all sums right."""
    return dict(_figures(short, seed))


def printed(numbers_: Mapping[str, Any], short: str = "2021", tables: Sequence[str] | None = None) -> list[PrintedTable]:
    """The tables of a form with these contents: a number, None for a blank cell, or any text. `tables`: which, in which order."""
    by_id = {table.id: table for table in form(short).tables}

    def text(pointer: str) -> str:
        value = numbers_[pointer]
        return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)

    found = []
    for name in tables or list(by_id):
        found += lay_out(form(short), by_id[name], lambda field: text(field.pointer), LayoutHand(), random.Random(0))
    return found


# ---- how tables arrive --------------------------------------------------------------------------------------------------


def page(tables: Sequence[PrintedTable], write: Callable[[PrintedTable], str], *, title: str = TITLE, headed: bool = True) -> bytes:
    """A report: title, then each table under its heading. HTML when `write` is as_html."""
    html = write is as_html
    lines = [f"<title>{title}</title><h1>{title}</h1>" if html else title] if title else []
    for table in tables:
        if headed and table.caption:
            lines.append(f"<h2>{table.caption}</h2>" if html else table.caption)
        lines.append(write(table))
    return ("\n".join(lines) + "\n").encode()


def as_html(table: PrintedTable) -> str:
    """Declared spans."""
    rows = ["<tr>" + "".join(f"<td{_spans(cell)}>{escape(cell.text)}</td>" for cell in row) for row in table.rows]
    return "<table>\n" + "\n".join(rows) + "\n</table>"


def _spans(cell: PrintedCell) -> str:
    row = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    return row + (f' colspan="{cell.col_span}"' if cell.col_span > 1 else "")


def as_rows(table: PrintedTable) -> str:
    """A row a line, padded with pipes to the width of the table; blank cells keep two blanks."""
    return "\n".join("".join(f"{cell.text or ' '} | " for cell in row).rstrip(" ") + "|" * (table.width - len(row)) for row in table.rows)


def as_slots(table: PrintedTable) -> str:
    """A row a line, every slot a cell: covered ones are blank."""
    covered: dict[int, int] = {}  # column -> rows still covered
    lines = []
    for row in table.rows:
        slots: list[str] = []
        waiting = list(row)
        while len(slots) < table.width:
            col = len(slots)
            if covered.get(col, 0) > 0:
                covered[col] -= 1
                slots.append("")
                continue
            if not waiting:
                slots.append("")
                continue
            cell = waiting.pop(0)
            for inner in range(col, col + cell.col_span):
                covered[inner] = cell.row_span - 1
            slots += [cell.text, *[""] * (cell.col_span - 1)]
        lines.append("| " + " | ".join(slots) + " |")
    return "\n".join(lines)


def as_cells(table: PrintedTable) -> str:
    """A cell a line, as in the seed: a lone pipe opens a row, pipes on a line of their own pad it."""
    lines = []
    for row in table.rows:
        lines.append("|")
        lines += [f"{cell.text} |".strip() for cell in row]
        if len(row) < table.width:
            lines.append("|" * (table.width - len(row)))
    return "\n".join(lines)


def as_lines(table: PrintedTable) -> str:
    """A cell a line, no pipes; blank cells vanish."""
    return "\n".join(cell.text for row in table.rows for cell in row if cell.text)


# ---- what a result says -------------------------------------------------------------------------------------------------


def at(record: Mapping[str, Any], pointer: str) -> Any:
    value: Any = record
    for step in pointer.split("/")[1:]:
        value = value[step]
    return value


def numbers(report: Report, pointers: Sequence[str] | None = None) -> dict[str, Any]:
    """The numbers of a report by pointer."""
    wanted = pointers if pointers is not None else [field.pointer for field in form(report.form.rsplit("/", 1)[-1]).fields]
    return {pointer: at(report.record, pointer) for pointer in wanted}


def doubted(report: Report, result: Result | None = None) -> set[str]:
    """The pointers that a warning or an error names."""
    findings = [*report.findings, *(result.findings if result else ())]
    return {pointer for finding in findings if finding.is_doubt for pointer in finding.pointers}


def explained(report: Report) -> set[str]:
    """The pointers that any finding names."""
    return {pointer for finding in report.findings for pointer in finding.pointers}


def silent(report: Report, truth: Mapping[str, Number], result: Result | None = None) -> dict[str, tuple[Any, Any]]:
    """What is wrong and not flagged: pointer -> (true, read). A null for a printed number is wrong too."""
    flagged = doubted(report, result)
    return {
        pointer: (truth.get(pointer), value)
        for pointer, value in numbers(report).items()
        if pointer not in flagged and not same(value, truth.get(pointer))
    }


def same(one: Number, other: Number) -> bool:
    """Whether two numbers print the same; None only equals None."""
    if one is None or other is None:
        return one is other
    return Decimal(str(one)) == Decimal(str(other))
