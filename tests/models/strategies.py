"""What the state machines draw: addresses, views, messages, and one of what there is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from hypothesis import strategies as st

from vsync.types import Address, Kind

T = TypeVar("T")

_NUMBERS = st.integers(0, 0xFFFF)

_INSIDE = st.sampled_from((Kind.PROCESS, Kind.GROUP))

#: Addresses of all three kinds, over the whole range of their fields.
ADDRESSES: st.SearchStrategy[Address] = st.one_of(
    st.builds(Address, _NUMBERS, _NUMBERS),
    st.builds(Address, _NUMBERS, _NUMBERS, st.integers(1, 0xFFFF), _INSIDE),
)

#: How many sites found the system; few systems are so small that nothing can go wrong in them.
FOUNDING_SITES = st.sampled_from((2, 3, 4, 5, 3, 4, 1))

#: Who starts together: for each process the number of its site, from 1.
FOUNDING_PROCESSES = st.lists(st.integers(1, 5), min_size=2, max_size=5)

#: How many processes are in the first view, where the test itself agrees on the views.
FOUNDERS = st.sampled_from((3, 4, 2, 5, 1))

#: Which of those who founded it multicast at once, so that something is under way from the beginning.
BUSY = st.lists(st.integers(0, 4), max_size=6)

#: Whether crashes may take more than a minority: in few runs, as little happens after that.
MAJORITY_MAY_BE_LOST = st.sampled_from((False, False, False, True))


def some(options: Callable[[Any], Collection[object]]) -> Callable[[Any], bool]:
    """That a state machine has some of these: a precondition."""
    return lambda machine: bool(options(machine))


def one_of(data: Any, options: Collection[T], what: str = "which") -> T:
    """Draw one of the options, which are ordered so that runs can be repeated."""
    chosen: T = data.draw(st.sampled_from(sorted(options, key=str)), label=what)
    return chosen


def held_up(data: Any, ends: Collection[tuple[Address, Address]]) -> set[tuple[Address, Address]]:
    """Draw channels in which nothing moves for a while: those of one or two places, or single ones."""
    apart = some_of(data, {place for pair in ends for place in pair}, "cut off", most=2)
    single = some_of(data, ends, "held up", most=2) if not apart else ()
    return {pair for pair in ends if pair in single or not set(apart).isdisjoint(pair)}


def some_of(data: Any, options: Collection[T], what: str = "which", most: int | None = None) -> tuple[T, ...]:
    """Draw some of the options, perhaps none, in order."""
    listed = sorted(options, key=str)
    if not listed:
        return ()
    drawn = data.draw(st.sets(st.sampled_from(listed), max_size=most or len(listed)), label=what)
    return tuple(sorted(drawn, key=str))
