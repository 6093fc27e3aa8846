"""Apalache, the symbolic model checker of TLA+, run as a separate process where it is installed.

Two kinds of questions are put to it:

- *bounded*: no run of at most so many steps violates the invariant;
- *inductive*: the invariant holds at first, each step from any state in which it holds leads to one in which
  it holds, and it implies what it is there for. Then that holds in runs of any length, under the bounds on the
  constants. Each of the three is a run of Apalache of its own.

Apalache is not a dependency. `VSYNC_APALACHE` names it, the executable or the jar; else `apalache-mc` is
looked for on the PATH. Where there is none, EngineMissing says what to do, and nothing is judged.

A verdict needs three things that agree: the exit code, the line `EXITCODE`, and the line of the outcome. And
a violation needs its counterexample, in the Informal Trace Format. Apalache runs in a scratch directory, into
which it also writes; an old configuration there cannot mislead it, and nothing remains.

Spec: `spec/AP*.tla` and `spec/apalache.toml`. Paper: none. The command line, the exit codes and the files are
those of Apalache's manual ("Running the Tool") and of its source (`ExitCodes`).
"""

import enum
import os
import re
import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import attrs

from vsync.check.engine_process import EngineRun, execute, scratch_directory
from vsync.check.itf import ItfTrace, read_itf
from vsync.check.tlc import find_java
from vsync.errors import EngineError, InputError
from vsync.interrupts import ended_by_signals

COUNTEREXAMPLE = "violation1.itf.json"
"""The file in the run directory with the first counterexample."""


class EngineMissing(EngineError):
    """Apalache is not installed here."""


class ApalacheVerdict(enum.StrEnum):
    """What Apalache concludes about one question."""

    HOLDS = "holds"
    VIOLATED = "violated"
    DEADLOCK = "deadlock reached"


class Question(NamedTuple):
    """One run of Apalache: from the states of `init`, at most `length` steps, is `invariant` kept?"""

    name: str
    init: str
    invariant: str
    length: int


@attrs.frozen(kw_only=True)
class ApalacheResult:
    """What Apalache said to one question; of a violation with the counterexample, and its text in ITF."""

    question: Question
    verdict: ApalacheVerdict
    counterexample: ItfTrace | None
    itf: bytes | None
    version: str | None
    seconds: float


def find_apalache(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Returns the command that runs Apalache.

    Raises EngineMissing if there is none, and EngineError if `VSYNC_APALACHE` names what cannot be run.
    """
    chosen = environment.get("VSYNC_APALACHE")
    if not chosen:
        found = shutil.which("apalache-mc", path=environment.get("PATH"))
        if found is None:
            raise EngineMissing(
                "Apalache is not installed: expected VSYNC_APALACHE to name its executable or its jar, or "
                "apalache-mc on the PATH; install it from https://apalache-mc.org"
            )
        return (found,)
    program = Path(shutil.which(chosen, path=environment.get("PATH")) or chosen).absolute()
    if not program.is_file():
        raise EngineError(f"expected Apalache at {program}, but there is no such file: correct or unset VSYNC_APALACHE")
    if program.suffix == ".jar":
        return (str(find_java()), "-Xmx4096m", "-jar", str(program))
    if not os.access(program, os.X_OK):
        raise EngineError(f"expected Apalache at {program}, but it is not executable: correct or unset VSYNC_APALACHE")
    return (str(program),)


def ask(
    command: tuple[str, ...],
    module: Path,
    question: Question,
    *,
    constants: str,
    step: str,
    timeout_seconds: float | None = None,
    stop: threading.Event | None = None,
) -> ApalacheResult:
    """Puts one question about `module` to Apalache, and returns the answer.

    `constants` names the operator that gives the constants their values, `step` the next-state relation.

    Raises InputError if the module is missing; EngineTimeout and EngineStopped for `timeout_seconds` and
    `stop`; and EngineError if Apalache came to no verdict, or contradicts itself.
    """
    if not module.is_file():
        raise InputError(f"expected a TLA+ module at {module}, but there is no such file: correct the name")
    started = time.monotonic()
    run = EngineRun(
        engine="Apalache",
        subject=f"{module.stem}, {question.name}",
        program="Apalache",
        deadline=None if timeout_seconds is None else started + timeout_seconds,
        stop=stop,
    )
    with ended_by_signals(), scratch_directory("vsync-apalache-") as scratch:
        output = scratch / "run"
        arguments = (
            "check",
            f"--cinit={constants}",
            f"--init={question.init}",
            f"--next={step}",
            f"--inv={question.invariant}",
            f"--length={question.length}",
            f"--run-dir={output}",
            f"--out-dir={scratch / 'out'}",
            str(module.resolve()),
        )
        environment = {"TMPDIR": str(scratch)}
        exit_code, stdout, stderr = execute(run, (*command, *arguments), scratch, environment=environment)
        verdict = _verdict(run.subject, exit_code, stdout, stderr)
        itf = None if verdict is ApalacheVerdict.HOLDS else _counterexample(run.subject, output)
    return ApalacheResult(
        question=question,
        verdict=verdict,
        counterexample=None if itf is None else read_itf(itf, name=f"{run.subject}: {COUNTEREXAMPLE}"),
        itf=itf,
        version=_first(r"version: *(\S+)", stdout),
        seconds=time.monotonic() - started,
    )


# ---------------------------------------------------------------------------------------- what Apalache says

_HOLDS = 0
_VIOLATED = 12
_FAILURES = {
    75: "the specification has what Apalache cannot evaluate",
    120: "the types are wrong",
    150: "the module does not parse",
    255: "Apalache failed",
}
_OUTCOMES = {
    (_HOLDS, "NoError"): ApalacheVerdict.HOLDS,
    (_VIOLATED, "Error"): ApalacheVerdict.VIOLATED,
    (_VIOLATED, "Deadlock"): ApalacheVerdict.DEADLOCK,
}


def _verdict(subject: str, exit_code: int, stdout: str, stderr: str) -> ApalacheVerdict:
    """Returns the verdict on which exit code and output agree, or raises EngineError."""
    if exit_code not in (_HOLDS, _VIOLATED):
        meaning = _FAILURES.get(exit_code, "that is no exit code that Apalache documents")
        raise EngineError(
            f"{subject}: expected a verdict of Apalache, came exit code {exit_code}, {meaning}: "
            f"{_complaint(stdout, stderr)}; correct the module or the installation"
        )
    said = "OK" if exit_code == _HOLDS else f"ERROR ({exit_code})"
    outcome = _first(r"The outcome is: *(\w+)", stdout)
    verdict = _OUTCOMES.get((exit_code, outcome or ""))
    if _first(r"^EXITCODE: *(.*?) *$", stdout) != said or verdict is None:
        raise EngineError(
            f"{subject}: expected Apalache's exit code and output to agree, came exit code {exit_code} with "
            f"outcome {outcome or 'none'}: {_complaint(stdout, stderr)}; run it by hand to see what is wrong"
        )
    return verdict


def _counterexample(subject: str, output: Path) -> bytes:
    """Returns the counterexample that Apalache wrote into its run directory."""
    try:
        return (output / COUNTEREXAMPLE).read_bytes()
    except OSError as error:
        raise EngineError(
            f"{subject}: expected Apalache's counterexample in {COUNTEREXAMPLE}, came: {error.strerror}; "
            "use a version that writes the Informal Trace Format (0.18 or later)"
        ) from error


def _first(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else None


_LOG_MARK = re.compile(r" +[EWI]@\d\d:\d\d:\d\d\.\d+")


def _complaint(stdout: str, stderr: str) -> str:
    """Returns the last that Apalache said of an error, without the marks of its log."""
    lines = [_LOG_MARK.sub("", line).strip() for line in f"{stdout}\n{stderr}".splitlines()]
    telling = [line for line in lines if re.search(r"error|exception|cannot|unsupported", line, re.IGNORECASE)]
    telling = [line for line in telling if not line.startswith("EXITCODE")] or [line for line in lines if line]
    return telling[-1][:300] if telling else "it said nothing"
