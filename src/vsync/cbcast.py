"""CBCAST: a multicast that is delivered after everything that may have caused it, else at once.

Each message carries a vector of counts by rank, and waits at a receiver until as many have been
delivered there.  Multicasting is asynchronous: the sender has its own message delivered at once
and goes on.  Members tell each other what they have delivered; what all have delivered is stable
and is forgotten, and ``flush`` waits for that.

Between views nothing is waited for: the flush protocol below has brought to all survivors what any
of them had.  What then still lacks a cause lacks it everywhere, and nobody delivers it.

Spec: Cbcast (over Flush).
Paper: Birman and Joseph 1987, sections 3.1 and 3.4; Birman, Schiper, Stephenson 1991.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from vsync.actions import action, as_json
from vsync.effects import CompleteFlush, Deliver, InstallView, ProcessEffect, RecordMulticast, SetTimer
from vsync.flush import FlushMachine
from vsync.messages import Acknowledgement, Data, Flush, Message, Packet, Ready
from vsync.types import Address, MessageId, View

Time = tuple[int, ...]

ACKNOWLEDGE = "acknowledge"
ACKNOWLEDGE_MS = (10, 40)


def deliverable(time: Time, rank: int, delivered: Time) -> bool:
    """All that may have caused a message has been delivered, and the message itself has not.

    Arguments: the message's vector time; the rank of its sender; how many multicasts of each rank
    have been delivered here.  All ranks from 0.
    Spec: Cbcast!Deliverable.
    """
    return all(count == delivered[r] + 1 if r == rank else count <= delivered[r] for r, count in enumerate(time))


class CbcastMachine:
    """Causal multicast, and through the flush protocol below it virtual synchrony, of one process.

    Inputs: ``multicast``, ``flush``, ``packet_received``, ``told``, ``timer_fired``; each returns
    its effects in the order in which they have to happen.
    """

    def __init__(self, who: Address, *, recording: bool = True) -> None:
        self.who = who
        self.recording = recording
        self.below = FlushMachine(who, recording=recording)
        self.time: Time = ()
        self.heard: dict[Address, Time] = {}
        self.sent = 0  # multicasts that have begun, over all views
        self.sent_before = 0  # those of them in earlier views
        self.outgoing: deque[str] = deque()  # multicasts that wait for the next view
        self.flush_tickets: deque[tuple[int, int]] = deque()  # (ticket, number of the last multicast)
        self.timer_set = False

    # -- Inputs ---------------------------------------------------------------------------------

    def multicast(self, payload: str) -> list[ProcessEffect]:
        """Multicast to the group, without waiting: the message is delivered here at once.

        While a view is on its way the message waits for it, and so does its own delivery.
        """
        self.outgoing.append(payload)
        return self._settle()

    def flush(self, ticket: int) -> list[ProcessEffect]:
        """Ask to be told (``CompleteFlush``) when all multicasts so far are delivered everywhere.

        Paper: Birman and Joseph 1987, section 3.4.
        """
        self.flush_tickets.append((ticket, self.sent + len(self.outgoing)))
        return self._settle()

    def told(self, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        """The site tells of the next view of the group; ``continuing`` were in the one before."""
        return self.below.forward(view, continuing) + self._settle()

    def packet_received(self, q: Address, packet: Packet) -> list[ProcessEffect]:
        """A packet from process q has arrived.

        Errors: ``RemoteProtocolError`` for a packet that no correct process sends.
        """
        self.below.check(packet)
        if self.below.from_excluded(q, packet):
            return self.below.discard(q)
        match packet:
            case Data(message=message):
                effects = self.below.receive(q, message)
            case Flush(view=k, unstable=unstable):
                effects = self.below.receive_flush(q, k, unstable)
            case Ready(view=k):
                effects = self.below.receive_ready(q, k)
            case Acknowledgement(view=k, time=time):
                effects = self.receive_acknowledgement(q, k, time)
        return effects + self._settle()

    def timer_fired(self, timer: str) -> list[ProcessEffect]:
        """A timer that was set has fired; a stale one is ignored."""
        if timer != ACKNOWLEDGE or not self.timer_set:
            return []
        self.timer_set = False
        return self.acknowledge() + self._settle() if self._may_acknowledge() else self._settle()

    # -- Decisions ------------------------------------------------------------------------------

    def ready(self) -> Message | None:
        """A message that may be delivered now, if there is one.  Spec: Cbcast!Ready."""
        view = self.below.view
        if view is None:
            return None
        for message in self.below.held(view.id):
            if deliverable(message.time, view.rank(message.id.sender), self.time):
                return message
        return None

    def stable(self, message: Message) -> bool:
        """Every member of the view is known to have delivered the message.  Spec: Cbcast!Stable."""
        view = self.below.view
        if view is None or message.view != view.id:
            return False
        rank = view.rank(message.id.sender)
        return all(self._delivered_by(q)[rank] >= message.time[rank] for q in view.members)

    # -- Actions --------------------------------------------------------------------------------

    @action("Cbcast!Multicast")
    def begin(self, n: int, payload: str) -> list[ProcessEffect]:
        """Multicast the n-th message of this process, and deliver it here."""
        view = self.below.view
        assert view is not None
        rank = view.rank(self.who)
        self.time = _counted(self.time, rank)
        self.sent = n
        message = Message(id=MessageId(self.who, n), view=view.id, time=self.time, payload=payload)
        sends = self.below.disseminate(message)
        return [RecordMulticast(message=message), Deliver(message=message), *sends]

    @action("Cbcast!Deliver")
    def deliver(self, m: Message) -> list[ProcessEffect]:
        """Deliver a message all of whose causes have been delivered."""
        view = self.below.view
        assert view is not None
        rank = view.rank(m.id.sender)
        assert deliverable(m.time, rank, self.time)
        self.time = _counted(self.time, rank)
        return [Deliver(message=m)]

    @action("Cbcast!Install")
    def install(self) -> list[ProcessEffect]:
        """Install the next view, all that can be delivered in this one having been delivered."""
        assert self.ready() is None
        view = self.below.advance()
        self.time = (0,) * len(view.members)
        self.heard = {}
        self.sent_before = self.sent
        return [InstallView(view=view)]

    @action("Cbcast!Acknowledge")
    def acknowledge(self) -> list[ProcessEffect]:
        """Tell the other members what has been delivered here."""
        assert self._may_acknowledge()
        view = self.below.view
        assert view is not None
        self.heard[self.who] = self.time
        return self.below.send(view.members, Acknowledgement(view=view.id, time=self.time))

    @action("Cbcast!ReceiveAcknowledgement")
    def receive_acknowledgement(self, q: Address, k: int, time: Time) -> list[ProcessEffect]:
        """Learn what q has delivered, unless it speaks of another view."""
        if k == self.below.current:
            self.heard[q] = time
        return []

    @action("Cbcast!Forget")
    def forget(self) -> list[ProcessEffect]:
        """Forget what every member is known to have delivered."""
        for message in self._forgettable():
            del self.below.received[message.id]
        return []

    # -- Helpers --------------------------------------------------------------------------------

    def _settle(self) -> list[ProcessEffect]:
        """Take every action that is due, until none is."""
        effects: list[ProcessEffect] = []
        while (taken := self._next_action()) is not None:
            effects += taken
        effects += self._complete_flushes()
        if self._may_acknowledge() and not self.timer_set:
            self.timer_set = True
            effects.append(SetTimer(timer=ACKNOWLEDGE, min_ms=ACKNOWLEDGE_MS[0], max_ms=ACKNOWLEDGE_MS[1]))
        return effects

    def _next_action(self) -> list[ProcessEffect] | None:
        if (message := self.ready()) is not None:
            return self.deliver(message)
        if (k := self.below.to_confirm()) is not None:
            return self.below.confirm(k)
        if self.below.may_install():
            return self.install()
        if self._forgettable():
            return self.forget()
        if self.outgoing and not self.below.blocked:
            return self.begin(self.sent + 1, self.outgoing.popleft())
        return None

    def _may_acknowledge(self) -> bool:
        return not self.below.blocked and self.heard.get(self.who, (0,) * len(self.time)) != self.time

    def _delivered_by(self, q: Address) -> Time:
        if q == self.who:
            return self.time
        return self.heard.get(q, (0,) * len(self.time))

    def _forgettable(self) -> list[Message]:
        return [m for m in self.below.held(self.below.current) if self.stable(m)]

    def _complete_flushes(self) -> list[ProcessEffect]:
        """Complete the calls of ``flush`` whose multicasts are stable.  Spec: Cbcast!Flushed."""
        effects: list[ProcessEffect] = []
        view = self.below.view
        if view is None or not self.flush_tickets:
            return effects
        rank = view.rank(self.who)
        stable = self.sent_before + min(self._delivered_by(q)[rank] for q in view.members)
        while self.flush_tickets and self.flush_tickets[0][1] <= stable:
            effects.append(CompleteFlush(ticket=self.flush_tickets.popleft()[0]))
        return effects

    def snapshot(self) -> dict[str, Any]:
        """The variables of the process under their TLA+ names."""
        heard = {q: time for q, time in sorted(self.heard.items())}
        return self.below.snapshot() | {"time": list(self.time), "heard": as_json(heard)}


def _counted(time: Time, rank: int) -> Time:
    return (*time[:rank], time[rank] + 1, *time[rank + 1 :])
