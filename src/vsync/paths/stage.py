"""A stage: the machines of a model, driven one action at a time, and held against the states of the path.

After every step each variable of the specification has to have the value that the machines and what is
between them show: for every process, and for every packet in flight.  Histories are kept by the stage, out
of the effects.  And in every state, the steps that the machines offer have to be those that the specification
allows: a guard that is too weak would not be noticed on a path that the specification goes.

Spec: `spec/Paths*.tla`.  Paper: none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from attrs import frozen

from vsync.errors import VsyncError
from vsync.paths.graph import Graph, State, Step, Walk
from vsync.paths.values import Function, Value, as_text

OFFERED = "the steps that can be taken"
TAKEN = "the step itself"


class Stage(ABC):
    """What a module of the specification has as machines."""

    #: The names of the steps that machines take by their own decision; the others are the environment's.
    decisions: ClassVar[frozenset[str]]
    #: Those of them whose last argument the specification leaves open: the machine offers one of the choices.
    choices: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def take(self, step: Step) -> None:
        """Let exactly this action be taken, with exactly these arguments."""

    @abstractmethod
    def offered(self) -> set[Step]:
        """The steps that the machines would take now."""

    @abstractmethod
    def state(self) -> State:
        """The variables of the specification, as the machines have them."""


@frozen(kw_only=True)
class Difference:
    """Where specification and implementation part: after which step, in which variable, and how.

    ``number`` counts the steps from 1; 0 is the initial state.
    """

    number: int
    step: Step
    variable: str
    specified: str
    implemented: str

    def __str__(self) -> str:
        after = f"step {self.number}, {step_text(self.step)}" if self.number else "the initial state"
        return f"{after}: {self.variable}: specification {self.specified}, implementation {self.implemented}"


def step_text(step: Step) -> str:
    """Returns a step as the specification writes actions."""
    return f"{step[0]}({', '.join(map(as_text, step[1:]))})"


def follow(graph: Graph, walk: Walk, make: Callable[[], Stage]) -> Difference | None:
    """Has a new stage take the steps of a walk, and returns the first difference, None if there is none."""
    number: int = 0
    step: Step = ("Init",)
    try:
        stage = make()
        different = _compare(graph, walk.start, stage)
        for taken, (then, after) in enumerate(walk.steps, start=1):
            if different is not None:
                break
            number, step = taken, then
            stage.take(step)
            different = _compare(graph, after, stage)
    except (AssertionError, LookupError, TypeError, ValueError, AttributeError, VsyncError) as error:
        words = " ".join(str(error).split())
        different = {"variable": TAKEN, "specified": "is taken", "implemented": f"{type(error).__name__}: {words}"}
    return None if different is None else Difference(number=number, step=step, **different)


def _compare(graph: Graph, at: int, stage: Stage) -> dict[str, str] | None:
    """Returns how the stage differs from a state of the graph: in a variable, or in what can be done."""
    specified, implemented = graph.states[at], stage.state()
    if specified != implemented:
        return _difference_of_states(specified, implemented)
    allowed = {step for step in graph.steps[at] if step[0] in stage.decisions}
    offered = stage.offered()
    chosen = {step[:-1] for step in allowed & offered if step[0] in stage.choices}
    allowed -= {step for step in allowed - offered if step[:-1] in chosen}
    if allowed != offered:
        less, more = sorted(map(step_text, allowed - offered)), sorted(map(step_text, offered - allowed))
        return {
            "variable": OFFERED,
            "specified": f"also {', '.join(less)}" if less else "no more",
            "implemented": f"also {', '.join(more)}" if more else "no more",
        }
    return None


def _difference_of_states(specified: State, implemented: State) -> dict[str, str]:
    for name in sorted(specified.keys() | implemented.keys()):
        if name not in specified or name not in implemented:
            sides = ["has it" if name in side else "does not have it" for side in (specified, implemented)]
            return {"variable": name, "specified": sides[0], "implemented": sides[1]}
        if specified[name] != implemented[name]:
            path, one, other = _where(name, specified[name], implemented[name])
            return {"variable": path, "specified": as_text(one), "implemented": as_text(other)}
    raise AssertionError("states that differ do so in a variable")


def _where(name: str, one: Value, other: Value) -> tuple[str, Value, Value]:
    """Goes down to the smallest part of two values in which they differ."""
    if isinstance(one, Function) and isinstance(other, Function):
        left, right = one.as_dict(), other.as_dict()
        parts: list[Any] = [key for key in left if left[key] != right.get(key)] if left.keys() == right.keys() else []
        if len(parts) == 1:
            return _where(f"{name}[{as_text(parts[0])}]", left[parts[0]], right[parts[0]])
    return name, one, other
