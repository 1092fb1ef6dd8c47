"""The dataset: what stands in its tables is what stands in the results, typed, with its flags."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from pipeline.batch import run_batch
from pipeline.cli import main
from pipeline.dataset import build_dataset
from pipeline.errors import ConfigError, OutputError, UsageError
from pipeline.model.result import ENGINE_VERSION
from pipeline.output.hold import hold

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ("2021-blanks.html", "2019-truncated.txt", "2021-clerk-error.html", "notice.html", "2014-list.txt")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over a few samples and a file that fails, with its dataset."""
    folder = tmp_path_factory.mktemp("dataset")
    (folder / "in").mkdir()
    for name in SAMPLES:
        (folder / "in" / name).write_bytes((ROOT / "samples" / name).read_bytes())
    (folder / "in" / "bad.bin").write_bytes(bytes(range(256)))
    run_batch(folder / "in", folder / "out", jobs=1)
    build_dataset(folder / "out", csv=True)
    return folder / "out"


@pytest.fixture
def results(out: Path) -> dict[str, dict[str, Any]]:
    return {value["source"]["path"]: value for value in map(json.loads, (out / "results.jsonl").read_bytes().splitlines())}


def ask(out: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(out / "tabularium.duckdb"), read_only=True) as database:
        return database.execute(query, list(values)).fetchall()


def at(record: Any, pointer: str) -> Any:
    for part in pointer[1:].split("/"):
        record = record[part]
    return record


def test_every_source_is_there(out: Path) -> None:
    assert ask(out, "SELECT source, status, failure_code, report_count FROM sources ORDER BY source") == [
        ("2014-list.txt", "accepted", None, 1),
        ("2019-truncated.txt", "flagged", None, 1),
        ("2021-blanks.html", "accepted", None, 1),
        ("2021-clerk-error.html", "flagged", None, 1),
        ("bad.bin", "failed", "unsupported-format", 0),
        ("notice.html", "no-report", None, 0),
    ]


def test_every_value_is_that_of_the_record(out: Path, results: dict[str, dict[str, Any]]) -> None:
    rows = ask(out, 'SELECT source, pointer, value, integer, raw, missing, flagged, type FROM "values" JOIN fields USING (form, pointer)')
    assert len(rows) == 58 + 198 + 200 + 200
    for source, pointer, value, integer, raw, missing, flagged, kind in rows:
        (report,) = results[source]["reports"]
        expected = at(report["record"], pointer)
        assert value == expected
        assert integer == (expected if kind == "integer" else None)
        assert (missing is not None) == (expected is None), (source, pointer)
        doubts = {name for item in report["findings"] if item["severity"] != "info" for name in item["pointers"]}
        assert flagged == (pointer in doubts)
        assert raw == (report["evidence"][pointer]["raw"] if pointer in report["evidence"] else None)


def test_blank_is_not_zero_and_not_missing(out: Path) -> None:
    found = dict(ask(out, "SELECT coalesce(missing, 'value'), count(*) FROM \"values\" WHERE source = '2021-blanks.html' GROUP BY 1"))
    assert set(found) == {"value", "blank-cell"}
    found = dict(ask(out, "SELECT coalesce(missing, 'value'), count(*) FROM \"values\" WHERE source = '2019-truncated.txt' GROUP BY 1"))
    assert found["value-lost"] == 7
    assert found["not-printed"] == 43


def test_numbers_keep_their_type(out: Path) -> None:
    schema = pq.read_schema(out / "reports-cn-disclosure-2021.parquet")
    assert str(schema.field("applications__received__total").type) == "int64"
    assert str(schema.field("proactive__fees__amount").type) == "double"
    assert str(schema.field("doubted").type) == "list<element: string>"
    assert b"\xe4\xb8\x87\xe5\x85\x83" in schema.field("proactive__fees__amount").metadata[b"description"]  # 万元


def test_a_row_a_report_with_its_doubts(out: Path, results: dict[str, dict[str, Any]]) -> None:
    ((title, year, total, doubted),) = ask(
        out,
        "SELECT title, year, applications__received__total, doubted FROM reports_cn_disclosure_2021 WHERE source = '2021-clerk-error.html'",
    )
    (report,) = results["2021-clerk-error.html"]["reports"]
    assert (title, year, total) == (
        report["record"]["title"],
        report["record"]["year"],
        report["record"]["applications"]["received"]["total"],
    )
    assert "/applications/outcomes/refused/deliberative_process/social_welfare_organization" in doubted


def test_findings_are_all_there(out: Path, results: dict[str, dict[str, Any]]) -> None:
    expected = sum(len(value["findings"]) + sum(len(report["findings"]) for report in value["reports"]) for value in results.values())
    assert ask(out, "SELECT count(*) FROM findings") == [(expected,)]
    assert ask(out, "SELECT DISTINCT severity FROM findings WHERE code = 'identity-broken'") == [("error",)]


def test_database_and_files_hold_the_same(out: Path) -> None:
    for (name,) in ask(out, "SELECT table_name FROM duckdb_tables()"):
        file = out / f"{name.replace('_', '-')}.parquet"
        both = f"(SELECT * FROM \"{name}\" EXCEPT ALL SELECT * FROM read_parquet('{file}'))"
        assert ask(out, f"SELECT count(*) FROM {both}") == [(0,)], name
        assert pq.read_metadata(file).num_rows == ask(out, f'SELECT count(*) FROM "{name}"')[0][0]


def test_the_description_is_true(out: Path) -> None:
    package = json.loads((out / "datapackage.json").read_bytes())
    resources = {item["path"]: item for item in package["resources"]}
    assert set(resources) == {path.name for path in out.iterdir() if path.suffix in (".parquet", ".csv")}
    assert len({item["name"] for item in package["resources"]}) == len(resources)
    for name, item in resources.items():
        data = (out / name).read_bytes()
        assert (item["bytes"], item["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        fields = [field["name"] for field in item["schema"]["fields"]]
        if name.endswith(".parquet"):
            assert fields == pq.read_schema(out / name).names
            assert item["rowcount"] == pq.read_metadata(out / name).num_rows
        else:
            assert data.split(b"\n")[0].decode() == ",".join(fields)
        keys = item["schema"].get("primaryKey")
        if keys and name.endswith(".parquet"):
            columns = ", ".join(f'"{key}"' for key in keys)
            assert ask(out, f"SELECT count(*) - count(DISTINCT ({columns})) FROM read_parquet('{out / name}')") == [(0,)]
    assert all(field["description"] for item in package["resources"] for field in item["schema"]["fields"])
    assert ENGINE_VERSION in package["description"]


def test_rebuilding_gives_the_same_tables_and_drops_what_is_gone(out: Path, tmp_path: Path) -> None:
    copy = tmp_path / "out"
    copy.mkdir()
    for name in ("results.jsonl", "datapackage.json", "values.csv", "values.parquet"):
        (copy / name).write_bytes((out / name).read_bytes())
    (copy / "mine.csv").write_text("not of the dataset")
    made = build_dataset(copy)
    assert (copy / "values.parquet").read_bytes() == (out / "values.parquet").read_bytes()
    assert not (copy / "values.csv").exists()
    assert (copy / "mine.csv").exists()
    assert not (copy / ".dataset").exists()
    assert made.row_counts["sources"] == 6


def test_a_run_that_has_not_ended_gives_no_dataset(out: Path, tmp_path: Path) -> None:
    lines = (out / "results.jsonl").read_bytes().splitlines(keepends=True)
    for content in (b"".join(reversed(lines)), b"".join(lines)[:-20], lines[0] * 2):
        (tmp_path / "results.jsonl").write_bytes(content)
        with pytest.raises(UsageError, match="has not ended"):
            build_dataset(tmp_path)
    assert not (tmp_path / "values.parquet").exists()
    with pytest.raises(UsageError, match="there is no"):
        build_dataset(tmp_path / "nowhere")


def test_no_results_give_empty_tables(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_bytes(b"")
    assert set(build_dataset(tmp_path).row_counts.values()) == {0, 96}  # the crosswalk does not depend on results


def test_a_form_that_is_not_known(out: Path) -> None:
    with pytest.raises(ConfigError, match=r"reports of the form cn-disclosure/2014; name it: --form"):
        build_dataset(out, forms=["cn-disclosure/2021", "cn-disclosure/2019"])
    assert (out / "values.parquet").exists()


def test_a_directory_that_somebody_holds(out: Path) -> None:
    with hold(out), pytest.raises(OutputError, match="another run is writing"):
        build_dataset(out)


def test_without_the_extra_a_run_ends_well_and_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.html").write_text("<p>x")
    code = f"""
import sys
for name in ("duckdb", "pyarrow"):
    sys.modules[name] = None
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in ("duckdb", "pyarrow") else real(name, *rest)
from pipeline.cli import main
assert main(["run", {str(tmp_path / "in")!r}, "-o", {str(tmp_path / "out")!r}, "-j", "1"]) == 1
assert main(["dataset", {str(tmp_path / "out")!r}]) == 3
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "pip install 'tabularium[dataset]'" in done.stderr
    assert not (tmp_path / "out" / "values.parquet").exists()


def test_the_command_makes_it_after_a_run_and_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.html").write_text("<p>x")
    out = tmp_path / "out"
    assert main(["run", str(tmp_path / "in"), "-o", str(out), "-j", "1", "--no-dataset"]) == 1
    assert not (out / "datapackage.json").exists()
    assert main(["run", str(tmp_path / "in"), "-o", str(out), "-j", "1"]) == 1
    assert f"Dataset    {out}/datapackage.json" in capsys.readouterr().out
    assert main(["dataset", str(out), "--csv"]) == 0
    assert f"{out}/values.csv\n" in capsys.readouterr().out
    assert main(["dataset", str(tmp_path)]) == 2
