"""`vsync scenario`: play stories on the implementation, and see whether what must be seen is seen.

A name is that of a story (`flush/join_during_a_flush`, or without its module), or of a module, for all its
stories; a file that ends in `.story` is one of your own; without names all stories of the project are played.
`traces/README.md` describes the language. A story holds if it can be played to its end, all that it expects
is met, and the streaming judge accepts the run; with `--spec` TLC must accept it, too, with `--golden` the run
must be the recorded one, byte for byte.

JSON: `scenarios`, a list of objects with `name`, `title`, `steps`, `events`, `expectations`, `met`, `holds`,
`failures` (sentences), `judgement` (as `Judgement.as_json` has it), `spec` (that of TLC, as
`SpecJudgement.as_json` has it, or null), `golden` (null, "same", "written", or in what it differs) and `trace`
(the file, or null); with `--list` only `name` and `title`.

Spec: VSProperties, TraceService, TraceGbcast, TraceSiteViews. Paper: 2.1, 2.4.
"""

import argparse
import difflib
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
from rich.table import Table
from rich.text import Text

from vsync.check.agreement import SpecJudgement, judge_by_spec
from vsync.check.writer import TraceWriter, encoded, header_fields
from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import EngineError, InputError
from vsync.locate import traces_directory
from vsync.sim.scenario import Scenario, read_scenario
from vsync.sim.stage import Performance, perform

HELP = "play scenarios: crashes in the middle of a view change, crossing multicasts, and others"
DESCRIPTION = "Play scenarios, each a story with exact crashes and orders of arrival, and check what they expect."
SUFFIX = ".story"
SAME, WRITTEN = "same", "written"


@attrs.frozen(kw_only=True)
class Played:
    """One story and what became of it; `error` is why TLC could not judge it."""

    name: str
    file: Path
    performance: Performance
    spec: SpecJudgement | None = None
    golden: str = ""
    trace: Path | None = None
    error: str = ""

    @property
    def failures(self) -> tuple[str, ...]:
        """Why the story does not hold, in sentences."""
        found = list(self.performance.failures)
        if self.spec is not None:
            found += filter(None, [self.spec.disagreement(self.performance.judgement) or self.spec.rejection])
        if self.golden not in ("", SAME, WRITTEN):
            found.append(self.golden)
        return tuple(found)

    @property
    def exit(self) -> Exit:
        """The exit code for this story alone."""
        if self.failures:
            return Exit.VIOLATED
        return Exit.NOT_JUDGED if self.error else Exit.HOLDS


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("name", nargs="*", metavar="NAME|FILE", help="a story, a module, or a file (all stories)")
    command.add_argument("--list", action="store_true", help="only list the stories, and play none")
    command.add_argument("--spec", action="store_true", help="judge the runs by TLC, too")
    command.add_argument("-o", "--output", type=Path, metavar="DIR", help="write the traces into this directory")
    command.add_argument("--cores", type=positive, help="how many cores TLC may use (all)")
    golden = command.add_mutually_exclusive_group()
    golden.add_argument("--golden", action="store_true", help="compare each run with the trace beside its story")
    golden.add_argument("--write-golden", action="store_true", help="write these traces anew")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    files = meant(arguments.name)
    stories = {name: read_scenario(file) for name, file in files.items()}
    if arguments.list:
        terminal.show(_listed(stories))
        titles = [{"name": name, "title": story.title} for name, story in stories.items()]
        return Outcome(exit=Exit.HOLDS, fields={"scenarios": titles})
    played = [played_of(name, files[name], story) for name, story in stories.items()]
    if arguments.spec:
        played = _judged_by_spec(played, arguments.cores, terminal)
    if arguments.output:
        played = [_written(each, arguments.output / f"{each.name}.jsonl") for each in played]
    if arguments.golden:
        played = [compared(each) for each in played]
    if arguments.write_golden:
        played = [_recorded(each) for each in played]
    terminal.show(_table(played, arguments))
    for each in played:
        _tell(each, terminal)
    terminal.show(_sentence(played))
    return Outcome(exit=Exit.worst(each.exit for each in played), fields={"scenarios": [_as_json(p) for p in played]})


def played_of(name: str, file: Path, story: Scenario) -> Played:
    """Returns what came of playing a story."""
    return Played(name=name, file=file, performance=perform(story))


def compared(each: Played) -> Played:
    """Returns the run with what comes of comparing it with its golden trace."""
    return attrs.evolve(each, golden=_compared(each))


# ----------------------------------------------------------------------------------------------- stories


def meant(words: Sequence[str]) -> dict[str, Path]:
    """Returns the stories that words of the command line mean, by name; all stories if there are no words.

    Raises InputError for a word that means none.
    """
    directory = traces_directory() / "scenarios"
    known = {_name(file, directory): file for file in sorted(directory.rglob(f"*{SUFFIX}"))}
    if not words:
        return known
    files: dict[str, Path] = {}
    for word in words:
        if word.endswith(SUFFIX):
            if (name := Path(word).stem) in files:
                raise InputError(f"expected stories of different names, came {name} twice: name one of them otherwise")
            files[name] = Path(word)
            continue
        found = {name: file for name, file in known.items() if word in (name, *name.split("/"))}
        if not found:
            names = [*known, *(part for name in known for part in name.split("/"))]
            near = difflib.get_close_matches(word, names, n=1)
            hint = f"did you mean {near[0]}?" if near else "see vsync scenario --list"
            raise InputError(f"expected a story, a module or a file (*{SUFFIX}), came {word!r}: {hint}")
        files |= found
    return files


def _name(file: Path, directory: Path) -> str:
    return file.relative_to(directory).with_suffix("").as_posix()


# ------------------------------------------------------------------------------------------------ traces


def _written(each: Played, trace: Path) -> Played:
    """Writes the trace of a run into a file, and returns the run with its name."""
    trace.parent.mkdir(parents=True, exist_ok=True)
    with TraceWriter(trace, each.performance.header) as writer:
        for line in each.performance.lines:
            writer.write(line)
    return attrs.evolve(each, trace=trace)


def _recorded(each: Played) -> Played:
    """Writes the golden trace of a story that holds; one that does not hold is no model for anything."""
    if each.failures:
        return each
    _written(each, each.file.with_suffix(".jsonl"))
    return attrs.evolve(each, golden=WRITTEN)


def _compared(each: Played) -> str:
    """Returns that a run is the same as its golden trace, or in which line it differs first."""
    golden = each.file.with_suffix(".jsonl")
    if not golden.is_file():
        return f"there is no golden trace {golden.name}: write it with --write-golden"
    expected = golden.read_bytes().splitlines(keepends=True)
    came = [encoded(header_fields(each.performance.header)), *map(encoded, each.performance.lines)]
    for number, (one, other) in enumerate(itertools.zip_longest(expected, came, fillvalue=b"nothing"), start=1):
        if one != other:
            return f"line {number} of {golden.name} is {_short(one)}, but came {_short(other)}"
    return SAME


def _short(line: bytes) -> str:
    text = line.decode(errors="replace").strip()
    return text if len(text) <= 200 else f"{text[:200]}..."


# ----------------------------------------------------------------------------------------------- judging


def _judged_by_spec(played: list[Played], cores: int | None, terminal: Terminal) -> list[Played]:
    """Returns the runs with what TLC says of them, all in one batch."""
    with tempfile.TemporaryDirectory(prefix="vsync-") as scratch:
        paths = []
        for number, each in enumerate(played):
            paths.append(Path(scratch) / f"{number}.jsonl")
            _written(each, paths[-1])
        try:
            with terminal.progress("TLC", 2 * len(paths)) as meter:
                said = judge_by_spec(paths, cores=cores, on_done=meter.advance)
        except EngineError as error:
            return [attrs.evolve(each, error=str(error)) for each in played]
    return [attrs.evolve(each, spec=spec, error=spec.unusable) for each, spec in zip(played, said, strict=True)]


# --------------------------------------------------------------------------------------- telling the result


def _listed(stories: dict[str, Scenario]) -> Table:
    table = Table("Story", "What happens")
    for name, story in stories.items():
        table.add_row(Text(name), Text(story.title))
    return table


def _table(played: Sequence[Played], arguments: argparse.Namespace) -> Table:
    table = Table("Story")
    for name in ("Steps", "Events", "Expected", "Met"):
        table.add_column(name, justify="right")
    table.add_column("Judge")
    if arguments.spec:
        table.add_column("TLC")
    if arguments.golden or arguments.write_golden:
        table.add_column("Golden trace")
    for each in played:
        done = each.performance
        cells = [
            each.name,
            len(done.scenario.steps),
            done.judgement.counts.events,
            done.scenario.expectations,
            done.met,
        ]
        cells.append("accepts" if done.judgement.accepted else "rejects")
        if arguments.spec:
            cells.append("not judged" if each.spec is None else "accepts" if each.spec.accepted else "rejects")
        if arguments.golden or arguments.write_golden:
            cells.append(each.golden if each.golden in (SAME, WRITTEN) else "differs" if each.golden else "not written")
        style = {Exit.HOLDS: "green", Exit.VIOLATED: "bold red", Exit.NOT_JUDGED: "yellow"}[each.exit]
        table.add_row(*(Text(str(cell), style=style) for cell in cells))
    return table


def _tell(each: Played, terminal: Terminal) -> None:
    for failure in each.failures:
        terminal.show(Text(f"{each.name}: {failure}", style="bold red"))
    if each.error:
        terminal.say(f"vsync: {each.name}: {each.error}", style="yellow")


def _sentence(played: Sequence[Played]) -> Text:
    holding = sum(each.exit is Exit.HOLDS for each in played)
    met = sum(each.performance.met for each in played)
    text = f"{holding} of {len(played)} stories hold; {met} expectations were met."
    return Text(text, style="green" if holding == len(played) else "bold red")


def _as_json(each: Played) -> dict[str, Any]:
    done = each.performance
    return {
        "name": each.name,
        "title": done.scenario.title,
        "steps": len(done.scenario.steps),
        "events": done.judgement.counts.events,
        "expectations": done.scenario.expectations,
        "met": done.met,
        "holds": each.exit is Exit.HOLDS,
        "failures": list(each.failures),
        "judgement": done.judgement.as_json(),
        "spec": each.spec.as_json() if each.spec else None,
        "golden": each.golden or None,
        "trace": str(each.trace) if each.trace else None,
    }
