"""TLC is believed only when its words and its exit code agree, and no run of it leaves anything behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from vsync import locate
from vsync.check import tlc_output
from vsync.check.tlc import (
    Listed,
    Progress,
    TlcResult,
    Verdict,
    find_jar,
    find_java,
    read_config,
    run_tlc,
    sany,
)
from vsync.errors import EngineError, EngineStopped, EngineTimeout, InputError

COUNTER = r"""
---- MODULE Counter ----
EXTENDS Naturals, TLC
VARIABLE x
Init == x = 0
Step == x < 3 /\ x' = x + 1
Reset == x = 3 /\ x' = 0
Next == Step \/ Reset
Spec == Init /\ [][Next]_x /\ WF_x(Next)
Unfair == Init /\ [][Next]_x
Upwards == Init /\ [][Step]_x
Wrong == Init /\ [][Step /\ Assert(x # 1, "one is too many")]_x

Small == x < 3
Positive == x > 0
Grows == [][x' > x]_x
Arrives == <>(x = 3)
Escapes == <>(x = 7)
Above == x > 2
Returns == []<>(x = 1)
Prints == PrintT(<<"x", x, "a ) bracket">>)
Broken == x # 2 \/ x[1] = 1
====
"""
"""Counts from 0 to 3 and begins again: four states, depth four."""

REFINING = r"""
---- MODULE Steady ----
EXTENDS Naturals
VARIABLE n
Spec == n = 0 /\ [][n' = n + 1]_n
====
---- MODULE Refining ----
EXTENDS Counter
Abstract == INSTANCE Steady WITH n <- x
Refines == Abstract!Spec
====
"""

ENDLESS = r"""
---- MODULE Endless ----
EXTENDS Naturals
VARIABLE x
Spec == x = 0 /\ [][x' = x + 1]_x
====
"""


def write(directory: Path, text: str) -> Path:
    """Writes each module of `text` into its own file, and returns the last."""
    for module in text.split("\n---- MODULE ")[1:]:
        path = directory / f"{module.split()[0]}.tla"
        path.write_text(f"---- MODULE {module}")
    return path


def config(directory: Path, text: str) -> Path:
    """Writes a configuration, and returns its path."""
    path = directory / "model.cfg"
    path.write_text(text)
    return path


def check(directory: Path, text: str, module: str = COUNTER, **options: object) -> TlcResult:
    """Checks `module` under the configuration `text`."""
    return run_tlc(write(directory, module), config(directory, text), **options)  # type: ignore[arg-type]


def java_processes(marker: str) -> list[str]:
    """The ids of the running processes whose command line contains `marker`."""
    command = ["ps", "-ww", "-axo", "pid=,args="]
    running = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in running.splitlines() if marker in line and "tlc2.TLC" in line]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory in which runs make their scratch directories; it must be empty again afterwards."""
    directory = tmp_path / "scratch"
    directory.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    return directory


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A directory of modules, as `spec/` is."""
    directory = tmp_path / "spec"
    directory.mkdir()
    return directory


# ----------------------------------------------------------------------------------------------- the verdicts


def test_a_model_that_holds_is_told_with_its_counts_and_what_it_prints(spec: Path, scratch: Path) -> None:
    """HOLDS comes with the counts and each printed value; nothing is left behind."""
    result = check(spec, "SPECIFICATION Spec\nINVARIANT Prints\nPROPERTY Arrives\n", workers=2)
    assert result.verdict is Verdict.HOLDS
    assert (result.distinct, result.generated, result.depth) == (4, 5, 4)
    assert result.printed == tuple(f'<<"x", {x}, "a ) bracket">>' for x in range(4))
    assert result.workers == 1, "a temporal property is checked with one worker only"
    assert (result.violated, result.counterexample) == (None, ())
    assert sorted(path.name for path in spec.iterdir()) == ["Counter.tla", "model.cfg"]
    assert list(scratch.iterdir()) == []


def test_an_invariant_is_named_with_the_behaviour_that_violates_it(spec: Path) -> None:
    """INVARIANT names the invariant; the counterexample names each state's action."""
    result = check(spec, "SPECIFICATION Spec\nINVARIANTS Prints Small\n", workers=2)
    assert (result.verdict, result.violated) == (Verdict.INVARIANT, "Small")
    assert [state.action for state in result.counterexample] == ["Initial predicate", "Step", "Step", "Step"]
    assert [state.text for state in result.counterexample] == [f"x = {x}" for x in range(4)]
    assert result.loops_to is None


def test_an_invariant_may_fail_in_the_initial_state(spec: Path) -> None:
    """A violation by an initial state is an invariant's violation like any other."""
    result = check(spec, "SPECIFICATION Spec\nINVARIANT Positive\n")
    assert (result.verdict, result.violated) == (Verdict.INVARIANT, "Positive")
    assert [state.text for state in result.counterexample] == ["x = 0"]


def test_an_action_property_is_named(spec: Path) -> None:
    """A step that contradicts a property is an ACTION_PROPERTY violation, by name."""
    result = check(spec, "SPECIFICATION Spec\nPROPERTIES Grows Arrives\n")
    assert (result.verdict, result.violated) == (Verdict.ACTION_PROPERTY, "Grows")
    assert result.counterexample[-1].action == "Reset"


def test_a_refinement_is_named_although_tlc_gives_only_a_place(spec: Path) -> None:
    """If the conjunct that fails is in another module, the one property that is listed must be it."""
    result = check(spec, "SPECIFICATION Unfair\nPROPERTY Refines\n", COUNTER + REFINING)
    assert (result.verdict, result.violated) == (Verdict.ACTION_PROPERTY, "Refines")
    assert "Steady" in result.message


def test_of_several_temporal_properties_the_violated_one_is_found(spec: Path) -> None:
    """TLC does not name a temporal property; checking them one by one does.

    The counterexample is infinite.
    """
    result = check(spec, "SPECIFICATION Spec\nPROPERTIES Arrives Escapes\n", liveness=True)
    assert (result.verdict, result.violated) == (Verdict.TEMPORAL, "Escapes")
    assert result.candidates == ("Arrives", "Escapes")
    assert (len(result.counterexample), result.loops_to) == (4, 1)


def test_a_behaviour_may_stutter_for_ever(spec: Path) -> None:
    """Without fairness nothing need happen: the counterexample stays in its last state."""
    result = check(spec, "SPECIFICATION Unfair\nPROPERTY Returns\n")
    assert (result.verdict, result.violated) == (Verdict.TEMPORAL, "Returns")
    assert (len(result.counterexample), result.loops_to) == (1, 1)


def test_a_deadlock_is_an_error_only_on_request(spec: Path) -> None:
    """A state without successors is DEADLOCK if that is checked; the coverage shows what was never done."""
    stuck = check(spec, "SPECIFICATION Upwards\n", deadlock=True)
    assert (stuck.verdict, stuck.violated, len(stuck.counterexample)) == (Verdict.DEADLOCK, "Deadlock", 4)
    fine = check(spec, "SPECIFICATION Upwards\n", coverage=True)
    assert fine.verdict is Verdict.HOLDS
    assert [(action.action, action.distinct) for action in fine.coverage] == [("Init", 1), ("Step", 3)]


ERRORS = {
    "a false assumption": (
        "\n---- MODULE Assuming ----\nEXTENDS Counter\nASSUME 1 = 2\n====\n",
        "SPECIFICATION Spec\n",
        Verdict.ASSUMPTION,
        "is false",
    ),
    "a module that does not parse": (
        "\n---- MODULE Halved ----\nEXTENDS Counter\nHalf == 1 +\n====\n",
        "SPECIFICATION Spec\n",
        Verdict.PARSE_ERROR,
        "Parse Error",
    ),
    "a configuration that is not one": (COUNTER, "SPECIFICATIONS Spec\n", Verdict.CONFIG_ERROR, "line 1"),
    "a configuration that names nothing": (COUNTER, "SPECIFICATION Nope\n", Verdict.CONFIG_ERROR, "Nope"),
    "an invariant that makes no sense": (
        COUNTER,
        "SPECIFICATION Spec\nINVARIANT Broken\n",
        Verdict.EVALUATION_ERROR,
        "Evaluating invariant Broken failed",
    ),
    "an assertion in an action": (
        COUNTER,
        "SPECIFICATION Wrong\n",
        Verdict.EVALUATION_ERROR,
        "one is too many",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_in_the_specification_is_told_apart(spec: Path, scratch: Path, case: str) -> None:
    """Each kind of error has its own verdict and says what TLC said; none of them counts as a violation."""
    module, configuration, verdict, words = ERRORS[case]
    write(spec, COUNTER)
    result = check(spec, configuration, module)
    assert result.verdict is verdict
    assert not result.verdict.violated
    assert result.violated is None
    assert words in result.message
    assert list(scratch.iterdir()) == []


def test_modules_are_found_beside_the_module_and_in_the_library(spec: Path, tmp_path: Path) -> None:
    """A generated module in a directory of its own can extend those of the specification."""
    write(spec, COUNTER)
    own = tmp_path / "own"
    own.mkdir()
    generated = write(own, "\n---- MODULE Generated ----\nEXTENDS Counter\nFew == x < 9\n====\n")
    result = run_tlc(generated, config(own, "SPECIFICATION Spec\nINVARIANT Few\n"), library=[spec])
    assert result.verdict is Verdict.HOLDS


def test_sany_says_whether_a_module_is_well_formed(spec: Path, scratch: Path) -> None:
    """SANY's exit code says nothing about semantic errors, so its words must."""
    assert sany(write(spec, COUNTER)).ok
    unknown = sany(write(spec, "\n---- MODULE Odd ----\nEXTENDS Counter\nOdd == Missing\n====\n"))
    assert (unknown.ok, "Unknown operator" in unknown.message) == (False, True)
    assert list(scratch.iterdir()) == []


def test_a_configuration_lists_what_it_checks(tmp_path: Path) -> None:
    """Comments are skipped, and each spelling of a section counts."""
    text = "INVARIANTS A, B \\* INVARIANT C\nSPECIFICATION S\nPROPERTY P (* PROPERTY Q *)\n"
    text += "INVARIANT D\nCONSTANT N = 3"
    assert read_config(config(tmp_path, text)) == Listed(invariants=("A", "B", "D"), properties=("P",))


# --------------------------------------------------------------------------------------- words and exit codes


def framed(*messages: tuple[int, int, str], exit_code: int = 0, stderr: str = "") -> tlc_output.Done:
    """What TLC would leave behind if it said `messages`, each a code, a severity and a text."""
    frames = (
        f"@!@!@STARTMSG {code}:{severity} @!@!@\n{text}\n@!@!@ENDMSG {code} @!@!@\n"
        for code, severity, text in messages
    )
    return tlc_output.Done(exit_code=exit_code, stdout="".join(frames), stderr=stderr)


def judged(done: tlc_output.Done) -> TlcResult:
    return tlc_output.judge(done, Listed(invariants=("Small",), properties=()), 1, 1.0)


SUCCESS = (2193, 0, "Model checking completed. No error has been found.")
STATISTICS = (2199, 0, "1,005 states generated, 1,004 distinct states found, 0 states left on queue.")
VIOLATION = (2110, 1, "Invariant Small is violated.")
FINISHED = (2186, 0, "Finished in 1s")


def test_success_is_believed_if_everything_says_so() -> None:
    """The message of success, exit code 0, an empty queue and a regular end: together they mean HOLDS."""
    assert judged(framed(SUCCESS, STATISTICS, FINISHED)).distinct == 1004


@pytest.mark.parametrize(
    "done",
    [
        framed(SUCCESS, STATISTICS, FINISHED, exit_code=12),
        framed(SUCCESS, STATISTICS),
        framed(STATISTICS, FINISHED),
        framed(
            SUCCESS,
            (2199, 0, "9 states generated, 9 distinct states found, 2 states left on queue."),
            FINISHED,
        ),
        framed(VIOLATION, SUCCESS, STATISTICS, FINISHED),
        framed(VIOLATION, STATISTICS, FINISHED, exit_code=13),
        framed(SUCCESS, STATISTICS, FINISHED, stderr="java.lang.OutOfMemoryError: Java heap space"),
        framed((1003, 1, "Java ran out of memory"), SUCCESS, STATISTICS, FINISHED),
        framed((1000, 1, "java.io.IOException: No space left on device"), FINISHED, exit_code=255),
        framed(exit_code=137),
    ],
    ids=[
        "success, but a violation's exit code",
        "success, but not finished",
        "finished, but no success",
        "success, but states left",
        "success after a violation, as with -continue",
        "a violation, but another one's exit code",
        "success, but out of memory",
        "success, but out of memory, in TLC's words",
        "disk full",
        "killed",
    ],
)
def test_contradictions_are_not_believed(done: tlc_output.Done) -> None:
    """Where output and exit code do not agree on one verdict, nothing is known."""
    with pytest.raises(EngineError, match="expected a verdict of TLC"):
        judged(done)


def test_a_newer_tlc_may_print_values_in_messages_and_over_several_lines() -> None:
    """A printed value goes on while a bracket is open; brackets in strings do not count."""
    done = framed((2219, 0, "SANY finished."), (20000, 0, '<<1,\n  "[">>\n2'), SUCCESS, STATISTICS, FINISHED)
    assert judged(done).printed == ('<<1,\n  "[">>', "2")


def test_progress_is_read_as_it_comes() -> None:
    """Numbers have commas between thousands."""
    line = "Progress(7) at 2020-01-30 19:30:00: 2,345 states generated (9 s/min), "
    line += "1,234 distinct states found, 56 states left on queue.\n"
    assert list(tlc_output.progress_in(line, 1.5)) == [
        Progress(seconds=1.5, depth=7, generated=2345, distinct=1234, queue=56)
    ]


# ------------------------------------------------------------------------------------------- the installation


def test_a_missing_or_useless_java_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """VSYNC_JAVA must be an executable file; the message says which file and what to do."""
    monkeypatch.setenv("VSYNC_JAVA", str(tmp_path / "java"))
    with pytest.raises(EngineError, match=r"no such file.*VSYNC_JAVA"):
        find_java()
    (tmp_path / "java").write_text("not a program")
    with pytest.raises(EngineError, match="not executable"):
        find_java()
    (tmp_path / "java").chmod(0o755)
    with pytest.raises(EngineError, match="Java runtime"):
        check(tmp_path, "SPECIFICATION Spec\n")


def test_a_java_that_says_nothing_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that ends with exit code 0 and without a word has not checked anything."""
    monkeypatch.setenv("VSYNC_JAVA", "true")
    with pytest.raises(EngineError, match="no verdict"):
        check(tmp_path, "SPECIFICATION Spec\n")
    with pytest.raises(EngineError, match="verdict of SANY"):
        sany(tmp_path / "Counter.tla")


def test_a_broken_jar_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """VSYNC_TLA2TOOLS must be a jar with TLC inside: not missing, not a text, not some other archive."""
    jar = tmp_path / "tla2tools.jar"
    monkeypatch.setenv("VSYNC_TLA2TOOLS", str(jar))
    with pytest.raises(EngineError, match="no such file"):
        find_jar()
    jar.write_text("<html>not found</html>")
    with pytest.raises(EngineError, match=r"not a zip file.*VSYNC_TLA2TOOLS"):
        find_jar()
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("README", "no TLC here")
    with pytest.raises(EngineError, match=r"TLC\.class"):
        find_jar()


def test_missing_files_are_the_caller_s_mistake(tmp_path: Path) -> None:
    """A module or a configuration that is not there is an InputError, not a verdict."""
    with pytest.raises(InputError, match=r"Nope\.tla"):
        run_tlc(tmp_path / "Nope.tla", config(tmp_path, ""))
    with pytest.raises(InputError, match=r"nope\.cfg"):
        run_tlc(write(tmp_path, COUNTER), tmp_path / "nope.cfg")


def test_a_temporary_directory_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a place for TLC's files there is no verdict, and the message says where the place should be."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(EngineError, match="TMPDIR"):
        check(tmp_path, "SPECIFICATION Spec\n")


def test_the_specification_and_the_traces_are_found_in_a_wheel_and_in_a_checkout(tmp_path: Path) -> None:
    """Package data come first, then the top of the checkout; if neither is there, the message names both."""
    package = tmp_path / "src" / "vsync"
    package.mkdir(parents=True)
    with pytest.raises(EngineError, match="source checkout"):
        locate._locate("spec", package)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "spec").mkdir()
    assert locate._locate("spec", package) == tmp_path / "spec"
    (package / "_data" / "spec").mkdir(parents=True)
    assert locate._locate("spec", package) == package / "_data" / "spec"


# ----------------------------------------------------------------------------------- ends of every other kind


def wait_for_java(marker: str, number: int = 1) -> None:
    """Returns once so many Java processes with `marker` in their command lines run."""
    deadline = time.monotonic() + 30
    while len(java_processes(marker)) < number:
        assert time.monotonic() < deadline, "TLC did not start"


def test_a_run_out_of_time_is_ended(spec: Path, scratch: Path) -> None:
    """After the time limit no Java process and no file is left."""
    with pytest.raises(EngineTimeout, match="Endless"):
        check(spec, "SPECIFICATION Spec\n", ENDLESS, timeout_seconds=1, heap_mb=128)
    assert java_processes(str(scratch)) == []
    assert list(scratch.iterdir()) == []


def test_a_run_can_be_stopped_from_another_thread(spec: Path, scratch: Path) -> None:
    """Two runs go on side by side, each with its own files, until both are stopped."""
    module, configuration, stop = (
        write(spec, ENDLESS),
        config(spec, "SPECIFICATION Spec\n"),
        threading.Event(),
    )
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(run_tlc, module, configuration, stop=stop, heap_mb=128) for _ in range(2)]
        try:
            wait_for_java(str(scratch), number=2)
        finally:
            stop.set()
    for run in runs:
        with pytest.raises(EngineStopped):
            run.result()
    assert java_processes(str(scratch)) == []
    assert list(scratch.iterdir()) == []


ALONE = """
import sys
from pathlib import Path
from vsync.check.tlc import run_tlc
run_tlc(Path(sys.argv[1]), Path(sys.argv[2]), heap_mb=128)
"""


@pytest.mark.parametrize(("number", "ending"), [(signal.SIGINT, "KeyboardInterrupt"), (signal.SIGTERM, "")])
def test_a_signal_ends_java_and_removes_its_files(
    spec: Path, tmp_path: Path, number: signal.Signals, ending: str
) -> None:
    """After Ctrl-C and SIGTERM no Java process and no file is left, and the program ends as it should."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = dict(os.environ, TMPDIR=str(temporary), PYTHONPATH=os.pathsep.join(sys.path))
    arguments = [write(spec, ENDLESS), config(spec, "SPECIFICATION Spec\n")]
    program = subprocess.Popen(
        [sys.executable, "-c", ALONE, *arguments], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for_java(str(temporary))
    finally:
        program.send_signal(number)
        _, stderr = program.communicate(timeout=30)
    assert program.returncode != 0
    assert ending in stderr
    assert java_processes(str(temporary)) == []
    assert list(temporary.iterdir()) == []


class Struck(subprocess.Popen[bytes]):
    """A process during whose start Ctrl-C comes: it runs already, and nobody has it in hand yet."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_while_java_starts_is_not_lost(spec: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the very moment in which Java starts ends the run as at any other."""
    with monkeypatch.context() as struck:
        struck.setattr(subprocess, "Popen", Struck)
        with pytest.raises(KeyboardInterrupt):
            check(spec, "SPECIFICATION Spec\n", ENDLESS, heap_mb=128, timeout_seconds=20)
    assert java_processes(str(scratch)) == []
    assert list(scratch.iterdir()) == []
