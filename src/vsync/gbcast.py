"""GBCAST: a multicast that is ordered against every other one.

Who has a GBCAST to make closes the epoch of its view: it stops, and tells the other members all
that it holds; each of them does the same.  Who has heard from all says so, and who has heard that
from all delivers what is left of the epoch, then the GBCASTs, and goes on.  If a member fails, the
flush of the next view does the rest.

Spec: Gbcast (over Abcast, CbcastLists and Flush).
Paper: Birman and Joseph 1987, section 3.1; Birman and Joseph, Reliable Communication in the Presence of
Failures, 1987.
"""

from __future__ import annotations

from typing import Any

from vsync.abcast import AbcastMachine
from vsync.actions import action
from vsync.effects import BeginEpoch, Deliver, ProcessEffect, RecordMulticast
from vsync.messages import Close, Content, Message, Packet, Settled
from vsync.types import Address, MessageId

Mark = tuple[Address, int, int]


class GbcastMachine(AbcastMachine):
    """All the multicast primitives, of one member of the views.

    The attributes bear the names of the TLA+ variables.
    """

    kinds: tuple[str, ...] = ("cbcast", "abcast", "uniform", "gbcast")

    def __init__(self, who: Address, *, recording: bool = True) -> None:
        super().__init__(who, recording=recording)
        self.closes: set[Mark] = set()
        self.settles: set[Mark] = set()

    # -- Decisions ------------------------------------------------------------------------------

    def to_close(self) -> bool:
        """Somebody is closing the epoch, and this member has not joined in.  Spec: Gbcast!ToClose."""
        if self.frozen or not self.closes:
            return False
        return any(self._mark(q) in self.closes for q in self.views[self.current].members)

    def may_settle(self) -> bool:
        """All of the epoch has come from everyone.  Spec: Gbcast!MaySettle."""
        return (
            self.closing
            and not self.blocked
            and self._mark(self.who) not in self.settles
            and all(self._mark(q) in self.closes for q in self.views[self.current].members)
        )

    def all_settled(self) -> bool:
        """All members know all of the epoch.  Spec: Gbcast!AllSettled."""
        if not self.current or not self.settles:
            return False
        return all(self._mark(q) in self.settles for q in self.views[self.current].members)

    def closed(self) -> bool:
        """What is known of the epoch is known to all who matter.  Spec: Gbcast!Closed."""
        return self.all_settled() or (self.current > 0 and self.blocked and self.may_install())

    def gbcasts(self) -> list[Message]:
        """The GBCASTs of the epoch, by the age of their senders.  Spec: Gbcast!Gbcasts, InTurn."""
        held = [m for m in self.received.values() if self.present(m) and m.stamp.kind == "gbcast"]
        return sorted(held, key=lambda m: self.place(0, 0, m))

    def beginnings(self) -> bool:
        """Something of a later epoch of the view is held.  Spec: Gbcast!Beginnings."""
        return any(m.view == self.current and m.stamp.epoch > self.epoch for m in self.received.values())

    def may_end(self) -> bool:
        """All of the epoch is delivered but its GBCASTs.  Spec: Gbcast!End."""
        return (
            self.closed()
            and not self.ready()
            and self.next_of_rest() is None
            and (self.all_settled() or bool(self.gbcasts()) or self.beginnings())
        )

    # -- Actions --------------------------------------------------------------------------------

    @action("Gbcast!MulticastAlone")
    def begin_alone(self, n: int, to: frozenset[Address], payload: Content) -> list[ProcessEffect]:
        """The n-th multicast of this member is a GBCAST."""
        assert not self.frozen
        m = Message(
            id=MessageId(self.who, n),
            view=self.current,
            payload=payload,
            to=to,
            stamp=self.stamp("gbcast", self.clock),
        )
        self.sent = n
        self.received[m.id] = m
        return [RecordMulticast(message=m), *self._tell_all()]

    @action("Gbcast!Close")
    def close(self) -> list[ProcessEffect]:
        """Do one's part in closing the epoch."""
        assert self.to_close()
        return self._tell_all()

    @action("Gbcast!ReceiveClose")
    def receive_close(self, q: Address, k: int, e: int, messages: tuple[Message, ...]) -> list[ProcessEffect]:
        """Learn all that q holds of its view."""
        self._hold(tuple(m for m in messages if m.view > self.current or m.stamp.epoch >= self.epoch))
        self.closes.add((q, k, e))
        return []

    @action("Gbcast!Settle")
    def settle_epoch(self) -> list[ProcessEffect]:
        """Tell the others that all of the epoch is known here."""
        assert self.may_settle()
        self.settles.add(self._mark(self.who))
        return self.send(self.views[self.current].members, Settled(view=self.current, epoch=self.epoch))

    @action("Gbcast!ReceiveSettle")
    def receive_settle(self, q: Address, k: int, e: int) -> list[ProcessEffect]:
        """Learn that q knows all of the epoch."""
        self.settles.add((q, k, e))
        return []

    @action("Gbcast!DeliverRest")
    def deliver_rest(self, m: Message) -> list[ProcessEffect]:
        """Deliver in order what is left of a closed epoch."""
        return self.complete_in_order(m)

    @action("Gbcast!End")
    def end(self) -> list[ProcessEffect]:
        """Deliver the GBCASTs, forget the epoch, and go on to the next."""
        assert self.may_end()
        mine = [m for m in self.gbcasts() if self.who in m.to]
        for m in mine:
            self.time[m.id.sender] = max(self.time.get(m.id.sender, 0), m.id.number)
        self.received = {id: m for id, m in self.received.items() if not self.present(m)}
        self._lacks = {}
        self.context = frozenset()
        self.epoch += 1
        self.closing = False
        self._forget_marks()
        self.forget_numbers()
        return [*(Deliver(message=m) for m in mine), BeginEpoch(epoch=self.epoch)]

    @action("Gbcast!InstallNext")
    def install(self) -> list[ProcessEffect]:
        """Install the next view, there being nothing of this one left."""
        assert not self.gbcasts()
        assert not self.beginnings()
        effects = self.enter()
        self._forget_marks()
        return effects

    # -- Of the protocols below -----------------------------------------------------------------

    def handle(self, q: Address, packet: Packet) -> list[ProcessEffect]:
        match packet:
            case Close(view=k, epoch=e, messages=messages):
                return self.receive_close(q, k, e, messages)
            case Settled(view=k, epoch=e):
                return self.receive_settle(q, k, e)
            case _:
                return super().handle(q, packet)

    def act_on_messages(self) -> list[ProcessEffect] | None:
        if (taken := super().act_on_messages()) is not None:
            return taken
        if not self.current:
            return None
        if self.to_close():
            return self.close()
        if self.may_settle():
            return self.settle_epoch()
        if self.all_settled() and (m := self.next_of_rest()) is not None:
            return self.deliver_rest(m)
        return self.end() if self.may_end() else None

    def begin_request(self, kind: str, to: frozenset[Address], payload: Content) -> list[ProcessEffect]:
        if kind == "gbcast":
            return self.begin_alone(self.sent + 1, to, payload)
        return super().begin_request(kind, to, payload)

    def snapshot(self) -> dict[str, Any]:
        return super().snapshot() | {
            "closes": [[str(q), k, e] for q, k, e in sorted(self.closes)],
            "settles": [[str(q), k, e] for q, k, e in sorted(self.settles)],
        }

    # -- Helpers --------------------------------------------------------------------------------

    def _mark(self, q: Address) -> Mark:
        return (q, self.current, self.epoch)

    def _tell_all(self) -> list[ProcessEffect]:
        self.closing = True
        self.closes.add(self._mark(self.who))
        held = tuple(m for _, m in sorted(self.received.items()) if m.view == self.current)
        return self.send(self.views[self.current].members, Close(view=self.current, epoch=self.epoch, messages=held))

    def _forget_marks(self) -> None:
        past = (self.current, self.epoch)
        self.closes = {mark for mark in self.closes if mark[1:] >= past}
        self.settles = {mark for mark in self.settles if mark[1:] >= past}
