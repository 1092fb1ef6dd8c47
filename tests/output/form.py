"""A small form for tests of what is shown to people."""

from __future__ import annotations

from pipeline.model.form import Band, ColumnNode, Field, Form, FormTable, Identity, Label, Metadata, NarrativeSection, NumberRules, RowNode

COLUMNS = (
    ColumnNode(Label(("Unit",)), kind="text"),
    ColumnNode(
        Label(("Applicants",)), children=(ColumnNode(Label(("Persons", "People")), "persons"), ColumnNode(Label(("Total",)), "total"))
    ),
)
ROWS = (RowNode(Label(("Received",)), "received", children=(RowNode(Label(("by post",)), "by_post"),)), RowNode(None, "plain"))
FORM = Form(
    id="test/form",
    title="测试 form",
    tables=(
        FormTable(
            "requests", "/requests", Label(("Requests", "Applications")), (Band(Label(("Part 1",)), (Label(("Item",)),), COLUMNS, ROWS),)
        ),
    ),
    fields=(
        Field("/requests/received/persons", "requests", ("Received",), ("Applicants", "Persons"), "integer", "件"),
        Field("/requests/received/total", "requests", ("Received",), ("Applicants", "Total"), "integer", ""),
        Field("/requests/by_post/total", "requests", ("Received", "by post"), ("Applicants", "Total"), "decimal", ""),
    ),
    identities=(
        Identity("row", "sum", "/requests/received/total", ("/requests/received/persons", "/x")),
        Identity("flow", "balance", None, ("/a", "/b", "/c", "/d")),
        Identity("post", "part", "/requests/received/total", ("/requests/by_post/total",)),
    ),
    metadata=Metadata(),
    narrative=(NarrativeSection("overview", Label(("Overview",))),),
    numbers=NumberRules(),
    vocabulary={},
    encoding_words=(),
    source="test.form.toml",
)
