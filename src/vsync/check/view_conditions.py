"""What a regular trace keeps to in each view: conditions from which the guarantees about views follow.

Each is a function that raises Irregular if its condition does not hold, and otherwise counts how often a
guarantee was put to the test. They say what the formulas say of sets of messages, by what is kept of a view: its
messages that are not complete, and how many there were.

Spec: VSProperties. Paper: 2.4, 3.1.
"""

from vsync.check.names import Name
from vsync.check.open_views import Group, Member, OpenView, Part, Process, must
from vsync.check.trace import GBCAST, UNIFORM


def goes_to(process: Process, member: Member, source: OpenView, target: OpenView) -> None:
    """A process goes from one view to another: as all others do, and having delivered the same in the first.

    It has delivered all that the first to go had, if no kept message says otherwise: those that are complete it has
    delivered, for it stayed. So if both have delivered as many, both have delivered the same.
    """
    cases, first = source.group.cases, source.first_mover
    cases["TransitionalSet"] += target.origin > 0
    must(target.origin in (0, source.id), "TransitionalSet")
    target.origin = source.id
    if first:
        cases["AgreementOnSuccessors"] += 1
        must(source.successor == target.id, "AgreementOnSuccessors")
        cases["VirtualSynchrony"] += 1
        must(member.delivered == source.first_delivered, "VirtualSynchrony")
        for part in source.kept:
            must(process.name in part.by or first not in part.by, "VirtualSynchrony")
        common = {member.abcasts.two_in_common(other) for other in source.abcasts_of_moves}
        cases["WeakTotalOrder"] += True in common
        source.group.doubtful |= None in common
    else:
        source.successor, source.first_mover = target.id, process.name
        source.first_delivered = member.delivered
    source.abcasts_of_moves.append(member.abcasts)


def is_done(process: Process, member: Member, view: OpenView) -> None:
    """A process is done with its view: it has delivered all that comes before what it has delivered.

    What it lacks is kept, for it stayed. None of that may be in what it has seen, which contains all that may have
    caused its deliveries.
    """
    cases, seen = view.group.cases, process.seen
    for part in view.kept:
        if part.sent_here and process.name not in part.by:
            must(part.message.number > seen.get(part.message.sender, 0), "ReliableFIFO, ReliableCausal")
    cases["ReliableFIFO"] += sum(number <= seen.get(sender, 0) for sender, number in view.second_sent.items())
    cases["ReliableCausal"] += any(number <= seen.get(sender, 0) for sender, number in view.first_caused.items())
    cases["CleanFailure"] += member.delivered * view.excluding


def goes_on(name: str, view: OpenView) -> None:
    """A process goes on from a view, to another or out of the group: with all that is said to be stable."""
    view.group.cases["SafeIndication"] += view.stable
    for part in view.kept:
        must(name in part.by or not part.told_safe or not part.by, "SafeIndication")
    view.gone_on.add(name)


def becomes_stable(part: Part) -> None:
    """A message that is delivered in a view is said to be stable: who has gone on from it has delivered it."""
    view = part.view
    must(view.gone_on <= part.by, "SafeIndication")
    view.stable += 1
    view.group.cases["SafeIndication"] += len(view.gone_on)


def complete_told_safe(name: Name, group: Group) -> None:
    """A complete message is said to be stable: all who have gone on from its view have delivered it.

    Those who go on later have delivered it, too, for they stayed when it was complete.
    """
    cases = group.cases
    must(name not in group.skipped, "SafeIndication")
    view = next((view for view in group.views.values() if name in view.complete), None)
    if view is None:
        cases["SafeIndication"] = max(cases["SafeIndication"], name not in group.last)
    elif name not in view.told_safe:
        view.told_safe.add(name)
        view.stable += 1
        cases["SafeIndication"] += len(view.gone_on)


def ordered(name: str, member: Member, part: Part) -> None:
    """What is said of the order in one view, of uniform ABCASTs and of GBCASTs."""
    if part.message.primitive == UNIFORM:
        _same_uniform_before(member, part)
    elif part.message.primitive == GBCAST:
        _same_before(name, member, part)


def _same_uniform_before(member: Member, part: Part) -> None:
    """All deliver the uniform ABCASTs of a view in the order of those who deliver them first.

    So the first n of one are the first n of each other.
    """
    if part.by:
        part.view.group.cases["ReliableTotalOrder"] += part.rank > 0
    else:
        part.rank = part.view.uniform
        part.view.uniform += 1
    must(part.rank == member.uniform, "ReliableTotalOrder")
    member.uniform += 1


def _same_before(name: str, member: Member, part: Part) -> None:
    """All deliver a GBCAST after the same messages: as many, and none is lacking that the first receiver had.

    What a process lacks is kept, for it stays; the first receiver had not delivered it, either, if it lacked it
    then, or if nobody had multicast it yet.
    """
    without = frozenset(each.number for each in part.view.kept if name not in each.by)
    if not part.by:
        part.before, part.known, part.without = member.delivered, part.view.messages, without
        return
    part.view.group.cases["GBCASTOrder"] += 1
    must(member.delivered == part.before, "GBCASTOrder")
    must(all(number >= part.known or number in part.without for number in without), "GBCASTOrder")
