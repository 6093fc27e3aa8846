"""A campaign: many seeded runs of the simulator, each judged while it goes on.

A run fails if a guarantee is violated, if a machine breaks one of its own assertions, if it has two primary
components (``World`` looks for that), if it comes to no good end (neither settled nor blocked, as it must be once
its majority is lost), or if it does not replay.  A failing seed is run once more, and this time its trace is kept,
with all protocol events, for ``vsync replay --step``. Of some runs, the samples, the trace is kept in any case and
replayed at once.

The configuration of a run is drawn from its seed, so that a seed alone says which run is meant.  Runs are
spread over processes; what comes out does not depend on how many there are.

Spec: VSProperties.
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection
from functools import partial
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Any

import attrs
from attrs import define, field, frozen

from vsync.check.judgement import Judgement
from vsync.check.live import LiveJudge
from vsync.check.trace import Header, open_trace
from vsync.check.writer import TraceWriter, encoded
from vsync.sim.replay import in_words, replay
from vsync.sim.simulation import Configuration, Outcome, Simulation
from vsync.sim.world import Line
from vsync.workers import results_of

SOURCE = "vsync simulate"


@frozen(kw_only=True)
class Run:
    """What became of one seeded run.

    ``outcome`` is how it ended, None if ``error``, an exception, ended it; ``counts`` are those of its moves
    and events, by name; ``lines`` is how many lines its trace has, ``trace`` where it was written, if it was,
    and ``replayed`` in what its replay differs; ``twice``, whether it was made twice, and was the same.
    """

    seed: int
    configuration: Configuration
    judgement: Judgement
    outcome: Outcome | None
    counts: dict[str, int]
    lines: int
    error: str = ""
    trace: Path | None = None
    replayed: str = ""
    twice: bool = False

    @property
    def settled(self) -> bool:
        """Whether what is left works in one view, and all is delivered there."""
        return self.outcome is not None and self.outcome.settled

    @property
    def blocked(self) -> bool:
        """Whether the majority was lost, so that the system waits, as it must."""
        return self.outcome is not None and self.outcome.blocked

    @property
    def failure(self) -> str:
        """Why the run fails, in sentences that name guarantees and lines; nothing if it does not."""
        reasons = [
            f"{each.guarantee} is violated (lines {', '.join(map(str, each.lines))}): {each.sentence}"
            for each in self.judgement.violations
        ]
        if self.error:
            reasons.append(f"an error ends the run after line {self.lines}: {self.error}")
        elif self.outcome is not None and not (self.settled or self.blocked):
            reasons.append(f"the run comes to no good end: {self.outcome.unsettled}")
        if self.replayed:
            reasons.append(f"the replay differs: {self.replayed}")
        return "; ".join(reasons)


@define(kw_only=True)
class Report:
    """What became of a campaign: sums over its runs, and, by seed, the runs that failed and the samples.

    ``cases`` says how often each guarantee was put to the test.
    """

    runs: int = 0
    twice: int = 0
    settled: int = 0
    blocked: int = 0
    events: int = 0
    views: int = 0
    deliveries: int = 0
    counts: Counter[str] = field(factory=Counter)
    cases: Counter[str] = field(factory=Counter)
    failures: list[Run] = field(factory=list)
    samples: list[Run] = field(factory=list)

    def add(self, run: Run) -> None:
        """Count one more run."""
        self.runs += 1
        self.twice += run.twice
        self.settled += run.settled
        self.blocked += run.blocked
        self.events += run.judgement.counts.events
        self.views += run.judgement.counts.views
        self.deliveries += run.judgement.counts.deliveries
        self.counts.update(run.counts)
        for finding in run.judgement.findings:
            self.cases[finding.guarantee] += finding.cases
        if run.failure:
            self.failures.append(run)
        elif run.trace:
            self.samples.append(run)

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return {
            "runs": self.runs,
            "twice": self.twice,
            "settled": self.settled,
            "blocked": self.blocked,
            "events": self.events,
            "views": self.views,
            "installations": self.counts["event install"],
            "multicasts": self.counts["event multicast"],
            "deliveries": self.deliveries,
            "process_crashes": self.counts["move crash_process"],
            "site_crashes": self.counts["move crash_site"] + self.counts["move crash_during"],
            "joins": self.counts["move join_group"],
            "leaves": self.counts["event leave"],
            "wrong_suspicions": self.counts["wrong suspicion"],
            "cuts": self.counts["move cut"],
            "datagrams_lost": self.counts["move lose_datagram"],
            "cases": dict(self.cases),
            "failures": [failure_as_json(run) for run in self.failures],
        }


def failure_as_json(run: Run) -> dict[str, Any]:
    """A failing run as a JSON object."""
    return {
        "seed": run.seed,
        "configuration": attrs.asdict(run.configuration),
        "guarantees": [violation.guarantee for violation in run.judgement.violations],
        "sentence": run.failure,
        "trace": None if run.trace is None else str(run.trace),
    }


def configuration_for(seed: int) -> Configuration:
    """The configuration of the run with this seed: always the same, and different from seed to seed.

    Every fifth run or so goes over links, every fourth is cut.  Over links things take longer, and so does the storm.
    """
    chance = Random(f"configuration {seed}")
    network = Random(f"network {seed}")
    links = network.random() < 0.2
    configuration = Configuration(
        sites=chance.randint(3, 6),
        processes=chance.randint(2, 8),
        clients=chance.randint(0, 2),
        groups=chance.randint(1, 3),
        memberships=chance.randint(1, 2),
        multicasts=chance.randint(4, 24),
        abcasts=chance.randint(0, 8),
        uniform=chance.randint(0, 4),
        gbcasts=chance.randint(0, 3),
        configurations=chance.randint(0, 2),
        flushes=chance.randint(0, 3),
        process_crashes=chance.randint(0, 3),
        site_crashes=chance.randint(0, 3),
        wrong_suspicions=chance.randint(0, 3),
        joins=chance.randint(0, 3),
        leaves=chance.randint(0, 2),
        kills=chance.choice((0, 0, 0, 1)),
        recoveries=chance.randint(0, 3),
        delays=chance.randint(0, 6),
        storm_ms=chance.choice((300, 1000, 2000)),
        latency_ms_max=chance.choice((2, 20, 100)),
        cuts=network.choice((0, 0, 0, network.randint(1, 3))),
        links=links,
        detector=links and network.random() < 0.3,
        loss=network.randint(0, 20),
        duplication=network.randint(0, 10),
        reordering=network.randint(0, 50),
        corruption=network.randint(0, 5),
    )
    return attrs.evolve(configuration, storm_ms=3 * configuration.storm_ms) if links else configuration


def header_of(configuration: Configuration, seed: int) -> Header:
    """The first line of the trace of a run."""
    return Header(source=SOURCE, configuration=attrs.asdict(configuration), seed=seed)


def judged_run(
    configuration: Configuration,
    seed: int,
    *,
    recording: bool = True,
    on_line: Callable[[Line], object] = lambda line: None,
) -> Run:
    """Run the simulator once, and judge what happens while it happens.

    Arguments: as for ``Simulation``.  An exception inside a machine ends the run, and is part of the result;
    one of ``on_line`` that has to do with the disk or the memory is raised.
    """
    judge = LiveJudge(header_of(configuration, seed), name=f"the run with seed {seed}")
    lines = 1
    stopped: BaseException | None = None

    def observe(line: Line) -> None:
        nonlocal lines, stopped
        try:
            on_line(line)
        except BaseException as raised:
            stopped = raised
            raise
        lines += 1
        judge.observe(line)

    simulation = Simulation(configuration, seed, recording=recording, on_line=observe)
    outcome, error = None, ""
    try:
        outcome = simulation.run()
    except MemoryError:
        raise
    except Exception as raised:
        if stopped is not None:
            raise
        error = in_words(raised)
    return Run(
        seed=seed,
        configuration=configuration,
        judgement=judge.judgement(),
        outcome=outcome,
        counts=dict(sorted(simulation.counts.items())),
        lines=lines,
        error=error,
    )


def written_run(
    configuration: Configuration,
    seed: int,
    trace: Path | str,
    *,
    recording: bool = True,
    on_line: Callable[[Line], object] = lambda line: None,
) -> Run:
    """Run the simulator once, judge the run, and write its trace to a file ("-" is standard output)."""
    with TraceWriter(trace, header_of(configuration, seed)) as writer:

        def write(line: Line) -> None:
            writer.write(line)
            on_line(line)

        run = judged_run(configuration, seed, recording=recording, on_line=write)
    return attrs.evolve(run, trace=Path(trace))


def run_campaign(
    seeds: Collection[int],
    *,
    cores: int,
    keep: Path,
    sample: Collection[int] = (),
    samples: Path | None = None,
    twice: Collection[int] = (),
    on_run: Callable[[Run], None] = lambda run: None,
) -> Report:
    """Run the simulator with each of the seeds, in the configuration drawn from it.

    Arguments: how many processes to use; the directory for the traces of failing runs, made when there is
    one; the seeds whose traces are written into the directory ``samples``; the seeds whose runs are made
    ``twice``, and must be the same; ``on_run``, called with each run when it is done, in any order.
    Errors: ``EngineError`` if a worker is ended from outside, ``OSError`` if a trace cannot be written.
    """
    report = Report()
    work = partial(_campaign_run, sampled=frozenset(sample), keep=keep, samples=samples, doubled=frozenset(twice))
    for run in results_of(work, seeds, cores=min(cores, len(seeds)) or 1):
        report.add(run)
        on_run(run)
    report.failures.sort(key=lambda run: run.seed)
    report.samples.sort(key=lambda run: run.seed)
    return report


def _campaign_run(
    seed: int, *, sampled: frozenset[int], keep: Path, samples: Path | None, doubled: frozenset[int]
) -> Run:
    configuration = configuration_for(seed)
    if samples is not None and seed in sampled:
        run = _replayed(written_run(configuration, seed, samples / f"{seed}.jsonl"))
    else:
        run = judged_run(configuration, seed, recording=False)
    if seed in doubled and not run.failure:
        run = attrs.evolve(run, twice=True, error=_difference_of_two(configuration, seed))
    if not run.failure:
        return run
    keep.mkdir(parents=True, exist_ok=True)
    again = _replayed(written_run(configuration, seed, keep / f"seed-{seed}.jsonl"))
    if run.twice:
        return attrs.evolve(again, error=run.error)
    if again.failure:
        return again
    return attrs.evolve(run, trace=again.trace, error=f"{run.failure}; but not when it is run again")


def _difference_of_two(configuration: Configuration, seed: int) -> str:
    """Make a run twice; in what the second is not the first, in words, or nothing."""
    first, second = _lines_of(configuration, seed), _lines_of(configuration, seed)
    if first == second:
        return ""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return f"made twice, the run is another from line {same + 2} on"


def _lines_of(configuration: Configuration, seed: int) -> list[bytes]:
    lines: list[bytes] = []
    Simulation(configuration, seed, on_line=lambda line: lines.append(encoded(line))).run()
    return lines


def _replayed(run: Run) -> Run:
    """The run with what its trace, replayed, gives."""
    assert run.trace is not None, "only a run whose trace was written can be replayed"
    with open_trace(run.trace) as reader:
        (step,) = deque(replay(reader), maxlen=1)
    if step.difference is not None:
        return attrs.evolve(run, replayed=str(step.difference))
    if step.error != run.error:
        return attrs.evolve(run, replayed=f"it ends with {step.error or 'no error'}")
    return run
