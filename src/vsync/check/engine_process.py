"""A checking engine as a separate process: it ends when it has to, and nothing of it stays behind.

The process has a session of its own, so that whatever it starts ends with it, however the run ends: by itself,
by a time limit, because its caller asks for it, by Ctrl-C or by SIGTERM. Its output is read as it comes.

Spec: none. Paper: none.
"""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import attrs

from vsync.errors import EngineError, EngineStopped, EngineTimeout
from vsync.interrupts import held_back

TOOL_OPTIONS = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH")
"""Variables of the environment that would override what an engine is told; they are not passed on."""

_POLL_SECONDS = 0.1


@attrs.frozen(kw_only=True)
class EngineRun:
    """What is asked of an engine: who it is, about which module, and for how long.

    `program` says what kind of program is run, such as "a Java runtime". `deadline` is a time of
    `time.monotonic`, in seconds. Setting `stop` ends the run from another thread.
    """

    engine: str
    subject: str
    program: str
    deadline: float | None = None
    stop: threading.Event | None = None


@contextlib.contextmanager
def scratch_directory(prefix: str) -> Iterator[Path]:
    """Gives a fresh directory, and always removes it. Raises EngineError if none can be made."""
    with disk_needed():
        directory = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
    with directory as name:
        yield Path(name).resolve()


@contextlib.contextmanager
def disk_needed() -> Iterator[None]:
    """Tells a person what to do when the scratch directory cannot be made or written."""
    try:
        yield
    except OSError as error:
        raise EngineError(
            f"expected a temporary directory that can be written to, came: {error}; "
            "free some space there, or point TMPDIR to another disk"
        ) from error


def execute(
    run: EngineRun,
    command: Sequence[str],
    scratch: Path,
    *,
    read: Callable[[str], None] = lambda _: None,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str, str]:
    """Runs `command` in `scratch` to its end, handing its output to `read` as whole lines.

    `environment` is added to that of this process. Returns its exit code, and what it wrote to standard output
    and to standard error. Raises EngineTimeout, EngineStopped, and EngineError if it cannot be started.
    """
    variables = {name: value for name, value in os.environ.items() if name not in TOOL_OPTIONS}
    variables.update(environment or {})
    with disk_needed():
        out, err = (scratch / "stdout").open("wb"), (scratch / "stderr").open("wb")
    process: subprocess.Popen[bytes] | None = None
    with out, err:
        try:
            with held_back():  # else an interrupt could leave a process that nobody knows
                process = _start(run, command, scratch, variables, out, err)
            exit_code = _wait(process, run, scratch / "stdout", read)
        finally:
            if process is not None:
                _kill(process)
    stdout, stderr = ((scratch / name).read_text(encoding="utf-8", errors="replace") for name in ("stdout", "stderr"))
    return exit_code, stdout, stderr


def _start(
    run: EngineRun,
    command: Sequence[str],
    scratch: Path,
    variables: Mapping[str, str],
    out: IO[bytes],
    err: IO[bytes],
) -> "subprocess.Popen[bytes]":
    """Starts the process in a session of its own."""
    try:
        return subprocess.Popen(
            list(command),
            cwd=scratch,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"expected {run.program} at {command[0]}, came: {error}; install another one") from error


def _wait(process: "subprocess.Popen[bytes]", run: EngineRun, stdout: Path, read: Callable[[str], None]) -> int:
    """Waits for the process to end, reading along, and raises as soon as it may not go on."""
    with stdout.open("rb") as output:
        rest = b""
        while True:
            exit_code = process.poll()
            lines, newline, rest = (rest + output.read()).rpartition(b"\n")
            read((lines + newline).decode("utf-8", errors="replace"))
            if exit_code is not None:
                return exit_code
            if run.stop is not None and run.stop.is_set():
                raise EngineStopped(f"{run.engine} was stopped while it checked {run.subject}")
            if run.deadline is not None and time.monotonic() > run.deadline:
                raise EngineTimeout(
                    f"expected {run.subject} to be done in time, but it was still running: "
                    "allow more time, or check a smaller model"
                )
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_SECONDS)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Ends the process and everything in its session, and waits until it is gone."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
