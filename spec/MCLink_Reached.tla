---------------------------- MODULE MCLink_Reached ----------------------------
(****************************************************************************)
(* States that must be reached: each formula says that something never      *)
(* happens, and must be violated, by an action that brings it about.        *)
(****************************************************************************)
EXTENDS MCLink

(* p receives this packet from q in this step.                              *)
Receives(p, q, i) == net' = Take(net, q[1], p[1], i) /\ Receive(p, q, i)

(* A fragment comes that p has taken already, and is dropped.               *)
SometimesDropsDuplicate ==
    [][~ \E p \in Address : \E q \in linked[p] : \E i \in DOMAIN net[q[1]][p[1]] :
            /\ net[q[1]][p[1]][i].number \in 1..receiver[p][q].taken
            /\ receiver[p][q].early = {}
            /\ Receives(p, q, i)]_mcVars

(* A fragment comes before one that has a lower number, and is kept; later  *)
(* both are taken.                                                          *)
SometimesEarly ==
    [][~ \E p, q \in Address :
            /\ receiver'[p][q].taken = receiver[p][q].taken + 1
            /\ receiver'[p][q].early # {}]_mcVars

(* The window is full: more waits, and nothing may be sent.                 *)
SometimesWindowFull ==
    [][~ \E p, q \in Address :
            /\ sender'[p][q].sent = sender[p][q].sent + 1
            /\ sender'[p][q].sent - sender'[p][q].acknowledged = Window
            /\ Len(sender'[p][q].queue) > Window]_mcVars

(* The queue is full, and has room again.                                   *)
SometimesRoomAgain ==
    [][~ \E p, q \in Address :
            /\ q \in linked'[p]
            /\ ~ MaySend(p, q)
            /\ MaySend(p, q)']_mcVars

(* A packet from an incarnation before the one that is known is dropped.    *)
SometimesOldIncarnation ==
    [][~ \E p \in up : \E s \in Site : \E i \in DOMAIN net[s][p[1]] :
            /\ ~ Fresh(p, net[s][p[1]][i])
            /\ net[s][p[1]][i].fragments # <<>>
            /\ \E q \in linked[p] : q[1] = s
            /\ net' = Take(net, s, p[1], i)]_mcVars

(* A packet for an incarnation before this one is dropped.                  *)
SometimesForOldIncarnation ==
    [][~ \E p \in up : \E s \in Site : \E i \in DOMAIN net[s][p[1]] :
            /\ net[s][p[1]][i].to[2] < p[2]
            /\ net' = Take(net, s, p[1], i)]_mcVars

(* A message of two fragments comes to an end whose site has begun again.   *)
SometimesBeginsAgain ==
    [][~ \E p, q \in Address :
            /\ p[2] = 2
            /\ delivered'[p][q] # delivered[p][q]
            /\ delivered[<<p[1], 1>>][q] # <<>>]_mcVars
=============================================================================
