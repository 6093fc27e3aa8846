"""Flush: make everything of the old view stable among the survivors, then install the next view.

A process is told of the agreed views one after the other.  When it is told of view k it

1. stops multicasting and sends ``Flush(k)`` with every message that it holds of earlier views;
2. when it has ``Flush(k)`` from all who continue into k, sends ``Ready(k)``;
3. when it has ``Ready(k)`` from all of them, installs the views up to k.

If a further member fails meanwhile, k is never completed, but k + 1 is, and carries all of k.
Why there are two rounds stands at the head of the TLA+ module.

The class holds the part of a process's state that flush needs.  The protocol above it (``cbcast``)
decides what is delivered; it calls ``disseminate`` to send and ``advance`` to install.

Spec: Flush.
Paper: Birman and Joseph 1987, sections 2.4 and 3.1; Birman, Schiper, Stephenson 1991.
"""

from __future__ import annotations

from typing import Any

from vsync.actions import action, as_json
from vsync.effects import ProcessEffect, Send
from vsync.errors import LocalProtocolError, RemoteProtocolError
from vsync.messages import Data, Flush, Message, Packet, Ready
from vsync.types import Address, MessageId, View

Mark = tuple[Address, int]


class FlushMachine:
    """The flush protocol of one process.

    Arguments: ``who``, the address of the process; ``recording``, whether actions tell what they
    did.  The attributes bear the names of the TLA+ variables.
    """

    def __init__(self, who: Address, *, recording: bool = True) -> None:
        self.who = who
        self.recording = recording
        self.views: dict[int, View] = {}
        self.known = 0
        self.current = 0
        self.received: dict[MessageId, Message] = {}
        self.flushes: set[Mark] = set()
        self.readies: set[Mark] = set()
        self._continuing: dict[int, tuple[Address, ...]] = {}

    # -- Decisions ------------------------------------------------------------------------------

    @property
    def view(self) -> View | None:
        """The view that the process is in, none before its first."""
        return self.views[self.current] if self.current else None

    def continuing(self, k: int) -> tuple[Address, ...]:
        """Those who take part in the change to view k, oldest first.  Spec: Flush!Continuing."""
        return self._continuing[k]

    def from_excluded(self, q: Address, packet: Packet) -> bool:
        """The process was told that this sender is excluded.  Spec: Flush!FromExcluded."""
        return packet.view <= self.known and q not in self.views[self.known].members

    @property
    def blocked(self) -> bool:
        """No multicast may begin while a view is on its way.  Spec: Flush!Blocked."""
        return self.current == 0 or self.current < self.known

    def has_flushes(self, k: int) -> bool:
        """``Flush(k)`` has come from all who continue into k.  Spec: Flush!HasFlushes."""
        return all((q, k) in self.flushes for q in self.continuing(k))

    def has_readies(self, k: int) -> bool:
        """``Ready(k)`` has come from all who continue into k.  Spec: Flush!HasReadies."""
        return all((q, k) in self.readies for q in self.continuing(k))

    def may_install(self) -> bool:
        """The change to some later view is complete.  Spec: Flush!MayInstall."""
        return any(self.has_readies(k) for k in self._awaited())

    def to_confirm(self) -> int | None:
        """A view for which the process may send Ready, if there is one.  Spec: Flush!Confirm."""
        for k in self._awaited():
            if self.who in self.continuing(k) and (self.who, k) not in self.readies and self.has_flushes(k):
                return k
        return None

    def held(self, view: int) -> list[Message]:
        """The messages of one view that the process holds, in the order of their identifiers."""
        return [m for _, m in sorted(self.received.items()) if m.view == view]

    # -- Actions --------------------------------------------------------------------------------

    @action("Flush!Receive")
    def receive(self, q: Address, message: Message, carried: tuple[Message, ...] = ()) -> list[ProcessEffect]:
        """Take a message from its sender q, and what goes along with it."""
        self._hold((*carried, message))
        return []

    @action("Flush!Forward")
    def forward(self, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        """Be told of the next view: stop multicasting, and forward all that is held.

        Arguments: the view; those of its members who were in the view before it.
        Errors: ``LocalProtocolError`` if the views do not come one after the other, or if this
        process is no member.
        """
        if self.who not in view.members or (self.known and view.id != self.known + 1):
            raise LocalProtocolError(
                f"{self.who} knows view {self.known} and can be told of the next view that it is a member "
                f"of; view {view.id} with members {view.members} came"
            )
        k = view.id
        self.known = k
        self.views[k] = view
        self._continuing[k] = continuing
        if self.who not in continuing:
            return []
        self.flushes.add((self.who, k))
        unstable = tuple(m for _, m in sorted(self.received.items()) if m.view < k)
        return self.send(continuing, Flush(view=k, unstable=unstable))

    @action("Flush!ReceiveFlush")
    def receive_flush(self, q: Address, k: int, unstable: tuple[Message, ...]) -> list[ProcessEffect]:
        """Take ``Flush(k)`` from q, and with it all that q held."""
        self._hold(unstable)
        if k > self.current:
            self.flushes.add((q, k))
        return []

    @action("Flush!Confirm")
    def confirm(self, k: int) -> list[ProcessEffect]:
        """Tell the members of view k that this process holds all that anyone held."""
        assert self.has_flushes(k)
        assert (self.who, k) not in self.readies
        self.readies.add((self.who, k))
        return self.send(self.views[k].members, Ready(view=k))

    @action("Flush!ReceiveReady")
    def receive_ready(self, q: Address, k: int) -> list[ProcessEffect]:
        """Take ``Ready(k)`` from q."""
        if k > self.current:
            self.readies.add((q, k))
        return []

    @action("Flush!Discard")
    def discard(self, q: Address) -> list[ProcessEffect]:
        """Drop a packet from a process that is excluded: failures are clean."""
        return []

    # -- For the protocol above -----------------------------------------------------------------

    def disseminate(self, message: Message) -> list[ProcessEffect]:
        """Hold a message of this process and send it to the other members.  Spec: Flush!Disseminate."""
        assert not self.blocked
        assert message.view == self.current
        self.received[message.id] = message
        return self.send(self.views[self.current].members, Data(view=self.current, message=message))

    def advance(self) -> View:
        """Install the next view and forget what was of the old one.  Spec: Flush!Advance."""
        assert self.may_install()
        k = self.current + 1 if self.current else min(self.views)
        self.current = k
        self.received = {m.id: m for m in self.received.values() if m.view >= k}
        self.flushes = {mark for mark in self.flushes if mark[1] > k}
        self.readies = {mark for mark in self.readies if mark[1] > k}
        self.views = {number: view for number, view in self.views.items() if number >= k}
        self._continuing = {number: stay for number, stay in self._continuing.items() if number >= k}
        return self.views[k]

    def check(self, packet: Packet) -> None:
        """Raise ``RemoteProtocolError`` for a packet that no correct process sends."""
        if packet.view < 1:
            raise RemoteProtocolError(f"views are numbered from 1; a packet for view {packet.view} came")
        match packet:
            case Data() if packet.message.view != packet.view:
                raise RemoteProtocolError(f"{packet.message.id} is of view {packet.message.view}, not {packet.view}")
            case Flush() if any(m.view >= packet.view for m in packet.unstable):
                raise RemoteProtocolError(f"Flush({packet.view}) carries messages of earlier views only")
            case _:
                pass

    def snapshot(self) -> dict[str, Any]:
        """The variables of the process under their TLA+ names."""
        return {
            "known": self.known,
            "current": self.current,
            "received": as_json(set(self.received)),
            "flushes": as_json([list(mark) for mark in sorted(self.flushes)]),
            "readies": as_json([list(mark) for mark in sorted(self.readies)]),
        }

    # -- Helpers --------------------------------------------------------------------------------

    def _awaited(self) -> range:
        """The views that the process was told of and has not installed, the latest first."""
        first = max(self.current + 1, min(self.views, default=1))
        return range(self.known, first - 1, -1)

    def _hold(self, messages: tuple[Message, ...]) -> None:
        for message in messages:
            if message.view >= self.current:
                self.received[message.id] = message

    def send(self, to: tuple[Address, ...], packet: Packet) -> list[ProcessEffect]:
        others = tuple(member for member in to if member != self.who)
        return [Send(to=others, packet=packet)] if others else []
