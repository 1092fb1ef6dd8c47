"""Many sources: found, worked on in parallel by killable processes, written down as they end, resumed after any kill."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import OutputError
from pipeline.manifest import Manifest, Row
from pipeline.model.catalogue import schemas_dir
from pipeline.model.form import Form
from pipeline.model.jsonbytes import load_json
from pipeline.model.limits import Limits
from pipeline.model.result import ENGINE_VERSION, Result, Status
from pipeline.output.journal import Journal, line_digest, write_whole, writing
from pipeline.output.summary import Attention, Facts, Summary, attention_lines, facts_of
from pipeline.pool import Done, Lost, Outcome, Unchanged, run_tasks
from pipeline.sources.content import failed_result
from pipeline.sources.directory import Found, find_sources, printable_path
from pipeline.worker import Setup, Task

__all__ = ["Progress", "run_batch"]

_SYNC_SECONDS = 2.0
ENGINE = "pipeline.engine:extract"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is. `resumed` of the `done` were finished by an earlier run."""

    done: int
    total: int
    resumed: int
    by_status: dict[Status, int]


def run_batch(
    inputs: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    jobs: int | None = None,
    forms: Sequence[str | Path | Form] | None = None,
    limits: Limits | None = None,
    progress: Callable[[Progress], None] | None = None,
    extract: str = ENGINE,
) -> Summary:
    """Read every file of the INPUTs (files, and directories to their depths) and write OUT/results.jsonl, one result a
    line, sorted by path.

    When this returns, results.jsonl holds exactly the sources of these INPUTs: results of an earlier run over others
    are dropped (and counted in the Summary). The bytes do not depend on `jobs` (default: one for each processor).

    A source whose result is there already is not worked on again, as long as its bytes, the forms, the engine and the
    limits are the same; this holds after a kill at any instant. A file that cannot be read, or that crashes, hangs or
    exhausts its worker, is a failed result. `progress` is called after each source. `extract` names the function that
    reads one source, "module:name".

    UsageError: an INPUT does not exist. ConfigError: a form is wrong. OutputError: OUT cannot be written, or another
    run writes there; what was finished is kept, also when KeyboardInterrupt comes through.
    """
    started = time.monotonic()
    if jobs is not None and jobs < 1:
        raise ValueError("jobs must be 1 or more")
    limits = limits or Limits()
    setup = Setup(extract, _loaded(forms), limits)
    found = find_sources([inputs] if isinstance(inputs, str | os.PathLike) else inputs, leave_out=out)
    directory = Path(out)
    with _held(directory):
        book = _Book(directory, setup)
        try:
            run = _Run(found, book, progress)
            run.work(_wanted_jobs(jobs), setup)
            return run.finish(started)
        finally:
            book.close()


def _loaded(forms: Sequence[str | Path | Form] | None) -> tuple[Form, ...]:
    from pipeline.forms.load import load_forms  # late: reading forms is not needed to import this module

    return load_forms(forms)


def _wanted_jobs(jobs: int | None) -> int:
    if jobs is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return jobs


@contextmanager
def _held(directory: Path) -> Iterator[None]:
    """Make the output directory and hold it against a second run. The lock ends with the process, however it ends."""
    with writing(directory):
        if directory.exists() and not directory.is_dir():
            raise OutputError(f"cannot write into {directory}: it is not a directory")
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"another run is writing to {directory}; wait for it, or choose another output directory") from error
        yield
    finally:
        os.close(lock)


class _Book:
    """results.jsonl and manifest.sqlite as one: a source is finished when its row is there and so is the line that the row names."""

    def __init__(self, directory: Path, setup: Setup) -> None:
        self.results = directory / "results.jsonl"
        self.attention = directory / "needs-a-look.tsv"
        self.problems = directory / "problems.log"
        _refuse_foreign(self.results, directory / "manifest.sqlite")
        self._key = work_key(setup)
        self._allowance = f"{setup.limits.max_seconds:g} s, {setup.limits.max_memory} bytes"
        self.manifest = Manifest(directory / "manifest.sqlite")
        try:
            rows = {row.path: row for row in self.manifest.rows()}
            self.journal = Journal(self.results, {row.line_sha256 for row in rows.values()})
        except BaseException:
            self.manifest.close()
            raise
        self.rows = {path: row for path, row in rows.items() if row.line_sha256 in self.journal}
        self._synced = time.monotonic()
        with writing(self.problems):
            self.problems.unlink(missing_ok=True)

    def known_sha256(self, path: str) -> str | None:
        """The digest of the bytes whose result still stands."""
        row = self.rows.get(path)
        if row is None or row.work_key != self._key:
            return None
        ran_out = Facts.from_json(row.facts).failure_code in ("limit-exceeded", "internal-error")
        return None if ran_out and row.allowance != self._allowance else row.sha256

    def write(
        self, path: str, sha256: str | None, byte_count: int, facts: Facts, line: bytes, attempts: int = 0, seconds: float = 0.0
    ) -> None:
        """The line first, then the row: a kill in between leaves a line that nobody names."""
        digest = line_digest(line)
        if digest not in self.journal:
            self.journal.append(line)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = Row(
            path, sha256, byte_count, facts.status, attempts, seconds, now,
            ENGINE_VERSION, self._key, self._allowance, digest, facts.to_json(),
        )  # fmt: skip
        self.manifest.put(row)
        self.rows[path] = row
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            self.journal.sync()
            self._synced = time.monotonic()

    def note(self, path: str, what: str, output: bytes) -> None:
        """Keep what a worker printed over a source that it failed on."""
        if not output.strip():
            return
        with writing(self.problems), self.problems.open("ab") as file:
            file.write(f"==== {path}: {what}\n".encode("utf-8", "backslashreplace") + output.rstrip() + b"\n\n")

    def settle(self, paths: Sequence[str]) -> int:
        """Leave exactly these sources in both, in this order; the number of others that were dropped."""
        self.journal.rewrite([self.rows[path].line_sha256 for path in paths])
        # After the lines: a row without its line is not believed, a line without its row would be lost work.
        others = {row.path for row in self.manifest.rows()}.difference(paths)
        self.manifest.remove(others)
        return len(others)

    def close(self) -> None:
        try:
            self.journal.sync()
        finally:
            self.journal.close()
            self.manifest.close()


@dataclass(slots=True)
class _Run:
    """One batch under way."""

    found: Found
    book: _Book
    progress: Callable[[Progress], None] | None
    facts: dict[str, Facts] = field(default_factory=dict)
    counts: Counter[Status] = field(default_factory=Counter)
    resumed: int = 0

    def work(self, jobs: int, setup: Setup) -> None:
        """Take every source to its result."""
        for item in self.found.unreadable:
            self._fail(item.path, failed_result(item.path, "damaged-source", f"cannot be read: {item.reason}"))
        tasks = [Task(item.path, item.location, self.book.known_sha256(item.path)) for item in self.found.files]
        outcomes = run_tasks(tasks, jobs, setup)
        try:
            for outcome in outcomes:
                self._take(outcome)
        finally:
            outcomes.close()  # at once, not when the collector comes: it kills the workers

    def finish(self, started: float) -> Summary:
        """Put the outputs into their last form and say how it went."""
        locations = {item.path: item.location for item in self.found.files}
        locations |= {item.path: item.location for item in self.found.unreadable}
        paths = sorted(locations)
        dropped = self.book.settle(paths)
        attention = tuple(
            Attention(path, printable_path(locations[path]), self.facts[path].status, self.facts[path].reasons, self.facts[path].pointer)
            for path in paths
            if self.facts[path].status != "accepted"
        )
        if attention:
            write_whole(self.book.attention, attention_lines(attention))
        else:
            with writing(self.book.attention):
                self.book.attention.unlink(missing_ok=True)
        by_form: dict[str, Counter[str]] = {}
        for path in paths:
            for form, status in self.facts[path].reports:
                by_form.setdefault(form, Counter())[status] += 1
        return Summary(
            total=len(paths),
            by_status=dict(self.counts),
            by_form={form: dict(by_form[form]) for form in sorted(by_form)},
            attention=attention,
            skipped=tuple((item.path, item.reason) for item in self.found.skipped),
            resumed=self.resumed,
            dropped=dropped,
            elapsed=time.monotonic() - started,
            results_path=str(self.book.results),
            manifest_path=str(self.book.manifest.path),
            attention_path=str(self.book.attention) if attention else None,
            problems_path=str(self.book.problems) if self.book.problems.exists() else None,
        )

    def _take(self, outcome: Outcome) -> None:
        path = outcome.task.path
        if isinstance(outcome, Unchanged):
            self.resumed += 1
            self._count(path, Facts.from_json(self.book.rows[path].facts))
        elif isinstance(outcome, Done):
            facts = Facts.from_json(outcome.facts)
            if facts.failure_code == "internal-error":
                self.book.note(path, "; ".join(facts.reasons), outcome.output)
            self.book.write(path, outcome.sha256, outcome.byte_count, facts, outcome.line, outcome.attempts, outcome.seconds)
            self._count(path, facts)
        else:
            self.book.note(path, f"{outcome.code}: {outcome.message}", outcome.output)
            self._fail(path, failed_result(path, outcome.code, outcome.message, outcome.content), outcome)

    def _fail(self, path: str, result: Result, lost: Lost | None = None) -> None:
        facts, line = facts_of(result), result.to_json()
        if lost is None:
            self.book.write(path, None, 0, facts, line)
        else:
            sha256 = None if lost.content is None else lost.content.sha256
            self.book.write(path, sha256, result.source.byte_count, facts, line, lost.attempts, lost.seconds)
        self._count(path, facts)

    def _count(self, path: str, facts: Facts) -> None:
        self.facts[path] = facts
        self.counts[facts.status] += 1
        if self.progress is not None:
            total = len(self.found.files) + len(self.found.unreadable)
            self.progress(Progress(len(self.facts), total, self.resumed, dict(self.counts)))


def work_key(setup: Setup) -> str:
    """A digest of all that a result depends on beside the bytes: the forms, the code and catalogue of the engine, the limits of size."""
    digest = hashlib.sha256(f"{ENGINE_VERSION}\0{setup.extract}\0".encode())
    for form in setup.forms or ():
        digest.update(repr(replace(form, source="")).encode("utf-8", "backslashreplace") + b"\0")
    # Time and memory strike by chance; known_sha256 looks at them only for a source that failed.
    digest.update(repr(replace(setup.limits, max_seconds=0, max_memory=0)).encode() + b"\0")
    package = Path(__file__).parent
    for file in sorted([*package.rglob("*.py"), *schemas_dir().glob("*.toml"), *schemas_dir().glob("*.json")]):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


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
