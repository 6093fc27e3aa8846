------------------------ MODULE MCFailureDetector_Bugs ------------------------
(****************************************************************************)
(* Planted bugs: what goes wrong with FailureDetector if one of its         *)
(* decisions is wrong.  Each is put in place of a definition by a           *)
(* configuration, MCFailureDetector_<Bug>.cfg, and must be found there.     *)
(****************************************************************************)
EXTENDS MCFailureDetector

(* MCFailureDetector_NeverAdapts: the time-out stays what it was.           *)
NeverAdapts(gap, broken) == {Floor}

(* MCFailureDetector_Forgets: it is right for the last silence only.        *)
Forgets(gap, broken) == {Least(gap)}

(* MCFailureDetector_NeverWithdraws: once suspected, always suspected.      *)
NeverWithdraws(s, t) ==
    /\ Arrives(s, t)
    /\ HeardAs(s, t) \cap suspected[s] # {}
    /\ UNCHANGED <<crashed, view, watching, since, paused>>

(* MCFailureDetector_OtherIncarnation: what comes from an incarnation of a  *)
(* site counts for any other.                                               *)
OtherIncarnation(s, t) == {u \in Watched(s) : Number[u] = Number[t]}

(* MCFailureDetector_TrustsForGood: a late heartbeat of a site that is      *)
(* suspected proves that it works, once and for all; it may have crashed.   *)
TrustsForGood(s, t) ==
    /\ t \in Watched(s) \ suspected[s]
    /\ withdrawn[s][t] = 0
    /\ silence[s][t] >= timeout[s][t]

(* MCFailureDetector_CountsItsSleep: a site that was held up counts that as *)
(* silence of the others.                                                   *)
CountsItsSleep(s) == TRUE

(* MCFailureDetector_BeatsToTrusted: a heartbeat is sent only to those who   *)
(* are not suspected; so who suspects each other does so for ever.          *)
BeatsToTrusted(t) == ((view[t] \ {t}) \cap Observers) \ suspected[t]
=============================================================================
