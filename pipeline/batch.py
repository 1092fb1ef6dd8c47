"""Many sources: found, worked on in parallel by killable processes, written down as they end, resumed after any kill."""

from __future__ import annotations

import os
import pickle
import re
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import cast

from pipeline.errors import OutputError, UsageError
from pipeline.keys import hint_of, setting_of, work_key
from pipeline.manifest import Manifest, Row
from pipeline.model.form import Form
from pipeline.model.jsonbytes import dump_json, load_json
from pipeline.model.limits import Limits
from pipeline.model.path_text import printable_path
from pipeline.model.result import ENGINE_VERSION, Status
from pipeline.outcome import Done, LeftOut, Lost, Outcome, Revisit, Unwanted
from pipeline.output.hold import hold
from pipeline.output.journal import Journal, line_digest, write_whole, writing
from pipeline.output.summary import (
    EXIT_CODE_OF_STATUS,
    MOST_ATTENTION,
    Attention,
    Facts,
    Summary,
    attention_lines,
    facts_of,
    left_out_lines,
)
from pipeline.pool import run_tasks
from pipeline.sources.content import Content, failed_result
from pipeline.sources.directory import Found, find_sources
from pipeline.worker import ENGINE, Setup, Task

__all__ = ["ENGINES", "LOCAL", "Again", "Progress", "run_batch", "wanted_jobs"]

LOCAL = "local"
ENGINES = (LOCAL, "ray")  # what works on the sources

_SYNC_SECONDS = 2.0
_ANYWHERE = "anywhere"
_OTHER_KIND = "sources of a media type that was not asked for"
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){0,5}")
_INSIDE = "!/"  # between an archive and what is in it


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is. `resumed` of the `done` were finished by an earlier run. `total` grows while archives are walked."""

    done: int
    total: int
    resumed: int
    by_status: dict[Status, int]


@dataclass(frozen=True, slots=True)
class Again:
    """Which finished sources a run works on again.

    Without any of these: those whose bytes, forms, engine or limits are not the same any more. `retry`: those of these statuses, too ("failed").
    `only`: no source of another media type than these is worked on; what they have of results stays, and what has none is left out.
    `since_version`: results of this version of the engine or a later one stand, whatever else has changed; older ones do not.
    """

    retry: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    since_version: str | None = None

    def __post_init__(self) -> None:
        """UsageError for what is no status, media type or version."""
        for status in self.retry - EXIT_CODE_OF_STATUS.keys():
            raise UsageError(f"{status!r} is not a status; known: {', '.join(EXIT_CODE_OF_STATUS)}")
        for media_type in self.only:
            if not _MEDIA_TYPE.fullmatch(media_type):
                raise UsageError(f"{media_type!r} is not a media type like text/html; `tabularium status OUT` lists those of a run")
        if self.since_version is not None:
            _version(self.since_version)


def run_batch(
    inputs: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    jobs: int | None = None,
    forms: Sequence[str | Path | Form] | None = None,
    limits: Limits | None = None,
    progress: Callable[[Progress], None] | None = None,
    again: Again | None = None,
    command: str | None = None,
    extract: str = ENGINE,
    engine: str = LOCAL,
) -> Summary:
    """Read every file of the INPUTs (files, directories to their depths, and archives) and write OUT/results.jsonl, one result a
    line, sorted by path. Sources of the same bytes are worked on once.

    When this returns, results.jsonl holds exactly the sources of these INPUTs: results of an earlier run over others
    are dropped (and counted in the Summary). The bytes do not depend on `jobs` (default: one for each processor).

    A source whose result is there already is not worked on again, as long as its bytes, the forms, the engine and the
    limits are the same; this holds after a kill at any instant. A file that cannot be read, or that crashes, hangs or
    exhausts its worker, is a failed result. `progress` is called after each source. `extract` names the function that
    reads one source, "module:name". `again` chooses what is worked on again, see there. `command` is what was typed, for `read_status`.
    `engine`: "local", or "ray" for a Ray cluster (pipeline.cluster), with the same results; `jobs` then bounds the parts under way.

    UsageError: an INPUT does not exist. ConfigError: a form is wrong. OutputError: OUT cannot be written, or another
    run writes there; what was finished is kept, also when KeyboardInterrupt comes through.
    """
    started = time.monotonic()
    if jobs is not None and jobs < 1:
        raise ValueError("jobs must be 1 or more")
    if engine not in ENGINES:
        raise UsageError(f"{engine!r} is not an engine; known: {', '.join(ENGINES)}")
    limits = limits or Limits()
    again = again or Again()
    setup = Setup(extract, _loaded(forms), limits, again.only)
    found = find_sources([inputs] if isinstance(inputs, str | os.PathLike) else inputs, leave_out=out)
    directory = Path(out)
    with hold(directory):
        book = _Book(directory, setup, again, found)
        try:
            book.begin(command, len(found.files) + len(found.unreadable))
            run = _Run(found, book, progress)
            run.work(jobs, setup, engine)
            summary = run.finish(started)
            book.end()
            return summary
        finally:
            book.close()


def _loaded(forms: Sequence[str | Path | Form] | None) -> tuple[Form, ...]:
    from pipeline.forms.load import load_forms  # late: reading forms is not needed to import this module

    return load_forms(forms)


def wanted_jobs(jobs: int | None) -> int:
    """That many, or one for each processor."""
    if jobs is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return jobs


class _Book:
    """results.jsonl and manifest.sqlite as one: a source is finished when its row is there and so is the line that the row names."""

    def __init__(self, directory: Path, setup: Setup, again: Again, found: Found) -> None:
        self._found = found
        self._again = again
        self._run = 0
        self.results = directory / "results.jsonl"
        self.attention = directory / "needs-a-look.tsv"
        self.left_out = directory / "left-out.tsv"
        self.problems = directory / "problems.log"
        self.spool = directory / ".spool"
        _refuse_foreign(self.results, directory / "manifest.sqlite")
        self.key = work_key(setup)
        self._allowance = f"{setup.limits.max_seconds:g} s, {setup.limits.max_memory} bytes"
        self.manifest = Manifest(directory / "manifest.sqlite")
        try:
            self.journal = Journal(self.results, self.manifest.line_digests())
        except BaseException:
            self.manifest.close()
            raise
        self._synced = time.monotonic()
        _remove(self.problems)
        self._clear_spool()
        with writing(self.spool):
            self.spool.mkdir()

    def begin(self, command: str | None, found: int) -> None:
        """Note that a run begins."""
        self._run = self.manifest.begin_run(command, found, _now())

    def end(self) -> None:
        """Note that it came to its end."""
        self.manifest.end_run(self._run, _now())

    def standing(self, path: str) -> Row | None:
        """The row of a source whose result still stands, as long as its bytes are the same."""
        row = self.manifest.row(path)
        return row if row is not None and self._stands(row) else None

    def standing_from(self, path: str) -> dict[str, tuple[str, str, str]]:
        """Digest, hint and setting of a file, or of what is in it, by path, where the result stands."""
        rows = (row for row in self.manifest.rows_from(path) if row.sha256 is not None and self._stands(row))
        return {row.path: (str(row.sha256), row.hint, row.setting) for row in rows}

    def twin(self, sha256: str, hint: str) -> Row | None:
        """A source of the same bytes whose result stands."""
        return next((row for row in self.manifest.rows_of_content(sha256, hint) if self._stands(row)), None)

    def _stands(self, row: Row) -> bool:
        again = self._again
        if row.line_sha256 not in self.journal:
            return False
        if row.run == self._run:
            return True  # once in a run is enough
        if again.only and row.media_type is not None and row.media_type not in again.only:
            return True  # a failed source has no media type: a worker looks what it is
        if row.status in again.retry:
            return False
        if again.since_version is not None:
            return _version(row.engine_version) >= _version(again.since_version)
        if row.work_key != self.key:
            return False
        ran_out = Facts.from_json(row.facts).failure_code in ("limit-exceeded", "internal-error")
        return not ran_out or row.allowance == self._allowance

    def write(
        self, task: Task, sha256: str | None, byte_count: int, facts: Facts, line: bytes, attempts: int = 0, seconds: float = 0.0
    ) -> None:
        """The line first, then the row: a kill in between leaves a line that nobody names."""
        digest = self.journal.append(line)
        row = Row(
            task.path, _location_of(self._found, task.path, absolute=True), sha256, byte_count, hint_of(task), setting_of(task), facts.media_type, facts.status, attempts, seconds, _now(),
            self._run, ENGINE_VERSION, self.key, self._allowance, digest, facts.to_json(),
        )  # fmt: skip
        self.manifest.put(row)
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            self.journal.sync()
            self._synced = time.monotonic()

    def copy(self, task: Task, row: Row) -> bool:
        """Make the result of a source of the same bytes as another's from that one's; False when the source has this very result already."""
        result = load_json(self.journal.line(row.line_sha256))
        result["source"] |= {"path": task.path, "uri": task.uri, "container": task.container}
        line = dump_json(result)
        own = self.standing(task.path)
        if own is not None and own.line_sha256 == line_digest(line):
            return False
        self.write(task, row.sha256, row.byte_count, Facts.from_json(row.facts), line)
        return True

    def note(self, path: str, what: str, output: bytes) -> None:
        """Keep what a worker printed over a source that it failed on."""
        if not output.strip():
            return
        with writing(self.problems), self.problems.open("ab") as file:
            file.write(f"==== {path}: {what}\n".encode("utf-8", "backslashreplace") + output.rstrip() + b"\n\n")

    def settle(self) -> int:
        """Leave exactly the sources of this run in both, by path; the number of others that were dropped."""
        self.journal.rewrite(self.manifest.seen_line_digests())
        # After the lines: a row without its line is not believed, a line without its row would be lost work.
        return self.manifest.remove_unseen()

    def close(self) -> None:
        try:
            self._clear_spool()
            self.journal.sync()
        finally:
            self.journal.close()
            self.manifest.close()

    def _clear_spool(self) -> None:
        """Remove what lies there, also after a kill."""
        with writing(self.spool):
            if self.spool.is_dir():
                for file in self.spool.iterdir():
                    file.unlink()
                self.spool.rmdir()


@dataclass(slots=True)
class _Run:
    """One batch under way."""

    found: Found
    book: _Book
    progress: Callable[[Progress], None] | None
    counts: Counter[Status] = field(default_factory=Counter)
    total: int = 0
    resumed: int = 0
    copied: int = 0
    # Sources that a worker has now, by content, each with the others of the same bytes that wait for its result.
    under_way: dict[tuple[str, str], list[Task]] = field(default_factory=dict)
    left_out: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    archives: set[str] = field(default_factory=set)  # files that begin as archives do, and did not turn out to be documents (.docx) yet

    def work(self, jobs: int | None, setup: Setup, engine: str) -> None:
        """Take every source to its result."""
        self.total = len(self.found.files) + len(self.found.unreadable)
        for item in self.found.unreadable:
            self.book.manifest.see(item.path)
            self._fail(Task(item.path, item.location), "damaged-source", f"cannot be read: {item.reason}")
        tasks: list[Task] = []
        archives: list[Task] = []
        for file in self.found.files:
            (archives if file.may_be_archive() else tasks).append(Task(file.path, file.location))
        self.archives.update(task.path for task in archives)
        self.total -= len(archives)
        outcomes = self._outcomes(tasks, archives, jobs, setup, engine)
        try:
            for outcome in outcomes:
                self._take(outcome)
        finally:
            outcomes.close()  # at once, not when the collector comes: it kills the workers
        for body in self.book.manifest.take_put_off():
            self._resolve(*pickle.loads(body))  # noqa: S301 (our own, of this run)

    def _outcomes(
        self, tasks: Sequence[Task], archives: Sequence[Task], jobs: int | None, setup: Setup, engine: str
    ) -> Generator[Outcome, None, None]:
        if engine == LOCAL:
            return run_tasks(tasks, archives, wanted_jobs(jobs), setup, self._admit, self.book.spool)
        from pipeline.cluster import run_on_cluster  # late: it is an extra

        return run_on_cluster(tasks, archives, jobs, setup, self._admit, self.book.standing_from, self.book.key)

    def finish(self, started: float) -> Summary:
        """Put the outputs into their last form and say how it went."""
        dropped = self.book.settle()
        shown: list[Attention] = []
        count = 0
        by_form: dict[str, Counter[str]] = {}

        def to_look_at() -> Iterator[Attention]:
            nonlocal count
            for row in self.book.manifest.seen_rows():
                facts = Facts.from_json(row.facts)
                for form, status in facts.reports:
                    by_form.setdefault(form, Counter())[status] += 1
                if facts.status != "accepted":
                    count += 1
                    item = Attention(row.path, _location_of(self.found, row.path), facts.status, facts.reasons, facts.pointer)
                    if len(shown) < MOST_ATTENTION:
                        shown.append(item)
                    yield item

        write_whole(self.book.attention, attention_lines(to_look_at()))
        if not count:
            _remove(self.book.attention)
        left_out = (*((item.path, item.reason) for item in self.found.skipped), *self._left_out())
        if left_out:
            write_whole(self.book.left_out, left_out_lines(left_out))
        else:
            _remove(self.book.left_out)
        return Summary(
            total=sum(self.counts.values()),
            by_status=dict(self.counts),
            by_form={form: dict(by_form[form]) for form in sorted(by_form)},
            attention=tuple(shown),
            skipped=left_out,
            resumed=self.resumed,
            dropped=dropped,
            elapsed=time.monotonic() - started,
            results_path=str(self.book.results),
            manifest_path=str(self.book.manifest.path),
            attention_path=str(self.book.attention) if count else None,
            problems_path=str(self.book.problems) if self.book.problems.exists() else None,
            attention_count=count,
            copied=self.copied,
            left_out_path=str(self.book.left_out) if left_out else None,
        )

    def _left_out(self) -> Iterator[tuple[str, str]]:
        for (archive, reason), (member, count) in sorted(self.left_out.items()):
            yield (f"{archive}{_INSIDE}{member}" if count == 1 and member else archive), (f"{reason}: {count}" if count > 1 else reason)

    # ---- what comes in -----------------------------------------------------------------------------------------------

    def _admit(self, task: Task, content: Content) -> Task | None:
        """Asked for each source when its bytes are known: what was done already, here or elsewhere, is not done again."""
        manifest = self.book.manifest
        if task.is_member:
            path = manifest.see_apart(task.path)
            task = task if path == task.path else replace(task, path=path)
            if task.names:
                manifest.name_capture(task.names, task.path)
            self.total += 1
        else:
            self._see_file(task.path)
        hint = hint_of(task)
        row = self.book.standing(task.path)
        if row is not None and (row.sha256, row.hint, row.setting) == (content.sha256, hint, setting_of(task)):
            self.resumed += 1
            self._count(row.status)
            return None
        twin = self.book.twin(content.sha256, hint)
        if twin is not None:
            self._copy(task, twin)
            return None
        others = self.under_way.get((content.sha256, hint))
        if others is not None:
            others.append(task)
            return None
        self.under_way[content.sha256, hint] = []
        return task

    def _take(self, outcome: Outcome) -> None:
        match outcome:
            case LeftOut():
                member, count = self.left_out.get((outcome.path, outcome.reason), (outcome.member, 0))
                self.left_out[outcome.path, outcome.reason] = (member, count + outcome.count)
            case Revisit():
                # What it repeats may come later, or in another archive.
                task = replace(outcome.task, path=self.book.manifest.see_apart(outcome.task.path))
                self.total += 1
                self.book.manifest.put_off(pickle.dumps((task, outcome.wanted)))
            case Unwanted():
                self._unwanted(outcome)
            case Done():
                self._done(outcome)
            case Lost():
                self._lost(outcome)

    def _unwanted(self, outcome: Unwanted) -> None:
        """Leave a source of another kind than is asked for, and its copies, as they are: a result of these very bytes stays."""
        sha256 = None if outcome.content is None else outcome.content.sha256
        others = self.under_way.pop((sha256, hint_of(outcome.task)), ()) if sha256 is not None else ()
        for task in (outcome.task, *others):
            row = self.book.manifest.row(task.path)
            if row is not None and row.sha256 == sha256 and row.line_sha256 in self.book.journal:
                self.resumed += 1
                self._count(row.status)
            else:
                self.book.manifest.unsee(task.path)
                self.total -= 1
                _, count = self.left_out.get((_ANYWHERE, _OTHER_KIND), ("", 0))
                self.left_out[_ANYWHERE, _OTHER_KIND] = ("", count + 1)

    def _done(self, outcome: Done) -> None:
        task, facts = outcome.task, Facts.from_json(outcome.facts)
        if facts.failure_code == "internal-error":
            self.book.note(task.path, "; ".join(facts.reasons), outcome.output)
        if outcome.sha256 is None:  # it could not be read, and was not asked about
            self._see_file(task.path)
        self.book.write(task, outcome.sha256, outcome.byte_count, facts, outcome.line, outcome.attempts, outcome.seconds)
        self._count(facts.status)
        self._release(task, outcome.sha256)

    def _lost(self, outcome: Lost) -> None:
        task = outcome.task
        if outcome.of_archive and task.is_member:
            task = replace(task, path=self.book.manifest.see_apart(task.path))
            self.total += 1
        else:
            self._see_file(task.path)
        self.book.note(task.path, f"{outcome.code}: {outcome.message}", outcome.output)
        self._fail(task, outcome.code, outcome.message, outcome.content, outcome.attempts, outcome.seconds)
        self._release(task, None if outcome.content is None else outcome.content.sha256)

    def _see_file(self, path: str) -> None:
        """Note that the run has this file as a source of its own: an archive too, where it is a document after all, or failed as a whole."""
        self.book.manifest.see(path)
        if path in self.archives:
            self.archives.remove(path)
            self.total += 1

    def _release(self, task: Task, sha256: str | None) -> None:
        """Give its result to those that waited for it."""
        others = self.under_way.pop((sha256, hint_of(task)), ()) if sha256 is not None else ()
        row = self.book.manifest.row(task.path) if others else None
        for other in others:
            if row is not None:
                self._copy(other, row)

    def _resolve(self, task: Task, wanted: tuple[str, ...]) -> None:
        """Give a revisit the result of what it repeats."""
        path = self.book.manifest.capture(wanted)
        row = None if path is None else self.book.manifest.row(path)
        if row is not None:
            self._copy(task, row)
            return
        self._fail(task, "damaged-source", "a revisit: it has no bytes of its own, and the capture that it repeats is not among the INPUTs")

    def _copy(self, task: Task, row: Row) -> None:
        if self.book.copy(task, row):
            self.copied += 1
        else:
            self.resumed += 1
        self._count(row.status)

    def _fail(self, task: Task, code: str, message: str, content: Content | None = None, attempts: int = 0, seconds: float = 0.0) -> None:
        result = failed_result(task.path, code, message, content, media_type=task.media_type, uri=task.uri, container=task.container)
        sha256 = None if content is None else content.sha256
        self.book.write(task, sha256, result.source.byte_count, facts_of(result), result.to_json(), attempts, seconds)
        self._count(result.status)

    def _count(self, status: str) -> None:
        self.counts[cast(Status, status)] += 1
        if self.progress is not None:
            self.progress(Progress(sum(self.counts.values()), self.total, self.resumed, dict(self.counts)))


def _location_of(found: Found, path: str, *, absolute: bool = False) -> str:
    """The path as it can be opened now: that of the file, and what is behind it in an archive."""
    at = path.find(_INSIDE)
    while at >= 0:
        location = found.location_of(path[:at])
        if location is not None:
            return _printed(location, absolute) + path[at:]
        at = path.find(_INSIDE, at + 1)
    location = found.location_of(path)
    if location is None:
        return path
    return _printed(location, absolute)


@lru_cache(maxsize=64)  # what is in an archive comes together
def _printed(location: bytes, absolute: bool) -> str:
    return printable_path(os.path.abspath(location) if absolute else location)


def _remove(path: Path) -> None:
    """Remove a file of ours, if it is there."""
    with writing(path):
        path.unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(text: str) -> tuple[int, ...]:
    """A version as numbers that can be compared."""
    if not _VERSION.fullmatch(text):
        raise UsageError(f"{text!r} is not a version like {ENGINE_VERSION}")
    return tuple(map(int, text.split(".")))


def _refuse_foreign(results: Path, manifest: Path) -> None:
    """OutputError when there is a results.jsonl that is not ours: it would be overwritten."""
    if manifest.exists() or not results.exists():
        return
    with writing(results), results.open("rb") as file:
        first = file.readline(1 << 20)
    try:
        is_ours = not first or (load_json(first) or {}).get("engine") is not None
    except (ValueError, AttributeError):
        # A first line longer than what was read is ours too: nobody else writes a megabyte a line under this name.
        is_ours = len(first) == 1 << 20 or not first.endswith(b"\n")
    if not is_ours:
        raise OutputError(f"{results} was not written by tabularium; choose another output directory")
