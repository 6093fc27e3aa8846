"""Flush: whatever one survivor has delivered in the old view, all have, whoever crashes, and whenever.

The machine alone: each rule takes one action of the specification, in any order that its guards allow, below
a trivial protocol that delivers what is held, in any order, and all of it before the next view.

Spec: Flush.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from models.agreed_views import AgreedViews
from models.strategies import one_of, some
from vsync.effects import ProcessEffect, Send
from vsync.flush import FlushMachine
from vsync.messages import Data, Flush, Message, Packet, Ready
from vsync.types import Address, MessageId, View

Ends = tuple[Address, Address]


def arriving(kind: type[Packet]) -> Callable[[Any], list[Ends]]:
    """The channels whose next packet is of this kind, of a sender that the receiver listens to."""
    return lambda search: [
        (q, p)
        for q, p in search.channels.waiting()
        if isinstance(search.channels.packets[q, p][0], kind)
        and not search.from_excluded(q, p, search.channels.packets[q, p][0])
    ]


class FlushSearch(AgreedViews):
    """Machines of Flush, under a protocol that delivers in no particular order."""

    causal = False

    def __init__(self) -> None:
        super().__init__()
        self.machines: dict[Address, FlushMachine] = {}

    # -- What there is --------------------------------------------------------------------------

    def delivered(self, p: Address) -> list[str]:
        return self.witness.deliveries[str(p), self.machines[p].current]

    def undelivered(self, p: Address) -> list[Message]:
        """What p holds of its view and has not delivered."""
        machine = self.machines[p]
        return [m for m in machine.held(machine.current) if str(m.id) not in self.delivered(p)]

    def unblocked(self) -> list[Address]:
        return sorted(p for p in self.running if not self.machines[p].blocked)

    def confirming(self) -> list[Address]:
        return sorted(p for p in self.running if self.machines[p].to_confirm() is not None)

    def installing(self) -> list[Address]:
        return sorted(p for p in self.running if self.machines[p].may_install())

    def delivering(self) -> list[Address]:
        return sorted(p for p in self.running if self.undelivered(p))

    def excluded_senders(self) -> list[Ends]:
        waiting = self.channels.waiting()
        return [(q, p) for q, p in waiting if self.from_excluded(q, p, self.channels.packets[q, p][0])]

    def forgetful(self) -> list[tuple[Address, Message]]:
        """What all members of its view have delivered, of those messages that someone holds."""
        return [
            (p, m)
            for p in sorted(self.running)
            if (view := self.machines[p].view) is not None
            for m in self.machines[p].held(view.id)
            if all(str(m.id) in self.witness.deliveries[str(q), view.id] for q in view.members)
        ]

    # -- Steps ----------------------------------------------------------------------------------

    def step(self, p: Address, take: Callable[[], list[ProcessEffect]]) -> None:
        """Take an action of p; all that it can do is to send."""

        def taken() -> None:
            for effect in take():
                assert isinstance(effect, Send)
                for q in effect.to:
                    if q in self.running:
                        self.channels.send(p, q, effect.packet)

        self.attempt(taken)

    def start(self, p: Address) -> None:
        super().start(p)
        self.machines[p] = FlushMachine(p, recording=False)

    def tells(self, p: Address, view: View, continuing: tuple[Address, ...]) -> None:
        self.step(p, lambda: self.machines[p].forward(view, continuing))
        if view.id == 1:
            self.install(p)

    def install(self, p: Address) -> None:
        """Deliver what is held, and install the next view."""
        while self.undelivered(p) and not self.over:
            self.deliver_one(p, self.undelivered(p)[0])

        def advance() -> None:
            view = self.machines[p].advance()
            self.witness.installs(str(p), view.id, tuple(str(q) for q in view.members))

        self.attempt(advance)

    def deliver_one(self, p: Address, m: Message) -> None:
        self.attempt(lambda: self.witness.delivers(str(p), str(m.id)))

    def arrive_at(self, p: Address, q: Address) -> None:
        packet, machine = self.channels.take(q, p), self.machines[p]
        mine, its = self.from_excluded(q, p, packet), machine.from_excluded(q, packet)
        self.attempt(lambda: self.demand("FromExcluded", mine == its, f"{p} is wrong about {packet} of {q}"))
        match packet:
            case _ if mine:
                self.step(p, lambda: machine.discard(q))
            case Data(message=message):
                self.step(p, lambda: machine.receive(q, message))
            case Flush(view=k, unstable=unstable):
                self.step(p, lambda: machine.receive_flush(q, k, unstable))
            case Ready(view=k):
                self.step(p, lambda: machine.receive_ready(q, k))
            case _:
                raise AssertionError(f"Flush knows no {packet}")

    # -- Rules: the actions ---------------------------------------------------------------------

    @rule(data=st.data())
    @precondition(some(unblocked))
    def disseminate(self, data: Any) -> None:
        """A process multicasts a message and delivers it itself.  Spec: Flush!Disseminate."""
        self.multicast_from(one_of(data, self.unblocked(), "process"))

    def multicast_from(self, p: Address) -> None:
        current = self.machines[p].current
        self.demand("Blocked", current == self.told[p], f"{p} is not blocked although a view is on its way")
        number = len(self.witness.begun[str(p)]) + 1
        message = Message(id=MessageId(p, number), view=current, time=(), payload="")
        self.witness.asks(str(p), "")
        self.step(p, lambda: self.machines[p].disseminate(message))
        self.attempt(lambda: self.witness.multicasts(str(p), str(message.id), ""))
        self.deliver_one(p, message)

    @rule(data=st.data())
    @precondition(some(arriving(Data)))
    def receive(self, data: Any) -> None:
        """A message arrives.  Spec: Flush!Receive."""
        self.arrive_on(data, arriving(Data)(self))

    @rule(data=st.data())
    @precondition(some(arriving(Flush)))
    def receive_flush(self, data: Any) -> None:
        """A Flush arrives.  Spec: Flush!ReceiveFlush."""
        self.arrive_on(data, arriving(Flush)(self))

    @rule(data=st.data())
    @precondition(some(arriving(Ready)))
    def receive_ready(self, data: Any) -> None:
        """A Ready arrives.  Spec: Flush!ReceiveReady."""
        self.arrive_on(data, arriving(Ready)(self))

    @rule(data=st.data())
    @precondition(some(excluded_senders))
    def discard(self, data: Any) -> None:
        """A packet from one that is excluded is dropped.  Spec: Flush!Discard."""
        self.arrive_on(data, self.excluded_senders())

    def arrive_on(self, data: Any, options: list[Ends]) -> None:
        q, p = one_of(data, options, "channel")
        self.arrive_at(p, q)

    @rule(data=st.data())
    @precondition(some(confirming))
    def confirm(self, data: Any) -> None:
        """A process has all Flushes and says so.  Spec: Flush!Confirm."""
        self.confirm_one(one_of(data, self.confirming(), "process"))

    def confirm_one(self, p: Address) -> None:
        k = self.machines[p].to_confirm()
        assert k is not None
        self.step(p, lambda: self.machines[p].confirm(k))

    @rule(data=st.data())
    @precondition(some(delivering))
    def deliver_held(self, data: Any) -> None:
        """A process delivers any message that it holds.  Spec: Flush!DeliverHeld."""
        p = one_of(data, self.delivering(), "process")
        held = {m.id: m for m in self.undelivered(p)}
        self.deliver_one(p, held[one_of(data, held.keys(), "message")])

    @rule(data=st.data())
    @precondition(some(installing))
    def advance(self, data: Any) -> None:
        """A process delivers the rest and installs the next view.  Spec: Flush!Advance."""
        self.install(one_of(data, self.installing(), "process"))

    @rule(data=st.data())
    @precondition(some(forgetful))
    def forget(self, data: Any) -> None:
        """A process forgets what all members of its view have delivered.  Spec: Cbcast!Forget."""
        held = {(p, m.id): m for p, m in self.forgetful()}
        p, m = one_of(data, held.keys(), "message")
        del self.machines[p].received[m]

    # -- The end --------------------------------------------------------------------------------

    def calm_round(self) -> bool:
        """All actions that are due are taken."""
        going = super().calm_round()
        for p in sorted(self.running):
            while self.undelivered(p) and not self.over:
                self.deliver_one(p, self.undelivered(p)[0])
            if self.machines[p].to_confirm() is not None:
                self.confirm_one(p)
                going = True
            elif self.machines[p].may_install():
                self.install(p)
                going = True
        return going


def test_flush() -> None:
    """Who goes from one view to the next together has delivered the same; and all who can go do."""
    run_state_machine_as_test(FlushSearch, settings=settings(max_examples=settings().max_examples * 2))
