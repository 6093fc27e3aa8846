"""CBCAST: nothing is delivered before its causes, nothing forgotten that someone may still need.

The machine alone, over views that the test agrees on, and channels that are first in, first out.  A crash may
strike between any two effects of a step.

Spec: Cbcast (StabilityInv, ForgottenInv; the primitive flush).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from models.agreed_views import AgreedViews
from models.strategies import held_up, one_of
from vsync.actions import ActionTaken
from vsync.cbcast import CbcastMachine
from vsync.effects import CompleteFlush, Deliver, InstallView, ProcessEffect, RecordMulticast, Send, SetTimer
from vsync.types import Address, View


class CbcastSearch(AgreedViews):
    """Machines of CBCAST."""

    def __init__(self) -> None:
        super().__init__()
        self.machines: dict[Address, CbcastMachine] = {}
        self.timers: set[tuple[Address, str]] = set()
        self.crash_after: dict[Address, int] = {}
        self.tickets = 0
        self.payloads = 0

    # -- Steps ----------------------------------------------------------------------------------

    def step(self, p: Address, take: Callable[[], list[ProcessEffect]]) -> None:
        """Let a process take a step, and carry out its effects unless a crash strikes among them."""

        def taken() -> None:
            effects = take()
            strike = self.crash_after.pop(p, None) if effects else None
            for effect in effects[:strike]:
                self.carry_out(p, effect)
            if strike is not None:
                self.stop(p)
            self.witness.between_moves()
            for q in sorted(self.running):
                self.check(q)

        self.attempt(taken)

    def carry_out(self, p: Address, effect: ProcessEffect) -> None:
        match effect:
            case Send(to=to, packet=packet):
                for q in to:
                    if q in self.running:
                        self.channels.send(p, q, packet)
            case RecordMulticast(message=m):
                self.witness.multicasts(str(p), str(m.id), str(m.payload))
            case Deliver(message=m):
                self.witness.delivers(str(p), str(m.id))
            case InstallView(view=view):
                self.witness.installs(str(p), view.id, tuple(str(q) for q in view.members))
            case CompleteFlush(ticket=ticket):
                self.witness.flush_returns(str(p), ticket)
            case SetTimer(timer=timer):
                self.timers.add((p, timer))
            case ActionTaken():
                pass

    def check(self, p: Address) -> None:
        """What p counts is what it has delivered; what it has forgotten, all members have delivered."""
        machine = self.machines[p]
        view = machine.below.view
        if view is None:
            return
        deliveries = {q: self.witness.deliveries[str(q), view.id] for q in view.members}
        senders = [self.witness.origin[m][0] for m in deliveries[p]]
        counts = tuple(senders.count(str(q)) for q in view.members)
        self.demand("Counts", machine.time == counts, f"{p} counts {machine.time} and has delivered {counts}")
        held = {str(m) for m in machine.below.received}
        for m in deliveries[p]:
            lacking = [q for q, delivered in deliveries.items() if m not in delivered]
            self.demand("StabilityInv", m in held or not lacking, f"{p} has forgotten {m}, which {lacking} lack")

    def start(self, p: Address) -> None:
        super().start(p)
        self.machines[p] = CbcastMachine(p, recording=False)

    def stop(self, p: Address) -> None:
        super().stop(p)
        self.crash_after.pop(p, None)
        self.timers = {timer for timer in self.timers if timer[0] != p}

    def tells(self, p: Address, view: View, continuing: tuple[Address, ...]) -> None:
        self.step(p, lambda: self.machines[p].told(view, continuing))

    def arrive_at(self, p: Address, q: Address) -> None:
        packet = self.channels.take(q, p)
        self.step(p, lambda: self.machines[p].packet_received(q, packet))

    # -- Rules ----------------------------------------------------------------------------------

    @rule(data=st.data(), times=st.integers(1, 3))
    @precondition(lambda self: self.running)
    def multicast(self, data: Any, times: int) -> None:
        """Processes multicast.  Spec: Cbcast!Multicast."""
        for _ in range(times):
            if self.running:
                self.multicast_from(one_of(data, self.running, "process"))

    def multicast_from(self, p: Address) -> None:
        self.payloads += 1
        payload = f"m{self.payloads}"
        self.witness.asks(str(p), payload)
        self.step(p, lambda: self.machines[p].multicast(payload))

    @rule(data=st.data())
    @precondition(lambda self: self.running)
    def call_flush(self, data: Any) -> None:
        """A process calls the primitive flush.  Spec: Cbcast!Flushed."""
        p = one_of(data, self.running, "process")
        self.tickets += 1
        ticket = self.tickets
        self.witness.calls_flush(str(p), ticket)
        self.step(p, lambda: self.machines[p].flush(ticket))

    @rule(data=st.data(), packets=st.integers(1, 4))
    @precondition(lambda self: self.channels.waiting())
    def arrive(self, data: Any, packets: int) -> None:
        """The next packets of a channel arrive; what follows from them is done at once."""
        q, p = one_of(data, self.channels.waiting(), "channel")
        for _ in range(packets):
            if self.channels.packets[q, p]:
                self.arrive_at(p, q)

    @rule(data=st.data(), rounds=st.integers(1, 6))
    @precondition(lambda self: self.channels.waiting())
    def arrive_everywhere(self, data: Any, rounds: int) -> None:
        """For so many rounds the next packet arrives in each channel, except where all is held up."""
        held = held_up(data, [(p, q) for p in sorted(self.running) for q in sorted(self.running) if p != q])
        for _ in range(rounds):
            for q, p in self.channels.waiting():
                if (q, p) not in held and self.channels.packets[q, p]:
                    self.arrive_at(p, q)

    @rule(data=st.data())
    @precondition(lambda self: self.timers)
    def acknowledge(self, data: Any) -> None:
        """The time has come to tell what was delivered.  Spec: Cbcast!Acknowledge."""
        self.fire(*one_of(data, self.timers, "timer"))

    def fire(self, p: Address, timer: str) -> None:
        self.timers.discard((p, timer))
        self.step(p, lambda: self.machines[p].timer_fired(timer))

    @rule(data=st.data(), effects=st.integers(0, 6))
    @precondition(lambda self: len(self.stayers()) > 1)
    def crash_during(self, data: Any, effects: int) -> None:
        """A process will crash in the middle of its next step.  Spec: Flush!Crash, Flush!Lose."""
        self.crash_after[one_of(data, self.running, "process")] = effects

    # -- The end --------------------------------------------------------------------------------

    def calm_round(self) -> bool:
        """Timers go off too."""
        timers = sorted(self.timers)
        for timer in timers:
            if timer in self.timers:
                self.fire(*timer)
        return super().calm_round() or bool(timers)


def test_cbcast() -> None:
    """Causes come first, survivors deliver the same, what is forgotten is stable, and flush waits for it."""
    run_state_machine_as_test(CbcastSearch, settings=settings(max_examples=settings().max_examples * 2))
