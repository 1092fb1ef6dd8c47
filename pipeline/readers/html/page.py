"""What the tags and texts of a page come to: text blocks and tables, before they are written down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.errors import LimitExceededError
from pipeline.model.finding import Finding
from pipeline.model.limits import Limits
from pipeline.readers.html.text import BREAK, SCRIPT_PIECES, fold, script_runs
from pipeline.readers.html.unseen import is_apart, is_hiding, is_striking, is_unseen
from pipeline.readers.scripts import join_scripts

__all__ = ["COUNTS", "NUMBER", "PARENT", "PATH", "SHALLOW", "TAG", "Cell", "Node", "Page", "Segment", "TableUnderWay", "text_of"]

_MAX_COL_SPAN = 1000
_MAX_ROW_SPAN = 65534
SHALLOW = 64  # open elements that no page minds
_FLOW_CELLS = 2_000  # a table with more cells than this is no layout; its text is not kept a second time
_FLOW_TEXT_CELLS = 40  # nor is one with more cells that have text
_LEAST_PICTURE = 2_000  # characters of a data: address; what has less is an icon
_SPAN = re.compile(r"[ \t\n\f\r]*([+-]?)([0-9]+)")
_SHOWN_INPUTS = ("", "text", "number", "tel")  # types of input whose value the page shows as text

_BLOCKS = [
    "html",
    "body",
    "div",
    "p",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "blockquote",
    "address",
    "article",
    "aside",
    "section",
    "nav",
    "main",
    "header",
    "footer",
    "hgroup",
    "figure",
    "figcaption",
    "fieldset",
    "legend",
    "form",
    "center",
    "dir",
    "menu",
    "details",
    "summary",
    "dialog",
    "hr",
    "option",
    "optgroup",
    "select",
    "frameset",
    "col",
    "colgroup",
    "search",
]

# What a tag means here. A tag that is not listed is inline: its text goes on where it stands.
_BLOCK, _HEADING, _BREAK_LINE, _SCRIPT, _PRE, _IGNORED, _TITLE, _PICTURE, _TABLE, _CAPTION, _GROUP, _ROW, _CELL = range(1, 14)
_KINDS: dict[str, int] = {
    **dict.fromkeys(_BLOCKS, _BLOCK),
    **dict.fromkeys(["h1", "h2", "h3", "h4", "h5", "h6"], _HEADING),
    **dict.fromkeys(["pre", "listing", "xmp", "plaintext", "textarea"], _PRE),
    **dict.fromkeys(
        ["script", "style", "noscript", "template", "noframes", "iframe", "noembed", "rt", "rp", "audio", "video", "canvas"], _IGNORED
    ),
    **dict.fromkeys(["thead", "tbody", "tfoot"], _GROUP),
    **dict.fromkeys(["td", "th"], _CELL),
    "br": _BREAK_LINE,
    "sup": _SCRIPT,
    "sub": _SCRIPT,
    "title": _TITLE,
    "img": _PICTURE,
    "table": _TABLE,
    "caption": _CAPTION,
    "tr": _ROW,
}

# An element while and after it is open: [parent, tag, number among its siblings of that tag, {tag: how many children}, path once asked for,
# the block element around it (blocks only)]. A list, since there is one for every tag of the page. In a marked text what stands for the
# path is the offset of the element, or of the first text of a cell.
Node = list[Any]
PARENT, TAG, NUMBER, COUNTS, PATH, OUTER_BLOCK = range(6)

# A piece of text of one block: (text with its white space, block element, heading level, whether white space counts, offset if marked).
Segment = tuple[str, Node, int | None, bool, int | None]

# A cell: (element, text, row span as parsed, column span). Row span 0: to the end of the group.
Cell = tuple[Node, str, int, int]


class TableUnderWay:
    """A table while it is read. `groups` are its row groups in tree order: (tag, or "" where it has none, and rows of cells)."""

    __slots__ = (
        "caption",
        "caption_node",
        "cell",
        "cell_count",
        "clamped",
        "content",
        "group",
        "group_node",
        "groups",
        "hidden_cells",
        "holds_tables",
        "is_hidden",
        "loose",
        "node",
        "outer",
        "outer_state",
        "row",
        "row_count",
        "row_node",
        "text_cells",
    )

    def __init__(self, node: Node, outer: TableUnderWay | None, outer_state: tuple[Any, ...]) -> None:
        self.node = node
        self.outer = outer
        self.outer_state = outer_state
        self.groups: list[tuple[str, list[list[Cell]]]] = []
        self.group: list[list[Cell]] | None = None
        self.group_node: Node | None = None
        self.row: list[Cell] | None = None
        self.row_node: Node | None = None
        self.cell: tuple[Node, int, int, list[Segment | TableUnderWay]] | None = None  # while it is open: element, spans, content
        self.caption: list[Segment | TableUnderWay] | None = None
        self.caption_node: Node | None = None  # while it is open
        self.loose: list[Segment | TableUnderWay] = []  # text outside the cells
        self.content: list[list[Segment | TableUnderWay]] = []  # what the cells hold, in tree order
        self.row_count = 0
        self.cell_count = 0
        self.text_cells = 0
        self.holds_tables = False
        self.clamped: list[Node] = []  # cells that declared a larger span than is allowed
        self.hidden_cells: list[Node] = []
        self.is_hidden = False

    @property
    def flows(self) -> bool:
        """Whether its text is given as text blocks, too: a table of a single text, or one around other tables with few texts of its own, is layout."""
        if self.cell_count > _FLOW_CELLS:
            return False
        return self.text_cells <= (_FLOW_TEXT_CELLS if self.holds_tables else 1)


class Page:
    """Target of the parser: what the tags and texts of a page come to.

    `_skip` counts the open elements from an ignored one on; while it is not 0 nothing else happens.
    """

    __slots__ = (
        "_alarm_depth",
        "_apart",
        "_before_title",
        "_block",
        "_cell_count",
        "_depth",
        "_document",
        "_first_mark",
        "_has_scripts",
        "_heading",
        "_heading_node",
        "_hidden",
        "_is_struck",
        "_limits",
        "_max_segments",
        "_may_hide",
        "_node",
        "_peak",
        "_pieces",
        "_pre",
        "_segment_count",
        "_sink",
        "_skip",
        "_table",
        "_table_count",
        "content",
        "findings",
        "hidden_count",
        "notes",
        "pictures",
        "stopped",
        "struck",
        "struck_count",
        "title",
    )

    def __init__(self, limits: Limits, *, may_hide: bool = True) -> None:
        self.title: str | None = None
        self.content: list[Segment | TableUnderWay] = []  # of the page, outside every table
        self.findings: list[Finding] = []
        self.struck: list[str] = []  # limits that struck, in words
        self.stopped = False
        self.hidden_count = 0
        self.struck_count = 0  # pieces of text that are struck out
        self.notes: list[tuple[Node, str]] = []  # note marks left out: the cell's element, the mark
        self.pictures: dict[int, str] = {}  # what holds its own bytes, by the identity of its element: the segments keep those alive
        self._first_mark: int | None = None  # offset of the open block's text, in a marked text
        self._has_scripts = False  # whether there are superscripts or subscripts among the pieces
        self._limits = limits
        self._may_hide = may_hide  # False: nothing in the page can hide text, and elements need not be looked at for it
        self._alarm_depth = min(SHALLOW, limits.max_depth)
        self._max_segments = limits.max_blocks + limits.max_cells
        self._depth = 0
        self._peak = 0
        document: Node = [None, "", 1, None, "", None]
        self._node = document  # the innermost open element
        self._block = document  # the innermost open block
        self._document = document
        self._skip = 0
        self._hidden: Node | None = None  # the outermost open element that hides text
        self._is_struck = False  # whether it hides it by striking it out
        self._apart: list[Node] = []  # the open inline elements that are parted from digits around them
        self._heading: int | None = None
        self._heading_node: Node | None = None
        self._pre: Node | None = None  # the outermost open element whose white space counts
        self._pieces: list[str] = []  # text of the open block so far
        self._sink = self.content  # where the text goes block by block
        self._before_title: list[str] = []  # the pieces that wait while the title is read
        self._table: TableUnderWay | None = None
        self._table_count = 0
        self._cell_count = 0
        self._segment_count = 0

    @property
    def is_empty(self) -> bool:
        """Whether not a single element was seen."""
        return self._document[COUNTS] is None

    def take_peak(self) -> int:
        """The greatest depth since the last call."""
        peak, self._peak = self._peak, self._depth
        return peak

    def strike(self, message: str) -> None:
        """Note once that a limit struck."""
        if message not in self.struck:
            self.struck.append(message)

    def stop(self, message: str) -> None:
        """Note that a limit struck, and read no more."""
        self.strike(message)
        self.stopped = True
        self._skip = 1 << 62

    # ---- what the parser calls ----------------------------------------------------------------------------------------------

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth = depth = self._depth + 1
        if depth > self._alarm_depth and self._is_too_deep(depth):
            return
        if self._skip:
            self._skip += 1
            return
        parent = self._node
        counts = parent[COUNTS]
        if counts is None:
            parent[COUNTS] = {tag: 1}
            number = 1
        else:
            counts[tag] = number = counts.get(tag, 0) + 1
        kind = _KINDS.get(tag)
        if kind is None:
            self._node = node = [parent, tag, number, None, None]
            if self._table is not None and self._table.cell is not None and is_apart(tag, attributes):
                self._part()
                self._apart.append(node)
            if tag == "input" and self._table is not None and self._table.cell is not None and attributes:
                self._take_input(attributes)
        elif kind >= _TABLE:
            if self._pieces:
                self._flush()
            node = [parent, tag, number, None, None, self._block]
            if not (self._open_cell(node, attributes) if kind == _CELL else self._open_table_part(kind, node, attributes)):
                if not self.stopped:
                    self._skip = 1
                return
            self._node = self._block = node
            return  # tables, rows and cells are given also where they are hidden
        elif kind == _IGNORED:
            self._skip = 1
            return
        elif kind == _BREAK_LINE:
            self._node = [parent, tag, number, None, None]
            pieces = self._pieces
            if self._hidden is None and (self._pre is not None or (pieces and pieces[-1] is not BREAK)):
                pieces.append(BREAK)
            return
        elif kind == _SCRIPT:
            self._node = node = [parent, tag, number, None, None]
            self._pieces.append(SCRIPT_PIECES[tag])
            self._has_scripts = True
        elif kind == _PICTURE:
            self._node = node = [parent, tag, number, None, None]
            if self._hidden is None and attributes:
                self._note_picture(node, attributes.get("src", ""))
        elif kind == _TITLE:
            if self.title is not None or parent[TAG] not in ("head", "html", "body"):
                self._skip = 1  # a second one, or a drawing's
                return
            self._node = [parent, tag, number, None, None]
            self._before_title, self._pieces = self._pieces, []
            return
        else:
            if self._pieces:
                self._flush()
            self._node = self._block = node = [parent, tag, number, None, None, self._block]
            if kind == _HEADING:
                if self._heading_node is None:
                    self._heading_node, self._heading = node, int(tag[1])
            elif kind == _PRE and self._pre is None:
                self._pre = node
        if self._hidden is None:
            is_in_cell = kind is None and self._table is not None and self._table.cell is not None
            if attributes and self._may_hide and (is_hiding(attributes) or (is_in_cell and is_unseen(attributes))):
                self._hidden, self._is_struck = node, False
            elif is_striking(tag, attributes if self._may_hide else {}):
                self._hidden, self._is_struck = node, True

    def _part(self) -> None:
        """Part what comes next from a digit before it."""
        if self._pieces and self._pieces[-1][-1:].isdigit():
            self._pieces.append(BREAK)

    def _take_input(self, attributes: Mapping[str, str]) -> None:
        """What a field of a form shows in a cell is text of that cell."""
        shown = attributes.get("type", "").strip().lower() in _SHOWN_INPUTS and not (self._may_hide and is_hiding(attributes))
        if shown and attributes.get("value"):
            self.data(attributes["value"])

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._skip:
            self._skip -= 1
            return
        node = self._node
        self._node = node[PARENT]
        if self._hidden is node:
            self._hidden = None
        kind = _KINDS.get(tag)
        if kind is None or kind in (_BREAK_LINE, _PICTURE):
            if self._apart and self._apart[-1] is node:
                self._apart.pop()
                self._part()
            return
        if kind == _SCRIPT:
            if self._pieces:
                self._pieces.append(SCRIPT_PIECES[""])
            return
        if kind == _TITLE:
            self.title = " ".join("".join(self._pieces).split())
            self._pieces = self._before_title
            return
        if self._pieces:
            self._flush()
        self._block = node[OUTER_BLOCK]
        if kind >= _TABLE:
            table = self._table
            if table is None:
                return
            if kind != _CELL:
                self._close_table_part(table, kind, node)
            elif table.cell is not None and table.cell[0] is node:
                self._close_cell(table)
        elif kind == _HEADING:
            if self._heading_node is node:
                self._heading_node = self._heading = None
        elif self._pre is node:
            self._pre = None

    def data(self, text: str) -> None:
        if self._skip:
            return
        if self._hidden is not None:
            if not text.isspace():
                self.struck_count += self._is_struck
                self.hidden_count += not self._is_struck
        elif self._pieces or self._pre is not None or not text.isspace():
            self._pieces.append(text)

    def close(self) -> None:
        """The end of the page, also where reading stopped inside of tables."""
        if self._pieces:
            self._flush()
        while self._table is not None:
            self._close_table(self._table)

    def _is_too_deep(self, depth: int) -> bool:
        """Remember how deep it goes; True for an element below max_depth that is the first to be skipped."""
        self._peak = max(self._peak, depth)
        if depth <= self._limits.max_depth or self._skip:
            return False
        self.strike(f"elements nested deeper than max_depth = {self._limits.max_depth} were not read")
        self._skip = 1
        return True

    def count_table(self) -> None:
        """One more table, of a text dump in the page. LimitExceededError where it is too many."""
        self._table_count += 1
        if self._table_count > self._limits.max_tables:
            raise LimitExceededError(f"more than max_tables = {self._limits.max_tables} tables; those after were not read")

    # ---- text ---------------------------------------------------------------------------------------------------------------

    def _note_picture(self, node: Node, source: str) -> None:
        """A picture whose bytes are in the page: a segment without text keeps its place. What lies elsewhere is never fetched."""
        if len(source) >= _LEAST_PICTURE and source[:11].lower() == "data:image/":
            self.pictures[id(node)] = source
            self._sink.append(("", node, None, False, None))

    def _flush(self) -> None:
        """End the piece of text of the open block."""
        text = self._join_scripts() if self._has_scripts else "".join(self._pieces)
        self._sink.append((text, self._block, self._heading, self._pre is not None, self._first_mark))
        self._pieces.clear()
        self._first_mark = None
        self._segment_count += 1
        if self._segment_count > self._max_segments:
            self.stop(f"more than max_blocks = {self._limits.max_blocks} text blocks; the page was not read to its end")

    def _join_scripts(self) -> str:
        """The pieces as text, with superscripts and subscripts parted from digits beside them and without note marks."""
        self._has_scripts = False
        runs = script_runs(self._pieces)
        cell = None if self._table is None or self._table.cell is None else self._table.cell[0]
        text, marks = join_scripts(runs, in_cell=cell is not None, line_break=BREAK)
        if cell is not None:
            self.notes.extend((cell, mark) for mark in marks)
        return text

    def _reset_text(self, sink: list[Segment | TableUnderWay]) -> None:
        """Send the text that comes now to `sink`; what outer elements say of it (headings, hiding) ends at a cell's border."""
        self._sink = sink
        if self._heading_node is not None:
            self._heading_node = self._heading = None
        if self._hidden is not None:
            self._hidden = None
        if self._apart:
            self._apart.clear()
        if self._pre is not None:
            self._pre = None

    # ---- tables -------------------------------------------------------------------------------------------------------------

    def _open_table_part(self, kind: int, node: Node, attributes: Mapping[str, str]) -> bool:
        """False where a limit struck and the element is to be skipped. Outside of tables, parts of tables are mere blocks."""
        if kind == _TABLE:
            return self._open_table(node, attributes)
        table = self._table
        if table is None:
            return True
        self._close_open_parts(table)
        table.row = table.row_node = None
        if kind == _ROW:
            table.row_node = node
            return self._open_row(table)
        table.group = table.group_node = None
        if kind == _GROUP:
            table.group = []
            table.group_node = node
            table.groups.append((node[TAG], table.group))
        elif table.caption is None:
            table.caption = []
            table.caption_node = node
            self._reset_text(table.caption)
        return True

    def _close_open_parts(self, table: TableUnderWay) -> None:
        """A row, a group, a cell or a caption that begins ends the cell or caption that is open, wherever that was left open."""
        if table.cell is not None:
            self._close_cell(table)
        if table.caption_node is not None:
            table.caption_node = None
            self._reset_text(table.loose)

    def _close_table_part(self, table: TableUnderWay, kind: int, node: Node) -> None:
        if kind == _ROW:
            if table.row_node is node:
                table.row = table.row_node = None
        elif kind == _GROUP:
            if table.group_node is node:
                table.group = table.group_node = None
        elif kind == _CAPTION:
            if table.caption_node is node:
                table.caption_node = None
                self._reset_text(table.loose)
        elif table.node is node:
            self._close_table(table)

    def _open_table(self, node: Node, attributes: Mapping[str, str]) -> bool:
        if self._table_count >= self._limits.max_tables:
            self.strike(f"more than max_tables = {self._limits.max_tables} tables; those after were not read")
            return False
        self._table_count += 1
        outer = self._table
        table = TableUnderWay(node, outer, (self._sink, self._pre, self._hidden, self._heading, self._heading_node))
        hides = self._hidden is not None or (outer is not None and outer.is_hidden)
        table.is_hidden = hides or (self._may_hide and bool(attributes) and is_hiding(attributes))
        if outer is None or outer.cell is not None:
            self._sink.append(table)
        else:
            outer.content.append([table])  # between the rows of another
        self._table = table
        self._reset_text(table.loose)
        return True

    def _close_table(self, table: TableUnderWay) -> None:
        if table.cell is not None:
            self._close_cell(table)
        self._sink, self._pre, self._hidden, self._heading, self._heading_node = table.outer_state
        self._table = outer = table.outer
        if outer is not None and (table.text_cells or table.holds_tables):
            outer.holds_tables = True

    def _open_row(self, table: TableUnderWay) -> bool:
        if table.row_count >= self._limits.max_rows:
            self.strike(f"a table has more than max_rows = {self._limits.max_rows} rows; those after were not read")
            return False
        table.row_count += 1
        table.row = []
        if table.group is None:
            table.group = []
            table.groups.append(("", table.group))
        table.group.append(table.row)
        return True

    def _open_cell(self, node: Node, attributes: Mapping[str, str]) -> bool:
        """False where a limit struck, as above."""
        table = self._table
        if table is None:
            return True
        if table.cell is not None or table.caption_node is not None:
            self._close_open_parts(table)
        if table.row is None and not self._open_row(table):
            return False
        if self._cell_count >= self._limits.max_cells:
            self.stop(f"more than max_cells = {self._limits.max_cells} cells; the page was not read to its end")
            return False
        self._cell_count += 1
        table.cell_count += 1
        row_span = col_span = 1
        if attributes:
            if self._may_hide and is_hiding(attributes):
                table.hidden_cells.append(node)
            if "rowspan" in attributes:
                row_span = _parse_span(attributes["rowspan"], default=1)
                if row_span > _MAX_ROW_SPAN:
                    row_span = _MAX_ROW_SPAN
                    table.clamped.append(node)
            if "colspan" in attributes:
                col_span = _parse_span(attributes["colspan"], default=1) or 1
                if col_span > _MAX_COL_SPAN:
                    col_span = _MAX_COL_SPAN
                    table.clamped.append(node)
        content: list[Segment | TableUnderWay] = []
        table.cell = (node, row_span, col_span, content)
        self._reset_text(content)
        return True

    def _close_cell(self, table: TableUnderWay) -> None:
        cell, table.cell = table.cell, None
        self._reset_text(table.loose)
        if cell is None or table.row is None:
            return
        node, row_span, col_span, content = cell
        text = text_of(content) if content else ""
        if text:
            self._note_first_text(node, content)
        table.row.append((node, text, row_span, col_span))
        if text:
            table.text_cells += 1
        if content and (table.cell_count <= _FLOW_CELLS or not all(type(item) is tuple for item in content)):
            table.content.append(content)

    def _note_first_text(self, node: Node, content: list[Segment | TableUnderWay]) -> None:
        """A cell with text was closed; see `MarkedPage`."""


def _parse_span(value: str, *, default: int) -> int:
    """The HTML standard's rules for parsing non-negative integers; `default` where they fail. What is above 99999 is 99999."""
    match = _SPAN.match(value)
    if match is None:
        return default
    sign, digits = match.groups()
    digits = digits.lstrip("0")
    number = int(digits[:6] or "0") if len(digits) <= 5 else 99_999
    return default if sign == "-" and number else number


def text_of(content: Iterable[Segment | TableUnderWay]) -> str:
    """The text of a cell or a caption: blocks and line breaks make lines, nested tables are left out."""
    lines = []
    for item in content:
        if type(item) is tuple:
            text = item[0]
            if item[3]:
                text = text.replace("\n", BREAK)
            folded = fold(text)
            if folded:
                lines.append(folded)
    return lines[0] if len(lines) == 1 else "\n".join(lines)
