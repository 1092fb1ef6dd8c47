"""Fuzz: damage known documents at random and look at what comes of it.

    python -m tests.fuzz --seconds 60 --seed 1          all targets in turn; what is found goes to build/fuzz
    python -m tests.fuzz --pieces 1                     only pieces of documents, a hundred times as many in the same time
    python -m tests.fuzz --targets truth                only digits moved or taken away, against known truths: silent errors
    python -m tests.fuzz --atheris engine --seconds 60  coverage-guided (the optional extra `fuzz`)

Exit 1 when something was found.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from pipeline.engine import extract
from tests.fuzz.mutators import ANYTHING, HARMLESS_TO_DIGITS, damage
from tests.fuzz.oracles import COUNTED, Problem, look_at
from tests.fuzz.targets import LIMITS, TARGETS, run_target, seeds, truth_of

__all__ = ["Finds", "fuzz", "main"]

MAX_SECONDS = 8.0  # processor time of one input (none is longer than some 100 KB)
MAX_MEMORY = 3 * 1024**3
MAX_INPUT = 200_000
PIECE = (60, 4_000)  # bytes: a line or two, a small table


class Finds:
    """What was found, one file for each kind of problem and seed: the first, or a smaller one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts: Counter[tuple[int, str, str]] = Counter()
        self._kept: dict[tuple[str, str, str], int] = {}

    def keep(self, target: str, seed: str, data: bytes, problem: Problem, how: list[str]) -> None:
        """Count the problem; keep the input unless a shorter way to the same is known."""
        self.counts[problem.severity, problem.oracle, target] += 1
        key = (target, problem.oracle, problem.message[-60:] if problem.oracle == "exception" else seed)
        if key in self._kept and self._kept[key] <= len(how):
            return
        if key not in self._kept and len(self._kept) >= 200:
            return
        self._kept[key] = len(how)
        self.folder.mkdir(parents=True, exist_ok=True)
        number = list(self._kept).index(key)
        path = self.folder / f"{problem.severity}.{problem.oracle}.{target}.{number:03d}.{seed}"
        path.write_bytes(data)
        path.with_name(path.name + ".why").write_text(f"{problem.message}\nseed document {seed}; {', '.join(how)}\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Damage documents and look at what comes of it.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--targets", default=",".join([*TARGETS, "truth"]))
    parser.add_argument(
        "--pieces", type=float, default=0.3, metavar="SHARE", help="of the inputs, how many are made of a piece of a document"
    )
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--atheris", metavar="TARGET", choices=sorted(TARGETS))
    chosen = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    if chosen.atheris:
        from tests.fuzz.coverage_guided import fuzz_by_coverage

        return fuzz_by_coverage(chosen.atheris, chosen.seconds, chosen.keep)
    finds = Finds(chosen.keep)
    targets = chosen.targets.split(",")
    unknown = sorted(set(targets) - {*TARGETS, "truth"})
    if unknown:
        parser.error(f"no target is called {', '.join(unknown)}; there are {', '.join([*TARGETS, 'truth'])}")
    runs = fuzz(targets, chosen.seconds, chosen.seed, finds, pieces=chosen.pieces)
    print(f"fuzz: seed {chosen.seed}: {sum(runs.values())} inputs: " + ", ".join(f"{name} {count}" for name, count in sorted(runs.items())))
    for (severity, oracle, target), count in sorted(finds.counts.items()):
        print(f"fuzz: severity {severity}  {oracle:20} {target:8} {count}")
    if finds.counts:
        print(f"fuzz: inputs in {finds.folder}")
    return 1 if any(severity < COUNTED for severity, _, _ in finds.counts) else 0


def fuzz(targets: list[str], seconds: float, seed: int, finds: Finds, count: int | None = None, *, pieces: float = 0.0) -> Counter[str]:
    """Damage and look, until the time is over or `count` inputs were tried. How many inputs each target had.

    `pieces`: the share of inputs that are made of a piece of a document; a document of known truth stays whole.
    """
    rng = random.Random(seed)
    names = sorted(seeds())
    contents = {name: case.read() for name, case in seeds().items()}
    sound = {name for name in names if _is_sound(name, contents[name])} if "truth" in targets else set()
    runs: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end and (count is None or sum(runs.values()) < count):
        target = rng.choice(targets)
        name = rng.choice(names)
        if target == "truth" and name not in sound:
            continue
        runs[target] += 1
        mutations = HARMLESS_TO_DIGITS if target == "truth" else ANYTHING
        number = rng.choice((1, 1, 1, 2, 3) if target == "truth" else (1, 2, 4, 8))
        is_piece = target != "truth" and rng.random() < pieces
        data, how = damage(_piece(contents[name], rng) if is_piece else contents[name], rng, mutations, number)
        data = data[:MAX_INPUT]
        started = time.process_time()
        problems = _against_truth(name, data) if target == "truth" else run_target(TARGETS[target], data)
        took = time.process_time() - started
        if took > MAX_SECONDS:
            problems.append(Problem(1, "slow", f"{took:.1f} s for {len(data)} bytes"))
        seen: set[str] = set()
        for problem in problems:
            if problem.oracle not in seen:
                seen.add(problem.oracle)
                finds.keep(target, name, data, problem, how)
    return runs


def _piece(data: bytes, rng: random.Random) -> bytes:
    """Some bytes on end, small pieces more often than large ones; they may begin within a tag or a character."""
    least, most = PIECE
    size = int(least * (most / least) ** rng.random())
    start = rng.randrange(max(1, len(data) - size))
    return data[start : start + size]


def _is_sound(name: str, data: bytes) -> bool:
    """Whether the document is read without a mistake as long as nobody has damaged it."""
    return not look_at(data, extract(data), truth_of(name))


def _against_truth(name: str, data: bytes) -> list[Problem]:
    return look_at(data, extract(data, limits=LIMITS), truth_of(name))


if __name__ == "__main__":
    sys.exit(main())
