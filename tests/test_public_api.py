"""What other programs rely on: the names, their parameters, the versions, the exit codes, and that asking costs little."""

from __future__ import annotations

import importlib.metadata
import inspect
import subprocess
import sys

import pytest

import pipeline
from pipeline import errors, extract, read_tables
from pipeline.model.result import ENGINE_VERSION

HEAVY = ("camelot", "cv2", "hypothesis", "jsonschema", "numpy", "openpyxl", "pandas", "pdfplumber", "pypdfium2", "rich", "typer")


def test_the_front_door_has_these_names() -> None:
    assert {"extract", "read_tables", "run_batch"} <= set(pipeline.__all__)
    assert list(pipeline.__all__) == sorted(pipeline.__all__)
    for name in pipeline.__all__:
        assert hasattr(pipeline, name), name


def test_every_public_function_and_class_is_documented() -> None:
    public = [getattr(pipeline, name) for name in pipeline.__all__]
    bare = [item.__name__ for item in public if callable(item) and not inspect.getdoc(item)]
    assert bare == []


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("extract", ["data", "*media_type", "*name", "*uri", "*forms", "*limits"]),
        ("read_tables", ["data", "*media_type", "*name", "*limits"]),
        ("run_batch", ["inputs", "out", "*jobs", "*forms", "*limits"]),
    ],
)
def test_parameters_are_those_of_the_contract(name: str, parameters: list[str]) -> None:
    found = inspect.signature(getattr(pipeline, name)).parameters.values()
    printed = ["*" + item.name if item.kind is item.KEYWORD_ONLY else item.name for item in found]
    assert printed[: len(parameters)] == parameters
    # Anything beyond the contract can only be a keyword that may be left out.
    assert all(item.kind is item.KEYWORD_ONLY and item.default is not item.empty for item in list(found)[len(parameters) :])
    assert all(
        item.default is None for item in found if item.kind is item.KEYWORD_ONLY and item.name in "media_type name uri forms limits jobs"
    )


def test_the_distribution_has_the_version_of_the_engine() -> None:
    assert importlib.metadata.version("tabularium") == ENGINE_VERSION


def test_a_source_that_cannot_be_read_is_a_result() -> None:
    result = extract(b"\x00\x01\x02\x03" * 64, name="x.bin")
    assert result.status == "failed"
    assert result.failure is not None
    assert result.failure.code == "unsupported-format"
    assert result.to_dict()["engine"] == {"version": ENGINE_VERSION}


def test_the_same_bytes_give_the_same_bytes() -> None:
    data = b"<table><tr><th>a<th>b<tr><td>1<td>2</table>"
    assert extract(data).to_json() == extract(data).to_json()


def test_tables_need_no_form() -> None:
    (table,) = read_tables(b"<table><tr><th colspan=2>a<tr><td>1<td>2</table>")
    assert [(cell.row, cell.col, cell.col_span, cell.text) for cell in table.grid.cells] == [(0, 0, 2, "a"), (1, 0, 1, "1"), (1, 1, 1, "2")]


@pytest.mark.parametrize("data", ["text", None, 5])
def test_what_is_not_bytes_is_the_callers_mistake(data: object) -> None:
    with pytest.raises(TypeError):
        extract(data)  # type: ignore[arg-type]


def test_an_unknown_form_is_the_callers_mistake() -> None:
    with pytest.raises(errors.ConfigError, match="no-such-form"):
        extract(b"x", forms=["no-such-form"])


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (errors.UsageError, 2),
        (errors.ConfigError, 3),
        (errors.SourceError, 4),
        (errors.UnsupportedFormatError, 4),
        (errors.EncryptedSourceError, 4),
        (errors.DamagedSourceError, 4),
        (errors.LimitExceededError, 4),
        (errors.OutputError, 5),
        (errors.PipelineError, 70),
    ],
)
def test_an_error_knows_its_exit_code(error: type[errors.PipelineError], exit_code: int) -> None:
    assert issubclass(error, errors.PipelineError)
    assert error.exit_code == exit_code


def test_a_source_error_has_a_code_of_the_contract() -> None:
    kinds = (errors.UnsupportedFormatError, errors.EncryptedSourceError, errors.DamagedSourceError, errors.LimitExceededError)
    assert [kind.code for kind in kinds] == ["unsupported-format", "encrypted-source", "damaged-source", "limit-exceeded"]


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, pipeline; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
