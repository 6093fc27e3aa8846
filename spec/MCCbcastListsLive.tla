-------------------------- MODULE MCCbcastListsLive --------------------------
(****************************************************************************)
(* Liveness of CbcastLists, under fairness: whatever a process can do on    *)
(* its own account it does at last.                                         *)
(****************************************************************************)
EXTENDS MCCbcastLists, ListLiveness

Fairness ==
    \A p \in Process : WF_all(Reaction(p) /\ UNCHANGED lists)

LiveSpec == Spec /\ Fairness

(****************************************************************************)
(* Planted bugs, put in place of a definition by                            *)
(* MCCbcastListsLive_<Bug>.cfg                                              *)
(****************************************************************************)

(* MCCbcastListsLive_WaitsForAll: a destination waits also for causes that  *)
(* are for others.                                                          *)
WaitsForAll(p, m, delivered) ==
    /\ p \in m.to
    /\ ~ HasDelivered(delivered, m.id)
    /\ \A x \in m.time.after : HasDelivered(delivered, x.id)
=============================================================================
