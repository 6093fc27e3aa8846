"""Coverage, both ways: what of the specification no trace exercises, and what of the code no run reaches.

The runs are those of the scenarios, made again out of their golden traces, and seeded runs of campaigns; the
traces are the golden ones, and whichever others TLC is asked to judge. What is missing is explained in a file,
``spec/coverage.toml``, thing by thing; what is missing and not explained is a gap, and an explanation of what is
not missing is out of date. Neither may be.

Spec: the Trace modules, ``spec/coverage.toml``. Paper: none.
"""

from __future__ import annotations

import tomllib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from attrs import field, frozen

import vsync.cbcast  # noqa: F401 (sites do not run it: it registers its actions)
from vsync.actions import ACTIONS
from vsync.check.exercised import Exercised, Expression
from vsync.check.trace import open_trace
from vsync.errors import InputError
from vsync.locate import spec_directory, traces_directory
from vsync.sim.campaign import configuration_for
from vsync.sim.reached import Reached, Statement
from vsync.sim.replay import replay
from vsync.sim.simulation import Simulation
from vsync.sim.world import ENVIRONMENT_ACTIONS, Line


@frozen(kw_only=True)
class Explanation:
    """Why something is missing: actions of this name; expressions or statements of this place and text.

    A name may be a pattern. A text stands for all that begin with it; without one, the whole of the place is
    meant. ``kind`` is the name of the list in the file.
    """

    kind: str
    reason: str
    action: str = ""
    module: str = "*"
    where: str = "*"
    text: str = ""

    def fits(self, thing: str | Expression | Statement) -> bool:
        """Whether it is about this."""
        if isinstance(thing, str):
            return self.kind == "untaken" and fnmatchcase(thing, self.action)
        kind, where = ("unevaluated", thing.definition) if isinstance(thing, Expression) else ("unreached", "")
        where = thing.where if isinstance(thing, Statement) else where
        return (
            self.kind == kind
            and fnmatchcase(thing.module, self.module)
            and fnmatchcase(where, self.where)
            and thing.text.startswith(self.text)
        )

    def __str__(self) -> str:
        place = self.action or f"{self.module} {self.where}"
        return f"[[{self.kind}]] {place}{': ' if self.text else ''}{self.text}"


@frozen(kw_only=True)
class Explained:
    """What ``spec/coverage.toml`` says.

    ``modules`` of the specification and ``machines`` of the code are those that are looked at; ``traces`` are judged
    by TLC besides the golden ones; ``seeds`` are those of the runs that reach, together with the scenarios, what can
    be reached.
    """

    modules: tuple[str, ...]
    machines: tuple[str, ...]
    traces: tuple[str, ...]
    seeds: tuple[int, ...]
    explanations: tuple[Explanation, ...] = field(default=())


@frozen(kw_only=True)
class Gaps:
    """What is missing and not explained, and the explanations of what is not missing."""

    unexplained: tuple[str | Expression | Statement, ...]
    outdated: tuple[Explanation, ...]

    def __bool__(self) -> bool:
        return bool(self.unexplained or self.outdated)

    def sentences(self) -> Iterator[str]:
        """Each of them in words, with what to do."""
        for thing in self.unexplained:
            kind = {str: "action is taken in no run", Expression: "expression is evaluated for no trace"}
            told = kind.get(type(thing), "statement is reached by no run")
            yield f"{thing}: this {told}: find a scenario or a seed, or say in spec/coverage.toml why there is none"
        for explanation in self.outdated:
            yield f"{explanation}: an explanation of what is not missing: take it out of spec/coverage.toml"


def load_explained(path: Path | None = None) -> Explained:
    """Read the file of explanations.  Raises ``InputError`` if it is not as it should be."""
    path = path or spec_directory() / "coverage.toml"
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        explanations = [
            Explanation(kind=kind, **each)
            for kind in ("untaken", "unevaluated", "unreached")
            for each in given.get(kind, ())
        ]
        lists = {name: tuple(given[name]) for name in ("modules", "machines", "traces", "seeds")}
    except (OSError, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise InputError(f"{path}: expected what explains coverage, but: {error}: see its head") from error
    return Explained(**lists, explanations=tuple(explanations))


def golden_traces() -> list[Path]:
    """The golden traces of the scenarios."""
    return sorted((traces_directory() / "scenarios").rglob("*.jsonl"))


def judged_traces(explained: Explained) -> list[Path]:
    """The traces that TLC judges for the sake of coverage, the golden ones first."""
    return [*golden_traces(), *(traces_directory() / name for name in explained.traces)]


def lines_of(path: Path) -> list[Line]:
    """The lines of a trace after its header."""
    with open_trace(path) as reader:
        return [fields for _, fields in reader.objects()]


def run_again(traces: Iterable[Path], exercised: Exercised, reached: Reached) -> None:
    """Make the runs of traces again, and count what they take and reach."""
    for path in traces:
        with open_trace(path) as reader, reached.watching():
            deque(replay(reader), maxlen=0)
        exercised.take(lines_of(path))


def run_seeds(seeds: Iterable[int], exercised: Exercised, reached: Reached) -> Iterator[int]:
    """Make runs as a campaign does, count what they take and reach, and yield each seed when it is done.

    A run in which sites detect failures is long, and takes the actions of others: these are not recorded.
    """
    for seed in seeds:
        lines: list[Line] = []
        configuration = configuration_for(seed)
        with reached.watching():
            Simulation(configuration, seed, recording=not configuration.detector, on_line=lines.append).run()
        exercised.take(lines)
        yield seed


def all_actions() -> list[str]:
    """The actions of all machines, and those of the environment."""
    return sorted({*ACTIONS, *ENVIRONMENT_ACTIONS})


def gaps_of_runs(exercised: Exercised, reached: Reached, explained: Explained) -> Gaps:
    """The gaps in what runs take and reach."""
    untaken = [name for name in all_actions() if not exercised.actions[name]]
    return _gaps((*untaken, *reached.missing()), ("untaken", "unreached"), explained, reached.statements())


def gaps_of_traces(exercised: Exercised, explained: Explained) -> Gaps:
    """The gaps in what TLC evaluates for traces."""
    return _gaps(exercised.missing(explained.modules), ("unevaluated",), explained)


def _gaps(
    missing: Sequence[str | Expression | Statement],
    kinds: Sequence[str],
    explained: Explained,
    statements: Sequence[Statement] = (),
) -> Gaps:
    explanations = [each for each in explained.explanations if each.kind in kinds]
    unexplained = [thing for thing in missing if not any(each.fits(thing) for each in explanations)]
    outdated = [each for each in explanations if not _in_force(each, missing, statements)]
    return Gaps(unexplained=tuple(dict.fromkeys(unexplained)), outdated=tuple(outdated))


def _in_force(each: Explanation, missing: Sequence[Any], statements: Sequence[Statement]) -> bool:
    """Something that it is about is missing; and all of it, if it is about the whole of a function."""
    about = [thing for thing in missing if each.fits(thing)]
    whole = each.kind == "unreached" and not each.text
    return bool(about) and (not whole or len(about) == sum(each.fits(thing) for thing in statements))
