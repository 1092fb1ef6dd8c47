"""What a reader of the result must know about it: coded, with the fields and the places it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pipeline.model.catalogue import finding_catalogue
from pipeline.model.place import Place

__all__ = ["Finding", "Severity", "make_finding"]

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know. `code` is a key of schemas/findings.toml, which gives the severity and what to look at."""

    code: str
    severity: Severity
    message: str
    pointers: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()

    @property
    def is_doubt(self) -> bool:
        """Whether it keeps a report from being accepted."""
        return self.severity != "info"

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "pointers": list(self.pointers),
            "places": [place.to_dict() for place in self.places],
        }


def make_finding(code: str, message: str, *, pointers: tuple[str, ...] = (), places: tuple[Place, ...] = ()) -> Finding:
    """Build a Finding whose severity is the catalogue's. KeyError if the code is not in the catalogue (a bug)."""
    return Finding(code, finding_catalogue()[code].severity, message, pointers, places)
