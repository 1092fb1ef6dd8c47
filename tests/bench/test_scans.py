"""The comparison of scans: which rows count as read, and that a tool which is not there is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import scans
from tests.bench.scans import count_rows, printed_rows
from tests.quality.scoring import Truth
from tests.quality.sources import COMMITTED_SCANS, press_cases


def test_a_row_is_read_where_a_found_row_ends_with_its_numbers() -> None:
    wanted = [("3", "0", "12"), ("0", "0"), ("7",)]
    assert count_rows(wanted, [("1", "3", "0", "12"), ("0", "0"), ("7",)]) == 3
    assert count_rows(wanted, [("3", "0", "12", "5"), ("0",), ()]) == 0


def test_a_found_row_serves_once() -> None:
    assert count_rows([("0", "0"), ("0", "0")], [("0", "0")]) == 1
    assert count_rows([("0",), ("5", "0")], [("5", "0")]) == 1


def test_printed_rows_leave_blanks_and_amounts_out() -> None:
    truth = Truth(
        "2021", "accepted", {"/proactive/regulations/issued": 4, "/proactive/regulations/repealed": None, "/proactive/fees/amount": 1.5}
    )
    assert printed_rows(truth) == [("4",)]


def test_every_committed_scan_has_rows_and_pages(tmp_path: Path) -> None:
    case = min(press_cases(COMMITTED_SCANS, "large"), key=lambda case: case.path.stat().st_size)
    job = scans._job(case, tmp_path)
    assert len(printed_rows(case.truth)) > 10
    assert [Path(page).is_file() for page in job["pages"]] == [True] * len(job["pages"])
    assert Path(job["path"]).read_bytes() == case.read()


def test_a_tool_that_is_not_there_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(scans, "_VENV", tmp_path / "none")
    monkeypatch.setattr(scans, "_limited", lambda cases, limit: sorted(cases, key=lambda case: case.path.stat().st_size)[:1])
    assert scans.main(["--only", "tesseract"]) == 0
    assert "tesseract  left out: " in capsys.readouterr().out
