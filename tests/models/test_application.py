"""Testing an application with `vsync.testing`: the worked example holds, and what is wrong in its variants is found.

It is what a user of the library would write, but for the hunts for planted bugs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from vsync.check.judge import GuaranteeViolated, judge_file
from vsync.errors import InputError
from vsync.flush import FlushMachine
from vsync.testing import Call, ReplicasDiffer, SimulatedGroup, faults
from vsync.testing.cars import PRICES, AloofCars, Cars, HastyCars, rows_are_answered_once
from vsync.testing.machine import ApplicationMachine

ROWS = st.integers(0, 1)


def calls(cars: type[Cars]) -> st.SearchStrategy[Call]:
    """What users of the cars ask for."""
    return st.one_of(
        st.builds(cars.set_price, row=ROWS, price=st.integers(100, 900)),
        st.builds(cars.raise_price, row=ROWS, percent=st.integers(10, 90)),
        st.builds(cars.query, name=st.sampled_from("abcdef"), above=st.just(9000)),
    )


class CarsMachine(ApplicationMachine):
    """The cars, with whatever may happen to them."""

    application = Cars
    calls = calls(Cars)

    def consistent(self, group: SimulatedGroup) -> None:
        rows_are_answered_once(group.replicas())


class HastyCarsMachine(CarsMachine):
    """Updates by CBCAST."""

    application = HastyCars
    calls = calls(HastyCars)


class AloofCarsMachine(CarsMachine):
    """Shares for good."""

    application = AloofCars
    calls = calls(AloofCars)


QUICK = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
HUNT = settings(QUICK, max_examples=300, phases=(Phase.generate,), report_multiple_bugs=False)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traces of runs that fail, as they are to in the hunts, go to the temporary directory of the test."""
    monkeypatch.chdir(tmp_path)


def test_the_cars_are_right() -> None:
    """Whatever happens, all members have the same prices, and each row of a query is answered once."""
    run_state_machine_as_test(CarsMachine, settings=QUICK)


def test_updates_by_cbcast_are_found_out(tmp_path: Path) -> None:
    """Two updates cross, and the replicas differ; the run is written down, and the guarantees hold in it.

    They hold up to there: the judge sees states only where one is handed on, to a joiner.
    """
    with pytest.raises(ReplicasDiffer, match="has the state") as found:
        run_state_machine_as_test(HastyCarsMachine, settings=HUNT)
    assert "vsync show .hypothesis/vsync/HastyCarsMachine.jsonl" in "".join(found.value.__notes__)
    judgement = judge_file(tmp_path / ".hypothesis" / "vsync" / "HastyCarsMachine.jsonl")
    assert {violation.guarantee for violation in judgement.violations} <= {"StateAtJoin"}


def test_shares_by_an_old_view_are_found_out() -> None:
    """A row is answered twice, or by nobody, when members have come or gone."""
    with pytest.raises(AssertionError, match="are answered"):
        run_state_machine_as_test(AloofCarsMachine, settings=HUNT)


def test_a_bug_below_the_application_is_found_by_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """If flush is broken, the live judge says which guarantee that breaks, in the test of the application."""
    monkeypatch.setattr(FlushMachine, "may_install", lambda self: self.known > self.current)
    with pytest.raises((GuaranteeViolated, ReplicasDiffer)) as found:
        run_state_machine_as_test(CarsMachine, settings=HUNT)
    assert found.value.__notes__


@settings(QUICK, max_examples=15)
@given(story=faults.stories(calls(Cars), most=15))
def test_stories_can_be_drawn(story: list[faults.Step]) -> None:
    """The strategies draw whole stories, too; each step of them can be taken in any group."""
    group = SimulatedGroup(Cars)
    for step in story:
        faults.take(group, step)
    group.settle()
    rows_are_answered_once(group.replicas())


def test_the_query_of_the_paper() -> None:
    """Five members, `*price >9000`: they reply no, sometimes, sometimes, sometimes, yes."""
    group = SimulatedGroup(Cars, sites=5)
    first = group.members()[0]
    group.call(first, Cars.query("*price >9000", above=9000))
    group.settle()
    replies = []
    for process in group.view_of(first).members:
        replica = group.replicas()[process]
        assert isinstance(replica, Cars)
        ((_, rows),) = replica.answers.values()
        dearer = [PRICES[row] > 9000 for row in rows]
        replies.append("yes" if all(dearer) else "sometimes" if any(dearer) else "no")
    assert replies == ["no", "sometimes", "sometimes", "sometimes", "yes"]


def test_who_is_no_member_is_refused() -> None:
    """A call by who is not in the group is a mistake of the test, and said to be."""
    group = SimulatedGroup(Cars)
    stranger = group.sites()[0].process(9)
    with pytest.raises(InputError, match=r"expected a member of the group, came 1\.1\.9"):
        group.call(stranger, Cars.query("q", above=1))


STORY = """
import pytest
from vsync.testing.cars import {cars} as Cars

def test_story(simulated_group):
    group = simulated_group(Cars)
    one, two, three = group.members()
    group.call(one, Cars.set_price(0, 100))
    group.call(two, Cars.raise_price(0, 50))
    group.crash_site(three.at)
    group.settle()
    assert len({{replica.state() for replica in group.replicas().values()}}) == 1
"""


@pytest.mark.parametrize(("cars", "failed"), [("Cars", 0), ("HastyCars", 1)])
def test_the_fixture_makes_groups_and_keeps_the_traces_of_those_that_fail(
    cars: str, failed: int, tmp_path: Path
) -> None:
    """A project that names the plugin in its conftest has the fixture; a failing test says where its trace is."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["vsync.testing.fixtures"]\n')
    (tmp_path / "test_story.py").write_text(STORY.format(cars=cars))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", "kept", "test_story.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == failed, done.stdout
    assert ("ReplicasDiffer" in done.stdout) == bool(failed)
    assert len([*tmp_path.glob("kept/test_story0/*.jsonl")]) == failed
    assert ("draws what happened" in done.stdout) == bool(failed)
