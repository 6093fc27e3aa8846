"""Cost: how many messages between sites the primitives take, and how that grows with the sites.

``primitives`` has one multicast of each kind in a group with a member at each site: nothing else happens, or a
destination has crashed just before and is found out.  ``growth`` has systems of more and more sites with the same
work for each: overlapping groups of eight, and multicasts that follow upon each other.

Spec: none.
Paper: Birman and Joseph 1987, sections 3.1 and 7, Table I and Figure 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import attrs
from attrs import frozen

from vsync.sim import moves
from vsync.sim.metered import MeteredRun
from vsync.types import Address

KINDS = ("cbcast", "abcast", "uniform", "gbcast")
GROUP_SIZE = 8
MEMBERSHIPS = 2
MULTICASTS = 100
#: What takes no part in bringing a multicast about, but in forgetting it.
AFTERWARDS = ("Delivered",)


@frozen(kw_only=True)
class PrimitiveCost:
    """One multicast: its ``kind``, to ``destinations`` sites besides the sender's.

    ``before``: the messages between sites, one after the other, before the last remote delivery; ``messages``,
    all that were sent until nothing was left to do; ``afterwards``, those among them that only tell what is
    stable; ``latency``, the time to the last remote delivery, in times that a packet takes.
    """

    kind: str
    crash: bool
    destinations: int
    before: int
    messages: int
    afterwards: int
    latency: float

    def as_json(self) -> dict[str, Any]:
        """The fields by their names."""
        return attrs.asdict(self)


@frozen(kw_only=True)
class Growth:
    """The cost in a system of ``sites``: of a multicast, of its ordering information, and of a view change.

    Per multicast: ``messages`` and ``bytes`` of all that is sent on its behalf, ``stability_messages`` among
    them; and for each copy of it ``ordering_bytes``, with ``carried`` other messages along.  Of a view change:
    messages and virtual milliseconds from the suspicion, by all, until all have installed it; ``latency_ms`` is
    how long a packet takes.
    """

    sites: int
    latency_ms: int
    messages: float
    stability_messages: float
    bytes: float
    ordering_bytes: float
    carried: float
    view_messages: int
    view_ms: int

    def as_json(self) -> dict[str, Any]:
        """The fields by their names."""
        return attrs.asdict(self)


def primitives(sites: int = 4) -> Iterator[PrimitiveCost]:
    """Yield the cost of each primitive, first in the steady state, then with one crash."""
    for crash in (False, True):
        for kind in KINDS:
            yield _primitive(kind, sites, crash)


def growth(sizes: Sequence[int] = (4, 8, 16, 32, 64)) -> Iterator[Growth]:
    """Yield the cost in systems of these many sites."""
    for sites in sizes:
        yield _growth(sites)


# -- One multicast ----------------------------------------------------------------------------------


def _primitive(kind: str, number: int, crash: bool) -> PrimitiveCost:
    run = MeteredRun(measuring_bytes=False)
    sites = _found(run, number)
    group = _one_group(run, sites)
    sender, victim = sites[-1], sites[1]
    run.set_meter()
    begun_ms = run.now_ms
    if crash:
        run.make(moves.CrashSite(site=victim))
    run.make(moves.Multicast(process=sender.process(1), to=(group,), payload="m", kind=kind))
    if crash:
        for site in sites:
            if site != victim:
                run.make(moves.Suspect(site=site, suspected=victim))
    run.run()
    remote = [d for d in run.meter.deliveries if d.process != str(sender.process(1))]
    expected = number - (2 if crash else 1)
    assert len(remote) == expected, f"{kind}: {len(remote)} of {expected} have delivered"
    return PrimitiveCost(
        kind=kind,
        crash=crash,
        destinations=number - 1,
        before=max(d.depth for d in remote),
        messages=run.meter.messages.total(),
        afterwards=sum(run.meter.messages[kind] for kind in AFTERWARDS),
        latency=(max(d.at_ms for d in remote) - begun_ms) / run.latency_ms,
    )


def _one_group(run: MeteredRun, sites: Sequence[Address]) -> Address:
    """A group with a member at each site."""
    for site in sites:
        run.make(moves.StartProcess(process=site.process(1)))
        run.make(moves.JoinGroup(process=site.process(1), name="g"))
        run.run()
    return run.world.groups()[0]


# -- Growing systems --------------------------------------------------------------------------------


def _growth(number: int) -> Growth:
    run = MeteredRun()
    sites = _found(run, number)
    _overlapping_groups(run, sites)
    run.set_meter()
    _multicast(run, MULTICASTS)
    multicasting = run.meter
    copies = multicasting.messages["Data"]
    run.set_meter()
    begun_ms = run.now_ms
    run.make(moves.CrashSite(site=sites[-1]))
    for site in sites[:-1]:
        run.make(moves.Suspect(site=site, suspected=sites[-1]))
    run.run()
    assert len(run.meter.installs) == number - 1, "not all sites have installed the next view"
    return Growth(
        sites=number,
        latency_ms=run.latency_ms,
        messages=multicasting.messages.total() / MULTICASTS,
        stability_messages=sum(multicasting.messages[kind] for kind in AFTERWARDS) / MULTICASTS,
        bytes=multicasting.bytes.total() / MULTICASTS,
        ordering_bytes=multicasting.ordering_bytes / copies,
        carried=multicasting.carried / copies,
        view_messages=run.meter.messages.total(),
        view_ms=max(time_ms for time_ms, _ in run.meter.installs) - begun_ms,
    )


def _overlapping_groups(run: MeteredRun, sites: Sequence[Address]) -> None:
    """Each site has a process, each process is in two groups of eight: with its neighbours, and with others."""
    number = len(sites)
    size = min(GROUP_SIZE, number)
    for site in sites:
        run.make(moves.StartProcess(process=site.process(1)))
    for first in range(0, number, size):
        near = sites[first : first + size]
        far = [sites[(first // size + step * max(number // size, 1)) % number] for step in range(size)]
        for name, members in ((f"near {first}", near), (f"far {first}", far)):
            for site in members:
                run.make(moves.JoinGroup(process=site.process(1), name=name))
            run.run()


def _multicast(run: MeteredRun, count: int) -> None:
    """Members multicast in turn, each before what came before it is stable."""
    memberships = run.world.memberships()
    step = max(len(memberships) // 7, 1) | 1
    for index, (process, group) in enumerate(islice(cycle(memberships[::step] or memberships), count)):
        run.make(moves.Multicast(process=process, to=(group,), payload=f"m{index}"))
        run.run(until_ms=run.now_ms + run.latency_ms)
    run.run()


def _found(run: MeteredRun, number: int) -> list[Address]:
    sites = [Address.of_site(each) for each in range(1, number + 1)]
    run.make(moves.Found(sites=tuple(sites)))
    run.run()
    return sites
