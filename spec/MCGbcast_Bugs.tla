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

(* MCGbcast_OwnFirst: of two GBCASTs in one epoch, each member delivers its *)
(* own first. (JGroups, JGRP-1735: if two members flush at the same time    *)
(* the flush fails, and is tried again later.)                              *)
OwnFirst(p) ==
    LET mine == {m \in Gbcasts(p) : p \in m.to}
    IN  CHOOSE s \in Orders(mine) :
            \A i, j \in DOMAIN s :
                i < j => s[j].id[1] # p /\ (s[i].id[1] = p \/ Precedes(Place(p, 0, 0, s[i]), Place(p, 0, 0, s[j])))
=============================================================================
