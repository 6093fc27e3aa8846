"""A counterexample to induction, drawn up for people: who there is, what holds, which action, what it breaks.

Spec: none. Paper: none.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import z3

from vsync.prove.language import Action, Formula, Invariant, Proof, Sort, State, Term
from vsync.prove.small import Small

__all__ = ["Picture", "draw"]


@attrs.frozen(kw_only=True)
class Picture:
    """A state, an action taken in it, and the invariant that does not hold afterwards.

    Elements are named p1, p2, ... A relation is given by all the tuples of which it holds. `sets` are the
    parameters of the action that are sets.
    """

    elements: Mapping[str, Sequence[str]]
    holds: Mapping[str, Sequence[tuple[str, ...]]]
    action: str | None
    arguments: Mapping[str, str]
    changes: Mapping[str, Sequence[str]]
    broken: str
    sentence: str

    @property
    def size(self) -> int:
        """How many elements there are."""
        return sum(map(len, self.elements.values()))

    def lines(self) -> list[str]:
        """Returns the picture as lines of text."""
        lines = [f"{sort}: {', '.join(names)}" for sort, names in self.elements.items()]
        lines += [f"  {name}: {_tuples(tuples)}" for name, tuples in self.holds.items() if tuples]
        if self.action is not None:
            given = ", ".join(f"{name} = {value}" for name, value in self.arguments.items())
            lines.append(f"then {self.action} with {given}")
            lines += [f"  {name}: {', '.join(changed)}" for name, changed in self.changes.items()]
        return [*lines, f"breaks {self.broken}: {self.sentence}"]


def draw(
    proof: Proof,
    model: z3.ModelRef,
    small: Small,
    before: State,
    after: State,
    action: Action | None,
    invariant: Invariant | None,
) -> Picture:
    """Returns the picture of a model of z3, in which all sorts are finite."""
    assert invariant is not None, "a counterexample breaks something"
    looked = _Looked(proof, model, small)
    holds = {r.name: looked.tuples(r.sorts, getattr(before, r.name)) for r in proof.relations}
    afterwards = {r.name: looked.tuples(r.sorts, getattr(after, r.name)) for r in proof.variables}
    return Picture(
        elements={sort.name: looked.names(sort) for sort in proof.sorts},
        holds=holds,
        action=action.name if action else None,
        arguments=looked.arguments(action) if action else {},
        changes={n: c for n, now in afterwards.items() if (c := _changes(holds[n], now))},
        broken=invariant.name,
        sentence=invariant.sentence,
    )


def _changes(before: Sequence[tuple[str, ...]], now: Sequence[tuple[str, ...]]) -> list[str]:
    came = [f"+ {_tuple(t)}" for t in now if t not in before]
    return came + [f"- {_tuple(t)}" for t in before if t not in now]


def _tuple(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def _tuples(tuples: Sequence[tuple[str, ...]]) -> str:
    return ", ".join(map(_tuple, tuples))


class _Looked:
    """What can be seen in a model, the elements of each sort with names."""

    def __init__(self, proof: Proof, model: z3.ModelRef, small: Small) -> None:
        self._model = model
        self._small = small
        self._names: dict[str, dict[str, str]] = {}
        self._elements: dict[str, list[Term]] = {}
        for sort in proof.sorts:
            universe = self._in_order(proof, sort, small.elements[sort.name])
            self._elements[sort.name] = universe
            self._names[sort.name] = {self._value(e): f"{sort.letter}{i + 1}" for i, e in enumerate(universe)}

    def _in_order(self, proof: Proof, sort: Sort, universe: list[Term]) -> list[Term]:
        """Puts the smallest elements first, if the sort has an order, and else keeps that of the model."""
        order = next(
            (r.z3 for r in proof.relations if r.rigid and r.name.endswith("before") and r.sorts == (sort, sort)), None
        )
        if order is None:
            return universe
        return sorted(universe, key=lambda e: sum(self._true(order(x, e)) for x in universe))

    def names(self, sort: Sort) -> list[str]:
        return list(self._names[sort.name].values())

    def tuples(self, sorts: Sequence[Sort], holds: Any) -> list[tuple[str, ...]]:
        """Returns the names of those of which a relation holds."""
        return [
            tuple(self._names[sort.name][self._value(e)] for sort, e in zip(sorts, elements, strict=True))
            for elements in itertools.product(*(self._elements[sort.name] for sort in sorts))
            if self._true(holds(*elements))
        ]

    def arguments(self, action: Action) -> dict[str, str]:
        return {
            name: self._argument(parameter, action.parameters[name]) for name, parameter in action.arguments().items()
        }

    def _argument(self, parameter: Any, sort: Sort | tuple[Sort, ...]) -> str:
        if not isinstance(sort, Sort):
            return f"{{{_tuples(self.tuples(sort, parameter))}}}"
        return self._names[sort.name][self._value(parameter)]

    def _value(self, term: Term) -> str:
        return str(self._model.eval(term, model_completion=True))

    def _true(self, formula: Formula) -> bool:
        value = self._model.eval(self._small.spelled_out(formula), model_completion=True)
        return bool(z3.is_true(value))
