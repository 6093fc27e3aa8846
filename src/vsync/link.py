"""Links: reliable FIFO channels between the incarnations of sites, over datagrams.

A network of datagrams loses, repeats, reorders, delays, truncates and corrupts.  A link cuts a
message into numbered fragments, keeps each until it is acknowledged, sends it again when its time
is up, and delivers every message once and in order.  Both ends count from 1 without a handshake:
an incarnation never occurs twice, every datagram names both of its ends, and what is from or for
another incarnation is dropped.

``LinkMachine`` is one end of one link; ``Links`` are all those of a site.  Who hears of a newer
incarnation of a site, or is told to forget one, keeps its number, and never listens to it again.

Flow: at most ``window`` fragments are under way, so that the receiver keeps at most so many that
come early; while ``queue_max`` fragments are not acknowledged, the link is full and takes no
message.  Both ends must have the same window.  There is no congestion control beside the backing
off: the window does not adapt.

Time: the time-out follows the round trip by Jacobson's estimator (mean plus four deviations);
by Karn's rule nothing is measured while something was sent again.  Each time-out doubles the next
one.  Unlike Karn and Partridge, section 4, where it stays so until something is measured, each
acknowledgement of something new halves it again, because where every fifth datagram is lost there
is nothing to measure for long.  Three equal acknowledgements in a row have the oldest fragment
sent again before its time.

Spec: Link (over Network with the guarantee "lossy"; it refines Channels with "fifo").
Paper: Birman and Joseph 1987, sections 2.1 and 4; Jacobson, Congestion Avoidance and Control,
1988; Karn and Partridge, Improving Round-Trip Time Estimates, 1987.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from attrs import define

from vsync.actions import action, as_json
from vsync.effects import DeliverPayload, EndLink, LinkEffect, ResumeSending, SendDatagram, SetTimer
from vsync.errors import LocalProtocolError, RemoteProtocolError
from vsync.link_format import FRAGMENT_BYTES_MAX, NUMBER_MAX, Fragment, LinkPacket, decode, encode
from vsync.types import Address, Kind

WINDOW = 32
QUEUE_MAX = 64
FRAGMENTS_MAX = 256
MESSAGE_BYTES_MAX = FRAGMENTS_MAX * FRAGMENT_BYTES_MAX

TIMEOUT_MS_FIRST = 1000
TIMEOUT_MS_MIN = 100
TIMEOUT_MS_MAX = 8000
ACKNOWLEDGE_MS = 20
ACKNOWLEDGE_EVERY = 2
REPEATS_MAX = 3

RETRANSMIT = "retransmit"
ACKNOWLEDGE = "acknowledge"


def fragments(payload: bytes) -> tuple[Fragment, ...]:
    """A message, cut: full fragments, and the last with what is left.  Spec: Link!Fragments."""
    starts = range(0, max(len(payload), 1), FRAGMENT_BYTES_MAX)
    return tuple(
        Fragment(part=payload[i : i + FRAGMENT_BYTES_MAX], last=i + FRAGMENT_BYTES_MAX >= len(payload)) for i in starts
    )


def check_size(payload: bytes) -> None:
    """Raise ``LocalProtocolError`` for a message that is too long."""
    if len(payload) > MESSAGE_BYTES_MAX:
        raise LocalProtocolError(f"a message has at most {MESSAGE_BYTES_MAX} bytes; this one has {len(payload)}")


def within(number: int, taken: int, window: int) -> bool:
    """A fragment of this number is new, and in the window.  Spec: Link!Places."""
    return taken < number <= taken + window


def meant(who: Address, packet: LinkPacket) -> bool:
    """The packet is for this incarnation.  Spec: Link!Meant."""
    return packet.to == who


def fresh(oldest: int, packet: LinkPacket) -> bool:
    """The packet is from none that is forgotten, or older than one.  Spec: Link!Fresh."""
    return packet.source.incarnation >= oldest


@define
class RoundTrip:
    """The time-out, from the round trips measured.

    Whole numbers, as in the appendix of Jacobson 1988: eight times the mean, four times the mean
    deviation, in milliseconds; ``doubled``, how often the time-out is doubled for what was lost.
    """

    mean_8: int = 0
    deviation_4: int = 0
    estimate_ms: int = TIMEOUT_MS_FIRST
    doubled: int = 0

    @property
    def timeout_ms(self) -> int:
        """How long to wait for an acknowledgement before sending again."""
        return min(self.estimate_ms << self.doubled, TIMEOUT_MS_MAX)

    def measure(self, round_trip_ms: int) -> None:
        """Learn from a fragment that was sent once, and acknowledged after this time."""
        if self.mean_8 == 0 and self.deviation_4 == 0:
            self.mean_8, self.deviation_4 = 8 * round_trip_ms, 2 * round_trip_ms
        else:
            error = round_trip_ms - self.mean_8 // 8
            self.mean_8 += error
            self.deviation_4 += abs(error) - self.deviation_4 // 4
        self.estimate_ms = max(self.mean_8 // 8 + self.deviation_4, TIMEOUT_MS_MIN)
        self.doubled = 0

    def back_off(self) -> None:
        """Wait twice as long: the last time was too short, or something was lost."""
        if self.timeout_ms < TIMEOUT_MS_MAX:
            self.doubled += 1

    def come_back(self) -> None:
        """Wait half as long as after the last time-out: something has arrived."""
        self.doubled = max(self.doubled - 1, 0)


class LinkMachine:
    """One end of the link between two incarnations of sites.

    Inputs: ``send``, ``datagram_received``, ``packet_received``, ``timer_fired``, ``remind``; each takes the
    time in milliseconds, which never goes back, and returns its effects in their order.
    Arguments: ``who`` and ``peer``, the ends; ``window`` and ``queue_max``, in fragments.
    """

    def __init__(
        self,
        who: Address,
        peer: Address,
        *,
        window: int = WINDOW,
        queue_max: int = QUEUE_MAX,
        recording: bool = True,
    ) -> None:
        assert who.kind is Kind.SITE
        assert peer.kind is Kind.SITE
        assert who.site != peer.site
        self.who = who
        self.peer = peer
        self.window = window
        self.queue_max = queue_max
        self.recording = recording
        # The sender.
        self.queue: deque[Fragment] = deque()  # those that are not acknowledged
        self.acknowledged = 0
        self.sent = 0
        # The receiver.
        self.taken = 0
        self.early: dict[int, Fragment] = {}
        self.partial: list[bytes] = []
        self.owing = False
        # Time, of which the specification says nothing.
        self.now_ms = 0
        self.round_trip = RoundTrip()
        self.timed: tuple[int, int] | None = None  # a number that was sent once, and when
        self.deadlines: dict[str, int] = {}  # of each timer that is wanted, when it is due
        self.timers: dict[str, tuple[str, int]] = {}  # the name of each that is set, and when it is due
        self.timers_set = 0
        self.told = 0  # how much of what is taken the peer was told of
        self.repeats = 0  # equal acknowledgements in a row
        self.recover = 0  # up to this number fragments may be lost; it was sent when that was seen

    # -- Inputs ---------------------------------------------------------------------------------

    def send(self, payload: bytes, now_ms: int) -> list[LinkEffect]:
        """Send a message of up to ``MESSAGE_BYTES_MAX`` bytes; it is delivered once, and in order.

        Errors: ``LocalProtocolError`` if the link is full (see ``may_send``) or the message too long.
        """
        check_size(payload)
        if not self.may_send():
            raise LocalProtocolError(f"the link to {self.peer} is full; wait for ResumeSending")
        self._tell_time(now_ms)
        return self.accept(self.peer, fragments(payload)) + self._settle()

    def datagram_received(self, data: bytes, now_ms: int) -> list[LinkEffect]:
        """A datagram has come; it is dropped if it is damaged, or not of this link.

        Errors: ``RemoteProtocolError`` for one that no correct peer sends.
        """
        try:
            packet = decode(data)
        except RemoteProtocolError:
            return []
        if packet.source != self.peer or not meant(self.who, packet):
            return []
        return self.packet_received(packet, now_ms)

    def packet_received(self, packet: LinkPacket, now_ms: int) -> list[LinkEffect]:
        """A packet of this link has come.

        Errors: ``RemoteProtocolError`` for one that no correct peer sends.
        """
        self.check(packet)
        self._tell_time(now_ms)
        was_full, acknowledged, taken = not self.may_send(), self.acknowledged, self.taken
        effects = self.receive(self.peer, packet)
        while self.taken + 1 in self.early:
            effects += self.assemble(self.peer)
        if was_full and self.may_send():
            effects.append(ResumeSending(to=self.peer))
        if self.acknowledged > acknowledged:
            effects += self._advanced()
        elif packet.fragment is None and packet.acknowledgement == acknowledged:
            effects += self._repeated()
        out_of_order = packet.fragment is not None and (packet.number != taken + 1 or bool(self.early))
        return effects + self._settle(at_once=out_of_order)

    def timer_fired(self, timer: str, now_ms: int) -> list[LinkEffect]:
        """A timer that was set has fired; a stale one is ignored."""
        kind = timer.partition(" ")[0]
        if kind not in self.timers or self.timers[kind][0] != timer:
            return []
        self._tell_time(now_ms)
        del self.timers[kind]
        effects: list[LinkEffect] = []
        if self.deadlines.get(kind, now_ms + 1) <= now_ms:
            if kind == RETRANSMIT:
                self.round_trip.back_off()
                self.recover = self.sent
                effects += self.retransmit(self.peer, self.acknowledged + 1)
            else:
                effects += self.acknowledge(self.peer)
        return effects + self._settle()

    def remind(self, now_ms: int) -> list[LinkEffect]:
        """Send the oldest fragment again, before its time, if it is not acknowledged."""
        if self.acknowledged == self.sent:
            return []
        self._tell_time(now_ms)
        return self.retransmit(self.peer, self.acknowledged + 1) + self._settle()

    # -- Decisions ------------------------------------------------------------------------------

    def may_send(self) -> bool:
        """The link takes a message now: back-pressure is no.  Spec: Link!MaySend."""
        return len(self.queue) < self.queue_max

    def may_transmit(self) -> bool:
        """The window is open, and something waits.  Spec: Link!MayTransmit."""
        under_way = self.sent - self.acknowledged
        return under_way < min(self.window, len(self.queue))

    def check(self, packet: LinkPacket) -> None:
        """Raise ``RemoteProtocolError`` for a packet that no correct peer sends."""
        if packet.acknowledgement > self.sent:
            raise RemoteProtocolError(
                f"{self.peer} acknowledges up to {packet.acknowledgement}; only {self.sent} were sent"
            )
        if packet.number > self.taken + self.window:
            raise RemoteProtocolError(
                f"{self.peer} sends fragment {packet.number}; the window ends at {self.taken + self.window}"
            )
        length = len(self.partial)
        arriving = {packet.number: packet.fragment} if packet.fragment else {}
        for number in range(self.taken + 1, self.taken + self.window + 1):
            fragment = self.early.get(number, arriving.get(number))
            if fragment is None:
                return
            if length == FRAGMENTS_MAX or (length > 0 and not fragment.part):
                raise RemoteProtocolError(
                    f"{self.peer} sends a message of more than {MESSAGE_BYTES_MAX} bytes, or cut in the wrong place"
                )
            length = 0 if fragment.last else length + 1

    # -- Actions --------------------------------------------------------------------------------

    @action("Link!Accept")
    def accept(self, q: Address, m: tuple[Fragment, ...]) -> list[LinkEffect]:
        """Take a message into the queue."""
        assert self.sent + len(self.queue) + len(m) < NUMBER_MAX
        self.queue.extend(m)
        return []

    @action("Link!Transmit")
    def transmit(self, q: Address) -> list[LinkEffect]:
        """Send the next fragment, and acknowledge with it."""
        assert self.may_transmit()
        self.sent += 1
        if self.timed is None:
            self.timed = self.sent, self.now_ms
        self.deadlines.setdefault(RETRANSMIT, self.now_ms + self.round_trip.timeout_ms)
        return [self._datagram(self.sent)]

    @action("Link!Retransmit")
    def retransmit(self, q: Address, n: int) -> list[LinkEffect]:
        """Send a fragment again, and acknowledge with it."""
        assert self.acknowledged < n <= self.sent
        self.timed = None
        self.deadlines[RETRANSMIT] = self.now_ms + self.round_trip.timeout_ms
        return [self._datagram(n)]

    @action("Link!Acknowledge")
    def acknowledge(self, q: Address) -> list[LinkEffect]:
        """Tell the peer what has been taken."""
        assert self.owing
        return [self._datagram(0)]

    @action("Link!Receive")
    def receive(self, q: Address, packet: LinkPacket) -> list[LinkEffect]:
        """Learn what is acknowledged; keep a fragment that is new, drop one that is not."""
        while self.acknowledged < packet.acknowledgement:
            self.queue.popleft()
            self.acknowledged += 1
        if packet.fragment is not None:
            if within(packet.number, self.taken, self.window):
                self.early.setdefault(packet.number, packet.fragment)
            self.owing = True
        assert len(self.early) <= self.window
        return []

    @action("Link!Assemble")
    def assemble(self, q: Address) -> list[LinkEffect]:
        """Take the next fragment; if it is the last of its message, deliver that."""
        fragment = self.early.pop(self.taken + 1)
        self.taken += 1
        self.partial.append(fragment.part)
        if not fragment.last:
            return []
        payload, self.partial = b"".join(self.partial), []
        return [DeliverPayload(source=self.peer, payload=payload)]

    # -- Helpers --------------------------------------------------------------------------------

    def _tell_time(self, now_ms: int) -> None:
        if now_ms < self.now_ms:
            raise LocalProtocolError(f"time does not go back: it was {self.now_ms} ms, and {now_ms} came")
        self.now_ms = now_ms

    def _datagram(self, number: int) -> SendDatagram:
        """What carries this fragment (0: none), and acknowledges."""
        self.owing = False
        self.told = self.taken
        self.deadlines.pop(ACKNOWLEDGE, None)
        packet = LinkPacket(
            source=self.who,
            to=self.peer,
            number=number,
            fragment=self.queue[number - self.acknowledged - 1] if number else None,
            acknowledgement=self.taken,
        )
        return SendDatagram(to=self.peer, data=encode(packet))

    def _advanced(self) -> list[LinkEffect]:
        """More is acknowledged than before; what follows in a loss is sent again at once."""
        if self.timed is not None and self.timed[0] <= self.acknowledged:
            self.round_trip.measure(self.now_ms - self.timed[1])
            self.timed = None
        else:
            self.round_trip.come_back()
        self.repeats = 0
        self.deadlines.pop(RETRANSMIT, None)
        if self.acknowledged == self.sent:
            return []
        self.deadlines[RETRANSMIT] = self.now_ms + self.round_trip.timeout_ms
        if self.acknowledged < self.recover:
            return self.retransmit(self.peer, self.acknowledged + 1)
        return []

    def _repeated(self) -> list[LinkEffect]:
        """The same is acknowledged again: perhaps the next fragment is lost, and later ones came."""
        self.repeats += 1
        if self.repeats == REPEATS_MAX and self.recover <= self.acknowledged < self.sent:
            self.recover = self.sent
            return self.retransmit(self.peer, self.acknowledged + 1)
        return []

    def _settle(self, *, at_once: bool = False) -> list[LinkEffect]:
        """Send what may be sent, acknowledge what has to be, and set the timers."""
        effects: list[LinkEffect] = []
        while self.may_transmit():
            effects += self.transmit(self.peer)
        if self.owing and (at_once or self.taken - self.told >= ACKNOWLEDGE_EVERY):
            effects += self.acknowledge(self.peer)
        elif self.owing:
            self.deadlines.setdefault(ACKNOWLEDGE, self.now_ms + ACKNOWLEDGE_MS)
        return effects + [effect for kind in (RETRANSMIT, ACKNOWLEDGE) for effect in self._set_timer(kind)]

    def _set_timer(self, kind: str) -> list[LinkEffect]:
        """Set the timer, unless one is set that is due early enough."""
        if kind not in self.deadlines:
            return []
        due_ms = self.deadlines[kind]
        if kind in self.timers and self.timers[kind][1] <= due_ms:
            return []
        self.timers_set += 1
        name = f"{kind} {self.peer} {self.timers_set}"
        self.timers[kind] = name, due_ms
        delay_ms = max(due_ms - self.now_ms, 1)
        return [SetTimer(timer=name, min_ms=delay_ms, max_ms=delay_ms)]

    def snapshot(self) -> dict[str, Any]:
        """The variables of this end under their TLA+ names."""
        early = [[number, as_json(fragment)] for number, fragment in sorted(self.early.items())]
        return {
            "sender": {"queue": as_json(list(self.queue)), "acknowledged": self.acknowledged, "sent": self.sent},
            "receiver": {
                "taken": self.taken,
                "early": early,
                "partial": [len(part) for part in self.partial],
                "owing": self.owing,
            },
        }


class Links:
    """All the links of one incarnation of a site: one with each other site that it knows.

    Inputs: ``send``, ``datagram_received``, ``timer_fired``, ``remind``, ``forget``.
    Arguments: ``who``, an incarnation that never was before; the others as for ``LinkMachine``.
    """

    def __init__(
        self, who: Address, *, window: int = WINDOW, queue_max: int = QUEUE_MAX, recording: bool = True
    ) -> None:
        self.who = who
        self.window = window
        self.queue_max = queue_max
        self.recording = recording
        self.linked: dict[Address, LinkMachine] = {}
        self.oldest: dict[int, int] = {}  # the oldest incarnation of a site that is listened to
        self.damaged = 0  # how many datagrams were dropped because they say nothing
        self.heard: Address | None = None  # whose link the last datagram was of, if it was not dropped

    # -- Inputs ---------------------------------------------------------------------------------

    def send(self, to: Address, payload: bytes, now_ms: int) -> list[LinkEffect]:
        """Send a message to an incarnation of a site; to one that is over it is lost.

        Errors: those of ``LinkMachine.send``; ``LocalProtocolError`` if ``to`` is at this site.
        """
        check_size(payload)
        if to.site == self.who.site or to.kind is not Kind.SITE:
            raise LocalProtocolError(f"a link goes to another site; {to} is none for {self.who}")
        if to.incarnation < self._oldest(to):
            return []
        met = [] if to in self.linked else self.meet(to)
        return met + self.linked[to].send(payload, now_ms)

    def may_send(self, to: Address) -> bool:
        """The link to this end takes a message now."""
        return to not in self.linked or self.linked[to].may_send()

    def datagram_received(self, data: bytes, now_ms: int) -> list[LinkEffect]:
        """A datagram has come; one that is damaged, or of an old incarnation, is dropped.

        Errors: ``RemoteProtocolError`` for one that no correct site sends.
        """
        self.heard = None
        try:
            packet = decode(data)
        except RemoteProtocolError:
            self.damaged += 1
            return []
        q = packet.source
        if not meant(self.who, packet) or not fresh(self._oldest(q), packet):
            return self.discard(q.site)
        self.heard = q
        if q in self.linked:
            return self.linked[q].packet_received(packet, now_ms)
        self._new(q).check(packet)
        return self.meet(q) + self.linked[q].packet_received(packet, now_ms)

    def timer_fired(self, timer: str, now_ms: int) -> list[LinkEffect]:
        """A timer of one of the links has fired; a stale one is ignored."""
        match timer.split(" "):
            case [_, peer, _]:
                machine = self.linked.get(Address.parse(peer))
                return machine.timer_fired(timer, now_ms) if machine is not None else []
        return []

    def remind(self, to: Address, now_ms: int) -> list[LinkEffect]:
        """Send the oldest fragment again that this end has not acknowledged, if there is one."""
        return self.linked[to].remind(now_ms) if to in self.linked else []

    def forget(self, peer: Address) -> list[LinkEffect]:
        """An end has failed, or is taken to have: keep nothing of it, and never listen to it again."""
        return self.forget_end(peer) if peer.incarnation >= self._oldest(peer) else []

    # -- Actions --------------------------------------------------------------------------------

    @action("Link!Meet")
    def meet(self, q: Address) -> list[LinkEffect]:
        """Begin the link with an end; that with an older incarnation of its site is over."""
        older = self._drop(q.site)
        self.oldest[q.site] = q.incarnation
        self.linked[q] = self._new(q)
        return [EndLink(peer=r) for r in older]

    @action("Link!Forget")
    def forget_end(self, q: Address) -> list[LinkEffect]:
        """End the link, and keep of it the number of the incarnation."""
        self._drop(q.site)
        self.oldest[q.site] = q.incarnation + 1
        return []

    @action("Link!Discard")
    def discard(self, s: int) -> list[LinkEffect]:
        """Drop a packet that is not for this incarnation, or from one that is over."""
        return []

    # -- Helpers --------------------------------------------------------------------------------

    def _oldest(self, q: Address) -> int:
        return self.oldest.get(q.site, 1)

    def _new(self, q: Address) -> LinkMachine:
        return LinkMachine(self.who, q, window=self.window, queue_max=self.queue_max, recording=self.recording)

    def _drop(self, site: int) -> list[Address]:
        dropped = [q for q in self.linked if q.site == site]
        for q in dropped:
            del self.linked[q]
        return dropped

    def snapshot(self) -> dict[str, Any]:
        """The variables of this site under their TLA+ names."""
        return {
            "linked": as_json(sorted(self.linked)),
            "oldest": {str(site): number for site, number in sorted(self.oldest.items())},
        }
