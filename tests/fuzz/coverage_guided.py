"""The same targets driven by coverage, with atheris (the optional extra `fuzz`; not needed for anything else)."""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS, run_target, seeds

__all__ = ["fuzz_by_coverage"]


def fuzz_by_coverage(target: str, seconds: float, keep: Path) -> int:
    """Run atheris on one target. It ends the process by itself; 2 when atheris is not installed."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print("fuzz: atheris is not installed: pip install '.[fuzz]'", file=sys.stderr)
        return 2
    corpus = keep / "coverage" / target
    corpus.mkdir(parents=True, exist_ok=True)
    for name, case in seeds().items():
        (corpus / name).write_bytes(case.read()[:20_000])
    for name in sorted(module for module in sys.modules if module.startswith("pipeline.")):
        module = sys.modules[name]
        for attribute, value in list(vars(module).items()):
            if callable(value) and getattr(value, "__module__", "") == name and hasattr(value, "__code__"):
                setattr(module, attribute, atheris.instrument_func(value))

    def one(data: bytes) -> None:
        for problem in run_target(TARGETS[target], data):
            path = keep / f"{problem.severity}.{problem.oracle}.{target}.{hashlib.sha256(problem.message.encode()).hexdigest()[:8]}"
            if not path.exists() or path.stat().st_size > len(data):
                path.write_bytes(data)
                path.with_name(path.name + ".why").write_text(problem.message + "\n", encoding="utf-8")
                print(f"fuzz: {problem.oracle}: {problem.message}", file=sys.stderr)

    options = [sys.argv[0], f"-max_total_time={int(seconds)}", "-max_len=30000", "-timeout=20", "-rss_limit_mb=3000", str(corpus)]
    atheris.Setup(options, one)
    atheris.Fuzz()
    return 0
