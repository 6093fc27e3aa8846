----------------------- MODULE MCFailureDetector_Reached -----------------------
(****************************************************************************)
(* States that must be reached: each formula says that something never      *)
(* happens, and must be violated, by an action that brings it about.        *)
(****************************************************************************)
EXTENDS MCFailureDetector

(* A site is suspected that works.                                          *)
SometimesWrong ==
    [][~ \E s, t \in Site : t \notin crashed /\ Suspect(s, t)]_vars

(* The suspicion is withdrawn, and the site works indeed.                   *)
SometimesWithdrawn ==
    [][~ \E s, t \in Site : t \notin crashed /\ Trust(s, t)]_vars

(* A time-out grows.                                                        *)
SometimesGrows ==
    [][~ \E s, t \in Site : timeout'[s][t] > timeout[s][t]]_vars

(* A silence is borne that was taken for a failure before.                  *)
SometimesBorne ==
    [][~ \E s, t \in Site :
            /\ withdrawn[s][t] > 0 /\ silence[s][t] >= Floor
            /\ Hear(s, t)]_vars

(* A site that has crashed is trusted, as its last heartbeat comes late.    *)
SometimesLate ==
    [][~ \E s, t \in Site : t \in crashed /\ Trust(s, t)]_vars

(* A heartbeat comes from a site whose next incarnation is in the view.     *)
SometimesOld ==
    [][~ \E s, t \in Site :
            /\ \E u \in Watched(s) : Number[u] = Number[t]
            /\ Discard(s, t)]_vars

(* A site that was held up for longer than a time-out goes on, and all that *)
(* it heard from nobody meanwhile.                                          *)
SometimesSlept ==
    [][~ \E s \in Site :
            /\ paused[s] = 1 /\ paused'[s] = 0
            /\ \E t \in Watched(s) : net[t][s] # <<>>]_vars

(* A suspicion that came from others is withdrawn.                          *)
SometimesDoubted ==
    [][~ \E s, t \in Site : silence[s][t] < timeout[s][t] /\ Trust(s, t)]_vars

(* If the cap is no longer than the silences that come about, then a site   *)
(* is wrongly suspected more often than they have margins.                  *)
SometimesBeyondCapInv ==
    \A s, t \in Site : Margin * withdrawn[s][t] <= Gap
=============================================================================
