"""Site views: the sites agree on one sequence of views, by majorities of the view before.

The oldest site that is not suspected coordinates.  It proposes the next view; when a majority of
the current view has accepted, it commits.  A coordinator that takes over asks first what has been
accepted, and completes what it finds.  Who is excluded ceases; a minority blocks.

Every message shows the views that the receiver may lack, and is answered with newer ones if it
rests on an old view; so a site that stays a member misses none.

Unlike the specification, in which a packet shows all views since the first, a message here shows
those since the last one that the receiver has shown to have.

Spec: SiteViews.
Paper: Birman and Joseph 1987, sections 2.1, 2.4, 3.2; Ricciardi and Birman 1991.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from vsync.actions import action, as_json
from vsync.effects import Cease, InstallSiteView, SendToSite, SetTimer, SiteViewsEffect
from vsync.errors import LocalProtocolError
from vsync.messages import (
    Accepted,
    Change,
    Commitment,
    Interrogation,
    JoinRequest,
    Proposal,
    Propounded,
    Refusal,
    Report,
    Response,
    SiteMessage,
    ViewsMessage,
)
from vsync.types import Address, SiteView

FIRST_BALLOT = 1
JOIN = "join"
JOIN_MS = (200, 400)


def fail(site: Address) -> Change:
    """That a site has failed: to want this is to suspect it."""
    return Change(change="fail", who=site)


def join(site: Address) -> Change:
    """That a new site joins."""
    return Change(change="join", who=site)


def start(process: Address) -> Change:
    """That a process joins the group."""
    return Change(change="start", who=process)


def stop(process: Address) -> Change:
    """That a process has crashed, or leaves."""
    return Change(change="stop", who=process)


def whom(changes: Iterable[Change], kind: str) -> tuple[Address, ...]:
    """Those to whom changes of this kind are to happen, in order.  Spec: SiteViews!Whom."""
    return tuple(change.who for change in changes if change.change == kind)


def majority(part: Iterable[Address], whole: tuple[Address, ...]) -> bool:
    """More than half of the whole is in the part.  Spec: VSTypes!Majority."""
    return 2 * len(set(part) & set(whole)) > len(whole)


def owner(view: SiteView, ballot: int) -> Address:
    """The site to which a ballot belongs, by rank, round and round.  Spec: SiteViews!Owner."""
    return view.sites[(ballot - 1) % len(view.sites)]


def coordinator(view: SiteView, changes: Iterable[Change]) -> Address | None:
    """The oldest site that is not among those to fail.  Spec: SiteViews!Coordinator."""
    failed = whom(changes, "fail")
    return next((site for site in view.sites if site not in failed), None)


def successor(view: SiteView, changes: tuple[Change, ...]) -> SiteView:
    """The view that comes of these changes; who comes joins at the end, in the order of the changes.

    If no member stays, then nobody starts in that view: the total failure of the group takes a view
    of its own, with no members, and those who start come in the next one.
    Spec: one of SiteViews!Successors.
    """
    failed, stopped = whom(changes, "fail"), whom(changes, "stop")
    stay = tuple(x for x in view.members if x not in stopped and x.at not in failed)
    failing = bool(view.members) and not stay
    started = () if failing else tuple(x for x in whom(changes, "start") if x.at not in failed)
    changed = bool(started) or stay != view.members
    return SiteView(
        id=view.id + 1,
        sites=tuple(s for s in view.sites if s not in failed) + whom(changes, "join"),
        group=view.group + 1 if changed else view.group,
        members=stay + started,
    )


def later(a: Proposal | None, b: Proposal | None) -> Proposal | None:
    """Of two proposals the one with the higher ballot.  Spec: SiteViews!Later."""
    if a is None or (b is not None and b.ballot > a.ballot):
        return b
    return a


class SiteViewsMachine:
    """The part of a site that agrees with the others on views.

    Arguments: ``who``, the address of the site; ``founding``, the first view of the system if the
    site is in it; ``recording``, whether actions tell what they did.  The attributes bear the
    names of the TLA+ variables.
    """

    def __init__(self, who: Address, founding: SiteView | None = None, *, recording: bool = True) -> None:
        if founding is not None and who not in founding.sites:
            raise LocalProtocolError(f"{who} is not among the founders {founding.sites}; let it join instead")
        self.who = who
        self.recording = recording
        self.known: list[SiteView] = [founding] if founding else []
        self.wanted: tuple[Change, ...] = ()
        self.promised = FIRST_BALLOT
        self.accepted: Proposal | None = None
        self.found: Proposal | None = None
        self.replies: set[Address] = set()
        self.ceased = False
        self.shown_by: dict[Address, int] = {}  # the last view that each site has shown to have
        self.contacts: tuple[Address, ...] = ()

    # -- Inputs ---------------------------------------------------------------------------------

    def suspect(self, t: Address) -> list[SiteViewsEffect]:
        """The failure detector suspects site t, rightly or wrongly."""
        if t == self.who:
            raise LocalProtocolError(f"{t} cannot suspect itself")
        return self._suspect(t) + self._settle() if self._may_want(fail(t)) else []

    def trust(self, t: Address) -> list[SiteViewsEffect]:
        """The failure detector withdraws its suspicion of site t."""
        return self._trust(t) + self._settle() if self.known and fail(t) in self.wanted else []

    def ask(self, c: Change) -> list[SiteViewsEffect]:
        """A site would join, or a process of this site starts, leaves or has crashed."""
        if c.change == "fail":
            raise LocalProtocolError(f"{c.who} is suspected with suspect(), not asked for")
        return self._ask(c) + self._settle() if self._may_want(c) else []

    def join(self, contacts: tuple[Address, ...]) -> list[SiteViewsEffect]:
        """As a new site, ask these to be taken in, and again until it is done."""
        if self.known:
            raise LocalProtocolError(f"{self.who} is a member of view {self.known[-1].id} already")
        self.contacts = contacts
        return self._request()

    def timer_fired(self, timer: str) -> list[SiteViewsEffect]:
        """The time to ask again has come; a stale timer is ignored."""
        return self._request() if timer == JOIN and not self.known and not self.ceased else []

    def message_received(self, q: Address, message: SiteMessage) -> list[SiteViewsEffect]:
        """Site q has sent a message."""
        if self.ceased:
            return []
        if isinstance(message, JoinRequest):
            return self.ask(join(q))
        self.shown_by[q] = max(self.shown_by.get(q, 0), message.views[-1].id)
        effects = self._catch_up(q, message)
        if self.known and not (effects and isinstance(message, Commitment)):
            effects += self._handle(q, message)
        return effects + self._settle()

    # -- Decisions ------------------------------------------------------------------------------

    @property
    def view(self) -> SiteView | None:
        """The view installed last, none for a joiner.  Spec: SiteViews!Current."""
        return self.known[-1] if self.known else None

    @property
    def current(self) -> SiteView:
        """The view installed last, of a site that has one."""
        return self.known[-1]

    @property
    def suspects(self) -> tuple[Address, ...]:
        """The sites that this one suspects.  Spec: SiteViews!Suspects."""
        return whom(self.wanted, "fail")

    def is_open(self, c: Change) -> bool:
        """The change can still be made.  Spec: SiteViews!Open."""
        match c.change:
            case "fail":
                return c.who in self.current.sites
            case "join":
                return not any(c.who in view.sites for view in self.known)
            case "start":
                return c.who.at in self.current.sites and self._is_new(c.who)
            case _:
                member = c.who in self.current.members
                return c.who.at in self.current.sites and (member or self._is_new(c.who))

    def leads(self) -> bool:
        """The site has promised its own ballot.  Spec: SiteViews!Leads."""
        return owner(self.current, self.promised) == self.who

    def proposing(self) -> bool:
        """The site leads and has made its proposal.  Spec: SiteViews!Proposing."""
        return self.leads() and self.accepted is not None and self.accepted.ballot == self.promised

    def next_ballot(self) -> int:
        """The next ballot of this site, after the one promised.  Spec: SiteViews!NextBallot."""
        n = len(self.current.sites)
        return next(b for b in range(self.promised + 1, self.promised + n + 1) if owner(self.current, b) == self.who)

    def enough(self) -> bool:
        """A majority of the current view has replied.  Spec: SiteViews!Enough."""
        return majority(self.replies, self.current.sites)

    def may_accept(self, ballot: int) -> bool:
        """No later ballot has been promised.  Spec: SiteViews!MayAccept."""
        return self.promised <= ballot

    def to_propose(self) -> SiteView | None:
        """What the site may propose now, if anything.  Spec: SiteViews!Propose, Proposals."""
        if not self.leads() or self.proposing():
            return None
        if self.promised == FIRST_BALLOT and not self.wanted:
            return None
        if self.promised > FIRST_BALLOT and not self.enough():
            return None
        if self.found is not None:
            return self.found.view
        view = successor(self.current, self.wanted)
        return view if majority(view.sites, self.current.sites) else None

    def may_take_over(self) -> bool:
        """It is for this site to take over from one that leads and is suspected."""
        return (
            coordinator(self.current, self.wanted) == self.who and owner(self.current, self.promised) in self.suspects
        )

    def may_commit(self) -> bool:
        """A majority has accepted the proposal of this site."""
        return self.proposing() and self.enough()

    def stale(self, message: ViewsMessage) -> bool:
        """The message is of no use, now and for ever.  Spec: SiteViews!Stale."""
        old = message.views[-1].id < self.current.id
        match message:
            case Commitment():
                return True
            case Response():
                return old or message.ballot != self.promised or self.proposing()
            case Accepted():
                return old or message.ballot != self.promised
            case Refusal():
                return old or message.ballot <= self.promised
            case _:
                return False

    # -- Actions --------------------------------------------------------------------------------

    @action("SiteViews!Suspect")
    def _suspect(self, t: Address) -> list[SiteViewsEffect]:
        """Want that site t fails."""
        return self._want(fail(t))

    @action("SiteViews!Trust")
    def _trust(self, t: Address) -> list[SiteViewsEffect]:
        """Want it no longer."""
        self.wanted = tuple(change for change in self.wanted if change != fail(t))
        return self._report()

    @action("SiteViews!Ask")
    def _ask(self, c: Change) -> list[SiteViewsEffect]:
        """Want a change that a new site, or a process of this site, has asked for."""
        return self._want(c)

    @action("SiteViews!ReceiveReport")
    def _receive_report(self, q: Address, wanted: tuple[Change, ...]) -> list[SiteViewsEffect]:
        """Want what q wants."""
        self.wanted += tuple(change for change in wanted if change not in self.wanted)
        return []

    @action("SiteViews!Propose")
    def _propose(self, view: SiteView) -> list[SiteViewsEffect]:
        """Propose a view to the sites of the current one: step 1."""
        proposal = Proposal(ballot=self.promised, view=view)
        self.accepted = proposal
        self.found = None
        self.replies = {self.who}
        return self._to_others(lambda views: Propounded(views=views, proposal=proposal))

    @action("SiteViews!TakeOver")
    def _take_over(self) -> list[SiteViewsEffect]:
        """Ask the sites of the current view what they have accepted: step 0."""
        assert self.may_take_over()
        ballot = self.next_ballot()
        self.promised = ballot
        self.found = self.accepted
        self.replies = {self.who}
        return self._to_others(lambda views: Interrogation(views=views, ballot=ballot))

    @action("SiteViews!Respond")
    def _respond(self, q: Address, ballot: int) -> list[SiteViewsEffect]:
        """Tell a coordinator that takes over what was accepted, and promise to follow it."""
        gone = self._give_up(ballot)
        self._follow(ballot)
        accepted = self.accepted
        return gone + self._to((q,), lambda views: Response(views=views, ballot=ballot, proposal=accepted))

    @action("SiteViews!ReceiveResponse")
    def _receive_response(self, q: Address, proposal: Proposal | None) -> list[SiteViewsEffect]:
        """Learn what q had accepted."""
        self.found = later(self.found, proposal)
        self.replies.add(q)
        return []

    @action("SiteViews!Acknowledge")
    def _acknowledge(self, q: Address, proposal: Proposal) -> list[SiteViewsEffect]:
        """Accept a proposal and say so."""
        gone = self._give_up(proposal.ballot)
        self._follow(proposal.ballot)
        self.accepted = proposal
        return gone + self._to((q,), lambda views: Accepted(views=views, ballot=proposal.ballot))

    @action("SiteViews!ReceiveAcknowledgement")
    def _receive_acknowledgement(self, q: Address) -> list[SiteViewsEffect]:
        """Count q among those who have accepted."""
        self.replies.add(q)
        return []

    @action("SiteViews!Refuse")
    def _refuse(self, q: Address) -> list[SiteViewsEffect]:
        """Tell a coordinator that a later ballot has been promised."""
        promised = self.promised
        return self._to((q,), lambda views: Refusal(views=views, ballot=promised))

    @action("SiteViews!ReceiveRefusal")
    def _receive_refusal(self, q: Address, ballot: int) -> list[SiteViewsEffect]:
        """Follow the later ballot that q tells of."""
        gone = self._give_up(ballot)
        self._follow(ballot)
        return gone

    @action("SiteViews!Commit")
    def _commit(self) -> list[SiteViewsEffect]:
        """Tell the sites of both views that the proposed one is decided: step 2."""
        assert self.may_commit()
        assert self.accepted is not None
        view = self.accepted.view
        sites = dict.fromkeys((*self.current.sites, *view.sites))
        others = tuple(site for site in sites if site != self.who)
        return self._to(others, lambda views: Commitment(views=views), (*self.known, view))

    @action("SiteViews!Install")
    def _install(self, q: Address, view: SiteView, previous: SiteView) -> list[SiteViewsEffect]:
        """Install the next view, and stand before the one after it as one who has not voted."""
        assert self.who in view.sites
        self.known.append(view)
        self.wanted = tuple(change for change in self.wanted if self.is_open(change))
        self.promised = FIRST_BALLOT
        self.accepted = None
        self.found = None
        self.replies = set()
        return [InstallSiteView(view=view, previous=previous), *self._pass_on(q), *self._report()]

    @action("SiteViews!Inform")
    def _inform(self, q: Address) -> list[SiteViewsEffect]:
        """Show newer views to a site that acts on an old one."""
        return self._to((q,), lambda views: Commitment(views=views))

    @action("SiteViews!Discard")
    def _discard(self, q: Address) -> list[SiteViewsEffect]:
        """Drop a message that is of no use any more."""
        return []

    @action("SiteViews!Cease")
    def _cease(self, q: Address) -> list[SiteViewsEffect]:
        """Stop: the next view does not have this site."""
        self.known, self.wanted, self.replies = [], (), set()
        self.promised, self.accepted, self.found = FIRST_BALLOT, None, None
        self.ceased = True
        return [Cease()]

    # -- Helpers --------------------------------------------------------------------------------

    def _may_want(self, c: Change) -> bool:
        return bool(self.known) and c not in self.wanted and self.is_open(c)

    def _want(self, c: Change) -> list[SiteViewsEffect]:
        assert self._may_want(c)
        self.wanted = (*self.wanted, c)
        return self._report()

    def _is_new(self, process: Address) -> bool:
        return not any(process in view.members for view in self.known)

    def _follow(self, ballot: int) -> None:
        """Spec: SiteViews!Follow."""
        self.promised = ballot
        self.found = None
        self.replies = set()

    def _give_up(self, ballot: int) -> list[SiteViewsEffect]:
        """Tell the others that a later ballot than the one led here has come.  Spec: SiteViews!GivenUp."""
        if self.leads() and FIRST_BALLOT < self.promised < ballot:
            return self._to_others(lambda views: Refusal(views=views, ballot=ballot))
        return []

    def _pass_on(self, q: Address) -> list[SiteViewsEffect]:
        """Show the view to the others if its sender is not in it, and so may not have.  Spec: SiteViews!PassedOn."""
        if q in self.current.sites:
            return []
        return self._to_others(lambda views: Commitment(views=views))

    def _report(self) -> list[SiteViewsEffect]:
        """Tell the coordinator what is wanted.  Spec: SiteViews!Reported."""
        to, wanted = coordinator(self.current, self.wanted), self.wanted
        if not wanted or to is None or to == self.who:
            return []
        return self._to((to,), lambda views: Report(views=views, wanted=wanted))

    def _request(self) -> list[SiteViewsEffect]:
        requests = [SendToSite(to=contact, payload=JoinRequest()) for contact in self.contacts]
        return [*requests, SetTimer(timer=JOIN, min_ms=JOIN_MS[0], max_ms=JOIN_MS[1])]

    def _catch_up(self, q: Address, message: ViewsMessage) -> list[SiteViewsEffect]:
        """Install the views that a message shows and this site lacks, one after the other."""
        effects: list[SiteViewsEffect] = []
        while not self.ceased and (step := self._next_of(message.views)) is not None:
            view, previous = step
            effects += self._install(q, view, previous) if self.who in view.sites else self._cease(q)
        return effects

    def _next_of(self, views: tuple[SiteView, ...]) -> tuple[SiteView, SiteView] | None:
        """The view to install next, of those shown, and the one before it.  Spec: SiteViews!NextOf."""
        if self.known:
            after = self.current
            return next(((view, after) for view in views if view.id == after.id + 1), None)
        pairs = itertools.pairwise(views)
        return next(((view, before) for before, view in pairs if self.who in view.sites), None)

    def _handle(self, q: Address, message: ViewsMessage) -> list[SiteViewsEffect]:
        """Take the action that the message asks for."""
        if self.stale(message):
            return self._discard(q)
        if message.views[-1].id < self.current.id:
            return self._inform(q)
        match message:
            case Report(wanted=wanted):
                return self._receive_report(q, wanted)
            case Interrogation(ballot=ballot):
                return self._respond(q, ballot) if self.may_accept(ballot) else self._refuse(q)
            case Propounded(proposal=proposal):
                may = self.may_accept(proposal.ballot)
                return self._acknowledge(q, proposal) if may else self._refuse(q)
            case Response(proposal=found):
                return self._receive_response(q, found)
            case Accepted():
                return self._receive_acknowledgement(q)
            case Refusal(ballot=ballot):
                return self._receive_refusal(q, ballot)
            case Commitment():
                raise AssertionError("a commitment that shows nothing new is stale")

    def _settle(self) -> list[SiteViewsEffect]:
        """Take every action that is due as coordinator, until none is."""
        effects: list[SiteViewsEffect] = []
        while self.known:
            if self.may_commit():
                assert self.accepted is not None
                view = self.accepted.view
                effects += self._commit()
                own = Commitment(views=(self.current, view))
                effects += self._catch_up(self.who, own)
            elif (view_to := self.to_propose()) is not None:
                effects += self._propose(view_to)
            elif self.may_take_over():
                effects += self._take_over()
            else:
                break
        return effects

    def _to_others(self, build: Callable[[tuple[SiteView, ...]], ViewsMessage]) -> list[SiteViewsEffect]:
        return self._to(tuple(site for site in self.current.sites if site != self.who), build)

    def _to(
        self,
        sites: tuple[Address, ...],
        build: Callable[[tuple[SiteView, ...]], ViewsMessage],
        views: tuple[SiteView, ...] | None = None,
    ) -> list[SiteViewsEffect]:
        """Send each of the sites a message that shows it the views that it may lack."""
        mine = tuple(self.known) if views is None else views
        return [SendToSite(to=site, payload=build(self._shown_to(site, mine))) for site in sites]

    def _shown_to(self, site: Address, views: tuple[SiteView, ...]) -> tuple[SiteView, ...]:
        since = self.shown_by.get(site)
        if since is None:
            since = next((view.id - 1 for view in views if site in view.sites), views[-1].id)
        return tuple(view for view in views if view.id >= since) or views[-1:]

    def snapshot(self) -> dict[str, Any]:
        """The variables of the site under their TLA+ names; of ``known`` the last view."""
        return {
            "known": as_json(self.view),
            "wanted": as_json(self.wanted),
            "promised": self.promised,
            "accepted": as_json(self.accepted),
            "found": as_json(self.found),
            "replies": as_json(self.replies),
        }
