"""The codec: one encoding for each value, one value for each encoding, and nothing else is accepted.

The rules that must notice a broken decoder are functions of their own; the mutants at the end of the module say
which of them notices which of the planted bugs.
"""

from __future__ import annotations

import inspect
import struct
import tracemalloc
from collections.abc import Callable
from random import Random
from typing import Any

import attrs
import pytest
import written_format
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from values_that_travel import ENTRIES, anything, plain_tables, values

import vsync.messages
import vsync.types
from vsync.errors import LocalProtocolError, RemoteProtocolError
from vsync.messages import (
    Acknowledgement,
    Change,
    Close,
    Commitment,
    Data,
    Delivered,
    Flush,
    JoinRequest,
    Message,
    NumberGiven,
    Ready,
    Report,
)
from vsync.runtime import fuzz
from vsync.runtime.codec import (
    BYTES_MAX,
    PLAIN,
    REGISTRY,
    VERSION,
    Codec,
    Entry,
    decode,
    encode,
    format_rows,
    sizes,
)
from vsync.runtime.layout import NATURAL, NATURAL_MAX
from vsync.runtime.mutations import TELLING, WAYS, Material, Way, counts_in, repeated
from vsync.runtime.planted import BUGS, Bug
from vsync.sim.campaign import judged_run
from vsync.sim.network import Network, Payload
from vsync.sim.simulation import Configuration
from vsync.symbol_table import DEPTH_MAX, SENDER, SymbolTable, stamped
from vsync.types import Address, Group, Kind, MessageId, SiteView, View

ONE, TWO = Address.of_site(1), Address.of_site(2)
ADA, EVE = ONE.process(1), TWO.process(1)
MESSAGE = Message(id=MessageId(ADA, 3), view=2, time=(3, 1, 200), payload="hello")
PACKET = Data(view=2, message=MESSAGE)
GROUP = Group(address=Address(1, 1, 1, Kind.GROUP), name="group", credentials="", view=View(id=1, members=(ADA, EVE)))
VIEW = SiteView(id=4, sites=(ONE, TWO), group=3, members=(ADA, EVE))


def natural(value: int) -> bytes:
    """A natural in the shortest form."""
    out = bytearray()
    NATURAL.write(value, out)
    return bytes(out)


def longer_forms(value: int) -> list[bytes]:
    """A natural in the forms that are longer than needed."""
    return [
        (value | exponent << (8 * size - 2)).to_bytes(size, "big")
        for exponent, size in ((1, 2), (2, 4), (3, 8))
        if size > len(natural(value))
    ]


def refused(data: bytes) -> bool:
    """The decoder refuses the bytes, in words."""
    try:
        decode(data)
    except RemoteProtocolError as error:
        words = str(error)
    else:
        return False
    assert words.startswith("byte ")
    assert words.endswith(": drop what was received")
    return True


def plain(value: Any) -> Any:
    """A value as the second decoder gives it."""
    match value:
        case Address():
            return value.site, value.incarnation, value.number, int(value.kind)
        case SymbolTable():
            return {each.name: plain(each.value) for each in value}
        case float():
            return "7ff8000000000000" if value != value else struct.pack(">d", value).hex()
        case tuple():
            return [plain(item) for item in value]
        case frozenset():
            return sorted((plain(item) for item in value), key=repr)
        case _ if attrs.has(type(value)):
            return {each.name: plain(getattr(value, each.name)) for each in attrs.fields(type(value)) if each.init}
        case _:
            return value


# -- Rules that every decoder of this format keeps --------------------------------------------------------


@pytest.mark.parametrize("python", [SymbolTable, *ENTRIES], ids=lambda python: python.__name__)
@given(data=st.data())
@settings(max_examples=40)
def test_each_class_is_read_as_it_was_written(python: type, data: st.DataObject) -> None:
    """Decoding an encoding gives the value, of the same class; a message's float or 1 is no True."""
    value = data.draw(values(python))
    again = decode(encode(value), python)
    assert type(again) is type(value)
    assert again == value
    assert encode(again) == encode(value)


@given(anything)
def test_the_second_decoder_reads_the_same_value(value: Any) -> None:
    """Who knows the written format alone reads the same fields."""
    assert written_format.parse(encode(value)) == plain(value)


@given(st.data())
def test_what_was_changed_is_refused_or_canonical(data: st.DataObject) -> None:
    """Changed bytes are refused, or are the encoding of a value; and the second decoder agrees."""
    way: Way = data.draw(st.sampled_from([way for way in WAYS if way is not repeated]))
    valid, other = encode(data.draw(anything)), encode(data.draw(anything))
    chance = Random(data.draw(st.integers(0, 2**32)))
    check_changed(way(chance, Material(valid=valid, counts=counts_in(valid), other=other)))


def check_changed(changed: bytes) -> None:
    """Bytes from anywhere are refused by both decoders, or accepted by both and canonical."""
    try:
        value = decode(changed)
    except RemoteProtocolError:
        with pytest.raises(written_format.MalformedError):
            written_format.parse(changed)
        return
    assert encode(value) == changed
    assert written_format.parse(changed) == plain(value)


def test_ten_thousand_inputs_are_judged_alike_by_both_decoders() -> None:
    """The codec and the second decoder accept and refuse the same inputs, of the fuzzer's making."""
    for decoder in fuzz.DECODERS:
        pool = fuzz.pool_of(decoder, 1)
        for number in range(5000):
            check_changed(fuzz.input_of(pool, 1, number)[1])


def is_refused_when_cut(value: Any) -> None:
    """No beginning of an encoding is an encoding."""
    data = encode(value)
    assert all(refused(data[:end]) for end in range(len(data)))


def is_refused_with_more(value: Any) -> None:
    """An encoding with something after it is no encoding."""
    data = encode(value)
    assert all(refused(data + more) for more in (b"\x00", b"\x01", b"\xff", data))


def is_refused_in_another_version(value: Any) -> None:
    """A decoder knows one version."""
    data = encode(value)
    assert data[0] == VERSION
    assert all(refused(bytes([version]) + data[1:]) for version in set(range(256)) - {VERSION})


def is_refused_with_a_longer_number(value: Any) -> None:
    """Each number and each count stands in its shortest form."""
    data = encode(value)
    for start, end, _ in written_format.numbers_in(data):
        number = int.from_bytes(data[start:end], "big") & (1 << (8 * (end - start) - 2)) - 1
        assert all(refused(data[:start] + longer + data[end:]) for longer in longer_forms(number))


def is_refused_with_a_larger_count(value: Any) -> None:
    """A count that the bytes left cannot hold is refused, before memory is taken for it."""
    data = encode(value)
    for start, end, is_count in written_format.numbers_in(data):
        for count in (len(data) - end + 1, 2**14, 2**24, 2**32, NATURAL_MAX) if is_count else ():
            changed = data[:start] + natural(count) + data[end:]
            assert memory_of(refused, changed) < fuzz.MEMORY_PER_BYTE * len(changed) + fuzz.MEMORY_MORE
            assert refused(changed)


RULES = [
    is_refused_when_cut,
    is_refused_with_more,
    is_refused_in_another_version,
    is_refused_with_a_longer_number,
    is_refused_with_a_larger_count,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@given(value=anything)
@settings(max_examples=60)
def test_every_encoding_keeps_the_rule(rule: Callable[[Any], None], value: Any) -> None:
    """Whatever is encoded: a part of it, or with another number or version, it is no encoding."""
    rule(value)


def test_an_unknown_tag_is_refused() -> None:
    """A tag that no class has is refused, and so is that of a plain value that does not stand alone."""
    known = {entry.tag for entry in REGISTRY} | {0x03}
    for tag in set(range(256)) - known:
        with pytest.raises(RemoteProtocolError, match=f"byte 1 of .* but {tag:#04x} came"):
            decode(bytes([VERSION, tag]) + bytes(8))


@pytest.mark.parametrize("level", [b"\x01\x01a\x07", b"\x01\x01a\x17\x01"], ids=["table", "list of tables"])
def test_tables_too_deep_in_each_other_are_refused(level: bytes) -> None:
    """Sixteen tables may stand in each other; one more, or a hundred thousand, are refused."""

    def nested(depth: int) -> bytes:
        return b"\x01\x03" + level * (depth - 1) + b"\x00"

    assert decode(nested(DEPTH_MAX)).depth == DEPTH_MAX
    assert refused(nested(DEPTH_MAX + 1))
    assert refused(nested(500))
    assert refused(nested(100_000))


def test_what_is_too_large_is_refused() -> None:
    """An encoding has at most 16 MiB, on both sides."""
    fits = SymbolTable.of({"x": bytes(BYTES_MAX - 20)})
    assert decode(encode(fits)) == fits
    with pytest.raises(LocalProtocolError, match=r"at most 16777216 bytes; .* came: send it in parts"):
        encode(SymbolTable.of({"x": bytes(BYTES_MAX)}))
    with pytest.raises(RemoteProtocolError, match="at most 16777216 bytes"):
        decode(bytes(BYTES_MAX + 1))


MALFORMED = {
    "nothing": "",
    "a version alone": "01",
    "a boolean of 2": "0103 01 0178 01 02",
    "a list of booleans with a 2": "0103 01 0178 11 02 01 02",
    "another NaN": "0103 01 0178 03 7ff8000000000001",
    "a NaN with sign": "0103 01 0178 03 fff8000000000000",
    "a signalling NaN": "0103 01 0178 03 7ff0000000000001",
    "a text that is not UTF-8": "0103 01 0178 04 01 ff",
    "a surrogate": "0103 01 0178 04 03 eda080",
    "an overlong form": "0103 01 0178 04 02 c080",
    "a name that is not UTF-8": "0103 01 01ff 01 01",
    "an empty name": "0103 01 00 01 01",
    "a name twice": "0103 02 0178 01 01 0178 01 01",
    "names in descending order": "0103 02 0179 01 01 0178 01 01",
    "an unknown type of field": "0103 01 0178 08 01",
    "type 0": "0103 01 0178 00 01",
    "an unknown system field": "0103 01 022478 01 01",
    "a system field of another type": "0103 01 07 2473656e646572 04 0161",
    "an entry point of 256": "0103 01 06 24656e747279 02 0000000000000100",
    "a system field inside": "0103 01 0178 07 01 07 2473656e646572 06 0001000100010100",
    "an address with an entry point": "0110 0001000100010107 01",
    "an address of no kind": "0110 0001000100010300 01",
    "a site with a number": "0110 0001000100010000 01",
    "a process without": "0110 0001000100000100 01",
    "site 0": "0110 0000000100010100 01",
    "incarnation 0": "0110 0001000000010100 01",
    "message 0": "0110 0001000100010100 00",
    "a group that sends": "0110 0001000100010200 01",
    "a view without members": "0111 01 00",
    "a view 0": "0111 00 01 0001000100010100",
    "a member twice": "0111 01 02 0001000100010100 0001000100010100",
    "a view of no sites": "0112 01 00 00 00",
    "a process among the sites": "0112 01 01 0001000100010100 00 00",
    "a member elsewhere": "0112 01 01 0001000100000000 01 01 0002000100010100",
    "an envelope to nobody": "0121 0001000100010100 00 24 01",
    "an envelope to one twice": "0121 0001000100010100 02 0002000100010100 0002000100010100 24 01",
    "an envelope with an envelope": "0121 0001000100010100 01 0002000100010100 21 01",
    "an unknown change": "0140 04 0001000100000000",
    "a process that joins": "0140 01 0001000100010100",
    "a group that starts": "0140 02 0001000100010200",
    "no views": "0149 00",
    "views with a gap": "0149 02 01 01 0001000100000000 00 00 03 01 0001000100000000 00 00",
    "neither a proposal nor none": "0145 01 01 01 0001000100000000 00 00 01 40",
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_malformed_is_refused(text: str) -> None:
    """What the written format refuses is refused."""
    assert refused(bytes.fromhex(text))
    with pytest.raises(written_format.MalformedError):
        written_format.parse(bytes.fromhex(text))


def test_an_error_says_where_what_was_expected_what_came_and_what_to_do() -> None:
    """The error of a decoder names the offset."""
    with pytest.raises(RemoteProtocolError) as error:
        decode(bytes.fromhex("0103 01 0178 01 02"))
    assert str(error.value) == "byte 6 of 7: expected a boolean, 0 or 1, but 2 came: drop what was received"


def test_another_class_than_the_expected_is_refused() -> None:
    """Whoever expects a packet gets no view."""
    assert decode(encode(PACKET), Data, Report) == PACKET
    with pytest.raises(RemoteProtocolError, match=r"byte 1 of .*: expected Data or Report, but View came"):
        decode(encode(View(id=1, members=(ADA,))), Data, Report)


@pytest.mark.parametrize("seed", range(3))
def test_everything_that_the_simulator_sends_travels(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In runs with crashes, joins and wrong suspicions each packet arrives as it was sent; no rule is too strict."""
    sent: dict[type, int] = {}
    send = Network.send

    def over_the_wire(self: Network, source: Address, destination: Address, payload: Payload) -> None:
        arrived = decode(encode(payload))
        assert arrived == payload
        sent[type(payload)] = sent.get(type(payload), 0) + 1
        send(self, source, destination, arrived)

    monkeypatch.setattr(Network, "send", over_the_wire)
    assert not judged_run(Configuration(), seed).failure
    assert sent.keys() >= {Data, Flush, Ready, Delivered, Close, NumberGiven, Commitment, Report}


# -- Memory -----------------------------------------------------------------------------------------------


def memory_of(call: Callable[[bytes], Any], data: bytes) -> int:
    """The most memory that is in use at once during the call, in bytes, beyond what was before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        call(data)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


ITEMS = {
    "booleans": (0x11, "01"),
    "integers": (0x12, "0123456789abcdef"),
    "floats": (0x13, "0123456789abcdef"),
    "empty texts": (0x14, "00"),
    "texts": (0x14, "026162"),
    "long characters": (0x14, "04f09f9880"),
    "empty bytes": (0x15, "00"),
    "bytes": (0x15, "0162"),
    "addresses": (0x16, "fffefffdfffc0100"),
    "empty tables": (0x17, "00"),
    "tables": (0x17, "0101610101"),
    "tables of lists": (0x17, "01016117010101621700"),
}


@pytest.mark.parametrize(("kind", "item"), ITEMS.values(), ids=ITEMS.keys())
def test_memory_is_in_proportion_to_the_bytes(kind: int, item: str) -> None:
    """A list of many small items takes a small multiple of its size, complete or with nothing behind its count."""
    one = bytes.fromhex(item)
    count = 20_000 // len(one)
    data = b"\x01\x03\x01\x01l" + bytes([kind]) + natural(count) + one * count
    assert not refused(data)
    assert memory_of(decode, data) < fuzz.MEMORY_PER_BYTE * len(data)
    assert memory_of(refused, data + b"\x00") < fuzz.MEMORY_PER_BYTE * len(data) + fuzz.MEMORY_MORE
    assert memory_of(refused, data[: -len(one) * count]) < fuzz.MEMORY_MORE


@given(anything, st.data())
@settings(max_examples=60)
def test_memory_stays_small_whatever_is_changed(value: Any, data: st.DataObject) -> None:
    """No single byte makes the decoder take more than in proportion."""
    encoded = bytearray(encode(value))
    place = data.draw(st.integers(0, len(encoded) - 1))
    for byte in TELLING:
        encoded[place] = byte
        changed = bytes(encoded)
        assert memory_of(refused, changed) < fuzz.MEMORY_PER_BYTE * len(changed) + fuzz.MEMORY_MORE


# -- The other side: what may be encoded ------------------------------------------------------------------


@given(plain_tables, plain_tables)
def test_equal_tables_have_equal_bytes_and_others_have_others(a: SymbolTable, b: SymbolTable) -> None:
    """Tables are equal exactly if their encodings are."""
    assert (encode(a) == encode(b)) == (a == b)
    assert encode(SymbolTable.of({"x": 1})) != encode(SymbolTable.of({"x": True}))


def with_(value: Any, **changes: Any) -> Any:
    """The value with some fields changed, whatever their types."""
    return attrs.evolve(value, **changes)


NOT_ENCODED: dict[str, tuple[Any, str]] = {
    "no class that travels": (object(), "expected .*MessageId or View"),
    "a text alone": ("hello", "but 'hello' came"),
    "another payload": (with_(MESSAGE, payload=3), "text or bytes or table or .*, but 3 came"),
    "a negative number": (Ready(view=-1), f"from 0 to {NATURAL_MAX}, but -1 came"),
    "a large number": (Ready(view=2**62), "but 4611686018427387904 came"),
    "a boolean for a number": (Ready(view=True), "of type int, but True came"),
    "half a character": (attrs.evolve(MESSAGE, payload="\ud800"), "half of a surrogate pair"),
    "an unknown change": (Change(change="faint", who=ONE), "one of fail, join, start, stop, but 'faint' came"),
    "a process that fails": (Change(change="fail", who=ADA), "expected a site that fails or joins"),
    "a site with a number": (MessageId(Address(1, 1, 5), 1), r"but 1.1 of kind SITE came"),
    "a process without": (MessageId(Address(1, 1, 0, Kind.PROCESS), 1), "but 1.1.0 of kind PROCESS came"),
    "site 0": (MessageId(Address(0, 1, 1, Kind.PROCESS), 1), "a site and an incarnation from 1"),
    "a process for a group": (with_(GROUP, address=ADA), "the address of a group"),
    "a list": (with_(PACKET, carried=[MESSAGE]), "of type tuple, but"),
    "no views": (Commitment(views=()), "views, at least one"),
    "views with a gap": (Commitment(views=(VIEW, attrs.evolve(VIEW, id=6))), "one after the other"),
}


@pytest.mark.parametrize(("value", "words"), NOT_ENCODED.values(), ids=NOT_ENCODED.keys())
def test_what_could_not_be_read_is_not_written(value: Any, words: str) -> None:
    """The encoder refuses, as the caller's mistake, what no decoder would accept."""
    with pytest.raises(LocalProtocolError, match=words):
        encode(value)


@pytest.mark.parametrize("payload", ["text", b"bytes", stamped(SymbolTable.of({"amount": 3}), {SENDER: ADA})])
def test_a_payload_is_text_bytes_or_a_symbol_table(payload: Any) -> None:
    """What an application multicasts arrives as what it was."""
    message = attrs.evolve(MESSAGE, payload=payload)
    assert decode(encode(message)).payload == payload


# -- Sizes ------------------------------------------------------------------------------------------------


def test_the_ordering_information_of_a_multicast_is_counted() -> None:
    """View, identifier, and vector time are ordering information; addresses and content are not."""
    view, identifier, time, stamp = 1, 8 + 1, 1 + 1 + 1 + 2, 1 + 1 + 1 + 1 + 1
    assert sizes(PACKET).ordering == view + identifier + view + time + stamp
    assert sizes(PACKET).total == len(encode(PACKET))
    longer = attrs.evolve(MESSAGE, payload="hello" * 100)
    assert sizes(longer).ordering == sizes(MESSAGE).ordering
    assert sizes(attrs.evolve(MESSAGE, time=(1,) * 64)).ordering == view + identifier + 2 + 64 + stamp


def test_the_ordering_information_of_other_packets_is_counted() -> None:
    """All of an acknowledgement but its tag, of a join request nothing, of a report its views."""
    assert sizes(Acknowledgement(view=70, time=(1, 2))).ordering == 2 + 3
    assert sizes(JoinRequest()).ordering == 0
    assert sizes(Flush(view=3, unstable=(MESSAGE, MESSAGE))).ordering == 1 + 2 * sizes(MESSAGE).ordering
    views = sizes(Commitment(views=(VIEW,))).total - 2  # but version and tag
    report = Report(views=(VIEW,), wanted=(Change(change="fail", who=TWO),))
    assert sizes(report).ordering == views
    assert sizes(report).total == 2 + views + 1 + 9


@given(anything)
def test_ordering_information_is_a_part_of_the_encoding(value: Any) -> None:
    """Nothing is counted twice: with version and tag it is no more than all bytes."""
    assert 0 <= sizes(value).ordering <= sizes(value).total - 2


# -- The registry and the written format ------------------------------------------------------------------


def test_every_class_of_the_messages_is_registered() -> None:
    """Whatever can travel has a tag: add a line to REGISTRY and to FORMAT.md."""
    defined = {
        each
        for _, each in inspect.getmembers(vsync.messages, inspect.isclass)
        if attrs.has(each) and each.__module__ == "vsync.messages"
    }
    assert defined <= ENTRIES.keys()
    assert {MessageId, View, SiteView} <= ENTRIES.keys()


def test_the_written_table_of_classes_is_the_registry() -> None:
    """FORMAT.md has each class with its tag, fields and rules, as the codec has them, in the order of the tags."""
    written = [" ".join(f"| {' | '.join(row)} |".split()) for row in written_format.CLASSES.values()]
    assert written == [" ".join(row.split()) for row in format_rows()]


def test_the_written_types_and_limits_are_those_of_the_code() -> None:
    """FORMAT.md has the tags of plain types, the types of fields, the system fields and the limits."""
    from vsync.symbol_table import NAME_BYTES_MAX, SYSTEM_FIELDS

    assert {tag: layout.name for tag, (_, layout) in PLAIN.items()} == {
        tag: name for name, tag in written_format.PLAIN_TAGS.items()
    }
    layouts = PLAIN[0x03][1].layouts  # type: ignore[attr-defined]
    assert {int(kind): layout.name for kind, layout in layouts.items()} == written_format.FIELD_TYPES
    assert {name: str(kind) for name, kind in SYSTEM_FIELDS.items()} == written_format.SYSTEM_FIELDS
    assert written_format.limit("an encoding") == BYTES_MAX
    assert written_format.limit("tables in each other") == DEPTH_MAX
    assert written_format.limit("a name of a field") == NAME_BYTES_MAX


EXAMPLES = [
    JoinRequest(),
    MessageId(ONE.process(2), 3),
    PACKET,
    SymbolTable.of({"amount": 3, "to": [ONE.process(2)]}),
]


@pytest.mark.parametrize(
    ("value", "row"), list(zip(EXAMPLES, written_format.rows("Examples", "| value |"), strict=True))
)
def test_the_written_examples_are_right(value: Any, row: list[str]) -> None:
    """The bytes of the examples are those of the codec: the format has not changed under its version."""
    assert bytes.fromhex(row[1].replace("`", "")) == encode(value)


@attrs.frozen(kw_only=True)
class Ballots:
    """A class that a later version might add."""

    first: tuple[int, Address]
    others: frozenset[int]
    kind: Kind
    urgent: bool
    weight: float
    why: bytes | None


def test_a_class_is_added_by_a_line() -> None:
    """The layout of a class follows from the types of its fields; who does not know the tag refuses it."""
    later = Codec((*REGISTRY, Entry(0xF0, Ballots, ordering="first")))
    value = Ballots(first=(7, ADA), others=frozenset({300, 2, 1}), kind=Kind.GROUP, urgent=True, weight=0.5, why=None)
    data = later.encode(value)
    assert (
        data.hex()
        == "01f0" + "07" + "0001000100010100" + "03" + "01" + "02" + "412c" + "02" + "01" + "3fe0" + "0" * 12 + "00"
    )
    assert later.decode(data) == value
    assert later.sizes(value).ordering == 9
    with pytest.raises(RemoteProtocolError, match="ascending order"):
        later.decode(data.replace(b"\x03\x01\x02", b"\x03\x02\x01"))
    with pytest.raises(RemoteProtocolError, match="0xf0 came"):
        decode(data)


@pytest.mark.parametrize("entry", [Entry(0x10, Ballots), Entry(0x05, Ballots), Entry(0xF0, JoinRequest)])
def test_a_tag_is_given_once(entry: Entry) -> None:
    """Two classes cannot have one tag, nor one class two, nor a class that of a plain value."""
    with pytest.raises(AssertionError):
        Codec((*REGISTRY, entry))


# -- Mutants ----------------------------------------------------------------------------------------------


def examples_are_refused(value: Any) -> None:
    """What the written format refuses is refused."""
    assert all(refused(bytes.fromhex(text)) for text in MALFORMED.values())


def depth_is_bounded(value: Any) -> None:
    """Tables stand in each other so deep, and no deeper."""
    test_tables_too_deep_in_each_other_are_refused(b"\x01\x01a\x07")


#: For each planted bug the rule that notices it.
KILLERS: dict[str, Callable[[Any], None]] = {
    "longer_numbers": is_refused_with_a_longer_number,
    "bytes_after_the_end": is_refused_with_more,
    "any_version": is_refused_in_another_version,
    "any_boolean": examples_are_refused,
    "any_nan": examples_are_refused,
    "any_text": examples_are_refused,
    "any_entry_point": examples_are_refused,
    "fields_in_any_order": examples_are_refused,
    "rules_forgotten": examples_are_refused,
    "end_not_seen": is_refused_when_cut,
    "depth_unbounded": depth_is_bounded,
    "text_unchecked": examples_are_refused,
    "counts_trusted": is_refused_with_a_larger_count,
    "sizes_trusted": is_refused_with_a_larger_count,
}

HUNT = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=300,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)

#: How a rule notices: it fails, or the decoder does.
NOTICED = (AssertionError, IndexError, RecursionError, UnicodeDecodeError)


@pytest.mark.parametrize("bug", [bug for bug in BUGS.values() if bug.name in KILLERS], ids=lambda bug: bug.name)
def test_a_mutant_is_killed_by_its_rule(bug: Bug) -> None:
    """The rule that the table names notices what is broken, and holds of the decoder that is not."""
    rule = KILLERS[bug.name]

    @HUNT
    @given(anything)
    def hunt(value: Any) -> None:
        rule(value)

    with bug.applied(), pytest.raises(NOTICED):
        hunt()


def test_each_planted_bug_has_its_killer() -> None:
    """The fuzzer finds all planted bugs; a rule of this module finds all but the one that hangs."""
    assert BUGS.keys() - KILLERS.keys() == {"waits_for_more"}
    assert KILLERS.keys() <= BUGS.keys()


@pytest.mark.parametrize("name", ["bytes_after_the_end", "rules_forgotten", "any_entry_point", "fields_in_any_order"])
def test_the_second_decoder_disagrees_with_a_mutant(name: str) -> None:
    """A decoder that accepts too much is betrayed by the second one, whatever its encoder says."""
    pool = fuzz.pool_of(fuzz.DECODERS[0], 1) + fuzz.pool_of(fuzz.DECODERS[1], 1)
    inputs = (fuzz.input_of(pool, 1, number)[1] for number in range(5000))
    with BUGS[name].applied():
        assert any(not refused(data) and not accepted_by_second(data) for data in inputs)


def accepted_by_second(data: bytes) -> bool:
    """The second decoder accepts the bytes."""
    try:
        written_format.parse(data)
    except written_format.MalformedError:
        return False
    return True
