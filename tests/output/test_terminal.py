"""output/terminal: the end of a run, and the lines while it goes on."""

from __future__ import annotations

import io

import pytest

from pipeline.output.summary import Attention, Summary
from pipeline.output.terminal import PlainProgress, RichProgress, counts_in_words, print_summary


def printed(summary: Summary) -> str:
    stream = io.StringIO()
    print_summary(summary, stream, width=100)
    return stream.getvalue()


def test_counts_in_words() -> None:
    assert counts_in_words(120, 400, {"accepted": 116, "flagged": 3, "failed": 1}) == "120/400 done, 3 flagged, 1 failed"
    assert counts_in_words(0, 0, {}) == "0/0 done"


def test_the_whole_summary() -> None:
    attention = (
        Attention("b.txt", "in/b.txt", "flagged", ("identity-broken: 1 + 1 = 3",)),
        Attention("c.txt", "in/c.txt", "failed", ("damaged-source: x",)),
    )
    summary = Summary(
        4, {"accepted": 2, "flagged": 1, "failed": 1}, {"f/1": {"accepted": 2, "flagged": 1}}, attention, (("in/loop", "a symbolic link"),),
        0, 0, 2.0, "out/results.jsonl", "out/manifest.sqlite", "out/needs-a-look.tsv", None,
    )  # fmt: skip
    assert (
        printed(summary)
        == """
4 documents in 2.0 s (2.0 a second)

accepted  2  ████████████  every field read, every sum holds
flagged   1  ██████        a person must look at the fields that are named
failed    1  ██████        could not be read

reports of the form  accepted  flagged
f/1                         2        1

Needs a look: 2
  failed    c.txt
            damaged-source: x
  flagged   b.txt
            identity-broken: 1 + 1 = 3

Left out: 1
  in/loop: a symbolic link

Results    out/results.jsonl  one result a line, sorted by path
Manifest   out/manifest.sqlite  the same command goes on from here
To look at out/needs-a-look.tsv
Next       tabularium inspect in/b.txt  its tables, drawn
           tabularium explain in/b.txt POINTER  where a number came from
"""
    )


def test_a_long_list_is_cut_and_hostile_names_are_shown() -> None:
    attention = tuple(Attention(f"{number:02}\x1b[31m.txt", "x", "no-report", ()) for number in range(20))
    text = printed(Summary(20, {"no-report": 20}, {}, attention, (), 5, 3, 1.0, "r", "m", "list.tsv", "problems.log"))
    assert "20 documents in 1.0 s, 5 of them finished by an earlier run; 3 results of earlier runs are not among" in text
    assert "  no-report 14\\x1b[31m.txt\n  and 5 more in list.tsv\n" in text
    assert "\x1b" not in text
    assert "problems.log" in text


def test_what_is_left_out_is_cut_after_a_few_and_the_file_named() -> None:
    skipped = tuple((f"in/{number}", "a symbolic link") for number in range(8))
    text = printed(Summary(1, {"accepted": 1}, {}, (), skipped, 0, 0, 1.0, "r", "m", None, None, left_out_path="out/left-out.tsv"))
    assert "Left out: 8\n  in/0: a symbolic link\n" in text
    assert "\n  in/4: a symbolic link\n  and 3 more in out/left-out.tsv\n" in text


def test_markup_in_names_is_not_obeyed() -> None:
    text = printed(
        Summary(
            1,
            {"failed": 1},
            {"[bold]f[/bold]": {"flagged": 1}},
            (Attention("[red]x[/red]", "x", "failed", (":smile:",)),),
            (),
            0,
            0,
            1.0,
            "r",
            "m",
            "l",
            None,
        )
    )
    assert "[red]x[/red]" in text
    assert "[bold]f[/bold]" in text
    assert ":smile:" in text


def test_nothing_at_all() -> None:
    assert printed(Summary(0, {}, {}, (), (), 0, 0, 0.5, "r", "m", None, None)).startswith(
        "\n0 documents in 0.5 s: there is nothing to read in the INPUTs\n\nResults"
    )


def test_plain_progress_ends_with_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 6.0, 7.0, 8.0])
    monkeypatch.setattr("pipeline.output.terminal.time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    with PlainProgress(stream) as bar:
        for done in range(1, 5):
            bar.update(done, 4, {"accepted": done})
    assert stream.getvalue() == "2/4 done\n4/4 done\n"


def test_rich_progress_shows_the_counts() -> None:
    stream = io.StringIO()
    with RichProgress(stream) as bar:
        bar.update(4, 4, {"accepted": 3, "failed": 1})
    assert "4/4" in stream.getvalue()
    assert "1 failed" in stream.getvalue()


def test_the_next_command_can_be_typed_as_it_stands() -> None:
    summary = Summary(
        1, {"flagged": 1}, {}, (Attention("b.txt", "my reports/b.txt", "flagged", ("x",), "/a/b"),), (),
        0, 0, 1.0, "out/results.jsonl", "out/manifest.sqlite", "out/needs-a-look.tsv", None,
    )  # fmt: skip
    stream = io.StringIO()
    print_summary(summary, stream, width=100, program=".venv/bin/tabularium")
    assert "Next       .venv/bin/tabularium inspect 'my reports/b.txt'  its tables, drawn\n" in stream.getvalue()
    assert "           .venv/bin/tabularium explain 'my reports/b.txt' /a/b  where a number came from\n" in stream.getvalue()
