"""`vsync campaign`: many seeded runs of the implementation, each with faults of its own, each judged.

Every seed draws how large the system is, and a mix and strength of faults of its own: crashes of processes and
sites, also in the middle of a step, wrong suspicions, delays, cuts, and over links datagrams that are lost,
repeated, overtaken and damaged. First comes the storm, then the faults stop, and all has to settle; or to wait, if
the majority is lost. Each run is judged by the streaming judge while it goes on; the samples are replayed, and
judged by TLC, too. Every so many runs one is made twice, and must be the same line by line. A failing seed is
kept as a trace.

JSON: `campaigns`, a list of one object as `vsync verify` has it, with `twice` (how many runs were made twice),
`seconds`, `runs_per_second`, and `problems`, a list of sentences.

Spec: VSProperties, the Trace modules. Paper: Birman and Joseph 1987, section 2.1.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from rich.table import Table
from rich.text import Text

from vsync.check.agreement import SpecJudgement, judge_by_spec
from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.sim.campaign import Report, Run, run_campaign

HELP = "run the implementation from many seeds, with faults drawn from each, and judge every run"
DESCRIPTION = (
    "Run the implementation from many seeds. Each draws its own mix of faults: crashes, wrong suspicions, delays, "
    "cuts, loss. Every run is judged; a sample of them by TLC, too."
)
RUNS = 1000
TWICE = 50
KEEP = Path("vsync-failures")


@attrs.frozen(kw_only=True)
class Campaign:
    """A campaign and what both judges say of it; `spec` has, in their order, what TLC says of the samples."""

    name: str
    first_seed: int
    report: Report
    spec: Sequence[SpecJudgement]
    disagreements: Sequence[tuple[Run, str]]
    seconds: float
    running_seconds: float

    @property
    def exit(self) -> Exit:
        """The exit code for the campaign alone."""
        ends = [Exit.HOLDS if self.holds else Exit.VIOLATED]
        if any(each.unusable for each in self.spec):
            ends.append(Exit.NOT_JUDGED)
        return Exit.worst(ends)

    @property
    def holds(self) -> bool:
        """Whether no run failed and the judges agree."""
        return not self.report.failures and not self.disagreements

    @property
    def steps(self) -> int:
        """How many protocol events TLC has judged."""
        return sum(each.protocol.steps for each in self.spec if each.protocol)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    add_campaign_arguments(command, runs=RUNS, sample=0)
    command.add_argument(
        "--twice", type=int, default=TWICE, metavar="N", help=f"every N-th run is made twice, 0 for none ({TWICE})"
    )


def add_campaign_arguments(command: argparse.ArgumentParser, *, runs: int, sample: int) -> None:
    """Declares what every campaign needs, with these numbers where nothing else is said."""
    command.add_argument("--runs", type=positive, default=runs, metavar="N", help=f"how many runs ({runs})")
    command.add_argument(
        "--sample", type=int, default=sample, metavar="N", help=f"how many of them TLC judges, too ({sample})"
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="the seed of the first run (0)")
    command.add_argument(
        "--keep", type=Path, default=KEEP, metavar="DIR", help=f"where the traces of failing runs go ({KEEP})"
    )
    command.add_argument("--cores", type=positive, help="how many cores to use (all)")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    done = held(arguments, terminal, every=arguments.twice)
    found = [*problems(done)]
    table = Table("", "What", "Verdict", "How much")
    table.add_column("Seconds", justify="right")
    for row in rows(done):
        table.add_row(*row)
    terminal.show(table)
    for problem in found:
        terminal.show(Text(problem, style="bold red"))
    rate = done.report.runs / done.running_seconds
    terminal.show(
        Text(
            f"{done.report.runs} runs in {done.running_seconds:.0f} s, {rate:.1f} a second; "
            f"{done.report.twice} of them were made twice, and were the same."
        )
    )
    fields = {"campaigns": [as_json(done)], "runs_per_second": round(rate, 1), "problems": found}
    return Outcome(exit=done.exit, fields=fields)


# ----------------------------------------------------------------------------------------- running them


def held(arguments: argparse.Namespace, terminal: Terminal, *, every: int = 0) -> Campaign:
    """Returns what came of a campaign, with progress on the way; every so many runs one is made twice."""
    began = time.monotonic()
    seeds = range(arguments.seed, arguments.seed + arguments.runs)
    cores = arguments.cores or os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="vsync-campaign-") as scratch:
        with terminal.progress("runs", len(seeds)) as meter:

            def told(done: Run) -> None:
                meter.advance(1, f"seed {done.seed}: {done.failure}" if done.failure else "")

            report = run_campaign(
                seeds,
                cores=cores,
                keep=arguments.keep,
                sample=seeds[: max(0, arguments.sample)],
                samples=Path(scratch),
                twice=seeds[::every] if every > 0 else (),
                on_run=told,
            )
        running_seconds = time.monotonic() - began
        spec = _sample_judged(report.samples, terminal, cores)
        disagreements = []
        for sample, said in zip(report.samples, spec, strict=True):
            if sentence := said.disagreement(sample.judgement):
                disagreements.append((_kept(sample, arguments.keep), sentence))
    return Campaign(
        name="simulation",
        first_seed=arguments.seed,
        report=report,
        spec=spec,
        disagreements=disagreements,
        seconds=time.monotonic() - began,
        running_seconds=running_seconds,
    )


def _sample_judged(samples: Sequence[Run], terminal: Terminal, cores: int) -> list[SpecJudgement]:
    paths = [sample.trace for sample in samples if sample.trace is not None]
    if not paths:
        return []
    with terminal.progress("traces judged by TLC, twice each", 2 * len(paths)) as meter:
        return judge_by_spec(paths, cores=cores, on_done=meter.advance)


def _kept(run: Run, keep: Path) -> Run:
    """Returns the run with its trace where it stays."""
    assert run.trace is not None, "a sample has a trace"
    keep.mkdir(parents=True, exist_ok=True)
    return attrs.evolve(run, trace=Path(shutil.copyfile(run.trace, keep / f"seed-{run.seed}.jsonl")))


# ----------------------------------------------------------------------------------- telling the results


def problems(campaign: Campaign) -> Iterator[str]:
    """Yields what is not as it should be, a sentence each."""
    for failed in campaign.report.failures:
        yield f"seed {failed.seed}: {failed.failure}; see vsync replay --step {failed.trace}"
    for sample, sentence in campaign.disagreements:
        yield f"seed {sample.seed}: {sentence}; see vsync check --spec {sample.trace}"
    for sample, said in zip(campaign.report.samples, campaign.spec, strict=True):
        if said.unusable:
            yield f"seed {sample.seed}: its protocol events could not be judged: {said.unusable}"


def rows(campaign: Campaign) -> Iterator[tuple[Text, ...]]:
    """Yields the rows of a table, five cells each."""
    report, sums = campaign.report, campaign.report.as_json()
    failed = len(report.failures)
    rested = f"{report.settled} settled, {report.blocked} blocked, as they must"
    yield (
        mark(not failed),
        Text(f"campaign: {report.runs} runs, seeds {campaign.first_seed} and on"),
        Text(f"{failed} of {report.runs} runs fail" if failed else rested),
        Text(
            f"{sums['events']} events, {sums['views']} views, {sums['process_crashes']} process and "
            f"{sums['site_crashes']} site crashes, {sums['joins']} joins, "
            f"{sums['wrong_suspicions']} wrong suspicions, {sums['cuts']} cuts, {sums['datagrams_lost']} lost datagrams"
        ),
        Text(f"{campaign.seconds:.1f}"),
    )
    silent = [name for name, cases in report.cases.items() if not cases]
    broken = sorted({each.guarantee for run in report.failures for each in run.judgement.violations})
    yield (
        mark(not broken),
        Text("streaming judge, all runs"),
        Text(f"violated: {', '.join(broken)}" if broken else f"{len(report.cases) - len(silent)} guarantees hold"),
        Text(
            f"{report.cases.total()} tests of guarantees"
            + (f"; not put to the test: {', '.join(silent)}" if silent else "")
        ),
        Text(""),
    )
    differing = len(campaign.disagreements)
    yield (
        mark(not differing),
        Text(f"TLC, {len(campaign.spec)} of the runs"),
        Text(f"{differing} disagreements" if differing else "agrees with the streaming judge"),
        Text(f"{campaign.steps} protocol events are steps of the specification" if not differing else ""),
        Text(""),
    )


def mark(fine: bool) -> Text:
    """Returns what stands before a row."""
    return Text("ok", style="green") if fine else Text("NOT OK", style="bold red")


def as_json(campaign: Campaign) -> dict[str, Any]:
    """Returns the campaign as a JSON object."""
    return {
        "name": campaign.name,
        "first_seed": campaign.first_seed,
        **campaign.report.as_json(),
        "spec": {
            "traces": len(campaign.spec),
            "accepted": sum(each.accepted for each in campaign.spec),
            "steps": campaign.steps,
            "disagreements": [
                {"seed": sample.seed, "sentence": sentence, "trace": str(sample.trace)}
                for sample, sentence in campaign.disagreements
            ],
        },
        "seconds": round(campaign.seconds, 1),
    }
