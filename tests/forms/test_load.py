"""Form files are read whole or refused: every mistake is said with file, line and what to do."""

from __future__ import annotations

import pickle
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.forms.load import load_form, load_forms
from pipeline.forms.toml_lines import key_lines
from pipeline.model.catalogue import schemas_dir
from pipeline.model.form import Form, Identity, Label, Metadata, NumberRules

CLUB = """\
id = "club/2020"
title = "Club report"

[[table]]
id = "members"
pointer = "/members"
captions = "Members by age"
stub_head = "Section"
columns = [
  { label = "Adults" },
  { level = 2, label = "Men", key = "men" },
  { level = 2, label = ["Women", "Ladies"], key = "women" },
  { label = "Remark", kind = "text" },
  { label = "Total", key = "total" },
]
rows = [
  { label = "Rowing", key = "rowing" },
  { label = "Water" },
  { level = 2, label = ["Sailing", "Yachting"], key = "sailing", unit = "boats" },
]

[[table.identity]]
name = "row {row}"
kind = "sum"
each = "row"
whole = "{row}/total"
parts = "{row}/*"
"""


def write(folder: Path, text: str, name: str = "club.form.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> str:
    """What is said of a bad form file, its name and ":" taken off the start."""
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load_form(path)
    said = str(caught.value)
    assert said.startswith(f"{path}:")
    return said.removeprefix(f"{path}:")


# ---- what a file gives ---------------------------------------------------------------------------------------------------------


def test_a_small_form_without_a_family(tmp_path: Path) -> None:
    form = load_form(write(tmp_path, CLUB))
    assert [(item.pointer, item.row_path, item.column_path, item.unit) for item in form.fields] == [
        ("/members/rowing/men", ("Rowing",), ("Adults", "Men"), ""),
        ("/members/rowing/women", ("Rowing",), ("Adults", "Women"), ""),
        ("/members/rowing/total", ("Rowing",), ("Total",), ""),
        ("/members/sailing/men", ("Water", "Sailing"), ("Adults", "Men"), "boats"),
        ("/members/sailing/women", ("Water", "Sailing"), ("Adults", "Women"), "boats"),
        ("/members/sailing/total", ("Water", "Sailing"), ("Total",), "boats"),
    ]
    assert form.identities == (
        Identity("row rowing", "sum", "/members/rowing/total", ("/members/rowing/men", "/members/rowing/women")),
        Identity("row sailing", "sum", "/members/sailing/total", ("/members/sailing/men", "/members/sailing/women")),
    )
    band = form.tables[0].bands[0]
    assert [leaf.kind for leaf in band.leaf_columns()] == ["value", "value", "text", "value"]
    assert band.stub_head == (Label(("Section",)),)
    assert [(row.has_values, len(row.children)) for row in band.rows] == [(True, 0), (False, 1)]
    assert (form.metadata, form.numbers, form.narrative, form.encoding_words) == (Metadata(), NumberRules(), (), ())
    assert dict(form.vocabulary) == {}
    assert pickle.loads(pickle.dumps(form)) == form  # noqa: S301 (our own bytes)


def test_a_table_without_rows_has_one_row_without_a_label(tmp_path: Path) -> None:
    text = 'id = "x"\ntitle = "X"\n[[table]]\nid = "t"\ncaptions = "T"\ncolumns = [{ label = "A", key = "cases/a" }]\n'
    form = load_form(write(tmp_path, text))
    assert form.tables[0].bands[0].rows[0].label is None
    assert [(item.pointer, item.row_path) for item in form.fields] == [("/cases/a", ())]


def test_bands_have_their_own_columns_units_and_section(tmp_path: Path) -> None:
    text = """\
id = "x"
title = "X"
[[table]]
id = "t"
captions = ["T", "Table T"]
unit = "kg"
[[table.band]]
section = "First"
columns = [{ label = "A", key = "a" }]
rows = [{ label = "Row", key = "one" }]
[[table.band]]
unit = "t"
stub_head = ["Group", ["Kind", "Sort"]]
columns = [{ label = "B", key = "b", type = "decimal" }]
rows = [{ label = "Row", key = "two" }]
[[identity]]
name = "less"
kind = "part"
whole = "/one/a"
parts = ["/two/b"]
"""
    form = load_form(write(tmp_path, text))
    assert [(item.pointer, item.unit, item.type, item.row_path) for item in form.fields] == [
        ("/one/a", "kg", "integer", ("First", "Row")),
        ("/two/b", "t", "decimal", ("Row",)),
    ]
    assert form.tables[0].bands[1].stub_head == (Label(("Group",)), Label(("Kind", "Sort")))
    assert form.identities == (Identity("less", "part", "/one/a", ("/two/b",)),)


def test_a_row_may_have_a_number_and_rows_below(tmp_path: Path) -> None:
    text = """\
id = "x"
title = "X"
[[table]]
id = "t"
captions = "T"
columns = [{ label = "Unit", kind = "text" }, { label = "Number" }]
rows = [
  { label = "All", key = "all/number" },
  { level = 2, label = "Some", key = "all/some", type = "decimal" },
]
"""
    form = load_form(write(tmp_path, text))
    assert [(item.pointer, item.row_path, item.type) for item in form.fields] == [
        ("/all/number", ("All",), "integer"),
        ("/all/some", ("All", "Some"), "decimal"),
    ]


def test_wildcards_take_one_step_or_any_number(tmp_path: Path) -> None:
    rows = 'rows = [{ label = "A", key = "p/a" }, { label = "B", key = "p/q/b" }, { label = "C", key = "p/all" }]'
    head = f'id = "x"\ntitle = "X"\n[[table]]\nid = "t"\ncaptions = "T"\ncolumns = [{{ label = "N" }}]\n{rows}\n'
    identity = '[[table.identity]]\nname = "s"\nkind = "sum"\nwhole = "p/all"\nparts = "{}"\n'
    assert load_form(write(tmp_path, head + identity.format("p/*"))).identities[0].parts == ("/p/a",)
    assert load_form(write(tmp_path, head + identity.format("p/**"))).identities[0].parts == ("/p/a", "/p/q/b")


def test_a_family_file_is_merged_in_and_the_form_wins(tmp_path: Path) -> None:
    write(
        tmp_path,
        """\
encoding_words = ["word"]
[numbers]
blank_marks = ["-"]
counter_words = ["pcs"]
[numbers.multipliers]
k = 1000
[numbers.units.kg]
g = "0.001"
[vocabulary]
colour = "color"
[narrative]
overview = "Overview"
[metadata]
parts = { year = '\\d{4}', report = "Report of {year}" }
patterns = ['(?P<title>{report})', '(?P<start>{year})-(?P<end>{year})']
[lists]
two = [{ label = "A", key = "a" }, { level = 2, label = "B", key = "b" }]
""",
        "family.toml",
    )
    text = """\
id = "x"
title = "X"
family = "family.toml"
[numbers]
blank_marks = "none"
[narrative]
closing = ["Closing", "End"]
[[table]]
id = "t"
captions = "T"
columns = [{ label = "N" }]
rows = ["two", { label = "C", key = "c" }]
"""
    form = load_form(write(tmp_path, text))
    assert form.numbers.blank_marks == ("none",)
    assert form.numbers.counter_words == ("pcs",)
    assert dict(form.numbers.multipliers) == {"k": Decimal(1000)}
    assert form.numbers.units == {"kg": {"g": Decimal("0.001")}}
    assert form.metadata.title == (r"(?P<title>(?:Report of (?:\d{4})))",)
    assert form.metadata.period == (r"(?P<start>(?:\d{4}))-(?P<end>(?:\d{4}))",)
    assert (form.metadata.agency, form.metadata.year) == ((), ())
    assert [(item.key, item.headings.texts) for item in form.narrative] == [("overview", ("Overview",)), ("closing", ("Closing", "End"))]
    assert form.encoding_words == ("word",)
    assert [item.row_path for item in form.fields] == [("A",), ("A", "B"), ("C",)]


def test_the_form_in_the_documentation(tmp_path: Path) -> None:
    page = Path(__file__).parents[2].joinpath("docs", "forms.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    form = load_form(write(tmp_path, text))
    assert len(form.fields) == 12
    assert "/members/sailing/women" in form.field_by_pointer
    assert [item.name for item in form.identities] == [
        *("row rowing", "row sailing", "row all"),
        *("all of men", "all of women", "all of youth", "all of total"),
    ]
    assert form.identities[3].parts == ("/members/rowing/men", "/members/sailing/men")


# ---- what is refused -----------------------------------------------------------------------------------------------------------

# (what stands in CLUB, what stands there instead, the line, what must be said)
MISTAKES = [
    ("title =", "titel =", 2, 'unknown key "titel" in a form file (did you mean "title"?)'),
    ('title = "Club report"\n', "", 1, 'a form file needs the key "title"'),
    ('"Club report"', "5", 2, '"title" must be a text in quotes, not a number (5)'),
    ('"club/2020"', '"/club"', 1, "letters, digits"),
    ('pointer = "/members"', 'pointer = "members"', 6, "must look like"),
    ('pointer = "/members"', 'pointers = "/members"', 6, 'unknown key "pointers" in a [[table]] (did you mean "pointer"?)'),
    ('captions = "Members by age"\n', "", 4, 'a [[table]] needs the key "captions"'),
    ("columns = [", "column = [", 9, 'unknown key "column"'),
    ('{ level = 2, label = "Men"', '{ level = 2, lable = "Men"', 11, 'unknown key "lable" in a column (did you mean "label"?)'),
    ('{ level = 2, label = "Men", key = "men" }', '{ level = 2, key = "men" }', 11, 'a column needs the key "label"'),
    ('{ level = 2, label = "Men"', '{ level = 3, label = "Men"', 11, "a column jumps to level 3; after level 1 it can be 2 at most"),
    ('{ label = "Adults" }', '{ level = 2, label = "Adults" }', 10, "at the start it can be 1 at most"),
    ('{ level = 2, label = "Men"', '{ level = "2", label = "Men"', 11, '"level" must be a whole number from 1 to 12, not a text'),
    ('{ label = "Adults" }', '{ label = "Adults", key = "x" }', 10, 'a column with columns below it has no "key"'),
    ('kind = "text"', 'kind = "txet"', 13, '"kind" is "txet" (did you mean "text"?); it must be one of: value, text'),
    ('kind = "text"', 'kind = "text", key = "r"', 13, "is never a field"),
    ('key = "women"', 'key = "men"', 17, 'two fields have the pointer "/members/rowing/men" (the other stands in line 17)'),
    ('key = "sailing"', 'key = "rowing"', 19, 'two fields have the pointer "/members/rowing/men" (the other stands in line 17)'),
    ('key = "sailing"', 'key = "rowing/men"', 19, 'lies inside "/members/rowing/men", which is a number itself'),
    ('key = "sailing"', 'key = "sail ing"', 19, 'the key "sail ing" may have letters'),
    ('pointer = "/members"', 'pointer = "/narrative"', 17, "is taken"),
    ('"Ladies"]', '"Women"]', 12, '"Women" stands twice in "label"'),
    ('"Ladies"]', '"Men"]', 12, 'the label "Men" is also that of its neighbour in line 11'),
    ('"Ladies"]', '""]', 12, '"label" must not be blank'),
    ('["Women", "Ladies"]', "[]", 12, '"label" is an empty list'),
    ('["Women", "Ladies"]', "{ a = 1 }", 12, '"label" must be a text or a list of texts, not a table'),
    ('  { level = 2, label = ["Sailing"', '  { level = 1, label = ["Sailing"', 18, 'a row without "key" is a group'),
    ('{ label = "Water" }', '{ label = "Water", unit = "l" }', 18, 'a row without "key" has no numbers and so no "unit"'),
    ("rows = [", 'rows = [ "named",', 16, 'there is no list "named" under [lists]; known: none'),
    ('name = "row {row}"', 'name = "row {column}"', 23, "has a {...} that nothing fills"),
    ('name = "row {row}"', 'name = "row"', 22, 'two identities have the name "row"'),
    ('kind = "sum"', 'kind = "summe"', 24, '"kind" is "summe" (did you mean "sum"?); it must be one of: sum, balance, part'),
    ('each = "row"\n', "", 23, "has a {...} that nothing fills"),
    ('whole = "{row}/total"\n', "", 22, 'an identity of kind "sum" needs the key "whole"'),
    ('"{row}/total"', '"{row}/totals"', 26, 'the identity names "/members/rowing/totals", but no field has that pointer'),
    ('"{row}/*"', '["{row}/men", "{row}/ladies"]', 27, 'the identity names "/members/rowing/ladies", but no field has that pointer'),
    ('"{row}/*"', '"{row}/x*"', 27, '"/members/rowing/x*" fits no field'),
    ('"{row}/*"', '["{row}/men", "{row}/*"]', 27, '"/members/rowing/men" stands twice in the identity'),
    ('kind = "sum"\neach = "row"\nwhole = "{row}/total"', 'kind = "balance"\neach = "row"', 26, 'of kind "balance" needs 4 parts, not 3'),
    ('kind = "sum"', 'kind = "part"', 27, 'of kind "part" needs 1 parts, not 2'),
    ('kind = "sum"', 'kind = "balance"', 26, "no whole"),
]


@pytest.mark.parametrize(("right", "wrong", "line", "said"), MISTAKES, ids=[f"{mistake[2]}: {mistake[1][:40]}" for mistake in MISTAKES])
def test_a_mistake_is_said_with_its_line(tmp_path: Path, right: str, wrong: str, line: int, said: str) -> None:
    assert CLUB.count(right) == 1
    message = refused(tmp_path, CLUB.replace(right, wrong))
    assert message.startswith(f"{line}: ")
    assert said in message


# (a section added to CLUB, which has 27 lines; the line; what must be said)
WRONG_WORDS = [
    ("[number]", 28, 'unknown key "number" in a form file (did you mean "numbers"?)'),
    ("[numbers]\nblank_mark = []", 29, 'unknown key "blank_mark" in [numbers] (did you mean "blank_marks"?)'),
    ("[numbers.multipliers]\nk = 1.5", 29, '"k" is a number with a point; write it in quotes, "1.5"'),
    ('[numbers.multipliers]\nk = "many"', 29, '"k" is "many", which is not a number'),
    ("[numbers.multipliers]\nk = 0", 29, "a factor must be greater than 0"),
    ('[numbers.units]\nkg = "g"', 29, '"kg" must be a table'),
    ('[vocabulary]\na = "a"', 29, "mapped to itself"),
    ('[narrative]\n"Two words" = "x"', 29, "small letters"),
    ('[narrative]\na = "x"\nb = "x"', 30, 'the heading "x" already opens "a"'),
    ("[metadata]\npatterns = [\n'(?P<title>x',\n]", 30, "not a valid regular expression"),
    ("[metadata]\npatterns = [ '(?P<titel>x)' ]", 29, 'the pattern has a group "titel"; the known ones are: title, agency'),
    ("[metadata]\npatterns = [ 'x' ]", 29, "the pattern has no group"),
    ("[metadata]\npatterns = [ '(?P<start>x)' ]", 29, 'needs both groups, "start" and "end"'),
    ("[metadata]\npatterns = [ '(?P<year>\\d+)' ]", 29, 'repeats without an end ("+")'),
    ("[metadata]\npatterns = [ '(?P<year>\\d{1,})' ]", 29, 'repeats too often ("{1,}")'),
    ("[metadata]\npatterns = [ '(?P<year>\\d{1,999})' ]", 29, 'repeats too often ("{1,999}")'),
    ("[metadata]\npatterns = [ '(?P<year>{y})' ]", 29, "there is no such part above it under [metadata.parts]; known: none"),
    ("[metadata.parts]\ny = '('\n[metadata]\npatterns = [ '(?P<year>{y})' ]", 29, "not a valid regular expression"),
    ('[lists]\na = "x"\n[[table]]\nid = "b"\ncaptions = "B"\ncolumns = "a"', 29, '"a" must be a list'),
    ('[[table]]\nid = "members"\ncaptions = "B"\ncolumns = [{ label = "B", key = "b" }]', 28, 'two tables have the id "members"'),
    ('[[table]]\nid = "b"\ncaptions = "B"\ncolumns = [{ label = "B" }]', 31, "neither the row nor the column has a key"),
    ('[[table]]\nid = "b"\ncaptions = "B"', 28, 'a table needs "columns"'),
    ('[[table]]\nid = "b"\ncaptions = "B"\ncolumns = [{ label = "B", kind = "text" }]', 28, "all columns are of kind"),
    ('[[table]]\nid = "b"\ncaptions = "B"\nrows = []\n[[table.band]]\ncolumns = []', 31, 'has its "rows" in the bands'),
    ('[[table]]\nid = "b"\ncaptions = "B"\ncolumns = []', 31, '"columns" is empty'),
    ('[[identity]]\nname = "n"\nkind = "part"\neach = "row"\nwhole = "/a"\nparts = "/b"', 31, '"each" works inside a table only'),
    ("x = = 1", 28, "not valid TOML"),
    ('x = """', 29, "not valid TOML"),
]


@pytest.mark.parametrize(("added", "line", "said"), WRONG_WORDS, ids=[item[0][:40] for item in WRONG_WORDS])
def test_a_wrong_section_is_said_with_its_line(tmp_path: Path, added: str, line: int, said: str) -> None:
    assert CLUB.count("\n") == 27
    message = refused(tmp_path, f"{CLUB}{added}\n")
    assert message.startswith(f"{line}: ")
    assert said in message


def test_bounded_repeats_and_escaped_signs_are_no_mistake(tmp_path: Path) -> None:
    pattern = r"(?P<year>\+\*[+*]\d{4}(?:a|b)?+[^]+]{0,200}?x{2,3}+)"
    assert load_form(write(tmp_path, f"{CLUB}[metadata]\npatterns = ['{pattern}']\n")).metadata.year == (pattern,)


def test_a_mistake_in_the_family_file_is_said_there(tmp_path: Path) -> None:
    family = write(tmp_path, "\n[numbers]\nblanks = []\n", "family.toml")
    path = write(tmp_path, f'family = "family.toml"\n{CLUB}')
    with pytest.raises(ConfigError, match=re.escape(f'{family}:3: unknown key "blanks" in [numbers]')):
        load_form(path)
    write(tmp_path, 'title = "x"\n', "family.toml")
    with pytest.raises(ConfigError, match=re.escape(f'{family}:1: unknown key "title" in a family file')):
        load_form(path)


@pytest.mark.parametrize("name", ["nowhere.toml", "../family.toml", ".."])
def test_a_family_file_stands_beside_the_form(tmp_path: Path, name: str) -> None:
    (tmp_path / "inner").mkdir()
    write(tmp_path, "", "family.toml")
    assert refused(tmp_path / "inner", f'family = "{name}"\n{CLUB}').startswith("1: ")


def test_files_that_are_no_text_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_form(tmp_path / "none.form.toml")
    path = tmp_path / "x.form.toml"
    path.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:2: not UTF-8")):
        load_form(path)
    path.write_text("a = " + "[" * 100_000, encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:1: brackets nested too deeply")):
        load_form(path)


def test_a_byte_order_mark_and_crlf_do_not_move_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.form.toml"
    path.write_bytes(b"\xef\xbb\xbf" + CLUB.replace("\n", "\r\n").encode())
    assert load_form(path).id == "club/2020"
    path.write_bytes(b"\xef\xbb\xbf" + CLUB.replace("captions", "caption").replace("\n", "\r\n").encode())
    with pytest.raises(ConfigError, match=re.escape(f"{path}:7: ")):
        load_form(path)


# ---- selections ----------------------------------------------------------------------------------------------------------------


def test_all_built_in_forms_or_those_named() -> None:
    assert [form.id for form in load_forms()] == ["cn-disclosure/2014", "cn-disclosure/2019", "cn-disclosure/2021"]
    assert [form.id for form in load_forms(["cn-disclosure/2021", "cn-disclosure/2014"])] == ["cn-disclosure/2021", "cn-disclosure/2014"]
    assert load_forms([]) == ()
    assert load_forms(["cn-disclosure/2021"])[0] is load_forms()[2]


def test_a_path_a_text_and_a_form(tmp_path: Path) -> None:
    path = write(tmp_path, CLUB)
    form = load_form(path)
    assert load_forms([path, str(path), form, "cn-disclosure/2019"]) == (form, *load_forms(["cn-disclosure/2019"]))


def test_an_unknown_form_names_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        load_forms(["cn-disclosure/2012"])
    assert 'there is no form "cn-disclosure/2012" (did you mean "cn-disclosure/20' in str(caught.value)
    assert "known: cn-disclosure/2014, cn-disclosure/2019, cn-disclosure/2021." in str(caught.value)


def test_two_forms_with_one_id(tmp_path: Path) -> None:
    first, second = write(tmp_path, CLUB), write(tmp_path, CLUB.replace("Club report", "Other"), "other.form.toml")
    with pytest.raises(ConfigError, match='two forms have the id "club/2020"'):
        load_forms([first, second])


@pytest.mark.parametrize("selection", ["cn-disclosure/2021", [5], Path("x.form.toml")])
def test_a_callers_mistake_is_a_type_error(selection: Any) -> None:
    with pytest.raises(TypeError):
        load_forms(selection)


def test_built_in_forms_survive_pickling() -> None:
    for form in load_forms():
        copy = pickle.loads(pickle.dumps(form))  # noqa: S301 (our own bytes)
        assert isinstance(copy, Form)
        assert copy == form


# ---- lines ---------------------------------------------------------------------------------------------------------------------


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, key)
            yield from paths(inner, (*path, key))


def test_every_kind_of_key_has_its_line() -> None:
    text = """\
a = 1 # x = 2
b.c = "q]#"
[t]
x = [ { k = 1, "\\u0041.B" = [1,
  2] },
  \"\"\"two
"" lines\"\"\", '''it''s''''' ]
[[arr]]
z = 1979-05-27 07:32:00
[[arr.sub]]
[[arr.sub]]
y = 'w\\'
[arr.deep . "er"]
w = {}
[[arr]]
"""
    lines = key_lines(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    assert lines["t", "x", 0, "A.B", 1] == 5
    assert lines["t", "x", 1] == 6
    assert lines["t", "x", 2] == 7
    assert lines["arr", 0, "sub", 1, "y"] == 12
    assert lines["arr", 0, "deep", "er", "w"] == 14
    assert lines["arr", 1] == 15


@pytest.mark.parametrize("path", sorted(schemas_dir().rglob("*.toml")), ids=lambda path: path.name)
def test_every_key_of_the_committed_files_has_its_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    rows = text.split("\n")
    lines = key_lines(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    for where, line in lines.items():
        name = next(step for step in reversed(where) if isinstance(step, str))
        if isinstance(where[-1], str):
            assert name in rows[line - 1]
