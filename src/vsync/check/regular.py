"""The judge of regular traces: quick, and with a memory that does not grow with their length.

A trace is *regular* if, group by group, it is what virtual synchrony is about: each message is multicast once,
before it is delivered; delivered at most once by each process, always in the same view, and that of its
multicast, and after all that may have caused it; members of a view agree on its members and on the next one; and so
on, condition by condition below. Each condition stands beside the guarantees that follow from it. At the first
event that is otherwise the judge raises `Irregular`, and the trace has to be judged by one that keeps
everything (`vsync.check.judge`). So this judge never says that something is broken, nor by what; and it never
has to be right about a trace that is not regular.

What can be forgotten. A message is kept until all who stay in its view have delivered it (`vsync.check.open_views`).
Then no regular event is about it any more: another delivery would be the second of a process, or one by
somebody who is not in the view, or one in another view. What it is still needed for is said by others:

- *that it must not come back*: by its name, in a set of intervals (`vsync.check.names`);
- *what it may have caused*: by the vectors of those who have delivered it. They have one number for each sender,
  and a number for something delivered, or before something delivered, stands for all before it;
- *whether two processes have delivered the same*: it is in the sets of all who stay. So for these, sets are equal
  if there are as many messages in both, and no kept message shows a difference;
- *the order of ABCASTs*: it can be in no circle when nothing comes before it (`vsync.check.one_order`).

A view is forgotten when nobody stays in it; a sender, when it has crashed and none of its messages is kept. So
memory is bounded by what is under way, the processes that live, and a few numbers for each view, not by the length of
the trace; unless somebody neither delivers nor crashes, or a log holds one process after the other: then the
messages that wait have to be kept.

How often a guarantee was put to the test is counted as by the judge that keeps everything, with two
exceptions, which are counted less often but never zero times if they came up: for Weak Total Order, processes
that go together and have delivered many ABCASTs, of which no two of the first are the same; for Safe Indication,
messages of views that are forgotten.

Spec: VSProperties, VSGroups. Paper: 2.4, 3.1; Birman, Schiper, Stephenson 1991 (vectors as causal pasts).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import vsync.check.order
import vsync.check.total_order  # noqa: F401 (registers its checkers)
from vsync.check import view_conditions
from vsync.check.groups import MessageKey
from vsync.check.judgement import Counts, Judgement, in_order, selected, unbroken
from vsync.check.names import Names, split
from vsync.check.one_order import OneOrder
from vsync.check.open_views import FirstAbcasts, Group, Irregular, Member, Message, OpenView, Part, Process, must
from vsync.check.properties import GUARANTEES
from vsync.check.trace import (
    CBCAST,
    DEFAULT_GROUP,
    GBCAST,
    KINDS,
    UNIFORM,
    Crashed,
    Delivered,
    Installed,
    Left,
    Multicasted,
    ServiceEvent,
    Stated,
    ToldSafe,
    View,
)


class KeptNames:
    """The messages that have been multicast: those that are kept, and the names of those that are forgotten."""

    def __init__(self) -> None:
        self.kept: dict[MessageKey, Message] = {}
        self.forgotten = Names()

    def __contains__(self, key: MessageKey) -> bool:
        return key in self.kept or split(key) in self.forgotten

    def add(self, key: MessageKey) -> None:
        """Does nothing: a message is kept when the judge comes to its multicast, which is before it is asked for."""


class RegularJudge:
    """Judges the events of a regular trace as they come, in causal order."""

    def __init__(self, guarantees: Iterable[str] | None = None, claimed: Iterable[str] | None = None) -> None:
        self.multicast = KeptNames()
        """What has been multicast, for whoever merges the events."""
        self._excluded = selected(guarantees, claimed)
        self._kept = self.multicast.kept
        self._forgotten = self.multicast.forgotten
        self._listed: dict[MessageKey, Message] = {}
        """The kept messages with a list of destinations."""
        self._needed: defaultdict[str, int] = defaultdict(int)
        """How many messages of each sender are kept, and how many views that have had one."""
        self._staying: defaultdict[str, set[OpenView]] = defaultdict(set)
        """The views in which a process, or who may become one, stays."""
        self._processes: dict[str, Process] = {}
        self._crashed: set[str] = set()
        self._remembered: set[str] = set()
        """Those of them who are still in the vectors of others."""
        self._groups: dict[str, Group] = {}
        self._no_groups: set[str] = set()
        """The names in the lists of forgotten messages that are of processes."""
        self._order = OneOrder()
        self._kinds = dict.fromkeys(KINDS, 0)
        self._cases: Counter[str] = Counter()
        self._senders_told = 0
        self._caused = 0
        self._pairs = 0
        """Of how many senders each of those who have crashed had delivered something, in all."""
        self._judging: dict[str, Callable[[Any, Process], None]] = {
            Installed.kind: self._installed,
            Multicasted.kind: self._multicast,
            Delivered.kind: self._delivered,
            ToldSafe.kind: self._told_safe,
            Stated.kind: self._stated,
            Left.kind: self._left,
            Crashed.kind: self._crashes,
        }

    def observe(self, event: ServiceEvent) -> None:
        """Judges one event. Raises Irregular if this judge cannot go on."""
        kind = event.kind
        self._kinds[kind] += 1
        process = self._processes.get(event.process)
        if process is None:
            process = self._new_process(event.process)
        judging = self._judging.get(kind)
        if judging is not None:
            judging(event, process)

    def judgement(self) -> Judgement:
        """Returns the verdict on what has been observed, when all has been: nothing is broken.

        Raises Irregular if it cannot be said whether a guarantee was put to the test.
        """
        groups = list(self._groups.values()) or [Group(DEFAULT_GROUP)]
        for group in groups:
            group.count_kept()
        by_group = [(group, self._cases_in(group)) for group in groups]
        for group, cases in by_group:
            must(cases["WeakTotalOrder"] > 0 or not group.doubtful, "WeakTotalOrder")
        kinds = {kind for kind, count in self._kinds.items() if count}
        cases = self._cases_in_all()
        findings = [
            unbroken(name, kinds=kinds, cases=cases[name], excluded=self._excluded)
            for name, checker in GUARANTEES.items()
            if checker.across_groups
        ]
        findings += [
            unbroken(name, kinds=group.kinds, cases=cases[name], excluded=self._excluded, group=group.name)
            for group, cases in by_group
            for name, checker in GUARANTEES.items()
            if not checker.across_groups
        ]
        return Judgement(findings=in_order(findings), counts=self._counts())

    def _cases_in_all(self) -> Counter[str]:
        multicasts, deliveries = self._kinds[Multicasted.kind], self._kinds[Delivered.kind]
        pairs = self._pairs + sum(process.pairs for process in self._processes.values())
        return self._cases + Counter(
            DeliveryIntegrity=deliveries,
            NoDuplication=multicasts + deliveries,
            SenderIntegrity=self._senders_told,
            FIFO=deliveries - pairs,
            Causal=self._caused + sum(len(message.by) for message in self._kept.values() if message.caused),
        )

    def _cases_in(self, group: Group) -> Counter[str]:
        members = (process.memberships.get(group.name) for process in self._processes.values())
        excluding = sum(member.delivered for member in members if member and member.view and member.view.excluding)
        return group.cases + Counter(
            SelfInclusion=group.installs,
            InitialViewEvent=group.multicasts + group.deliveries,
            SendingViewDelivery=group.deliveries_sent_here,
            SameViewDelivery=group.deliveries_repeated,
            CleanFailure=excluding,
        )

    def _counts(self) -> Counts:
        return Counts(
            events=sum(self._kinds.values()),
            processes=len(self._processes) + len(self._crashed),
            groups=len(self._groups),
            views=sum(group.views_ever for group in self._groups.values()),
            multicasts=self._kinds[Multicasted.kind],
            deliveries=self._kinds[Delivered.kind],
            crashes=self._kinds[Crashed.kind],
        )

    # -- views

    def _installed(self, event: Installed, process: Process) -> None:
        group, name = self._group(event.group), process.name
        member = process.memberships.get(event.group)
        if member is None:
            member = process.memberships[event.group] = Member(group)
        group.installs += 1
        group.cases["LocalMonotonicity"] += member.last_view > 0
        must(name in event.view.members, "SelfInclusion")
        must(member.last_view < event.view.id, "LocalMonotonicity")
        view = self._agreed_view(group, event.view)
        source = member.view
        if source is not None:
            view_conditions.goes_to(process, member, source, view)
            view_conditions.is_done(process, member, source)
            view_conditions.goes_on(name, source)
        self._stays_no_longer(name, [each for each in group.views.values() if each.id < view.id])
        member.view, member.last_view = view, view.id
        member.delivered = member.uniform = 0
        member.abcasts = FirstAbcasts()
        self._drop_views(group)

    def _agreed_view(self, group: Group, wanted: View) -> OpenView:
        """Returns a view that somebody installs; all must agree on its members, and it shares one with the next."""
        cases, view = group.cases, group.views.get(wanted.id)
        if view is None:
            must(wanted.id not in group.over, "PrimaryComponentMembership")
            view = self._new_view(group, wanted)
        else:
            cases["PrimaryComponentMembership"] += 1
            cases["RankAgreement"] += 1
            must(view.members == wanted.members, "PrimaryComponentMembership, RankAgreement")
        for neighbour_id in (wanted.id - 1, wanted.id + 1):
            cases["PrimaryComponentMembership"] += group.knows(neighbour_id)
            neighbour = group.views.get(neighbour_id)
            if neighbour is not None:
                must(not set(neighbour.members).isdisjoint(wanted.members), "PrimaryComponentMembership")
        return view

    def _new_view(self, group: Group, wanted: View) -> OpenView:
        members = set(wanted.members)
        excluding = any(since < wanted.id and name not in members for name, since in group.member_since.items())
        for name in wanted.members:
            group.member_since[name] = min(wanted.id, group.member_since.get(name, wanted.id))
        staying = {name for name in members if name not in self._crashed and self._may_install(name, group, wanted.id)}
        view = group.views[wanted.id] = OpenView(wanted.id, wanted.members, group, excluding, staying)
        for name in staying:
            self._staying[name].add(view)
        group.views_ever += 1
        return view

    def _may_install(self, name: str, group: Group, view_id: int) -> bool:
        process = self._processes.get(name)
        member = process.memberships.get(group.name) if process else None
        return member is None or member.last_view < view_id

    def _stays_no_longer(self, name: str, views: Iterable[OpenView]) -> None:
        """Has a process stay in these views no longer: it will deliver nothing in them."""
        for view in views:
            if name in view.staying:
                view.staying.discard(name)
                self._staying[name].discard(view)
                for part in list(view.kept):
                    self._drop_complete(part)

    def _left(self, event: Left, process: Process) -> None:
        group, member = self._group(event.group), process.memberships.get(event.group)
        if member is not None and member.view is not None:
            view_conditions.is_done(process, member, member.view)
            view_conditions.goes_on(process.name, member.view)
            views = [each for each in group.views.values() if each.id <= member.last_view]
            self._stays_no_longer(process.name, views)
            member.view = None
            self._drop_views(group)

    def _crashes(self, event: Crashed, process: Process) -> None:
        name = process.name
        for member in process.memberships.values():
            if member.view is not None:
                view_conditions.is_done(process, member, member.view)
        del self._processes[name]
        self._pairs += process.pairs
        self._crashed.add(name)
        self._remembered.add(name)
        views = sorted(self._staying[name], key=lambda view: (view.group.name, view.id))
        self._stays_no_longer(name, views)
        del self._staying[name]
        for group in {view.group for view in views}:
            self._drop_views(group)
        for message in list(self._listed.values()):
            self._drop_complete_listed(message)
        self._forget_senders()

    def _stated(self, event: Stated, process: Process) -> None:
        group = self._group(event.group)
        group.stated += 1
        must(event.view not in group.over, "StateAtJoin")
        group.cases["StateAtJoin"] += event.view in group.states
        must(group.states.setdefault(event.view, event.state) == event.state, "StateAtJoin")

    # -- messages

    def _multicast(self, event: Multicasted, process: Process) -> None:
        key = (event.group, event.message)
        name = split(key)
        must(key not in self._kept and name not in self._forgotten, "NoDuplication")
        process.multicasts += 1
        number = process.multicasts
        caused = number > 1 or process.pairs > 0
        message = Message(
            key, name, process.name, number, event.primitive, event.to, process.news, process.seen.copy(), caused
        )
        process.news = {}
        self._kept[key] = message
        self._needed[process.name] += 1
        if event.to is None:
            self._group(event.group)
            self._multicast_in(process.memberships.get(event.group), message)
            return
        self._listed[key] = message
        for member in _own_memberships(process, event.to):
            self._multicast_in(member, message)

    def _multicast_in(self, member: Member | None, message: Message) -> None:
        if member is None or member.view is None:
            raise Irregular("InitialViewEvent")
        member.group.multicasts += 1
        self._needed[message.sender] += message.sender not in member.view.first_sent
        member.view.holds(message, sent_here=True)

    def _delivered(self, event: Delivered, process: Process) -> None:
        message = self._kept.get((event.group, event.message))
        if message is None:
            raise Irregular("DeliveryIntegrity, NoDuplication")
        if event.sender is not None:
            self._senders_told += 1
            if event.sender != message.sender:
                raise Irregular("SenderIntegrity")
        self._hears(process, message)
        if message.primitive != CBCAST and message.primitive != GBCAST:
            self._abcast_delivered(process, message)
        if message.to is None:
            self._delivered_in(process, process.memberships.get(event.group), message)
        else:
            self._listed_delivered(process, message)

    def _hears(self, process: Process, message: Message) -> None:
        """A process delivers a message: for the first time, and before all that may have been caused by it."""
        seen, sender, number = process.seen, message.sender, message.number
        last = seen.get(sender, 0)
        if last >= number:
            raise Irregular("NoDuplication, FIFO, Causal")
        if sender != process.name:
            news = process.news
            for component, count in (message.news if last == number - 1 else message.past).items():
                if seen.get(component, 0) < count:
                    seen[component] = news[component] = count
            news[sender] = number
        seen[sender] = number
        process.heard.add(sender)

    def _delivered_in(self, process: Process, member: Member | None, message: Message) -> None:
        """A process delivers a message in its view of a group, and that is the view of the message."""
        view = member.view if member is not None else None
        if member is None or view is None:
            raise Irregular("InitialViewEvent")
        group, name = member.group, process.name
        part = message.parts.get(group.name)
        if part is None:
            part = view.holds(message, sent_here=False)
        elif part.view is not view:
            raise Irregular("SendingViewDelivery, SameViewDelivery, CleanFailure")
        if message.primitive != CBCAST:
            view_conditions.ordered(name, member, part)
        by = part.by
        if part.told_safe and not by:
            view_conditions.becomes_stable(part)
        by.add(name)
        member.delivered += 1
        if len(by) >= len(view.staying) and view.drop_complete(part) and message.to is None:
            self._forget(message)

    def _listed_delivered(self, process: Process, message: Message) -> None:
        assert message.to is not None, "the message has a list"
        members = _own_memberships(process, message.to)
        named = process.name in message.to
        if not members and not named:
            raise Irregular("InitialViewEvent")
        message.by.add(process.name)
        for member in members:
            self._delivered_in(process, member, message)
        self._drop_complete_listed(message)  # not before: in one group it may be complete, and in the next not

    def _told_safe(self, event: ToldSafe, process: Process) -> None:
        key = (event.group, event.message)
        message = self._kept.get(key)
        to = self._forgotten.destinations(split(key)) if message is None else message.to or ()
        if to is None:
            raise Irregular("DeliveryIntegrity")
        for group in self._addressed(process, to) if to else (self._groups[event.group],):
            group.safe += 1
            part = message.parts.get(group.name) if message is not None else None
            if message is not None and part is None:
                message.told_safe_in += (group.name,)
            elif part is None or part.complete:
                view_conditions.complete_told_safe(split(key), group)
            elif not part.told_safe:
                part.told_safe = True
                if part.by:
                    view_conditions.becomes_stable(part)

    # -- order

    def _abcast_delivered(self, process: Process, message: Message) -> None:
        """A process delivers an ABCAST: all ABCASTs stand in one order, whoever delivers them."""
        place, last = message.place, process.last_abcast
        if place is None:
            place = message.place = self._order.place()
        if last is not None and not self._order.follows(last, place):
            raise Irregular("WeakTotalOrder, StrongTotalOrder")
        process.last_abcast = place
        for member in process.memberships.values():
            member.abcasts.add(place)
        if message.primitive == UNIFORM:
            self._cases["StrongTotalOrder"] += not process.by_of_last_uniform.isdisjoint(message.by)
            process.by_of_last_uniform = message.by

    # -- stability

    def _addressed(self, process: Process, to: tuple[str, ...]) -> list[Group]:
        """Returns the groups of a list to which it belongs that a process is told something about a message."""
        own = [member.group for member in _own_memberships(process, to)]
        if own or process.name in to:
            return own
        return [self._groups[name] for name in to if name in self._groups]

    # -- what is forgotten

    def _drop_complete(self, part: Part) -> None:
        """Forgets a message in a view if it is complete there; and altogether, if it has no other destinations."""
        if part.view.drop_complete(part):
            if part.message.to is None:
                self._forget(part.message)
            else:
                self._drop_complete_listed(part.message)

    def _drop_complete_listed(self, message: Message) -> None:
        """Forgets a message if in each group of its list it is complete, and its processes have delivered it."""
        assert message.to is not None, "the message has a list"
        for name in message.to:
            if name in self._groups:
                part = message.parts.get(name)
                if part is None or not part.complete:
                    return
            elif name not in message.by and name not in self._crashed:
                return
        self._no_groups.update(name for name in message.to if name not in self._groups)
        self._forget(message)

    def _forget(self, message: Message) -> None:
        if self._kept.pop(message.key, None) is None:
            return
        if message.to is not None:
            del self._listed[message.key]
        self._caused += len(message.by) * message.caused
        self._forgotten.add(message.name, message.to or ())
        message.parts.clear()
        self._needed[message.sender] -= 1
        if message.place is not None:
            self._order.close(message.place)

    def _drop_views(self, group: Group) -> None:
        dropped = group.drop_over()
        for view in dropped:
            for sender in view.first_sent:
                self._needed[sender] -= 1
        if dropped:
            self._forget_senders()

    def _forget_senders(self) -> None:
        """Takes those out of all vectors who have crashed, and of whom no message is kept, and no view needs one."""
        for name in [name for name in self._remembered if not self._needed.get(name)]:
            self._remembered.remove(name)
            self._needed.pop(name, None)
            for process in self._processes.values():
                process.seen.pop(name, None)
                process.news.pop(name, None)
                process.heard_of_forgotten += name in process.heard
                process.heard.discard(name)
            for message in self._kept.values():
                message.news.pop(name, None)
                message.past.pop(name, None)

    # -- helpers

    def _new_process(self, name: str) -> Process:
        must(name not in self._crashed, "no event comes after a crash")
        process = self._processes[name] = Process(name)
        return process

    def _group(self, name: str) -> Group:
        group = self._groups.get(name)
        if group is None:
            must(name not in self._no_groups, "a name in a list is that of a group or of a process")
            group = self._groups[name] = Group(name)
        return group


def _own_memberships(process: Process, to: tuple[str, ...]) -> list[Member]:
    """Returns the memberships of a process in those groups of a list of which it has a view now."""
    memberships = process.memberships
    return [memberships[name] for name in to if name in memberships and memberships[name].view is not None]
