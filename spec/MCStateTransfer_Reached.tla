----------------------- MODULE MCStateTransfer_Reached -----------------------
(****************************************************************************)
(* States that must be reached: each formula says that something never      *)
(* happens, and must be violated, by an action that brings it about.        *)
(****************************************************************************)
EXTENDS MCStateTransfer

Completes(p) == ~ complete[p] /\ complete'[p]

(* The next donor takes over from the middle, and the joiner gets all: the  *)
(* donor at the end has not sent it the first block.                        *)
SometimesTakenOverProp ==
    [][~ \E p \in Process : \E d \in {donor[p]} \ {NoProcess} : \E r \in asked[d] :
            /\ Completes(p)
            /\ r.joiner = p /\ r.next > 0
            /\ d # ViewAt(JoinedAt(p)).members[1]]_all

(* A joiner crashes when it has a part of its state.                        *)
SometimesJoinerCrashesProp ==
    [][~ \E p \in crashed' \ crashed : blocks[p] # <<>>]_all

(* A joiner gets its state while another one waits for its turn.            *)
SometimesTwoProp ==
    [][~ \E p, q \in Process :
            Completes(p) /\ blocks[p] # <<>> /\ ~ complete[q] /\ donor[q] # NoProcess]_all

(* A joiner gets its state, and updates that have waited for it.            *)
SometimesBufferedProp ==
    [][~ \E p \in Process :
            Completes(p) /\ \E n \in DOMAIN buffered[p] : events[buffered[p][n]].update # 0]_all

(* A block of an earlier donor comes again, and is dropped.                 *)
SometimesRepeatedProp ==
    [][~ \E p, q \in Process :
            /\ ReceiveBlock(p, q)
            /\ blocks[p] # <<>>
            /\ ~ Takes(p, net[q][p][1])]_all

(* A joiner has its state and keeps one, in its turn, for a later joiner.   *)
SometimesLaterProp ==
    [][~ \E p \in Process :
            Completes(p) /\ blocks[p] # <<>> /\ \E s \in snapshots'[p] : s.view > JoinView(p)]_all

(* A request comes before the donor was told of the view, and waits.        *)
SometimesEarlyInv ==
    \A p, q \in Process :
        net[q][p] # <<>> /\ Member(p) /\ net[q][p][1].type = "ask" => ToldOf(p, net[q][p][1])

(* A joiner founds a new state, and a younger one gets that.                *)
SometimesFoundedProp ==
    [][~ \E p \in Process : Completes(p) /\ blocks[p] # <<>> /\ origin[p] > 0]_all

(* A bulk channel breaks when the joiner has a part.                        *)
SometimesBrokenProp ==
    [][~ \E p \in Process : Break(p, TRUE) /\ blocks[p] # <<>>]_all
=============================================================================
