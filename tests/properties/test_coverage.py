"""Coverage: what of the specification no trace exercises, and what of the code no run reaches, has a reason.

(That TLC evaluates all of the specification for the golden traces is tested where it judges them: test_scenarios.)
"""

import attrs
import pytest

from vsync.check.exercised import Exercised, Expression
from vsync.check.tlc_output import Evaluated
from vsync.locate import spec_directory
from vsync.sim.coverage import (
    Explained,
    Explanation,
    gaps_of_runs,
    gaps_of_traces,
    golden_traces,
    load_explained,
    run_again,
    run_seeds,
)
from vsync.sim.reached import Reached

EXPLAINED = load_explained()


@pytest.fixture(scope="module")
def runs() -> tuple[Exercised, Reached]:
    """What the scenarios and the chosen seeds take and reach."""
    exercised, reached = Exercised(), Reached(EXPLAINED.machines)
    run_again(golden_traces(), exercised, reached)
    for _ in run_seeds(EXPLAINED.seeds, exercised, reached):
        pass
    return exercised, reached


def without(explained: Explained, kind: str) -> tuple[Explained, Explanation]:
    """The explanations, but for the last of a kind; and that one."""
    *_, last = (each for each in explained.explanations if each.kind == kind)
    rest = tuple(each for each in explained.explanations if each is not last)
    return attrs.evolve(explained, explanations=rest), last


def test_runs_reach_all_of_the_code_and_take_every_action(runs: tuple[Exercised, Reached]) -> None:
    """Each statement of the machines is reached, and each action taken; where it is not, there is a reason.

    And what gaps there would be without one of the reasons is told, and what a reason too many would be.
    """
    assert [*gaps_of_runs(*runs, EXPLAINED).sentences()] == []
    for kind in ("untaken", "unreached"):
        less, left_out = without(EXPLAINED, kind)
        (gap,) = gaps_of_runs(*runs, less).unexplained
        assert left_out.fits(gap)
    idle = Explanation(kind="unreached", reason="none", module="flush", where="FlushMachine.confirm")
    more = attrs.evolve(EXPLAINED, explanations=(*EXPLAINED.explanations, idle))
    assert gaps_of_runs(*runs, more).outdated == (idle,)


def test_runs_that_do_less_leave_gaps() -> None:
    """One story does not reach everything: what it leaves out is told, by action and by statement."""
    exercised, reached = Exercised(), Reached(EXPLAINED.machines)
    run_again(golden_traces()[:1], exercised, reached)
    gaps = [*gaps_of_runs(exercised, reached, EXPLAINED).sentences()]
    assert any(gap.startswith("SiteViews!TakeOver") or gap.startswith("SiteViews!") for gap in gaps)
    assert any(gap.startswith("groups.GroupsMachine.apply_sites: ") or gap.startswith("site_views.") for gap in gaps)


def evaluated(text: str, count: int) -> Evaluated:
    """What TLC would say of the first line of Flush that has this text."""
    lines = (spec_directory() / "Flush.tla").read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, start=1) if text in line)
    begin = lines[number - 1].index(text) + 1
    return Evaluated(module="Flush", place=(number, begin, number, begin + len(text) - 1), count=count)


def test_an_expression_that_is_never_evaluated_is_a_gap() -> None:
    """It is known by where it stands and by its text; the outermost counts; what one run evaluates is no gap."""
    exercised, explained = Exercised(), attrs.evolve(EXPLAINED, modules=("Flush",), explanations=())
    exercised.evaluated([evaluated("FromExcluded(p, q, net[q][p][i])", 3)])
    exercised.evaluated([evaluated("HasFlushes(p, k)\n".strip(), 0), evaluated("<<p, k>> \\notin readies[p]", 0)])
    exercised.evaluated([evaluated("<<p, k>>", 0)])
    missing = gaps_of_traces(exercised, explained).unexplained
    assert Expression(module="Flush", definition="Confirm", text="<<p, k>> \\notin readies[p]") in missing
    assert all(str(each) != "Flush!Confirm: <<p, k>>" for each in missing)
    exercised.evaluated([evaluated("<<p, k>> \\notin readies[p]", 1)])
    missing = gaps_of_traces(exercised, explained).unexplained
    assert Expression(module="Flush", definition="Confirm", text="<<p, k>> \\notin readies[p]") not in missing


def test_each_explanation_has_a_reason_and_names_what_there_is() -> None:
    """No reason is empty, and no module is explained that is not looked at."""
    assert all(each.reason for each in EXPLAINED.explanations)
    known = {*EXPLAINED.modules, *EXPLAINED.machines, "*"}
    assert {each.module for each in EXPLAINED.explanations} <= known
