"""The commands end with 0, 1 or 2, say why in words, and leave nothing behind, whatever they are given."""

import contextlib
import io
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import attrs
import pytest

from vsync.check.writer import encoded
from vsync.cli import main
from vsync.cli.simulate import MEANINGS
from vsync.locate import traces_directory
from vsync.sim.simulation import Configuration
from vsync.sim.world import World

HEADER = '{"format":"vsync-trace","version":1}\n'
VIEW = '{"event":"install","process":"a","view":{"id":1,"members":["a","b"]}}\n'

COUNTER = """
---- MODULE Counter ----
EXTENDS Naturals
CONSTANT Limit
VARIABLE x
Spec == x = 0 /\\ [][x < Limit /\\ x' = x + 1]_x
Small == x < 3
====
"""
MODELS = """
[CounterSmall]
module = "Counter"
checks = "Counter"
kind = "safety"
tier = "quick"
verdict = "holds"
note = "up to 2"

[CounterLarge]
module = "Counter"
checks = "Counter"
kind = "planted bug"
tier = "full"
verdict = "violated"
by = "Small"
note = "up to 5"

[CounterEndless]
module = "Counter"
checks = "Counter"
kind = "safety"
tier = "full"
verdict = "holds"
note = "up to the moon"
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A specification of one module: a quick model that holds, one that is violated, one that never ends."""
    directory = tmp_path / "spec"
    directory.mkdir()
    (directory / "Counter.tla").write_text(COUNTER)
    (directory / "models.toml").write_text(MODELS)
    for name, limit in (("Small", 2), ("Large", 5), ("Endless", 1_000_000_000)):
        invariant = "" if name == "Endless" else "INVARIANT Small"
        text = f"CONSTANT Limit = {limit}\nSPECIFICATION Spec\n{invariant}\n"
        (directory / f"Counter{name}.cfg").write_text(text)
    return directory


def _trace(path: Path, *lines: str) -> str:
    path.write_text("".join(lines))
    return str(path)


class Spoken:
    """Runs commands in this process, and keeps what they say."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *words: str | Path) -> int:
        code = main([str(word) for word in words])
        self.out, self.err = self._capsys.readouterr()
        return code

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def vsync(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Spoken:
    """The command line, with tables as wide as they need."""
    monkeypatch.delenv("COLUMNS", raising=False)
    return Spoken(capsys)


def _command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "vsync.cli", *map(str, words)]


# --------------------------------------------------------------------------------------- the command line


def test_without_arguments_the_help_is_shown(vsync: Spoken) -> None:
    """Somebody who does not know what to type learns it, but a script does not take that for success."""
    assert vsync() == 2
    for command in ("verify", "models", "simulate", "check", "replay"):
        assert command in vsync.err


def test_help_and_version_are_answers(vsync: Spoken) -> None:
    """To be asked for help or version, and to give it, is success."""
    assert vsync("--version") == 0
    assert vsync.out.startswith("vsync ")
    for command in ("verify", "models", "simulate", "check", "replay"):
        assert vsync(command, "--help") == 0
        assert "--json" in vsync.out


def test_an_unknown_command_is_told_with_the_nearest(vsync: Spoken) -> None:
    """A slip of the finger is answered with what was meant."""
    assert vsync("chekc", "x") == 2
    assert vsync.err == "vsync: expected a command, came 'chekc': did you mean check?\n"
    assert vsync("dance") == 2
    assert "choose from verify, models" in vsync.err
    assert vsync("check", "--dance", "x") == 2
    assert vsync("models", "--cores", "0") == 2
    assert "expected a number of at least 1, came '0'" in vsync.err


# -------------------------------------------------------------------------------------------------- check


def test_good_traces_hold_and_bad_ones_name_guarantee_and_lines(vsync: Spoken) -> None:
    """A directory stands for its traces; each violation is told with guarantee, lines and a sentence."""
    assert vsync("check", traces_directory() / "good") == 0
    bad = traces_directory() / "bad" / "virtual_synchrony" / "survivor_lacks_a_message.jsonl"
    assert vsync("check", bad) == 1
    assert "violated: VirtualSynchrony" in vsync.out
    assert vsync("check", bad, "--json") == 1
    (file,) = vsync.json["files"]
    assert vsync.json["verdict"] == file["verdict"] == "violated"
    (violated,) = [each for each in file["judgement"]["findings"] if each["status"] == "violated"]
    assert violated["guarantee"] == "VirtualSynchrony"
    assert violated["violation"]["sentence"]
    assert vsync("check", bad, "--guarantee", "FIFO", "--guarantee", "SelfInclusion") == 0


def test_the_worst_file_decides(vsync: Spoken, tmp_path: Path) -> None:
    """One file that cannot be judged makes 2, after all the others were judged."""
    bad = traces_directory() / "bad" / "fifo"
    assert vsync("check", bad, tmp_path / "missing.jsonl", traces_directory() / "good") == 2
    assert "violated: FIFO" in vsync.out
    assert "missing.jsonl: not judged: expected a trace file" in vsync.out
    assert vsync("check", bad / "*.jsonl", "--json") == 1
    assert len(vsync.json["files"]) == len(list(bad.glob("*.jsonl")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "whose first line is a header, but there is nothing"),
        ('{"format":"vsync-tr', "only the beginning of a line"),
        ("hello\n", "line 1: expected a JSON object, but came 'hello'"),
        (VIEW, "line 1: expected a header"),
        ('{"format":"vsync-trace","version":99}\n', "version 99"),
        (HEADER + "{]\n" + VIEW, "line 2: expected a JSON object, but came '{]'"),
        (HEADER + '{"event":"install","process":"a"}\n', "line 2"),
        (HEADER + VIEW.replace('"a","b"', ""), 'line 2: expected at least one name in "members"'),
        (HEADER.replace("1}", '1,"processes":["b"]}') + VIEW, "line 2: expected a process from the header"),
        (
            HEADER + '{"event":"crash","process":"a"}\n' + VIEW,
            "line 3: expected no event of a after its crash",
        ),
        ("\x00\x01\x02\n", "line 1"),
    ],
)
def test_what_is_no_trace_is_refused_with_its_line(vsync: Spoken, tmp_path: Path, content: str, message: str) -> None:
    """A file that cannot be used is named with the line, with what was expected and what came."""
    path = _trace(tmp_path / "bad.jsonl", content)
    for command in (("check",), ("check", "--spec")):
        assert vsync(*command, path) == 2
        assert message in vsync.out
        assert vsync(*command, "--json", path) == 2
        assert message in vsync.json["files"][0]["error"]
    assert vsync("replay", path) == 2
    assert "bad.jsonl" in vsync.err


def test_a_trace_that_puts_nothing_to_the_test_is_not_judged(vsync: Spoken, tmp_path: Path) -> None:
    """Not judged is not held: a trace without events ends with 2."""
    assert vsync("check", _trace(tmp_path / "empty.jsonl", HEADER)) == 2
    assert "puts no guarantee to the test" in vsync.out


def test_a_trace_that_stops_in_mid_line_is_judged_up_to_there(vsync: Spoken, tmp_path: Path) -> None:
    """A writer that crashed leaves half a line: the rest counts, and the command says so."""
    path = _trace(tmp_path / "cut.jsonl", HEADER, VIEW, VIEW[:40])
    assert vsync("check", path) == 0
    assert "stops in its middle: judged up to there" in vsync.out
    assert vsync("check", path, "--json") == 0
    assert vsync.json["files"][0]["judgement"]["truncated"] is True


def test_words_that_mean_no_file_are_refused(vsync: Spoken, tmp_path: Path) -> None:
    """An empty directory, a pattern that matches nothing and a guarantee that does not exist are told."""
    assert vsync("check", tmp_path) == 2
    assert "expected traces (.jsonl), but there are none" in vsync.err
    assert vsync("check", tmp_path / "*.jsonl") == 2
    assert "correct the pattern" in vsync.err
    assert vsync("check", _trace(tmp_path / "a.jsonl", HEADER, VIEW), "--guarantee", "Fifo", "--json") == 2
    assert "expected names of guarantees" in vsync.json["error"]


def test_standard_input_is_a_trace(vsync: Spoken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`-` is judged like a file, by both judges if need be."""
    bad = traces_directory() / "bad" / "fifo" / "overtaken.jsonl"
    for more in ((), ("--spec",)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bad.read_bytes())))
        assert vsync("check", "-", *more) == 1
        assert vsync.out.startswith("standard input: violated: FIFO")


# ----------------------------------------------------------------------------------- simulate and replay


def test_each_field_of_the_configuration_is_a_flag(vsync: Spoken, tmp_path: Path) -> None:
    """What can be configured can be given, and what was given stands in the header."""
    assert set(MEANINGS) == {field.name for field in attrs.fields(Configuration)}
    defaults = attrs.asdict(Configuration())
    given = {
        name: True if isinstance(default, bool) else number
        for number, (name, default) in enumerate(defaults.items(), start=1)
    }
    flags = [f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}") for name, value in given.items()]
    assert vsync("simulate", "--seed", "7", "-o", tmp_path / "7.jsonl", *flags) == 0
    with open(tmp_path / "7.jsonl") as trace:
        header = json.loads(trace.readline())
    assert header["configuration"] == given
    assert (header["seed"], header["source"]) == (7, "vsync simulate")
    assert vsync("simulate", "--seed", "1", "--sites", "0", "-o", tmp_path / "0.jsonl") == 2
    assert "sites" in vsync.err
    assert not (tmp_path / "0.jsonl").exists()


def test_a_simulation_is_told_checked_and_replayed(vsync: Spoken, tmp_path: Path) -> None:
    """What `simulate` writes, `check` accepts and `replay` makes again, step by step if it is asked to."""
    trace = tmp_path / "3.jsonl"
    assert vsync("simulate", "--seed", "3", "--drawn", "-o", trace, "--json") == 0
    assert vsync.json["failure"] is None
    assert vsync.json["settled"] or vsync.json["blocked"]
    lines = vsync.json["lines"]
    assert lines == len(trace.read_bytes().splitlines())
    assert vsync("check", trace) == 0
    assert vsync("replay", trace) == 0
    assert f"{lines - 1} lines as recorded" in vsync.out
    assert vsync("replay", trace, "--step") == 0
    assert "The system begins with the sites" in vsync.out
    assert vsync("replay", trace, "--step", "--json") == 0
    assert vsync.json["lines"] == lines - 1
    assert len(vsync.json["steps"]) == vsync.json["moves"]


def test_a_replay_that_differs_says_where(vsync: Spoken, tmp_path: Path) -> None:
    """The first difference is told with its line, what was expected and what came."""
    trace = tmp_path / "3.jsonl"
    assert vsync("simulate", "--seed", "3", "-o", trace) == 0
    lines = trace.read_text().splitlines(keepends=True)
    number = next(index for index, line in enumerate(lines) if '"event":"deliver"' in line)
    fields = json.loads(lines[number])
    lines[number] = encoded(fields | {"message": "1.1.1:99"}).decode()
    trace.write_text("".join(lines))
    assert vsync("replay", trace) == 1
    assert f"line {number + 1}: expected" in vsync.out.replace("\n", " ")
    assert vsync("replay", trace, "--json") == 1
    assert vsync.json["difference"] == {
        "line": number + 1,
        "expected": fields | {"message": "1.1.1:99"},
        "came": fields,
    }


def test_a_replay_waits_for_its_reader_on_a_terminal(vsync: Spoken, tmp_path: Path) -> None:
    """On a terminal a step comes at a key: one, so many, and then no more; the verdict comes in any case."""
    trace = tmp_path / "3.jsonl"
    assert vsync("simulate", "--seed", "3", "-o", trace) == 0
    ours, theirs = pty.openpty()
    command = subprocess.Popen(_command("replay", "--step", trace), stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = ""
    for answer in ("", "3", "q"):
        while not said.rstrip(" ").endswith(">"):
            said += os.read(ours, 4096).decode()
        os.write(ours, f"{answer}\n".encode())
        said += "\n"
    with contextlib.suppress(OSError):  # the other end has been closed
        while more := os.read(ours, 4096):
            said += more.decode()
    os.close(ours)
    assert command.wait(timeout=60) == 0
    assert [number for number in range(1, 9) if f"  {number}  " in said] == [1, 2, 3, 4, 5]
    assert "lines as recorded" in said


def test_service_events_alone_cannot_be_replayed(vsync: Spoken, tmp_path: Path) -> None:
    """Without moves nothing can be made again, and the message says what to record."""
    trace = tmp_path / "3.jsonl"
    assert vsync("simulate", "--seed", "3", "--service-only", "-o", trace) == 0
    assert vsync("check", trace) == 0
    assert vsync("replay", trace) == 2
    assert "without --service-only" in vsync.err


def test_a_violating_run_is_told_and_kept(vsync: Spoken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in which the implementation breaks a guarantee ends with 1, and its trace shows it."""
    original = World._event

    def twice(self: World, event: str, process: Any, **fields: Any) -> None:
        for _ in range(2 if event == "deliver" else 1):
            original(self, event, process, **fields)

    monkeypatch.setattr(World, "_event", twice)
    assert vsync("simulate", "--seed", "3", "-o", tmp_path / "3.jsonl") == 1
    assert "NoDuplication is violated (lines" in vsync.out
    assert vsync("check", tmp_path / "3.jsonl") == 1


def test_a_seed_is_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    """The trace of a seed depends on nothing else, not even on how Python hashes."""
    written = []
    for number in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": number}
        command = _command("simulate", "--seed", "11", "--drawn")
        done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=True)
        assert b"guarantees hold" in done.stderr
        written.append(done.stdout)
    assert written[0] == written[1]
    assert len(written[0].splitlines()) > 100


# ------------------------------------------------------------------------------------------------- models


def test_models_are_checked_listed_and_named(vsync: Spoken, spec: Path) -> None:
    """The quick models are checked, or those named; they are listed without being checked."""
    where = ("--spec-directory", spec)
    assert vsync("models", "--list", "--full", *where) == 0
    for name in ("CounterSmall", "CounterLarge", "CounterEndless"):
        assert name in vsync.out
    assert vsync("models", *where, "--json") == 0
    (model,) = vsync.json["models"]
    assert (model["model"], model["verdict"], model["states"]) == ("CounterSmall", "holds", 3)
    assert vsync("models", "CounterLarge", *where) == 0
    assert "violates Small" in vsync.out
    assert "All 1 models are as expected." in vsync.out


def test_pins_are_written_and_held(vsync: Spoken, spec: Path) -> None:
    """What `--pin` writes is expected from then on, and another count is a violation."""
    where = ("--spec-directory", spec)
    assert vsync("models", *where, "--pin", "--json") == 0
    assert vsync.json["pinned"] == ["CounterSmall"]
    text = (spec / "models.toml").read_text()
    assert "states = 3" in text
    (spec / "models.toml").write_text(text.replace("states = 3", "states = 4"))
    assert vsync("models", *where) == 1
    assert "expected 4 distinct states, came 3" in " ".join(vsync.err.split())


def test_an_unknown_model_is_told_with_the_nearest(vsync: Spoken, spec: Path, tmp_path: Path) -> None:
    """A name that is none is answered with what comes near; so is a directory without models."""
    assert vsync("models", "CounterSmal", "--spec-directory", spec) == 2
    assert "did you mean CounterSmall" in vsync.err
    assert vsync("models", "--spec-directory", tmp_path) == 2
    assert "expected the list of models" in vsync.err
    (spec / "Counter.tla").write_text("---- MODULE Counter ----\n(((\n====\n")
    assert vsync("models", "--spec-directory", spec) == 2, "what does not parse is not judged"


@pytest.mark.parametrize("variable", ["VSYNC_JAVA", "VSYNC_TLA2TOOLS"])
def test_without_an_engine_nothing_is_judged(
    vsync: Spoken, spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """No Java, and a jar that is none, are told with what to do, by every command that needs them."""
    (tmp_path / "broken").write_text("no jar")
    wrong = tmp_path / ("broken" if variable == "VSYNC_TLA2TOOLS" else "missing")
    monkeypatch.setenv(variable, str(wrong))
    trace = _trace(tmp_path / "a.jsonl", HEADER, VIEW)
    assert vsync("models", "--spec-directory", spec) == 2
    assert f"correct or unset {variable}" in vsync.err
    assert vsync("verify", "--spec-directory", spec) == 2
    assert f"correct or unset {variable}" in vsync.err
    assert vsync("check", "--spec", trace, "--json") == 2
    assert f"correct or unset {variable}" in vsync.json["files"][0]["error"]
    assert vsync("check", trace) == 0, "the streaming judge needs no Java"


# ------------------------------------------------------------------------------------------- both judges


def test_a_step_that_the_specification_forbids_is_named(vsync: Spoken, tmp_path: Path) -> None:
    """Protocol events are judged by TLC: a variable that is not as it must be is named with its line."""
    trace = tmp_path / "1.jsonl"
    assert vsync("simulate", "--seed", "1", "--drawn", "-o", trace) == 0
    lines = trace.read_text().splitlines(keepends=True)
    number = [index for index, line in enumerate(lines) if '"action":"SiteViews!Acknowledge"' in line][1]
    fields = json.loads(lines[number])
    fields["variables"]["promised"] += 1
    lines[number] = encoded(fields).decode()
    trace.write_text("".join(lines))
    assert vsync("check", "--spec", trace, "--json") == 1
    (file,) = vsync.json["files"]
    assert file["judgement"]["accepted"], "the guarantees are not concerned"
    assert file["spec"]["rejected"]["line"] == number + 1
    assert "promised" in file["spec"]["rejected"]["reason"]
    assert f"line {number + 1} is no step of" in file["disagreement"]


def test_verify_tells_of_models_campaign_and_judges(vsync: Spoken, spec: Path, tmp_path: Path) -> None:
    """The table has each model with its states, the campaign with its counts, and what each judge says."""
    few = ("--runs", "6", "--sample", "1", "--seed", "1", "--keep", tmp_path / "kept")
    assert vsync("verify", "--spec-directory", spec, *few, "--json") == 0
    told = vsync.json
    assert [model["model"] for model in told["models"]] == ["CounterSmall"]
    assert len(told["scenarios"]) > 20
    assert not any(story["failures"] for story in told["scenarios"])
    (campaign,) = told["campaigns"]
    assert campaign["runs"] == 6
    assert campaign["spec"]["traces"] == campaign["spec"]["accepted"] == 1
    assert campaign["spec"]["disagreements"] == campaign["failures"] == told["problems"] == []
    assert not (tmp_path / "kept").exists()


def test_a_campaign_tells_its_rate_and_makes_runs_twice(vsync: Spoken, tmp_path: Path) -> None:
    """All runs hold, every third was made twice and was the same, and the rate is told."""
    assert vsync("campaign", "--runs", "6", "--twice", "3", "--keep", tmp_path / "kept", "--json") == 0
    (campaign,) = vsync.json["campaigns"]
    assert (campaign["runs"], campaign["twice"]) == (6, 2)
    assert vsync.json["runs_per_second"] > 0
    assert not (tmp_path / "kept").exists()


def test_a_campaign_finds_a_run_that_is_not_the_same_twice(
    vsync: Spoken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chance beside that of the seed ends with 1, and the sentence says from which line on."""
    calls = iter(range(10**9))
    original = World._event

    def numbered(self: World, event: str, process: Any, **fields: Any) -> None:
        original(self, event, process, **fields, call=next(calls))

    monkeypatch.setattr(World, "_event", numbered)
    assert vsync("campaign", "--runs", "1", "--twice", "1", "--cores", "1", "--keep", tmp_path / "kept") == 1
    assert "made twice, the run is another from line" in vsync.out


def test_verify_fails_where_the_implementation_does(
    vsync: Spoken, spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in the implementation ends with 1, and names the guarantee, the seed and the trace."""
    original = World._event

    def twice(self: World, event: str, process: Any, **fields: Any) -> None:
        for _ in range(2 if event == "deliver" else 1):
            original(self, event, process, **fields)

    monkeypatch.setattr(World, "_event", twice)
    few = ("--runs", "2", "--sample", "0", "--cores", "1", "--keep", tmp_path / "kept")
    assert vsync("verify", "--spec-directory", spec, *few) == 1
    assert "NoDuplication is violated" in vsync.out
    assert "vsync replay --step" in vsync.out
    assert "vsync scenario --golden" in vsync.out
    assert vsync.out.rstrip().splitlines()[-1].startswith("NOT VERIFIED")
    (kept, *_) = (tmp_path / "kept").iterdir()
    assert vsync("check", kept) == 1


# ------------------------------------------------------------------------- what is stopped leaves nothing


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """Results and traces that cannot be written make 2, in one line, and a device stays a device."""
    bad = traces_directory() / "bad" / "fifo" / "overtaken.jsonl"
    for words in (
        ("check", bad),
        ("check", bad, "--json"),
        ("simulate", "--seed", "1"),
        ("models", "--list"),
    ):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                _command(*words), stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False
            )
        assert done.returncode == 2, words
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr
    done = subprocess.run(
        _command("simulate", "--seed", "1", "-o", "/dev/full"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert Path("/dev/full").is_char_device()


def test_a_trace_that_does_not_fit_is_not_half_written(tmp_path: Path) -> None:
    """Where there is room for a part of a trace only, none of it stays, and the old one does."""

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    (tmp_path / "old.jsonl").write_text("the old one")
    done = subprocess.run(
        _command("simulate", "--seed", "1", "-o", tmp_path / "old.jsonl"),
        preexec_fn=little_room,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "expected to read and write" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["old.jsonl"]
    assert (tmp_path / "old.jsonl").read_text() == "the old one"


def test_a_place_that_cannot_be_written_to_is_told(vsync: Spoken, tmp_path: Path) -> None:
    """A directory that is not there, and one that is in the way, are told."""
    for path in (tmp_path / "missing" / "a.jsonl", tmp_path):
        assert vsync("simulate", "--seed", "1", "-o", path) == 2
        assert "expected a place to write a trace to" in vsync.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("simulate", "--seed", "2", "--drawn"),
        ("check", "--all", str(traces_directory())),
        ("check", "--json", str(traces_directory())),
    ],
)
def test_a_reader_that_goes_away_is_no_accident(words: tuple[str, ...]) -> None:
    """Who closes the pipe has seen enough: no complaint, but no success either."""
    command = subprocess.Popen(_command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert command.stdout is not None
    command.stdout.readline()
    command.stdout.close()
    assert command.stderr is not None
    complaints = command.stderr.read().decode()
    assert command.wait(timeout=120) == 2
    assert "Traceback" not in complaints
    assert "rror" not in complaints


@pytest.fixture
def mark(tmp_path: Path) -> dict[str, str]:
    """An environment by which all processes of a command are found, with its own temporary directory."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return os.environ | {"VSYNC_TEST_MARK": uuid.uuid4().hex, "TMPDIR": str(scratch)}


def _marked(mark: dict[str, str], name: str = "") -> list[int]:
    """The processes that have the mark in their environment, and the name in their command line."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                environment = (process / "environ").read_bytes()
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if mark["VSYNC_TEST_MARK"].encode() in environment and name.encode() in command:
                found.append(int(process.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds the processes of a command in /proc")
@pytest.mark.parametrize(
    ("words", "meanwhile"),
    [
        (("models", "CounterEndless"), "tlc2.TLC"),
        (("verify", "--runs", "1000000", "--cores", "2"), "spawn_main"),
        (("simulate", "--seed", "1", "--multicasts", "100000", "-o", "long.jsonl"), "simulate"),
    ],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_stopped_leaves_nothing(
    spec: Path,
    tmp_path: Path,
    mark: dict[str, str],
    words: tuple[str, ...],
    meanwhile: str,
    number: signal.Signals,
) -> None:
    """Ctrl-C in the middle ends all processes, removes all files, and says so in a line."""
    if words[0] != "simulate":
        words = (*words, "--spec-directory", str(spec))
    place = tmp_path / "place"
    place.mkdir()
    command = subprocess.Popen(
        _command(*words),
        env=mark,
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not _marked(mark, meanwhile) or (words[0] == "simulate" and not list(place.iterdir())):
        assert command.poll() is None, "it has ended before it could be stopped"
        time.sleep(0.05)
    os.killpg(command.pid, number)
    _, complaints = command.communicate(timeout=60)
    if number == signal.SIGINT:
        assert command.returncode == 2
        assert "vsync: stopped by Ctrl-C" in complaints
    else:
        assert command.returncode in (2, 128 + number)
    assert "Traceback" not in complaints
    assert _marked(mark) == []
    assert list(Path(mark["TMPDIR"]).iterdir()) == []
    assert list(place.iterdir()) == []
