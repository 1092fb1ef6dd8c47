"""Tables of slots: every cell padded to its column, row spans forgotten."""

from __future__ import annotations

from pipeline.readers.dialects.slots import find_slotted
from tests.readers.dialects.finding import find_tables, texts


def tables(text: str) -> list[list[list[str]]]:
    return list(map(texts, find_tables(find_slotted, text)))


def padded(rows: list[list[str]], *, margin: int = 2) -> str:
    """As a printer of slots has it: a column is as wide as its longest cell, gutters are two blanks, a row has its own cells only."""
    width = max(map(len, rows))
    columns = [max((len(row[slot]) for row in rows if slot < len(row)), default=0) for slot in range(width)]
    return "\n".join(" " * margin + "  ".join(cell.ljust(size) for cell, size in zip(row, columns, strict=False)) for row in rows)


ROWS = [
    ["项目", "甲类", "乙类", "总计"],
    ["一、新收", "3", "", "3"],
    ["二、结转", "", "12", ""],
    ["三、结果", "（一）公开", "", "", "1"],
    ["（二）部分公开", "", "", "4"],
    ["（三）其他", "5", "", ""],
    ["四、继续", "", "", ""],
]


def test_blank_cells_are_slots_also_at_the_end_of_a_row_and_below_a_row_span() -> None:
    assert tables(padded(ROWS)) == [ROWS]


def test_a_slot_without_a_word_on_any_line_is_told_by_its_gutter() -> None:
    rows = [["项目", "甲", "乙"], *([f"第{name}行", "7", "", "", "9", ""] for name in "一二三四五六")]
    assert tables(padded(rows)) == [rows]


def test_a_row_of_blanks_only_is_a_row_and_blank_lines_between_rows_are_not() -> None:
    text = padded([*ROWS, ["", "", "", ""]])
    assert tables(text) == [[*ROWS, ["", "", "", ""]]]
    parted = "\n".join(f"{line}\n{' ' * len(line)}" for line in padded(ROWS).split("\n"))
    assert tables(parted) == [ROWS]


def test_cells_of_several_lines_are_put_together() -> None:
    text = padded([["项目", "本年新", "总计"], ["", "收件数", ""], *([f"第{name}行", "", "8"] for name in "一二三四五六")])
    assert tables(text)[0][0] == ["项目", "本年新\n收件数", "总计"]


def test_numbers_printed_apart_at_every_run_are_closed_up() -> None:
    rows = [["项目", "数"], *([f"{number} .第{name}行", f"1 , 2 3{number} 件"] for number, name in enumerate("一二三四五六"))]
    assert tables(padded(rows))[0][1][1] == "1,230件"
    rows = [["项目", "合计数目", "总计"], *([f"第{name}行", "1 2"] for name in "一二三四五六")]
    assert tables(padded(rows))[0][1][1] == "1 2"


def test_lines_without_padding_or_out_of_their_slots_are_no_table() -> None:
    stripped = "\n".join(line.rstrip() for line in padded([row[:3] for row in ROWS]).split("\n"))
    assert tables(stripped) == []
    shifted = "\n".join(" " * number + line for number, line in enumerate(padded(ROWS).split("\n")))
    assert tables(shifted) == []


def test_cells_that_stand_as_near_as_words_are_no_slots() -> None:
    # A page whose lines were all padded to one length: "0 0" is two cells of two narrow columns.
    lines = ["项目        甲  乙 丙", *(f"第{name}行        {number}  0 0" for number, name in enumerate("一二三四五六"))]
    assert tables("\n".join(line.ljust(40 - len(line) // 2) for line in lines)) == []
    text = "\n".join(line.ljust(40) for line in lines)
    assert tables(text) == []


def test_centred_texts_on_a_padded_page_are_no_slots() -> None:
    lines = [
        f"{'第' + name + '行':<10}{str(10**number).center(9)}{str(7 * 10 ** (5 - number)).center(9)}"
        for number, name in enumerate("一二三四五六")
    ]
    assert tables("\n".join(line.ljust(60) for line in lines)) == []


def test_one_table_that_shows_blanks_within_numbers_tells_of_the_others() -> None:
    apart = [*ROWS, ["1 .公开", "1 5", "2", "", "17"], ["2 .其他", "3", "4"]]
    small = [["项目", "数量", "其他"], ["行政处罚", "1 1 1"], ["行政许可", "28"], ["收费", "26 86 元"]]
    found = tables("\n".join([padded(apart), "", "", "一句话", "", "", padded(small)]))
    assert found[-1][1:] == [["行政处罚", "111"], ["行政许可", "28"], ["收费", "2686元"]]
