"""What `vsync bench` measures, one function each, and each returns what it found as a plain object.

Speeds are by seconds of the processor, which other programs on the machine disturb least; where processes are
started, by the seconds that pass as well.

Spec: none. Paper: none.
"""

import importlib
import importlib.util
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import attrs

from vsync.bench.alone import DECODE, JUDGE, Alone, measured_alone
from vsync.bench.long_trace import events_of_run, write_long_trace
from vsync.check.merge import merge
from vsync.check.service import judge_with_tlc
from vsync.check.trace import Header, ServiceEvent, open_trace
from vsync.check.writer import TraceWriter
from vsync.errors import EngineError
from vsync.locate import tests_directory
from vsync.sim.simulation import Configuration, Simulation

ROUNDS: Final = 2
"""How often a trace is decoded and judged in turn; the faster of each counts."""
SMALL_RUN: Final = Configuration(
    sites=3, processes=4, clients=0, groups=2, multicasts=12, abcasts=6, uniform=3, gbcasts=1
)
"""The runs of which the traces are that TLC judges."""
SIMULATED: Final = Configuration(sites=5, processes=8, groups=3, memberships=2, multicasts=300, abcasts=80, uniform=40)


@attrs.frozen(kw_only=True)
class Judged:
    """The streaming judge against merely decoding the same file."""

    decoding: Alone
    judging: Alone
    file_bytes: int

    @property
    def ratio(self) -> float:
        """The speed of judging, with decoding in it, by that of decoding."""
        return self.judging.events_per_second / self.decoding.events_per_second


@attrs.frozen(kw_only=True)
class Batch:
    """TLC on many traces in one JVM, against one JVM for each; the start of the JVM is in both.

    `alone` were measured in a JVM of their own, a sample of the `traces`.
    """

    traces: int
    events: int
    cpu_seconds: float
    seconds: float
    alone: int
    alone_cpu_seconds: float
    alone_seconds: float

    @property
    def ratio(self) -> float:
        """How many times as many traces in the same time."""
        return self.alone_seconds / self.alone / (self.seconds / self.traces)

    @property
    def cpu_ratio(self) -> float:
        """The same by seconds of the processor."""
        return self.alone_cpu_seconds / self.alone / (self.cpu_seconds / self.traces)


@attrs.frozen(kw_only=True)
class Rate:
    """So many of something in so many seconds of the processor."""

    count: int
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.cpu_seconds


def judged(events: int, *, path: Path | None = None, on_step: Callable[[str], object] = lambda step: None) -> Judged:
    """Measures the streaming judge, every guarantee on, on a trace of so many events, or on the one in `path`."""
    with tempfile.TemporaryDirectory(prefix="vsync-") as scratch:
        if path is None:
            path = Path(scratch) / "long.jsonl"
            write_long_trace(path, events, on_run=lambda: on_step("simulating"))
            on_step("written")
        decoding, judging = [], []
        for _ in range(ROUNDS):
            decoding.append(measured_alone(DECODE, path))
            judging.append(measured_alone(JUDGE, path))
            on_step("judged")
        if not judging[0].accepted:
            raise EngineError(f"expected {path} to be accepted, but it breaks a guarantee: see vsync check {path}")
        return Judged(decoding=_faster(decoding), judging=_faster(judging), file_bytes=path.stat().st_size)


def tlc_in_batch(
    traces: int, events: int, alone: int, *, on_step: Callable[[str], object] = lambda step: None
) -> Batch:
    """Measures TLC on so many traces of so many events each, and on some of them one by one."""
    batch = _short_traces(traces, events)
    on_step("simulated")
    one_by_one, one_by_one_cpu = _with_children(lambda: [judge_with_tlc([trace]) for trace in batch[:alone]])
    on_step("one by one")
    together, together_cpu = _with_children(lambda: judge_with_tlc(batch))
    on_step("together")
    return Batch(
        traces=len(batch),
        events=sum(map(len, batch)),
        cpu_seconds=together_cpu,
        seconds=together,
        alone=len(batch[:alone]),
        alone_cpu_seconds=one_by_one_cpu,
        alone_seconds=one_by_one,
    )


def simulated(recording: bool, runs: int) -> Rate:
    """Measures how many lines of a trace the simulator makes, with the protocol events recorded or without."""
    lines = 0

    def on_line(line: object) -> None:
        nonlocal lines
        lines += "event" in line if isinstance(line, dict) else 0

    start = time.process_time()
    for seed in range(1, runs + 1):
        Simulation(SIMULATED, seed, recording=recording, on_line=on_line).run()
    return Rate(count=lines, cpu_seconds=time.process_time() - start)


def hypothesis_steps(examples: int) -> Rate:
    """Measures how many steps Hypothesis takes with the state machine of CBCAST, of the tests.

    Raises EngineError if the tests, or Hypothesis, are not there.
    """
    search, run, settings, phase = _searching()
    steps = count()

    class Counted(search):  # type: ignore[misc, valid-type]
        """The state machine, which counts its steps."""

        def check_invariants(self, *arguments: Any, **named: Any) -> None:
            next(steps)
            super().check_invariants(*arguments, **named)

    chosen = settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=(phase.generate,))
    start = time.process_time()
    run(Counted, settings=chosen)
    return Rate(count=next(steps), cpu_seconds=time.process_time() - start)


# ------------------------------------------------------------------------------------------------------ helpers


def _faster(measured: Sequence[Alone]) -> Alone:
    """Returns the fastest, with the highest peak of all."""
    fastest = min(measured, key=lambda each: each.cpu_seconds)
    return attrs.evolve(fastest, peak_mb=max(each.peak_mb for each in measured))


def _with_children(act: Callable[[], object]) -> tuple[float, float]:
    """Returns the seconds that pass while it acts, and those of the processor, with those of its child processes."""

    def used() -> float:
        kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, kinds))

    start, used_before = time.perf_counter(), used()
    act()
    return time.perf_counter() - start, used() - used_before


def _short_traces(traces: int, events: int) -> list[list[ServiceEvent]]:
    """Returns the beginnings of simulated runs that are long enough, each from a seed of its own."""
    found: list[list[ServiceEvent]] = []
    with tempfile.TemporaryDirectory(prefix="vsync-") as scratch:
        path = Path(scratch) / "short.jsonl"
        for seed in count(1):
            if len(found) == traces:
                return found
            with TraceWriter(path, Header()) as writer:
                for fields in events_of_run(SMALL_RUN, seed):
                    writer.write(fields)
            with open_trace(path) as reader:
                trace = list(merge(reader))
            if len(trace) >= events or seed > 10 * traces:
                found.append(trace[:events])
    raise AssertionError("seeds do not end")


def _searching() -> tuple[Any, Any, Any, Any]:
    """Returns the state machine of CBCAST, and what of Hypothesis it takes to run it."""
    try:
        if importlib.util.find_spec("models") is None:
            sys.path.insert(0, str(tests_directory()))
        search = importlib.import_module("models.test_cbcast").CbcastSearch
        hypothesis = importlib.import_module("hypothesis")
        run = importlib.import_module("hypothesis.stateful").run_state_machine_as_test
    except ImportError as error:
        raise EngineError(f'expected the tests and Hypothesis, came: {error}; pip install ".[test]"') from error
    return search, run, hypothesis.settings, hypothesis.Phase
