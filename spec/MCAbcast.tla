------------------------------- MODULE MCAbcast -------------------------------
(****************************************************************************)
(* Bounds for model checking Abcast, over the environment of Flush.         *)
(* Any multicast may go to any of the lists.                                *)
(****************************************************************************)
EXTENDS Abcast, FlushEnvironment, ListProperties

CONSTANTS
    p1, p2, p3, p4,    \* processes
    Lists,             \* the destination lists
    Kinds,             \* the kinds of multicasts
    Acknowledging      \* whether members tell what they have delivered

Pair    == <<p1, p2>>
Trio    == <<p1, p2, p3>>
Quartet == <<p1, p2, p3, p4>>

all == <<vars, ordering, numbering, lists>>

Reaction(p) == AbcastReact(p) \/ (Acknowledging /\ Acknowledge(p) /\ UNCHANGED numbering)

Init ==
    /\ AbcastInit
    /\ lists = {}

(* p multicasts to some list, in some kind of order.                        *)
MulticastSome(p) ==
    \E n \in NextNumber(p) : \E list \in Lists : \E kind \in Kinds :
        \E to \in {list \cap Members(CurrentView(p))} :
            /\ to # {}
            /\ IF kind = "cbcast" THEN MulticastAtOnce(p, n, to)
                                  ELSE MulticastInOrder(p, n, to, kind)
            /\ lists' = lists \cup {[id |-> <<p, n>>, to |-> to]}

Next ==
    \/ /\ \/ Environment /\ UNCHANGED <<ordering, numbering>>
          \/ \E p \in Process : Reaction(p)
       /\ UNCHANGED lists
    \/ \E p \in Process : MulticastSome(p)

Spec == Init /\ [][Next]_all

(* Refinement: what Abcast does is what the service allows.  (This is       *)
(* Service!MulticastSpec; but TLC looks first whether anything was done.)   *)
Service == INSTANCE MulticastService WITH Ordering <- "causal"
Allowed == UNCHANGED Service!multicasts \/ Service!MulticastNext
ServiceProp == Service!MulticastInit /\ [][Allowed]_Service!multicasts

(* What is held for stable has been delivered wherever it had to be, unless *)
(* by one that crashed.                                                     *)
StabilityInv ==
    \A p \in Process \ crashed : \A m \in received[p] : Stable(p, m) =>
        \A q \in m.to : \E i \in Places(q, "deliver") : history[q][i].message = m.id
=============================================================================
