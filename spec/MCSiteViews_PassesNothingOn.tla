--------------------- MODULE MCSiteViews_PassesNothingOn ---------------------
(****************************************************************************)
(* A planted bug: a view whose sender is not in it is not passed on.  A     *)
(* coordinator that completes its own exclusion ceases, its last packet to  *)
(* one site is lost, and that site stays behind for ever.                   *)
(****************************************************************************)
EXTENDS MCSiteViews

Nothing(sent, s, q, views) == sent
=============================================================================
