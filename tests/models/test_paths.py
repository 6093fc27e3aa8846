"""Schedules out of the specification: the machines follow paths through TLC's state graph, state by state.

Here a few of each model; `vsync paths` runs all of them.

Spec: Paths*.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from vsync.errors import EngineError
from vsync.flush import FlushMachine
from vsync.mutants.catalogue import MUTANTS
from vsync.paths.conformance import Schedules, first_difference, killed_by, mutants_of, schedules_of
from vsync.paths.graph import cover, read_graph
from vsync.paths.models import MODELS
from vsync.paths.values import Function, as_text, parse, record

QUICK = ("PathsSiteViewsJoin", "PathsAbcastUniform", "PathsFlushSmall")
FEW = 60

DUMP = r"""
1 [label="/\\ x = 0\n/\\ step = <<\"Init\">>",style = filled]
1 -> 2 [label="",color="black"];
2 [label="/\\ x = 1\n/\\ step = <<\"Up\", p1>>"];
1 -> 3 [label="",color="black"];
3 [label="/\\ x = 1\n/\\ step = <<\"Set\", p1, 1>>"];
2 -> 4 [label="",color="black"];
3 -> 4 [label="",color="black"];
4 [label="/\\ x = 0\n/\\ step = <<\"Down\", p1>>"];
4 -> 2 [label="",color="black"];
4 -> 3 [label="",color="black"];
"""


@cache
def few(name: str) -> Schedules:
    """Some schedules of a model, from all parts of the list."""
    return schedules_of(MODELS[name], FEW)


@pytest.mark.parametrize("name", QUICK)
def test_the_machines_follow_the_paths_of_the_specification(name: str) -> None:
    """In every state of a path the variables are those of the specification, and so is what can be done."""
    schedules = few(name)
    assert len(schedules.walks) >= min(FEW, schedules.all) > 10
    assert first_difference(schedules) is None


def test_a_mutant_is_found_out_by_its_step_and_variable() -> None:
    """A machine that does not wait for Ready is found out where it offers to install a view too early."""
    found = killed_by(MUTANTS["installs_after_flush"], [few("PathsFlushSmall")])
    assert found is not None
    assert found.difference.variable == "the steps that can be taken"
    assert found.difference.specified == "no more"
    assert found.difference.implemented.startswith("also Advance(")


def test_a_difference_names_the_step_the_variable_and_both_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that forgets that it has confirmed a view is found out by the variable readies, of that process."""
    confirm = FlushMachine.confirm

    def forgetful(self: FlushMachine, k: int) -> list[object]:
        effects = confirm(self, k)
        self.readies.discard((self.who, k))
        return list(effects)

    monkeypatch.setattr(FlushMachine, "confirm", forgetful)
    found = first_difference(few("PathsFlushSmall"))
    assert found is not None
    name, process, *_ = found.difference.step
    assert name == "Confirm"
    assert found.difference.variable == f"readies[{process}]"
    assert f"<<{process}, 2>>" in found.difference.specified
    assert f"<<{process}, 2>>" not in found.difference.implemented
    assert f"step {found.difference.number}, Confirm({process}, 2): readies[{process}]: specification" in str(found)


def test_mutants_are_those_of_the_machines() -> None:
    """A mutant belongs to the models whose machine it changes, or the module of that machine."""
    breaks = {name: {m.checks for m in models} for name, (_, models) in mutants_of(MODELS.values()).items()}
    assert breaks["skips_views"] == {"Flush", "CbcastLists", "Abcast"}
    assert breaks["joiners_come_first"] == breaks["withholds_reports"] == {"SiteViews"}
    assert breaks["orders_by_the_first_proposal"] == {"Abcast"}
    assert "delivers_before_the_causes" not in breaks


def test_walks_cover_every_step(tmp_path: Path) -> None:
    """States that differ in the step alone are one, and the walks take each step at least once."""
    dump = tmp_path / "graph.dot"
    dump.write_text(DUMP)
    graph = read_graph(dump)
    assert graph.states == ({"x": 0}, {"x": 1})
    assert graph.steps == ({("Up", "p1"): 1, ("Set", "p1", 1): 1}, {("Down", "p1"): 0})
    taken = {step for walk in cover(graph) for step, _ in walk.steps}
    assert taken == {("Up", "p1"), ("Set", "p1", 1), ("Down", "p1")}


ANOTHER_UP = r"""1 -> 5 [label="",color="black"];
5 [label="/\\ x = 2\n/\\ step = <<\"Up\", p1>>"];
4 -> 2 [label"""


@pytest.mark.parametrize(
    ("text", "instead"),
    [("4 [label", "5 [label"), (",style = filled", ""), ("4 -> 2 [label", ANOTHER_UP), ("step =", "steps =")],
    ids=["a state is missing", "no initial state", "one step to two states", "no step"],
)
def test_a_dump_that_is_no_graph_is_refused(tmp_path: Path, text: str, instead: str) -> None:
    """What is not whole is not taken for a graph, nor one whose labels do not tell its steps apart."""
    dump = tmp_path / "graph.dot"
    dump.write_text(DUMP.replace(text, instead))
    with pytest.raises(EngineError):
        read_graph(dump)


def test_values_are_read_as_tlc_writes_them() -> None:
    """Sequences, sets, records and functions; a function is no set of pairs, and an empty one is a sequence."""
    text = '( p1 :> {<<p2, 1>>} @@\n  p2 :> [type |-> "data", view |-> -1, late |-> FALSE] )'
    value = parse(text)
    assert value == Function({"p1": frozenset({("p2", 1)}), "p2": record(type="data", view=-1, late=False)}.items())
    assert parse("<<>>") == ()
    assert record(a=1) != frozenset({("a", 1)})
    assert as_text(parse("{2, 1}")) == "{1, 2}"
    with pytest.raises(EngineError):
        parse("<<1, 2")
    with pytest.raises(EngineError):
        parse("1 2")
