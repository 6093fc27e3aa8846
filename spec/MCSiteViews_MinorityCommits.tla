--------------------- MODULE MCSiteViews_MinorityCommits ---------------------
(****************************************************************************)
(* A planted bug: one answer is enough, the coordinator's own too.  So two  *)
(* coordinators commit two views.                                           *)
(****************************************************************************)
EXTENDS MCSiteViews

AnyReply(Q, view) == Q # {}
=============================================================================
