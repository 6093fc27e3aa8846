"""The steps of the members of groups that have a state, as TraceStateTransfer reads them: each group by itself.

Of a line with a step of StateTransfer, its ``group`` says of which.  A process that joins a group again is another
one: it is known by the view that admits it.  Besides these lines, a process's crash is a step in each of its groups.

Spec: TraceStateTransfer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from vsync.check.recorded.writing import CHANNELS, Line, Names, Steps, Writer, actions, record, set_of
from vsync.errors import InputError

_ACTIONS: Final = (
    "HearUpdate", "HearView", "HearEnd", "Ask", "ReceiveAsk", "SendBlock", "ReceiveBlock",
    "ReceiveAcknowledgement", "Complete", "Found", "ReceiveDone", "Break",
)  # fmt: skip


def _transfer_steps(trace: Sequence[Line]) -> list[Steps]:
    """The steps of each group, in the order in which the groups first come."""
    groups: dict[str, list[tuple[int, Line]]] = {}
    for number, line in actions(trace, ("StateTransfer",), "process"):
        if not isinstance(line.get("group"), str):
            raise InputError(f"line {number} is a step of StateTransfer; its group should be named, as `group`")
        groups.setdefault(line["group"], []).append((number, line))
    if not groups:
        return []
    crashes = [(number, line) for number, line in enumerate(trace, start=2) if line.get("event") == "crash"]
    return [_Group(sorted([*taken, *crashes], key=lambda step: step[0])).steps() for taken in groups.values()]


class _Group:
    """The steps of one group, as its lines come.

    ``views`` are the views by number; ``joined`` says of each member, in the view that it was told of last, in
    which view it joined; ``heard`` counts the updates that it was told of in each of its views.
    """

    def __init__(self, lines: list[tuple[int, Line]]) -> None:
        self.lines = lines
        self.names = Names()
        self.views: dict[int, list[str]] = {}
        self.since: dict[int, dict[str, int]] = {}  # by view: when its members joined
        self.heard: dict[str, dict[int, int]] = {}
        self.now: dict[str, tuple[str, int]] = {}  # by process: under what name, and in which view
        self.before: dict[str, Mapping[str, Any]] = {}  # the variables that a process had
        self.donors: dict[str, tuple[str | None, int]] = {}
        self.bulk: set[tuple[str, int]] = set()  # the joiners that have had a channel of their own
        self.totals: dict[tuple[int, int], int] = {}

    def steps(self) -> Steps:
        """All steps, and before them the order of events."""
        self._number_views()
        steps: list[tuple[int, str]] = []
        for number, line in self.lines:
            try:
                steps += [(number, record(fields)) for fields in self._step(line)]
            except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
                raise InputError(
                    f"line {number} is no step of a member of a group: {error!r} is missing or wrong"
                ) from error
        events, lost = self._events()
        totals = set_of(f"<<{origin}, {k}, {n}>>" for (origin, k), n in self.totals.items())
        prologue = f"events |-> <<{', '.join(events)}>>, lost |-> {set_of(map(str, lost))}, totals |-> {totals}"
        return Steps(prologue=prologue, processes=len(self.names.numbers), steps=steps)

    # -- Views and events -----------------------------------------------------------------------

    def _number_views(self) -> None:
        """Collect the views that members were told of, and when their members joined."""
        ended: dict[int, set[str]] = {}
        for number, line in self.lines:
            try:
                if line.get("action") == "StateTransfer!HearView":
                    view = line["arguments"]["view"]
                    self.views.setdefault(int(view["id"]), [str(member) for member in view["members"]])
                elif line.get("action") == "StateTransfer!HearEnd":
                    ended.setdefault(int(line["arguments"]["k"]), set()).add(str(line["process"]))
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(f"line {number} tells of no view: {error!r} is missing or wrong") from error
        members: list[str] = []
        since: dict[str, int] = {}
        for k in sorted({*self.views, *ended}):  # a view that only those were told of who are out of it: the rest stays
            members = self.views.setdefault(k, [q for q in members if q not in ended.get(k, ())])
            since = {q: since.get(q, k) for q in members}
            self.since[k] = since

    def _events(self) -> tuple[list[str], list[int]]:
        """The events in their order, and the numbers of those that are lost."""
        events: list[str] = []
        lost: list[int] = []
        for k in sorted(self.views):
            members = ", ".join(self._who(q, k) for q in self.views[k])
            events.append(f"[view |-> [id |-> {k}, members |-> <<{members}>>], update |-> 0]")
            heard = [(views[k], k < max(views)) for views in self.heard.values() if k in views]
            most = max((count for count, _ in heard), default=0)
            kept = max((count for count, goes_on in heard if goes_on), default=most)
            for number in range(most):
                events.append(f"[view |-> [id |-> 0, members |-> <<>>], update |-> {len(events) + 1}]")
                if number >= kept:
                    lost.append(len(events))
        return events, lost

    # -- Steps ----------------------------------------------------------------------------------

    def _who(self, process: str, view: int) -> str:
        """The number of a member of a view."""
        return str(self.names(f"{process} since {self.since[view][process]}"))

    def _joiner(self, process: str, k: int) -> str:
        """The number of a process that joined in view k."""
        return str(self.names(f"{process} since {k}"))

    def _step(self, line: Line) -> list[dict[str, Any]]:
        """The steps of one line, as fields of records: most lines are one."""
        p = str(line["process"])
        if "event" in line:
            return [{"action": '"crash"', "p": self.now.pop(p)[0], "shown": "FALSE"}] if p in self.now else []
        module, _, action = str(line["action"]).partition("!")
        if action not in _ACTIONS:
            raise ValueError(f"{module}!{action}")
        arguments, variables = line["arguments"], line["variables"]
        if action == "HearView":
            k = int(arguments["view"]["id"])
            self.now[p] = self._who(p, k), k
            self.heard.setdefault(self.now[p][0], {})[k] = 0
        who, view = self.now[p]
        before = self.before.get(who, {"pending": [], "asked": {}})
        fields = {"action": f'"{line["action"]}"', "p": who} | self._arguments(action, p, arguments, before)
        shown = {"shown": "TRUE"} | self._variables(action, who, view, variables)
        self.before[who] = variables
        if action == "SendBlock":
            return self._sent(fields, shown, arguments, before, variables)
        if action == "ReceiveBlock" and (who, int(arguments["block"][0])) in self.bulk:
            return [fields | {"action": '"overtake"', "shown": "FALSE"}, fields | shown]
        if action == "HearUpdate":
            self.heard[who][view] += 1
        if action == "HearEnd":
            self.heard[who][int(arguments["k"])] = 0
            del self.now[p]
        return [fields | shown]

    def _sent(
        self,
        fields: dict[str, Any],
        shown: dict[str, Any],
        arguments: Mapping[str, Any],
        before: Mapping[str, Any],
        variables: Mapping[str, Any],
    ) -> list[dict[str, Any]]:
        """One step for each block; the variables are known after the last."""
        joiner = str(arguments["j"])
        if int(arguments["window"]) > 0:
            return [fields | shown]
        k, next, sent = before["asked"][joiner]
        self.bulk.add((self._joiner(joiner, k), int(k)))
        blocks = int(variables["asked"][joiner][2]) - max(int(next), int(sent))
        return [fields | {"shown": "FALSE"}] * (blocks - 1) + [fields | shown]

    def _arguments(
        self, action: str, p: str, arguments: Mapping[str, Any], before: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The arguments of a step, under the names by which the Trace module knows them."""
        match action:
            case "HearView":
                k = int(arguments["view"]["id"])
                members = ", ".join(self._member(q, k) for q in arguments["view"]["members"])
                newcomers = set_of(self._member(q, k) for q in arguments["newcomers"])
                return {"view": f"[id |-> {k}, members |-> <<{members}>>]", "newcomers": newcomers}
            case "HearEnd":
                return {"k": int(arguments["k"])}
            case "ReceiveAsk":
                k = int(arguments["k"])
                return {"q": self._joiner(arguments["q"], k), "k": k, "number": int(arguments["next"])}
            case "SendBlock":
                return {"q": self._known(arguments["j"], before), "window": int(arguments["window"])}
            case "ReceiveBlock":
                k, number, of, origin = (int(each) for each in arguments["block"])
                return {"block": f"<<{k}, {number}, {of}, {origin}>>"}
            case "ReceiveAcknowledgement":
                return {"q": self._known(arguments["q"], before), "number": int(arguments["next"])}
            case "ReceiveDone":
                return {"q": self._known(arguments["q"], before)}
            case "Break":
                return {"kept": _truth(arguments["kept"])}
            case _:
                return {}

    def _member(self, process: str, k: int) -> str:
        """The number of a member of view k; or, if others know it as none, of a newcomer."""
        return self._joiner(process, self.since[k].get(process, k))

    def _known(self, q: str, before: Mapping[str, Any]) -> str:
        """The number of a joiner, as the process that hears of it knows it; or as it is known last."""
        if q in before["asked"]:
            return self._joiner(q, before["asked"][q][0])
        for k, joiner in before["pending"]:
            if joiner == q:
                return self._joiner(q, k)
        known = [joined for joined in (since.get(q) for since in self.since.values()) if joined is not None]
        return self.now[q][0] if q in self.now else self._joiner(q, max(known, default=0))

    def _variables(self, action: str, who: str, view: int, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The variables of a member after a step."""
        snapshots = {int(k): count for k, count in variables["snapshots"].items()}
        origin = int(variables["origin"])
        cuts = {k: int(count) for k, count in snapshots.items() if count is not None}
        for k, count in cuts.items():
            self.totals.setdefault((origin, k), count)
        asked = (
            record({"joiner": self._joiner(j, k), "view": int(k), "next": int(next), "sent": int(sent)})
            for j, (k, next, sent) in variables["asked"].items()
        )
        return {
            "complete": _truth(variables["complete"]),
            "origin": origin,
            "buffered": f"<<{', '.join(str(x) if isinstance(x, int) else '0' for x in variables['buffered'])}>>",
            "blocks": int(variables["blocks"]),
            "total": int(variables["total"]),
            "donor": self._donor(action, who, view, variables["donor"]),
            "snapshots": set_of(map(str, snapshots)),
            "cuts": _pairs(cuts.items()),
            "pending": set_of(f"<<{int(k)}, {self._joiner(j, k)}>>" for k, j in variables["pending"]),
            "asked": set_of(asked),
        }

    def _donor(self, action: str, who: str, view: int, donor: str | None) -> str:
        """The number of the donor: a member of the view in which it was asked."""
        known, asked_in = self.donors.get(who, (None, view))
        if action == "Ask" or donor != known:
            self.donors[who] = donor, (asked_in := view)
        return "0" if donor is None else self._member(donor, asked_in)


def _truth(value: bool) -> str:
    if not isinstance(value, bool):
        raise ValueError(value)
    return "TRUE" if value else "FALSE"


def _pairs(pairs: Iterable[tuple[int, int]]) -> str:
    return set_of(f"<<{first}, {second}>>" for first, second in pairs)


TRACE_STATE_TRANSFER: Final = Writer(
    module="TraceStateTransfer",
    steps=_transfer_steps,
    constants={**CHANNELS, "Initial": "NoUpdates", "NoProcess": "Nobody", "Window": "WithoutEnd"},
    replaced={
        "ToHear": "ToHearOfKept",
        "Cut": "CutAsRecorded",
        "Assembled": "Joined",
    },
)
