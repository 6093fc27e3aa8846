"""The stage of Flush: its machines, below a protocol that delivers what is held in any order.

What the specification has in one place and the implementation in another is put together here: the views that
the sites have agreed on, who has crashed, and the channels belong to the stage; the protocol above (a multicast
is delivered at once where it began; no view is installed before all that is held is delivered) is the
stage's, too.  Nothing is left out: histories are kept out of what the machines do.

Spec: PathsFlush.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from attrs import frozen

from vsync.effects import ProcessEffect, Send
from vsync.flush import FlushMachine
from vsync.messages import Data, Flush, Message, Packet, Ready
from vsync.paths.graph import State, Step
from vsync.paths.stage import Stage
from vsync.paths.values import Function, Value, function, record
from vsync.types import Address, MessageId, View

Sent = tuple[Packet, Value]


@frozen(kw_only=True)
class Bounds:
    """The constants of a model: who there is, who founds the group, who multicasts how much, and to which lists."""

    processes: int
    founders: int
    talkers: tuple[str, ...]
    multicasts: int
    lists: tuple[frozenset[str], ...] = ()
    kinds: tuple[str, ...] = ()
    acknowledging: bool = False


class FlushStage(Stage):
    """The machines of some processes, and what is between them."""

    decisions: ClassVar[frozenset[str]] = frozenset(
        {"Disseminate", "DeliverHeld", "Advance", "Confirm", "Receive", "ReceiveFlush", "ReceiveReady", "Discard"}
    )
    machine_type: type[FlushMachine] = FlushMachine

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.addresses = {f"p{n}": Address(n, 1).process(1) for n in range(1, bounds.processes + 1)}
        self.names = {address: name for name, address in self.addresses.items()}
        self.texts = {str(address): name for name, address in self.addresses.items()}
        self.machines = {name: self.machine_type(p, recording=False) for name, p in self.addresses.items()}
        self.crashed: set[str] = set()
        self.views: list[View] = []
        self.channels: dict[tuple[str, str], list[Sent]] = {
            (p, q): [] for p in self.names.values() for q in self.names.values()
        }
        self.history: dict[str, list[Function]] = {name: [] for name in self.names.values()}
        self.current_view: dict[str, Value] = dict.fromkeys(self.names.values(), record(id=0, members=()))
        founders = tuple(self.addresses.values())[: bounds.founders]
        self.views.append(View(id=1, members=founders))
        for p in founders:
            self.machines[self.names[p]].forward(self.views[0], ())
            self.install(self.names[p])

    # -- Steps ----------------------------------------------------------------------------------

    def take(self, step: Step) -> None:
        match step:
            case ("Agree", Function() as view):
                fields = view.as_dict()
                self.views.append(View(id=fields["id"], members=tuple(self.addresses[p] for p in fields["members"])))
            case ("Crash", p):
                self.crashed.add(p)
                for q in self.names.values():
                    self.channels[q, p].clear()
                self.happens(p, "crash")
            case ("Lose", p, q):
                self.channels[p, q].pop()
            case ("Forward", p):
                told = self.told_next(p)
                self.carry_out(p, self.machines[p].forward(told, self.continuing(told)))
            case ("Confirm", p, k):
                self.carry_out(p, self.machines[p].confirm(k))
            case ("Receive" | "ReceiveFlush" | "ReceiveReady" | "Discard", p, q):
                packet, _ = self.channels[q, p].pop(0)
                self.receive(p, self.addresses[q], packet)
            case _:
                self.take_above(step)

    def take_above(self, step: Step) -> None:
        """Take a step of the protocol above Flush."""
        match step:
            case ("Disseminate", p):
                machine = self.machines[p]
                assert machine.view is not None
                id = MessageId(self.addresses[p], self.count(p, "multicast") + 1)
                message = Message(id=id, view=machine.current, to=frozenset(machine.view.members))
                effects = machine.disseminate(message)
                self.multicasts(p, message.id)
                self.happens(p, "deliver", message.id)
                self.carry_out(p, effects)
            case ("DeliverHeld", p, id):
                assert id in {self.id_value(m.id) for m in self.machines[p].held(self.machines[p].current)}
                self.happens(p, "deliver", self.id_of(id))
            case ("Advance", p):
                self.install(p)
            case _:
                raise ValueError(f"no such step: {step}")

    def receive(self, p: str, q: Address, packet: Packet) -> None:
        """A packet comes to p from q."""
        machine = self.machines[p]
        if machine.from_excluded(q, packet):
            self.carry_out(p, machine.discard(q))
            return
        match packet:
            case Data(message=message, carried=carried):
                self.carry_out(p, machine.receive(q, message, carried))
            case Flush(view=k, unstable=unstable):
                self.carry_out(p, machine.receive_flush(q, k, unstable))
            case Ready(view=k):
                self.carry_out(p, machine.receive_ready(q, k))
            case _:
                raise TypeError(f"Flush knows no {packet}")

    def install(self, p: str) -> None:
        self.installs(p, self.machines[p].advance())

    def told_next(self, p: str) -> View:
        """The view that p is told of next.  Spec: Flush!ToldNext."""
        known = self.machines[p].known
        mine = [view for view in self.views if self.addresses[p] in view.members]
        return next(view for view in mine if known in (0, view.id - 1))

    def continuing(self, view: View) -> tuple[Address, ...]:
        """Those of its members who were in the view before.  Spec: Flush!Continuing."""
        before = self.views[view.id - 2].members if view.id > 1 else ()
        return tuple(q for q in view.members if q in before)

    def carry_out(self, p: str, effects: Iterable[ProcessEffect]) -> None:
        """Put what is sent into the channels, and what is seen into the history."""
        for effect in effects:
            if isinstance(effect, Send):
                value = self.packet_value(p, effect.packet)
                for q in effect.to:
                    if self.names[q] not in self.crashed:
                        self.channels[p, self.names[q]].append((effect.packet, value))
            else:
                self.sees(p, effect)

    def sees(self, p: str, effect: ProcessEffect) -> None:
        """An effect that is not sent."""

    # -- Histories ------------------------------------------------------------------------------

    def happens(self, p: str, event: str, message: MessageId | None = None, **more: Value) -> None:
        """The history of p grows by an event.  Spec: VSProperties!Event."""
        fields = {"past": frozenset(), "primitive": "cbcast", "sender": frozenset(), "state": ()} | more
        id = self.id_value(message) if message else ()
        self.history[p].append(record(event=event, view=self.current_view[p], message=id, **fields))

    def installs(self, p: str, view: View) -> None:
        self.current_view[p] = self.view_value(view)
        self.happens(p, "install")

    def multicasts(self, p: str, message: MessageId, primitive: str = "cbcast") -> None:
        self.happens(p, "multicast", message, primitive=primitive, past=self.causal_past(p))

    def causal_past(self, p: str) -> frozenset[Value]:
        """What may have caused a multicast that p makes now.  Spec: VSProperties!CausalPast."""
        events = [event.as_dict() for events in self.history.values() for event in events]
        pasts = {event["message"]: event["past"] for event in events if event["event"] == "multicast"}
        mine = (event.as_dict() for event in self.history[p])
        seen = {event["message"] for event in mine if event["event"] in ("multicast", "deliver")}
        return frozenset(seen).union(*(pasts.get(message, ()) for message in seen))

    def count(self, p: str, kind: str) -> int:
        return sum(("event", kind) in event for event in self.history[p])

    # -- What can be done -----------------------------------------------------------------------

    def offered(self) -> set[Step]:
        running = [p for p in self.machines if p not in self.crashed]
        return {step for p in running for step in (*self.arriving(p), *self.due(p), *self.due_above(p))}

    def arriving(self, p: str) -> Iterator[Step]:
        for q in self.names.values():
            if channel := self.channels[q, p]:
                packet = channel[0][0]
                excluded = self.machines[p].from_excluded(self.addresses[q], packet)
                yield ("Discard" if excluded else self.receiving(packet), p, q)

    def receiving(self, packet: Packet) -> str:
        """The action that takes such a packet."""
        return {Data: "Receive", Flush: "ReceiveFlush", Ready: "ReceiveReady"}[type(packet)]

    def due(self, p: str) -> Iterator[Step]:
        machine = self.machines[p]
        owed = [k for k in machine.views if k > machine.current and machine.who in machine.continuing(k)]
        may = [k for k in owed if (machine.who, k) not in machine.readies and machine.has_flushes(k)]
        if machine.to_confirm() != max(may, default=None):  # the machine confirms the latest first
            yield ("Confirm", p, machine.to_confirm())
        yield from (("Confirm", p, k) for k in may)

    def due_above(self, p: str) -> Iterator[Step]:
        machine = self.machines[p]
        delivered = {event.as_dict()["message"] for event in self.history[p] if ("event", "deliver") in event}
        waiting = {self.id_value(m.id) for m in machine.held(machine.current)} - delivered
        yield from (("DeliverHeld", p, id) for id in waiting)
        if not waiting and machine.may_install():
            yield ("Advance", p)
        if self.may_talk(p) and not machine.blocked:
            yield ("Disseminate", p)

    def may_talk(self, p: str) -> bool:
        """The bounds allow a further multicast of p.  Spec: FlushEnvironment!NextNumber."""
        total = sum(self.count(q, "multicast") for q in self.history)
        return p in self.bounds.talkers and total < self.bounds.multicasts

    # -- Values ---------------------------------------------------------------------------------

    def state(self) -> State:
        shown = {p: machine.snapshot() for p, machine in self.machines.items()}
        return {
            "views": tuple(map(self.view_value, self.views)),
            "crashed": frozenset(self.crashed),
            "known": function({p: variables["known"] for p, variables in shown.items()}),
            "current": function({p: variables["current"] for p, variables in shown.items()}),
            "received": function({p: self.held_value(machine) for p, machine in self.machines.items()}),
            "flushes": function({p: self.marks(variables["flushes"]) for p, variables in shown.items()}),
            "readies": function({p: self.marks(variables["readies"]) for p, variables in shown.items()}),
            "net": function({p: function({q: self.in_flight(p, q) for q in self.machines}) for p in self.machines}),
            "history": function({p: tuple(events) for p, events in self.history.items()}),
        }

    def marks(self, shown: Iterable[tuple[str, int]]) -> Value:
        return frozenset((self.texts[q], k) for q, k in shown)

    def held_value(self, machine: FlushMachine) -> Value:
        return frozenset(map(self.message_value, machine.received.values()))

    def in_flight(self, p: str, q: str) -> Value:
        return tuple(value for _, value in self.channels[p, q])

    def view_value(self, view: View) -> Value:
        return record(id=view.id, members=tuple(self.names[q] for q in view.members))

    def id_value(self, id: MessageId) -> Value:
        return (self.names[id.sender], id.number)

    def id_of(self, value: Value) -> MessageId:
        return MessageId(self.addresses[value[0]], value[1])

    def message_value(self, m: Message) -> Value:
        to = frozenset(self.names[q] for q in m.to)
        return record(id=self.id_value(m.id), view=m.view, to=to, time=self.time_value(m))

    def time_value(self, m: Message) -> Value:
        """What a message carries for its order: without a protocol above, nothing."""
        return ()

    def packet_value(self, p: str, packet: Packet) -> Value:
        """A packet of p.  Spec: Flush!Packet."""
        match packet:
            case Data(message=message, carried=carried):
                return self.packet_record("data", packet.view, (message, *carried))
            case Flush(unstable=unstable):
                return self.packet_record("flush", packet.view, unstable)
            case Ready():
                return self.packet_record("ready", packet.view)
            case _:
                raise TypeError(f"Flush knows no {packet}")

    def packet_record(self, type: str, view: int, messages: Iterable[Message] = (), time: Value = ()) -> Value:
        return record(type=type, view=view, messages=frozenset(map(self.message_value, messages)), time=time)
