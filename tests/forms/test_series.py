"""forms/series: what forms say over the years, read whole or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.forms.load import load_forms
from pipeline.forms.series import load_series, load_series_file
from pipeline.model.form import Form
from pipeline.model.series import Claim, Meaning, Promise, SeriesRules

FORMS = load_forms(None)
BY_ID: dict[str, Form] = {form.id: form for form in FORMS}
HEAD = '[forms]\n"2019" = "cn-disclosure/2019"\n"2021" = "cn-disclosure/2021"\n'


def load(tmp_path: Path, text: str) -> SeriesRules:
    (tmp_path / "series.toml").write_text(HEAD + text, encoding="utf-8")
    return load_series_file(tmp_path / "series.toml", BY_ID)


def test_every_field_of_the_built_in_rules_is_a_field() -> None:
    rules = load_series(FORMS)
    for meaning in rules.meanings:
        assert len(meaning.pointers) > 1
        assert all(pointer in BY_ID[form].field_by_pointer for form, pointer in meaning.pointers.items()), meaning.name
    assert len({item.name for item in rules.promises}) == len(rules.promises) == 9
    assert [claim.name for claim in rules.claims] == ["applications received", "carried in", "carried out"]


def test_rules_are_read(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        """
[columns]
column = ["total", "natural_person"]
[meanings]
received = { "2021" = "/applications/received/total", note = "n" }
[[promise]]
name = "p {column}"
says = "s"
later = "/applications/carried_in/{column}"
earlier = "/applications/carried_out/{column}"
plus = ["/applications/received/{column}"]
[[claim]]
name = "c"
meaning = "received"
patterns = '{year}年(?P<number>\\d{1,3})'
""",
    )
    assert rules.meanings == (Meaning("received", {"cn-disclosure/2021": "/applications/received/total"}, "n"),)
    assert rules.promises[1] == Promise(
        "p natural_person", "s", "/applications/carried_in/natural_person", "/applications/carried_out/natural_person",
        ("/applications/received/natural_person",),
    )  # fmt: skip
    assert rules.claims == (Claim("c", {"cn-disclosure/2021": "/applications/received/total"}, ("{year}年(?P<number>\\d{1,3})",)),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[meanings]\na = { \"2020\" = \"/x\" }", 'series.toml:5: unknown key "2020"'),
        ("[meanings]\na = { \"2021\" = \"/applications/recieved/total\" }", 'series.toml:5: no form here has the field "/applications/recieved/total" (did you mean'),
        ("[[promise]]\nname = \"p\"", 'needs the key "says"'),
        ("[[promise]]\nname = \"p\"\nsays = \"s\"\nlater = \"/{x}\"\nearlier = \"/y\"", r"uses {x}, which is not under [columns]"),
        ("[[claim]]\nname = \"c\"\nmeaning = \"m\"\npatterns = \"x\"", 'there is no meaning "m"'),
        ("[meanings]\nm = { }\n[[claim]]\nname = \"c\"\nmeaning = \"m\"\npatterns = \"x\"", 'has no group "number"'),
        ("[meanings]\nm = { }\n[[claim]]\nname = \"c\"\nmeaning = \"m\"\npatterns = '(?P<number>\\d+)'", "repeats without an end"),
        ("x = 1", "series.toml:4:"),
    ],
)  # fmt: skip
def test_mistakes_are_said_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


def test_forms_without_such_a_file_say_nothing(tmp_path: Path) -> None:
    assert load_series([]) == SeriesRules()
