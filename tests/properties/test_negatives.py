"""Changed traces: both judges find the same in each, and each kind of change is found out.

The sample is fixed. With a mistake planted in the streaming judge, it has to show a disagreement.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from vsync.check import properties, total_order
from vsync.check.judge import judge_file
from vsync.check.negatives import OPERATORS, UNCHANGED, JudgedNegative, applied, judged, negatives_of, spread
from vsync.check.record import record_of
from vsync.cli import main
from vsync.locate import traces_directory

GOOD = traces_directory() / "good" / "service"
EACH = 1


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> list[JudgedNegative]:
    """The good traces of service events, unchanged and changed, as both judges see them."""
    directory = tmp_path_factory.mktemp("negatives")
    changed = []
    for path in sorted(GOOD.glob("*.jsonl")):
        header, run = record_of(path)
        changed += negatives_of(path.stem, header, run, EACH, directory)
    return judged(changed, cores=1)


def test_both_judges_say_the_same(sample: list[JudgedNegative]) -> None:
    """Of each changed trace, the same guarantees are broken for both judges, each first by the same event."""
    assert [(each.negative, each.disagreement) for each in sample if each.disagreement] == []


def test_each_kind_of_change_is_found_out(sample: list[JudgedNegative]) -> None:
    """What is not changed is legal, and of each operator some traces are rejected; what is legal is counted."""
    rejected = Counter(each.negative.operator for each in sample if each.rejected)
    legal = Counter(each.negative.operator for each in sample if not each.rejected)
    assert rejected[UNCHANGED] == 0
    assert legal[UNCHANGED] == len([*GOOD.glob("*.jsonl")])
    assert {name for name in OPERATORS if rejected[name]} == OPERATORS.keys()
    assert sum(legal.values()) > legal[UNCHANGED]


def test_most_guarantees_are_broken(sample: list[JudgedNegative]) -> None:
    """The changes break most guarantees; what is left takes a longer trace, or more than one change."""
    broken = {violation.guarantee for each in sample for violation in each.judgement.violations}
    assert len(properties.GUARANTEES.keys() - broken) <= 5


def heard_from_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(properties.SenderIntegrity, "_forged", lambda self, multicast, delivery: False)


def any_rank_will_do(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(properties.RankAgreement, "check", lambda self, now, histories: None)


def one_event_late(patch: pytest.MonkeyPatch) -> None:
    right = properties.VirtualSynchrony.check

    def check(self: Any, now: Any, histories: Any) -> Any:
        violation = right(self, now, histories)
        return violation and attrs.evolve(violation, line=violation.line + 1)

    patch.setattr(properties.VirtualSynchrony, "check", check)


def abcasts_in_any_order(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(total_order, "_crossed", lambda one, two: None)
    patch.setattr(total_order._Order, "all_follow", lambda self, deliveries: None)


@pytest.mark.parametrize("plant", [heard_from_anybody, any_rank_will_do, one_event_late, abcasts_in_any_order])
def test_a_mistake_in_a_judge_is_a_disagreement(
    plant: Callable[[pytest.MonkeyPatch], None], sample: list[JudgedNegative], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a mistake in the streaming judge, the two judges differ on some changed trace."""
    plant(monkeypatch)
    again = [attrs.evolve(each, judgement=judge_file(each.negative.path)) for each in sample]
    assert [each for each in again if each.disagreement]


def test_a_change_leaves_the_rest_alone() -> None:
    """A changed trace has the events of the other places, in their order, and the lines of a file."""
    _, run = record_of(GOOD / "join.jsonl")
    for operate in OPERATORS.values():
        for change in operate(run):
            changed = applied(run, change)
            assert [event.line for event in changed] == [*range(2, len(changed) + 2)]
            rest = iter([attrs.evolve(event, line=0) for event in changed])
            kept = [event for place, event in enumerate(run.events) if place not in change.edits]
            assert all(attrs.evolve(event, line=0) in rest for event in kept)
            assert len(changed) == len(kept) + sum(map(len, change.edits.values()))


def test_changes_are_spread_over_a_trace() -> None:
    """Of many changes some are chosen, without two the same, from the beginning to the end."""
    many = [*range(100)]
    for start in range(len(OPERATORS)):
        chosen = spread(many, 4, start)
        assert len(set(chosen)) == 4
        assert min(chosen) < 25
        assert max(chosen) >= 75
    assert spread(many[:3], 4) == [0, 1, 2]


def test_only_accepted_traces_are_changed(capsys: pytest.CaptureFixture[str]) -> None:
    """A trace that breaks a guarantee is refused: what a change adds could not be told."""
    bad = traces_directory() / "bad" / "fifo" / "overtaken.jsonl"
    assert main(["negatives", str(bad)]) == 2
    assert "expected an accepted trace, but it breaks FIFO" in capsys.readouterr().err


def test_the_command_counts_by_operator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`vsync negatives` says how many of each kind are rejected, and how many are still legal."""
    trace = GOOD / "two_groups.jsonl"
    assert main(["negatives", str(trace), "--each", "1", "--keep", str(tmp_path / "kept"), "--cores", "1"]) == 0
    said = capsys.readouterr().out
    assert "both judges say the same" in said
    assert all(name in said for name in OPERATORS)
    assert not (tmp_path / "kept").exists()
