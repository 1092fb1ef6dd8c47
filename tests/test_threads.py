"""The library call has no state: many threads at once get what one gets."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_many_threads_get_what_one_gets() -> None:
    """In a fresh process, so that the threads meet while caches are still empty."""
    code = """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        from pathlib import Path
        from pipeline import extract
        samples = [path.read_bytes() for path in sorted(Path("samples").iterdir()) if path.is_file()]
        start = threading.Barrier(8)
        def read(number):
            start.wait()
            order = samples[number:] + samples[:number]
            return {data: extract(data).to_json() for data in order}
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(read, range(8)))
        assert all(item == found[0] for item in found)
        assert {data: extract(data).to_json() for data in samples} == found[0]
        print(len(found[0]))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 13
