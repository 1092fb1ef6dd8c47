"""Where `schemas/` lies, in a checkout and in an installed wheel, and the catalogue of finding codes kept there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

__all__ = ["FindingKind", "finding_catalogue", "schemas_dir"]

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One entry of schemas/findings.toml."""

    code: str
    severity: Literal["info", "warning", "error"]
    meaning: str
    look_at: str


@cache
def schemas_dir() -> Path:
    """The folder of forms and schemas: inside the wheel (`pipeline/_schemas`), else beside the package in a checkout."""
    inside = _PACKAGE / "_schemas"
    return inside if inside.is_dir() else _PACKAGE.parent / "schemas"


@cache
def finding_catalogue() -> Mapping[str, FindingKind]:
    """Every finding code by name."""
    with (schemas_dir() / "findings.toml").open("rb") as file:
        entries = tomllib.load(file)
    return MappingProxyType(
        {
            code: FindingKind(
                code,
                cast(Literal["info", "warning", "error"], entry["severity"]),
                entry["meaning"],
                entry["look_at"],
            )
            for code, entry in entries.items()
        }
    )
