---------------------------- MODULE MCAbcast_Bugs ----------------------------
(****************************************************************************)
(* Planted bugs: what goes wrong with Abcast if one of its decisions is     *)
(* wrong.  Each is put in place of a definition by a configuration,         *)
(* MCAbcast_<Bug>.cfg, and must be found there.                             *)
(****************************************************************************)
EXTENDS MCAbcast

(* MCAbcast_TakesFirstProposal: the sender does not wait for all proposals. *)
TakesFirstProposal(p, m) ==
    /\ m \in received[p] /\ m.id[1] = p /\ m.view = current[p]
    /\ Ordered(m) /\ Number(p, m.id) = 0
    /\ \E q \in m.to : Proposed(p, m.id, q) > 0

(* MCAbcast_IgnoresPending: what has no number yet holds up nothing.        *)
IgnoresPending(p, m) ==
    IF Number(p, m.id) > 0 THEN Place(p, 1, Number(p, m.id), m) ELSE Place(p, 2, 0, m)

(* MCAbcast_LosesNumbers: after a flush, the numbers known are not used:    *)
(* a crashed sequencer breaks the order.                                    *)
LosesNumbers(p, m) == Place(p, 2, m.time.clock, m)

(* (Only the first process crashes, and only its message is for itself.)    *)
FirstCrashes ==
    /\ crashed \subseteq {p1}
    /\ \A x \in lists : p1 \in x.to <=> x.id[1] = p1

(* MCAbcast_UniformAtOnce: a uniform message is released before all know    *)
(* its number.                                                              *)
UniformAtOnce(p, m) ==
    /\ m \in received[p] /\ m.id[1] = p /\ m.view = current[p]
    /\ m.time.kind = "uniform" /\ m.time.number > 0

(* (Only the second process is excluded.)                                   *)
SecondExcluded == \A i \in DOMAIN views : {p1, p3} \subseteq Members(views[i])
=============================================================================
