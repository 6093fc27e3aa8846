"""Monitors: at all sites the same monitor sees the same sequence, which is what the views say, in their order.

The model plays with sets of names only: who comes, who goes, and who was there before.

Spec: none of its own; a function of the views of SiteViews and Flush.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from vsync.errors import LocalProtocolError
from vsync.monitors import (
    MonitorsMachine,
    Notify,
    ProcessFailed,
    ProcessJoined,
    ProcessLeft,
    SiteFailed,
    SiteJoined,
    SiteRecovered,
)
from vsync.types import Address, Kind, SiteView, View

GROUP, OTHER_GROUP = (Address(1, 1, number, Kind.GROUP) for number in (1, 2))
ALL, THIRD, MEMBERS, ONE = range(1, 5)


@frozen
class History:
    """Views in succession; and of each view who is gone from it because of an own wish."""

    sites: tuple[SiteView, ...]
    group: tuple[View, ...]
    left: tuple[frozenset[Address], ...]


@st.composite
def histories(draw: Any) -> History:
    """Views of sites that fail and come back, and of a group whose members join, leave and fail with them."""
    sites = [Address.of_site(number) for number in (1, 2, 3)]
    members = [sites[0].process(1)]
    incarnation, number = dict.fromkeys(range(1, 6), 0) | {1: 1, 2: 1, 3: 1}, 1
    views, group, left = (
        [SiteView(id=1, sites=tuple(sites), group=1, members=())],
        [View(id=1, members=(members[0],))],
        [],
    )
    for k in range(2, 2 + draw(st.integers(1, 8), label="changes")):
        gone = draw(st.sets(st.sampled_from(sites), max_size=len(sites) - 1), label="failed")
        down = sorted(set(incarnation) - {site.site for site in sites})
        back = draw(st.sets(st.sampled_from(down)), label="back") if down else set()
        sites = [site for site in sites if site not in gone]
        for each in sorted(back):
            incarnation[each] += 1
            sites.append(Address.of_site(each, incarnation[each]))
        wish = draw(st.sets(st.sampled_from(members)), label="leave") if members else set()
        members = [p for p in members if p.at in sites and p not in wish]
        for site in draw(st.lists(st.sampled_from(sites), max_size=2), label="start"):
            number += 1
            members.append(site.process(number))
        views.append(SiteView(id=k, sites=tuple(sites), group=k, members=()))
        group.append(View(id=k, members=tuple(members)))
        left.append(frozenset(wish))
    return History(tuple(views), tuple(group), tuple(left))


def seen(history: History, first: int, *, cancelled: int | None = None) -> list[list[Notify]]:
    """What a site is told, change by change, that has the views from the first on; one monitor may be cancelled."""
    monitors = MonitorsMachine()
    monitors.monitor_sites(ALL)
    monitors.monitor_sites(THIRD, number=3)
    monitors.monitor_group(MEMBERS, GROUP)
    monitors.monitor_group(ONE, GROUP, process=history.group[0].members[0])
    if cancelled is not None:
        monitors.cancel(cancelled)
    told = []
    for k in range(first, len(history.sites)):
        notices = monitors.site_view_installed(history.sites[k], history.sites[k - 1])
        told.append(
            notices + monitors.group_view_installed(GROUP, history.group[k], history.group[k - 1], history.left[k - 1])
        )
        assert monitors.group_view_installed(OTHER_GROUP, history.group[k], history.group[k - 1]) == []
    return told


@given(histories(), st.data())
def test_all_sites_see_the_same_sequence(history: History, data: Any) -> None:
    """A site sees all that the others see from its first view on, in the same order."""
    whole = seen(history, 1)
    first = data.draw(st.integers(1, len(history.sites)), label="first view")
    assert seen(history, first) == whole[first - 1 :]


@given(histories(), st.sampled_from((ALL, THIRD, MEMBERS, ONE)))
def test_who_cancels_hears_no_more_and_others_all_the_same(history: History, ticket: int) -> None:
    """Without one of the monitors, the others see what they saw, in the order in which they saw it."""
    whole = [[notice for notice in notices if notice.ticket != ticket] for notices in seen(history, 1)]
    assert seen(history, 1, cancelled=ticket) == whole


@given(histories())
def test_a_monitor_sees_what_has_happened(history: History) -> None:
    """Each who comes or goes is told of once, under its kind; those who are gone first, the oldest of each first."""
    for k, notices in enumerate(seen(history, 1), 1):
        before, after = history.sites[k - 1].sites, history.sites[k].sites
        expected: list[Any] = [SiteFailed(site=site, view=k + 1) for site in before if site not in after]
        for site in after:
            if site not in before:
                old = any(site.site == other.site for view in history.sites[:k] for other in view.sites)
                expected.append((SiteRecovered if old else SiteJoined)(site=site, view=k + 1))
        assert [notice.event for notice in notices if notice.ticket == ALL] == expected
        third = [event for event in expected if event.site.site == 3]
        assert [notice.event for notice in notices if notice.ticket == THIRD] == third
        old_members, members = history.group[k - 1].members, history.group[k].members
        gone = [p for p in old_members if p not in members]
        kinds = [ProcessLeft if p in history.left[k - 1] else ProcessFailed for p in gone]
        events: list[Any] = [kind(group=GROUP, process=p, view=k + 1) for kind, p in zip(kinds, gone, strict=True)]
        events += [ProcessJoined(group=GROUP, process=p, view=k + 1) for p in members if p not in old_members]
        assert [notice.event for notice in notices if notice.ticket == MEMBERS] == events


def test_what_breaks_the_rules_changes_nothing() -> None:
    """Tickets are used once, a group is a group, and views come one after the other."""
    monitors, view = MonitorsMachine(), SiteView(id=1, sites=(Address.of_site(1),), group=0, members=())
    monitors.monitor_sites(ALL)
    for wrong in (
        lambda: monitors.monitor_sites(ALL),
        lambda: monitors.monitor_group(ALL, GROUP),
        lambda: monitors.monitor_group(ONE, Address.of_site(1)),
        lambda: monitors.cancel(ONE),
        lambda: monitors.site_view_installed(view, view),
    ):
        with pytest.raises(LocalProtocolError):
            wrong()
    assert (monitors.of_sites, monitors.of_groups) == ({ALL: None}, {})
