"""The witness where multicasts go to lists of members, and are of several kinds.

Spec: ListProperties, ListLiveness.
Paper: Birman and Joseph 1987, sections 3.1 and 3.2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from models.witness import Witness

#: The kinds of multicasts that have a total order among them.
ORDERED = ("abcast", "uniform")

#: The rules of multicasts to lists, by the names of the formulas in VSProperties and ListLiveness.
LIST_RULES = {
    "Addressed": "only its destinations deliver a message",
    "GBCASTOrder": "all who deliver a GBCAST have delivered the same before it",
    "ReliableTotalOrder": "who delivers a uniform message leaves out none that comes before it",
    "StrongTotalOrder": "all who deliver uniform messages deliver them in one order",
    "TerminationOfDelivery": "in the end all destinations have delivered what was multicast in the last view",
    "WeakTotalOrder": "those who go on together have delivered what is ordered in one order",
}


class ListWitness(Witness):
    """What members may see of multicasts to lists."""

    def __init__(self, only: str | None = None) -> None:
        super().__init__(only)
        self.to: dict[str, frozenset[str]] = {}
        self.kind: dict[str, str] = {}
        #: Whether a member holds a message, so that it will deliver it in time.
        self.holds: Callable[[str, str], bool] = lambda q, m: False
        #: Who has gone from one view to another, each with what it had delivered, in order.
        self.gone_on: dict[tuple[int, int], list[tuple[str, list[str]]]] = defaultdict(list)
        #: Who has delivered a GBCAST, each with what it had delivered before.
        self.before: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)

    def begins(self, p: str, m: str, payload: str, to: frozenset[str], kind: str) -> None:
        """p multicasts m to these."""
        self.to[m], self.kind[m] = to, kind
        self.multicasts(p, m, payload)

    def delivers(self, p: str, m: str) -> None:
        """p delivers m."""
        self.demand("Silence", p in self.running, f"{p} delivers {m} but does not run")
        self.demand("DeliveryIntegrity", m in self.origin, f"{p} delivers {m}, which nobody multicast")
        self.demand("Addressed", p in self.to.get(m, ()), f"{p} delivers {m}, which is not for it")
        sender, sent_in = self.origin.get(m, ("", 0))
        here = self.view_of.get(p, 0)
        self.demand("SendingViewDelivery", here == sent_in, f"{p} delivers {m} of view {sent_in} in view {here}")
        before = self.deliveries[p, here]
        self.demand("NoDuplication", m not in before, f"{p} delivers {m} twice")
        causes = {c for c in self.past.get(m, ()) if self.origin[c][1] == here and p in self.to[c]}
        lacking = causes - set(before)
        fifo = {c for c in lacking if self.origin[c][0] == sender}
        self.demand("FIFO", not fifo, f"{p} delivers {m} before {sorted(fifo)} of the same sender")
        self.demand("Causal", not lacking, f"{p} delivers {m} without its causes {sorted(lacking)}")
        if self.kind[m] == "uniform":
            self._in_one_order(p, m, before)
        if self.kind[m] == "gbcast":
            self._alone(p, m, before)
        before.append(m)
        self.seen[p] |= self.past.get(m, frozenset()) | {m}

    def _in_one_order(self, p: str, m: str, before: list[str]) -> None:
        """All who deliver uniform messages deliver them in the same order, and leave none out."""
        here = self.view_of.get(p, 0)
        for (q, view), delivered in self.deliveries.items():
            if view != here or q == p or m not in delivered:
                continue
            first = {x for x in delivered[: delivered.index(m)] if self.kind[x] == "uniform" and p in self.to[x]}
            later = {x for x in delivered[delivered.index(m) :] if self.kind[x] == "uniform" and x in before}
            self.demand("StrongTotalOrder", not later, f"{p} delivers {sorted(later)} before {m}, and {q} after it")
            left = first - set(before)
            self.demand("ReliableTotalOrder", not left, f"{p} delivers {m} without {sorted(left)}, unlike {q}")

    def _alone(self, p: str, m: str, before: list[str]) -> None:
        """All who deliver a GBCAST have delivered the same before it."""
        for q, theirs in self.before[m]:
            mine_for_both = {x for x in before if q in self.to[x]}
            theirs_for_both = {x for x in theirs if p in self.to[x]}
            differing = sorted(mine_for_both ^ theirs_for_both)
            self.demand("GBCASTOrder", not differing, f"before {m} only one of {p} and {q} has delivered {differing}")
        self.before[m].append((p, list(before)))

    def _parts(self, p: str, old: int, new: int) -> None:
        mine = self.deliveries[p, old]
        for q, theirs in self.gone_on[old, new]:
            mine_for_both = [x for x in mine if q in self.to[x]]
            theirs_for_both = [x for x in theirs if p in self.to[x]]
            differing = sorted(set(mine_for_both) ^ set(theirs_for_both))
            sentence = f"from view {old} to {new} only one of {p} and {q} has delivered {differing}"
            self.demand("VirtualSynchrony", not differing, sentence)
            self._same_order(p, mine_for_both, q, theirs_for_both)
        self.gone_on[old, new].append((p, list(mine)))

    def _same_order(self, p: str, mine: list[str], q: str, theirs: list[str]) -> None:
        one = [x for x in mine if self.kind[x] in ORDERED]
        other = [x for x in theirs if self.kind[x] in ORDERED]
        self.demand("WeakTotalOrder", one == other, f"{p} has delivered {one}, and {q} {other}")

    def between_moves(self) -> None:
        """What holds whenever no step is under way: a CBCAST is delivered to oneself at once."""
        for p in sorted(self.running):
            if here := self.view_of.get(p, 0):
                own = [m for m in self.begun[p] if self.origin[m][1] == here and self.kind[m] == "cbcast"]
                lacking = [m for m in own if p in self.to[m] and m not in self.deliveries[p, here]]
                self.demand("SelfDelivery", not lacking, f"{p} has not delivered its own {lacking}")

    def flush_returns(self, p: str, ticket: int) -> None:
        """A call of flush by p returns: what came before it is delivered, or at least held, where it goes.

        (Held is enough at the end of an epoch, as at that of a view: who holds it will deliver it before.)
        """
        count = self.flushing.pop((p, ticket), None)
        call = f"flush {ticket} of {p} returns"
        self.demand("FlushIsSafe", count is not None, f"{call}, but was not called, or returns again")
        self.demand("FlushIsSafe", len(self.begun[p]) >= (count or 0), f"{call} before its multicasts begin")
        here = self.view_of.get(p, 0)
        for m in self.begun[p][: count or 0]:
            if self.origin[m][1] == here:
                lacking = sorted(q for q in self.to[m] if m not in self.deliveries[q, here] and not self.holds(q, m))
                self.demand("FlushIsSafe", not lacking, f"{call}, but {lacking} lack {m}")

    def has_settled(self, members: set[str]) -> None:
        """In the end these are together, and nothing waits."""
        self.demand("Settling", self.running == members, f"{sorted(self.running)} run, not {sorted(members)}")
        places = {p: self.view_of.get(p, 0) for p in sorted(members)}
        self.demand("Settling", len(set(places.values())) <= 1, f"they are in different views: {places}")
        for p, number in places.items():
            waiting = self.asked[p][len(self.begun[p]) :]
            self.demand("Settling", not waiting, f"{waiting} wait at {p}")
            for m in self.begun[p]:
                if self.origin[m][1] == number:
                    lacking = sorted(q for q in self.to[m] if m not in self.deliveries[q, number])
                    self.demand("TerminationOfDelivery", not lacking, f"{lacking} have not delivered {m} of {p}")
            for q, other in places.items():
                mine = [m for m in self.deliveries[p, number] if q in self.to[m]]
                theirs = [m for m in self.deliveries[q, other] if p in self.to[m]]
                self._same_order(p, mine, q, theirs)
        waiting = sorted(f"{ticket} of {p}" for p, ticket in self.flushing)
        self.demand("Settling", not waiting, f"these calls of flush have not returned: {waiting}")
