------------------------------- MODULE MCGbcast -------------------------------
(****************************************************************************)
(* Bounds for model checking Gbcast, over the environment of Flush.         *)
(* Any multicast may go to any of the lists.                                *)
(****************************************************************************)
EXTENDS Gbcast, FlushEnvironment, ListProperties

CONSTANTS
    p1, p2, p3, p4,    \* processes
    Lists,             \* the destination lists
    Kinds,             \* the kinds of multicasts
    Acknowledging      \* whether members tell what they have delivered

Pair    == <<p1, p2>>
Trio    == <<p1, p2, p3>>
Quartet == <<p1, p2, p3, p4>>

all == <<vars, ordering, numbering, closure, lists>>

Reaction(p) == GbcastReact(p) \/ (Acknowledging /\ Acknowledge(p) /\ UNCHANGED <<numbering, closure>>)

Init ==
    /\ GbcastInit
    /\ lists = {}

(* p multicasts to some list, in some kind of order.                        *)
MulticastSome(p) ==
    \E n \in NextNumber(p) : \E list \in Lists : \E kind \in Kinds :
        \E to \in {list \cap Members(CurrentView(p))} :
            /\ to # {}
            /\ \/ kind = "gbcast" /\ MulticastAlone(p, n, to)
               \/ kind = "cbcast" /\ MulticastAtOnce(p, n, to) /\ UNCHANGED closure
               \/ kind \in {"abcast", "uniform"} /\ MulticastInOrder(p, n, to, kind) /\ UNCHANGED closure
            /\ lists' = lists \cup {[id |-> <<p, n>>, to |-> to]}

Next ==
    \/ /\ \/ Environment /\ UNCHANGED <<ordering, numbering, closure>>
          \/ \E p \in Process : Reaction(p)
       /\ UNCHANGED lists
    \/ \E p \in Process : MulticastSome(p)

Spec == Init /\ [][Next]_all

(* Refinement: what Gbcast does is what the service allows.  (This is       *)
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
