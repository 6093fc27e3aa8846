--------------------------- MODULE PathsSiteViews ---------------------------
(****************************************************************************)
(* SiteViews, telling of each step which action it was and with which       *)
(* arguments: see PathsFlush.                                               *)
(*                                                                          *)
(* The steps are those of MCSiteViews, no more (StepsProp), where Eager is  *)
(* FALSE.  There is no fault of the network among them.                     *)
(* Python: src/vsync/paths/site_views.py                                    *)
(****************************************************************************)
EXTENDS MCSiteViews

VARIABLE
    step           \* the last step: <<name of the action, its arguments...>>

TwoSites         == <<s1, s2>>
ProcessOn2       == x :> s2
ProcessOn1and2   == x :> s2 @@ y :> s1
Replacement      == {<<s1, Start(y)>>, <<s1, Stop(y)>>, <<s2, Start(x)>>}
NoDoubts         == {}

PathsInit == Init /\ step = <<"Init">>

PathsEnvironment ==
    \/ \E d \in Doubts : SuspectSome(d[1], d[2]) /\ step' = <<"Suspect", d[1], d[2]>>
    \/ \E s, t \in Site : TrustSome(s, t) /\ step' = <<"Trust", s, t>>
    \/ \E a \in Asks : Ask(a[1], a[2]) /\ UNCHANGED spent /\ step' = <<"Ask", a[1], a[2]>>
    \/ \E s \in Site : CrashSome(s) /\ step' = <<"Crash", s>>
    \/ \E s, q \in Site : Lose(s, q) /\ UNCHANGED spent /\ step' = <<"Lose", s, q>>

PathsHandle(s, q) ==
    \/ Install(s, q) /\ step' = <<"Install", s, q>>
    \/ Cease(s, q) /\ step' = <<"Cease", s, q>>
    \/ ReceiveReport(s, q) /\ step' = <<"ReceiveReport", s, q>>
    \/ Inform(s, q) /\ step' = <<"Inform", s, q>>
    \/ Respond(s, q) /\ step' = <<"Respond", s, q>>
    \/ Acknowledge(s, q) /\ step' = <<"Acknowledge", s, q>>
    \/ Refuse(s, q) /\ step' = <<"Refuse", s, q>>
    \/ ReceiveResponse(s, q) /\ step' = <<"ReceiveResponse", s, q>>
    \/ ReceiveAcknowledgement(s, q) /\ step' = <<"ReceiveAcknowledgement", s, q>>
    \/ ReceiveRefusal(s, q) /\ step' = <<"ReceiveRefusal", s, q>>
    \/ Discard(s, q) /\ step' = <<"Discard", s, q>>

PathsCoordinate(s) ==
    \/ TakeOver(s) /\ step' = <<"TakeOver", s>>
    \/ /\ Working(s) /\ Leads(s)
       /\ \E view \in Proposals(s) : Propose(s, view) /\ step' = <<"Propose", s, view>>
    \/ Commit(s) /\ step' = <<"Commit", s>>

PathsNext ==
    \/ PathsEnvironment
    \/ /\ \E s \in Site : PathsCoordinate(s) \/ \E q \in Site : PathsHandle(s, q)
       /\ UNCHANGED spent

PathsSpec == PathsInit /\ [][PathsNext]_<<mcVars, step>>

StepsProp == [][Next]_mcVars
=============================================================================
