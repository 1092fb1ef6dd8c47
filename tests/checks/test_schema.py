"""Records against their schema; the fast validator and the reference agree on every record."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.schema import MAX_MESSAGE, check_schema
from pipeline.forms.record_schema import record_schema
from pipeline.model.form import Form
from pipeline.model.jsonbytes import dump_json
from tests.harbour import harbour


def right_record(form: Form) -> dict[str, Any]:
    """A record of the form without a number in it."""

    def empty(schema: dict[str, Any]) -> Any:
        return {key: empty(inner) for key, inner in schema["properties"].items()} if "properties" in schema else None

    record: dict[str, Any] = empty(record_schema(form))
    return record


SCHEMA = record_schema(harbour())
AS_JSON = dump_json(SCHEMA)


def test_a_right_record_has_no_findings() -> None:
    record = right_record(harbour())
    assert check_schema(record, AS_JSON) == []
    record["dues"]["light"] = {"payers": 3, "amount": 0.5}
    record["title"] = "Return"
    assert check_schema(record, AS_JSON) == []


def test_each_violation_is_a_finding_with_its_pointer() -> None:
    record = right_record(harbour())
    record["dues"]["light"]["payers"] = 1.5
    record["traffic"]["all"]["sail"] = "12"
    del record["narrative"]["remarks"]
    record["more"] = 1
    found = {finding.pointers[0]: finding for finding in check_schema(record, AS_JSON)}
    assert found.keys() == {"/dues/light/payers", "/traffic/all/sail", "/narrative", ""}
    assert {finding.code for finding in found.values()} == {"schema-violation"}
    assert {finding.severity for finding in found.values()} == {"error"}
    assert "1.5 is not of type" in found["/dues/light/payers"].message
    assert "'more' was unexpected" in found[""].message


def test_a_long_message_is_cut() -> None:
    record = right_record(harbour())
    record["title"] = {"x": "y" * 5000}
    (finding,) = check_schema(record, AS_JSON)
    assert len(finding.message) == MAX_MESSAGE


PATHS = st.sampled_from(["title", "year", "dues", "dues/light", "dues/light/amount", "traffic/all/sail", "narrative", "period/end", "more"])
VALUES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**16)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | st.just({})
)


@given(st.dictionaries(PATHS, VALUES, max_size=3))
def test_both_validators_agree(changes: dict[str, Any]) -> None:
    record = copy.deepcopy(right_record(harbour()))
    for path, value in changes.items():
        *steps, last = path.split("/")
        inner: Any = record
        for step in steps:
            inner = inner.get(step) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner[last] = value
    fast = jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(record)
    reference = jsonschema.Draft202012Validator(SCHEMA).is_valid(record)
    assert fast == reference
    assert (check_schema(record, AS_JSON) == []) == reference


@pytest.mark.parametrize("value", [1.0, -0.0, 12.0])
def test_a_whole_float_is_an_integer_to_both(value: float) -> None:
    record = right_record(harbour())
    record["dues"]["light"]["payers"] = value
    assert check_schema(record, AS_JSON) == []
