"""Messages that all stand in one order: a graph of what follows what, which forgets what can be in no circle.

Whatever a process delivers follows what it delivered before. The messages have places, so that no one stands
before what it follows; one that contradicts its place has those between the two places concerned rearranged.
If that cannot be done there is a circle.

A message that no one will deliver any more gets no further predecessor. If it has none left, it can be in no
circle, and it is forgotten; then those that follow it have one predecessor less.

Spec: VSProperties!StrongTotalOrder, of all ABCASTs. Paper: Pearce and Kelly, A Dynamic Topological Sort
Algorithm for Directed Acyclic Graphs, 2006.
"""

from collections.abc import Callable
from typing import Final

import attrs


@attrs.define(eq=False)
class Place:
    """The place of a message in the order; `closed` once nobody will deliver it any more."""

    number: int
    before: "set[Place]" = attrs.field(factory=set)
    after: "set[Place]" = attrs.field(factory=set)
    closed: bool = False
    forgotten: bool = False


class OneOrder:
    """The order, as far as it is known and not forgotten."""

    def __init__(self) -> None:
        self._given: int = 0

    def place(self) -> Place:
        """Returns a place behind all others."""
        self._given += 1
        return Place(self._given)

    def follows(self, earlier: Place, later: Place) -> bool:
        """Has `later` follow `earlier`; says whether that is possible."""
        if earlier.forgotten or later in earlier.after:
            return True
        earlier.after.add(later)
        later.before.add(earlier)
        return earlier.number < later.number or self._rearranged(earlier, later)

    def close(self, place: Place) -> None:
        """Takes note that nobody will deliver the message at a place any more."""
        place.closed = True
        free = [] if place.before else [place]
        while free:
            first = free.pop()
            first.forgotten = True
            for following in first.after:
                following.before.discard(first)
                if following.closed and not following.before:
                    free.append(following)
            first.after.clear()

    def _rearranged(self, earlier: Place, later: Place) -> bool:
        beyond = _reached(later, _AFTER, lambda number: number <= earlier.number)
        if earlier in beyond:
            return False
        behind = _reached(earlier, _BEFORE, lambda number: number >= later.number)
        moved = [*sorted(behind, key=_NUMBER), *sorted(beyond, key=_NUMBER)]
        for place, number in zip(moved, sorted(map(_NUMBER, moved)), strict=True):
            place.number = number
        return True


Steps = Callable[[Place], set[Place]]

_NUMBER: Final[Callable[[Place], int]] = lambda place: place.number  # noqa: E731
_AFTER: Final[Steps] = lambda place: place.after  # noqa: E731
_BEFORE: Final[Steps] = lambda place: place.before  # noqa: E731


def _reached(start: Place, steps: Steps, within: Callable[[int], bool]) -> set[Place]:
    """Returns what can be reached from `start` by way of numbers that are `within`."""
    reached, waiting = {start}, [start]
    while waiting:
        for place in steps(waiting.pop()):
            if place not in reached and within(place.number):
                reached.add(place)
                waiting.append(place)
    return reached
