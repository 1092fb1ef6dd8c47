"""The scorer of the table bench counts as the competition does."""

from __future__ import annotations

from pathlib import Path

from tests.bench.adjacency import PlainCell, PlainTable, document_name, read_truth, score_document


def table(rows: list[list[str | tuple[str, int, int]]], page: int = 1) -> PlainTable:
    cells = []
    for r, row in enumerate(rows):
        for c, item in enumerate(row):
            text, down, across = item if isinstance(item, tuple) else (item, 1, 1)
            cells.append(PlainCell(r, c, down, across, text))
    return PlainTable(page, tuple(cells))


HEADED = table([[("Head", 1, 2), "", "Z"], ["a", "b", "c"], ["d", "", "f"]])


def test_neighbours_over_blanks_and_spans() -> None:
    # to the right: Head-Z, a-b, b-c, d-f (one blank); below: Head-a, Head-b, a-d, Z-c, c-f
    assert HEADED.relations().total() == 9
    assert HEADED.relations()["right", 1, "D", "F"] == 1
    assert score_document([[HEADED]], [HEADED]).f1 == 1


def test_a_span_that_is_lost_costs_its_relations() -> None:
    score = score_document([[HEADED]], [table([["Head", "", "Z"], ["a", "b", "c"], ["d", "", "f"]])])
    assert (score.right, score.found, score.true) == (7, 8, 9)
    assert (score.spans_right, score.spans_found, score.spans_true) == (0, 0, 1)


def test_a_table_that_is_not_there_and_one_on_another_page() -> None:
    extra = table([["p", "q"], ["r", "s"]])
    assert score_document([[HEADED]], [HEADED, extra]).found == 13
    assert score_document([[HEADED]], [PlainTable(2, HEADED.cells)]).right == 0


def test_the_better_of_two_truths_counts() -> None:
    assert score_document([[table([["x", "y"]])], [HEADED]], [HEADED]).f1 == 1


def test_truth_files(tmp_path: Path) -> None:
    xml = (
        '<document><table id="1"><region page="3" col-increment="0" row-increment="0"><cell start-row="0" start-col="0" end-col="1">'
        '<content>A b</content></cell><cell start-row="1" start-col="1"><content>1</content></cell></region></table></document>'
    )
    (tmp_path / "eu-009a-str.xml").write_text(xml, encoding="utf-8")
    (tmp_path / "eu-009b-str.xml").write_text(xml, encoding="utf-8")
    truths = read_truth(tmp_path)
    assert list(truths) == ["eu-009"]
    assert truths["eu-009"][0] == [PlainTable(3, (PlainCell(0, 0, 1, 2, "A b"), PlainCell(1, 1, 1, 1, "1")))]
    assert document_name("us-011a") == "us-011"
    assert document_name("data") == "data"
