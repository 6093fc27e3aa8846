--------------------------- MODULE MCFlush_Reached ---------------------------
(****************************************************************************)
(* States that must be reached: each formula says that something never happens, *)
(* and must be violated, by an action that brings it about.                 *)
(****************************************************************************)
EXTENDS MCFlush

(* Flush brings a process a message of a sender that has crashed.           *)
SometimesRescued ==
    [][~ \E p \in Process : \E m \in received'[p] \ received[p] :
            m.id[1] \in crashed /\ flushes'[p] # flushes[p]]_vars

(* A process installs a view although it knows of a later one: the change   *)
(* was overtaken by a further failure, and the later one carries it.        *)
SometimesOvertaken ==
    [][~ \E p \in Process :
            /\ current'[p] # current[p]
            /\ current'[p] < known[p]
            /\ ~ HasReadies(p, current'[p])]_vars

(* A joiner installs its first view, others being there before it.          *)
SometimesJoined ==
    [][~ \E p \in Process : current[p] = 0 /\ current'[p] > 1]_vars

(* A packet of an excluded process that works is dropped.                    *)
SometimesDiscarded ==
    [][~ \E p, q \in Process : q \notin crashed /\ Discard(p, q)]_vars

(* A process delivers a message in its new view that came while it was      *)
(* still in the old one.                                                    *)
SometimesEarly ==
    [][~ \E p \in Process : \E m \in received[p] :
            m.view > current[p] /\ current'[p] = m.view]_vars

=============================================================================
