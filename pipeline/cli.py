"""The command line: parses, calls, prints. Only this module and pipeline.output.terminal know a terminal.

Results go to stdout, everything else to stderr. Exit codes: 0 fine, 1 something flagged or without a report, 2 usage,
3 a form is wrong, 4 a source failed, 5 cannot write, 70 a bug, 130 interrupted.

argparse, not typer: typer 0.29 brings pydantic and costs 180 ms of every start, a quarter of `extract` on one report.
Imports are late for the same reason: `--help` and a mistake answer at once.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pipeline.errors import ConfigError, OutputError, PipelineError, UsageError
from pipeline.output.visible import visible_text

if TYPE_CHECKING:
    from pipeline.batch import Progress
    from pipeline.model.form import Form
    from pipeline.model.limits import Limits
    from pipeline.model.result import Result
    from pipeline.sources.content import Content
    from pipeline.sources.member import Member

__all__ = ["main"]

_PROGRAM = "tabularium"
_FORM_SUFFIX = ".form.toml"
_EXIT_BUG = 70
_EXIT_INTERRUPTED = 130


# ---- the grammar -----------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser whose mistakes are one sentence, as a UsageError."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; `{self.prog} --help` tells what there is")


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser, commands = _grammar()
    if not arguments:
        raise UsageError(f"name a command: {', '.join(commands)}; `{_PROGRAM} --help` tells what they do")
    command = commands.get(arguments[0])
    if command is None:
        if not arguments[0].startswith("-"):
            raise UsageError(f"there is no command {arguments[0]!r}; known: {', '.join(commands)}; `{_PROGRAM} --help` tells what they do")
        return parser.parse_args(arguments)
    # Intermixed: options may stand between the INPUTs. It does not know "--", which says that what follows are no options.
    parse = command.parse_args if "--" in arguments else command.parse_intermixed_args
    return parse(arguments[1:])


def _grammar() -> tuple[_Parser, dict[str, _Parser]]:
    parser = _Parser(
        prog=_PROGRAM,
        description="The tables of administrative reports as validated JSON, each number with its evidence.",
        epilog=f"`{_PROGRAM} COMMAND --help` tells the options of a command.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)

    def command(run: Callable[[argparse.Namespace], int], name: str, text: str) -> _Parser:
        added: _Parser = commands.add_parser(name, help=text[0].lower() + text[1:].rstrip("."), description=text, allow_abbrev=False)
        added.set_defaults(run=run)
        return added

    _add_run(command(_run, "run", "Read many documents into OUT/results.jsonl, one result a document; resumes by itself."))
    stands = command(_status, "status", "Say how the batch in OUT stands: what is finished, what failed, how to go on; also while it runs.")
    stands.add_argument("out", metavar="OUT", help="the output directory of a run")
    made = command(
        _dataset, "dataset", "Make the dataset of OUT anew from its results: Parquet tables, a DuckDB file, and their description."
    )
    made.add_argument("out", metavar="OUT", help="the directory of a run that has ended")
    made.add_argument("--csv", action="store_true", help="each table as CSV, too")
    _add_form(made)
    one = command(_extract, "extract", "Print the result of one document as JSON, also when it could not be read.")
    _add_file(one)
    _add_form(one)
    _add_file(command(_tables, "tables", "Print every table of a document as printed, as JSON; no form is needed."))
    drawn = command(_inspect, "inspect", "Draw the tables of a document as text: spans, roles, and the field each cell was read as.")
    _add_file(drawn)
    _add_form(drawn)
    drawn.add_argument("--width", type=_positive, metavar="N", help="columns to draw in (those of the terminal)")
    told = command(_explain, "explain", "Say where a number came from: raw text, place, rule, confidence, what else it could have been.")
    _add_file(told)
    told.add_argument("pointer", metavar="POINTER", help="a field of the record, as in /agency; `forms ID` lists them")
    _add_form(told)
    _add_serve(command(_serve, "serve", "Serve extract and tables over HTTP, from worker processes, until it is interrupted."))
    listed = command(_forms, "forms", "List the forms, show one in full, or check form files.")
    listed.add_argument("names", nargs="*", metavar="ID|FILE", help="forms to show in full; none: the list")
    listed.add_argument("--check", action="store_true", help="check the form files that are named, and say of each whether it is right")
    return parser, dict(commands.choices)


def _add_run(parser: _Parser) -> None:
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="files, directories with all that is below them, and archives (ZIP, TAR, gzip, WARC, WACZ)",
    )
    parser.add_argument("-o", "--out", required=True, metavar="OUT", help="directory for the results; a run that was cut off goes on there")
    parser.add_argument("-j", "--jobs", type=_positive, metavar="N", help="worker processes (one for each processor)")
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="where to work: on this machine, or on a Ray cluster (RAY_ADDRESS) (local)",
    )
    _add_form(parser)
    parser.add_argument(
        "--retry",
        action="append",
        default=[],
        choices=("failed", "flagged", "no-report"),
        help="work on the finished sources of this status again",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="MEDIA_TYPE",
        help="work on sources of this media type only (repeatable); others stay as they are",
    )
    parser.add_argument("--since-version", metavar="V", help="results of engine V or later stand, whatever else has changed")
    parser.add_argument("--no-dataset", action="store_true", help="leave the dataset out; `dataset OUT` makes it later")
    parser.add_argument("--max-seconds", type=_duration, metavar="S", help="time for one source (300)")
    parser.add_argument("--max-bytes", type=_positive, metavar="N", help="size of one source (67108864)")
    parser.add_argument("--max-memory", type=_positive, metavar="N", help="memory of one worker, in bytes (2147483648)")


def _add_serve(parser: _Parser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8410, metavar="N", help="port to listen on; 0 takes a free one (8410)")
    parser.add_argument("-j", "--jobs", type=_positive, metavar="N", help="worker processes (one for each processor)")
    parser.add_argument(
        "--waiting", type=_positive, metavar="N", help="documents that may wait for a worker; more are refused (2 for each worker)"
    )
    _add_form(parser)
    parser.add_argument("--max-seconds", type=_duration, metavar="S", help="time for one document (300)")
    parser.add_argument("--max-bytes", type=_positive, metavar="N", help="size of one document (67108864)")
    parser.add_argument("--max-memory", type=_positive, metavar="N", help="memory of one worker, in bytes (2147483648)")


def _add_file(parser: _Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="the document, also one in an archive (a.zip!/b.html); - is standard input")


def _add_form(parser: _Parser) -> None:
    parser.add_argument(
        "--form",
        action="append",
        metavar="ID|FILE",
        help=f"look for this form only (repeatable); a FILE{_FORM_SUFFIX} is added to the forms that are looked for",
    )


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 19 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number below 65536")
    return int(text)


def _duration(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):  # also "nan"
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


# ---- commands --------------------------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    import shlex

    from pipeline.batch import Again, run_batch
    from pipeline.dataset import build_dataset, has_dataset_extra
    from pipeline.output.terminal import PlainProgress, RichProgress, counts_in_words, print_summary

    limits = _limits(max_seconds=options.max_seconds, max_bytes=options.max_bytes, max_memory=options.max_memory)
    forms = _chosen_forms(options.form)
    signal.signal(signal.SIGTERM, _interrupt)
    last: list[Progress] = []

    def heard(now: Progress) -> None:
        last[:] = [now]
        bar.update(now.done, now.total, now.by_status)

    again = Again(frozenset(options.retry), frozenset(options.only), options.since_version)
    command = shlex.join([_typed_name(), *options.typed])
    try:
        with RichProgress(sys.stderr) if sys.stderr.isatty() else PlainProgress(sys.stderr) as bar:
            summary = run_batch(
                options.inputs,
                options.out,
                jobs=options.jobs,
                forms=forms,
                limits=limits,
                progress=heard,
                again=again,
                command=command,
                engine=options.engine,
            )
    except KeyboardInterrupt:
        far = f" ({counts_in_words(last[-1].done, last[-1].total, last[-1].by_status)})" if last else ""
        _say(f"interrupted{far}; what is done is kept in {options.out}, the same command goes on from there: {command}")
        return _EXIT_INTERRUPTED
    if not options.no_dataset and has_dataset_extra():
        made = build_dataset(options.out, forms=forms)
        summary = replace(summary, dataset_path=str(made.description), report_path=str(made.report))
    width = None if sys.stdout.isatty() else 100
    _guarded_output(lambda: print_summary(summary, sys.stdout, width=width, program=_typed_name()))
    return summary.exit_code


def _status(options: argparse.Namespace) -> int:
    from pipeline.output.terminal import print_status
    from pipeline.status import read_status

    found = read_status(options.out)
    _guarded_output(lambda: print_status(found, options.out, sys.stdout, program=_typed_name()))
    return 0


def _dataset(options: argparse.Namespace) -> int:
    from pipeline.dataset import build_dataset

    made = build_dataset(options.out, forms=_chosen_forms(options.form), csv=options.csv)
    _print("".join(f"{path}\n" for path in made.files))
    return 0


def _typed_name() -> str:
    """What to type for this program: its name where the shell finds it, else the path it was started by (as `make run` does)."""
    import shutil

    called = sys.argv[0]
    is_hidden = os.path.basename(called) == _PROGRAM and shutil.which(_PROGRAM) is None
    return called if is_hidden else _PROGRAM


def _extract(options: argparse.Namespace) -> int:
    result = _extracted(options.file, _chosen_forms(options.form))
    _write(result.to_json() + b"\n")
    if result.failure is not None:
        _say(f"{_shown(options.file)}: {result.failure.code}: {result.failure.message}")
    return _exit_code(result)


def _tables(options: argparse.Namespace) -> int:
    from pipeline.engine import read_tables
    from pipeline.errors import DamagedSourceError, LimitExceededError, SourceError
    from pipeline.model.jsonbytes import dump_json
    from pipeline.model.limits import Limits
    from pipeline.sources.content import file_name, over_limit_message

    limits, name = Limits(), _name(options.file)
    try:
        member = _inside(options.file, limits)
        if member is not None:
            data, name = member.data, file_name(name or "", member.uri)
            if member.is_cut:
                _say(f"{_shown(options.file)}: source-cut: only a part of the document is in its archive")
        else:
            content = _content(options.file, limits)
            if content.data is None:
                raise LimitExceededError(over_limit_message(content.byte_count, limits.max_bytes))
            data = content.data
        found = read_tables(data, media_type=None if member is None else member.media_type, name=name, limits=limits)
    except SourceError as error:
        raise SourceError(f"{_shown(options.file)}: {error.code}: {error}") from error
    except OSError as error:
        raise DamagedSourceError(f"{_shown(options.file)}: cannot be read: {error.strerror or error}") from error
    _write(dump_json({"tables": [table.to_dict() for table in found]}) + b"\n")
    return 0


def _inspect(options: argparse.Namespace) -> int:
    from pipeline.output.drawing import draw_table

    result = _readable(options.file, _chosen_forms(options.form))
    columns = options.width or (os.get_terminal_size().columns if sys.stdout.isatty() else 120)
    lines = [f"{visible_text(_shown(options.file))}: {result.status}, {_count(len(result.tables), 'table')}"]
    lines += [f"  {report.form}: {report.status}, {_count(len(report.findings), 'finding')}" for report in result.reports]
    _print("\n".join(lines) + "\n")
    for table in result.tables:
        _print("\n" + draw_table(table, width=columns).rstrip("\n") + "\n")
    return 0


def _explain(options: argparse.Namespace) -> int:
    from pipeline.output.explain import explain_pointer

    forms = _chosen_forms(options.form)
    result = _readable(options.file, forms)
    if not result.reports:
        _say(f"{_shown(options.file)}: nothing in it is one of the forms {', '.join(item.id for item in forms)}")
        return _exit_code(result)
    _print(explain_pointer(result, options.pointer, forms))
    return 0


def _serve(options: argparse.Namespace) -> int:
    from pipeline.batch import wanted_jobs
    from pipeline.desk import Desk
    from pipeline.service import open_socket, serve

    limits = _limits(max_seconds=options.max_seconds, max_bytes=options.max_bytes, max_memory=options.max_memory)
    forms = _chosen_forms(options.form)
    jobs = wanted_jobs(options.jobs)
    with (
        open_socket(options.host, options.port) as listening,
        Desk(jobs, waiting=options.waiting or 2 * jobs, forms=forms, limits=limits) as desk,
    ):
        host, port = listening.getsockname()[:2]
        _say(f"serving on http://{f'[{host}]' if ':' in host else host}:{port} with {_count(jobs, 'worker')}; /openapi.json describes it")
        serve(desk, listening)
    return 0


def _forms(options: argparse.Namespace) -> int:
    from pipeline.forms.load import load_forms
    from pipeline.output.forms_list import describe_form, list_forms

    if options.check:
        return _check_forms(options.names)
    if not options.names:
        _print(list_forms(load_forms(None)))
    else:
        _print("\n".join(describe_form(form) for form in load_forms(options.names)))
    return 0


def _check_forms(files: Sequence[str]) -> int:
    from pipeline.forms.load import load_form

    if not files:
        raise UsageError(f"name the form files to check: {_PROGRAM} forms --check FILE{_FORM_SUFFIX}...")
    for file in files:
        if Path(file).is_dir():
            raise UsageError(f"{file} is a directory; name the form files in it")
        if not Path(file).exists():
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

    return Limits(**{name: value for name, value in given.items() if value is not None})


def _extracted(file: str, forms: tuple[Form, ...]) -> Result:
    from pipeline.engine import extract as extract_one
    from pipeline.errors import SourceError
    from pipeline.model.limits import Limits
    from pipeline.sources.content import failed_result, file_name, marked_cut, over_limit_message

    limits, path = Limits(), _name(file)
    try:
        found = _inside(file, limits)
        if found is not None:
            result = extract_one(
                found.data,
                media_type=found.media_type,
                name=file_name(path or "", found.uri),
                uri=found.uri,
                path=path,
                container=found.container,
                forms=forms,
                limits=limits,
            )
            return marked_cut(result) if found.is_cut else result
        content = _content(file, limits)
    except SourceError as error:
        return failed_result(path, error.code, str(error))
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


def _inside(file: str, limits: Limits) -> Member | None:
    """The document that FILE names in an archive; None when it names a file."""
    if "!/" not in file:
        return None
    from pipeline.sources.inside import parted, read_inside

    parts = parted(file)
    return None if parts is None else read_inside(*parts, limits)


def _content(file: str, limits: Limits) -> Content:
    """The bytes of FILE or of standard input. UsageError when there is no such file; OSError when it cannot be read."""
    from pipeline.sources.content import read_stream

    if file == "-":
        return read_stream(sys.stdin.buffer, limits.max_bytes)
    try:
        with open(file, "rb") as stream:
            return read_stream(stream, limits.max_bytes)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{_shown(file)} does not exist") from error
    except IsADirectoryError as error:
        raise UsageError(f"{_shown(file)} is a directory; `{_PROGRAM} run {_shown(file)} -o OUT` reads all that is below it") from error


def _name(file: str) -> str | None:
    from pipeline.model.path_text import printable_path
    from pipeline.sources.inside import parted

    if file == "-":
        return None
    archive, inside = (parted(file) if "!/" in file else None) or (file, "")
    return printable_path(os.path.basename(os.path.abspath(archive))) + (f"!/{inside}" if inside else "")


def _shown(file: str) -> str:
    from pipeline.model.path_text import printable_path

    return "standard input" if file == "-" else printable_path(file)


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
    """Run the command line (default: that of the process) and return the exit code.

    Whatever fails, a person gets one sentence on stderr; no exception comes out.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _dispatch(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        _say("interrupted")
        return _EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read our messages has gone
        return _EXIT_INTERRUPTED
    except PipelineError as error:
        if error.exit_code == _EXIT_BUG:
            return _bug(error)
        _say(str(error))
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (the outermost net: a sentence, not a traceback)
        return _bug(error)


def _dispatch(arguments: Sequence[str]) -> int:
    if list(arguments) == ["--version"]:
        from pipeline.model.result import ENGINE_VERSION

        _print(f"{_PROGRAM} {ENGINE_VERSION}\n")
        return 0
    try:
        options = _parsed(arguments)
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    options.typed = tuple(arguments)
    if "\\" in getattr(options, "file", ""):
        from pipeline.sources.inside import located

        options.file = located(options.file)
    return int(options.run(options))


def _bug(error: Exception) -> int:
    from pipeline.model.result import ENGINE_VERSION

    last = traceback.extract_tb(error.__traceback__)[-1]
    _say(
        f"this is a bug: {type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno}, "
        f"{_PROGRAM} {ENGINE_VERSION}, Python {sys.version.split()[0]}); "
        "please report this line, with the document if you may share it"
    )
    return _EXIT_BUG
