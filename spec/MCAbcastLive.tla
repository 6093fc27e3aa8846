---------------------------- MODULE MCAbcastLive -----------------------------
(****************************************************************************)
(* Liveness of Abcast, under fairness: whatever a process can do on its own *)
(* account it does at last.                                                 *)
(****************************************************************************)
EXTENDS MCAbcast, ListLiveness

Fairness ==
    \A p \in Process : WF_all(Reaction(p) /\ UNCHANGED lists)

LiveSpec == Spec /\ Fairness

(****************************************************************************)
(* Planted bugs, put in place of a definition by MCAbcastLive_<Bug>.cfg     *)
(****************************************************************************)

(* MCAbcastLive_WaitsForTheSender: a view is not installed before all that  *)
(* is pending has its number, and nobody completes what a sender that has   *)
(* failed began.  (JGroups: the delivery queue of TOA blocked by messages   *)
(* of members that had left, pull request 74; JGRP-1821 on SEQUENCER2: one  *)
(* that crashes with a number of its own has all later messages wait.)      *)
WaitsForTheSender(p) ==
    /\ \E k \in (current[p] + 1)..known[p] : HasReadies(p, k)
    /\ \A m \in Queue(p) : Number(p, m.id) > 0

(* MCAbcastLive_DropsUnnumbered: the flush completes what has a number, and *)
(* drops the rest, whoever sent it.  (JGroups, JGRP-2233: TOA ignores too   *)
(* many messages.)                                                          *)
DropsUnnumbered(p) ==
    {m \in Queue(p) :
        /\ Number(p, m.id) > 0
        /\ Deliverable(p, m, time[p])
        /\ \A x \in Queue(p) : x.id # m.id /\ Number(p, x.id) > 0 =>
                Precedes(FinalPlace(p, m), FinalPlace(p, x))}
=============================================================================
