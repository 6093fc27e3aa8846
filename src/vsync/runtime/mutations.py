"""Mutations: bytes that nobody should send, most of them near to bytes that somebody might.

Each way makes one input, from a generator that the caller has seeded; most begin with a valid
encoding.  Where its counts stand is noted while it is read.

Spec: none.
Paper: none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from random import Random

from attrs import frozen

from vsync.errors import RemoteProtocolError
from vsync.runtime.codec import CODEC
from vsync.runtime.layout import NATURAL, NATURAL_MAX, Reader

Span = tuple[int, int]

#: Bytes at which the format changes its mind: ends of one-byte numbers, first bytes of longer ones, small tags.
TELLING = bytes((0x00, 0x01, 0x02, 0x03, 0x07, 0x17, 0x24, 0x3F, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xFF))
RANDOM_BYTES_MAX = 200
REPEATED_BYTES_MAX = 1 << 14
LEVELS_MAX = 3000


@frozen(kw_only=True)
class Material:
    """What a mutation may use: a valid encoding, where its counts stand, and another valid one."""

    valid: bytes
    counts: tuple[Span, ...]
    other: bytes


class _CountReader(Reader):
    """A reader that notes where counts stand."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.spans: list[Span] = []

    def count(self, what: str, least: int) -> int:
        start = self.offset
        count = super().count(what, least)
        size = 1 << (self.data[start] >> 6)
        self.spans.append((start, start + size))
        return count


def counts_in(data: bytes) -> tuple[Span, ...]:
    """Where the counts stand in an encoding: those up to the first error, if it is none."""
    reader = _CountReader(data)
    with contextlib.suppress(RemoteProtocolError):
        CODEC.read(reader)
    return tuple(reader.spans)


# -- Ways -------------------------------------------------------------------------------------------


def unchanged(chance: Random, given: Material) -> bytes:
    """A valid encoding as it is: it must be accepted."""
    return given.valid


def random_bytes(chance: Random, given: Material) -> bytes:
    """Bytes by chance alone."""
    return chance.randbytes(chance.randrange(RANDOM_BYTES_MAX))


def random_after_beginning(chance: Random, given: Material) -> bytes:
    """The beginning of a valid encoding, and bytes by chance after it."""
    cut = chance.randint(1, min(20, len(given.valid)))
    return given.valid[:cut] + chance.randbytes(chance.randrange(RANDOM_BYTES_MAX))


def telling_bytes(chance: Random, given: Material) -> bytes:
    """The beginning of a valid encoding, and bytes after it at which the format changes its mind."""
    cut = chance.randint(1, min(20, len(given.valid)))
    return given.valid[:cut] + bytes(chance.choices(TELLING, k=chance.randrange(40)))


def bits_flipped(chance: Random, given: Material) -> bytes:
    """One bit, or a few, is another."""
    data = bytearray(given.valid)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def byte_replaced(chance: Random, given: Material) -> bytes:
    """One byte is another."""
    data = bytearray(given.valid)
    data[chance.randrange(len(data))] = chance.choice(TELLING)
    return bytes(data)


def bytes_inserted(chance: Random, given: Material) -> bytes:
    """A few bytes too many, in the middle or at the end."""
    at = chance.randint(0, len(given.valid))
    return given.valid[:at] + chance.randbytes(chance.randint(1, 8)) + given.valid[at:]


def bytes_removed(chance: Random, given: Material) -> bytes:
    """A few bytes are missing, in the middle."""
    at = chance.randrange(len(given.valid))
    return given.valid[:at] + given.valid[at + chance.randint(1, 8) :]


def truncated(chance: Random, given: Material) -> bytes:
    """The end is missing."""
    return given.valid[: chance.randrange(len(given.valid))]


def spliced(chance: Random, given: Material) -> bytes:
    """The beginning of one encoding, and the end of another."""
    cut, join = chance.randint(0, len(given.valid)), chance.randint(0, len(given.other))
    return given.valid[:cut] + given.other[join:]


def part_doubled(chance: Random, given: Material) -> bytes:
    """A part comes twice."""
    start = chance.randrange(len(given.valid))
    end = chance.randint(start, len(given.valid))
    return given.valid[:end] + given.valid[start:]


def count_changed(chance: Random, given: Material) -> bytes:
    """A count says something else: a little more or less, very much, or the same in a longer form."""
    if not given.counts:
        return byte_replaced(chance, given)
    start, end = chance.choice(given.counts)
    mask = (1 << (8 * (end - start) - 2)) - 1
    count = int.from_bytes(given.valid[start:end], "big") & mask
    if chance.random() < 0.3:
        changed = _longer(count, end - start, chance)
    else:
        near = (count + 1, max(0, count - 1), count * 2, 0, 63, 64, 2**14, 2**30, 2**32, NATURAL_MAX)
        changed = _natural(chance.choice(near))
    return given.valid[:start] + changed + given.valid[end:]


def deep(chance: Random, given: Material) -> bytes:
    """Symbol tables in each other, some deeper than is allowed, some far deeper."""
    levels = _up_to(LEVELS_MAX, chance)
    if chance.random() < 0.5:
        return b"\x01\x03" + b"\x01\x01a\x07" * levels + b"\x00"
    return b"\x01\x03" + b"\x01\x01a\x17\x01" * levels + b"\x00"


def repeated(chance: Random, given: Material) -> bytes:
    """A list of as many small items as there is room for, in a symbol table."""
    kind, item = chance.choice(
        (
            (0x11, b"\x01"),
            (0x14, b"\x00"),
            (0x14, b"\x02ab"),
            (0x15, b"\x00"),
            (0x15, b"\x01b"),
            (0x16, bytes.fromhex("fffe fffd fffc 01 00")),
            (0x17, b"\x00"),
            (0x17, b"\x01\x01a\x01\x01"),
            (0x17, b"\x01\x01a\x17\x01\x01\x01b\x17\x00"),
        )
    )
    count = _up_to(REPEATED_BYTES_MAX, chance) // len(item)
    return b"\x01\x03\x01\x01l" + bytes((kind,)) + _natural(count) + item * count


Way = Callable[[Random, Material], bytes]

#: Each way, and how often it is taken.
WAYS: dict[Way, int] = {
    unchanged: 16,
    random_bytes: 24,
    random_after_beginning: 40,
    telling_bytes: 40,
    bits_flipped: 64,
    byte_replaced: 40,
    bytes_inserted: 32,
    bytes_removed: 32,
    truncated: 32,
    spliced: 32,
    part_doubled: 24,
    count_changed: 64,
    deep: 4,
    repeated: 1,
}


def way(chance: Random) -> Way:
    """One of the ways, the more important ones more often."""
    return chance.choices(tuple(WAYS), tuple(WAYS.values()))[0]


def _natural(value: int) -> bytes:
    out = bytearray()
    NATURAL.write(min(value, NATURAL_MAX), out)
    return bytes(out)


def _up_to(most: int, chance: Random) -> int:
    """A number from 1, each size of number as often as the others."""
    return chance.randint(1, min(most, 1 << chance.randint(1, most.bit_length())))


def _longer(value: int, size: int, chance: Random) -> bytes:
    """A number in a longer form than is needed."""
    exponent = chance.randint(min(3, size.bit_length()), 3)
    return (value | exponent << (8 * (1 << exponent) - 2)).to_bytes(1 << exponent, "big")
