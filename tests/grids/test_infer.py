"""Lost spans inferred without a form, against grids written by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.grids.infer import infer_grid
from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.grid import Grid
from pipeline.model.limits import Limits
from pipeline.model.place import TextPlace

Span = tuple[int, int, int, int]


def raw_table(rows: Sequence[Sequence[str]], width: int = 0, *, rows_known: bool = True, blanks_known: bool = True) -> RawTable:
    """A table from nested lists; each row is padded up to `width`."""
    line = 0
    made = []
    for texts in rows:
        cells = []
        for text in texts:
            line += 1
            cells.append(RawCell(text, TextPlace(line, 0, len(text))))
        made.append(RawRow(tuple(cells), max(0, width - len(texts))))
    return RawTable(tuple(made), "lost", rows_known=rows_known, blanks_known=blanks_known)


def spans(grid: Grid) -> dict[str, Span]:
    """Where each text lies; a text that is printed more than once gives its last place."""
    return {cell.text: (cell.row, cell.col, cell.row_span, cell.col_span) for cell in grid.cells if cell.text}


def drawn(grid: Grid) -> list[str]:
    """One string a row: the owner of each slot; "^" hangs from above, "<" is covered from the left, "_" is blank, "~" made up."""
    lines = []
    for row in range(grid.row_count):
        words = []
        for col in range(grid.col_count):
            cell = grid.owner(row, col)
            assert cell is not None
            if (cell.row, cell.col) == (row, col):
                words.append(cell.text or ("~" if cell.number is None else "_"))
            else:
                words.append("^" if cell.row < row and cell.col == col else "<")
        lines.append(" ".join(words))
    return lines


PROACTIVE = [
    ["第二十條第(一)項"],
    ["信息內容", "本年制發件數", "本年廢止件數", "現行有效件數"],
    ["規章", "0", "0", "0"],
    ["行政規范性文件", "0", "0", "2"],
    ["第二十條第(五)項"],
    ["信息內容", "本年處理決定數量"],
    ["行政許可", "0"],
    ["第二十條第(六)項"],
    ["信息內容", "本年處理決定數量"],
    ["行政處罰", "0"],
    ["行政強制", "0"],
    ["第二十條第(八)項"],
    ["信息內容", "本年收費金額(單位:萬元)"],
    ["行政事業性收費", "0"],
]
ZEROS = ["0"] * 7
APPLICATIONS = [
    ["(本列數據的勾稽關系為:第一項加第二項之和,等于第三項加第四項之和)", "申請人情況"],
    ["自然人", "法人或其他組織", "總計"],
    ["商業 企業", "科研 機構", "社會公益組織", "法律服務機構", "其他"],
    ["一、本年新收政府信息公開申請數量", *ZEROS],
    ["二、上年結轉政府信息公開申請數量", *ZEROS],
    ["三、本年度辦理結果", "(一)予以公開", *ZEROS],
    ["(二)部分公開(區分處理的,只計這一情形,不計其他情形)", *ZEROS],
    ["(三)不予公開", "1.屬于國家秘密", *ZEROS],
    *([f"{number}.不予", *ZEROS] for number in range(2, 9)),
    ["(四)無法提供", "1.本機關不掌握相關政府信息", *ZEROS],
    ["2.沒有現成信息需要另行制作", *ZEROS],
    ["3.補正后申請內容仍不明確", *ZEROS],
    ["(五)不予處理", "1.信訪舉報投訴類申請", *ZEROS],
    *([f"{number}.處理", *ZEROS] for number in range(2, 6)),
    ["(六)其他處理", "1.申請人無正當理由逾期不補正", *ZEROS],
    ["2.申請人逾期未按收費通知要求繳納費用", *ZEROS],
    ["3.其他", *ZEROS],
    ["(七)總計", *ZEROS],
    ["四、結轉下年度繼續辦理", *ZEROS],
]
REVIEWS = [
    ["行政復議", "行政訴訟"],
    ["結果維持", "結果糾正", "其他結果", "尚未審結", "總計", "未經復議直接起訴", "復議后起訴"],
    ["維持", "糾正", "其他", "尚未", "總計", "維持", "糾正", "其他", "尚未", "總計"],
    [str(number) for number in range(15)],
]


@pytest.mark.parametrize("width", [4, 0])
def test_bands_of_different_shape_padded_and_not(width: int) -> None:
    grid = infer_grid(raw_table(PROACTIVE, width))
    assert drawn(grid) == [
        "第二十條第(一)項 < < <",
        "信息內容 本年制發件數 本年廢止件數 現行有效件數",
        "規章 0 0 0",
        "行政規范性文件 0 0 2",
        "第二十條第(五)項 < < <",
        "信息內容 本年處理決定數量 < <",
        "行政許可 0 < <",
        "第二十條第(六)項 < < <",
        "信息內容 本年處理決定數量 < <",
        "行政處罰 0 < <",
        "行政強制 0 < <",
        "第二十條第(八)項 < < <",
        "信息內容 本年收費金額(單位:萬元) < <",
        "行政事業性收費 0 < <",
    ]
    assert grid.spans == "inferred"
    assert grid.confidence > 0.9


@pytest.mark.parametrize("width", [10, 0])
def test_stub_of_three_columns_padded_and_not(width: int) -> None:
    grid = infer_grid(raw_table(APPLICATIONS, width))
    assert (grid.row_count, grid.col_count) == (28, 10)
    found = spans(grid)
    assert found[APPLICATIONS[0][0]] == (0, 0, 3, 3)
    assert found["申請人情況"] == (0, 3, 1, 7)
    assert found["自然人"] == (1, 3, 2, 1)
    assert found["法人或其他組織"] == (1, 4, 1, 5)
    assert found["總計"] == (1, 9, 2, 1)
    assert [found[text] for text in APPLICATIONS[2]] == [(2, col, 1, 1) for col in range(4, 9)]
    assert found["一、本年新收政府信息公開申請數量"] == (3, 0, 1, 3)
    assert found["三、本年度辦理結果"] == (5, 0, 22, 1)
    assert found["(一)予以公開"] == (5, 1, 1, 2)
    assert found["(三)不予公開"] == (7, 1, 8, 1)
    assert found["1.屬于國家秘密"] == (7, 2, 1, 1)
    assert found["8.不予"] == (14, 2, 1, 1)
    assert found["(四)無法提供"] == (15, 1, 3, 1)
    assert found["(五)不予處理"] == (18, 1, 5, 1)
    assert found["(六)其他處理"] == (23, 1, 3, 1)
    assert found["(七)總計"] == (26, 1, 1, 2)
    assert found["四、結轉下年度繼續辦理"] == (27, 0, 1, 3)
    assert {cell.col for cell in grid.cells if cell.text == "0"} == set(range(3, 10))
    assert all(cell.number is not None for cell in grid.cells)
    assert grid.confidence > 0.85


@pytest.mark.parametrize("width", [15, 0])
def test_header_without_stub(width: int) -> None:
    grid = infer_grid(raw_table(REVIEWS, width))
    assert drawn(grid) == [
        "行政復議 < < < < 行政訴訟 < < < < < < < < <",
        "結果維持 結果糾正 其他結果 尚未審結 總計 未經復議直接起訴 < < < < 復議后起訴 < < < <",
        "^ ^ ^ ^ ^ 維持 糾正 其他 尚未 總計 維持 糾正 其他 尚未 總計",
        "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14",
    ]


def test_leading_blanks_are_covered_slots_and_broken_header_words_stand_under_their_halves() -> None:
    blank = [""] * 6
    rows = [
        ["(勾稽)", "申请人情况"],
        ["自然人", "法人或其他组织", "总计"],
        ["商业", "科研", "社会公益组织", "法律服务机构", "其他"],
        ["企业", "机构"],
        ["一、本年新收", "0", *blank[1:], "0"],
        ["三、本年度办理结果", "(一)予以公开", *blank, "0"],
        ["", "(三)不予公开", "1.属于国家秘密", *blank, "0"],
        ["", "", "2.其他", *blank, "0"],
    ]
    assert drawn(infer_grid(raw_table(rows))) == [
        "(勾稽) < < 申请人情况 < < < < < <",
        "^ < < 自然人 法人或其他组织 < < < < 总计",
        "^ < < ^ 商业 科研 社会公益组织 法律服务机构 其他 ^",
        "^ < < ^ 企业 机构 ^ ^ ^ ^",
        "一、本年新收 < < 0 _ _ _ _ _ 0",
        "三、本年度办理结果 (一)予以公开 < _ _ _ _ _ _ 0",
        "^ (三)不予公开 1.属于国家秘密 _ _ _ _ _ _ 0",
        "^ ^ 2.其他 _ _ _ _ _ _ 0",
    ]


def test_rows_run_together_are_parted_by_padding_and_kinds() -> None:
    padded = [(row, 4 - len(row)) for row in PROACTIVE]
    runs: list[list[str]] = [[]]
    paddings = []
    for row, padding in padded:
        runs[-1].extend(row)
        if padding:
            paddings.append(padding)
            runs.append([])
    table = raw_table(runs[:-1], rows_known=False)
    table = RawTable(tuple(RawRow(row.cells, padding) for row, padding in zip(table.rows, paddings, strict=True)), "lost", rows_known=False)
    assert drawn(infer_grid(table)) == drawn(infer_grid(raw_table(PROACTIVE, 4)))


def test_cells_in_one_run_without_any_mark() -> None:
    run = [text for row in PROACTIVE for text in row]
    grid = infer_grid(raw_table([run], rows_known=False))
    assert drawn(grid) == drawn(infer_grid(raw_table(PROACTIVE, 4)))
    assert grid.confidence < 0.9


def test_plain_table_has_no_spans() -> None:
    grid = infer_grid(raw_table([["Item", "2019", "2020"], ["a", "1", "2"], ["b", "", "4"]]))
    assert drawn(grid) == ["Item 2019 2020", "a 1 2", "b _ 4"]
    assert {(cell.row_span, cell.col_span) for cell in grid.cells} == {(1, 1)}
    assert grid.confidence == 0.98


def test_ragged_rows_are_filled_at_the_right_without_spans() -> None:
    rows = [["Item", "2019", "2020", "2021"], ["a", "1", "2", "3"], ["b", "4", "5"], ["c", "6", "7", "8"]]
    for width in (4, 0):
        grid = infer_grid(raw_table(rows, width))
        assert drawn(grid) == ["Item 2019 2020 2021", "a 1 2 3", "b 4 5 ~", "c 6 7 8"]
        assert grid.confidence < 0.9


def test_years_under_a_spanner() -> None:
    rows = [["Region", "Population", "Area"], ["2019", "2020"], ["North", "5", "6", "7"], ["South", "8", "9", "10"]]
    assert drawn(infer_grid(raw_table(rows))) == ["Region Population < Area", "^ 2019 2020 ^", "North 5 6 7", "South 8 9 10"]


def test_repeated_labels_part_sibling_spanners() -> None:
    rows = [["", "Men", "Women", "All"], ["Age", "n", "%", "n", "%", "n", "%"], ["0-9", "1", "2", "3", "4", "5", "6"]]
    assert drawn(infer_grid(raw_table(rows))) == ["_ Men < Women < All <", "Age n % n % n %", "0-9 1 2 3 4 5 6"]


def test_groups_without_item_numbers_and_a_total() -> None:
    rows = [
        ["Region", "City", "Men", "Women"],
        ["North", "Oslo", "1", "2"],
        ["Bergen", "3", "4"],
        ["South", "Rome", "5", "6"],
        ["Bari", "7", "8"],
        ["Total", "16", "20"],
    ]
    assert drawn(infer_grid(raw_table(rows))) == [
        "Region City Men Women",
        "North Oslo 1 2",
        "^ Bergen 3 4",
        "South Rome 5 6",
        "^ Bari 7 8",
        "Total < 16 20",
    ]


def test_a_label_no_group_shares_is_no_member_of_the_last_group() -> None:
    rows = [["Sex", "Age", "n"], ["Men", "Young", "1"], ["Old", "4"], ["Women", "Young", "5"], ["Old", "8"], ["Unknown", "99"]]
    assert drawn(infer_grid(raw_table(rows)))[-2:] == ["^ Old 8", "Unknown < 99"]


def test_item_numbers_of_other_scripts() -> None:
    rows = [
        ["Item", "x", "y"],
        ["I. A", "a) one", "i. p", "1", "2"],
        ["ii. q", "1", "2"],
        ["b) two", "i. p", "1", "2"],
        ["ii. q", "3", "4"],
        ["II. B", "5", "6"],
    ]
    assert drawn(infer_grid(raw_table(rows))) == [
        "Item < < x y",
        "I. A a) one i. p 1 2",
        "^ ^ ii. q 1 2",
        "^ b) two i. p 1 2",
        "^ ^ ii. q 3 4",
        "II. B < < 5 6",
    ]


def test_sections_span_a_plain_table() -> None:
    rows = [["Item", "n", "share"], ["North"], ["a", "1", "2"], ["South"], ["b", "3", "4"]]
    grid = infer_grid(raw_table(rows))
    assert drawn(grid) == ["Item n share", "North < <", "a 1 2", "South < <", "b 3 4"]
    assert grid.confidence == 0.95


def test_cells_keep_number_text_and_place() -> None:
    table = raw_table([["A", "B"], ["x", "1"], ["2"]])
    grid = infer_grid(table)
    printed = list(table.cells())
    assert [(cell.number, cell.text) for cell in grid.cells if cell.number is not None] == [
        (0, "A"),
        (1, "B"),
        (2, "x"),
        (3, "1"),
        (4, "2"),
    ]
    assert all(cell.place == printed[cell.number].place for cell in grid.cells if cell.number is not None)
    assert [cell.place for cell in grid.cells if cell.number is None] == [None]


def test_confidence_knows_what_the_source_lost() -> None:
    rows = [["Item", "n"], ["a", "1"]]
    assert infer_grid(raw_table(rows, blanks_known=False)).confidence == pytest.approx(0.98 * 0.7)


def test_empty_tables() -> None:
    grid = infer_grid(RawTable((), "lost"))
    assert (grid.cells, grid.row_count, grid.col_count) == ((), 0, 0)
    grid = infer_grid(raw_table([[], []]))
    assert (grid.cells, grid.row_count) == ((), 2)


def test_too_many_slots_are_given_without_spans_and_said_to_be_unsure() -> None:
    rows = [["a", "1"], ["b"], ["c", *map(str, range(50))]]
    grid = infer_grid(raw_table(rows), limits=Limits(max_slots=100))
    assert grid.confidence == 0.02
    assert grid.owner(1, 1) is None
    assert len(grid.cells) == 54
    padded = RawTable((RawRow(raw_table([["a", "1"]]).rows[0].cells, 10**9),), "lost")
    assert infer_grid(padded).col_count == 2


def test_a_header_too_large_to_search_is_placed_all_the_same() -> None:
    rows = [[f"a{n}" for n in range(40)], [f"b{n}" for n in range(90)], [f"c{n}" for n in range(150)], ["x", *["1"] * 200]]
    grid = infer_grid(raw_table(rows))
    assert sum(cell.number is not None for cell in grid.cells) == 40 + 90 + 150 + 201
    assert grid.confidence < 0.5
