"""Hypothesis strategies for everything that travels between sites, derived from the types of its fields."""

from __future__ import annotations

import itertools
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from vsync.runtime.codec import REGISTRY, Entry
from vsync.runtime.layout import Layout, OneOf
from vsync.symbol_table import SYSTEM_FIELDS, Field, FieldType, SymbolTable
from vsync.types import Address, Kind, SiteView

ENTRIES = {entry.python: entry for entry in REGISTRY}
FEW = 3  # items of a list

sixteen_bits = st.integers(1, 3) | st.integers(1, 0xFFFF)
naturals = (
    st.integers(0, 100) | st.integers(0, 2**62 - 1) | st.sampled_from((63, 64, 2**14 - 1, 2**14, 2**30 - 1, 2**30))
)


def addresses(kind: Kind) -> SearchStrategy[Address]:
    """Addresses of one kind."""
    number = st.just(0) if kind is Kind.SITE else sixteen_bits
    return st.builds(Address, sixteen_bits, sixteen_bits, number, st.just(kind))


any_address = st.sampled_from(Kind).flatmap(addresses)

# -- Symbol tables ----------------------------------------------------------------------------------------

texts = st.text(max_size=8)
names = st.text(min_size=1, max_size=5).filter(lambda name: not name.startswith("$"))
scalars: dict[FieldType, SearchStrategy[Any]] = {
    FieldType.BOOLEAN: st.booleans(),
    FieldType.INTEGER: st.integers(-(2**63), 2**63 - 1),
    FieldType.FLOAT: st.floats(),
    FieldType.TEXT: texts,
    FieldType.BYTES: st.binary(max_size=8),
    FieldType.ADDRESS: any_address,
}


@st.composite
def tables_of(draw: st.DrawFn, items: dict[FieldType, SearchStrategy[Any]]) -> SymbolTable:
    """Tables whose fields hold these, or lists of these."""
    fields = []
    for name in sorted(draw(st.lists(names, max_size=FEW, unique=True))):
        kind = draw(st.sampled_from(list(items)))
        if draw(st.booleans()):
            fields.append(Field(name, kind, draw(items[kind])))
        else:
            fields.append(Field(name, kind.list, tuple(draw(st.lists(items[kind], max_size=FEW)))))
    return SymbolTable(tuple(fields))


flat_tables = tables_of(scalars)
#: What an application can put into a message.
plain_tables: SearchStrategy[SymbolTable] = tables_of(
    scalars | {FieldType.TABLE: flat_tables | tables_of(scalars | {FieldType.TABLE: flat_tables})}
)


@st.composite
def stamped_tables(draw: st.DrawFn) -> SymbolTable:
    """Messages as they leave a site, with some system fields."""
    own = draw(plain_tables)
    stamps = [
        Field(name, kind, draw(st.integers(0, 255) if name == "$entry" else scalars[kind]))
        for name, kind in SYSTEM_FIELDS.items()
        if draw(st.booleans())
    ]
    return SymbolTable(tuple(sorted((*own.fields, *stamps), key=lambda each: each.name)))


tables = plain_tables | stamped_tables()

# -- Classes ----------------------------------------------------------------------------------------------


@st.composite
def site_views(draw: st.DrawFn) -> SiteView:
    """Views of sites, with a group that lives there."""
    sites = draw(st.lists(addresses(Kind.SITE), min_size=1, max_size=FEW, unique=True))
    member = st.builds(lambda site, number: site.process(number), st.sampled_from(sites), sixteen_bits)
    members = draw(st.lists(member, max_size=FEW, unique=True))
    number = st.integers(1, 2**62 - 1)
    return SiteView(id=draw(number), sites=tuple(sites), group=draw(naturals), members=tuple(members))


@st.composite
def successive_views(draw: st.DrawFn) -> tuple[SiteView, ...]:
    """Views that are numbered one after the other."""
    numbers = itertools.count(draw(st.integers(1, 2**14)))
    views = draw(st.lists(site_views(), min_size=1, max_size=FEW))
    return tuple(attrs.evolve(view, id=next(numbers)) for view in views)


@cache
def values_of(python: type) -> SearchStrategy[Any]:
    """Values of a registered class that keep its rules."""
    if python is SiteView:
        return site_views()
    entry: Entry = ENTRIES[python]
    types = get_type_hints(python) | dict(entry.types)
    parts = {
        name: successive_views() if name == "views" else values(kind)
        for name, kind in types.items()
        if name in {each.name for each in attrs.fields(python) if each.init}
    }
    built = st.builds(python, **parts)
    return built.filter(lambda value: all(rule.holds(value) for rule in entry.rules)) if entry.rules else built


def values(kind: Any) -> SearchStrategy[Any]:
    """Values of the type of a field."""
    if isinstance(kind, Layout):
        assert isinstance(kind, OneOf), f"no values of {kind.name}"
        return st.sampled_from(kind.values)
    simple: dict[Any, SearchStrategy[Any]] = {
        NoneType: st.none(),
        bool: st.booleans(),
        int: naturals,
        float: st.floats(allow_nan=False),
        str: texts,
        bytes: st.binary(max_size=8),
        Address: any_address,
        SymbolTable: tables,
    }
    if kind in simple:
        return simple[kind]
    arguments = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return st.one_of(*map(values, arguments))
    if get_origin(kind) is tuple and arguments[1:] == (...,):
        return st.lists(values(arguments[0]), max_size=FEW).map(tuple)
    if get_origin(kind) is tuple:
        return st.tuples(*map(values, arguments))
    if get_origin(kind) is frozenset:
        return st.frozensets(values(arguments[0]), max_size=FEW)
    return values_of(kind)


#: Everything that has an encoding of its own.
anything: SearchStrategy[Any] = st.sampled_from([SymbolTable, *ENTRIES]).flatmap(values)
