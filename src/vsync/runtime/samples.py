"""Samples: random values of a layout, from a generator that the caller has seeded.

Values lie near the borders of the format (the ends of each size of a number, empty and long lists)
more often than chance would have it.

Spec: none.
Paper: none.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

from vsync.runtime.codec import CODEC, SUCCESSIVE
from vsync.runtime.layout import (
    TABLE,
    AddressLayout,
    Boolean,
    Bytes,
    Float,
    Integer,
    Layout,
    ListOf,
    Natural,
    Nothing,
    OneOf,
    Record,
    SetOf,
    Several,
    TableLayout,
    Tagged,
    Text,
)
from vsync.symbol_table import DEPTH_MAX, SYSTEM_FIELDS, Field, FieldType, SymbolTable
from vsync.types import Address, Kind, SiteView

NATURALS = tuple(near for bits in (0, 6, 14, 30, 62) for near in (2**bits - 1, 2**bits) if near < 2**62)
INTEGERS = (0, 1, -1, 2**63 - 1, -(2**63))
FLOATS = (0.0, -0.0, 1.5, float("inf"), float("-inf"), float("nan"), 5e-324)
CHARACTERS = "aZ$ \x00\x7fé\u07ffࠀ\uffff😀"
TRIES = 1000
"""How often a record is drawn anew before its rules are given up."""

_TABLE_DEPTH = 3  # of a random table
_ONE_ITEM = 0.4  # how many lists have one item


class Sampler:
    """Draws values."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self._depth = 0

    def value(self, layout: Layout) -> Any:
        """A random value of this layout."""
        chance = self.chance
        match layout:
            case Nothing():
                return None
            case Boolean():
                return chance.random() < 0.5
            case Natural():
                return chance.choice(NATURALS) if chance.random() < 0.3 else chance.randrange(1, 20)
            case Integer():
                return chance.choice(INTEGERS) if chance.random() < 0.5 else chance.getrandbits(64) - 2**63
            case Float():
                return chance.choice(FLOATS) if chance.random() < 0.5 else chance.gauss(0, 1000)
            case Bytes():
                return chance.randbytes(self._length())
            case Text():
                return "".join(chance.choices(CHARACTERS, k=self._length()))
            case AddressLayout():
                return self.address(chance.choice(tuple(Kind)))
            case OneOf(values=values):
                return chance.choice(values)
            case ListOf(item=item):
                return tuple(self.value(item) for _ in range(self._length()))
            case SetOf(item=item):
                return frozenset(self.value(item) for _ in range(self._length()))
            case Several(items=items):
                return tuple(map(self.value, items))
            case Tagged(by_tag=by_tag):
                return self.value(chance.choice(tuple(by_tag.values())))
            case TableLayout():
                return self.table()
            case Record():
                return self.record(layout)
        raise AssertionError(f"no samples of {layout.name}")

    def record(self, layout: Record) -> Any:
        """A random value of a class that keeps the rules of the class."""
        if layout.python in SPECIAL:
            return SPECIAL[layout.python](self)
        for _ in range(TRIES):
            values = {part.name: self.value(part.layout) for part in layout.parts}
            if SUCCESSIVE in layout.rules:
                values["views"] = self.views()
            value = layout.python(**values)
            if all(rule.holds(value) for rule in layout.rules):
                return value
        raise AssertionError(f"chance breaks the rules of {layout.name}: put it into SPECIAL")

    def address(self, kind: Kind) -> Address:
        """A random address of this kind, often a small one."""
        top = 3 if self.chance.random() < 0.8 else 0xFFFF
        site, incarnation, number = (self.chance.randint(1, top) for _ in range(3))
        return Address(site, incarnation, 0 if kind is Kind.SITE else number, kind)

    def site_view(self) -> SiteView:
        """A random view of sites and of a group that lives there."""
        sites = tuple({self.address(Kind.SITE): None for _ in range(self.chance.randint(1, 5))})
        members = tuple({self.chance.choice(sites).process(self.chance.randint(1, 3)): None for _ in sites})
        return SiteView(
            id=self.chance.randint(1, 100),
            sites=sites,
            group=self.chance.randint(0, 100),
            members=members if self.chance.random() < 0.8 else (),
        )

    def views(self) -> tuple[SiteView, ...]:
        """Some random views, numbered one after the other."""
        first = self.chance.randint(1, 80)
        ids = itertools.count(first)
        views = [self.site_view() for _ in range(self.chance.randint(1, 3))]
        return tuple(SiteView(id=next(ids), sites=view.sites, group=view.group, members=view.members) for view in views)

    def table(self) -> SymbolTable:
        """A random symbol table; system fields only where they may stand."""
        outermost = self._depth == 0
        self._depth += 1
        fields = {}
        for _ in range(self._length()):
            name = "".join(self.chance.choices("abcé😀", k=self.chance.choice((1, 1, 1, 2, 8, 60))))
            deepest = self._depth >= min(_TABLE_DEPTH, DEPTH_MAX)
            kinds = [kind for kind in FieldType if not (deepest and kind.item is FieldType.TABLE)]
            fields[name] = self._field(name, self.chance.choice(kinds))
        if outermost and self.chance.random() < 0.5:
            for name, kind in SYSTEM_FIELDS.items():
                value = self.value(_TABLE.layouts[kind]) if name != "$entry" else self.chance.randrange(256)
                fields[name] = Field(name, kind, value)
        self._depth -= 1
        return SymbolTable(tuple(fields[name] for name in sorted(fields)))

    def _field(self, name: str, kind: FieldType) -> Field:
        return Field(name, kind, self.value(_TABLE.layouts[kind]))

    def _length(self) -> int:
        if self.chance.random() < _ONE_ITEM:
            return 1
        return self.chance.choice((0, 2, 3, 5))


_TABLE = TABLE

SPECIAL: dict[type, Callable[[Sampler], Any]] = {SiteView: Sampler.site_view}
"""Classes whose rules chance alone does not keep."""


def packet(chance: Random) -> bytes:
    """The encoding of a random value of a registered class."""
    entry = chance.choice(CODEC.entries)
    return CODEC.encode(Sampler(chance).value(CODEC.record(entry.python)))


def symbol_table(chance: Random) -> bytes:
    """The encoding of a random symbol table."""
    return CODEC.encode(Sampler(chance).table())
