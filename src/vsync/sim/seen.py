"""What has been seen of a run so far, and which facts hold of it.

A fact is judged by the lines of the trace and by the packets between sites, never by the variables of a
machine; only whether a site blocks is read off what it suspects.

Spec: none; service events as in VSProperties.
Paper: Birman and Joseph 1987, section 2.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from attrs import define, field

from vsync.messages import Close, Data, Flush, Message, ProcessMessage
from vsync.sim import sentences
from vsync.sim.network import Payload
from vsync.sim.sentences import EVERYTHING, Fact
from vsync.sim.world import Line, World
from vsync.site_views import majority
from vsync.types import Address

#: What a story calls the group of the sites themselves.
SITES = "sites"


@define
class Seen:
    """The events, the steps and the packets of a run, as they come.

    ``groups`` has the addresses of the groups by the names that the story gives them.
    """

    world: World
    groups: dict[str, str] = field(factory=dict)
    events: list[Line] = field(factory=list)
    taken: set[tuple[str, str]] = field(factory=set)  # actions: who, and which
    sent: list[tuple[str, Address, Address]] = field(factory=list)  # kinds of packets, from where, to where
    came: dict[tuple[str, Address], tuple[str, Address]] = field(factory=dict)  # what first brought a message to a site
    messages: dict[str, str] = field(factory=dict)  # names in the trace of what was multicast, by content
    crashed: set[str] = field(factory=set)
    left: set[tuple[str, str]] = field(factory=set)
    views: dict[tuple[str, str], Line] = field(factory=dict)  # the last view of a process in a group

    # -- What happens -----------------------------------------------------------------------------

    def line(self, line: Line) -> None:
        """A line has been written into the trace."""
        if "action" in line:
            self.taken.add((line.get("site") or line["process"], line["action"]))
        if "event" not in line:
            return
        self.events.append(line)
        match line["event"]:
            case "multicast":
                self.messages[line["payload"]] = line["message"]
            case "crash":
                self.crashed.add(line["process"])
            case "leave":
                self.left.add((line["process"], line["group"]))
                self.views.pop((line["process"], line["group"]), None)
            case "install":
                self.views[line["process"], line["group"]] = line["view"]
            case _:
                pass

    def arrived(self, source: Address, destination: Address, packet: Payload) -> None:
        """A packet has arrived at a site."""
        for content in contents(packet):
            self.came.setdefault((content, destination), (kind_of(packet), source))

    def forget_set_up(self) -> None:
        """The story begins here: no step has been taken in it, and no packet sent."""
        self.taken.clear()
        self.sent.clear()

    # -- Facts --------------------------------------------------------------------------------------

    def holds(self, fact: Fact) -> bool:
        """Whether a fact holds now."""
        match fact:
            case sentences.Delivers(processes=who):
                return all(self._delivers(str(p), fact) for p in who)
            case sentences.InOneOrder(processes=who, message=message, item=other):
                orders = {tuple(self._of(str(p), {message, other})) for p in who}
                return len(orders) == 1 and {len(order) for order in orders} == {2}
            case sentences.InView(who=who, number=number, group=group, members=members):
                views = [self.views.get((str(p), self._group(group))) for p in who if str(p) not in self.crashed]
                right = (
                    v and v["id"] == number and (not members or v["members"] == list(map(str, members))) for v in views
                )
                return len(views) == len(who) and all(right)
            case sentences.Installs(who=who, number=number, group=group):
                return all(self._installed(str(p), number, group) is not None for p in who)
            case sentences.Gone(who=who):
                return all(str(each) in self.crashed for each in who)
            case sentences.HasLeft(processes=who, group=group):
                return all((str(p), self._group(group)) in self.left for p in who)
            case sentences.Refused(process=p, group=group, reason=reason):
                return any(e["name"] == group and e["reason"] == reason for e in self._marks(p, "is refused"))
            case sentences.Corrected(process=p, group=group):
                return any(e["of"] == self._group(group) for e in self._marks(p, "is corrected"))
            case sentences.SeesSetting(processes=who, setting=setting):
                return all(setting in self._of(str(p), {setting}) for p in who)
            case sentences.FlushReturns(process=p):
                return bool(self._marks(p, "flush returns"))
            case sentences.HasState(process=p, group=group):
                group = self._group(group)
                return any(e["event"] == "state" and e.get("group") == group for e in self._all_of(str(p)))
            case sentences.Blocks(sites=sites):
                return all(self._blocks(site) for site in sites)
            case _:
                return self._holds_of_packets(fact)

    def _holds_of_packets(
        self, fact: sentences.ComesBy | sentences.ComesBefore | sentences.Takes | sentences.Sends | sentences.UnderWay
    ) -> bool:
        match fact:
            case sentences.ComesBy(message=message, site=site, kind=kind, source=source):
                return self.came.get((message, site)) == (kind, source)
            case sentences.ComesBefore(message=message, site=site, item=other):
                order = [content for content, where in self.came if where == site and content in (message, other)]
                return order[:1] == [message]
            case sentences.Takes(who=who, action=action):
                return all((str(each), action) in self.taken for each in who)
            case sentences.Sends(source=source, kind=kind, site=destination):
                return any(
                    kind in (k, EVERYTHING) and s == source and destination in (None, d) for k, s, d in self.sent
                )
            case sentences.UnderWay(kind=kind, source=source, site=site):
                packets = self.world.network.channels.get((source, site), ())
                return any(kind in (kind_of(packet), EVERYTHING) for packet in packets)
            case _:
                assert_never(fact)

    def instead(self, fact: Fact) -> str:
        """What is the case where a fact does not hold, in words."""
        match fact:
            case sentences.Delivers(processes=who) | sentences.InOneOrder(processes=who):
                return "; ".join(f"{p} has delivered {', '.join(self._of(str(p))) or 'nothing'}" for p in who)
            case sentences.SeesSetting(processes=who):
                return "; ".join(f"{p} has seen {', '.join(self._of(str(p))) or 'nothing'}" for p in who)
            case sentences.InView(who=who, group=group) | sentences.Installs(who=who, group=group):
                return "; ".join(f"{p} is in {self._view_in_words(str(p), group)}" for p in who)
            case sentences.ComesBy(message=message, site=site) | sentences.ComesBefore(message=message, site=site):
                kind, source = self.came.get((message, site), ("", None))
                return f"it came by {kind} from {source}" if kind else f"{message} has not come to {site}"
            case sentences.Refused(process=p):
                told = [f"{e['name']}: {e['reason']}" for e in self._marks(p, "is refused")]
                return f"{p} was refused {', '.join(told) or 'nothing'}"
            case sentences.Sends(source=source) | sentences.UnderWay(source=source):
                kinds = sorted({k for k, s, _ in self.sent if s == source})
                return f"{source} has sent {', '.join(kinds) or 'nothing'}"
            case _:
                return "it does not hold"

    # -- Helpers ------------------------------------------------------------------------------------

    def _delivers(self, p: str, fact: sentences.Delivers) -> bool:
        order = self._of(p)
        if fact.message not in order:
            return False
        if fact.item:
            return fact.item in order and order.index(fact.message) < order.index(fact.item)
        if not fact.number:
            return True
        first = self._installed(p, fact.number, fact.group)
        after = self._installed(p, fact.number + 1, fact.group)
        place = next(i for i, e in enumerate(self.events) if self._item(e, p) == fact.message)
        return first is not None and first < place and (after is None or place < after)

    def _of(self, p: str, only: Iterable[str] | None = None) -> list[str]:
        """What a process has delivered, and what it has seen of configurations, in order."""
        items = [item for event in self._all_of(p) if (item := self._item(event, p))]
        return [item for item in items if only is None or item in only]

    def _item(self, event: Line, p: str) -> str:
        if event["process"] != p:
            return ""
        if event["event"] == "deliver":
            return next((content for content, name in self.messages.items() if name == event["message"]), "")
        return f"{event['key']}={event['value']}" if event.get("label") == "is configured" else ""

    def _installed(self, p: str, number: int, group: str) -> int | None:
        """The place among the events at which a process installed a view."""
        named = self._group(group)
        return next(
            (
                place
                for place, e in enumerate(self.events)
                if e["event"] == "install" and e["process"] == p and e["group"] == named and e["view"]["id"] == number
            ),
            None,
        )

    def _all_of(self, p: str) -> Iterator[Line]:
        return (event for event in self.events if event["process"] == p)

    def _marks(self, p: Address, label: str) -> list[Line]:
        return [event for event in self._all_of(str(p)) if event.get("label") == label]

    def _group(self, name: str) -> str:
        return self.groups.get(name, name)

    def _view_in_words(self, p: str, group: str) -> str:
        view = self.views.get((p, self._group(group)))
        return f"view {view['id']} with {', '.join(view['members'])}" if view else f"no view of {group}"

    def _blocks(self, site: Address) -> bool:
        state = self.world.sites.get(site)
        if state is None or not state.views.known:
            return False
        view = state.views.current
        return not majority((s for s in view.sites if s not in state.views.suspects), view.sites)


def kind_of(packet: Payload) -> str:
    """What a story calls this kind of packet."""
    return type(packet).__name__


def contents(packet: Payload) -> Iterator[str]:
    """What processes have multicast, of what is in a packet."""
    messages: tuple[Message, ...] = ()
    match packet:
        case Data(message=message, carried=carried):
            messages = (*carried, message)
        case Flush(unstable=unstable):
            messages = unstable
        case Close(messages=held):
            messages = held
        case _:
            pass
    for each in messages:
        if isinstance(each.payload, ProcessMessage):
            yield each.payload.payload
