"""The questions of docs/dataset.md, asked of a dataset of the samples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.batch import run_batch
from pipeline.dataset import build_dataset

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "dataset.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^([A-Z][^\n]*\?)\n\n```sql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

# One row that is among the answers.
ANSWERS: list[tuple[Any, ...]] = [
    ("新余市政務服務中心", 2021, 0, False),
    (2020, 149.0, 10432.0, 0.014),
    ("三、本年度办理结果 > （三）不予公开 > 1.属于国家秘密", 593),
    ("natural_person", 1591),
    ("青嵐市生態環境局", 2023, 4, 3),
    ("/administrative_review/corrected", 2, 5, 11),
    ("cn-disclosure/2014", 1, 0.466, 0.534, 0.0, 0.0),
    ("2021-clerk-error.html", 1, "row outcomes/refused/deliberative_process: the parts add up to 30, the total is 28"),
    ("2019-markdown.txt", "１１１３３", '{"column":67,"end_column":72,"line_number":55}'),
    ("narrative-differs", "丰泽湖市档案局", 2019, "applications received", 442.0, 41.0, "2019-rows.txt", None),
]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("questions") / "out"
    run_batch(ROOT / "samples", out, jobs=2)
    build_dataset(out)
    return out / "tabularium.duckdb"


def test_there_are_ten() -> None:
    assert len(QUESTIONS) == PAGE.count("```sql") == len(ANSWERS) == 10


@pytest.mark.parametrize(
    ("question", "answer"), list(zip(QUESTIONS, ANSWERS, strict=True)), ids=lambda item: item[0][:40] if len(item) == 2 else ""
)
def test_a_question_has_its_answer(database: Path, question: tuple[str, str], answer: tuple[Any, ...]) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(question[1]).fetchall()
    assert answer in rows
