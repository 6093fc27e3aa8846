"""What a mutant is, how it is planted, and the list of all that there are.

A mutant replaces one method, or one decision, of a machine.  It is a function that is handed a ``Planting``, by which
it replaces what it will; its docstring says, in a sentence, what is broken.  As long as the block of
``Mutant.applied`` lasts, the implementation is broken in this way; then all is as it was.

Spec: the planted bugs of the models (``MC..._<Bug>``), where there is one of the same kind.
Paper: none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from attrs import define, field, frozen

_ABSENT: Final = object()


@define
class Planting:
    """Replaces attributes of classes and modules, and puts back what was there."""

    _before: list[tuple[Any, str, Any]] = field(factory=list, init=False)

    def setattr(self, owner: Any, name: str, value: Any) -> None:
        """Have the class or module ``owner`` use ``value`` as its ``name``; what is not there cannot be replaced."""
        if not hasattr(owner, name):
            raise AttributeError(f"expected something to replace, but {owner!r} has no {name}: correct the mutant")
        self._before.append((owner, name, vars(owner).get(name, _ABSENT)))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put back all that was replaced, the last of it first."""
        while self._before:
            owner, name, value = self._before.pop()
            if value is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


Patch = Callable[[Planting], None]


@frozen(kw_only=True)
class Mutant:
    """One broken implementation.

    ``machine`` is the module of the specification whose machine is broken, ``broken`` says what is; ``search`` names
    the Hypothesis state machine of the tests that looks for it, if there is one, with nothing else counted than its
    ``killer``: a guarantee of VSProperties, a rule of the state machine, or an invariant of the specification.
    """

    name: str
    machine: str
    broken: str
    search: str
    killer: str
    patch: Patch

    @contextmanager
    def applied(self) -> Iterator[None]:
        """While the block lasts, the implementation is broken."""
        planting = Planting()
        try:
            self.patch(planting)
            yield
        finally:
            planting.undo()


MUTANTS: dict[str, Mutant] = {}
"""Every mutant of the machines, by its name."""


def mutant(machine: str, search: str, killer: str) -> Callable[[Patch], Patch]:
    """Register a patch under its name; its docstring says what is broken."""

    def register(patch: Patch) -> Patch:
        name = patch.__name__
        assert patch.__doc__ is not None, f"{name} does not say what is broken"
        assert name not in MUTANTS, f"two mutants are called {name}"
        MUTANTS[name] = Mutant(
            name=name, machine=machine, broken=patch.__doc__, search=search, killer=killer, patch=patch
        )
        return patch

    return register
