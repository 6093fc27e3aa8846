"""Monitors: who asked for it is told when a site fails or recovers, or a process joins, fails or leaves.

A monitor sees changes of the agreed views, and nothing else: not a suspicion that comes to nothing,
and not a failure before the others see it.  So the same monitor gives the same sequence at all sites
that install the same views; a site that joins sees it from its first view on.

A site *has failed* when a view no longer has it, for whatever reason: who was excluded wrongly has to
come back as another incarnation too.  It *recovers* when a later incarnation of its number joins; the
first incarnation *joins*.

The order is that of the views.  Within one change: first those who are gone, oldest first, then those
who are new, oldest first; and for each of them the monitors in the order in which they were set.

Routines are not called here, as nothing is within a machine: a ``Notify`` goes out for each, with
the ticket under which the monitor was set, and the driver calls what belongs to the ticket.

Spec: none of its own; a function of the views of SiteViews and Flush.
Paper: Birman and Joseph 1987, sections 3.2 (pg_monitor) and 5 (site monitor).
"""

from __future__ import annotations

from attrs import frozen

from vsync.errors import LocalProtocolError
from vsync.types import Address, Kind, SiteView, View


@frozen(kw_only=True)
class SiteJoined:
    """A site is in the view for the first time."""

    site: Address
    view: int


@frozen(kw_only=True)
class SiteRecovered:
    """A site is back, as a new incarnation."""

    site: Address
    view: int


@frozen(kw_only=True)
class SiteFailed:
    """A site is in the view no more: it has crashed, or was excluded."""

    site: Address
    view: int


@frozen(kw_only=True)
class ProcessJoined:
    """A process is a member of the group now."""

    group: Address
    process: Address
    view: int


@frozen(kw_only=True)
class ProcessLeft:
    """A process has left the group, as it asked to."""

    group: Address
    process: Address
    view: int


@frozen(kw_only=True)
class ProcessFailed:
    """A process is in the group no more, and did not ask for it: it has crashed, or its site failed."""

    group: Address
    process: Address
    view: int


SiteEvent = SiteJoined | SiteRecovered | SiteFailed
ProcessEvent = ProcessJoined | ProcessLeft | ProcessFailed


@frozen(kw_only=True)
class Notify:
    """Call the routine of this monitor with this event."""

    ticket: int
    event: SiteEvent | ProcessEvent


def site_events(view: SiteView, previous: SiteView) -> tuple[SiteEvent, ...]:
    """What has happened to sites from one view to the next, in order."""
    gone = (SiteFailed(site=site, view=view.id) for site in previous.sites if site not in view.sites)
    new = (site for site in view.sites if site not in previous.sites)
    return (*gone, *(_arrival(site, view.id) for site in new))


def process_events(group: Address, view: View, previous: View, left: frozenset[Address]) -> tuple[ProcessEvent, ...]:
    """What has happened to the members of a group from one view to the next, in order.

    ``left`` are those of whom the change says that they asked to leave.
    """
    gone = (
        (ProcessLeft if process in left else ProcessFailed)(group=group, process=process, view=view.id)
        for process in previous.members
        if process not in view.members
    )
    new = (process for process in view.members if process not in previous.members)
    return (*gone, *(ProcessJoined(group=group, process=process, view=view.id) for process in new))


def _arrival(site: Address, view: int) -> SiteEvent:
    """A first incarnation joins, a later one recovers: so its address says, to newcomers too."""
    return SiteRecovered(site=site, view=view) if site.incarnation > 1 else SiteJoined(site=site, view=view)


class MonitorsMachine:
    """The monitors that are set at one site.

    A ticket stands for a monitor; whoever sets it chooses one that is not in use.
    """

    def __init__(self) -> None:
        self.of_sites: dict[int, int | None] = {}
        self.of_groups: dict[int, tuple[Address, Address | None]] = {}

    # -- Inputs ---------------------------------------------------------------------------------

    def monitor_sites(self, ticket: int, number: int | None = None) -> None:
        """Monitor all sites, or all incarnations of the site with this number.

        Errors: ``LocalProtocolError`` if the ticket is in use.
        """
        self._unused(ticket)
        self.of_sites[ticket] = number

    def monitor_group(self, ticket: int, group: Address, process: Address | None = None) -> None:
        """Monitor all processes of a group, or one of them.

        Errors: ``LocalProtocolError`` if the ticket is in use, or if these are no group and no process.
        """
        self._unused(ticket)
        if group.kind is not Kind.GROUP or (process is not None and process.kind is not Kind.PROCESS):
            raise LocalProtocolError(f"a monitor is for a group, and perhaps one process; {group}, {process} came")
        self.of_groups[ticket] = (group, process)

    def cancel(self, ticket: int) -> None:
        """Tell this monitor of no later view.  What has been returned for an earlier one stands.

        Errors: ``LocalProtocolError`` if there is no such monitor.
        """
        if ticket not in self.of_sites and ticket not in self.of_groups:
            raise LocalProtocolError(f"no monitor {ticket}; there are {sorted((*self.of_sites, *self.of_groups))}")
        self.of_sites.pop(ticket, None)
        self.of_groups.pop(ticket, None)

    def site_view_installed(self, view: SiteView, previous: SiteView) -> list[Notify]:
        """The sites have agreed on the next view.

        Errors: ``LocalProtocolError`` if it does not come right after the previous one.
        """
        _follows(view.id, previous.id)
        return [
            Notify(ticket=ticket, event=event)
            for event in site_events(view, previous)
            for ticket, number in self.of_sites.items()
            if number in (None, event.site.site)
        ]

    def group_view_installed(
        self, group: Address, view: View, previous: View, left: frozenset[Address] = frozenset()
    ) -> list[Notify]:
        """A group has its next view; ``left`` are those who are gone because they asked to leave.

        Errors: ``LocalProtocolError`` if it does not come right after the previous one.
        """
        _follows(view.id, previous.id)
        return [
            Notify(ticket=ticket, event=event)
            for event in process_events(group, view, previous, left)
            for ticket, (of, process) in self.of_groups.items()
            if of == group and process in (None, event.process)
        ]

    # -- Helpers --------------------------------------------------------------------------------

    def _unused(self, ticket: int) -> None:
        if ticket in self.of_sites or ticket in self.of_groups:
            raise LocalProtocolError(f"monitor {ticket} is set already; choose another ticket")


def _follows(number: int, previous: int) -> None:
    if number != previous + 1:
        raise LocalProtocolError(f"views come one after the other; after view {previous} came view {number}")
