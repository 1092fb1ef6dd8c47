"""Command line of the press. See the package's docstring."""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.quality.press.converters import CONVERTERS, Converter, find_missing, install, versions
from tests.quality.press.make import Wish, is_line_converter, keeps_all, press
from tests.quality.press.scans import parse_scan

__all__ = ["CACHE", "GROUPS", "draw_wishes", "main", "ready_converters", "share_scans"]

CACHE = Path("build/press-venvs")
# Names for several converters at once.
GROUPS = {
    "pdf": tuple(item.name for item in CONVERTERS if item.suffix == ".pdf"),
    "more": tuple(item.name for item in CONVERTERS if item.extra and item.suffix == ".txt" and item.environment != "weasyprint"),
    "office": tuple(item.name for item in CONVERTERS if item.keeps_all and item.suffix != ".pdf"),
}


def main(arguments: list[str] | None = None) -> int:
    """Make documents; 2 when nothing can be made."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.press", description="Known truths put through converters.")
    parser.add_argument("--out", type=Path, required=True, help="folder for documents and truth.jsonl")
    parser.add_argument("--count", type=int, default=200, help="documents to make (a converter may spoil some)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--converters", default="", help="names, parted by commas, or office, pdf or more (default: all that are not extra)"
    )
    parser.add_argument("--sets", default="", help="sets to draw from: clean, clerk, lossy (scans: clean, clerk)")
    parser.add_argument("--form", default="", help="only this form")
    parser.add_argument(
        "--scans", default="", help="scan what the PDF converters print: 200, rough-200:2 (twice as many), parted by commas"
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the converters' environments are kept")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args(arguments)
    converters = ready_converters(chosen.converters or ("pdf" if chosen.scans else ""), chosen.cache)
    if not converters:
        return 2
    sets = chosen.sets or ("clean,clerk" if chosen.scans else "clean,clerk,lossy")
    wishes = draw_wishes(chosen.count, chosen.seed, [item.name for item in converters], sets.split(","), chosen.form)
    if chosen.scans:
        wishes = share_scans(wishes, chosen.scans, chosen.seed)
    truths = press(wishes, chosen.out, chosen.cache.resolve(), chosen.jobs)
    record = {"seed": chosen.seed, "count": chosen.count, "converters": versions(converters, chosen.cache)}
    (chosen.out / "press.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"press: seed {chosen.seed}: {len(truths)} documents in {chosen.out} {dict(Counter(truth['set'] for truth in truths))}")
    return 0


def share_scans(wishes: list[Wish], names: str, seed: int) -> list[Wish]:
    """The wishes with their documents scanned: "200:2,rough-200" scans two thirds cleanly. Who is scanned how is drawn, so that every converter
    and form is scanned in every way."""
    ways: list[str] = []
    for name in names.split(","):
        way, _, share = name.partition(":")
        ways += [parse_scan(way).name] * int(share or 1)
    shared = [ways[place % len(ways)] for place in range(len(wishes))]
    random.Random(f"{seed}:scans").shuffle(shared)
    return [replace(wish, scan=way) for wish, way in zip(wishes, shared, strict=True)]


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
