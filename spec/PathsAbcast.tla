----------------------------- MODULE PathsAbcast -----------------------------
(****************************************************************************)
(* Abcast, over CbcastLists and Flush, telling of each step which action it *)
(* was and with which arguments: see PathsFlush.                            *)
(*                                                                          *)
(* The steps are those of MCAbcast, no more (StepsProp).                    *)
(* Python: src/vsync/paths/lists.py                                         *)
(****************************************************************************)
EXTENDS MCAbcast

VARIABLE
    step           \* the last step: <<name of the action, its arguments...>>

PathsInit == Init /\ step = <<"Init">>

PathsEnvironment ==
    /\ \/ AgreeOnNext /\ step' = <<"Agree", views'[Len(views')]>>
       \/ CrashSome /\ step' = <<"Crash", CHOOSE p \in crashed' : p \notin crashed>>
       \/ \E p, q \in Process : Lose(p, q) /\ step' = <<"Lose", p, q>>
    /\ UNCHANGED <<ordering, numbering>>

(* What Flush does: it leaves the order and the numbers alone.              *)
PathsBelow(p) ==
    /\ \/ Forward(p) /\ step' = <<"Forward", p>>
       \/ \E k \in DOMAIN views : Confirm(p, k) /\ step' = <<"Confirm", p, k>>
       \/ \E q \in Process :
            \/ Receive(p, q) /\ step' = <<"Receive", p, q>>
            \/ ReceiveFlush(p, q) /\ step' = <<"ReceiveFlush", p, q>>
            \/ ReceiveReady(p, q) /\ step' = <<"ReceiveReady", p, q>>
            \/ Discard(p, q) /\ step' = <<"Discard", p, q>>
    /\ UNCHANGED <<ordering, numbering>>

PathsOfLists(p) ==
    /\ \/ \E q \in Process :
            ReceiveAcknowledgement(p, q) /\ step' = <<"ReceiveAcknowledgement", p, q>>
       \/ Forget(p) /\ step' = <<"Forget", p>>
       \/ Acknowledging /\ Acknowledge(p) /\ step' = <<"Acknowledge", p>>
    /\ UNCHANGED numbering

PathsOfNumbers(p) ==
    \/ InstallInOrder(p) /\ step' = <<"InstallInOrder", p>>
    \/ \E m \in received[p] :
        \/ Propose(p, m) /\ step' = <<"Propose", p, m.id>>
        \/ Order(p, m) /\ step' = <<"Order", p, m.id>>
        \/ Release(p, m) /\ step' = <<"Release", p, m.id>>
        \/ DeliverAtOnce(p, m) /\ step' = <<"DeliverAtOnce", p, m.id>>
        \/ DeliverInOrder(p, m) /\ step' = <<"DeliverInOrder", p, m.id>>
    \/ \E q \in Process :
        \/ ReceiveProposal(p, q) /\ step' = <<"ReceiveProposal", p, q>>
        \/ ReceiveOrder(p, q) /\ step' = <<"ReceiveOrder", p, q>>
        \/ ReceiveNoted(p, q) /\ step' = <<"ReceiveNoted", p, q>>
        \/ ReceiveRelease(p, q) /\ step' = <<"ReceiveRelease", p, q>>

(* MCAbcast's MulticastSome, with the list and the kind told.               *)
PathsMulticast(p) ==
    \E n \in NextNumber(p) : \E list \in Lists : \E kind \in Kinds :
        \E to \in {list \cap Members(CurrentView(p))} :
            /\ to # {}
            /\ IF kind = "cbcast" THEN MulticastAtOnce(p, n, to)
                                  ELSE MulticastInOrder(p, n, to, kind)
            /\ lists' = lists \cup {[id |-> <<p, n>>, to |-> to]}
            /\ step' = <<"Multicast", p, to, kind>>

PathsNext ==
    \/ /\ \/ PathsEnvironment
          \/ \E p \in Process : PathsBelow(p) \/ PathsOfLists(p) \/ PathsOfNumbers(p)
       /\ UNCHANGED lists
    \/ \E p \in Process : PathsMulticast(p)

PathsSpec == PathsInit /\ [][PathsNext]_<<all, step>>

StepsProp == [][Next]_all
=============================================================================
