"""Values of traces as TLA+ text, and what a writer of recorded steps hands over.

A writer takes the lines of a trace, picks those that its Trace module judges, and writes each as a
record.  Names of processes and sites become numbers, given out as they come.

Spec: RecordedTraces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from vsync.errors import InputError

Line = Mapping[str, Any]

#: The constants of a specification that stands on channels.
CHANNELS: Final = {"Process": "RecordedProcesses", "Founders": "NoFounders", "Guarantee": "FirstInFirstOut"}


@frozen(kw_only=True)
class Steps:
    """Steps as TLA+ text, with the line of each; and what stands before them in the trace record."""

    prologue: str
    processes: int
    groups: int = 0
    clients: frozenset[int] = frozenset()
    steps: list[tuple[int, str]] = field(factory=list)


@frozen(kw_only=True)
class Writer:
    """What it takes to judge recorded steps by one Trace module.

    ``steps`` gives those of a trace, or of each part of it that is judged by itself.
    ``constants`` are those of the specification, with what each stands for; ``replaced`` is what the
    configuration puts in place of its definitions, and ``view`` is the TLC view, if any; the head of
    the module says why.
    """

    module: str
    steps: Callable[[Sequence[Line]], Steps | list[Steps]]
    replaced: Mapping[str, str] = field(factory=dict)
    constants: Mapping[str, str] = field(factory=lambda: dict(CHANNELS))
    view: str = ""


class Names:
    """Numbers for names, given out as they come: 1, 2, 3, ..."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.clients: set[int] = set()

    def __call__(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers) + 1)

    def sequence(self, names: Iterable[str]) -> str:
        return f"<<{', '.join(str(self(name)) for name in names)}>>"

    def set(self, names: Iterable[str]) -> str:
        return f"{{{', '.join(str(self(name)) for name in names)}}}"


def actions(trace: Sequence[Line], modules: tuple[str, ...], whose: str) -> list[tuple[int, Line]]:
    """The protocol events of these modules, taken by a ``site`` or a ``process``, each with its line in the file."""
    return [
        (number, line)
        for number, line in enumerate(trace, start=2)
        if whose in line and str(line.get("action", "")).partition("!")[0] in modules
    ]


# -- Values ----------------------------------------------------------------------------------------


def message(identifier: str, names: Names) -> str:
    sender, _, number = identifier.rpartition(":")
    return f"<<{names(sender)}, {int(number)}>>"


def messages(identifiers: Iterable[str], names: Names) -> str:
    return set_of(message(identifier, names) for identifier in identifiers)


def set_of(texts: Iterable[str]) -> str:
    return f"{{{', '.join(texts)}}}"


def word(text: str) -> str:
    if not text.isidentifier():
        raise ValueError(text)
    return text


def by_name(recorded: Mapping[str, int], names: Names) -> str:
    """Counts by name, as a sequence; what is beyond its end is 0."""
    numbered = {names(q): int(count) for q, count in recorded.items()}
    return counts(numbered.get(q, 0) for q in range(1, max(numbered, default=0) + 1))


def marks(marks: Iterable[Sequence[Any]], names: Names) -> str:
    return f"{{{', '.join(f'<<{names(q)}, {int(k)}>>' for q, k in marks)}}}"


def counts(time: Iterable[int]) -> str:
    return f"<<{', '.join(str(int(count)) for count in time)}>>"


def record(fields: Mapping[str, Any]) -> str:
    return f"[{', '.join(f'{name} |-> {value}' for name, value in fields.items())}]"


def variable(number: int, variables: Any, name: str) -> Any:
    if not isinstance(variables, Mapping) or not isinstance(variables.get(name), Mapping):
        raise InputError(f"line {number} should have the variable {name}; {variables!r} came")
    return variables[name]
