"""The examples of the documentation are run, and what they print is what stands there.

A fence `console` holds commands after "$ " and their output; a fence `python` holds a program, and a fence `text` right after it what that
prints. A line "..." stands for any lines, "..." within a line for any text there. Examples run in a folder that has only samples/ in it.
Other fences are not run.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))
_FENCE = re.compile(r"^```(?P<kind>[a-z]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "\x1e"


@dataclass(frozen=True, slots=True)
class Example:
    """One fence that is run: `steps` are commands (or one program) and what each should print."""

    page: str
    line_number: int
    kind: str
    steps: tuple[tuple[str, str], ...]


def find_examples(page: str, text: str) -> Iterator[Example]:
    fences = list(_FENCE.finditer(text))
    for fence, after in itertools.zip_longest(fences, fences[1:]):
        line_number = text.count("\n", 0, fence.start()) + 1
        if fence["kind"] == "console":
            yield Example(page, line_number, "console", tuple(_steps(fence["body"])))
        elif fence["kind"] == "python":
            follows = after is not None and after["kind"] == "text" and not text[fence.end() : after.start()].strip()
            yield Example(page, line_number, "python", ((fence["body"], after["body"] if follows and after else ""),))


def _steps(body: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command = command[:-1] + more
        yield command, output


def is_match(expected: str, printed: str) -> bool:
    """Whether the printed lines are the expected ones, "..." standing for any; white space at line ends aside."""
    pieces = [_as_pattern(piece) for piece in re.split(r"^\.\.\.$\n?", _trimmed(expected), flags=re.MULTILINE)]
    rest = _trimmed(printed)
    if len(pieces) == 1:
        return re.fullmatch(pieces[0], rest) is not None
    # One piece after the other, each where it first fits: a single pattern would try all the ways to part thousands of lines.
    first, *between, last = pieces
    found = re.match(first, rest)
    for piece in between:
        if found is None:
            return False
        rest = rest[found.end() :]
        found = re.search(rf"^{piece}", rest, re.MULTILINE)
    return found is not None and re.search(rf"^{last}\Z", rest[found.end() :], re.MULTILINE) is not None


def _as_pattern(lines: str) -> str:
    return "[^\n]*".join(map(re.escape, lines.split("...")))


def _trimmed(text: str) -> str:
    return "".join(line.rstrip() + "\n" for line in text.rstrip().splitlines())


def run_example(example: Example, folder: Path) -> list[str]:
    """What each step prints, errors included, as a person sees it who is not at a terminal."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
    }
    if example.kind == "python":
        command = [sys.executable, "-c", example.steps[0][0]]
    else:
        # The mark stands before each command's output; a command still sees the exit code of the one before it.
        lines = [f"__code=$?; printf '{_MARK}'; (exit $__code)\n{step}" for step, _ in example.steps]
        command = ["bash", "-c", "\n".join(lines)]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout.split(_MARK)[1:] if example.kind == "console" else [done.stdout]


EXAMPLES = [
    example for page in PAGES if (ROOT / page).is_file() for example in find_examples(page, (ROOT / page).read_text(encoding="utf-8"))
]


def test_the_readme_has_a_command_and_a_library_call() -> None:
    readme = [example for example in EXAMPLES if example.page == "README.md"]
    assert {example.kind for example in readme} == {"console", "python"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.page}:{example.line_number}")
def test_an_example_prints_what_stands_there(example: Example, samples_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(samples_dir, tmp_path / "samples")
    printed = run_example(example, tmp_path)
    assert len(printed) == len(example.steps)
    for (command, expected), output in zip(example.steps, printed, strict=True):
        assert is_match(expected, output), f"{command}\n--- expected\n{expected}\n--- printed\n{output}"


def test_every_page_can_be_reached() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#\s]+)", index))
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert pages - linked == {"README.md"}


def test_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        assert [target for target in targets if not (page.parent / target).exists()] == [], page.name


def test_examples_are_found_and_compared() -> None:
    text = "```console\n$ echo a; exit 3\na\n```\n\n```python\nprint(1)\n```\n\n```text\n1\n```\n\n```sh\nfalse\n```\n"
    assert [(item.line_number, item.kind, item.steps) for item in find_examples("x.md", text)] == [
        (1, "console", (("echo a; exit 3", "a\n"),)),
        (6, "python", (("print(1)\n", "1\n"),)),
    ]
    assert is_match("a\n...\nd\n", "a\nb\nc\nd  \n")
    assert is_match("a\n...\n", "a\n")
    assert not is_match("a\n", "a\nb\n")
    assert not is_match("a\n...\nd\n", "a\nb\n")
    assert is_match("...\nb\n...\nb\n...\n", "a\nb\nb\nc\n")
    assert not is_match("...\nb\n...\nb\n...\n", "a\nb\nc\n")
    assert not is_match("...\nb\n", "a\nab\n")
    assert is_match("x ... y\n", "x 1 y\n")
    assert not is_match("x ... y\n", "x 1\n y\n")


def test_a_command_sees_the_exit_code_of_the_one_before(tmp_path: Path) -> None:
    example = Example("x.md", 1, "console", (("(exit 3)", ""), ("echo $?", "3\n"), ("pwd", "")))
    assert run_example(example, tmp_path) == ["", "3\n", f"{tmp_path}\n"]
