"""The language of the proofs: sorts, relations, actions with guards and changes, invariants as sentences.

A proof describes a transition system whose state is a set of relations over sorts of any size. An action has
parameters, guards that must all hold, and says how relations change; a relation of which it says nothing stays
as it is. An action is taken for some values of its parameters; a parameter may also be a set, which is then
any set at all.

    @action("Flush!Crash", "p stops, at any point", p=PROCESS)
    def crash(s: State, p: Term) -> Step:
        return Step(guards=[Not(s.crashed(p))], changes=[put("crashed", p)])

Formulas are those of z3. A `State` gives the relations as they stand, by name; the state after a step is one in
which the changed relations have been written out by what they were before, so that no formula needs a second
copy of the relations.

Spec: none. Paper: none.
"""

import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import z3
from z3 import And, Not, Or

__all__ = [
    "Action",
    "Change",
    "Constant",
    "Formula",
    "Invariant",
    "Proof",
    "Relation",
    "Sort",
    "State",
    "Step",
    "Term",
    "action",
    "become",
    "count_anew",
    "exists",
    "forall",
    "grow",
    "put",
]

Formula = Any
"""A formula of z3. (z3 has no types for its users to see.)"""
Term = Any
"""A term of z3: a variable or a constant of some sort."""


@attrs.frozen
class Sort:
    """A sort: a set of which nothing is known but what the axioms say, so that it may have any size."""

    name: str
    letter: str
    """What its elements are called when a counterexample is shown."""

    @property
    def z3(self) -> Any:
        """The sort in z3."""
        return z3.DeclareSort(self.name)

    def variable(self, name: str) -> Term:
        """Returns a variable or constant of this sort."""
        return z3.Const(name, self.z3)


@attrs.frozen
class Relation:
    """A relation between elements of sorts.

    It is a variable of the state, or `rigid`: always the same, of which only the axioms are known. `written`
    says how a rigid one is written in TLA+, with {0}, {1}... for its arguments. `where` says which elements
    are shown first when a counterexample is drawn up: nothing but the order depends on it.
    """

    name: str
    sorts: tuple[Sort, ...]
    meaning: str
    rigid: bool = False
    written: str | None = None

    @property
    def z3(self) -> Any:
        """The relation in z3."""
        return z3.Function(self.name, *(sort.z3 for sort in self.sorts), z3.BoolSort())


@attrs.frozen
class Constant:
    """A named element of a sort."""

    name: str
    sort: Sort
    meaning: str
    written: str

    @property
    def z3(self) -> Any:
        """The constant in z3."""
        return self.sort.variable(self.name)


@attrs.frozen
class Change:
    """What becomes of a relation: `holds` says of which elements it holds after the step.

    With `grows`, it holds of these and of all of which it held before.
    """

    relation: str
    holds: Callable[..., Formula]
    grows: bool


def put(relation: str, *elements: Term) -> Change:
    """Returns the change by which the relation comes to hold of these elements."""
    variables = [f"x{i}" for i in range(len(elements))]

    def holds(*given: Term) -> Formula:
        return And(*(a == b for a, b in zip(given, elements, strict=True)))

    holds.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in variables]
    )
    return Change(relation, holds, grows=True)


def grow(relation: str, holds: Callable[..., Formula]) -> Change:
    """Returns the change by which the relation comes to hold of those elements too of which `holds` holds."""
    return Change(relation, holds, grows=True)


def become(relation: str, holds: Callable[..., Formula]) -> Change:
    """Returns the change by which the relation holds of those elements of which `holds` holds, and no others."""
    return Change(relation, holds, grows=False)


@attrs.frozen
class Step:
    """One step, for given values of the parameters of its action."""

    guards: Sequence[Formula]
    changes: Sequence[Change]


class State:
    """The relations of a system, in one state."""

    def __init__(self, holding: Mapping[str, Callable[..., Formula]]) -> None:
        self._holding = holding

    def __getattr__(self, name: str) -> Callable[..., Formula]:
        try:
            return self._holding[name]
        except KeyError:
            raise AttributeError(f"expected a relation, came {name!r}: choose from {sorted(self._holding)}") from None

    def changed_by(self, changes: Sequence[Change]) -> "State":
        """Returns the state after these changes."""
        return State({**self._holding, **{change.relation: self._changed(change) for change in changes}})

    def _changed(self, change: Change) -> Callable[..., Formula]:
        before = self._holding[change.relation]
        if not change.grows:
            return change.holds
        return lambda *elements: Or(before(*elements), change.holds(*elements))


@attrs.frozen
class Action:
    """An action: its name in the specification, a sentence, its parameters, and what it does.

    A parameter of several sorts is a set of tuples of such elements (of single elements, if it is one).
    """

    name: str
    sentence: str
    parameters: Mapping[str, Sort | tuple[Sort, ...]]
    step: Callable[..., Step]

    @property
    def operator(self) -> str:
        """The name without that of the module."""
        return self.name.rpartition("!")[2]

    def arguments(self) -> dict[str, Any]:
        """Returns a z3 constant (of a set: a relation) for each parameter."""
        return {
            name: sort.variable(name)
            if isinstance(sort, Sort)
            else z3.Function(name, *(part.z3 for part in sort), z3.BoolSort())
            for name, sort in self.parameters.items()
        }


def action(name: str, sentence: str, **parameters: Sort | tuple[Sort, ...]) -> Callable[[Callable[..., Step]], Action]:
    """Makes an action of the function that says what it does, given the state and the parameters."""
    return lambda step: Action(name, sentence, parameters, step)


@attrs.frozen
class Invariant:
    """What holds in every state, as a sentence and as a formula of the state.

    `because` names the invariants on which it rests: z3 tries those first, then those of `also`, on which it
    rests under some actions, and all of them after that.
    """

    name: str
    sentence: str
    formula: Callable[[State], Formula]
    because: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Proof:
    """A transition system, its inductive invariants, and the guarantees that they imply.

    `axioms` are facts about what is rigid; each has a sentence for a name. `initially` says of which elements
    each relation holds at first; it holds of none if nothing is said. `planted` are variants that must fail:
    by name, which action is replaced, or which axiom is left out, by giving its name alone. `small` says how many
    elements the sorts, one after the other, have in the states in which counterexamples are looked for, where two and
    three of each are not right.
    """

    name: str
    title: str
    proves: str
    abstracts: str
    module: str
    """The module of the specification whose actions these are."""
    sorts: Sequence[Sort]
    relations: Sequence[Relation]
    constants: Sequence[Constant] = ()
    axioms: Mapping[str, Formula]
    initially: Mapping[str, Callable[..., Formula]]
    actions: Sequence[Action]
    invariants: Sequence[Invariant]
    guarantees: Sequence[Invariant]
    planted: Mapping[str, "Action | str"]
    small: Sequence[tuple[int, ...]] = ()

    @property
    def variables(self) -> list[Relation]:
        """The relations that steps may change."""
        return [relation for relation in self.relations if not relation.rigid]

    def state(self) -> State:
        """Returns a state of which nothing is known."""
        return State({relation.name: relation.z3 for relation in self.relations})

    def initial(self) -> State:
        """Returns the initial state."""
        at_first: dict[str, Callable[..., Formula]] = {r.name: _nothing for r in self.variables}
        rigid = {r.name: r.z3 for r in self.relations if r.rigid}
        return State({**rigid, **at_first, **self.initially})

    def with_bug(self, bug: str) -> "Proof":
        """Returns the variant in which this mistake has been planted."""
        mistake = self.planted[bug]
        if isinstance(mistake, str):
            kept = {name: axiom for name, axiom in self.axioms.items() if name != mistake}
            assert len(kept) < len(self.axioms), f"expected the name of an axiom, came {mistake!r}"
            return attrs.evolve(self, axioms=kept)
        assert any(a.name == mistake.name for a in self.actions), f"{mistake.name} replaces no action"
        return attrs.evolve(self, actions=[mistake if a.name == mistake.name else a for a in self.actions])

    def without(self, invariant: str) -> "Proof":
        """Returns the variant that does without one of the invariants."""
        return attrs.evolve(self, invariants=[i for i in self.invariants if i.name != invariant])


def _nothing(*elements: Term) -> Formula:
    return z3.BoolVal(False)


def forall(*sorts: Sort) -> Callable[[Callable[..., Formula]], Formula]:
    """Returns what makes of a function of elements of these sorts that it holds of all."""
    return lambda of: _quantified(z3.ForAll, sorts, of)


def exists(*sorts: Sort) -> Callable[[Callable[..., Formula]], Formula]:
    """Returns what makes of a function of elements of these sorts that it holds of some."""
    return lambda of: _quantified(z3.Exists, sorts, of)


def _quantified(quantifier: Callable[..., Formula], sorts: Sequence[Sort], of: Callable[..., Formula]) -> Formula:
    names = list(inspect.signature(of).parameters)
    variables = [sort.variable(f"{name}!{next(_fresh[-1])}") for sort, name in zip(sorts, names, strict=True)]
    return quantifier(variables, of(*variables))


_fresh = [itertools.count()]
"""Tells apart variables of the same name: z3 would take one for the other where a formula stands inside another."""


def total_order(sort: Sort, before: Relation) -> Formula:
    """Returns that `before` is a total order on the sort, "smaller than"."""
    less = before.z3
    return And(
        forall(sort)(lambda i: Not(less(i, i))),
        forall(sort, sort, sort)(lambda i, j, k: z3.Implies(And(less(i, j), less(j, k)), less(i, k))),
        forall(sort, sort)(lambda i, j: Or(less(i, j), less(j, i), i == j)),
    )


def count_anew() -> None:
    """Begins anew to tell variables apart, so that the same formulas are the same whatever was made before."""
    _fresh[-1] = itertools.count()
