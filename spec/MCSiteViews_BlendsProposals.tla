--------------------- MODULE MCSiteViews_BlendsProposals ---------------------
(****************************************************************************)
(* A planted bug: who takes over makes one view of the proposal that it     *)
(* found and of what it wants itself, where there should be two, one after  *)
(* the other. (Derecho, issue 126: the deltas of two leaders are blended    *)
(* into one view. That it had to adopt what it found was missing there as   *)
(* well: MCSiteViews_ForgetsProposal.)                                      *)
(****************************************************************************)
EXTENDS MCSiteViews

Found(s) ==
    IF found[s] = NoProposal THEN {}
    ELSE {Fail(t) : t \in Sites(Current(s)) \ Sites(found[s].view)}
            \cup {Join(t) : t \in Sites(found[s].view) \ Sites(Current(s))}

BlendedProposals(s) ==
    {v \in Successors(Current(s), wanted[s] \cup Found(s)) : KeepsMajority(Current(s), v)}
=============================================================================
