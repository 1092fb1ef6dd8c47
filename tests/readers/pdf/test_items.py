"""How the label of a numbered item begins."""

from __future__ import annotations

import pytest

from pipeline.readers.pdf.items import begins_item


@pytest.mark.parametrize("text", ["一、本年新收", "（二）部分公开", "(3) other", "12.总计", "十二、其他", "百二十、其他"])
def test_an_item(text: str) -> None:
    assert begins_item(text)


@pytest.mark.parametrize("text", ["本年一、二季度", "2021年", "一般公开", "Total", ""])
def test_no_item(text: str) -> None:
    assert not begins_item(text)
