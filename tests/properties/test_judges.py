"""Both judges on the traces of the project: good ones are accepted, bad ones rejected for what is bad."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from vsync.check.judge import judge_events, judge_file
from vsync.check.judgement import Judgement, Status, TlcJudgement, disagreement
from vsync.check.merge import merge
from vsync.check.properties import FOLLOWS, GUARANTEES
from vsync.check.service import judge_files_with_tlc, judge_with_tlc
from vsync.check.trace import Delivered, Installed, Multicasted, ServiceEvent, View, open_trace
from vsync.errors import InputError
from vsync.locate import traces_directory

SEVERAL = "foreign"
FOREIGN = traces_directory() / SEVERAL
GOOD = [*sorted((traces_directory() / "good").rglob("*.jsonl")), FOREIGN / "one_process_after_the_other.jsonl"]
BAD = [
    *sorted((traces_directory() / "bad").rglob("*.jsonl")),
    FOREIGN / "one_delivery_moved_across_a_view.jsonl",
]


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def directory(guarantee: str) -> str:
    """Returns the name of the directory of bad traces of a guarantee."""
    spaced = guarantee.replace("FIFO", "Fifo").replace("GBCAST", "Gbcast")
    return "".join("_" * (i > 0 and c.isupper()) + c.lower() for i, c in enumerate(spaced))


def breaks(path: Path) -> set[str]:
    header = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    return set(header["configuration"]["breaks"])


@pytest.fixture(scope="module")
def by_tlc() -> dict[Path, TlcJudgement]:
    """What TLC says about every trace, found in one run."""
    paths = [*GOOD, *BAD]
    return dict(zip(paths, judge_files_with_tlc(paths), strict=True))


@pytest.mark.parametrize("path", GOOD, ids=named)
def test_a_good_trace_is_accepted(path: Path) -> None:
    """No guarantee is violated in a good trace, and several are put to the test."""
    judgement = judge_file(path)
    assert judgement.violations == ()
    assert len(judgement.with_status(Status.HELD)) >= 5


@pytest.mark.parametrize("path", BAD, ids=named)
def test_a_bad_trace_is_rejected_for_exactly_what_it_breaks(path: Path) -> None:
    """A bad trace violates the guarantee of its directory; what else is false follows from that."""
    judgement = judge_file(path)
    found = {violation.guarantee for violation in judgement.violations}
    assert found == breaks(path)
    assert path.parent.name == SEVERAL or {directory(name) for name in found} == {path.parent.name}
    for name in judgement.with_status(Status.FOLLOWS):
        assert any(name in FOLLOWS.get(weaker, ()) for weaker in found)


@pytest.mark.parametrize("path", [*GOOD, *BAD], ids=named)
def test_tlc_says_the_same(path: Path, by_tlc: dict[Path, TlcJudgement]) -> None:
    """TLC finds the same formulas false as the checkers, each from the same event on."""
    assert disagreement(judge_file(path), by_tlc[path]) is None


def test_each_guarantee_says_no_and_yes() -> None:
    """Each guarantee rejects at least two bad traces of its own, and holds in at least one good trace."""
    rejects: defaultdict[str, int] = defaultdict(int)
    for path in BAD:
        if path.parent.name != SEVERAL:
            for violation in judge_file(path).violations:
                rejects[violation.guarantee] += 1
    assert {name for name in GUARANTEES if rejects[name] >= 2} == GUARANTEES.keys()
    held = {name for path in GOOD for name in judge_file(path).with_status(Status.HELD)}
    assert held == GUARANTEES.keys()


def test_one_delivery_moved_across_a_view_is_noticed() -> None:
    """A log without order between processes is accepted, and rejected when one delivery moves by one line."""
    path = traces_directory() / "foreign" / "one_process_after_the_other.jsonl"
    with open_trace(path) as reader:
        events: list[ServiceEvent] = list(merge(reader))
    assert judge_events(events).accepted
    install = next(i for i, e in enumerate(events) if e.kind == "install" and e.process == "beta:7800" and i > 9)
    last = max(i for i, e in enumerate(events[:install]) if isinstance(e, Delivered) and e.process == "beta:7800")
    moved = [*events[:last], *events[last + 1 : install + 1], events[last], *events[install + 1 :]]
    found = {violation.guarantee for violation in judge_events(moved).violations}
    assert found == {"VirtualSynchrony", "SameViewDelivery"}
    assert disagreement(judge_events(moved), judge_with_tlc([list(merge(moved))])[0]) is None


def test_groups_are_judged_apart_and_messages_together() -> None:
    """A guarantee about views is said of each group, one about messages once; each names where it is broken."""
    judgement = judge_file(traces_directory() / "bad" / "clean_failure" / "in_one_of_two_groups.jsonl")
    said = defaultdict(list)
    for finding in judgement.findings:
        said[finding.guarantee].append((finding.group, finding.status))
    assert said["CleanFailure"] == [("g1.1.1", Status.NOT_JUDGED), ("g2.1.2", Status.VIOLATED)]
    assert said["SendingViewDelivery"] == [("g1.1.1", Status.HELD), ("g2.1.2", Status.FOLLOWS)]
    assert said["DeliveryIntegrity"] == [("", Status.HELD)]


def test_a_client_has_no_sending_view_and_its_message_one_view() -> None:
    """What a client multicasts does not put Sending View Delivery to the test, but Same View Delivery."""
    judgement = judge_file(
        traces_directory() / "bad" / "same_view_delivery" / "client_calls_during_a_view_change.jsonl"
    )
    findings = {finding.guarantee: finding.status for finding in judgement.findings}
    assert findings["SendingViewDelivery"] is Status.NOT_JUDGED
    assert findings["SameViewDelivery"] is Status.VIOLATED


def test_groups_need_no_clock(tmp_path: Path) -> None:
    """Good traces of several groups are accepted, too, when each process's lines stand after those of another."""
    for path in (traces_directory() / "good" / "service").glob("*.jsonl"):
        header, *lines = path.read_text().splitlines(keepends=True)
        apart = tmp_path / path.name
        apart.write_text(
            header + "".join(sorted(lines, key=lambda line: str(json.loads(line)["process"]), reverse=True))
        )
        assert judge_file(apart).violations == ()


def test_a_verdict_can_be_limited(tmp_path: Path) -> None:
    """Only the guarantees that are asked for, or that the header claims, are judged."""
    path = traces_directory() / "bad" / "fifo" / "overtaken.jsonl"
    judgement = judge_file(path, guarantees=["VirtualSynchrony", "NoDuplication"])
    assert judgement.accepted
    assert judgement.with_status(Status.HELD) == ("NoDuplication",)
    header, _, events = path.read_text().partition("\n")
    claimed = tmp_path / "claimed.jsonl"
    claimed.write_text(json.dumps({**json.loads(header), "guarantees": ["NoDuplication"]}) + "\n" + events)
    assert judge_file(claimed).accepted
    assert judge_files_with_tlc([claimed])[0].accepted
    with pytest.raises(InputError, match="came Fifo: choose from SelfInclusion"):
        judge_file(path, guarantees=["Fifo"])


def test_what_is_not_judged_has_a_reason() -> None:
    """Not judged is not held: each guarantee that says nothing says why."""
    alone: list[ServiceEvent] = [
        Installed(line=2, process="p", view=View(id=1, members=("p",))),
        Multicasted(line=3, process="p", message="a"),
    ]
    findings = {finding.guarantee: finding for finding in judge_events(alone).findings}
    assert findings["VirtualSynchrony"].reason == "no event of this kind is recorded: deliver"
    assert findings["LocalMonotonicity"].reason.startswith("it was not put to the test: no process installs a second")
    assert all(f.reason for f in findings.values() if f.status is Status.NOT_JUDGED)


def test_judges_that_differ_say_in_what() -> None:
    """A disagreement names the guarantee and what each judge says."""
    held = judge_events([])
    broken = TlcJudgement(first_events={("", "FIFO"): 7})
    assert disagreement(held, broken) == "FIFO: held against violated at line 7"
    assert disagreement(held, held) is None
    assert isinstance(held, Judgement)


def test_a_verdict_is_json() -> None:
    """The verdict can be handed to other programs as JSON."""
    verdict = json.loads(json.dumps(judge_file(BAD[0]).as_json()))
    assert verdict["accepted"] is False
    assert [f for f in verdict["findings"] if f["status"] == "violated"]
