"""Steps of a replay in words: what the environment did, which actions followed, and what they changed.

Spec: the actions named; variables under their TLA+ names. Paper: Birman and Joseph 1987, section 3.
"""

from __future__ import annotations

from typing import Any, assert_never

from attrs import define, field
from rich.text import Text

from vsync.sim import moves
from vsync.sim.moves import Move
from vsync.sim.replay import Step
from vsync.sim.world import Line


@define
class Storyteller:
    """Tells one step after the other; it remembers the variables, so as to tell only what changes."""

    number: int = 0
    variables: dict[str, dict[str, Any]] = field(factory=dict)

    def tell(self, step: Step) -> Text:
        """Returns the story of a step, in several lines."""
        self.number += 1
        when = "" if step.at_ms is None else f", {step.at_ms} ms"
        heading = (f"{self.number:4}  {in_words(step.move)}", "bold")
        story = Text.assemble(heading, (f"   (line {step.line}{when})", "dim"))
        for line, fields in step.lines:
            story.append("\n")
            story.append_text(self._event(line, fields) if "event" in fields else self._action(line, fields))
        return story

    def _event(self, line: int, fields: Line) -> Text:
        return Text.assemble(("      * ", "green"), (event_in_words(fields), "green"), (f"   (line {line})", "dim"))

    def _action(self, line: int, fields: Line) -> Text:
        who = fields.get("process") or fields.get("site") or "?"
        arguments = ", ".join(f"{name} = {shown(value)}" for name, value in fields["arguments"].items())
        told = Text.assemble(
            f"      {who} ",
            (fields["action"], "cyan"),
            f"({arguments})" if arguments else "",
            (f"   (line {line})", "dim"),
        )
        known = self.variables.setdefault(who, {})
        for name, value in fields["variables"].items():
            if name not in known or known[name] != value:
                before = f"{shown(known[name])} -> " if name in known else ""
                told.append_text(Text.assemble("\n            ", (name, "yellow"), f": {before}{shown(value)}"))
            known[name] = value
        return told


def in_words(move: Move) -> str:
    """Returns what the environment does by a move, as a sentence."""
    match move:
        case moves.Found():
            return f"The system begins with the sites {_names(move.sites)}"
        case moves.Arrive():
            return f"A packet from {move.source} arrives at {move.destination}"
        case moves.Delay():
            return f"Packets from {move.source} to {move.destination} are held up for {move.delay_ms} ms"
        case moves.ArriveDatagram():
            return f"Datagram {move.datagram} from {move.source} arrives at {move.destination}"
        case moves.LoseDatagram():
            return f"Datagram {move.datagram} from {move.source} to {move.destination} is lost"
        case moves.DuplicateDatagram():
            return f"Datagram {move.datagram} from {move.source} to {move.destination} is under way twice"
        case moves.DamageDatagram():
            return f"Datagram {move.datagram} from {move.source} to {move.destination} is damaged"
        case moves.Cut():
            return f"Nothing passes from {move.source} to {move.destination} any more"
        case moves.Heal():
            return f"What {move.source} sends passes to {move.destination} again"
        case moves.Fire():
            return f"The timer {move.timer} of {move.owner} goes off"
        case moves.StartProcess():
            return f"Process {move.process} starts"
        case moves.StartSite():
            return f"Site {move.site} starts and asks {_names(move.contacts)} to be taken in"
        case moves.CreateGroup():
            return f"Process {move.process} founds the group {move.name!r}"
        case moves.JoinGroup():
            return f"Process {move.process} asks to join the group {move.name!r}"
        case moves.KillGroup():
            return f"Process {move.process} kills the group {move.group}"
        case moves.ConfigureGroup():
            return f"Process {move.process} configures the group {move.group}: {move.key} = {move.value!r}"
        case moves.Multicast():
            return f"Process {move.process} multicasts {move.payload!r} to {_names(move.to)} ({move.kind.upper()})"
        case moves.CallFlush():
            return f"Process {move.process} calls flush (ticket {move.ticket})"
        case moves.ArriveBlock():
            return f"A block of the state of {move.group} arrives at process {move.process}, in a channel of its own"
        case moves.BreakBulk():
            missing = "the rest" if move.kept else "all of it"
            return f"The channel with the state of {move.group} to process {move.process} breaks: {missing} is missing"
        case moves.LeaveGroup():
            return f"Process {move.process} leaves the group {move.group}"
        case moves.CrashProcess():
            return f"Process {move.process} crashes"
        case moves.CrashSite():
            lost = "; ".join(f"the last {packets} packets to {to} are lost" for to, packets in move.lost)
            return f"Site {move.site} crashes{f': {lost}' if lost else ''}"
        case moves.CrashDuring():
            return f"Site {move.site} is about to crash: in its next step, after {move.effects} effects"
        case moves.Suspect():
            return f"Site {move.site} suspects site {move.suspected}"
        case moves.Trust():
            return f"Site {move.site} trusts site {move.suspected} again"
        case _:
            assert_never(move)


def event_in_words(fields: Line) -> str:
    """Returns what a process sees by a service event, as a sentence."""
    process = fields["process"]
    match fields["event"]:
        case "join":
            return f"{process} asks to join"
        case "install":
            return f"{process} installs {shown(fields['view'])}"
        case "multicast":
            return f"{process} multicasts {fields['message']} ({fields.get('payload')!r})"
        case "deliver":
            return f"{process} delivers {fields['message']}"
        case "leave":
            return f"{process} has left"
        case "crash":
            return f"{process} is no more"
        case "mark":
            return f"{process}: {fields.get('label')} {fields.get('ticket', '')}".rstrip()
        case other:
            return f"{process}: {other}"


def shown(value: Any) -> str:
    """Returns a value of a trace, shorter than as JSON: views by number and members."""
    match value:
        case None:
            return "none"
        case {"id": number, "sites": sites, "group": group, "members": members}:
            return f"site view {number} [{_names(sites)}] with group view {group} [{_names(members)}]"
        case {"id": number, "members": members}:
            return f"view {number} [{_names(members)}]"
        case {"ballot": ballot, "view": view}:
            return f"ballot {ballot} for {shown(view)}"
        case dict():
            return "{" + ", ".join(f"{name}: {shown(item)}" for name, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(shown(item) for item in value) + "]"
        case _:
            return str(value)


def _names(values: Any) -> str:
    return ", ".join(str(value) for value in values) or "nobody"
