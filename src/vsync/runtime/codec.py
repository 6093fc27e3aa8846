"""The codec: what travels between sites, as bytes, and back.

``REGISTRY`` lists every class that travels, a line each: its tag, its class, which of its fields
are ordering information, and what must hold of it.  How the fields are laid out follows from
their types.  An encoding is a version, a tag, and the fields.  For each value there is exactly
one, and the decoder accepts no other bytes: what it accepts, encoded again, gives what came.

To add a class is to add a line here, one to the table in ``FORMAT.md``, and nothing else.

Spec: none; the machines exchange values.
Paper: Birman and Joseph 1987, section 4.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import field, frozen

from vsync.errors import LocalProtocolError
from vsync.messages import (
    Accepted,
    Acknowledgement,
    AddMember,
    BlockReceived,
    Change,
    Close,
    Commitment,
    Configure,
    Content,
    CreateGroup,
    Data,
    Delivered,
    DirectoryShown,
    FailProcess,
    Flush,
    GroupChanges,
    Heartbeat,
    Interrogation,
    JoinAsked,
    JoinRefused,
    JoinRequest,
    KillGroup,
    LeaveGroup,
    Message,
    NumberGiven,
    NumberNoted,
    NumberProposed,
    Predecessor,
    ProcessMessage,
    Proposal,
    Propounded,
    Ready,
    Refusal,
    Released,
    Report,
    Response,
    Settled,
    Stamp,
    StateAsked,
    StateBlock,
    TransferDone,
)
from vsync.runtime.layout import (
    ADDRESS,
    BOOLEAN,
    BYTES,
    FLOAT,
    NATURAL,
    NOTHING,
    TABLE,
    TEXT,
    Layout,
    ListOf,
    OneOf,
    Part,
    Reader,
    Record,
    Rule,
    SetOf,
    Several,
    Tagged,
)
from vsync.symbol_table import SymbolTable
from vsync.types import Address, Group, Kind, MessageId, SiteView, View

VERSION = 1
"""The first byte of every encoding."""
BYTES_MAX = 1 << 24
"""The largest encoding, 16 MiB; the link cuts it into fragments."""

#: What a union may hold beside registered classes: tag, type, layout.
PLAIN: Mapping[int, tuple[type, Layout]] = {
    0x00: (NoneType, NOTHING),
    0x01: (str, TEXT),
    0x02: (bytes, BYTES),
    0x03: (SymbolTable, TABLE),
    0x04: (Address, ADDRESS),
}

_LAYOUTS: dict[Any, Layout] = {
    bool: BOOLEAN,
    int: NATURAL,
    float: FLOAT,
    str: TEXT,
    bytes: BYTES,
    Address: ADDRESS,
    SymbolTable: TABLE,
}


@frozen(kw_only=True)
class Sizes:
    """How large an encoding is, and how much of it is ordering information, in bytes.

    Ordering information is what says in which order and in which view something comes: vector
    times, views and their numbers, ballots, message identifiers.  Addressees, contents, counts
    and tags are not.
    """

    total: int
    ordering: int


# -- What must hold of a value --------------------------------------------------------------------


def _distinct(items: tuple[Address, ...]) -> bool:
    return len(set(items)) == len(items)


def _numbered(first: int, *names: str) -> Rule:
    return Rule(
        sentence=f"{' and '.join(names)} from {first}",
        holds=lambda value: all(getattr(value, name) >= first for name in names),
    )


SENDER = Rule(sentence="a sender that is no group", holds=lambda value: value.sender.kind is not Kind.GROUP)
MEMBERS = Rule(
    sentence="members, at least one, each once", holds=lambda view: bool(view.members) and _distinct(view.members)
)
SITES = Rule(
    sentence="sites, at least one, each once",
    holds=lambda view: (
        bool(view.sites) and _distinct(view.sites) and all(site.kind is Kind.SITE for site in view.sites)
    ),
)
AT_SITES = Rule(
    sentence="members at the sites of the view, each once",
    holds=lambda view: _distinct(view.members) and {member.at for member in view.members} <= set(view.sites),
)
WHO = Rule(
    sentence="a site that fails or joins, no group that starts or stops",
    holds=lambda change: (
        change.who.kind is Kind.SITE if change.change in ("fail", "join") else change.who.kind is not Kind.GROUP
    ),
)
GROUP_ADDRESS = Rule(sentence="the address of a group", holds=lambda group: group.address.kind is Kind.GROUP)
SUCCESSIVE = Rule(
    sentence="views, at least one, numbered one after the other",
    holds=lambda message: bool(message.views) and all(b.id == a.id + 1 for a, b in itertools.pairwise(message.views)),
)


# -- What travels ---------------------------------------------------------------------------------


def _words(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.split()) if isinstance(text, str) else text


@frozen
class Entry:
    """One class that travels.

    Arguments: its tag, 0x10 to 0xff, never given to another class; the class; the names of the
    fields that are ordering information; the rules; the layouts of fields for which the type does
    not say enough.
    """

    tag: int
    python: type
    ordering: tuple[str, ...] = field(default=(), converter=_words, kw_only=True)
    rules: tuple[Rule, ...] = field(default=(), kw_only=True)
    types: Mapping[str, Any] = field(factory=dict, kw_only=True)


CHANGE = OneOf("fail", "join", "start", "stop")
PAYLOAD = str | bytes | SymbolTable
KIND = OneOf("cbcast", "abcast", "uniform", "gbcast")

REGISTRY: tuple[Entry, ...] = (
    # identifiers and views
    Entry(0x10, MessageId, ordering="sender number", rules=(SENDER, _numbered(1, "number"))),
    Entry(0x11, View, ordering="id members", rules=(_numbered(1, "id"), MEMBERS)),
    Entry(0x12, SiteView, ordering="id sites group members", rules=(_numbered(1, "id"), SITES, AT_SITES)),
    Entry(0x13, Predecessor, ordering="id to number"),
    Entry(0x14, Stamp, ordering="after clock number epoch", types={"kind": KIND}),
    Entry(0x15, Group, rules=(GROUP_ADDRESS,)),
    # between members
    Entry(0x20, Message, ordering="id view time stamp", types={"payload": PAYLOAD | Content}),
    Entry(0x22, Data, ordering="view"),
    Entry(0x23, Flush, ordering="view"),
    Entry(0x24, Ready, ordering="view"),
    Entry(0x25, Acknowledgement, ordering="view time"),
    Entry(0x26, Delivered, ordering="view time"),
    Entry(0x27, NumberProposed, ordering="view id number"),
    Entry(0x28, NumberGiven, ordering="view id number"),
    Entry(0x29, NumberNoted, ordering="view id"),
    Entry(0x2A, Released, ordering="view id"),
    Entry(0x2B, Close, ordering="view epoch"),
    Entry(0x2C, Settled, ordering="view epoch"),
    # what messages contain
    Entry(0x50, ProcessMessage, ordering="id", types={"payload": PAYLOAD, "kind": KIND}),
    Entry(0x51, GroupChanges),
    Entry(0x52, CreateGroup),
    Entry(0x53, AddMember),
    Entry(0x54, LeaveGroup),
    Entry(0x55, FailProcess),
    Entry(0x56, Configure),
    Entry(0x57, JoinAsked),
    Entry(0x58, JoinRefused),
    Entry(0x59, KillGroup),
    Entry(0x5A, DirectoryShown),
    # of state transfer
    Entry(0x30, StateAsked, ordering="view next", rules=(_numbered(1, "view"),)),
    Entry(0x31, StateBlock, ordering="view number origin", rules=(_numbered(1, "view"), _numbered(1, "number"))),
    Entry(0x32, BlockReceived, ordering="view next", rules=(_numbered(1, "view"),)),
    Entry(0x33, TransferDone, ordering="view", rules=(_numbered(1, "view"),)),
    # between sites, about their views
    Entry(0x40, Change, types={"change": CHANGE}, rules=(WHO,)),
    Entry(0x41, Proposal, ordering="ballot view", rules=(_numbered(1, "ballot"),)),
    Entry(0x42, JoinRequest),
    Entry(0x43, Report, ordering="views", rules=(SUCCESSIVE,)),
    Entry(0x44, Interrogation, ordering="views ballot", rules=(SUCCESSIVE, _numbered(1, "ballot"))),
    Entry(0x45, Response, ordering="views ballot", rules=(SUCCESSIVE, _numbered(1, "ballot"))),
    Entry(0x46, Propounded, ordering="views", rules=(SUCCESSIVE,)),
    Entry(0x47, Accepted, ordering="views ballot", rules=(SUCCESSIVE, _numbered(1, "ballot"))),
    Entry(0x48, Refusal, ordering="views ballot", rules=(SUCCESSIVE, _numbered(1, "ballot"))),
    Entry(0x49, Commitment, ordering="views", rules=(SUCCESSIVE,)),
    Entry(0x4A, Heartbeat),
)


class Codec:
    """Encodes and decodes the classes of a registry, and symbol tables."""

    def __init__(self, registry: Iterable[Entry] = REGISTRY) -> None:
        self.entries = tuple(registry)
        self._by_class = {entry.python: entry for entry in self.entries}
        self._records: dict[type, Record | None] = {}
        tags = [entry.tag for entry in self.entries]
        assert len(set(tags)) == len(tags) == len(self._by_class), "each tag has one class, and each class one tag"
        assert all(0x10 <= tag <= 0xFF for tag in tags), "tags below 0x10 are those of plain values"
        records = {entry.tag: (entry.python, self.record(entry.python)) for entry in self.entries}
        self.top = Tagged({0x03: PLAIN[0x03], **records})

    def encode(self, value: Any) -> bytes:
        """The bytes of a value.

        Errors: ``LocalProtocolError`` if its class does not travel, or the value breaks a rule of the
        format, or has more than 16 MiB.
        """
        out = bytearray([VERSION])
        self.top.write(value, out)
        if len(out) > BYTES_MAX:
            raise LocalProtocolError(f"an encoding has at most {BYTES_MAX} bytes; {len(out)} came: send it in parts")
        return bytes(out)

    def decode(self, data: bytes, *expected: type) -> Any:
        """The value of these bytes; of one of the expected classes, if there are any.

        Errors: ``RemoteProtocolError`` unless the bytes are the encoding of a value.
        """
        return self.read(Reader(data), *expected)

    def read(self, source: Reader, *expected: type) -> Any:
        """The value of all the bytes of a reader; see ``decode``."""
        size = len(source.data)
        if size > BYTES_MAX:
            raise source.refusal(f"at most {BYTES_MAX} bytes", str(size))
        version = source.byte("a version")
        if version != VERSION:
            raise source.refusal(f"version {VERSION}", f"version {version}", 0)
        value = self.top.read(source)
        if source.left:
            raise source.refusal("the end", f"{source.left} more bytes")
        if expected and not isinstance(value, expected):
            names = " or ".join(each.__name__ for each in expected)
            raise source.refusal(names, type(value).__name__, 1)
        return value

    def sizes(self, value: Any) -> Sizes:
        """The size of the encoding of a value, and how much of it is ordering information."""
        return Sizes(total=len(self.encode(value)), ordering=self.top.ordering(value))

    # -- Layouts from types ---------------------------------------------------------------------

    def record(self, python: type) -> Record:
        """The layout of a registered class."""
        if python in self._records:
            done = self._records[python]
            assert done is not None, f"{python.__name__} holds itself; only symbol tables do"
            return done
        self._records[python] = None
        entry = self._by_class[python]
        types = get_type_hints(python) | dict(entry.types)
        names = tuple(each.name for each in attrs.fields(python) if each.init)
        assert set(entry.ordering) | entry.types.keys() <= set(names), f"{python.__name__} has the fields {names}"
        parts = tuple(Part(name=name, layout=self.layout(types[name]), orders=name in entry.ordering) for name in names)
        record = self._records[python] = Record(python, parts, entry.rules)
        return record

    def layout(self, python: Any) -> Layout:
        """The layout that follows from a type; a layout stands for itself."""
        if isinstance(python, Layout):
            return python
        if python in _LAYOUTS:
            return _LAYOUTS[python]
        arguments = get_args(python)
        match get_origin(python):
            case origin if origin is Union or origin is UnionType:
                return Tagged(dict(map(self._option, arguments)))
            case origin if origin is tuple and arguments[1:] == (...,):
                return ListOf(self.layout(arguments[0]))
            case origin if origin is tuple:
                return Several(*map(self.layout, arguments))
            case origin if origin is frozenset:
                return SetOf(self.layout(arguments[0]))
        if isinstance(python, type) and issubclass(python, enum.Enum):
            return OneOf(*python)
        assert python in self._by_class, f"{python} has no layout: register it, or give its layout in its entry"
        return self.record(python)

    def _option(self, python: Any) -> tuple[int, tuple[type, Layout]]:
        """A type of a union: its tag, and what the tag stands for."""
        for tag, (plain, layout) in PLAIN.items():
            if plain is python:
                return tag, (plain, layout)
        assert python in self._by_class, f"{python} has no tag: register it"
        return self._by_class[python].tag, (python, self.record(python))


CODEC = Codec()
"""The codec of this version."""


def encode(value: Any) -> bytes:
    """The bytes of a value of a registered class, or of a symbol table; see ``Codec.encode``."""
    return CODEC.encode(value)


def decode(data: bytes, *expected: type) -> Any:
    """The value of these bytes; see ``Codec.decode``."""
    return CODEC.decode(data, *expected)


def sizes(value: Any) -> Sizes:
    """The size of an encoding, and how much of it is ordering information; see ``Codec.sizes``."""
    return CODEC.sizes(value)


def format_rows(codec: Codec = CODEC) -> list[str]:
    """The rows that ``FORMAT.md`` has for the classes of the registry: tag, class, fields, rules."""
    return [
        f"| `{entry.tag:#04x}` | `{entry.python.__name__}` | {_fields(codec.record(entry.python))} | "
        f"{'; '.join(rule.sentence for rule in entry.rules)} |"
        for entry in sorted(codec.entries, key=lambda entry: entry.tag)
    ]


def _fields(record: Record) -> str:
    """Returns the fields in words; those that are ordering information bear a star."""
    return "; ".join(f"`{part.name}`{'*' * part.orders} {part.layout.name}" for part in record.parts) or "none"
