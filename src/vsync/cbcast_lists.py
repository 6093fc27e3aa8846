"""CBCAST to destination lists: causal order across overlapping lists, and so across groups.

Each multicast goes to some members of the view.  It names its direct predecessors, and where they
still have to be waited for; a destination delivers it when it has delivered those.  What is not
stable goes along with a multicast to others, so that no message outlives its causes.

Spec: CbcastLists (over Flush).
Paper: Birman and Joseph 1987, sections 3.1, 3.2 and 3.4; Prakash, Raynal, Singhal 1997.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import attrs
from attrs import frozen

from vsync.actions import action
from vsync.effects import CompleteFlush, Deliver, InstallView, ProcessEffect, RecordMulticast, SetTimer
from vsync.errors import InputError
from vsync.flush import FlushMachine
from vsync.messages import Content, Data, Delivered, Flush, Message, Packet, Predecessor, Ready, Stamp
from vsync.types import Address, MessageId, View

Context = frozenset[Predecessor]

ACKNOWLEDGE = "acknowledge"
ACKNOWLEDGE_MS = (10, 40)  # after a delivery, in a view of up to ACKNOWLEDGE_SITES members
ACKNOWLEDGE_SITES = 8
KINDS = ("cbcast",)

#: A member that holds so many of its own multicasts, for they are not stable yet, begins no further one.
#: So nobody holds more than that of anyone in one view, however slow a member is.
UNSTABLE_MAX = 64


@frozen(kw_only=True)
class Request:
    """A multicast that was asked for: its content, to whom (None for the whole view), its kind."""

    payload: Content
    to: frozenset[Address] | None
    kind: str


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Messages in the order of their identifiers."""
    return sorted(messages, key=lambda m: m.id.key)


def beyond(context: Iterable[Predecessor], to: frozenset[Address]) -> Context:
    """What is left of a context behind a message to these destinations.  Spec: CbcastLists!Beyond."""
    left = (x if x.to.isdisjoint(to) else attrs.evolve(x, to=x.to - to) for x in context)
    return frozenset(x for x in left if x.to)


def behind(context: Iterable[Predecessor], m: Message) -> Context:
    """What comes of a context when a message has been added to it.  Spec: CbcastLists!Behind."""
    return beyond(context, m.to) | {Predecessor(id=m.id, to=m.to, number=m.stamp.number)}


def merged(one: Iterable[Predecessor], other: Iterable[Predecessor]) -> Context:
    """Two contexts, of which either may lack what it knows to be covered.  Spec: CbcastLists!Merged."""
    both: dict[MessageId, Predecessor] = {}
    for x in (*one, *other):
        y = both.get(x.id, x)
        both[x.id] = Predecessor(id=x.id, to=x.to & y.to, number=max(x.number, y.number))
    return frozenset(x for x in both.values() if x.to)


class CbcastListsMachine(FlushMachine):
    """Causal multicast to destination lists, of one member of the views.

    Inputs: ``multicast``, ``flush``, ``packet_received``, ``told``, ``timer_fired``; each returns
    its effects in the order in which they have to happen.  The attributes bear the names of the
    TLA+ variables.
    """

    kinds: tuple[str, ...] = KINDS

    def __init__(self, who: Address, *, recording: bool = True) -> None:
        super().__init__(who, recording=recording)
        self.time: dict[Address, int] = {}
        self.context: Context = frozenset()
        self.heard: dict[Address, dict[Address, int]] = {}
        self.epoch = 0
        self.closing = False
        self.sent = 0  # multicasts that have begun, over all views
        self.outgoing: deque[Request] = deque()
        self.flush_tickets: deque[tuple[int, int]] = deque()  # (ticket, number of the last multicast)
        self.timer_set = False
        self._lacks: dict[MessageId, Address] = {}  # for what is held: someone who was found not to have delivered it

    # -- Inputs ---------------------------------------------------------------------------------

    def multicast(
        self, payload: Content, to: Iterable[Address] | None = None, kind: str = "cbcast"
    ) -> list[ProcessEffect]:
        """Multicast to these members of the view, or to all of it, without waiting.

        Those who are no members when it begins are left out.
        Errors: ``InputError`` for a kind that this machine does not have.
        """
        if kind not in self.kinds:
            raise InputError(f"expected one of the kinds {', '.join(self.kinds)}; {kind!r} came")
        self.outgoing.append(Request(payload=payload, to=None if to is None else frozenset(to), kind=kind))
        return self.settle()

    def flush(self, ticket: int) -> list[ProcessEffect]:
        """Ask to be told (``CompleteFlush``) when all multicasts so far are delivered wherever they go."""
        self.flush_tickets.append((ticket, self.sent + len(self.outgoing)))
        return self.settle()

    def told(self, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        """The next view has been agreed on; ``continuing`` were in the one before."""
        return self.forward(view, continuing) + self.settle()

    def packet_received(self, q: Address, packet: Packet) -> list[ProcessEffect]:
        """A packet from q has arrived.

        Errors: ``RemoteProtocolError`` for a packet that no correct member sends.
        """
        self.check(packet)
        if self.from_excluded(q, packet):
            return self.discard(q)
        return self.handle(q, packet) + self.settle()

    def timer_fired(self, timer: str) -> list[ProcessEffect]:
        """A timer that was set has fired; a stale one is ignored."""
        if timer != ACKNOWLEDGE or not self.timer_set:
            return []
        self.timer_set = False
        return (self.acknowledge() if self.may_acknowledge() else []) + self.settle()

    # -- Decisions ------------------------------------------------------------------------------

    def present(self, m: Message) -> bool:
        """The message is of the view and the epoch of this member.  Spec: CbcastLists!Present."""
        return m.view == self.current and m.stamp.epoch == self.epoch

    @property
    def frozen(self) -> bool:
        """Nothing may begin now.  Spec: CbcastLists!Frozen."""
        return self.blocked or self.closing

    def has_delivered(self, id: MessageId) -> bool:
        """This message, which was for this member, has been delivered.  Spec: CbcastLists!HasDelivered."""
        return self.time.get(id.sender, 0) >= id.number

    def deliverable(self, m: Message) -> bool:
        """All that the message waits for here has been delivered.  Spec: CbcastLists!Deliverable."""
        return (
            self.who in m.to
            and not self.has_delivered(m.id)
            and all(self.has_delivered(x.id) for x in m.stamp.after if self.who in x.to)
        )

    def ready(self) -> list[Message]:
        """What may be delivered now.  Spec: CbcastLists!Ready."""
        held = (m for m in self.received.values() if m.stamp.kind == "cbcast" and not self.has_delivered(m.id))
        return in_order(m for m in held if self.present(m) and self.deliverable(m))

    def stable(self, m: Message) -> bool:
        """The message is known to be delivered wherever it had to be.  Spec: CbcastLists!Stable."""
        if m.view != self.current:
            return False
        if (lacks := self._lacks.get(m.id)) is not None and not self._delivered_at(lacks, m.id):
            return False
        for q in m.to:
            if not self._delivered_at(q, m.id):
                self._lacks[m.id] = q
                return False
        return True

    def held_back(self) -> bool:
        """This member begins no further multicast before one of its own is stable.

        The specification says when ``Multicast`` may be taken, not that it must; here it waits longer.
        """
        if len(self.received) < UNSTABLE_MAX:
            return False
        return sum(id.sender == self.who for id in self.received) >= UNSTABLE_MAX

    def settled(self) -> bool:
        """This member waits for none of its own multicasts.  Spec: CbcastLists!Settled."""
        return all(self.who not in x.to for x in self.context)

    def carried(self, to: frozenset[Address]) -> tuple[Message, ...]:
        """What goes along with a multicast to these destinations.  Spec: CbcastLists!Carried."""
        unstable = [
            m
            for m in self.received.values()
            if m.view == self.current
            and not self.stable(m)
            and (self.who not in m.to or m.id.sender == self.who or self.has_delivered(m.id))
        ]
        return tuple(in_order(unstable)) if any(not to <= m.to for m in unstable) else ()

    # -- Actions --------------------------------------------------------------------------------

    @action("CbcastLists!Multicast")
    def begin_multicast(self, n: int, to: frozenset[Address], payload: Content) -> list[ProcessEffect]:
        """The n-th multicast of this member, to these."""
        return self.begin(n, to, payload, self.stamp("cbcast", 0), at_once=self.who in to)

    @action("CbcastLists!Deliver")
    def deliver(self, m: Message) -> list[ProcessEffect]:
        """Deliver a message that has nothing more to wait for."""
        return self.complete(m)

    @action("CbcastLists!Install")
    def install(self) -> list[ProcessEffect]:
        """Install the next view, all that can be delivered in this one having been delivered."""
        return self.enter()

    @action("CbcastLists!Acknowledge")
    def acknowledge(self) -> list[ProcessEffect]:
        """Tell the other members what has been delivered here."""
        assert self.may_acknowledge()
        self.heard[self.who] = dict(self.time)
        return self.send(self.views[self.current].members, Delivered(view=self.current, time=self._time()))

    @action("CbcastLists!ReceiveAcknowledgement")
    def receive_acknowledgement(self, q: Address, k: int, time: tuple[tuple[Address, int], ...]) -> list[ProcessEffect]:
        """Learn what q has delivered, unless it speaks of a view that is over; q may be in the next one already."""
        if k >= self.current:
            self.heard[q] = dict(time)
        return []

    @action("CbcastLists!Forget")
    def forget(self) -> list[ProcessEffect]:
        """Forget what is stable."""
        stable = self._forgettable()
        for id in stable:
            del self.received[id]
            self._lacks.pop(id, None)
        self.context = frozenset(x for x in self.context if x.id not in stable)
        return []

    # -- For the protocols above ----------------------------------------------------------------

    def stamp(self, kind: str, clock: int) -> Stamp:
        """What a multicast that begins now carries.  Spec: CbcastLists!Stamp."""
        return Stamp(kind=kind, after=self.context, clock=clock, epoch=self.epoch)

    def begin(
        self, n: int, to: frozenset[Address], payload: Content, stamp: Stamp, *, at_once: bool
    ) -> list[ProcessEffect]:
        """Multicast a message, and perhaps deliver it here at once.  Spec: CbcastLists!Begin."""
        assert not self.frozen
        m = Message(id=MessageId(self.who, n), view=self.current, payload=payload, to=to, stamp=stamp)
        carried = self.carried(to)
        self.sent = n
        self.received[m.id] = m
        effects: list[ProcessEffect] = [RecordMulticast(message=m)]
        if at_once:
            self.time[self.who] = n
            effects.append(Deliver(message=m))
        self.context = self._pending(behind(self.context, m))
        return effects + self.send(self._in_order(to), Data(view=self.current, message=m, carried=carried))

    def complete(self, m: Message) -> list[ProcessEffect]:
        """Deliver a message and wait for it no longer.  Spec: CbcastLists!Complete."""
        assert self.deliverable(m)
        self.time[m.id.sender] = m.id.number
        self.context = self._pending(merged(self.context, behind(m.stamp.after, m)))
        return [Deliver(message=m)]

    def enter(self) -> list[ProcessEffect]:
        """Install the next view, with nothing to wait for.  Spec: CbcastLists!Install."""
        assert not self.ready()
        view = self.advance()
        self._lacks = {}
        self.context = frozenset()
        self.epoch = 0
        self.closing = False
        return [InstallView(view=view)]

    def handle(self, q: Address, packet: Packet) -> list[ProcessEffect]:
        """Take the action that a packet from a member asks for."""
        match packet:
            case Data(message=message, carried=carried):
                return self.receive(q, message, carried)
            case Flush(view=k, unstable=unstable):
                return self.receive_flush(q, k, unstable)
            case Ready(view=k):
                return self.receive_ready(q, k)
            case Delivered(view=k, time=time):
                return self.receive_acknowledgement(q, k, time)
            case _:
                raise InputError(f"expected a packet of CbcastLists or Flush; {packet} came")

    def next_action(self) -> list[ProcessEffect] | None:
        """Take one action that is due, if there is one."""
        for act in (self.act_on_messages, self.act_on_flush, self.act_on_requests):
            if (taken := act()) is not None:
                return taken
        return None

    def act_on_messages(self) -> list[ProcessEffect] | None:
        """Take a step with a message that is held."""
        ready = self.ready()
        return self.deliver(ready[0]) if ready else None

    def act_on_flush(self) -> list[ProcessEffect] | None:
        """Take a step of the flush, or of what it leaves behind."""
        if (k := self.to_confirm()) is not None:
            return self.confirm(k)
        if self.may_install():
            return self.install()
        if self._forgettable():
            return self.forget()
        return None

    def act_on_requests(self) -> list[ProcessEffect] | None:
        """Begin the multicast that waits first, if it need not wait."""
        if not self.outgoing or self.frozen or self.held_back():
            return None
        request = self.outgoing[0]
        members = self.views[self.current].members
        to = frozenset(q for q in members if request.to is None or q in request.to)
        if not self.may_begin(request.kind, to):
            return None
        self.outgoing.popleft()
        return self.begin_request(request.kind, to, request.payload)

    def may_begin(self, kind: str, to: frozenset[Address]) -> bool:
        """A multicast of this kind need not wait for others of this member."""
        return self.settled() or self.who not in to

    def begin_request(self, kind: str, to: frozenset[Address], payload: Content) -> list[ProcessEffect]:
        """Begin a multicast of this kind."""
        return self.begin_multicast(self.sent + 1, to, payload)

    def settle(self) -> list[ProcessEffect]:
        """Take every action that is due, until none is."""
        effects: list[ProcessEffect] = []
        while (taken := self.next_action()) is not None:
            effects += taken
        effects += self._complete_flushes()
        if self.may_acknowledge() and not self.timer_set:
            self.timer_set = True
            effects.append(self._acknowledge_later())
        return effects

    def may_acknowledge(self) -> bool:
        """There is something new to tell the others."""
        return not self.blocked and self.heard.get(self.who, {}) != self.time

    def snapshot(self) -> dict[str, Any]:
        """The variables of the member under their TLA+ names."""
        return super().snapshot() | {
            "time": {str(q): n for q, n in sorted(self.time.items())},
            "context": [_predecessor(x) for x in sorted(self.context, key=lambda x: x.id)],
            "heard": {str(q): {str(r): n for r, n in sorted(t.items())} for q, t in sorted(self.heard.items())},
            "epoch": self.epoch,
            "closing": self.closing,
        }

    # -- Helpers --------------------------------------------------------------------------------

    def _pending(self, context: Iterable[Predecessor]) -> Context:
        """This member does not wait for what it has delivered.  Spec: CbcastLists!Pending."""
        here = frozenset((self.who,))
        left = (
            attrs.evolve(x, to=x.to - here) if self.who in x.to and self.has_delivered(x.id) else x for x in context
        )
        return frozenset(x for x in left if x.to)

    def _acknowledge_later(self) -> SetTimer:
        """Set the timer for the next acknowledgement.

        All acknowledge to all, so in a large view each waits longer, and tells of more deliveries at once:
        what all of them tell one member in a given time does not grow with their number.
        """
        factor = max(1, len(self.views[self.current].members) // ACKNOWLEDGE_SITES)
        low, high = ACKNOWLEDGE_MS
        return SetTimer(timer=ACKNOWLEDGE, min_ms=factor * low, max_ms=factor * high)

    def _time(self) -> tuple[tuple[Address, int], ...]:
        return tuple(sorted(self.time.items()))

    def _delivered_at(self, q: Address, id: MessageId) -> bool:
        """As far as is known here, q has delivered this message, which was for it."""
        delivered = self.time if q == self.who else self.heard.get(q)
        return delivered is not None and delivered.get(id.sender, 0) >= id.number

    def _in_order(self, to: frozenset[Address]) -> tuple[Address, ...]:
        return tuple(q for q in self.views[self.current].members if q in to)

    def _forgettable(self) -> set[MessageId]:
        return {id for id, m in self.received.items() if self.stable(m)}

    def _complete_flushes(self) -> list[ProcessEffect]:
        """Complete the calls of ``flush`` whose multicasts are stable.  Spec: CbcastLists!Flushed."""
        effects: list[ProcessEffect] = []
        while self.current and self.flush_tickets:
            ticket, number = self.flush_tickets[0]
            waits = self.sent < number or any(id.sender == self.who and id.number <= number for id in self.received)
            if waits:
                break
            self.flush_tickets.popleft()
            effects.append(CompleteFlush(ticket=ticket))
        return effects


def _predecessor(x: Predecessor) -> dict[str, Any]:
    return {"id": str(x.id), "to": sorted(str(q) for q in x.to), "number": x.number}
