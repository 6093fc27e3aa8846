"""Mutants of the links between sites; several are mistakes that real systems had.

Spec: the planted bugs of Link.
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import attrs

import vsync.link
import vsync.link_format
from vsync.effects import LinkEffect, ResumeSending, SendDatagram
from vsync.link import LinkMachine, Links
from vsync.link_format import LinkPacket
from vsync.linked_site import LinkedSite
from vsync.mutants.planting import Planting, mutant
from vsync.types import Address


@mutant("Link", "link", "DeliveryIntegrity")
def takes_what_was_for_another(plant: Planting) -> None:
    """Datagrams for an incarnation before this one are taken (JGroups, pull request 515)."""
    plant.setattr(vsync.link, "meant", lambda who, packet: packet.to.site == who.site)


@mutant("Link", "link", "OldIncarnationInv")
def listens_to_the_old(plant: Planting) -> None:
    """Datagrams from an incarnation before the newest known are taken."""
    plant.setattr(vsync.link, "fresh", lambda oldest, packet: True)


@mutant("Link", "link", "NoDuplication")
def forgets_that_it_forgot(plant: Planting) -> None:
    """Nothing is kept of an end that is forgotten (Akka, pull request 23617)."""

    def forget_end(self: Links, q: Address) -> list[LinkEffect]:
        self._drop(q.site)
        return []

    plant.setattr(Links, "forget_end", forget_end)


@mutant("Link", "link", "SequenceInv")
def acknowledges_the_highest(plant: Planting) -> None:
    """The highest number that has come is acknowledged, gaps or not (Lidgren, issue 62)."""
    datagram = LinkMachine._datagram

    def highest(self: LinkMachine, number: int) -> SendDatagram:
        taken, self.taken = self.taken, max((self.taken, *self.early))
        try:
            return datagram(self, number)
        finally:
            self.taken = taken

    plant.setattr(LinkMachine, "_datagram", highest)


@mutant("Link", "link", "Settling")
def acknowledges_news_only(plant: Planting) -> None:
    """A fragment that comes again is not acknowledged again (nim-eth, pull request 462)."""
    receive = LinkMachine.receive

    def deaf(self: LinkMachine, q: Address, packet: LinkPacket) -> list[LinkEffect]:
        owing, taken = self.owing, self.taken
        effects = receive(self, q, packet)
        if packet.number <= taken:
            self.owing = owing
        return effects

    plant.setattr(LinkMachine, "receive", deaf)


@mutant("Link", "link", "DeliveryProp")
def loses_the_timer(plant: Planting) -> None:
    """After an acknowledgement of a part, the timer is not set again (quicly, pull request 112)."""
    advanced = LinkMachine._advanced

    def forgetful(self: LinkMachine) -> list[LinkEffect]:
        effects = advanced(self)
        self.deadlines.pop("retransmit", None)
        return effects

    plant.setattr(LinkMachine, "_advanced", forgetful)


@mutant("Link", "link", "DeliveryProp")
def never_sends_again(plant: Planting) -> None:
    """No timer is set for what is sent."""
    set_timer = LinkMachine._set_timer
    plant.setattr(LinkMachine, "_set_timer", lambda self, kind: set_timer(self, "acknowledge"))


@mutant("Link", "link", "DeliveryIntegrity")
def mixes_fragments(plant: Planting) -> None:
    """Fragments are put together as they come (RFC 4963; lcm, pull request 342)."""
    receive = LinkMachine.receive

    def hasty(self: LinkMachine, q: Address, packet: LinkPacket) -> list[LinkEffect]:
        if packet.number > self.taken:
            packet = attrs.evolve(packet, number=self.taken + 1)
        return receive(self, q, packet)

    plant.setattr(LinkMachine, "receive", hasty)


@mutant("Link", "link", "NoDuplication")
def numbers_go_round(plant: Planting) -> None:
    """Numbers are taken modulo one more than the window."""
    receive = LinkMachine.receive

    def round_and_round(self: LinkMachine, q: Address, packet: LinkPacket) -> list[LinkEffect]:
        around = self.window + 1
        places = (
            n for n in range(self.taken + 1, self.taken + self.window + 1) if n % around == packet.number % around
        )
        number = next(places, packet.number) if packet.fragment else 0
        return receive(self, q, attrs.evolve(packet, number=number))

    plant.setattr(LinkMachine, "receive", round_and_round)


@mutant("Link", "link", "BoundedInv")
def is_never_full(plant: Planting) -> None:
    """There is no back-pressure."""
    plant.setattr(LinkMachine, "may_send", lambda self: True)


@mutant("Link", "link", "BoundedInv")
def ignores_the_window(plant: Planting) -> None:
    """All that is in the queue is sent at once."""
    plant.setattr(LinkMachine, "may_transmit", lambda self: self.sent - self.acknowledged < len(self.queue))


@mutant("Link", "link", "RoomProp")
def never_resumes(plant: Planting) -> None:
    """Who had to wait is not told that there is room again."""
    received = LinkMachine.packet_received

    def silent(self: LinkMachine, packet: LinkPacket, now_ms: int) -> list[LinkEffect]:
        return [effect for effect in received(self, packet, now_ms) if not isinstance(effect, ResumeSending)]

    plant.setattr(LinkMachine, "packet_received", silent)


@mutant("Link", "link", "DeliveryIntegrity")
def takes_the_damaged(plant: Planting) -> None:
    """The CRC is not looked at."""
    plant.setattr(vsync.link_format, "zlib", SimpleNamespace(crc32=lambda data, start=0: 0))


@mutant("Link", "link", "PrefixInv")
def delivers_as_it_comes(plant: Planting) -> None:
    """A fragment whose predecessor is missing is not waited for: what was missing is given up."""
    receive = LinkMachine.receive

    def impatient(self: LinkMachine, q: Address, packet: LinkPacket) -> list[LinkEffect]:
        effects = receive(self, q, packet)
        if self.early:
            self.taken = min(self.early) - 1
        return effects

    plant.setattr(LinkMachine, "receive", impatient)


@mutant("Link", "link", "BoundedInv")
def keeps_old_links(plant: Planting) -> None:
    """The link with an old incarnation is kept beside that with the new one."""
    plant.setattr(Links, "_drop", lambda self, site: [])


@mutant("Link", "", "Settling")
def never_forgets_an_end(plant: Planting) -> None:
    """A link is kept although a view has excluded its other end."""
    plant.setattr(LinkedSite, "_forget", lambda self, view, now_ms, out: None)


@mutant("Link", "", "Settling")
def overtakes_what_waits(plant: Planting) -> None:
    """What comes to a full link is put before what waits already."""

    def send(self: LinkedSite, to: Address, data: bytes, now_ms: int, out: list[Any]) -> None:
        if not self.links.may_send(to):
            self.waiting.setdefault(to, deque()).appendleft(data)
        else:
            out.extend(self._linked(self.links.send(to, data, now_ms), now_ms))

    plant.setattr(LinkedSite, "_send", send)


@mutant("Link", "", "Settling")
def hands_out_twice(plant: Planting) -> None:
    """What a link delivers is handed to the site twice."""
    linked = LinkedSite._linked

    def twice(self: LinkedSite, effects: Iterable[LinkEffect], now_ms: int) -> list[Any]:
        return linked(self, [each for effect in effects for each in (effect, effect)], now_ms)

    plant.setattr(LinkedSite, "_linked", twice)
