"""A TOML file whose every key knows its line: `tomllib` gives the values, a scan of the text gives the lines.

The scan runs only when a line is asked for, that is, when an error is about to be said; a good file costs nothing more.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError

__all__ = ["Node", "TomlFile", "TomlPath", "key_lines", "nearest", "read_toml"]

TomlPath = tuple[str | int, ...]

_LINE_OF_DECODE_ERROR = re.compile(r"^(?P<what>.*?)(?: \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\))?$", re.DOTALL)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'", re.DOTALL)


@dataclass(frozen=True)
class TomlFile:
    """A parsed file: its name as the caller gave it, its text, its values."""

    name: str
    text: str
    data: Mapping[str, Any]

    @cached_property
    def lines(self) -> Mapping[TomlPath, int]:
        """The line (from 1) at which each key, table and array item begins."""
        return key_lines(self.text)

    def line_of(self, path: TomlPath) -> int:
        """The line of the path, or of the nearest thing around it; 1 for the file as a whole."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def root(self) -> Node:
        """The whole file as a node."""
        return Node(self, (), self.data)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands. Its methods give the value in the type asked for, or raise a ConfigError with file and line."""

    file: TomlFile
    path: TomlPath
    value: Any

    def error(self, message: str) -> ConfigError:
        """A ConfigError "file:line: message", not raised."""
        return ConfigError(f"{self.file.name}:{self.file.line_of(self.path)}: {message}")

    @property
    def name(self) -> str:
        """The nearest key above the value, for messages."""
        return next((f'"{step}"' for step in reversed(self.path) if isinstance(step, str)), "the file")

    def table(self, allowed: Collection[str] | None = None, *, required: Collection[str] = (), what: str = "") -> dict[str, Node]:
        """The keys of a table; `what` names it in errors. A key outside `allowed` (None: any) and a missing `required` one are errors."""
        if not isinstance(self.value, dict):
            raise self.error(f"{self.name} must be a table ({{ key = value, ... }} or a [section]), not {_kind(self.value)}")
        entries = {key: Node(self.file, (*self.path, key), value) for key, value in self.value.items()}
        place = what or f"{self.name}"
        for key, entry in entries.items():
            if allowed is not None and key not in allowed:
                raise entry.error(f'unknown key "{key}" in {place}{nearest(key, allowed)}; allowed: {", ".join(sorted(allowed))}')
        for key in required:
            if key not in entries:
                raise self.error(f'{place} needs the key "{key}"; add {key} = ...')
        return entries

    def items(self) -> Iterator[Node]:
        """The items of an array."""
        if not isinstance(self.value, list):
            raise self.error(f"{self.name} must be a list [ ... ], not {_kind(self.value)}")
        for index, value in enumerate(self.value):
            yield Node(self.file, (*self.path, index), value)

    def text(self, *, blank: bool = False) -> str:
        """A string; blank ones only where `blank` allows them."""
        if not isinstance(self.value, str):
            raise self.error(f'{self.name} must be a text in quotes, not {_kind(self.value)}; write "..."')
        if not blank and not self.value.strip():
            raise self.error(f"{self.name} must not be blank; write the text or take the key out")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """One string or a list of strings, none twice."""
        if isinstance(self.value, str):
            return (self.text(),)
        if not isinstance(self.value, list):
            raise self.error(f'{self.name} must be a text or a list of texts, not {_kind(self.value)}; write "..." or ["...", "..."]')
        seen: dict[str, None] = {}
        for item in self.items():
            if item.text() in seen:
                raise item.error(f'"{item.value}" stands twice in {self.name}; take one out')
            seen[item.value] = None
        if not seen:
            raise self.error(f"{self.name} is an empty list; write at least one text or take the key out")
        return tuple(seen)

    def choice(self, allowed: Collection[str]) -> str:
        """A string that is one of `allowed`."""
        if self.text() not in allowed:
            raise self.error(f'{self.name} is "{self.value}"{nearest(self.value, allowed)}; it must be one of: {", ".join(allowed)}')
        return self.text()

    def whole_number(self, least: int, most: int) -> int:
        """An integer from `least` to `most`."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or not least <= self.value <= most:
            raise self.error(f"{self.name} must be a whole number from {least} to {most}, not {_kind(self.value)}")
        return self.value


def nearest(word: str, known: Iterable[str]) -> str:
    """' (did you mean "x"?)' for the closest known word, or ""."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f' (did you mean "{close[0]}"?)' if close else ""


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    name = names.get(type(value), "a date or a time")
    return f"{name} ({value})" if isinstance(value, int | float) else name


def read_toml(path: Path) -> TomlFile:
    """Read and parse a file. ConfigError when it is not there, not UTF-8 or not TOML, with the line where that is known."""
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as cause:
        raise ConfigError(f"{name}: cannot be read ({cause.strerror or cause}); check the path") from cause
    except UnicodeDecodeError as cause:
        line = cause.object.count(b"\n", 0, cause.start) + 1
        raise ConfigError(f"{name}:{line}: not UTF-8; save the file as UTF-8") from cause
    text = text.replace("\r\n", "\n")
    try:
        return TomlFile(name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as cause:
        raise _syntax_error(name, text, str(cause)) from cause
    except RecursionError as cause:
        raise ConfigError(f"{name}:1: brackets nested too deeply; a form file needs no more than four levels") from cause


def _syntax_error(name: str, text: str, message: str) -> ConfigError:
    match = _LINE_OF_DECODE_ERROR.match(message)
    what = match["what"] if match else message
    line = int(match["line"]) if match and match["line"] else text.count("\n") + 1
    column = f", column {match['column']}" if match and match["column"] else ""
    return ConfigError(f"{name}:{line}: not valid TOML: {what}{column}; look for a missing quote, comma or bracket at or above this line")


def key_lines(text: str) -> dict[TomlPath, int]:
    """The line (from 1) of every key, table header and array item of a text that `tomllib` accepts."""
    return _Scanner(text).scan()


class _Scanner:
    """Walks over valid TOML. It checks nothing: `tomllib` has done that."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.line_starts = [match.end() for match in re.finditer("\n", text)]
        self.lines: dict[TomlPath, int] = {}
        self.item_counts: dict[TomlPath, int] = {}  # arrays of tables ([[x]]) only

    def scan(self) -> dict[TomlPath, int]:
        prefix: TomlPath = ()
        while self._skip_blank() < len(self.text):
            if self.text[self.position] == "[":
                prefix = self._header()
            else:
                self._key_and_value(prefix)
        return self.lines

    def _skip_blank(self) -> int:
        match = _BLANK.match(self.text, self.position)
        if match:
            self.position = match.end()
        return self.position

    def _record(self, path: TomlPath, position: int) -> None:
        self.lines.setdefault(path, bisect_right(self.line_starts, position) + 1)

    def _header(self) -> TomlPath:
        start = self.position
        is_array = self.text.startswith("[[", start)
        self.position += 2 if is_array else 1
        keys = self._dotted_key()
        self.position = self.text.index("]", self.position) + (2 if is_array else 1)
        path: TomlPath = ()
        for number, key in enumerate(keys, 1):
            path = (*path, key)
            self._record(path, start)
            if is_array and number == len(keys):
                self.item_counts[path] = self.item_counts.get(path, 0) + 1
            if path in self.item_counts:
                path = (*path, self.item_counts[path] - 1)
                self._record(path, start)
        return path

    def _dotted_key(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip_blank()
            bare = _BARE_KEY.match(self.text, self.position)
            match = bare or _STRING.match(self.text, self.position)
            if not match:
                return keys
            keys.append(match[0] if bare else tomllib.loads(f"key = {match[0]}")["key"])
            self.position = match.end()
            self._skip_blank()
            if not self.text.startswith(".", self.position):
                return keys
            self.position += 1

    def _key_and_value(self, prefix: TomlPath) -> None:
        start = self.position
        path = prefix
        for key in self._dotted_key():
            path = (*path, key)
            self._record(path, start)
        self.position = self.text.index("=", self.position) + 1
        self._skip_blank()
        self._value(path)

    def _value(self, path: TomlPath) -> None:
        opening = self.text[self.position : self.position + 1]
        if opening == "[":
            self._members("]", path)
        elif opening == "{":
            self._members("}", path)
        else:
            match = _STRING.match(self.text, self.position) or _SCALAR.match(self.text, self.position)
            if match:
                self.position = match.end()

    def _members(self, closing: str, path: TomlPath) -> None:
        self.position += 1
        index = 0
        while self._skip_blank() < len(self.text) and self.text[self.position] != closing:
            if closing == "}":
                self._key_and_value(path)
            else:
                self._record((*path, index), self.position)
                self._value((*path, index))
                index += 1
            self._skip_blank()
            if self.text.startswith(",", self.position):
                self.position += 1
        self.position += 1
