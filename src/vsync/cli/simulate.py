"""`vsync simulate`: one seeded run of the implementation, judged while it goes on, and written as a trace.

The same configuration and seed give the same bytes, on every machine. The trace goes to a file, under its
name only when it is complete, or to standard output; what is told about the run goes to standard output, or
to standard error if the trace is there. A run that violates a guarantee is written none the less.

JSON: `seed`, `configuration`, `trace` (the file, null for standard output), `lines`, `settled`, `blocked`,
`virtual_ms`, `counts` (moves and events, by name), `judgement` (as `Judgement.as_json` has it), and
`failure`, a sentence, null if there is none.

Spec: VSProperties. Paper: Birman and Joseph 1987, section 2.1.
"""

import argparse
from typing import Any

import attrs
from rich.table import Table
from rich.text import Text

from vsync.check.judgement import Status
from vsync.check.trace import STANDARD_STREAM
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import InputError
from vsync.sim.campaign import Run, configuration_for, written_run
from vsync.sim.simulation import Configuration
from vsync.sim.world import Line

HELP = "run the implementation once, from a seed, and write the trace"
DESCRIPTION = (
    "Run the implementation once under the seeded simulator: a storm of multicasts, crashes, joins and wrong "
    "suspicions, then calm. The run is judged while it goes on."
)

MEANINGS = {
    "sites": "sites at the beginning",
    "processes": "processes that join groups at the beginning, spread over the sites",
    "clients": "processes that join none",
    "groups": "how many groups",
    "memberships": "in how many of the groups a process is",
    "multicasts": "how many CBCASTs",
    "abcasts": "how many ABCASTs",
    "uniform": "how many uniform ABCASTs",
    "gbcasts": "how many GBCASTs",
    "configurations": "how often a group is configured",
    "flushes": "how many calls of flush",
    "process_crashes": "how many processes crash",
    "site_crashes": "how many sites crash",
    "wrong_suspicions": "how often a working site is suspected",
    "joins": "how often a process joins later, often a new one",
    "leaves": "how often a process leaves a group",
    "kills": "how often a group is killed",
    "recoveries": "how often a site starts again, or a new one does",
    "delays": "how often packets are held up",
    "storm_ms": "length of the storm, in virtual milliseconds",
    "latency_ms_max": "longest way of a packet, in virtual milliseconds",
    "with_state": "how many percent of those who join get the state of the group",
    "bulk_bytes_min": "from how many bytes on a state goes through a channel of its own",
    "migrations": "how often a member goes to another site",
    "detector": "have the sites detect failures themselves, by heartbeats",
    "cuts": "how often sites are cut off from others for a time",
    "links": "have packets go over links and datagrams",
    "loss": "with links: of a hundred datagrams, how many are lost",
    "duplication": "how many come twice",
    "reordering": "how many may overtake others",
    "corruption": "how many are damaged",
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("--seed", type=int, required=True, help="where all chance comes from")
    command.add_argument("-o", "--output", default=STANDARD_STREAM, metavar="FILE", help="where the trace goes")
    command.add_argument(
        "--service-only", action="store_true", help="only service events: nothing to replay, less to read"
    )
    command.add_argument(
        "--drawn", action="store_true", help="draw the configuration from the seed, as a campaign does"
    )
    group = command.add_argument_group("configuration")
    for each in attrs.fields(Configuration):
        flag = f"--{each.name.replace('_', '-')}"
        if each.default is False:
            group.add_argument(flag, action="store_true", default=None, help=MEANINGS[each.name])
        else:
            group.add_argument(flag, type=int, metavar="N", help=f"{MEANINGS[each.name]} ({each.default})")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    if arguments.output == STANDARD_STREAM:
        terminal.results_to_messages()
    with terminal.progress("simulating", None) as meter:

        def on_line(line: Line) -> None:
            meter.advance()
            if "at_ms" in line:
                meter.note(f"lines, {line['at_ms']} ms")

        done = written_run(
            _configuration(arguments),
            arguments.seed,
            arguments.output,
            recording=not arguments.service_only,
            on_line=on_line,
        )
    terminal.show(_table(done), _sentence(done))
    return Outcome(exit=Exit.VIOLATED if done.failure else Exit.HOLDS, fields=_as_json(done))


def _configuration(arguments: argparse.Namespace) -> Configuration:
    basis = configuration_for(arguments.seed) if arguments.drawn else Configuration()
    given = {name: getattr(arguments, name) for name in MEANINGS}
    try:
        return Configuration.from_json(
            attrs.asdict(basis) | {name: value for name, value in given.items() if value is not None}
        )
    except InputError as error:
        raise InputError(f"{error}; see vsync simulate --help") from error


def _table(done: Run) -> Table:
    counts = {name.partition(" ")[2]: count for name, count in done.counts.items() if name.startswith("event ")}
    judged = done.judgement
    table = Table(title=f"Seed {done.seed}", show_header=False)
    rows: dict[str, Any] = {
        "lines": done.lines,
        "service events": judged.counts.events,
        "group views": judged.counts.views,
        "multicasts, deliveries": f"{judged.counts.multicasts}, {judged.counts.deliveries}",
        "processes crashed": judged.counts.crashes,
        "processes leaving a group": counts.get("leave", 0),
        "guarantees held": len(judged.with_status(Status.HELD)),
    }
    if done.outcome is not None:
        rows["virtual time"] = f"{done.outcome.virtual_ms} ms"
    for name, value in rows.items():
        table.add_row(Text(name), Text(str(value), justify="right"))
    return table


def _sentence(done: Run) -> Text:
    if done.failure:
        return Text(f"Seed {done.seed}: {done.failure}", style="red")
    judged = done.judgement
    held = judged.with_status(Status.HELD)
    silent = [name for name in judged.with_status(Status.NOT_JUDGED) if name not in held]
    end = (
        "the system lost its majority and waits, as it must"
        if done.blocked
        else "what is left works in one view, and all is delivered"
    )
    not_tested = f" ({', '.join(silent)} not put to the test)" if silent else ""
    return Text(f"{len(held)} guarantees hold{not_tested}; {end}.", style="green")


def _as_json(done: Run) -> dict[str, Any]:
    return {
        "seed": done.seed,
        "configuration": attrs.asdict(done.configuration),
        "trace": None if str(done.trace) == STANDARD_STREAM else str(done.trace),
        "lines": done.lines,
        "settled": done.settled,
        "blocked": done.blocked,
        "virtual_ms": done.outcome.virtual_ms if done.outcome else None,
        "counts": done.counts,
        "judgement": done.judgement.as_json(),
        "failure": done.failure or None,
    }
