------------------------------- MODULE MCCbcast -------------------------------
(****************************************************************************)
(* Bounds for model checking Cbcast, over the environment of MCFlush.       *)
(****************************************************************************)
EXTENDS Cbcast, FlushEnvironment

CONSTANTS
    p1, p2, p3, p4,    \* processes
    Acknowledging      \* whether members tell what they have delivered

Pair    == <<p1, p2>>
Trio    == <<p1, p2, p3>>
Quartet == <<p1, p2, p3, p4>>

Reaction(p) == CbcastReact(p) \/ (Acknowledging /\ Acknowledge(p))

Next ==
    \/ Environment /\ UNCHANGED ordering
    \/ \E p \in Process :
        \/ \E n \in NextNumber(p) : Multicast(p, n)
        \/ Reaction(p)

Spec == CbcastInit /\ [][Next]_<<vars, ordering>>

(* Refinement: what Cbcast does is what the service allows, causal order    *)
(* included.                                                                *)
Service == INSTANCE VirtualSynchrony WITH Ordering <- "causal"
ServiceProp == Service!Spec
GuaranteesInv == Service!GuaranteesInv
=============================================================================
