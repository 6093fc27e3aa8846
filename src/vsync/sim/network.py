"""The network between sites: a reliable FIFO channel for each ordered pair.

A crash may lose the last packets of the crashed sender, and loses what is under way to it.

Spec: Network, with the guarantee "fifo".
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections import deque

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
