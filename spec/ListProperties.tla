---------------------------- MODULE ListProperties ----------------------------
(****************************************************************************)
(* The guarantees of VSProperties where each message goes to some of the    *)
(* members only, and those of total order.                                  *)
(*                                                                          *)
(* Source: Chockler, Keidar, Vitenberg, Group Communication Specifications, *)
(* ACM Computing Surveys 33(4), 2001; Birman and Joseph 1987, section 3.1.  *)
(****************************************************************************)
EXTENDS VSProperties

VARIABLE
    lists          \* what has been multicast: [id, to, kind]

For(m)  == (CHOOSE x \in lists : x.id = m).to
Kind(m) == (CHOOSE x \in lists : x.id = m).kind

(* Only its destinations deliver a message.                                 *)
AddressedInv ==
    \A p \in Process : \A i \in Places(p, "deliver") : p \in For(history[p][i].message)

(* Those who go together from one view to the next have delivered the same  *)
(* of the messages that are for both.                                       *)
VirtualSynchronyInv ==
    \A s, t \in Moves :
        s.from.id = t.from.id /\ s.to.id = t.to.id =>
            {m \in s.delivered : t.process \in For(m)} = {m \in t.delivered : s.process \in For(m)}

(* Who is done with a view has delivered, with each message, those of its   *)
(* causes in this view that are for it.                                     *)
ReliableCausalInv ==
    \A pairs \in {OfMessages(WithinOneView(Caused))} :
        \A p \in Process : \A k \in Ends(p) :
            history[p][k].event # "crash" =>
            \A delivered \in {DeliveredBetween(p, 0, k)} :
                \A c \in pairs :
                    c[2] \in delivered /\ p \in For(c[1]) => c[1] \in delivered

GuaranteesInv ==
    /\ SelfInclusion /\ LocalMonotonicity /\ PrimaryComponentMembership
    /\ DeliveryIntegrity /\ NoDuplication /\ SendingViewDelivery /\ SameViewDelivery
    /\ FIFO /\ Causal

(****************************************************************************)
(* Total order                                                              *)
(****************************************************************************)

(* The messages of these kinds that p delivered before its event k, each    *)
(* with all that it delivered after it.                                     *)
InOrder(p, k, kinds) ==
    LET places == {i \in Places(p, "deliver") : i < k /\ Kind(history[p][i].message) \in kinds}
    IN  {<<history[p][i].message, history[p][j].message>> :
            <<i, j>> \in {x \in places \X places : x[1] < x[2]}}

Contradict(orders, others) == \E x \in orders : <<x[2], x[1]>> \in others

(* Weak Total Order.  Those who go together from one view to the next have  *)
(* delivered what is ordered, and for both, in the same order.              *)
WeakTotalOrderInv ==
    \A p, q \in Process : \A s \in Transitions(p), t \in Transitions(q) :
        history[p][s[1]].view = history[q][t[1]].view /\ history[p][s[2]].view = history[q][t[2]].view =>
            ~ Contradict(InOrder(p, s[2], {"abcast", "uniform"}), InOrder(q, t[2], {"abcast", "uniform"}))

(* Strong Total Order.  All who deliver uniform messages deliver them in    *)
(* one order: between any two processes, and around no circle.              *)
RECURSIVE Reach(_, _)
Reach(orders, S) ==
    LET more == S \cup {x[2] : x \in {y \in orders : y[1] \in S}}
    IN  IF more = S THEN S ELSE Reach(orders, more)

StrongTotalOrderInv ==
    \A orders \in {UNION {InOrder(p, Len(history[p]) + 1, {"uniform"}) : p \in Process}} :
        \A x \in orders : x[1] \notin Reach(orders, {x[2]})

(* As long as nobody fails, that holds for every ABCAST.                    *)
SteadyTotalOrderInv ==
    InstalledViews = {CurrentView(p) : p \in Process} =>
        \A p, q \in Process :
            ~ Contradict(InOrder(p, Len(history[p]) + 1, {"abcast", "uniform"}),
                         InOrder(q, Len(history[q]) + 1, {"abcast", "uniform"}))

(* Reliable Total Order.  Who delivers a uniform message has delivered all  *)
(* uniform ones of the same view that are for it and that someone, who is a *)
(* destination of both, delivers before.                                    *)
ReliableTotalOrderInv ==
    \A p \in Process : \A x \in InOrder(p, Len(history[p]) + 1, {"uniform"}) :
        \A q \in For(x[1]) \cap For(x[2]) : \A i \in Places(q, "deliver") :
            history[q][i].message = x[2] /\ <<x[1], history[q][i].view.id>> \in MessagesInViews("multicast") =>
                \E j \in Places(q, "deliver") : j < i /\ history[q][j].message = x[1]

(* GBCAST Order.  Of what is for both, any two who deliver a GBCAST have    *)
(* delivered the same before it.                                            *)
DeliveredInView(p, i) ==
    {history[p][j].message : j \in {k \in Places(p, "deliver") :
                                        k < i /\ history[p][k].view = history[p][i].view}}

GbcastOrderInv ==
    \A p, q \in Process : \A i \in Places(p, "deliver"), j \in Places(q, "deliver") :
        /\ history[p][i].message = history[q][j].message
        /\ Kind(history[p][i].message) = "gbcast"
        => \A m \in DeliveredInView(p, i) : q \in For(m) => m \in DeliveredInView(q, j)
=============================================================================
