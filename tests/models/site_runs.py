"""Runs of the multicast machines of sites, recorded as a world records them.

The machines alone, over views that the run agrees on, and channels that are first in, first out.  Sites crash,
also in the middle of a step; they are excluded although they work; others join.  A run is made by a seed, and
the same seed makes the same lines.

Spec: TraceGbcast; FlushEnvironment (Agree, Crash, Lose) and Flush!ToldNext.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from attrs import frozen

from models.search import Channels
from vsync.actions import ActionTaken
from vsync.effects import Deliver, InstallView, ProcessEffect, RecordMulticast, Send, SetTimer
from vsync.gbcast import GbcastMachine
from vsync.messages import Message, Packet, ProcessMessage
from vsync.types import Address, View

Line = dict[str, Any]

KINDS = ("cbcast", "cbcast", "abcast", "uniform", "gbcast")
ROUNDS_MAX = 300


@frozen(kw_only=True)
class Plan:
    """How a run goes: how many sites found it, how many moves it has, how often what happens.

    ``chances`` has a weight for each move, by the name of the method that makes it.
    """

    sites: int = 3
    moves: int = 60
    sites_max: int = 6
    kinds: tuple[str, ...] = KINDS
    chances: tuple[tuple[str, int], ...] = (
        ("multicast", 8),
        ("arrive", 24),
        ("fire", 5),
        ("tell", 6),
        ("change", 2),
        ("crash", 1),
        ("crash_during", 1),
    )


class SiteRun:
    """One run, made as it is created; ``lines`` is what was recorded.

    If a machine fails, as a mutant's may, the run ends there: ``failed`` says by what.
    """

    def __init__(self, seed: int, plan: Plan | None = None) -> None:
        self.plan = plan or Plan()
        self.chance = Random(seed)
        self.lines: list[Line] = []
        self.machines: dict[Address, GbcastMachine] = {}
        self.views: list[View] = []
        self.running: list[Address] = []
        self.channels: Channels[Packet] = Channels()
        self.timers: set[tuple[Address, str]] = set()
        self.crash_after: dict[Address, int] = {}
        self.failed: AssertionError | None = None
        try:
            self._run()
        except AssertionError as error:
            self.failed = error

    # -- Moves ----------------------------------------------------------------------------------

    def multicast(self) -> None:
        """A site multicasts, to some of the members or to all."""
        p = self.chance.choice(self.running)
        kind = self.chance.choice(self.plan.kinds)
        members = self.views[-1].members
        some = self.chance.sample(members, self.chance.randint(1, len(members)))
        to = None if self.chance.random() < 0.5 else some
        self._step(p, lambda: self.machines[p].multicast("", to, kind))

    def arrive(self) -> None:
        """The next packets of a channel arrive."""
        if waiting := self.channels.waiting():
            q, p = self.chance.choice(waiting)
            for _ in range(self.chance.randint(1, 4)):
                self._arrive(q, p)

    def fire(self) -> None:
        """A timer goes off."""
        if self.timers:
            self._fire(*self.chance.choice(sorted(self.timers)))

    def tell(self) -> None:
        """A site is told of its next view."""
        if late := [p for p in self.running if self._next_view(p)]:
            self._tell(self.chance.choice(late))

    def change(self) -> None:
        """The sites agree on the next view: without those who crashed, or without one who works, or with another."""
        members = self.views[-1].members
        gone = {p for p in members if p not in self.running}
        if self.chance.random() < 0.3 and len(members) - len(gone) > 2:
            gone.add(self.chance.choice(members))
        joins = self.chance.random() < 0.5 and len(self.machines) < self.plan.sites_max
        if (gone or joins) and set(members) - gone:
            self._agree(gone, joins)

    def crash(self) -> None:
        """A site crashes, and some of what it sent last is lost."""
        if self._may_crash():
            p = self.chance.choice(self.running)
            self._stop(p)
            for q, r in self.channels.waiting(p):
                self.channels.shorten(q, r, self.chance.randint(0, len(self.channels.packets[q, r])))

    def crash_during(self) -> None:
        """A site will crash in the middle of its next step."""
        if self._may_crash():
            self.crash_after[self.chance.choice(self.running)] = self.chance.randint(0, 5)

    # -- The run --------------------------------------------------------------------------------

    def _run(self) -> None:
        founders = tuple(Address.of_site(number) for number in range(1, self.plan.sites + 1))
        self.views.append(View(id=1, members=founders))
        for p in founders:
            self._start(p)
        for p in founders:
            self._tell(p)
        names, weights = zip(*self.plan.chances, strict=True)
        for _ in range(self.plan.moves):
            getattr(self, self.chance.choices(names, weights)[0])()
        for _ in range(ROUNDS_MAX):
            if not self._calm():
                return

    def _calm(self) -> bool:
        """Who crashed is excluded, all are told of all views, all that is under way arrives, timers go off."""
        members = self.views[-1].members
        if not set(members) & set(self.running):
            return False
        if gone := {p for p in members if p not in self.running}:
            self._agree(gone, joins=False)
        late = [p for p in self.running if self._next_view(p)]
        waiting, timers = self.channels.waiting(), sorted(self.timers)
        for p in late:
            self._tell(p)
        for q, p in waiting:
            self._arrive(q, p)
        for timer in timers:
            self._fire(*timer)
        return bool(gone or late or waiting or timers)

    def _agree(self, gone: set[Address], joins: bool) -> None:
        stay = tuple(p for p in self.views[-1].members if p not in gone)
        came = (Address.of_site(len(self.machines) + 1),) if joins else ()
        self.views.append(View(id=len(self.views) + 1, members=stay + came))
        for p in came:
            self._start(p)

    def _start(self, p: Address) -> None:
        self.machines[p] = GbcastMachine(p)
        self.running.append(p)

    def _may_crash(self) -> bool:
        return len(set(self.running) & set(self.views[-1].members)) > 2

    def _next_view(self, p: Address) -> View | None:
        known = self.machines[p].known
        if not known:
            return next(view for view in self.views if p in view.members)
        return next((view for view in self.views[known : known + 1] if p in view.members), None)

    def _tell(self, p: Address) -> None:
        view = self._next_view(p)
        if p in self.running and view is not None:
            before = self.views[view.id - 2].members if view.id > 1 else ()
            self._step(p, lambda: self.machines[p].told(view, tuple(q for q in view.members if q in before)))

    def _arrive(self, q: Address, p: Address) -> None:
        if self.channels.packets[q, p]:
            packet = self.channels.take(q, p)
            self._step(p, lambda: self.machines[p].packet_received(q, packet))

    def _fire(self, p: Address, timer: str) -> None:
        if (p, timer) in self.timers:
            self.timers.discard((p, timer))
            self._step(p, lambda: self.machines[p].timer_fired(timer))

    def _step(self, p: Address, take: Callable[[], list[ProcessEffect]]) -> None:
        """Let a site take a step, and carry out its effects unless a crash strikes among them."""
        effects = take()
        strike = self.crash_after.pop(p, None) if effects else None
        for effect in effects[:strike]:
            self._carry_out(p, effect)
        if strike is not None:
            self._stop(p)

    def _carry_out(self, p: Address, effect: ProcessEffect) -> None:
        match effect:
            case ActionTaken(name=name, arguments=arguments, variables=variables):
                self.lines.append({"action": name, "site": str(p), "arguments": arguments, "variables": variables})
            case Send(to=to, packet=packet):
                for q in to:
                    if q in self.running:
                        self.channels.send(p, q, packet)
            case SetTimer(timer=timer):
                self.timers.add((p, timer))
            case RecordMulticast(message=Message() as m) if m.to:  # one to nobody, all having gone, is no service event
                to_names = [_process(q) for q in sorted(m.to)]
                self._event("multicast", p, message=_name(m), primitive=m.stamp.kind, to=to_names)
            case Deliver(message=m):
                self._event("deliver", p, message=_name(m))
            case InstallView(view=view):
                self._event("install", p, view={"id": view.id, "members": [_process(q) for q in view.members]})
            case _:
                pass

    def _stop(self, p: Address) -> None:
        self.running.remove(p)
        self.crash_after.pop(p, None)
        self.timers = {timer for timer in self.timers if timer[0] != p}
        self.channels.deafen(p)
        self.lines.append({"action": "Flush!Crash", "site": str(p), "arguments": {}, "variables": {}})
        self._event("crash", p)

    def _event(self, event: str, p: Address, **fields: Any) -> None:
        self.lines.append({"event": event, "process": _process(p)} | fields)


def _process(site: Address) -> str:
    """The process that multicasts at a site."""
    return str(site.process(1))


def _name(m: Message | ProcessMessage) -> str:
    return f"{_process(m.id.sender)}:{m.id.number}"
