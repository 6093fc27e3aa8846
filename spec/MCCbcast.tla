------------------------------- MODULE MCCbcast -------------------------------
(****************************************************************************)
(* Bounds for model checking Cbcast, over the environment of MCFlush.       *)
(****************************************************************************)
EXTENDS Cbcast, FlushEnvironment

CONSTANTS
    p1, p2, p3, p4,
    Talkers,           \* those who may multicast
    MaxMulticasts,     \* how many messages are multicast at most
    Acknowledging      \* whether members tell what they have delivered

Trio    == <<p1, p2, p3>>
Quartet == <<p1, p2, p3, p4>>

MulticastSome(p) ==
    /\ p \in Talkers
    /\ Cardinality(Happened("multicast")) < MaxMulticasts
    /\ Multicast(p, Cardinality(Places(p, "multicast")) + 1)

Reaction(p) == CbcastReact(p) \/ (Acknowledging /\ Acknowledge(p))

Next ==
    \/ Environment /\ UNCHANGED ordering
    \/ \E p \in Process : MulticastSome(p) \/ Reaction(p)

Spec == CbcastInit /\ [][Next]_<<vars, ordering>>

(* Refinement: what Cbcast does is what the service allows, causal order    *)
(* included.                                                                *)
Service == INSTANCE VirtualSynchrony WITH Order <- "causal"
ServiceProp == Service!Spec
GuaranteesInv == Service!GuaranteesInv
=============================================================================
