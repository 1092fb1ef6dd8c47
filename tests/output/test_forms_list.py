"""output/forms_list: forms as people see them."""

from __future__ import annotations

from dataclasses import replace

from pipeline.output.forms_list import describe_form, list_forms
from tests.output.form import FORM


def test_the_list_is_aligned_also_with_wide_characters() -> None:
    other = replace(FORM, id="b", title="plain", source="b.form.toml")
    assert list_forms([FORM, other]) == (
        "form       tables  fields  identities  title      file\n"
        "test/form       1       3           3  测试 form  test.form.toml\n"
        "b               1       3           3  plain      b.form.toml\n"
    )


def test_a_form_in_full() -> None:
    assert describe_form(FORM) == (
        "test/form  测试 form\n"
        "file test.form.toml\n"
        "tables 1, fields 3, identities 3\n"
        "\n"
        "table requests  Requests  (also: Applications)\n"
        "  section Part 1\n"
        "    stub head Item\n"
        "    columns\n"
        "      Unit  [text]\n"
        "      Applicants\n"
        "        Persons  (also: People)  [integer]  persons\n"
        "        Total  [integer]  total\n"
        "    rows\n"
        "      Received  received\n"
        "        by post  by_post\n"
        "      (no label)  plain\n"
        "\n"
        "narrative\n"
        "  overview  Overview\n"
        "\n"
        "identities\n"
        "  row  /requests/received/total = /requests/received/persons + /x\n"
        "  flow  /a + /b = /c + /d\n"
        "  post  /requests/by_post/total <= /requests/received/total\n"
        "\n"
        "fields\n"
        "  /requests/received/persons  integer 件\n"
        "  /requests/received/total  integer\n"
        "  /requests/by_post/total  decimal\n"
    )
