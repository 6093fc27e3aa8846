"""The failure detector: who has crashed is suspected, who is slow only for as long as that is new.

Machines alone, under a virtual clock: heartbeats take their time, sites are held up, crash, are excluded and
come back as new incarnations.  The model knows when each packet came and when each timer went off, and nothing
of estimators.

Spec: FailureDetector (ExcludedInv, OverloadProp, MistakesInv, OwnHeartbeatProp, PatientInv,
StrongCompletenessProp, EventualStrongAccuracyProp).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from models.search import Search
from models.strategies import one_of, some
from vsync.effects import FailureDetectorEffect, SendToSite, SetTimer, Suspect, Trust
from vsync.errors import LocalProtocolError
from vsync.failure_detector import BEAT, Estimator, FailureDetectorMachine, Pace
from vsync.types import Address

PACE = Pace(period_ms=100, floor_ms=400, cap_ms=1600, slack_ms=50)
#: In how many of its own heartbeats a site that runs on time can measure a silence of the floor, at least.
FLOOR_BEATS = -(-PACE.floor_ms // (PACE.period_ms + PACE.slack_ms))

Pair = tuple[Address, Address]


@define
class Heard:
    """What the model knows of one site as another one has seen it."""

    last_ms: int
    longest_ms: int = 0
    mistakes: int = 0
    beats: int = 0  # of the watching site, since it heard from the other


@define(order=True)
class Entry:
    """Something that will happen: a packet from ``source`` comes to ``site``, or its timer goes off."""

    at_ms: int
    number: int
    site: Address = field(order=False)
    source: Address | None = field(order=False, default=None)


class FailureDetectorSearch(Search):
    """Sites that watch each other, and the time that everything takes."""

    #: How long a heartbeat may take, in milliseconds.
    slowest_ms: ClassVar[int] = 1200

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 0
        self.view: tuple[Address, ...] = ()
        self.machines: dict[Address, FailureDetectorMachine] = {}
        self.agenda: list[Entry] = []
        self.entries = 0
        self.latency_ms: Counter[Pair] = Counter()
        self.last_arrival_ms: Counter[Pair] = Counter()
        self.paused_until: Counter[Address] = Counter()
        self.disturbed: set[Address] = set()  # those that were ever held up: their clocks are their own
        self.heard: dict[Pair, Heard] = {}
        self.suspicions: dict[Pair, bool] = {}  # and whether it is the site's own
        self.incarnations: Counter[int] = Counter()

    # -- Steps ----------------------------------------------------------------------------------

    def step(self, site: Address, take: Callable[[FailureDetectorMachine], list[FailureDetectorEffect]]) -> None:
        """Let a site take a step, and carry out its effects."""
        machine = self.machines[site]

        def taken() -> None:
            for effect in take(machine):
                self.carry_out(site, effect)
            watched = {other for other in self.view if other != site}
            known = machine.suspected <= watched and machine.records.keys() == watched
            self.demand("ExcludedInv", known, f"{site} watches {sorted(machine.records)}, and should {watched}")

        self.attempt(taken)

    def carry_out(self, site: Address, effect: FailureDetectorEffect) -> None:
        match effect:
            case SendToSite(to=to):
                self.send(site, to)
            case SetTimer(min_ms=after_ms):
                self.plan(self.now_ms + after_ms, site)
            case Suspect(site=other):
                self.suspects(site, other)
            case Trust(site=other):
                own = self.suspicions.pop((site, other), None)
                self.demand("ExcludedInv", own is not None, f"{site} trusts {other}, whom it did not suspect")
                self.heard[site, other].mistakes += own is True
            case _:
                raise AssertionError(f"the model knows no {effect}")

    def suspects(self, site: Address, other: Address) -> None:
        """A site suspects another by itself."""
        self.demand("ExcludedInv", other in self.view, f"{site} suspects {other}, which is not in the view")
        self.demand("ExcludedInv", (site, other) not in self.suspicions, f"{site} suspects {other} twice")
        self.suspicions[site, other] = True
        heard = self.heard[site, other]
        patient = heard.beats >= FLOOR_BEATS
        self.demand("PatientInv", patient, f"{site} suspects {other} after {heard.beats} beats of its own")
        if site not in self.disturbed:
            silence_ms = self.now_ms - heard.last_ms
            new = silence_ms > heard.longest_ms or silence_ms >= PACE.cap_ms
            self.demand("OverloadProp", new, f"{site} suspects {other}, silent for {silence_ms} ms: {heard}")

    def arrive(self, site: Address, source: Address) -> None:
        """A packet comes from a site; only of that one it shows anything."""
        machine = self.machines[site]
        others = {other: record.heard_ms for other, record in machine.records.items() if other != source}
        before = set(self.suspicions)
        asleep = self.now_ms - max(machine.due_ms or 0, machine.now_ms) > PACE.slack_ms
        self.step(site, lambda machine: machine.heard(source, self.now_ms))
        if self.over:
            return
        self.attempt(lambda: self.only_its_own(site, source, {} if asleep else others, before))
        if (site, source) in self.heard:
            heard = self.heard[site, source]
            heard.longest_ms = max(heard.longest_ms, self.now_ms - heard.last_ms)
            heard.last_ms, heard.beats = self.now_ms, 0
            self.attempt(lambda: self.few_mistakes(site, source, heard))

    def only_its_own(self, site: Address, source: Address, others: dict[Address, int], before: set[Pair]) -> None:
        """A packet has changed nothing but what is known of its sender."""
        records = self.machines[site].records
        touched = [other for other, heard_ms in others.items() if records[other].heard_ms != heard_ms]
        self.demand("OwnHeartbeatProp", not touched, f"a packet of {source} counts for {touched} at {site}")
        gone = before - self.suspicions.keys() - {(site, source)}
        self.demand("OwnHeartbeatProp", not gone, f"a packet of {source} withdraws {gone}")

    def few_mistakes(self, site: Address, other: Address, heard: Heard) -> None:
        """Each silence that was wrongly suspected was longer by a quarter than the one before it."""
        if site in self.disturbed or heard.longest_ms * 5 // 4 >= PACE.cap_ms:
            return
        needed = PACE.floor_ms * 1.25 ** (heard.mistakes - 1) if heard.mistakes else 0
        few = heard.longest_ms >= needed
        self.demand("MistakesInv", few, f"{site} has wrongly suspected {other} too often: {heard}")

    # -- Time -----------------------------------------------------------------------------------

    def plan(self, at_ms: int, site: Address, source: Address | None = None) -> None:
        self.entries += 1
        heapq.heappush(self.agenda, Entry(at_ms, self.entries, site, source))

    def send(self, source: Address, to: Address) -> None:
        """A packet is on its way, behind those that were sent before it."""
        pair = (source, to)
        self.last_arrival_ms[pair] = max(self.last_arrival_ms[pair], self.now_ms + self.latency_ms[pair] + 1)
        self.plan(self.last_arrival_ms[pair], to, source)

    def go_on(self, until_ms: int) -> None:
        """Let time pass, and happen what is due; who is held up finds it when it goes on."""
        while self.agenda and self.agenda[0].at_ms <= until_ms and not self.over:
            entry = heapq.heappop(self.agenda)
            self.now_ms = max(self.now_ms, entry.at_ms)
            if entry.site not in self.machines:
                continue
            if (wakes_ms := self.paused_until[entry.site]) > self.now_ms:
                self.plan(wakes_ms, entry.site, entry.source)
            elif entry.source is not None:
                self.arrive(entry.site, entry.source)
            else:
                self.fire(entry.site)
        self.now_ms = until_ms

    def fire(self, site: Address) -> None:
        for other in self.view:
            if other != site:
                self.heard[site, other].beats += 1
        self.step(site, lambda machine: machine.timer_fired(BEAT, self.now_ms))

    # -- What there is --------------------------------------------------------------------------

    def running(self) -> list[Address]:
        return sorted(self.machines)

    def awake(self) -> list[Address]:
        return sorted(site for site in self.machines if self.paused_until[site] <= self.now_ms)

    def pairs(self) -> list[Pair]:
        return [(s, t) for s in self.running() for t in self.view if s != t]

    def rumours(self) -> list[Pair]:
        """Who may be told that another site suspects a third."""
        return [(s, t) for s, t in self.pairs() if s in self.awake() and (s, t) not in self.suspicions]

    # -- Rules ----------------------------------------------------------------------------------

    @initialize(sites=st.sampled_from((3, 2, 3, 4)))
    def found(self, sites: int) -> None:
        """The first sites have a view."""
        for number in range(1, sites + 1):
            self.begin(number)
        self.agree(set(self.machines))

    def begin(self, number: int) -> None:
        self.incarnations[number] += 1
        site = Address.of_site(number, self.incarnations[number])
        self.machines[site] = FailureDetectorMachine(site, PACE)

    def agree(self, sites: set[Address]) -> None:
        """There is a new view of these sites, and all who run install it; who is not in it stops."""
        stay = tuple(site for site in self.view if site in sites)
        self.view = (*stay, *sorted(sites - set(stay)))
        for site in self.machines.keys() - sites:
            del self.machines[site]
        self.suspicions = {pair: own for pair, own in self.suspicions.items() if set(pair) <= sites}
        pairs = {(s, t) for s in self.view for t in self.view if s != t}
        self.heard = {pair: self.heard.get(pair) or Heard(self.now_ms) for pair in sorted(pairs)}
        for site in self.running():
            self.step(site, lambda machine: machine.watch(self.view, self.now_ms))

    @rule(ms=st.integers(1, 1500))
    def pass_time(self, ms: int) -> None:
        """Time goes on.  Spec: FailureDetector!Tick."""
        self.go_on(self.now_ms + ms)

    @rule(data=st.data(), part=st.integers(0, 100))
    @precondition(some(pairs))
    def slow_down(self, data: Any, part: int) -> None:
        """From now on packets from one site to another take so long."""
        site, source = one_of(data, self.pairs(), "pair")
        self.latency_ms[source, site] = self.slowest_ms * part // 100

    @rule(
        data=st.data(),
        ms=st.integers(350, 1000),
        times=st.integers(1, 4),
        both=st.booleans(),
        crashes=st.sampled_from((False, False, True)),
    )
    @precondition(some(pairs))
    def hold_back(self, data: Any, ms: int, times: int, both: bool, crashes: bool) -> None:
        """For a moment packets from one site to another take long, perhaps also back; again, and then no more."""
        site, source = one_of(data, self.pairs(), "pair")
        channels = ((source, site), (site, source)) if both else ((source, site),)
        for _ in range(times):
            for channel in channels:
                self.latency_ms[channel] = ms
            self.go_on(self.now_ms + PACE.period_ms)
            for channel in channels:
                del self.latency_ms[channel]
            self.go_on(self.now_ms + ms + PACE.period_ms)
        if crashes:
            self.machines.pop(source, None)

    @rule(data=st.data())
    @precondition(some(pairs))
    def send_packet(self, data: Any) -> None:
        """A site sends another something that is no heartbeat, and counts as one."""
        site, source = one_of(data, self.pairs(), "pair")
        if source in self.machines:
            self.send(source, site)

    @rule(data=st.data(), ms=st.integers(1, 3000))
    @precondition(some(awake))
    def pause(self, data: Any, ms: int) -> None:
        """A site is held up.  Spec: FailureDetector!Pause."""
        site = one_of(data, self.awake(), "site")
        self.paused_until[site] = self.now_ms + ms
        self.disturbed.add(site)
        self.go_on(self.now_ms + ms)

    @rule(data=st.data())
    @precondition(some(running))
    def crash(self, data: Any) -> None:
        """A site crashes; what is under way from it still comes.  Spec: FailureDetector!Crash."""
        del self.machines[one_of(data, self.running(), "site")]

    @rule(data=st.data())
    @precondition(some(rumours))
    def doubt(self, data: Any) -> None:
        """A site is told that another one suspects a third.  Spec: FailureDetector!Doubt."""
        site, other = one_of(data, self.rumours(), "pair")
        self.suspicions[site, other] = False
        self.step(site, lambda machine: machine.doubt((other,), self.now_ms))

    @rule(data=st.data(), back=st.booleans(), late_ms=st.integers(0, 500))
    @precondition(lambda self: len(self.view) > 1)
    def exclude(self, data: Any, back: bool, late_ms: int) -> None:
        """A view excludes a site, rightly or wrongly, whose last packets are late; it may come back at once."""
        other = one_of(data, self.view, "excluded")
        if not set(self.running()) - {other}:
            return
        for site in self.running():
            self.latency_ms[other, site] = late_ms
            self.send(other, site)
            del self.latency_ms[other, site]
        self.machines.pop(other, None)
        if back:
            self.begin(other.site)
        self.agree((set(self.view) | self.machines.keys()) - {other})
        self.go_on(self.now_ms + late_ms)

    # -- The end --------------------------------------------------------------------------------

    def calm_round(self) -> bool:
        """Packets are quick from now on, and nobody is held up; that lasts as long as the longest time-out."""
        if self.latency_ms or self.paused_until:
            self.latency_ms.clear()
            last_ms = max([self.now_ms, *(entry.at_ms for entry in self.agenda)])
            self.go_on(max([last_ms, *self.paused_until.values()]))
            self.paused_until.clear()
        self.go_on(self.now_ms + PACE.cap_ms + 2 * PACE.period_ms)
        return False

    def at_rest(self) -> None:
        """Those who have crashed are suspected, and nobody else; and so it remains."""
        for _ in range(2):
            for site in self.running():
                suspected = self.machines[site].suspected
                missed = {other for other in self.view if other not in self.machines} - suspected
                self.demand("StrongCompletenessProp", not missed, f"{site} trusts {missed}, which have crashed")
                wrong = suspected & self.machines.keys()
                self.demand("EventualStrongAccuracyProp", not wrong, f"{site} suspects {wrong}, which work")
                known = {other for s, other in self.suspicions if s == site}
                self.demand("ExcludedInv", known == suspected, f"{site} tells of {known}, and suspects {suspected}")
            self.go_on(self.now_ms + 5 * PACE.period_ms)


def test_failure_detector() -> None:
    """Suspicions come out right, wrong ones are about longer and longer silences, and sleepers suspect nobody."""
    run_state_machine_as_test(FailureDetectorSearch, settings=settings(stateful_step_count=30))


# -- Small facts ------------------------------------------------------------------------------------------


A, B, C = (Address.of_site(number) for number in (1, 2, 3))


def suspicions(intervals_ms: list[int]) -> list[int]:
    """Which of these intervals between the packets of a site are taken for its failure, by their places."""
    machine = FailureDetectorMachine(A, PACE)
    machine.watch((A, B), 0)
    now_ms, taken = 0, []
    for place, interval_ms in enumerate(intervals_ms):
        arrives_ms = now_ms + interval_ms
        while machine.due_ms is not None and machine.due_ms < arrives_ms:
            if Suspect(site=B) in machine.timer_fired(BEAT, machine.due_ms):
                taken.append(place)
        machine.heard(B, arrives_ms)
        now_ms = arrives_ms
    return taken


def test_an_overloaded_site_is_suspected_once() -> None:
    """A silence that was borne, or wrongly suspected, is borne ever after, however long ago that was."""
    calm = [100] * 200
    assert suspicions([*calm, 900, *calm, 900, *calm, 1000]) == [200]
    assert suspicions([*calm, 390, *calm, 450, *calm, 450]) == []


def test_a_site_that_becomes_slower_by_and_by_is_not_suspected() -> None:
    """The time-out grows ahead of intervals that grow, until the cap."""
    assert suspicions([100 + 25 * n for n in range(56)]) == []
    assert suspicions([100, 2000, 100, 2000]) == [1, 3]


def test_who_was_held_up_suspects_nobody() -> None:
    """A site that goes on after a long time grants all others a time-out from then on."""
    machine = FailureDetectorMachine(A, PACE)
    machine.watch((A, B, C), 0)
    assert not [e for e in machine.timer_fired(BEAT, 60_000) if isinstance(e, Suspect)]
    late = [e for n in range(1, 4) for e in machine.timer_fired(BEAT, 60_000 + 100 * n)]
    assert [e for e in late if isinstance(e, Suspect)] == [Suspect(site=B), Suspect(site=C)]


def test_a_stale_timer_is_ignored() -> None:
    """What goes off before its time, or under another name, or before there is a view, does nothing."""
    machine = FailureDetectorMachine(A, PACE)
    assert machine.timer_fired(BEAT, 10) == []
    machine.watch((A, B), 20)
    assert machine.timer_fired("join", 500) == machine.timer_fired(BEAT, 119) == []


def test_what_breaks_the_rules_changes_nothing() -> None:
    """Time does not go back, a site watches views that it is in, and a pace makes sense."""
    machine = FailureDetectorMachine(A, PACE)
    machine.watch((A, B), 1000)
    before = machine.snapshot()
    for wrong in (lambda: machine.heard(B, 999), lambda: machine.watch((B, C), 1000), lambda: Pace(period_ms=0)):
        with pytest.raises(LocalProtocolError):
            wrong()
    assert machine.snapshot() == before


@given(st.lists(st.integers(0, 20_000), min_size=40, max_size=40), st.integers(1, 5000))
def test_the_estimator_comes_to_what_is_the_case(before: list[int], interval_ms: int) -> None:
    """Whatever came before: of equal intervals the estimate becomes that interval, to a hundredth and 8 ms."""
    estimator = Estimator.beginning(100)
    for each in before:
        estimator.learn(each)
    for _ in range(150):
        estimator.learn(interval_ms)
    assert abs(estimator.estimate_ms - interval_ms) <= interval_ms / 100 + 12
