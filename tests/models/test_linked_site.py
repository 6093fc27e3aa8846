"""Sites over links: a network that loses, repeats, reorders and damages datagrams, and one that is cut.

Spec: Link under SiteViews and Gbcast; Network, with the guarantee "lossy".
"""

from __future__ import annotations

from collections import Counter, deque
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest

import vsync.linked_site
import vsync.site_views
from vsync.check.trace import open_trace
from vsync.effects import RecordSiteView, SendDatagram, SendToSite, SetTimerFor
from vsync.linked_site import LINK, LinkedSite
from vsync.messages import Heartbeat, JoinRequest, Report
from vsync.runtime.codec import encode
from vsync.sim import moves
from vsync.sim.campaign import Run, configuration_for, judged_run, written_run
from vsync.sim.replay import replay
from vsync.sim.simulation import Configuration
from vsync.sim.world import World
from vsync.site import Site
from vsync.types import Address, SiteView, View

OLD, NEW, OTHER = Address(1, 1), Address(1, 2), Address(2, 1)


def rough(seed: int, **given: Any) -> Configuration:
    """The configuration of a campaign, over links that lose 2 to 20 of a hundred datagrams."""
    chance = Random(f"links {seed}")
    links = {
        "links": True,
        "loss": chance.randint(2, 20),
        "duplication": chance.randint(1, 10),
        "reordering": chance.randint(1, 50),
        "corruption": chance.randint(1, 5),
        "cuts": chance.randint(0, 2),
    }
    return attrs.evolve(configuration_for(seed), **links | given)


def ran(seed: int, **given: Any) -> Run:
    return judged_run(rough(seed, **given), seed, recording=False)


def test_a_lossy_network_costs_no_guarantee() -> None:
    """Whatever becomes of datagrams, each guarantee holds, and a run settles, or waits for a lost majority."""
    counts: Counter[str] = Counter()
    for seed in range(14):
        run = ran(seed)
        assert not run.failure, f"seed {seed}: {run.failure}"
        counts.update(run.counts)
        counts["settled"] += run.settled
    happened = ("lose_datagram", "duplicate_datagram", "damage_datagram", "cut", "heal", "crash_site", "start_site")
    assert all(counts[f"move {name}"] for name in happened), counts
    assert counts["settled"] > 6


def test_acknowledgements_of_the_next_view_count() -> None:
    """A run that once did not settle: a site told what it had delivered before others were in its view."""
    assert not ran(122).failure


@pytest.mark.parametrize("seed", range(4))
def test_failures_are_detected_over_links(seed: int) -> None:
    """Heartbeats are not held up by what is lost: the sites detect failures over a lossy network."""
    assert not ran(seed, detector=True).failure


def test_a_run_over_links_replays(tmp_path: Path) -> None:
    """Configuration and seed give the same bytes, and the moves alone give them again."""
    configuration = rough(3, cuts=2)
    traces = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for trace in traces:
        assert not written_run(configuration, 3, trace).failure
    assert traces[0].read_bytes() == traces[1].read_bytes()
    with open_trace(traces[0]) as reader:
        (step,) = deque(replay(reader), maxlen=1)
    assert step.exact, step.difference or step.error


# -- The composition ------------------------------------------------------------------------------


def linked(who: Address) -> LinkedSite:
    return LinkedSite(Site(who, SiteView(id=1, sites=(OLD, OTHER)), recording=False), recording=False)


def datagrams(effects: list[Any]) -> list[bytes]:
    return [effect.data for effect in effects if isinstance(effect, SendDatagram)]


def heard_by(site: LinkedSite) -> list[object]:
    """What the site gets from its links, from now on; it does nothing with it."""
    heard: list[object] = []

    def received(source: Address, payload: object, now_ms: int = 0) -> list[Any]:
        heard.append(payload)
        return []

    site.site.received = received  # type: ignore[method-assign]
    return heard


def forgets() -> None:
    """A site does not listen to an incarnation when a view has a newer one."""
    site, old = linked(OTHER), linked(OLD)
    heard = heard_by(site)
    (first,) = datagrams(old.outgoing([SendToSite(to=OTHER, payload=JoinRequest())], 0))
    (second,) = datagrams(old.outgoing([SendToSite(to=OTHER, payload=JoinRequest())], 0))
    site.datagram_received(first, 1)
    assert len(heard) == 1
    site.outgoing([RecordSiteView(view=View(id=3, members=(OTHER, NEW)))], 2)
    site.datagram_received(second, 3)
    assert len(heard) == 1, "a newer incarnation is in the view, and the old one is listened to"


def keeps_order() -> None:
    """What a full link does not take waits, and goes on its way in order, each once."""
    site, other = linked(OLD), linked(OTHER)
    site.links.queue_max = 2
    heard = heard_by(other)
    sent = [Report(views=(SiteView(id=number, sites=(OLD,)),), wanted=()) for number in range(1, 7)]
    way = datagrams(site.outgoing([SendToSite(to=OTHER, payload=each) for each in sent], 0))
    assert len(way) == 2
    assert len(site.waiting[OTHER]) == len(sent) - 2
    while way:
        back = [answer for data in way for answer in datagrams(other.datagram_received(data, 1))]
        way = [more for data in back for more in datagrams(site.datagram_received(data, 2))]
    assert heard == sent
    assert not site.waiting


def test_an_old_incarnation_is_forgotten() -> None:
    """A link is over when a view has a newer incarnation of its end."""
    forgets()


def test_back_pressure_keeps_the_order() -> None:
    """A full link holds back what follows, and loses and swaps none of it."""
    keeps_order()


def test_a_multicast_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same payload to many sites is encoded once."""
    encoded: list[object] = []

    def counted(value: object) -> bytes:
        encoded.append(value)
        return encode(value)

    monkeypatch.setattr(vsync.linked_site, "encode", counted)
    payload = JoinRequest()
    others = [Address(number, 1) for number in range(2, 9)]
    out = linked(OLD).outgoing([SendToSite(to=to, payload=payload) for to in others], 0)
    assert len(datagrams(out)) == len(others)
    assert encoded == [payload]


def test_a_heartbeat_is_not_queued() -> None:
    """While something is not acknowledged, it is sent again in the place of a heartbeat."""
    site = linked(OLD)
    (first,) = datagrams(site.outgoing([SendToSite(to=OTHER, payload=JoinRequest())], 0))
    assert datagrams(site.outgoing([SendToSite(to=OTHER, payload=Heartbeat())], 100)) == [first]
    assert len(site.links.linked[OTHER].queue) == 1


def test_timers_of_links_are_told_from_those_of_the_site() -> None:
    """Both have timers that are called acknowledge; a link's bears a prefix."""
    out = linked(OLD).outgoing([SendToSite(to=OTHER, payload=JoinRequest())], 0)
    assert [each.timer.timer.startswith(LINK) for each in out if isinstance(each, SetTimerFor)] == [True]


def _forget_nothing(self: LinkedSite, *_: Any) -> None:
    """The mutant that never forgets."""


def _send_at_the_front(self: LinkedSite, to: Address, data: bytes, now_ms: int, out: list[Any]) -> None:
    """The mutant that does not look whether others wait already."""
    if not self.links.may_send(to):
        self.waiting.setdefault(to, deque()).appendleft(data)
    else:
        out.extend(self._linked(self.links.send(to, data, now_ms), now_ms))


def _twice(self: LinkedSite, effects: list[Any], now_ms: int, *, original: Any = LinkedSite._linked) -> Any:
    """The mutant that hands out each payload twice."""
    return original(self, [each for effect in effects for each in (effect, effect)], now_ms)


@pytest.mark.parametrize(("method", "mutant", "check"), [
    ("_forget", _forget_nothing, forgets), ("_send", _send_at_the_front, keeps_order), ("_linked", _twice, keeps_order),
])  # fmt: skip
def test_mutants_are_caught(monkeypatch: pytest.MonkeyPatch, method: str, mutant: Any, check: Any) -> None:
    """Each check of the composition fails if the code is wrong in the way that it is for."""
    monkeypatch.setattr(LinkedSite, method, mutant)
    with pytest.raises(AssertionError):
        check()


# -- Cuts -----------------------------------------------------------------------------------------


def settle(world: World) -> None:
    """Let packets arrive until none does."""
    while channels := [channel for channel in world.network.arriving() if channel not in world.cut]:
        for source, destination in channels:
            if world.network.waiting(source, destination):
                world.make(moves.Arrive(source=source, destination=destination))


def cut_off(world: World, kind: type[moves.Cut] | type[moves.Heal]) -> None:
    """Cut site 3 off from the two others, or heal that."""
    for other in (1, 2):
        world.make(kind(source=Address(3, 1), destination=Address(other, 1)))
        world.make(kind(source=Address(other, 1), destination=Address(3, 1)))


def views_of(world: World) -> dict[Address, int]:
    return {who: site.views.current.id for who, site in world.sites.items()}


def test_a_minority_blocks_and_resumes() -> None:
    """The side without the majority makes no view, and goes on after healing if none was made without it."""
    world = World()
    sites = tuple(Address(number, 1) for number in (1, 2, 3))
    world.make(moves.Found(sites=sites))
    cut_off(world, moves.Cut)
    for other in sites[:2]:
        world.make(moves.Suspect(site=sites[2], suspected=other))
    settle(world)
    assert views_of(world) == dict.fromkeys(sites, 1)
    for other in sites[:2]:
        world.make(moves.Trust(site=sites[2], suspected=other))
    cut_off(world, moves.Heal)
    settle(world)
    process = sites[2].process(1)
    world.make(moves.StartProcess(process=process))
    world.make(moves.JoinGroup(process=process, name="group"))
    settle(world)
    assert [member for member, _ in world.memberships()] == [process]


def test_a_minority_is_excluded_and_learns_of_it() -> None:
    """The other side makes a view without it; after healing it learns that, and ceases."""
    world = World()
    sites = tuple(Address(number, 1) for number in (1, 2, 3))
    world.make(moves.Found(sites=sites))
    cut_off(world, moves.Cut)
    for site in sites[:2]:
        world.make(moves.Suspect(site=site, suspected=sites[2]))
    settle(world)
    assert views_of(world) == {sites[0]: 2, sites[1]: 2, sites[2]: 1}
    cut_off(world, moves.Heal)
    settle(world)
    assert views_of(world) == {sites[0]: 2, sites[1]: 2}


@pytest.mark.parametrize("links", [False, True])
def test_two_primary_components_are_noticed(monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """If a minority went on, some run would have two site views of one number, and the run would say so."""
    monkeypatch.setattr(vsync.site_views, "majority", lambda part, whole: bool(set(part) & set(whole)))
    failures = [ran(seed, links=links, cuts=3, site_crashes=0).failure for seed in range(12)]
    assert any("two primary components" in failure for failure in failures), failures


@pytest.mark.parametrize("links", [False, True])
def test_there_is_one_primary_component(links: bool) -> None:
    """Whatever is cut, no run has two."""
    for seed in range(8):
        assert not ran(seed, links=links, cuts=3).failure
