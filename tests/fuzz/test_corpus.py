"""What fuzzing has found stays found: every input of corpus/ again, and a small slice of new ones.

A file of corpus/ is called TARGET.SLUG.SEED: SEED is the known document it was made of (for the target "truth", whose digits were only moved or
taken away), SLUG says what was done to it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.engine import extract
from tests.fuzz.__main__ import Finds, fuzz
from tests.fuzz.mutators import ANYTHING, HARMLESS_TO_DIGITS
from tests.fuzz.oracles import COUNTED, look_at
from tests.fuzz.targets import LIMITS, TARGETS, run_target, seeds, truth_of

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path.name for path in CORPUS.iterdir())
# Found and not yet mended: the file, and what is wrong.
OPEN: dict[str, str] = {}


def test_there_is_a_corpus_and_nothing_stale_is_excused() -> None:
    assert FILES
    assert set(OPEN) <= set(FILES)
    assert len(seeds()) > 20
    assert set(HARMLESS_TO_DIGITS) < set(ANYTHING)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=OPEN[name]) if name in OPEN else ()) for name in FILES]
)
def test_what_was_found_is_not_found_again(name: str) -> None:
    target, _, seed = name.split(".", 2)
    data = (CORPUS / name).read_bytes()
    if target == "truth":
        truth = truth_of(seed)
        assert truth is not None
        problems = look_at(data, extract(data, limits=LIMITS), truth)
    else:
        problems = run_target(TARGETS[target], data)
    assert [problem for problem in problems if problem.severity < COUNTED] == []


@pytest.mark.parametrize(("target", "count"), [("decode", 60), ("grids", 150), ("html", 25), ("text", 25), ("engine", 15)])
def test_a_slice_of_damaged_documents_meets_no_problem(target: str, count: int, tmp_path: Path) -> None:
    finds = Finds(tmp_path)
    runs = fuzz([target], 600.0, 2, finds, count)
    assert runs[target] == count
    assert {key: number for key, number in finds.counts.items() if key[0] < COUNTED} == {}, sorted(tmp_path.glob("*.why"))
