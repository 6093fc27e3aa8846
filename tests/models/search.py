"""What the state machines have in common: rules that are demanded, and how a run ends when one is broken."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from models.witness import Broken, Demands
from vsync.types import Address

#: How many rounds a calm system may take to come to rest.
ROUNDS_MAX = 300

P = TypeVar("P")


class Search(RuleBasedStateMachine):
    """A search for a run that breaks a rule.

    ``only`` is for mutants: the one guarantee that counts.  Whatever else goes wrong with a mutant, be it an
    assertion of its own, ends the run in peace.
    """

    only: ClassVar[str | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.over = False
        self.demand = Demands(self.only).demand

    def attempt(self, what: Callable[[], object]) -> bool:
        """Do it, if the run is not over; returns whether that gave anything."""
        if self.over:
            return False
        try:
            return bool(what())
        except Exception as error:
            first, self.over = not self.over, True
            if self.only is None:
                if first:
                    self.explain(error)
                raise
            if isinstance(error, Broken) and error.guarantee == self.only:
                raise
            return False

    def explain(self, error: Exception) -> None:
        """Add to an error what helps to understand it."""

    def teardown(self) -> None:
        """Calm down; then ask whether all is at rest as it should be."""
        self.attempt(self.calm_down)
        self.attempt(self.at_rest)

    def calm_down(self) -> None:
        """Go on, with an environment that is kind, until nothing changes any more."""
        for _ in range(ROUNDS_MAX):
            if self.over or not self.calm_round():
                return
        raise Broken("Settling", "nothing comes to rest")

    def calm_round(self) -> bool:
        """Do all that is due; returns whether there was anything."""
        return False

    def at_rest(self) -> None:
        """Demand what holds in the end."""


class Channels(Generic[P]):
    """First in, first out: one channel for each ordered pair."""

    def __init__(self) -> None:
        self.packets: dict[tuple[Address, Address], deque[P]] = {}

    def send(self, source: Address, destination: Address, packet: P) -> None:
        self.packets.setdefault((source, destination), deque()).append(packet)

    def take(self, source: Address, destination: Address) -> P:
        return self.packets[source, destination].popleft()

    def waiting(self, source: Address | None = None) -> list[tuple[Address, Address]]:
        """The channels with something in them, perhaps only those of one source."""
        full = (ends for ends, packets in self.packets.items() if packets)
        return sorted((ends for ends in full if source in (None, ends[0])), key=str)

    def deafen(self, destination: Address) -> None:
        """Nothing reaches this one any more."""
        for ends in self.packets:
            if ends[1] == destination:
                self.packets[ends].clear()

    def shorten(self, source: Address, destination: Address, packets: int) -> None:
        """The last packets of the channel have not been sent after all."""
        for _ in range(packets):
            self.packets[source, destination].pop()
