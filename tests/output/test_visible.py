"""output/visible: hostile text on a terminal."""

from __future__ import annotations

import pytest

from pipeline.output.visible import visible_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("报告 2021　年", "报告 2021　年"),
        ("a\u00a0b", "a\u00a0b"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("one\ntwo\r\t", r"one\ntwo\r\t"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2028", r"\u2028"),
        ("\ud800", r"\ud800"),
        ("", ""),
    ],
)
def test_visible_text(text: str, shown: str) -> None:
    assert visible_text(text) == shown
