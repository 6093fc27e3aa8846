------------------------------ MODULE MCLink_Bugs ------------------------------
(****************************************************************************)
(* Planted bugs: what goes wrong with Link if one of its decisions is       *)
(* wrong.  Each is put in place of a definition by a configuration,         *)
(* MCLink_<Bug>.cfg, and must be found there.  Where such a bug was in a    *)
(* system of the field, its comment says where.                             *)
(****************************************************************************)
EXTENDS MCLinkLive

Any(S) == CHOOSE x \in S : TRUE

(* MCLink_TakesWhatWasForAnother: a packet is taken by whatever incarnation *)
(* runs at the site.  JGroups, pull request 515: a batch that is sent again *)
(* to a member that is gone comes to another one at the same address, and   *)
(* the numbers of the two are confused.                                     *)
TakesWhatWasForAnother(p, packet) == TRUE

(* MCLink_TakesOldIncarnation: a packet is taken to be from the incarnation *)
(* that is known now.  Akka, pull request 32979: acknowledgements are       *)
(* matched by the address without the incarnation, and a delayed one clears *)
(* what the new incarnation has yet to get; JGroups has the connection      *)
(* numbers of UNICAST against the same.                                     *)
TakesOldIncarnation(p, packet) ==
    LET now == {q \in linked[p] : q[1] = packet.source[1]}
    IN  IF now = {} THEN packet.source ELSE Any(now)
NeverTooOld(p, packet) == TRUE

(* MCLink_ForgetsThatItForgot: nothing is kept of an end that is forgotten, *)
(* so that its packets begin the link anew.  Akka, pull request 23617: the  *)
(* mark of a refused incarnation is lost when an endpoint is made anew.     *)
ForgetsThatItForgot(q) == q[2]

(* MCLink_SameIncarnation: a site begins again under the number that it had *)
(* before, for the number was not kept; both sides count on where they are, *)
(* or begin again.  Akka, issue 24847: numbers out of step after a restart. *)
SameIncarnation(s) == IF begun[s] = 0 THEN 1 ELSE begun[s]

(* MCLink_WindowTooLarge: numbers go round, and the window is larger than   *)
(* half of them.                                                            *)
WindowTooLarge(n) == n % 3

(* MCLink_NumbersGoRound: the window is half of the numbers, as the         *)
(* textbooks have it (here the alternating bit); but the network reorders.  *)
(* NintendoClients, pull request 14, and many others, with 16 bits.         *)
NumbersGoRound(n) == n % 2

(* MCLink_AcknowledgesTheHighest: the last fragment that has come is        *)
(* acknowledged, although some before it have not.  Lidgren, issue 62:      *)
(* what is acknowledged is dropped.                                         *)
AcknowledgesTheHighest(r) == Max({r.taken} \cup {x[1] : x \in r.early})

(* MCLink_AcknowledgesNewsOnly: a fragment that comes again is dropped and  *)
(* not acknowledged; if the first acknowledgement was lost, its sender      *)
(* tries for ever.  nim-eth (uTP), pull request 462.                        *)
AcknowledgesNewsOnly(packet, r) ==
    packet.fragments # <<>> /\ Places(packet.number, r.taken) # {}

(* MCLink_TimerLost: the timer is set when something is sent into an idle   *)
(* link, and not again after an acknowledgement of a part.  quicly, pull    *)
(* request 112: the loss alarm depends on more than the current state.      *)
TimerLost(p, q, n) == n \in Outstanding(p, q) /\ sender[p][q].acknowledged = 0

(* MCLink_MixesFragments: fragments are put together as they come.  RFC     *)
(* 4963: IPv4 puts fragments of two datagrams together; lcm, pull request   *)
(* 342: fragments out of order.                                             *)
MixesFragments(n, r) == n = CHOOSE x \in {y[1] : y \in r.early} :
                            \A y \in r.early : x <= y[1]
=============================================================================
