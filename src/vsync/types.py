"""Addresses and views: what all the machines talk about.

An address is 8 bytes and names a site, a process or a group.  A process lives at a site; a site
that comes back after a crash has a new incarnation, so that none of its addresses occurs twice.
A view lists the members of a group, oldest first: the place in the list is the member's rank, and
all members agree on it.

Spec: VSTypes.
Paper: Birman and Joseph 1987, sections 2.1, 3.2 (ranks) and 4 (addresses).
"""

from __future__ import annotations

import enum
import functools
import re
import struct
from typing import Any, Self

from attrs import field, frozen, validators

from vsync.errors import InputError

_LAYOUT = struct.Struct(">HHHBB")  # site, incarnation, number, kind, entry point
_TEXT = re.compile(r"(g?)(\d+)\.(\d+)(?:\.(\d+))?")
_U16 = validators.and_(validators.instance_of(int), validators.ge(0), validators.le(0xFFFF))


class Kind(enum.IntEnum):
    """What an address names."""

    SITE = 0
    PROCESS = 1
    GROUP = 2


@frozen(eq=False, repr=False)
class Address:
    """The 8-byte name of a site, a process or a group.

    Fields: ``site`` and ``incarnation`` (1 to 65535), ``number`` within the site (0 for the site
    itself), ``kind``.  The eighth byte is left for an entry point.  Addresses are compared all the
    time, therefore ``key`` has all the fields, in their order, as one number.
    Source: Birman and Joseph 1987, section 4.
    """

    site: int = field(validator=_U16)
    incarnation: int = field(validator=_U16)
    number: int = field(default=0, validator=_U16)
    kind: Kind = field(default=Kind.SITE, validator=validators.instance_of(Kind))
    key: int = field(init=False)

    @key.default
    def _key(self) -> int:
        return self.site << 40 | self.incarnation << 24 | self.number << 8 | self.kind

    @classmethod
    def of_site(cls, site: int, incarnation: int = 1) -> Self:
        """The address of one incarnation of a site."""
        return cls(site, incarnation)

    def process(self, number: int) -> Address:
        """The address of the process with this number (1 to 65535) at this site."""
        return Address(self.site, self.incarnation, number, Kind.PROCESS)

    @property
    def at(self) -> Address:
        """The site at which this process lives (of a site: itself)."""
        return Address(self.site, self.incarnation)

    def __bytes__(self) -> bytes:
        return _LAYOUT.pack(self.site, self.incarnation, self.number, self.kind, 0)

    @classmethod
    @functools.lru_cache(maxsize=1 << 8)  # the same few come again and again; others fill no memory
    def from_bytes(cls, data: bytes) -> Self:
        """Read the 8 bytes that ``bytes(address)`` gives.

        Raises ``InputError`` unless there are 8 bytes, the kind is known, and the last one is 0.
        """
        if len(data) != _LAYOUT.size:
            raise InputError(f"an address has {_LAYOUT.size} bytes; {len(data)} came")
        site, incarnation, number, kind, entry = _LAYOUT.unpack(data)
        if kind not in tuple(Kind) or entry != 0 or (kind == Kind.SITE) != (number == 0):
            raise InputError(f"these bytes are no address: {data.hex()}")
        return cls(site, incarnation, number, Kind(kind))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2.1`` (a site), ``2.1.3`` (a process) or ``g2.1.3`` (a group)."""
        match = _TEXT.fullmatch(text) if isinstance(text, str) else None
        if match is None or (match[1] and match[4] is None):
            raise InputError(f"an address looks like 2.1 (a site) or 2.1.3 (a process); {text!r} came")
        kind = Kind.GROUP if match[1] else Kind.SITE if match[4] is None else Kind.PROCESS
        try:
            return cls(int(match[2]), int(match[3]), int(match[4] or 0), kind)
        except ValueError as error:
            raise InputError(f"the numbers of an address go from 0 to 65535; {text!r} came") from error

    def __str__(self) -> str:
        if self.kind is Kind.SITE:
            return f"{self.site}.{self.incarnation}"
        prefix = "g" if self.kind is Kind.GROUP else ""
        return f"{prefix}{self.site}.{self.incarnation}.{self.number}"

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: Address) -> bool:
        return self.key < other.key

    def __le__(self, other: Address) -> bool:
        return self.key <= other.key

    def __gt__(self, other: Address) -> bool:
        return self.key > other.key

    def __ge__(self, other: Address) -> bool:
        return self.key >= other.key


@frozen(kw_only=True)
class View:
    """The membership of a group at one point of its history: number and members, oldest first.

    Spec: VSTypes!View.
    """

    id: int
    members: tuple[Address, ...]

    def as_json(self) -> dict[str, Any]:
        """The view as a trace has it."""
        return {"id": self.id, "members": [str(member) for member in self.members]}

    def rank(self, member: Address) -> int:
        """The place of a member by age, from 0.  Spec: VSTypes!Rank (there from 1)."""
        return self.members.index(member)


@frozen(kw_only=True)
class Group:
    """A process group as the sites know it.

    ``name`` is its symbolic name; who would join has to present the ``credentials``; ``view`` lists
    its members; ``sharing`` are those of them who share its state; ``configuration`` has pairs of key and
    value, by keys.
    Spec: Groups.  Paper: Birman and Joseph 1987, sections 3.2 and 3.3.
    """

    address: Address
    name: str
    credentials: str
    view: View
    sharing: frozenset[Address] = frozenset()
    configuration: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The group as a trace has it, without what is not for everyone's eyes."""
        return {"group": str(self.address), "name": self.name, "view": self.view.as_json()}


@frozen(kw_only=True)
class SiteView:
    """One of the agreed sequence of views of the whole system.

    ``id`` numbers the sequence; ``sites`` are the operational sites, oldest first; ``group``
    numbers the view of the process group that this view contains, and ``members`` lists that
    group, oldest first.  A change of sites alone leaves the group view as it was.

    Spec: SiteViews.
    """

    id: int
    sites: tuple[Address, ...]
    group: int = 0
    members: tuple[Address, ...] = ()

    @property
    def group_view(self) -> View:
        """The view of the process group that is part of this view."""
        return View(id=self.group, members=self.members)

    def as_json(self) -> dict[str, Any]:
        """The view as a trace has it."""
        return {
            "id": self.id,
            "sites": [str(site) for site in self.sites],
            "group": self.group,
            "members": [str(member) for member in self.members],
        }


@frozen(eq=False, repr=False)
class MessageId:
    """Which message: the n-th multicast of its sender.  ``key`` has both, in this order, as one number."""

    sender: Address
    number: int
    key: int = field(init=False)

    @key.default
    def _key(self) -> int:
        return self.sender.key << 64 | self.number

    def __str__(self) -> str:
        return f"{self.sender}:{self.number}"

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MessageId) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: MessageId) -> bool:
        return self.key < other.key

    def __le__(self, other: MessageId) -> bool:
        return self.key <= other.key

    def __gt__(self, other: MessageId) -> bool:
        return self.key > other.key

    def __ge__(self, other: MessageId) -> bool:
        return self.key >= other.key
