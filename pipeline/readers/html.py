"""HTML -> Document. The only module that imports lxml.

lxml parses and reports each tag to `_Page`, which keeps the text blocks and the tables: no tree is built, memory follows what is kept, and
no depth of nesting can overflow a stack. Element places are the paths that the elements have in the tree lxml builds from the same bytes
(`getroottree().getpath`). Whether a first `td` is `td` or `td[1]` depends on what follows it, so paths are written down at the end.

Tables are understood as the HTML standard's tree construction would, also where libxml2's tree differs: a `td` that lies inside an unclosed
`div` of another cell opens the next cell of the table, a `div` or `form` between `table` and `tr` does not matter, and text of a table
outside its cells stands before the table. One thing is not as there: a table between the rows of another does not end it.

Decisions:
- Text that the page hides (`hidden`, `display:none`) is left out, with a finding. Tables are given also where they are hidden (tabs and
  print versions hide real ones), and say so; hiding a row does not remove it. A hidden cell of a row that shows others is left out: a
  browser lays such a row out without it.
- A table that holds tables but has no text of its own is layout: only what it holds is given.
- A table that holds tables and has text of its own (in 40 cells at most), and one with a single cell that has text, is often layout too. It
  is given as a table, and its text a second time as text blocks after it, so that titles, captions and prose in it can be found as such.
- Every run of white space, no-break and ideographic spaces among it, is one space; lines (`br`, ends of blocks) without text are dropped.
  The lines of a `pre` are read as a text dump is (readers.text): tables in them are found, each other line with text is a text block. They
  all have the place of the `pre`. In the text of a cell a `pre` keeps its lines.
- Struck-out text (`del`, `s`, `strike`, `line-through`) is left out, with a finding: beside the number that took its place it would make another.
- Inline text of a cell that cannot be seen (no size, no opacity, far outside) is left out like hidden text. What may not be seen, or is another
  thing than the text around it (a link, a button, a drawing, white letters, classes that hide), is parted from digits before it and behind it.
- The value of an `input` in a cell of a table is text of the cell, as the page shows it: some tables are forms filled in.
- A superscript or subscript digit beside a digit is parted from it (`12^1`, `12_1`), or a wrong number would come out. A superscript that
  ends a line of a cell, with nothing but a number before it, is the mark of a note and is left out, with a finding; but 10 may be the base
  of a power.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from lxml import etree

from pipeline.errors import DamagedSourceError, LimitExceededError
from pipeline.model.document import Block, Document, EmbeddedPicture, RawCell, RawRow, RawTable, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import ElementPlace, Place
from pipeline.readers.context import ReadContext
from pipeline.readers.dialects.pipes import Line
from pipeline.readers.dialects.repeats import merge_repeats
from pipeline.readers.encoding import decode_text
from pipeline.readers.scripts import join_scripts
from pipeline.readers.text import split_blocks

__all__ = ["read_html", "read_marked"]

_MAX_COL_SPAN = 1000
_MAX_GHOST_ROWS = 1000  # rows that spans may add to a group
_MAX_ROW_SPAN = 65534
_CHUNK = 256 * 1024  # bytes fed to the parser at a time; the limits are looked at in between
_MAX_PATH_CHARS = 256 * 1024 * 1024  # of all element places of a document together; a deep chain under many blocks could fill the memory
_SHALLOW = 64
_MAX_END_TAG_STEPS = 1_000_000_000  # end tags times open elements beyond _SHALLOW: the parser looks for a stray end tag's element in all
_FLOW_CELLS = 2_000  # a table with more cells than this is no layout; its text is not kept a second time
_FLOW_TEXT_CELLS = 40  # nor is one with more cells that have text
_MAX_PLACES = 10  # shown in one finding
_LEAST_PICTURE = 2_000  # characters of a data: address; what has less is an icon

_BREAK = "\0"  # a line break inside a piece of text; the parser never gives this character
_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_SPAN = re.compile(r"[ \t\n\f\r]*([+-]?)([0-9]+)")
_HIDING = re.compile(r"(?<![\w-])display\s*:\s*none(?![\w-])", re.IGNORECASE)
_UNSEEN = re.compile(
    r"(?<![\w-])(?:visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|r?em|%)?\s*(?:;|!|$)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|$)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{4,}px|mso-hide\s*:\s*all)",
    re.IGNORECASE,
)
_STRUCK = re.compile(r"(?<![\w-])text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_STRIKING = ("del", "s", "strike")
_MAY_HIDE = re.compile(r"hidden|none|mso-hide|font-size\s*:\s*0|opacity|-through|:\s*-\d{4}", re.IGNORECASE)
_PARTING = re.compile(
    r"(?<![\w-])(?:position|clip|clip-path|overflow)\s*:|(?<![\w-])(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|!|$)"
    r"|(?<![\w-])color\s*:\s*(?:#fff(?:fff)?(?![0-9a-f])|white)",
    re.IGNORECASE,
)
_PARTING_CLASS = re.compile(r"(?:^|[\s_-])(?:hide|hidden|none|invisible|only|noshow|noprint)(?:$|[\s_-])", re.IGNORECASE)
_WHITE = ("white", "#fff", "#ffffff")
_PARTED = ("a", "button", "label", "object", "svg", "ruby")  # and what has a prefix, as v:textbox; Word's own o: and st1: are text
_META = re.compile(rb"<meta\b[^>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)

_SHOWN_INPUTS = ("", "text", "number", "tel")  # types of input whose value the page shows as text

# What a tag means here. A tag that is not listed is inline: its text goes on where it stands.
_BLOCK, _HEADING, _BREAK_LINE, _SCRIPT, _PRE, _IGNORED, _TITLE, _PICTURE, _TABLE, _CAPTION, _GROUP, _ROW, _CELL = range(1, 14)
_KINDS: dict[str, int] = {
    **dict.fromkeys(
        [
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
        ],
        _BLOCK,
    ),
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
_Node = list[Any]
_PARENT, _TAG, _NUMBER, _COUNTS, _PATH, _OUTER_BLOCK = range(6)

# A piece of text of one block: (text with its white space, block element, heading level, whether white space counts, offset if marked).
_Segment = tuple[str, _Node, int | None, bool, int | None]

# A cell: (element, text, row span as parsed, column span). Row span 0: to the end of the group.
_Cell = tuple[_Node, str, int, int]


class _Script(str):
    """A piece without text: the start ("sup", "sub") or the end ("") of a superscript or subscript."""

    __slots__ = ("tag",)
    tag: str


def _script(tag: str) -> _Script:
    piece = _Script()
    piece.tag = tag
    return piece


_SCRIPT_PIECES = {tag: _script(tag) for tag in ("sup", "sub", "")}


def read_html(data: bytes, context: ReadContext) -> Document:
    """Read a page. LimitExceededError when a limit left nothing to give, DamagedSourceError when there is no element in it."""
    declared = context.declared_charset or _declared_in(data)
    decoded = decode_text(data, declared=declared, vocabulary=context.vocabulary)
    page = _Page(context.limits, may_hide=_MAY_HIDE.search(decoded.text) is not None)
    errors = _parse(page, decoded.text.encode())
    writer = _Writer(page, context.limits)
    blocks = tuple(writer.blocks())
    struck = [*page.struck, *errors]
    if struck and not blocks:
        raise LimitExceededError(f"nothing of the page could be read: {'; '.join(struck)}")
    if page.is_empty:
        raise DamagedSourceError("the page has no element")
    findings = [*decoded.findings, *(make_finding("limit-exceeded", message) for message in struck), *page.findings]
    findings += _left_out(page)
    return Document(blocks, "text/html", decoded.encoding, page.title, tuple(findings), pictures=tuple(writer.pictures))


def read_marked(
    marked: str, limits: Limits, locate: Callable[[int, str], Place], *, tables_before: int, cells_before: int
) -> tuple[tuple[Block, ...], tuple[Finding, ...]]:
    """Read a part of a text as a page. Never raises a SourceError; a limit that struck is a finding.

    `marked` has a comment with its offset (`<!--12-->`) before every piece of text and before every `table`, `td` and `th`, and no other
    comments. `locate` gives the place of what begins at an offset and has this text ("" for an element). `tables_before` and `cells_before`
    count what was read of the source before.
    """
    page = _MarkedPage(limits, tables_before, cells_before)
    errors = _parse(page, marked.encode(), comments=True)
    blocks = tuple(_MarkedWriter(page, limits, locate).blocks())
    findings = [*(make_finding("limit-exceeded", message) for message in (*page.struck, *errors)), *page.findings]
    return blocks, (*findings, *_left_out(page))


def _left_out(page: _Page) -> Iterator[Finding]:
    if page.hidden_count:
        yield make_finding("hidden-text", f"{page.hidden_count} pieces of text that the page hides were left out")
    if page.struck_count:
        yield make_finding("struck-text", f"{page.struck_count} pieces of text that are struck out were left out")


def _declared_in(data: bytes) -> str | None:
    """The charset that the page itself declares, in a meta element or an XML declaration."""
    head = data[: 64 * 1024]
    found = _META.search(head) or _XML_DECLARATION.match(head)
    return found.group(1).decode("ascii") if found else None


def _parse(page: _Page, utf8: bytes, *, comments: bool = False) -> list[str]:
    """Feed the parser; the messages of its own limits that struck. huge_tree: without it libxml2 drops what lies below depth 256."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=not comments, remove_pis=True, target=cast(Any, page))
    steps = 0
    try:
        for start in range(0, len(utf8), _CHUNK):
            chunk = utf8[start : start + _CHUNK]
            parser.feed(chunk)
            steps += chunk.count(b"</") * max(0, page.take_peak() - _SHALLOW)
            if steps > _MAX_END_TAG_STEPS:
                page.stop("too many end tags below too many open elements; the page was not read to its end")
            if page.stopped:
                break
        parser.close()
    except etree.LxmlError as error:
        if not page.is_empty:  # else: comments only, or nothing; the caller says so
            page.strike(f"the parser stopped: {str(error)[:200]}")
    errors = (str(entry.message) for entry in parser.error_log if entry.type_name in ("ERR_RESOURCE_LIMIT", "ERR_NO_MEMORY"))
    return [f"the parser gave up: {error}" for error in dict.fromkeys(errors)]


class _Table:
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

    def __init__(self, node: _Node, outer: _Table | None, outer_state: tuple[Any, ...]) -> None:
        self.node = node
        self.outer = outer
        self.outer_state = outer_state
        self.groups: list[tuple[str, list[list[_Cell]]]] = []
        self.group: list[list[_Cell]] | None = None
        self.group_node: _Node | None = None
        self.row: list[_Cell] | None = None
        self.row_node: _Node | None = None
        self.cell: tuple[_Node, int, int, list[_Segment | _Table]] | None = None  # while it is open: element, spans, content
        self.caption: list[_Segment | _Table] | None = None
        self.caption_node: _Node | None = None  # while it is open
        self.loose: list[_Segment | _Table] = []  # text outside the cells
        self.content: list[list[_Segment | _Table]] = []  # what the cells hold, in tree order
        self.row_count = 0
        self.cell_count = 0
        self.text_cells = 0
        self.holds_tables = False
        self.clamped: list[_Node] = []  # cells that declared a larger span than is allowed
        self.hidden_cells: list[_Node] = []
        self.is_hidden = False

    @property
    def flows(self) -> bool:
        """Whether its text is given as text blocks too (see the module's decisions)."""
        if self.cell_count > _FLOW_CELLS:
            return False
        return self.text_cells <= (_FLOW_TEXT_CELLS if self.holds_tables else 1)


class _Page:
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
        self.content: list[_Segment | _Table] = []  # of the page, outside every table
        self.findings: list[Finding] = []
        self.struck: list[str] = []  # limits that struck, in words
        self.stopped = False
        self.hidden_count = 0
        self.struck_count = 0  # pieces of text that are struck out
        self.notes: list[tuple[_Node, str]] = []  # note marks left out: the cell's element, the mark
        self.pictures: dict[int, str] = {}  # what holds its own bytes, by the identity of its element: the segments keep those alive
        self._first_mark: int | None = None  # offset of the open block's text, in a marked text
        self._has_scripts = False  # whether there are superscripts or subscripts among the pieces
        self._limits = limits
        self._may_hide = may_hide  # False: nothing in the page can hide text, and elements need not be looked at for it
        self._alarm_depth = min(_SHALLOW, limits.max_depth)
        self._max_segments = limits.max_blocks + limits.max_cells
        self._depth = 0
        self._peak = 0
        document: _Node = [None, "", 1, None, "", None]
        self._node = document  # the innermost open element
        self._block = document  # the innermost open block
        self._document = document
        self._skip = 0
        self._hidden: _Node | None = None  # the outermost open element that hides text
        self._apart: list[_Node] = []  # the open inline elements that are parted from digits around them
        self._is_struck = False  # whether it hides it by striking it out
        self._heading: int | None = None
        self._heading_node: _Node | None = None
        self._pre: _Node | None = None  # the outermost open element whose white space counts
        self._pieces: list[str] = []  # text of the open block so far
        self._sink = self.content  # where the text goes block by block
        self._before_title: list[str] = []  # the pieces that wait while the title is read
        self._table: _Table | None = None
        self._table_count = 0
        self._cell_count = 0
        self._segment_count = 0

    @property
    def is_empty(self) -> bool:
        """Whether not a single element was seen."""
        return self._document[_COUNTS] is None

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
        counts = parent[_COUNTS]
        if counts is None:
            parent[_COUNTS] = {tag: 1}
            number = 1
        else:
            counts[tag] = number = counts.get(tag, 0) + 1
        kind = _KINDS.get(tag)
        if kind is None:
            self._node = node = [parent, tag, number, None, None]
            if self._table is not None and self._table.cell is not None and _is_apart(tag, attributes):
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
            if self._hidden is None and (self._pre is not None or (pieces and pieces[-1] is not _BREAK)):
                pieces.append(_BREAK)
            return
        elif kind == _SCRIPT:
            self._node = node = [parent, tag, number, None, None]
            self._pieces.append(_SCRIPT_PIECES[tag])
            self._has_scripts = True
        elif kind == _PICTURE:
            self._node = node = [parent, tag, number, None, None]
            if self._hidden is None and attributes:
                self._note_picture(node, attributes.get("src", ""))
        elif kind == _TITLE:
            if self.title is not None or parent[_TAG] not in ("head", "html", "body"):
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
            if attributes and self._may_hide and (_is_hiding(attributes) or (kind is None and self._is_unseen(attributes))):
                self._hidden, self._is_struck = node, False
            elif tag in _STRIKING or (attributes and self._may_hide and _STRUCK.search(attributes.get("style", ""))):
                self._hidden, self._is_struck = node, True

    def _part(self) -> None:
        """Part what comes next from a digit before it."""
        if self._pieces and self._pieces[-1][-1:].isdigit():
            self._pieces.append(_BREAK)

    def _is_unseen(self, attributes: Mapping[str, str]) -> bool:
        """Whether an inline element of a cell cannot be seen. Around blocks such styles are set off again within."""
        return self._table is not None and self._table.cell is not None and _UNSEEN.search(attributes.get("style", "")) is not None

    def _take_input(self, attributes: Mapping[str, str]) -> None:
        """What a field of a form shows in a cell is text of that cell."""
        shown = attributes.get("type", "").strip().lower() in _SHOWN_INPUTS and not (self._may_hide and _is_hiding(attributes))
        if shown and attributes.get("value"):
            self.data(attributes["value"])

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._skip:
            self._skip -= 1
            return
        node = self._node
        self._node = node[_PARENT]
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
                self._pieces.append(_SCRIPT_PIECES[""])
            return
        if kind == _TITLE:
            self.title = " ".join("".join(self._pieces).split())
            self._pieces = self._before_title
            return
        if self._pieces:
            self._flush()
        self._block = node[_OUTER_BLOCK]
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

    def _note_picture(self, node: _Node, source: str) -> None:
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
        runs = _script_runs(self._pieces)
        cell = None if self._table is None or self._table.cell is None else self._table.cell[0]
        text, marks = join_scripts(runs, in_cell=cell is not None, line_break=_BREAK)
        if cell is not None:
            self.notes.extend((cell, mark) for mark in marks)
        return text

    def _reset_text(self, sink: list[_Segment | _Table]) -> None:
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

    def _open_table_part(self, kind: int, node: _Node, attributes: Mapping[str, str]) -> bool:
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
            table.groups.append((node[_TAG], table.group))
        elif table.caption is None:
            table.caption = []
            table.caption_node = node
            self._reset_text(table.caption)
        return True

    def _close_open_parts(self, table: _Table) -> None:
        """A row, a group, a cell or a caption that begins ends the cell or caption that is open, wherever that was left open."""
        if table.cell is not None:
            self._close_cell(table)
        if table.caption_node is not None:
            table.caption_node = None
            self._reset_text(table.loose)

    def _close_table_part(self, table: _Table, kind: int, node: _Node) -> None:
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

    def _open_table(self, node: _Node, attributes: Mapping[str, str]) -> bool:
        if self._table_count >= self._limits.max_tables:
            self.strike(f"more than max_tables = {self._limits.max_tables} tables; those after were not read")
            return False
        self._table_count += 1
        outer = self._table
        table = _Table(node, outer, (self._sink, self._pre, self._hidden, self._heading, self._heading_node))
        hides = self._hidden is not None or (outer is not None and outer.is_hidden)
        table.is_hidden = hides or (self._may_hide and bool(attributes) and _is_hiding(attributes))
        if outer is None or outer.cell is not None:
            self._sink.append(table)
        else:
            outer.content.append([table])  # between the rows of another
        self._table = table
        self._reset_text(table.loose)
        return True

    def _close_table(self, table: _Table) -> None:
        if table.cell is not None:
            self._close_cell(table)
        self._sink, self._pre, self._hidden, self._heading, self._heading_node = table.outer_state
        self._table = outer = table.outer
        if outer is not None and (table.text_cells or table.holds_tables):
            outer.holds_tables = True

    def _open_row(self, table: _Table) -> bool:
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

    def _open_cell(self, node: _Node, attributes: Mapping[str, str]) -> bool:
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
            if self._may_hide and _is_hiding(attributes):
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
        content: list[_Segment | _Table] = []
        table.cell = (node, row_span, col_span, content)
        self._reset_text(content)
        return True

    def _close_cell(self, table: _Table) -> None:
        cell, table.cell = table.cell, None
        self._reset_text(table.loose)
        if cell is None or table.row is None:
            return
        node, row_span, col_span, content = cell
        text = _text_of(content) if content else ""
        if text:
            self._note_first_text(node, content)
        table.row.append((node, text, row_span, col_span))
        if text:
            table.text_cells += 1
        if content and (table.cell_count <= _FLOW_CELLS or not all(type(item) is tuple for item in content)):
            table.content.append(content)

    def _note_first_text(self, node: _Node, content: list[_Segment | _Table]) -> None:
        """A cell with text was closed; see `_MarkedPage`."""


class _MarkedPage(_Page):
    """A part of a text in which comments give offsets."""

    __slots__ = ("_mark",)

    def __init__(self, limits: Limits, tables_before: int, cells_before: int) -> None:
        super().__init__(limits)
        self._mark = 0
        self._table_count = tables_before
        self._cell_count = cells_before

    def comment(self, text: str) -> None:
        self._mark = int(text)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        super().start(tag, attributes)
        node = self._node
        if node[_PATH] is None:
            node[_PATH] = self._mark

    def data(self, text: str) -> None:
        super().data(text)
        if self._first_mark is None and self._pieces and not text.isspace():
            self._first_mark = self._mark

    def _note_first_text(self, node: _Node, content: list[_Segment | _Table]) -> None:
        marks = (item[4] for item in content if type(item) is tuple and item[4] is not None and _fold(item[0]))
        node[_PATH] = next(marks, node[_PATH])


class _Writer:
    """Writes down what a page came to: blocks in document order, each with the path of its element."""

    def __init__(self, page: _Page, limits: Limits) -> None:
        self._page = page
        self._limits = limits
        self.pictures: list[EmbeddedPicture] = []
        self._path_chars = 0
        self._text_count = 0

    def blocks(self) -> list[Block]:
        """All blocks, or those before the limit on them or on their places."""
        blocks: list[Block] = []
        stack: list[Iterator[_Segment | _Table]] = [iter(self._page.content)]
        try:
            while stack:
                for item in stack[-1]:
                    if isinstance(item, _Table):
                        stack.append(self._inside(item, blocks))
                        break
                    self._write_text(item, blocks)
                else:
                    stack.pop()
        except LimitExceededError as error:
            self._page.strike(str(error))
        if self._page.notes:
            self._page.findings.append(self._left_out())
        return blocks

    def _left_out(self) -> Finding:
        """The note marks that are in no cell's text."""
        notes = self._page.notes
        marks = ", ".join(mark for _, mark in notes[:_MAX_PLACES]) + (" ..." if len(notes) > _MAX_PLACES else "")
        places = tuple(self._place(node) for node, _ in notes[:_MAX_PLACES])
        return make_finding("note-mark", f"{len(notes)} note marks beside numbers are left out of their cells: {marks}", places=places)

    def _inside(self, table: _Table, blocks: list[Block]) -> Iterator[_Segment | _Table]:
        """Write the table itself, where it has text, and give what it holds that is to be written after it."""
        for item in table.loose:
            self._write_text(item, blocks)
        if table.text_cells:
            blocks.append(self._table(table))
        else:
            for item in table.caption or ():
                self._write_text(item, blocks)
        flows = table.flows
        return (item for content in table.content for item in content if flows or isinstance(item, _Table))

    def _write_text(self, item: _Segment | _Table, blocks: list[Block]) -> None:
        if isinstance(item, _Table):
            return
        text, node, heading, keeps_lines, _ = item
        if not text and id(node) in self._page.pictures:
            load = partial(_picture_bytes, self._page.pictures[id(node)])
            self.pictures.append(EmbeddedPicture(load, self._place(node), len(blocks)))
            return
        folded = _fold(text)
        if keeps_lines:
            if folded:
                self._write_dump(text, self._text_place(item, ""), heading, blocks)
        elif folded:
            self._count_text()
            blocks.append(TextBlock(folded, self._text_place(item, folded), heading))

    def _write_dump(self, text: str, place: Place, heading: int | None, blocks: list[Block]) -> None:
        """The lines of a pre, read as a text dump; all that is in them has the one place."""
        rows = text.replace("\r\n", "\n").replace("\r", "\n").replace(_BREAK, "\n").split("\n")
        said: list[Finding] = []
        for block in split_blocks([Line(number, row) for number, row in enumerate(rows, start=1)], said):
            if isinstance(block, TextBlock):
                self._count_text()
                blocks.append(TextBlock(block.text, place, block.heading_level if heading is None else heading))
            else:
                self._page.count_table()
                rows_of = tuple(replace(row, cells=tuple(cell._replace(place=place) for cell in row.cells)) for row in block.rows)
                blocks.append(replace(block, rows=rows_of, place=place))
        self._page.findings += [replace(finding, places=(place,)) for finding in said]

    def _place(self, node: _Node) -> Place:
        return ElementPlace(self._path(node))

    def _text_place(self, segment: _Segment, printed: str) -> Place:
        return ElementPlace(self._path(segment[1]))

    def _count_text(self) -> None:
        self._text_count += 1
        if self._text_count > self._limits.max_blocks:
            raise LimitExceededError(f"more than max_blocks = {self._limits.max_blocks} text blocks; those after were not read")

    def _table(self, table: _Table) -> RawTable:
        """The rows as the standard orders them (tfoot last).

        A row span that reaches beyond its group makes the group longer, by the letter of the standard: rows without cells of their own.
        """
        if table.hidden_cells:
            self._leave_out_hidden(table)
        groups = sorted((group for group in table.groups if group[1]), key=lambda group: group[0] == "tfoot")
        clamped = table.clamped
        rows: list[RawRow] = []
        for _, group in groups:
            reach = max((number + row_span for number, row in enumerate(group) for _, _, row_span, _ in row), default=0)
            ghosts = min(max(0, reach - len(group)), _MAX_GHOST_ROWS)
            left = len(group) + ghosts
            inside = len(group)
            for row in group:
                rows.append(RawRow(tuple(self._cells(row, left, inside, clamped))))
                left -= 1
                inside -= 1
                row.clear()  # two million cells need not be held twice
            rows.extend([RawRow(())] * ghosts)
        if clamped:
            places = tuple(self._place(node) for node in clamped[:_MAX_PLACES])
            self._page.findings.append(
                make_finding("span-clamped", f"{len(clamped)} spans of a table are larger than allowed and were cut", places=places)
            )
        written = RawTable(
            tuple(rows),
            "declared",
            caption=_text_of(table.caption or ()) or None,
            place=self._place(table.node),
            header_row_count=_count_header_rows(groups[0], rows),
            is_hidden=table.is_hidden,
        )
        return merge_repeats(written)  # some editors write a spanning cell anew in each slot

    def _leave_out_hidden(self, table: _Table) -> None:
        """Take the hidden cells out of the rows that show other cells."""
        hidden = {id(node) for node in table.hidden_cells}
        for _, group in table.groups:
            for row in group:
                shown = [cell for cell in row if id(cell[0]) not in hidden]
                if shown and len(shown) < len(row):
                    self._page.hidden_count += sum(bool(cell[1]) for cell in row) - sum(bool(cell[1]) for cell in shown)
                    row[:] = shown

    def _cells(self, row: list[_Cell], left: int, inside: int, clamped: list[_Node]) -> list[RawCell]:
        """The cells of a row from which on its group has `inside` rows of its own, `left` with those that spans add."""
        cells = []
        for (node, text, row_span, col_span), place in zip(row, self._cell_places(row), strict=True):
            if row_span == 0:
                row_span = inside
            elif row_span > left:
                clamped.append(node)
                row_span = left
            cells.append(RawCell(text, place, row_span, col_span, node[_TAG] == "th"))
        return cells

    def _cell_places(self, row: list[_Cell]) -> list[Place]:
        places: list[Place] = []
        parent: _Node | None = None
        parent_path = ""
        counts: dict[str, int] = {}
        for node, _, _, _ in row:
            if node[_PARENT] is not parent:
                parent = node[_PARENT]
                parent_path = self._path(parent)
                counts = parent[_COUNTS]
            tag = node[_TAG]
            path = f"{parent_path}/{tag}" if counts[tag] == 1 else f"{parent_path}/{tag}[{node[_NUMBER]}]"
            places.append(ElementPlace(path))
        self._spend(len(places) * (len(parent_path) + 8))
        return places

    def _path(self, node: _Node) -> str:
        """The element's path in lxml's tree: an index only where the parent has more than one child of that tag."""
        known: str | None = node[_PATH]
        if known is not None:
            return known
        chain = []
        while node[_PATH] is None:
            chain.append(node)
            node = node[_PARENT]
        path: str = node[_PATH]
        for node in reversed(chain):
            tag = node[_TAG]
            path = f"{path}/{tag}" if node[_PARENT][_COUNTS][tag] == 1 else f"{path}/{tag}[{node[_NUMBER]}]"
            node[_PATH] = path
            self._spend(len(path))
        return path

    def _spend(self, chars: int) -> None:
        self._path_chars += chars
        if self._path_chars > _MAX_PATH_CHARS:
            raise LimitExceededError("the places of the elements take too much memory; the page was not read to its end")


class _MarkedWriter(_Writer):
    """Writes down a part of a marked text, with places in the text."""

    def __init__(self, page: _MarkedPage, limits: Limits, locate: Callable[[int, str], Place]) -> None:
        super().__init__(page, limits)
        self._locate = locate

    def _place(self, node: _Node) -> Place:
        return self._locate(node[_PATH], "")

    def _text_place(self, segment: _Segment, printed: str) -> Place:
        _, node, _, _, mark = segment
        return self._locate(node[_PATH] if mark is None else mark, printed)

    def _cell_places(self, row: list[_Cell]) -> list[Place]:
        return [self._locate(node[_PATH], text) for node, text, _, _ in row]


def _picture_bytes(source: str) -> bytes:
    """The bytes of a data: address; b"" where they cannot be had."""
    head, _, body = source.partition(",")
    try:
        data = unquote_to_bytes(body)
        return b64decode(data) if head.lower().rstrip().endswith(";base64") else data
    except ValueError:
        return b""


def _script_runs(pieces: Iterable[str]) -> list[tuple[str, str]]:
    """The text in order as ("sup", "sub" or "" for neither, text); one in another belongs to the outer one. A line break is a run."""
    runs: list[tuple[str, str]] = []
    tags: list[str] = []
    texts: list[str] = []  # of the run that comes next
    for piece in (*pieces, _BREAK):
        if not isinstance(piece, _Script) and piece is not _BREAK:
            texts.append(piece)
            continue
        if texts:
            runs.append((tags[0] if tags else "", "".join(texts)))
            texts = []
        if not isinstance(piece, _Script):
            runs.append(("", _BREAK))
        elif piece.tag:
            tags.append(piece.tag)
        elif tags:
            tags.pop()
    return runs[:-1]


def _is_hiding(attributes: Mapping[str, str]) -> bool:
    if "hidden" in attributes:
        return True
    if "style" not in attributes:
        return False
    style = attributes["style"]
    return ("one" in style or "ONE" in style) and _HIDING.search(style) is not None


def _is_apart(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether an inline element is another thing than the text around it, or may be one that is not seen."""
    if tag in _PARTED or (":" in tag and not tag.startswith(("o:", "st1:"))):
        return True
    if not attributes:
        return False
    style = attributes.get("style", "")
    return (
        (bool(style) and _PARTING.search(style) is not None)
        or attributes.get("color", "").strip().lower() in _WHITE
        or _PARTING_CLASS.search(attributes.get("class", "")) is not None
    )


def _parse_span(value: str, *, default: int) -> int:
    """The HTML standard's rules for parsing non-negative integers; `default` where they fail. What is above 99999 is 99999."""
    match = _SPAN.match(value)
    if match is None:
        return default
    sign, digits = match.groups()
    digits = digits.lstrip("0")
    number = int(digits[:6] or "0") if len(digits) <= 5 else 99_999
    return default if sign == "-" and number else number


def _fold(text: str) -> str:
    """White space runs become one space, line breaks stay, lines without text go; zero-width characters alone are no text."""
    if _BREAK in text:
        folded = "\n".join(filter(None, (" ".join(line.split()) for line in text.split(_BREAK))))
    else:
        folded = " ".join(text.split())
    return folded if folded.strip(_ZERO_WIDTH) else ""


def _text_of(content: Iterable[_Segment | _Table]) -> str:
    """The text of a cell or a caption: blocks and line breaks make lines, nested tables are left out."""
    lines = []
    for item in content:
        if type(item) is tuple:
            text = item[0]
            if item[3]:
                text = text.replace("\n", _BREAK)
            folded = _fold(text)
            if folded:
                lines.append(folded)
    return lines[0] if len(lines) == 1 else "\n".join(lines)


def _count_header_rows(first_group: tuple[str, list[list[_Cell]]], rows: list[RawRow]) -> int:
    """Rows that the page declares as header: those of a leading thead, else the leading rows of th alone."""
    if first_group[0] == "thead":
        return len(first_group[1])
    count = 0
    for row in rows:
        if not row.cells or not all(cell.is_header for cell in row.cells):
            break
        count += 1
    return count
