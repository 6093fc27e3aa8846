---------------------------- MODULE MCGbcast_Bugs ----------------------------
(****************************************************************************)
(* Planted bugs: what goes wrong with Gbcast if one of its decisions is     *)
(* wrong.  Each is put in place of a definition by a configuration,         *)
(* MCGbcast_<Bug>.cfg, and must be found there.                             *)
(****************************************************************************)
EXTENDS MCGbcast

(* MCGbcast_EndsAtOnce: an epoch ends where it is closed, before the others *)
(* have told what they hold of it.                                          *)
EndsAtOnce(p) == closing[p]

(* MCGbcast_TellsNothing: who closes an epoch tells only its GBCAST.        *)
TellsNothing(k, e, messages) ==
    Packet("close", k, {m \in messages : m.time.kind = "gbcast"}, <<e>>)

(* MCGbcast_IgnoresEpochs: what comes of the next epoch is delivered now.   *)
IgnoresEpochs(p, m) == m.view = current[p]
=============================================================================
