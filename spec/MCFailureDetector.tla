-------------------------- MODULE MCFailureDetector --------------------------
(****************************************************************************)
(* Bounds for model checking FailureDetector.  What a site knows of another *)
(* depends on no third one, so a pair is a model of any number of sites; a  *)
(* third is there where it is the same site in a new incarnation, and where *)
(* one that was held up itself might suspect several.                       *)
(*                                                                          *)
(* The views are one sequence, and reach all who run within a tick.         *)
(****************************************************************************)
EXTENDS FailureDetector, TLC

CONSTANTS
    s1, s2, s3,
    Observers,     \* those whose detectors are looked at; the others only beat
    Views,         \* the views, in their order
    Sleepers,      \* those that may be held up
    MaxPauses,     \* how often they are, all in all
    Mortals,       \* those that may crash
    MaxCrashes,
    MaxDoubts      \* how often an observer may have a suspicion from others

VARIABLES
    told,          \* the number of the last view that each site was told of
    spent          \* what the environment has spent of these

mcVars == <<vars, told, spent>>

OneView    == <<{s1, s2}>>
OneOfThree == <<{s1, s2, s3}>>
Excluded   == <<{s1, s2}, {s1}>>
Replaced   == <<{s1, s2}, {s1, s3}>>

(* s3 is another incarnation of the site that s2 is one of.                 *)
Number == s1 :> 1 @@ s2 :> 2 @@ s3 :> 2

WatchedByObservers(s) == IF s \in Observers THEN view[s] \ {s} ELSE {}
TargetsAmongObservers(t) == (view[t] \ {t}) \cap Observers

(* The estimator asks for what is needed, or for a little more.             *)
FewTimeOuts(gap, broken) == {Least(broken), AtMost(Least(broken) + 1, Cap)}
LeastTimeOut(gap, broken) == {Least(broken)}

First == [s \in Site |-> IF s \in Views[1] THEN Views[1] ELSE {}]

(* The next view that s is to be told of.                                   *)
ToldNext(s) ==
    {k \in (told[s] + 1)..Len(Views) :
        s \in Views[k] /\ \A j \in (told[s] + 1)..(k - 1) : s \notin Views[j]}

(* The view of number k is agreed on: some site was told of it.             *)
Agreed(k) == \E s \in Site : told[s] >= k

Spend(what) == spent' = [spent EXCEPT ![what] = @ + 1]

(* A view that excludes a site comes only after that has crashed.           *)
WatchNext(s) ==
    \E k \in ToldNext(s) :
        /\ \A j \in 1..(k - 1) : Views[j] \ Views[k] \subseteq crashed
        /\ Watch(s, Views[k])
        /\ told' = [told EXCEPT ![s] = k]
        /\ UNCHANGED spent

(* All who run know the views that anyone knows.                            *)
AllTold == \A s \in Site : Running(s) => \A k \in ToldNext(s) : ~ Agreed(k)

TickTold == AllTold /\ Tick /\ UNCHANGED <<told, spent>>

PauseSome(s) ==
    /\ s \in Sleepers
    /\ view[s] # {}
    /\ spent.pauses < MaxPauses
    /\ \E n \in 1..MaxPause : Pause(s, n)
    /\ Spend("pauses")
    /\ UNCHANGED told

CrashSome(s) ==
    /\ s \in Mortals
    /\ view[s] # {}
    /\ spent.crashes < MaxCrashes
    /\ Crash(s)
    /\ Spend("crashes")
    /\ UNCHANGED told

DoubtSome(s, t) ==
    /\ spent.doubts < MaxDoubts
    /\ Doubt(s, {t})
    /\ Spend("doubts")
    /\ UNCHANGED told

Init ==
    /\ FailureDetectorInit(First)
    /\ told  = [s \in Site |-> IF s \in Views[1] THEN 1 ELSE 0]
    /\ spent = [pauses |-> 0, crashes |-> 0, doubts |-> 0]

React(s) ==
    \/ Beat(s)
    \/ \E t \in Site : Attend(s, t) \/ Suspect(s, t)

Next ==
    \/ TickTold
    \/ \E s \in Site :
        \/ WatchNext(s)
        \/ React(s) /\ UNCHANGED <<told, spent>>
        \/ PauseSome(s)
        \/ CrashSome(s)
        \/ \E t \in Site : DoubtSome(s, t)

Spec == Init /\ [][Next]_mcVars
FairSpec == Spec /\ Fairness

=============================================================================
