"""Explanations: enough to break the guarantee, not an event too many, true of the trace, and fit to be read."""

import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from histories_at_random import bent, by_process, disordered, legal_of_groups, noise
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_violations import PLANTED, long_run

from vsync.check.explain import contradicting, explanation, explanations
from vsync.check.judge import Judge, judge_events, judge_file
from vsync.check.judgement import Status
from vsync.check.merge import merge
from vsync.check.minimise import Breaks, minimised, write_minimised
from vsync.check.orders import abcasts_together, contradiction, delivering, merging, uniform_deliveries
from vsync.check.properties import GUARANTEES, Violation
from vsync.check.record import Record, record_of
from vsync.check.trace import Delivered, Installed, Left, Multicasted, ServiceEvent, ToldSafe
from vsync.cli import main
from vsync.locate import traces_directory

BAD = sorted((traces_directory() / "bad").rglob("*.jsonl"))
FOREIGN = traces_directory() / "foreign" / "one_delivery_moved_across_a_view.jsonl"
EVENTS_MAX = 10


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """An accepted run of over a thousand events."""
    record = long_run(tmp_path_factory.mktemp("run") / "run.jsonl")
    assert len(record.events) > 1000
    assert judge_events(record.events).accepted
    return record


# ------------------------------------------------------------------------------------------ what the judge says


def broken(events: Sequence[ServiceEvent], violation: Violation) -> bool:
    """Says whether the streaming judge finds the guarantee of a violation broken by some events alone."""
    judge = Judge(guarantees=(violation.guarantee,))
    return any(v.group == violation.group for event in merge(events) for v in judge.observe(event))


def turns(events: Sequence[ServiceEvent], group: str) -> dict[int, int | None]:
    """Returns for each event, by its line, the line on which its process came into its view, or left the group."""
    last: dict[str, int | None] = {}
    found: dict[int, int | None] = {}
    for event in events:
        found[event.line] = last.get(event.process)
        if isinstance(event, Installed | Left) and event.group == group:
            last[event.process] = event.line
    return found


def true_of(record: Record, part: Sequence[ServiceEvent], violation: Violation, whole: dict[int, int | None]) -> bool:
    """Says whether each event of a part is what it is in the trace: in the same view, of the same message.

    `whole` are the turns of the trace.
    """
    needs, here = GUARANTEES[violation.guarantee].needs, turns(part, violation.group)
    multicast = {(event.group, event.message) for event in part if isinstance(event, Multicasted)}
    for event in part:
        moved = here[event.line] != whole[event.line]
        if isinstance(event, Delivered) and "install" in needs and moved:
            return False
        if isinstance(event, Multicasted) and {"install", "multicast"} <= set(needs) and moved:
            return False
        if isinstance(event, Installed) and moved and here[event.line] is not None:
            return False
        key = (event.group, event.message) if isinstance(event, Delivered) else None
        if key and "multicast" in needs and key in record.multicasts and key not in multicast:
            return False
    return True


def assert_smallest(record: Record, lines: Sequence[int], violation: Violation) -> None:
    """The events on the lines break the guarantee alone, and no part of them does that is true of the trace.

    A circle of more than two processes needs five events of each: two installs, a multicast, two deliveries. Of
    that, only the parts that lack one or two events are tried.
    """
    events, whole = record.only(lines), turns(record.events, violation.group)
    of_circle = 5 * len({event.process for event in events if isinstance(event, Delivered)})
    assert len(events) <= max(EVENTS_MAX, of_circle)
    assert broken(events, violation)
    sizes = range(1, len(events)) if len(events) <= EVENTS_MAX else (len(events) - 2, len(events) - 1)
    for size in sizes:
        for part in combinations(events, size):
            assert not (true_of(record, part, violation, whole) and broken(part, violation)), [e.line for e in part]


@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_an_explanation_is_sufficient_and_minimal(guarantee: str) -> None:
    """For each guarantee, of each of its bad traces: at most ten events, enough, and none too many."""
    count = 0
    for path in BAD:
        _, record = record_of(path)
        for violation in judge_file(path).violations:
            if violation.guarantee == guarantee:
                count += 1
                found = explanation(record, violation)
                assert found.because, "the argument has the shape of the guarantee, and is not the judge's sentence"
                told = [line for line in found.lines if f"line {line}" in found.short or f"lines {line}" in found.short]
                assert told, "the argument names lines"
                assert_smallest(record, found.lines, violation)
    assert count >= 2


@pytest.mark.parametrize("guarantee", PLANTED)
def test_a_violation_in_a_long_run_is_explained(guarantee: str, run: Record, tmp_path: Path) -> None:
    """One violation among over a thousand events: found, explained by at most ten, and minimised."""
    record = Record(PLANTED[guarantee](run))
    violation = next(v for v in judge_events(record.events).violations if v.guarantee == guarantee)
    found = explanation(record, violation)
    assert found.because
    assert_smallest(record, found.lines, violation)
    small = minimised(record, violation, found.lines)
    header, _ = record_of(BAD[0])
    files = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for file in files:
        write_minimised(file, header, record, small, guarantee)
    assert files[0].read_bytes() == files[1].read_bytes()
    judgement = judge_file(files[0])
    assert guarantee in {v.guarantee for v in judgement.violations}
    whole = {name for _, name in judge_events(record.events).first_events}
    assert {name for _, name in judgement.first_events} <= whole
    assert len(small) <= 3 * EVENTS_MAX


def test_a_shorter_chain_is_preferred() -> None:
    """The chain from a cause to its effect is the shortest, not the first that the judge meets."""
    _, record = record_of(traces_directory() / "bad" / "causal" / "third_of_a_chain_first.jsonl")
    violation = judge_events(record.events).violations[0]
    assert len(contradicting(record, violation)) == 5


# -------------------------------------------------------------------------------------------------- honesty


def test_a_part_that_lies_about_the_trace_is_none() -> None:
    """Leave out a delivery, and the judge misses a message that nobody missed: such a part explains nothing."""
    _, record = record_of(FOREIGN)
    breaks = Breaks(record, "VirtualSynchrony", "")
    violation = next(v for v in judge_events(record.events).violations if v.guarantee == "VirtualSynchrony")
    both = next(e for e in record.events if isinstance(e, Delivered) and e.message == "alpha-1")
    assert len(record.deliveries[both.group, both.message]) == 3
    installs = [e.line for e in record.only(violation.lines) if isinstance(e, Installed)]
    assert broken(record.only([*installs, both.line]), violation)
    assert not breaks([*installs, both.line])
    assert breaks(violation.lines)


@settings(max_examples=40)
@given(st.one_of(noise(), bent(), bent(legal_of_groups()), disordered()))
def test_explanations_of_random_histories_are_true(events: list[ServiceEvent]) -> None:
    """Whatever is wrong with a history: its explanation is enough, and is true of the history."""
    record = Record(events)
    for violation in judge_events(events).violations:
        part = record.only(contradicting(record, violation))
        assert broken(part, violation)
        assert true_of(record, part, violation, turns(record.events, violation.group))


# ---------------------------------------------------------------------------------- z3 and the streaming judge


@settings(max_examples=60)
@given(st.one_of(disordered(), bent(legal_of_groups()), noise(), noise().map(by_process)))
def test_z3_and_the_judge_agree_about_orders(events: list[ServiceEvent]) -> None:
    """There is an order of all logs, of uniform ABCASTs, of the ABCASTs of those who go together: both say the same.

    Without events that say that a message is stable: in merging they wait like deliveries, and Delivery Integrity
    does not speak of them.
    """
    events = [event for event in events if not isinstance(event, ToldSafe)]
    merged = list(merge(events))
    found = judge_events(events)
    broken_ones = set(found.first_events)
    recorded = {event.kind for event in events} >= {"multicast", "deliver"}
    if recorded:
        assert (("", "DeliveryIntegrity") in broken_ones) == bool(contradiction(merging(events)))
        assert (("", "StrongTotalOrder") in broken_ones) == bool(contradiction(delivering(uniform_deliveries(merged))))
    for finding in found.findings:
        if finding.guarantee == "WeakTotalOrder" and "it was not put" not in finding.reason:
            together = abcasts_together(merged, finding.group)
            circle = any(contradiction(delivering(sequences)) for sequences in together)
            assert circle == (finding.status in (Status.VIOLATED, Status.FOLLOWS))


def test_a_core_is_a_circle() -> None:
    """z3 names only reasons that cannot be spared."""
    _, record = record_of(traces_directory() / "bad" / "strong_total_order" / "three_groups_in_a_ring.jsonl")
    core = contradiction(delivering(uniform_deliveries(list(merge(record.events)))))
    assert len(core) == 3
    assert all(not contradiction([other for other in core if other is not reason]) for reason in core)


# ------------------------------------------------------------------------------------------------ command line


def test_explain_tells_the_argument(capsys: pytest.CaptureFixture[str]) -> None:
    """The command names the guarantee, the rule, the events with their lines, and the contradiction."""
    path = traces_directory() / "bad" / "virtual_synchrony" / "survivor_lacks_a_message.jsonl"
    assert main(["explain", str(path)]) == 1
    told = capsys.readouterr().out
    for piece in ("VirtualSynchrony is broken", "Processes that go together", "line  7", "because", "a contradiction"):
        assert piece in told
    assert main(["check", str(path)]) == 1
    assert "a contradiction" in capsys.readouterr().out


def test_explain_minimises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A foreign log without clocks becomes a small trace, the same bytes each time, rejected for the same reason."""
    small = tmp_path / "small.jsonl"
    assert main(["explain", str(FOREIGN), "--minimise", "-o", str(small), "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["minimised"]["guarantee"] == "VirtualSynchrony"
    bytes_written = small.read_bytes()
    assert len(bytes_written.splitlines()) == len(result["minimised"]["lines"]) + 1 < 10
    assert [v.guarantee for v in judge_file(small).violations] == ["VirtualSynchrony"]
    assert main(["explain", str(FOREIGN), "--minimise", "-o", str(small)]) == 1
    assert small.read_bytes() == bytes_written


def test_explain_has_nothing_to_say_of_a_good_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A trace that holds ends with 0, and cannot be minimised."""
    good = str(traces_directory() / "good" / "service" / "join.jsonl")
    assert main(["explain", good]) == 0
    assert "nothing to explain" in capsys.readouterr().out
    assert main(["explain", good, "--minimise", "-o", str(tmp_path / "no.jsonl")]) == 2
    assert main(["explain", good, "--minimise"]) == 2
    assert main(["explain", good, "--guarantee", "Fifo"]) == 2
    assert not list(tmp_path.iterdir())


def test_each_violation_has_an_explanation() -> None:
    """A trace that breaks two guarantees has two explanations."""
    _, record = record_of(FOREIGN)
    assert {each.guarantee for each in explanations(record)} == {"VirtualSynchrony", "SameViewDelivery"}
