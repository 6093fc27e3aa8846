"""Symbol tables: what an application puts into a message, what it finds there, and what it cannot forge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from values_that_travel import names, plain_tables, tables

from vsync.errors import LocalProtocolError
from vsync.symbol_table import (
    DEPTH_MAX,
    ENTRY,
    GROUP,
    SENDER,
    SESSION,
    SYSTEM_FIELDS,
    Field,
    FieldType,
    SymbolTable,
    stamped,
)
from vsync.types import Address

ADA = Address.of_site(1).process(1)
EVE = Address.of_site(2).process(1)
ORDER = SymbolTable.of({"amount": 3, "buyer": ADA, "items": ["tea", "milk"], "paid": False})


def test_what_is_put_in_is_found() -> None:
    """A field holds the value that was put in, under its name, as its type."""
    assert ORDER["amount"] == ORDER.look_up("amount", int) == 3
    assert ORDER.look_up("buyer", Address) == ADA
    assert ORDER.look_up_list("items", str) == ("tea", "milk")
    assert ORDER.look_up("paid", bool) is False
    assert "amount" in ORDER
    assert "price" not in ORDER
    assert [each.name for each in ORDER] == ["amount", "buyer", "items", "paid"]
    assert len(ORDER) == 4


def test_a_table_never_changes() -> None:
    """Putting in, replacing and taking out give another table."""
    more = ORDER.with_field("price", 1.5)
    assert "price" in more
    assert "price" not in ORDER
    assert more.without("price") == ORDER
    assert more.with_replaced("price", "a lot").look_up("price", str) == "a lot"
    assert more.look_up("price", float) == 1.5


@given(plain_tables, names, st.integers(0, 9))
def test_put_in_and_taken_out_is_as_before(table: SymbolTable, name: str, value: int) -> None:
    """A field that is put in and taken out again leaves the table as it was."""
    if name in table:
        table = table.without(name)
    assert table.with_field(name, value).without(name) == table


@given(st.dictionaries(names, st.integers(0, 9), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_putting_in_does_not_show(values: dict[str, int], chance: Any) -> None:
    """Tables with equal fields are equal, and have equal hashes, however they were built."""
    shuffled = list(values.items())
    chance.shuffle(shuffled)
    built = SymbolTable()
    for name, value in shuffled:
        built = built.with_field(name, value)
    assert built == SymbolTable.of(values)
    assert hash(built) == hash(SymbolTable.of(values))


@pytest.mark.parametrize(("a", "b"), [(1, True), (1, 1.0), (0.0, -0.0), ("a", b"a"), ([1], [True]), ([0.0], [-0.0])])
def test_values_of_different_types_are_different(a: Any, b: Any) -> None:
    """1, 1.0 and True are three values, and a float is its bits."""
    assert SymbolTable.of({"x": a}) != SymbolTable.of({"x": b})
    nested = (SymbolTable.of({"t": SymbolTable.of({"x": each})}) for each in (a, b))
    assert len(set(nested)) == 2


def test_not_a_number_equals_itself() -> None:
    """A message with a NaN equals itself, as every message does."""
    assert SymbolTable.of({"x": float("nan")}) == SymbolTable.of({"x": -float("nan")})


def test_a_list_without_items_has_a_type() -> None:
    """The type of the items is told where no item tells it."""
    empty = SymbolTable().with_field("names", [], str)
    assert empty.look_up_list("names", str) == ()
    assert empty != SymbolTable().with_field("names", [], bytes)
    with pytest.raises(LocalProtocolError, match="give items="):
        SymbolTable.of({"names": []})


REFUSED: dict[str, tuple[Any, str]] = {
    "a name that is there": (lambda: ORDER.with_field("paid", True), "there is a field 'paid': use with_replaced"),
    "a name that is not there": (lambda: ORDER.with_replaced("price", 1), "expected a field 'price', but there are"),
    "nothing to take out": (lambda: SymbolTable().without("price"), "but there is none at all"),
    "nothing to look up": (lambda: ORDER["price"], "'amount', 'buyer', 'items', 'paid': ask with `in` first"),
    "another type": (lambda: ORDER.look_up("paid", int), "expected integer in 'paid', but it holds boolean"),
    "a list as one": (lambda: ORDER.look_up("items", str), "expected text in 'items', but it holds texts"),
    "one as a list": (lambda: ORDER.look_up_list("amount", int), "expected integers in 'amount', but it holds integer"),
    "a list of others": (lambda: ORDER.look_up_list("items", int), "expected integers in 'items', but it holds texts"),
    "an empty name": (lambda: SymbolTable.of({"": 1}), "text, not empty; '' came"),
    "a long name": (lambda: SymbolTable.of({"é" * 128: 1}), "at most 255 bytes of UTF-8; 256 came"),
    "half a character": (lambda: SymbolTable.of({"x": "\ud800"}), "half of a surrogate pair"),
    "half a character in a name": (lambda: SymbolTable.of({"\ud800": 1}), "half of a surrogate pair"),
    "65 bits": (lambda: SymbolTable.of({"x": 2**63}), "64 bits with sign; 'x' has more: send it as text or bytes"),
    "none": (lambda: SymbolTable.of({"x": None}), "'x' is NoneType"),  # type: ignore[dict-item]
    "a dictionary": (lambda: SymbolTable.of({"x": {}}), "'x' is dict"),  # type: ignore[dict-item]
    "a list of lists": (lambda: SymbolTable.of({"x": [[1]]}), "'x' is list"),  # type: ignore[list-item]
    "a mixed list": (lambda: SymbolTable.of({"x": [1, True]}), "expected integer in 'x', but True came"),
    "a field of another type": (lambda: Field("x", FieldType.TEXT, 1), "expected text in 'x', but 1 came"),
    "a list that is none": (lambda: Field("x", FieldType.TEXTS, "a"), "which is a tuple here; 'a' came"),
    "fields in no order": (lambda: SymbolTable((Field.of("b", 1), Field.of("a", 1))), "'a' came after 'b'"),
    "a field twice": (lambda: SymbolTable((Field.of("a", 1), Field.of("a", 1))), "'a' came after 'a'"),
    "a system field": (lambda: ORDER.with_field(SENDER, EVE), r"\$sender' came: take another name"),
    "a system field at once": (lambda: SymbolTable.of({SENDER: EVE}), "only the protocols set system fields"),
    "an unknown system field": (lambda: stamped(ORDER, {"$x": 1}), r"the system fields are \$sender \(address\)"),
    "a system field of another type": (lambda: stamped(ORDER, {SENDER: "eve"}), r"'\$sender' \(text\) came"),
    "a stamp that is none": (lambda: stamped(ORDER, {"sender": ADA}), "expected names of system fields"),
    "an entry point of two bytes": (lambda: stamped(ORDER, {ENTRY: 256}), "one byte, 0 to 255; 256 came"),
}


@pytest.mark.parametrize(("build", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused_in_words(build: Any, words: str) -> None:
    """The error says what was expected and what came."""
    with pytest.raises(LocalProtocolError, match=words):
        build()


def test_tables_stand_in_each_other_so_deep_and_no_deeper() -> None:
    """Sixteen tables may stand in each other."""
    table = SymbolTable()
    for _ in range(DEPTH_MAX - 1):
        table = SymbolTable.of({"inside": [table]})
    assert table.depth == DEPTH_MAX
    with pytest.raises(LocalProtocolError, match="17 deep came"):
        SymbolTable.of({"inside": table})


# -- System fields ----------------------------------------------------------------------------------------


@given(tables)
def test_whatever_a_message_had_its_stamp_is_the_protocols(table: SymbolTable) -> None:
    """After stamping, the system fields are those that the protocols set, and the application's are untouched."""
    message = stamped(table, {SENDER: ADA, SESSION: 7})
    assert {each.name: each.value for each in message if each.is_system} == {SENDER: ADA, SESSION: 7}
    assert message.without_system_fields() == table.without_system_fields()


@pytest.mark.parametrize("name", SYSTEM_FIELDS)
def test_an_application_neither_sets_nor_takes_out_a_system_field(name: str) -> None:
    """Nothing that an application does to a received message changes what the protocols have said of it."""
    value: Any = {SENDER: ADA, GROUP: EVE}.get(name, 1)
    message = stamped(ORDER, {SENDER: ADA})
    forgeries: list[Callable[[], SymbolTable]] = [
        lambda: message.with_field(name, value),
        lambda: message.with_replaced(name, value),
        lambda: message.without(name),
    ]
    for forge in forgeries:
        with pytest.raises(LocalProtocolError, match="only the protocols set system fields"):
            forge()


def test_a_received_message_is_forwarded_without_its_system_fields() -> None:
    """A table inside another has no system fields: nobody passes on a sender that nobody has checked."""
    received = stamped(ORDER, {SENDER: EVE})
    with pytest.raises(LocalProtocolError, match=r"take its without_system_fields\(\)"):
        SymbolTable.of({"forwarded": received})
    forwarded = SymbolTable.of({"forwarded": received.without_system_fields()})
    assert forwarded.look_up("forwarded", SymbolTable) == ORDER
