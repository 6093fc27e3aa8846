"""Moves: what the environment may do next.  Named values, so that a run is a list of them.

A move is written into the trace as it is made.  Made again in the same order, the moves give the
same run: that is how a run is replayed without its seed.

Spec: the environment's actions of Flush, SiteViews and Groups (Crash, Lose, Suspect, Trust, Ask), what
processes ask for, which channel's next packet arrives, and what
becomes of datagrams (Network, with the guarantee "lossy": Take, Lose, Repeat).
"""

from __future__ import annotations

from typing import Any

import attrs
from attrs import frozen

from vsync.errors import InputError
from vsync.types import Address


@frozen(kw_only=True)
class Found:
    """The system begins, with these sites."""

    sites: tuple[Address, ...]


@frozen(kw_only=True)
class Arrive:
    """The next packet from one site to another arrives."""

    source: Address
    destination: Address


@frozen(kw_only=True)
class Delay:
    """What is under way from one site to another is held up for so long."""

    source: Address
    destination: Address
    delay_ms: int


@frozen(kw_only=True)
class ArriveBlock:
    """The next block arrives that is under way, in a channel of its own, to who joins a group with its state."""

    process: Address
    group: Address


@frozen(kw_only=True)
class BreakBulk:
    """That channel breaks; the joiner keeps what has come before, or not."""

    process: Address
    group: Address
    kept: bool


@frozen(kw_only=True)
class ArriveDatagram:
    """The datagram of this number arrives."""

    source: Address
    destination: Address
    datagram: int


@frozen(kw_only=True)
class LoseDatagram:
    """The datagram of this number is lost."""

    source: Address
    destination: Address
    datagram: int


@frozen(kw_only=True)
class DuplicateDatagram:
    """The datagram of this number is under way twice from now on; the other one has the next number."""

    source: Address
    destination: Address
    datagram: int


@frozen(kw_only=True)
class DamageDatagram:
    """Of the datagram of this number only so many bytes are left, and of these one bit is another."""

    source: Address
    destination: Address
    datagram: int
    left: int
    bit: int


@frozen(kw_only=True)
class Cut:
    """Nothing passes from one site to another any more: packets wait, datagrams are lost."""

    source: Address
    destination: Address


@frozen(kw_only=True)
class Heal:
    """It does again."""

    source: Address
    destination: Address


@frozen(kw_only=True)
class Fire:
    """A timer of a site goes off."""

    owner: Address
    timer: str


@frozen(kw_only=True)
class StartProcess:
    """A process starts at its site; it is in no group."""

    process: Address


@frozen(kw_only=True)
class StartSite:
    """A site starts, new or as a new incarnation, and asks the contacts to be taken in."""

    site: Address
    contacts: tuple[Address, ...]


@frozen(kw_only=True)
class CreateGroup:
    """A process founds a group of this name."""

    process: Address
    name: str
    credentials: str = ""


@frozen(kw_only=True)
class JoinGroup:
    """A process joins the group of this name; ``create``: or founds it, if there is none."""

    process: Address
    name: str
    credentials: str = ""
    create: bool = True
    with_state: bool = False


@frozen(kw_only=True)
class LeaveGroup:
    """A process leaves a group."""

    process: Address
    group: Address


@frozen(kw_only=True)
class KillGroup:
    """A process has all members of a group stop."""

    process: Address
    group: Address


@frozen(kw_only=True)
class ConfigureGroup:
    """A process sets a part of the configuration of a group."""

    process: Address
    group: Address
    key: str
    value: str


@frozen(kw_only=True)
class Multicast:
    """A process multicasts to groups and processes.

    ``cached`` has the numbers of the group views that it believes in.
    """

    process: Address
    to: tuple[Address, ...]
    payload: str
    kind: str = "cbcast"
    cached: tuple[tuple[Address, int], ...] = ()


@frozen(kw_only=True)
class CallFlush:
    """A process calls the primitive ``flush``."""

    process: Address
    ticket: int


@frozen(kw_only=True)
class CrashProcess:
    """A process crashes; its site notices."""

    process: Address


@frozen(kw_only=True)
class CrashSite:
    """A site crashes, with all its processes.

    ``lost`` says for some destinations how many of the last packets under way to it are lost: the
    crash struck before they were sent.
    """

    site: Address
    lost: tuple[tuple[Address, int], ...] = ()


@frozen(kw_only=True)
class CrashDuring:
    """A site will crash in the middle of its next step, after so many of the step's effects."""

    site: Address
    effects: int


@frozen(kw_only=True)
class Suspect:
    """The failure detector of a site suspects another, rightly or wrongly."""

    site: Address
    suspected: Address


@frozen(kw_only=True)
class Trust:
    """It withdraws the suspicion."""

    site: Address
    suspected: Address


Move = (
    Found | Arrive | Delay | ArriveBlock | BreakBulk | ArriveDatagram | LoseDatagram | DuplicateDatagram
    | DamageDatagram | Cut | Heal | Fire | StartProcess | StartSite | CreateGroup | JoinGroup
    | LeaveGroup | KillGroup | ConfigureGroup | Multicast | CallFlush | CrashProcess | CrashSite | CrashDuring
    | Suspect | Trust
)  # fmt: skip

MOVES: dict[str, type[Any]] = {
    "found": Found, "arrive": Arrive, "delay": Delay, "arrive_block": ArriveBlock, "break_bulk": BreakBulk,
    "arrive_datagram": ArriveDatagram, "lose_datagram": LoseDatagram, "duplicate_datagram": DuplicateDatagram,
    "damage_datagram": DamageDatagram, "cut": Cut, "heal": Heal, "fire": Fire, "start_process": StartProcess,
    "start_site": StartSite, "create_group": CreateGroup, "join_group": JoinGroup, "leave_group": LeaveGroup,
    "kill_group": KillGroup, "configure_group": ConfigureGroup, "multicast": Multicast, "call_flush": CallFlush,
    "crash_process": CrashProcess, "crash_site": CrashSite, "crash_during": CrashDuring,
    "suspect": Suspect, "trust": Trust,
}  # fmt: skip
_NAMES = {kind: name for name, kind in MOVES.items()}


def move_name(move: Move) -> str:
    """The name of a kind of move, as a trace has it."""
    return _NAMES[type(move)]


def move_as_json(move: Move) -> dict[str, Any]:
    """The move as a line of a trace has it: ``{"move": name, field: value, ...}``."""
    return {"move": move_name(move)} | {
        name: _plain(value) for name, value in attrs.asdict(move, recurse=False).items()
    }


def move_from_json(line: dict[str, Any]) -> Move:
    """Read a move from a line of a trace.  Raises ``InputError`` if it is none."""
    kind = MOVES.get(str(line.get("move")))
    if kind is None:
        raise InputError(f"a move is one of {', '.join(MOVES)}; {line.get('move')!r} came")
    try:
        fields = {field.name: _READ[field.name](line[field.name]) for field in attrs.fields(kind)}
    except (KeyError, TypeError, ValueError) as error:
        names = ", ".join(field.name for field in attrs.fields(kind))
        raise InputError(f"the move {line['move']} has the fields {names}; {line} came") from error
    move: Move = kind(**fields)
    return move


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Address) else value


def _addresses(value: Any) -> tuple[Address, ...]:
    return tuple(Address.parse(item) for item in value)


def _pairs(value: Any) -> tuple[tuple[Address, int], ...]:
    return tuple((Address.parse(address), int(number)) for address, number in value)


_READ: dict[str, Any] = (
    dict.fromkeys(("sites", "contacts", "to"), _addresses)
    | dict.fromkeys(("source", "destination", "owner", "process", "site", "suspected", "group"), Address.parse)
    | dict.fromkeys(("delay_ms", "ticket", "effects", "datagram", "left", "bit"), int)
    | dict.fromkeys(("create", "with_state", "kept"), bool)
    | dict.fromkeys(("timer", "payload", "name", "credentials", "key", "value", "kind"), str)
    | dict.fromkeys(("lost", "cached"), _pairs)
)
