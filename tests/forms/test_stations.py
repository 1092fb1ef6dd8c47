"""A form in its own reading order, and how a printed label may be read."""

from __future__ import annotations

import pytest

from pipeline.forms.stations import FormLayout, Station
from tests.harbour import layout


def by_text(text: str, kind: str = "row") -> list[Station]:
    return [station for station in layout().stations if station.text == text and station.kind == kind]


def best(text: str, of: FormLayout | None = None) -> list[tuple[str, float]]:
    it = of or layout()
    return [(it.stations[item.last].text, round(item.similarity, 2)) for item in it.candidates(text)]


def test_stations_follow_the_print() -> None:
    assert [(station.kind, station.text) for station in layout().stations] == [
        ("caption", "Ships that called"),
        ("stub-head", "Voyage"),
        ("column", "Propelled by"),
        ("column", "Total"),
        ("column", "Sail"),
        ("column", "Steam"),
        ("row", "Coastal voyages"),
        ("row", "Laden"),
        ("row", "In ballast"),
        ("row", "Foreign voyages"),
        ("row", "Laden"),
        ("row", "In ballast"),
        ("row", "All voyages"),
        ("caption", "Dues received"),
        ("stub-head", "Kind of due"),
        ("column", "Payers"),
        ("column", "Amount (in pounds)"),
        ("row", "Light dues"),
        ("row", "Mooring dues"),
    ]
    assert [station.order for station in layout().stations] == list(range(19))


def test_stations_know_their_place() -> None:
    coastal, foreign = by_text("Laden")
    assert (coastal.level, coastal.has_values, layout().stations[coastal.parent or 0].text) == (1, True, "Coastal voyages")
    assert layout().stations[foreign.parent or 0].text == "Foreign voyages"
    assert [(s.text, s.leaf) for s in layout().stations if s.kind == "column" and s.table == 0] == [
        ("Propelled by", None),
        ("Total", 2),
        ("Sail", 0),
        ("Steam", 1),
    ]
    assert [field.pointer for field in layout().row_fields[foreign.order] if field] == [
        "/traffic/foreign/laden/sail",
        "/traffic/foreign/laden/steam",
        "/traffic/foreign/laden/total",
    ]
    assert layout().first_order == {(0, 0): 1, (1, 0): 14}


def test_a_label_word_for_word_is_certain() -> None:
    assert best("Foreign  VOYAGES") == [("Foreign voyages", 1.0)]
    assert best("Anchorage") == [("Mooring dues", 1.0)]  # a variant
    assert best("Amount") == [("Amount (in pounds)", 1.0)]
    assert best("Amount (of money)") == [("Amount (in pounds)", 0.98)]


def test_a_label_that_stands_twice_has_two_readings() -> None:
    assert [item.first for item in layout().candidates("Laden")] == [station.order for station in by_text("Laden")]


def test_a_label_with_a_slip_is_less_certain() -> None:
    ((text, similarity),) = best("Foreign voyagse")
    assert text == "Foreign voyages"
    assert 0.8 < similarity < 0.97


@pytest.mark.parametrize("text", ["", "——", "Weather", "12", "x" * 500, "Foreign voyages were fewer this year than in any other before it"])
def test_what_is_no_label_has_no_reading(text: str) -> None:
    assert best(text) == []


def test_a_part_of_a_label_is_a_doubtful_reading() -> None:
    ((text, similarity),) = best("Foreign")
    assert text == "Foreign voyages"
    assert similarity < 0.97
    assert layout().may_begin_label("Foreign")
    assert not layout().may_begin_label("voyages")
    assert not layout().may_begin_label("")


def test_a_group_and_its_first_item_in_one_cell_are_two_stations() -> None:
    (item,) = layout().candidates("Coastal voyages Laden")
    assert [layout().stations[order].text for order in (item.first, item.last)] == ["Coastal voyages", "Laden"]


def test_going_back_costs_and_going_on_does_not() -> None:
    costs = layout().costs
    coastal, foreign = (station.order for station in by_text("Laden"))
    (group,) = (station.order for station in by_text("Foreign voyages"))
    assert costs[foreign][group] == 0.0
    assert costs[foreign][coastal] > 0.0
    assert costs[coastal][foreign] > costs[foreign][coastal]
    assert costs[group][foreign] == 0.15  # a group label printed again beside each of its items


def test_going_back_in_a_split_header_costs_less_than_by_way_of_a_row() -> None:
    columns = {station.text: station.order for station in layout().stations if station.kind == "column" and station.table == 0}
    rows = [station.order for station in by_text("Laden")]
    costs = layout().costs
    assert costs[columns["Sail"]][columns["Total"]] < min(costs[columns["Sail"]][row] for row in rows)


@pytest.mark.parametrize(
    ("printed", "text", "similarity"),
    [
        ("（三）不予公開", "（三）不予公开", 1.0),
        ("不予公开", "（三）不予公开", 0.98),  # its enumerator is lost
        ("（五）不予公开", "（三）不予公开", 0.88),  # another one's enumerator
        ("規(guī)章", "规章", 1.0),
        ("規範性檔案", "行政规范性文件", 1.0),
        ("（二）部分公開(區分處理的,祇計這一情形,不計其他情形)", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）", 0.98),
    ],
)
def test_labels_of_a_real_form(printed: str, text: str, similarity: float) -> None:
    from pipeline.forms.load import load_forms
    from pipeline.forms.stations import lay_out

    (form,) = load_forms(["cn-disclosure/2021"])
    assert best(printed, lay_out(form))[0] == (text, similarity)


@pytest.mark.parametrize("printed", ["1.属于商业秘密", "行政征收", "4.保护个人隐私", "其他文件"])
def test_labels_of_other_things_are_not_taken(printed: str) -> None:
    from pipeline.forms.load import load_forms
    from pipeline.forms.stations import lay_out

    (form,) = load_forms(["cn-disclosure/2021"])
    assert [item for item in best(printed, lay_out(form)) if item[1] >= 0.85] == []
