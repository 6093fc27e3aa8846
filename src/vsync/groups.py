"""Groups: process groups over sites that multicast to each other.

The sites are the members of the views; a process group is an entry in a directory that every site
has: its name, its credentials, its view.  Changes of groups travel as GBCASTs to all sites, and so
all sites make the same changes at the end of the same epoch.  When a site fails, the
view of the sites that is without it takes its processes out of their groups.

A multicast of a process goes to the sites at which its destinations live, as the directory says
when it begins.  The directory changes only between the epochs in which messages are delivered, so
all recipients have the directory that the sender had.  What a process knows about a group may be
stale; what its site knows is not.

Who would join a group asks the sites of its members.  That of the oldest looks at the credentials, and
adds the process or refuses it; if that site fails, it falls to the site of the next oldest.  A site
that comes into the group later is asked then, too.  If the group is gone, the joiner may found it anew.

A site that is new gets the directory from the oldest site, in a multicast to all, so that all know
who has it.  If even the oldest does not have it, then all who had it have failed, and with them
all members of groups, for those live at sites that have it: then the oldest begins anew.

Unlike Birman and Joseph 1987, where a site caches the views of groups that have no members there,
each site here knows all groups: lookups are free and never stale, changes go to all sites.

Spec: Groups.
Paper: Birman and Joseph 1987, sections 2.4, 3.1, 3.2 and 4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import attrs
from attrs import frozen

from vsync.actions import action, as_json
from vsync.effects import (
    CallFlush,
    CorrectCache,
    Deliver,
    ForProcess,
    GroupsEffect,
    GroupViewInstalled,
    InstallView,
    Kill,
    LackDestinations,
    Leave,
    MulticastToSites,
    Reconfigure,
    Refuse,
)
from vsync.errors import InputError, LocalProtocolError
from vsync.messages import (
    AddMember,
    Configure,
    CreateGroup,
    DirectoryShown,
    FailProcess,
    GroupChange,
    GroupChanges,
    JoinAsked,
    JoinRefused,
    KillGroup,
    LeaveGroup,
    Message,
    ProcessMessage,
)
from vsync.types import Address, Group, Kind, MessageId, View

KINDS = ("cbcast", "abcast", "uniform", "gbcast")

#: So many requests of the processes here may wait; further multicasts are refused until there is room.
REQUESTS_MAX = 1024
NO_VIEW = View(id=0, members=())

#: Why a process does not become a member.
WRONG_CREDENTIALS = "wrong credentials"
NO_SUCH_GROUP = "there is no such group"
NAME_IN_USE = "there is a group of this name"
IS_MEMBER = "it is a member already"
IS_JOINING = "it is joining already"
IS_WAITING = "it is to get the state of another group first"


@frozen(kw_only=True)
class Joining:
    """A process would join the group of this name; ``create``: or found it, if there is none."""

    process: Address
    name: str
    credentials: str
    create: bool
    with_state: bool


@frozen(kw_only=True)
class Creating:
    """A process would found a group."""

    process: Address
    name: str
    credentials: str


@frozen(kw_only=True)
class Multicasting:
    """A process would multicast; ``cached`` has the numbers of those group views that it believes in."""

    process: Address
    to: tuple[Address, ...]
    kind: str
    payload: str
    cached: tuple[tuple[Address, int], ...]


@frozen(kw_only=True)
class Flushing:
    """A process would wait until all that it has multicast is stable."""

    process: Address
    ticket: int


@frozen(kw_only=True)
class Changing:
    """A process would leave a group, or configure it."""

    process: Address
    change: LeaveGroup | Configure


@frozen(kw_only=True)
class Killing:
    """A process would have all members of a group stop."""

    process: Address
    group: Address


@frozen(kw_only=True)
class Asking:
    """A process has asked these sites of a group to be taken in.  Spec: Groups!Joining."""

    joining: Joining
    sites: frozenset[Address]


Request = Joining | Creating | Multicasting | Flushing | Changing | Killing


def among(group: Group, members: tuple[Address, ...]) -> Group:
    """The group with these members, in a view of the same number."""
    return attrs.evolve(
        group, view=attrs.evolve(group.view, members=members), sharing=group.sharing & frozenset(members)
    )


def without(group: Group, gone: Iterable[Address]) -> Group:
    """The group without these processes, in a view of the same number.  Spec: Groups!Without."""
    absent = frozenset(gone)
    return among(group, tuple(p for p in group.view.members if p not in absent))


def _failing(changes: Iterable[GroupChange]) -> frozenset[Address]:
    """The processes that these changes take out of all groups."""
    return frozenset(change.process for change in changes if isinstance(change, FailProcess))


def _causal(request: Request) -> bool:
    """It begins with a CBCAST, which waits for what this site has multicast in order."""
    return isinstance(request, Joining) or (isinstance(request, Multicasting) and request.kind == "cbcast")


class GroupsMachine:
    """The process groups, as one site knows them, and the processes of this site.

    Inputs: ``start``, ``process_crashed`` and the requests of processes; ``take_up``, when the
    protocols below may take a multicast; ``delivered`` and ``site_view_installed``.  The attributes
    bear the names of the TLA+ variables.
    """

    def __init__(self, who: Address, *, recording: bool = True) -> None:
        self.who = who
        self.recording = recording
        self.site_view = NO_VIEW
        self.directory: dict[Address, Group] = {}
        self.informed = False
        self.uninformed: set[Address] = set()  # the sites that lack the directory, as far as is known here
        self.asked: dict[tuple[Address, Address], JoinAsked] = {}  # by group and process
        self.running: dict[Address, int] = {}  # the processes here, with the number of their multicasts
        self.requests: deque[Request] = deque()
        self.changes: list[GroupChange] = []  # those that wait to be multicast
        self.agreed: list[GroupChange] = []  # those that are to be made when the epoch is over
        self.joining: dict[tuple[Address, str], Joining] = {}  # what the processes here wait for, by name
        self.asking: dict[tuple[Address, Address], Asking] = {}  # and which sites they have asked
        self.founded = 0  # groups that processes here have founded

    # -- Looking --------------------------------------------------------------------------------

    def lookup(self, name: str) -> Group | None:
        """The group of this name, if there is one.  Paper: Birman and Joseph 1987, section 3.2 (pg_lookup)."""
        return next((group for group in self.directory.values() if group.name == name and group.view.members), None)

    def groups_of(self, process: Address) -> list[Group]:
        """The groups in which a process is, by their addresses."""
        return [group for _, group in sorted(self.directory.items()) if process in group.view.members]

    def recipients(self, to: Iterable[Address]) -> frozenset[Address]:
        """The processes for which groups and processes stand now.  Spec: Groups!Recipients."""
        found: set[Address] = set()
        for each in to:
            if each.kind is not Kind.GROUP:
                found.add(each)
            elif each in self.directory:
                found.update(self.directory[each].view.members)
        return frozenset(found)

    def sites_of(self, to: Iterable[Address]) -> frozenset[Address]:
        """The sites at which they live, of those that are in the view.  Spec: Groups!SitesOf."""
        at = {p.at for p in self.recipients(to)}
        return frozenset(site for site in self.site_view.members if site in at)

    def waits_for(self) -> list[str]:
        """What is still to be done here, in words.  Spec: Groups!Settled."""
        asked = [asked for (g, _), asked in self.asked.items() if self._has_member_here(self.directory[g])]
        waiting = [*self.requests, *self.changes, *self.joining.values(), *asked]
        return [*map(str, waiting), *(f"{site} to be informed" for site in sorted(self.uninformed))]

    def oldest_here(self, group: Group) -> bool:
        """The oldest member of the group lives at this site: it decides who joins.  Spec: Groups!Decides."""
        return bool(group.view.members) and group.view.members[0].at == self.who

    # -- Inputs ---------------------------------------------------------------------------------

    def start(self, process: Address) -> list[GroupsEffect]:
        """A process starts at this site; it is in no group."""
        if process.at != self.who or process.kind is not Kind.PROCESS or process in self.running:
            raise LocalProtocolError(f"expected a new process of site {self.who}; {process} came")
        self.running[process] = 0
        return []

    def process_crashed(self, process: Address) -> list[GroupsEffect]:
        """A process of this site has crashed, as its site knows for certain."""
        self._runs(process)
        return self.process_fails(process)

    def request(self, request: Request) -> list[GroupsEffect]:
        """A process of this site asks for something; its requests are taken up in their order.

        Errors: ``LocalProtocolError`` for a multicast when ``REQUESTS_MAX`` requests wait already.
        """
        self._runs(request.process)
        if isinstance(request, Multicasting) and request.kind not in KINDS:
            raise InputError(f"expected one of the kinds {', '.join(KINDS)}; {request.kind!r} came")
        if isinstance(request, Multicasting) and len(self.requests) >= REQUESTS_MAX:
            raise LocalProtocolError(
                f"{REQUESTS_MAX} requests wait at {self.who} already; a further multicast of {request.process} came: "
                "multicast again when earlier multicasts are stable (Site.may_multicast)"
            )
        self.requests.append(request)
        return []

    def delivered(self, m: Message) -> list[GroupsEffect]:
        """The protocols below have delivered a message to this site."""
        match m.payload:
            case ProcessMessage() as message:
                return self.deliver(message)
            case GroupChanges(changes=changes):
                self.agreed += changes
                return []
            case JoinAsked() as asked:
                return self.receive_request(asked.process, asked.group, asked)
            case JoinRefused(group=group, process=process, credentials=credentials, reason=reason):
                return self.receive_refusal(process, group, credentials, reason)
            case DirectoryShown(groups=groups):
                return self.inform(groups) if m.id.sender != self.who else []
            case KillGroup(group=group):
                return self.kill(group)
            case _:
                raise LocalProtocolError(f"expected something for processes or groups; {m.payload!r} came")

    def epoch_over(self) -> list[GroupsEffect]:
        """All multicasts of an epoch have been delivered: what comes now comes after its changes."""
        changes, self.agreed = tuple(self.agreed), []
        return self.apply_changes(changes) if changes else []

    def site_view_installed(self, view: View) -> list[GroupsEffect]:
        """The sites have installed their next view; multicasts that come now are of that view."""
        return self.apply_sites(view)

    def take_up(self, *, settled: bool, waiting: frozenset[Address] = frozenset()) -> list[GroupsEffect] | None:
        """Begin what waits first, if anything does: the protocols below may take it now.

        Arguments: whether this site waits for none of its own multicasts, so that a CBCAST may begin; the
        processes here that wait for a state, whose requests wait too.
        """
        if self._has_to_inform():
            return self.tell_directory() if settled else None
        if not self.informed:
            return None
        if (undecided := self._undecided(settled)) is not None:
            return self.verify(*undecided)
        if self.changes:
            return self._begin_changes(waiting)
        if settled and (unasked := self._unasked()) is not None:
            return self.ask_again(*unasked)
        request = self._next_request(waiting)
        if request is None or (_causal(request) and not settled):
            return None
        self.requests.remove(request)
        return self._begin(request)

    def found(self, view: View) -> list[GroupsEffect]:
        """The system begins with these sites, of which all know that there are no groups."""
        self.site_view = view
        self.informed = True
        return []

    # -- Actions: what processes ask for --------------------------------------------------------

    @action("Groups!Create")
    def create(self, p: Address, g: Address, name: str, credentials: str) -> list[GroupsEffect]:
        """A process founds a group, under an address that is new: all sites are to know of it."""
        self.founded += 1
        self.changes.append(CreateGroup(group=g, name=name, credentials=credentials, process=p))
        return []

    @action("Groups!AskToJoin")
    def ask_to_join(self, p: Address, g: Address, credentials: str, with_state: bool) -> list[GroupsEffect]:
        """A process asks the members of a group to be taken in."""
        sites = self.sites_of((g,))
        joining = self.joining[p, self.directory[g].name]
        self.asking[g, p] = Asking(joining=joining, sites=sites)
        asked = JoinAsked(group=g, process=p, credentials=credentials, with_state=with_state)
        return [MulticastToSites(kind="cbcast", to=sites, content=asked)]

    @action("Groups!AskAgain")
    def ask_again(self, p: Address, g: Address) -> list[GroupsEffect]:
        """Ask the sites that have come into the group since, for they have not heard of the request."""
        asking = self.asking[g, p]
        sites = self.sites_of((g,)) - asking.sites
        self.asking[g, p] = attrs.evolve(asking, sites=asking.sites | sites)
        joining = asking.joining
        asked = JoinAsked(group=g, process=p, credentials=joining.credentials, with_state=joining.with_state)
        return [MulticastToSites(kind="cbcast", to=sites, content=asked)]

    @action("Groups!Leave")
    def leave(self, p: Address, g: Address) -> list[GroupsEffect]:
        """A process leaves a group."""
        self.changes.append(LeaveGroup(group=g, process=p))
        return []

    @action("Groups!Configure")
    def configure(self, p: Address, g: Address, key: str, value: str) -> list[GroupsEffect]:
        """A process sets a part of the configuration of a group."""
        self.changes.append(Configure(group=g, key=key, value=value))
        return []

    @action("Groups!AskToKill")
    def ask_to_kill(self, p: Address, g: Address) -> list[GroupsEffect]:
        """A process has all members of a group stop."""
        return [MulticastToSites(kind="abcast", to=self.sites_of((g,)), content=KillGroup(group=g))]

    @action("Groups!Multicast")
    def multicast(self, p: Address, n: int, to: tuple[Address, ...], kind: str, payload: str) -> list[GroupsEffect]:
        """The n-th multicast of a process, to groups and processes, begins."""
        self.running[p] = n
        message = ProcessMessage(id=MessageId(p, n), kind=kind, to=to, payload=payload)
        return [MulticastToSites(kind=kind, to=self.sites_of(to), content=message)]

    @action("Groups!ProcessFails")
    def process_fails(self, p: Address) -> list[GroupsEffect]:
        """A process of this site has crashed: it asks for nothing more, and is taken out of its groups."""
        self._fail(p)
        return []

    # -- Actions: what is delivered -------------------------------------------------------------

    @action("Groups!Deliver")
    def deliver(self, m: ProcessMessage) -> list[GroupsEffect]:
        """Hand a message to those of the processes here that it is for."""
        to = self.recipients(m.to)
        return [ForProcess(process=p, effect=Deliver(message=m)) for p in sorted(self.running) if p in to]

    @action("Groups!ReceiveRequest")
    def receive_request(self, p: Address, g: Address, request: JoinAsked) -> list[GroupsEffect]:
        """Learn that a process would join; this site decides, or stands by."""
        if g in self.directory and p not in self.directory[g].view.members:
            self.asked[g, p] = request
        return []

    @action("Groups!Verify")
    def verify(self, p: Address, g: Address) -> list[GroupsEffect]:
        """As the site of the oldest member, add a process to the group or refuse it."""
        request = self.asked.pop((g, p))
        if self.accepts(request):
            self.changes.append(AddMember(group=g, process=p, with_state=request.with_state))
            return []
        refused = JoinRefused(group=g, process=p, credentials=request.credentials, reason=WRONG_CREDENTIALS)
        return [MulticastToSites(kind="cbcast", to=self.sites_of((g, p)), content=refused)]

    @action("Groups!ReceiveRefusal")
    def receive_refusal(self, p: Address, g: Address, credentials: str, reason: str) -> list[GroupsEffect]:
        """Learn that a process may not join with these credentials."""
        asked, asking = self.asked.get((g, p)), self.asking.get((g, p))
        if asked is not None and asked.credentials == credentials:
            del self.asked[g, p]
        if asking is None or asking.joining.credentials != credentials:
            return []
        del self.asking[g, p]
        return self._refuse(p, asking.joining.name, reason)

    @action("Groups!ApplyChanges")
    def apply_changes(self, changes: tuple[GroupChange, ...]) -> list[GroupsEffect]:
        """Make these changes; each group that they change gets one new view."""
        if not self.informed:
            return []  # it does not know what they change, and will be told what comes of it
        before = dict(self.directory)
        effects: list[GroupsEffect] = []
        for change in changes:
            effects += self._apply(change, before, _failing(changes))
        left = frozenset((c.group, c.process) for c in changes if isinstance(c, LeaveGroup))
        return effects + self._renew(before, left, _failing(changes))

    @action("Groups!ApplySites")
    def apply_sites(self, view: View) -> list[GroupsEffect]:
        """The processes of sites that are gone are gone too; sites that are new have to be informed."""
        old, self.site_view = self.site_view, view
        new = {site for site in view.members if site not in old.members}
        self.uninformed = (self.uninformed | new) & set(view.members) - {self.who}
        before = dict(self.directory)
        for g, group in sorted(self.directory.items()):
            gone = [p for p in group.view.members if p.at not in view.members]
            self.directory[g] = without(group, gone)
        return self._renew(before, frozenset())

    @action("Groups!TellDirectory")
    def tell_directory(self) -> list[GroupsEffect]:
        """As the oldest site, tell all sites which groups there are; if it was not told itself, there are none."""
        self.informed = True
        self.uninformed = set()
        groups = tuple(group for _, group in sorted(self.directory.items()))
        return self._to_all("cbcast", DirectoryShown(groups=groups))

    @action("Groups!Inform")
    def inform(self, groups: tuple[Group, ...]) -> list[GroupsEffect]:
        """Learn all groups, if this site is new; all know now that all know them."""
        if not self.informed:
            self.directory = {group.address: group for group in groups}
            self.informed = True
        self.uninformed = set()
        return []

    @action("Groups!Kill")
    def kill(self, g: Address) -> list[GroupsEffect]:
        """The members of a group at this site stop."""
        members = self.directory[g].view.members if g in self.directory else ()
        here = sorted(p for p in members if p in self.running)
        for p in here:
            self._fail(p)
        return [ForProcess(process=p, effect=Kill(group=g)) for p in here]

    # -- Helpers --------------------------------------------------------------------------------

    def _runs(self, process: Address) -> None:
        if process not in self.running:
            raise LocalProtocolError(f"no process {process} at site {self.who}; there are {sorted(self.running)}")

    def _new_group(self) -> Address:
        return Address(self.who.site, self.who.incarnation, self.founded + 1, Kind.GROUP)

    def _has_to_inform(self) -> bool:
        """Spec: Groups!Informs."""
        is_oldest = self.site_view.members[:1] == (self.who,)
        return is_oldest and (bool(self.uninformed) or not self.informed)

    def _fail(self, p: Address) -> None:
        """A process here is no more; the other sites have to know that, if it is in a group or may yet be."""
        del self.running[p]
        self.requests = deque(request for request in self.requests if request.process != p)
        waiting = [key for key in self.joining if key[0] == p]
        for key in waiting:
            del self.joining[key]
        self.asking = {key: asking for key, asking in self.asking.items() if key[1] != p}
        if waiting or self.groups_of(p):
            self.changes.append(FailProcess(process=p))

    def _to_all(self, kind: str, content: DirectoryShown | GroupChanges) -> list[GroupsEffect]:
        return [MulticastToSites(kind=kind, to=frozenset(self.site_view.members), content=content)]

    def _next_request(self, waiting: frozenset[Address]) -> Request | None:
        return next((request for request in self.requests if request.process not in waiting), None)

    def _begin_changes(self, waiting: frozenset[Address]) -> list[GroupsEffect]:
        """Multicast the changes that wait, and with them those that the next requests are about."""
        effects: list[GroupsEffect] = []
        while isinstance(request := self._next_request(waiting), Changing | Creating):
            self.requests.remove(request)
            effects += self._begin(request)
        changes, self.changes = tuple(self.changes), []
        return effects + self._to_all("gbcast", GroupChanges(changes=changes))

    def _begin(self, request: Request) -> list[GroupsEffect]:
        match request:
            case Creating(process=p, name=name, credentials=credentials):
                if self.lookup(name) is not None:
                    return self._refuse(p, name, NAME_IN_USE)
                return self.create(p, self._new_group(), name, credentials)
            case Joining():
                return self._begin_to_join(request)
            case Changing(process=p, change=change):
                return self._begin_to_change(p, change)
            case Killing(process=p, group=g):
                return self.ask_to_kill(p, g) if self.sites_of((g,)) else []
            case Flushing(process=p, ticket=ticket):
                return [CallFlush(process=p, ticket=ticket)]
            case Multicasting(process=p, to=to, kind=kind, payload=payload, cached=cached):
                corrected = self._correct(p, cached)
                if not self.sites_of(to):
                    return [*corrected, ForProcess(process=p, effect=LackDestinations(to=to, payload=payload))]
                return corrected + self.multicast(p, self.running[p] + 1, to, kind, payload)

    def _begin_to_change(self, p: Address, change: LeaveGroup | Configure) -> list[GroupsEffect]:
        """Leave, for a member; or configure a group."""
        if isinstance(change, Configure):
            return self.configure(p, change.group, change.key, change.value)
        return self.leave(p, change.group) if p in self._view_of(change.group).members else []

    def _begin_to_join(self, joining: Joining) -> list[GroupsEffect]:
        p, name = joining.process, joining.name
        group = self.lookup(name)
        if group is not None and p in group.view.members:
            return self._refuse(p, name, IS_MEMBER)
        if self.joining.get((p, name), joining) != joining:
            return [ForProcess(process=p, effect=Refuse(name=name, reason=IS_JOINING))]
        if joining.with_state and self._to_get_state(p, other_than=name):
            return [ForProcess(process=p, effect=Refuse(name=name, reason=IS_WAITING))]
        if group is not None and (group.address, p) in self.asking:
            return []  # it has asked twice: the answer to the first time is one to both
        self.joining[p, name] = joining
        if group is not None:
            return self.ask_to_join(p, group.address, joining.credentials, joining.with_state)
        if joining.create:
            return self.create(p, self._new_group(), name, joining.credentials)
        return self._refuse(p, name, NO_SUCH_GROUP)

    def _to_get_state(self, p: Address, other_than: str) -> bool:
        """A process joins another group with its state."""
        return any(q == p and name != other_than and it.with_state for (q, name), it in self.joining.items())

    def _correct(self, p: Address, cached: tuple[tuple[Address, int], ...]) -> list[GroupsEffect]:
        """Tell a process which of its group views are stale."""
        stale = [g for g, number in cached if self._view_of(g).id != number]
        return [ForProcess(process=p, effect=CorrectCache(group=g, view=self._view_of(g))) for g in stale]

    def _view_of(self, g: Address) -> View:
        return self.directory[g].view if g in self.directory else NO_VIEW

    def _refuse(self, p: Address, name: str, reason: str) -> list[GroupsEffect]:
        self.joining.pop((p, name), None)
        return [ForProcess(process=p, effect=Refuse(name=name, reason=reason))]

    def _apply(
        self, change: GroupChange, before: dict[Address, Group], failing: frozenset[Address]
    ) -> list[GroupsEffect]:
        """Make one change; views get their numbers when all are made.

        Arguments: the directory before all changes that are made together; those whom these take out
        of all groups.  Spec: Groups!Changed.
        """
        match change:
            case CreateGroup(process=p):
                if self._may_come(p, failing):
                    return self._create(change, before)
            case AddMember(group=g, process=p, with_state=with_state):
                self._answered(g, p)
                if g in self.directory and self._may_come(p, failing):
                    self._add(g, p, with_state, before[g].view.members if g in before else ())
            case LeaveGroup(group=g, process=p) if g in self.directory:
                if g in before and p in before[g].view.members:
                    self.directory[g] = without(self.directory[g], (p,))
            case FailProcess(process=p):
                for g in sorted(self.directory):
                    self.directory[g] = without(self.directory[g], (p,))
            case Configure(group=g, key=key, value=value) if g in self.directory:
                return self._configure(self.directory[g], key, value)
            case _:
                pass  # the group is gone
        return []

    def _may_come(self, p: Address, failing: frozenset[Address]) -> bool:
        """Neither a process nor its site has failed.  Spec: Groups!Brought."""
        return p.at in self.site_view.members and p not in failing

    def _create(self, change: CreateGroup, before: dict[Address, Group]) -> list[GroupsEffect]:
        """A group is founded, unless there was one of its name, or one is founded before it.  Spec: Groups!InVain."""
        known = [*before.values(), *self.directory.values()]
        if any(group.name == change.name and group.view.members for group in known):
            return self._create_in_vain(change.process, change.name)
        self.directory[change.group] = Group(
            address=change.group,
            name=change.name,
            credentials=change.credentials,
            view=View(id=0, members=(change.process,)),
            sharing=frozenset({change.process}),
        )
        return []

    def _add(self, g: Address, p: Address, with_state: bool, before: tuple[Address, ...]) -> None:
        """Add a process, which was no member before: who leaves does not come back in the same view."""
        group = self.directory[g]
        if p not in (*before, *group.view.members):
            larger = among(group, (*group.view.members, p))
            self.directory[g] = attrs.evolve(larger, sharing=larger.sharing | ({p} if with_state else frozenset()))

    def _has_joined(self, g: Address, p: Address) -> None:
        """A process is a member now; if it has crashed meanwhile, its site takes it out again."""
        self.joining.pop((p, self.directory[g].name), None)
        self.asking.pop((g, p), None)
        if p.at == self.who and p not in self.running:
            self.changes.append(FailProcess(process=p))

    def _create_in_vain(self, p: Address, name: str) -> list[GroupsEffect]:
        """Another has founded a group of this name: join it, if that will do."""
        if p not in self.running:
            return []
        joining = self.joining.get((p, name))
        if joining is None:
            return self._refuse(p, name, NAME_IN_USE)
        self.requests.appendleft(joining)
        return []

    def _configure(self, group: Group, key: str, value: str) -> list[GroupsEffect]:
        configuration = tuple(sorted((dict(group.configuration) | {key: value}).items()))
        self.directory[group.address] = attrs.evolve(group, configuration=configuration)
        members = sorted(p for p in group.view.members if p in self.running)
        effect = Reconfigure(group=group.address, key=key, value=value)
        return [ForProcess(process=p, effect=effect) for p in members]

    def _answered(self, g: Address, p: Address) -> None:
        """A request to join has been answered by someone."""
        self.asked.pop((g, p), None)
        self.changes = [c for c in self.changes if not (isinstance(c, AddMember) and (c.group, c.process) == (g, p))]

    def _renew(
        self,
        before: dict[Address, Group],
        left: frozenset[tuple[Address, Address]],
        failing: frozenset[Address] = frozenset(),
    ) -> list[GroupsEffect]:
        """Give each group that has changed its next view; one without members is no more."""
        effects: list[GroupsEffect] = []
        for g, group in sorted(self.directory.items()):
            old = before[g].view if g in before else NO_VIEW
            members = group.view.members
            if members == old.members:
                continue
            if old.members and not set(members) & set(old.members):
                members = ()  # who would join a group of which nobody is left has to found it anew
            view = View(id=old.id + 1, members=members)
            self.directory[g] = attrs.evolve(among(group, members), view=view)
            effects += self._tell(self.directory[g], old, left)
            if not view.members:
                del self.directory[g]
        self._drop_what_is_answered(failing)
        return effects

    def _tell(self, group: Group, old: View, left: frozenset[tuple[Address, Address]]) -> list[GroupsEffect]:
        """Tell the processes here, and whoever monitors the group, of its next view."""
        g, view = group.address, group.view
        gone = frozenset(p for p in old.members if p not in view.members and (g, p) in left)
        effects: list[GroupsEffect] = [
            GroupViewInstalled(group=g, view=view, previous=old, left=gone, with_state=group.sharing)
        ]
        for p in view.members:
            if p not in old.members:
                self._has_joined(g, p)
        for p in sorted(self.running):
            if p in view.members:
                effects.append(ForProcess(process=p, effect=InstallView(view=view, group=g)))
            elif p in old.members:
                effects.append(ForProcess(process=p, effect=Leave(group=g)))
        return effects

    def _drop_what_is_answered(self, failing: frozenset[Address]) -> None:
        """Forget the requests that mean nothing any more; who asked a group that is gone begins anew."""
        for g, p in [key for key in self.asked if not self._unanswered(*key, failing)]:
            self._answered(g, p)
        for (g, p), asking in sorted(self.asking.items()):
            if g not in self.directory:
                del self.asking[g, p]
                self.requests.appendleft(asking.joining)

    def _unanswered(self, g: Address, p: Address, failing: frozenset[Address]) -> bool:
        """A request still waits for an answer.  Spec: Groups!Unanswered."""
        if g not in self.directory or p in self.directory[g].view.members:
            return False
        return self._may_come(p, failing)

    def _unasked(self) -> tuple[Address, Address] | None:
        """A process and a group into which a site has come that was not asked.  Spec: Groups!AskAgain."""
        found = (key for key, asking in sorted(self.asking.items()) if self.sites_of((key[0],)) - asking.sites)
        return next(((p, g) for g, p in found), None)

    def _has_member_here(self, group: Group) -> bool:
        return any(p.at == self.who for p in group.view.members)

    def accepts(self, request: JoinAsked) -> bool:
        """The credentials are those of the group.  Spec: Groups!Accepts."""
        return request.credentials == self.directory[request.group].credentials

    def _undecided(self, settled: bool) -> tuple[Address, Address] | None:
        """A process, and the group that it would join, about which this site has to decide now.

        To refuse is a CBCAST, which waits for what this site has multicast in order.
        """
        for (g, p), request in sorted(self.asked.items(), key=lambda item: item[0]):
            if self.oldest_here(self.directory[g]) and (settled or self.accepts(request)):
                return p, g
        return None

    def snapshot(self) -> dict[str, Any]:
        """The variables of the site under their TLA+ names.

        ``applied`` and ``proposed`` are left out: the first is counted by whoever reads the steps, and of the
        second a site drops what has become pointless.
        """
        informed = set(self.site_view.members) - self.uninformed if self.informed else set()
        return {
            "sites": as_json(self.site_view),
            "directory": as_json([group for _, group in sorted(self.directory.items())]),
            "informed": as_json(informed),
            "joining": [
                [str(p), str(g), asking.joining.credentials, as_json(asking.sites)]
                for (g, p), asking in sorted(self.asking.items())
            ],
            "asked": [[str(p), str(g), asked.credentials] for (g, p), asked in sorted(self.asked.items())],
        }
