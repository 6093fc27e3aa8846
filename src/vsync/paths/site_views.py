"""The stage of SiteViews: its machines, each of which takes one action at a time.

Three things are put together here that the specification has and the implementation has not:

- a message shows the views since the last that its receiver is known to have, where a packet of the
  specification shows all since the first: those before are taken from what was decided, and likewise the
  views before the first that a machine keeps in ``known``;
- ``decided`` and ``spent``, which no site sees, are kept out of what the sites and the environment do;
- a coordinator takes up its own commitment at once, where the specification has it send it to itself.

Spec: PathsSiteViews.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from vsync.actions import ActionTaken
from vsync.effects import Cease, InstallSiteView, SendToSite, SiteViewsEffect
from vsync.messages import (
    Accepted,
    Change,
    Commitment,
    Interrogation,
    Proposal,
    Propounded,
    Refusal,
    Report,
    Response,
    ViewsMessage,
)
from vsync.paths.graph import State, Step
from vsync.paths.stage import Stage
from vsync.paths.values import Function, Value, function, record
from vsync.site_views import SiteViewsMachine
from vsync.types import Address, SiteView

HANDLES = (
    *("Install", "Cease", "ReceiveReport", "Inform", "Respond", "Acknowledge", "Refuse"),
    *("ReceiveResponse", "ReceiveAcknowledgement", "ReceiveRefusal", "Discard"),
)
NO_PROPOSAL = record(ballot=0, view=record(id=0, sites=(), group=0, members=()))


class SiteViewsStage(Stage):
    """The machines of some sites, and what is between them.

    Arguments: the names of the sites, of which so many founders come first; the processes that may be in
    the group, each with its site.
    """

    decisions: ClassVar[frozenset[str]] = frozenset({*HANDLES, "TakeOver", "Propose", "Commit"})
    #: Which order those have who come together, "in Python it is that of arrival": SiteViews!Successors.
    choices: ClassVar[frozenset[str]] = frozenset({"Propose"})

    def __init__(self, sites: tuple[str, ...], founders: int, clients: Mapping[str, str]) -> None:
        self.addresses = {s: Address(int(s[1:]), 1) for s in sites}
        self.names = {address: name for name, address in self.addresses.items()}
        processes = {name: self.addresses[s].process(1) for name, s in clients.items()}
        self.addresses_of_all = self.addresses | processes
        self.names_of_all = {address: name for name, address in self.addresses_of_all.items()}
        founding = SiteView(id=1, sites=tuple(self.addresses.values())[:founders])
        self.decided: list[SiteView] = [founding]
        self.machines = {
            s: SiteViewsMachine(address, founding if address in founding.sites else None)
            for s, address in self.addresses.items()
        }
        self.crashed: set[str] = set()
        self.spent: Counter[str] = Counter()
        self.channels: dict[tuple[str, str], list[tuple[ViewsMessage, Value]]] = {
            (s, q): [] for s in self.addresses for q in self.addresses
        }
        self.history: dict[str, list[Value]] = {s: [] for s in self.addresses}
        self.current_view: dict[str, Value] = {}
        self.current_view.update(dict.fromkeys(sites, record(id=0, members=())))
        for s in sites[:founders]:
            self.installs(s, founding)

    # -- Steps ----------------------------------------------------------------------------------

    def take(self, step: Step) -> None:
        match step:
            case (name, s, q) if name in HANDLES:
                self.handle(name, s, q)
            case ("TakeOver", s):
                self.carry_out(s, self.machines[s]._take_over())
            case ("Propose", s, Function() as view):
                self.carry_out(s, self.machines[s]._propose(self.site_view(view)))
            case ("Commit", s):
                self.commit(s)
            case _:
                self.take_outside(step)

    def take_outside(self, step: Step) -> None:
        """Take a step of the environment."""
        match step:
            case ("Suspect", s, t):
                self.spent["suspicions"] += 1
                self.spent["errors"] += t not in self.crashed
                self.carry_out(s, self.machines[s]._suspect(self.addresses[t]))
            case ("Trust", s, t):
                self.spent["trusts"] += 1
                self.carry_out(s, self.machines[s]._trust(self.addresses[t]))
            case ("Ask", s, Function() as change):
                fields = change.as_dict()
                wanted = Change(change=fields["change"], who=self.addresses_of_all[fields["who"]])
                self.carry_out(s, self.machines[s]._ask(wanted))
            case ("Crash", s):
                self.spent["crashes"] += 1
                self.machines[s] = SiteViewsMachine(self.addresses[s])
                self.stops(s)
            case ("Lose", s, q):
                self.channels[s, q].pop()
            case _:
                raise ValueError(f"no such step: {step}")

    def handle(self, name: str, s: str, q: str) -> None:
        """Site s takes one action with the first message from q."""
        message = self.channels[q, s][0][0]
        effects = self.react(self.machines[s], q, message)
        taken = action_of(effects)
        assert taken == name, f"{taken} is taken"
        if self.is_done(name, message, self.machines[s]):
            self.channels[q, s].pop(0)
        self.carry_out(s, effects)

    def is_done(self, name: str, message: ViewsMessage, machine: SiteViewsMachine) -> bool:
        """The message has nothing more to say.  Spec: SiteViews!Install."""
        if name == "Install":
            return isinstance(message, Commitment) and message.views[-1].id == machine.current.id
        return name != "Cease"

    def react(self, machine: SiteViewsMachine, q: str, message: ViewsMessage) -> list[SiteViewsEffect]:
        """Have a machine take one action with a message, as ``message_received`` does it with all that are due."""
        who = self.addresses[q]
        if who != machine.who:
            machine.shown_by[who] = max(machine.shown_by.get(who, 0), message.views[-1].id)
        if (step := machine._next_of(message.views)) is None:
            return machine._handle(who, message)
        view, previous = step
        return machine._install(who, view, previous) if machine.who in view.sites else machine._cease(who)

    def commit(self, s: str) -> None:
        machine = self.machines[s]
        effects = machine._commit()
        assert machine.accepted is not None
        view = machine.accepted.view
        if view not in self.decided:
            self.decided.append(view)
        self.send(s, s, Commitment(views=(machine.current, view)))
        self.carry_out(s, effects)

    def carry_out(self, s: str, effects: Iterable[SiteViewsEffect]) -> None:
        """Put what is sent into the channels, and what is seen into the history."""
        for effect in effects:
            match effect:
                case SendToSite(to=to, payload=payload):
                    assert isinstance(payload, ViewsMessage)
                    self.send(s, self.names[to], payload)
                case InstallSiteView(view=view):
                    self.installs(s, view)
                case Cease():
                    self.stops(s)
                case ActionTaken():
                    pass
                case _:
                    raise TypeError(f"an action of SiteViews has no effect {effect}")

    def send(self, s: str, q: str, message: ViewsMessage) -> None:
        if q not in self.crashed:
            self.channels[s, q].append((message, self.packet_value(message)))

    # -- Histories ------------------------------------------------------------------------------

    def installs(self, s: str, view: SiteView) -> None:
        self.current_view[s] = record(id=view.id, members=tuple(self.names[q] for q in view.sites))
        self.happens(s, "install")

    def stops(self, s: str) -> None:
        self.crashed.add(s)
        for q in self.addresses:
            self.channels[q, s].clear()
        self.happens(s, "crash")

    def happens(self, s: str, event: str) -> None:
        nothing = {"message": (), "past": frozenset(), "primitive": "cbcast", "sender": frozenset(), "state": ()}
        self.history[s].append(record(event=event, view=self.current_view[s], **nothing))

    # -- What can be done -----------------------------------------------------------------------

    def offered(self) -> set[Step]:
        return {step for s in self.machines if s not in self.crashed for step in (*self.handling(s), *self.leading(s))}

    def handling(self, s: str) -> Iterator[Step]:
        """What the machine would do with the first message of each channel, tried on a copy of it."""
        senders = (s,) if self.channels[s, s] else self.addresses
        for q in senders:
            if channel := self.channels[q, s]:
                effects = self.react(copied(self.machines[s]), q, channel[0][0])
                yield (action_of(effects), s, q)

    def leading(self, s: str) -> Iterator[Step]:
        machine = self.machines[s]
        if not machine.known or self.channels[s, s]:
            return
        if machine.may_take_over():
            yield ("TakeOver", s)
        if (view := machine.to_propose()) is not None:
            yield ("Propose", s, self.view_value(view))
        if machine.may_commit():
            yield ("Commit", s)

    # -- Values ---------------------------------------------------------------------------------

    def state(self) -> State:
        machines = self.machines
        kinds = ("suspicions", "errors", "trusts", "crashes", "faults")
        return {
            "crashed": frozenset(self.crashed),
            "known": function({s: self.views_value(machine.known) for s, machine in machines.items()}),
            "wanted": function({s: self.changes_value(machine.wanted) for s, machine in machines.items()}),
            "promised": function({s: machine.promised for s, machine in machines.items()}),
            "accepted": function({s: self.proposal_value(machine.accepted) for s, machine in machines.items()}),
            "found": function({s: self.proposal_value(machine.found) for s, machine in machines.items()}),
            "replies": function({s: frozenset(self.names[q] for q in m.replies) for s, m in machines.items()}),
            "net": function({s: function({q: self.in_flight(s, q) for q in machines}) for s in machines}),
            "decided": frozenset(map(self.view_value, self.decided)),
            "history": function({s: tuple(events) for s, events in self.history.items()}),
            "spent": record(**{kind: self.spent[kind] for kind in kinds}),
        }

    def in_flight(self, s: str, q: str) -> Value:
        return tuple(value for _, value in self.channels[s, q])

    def views_value(self, views: Iterable[SiteView]) -> Value:
        """Views since the first: those that are not shown, or not kept any more, are those that were decided."""
        shown = list(views)
        before = [view for view in self.decided if view.id < shown[0].id] if shown else []
        return tuple(map(self.view_value, (*before, *shown)))

    def view_value(self, view: SiteView) -> Value:
        sites, members = (tuple(self.names_of_all[q] for q in list_) for list_ in (view.sites, view.members))
        return record(id=view.id, sites=sites, group=view.group, members=members)

    def site_view(self, value: Function) -> SiteView:
        fields = value.as_dict()
        sites, members = (tuple(self.addresses_of_all[q] for q in fields[name]) for name in ("sites", "members"))
        return SiteView(id=fields["id"], sites=sites, group=fields["group"], members=members)

    def changes_value(self, changes: Iterable[Change]) -> Value:
        return frozenset(record(change=c.change, who=self.names_of_all[c.who]) for c in changes)

    def proposal_value(self, proposal: Proposal | None) -> Value:
        if proposal is None:
            return NO_PROPOSAL
        return record(ballot=proposal.ballot, view=self.view_value(proposal.view))

    def packet_value(self, message: ViewsMessage) -> Value:
        """A packet.  Spec: SiteViews!SitePacket."""
        match message:
            case Report(wanted=wanted):
                return self.packet_record("report", message, wanted=wanted)
            case Interrogation(ballot=ballot):
                return self.packet_record("interrogation", message, ballot)
            case Response(ballot=ballot, proposal=proposal):
                return self.packet_record("response", message, ballot, proposal)
            case Propounded(proposal=proposal):
                return self.packet_record("proposal", message, proposal.ballot, proposal)
            case Accepted(ballot=ballot):
                return self.packet_record("acknowledgement", message, ballot)
            case Refusal(ballot=ballot):
                return self.packet_record("refusal", message, ballot)
            case Commitment():
                return self.packet_record("commit", message)

    def packet_record(
        self,
        type: str,
        message: ViewsMessage,
        ballot: int = 0,
        proposal: Proposal | None = None,
        wanted: tuple[Change, ...] = (),
    ) -> Value:
        return record(
            type=type,
            views=self.views_value(message.views),
            ballot=ballot,
            proposal=self.proposal_value(proposal),
            wanted=self.changes_value(wanted),
        )


def action_of(effects: Iterable[SiteViewsEffect]) -> str:
    """The name of the action that a machine says it has taken."""
    names = [effect.name for effect in effects if isinstance(effect, ActionTaken)]
    return names[0].removeprefix("SiteViews!") if names else "no action"


def copied(machine: SiteViewsMachine) -> SiteViewsMachine:
    """A copy of a machine, to try what it would do."""
    other = copy.copy(machine)
    other.known, other.replies, other.shown_by = list(machine.known), set(machine.replies), dict(machine.shown_by)
    return other
