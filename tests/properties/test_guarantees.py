"""Each guarantee is what its formula says, event by event, on histories that no one has chosen."""

import re

import pytest
from formulas import FORMULAS, History, first_false
from histories_at_random import bent, by_process, disordered, legal, legal_of_groups, noise
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vsync.check.histories import Histories
from vsync.check.judge import GuaranteeViolated, Judge, judge_events
from vsync.check.judgement import Judgement, Status, disagreement, lacking
from vsync.check.merge import Merger, merge
from vsync.check.properties import FOLLOWS, GUARANTEES
from vsync.check.service import judge_with_tlc
from vsync.check.trace import Delivered, Multicasted, ServiceEvent, ToldSafe
from vsync.locate import spec_directory

ANY = st.one_of(noise(), bent(), legal(), disordered(), bent(legal_of_groups()), legal_of_groups())
ANY_ORDER = ANY.flatmap(lambda events: st.sampled_from((events, by_process(events))))


@given(ANY_ORDER)
@settings(max_examples=500, deadline=None)
def test_checkers_are_false_exactly_when_the_formulas_are(events: list[ServiceEvent]) -> None:
    """A guarantee is violated first by the event that ends the shortest prefix on which its formula is
    false."""
    merged = list(merge(events))
    judge = Judge()
    found = {(each.group, each.guarantee): each.line for event in merged for each in judge.observe(event)}
    assert found == first_false(merged)


@given(st.one_of(legal(), legal_of_groups()))
@settings(max_examples=200, deadline=None)
def test_legal_histories_are_accepted_in_any_order_of_processes(events: list[ServiceEvent]) -> None:
    """What a correct system writes is accepted, also when the log holds one process after the other."""
    assert judge_events(events).violations == ()
    assert judge_events(by_process(events)).violations == ()


def test_tlc_and_the_checkers_agree() -> None:
    """Both judges find the same guarantees violated, by the same events, in one batch of random traces."""
    batch: list[list[ServiceEvent]] = []

    @given(st.one_of(ANY_ORDER, disordered(), disordered(), bent(legal_of_groups())))
    @settings(
        max_examples=300,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def collect(events: list[ServiceEvent]) -> None:
        batch.append(list(merge(events)))

    collect()
    verdicts = judge_with_tlc(batch)
    differences = [
        (number, difference)
        for number, (events, verdict) in enumerate(zip(batch, verdicts, strict=True))
        if (difference := disagreement(_judged(events), verdict))
    ]
    assert differences == []
    assert len({name for verdict in verdicts for _, name in verdict.first_events}) >= 20


def _judged(merged: list[ServiceEvent]) -> Judgement:
    judge = Judge()
    for event in merged:
        judge.observe(event)
    return judge.judgement()


@given(ANY_ORDER)
@settings(max_examples=200, deadline=None)
def test_merging_keeps_each_process_in_order_and_loses_nothing(events: list[ServiceEvent]) -> None:
    """The merged sequence has the same events, and each process's in its own order."""
    merged = list(merge(events))
    assert sorted(event.line for event in merged) == [event.line for event in events]
    for name in {event.process for event in events}:
        lines = [event.line for event in merged if event.process == name]
        assert lines == sorted(lines)


@given(ANY)
@settings(max_examples=200, deadline=None)
def test_a_delivery_precedes_its_multicast_only_if_it_must(events: list[ServiceEvent]) -> None:
    """Merging a log that holds one process after the other puts multicasts first if causality allows it."""
    if not _causal(events):
        return
    assert _causal(list(merge(by_process(events))))


@given(ANY)
@settings(max_examples=200, deadline=None)
def test_nothing_waits_in_a_causal_trace(events: list[ServiceEvent]) -> None:
    """A trace whose order respects causality passes through the merger as it is, without any buffering."""
    if not _causal(events):
        return
    merger = Merger()
    for event in events:
        assert list(merger.feed(event)) == [event]
        assert merger.waiting == 0


def _causal(events: list[ServiceEvent]) -> bool:
    multicast: set[tuple[str, str]] = set()
    for event in events:
        if isinstance(event, Multicasted):
            multicast.add((event.group, event.message))
        elif isinstance(event, Delivered | ToldSafe) and (event.group, event.message) not in multicast:
            return False
    return True


@given(ANY_ORDER)
@settings(max_examples=200, deadline=None)
def test_the_reported_events_are_a_contradiction(events: list[ServiceEvent]) -> None:
    """The lines that a violation names exist, and the sentence names the line that breaks the guarantee."""
    lines = {event.line for event in events}
    for finding in judge_events(events).findings:
        if finding.violation is not None:
            assert set(finding.violation.lines) <= lines
            assert f"line {finding.violation.line}" in finding.violation.sentence


@given(noise())
@settings(max_examples=200, deadline=None)
def test_causal_pasts_are_the_sets_of_the_specification(events: list[ServiceEvent]) -> None:
    """A past kept as a vector contains exactly the messages of the set CausalPast."""
    histories, history = Histories(), History()
    for event in merge(events):
        now = histories.record(event)
        history.append(event)
        if now is not None and now.multicast is not None:
            past = history.of[event.process][-1].past
            named = {m.key for m in histories.messages.values() if m.within(now.multicast.past)}
            if not now.belated:
                assert named == set(past)


def test_names_are_those_of_the_specification() -> None:
    """Each formula among the guarantees of VSProperties has a checker of its name, and each checker a
    formula."""
    text = (spec_directory() / "VSProperties.tla").read_text()
    guarantees = text[text.index("Self Inclusion.") :]
    defined = set(re.findall(r"^([A-Z]\w*) ==", guarantees, re.MULTILINE))
    helpers = {"Sent", "Caused", "OrderedMoves"}
    assert defined - helpers == GUARANTEES.keys()
    trace_service = (spec_directory() / "TraceService.tla").read_text()
    judged_by_tlc = set(re.findall(r'"(\w+)" +-> \1', trace_service))
    assert judged_by_tlc == GUARANTEES.keys() == FORMULAS.keys()
    assert {checker.formula for checker in GUARANTEES.values()} == {f"VSProperties!{n}" for n in GUARANTEES}


def test_what_follows_is_a_guarantee_and_never_goes_in_a_circle() -> None:
    """The table of what follows from what names guarantees only, and nothing follows from itself."""
    assert FOLLOWS.keys() <= GUARANTEES.keys()
    for weaker, stronger in FOLLOWS.items():
        assert set(stronger) <= GUARANTEES.keys()
        assert all(weaker not in FOLLOWS.get(name, ()) for name in stronger)


def test_a_judge_raises_when_asked_to() -> None:
    """In a test, the event that breaks a guarantee raises at once, with the sentence."""
    judge = Judge(raising=True)
    with pytest.raises(GuaranteeViolated, match="p delivers a at line 2"):
        judge.observe(Delivered(line=2, process="p", message="a"))


def test_what_is_not_recorded_is_not_judged() -> None:
    """Without multicasts nothing is said about Delivery Integrity, whatever is delivered."""
    judgement = judge_events([Delivered(line=2, process="p", message="a")])
    assert judgement.accepted
    assert judgement.with_status(Status.HELD) == ("NoDuplication",)
    assert "multicast" in lacking("DeliveryIntegrity", {"deliver"})
