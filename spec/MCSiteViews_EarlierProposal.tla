--------------------- MODULE MCSiteViews_EarlierProposal ---------------------
(****************************************************************************)
(* A planted bug: of two proposals that it finds, the coordinator completes *)
(* the earlier one.  It takes three attempts to see that it is the later    *)
(* one that may have been committed.                                        *)
(****************************************************************************)
EXTENDS MCSiteViews

Earlier(a, b) ==
    IF a = NoProposal THEN b ELSE
    IF b = NoProposal THEN a ELSE
    IF a.ballot < b.ballot THEN a ELSE b
=============================================================================
