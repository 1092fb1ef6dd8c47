"""Tables whose cells stand a blank apart, blank cells too."""

from __future__ import annotations

from pipeline.readers.dialects.spaced import find_spaced
from tests.readers.dialects.finding import find_tables


def rows(text: str) -> list[tuple[list[str], int]]:
    return [([cell.text for cell in row.cells], row.padding) for table in find_tables(find_spaced, text) for row in table.rows]


def test_wide_gaps_are_blank_cells_and_those_at_the_end_are_padding() -> None:
    text = """
   自然人 商业企业 其他 总计
   一、新收   6   6
   二、结转
   三、结果 （一）公开 1 2 3 6
   （二）部分公开   4
   四、继续 1 0 0 1
"""
    assert rows(text) == [
        (["自然人", "商业企业", "其他", "总计"], 0),
        (["一、新收", "", "6", "", "6"], 0),
        (["二、结转"], 4),
        (["三、结果", "（一）公开", "1", "2", "3", "6"], 0),
        (["（二）部分公开", "", "4"], 2),
        (["四、继续", "1", "0", "0", "1"], 0),
    ]


def test_numbers_behind_a_line_that_was_too_long_are_its_own() -> None:
    text = "\n   一、新收 1   3\n   4\n   二、结转 1 2 3 6\n   三、继续   2 3 5\n"
    assert rows(text)[0] == (["一、新收", "1", "", "3", "4"], 0)


def test_a_row_may_begin_with_blank_cells_and_hold_marks() -> None:
    text = "\n   一、新收 无 1 无 2 3\n   二、结转 1 无 无 0 无\n   三、继续 0 1 无 2 无\n       3 4 5\n"
    assert rows(text) == [
        (["一、新收", "无", "1", "无", "2", "3"], 0),
        (["二、结转", "1", "无", "无", "0", "无"], 0),
        (["三、继续", "0", "1", "无", "2", "无"], 0),
        (["", "", "3", "4", "5"], 0),
    ]


def test_gaps_that_are_no_number_of_blank_cells_are_another_dialect() -> None:
    assert rows("\n   一、新收 1    3\n   二、结转 1 2 3\n   三、继续   2 3\n") == []
    assert rows("\n   一、新收 1 2 3\n   二、结转 1 2 3\n   三、继续 0 2 3\n") == []


def test_a_counter_behind_each_number_is_its_unit() -> None:
    text = "\n   一、新收 1 件 3 件 4 件\n   二、结转 1 件   1 件\n   三、继续 2 件   3 件\n"
    assert rows(text) == [
        (["一、新收", "1 件", "3 件", "4 件"], 0),
        (["二、结转", "1 件", "", "1 件"], 0),
        (["三、继续", "2 件", "", "3 件"], 0),
    ]


def test_a_mark_between_the_numbers_of_one_table_is_a_mark_in_all() -> None:
    first = "   规章 34 无 0\n   文件 6 0 0\n   许可 无 1 0\n"
    second = "\n   甲 无 1 无 2 3\n   乙 1 无 无 0 无\n   丙 0 1 无 2 无\n"
    assert rows(first + second)[:3] == [(["规章", "34", "无", "0"], 0), (["文件", "6", "0", "0"], 0), (["许可", "无", "1", "0"], 0)]
    assert rows(first) == []  # none is seen to be one here


HEADERS = "   复议 诉讼\n   维持 纠正 其他 总计 维持 纠正\n   其他 总计\n"


def test_the_one_row_of_a_table_has_as_many_values_as_there_are_words_above() -> None:
    assert rows(f"   标题\n{HEADERS}   1 2   3 4 5\n   6 7\n\n说明") == [
        (["标题", "复议", "诉讼", "维持", "纠正", "其他", "总计", "维持", "纠正", "其他", "总计"], 0),
        (["1", "2", "", "3", "4", "5", "6", "7"], 0),
    ]
    assert rows(f"{HEADERS}   1 2 3 4\n\n说明") == []  # blank cells may have vanished without a trace
    assert rows(f"{HEADERS}   1 2    3 4 5 6 7 8\n\n说明") == []  # a gap that is no blank cell


def test_a_header_that_comes_again_under_others_heads_a_table_without_numbers() -> None:
    text = "    复议          诉讼\n   维持 纠正 其他 总计 维持 纠正 其他 总计\n\n下一节\n"
    assert rows(f"一节\n{text}") == [
        (["一节"], 0),
        (["复议", "诉讼"], 0),
        (["维持", "纠正", "其他", "总计", "维持", "纠正", "其他", "总计"], 0),
    ]
    assert rows(f"一节\n{text.replace('下一节', '0   0   1   2')}") == []  # its numbers stand below, in another dialect
    assert rows("首页 新闻 公开 服务 互动 专题 关于 联系\n来源 次数\n正文\n") == []


def test_rows_too_long_for_their_lines_are_whole_with_the_line_below() -> None:
    text = "   甲 11 22 33 44 110\n   乙 111 222 333 444\n   1,110\n   丙 1 2 3 4 10\n   丁 1,111 2,222 3,333\n   4,444 11,110\n"
    assert [cells for cells, _ in rows(text)] == [
        ["甲", "11", "22", "33", "44", "110"],
        ["乙", "111", "222", "333", "444", "1,110"],
        ["丙", "1", "2", "3", "4", "10"],
        ["丁", "1,111", "2,222", "3,333", "4,444", "11,110"],
    ]
    assert rows(text.replace("丙 1 2 3 4 10", "丙 1 2 3 10")) == []  # a blank cell may have vanished


SHOWN = """
   自然人 商业企业 其他 总计
   一、新收   6   6
   二、结转 1 2   3
   三、继续   4 1 5
"""


def test_where_blank_cells_are_shown_those_missing_at_a_rows_end_are_blank() -> None:
    text = (
        SHOWN
        + "\n   信息 上年\n   数量 本年\n   增减\n   收费 0\n   信息 采购\n   数量 金额\n   采购   4\n   信息 件 次\n   其他 3 4\n   器材 5 6\n"
    )
    assert rows(text)[4:] == [
        (["信息", "上年"], 0),
        (["数量", "本年"], 0),
        (["增减"], 2),
        (["收费", "0"], 1),
        (["信息", "采购"], 0),
        (["数量", "金额"], 0),
        (["采购", "", "4"], 0),
        (["信息", "件", "次"], 0),
        (["其他", "3", "4"], 0),
        (["器材", "5", "6"], 0),
    ]


def test_the_one_row_of_a_table_may_end_in_blank_cells_where_others_are_shown() -> None:
    alone = "\n   甲 乙 丙 丁\n   戊 己\n   庚 辛\n         3 3\n"
    assert rows(SHOWN + alone)[4:] == [(["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"], 0), (["", "", "", "3", "3"], 3)]
    assert rows(alone) == []
