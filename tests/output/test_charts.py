"""output/charts: pieces to scale, and nothing of a label becomes markup."""

from __future__ import annotations

from collections.abc import Mapping

import lxml.etree
import pytest

from pipeline.output.charts import Series, bar_chart, column_chart

SERIES = (Series("good", "a"), Series("bad", "b"))
SVG = "{http://www.w3.org/2000/svg}"


def rects(svg: str) -> list[tuple[str | None, float, float]]:
    root = lxml.etree.fromstring(svg)
    return [(item.get("class"), float(item.get("width") or 0), float(item.get("height") or 0)) for item in root.iter(f"{SVG}rect")]


def texts(svg: str) -> list[str]:
    return ["".join(map(str, item.itertext())) for item in lxml.etree.fromstring(svg).iter(f"{SVG}text")]


def test_bars_are_to_one_scale() -> None:
    found = rects(bar_chart("t", [("x", {"good": 30, "bad": 10}), ("y", {"bad": 20})], SERIES))
    assert [(style, width) for style, width, _ in found] == [("a", 315), ("b", 105), ("b", 210)]


def test_columns_are_to_one_scale_and_say_their_sum() -> None:
    svg = column_chart(
        "t", [("2020", {"good": 5000, "bad": 15000}), ("2021", {"good": 10000}), ("2022", {})], SERIES, notes=["of 1", "of 2", "of 0"]
    )
    heights = [height + 1 for _, _, height in rects(svg)]
    assert heights[0] + heights[1] == pytest.approx(2 * heights[2], rel=0.02)
    assert texts(svg) == ["20k", "2020", "of 1", "10k", "2021", "of 2", "0", "2022", "of 0"]


@pytest.mark.parametrize("rows", [[], [("x", {})], [("x", {"good": 0.0})]])
def test_nothing_to_draw(rows: list[tuple[str, Mapping[str, float]]]) -> None:
    assert rects(bar_chart("t", rows, SERIES)) == []
    assert rects(column_chart("t", rows, SERIES)) == []


def test_labels_are_text() -> None:
    svg = bar_chart('"<x>', [("<script>\x1b[31m&", {"good": 1})], SERIES)
    assert lxml.etree.fromstring(svg).get("aria-label") == '"<x>'
    assert "<script>" not in svg
    assert "\x1b" not in svg


def test_a_long_label_keeps_its_end() -> None:
    (label, _) = texts(bar_chart("t", [("一" * 40 + "/the-end.html", {"good": 1})], SERIES))
    assert label.startswith("…一")
    assert "/the-end.html" in label
