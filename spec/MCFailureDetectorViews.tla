------------------------ MODULE MCFailureDetectorViews ------------------------
(****************************************************************************)
(* FailureDetector and SiteViews composed: the detector is the environment  *)
(* that suspects and trusts.  Each step of the composition is one of the    *)
(* detector, or nothing to it, and one of SiteViews, or nothing to it; and  *)
(* SiteViews never keeps the detector from a suspicion (LegalInv).  So each *)
(* run of the detector is a legal environment of SiteViews.                 *)
(*                                                                          *)
(* The two share what both speak of: who has crashed; a site's view; and    *)
(* whom it suspects, which is whose failure it wants.  A step of the one    *)
(* that changes this is a step of the other too.                            *)
(*                                                                          *)
(* To keep the states few, if Eager, only the heartbeats of some pairs may  *)
(* be slow, and all others come at once; and, if Prompt, time goes on only  *)
(* when the sites have nothing to say about views.                          *)
(****************************************************************************)
EXTENDS SiteViews, TLC

CONSTANTS
    s1, s2, s3, x,
    Period, MaxDelay, MaxPause, Floor, Cap, Margin,
    Slow,             \* pairs <<t, s>>: the heartbeats from t to s may be slow,
    MaxSlow,          \* for so many ticks, all in all
    Mortals,          \* those that may crash
    MaxCrashes,
    Prompt,           \* whether agreement is faster than time
    Eager             \* whether to keep the states few: see Next

VARIABLES silence, longest, timeout, withdrawn, since, paused, beats,
          slow              \* the ticks for which heartbeats were slow

Detector == INSTANCE FailureDetector WITH
    Site      <- Process,
    net       <- beats,
    view      <- [s \in Process |-> IF known[s] = <<>> THEN {} ELSE Sites(Current(s))],
    suspected <- [s \in Process |-> Suspects(s)]

detecting == <<silence, longest, timeout, withdrawn, since, paused, beats>>
allVars   == <<vars, detecting, slow>>

Three == <<s1, s2, s3>>
ProcessOn1 == x :> s1

FirstToSecond == {<<s1, s2>>}

Init ==
    /\ SiteViewsInit
    /\ Detector!FailureDetectorInit([s \in Process |-> Range(Founders)])
    /\ slow = 0

(* The failure detector suspects, and SiteViews lets it.                    *)
SuspectBoth(s, t) == Suspect(s, t) /\ Detector!Suspect(s, t)
TrustBoth(s, t)   == Working(s) /\ Trust(s, t) /\ Detector!Trust(s, t)

(* A report that brings a suspicion is a doubt to the detector.             *)
ReportBoth(s, q) ==
    /\ ReceiveReport(s, q)
    /\ IF Suspects(s)' = Suspects(s)
       THEN UNCHANGED detecting
       ELSE Detector!Doubt(s, Suspects(s)')

InstallBoth(s, q) == Install(s, q) /\ Detector!Watch(s, Sites(Current(s))')
CeaseBoth(s, q)   == Cease(s, q) /\ Detector!Crash(s)

CrashBoth(s) ==
    /\ s \in Mortals
    /\ Cardinality(crashed) < MaxCrashes
    /\ Crash(s)
    /\ Detector!Crash(s)

(* What SiteViews does by itself.                                           *)
AgreeOnly(s) ==
    /\ \/ Coordinate(s)
       \/ \E q \in Site :
            \/ Inform(s, q)
            \/ Respond(s, q)          \/ Acknowledge(s, q)    \/ Refuse(s, q)
            \/ ReceiveResponse(s, q)  \/ ReceiveAcknowledgement(s, q)
            \/ ReceiveRefusal(s, q)   \/ Discard(s, q)
    /\ UNCHANGED detecting

AgreeStep(s) ==
    \/ AgreeOnly(s)
    \/ \E q \in Site : ReportBoth(s, q) \/ InstallBoth(s, q) \/ CeaseBoth(s, q)

(* What the detector does by itself.                                        *)
BeatStep(s)    == UNCHANGED vars /\ Detector!Beat(s)
HearStep(s, t) == UNCHANGED vars /\ (Detector!Hear(s, t) \/ Detector!Discard(s, t))

ListenStep(s, t) == HearStep(s, t) \/ TrustBoth(s, t)

Silent == net = Quiet(Site) /\ \A s \in Site \ crashed : ~ ENABLED Coordinate(s)
TickStep ==
    /\ Prompt => Silent
    /\ UNCHANGED vars
    /\ Detector!Tick
    /\ slow' = IF beats = Quiet(Site) THEN slow ELSE slow + 1

(* The heartbeats that come at once; the sites that are about to send some; *)
(* and packets of SiteViews that change nothing (see MCSiteViews, Idle).    *)
(* Each such step commutes with all others, and is taken first.             *)
Quick ==
    {c \in {<<q, s>> : q, s \in DOMAIN net} :
        /\ beats[c[1]][c[2]] # <<>> /\ Working(c[2])
        /\ \/ c \notin Slow
           \/ slow = MaxSlow /\ Head(beats[c[1]][c[2]]) = 0}

Beating ==
    {c \in {<<s, s>> : s \in DOMAIN net} :
        c[1] \notin crashed /\ known[c[1]] # <<>> /\ since[c[1]] >= Period}

Idle ==
    {c \in {<<q, s>> : q, s \in DOMAIN net} :
        /\ net[c[1]][c[2]] # <<>> /\ Working(c[2])
        /\ LET packet == net[c[1]][c[2]][1] IN
            \/ Stale(c[2], packet)
            \/ /\ packet.type \in {"acknowledgement", "response"}
               /\ ~ News(c[2], packet)
               /\ packet.proposal.ballot <= found[c[2]].ballot}

Chosen(S) == {CHOOSE c \in S : TRUE}

Step ==
    \E s \in Site :
        \/ BeatStep(s) \/ AgreeStep(s) \/ CrashBoth(s)
        \/ \E t \in Site :
            \/ SuspectBoth(s, t) \/ ListenStep(s, t)
            \/ Lose(s, t) /\ UNCHANGED detecting

EagerStep ==
    IF Quick # {} THEN \E c \in Chosen(Quick) : ListenStep(c[2], c[1])
    ELSE IF Beating # {} THEN \E c \in Chosen(Beating) : BeatStep(c[1])
    ELSE IF Idle # {} THEN \E c \in Chosen(Idle) : Handle(c[2], c[1]) /\ UNCHANGED detecting
    ELSE Step

Unhurried == Quick = {} /\ Beating = {} /\ Idle = {}

Next ==
    \/ UNCHANGED slow /\ IF Eager THEN EagerStep ELSE Step
    \/ (Eager => Unhurried) /\ TickStep

Spec == Init /\ [][Next]_allVars

(* Legality.  Whatever the detector would do with a site that takes part in *)
(* the agreement, SiteViews lets it do: no suspicion has to be held back.   *)
LegalInv ==
    \A s \in Site : Working(s) =>
        \A t \in Site :
            /\ Detector!Overdue(s, t) => ENABLED Suspect(s, t)
            /\ beats[t][s] # <<>> /\ t \in Suspects(s) => ENABLED Trust(s, t)

(* Each step of the composition is one of the detector, or nothing to it.   *)
DetectorStep ==
    \/ UNCHANGED Detector!vars
    \/ Detector!Tick
    \/ \E s \in Site :
        \/ Detector!Beat(s) \/ Detector!Crash(s)
        \/ \E Q \in SUBSET Site : Detector!Watch(s, Q) \/ Detector!Doubt(s, Q)
        \/ \E t \in Site : Detector!Attend(s, t) \/ Detector!Suspect(s, t)
DetectorStepProp == [][DetectorStep]_Detector!vars

(* And one of SiteViews, or nothing to it.                                  *)
ViewsStep ==
    \/ UNCHANGED vars
    \/ \E s, t \in Site : Suspect(s, t) \/ Trust(s, t) \/ Lose(s, t)
    \/ \E s \in Site : React(s) \/ Crash(s)
ViewsStepProp == [][ViewsStep]_vars

DetectorInv ==
    /\ Detector!FailureDetectorTypeOK  /\ Detector!ExcludedInv
    /\ Detector!OverloadInv  /\ Detector!MistakesInv  /\ Detector!FewMistakesInv
MembershipInv ==
    /\ SelfInclusion        /\ LocalMonotonicity      /\ RankAgreement
    /\ PrimaryComponentMembership   /\ AgreementOnSuccessors

(* What must be reached.                                                    *)

(* A site that works is excluded, as its heartbeats were too slow.          *)
SometimesWrongExclusionProp ==
    [][~ \E s, q \in Site : CeaseBoth(s, q)]_allVars
=============================================================================
