"""What is made of pdfium's answers."""

from __future__ import annotations

from pipeline.readers.pdf.pdfium import raise_low_marks


def test_marks_of_which_only_the_ink_is_known_stand_as_high_as_the_letter_beside_them() -> None:
    texts = [*"-12.6", ".", ".", "a", "."]
    xs0 = [0.0, 4.0, 8.0, 12.5, 14.0, 18.0, 22.0, 60.0, 90.0]
    xs1 = [3.5, 8.0, 12.0, 13.5, 18.0, 19.0, 23.0, 66.0, 91.0]
    tops = [95.0, 92.0, 92.0, 97.0, 92.0, 97.0, 97.0, 92.0, 97.0]
    bottoms = [95.8, 99.0, 99.0, 98.0, 99.0, 98.0, 98.0, 99.0, 98.0]
    raise_low_marks(texts, xs0, tops, xs1, bottoms)
    assert tops == [92.0] * 8 + [97.0]  # the last one is far from any letter
    assert bottoms == [99.0] * 8 + [98.0]


def test_a_dash_on_another_line_keeps_its_place() -> None:
    tops, bottoms = [92.0, 110.0], [99.0, 111.0]
    raise_low_marks(["a", "-"], [0.0, 6.0], tops, [5.0, 9.0], bottoms)
    assert (tops, bottoms) == ([92.0, 110.0], [99.0, 111.0])
