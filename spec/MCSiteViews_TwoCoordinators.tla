--------------------- MODULE MCSiteViews_TwoCoordinators ---------------------
(****************************************************************************)
(* A planted bug: whoever holds itself for the oldest leads, without taking *)
(* over.  So there are two proposals under one ballot.                      *)
(****************************************************************************)
EXTENDS MCSiteViews

ThinksItLeads(s) == Coordinator(Current(s), wanted[s]) = s
=============================================================================
