"""Each scenario holds, is its golden trace, is accepted by both judges, exercises what it claims, and can fail."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from vsync.abcast import AbcastMachine
from vsync.cbcast_lists import CbcastListsMachine
from vsync.check.agreement import judge_by_spec
from vsync.check.exercised import Exercised
from vsync.check.trace import open_trace
from vsync.check.writer import encoded, header_fields
from vsync.cli import main
from vsync.cli.scenario import meant
from vsync.errors import InputError
from vsync.flush import FlushMachine
from vsync.groups import GroupsMachine
from vsync.locate import traces_directory
from vsync.messages import Close, Flush
from vsync.sim.coverage import gaps_of_traces, judged_traces, load_explained
from vsync.sim.replay import replay
from vsync.sim.scenario import FACTS, KINDS, STEPS, parse_scenario, read_scenario
from vsync.sim.sentences import Expect
from vsync.sim.stage import perform
from vsync.site_views import SiteViewsMachine
from vsync.state_transfer import MemberMachine

Line = dict[str, Any]

STORIES = meant(())
HEAD = "A title\n\nWhat happens.\n\nSource: nowhere\n\n---\n"


def golden(name: str) -> Path:
    """The golden trace of a story."""
    return STORIES[name].with_suffix(".jsonl")


def lines_of(name: str) -> list[Line]:
    """The lines of a golden trace, without its header."""
    return [json.loads(line) for line in golden(name).read_bytes().splitlines()][1:]


# ------------------------------------------------------------------------------------------ each scenario


@pytest.mark.parametrize("name", STORIES)
def test_a_scenario_holds_and_is_its_golden_trace(name: str) -> None:
    """All that a story expects is met, no guarantee is violated, and the run is the recorded one, byte for byte."""
    story = read_scenario(STORIES[name])
    done = perform(story)
    assert done.failures == ()
    assert done.met == story.expectations
    recorded = golden(name).read_bytes().splitlines(keepends=True)
    assert recorded == [encoded(header_fields(done.header)), *map(encoded, done.lines)]


@pytest.mark.parametrize("name", STORIES)
def test_a_golden_trace_replays_without_its_story(name: str) -> None:
    """The moves in a golden trace make the same run again."""
    with open_trace(golden(name)) as reader:
        steps = list(replay(reader))
    assert all(step.exact for step in steps)


def test_each_golden_trace_has_its_story() -> None:
    """No trace is left over from a story that is gone."""
    directory = traces_directory() / "scenarios"
    assert {path.with_suffix("") for path in directory.rglob("*.jsonl")} == {
        p.with_suffix("") for p in STORIES.values()
    }


def test_tlc_accepts_all_scenarios_and_they_exercise_the_whole_specification() -> None:
    """The specification allows each step of each scenario, and its formulas hold, in one run of TLC for each module.

    And TLC evaluates each expression of each action for some of them; where it does not, there is a reason.
    """
    exercised, explained = Exercised(), load_explained()
    judged = judge_by_spec(judged_traces(explained), cores=1, on_evaluated=exercised.evaluated)
    told = zip(judged_traces(explained), judged, strict=True)
    assert [(path, j.rejection, j.unusable) for path, j in told if not j.accepted or j.unusable] == []
    assert all(j.protocol is not None and j.protocol.steps > 20 for j in judged)
    assert [*gaps_of_traces(exercised, explained).sentences()] == []


# ------------------------------------------------------------------------------------- what they exercise

Pattern = dict[str, Any]


def acts(site: str, action: str, **arguments: Any) -> Pattern:
    """The pattern of a step of a site."""
    return {"site": site, "action": action, **({"arguments": arguments} if arguments else {})}


def sees(process: str, event: str, **fields: Any) -> Pattern:
    """The pattern of a service event."""
    return {"process": process, "event": event, **fields}


#: What stands in the golden trace of each story, in this order among other lines: its non-trivial part.
EXERCISES: dict[str, list[Pattern]] = {
    "abcast/crossing_in_overlapping_groups": [
        acts("2.1", "Abcast!Propose", m="1.1:4"),
        acts("3.1", "Abcast!Propose", m="4.1:4"),
        acts("3.1", "Abcast!Propose", m="1.1:4"),
        acts("2.1", "Abcast!Propose", m="4.1:4"),
    ],
    "abcast/sender_crashes_between_the_phases": [
        acts("1.1", "Abcast!ReceiveProposal"),
        acts("3.1", "Abcast!ReceiveOrder"),
        {"move": "crash_site", "site": "1.1"},
        acts("3.1", "Flush!ReceiveFlush"),
        acts("3.1", "Abcast!DeliverInOrder"),
    ],
    "abcast/sender_crashes_when_one_knows_the_number": [
        acts("2.1", "Abcast!ReceiveOrder"),
        sees("2.1.1", "deliver", message="1.1.1:1"),
        {"move": "crash_site", "site": "1.1", "lost": [["3.1", 1]]},
        acts("3.1", "Flush!ReceiveFlush"),
        sees("3.1.1", "deliver", message="1.1.1:1"),
        sees("3.1.1", "deliver", message="3.1.1:1"),
    ],
    "abcast/uniform_sender_crashes_before_the_release": [
        acts("3.1", "Abcast!ReceiveOrder"),
        acts("1.1", "Abcast!Release"),
        sees("1.1.1", "deliver"),
        {"move": "crash_site", "site": "1.1"},
        acts("2.1", "Flush!ReceiveReady"),
        sees("2.1.1", "deliver"),
    ],
    "cbcast_lists/flush_waits_until_all_have_delivered": [
        sees("2.1.1", "deliver", message="1.1.1:1"),
        acts("1.1", "CbcastLists!ReceiveAcknowledgement", q="2.1"),
        sees("3.1.1", "deliver", message="1.1.1:1"),
        acts("1.1", "CbcastLists!ReceiveAcknowledgement", q="3.1"),
        sees("1.1.1", "safe", message="1.1.1:1"),
    ],
    "cbcast_lists/reply_overtakes_its_request": [
        acts("3.1", "Flush!Receive", q="2.1", carried=[]),
        acts("3.1", "Flush!Receive", q="1.1"),
        sees("3.1.1", "deliver", message="1.1.1:1"),
        sees("3.1.1", "deliver", message="2.1.1:1"),
    ],
    "cbcast_lists/reply_through_a_third_process": [
        {"move": "crash_site", "site": "1.1", "lost": [["3.1", 1]]},
        acts("4.1", "Flush!Receive", q="2.1", carried=["1.1:4"]),
        sees("3.1.1", "deliver", message="1.1.1:1"),
        sees("3.1.1", "deliver", message="4.1.1:1"),
    ],
    "flush/client_multicasts_during_a_view_change": [
        acts("1.1", "Flush!Receive", q="3.1"),
        acts("2.1", "Flush!ReceiveFlush", q="1.1"),
        {"move": "multicast", "process": "3.1.1", "payload": "m2"},
        acts("3.1", "Gbcast!InstallNext"),
        acts("3.1", "Groups!Multicast", payload="m2"),
        sees("2.1.1", "deliver", message="3.1.1:2"),
    ],
    "flush/join_during_a_flush": [
        acts("2.1", "Flush!Forward"),
        {"move": "join_group", "process": "2.1.1"},
        acts("2.1", "Gbcast!InstallNext"),
        acts("2.1", "Groups!AskToJoin"),
        sees("2.1.1", "install", group="g1.1.1"),
    ],
    "flush/sender_crashes_after_reaching_one": [
        {"move": "crash_site", "site": "1.1", "lost": [["3.1", 1]]},
        acts("3.1", "Flush!ReceiveFlush", q="2.1", unstable=["1.1:4"]),
        sees("3.1.1", "deliver", message="1.1.1:1"),
        acts("3.1", "Gbcast!InstallNext"),
    ],
    "flush/two_failures_in_one_view_change": [
        acts("2.1", "Flush!ReceiveFlush", q="1.1"),
        {"move": "crash_site", "site": "1.1"},
        acts("3.1", "Flush!Forward"),
        sees("3.1", "install", view={"id": 2, "members": ["1.1", "2.1", "3.1", "4.1"]}),
        sees("3.1", "install", view={"id": 3, "members": ["2.1", "3.1", "4.1"]}),
    ],
    "gbcast/configuration_with_pending_multicasts": [
        acts("2.1", "Abcast!Propose"),
        acts("3.1", "Gbcast!ReceiveClose", q="2.1"),
        acts("2.1", "Gbcast!DeliverRest"),
        sees("2.1.1", "deliver", message="1.1.1:2"),
        sees("2.1.1", "mark", label="is configured"),
    ],
    "gbcast/crosses_cbcasts": [
        acts("2.1", "Gbcast!MulticastAlone"),
        acts("3.1", "Gbcast!ReceiveClose", q="2.1"),
        sees("3.1.1", "deliver", message="1.1.1:1"),
        sees("3.1.1", "deliver", message="2.1.1:1"),
        acts("3.1", "Groups!Multicast", payload="m2"),
    ],
    "gbcast/sender_crashes_before_all_have_heard": [
        {"move": "crash_site", "site": "1.1", "lost": [["3.1", 1]]},
        acts("3.1", "Gbcast!ReceiveClose", q="2.1"),
        acts("2.1", "Gbcast!Settle"),
        acts("3.1", "Flush!ReceiveReady"),
        acts("3.1", "Gbcast!End"),
        sees("3.1.1", "deliver", message="1.1.1:1"),
    ],
    "groups/kill": [
        acts("1.1", "Groups!Kill"),
        sees("2.1.1", "deliver"),
        acts("2.1", "Groups!Kill"),
        sees("2.1.2", "install"),
    ],
    "groups/leaves_with_messages_in_flight": [
        acts("3.1", "Gbcast!ReceiveClose"),
        sees("3.1.1", "deliver", message="1.1.1:1"),
        sees("3.1.1", "leave"),
        sees("1.1.1", "multicast", message="1.1.1:2"),
    ],
    "groups/process_crash_and_site_crash": [
        acts("3.1", "Groups!ProcessFails"),
        sees("1.1.1", "install", view={"id": 4, "members": ["1.1.1", "2.1.1"]}),
        acts("1.1", "SiteViews!Propose"),
        acts("1.1", "Groups!ApplySites"),
    ],
    "groups/stale_cache": [
        {"move": "multicast", "cached": [["g1.1.1", 2]]},
        sees("3.1.1", "mark", label="is corrected"),
        sees("4.1.1", "deliver"),
    ],
    "groups/two_create_one_name": [
        acts("1.1", "Groups!Create"),
        acts("2.1", "Groups!Create"),
        sees("2.1.1", "mark", label="is refused", reason="there is a group of this name"),
    ],
    "groups/wrong_credentials": [
        acts("1.1", "Groups!Verify"),
        acts("2.1", "Groups!ReceiveRefusal"),
        sees("3.1.1", "install"),
    ],
    "site_views/coordinator_crashes_after_a_majority_accepted": [
        acts("3.1", "SiteViews!Acknowledge"),
        acts("1.1", "SiteViews!ReceiveAcknowledgement", q="2.1"),
        {"move": "crash_site", "site": "1.1", "lost": [["4.1", 1]]},
        acts("2.1", "SiteViews!TakeOver"),
        acts("4.1", "SiteViews!Install"),
        sees("4.1", "install", view={"id": 2, "members": ["1.1", "2.1", "3.1", "4.1"]}),
    ],
    "site_views/coordinator_crashes_after_committing_to_one": [
        acts("1.1", "SiteViews!Commit"),
        acts("3.1", "SiteViews!Install", q="1.1"),
        acts("2.1", "SiteViews!TakeOver"),
        acts("3.1", "SiteViews!Inform", q="2.1"),
        acts("2.1", "SiteViews!Install", q="3.1"),
    ],
    "site_views/coordinator_crashes_after_one_accepted": [
        acts("3.1", "SiteViews!Acknowledge", q="1.1"),
        {"move": "crash_site", "site": "1.1", "lost": [["2.1", 1], ["4.1", 1]]},
        acts("2.1", "SiteViews!TakeOver"),
        acts("2.1", "SiteViews!Propose"),
        sees("4.1", "install", view={"id": 2, "members": ["1.1", "2.1", "3.1", "4.1"]}),
    ],
    "site_views/coordinator_crashes_before_its_proposal_arrives": [
        acts("1.1", "SiteViews!Propose"),
        {"move": "crash_site", "site": "1.1", "lost": [["2.1", 1], ["3.1", 1], ["4.1", 1]]},
        acts("2.1", "SiteViews!ReceiveResponse", proposal=None),
        sees("4.1", "install", view={"id": 2, "members": ["2.1", "3.1", "4.1"]}),
    ],
    "site_views/coordinator_crashes_during_the_flush": [
        acts("3.1", "Flush!ReceiveFlush", q="2.1"),
        acts("1.1", "Flush!Confirm", k=2),
        {"move": "crash_site", "site": "1.1"},
        acts("3.1", "Flush!Forward"),
        acts("3.1", "Flush!Confirm", k=3),
        sees("3.1", "install", view={"id": 2, "members": ["1.1", "2.1", "3.1", "4.1"]}),
        sees("3.1", "install", view={"id": 3, "members": ["2.1", "3.1", "4.1"]}),
    ],
    "site_views/coordinator_crashes_while_it_takes_over": [
        acts("4.1", "SiteViews!Acknowledge", q="1.1"),
        acts("3.1", "SiteViews!Respond", q="2.1"),
        {"move": "crash_site", "site": "2.1"},
        acts("3.1", "SiteViews!TakeOver"),
        acts("3.1", "SiteViews!ReceiveResponse", q="4.1"),
        sees("6.1", "install"),
    ],
    "site_views/majority_lost_and_restored": [
        {"move": "suspect", "site": "1.1", "suspected": "2.1"},
        acts("1.1", "Abcast!MulticastInOrder"),
        {"move": "trust", "site": "1.1"},
        sees("2.1.1", "deliver"),
        acts("1.1", "SiteViews!Install", q="2.1"),
    ],
    "site_views/two_coordinators_crash": [
        acts("3.1", "SiteViews!Acknowledge", q="1.1"),
        {"move": "crash_site", "site": "1.1"},
        acts("2.1", "SiteViews!TakeOver"),
        acts("4.1", "SiteViews!Acknowledge", q="2.1"),
        {"move": "crash_site", "site": "2.1"},
        acts("3.1", "SiteViews!TakeOver"),
        sees("6.1", "install"),
    ],
    "site_views/wrongly_suspected_site_returns": [
        {"move": "suspect", "suspected": "3.1"},
        acts("3.1", "SiteViews!Cease"),
        acts("1.1", "Flush!Discard", q="3.1"),
        {"move": "start_site", "site": "3.2"},
        sees("3.2.1", "install"),
    ],
    "state_transfer/donor_crashes_in_mid_transfer": [
        {"process": "3.1.1", "action": "StateTransfer!ReceiveBlock", "arguments": {"block": [3, 1, 3, 0]}},
        {"move": "crash_site", "site": "1.1", "lost": [["3.1", 2]]},
        {"process": "2.1.1", "action": "StateTransfer!ReceiveAsk", "arguments": {"next": 1}},
        {"process": "3.1.1", "action": "StateTransfer!ReceiveBlock", "arguments": {"block": [3, 2, 3, 0]}},
        sees("3.1.1", "state", view=3),
        sees("3.1.1", "deliver", message="2.1.1:1"),
    ],
    "state_transfer/joiner_crashes_in_mid_transfer": [
        {"process": "2.1.1", "action": "StateTransfer!ReceiveBlock", "arguments": {"block": [2, 1, 3, 0]}},
        {"move": "crash_process", "process": "2.1.1"},
        {"process": "3.1.1", "action": "StateTransfer!Ask"},
        sees("3.1.1", "state", view=4),
    ],
}


def matches(line: Line, pattern: Pattern) -> bool:
    """Whether a line has all that a pattern names."""
    return all(
        key in line and (matches(line[key], value) if key == "arguments" else line[key] == value)
        for key, value in pattern.items()
    )


def test_each_scenario_exercises_what_it_claims() -> None:
    """The part that makes a story interesting stands in its golden trace, in this order."""
    assert EXERCISES.keys() == STORIES.keys()
    missing = []
    for name, patterns in EXERCISES.items():
        lines = iter(lines_of(name))
        missing += [(name, pattern) for pattern in patterns if not any(matches(line, pattern) for line in lines)]
    assert missing == []


# ---------------------------------------------------------------------------------------------- mutants

Patch = Callable[[pytest.MonkeyPatch], None]


def _always(machine: type, decision: str, value: object) -> Patch:
    """A decision of a machine that always comes out the same."""
    return lambda patch: patch.setattr(machine, decision, lambda self, *args: value)


def _forwards_nothing(patch: pytest.MonkeyPatch) -> None:
    send = FlushMachine.send

    def send_less(self: FlushMachine, to: Any, packet: Any) -> Any:
        return send(self, to, attrs.evolve(packet, unstable=()) if isinstance(packet, Flush) else packet)

    patch.setattr(FlushMachine, "send", send_less)


def _takes_the_first_proposal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AbcastMachine, "may_order", lambda self, m: self._unordered_of_mine(m) and self.proposals.get(m.id))


def _forgets_what_was_found(patch: pytest.MonkeyPatch) -> None:
    receive = SiteViewsMachine._receive_response
    patch.setattr(SiteViewsMachine, "_receive_response", lambda self, q, proposal: receive(self, q, None))


def _orders_by_what_is_known(patch: pytest.MonkeyPatch) -> None:
    def next_by_number(self: AbcastMachine) -> Any:
        return next((m for m in self.queue() if m.stamp.number and self.deliverable(m)), None)

    patch.setattr(AbcastMachine, "next_by_number", next_by_number)


def _waits_for_nothing(patch: pytest.MonkeyPatch) -> None:
    def deliverable(self: CbcastListsMachine, m: Any) -> bool:
        return self.who in m.to and not self.has_delivered(m.id)

    patch.setattr(CbcastListsMachine, "deliverable", deliverable)


def _closes_with_gbcasts_only(patch: pytest.MonkeyPatch) -> None:
    send = FlushMachine.send

    def send_less(self: FlushMachine, to: Any, packet: Any) -> Any:
        if isinstance(packet, Close):
            packet = attrs.evolve(packet, messages=tuple(m for m in packet.messages if m.stamp.kind == "gbcast"))
        return send(self, to, packet)

    patch.setattr(FlushMachine, "send", send_less)


def _takes_one_for_all(patch: pytest.MonkeyPatch) -> None:
    def stable(self: CbcastListsMachine, m: Any) -> bool:
        heard = (self.heard.get(q, {}).get(m.id.sender, 0) for q in m.to if q != self.who)
        return m.view == self.current and any(number >= m.id.number for number in heard)

    patch.setattr(CbcastListsMachine, "stable", stable)


def _believes_anyone(patch: pytest.MonkeyPatch) -> None:
    verify = GroupsMachine.verify

    def verify_all(self: GroupsMachine, p: Any, g: Any) -> Any:
        self.asked[g, p] = attrs.evolve(self.asked[g, p], credentials=self.directory[g].credentials)
        return verify(self, p, g)

    patch.setattr(GroupsMachine, "verify", verify_all)


MUTANTS: dict[str, tuple[str, Patch]] = {
    "a flush carries no messages": ("flush/sender_crashes_after_reaching_one", _forwards_nothing),
    "packets of the excluded are taken": (
        "site_views/wrongly_suspected_site_returns",
        _always(FlushMachine, "from_excluded", False),
    ),
    "a view needs no Ready": (
        "site_views/coordinator_crashes_during_the_flush",
        lambda patch: patch.setattr(FlushMachine, "has_readies", FlushMachine.has_flushes),
    ),
    "a multicast begins during a flush": (
        "flush/client_multicasts_during_a_view_change",
        lambda patch: patch.setattr(FlushMachine, "blocked", property(lambda self: self.current == 0)),
    ),
    "who takes over forgets what was accepted": (
        "site_views/coordinator_crashes_after_one_accepted",
        _forgets_what_was_found,
    ),
    "a minority decides": (
        "site_views/majority_lost_and_restored",
        _always(SiteViewsMachine, "enough", True),
    ),
    "what some have delivered is stable": (
        "cbcast_lists/flush_waits_until_all_have_delivered",
        _takes_one_for_all,
    ),
    "causes are not waited for": ("cbcast_lists/reply_overtakes_its_request", _waits_for_nothing),
    "causes are not carried": (
        "cbcast_lists/reply_through_a_third_process",
        _always(CbcastListsMachine, "carried", ()),
    ),
    "the first proposal is the number": ("abcast/crossing_in_overlapping_groups", _takes_the_first_proposal),
    "what has no number holds up nothing": ("abcast/sender_crashes_between_the_phases", _orders_by_what_is_known),
    "a uniform message is delivered with its number": (
        "abcast/uniform_sender_crashes_before_the_release",
        _orders_by_what_is_known,
    ),
    "who closes an epoch tells nothing but its GBCAST": ("gbcast/crosses_cbcasts", _closes_with_gbcasts_only),
    "a joiner asks one donor only": (
        "state_transfer/donor_crashes_in_mid_transfer",
        lambda patch: patch.setattr(MemberMachine, "to_ask", lambda self: self.donor is None),
    ),
    "any credentials will do": ("groups/wrong_credentials", _believes_anyone),
    "caches are not corrected": ("groups/stale_cache", _always(GroupsMachine, "_correct", [])),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_scenario_fails_when_its_protocol_is_wrong(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug turns the story red that is about it, by what the story expects, not only by an accident."""
    name, plant = MUTANTS[mutant]
    plant(monkeypatch)
    assert perform(read_scenario(STORIES[name])).unmet


# --------------------------------------------------------------------------------------------- the language


def test_a_mistake_is_told_with_its_line_and_the_form_that_was_meant() -> None:
    """A sentence of no form, a kind of packet that does not exist, a message that is not new: each is refused."""
    for steps, said in (
        ("1.1.1 strats", r"line 8: .*did you mean: .*\{processes\} start\(s\)"),
        ("\nhold Dita from 1.1", r"line 9: .*did you mean Data"),
        ("1.1.1 multicasts m1 to g\n1.1.1 multicasts m1 to g", r"line 9: .*in line 8: give each message a name"),
        ("expect 1.1.1 delivers", r"line 8: .*deliver\(s\) \{message\}"),
    ):
        with pytest.raises(InputError, match=said):
            parse_scenario(HEAD + steps, "story")
    for text, said in (("A title\n", "a line ---"), ("A title\n---\n", "a title, sentences"), (HEAD, "expected steps")):
        with pytest.raises(InputError, match=said):
            parse_scenario(text, "story")


def played(steps: str) -> tuple[str, ...]:
    """In what a scenario of two sites with a process each fails."""
    begin = "the system begins with 1.1 and 2.1\n1.1.1 and 2.1.1 start\n1.1.1 creates g\nrun\n2.1.1 joins g\nrun\n"
    return perform(parse_scenario(HEAD + begin + steps, "story")).failures


def test_what_is_not_so_is_found() -> None:
    """Each way to expect something fails where the run is different, at its line, and says what came instead."""
    for steps, said in (
        ("expect 2.1.1 delivers m1", r"line 14: .*2\.1\.1 has delivered nothing"),
        ("expect 1.1.1 is in view 3 of g", r"line 14: .*1\.1\.1 is in view 2 with 1\.1\.1, 2\.1\.1"),
        ("expect not 1.1.1 is in view 2 of g", r"line 14: .*but it does"),
        ("expect never 2.1.1 delivers m1\n1.1.1 multicasts m1 to g\nrun", r"line 14: .*it does, at line \d+"),
        ("run until 2.1.1 delivers m1", r"it stops in line 14: .*nothing more is under way"),
        ("Data from 1.1 arrives at 2.1", r"it stops in line 14: .*expected Data under way .* there is nothing"),
        ("hold Flush from 1.1\nrun", r"line 14: .*held up nothing"),
        ("3.1.1 leaves g", r"it stops in line 14: .*expected a process that runs"),
        ("1.1.1 leaves h", r"it stops in line 14: .*expected a group"),
        ("the timer join of 1.1 goes off", r"it stops in line 14: .*expected a timer join"),
        ("the story begins\nexpect 1.1 sends Data", r"line 15: .*1\.1 has sent nothing"),
    ):
        (failure,) = played(steps)
        assert re.search(said, failure), failure


def test_what_is_so_is_not_complained_of() -> None:
    """The same expectations hold of a run that is as they say."""
    assert played("expect never 1.1.1 delivers m2\n1.1.1 multicasts m1 to g\nrun until 2.1.1 delivers m1") == ()
    assert played("hold Data from 1.1\n1.1.1 multicasts m1 to g\nrun\nexpect not 2.1.1 delivers m1") == ()
    assert (
        played("1.1.1 multicasts m1 to g\n1.1.1 calls flush\nrun with timers\nexpect the flush of 1.1.1 returns") == ()
    )


def test_each_form_and_kind_is_documented() -> None:
    """`traces/README.md` has every form of a step and of a fact, and no other."""
    text = (traces_directory() / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]*\{[^`]*|run[^`]*|release|the story begins)` \|", text, flags=re.M)) == {
        form.replace("|", "\\|") for form in (*STEPS, *FACTS)
    }


def test_each_form_and_each_kind_of_a_change_of_views_is_used() -> None:
    """The stories use all of the language."""
    used = {type(n.step) for file in STORIES.values() for n in read_scenario(file).steps}
    facts = {type(n.step.fact) for f in STORIES.values() for n in read_scenario(f).steps if isinstance(n.step, Expect)}
    unused = {kind.__name__ for kind in (*STEPS.values(), *FACTS.values()) if kind not in used | facts}
    assert unused == set()
    assert {"Propounded", "Accepted", "Commitment", "Flush", "Ready"} <= KINDS


# -------------------------------------------------------------------------------------------- the command


def test_the_command_tells_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stories are named, listed, played and written; 0, 1 and 2 are what they are everywhere."""
    name = "groups/two_create_one_name"
    assert main(["scenario", "--list"]) == 0
    assert all(title in capsys.readouterr().out for title in ["A group is killed"])
    assert main(["scenario", "two_create_one_name", "-o", str(tmp_path), "--golden", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["scenarios"]
    assert (told["name"], told["golden"], told["met"]) == (name, "same", told["expectations"])
    assert (tmp_path / f"{name}.jsonl").read_bytes() == golden(name).read_bytes()
    assert main(["scenario", "two_create_one_nam"]) == 2
    assert "did you mean two_create_one_name" in capsys.readouterr().err
    mine = tmp_path / "mine.story"
    mine.write_text(HEAD + "the system begins with 1.1\nexpect 1.1 is no more\n", encoding="utf-8")
    assert main(["scenario", str(mine), "--write-golden"]) == 1
    assert not mine.with_suffix(".jsonl").exists()
    mine.write_text(HEAD + "the system begins with 1.1\nexpect not 1.1 is no more\n", encoding="utf-8")
    assert main(["scenario", str(mine), "--golden"]) == 1
    assert main(["scenario", str(mine), "--write-golden"]) == 0
    assert main(["scenario", str(mine), "--golden"]) == 0
    mine.with_suffix(".jsonl").write_bytes(mine.with_suffix(".jsonl").read_bytes().replace(b"1.1", b"2.1", 1))
    capsys.readouterr()
    assert main(["scenario", str(mine), "--golden"]) == 1
    assert "line 2 of mine.jsonl is" in capsys.readouterr().out
