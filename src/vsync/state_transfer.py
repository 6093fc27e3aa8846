"""State transfer: a process joins a group and gets the state that the group had at the view that admits it.

The state comes in blocks, of whatever sizes, while the others go on.  At a view with joiners each older member
takes a snapshot of its state; what comes for a joiner waits until it has its own.  Then

1. the joiner asks the oldest member for the blocks that it has not, and asks the next oldest, from the break on,
   whenever the donor fails;
2. the donor sends them, no more than a window ahead of what is acknowledged, or hands them to a bulk channel if
   the state is large;
3. when the joiner has all, it is given its state, then what has waited, in its order; it tells the members, who
   forget the snapshot when it is of no more use to anyone.

Joiners of a group are served one after the other, the oldest first.  So the oldest member has the state, if
anyone has.  If a joiner finds itself the oldest, the state is lost, and it founds a new one (``StateLost``): it
begins as who creates the group does, delivers what has waited, and gives the younger ones their state.

At a site stands one ``StateTransferMachine``; for each of its processes in a group with a state, it has a
``MemberMachine``.  What a site does with a view of a group, and with whatever else it has for a process there::

    effects = transfer.group_view_installed(group, view, previous, with_state, running)  # TakeState at old members
    for process in local_members:
        effects += transfer.pass_on(ForProcess(process=process, effect=InstallView(view=view, group=group)))
    ...
    effects += transfer.pass_on(ForProcess(process=process, effect=Deliver(message=m)))
    effects += transfer.packet_received(site, packet)  # a TransferPacket from another site

A process waits for one state at a time, and makes no requests then (``waiting``); all that is for it waits, whatever
group it is of, and so does the taking of snapshots for others.  No two processes wait for each other for ever: all
sites see the joins in one order, and a snapshot waits only for a state that was to come before.

The effects have to be carried out in their order.  A driver that carries out ``TakeState`` asks the process for
its state, in this place of its events, and hands the blocks to ``state_taken``.  One that carries out
``GiveState`` gives the process its state; ``ForProcess`` is what was passed on.  ``with_state`` names all members
of the view that share the state of the group: who was there when it began, and who asked for it when joining.

Spec: StateTransfer.
Paper: Birman and Joseph 1987, section 3.2 (join_and_xfer).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Any

from attrs import define, evolve, field, frozen

from vsync.actions import action
from vsync.effects import Deliver, ForProcess, GiveState, OpenBulk, SendToSite, StateLost, TakeState, TransferEffect
from vsync.errors import LocalProtocolError, RemoteProtocolError
from vsync.messages import BlockReceived, ProcessMessage, StateAsked, StateBlock, TransferDone, TransferPacket
from vsync.types import Address, MessageId, View

WINDOW = 8
"""How many blocks may be under way to a joiner."""
BULK_BYTES_MIN = 1 << 20
"""From this size on, in bytes, a state goes through a bulk channel."""

Blocks = tuple[bytes, ...]


def _at_least_one(blocks: Blocks) -> Blocks:
    return tuple(blocks) or (b"",)


@frozen
class Snapshot:
    """The state of a process at a view, in blocks; at least one, so that there is something to send."""

    blocks: Blocks = field(converter=_at_least_one)
    bytes_in_all: int = field(init=False)

    @bytes_in_all.default
    def _count(self) -> int:
        return sum(map(len, self.blocks))


@frozen(kw_only=True)
class Limits:
    """How many blocks may be under way to a joiner; from how many bytes on a state goes through a bulk channel."""

    window: int = WINDOW
    bulk_bytes_min: int = BULK_BYTES_MIN


@frozen(kw_only=True)
class Request:
    """A joiner of a view has asked: what it has, and what it was sent.  Spec: StateTransfer!ReceiveAsk."""

    joiner: Address
    view: int
    next: int
    sent: int


class MemberMachine:
    """One member of a group that has a state.

    Arguments: ``who``, the process; its group; the first view that has it; whether it has the state from the
    beginning; the limits; ``recording``, whether actions tell what they did.  Views list only those members who
    share the state.  The attributes bear the names of the TLA+ variables.
    """

    def __init__(
        self, who: Address, group: Address, view: View, limits: Limits, *, complete: bool, recording: bool = True
    ) -> None:
        self.who = who
        self.group = group
        self.recording = recording
        self.join_view = view.id
        self.view = view
        self.limits = limits
        self.complete = complete
        self.origin = 0
        self.buffered: deque[ForProcess | TakeState | int] = deque()  # a number: a view that the process was told of
        self.blocks: list[bytes] = []
        self.total = 0
        self.donor: Address | None = None
        self.snapshots: dict[int, Snapshot | None] = {}  # by view; None: asked for
        self.pending: dict[Address, int] = {}  # the view of each joiner that is not known to be done
        self.asked: dict[Address, Request] = {}

    # -- Decisions ------------------------------------------------------------------------------

    @property
    def oldest(self) -> Address:
        """The oldest member.  Spec: StateTransfer!Oldest."""
        return self.view.members[0]

    @property
    def waits(self) -> bool:
        """What comes for the process has to wait.  Spec: StateTransfer!Waits."""
        return not self.complete

    @property
    def all_received(self) -> bool:
        """All blocks are there.  Spec: StateTransfer!AllReceived."""
        return self.total > 0 and len(self.blocks) == self.total

    def has(self) -> int:
        """How many blocks the joiner says that it has.  Spec: StateTransfer!Has."""
        return len(self.blocks)

    def to_ask(self) -> bool:
        """Somebody else has become the oldest member.  Spec: StateTransfer!ToAsk."""
        return self.oldest not in (self.who, self.donor)

    def alone(self) -> bool:
        """Nobody is left who has the state, or will have it before.  Spec: StateTransfer!Alone."""
        return self.oldest == self.who

    def takes(self, number: int) -> bool:
        """This is the block that comes next.  Spec: StateTransfer!Takes."""
        return not self.complete and number == len(self.blocks) + 1

    def stays(self, joiner: Address) -> bool:
        """The joiner is still a member.  Spec: StateTransfer!Stays."""
        return joiner in self.view.members

    def turn(self, joiner: Address) -> bool:
        """All older joiners have their state.  Spec: StateTransfer!Turn."""
        return all(self.view.rank(joiner) <= self.view.rank(other) for other in self.pending)

    def needed(self, view: int) -> bool:
        """Somebody may need the state at this view.  Spec: StateTransfer!Needed."""
        return view in self.pending.values()

    def audience(self) -> tuple[Address, ...]:
        """Those whom the process tells that it is done.  Spec: StateTransfer!Audience."""
        return self.view.members

    def may_send(self, r: Request) -> bool:
        """The next block may go to this joiner.  Spec: StateTransfer!MaySend."""
        number = max(r.sent, r.next) + 1
        s = self.snapshots.get(r.view)
        return (
            self.complete
            and s is not None
            and self.turn(r.joiner)
            and number <= len(s.blocks)
            and (number <= r.next + self.limits.window or self.large(s))
        )

    def window(self, r: Request) -> int:
        """How many blocks may be under way to this joiner; 0 if there is no end, as in a bulk channel."""
        s = self.snapshots[r.view]
        return 0 if s is not None and self.large(s) else self.limits.window

    def large(self, s: Snapshot) -> bool:
        """This state goes through a bulk channel: there the window has no end."""
        return s.bytes_in_all >= self.limits.bulk_bytes_min

    # -- Actions --------------------------------------------------------------------------------

    @action("StateTransfer!HearUpdate")
    def hear_update(self, m: MessageId) -> list[TransferEffect]:
        """Be told of a message of the group, which is an update of its state, or waits: ``pass_on`` sees to that."""
        return []

    @action("StateTransfer!HearView")
    def hear_view(self, view: View, newcomers: frozenset[Address]) -> list[TransferEffect]:
        """Be told of a view; newcomers are those who join with it, apart from this process."""
        self.view = view
        self.pending = {j: k for j, k in self.pending.items() if self.stays(j)}
        self.pending |= dict.fromkeys((j for j in view.members if j in newcomers), view.id)
        self.asked = {j: r for j, r in self.asked.items() if self.stays(j)}
        self._forget()
        if self.waits:
            self.buffered.append(view.id)
            return []
        return self._take(view.id)

    @action("StateTransfer!HearEnd")
    def hear_end(self, k: int) -> list[TransferEffect]:
        """Be a member no more, from view k on: nothing is left."""
        self.complete = False
        self.buffered.clear()
        self.blocks.clear()
        self.total = 0
        self.donor = None
        self.snapshots, self.pending, self.asked = {}, {}, {}
        return []

    @action("StateTransfer!Ask")
    def ask(self) -> list[TransferEffect]:
        """Ask the oldest member for the blocks that are not here."""
        assert self.waits
        self.donor = self.oldest
        packet = StateAsked(group=self.group, view=self.join_view, joiner=self.who, donor=self.donor, next=self.has())
        return self._send(self.donor, packet)

    @action("StateTransfer!ReceiveAsk")
    def receive_ask(self, q: Address, k: int, next: int) -> list[TransferEffect]:
        """Remember what the joiner q of view k has, unless it is done, or gone."""
        if self.pending.get(q) == k:
            self.asked[q] = Request(joiner=q, view=k, next=next, sent=next)
        return []

    @action("StateTransfer!SendBlock")
    def send_block(self, j: Address, window: int) -> list[TransferEffect]:
        """Send a joiner the next block; or all that it has not, if the state is large: then the window is 0, no end."""
        r = self.asked[j]
        assert self.may_send(r)
        s = self.snapshots[r.view]
        assert s is not None
        first = max(r.sent, r.next) + 1
        last = len(s.blocks) if self.large(s) else first
        self.asked[j] = evolve(r, sent=last)
        packets = tuple(
            StateBlock(
                group=self.group,
                view=r.view,
                joiner=j,
                number=number,
                total=len(s.blocks),
                origin=self.origin,
                data=s.blocks[number - 1],
            )
            for number in range(first, last + 1)
        )
        if self.large(s):
            return [OpenBulk(to=j.at, process=j, group=self.group, view=r.view, from_block=first, blocks=packets)]
        return self._send(j, packets[0])

    @action("StateTransfer!ReceiveBlock")
    def receive_block(self, block: StateBlock) -> list[TransferEffect]:
        """Take a block if it is the next one, and acknowledge all but the last."""
        if not self.takes(block.number):
            return []
        self.blocks.append(block.data)
        self.total = block.total
        self.origin = block.origin
        if self.all_received or self.donor is None:
            return []
        packet = BlockReceived(
            group=self.group, view=self.join_view, joiner=self.who, donor=self.donor, next=len(self.blocks)
        )
        return self._send(self.donor, packet)

    @action("StateTransfer!ReceiveAcknowledgement")
    def receive_acknowledgement(self, q: Address, next: int) -> list[TransferEffect]:
        """Learn how many blocks the joiner q has."""
        if q in self.asked:
            self.asked[q] = evolve(self.asked[q], next=next)
        return []

    @action("StateTransfer!Complete")
    def finish(self) -> list[TransferEffect]:
        """Give the process its state, and what has waited for it."""
        assert self.all_received
        blocks = tuple(self.blocks)
        if self.needed(self.join_view):
            self.snapshots[self.join_view] = Snapshot(blocks)
        given = GiveState(process=self.who, group=self.group, view=self.join_view, blocks=blocks, origin=self.origin)
        return [given, *self._begin(self.origin)]

    @action("StateTransfer!Found")
    def found(self) -> list[TransferEffect]:
        """Tell the process that it is the founder of a new state, and hand over what has waited."""
        assert self.waits
        lost = StateLost(process=self.who, group=self.group, view=self.join_view, origin=self.view.id)
        return [lost, *self._begin(self.view.id)]

    @action("StateTransfer!ReceiveDone")
    def receive_done(self, q: Address) -> list[TransferEffect]:
        """Forget what was kept for the joiner q."""
        self.pending.pop(q, None)
        self.asked.pop(q, None)
        self._forget()
        return []

    @action("StateTransfer!Break")
    def break_off(self, kept: bool) -> list[TransferEffect]:
        """The bulk channel has broken; what came before the break is kept, or not."""
        self.donor = None
        if not kept:
            self.blocks.clear()
            self.total = 0
        return []

    # -- For the site ---------------------------------------------------------------------------

    def keep(self, effect: ForProcess | TakeState) -> None:
        """Keep something that is for the process until its state is there."""
        assert self.waits
        self.buffered.append(effect)

    def let_go(self) -> list[TransferEffect]:
        """What has waited for a state that will not come any more."""
        return [waited for waited in self.buffered if not isinstance(waited, int)]

    def state_taken(self, view: int, blocks: Blocks) -> None:
        """Keep the state of the process at this view, if somebody may need it."""
        if view in self.snapshots:
            self.snapshots[view] = Snapshot(blocks)

    def next_action(self) -> list[TransferEffect] | None:
        """Take one action that is due, if there is one."""
        if self.waits:
            if self.all_received:
                return self.finish()
            if self.alone():
                return self.found()
            return self.ask() if self.to_ask() else None
        for j, r in self.asked.items():
            if self.may_send(r):
                return self.send_block(j, self.window(r))
        return None

    def snapshot(self) -> dict[str, Any]:
        """The variables of the member under their TLA+ names; of states and of what came of them, how many blocks."""
        return {
            "complete": self.complete,
            "origin": self.origin,
            "buffered": [event for waited in self.buffered if (event := self._as_event(waited)) is not None],
            "blocks": len(self.blocks),
            "total": self.total,
            "donor": str(self.donor) if self.donor else None,
            "snapshots": {str(k): len(s.blocks) if s else None for k, s in sorted(self.snapshots.items())},
            "pending": [[k, str(j)] for j, k in self.pending.items()],
            "asked": {str(j): [r.view, r.next, r.sent] for j, r in self.asked.items()},
        }

    # -- Helpers --------------------------------------------------------------------------------

    def _begin(self, origin: int) -> list[TransferEffect]:
        """Go on with a state: hand over what has waited, in order.  Spec: StateTransfer!Begin."""
        self.complete = True
        self.origin = origin
        self.blocks.clear()
        self.total = 0
        self.donor = None
        effects: list[TransferEffect] = []
        while self.buffered:
            waited = self.buffered.popleft()
            effects += self._take(waited) if isinstance(waited, int) else [waited]
        done = TransferDone(group=self.group, view=self.join_view, joiner=self.who)
        sites = dict.fromkeys(member.at for member in self.audience() if member != self.who)
        return effects + [SendToSite(to=site, payload=done) for site in sites]

    def _as_event(self, waited: ForProcess | TakeState | int) -> int | str | None:
        """An event of this group that waits: a view by its number, an update by its message; else None."""
        match waited:
            case int():
                return waited
            case ForProcess(effect=Deliver(message=ProcessMessage(id=id, to=to))) if self.group in to:
                return str(id)
            case _:
                return None

    def _take(self, view: int) -> list[TransferEffect]:
        """Ask the process for its state at a view, if somebody may need it and it is not here."""
        if view in self.snapshots or not self.needed(view):
            return []
        self.snapshots[view] = None
        return [TakeState(process=self.who, group=self.group, view=view)]

    def _forget(self) -> None:
        self.snapshots = {view: s for view, s in self.snapshots.items() if self.needed(view)}

    def _send(self, to: Address, packet: TransferPacket) -> list[TransferEffect]:
        return [SendToSite(to=to.at, payload=packet)]


@define
class _Group:
    """What a site knows of a group: its view, who shares the state, and packets about later views."""

    view: int
    with_state: frozenset[Address]
    early: deque[tuple[Address, TransferPacket]]


class StateTransferMachine:
    """The state transfers of one site; see the head of the module.

    Arguments: ``who``, the site; the limits; ``recording``, whether actions tell what they did.

    Inputs: ``group_view_installed``, ``pass_on``, ``packet_received``, ``state_taken``, ``process_crashed``,
    ``bulk_received``, ``bulk_broken``.  Each returns its effects in the order in which they have to happen.
    """

    def __init__(self, who: Address, limits: Limits | None = None, *, recording: bool = True) -> None:
        self.who = who
        self.limits = limits or Limits()
        self.recording = recording
        self.members: dict[tuple[Address, Address], MemberMachine] = {}  # by group and process
        self._groups: dict[Address, _Group] = {}

    # -- Inputs ---------------------------------------------------------------------------------

    def group_view_installed(
        self,
        group: Address,
        view: View,
        previous: View,
        with_state: frozenset[Address],
        running: Collection[Address],
    ) -> list[TransferEffect]:
        """A group has its next view, of which no process here has heard yet.

        ``with_state`` are the members of the view who share the state of the group: those who have it, and those
        who join now and have asked for it; ``running`` are the processes of this site that have not crashed.
        Errors: ``LocalProtocolError`` if the view does not come right after the previous one, or ``with_state``
        names others than members, or leaves out one who shared the state before.
        """
        known = self._groups.get(group)
        before = known.with_state if known else frozenset()
        if view.id != previous.id + 1 or (known and known.view not in (0, previous.id)):
            raise LocalProtocolError(f"views of {group} come one after the other; after {previous.id} came {view.id}")
        if not with_state <= frozenset(view.members) or not before & frozenset(view.members) <= with_state:
            raise LocalProtocolError(
                f"with_state has to name all members of {group} who share its state, {sorted(before)} among them "
                f"as far as they are still members; {sorted(with_state)} came, for the members {view.members}"
            )
        early = known.early if known else deque()
        self._groups[group] = _Group(view.id, with_state, deque())
        if not view.members:
            del self._groups[group]
        newcomers = with_state - frozenset(previous.members) if view.id > 1 else frozenset()
        sharing = View(id=view.id, members=tuple(p for p in view.members if p in with_state))
        effects: list[TransferEffect] = []
        for process in self._local(group):
            if process not in with_state:
                member = self.members.pop((group, process))
                let_go = member.let_go()
                effects += [*member.hear_end(view.id), *let_go]
        for process in sharing.members:
            if process in running:
                effects += self._hear(group, process, sharing, newcomers)
        for site, packet in early:
            effects += self._take_packet(site, packet)
        return self._settle(group, effects)

    def waiting(self) -> frozenset[Address]:
        """The processes here that wait for the state of a group that they have joined."""
        return frozenset(process for (_, process), member in self.members.items() if member.waits)

    def pass_on(self, effect: ForProcess | TakeState) -> list[TransferEffect]:
        """Something is for a process here: it goes on at once; or, if the process waits for a state, after that.

        That holds whichever group it belongs to: causes may come through one group, and effects through another.
        In each of its groups that a message goes to, the process hears an update.
        """
        passed = self._pass(effect)
        return [*self._heard(effect), *passed]

    def packet_received(self, site: Address, packet: TransferPacket) -> list[TransferEffect]:
        """A packet has come from another site.

        Errors: ``RemoteProtocolError`` for a packet that no correct site sends.
        """
        self._check(site, packet)
        return self._settle(packet.group, self._take_packet(site, packet))

    def state_taken(self, process: Address, group: Address, view: int, blocks: Blocks) -> list[TransferEffect]:
        """A process has cut its state into blocks, as ``TakeState`` asked; it may have left meanwhile."""
        member = self.members.get((group, process))
        if member is None:
            return []
        member.state_taken(view, blocks)
        return self._settle(group, [])

    def process_crashed(self, process: Address) -> None:
        """A process here has crashed; its groups will say so in their next views."""
        for key in [key for key in self.members if key[1] == process]:
            del self.members[key]

    def bulk_received(self, block: StateBlock) -> list[TransferEffect]:
        """A block has come through a bulk channel.

        Errors: ``RemoteProtocolError`` for one that no correct site sends.
        """
        self._check(self.who, block)
        return self._settle(block.group, self._take_packet(self.who, block))

    def bulk_broken(self, process: Address, group: Address, *, kept: bool = True) -> list[TransferEffect]:
        """The bulk channel to a joiner here has broken.  It asks for the rest; or for all, if nothing is kept."""
        member = self.members.get((group, process))
        if member is None or not member.waits or member.donor is None:
            return []
        return self._settle(group, member.break_off(kept))

    def snapshot(self) -> dict[str, Any]:
        """The variables of all members here."""
        return {f"{process} {group}": member.snapshot() for (group, process), member in sorted(self.members.items())}

    # -- Helpers --------------------------------------------------------------------------------

    def _pass(self, effect: ForProcess | TakeState) -> list[TransferEffect]:
        """Let something through to a process, unless that waits for a state."""
        for (_, process), member in sorted(self.members.items()):
            if process == effect.process and member.waits:
                member.keep(effect)
                return []
        return [effect]

    def _heard(self, effect: ForProcess | TakeState) -> list[TransferEffect]:
        """Tell the memberships of a process of an update.  Spec: StateTransfer!HearUpdate."""
        match effect:
            case ForProcess(process=process, effect=Deliver(message=ProcessMessage(id=id, to=to))):
                hearing = [
                    self.members[key] for group in dict.fromkeys(to) if (key := (group, process)) in self.members
                ]
                return [record for member in hearing for record in member.hear_update(id)]
            case _:
                return []

    def _local(self, group: Address) -> list[Address]:
        return [process for of, process in sorted(self.members) if of == group]

    def _hear(
        self, group: Address, process: Address, view: View, newcomers: frozenset[Address]
    ) -> list[TransferEffect]:
        """Tell a process here of a view, which may be its first."""
        if (group, process) not in self.members:
            has_state = process not in newcomers
            self.members[group, process] = MemberMachine(
                process, group, view, self.limits, complete=has_state, recording=self.recording
            )
        return self.members[group, process].hear_view(view, newcomers - {process})

    def _take_packet(self, site: Address, packet: TransferPacket) -> list[TransferEffect]:
        """Take the action that a packet asks for; one about a view that is not here yet waits for it."""
        known = self._groups.setdefault(packet.group, _Group(0, frozenset(), deque()))
        if packet.view > known.view:
            known.early.append((site, packet))
            return []
        match packet:
            case StateAsked(joiner=joiner, view=view, donor=donor, next=next):
                member = self.members.get((packet.group, donor))
                return member.receive_ask(joiner, view, next) if member else []
            case BlockReceived(joiner=joiner, donor=donor, next=next):
                member = self.members.get((packet.group, donor))
                return member.receive_acknowledgement(joiner, next) if member else []
            case StateBlock(joiner=joiner):
                member = self.members.get((packet.group, joiner))
                return member.receive_block(packet) if member else []
            case TransferDone(joiner=joiner):
                effects: list[TransferEffect] = []
                for process in self._local(packet.group):
                    if process != joiner:
                        effects += self.members[packet.group, process].receive_done(joiner)
                return effects

    def _settle(self, group: Address, effects: list[TransferEffect]) -> list[TransferEffect]:
        """Carry out what stays inside the site, and take every action that is due, until none is."""
        out: list[TransferEffect] = []
        work = deque(effects)
        while True:
            while work:
                match work.popleft():
                    case SendToSite(to=to, payload=payload) if to == self.who:
                        assert isinstance(payload, TransferPacket)
                        work.extend(self._take_packet(self.who, payload))
                    case TakeState() | ForProcess() as effect:  # it may wait for the state of another group too
                        out.extend(self._pass(effect))
                    case effect:
                        out.append(effect)
            taken = self._next_action(group)
            if taken is None:
                return out
            work.extend(taken)

    def _next_action(self, group: Address) -> list[TransferEffect] | None:
        for process in self._local(group):
            taken = self.members[group, process].next_action()
            if taken is not None:
                return taken
        return None

    def _check(self, site: Address, packet: TransferPacket) -> None:
        """Raise ``RemoteProtocolError`` for a packet that no correct site sends."""
        match packet:
            case StateAsked(joiner=joiner, donor=donor) | BlockReceived(joiner=joiner, donor=donor):
                right = joiner.at == site and donor.at == self.who
            case TransferDone(joiner=joiner):
                right = joiner.at == site
            case StateBlock(joiner=joiner, number=number, total=total):
                member = self.members.get((packet.group, joiner))
                known = member.total if member and member.blocks else total
                right = joiner.at == self.who and 1 <= number <= total == known
        if not right or packet.view < 1:
            raise RemoteProtocolError(
                f"expected a packet from the site of its sender, for a process of {self.who}, about a view from 1 on, "
                f"and of a state as many blocks as before; from {site} came {packet}"
            )
