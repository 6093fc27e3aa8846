---------------------- MODULE MCSiteViews_StalePromise -----------------------
(****************************************************************************)
(* A planted bug: a site accepts a proposal although it has promised a      *)
(* later ballot.                                                            *)
(****************************************************************************)
EXTENDS MCSiteViews

Always(s, ballot) == TRUE
=============================================================================
