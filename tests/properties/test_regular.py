"""The judge of regular traces: what it accepts is accepted by the formulas, and what it forgets is not needed.

It may give up at any event, and then says nothing; so the one thing that would be wrong is to accept what breaks
a guarantee. Mistakes that make it do so are planted here, most of them by forgetting too much.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from formulas import first_false
from histories_at_random import bent, by_process, disordered, legal, legal_of_groups, numbered
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync.bench.long_trace import events_of_run
from vsync.check import open_views, view_conditions
from vsync.check.judge import judge_events, judge_file, judge_irregular_file, judge_regular_file
from vsync.check.judgement import Judgement
from vsync.check.merge import merge
from vsync.check.names import Names, Numbers, split
from vsync.check.one_order import OneOrder, Place
from vsync.check.open_views import Irregular
from vsync.check.regular import RegularJudge
from vsync.check.trace import (
    Crashed,
    Delivered,
    Header,
    Installed,
    Moved,
    Multicasted,
    ServiceEvent,
    Stepped,
    TraceReader,
    View,
    open_trace,
)
from vsync.check.writer import encoded, header_fields
from vsync.locate import traces_directory
from vsync.sim.campaign import configuration_for

GOOD = [path for part in ("good", "scenarios") for path in sorted((traces_directory() / part).rglob("*.jsonl"))]
BAD = [path for part in ("bad", "foreign") for path in sorted((traces_directory() / part).rglob("*.jsonl"))]
HISTORIES = st.one_of(bent(), legal(), disordered(), bent(legal_of_groups()), legal_of_groups())
COUNTED_LESS_OFTEN = {"WeakTotalOrder", "SafeIndication"}
Plant = Callable[[pytest.MonkeyPatch], None]
MISTAKES: dict[str, Plant] = {}


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def read(path: Path) -> list[ServiceEvent]:
    with open_trace(path) as reader:
        return list(merge(reader))


def accepted(events: Iterable[ServiceEvent]) -> Judgement | None:
    """What the judge says of a regular trace; None of any other."""
    judge = RegularJudge()
    try:
        for event in merge(events, judge.multicast):
            judge.observe(event)
        return judge.judgement()
    except Irregular:
        return None


def assert_same(quick: Judgement, thorough: Judgement) -> None:
    """The two judges say the same of each guarantee, and counted the same but for two of them."""
    assert quick.counts == thorough.counts
    for one, other in zip(quick.findings, thorough.findings, strict=True):
        if one != other:
            assert one.guarantee in COUNTED_LESS_OFTEN
            assert (one.guarantee, one.group, one.status) == (other.guarantee, other.group, other.status)
            assert 0 < one.cases < other.cases


@given(HISTORIES.flatmap(lambda events: st.sampled_from((events, by_process(events)))))
@settings(max_examples=150, deadline=None)
def test_what_it_accepts_breaks_no_formula(events: list[ServiceEvent]) -> None:
    """If the judge accepts a history, all formulas hold on all prefixes, and the thorough judge says the same."""
    quick = accepted(events)
    if quick is not None:
        assert first_false(merge(events)) == {}
        assert_same(quick, judge_events(events))


@lru_cache
def run_of(seed: int) -> tuple[ServiceEvent, ...]:
    """The service events of a run of the implementation, in a configuration drawn from the seed."""
    configuration = attrs.evolve(configuration_for(seed), links=False, detector=False)
    reader = TraceReader(io.BytesIO(encoded(header_fields(Header()))), "a run")
    events = (reader.event(line, fields) for line, fields in enumerate(events_of_run(configuration, seed), start=2))
    return tuple(event for event in events if event is not None and not isinstance(event, Stepped | Moved))


@given(bent(st.sampled_from(range(2, 8)).map(lambda seed: list(run_of(seed)))))
@settings(max_examples=100, deadline=None)
def test_what_it_accepts_of_bent_runs_is_accepted_by_the_thorough_judge(events: list[ServiceEvent]) -> None:
    """The same with runs of the implementation in which a few events are left out, repeated, moved or given away."""
    quick = accepted(events)
    if quick is not None:
        assert_same(quick, judge_events(events))


@given(legal())
@settings(max_examples=50, deadline=None)
def test_what_a_correct_system_writes_is_regular(events: list[ServiceEvent]) -> None:
    """A legal history is accepted, also when it comes one process after the other."""
    assert accepted(events) is not None
    assert accepted(by_process(events)) is not None


@pytest.mark.parametrize("path", GOOD, ids=named)
def test_a_good_trace_is_judged_alike_by_both(path: Path) -> None:
    """Of a trace in the tree the judges say the same; all recorded runs of this implementation are regular."""
    thorough = judge_irregular_file(path)
    try:
        assert_same(judge_regular_file(path), thorough)
    except Irregular:
        assert path.parent.name == "service"
        assert judge_file(path) == thorough


@pytest.mark.parametrize("path", BAD, ids=named)
def test_a_bad_trace_is_judged_by_the_thorough_judge(path: Path) -> None:
    """A trace that breaks something is not regular, and the verdict is that of the judge that keeps all."""
    thorough = judge_irregular_file(path)
    if thorough.violations:
        with pytest.raises(Irregular):
            judge_regular_file(path)
    assert judge_file(path).first_events == thorough.first_events


# ------------------------------------------------------------------------------------------ what is kept


def rounds(number: int, lives: int = 40) -> list[ServiceEvent]:
    """Three processes multicast in turn, each ABCAST after a CBCAST; each in a while one crashes and one joins."""
    events: list[ServiceEvent] = []
    members = ["p1", "p2", "p3"]
    for turn in range(number):
        if turn % lives == 0:
            if turn:
                events.append(Crashed(line=0, process=members.pop(0)))
                members.append(f"p{3 + turn // lives}")
            view = View(id=turn // lives + 1, members=tuple(members))
            events += [Installed(line=0, process=p, view=view) for p in members]
        name, primitive = f"m{turn}", ("cbcast", "abcast", "uniform", "gbcast")[turn % 4]
        events.append(Multicasted(line=0, process=members[turn % 3], message=name, primitive=primitive))
        events += [Delivered(line=0, process=p, message=name) for p in members]
    return numbered(events)


def test_memory_does_not_grow_with_the_trace() -> None:
    """After a run six times as long nothing that the judge keeps is larger, but for the names of processes."""

    def kept(turns: int) -> list[int]:
        judge = RegularJudge()
        for event in merge(rounds(turns), judge.multicast):
            judge.observe(event)
        (group,) = judge._groups.values()
        vectors = [len(process.seen) + len(process.heard) for process in judge._processes.values()]
        names = [len(numbers._bounds) for numbers in judge._forgotten._by_stem.values()]
        places = _reachable(process.last_abcast for process in judge._processes.values())
        return [len(judge._kept), len(group.views), len(group.over._bounds), *vectors, *names, places]

    assert kept(80 * 12 + 20) == kept(80 * 2 + 20)


def _reachable(places: Iterable[Place | None]) -> int:
    waiting, found = [place for place in places if place is not None], set[Place]()
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += [*place.before, *place.after]
    return len(found)


@given(st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_numbers_are_a_set(one: list[int], two: list[int]) -> None:
    """Intervals hold the numbers that were added to them, or to those that were, and no others."""
    numbers, others = Numbers(), Numbers()
    for number in one:
        numbers.add(number)
    for number in two:
        others.add(number)
    numbers.update(others)
    assert [number for number in range(-2, 40) if number in numbers] == sorted({*one, *two})


@given(st.lists(st.text("a01", min_size=1, max_size=4), unique=True), st.text("a01", min_size=1, max_size=4))
def test_names_are_a_set(names: list[str], asked: str) -> None:
    """A name is in the set if it was added: m1 is not m01, and a name may end in no number."""
    found = Names()
    for name in names:
        found.add(split(("g", name)), ("to", name) if "0" in name else ())
    expected = ("to", asked) if "0" in asked else ()
    assert found.destinations(split(("g", asked))) == (expected if asked in names else None)
    assert split(("h", asked)) not in found


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda pair: pair[0] != pair[1]), max_size=20))
def test_the_order_finds_exactly_the_circles(pairs: list[tuple[int, int]]) -> None:
    """Messages stand in one order as long as what follows what makes no circle."""
    order, after = OneOrder(), {number: {number} for number in range(7)}
    places = [order.place() for _ in after]
    for earlier, later in pairs:
        possible = earlier not in after[later]
        assert order.follows(places[earlier], places[later]) == possible
        if not possible:
            break
        for behind in after.values():
            if earlier in behind:
                behind |= after[later]


# ------------------------------------------------------------------------------------------ planted mistakes


def mistake(plant: Plant) -> Plant:
    """Registers a mistake by its name."""
    MISTAKES[plant.__name__] = plant
    return plant


@mistake
def names_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Names, "__contains__", lambda self, name: False)


@mistake
def views_are_forgotten_altogether(patch: pytest.MonkeyPatch) -> None:
    def drop_over(self: Any) -> list[Any]:
        dropped = [view for view in self.views.values() if not view.staying]
        for view in dropped:
            del self.views[view.id]
        return dropped

    patch.setattr(open_views.Group, "drop_over", drop_over)


@mistake
def who_has_left_is_needed_no_more(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(view_conditions, "goes_on", lambda name, view: None)


@mistake
def crashed_senders_are_forgotten_at_once(patch: pytest.MonkeyPatch) -> None:
    right = RegularJudge._forget_senders

    def forget_senders(self: Any) -> None:
        self._needed.clear()
        right(self)

    patch.setattr(RegularJudge, "_forget_senders", forget_senders)


@mistake
def one_receiver_is_enough(patch: pytest.MonkeyPatch) -> None:
    right = open_views.OpenView.drop_complete

    def drop_complete(self: Any, part: Any) -> bool:
        if len(part.by) == 2 and not part.complete:
            part.complete = True
            self.kept.remove(part)
        return right(self, part)

    patch.setattr(open_views.OpenView, "drop_complete", drop_complete)


@mistake
def circles_are_not_looked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OneOrder, "follows", lambda self, earlier, later: True)


@mistake
def abcasts_are_forgotten_before_what_they_follow(patch: pytest.MonkeyPatch) -> None:
    right = OneOrder.close

    def close(self: OneOrder, place: Place) -> None:
        right(self, place)
        place.forgotten = True

    patch.setattr(OneOrder, "close", close)


@mistake
def the_past_is_that_since_the_message_before(patch: pytest.MonkeyPatch) -> None:
    right = RegularJudge._hears

    def hears(self: Any, process: Any, message: Any) -> None:
        message.past = message.news
        right(self, process, message)

    patch.setattr(RegularJudge, "_hears", hears)


@mistake
def a_gbcast_forgets_what_came_before(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(view_conditions, "_same_before", lambda name, member, part: None)


@mistake
def as_many_are_the_same(patch: pytest.MonkeyPatch) -> None:
    right = view_conditions.goes_to

    def goes_to(process: Any, member: Any, source: Any, target: Any) -> None:
        kept, source.kept = source.kept, set()
        right(process, member, source, target)
        source.kept = kept

    patch.setattr(view_conditions, "goes_to", goes_to)


@mistake
def gaps_are_not_looked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(view_conditions, "is_done", lambda process, member, view: None)


def history(*told: str) -> list[ServiceEvent]:
    """Three processes in one view; then "p: a" is that p multicasts a, "p < a" that it is delivered to p."""
    view = View(id=1, members=("p", "q", "r"))
    events: list[ServiceEvent] = [Installed(line=0, process=p, view=view) for p in view.members]
    for each in told:
        process, what, name, *to = each.split()
        if what == "<":
            events.append(Delivered(line=0, process=process, message=name))
        elif what == "installs":
            events.append(Installed(line=0, process=process, view=View(id=int(name), members=tuple(to))))
        else:
            events.append(Multicasted(line=0, process=process, message=name, to=tuple(to) or None))
    return numbered(events)


def in_two_groups() -> list[ServiceEvent]:
    """A client multicasts to two groups: p delivers it in the first view of h, and then q in the second one."""
    both, alone = ("p", "q"), View(id=1, members=("p",))
    return numbered(
        [
            *(Installed(line=0, process=p, view=View(id=1, members=both), group="g") for p in both),
            Installed(line=0, process="p", view=alone, group="h"),
            Multicasted(line=0, process="r", message="a", to=("g", "h")),
            Installed(line=0, process="q", view=View(id=2, members=both), group="h"),
            Delivered(line=0, process="p", message="a"),
            Crashed(line=0, process="p"),
            Delivered(line=0, process="q", message="a"),
        ]
    )


WRITTEN = {
    "a message comes back when all have delivered it": history(
        "p : a1", "p < a1", "q < a1", "r < a1", "q : a1", "q < a1", "r < a1", "p < a1"
    ),
    "each has as many messages as the others, and not the same": history(
        *("p : a", "r : b", "p < a", "q < a", "r < b"), *(f"{name} installs 2 p q r" for name in "pqr")
    ),
    "a message to two groups is complete in one before it is delivered in the other": in_two_groups(),
    "the first to see an effect missed the message before it": history(
        *("q : cause p r", "p < cause", "p : other q", "p : effect r", "r < effect", "r < cause")
    ),
}


def wrongly_accepted(events: list[ServiceEvent]) -> bool:
    """Whether the judge accepts what breaks a guarantee."""
    return accepted(events) is not None and bool(judge_events(events).violations)


@pytest.mark.parametrize("events", WRITTEN.values(), ids=WRITTEN)
def test_without_a_mistake_none_is_accepted(events: list[ServiceEvent]) -> None:
    """Each of the histories that are written here breaks a guarantee, and is not regular."""
    assert judge_events(events).violations
    assert accepted(events) is None


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each of the mistakes the judge accepts a trace that breaks a guarantee."""
    MISTAKES[name](monkeypatch)
    assert any(map(wrongly_accepted, (*map(read, BAD), *WRITTEN.values())))
