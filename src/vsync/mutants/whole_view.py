"""Seeded runs of CBCAST to the whole view, the protocol as it is taught, which sites do not run.

Processes multicast, call ``flush``, and are told of views that are simply agreed on; some crash, also in the middle of
a step, and some are excluded although they work.  Then all comes to rest.  What happens is recorded as service events.

Spec: Cbcast, FlushEnvironment.
Paper: Birman and Joseph 1987, section 3.1; Birman, Schiper, Stephenson 1991.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from random import Random
from typing import Any

from vsync.cbcast import CbcastMachine
from vsync.effects import CompleteFlush, Deliver, InstallView, ProcessEffect, RecordMulticast, Send, SetTimer
from vsync.messages import Message, Packet
from vsync.types import Address, Kind, View

Line = dict[str, Any]

PROCESSES_MAX = 7
MOVES = 80
ROUNDS_MAX = 300
#: How often each thing happens, by the name of the method that makes it happen.
CHANCES = {"multicast": 8, "arrive": 24, "fire": 5, "tell": 6, "change": 2, "crash": 1, "crash_during": 1, "flush": 2}


class WholeViewRun:
    """One run.  ``on_line`` is called with each service event."""

    def __init__(self, seed: int, on_line: Callable[[Line], object]) -> None:
        self.chance = Random(f"whole view {seed}")
        self.on_line = on_line
        self.machines: dict[Address, CbcastMachine] = {}
        self.views: list[View] = []
        self.running: list[Address] = []
        self.channels: dict[tuple[Address, Address], deque[Packet]] = defaultdict(deque)
        self.timers: set[tuple[Address, str]] = set()
        self.crash_after: dict[Address, int] = {}
        self.begun: dict[Address, list[Message]] = defaultdict(list)
        self.calls: dict[tuple[Address, int], int] = {}  # of flush: how many multicasts were asked for before
        self.asked: dict[Address, int] = defaultdict(int)

    def run(self) -> str:
        """Make the run; returns in what it has not come to rest, in words, or nothing."""
        founders = tuple(_process(number) for number in range(1, self.chance.randint(3, 5) + 1))
        self.views.append(View(id=1, members=founders))
        for p in founders:
            self._start(p)
        for p in founders:
            self._tell(p)
        for _ in range(MOVES):
            getattr(self, self.chance.choices(list(CHANCES), list(CHANCES.values()))[0])()
        for _ in range(ROUNDS_MAX):
            if not self._calm():
                return self._unsettled()
        return "nothing comes to rest"

    # -- What may happen ------------------------------------------------------------------------

    def multicast(self) -> None:
        """A process multicasts."""
        p = self.chance.choice(self.running)
        self.asked[p] += 1
        self._step(p, lambda: self.machines[p].multicast(f"m{self.asked[p]}"))

    def flush(self) -> None:
        """A process calls flush."""
        p = self.chance.choice(self.running)
        ticket = len(self.calls) + 1
        self.calls[p, ticket] = self.asked[p]
        self._step(p, lambda: self.machines[p].flush(ticket))

    def arrive(self) -> None:
        """The next packets of a channel arrive."""
        if waiting := self._waiting():
            q, p = self.chance.choice(waiting)
            for _ in range(self.chance.randint(1, 4)):
                self._arrive(q, p)

    def fire(self) -> None:
        """A timer goes off."""
        if self.timers:
            self._fire(*self.chance.choice(sorted(self.timers)))

    def tell(self) -> None:
        """A process is told of its next view."""
        if late := [p for p in self.running if self._next_view(p)]:
            self._tell(self.chance.choice(late))

    def change(self) -> None:
        """The next view is agreed on: without those who crashed, or without one who works, or with another."""
        members = self.views[-1].members
        gone = {p for p in members if p not in self.running}
        if self.chance.random() < 0.3 and len(members) - len(gone) > 2:
            gone.add(self.chance.choice(members))
        joins = self.chance.random() < 0.5 and len(self.machines) < PROCESSES_MAX
        if (gone or joins) and set(members) - gone:
            self._agree(gone, joins)

    def crash(self) -> None:
        """A process crashes, and some of what it sent last is lost."""
        if self._may_crash():
            p = self.chance.choice(self.running)
            self._stop(p)
            for ends in self._waiting():
                if ends[0] == p:
                    for _ in range(self.chance.randint(0, len(self.channels[ends]))):
                        self.channels[ends].pop()

    def crash_during(self) -> None:
        """A process will crash in the middle of its next step."""
        if self._may_crash():
            self.crash_after[self.chance.choice(self.running)] = self.chance.randint(0, 5)

    # -- The end --------------------------------------------------------------------------------

    def _calm(self) -> bool:
        """Who crashed is excluded, all are told of all views, all that is under way arrives, timers go off."""
        members = self.views[-1].members
        if not set(members) & set(self.running):
            return False
        if gone := {p for p in members if p not in self.running}:
            self._agree(gone, joins=False)
        late = [p for p in self.running if self._next_view(p)]
        waiting, timers = self._waiting(), sorted(self.timers)
        for p in late:
            self._tell(p)
        for q, p in waiting:
            self._arrive(q, p)
        for timer in timers:
            self._fire(*timer)
        return bool(gone or late or waiting or timers)

    def _unsettled(self) -> str:
        view = self.views[-1]
        for p in [p for p in view.members if p in self.running]:
            machine = self.machines[p]
            if machine.below.current != view.id:
                return f"{p} is in view {machine.below.current} and not in {view.id}"
            if machine.outgoing or machine.below.received:
                return f"{p} holds {sorted(machine.below.received)}, which all have"
            if calls := [ticket for who, ticket in self.calls if who == p]:
                return f"calls of flush have not returned at {p}: {calls}"
        return ""

    # -- Steps ----------------------------------------------------------------------------------

    def _agree(self, gone: set[Address], joins: bool) -> None:
        stay = tuple(p for p in self.views[-1].members if p not in gone)
        came = (_process(len(self.machines) + 1),) if joins else ()
        self.views.append(View(id=len(self.views) + 1, members=stay + came))
        for p in came:
            self._start(p)

    def _start(self, p: Address) -> None:
        self.machines[p] = CbcastMachine(p, recording=False)
        self.running.append(p)

    def _may_crash(self) -> bool:
        return len(set(self.running) & set(self.views[-1].members)) > 2

    def _next_view(self, p: Address) -> View | None:
        known = self.machines[p].below.known
        if not known:
            return next(view for view in self.views if p in view.members)
        return next((view for view in self.views[known : known + 1] if p in view.members), None)

    def _waiting(self) -> list[tuple[Address, Address]]:
        return sorted(ends for ends, packets in self.channels.items() if packets)

    def _tell(self, p: Address) -> None:
        view = self._next_view(p)
        if p in self.running and view is not None:
            before = self.views[view.id - 2].members if view.id > 1 else ()
            self._step(p, lambda: self.machines[p].told(view, tuple(q for q in view.members if q in before)))

    def _arrive(self, q: Address, p: Address) -> None:
        if self.channels[q, p]:
            packet = self.channels[q, p].popleft()
            self._step(p, lambda: self.machines[p].packet_received(q, packet))

    def _fire(self, p: Address, timer: str) -> None:
        if (p, timer) in self.timers:
            self.timers.discard((p, timer))
            self._step(p, lambda: self.machines[p].timer_fired(timer))

    def _step(self, p: Address, take: Callable[[], list[ProcessEffect]]) -> None:
        """Let a process take a step, and carry out its effects unless a crash strikes among them."""
        effects = take()
        strike = self.crash_after.pop(p, None) if effects else None
        for effect in effects[:strike]:
            self._carry_out(p, effect)
        if strike is not None:
            self._stop(p)

    def _carry_out(self, p: Address, effect: ProcessEffect) -> None:
        match effect:
            case Send(to=to, packet=packet):
                for q in to:
                    if q in self.running:
                        self.channels[p, q].append(packet)
            case SetTimer(timer=timer):
                self.timers.add((p, timer))
            case RecordMulticast(message=Message() as m):
                self.begun[p].append(m)
                self._event("multicast", p, message=str(m.id))
            case Deliver(message=m):
                self._event("deliver", p, message=str(m.id), sender=str(m.id.sender))
            case InstallView(view=view):
                self._event("install", p, view=view.as_json())
            case CompleteFlush(ticket=ticket):
                for m in self.begun[p][: self.calls.pop((p, ticket), 0)]:
                    self._event("safe", p, message=str(m.id))
            case _:
                pass

    def _stop(self, p: Address) -> None:
        self.running.remove(p)
        self.crash_after.pop(p, None)
        self.timers = {timer for timer in self.timers if timer[0] != p}
        for ends, packets in self.channels.items():
            if ends[1] == p:
                packets.clear()
        self._event("crash", p)

    def _event(self, event: str, p: Address, **fields: Any) -> None:
        self.on_line({"event": event, "process": str(p)} | fields)


def _process(number: int) -> Address:
    """The n-th process, at a site of its own."""
    return Address(number, 1, 1, Kind.PROCESS)
