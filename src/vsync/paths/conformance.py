"""What the machines make of the schedules of a model; and which broken machines the schedules find out.

Spec: `spec/Paths*.tla`.  Paper: none.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterable, Iterator

from attrs import frozen

from vsync.mutants.catalogue import MUTANTS
from vsync.mutants.planting import Mutant
from vsync.paths.graph import Graph, Walk, cover
from vsync.paths.models import PathModel
from vsync.paths.stage import Difference, follow

TOO_SMALL = "no schedule within these bounds takes the steps that would show it"

#: Mutants of machines that take part here, of whose mistake no schedule can see anything, and why.
UNSEEN = {
    "flush_returns_unsafe": "the primitive flush is a call, and no action of the specification",
    "ignores_epochs": "epochs end in Gbcast only: in these models everything is of the first",
    "confirms_before_it_has_all": TOO_SMALL,
    "forgets_numbers_in_a_flush": TOO_SMALL,
    "forgets_what_was_found": TOO_SMALL,
    "accepts_what_is_old": TOO_SMALL,
}


@frozen(kw_only=True)
class Schedules:
    """The schedules of a model, and the graph that they cover; ``all`` counts those that there are."""

    model: PathModel
    graph: Graph
    walks: tuple[Walk, ...]
    all: int

    @property
    def covered(self) -> int:
        """How many steps of the graph the schedules take."""
        taken = set()
        for walk in self.walks:
            at = walk.start
            for step, after in walk.steps:
                taken.add((at, step))
                at = after
        return len(taken)

    @property
    def steps(self) -> int:
        """How many steps the schedules have, all in all."""
        return sum(len(walk.steps) for walk in self.walks)


@frozen(kw_only=True)
class Found:
    """The first schedule, counted from 1, on which the machines differ, and where."""

    model: str
    schedule: int
    difference: Difference

    def __str__(self) -> str:
        return f"schedule {self.schedule} of {self.model}, {self.difference}"


def schedules_of(model: PathModel, limit: int | None = None, timeout_seconds: float | None = None) -> Schedules:
    """Has TLC explore a model, and returns the schedules that cover it: at most ``limit``, taken evenly."""
    graph = model.graph(timeout_seconds)
    walks = tuple(cover(graph))
    chosen = walks if limit is None or limit >= len(walks) else evenly(walks, limit)
    return Schedules(model=model, graph=graph, walks=chosen, all=len(walks))


def evenly(walks: tuple[Walk, ...], limit: int) -> tuple[Walk, ...]:
    """Returns ``limit`` of the walks, from all parts of their list."""
    return tuple(walks[n * len(walks) // limit] for n in range(limit))


def first_difference(schedules: Schedules, on_schedule: Callable[[int], None] = lambda _: None) -> Found | None:
    """Runs the schedules one after the other, each from the start, until one differs."""
    for number, walk in enumerate(schedules.walks, start=1):
        if (difference := follow(schedules.graph, walk, schedules.model.stage)) is not None:
            return Found(model=schedules.model.name, schedule=number, difference=difference)
        on_schedule(number)
    return None


def killed_by(mutant: Mutant, all_schedules: Iterable[Schedules]) -> Found | None:
    """Returns where the first of these schedules that finds the mutant out differs, None if none does."""
    for schedules in all_schedules:
        with mutant.applied():
            if (found := first_difference(schedules)) is not None:
                return found
    return None


def mutants_of(models: Iterable[PathModel]) -> dict[str, tuple[Mutant, tuple[PathModel, ...]]]:
    """Returns the mutants that break a machine of these models, each with those models."""
    chosen = tuple(models)
    owners = {model.name: _owners(model.machine) for model in chosen}
    breaks: dict[str, tuple[Mutant, tuple[PathModel, ...]]] = {}
    for mutant in MUTANTS.values():
        before = {name: list(_contents(owners[name])) for name in owners}
        with mutant.applied():
            touched = tuple(m for m in chosen if before[m.name] != list(_contents(owners[m.name])))
        if touched:
            breaks[mutant.name] = (mutant, touched)
    return breaks


def _owners(machine: type) -> tuple[type | types.ModuleType, ...]:
    """The classes of which a machine is made, and their modules: what a mutant may change."""
    classes = [cls for cls in machine.__mro__ if cls is not object]
    return (*classes, *(sys.modules[cls.__module__] for cls in classes))


def _contents(owners: Iterable[type | types.ModuleType]) -> Iterator[tuple[str, int]]:
    for owner in owners:
        yield from ((f"{owner.__name__}.{name}", id(value)) for name, value in vars(owner).items())
