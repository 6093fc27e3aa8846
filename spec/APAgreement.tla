------------------------------ MODULE APAgreement ------------------------------
(****************************************************************************)
(* Why the sites agree: the decision on one view of SiteViews, without its  *)
(* packets, and an invariant that is inductive.                             *)
(*                                                                          *)
(* A site promises ballots (SiteViews!Respond) and accepts views under them *)
(* (SiteViews!Acknowledge); a view that a majority has accepted under one   *)
(* ballot is decided (SiteViews!Commit).  A view is proposed only if a      *)
(* majority has promised the ballot and, of what these sites accepted       *)
(* before, it is the latest, or they accepted nothing.                      *)
(*                                                                          *)
(* Left out: packets, for a site may promise and accept at any time what it *)
(* may in SiteViews when one arrives; crashes, for a crashed site is one    *)
(* that does nothing more; and that SiteViews forgets all but the last view *)
(* accepted, which is all that a proposal looks at.                         *)
(*                                                                          *)
(* The invariant holds at first, every step keeps it wherever it holds, and *)
(* it implies AgreementInv; so that holds in runs of any length.            *)
(* MCAPAgreement has TLC begin in all states in which it holds.             *)
(*                                                                          *)
(* Source: Lamport, The Part-Time Parliament, 1998; the invariant is that   *)
(* of his module Voting.                                                    *)
(* Python: src/vsync/site_views.py                                          *)
(****************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS
    \* @type: Set(SITE);
    Site,          \* the sites that decide
    \* @type: Set(Int);
    Ballot,        \* the ballots: 1 to some number
    \* @type: Set(VIEW);
    View           \* the views that may be proposed

VARIABLES
    \* @type: SITE -> Int;
    promised,      \* the site accepts nothing under a ballot before this one
    \* @type: SITE -> Set(<<Int, VIEW>>);
    accepted       \* what it has accepted: pairs of ballot and view

\* @type: <<SITE -> Int, SITE -> Set(<<Int, VIEW>>)>>;
vars == <<promised, accepted>>

SiteValue   == {"s1_OF_SITE", "s2_OF_SITE", "s3_OF_SITE"}
BallotValue == {1, 2}
ViewValue   == {"v_OF_VIEW", "w_OF_VIEW"}

CInit ==
    /\ Site = SiteValue
    /\ Ballot = BallotValue
    /\ View = ViewValue

(* More than half of the sites.                                             *)
\* @type: Set(SITE) => Bool;
Majority(Q) == 2 * Cardinality(Q) > Cardinality(Site)

(* s has accepted this view under this ballot.                              *)
\* @type: (SITE, Int, VIEW) => Bool;
Accepted(s, b, v) == <<b, v>> \in accepted[s]

\* @type: (SITE, Int) => Bool;
AcceptedSome(s, b) == \E v \in View : Accepted(s, b, v)

Decided == {v \in View : \E b \in Ballot : Majority({s \in Site : Accepted(s, b, v)})}

(* The sites Q let v be proposed under b: all have promised it, and of what *)
(* they accepted before it, v is the latest.                                *)
\* @type: (Set(SITE), Int, VIEW) => Bool;
Allow(Q, b, v) ==
    /\ \A s \in Q : promised[s] >= b
    /\ \A s \in Q, c \in Ballot, w \in View :
        c < b /\ Accepted(s, c, w) /\ w # v =>
            \E t \in Q, d \in Ballot : c < d /\ d < b /\ Accepted(t, d, v)
                /\ \A r \in Q, e \in Ballot : d < e /\ e < b => ~ AcceptedSome(r, e)

Init ==
    /\ promised = [s \in Site |-> 0]
    /\ accepted = [s \in Site |-> {}]

Promise(s, b) ==
    /\ promised[s] < b
    /\ promised' = [promised EXCEPT ![s] = b]
    /\ UNCHANGED accepted

(* s accepts v under b, for which the sites Q stand: one proposal a ballot. *)
\* @type: (SITE, Int, VIEW, Set(SITE)) => Bool;
Accept(s, b, v, Q) ==
    /\ promised[s] <= b
    /\ \A t \in Site, w \in View : Accepted(t, b, w) => w = v
    /\ Allow(Q, b, v)
    /\ promised' = [promised EXCEPT ![s] = b]
    /\ accepted' = [accepted EXCEPT ![s] = @ \cup {<<b, v>>}]

Next ==
    \/ \E s \in Site, b \in Ballot : Promise(s, b)
    \/ \E s \in Site, b \in Ballot, v \in View :
        \E Q \in SUBSET Site : Majority(Q) /\ Accept(s, b, v, Q)
    \/ UNCHANGED vars

(* Planted bug, as in MCSiteViews_MinorityCommits: whom a proposal stands   *)
(* on need not be a majority.                                               *)
NextMinority ==
    \/ \E s \in Site, b \in Ballot : Promise(s, b)
    \/ \E s \in Site, b \in Ballot, v \in View :
        \E Q \in SUBSET Site : Q # {} /\ Accept(s, b, v, Q)
    \/ UNCHANGED vars

(* Planted bug, as in MCSiteViews_ForgetsProposal: what was accepted before *)
(* is not looked at.                                                        *)
NextForgets ==
    \/ \E s \in Site, b \in Ballot : Promise(s, b)
    \/ \E s \in Site, b \in Ballot, v \in View :
        /\ promised[s] <= b
        /\ \A t \in Site, w \in View : Accepted(t, b, w) => w = v
        /\ promised' = [promised EXCEPT ![s] = b]
        /\ accepted' = [accepted EXCEPT ![s] = @ \cup {<<b, v>>}]
    \/ UNCHANGED vars

TypeOK ==
    /\ promised \in [Site -> Ballot \cup {0}]
    /\ accepted \in [Site -> SUBSET (Ballot \X View)]

(* One view is proposed under a ballot.                                     *)
OneProposal ==
    \A s, t \in Site, b \in Ballot, v, w \in View :
        Accepted(s, b, v) /\ Accepted(t, b, w) => v = w

(* Under no ballot before b can another view than v be decided any more:    *)
(* a majority has accepted v under it, or will accept nothing under it.     *)
\* @type: (Int, VIEW) => Bool;
SafeAt(b, v) ==
    \A c \in Ballot : c < b =>
        Majority({s \in Site : \/ Accepted(s, c, v)
                               \/ promised[s] > c /\ ~ AcceptedSome(s, c)})

(* The inductive invariant.                                                 *)
AgreedInv ==
    /\ OneProposal
    /\ \A s \in Site, b \in Ballot, v \in View : Accepted(s, b, v) => SafeAt(b, v)

(* The same, as the states to begin in.                                     *)
AgreedInit ==
    /\ accepted \in [Site -> SUBSET (Ballot \X View)]
    /\ OneProposal
    /\ promised \in [Site -> Ballot \cup {0}]
    /\ AgreedInv
TypedAgreedInv == TypeOK /\ AgreedInv

(* What follows: as SiteViews!AgreementInv, one view is decided.            *)
AgreementInv == \A v, w \in Decided : v = w
=============================================================================
