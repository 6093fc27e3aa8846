"""The formulas of VSProperties and VSGroups, transcribed word by word into sets and loops, for the tests only.

Slow and simple, and independent of the judges: it shares no code with them but the classes of the events. It
evaluates every formula on every prefix of a sequence of events.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import NamedTuple

from vsync.check.trace import NO_VIEW, Delivered, Installed, Left, Multicasted, ServiceEvent, Stated, ToldSafe, View

Key = tuple[str, str]
ABCASTS = {"abcast", "uniform"}


class Entry(NamedTuple):
    """An element of a history."""

    event: str
    view: View
    message: Key | None
    past: frozenset[Key]
    primitive: str = "cbcast"
    state: tuple[int, str] | None = None
    sender: str | None = None


class Logged(NamedTuple):
    """An element of a log: the event, the group it names, its destinations, the views of the process."""

    entry: Entry
    group: str | None
    to: frozenset[str]
    views: dict[str, View]


class History:
    """The variable `history`, and the operators of VSProperties on it."""

    def __init__(self) -> None:
        self.of: dict[str, list[Entry]] = {}

    def append(self, event: ServiceEvent, primitive: str = "cbcast") -> Entry:
        own = self.of.setdefault(event.process, [])
        message = (event.group, event.message) if isinstance(event, Multicasted | Delivered | ToldSafe) else None
        view = event.view if isinstance(event, Installed) else self.current_view(event.process)
        past = self.causal_past(event.process) if event.kind == "multicast" else frozenset()
        state = (event.view, event.state) if isinstance(event, Stated) else None
        sender = event.sender if isinstance(event, Delivered) else None
        own.append(Entry(event.kind, view, message, past, primitive, state, sender))
        return own[-1]

    def current_view(self, p: str) -> View:
        if not self.of[p] or self.of[p][-1].event == "leave":
            return NO_VIEW
        return self.of[p][-1].view

    def causal_past(self, p: str) -> frozenset[Key]:
        own = {e.message for e in self.of[p] if e.event in ("multicast", "deliver") and e.message is not None}
        causes = {m for f in self.happened("multicast") if f[2].message in own for m in f[2].past}
        return frozenset(own | causes)

    def places(self, p: str, *kinds: str) -> list[int]:
        return [i for i, e in enumerate(self.of[p]) if e.event in kinds]

    def happened(self, kind: str) -> list[tuple[str, int, Entry]]:
        return [(p, i, self.of[p][i]) for p in self.of for i in self.places(p, kind)]

    def steps(self) -> Iterator[tuple[str, int, int]]:
        for p, h in self.of.items():
            for i, j in product(self.places(p, "install"), repeat=2):
                if i < j and not any(e.event in ("install", "leave") for e in h[i + 1 : j]):
                    yield p, i, j

    def transitions(self) -> Iterator[tuple[str, View, View, frozenset[Key | None]]]:
        for p, i, j in self.steps():
            h = self.of[p]
            delivered = frozenset(e.message for e in h[i + 1 : j] if e.event == "deliver")
            yield p, h[i].view, h[j].view, delivered


class Log:
    """The variable `log`, and the operators of VSGroups on it."""

    def __init__(self) -> None:
        self.of: dict[str, list[Logged]] = {}
        self.whole = History()
        self.groups: set[str] = set()
        self.multicasts: dict[Key, Multicasted] = {}

    def append(self, event: ServiceEvent) -> None:
        group: str | None = getattr(event, "group", None)
        primitive, to = "cbcast", set() if group is None else {group}
        if isinstance(event, Multicasted | Delivered | ToldSafe):
            key = (event.group, event.message)
            if isinstance(event, Multicasted):
                self.multicasts.setdefault(key, event)
            origin = event if isinstance(event, Multicasted) else self.multicasts.get(key)
            if origin is not None:
                primitive = origin.primitive
                if origin.to is not None:
                    group, to = None, set(origin.to) & (self.groups | {event.process})
        if group is not None:
            self.groups.add(group)
        entry = self.whole.append(event, primitive)
        own = self.of.setdefault(event.process, [])
        views = dict(own[-1].views) if own else {}
        if isinstance(event, Installed | Left):
            before, views[event.group] = views.get(event.group, NO_VIEW), entry.view
            if isinstance(event, Left):
                entry, views[event.group] = entry._replace(view=before), NO_VIEW
        own.append(Logged(entry, group, frozenset(to), views))

    def belongs(self, p: str, x: Logged, g: str) -> bool:
        inside = x.views.get(g, NO_VIEW) != NO_VIEW
        match x.entry.event:
            case "crash":
                return True
            case "install" | "leave" | "state":
                return x.group == g
            case "multicast":
                return g in x.to and (x.group is not None or inside)
            case _:
                astray = p not in x.to and all(x.views.get(h, NO_VIEW) == NO_VIEW for h in x.to)
                return g in x.to and (x.group is not None or inside or astray)

    def projected(self, g: str) -> History:
        history = History()
        for p, log in self.of.items():
            own = history.of[p] = []
            for x in log:
                aside = x.entry.event == "deliver" and x.entry.primitive in ABCASTS
                belongs = self.belongs(p, x, g)
                if belongs or aside:
                    own_view = x.entry.event in ("install", "leave")
                    view = x.entry.view if own_view else x.views.get(g, NO_VIEW)
                    event = x.entry.event if belongs else "aside"
                    own.append(x.entry._replace(view=view, event=event))
        return history


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


def sender_integrity(h: History) -> bool:
    return all(
        e.sender in (None, sender)
        for (_, _, e), (sender, _, m) in product(h.happened("deliver"), h.happened("multicast"))
        if e.message == m.message
    )


def state_at_join(h: History) -> bool:
    states = [e.state for _, _, e in h.happened("state") if e.state is not None]
    return all(s == t for s, t in product(states, repeat=2) if s[0] == t[0])


def clean_failure(h: History) -> bool:
    return all(
        sender in e.view.members
        for (sender, _, m), (_, _, e) in product(h.happened("multicast"), h.happened("deliver"))
        if m.message == e.message and m.view != NO_VIEW and m.view.id < e.view.id
    )


def safe_indication(h: History) -> bool:
    for (_, _, s), (_, _, d) in product(h.happened("safe"), h.happened("deliver")):
        if s.message == d.message:
            ends = [(p, j) for p, i, j in h.steps() if h.of[p][i].view.id == d.view.id]
            ends += [(p, j) for p, j, e in h.happened("leave") if e.view.id == d.view.id]
            for q, k in ends:
                had = {e.message for e in h.of[q][:k] if e.event == "deliver"}
                if q in d.view.members and d.message not in had:
                    return False
    return True


def delivery_order(h: History, p: str, i: int, j: int, primitives: set[str]) -> set[tuple[Key | None, Key | None]]:
    delivered = [e.message for e in h.of[p][i:j] if e.event in ("deliver", "aside") and e.primitive in primitives]
    return {(a, b) for k, a in enumerate(delivered) for b in delivered[k + 1 :] if a != b}


def weak_total_order(h: History) -> bool:
    moves = [(h.of[p][i].view.id, h.of[p][j].view.id, delivery_order(h, p, i, j, ABCASTS)) for p, i, j in h.steps()]
    return all(without_circle({c for t in moves if t[:2] == ends for c in t[2]}) for ends in {t[:2] for t in moves})


def strong_total_order(h: History) -> bool:
    return without_circle({c for p in h.of for c in delivery_order(h, p, 0, len(h.of[p]), {"uniform"})})


def without_circle(order: set[tuple[Key | None, Key | None]]) -> bool:
    """Not by following the order: by taking away what nothing stands before, as long as there is something."""
    left = {m for c in order for m in c}
    while left:
        free = {m for m in left if not any(a in left and b == m for a, b in order)}
        if not free:
            return False
        left -= free
    return True


def with_earlier(h: History, primitive: str, primitives: set[str]) -> list[tuple[Key | None, int, set[Key | None]]]:
    return [
        (
            d.message,
            d.view.id,
            {
                e.message
                for e in h.of[p][:i]
                if e.event == "deliver" and e.view.id == d.view.id and e.primitive in primitives
            },
        )
        for p, i, d in h.happened("deliver")
        if d.primitive == primitive
    ]


def reliable_total_order(h: History) -> bool:
    deliveries = with_earlier(h, "uniform", {"uniform"})
    return all(d == e for d, e in product(deliveries, repeat=2) if d[:2] == e[:2])


def gbcast_order(h: History) -> bool:
    deliveries = with_earlier(h, "gbcast", {"cbcast", "abcast", "uniform", "gbcast"})
    return all(d == e for d, e in product(deliveries, repeat=2) if d[0] == e[0])


ACROSS_GROUPS = {"DeliveryIntegrity", "NoDuplication", "SenderIntegrity", "FIFO", "Causal", "StrongTotalOrder"}

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
    "StateAtJoin": state_at_join,
    "SenderIntegrity": sender_integrity,
    "CleanFailure": clean_failure,
    "SafeIndication": safe_indication,
    "WeakTotalOrder": weak_total_order,
    "StrongTotalOrder": strong_total_order,
    "ReliableTotalOrder": reliable_total_order,
    "GBCASTOrder": gbcast_order,
}


def first_false(events: Iterable[ServiceEvent]) -> dict[tuple[str, str], int]:
    """Returns, for each group and formula that is false on some prefix, the line of the last event of the
    shortest one."""
    log, found = Log(), dict[tuple[str, str], int]()
    for event in events:
        if event.kind not in ("install", "multicast", "deliver", "leave", "crash", "state", "safe"):
            continue
        log.append(event)
        scopes = [("", log.whole, True), *((group, log.projected(group), False) for group in log.groups)]
        for group, history, across in scopes:
            for name, formula in FORMULAS.items():
                judged = (name in ACROSS_GROUPS) == across and (group, name) not in found
                if judged and not formula(history):
                    found[group, name] = event.line
    return found
