"""A state graph, read from TLC's dump, and the paths that cover it.

A model for paths has a variable `step`, which says how its state came about: a tuple of the name of an action
and its arguments.  Here `step` becomes the label of the edges, and states that differ in nothing else are one.
So the labels come from the specification itself; TLC names only whole disjuncts of the next-state relation,
and leaves their arguments out.

Spec: `spec/Paths*.tla`.  Paper: none.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from vsync.errors import EngineError
from vsync.paths.values import Value, parse

State = dict[str, Value]
Step = tuple[Value, ...]

_NODE = re.compile(r'^(-?\d+) \[label="((?:[^"\\]|\\.)*)"(.*)\]')
_EDGE = re.compile(r"^(-?\d+) -> (-?\d+)\b")
_ESCAPED = re.compile(r"\\(.)")
_VARIABLE = re.compile(r"^/\\ (\w+) = ", re.MULTILINE)


@frozen(kw_only=True)
class Graph:
    """The states, which of them come first, and from each its steps with the state to which they lead."""

    states: tuple[State, ...]
    initial: tuple[int, ...]
    steps: tuple[dict[Step, int], ...]

    @property
    def edges(self) -> int:
        """How many steps there are from all states."""
        return sum(map(len, self.steps))


@frozen(kw_only=True)
class Walk:
    """A schedule: where it begins, and its steps, each with the state that it leads to."""

    start: int
    steps: tuple[tuple[Step, int], ...]


def read_graph(dump: Path) -> Graph:
    """Reads what TLC writes with `-dump dot`.

    Raises EngineError if that is no such graph, or if the same step leads from one state to two.
    """
    reader = _Reader()
    with dump.open(encoding="utf-8") as lines:
        for line in lines:
            reader.read(line)
    return reader.graph()


def cover(graph: Graph) -> Iterator[Walk]:
    """Yields walks from the initial states that together take every step of the graph.

    Each goes by the shortest way to a state, the farthest first, from which there is a step that none has
    taken yet, and on through such steps as long as there are any.
    """
    came = _shortest_ways(graph)
    open_steps: list[dict[Step, int]] = [dict(steps) for steps in graph.steps]
    for state in reversed(list(came)):
        while open_steps[state]:
            steps = _way_to(state, came)
            at = state
            while open_steps[at]:
                step, after = next(iter(open_steps[at].items()))
                del open_steps[at][step]
                steps.append((step, after))
                at = after
            walk = Walk(start=_start_of(state, came), steps=tuple(steps))
            _close(open_steps, walk)
            yield walk


def _close(open_steps: list[dict[Step, int]], walk: Walk) -> None:
    """What the walk has taken is not open any more."""
    at = walk.start
    for step, after in walk.steps:
        open_steps[at].pop(step, None)
        at = after


_Ways = dict[int, tuple[int, Step] | None]


def _shortest_ways(graph: Graph) -> _Ways:
    """For each state, the one before it on a shortest way, and the step from there; in the order of depth."""
    came: _Ways = dict.fromkeys(graph.initial)
    queue = deque(graph.initial)
    while queue:
        state = queue.popleft()
        for step, after in graph.steps[state].items():
            if after not in came:
                came[after] = (state, step)
                queue.append(after)
    return came


def _way_to(state: int, came: _Ways) -> list[tuple[Step, int]]:
    way: list[tuple[Step, int]] = []
    while (before := came[state]) is not None:
        way.append((before[1], state))
        state = before[0]
    return way[::-1]


def _start_of(state: int, came: _Ways) -> int:
    while (before := came[state]) is not None:
        state = before[0]
    return state


class _Reader:
    """Puts nodes and edges together, line by line."""

    def __init__(self) -> None:
        self._states: list[State] = []
        self._numbers: dict[str, int] = {}  # of states, by their text without the step
        self._values: dict[str, Value] = {}
        self._nodes: dict[str, tuple[int, Step]] = {}
        self._edges: list[tuple[str, str]] = []
        self._initial: dict[int, None] = {}

    def read(self, line: str) -> None:
        if edge := _EDGE.match(line):
            self._edges.append((edge[1], edge[2]))
        elif node := _NODE.match(line):
            text = _ESCAPED.sub(lambda escaped: "\n" if escaped[1] == "n" else escaped[1], node[2])
            self._nodes[node[1]] = self._state(text)
            if "filled" in node[3]:
                self._initial[self._nodes[node[1]][0]] = None

    def graph(self) -> Graph:
        steps: list[dict[Step, int]] = [{} for _ in self._states]
        if not self._initial:
            raise EngineError("expected a state graph with an initial state, came none: report this, with the dump")
        if missing := {node for edge in self._edges for node in edge} - self._nodes.keys():
            raise EngineError(f"expected a whole state graph, came one without {len(missing)} of its states: try again")
        for source, target in self._edges:
            (before, _), (after, step) = self._nodes[source], self._nodes[target]
            if steps[before].setdefault(step, after) != after:
                raise EngineError(f"expected that {step} leads to one state only, came two: give it more arguments")
        return Graph(states=tuple(self._states), initial=tuple(self._initial), steps=tuple(steps))

    def _state(self, text: str) -> tuple[int, Step]:
        parts = _VARIABLE.split(text)
        texts = dict(zip(parts[1::2], parts[2::2], strict=True))
        if "step" not in texts:
            raise EngineError("expected a model with the variable step, came one without: see spec/PathsFlush.tla")
        step = self._value(texts.pop("step"))
        key = "\n".join(texts.values())
        if key not in self._numbers:
            self._numbers[key] = len(self._states)
            self._states.append({name: self._value(value) for name, value in texts.items()})
        return self._numbers[key], step

    def _value(self, text: str) -> Value:
        if text not in self._values:
            self._values[text] = parse(text)
        return self._values[text]
