"""`vsync bench`: how fast the parts are, measured side by side in one run, and how much memory the judge takes.

- `judge`: the streaming judge, every guarantee on, on a trace of `--events` events, against merely decoding the
  same file; each in a process of its own, twice, of which the faster counts.
- `tlc`: the judge in TLA+, on `--traces` traces of `--trace-events` events in one JVM, against one JVM for each trace,
  of which `--alone` are measured; starting the JVM is in both.
- `simulate`: service events of simulated runs, with the protocol events recorded, and without.
- `hypothesis`: steps of the state machine of CBCAST, of the tests.

Speeds are by seconds of the processor, those of TLC by the time that passes, too. A ratio that is too low is no
violation: the command says what it measured.

JSON: `judge`, `tlc`, `simulate` and `hypothesis`, those that were measured, as objects of the fields of the classes in
`vsync.bench.measures`, with their ratios and rates.

Spec: TraceService. Paper: none.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from rich.table import Table

from vsync.bench.measures import Batch, Judged, Rate, hypothesis_steps, judged, simulated, tlc_in_batch
from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Meter, Terminal

HELP = "measure how fast the judges, TLC, the simulator and the state machines are"
DESCRIPTION = (
    "Measure side by side: the streaming judge against merely decoding, TLC on a batch against one JVM for each trace, "
    "the simulator with and without recording, and the steps of a Hypothesis state machine."
)
Row = tuple[str, str, str]


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("--only", nargs="+", choices=tuple(PARTS), default=tuple(PARTS), help="measure only these")
    command.add_argument("--events", type=positive, default=1_000_000, metavar="N", help="of the long trace (1000000)")
    command.add_argument("--trace", type=Path, metavar="FILE", help="judge this long trace, and make none")
    command.add_argument("--traces", type=positive, default=1000, metavar="N", help="how many traces TLC judges (1000)")
    command.add_argument("--trace-events", type=positive, default=100, metavar="N", help="events of each of them (100)")
    command.add_argument("--alone", type=positive, default=5, metavar="N", help="how many of them one by one (5)")
    command.add_argument("--runs", type=positive, default=5, metavar="N", help="how many simulated runs (5)")
    command.add_argument("--examples", type=positive, default=100, metavar="N", help="of the state machine (100)")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    fields: dict[str, Any] = {}
    table = Table(title="Measured here and now")
    table.add_column("what")
    table.add_column("speed", justify="right")
    table.add_column("besides", justify="right")
    with terminal.progress("measurements", len(arguments.only)) as meter:
        for name in (name for name in PARTS if name in arguments.only):
            meter.note(name)
            rows, fields[name] = PARTS[name](arguments, meter)
            for row in rows:
                table.add_row(*row)
            meter.advance(done=name)
    terminal.show(table)
    return Outcome(exit=Exit.HOLDS, fields=fields)


# ------------------------------------------------------------------------------------------------------ helpers


def _judge(arguments: argparse.Namespace, meter: Meter) -> tuple[list[Row], Any]:
    found: Judged = judged(arguments.events, path=arguments.trace, on_step=meter.note)
    megabytes = f"{found.decoding.events:,} events, {found.file_bytes / 2**20:.0f} MB"
    rows = [
        (f"decoding {megabytes}", _speed(found.decoding.events_per_second), f"{found.decoding.peak_mb:.0f} MB"),
        ("judging them, decoding included", _speed(found.judging.events_per_second), f"{found.judging.peak_mb:.0f} MB"),
        ("judging against decoding", f"{found.ratio:.2f}", ""),
    ]
    return rows, attrs.asdict(found) | {"ratio": found.ratio}


def _tlc(arguments: argparse.Namespace, meter: Meter) -> tuple[list[Row], Any]:
    found: Batch = tlc_in_batch(arguments.traces, arguments.trace_events, arguments.alone, on_step=meter.note)
    each, one = found.seconds / found.traces, found.alone_seconds / found.alone
    rows = [
        (
            f"TLC, {found.traces} traces of {found.events / found.traces:.0f} events in one JVM",
            f"{1000 * each:.1f} ms a trace",
            f"{found.seconds:.1f} s, processor {found.cpu_seconds:.1f} s",
        ),
        (
            f"TLC, one JVM a trace, {found.alone} of them",
            f"{1000 * one:.0f} ms a trace",
            f"processor {found.alone_cpu_seconds / found.alone:.1f} s a trace",
        ),
        ("in one JVM against one JVM a trace", f"{found.ratio:.0f}", f"by processor {found.cpu_ratio:.0f}"),
    ]
    return rows, attrs.asdict(found) | {"ratio": found.ratio, "cpu_ratio": found.cpu_ratio}


def _simulate(arguments: argparse.Namespace, meter: Meter) -> tuple[list[Row], Any]:
    recorded, plain = (simulated(recording, arguments.runs) for recording in (True, False))
    rows = [
        ("service events simulated, with recording", _speed(recorded.per_second), f"{recorded.count:,} events"),
        ("service events simulated, without", _speed(plain.per_second), f"{plain.count:,} events"),
    ]
    return rows, {"recording": _rate(recorded), "not_recording": _rate(plain)}


def _hypothesis(arguments: argparse.Namespace, meter: Meter) -> tuple[list[Row], Any]:
    found = hypothesis_steps(arguments.examples)
    return [("steps of Hypothesis, CBCAST", _speed(found.per_second), f"{found.count:,} steps")], _rate(found)


def _rate(rate: Rate) -> dict[str, Any]:
    return attrs.asdict(rate) | {"per_second": rate.per_second}


def _speed(per_second: float) -> str:
    return f"{per_second:,.0f} a second"


PARTS: dict[str, Callable[[argparse.Namespace, Meter], tuple[list[Row], Any]]] = {
    "judge": _judge,
    "tlc": _tlc,
    "simulate": _simulate,
    "hypothesis": _hypothesis,
}
