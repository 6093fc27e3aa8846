"""The stages of CbcastLists and of Abcast, over Flush.

Two things are put together here that the specification has and the implementation has not:

- ``lists``, which only says what was multicast to whom: it is kept out of the effects;
- the number in the packets "noted" and "release", which nobody reads: it is that which the sender of the
  packet knows.

The specification's ``received`` may have a message twice, with its number and without it, after a flush; a
machine keeps the one with the number.  The models for paths give no numbers and change views at the same time.

Spec: PathsCbcastLists, PathsAbcast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from vsync.abcast import AbcastMachine, ordered
from vsync.cbcast_lists import CbcastListsMachine, Context
from vsync.effects import Deliver, InstallView, ProcessEffect, RecordMulticast
from vsync.flush import FlushMachine
from vsync.messages import Delivered, Message, NumberGiven, NumberNoted, NumberProposed, Packet, Released
from vsync.paths.flush import Bounds, FlushStage
from vsync.paths.graph import State, Step
from vsync.paths.values import Value, function, record
from vsync.types import Address, MessageId


class ListsStage(FlushStage):
    """The machines of CbcastLists."""

    decisions: ClassVar[frozenset[str]] = frozenset(
        {
            *(FlushStage.decisions - {"Disseminate", "DeliverHeld", "Advance"}),
            *("Multicast", "Deliver", "Install", "Acknowledge", "ReceiveAcknowledgement", "Forget"),
        }
    )
    machine_type: type[FlushMachine] = CbcastListsMachine

    def __init__(self, bounds: Bounds) -> None:
        self.lists: set[Value] = set()
        super().__init__(bounds)

    def member(self, p: str) -> CbcastListsMachine:
        machine = self.machines[p]
        assert isinstance(machine, CbcastListsMachine)
        return machine

    # -- Steps ----------------------------------------------------------------------------------

    def take_above(self, step: Step) -> None:
        match step:
            case ("Multicast", p, to, kind):
                n = self.count(p, "multicast") + 1
                self.carry_out(p, self.begin(p, n, frozenset(self.addresses[q] for q in to), kind))
            case ("Deliver", p, id):
                self.carry_out(p, self.member(p).deliver(self.held(p, id)))
            case ("Install", p):
                self.install(p)
            case ("Acknowledge", p):
                self.carry_out(p, self.member(p).acknowledge())
            case ("ReceiveAcknowledgement", p, q):
                packet, _ = self.channels[q, p].pop(0)
                self.receive(p, self.addresses[q], packet)
            case ("Forget", p):
                self.carry_out(p, self.member(p).forget())
            case _:
                raise ValueError(f"no such step: {step}")

    def begin(self, p: str, n: int, to: frozenset[Address], kind: str) -> list[ProcessEffect]:
        """Begin a multicast of this kind."""
        return self.member(p).begin_multicast(n, to, "")

    def receive(self, p: str, q: Address, packet: Packet) -> None:
        member = self.member(p)
        self.carry_out(p, member.discard(q) if member.from_excluded(q, packet) else member.handle(q, packet))

    def install(self, p: str) -> None:
        self.carry_out(p, self.member(p).install())

    def held(self, p: str, id: Value) -> Message:
        return self.member(p).received[self.id_of(id)]

    def sees(self, p: str, effect: ProcessEffect) -> None:
        match effect:
            case RecordMulticast(message=Message() as m):
                self.multicasts(p, m.id, m.stamp.kind)
                self.lists.add(record(id=self.id_value(m.id), to=self.set_value(m.to)))
            case Deliver(message=Message() as m):
                self.happens(p, "deliver", m.id, primitive=m.stamp.kind)
            case InstallView(view=view):
                self.installs(p, view)
            case _:
                raise TypeError(f"an action of CbcastLists or Abcast has no effect {effect}")

    # -- What can be done -----------------------------------------------------------------------

    def receiving(self, packet: Packet) -> str:
        return "ReceiveAcknowledgement" if isinstance(packet, Delivered) else super().receiving(packet)

    def due_above(self, p: str) -> Iterator[Step]:
        yield from self.due_with_messages(p)
        member = self.member(p)
        if self.may_forget(member):
            yield ("Forget", p)
        if self.bounds.acknowledging and member.may_acknowledge():
            yield ("Acknowledge", p)
        if self.may_talk(p) and not member.frozen and member.view is not None:
            for list_ in self.bounds.lists:
                to = frozenset(q for q in list_ if self.addresses[q] in member.view.members)
                for kind in self.bounds.kinds:
                    if to and member.may_begin(kind, frozenset(self.addresses[q] for q in to)):
                        yield ("Multicast", p, to, kind)

    def may_forget(self, member: CbcastListsMachine) -> bool:
        return any(member.stable(m) for m in member.received.values())

    def due_with_messages(self, p: str) -> Iterator[Step]:
        """What is to be done with what is held, and then with the next view."""
        member = self.member(p)
        ready = member.ready()
        yield from (("Deliver", p, self.id_value(m.id)) for m in ready)
        if not ready and member.may_install():
            yield ("Install", p)

    # -- Values ---------------------------------------------------------------------------------

    def state(self) -> State:
        members = {p: self.member(p) for p in self.machines}
        return super().state() | {
            "time": function({p: self.time_of(member.time) for p, member in members.items()}),
            "context": function({p: self.context_value(member.context) for p, member in members.items()}),
            "heard": function(
                {
                    p: function({q: self.time_of(member.heard.get(self.addresses[q], {})) for q in members})
                    for p, member in members.items()
                }
            ),
            "epoch": function({p: member.epoch for p, member in members.items()}),
            "closing": function({p: member.closing for p, member in members.items()}),
            "lists": frozenset(self.lists),
        }

    def time_of(self, time: Mapping[Address, int]) -> Value:
        return function({p: time.get(address, 0) for p, address in self.addresses.items()})

    def set_value(self, to: frozenset[Address]) -> Value:
        return frozenset(self.names[q] for q in to)

    def context_value(self, context: Context) -> Value:
        return frozenset(record(id=self.id_value(x.id), to=self.set_value(x.to), number=x.number) for x in context)

    def time_value(self, m: Message) -> Value:
        stamp: dict[str, Any] = {"kind": m.stamp.kind, "clock": m.stamp.clock, "epoch": m.stamp.epoch}
        return record(**stamp, number=m.stamp.number, after=self.context_value(m.stamp.after))

    def packet_value(self, p: str, packet: Packet) -> Value:
        if isinstance(packet, Delivered):
            return self.packet_record("acknowledgement", packet.view, time=self.time_of(dict(packet.time)))
        return super().packet_value(p, packet)


class AbcastStage(ListsStage):
    """The machines of Abcast."""

    decisions: ClassVar[frozenset[str]] = frozenset(
        {
            *(ListsStage.decisions - {"Deliver", "Install"}),
            *("DeliverAtOnce", "DeliverInOrder", "InstallInOrder", "Propose", "Order", "Release"),
            *("ReceiveProposal", "ReceiveOrder", "ReceiveNoted", "ReceiveRelease"),
        }
    )
    machine_type: type[FlushMachine] = AbcastMachine

    def member(self, p: str) -> AbcastMachine:
        machine = self.machines[p]
        assert isinstance(machine, AbcastMachine)
        return machine

    def take_above(self, step: Step) -> None:
        match step:
            case ("DeliverAtOnce", p, id):
                self.carry_out(p, self.member(p).deliver(self.held(p, id)))
            case ("DeliverInOrder", p, id):
                self.carry_out(p, self.member(p).deliver_in_order(self.held(p, id)))
            case ("InstallInOrder", p):
                self.install(p)
            case ("Propose", p, id):
                self.carry_out(p, self.member(p).propose(self.held(p, id)))
            case ("Order", p, id):
                self.carry_out(p, self.member(p).order(self.held(p, id)))
            case ("Release", p, id):
                self.carry_out(p, self.member(p).release(self.held(p, id)))
            case ("ReceiveProposal" | "ReceiveOrder" | "ReceiveNoted" | "ReceiveRelease", p, q):
                packet, _ = self.channels[q, p].pop(0)
                self.receive(p, self.addresses[q], packet)
            case _:
                super().take_above(step)

    def begin(self, p: str, n: int, to: frozenset[Address], kind: str) -> list[ProcessEffect]:
        if kind == "cbcast":
            return super().begin(p, n, to, kind)
        return self.member(p).begin_in_order(n, to, kind, "")

    def receiving(self, packet: Packet) -> str:
        match packet:
            case NumberProposed():
                return "ReceiveProposal"
            case NumberGiven():
                return "ReceiveOrder"
            case NumberNoted():
                return "ReceiveNoted"
            case Released():
                return "ReceiveRelease"
            case _:
                return super().receiving(packet)

    def due_with_messages(self, p: str) -> Iterator[Step]:
        member = self.member(p)
        ready, in_order = member.ready(), member.ready_in_order()
        yield from (("DeliverAtOnce", p, self.id_value(m.id)) for m in ready)
        if in_order is not None:
            yield ("DeliverInOrder", p, self.id_value(in_order.id))
        if not ready and in_order is None and member.may_install():
            yield ("InstallInOrder", p)
        if not member.frozen:
            yield from self.due_with_numbers(p, member)

    def due_with_numbers(self, p: str, member: AbcastMachine) -> Iterator[Step]:
        yield from (("Propose", p, self.id_value(m.id)) for m in member.queue() if member.may_propose(m))
        for m in member.received.values():
            if m.id.sender == member.who and ordered(m):
                if member.may_order(m):
                    yield ("Order", p, self.id_value(m.id))
                if member.may_release(m):
                    yield ("Release", p, self.id_value(m.id))

    def state(self) -> State:
        members = {p: self.member(p) for p in self.machines}
        return super().state() | {
            "clock": function({p: member.clock for p, member in members.items()}),
            "proposals": function({p: self.proposals_value(member) for p, member in members.items()}),
            "noted": function(
                {p: frozenset((self.id_value(id), self.names[q]) for id, q in m.noted) for p, m in members.items()}
            ),
            "released": function({p: frozenset(map(self.id_value, m.released)) for p, m in members.items()}),
        }

    def proposals_value(self, member: AbcastMachine) -> Value:
        return frozenset(
            record(id=self.id_value(id), by=self.names[q], number=number)
            for id, numbers in member.proposals.items()
            for q, number in numbers.items()
        )

    def packet_value(self, p: str, packet: Packet) -> Value:
        match packet:
            case NumberProposed(id=id, number=number):
                return self.about("proposal", packet.view, id, number)
            case NumberGiven(id=id, number=number):
                return self.about("order", packet.view, id, number)
            case NumberNoted(id=id):
                return self.about("noted", packet.view, id, self.member(p).number(id))
            case Released(id=id):
                return self.about("release", packet.view, id, self.member(p).number(id))
            case _:
                return super().packet_value(p, packet)

    def about(self, type: str, view: int, id: MessageId, number: int) -> Value:
        return self.packet_record(type, view, time=(self.id_value(id), number))
