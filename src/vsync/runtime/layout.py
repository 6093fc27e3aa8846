"""Layouts: how the values of one type are laid out in bytes.

A layout writes a value, and reads it back from bytes that anybody may have sent.  Layouts are put
together from smaller ones, as types are: a list of naturals, a record of fields.  For each value
there is one encoding, and a layout reads no other.  It looks at what is there before it makes
anything of it: a count that the bytes left cannot hold is refused at once, so that memory stays
in proportion to the bytes that came.

``FORMAT.md``, beside this module, says the same in tables.

Spec: none.
Paper: Birman and Joseph 1987, section 4 (8-byte addresses, messages as symbol tables).
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from vsync.errors import InputError, LocalProtocolError, RemoteProtocolError
from vsync.symbol_table import DEPTH_MAX, INTEGER_MAX, INTEGER_MIN, Field, FieldType, SymbolTable, float_bits, shown
from vsync.types import Address, Kind

NATURAL_MAX = 2**62 - 1
"""The largest count or number; one of 1, 2, 4 or 8 bytes (RFC 9000, section 16)."""

_ADDRESS_BYTES = 8


class Reader:
    """Bytes that are being read, from the first to the last."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.offset = 0
        self.depth = 0

    @property
    def left(self) -> int:
        """How many bytes have not been read."""
        return len(self.data) - self.offset

    def refusal(self, expected: str, came: str, at: int | None = None) -> RemoteProtocolError:
        """The error that refuses the bytes: what was expected at this offset, and what came."""
        offset = self.offset if at is None else at
        return RemoteProtocolError(
            f"byte {offset} of {len(self.data)}: expected {expected}, but {came} came: drop what was received"
        )

    def wrong(self, error: Exception, at: int) -> RemoteProtocolError:
        """The error that refuses the bytes for what is wrong with the value that they give."""
        return RemoteProtocolError(f"byte {at} of {len(self.data)}: {error}: drop what was received")

    def take(self, size: int, what: str) -> bytes:
        """The next bytes, as many as these."""
        start = self.offset
        end = start + size
        if end > len(self.data):
            raise self.refusal(f"{size} bytes of {what}", f"only {self.left}")
        self.offset = end
        return self.data[start:end]

    def byte(self, what: str) -> int:
        """The next byte."""
        if self.offset >= len(self.data):
            raise self.refusal(what, "the end")
        value = self.data[self.offset]
        self.offset += 1
        return value

    def natural(self, what: str) -> int:
        """The next natural number, which must be in the shortest form that holds it."""
        start = self.offset
        first = self.byte(what)
        if first < 0x40:
            return first
        size = 1 << (first >> 6)
        self.offset = start
        value = int.from_bytes(self.take(size, what), "big") & ((1 << (8 * size - 2)) - 1)
        if value >> (4 * size - 2) == 0:
            raise self.refusal(f"{what} in the shortest form", f"{value} in {size} bytes", start)
        return value

    def count(self, what: str, least: int) -> int:
        """The number of the items that follow, each of at least so many bytes."""
        start = self.offset
        count = self.natural(f"a count of {what}")
        if count * least > self.left:
            raise self.refusal(f"a count of {what} that {self.left} bytes can hold", str(count), start)
        return count


class Layout(ABC):
    """How the values of one type are laid out.

    ``name`` is what the written format calls it; ``least`` is the size in bytes of its smallest value.
    """

    name: str
    least: int

    @abstractmethod
    def write(self, value: Any, out: bytearray) -> None:
        """Put a value at the end of the bytes.  Errors: ``LocalProtocolError`` if it is not of the type."""

    @abstractmethod
    def read(self, source: Reader) -> Any:
        """Take a value from the bytes.  Errors: ``RemoteProtocolError`` if no correct site writes them."""

    def ordering(self, value: Any) -> int:
        """How many bytes of the value say in which order, and in which view, something comes."""
        return 0

    def size(self, value: Any) -> int:
        """The size of a value in bytes."""
        out = bytearray()
        self.write(value, out)
        return len(out)


# -- Single values ------------------------------------------------------------------------------


class Nothing(Layout):
    """None, where there may be something or nothing."""

    name = "nothing"
    least = 0

    def write(self, value: Any, out: bytearray) -> None:
        _expect(type(None), value)

    def read(self, source: Reader) -> None:
        return None


class Natural(Layout):
    """A number from 0 to 2^62 - 1: two bits for the size, then the number, most significant byte first."""

    name = "natural"
    least = 1

    def write(self, value: Any, out: bytearray) -> None:
        _expect(int, value)
        if not 0 <= value <= NATURAL_MAX:
            raise LocalProtocolError(f"expected a number from 0 to {NATURAL_MAX}, but {value} came")
        if value < 0x40:
            out.append(value)
            return
        exponent = 1 if value < 1 << 14 else 2 if value < 1 << 30 else 3
        size = 1 << exponent
        out += (value | exponent << (8 * size - 2)).to_bytes(size, "big")

    def read(self, source: Reader) -> int:
        return source.natural("a number")


class Integer(Layout):
    """A number of 64 bits with sign."""

    name = "integer"
    least = 8

    def write(self, value: Any, out: bytearray) -> None:
        _expect(int, value)
        if not INTEGER_MIN <= value <= INTEGER_MAX:
            raise LocalProtocolError(f"expected an integer of 64 bits with sign, but {value} came")
        out += value.to_bytes(8, "big", signed=True)

    def read(self, source: Reader) -> int:
        return int.from_bytes(source.take(8, "an integer"), "big", signed=True)


class Float(Layout):
    """A number of IEEE 754, 64 bits; there is one NaN."""

    name = "float"
    least = 8

    def write(self, value: Any, out: bytearray) -> None:
        _expect(float, value)
        out += float_bits(value)

    def read(self, source: Reader) -> float:
        data = source.take(8, "a float")
        value: float = struct.unpack(">d", data)[0]
        if value != value and data != float_bits(value):
            raise source.refusal("the one NaN", data.hex(), source.offset - 8)
        return value


class Boolean(Layout):
    """True or false."""

    name = "boolean"
    least = 1

    def write(self, value: Any, out: bytearray) -> None:
        _expect(bool, value)
        out.append(value)

    def read(self, source: Reader) -> bool:
        value = source.byte("a boolean")
        if value > 1:
            raise source.refusal("a boolean, 0 or 1", str(value), source.offset - 1)
        return value == 1


class Bytes(Layout):
    """Any bytes, after their count."""

    name = "bytes"
    least = 1

    def write(self, value: Any, out: bytearray) -> None:
        _expect(bytes, value)
        NATURAL.write(len(value), out)
        out += value

    def read(self, source: Reader) -> bytes:
        return source.take(source.count("bytes", 1), "bytes")


class Text(Layout):
    """UTF-8, after the count of its bytes."""

    name = "text"
    least = 1

    def write(self, value: Any, out: bytearray) -> None:
        _expect(str, value)
        try:
            BYTES.write(value.encode(), out)
        except UnicodeEncodeError as error:
            raise LocalProtocolError("expected characters in a text, but half of a surrogate pair came") from error

    def read(self, source: Reader) -> str:
        data = source.take(source.count("bytes of text", 1), "text")
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            start = source.offset - len(data) + error.start
            raise source.refusal("UTF-8", data[error.start : error.start + 4].hex(), start) from None


class AddressLayout(Layout):
    """Eight bytes: site, incarnation and number of two bytes each, kind, and one that is left for entry points."""

    name = "address"
    least = _ADDRESS_BYTES

    def write(self, value: Any, out: bytearray) -> None:
        _expect(Address, value)
        if not (value.site and value.incarnation) or (value.kind is Kind.SITE) != (value.number == 0):
            raise LocalProtocolError(
                "expected an address with a site and an incarnation from 1, and with a number unless it is a "
                f"site's, but {value} of kind {value.kind.name} came"
            )
        out += bytes(value)

    def read(self, source: Reader) -> Address:
        data = source.take(_ADDRESS_BYTES, "an address")
        try:
            address = Address.from_bytes(data)
        except InputError:
            raise source.refusal("an address", data.hex(), source.offset - _ADDRESS_BYTES) from None
        if not (address.site and address.incarnation):
            raise source.refusal("a site and an incarnation from 1", data.hex(), source.offset - _ADDRESS_BYTES)
        return address


class OneOf(Layout):
    """One of a few values, as its place among them, from 0."""

    least = 1

    def __init__(self, *values: Any) -> None:
        assert len(values) <= 256
        self.name = "one of " + ", ".join(map(str, values))
        self.values = values

    def write(self, value: Any, out: bytearray) -> None:
        if value not in self.values:
            raise LocalProtocolError(f"expected {self.name}, but {shown(value)} came")
        out.append(self.values.index(value))

    def read(self, source: Reader) -> Any:
        place = source.byte(self.name)
        if place >= len(self.values):
            raise source.refusal(f"{self.name}, 0 to {len(self.values) - 1}", str(place), source.offset - 1)
        return self.values[place]


NOTHING = Nothing()
NATURAL = Natural()
INTEGER = Integer()
FLOAT = Float()
BOOLEAN = Boolean()
BYTES = Bytes()
TEXT = Text()
ADDRESS = AddressLayout()


# -- Several values -----------------------------------------------------------------------------


def _grouped(item: Layout) -> str:
    return f"({item.name})" if isinstance(item, Tagged) else item.name


class ListOf(Layout):
    """Any number of items of one type, after their count; a tuple."""

    least = 1

    def __init__(self, item: Layout) -> None:
        assert item.least > 0, f"a list of {item.name} could hold any number of items in no bytes"
        self.name = f"list of {_grouped(item)}"
        self.item = item

    def write(self, value: Any, out: bytearray) -> None:
        _expect(tuple, value)
        NATURAL.write(len(value), out)
        for item in value:
            self.item.write(item, out)

    def read(self, source: Reader) -> tuple[Any, ...]:
        count = source.count("items", self.item.least)
        return tuple([self.item.read(source) for _ in range(count)])

    def ordering(self, value: Any) -> int:
        return sum(map(self.item.ordering, value))


class SetOf(Layout):
    """Any number of different items, after their count, in the order of their bytes; a frozenset."""

    least = 1

    def __init__(self, item: Layout) -> None:
        assert item.least > 0, f"a set of {item.name} could hold any number of items in no bytes"
        self.name = f"set of {_grouped(item)}"
        self.item = item

    def write(self, value: Any, out: bytearray) -> None:
        _expect(frozenset, value)
        NATURAL.write(len(value), out)
        written = []
        for item in value:
            written.append(bytearray())
            self.item.write(item, written[-1])
        for each in sorted(written):
            out += each

    def read(self, source: Reader) -> frozenset[Any]:
        count = source.count("items", self.item.least)
        items = []
        before = b""
        for _ in range(count):
            start = source.offset
            items.append(self.item.read(source))
            encoded = source.data[start : source.offset]
            if encoded <= before:
                raise source.refusal("items of a set in ascending order", encoded[:16].hex(), start)
            before = encoded
        return frozenset(items)

    def ordering(self, value: Any) -> int:
        return sum(map(self.item.ordering, value))


class Several(Layout):
    """A fixed number of items, each of its own type; a tuple."""

    def __init__(self, *items: Layout) -> None:
        self.name = "(" + ", ".join(item.name for item in items) + ")"
        self.items = items
        self.least = sum(item.least for item in items)

    def write(self, value: Any, out: bytearray) -> None:
        _expect(tuple, value)
        if len(value) != len(self.items):
            raise LocalProtocolError(f"expected {len(self.items)} values, {self.name}, but {len(value)} came")
        for layout, item in zip(self.items, value, strict=True):
            layout.write(item, out)

    def read(self, source: Reader) -> tuple[Any, ...]:
        return tuple([layout.read(source) for layout in self.items])

    def ordering(self, value: Any) -> int:
        return sum(layout.ordering(item) for layout, item in zip(self.items, value, strict=True))


class Tagged(Layout):
    """A value of one of several types: the tag of the type, one byte, and the value."""

    def __init__(self, options: Mapping[int, tuple[type, Layout]]) -> None:
        self.by_tag = {tag: layout for tag, (_, layout) in sorted(options.items())}
        self.by_type = {python: (tag, layout) for tag, (python, layout) in options.items()}
        self.name = " or ".join(layout.name for layout in self.by_tag.values())
        self.least = 1 + min(layout.least for layout in self.by_tag.values())

    def write(self, value: Any, out: bytearray) -> None:
        tag, layout = self._option(value)
        out.append(tag)
        layout.write(value, out)

    def read(self, source: Reader) -> Any:
        tag = source.byte("a tag")
        layout = self.by_tag.get(tag)
        if layout is None:
            raise source.refusal(f"the tag of {self.name}", f"{tag:#04x}", source.offset - 1)
        return layout.read(source)

    def ordering(self, value: Any) -> int:
        return self._option(value)[1].ordering(value)

    def _option(self, value: Any) -> tuple[int, Layout]:
        if type(value) not in self.by_type:
            raise LocalProtocolError(f"expected {self.name}, but {shown(value)} came")
        return self.by_type[type(value)]


@frozen(kw_only=True)
class Part:
    """One field of a record: its name, its layout, and whether all of it is ordering information."""

    name: str
    layout: Layout
    orders: bool


@frozen(kw_only=True)
class Rule:
    """What must hold of a record, whatever the state of its receiver; the sentence follows "expected"."""

    sentence: str
    holds: Callable[[Any], bool]


class Record(Layout):
    """The fields of an attrs class, in the order of the class, and nothing between them."""

    def __init__(self, python: type, parts: tuple[Part, ...], rules: tuple[Rule, ...] = ()) -> None:
        self.python = python
        self.parts = parts
        self.rules = rules
        self.name = python.__name__
        self.least = sum(part.layout.least for part in parts)

    def write(self, value: Any, out: bytearray) -> None:
        _expect(self.python, value)
        for rule in self.rules:
            if not rule.holds(value):
                raise LocalProtocolError(f"expected {rule.sentence}, but {shown(value)} came")
        for part in self.parts:
            part.layout.write(getattr(value, part.name), out)

    def read(self, source: Reader) -> Any:
        start = source.offset
        try:
            value = self.python(**{part.name: part.layout.read(source) for part in self.parts})
        except ValueError as error:  # of a validator of the class
            raise source.wrong(error, start) from None
        for rule in self.rules:
            if not rule.holds(value):
                raise source.refusal(f"{rule.sentence} in {self.name}", "something else", start)
        return value

    def ordering(self, value: Any) -> int:
        total = 0
        for part in self.parts:
            inside = getattr(value, part.name)
            total += part.layout.size(inside) if part.orders else part.layout.ordering(inside)
        return total


# -- Symbol tables ------------------------------------------------------------------------------


class TableLayout(Layout):
    """A symbol table: the count of its fields, and each as name, type and value, by ascending names."""

    name = "table"
    least = 1

    def __init__(self) -> None:
        items: dict[FieldType, Layout] = {
            FieldType.BOOLEAN: BOOLEAN,
            FieldType.INTEGER: INTEGER,
            FieldType.FLOAT: FLOAT,
            FieldType.TEXT: TEXT,
            FieldType.BYTES: BYTES,
            FieldType.ADDRESS: ADDRESS,
            FieldType.TABLE: self,
        }
        self.layouts = items | {each.list: ListOf(layout) for each, layout in items.items()}

    def write(self, value: Any, out: bytearray) -> None:
        _expect(SymbolTable, value)
        NATURAL.write(len(value.fields), out)
        for each in value.fields:
            name = each.name.encode()
            out.append(len(name))
            out += name
            out.append(each.type)
            self.layouts[each.type].write(each.value, out)

    def read(self, source: Reader) -> SymbolTable:
        start = source.offset
        if source.depth == DEPTH_MAX:
            raise source.refusal(f"tables at most {DEPTH_MAX} deep in each other", "a deeper one")
        count = source.count("fields", _FIELD_LEAST)
        if not count:
            return _EMPTY
        source.depth += 1
        fields = tuple([self._read_field(source) for _ in range(count)])
        source.depth -= 1
        try:
            return SymbolTable(fields)
        except LocalProtocolError as error:
            raise source.wrong(error, start) from None

    def _read_field(self, source: Reader) -> Field:
        start = source.offset
        data = source.take(source.byte("the size of a name"), "a name")
        try:
            name = data.decode()
        except UnicodeDecodeError:
            raise source.refusal("a name in UTF-8", data.hex(), start) from None
        code = source.byte("the type of a field")
        if code not in _CODES:
            raise source.refusal("the type of a field", f"{code:#04x}", source.offset - 1)
        kind = FieldType(code)
        value = self.layouts[kind].read(source)
        try:
            return Field(name, kind, value)
        except LocalProtocolError as error:
            raise source.wrong(error, start) from None


_FIELD_LEAST = 4  # the size of the name, one byte of it, the type, one byte of value
_EMPTY = SymbolTable()
_CODES = frozenset(map(int, FieldType))
TABLE = TableLayout()


def _expect(python: type, value: object) -> None:
    if type(value) is not python:
        raise LocalProtocolError(f"expected a value of type {python.__name__}, but {shown(value)} came")
