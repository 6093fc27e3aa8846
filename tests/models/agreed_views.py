"""An environment in which the views are simply agreed on: by the test itself.

Processes crash, or are excluded although they work, and others join; each process is told of the views one
after the other.  Who is excluded and works on is told nothing.

Spec: FlushEnvironment (Agree, Crash, Lose) and Flush!ToldNext.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from models.search import Channels, Search
from models.strategies import BUSY, FOUNDERS, one_of, some, some_of
from models.witness import Witness
from vsync.messages import Packet
from vsync.types import Address, Kind, View

PROCESSES_MAX = 7


class AgreedViews(Search):
    """Views, who was told of which, who runs, and what is under way."""

    causal = True

    def __init__(self) -> None:
        super().__init__()
        self.witness = Witness(self.only, causal=self.causal)
        self.views: list[View] = []
        self.told: dict[Address, int] = {}
        self.running: set[Address] = set()
        self.crashed: set[Address] = set()
        self.channels: Channels[Packet] = Channels()
        self.asked = 0

    # -- What there is --------------------------------------------------------------------------

    @property
    def members(self) -> tuple[Address, ...]:
        """The members of the last view."""
        return self.views[-1].members

    def view(self, number: int) -> View:
        return self.views[number - 1]

    def next_view(self, p: Address) -> View | None:
        """The view that p is to be told of next: of one that joins, the first that it is in."""
        if p not in self.told:
            return next(view for view in self.views if p in view.members)
        number = self.told[p] + 1
        if number <= len(self.views) and p in self.view(number).members:
            return self.view(number)
        return None

    def to_be_told(self) -> list[Address]:
        return sorted(p for p in self.running if self.next_view(p) is not None)

    def from_excluded(self, q: Address, p: Address, packet: Packet) -> bool:
        """p was told that q is excluded from the view of this packet, or from a later one."""
        told = self.told.get(p, 0)
        return packet.view <= told and q not in self.view(told).members

    def lossy(self) -> list[tuple[Address, Address]]:
        """The channels of processes that have crashed."""
        return [ends for ends in self.channels.waiting() if ends[0] in self.crashed]

    def stayers(self) -> list[Address]:
        """The members of the last view that run."""
        return sorted(p for p in self.members if p in self.running)

    # -- Rules ----------------------------------------------------------------------------------

    @initialize(founders=FOUNDERS, busy=BUSY)
    def found(self, founders: int, busy: list[int]) -> None:
        """All founders have installed view 1, and some of them multicast."""
        self.views.append(View(id=1, members=tuple(process(number) for number in range(1, founders + 1))))
        for p in self.members:
            self.start(p)
            self.tell(p)
        for number in busy:
            self.multicast_from(self.members[number % founders])

    @rule(data=st.data(), joins=st.booleans(), excluded=st.booleans())
    @precondition(some(stayers))
    def agree(self, data: Any, joins: bool, excluded: bool) -> None:
        """The sites agree on the next view: without some who crashed, perhaps without one who works."""
        crashed = [p for p in self.members if p in self.crashed]
        gone = set(some_of(data, crashed, "crashed"))
        if excluded and len(self.stayers()) > 1:
            gone.add(one_of(data, self.stayers(), "excluded"))
        newest = len(self.running) + len(self.crashed) + 1
        came = (process(newest),) if joins and newest <= PROCESSES_MAX else ()
        if gone or came:
            self.append_view(gone, came)

    def append_view(self, gone: set[Address], came: tuple[Address, ...] = ()) -> None:
        stay = tuple(p for p in self.members if p not in gone)
        self.views.append(View(id=len(self.views) + 1, members=stay + came))
        for p in came:
            self.start(p)

    @rule(data=st.data())
    @precondition(some(to_be_told))
    def forward(self, data: Any) -> None:
        """A process is told of its next view.  Spec: Flush!Forward."""
        self.tell(one_of(data, self.to_be_told(), "process"))

    def tell(self, p: Address) -> None:
        view = self.next_view(p)
        assert view is not None
        before = self.view(view.id - 1).members if view.id > 1 else ()
        self.told[p] = view.id
        self.tells(p, view, tuple(q for q in view.members if q in before))

    @rule()
    def wait(self) -> None:
        """Nothing happens, and nothing may change by that."""

    @rule(data=st.data())
    @precondition(lambda self: len(self.stayers()) > 1)
    def crash(self, data: Any) -> None:
        """A process crashes.  Spec: Flush!Crash."""
        self.stop(one_of(data, self.running, "process"))

    def stop(self, p: Address) -> None:
        self.running.discard(p)
        self.crashed.add(p)
        self.channels.deafen(p)
        self.witness.crashes(str(p))

    @rule(data=st.data())
    @precondition(some(lossy))
    def lose(self, data: Any) -> None:
        """The last packets of a process that crashed were not sent after all.  Spec: Flush!Lose."""
        p, q = one_of(data, self.lossy(), "channel")
        most = len(self.channels.packets[p, q])
        self.channels.shorten(p, q, data.draw(st.integers(1, most), label="packets lost"))

    # -- The end --------------------------------------------------------------------------------

    def calm_round(self) -> bool:
        """Who crashed is excluded, all are told of all views, and all that is under way arrives."""
        if not self.stayers():
            return False
        if gone := {p for p in self.members if p in self.crashed}:
            self.append_view(gone)
        going = bool(gone)
        while to_be_told := self.to_be_told():
            self.tell(to_be_told[0])
            going = True
        for q, p in self.channels.waiting():
            going = True
            if self.channels.packets[q, p]:
                self.arrive_at(p, q)
        return going

    def at_rest(self) -> None:
        """The members of the last view, of which all run, have installed it and lack nothing."""
        if self.stayers():
            for p in sorted(self.running - set(self.members)):
                self.stop(p)  # it was excluded; its site would cease
            self.witness.has_settled({str(p) for p in self.members})

    # -- What the protocol does -----------------------------------------------------------------

    def start(self, p: Address) -> None:
        """A process starts."""
        self.running.add(p)
        self.witness.joins(str(p))

    def tells(self, p: Address, view: View, continuing: tuple[Address, ...]) -> None:
        """p is told of a view."""
        raise NotImplementedError

    def multicast_from(self, p: Address) -> None:
        """p multicasts."""
        raise NotImplementedError

    def arrive_at(self, p: Address, q: Address) -> None:
        """The next packet from q arrives at p."""
        raise NotImplementedError


def process(number: int) -> Address:
    """The n-th process, at a site of its own."""
    return Address(number, 1, 1, Kind.PROCESS)
