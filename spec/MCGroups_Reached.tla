--------------------------- MODULE MCGroups_Reached ---------------------------
(****************************************************************************)
(* What must be reached: each formula says that something never happens,    *)
(* and must be violated.                                                    *)
(****************************************************************************)
EXTENDS MCGroups

(* A message of a client is delivered in another view of the group than     *)
(* that in which it was asked for: the first.                               *)
SometimesLaterViewInv ==
    ~ \E x \in Group : \E y \in DeliveredTo(x) : \E p \in Process :
        /\ y.entry.message[1] = p /\ log[p][1].views[x] = NoView
        /\ y.views[x] # Standing[x]

(* The site of the oldest member crashes, and that of the next admits.      *)
SometimesTakesOverProp ==
    [][~ \E s \in Site, x \in Joins :
            /\ SiteOf[Standing[x[2]].members[1]] \in crashed
            /\ Verify(s, x[1], x[2])
            /\ proposed' # proposed]_mcVars

(* A site has come into the group, hears of a request, and admits.          *)
SometimesAskedAgainProp ==
    [][~ \E s \in Site, x \in Joins :
            /\ SiteOf[Standing[x[2]].members[1]] \in crashed
            /\ s \notin {SiteOf[p] : p \in Members(Standing[x[2]])}
            /\ Verify(s, x[1], x[2])]_mcVars

(* A request is refused, and the process hears of it.                       *)
SometimesRefusedProp ==
    [][~ \E s \in Site, m \in inflight : joining[s] # {} /\ ReceiveRefusal(s, m)]_mcVars

(* A site that joined is told the directory in a later view than its first: *)
(* the first that was to tell it has crashed.                               *)
SometimesSecondDonorProp ==
    [][~ \E s \in Site : \E m \in inflight :
            /\ ~ Knows(s)
            /\ m.known # EmptyDirectory
            /\ \E i \in 1..(applied[s] - 1) : s \in Members(agreed[i].view)
            /\ Inform(s, m.known)]_mcVars

(* All who knew the directory fail, and it begins anew.                     *)
SometimesAnewProp ==
    [][~ \E s \in Site : ~ Knows(s) /\ TellDirectory(s)]_mcVars

(* A process gets a message to both of its groups, once.                    *)
SometimesBothInv ==
    ~ \E p \in Process : \E y \in Range(log[p]) :
        /\ y.entry.event = "deliver"
        /\ \A x \in Group : x \in y.to /\ y.views[x] # NoView

(* All members of a group have failed.                                      *)
SometimesGoneInv ==
    ~ \E s \in Site \ crashed : \E x \in Group :
        directory[s][x].id > 1 /\ directory[s][x].members = <<>>

(* A process that has failed is added, and taken out again.                 *)
SometimesUnwantedInv ==
    ~ \E s \in Site : \E x \in Group : Members(directory[s][x]) \cap failed # {}
=============================================================================
