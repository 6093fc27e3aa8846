"""Planted bugs: the decoder with one thing broken, which the fuzzer and the tests have to find.

Each bug replaces one method.  ``symptom`` is what the fuzzer calls it: the decoder ``crashes``,
``hangs``, ``allocates`` without bound, or ``accepts`` what is malformed.

Spec: none.
Paper: none.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from vsync.errors import LocalProtocolError
from vsync.runtime.codec import Codec
from vsync.runtime.layout import (
    AddressLayout,
    Boolean,
    Bytes,
    Float,
    ListOf,
    Reader,
    Record,
    TableLayout,
    Text,
)
from vsync.symbol_table import DEPTH_MAX, Field, SymbolTable
from vsync.types import Address, Kind

CRASHES, HANGS, ALLOCATES, ACCEPTS = "crashes", "hangs", "allocates", "accepts"


@frozen(kw_only=True)
class Bug:
    """One broken decoder: what is broken, the symptom, and which method is replaced."""

    name: str
    broken: str
    symptom: str
    owner: Any
    attribute: str
    replacement: Any

    @contextmanager
    def applied(self) -> Iterator[None]:
        """While the block lasts, the decoder is broken."""
        whole = getattr(self.owner, self.attribute)
        setattr(self.owner, self.attribute, self.replacement)
        try:
            yield
        finally:
            setattr(self.owner, self.attribute, whole)


BUGS: dict[str, Bug] = {}
"""Every planted bug, by its name."""


def _planted(symptom: str, owner: Any, attribute: str) -> Callable[[Any], Any]:
    """Register a replacement under its name; its docstring says what is broken."""

    def register(replacement: Any) -> Any:
        name = replacement.__name__
        BUGS[name] = Bug(
            name=name,
            broken=replacement.__doc__,
            symptom=symptom,
            owner=owner,
            attribute=attribute,
            replacement=replacement,
        )
        return replacement

    return register


@_planted(ACCEPTS, Reader, "natural")
def longer_numbers(self: Reader, what: str) -> int:
    """A number may stand in a longer form than it needs."""
    first = self.byte(what)
    self.offset -= 1
    size = 1 << (first >> 6)
    return int.from_bytes(self.take(size, what), "big") & ((1 << (8 * size - 2)) - 1)


@_planted(ACCEPTS, Codec, "read")
def bytes_after_the_end(self: Codec, source: Reader, *expected: type) -> Any:
    """What stands after the value is not looked at."""
    if source.byte("a version") != 1:
        raise source.refusal("version 1", "another", 0)
    return self.top.read(source)


@_planted(ACCEPTS, Codec, "read")
def any_version(self: Codec, source: Reader, *expected: type) -> Any:
    """The version is not looked at."""
    source.byte("a version")
    value = self.top.read(source)
    if source.left:
        raise source.refusal("the end", f"{source.left} more bytes")
    return value


@_planted(ACCEPTS, Boolean, "read")
def any_boolean(self: Boolean, source: Reader) -> bool:
    """Every byte but 0 is true."""
    return source.byte("a boolean") != 0


@_planted(ACCEPTS, Float, "read")
def any_nan(self: Float, source: Reader) -> float:
    """There are many NaNs."""
    value: float = struct.unpack(">d", source.take(8, "a float"))[0]
    return value


@_planted(ACCEPTS, Text, "read")
def any_text(self: Text, source: Reader) -> str:
    """What is not UTF-8 is replaced."""
    return source.take(source.count("bytes of text", 1), "text").decode(errors="replace")


@_planted(ACCEPTS, AddressLayout, "read")
def any_entry_point(self: AddressLayout, source: Reader) -> Address:
    """The eighth byte of an address is not looked at."""
    site, incarnation, number, kind, _ = struct.unpack(">HHHBB", source.take(8, "an address"))
    if not (site and incarnation) or kind not in tuple(Kind) or (kind == 0) != (number == 0):
        raise source.refusal("an address", "another thing")
    return Address(site, incarnation, number, Kind(kind))


@_planted(ACCEPTS, TableLayout, "read")
def fields_in_any_order(self: TableLayout, source: Reader) -> SymbolTable:
    """Fields may come in any order, and more than once."""
    if source.depth == DEPTH_MAX:
        raise source.refusal("fewer tables", "a deeper one")
    source.depth += 1
    count = source.count("fields", 4)
    fields: dict[str, Field] = {}
    for _ in range(count):
        each = self._read_field(source)
        fields[each.name] = each
    source.depth -= 1
    return SymbolTable(tuple(fields[name] for name in sorted(fields)))


@_planted(ACCEPTS, Record, "read")
def rules_forgotten(self: Record, source: Reader) -> Any:
    """The rules of a class are not looked at."""
    return self.python(**{part.name: part.layout.read(source) for part in self.parts})


@_planted(CRASHES, Reader, "byte")
def end_not_seen(self: Reader, what: str) -> int:
    """The end of the bytes is not looked for."""
    value = self.data[self.offset]
    self.offset += 1
    return value


@_planted(CRASHES, TableLayout, "read")
def depth_unbounded(self: TableLayout, source: Reader) -> SymbolTable:
    """Tables may stand in each other without end."""
    start = source.offset
    fields = tuple([self._read_field(source) for _ in range(source.count("fields", 4))])
    try:
        return SymbolTable(fields)
    except LocalProtocolError as error:
        raise source.wrong(error, start) from None


@_planted(CRASHES, Text, "read")
def text_unchecked(self: Text, source: Reader) -> str:
    """That a text may not be UTF-8 is forgotten."""
    return source.take(source.count("bytes of text", 1), "text").decode()


@_planted(HANGS, Bytes, "read")
def waits_for_more(self: Bytes, source: Reader) -> bytes:
    """Bytes that are not there are waited for."""
    count = source.natural("a count of bytes")
    while source.left < count:
        pass
    return source.take(count, "bytes")


@_planted(ALLOCATES, ListOf, "read")
def counts_trusted(self: ListOf, source: Reader) -> tuple[Any, ...]:
    """Room is made for as many items as a count says, before it is known that they are there."""
    count = source.natural("a count of items")
    items: list[Any] = [None] * min(count, 1 << 20)
    for place in range(count):
        items[place] = self.item.read(source)
    return tuple(items)


@_planted(ALLOCATES, Bytes, "read")
def sizes_trusted(self: Bytes, source: Reader) -> bytes:
    """A buffer of the size that is announced is made, before it is known that as much has come."""
    count = source.natural("a count of bytes")
    buffer = bytearray(min(count, 1 << 22))
    buffer[:] = source.take(count, "bytes")
    return bytes(buffer)
