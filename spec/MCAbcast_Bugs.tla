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
(* (JGroups, JGRP-1785: TOA delivers a message while one with a smaller     *)
(* number is pending.)                                                      *)
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

(* MCAbcast_DeliversTwice: what has been delivered is not known for it when *)
(* it comes again, as it does when the flush completes what a sender began. *)
(* (JGroups, JGRP-1458: SEQUENCER delivers a message twice.)                *)
DeliversTwice(p, m, delivered) ==
    /\ p \in m.to
    /\ \A x \in m.time.after : p \in x.to => HasDelivered(delivered, x.id)

StillQueued(p) ==
    {m \in received[p] :
        /\ Present(p, m)
        /\ Ordered(m)
        /\ p \in m.to
        /\ \A x \in received[p] : x.id = m.id => x.time.number <= m.time.number}

(* MCAbcast_GuessesTheView: a member that is told of the failure of a       *)
(* sender completes what it began at once, and does not wait for the flush. *)
(* (JGroups, JGRP-1452: SEQUENCER acts on a suspicion, where it should wait *)
(* for the view.)                                                           *)
GuessesTheView(p) ==
    IF ~ Frozen(p) THEN NextByNumber(p)
    ELSE IF Blocked(p) /\ Ready(p) = {} THEN NextOfRest(p) ELSE {}
=============================================================================
