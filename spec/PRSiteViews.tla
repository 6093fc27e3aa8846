----------------------------- MODULE PRSiteViews -----------------------------
(****************************************************************************)
(* The transition system about which src/vsync/prove/site_views.py proves:  *)
(* SiteViews!AgreementInv, and that what is installed was decided: two      *)
(* sites never install different views of the same number, for any number   *)
(* of sites, views, ballots and take-overs, and any suspicions. Left out:   *)
(* net (what was ever sent may arrive at any time, any number of times),    *)
(* wanted (any view of the next number may be proposed where nothing was    *)
(* found), found and replies (a majority has answered, or accepted), the    *)
(* processes. Written by `vsync prove --write` from that module;            *)
(* MCProveSiteViews shows that SiteViews refines it.                        *)
(****************************************************************************)
CONSTANTS
    SiteSort,
    ViewSort,
    BallotSort,
    QuorumSort,
    no_ballot,      \* the ballot of NoProposal, before all others
    no_view,        \* the view of NoProposal
    first_view,     \* the view from which all start
    before(_, _),   \* the first ballot comes before the second
    follows(_, _),  \* the number of the second view is the next
    same(_, _),     \* the two views have the same number
    owner(_, _, _), \* the ballot, for what comes after the view, belongs to the site
    majority(_, _), \* these are a majority of the sites of the view
    among(_, _),    \* the site is one of these
    founder(_)      \* the site is in the first view

VARIABLES
    crashed,   \* the site has stopped
    installed, \* it has installed this view, now or before
    current,   \* this is its view now
    left,      \* in this view, it has promised a later ballot than this one
    accepted,  \* in the first view, it has accepted the second under this ballot
    answered,  \* in the view, it has answered to a ballot what it had accepted last: ballot, view
    proposed,  \* to follow the first view, the second was proposed under this ballot
    decided,   \* the view was committed, or is the first
    committed  \* to follow the first view, the second was committed under this ballot

variables == <<crashed, installed, current, left, accepted, answered, proposed, decided, committed>>

(* What is known of what never changes.                                     *)
Axioms ==
    /\ \* ballots are in order
       (((\A i \in BallotSort : ~ (before(i, i))) /\ (\A i \in BallotSort, j \in BallotSort, k \in BallotSort : ((before(i, j) /\ before(j, k)) => before(i, k))) /\ (\A i \in BallotSort, j \in BallotSort : (before(i, j) \/ before(j, i) \/ i = j))) /\ (\A b \in BallotSort : (b = no_ballot \/ before(no_ballot, b))))
    /\ \* a ballot has one owner
       (\A v \in ViewSort, b \in BallotSort, s \in SiteSort, t \in SiteSort : ((owner(v, b, s) /\ owner(v, b, t)) => s = t))
    /\ \* any two majorities of the same view meet
       (\A v \in ViewSort, q \in QuorumSort, r \in QuorumSort : ((majority(q, v) /\ majority(r, v)) => (\E s \in SiteSort : (among(s, q) /\ among(s, r)))))
    /\ \* views have numbers, of which the first view has the least
       ((\A v \in ViewSort : same(v, v)) /\ (\A v \in ViewSort, w \in ViewSort : (same(v, w) => same(w, v))) /\ (\A v \in ViewSort, w \in ViewSort, u \in ViewSort : ((same(v, w) /\ same(w, u)) => same(v, u))) /\ (\A v \in ViewSort, w \in ViewSort, u \in ViewSort, x \in ViewSort : ((follows(v, w) /\ follows(u, x) /\ same(w, x)) => same(v, u))) /\ (\A v \in ViewSort, w \in ViewSort : (follows(v, w) => ~ (same(w, first_view)))))

Init ==
    /\ crashed = {}
    /\ installed = {<<s, v>> \in SiteSort \X {first_view} : founder(s)}
    /\ current = {<<s, v>> \in SiteSort \X {first_view} : founder(s)}
    /\ left = {<<s, v, b>> \in SiteSort \X {first_view} \X {no_ballot} : founder(s)}
    /\ accepted = {<<s, v, b, v3>> \in SiteSort \X {first_view} \X {no_ballot} \X {no_view} : founder(s)}
    /\ answered = {}
    /\ proposed = {}
    /\ decided = {first_view}
    /\ committed = {}

(* c takes over under a ballot of its own, and notes what it has accepted itself *)
TakeOver ==
    \E c \in SiteSort :
        /\ ~ (c \in crashed)
        /\ \E v \in ViewSort :
               /\ <<c, v>> \in current
               /\ \E b \in BallotSort :
                      /\ owner(v, b, c)
                      /\ (\E e \in BallotSort : (before(e, b) /\ ~ (<<c, v, e>> \in left)))
                      /\ ~ (<<c, v, b>> \in left)
                      /\ \E a \in BallotSort :
                             /\ (\A e \in BallotSort, u \in ViewSort : (<<c, v, e, u>> \in accepted => ~ (before(a, e))))
                             /\ \E w \in ViewSort :
                                    /\ <<c, v, a, w>> \in accepted
                                    /\ left' = left \cup {<<s, v1, b2>> \in {c} \X {v} \X BallotSort : before(b2, b)}
                                    /\ answered' = answered \cup {<<c, v, b, a, w>>}
                                    /\ UNCHANGED <<crashed, installed, current, accepted, proposed, decided, committed>>

(* t answers ballot b with what it accepted last, and promises to follow it *)
Respond ==
    \E t \in SiteSort :
        /\ ~ (t \in crashed)
        /\ \E v \in ViewSort :
               /\ <<t, v>> \in current
               /\ \E b \in BallotSort :
                      /\ ~ (<<t, v, b>> \in left)
                      /\ \E a \in BallotSort :
                             /\ (\A e \in BallotSort, u \in ViewSort : (<<t, v, e, u>> \in accepted => ~ (before(a, e))))
                             /\ \E w \in ViewSort :
                                    /\ <<t, v, a, w>> \in accepted
                                    /\ left' = left \cup {<<s, v1, b2>> \in {t} \X {v} \X BallotSort : before(b2, b)}
                                    /\ answered' = answered \cup {<<t, v, b, a, w>>}
                                    /\ UNCHANGED <<crashed, installed, current, accepted, proposed, decided, committed>>

(* the oldest site proposes a view under the first ballot *)
ProposeFirst ==
    \E c \in SiteSort :
        /\ ~ (c \in crashed)
        /\ \E v \in ViewSort :
               /\ <<c, v>> \in current
               /\ \E b \in BallotSort :
                      /\ owner(v, b, c)
                      /\ ~ (<<c, v, b>> \in left)
                      /\ (\A a \in BallotSort : (before(a, b) => <<c, v, a>> \in left))
                      /\ (\A u \in ViewSort : ~ (<<c, v, b, u>> \in accepted))
                      /\ b # no_ballot
                      /\ (\A a \in BallotSort : (before(a, b) => a = no_ballot))
                      /\ \E w \in ViewSort :
                             /\ follows(v, w)
                             /\ proposed' = proposed \cup {<<v, b, w>>}
                             /\ accepted' = accepted \cup {<<c, v, b, w>>}
                             /\ UNCHANGED <<crashed, installed, current, left, answered, decided, committed>>

(* c, of whom a majority q has told what they had accepted, proposes the latest of that, or what it wants *)
Propose ==
    \E c \in SiteSort :
        /\ ~ (c \in crashed)
        /\ \E v \in ViewSort :
               /\ <<c, v>> \in current
               /\ \E b \in BallotSort :
                      /\ owner(v, b, c)
                      /\ ~ (<<c, v, b>> \in left)
                      /\ (\A a \in BallotSort : (before(a, b) => <<c, v, a>> \in left))
                      /\ (\A u \in ViewSort : ~ (<<c, v, b, u>> \in accepted))
                      /\ b # no_ballot
                      /\ \E q \in QuorumSort :
                             /\ majority(q, v)
                             /\ \E t \in SiteSort :
                                    /\ among(t, q)
                                    /\ \E a \in BallotSort :
                                           /\ (\A x \in SiteSort : (among(x, q) => (\E e \in BallotSort, y \in ViewSort : (<<x, v, b, e, y>> \in answered /\ ~ (before(a, e))))))
                                           /\ \E u \in ViewSort :
                                                  /\ <<t, v, b, a, u>> \in answered
                                                  /\ \E w \in ViewSort :
                                                         /\ ((a = no_ballot /\ follows(v, w)) \/ (a # no_ballot /\ w = u))
                                                         /\ proposed' = proposed \cup {<<v, b, w>>}
                                                         /\ accepted' = accepted \cup {<<c, v, b, w>>}
                                                         /\ UNCHANGED <<crashed, installed, current, left, answered, decided, committed>>

(* t accepts what was proposed under ballot b, and acknowledges it *)
Acknowledge ==
    \E t \in SiteSort :
        /\ ~ (t \in crashed)
        /\ \E v \in ViewSort :
               /\ <<t, v>> \in current
               /\ \E b \in BallotSort :
                      /\ ~ (<<t, v, b>> \in left)
                      /\ \E w \in ViewSort :
                             /\ <<v, b, w>> \in proposed
                             /\ left' = left \cup {<<s, v1, b2>> \in {t} \X {v} \X BallotSort : before(b2, b)}
                             /\ accepted' = accepted \cup {<<t, v, b, w>>}
                             /\ UNCHANGED <<crashed, installed, current, answered, proposed, decided, committed>>

(* t hears of a later ballot, and follows it *)
ReceiveRefusal ==
    \E t \in SiteSort :
        /\ ~ (t \in crashed)
        /\ \E v \in ViewSort :
               /\ <<t, v>> \in current
               /\ \E b \in BallotSort :
                      /\ ~ (<<t, v, b>> \in left)
                      /\ left' = left \cup {<<s, v1, b2>> \in {t} \X {v} \X BallotSort : before(b2, b)}
                      /\ UNCHANGED <<crashed, installed, current, accepted, answered, proposed, decided, committed>>

(* a majority q has accepted the proposal of c, and c commits it *)
Commit ==
    \E c \in SiteSort :
        /\ ~ (c \in crashed)
        /\ \E v \in ViewSort :
               /\ <<c, v>> \in current
               /\ \E b \in BallotSort :
                      /\ b # no_ballot
                      /\ \E w \in ViewSort :
                             /\ <<c, v, b, w>> \in accepted
                             /\ \E q \in QuorumSort :
                                    /\ majority(q, v)
                                    /\ (\A x \in SiteSort : (among(x, q) => <<x, v, b, w>> \in accepted))
                                    /\ committed' = committed \cup {<<v, b, w>>}
                                    /\ decided' = decided \cup {w}
                                    /\ UNCHANGED <<crashed, installed, current, left, accepted, answered, proposed>>

(* t installs a view that was decided: the next, or as a joiner its first *)
Install ==
    \E t \in SiteSort :
        /\ ~ (t \in crashed)
        /\ \E w \in ViewSort :
               /\ w \in decided
               /\ (\A v \in ViewSort : (<<t, v>> \in current => follows(v, w)))
               /\ ~ (<<t, w>> \in installed)
               /\ installed' = installed \cup {<<t, w>>}
               /\ current' = {<<s, v>> \in SiteSort \X ViewSort : ((s = t /\ v = w) \/ (s # t /\ <<s, v>> \in current))}
               /\ accepted' = accepted \cup {<<t, w, no_ballot, no_view>>}
               /\ left' = left \cup {<<t, w, no_ballot>>}
               /\ UNCHANGED <<crashed, answered, proposed, decided, committed>>

(* t stops, by a crash or because it was excluded *)
Crash ==
    \E t \in SiteSort :
        /\ ~ (t \in crashed)
        /\ crashed' = crashed \cup {t}
        /\ current' = {<<s, v>> \in SiteSort \X ViewSort : (s # t /\ <<s, v>> \in current)}
        /\ UNCHANGED <<installed, left, accepted, answered, proposed, decided, committed>>

Next ==
    \/ TakeOver
    \/ Respond
    \/ ProposeFirst
    \/ Propose
    \/ Acknowledge
    \/ ReceiveRefusal
    \/ Commit
    \/ Install
    \/ Crash

Spec == Init /\ [][Next]_variables

(* one view is proposed under a ballot, by its owner, who has accepted it *)
OneProposalInv ==
    ((\A v \in ViewSort, b \in BallotSort, w \in ViewSort, u \in ViewSort : ((<<v, b, w>> \in proposed /\ <<v, b, u>> \in proposed) => w = u)) /\ (\A v \in ViewSort, b \in BallotSort, w \in ViewSort, c \in SiteSort : ((<<v, b, w>> \in proposed /\ owner(v, b, c)) => <<c, v, b, w>> \in accepted)) /\ (\A v \in ViewSort, b \in BallotSort, w \in ViewSort : (<<v, b, w>> \in proposed => (b # no_ballot /\ follows(v, w)))))

(* what was accepted was proposed, or is NoProposal *)
AcceptedWasProposedInv ==
    ((\A t \in SiteSort, v \in ViewSort, b \in BallotSort, w \in ViewSort : ((<<t, v, b, w>> \in accepted /\ b # no_ballot) => <<v, b, w>> \in proposed)) /\ (\A t \in SiteSort, v \in ViewSort : (<<t, v>> \in current => <<t, v, no_ballot>> \in left)))

(* a site stands in one view, which it has installed; and has installed only what was decided *)
StandsWhereInstalledInv ==
    ((\A t \in SiteSort, v \in ViewSort : (<<t, v>> \in current => <<t, v>> \in installed)) /\ (\A t \in SiteSort, v \in ViewSort, w \in ViewSort : ((<<t, v>> \in current /\ <<t, w>> \in current) => v = w)) /\ (\A t \in SiteSort, v \in ViewSort : (<<t, v>> \in installed => v \in decided)))

(* a site promises and accepts only in views that it has installed *)
VotesWhereInstalledInv ==
    ((\A t \in SiteSort, v \in ViewSort, b \in BallotSort, w \in ViewSort : (<<t, v, b, w>> \in accepted => <<t, v>> \in installed)) /\ (\A t \in SiteSort, v \in ViewSort, b \in BallotSort : (<<t, v, b>> \in left => <<t, v>> \in installed)))

(* who answers to a ballot has left all before it, and names the latest proposal that it accepts before it *)
AnswerIsTrueInv ==
    ((\A t \in SiteSort, v \in ViewSort, b \in BallotSort, a \in BallotSort, w \in ViewSort : (<<t, v, b, a, w>> \in answered => <<t, v, a, w>> \in accepted)) /\ (\A t \in SiteSort, v \in ViewSort, b \in BallotSort, a \in BallotSort, w \in ViewSort, e \in BallotSort : ((<<t, v, b, a, w>> \in answered /\ before(e, b)) => <<t, v, e>> \in left)) /\ (\A t \in SiteSort, v \in ViewSort, b \in BallotSort, a \in BallotSort, w \in ViewSort, e \in BallotSort, u \in ViewSort : ((<<t, v, b, a, w>> \in answered /\ <<t, v, e, u>> \in accepted /\ before(e, b)) => ~ (before(a, e)))))

(* if two views were proposed under different ballots, then every majority has a site that rules out the earlier *)
BoundInv ==
    (\A v \in ViewSort, a \in BallotSort, u \in ViewSort, b \in BallotSort, w \in ViewSort, q \in QuorumSort : ((before(a, b) /\ a # no_ballot /\ <<v, b, w>> \in proposed /\ u # w /\ majority(q, v)) => (\E t \in SiteSort : (among(t, q) /\ <<t, v, a>> \in left /\ ~ (<<t, v, a, u>> \in accepted)))))

(* a majority has accepted what was committed *)
CommittedByMajorityInv ==
    ((\A v \in ViewSort, b \in BallotSort, w \in ViewSort : (<<v, b, w>> \in committed => (\E q \in QuorumSort : (majority(q, v) /\ (\A t \in SiteSort : (among(t, q) => <<t, v, b, w>> \in accepted)))))) /\ (\A v \in ViewSort, b \in BallotSort, w \in ViewSort : (<<v, b, w>> \in committed => (<<v, b, w>> \in proposed /\ v \in decided /\ follows(v, w) /\ b # no_ballot))))

(* each decided view but the first was committed to follow a decided one *)
DecidedInTurnInv ==
    (first_view \in decided /\ (\A w \in ViewSort : ((w \in decided /\ w # first_view) => (\E v \in ViewSort, b \in BallotSort : <<v, b, w>> \in committed))))

(* one view is committed to follow a view *)
OneSuccessorInv ==
    (\A v \in ViewSort, a \in BallotSort, u \in ViewSort, b \in BallotSort, w \in ViewSort : ((<<v, a, u>> \in committed /\ <<v, b, w>> \in committed) => u = w))

(* one view is decided for each number *)
AgreementInv ==
    (\A v \in ViewSort, w \in ViewSort : ((v \in decided /\ w \in decided /\ same(v, w)) => v = w))

(* two sites never install different views of the same number *)
AgreementOnViewsInv ==
    (\A t \in SiteSort, x \in SiteSort, v \in ViewSort, w \in ViewSort : ((<<t, v>> \in installed /\ <<x, w>> \in installed /\ same(v, w)) => v = w))

==============================================================================
