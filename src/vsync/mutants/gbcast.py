"""Mutants of GBCAST.

Spec: the planted bugs of Gbcast.
Paper: Birman and Joseph 1987, section 3.1.
"""

from __future__ import annotations

from typing import Any

import attrs

from vsync.effects import Deliver, ProcessEffect
from vsync.gbcast import GbcastMachine
from vsync.messages import Close, Message, Packet
from vsync.mutants.planting import Planting, mutant
from vsync.types import Address, MessageId


@mutant("Gbcast", "ordering", "GBCASTOrder")
def ends_an_epoch_early(plant: Planting) -> None:
    """An epoch ends when it is closed here, before all has come from the others."""
    plant.setattr(GbcastMachine, "all_settled", lambda self: self.closing)


@mutant("Gbcast", "", "GBCASTOrder")
def closes_with_gbcasts_only(plant: Planting) -> None:
    """Who closes an epoch tells of its GBCASTs, and of nothing else that it holds."""
    send = GbcastMachine.send

    def send_less(self: GbcastMachine, to: tuple[Address, ...], packet: Packet) -> list[ProcessEffect]:
        if isinstance(packet, Close):
            told = tuple(m for m in packet.messages if m.stamp.kind == "gbcast")
            packet = attrs.evolve(packet, messages=told)
        return send(self, to, packet)

    plant.setattr(GbcastMachine, "send", send_less)


@mutant("Gbcast", "", "WeakTotalOrder")
def gbcasts_in_any_order(plant: Planting) -> None:
    """Each site delivers its own GBCASTs of an epoch first."""
    gbcasts = GbcastMachine.gbcasts

    def selfish(self: GbcastMachine) -> list[Message]:
        return sorted(gbcasts(self), key=lambda m: m.id.sender != self.who)

    plant.setattr(GbcastMachine, "gbcasts", selfish)


@mutant("Gbcast", "ordering", "GBCASTOrder")
def delivers_a_gbcast_at_once(plant: Planting) -> None:
    """The sender delivers its GBCAST when it multicasts it, before what others have multicast already."""
    begin_alone = GbcastMachine.begin_alone

    def hasty(self: GbcastMachine, n: int, to: frozenset[Address], payload: Any) -> list[ProcessEffect]:
        begun = begin_alone(self, n, to, payload)
        if self.who not in to:
            return begun
        m = self.received[MessageId(self.who, n)]
        self.received[m.id] = attrs.evolve(m, to=m.to - {self.who})
        return [begun[0], Deliver(message=m), *begun[1:]]

    plant.setattr(GbcastMachine, "begin_alone", hasty)


@mutant("Gbcast", "ordering", "Settling")
def never_settles_an_epoch(plant: Planting) -> None:
    """A site does not tell the others that it knows all of the epoch."""
    plant.setattr(GbcastMachine, "may_settle", lambda self: False)
