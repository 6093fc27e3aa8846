"""`vsync verify`: everything that can be checked here in a few minutes, and one table of what came of it.

First the quick models: TLC says of the specification what `models.toml` expects. Then the scenarios: each story
is played, holds, and gives its golden trace. Then a campaign: many seeded
runs of the implementation, with crashes, joins and wrong suspicions, each judged by the streaming judge while
it goes on. A sample of the runs is replayed, and judged a second time by TLC, service events and protocol
events; both judges must agree. Whatever fails is kept and named.

JSON: `seed`, `models` (as for `vsync models`), `scenarios` (a list of `name`, `lines`, `failures`), `campaigns`
(a list of objects: `name`, `first_seed`, `runs`, `settled`, `blocked`, `events`, `views`, `installations`,
`multicasts`, `deliveries`, `process_crashes`, `site_crashes`, `joins`, `leaves`, `wrong_suspicions`, `cuts`,
`datagrams_lost`, `cases` (how often each guarantee was put to the test), `failures` (a list of `seed`,
`configuration`, `guarantees`, `sentence`, `trace`), `spec`: `traces`, `accepted`, `steps`, `disagreements` (a
list of `seed`, `sentence`, `trace`), `seconds`), `seconds`, and `problems`, a list of sentences.

Spec: all of it. Paper: all of it.
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
from vsync.check.models import ModelResult, results_json
from vsync.check.tlc import find_jar, find_java
from vsync.cli import models, scenario
from vsync.cli.models import add_spec_directory, positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.scenario import Played
from vsync.cli.terminal import Terminal
from vsync.sim.campaign import Report, Run, run_campaign
from vsync.sim.scenario import read_scenario

HELP = "check everything: models, a campaign of seeded runs, both judges"
DESCRIPTION = (
    "Check the quick models with TLC, run the implementation from many seeds, judge every run, and have TLC "
    "judge a sample of them again. Exit code 0 means that all of it holds."
)
RUNS = 250
SAMPLE = 20
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
    command.add_argument("--runs", type=positive, default=RUNS, metavar="N", help=f"how many runs ({RUNS})")
    command.add_argument(
        "--sample", type=int, default=SAMPLE, metavar="N", help=f"how many of them TLC judges, too ({SAMPLE})"
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="the seed of the first run (0)")
    command.add_argument("--full", action="store_true", help="all models, not only the quick ones")
    command.add_argument(
        "--keep", type=Path, default=KEEP, metavar="DIR", help=f"where the traces of failing runs go ({KEEP})"
    )
    command.add_argument("--cores", type=positive, help="how many cores to use (all)")
    add_spec_directory(command)


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    began = time.monotonic()
    find_java(), find_jar()
    _, chosen = models.chosen(arguments.spec_directory, (), full=arguments.full)
    results = models.checked(chosen, terminal, cores=arguments.cores)
    stories = _stories(terminal)
    campaign = _campaign(arguments, terminal)
    problems = [*_problems(results, stories, campaign)]
    seconds = time.monotonic() - began
    terminal.show(_table(results, stories, campaign))
    for problem in problems:
        terminal.show(Text(problem, style="bold red"))
    terminal.show(_last_line(results, stories, campaign, problems, seconds))
    ends = [models.exit_of(results), *(each.exit for each in stories), Exit.HOLDS if campaign.holds else Exit.VIOLATED]
    if any(each.unusable for each in campaign.spec):
        ends.append(Exit.NOT_JUDGED)
    fields = {
        "seed": arguments.seed,
        "models": results_json(results),
        "scenarios": [_story_as_json(each) for each in stories],
        "campaigns": [_campaign_as_json(campaign)],
        "seconds": round(seconds, 1),
        "problems": problems,
    }
    return Outcome(exit=Exit.worst(ends), fields=fields)


# ------------------------------------------------------------------------------------------ the scenarios


def _stories(terminal: Terminal) -> list[Played]:
    """Returns what came of all stories, each compared with its golden trace."""
    files = scenario.meant(())
    played = []
    with terminal.progress("scenarios", len(files)) as meter:
        for name, file in files.items():
            played.append(scenario.compared(scenario.played_of(name, file, read_scenario(file))))
            meter.advance()
    return played


def _story_as_json(each: Played) -> dict[str, Any]:
    return {"name": each.name, "lines": len(each.performance.lines), "failures": list(each.failures)}


# ------------------------------------------------------------------------------------------- the campaign


def _campaign(arguments: argparse.Namespace, terminal: Terminal) -> Campaign:
    """Returns what came of the campaign, with progress on the way."""
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
                on_run=told,
            )
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


def _problems(results: Sequence[ModelResult], stories: Sequence[Played], campaign: Campaign) -> Iterator[str]:
    """Yields what is not as it should be, a sentence each."""
    for result in results:
        for reason in result.reasons:
            yield f"model {result.model.name}: {reason}"
    for story in stories:
        for failure in story.failures:
            yield f"scenario {story.name}: {failure}; see vsync scenario --golden {story.name}"
    for failed in campaign.report.failures:
        yield f"seed {failed.seed}: {failed.failure}; see vsync replay --step {failed.trace}"
    for sample, sentence in campaign.disagreements:
        yield f"seed {sample.seed}: {sentence}; see vsync check --spec {sample.trace}"
    for sample, said in zip(campaign.report.samples, campaign.spec, strict=True):
        if said.unusable:
            yield f"seed {sample.seed}: its protocol events could not be judged: {said.unusable}"


def _table(results: Sequence[ModelResult], stories: Sequence[Played], campaign: Campaign) -> Table:
    """Returns the one table."""
    table = Table("", "What", "Verdict", "How much")
    table.add_column("Seconds", justify="right")
    for result in results:
        table.add_row(*_model_row(result))
    table.add_section()
    table.add_row(*_scenarios_row(stories))
    table.add_section()
    for row in _campaign_rows(campaign):
        table.add_row(*row)
    return table


def _model_row(result: ModelResult) -> Iterator[Text]:
    model, tlc = result.model, result.tlc
    yield _mark(result.as_expected)
    yield Text(f"{model.name}: {model.kind} of {model.checks}")
    if tlc is None:
        yield Text("not judged")
        yield Text("")
        yield Text("")
        return
    expected = ", as it must" if result.as_expected and model.verdict == "violated" else ""
    yield Text(f"violates {tlc.violated}{expected}" if tlc.violated else tlc.verdict.value)
    yield Text(f"{tlc.distinct} distinct states, depth {tlc.depth} ({model.note})")
    yield Text(f"{tlc.seconds:.1f}")


def _scenarios_row(stories: Sequence[Played]) -> Iterator[Text]:
    failed = [story.name for story in stories if story.exit]
    yield _mark(not failed)
    yield Text(f"{len(stories)} scenarios")
    yield Text(f"do not hold: {', '.join(failed)}" if failed else "hold, and give their golden traces")
    yield Text(f"{sum(len(story.performance.lines) for story in stories)} lines, the same byte for byte")
    yield Text("")


def _campaign_rows(campaign: Campaign) -> Iterator[tuple[Text, ...]]:
    report, sums = campaign.report, campaign.report.as_json()
    failed = len(report.failures)
    rested = f"{report.settled} settled, {report.blocked} blocked, as they must"
    yield (
        _mark(not failed),
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
        _mark(not broken),
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
        _mark(not differing),
        Text(f"TLC, {len(campaign.spec)} of the runs"),
        Text(f"{differing} disagreements" if differing else "agrees with the streaming judge"),
        Text(f"{campaign.steps} protocol events are steps of the specification" if not differing else ""),
        Text(""),
    )


def _mark(fine: bool) -> Text:
    return Text("ok", style="green") if fine else Text("NOT OK", style="bold red")


def _last_line(
    results: Sequence[ModelResult],
    stories: Sequence[Played],
    campaign: Campaign,
    problems: Sequence[str],
    seconds: float,
) -> Text:
    if problems:
        return Text(f"NOT VERIFIED, for the reasons above: {len(problems)} ({seconds:.0f} s).", style="bold red")
    report = campaign.report
    return Text(
        f"VERIFIED: {len(results)} models are as expected; {len(stories)} scenarios hold; "
        f"{len([c for c in report.cases.values() if c])} guarantees hold in {report.runs} runs; "
        f"both judges agree on {len(campaign.spec)} of them ({seconds:.0f} s).",
        style="bold green",
    )


def _campaign_as_json(campaign: Campaign) -> dict[str, Any]:
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
