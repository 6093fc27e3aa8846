--------------------------- MODULE MCAbcast_Reached ---------------------------
(****************************************************************************)
(* States that must be reached: each formula says that something never      *)
(* happens, and must be violated.                                           *)
(****************************************************************************)
EXTENDS MCAbcast

(* A message that has its number waits for one that has none yet.           *)
SometimesHeldUpInv ==
    ~ \E p \in Process : \E m, x \in Queue(p) :
        /\ Number(p, m.id) > 0 /\ Number(p, x.id) = 0
        /\ Precedes(OwnPlace(p, x), OwnPlace(p, m))

(* The sender has crashed, and the others deliver what it had not numbered. *)
SometimesCompletedInv ==
    ~ \E p \in Process \ crashed : \E m \in ReadyInOrder(p) :
        Blocked(p) /\ m.id[1] \in crashed /\ Number(p, m.id) = 0

(* A uniform message is released.                                           *)
SometimesReleasedInv == \A p \in Process : released[p] = {}
=============================================================================
