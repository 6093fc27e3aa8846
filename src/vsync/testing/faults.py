"""What may happen to a group, as values; and Hypothesis strategies that draw them.

A step says what happens, and by numbers, to whom: number 5 of three members is the third, as if they stood in a circle.
So each step can be taken in each group, or has no effect if there is nobody to whom it could happen; and Hypothesis can
leave out any step of a story to make it smaller.

Spec: none; the environment's moves are those of `vsync.sim.moves`. Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from attrs import frozen
from hypothesis import strategies as st

from vsync.testing.application import Call
from vsync.testing.group import SimulatedGroup

T = TypeVar("T")


@frozen(kw_only=True)
class Ask:
    """A member makes a call."""

    member: int
    call: Call


@frozen(kw_only=True)
class Arrive:
    """Packets arrive, from one site to another."""

    channel: int
    packets: int


@frozen(kw_only=True)
class ArriveEverywhere:
    """For so many rounds a packet arrives in each channel, but in one, or in all from or to one site."""

    rounds: int
    held_up: int | None = None
    cut_off: int | None = None


@frozen(kw_only=True)
class Fire:
    """All timers go off."""


@frozen(kw_only=True)
class Join:
    """A new process joins, at a site."""

    site: int


@frozen(kw_only=True)
class Leave:
    """A member leaves."""

    member: int


@frozen(kw_only=True)
class CrashProcess:
    """A member crashes."""

    member: int


@frozen(kw_only=True)
class CrashSite:
    """A site crashes, if a majority is left: in the middle of its next step, or with the last of its packets unsent."""

    site: int
    after: int | None = None
    lost: int = 0


@frozen(kw_only=True)
class BreakBulk:
    """The channels break through which states go."""

    kept: bool


@frozen(kw_only=True)
class Recover:
    """A site that is down comes back as its next incarnation, and a process there joins when it is in a view."""


@frozen(kw_only=True)
class Suspect:
    """One site suspects another, which may be wrong."""

    site: int
    suspected: int


@frozen(kw_only=True)
class Trust:
    """One site withdraws its suspicions."""

    site: int


Fault = CrashProcess | CrashSite | BreakBulk | Recover | Suspect | Trust
Step = Ask | Arrive | ArriveEverywhere | Fire | Join | Leave | Fault


def take(group: SimulatedGroup, step: Step) -> None:
    """Have a step happen to a group."""
    members, sites = group.members(), group.sites()
    match step:
        case Ask(member=number, call=call) if members:
            group.call(_which(members, number), call)
        case Arrive(channel=number, packets=packets) if channels := group.channels():
            group.arrive(*_which(channels, number), packets)
        case ArriveEverywhere():
            _arrive_everywhere(group, step)
        case Fire():
            group.fire()
        case Join(site=number) if sites:
            group.join(_which(sites, number))
        case Leave(member=number) if members:
            group.leave(_which(members, number))
        case CrashProcess(member=number) if members:
            group.crash(_which(members, number))
        case CrashSite(site=number) if sites and group.may_crash(_which(sites, number)):
            group.crash_site(_which(sites, number), step.after, step.lost)
        case BreakBulk(kept=kept):
            group.break_bulk(kept=kept)
        case Recover():
            _recover(group)
        case Suspect(site=number, suspected=other) if len(sites) > 1:
            site = _which(sites, number)
            group.suspect(site, _which([each for each in sites if each != site], other))
        case Trust(site=number) if sites:
            site = _which(sites, number)
            for suspected in group.world.sites[site].views.suspects:
                group.trust(site, suspected)
        case _:
            pass  # there is nobody to whom it could happen


def _arrive_everywhere(group: SimulatedGroup, step: ArriveEverywhere) -> None:
    """Packets arrive, except in the channels that are held up, which stay the same meanwhile."""
    held = set()
    if step.held_up is not None and (channels := group.channels()):
        held.add(_which(channels, step.held_up))
    sites = group.sites()
    if step.cut_off is not None and sites:
        apart = _which(sites, step.cut_off)
        held |= {(one, two) for one in sites for two in sites if one != two and apart in (one, two)}
    for _ in range(step.rounds):
        group.arrive_everywhere(frozenset(held))


def _recover(group: SimulatedGroup) -> None:
    """The first site that is down comes back; if all run, a process joins at one that has none."""
    running = {site.site for site in group.world.sites}
    down = [number for number in range(1, max(running, default=0) + 2) if number not in running]
    if down and group.recover(down[0]):
        return
    at = {member.at for member in group.members()}
    if empty := [site for site in group.sites() if site not in at]:
        group.join(empty[0])


def _which(options: Sequence[T], number: int) -> T:
    return options[number % len(options)]


# ------------------------------------------------------------------------------------- strategies

NUMBERS = st.integers(0, 5)


def asks(calls: st.SearchStrategy[Call]) -> st.SearchStrategy[Step]:
    """What members ask for."""
    return st.builds(Ask, member=NUMBERS, call=calls)


def arrivals() -> st.SearchStrategy[Step]:
    """Packets arrive, and timers go off."""
    some = st.integers(1, 6)
    everywhere = st.builds(
        ArriveEverywhere, rounds=st.integers(1, 12), held_up=st.none() | NUMBERS, cut_off=st.none() | NUMBERS
    )
    return st.one_of(everywhere, st.builds(Arrive, channel=NUMBERS, packets=some), everywhere, st.just(Fire()))


def changes() -> st.SearchStrategy[Step]:
    """Processes join and leave."""
    return st.one_of(st.builds(Join, site=NUMBERS), st.builds(Leave, member=NUMBERS))


def crashes() -> st.SearchStrategy[Fault]:
    """Processes and sites crash, also in the middle of a step, and come back; channels for states break."""
    site = st.builds(CrashSite, site=NUMBERS, after=st.none() | st.integers(0, 6), lost=st.integers(0, 3))
    return st.one_of(
        st.builds(CrashProcess, member=NUMBERS), site, st.just(Recover()), st.builds(BreakBulk, kept=st.booleans())
    )


def suspicions() -> st.SearchStrategy[Fault]:
    """Sites suspect each other, also wrongly, and trust again."""
    return st.one_of(st.builds(Suspect, site=NUMBERS, suspected=NUMBERS), st.builds(Trust, site=NUMBERS))


def faults() -> st.SearchStrategy[Fault]:
    """All that may go wrong."""
    return crashes() | suspicions()


def stories(calls: st.SearchStrategy[Call], most: int = 30) -> st.SearchStrategy[list[Step]]:
    """Stories: what members ask for, what arrives, who comes and goes, and what goes wrong, in any order."""
    step = st.one_of(asks(calls), arrivals(), asks(calls), arrivals(), changes(), faults())
    return st.lists(step, max_size=most)
