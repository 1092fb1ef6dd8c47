"""The command line: parses, calls, prints. The only module that imports typer.

Results go to stdout, everything else to stderr. Exit codes: 0 fine, 1 something flagged or without a report, 2 usage, 3
a form is wrong, 4 a source failed, 5 cannot write, 70 a bug, 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from pipeline.errors import ConfigError, OutputError, PipelineError, UsageError
from pipeline.output.visible import visible_text

if TYPE_CHECKING:
    from pipeline.batch import Progress
    from pipeline.model.form import Form
    from pipeline.model.limits import Limits
    from pipeline.model.result import Result
    from pipeline.sources.content import Content

__all__ = ["app", "main"]

_PROGRAM = "tabularium"
_FORM_SUFFIX = ".form.toml"
_EXIT_BUG = 70
_EXIT_INTERRUPTED = 130

app = typer.Typer(
    name=_PROGRAM,
    help="The tables of administrative reports as validated JSON, each number with its evidence.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

FormOption = Annotated[
    list[str] | None,
    typer.Option("--form", metavar="ID|FILE", help=f"Look for this form only (repeatable); a FILE{_FORM_SUFFIX} is added to the forms."),
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="The document; - is standard input.")]


# ---- commands --------------------------------------------------------------------------------------------------------


def _show_version(wanted: bool) -> None:
    if wanted:
        from pipeline.model.result import ENGINE_VERSION

        _print(f"{_PROGRAM} {ENGINE_VERSION}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")] = False,
) -> None:
    pass


@app.command()
def run(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="Files, and directories with all that is below them.")],
    out: Annotated[str, typer.Option("--out", "-o", metavar="OUT", help="Directory for the results; a run that was cut off goes on.")],
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, metavar="N", help="Worker processes; one for each processor.")] = None,
    form: FormOption = None,
    max_seconds: Annotated[float | None, typer.Option("--max-seconds", metavar="S", help="Time for one source (60).")] = None,
    max_bytes: Annotated[int | None, typer.Option("--max-bytes", min=1, metavar="N", help="Size of one source (64 MiB).")] = None,
    max_memory: Annotated[
        int | None, typer.Option("--max-memory", min=1, metavar="N", help="Memory of one worker in bytes (2 GiB).")
    ] = None,
) -> int:
    """Read many documents into OUT/results.jsonl, one result a document; resumes by itself."""
    from pipeline.batch import run_batch
    from pipeline.output.terminal import PlainProgress, RichProgress, counts_in_words, print_summary

    limits = _limits(max_seconds=max_seconds, max_bytes=max_bytes, max_memory=max_memory)
    forms = _chosen_forms(form)
    signal.signal(signal.SIGTERM, _interrupt)
    last: list[Progress] = []

    def heard(now: Progress) -> None:
        last[:] = [now]
        bar.update(now.done, now.total, now.by_status)

    try:
        with RichProgress(sys.stderr) if sys.stderr.isatty() else PlainProgress(sys.stderr) as bar:
            summary = run_batch(inputs, out, jobs=jobs, forms=forms, limits=limits, progress=heard)
    except KeyboardInterrupt:
        far = f" ({counts_in_words(last[-1].done, last[-1].total, last[-1].by_status)})" if last else ""
        _say(f"interrupted{far}; what is done is kept in {out}, the same command goes on from there")
        return _EXIT_INTERRUPTED
    _guarded_output(lambda: print_summary(summary, sys.stdout, width=None if sys.stdout.isatty() else 100))
    return summary.exit_code


@app.command()
def extract(file: FileArgument, form: FormOption = None) -> int:
    """Print the result of one document as JSON, also when it could not be read."""
    result = _extracted(file, _chosen_forms(form))
    _write(result.to_json() + b"\n")
    if result.failure is not None:
        _say(f"{_shown(file)}: {result.failure.code}: {result.failure.message}")
    return _exit_code(result)


@app.command()
def tables(file: FileArgument) -> int:
    """Print every table of a document as printed, as JSON; no form is needed."""
    from pipeline.engine import read_tables
    from pipeline.errors import LimitExceededError
    from pipeline.model.jsonbytes import dump_json
    from pipeline.model.limits import Limits
    from pipeline.sources.content import over_limit_message

    limits = Limits()
    content = _content(file, limits)
    if content.data is None:
        raise LimitExceededError(over_limit_message(content.byte_count, limits.max_bytes))
    found = read_tables(content.data, name=_name(file), limits=limits)
    _write(dump_json({"tables": [table.to_dict() for table in found]}) + b"\n")
    return 0


@app.command()
def inspect(
    file: FileArgument,
    form: FormOption = None,
    width: Annotated[int | None, typer.Option("--width", min=20, metavar="N", help="Columns to draw in; the terminal's.")] = None,
) -> int:
    """Draw the tables of a document as text: spans, roles, and the field each cell was read as."""
    from pipeline.output.drawing import draw_table

    result = _readable(file, _chosen_forms(form))
    columns = width or (os.get_terminal_size().columns if sys.stdout.isatty() else 120)
    lines = [f"{visible_text(_shown(file))}: {result.status}, {_count(len(result.tables), 'table')}"]
    lines += [f"  {report.form}: {report.status}, {_count(len(report.findings), 'finding')}" for report in result.reports]
    _print("\n".join(lines) + "\n")
    for table in result.tables:
        _print("\n" + draw_table(table, width=columns).rstrip("\n") + "\n")
    return 0


@app.command()
def explain(
    file: FileArgument,
    pointer: Annotated[str, typer.Argument(metavar="POINTER", help="A field of the record, as in /agency; `forms ID` lists them.")],
    form: FormOption = None,
) -> int:
    """Say where a number came from: raw text, place, rule, confidence, and what else it could have been."""
    from pipeline.output.explain import explain_pointer

    forms = _chosen_forms(form)
    result = _readable(file, forms)
    if not result.reports:
        _say(f"{_shown(file)}: nothing in it is one of the forms {', '.join(item.id for item in forms)}")
        return _exit_code(result)
    _print(explain_pointer(result, pointer, forms))
    return 0


@app.command()
def forms(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID|FILE]...", help="Forms to show in full; none: the list.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check the form files that are named, and say of each whether it is right.")
    ] = False,
) -> int:
    """List the forms, show one in full, or check form files."""
    from pipeline.forms.load import load_forms
    from pipeline.output.forms_list import describe_form, list_forms

    if check:
        return _check_forms(names or [])
    if not names:
        _print(list_forms(load_forms(None)))
    else:
        _print("\n".join(describe_form(form) for form in load_forms(names)))
    return 0


def _check_forms(files: Sequence[str]) -> int:
    from pipeline.forms.load import load_form

    if not files:
        raise UsageError(f"name the form files to check: {_PROGRAM} forms --check FILE{_FORM_SUFFIX}...")
    for file in files:
        if not Path(file).is_file():
            raise UsageError(f"{file} does not exist")
    code = 0
    for file in files:
        try:
            form = load_form(Path(file))
        except ConfigError as error:
            _say(str(error))
            code = error.exit_code
        else:
            _print(
                f"{visible_text(file)}: ok, {form.id}, {_count(len(form.fields), 'field')}, {_count(len(form.identities), 'identity')}\n"
            )
    return code


# ---- sources and forms -----------------------------------------------------------------------------------------------


def _chosen_forms(names: Sequence[str] | None) -> tuple[Form, ...]:
    """Ids restrict the built-in forms, files are added to them; a file takes the place of a built-in form of the same id."""
    from pipeline.forms.load import load_forms

    named = names or []
    added = load_forms([name for name in named if name.endswith(_FORM_SUFFIX)])
    ids = [name for name in named if not name.endswith(_FORM_SUFFIX)]
    replaced = {form.id for form in added}
    return (*(form for form in load_forms(ids or None) if form.id not in replaced), *added)


def _limits(**given: Any) -> Limits:
    from pipeline.model.limits import Limits

    chosen = {name: value for name, value in given.items() if value is not None}
    if not chosen.get("max_seconds", 1) > 0:  # also "nan"
        raise UsageError("--max-seconds must be more than 0")
    return Limits(**chosen)


def _extracted(file: str, forms: tuple[Form, ...]) -> Result:
    from pipeline.engine import extract as extract_one
    from pipeline.model.limits import Limits
    from pipeline.sources.content import failed_result, over_limit_message

    limits, path = Limits(), _name(file)
    try:
        content = _content(file, limits)
    except OSError as error:
        return failed_result(path, "damaged-source", f"cannot be read: {error.strerror or error}")
    if content.data is None:
        return failed_result(path, "limit-exceeded", over_limit_message(content.byte_count, limits.max_bytes), content)
    return extract_one(content.data, name=path, path=path, forms=forms, limits=limits)


def _readable(file: str, forms: tuple[Form, ...]) -> Result:
    """The result of a document. SourceError when it failed."""
    from pipeline.errors import SourceError

    result = _extracted(file, forms)
    if result.failure is not None:
        raise SourceError(f"{_shown(file)}: {result.failure.code}: {result.failure.message}")
    return result


def _content(file: str, limits: Limits) -> Content:
    """The bytes of FILE or of standard input. UsageError when there is no such file; OSError when it cannot be read."""
    from pipeline.sources.content import read_stream

    if file == "-":
        return read_stream(sys.stdin.buffer, limits.max_bytes)
    try:
        with open(file, "rb") as stream:
            return read_stream(stream, limits.max_bytes)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{file} does not exist") from error
    except IsADirectoryError as error:
        raise UsageError(f"{file} is a directory; `{_PROGRAM} run {file} -o OUT` reads all that is below it") from error


def _name(file: str) -> str | None:
    from pipeline.sources.directory import printable_path

    return None if file == "-" else printable_path(os.path.basename(os.path.abspath(file)))


def _shown(file: str) -> str:
    return "standard input" if file == "-" else file


def _exit_code(result: Result) -> int:
    from pipeline.output.summary import EXIT_CODE_OF_STATUS

    return EXIT_CODE_OF_STATUS[result.status]


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


# ---- output ----------------------------------------------------------------------------------------------------------


def _write(data: bytes) -> None:
    def write() -> None:
        sys.stdout.buffer.write(data)

    _guarded_output(write)


def _print(text: str) -> None:
    def write() -> None:
        sys.stdout.write(text)

    _guarded_output(write)


def _guarded_output(write: Callable[[], None]) -> None:
    """Write to stdout. A reader that has gone (`| head`) is nobody's fault; any other failure is an OutputError."""
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_stdout()
    except OSError as error:
        _abandon_stdout()
        raise OutputError(f"cannot write to standard output: {error.strerror or error}") from error


def _abandon_stdout() -> None:
    # What is still buffered would be written, and fail again, when the interpreter ends.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{_PROGRAM}: {visible_text(sentence)}\n")


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


# ---- entry -----------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (default: that of the process) and return the exit code. Nothing but a message and a code
    comes out of a failure.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(app(args=None if arguments is None else list(arguments), prog_name=_PROGRAM, standalone_mode=False) or 0)
    except typer.Exit as stop:
        return stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        _say("interrupted")
        return _EXIT_INTERRUPTED
    except typer.TyperException as error:
        return _usage(error)
    except PipelineError as error:
        if error.exit_code == _EXIT_BUG:
            return _bug(error)
        _say(str(error))
        return error.exit_code
    except BrokenPipeError:  # whoever read our messages has gone
        return _EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 (the outermost net: a person gets a sentence, not a traceback)
        return _bug(error)


def _usage(error: typer.TyperException) -> int:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{message}\n")
        return UsageError.exit_code
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else _PROGRAM
    _say(f"{message.rstrip('.')}; `{command} --help` tells what there is")
    return UsageError.exit_code


def _bug(error: Exception) -> int:
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}, line {last.lineno}"
    version = sys.modules["pipeline.model.result"].ENGINE_VERSION if "pipeline.model.result" in sys.modules else ""
    _say(
        f"this is a bug: {type(error).__name__}: {error} ({where}, {_PROGRAM} {version}, Python {sys.version.split()[0]}); "
        "please report this line, with the document if you may share it"
    )
    return _EXIT_BUG
