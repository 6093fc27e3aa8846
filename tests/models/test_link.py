"""Links: over a network that does its worst, every message comes once, in order, and from who runs now.

The links of three sites over a network of datagrams that loses, repeats, reorders, delays, truncates and
corrupts; sites crash and begin again, and take each other for failed.  What is delivered is compared with what
was sent, and in the end, when the network is good, all of it has come.

Spec: Link (SequenceInv, BoundedInv, PrefixInv, DeliveryProp, RoomProp).
Mutants: ``vsync.mutants.link``; MCLink_Bugs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from models.search import Search
from models.strategies import one_of, some
from vsync.actions import ActionTaken
from vsync.effects import DeliverPayload, EndLink, LinkEffect, ResumeSending, SendDatagram, SetTimer
from vsync.errors import LocalProtocolError, RemoteProtocolError
from vsync.link import LinkMachine, Links
from vsync.link_format import Fragment, LinkPacket, decode, encode
from vsync.types import Address

WINDOW = 3
QUEUE_MAX = 5
SITES = (1, 2, 3)

#: Sizes of messages: most have one fragment, some have none to speak of, a few have two or three.
SIZES = st.sampled_from((16, 16, 0, 4096, 4097, 9000))

Pair = tuple[Address, Address]


class LinkSearch(Search):
    """Sites that run, the datagrams under way, and what was sent and delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.sites: dict[Address, Links] = {}
        self.incarnations: Counter[int] = Counter()
        self.now_ms = 0
        self.under_way: list[tuple[int, bytes]] = []
        self.ever: list[tuple[int, bytes]] = []
        self.timers: dict[tuple[Address, str], int] = {}
        self.sent: dict[Pair, list[bytes]] = defaultdict(list)
        self.delivered: dict[Pair, list[bytes]] = defaultdict(list)
        self.full: set[Pair] = set()
        #: The pairs of which one has forgotten the other, or known a newer one.
        self.parted: set[Pair] = set()
        #: The newest incarnation that an end has delivered from, or the one after that which it forgot.
        self.newest: dict[tuple[Address, int], int] = {}

    # -- Steps ----------------------------------------------------------------------------------

    def step(self, site: Address, take: Callable[[], list[LinkEffect]]) -> None:
        """Let a site take a step, carry out its effects, and look at what it keeps."""

        def taken() -> None:
            for effect in take():
                self.carry_out(site, effect)
            self.bounded(site)
            self.in_sequence(site)

        self.attempt(taken)

    def carry_out(self, site: Address, effect: LinkEffect) -> None:
        match effect:
            case SendDatagram(to=to, data=data):
                self.under_way.append((to.site, data))
                self.ever.append((to.site, data))
            case DeliverPayload(source=source, payload=payload):
                self.deliver(site, source, payload)
            case ResumeSending(to=to):
                self.demand("RoomProp", (site, to) in self.full, f"{site} may send to {to}, but was not full")
                self.full.discard((site, to))
            case EndLink(peer=peer):
                self.parted.add((site, peer))
            case SetTimer(timer=timer, min_ms=delay_ms):
                self.timers[site, timer] = self.now_ms + delay_ms
            case ActionTaken():
                pass

    def deliver(self, site: Address, source: Address, payload: bytes) -> None:
        """A message is delivered: the next of those that were sent between just these two."""
        sent, before = self.sent[source, site], self.delivered[site, source]
        what = f"{site} delivers {payload[:16]!r} ({len(payload)} bytes) from {source}"
        self.demand("DeliveryIntegrity", payload in sent, f"{what}, which was not sent to it")
        self.demand("NoDuplication", payload not in before, f"{what} twice")
        self.demand("PrefixInv", sent[len(before) : len(before) + 1] == [payload], f"{what} out of order")
        newest = self.newest.get((site, source.site), 1)
        old = source.incarnation < newest
        self.demand("OldIncarnationInv", not old, f"{what}, but has heard of incarnation {newest}")
        self.newest[site, source.site] = source.incarnation
        before.append(payload)

    def bounded(self, site: Address) -> None:
        """What a site keeps is bounded by the window, the queue, and one message."""
        for peer, link in self.sites[site].linked.items():
            what = f"{site} to {peer}: "
            self.demand("BoundedInv", len(link.queue) < QUEUE_MAX + 3, f"{what}a queue of {len(link.queue)}")
            self.demand("BoundedInv", len(link.early) < WINDOW, f"{what}{len(link.early)} early")
            self.demand("BoundedInv", len(link.partial) < 3, f"{what}{len(link.partial)} in part")
            under_way = link.sent - link.acknowledged
            self.demand("BoundedInv", under_way <= WINDOW, f"{what}{under_way} under way")
        known = Counter(peer.site for peer in self.sites[site].linked)
        self.demand("BoundedInv", max(known.values(), default=0) <= 1, f"{site} has links to old ends: {known}")

    def in_sequence(self, site: Address) -> None:
        """What is acknowledged was taken, and what was taken was sent."""
        for peer, link in self.sites[site].linked.items():
            there = self.sites[peer].linked.get(site) if peer in self.sites else None
            if there is not None and not {(site, peer), (peer, site)} & self.parted:
                counts = (link.acknowledged, there.taken, link.sent)
                self.demand("SequenceInv", counts == tuple(sorted(counts)), f"{site} to {peer}: {counts}")
                counts = (there.acknowledged, link.taken, there.sent)
                self.demand("SequenceInv", counts == tuple(sorted(counts)), f"{peer} to {site}: {counts}")

    # -- What there is --------------------------------------------------------------------------

    def pairs(self) -> list[Pair]:
        """The pairs of sites that run."""
        return [(p, q) for p in sorted(self.sites) for q in sorted(self.sites) if p != q]

    def may_send(self) -> list[Pair]:
        return [(p, q) for p, q in self.pairs() if self.sites[p].may_send(q)]

    # -- Rules ----------------------------------------------------------------------------------

    @initialize(sites=st.sampled_from((2, 2, 3)))
    def begin_all(self, sites: int) -> None:
        """Sites begin."""
        for site in SITES[:sites]:
            self.begin_site(site)

    def begin_site(self, site: int) -> None:
        self.incarnations[site] += 1
        who = Address(site, self.incarnations[site])
        self.sites[who] = Links(who, window=WINDOW, queue_max=QUEUE_MAX, recording=False)

    @rule(data=st.data(), sizes=st.lists(SIZES, min_size=1, max_size=5))
    @precondition(some(may_send))
    def send(self, data: Any, sizes: list[int]) -> None:
        """A site sends messages to another, while the link is not full.  Spec: Link!Accept."""
        p, q = one_of(data, self.may_send(), "pair")
        for size in sizes:
            if (p, q) in self.may_send():
                text = f"{p}>{q}:{len(self.sent[p, q])}.".encode()
                payload = text + bytes(max(size - len(text), 0))
                if (p, q) not in self.parted:
                    self.sent[p, q].append(payload)
                self.step(p, lambda payload=payload: self.sites[p].send(q, payload, self.now_ms))  # type: ignore[misc]
                if not self.sites[p].may_send(q):
                    self.full.add((p, q))

    @rule(data=st.data())
    @precondition(lambda self: self.under_way)
    def arrive(self, data: Any) -> None:
        """Some datagrams arrive, in any order.  Spec: Link!Receive, Link!Discard."""
        for place in data.draw(st.lists(st.integers(0, 7), min_size=1, max_size=4), label="places"):
            if self.under_way:
                self.take(*self.under_way.pop(place % len(self.under_way)))

    @rule(datagrams=st.integers(1, 12))
    @precondition(lambda self: self.under_way)
    def arrive_in_order(self, datagrams: int) -> None:
        """The oldest datagrams arrive."""
        for _ in range(min(datagrams, len(self.under_way))):
            self.take(*self.under_way.pop(0))

    def take(self, site: int, datagram: bytes) -> None:
        """A datagram arrives at whatever runs at the site."""
        who = Address(site, self.incarnations[site])
        if who in self.sites:
            self.step(who, lambda: self.sites[who].datagram_received(datagram, self.now_ms))

    @rule(data=st.data())
    @precondition(lambda self: self.under_way)
    def lose(self, data: Any) -> None:
        """Some datagrams are lost.  Spec: Link!Fault."""
        for place in data.draw(st.lists(st.integers(0, 7), min_size=1, max_size=6), label="places"):
            if self.under_way:
                self.under_way.pop(place % len(self.under_way))

    @rule(data=st.data())
    @precondition(lambda self: self.ever)
    def repeat(self, data: Any) -> None:
        """Any datagram that was ever sent comes once more.  Spec: Link!Fault."""
        self.under_way.append(self.ever[data.draw(st.integers(0, len(self.ever) - 1), label="repeated")])

    @rule(data=st.data(), short=st.booleans())
    @precondition(lambda self: self.under_way)
    def damage(self, data: Any, short: bool) -> None:
        """A datagram is truncated, or some of its bits are turned."""
        i = data.draw(st.integers(0, len(self.under_way) - 1), label="damaged")
        site, datagram = self.under_way[i]
        if not datagram:
            return
        place = data.draw(st.integers(0, len(datagram) - 1), label="at")
        bits = data.draw(st.integers(1, 255), label="bits")
        broken = datagram[:place] + bytes([datagram[place] ^ bits]) + datagram[place + 1 :]
        self.under_way[i] = site, datagram[:place] if short else broken

    @rule(ms=st.sampled_from((1, 5, 20, 30, 100, 1000, 3000)))
    def wait(self, ms: int) -> None:
        """Time goes on, and the timers that are due fire, each in its time."""
        self.fire_until(self.now_ms + ms)

    def fire_until(self, time_ms: int) -> None:
        while due := [(at_ms, str(key[0]), key) for key, at_ms in self.timers.items() if at_ms <= time_ms]:
            at_ms, _, key = min(due)
            self.now_ms = max(self.now_ms, at_ms)
            self.fire(key)
        self.now_ms = max(self.now_ms, time_ms)

    def fire(self, key: tuple[Address, str]) -> None:
        del self.timers[key]
        site, timer = key
        if site in self.sites:
            self.step(site, lambda: self.sites[site].timer_fired(timer, self.now_ms))

    @rule(data=st.data())
    @precondition(lambda self: self.sites)
    def crash(self, data: Any) -> None:
        """A site crashes, and perhaps begins again at once.  Spec: Link!Crash, Link!Begin."""
        site = one_of(data, self.sites, "site")
        del self.sites[site]
        if data.draw(st.booleans(), label="begins again"):
            self.begin_site(site.site)

    @rule(data=st.data())
    @precondition(lambda self: len(self.sites) < len(self.incarnations))
    def begin(self, data: Any) -> None:
        """A site that is down begins again.  Spec: Link!Begin."""
        down = set(self.incarnations) - {site.site for site in self.sites}
        self.begin_site(one_of(data, down, "site"))

    @rule()
    @precondition(lambda self: self.under_way)
    def lose_all(self) -> None:
        """All that is under way is lost."""
        self.under_way.clear()

    @rule(data=st.data())
    @precondition(some(pairs))
    def suspect(self, data: Any) -> None:
        """An end is taken for failed, though it runs.  Spec: Link!Forget."""
        p, q = one_of(data, self.pairs(), "pair")
        self.forget(p, q)

    def forget(self, p: Address, q: Address) -> None:
        self.parted.add((p, q))
        self.newest[p, q.site] = max(self.newest.get((p, q.site), 1), q.incarnation + 1)
        self.step(p, lambda: self.sites[p].forget(q))

    # -- The end --------------------------------------------------------------------------------

    def calm_round(self) -> bool:
        """All that is under way arrives; else the next timer fires.  Who is gone is forgotten."""
        for p in sorted(self.sites):
            for q in sorted(self.sites[p].linked):
                if q not in self.sites or (q, p) in self.parted:
                    self.forget(p, q)
        if self.under_way:
            for _ in range(len(self.under_way)):
                self.take(*self.under_way.pop(0))
            self.now_ms += 1
            return True
        if not self.timers:
            return False
        self.fire_until(min(self.timers.values()))
        return True

    def at_rest(self) -> None:
        for p, q in self.pairs():
            if not {(p, q), (q, p)} & self.parted:
                lacking = len(self.sent[p, q]) - len(self.delivered[q, p])
                self.demand("DeliveryProp", lacking == 0, f"{lacking} messages from {p} have not come to {q}")
                self.demand("RoomProp", (p, q) not in self.full, f"{p} still may not send to {q}")


def test_links_are_fifo_channels() -> None:
    """What is delivered is what was sent to this incarnation, once, in order; and in the end all of it."""
    run_state_machine_as_test(LinkSearch, settings=settings(stateful_step_count=60))


# -- Single rules -----------------------------------------------------------------------------------------

P, Q = Address(1, 1), Address(2, 1)


def datagrams(effects: list[LinkEffect]) -> list[LinkPacket]:
    return [decode(effect.data) for effect in effects if isinstance(effect, SendDatagram)]


def timers(effects: list[LinkEffect]) -> dict[str, SetTimer]:
    return {effect.timer.partition(" ")[0]: effect for effect in effects if isinstance(effect, SetTimer)}


def acknowledgement(number: int) -> bytes:
    """What Q says to P when it has taken so much."""
    return encode(LinkPacket(source=Q, to=P, number=0, fragment=None, acknowledgement=number))


def test_the_timeout_follows_the_round_trip() -> None:
    """Jacobson: the mean and four deviations; the first round trip r gives r + 4 (r / 2)."""
    link = LinkMachine(P, Q, recording=False)
    timeouts_ms = [timers(link.send(b"a", 0))["retransmit"].min_ms]
    for number, sent_ms in enumerate((100, 300, 500), start=1):
        link.datagram_received(acknowledgement(number), sent_ms)
        timeouts_ms.append(link.round_trip.timeout_ms)
        link.send(b"b", sent_ms)
    assert timeouts_ms == [1000, 100 + 4 * 50, 112 + 250, 123 + 276]


def test_what_was_sent_again_is_not_measured() -> None:
    """Karn: a time-out doubles the next one, and what was sent again is not measured; news halves it."""
    link = LinkMachine(P, Q, recording=False)
    first = timers(link.send(b"a", 0))["retransmit"]
    again = link.timer_fired(first.timer, 1000)
    assert [packet.number for packet in datagrams(again)] == [1]
    assert timers(again)["retransmit"].min_ms == 2000
    more = link.timer_fired(timers(again)["retransmit"].timer, 3000)
    assert timers(more)["retransmit"].min_ms == 4000
    link.datagram_received(acknowledgement(1), 3001)
    assert link.round_trip.timeout_ms == 2000
    link.send(b"b", 3100)
    link.datagram_received(acknowledgement(2), 3150)
    assert link.round_trip.timeout_ms == 150


def test_a_gap_is_filled_before_its_time() -> None:
    """Three equal acknowledgements have the oldest fragment sent again, once."""
    link = LinkMachine(P, Q, recording=False)
    for payload in (b"a", b"b", b"c", b"d"):
        link.send(payload, 0)
    repeated = [datagrams(link.datagram_received(acknowledgement(0), time_ms)) for time_ms in range(1, 6)]
    assert [[packet.number for packet in packets] for packets in repeated] == [[], [], [1], [], []]


def test_a_stale_timer_is_ignored() -> None:
    """A timer whose fragment is acknowledged does nothing when it fires."""
    link = LinkMachine(P, Q, recording=False)
    timer = timers(link.send(b"a", 0))["retransmit"].timer
    link.datagram_received(acknowledgement(1), 10)
    assert link.timer_fired(timer, 1000) == []
    assert link.timer_fired(timer, 1001) == []


def test_a_full_link_takes_nothing() -> None:
    """Who does not wait when the link is full is told so, and the state is as before."""
    link = LinkMachine(P, Q, queue_max=2, recording=False)
    link.send(b"a", 0)
    link.send(b"b", 0)
    before = link.snapshot()
    with pytest.raises(LocalProtocolError, match="full"):
        link.send(b"c", 0)
    assert link.snapshot() == before
    assert ResumeSending(to=Q) in link.datagram_received(acknowledgement(1), 1)


@pytest.mark.parametrize(
    "packet",
    [
        LinkPacket(source=Q, to=P, number=0, fragment=None, acknowledgement=2),
        LinkPacket(source=Q, to=P, number=34, fragment=Fragment(part=b"", last=True), acknowledgement=0),
    ],
    ids=["acknowledges what was not sent", "sends beyond the window"],
)
def test_a_peer_that_breaks_the_rules_is_told_of(packet: LinkPacket) -> None:
    """What no correct peer sends is an error, and the state is as before."""
    link = LinkMachine(P, Q, recording=False)
    link.send(b"a", 0)
    link.datagram_received(
        encode(
            LinkPacket(source=Q, to=P, number=1, fragment=Fragment(part=b"x", last=True), acknowledgement=0),
        ),
        1,
    )
    before = link.snapshot()
    with pytest.raises(RemoteProtocolError):
        link.datagram_received(encode(packet), 2)
    assert link.snapshot() == before


def test_a_message_may_not_grow_without_end() -> None:
    """Fragments of a message that is too long are an error before they are kept."""
    link = LinkMachine(P, Q, recording=False)
    full = Fragment(part=bytes(4096), last=False)
    for number in range(1, 257):
        link.packet_received(LinkPacket(source=Q, to=P, number=number, fragment=full, acknowledgement=0), 0)
    with pytest.raises(RemoteProtocolError, match="more than 1048576 bytes"):
        link.packet_received(LinkPacket(source=Q, to=P, number=257, fragment=full, acknowledgement=0), 0)
    assert len(link.partial) == 256


def test_actions_are_recorded_with_their_variables() -> None:
    """Each step of an end is one line, under its name in the specification."""
    effects = Links(P).send(Q, b"a", 0)
    names = [effect.name for effect in effects if isinstance(effect, ActionTaken)]
    assert names == ["Link!Meet", "Link!Accept", "Link!Transmit"]
