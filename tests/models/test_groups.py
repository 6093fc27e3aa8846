"""What a site that keeps process groups does with requests and changes that meet: small cases, one after the other.

The machine as part of a whole system is tested in test_system.py.

Spec: Groups.
"""

from __future__ import annotations

from vsync.effects import MulticastToSites
from vsync.groups import GroupsMachine, Joining
from vsync.messages import AddMember, CreateGroup, FailProcess, GroupChange, JoinAsked, LeaveGroup
from vsync.types import Address, Kind, View

ONE, TWO, THREE = (Address.of_site(number) for number in (1, 2, 3))
A, B, C = ONE.process(1), TWO.process(1), THREE.process(1)
G, H = (Address(1, 1, number, Kind.GROUP) for number in (1, 2))


def machine(who: Address, *changes: GroupChange) -> GroupsMachine:
    """A site of three that has made these changes, one after the other, with one process."""
    groups = GroupsMachine(who, recording=False)
    groups.found(View(id=1, members=(ONE, TWO, THREE)))
    groups.start(who.process(1))
    for change in changes:
        groups.apply_changes((change,))
    return groups


def creation(group: Address, process: Address) -> CreateGroup:
    return CreateGroup(group=group, name="g", credentials="", process=process)


def joining(process: Address) -> Joining:
    return Joining(process=process, name="g", credentials="", create=False, with_state=False)


def asked(groups: GroupsMachine) -> list[frozenset[Address]]:
    """To which sites a request to join goes, of all that may begin now."""
    found = []
    while (effects := groups.take_up(settled=True)) is not None:
        found += [e.to for e in effects if isinstance(e, MulticastToSites) and isinstance(e.content, JoinAsked)]
    return found


def test_who_asks_twice_has_asked_once() -> None:
    """A second request for the same, while the first waits, is not made again."""
    groups = machine(THREE, creation(G, A))
    groups.request(joining(C))
    groups.request(joining(C))
    assert asked(groups) == [frozenset({ONE})]


def test_each_site_that_comes_into_the_group_is_asked() -> None:
    """Who was not there when a process asked hears of it when it comes, and is not asked again when it comes back."""
    groups = machine(THREE, creation(G, A))
    groups.request(joining(C))
    assert asked(groups) == [frozenset({ONE})]
    groups.apply_changes((AddMember(group=G, process=B),))
    assert asked(groups) == [frozenset({TWO})]
    groups.apply_changes((LeaveGroup(group=G, process=A),))
    groups.apply_changes((AddMember(group=G, process=A),))
    assert asked(groups) == []


def test_a_site_without_members_keeps_what_it_was_asked() -> None:
    """It may have the oldest member again, and nobody asks it again."""
    groups = machine(ONE, creation(G, A), AddMember(group=G, process=B))
    groups.receive_request(C, G, JoinAsked(group=G, process=C, credentials=""))
    groups.apply_changes((LeaveGroup(group=G, process=A),))
    assert groups.asked
    groups.apply_changes((AddMember(group=G, process=A),))
    groups.apply_changes((LeaveGroup(group=G, process=B),))
    groups.take_up(settled=True)
    assert groups.changes == [AddMember(group=G, process=C)]


def test_who_fails_neither_founds_nor_joins_in_the_same_changes() -> None:
    """In whatever order the changes come; nothing is left of a group that nobody founded."""
    groups = machine(ONE)
    groups.apply_changes((creation(G, B), FailProcess(process=B)))
    assert groups.directory == {}
    groups.apply_changes((creation(G, A),))
    groups.apply_changes((FailProcess(process=B), AddMember(group=G, process=B)))
    assert groups.directory[G].view == View(id=1, members=(A,))


def test_who_leaves_does_not_come_back_in_the_same_view() -> None:
    """A leave and a stale addition of the same process make a view without it, in either order."""
    leave, add = LeaveGroup(group=G, process=B), AddMember(group=G, process=B)
    for changes in ((leave, add), (add, leave)):
        groups = machine(ONE, creation(G, A), AddMember(group=G, process=B))
        groups.apply_changes(changes)
        assert groups.directory[G].view == View(id=3, members=(A,))


def test_a_name_is_free_in_the_view_after() -> None:
    """Of two that found a group of one name the first does; and not while one of that name goes."""
    groups = machine(ONE)
    groups.apply_changes((creation(G, A), creation(H, B)))
    assert set(groups.directory) == {G}
    groups.apply_changes((LeaveGroup(group=G, process=A), creation(H, B)))
    assert groups.directory == {}
    groups.apply_changes((creation(H, B),))
    assert set(groups.directory) == {H}
