--------------------------- MODULE MCCbcastLists ---------------------------
(****************************************************************************)
(* Bounds for model checking CbcastLists, over the environment of MCFlush.  *)
(* Any multicast may go to any of the lists.                                *)
(****************************************************************************)
EXTENDS CbcastLists, FlushEnvironment

CONSTANTS
    p1, p2, p3, p4,    \* processes
    Lists,             \* the destination lists
    Acknowledging      \* whether members tell what they have delivered

VARIABLE
    lists              \* what has been multicast: [id, to]

Pair    == <<p1, p2>>
Trio    == <<p1, p2, p3>>
Quartet == <<p1, p2, p3, p4>>

all == <<vars, ordering, lists>>

Reaction(p) == CbcastReact(p) \/ (Acknowledging /\ Acknowledge(p))

Init ==
    /\ CbcastInit
    /\ lists = {}

Next ==
    \/ /\ \/ Environment /\ UNCHANGED ordering
          \/ \E p \in Process : Reaction(p)
       /\ UNCHANGED lists
    \/ \E p \in Process : \E n \in NextNumber(p) : \E list \in Lists :
        \E to \in {list \cap Members(CurrentView(p))} :
            /\ to # {}
            /\ Multicast(p, n, to)
            /\ lists' = lists \cup {[id |-> <<p, n>>, to |-> to]}

Spec == Init /\ [][Next]_all

(****************************************************************************)
(* The guarantees, where each message is for some only.                     *)
(****************************************************************************)
For(m) == (CHOOSE x \in lists : x.id = m).to

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
            \A delivered \in {DeliveredBetween(p, 0, k)} :
                \A c \in pairs :
                    c[2] \in delivered /\ p \in For(c[1]) => c[1] \in delivered

GuaranteesInv ==
    /\ SelfInclusion /\ LocalMonotonicity /\ PrimaryComponentMembership
    /\ DeliveryIntegrity /\ NoDuplication /\ SendingViewDelivery /\ SameViewDelivery
    /\ FIFO /\ Causal

(* What is held for stable has been delivered wherever it had to be, unless *)
(* by one that crashed.                                                     *)
StabilityInv ==
    \A p \in Process \ crashed : \A m \in received[p] : Stable(p, m) =>
        \A q \in m.to : \E i \in Places(q, "deliver") : history[q][i].message = m.id
=============================================================================
