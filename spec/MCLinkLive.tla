------------------------------ MODULE MCLinkLive ------------------------------
(****************************************************************************)
(* Liveness of Link: what is accepted between two ends that stay up, and do *)
(* not forget each other, is delivered, and room comes again for more.      *)
(*                                                                          *)
(* Of the network it needs that what is sent again and again arrives at     *)
(* last; any number may be lost.  The messages go one way.                  *)
(****************************************************************************)
EXTENDS MCLink

(* The oldest fragment that q has no acknowledgement of arrives at p; which *)
(* may have it, but then acknowledges it again.                             *)
OldestArrives(p, q) ==
    \E i \in DOMAIN net[q[1]][p[1]] :
        /\ net[q[1]][p[1]][i].fragments # <<>>
        /\ net[q[1]][p[1]][i].number = OnWire(sender[q][p].acknowledged + 1)
        /\ Receive(p, q, i)

(* An acknowledgement arrives that tells p something new.                   *)
NewsArrives(p, q) ==
    \E i \in DOMAIN net[q[1]][p[1]] :
        /\ net[q[1]][p[1]][i].acknowledgement > sender[p][q].acknowledged
        /\ Receive(p, q, i)

(* At a time there is one link from a site to another, so that it does not  *)
(* matter that these speak of some p and q at the sites s and t.  TLC takes *)
(* each SF apart, so that they have to be few.                              *)
Fairness ==
    /\ WF_mcVars(\E p, q \in Address : Assemble(p, q) /\ UNCHANGED spent)
    /\ WF_mcVars(\E p \in Address, s \in Site : Discard(p, s) /\ UNCHANGED spent)
    /\ \A p \in Address : WF_mcVars(\E q \in Address : ReceiveSome(p, q) /\ UNCHANGED spent)
    /\ SF_mcVars(\E p, q \in Address : MeetSome(p, q) /\ UNCHANGED spent)
    /\ SF_mcVars(\E p, q \in Address : Transmit(p, q) /\ InFlight /\ UNCHANGED spent)
    /\ SF_mcVars(\E p, q \in Address : RetransmitOldest(p, q) /\ InFlight /\ UNCHANGED spent)
    /\ SF_mcVars(\E p, q \in Address : Acknowledge(p, q) /\ InFlight /\ UNCHANGED spent)
    /\ SF_mcVars(\E p, q \in Address : OldestArrives(p, q) /\ UNCHANGED spent)
    /\ SF_mcVars(\E p, q \in Address : NewsArrives(p, q) /\ UNCHANGED spent)

LiveSpec == Spec /\ Fairness

(* Both run, and stay so, and have a link with each other.                  *)
DeliveryProp ==
    \A p, q \in Address : \A k \in DOMAIN Lengths :
        (Len(accepted[p][q]) >= k) ~> (~ Joined(p, q) \/ Len(delivered[q][p]) >= k)

(* Back-pressure ends.                                                      *)
RoomProp ==
    \A p, q \in Address : ~ MaySend(p, q) ~> (~ Joined(p, q) \/ MaySend(p, q))

(* What must be violated: without its premise the first does not hold.      *)
DeliveryWithoutPremise ==
    \A p, q \in Address : \A k \in DOMAIN Lengths :
        (Len(accepted[p][q]) >= k) ~> (Len(delivered[q][p]) >= k)
=============================================================================
