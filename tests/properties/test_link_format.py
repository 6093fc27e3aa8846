"""The datagrams of links: what is written can be read, and nothing else can.

Run as a script, ``python tests/properties/test_link_format.py [inputs]`` tries so many inputs, a million if it
is not told, and says what became of them.
"""

from __future__ import annotations

import random
import sys
import time
import tracemalloc
import zlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync.errors import RemoteProtocolError
from vsync.link_format import (
    DATAGRAM_BYTES_MAX,
    FRAGMENT_BYTES_MAX,
    HEADER_BYTES,
    NUMBER_MAX,
    Fragment,
    LinkPacket,
    decode,
    encode,
)
from vsync.types import Address

CRC_AT = 36
SEED = 1987

_SITES = st.integers(0, 0xFFFF)
_INCARNATIONS = st.integers(1, 0xFFFF)
_NUMBERS = st.integers(1, NUMBER_MAX)

FRAGMENTS = st.one_of(
    st.builds(Fragment, part=st.binary(max_size=200), last=st.just(True)),
    st.builds(lambda part: Fragment(part=part.ljust(FRAGMENT_BYTES_MAX, b"."), last=False), st.binary(max_size=50)),
    st.builds(lambda part: Fragment(part=part.ljust(FRAGMENT_BYTES_MAX, b"."), last=True), st.binary(max_size=50)),
)


@st.composite
def packets(draw: st.DrawFn) -> LinkPacket:
    """Packets of all three types, over the whole range of their fields."""
    source, to = draw(st.lists(_SITES, min_size=2, max_size=2, unique=True))
    fragment = draw(st.none() | FRAGMENTS)
    return LinkPacket(
        source=Address(source, draw(_INCARNATIONS)),
        to=Address(to, draw(_INCARNATIONS)),
        number=draw(_NUMBERS) if fragment else 0,
        fragment=fragment,
        acknowledgement=draw(st.integers(0, NUMBER_MAX)),
    )


@given(packet=packets())
def test_what_is_written_is_read(packet: LinkPacket) -> None:
    """A packet survives its encoding, which is as long as the format says."""
    data = encode(packet)
    part = packet.fragment.part if packet.fragment else b""
    assert decode(data) == packet
    assert len(data) == HEADER_BYTES + len(part)
    assert data.endswith(part)


@given(packet=packets(), at=st.integers(0, DATAGRAM_BYTES_MAX), bits=st.integers(1, 255))
def test_a_byte_that_is_changed_is_noticed(packet: LinkPacket, at: int, bits: int) -> None:
    """A datagram with one byte changed says nothing."""
    data = bytearray(encode(packet))
    data[at % len(data)] ^= bits
    with pytest.raises(RemoteProtocolError):
        decode(bytes(data))


@given(packet=packets(), length=st.integers(0, DATAGRAM_BYTES_MAX), more=st.binary(min_size=1, max_size=8))
def test_a_length_that_is_changed_is_noticed(packet: LinkPacket, length: int, more: bytes) -> None:
    """A datagram that is cut, or has something after its end, says nothing."""
    data = encode(packet)
    for wrong in (data[: length % len(data)], data + more):
        with pytest.raises(RemoteProtocolError):
            decode(wrong)


@given(data=st.binary(max_size=100))
def test_what_is_read_would_be_written_so(data: bytes) -> None:
    """Whatever the bytes, with the right CRC or without: an error, or a packet with just this encoding."""
    for datagram in (data, with_crc(data)):
        read_strictly(datagram)


EXAMPLE = LinkPacket(
    source=Address(1, 2), to=Address(3, 4), number=5, fragment=Fragment(part=b"abc", last=True), acknowledgement=6
)


def test_the_bytes_are_those_of_the_table() -> None:
    """One datagram, written out by hand from the table of the format."""
    header = "01 03 0003 0001000200000000 0003000400000000 0000000000000005 0000000000000006"
    assert encode(EXAMPLE) == with_crc(bytes.fromhex(header) + bytes(4) + b"abc")


@pytest.mark.parametrize(
    ("at", "field"),
    [
        (0, "02"),
        (1, "00"),
        (1, "01"),
        (1, "02"),
        (1, "04"),
        (2, "0002"),
        (2, "0004"),
        (2, "ffff"),
        (4, "0003000200000000"),
        (4, "0001000000000000"),
        (4, "0001000200010100"),
        (4, "0001000200000001"),
        (12, "0001000400000000"),
        (20, "0000000000000000"),
    ],
    ids=[
        "another version",
        "no type",
        "an acknowledgement with content",
        "a fragment that is not full and not the last",
        "a type that does not exist",
        "more bytes than the length",
        "fewer bytes than the length",
        "a length out of bounds",
        "from a site to itself, at the source",
        "no incarnation",
        "from a process",
        "an entry point",
        "from a site to itself, at the destination",
        "a fragment without a number",
    ],
)
def test_each_rule_of_the_format_is_kept(at: int, field: str) -> None:
    """With one field wrong, and the CRC right, a datagram says nothing."""
    data = bytearray(encode(EXAMPLE))
    wrong = bytes.fromhex(field)
    data[at : at + len(wrong)] = wrong
    with pytest.raises(RemoteProtocolError):
        decode(with_crc(bytes(data)))


def test_random_and_mutated_inputs() -> None:
    """Of some thousand inputs none crashes the reader, takes much memory, or is read though malformed."""
    outcomes = try_inputs(5000, random.Random(SEED))
    assert outcomes["read"] > 100
    assert outcomes["refused"] > 3000


def test_the_reader_allocates_no_more_than_the_datagram() -> None:
    """Whatever lengths a datagram claims, reading it takes about as much memory as it has itself."""
    rng = random.Random(SEED)
    inputs = [an_input(rng) for _ in range(500)]
    for data in inputs:
        tracemalloc.start()
        read_strictly(data, again=False)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 2 * len(data) + 8192


def with_crc(data: bytes) -> bytes:
    """The same bytes with the CRC that they should have, if there is room for one."""
    if len(data) < HEADER_BYTES:
        return data
    crc = zlib.crc32(data[:CRC_AT] + data[HEADER_BYTES:])
    return data[:CRC_AT] + crc.to_bytes(4, "big") + data[HEADER_BYTES:]


def read_strictly(data: bytes, *, again: bool = True) -> bool:
    """Whether the bytes are read; if so, they are the encoding of what was read."""
    try:
        packet = decode(data)
    except RemoteProtocolError:
        return False
    if again:
        assert encode(packet) == data
    return True


def an_input(rng: random.Random) -> bytes:
    """Bytes at random, or a datagram that is damaged in some places, often with the CRC mended."""
    if rng.random() < 0.2:
        return rng.randbytes(rng.choice((0, 1, 39, 40, 41, 60, 4136, 4137, 9000)))
    size = rng.choice((0, 1, 7, 100, FRAGMENT_BYTES_MAX))
    fragment = Fragment(part=rng.randbytes(size), last=size < FRAGMENT_BYTES_MAX or rng.random() < 0.5)
    packet = LinkPacket(
        source=Address(rng.randrange(3), rng.randrange(1, 4)),
        to=Address(rng.randrange(3, 6), rng.randrange(1, 4)),
        number=rng.randrange(1, 100),
        fragment=fragment,
        acknowledgement=rng.randrange(100),
    )
    if rng.random() < 0.2:
        packet = LinkPacket(
            source=packet.source, to=packet.to, number=0, fragment=None, acknowledgement=packet.acknowledgement
        )
    data = bytearray(encode(packet))
    for _ in range(rng.randrange(3)):
        place = rng.randrange(min(len(data), 48))
        match rng.randrange(4):
            case 0:
                data[place] = rng.randrange(256)
            case 1:
                data[place] ^= 1 << rng.randrange(8)
            case 2:
                data = data[: max(place, 1)]
            case _:
                data[place:place] = rng.randbytes(rng.randrange(1, 4))
    return with_crc(bytes(data)) if rng.random() < 0.6 else bytes(data)


def try_inputs(inputs: int, rng: random.Random) -> Counter[str]:
    """Have so many inputs read, and count those that were, and those that were refused."""
    return Counter("read" if read_strictly(an_input(rng)) else "refused" for _ in range(inputs))


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    started = time.monotonic()
    found = try_inputs(wanted, random.Random(SEED))
    print(f"{wanted} inputs, seed {SEED}: {dict(found)}, {time.monotonic() - started:.0f} s")
