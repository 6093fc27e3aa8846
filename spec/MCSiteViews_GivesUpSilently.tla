--------------------- MODULE MCSiteViews_GivesUpSilently ---------------------
(****************************************************************************)
(* A planted bug: a site that led, and follows a later ballot now, tells no *)
(* one.  If the owner of the later ballot crashes, then the oldest site, if *)
(* it has not heard of it, waits for ever for the earlier.                  *)
(****************************************************************************)
EXTENDS MCSiteViews

Silently(sent, s, ballot) == sent
=============================================================================
