"""The format of the datagrams between sites: what stands in which byte, and a strict reader.

A datagram is a header of 40 bytes and up to 4096 bytes of a message; numbers are unsigned, with
the most significant byte first.

    offset  bytes  field
    0       1      version of the format: 1
    1       1      type: 1 acknowledgement; 2 fragment, more of its message follow; 3 last fragment
    2       2      length: how many bytes follow the header; 0 to 4096
    4       8      source: the address of the site that sends, with its incarnation
    12      8      destination: the address of the site that is meant, with its incarnation
    20      8      number of the fragment, from 1; 0 in an acknowledgement
    28      8      acknowledgement: the number up to which all fragments have been taken
    36      4      CRC-32 of all other bytes, those before it and those after it
    40             a part of a message

Every datagram acknowledges.  A fragment that is not the last has 4096 bytes, so that a message
can be cut in one way only; an acknowledgement has none.  Source and destination are different
sites.  Nothing else is taken: each packet has one encoding, and each encoding one packet.

The numbers of a link never come again: 64 bits of them last longer than any incarnation.

Spec: Link!Packet.
Paper: Birman and Joseph 1987, section 4 (addresses, fragments of 4 kB).
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

from attrs import frozen

from vsync.errors import InputError, RemoteProtocolError
from vsync.types import Address, Kind

VERSION = 1
FRAGMENT_BYTES_MAX = 4096
NUMBER_MAX = 2**64 - 1

ACKNOWLEDGEMENT, FRAGMENT, LAST_FRAGMENT = 1, 2, 3

_HEADER = struct.Struct(">BBH8s8sQQ")
_CRC = struct.Struct(">I")
HEADER_BYTES = _HEADER.size + _CRC.size
DATAGRAM_BYTES_MAX = HEADER_BYTES + FRAGMENT_BYTES_MAX


@frozen(kw_only=True)
class Fragment:
    """A part of a message, and whether it is the last.  Spec: Link!Fragments."""

    part: bytes
    last: bool

    def as_json(self) -> dict[str, Any]:
        return {"bytes": len(self.part), "last": self.last}


@frozen(kw_only=True)
class LinkPacket:
    """What one datagram says.  ``number`` is 0 and ``fragment`` is None if it only acknowledges.

    Spec: Link!Packet.
    """

    source: Address
    to: Address
    number: int
    fragment: Fragment | None
    acknowledgement: int

    def as_json(self) -> dict[str, Any]:
        return {
            "source": str(self.source),
            "to": str(self.to),
            "number": self.number,
            "fragments": [] if self.fragment is None else [self.fragment.as_json()],
            "acknowledgement": self.acknowledgement,
        }


def encode(packet: LinkPacket) -> bytes:
    """The datagram that says this."""
    if packet.fragment is None:
        kind, part = ACKNOWLEDGEMENT, b""
    else:
        kind, part = (LAST_FRAGMENT if packet.fragment.last else FRAGMENT), packet.fragment.part
    header = _HEADER.pack(
        VERSION, kind, len(part), bytes(packet.source), bytes(packet.to), packet.number, packet.acknowledgement
    )
    return header + _CRC.pack(zlib.crc32(part, zlib.crc32(header))) + part


def decode(data: bytes) -> LinkPacket:
    """What a datagram says.

    Errors: ``RemoteProtocolError`` unless ``data`` is, byte by byte, what ``encode`` gives for some
    packet.  Nothing is allocated that is larger than ``data``.
    """
    if not HEADER_BYTES <= len(data) <= DATAGRAM_BYTES_MAX:
        raise RemoteProtocolError(f"a datagram has {HEADER_BYTES} to {DATAGRAM_BYTES_MAX} bytes; {len(data)} came")
    version, kind, length, source, to, number, acknowledgement = _HEADER.unpack_from(data)
    if version != VERSION:
        raise RemoteProtocolError(f"the version of a datagram is {VERSION}; {version} came")
    if length != len(data) - HEADER_BYTES:
        raise RemoteProtocolError(f"{length} bytes should follow the header; {len(data) - HEADER_BYTES} came")
    header, part = data[: _HEADER.size], data[HEADER_BYTES:]
    expected, (came,) = zlib.crc32(part, zlib.crc32(header)), _CRC.unpack_from(data, _HEADER.size)
    if came != expected:
        raise RemoteProtocolError(f"the CRC of this datagram is {expected:#010x}; {came:#010x} came")
    packet = LinkPacket(
        source=_site(source),
        to=_site(to),
        number=number,
        fragment=_fragment(kind, part),
        acknowledgement=acknowledgement,
    )
    if packet.source.site == packet.to.site:
        raise RemoteProtocolError(f"a datagram goes from one site to another; this one from {source!r} to {to!r}")
    if (number == 0) != (packet.fragment is None):
        raise RemoteProtocolError(f"a fragment has a number from 1, an acknowledgement 0; {number} came")
    return packet


def _site(data: bytes) -> Address:
    try:
        address = Address.from_bytes(data)
    except InputError as error:
        raise RemoteProtocolError(f"a datagram names two sites; instead: {error}") from error
    if address.kind is not Kind.SITE or address.incarnation == 0:
        raise RemoteProtocolError(f"the ends of a link are sites, of incarnation 1 or more; {address} came")
    return address


def _fragment(kind: int, part: bytes) -> Fragment | None:
    if kind == ACKNOWLEDGEMENT and not part:
        return None
    if kind == FRAGMENT and len(part) == FRAGMENT_BYTES_MAX:
        return Fragment(part=part, last=False)
    if kind == LAST_FRAGMENT:
        return Fragment(part=part, last=True)
    raise RemoteProtocolError(f"no datagram has type {kind} and {len(part)} bytes of a message")
