"""A model is as expected only if TLC says exactly what `models.toml` says of it, by name and by number."""

import io
import json
import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from vsync.check.models import (
    ModelEvent,
    ModelFinished,
    ModelResult,
    ModelStarted,
    judge_model,
    load_models,
    results_json,
    results_table,
    run_models,
    select,
)
from vsync.check.pins import update_pins, update_tables
from vsync.check.tlc import TlcResult, Verdict
from vsync.errors import EngineError, InputError
from vsync.locate import spec_directory

COUNTER = r"""
---- MODULE MCCounter ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Step == x < 3 /\ x' = x + 1
Spec == Init /\ [][Step]_x
Small == x < 4
Tiny == x < 3
NeverThree == x # 3
====
""".lstrip()

GOOD = """\
# Counts from 0 to 3.
[MCCounter]
checks = "Counter"
kind = "safety"
tier = "quick"
verdict = "holds"
states = 4          # 0 to 3
depth = 4
note = "up to 3"
seconds = 2

[MCCounter_Tiny]    # must fail
module = "MCCounter"
checks = "Counter"
kind = "planted bug"
tier = "full"
verdict = "violated"
by = "Tiny"
note = "one too few"
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A specification with one module, one model that holds and one that must fail."""
    (tmp_path / "MCCounter.tla").write_text(COUNTER)
    (tmp_path / "MCCounter.cfg").write_text("SPECIFICATION Spec\nINVARIANT Small\n")
    (tmp_path / "MCCounter_Tiny.cfg").write_text("SPECIFICATION Spec\nINVARIANTS Small Tiny NeverThree\n")
    (tmp_path / "models.toml").write_text(GOOD)
    return tmp_path


def edited(spec: Path, old: str, new: str) -> Path:
    """The path of the list of models, after replacing `old` in it by `new`."""
    assert old in GOOD
    path = spec / "models.toml"
    path.write_text(GOOD.replace(old, new))
    return path


def came(verdict: Verdict, violated: str | None = None, **numbers: int) -> TlcResult:
    """What TLC might say."""
    return TlcResult(
        verdict=verdict,
        violated=violated,
        candidates=(violated,) if violated else (),
        message="so says TLC",
        distinct=numbers.get("distinct", 4),
        generated=5,
        depth=numbers.get("depth", 4),
        seconds=7.4,
        counterexample=(),
        loops_to=None,
        printed=(),
        coverage=(),
        evaluated=(),
        workers=numbers.get("workers", 1),
        version="TLC",
        exit_code=0,
        output="",
    )


# ------------------------------------------------------------------------------------------------- reading


def test_the_models_are_read_with_their_defaults(spec: Path) -> None:
    """The module is that of the configuration's name unless another is given; deadlock is off unless on."""
    holds, fails = load_models(spec / "models.toml")
    assert (holds.name, holds.module.name, holds.config.name) == (
        "MCCounter",
        "MCCounter.tla",
        "MCCounter.cfg",
    )
    assert (fails.module.name, fails.config.name) == ("MCCounter.tla", "MCCounter_Tiny.cfg")
    assert (holds.states, holds.depth, holds.deadlock, holds.by) == (4, 4, False, None)
    assert (fails.kind, fails.by, fails.heap_mb) == ("planted bug", "Tiny", 1024)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("depth = 4", "dept = 4", "did you mean depth"),
        ("states = 4", 'states = "4"', "of type int"),
        ("states = 4", "states = true", "of type int"),
        ("depth = 4", "depth = 0", "above 0"),
        ('kind = "safety"', 'kind = "safe"', "safety, refinement, liveness, planted bug or reached"),
        ('tier = "quick"', 'tier = "fast"', "quick or full"),
        ('note = "up to 3"', "", "the key note"),
        ('note = "up to 3"', 'note = ""', "the key note"),
        ("[MCCounter]", "[MCMissing]", r"MCMissing\.cfg"),
        ('module = "MCCounter"', 'module = "MCMissing"', r"MCMissing\.tla"),
        ('by = "Tiny"', 'by = "Huge"', "Small, Tiny, NeverThree"),
        ('by = "Tiny"', 'by = "Deadlock"', "Small, Tiny, NeverThree"),
        ('by = "Tiny"', "", "came None"),
        ('by = "Tiny"', 'by = "Tiny"\nstates = 3', "only where the verdict is 'holds'"),
        ('verdict = "violated"', 'verdict = "holds"', "planted bug to have the verdict 'violated'"),
        ('verdict = "holds"', 'verdict = "holds"\nby = "Small"', "no `by`"),
        ("[MCCounter_Tiny]", "[MCCounter]", "TOML"),
        ("# Counts", 'title = "models"\n# Counts', "only tables"),
    ],
)
def test_a_mistake_in_the_list_of_models_is_told(spec: Path, old: str, new: str, words: str) -> None:
    """What is not as documented is an InputError that says what was expected."""
    with pytest.raises(InputError, match=words):
        load_models(edited(spec, old, new))


def test_a_missing_list_of_models_is_told(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(InputError, match=r"models\.toml"):
        load_models(tmp_path / "models.toml")


def test_models_are_selected_by_name_by_module_and_by_tier(spec: Path) -> None:
    """A name means that model, or all models of that module; without names the tier decides."""
    models = load_models(spec / "models.toml")
    assert [model.name for model in select(models, tier="quick")] == ["MCCounter"]
    assert select(models, tier="full") == select(models) == models
    assert [model.name for model in select(models, ["MCCounter_Tiny"], "quick")] == ["MCCounter_Tiny"]
    assert select(models, ["Counter"]) == models
    with pytest.raises(InputError, match=r"did you mean .*MCCounter"):
        select(models, ["MCCountr"])
    with pytest.raises(InputError, match="there are MCCounter, Counter, MCCounter_Tiny"):
        select(models, ["zzz"])
    with pytest.raises(InputError, match="quick or full"):
        select(models, tier="slow")


# ------------------------------------------------------------------------------------------------- judging


@pytest.mark.parametrize(
    ("tlc", "reasons"),
    [
        (came(Verdict.HOLDS), ()),
        (came(Verdict.HOLDS, distinct=5), ("expected 4 distinct states, came 5",)),
        (came(Verdict.HOLDS, depth=5), ("expected depth 4, came 5",)),
        (came(Verdict.HOLDS, depth=5, workers=2), ()),
        (
            came(Verdict.INVARIANT, "Small"),
            ("expected holds, came invariant violated (Small): so says TLC",),
        ),
        (came(Verdict.DEADLOCK, "Deadlock"), ("expected holds, came deadlock reached: so says TLC",)),
        (came(Verdict.CONFIG_ERROR), ("expected holds, came configuration is wrong: so says TLC",)),
    ],
)
def test_a_model_that_must_hold_is_held_against_its_pins(spec: Path, tlc: TlcResult, reasons: tuple[str, ...]) -> None:
    """Verdict and states must be those expected; the depth only if there was one worker."""
    assert judge_model(load_models(spec / "models.toml")[0], tlc) == reasons


@pytest.mark.parametrize(
    ("tlc", "words"),
    [
        (came(Verdict.INVARIANT, "Tiny"), None),
        (came(Verdict.INVARIANT, "NeverThree"), "violation of Tiny, came one of NeverThree"),
        (came(Verdict.HOLDS), "the planted bug was not found"),
        (came(Verdict.TEMPORAL), "came one of an unnamed property"),
        (came(Verdict.PARSE_ERROR), "came module does not parse"),
    ],
)
def test_a_planted_bug_must_be_found_by_the_property_named(spec: Path, tlc: TlcResult, words: str | None) -> None:
    """A violation of another property, an error, and no violation at all are not what was expected."""
    reasons = judge_model(load_models(spec / "models.toml")[1], tlc)
    assert (len(reasons), words or "") == (0, "") if words is None else words in reasons[0]


# ------------------------------------------------------------------------------------------------- running


def test_models_are_run_and_told(spec: Path) -> None:
    """Each model starts and finishes once; the results come in the order asked for."""
    events: list[ModelEvent] = []
    models = load_models(spec / "models.toml")
    results = run_models(models[::-1], cores=2, on_event=events.append)
    assert [result.model.name for result in results] == ["MCCounter_Tiny", "MCCounter"]
    assert all(result.as_expected and result.pinned for result in results)
    assert sorted(e.model.name for e in events if isinstance(e, ModelStarted)) == [
        "MCCounter",
        "MCCounter_Tiny",
    ]
    assert len([event for event in events if isinstance(event, ModelFinished)]) == 2
    told = {each["model"]: each for each in json.loads(json.dumps(results_json(results)))}
    assert (told["MCCounter"]["states"], told["MCCounter"]["depth"]) == (4, 4)
    assert (told["MCCounter_Tiny"]["violated"], told["MCCounter_Tiny"]["as_expected"]) == ("Tiny", True)
    assert "violates Tiny" in printed(results)
    assert sorted(path.suffix for path in spec.iterdir()) == [".cfg", ".cfg", ".tla", ".toml"]


def test_what_is_not_as_expected_is_told(spec: Path) -> None:
    """A wrong pin and a bug that is not found are reported, each with its reason."""
    path = edited(spec, "states = 4 ", "states = 40 ")
    (spec / "MCCounter_Tiny.cfg").write_text("SPECIFICATION Spec\nINVARIANT Small Tiny\n")
    (spec / "MCCounter.tla").write_text(COUNTER.replace("Tiny == x < 3", "Tiny == x < 5"))
    models = load_models(path)
    assert not models[0].runs_alone
    wrong_pin, not_found = run_models(models, cores=1)
    assert wrong_pin.reasons == ("expected 40 distinct states, came 4",)
    assert "the planted bug was not found" in not_found.reasons[0]
    assert "NOT OK" in printed([wrong_pin])
    assert "expected 40 distinct states, came 4" in printed([wrong_pin])


def test_a_long_model_runs_alone_with_all_the_cores(spec: Path) -> None:
    """Long models of the full tier get every core, one after the other."""
    path = edited(spec, 'tier = "full"', 'tier = "full"\nseconds = 600')
    events: list[ModelEvent] = []
    (result,) = run_models(select(load_models(path), ["MCCounter_Tiny"]), cores=2, on_event=events.append)
    assert (events[0].workers if isinstance(events[0], ModelStarted) else None) == 2
    assert result.as_expected


def test_a_failure_of_tlc_is_told_with_its_model(spec: Path) -> None:
    """If TLC fails on one model, for instance for lack of memory, that model is not as expected."""
    path = edited(spec, "depth = 4", "depth = 4\nheap_mb = 1")
    (result,) = run_models(select(load_models(path), ["MCCounter"]))
    assert result.tlc is None
    assert not result.as_expected
    assert "failed" in printed([result])


def test_without_tlc_no_model_runs(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation is told once, not once for each model."""
    monkeypatch.setenv("VSYNC_TLA2TOOLS", str(spec / "models.toml"))
    with pytest.raises(EngineError, match=r"tla2tools\.jar"):
        run_models(load_models(spec / "models.toml"))


def test_a_listener_that_fails_ends_the_run(spec: Path) -> None:
    """An exception from `on_event` is the caller's, and comes back to it, with nothing left running."""

    def fail(_: ModelEvent) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_models(load_models(spec / "models.toml"), on_event=fail)


def printed(results: list[ModelResult]) -> str:
    """The table of results, as text."""
    console = Console(file=io.StringIO(), width=300)
    console.print(results_table(results))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# ------------------------------------------------------------------------------------------------- pinning


def test_pins_are_rewritten_and_nothing_else(spec: Path) -> None:
    """Pins change in their place or are added to their table; comments and order stay."""
    path = spec / "models.toml"
    holds, fails = load_models(path)
    results = [
        ModelResult(model=holds, tlc=came(Verdict.HOLDS, distinct=44), reasons=("expected 4, came 44",)),
        ModelResult(model=fails, tlc=came(Verdict.INVARIANT, "Tiny"), reasons=()),
    ]
    assert update_pins(path, results) == ("MCCounter", "MCCounter_Tiny")
    expected = GOOD.replace("states = 4 ", "states = 44 ").replace("seconds = 2", "seconds = 7") + "seconds = 7\n"
    assert path.read_text() == expected
    assert update_pins(path, results) == ()
    assert [file.name for file in spec.iterdir() if "models" in file.name] == ["models.toml"]


def test_missing_pins_are_added_to_their_own_table(spec: Path) -> None:
    """A new model gets its pins after its last key, before the empty line and the next table."""
    path = edited(spec, "states = 4          # 0 to 3\ndepth = 4\n", "")
    holds, _ = load_models(path)
    update_pins(path, [ModelResult(model=holds, tlc=came(Verdict.HOLDS), reasons=())])
    assert "seconds = 7\nstates = 4\ndepth = 4\n\n[MCCounter_Tiny]" in path.read_text()


def test_what_was_not_expected_is_not_pinned(spec: Path) -> None:
    """A violation is not a state count; nor is the depth that several workers saw."""
    path = spec / "models.toml"
    holds, fails = load_models(path)
    wrong = [
        ModelResult(model=holds, tlc=came(Verdict.INVARIANT, "Small"), reasons=("wrong",)),
        ModelResult(model=fails, tlc=came(Verdict.HOLDS), reasons=("wrong",)),
        ModelResult(model=fails, tlc=None, reasons=("failed",)),
    ]
    assert update_pins(path, wrong) == ()
    assert path.read_text() == GOOD
    update_pins(path, [ModelResult(model=holds, tlc=came(Verdict.HOLDS, depth=9, workers=2), reasons=())])
    assert tomllib.loads(path.read_text())["MCCounter"]["depth"] == 4


def test_what_cannot_be_edited_by_line_is_left_alone(spec: Path) -> None:
    """A file that is written otherwise is not guessed at."""
    path = spec / "models.toml"
    holds, _ = load_models(path)
    path.write_text(GOOD.replace("states = 4 ", "'states' = 4 "))
    before = path.read_text()
    with pytest.raises(EngineError, match="by hand"):
        update_pins(path, [ModelResult(model=holds, tlc=came(Verdict.HOLDS, distinct=44), reasons=())])
    assert path.read_text() == before


def test_the_tables_of_the_specification_are_those_of_its_models(tmp_path: Path) -> None:
    """What spec/README.md shows of the models is what models.toml pins; a pin that changes changes it too."""
    for name in ("README.md", "models.toml"):
        (tmp_path / name).write_text((spec_directory() / name).read_text(encoding="utf-8"), encoding="utf-8")
    readme, models = tmp_path / "README.md", tmp_path / "models.toml"
    assert not update_tables(readme, models)
    models.write_text(models.read_text(encoding="utf-8").replace("states = 32928", "states = 32929"), encoding="utf-8")
    assert update_tables(readme, models)
    assert "| 32929 |" in readme.read_text(encoding="utf-8")
    readme.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(EngineError, match="Quick tier"):
        update_tables(readme, models)
