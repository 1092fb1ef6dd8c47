"""What a batch looks like on a terminal: the bar while it runs, the summary at its end. The only module that imports rich."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pipeline.model.result import Status
from pipeline.output.summary import STATUSES, Attention, BatchStatus, Summary
from pipeline.output.visible import visible_text

__all__ = ["PlainProgress", "RichProgress", "counts_in_words", "print_status", "print_summary"]

_COLOURS: Mapping[str, str] = {"accepted": "green", "flagged": "yellow", "no-report": "cyan", "failed": "red"}
_MEANINGS: Mapping[str, str] = {
    "accepted": "every field read, every sum holds",
    "flagged": "a person must look at the fields that are named",
    "no-report": "nothing in it is one of the forms",
    "failed": "could not be read",
}
_MOST_SHOWN = 15
_MOST_SKIPPED = 5
_PLAIN_SECONDS = 5.0


def counts_in_words(done: int, total: int, by_status: Mapping[Status, int]) -> str:
    """ "120/400 done, 3 flagged, 1 failed"."""
    words = [f"{by_status[status]} {status}" for status in STATUSES[1:] if by_status.get(status)]
    return ", ".join([f"{done}/{total} done", *words])


class PlainProgress(AbstractContextManager["PlainProgress"]):
    """Progress for a file or a pipe: a line every few seconds, and one at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._printed = time.monotonic()
        self._unsaid = ""

    def update(self, done: int, total: int, by_status: Mapping[Status, int]) -> None:
        """Say how far it is, if it is time to."""
        now = time.monotonic()
        self._unsaid = counts_in_words(
            done, total, by_status
        )  # the total grows while archives are walked: the last line is known at the end
        if now - self._printed >= _PLAIN_SECONDS:
            self._printed = now
            self._say()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and self._unsaid:
            self._say()

    def _say(self) -> None:
        self._stream.write(f"{self._unsaid}\n")
        self._stream.flush()
        self._unsaid = ""


class RichProgress(AbstractContextManager["RichProgress"]):
    """Progress for a terminal: a bar with counts, the time passed and the time left."""

    def __init__(self, stream: TextIO) -> None:
        self._bar = Progress(
            TextColumn("reading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[words]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(file=stream),
        )
        self._task: TaskID = self._bar.add_task("", total=None, words="")

    def __enter__(self) -> RichProgress:
        self._bar.start()
        return self

    def update(self, done: int, total: int, by_status: Mapping[Status, int]) -> None:
        """Move the bar."""
        words = counts_in_words(done, total, by_status).partition(", ")[2]
        self._bar.update(self._task, completed=done, total=total, words=words)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()


def print_summary(summary: Summary, stream: TextIO, *, width: int | None = None, program: str = "tabularium") -> None:
    """The end of a run: counts, forms, what needs a look and why, where the results are, what to type next.

    `program` is what to type for the command, where that is not on the PATH.
    """
    console = Console(file=stream, highlight=False, emoji=False, markup=False, width=width)
    with console.capture() as captured:
        console.print()
        console.print(_headline(summary), soft_wrap=True)
        if summary.total:
            console.print()
            console.print(_status_table(summary))
        if summary.by_form:
            console.print(_form_table(summary))
        for line in (*_attention_lines(summary), *_skipped_lines(summary), *_where_lines(summary), *_next_lines(summary, program)):
            console.print(line, soft_wrap=True)
    stream.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def print_status(status: BatchStatus, out: str, stream: TextIO, *, program: str = "tabularium") -> None:
    """How a batch stands: the run, what is finished, and what to type next."""
    console = Console(file=stream, highlight=False, emoji=False, markup=False, width=None if stream.isatty() else 100)
    with console.capture() as captured:
        console.print(Text(_run_in_words(status), style="bold"), soft_wrap=True)
        for heading, counts in (("media type", status.by_media_type), ("read by engine", status.by_version)):
            if counts:
                console.print()
                console.print(_count_table(heading, counts))
        console.print()
        for line in _what_next(status, out, program):
            console.print(line, soft_wrap=True)
    stream.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _run_in_words(status: BatchStatus) -> str:
    done = sum(count for _, _, count in status.by_media_type)
    words = f"{done} documents finished"
    if status.is_running:
        return f"A run is under way since {status.started_at}: {words}"
    if status.ended_at is None:
        return f"The last run, of {status.started_at}, was cut off: {words}"
    return f"The last run ended {status.ended_at}: {words}"


def _count_table(heading: str, counts: tuple[tuple[str | None, str, int], ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(heading)
    for name in STATUSES:
        table.add_column(name, justify="right")
    rows: dict[str, dict[str, int]] = {}
    for value, counted, count in counts:
        rows.setdefault(value or "not known", {})[counted] = count
    for value, by_status in rows.items():
        table.add_row(
            Text(visible_text(value)),
            *(Text(str(by_status.get(name, 0)), _COLOURS[name] if by_status.get(name) else "dim") for name in STATUSES),
        )
    return table


def _what_next(status: BatchStatus, out: str, program: str) -> Iterator[Text]:
    out = shlex.quote(visible_text(out))
    if not status.is_running and status.ended_at is None:
        again = visible_text(status.command) if status.command else f"{program} run INPUT... -o {out}"
        yield Text.assemble(("Go on      ", "bold"), again)
    failed = sum(count for _, name, count in status.by_media_type if name == "failed")
    if failed and not status.is_running:
        known = status.command if status.command and " --retry " not in status.command else f"{program} run INPUT... -o {out}"
        yield Text.assemble(("Again      ", "bold"), f"{visible_text(known)} --retry failed", (f"  what failed: {failed}", "dim"))
    if not status.has_dataset or status.is_dataset_older:
        state = "older than the results" if status.has_dataset else "not made"
        yield Text.assemble(("Dataset    ", "bold"), f"{program} dataset {out}", (f"  {state}", "dim"))
    else:
        yield Text.assemble(("Dataset    ", "bold"), f"{out}/datapackage.json")


def _headline(summary: Summary) -> Text:
    noun = "document" if summary.total == 1 else "documents"
    text = f"{summary.total} {noun} in {summary.elapsed:.1f} s"
    if not summary.total:
        text += ": there is nothing to read in the INPUTs"
    if summary.resumed:
        text += f", {summary.resumed} of them finished by an earlier run"
    elif summary.total:
        text += f" ({summary.per_second:.1f} a second)"
    if summary.copied:
        text += f"; {summary.copied} are copies of others"
    if summary.dropped:
        text += f"; {summary.dropped} results of earlier runs are not among these inputs and were dropped"
    return Text(text, style="bold")


def _status_table(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    table.add_column(no_wrap=True)
    for status in STATUSES:
        count = summary.by_status.get(status, 0)
        if count:
            bar = "█" * max(1, round(24 * count / summary.total))
            table.add_row(Text(status, _COLOURS[status]), str(count), Text(bar, _COLOURS[status]), Text(_MEANINGS[status], "dim"))
    return table


def _form_table(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("\nreports of the form")
    table.add_column("\naccepted", justify="right")
    table.add_column("\nflagged", justify="right")
    for form, counts in summary.by_form.items():
        table.add_row(Text(visible_text(form)), str(counts.get("accepted", 0)), str(counts.get("flagged", 0)))
    return table


def _attention_lines(summary: Summary) -> Iterator[Text]:
    if not summary.attention:
        return
    yield Text()
    yield Text(f"Needs a look: {_attention_count(summary)}", style="bold")
    # The worst first: what could not be read, then what is doubtful; a document without a report is often meant to be one.
    order = {"failed": 0, "flagged": 1, "no-report": 2}
    shown = sorted(summary.attention, key=lambda item: (order.get(item.status, 3), item.path))[:_MOST_SHOWN]
    for item in shown:
        yield Text.assemble("  ", (f"{item.status:<10}", _COLOURS[item.status]), visible_text(item.path))
        if item.status != "no-report":  # the status says it all
            yield from (Text(f"            {visible_text(reason)}", style="dim") for reason in item.reasons)
    if _attention_count(summary) > len(shown):
        yield Text(f"  and {_attention_count(summary) - len(shown)} more in {summary.attention_path}")


def _attention_count(summary: Summary) -> int:
    return max(summary.attention_count, len(summary.attention))


def _skipped_lines(summary: Summary) -> Iterator[Text]:
    if not summary.skipped:
        return
    yield Text()
    yield Text(f"Left out: {len(summary.skipped)}", style="bold")
    for path, reason in summary.skipped[:_MOST_SKIPPED]:
        yield Text(f"  {visible_text(path)}: {reason}")
    if len(summary.skipped) > _MOST_SKIPPED:
        yield Text(f"  and {len(summary.skipped) - _MOST_SKIPPED} more in {visible_text(summary.left_out_path or '')}")


def _where_lines(summary: Summary) -> Iterator[Text]:
    yield Text()
    yield Text.assemble(("Results    ", "bold"), visible_text(summary.results_path), ("  one result a line, sorted by path", "dim"))
    yield Text.assemble(("Manifest   ", "bold"), visible_text(summary.manifest_path), ("  the same command goes on from here", "dim"))
    if summary.dataset_path is not None:
        yield Text.assemble(
            ("Dataset    ", "bold"), visible_text(summary.dataset_path), ("  describes the Parquet tables beside it", "dim")
        )
    if summary.report_path is not None:
        yield Text.assemble(
            ("Report     ", "bold"),
            visible_text(summary.report_path),
            ("  for people: what came in, what came out, what needs a look", "dim"),
        )
    if summary.attention_path is not None:
        yield Text.assemble(("To look at ", "bold"), visible_text(summary.attention_path))
    if summary.problems_path is not None:
        yield Text.assemble(
            ("Problems   ", "bold"), visible_text(summary.problems_path), ("  what the readers printed when they failed", "dim")
        )


def _next_lines(summary: Summary, program: str) -> Iterator[Text]:
    example = _example(summary.attention)
    if example is not None:
        program, file = shlex.quote(visible_text(program)), shlex.quote(visible_text(example.location))
        yield Text.assemble(("Next       ", "bold"), f"{program} inspect {file}", ("  its tables, drawn", "dim"))
        yield Text.assemble(
            "           ",
            f"{program} explain {file} {shlex.quote(visible_text(example.pointer or 'POINTER'))}",
            ("  where a number came from", "dim"),
        )


def _example(attention: tuple[Attention, ...]) -> Attention | None:
    return next((item for item in attention if item.status == "flagged"), None)
