"""The judge of protocol events: TLC on the specification accepts what the machines do, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from vsync.check.protocol import ProtocolJudgement, judge_protocol_with_tlc
from vsync.errors import InputError
from vsync.locate import traces_directory
from vsync.sim.simulation import Configuration, Simulation

Lines = list[dict[str, Any]]


def read(path: Path) -> tuple[dict[str, Any], Lines]:
    """The header and the lines of a trace."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return lines[0], lines[1:]


def simulated(seed: int) -> Lines:
    """The lines of a small seeded run."""
    lines: Lines = []
    configuration = Configuration(sites=3 + seed % 3, processes=3, multicasts=6, storm_ms=500)
    Simulation(configuration, seed, on_line=lines.append).run()
    return lines


def named(kind: str) -> list[Path]:
    """The traces of a kind that hold protocol events."""
    found = sorted((traces_directory() / kind).rglob("*.jsonl"))
    return [path for path in found if '"action"' in path.read_text(encoding="utf-8")]


def test_recorded_good_traces_are_accepted() -> None:
    """Every trace under traces/good that has protocol events is a behaviour of the specification."""
    paths = named("good")
    judgements = judge_protocol_with_tlc([read(path)[1] for path in paths])
    assert len(paths) >= 3
    assert [path.name for path, judged in zip(paths, judgements, strict=True) if not judged.accepted] == []
    assert all(judged.steps > 50 for judged in judgements)


def test_forbidden_traces_are_rejected_at_their_line() -> None:
    """Every trace under traces/forbidden is rejected, by the module and at the line that its header names."""
    paths = named("forbidden")
    kinds = {"site_views", "flush", "cbcast", "gbcast", "groups", "state_transfer"}
    assert {path.parent.name for path in paths} == kinds
    traces = [read(path) for path in paths]
    judgements = judge_protocol_with_tlc([lines for _, lines in traces])
    for path, (header, _), judged in zip(paths, traces, judgements, strict=True):
        assert not judged.accepted, path.name
        assert {"line": judged.line, "module": judged.module} == header["forbidden"], path.name


def test_simulated_runs_are_accepted() -> None:
    """What the machines do under crashes, joins and wrong suspicions is what the specification allows."""
    judgements = judge_protocol_with_tlc([simulated(seed) for seed in range(12)])
    assert [judged for judged in judgements if not judged.accepted] == []


def tampered(lines: Lines, chance: Random) -> tuple[Lines, int]:
    """The lines with one protocol event's variable changed, and the line of the file where that is."""
    at = chance.choice([i for i, line in enumerate(lines) if line.get("variables", {}).get("known")])
    line = json.loads(json.dumps(lines[at]))
    variable = "promised" if "promised" in line["variables"] else "known"
    line["variables"][variable] += 1
    return [*lines[:at], line, *lines[at + 1 :]], at + 2


def test_a_changed_variable_is_found_where_it_is() -> None:
    """A trace in which one recorded value is wrong is rejected at exactly that line, for that variable."""
    chance = Random(7)
    cases = [tampered(simulated(seed), chance) for seed in range(4)]
    judgements = judge_protocol_with_tlc([lines for lines, _ in cases])
    assert [judged.line for judged in judgements] == [line for _, line in cases]
    assert all("leaves other values" in judged.reason for judged in judgements)


def test_a_trace_without_protocol_events_has_nothing_to_judge() -> None:
    """Service events alone are no matter for this judge: no step is counted."""
    lines: Lines = [{"event": "crash", "process": "a"}]
    assert judge_protocol_with_tlc([lines]) == [ProtocolJudgement(accepted=True, steps=0)]


@pytest.mark.parametrize(
    "line",
    [
        {"action": "Flush!Confirm", "process": "1.1.1", "arguments": {}, "variables": {}},
        {"action": "Cbcast!Deliver", "process": "1.1.1", "arguments": {"m": "nothing"}, "variables": {}},
        {"action": "SiteViews!Ask", "site": "1.1", "arguments": {"c": ["start"]}, "variables": {}},
        {"action": "StateTransfer!Ask", "process": "1.1.1", "arguments": {}, "variables": {}},
        {"action": "StateTransfer!Ask", "process": "1.1.1", "group": "g1.1.1", "arguments": {}, "variables": {}},
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: dict[str, Any]) -> None:
    """A malformed protocol event is bad input, and the message says where it is."""
    with pytest.raises(InputError, match="line 3"):
        judge_protocol_with_tlc([[{"move": "found", "sites": ["1.1"]}, line]])


def test_steps_that_no_trace_module_knows_are_counted() -> None:
    """What is passed over is told of: it is neither judged nor hidden."""
    line = {"action": "Unheard!Of", "site": "1.1", "arguments": {}, "variables": {}}
    assert judge_protocol_with_tlc([[line, line]]) == [ProtocolJudgement(accepted=True, steps=0, unjudged=2)]
