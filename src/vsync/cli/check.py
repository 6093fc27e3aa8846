"""`vsync check`: judge traces, recorded by this implementation or by any other group-communication system.

A file is a trace; a directory stands for all the `.jsonl` files below it, a pattern with `*` for what it
matches, and `-` for standard input. The streaming judge judges the guarantees; with `--spec` TLC does it too,
from the TLA+ text, and replays the protocol events, where there are any, on the specification. Both must
agree.

TLC takes much longer than the streaming judge: `--prefix N` has it judge only the first N lines of each trace. The
streaming judge judges the whole, and the same prefix once more, for the two to agree on.

What a trace lacks the facts for is not judged, and never counts as held; a trace of which nothing at all
could be judged makes the command end with 2. A trace that stops in the middle of a line is judged up to
there.

JSON: `files`, a list of objects with `file`, `verdict` ("holds", "violated", "not judged"), `error` (a
sentence, or null), `judgement` (that of the streaming judge, as `Judgement.as_json` has it, or null), `spec`
(that of TLC, as `SpecJudgement.as_json` has it, or null), `prefix` (of how many lines, if not of all) and
`disagreement` (a sentence, or null).

Spec: VSProperties, TraceService, TraceCbcast, TraceSiteViews. Paper: 2.4.
"""

import argparse
import contextlib
import glob
import itertools
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from rich.table import Table
from rich.text import Text

from vsync.check.agreement import SpecJudgement, judge_by_spec
from vsync.check.explain import explanations
from vsync.check.judge import judge_file
from vsync.check.judgement import Finding, Judgement, Status, selected
from vsync.check.properties import GUARANTEES
from vsync.check.record import record_of
from vsync.check.trace import STANDARD_STREAM
from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import EngineError, InputError

HELP = "judge traces by the guarantees, with --spec also by the specification itself"
DESCRIPTION = (
    "Judge traces: files, directories of .jsonl files, patterns, or - for standard input. The verdict names "
    "the guarantee, the events that contradict it, and their lines."
)
STYLES = {Status.HELD: "green", Status.VIOLATED: "bold red", Status.FOLLOWS: "red", Status.NOT_JUDGED: "dim"}
STANDARD_INPUT = "standard input"
EXPLAINED_MAX = 100_000
"""A trace with more events is not read again to be explained."""
MANY = 100
"""So many files take long enough for progress to be told."""


@attrs.frozen(kw_only=True)
class Checked:
    """What is said of one file; `error` is why nothing can be said, or not all that was asked for.

    `prefix` is what the streaming judge says of its first `lines` lines, if TLC judges only these, in `part`.
    """

    file: str
    path: Path | str
    judgement: Judgement | None = None
    spec: SpecJudgement | None = None
    error: str = ""
    prefix: Judgement | None = None
    lines: int | None = None
    part: Path | None = None

    @property
    def disagreement(self) -> str:
        """In what the judges differ; nothing if they agree, or if only one was asked."""
        judgement = self.prefix or self.judgement
        return self.spec.disagreement(judgement) if self.spec and judgement else ""

    @property
    def exit(self) -> Exit:
        """The exit code for this file alone."""
        if self.judgement is None or self.error:
            return Exit.NOT_JUDGED
        if not self.judgement.accepted or (self.spec is not None and not self.spec.accepted):
            return Exit.VIOLATED
        return Exit.HOLDS if self.judgement.with_status(Status.HELD) or self._steps else Exit.NOT_JUDGED

    @property
    def _steps(self) -> int:
        return self.spec.protocol.steps if self.spec and self.spec.protocol else 0


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("file", nargs="+", metavar="FILE", help="a trace, a directory, a pattern, or -")
    command.add_argument("--spec", action="store_true", help="judge by TLC, too, protocol events included")
    command.add_argument("--prefix", type=positive, metavar="N", help="have TLC judge only the first N lines of each")
    command.add_argument("--guarantee", action="append", metavar="NAME", help="judge only this one (again for more)")
    command.add_argument("--all", action="store_true", help="a table for each file, also for those that hold")
    command.add_argument("--cores", type=positive, help="how many cores TLC may use (all)")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    guarantees: list[str] | None = arguments.guarantee
    selected(guarantees, None)
    if arguments.prefix and not arguments.spec:
        raise InputError("expected --spec beside --prefix: it says how much TLC judges")
    with _files(arguments.file, twice=arguments.spec) as files:
        checked = _judged(files, guarantees, terminal)
        if arguments.spec:
            with _prefixes(checked, arguments.prefix, guarantees) as checked:
                checked = _judged_by_spec(checked, guarantees, arguments.cores, terminal)
        for each in checked:
            _show(each, terminal, fully=arguments.all or len(checked) == 1)
    ends = Exit.worst(each.exit for each in checked)
    if len(checked) > 1:
        terminal.show(Text(_summary(checked)))
    return Outcome(exit=ends, fields={"files": [_as_json(each) for each in checked]})


# ------------------------------------------------------------------------------------------------- files


@contextlib.contextmanager
def _files(words: Sequence[str], *, twice: bool) -> Iterator[list[tuple[str, Path | str]]]:
    """Gives the files that are meant, each with its name for people; `twice` if they are to be read twice.

    Raises InputError for a pattern or a directory without traces.
    """
    with contextlib.ExitStack() as stack:
        files: dict[str, Path | str] = {}
        for word in words:
            if word == STANDARD_STREAM:
                files[STANDARD_INPUT] = stack.enter_context(_kept_input()) if twice else word
            else:
                files |= {str(path): path for path in _meant(word)}
        yield list(files.items())


def _meant(word: str) -> list[Path]:
    """Returns the files that a word of the command line means, in the order of their names."""
    path = Path(word)
    if path.is_dir():
        found = sorted(each for each in path.rglob("*.jsonl") if each.is_file())
        remedy = "name another directory, or the files"
    elif not path.exists() and glob.has_magic(word):
        found = sorted(Path(each) for each in glob.glob(word, recursive=True) if Path(each).is_file())
        remedy = "correct the pattern"
    else:
        return [path]
    if not found:
        raise InputError(f"{word}: expected traces (.jsonl), but there are none: {remedy}")
    return found


@contextlib.contextmanager
def _kept_input() -> Iterator[Path]:
    """Gives standard input as a file, which can be read twice."""
    with tempfile.TemporaryDirectory(prefix="vsync-") as directory:
        path = Path(directory) / "standard-input.jsonl"
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield path


@contextlib.contextmanager
def _prefixes(checked: list[Checked], lines: int | None, guarantees: list[str] | None) -> Iterator[list[Checked]]:
    """Gives the same with the first lines of each file, after its header, as the part for TLC."""
    if lines is None:
        yield checked
        return
    with tempfile.TemporaryDirectory(prefix="vsync-") as directory:
        shortened = []
        for index, each in enumerate(checked):
            if each.judgement is not None:
                path = Path(directory) / f"{index}.jsonl"
                with open(each.path, "rb") as whole, path.open("wb") as copy:
                    copy.writelines(itertools.islice(whole, lines + 1))
                each = attrs.evolve(each, part=path, prefix=judge_file(path, guarantees), lines=lines)
            shortened.append(each)
        yield shortened


# ----------------------------------------------------------------------------------------------- judging


def _judged(files: Sequence[tuple[str, Path | str]], guarantees: list[str] | None, terminal: Terminal) -> list[Checked]:
    """Returns what the streaming judge says of the files; a file that cannot be used says so itself."""
    checked = []
    with contextlib.ExitStack() as stack:
        meter = stack.enter_context(terminal.progress("files", len(files))) if len(files) >= MANY else None
        for name, path in files:
            try:
                checked.append(Checked(file=name, path=path, judgement=judge_file(path, guarantees)))
            except InputError as error:
                told = str(error).replace(str(path), name) if isinstance(path, Path) else str(error)
                checked.append(Checked(file=name, path=path, error=told))
            if meter:
                meter.advance()
    return checked


def _judged_by_spec(
    checked: list[Checked], guarantees: list[str] | None, cores: int | None, terminal: Terminal
) -> list[Checked]:
    """Returns the same with what TLC says of the files that can be judged."""
    usable = [each for each in checked if each.judgement is not None]
    if not usable:
        return checked
    try:
        with terminal.progress("TLC", 2 * len(usable)) as meter:
            said = judge_by_spec(
                [each.part or each.path for each in usable], guarantees, cores=cores, on_done=meter.advance
            )
    except EngineError as error:
        return [each if each.error else attrs.evolve(each, error=str(error)) for each in checked]
    spec = dict(zip((each.file for each in usable), said, strict=True))
    return [
        attrs.evolve(each, spec=spec[each.file], error=spec[each.file].unusable) if each.file in spec else each
        for each in checked
    ]


# --------------------------------------------------------------------------------------- telling the result


def _show(each: Checked, terminal: Terminal, *, fully: bool) -> None:
    """Shows what is said of a file: `fully`, or in a line if there is nothing to be seen."""
    style = {Exit.HOLDS: "green", Exit.VIOLATED: "bold red", Exit.NOT_JUDGED: "yellow"}[each.exit]
    judgement = each.judgement
    terminal.show(Text.assemble((f"{each.file}: "), (_said(each), style)))
    if judgement is None:
        return
    findings = [finding for finding in judgement.findings if fully or finding.violation is not None]
    if findings:
        terminal.show(_table(findings, several=judgement.counts.groups > 1))
    if fully and not judgement.accepted and judgement.counts.events <= EXPLAINED_MAX:
        _explain(each, terminal)
    if judgement.truncated:
        terminal.show(Text("The last line stops in its middle: judged up to there.", style="yellow"))
    if judgement.unknown:
        names = ", ".join(f"{name} ({count})" for name, count in sorted(judgement.unknown.items()))
        terminal.show(Text(f"Events that this version does not know, passed over: {names}", style="yellow"))
    if each.spec is not None:
        terminal.show(_spec_said(each))
    if each.error:
        terminal.say(f"vsync: {each.error}", style="yellow")


def _explain(each: Checked, terminal: Terminal) -> None:
    """Shows why each guarantee is broken, in a sentence each; standard input is gone by now."""
    if each.path == STANDARD_STREAM or each.judgement is None or terminal.json:
        return
    for explanation in explanations(record_of(each.path)[1], each.judgement):
        terminal.show(Text.assemble((f"{explanation.guarantee}: ", "bold red"), explanation.short))
    terminal.show(Text(f"vsync explain {each.file} tells it event by event, vsync show draws it.", style="dim"))


def _said(each: Checked) -> str:
    """Returns what is said of a file, in a line."""
    judgement = each.judgement
    if judgement is None:
        return f"not judged: {each.error.removeprefix(f'{each.file}: ')}"
    names = judgement.with_status(Status.HELD)
    held, silent = len(names), len(set(judgement.with_status(Status.NOT_JUDGED)) - set(names))
    amount = f"{judgement.counts.events} events, {judgement.counts.processes} processes"
    if not judgement.accepted:
        broken = ", ".join(dict.fromkeys(violation.guarantee for violation in judgement.violations))
        return f"violated: {broken} ({amount})"
    if each.exit is Exit.NOT_JUDGED and not each.error:
        return f"not judged: it puts no guarantee to the test ({amount})"
    if each.spec is not None and not each.spec.accepted:
        return f"violated: {each.disagreement} ({amount})"
    return f"holds: {held} guarantees held, {silent} not judged ({amount})"


def _table(findings: Sequence[Finding], *, several: bool) -> Table:
    """Returns what is said of guarantees, in one group or in `several`, as a table."""
    table = Table("Guarantee", *(["Group"] if several else []), "Verdict")
    table.add_column("Tests", justify="right")
    table.add_column("Lines")
    table.add_column("What", overflow="fold")
    for finding in findings:
        found = finding.violation
        cells = (
            finding.guarantee,
            *(["all" if GUARANTEES[finding.guarantee].across_groups else finding.group] if several else []),
            finding.status.value,
            str(finding.cases or ""),
            ", ".join(map(str, found.lines)) if found else "",
            _sentence(finding),
        )
        table.add_row(*(Text(cell, style=STYLES[finding.status]) for cell in cells))
    return table


def _sentence(finding: Finding) -> str:
    """Returns what happened, why nothing is said, or what the guarantee says."""
    if finding.status is Status.VIOLATED and finding.violation is not None:
        return finding.violation.sentence
    if finding.reason:
        return finding.reason
    return " ".join((GUARANTEES[finding.guarantee].__doc__ or "").partition("\n\n")[0].split())


def _spec_said(each: Checked) -> Text:
    """Returns what TLC says, in a line."""
    assert each.spec is not None, "only what TLC has judged can be told"
    if each.disagreement:
        return Text(f"DISAGREEMENT: {each.disagreement}", style="bold red")
    steps = each.spec.protocol
    told = f"; it accepts {steps.steps} protocol events" if steps and steps.steps and steps.accepted else ""
    if steps and steps.unjudged:
        told += f"; {steps.unjudged} are of modules that it does not judge"
    if each.spec.rejection:
        told = f"; {each.spec.rejection}"
    where = f", judging the first {each.lines} lines" if each.lines else ""
    return Text(f"TLC says the same of the guarantees{where}{told}.", style="green" if each.spec.accepted else "red")


def _summary(checked: Sequence[Checked]) -> str:
    ends = [each.exit for each in checked]
    words = {Exit.HOLDS: "hold", Exit.VIOLATED: "violated", Exit.NOT_JUDGED: "not judged"}
    counts = [f"{ends.count(exit)} {word}" for exit, word in words.items() if exit in ends]
    return f"{len(checked)} files: {', '.join(counts)}."


def _as_json(each: Checked) -> dict[str, Any]:
    return {
        "file": each.file,
        "verdict": each.exit.verdict,
        "error": each.error or None,
        "judgement": each.judgement.as_json() if each.judgement else None,
        "spec": each.spec.as_json() if each.spec else None,
        "prefix": each.lines,
        "disagreement": each.disagreement or None,
    }
