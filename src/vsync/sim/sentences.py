"""What a scenario can say: steps, one after the other, and facts that are expected of them.

The classes here are the sentences of the language; `vsync.sim.scenario` has their forms.

Spec: the environment's actions, as for `vsync.sim.moves`.
Paper: Birman and Joseph 1987, sections 2.1 and 2.4.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from vsync.types import Address

EVERYTHING: Final = "everything"

# -- What the environment does, and processes ask for -------------------------------------------------


@frozen(kw_only=True)
class Begin:
    """The system begins with these sites."""

    sites: tuple[Address, ...]


@frozen(kw_only=True)
class Start:
    """Processes start, each at its site."""

    processes: tuple[Address, ...]


@frozen(kw_only=True)
class StartSite:
    """A site starts, and asks those that are in a view to be taken in."""

    site: Address


@frozen(kw_only=True)
class Create:
    """A process founds a group."""

    process: Address
    group: str
    word: str = ""


@frozen(kw_only=True)
class Join:
    """Processes would join a group; ``state``: with the state of the group."""

    processes: tuple[Address, ...]
    group: str
    word: str = ""
    state: str = ""


@frozen(kw_only=True)
class Leave:
    """A process leaves a group."""

    process: Address
    group: str


@frozen(kw_only=True)
class Kill:
    """A process has all members of a group stop."""

    process: Address
    group: str


@frozen(kw_only=True)
class Configure:
    """A process sets a part of the configuration of a group."""

    process: Address
    setting: str
    group: str


@frozen(kw_only=True)
class LookUp:
    """A process looks up a group, and believes from then on that this is its view."""

    process: Address
    group: str


@frozen(kw_only=True)
class Multicast:
    """A process multicasts; the message is called by its content."""

    process: Address
    message: str
    targets: tuple[str, ...]
    primitive: str = "CBCAST"


@frozen(kw_only=True)
class CallFlush:
    """A process calls ``flush``."""

    process: Address


@frozen(kw_only=True)
class Crash:
    """Processes crash; their sites notice."""

    processes: tuple[Address, ...]


@frozen(kw_only=True)
class CrashSite:
    """A site crashes, before it has sent the packets of this kind, and what follows them, to these sites."""

    site: Address
    kind: str = ""
    sites: tuple[Address, ...] = ()


@frozen(kw_only=True)
class Suspect:
    """The failure detectors of sites suspect another."""

    sites: tuple[Address, ...]
    site: Address


@frozen(kw_only=True)
class Trust:
    """They withdraw the suspicion."""

    sites: tuple[Address, ...]
    site: Address


@frozen(kw_only=True)
class ArriveAt:
    """Packets of a channel arrive, up to the first of this kind, or all of them."""

    kind: str
    site: Address
    sites: tuple[Address, ...]


@frozen(kw_only=True)
class Hold:
    """What is of this kind, and whatever follows it in its channel, is held up from now on."""

    kind: str
    sources: tuple[Address, ...]
    sites: tuple[Address, ...] = ()

    def holds_up(self, kind: str, source: Address, destination: Address) -> bool:
        """Whether a packet that is the next of its channel is held up."""
        return (
            self.kind in (kind, EVERYTHING) and source in self.sources and (not self.sites or destination in self.sites)
        )


@frozen(kw_only=True)
class Release:
    """All that is held up may go on."""


@frozen(kw_only=True)
class GoOff:
    """A timer of a site goes off."""

    timer: str
    site: Address


@frozen(kw_only=True)
class Run:
    """Packets arrive, one of each channel after the other, until a fact holds or nothing is under way.

    ``timers``: and timers go off when nothing is under way.
    """

    fact: Fact | None = None
    timers: str = ""


# -- What can be said of a run ------------------------------------------------------------------------


@frozen(kw_only=True)
class Delivers:
    """Each of the processes has delivered the message: before another, or a change of configuration; in a view."""

    processes: tuple[Address, ...]
    message: str
    item: str = ""
    number: int = 0
    group: str = ""


@frozen(kw_only=True)
class InOneOrder:
    """The processes have all delivered two messages, and all in the same order."""

    processes: tuple[Address, ...]
    message: str
    item: str


@frozen(kw_only=True)
class InView:
    """This is the view that each of them has installed last; ``members`` are those of the view, by age."""

    who: tuple[Address, ...]
    number: int
    group: str
    members: tuple[Address, ...] = ()


@frozen(kw_only=True)
class Installs:
    """Each of them has installed this view."""

    who: tuple[Address, ...]
    number: int
    group: str


@frozen(kw_only=True)
class Gone:
    """They have crashed, or were made to stop."""

    who: tuple[Address, ...]


@frozen(kw_only=True)
class HasLeft:
    """They have left the group, as they wished."""

    processes: tuple[Address, ...]
    group: str


@frozen(kw_only=True)
class Refused:
    """A process is not made a member of the group, for this reason."""

    process: Address
    group: str
    reason: str


@frozen(kw_only=True)
class Corrected:
    """A process was told that what it believed of a group is stale."""

    process: Address
    group: str


@frozen(kw_only=True)
class SeesSetting:
    """Each of the processes has been told of this change of the configuration."""

    processes: tuple[Address, ...]
    setting: str


@frozen(kw_only=True)
class FlushReturns:
    """All calls of ``flush`` by the process have returned, and there was one."""

    process: Address


@frozen(kw_only=True)
class HasState:
    """The process has been given the state of the group."""

    process: Address
    group: str


@frozen(kw_only=True)
class Blocks:
    """The sites suspect so many that the rest of their view is no majority."""

    sites: tuple[Address, ...]


@frozen(kw_only=True)
class ComesBy:
    """The message came to a site first in such a packet."""

    message: str
    site: Address
    kind: str
    source: Address


@frozen(kw_only=True)
class ComesBefore:
    """The message came to a site before another did."""

    message: str
    site: Address
    item: str


@frozen(kw_only=True)
class Takes:
    """Each of them has taken this action of the specification."""

    who: tuple[Address, ...]
    action: str


@frozen(kw_only=True)
class Sends:
    """A site has sent such a packet: to this site, or to any."""

    source: Address
    kind: str
    site: Address | None = None


@frozen(kw_only=True)
class UnderWay:
    """Such a packet has been sent and has not arrived."""

    kind: str
    source: Address
    site: Address


Fact = (
    Delivers | InOneOrder | InView | Installs | Gone | HasLeft | Refused | Corrected | SeesSetting | FlushReturns
    | HasState | Blocks | ComesBy | ComesBefore | Takes | Sends | UnderWay
)  # fmt: skip


@frozen(kw_only=True)
class StoryBegins:
    """What was before is the set-up: facts about steps taken and packets sent count from here."""


@frozen(kw_only=True)
class Expect:
    """A fact must hold here; with ``not`` it must not, and with ``never`` not from here to the end."""

    fact: Fact
    manner: str = ""


Step = (
    Begin | Start | StartSite | Create | Join | Leave | Kill | Configure | LookUp | Multicast | CallFlush | Crash
    | CrashSite | Suspect | Trust | ArriveAt | Hold | Release | GoOff | Run | StoryBegins
    | Expect
)  # fmt: skip
