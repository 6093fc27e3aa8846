"""The stage: a scenario is played in a world, without chance and without a clock.

Packets that no step names move in a fixed order: one of each channel after the other, in the order of the
channels' ends, round and round. So the same scenario and the same machines give the same trace, byte for
byte; the trace has the moves, and replays without the scenario.

An expectation that is not met does not end the play; a step that cannot be made does.

Spec: the environment of Flush, SiteViews and Groups.
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import assert_never

from attrs import field, frozen

from vsync.check.judgement import Judgement
from vsync.check.live import LiveJudge
from vsync.check.trace import Header
from vsync.errors import VsyncError
from vsync.sim import moves, sentences
from vsync.sim.moves import Move
from vsync.sim.network import Channel
from vsync.sim.replay import in_words
from vsync.sim.scenario import PRIMITIVES, Numbered, Scenario
from vsync.sim.seen import Seen, kind_of
from vsync.sim.sentences import EVERYTHING, Expect, Fact, Hold
from vsync.sim.simulation import limits_of
from vsync.sim.world import Line, Sent, World
from vsync.types import Address, Kind

SOURCE = "vsync scenario"

#: So many moves in one step are a sign that it never ends.
MOVES_MAX = 20_000


class StepFailed(VsyncError):
    """A step cannot be made: what it speaks of is not there."""


@frozen(kw_only=True)
class Unmet:
    """What a scenario expects and a run does not show: the line and the text of the step, and what came."""

    line: int
    text: str
    came: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}: {self.came}"


@frozen(kw_only=True)
class Performance:
    """What became of a scenario.

    ``met`` counts the expectations that were met, ``unmet`` are the others; ``stopped`` is the step that could
    not be made, if there was one, or what a machine raised in it; ``lines`` are those of the trace.
    """

    scenario: Scenario
    lines: tuple[Line, ...] = field(repr=False)
    met: int
    unmet: tuple[Unmet, ...]
    judgement: Judgement
    stopped: Unmet | None = None

    @property
    def holds(self) -> bool:
        """Whether the whole scenario was played, all that it expects was met, and no guarantee is violated."""
        return not self.failures

    @property
    def failures(self) -> tuple[str, ...]:
        """Why it does not hold, in sentences."""
        stopped = (f"it stops in {self.stopped}",) if self.stopped else ()
        violations = (f"{broken.guarantee} is violated: {broken.sentence}" for broken in self.judgement.violations)
        return (*map(str, self.unmet), *stopped, *violations)

    @property
    def header(self) -> Header:
        """The first line of the trace."""
        return header_of(self.scenario)


def header_of(story: Scenario) -> Header:
    """The first line of the trace of a scenario."""
    return Header(source=SOURCE, configuration={"scenario": story.title})


def perform(story: Scenario) -> Performance:
    """Play a scenario from its first step to its last, and say what became of it."""
    stage = Stage(story)
    stopped = None
    numbered = None
    try:
        for numbered in story.steps:
            stage.make(numbered)
    except MemoryError:
        raise
    except Exception as raised:  # a step that cannot be made, or a machine's own assertion: the scenario is red
        assert numbered is not None
        stopped = Unmet(line=numbered.line, text=numbered.text, came=in_words(raised))
    if stopped is None:
        stage.end()
    return Performance(
        scenario=story,
        lines=tuple(stage.lines),
        met=stage.met,
        unmet=tuple(stage.unmet),
        judgement=stage.judge.judgement(),
        stopped=stopped,
    )


class Stage:
    """One scenario that is being played."""

    def __init__(self, story: Scenario) -> None:
        self.lines: list[Line] = []
        self.judge = LiveJudge(header_of(story), name=story.title)
        self.world = World(on_line=self._line, limits=limits_of(header_of(story).configuration))
        self.seen = Seen(self.world)
        self.holds: dict[Numbered, int] = {}  # those that are in force, with how often each has held up something
        self.vain: list[Numbered] = []  # those that were released and had held up nothing
        self.never: list[Numbered] = []  # the facts that must not come about
        self.tickets = 0
        self.met = 0
        self.unmet: list[Unmet] = []

    def make(self, numbered: Numbered) -> None:
        """Make one step of the scenario.  Raises ``StepFailed`` if it cannot be made."""
        match numbered.step:
            case Expect():
                self._expect(numbered, numbered.step)
            case sentences.Run(fact=fact, timers=timers):
                self._run(fact, with_timers=bool(timers))
            case Hold():
                self.holds[numbered] = 0
            case sentences.Release():
                self._release()
            case sentences.StoryBegins():
                self.seen.forget_set_up()
            case sentences.LookUp(process=process, group=group):
                self._runs(process)
                self.world.look_up(process, self._group(process, group))
            case sentences.ArriveAt(kind=kind, site=source, sites=sites):
                for destination in sites:
                    self._arrive_up_to(kind, source, destination)
            case step:
                for move in self._moves(step):
                    self._make(move)

    def end(self) -> None:
        """The scenario is over: what should never have come about has not; a hold that held nothing is a mistake."""
        self.met += len(self.never)
        self.never = []
        self._release()
        for hold in self.vain:
            self.unmet.append(Unmet(line=hold.line, text=hold.text, came="it has held up nothing"))

    # -- Moves --------------------------------------------------------------------------------------

    def _moves(
        self,
        step: sentences.Begin | sentences.Start | sentences.StartSite | sentences.Create | sentences.Join
        | sentences.Leave | sentences.Kill | sentences.Configure | sentences.Multicast | sentences.CallFlush
        | sentences.Crash | sentences.CrashSite | sentences.Suspect | sentences.Trust | sentences.GoOff,
    ) -> Iterator[Move]:  # fmt: skip
        """The moves that make up a step."""
        match step:
            case sentences.Begin(sites=sites):
                yield moves.Found(sites=sites)
            case sentences.Start(processes=processes):
                yield from (moves.StartProcess(process=process) for process in processes)
            case sentences.StartSite(site=site):
                yield moves.StartSite(site=site, contacts=tuple(self.world.operational()))
            case sentences.Join(processes=processes, group=name, word=word, state=state):
                for p in processes:
                    self._runs(p)
                    yield moves.JoinGroup(process=p, name=name, credentials=word, create=False, with_state=bool(state))
            case sentences.Crash(processes=processes):
                yield from (moves.CrashProcess(process=process) for process in processes)
            case sentences.CrashSite(site=site, kind=kind, sites=sites):
                lost = tuple((to, self._tail(kind, site, to)) for to in sites)
                yield moves.CrashSite(site=site, lost=lost)
            case sentences.Suspect(sites=sites, site=site):
                yield from (moves.Suspect(site=who, suspected=site) for who in sites)
            case sentences.Trust(sites=sites, site=site):
                yield from (moves.Trust(site=who, suspected=site) for who in sites)
            case sentences.GoOff(timer=timer, site=site):
                if (site, timer) not in self.world.timers:
                    raise StepFailed(f"expected a timer {timer} of {site}, but it is not set; name one that is")
                yield moves.Fire(owner=site, timer=timer)
            case _:
                yield self._request(step)

    def _request(
        self,
        step: sentences.Create | sentences.Leave | sentences.Kill | sentences.Configure
        | sentences.Multicast | sentences.CallFlush,
    ) -> Move:  # fmt: skip
        """What a process asks for."""
        p = step.process
        self._runs(p)
        match step:
            case sentences.Create(group=name, word=word):
                return moves.CreateGroup(process=p, name=name, credentials=word)
            case sentences.Leave(group=name):
                return moves.LeaveGroup(process=p, group=self._group(p, name))
            case sentences.Kill(group=name):
                return moves.KillGroup(process=p, group=self._group(p, name))
            case sentences.Configure(group=name, setting=setting):
                key, _, value = setting.partition("=")
                return moves.ConfigureGroup(process=p, group=self._group(p, name), key=key, value=value)
            case sentences.Multicast(message=message, targets=targets, primitive=primitive):
                to = tuple(Address.parse(each) if each[0].isdigit() else self._group(p, each) for each in targets)
                believed = tuple((g, self.world.caches[p, g]) for g in to if (p, g) in self.world.caches)
                kind = PRIMITIVES[primitive]
                return moves.Multicast(process=p, to=to, payload=message, kind=kind, cached=believed)
            case sentences.CallFlush():
                self.tickets += 1
                return moves.CallFlush(process=p, ticket=self.tickets)
            case _:
                assert_never(step)

    def _make(self, move: Move) -> None:
        """Make a move, and see what comes of it."""
        arriving = None
        if isinstance(move, moves.Arrive):
            arriving = self.world.network.channels[move.source, move.destination][0]
            self.seen.arrived(move.source, move.destination, arriving)
        news = [each for each in self.world.make(move) if isinstance(each, Sent)]
        left = Counter((sent.source, sent.destination) for sent in news)
        for sent in news:
            channel = (sent.source, sent.destination)
            packets = self.world.network.channels.get(channel, ())
            if len(packets) >= left[channel]:  # else a crash in the middle of the move has lost it
                self.seen.sent.append((kind_of(packets[-left[channel]]), *channel))
            left[channel] -= 1
        self._learn_groups()
        self._watch()

    # -- Packets ------------------------------------------------------------------------------------

    def _run(self, fact: Fact | None, *, with_timers: bool) -> None:
        """Have packets arrive until a fact holds, or until nothing is under way that may arrive."""
        made = 0
        moving = True
        while moving and not (fact and self.seen.holds(fact)):
            moving = False
            for move in self._due(with_timers):
                self._make(move)
                moving = True
                made += 1
                if made > MOVES_MAX:
                    raise StepFailed(f"expected an end, but there is none after {made} moves; use 'run until'")
                if fact and self.seen.holds(fact):
                    return
        if fact and not self.seen.holds(fact):
            raise StepFailed(f"expected this to come about, but nothing more is under way: {self.seen.instead(fact)}")

    def _due(self, with_timers: bool) -> Iterator[Move]:
        """One round: the next packet of each channel that is not held up; or, if there is none, the timers."""
        silent = True
        for source, destination in self.world.network.arriving():
            if self.world.network.waiting(source, destination) and not self._held_up((source, destination)):
                silent = False
                yield moves.Arrive(source=source, destination=destination)
        if silent and with_timers:
            for owner, timer in sorted(self.world.timers):
                if timer != "join":
                    yield moves.Fire(owner=owner, timer=timer)

    def _held_up(self, channel: Channel) -> bool:
        """Whether the next packet of a channel is held up."""
        kind = kind_of(self.world.network.channels[channel][0])
        holding = [numbered for numbered in self.holds if _hold(numbered).holds_up(kind, *channel)]
        for numbered in holding:
            self.holds[numbered] += 1
        return bool(holding)

    def _arrive_up_to(self, kind: str, source: Address, destination: Address) -> None:
        """Have the packets of a channel arrive, up to the first of a kind, or all that are under way now."""
        tail = self._tail(kind, source, destination)
        packets = self.world.network.waiting(source, destination)
        for _ in range(packets if kind == EVERYTHING else packets - tail + 1):
            if self.world.network.waiting(source, destination):
                self._held_up((source, destination))
                self._make(moves.Arrive(source=source, destination=destination))

    def _tail(self, kind: str, source: Address, destination: Address) -> int:
        """How many packets of a channel there are from the first of a kind on."""
        kinds = [kind_of(packet) for packet in self.world.network.channels.get((source, destination), ())]
        if not kinds or kind not in (*kinds, EVERYTHING):
            there = ", ".join(kinds) or "nothing"
            raise StepFailed(f"expected {kind} under way from {source} to {destination}, but there is {there}")
        return len(kinds) - (0 if kind == EVERYTHING else kinds.index(kind))

    def _release(self) -> None:
        for numbered in self.holds:
            for channel in self.world.network.arriving():
                kind = kind_of(self.world.network.channels[channel][0])
                self.holds[numbered] += _hold(numbered).holds_up(kind, *channel)
        self.vain += [numbered for numbered, times in self.holds.items() if not times]
        self.holds = {}

    # -- Expectations -------------------------------------------------------------------------------

    def _expect(self, numbered: Numbered, step: Expect) -> None:
        held = self.seen.holds(step.fact)
        if step.manner == "never" and not held:
            self.never.append(numbered)
        elif held == (step.manner == ""):
            self.met += 1
        else:
            came = self.seen.instead(step.fact) if step.manner == "" else "but it does"
            self.unmet.append(Unmet(line=numbered.line, text=numbered.text, came=came))

    def _watch(self) -> None:
        """See whether something has come about that never should."""
        for numbered in list(self.never):
            assert isinstance(numbered.step, Expect)
            if self.seen.holds(numbered.step.fact):
                self.never.remove(numbered)
                at = f"it does, at line {len(self.lines) + 1} of the trace"
                self.unmet.append(Unmet(line=numbered.line, text=numbered.text, came=at))

    # -- Helpers ------------------------------------------------------------------------------------

    def _line(self, line: Line) -> None:
        self.lines.append(line)
        self.seen.line(line)
        self.judge.observe(line)

    def _learn_groups(self) -> None:
        """Learn the addresses of the groups that sites know; those of groups that are gone stay known."""
        for _, site in sorted(self.world.sites.items()):
            for address, group in sorted(site.groups.directory.items()):
                self.seen.groups[group.name] = str(address)

    def _group(self, process: Address, name: str) -> Address:
        """The group of this name, as the process's site knows it; or the last one that there was."""
        known = self.world.sites[process.at].lookup(name)
        if known is not None:
            return known.address
        if name not in self.seen.groups:
            raise StepFailed(f"expected a group, but there is none of the name {name}; let a process create it")
        return Address.parse(self.seen.groups[name])

    def _runs(self, process: Address) -> None:
        if process.kind is not Kind.PROCESS or process not in self.world.processes():
            raise StepFailed(f"expected a process that runs, but {process} does not; let it start")


def _hold(numbered: Numbered) -> Hold:
    assert isinstance(numbered.step, Hold)
    return numbered.step
