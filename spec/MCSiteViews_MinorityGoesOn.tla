--------------------- MODULE MCSiteViews_MinorityGoesOn ----------------------
(****************************************************************************)
(* A planted bug: a coordinator proposes a view that leaves out the         *)
(* majority; the rules for votes alone do not forbid it.                    *)
(****************************************************************************)
EXTENDS MCSiteViews

Anything(view, next) == TRUE
=============================================================================
