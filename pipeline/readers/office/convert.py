"""Documents that only LibreOffice reads, turned by it into ones that are read here. The only module that knows LibreOffice.

Each call starts a LibreOffice of its own, with a profile of its own that is thrown away: nothing of one document reaches the next, and
no two workers meet. A profile written as LibreOffice itself would leave it spares a second start and a second of tests. Macros are off, links
are not followed, the network is taken away where the system lets us; time, memory and processor time are limited.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from pipeline.errors import DamagedSourceError, LimitExceededError, UnsupportedFormatError
from pipeline.model.limits import Limits

__all__ = ["Conversion", "convert", "find_office"]

_LAUNCH = Path(__file__).with_name("launch.py")
_SHARE = 0.8  # of the time a worker has: the rest is for reading what comes out, and for ending in good order
_LONGEST = 600.0  # seconds, where the caller sets no limit
_RESTARTS = 3
_RESTART_WANTED = (79, 81)  # exit codes by which LibreOffice asks to be started again, as it does after making its profile
_LIBRARIES = {"docx": ("libswlo.so", "libreoffice-writer"), "xlsx": ("libsclo.so", "libreoffice-calc")}
_TARGETS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML"}

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{items}
</oor:items>
"""
_ITEM = '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
_SETTINGS = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Misc", "FirstRun", "false"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Setup/Office", "ooSetupInstCompleted", "true"),
    ("Setup/Product", "ooSetupLastVersion", "99.9"),  # or it takes itself for upgraded, and tests how it draws for a second
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came out, and which program made it ("LibreOffice 7.4")."""

    data: bytes
    program: str


def find_office() -> Path | None:
    """LibreOffice's own program, or the script that starts it where that is all there is. None where it is not installed."""
    for name in ("soffice", "libreoffice"):
        found = shutil.which(name)
        if found is not None:
            script = Path(found).resolve()
            program = script.with_name("soffice.bin")
            return program if program.is_file() else script
    return None


def convert(data: bytes, suffix: str, target: str, kind: str, limits: Limits) -> Conversion:
    """Turn a document (`suffix` ".doc") into `target` ("docx" or "xlsx"). `kind` is what to call it in messages.

    UnsupportedFormatError where LibreOffice or its part for such documents is not installed (the message says what to install),
    LimitExceededError where it takes too long or writes too much, DamagedSourceError where it cannot read the document.
    """
    program = find_office()
    library, package = _LIBRARIES[target]
    if program is None or (program.name == "soffice.bin" and not program.with_name(library).exists()):
        lacking = "LibreOffice" if program is None else f"LibreOffice's {package.removeprefix('libreoffice-')}"
        raise UnsupportedFormatError(
            f"the source is {kind}, which is read with the help of {lacking}, and that is not installed: apt-get install {package}"
        )
    seconds = min(_LONGEST, limits.max_seconds * _SHARE)
    with tempfile.TemporaryDirectory(prefix="tabularium-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        (work / "out").mkdir()
        source = work / f"source{suffix}"
        source.write_bytes(data)
        said = _run(program, work, source, target, seconds, limits)
        made = work / "out" / f"source.{target}"
        if not made.is_file():
            raise DamagedSourceError(f"LibreOffice cannot read the source, {kind}: {said or 'it wrote nothing'}")
        if made.stat().st_size > limits.max_bytes:
            raise LimitExceededError(f"the source turned into .{target} has more than max_bytes = {limits.max_bytes}")
        return Conversion(made.read_bytes(), _said_in(program, "bootstraprc", "ProductKey") or "LibreOffice")


def _run(program: Path, work: Path, source: Path, target: str, seconds: float, limits: Limits) -> str:
    """Run it in `work`, again where it asks for that. What it said last."""
    profile = work / "profile"
    (profile / "user" / "extensions").mkdir(parents=True)
    # With the build said in these two places it takes the profile for its own, and does not start a second time to make it one.
    build = _said_in(program, "versionrc", "buildid")
    (profile / "user" / "extensions" / "buildid").write_text(build, encoding="utf-8")
    settings = (*_SETTINGS, ("Setup/Office", "LastCompatibilityCheckID", escape(build)))
    items = "\n".join(_ITEM.format(path=path, name=name, value=value) for path, name, value in settings)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE.format(items=items), encoding="utf-8")
    command = [sys.executable, "-I", str(_LAUNCH), str(limits.max_memory), str(math.ceil(seconds)), str(program)]
    command += [f"-env:UserInstallation={profile.as_uri()}", "--headless", "--invisible", "--nologo", "--norestore", "--nolockcheck"]
    command += ["--convert-to", _TARGETS[target], "--outdir", str(work / "out"), str(source)]
    environment = {
        "PATH": os.defpath,
        "HOME": str(work),
        "TMPDIR": str(work),
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
    }
    said = ""
    for _ in range(_RESTARTS):
        try:
            done = subprocess.run(
                command, cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise LimitExceededError(f"LibreOffice took more than {seconds:.0f} seconds (max_seconds = {limits.max_seconds:g})") from error
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
        if done.returncode < 0:
            raise DamagedSourceError(f"LibreOffice was ended by signal {-done.returncode} while it read the source {said}".strip())
        if done.returncode not in _RESTART_WANTED:
            break
    return said


@cache
def _said_in(program: Path, name: str, key: str) -> str:
    """The value of a key in one of the small files beside the program; "" where there is none."""
    beside = program.with_name(name)
    if beside.is_file():
        for line in beside.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(f"{key}="):
                return line.removeprefix(f"{key}=").strip()
    return ""
