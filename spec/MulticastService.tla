--------------------------- MODULE MulticastService ---------------------------
(****************************************************************************)
(* The service with destination lists and all primitives: what a process    *)
(* may see of CBCASTs, ABCASTs and GBCASTs, each to some of the members of  *)
(* its view.  VirtualSynchrony is the case of CBCASTs to the whole view     *)
(* (MCMulticastServiceWhole); views, crashes and histories are as there.    *)
(*                                                                          *)
(* When p delivers m, or a few GBCASTs one after the other, then            *)
(*   it is a destination, and in the view in which m was multicast;         *)
(*   what may have caused m, and is for p, p has delivered (InCausalOrder); *)
(*   whoever has delivered m, too, has delivered the same before it, of     *)
(*   what is for both (SameBefore):                                         *)
(*     of everything, if m is a GBCAST;                                     *)
(*     of uniform ABCASTs, if m is one; and there is one order of them all, *)
(*     over all lists and for those who crash (StrongTotalOrder);           *)
(*     of ABCASTs, if it goes on together with p or may yet do so.          *)
(* When p installs the next view then those who went the same way before it *)
(* had delivered the same, of what is for both, and ABCASTs in the same     *)
(* order (SameAsThose).                                                     *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, section 3.1.                             *)
(* Python: the service events of a trace, src/vsync/check/groups.py         *)
(****************************************************************************)
EXTENDS VirtualSynchrony, ListProperties

multicasts == <<service, lists>>

MulticastServiceTypeOK ==
    /\ ServiceTypeOK
    /\ {x.id : x \in lists} = Messages("multicast")
    /\ \A x \in lists : x.to # {} /\ x.to \subseteq Process

Primitives == Abcasts \cup {"cbcast", "gbcast"}

(* How m was multicast.                                                     *)
Primitive(m) ==
    CHOOSE x \in Primitives : \E e \in Happened("multicast") :
        At(e).message = m /\ At(e).primitive = x

(* Of the messages in S, those that are for p.                              *)
Only(S, p) == {m \in S : p \in For(m)}

(* What q delivered before m in the view with this number, of these         *)
(* primitives: nothing if it has not delivered m.                           *)
Before(q, m, id, primitives) ==
    UNION {EarlierInView(q, i, primitives) :
        i \in {i \in Places(q, "deliver") : history[q][i].message = m /\ history[q][i].view.id = id}}

HasDeliveredIt(q, m) == m \in DeliveredBy(q)

(* q is in the view of p and may install the next one as p may, or it has   *)
(* been there, and has gone on.                                             *)
Together(p, q) ==
    \/ CurrentView(q) = CurrentView(p) /\ q \notin crashed /\ q \in Members(views[Len(views)])
    \/ \E t \in Transitions(q) : history[q][t[1]].view = CurrentView(p)

(****************************************************************************)
(* The guarantees of order, when p has just delivered m                     *)
(****************************************************************************)
InCausalOrder(p, m) ==
    Only(PastOf(m) \cap MulticastIn(CurrentView(p).id), p)
        \subseteq Before(p, m, CurrentView(p).id, Primitives)

SameBefore(p, m, q, primitives) ==
    HasDeliveredIt(q, m) =>
        Only(Before(p, m, CurrentView(p).id, primitives), q)
            = Only(Before(q, m, CurrentView(p).id, primitives), p)

InOrder(p, m) ==
    CASE Primitive(m) = "cbcast" -> TRUE
      [] Primitive(m) = "abcast" ->
            \A q \in Process : Together(p, q) => SameBefore(p, m, q, Abcasts)
      [] Primitive(m) = "uniform" ->
            /\ \A q \in Process : SameBefore(p, m, q, {"uniform"})
            /\ \A q \in Process : Together(p, q) => SameBefore(p, m, q, Abcasts)
            /\ StrongTotalOrder
      [] Primitive(m) = "gbcast" ->
            \A q \in Process : SameBefore(p, m, q, Primitives)

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
MulticastInit ==
    /\ Init
    /\ lists = {}

(* The n-th multicast of p, to these members.  A CBCAST it has delivered to *)
(* itself at once, if it is a destination, after what it has to wait for.   *)
MulticastTo(p, n, to, primitive) ==
    /\ Working(p)
    /\ to # {} /\ to \subseteq Members(CurrentView(p))
    /\ UNCHANGED <<views, crashed>>
    /\ \E m \in {<<p, n>>} :
        /\ lists' = lists \cup {[id |-> m, to |-> to]}
        /\ \A e \in Happened("multicast") : At(e).message # m
        /\ IF primitive = "cbcast" /\ p \in to
           THEN /\ history' = [history EXCEPT ![p] =
                        Append(MulticastedAs(p, m, primitive), Event("deliver", CurrentView(p), m, {}))]
                /\ InCausalOrder(p, m)'
           ELSE history' = [history EXCEPT ![p] = MulticastedAs(p, m, primitive)]

(* What p may still deliver in its view.                                    *)
Undelivered(p) == Only(MulticastIn(CurrentView(p).id), p) \ DeliveredBy(p)

(* One message, or some GBCASTs one after the other.                        *)
Turns(p) ==
    {<<m>> : m \in Undelivered(p)}
        \cup UNION {Orders(S) : S \in SUBSET {m \in Undelivered(p) : Primitive(m) = "gbcast"}}

DeliverTurn(p, turn) ==
    /\ Working(p)
    /\ turn # <<>>
    /\ UNCHANGED <<views, crashed, lists>>
    /\ history' = [history EXCEPT ![p] =
            @ \o [i \in DOMAIN turn |->
                    OfPrimitive(Event("deliver", CurrentView(p), turn[i], {}), Primitive(turn[i]))]]
    /\ \A m \in Range(turn) : InCausalOrder(p, m)' /\ InOrder(p, m)'

(* Another process that went from the view of p to view i before it had     *)
(* delivered the same of what is for both, and ABCASTs in the same order.   *)
SameAsThose(p, i) ==
    \A q \in Process : \A t \in Transitions(q) :
        /\ history[q][t[1]].view = CurrentView(p)
        /\ history[q][t[2]].view = views[i]
        => /\ Only(DeliveredBetween(q, t[1], t[2]), p) = Only(DeliveredIn(p, CurrentView(p).id), q)
           /\ \A c \in DeliveryOrder(q, t[1], t[2], Abcasts) :
                <<c[2], c[1]>> \notin DeliveryOrder(p, 0, Len(history[p]) + 1, Abcasts)

InstallTogether(p) ==
    /\ p \notin crashed
    /\ UNCHANGED <<views, crashed, lists>>
    /\ \E i \in NextViews(p) :
        /\ history' = [history EXCEPT ![p] = Installed(p, views[i])]
        /\ SameAsThose(p, i)

(* Its next multicast, whichever it is.                                     *)
MulticastAny(p) ==
    \E to \in SUBSET Members(CurrentView(p)), primitive \in Primitives :
        MulticastTo(p, Cardinality(Places(p, "multicast")) + 1, to, primitive)

(* Views and crashes are as in VirtualSynchrony.                            *)
MulticastNext ==
    \/ \E p \in Process :
        \/ MulticastAny(p)
        \/ \E turn \in Turns(p) : DeliverTurn(p, turn)
        \/ InstallTogether(p)
        \/ Crash(p) /\ UNCHANGED lists
    \/ Agree /\ UNCHANGED lists

MulticastSpec == MulticastInit /\ [][MulticastNext]_multicasts

(* Every guarantee follows, on lists.                                       *)
ListGuaranteesInv ==
    /\ AddressedInv         /\ WhateverListsInv       /\ VirtualSynchronyInv
    /\ ReliableFIFOInv      /\ ReliableCausalInv      /\ WeakTotalOrder
    /\ StrongTotalOrder     /\ ReliableTotalOrderInv  /\ GBCASTOrderInv
=============================================================================
