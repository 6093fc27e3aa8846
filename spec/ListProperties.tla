---------------------------- MODULE ListProperties ----------------------------
(****************************************************************************)
(* The guarantees of VSProperties where each message goes to some members   *)
(* of the view only.                                                        *)
(*                                                                          *)
(* The formulas are those of VSProperties; only what they are judged on is  *)
(* told here.  Those about views, FIFO, Causal, WeakTotalOrder and          *)
(* StrongTotalOrder are judged on all that happened, whatever the lists.    *)
(* The others ask whether someone has delivered a message: they are judged  *)
(* for each two processes on the messages that are for both, which is how   *)
(* VSGroups judges a group, on the projection onto it; and those that say   *)
(* of one process what it may not leave out, on the messages for it.        *)
(*                                                                          *)
(* Source: Chockler, Keidar, Vitenberg, Group Communication Specifications, *)
(* ACM Computing Surveys 33(4), 2001; Birman and Joseph 1987, section 3.1.  *)
(* Python: tests/models/list_witness.py                                     *)
(****************************************************************************)
EXTENDS VSProperties

VARIABLE
    \* @type: Set([id: MESSAGEID, to: Set(PROCESS)]);
    lists          \* what has been multicast so far, and to whom

For(m) == (CHOOSE x \in lists : x.id = m).to

(* Only its destinations deliver a message.  (It has no formula in          *)
(* VSProperties, where each message is for all members of its group.)       *)
AddressedInv ==
    \A p \in Process : \A i \in Places(p, "deliver") : p \in For(history[p][i].message)

(* What holds whatever the lists.                                           *)
WhateverListsInv ==
    /\ SelfInclusion        /\ LocalMonotonicity      /\ InitialViewEvent
    /\ RankAgreement        /\ AgreementOnSuccessors  /\ PrimaryComponentMembership
    /\ DeliveryIntegrity    /\ NoDuplication          /\ TransitionalSet
    /\ SendingViewDelivery  /\ SameViewDelivery       /\ CleanFailure
    /\ FIFO                 /\ Causal

(****************************************************************************)
(* Projections                                                              *)
(****************************************************************************)

(* What the processes in Q saw of their views and of the messages that are  *)
(* for all of them, and the multicasts of the others that are.              *)
Concerning(Q) ==
    LET common(e) == e.message # NoMessage => Q \subseteq For(e.message)
        offered(e) == e.event = "multicast" /\ common(e)
    IN  [p \in Process |-> IF p \in Q THEN SelectSeq(history[p], common)
                                      ELSE SelectSeq(history[p], offered)]

ForOne == {Concerning({p}) : p \in Process}
ForTwo == {Concerning({p, q}) : <<p, q>> \in {x \in Process \X Process : x[1] # x[2]}}

Seeing(h) == INSTANCE VSProperties WITH history <- h

(* Who is done with a view has delivered, with each message, those of its   *)
(* causes in this view that are for it.                                     *)
ReliableFIFOInv   == \A h \in ForOne : Seeing(h)!ReliableFIFO
ReliableCausalInv == \A h \in ForOne : Seeing(h)!ReliableCausal

(* Those who go together from one view to the next have delivered the same  *)
(* of the messages that are for both.                                       *)
VirtualSynchronyInv == \A h \in ForTwo : Seeing(h)!VirtualSynchrony

(* Of the uniform messages for both, two who deliver one have delivered the *)
(* same before it.                                                          *)
ReliableTotalOrderInv == \A h \in ForTwo : Seeing(h)!ReliableTotalOrder

(* Of all that is for both, two who deliver a GBCAST have delivered the     *)
(* same before it.                                                          *)
GBCASTOrderInv == \A h \in ForTwo : Seeing(h)!GBCASTOrder

(* As long as nobody fails, all deliver ABCASTs in one order.  (Weak Total  *)
(* Order speaks of those who go on to a next view; so it says nothing of a  *)
(* view that none has followed yet, as in models of one view.)              *)
SteadyTotalOrderInv ==
    InstalledViews = {CurrentView(p) : p \in Process} =>
        \A orders \in {[p \in Process |-> DeliveryOrder(p, 0, Len(history[p]) + 1, Abcasts)]} :
            \A p, q \in Process : \A c \in orders[p] : <<c[2], c[1]>> \notin orders[q]
=============================================================================
