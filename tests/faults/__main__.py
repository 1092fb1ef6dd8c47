"""Kill a batch at random moments, again and again, and look at what is left: `python -m tests.faults --kills 200`.

2,000 sources: files, members of a ZIP file and of WARC files, copies and revisits. A run is killed with SIGKILL at a random moment and started again, until one
comes to its end; then results.jsonl must be, byte for byte, that of a run that nobody disturbed, and no source may have been worked on more often than once
and once for each kill. Rounds go on until there were so many kills. Takes about three seconds a kill; the tree must not be edited meanwhile (the engine's own
digest is part of what makes a result stand).
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.archives import REVISIT, make_zip, packed, record, response
from tests.faults import engine

ROOT = Path(__file__).resolve().parent.parent.parent
_PLAIN, _WARCS, _RECORDS, _REVISITS, _MEMBERS = 800, 4, 200, 50, 200


def make_sources(folder: Path, log: Path) -> int:
    """Write the sources; how many of them are to be worked on. Each says in `log` when it is."""
    for number in range(_PLAIN):
        status = "flagged" if number % 7 == 0 else "accepted"
        (folder / f"{number}.txt").write_text(f"log {log}\nname {number}\n{status}")
    for warc in range(_WARCS):
        pages = [
            record(
                "response",
                f"http://a/{warc}/{number}",
                response(f"log {log}\nname {warc}-{number}\nsleep 0.002".encode()),
                number=warc * 1000 + number,
            )
            for number in range(_RECORDS)
        ]
        repeats = [
            record(
                "revisit",
                f"http://a/{warc}/r{number}",
                b"",
                number=9000 + number,
                WARC_Profile=REVISIT,
                WARC_Refers_To=f"<urn:uuid:{warc * 1000 + number}>",
            )
            for number in range(_REVISITS)
        ]
        (folder / f"{warc}.warc.gz").write_bytes(packed([*repeats, *pages]))
    (folder / "a.zip").write_bytes(make_zip({f"{number}": f"log {log}\nname z{number}".encode() for number in range(_MEMBERS)}))
    return _PLAIN + _WARCS * _RECORDS + _MEMBERS


def start(source: Path, out: Path) -> subprocess.Popen[bytes]:
    """A batch in a process of its own."""
    code = f"from pipeline.batch import run_batch; run_batch({str(source)!r}, {str(out)!r}, jobs=1, forms=[], extract={engine.NAME!r})"
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL)


def run_until_done(source: Path, out: Path, dice: random.Random) -> int:
    """Kill and start again until a run comes to its end; how many kills it took."""
    kills = 0
    while True:
        process = start(source, out)
        try:
            process.wait(timeout=dice.choice([dice.uniform(0.5, 4), dice.uniform(1, 8)]))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        else:
            if process.returncode:
                raise SystemExit(f"a run ended with {process.returncode}")
            return kills


def main() -> int:
    """The command; see the module's docstring. Exit 1 when something was lost, repeated or changed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Kill batches at random moments.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    kills = rounds = repeated = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, log = folder / "in", folder / "log"
        source.mkdir()
        count = make_sources(source, log)
        start(source, folder / "right").wait()
        right = (folder / "right" / "results.jsonl").read_bytes()
        while kills < options.kills:
            log.write_bytes(b"")
            rounds += 1
            out = folder / f"out-{rounds}"
            here = run_until_done(source, out, dice)
            again = len(log.read_bytes()) - count
            kills, repeated = kills + here, repeated + again
            print(f"round {rounds}: {here} kills, {again} sources worked on again", flush=True)
            if (out / "results.jsonl").read_bytes() != right or not 0 <= again <= here:
                print("not what an undisturbed run gives")
                return 1
    print(f"{kills} kills in {rounds} rounds: {len(right.splitlines())} results each, as undisturbed; {repeated} sources worked on again")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
