------------------------------- MODULE MCFlush -------------------------------
(****************************************************************************)
(* Bounds for model checking Flush: how many views, multicasts, crashes,    *)
(* joins and wrong suspicions the environment may bring.                    *)
(****************************************************************************)
EXTENDS FlushEnvironment

CONSTANTS
    p1, p2, p3, p4     \* processes

Pair    == <<p1, p2>>
Trio    == <<p1, p2, p3>>
Quartet == <<p1, p2, p3, p4>>

(* Flush by itself, with no order above it: what is held may be delivered.  *)
Waiting(p) ==
    LET done == {history[p][i].message : i \in Places(p, "deliver")}
    IN  {m \in received[p] : m.view = current[p] /\ m.id \notin done}

Multicast(p) ==
    \E n \in NextNumber(p) : DisseminateToAll(p, Message(<<p, n>>, current[p], Members(CurrentView(p)), <<>>))

Deliver(p, m) == m \in Waiting(p) /\ DeliverHeld(p, m, "cbcast")

Install(p) == Waiting(p) = {} /\ Advance(p)

Next ==
    \/ Environment
    \/ \E p \in Process :
        \/ Multicast(p)
        \/ React(p)
        \/ \E m \in received[p] : Deliver(p, m)
        \/ Install(p)

Spec == FlushInit /\ [][Next]_vars

(* Refinement: what Flush does is what the service allows.                  *)
Service == INSTANCE VirtualSynchrony WITH Ordering <- "none"
ServiceProp == Service!Spec
GuaranteesInv == Service!GuaranteesInv
=============================================================================
