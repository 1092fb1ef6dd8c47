from __future__ import annotations

import tomllib

from tests.quality.floors import AT_LEAST, AT_MOST, below_floors, raise_floors


def figures(**changes: float) -> dict[str, int | float]:
    return {"documents": 10} | dict.fromkeys(AT_LEAST, 0.9) | dict.fromkeys(AT_MOST, 0.1) | changes


def test_figures_at_their_floors_pass_and_worse_ones_are_named() -> None:
    text, lowered = raise_floors({}, {"real": figures()}, None)
    floors = tomllib.loads(text)
    assert lowered == []
    assert below_floors(floors, {"real": figures()}) == []
    complaints = below_floors(floors, {"real": figures(whole_share=0.8, silent_documents_share=0.2, documents=9)})
    assert [complaint.split(" ")[1] for complaint in complaints] == ["whole_share", "silent_documents_share", "9"]


def test_lowering_needs_a_reason_that_is_kept() -> None:
    floors = tomllib.loads(raise_floors({}, {"real": figures()}, None)[0])
    text, lowered = raise_floors(floors, {"real": figures(whole_share=0.5)}, 'the truth of 006 was "wrong"')
    assert len(lowered) == 1
    assert tomllib.loads(text)["real"]["lowered"] == ['the truth of 006 was "wrong"']


def test_kinds_that_were_not_measured_keep_their_floors() -> None:
    floors = tomllib.loads(raise_floors({}, {"real": figures(), "press-lossy": figures(whole_share=0.25)}, None)[0])
    again = tomllib.loads(raise_floors(floors, {"real": figures()}, None)[0])
    assert again["press-lossy"] == floors["press-lossy"]
    assert again["press-lossy"]["whole_share"] == 0.25
