-------------------------- MODULE MCMulticastService --------------------------
(****************************************************************************)
(* Bounds for model checking the service with lists itself: its guards      *)
(* bring about every guarantee.                                             *)
(****************************************************************************)
EXTENDS MulticastService

CONSTANTS
    p1, p2, p3, p4,    \* processes
    Lists,             \* the destination lists
    Kinds,             \* the primitives
    MaxViews,          \* how many views are agreed on at most
    MaxMulticasts,     \* how many messages are multicast at most
    MaxCrashes         \* how many processes crash at most

Pair == <<p1, p2>>
Trio == <<p1, p2, p3>>

BoundedNext ==
    \/ \E p \in Process :
        \/ /\ Cardinality(Happened("multicast")) < MaxMulticasts
           /\ \E list \in Lists, kind \in Kinds :
                \E to \in {list \cap Members(CurrentView(p))} :
                    MulticastTo(p, Cardinality(Places(p, "multicast")) + 1, to, kind)
        \/ \E turn \in Turns(p) : DeliverTurn(p, turn)
        \/ InstallTogether(p)
        \/ Cardinality(crashed) < MaxCrashes /\ Crash(p) /\ UNCHANGED lists
    \/ Len(views) < MaxViews /\ Agree /\ UNCHANGED lists

BoundedSpec == MulticastInit /\ [][BoundedNext]_multicasts

(* Refinement: if all is CBCAST, to the whole view, then this is the        *)
(* service of VirtualSynchrony.                                             *)
WholeProp == Spec

(****************************************************************************)
(* Planted bugs: a guard is left out, and the guarantee that rests on it is *)
(* gone.                                                                    *)
(****************************************************************************)

(* MCMulticastService_AnyCauses *)
AnyCauses(p, m) == TRUE

(* MCMulticastService_AnyOrder *)
AnyOrder(p, m) == TRUE

(* MCMulticastService_AnySet *)
AnySet(p, i) == TRUE

(* To be reached: two processes go on together that delivered two ABCASTs,  *)
(* while one who crashed had delivered them the other way round.            *)
SometimesOnlyWeak ==
    [][~ \E p, q \in Process :
            /\ InstallTogether(p)
            /\ CurrentView(p) # NoView
            /\ q \in crashed
            /\ \E c \in DeliveryOrder(p, 0, Len(history[p]) + 1, Abcasts) :
                <<c[2], c[1]>> \in DeliveryOrder(q, 0, Len(history[q]) + 1, Abcasts)]_multicasts
=============================================================================
