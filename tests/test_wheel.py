"""The wheel and the sdist: all that is needed is in them, and the wheel works far from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def build(source: Path, out: Path, target: str) -> Path:
    """Build one target with the backend that is installed here: no network, no isolation."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, filter="data")
        else:  # Python 3.11.2, which Debian 12 has, knows no filters
            archive.extractall(folder)
    (top,) = folder.iterdir()
    return top


@pytest.fixture(scope="module")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as built from the sdist: what is missing there is missing here."""
    return build(unpacked, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def clean_venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it. The libraries are borrowed from this one: they are 500 MB, and not what is tested."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, text=True)
    (site,) = folder.glob("lib/python*/site-packages")
    # A path in a .pth file comes after the wheel's own, and brings no .pth files of its own: an editable checkout stays out.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def run(clean_venv: Path, cwd: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TABULARIUM"))}
    return subprocess.run(
        [str(clean_venv / "bin" / command[0]), *command[1:]], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def files_of(folder: Path, pattern: str) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob(pattern) if path.is_file() and "__pycache__" not in path.parts}


def test_the_wheel_has_the_package_the_schemas_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = {f"pipeline/{name}" for name in files_of(ROOT / "pipeline", "*.py")}
    schemas = {f"pipeline/_schemas/{name}" for name in files_of(ROOT / "schemas", "*")}
    assert {"pipeline/engine.py", "pipeline/_schemas/result.schema.json", "pipeline/_schemas/findings.toml"} <= names
    assert package | schemas <= names
    assert {name.split("/")[0] for name in names} == {"pipeline"}
    assert not [name for name in names if "test" in name or name.endswith(".pyc")]


def test_the_sdist_is_complete(unpacked: Path) -> None:
    for name in ("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", "LICENSE", ".ci/run"):
        assert (unpacked / name).is_file(), name
    for folder in ("docs", "examples", "pipeline", "samples", "schemas", "tests"):
        assert files_of(ROOT / folder, "*") == files_of(unpacked / folder, "*"), folder


def test_the_installed_package_is_the_wheels(clean_venv: Path, tmp_path: Path) -> None:
    done = run(clean_venv, tmp_path, "python", "-c", "import pipeline; print(pipeline.__file__)")
    assert done.stderr == ""
    assert Path(done.stdout.strip()).is_relative_to(clean_venv)


def test_the_installed_command_reads_the_seed(clean_venv: Path, samples_dir: Path, tmp_path: Path) -> None:
    (seed,) = samples_dir.rglob("xinyu-2021.txt")
    done = run(clean_venv, tmp_path, "tabularium", "extract", str(seed))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["status"] == "accepted"
    assert [report["form"] for report in result["reports"]] == ["cn-disclosure/2021"]
    assert result["reports"][0]["record"]["proactive"]["normative_documents"]["in_force"] == 2


def test_the_installed_command_runs_a_batch(clean_venv: Path, samples_dir: Path, tmp_path: Path) -> None:
    (seed,) = samples_dir.rglob("xinyu-2021.txt")
    done = run(clean_venv, tmp_path, "tabularium", "run", str(seed), "-o", "out", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["accepted"]
