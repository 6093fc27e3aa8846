--------------------- MODULE MCSiteViews_ForgetsProposal ---------------------
(****************************************************************************)
(* A planted bug: who takes over proposes what it wants, whatever it found; *)
(* and that may have been committed otherwise.                              *)
(****************************************************************************)
EXTENDS MCSiteViews

OwnProposals(s) ==
    {v \in Successors(Current(s), wanted[s]) : KeepsMajority(Current(s), v)}
=============================================================================
