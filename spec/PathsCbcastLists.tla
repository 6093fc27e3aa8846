--------------------------- MODULE PathsCbcastLists ---------------------------
(****************************************************************************)
(* CbcastLists over Flush, telling of each step which action it was and     *)
(* with which arguments: see PathsFlush.                                    *)
(*                                                                          *)
(* The steps are those of MCCbcastLists, no more (StepsProp).               *)
(* Python: src/vsync/paths/lists.py                                         *)
(****************************************************************************)
EXTENDS MCCbcastLists

VARIABLE
    step           \* the last step: <<name of the action, its arguments...>>

PathsInit == Init /\ step = <<"Init">>

PathsEnvironment ==
    /\ \/ AgreeOnNext /\ step' = <<"Agree", views'[Len(views')]>>
       \/ CrashSome /\ step' = <<"Crash", CHOOSE p \in crashed' : p \notin crashed>>
       \/ \E p, q \in Process : Lose(p, q) /\ step' = <<"Lose", p, q>>
    /\ UNCHANGED ordering

(* What Flush does: it leaves the order alone.                              *)
PathsBelow(p) ==
    /\ \/ Forward(p) /\ step' = <<"Forward", p>>
       \/ \E k \in DOMAIN views : Confirm(p, k) /\ step' = <<"Confirm", p, k>>
       \/ \E q \in Process :
            \/ Receive(p, q) /\ step' = <<"Receive", p, q>>
            \/ ReceiveFlush(p, q) /\ step' = <<"ReceiveFlush", p, q>>
            \/ ReceiveReady(p, q) /\ step' = <<"ReceiveReady", p, q>>
            \/ Discard(p, q) /\ step' = <<"Discard", p, q>>
    /\ UNCHANGED ordering

PathsOfLists(p) ==
    \/ Install(p) /\ step' = <<"Install", p>>
    \/ \E m \in received[p] : Deliver(p, m) /\ step' = <<"Deliver", p, m.id>>
    \/ \E q \in Process :
        ReceiveAcknowledgement(p, q) /\ step' = <<"ReceiveAcknowledgement", p, q>>
    \/ Forget(p) /\ step' = <<"Forget", p>>
    \/ Acknowledging /\ Acknowledge(p) /\ step' = <<"Acknowledge", p>>

PathsMulticast(p) ==
    \E n \in NextNumber(p) : \E list \in Lists :
        \E to \in {list \cap Members(CurrentView(p))} :
            /\ to # {}
            /\ Multicast(p, n, to)
            /\ lists' = lists \cup {[id |-> <<p, n>>, to |-> to]}
            /\ step' = <<"Multicast", p, to, "cbcast">>

PathsNext ==
    \/ /\ \/ PathsEnvironment
          \/ \E p \in Process : PathsBelow(p) \/ PathsOfLists(p)
       /\ UNCHANGED lists
    \/ \E p \in Process : PathsMulticast(p)

PathsSpec == PathsInit /\ [][PathsNext]_<<all, step>>

StepsProp == [][Next]_all
=============================================================================
