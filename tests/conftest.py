"""What every test may ask for: where the samples are, and where the real reports are, if they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# No deadline: a busy machine is no defect. The same cases each time: a failure is the change's, not the day's.
settings.register_profile("tabularium", deadline=None, derandomize=True)
settings.load_profile("tabularium")


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """The folder of samples that the project carries."""
    return ROOT / "samples"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real reports and their truth; the test is skipped where there is none."""
    value = os.environ.get("TABULARIUM_DATA")
    if not value:
        pytest.skip("TABULARIUM_DATA is unset: the real reports are not here")
    path = Path(value)
    if not path.is_dir():
        pytest.fail(f"TABULARIUM_DATA names no folder: {value}")
    return path
