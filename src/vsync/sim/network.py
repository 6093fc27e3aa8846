"""The networks between sites: a reliable FIFO channel for each ordered pair, or datagrams.

Of a channel a crash may lose the last packets of the crashed sender, and loses what is under way to it.
Datagrams have numbers, and whatever happens to one happens to a number; that is all that the network does: who
chooses what happens is the environment.

Spec: Network, with the guarantees "fifo" and "lossy".
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from attrs import evolve, frozen

from vsync.messages import Heartbeat, Packet, SiteMessage, TransferPacket
from vsync.types import Address

Channel = tuple[Address, Address]
Payload = SiteMessage | Packet | TransferPacket | Heartbeat


class Network:
    """What is in flight, by channel (source, destination)."""

    def __init__(self) -> None:
        self.channels: dict[Channel, deque[Payload]] = {}

    def send(self, source: Address, destination: Address, payload: Payload) -> None:
        """Put a packet at the end of its channel.  Spec: Network!Send."""
        self.channels.setdefault((source, destination), deque()).append(payload)

    def arriving(self) -> list[Channel]:
        """The channels in which a packet is under way, in the order of their ends."""
        return sorted(channel for channel, packets in self.channels.items() if packets)

    def take(self, source: Address, destination: Address) -> Payload:
        """The next packet of a channel, which is then gone from it.  Spec: Network!Take."""
        packets = self.channels[source, destination]
        packet = packets.popleft()
        if not packets:
            del self.channels[source, destination]
        return packet

    def waiting(self, source: Address, destination: Address) -> int:
        """How many packets are under way in a channel."""
        return len(self.channels.get((source, destination), ()))

    def deafen(self, site: Address) -> None:
        """Lose what is under way to a crashed site.  Spec: Network!Deafened."""
        for channel in [channel for channel in self.channels if channel[1] == site]:
            del self.channels[channel]

    def shorten(self, source: Address, destination: Address, packets: int) -> None:
        """Lose the last packets of a channel.  Spec: Network!Shortened."""
        channel = self.channels.get((source, destination), deque())
        for _ in range(min(packets, len(channel))):
            channel.pop()
        if not channel:
            self.channels.pop((source, destination), None)


@frozen(kw_only=True)
class Datagram:
    """A datagram that is under way."""

    source: Address
    destination: Address
    data: bytes


class DatagramNetwork:
    """The datagrams in flight, by their numbers, which go up from 1."""

    def __init__(self) -> None:
        self.in_flight: dict[int, Datagram] = {}
        self.sent = 0

    def send(self, source: Address, destination: Address, data: bytes) -> int:
        """Put a datagram on its way; returns its number.  Spec: Network!Send."""
        return self._add(Datagram(source=source, destination=destination, data=data))

    def take(self, number: int) -> Datagram:
        """The datagram of this number, which is then gone.  Spec: Network!Take."""
        return self.in_flight.pop(number)

    def duplicate(self, number: int) -> int:
        """Have a datagram under way twice; returns the number of the other one.  Spec: Network!Faulty."""
        return self._add(self.in_flight[number])

    def damage(self, number: int, left: int, bit: int) -> None:
        """Leave this many bytes of a datagram, and turn one bit of them over."""
        datagram = self.in_flight[number]
        data = bytearray(datagram.data[:left])
        if data:
            place, bit = divmod(bit % (8 * len(data)), 8)
            data[place] ^= 1 << bit
        self.in_flight[number] = evolve(datagram, data=bytes(data))

    def deafen(self, site: Address) -> None:
        """Lose what is under way to a crashed site.  Spec: Network!Deafened."""
        self._lose(lambda datagram: datagram.destination == site)

    def cut(self, source: Address, destination: Address) -> None:
        """Lose what is under way between two sites, in one direction."""
        self._lose(lambda datagram: (datagram.source, datagram.destination) == (source, destination))

    def _add(self, datagram: Datagram) -> int:
        self.sent += 1
        self.in_flight[self.sent] = datagram
        return self.sent

    def _lose(self, is_lost: Callable[[Datagram], bool]) -> None:
        for number in [number for number, datagram in self.in_flight.items() if is_lost(datagram)]:
            del self.in_flight[number]
