"""The witness: what processes may see, written down with sets and causal pasts only.

It is told what happens, one event after the other, as the processes see it, and what the application asks
for.  It says ``Broken`` at the first event that breaks a rule.  It uses nothing of the implementation and
nothing of the judge: processes, messages and payloads are text, views are tuples.  Where a rule is one of
VSProperties it bears that name; the others are named in ``OWN_RULES``.

Spec: VSProperties.
Paper: Birman and Joseph 1987, sections 2.2, 2.4, 3.1, 3.2 and 3.4.
"""

from __future__ import annotations

from collections import defaultdict

#: The rules of the witness that are no formula of VSProperties.
OWN_RULES = {
    "AgeOrder": "who stays keeps the rank among those who stay; who comes is younger, and comes but once",
    "AgreementOnViews": "a number stands for one view, members and order, whoever installs it",
    "FlushIsSafe": "when flush returns, all members of the view have delivered what came before the call",
    "LeaveIsClean": "who leaves has multicast all that was asked of it before",
    "NoViewSkipped": "a process installs each view from its first on, one after the other",
    "NothingInvented": "what is multicast is what the application asked for, once each and in that order",
    "SelfDelivery": "a process that runs has delivered its own multicasts",
    "Settling": "in calm, with a majority left, all come together in one view and nothing is left waiting",
    "Silence": "who has crashed or left does nothing more",
}


class Broken(AssertionError):
    """A rule is broken.  ``guarantee`` is its name."""

    def __init__(self, guarantee: str, sentence: str) -> None:
        super().__init__(f"{guarantee}: {sentence}")
        self.guarantee = guarantee


class Demands:
    """Where rules are demanded.  ``only``, if given, is the one rule that counts."""

    def __init__(self, only: str | None = None) -> None:
        self.only = only

    def demand(self, guarantee: str, holds: bool, sentence: str) -> None:
        """Raise ``Broken`` if the rule does not hold and counts."""
        if not holds and self.only in (None, guarantee):
            raise Broken(guarantee, sentence)


class Witness(Demands):
    """What all processes have seen so far, and whether they may.

    ``causal``: whether messages have to be delivered after their causes.
    """

    def __init__(self, only: str | None = None, *, causal: bool = True) -> None:
        super().__init__(only)
        self.causal = causal
        self.views: dict[int, tuple[str, ...]] = {}
        self.running: set[str] = set()
        self.gone: set[str] = set()
        #: The number of the view that each process is in.
        self.view_of: dict[str, int] = {}
        #: Of each message: its sender and its view; and all that may have caused it.
        self.origin: dict[str, tuple[str, int]] = {}
        self.past: dict[str, frozenset[str]] = {}
        #: All that may cause what a process does next.
        self.seen: dict[str, frozenset[str]] = defaultdict(frozenset)
        #: What each process has delivered in each view, in order.
        self.deliveries: dict[tuple[str, int], list[str]] = defaultdict(list)
        #: Who was the first to go from one view to another, and what it had delivered.
        self.parted: dict[tuple[int, int], tuple[str, frozenset[str]]] = {}
        #: The payloads that each process was asked to multicast, and the messages that became of them.
        self.asked: dict[str, list[str]] = defaultdict(list)
        self.begun: dict[str, list[str]] = defaultdict(list)
        #: Of each call of flush that has not returned: how many multicasts were asked for before it.
        self.flushing: dict[tuple[str, int], int] = {}

    # -- What the application asks --------------------------------------------------------------

    def asks(self, p: str, payload: str) -> None:
        """The application asks p to multicast."""
        self.asked[p].append(payload)

    def calls_flush(self, p: str, ticket: int) -> None:
        """The application calls the primitive flush of p."""
        self.flushing[p, ticket] = len(self.asked[p])

    # -- What happens ---------------------------------------------------------------------------

    def joins(self, p: str) -> None:
        """p starts."""
        self.demand("Silence", p not in self.gone, f"{p} joins after its end")
        self.running.add(p)

    def installs(self, p: str, number: int, members: tuple[str, ...]) -> None:
        """p installs a view."""
        self.demand("Silence", p in self.running, f"{p} installs view {number} but does not run")
        self.demand("SelfInclusion", p in members, f"{p} is not in its view {number}: {members}")
        agreed = self.views.setdefault(number, members)
        same = agreed == members
        self.demand("AgreementOnViews", same, f"view {number} is {agreed} and, for {p}, {members}")
        for before in (number - 1, number):
            if before in self.views and before + 1 in self.views:
                self._aged(before, self.views[before], self.views[before + 1])
        old = self.view_of.get(p, 0)
        self.demand("NoViewSkipped", old in (0, number - 1), f"{p} goes from view {old} to {number}")
        if old:
            self._parts(p, old, number)
        self.view_of[p] = number

    def _aged(self, number: int, old: tuple[str, ...], new: tuple[str, ...]) -> None:
        stay = tuple(p for p in old if p in new)
        came = [p for p in new if p not in old]
        again = [p for p in came if any(p in self.views[k] for k in self.views if k < number)]
        self.demand("AgeOrder", new[: len(stay)] == stay, f"view {number} is {old}, the next one {new}")
        self.demand("AgeOrder", not again, f"{again} come back in view {number + 1}")

    def _parts(self, p: str, old: int, new: int) -> None:
        """p is done with its old view."""
        mine = frozenset(self.deliveries[p, old])
        other, theirs = self.parted.setdefault((old, new), (p, mine))
        self.demand(
            "VirtualSynchrony",
            mine == theirs,
            f"from view {old} to {new}, {p} has delivered {sorted(mine)} and {other} {sorted(theirs)}",
        )

    def multicasts(self, p: str, m: str, payload: str) -> None:
        """p multicasts m."""
        self.demand("Silence", p in self.running, f"{p} multicasts {m} but does not run")
        self.demand("InitialViewEvent", p in self.view_of, f"{p} multicasts {m} before its first view")
        self.demand("NoDuplication", m not in self.origin, f"{m} is multicast twice")
        number = len(self.begun[p])
        expected = self.asked[p][number] if number < len(self.asked[p]) else None
        self.demand("NothingInvented", payload == expected, f"{p} multicasts {payload!r}, not {expected!r}")
        self.begun[p].append(m)
        self.origin[m] = (p, self.view_of.get(p, 0))
        self.past[m] = self.seen[p]
        self.seen[p] |= {m}

    def delivers(self, p: str, m: str) -> None:
        """p delivers m."""
        self.demand("Silence", p in self.running, f"{p} delivers {m} but does not run")
        self.demand("DeliveryIntegrity", m in self.origin, f"{p} delivers {m}, which nobody multicast")
        sender, sent_in = self.origin.get(m, ("", 0))
        here = self.view_of.get(p, 0)
        same = here == sent_in
        self.demand("SendingViewDelivery", same, f"{p} delivers {m} of view {sent_in} in view {here}")
        before = self.deliveries[p, here]
        self.demand("NoDuplication", m not in before, f"{p} delivers {m} twice")
        past = self.past.get(m, frozenset())
        causes = {c for c in past if self.origin[c][1] == here} if self.causal else set()
        lacking = causes - set(before)
        fifo = {c for c in lacking if self.origin[c][0] == sender}
        self.demand("FIFO", not fifo, f"{p} delivers {m} before {sorted(fifo)} of the same sender")
        self.demand("Causal", not lacking, f"{p} delivers {m} without its causes {sorted(lacking)}")
        before.append(m)
        self.seen[p] |= past | {m}

    def flush_returns(self, p: str, ticket: int) -> None:
        """A call of flush by p returns."""
        count = self.flushing.pop((p, ticket), None)
        call = f"flush {ticket} of {p} returns"
        self.demand("FlushIsSafe", count is not None, f"{call}, but was not called, or returns again")
        count = count or 0
        self.demand("FlushIsSafe", len(self.begun[p]) >= count, f"{call} before its multicasts begin")
        here = self.view_of.get(p, 0)
        for m in self.begun[p][:count]:
            if self.origin[m][1] == here:
                lacking = [q for q in self.views.get(here, ()) if m not in self.deliveries[q, here]]
                self.demand("FlushIsSafe", not lacking, f"{call}, but {lacking} lack {m}")

    def leaves(self, p: str) -> None:
        """p leaves, as it asked to."""
        waiting = self.asked[p][len(self.begun[p]) :]
        self.demand("LeaveIsClean", not waiting, f"{p} leaves although {waiting} wait")
        self._ends(p)

    def crashes(self, p: str) -> None:
        """p crashes."""
        self._ends(p)

    def _ends(self, p: str) -> None:
        self.demand("Silence", p in self.running, f"{p} ends but does not run")
        self.running.discard(p)
        self.gone.add(p)
        for call in [call for call in self.flushing if call[0] == p]:
            del self.flushing[call]

    # -- After each move, and in the end --------------------------------------------------------

    def between_moves(self) -> None:
        """What holds whenever no step is under way."""
        for p in sorted(self.running):
            if here := self.view_of.get(p, 0):
                own = [m for m in self.begun[p] if self.origin[m][1] == here]
                lacking = [m for m in own if m not in self.deliveries[p, here]]
                self.demand("SelfDelivery", not lacking, f"{p} has not delivered its own {lacking}")

    def has_settled(self, members: set[str]) -> None:
        """In the end these processes are together, and nothing waits."""
        self.demand("Settling", self.running == members, f"{sorted(self.running)} run, not {sorted(members)}")
        places = {p: self.view_of.get(p, 0) for p in sorted(members)}
        self.demand("Settling", len(set(places.values())) <= 1, f"they are in different views: {places}")
        for p, number in places.items():
            view = self.views.get(number, ())
            self.demand("Settling", set(view) == members, f"view {number} is {view}, not {sorted(members)}")
            waiting = self.asked[p][len(self.begun[p]) :]
            self.demand("Settling", not waiting, f"{waiting} wait at {p}")
        contents = {frozenset(self.deliveries[p, number]) for p, number in places.items()}
        self.demand("Settling", len(contents) <= 1, f"they have delivered different messages: {contents}")
        waiting = sorted(f"{ticket} of {p}" for p, ticket in self.flushing)
        self.demand("Settling", not waiting, f"these calls of flush have not returned: {waiting}")
