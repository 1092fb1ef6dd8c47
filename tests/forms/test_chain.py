"""Which printed label is which label of the form: the path through the form's order decides, never a label alone."""

from __future__ import annotations

from pipeline.forms.chain import find_chain
from pipeline.model.document import Block
from tests.harbour import layout, line, loose, readings, rows, tokens_of


def chain(*blocks: Block) -> list[tuple[str, str]]:
    """(printed text, label of the form with its group) of each match."""
    tokens = tokens_of(*blocks)
    matches, _ = find_chain(layout(), tokens, readings(tokens))
    found = []
    for match in matches:
        station = layout().stations[match.station]
        above = "" if station.parent is None else layout().stations[station.parent].text + " > "
        printed = " ".join(token.text for token in tokens.items[match.first : match.last + 1])
        found.append((printed, above + station.text))
    return found


BODY = (
    ["Voyage", "Propelled by", "Total"],
    ["Sail", "Steam"],
    ["Coastal voyages", "Laden", "31", "12", "43"],
    ["In ballast", "7", "2", "9"],
    ["Foreign voyages", "Laden", "5", "4", "9"],
    ["In ballast", "0", "3", "3"],
    ["All voyages", "43", "21", "64"],
)


def test_labels_are_settled_by_their_order() -> None:
    assert chain(rows(*BODY)) == [
        ("Voyage", "Voyage"),
        ("Propelled by", "Propelled by"),
        ("Total", "Total"),
        ("Sail", "Propelled by > Sail"),
        ("Steam", "Propelled by > Steam"),
        ("Coastal voyages", "Coastal voyages"),
        ("Laden", "Coastal voyages > Laden"),
        ("In ballast", "Coastal voyages > In ballast"),
        ("Foreign voyages", "Foreign voyages"),
        ("Laden", "Foreign voyages > Laden"),
        ("In ballast", "Foreign voyages > In ballast"),
        ("All voyages", "All voyages"),
    ]


def test_where_the_group_is_gone_the_order_still_tells() -> None:
    without = [row if row[0] != "Foreign voyages" else row[1:] for row in BODY]
    assert ("Laden", "Foreign voyages > Laden") in chain(rows(*without))


def test_a_lone_label_under_its_group_is_that_groups() -> None:
    assert chain(rows(["Foreign voyages", "In ballast", "0", "3", "3"]))[-1] == ("In ballast", "Foreign voyages > In ballast")


def test_tables_may_come_in_another_order() -> None:
    found = chain(
        *loose(
            "Dues received\nKind of due\nPayers\nAmount\nLight dues\n3\n4\nShips that called\nVoyage\nSail\nSteam\nTotal\nLaden\n1\n2\n3"
        )
    )
    assert [label for _, label in found][:5] == ["Dues received", "Kind of due", "Payers", "Amount (in pounds)", "Light dues"]
    assert found[-1] == ("Laden", "Coastal voyages > Laden")


def test_a_label_wrapped_over_lines_is_one_match() -> None:
    assert ("Foreign voyages", "Foreign voyages") in chain(*loose("Coastal voyages\nLaden\n1\n2\n3\nForeign\nvoyages\nLaden\n4\n5\n9"))


def test_a_header_printed_again_is_matched_again() -> None:
    found = chain(rows(*BODY[:4], *BODY[:2], *BODY[4:]))
    assert [printed for printed, _ in found].count("Voyage") == 2
    assert found[-1] == ("All voyages", "All voyages")


def test_words_that_are_no_labels_match_nothing() -> None:
    assert chain(line("The harbour was quiet.", 1), rows(["Weather", "fair"])) == []
    assert chain() == []
    assert chain(line("Voyage " * 40, 1)) == []


def test_the_score_grows_with_what_is_explained() -> None:
    def score(*blocks: Block) -> float:
        tokens = tokens_of(*blocks)
        return find_chain(layout(), tokens, readings(tokens))[1]

    assert 0 < score(rows(*BODY[:3])) < score(rows(*BODY))
