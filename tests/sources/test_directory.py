"""sources/directory: what is found, under which names, and what is said of the rest."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.model.path_text import printable_path, unprinted_path
from pipeline.sources.directory import FoundFile, Skipped, Unreadable, find_sources


def make(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return root


def paths(*inputs: Path | str, leave_out: Path | None = None) -> list[str]:
    return [item.path for item in find_sources(inputs, leave_out=leave_out).files]


def test_a_directory_gives_paths_below_it_and_a_file_its_name(tmp_path: Path) -> None:
    make(tmp_path, "in/b.txt", "in/a/z.txt", "in/a.txt", "in/.hidden", "one.txt")
    assert paths(tmp_path / "in", tmp_path / "one.txt") == [".hidden", "a.txt", "a/z.txt", "b.txt", "one.txt"]


def test_location_is_what_opens_the_file(tmp_path: Path) -> None:
    make(tmp_path, "in/a/z.txt")
    assert find_sources([tmp_path / "in"]).files == (FoundFile("a/z.txt", os.fsencode(tmp_path / "in/a/z.txt")),)


def test_relative_inputs_and_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "in/a.txt")
    monkeypatch.chdir(tmp_path)
    assert paths("in") == paths("./in/") == ["a.txt"]
    assert paths(".") == ["in/a.txt"]
    monkeypatch.chdir(tmp_path / "in")
    assert paths(".") == ["a.txt"]


def test_inputs_with_the_same_names_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/x.txt", "a/only.txt", "b/x.txt", "c/x.txt")
    monkeypatch.chdir(tmp_path)
    assert paths("a", "b", "c/x.txt") == ["a/x.txt", "b/x.txt", "c/x.txt", "only.txt"]
    assert paths("c/x.txt", "b", "a") == ["a/x.txt", "b/x.txt", "c/x.txt", "only.txt"]


def test_a_name_given_to_one_may_not_be_that_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/x.txt", "b/x.txt", "c/a/x.txt")
    monkeypatch.chdir(tmp_path)
    assert paths("a", "b", "c") == ["a/x.txt", "b/x.txt", "c/a/x.txt"]


def test_a_file_reached_twice_is_taken_once_by_the_first_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "in/sub/x.txt")
    monkeypatch.chdir(tmp_path)
    assert paths("in", "in/sub", "in/sub/x.txt", "./in") == ["sub/x.txt"]
    assert paths("in/sub", "in") == ["x.txt"]


def test_links_are_not_followed_and_said(tmp_path: Path) -> None:
    root = make(tmp_path, "in/d/a.txt") / "in"
    (root / "d" / "loop").symlink_to("..")
    (root / "file").symlink_to("d/a.txt")
    (root / "dangling").symlink_to("nowhere")
    found = find_sources([root])
    assert [item.path for item in found.files] == ["d/a.txt"]
    assert found.skipped == tuple(Skipped(str(root / name), "a symbolic link") for name in ("d/loop", "dangling", "file"))
    assert found.unreadable == ()


def test_an_input_that_is_a_link_is_followed(tmp_path: Path) -> None:
    make(tmp_path, "in/a.txt")
    (tmp_path / "link").symlink_to("in")
    assert paths(tmp_path / "link") == ["a.txt"]


def test_a_directory_met_again_is_a_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A bind mount of a parent shows the same directory without any link; only its identity tells.
    root = make(tmp_path, "in/a.txt", "in/d/b.txt") / "in"
    real = os.stat
    monkeypatch.setattr("pipeline.sources.directory.os.stat", lambda path: real(root) if os.fsencode(path).endswith(b"/d") else real(path))
    found = find_sources([root])
    assert [item.path for item in found.files] == ["a.txt"]
    assert found.skipped == (Skipped(str(root / "d"), "a directory that was walked already (a loop)"),)


def test_special_files_are_not_opened_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the address of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        found = find_sources([tmp_path, "/dev/null"])
    assert [item.path for item in found.files] == ["a.txt"]
    assert found.skipped == (
        Skipped("/dev/null", "a device"),
        Skipped(str(tmp_path / "pipe"), "a named pipe"),
        Skipped(str(tmp_path / "socket"), "a socket"),
    )


def test_what_cannot_be_listed_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make(tmp_path, "in/a.txt", "in/shut/b.txt") / "in"
    real = os.scandir

    def scandir(path: bytes) -> object:
        if path.endswith(b"/shut"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("pipeline.sources.directory.os.scandir", scandir)
    found = find_sources([root])
    assert [item.path for item in found.files] == ["a.txt"]
    assert found.unreadable == (Unreadable("shut", os.fsencode(root / "shut"), "Permission denied"),)


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    directory = os.fsencode(tmp_path)
    for name in (b"\xd0\xc2.txt", rb"\xd0\xc2.txt", rb"plain\name"):
        with open(os.path.join(directory, name), "wb") as file:
            file.write(name)
    found = {item.path: item.location for item in find_sources([tmp_path]).files}
    assert found == {
        r"\xd0\xc2.txt": os.path.join(directory, b"\xd0\xc2.txt"),
        r"\\xd0\\xc2.txt": os.path.join(directory, rb"\xd0\xc2.txt"),
        r"plain\name": os.path.join(directory, rb"plain\name"),
    }


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"a/b.txt", "a/b.txt"),
        ("报告.html".encode(), "报告.html"),
        (b"\xff", r"\xff"),
        (rb"\xff", r"\\xff"),
        (b"\\\xff", r"\\\xff"),
        (rb"a\b", r"a\b"),
        (rb"a\\b", r"a\\\\b"),
        ("\ud7ff\ue000".encode(), "\ud7ff\ue000"),
    ],
)
def test_printable_path(raw: bytes, shown: str) -> None:
    assert printable_path(raw) == shown
    assert unprinted_path(shown) == raw


def test_a_tree_deeper_than_the_stack(tmp_path: Path) -> None:
    levels = [f"{tmp_path}{'/d' * depth}" for depth in range(1, 1501)]
    for level in levels:
        os.mkdir(level)
    try:
        Path(f"{levels[-1]}/x.txt").write_text("x")
        assert paths(tmp_path) == ["d/" * 1500 + "x.txt"]
    finally:  # shutil.rmtree could not
        os.remove(f"{levels[-1]}/x.txt")
        for level in reversed(levels):
            os.rmdir(level)


def test_a_missing_input_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere does not exist"):
        find_sources([tmp_path, tmp_path / "nowhere"])


def test_an_input_that_is_a_dangling_link_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    found = find_sources([tmp_path / "link"])
    assert found.unreadable == (Unreadable("link", os.fsencode(tmp_path / "link"), "No such file or directory"),)


def test_the_output_directory_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "in/a.txt", "in/out/results.jsonl")
    found = find_sources([tmp_path / "in"], leave_out=tmp_path / "in/out")
    assert [item.path for item in found.files] == ["a.txt"]
    assert found.skipped == (Skipped(str(tmp_path / "in/out"), "the output directory"),)
    assert paths(tmp_path / "in", leave_out=tmp_path / "not-there-yet") == ["a.txt", "out/results.jsonl"]


def test_an_input_that_is_the_output_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is the output directory"):
        find_sources([tmp_path], leave_out=tmp_path)
