"""What `vsync bench` measures is what it says: the traces are legal and as long, the processes are their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vsync.bench.alone import DECODE, JUDGE, measured_alone
from vsync.bench.long_trace import write_long_trace
from vsync.bench.measures import Batch, hypothesis_steps
from vsync.check.judge import judge_irregular_file, judge_regular_file
from vsync.check.judgement import Status
from vsync.check.trace import Header
from vsync.check.writer import TraceWriter
from vsync.cli import main
from vsync.errors import EngineError


@pytest.fixture(scope="module")
def long_trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "long.jsonl"
    write_long_trace(path, 1500)
    return path


def test_the_long_trace_is_legal_and_puts_most_guarantees_to_the_test(long_trace: Path) -> None:
    """It has so many events, several runs one after the other, is regular, and holds what the thorough judge says."""
    judgement = judge_regular_file(long_trace)
    assert judgement.counts.events == 1500
    assert judgement.counts.groups >= 6
    assert judgement.violations == judge_irregular_file(long_trace).violations == ()
    assert len(judgement.with_status(Status.HELD)) >= 22


def test_a_process_of_its_own_says_what_it_took(long_trace: Path) -> None:
    """Decoding and judging read all events; only judging has a verdict, and what cannot be read is an error."""
    decoding, judging = measured_alone(DECODE, long_trace), measured_alone(JUDGE, long_trace)
    assert decoding.events == judging.events == 1500
    assert (decoding.accepted, judging.accepted) == (None, True)
    assert min(decoding.peak_mb, judging.peak_mb) > 5
    with pytest.raises(EngineError, match="no such file"):
        measured_alone(DECODE, long_trace.with_name("missing"))


def test_ratios_are_of_traces_in_the_same_time() -> None:
    """A hundred traces in 2 s together, and two in 4 s one by one: a hundred times as many in the same time."""
    batch = Batch(traces=100, events=10_000, cpu_seconds=4, seconds=2, alone=2, alone_cpu_seconds=6, alone_seconds=4)
    assert batch.ratio == pytest.approx(100)
    assert batch.cpu_ratio == pytest.approx(75)


def test_steps_of_hypothesis_are_counted() -> None:
    """More examples are more steps."""
    assert 0 < hypothesis_steps(1).count < hypothesis_steps(6).count


def test_the_command_measures_what_it_is_asked_for(long_trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the parts that are named are measured, and told as JSON with their ratios."""
    arguments = ["--traces", "2", "--trace-events", "10", "--alone", "1", "--trace", str(long_trace)]
    assert main(["bench", "--json", "--only", "tlc", "judge", *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["judge"]["decoding"]["events"] == 1500
    assert told["judge"]["ratio"] > 0
    assert (told["tlc"]["traces"], told["tlc"]["events"], told["tlc"]["alone"]) == (2, 20, 1)
    assert "simulate" not in told
    assert "hypothesis" not in told


def test_a_long_trace_that_breaks_a_guarantee_is_not_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A speed on a trace that is rejected would be that of another judge: it is refused."""
    path = tmp_path / "bad.jsonl"
    with TraceWriter(path, Header()) as writer:
        writer.write({"event": "install", "process": "p", "view": {"id": 1, "members": ["q"]}})
    assert main(["bench", "--only", "judge", "--trace", str(path)]) == 2
    assert "breaks a guarantee" in capsys.readouterr().err
