"""Site views: two sites never install different views of the same number, for any number of sites and views.

What is proved, in the terms of `spec/SiteViews.tla`: one view is decided for each number (AgreementInv), and
so no two sites install different ones, however many coordinators take over from each other, and whoever is
suspected. That is so over any network.

What is left out: the packets (what was ever sent may arrive at any time); why a site takes over or proposes
just this view (any view whose number is the next, if nothing was found); `found` and `replies`, which gather
answers one by one: here, a majority has answered or accepted, and the latest of its answers is the one that
binds. What a site promised and accepted in a view is kept when it has gone on to another. Of a majority it is
only used that any two of the same view have a site in common.

The argument is that of Lamport's Part-Time Parliament, once for each view: what may have been decided under a
ballot is what later ballots propose (`Bound`).

Spec: `spec/SiteViews.tla`, `spec/PRSiteViews.tla`. Paper: Birman and Joseph 1987, section 2.1.
"""

from z3 import And, Implies, Not, Or

from vsync.prove.language import (
    Change,
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

S = Sort("Site", "s")
V = Sort("View", "v")
B = Sort("Ballot", "b")
Q = Sort("Quorum", "q")

NO_BALLOT = Constant("no_ballot", B, "the ballot of NoProposal, before all others", written="0")
NO_VIEW = Constant("no_view", V, "the view of NoProposal", written="NoSiteView")
FIRST = Constant("first_view", V, "the view from which all start", written="FirstView")
LATER = Relation("before", (B, B), "the first ballot comes before the second", rigid=True, written="{0} < {1}")
FOLLOWS = Relation(
    "follows", (V, V), "the number of the second view is the next", rigid=True, written="{1}.id = {0}.id + 1"
)
SAME = Relation("same", (V, V), "the two views have the same number", rigid=True, written="{0}.id = {1}.id")
OWNER = Relation(
    "owner",
    (V, B, S),
    "the ballot, for what comes after the view, belongs to the site",
    rigid=True,
    written="{1} > 0 /\\ {0} # NoSiteView /\\ Owner({0}, {1}) = {2}",
)
MAJORITY = Relation(
    "majority", (Q, V), "these are a majority of the sites of the view", rigid=True, written="Majority({0}, Sites({1}))"
)
AMONG = Relation("among", (S, Q), "the site is one of these", rigid=True, written="{0} \\in {1}")

FOUNDER = Relation("founder", (S,), "the site is in the first view", rigid=True, written="{0} \\in Range(Founders)")

before, follows, same, owner, majority, among, founder = (
    r.z3 for r in (LATER, FOLLOWS, SAME, OWNER, MAJORITY, AMONG, FOUNDER)
)
no_ballot, no_view, first_view = NO_BALLOT.z3, NO_VIEW.z3, FIRST.z3

RELATIONS = (
    LATER,
    FOLLOWS,
    SAME,
    OWNER,
    MAJORITY,
    AMONG,
    FOUNDER,
    Relation("crashed", (S,), "the site has stopped"),
    Relation("installed", (S, V), "it has installed this view, now or before"),
    Relation("current", (S, V), "this is its view now"),
    Relation("left", (S, V, B), "in this view, it has promised a later ballot than this one"),
    Relation("accepted", (S, V, B, V), "in the first view, it has accepted the second under this ballot"),
    Relation(
        "answered", (S, V, B, B, V), "in the view, it has answered to a ballot what it had accepted last: ballot, view"
    ),
    Relation("proposed", (V, B, V), "to follow the first view, the second was proposed under this ballot"),
    Relation("decided", (V,), "the view was committed, or is the first"),
    Relation("committed", (V, B, V), "to follow the first view, the second was committed under this ballot"),
)


# ------------------------------------------------------------------------------------------------------ actions


def leads(s: State, c: Term, v: Term, b: Term) -> list[Formula]:
    """c stands in view v, has promised its own ballot b, and has proposed nothing under it."""
    return [
        Not(s.crashed(c)),
        s.current(c, v),
        owner(v, b, c),
        Not(s.left(c, v, b)),
        forall(B)(lambda a: Implies(before(a, b), s.left(c, v, a))),
        forall(V)(lambda u: Not(s.accepted(c, v, b, u))),
        b != no_ballot,
    ]


def follow(t: Term, v: Term, b: Term) -> Change:
    """What changes as t promises ballot b in view v: it leaves all before it."""
    return grow("left", lambda x, u, a: And(x == t, u == v, before(a, b)))


@action(
    "SiteViews!TakeOver",
    "c takes over under a ballot of its own, and notes what it has accepted itself",
    c=S,
    v=V,
    b=B,
    a=B,
    w=V,
)
def take_over(s: State, c: Term, v: Term, b: Term, a: Term, w: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(c)),
            s.current(c, v),
            owner(v, b, c),
            exists(B)(lambda e: And(before(e, b), Not(s.left(c, v, e)))),
            Not(s.left(c, v, b)),
            s.accepted(c, v, a, w),
            forall(B, V)(lambda e, u: Implies(s.accepted(c, v, e, u), Not(before(a, e)))),
        ],
        changes=[follow(c, v, b), put("answered", c, v, b, a, w)],
    )


@action(
    "SiteViews!Respond",
    "t answers ballot b with what it accepted last, and promises to follow it",
    t=S,
    v=V,
    b=B,
    a=B,
    w=V,
)
def respond(s: State, t: Term, v: Term, b: Term, a: Term, w: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(t)),
            s.current(t, v),
            Not(s.left(t, v, b)),
            s.accepted(t, v, a, w),
            forall(B, V)(lambda e, u: Implies(s.accepted(t, v, e, u), Not(before(a, e)))),
        ],
        changes=[follow(t, v, b), put("answered", t, v, b, a, w)],
    )


def proposes(c: Term, v: Term, b: Term, w: Term) -> list[Change]:
    """What changes as c proposes w, which it accepts itself."""
    return [put("proposed", v, b, w), put("accepted", c, v, b, w)]


@action("SiteViews!ProposeFirst", "the oldest site proposes a view under the first ballot", c=S, v=V, b=B, w=V)
def propose_first(s: State, c: Term, v: Term, b: Term, w: Term) -> Step:
    return Step(
        guards=[
            *leads(s, c, v, b),
            forall(B)(lambda a: Implies(before(a, b), a == no_ballot)),
            follows(v, w),
        ],
        changes=proposes(c, v, b, w),
    )


@action(
    "SiteViews!Propose",
    "c, of whom a majority q has told what they had accepted, proposes the latest of that, or what it wants",
    c=S,
    v=V,
    b=B,
    q=Q,
    t=S,
    a=B,
    u=V,
    w=V,
)
def propose(s: State, c: Term, v: Term, b: Term, q: Term, t: Term, a: Term, u: Term, w: Term) -> Step:
    return Step(
        guards=[
            *leads(s, c, v, b),
            majority(q, v),
            among(t, q),
            s.answered(t, v, b, a, u),
            forall(S)(
                lambda x: Implies(
                    among(x, q), exists(B, V)(lambda e, y: And(s.answered(x, v, b, e, y), Not(before(a, e))))
                )
            ),
            Or(And(a == no_ballot, follows(v, w)), And(a != no_ballot, w == u)),
        ],
        changes=proposes(c, v, b, w),
    )


@action("SiteViews!Acknowledge", "t accepts what was proposed under ballot b, and acknowledges it", t=S, v=V, b=B, w=V)
def acknowledge(s: State, t: Term, v: Term, b: Term, w: Term) -> Step:
    return Step(
        guards=[Not(s.crashed(t)), s.current(t, v), s.proposed(v, b, w), Not(s.left(t, v, b))],
        changes=[follow(t, v, b), put("accepted", t, v, b, w)],
    )


@action("SiteViews!ReceiveRefusal", "t hears of a later ballot, and follows it", t=S, v=V, b=B)
def receive_refusal(s: State, t: Term, v: Term, b: Term) -> Step:
    return Step(
        guards=[Not(s.crashed(t)), s.current(t, v), Not(s.left(t, v, b))],
        changes=[follow(t, v, b)],
    )


@action("SiteViews!Commit", "a majority q has accepted the proposal of c, and c commits it", c=S, v=V, b=B, w=V, q=Q)
def commit(s: State, c: Term, v: Term, b: Term, w: Term, q: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(c)),
            s.current(c, v),
            s.accepted(c, v, b, w),
            b != no_ballot,
            majority(q, v),
            forall(S)(lambda x: Implies(among(x, q), s.accepted(x, v, b, w))),
        ],
        changes=[put("committed", v, b, w), put("decided", w)],
    )


def stands(s: State, t: Term, w: Term) -> Change:
    """What changes as t takes up view w: it stands in no other."""
    return become("current", lambda x, v: Or(And(x == t, v == w), And(x != t, s.current(x, v))))


@action("SiteViews!Install", "t installs a view that was decided: the next, or as a joiner its first", t=S, w=V)
def install(s: State, t: Term, w: Term) -> Step:
    return Step(
        guards=[
            Not(s.crashed(t)),
            s.decided(w),
            forall(V)(lambda v: Implies(s.current(t, v), follows(v, w))),
            Not(s.installed(t, w)),
        ],
        changes=[
            put("installed", t, w),
            stands(s, t, w),
            put("accepted", t, w, no_ballot, no_view),
            grow("left", lambda x, u, a: And(x == t, u == w, a == no_ballot)),
        ],
    )


@action("SiteViews!Crash", "t stops, by a crash or because it was excluded", t=S)
def crash(s: State, t: Term) -> Step:
    return Step(
        guards=[Not(s.crashed(t))],
        changes=[put("crashed", t), become("current", lambda x, v: And(x != t, s.current(x, v)))],
    )


# ------------------------------------------------------------------------------------------------- planted bugs


@action("SiteViews!Propose", "c proposes what it wants, whatever it found", c=S, v=V, b=B, q=Q, t=S, a=B, u=V, w=V)
def forgets_proposal(s: State, c: Term, v: Term, b: Term, q: Term, t: Term, a: Term, u: Term, w: Term) -> Step:
    step: Step = propose.step(s, c, v, b, q, t, a, u, w)
    return Step(guards=[*step.guards[:-1], follows(v, w)], changes=step.changes)


@action("SiteViews!Propose", "c completes any proposal that it found", c=S, v=V, b=B, q=Q, t=S, a=B, u=V, w=V)
def earlier_proposal(s: State, c: Term, v: Term, b: Term, q: Term, t: Term, a: Term, u: Term, w: Term) -> Step:
    step: Step = propose.step(s, c, v, b, q, t, a, u, w)
    any_answer = forall(S)(lambda x: Implies(among(x, q), exists(B, V)(lambda e, y: s.answered(x, v, b, e, y))))
    return Step(guards=[*step.guards[:-2], any_answer, a != no_ballot, w == u], changes=step.changes)


@action("SiteViews!Acknowledge", "t accepts a proposal of an earlier ballot than it has promised", t=S, v=V, b=B, w=V)
def stale_promise(s: State, t: Term, v: Term, b: Term, w: Term) -> Step:
    step: Step = acknowledge.step(s, t, v, b, w)
    return Step(guards=step.guards[:-1], changes=step.changes)


# --------------------------------------------------------------------------------------------------- invariants

INVARIANTS = (
    Invariant(
        "OneProposal",
        "one view is proposed under a ballot, by its owner, who has accepted it",
        lambda s: And(
            forall(V, B, V, V)(lambda v, b, w, u: Implies(And(s.proposed(v, b, w), s.proposed(v, b, u)), w == u)),
            forall(V, B, V, S)(
                lambda v, b, w, c: Implies(And(s.proposed(v, b, w), owner(v, b, c)), s.accepted(c, v, b, w))
            ),
            forall(V, B, V)(lambda v, b, w: Implies(s.proposed(v, b, w), And(b != no_ballot, follows(v, w)))),
        ),
        because=("AcceptedWasProposed", "AnswerIsTrue"),
    ),
    Invariant(
        "AcceptedWasProposed",
        "what was accepted was proposed, or is NoProposal",
        lambda s: And(
            forall(S, V, B, V)(
                lambda t, v, b, w: Implies(And(s.accepted(t, v, b, w), b != no_ballot), s.proposed(v, b, w))
            ),
            forall(S, V)(lambda t, v: Implies(s.current(t, v), s.left(t, v, no_ballot))),
        ),
    ),
    Invariant(
        "StandsWhereInstalled",
        "a site stands in one view, which it has installed; and has installed only what was decided",
        lambda s: And(
            forall(S, V)(lambda t, v: Implies(s.current(t, v), s.installed(t, v))),
            forall(S, V, V)(lambda t, v, w: Implies(And(s.current(t, v), s.current(t, w)), v == w)),
            forall(S, V)(lambda t, v: Implies(s.installed(t, v), s.decided(v))),
        ),
    ),
    Invariant(
        "VotesWhereInstalled",
        "a site promises and accepts only in views that it has installed",
        lambda s: And(
            forall(S, V, B, V)(lambda t, v, b, w: Implies(s.accepted(t, v, b, w), s.installed(t, v))),
            forall(S, V, B)(lambda t, v, b: Implies(s.left(t, v, b), s.installed(t, v))),
        ),
        because=("StandsWhereInstalled",),
    ),
    Invariant(
        "AnswerIsTrue",
        "who answers to a ballot has left all before it, and names the latest proposal that it accepts before it",
        lambda s: And(
            forall(S, V, B, B, V)(lambda t, v, b, a, w: Implies(s.answered(t, v, b, a, w), s.accepted(t, v, a, w))),
            forall(S, V, B, B, V, B)(
                lambda t, v, b, a, w, e: Implies(And(s.answered(t, v, b, a, w), before(e, b)), s.left(t, v, e))
            ),
            forall(S, V, B, B, V, B, V)(
                lambda t, v, b, a, w, e, u: Implies(
                    And(s.answered(t, v, b, a, w), s.accepted(t, v, e, u), before(e, b)), Not(before(a, e))
                )
            ),
        ),
        because=("VotesWhereInstalled", "StandsWhereInstalled"),
    ),
    Invariant(
        "Bound",
        "if two views were proposed under different ballots, then every majority has a site that rules out the earlier",
        lambda s: forall(V, B, V, B, V, Q)(
            lambda v, a, u, b, w, q: Implies(
                And(before(a, b), a != no_ballot, s.proposed(v, b, w), u != w, majority(q, v)),
                exists(S)(lambda t: And(among(t, q), s.left(t, v, a), Not(s.accepted(t, v, a, u)))),
            )
        ),
        because=("OneProposal", "AcceptedWasProposed", "AnswerIsTrue"),
    ),
    Invariant(
        "CommittedByMajority",
        "a majority has accepted what was committed",
        lambda s: And(
            forall(V, B, V)(
                lambda v, b, w: Implies(
                    s.committed(v, b, w),
                    exists(Q)(
                        lambda q: And(
                            majority(q, v),
                            forall(S)(lambda t: Implies(among(t, q), s.accepted(t, v, b, w))),
                        )
                    ),
                )
            ),
            forall(V, B, V)(
                lambda v, b, w: Implies(
                    s.committed(v, b, w), And(s.proposed(v, b, w), s.decided(v), follows(v, w), b != no_ballot)
                )
            ),
        ),
        because=("OneProposal", "AcceptedWasProposed", "StandsWhereInstalled"),
    ),
    Invariant(
        "DecidedInTurn",
        "each decided view but the first was committed to follow a decided one",
        lambda s: And(
            s.decided(first_view),
            forall(V)(
                lambda w: Implies(And(s.decided(w), w != first_view), exists(V, B)(lambda v, b: s.committed(v, b, w)))
            ),
        ),
    ),
    Invariant(
        "OneSuccessor",
        "one view is committed to follow a view",
        lambda s: forall(V, B, V, B, V)(
            lambda v, a, u, b, w: Implies(And(s.committed(v, a, u), s.committed(v, b, w)), u == w)
        ),
        because=("Bound", "OneProposal", "CommittedByMajority", "AcceptedWasProposed"),
    ),
    Invariant(
        "Agreement",
        "one view is decided for each number",
        lambda s: forall(V, V)(lambda v, w: Implies(And(s.decided(v), s.decided(w), same(v, w)), v == w)),
        because=("OneSuccessor", "DecidedInTurn", "CommittedByMajority", "StandsWhereInstalled"),
    ),
)

GUARANTEES = (
    Invariant(
        "AgreementOnViews",
        "two sites never install different views of the same number",
        lambda s: forall(S, S, V, V)(
            lambda t, x, v, w: Implies(And(s.installed(t, v), s.installed(x, w), same(v, w)), v == w)
        ),
        because=("Agreement", "StandsWhereInstalled"),
    ),
)

MEET = "any two majorities of the same view meet"

PROOF = Proof(
    name="site_views",
    title="agreement on views by majorities, with take-over",
    module="SiteViews",
    proves=(
        "SiteViews!AgreementInv, and that what is installed was decided: two sites never install different views of "
        "the same number, for any number of sites, views, ballots and take-overs, and any suspicions"
    ),
    abstracts=(
        "net (what was ever sent may arrive at any time, any number of times), wanted (any view of the next number may "
        "be proposed where nothing was found), found and replies (a majority has answered, or accepted), the processes"
    ),
    sorts=(S, V, B, Q),
    relations=RELATIONS,
    constants=(NO_BALLOT, NO_VIEW, FIRST),
    axioms={
        "ballots are in order": And(
            total_order(B, LATER), forall(B)(lambda b: Or(b == no_ballot, before(no_ballot, b)))
        ),
        "a ballot has one owner": forall(V, B, S, S)(
            lambda v, b, s, t: Implies(And(owner(v, b, s), owner(v, b, t)), s == t)
        ),
        MEET: forall(V, Q, Q)(
            lambda v, q, r: Implies(
                And(majority(q, v), majority(r, v)), exists(S)(lambda s: And(among(s, q), among(s, r)))
            )
        ),
        "views have numbers, of which the first view has the least": And(
            forall(V)(lambda v: same(v, v)),
            forall(V, V)(lambda v, w: Implies(same(v, w), same(w, v))),
            forall(V, V, V)(lambda v, w, u: Implies(And(same(v, w), same(w, u)), same(v, u))),
            forall(V, V, V, V)(lambda v, w, u, x: Implies(And(follows(v, w), follows(u, x), same(w, x)), same(v, u))),
            forall(V, V)(lambda v, w: Implies(follows(v, w), Not(same(w, first_view)))),
        ),
    },
    initially={
        "installed": lambda t, v: And(v == first_view, founder(t)),
        "current": lambda t, v: And(v == first_view, founder(t)),
        "decided": lambda v: v == first_view,
        "left": lambda t, v, b: And(v == first_view, founder(t), b == no_ballot),
        "accepted": lambda t, v, b, w: And(v == first_view, founder(t), b == no_ballot, w == no_view),
    },
    actions=(
        take_over,
        respond,
        propose_first,
        propose,
        acknowledge,
        receive_refusal,
        commit,
        install,
        crash,
    ),
    invariants=INVARIANTS,
    guarantees=GUARANTEES,
    small=((2, 2, 2, 2), (2, 3, 3, 2), (2, 3, 4, 2)),
    planted={
        "ForgetsProposal": forgets_proposal,
        "EarlierProposal": earlier_proposal,
        "StalePromise": stale_promise,
        "MinorityCommits": MEET,
    },
)
