"""Load series.toml, which stands beside the form files of a family: what its forms say over the years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipeline.forms.form_words import check_pattern
from pipeline.forms.toml_lines import Node, nearest, read_toml
from pipeline.model.form import Form
from pipeline.model.series import Claim, Meaning, Promise, SeriesRules

__all__ = ["SERIES_FILE", "load_series", "load_series_file"]

SERIES_FILE = "series.toml"

_KEYS = ("forms", "columns", "meanings", "promise", "claim")
_PROMISE_KEYS = ("name", "says", "later", "earlier", "plus", "minus")
_CLAIM_KEYS = ("name", "meaning", "patterns")
_PLACEHOLDER = re.compile(r"\{([a-z_]{1,40})\}")
_YEARS = ("year", "last_year", "next_year")


def load_series(forms: Iterable[Form]) -> SeriesRules:
    """The rules of the families of these forms. ConfigError, with file and line, when a file is wrong or names a field that its form lacks."""
    by_id = {form.id: form for form in forms}
    files = sorted({Path(form.source).with_name(SERIES_FILE) for form in by_id.values()})
    read = [load_series_file(file, by_id) for file in files if file.is_file()]
    return SeriesRules(
        tuple(item for rules in read for item in rules.meanings),
        tuple(item for rules in read for item in rules.promises),
        tuple(item for rules in read for item in rules.claims),
    )


def load_series_file(path: Path, forms: Mapping[str, Form]) -> SeriesRules:
    """One file. Forms that it names and that are not among `forms` are passed over."""
    entries = read_toml(path).root().table(_KEYS, required=("forms",), what="a series file")
    ids = {short: node.text() for short, node in entries["forms"].table().items()}
    lists = {name: node.texts() for name, node in entries["columns"].table().items()} if "columns" in entries else {}
    meanings = {}
    if "meanings" in entries:
        meanings = {name: _meaning(name, node, ids, forms) for name, node in entries["meanings"].table().items()}
    promises = [item for node in _items(entries, "promise") for item in _promises(node, lists, forms, set(ids.values()))]
    claims = [_claim(node, meanings) for node in _items(entries, "claim")]
    return SeriesRules(tuple(meanings.values()), tuple(promises), tuple(claims))


def _items(entries: Mapping[str, Node], key: str) -> Iterator[Node]:
    return entries[key].items() if key in entries else iter(())


def _meaning(name: str, node: Node, ids: Mapping[str, str], forms: Mapping[str, Form]) -> Meaning:
    entries = node.table((*ids, "note"), what=f'the meaning "{name}"')
    pointers: dict[str, str] = {}
    for short, form_id in ids.items():
        if short not in entries:
            continue
        pointer = entries[short].text()
        form = forms.get(form_id)
        if form is not None:
            _check_field(entries[short], pointer, [form])
        pointers[form_id] = pointer
    return Meaning(name, pointers, entries["note"].text() if "note" in entries else "")


def _promises(node: Node, lists: Mapping[str, tuple[str, ...]], forms: Mapping[str, Form], ids: set[str]) -> Iterator[Promise]:
    entries = node.table(_PROMISE_KEYS, required=("name", "says", "later", "earlier"), what="a promise")
    texts = {key: entries[key].text() for key in ("name", "says", "later", "earlier")}
    more = {key: entries[key].texts() if key in entries else () for key in ("plus", "minus")}
    names = {match[1] for text in (*texts.values(), *more["plus"], *more["minus"]) for match in _PLACEHOLDER.finditer(text)}
    for name in names:
        if name not in lists:
            raise node.error(f"the promise uses {{{name}}}, which is not under [columns]; known: {', '.join(lists) or 'none'}")
    if len(names) > 1:
        raise node.error("a promise can use one list of [columns] only")
    known = [form for form_id, form in forms.items() if form_id in ids]
    for value in lists[names.pop()] if names else ("",):
        filled = {key: _PLACEHOLDER.sub(value, text) for key, text in texts.items()}
        plus, minus = (tuple(_PLACEHOLDER.sub(value, text) for text in more[key]) for key in ("plus", "minus"))
        if known:
            for pointer in (filled["later"], filled["earlier"], *plus, *minus):
                _check_field(node, pointer, known)
        yield Promise(filled["name"], filled["says"], filled["later"], filled["earlier"], plus, minus)


def _claim(node: Node, meanings: Mapping[str, Meaning]) -> Claim:
    entries = node.table(_CLAIM_KEYS, required=_CLAIM_KEYS, what="a claim")
    name = entries["meaning"].text()
    if name not in meanings:
        raise entries["meaning"].error(f'there is no meaning "{name}"{nearest(name, meanings)} under [meanings]')
    patterns = entries["patterns"].texts()
    for item in entries["patterns"].items() if isinstance(entries["patterns"].value, list) else [entries["patterns"]]:
        text = item.text()
        for year in _YEARS:
            text = text.replace(f"{{{year}}}", "2021")
        if "number" not in check_pattern(item, text).groupindex:
            raise item.error('the pattern has no group "number"; write (?P<number>...) around the number')
    return Claim(entries["name"].text(), meanings[name].pointers, patterns)


def _check_field(node: Node, pointer: str, forms: Iterable[Form]) -> None:
    """The field must be in one of the forms."""
    forms = list(forms)
    if not any(pointer in form.field_by_pointer for form in forms):
        known = forms[0].field_by_pointer
        raise node.error(f'no form here has the field "{pointer}"{nearest(pointer, known)}')
