"""Imports go one way, and one named module owns each third-party library. A new edge is a decision: it is made here, in the open."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "pipeline"

_PASSED_ON = {"errors", "model"}
_STAGES = {"checks", "forms", "grids", "headers", "output", "readers"}

# What each part of pipeline/ may import, besides itself. A part is a package or a module directly under pipeline/.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "model": {"errors"},
    "values": _PASSED_ON,
    **{stage: _PASSED_ON | {"values"} for stage in _STAGES},
    "sources": _PASSED_ON,
    "engine": _PASSED_ON | _STAGES | {"values"},
    "manifest": _PASSED_ON,
    "worker": _PASSED_ON | {"output", "readers", "sources"},  # it is given the engine by name
    "unpack": _PASSED_ON | {"sources", "worker"},
    "outcome": _PASSED_ON | {"sources", "worker"},
    "child": _PASSED_ON,
    "unpacker": _PASSED_ON | {"child", "outcome", "sources", "unpack", "worker"},
    "pool": _PASSED_ON | {"child", "outcome", "sources", "unpacker", "worker"},
    "keys": _PASSED_ON | {"sources", "worker"},
    "part": _PASSED_ON | {"keys", "outcome", "pool", "sources", "worker"},
    "cluster": _PASSED_ON | {"outcome", "part", "sources", "worker"},
    "desk": _PASSED_ON | {"forms", "outcome", "pool", "sources", "worker"},
    "service": _PASSED_ON | {"desk", "sources", "worker"},
    "crawl": _PASSED_ON | {"desk", "worker"},
    "batch": _PASSED_ON | {"cluster", "engine", "forms", "keys", "manifest", "outcome", "output", "pool", "sources", "worker"},
    "status": _PASSED_ON | {"manifest", "output"},
    "dataset": _PASSED_ON | {"checks", "forms", "manifest", "output"},
    "__init__": _PASSED_ON | {"batch", "engine", "output"},
    "cli": _PASSED_ON | {"batch", "dataset", "desk", "engine", "forms", "output", "service", "sources", "status"},
    "__main__": {"cli"},
}

# Library -> the one module that imports it.
OWNERS: dict[str, str] = {
    "PIL": "pipeline.readers.scans.pictures",
    "camelot": "pipeline.readers.pdf.camelot_tables",
    "cv2": "pipeline.readers.scans.raster",
    "duckdb": "pipeline.output.database",
    "fastapi": "pipeline.service",
    "fastwarc": "pipeline.sources.warc",
    "jinja2": "pipeline.output.report",
    "jsonschema": "pipeline.checks.schema",
    "jsonschema_rs": "pipeline.checks.schema",
    "lxml": "pipeline.readers.html.read",
    "msgspec": "pipeline.output.lines",
    "olefile": "pipeline.readers.office.compound",
    "markupsafe": "pipeline.output.report",
    "onnxruntime": "pipeline.readers.scans.recognise",
    "opencc": "pipeline.values.fold",
    "orjson": "pipeline.model.jsonbytes",
    "pdfplumber": "pipeline.readers.pdf.plumber",
    "prometheus_client": "pipeline.service",
    "pyarrow": "pipeline.output.parquet",
    "pypdfium2": "pipeline.readers.pdf.pdfium",
    "ray": "pipeline.cluster",
    "rapidfuzz": "pipeline.forms.similar",
    "rich": "pipeline.output.terminal",
    "starlette": "pipeline.service",
    "uvicorn": "pipeline.service",
    "xlrd": "pipeline.readers.office.xls",
}

# Library -> the package whose modules pass its arrays to one another.
SHARED: dict[str, str] = {"numpy": "pipeline.readers.scans"}


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's target, seen from the module that has it."""

    module: str
    target: str
    line_number: int
    at_top: bool  # runs when the module is imported

    @property
    def where(self) -> str:
        return f"{self.module}, line {self.line_number}: {self.target}"


def module_name(path: Path, package: Path) -> str:
    parts = (package.name, *path.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: str, package: str) -> str:
    """The part of the package that a module belongs to; the package's own front door is "__init__"."""
    return "__init__" if module == package else module.split(".")[1]


def find_imports(package: Path) -> Iterator[Import]:
    """Every import of every module, also inside functions and under TYPE_CHECKING."""
    for path in sorted(package.rglob("*.py")):
        module = module_name(path, package)
        tree = ast.parse(path.read_bytes(), filename=str(path))
        top = set(map(id, tree.body))
        for node in ast.walk(tree):
            for target in _targets(node, module, path.name == "__init__.py", package):
                yield Import(module, target, node.lineno, id(node) in top)  # type: ignore[attr-defined]  # only statements give targets


def _targets(node: ast.AST, module: str, is_package: bool, package: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = module.split(".")
        base = parts[: len(parts) - node.level + is_package] if node.level else []
        origin = ".".join([*base, *(node.module or "").split(".")]).strip(".")
        # `from pipeline.forms import align` imports a module; `from pipeline.forms.align import Align` a name of one.
        inner = {alias.name: package.parent.joinpath(*origin.split("."), alias.name) for alias in node.names}
        modules = {name for name, path in inner.items() if path.with_suffix(".py").is_file() or path.is_dir()}
        yield from sorted({f"{origin}.{name}" if name in modules else origin for name in inner})


def find_wrong_edges(package: Path, may_import: dict[str, set[str]]) -> list[str]:
    """Imports between parts that `may_import` does not allow."""
    wrong = []
    for item in find_imports(package):
        if item.target.split(".")[0] != package.name:
            continue
        here, there = part_of(item.module, package.name), part_of(item.target, package.name)
        if here != there and there not in may_import.get(here, set()):
            wrong.append(item.where)
    return wrong


def find_libraries(package: Path) -> list[Import]:
    """Imports of what is neither ours nor the standard library's."""
    known = {*sys.stdlib_module_names, package.name}
    return [item for item in find_imports(package) if item.target.split(".")[0] not in known]


def test_imports_go_one_way() -> None:
    assert find_wrong_edges(PACKAGE, MAY_IMPORT) == []


def test_every_part_has_its_rule() -> None:
    parts = {part_of(module_name(path, PACKAGE), PACKAGE.name) for path in PACKAGE.rglob("*.py")}
    assert parts <= MAY_IMPORT.keys()


def test_the_rules_themselves_go_one_way() -> None:
    order = tuple(graphlib.TopologicalSorter(MAY_IMPORT).static_order())
    assert set(order) == MAY_IMPORT.keys()


def test_modules_do_not_import_each_other_in_a_ring() -> None:
    edges: dict[str, set[str]] = {}
    for item in find_imports(PACKAGE):
        if item.at_top and item.target.split(".")[0] == PACKAGE.name and item.target != item.module:
            edges.setdefault(item.module, set()).add(item.target)
    assert tuple(graphlib.TopologicalSorter(edges).static_order())


def test_one_module_owns_each_library() -> None:
    wrong = [item.where for item in find_libraries(PACKAGE) if item.module not in _owners(item)]
    assert wrong == []


def _owners(item: Import) -> set[str | None]:
    library = item.target.split(".")[0]
    package = SHARED.get(library)
    return {item.module} if package is not None and item.module.startswith(f"{package}.") else {OWNERS.get(library)}


def test_every_owner_is_one() -> None:
    used = {item.target.split(".")[0] for item in find_libraries(PACKAGE)}
    assert used == OWNERS.keys() | SHARED.keys()


@pytest.mark.parametrize(
    ("path", "line", "found"),
    [
        ("values/numbers.py", "from pipeline.readers.html import read", "pipeline.values.numbers, line 1: pipeline.readers.html"),
        ("readers/html.py", "from pipeline.grids import place", "pipeline.readers.html, line 1: pipeline.grids"),
        ("readers/html.py", "def f():\n    import pipeline.forms.align", "pipeline.readers.html, line 2: pipeline.forms.align"),
        ("readers/pdf/page.py", "from ...grids import place", "pipeline.readers.pdf.page, line 1: pipeline.grids"),
        ("readers/__init__.py", "from ..grids.place import x", "pipeline.readers, line 1: pipeline.grids.place"),
        ("model/place.py", "if TYPE_CHECKING:\n    from pipeline import engine", "pipeline.model.place, line 2: pipeline.engine"),
        ("engine.py", "import pipeline", "pipeline.engine, line 1: pipeline"),
        ("engine.py", "import pipeline.batch as b", "pipeline.engine, line 1: pipeline.batch"),
    ],
)
def test_a_planted_edge_is_seen(tmp_path: Path, path: str, line: str, found: str) -> None:
    package = tmp_path / "pipeline"
    for name in ("engine.py", "batch.py", path):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).touch()
    (package / path).write_text(line, encoding="utf-8")
    assert find_wrong_edges(package, MAY_IMPORT) == [found]


def test_allowed_edges_pass(tmp_path: Path) -> None:
    package = tmp_path / "pipeline"
    (package / "readers").mkdir(parents=True)
    (package / "readers" / "html.py").write_text(
        "import re\nimport lxml.html\nfrom pipeline.model import place\nfrom . import text\nfrom pipeline.errors import SourceError\n",
        encoding="utf-8",
    )
    assert find_wrong_edges(package, MAY_IMPORT) == []
    assert [item.target for item in find_libraries(package)] == ["lxml.html"]
