"""Causal order: a message is delivered after all that may have caused it, for any number of processes and lists.

What is proved, in the terms of `spec/CbcastLists.tla`: within a view, a destination of a message delivers
it after all messages for it from the message's causal past (CausalOrder), whatever the destination lists of
the messages are. A message says of its direct predecessors where they still have to be waited for (`after`), and
no more; that this is enough is what is proved.

What is left out: the network and the flush (a message may arrive anywhere at any time); vector times (delivered
or not is known for each message, which is what HasDelivered says of messages for the process itself); views (all
is within one; a new view begins with empty contexts, and what it delivers was multicast in it). `past` is no
variable of the specification: it is what the histories say of the causal past of a multicast.

One assumption is not of first order: causes are finitely many and do not go round. It is used in Complete,
where each message that is covered by others is covered by a last one.

Spec: `spec/CbcastLists.tla`, `spec/PRCbcastLists.tla`. Paper: Birman and Joseph 1987, sections 3.1 and 3.2.
"""

from z3 import And, Implies, Not, Or

from vsync.prove.language import (
    Change,
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
)

P = Sort("Process", "p")
M = Sort("Message", "m")

RELATIONS = (
    Relation("crashed", (P,), "the process has stopped"),
    Relation("sent", (P, M), "it has multicast the message"),
    Relation("to", (M, P), "the process is a destination of the message"),
    Relation("after", (M, M, P), "at the process, the first message has to wait for the second"),
    Relation("context", (P, M, P), "the next multicast of the first process has to wait for the message at the second"),
    Relation("delivered", (P, M), "it has delivered the message"),
    Relation(
        "seen", (P, M), "the message is in the causal past of the process: what it sends next may be caused by it"
    ),
    Relation("past", (M, M), "the second message is in the causal past of the first"),
)


def covers(s: State, y: Term, x: Term) -> Formula:
    """Who has delivered y has delivered x."""
    return Or(y == x, s.past(y, x))


def behind(s: State, y: Term, q: Term, m: Term) -> Formula:
    """What m leaves to wait for at q: Behind(after, m)."""
    return Or(And(s.after(m, y, q), Not(s.to(m, q))), And(y == m, s.to(m, q)))


def merged(s: State, p: Term, m: Term, y: Term, q: Term) -> Formula:
    """y is waited for at q on account of what p knew and of what is behind m: Merged(context, Behind(after, m))."""
    known = s.context(p, y, q)
    new = behind(s, y, q, m)
    return Or(
        And(known, new),
        And(known, forall(P)(lambda r: Not(behind(s, y, r, m)))),
        And(new, forall(P)(lambda r: Not(s.context(p, y, r)))),
    )


# ------------------------------------------------------------------------------------------------------ actions


def multicast_changes(s: State, p: Term, m: Term, dest: Term) -> list[Change]:
    """What changes as p multicasts m to these."""
    return [
        put("sent", p, m),
        grow("to", lambda x, q: And(x == m, dest(q))),
        grow("after", lambda x, y, q: And(x == m, s.context(p, y, q))),
        grow("past", lambda x, y: And(x == m, s.seen(p, y))),
        put("seen", p, m),
        grow("delivered", lambda x, y: And(x == p, y == m, dest(p))),
        become(
            "context",
            lambda x, y, q: Or(
                And(x != p, s.context(x, y, q)),
                And(x == p, y != m, s.context(p, y, q), Not(dest(q))),
                And(x == p, y == m, dest(q), q != p),
            ),
        ),
    ]


@action(
    "CbcastLists!Multicast", "p multicasts m to these; if it is one of them, it delivers m at once", p=P, m=M, dest=(P,)
)
def multicast(s: State, p: Term, m: Term, dest: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            forall(P)(lambda q: Not(s.sent(q, m))),
            Implies(dest(p), forall(M)(lambda x: Not(s.context(p, x, p)))),
        ],
        changes=multicast_changes(s, p, m, dest),
    )


def delivers(s: State, p: Term, m: Term) -> list[Change]:
    """What changes as p delivers m."""
    return [
        put("delivered", p, m),
        grow("seen", lambda x, y: And(x == p, covers(s, m, y))),
        become(
            "context",
            lambda x, y, q: Or(
                And(x != p, s.context(x, y, q)),
                And(x == p, merged(s, p, m, y, q), Not(And(q == p, Or(s.delivered(p, y), y == m)))),
            ),
        ),
    ]


def last_of_those_that_cover(s: State, p: Term, m: Term) -> Formula:
    """Of the messages that are waited for at q and cover x, if there are any, one is covered by no other."""

    def waited(y: Term, q: Term) -> Formula:
        return Or(s.context(p, y, q), behind(s, y, q, m))

    return forall(M, P)(
        lambda x, q: Implies(
            exists(M)(lambda y: And(waited(y, q), covers(s, y, x))),
            exists(M)(
                lambda y: And(
                    waited(y, q),
                    covers(s, y, x),
                    forall(M)(lambda z: Implies(And(waited(z, q), covers(s, z, x)), Not(s.past(z, y)))),
                )
            ),
        )
    )


@action("CbcastLists!Complete", "p delivers m, as it has delivered all that m waits for there", p=P, r=P, m=M)
def complete(s: State, p: Term, r: Term, m: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            s.sent(r, m),
            s.to(m, p),
            Not(s.delivered(p, m)),
            forall(M)(lambda x: Implies(s.after(m, x, p), s.delivered(p, x))),
            last_of_those_that_cover(s, p, m),
        ],
        changes=delivers(s, p, m),
    )


@action("CbcastLists!Forget", "p waits no more for a message that has been delivered wherever it had to be", p=P, m=M)
def forget(s: State, p: Term, m: Term) -> Step:
    return Step(
        guards=[Not(s.crashed(p)), forall(P)(lambda q: Implies(s.to(m, q), s.delivered(q, m)))],
        changes=[become("context", lambda x, y, q: And(s.context(x, y, q), Not(And(x == p, y == m))))],
    )


@action("CbcastLists!Crash", "p stops, at any point", p=P)
def crash(s: State, p: Term) -> Step:
    return Step(guards=[Not(s.crashed(p))], changes=[put("crashed", p)])


# ------------------------------------------------------------------------------------------------- planted bugs


@action("CbcastLists!Complete", "p delivers m without waiting for its causes", p=P, r=P, m=M)
def ignores_causes(s: State, p: Term, r: Term, m: Term) -> Step:
    step: Step = complete.step(s, p, r, m)
    return Step(guards=[g for i, g in enumerate(step.guards) if i != 4], changes=step.changes)


@action("CbcastLists!Multicast", "m stands for its predecessors also where it does not go", p=P, m=M, dest=(P,))
def forgets_the_rest(s: State, p: Term, m: Term, dest: Term) -> Step:
    step: Step = multicast.step(s, p, m, dest)
    only_m = become(
        "context", lambda x, y, q: Or(And(x != p, s.context(x, y, q)), And(x == p, y == m, dest(q), q != p))
    )
    return Step(guards=step.guards, changes=[*step.changes[:-1], only_m])


# --------------------------------------------------------------------------------------------------- invariants


INVARIANTS = (
    Invariant(
        "OneSender",
        "what is delivered, seen, waited for or addressed was multicast, and by one process",
        lambda s: And(
            forall(P, P, M)(lambda p, q, m: Implies(And(s.sent(p, m), s.sent(q, m)), p == q)),
            forall(P, M)(lambda p, m: Implies(Or(s.delivered(p, m), s.seen(p, m)), exists(P)(lambda q: s.sent(q, m)))),
            forall(M, P)(lambda m, p: Implies(s.to(m, p), exists(P)(lambda q: s.sent(q, m)))),
            forall(M, M)(lambda m, x: Implies(s.past(m, x), exists(P)(lambda q: s.sent(q, m)))),
            forall(M, M)(lambda m, x: Implies(s.past(m, x), exists(P)(lambda q: s.sent(q, x)))),
            forall(M, M, P)(lambda m, x, q: Implies(s.after(m, x, q), exists(P)(lambda r: s.sent(r, m)))),
        ),
    ),
    Invariant(
        "DeliveredIsSeen",
        "who delivers a message, or has multicast it, has seen it; it is delivered by its destinations",
        lambda s: And(
            forall(P, M)(lambda p, m: Implies(Or(s.delivered(p, m), s.sent(p, m)), s.seen(p, m))),
            forall(P, M)(lambda p, m: Implies(s.delivered(p, m), s.to(m, p))),
        ),
    ),
    Invariant(
        "SeenWithCauses",
        "who has seen a message has seen all that is in its past, and so have messages",
        lambda s: And(
            forall(P, M, M)(lambda p, m, x: Implies(And(s.seen(p, m), s.past(m, x)), s.seen(p, x))),
            forall(M, M, M)(lambda m, x, y: Implies(And(s.past(m, x), s.past(x, y)), s.past(m, y))),
            forall(M)(lambda m: Not(s.past(m, m))),
        ),
        because=("OneSender",),
    ),
    Invariant(
        "WaitsForItsPast",
        "one waits only for what is in one's past, where that goes",
        lambda s: And(
            forall(P, M, P)(lambda p, y, q: Implies(s.context(p, y, q), And(s.seen(p, y), s.to(y, q)))),
            forall(M, M, P)(lambda m, y, q: Implies(s.after(m, y, q), And(s.past(m, y), s.to(y, q)))),
        ),
        because=("OneSender",),
    ),
    Invariant(
        "Covered",
        "what a process has seen was delivered at a destination, or is covered there by what the process waits for",
        lambda s: forall(P, M, P)(
            lambda p, x, q: Implies(
                And(s.seen(p, x), s.to(x, q), Not(s.delivered(q, x))),
                exists(M)(lambda y: And(s.context(p, y, q), covers(s, y, x))),
            )
        ),
        because=("OneSender", "SeenWithCauses", "WaitsForItsPast", "MessageCovered", "CausalOrder", "DeliveredIsSeen"),
    ),
    Invariant(
        "MessageCovered",
        "what is in the past of a message was delivered at a destination, or is covered by what the message waits for",
        lambda s: forall(M, M, P)(
            lambda m, x, q: Implies(
                And(s.past(m, x), s.to(x, q), Not(s.delivered(q, x))),
                exists(M)(lambda y: And(s.after(m, y, q), covers(s, y, x))),
            )
        ),
        because=("OneSender", "Covered"),
    ),
    Invariant(
        "CausalOrder",
        "who has delivered a message has delivered before all messages for it that may have caused it",
        lambda s: forall(P, M, M)(
            lambda p, m, x: Implies(And(s.delivered(p, m), s.past(m, x), s.to(x, p)), s.delivered(p, x))
        ),
        because=("OneSender", "MessageCovered", "SeenWithCauses", "WaitsForItsPast", "Covered", "DeliveredIsSeen"),
    ),
)

GUARANTEES = (
    Invariant(
        "Causal",
        "no message is delivered before one for the same process that may have caused it",
        INVARIANTS[-1].formula,
        because=("CausalOrder",),
    ),
)

PROOF = Proof(
    name="causal_order",
    title="causal delivery to destination lists",
    module="CbcastLists",
    proves=(
        "ReliableCausal within a view of CbcastLists: a destination delivers a message after all for it that are in "
        "its causal past, for any number of processes, messages and destination lists"
    ),
    abstracts=(
        "net and flush (any message may arrive anywhere), time (delivered or not, for each one), views (one); assumed: "
        "causes are finitely many, so among messages that cover another there is a last one"
    ),
    sorts=(P, M),
    relations=RELATIONS,
    axioms={},
    initially={},
    actions=(multicast, complete, forget, crash),
    invariants=INVARIANTS,
    guarantees=GUARANTEES,
    planted={"IgnoresCauses": ignores_causes, "ForgetsTheRest": forgets_the_rest},
)
