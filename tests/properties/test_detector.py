"""Runs in which the sites detect failures themselves end as well as those in which the environment does it."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from vsync.check.trace import open_trace
from vsync.effects import SetTimerFor
from vsync.failure_detector import BEAT, FailureDetectorMachine, Pace
from vsync.messages import Heartbeat
from vsync.sim.campaign import configuration_for, judged_run, written_run
from vsync.sim.replay import replay
from vsync.sim.simulation import Configuration
from vsync.site import Site
from vsync.types import Address, SiteView

QUIET = Configuration(
    process_crashes=0, site_crashes=0, wrong_suspicions=0, joins=0, leaves=0, recoveries=0, delays=0, detector=True
)


def test_runs_come_to_rest_and_keep_all_guarantees() -> None:
    """Whatever crashes is found, whatever works is trusted in the end, and the judge rejects none of the runs."""
    settled = 0
    for seed in range(25):
        run = judged_run(attrs.evolve(configuration_for(seed), detector=True), seed, recording=False)
        assert run.error == ""
        assert not run.judgement.violations
        assert run.outcome is not None
        assert run.outcome.settled or run.outcome.blocked
        settled += run.outcome.settled
    assert settled > 12


@pytest.mark.parametrize("seed", [3, 11])
def test_runs_are_replayed(seed: int, tmp_path: Path) -> None:
    """The moves, with their times, make the same run again."""
    path = tmp_path / "run.jsonl"
    run = written_run(attrs.evolve(configuration_for(seed), detector=True), seed, path)
    with open_trace(path) as reader:
        steps = list(replay(reader))
    assert all(step.exact for step in steps)
    assert sum(1 + len(step.lines) for step in steps) == run.lines - 1


def test_nobody_is_suspected_while_all_goes_well() -> None:
    """With packets that take up to 20 ms, nothing is taken for a failure."""
    for seed in range(5):
        run = judged_run(QUIET, seed, recording=True)
        assert "action SiteViews!Suspect" not in run.counts
        assert run.settled


def test_a_site_that_crashes_is_suspected_by_its_detector_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the detector's eye for who is overdue, a crash is never noticed, and the run does not settle."""
    crash = attrs.evolve(QUIET, site_crashes=1, sites=5)
    assert judged_run(crash, 1, recording=False).settled
    monkeypatch.setattr(FailureDetectorMachine, "overdue", lambda self, site: False)
    blind = judged_run(crash, 1, recording=False)
    assert not blind.settled


def test_what_another_site_suspects_is_withdrawn_by_a_heartbeat() -> None:
    """A site that is told of a suspicion holds it until it hears from the suspected site itself."""
    a, b, c = (Address.of_site(number) for number in (1, 2, 3))
    view = SiteView(id=1, sites=(a, b, c), group=0, members=())
    site = Site(b, view, recording=False, pace=Pace())
    assert [effect.timer.timer for effect in site.found(0) if isinstance(effect, SetTimerFor)] == [BEAT]
    site.suspect(c)
    site.received(a, Heartbeat(), 10)
    assert list(site.views.suspects) == [c]
    site.received(c, Heartbeat(), 20)
    assert list(site.views.suspects) == []
