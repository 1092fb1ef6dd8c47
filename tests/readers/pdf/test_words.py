"""Letters -> words and lines."""

from __future__ import annotations

from pipeline.readers.pdf.page import Letters
from pipeline.readers.pdf.words import Word, build_words, group_lines


def test_letters_on_their_side_that_turn_back_are_all_words() -> None:
    tops = (20.0, 14.0, 20.0, 26.0, 32.0)
    letters = Letters(tuple("abcde"), (0.0,) * 5, tops, (10.0,) * 5, tuple(top + 4 for top in tops), (False,) * 5, (False,) * 5)
    assert sorted((word.text, word.is_turned) for word in build_words(letters)) == [("a", False), ("bcde", True)]


def test_the_lines_of_a_label_beside_another_one_are_two() -> None:
    words = [
        Word(50, 106, 80, 116, "State"),
        Word(100, 100, 130, 110, "Under"),
        Word(133, 100, 145, 110, "18"),
        Word(105, 111, 135, 121, "years"),
    ]
    assert [[word.text for word in line] for line in group_lines(words)] == [["Under", "18"], ["State", "years"]]
