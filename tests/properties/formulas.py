"""The formulas of VSProperties, transcribed word by word into sets and loops, for the tests only.

Slow and simple, and independent of the judges: it shares no code with them but the classes of the events. It
evaluates every formula on every prefix of a sequence of events.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import NamedTuple

from vsync.check.trace import NO_VIEW, Installed, ServiceEvent, View


class Entry(NamedTuple):
    """An element of a history."""

    event: str
    view: View
    message: str | None
    past: frozenset[str]


class History:
    """The variable `history`, and the operators of VSProperties on it."""

    def __init__(self) -> None:
        self.of: dict[str, list[Entry]] = {}

    def append(self, event: ServiceEvent) -> None:
        own = self.of.setdefault(event.process, [])
        message = getattr(event, "message", None)
        view = event.view if isinstance(event, Installed) else self.current_view(event.process)
        past = self.causal_past(event.process) if event.kind == "multicast" else frozenset()
        own.append(Entry(event=event.kind, view=view, message=message, past=past))

    def current_view(self, p: str) -> View:
        if not self.of[p] or self.of[p][-1].event == "leave":
            return NO_VIEW
        return self.of[p][-1].view

    def causal_past(self, p: str) -> frozenset[str]:
        own = {e.message for e in self.of[p] if e.message is not None}
        causes = {m for f in self.happened("multicast") if f[2].message in own for m in f[2].past}
        return frozenset(own | causes)

    def places(self, p: str, *kinds: str) -> list[int]:
        return [i for i, e in enumerate(self.of[p]) if e.event in kinds]

    def happened(self, kind: str) -> list[tuple[str, int, Entry]]:
        return [(p, i, self.of[p][i]) for p in self.of for i in self.places(p, kind)]

    def transitions(self) -> Iterator[tuple[str, View, View, frozenset[str]]]:
        for p, h in self.of.items():
            for i, j in product(self.places(p, "install"), repeat=2):
                between = h[i + 1 : j]
                if i < j and not any(e.event in ("install", "leave") for e in between):
                    delivered = frozenset(e.message or "" for e in between if e.event == "deliver")
                    yield p, h[i].view, h[j].view, delivered


def self_inclusion(h: History) -> bool:
    return all(p in e.view.members for p, _, e in h.happened("install"))


def local_monotonicity(h: History) -> bool:
    return all(
        h.of[p][i].view.id < h.of[p][j].view.id
        for p in h.of
        for i, j in product(h.places(p, "install"), repeat=2)
        if i < j
    )


def initial_view_event(h: History) -> bool:
    return all(e.view != NO_VIEW for _, _, e in h.happened("multicast") + h.happened("deliver"))


def primary_component_membership(h: History) -> bool:
    for (_, _, e), (_, _, f) in product(h.happened("install"), repeat=2):
        v, w = e.view, f.view
        if v.id == w.id and set(v.members) != set(w.members):
            return False
        if w.id == v.id + 1 and not set(v.members) & set(w.members):
            return False
    return True


def agreement_on_successors(h: History) -> bool:
    moves = list(h.transitions())
    return all(s[2].id == t[2].id for s, t in product(moves, repeat=2) if s[1].id == t[1].id)


def rank_agreement(h: History) -> bool:
    views = [e.view for _, _, e in h.happened("install")]
    return all(
        v.members == w.members for v, w in product(views, repeat=2) if v.id == w.id and set(v.members) == set(w.members)
    )


def delivery_integrity(h: History) -> bool:
    return all(any(f.message == e.message for _, _, f in h.happened("multicast")) for _, _, e in h.happened("deliver"))


def no_duplication(h: History) -> bool:
    multicasts = h.happened("multicast")
    once = all((e[0], e[1]) == (f[0], f[1]) for e in multicasts for f in multicasts if e[2].message == f[2].message)
    return once and all(
        i == j
        for p in h.of
        for i, j in product(h.places(p, "deliver"), repeat=2)
        if h.of[p][i].message == h.of[p][j].message
    )


def sending_view_delivery(h: History) -> bool:
    return all(
        e.view.id == f.view.id
        for (_, _, e), (_, _, f) in product(h.happened("deliver"), h.happened("multicast"))
        if e.message == f.message
    )


def same_view_delivery(h: History) -> bool:
    return all(
        e.view.id == f.view.id
        for (_, _, e), (_, _, f) in product(h.happened("deliver"), repeat=2)
        if e.message == f.message
    )


def virtual_synchrony(h: History) -> bool:
    moves = list(h.transitions())
    return all(s[3] == t[3] for s, t in product(moves, repeat=2) if s[1].id == t[1].id and s[2].id == t[2].id)


def transitional_set(h: History) -> bool:
    moves = list(h.transitions())
    return all(s[1].id == t[1].id for s, t in product(moves, repeat=2) if s[2].id == t[2].id and t[0] in s[1].members)


Pairs = list[tuple[Entry, Entry]]


def sent(h: History) -> Pairs:
    multicasts = h.happened("multicast")
    return [(e[2], f[2]) for e, f in product(multicasts, repeat=2) if e[0] == f[0] and e[1] < f[1]]


def caused(h: History) -> Pairs:
    multicasts = h.happened("multicast")
    return [(e[2], f[2]) for e, f in product(multicasts, repeat=2) if e[2].message in f[2].past]


def delivered_in_order(h: History, pairs: Pairs) -> bool:
    before = {(m.message, n.message) for m, n in pairs if m.message != n.message}
    return not any(
        (h.of[p][j].message, h.of[p][i].message) in before
        for p in h.of
        for i, j in product(h.places(p, "deliver"), repeat=2)
        if i < j
    )


def nothing_skipped(h: History, pairs: Pairs) -> bool:
    in_one_view = [(m.message, n.message) for m, n in pairs if m.view.id == n.view.id]
    for p in h.of:
        for k in h.places(p, "install", "crash", "leave"):
            delivered = {e.message for e in h.of[p][:k] if e.event == "deliver"}
            if any(n in delivered and m not in delivered for m, n in in_one_view):
                return False
    return True


FORMULAS: dict[str, Callable[[History], bool]] = {
    "SelfInclusion": self_inclusion,
    "LocalMonotonicity": local_monotonicity,
    "InitialViewEvent": initial_view_event,
    "PrimaryComponentMembership": primary_component_membership,
    "AgreementOnSuccessors": agreement_on_successors,
    "RankAgreement": rank_agreement,
    "DeliveryIntegrity": delivery_integrity,
    "NoDuplication": no_duplication,
    "SendingViewDelivery": sending_view_delivery,
    "SameViewDelivery": same_view_delivery,
    "VirtualSynchrony": virtual_synchrony,
    "TransitionalSet": transitional_set,
    "FIFO": lambda h: delivered_in_order(h, sent(h)),
    "ReliableFIFO": lambda h: nothing_skipped(h, sent(h)),
    "Causal": lambda h: delivered_in_order(h, caused(h)),
    "ReliableCausal": lambda h: nothing_skipped(h, caused(h)),
}


def first_false(events: Iterable[ServiceEvent]) -> dict[str, int]:
    """Returns, for each formula that is false on some prefix, the line of the last event of the shortest
    one."""
    history, found = History(), dict[str, int]()
    for event in events:
        if event.kind in ("install", "multicast", "deliver", "leave", "crash"):
            history.append(event)
            for name, formula in FORMULAS.items():
                if name not in found and not formula(history):
                    found[name] = event.line
    return found
