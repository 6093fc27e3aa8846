"""Flush: those who go on together have delivered the same, for any number of processes, messages and views.

What is proved, in the terms of `spec/Flush.tla`: two processes that are both members of view j, and that have
both left it for later views, have delivered the same messages of view j (VirtualSynchrony), and a message is
delivered only in the view in which it was multicast (SameViewDelivery). Any process may be excluded at any
time although it works; any number of view changes may overlap; packets may be lost, doubled and reordered.

What is left out: the packets (`Receive` and the like read what was ever sent, which is more than any network
does); the order of the members; the histories, of which `delivered` and `current` remain; and that messages
have numbers. `closed` is no variable of the specification, but a fact about its state: all who continue into
some view between the two have said Ready.

The argument: when all who continue into view k have said Ready(k), then all that any of them holds of earlier
views they all hold (`Alike`); what comes to them later comes from each other (`FromEachOther`).

Spec: `spec/Flush.tla`, `spec/PRFlush.tla`. Paper: Birman and Joseph 1987, sections 2.4 and 3.1.
"""

from z3 import And, Implies, Not, Or

from vsync.prove.language import (
    Constant,
    Formula,
    Invariant,
    Proof,
    Relation,
    Sort,
    State,
    Step,
    Term,
    action,
    become,
    exists,
    forall,
    grow,
    put,
    total_order,
)

P = Sort("Process", "p")
V = Sort("View", "v")
M = Sort("Message", "m")

FIRST = Constant("first", V, "the first view", written="1")
first = FIRST.z3
BEFORE = Relation(
    "before", (V, V), "the first of the two views comes before the second", rigid=True, written="{0} < {1}"
)
before = BEFORE.z3
FOUNDER = Relation(
    "founder", (P,), "the process is a member of the first view", rigid=True, written="{0} \\in Range(Founders)"
)
founder = FOUNDER.z3

RELATIONS = (
    BEFORE,
    FOUNDER,
    Relation("agreed", (V,), "the sites have agreed on this view"),
    Relation("member", (V, P), "the process is a member of this view"),
    Relation("continuing", (V, P), "it is one, and was one of the view before: Continuing"),
    Relation("crashed", (P,), "the process has stopped"),
    Relation("known", (P, V), "the process was told of this view, or of a later one"),
    Relation("current", (P, V), "it has installed this view, or a later one"),
    Relation("sent", (P, M, V), "it has multicast the message, in this view"),
    Relation("received", (P, M), "it holds the message: of its current view, or a later one"),
    Relation("delivered", (P, M), "it has delivered the message"),
    Relation("carried", (P, V, M), "its Flush for this view carried the message"),
    Relation("flushes", (P, P, V), "it has got Flush for this view from the second, or is it and sent it"),
    Relation("confirmed", (P, V), "it has sent Ready for this view"),
    Relation("readies", (P, P, V), "it has got Ready for this view from the second, or is it and sent it"),
    Relation("complete", (V,), "all who continue into this view have sent Ready for it"),
    Relation("settled", (V, V), "some view between the two is complete"),
)


def has(s: State, p: Term, m: Term) -> Formula:
    """p has the message still, or has delivered it."""
    return Or(s.received(p, m), s.delivered(p, m))


def at(s: State, p: Term, k: Term) -> Formula:
    """k is the view that p has installed last."""
    return And(s.current(p, k), forall(V)(lambda i: Implies(before(k, i), Not(s.current(p, i)))))


def listens(s: State, p: Term, q: Term, k: Term) -> Formula:
    """p takes what q writes of view k: it was told of no view, from k on, without q.  Spec: FromExcluded."""
    return forall(V)(lambda i: Implies(And(s.known(p, i), Not(before(i, k))), s.member(i, q)))


def passed(s: State, p: Term, k: Term) -> Formula:
    """p has installed a view after k."""
    return exists(V)(lambda i: And(before(k, i), s.current(p, i)))


def of(s: State, m: Term, k: Term) -> Formula:
    """m was multicast in view k."""
    return exists(P)(lambda r: s.sent(r, m, k))


# ------------------------------------------------------------------------------------------------------ actions


@action("Flush!Agree", "the sites agree on a further view; who was excluded does not come back", j=V, k=V, new=(P,))
def agree(s: State, j: Term, k: Term, new: Term) -> Step:
    return Step(
        guards=[
            s.agreed(j),
            Not(s.agreed(k)),
            before(j, k),
            forall(V)(lambda i: Implies(before(i, k), And(s.agreed(i), Not(before(j, i))))),
            forall(P, V)(lambda q, i: Implies(And(s.member(i, q), new(q)), s.member(j, q))),
            exists(P)(lambda q: And(s.member(j, q), new(q))),
        ],
        changes=[
            put("agreed", k),
            grow("member", lambda i, q: And(i == k, new(q))),
            grow("continuing", lambda i, q: And(i == k, new(q), s.member(j, q))),
        ],
    )


@action("Flush!Crash", "p stops, at any point", p=P)
def crash(s: State, p: Term) -> Step:
    return Step(guards=[Not(s.crashed(p))], changes=[put("crashed", p)])


@action("Flush!Disseminate", "p multicasts m in its view, and delivers it to itself at once", p=P, m=M, k=V)
def disseminate(s: State, p: Term, m: Term, k: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            at(s, p, k),
            s.member(k, p),
            forall(V)(lambda i: Implies(before(k, i), Not(s.known(p, i)))),
            forall(P, V)(lambda q, i: Not(s.sent(q, m, i))),
        ],
        changes=[put("sent", p, m, k), put("received", p, m), put("delivered", p, m)],
    )


@action("Flush!Receive", "p receives m from its sender q, to whom it still listens", p=P, q=P, m=M, k=V)
def receive(s: State, p: Term, q: Term, m: Term, k: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            s.sent(q, m, k),
            s.member(k, p),
            listens(s, p, q, k),
        ],
        changes=[grow("received", lambda x, y: And(x == p, y == m, Not(passed(s, p, k))))],
    )


@action(
    "Flush!Forward",
    "p is told of the next view, and sends all that it holds of earlier ones to those who continue",
    p=P,
    k=V,
)
def forward(s: State, p: Term, k: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            s.agreed(k),
            s.member(k, p),
            Not(s.known(p, k)),
            forall(V)(lambda i: Implies(And(before(i, k), s.member(i, p)), s.known(p, i))),
        ],
        changes=[
            grow("known", lambda x, i: And(x == p, Not(before(k, i)))),
            grow("flushes", lambda x, y, i: And(x == p, y == p, i == k, s.continuing(k, p))),
            grow(
                "carried",
                lambda x, i, m: And(
                    x == p,
                    i == k,
                    s.continuing(k, p),
                    s.received(p, m),
                    exists(P, V)(lambda r, j: And(s.sent(r, m, j), before(j, k))),
                ),
            ),
        ],
    )


@action("Flush!ReceiveFlush", "p receives Flush for view k from q, with all that it carries", p=P, q=P, k=V)
def receive_flush(s: State, p: Term, q: Term, k: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            s.known(q, k),
            s.continuing(k, q),
            s.continuing(k, p),
            listens(s, p, q, k),
        ],
        changes=[
            grow(
                "received",
                lambda x, m: And(
                    x == p,
                    s.carried(q, k, m),
                    exists(P, V)(lambda r, j: And(s.sent(r, m, j), Not(passed(s, p, j)))),
                ),
            ),
            grow("flushes", lambda x, y, i: And(x == p, y == q, i == k, Not(s.current(p, k)))),
        ],
    )


def all_confirmed(s: State, k: Term, p: Term) -> Formula:
    """All who continue into view k have sent Ready, p being the last of them."""
    return forall(P)(lambda q: Implies(s.continuing(k, q), Or(q == p, s.confirmed(q, k))))


@action("Flush!Confirm", "p has Flush for view k from all who continue into it, and sends Ready", p=P, k=V)
def confirm(s: State, p: Term, k: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            s.known(p, k),
            s.continuing(k, p),
            Not(s.readies(p, p, k)),
            forall(P)(lambda q: Implies(s.continuing(k, q), s.flushes(p, q, k))),
        ],
        changes=[
            put("confirmed", p, k),
            put("readies", p, p, k),
            grow("complete", lambda i: And(i == k, all_confirmed(s, k, p))),
            grow("settled", lambda j, i: And(before(j, k), before(k, i), all_confirmed(s, k, p))),
        ],
    )


@action("Flush!ReceiveReady", "p receives Ready for view k from q", p=P, q=P, k=V)
def receive_ready(s: State, p: Term, q: Term, k: Term) -> Step:
    return Step(
        guards=[Not(s.crashed(p)), s.confirmed(q, k), s.member(k, p), listens(s, p, q, k)],
        changes=[grow("readies", lambda x, y, i: And(x == p, y == q, i == k, Not(s.current(p, k))))],
    )


@action(
    "Flush!DeliverHeld", "p delivers a message that it holds, in the view in which it was multicast", p=P, q=P, m=M, k=V
)
def deliver(s: State, p: Term, q: Term, m: Term, k: Term) -> Step:
    return Step(
        guards=[Not(s.crashed(p)), s.received(p, m), s.sent(q, m, k), at(s, p, k), s.member(k, p)],
        changes=[put("delivered", p, m)],
    )


def installing(p: Term, j: Term, s: State) -> list[Formula]:
    """p, not crashed, has delivered what it holds of its view, and j is the next view that it was told of."""
    return [
        Not(s.crashed(p)),
        s.member(j, p),
        s.known(p, j),
        Not(s.current(p, j)),
        forall(V)(lambda i: Implies(And(before(i, j), s.member(i, p)), s.current(p, i))),
        forall(P, M, V)(
            lambda q, m, i: Implies(And(s.received(p, m), s.sent(q, m, i), at(s, p, i)), s.delivered(p, m))
        ),
    ]


def installed(p: Term, j: Term, s: State) -> Step:
    """What changes as p installs view j: what concerns earlier views is forgotten."""
    return Step(
        guards=[],
        changes=[
            grow("current", lambda x, i: And(x == p, Not(before(j, i)))),
            become(
                "received",
                lambda x, m: And(
                    s.received(x, m),
                    Or(x != p, exists(P, V)(lambda q, i: And(s.sent(q, m, i), Not(before(i, j))))),
                ),
            ),
            become("flushes", lambda x, y, i: And(s.flushes(x, y, i), Or(x != p, before(j, i)))),
            become("readies", lambda x, y, i: And(s.readies(x, y, i), Or(x != p, before(j, i)))),
        ],
    )


@action(
    "Flush!Advance",
    "p has Ready for some view k from all who continue into it, and installs its next view j",
    p=P,
    j=V,
    k=V,
)
def advance(s: State, p: Term, j: Term, k: Term) -> Step:
    return Step(
        guards=[
            *installing(p, j, s),
            s.known(p, k),
            s.member(k, p),
            Not(s.current(p, k)),
            forall(P)(lambda q: Implies(s.continuing(k, q), s.readies(p, q, k))),
        ],
        changes=installed(p, j, s).changes,
    )


# ------------------------------------------------------------------------------------------------- planted bugs


@action("Flush!Advance", "p installs as soon as it has Flush from all, and does not wait for Ready", p=P, j=V, k=V)
def installs_after_flush(s: State, p: Term, j: Term, k: Term) -> Step:
    return Step(
        guards=[
            *installing(p, j, s),
            s.known(p, k),
            s.member(k, p),
            Not(s.current(p, k)),
            forall(P)(lambda q: Implies(s.continuing(k, q), s.flushes(p, q, k))),
        ],
        changes=installed(p, j, s).changes,
    )


@action(
    "Flush!Advance", "a joiner counts as complete a view before its first, into which nobody continued", p=P, j=V, k=V
)
def installs_by_an_empty_view(s: State, p: Term, j: Term, k: Term) -> Step:
    return Step(
        guards=[
            *installing(p, j, s),
            s.known(p, k),
            Not(s.current(p, k)),
            forall(P)(lambda q: Implies(s.continuing(k, q), s.readies(p, q, k))),
        ],
        changes=installed(p, j, s).changes,
    )


@action("Flush!Forward", "p is told of the next view, and keeps to itself what it holds", p=P, k=V)
def forwards_nothing(s: State, p: Term, k: Term) -> Step:
    step: Step = forward.step(s, p, k)
    return Step(guards=step.guards, changes=[c for c in step.changes if c.relation != "carried"])


@action("Flush!Confirm", "p says Ready when it has sent its own Flush, and has not heard the others", p=P, k=V)
def confirms_early(s: State, p: Term, k: Term) -> Step:
    step: Step = confirm.step(s, p, k)
    return Step(guards=[*step.guards[:-1], s.flushes(p, p, k)], changes=step.changes)


@action("Flush!Receive", "p takes a message also from who is excluded", p=P, q=P, m=M, k=V)
def listens_to_excluded(s: State, p: Term, q: Term, m: Term, k: Term) -> Step:
    step: Step = receive.step(s, p, q, m, k)
    return Step(guards=step.guards[:-1], changes=step.changes)


# --------------------------------------------------------------------------------------------------- invariants


def stable_or_on_its_way(s: State, k: Term, m: Term, j: Term) -> Formula:
    """What is known of m, of view j, from view k on: a change before k settled it, or one who continues tells it."""
    return Or(
        s.settled(j, k),
        exists(P)(lambda y: And(s.continuing(k, y), Or(s.carried(y, k, m), And(Not(s.known(y, k)), has(s, y, m))))),
    )


INVARIANTS = (
    Invariant(
        "ViewsInOrder",
        "views are agreed on one after the other, and only they have members",
        lambda s: And(
            forall(V, V)(lambda i, k: Implies(And(s.agreed(k), before(i, k)), s.agreed(i))),
            forall(V, P)(lambda k, p: Implies(s.member(k, p), s.agreed(k))),
            s.agreed(first),
            forall(V)(lambda k: Implies(And(s.agreed(k), k != first), exists(P)(lambda q: s.continuing(k, q)))),
        ),
    ),
    Invariant(
        "NobodyComesBack",
        "who is a member of two views is a member of those between",
        lambda s: forall(V, V, V, P)(
            lambda i, j, k, p: Implies(And(before(i, j), before(j, k), s.member(i, p), s.member(k, p)), s.member(j, p))
        ),
    ),
    Invariant(
        "Continuing",
        "who continues into a view is a member; who was a member of an earlier one continues",
        lambda s: And(
            forall(V, P)(lambda k, p: Implies(s.continuing(k, p), s.member(k, p))),
            forall(V, V, P)(
                lambda i, k, p: Implies(And(before(i, k), s.member(i, p), s.member(k, p)), s.continuing(k, p))
            ),
        ),
    ),
    Invariant(
        "ContinuingFromBefore",
        "who continues into a view was a member of an earlier one",
        lambda s: forall(V, P)(
            lambda k, p: Implies(s.continuing(k, p), exists(V)(lambda i: And(before(i, k), s.member(i, p))))
        ),
    ),
    Invariant(
        "ToldInOrder",
        "a process was told of all views up to the last that it knows, and installs only what it knows",
        lambda s: And(
            forall(P, V, V)(lambda p, i, k: Implies(And(s.known(p, k), before(i, k)), s.known(p, i))),
            forall(P, V, V)(lambda p, i, k: Implies(And(s.current(p, k), before(i, k)), s.current(p, i))),
            forall(P, V)(lambda p, k: Implies(s.current(p, k), s.known(p, k))),
            forall(P, V)(lambda p, k: Implies(s.known(p, k), s.agreed(k))),
        ),
    ),
    Invariant(
        "OneSender",
        "a message is multicast once, by a member of the view, which has delivered it",
        lambda s: And(
            forall(P, P, M, V, V)(
                lambda p, q, m, j, k: Implies(And(s.sent(p, m, j), s.sent(q, m, k)), And(p == q, j == k))
            ),
            forall(P, M, V)(
                lambda p, m, k: Implies(s.sent(p, m, k), And(s.member(k, p), s.delivered(p, m), s.current(p, k)))
            ),
        ),
    ),
    Invariant(
        "OnlyWhatWasSent",
        "what is held, delivered or carried was multicast",
        lambda s: And(
            forall(P, M)(lambda p, m: Implies(has(s, p, m), exists(P, V)(lambda q, k: s.sent(q, m, k)))),
            forall(P, V, M)(
                lambda p, k, m: Implies(
                    s.carried(p, k, m), exists(P, V)(lambda q, j: And(s.sent(q, m, j), before(j, k)))
                )
            ),
        ),
    ),
    Invariant(
        "HeldInTime",
        "a process holds messages of its view and later ones, all that it has delivered there, and none of later ones",
        lambda s: And(
            forall(P, P, M, V)(
                lambda p, q, m, k: Implies(
                    And(s.delivered(p, m), s.sent(q, m, k)), Or(s.received(p, m), passed(s, p, k))
                )
            ),
            forall(P, P, M, V)(
                lambda p, q, m, k: Implies(And(s.received(p, m), s.sent(q, m, k)), Not(passed(s, p, k)))
            ),
            forall(P, P, M, V)(lambda p, q, m, k: Implies(And(s.delivered(p, m), s.sent(q, m, k)), s.current(p, k))),
        ),
    ),
    Invariant(
        "DeliveredByMembers",
        "a message is delivered by members of the view in which it was multicast",
        lambda s: forall(P, P, M, V)(
            lambda p, q, m, k: Implies(And(s.delivered(p, m), s.sent(q, m, k)), s.member(k, p))
        ),
    ),
    Invariant(
        "CarriedByMembers",
        "a process sends its Flush when it is told of the view, to which it continues",
        lambda s: And(
            forall(P, V, M)(lambda p, k, m: Implies(s.carried(p, k, m), And(s.known(p, k), s.continuing(k, p)))),
            forall(P, P, V)(lambda p, q, k: Implies(s.flushes(p, q, k), And(s.known(q, k), s.continuing(k, q)))),
        ),
    ),
    Invariant(
        "OnlyMembersHold",
        "who has a message is a member of some view; who has carried one has it, or has installed a later view",
        lambda s: And(
            forall(P, M)(lambda p, m: Implies(has(s, p, m), exists(V)(lambda i: s.member(i, p)))),
            forall(P, V, M, P, V)(
                lambda p, k, m, r, j: Implies(
                    And(s.carried(p, k, m), s.sent(r, m, j)), Or(has(s, p, m), passed(s, p, j))
                )
            ),
        ),
        because=("OneSender", "HeldInTime", "OnlyWhatWasSent", "CarriedByMembers"),
    ),
    Invariant(
        "FlushesHeard",
        "who has Flush from another has all that it carried, of views in which it was a member itself",
        lambda s: forall(P, P, V, P, M, V)(
            lambda p, q, k, r, m, j: Implies(
                And(s.flushes(p, q, k), s.carried(q, k, m), s.sent(r, m, j), s.member(j, p), s.continuing(k, p)),
                has(s, p, m),
            )
        ),
        also=(
            "OnlyWhatWasSent",
            "HeldInTime",
            "ReadiesSent",
        ),
        because=(
            "NobodyComesBack",
            "Continuing",
            "ToldInOrder",
            "OneSender",
            "CarriedByMembers",
            "InstalledWhenComplete",
            "CarriedAlike",
            "Complete",
        ),
    ),
    Invariant(
        "ReadyMeansHeard",
        "who has said Ready continues, and has all that any Flush carried, of views in which it was a member itself",
        lambda s: And(
            forall(P, V)(lambda p, k: Implies(s.confirmed(p, k), And(s.continuing(k, p), s.known(p, k)))),
            forall(P, P, V)(lambda p, q, k: Implies(And(s.confirmed(p, k), s.continuing(k, q)), s.known(q, k))),
            forall(P, P, V, P, M, V)(
                lambda p, q, k, r, m, j: Implies(
                    And(s.confirmed(p, k), s.carried(q, k, m), s.sent(r, m, j), s.member(j, p)),
                    has(s, p, m),
                )
            ),
        ),
    ),
    Invariant(
        "ReadiesSent",
        "a Ready that was received was sent",
        lambda s: forall(P, P, V)(lambda p, q, k: Implies(s.readies(p, q, k), s.confirmed(q, k))),
    ),
    Invariant(
        "Complete",
        "a view is complete if and only if all who continue into it have said Ready",
        lambda s: And(
            forall(V)(
                lambda k: Implies(
                    And(
                        s.agreed(k),
                        k != first,
                        forall(P)(lambda q: Implies(s.continuing(k, q), s.confirmed(q, k))),
                    ),
                    s.complete(k),
                )
            ),
            forall(V, P)(lambda k, q: Implies(And(s.complete(k), s.continuing(k, q)), s.confirmed(q, k))),
            forall(V)(lambda k: Implies(s.complete(k), And(s.agreed(k), k != first))),
        ),
        because=("ToldInOrder", "ContinuingFromBefore"),
        also=("ViewsInOrder", "ReadyMeansHeard"),
    ),
    Invariant(
        "Settled",
        "two views have a complete one between them if and only if that is noted",
        lambda s: And(
            forall(V, V, V)(lambda j, i, k: Implies(And(s.complete(i), before(j, i), before(i, k)), s.settled(j, k))),
            forall(V, V)(
                lambda j, k: Implies(
                    s.settled(j, k), exists(V)(lambda i: And(before(j, i), before(i, k), s.complete(i)))
                )
            ),
        ),
    ),
    Invariant(
        "InstalledWhenComplete",
        "who has installed a view was told of a complete one after all before it",
        lambda s: forall(P, V, V)(
            lambda p, j, k: Implies(
                And(s.current(p, k), before(j, k)),
                exists(V)(lambda i: And(before(j, i), s.known(p, i), s.member(i, p), s.complete(i))),
            )
        ),
        because=(
            "NobodyComesBack",
            "Continuing",
            "ToldInOrder",
            "ReadiesSent",
            "Complete",
        ),
    ),
    Invariant(
        "FromEachOther",
        "what one holds that was told of a view, of earlier views, was settled or is told by one who continues",
        lambda s: forall(P, V, P, M, V)(
            lambda p, k, r, m, j: Implies(
                And(
                    has(s, p, m),
                    s.sent(r, m, j),
                    before(j, k),
                    s.agreed(k),
                    Or(s.known(p, k), forall(V)(lambda i: Implies(before(i, k), Not(s.member(i, p))))),
                ),
                stable_or_on_its_way(s, k, m, j),
            )
        ),
        because=(
            "OnlyWhatWasSent",
            "ViewsInOrder",
            "ReadiesSent",
            "Complete",
            "NobodyComesBack",
            "Continuing",
            "ToldInOrder",
            "OneSender",
            "HeldInTime",
            "CarriedFromEachOther",
            "CarriedAgain",
            "InstalledWhenComplete",
            "Settled",
            "OnlyMembersHold",
            "DeliveredByMembers",
            "CarriedByMembers",
        ),
    ),
    Invariant(
        "CarriedFromEachOther",
        "the same holds for what is carried by a Flush for that view or a later one",
        lambda s: forall(P, V, V, P, M, V)(
            lambda p, i, k, r, m, j: Implies(
                And(s.carried(p, i, m), s.sent(r, m, j), before(j, k), Or(k == i, before(k, i))),
                stable_or_on_its_way(s, k, m, j),
            )
        ),
        because=(
            "NobodyComesBack",
            "Continuing",
            "ToldInOrder",
            "OneSender",
            "CarriedByMembers",
            "ContinuingFromBefore",
            "ViewsInOrder",
            "FromEachOther",
            "HeldInTime",
            "InstalledWhenComplete",
            "Settled",
            "OnlyWhatWasSent",
        ),
        also=("ReadiesSent", "Complete", "DeliveredByMembers", "OnlyMembersHold"),
    ),
    Invariant(
        "CarriedAgain",
        "who continues carries again what it carried, unless that was settled",
        lambda s: forall(P, V, V, P, M, V)(
            lambda p, i, k, r, m, j: Implies(
                And(s.carried(p, i, m), s.sent(r, m, j), before(i, k), s.continuing(k, p)),
                stable_or_on_its_way(s, k, m, j),
            )
        ),
        because=(
            "OnlyWhatWasSent",
            "ReadiesSent",
            "Complete",
            "NobodyComesBack",
            "Continuing",
            "ToldInOrder",
            "OneSender",
            "CarriedByMembers",
            "OnlyMembersHold",
            "InstalledWhenComplete",
            "Settled",
            "HeldInTime",
            "DeliveredByMembers",
        ),
    ),
    Invariant(
        "CarriedAlike",
        "when a view is complete, all who continue have what was carried by a Flush of those who continue, or later",
        lambda s: forall(V, V, V, P, P, P, M)(
            lambda j, k, i, p, q, r, m: Implies(
                And(
                    s.complete(k),
                    before(j, k),
                    s.sent(r, m, j),
                    s.carried(p, i, m),
                    Or(k == i, before(k, i), s.continuing(k, p)),
                    s.continuing(k, q),
                    s.member(j, q),
                ),
                has(s, q, m),
            )
        ),
        because=(
            "FlushesHeard",
            "OnlyWhatWasSent",
            "NobodyComesBack",
            "Continuing",
            "ToldInOrder",
            "OneSender",
            "HeldInTime",
            "ReadyMeansHeard",
            "Complete",
            "Settled",
            "CarriedFromEachOther",
            "CarriedAgain",
            "CarriedByMembers",
            "DeliveredByMembers",
            "Alike",
        ),
    ),
    Invariant(
        "Alike",
        "when a view is complete, all who continue have what any of them has of earlier views that had them",
        lambda s: forall(V, V, P, P, P, M)(
            lambda j, k, p, q, r, m: Implies(
                And(
                    s.complete(k),
                    before(j, k),
                    s.sent(r, m, j),
                    has(s, p, m),
                    Or(s.known(p, k), forall(V)(lambda i: Implies(before(i, k), Not(s.member(i, p))))),
                    s.continuing(k, q),
                    s.member(j, q),
                ),
                has(s, q, m),
            )
        ),
        because=(
            "FlushesHeard",
            "OnlyWhatWasSent",
            "NobodyComesBack",
            "Continuing",
            "ToldInOrder",
            "OneSender",
            "HeldInTime",
            "ReadyMeansHeard",
            "Complete",
            "Settled",
            "FromEachOther",
            "CarriedAlike",
            "CarriedByMembers",
            "DeliveredByMembers",
        ),
    ),
)

GUARANTEES = (
    Invariant(
        "VirtualSynchrony",
        "who has delivered a message, and has left the view, has done so as all others who have left it for the next",
        lambda s: forall(P, P, P, M, V, V)(
            lambda p, q, r, m, j, k: Implies(
                And(
                    before(j, k),
                    s.sent(r, m, j),
                    s.member(j, p),
                    s.member(j, q),
                    s.member(k, p),
                    s.member(k, q),
                    s.current(p, k),
                    s.current(q, k),
                    s.delivered(p, m),
                ),
                s.delivered(q, m),
            )
        ),
        because=("Alike", "InstalledWhenComplete", "NobodyComesBack", "Continuing", "ToldInOrder", "HeldInTime"),
    ),
)

PROOF = Proof(
    name="flush",
    title="virtual synchrony by flush",
    module="Flush",
    proves=(
        "VSProperties!VirtualSynchrony of Flush: members that go on together from a view have delivered the same set "
        "in it, for any number of processes, messages and overlapping view changes, and any wrong suspicions"
    ),
    abstracts=(
        "net (what was ever sent may arrive at any time, any number of times), the order of members, histories but "
        "for what was delivered and installed; SiteViews is Agree, in which nobody comes back"
    ),
    sorts=(P, V, M),
    relations=RELATIONS,
    constants=(FIRST,),
    axioms={
        "views are in order": total_order(V, BEFORE),
        "one view is the first": forall(V)(lambda k: Or(k == first, before(first, k))),
    },
    initially={
        "agreed": lambda k: k == first,
        "member": lambda k, p: And(k == first, founder(p)),
        "known": lambda p, k: And(k == first, founder(p)),
        "current": lambda p, k: And(k == first, founder(p)),
    },
    actions=(
        agree,
        crash,
        disseminate,
        receive,
        forward,
        receive_flush,
        confirm,
        receive_ready,
        deliver,
        advance,
    ),
    invariants=INVARIANTS,
    guarantees=GUARANTEES,
    planted={
        "InstallsAfterFlush": installs_after_flush,
        "InstallsByAnEmptyView": installs_by_an_empty_view,
        "ForwardsNothing": forwards_nothing,
        "ConfirmsEarly": confirms_early,
        "ListensToExcluded": listens_to_excluded,
    },
)
