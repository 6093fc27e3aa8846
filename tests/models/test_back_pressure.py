"""Buffers are bounded by stability: who multicasts faster than a slow site receives is held back.

Spec: CbcastLists!Multicast, CbcastLists!Stable, CbcastLists!Forget.
"""

from __future__ import annotations

import pytest

from vsync.cbcast_lists import UNSTABLE_MAX
from vsync.errors import LocalProtocolError
from vsync.groups import REQUESTS_MAX
from vsync.sim import moves
from vsync.sim.world import Line, World
from vsync.types import Address

FAST, OTHER, SLOW = (Address.of_site(number) for number in (1, 2, 3))


class Run:
    """Three sites with a member each; what is under way to the slow one arrives when the test says so."""

    def __init__(self) -> None:
        self.delivered: dict[str, list[str]] = {}
        self.most_held = 0
        self.world = World(recording=False, on_line=self.see)
        self.world.make(moves.Found(sites=(FAST, OTHER, SLOW)))
        for site in (FAST, OTHER, SLOW):
            self.world.make(moves.StartProcess(process=site.process(1)))
            self.world.make(moves.JoinGroup(process=site.process(1), name="all"))
            self.go_on()
        (self.group,) = self.world.groups()

    def see(self, line: Line) -> None:
        if line["event"] == "deliver":
            self.delivered.setdefault(line["process"], []).append(line["message"])

    def multicast(self, number: int) -> None:
        payload = f"m{number}"
        self.world.make(moves.Multicast(process=FAST.process(1), to=(self.group,), payload=payload))

    def go_on(self, *, without: Address | None = None) -> None:
        """Let all arrive and all timers fire until nothing is left, but for what is for one of the sites."""
        while True:
            arriving = [channel for channel in self.world.network.arriving() if channel[1] != without]
            timers = sorted(timer for timer in self.world.timers if timer[0] != without)
            if not arriving and not timers:
                return
            for source, destination in arriving:
                self.world.make(moves.Arrive(source=source, destination=destination))
            if not arriving:
                for owner, timer in timers:
                    self.world.make(moves.Fire(owner=owner, timer=timer))
            self.most_held = max(self.most_held, *(len(s.multicasts.received) for s in self.world.sites.values()))


def test_a_slow_member_holds_back_the_sender_and_its_recovery_lets_it_go_on() -> None:
    """Nobody ever holds more than the limit, and in the end all is delivered everywhere, in order."""
    run = Run()
    many = 5 * UNSTABLE_MAX
    assert run.world.sites[FAST].may_multicast
    for number in range(many):
        run.multicast(number)
        run.go_on(without=SLOW)
    assert not run.world.sites[FAST].may_multicast
    assert len(run.delivered[str(OTHER.process(1))]) == UNSTABLE_MAX
    assert len(run.world.sites[FAST].groups.requests) == many - UNSTABLE_MAX - 1
    run.go_on()
    assert run.most_held == UNSTABLE_MAX
    assert run.world.sites[FAST].may_multicast
    assert all(not site.multicasts.received for site in run.world.sites.values())
    assert len(run.delivered[str(SLOW.process(1))]) == many
    assert run.delivered[str(SLOW.process(1))] == run.delivered[str(FAST.process(1))]


def test_the_exclusion_of_a_slow_member_lets_the_sender_go_on() -> None:
    """What waited for the slow site waits no longer when a view is without it."""
    run = Run()
    for number in range(2 * UNSTABLE_MAX):
        run.multicast(number)
    run.go_on(without=SLOW)
    assert not run.world.sites[FAST].may_multicast
    for site in (FAST, OTHER):
        run.world.make(moves.Suspect(site=site, suspected=SLOW))
    run.go_on(without=SLOW)
    assert run.world.sites[FAST].may_multicast
    assert len(run.delivered[str(OTHER.process(1))]) == 2 * UNSTABLE_MAX


def test_what_waits_is_bounded_too() -> None:
    """When too many requests wait, a further multicast is an error that says what to do; nothing else changes."""
    run = Run()
    for number in range(UNSTABLE_MAX + 1 + REQUESTS_MAX):
        run.multicast(number)
    with pytest.raises(LocalProtocolError, match="multicast again when earlier multicasts are stable"):
        run.multicast(0)
    assert len(run.world.sites[FAST].groups.requests) == REQUESTS_MAX
    run.go_on()
    assert len(run.delivered[str(SLOW.process(1))]) == UNSTABLE_MAX + 1 + REQUESTS_MAX
