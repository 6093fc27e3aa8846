------------------------------- MODULE MCGroups -------------------------------
(****************************************************************************)
(* Bounds for model checking Groups: what the processes ask for, once each, *)
(* which of them fail, how many sites crash and which join.                 *)
(*                                                                          *)
(* The multicasts are asked for at the beginning, and may begin at any time *)
(* after it: so the idea that a client has of a group may be as old as can  *)
(* be.                                                                      *)
(****************************************************************************)
EXTENDS Groups, TLC

CONSTANTS
    s1, s2, s3,        \* sites
    a, b, c, d,        \* processes
    g, h,              \* groups
    Standing,          \* the groups that are there at the beginning
    Creates,           \* pairs <<p, group>>: who may create which group
    Joins,             \* who may ask to join which
    Leaves,            \* who may leave which
    Fails,             \* the processes that may fail
    Talks,             \* pairs <<p, to>>: what is multicast
    Mortals,           \* the sites that may crash
    MaxCrashes,        \* how many of them do at most
    Newcomers,         \* sequences of sites: those who may join together
    MaxSiteViews       \* how many site views are agreed on at most

VARIABLE
    done               \* what the processes have asked for so far

mcVars == <<vars, done>>

(* Who is where; and what each shows.  Only "good" will do.                 *)
HomesOf3 == a :> s1 @@ b :> s2 @@ c :> s3
HomesOfD == a :> s1 @@ b :> s2 @@ d :> s3
HomesOf2 == a :> s1 @@ b :> s2
AllOn2   == a :> s1 @@ b :> s2 @@ c :> s2
Credentials(p) == IF p = d THEN "bad" ELSE "good"
Good == [x \in Group |-> {"good"}]

OneGroup  == <<g>>
TwoGroups == <<g, h>>

Site1    == <<s1>>
Sites12  == <<s1, s2>>
Sites123 == <<s1, s2, s3>>
Third    == {<<s3>>}
Together == {<<s2, s3>>}

(* The groups in which these are, in view 1.                                *)
With(inG, inH) ==
    [x \in Group |-> CASE x = g /\ inG # <<>> -> View(1, inG)
                       [] x = h /\ inH # <<>> -> View(1, inH)
                       [] OTHER -> NoView]
A       == With(<<a>>, <<>>)
AB      == With(<<a, b>>, <<>>)
ABandBC == With(<<a, b>>, <<b, c>>)

OfA    == {<<a, g>>}
OfB    == {<<b, g>>}
OfC    == {<<c, g>>}
OfD    == {<<d, g>>}
OfBC   == {<<b, g>>, <<c, g>>}
OfBtoH == {<<b, h>>}

FromA          == {<<a, {g}>>}
FromB          == {<<b, {g}>>}
FromC          == {<<c, {g}>>}
FromAtoBoth    == {<<a, {g, h}>>}
FromBtoGandD   == {<<b, {g, d}>>}

Once(ask) == ask \notin done /\ done' = done \cup {ask}

Next ==
    \/ \E s \in Site : GroupsReact(s) /\ UNCHANGED done
    \/ \E x \in Creates : Create(SiteOf[x[1]], x[1], x[2]) /\ Once(<<"create", x>>)
    \/ \E x \in Joins : /\ AskToJoin(SiteOf[x[1]], x[1], x[2], Credentials(x[1]))
                        /\ Once(<<"join", x>>)
    \/ \E x \in Leaves : Leave(SiteOf[x[1]], x[1], x[2]) /\ Once(<<"leave", x>>)
    \/ \E p \in Fails : ProcessFails(SiteOf[p], p) /\ UNCHANGED done
    \/ \E x \in Talks : /\ Multicast(SiteOf[x[1]], x[1], Cardinality(Places(x[1], "multicast")) + 1, x[2])
                        /\ Once(<<"talk", x>>)
    \/ /\ \/ \E s \in Mortals : Cardinality(crashed) < MaxCrashes /\ Crash(s)
          \/ \E m \in inflight : Lose(m)
          \/ \E s \in Site : \E n \in DOMAIN proposed[s] : AgreeOnChanges(s, n)
          \/ /\ LastSites.id < MaxSiteViews
             /\ \E gone \in SUBSET crashed, joiners \in Newcomers \cup {<<>>} :
                    AgreeOnSites(gone, joiners)
       /\ UNCHANGED done

Init ==
    /\ GroupsInit(Standing)
    /\ done = {}

Spec == Init /\ [][Next]_mcVars

(****************************************************************************)
(* The guarantees, each of them of each group: judged on the projection of  *)
(* the logs onto it.  Those about messages alone are judged on all groups   *)
(* together.                                                                *)
(****************************************************************************)
Of(h0) == INSTANCE VSProperties WITH history <- h0

SelfInclusionInv     == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!SelfInclusion
LocalMonotonicityInv == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!LocalMonotonicity
InitialViewInv       == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!InitialViewEvent
PrimaryComponentInv  == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!PrimaryComponentMembership
SuccessorsInv        == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!AgreementOnSuccessors
RankAgreementInv     == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!RankAgreement
SendingViewInv       == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!SendingViewDelivery
SameViewInv          == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!SameViewDelivery
VirtualSynchronyInv  == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!VirtualSynchrony
TransitionalSetInv   == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!TransitionalSet
CleanFailureInv      == \A x \in Group : \A h0 \in {InGroupOnly(x)} : Of(h0)!CleanFailure

MessagesInv == DeliveryIntegrity /\ NoDuplication

(* Admission.  Nobody is a member who neither created the group nor showed  *)
(* credentials with which one may join it.                                  *)
AdmissionInv ==
    \A s \in Site \ crashed : \A x \in Group : \A p \in Members(directory[s][x]) :
        \/ p \in Members(Standing[x])
        \/ <<p, x>> \in Creates
        \/ Credentials(p) \in Admits[x]

(* Failures Seen.  When all has been said and done, and who has crashed is  *)
(* excluded, then no group has a member that failed.                        *)
AllDone ==
    /\ inflight = {}
    /\ Members(LastSites) \cap crashed = {}
    /\ \A s \in Site \ crashed : proposed[s] = <<>> /\ NextElement(s) = {}
FailuresSeenInv ==
    AllDone => \A s \in Site \ crashed : \A x \in Group :
        Members(directory[s][x]) \cap failed = {}
=============================================================================
