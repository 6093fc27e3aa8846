"""`vsync verify`: everything that can be checked here in a few minutes, and one table of what came of it.

First the quick models: TLC says of the specification what `models.toml` expects. Then the scenarios: each story
is played, holds, and gives its golden trace. Then a campaign: many seeded runs of the implementation, with
crashes, joins and wrong suspicions, each judged by the streaming judge while it goes on. A sample of the runs is
replayed, and judged a second time by TLC, service events and protocol events; both judges must agree. Whatever
fails is kept and named.

JSON: `seed`, `models` (as for `vsync models`), `scenarios` (a list of `name`, `lines`, `failures`), `campaigns`
(a list of objects: `name`, `first_seed`, `runs`, `settled`, `blocked`, `events`, `views`, `installations`,
`multicasts`, `deliveries`, `process_crashes`, `site_crashes`, `joins`, `leaves`, `wrong_suspicions`, `cuts`,
`datagrams_lost`, `cases` (how often each guarantee was put to the test), `failures` (a list of `seed`,
`configuration`, `guarantees`, `sentence`, `trace`), `spec`: `traces`, `accepted`, `steps`, `disagreements` (a
list of `seed`, `sentence`, `trace`), `seconds`), `seconds`, and `problems`, a list of sentences.

Spec: all of it. Paper: all of it.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from vsync.check.models import ModelResult, results_json
from vsync.check.tlc import find_jar, find_java
from vsync.cli import campaign as campaigns
from vsync.cli import models, scenario
from vsync.cli.campaign import Campaign, add_campaign_arguments, mark
from vsync.cli.models import add_spec_directory
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.scenario import Played
from vsync.cli.terminal import Terminal
from vsync.sim.scenario import read_scenario

HELP = "check everything: models, a campaign of seeded runs, both judges"
DESCRIPTION = (
    "Check the quick models with TLC, run the implementation from many seeds, judge every run, and have TLC "
    "judge a sample of them again. Exit code 0 means that all of it holds."
)
RUNS = 250
SAMPLE = 20


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    add_campaign_arguments(command, runs=RUNS, sample=SAMPLE)
    command.add_argument("--full", action="store_true", help="all models, not only the quick ones")
    add_spec_directory(command)


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    began = time.monotonic()
    find_java(), find_jar()
    _, chosen = models.chosen(arguments.spec_directory, (), full=arguments.full)
    results = models.checked(chosen, terminal, cores=arguments.cores)
    stories = _stories(terminal)
    campaign = campaigns.held(arguments, terminal)
    problems = [*_problems(results, stories, campaign)]
    seconds = time.monotonic() - began
    terminal.show(_table(results, stories, campaign))
    for problem in problems:
        terminal.show(Text(problem, style="bold red"))
    terminal.show(_last_line(results, stories, campaign, problems, seconds))
    ends = [models.exit_of(results), *(each.exit for each in stories), campaign.exit]
    fields = {
        "seed": arguments.seed,
        "models": results_json(results),
        "scenarios": [_story_as_json(each) for each in stories],
        "campaigns": [campaigns.as_json(campaign)],
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


# ----------------------------------------------------------------------------------- telling the results


def _problems(results: Sequence[ModelResult], stories: Sequence[Played], campaign: Campaign) -> Iterator[str]:
    """Yields what is not as it should be, a sentence each."""
    for result in results:
        for reason in result.reasons:
            yield f"model {result.model.name}: {reason}"
    for story in stories:
        for failure in story.failures:
            yield f"scenario {story.name}: {failure}; see vsync scenario --golden {story.name}"
    yield from campaigns.problems(campaign)


def _table(results: Sequence[ModelResult], stories: Sequence[Played], campaign: Campaign) -> Table:
    """Returns the one table."""
    table = Table("", "What", "Verdict", "How much")
    table.add_column("Seconds", justify="right")
    for result in results:
        table.add_row(*_model_row(result))
    table.add_section()
    table.add_row(*_scenarios_row(stories))
    table.add_section()
    for row in campaigns.rows(campaign):
        table.add_row(*row)
    return table


def _model_row(result: ModelResult) -> Iterator[Text]:
    model, tlc = result.model, result.tlc
    yield mark(result.as_expected)
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
    yield mark(not failed)
    yield Text(f"{len(stories)} scenarios")
    yield Text(f"do not hold: {', '.join(failed)}" if failed else "hold, and give their golden traces")
    yield Text(f"{sum(len(story.performance.lines) for story in stories)} lines, the same byte for byte")
    yield Text("")


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
