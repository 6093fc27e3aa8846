"""Symbol tables: what an application puts into a message, as named and typed fields.

A field holds a boolean, an integer of 64 bits, a float, text, bytes, an address, another symbol
table, or a list of these, all of one type.  A table is a value: it never changes, and what puts a
field in or takes one out returns another table.  Fields are kept in the order of their names,
whatever the order in which they came, so that equal tables have equal bytes.  Fields of different
types are never equal (1, 1.0 and True are three values), and floats are compared by their bits.

Fields whose names begin with ``$`` are *system fields*: every application can read them, and only
the protocols set them.  A site stamps each message that leaves it (``stamped``), and drops
whatever system fields the message had; a table inside another has none.  So whoever reads the
sender of a message anywhere reads the truth.

Spec: none; the specification says nothing of contents.
Paper: Birman and Joseph 1987, section 4 (messages are symbol tables).
"""

from __future__ import annotations

import enum
import itertools
import reprlib
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from attrs import field, frozen

from vsync.errors import LocalProtocolError
from vsync.types import Address

NAME_BYTES_MAX = 255
DEPTH_MAX = 16
"""How deep tables may stand in each other; one that holds no other has depth 1."""
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
SYSTEM = "$"
"""What the name of a system field begins with."""

_LIST = 0x10
_NAMES_SHOWN = 8


class FieldType(enum.IntEnum):
    """What a field holds; the numbers are those of the encoding."""

    BOOLEAN = 0x01
    INTEGER = 0x02
    FLOAT = 0x03
    TEXT = 0x04
    BYTES = 0x05
    ADDRESS = 0x06
    TABLE = 0x07
    BOOLEANS = 0x11
    INTEGERS = 0x12
    FLOATS = 0x13
    TEXTS = 0x14
    BYTE_STRINGS = 0x15
    ADDRESSES = 0x16
    TABLES = 0x17

    @property
    def is_list(self) -> bool:
        """The field holds a list."""
        return self >= _LIST

    @property
    def item(self) -> FieldType:
        """The type of one item of a list; of another type, itself."""
        return FieldType(self & ~_LIST)

    @property
    def list(self) -> FieldType:
        """The type of a list of such items; of a list, itself."""
        return FieldType(self | _LIST)

    def __str__(self) -> str:
        return self.name.lower().replace("_", " ")


@frozen(repr=False)
class Field:
    """One field: name, type, value; a list is a tuple.

    Errors: ``LocalProtocolError`` unless the name has 1 to 255 bytes of UTF-8 and the value is of
    the type; for a name that begins with ``$``, unless it is a system field of that type.
    """

    name: str
    type: FieldType
    value: Value = field(eq=lambda value: _comparable(value))

    def __attrs_post_init__(self) -> None:
        _check_name(self.name)
        if self.type.is_list:
            if type(self.value) is not tuple:
                raise LocalProtocolError(f"{self.name!r} is a list, which is a tuple here; {shown(self.value)} came")
            for item in self.value:
                _check_item(self.name, self.type.item, item)
        else:
            _check_item(self.name, self.type, self.value)
        if self.name.startswith(SYSTEM) and SYSTEM_FIELDS.get(self.name) is not self.type:
            known = ", ".join(f"{name} ({kind})" for name, kind in SYSTEM_FIELDS.items())
            raise LocalProtocolError(f"the system fields are {known}; {self.name!r} ({self.type}) came")
        if self.name == ENTRY and self.value not in range(256):
            raise LocalProtocolError(f"an entry point has one byte, 0 to 255; {shown(self.value)} came")

    @classmethod
    def of(cls, name: str, value: Value | list[Scalar], items: ItemType | None = None) -> Field:
        """The field of this name and value; ``items``, the type of the items, is for a list without any.

        Errors: ``LocalProtocolError`` for a value that no field can hold.
        """
        if not isinstance(value, tuple | list):
            return cls(name, _type_of(name, type(value)), value)
        if items is None and not value:
            raise LocalProtocolError(f"expected the type of the items of {name!r}, which is empty: give items=")
        one = _type_of(name, items or type(value[0]))
        return cls(name, one.list, tuple(value))

    @property
    def is_system(self) -> bool:
        """Only the protocols set it."""
        return self.name.startswith(SYSTEM)

    def __repr__(self) -> str:
        return f"{self.name}: {self.type} = {shown(self.value)}"


@frozen(repr=False)
class SymbolTable:
    """A message's content: fields of different names, in the order of these.

    Applications build one with ``SymbolTable.of`` and ``with_field``; the constructor is for the
    protocols, which check nothing but the form.
    """

    fields: tuple[Field, ...] = ()
    depth: int = field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        names = [each.name for each in self.fields]
        for before, after in itertools.pairwise(names):
            if before >= after:
                raise LocalProtocolError(f"the names of fields ascend, each once; {after!r} came after {before!r}")
        depth = 1 + max((table.depth for each in self.fields for table in _tables(each)), default=0)
        if depth > DEPTH_MAX:
            raise LocalProtocolError(f"tables may stand {DEPTH_MAX} deep in each other; {depth} deep came")
        object.__setattr__(self, "depth", depth)

    @classmethod
    def of(cls, values: Mapping[str, Value | list[Scalar]]) -> SymbolTable:
        """The table of these values by name; each has the type of its Python value.

        Errors: ``LocalProtocolError`` for names and values that an application cannot set.
        """
        fields = [Field.of(_free(name), value) for name, value in values.items()]
        return cls(tuple(sorted(fields, key=lambda each: each.name)))

    # -- Put in and take out --------------------------------------------------------------------

    def with_field(self, name: str, value: Value | list[Scalar], items: ItemType | None = None) -> SymbolTable:
        """The table with one more field.

        Arguments: a name that is not there; its value; for a list without items their type, as in
        ``with_field("names", (), str)``.
        Errors: ``LocalProtocolError`` for a name or value that an application cannot set.
        """
        if _free(name) in self:
            raise LocalProtocolError(f"expected a new name, but there is a field {name!r}: use with_replaced")
        return self._with(Field.of(name, value, items))

    def with_replaced(self, name: str, value: Value | list[Scalar], items: ItemType | None = None) -> SymbolTable:
        """The table with another value, of whatever type, in a field that is there."""
        self._field(_free(name))
        return self.without(name)._with(Field.of(name, value, items))

    def without(self, name: str) -> SymbolTable:
        """The table without a field that is there."""
        gone = self._field(_free(name))
        return SymbolTable(tuple(each for each in self.fields if each is not gone))

    def without_system_fields(self) -> SymbolTable:
        """What the application has put in: the part of a received message that can be put into another."""
        if not any(each.is_system for each in self.fields):
            return self
        return SymbolTable(tuple(each for each in self.fields if not each.is_system))

    # -- Look up --------------------------------------------------------------------------------

    def look_up(self, name: str, of: type[T]) -> T:
        """The value of a field of this type: ``look_up("amount", int)``.

        Errors: ``LocalProtocolError`` if there is no such field, or it is of another type.
        """
        found = self._field(name)
        if found.type.is_list or type(found.value) is not of:
            raise LocalProtocolError(f"expected {_type_of(name, of)} in {name!r}, but it holds {found.type}")
        return found.value

    def look_up_list(self, name: str, of: type[T]) -> tuple[T, ...]:
        """The items of a field that is a list of this type: ``look_up_list("names", str)``."""
        found = self._field(name)
        expected = _type_of(name, of).list
        if found.type is not expected:
            raise LocalProtocolError(f"expected {expected} in {name!r}, but it holds {found.type}")
        return found.value  # type: ignore[return-value]

    def __getitem__(self, name: str) -> Value:
        return self._field(name).value

    def __contains__(self, name: str) -> bool:
        return self._place(name) is not None

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __repr__(self) -> str:
        return f"{{{', '.join(map(repr, self.fields))}}}"

    # -- Helpers --------------------------------------------------------------------------------

    def _place(self, name: str) -> int | None:
        place = bisect_left(self.fields, name, key=lambda each: each.name)
        found = place < len(self.fields) and self.fields[place].name == name
        return place if found else None

    def _field(self, name: str) -> Field:
        place = self._place(name)
        if place is None:
            raise LocalProtocolError(f"expected a field {name!r}, but there {self._names()}: ask with `in` first")
        return self.fields[place]

    def _names(self) -> str:
        names = [repr(each.name) for each in self.fields[:_NAMES_SHOWN]]
        more = len(self.fields) - len(names)
        return ("are " + ", ".join(names) + (f" and {more} more" if more else "")) if names else "is none at all"

    def _with(self, new: Field) -> SymbolTable:
        place = bisect_left(self.fields, new.name, key=lambda each: each.name)
        return SymbolTable((*self.fields[:place], new, *self.fields[place:]))


Scalar = bool | int | float | str | bytes | Address | SymbolTable
Value = Scalar | tuple[Scalar, ...]
ItemType = type[Scalar]
T = TypeVar("T", bool, int, float, str, bytes, Address, SymbolTable)

SENDER = "$sender"
SESSION = "$session"
GROUP = "$group"
PRIMITIVE = "$primitive"
ENTRY = "$entry"

SYSTEM_FIELDS: dict[str, FieldType] = {
    SENDER: FieldType.ADDRESS,  # the process that has multicast the message
    SESSION: FieldType.INTEGER,  # what joins a reply to its request
    GROUP: FieldType.ADDRESS,  # the group that the message was addressed to
    PRIMITIVE: FieldType.TEXT,  # CBCAST, ABCAST or GBCAST
    ENTRY: FieldType.INTEGER,  # the entry point: which routine of the receiver is called
}
"""Every system field, with its type."""

_TYPES: dict[type, FieldType] = {
    bool: FieldType.BOOLEAN,
    int: FieldType.INTEGER,
    float: FieldType.FLOAT,
    str: FieldType.TEXT,
    bytes: FieldType.BYTES,
    Address: FieldType.ADDRESS,
    SymbolTable: FieldType.TABLE,
}


def stamped(table: SymbolTable, values: Mapping[str, Value]) -> SymbolTable:
    """The message as it leaves its site: what the application has put in, and these system fields only.

    For the protocols.  System fields that the message had, of whatever origin, are gone.
    Errors: ``LocalProtocolError`` for a name that is no system field, or a value not of its type.
    """
    for name in values:
        if not name.startswith(SYSTEM):
            raise LocalProtocolError(f"expected names of system fields, but {name!r} came: see SYSTEM_FIELDS")
    stamps = (Field.of(name, value) for name, value in values.items())
    fields = (*table.without_system_fields().fields, *stamps)
    return SymbolTable(tuple(sorted(fields, key=lambda each: each.name)))


# -- Checks -------------------------------------------------------------------------------------


def _check_name(name: object) -> None:
    if type(name) is not str or not name:
        raise LocalProtocolError(f"the name of a field is text, not empty; {shown(name)} came")
    size = len(_utf8(name, "the name of a field"))
    if size > NAME_BYTES_MAX:
        raise LocalProtocolError(f"the name of a field has at most {NAME_BYTES_MAX} bytes of UTF-8; {size} came")


def _check_item(name: str, expected: FieldType, value: Any) -> None:
    if _TYPES.get(type(value)) is not expected:
        raise LocalProtocolError(f"expected {expected} in {name!r}, but {shown(value)} came")
    match expected:
        case FieldType.INTEGER if not INTEGER_MIN <= value <= INTEGER_MAX:
            raise LocalProtocolError(f"an integer has 64 bits with sign; {name!r} has more: send it as text or bytes")
        case FieldType.TEXT:
            _utf8(value, f"the text in {name!r}")
        case FieldType.TABLE if any(each.is_system for each in value.fields):
            raise LocalProtocolError(
                f"expected no system fields in a table inside another, but {name!r} has some: "
                "take its without_system_fields()"
            )


def _free(name: str) -> str:
    """Returns a name that an application may set; raises LocalProtocolError for one that it may not."""
    if isinstance(name, str) and name.startswith(SYSTEM):
        raise LocalProtocolError(
            f"only the protocols set system fields, whose names begin with {SYSTEM}; {name!r} came: take another name"
        )
    return name


def _utf8(text: str, what: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"expected characters in {what}, but half of a surrogate pair came") from error


def _type_of(name: str, python: type) -> FieldType:
    if python not in _TYPES:
        known = ", ".join(each.__name__ for each in _TYPES)
        raise LocalProtocolError(
            f"a field holds one of {known} or a list of one of them; {name!r} is {python.__name__}"
        )
    return _TYPES[python]


def _tables(each: Field) -> Iterable[SymbolTable]:
    match each.value:
        case SymbolTable() as table:
            return (table,)
        case tuple(tables) if each.type is FieldType.TABLES:
            return tables  # type: ignore[return-value]
        case _:
            return ()


def float_bits(value: float) -> bytes:
    """The 64 bits of a float, most significant first; every NaN has the same."""
    return _NAN if value != value else struct.pack(">d", value)


_NAN = bytes.fromhex("7ff8000000000000")


def _comparable(value: Value) -> object:
    match value:
        case float():
            return float_bits(value)
        case tuple():
            return tuple(map(_comparable, value))
        case _:
            return value


def shown(value: object) -> str:
    """Returns a value in words, cut short."""
    return reprlib.repr(value)
