"""Apalache is asked what apalache.toml says, believed only if all it says agrees, and its counterexamples are traces.

Apalache itself is not needed: programs that print and exit as it does stand in for it. What it would be given is
held against TLC, by the models that apalache.toml names.
"""

import json
import re
import time
from pathlib import Path

import pytest

from vsync.check.apalache import EngineMissing, find_apalache
from vsync.check.itf import ItfMap, read_itf, service_events
from vsync.check.judge import judge_file
from vsync.check.models import load_models
from vsync.check.symbolic_models import load_symbolic_models, run_symbolic_models, write_counterexample
from vsync.cli import main
from vsync.errors import EngineError, InputError
from vsync.locate import spec_directory

ITF = Path(__file__).parent / "apalache" / "installs_after_flush.itf.json"

HOLDS = 'echo "The outcome is: NoError   I@10:00:00.000"; echo "EXITCODE: OK"'
VIOLATED = f"""\
for word in "$@"; do case "$word" in --run-dir=*) run="${{word#--run-dir=}}";; esac; done
mkdir -p "$run"; cp {ITF} "$run/violation1.itf.json"
echo "State 10: state invariant 0 violated.   E@10:00:00.000"
echo "The outcome is: Error   I@10:00:00.000"; echo "EXITCODE: ERROR (12)"; exit 12"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Puts a program in Apalache's place, and returns the file in which it notes its arguments."""

    def install(body: str) -> Path:
        program, notes = tmp_path / "apalache-mc", tmp_path / "arguments"
        program.write_text(f'#!/bin/sh\necho "$@" >> {notes}\n{body}\n')
        program.chmod(0o755)
        monkeypatch.setenv("VSYNC_APALACHE", str(program))
        return notes

    return install


def models(*names: str):  # type: ignore[no-untyped-def]
    """Returns models of apalache.toml."""
    known = {model.name: model for model in load_symbolic_models(spec_directory() / "apalache.toml")}
    return [known[name] for name in names]


def failure(name: str = "APFlush", seconds: float | None = None) -> str:
    """Returns why a model that Apalache came to no verdict on is not as expected."""
    [result] = run_symbolic_models(models(name), timeout_seconds=seconds)
    assert not result.as_expected
    assert not result.judged
    return result.reasons[0]


# -------------------------------------------------------------------------------------------- the questions


def test_a_bounded_model_is_one_question(fake) -> None:  # type: ignore[no-untyped-def]
    """Constants, initial states, steps, invariant and length are those of apalache.toml."""
    notes = fake(HOLDS)
    [result] = run_symbolic_models(models("APFlush"))
    assert result.as_expected
    words = notes.read_text().split()
    expected = ["check", "--cinit=CInit", "--init=Init", "--next=Next", "--inv=VirtualSynchrony", "--length=10"]
    assert words[:6] == expected
    assert words[-1].endswith("spec/APFlush.tla")


def test_an_inductive_model_is_three_questions(fake) -> None:  # type: ignore[no-untyped-def]
    """At first; from any state in which the invariant holds; and what follows from it."""
    notes = fake(HOLDS)
    [result] = run_symbolic_models(models("APAgreement"))
    assert result.as_expected
    asked = [re.findall(r"--(?:init|inv|length)=(\S+)", line) for line in notes.read_text().splitlines()]
    assert asked == [
        ["Init", "TypedAgreedInv", "0"],
        ["AgreedInit", "TypedAgreedInv", "1"],
        ["AgreedInit", "AgreementInv", "0"],
    ]


def test_a_violation_where_none_is_expected_is_told(fake) -> None:  # type: ignore[no-untyped-def]
    """And a planted bug that is not found is told, too, as is one found by another question."""
    fake(VIOLATED)
    flush, planted, step = run_symbolic_models(models("APFlush", "APFlush_InstallsAfterFlush", "APAgreement_Minority"))
    assert flush.reasons == ("expected holds, came violated (bounded)",)
    assert planted.as_expected
    assert step.reasons == ("expected violated (step), came violated (at first)",)
    fake(HOLDS)
    [missed] = run_symbolic_models(models("APFlush_InstallsAfterFlush"))
    assert missed.reasons == ("expected violated (bounded), came holds",)


# ------------------------------------------------------------------------------------- what is not believed


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("exit 0", "to agree"),
        ('echo "The outcome is: NoError"; exit 0', "to agree"),
        ('echo "The outcome is: Error"; echo "EXITCODE: OK"', "to agree"),
        ('echo "The outcome is: NoError"; echo "EXITCODE: ERROR (12)"; exit 12', "to agree"),
        ('echo "The outcome is: Error"; echo "EXITCODE: ERROR (12)"; exit 12', "violation1.itf.json"),
        ('echo "[Flush.tla:1:1]: Error when computing the type of X"; exit 120', "computing the type of X"),
        ("exit 150", "does not parse"),
        ("exit 75", "cannot evaluate"),
        ('echo "java.lang.OutOfMemoryError" >&2; exit 255', "OutOfMemoryError"),
        ("exit 3", "no exit code that Apalache documents"),
        ("kill -9 $$", "exit code -9"),
        (VIOLATED.replace(f"cp {ITF}", "echo '{}' > $run/violation1.itf.json; true"), "vars"),
    ],
)
def test_what_does_not_agree_is_no_verdict(fake, body: str, said: str) -> None:  # type: ignore[no-untyped-def]
    """Exit code, outcome and counterexample must support one another."""
    fake(body)
    assert said in failure()


def test_one_that_hangs_is_ended(fake, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """With whatever it started."""
    fake(f"(sleep 2; touch {tmp_path}/alive) & sleep 60")
    started = time.monotonic()
    assert "still running" in failure(seconds=0.3)
    assert time.monotonic() - started < 2
    while time.monotonic() - started < 2.5:
        assert not (tmp_path / "alive").exists()


# -------------------------------------------------------------------------------------------- not installed


def test_where_it_is_not_installed_nothing_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each model is "not run", the sentence says what to set and what to install, and the exit code is 2."""
    monkeypatch.delenv("VSYNC_APALACHE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["models", "--engine", "apalache", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "not judged"
    assert "VSYNC_APALACHE" in told["error"]
    assert len(told["models"]) == len(load_symbolic_models(spec_directory() / "apalache.toml"))
    assert all(model["not_run"] and model["verdict"] is None for model in told["models"])
    with pytest.raises(EngineMissing, match="apalache-mc on the PATH"):
        find_apalache({"PATH": str(tmp_path)})
    (tmp_path / "apalache-mc").write_text("#!/bin/sh\n")
    (tmp_path / "apalache-mc").chmod(0o755)
    assert find_apalache({"PATH": str(tmp_path)}) == (str(tmp_path / "apalache-mc"),)
    with pytest.raises(EngineError, match="no such file"):
        find_apalache({"VSYNC_APALACHE": str(tmp_path / "nothing")})
    (tmp_path / "apalache.jar").write_text("")
    assert find_apalache({"VSYNC_APALACHE": str(tmp_path / "apalache.jar")})[-2:] == (
        "-jar",
        str(tmp_path / "apalache.jar"),
    )


def test_some_judged_and_some_not_is_not_judged(fake, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    """What was not judged may be violated; the table still says of each what it is."""
    fake(f'case "$@" in *SiteViews*) exit 255;; esac; {HOLDS}')
    assert main(["models", "--engine", "apalache", "APFlush", "APSiteViews", "--json"]) == 2
    first, second = json.loads(capsys.readouterr().out)["models"]
    assert (first["as_expected"], first["verdict"]) == (True, "holds")
    assert (second["as_expected"], second["verdict"]) == (False, None)
    assert main(["models", "--engine", "apalache", "APFlush_InstallsAfterFlush", "--json"]) == 1
    capsys.readouterr()
    assert main(["models", "--engine", "apalache", "APFlush"]) == 0


@pytest.mark.parametrize("words", [["--pin"], ["APNothing"]])
def test_what_makes_no_sense_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """By a sentence, and exit code 2."""
    assert main(["models", "--engine", "apalache", *words]) == 2
    assert main(["models", "--time-limit", "5", "MCFlush"]) == 2
    assert "expected" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------ counterexamples


def test_a_counterexample_becomes_a_trace_that_is_rejected(fake, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """For the guarantee that the planted bug breaks, and no other."""
    fake(VIOLATED)
    [result] = run_symbolic_models(models("APFlush_InstallsAfterFlush"))
    path = write_counterexample(result, tmp_path / "found")
    assert path is not None
    judgement = judge_file(path)
    assert {violation.guarantee for violation in judgement.violations} == {"VirtualSynchrony"}
    assert (tmp_path / "found" / "APFlush_InstallsAfterFlush.itf.json").read_bytes() == ITF.read_bytes()
    assert main(["check", str(path)]) == 1


def test_each_value_of_the_format_is_read() -> None:
    """Equal values are equal, whatever stands around them."""
    values = {
        "a": 7,
        "b": {"#bigint": "-12345678901234567890"},
        "c": [True, "x"],
        "d": {"#tup": ["p", {"#bigint": "1"}]},
        "e": {"#set": [{"#set": []}, {"field": 1}]},
        "f": {"#map": [[{"#tup": [1, 2]}, "y"]]},
    }
    trace = read_itf(json.dumps({"vars": sorted(values), "states": [{"#meta": {}, **values}]}).encode(), name="it")
    assert trace.states[0] == {
        "a": 7,
        "b": -12345678901234567890,
        "c": (True, "x"),
        "d": ("p", 1),
        "e": frozenset({frozenset(), ItfMap(field=1)}),
        "f": {(1, 2): "y"},
    }


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"vars": "x", "states": [{}]}',
        '{"vars": [], "states": []}',
        '{"vars": ["x"], "states": [{}]}',
        '{"vars": [], "states": [{"x": 1}]}',
        '{"vars": ["x"], "states": [{"x": 1.5}]}',
        '{"vars": ["x"], "states": [{"x": null}]}',
        '{"vars": ["x"], "states": [{"x": NaN}]}',
        '{"vars": ["x"], "states": [{"x": 1, "x": 2}]}',
        '{"vars": ["x"], "states": [{"x": {"#bigint": 7}}]}',
        '{"vars": ["x"], "states": [{"x": {"#bigint": "seven"}}]}',
        '{"vars": ["x"], "states": [{"x": {"#set": 1}}]}',
        '{"vars": ["x"], "states": [{"x": {"#set": [], "#tup": []}}]}',
        '{"vars": ["x"], "states": [{"x": {"#map": [[1]]}}]}',
        '{"vars": ["x"], "states": [{"x": {"#map": [[1, 2], [1, 3]]}}]}',
        '{"vars": ["x"], "states": [{"x": {"#unserializable": "Int"}}]}',
        '{"vars": ["x"], "states": [' + "[" * 100_000,
    ],
)
def test_what_is_not_of_the_format_is_refused(content: str) -> None:
    """A value that is guessed could hide a contradiction."""
    with pytest.raises(InputError, match="it"):
        read_itf(content.encode(), name="it")


def test_a_run_without_histories_is_no_trace() -> None:
    """That of an inductive invariant, for instance, which begins anywhere."""
    with pytest.raises(InputError, match="history"):
        list(service_events(read_itf(b'{"vars": [], "states": [{}]}', name="it"), name="it"))


# ----------------------------------------------------------------------------------- what Apalache is given


def test_each_model_is_checked_by_tlc_too() -> None:
    """With the same verdict, and on the same module."""
    of_tlc = {model.name: model for model in load_models(spec_directory() / "models.toml")}
    for model in load_symbolic_models(spec_directory() / "apalache.toml"):
        assert of_tlc[model.tlc].verdict == model.verdict, model.name
        assert of_tlc[model.tlc].module == model.module, model.name


ACCEPTED_CHOOSE = {"Rank", "Max", "NextView", "NextOf", "NextBallot", "Agreed", "LastDecided"}
"""Definitions with a CHOOSE from a finite set: replaced, or not used, by the models for Apalache."""

FORBIDDEN = {
    "RECURSIVE": r"\bRECURSIVE\b",
    "Seq(S)": r"\bSeq\(",
    "an unbounded quantifier": r"\\[AE]\s*\w+(\s*,\s*\w+)*\s*:",
    "an unbounded CHOOSE": r"\bCHOOSE\s+\w+\s*:",
}


def without_comments(text: str) -> str:
    return re.sub(r"\\\*[^\n]*", "", re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL))


def objections(text: str) -> list[str]:
    """Returns what Apalache would not accept in the text of a module, as far as this can be told from the text."""
    plain = without_comments(text)
    found = [what for what, pattern in FORBIDDEN.items() if re.search(pattern, plain)]
    for definition in re.split(r"\n(?=\w+(?:\([^\n]*\))? ==)", plain):
        name = re.match(r"\s*(\w+)", definition)
        if "CHOOSE" in definition and (name is None or name[1] not in ACCEPTED_CHOOSE):
            found.append(f"CHOOSE in {name[1] if name else definition[:20]}")
    for block in re.finditer(r"^(?:CONSTANT|VARIABLE)S?\b(.*?)(?=^\S|\Z)", text, flags=re.DOTALL | re.MULTILINE):
        lines = [line.strip() for line in block[1].splitlines() if line.strip()]
        for before, line in zip(["", *lines], lines, strict=False):
            if not line.startswith("\\*") and not before.startswith("\\* @type:"):
                found.append(f"no type of {line.split(',')[0]}")
    return found


def extended(module: str) -> set[str]:
    """Returns the modules of the specification that a module consists of, itself among them."""
    text = (spec_directory() / f"{module}.tla").read_text(encoding="utf-8")
    names = re.findall(r"\w+", "".join(re.findall(r"^EXTENDS ([^\n]*)", text, re.MULTILINE)))
    below = [extended(name) for name in names if (spec_directory() / f"{name}.tla").is_file()]
    return {module}.union(*below)


@pytest.mark.parametrize("module", sorted({"APFlush", "APSiteViews", "APAgreement"}))
def test_the_modules_have_nothing_that_apalache_refuses(module: str) -> None:
    """As far as their text tells: it has not been run."""
    for name in sorted(extended(module)):
        assert objections((spec_directory() / f"{name}.tla").read_text(encoding="utf-8")) == [], name


def test_every_module_for_apalache_is_looked_at() -> None:
    """The list above is that of apalache.toml."""
    named = {model.module.stem for model in load_symbolic_models(spec_directory() / "apalache.toml")}
    assert (
        named == {path.stem for path in spec_directory().glob("AP*.tla")} == {"APFlush", "APSiteViews", "APAgreement"}
    )


@pytest.mark.parametrize(
    ("text", "objection"),
    [
        ("RECURSIVE F(_)\n", "RECURSIVE"),
        ("A == x \\in Seq(S)\n", "Seq(S)"),
        ("A == \\E x : x = 1\n", "an unbounded quantifier"),
        ("A == CHOOSE x : x = 1\n", "an unbounded CHOOSE"),
        ("A == 1\nB ==\n  CHOOSE x \\in S : TRUE\n", "CHOOSE in B"),
        (
            "VARIABLES\n    \\* @type: Int;\n    x,   \\* one\n    y    \\* another\n\nA == 1\n",
            "no type of y    \\* another",
        ),
    ],
)
def test_what_apalache_refuses_is_seen(text: str, objection: str) -> None:
    """A check that never says no is none."""
    assert objection in objections(text)
