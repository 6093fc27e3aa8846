------------------------ MODULE MCCbcastLists_Reached ------------------------
(****************************************************************************)
(* States that must be reached: each formula says that something never      *)
(* happens, and must be violated.                                           *)
(****************************************************************************)
EXTENDS MCCbcastLists

(* A message comes before its cause, which is for another list, and waits.  *)
SometimesWaitsInv ==
    ~ \E p \in Process : \E m \in received[p] :
        /\ Present(p, m) /\ p \in m.to
        /\ \E x \in m.time.after : p \in x.to /\ ~ HasDelivered(time[p], x.id)

(* A multicast carries what others than its destinations are to have.       *)
SometimesCarriesInv ==
    ~ \E p, q \in Process : \E i \in DOMAIN net[p][q] :
        /\ net[p][q][i].type = "data"
        /\ \E m \in net[p][q][i].messages : q \notin m.to
=============================================================================
