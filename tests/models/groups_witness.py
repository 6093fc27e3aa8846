"""The witness of the whole system: what processes may see that are in several groups, or in none.

As ``witness``, it is told what happens as the processes see it and what applications ask for, and knows
nothing of the implementation or of the judge.  Processes, groups, messages and payloads are text.

Spec: VSProperties, VSGroups, Groups.
Paper: Birman and Joseph 1987, sections 2.4, 3.1, 3.2 and 3.4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise

from models.witness import Demands

#: The rules of processes and groups that are no formula of VSProperties and no rule of ``witness``.
GROUP_RULES = {
    "Admission": "who becomes a member has shown the credentials of the group, or has founded it",
    "SameMembership": "all who deliver a message to a group have the same view of the group then, members or not",
}
ORDERED = ("abcast", "uniform")


class GroupsWitness(Demands):
    """What all processes have seen so far, and whether they may."""

    def __init__(self, only: str | None = None) -> None:
        super().__init__(only)
        self.running: set[str] = set()
        self.gone: set[str] = set()
        self.views: dict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
        #: The number of the view of a group that a process is in.
        self.view_of: dict[tuple[str, str], int] = {}
        self.origin: dict[str, str] = {}
        self.to: dict[str, tuple[str, ...]] = {}
        self.kind: dict[str, str] = {}
        self.past: dict[str, frozenset[str]] = {}
        self.seen: dict[str, frozenset[str]] = defaultdict(frozenset)
        #: All that a process has delivered, in order.
        self.deliveries: dict[str, list[str]] = defaultdict(list)
        #: The members of each group that a message goes to, in the view in which it is delivered.
        self.membership: dict[tuple[str, str], int] = {}
        #: Who was the first to go from one view of a group to another, and what it had delivered in the first.
        self.parted: dict[tuple[str, int, int], tuple[str, list[str]]] = {}
        self.within: dict[tuple[str, str, int], list[str]] = defaultdict(list)
        self.asked: dict[str, list[str]] = defaultdict(list)
        self.begun: dict[str, list[str]] = defaultdict(list)
        self.settled: dict[str, int] = defaultdict(int)  # how many payloads have begun, or go to nobody
        self.flushing: dict[tuple[str, int], int] = {}
        self.leaving: dict[tuple[str, str], int] = {}
        self.joining: set[tuple[str, str]] = set()  # by name
        self.credentials: dict[tuple[str, str], set[str]] = defaultdict(set)  # what was shown, by process and name
        self.secret: dict[str, set[str]] = {}  # the credentials with which a group may have been founded
        #: The symbolic name of a group, as a member of it knows it.
        self.named: Callable[[str, str], str] = lambda p, group: group
        #: Whether the site of a process holds a message, so that the process will deliver it in time.
        self.holds: Callable[[str, str], bool] = lambda p, m: False

    # -- What applications ask ------------------------------------------------------------------

    def asks(self, p: str, payload: str) -> None:
        """The application asks p to multicast."""
        self.asked[p].append(payload)

    def calls_flush(self, p: str, ticket: int) -> None:
        """The application calls the primitive flush of p."""
        self.flushing[p, ticket] = len(self.asked[p])

    def would_join(self, p: str, name: str, credentials: str) -> None:
        """The application asks for p to join, or found, the group of this name."""
        self.joining.add((p, name))
        self.credentials[p, name].add(credentials)

    def would_leave(self, p: str, group: str) -> None:
        """The application asks for p to leave."""
        if (p, group) in self.view_of:
            self.leaving.setdefault((p, group), len(self.asked[p]))

    # -- What happens ---------------------------------------------------------------------------

    def starts(self, p: str) -> None:
        """p starts."""
        self.demand("Silence", p not in self.gone, f"{p} starts after its end")
        self.running.add(p)

    def installs(self, p: str, group: str, number: int, members: tuple[str, ...]) -> None:
        """p installs a view of a group."""
        self._alive(p, f"installs view {number} of {group}")
        self.demand("SelfInclusion", p in members, f"{p} is not in its view {number} of {group}: {members}")
        views = self.views[group]
        first = not views
        agreed = views.setdefault(number, members)
        self.demand("AgreementOnViews", agreed == members, f"view {number} of {group} is {agreed}; for {p}: {members}")
        for before, after in pairwise(sorted(views)):
            if after == before + 1:
                self._aged(group, views[before], views[after])
        old = self.view_of.get((p, group), 0)
        self.demand("NoViewSkipped", old in (0, number - 1), f"{p} goes from view {old} of {group} to {number}")
        if old:
            self._parts(p, group, old, number)
        else:
            self._admitted(p, group, first)
        self.view_of[p, group] = number

    def _aged(self, group: str, old: tuple[str, ...], new: tuple[str, ...]) -> None:
        stay = tuple(p for p in old if p in new)
        self.demand("AgeOrder", new[: len(stay)] == stay, f"after {old}, {group} is {new}")

    def _admitted(self, p: str, group: str, first: bool) -> None:
        name = self.named(p, group)
        shown = self.credentials[p, name]
        if first:
            self.secret[group] = set(shown)
        self.demand("Admission", bool(shown & self.secret[group]), f"{p} is in {group}, but has shown {sorted(shown)}")
        self.joining.discard((p, name))

    def _parts(self, p: str, group: str, old: int, new: int) -> None:
        """p is done with its old view of the group."""
        mine = self.within[p, group, old]
        other, theirs = self.parted.setdefault((group, old, new), (p, list(mine)))
        where = f"from view {old} of {group} to {new}"
        self.demand(
            "VirtualSynchrony",
            set(mine) == set(theirs),
            f"{where}, {p} has delivered {sorted(mine)} and {other} {sorted(theirs)}",
        )
        self._same_order(p, mine, other, theirs)

    def _same_order(self, p: str, mine: list[str], q: str, theirs: list[str]) -> None:
        both = set(mine) & set(theirs)
        one = [m for m in mine if self.kind[m] in ORDERED and m in both]
        other = [m for m in theirs if self.kind[m] in ORDERED and m in both]
        self.demand("WeakTotalOrder", one == other, f"{p} has delivered {one}, and {q} {other}")

    def multicasts(self, p: str, m: str, payload: str, to: tuple[str, ...], kind: str) -> None:
        """p multicasts m to these groups and processes."""
        self._alive(p, f"multicasts {m}")
        self.demand("NoDuplication", m not in self.origin, f"{m} is multicast twice")
        self._next_asked(p, payload)
        self.begun[p].append(m)
        self.origin[m], self.to[m], self.kind[m] = p, to, kind
        self.past[m] = self.seen[p]
        self.seen[p] |= {m}

    def lacks_destinations(self, p: str, payload: str) -> None:
        """What p was asked to multicast goes to nobody."""
        self._next_asked(p, payload)

    def _next_asked(self, p: str, payload: str) -> None:
        number = self.settled[p]
        expected = self.asked[p][number] if number < len(self.asked[p]) else None
        self.demand("NothingInvented", payload == expected, f"{p} multicasts {payload!r}, not {expected!r}")
        self.settled[p] += 1

    def delivers(self, p: str, m: str) -> None:
        """p delivers m."""
        self._alive(p, f"delivers {m}")
        self.demand("DeliveryIntegrity", m in self.origin, f"{p} delivers {m}, which nobody multicast")
        if m not in self.origin:
            return
        before = self.deliveries[p]
        self.demand("NoDuplication", m not in before, f"{p} delivers {m} twice")
        groups = [group for group in self.to[m] if (p, group) in self.view_of]
        addressed = p in self.to[m] or bool(groups)
        self.demand("Addressed", addressed, f"{p} delivers {m}, which is for {self.to[m]}")
        for group in groups:
            here = self.view_of[p, group]
            agreed = self.membership.setdefault((m, group), here)
            sentence = f"{m} is delivered in view {agreed} of {group}, and by {p} in view {here}"
            self.demand("SameMembership", agreed == here, sentence)
            self.within[p, group, here].append(m)
        late = [x for x in before if m in self.past[x]]
        fifo = [x for x in late if self.origin[x] == self.origin[m]]
        self.demand("FIFO", not fifo, f"{p} delivers {m} after {fifo}, which its sender multicast later")
        self.demand("Causal", not late, f"{p} delivers {m} after {late}, which it caused")
        if self.kind[m] == "uniform":
            self._in_one_order(p, m, before)
        before.append(m)
        self.seen[p] |= self.past[m] | {m}

    def _in_one_order(self, p: str, m: str, before: list[str]) -> None:
        uniform = {x for x in before if self.kind[x] == "uniform"}
        for q, delivered in self.deliveries.items():
            if m in delivered:
                later = uniform & set(delivered[delivered.index(m) :])
                self.demand("StrongTotalOrder", not later, f"{p} delivers {sorted(later)} before {m}, and {q} after it")

    def flush_returns(self, p: str, ticket: int) -> None:
        """A call of flush by p returns: what came before it is delivered, or at least held, where it goes."""
        count = self.flushing.pop((p, ticket), None)
        call = f"flush {ticket} of {p} returns"
        self.demand("FlushIsSafe", count is not None, f"{call}, but was not called, or returns again")
        self.demand("FlushIsSafe", self.settled[p] >= (count or 0), f"{call} before its multicasts begin")
        for m in self.begun[p][: count or 0]:
            for group in self.to[m]:
                number = self.membership.get((m, group))
                members = self.views[group][number] if number else ()
                there = [q for q in members if self.view_of.get((q, group)) == number and q in self.running]
                lacking = [q for q in there if m not in self.deliveries[q] and not self.holds(q, m)]
                self.demand("FlushIsSafe", not lacking, f"{call}, but {lacking} lack {m}")

    def refused(self, p: str, name: str) -> None:
        """p does not become a member of the group of this name."""
        self._alive(p, "is refused")
        self.joining.discard((p, name))

    def leaves(self, p: str, group: str) -> None:
        """p leaves a group, as it asked to."""
        self._alive(p, f"leaves {group}")
        count = self.leaving.pop((p, group), None)
        self.demand("LeaveIsClean", count is not None, f"{p} leaves {group} and was not asked to")
        waiting = self.asked[p][self.settled[p] : count or 0]
        self.demand("LeaveIsClean", not waiting, f"{p} leaves {group} although {waiting} wait")
        self.view_of.pop((p, group), None)

    def crashes(self, p: str) -> None:
        """p crashes."""
        self._alive(p, "crashes")
        self.running.discard(p)
        self.gone.add(p)
        for call in [call for call in self.flushing if call[0] == p]:
            del self.flushing[call]
        self.joining = {each for each in self.joining if each[0] != p}
        for place in [place for place in self.view_of if place[0] == p]:
            del self.view_of[place]

    def _alive(self, p: str, what: str) -> None:
        self.demand("Silence", p in self.running, f"{p} {what} but does not run")

    # -- After each move, and in the end --------------------------------------------------------

    def between_moves(self) -> None:
        """What holds whenever no step is under way: a CBCAST is delivered to oneself at once."""
        for p in sorted(self.running):
            lacking = [m for m in self.begun[p][-3:] if self.kind[m] == "cbcast" and p in self.to[m]]
            lacking = [m for m in lacking if m not in self.deliveries[p]]
            self.demand("SelfDelivery", not lacking, f"{p} has not delivered its own {lacking}")

    def has_settled(self) -> None:
        """In the end the members of each group are together, and nothing waits."""
        for group, views in self.views.items():
            inside = {p: number for (p, of), number in self.view_of.items() if of == group}
            if not inside:
                continue
            one = set(inside.values()) == {max(views)}
            self.demand("Settling", one, f"the members of {group} are in different views: {inside}")
            same = set(views[max(views)]) == inside.keys()
            self.demand("Settling", same, f"{group} is {views[max(views)]}, and {sorted(inside)} are in it")
            contents = {frozenset(self.within[p, group, number]) for p, number in inside.items()}
            self.demand("Settling", len(contents) <= 1, f"members of {group} have delivered differently: {contents}")
            for p in inside:
                for q in inside:
                    self._same_order(p, self.deliveries[p], q, self.deliveries[q])
        for p in sorted(self.running):
            waiting = self.asked[p][self.settled[p] :]
            self.demand("Settling", not waiting, f"{waiting} wait at {p}")
            for m in self.begun[p]:
                lacking = [q for q in self.to[m] if q in self.running and m not in self.deliveries[q]]
                self.demand("Settling", not lacking, f"{lacking} have not delivered {m} of {p}, which runs")
        self.demand("Settling", not self.flushing, f"these calls of flush have not returned: {sorted(self.flushing)}")
        self.demand("Settling", not self.joining, f"these wait to join: {sorted(self.joining)}")
