----------------------------- MODULE PathsFlush -----------------------------
(****************************************************************************)
(* Flush, telling of each step which action it was and with which           *)
(* arguments, so that a path through the state graph is a schedule that the *)
(* implementation can follow: `vsync paths`.                                *)
(*                                                                          *)
(* The steps are those of MCFlush, no more (StepsProp).  There is no fault  *)
(* of the network among them: the channels are FIFO.                        *)
(* Python: src/vsync/paths/flush.py                                         *)
(****************************************************************************)
EXTENDS MCFlush

VARIABLE
    step           \* the last step: <<name of the action, its arguments...>>

Solo == <<p1>>

PathsInit == FlushInit /\ step = <<"Init">>

PathsNext ==
    \/ AgreeOnNext /\ step' = <<"Agree", views'[Len(views')]>>
    \/ CrashSome /\ step' = <<"Crash", CHOOSE p \in crashed' : p \notin crashed>>
    \/ \E p \in Process :
        \/ Multicast(p) /\ step' = <<"Disseminate", p>>
        \/ Forward(p) /\ step' = <<"Forward", p>>
        \/ Install(p) /\ step' = <<"Advance", p>>
        \/ \E k \in DOMAIN views : Confirm(p, k) /\ step' = <<"Confirm", p, k>>
        \/ \E m \in received[p] : Deliver(p, m) /\ step' = <<"DeliverHeld", p, m.id>>
        \/ \E q \in Process :
            \/ Lose(p, q) /\ step' = <<"Lose", p, q>>
            \/ Receive(p, q) /\ step' = <<"Receive", p, q>>
            \/ ReceiveFlush(p, q) /\ step' = <<"ReceiveFlush", p, q>>
            \/ ReceiveReady(p, q) /\ step' = <<"ReceiveReady", p, q>>
            \/ Discard(p, q) /\ step' = <<"Discard", p, q>>

PathsSpec == PathsInit /\ [][PathsNext]_<<vars, step>>

StepsProp == [][Next]_vars
=============================================================================
