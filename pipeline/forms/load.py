"""Load form files. A form file is TOML; docs/forms.md tells how to write one.

Every mistake in a file is a ConfigError "file:line: what is wrong; what to do".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.forms.form_tables import read_tables
from pipeline.forms.form_words import read_metadata, read_narrative, read_numbers, read_vocabulary
from pipeline.forms.toml_lines import Node, nearest, read_toml
from pipeline.model.catalogue import schemas_dir
from pipeline.model.form import Form

__all__ = ["FORM_SUFFIX", "load_form", "load_forms"]

FORM_SUFFIX = ".form.toml"

_SHARED_TABLES: Mapping[str, tuple[str, ...] | None] = {  # sections that a family file may hold, with their keys (None: any)
    "numbers": ("blank_marks", "counter_words", "negative_words", "positive_words", "zero_words", "multipliers", "units"),
    "vocabulary": None,
    "metadata": ("parts", "patterns"),
    "narrative": None,
    "lists": None,
}
_SHARED_KEYS = (*_SHARED_TABLES, "encoding_words")
_FORM_KEYS = ("id", "title", "family", "table", "identity", *_SHARED_KEYS)
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}(?:/[A-Za-z0-9._-]{1,100}){0,5}")


def load_form(path: Path) -> Form:
    """Load one form file. ConfigError, with file and line, when anything in it or in its family file is wrong."""
    root = read_toml(path).root()
    entries = root.table(_FORM_KEYS, required=("id", "title", "table"), what="a form file")
    form_id = entries["id"].text()
    if not _ID.fullmatch(form_id):
        raise entries["id"].error(f'the id "{form_id}" may have letters, digits, ".", "-" and "_", in parts joined by single "/"')
    shared = _family(path, entries["family"]) if "family" in entries else {}
    sections = {name: _merged(name, keys, shared, entries) for name, keys in _SHARED_TABLES.items()}
    words = entries.get("encoding_words", shared.get("encoding_words"))
    read = read_tables(entries["table"], sections["lists"], entries.get("identity"))
    return Form(
        id=form_id,
        title=entries["title"].text(),
        tables=read.tables,
        fields=read.fields,
        identities=read.identities,
        metadata=read_metadata(sections["metadata"]),
        narrative=read_narrative(sections["narrative"]),
        numbers=read_numbers(sections["numbers"]),
        vocabulary=read_vocabulary(sections["vocabulary"]),
        encoding_words=words.texts() if words is not None else (),
        source=str(path),
    )


def _family(path: Path, node: Node) -> dict[str, Node]:
    """The sections of the family file that stands beside the form file."""
    name = node.text()
    if name in (".", "..") or "/" in name or "\\" in name:
        raise node.error(f'the family file "{name}" must stand beside the form file; write its name without a folder')
    if not path.with_name(name).is_file():
        raise node.error(f'there is no family file "{name}" beside the form file; check the name or take the line out')
    return read_toml(path.with_name(name)).root().table(_SHARED_KEYS, what="a family file")


def _merged(name: str, allowed: tuple[str, ...] | None, shared: Mapping[str, Node], own: Mapping[str, Node]) -> dict[str, Node]:
    """The keys of a section in the family file, those of the form file in their place."""
    merged: dict[str, Node] = {}
    for source in (shared, own):
        if name in source:
            merged |= source[name].table(allowed, what=f"[{name}]")
    return merged


# ---- selections ------------------------------------------------------------------------------------------------------


def load_forms(selection: Sequence[str | Path | Form] | None = None) -> tuple[Form, ...]:
    """The forms named, each once, in the order named; None: all built-in forms, by id.

    A text is the id of a built-in form, or the path of a file when it ends in ".form.toml". ConfigError for an unknown id or two
    different forms with one id; TypeError for anything else than a text, a path or a Form.
    """
    if selection is None:
        return tuple(_built_in(form_id) for form_id in sorted(_built_in_paths()))
    if isinstance(selection, str | Path | Form):
        raise TypeError("forms must be a sequence of ids, paths or Form objects; write [form]")
    return _without_repeats(_selected(item) for item in selection)


def _selected(item: str | Path | Form) -> Form:
    if isinstance(item, Form):
        return item
    if isinstance(item, Path):
        return load_form(item)
    if not isinstance(item, str):
        raise TypeError(f"a form is named by an id, a path or a Form, not by {type(item).__name__}")
    return load_form(Path(item)) if item.endswith(FORM_SUFFIX) else _built_in(item)


def _without_repeats(forms: Iterable[Form]) -> tuple[Form, ...]:
    by_id: dict[str, Form] = {}
    for form in forms:
        first = by_id.setdefault(form.id, form)
        if first is not form and first != form:
            raise ConfigError(f'two forms have the id "{form.id}": {first.source} and {form.source}; change the id in one of them')
    return tuple(by_id.values())


@cache
def _built_in_paths() -> Mapping[str, Path]:
    """The files of the built-in forms by id: the path under schemas/ without its ending is the id."""
    root = schemas_dir()
    return {path.relative_to(root).as_posix().removesuffix(FORM_SUFFIX): path for path in sorted(root.rglob(f"*{FORM_SUFFIX}"))}


@cache
def _built_in(form_id: str) -> Form:
    paths = _built_in_paths()
    if form_id not in paths:
        known = ", ".join(paths) or "none"
        raise ConfigError(
            f'there is no form "{form_id}"{nearest(form_id, paths)}; known: {known}. '
            f"A form of your own is named by its file, ending in {FORM_SUFFIX}"
        )
    form = load_form(paths[form_id])
    if form.id != form_id:
        raise ConfigError(f'{paths[form_id]}:1: the id is "{form.id}", but a built-in form is called as its file: "{form_id}"')
    return form
