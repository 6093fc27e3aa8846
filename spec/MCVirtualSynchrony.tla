-------------------------- MODULE MCVirtualSynchrony --------------------------
(****************************************************************************)
(* Bounds for model checking the service itself: its guards bring about every *)
(* guarantee.                                                               *)
(****************************************************************************)
EXTENDS VirtualSynchrony

CONSTANTS
    p1, p2, p3, p4,    \* processes
    MaxViews,          \* how many views are agreed on at most
    MaxMulticasts,     \* how many messages are multicast at most
    MaxCrashes         \* how many processes crash at most

Pair == <<p1, p2>>
Trio == <<p1, p2, p3>>

BoundedNext ==
    \/ \E p \in Process :
        \/ /\ Cardinality(Happened("multicast")) < MaxMulticasts
           /\ Multicast(p, <<p, Cardinality(Places(p, "multicast")) + 1>>)
        \/ \E m \in MulticastIn(CurrentView(p).id) : Deliver(p, m)
        \/ Install(p)
        \/ Cardinality(crashed) < MaxCrashes /\ Crash(p)
    \/ Len(views) < MaxViews /\ Agree

BoundedSpec == Init /\ [][BoundedNext]_service

(* Planted bug MCVirtualSynchrony_AnySet: a process installs the next view  *)
(* whatever it has delivered.                                               *)
AnySet(p, i) == TRUE

(* To be reached: a process delivers a message whose sender has crashed, in *)
(* the same view as another, and both go on.                                *)
SometimesTogether ==
    [][~ \E p, q \in Process : \E i \in Places(p, "install") :
            /\ p # q
            /\ CurrentView(p) = CurrentView(q)'
            /\ CurrentView(q)' # CurrentView(q)
            /\ CurrentView(q) # NoView
            /\ DeliveredIn(q, CurrentView(q).id) # {}]_service

=============================================================================
