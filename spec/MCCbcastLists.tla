---------------------------- MODULE MCCbcastLists ----------------------------
(****************************************************************************)
(* Bounds for model checking CbcastLists, over the environment of Flush.    *)
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
            /\ lists' = lists \cup {[id |-> <<p, n>>, to |-> to]}

Spec == Init /\ [][Next]_all

(* Refinement: what CbcastLists does is what the service allows.  (This is  *)
(* Service!MulticastSpec; but TLC looks first whether anything was done.)   *)
Service == INSTANCE MulticastService WITH Ordering <- "causal"
Allowed == UNCHANGED Service!multicasts \/ Service!MulticastNext
ServiceProp == Service!MulticastInit /\ [][Allowed]_Service!multicasts

(* No message outlives its causes.  What a process that works has delivered *)
(* was caused by what someone who works holds, or is about to receive, as   *)
(* long as a destination that works lacks it.                               *)
SomewhereYet(id) ==
    \E r \in Process \ crashed :
        \/ \E m \in received[r] : m.id = id
        \/ \E q \in Process : \E i \in DOMAIN net[q][r] :
                \E m \in net[q][r][i].messages : m.id = id

SupportedInv ==
    \A c \in OfMessages(WithinOneView(Caused)) :
        \A p \in Process \ crashed, q \in For(c[1]) \ crashed :
            (\E i \in Places(p, "deliver") : /\ history[p][i].message = c[2]
                                              /\ history[p][i].view.id = current[q])
            => \/ \E i \in Places(q, "deliver") : history[q][i].message = c[1]
               \/ SomewhereYet(c[1])

(* What is held for stable has been delivered wherever it had to be, unless *)
(* by one that crashed.                                                     *)
StabilityInv ==
    \A p \in Process \ crashed : \A m \in received[p] : Stable(p, m) =>
        \A q \in m.to : \E i \in Places(q, "deliver") : history[q][i].message = m.id
=============================================================================
