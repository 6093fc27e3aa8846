"""A linked site: a site, and its links to the others over datagrams.

What the site sends to another is encoded, once for all to whom the same thing goes, and handed to the link;
what the link has no room for waits here, in order, until it has.  What a link delivers is decoded and handed
to the site.  It does no I/O: whoever drives it, a simulator or a node with a socket, hands it the datagrams that
come and the timers that go off, and carries out its effects in their order.

A heartbeat is worth nothing when it is late: while something is not acknowledged, the oldest of that is sent
again in its place; and each datagram of a link shows that its sender works.

Unlike a site that has crashed, one that is excluded though it works still has to learn of it: from the commitment
of the view that excludes it, or from the answer to what it sends because it rests on an old view.  So the
link with it is not forgotten with the exclusion, but when a view has, or a datagram comes from, a newer
incarnation.  Until then it costs no more than one link for each site that there is, and a datagram in eight
seconds if something is not acknowledged.

Spec: the composition of SiteViews and Gbcast, which need FIFO channels, with Link, which refines them.
Paper: Birman and Joseph 1987, sections 2.1 and 4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import lru_cache

from attrs import evolve

from vsync.actions import ActionTaken
from vsync.effects import (
    DeliverPayload,
    EndLink,
    LinkEffect,
    RecordSiteView,
    ResumeSending,
    SendDatagram,
    SendToSite,
    SetTimer,
    SetTimerFor,
    SiteEffect,
)
from vsync.link import QUEUE_MAX, WINDOW, Links
from vsync.messages import Heartbeat
from vsync.runtime.codec import decode, encode
from vsync.site import Site
from vsync.types import Address, View

LinkedEffect = SiteEffect | SendDatagram

#: What the names of the timers of links begin with.
LINK = "link "

HEARTBEAT = encode(Heartbeat())

#: Reads the same bytes once, for all sites of a simulation to which they come: what is read does not change.
read_once = lru_cache(maxsize=1024)(decode)


class LinkedSite:
    """A site whose packets go over links.

    Arguments: the site; ``window`` and ``queue_max`` of its links, in fragments; ``recording``, whether
    their actions tell what they did.  Each input says what time it is.  Whatever the site itself is asked to
    do gives effects that ``outgoing`` takes over.
    """

    def __init__(self, site: Site, *, window: int = WINDOW, queue_max: int = QUEUE_MAX, recording: bool = True) -> None:
        self.site = site
        self.links = Links(site.who, window=window, queue_max=queue_max, recording=recording)
        self.waiting: dict[Address, deque[bytes]] = {}  # what the full links do not take yet

    # -- Inputs ---------------------------------------------------------------------------------

    def outgoing(self, effects: Iterable[SiteEffect], now_ms: int) -> list[LinkedEffect]:
        """The effects of the site, with what goes to other sites as datagrams.

        Errors: ``LocalProtocolError`` for something that is too long for a link, or does not travel.
        """
        out: list[LinkedEffect] = []
        payload, data = None, b""
        for effect in effects:
            if isinstance(effect, SendToSite):
                if isinstance(effect.payload, Heartbeat):
                    self._beat(effect.to, now_ms, out)
                    continue
                if effect.payload is not payload:
                    payload, data = effect.payload, encode(effect.payload)
                self._send(effect.to, data, now_ms, out)
                continue
            out.append(effect)
            if isinstance(effect, RecordSiteView):
                self._forget(effect.view, now_ms, out)
        return out

    def datagram_received(self, data: bytes, now_ms: int) -> list[LinkedEffect]:
        """A datagram has come.

        Errors: ``RemoteProtocolError`` for what no correct site sends.
        """
        out = self._linked(self.links.datagram_received(data, now_ms), now_ms)
        if self.site.detector and (source := self.links.heard):
            out += self.outgoing(self.site.received(source, Heartbeat(), now_ms), now_ms)
        return out

    def timer_fired(self, timer: str, now_ms: int) -> list[LinkedEffect]:
        """A timer of the site or of one of its links has fired; a stale one is ignored."""
        if of_link(timer):
            return self._linked(self.links.timer_fired(timer.removeprefix(LINK), now_ms), now_ms)
        return self.outgoing(self.site.timer_fired(timer, now_ms), now_ms)

    # -- Looking --------------------------------------------------------------------------------

    def under_way(self, to: Address) -> bool:
        """Whether something other than heartbeats waits, or is not acknowledged, for this site."""
        link = self.links.linked.get(to)
        unacknowledged = [fragment.part for fragment in link.queue] if link else []
        return any(part != HEARTBEAT for part in (*unacknowledged, *self.waiting.get(to, ())))

    # -- Helpers --------------------------------------------------------------------------------

    def _send(self, to: Address, data: bytes, now_ms: int, out: list[LinkedEffect]) -> None:
        """Hand it to the link, or keep it if others wait already or the link is full.

        A view may still have an earlier incarnation of this site itself: to that one nothing is sent.
        """
        if to.site == self.site.who.site:
            return
        if to in self.waiting or not self.links.may_send(to):
            self.waiting.setdefault(to, deque()).append(data)
        else:
            out.extend(self._linked(self.links.send(to, data, now_ms), now_ms))

    def _beat(self, to: Address, now_ms: int, out: list[LinkedEffect]) -> None:
        """Send something: a heartbeat, or again what is not acknowledged."""
        link = self.links.linked.get(to)
        if link is None or not link.queue:
            self._send(to, HEARTBEAT, now_ms, out)
        else:
            out.extend(self._linked(self.links.remind(to, now_ms), now_ms))

    def _send_waiting(self, to: Address, now_ms: int, out: list[LinkedEffect]) -> None:
        """The link takes messages again: hand it what waits, as long as it does."""
        while to in self.waiting and self.links.may_send(to):
            data = self.waiting[to].popleft()
            if not self.waiting[to]:
                del self.waiting[to]
            out.extend(self._linked(self.links.send(to, data, now_ms), now_ms))

    def _linked(self, effects: Iterable[LinkEffect], now_ms: int) -> list[LinkedEffect]:
        """Carry out what stays inside, and return what goes out.

        A link has taken all its actions when it returns; so what it does comes first, and then what the
        site does with what it delivers.
        """
        out: list[LinkedEffect] = []
        for_site: list[DeliverPayload | ResumeSending] = []
        for effect in effects:
            match effect:
                case ActionTaken() | SendDatagram():
                    out.append(effect)
                case SetTimer(timer=timer):
                    named = evolve(effect, timer=LINK + timer)  # the site has timers of its own
                    out.append(SetTimerFor(owner=self.site.who, timer=named))
                case EndLink(peer=peer):
                    self.waiting.pop(peer, None)
                case DeliverPayload() | ResumeSending():
                    for_site.append(effect)
        for effect in for_site:
            if isinstance(effect, ResumeSending):
                self._send_waiting(effect.to, now_ms, out)
            else:
                received = self.site.received(effect.source, read_once(effect.payload), now_ms)
                out.extend(self.outgoing(received, now_ms))
        return out

    def _forget(self, view: View, now_ms: int, out: list[LinkedEffect]) -> None:
        """Never listen again to the earlier incarnations of the sites of a view."""
        for site in view.members:
            if site.incarnation > 1:
                before = Address.of_site(site.site, site.incarnation - 1)
                for peer in [peer for peer in self.waiting if peer.site == site.site and peer <= before]:
                    del self.waiting[peer]
                out.extend(self._linked(self.links.forget(before), now_ms))


def of_link(timer: str) -> bool:
    """Whether a timer of this name is one of a link."""
    return timer.startswith(LINK)
