----------------------------- MODULE MCCbcastLive -----------------------------
(****************************************************************************)
(* Liveness of Cbcast and of Flush below it, under fairness: whatever a     *)
(* process can do it does at last.  The sites do their part: they agree in  *)
(* the end on a view that has no crashed member.                            *)
(****************************************************************************)
EXTENDS MCCbcast

Fairness ==
    \A p \in Process : WF_<<vars, ordering>>(Reaction(p))

LiveSpec == Spec /\ Fairness

LastView == views[Len(views)]

(* The premise: at last the view is right, and stays.                       *)
Precise == <>[](Members(LastView) \cap crashed = {})

(* Membership Precision.  Then all its members install it, and nobody goes  *)
(* beyond it.                                                               *)
MembershipPrecision ==
    Precise => <>[](\A p \in Members(LastView) : current[p] = Len(views))

DeliveredAll(p, m) == \E i \in Places(p, "deliver") : history[p][i].message = m

(* Self Delivery.  What a process multicasts it delivers, unless it crashes. *)
SelfDelivery ==
    \A p \in Process :
        [](\A i \in Places(p, "multicast") : DeliveredAll(p, history[p][i].message))

(* Termination of Delivery.  What one member of the last view has delivered *)
(* in it, all of them deliver at last.                                      *)
TerminationOfDelivery ==
    Precise => <>[](\A p, q \in Members(LastView) :
        \A i \in Places(p, "deliver") :
            history[p][i].view = LastView => DeliveredAll(q, history[p][i].message))

(* What must be violated: without its premise the first does not hold, for  *)
(* a view with a crashed member is never installed by all.                  *)
PrecisionWithoutPremise ==
    <>[](\A p \in Members(LastView) : current[p] = Len(views))

=============================================================================
