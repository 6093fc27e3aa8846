"""Mutants of CBCAST to the whole view.

Spec: the planted bugs of Cbcast.
Paper: Birman and Joseph 1987, section 3.1.
"""

from __future__ import annotations

import attrs

import vsync.cbcast
from vsync.cbcast import CbcastMachine
from vsync.effects import CompleteFlush, Deliver, ProcessEffect
from vsync.messages import Flush, Message, Packet
from vsync.mutants.planting import Planting, mutant
from vsync.types import Address, View


@mutant("Cbcast", "cbcast", "VirtualSynchrony")
def awaits_no_flush_of_the_oldest(plant: Planting) -> None:
    """The continuing set is wrong: it lacks the oldest member."""
    told = CbcastMachine.told

    def wrongly(self: CbcastMachine, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        return told(self, view, continuing[1:])

    plant.setattr(CbcastMachine, "told", wrongly)


@mutant("Cbcast", "cbcast", "AgreementOnViews")
def counts_joiners_as_oldest(plant: Planting) -> None:
    """A process that joins sees itself as the oldest member."""
    told = CbcastMachine.told

    def vainly(self: CbcastMachine, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        if self.who not in continuing:
            others = tuple(member for member in view.members if member != self.who)
            view = attrs.evolve(view, members=(self.who, *others))
        return told(self, view, continuing)

    plant.setattr(CbcastMachine, "told", vainly)


@mutant("Cbcast", "cbcast", "Causal")
def delivers_before_the_causes(plant: Planting) -> None:
    """A message waits for those of its sender only, not for its other causes."""

    def hasty(time: tuple[int, ...], rank: int, delivered: tuple[int, ...]) -> bool:
        return time[rank] == delivered[rank] + 1

    plant.setattr(vsync.cbcast, "deliverable", hasty)


@mutant("Cbcast", "cbcast", "NoDuplication")
def delivers_what_is_forwarded_again(plant: Planting) -> None:
    """What a Flush carries is delivered, even if it has been delivered before."""
    packet_received = CbcastMachine.packet_received

    def again(self: CbcastMachine, q: Address, packet: Packet) -> list[ProcessEffect]:
        current = self.below.current
        effects: list[ProcessEffect] = []
        if isinstance(packet, Flush):
            effects += [Deliver(message=m) for m in packet.unstable if m.view == current]
        return effects + packet_received(self, q, packet)

    plant.setattr(CbcastMachine, "packet_received", again)


@mutant("Cbcast", "cbcast", "SendingViewDelivery")
def delivers_the_rest_after_the_view(plant: Planting) -> None:
    """What comes during a view change is delivered after the next view is installed."""
    install, ready = CbcastMachine.install, CbcastMachine.ready

    def waiting(self: CbcastMachine) -> Message | None:
        return None if self.below.blocked else ready(self)

    def late(self: CbcastMachine) -> list[ProcessEffect]:
        left: list[ProcessEffect] = []
        if self.below.view is not None:
            while (message := ready(self)) is not None:
                left += self.deliver(message)
        return install(self) + left

    plant.setattr(CbcastMachine, "ready", waiting)
    plant.setattr(CbcastMachine, "install", late)


@mutant("Cbcast", "cbcast", "StabilityInv")
def forgets_early(plant: Planting) -> None:
    """A message is held for stable when a majority has delivered it."""

    def soon(self: CbcastMachine, message: Message) -> bool:
        view = self.below.view
        if view is None or message.view != view.id:
            return False
        rank = view.rank(message.id.sender)
        have = [q for q in view.members if self._delivered_by(q)[rank] >= message.time[rank]]
        return 2 * len(have) > len(view.members)

    plant.setattr(CbcastMachine, "stable", soon)


@mutant("Cbcast", "cbcast", "VirtualSynchrony")
def forgets_what_it_has_delivered(plant: Planting) -> None:
    """A process forgets a message as soon as it has delivered it itself."""

    def at_once(self: CbcastMachine, message: Message) -> bool:
        view = self.below.view
        if view is None or message.view != view.id:
            return False
        rank = view.rank(message.id.sender)
        return self.time[rank] >= message.time[rank]

    plant.setattr(CbcastMachine, "stable", at_once)


@mutant("Cbcast", "cbcast", "FlushIsSafe")
def flush_returns_at_once(plant: Planting) -> None:
    """The primitive flush does not wait."""

    def complete(self: CbcastMachine) -> list[ProcessEffect]:
        tickets = [ticket for ticket, _ in self.flush_tickets]
        self.flush_tickets.clear()
        return [CompleteFlush(ticket=ticket) for ticket in tickets]

    plant.setattr(CbcastMachine, "_complete_flushes", complete)


@mutant("Cbcast", "cbcast", "Settling")
def acknowledges_once(plant: Planting) -> None:
    """A process tells but once in a view what it has delivered, so that flush waits for ever."""
    may_acknowledge = CbcastMachine._may_acknowledge

    def once(self: CbcastMachine) -> bool:
        return self.who not in self.heard and may_acknowledge(self)

    plant.setattr(CbcastMachine, "_may_acknowledge", once)
