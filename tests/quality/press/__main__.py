"""Command line of the press. See the package's docstring."""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from pathlib import Path

from tests.quality.press.converters import CONVERTERS, Converter, find_missing, install, versions
from tests.quality.press.make import Wish, is_line_converter, keeps_all, press

__all__ = ["CACHE", "GROUPS", "draw_wishes", "main", "ready_converters"]

CACHE = Path("build/press-venvs")
# Names for several converters at once.
GROUPS = {
    "pdf": tuple(item.name for item in CONVERTERS if item.suffix == ".pdf"),
    "office": tuple(item.name for item in CONVERTERS if item.keeps_all and item.suffix != ".pdf"),
}


def main(arguments: list[str] | None = None) -> int:
    """Make documents; 2 when nothing can be made."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.press", description="Known truths put through converters.")
    parser.add_argument("--out", type=Path, required=True, help="folder for documents and truth.jsonl")
    parser.add_argument("--count", type=int, default=200, help="documents to make (a converter may spoil some)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--converters", default="", help="names, parted by commas, or office or pdf (default: all that are not extra)")
    parser.add_argument("--sets", default="clean,clerk,lossy", help="sets to draw from")
    parser.add_argument("--form", default="", help="only this form")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the converters' environments are kept")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args(arguments)
    converters = ready_converters(chosen.converters, chosen.cache)
    if not converters:
        return 2
    wishes = draw_wishes(chosen.count, chosen.seed, [item.name for item in converters], chosen.sets.split(","), chosen.form)
    truths = press(wishes, chosen.out, chosen.cache.resolve(), chosen.jobs)
    record = {"seed": chosen.seed, "count": chosen.count, "converters": versions(converters, chosen.cache)}
    (chosen.out / "press.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"press: seed {chosen.seed}: {len(truths)} documents in {chosen.out} {dict(Counter(truth['set'] for truth in truths))}")
    return 0


def ready_converters(names: str, cache: Path) -> list[Converter]:
    """The converters asked for that can run here; says on stderr what the others need."""
    wanted = {name for part in names.split(",") if part for name in GROUPS.get(part, (part,))}
    unknown = wanted - {item.name for item in CONVERTERS}
    if unknown:
        print(
            f"press: no converter called {', '.join(sorted(unknown))}; there are: {', '.join(item.name for item in CONVERTERS)}",
            file=sys.stderr,
        )
        return []
    chosen = [item for item in CONVERTERS if (item.name in wanted if wanted else not item.extra)]
    missing = find_missing(chosen)
    missing += install([item for item in chosen if item.name not in {lacking.converter for lacking in missing}], cache)
    for lacking in missing:
        print(f"press: left out {lacking.advice}", file=sys.stderr)
    return [item for item in chosen if item.name not in {lacking.converter for lacking in missing}]


def draw_wishes(count: int, seed: int, converters: list[str], sets: list[str], form: str = "") -> list[Wish]:
    """Converters take turns; sets are drawn 7 : 1 : 2 (of those asked for)."""
    rng = random.Random(f"{seed}:wishes")
    shares = {"clean": 7, "clerk": 1, "lossy": 2}
    wishes = []
    for number in range(count):
        converter = converters[number % len(converters)]
        set_name = rng.choices(sets, [shares[name] for name in sets])[0]
        kinds = ["cut", "stopped", *(("deduplicated",) if is_line_converter(converter) else ()), "blanks"]
        if set_name == "lossy" and keeps_all(converter):
            kinds = (
                ["cut", "blanks"] if converter.startswith("word") else ["blanks"]
            )  # a worksheet has no place for a cell that is not there
        damage = rng.choice(kinds) if set_name == "lossy" else ""
        blanks = rng.choice(("all", "some", "rows")) if damage == "blanks" else ""
        wishes.append(Wish(number, seed, set_name, converter, form=form, blanks=blanks, damage="" if damage == "blanks" else damage))
    return wishes


if __name__ == "__main__":
    sys.exit(main())
