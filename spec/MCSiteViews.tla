----------------------------- MODULE MCSiteViews -----------------------------
(****************************************************************************)
(* Bounds for model checking SiteViews: how many suspicions, right or       *)
(* wrong, how many crashes, and which changes are asked for where.  With    *)
(* these bounded, the ballots and the views are bounded too: a site takes   *)
(* over only when it suspects anew, and a view is proposed only when a      *)
(* change is wanted.                                                        *)
(****************************************************************************)
EXTENDS SiteViews, TLC

CONSTANTS
    s1, s2, s3, s4, s5,
    x, y,             \* processes
    Asks,             \* pairs <<s, change>>: what the sites may be asked for
    MaxCrashes,
    MaxSuspicions,    \* how often one site may suspect another, all in all,
    MaxErrors,        \* and how often wrongly
    MaxTrusts,        \* and how often a wrong suspicion is withdrawn
    MaxFaults,        \* packets that the network loses or doubles, if "lossy"
    Doubts,           \* pairs <<s, t>>: s may come to suspect t
    Eager             \* whether to keep the states few: see Idle

VARIABLE
    spent             \* what the environment has spent of these

mcVars == <<vars, spent>>

Three == <<s1, s2, s3>>
Four  == <<s1, s2, s3, s4>>
Five  == <<s1, s2, s3, s4, s5>>
ProcessOn3 == x :> s3
ProcessOn1and3 == x :> s3 @@ y :> s1

NoAsks      == {}
StartAt1    == {<<s1, Start(y)>>}
BothAt1     == {<<s1, Start(y)>>, <<s1, Stop(y)>>}
JoinAt2     == {<<s2, Join(s4)>>}
JoinAt2of4  == {<<s2, Join(s5)>>}
StartAt3    == {<<s3, Start(x)>>, <<s3, Stop(x)>>}

AnyDoubts   == {d \in Site \X Site : d[1] # d[2]}
OfOldest    == {<<s2, s1>>, <<s3, s1>>, <<s3, s2>>}
Duel        == {<<s1, s2>>, <<s2, s1>>, <<s1, s3>>}
OfFirst     == {<<s2, s1>>}
ByFirst     == {<<s1, s2>>, <<s1, s3>>}
Crossed     == {<<s3, s2>>, <<s2, s1>>}
Youngest    == {<<s3, s1>>, <<s3, s2>>, <<s2, s3>>}
Chain       == {<<s1, s2>>, <<s2, s1>>, <<s3, s1>>, <<s3, s2>>}

Spend(what) == spent' = [spent EXCEPT ![what] = @ + 1]

SuspectSome(s, t) ==
    /\ spent.suspicions < MaxSuspicions
    /\ t \in crashed \/ spent.errors < MaxErrors
    /\ Suspect(s, t)
    /\ spent' = [spent EXCEPT !.suspicions = @ + 1,
                              !.errors = IF t \in crashed THEN @ ELSE @ + 1]

TrustSome(s, t) ==
    /\ spent.trusts < MaxTrusts
    /\ t \notin crashed
    /\ Trust(s, t)
    /\ Spend("trusts")

AskSome ==
    \E a \in Asks :
        /\ Ask(a[1], a[2])
        /\ UNCHANGED spent

(* A site crashes once it is in a view; before, it would be as if it had    *)
(* not asked.                                                               *)
CrashSome(s) ==
    /\ spent.crashes < MaxCrashes
    /\ known[s] # <<>>
    /\ Crash(s)
    /\ Spend("crashes")

Environment ==
    \/ \E d \in Doubts : SuspectSome(d[1], d[2])
    \/ \E s, t \in Site : TrustSome(s, t)
    \/ AskSome
    \/ \E s \in Site : CrashSome(s)
    \/ \E s, t \in Site : Lose(s, t) /\ UNCHANGED spent
    \/ /\ spent.faults < MaxFaults
       /\ net' \in Faulty(net)
       /\ Spend("faults")
       /\ UNCHANGED <<crashed, sites, decided, history>>

(* To keep the states few, packets are handled at once that leave all else  *)
(* as it was: those that are of no use, and acknowledgements, of which to   *)
(* have more forbids nothing.  Each such step commutes with every other     *)
(* (or, if the sender has crashed and the packet might be lost, allows all  *)
(* that its loss allows), so no decision and no install is missed.  For     *)
(* what must happen in the end a lost packet matters, so there Eager is     *)
(* FALSE.                                                                   *)
Idle(s, q, packet) ==
    /\ Working(s)
    /\ \/ Stale(s, packet)
       \/ /\ packet.type \in {"acknowledgement", "response"}
          /\ ~ News(s, packet)
          /\ packet.proposal.ballot <= found[s].ballot

IdleChannels ==
    IF ~ Eager \/ Guarantee # "fifo" THEN {}
    ELSE {c \in {<<q, s>> : q, s \in DOMAIN net} :
                              /\ net[c[1]][c[2]] # <<>>
                              /\ Idle(c[2], c[1], net[c[1]][c[2]][1])}

Next ==
    \E idle \in {IdleChannels} :
        IF idle # {}
        THEN \E c \in {CHOOSE c \in idle : TRUE} :
                Handle(c[2], c[1]) /\ UNCHANGED spent
        ELSE \/ Environment
             \/ \E s \in Site : React(s) /\ UNCHANGED spent

Init ==
    /\ SiteViewsInit
    /\ spent = [suspicions |-> 0, errors |-> 0, trusts |-> 0,
                crashes |-> 0, faults |-> 0]

Spec == Init /\ [][Next]_mcVars
FairSpec == Spec /\ Fairness

(* Refinement: what SiteViews does is what the service allows.              *)
Service == INSTANCE VirtualSynchrony WITH Ordering <- "none", views <- Agreed
ServiceProp == Service!Spec

(* The same, but for the search: this names the step of the service that    *)
(* each step here is, where ServiceProp has TLC try all.  It implies        *)
(* ServiceProp, and takes a tenth of the time.                              *)
ServiceStep ==
    IF UNCHANGED Service!service THEN TRUE
    ELSE \/ Service!Agree
         \/ \E s \in Site : Service!Install(s) \/ Service!Crash(s)

ServiceStepProp == Service!Init /\ [][ServiceStep]_Service!service

(* The guarantees of membership; those of multicasts say nothing here.      *)
MembershipInv ==
    /\ SelfInclusion        /\ LocalMonotonicity      /\ RankAgreement
    /\ PrimaryComponentMembership   /\ AgreementOnSuccessors
    /\ TransitionalSet

(* A group that has lost its majority blocks: nothing more is decided.      *)
BlocksProp == [][MajorityLost => MajorityLost' /\ decided' = decided]_vars

(****************************************************************************)
(* What must be reached.  Each of these is violated by an action that the   *)
(* formula names, or by the state just after a Commit.                      *)
(****************************************************************************)
JustCommitted(s) == s \notin crashed /\ known[s] # <<>> /\ net[s][s] # <<>>

(* A coordinator that took over completes a proposal that it found: the     *)
(* view keeps a site that it suspects itself.                               *)
SometimesCompletesFoundInv ==
    ~ \E s \in Site :
        /\ JustCommitted(s)
        /\ promised[s] > FirstBallot
        /\ Suspects(s) \cap Sites(accepted[s].view) # {}

(* It finds so that it is itself excluded, and completes that too.          *)
SometimesCompletesOwnExclusionInv ==
    ~ \E s \in Site : JustCommitted(s) /\ s \notin Sites(accepted[s].view)

(* A take-over of a take-over completes what the first one had proposed.    *)
SometimesSecondTakeOverProp ==
    [][~ \E s \in Site : /\ found[s].ballot > FirstBallot
                         /\ \E view \in {found[s].view} : Propose(s, view)]_vars

(* A site that works is excluded, and ceases.                               *)
SometimesWrongExclusionProp ==
    [][~ \E s, q \in Site : Cease(s, q)]_vars

(* A site that missed the Commit catches up by another packet.              *)
SometimesCatchesUpProp ==
    [][~ \E s, q \in Site : /\ net[q][s] # <<>>
                            /\ net[q][s][1].type # "commit"
                            /\ Install(s, q)]_vars

(* A site that asks on the ground of an old view is shown the newer.        *)
SometimesInformsProp ==
    [][~ \E s, q \in Site : /\ Working(s) /\ q \in Sites(Current(s))
                            /\ Inform(s, q)]_vars

(* A site that joins installs its first view.                               *)
SometimesJoinsProp ==
    [][~ \E s, q \in Site : known[s] = <<>> /\ Install(s, q)]_vars

(* A process starts, and stops.                                             *)
SometimesStopsInv ==
    \A v \in decided : v.group < 2

(* A site gives up its take-over for a later one, and says so.              *)
SometimesGivesUpProp ==
    [][~ \E s, q \in Site : /\ Working(s) /\ Leads(s)
                            /\ promised[s] > FirstBallot
                            /\ Respond(s, q) \/ ReceiveRefusal(s, q)]_vars

(* The majority of the view is lost; a site wants a change and cannot make  *)
(* it, and nothing is on its way.                                           *)
SometimesBlocksInv ==
    ~ /\ net = Quiet(Site)
      /\ \E s \in Site : wanted[s] # {}
      /\ MajorityLost

(* What Membership Precision promises comes about, after two changes.       *)
SometimesPreciseInv ==
    ~ /\ Cardinality(decided) > 2
      /\ net = Quiet(Site) /\ SuspicionsRight /\ MajorityWorks /\ Precise

(* A coordinator that suspects a majority blocks, is trusted again, and a   *)
(* view is decided: it withdraws a suspicion and then proposes.             *)
SometimesResumesProp ==
    [][~ \E s \in Site : /\ Working(s) /\ Leads(s) /\ ~ Proposing(s)
                         /\ net = Quiet(Site)
                         /\ Proposals(s) = {}
                         /\ \E t \in Site : Trust(s, t)
                         /\ Proposals(s)' # {} /\ wanted'[s] # {}]_vars
=============================================================================
