"""The database of a dataset, beside what tests of the dataset see of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ASK = """
import sys
from pathlib import Path
from pipeline.output.database import Database
with Database(Path(sys.argv[1])) as database:
    print(list(database.ask("SELECT current_setting('enable_progress_bar')")))
"""


def test_no_bar_is_drawn_into_the_output_of_a_program_without_a_script(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    done = subprocess.run([sys.executable, "-c", _ASK, str(tmp_path / "x.duckdb")], capture_output=True, text=True, check=True)
    assert done.stdout == "[(False,)]\n"
