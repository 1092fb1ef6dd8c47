"""Record schemas follow from the forms; the committed ones are in step; the result schema is the contract that the types keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.forms import record_schema as module
from pipeline.forms.load import load_form, load_forms
from pipeline.forms.record_schema import main, record_schema, schema_path, schema_text
from pipeline.model.catalogue import schemas_dir
from pipeline.model.finding import Finding
from pipeline.model.form import Form
from pipeline.model.grid import Cell, Grid
from pipeline.model.place import ElementPlace, PagePlace, SheetPlace, TextPlace, WordPlace
from pipeline.model.result import Evidence, Failure, Report, Result, Source, Table

FORMS = load_forms()
RESULT_SCHEMA: dict[str, Any] = json.loads((schemas_dir() / "result.schema.json").read_text(encoding="utf-8"))


def blank_record(form: Form) -> dict[str, Any]:
    """A record of the form with every value null."""
    record: dict[str, Any] = {"title": None, "agency": None, "year": None, "period": {"start": None, "end": None}}
    for field in form.fields:
        *steps, last = field.pointer.split("/")[1:]
        inner = record
        for step in steps:
            inner = inner.setdefault(step, {})
        inner[last] = None
    return record | {"narrative": {section.key: None for section in form.narrative}}


def errors(schema: dict[str, Any], value: object) -> list[str]:
    return sorted(error.json_path for error in Draft202012Validator(schema).iter_errors(value))


# ---- records -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_the_committed_schema_is_in_step(form: Form) -> None:
    assert schema_path(form).read_text(encoding="utf-8") == schema_text(form), "run: python -m pipeline.forms.record_schema --write"
    Draft202012Validator.check_schema(record_schema(form))


def test_every_committed_record_schema_has_a_form() -> None:
    assert {schema_path(form) for form in FORMS} == set(schemas_dir().rglob("*/*.schema.json"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_a_record_has_every_key_and_no_other(form: Form) -> None:
    schema = record_schema(form)
    assert errors(schema, blank_record(form)) == []
    assert errors(schema, {**blank_record(form), "extra": 1}) == ["$"]
    paths = {field.pointer: "$" + field.pointer.replace("/", ".") for field in form.fields}
    assert errors(schema, changed(form, -3)) == []
    assert errors(schema, changed(form, "3")) == sorted(paths.values())
    assert errors(schema, changed(form, 1.5)) == sorted(paths[field.pointer] for field in form.fields if field.type == "integer")
    assert errors(schema, changed(form, ...)) == sorted(path.rpartition(".")[0] for path in paths.values())


def changed(form: Form, value: Any) -> dict[str, Any]:
    """A record with every field set to the value, or taken out (...)."""
    record = blank_record(form)
    for field in form.fields:
        *steps, last = field.pointer.split("/")[1:]
        inner = record
        for step in steps:
            inner = inner[step]
        if value is ...:
            del inner[last]
        else:
            inner[last] = value
    return record


def test_the_form_of_a_field_and_of_what_is_around_it() -> None:
    schema = record_schema(FORMS[2])
    assert (schema["$schema"], schema["$id"]) == (
        "https://json-schema.org/draft/2020-12/schema",
        "urn:tabularium:record:cn-disclosure/2021",
    )
    proactive = schema["properties"]["proactive"]
    assert proactive["title"] == "主动公开政府信息情况"
    assert proactive["properties"]["fees"]["title"] == "行政事业性收费"
    assert proactive["properties"]["fees"]["properties"]["amount"] == {
        "title": "第二十条第（八）项 > 行政事业性收费 > 本年收费金额（单位：万元）",
        "x-unit": "万元",
        "type": ["number", "null"],
    }
    assert schema["properties"]["year"] == {"type": ["integer", "null"]}
    assert list(schema["properties"]) == [
        *("title", "agency", "year", "period", "proactive", "applications"),
        *("administrative_review", "litigation_direct", "litigation_after_review", "narrative"),
    ]


def test_a_form_without_narrative_has_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "x.form.toml"
    path.write_text(
        'id = "x"\ntitle = "X"\n[[table]]\nid = "t"\ncaptions = "T"\ncolumns = [{ label = "A", key = "a" }]\n', encoding="utf-8"
    )
    schema = record_schema(load_form(path))
    assert schema["properties"]["narrative"] == {"type": "object", "additionalProperties": False, "required": [], "properties": {}}
    assert errors(schema, {**blank_record(load_form(path)), "a": 5}) == []


def test_the_command_says_what_is_stale_and_renews_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "schema_path", lambda form: tmp_path / f"{form.id.replace('/', '-')}.json")
    assert main([]) == 1
    assert capsys.readouterr().out.count("out of step with its form; run with --write") == 3
    assert main(["--write"]) == 0
    assert capsys.readouterr().out.count("written") == 3
    assert main([]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "cn-disclosure-2021.json").read_text(encoding="utf-8") == schema_text(FORMS[2])


# ---- results -------------------------------------------------------------------------------------------------------------------

PLACES = (
    TextPlace(1, 0, 4),
    ElementPlace("/html/body/table[1]"),
    PagePlace(1, (0.0, 1.5, 2.0, 3.0)),
    SheetPlace("Sheet 1", "B7"),
    WordPlace(1, 0, 0),
)
SOURCE = Source("a/b.html", "0" * 64, 12, "text/html", "utf-8", "https://example.org/", {"kind": "zip"})
WARNING = Finding("value-lost", "warning", "gone", ("/a",), PLACES)
TABLE = Table(
    Grid((Cell(0, 0, 1, 2, "x", "header", PLACES[0], 0), Cell(1, 0, 1, 1, "", "blank", None, None)), 2, 2, "inferred", 1, 0, "T", 1),
    ("cn-disclosure/2021#applications",),
    {0: "/a"},
)


def accepted() -> Result:
    info = Finding("blank-cell", "info", "blank")
    report = Report("cn-disclosure/2021", "accepted", {"a": 1}, {"/a": Evidence("1", PLACES, 0.99987, "placed")}, (info,))
    return Result(SOURCE, "accepted", None, (report,), (TABLE,), ())


def flagged() -> Result:
    report = Report("cn-disclosure/2021", "flagged", {"a": 1}, {"/a": Evidence("1", (), 1.0)}, (WARNING,))
    return Result(SOURCE, "flagged", None, (*accepted().reports, report), (), (WARNING,))


def no_report() -> Result:
    return Result(Source(None, "f" * 64, 0), "no-report", None, (), (TABLE,), ())


def failed() -> Result:
    return Result(SOURCE, "failed", Failure("damaged-source", "cut off"), (), (), ())


@pytest.mark.parametrize("make", [accepted, flagged, no_report, failed])
def test_what_the_types_give_is_a_valid_result(make: Any) -> None:
    Draft202012Validator.check_schema(RESULT_SCHEMA)
    assert errors(RESULT_SCHEMA, json.loads(make().to_json())) == []


def objects(schema: Any, value: Any) -> list[tuple[str, set[str], set[str]]]:
    """For each closed object of the contract that a value has: its name, the keys declared, the keys there."""
    report, table = value["reports"][0], value["tables"][0]
    defs = schema["$defs"]
    pairs = {
        "result": (schema, value),
        "engine": (schema["properties"]["engine"], value["engine"]),
        "source": (defs["source"], value["source"]),
        "report": (defs["report"], report),
        "evidence": (defs["evidence"], report["evidence"]["/a"]),
        "finding": (defs["finding"], report["findings"][0]),
        "table": (defs["table"], table),
        "cell": (defs["cell"], table["cells"][0]),
    } | {f"place {index}": (defs["place"]["oneOf"][index], PLACES[index].to_dict()) for index in range(len(PLACES))}
    assert all(item["additionalProperties"] is False and item["required"] == list(item["properties"]) for item, _ in pairs.values())
    return [(name, set(item["properties"]), set(there)) for name, (item, there) in pairs.items()]


def test_the_keys_of_the_schema_are_those_of_the_types() -> None:
    found = objects(RESULT_SCHEMA, accepted().to_dict())
    assert len(found) == 13
    assert [name for name, declared, there in found if declared != there] == []


# What no result may be: (which result, the path of keys to change, the value put there; ... takes the key out).
WRONG: list[tuple[Any, tuple[str | int, ...], Any]] = [
    (accepted, ("schema_version",), "2"),
    (accepted, ("extra",), 1),
    (accepted, ("engine",), ...),
    (accepted, ("status",), "fine"),
    (accepted, ("status",), "flagged"),
    (accepted, ("status",), "no-report"),
    (accepted, ("status",), "failed"),
    (accepted, ("reports",), []),
    (accepted, ("source", "sha256"), "0" * 63),
    (accepted, ("source", "path"), ...),
    (accepted, ("reports", 0, "status"), "flagged"),
    (accepted, ("reports", 0, "findings", 0, "severity"), "warning"),
    (accepted, ("reports", 0, "findings", 0, "severity"), "fatal"),
    (accepted, ("reports", 0, "findings", 0, "code"), "Blank cell"),
    (accepted, ("reports", 0, "evidence", "a"), {"raw": "1", "places": [], "confidence": 1, "rule": None}),
    (accepted, ("reports", 0, "evidence", "/a", "confidence"), 1.01),
    (accepted, ("reports", 0, "evidence", "/a", "places", 0), {"line_number": 1, "column": 0}),
    (accepted, ("reports", 0, "evidence", "/a", "places", 0), {"line_number": 0, "column": 0, "end_column": 1}),
    (accepted, ("reports", 0, "evidence", "/a", "places", 2, "box"), [0, 0, 1]),
    (accepted, ("reports", 0, "evidence", "/a", "places", 3, "cell"), "7B"),
    (accepted, ("tables", 0, "spans"), "lost"),
    (accepted, ("tables", 0, "cells", 0, "role"), "stubhead"),
    (accepted, ("tables", 0, "cells", 0, "row_span"), 0),
    (accepted, ("tables", 0, "cells", 0, "pointer"), "a"),
    (flagged, ("status",), "accepted"),
    (no_report, ("failure",), {"code": "damaged-source", "message": ""}),
    (failed, ("failure",), None),
    (failed, ("failure", "code"), "broken"),
    (failed, ("reports",), accepted().to_dict()["reports"]),
]


@pytest.mark.parametrize(("make", "path", "value"), WRONG, ids=[f"{item[0].__name__} {item[1]} {item[2]}"[:60] for item in WRONG])
def test_what_is_outside_the_contract_is_refused(make: Any, path: tuple[str | int, ...], value: Any) -> None:
    result = json.loads(make().to_json())
    inner = result
    for step in path[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    assert errors(RESULT_SCHEMA, result) != []
