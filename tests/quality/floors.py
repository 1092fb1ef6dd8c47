"""Floors of the figures, by kind: a deliberate act, and a reason, lowers one."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path

__all__ = ["FLOORS_FILE", "below_floors", "raise_floors", "read_floors"]

FLOORS_FILE = Path("tests/quality/floors.toml")
AT_LEAST = ("values_right_share", "whole_share", "status_right_share", "planted_caught_share")
AT_MOST = ("silent_documents_share", "needless_documents_share", "abstained_share")

Figures = Mapping[str, int | float]


def read_floors(path: Path = FLOORS_FILE) -> dict[str, dict[str, object]]:
    """The floors by kind. Empty when there is no file yet."""
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def below_floors(floors: Mapping[str, Mapping[str, object]], measured: Mapping[str, Figures]) -> list[str]:
    """A sentence for every measured figure that is worse than its floor. Kinds that were not measured are not looked at."""
    complaints = []
    for kind, figures in measured.items():
        floor = floors.get(kind, {})
        for name in (*AT_LEAST, *AT_MOST):
            if name in floor and _worse(name, float(figures[name]), float(str(floor[name]))):
                word = "below its floor" if name in AT_LEAST else "above its ceiling"
                complaints.append(f"{kind}: {name} is {figures[name]:.4f}, {word} {floor[name]}")
        if "documents" in floor and not kind.startswith("large") and int(figures["documents"]) < int(str(floor["documents"])):
            complaints.append(f"{kind}: {figures['documents']} documents, there were {floor['documents']}")
    return complaints


def raise_floors(floors: Mapping[str, Mapping[str, object]], measured: Mapping[str, Figures], reason: str | None) -> tuple[str, list[str]]:
    """The new floors file, and what it would lower. Without a reason the caller must not write it when anything is lowered."""
    lowered = below_floors(floors, measured)
    kinds = sorted({*floors, *measured})
    lines = [
        "# Floors of `make quality`, by kind of source. Written by `python -m tests.quality.score --write-floors`,",
        '# which refuses to lower one without `--lower "reason"`. Shares of values, or of documents.',
        "# *_right, whole and planted are floors; silent, needless and abstained are ceilings.",
    ]
    for kind in kinds:
        old = floors.get(kind, {})
        lines += ["", f'["{kind}"]' if not kind.replace("-", "").isalnum() else f"[{kind}]"]
        if kind not in measured:
            lines += [f"{name} = {_toml(value)}" for name, value in old.items()]
            continue
        figures = measured[kind]
        lines.append(f"documents = {int(figures['documents'])}")
        lines += [f"{name} = {math.floor(float(figures[name]) * 10_000) / 10_000}" for name in AT_LEAST]
        lines += [f"{name} = {math.ceil(float(figures[name]) * 10_000) / 10_000}" for name in AT_MOST]
        before = old.get("lowered", [])
        reasons = [
            *(before if isinstance(before, list) else []),
            *([reason] if reason and any(c.startswith(f"{kind}:") for c in lowered) else []),
        ]
        if reasons:
            lines.append(f"lowered = {_toml(reasons)}")
    return "\n".join(lines) + "\n", lowered


def _worse(name: str, value: float, floor: float) -> bool:
    return value < floor - 1e-9 if name in AT_LEAST else value > floor + 1e-9


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)
