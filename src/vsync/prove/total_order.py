"""Total order: any two ABCASTs are delivered in the same order at all common destinations, by two phases.

What is proved, in the terms of `spec/Abcast.tla`: two processes that both deliver two ABCASTs of a view, by
their numbers, deliver them in the same order (TotalOrder), whatever the destination lists are, and how they overlap;
and no destination leaves out one between (NoGap). Each destination proposes a number beyond all that it has
seen, the sender takes a number that is no less than any proposal, and who delivers waits for what has a smaller
number, or may get one.

What is left out: the network; the sender's knowledge of the proposals (they are there once they are made); the
waiting for causes, and for the third phase of uniform messages, which only make deliveries fewer; and what
becomes of messages without a number when a flush completes them (see README): they come after all others.
A message's place is its number, and among equal numbers the rank of its sender and its own number there: `behind`.

Spec: `spec/Abcast.tla`, `spec/PRAbcast.tla`. Paper: Birman and Joseph 1987, section 3.1.
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
    exists,
    forall,
    grow,
    put,
    total_order,
)

P = Sort("Process", "p")
M = Sort("Message", "m")
N = Sort("Number", "n")

LESS = Relation("before", (N, N), "the first number is smaller", rigid=True, written="{0} < {1}")
TIE = Relation(
    "tie_before",
    (M, M),
    "with the same number, the first message comes first",
    rigid=True,
    written="Earlier({0}, {1})",
)
less, tie = LESS.z3, TIE.z3
ZERO = Constant("zero", N, "the number from which all clocks start", written="0")
zero = ZERO.z3

RELATIONS = (
    LESS,
    TIE,
    Relation("crashed", (P,), "the process has stopped"),
    Relation("sent", (P, M), "it has multicast the message"),
    Relation("to", (M, P), "the process is a destination of the message"),
    Relation("clock", (P, N), "its clock shows this number or a greater one"),
    Relation("proposed", (P, M, N), "it has proposed this number for the message"),
    Relation("number", (M, N), "the sender has given this number to the message"),
    Relation("delivered", (P, M), "it has delivered the message"),
    Relation("first", (P, M, M), "it has delivered the first of these messages, and then the second"),
)


def place_before(n: Term, m: Term, k: Term, x: Term) -> Formula:
    """m with number n comes before x with number k.  Spec: Precedes, of two Places."""
    return Or(less(n, k), And(n == k, tie(m, x)))


# ------------------------------------------------------------------------------------------------------ actions


@action(
    "Abcast!MulticastInOrder",
    "p multicasts m to these: the first phase; as a destination it proposes n itself",
    p=P,
    m=M,
    n=N,
    dest=(P,),
)
def multicast(s: State, p: Term, m: Term, n: Term, dest: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            forall(P)(lambda q: Not(s.sent(q, m))),
            Not(s.clock(p, n)),
        ],
        changes=[
            put("sent", p, m),
            grow("to", lambda x, q: And(x == m, dest(q))),
            grow("clock", lambda q, k: And(q == p, Not(less(n, k)))),
            grow("proposed", lambda q, x, k: And(q == p, x == m, k == n, dest(p))),
        ],
    )


@action(
    "Abcast!Propose",
    "p proposes n, greater than all that it has seen, for a message that it has received",
    p=P,
    q=P,
    m=M,
    n=N,
)
def propose(s: State, p: Term, q: Term, m: Term, n: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            s.sent(q, m),
            s.to(m, p),
            Not(s.clock(p, n)),
            forall(N)(lambda k: Not(s.proposed(p, m, k))),
        ],
        changes=[
            grow("clock", lambda x, k: And(x == p, Not(less(n, k)))),
            put("proposed", p, m, n),
        ],
    )


@action(
    "Abcast!Order",
    "the sender p gives m the number n, no less than any that was proposed: the second phase",
    p=P,
    m=M,
    n=N,
)
def order(s: State, p: Term, m: Term, n: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            s.sent(p, m),
            forall(N)(lambda k: Not(s.number(m, k))),
            forall(P)(lambda q: Implies(s.to(m, q), exists(N)(lambda k: And(s.proposed(q, m, k), Not(less(n, k)))))),
        ],
        changes=[
            put("number", m, n),
            grow("clock", lambda x, k: And(x == p, Not(less(n, k)))),
        ],
    )


@action("Abcast!ReceiveOrder", "p learns the number of a message", p=P, m=M, n=N)
def receive_order(s: State, p: Term, m: Term, n: Term) -> Step:
    return Step(
        guards=[Not(s.crashed(p)), s.number(m, n)],
        changes=[grow("clock", lambda x, k: And(x == p, Not(less(n, k))))],
    )


def waits_for_nothing(s: State, p: Term, m: Term, n: Term) -> Formula:
    """m, with number n, comes before all else that p has proposed a number for, by that or by its number."""
    return forall(M, N)(
        lambda x, k: Implies(
            And(s.proposed(p, x, k), x != m, s.to(x, p), Not(s.delivered(p, x))),
            Or(
                place_before(n, m, k, x),
                exists(N)(lambda j: And(s.number(x, j), place_before(n, m, j, x))),
            ),
        )
    )


@action("Abcast!DeliverInOrder", "p delivers the message of the smallest place", p=P, m=M, n=N)
def deliver(s: State, p: Term, m: Term, n: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(p)),
            s.to(m, p),
            s.number(m, n),
            s.clock(p, n),
            Not(s.delivered(p, m)),
            waits_for_nothing(s, p, m, n),
        ],
        changes=[
            put("delivered", p, m),
            grow("first", lambda q, x, y: And(q == p, y == m, s.delivered(p, x))),
        ],
    )


@action("Abcast!MulticastAtOnce", "the clock of p goes on by another message: a CBCAST is delivered", p=P, n=N)
def other(s: State, p: Term, n: Term) -> Step:
    return Step(
        guards=[Not(s.crashed(p))],
        changes=[grow("clock", lambda x, k: And(x == p, Not(less(n, k))))],
    )


@action("Abcast!Crash", "p stops, at any point", p=P)
def crash(s: State, p: Term) -> Step:
    return Step(guards=[Not(s.crashed(p))], changes=[put("crashed", p)])


# ------------------------------------------------------------------------------------------------- planted bugs


@action("Abcast!DeliverInOrder", "what has no number yet holds up nothing", p=P, m=M, n=N)
def ignores_pending(s: State, p: Term, m: Term, n: Term) -> Step:
    step: Step = deliver.step(s, p, m, n)
    numbered = forall(M, N)(
        lambda x, k: Implies(And(s.number(x, k), x != m, s.to(x, p), Not(s.delivered(p, x))), place_before(n, m, k, x))
    )
    return Step(guards=[*step.guards[:-1], numbered], changes=step.changes)


@action("Abcast!Order", "the sender does not wait for all proposals", p=P, m=M, n=N)
def takes_first_proposal(s: State, p: Term, m: Term, n: Term) -> Step:
    step: Step = order.step(s, p, m, n)
    return Step(
        guards=[*step.guards[:-1], exists(P)(lambda q: And(s.to(m, q), s.proposed(q, m, n)))], changes=step.changes
    )


@action("Abcast!Propose", "p proposes any number, whatever it has seen", p=P, q=P, m=M, n=N)
def proposes_anything(s: State, p: Term, q: Term, m: Term, n: Term) -> Step:
    step: Step = propose.step(s, p, q, m, n)
    return Step(guards=[g for i, g in enumerate(step.guards) if i != 3], changes=step.changes)


# --------------------------------------------------------------------------------------------------- invariants

INVARIANTS = (
    Invariant(
        "ClockGoesOn",
        "a clock that shows a number has shown all smaller ones",
        lambda s: forall(P, N, N)(lambda p, n, k: Implies(And(s.clock(p, n), less(k, n)), s.clock(p, k))),
    ),
    Invariant(
        "OnlyWhatWasSent",
        "what has destinations, proposals or a number was multicast",
        lambda s: And(
            forall(M, P)(lambda m, p: Implies(s.to(m, p), exists(P)(lambda q: s.sent(q, m)))),
            forall(M, N)(lambda m, n: Implies(s.number(m, n), exists(P)(lambda q: s.sent(q, m)))),
            forall(P, M, N)(lambda p, m, n: Implies(s.proposed(p, m, n), s.to(m, p))),
        ),
    ),
    Invariant(
        "OneNumber",
        "a message has one number, and one proposal of each destination, which the clock there has passed",
        lambda s: And(
            forall(M, N, N)(lambda m, n, k: Implies(And(s.number(m, n), s.number(m, k)), n == k)),
            forall(P, M, N, N)(lambda p, m, n, k: Implies(And(s.proposed(p, m, n), s.proposed(p, m, k)), n == k)),
            forall(P, M, N)(lambda p, m, n: Implies(s.proposed(p, m, n), s.clock(p, n))),
        ),
        because=("OnlyWhatWasSent", "ClockGoesOn"),
    ),
    Invariant(
        "NumberOfAllProposals",
        "the number of a message is no less than what any of its destinations has proposed; all have",
        lambda s: And(
            forall(P, M, N, N)(lambda p, m, n, k: Implies(And(s.number(m, n), s.proposed(p, m, k)), Not(less(n, k)))),
            forall(P, M, N)(
                lambda p, m, n: Implies(And(s.number(m, n), s.to(m, p)), exists(N)(lambda k: s.proposed(p, m, k)))
            ),
        ),
        because=("OnlyWhatWasSent", "OneNumber"),
    ),
    Invariant(
        "DeliveredByNumber",
        "who has delivered a message is a destination, and its clock has passed the message's number",
        lambda s: forall(P, M)(
            lambda p, m: Implies(
                s.delivered(p, m),
                And(s.to(m, p), exists(N)(lambda n: And(s.number(m, n), s.clock(p, n)))),
            )
        ),
        because=("OnlyWhatWasSent",),
    ),
    Invariant(
        "ProposedBehind",
        "what a process has not delivered has its proposal, or its number, behind all that it has delivered",
        lambda s: forall(P, M, N, M, N)(
            lambda p, m, n, x, k: Implies(
                And(s.delivered(p, m), s.number(m, n), s.proposed(p, x, k), Not(s.delivered(p, x))),
                Or(
                    place_before(n, m, k, x),
                    exists(N)(lambda j: And(s.number(x, j), place_before(n, m, j, x))),
                ),
            )
        ),
        because=("ClockGoesOn", "OnlyWhatWasSent", "OneNumber", "DeliveredByNumber", "NumberOfAllProposals"),
    ),
    Invariant(
        "NoGap",
        "who has delivered a message has delivered all for it that have an earlier place",
        lambda s: forall(P, M, N, M, N)(
            lambda p, m, n, x, k: Implies(
                And(s.delivered(p, m), s.number(m, n), s.number(x, k), s.to(x, p), place_before(k, x, n, m)),
                s.delivered(p, x),
            )
        ),
        because=("ProposedBehind", "OneNumber", "NumberOfAllProposals", "OnlyWhatWasSent", "DeliveredByNumber"),
    ),
    Invariant(
        "ByPlace",
        "what is delivered first has the earlier place",
        lambda s: And(
            forall(P, M, M)(
                lambda p, m, x: Implies(s.first(p, m, x), And(s.delivered(p, m), s.delivered(p, x), m != x))
            ),
            forall(P, M, N, M, N)(
                lambda p, m, n, x, k: Implies(
                    And(s.first(p, m, x), s.number(m, n), s.number(x, k)), place_before(n, m, k, x)
                )
            ),
        ),
        because=(
            "NoGap",
            "OneNumber",
            "NumberOfAllProposals",
            "OnlyWhatWasSent",
            "DeliveredByNumber",
            "ProposedBehind",
        ),
    ),
)

GUARANTEES = (
    Invariant(
        "TotalOrder",
        "no two processes deliver two messages in different orders",
        lambda s: forall(P, P, M, M)(lambda p, q, m, x: Not(And(s.first(p, m, x), s.first(q, x, m)))),
        because=("ByPlace", "DeliveredByNumber", "OneNumber"),
    ),
)

PROOF = Proof(
    name="total_order",
    title="the order of ABCASTs by two-phase priorities",
    module="Abcast",
    proves=(
        "StrongTotalOrder of Abcast within a view, before a flush: two ABCASTs are delivered in the same order at all "
        "common destinations, and none for them is left out between; for any number of processes, messages and lists"
    ),
    abstracts=(
        "net, who knows which proposals (the sender orders when all are made), causality and the third phase (they "
        "make deliveries fewer), what a flush completes"
    ),
    sorts=(P, M, N),
    relations=RELATIONS,
    constants=(ZERO,),
    axioms={
        "numbers are in order": total_order(N, LESS),
        "zero is the smallest number": forall(N)(lambda n: Or(n == zero, less(zero, n))),
        "messages of the same number are in order": total_order(M, TIE),
    },
    initially={"clock": lambda p, n: n == zero},
    actions=(multicast, propose, order, receive_order, deliver, other, crash),
    invariants=INVARIANTS,
    guarantees=GUARANTEES,
    planted={
        "IgnoresPending": ignores_pending,
        "TakesFirstProposal": takes_first_proposal,
        "ProposesAnything": proposes_anything,
    },
)
