"""Word's styles, as far as they say what text is: headings, hidden text, raised text, automatic numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.model.limits import Limits
from pipeline.readers.office.package import Package
from pipeline.readers.office.xml import Attributes, read_xml

__all__ = ["WordStyle", "flag", "read_styles"]

_MAX_STYLES = 20_000
_MAX_CHAIN = 50  # styles based on one another


@dataclass(frozen=True, slots=True)
class WordStyle:
    """A style with what it has from the styles it is based on. `outline`: 0 for a heading of the first level; None where it says nothing."""

    outline: int | None = None
    hidden: bool = False
    script: str = ""  # "sup", "sub" or ""
    numbered: tuple[str, int] | None = None  # numId and level of its list
    is_title: bool = False
    is_default: bool = False


def flag(attributes: Attributes) -> bool:
    """A property that is on unless its value says off."""
    return attributes.get("w:val", "1") not in ("0", "false", "off", "none")


class _Styles:
    """Target of the parser: each style as it is written, and what it is based on."""

    def __init__(self) -> None:
        self.written: dict[str, tuple[WordStyle, str, frozenset[str]]] = {}
        self._open: list[str] = []
        self._id = self._base = ""
        self._style = WordStyle()
        self._said: set[str] = set()

    def start(self, name: str, attributes: Attributes) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        value = attributes.get("w:val", "")
        if name == "w:style":
            is_default = attributes.get("w:type") == "paragraph" and attributes.get("w:default") in ("1", "true", "on")
            self._id, self._base, self._said = attributes.get("w:styleId", ""), "", set()
            self._style = WordStyle(is_default=is_default)
        elif parent == "w:style" and name == "w:basedOn":
            self._base = value
        elif parent == "w:style" and name == "w:name":
            self._style = replace(self._style, is_title=value.lower() == "title")
        elif parent == "w:pPr" and name == "w:outlineLvl":
            self._say("outline", int(value) if len(value) == 1 and value.isascii() and value.isdigit() else None)
        elif parent == "w:rPr" and name == "w:vanish":
            self._say("hidden", flag(attributes))
        elif parent == "w:rPr" and name == "w:vertAlign":
            self._say("script", {"superscript": "sup", "subscript": "sub"}.get(value, ""))
        elif parent == "w:numPr" and name in ("w:numId", "w:ilvl"):
            number, level = self._style.numbered or ("0", 0)
            if name == "w:numId":
                number = value
            elif len(value) == 1 and value in "012345678":
                level = int(value)
            self._say("numbered", (number, level))

    def _say(self, name: str, value: object) -> None:
        self._style = replace(self._style, **{name: value})  # type: ignore[arg-type]
        self._said.add(name)

    def end(self, name: str) -> None:
        self._open.pop()
        if name == "w:style" and len(self.written) < _MAX_STYLES:
            self.written[self._id] = (self._style, self._base, frozenset(self._said))

    def data(self, text: str) -> None:
        pass


def read_styles(package: Package, part: str | None, limits: Limits) -> dict[str, WordStyle]:
    """The styles by id, each with what it inherits. Empty where the document has none."""
    if part is None:
        return {}
    target = _Styles()
    read_xml(package.stream(part), target, limits, part)
    return {key: _inherit(key, target.written) for key in target.written}


def _inherit(key: str, written: dict[str, tuple[WordStyle, str, frozenset[str]]]) -> WordStyle:
    style, base, own = written[key]
    said = set(own)
    for _ in range(_MAX_CHAIN):
        if base not in written:
            break
        below, base, its = written[base]
        style = replace(style, **{name: getattr(below, name) for name in its - said})
        said |= its
    return style
