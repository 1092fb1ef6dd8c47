"""Two looks at a number: when they are believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("rapidocr", reason="the extra [ocr] is not installed")

from pipeline.readers.scans.decide import Pitch, decide, find_going_on, is_dusty, is_looked_at_twice, usual_pitch
from pipeline.readers.scans.recognise import Character
from pipeline.readers.scans.segments import Segment

PITCH = Pitch(0.75, 20)
HEIGHT = 20


def look(text: str, odds: float = 0.99, others: tuple[tuple[str, float], ...] = ()) -> tuple[Character, ...]:
    return tuple(Character(char, odds, others, 0.5) for char in text)


def ink(figures: int, *, points: tuple[int, ...] = (), width: int | None = None) -> Segment:
    """The ink of so many figures of 15 x 20 pixels, low dots behind those named."""
    marks = [(15 * index, 0, 15 * index + 11, HEIGHT) for index in range(figures)]
    marks += [(15 * index + 12, HEIGHT - 3, 15 * index + 14, HEIGHT) for index in points]
    right = max(mark[2] for mark in marks) if width is None else width
    return Segment((0, 0, right, HEIGHT), HEIGHT, True, tuple(sorted(marks)))


def test_a_number_read_alike_twice_is_believed() -> None:
    reading = decide(ink(3), look("128"), look("128"), PITCH)
    assert (reading.text, reading.second) == ("128", "128")
    assert reading.confidence > 0.999


def test_low_odds_lower_the_confidence() -> None:
    sure, less, least = (decide(ink(3), look("128", odds), look("128"), PITCH).confidence for odds in (0.99, 0.5, 0.1))
    assert sure > less > 0.85 > least


def test_different_looks_are_doubtful_and_both_are_kept() -> None:
    reading = decide(ink(3), look("128", 0.9), look("123", 0.6), PITCH)
    assert reading.text == "128"
    assert reading.second == "123"
    assert reading.confidence == 0.5
    assert ("123", 0.6) in reading.others


def test_other_characters_are_candidates() -> None:
    first = (*look("1"), Character("3", 0.7, (("8", 0.28), ("S", 0.002)), 0.9))
    reading = decide(ink(2), first, look("13"), PITCH)
    assert reading.others == (("18", 0.28),)


@pytest.mark.parametrize(("figures", "text"), [(2, "1"), (3, "11"), (3, "1111"), (1, "11")])
def test_a_number_of_more_or_fewer_figures_than_its_ink_is_doubtful(figures: int, text: str) -> None:
    assert decide(ink(figures), look(text), look(text), PITCH).confidence <= 0.6


@pytest.mark.parametrize("text", ["4178406", "417.8406"])
def test_a_point_that_is_in_the_ink_must_be_in_the_text(text: str) -> None:
    reading = decide(ink(7, points=(2,)), look(text), look(text), PITCH)
    assert (reading.confidence > 0.99) == ("." in text)


def test_full_width_figures_and_blanks_within_are_the_same_number() -> None:
    reading = decide(ink(2), look("１ 2件"), look("12件"), PITCH)
    assert reading.text == "12件"
    assert reading.confidence > 0.99


def test_a_letter_like_a_figure_is_taken_for_it_with_doubt() -> None:
    reading = decide(ink(1), look("D"), look("0"), PITCH)
    assert reading.text == "0"
    assert reading.confidence < 0.85


def test_ink_that_says_nothing_is_no_blank() -> None:
    reading = decide(ink(1), (), (), PITCH)
    assert (reading.text, reading.confidence) == ("\ufffd", 0.0)


def test_what_is_looked_at_twice() -> None:
    cell, line = ink(3), Segment((0, 0, 400, 20), 20, False, ())
    assert is_looked_at_twice(cell, look("12件"))
    assert is_looked_at_twice(cell, look("D"))
    assert not is_looked_at_twice(cell, look("行政处罚和行政强制"))
    assert is_looked_at_twice(line, look("2021年度报告"))
    assert not is_looked_at_twice(line, look("如对本报告有疑问请与我们联系，地址人民路870号，电话见后，欢迎来信"))


def test_dust_is_seen_at_the_ends_of_a_number() -> None:
    assert is_dusty(look(".5"))
    assert not is_dusty(look("1.5"))


def test_the_pitch_of_a_page_is_that_of_its_numbers() -> None:
    assert usual_pitch([ink(2), ink(4)], [look("12"), look("1234")]).count == 2
    assert usual_pitch([], []).count == 0


def test_a_point_behind_a_whole_number_is_left_out_with_doubt() -> None:
    reading = decide(ink(3, points=(2,)), look("128."), look("128."), PITCH)
    assert (reading.text, reading.second) == ("128", "128.")
    assert reading.confidence <= 0.6


def test_a_comma_behind_a_number_that_goes_on_below_stays() -> None:
    above, below = ink(2, points=(1,)), replace(ink(3), box=(0, 28, 41, 48))
    texts = [look("41，"), look("922")]
    assert find_going_on([above, below], texts) == {0}
    assert find_going_on([above, below], [look("41，"), look("92")]) == set()
    assert find_going_on([above, replace(below, box=(60, 28, 101, 48))], texts) == set()
    reading = decide(above, look("41，"), look("41,"), PITCH, goes_on=True)
    assert reading.text in {"41,", "41，"}
    assert reading.confidence > 0.999


def test_a_point_with_much_room_is_no_figure() -> None:
    marks = ((0, 0, 11, 20), (14, 17, 16, 20), (34, 0, 45, 20), (49, 0, 60, 20), (64, 0, 75, 20))
    wide = Segment((0, 0, 75, 20), HEIGHT, True, marks)
    assert decide(wide, look("7，918"), look("7，918"), PITCH).confidence > 0.999
    assert decide(wide, look("7，9"), look("7，9"), PITCH).confidence <= 0.6
    assert decide(wide, look("7，91834"), look("7，91834"), PITCH).confidence <= 0.6


@pytest.mark.parametrize(("below", "text"), [(4, "301,774"), (0, "301.774")])
def test_points_of_groups_that_go_below_the_line_are_commas(below: int, text: str) -> None:
    marks = [(15 * index, 0, 15 * index + 11, HEIGHT) for index in range(6)]
    marks.append((42, HEIGHT - 3, 44, HEIGHT + below))
    segment = Segment((0, 0, 86, HEIGHT + below), HEIGHT, True, tuple(sorted(marks)))
    reading = decide(segment, look("301.774"), look("301.774"), PITCH)
    assert reading.text == text
    assert (reading.confidence <= 0.6) == (below > 0)


def test_points_of_groups_are_commas_with_doubt_where_the_page_has_commas() -> None:
    segment = ink(6, points=(2,))
    texts = [look("1,204")] * 4
    pitch = usual_pitch([segment] * 4, texts)
    assert pitch.has_commas
    reading = decide(segment, look("301.774"), look("301.774"), pitch)
    assert reading.text == "301,774"
    assert reading.confidence <= 0.6
    assert decide(ink(4, points=(1,)), look("12.37"), look("12.37"), pitch).text == "12.37"
