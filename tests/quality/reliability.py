"""Whether a confidence means what it says: of the values given confidence p, how many are right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.quality.scoring import Given

__all__ = ["EDGES", "Bin", "bin_confidences", "reliability_rows"]

# Half-open: a bin holds the confidences from its edge up to the next one. Close together where it matters: near certainty.
EDGES = (0.0, 0.5, 0.7, 0.85, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9997)


@dataclass(frozen=True, slots=True)
class Bin:
    """The values of one range of confidence. `claimed`: their mean confidence; `unnamed`: the wrong ones that no warning or error names."""

    least: float
    values: int
    claimed: float
    right: int
    unnamed: int

    @property
    def share(self) -> float:
        return self.right / self.values

    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share that is right."""
        count, share, z = self.values, self.share, 1.96
        middle = share + z * z / (2 * count)
        reach = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
        return max(0.0, (middle - reach) / (1 + z * z / count)), min(1.0, (middle + reach) / (1 + z * z / count))

    @property
    def verdict(self) -> str:
        """ "too high": fewer are right than is claimed, by more than chance explains; "too low": more are."""
        low, high = self.interval()
        return "too high" if self.claimed > high else "too low" if self.claimed < low else ""


def bin_confidences(given: Iterable[Given]) -> list[Bin]:
    """The bins that hold anything, surest last."""
    sums: dict[int, list[float]] = {}
    for item in given:
        place = sum(item.confidence >= edge for edge in EDGES) - 1
        totals = sums.setdefault(place, [0, 0.0, 0, 0])
        totals[0] += item.count
        totals[1] += item.confidence * item.count
        totals[2] += item.count if item.is_right else 0
        totals[3] += 0 if item.is_right or item.is_doubted else item.count
    return [
        Bin(EDGES[place], int(values), claimed / values, int(right), int(unnamed))
        for place, (values, claimed, right, unnamed) in sorted(sums.items())
    ]


def reliability_rows(given_by_kind: Mapping[str, Iterable[Given]]) -> list[Sequence[str]]:
    """A table to print: a row a kind and bin, with a head."""
    rows: list[Sequence[str]] = [
        ("kind", "confidence from", "values", "mean confidence", "right", "share right", "95 % interval", "", "wrong, unnamed")
    ]
    for kind, given in given_by_kind.items():
        for found in bin_confidences(given):
            low, high = found.interval()
            rows.append(
                (
                    kind,
                    f"{found.least:g}",
                    f"{found.values}",
                    f"{found.claimed:.4f}",
                    f"{found.right}",
                    f"{found.share:.4f}",
                    f"{low:.4f}-{high:.4f}",
                    found.verdict,
                    f"{found.unnamed}",
                )
            )
    return rows
