"""ABCAST: one order of delivery at all destinations, also across overlapping lists.

Each destination proposes a number, the sender takes the greatest and tells the destinations, and
these deliver in the order of the numbers.  A uniform ABCAST is delivered only when all its
destinations know its number.  If the sender fails, the flush of the next view completes what it
began: first what has a number, by the number, then the rest, by the clock of its sender.

Spec: Abcast (over CbcastLists and Flush).
Paper: Birman and Joseph 1987, sections 3.1 and 3.4; Birman and Joseph, Reliable Communication in the
Presence of Failures, 1987.
"""

from __future__ import annotations

from typing import Any

import attrs

from vsync.actions import action
from vsync.cbcast_lists import CbcastListsMachine, in_order
from vsync.effects import ProcessEffect
from vsync.messages import Content, Message, NumberGiven, NumberNoted, NumberProposed, Packet, Released
from vsync.types import Address, MessageId

Place = tuple[int, int, int, int]


def ordered(m: Message) -> bool:
    """The message has a place in the total order.  Spec: Abcast!Ordered."""
    return m.stamp.kind in ("abcast", "uniform")


class AbcastMachine(CbcastListsMachine):
    """Total order beside causal order, of one member of the views.

    The attributes bear the names of the TLA+ variables; ``proposals`` has for each message who
    proposes which number.
    """

    kinds: tuple[str, ...] = ("cbcast", "abcast", "uniform")

    def __init__(self, who: Address, *, recording: bool = True) -> None:
        super().__init__(who, recording=recording)
        self.clock = 0
        self.proposals: dict[MessageId, dict[Address, int]] = {}
        self.noted: set[tuple[MessageId, Address]] = set()
        self.released: set[MessageId] = set()

    # -- Decisions ------------------------------------------------------------------------------

    def number(self, id: MessageId) -> int:
        """The number of a message as far as it is known here, or 0.  Spec: Abcast!Number."""
        if id in self.received and (own := self.received[id].stamp.number):
            return own
        return max((x.number for m in self.received.values() for x in m.stamp.after if x.id == id), default=0)

    def proposed(self, id: MessageId, q: Address) -> int:
        """The number that q proposes for it, as far as is known here, or 0.  Spec: Abcast!Proposed."""
        return self.proposals.get(id, {}).get(q, 0)

    def queue(self) -> list[Message]:
        """What is still to be delivered in order.  Spec: Abcast!Queue."""
        held = (m for m in self.received.values() if ordered(m) and not self.has_delivered(m.id))
        return in_order(m for m in held if self.present(m) and self.who in m.to)

    def place(self, phase: int, number: int, m: Message) -> Place:
        """The place of a message with this number.  Spec: Abcast!Place."""
        return (phase, number, self.views[self.current].rank(m.id.sender), m.id.number)

    def own_place(self, m: Message) -> Place:
        """In normal times: by the number, or by what was proposed here.  Spec: Abcast!OwnPlace."""
        number = self.number(m.id) or self.proposed(m.id, self.who)
        return self.place(1, number, m) if number else self.place(2, 0, m)

    def final_place(self, m: Message) -> Place:
        """When a flush is complete: first those with a number.  Spec: Abcast!FinalPlace."""
        number = self.number(m.id)
        return self.place(1, number, m) if number else self.place(2, m.stamp.clock, m)

    def next_by_number(self) -> Message | None:
        """What may be delivered in order now, in normal times.  Spec: Abcast!NextByNumber.

        It must be held with its number, for nobody may deliver what its own flush could not tell.
        """
        first = min(self.queue(), key=self.own_place, default=None)
        if first is None or not first.stamp.number or not self.deliverable(first):
            return None
        return first if first.stamp.kind != "uniform" or first.id in self.released else None

    def next_of_rest(self) -> Message | None:
        """What is to be delivered next when a flush is complete.  Spec: Abcast!NextOfRest."""
        return min(filter(self.deliverable, self.queue()), key=self.final_place, default=None)

    def ready_in_order(self) -> Message | None:
        """What may be delivered in order now.  Spec: Abcast!ReadyInOrder."""
        if not self.frozen:
            return self.next_by_number()
        return self.next_of_rest() if self.blocked and self.may_install() and not self.ready() else None

    def may_order(self, m: Message) -> bool:
        """All destinations have proposed, and what was multicast before is ordered.  Spec: Abcast!MayOrder."""
        return (
            self._unordered_of_mine(m)
            and all(self.proposed(m.id, q) for q in m.to)
            and not any(self._unordered_of_mine(x) and x.id < m.id for x in self.received.values())
        )

    def may_release(self, m: Message) -> bool:
        """All destinations know the number of this uniform message.  Spec: Abcast!MayRelease."""
        return (
            m.id.sender == self.who
            and self.present(m)
            and m.stamp.kind == "uniform"
            and m.stamp.number > 0
            and m.id not in self.released
            and all((m.id, q) in self.noted for q in m.to if q != self.who)
        )

    def may_propose(self, m: Message) -> bool:
        """This member has still to propose a number for the message.  Spec: Abcast!Propose."""
        return m.id.sender != self.who and not self.number(m.id) and not self.proposed(m.id, self.who)

    # -- Actions --------------------------------------------------------------------------------

    @action("Abcast!MulticastAtOnce")
    def begin_multicast(self, n: int, to: frozenset[Address], payload: Content) -> list[ProcessEffect]:
        """The n-th multicast of this member, a CBCAST."""
        return self.begin(n, to, payload, self.stamp("cbcast", self.clock), at_once=self.who in to)

    @action("Abcast!MulticastInOrder")
    def begin_in_order(self, n: int, to: frozenset[Address], kind: str, payload: Content) -> list[ProcessEffect]:
        """The n-th multicast of this member, an ABCAST: the first phase."""
        effects = self.begin(n, to, payload, self.stamp(kind, self.clock + 1), at_once=False)
        self.clock += 1
        if self.who in to:
            self.proposals[MessageId(self.who, n)] = {self.who: self.clock}
        return effects

    @action("Abcast!Propose")
    def propose(self, m: Message) -> list[ProcessEffect]:
        """Propose a number greater than all that were seen."""
        self.clock = max(self.clock, m.stamp.clock) + 1
        self.proposals.setdefault(m.id, {})[self.who] = self.clock
        return self.send((m.id.sender,), NumberProposed(view=self.current, id=m.id, number=self.clock))

    @action("Abcast!ReceiveProposal")
    def receive_proposal(self, q: Address, k: int, id: MessageId, number: int) -> list[ProcessEffect]:
        """Take the proposal of q for a message of this member."""
        if k == self.current:
            self.proposals.setdefault(id, {})[q] = number
        return []

    @action("Abcast!Order")
    def order(self, m: Message) -> list[ProcessEffect]:
        """Give a message its number: the second phase."""
        assert self.may_order(m)
        number = max(self.clock, m.stamp.clock, *self.proposals.get(m.id, {}).values())
        self._learn(m.id, number)
        self.clock = number
        return self.send(self._in_order(m.to), NumberGiven(view=self.current, id=m.id, number=number))

    @action("Abcast!ReceiveOrder")
    def receive_order(self, q: Address, id: MessageId, number: int) -> list[ProcessEffect]:
        """Learn the number of a message, and say so if it is a uniform one."""
        self._learn(id, number)
        self.clock = max(self.clock, number)
        m = self.received.get(id)
        if m is None or m.stamp.kind != "uniform":
            return []
        return self.send((q,), NumberNoted(view=m.view, id=id))

    @action("Abcast!ReceiveNoted")
    def receive_noted(self, q: Address, k: int, id: MessageId) -> list[ProcessEffect]:
        """Learn that q knows the number of a uniform message."""
        if k == self.current:
            self.noted.add((id, q))
        return []

    @action("Abcast!Release")
    def release(self, m: Message) -> list[ProcessEffect]:
        """Tell the destinations that all of them know the number: the third phase."""
        assert self.may_release(m)
        self.released.add(m.id)
        return self.send(self._in_order(m.to), Released(view=self.current, id=m.id))

    @action("Abcast!ReceiveRelease")
    def receive_release(self, q: Address, k: int, id: MessageId) -> list[ProcessEffect]:
        """Learn that a uniform message may be delivered."""
        if k == self.current:
            self.released.add(id)
        return []

    @action("Abcast!DeliverAtOnce")
    def deliver(self, m: Message) -> list[ProcessEffect]:
        """Deliver a CBCAST."""
        self.clock = max(self.clock, m.stamp.clock)
        return self.complete(m)

    @action("Abcast!DeliverInOrder")
    def deliver_in_order(self, m: Message) -> list[ProcessEffect]:
        """Deliver an ABCAST whose turn it is."""
        return self.complete_in_order(m)

    @action("Abcast!InstallInOrder")
    def install(self) -> list[ProcessEffect]:
        """Install the next view, all that can be delivered in this one having been delivered."""
        return self.enter()

    # -- For the protocol above -----------------------------------------------------------------

    def complete_in_order(self, m: Message) -> list[ProcessEffect]:
        """Deliver an ABCAST with the number that is known.  Spec: Abcast!DeliverInOrder."""
        number = self.number(m.id)
        self.clock = max(self.clock, m.stamp.clock, number)
        return self.complete(attrs.evolve(m, stamp=attrs.evolve(m.stamp, number=number)))

    def forget_numbers(self) -> None:
        """What belongs to the view or epoch that ends is of no more use."""
        self.proposals = {}
        self.noted = set()
        self.released = set()

    def enter(self) -> list[ProcessEffect]:
        assert self.ready_in_order() is None
        self.forget_numbers()
        return super().enter()

    def handle(self, q: Address, packet: Packet) -> list[ProcessEffect]:
        match packet:
            case NumberProposed(view=k, id=id, number=number):
                return self.receive_proposal(q, k, id, number)
            case NumberGiven(id=id, number=number):
                return self.receive_order(q, id, number)
            case NumberNoted(view=k, id=id):
                return self.receive_noted(q, k, id)
            case Released(view=k, id=id):
                return self.receive_release(q, k, id)
            case _:
                return super().handle(q, packet)

    def act_on_messages(self) -> list[ProcessEffect] | None:
        if (taken := super().act_on_messages()) is not None:
            return taken
        if (m := self.ready_in_order()) is not None:
            return self.deliver_in_order(m)
        return None if self.frozen else self._act_on_numbers()

    def may_begin(self, kind: str, to: frozenset[Address]) -> bool:
        return kind != "cbcast" or super().may_begin(kind, to)

    def begin_request(self, kind: str, to: frozenset[Address], payload: Content) -> list[ProcessEffect]:
        if kind == "cbcast":
            return super().begin_request(kind, to, payload)
        return self.begin_in_order(self.sent + 1, to, kind, payload)

    def snapshot(self) -> dict[str, Any]:
        proposals = [
            {"id": str(id), "by": str(q), "number": number}
            for id, numbers in sorted(self.proposals.items())
            for q, number in sorted(numbers.items())
        ]
        return super().snapshot() | {
            "received": {str(id): m.stamp.number for id, m in sorted(self.received.items())},
            "clock": self.clock,
            "proposals": proposals,
            "noted": [[str(id), str(q)] for id, q in sorted(self.noted)],
            "released": [str(id) for id in sorted(self.released)],
        }

    # -- Helpers --------------------------------------------------------------------------------

    def _act_on_numbers(self) -> list[ProcessEffect] | None:
        for m in self.queue():
            if self.may_propose(m):
                return self.propose(m)
        for m in in_order(m for m in self.received.values() if m.id.sender == self.who and ordered(m)):
            if self.may_order(m):
                return self.order(m)
            if self.may_release(m):
                return self.release(m)
        return None

    def _unordered_of_mine(self, m: Message) -> bool:
        return m.id.sender == self.who and self.present(m) and ordered(m) and not self.number(m.id)

    def _learn(self, id: MessageId, number: int) -> None:
        if (m := self.received.get(id)) is not None:
            self.received[id] = attrs.evolve(m, stamp=attrs.evolve(m.stamp, number=number))

    def _hold(self, messages: tuple[Message, ...]) -> None:
        """Hold messages; one that is held with its number keeps it."""
        known = {m.id: m for m in messages if m.id in self.received}
        kept = [self.received[id] for id, m in known.items() if self.received[id].stamp.number > m.stamp.number]
        super()._hold((*messages, *kept))
