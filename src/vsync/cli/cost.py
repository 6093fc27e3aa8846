"""`vsync cost`: what the primitives cost in messages between sites, and how that grows, measured.

Two tables. The first has one multicast of each kind in a group with a member at each site, in the steady state
and with one crash: how many messages between sites follow upon each other before the last remote delivery, and
how many there are in all. The second has systems of more and more sites; `-o` draws it as an SVG.

JSON: `primitives` and `growth`, lists of objects as `vsync.sim.cost` describes them.

Spec: none. Paper: Birman and Joseph 1987, section 7, Table I and Figure 2.
"""

import argparse
from pathlib import Path

from rich.table import Table

from vsync.check.writer import write_whole
from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import InputError
from vsync.show.chart import Panel, chart
from vsync.sim.cost import Growth, PrimitiveCost, growth, primitives

HELP = "measure what the primitives cost in messages, and how that grows with the sites"
DESCRIPTION = (
    "Measure, in simulated runs, how many messages between sites each multicast primitive takes, and how messages, "
    "bytes and the time of a view change grow with the number of sites."
)
SIZES = (4, 8, 16, 32, 64)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument(
        "--sites", type=positive, nargs="+", default=SIZES, metavar="N", help="the sizes of the growing systems"
    )
    command.add_argument("--no-growth", action="store_true", help="only the primitives, which takes a second")
    command.add_argument("-o", "--output", type=Path, metavar="FILE.svg", help="draw the growth")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    sizes = () if arguments.no_growth else tuple(sorted(set(arguments.sites)))
    if sizes and sizes[0] < 3:
        raise InputError(f"expected systems of at least 3 sites, so that a majority outlives a crash; came {sizes[0]}")
    if arguments.output and len(sizes) < 2:
        raise InputError("expected at least two sizes to draw how cost grows: name them with --sites")
    each = list(primitives())
    terminal.show(_primitives_table(each))
    grown = []
    with terminal.progress("systems", len(sizes)) as meter:
        for size, measured in zip(sizes, growth(sizes), strict=True):
            grown.append(measured)
            meter.advance(done=f"{size} sites")
    if grown:
        terminal.show(_growth_table(grown))
    if arguments.output:
        write_whole(arguments.output, drawn(grown))
        terminal.say(f"The growth is drawn in {arguments.output}.")
    fields = {"primitives": [one.as_json() for one in each], "growth": [one.as_json() for one in grown]}
    return Outcome(exit=Exit.HOLDS, fields=fields)


def drawn(grown: list[Growth]) -> str:
    """Returns the chart of these systems, as SVG."""
    latency_ms = grown[0].latency_ms
    return chart(
        "Cost by the number of sites",
        "sites",
        [one.sites for one in grown],
        [
            Panel(title="messages between sites per multicast", values=tuple(one.messages for one in grown)),
            Panel(title="bytes per multicast", values=tuple(one.bytes for one in grown)),
            Panel(title="bytes of ordering information per copy", values=tuple(one.ordering_bytes for one in grown)),
            Panel(title="messages of a view change", values=tuple(float(one.view_messages) for one in grown)),
            Panel(
                title=f"a view change, in ms (a packet takes {latency_ms})",
                values=tuple(float(one.view_ms) for one in grown),
            ),
        ],
    )


def _primitives_table(each: list[PrimitiveCost]) -> Table:
    table = Table(title=f"One multicast to {each[0].destinations} other sites")
    table.add_column("primitive")
    table.add_column("state")
    for title in ("before delivery", "in all", "for stability", "latency"):
        table.add_column(title, justify="right")
    for one in each:
        table.add_row(
            one.kind.upper() if one.kind != "uniform" else "uniform ABCAST",
            "one crash" if one.crash else "steady",
            str(one.before),
            str(one.messages),
            str(one.afterwards),
            f"{one.latency:g}",
        )
    return table


def _growth_table(grown: list[Growth]) -> Table:
    table = Table(title="Growth: groups of eight that overlap, multicasts that follow upon each other")
    for title in (
        "sites", "messages", "for stability", "bytes", "ordering bytes", "carried", "view: messages", "view: ms",
    ):  # fmt: skip
        table.add_column(title, justify="right")
    for one in grown:
        table.add_row(
            str(one.sites),
            f"{one.messages:.1f}",
            f"{one.stability_messages:.1f}",
            f"{one.bytes:,.0f}",
            f"{one.ordering_bytes:.0f}",
            f"{one.carried:.2f}",
            str(one.view_messages),
            str(one.view_ms),
        )
    return table
