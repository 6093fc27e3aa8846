"""A campaign is the same however it is run, finds what is planted, and keeps the traces of what it finds."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from vsync.check.agreement import judge_by_spec
from vsync.check.judge import judge_file
from vsync.check.trace import open_trace
from vsync.effects import Deliver
from vsync.errors import EngineError, InputError
from vsync.groups import GroupsMachine
from vsync.sim.campaign import Report, configuration_for, judged_run, run_campaign, written_run
from vsync.sim.replay import replay
from vsync.sim.simulation import Configuration, Simulation
from vsync.sim.world import World
from vsync.workers import results_of

SEEDS = range(12)
SMALL = (1, 9)
"""Two of them with short traces, one of which blocks."""


@pytest.fixture
def keep(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def test_configurations_are_drawn_from_the_seed_alone() -> None:
    """The configuration of a seed never changes, and seeds have different ones."""
    drawn = [configuration_for(seed) for seed in range(200)]
    assert drawn == [configuration_for(seed) for seed in range(200)]
    assert len({str(each) for each in drawn}) == 200
    assert {each.sites for each in drawn} == {3, 4, 5, 6}
    assert {each.processes for each in drawn} == set(range(2, 9))
    assert {each.site_crashes for each in drawn} == {0, 1, 2, 3}


def test_a_campaign_does_not_depend_on_the_number_of_workers(keep: Path, tmp_path: Path) -> None:
    """One process and two come to the same report, and to the same samples."""
    reports = []
    for cores in (1, 2):
        samples = tmp_path / str(cores)
        samples.mkdir()
        reports.append(run_campaign(SEEDS, cores=cores, keep=keep, sample=SEEDS[:3], samples=samples))
    one, two = reports
    assert one.as_json() == two.as_json()
    assert one.runs == len(SEEDS)
    assert one.settled + one.blocked == one.runs, "every run settles or blocks"
    assert [run.seed for run in one.samples] == [0, 1, 2]
    for here, there in zip(one.samples, two.samples, strict=True):
        assert here.trace is not None
        assert there.trace is not None
        assert here.trace.read_bytes() == there.trace.read_bytes()
    assert not keep.exists(), "nothing failed"


def test_the_world_is_the_same_whether_it_is_recorded_or_not() -> None:
    """A run has the same service events, and ends in the same way, with and without protocol events."""
    for seed in range(20):
        configuration = attrs.evolve(configuration_for(seed), site_crashes=3)
        seen: dict[bool, list[Any]] = {True: [], False: []}
        ends = [
            judged_run(configuration, seed, recording=recording, on_line=seen[recording].append)
            for recording in (True, False)
        ]
        assert [line for line in seen[True] if "event" in line] == seen[False]
        assert ends[0].outcome is not None
        assert ends[1].outcome is not None
        assert ends[0].outcome.virtual_ms == ends[1].outcome.virtual_ms
        assert ends[0].judgement.counts == ends[1].judgement.counts


def test_a_judgement_made_live_is_that_of_the_file(tmp_path: Path) -> None:
    """The judge says the same of a run while it goes on as of its trace afterwards."""
    run = written_run(configuration_for(5), 5, tmp_path / "5.jsonl")
    afterwards = judge_file(tmp_path / "5.jsonl")
    assert run.judgement.findings == afterwards.findings
    assert run.judgement.counts == afterwards.counts


def _forgetful(deliver: Callable[..., Any]) -> Callable[..., Any]:
    """A world that loses each delivery of the second message of a process on its way to the application."""

    def for_process(self: World, process: Any, effect: Any) -> None:
        if not (isinstance(effect, Deliver) and effect.message.id.number == 2):
            deliver(self, process, effect)

    return for_process


def test_a_planted_bug_is_found_named_and_kept(keep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guarantee that an implementation breaks is named, with lines, and the kept trace shows it again."""
    monkeypatch.setattr(World, "_for_process", _forgetful(World._for_process))
    report = run_campaign(SEEDS, cores=1, keep=keep)
    assert report.failures
    for run in report.failures:
        assert "ReliableFIFO" in run.failure or "ReliableCausal" in run.failure
        assert run.trace == keep / f"seed-{run.seed}.jsonl"
        assert not judge_file(run.trace).accepted
        violation = run.judgement.violations[0]
        assert str(violation.line) in run.failure
    assert [run.seed for run in report.failures] == sorted(run.seed for run in report.failures)
    assert report.as_json()["failures"][0]["guarantees"]


def test_a_broken_assertion_fails_the_run_and_says_where(keep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in a machine is a finding about a seed, not the end of the campaign."""

    def multicast(self: GroupsMachine, *told: Any) -> list[Any]:
        raise AssertionError("a planted one")

    monkeypatch.setattr(GroupsMachine, "multicast", multicast)
    report = run_campaign(SEEDS[:3], cores=1, keep=keep)
    assert len(report.failures) >= 2  # in a run without a majority nobody may get to multicast
    for run in report.failures:
        assert run.outcome is None
        assert "AssertionError (a planted one)" in run.failure
        assert f"after line {run.lines}" in run.failure
        assert "multicast" in run.failure
        assert run.trace is not None
        with open_trace(run.trace) as reader:
            *_, last = replay(reader)
        assert last.difference is None
        assert last.error == run.error, "the replay ends as the run did"


def test_a_run_that_comes_to_no_end_fails(keep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that neither settles nor has a reason to wait fails, although no guarantee is broken."""
    monkeypatch.setattr(Simulation, "_detect", lambda self, calm: None)
    monkeypatch.setattr(Simulation, "CALM_MS_MAX", 2000)
    report = run_campaign(range(30), cores=1, keep=keep)
    assert report.failures
    for run in report.failures:
        assert run.judgement.accepted
        assert "no good end" in run.failure


def test_the_disk_is_not_the_implementation(keep: Path, tmp_path: Path) -> None:
    """An error in writing a trace is no finding about the run: it is raised."""

    def full(line: Any) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        judged_run(Configuration(), 1, on_line=full)
    with pytest.raises(InputError, match="expected a place to write a trace to"):
        run_campaign(SEEDS, cores=1, keep=keep, sample=SEEDS, samples=tmp_path / "missing" / "missing")


def test_samples_are_accepted_by_the_specification(keep: Path, tmp_path: Path) -> None:
    """TLC accepts service events and protocol events of sampled runs, and says how many it saw."""
    report = run_campaign(SEEDS, cores=2, keep=keep, sample=SMALL, samples=tmp_path)
    traces = [run.trace for run in report.samples if run.trace is not None]
    judged = judge_by_spec(traces, cores=1)
    for run, said in zip(report.samples, judged, strict=True):
        assert said.accepted
        assert said.protocol is not None
        assert said.protocol.steps == sum(
            count for name, count in run.counts.items() if name.startswith("action ") and "Link!" not in name
        )
        assert not said.disagreement(run.judgement)


def test_sums_are_the_sums_of_the_runs() -> None:
    """What a report counts is what its runs count."""
    runs = [judged_run(configuration_for(seed), seed) for seed in SEEDS]
    report = Report()
    for run in runs:
        report.add(run)
    sums = report.as_json()
    assert sums["events"] == sum(run.judgement.counts.events for run in runs)
    assert sums["process_crashes"] == sum(run.counts.get("move crash_process", 0) for run in runs)
    assert sums["cases"]["VirtualSynchrony"] > 0


def _double(number: int) -> int:
    return 2 * number


def _die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def _fail(number: int) -> int:
    raise EngineError(f"{number} is not judged")


def test_workers_do_all_the_work() -> None:
    """Each piece of work is done once, whatever its number."""
    for size in (0, 1, 100):
        assert sorted(results_of(_double, range(size), cores=2)) == [2 * number for number in range(size)]


def test_a_worker_that_is_killed_or_fails_is_told() -> None:
    """A worker that disappears is an error that says so; what a worker raises is raised."""
    with pytest.raises(EngineError, match="one was ended from outside"):
        list(results_of(_die, range(3), cores=2))
    with pytest.raises(EngineError, match="is not judged"):
        list(results_of(_fail, range(3), cores=2))
