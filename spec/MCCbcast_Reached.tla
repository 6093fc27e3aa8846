--------------------------- MODULE MCCbcast_Reached ---------------------------
(****************************************************************************)
(* States that must be reached: each formula says that something never happens, *)
(* and must be violated, by an action that brings it about.                 *)
(****************************************************************************)
EXTENDS MCCbcast

(* A message comes before its cause, and has to wait.                       *)
SometimesWaits ==
    [][~ \E p \in Process : \E m \in received'[p] \ received[p] :
            /\ m.view = current[p]
            /\ m.time[SenderRank(m)] = time[p][SenderRank(m)] + 1
            /\ ~ Deliverable(m, SenderRank(m), time[p])]_<<vars, ordering>>

(* A view ends, and a message is given up whose cause nobody has any more.  *)
SometimesGivenUp ==
    [][~ \E p \in Process : \E m \in received[p] :
            /\ current'[p] # current[p]
            /\ m.view = current[p]
            /\ m.time[SenderRank(m)] > time[p][SenderRank(m)]]_<<vars, ordering>>

(* A stable message is forgotten, and its sender knows that it is stable.   *)
SometimesStable ==
    [][~ \E p \in Process :
            /\ received'[p] # received[p]
            /\ current'[p] = current[p]
            /\ \E m \in received[p] \ received'[p] : m.id[1] = p /\ Flushed(p)]_<<vars, ordering>>

=============================================================================
