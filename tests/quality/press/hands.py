"""The same report in the HTML of several kinds of office software and content systems."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from tests.quality.press.layout import PrintedCell, PrintedTable
from tests.quality.press.prose import Prose

__all__ = ["HANDS", "PageHand", "draw_page_hand", "page_order", "write_page"]

HANDS = ("plain", "word", "editor", "wps", "div", "thead", "layout", "giant")

_MARK = re.compile("\ue000[^\ue001]*\ue001")  # where the cell of a field begins; private use characters, never left in a page
_DIGIT_ENUMERATORS = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class PageHand:
    """One way to write a page. `blank` is the HTML of a cell that has nothing in it."""

    name: str
    heading: str  # h2, strong, p, div
    title: str  # h1, p, div
    blank: str
    chrome: bool
    newlines: bool  # white space between and inside the cells
    nested_paragraphs: bool = False


def draw_page_hand(rng: random.Random, name: str | None = None) -> PageHand:
    """A hand and its habits; `name` fixes which."""
    name = name or rng.choice(HANDS)
    blanks = {
        "word": ("<p class=MsoNormal><span lang=EN-US>&nbsp;</span></p>",),
        "editor": ("<p>&nbsp;</p>", "<p><br/></p>", ""),
        "wps": ("<p>&nbsp;</p>", "<p><font>&nbsp;</font></p>"),
        "div": ("<div></div>", "<div>&nbsp;</div>"),
        "thead": ("&nbsp;", "", " "),
    }
    return PageHand(
        name=name,
        heading=rng.choice(("h2", "strong", "strong", "p", "div")),
        title=rng.choice(("h1", "p", "div")),
        blank=rng.choice(blanks.get(name, ("", "&nbsp;", "&nbsp;"))),
        chrome=rng.random() < 0.7,
        newlines=name == "wps" or (name == "word" and rng.random() < 0.7) or rng.random() < 0.2,
        nested_paragraphs=name == "wps" and rng.random() < 0.3,
    )


def write_page(
    prose: Prose,
    tables: list[PrintedTable],
    hand: PageHand,
    script: Callable[[str], str],
    rng: random.Random,
    *,
    cut_before: str | None = None,
) -> str:
    """The whole page. `script` turns every printed text into the page's script; the page ends before the cell of `cut_before`."""
    page = _Page(prose, hand, script, rng).write(tables)
    if cut_before is not None:
        page = page[: page.index(_mark(cut_before))]
    return _MARK.sub("", page)


def page_order(prose: Prose, tables: list[PrintedTable]) -> list[tuple[str, tuple[str, ...] | PrintedTable]]:
    """(heading or "", paragraphs or table): the preamble, numbered sections; tables of a form with one table stand at the end, under its name."""
    order: list[tuple[str, tuple[str, ...] | PrintedTable]] = [("", prose.preamble)]
    number = iter(_DIGIT_ENUMERATORS)
    order.append((f"{next(number)}、总体情况", prose.overview))
    several = len({table.id for table in tables}) > 1

    def add_tables(numbered: bool) -> None:
        for table in tables:
            if table.caption and not any(cell.kind == "caption" for row in table.rows for cell in row):
                bare = table.caption.split("、", 1)[1] if table.caption[1:2] == "、" else table.caption
                order.append((f"{next(number)}、{bare}" if numbered else bare, ()))
            order.append(("", table))

    if several:
        add_tables(True)
    order.append((f"{next(number)}、存在的主要问题及改进情况", prose.problems))
    order.append((f"{next(number)}、其他需要报告的事项", prose.other))
    if not several:
        add_tables(False)
    return order


@dataclass
class _Page:
    prose: Prose
    hand: PageHand
    script: Callable[[str], str]
    rng: random.Random

    def write(self, tables: list[PrintedTable]) -> str:
        body = self._giant(tables) if self.hand.name == "giant" else self._sections(tables)
        body = self._title() + body
        if self.hand.name == "layout":
            body = f'<table width="1000" align="center" cellpadding="0"><tr><td class="content">{body}</td></tr></table>'
        elif self.hand.chrome:
            body = f'<div class="article" id="zoom">{body}</div>'
        word = (
            ' xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"'
            if self.hand.name == "word"
            else ""
        )
        top, bottom = self._chrome() if self.hand.chrome else ("", "")
        return (
            f'<!DOCTYPE html>\n<html{word}><head><meta charset="utf-8"><title>{self._text(self.prose.title)}</title></head>\n'
            f"<body>{top}{body}{bottom}</body></html>\n"
        )

    # ---- text ----

    def _text(self, text: str) -> str:
        return escape(self.script(text), quote=False)

    def _title(self) -> str:
        text = self._text(self.prose.title)
        match self.hand.title:
            case "h1":
                return f"<h1>{text}</h1>\n"
            case "div":
                return f'<div class="title">{text}</div>\n'
            case _:
                return f'<p style="text-align:center"><strong>{text}</strong></p>\n'

    def _heading(self, text: str) -> str:
        text = self._text(text)
        match self.hand.heading:
            case "h2":
                return f"<h2>{text}</h2>\n"
            case "strong":
                return f"<p><strong>{text}</strong></p>\n"
            case "div":
                return f'<div style="font-weight:bold">{text}</div>\n'
            case _:
                return f"<p>{text}</p>\n"

    def _paragraphs(self, lines: tuple[str, ...]) -> str:
        return "".join(f"<p>　　{self._text(line)}</p>\n" for line in lines)

    # ---- page ----

    def _sections(self, tables: list[PrintedTable]) -> str:
        return "".join(
            self._table(content)
            if isinstance(content, PrintedTable)
            else (self._heading(heading) if heading else "") + self._paragraphs(content)
            for heading, content in page_order(self.prose, tables)
        )

    def _giant(self, tables: list[PrintedTable]) -> str:
        """Everything in one table: headings and prose as rows over its whole width, narrow tables stretched."""
        width = max(table.width for table in tables)
        rows = []
        for heading, content in page_order(self.prose, tables):
            if isinstance(content, PrintedTable):
                rows += [self._row(row, number == 0) for number, row in enumerate(_fill(content, width))]
                continue
            for text in ((heading,) if heading else ()) + content:
                rows.append(self._row((PrintedCell(text, "caption", 1, width),), False))
        return f'<table border="1" cellspacing="0">{"".join(rows)}</table>\n'

    def _chrome(self) -> tuple[str, str]:
        menu = ("首页", "政务公开", "政府信息公开年报", "办事服务", "互动交流", "规章")
        if self.hand.name == "layout" or self.rng.random() < 0.3:
            links = "".join(f'<td><a href="/{number}/">{self._text(item)}</a></td>' for number, item in enumerate(menu))
            top = f'<table class="menu"><tr>{links}</tr></table>'
        else:
            links = "".join(f'<li><a href="/{number}/">{self._text(item)}</a></li>' for number, item in enumerate(menu))
            top = f'<div class="nav"><ul>{links}</ul></div>'
        top += f'<div class="info">{self._text("来源：本站　浏览次数：")}{self.rng.randint(10, 9999)}</div>'
        bottom = (
            f'<div class="footer"><p>{self._text("版权所有：")}{self._text(self.prose.agency)}</p>'
            f"<p>{self._text('网站标识码：')}{self.rng.randint(1000000000, 9999999999)}</p></div>"
        )
        return top, bottom

    # ---- tables ----

    def _table(self, table: PrintedTable) -> str:
        rows = [self._row(row, number == 0) for number, row in enumerate(table.rows)]
        if self.hand.name == "thead":
            head = (
                sum(1 for row in table.rows if all(cell.kind in ("section", "header", "caption") for cell in row)) if table.width > 6 else 0
            )
            return (
                f'<table class="tb"><thead>{"".join(rows[:head])}</thead><tbody>{"".join(rows[head:])}</tbody></table>\n'
                if head
                else f'<table class="tb"><tbody>{"".join(rows)}</tbody></table>\n'
            )
        opening = {
            "word": "<table class=MsoNormalTable border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse'>",
            "editor": '<table data-sort="sortDisabled" uetable="null"><tbody>',
            "wps": '<table border="1" style="border-collapse:collapse;width:426pt" width="568"><tbody>',
        }.get(self.hand.name, '<table border="1" cellspacing="0">')
        closing = "</tbody></table>" if self.hand.name in ("editor", "wps") else "</table>"
        return f"{opening}{''.join(rows)}{closing}\n"

    def _row(self, row: tuple[PrintedCell, ...], first: bool) -> str:
        line = "\n" if self.hand.newlines else ""
        attributes = ' class="firstRow"' if first and self.hand.name == "editor" else ""
        return f"<tr{attributes}>{line}{line.join(self._cell(cell) for cell in row)}{line}</tr>\n"

    def _cell(self, cell: PrintedCell) -> str:
        tag = "th" if self.hand.name == "thead" and cell.kind in ("header", "section") else "td"
        attributes = "".join(f' {name}="{span}"' for name, span in (("rowspan", cell.row_span), ("colspan", cell.col_span)) if span > 1)
        if self.hand.name == "word":
            attributes += f' width={cell.col_span * 47} style="border:solid windowtext 1.0pt;padding:0cm 5.4pt 0cm 5.4pt"'
        elif self.hand.name == "editor":
            attributes += ' valign="middle" style="word-break: break-all;"'
        mark = "" if cell.pointer is None else _mark(cell.pointer)
        return f"{mark}<{tag}{attributes}>{self._content(cell)}</{tag}>"

    def _content(self, cell: PrintedCell) -> str:
        if not cell.text:
            return self.hand.blank
        text = self._text(cell.text)
        match self.hand.name:
            case "word":
                inner = _word_runs(text.replace("\n", "<br>"), random.Random(text))
                line = "\n" if self.hand.newlines else ""
                return f'{line}<p class=MsoNormal align=center style="text-align:center">{inner}</p>{line}'
            case "editor":
                return f'<p style="text-align:center;">{text.replace(chr(10), "<br/>")}</p>'
            case "wps":
                inner = f'<font face="宋体"><span style="font-size:10.5pt">{text.replace(chr(10), "<br/>")}</span></font>'
                inner = f"<p>{inner}</p>" if self.hand.nested_paragraphs else inner
                return f"\n<p>{inner}</p>\n"
            case "div":
                return f"<div>{text.replace(chr(10), '</div><div>')}</div>"
            case _:
                line = "\n  " if self.hand.newlines else ""
                return f"{line}{text.replace(chr(10), '<br>')}{line}"


def _mark(pointer: str) -> str:
    return f"\ue000{pointer}\ue001"


def _fill(table: PrintedTable, width: int) -> tuple[tuple[PrintedCell, ...], ...]:
    """The rows of a narrower table with its last column widened to `width` columns."""
    lacking = width - table.width
    covered: set[tuple[int, int]] = set()
    rows = []
    for number, row in enumerate(table.rows):
        cells = []
        col = 0
        for cell in row:
            while (number, col) in covered:
                col += 1
            covered.update((number + down, col + right) for down in range(cell.row_span) for right in range(cell.col_span))
            col += cell.col_span
            cells.append(replace(cell, col_span=cell.col_span + lacking) if col >= table.width else cell)
        rows.append(tuple(cells))
    return tuple(rows)


def _word_runs(text: str, rng: random.Random) -> str:
    """Word's runs: digits and other characters in spans of their own, a number now and then split over two."""
    runs: list[str] = []
    for character in _units(text):
        is_digit = character.isdigit()
        if runs and is_digit == runs[-1][-1].isdigit() and not (is_digit and rng.random() < 0.15):
            runs[-1] += character
        else:
            runs.append(character)
    return "".join(f"<span{' lang=EN-US' if run[0].isdigit() else ''} style='font-size:10.5pt'>{run}</span>" for run in runs)


def _units(text: str) -> list[str]:
    """Characters, with tags and entities kept whole."""
    units: list[str] = []
    position = 0
    while position < len(text):
        end = position + 1
        if text[position] == "<":
            end = text.index(">", position) + 1
        elif text[position] == "&":
            end = text.index(";", position) + 1
        units.append(text[position:end])
        position = end
    return units
