------------------------- MODULE MCCbcastLists_Bugs -------------------------
(****************************************************************************)
(* Planted bugs: what goes wrong with CbcastLists if one of its decisions   *)
(* is wrong.  Each is put in place of a definition by a configuration,      *)
(* MCCbcastLists_<Bug>.cfg, and must be found there.                        *)
(****************************************************************************)
EXTENDS MCCbcastLists

(* MCCbcastLists_CarriesNothing: a multicast to other lists goes without    *)
(* what caused it.                                                          *)
CarriesNothing(p, to) == {}

(* MCCbcastLists_ForgetsTheRest: a message stands for its predecessors also *)
(* where it does not go.                                                    *)
ForgetsTheRest(C, to) == {x \in C : x.to \cap to = {}}

(* MCCbcastLists_IgnoresCauses: nothing is waited for.                      *)
IgnoresCauses(p, m, delivered) == p \in m.to /\ ~ HasDelivered(delivered, m.id)
=============================================================================
