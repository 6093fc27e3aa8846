"""Actions: methods of a machine that bear the name of a TLA+ action.

``@action("Cbcast!Deliver")`` says that a method is that action of that module.  The method
returns its effects; the decorator puts in front of them what was done, by what name, with which
arguments, and which values the machine's variables have afterwards.  A driver that records writes
it down as one line of the trace; another forgets it.

The registry is what a test holds against the specification: a step cannot exist on one side only.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from attrs import frozen

from vsync.types import Address

#: Every action of the implementation: ``"Module!Action"`` to the qualified name of the method.
ACTIONS: dict[str, str] = {}


@frozen(kw_only=True)
class ActionTaken:
    """An action was taken: one protocol event of a trace.

    ``who`` is the process or site; ``arguments`` are those of the TLA+ action after the first;
    ``variables`` are the values after the action under their TLA+ names, as JSON knows them;
    ``group`` is the group that the machine is for, if it is for one alone.
    """

    name: str
    who: Address
    arguments: dict[str, Any]
    variables: dict[str, Any]
    group: Address | None = None


class Machine(Protocol):
    """What an action needs of its machine."""

    recording: bool

    @property
    def who(self) -> Address: ...

    def snapshot(self) -> dict[str, Any]: ...


M = TypeVar("M", bound=Machine)
P = ParamSpec("P")
E = TypeVar("E")
Method = Callable[Concatenate[M, P], list[E]]


def action(name: str) -> Callable[[Method[M, P, E]], Method[M, P, E]]:
    """Register a method as a TLA+ action and have it tell what it did.

    ``name`` is ``"Module!Action"``.  The arguments of the method must be named as those of the
    TLA+ action are.
    """

    def register(method: Method[M, P, E]) -> Method[M, P, E]:
        assert name not in ACTIONS, f"{name} is registered twice"
        ACTIONS[name] = f"{method.__module__}.{method.__qualname__}"
        parameters = list(inspect.signature(method).parameters)[1:]

        @functools.wraps(method)
        def taken(self: M, /, *args: P.args, **kwargs: P.kwargs) -> list[E]:
            effects = method(self, *args, **kwargs)
            if not self.recording:
                return effects
            given = dict(zip(parameters, args, strict=False)) | kwargs
            record = ActionTaken(
                name=name,
                who=self.who,
                arguments={key: as_json(value) for key, value in given.items()},
                variables=self.snapshot(),
                group=getattr(self, "group", None),
            )
            return [record, *effects]  # type: ignore[list-item]

        return taken

    return register


def as_json(value: Any) -> Any:
    """A value of the machines as JSON has it: addresses and identifiers become text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(as_json(item) for item in value)
    if hasattr(value, "as_json"):
        return value.as_json()
    return str(value)
