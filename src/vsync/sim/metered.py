"""Metered runs: a world in virtual time that counts what its sites send each other.

Everything that is sent takes the same time, so that what comes of it is counted and not guessed.  Each
packet has a depth: the length of the longest chain of messages between sites, since the meter was set, that
led to it.  So the depth of a site when it delivers a multicast is the number of messages that had to be sent,
one after the other, before it could.

Spec: none.
Paper: Birman and Joseph 1987, sections 3.1, 3.4 and 7 (the cost of the primitives).
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from attrs import Factory, define, frozen

from vsync.messages import Data
from vsync.runtime.codec import encode
from vsync.sim import moves
from vsync.sim.moves import Move
from vsync.sim.network import Network, Payload
from vsync.sim.world import Line, Sent, TimerSet, World
from vsync.types import Address


@frozen(kw_only=True)
class Delivered:
    """A message has been delivered to a process: when, and behind how many messages between sites."""

    process: str
    message: str
    at_ms: int
    depth: int


@define
class Meter:
    """What was counted since the meter was set.

    ``messages`` and ``bytes`` by the kind of packet; ``ordering_bytes``, what the multicasts among them carry
    for the sake of order; ``deliveries``, and ``installs`` of site views as pairs of time and site.
    """

    messages: Counter[str] = Factory(Counter)
    bytes: Counter[str] = Factory(Counter)
    ordering_bytes: int = 0
    carried: int = 0
    deliveries: list[Delivered] = Factory(list)
    installs: list[tuple[int, str]] = Factory(list)


class MeteredNetwork(Network):
    """The network, with a meter on it."""

    def __init__(self, measuring_bytes: bool) -> None:
        super().__init__()
        self.measuring_bytes = measuring_bytes
        self.meter = Meter()
        self.depths: Counter[Address] = Counter()
        self.under_way: dict[tuple[Address, Address], deque[int]] = {}

    def send(self, source: Address, destination: Address, payload: Payload) -> None:
        super().send(source, destination, payload)
        self.under_way.setdefault((source, destination), deque()).append(self.depths[source] + 1)
        kind = type(payload).__name__
        self.meter.messages[kind] += 1
        if self.measuring_bytes:
            self.meter.bytes[kind] += len(encode(payload))
            if isinstance(payload, Data):
                self.meter.ordering_bytes += len(encode(payload.message.stamp))
                self.meter.carried += len(payload.carried)

    def take(self, source: Address, destination: Address) -> Payload:
        depth = self.under_way[source, destination].popleft()
        self.depths[destination] = max(self.depths[destination], depth)
        return super().take(source, destination)

    def deafen(self, site: Address) -> None:
        super().deafen(site)
        for channel in [channel for channel in self.under_way if channel[1] == site]:
            del self.under_way[channel]

    def shorten(self, source: Address, destination: Address, packets: int) -> None:
        super().shorten(source, destination, packets)
        kept = self.waiting(source, destination)
        depths = self.under_way.get((source, destination), deque())
        while len(depths) > kept:
            depths.pop()


class MeteredRun:
    """A world whose packets all take ``latency_ms``, and whose timers go off as late as they may.

    Arguments: the latency, in virtual milliseconds; whether bytes are counted too, which takes time.
    """

    def __init__(self, *, latency_ms: int = 10, measuring_bytes: bool = True) -> None:
        self.latency_ms = latency_ms
        self.network = MeteredNetwork(measuring_bytes)
        self.world = World(recording=False, on_line=self._line)
        self.world.network = self.network
        self.now_ms = 0
        self.agenda: list[tuple[int, int, Callable[[], Move | None]]] = []
        self.entries = 0

    @property
    def meter(self) -> Meter:
        """What was counted since the meter was set."""
        return self.network.meter

    def set_meter(self) -> None:
        """Count from here: nothing has been sent, and no chain has begun."""
        self.network.meter = Meter()
        self.network.depths.clear()

    def make(self, move: Move) -> None:
        """Make a move now."""
        for news in self.world.make(move, at_ms=self.now_ms):
            match news:
                case Sent(source=source, destination=destination):
                    self._at(self.now_ms + self.latency_ms, self._arrival(source, destination))
                case TimerSet(owner=owner, timer=timer):
                    fire = moves.Fire(owner=owner, timer=timer.timer)
                    self._at(self.now_ms + timer.max_ms, self._firing(fire))
                case _:
                    raise AssertionError(f"no state is transferred in a metered run; {news} came")

    def run(self, until_ms: int | None = None) -> None:
        """Go on until then, or until nothing is left to happen."""
        while self.agenda and (until_ms is None or self.agenda[0][0] <= until_ms):
            time_ms, _, due = heapq.heappop(self.agenda)
            self.now_ms = time_ms
            if (move := due()) is not None:
                self.make(move)
        self.now_ms = max(self.now_ms, until_ms or 0)

    # -- Helpers --------------------------------------------------------------------------------

    def _at(self, time_ms: int, due: Callable[[], Move | None]) -> None:
        self.entries += 1
        heapq.heappush(self.agenda, (time_ms, self.entries, due))

    def _arrival(self, source: Address, destination: Address) -> Callable[[], Move | None]:
        def due() -> Move | None:
            there = self.network.waiting(source, destination)
            return moves.Arrive(source=source, destination=destination) if there else None

        return due

    def _firing(self, fire: moves.Fire) -> Callable[[], Move | None]:
        return lambda: fire if (fire.owner, fire.timer) in self.world.timers else None

    def _line(self, line: Line) -> None:
        event: Any = line.get("event")
        if event == "deliver":
            depth = self.network.depths[Address.parse(line["process"]).at]
            self.meter.deliveries.append(
                Delivered(process=line["process"], message=line["message"], at_ms=self.now_ms, depth=depth)
            )
        elif event == "install" and line["group"] == "sites":
            self.meter.installs.append((self.now_ms, line["process"]))
