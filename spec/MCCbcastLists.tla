--------------------------- MODULE MCCbcastLists ---------------------------
(****************************************************************************)
(* Bounds for model checking CbcastLists, over the environment of MCFlush.  *)
(* Any multicast may go to any of the lists.                                *)
(****************************************************************************)
EXTENDS CbcastLists, FlushEnvironment, ListProperties

CONSTANTS
    p1, p2, p3, p4,    \* processes
    Lists,             \* the destination lists
    Acknowledging      \* whether members tell what they have delivered

Pair    == <<p1, p2>>
Trio    == <<p1, p2, p3>>
Quartet == <<p1, p2, p3, p4>>

all == <<vars, ordering, lists>>

Reaction(p) == CbcastReact(p) \/ (Acknowledging /\ Acknowledge(p))

Init ==
    /\ CbcastInit
    /\ lists = {}

Next ==
    \/ /\ \/ Environment /\ UNCHANGED ordering
          \/ \E p \in Process : Reaction(p)
       /\ UNCHANGED lists
    \/ \E p \in Process : \E n \in NextNumber(p) : \E list \in Lists :
        \E to \in {list \cap Members(CurrentView(p))} :
            /\ to # {}
            /\ Multicast(p, n, to)
            /\ lists' = lists \cup {[id |-> <<p, n>>, to |-> to, kind |-> "cbcast"]}

Spec == Init /\ [][Next]_all

(* What is held for stable has been delivered wherever it had to be, unless *)
(* by one that crashed.                                                     *)
StabilityInv ==
    \A p \in Process \ crashed : \A m \in received[p] : Stable(p, m) =>
        \A q \in m.to : \E i \in Places(q, "deliver") : history[q][i].message = m.id
=============================================================================
