"""A recorded run can be made again, line for line, and a record that was changed is caught at that line."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vsync.check.trace import TraceReader
from vsync.check.writer import encoded
from vsync.cli.steps import Storyteller, event_in_words, in_words, shown
from vsync.errors import InputError
from vsync.sim.campaign import configuration_for, written_run
from vsync.sim.moves import MOVES
from vsync.sim.replay import Step, replay
from vsync.sim.simulation import Configuration

Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    """The lines of a trace in which much happens, the header among them."""
    path = tmp_path_factory.mktemp("recorded") / "3.jsonl"
    busy = Configuration(process_crashes=2, site_crashes=2, joins=4, leaves=2, kills=2, recoveries=2, latency_ms_max=5)
    written_run(busy, 3, path)
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def _replayed(lines: Lines, rest: bytes = b"") -> list[Step]:
    return list(replay(TraceReader(io.BytesIO(b"".join(map(encoded, lines)) + rest), "the trace")))


def test_runs_are_replayed_line_for_line(tmp_path: Path) -> None:
    """The moves of a run make the same run again, whatever happened in it."""
    for seed in range(15):
        path = tmp_path / f"{seed}.jsonl"
        run = written_run(configuration_for(seed), seed, path)
        with path.open("rb") as stream:
            steps = list(replay(TraceReader(stream, path.name)))
        assert all(step.exact for step in steps)
        assert sum(1 + len(step.lines) for step in steps) == run.lines - 1


def _first(lines: Lines, key: str, value: str) -> int:
    return next(index for index, line in enumerate(lines) if line.get(key) == value)


def _change_view(lines: Lines) -> int:
    index = _first(lines, "event", "install")
    lines[index] = lines[index] | {"view": {"id": 99, "members": ["1.1.1"]}}
    return index


def _change_variable(lines: Lines) -> int:
    index = _first(lines, "action", "SiteViews!Propose")
    lines[index] = lines[index] | {"variables": lines[index]["variables"] | {"promised": 77}}
    return index


def _remove_delivery(lines: Lines) -> int:
    index = _first(lines, "event", "deliver")
    del lines[index]
    return index


def _add_delivery(lines: Lines) -> int:
    index = _first(lines, "event", "deliver")
    lines.insert(index, lines[index])
    return index + 1


def _remove_last(lines: Lines) -> int:
    index = max(index for index, line in enumerate(lines) if "move" not in line)
    del lines[index:]
    return index


def _change_note(lines: Lines) -> int:
    index = _first(lines, "move", "multicast")
    lines[index] = lines[index] | {"payload": "another"}
    return index + 1


@pytest.mark.parametrize(
    "change", [_change_view, _change_variable, _remove_delivery, _add_delivery, _remove_last, _change_note]
)
def test_a_changed_record_is_caught_at_its_line(recorded: Lines, change: Callable[[Lines], int]) -> None:
    """The first line that is not what the moves make is named, with what was expected and what came."""
    lines = list(recorded)
    index = change(lines)
    last = _replayed(lines)[-1]
    assert last.difference is not None
    assert change is _change_note or last.difference.line == index + 1
    assert last.difference.line >= index + 1
    assert last.difference.expected != last.difference.came
    assert str(last.difference.line) in str(last.difference)


def test_a_cut_off_trace_is_replayed_up_to_there(recorded: Lines) -> None:
    """A writer that crashed in the middle of a line leaves a record that is exact as far as it goes."""
    for length in (10, 50, len(recorded) - 1):
        steps = _replayed(recorded[:length], encoded(recorded[length])[:-5])
        assert steps[-1].exact


def test_a_trace_without_moves_is_refused(recorded: Lines) -> None:
    """What cannot be replayed is refused, and the message says what can be."""
    service = [recorded[0], *(line for line in recorded if "event" in line)]
    with pytest.raises(InputError, match=r"line 2: expected a move .* --service-only"):
        _replayed(service)
    with pytest.raises(InputError, match="no lines after its header"):
        _replayed(recorded[:1])
    with pytest.raises(InputError, match=r"line 2: a move is one of found, .*'dance'"):
        _replayed([recorded[0], {"move": "dance"}])
    with pytest.raises(InputError, match="line 2: the move suspect has the fields site, suspected"):
        _replayed([recorded[0], {"move": "suspect"}])


def test_a_move_that_cannot_be_made_ends_the_replay(recorded: Lines) -> None:
    """A move of a site that does not run is a finding about the record, in words."""
    founded = next(index for index, line in enumerate(recorded) if index > 1 and "move" in line)
    steps = _replayed([*recorded[:founded], {"move": "suspect", "site": "9.9", "suspected": "1.1"}])
    assert steps[-1].line == founded + 1
    assert "cannot be made here" in steps[-1].error


def test_each_move_and_event_is_told_in_words(recorded: Lines) -> None:
    """A story has a sentence for every kind of move, and mentions every action, variable and event."""
    steps = _replayed(recorded)
    storyteller = Storyteller()
    story = "\n".join(storyteller.tell(step).plain for step in steps)
    for line in recorded[1:]:
        if "action" in line:
            assert line["action"] in story
        elif "event" in line:
            assert event_in_words(line) in story
    for step in steps:
        assert f"(line {step.line}" in story
    told = {type(step.move) for step in steps}
    assert len(told) >= len(MOVES) - 12, "the run shows most kinds of moves"
    assert all(in_words(step.move) for step in steps)


def test_only_changes_of_variables_are_told(recorded: Lines) -> None:
    """A variable is told when it first comes and when it changes, with both values."""
    storyteller = Storyteller()
    for step in _replayed(recorded):
        before = {who: dict(values) for who, values in storyteller.variables.items()}
        story = storyteller.tell(step).plain
        for _, fields in step.lines:
            who = str(fields.get("site") or fields.get("process"))
            for name, value in fields.get("variables", {}).items():
                old = before.get(who, {}).get(name, "nothing")
                if old != value and old != "nothing":
                    assert f"{name}: {shown(old)} -> " in story
