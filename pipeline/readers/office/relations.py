"""Which part of an Office Open XML package is which: by the relationships, with the usual names where those say nothing."""

from __future__ import annotations

import posixpath

from pipeline.errors import DamagedSourceError
from pipeline.model.limits import Limits
from pipeline.readers.office.package import Package
from pipeline.readers.office.xml import Attributes, read_xml

__all__ = ["main_part", "read_relations", "related_part"]


class _Relations:
    """Target of the parser: (kind, id, target) of every relationship to a part inside the package. Outside ones are never followed."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "rel:Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append((kind, attributes.get("Id", ""), attributes.get("Target", "")))

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


def read_relations(package: Package, part: str, limits: Limits) -> list[tuple[str, str, str]]:
    """(kind, id, member) of what `part` names ("" is the package itself); the kind is the last word of the relationship's type."""
    folder, name = posixpath.split(part)
    member = package.find(posixpath.join(folder, "_rels", f"{name}.rels"))
    if member is None:
        return []
    target = _Relations()
    read_xml(package.stream(member), target, limits, member)
    return [(kind, key, package.resolve(part, path)) for kind, key, path in target.found]


def main_part(package: Package, limits: Limits, usual: str) -> str:
    """The part that the package names as its document. DamagedSourceError where there is none."""
    for kind, _, member in read_relations(package, "", limits):
        found = package.find(member)
        if kind == "officeDocument" and found is not None:
            return found
    found = package.find(usual)
    if found is None:
        raise DamagedSourceError(f"the package has no document: {usual} is missing, and no relationship names another part")
    return found


def related_part(package: Package, limits: Limits, main: str, kind: str, usual: str) -> str | None:
    """The part of that kind which the document names, else the one with the usual name, else None."""
    for its_kind, _, member in read_relations(package, main, limits):
        found = package.find(member)
        if its_kind == kind and found is not None:
            return found
    return package.find(usual)
