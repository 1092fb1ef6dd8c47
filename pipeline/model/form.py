"""A form: a printed object as data. Loaded from schemas/**/*.form.toml by forms/load.py; nothing here knows a family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal

__all__ = [
    "Band",
    "ColumnNode",
    "Field",
    "Form",
    "FormTable",
    "Identity",
    "Label",
    "Metadata",
    "NarrativeSection",
    "NumberRules",
    "RowNode",
]


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed at one place of a form: the national wording first, then the variants seen in print."""

    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.texts[0]


@dataclass(frozen=True, slots=True)
class ColumnNode:
    """A column header. Only leaves (no children) have values. `key` is a leaf's part of the pointer, "" when it adds none.

    kind: "value" holds fields; "text" is a leaf that holds words (a unit, a remark) and is never a field.
    """

    label: Label
    key: str = ""
    kind: Literal["value", "text"] = "value"
    type: Literal["integer", "decimal"] = "integer"
    unit: str = ""
    children: tuple[ColumnNode, ...] = ()

    def leaves(self) -> tuple[ColumnNode, ...]:
        """The leaf columns below (or this one), left to right."""
        if not self.children:
            return (self,)
        return tuple(leaf for child in self.children for leaf in child.leaves())


@dataclass(frozen=True, slots=True)
class RowNode:
    """A row label. `key` is its part of the pointer when `has_values`; a node may have both values and children (a list form).

    `label` is None for the one row of a table that has no row labels. `type` and `unit`, when given, stand before the column's.
    """

    label: Label | None
    key: str = ""
    has_values: bool = True
    type: Literal["integer", "decimal"] | None = None
    unit: str | None = None
    children: tuple[RowNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a table that has its own header: an optional section label over it, a stub head, columns, rows."""

    section: Label | None
    stub_head: tuple[Label, ...]
    columns: tuple[ColumnNode, ...]
    rows: tuple[RowNode, ...]
    _leaves: tuple[ColumnNode, ...] = field(init=False, repr=False, compare=False)  # asked for at every row of every document

    def __post_init__(self) -> None:
        object.__setattr__(self, "_leaves", tuple(leaf for column in self.columns for leaf in column.leaves()))

    def leaf_columns(self) -> tuple[ColumnNode, ...]:
        """All leaf columns, left to right, text columns included."""
        return self._leaves


@dataclass(frozen=True, slots=True)
class FormTable:
    """One printed table: `captions` are the headings it stands under; `pointer` is the start of its fields' pointers ("" or "/x")."""

    id: str
    pointer: str
    captions: Label
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One crossing of a row and a column: a canonical field. `row_path` and `column_path` are national wordings, outermost first."""

    pointer: str
    table_id: str
    row_path: tuple[str, ...]
    column_path: tuple[str, ...]
    type: Literal["integer", "decimal"]
    unit: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A sum that the form promises. Blank counts as 0.

    sum: whole = total of parts; balance: parts[0] + parts[1] = parts[2] + parts[3], whole is None; part: parts[0] <= whole.
    """

    name: str
    kind: Literal["sum", "balance", "part"]
    whole: str | None
    parts: tuple[str, ...]

    @property
    def pointers(self) -> tuple[str, ...]:
        return self.parts if self.whole is None else (self.whole, *self.parts)


@dataclass(frozen=True, slots=True)
class NumberRules:
    """How numbers of the family are printed.

    blank_marks: cell texts that mean "no number". counter_words: words after a count that are not units. negative_words / positive_words: words
    before a number that give its sign. zero_words: cell texts that mean 0. multipliers: word -> factor (万 -> 10000). units: canonical unit -> {printed unit -> factor into the canonical unit}.
    """

    blank_marks: tuple[str, ...] = ()
    counter_words: tuple[str, ...] = ()
    negative_words: tuple[str, ...] = ()
    positive_words: tuple[str, ...] = ()
    zero_words: tuple[str, ...] = ()
    multipliers: Mapping[str, Decimal] = field(default_factory=dict)
    units: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NarrativeSection:
    """A prose section: `key` in the record's narrative, `headings` that open it (labels, matched folded)."""

    key: str
    headings: Label


@dataclass(frozen=True, slots=True)
class Metadata:
    """Regular expressions over the folded text (simplified script, half-width, no white space), tried in order.

    title: group "title"; must also say that the document is a report of the family. agency: group "agency". year: group "year".
    period: groups "start" and "end". Matches are given back as printed.
    """

    title: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    period: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """A form as loaded. `vocabulary` maps words to words after folding (for matching only); `encoding_words` tell an encoding."""

    id: str
    title: str
    tables: tuple[FormTable, ...]
    fields: tuple[Field, ...]
    identities: tuple[Identity, ...]
    metadata: Metadata
    narrative: tuple[NarrativeSection, ...]
    numbers: NumberRules
    vocabulary: Mapping[str, str]
    encoding_words: tuple[str, ...]
    source: str  # the file it was loaded from, as named by the caller

    @cached_property
    def field_by_pointer(self) -> Mapping[str, Field]:
        return {item.pointer: item for item in self.fields}
