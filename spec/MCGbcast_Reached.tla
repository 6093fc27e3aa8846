--------------------------- MODULE MCGbcast_Reached ---------------------------
(****************************************************************************)
(* States that must be reached: each formula says that something never      *)
(* happens, and must be violated.                                           *)
(****************************************************************************)
EXTENDS MCGbcast

(* A member has ended an epoch, and another one holds a message of the next *)
(* before it has ended its own.                                             *)
SometimesEarlyInv == \A p \in Process : Beginnings(p) = {}

(* Two members make a GBCAST in the same epoch.                             *)
SometimesTwoInv == \A p \in Process : Cardinality(Gbcasts(p)) < 2
=============================================================================
