---------------------------- MODULE ListLiveness ----------------------------
(****************************************************************************)
(* What Flush, and what is built on it for destination lists, brings about  *)
(* in the end, if each process does at last what it can do.  The sites do   *)
(* their part: they agree in the end on a view that has no crashed member.  *)
(*                                                                          *)
(* Source: Chockler, Keidar, Vitenberg 2001, whose names are used.          *)
(****************************************************************************)
EXTENDS Flush, ListProperties

LastView == views[Len(views)]

(* The premise: at last the view is right, and stays.                       *)
Precise == <>[](Members(LastView) \cap crashed = {})

(* Membership Precision.  Then all its members install it: each view change *)
(* is completed, unless a later one takes its place.                        *)
MembershipPrecision ==
    Precise => <>[](\A p \in Members(LastView) : current[p] = Len(views))

HasGot(q, m) == \E i \in Places(q, "deliver") : history[q][i].message = m

(* Termination of Delivery, and Self Delivery.  What a member of the last   *)
(* view has multicast, or has delivered, whoever multicast it, in whichever *)
(* order: all destinations that are members, too, deliver it at last.       *)
TerminationOfDelivery ==
    Precise => <>[](\A p \in Members(LastView) :
        \A i \in Places(p, "multicast") \cup Places(p, "deliver") :
            \A m \in {history[p][i].message} :
                \A q \in For(m) \cap Members(LastView) : HasGot(q, m))
=============================================================================
