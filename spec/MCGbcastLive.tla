---------------------------- MODULE MCGbcastLive -----------------------------
(****************************************************************************)
(* Liveness of Gbcast, under fairness: whatever a process can do on its own *)
(* account it does at last.                                                 *)
(****************************************************************************)
EXTENDS MCGbcast, ListLiveness

Fairness ==
    \A p \in Process : WF_all(Reaction(p) /\ UNCHANGED lists)

LiveSpec == Spec /\ Fairness

(****************************************************************************)
(* Planted bugs, put in place of a definition by MCGbcastLive_<Bug>.cfg     *)
(****************************************************************************)

(* MCGbcastLive_NeverSettles: who is closing an epoch waits for all members *)
(* of the view, and the flush does not excuse one that fails in mid-close.  *)
(* (JGroups, JGRP-1426: a FLUSH gets stuck, and no member can join.)        *)
NeverSettles(p) == AllSettled(p)

(* MCGbcastLive_OnlyDestinationsClose: an epoch is closed by those only to  *)
(* whom the GBCAST goes, while they wait for all.  (Derecho, issue 53: the  *)
(* synchronization before a new view is among other members than those it   *)
(* is for.)                                                                 *)
OnlyDestinationsClose(p) ==
    \E m \in received[p] : Present(p, m) /\ m.time.kind = "gbcast" /\ p \in m.to
=============================================================================
